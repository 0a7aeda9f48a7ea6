"""Hold the records of a run: its manifest, its figures, descriptions for archives."""
