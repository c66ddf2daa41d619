"""Two worlds under the same disasters."""
