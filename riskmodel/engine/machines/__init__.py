"""Who computes the blocks: threads, other processes, other machines."""
