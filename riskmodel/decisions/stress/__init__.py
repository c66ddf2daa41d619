"""What a given story costs: one scenario, lists, portfolios and grids of them."""
