"""What a run found: its tables, to disk and back, and the same years seen by site."""
