"""What geographic diversification is worth, in firm MW, tails and money."""
