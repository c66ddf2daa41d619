"""Back-tests: freeze what was known, predict, compare."""
