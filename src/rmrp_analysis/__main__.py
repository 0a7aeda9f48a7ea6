"""``python -m rmrp_analysis`` is the ``rmrp`` command."""

from rmrp_analysis.commands.cli import command

command()
