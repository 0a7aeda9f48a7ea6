"""The row of a table that names its columns."""

from collections.abc import Callable, Iterable, Sequence

HEADER_ROWS = 20
"""A title may stand above the header, but not a page of text."""

Wanted = Callable[[Sequence[str]], bool]
"""Whether a row of cells is the header of the table that is looked for."""


def distinct(names: Iterable[object]) -> list[str]:
    """The names of columns, no two alike; one that is empty gets its column's number."""
    texts = [str(name).strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    return [name if name not in texts[:number] else f"{name} ({number + 1})" for number, name in enumerate(texts)]
