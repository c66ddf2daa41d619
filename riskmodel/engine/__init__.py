"""What happens in each year."""
