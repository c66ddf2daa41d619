"""How much each node matters to the chance of a shortfall."""
