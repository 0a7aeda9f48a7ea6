"""The files of one plan: its lists, names, plan years, colours and maps."""
