"""What changed since earlier numbers: the last version's, or those of an earlier run."""
