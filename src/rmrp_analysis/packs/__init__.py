"""What is one plan's own: its lists, names, plan years, colours, maps as files."""
