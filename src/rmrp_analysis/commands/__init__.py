"""Answer the ``rmrp`` command: read the command line, call the rooms below, report the result."""
