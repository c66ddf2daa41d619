"""How much hangs on one operator, country, grid or circle on the map."""
