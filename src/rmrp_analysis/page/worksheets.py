"""A sheet's workbook for readers: a cover, then each table under its title and notes, in finished words.

It follows the conventions of official statistics: no cell is empty, and a shorthand stands for what has no value. What
all rows of a table share stands above it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rmrp_analysis.figures import BREAKDOWNS, FIGURES, ILLUSTRATIVE, plain_number
from rmrp_analysis.page import cards, headline
from rmrp_analysis.page.account import build_account, format_edition
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.data_tables import NOT_APPLICABLE, NOT_AVAILABLE, REPORTED_BY, Row
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.vocabulary import INTERSECTOR, plan_year
from rmrp_analysis.words import INTERNAL_MARK

READERS_TABLES, READERS_COLUMNS = WORDS_OF["readers' table"], WORDS_OF["readers' column"]
DATES = ("start", "end")
OF_NUMBERS = ("value", "unit", "reason", "caution", ILLUSTRATIVE, "source", "code")
"""Columns of a data table that tell of a number; those that name it come before them."""
FOR_PROGRAMS = ("printed", "id")  # columns that stand in the CSV file alone

Content = tuple[Any, str]
"""What a cell holds, and how it looks (``workbook.CELL_LOOKS``)."""
Line = tuple[str, str, str]
"""A heading, a text beside it, and the worksheet that the heading leads to (none if empty)."""


def worksheets(formatter: SheetFormatter, data: Mapping[str, Any], *, place: str) -> list[dict[str, Any]]:
    """All worksheets of numbers: those for readers first, then the figures and each breakdown of ``data_tables``.

    ``place`` is the dimension by which the sheet tells places apart.
    """
    translate, columns, (figures, *breakdowns) = formatter.translate, data["columns"], data["tables"]
    tables, sheets = {table["name"]: table for table in breakdowns}, []
    for dimension in (place, "sector"):  # of each place; of all sectors together, of each sector
        stated = {name: tables.get(f"{name}_by_{dimension}") for name in FIGURES}
        tables_of = ((name, table) for name, table in stated.items() if table)
        known = {name: table for name, table in tables_of if any(row["value"] is not None for row in table["rows"])}
        if known:
            sheets.append(_readers_worksheet(formatter, figures, dimension, known, columns["caution"]))
    tabs = (translate("Figures"), translate("All figures of the sheet"))
    sheets.append(_table_worksheet(formatter, figures, tabs, columns))
    for name, table in tables.items():
        declared = BREAKDOWNS[name]
        if declared.tab:  # else it is a column of the readers' table
            tabs = (translate(declared.tab), translate(declared.label, level=formatter.level_name()))
            header = _header(formatter, declared.figure_definition.name)
            sheets.append(_table_worksheet(formatter, table, tabs, {**columns, "value": header}))
    return sheets


def _readers_worksheet(
    formatter: SheetFormatter, figures: Mapping[str, Any], dimension: str, tables: Mapping[str, Any], caution: str
) -> dict[str, Any]:
    """The key figures of each place, or of each sector, in one table; the first row is the whole.

    A figure has a column where something is known of it by the dimension, and a share where both of its parts have one.
    """
    translate, shared = formatter.translate, figures["shared"]
    # The first column of a row names its part
    parts = {name: {str(next(iter(row.values()))): row for row in table["rows"]} for name, table in tables.items()}
    of_parts = {name: each for name, each in FIGURES.items() if each.unit == "share" and each.part != "people_reached"}
    shares = {name for name, figure in of_parts.items() if {figure.part, figure.whole} <= set(parts)}
    columns = [name for name in FIGURES if name in parts or name in shares]
    whole = formatter.label(INTERSECTOR) if dimension == "sector" else shared["place"]
    lines = {whole: {row["code"]: row for row in figures["rows"] if row["code"] in columns}}
    for part in dict.fromkeys(part for of_figure in parts.values() for part in of_figure):
        lines[part] = {name: of_figure[part] for name, of_figure in parts.items() if part in of_figure}
        for share in shares:
            lines[part][share] = _share(lines[part].get(FIGURES[share].part), lines[part].get(FIGURES[share].whole))
    rows = [[(part, ""), *(_content(line.get(name)) for name in columns)] for part, line in lines.items()]
    headers = [translate(READERS_COLUMNS[dimension]), *(_header(formatter, name) for name in columns)]
    cautions = [[row["caution"] for row in line.values() if row and row["caution"]] for line in lines.values()]
    doubts = ["; ".join(dict.fromkeys(of_line)) for of_line in cautions]
    if any(doubts):
        headers.append(caution)
        rows = [[*row, (doubt, "") if doubt else _content(None)] for row, doubt in zip(rows, doubts, strict=True)]
    of_tables = [table["shared"] for table in tables.values()]
    sources = dict.fromkeys(source for of_table in of_tables for source in of_table["source"].split("; ") if source)
    illustrative = {of_table[ILLUSTRATIVE] for of_table in of_tables}
    above = (
        _about(formatter, shared),
        f"{translate('Illustrative')}: {illustrative.pop() if len(illustrative) == 1 else translate('in part')}",
        f"{translate('Source')}: {'; '.join(sources) or NOT_AVAILABLE}",
        translate("The first row is the whole. Other rows may not add up to it."),
    )
    title = translate(READERS_TABLES[dimension])
    return _worksheet(formatter, f"key_figures_by_{dimension}", (title, title), above, headers, rows)


def _about(formatter: SheetFormatter, shared: Mapping[str, Any]) -> str:
    """What all rows of a worksheet are of: sector, who reported if that is told, place, period."""
    names = [shared[name] for name in ("sector", REPORTED_BY, "place") if name in shared]
    return " · ".join((*names, formatter.format_period()))


def _header(formatter: SheetFormatter, figure: str) -> str:
    """The name of a figure, of money with its unit."""
    label = formatter.translate(FIGURES[figure].label)
    return f"{label} ({formatter.translate('US dollars')})" if FIGURES[figure].unit == "usd" else label


def _content(row: Row | None) -> Content:
    """A number, or what stands for it: few people, or the shorthand for what there is none of."""
    if row is None:
        return NOT_APPLICABLE, "shorthand"
    return (row["shorthand"], "shorthand") if row["shorthand"] else (row["value"], row["format"])


def _share(part: Row | None, whole: Row | None) -> Row | None:
    """A part's share of the whole, of money; None where it cannot be formed."""
    if part is None or whole is None or whole["value"] == 0:
        return None
    shorthand = part["shorthand"] or whole["shorthand"]
    value = None if shorthand else plain_number(part["value"] / whole["value"])
    return {"value": value, "shorthand": shorthand, "format": "share", "caution": ""}


