"""The own outages of simulated years: keyed draws, arrivals, and weighted years."""
