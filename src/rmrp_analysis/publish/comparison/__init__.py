"""Compare two runs of a plan: the figures that changed, and the reasons."""
