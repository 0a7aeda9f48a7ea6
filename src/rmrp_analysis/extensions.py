"""Find the additions of distributions to this package by entry points, such as steps after a run and commands."""

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

PACKAGE_NAME = __name__.partition(".")[0]
"""The name under which this package is imported: ``rmrp_analysis``."""


def find_extensions(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by their names.

    Nothing is imported. A name that this package declares is its own: no other distribution replaces it.
    """
    points = _entry_points(group, tuple(sys.path))
    return {
        point.name: point for point in sorted(points, key=lambda point: point.module.partition(".")[0] == PACKAGE_NAME)
    }


@lru_cache(maxsize=4)  # to look through all distributions takes a tenth of a second, and a run asks five times
def _entry_points(group: str, _: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group among the distributions on this path."""
    return tuple(entry_points(group=group))
