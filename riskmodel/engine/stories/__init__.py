"""Given stories, and single years told in full."""
