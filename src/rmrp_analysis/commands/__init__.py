"""Answer the ``rmrp`` command: read what it is asked for, call the rooms below, say what came of it."""
