"""What is one language's own: its translations, its way to write numbers, as files."""
