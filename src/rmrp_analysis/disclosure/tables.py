"""A table of an analyst's own, by any dimensions, on a sheet that is published."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from rmrp_analysis.disclosure.decision import decide
from rmrp_analysis.disclosure.equations import REACHED, Key, System, cell_name, key_of, system_of
from rmrp_analysis.disclosure.sheets import WITHHELD, Instead, own_decision, ranges_in, sheet_of
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, KeyFigures

OWN = "own table"
CHECKED = "checked"
"""By this key in ``attrs``, a table tells that what must not be printed is not in it."""


def protected_parts(parts: pd.Series, figure: str, exact: KeyFigures, instead: Instead | None) -> pd.DataFrame:
    """A figure by any dimensions, without the values that must not be printed on this sheet.

    Columns ``value``, ``suppressed`` and ``reason``. The same decision as for the sheet: what it prints is known, and
    what it prints ``instead`` is not. The table's rows and columns add up to the sheet's numbers; where the sheet has
    none of a row or column (an organisation), its sum is taken for known. Where the method rounds, each part is
    rounded.
    """
    withheld = pd.Series(data=False, index=parts.index)
    base = exact.method.rounded_to
    if FIGURES[figure].protected and base:
        parts = (parts / base).round() * base
    elif FIGURES[figure].protected:
        instead = own_decision(exact) if instead is None else instead
        withheld = pd.Series(list(_withheld(parts, exact, instead)), index=parts.index, dtype="bool")
    reasons = withheld.map({True: WITHHELD, False: ""}).astype("object")
    table = pd.DataFrame({"value": parts.mask(withheld), "suppressed": withheld, "reason": reasons})
    table.attrs[CHECKED] = True
    return table


def _withheld(parts: pd.Series, exact: KeyFigures, instead: Instead) -> Iterator[bool]:
    """Whether each part is withheld."""
    sheet = sheet_of(exact)
    names = (cell_name(figure, part) for figure, part, _ in sheet.rows)
    printed = replace(
        sheet, printed=frozenset(name for name in names if name not in instead), ranges=ranges_in(instead)
    )
    system = system_of([printed])
    dimensions = tuple(map(str, parts.index.names))

    def published(dimension: str, part: str) -> int | None:
        name = f"{REACHED}_by_{dimension}" if dimension else REACHED
        return system.find(key_of(printed, name, part)) if not dimension or name in BREAKDOWNS else None

    own: list[int | None] = []
    for number, (part, value) in enumerate(parts.items()):
        cell = published(dimensions[0], str(part)) if len(dimensions) == 1 else None
        if cell is None and pd.notna(value):
            key = Key(OWN, exact.sector, sheet.place, str(dimensions), str(part))
            cell = system.cell(key, float(value), exact.threshold, (OWN, str(number)))
        own.append(cell)
    cells = pd.Series(own, index=parts.index, dtype="Int64").dropna()
    _add_line(system, cells, published("", ""), name="")
    for level, dimension in enumerate(dimensions if len(dimensions) > 1 else ()):
        for part, line in cells.groupby(level=level):
            of_sheet = f"{REACHED}_by_{dimension}" in BREAKDOWNS
            _add_line(system, line, published(dimension, str(part)), name="" if of_sheet else f"{dimension} {part!s}")
    withheld = decide(system).withheld
    for (figure, part), cell in zip(_as_cells(dimensions, parts), own, strict=True):
        yield cell is not None and (cell in withheld or cell_name(figure, part) in instead)


def _as_cells(dimensions: tuple[str, ...], parts: pd.Series) -> Iterator[tuple[str, str]]:
    """What the parts would be called on the sheet."""
    for part in parts.index:
        yield f"{REACHED}_by_{'_and_'.join(dimensions)}", str(part)


def _add_line(system: System, line: pd.Series, total: int | None, *, name: str) -> None:
    """A row or column adds up to a number of the sheet; with a ``name``, to one that is taken for known."""
    cells = [int(cell) for cell in line]
    if total is None and name:
        total = system.cell(Key(OWN, "", "", "sum", name), sum(system.people[cell] for cell in cells), 0)
        system.known.add(total)
    if total is not None and total not in cells:
        system.equal(total, cells)
