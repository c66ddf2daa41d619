"""Finished blocks on disk, so that a run that was killed goes on."""
