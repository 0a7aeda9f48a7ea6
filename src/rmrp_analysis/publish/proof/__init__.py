"""Compare the numbers of any document with the numbers of a published run."""
