"""``python -m rmrp_analysis`` is the ``rmrp`` command."""

from rmrp_analysis.cli import command

command()
