"""Find what distributions add to this package by entry points, such as steps after a run and commands."""

from importlib.metadata import EntryPoint, entry_points

PACKAGE_NAME = __name__.partition(".")[0]
"""The name under which this package is imported: ``rmrp_analysis``."""


def find_extensions(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by their names.

    Nothing is imported. A name that this package declares is its own: no other distribution replaces it.
    """
    entry_points_own_last = sorted(
        entry_points(group=group), key=lambda entry_point: entry_point.module.partition(".")[0] == PACKAGE_NAME
    )
    return {entry_point.name: entry_point for entry_point in entry_points_own_last}
