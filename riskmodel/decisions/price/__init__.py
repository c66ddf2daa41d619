"""What a MW-day, capital and a cover cost."""
