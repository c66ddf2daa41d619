"""What lost capacity means for training: chips, FLOP, runs, schedules and model loss."""
