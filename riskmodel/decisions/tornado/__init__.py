"""Which unknown number moves the answer most."""
