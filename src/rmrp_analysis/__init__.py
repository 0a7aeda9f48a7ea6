"""Key figures of the response for refugees and migrants from Venezuela, from activity reports to printed sheets."""

from importlib.metadata import version

__version__ = version("rmrp-analysis")
