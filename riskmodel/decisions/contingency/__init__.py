"""Which one or two failures take much of a lab at once."""
