"""A world and its perils as arrays, and its states where several are drawn."""
