"""Runs of more years than memory holds."""
