"""What reserves, feeds and other repairs are worth."""