def _table_worksheet(
    formatter: SheetFormatter, table: Mapping[str, Any], names: tuple[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """A data table as a worksheet, with ``columns`` as the headers; ``names`` are those of worksheet and table."""
    rows = [{**table["shared"], **row} for row in table["rows"]]
    naming = [name for name in table["rows"][0] if name in columns and name not in (*OF_NUMBERS, *FOR_PROGRAMS)]
    of_numbers = [name for name in OF_NUMBERS if any(row.get(name) is not None and row[name] != "" for row in rows)]
    same = [name for name in of_numbers if name != "value" and len({row[name] for row in rows}) == 1]
    shown = [*naming, "value", *(name for name in of_numbers if name not in ("value", *same))]
    lines = (
        _about(formatter, table["shared"]),
        " · ".join(f"{columns[name]}: {rows[0][name]}" for name in same),
        format_cautions(formatter, *(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    contents = []
    for row in rows:
        texts = {name: row.get(name) or (NOT_AVAILABLE if name == "source" else NOT_APPLICABLE) for name in shown}
        cells = {name: (text, "date" if name in DATES and row.get(name) else "") for name, text in texts.items()}
        contents.append(list((cells | {"value": _content(row)}).values()))
    return _worksheet(formatter, table["name"], names, lines, [columns[name] for name in shown], contents)


def _worksheet(
    formatter: SheetFormatter,
    name: str,
    names: tuple[str, str],
    lines: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
) -> dict[str, Any]:
    """A worksheet as the workbook has it; ``lines`` stand under its title."""
    translate, (tab, title), signs = formatter.translate, names, WORDS_OF["sign"]
    texts = [str(content) for row in rows for content, _ in row]
    used = [sign for sign in signs if any(text.startswith(sign) for text in texts)]
    mark = translate(INTERNAL_MARK) if formatter.is_internal else ""
    legend = "; ".join(f"{sign} {translate(signs[sign])}" for sign in used)
    above = [title, *filter(None, (mark, *lines, legend))]
    return {"name": name, "tab": tab, "above": above, "headers": headers, "rows": rows}


def cover(
    formatter: SheetFormatter,
    title: str,
    worksheets: Sequence[Mapping[str, Any]],
    *,
    provenance: Mapping[str, Any] | None = None,
    has_map: bool = False,
) -> dict[str, Any]:
    """The cover of these worksheets: the name of its own, and its lines; the last ones are of a known provenance."""
    lines = [list(line) for line in _lines(formatter, title, worksheets, has_map)]
    if provenance:
        lines.append([formatter.translate("Files and program (SHA-256)"), format_edition(formatter, provenance), ""])
        lines += [[file["file"], file["sha256"], ""] for file in provenance["inputs"]]
        code = provenance["code"]
        lines.append([f"{code['name']} {code['version']}", code["sha256"], ""])
    return {"tab": formatter.translate("Cover"), "lines": lines}


def _lines(
    formatter: SheetFormatter, title: str, worksheets: Sequence[Mapping[str, Any]], has_map: bool
) -> Iterator[Line]:
    translate, figures = formatter.translate, formatter.key_figures
    yield f"{formatter.sheet_name()} · {translate(title)}", "", ""
    if formatter.is_internal:
        yield translate(INTERNAL_MARK), formatter.format_rounding(), ""
    yield translate("Sector"), formatter.label(figures.sector), ""
    yield translate("Scope"), formatter.scope_name(), ""
    yield translate("Period"), formatter.format_period(), ""
    yield translate("Plan"), plan_year(figures.plan_year).named(formatter.language), ""
    lead, notice = cards.format_notice(formatter)
    if notice:
        yield lead.removesuffix("."), notice, ""
    yield translate("In one sentence"), headline.build_headline(formatter), ""
    yield translate("Worksheets"), "", ""
    for sheet in worksheets:
        name, (_, *headers) = sheet["above"][0], sheet["headers"]
        yield sheet["tab"], formatter.format_list(headers) if name == sheet["tab"] else name, sheet["tab"]
    yield translate("Reading the tables"), "", ""
    how = translate("The sheet prints fewer digits of these values. What all rows of a table share stands above it.")
    yield translate("Numbers"), how, ""
    for sign, meaning in WORDS_OF["sign"].items():
        yield sign, translate(meaning), ""
    accounted = build_account(formatter, title, {}, has_map=has_map).view
    note = "".join(run["text"] for run in accounted["note"])
    yield accounted["sources"]["heading"], "\n".join(filter(None, [*accounted["sources"]["paragraphs"], note])), ""
    yield accounted["method"]["heading"], "", ""
    for line in accounted["method"]["lines"]:
        yield line["name"], line["rule"], ""
