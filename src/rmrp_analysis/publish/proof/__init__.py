"""Holds the numbers of any document against those of a published run."""
