"""What domestic siting and ownership change."""
