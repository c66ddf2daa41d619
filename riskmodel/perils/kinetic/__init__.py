"""The parts of ``kinetic_strike``: regime, campaigns, waves, leak-through, hits, repair."""
