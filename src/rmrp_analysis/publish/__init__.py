"""Who gets which sheet, and when: notebooks are run and what they show becomes files."""
