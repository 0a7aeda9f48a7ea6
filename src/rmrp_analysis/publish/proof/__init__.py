"""Compare the numbers of any document with those of a published run."""
