"""A sheet's numbers as worksheets for readers: each one table under its title and notes, in finished words.

They follow the conventions of official statistics: no cell is empty, and a shorthand stands for what has no value. What
all rows of a table share stands above it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rmrp_analysis.figures import BREAKDOWNS, FEW, FIGURES, ILLUSTRATIVE, Breakdown, Cell, Figure, plain_number
from rmrp_analysis.page.data_tables import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    REPORTED_BY,
    part_names,
    shorthand,
)
from rmrp_analysis.page.printed import WORDS_OF, Printed
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import INTERNAL_MARK, N_

READERS_TABLES: Mapping[str, tuple[str, str]] = {
    "platform": (N_("Key figures by area"), N_("Area")),
    "country": (N_("Key figures by country"), N_("Country")),
    "admin1": (N_("Key figures by admin1"), N_("First administrative level")),
    "sector": (N_("Key figures by sector"), N_("Sector")),
}
"""The name of the table of figures by a dimension, which is also that of its worksheet, and the header of its parts."""

DATES = ("start", "end")
OF_NUMBERS = ("value", "unit", "reason", "caution", ILLUSTRATIVE, "source", "code")
"""Columns of a data table that tell of a number; those that name it come before them."""
FOR_PROGRAMS = ("printed", "id")
"""Columns that stand in the CSV file alone."""

Content = tuple[Any, str]
"""What a cell holds, and how it looks (``workbook.LOOKS``)."""


def worksheets(printed: Printed, data: Mapping[str, Any], *, place: str) -> list[dict[str, Any]]:
    """All worksheets of numbers: those for readers first, then the figures and each breakdown of ``data_tables``.

    ``place`` is the dimension by which the sheet tells places apart.
    """
    words, (figures, *breakdowns) = printed.words, data["tables"]
    columns, sheets = data["columns"], []
    for dimension in (place, "sector"):  # of each place; of all sectors together, of each sector
        stated = {name: printed.key_figures.breakdowns.get(f"{name}_by_{dimension}") for name in FIGURES}
        known = {
            name: breakdown
            for name, breakdown in stated.items()
            if breakdown and any(cell.value is not None for cell in breakdown.cells)
        }
        if known:
            sheets.append(_readers_worksheet(printed, data, dimension, known))
    tabs = (words("Figures"), words("All figures of the sheet"))
    sheets.append(_table_worksheet(printed, figures, tabs, columns))
    for table in breakdowns:
        declared = BREAKDOWNS[table["name"]]
        if not declared.tab:  # a column of the readers' table
            continue
        header = _header(printed, declared.figure_definition.name)
        tabs = (words(declared.tab), words(declared.label, level=printed.level()))
        sheets.append(_table_worksheet(printed, table, tabs, {**columns, "value": header}))
    return sheets


def _readers_worksheet(
    printed: Printed, data: Mapping[str, Any], dimension: str, breakdowns: Mapping[str, Breakdown]
) -> dict[str, Any]:
    """The key figures of each place, or of each sector, in one table.

    A figure has a column where something is known of it by the dimension, and a share where both of its parts have one.
    """
    words, key_figures, shared = printed.words, printed.key_figures, data["tables"][0]["shared"]
    cells = {name: {cell.key: cell for cell in breakdown.cells} for name, breakdown in breakdowns.items()}
    shares = {
        name
        for name, figure in FIGURES.items()
        if figure.unit == "share" and not figure.compared and {figure.part, figure.whole} <= set(cells)
    }
    columns = [name for name in FIGURES if name in cells or name in shares]
    whole = printed.label(INTERSECTOR) if dimension == "sector" else shared["place"]
    of_sheet = [key_figures.figures[name] for name in columns]
    rows = [[(whole, ""), *(_number(printed, figure, figure.name) for figure in of_sheet)]]
    doubts = ["; ".join(dict.fromkeys(filter(None, map(printed.in_short, of_sheet))))]
    for key in dict.fromkeys(key for of_figure in cells.values() for key in of_figure):
        parts = {name: of_figure.get(key) for name, of_figure in cells.items()}
        parts |= {name: _share(parts[FIGURES[name].part], parts[FIGURES[name].whole]) for name in shares}
        part, *_ = part_names(printed, dimension, key).values()
        rows.append([(part, ""), *(_number(printed, parts[name], name) for name in columns)])
        doubts.append(
            "; ".join(dict.fromkeys(filter(None, (printed.in_short(cell) for cell in parts.values() if cell))))
        )
    title, header = (words(text) for text in READERS_TABLES[dimension])
    sources = dict.fromkeys(source for table in breakdowns.values() for source in table.source.split("; ") if source)
    split = {f"{name}_by_{dimension}" for name in breakdowns}
    illustrative = {table["shared"][ILLUSTRATIVE] for table in data["tables"] if table["name"] in split}
    headers = [header, *(_header(printed, name) for name in columns)]
    if any(doubts):
        headers.append(data["columns"]["caution"])
        rows = [
            [*row, (doubt or NOT_APPLICABLE, "" if doubt else "shorthand")]
            for row, doubt in zip(rows, doubts, strict=True)
        ]
    lines = (
        _about(printed, shared),
        f"{words('Illustrative')}: {illustrative.pop() if len(illustrative) == 1 else words('in part')}",
        f"{words('Source')}: {'; '.join(sources) or NOT_AVAILABLE}",
        words("The first row is the whole. Other rows may not add up to it."),
    )
    return _worksheet(printed, f"key_figures_by_{dimension}", (title, title), lines, headers, rows)


def _about(printed: Printed, shared: Mapping[str, Any]) -> str:
    """What all rows of a worksheet are of: sector, who reported if that is told, place, period."""
    names = [shared[name] for name in ("sector", REPORTED_BY, "place") if name in shared]
    return " · ".join((*names, printed.period()))


def _header(printed: Printed, figure: str) -> str:
    """The name of a figure, of money with its unit."""
    label = printed.words(FIGURES[figure].label)
    return f"{label} ({printed.words('US dollars')})" if FIGURES[figure].unit == "usd" else label


def _number(printed: Printed, stated: Figure | Cell | None, figure: str) -> Content:
    """A number, or what stands for it: few people, or the shorthand for what there is none of."""
    if mark := shorthand(stated):
        return mark, "shorthand"
    assert stated is not None  # noqa: S101 - what is not there has a shorthand
    if stated.status == FEW:
        return printed.number(stated, FIGURES[figure].unit), "shorthand"
    return plain_number(stated.value), FIGURES[figure].unit


def _share(part: Cell | None, whole: Cell | None) -> Cell | None:
    """A part's share of the whole, of money; None where it cannot be formed."""
    if part is None or whole is None or whole.value == 0:
        return None
    if part.value is None or whole.value is None:
        return Cell(part.key, None, part.reason or whole.reason)
    return Cell(part.key, part.value / whole.value)


