"""Hold two runs of a plan against each other: which figures changed, for which reasons."""
