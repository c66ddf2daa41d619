"""Data in and out: a first world, importers of sites, exporters of results."""
