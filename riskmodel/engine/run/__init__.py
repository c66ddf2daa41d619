"""The loop over years: blocks through the kernel until all are there, and what was run."""
