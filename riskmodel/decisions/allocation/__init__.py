"""How to split MW over candidate places: a linear programme with a tail in it."""
