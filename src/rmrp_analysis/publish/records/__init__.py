"""State what a run made: its manifest, its figures, descriptions for archives."""
