"""Draw an illustrative plan of any size from the bundled one: its partners remember whom they reached."""
