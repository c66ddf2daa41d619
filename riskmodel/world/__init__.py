"""What is exposed, and what hangs on what."""
