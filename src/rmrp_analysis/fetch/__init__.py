"""Files fetched from their producers, whole or not at all, with the time they were fetched."""
