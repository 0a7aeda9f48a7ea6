"""Two runs of a plan held against each other: which figures changed, and why."""
