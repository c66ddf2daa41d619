"""Where the next MW should go."""
