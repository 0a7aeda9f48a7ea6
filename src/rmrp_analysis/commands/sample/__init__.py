"""Draw an illustrative plan of any size from the bundled one, with partners that remember the people they reached."""
