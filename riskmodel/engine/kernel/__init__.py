"""The compiled inner loops. Imported inside ``simulate`` only: importing it loads numba."""
