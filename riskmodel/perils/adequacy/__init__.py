"""Is there enough generation? Exact indices, a sequential simulation, and a peril made of it."""