def _table_worksheet(
    printed: Printed, table: Mapping[str, Any], names: tuple[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """A data table as a worksheet, with ``columns`` as the headers; ``names`` are those of worksheet and table."""
    shared = table["shared"]
    rows = [{**shared, **row} for row in table["rows"]]
    naming = [name for name in table["rows"][0] if name in columns and name not in (*OF_NUMBERS, *FOR_PROGRAMS)]
    of_numbers = [name for name in OF_NUMBERS if any(row.get(name) is not None and row[name] != "" for row in rows)]
    same = [name for name in of_numbers if name != "value" and len({row[name] for row in rows}) == 1]
    shown = [*naming, "value", *(name for name in of_numbers if name not in ("value", *same))]
    lines = (
        _about(printed, shared),
        " · ".join(f"{columns[name]}: {rows[0][name]}" for name in same),
        printed.cautions(*(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    headers = [columns[name] for name in shown]
    contents = []
    for row in rows:
        cells = {
            name: (row[name], "date" if name in DATES else "") for name in shown if name != "value" and row.get(name)
        }
        cells["value"] = (row["shorthand"], "shorthand") if row["shorthand"] else (row["value"], row["format"])
        contents.append(
            [cells.get(name, (NOT_AVAILABLE if name == "source" else NOT_APPLICABLE, "")) for name in shown]
        )
    return _worksheet(printed, table["name"], names, lines, headers, contents)


def _worksheet(
    printed: Printed,
    name: str,
    names: tuple[str, str],
    lines: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
) -> dict[str, Any]:
    """A worksheet as the workbook has it; ``lines`` stand under its title."""
    words, (tab, title) = printed.words, names
    signs = WORDS_OF["sign"]
    used = [mark for mark in signs if any(str(content).startswith(mark) for row in rows for content, _ in row)]
    above = [
        title,
        *([words(INTERNAL_MARK)] if printed.key_figures.audience == "internal" else []),
        *filter(None, lines),
        *(["; ".join(f"{mark} {words(signs[mark])}" for mark in used)] if used else []),
    ]
    return {"name": name, "tab": tab, "above": above, "headers": headers, "rows": rows}
