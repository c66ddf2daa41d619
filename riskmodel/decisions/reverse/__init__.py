"""The mildest thing that takes a lab below what it needs."""
