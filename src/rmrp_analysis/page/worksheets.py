"""A sheet's workbook for readers: a cover, then each table under its title and notes, in the language of the sheet.

It follows the conventions of official statistics: no cell is empty, and a sign stands for a missing value. What all
rows of a table share stands above it.
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
DATE_COLUMNS = ("start", "end")
NUMBER_COLUMNS = ("value", "unit", "reason", "caution", ILLUSTRATIVE, "source", "code")
"""Columns of a data table that describe its number; the columns that name it stand before them."""
CSV_ONLY_COLUMNS = ("printed", "id")

Content = tuple[Any, str]
"""The number or text of a cell, and its look (``workbook.CELL_LOOKS``)."""
Line = tuple[str, str, str]
"""A heading, a text beside it, and the worksheet that the heading leads to (empty without one)."""


def build_worksheets(formatter: SheetFormatter, data: Mapping[str, Any], *, place: str) -> list[dict[str, Any]]:
    """Return the worksheets: for readers, then figures and breakdowns.

    ``data`` is what ``build_data_tables`` returns; ``place`` is the dimension of the sheet's places.
    """
    translate, columns, (figures, *breakdowns) = formatter.translate, data["columns"], data["tables"]
    tables, sheets = {table["name"]: table for table in breakdowns}, []
    for dimension in (place, "sector"):  # of each place; of all sectors together, of each sector
        by_figure = {name: tables[f"{name}_by_{dimension}"] for name in FIGURES if f"{name}_by_{dimension}" in tables}
        tables_with_value = {
            name: table for name, table in by_figure.items() if any(row["value"] is not None for row in table["rows"])
        }
        if tables_with_value:
            sheets.append(
                _build_readers_worksheet(formatter, figures, dimension, tables_with_value, columns["caution"])
            )
    tabs = (translate("Figures"), translate("All figures of the sheet"))
    sheets.append(_build_table_worksheet(formatter, figures, tabs, columns))
    for name, table in tables.items():
        definition = BREAKDOWNS[name]
        if definition.tab:  # else it is a column of the readers' table
            tabs = (translate(definition.tab), translate(definition.label, level=formatter.level_name()))
            header = _build_header(formatter, definition.figure_definition.name)
            sheets.append(_build_table_worksheet(formatter, table, tabs, {**columns, "value": header}))
    return sheets


def _build_readers_worksheet(
    formatter: SheetFormatter, figures: Mapping[str, Any], dimension: str, tables: Mapping[str, Any], caution: str
) -> dict[str, Any]:
    """Return the key figures of each place, or of each sector, in one table.

    Its first row is the total. ``tables`` are the breakdowns by their figure, and ``caution`` heads the column of
    cautions. A figure has a column if a breakdown has a value, and a share if both of its figures have one.
    """
    translate, shared = formatter.translate, figures["shared"]
    lines = _join_breakdowns(tables)
    share_figures = {name for line in lines.values() for name in line} - {*tables}
    columns = [name for name in FIGURES if name in tables or name in share_figures]
    total_name = formatter.label(INTERSECTOR) if dimension == "sector" else shared["place"]
    lines = {total_name: {row["code"]: row for row in figures["rows"] if row["code"] in columns}} | lines
    rows = [[(name, ""), *(_read_content(line.get(column)) for column in columns)] for name, line in lines.items()]
    headers = [translate(READERS_COLUMNS[dimension]), *(_build_header(formatter, name) for name in columns)]
    cautions = [
        "; ".join(dict.fromkeys(row["caution"] for row in line.values() if row and row["caution"]))
        for line in lines.values()
    ]
    if any(cautions):
        headers.append(caution)
        rows = [[*row, (text, "") if text else _read_content(None)] for row, text in zip(rows, cautions, strict=True)]
    table_facts = [table["shared"] for table in tables.values()]
    sources = dict.fromkeys(source for facts in table_facts for source in facts["source"].split("; ") if source)
    illustrative = {facts[ILLUSTRATIVE] for facts in table_facts}
    notes = (
        _describe_rows(formatter, shared),
        f"{translate('Illustrative')}: {illustrative.pop() if len(illustrative) == 1 else translate('in part')}",
        f"{translate('Source')}: {'; '.join(sources) or NOT_AVAILABLE}",
        translate("The first row is the whole. Other rows may not add up to it."),
    )
    title = translate(READERS_TABLES[dimension])
    return _build_worksheet(formatter, f"key_figures_by_{dimension}", (title, title), notes, headers, rows)


def _join_breakdowns(tables: Mapping[str, Any]) -> dict[str, dict[str, Row | None]]:
    """Return the rows of breakdowns by category, then by figure.

    They have the shares that both figures of a share allow; a share of which one is missing is None.
    """
    # The first cell of a row names its category
    rows = {name: {str(next(iter(row.values()))): row for row in table["rows"]} for name, table in tables.items()}
    shares = [
        (name, figure.part, figure.whole)
        for name, figure in FIGURES.items()
        if figure.unit == "share" and figure.part != "people_reached" and {figure.part, figure.whole} <= {*rows}
    ]
    lines: dict[str, dict[str, Row | None]] = {}
    for category in dict.fromkeys(category for figure_rows in rows.values() for category in figure_rows):
        line = {name: figure_rows[category] for name, figure_rows in rows.items() if category in figure_rows}
        line_shares = {name: _divide(line.get(part), line.get(whole)) for name, part, whole in shares}
        lines[category] = line | line_shares
    return lines


def _describe_rows(formatter: SheetFormatter, shared: Mapping[str, Any]) -> str:
    """Return what a worksheet is about: sector, organisation, place, period."""
    names = [shared[name] for name in ("sector", REPORTED_BY, "place") if name in shared]
    return " · ".join((*names, formatter.format_period()))


def _build_header(formatter: SheetFormatter, figure: str) -> str:
    """Return the header of a figure; that of money names its unit."""
    label = formatter.translate(FIGURES[figure].label)
    return f"{label} ({formatter.translate('US dollars')})" if FIGURES[figure].unit == "usd" else label


def _read_content(row: Row | None) -> Content:
    """Return the number of a row, or the sign in its place."""
    if row is None:
        return NOT_APPLICABLE, "shorthand"
    return (row["shorthand"], "shorthand") if row["shorthand"] else (row["value"], row["format"])


def _divide(part: Row | None, total: Row | None) -> Row | None:
    """Return an amount's share of a total of money; None if there is none."""
    if part is None or total is None or total["value"] == 0:
        return None
    shorthand = part["shorthand"] or total["shorthand"]
    value = None if shorthand else plain_number(part["value"] / total["value"])
    return {"value": value, "shorthand": shorthand, "format": "share", "caution": ""}


def _build_table_worksheet(
    formatter: SheetFormatter, table: Mapping[str, Any], names: tuple[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """Return a data table as a worksheet with ``columns`` as its headers.

    ``names`` are its tab and its title. A column with one text in all rows stands above the table, and an empty one is
    left out.
    """
    rows = [{**table["shared"], **row} for row in table["rows"]]
    outside = (*NUMBER_COLUMNS, *CSV_ONLY_COLUMNS)
    name_columns = [name for name in table["rows"][0] if name in columns and name not in outside]
    filled = [name for name in NUMBER_COLUMNS if any(row.get(name) is not None and row[name] != "" for row in rows)]
    constant = [name for name in filled if name != "value" and len({row[name] for row in rows}) == 1]
    visible = [*name_columns, "value", *(name for name in filled if name not in ("value", *constant))]
    notes = (
        _describe_rows(formatter, table["shared"]),
        " · ".join(f"{columns[name]}: {rows[0][name]}" for name in constant),
        format_cautions(formatter, *(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    contents = []
    for row in rows:
        texts = {name: row.get(name) or (NOT_AVAILABLE if name == "source" else NOT_APPLICABLE) for name in visible}
        cells = {name: (text, "date" if name in DATE_COLUMNS and row.get(name) else "") for name, text in texts.items()}
        contents.append(list((cells | {"value": _read_content(row)}).values()))
    return _build_worksheet(formatter, table["name"], names, notes, [columns[name] for name in visible], contents)


def _build_worksheet(
    formatter: SheetFormatter,
    name: str,
    names: tuple[str, str],
    notes: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
) -> dict[str, Any]:
    """Return a worksheet as the workbook takes it.

    ``names`` are its tab and its title, under which the notes stand; the last one explains the signs of its cells.
    """
    translate, (tab, title), signs = formatter.translate, names, WORDS_OF["sign"]
    texts = [str(content) for row in rows for content, _ in row]
    cell_signs = [sign for sign in signs if any(text.startswith(sign) for text in texts)]
    mark = translate(INTERNAL_MARK) if formatter.is_internal else ""
    legend = "; ".join(f"{sign} {translate(signs[sign])}" for sign in cell_signs)
    above = [title, *filter(None, (mark, *notes, legend))]
    return {"name": name, "tab": tab, "above": above, "headers": headers, "rows": rows}


def build_cover(
    formatter: SheetFormatter,
    title: str,
    worksheets: Sequence[Mapping[str, Any]],
    *,
    provenance: Mapping[str, Any] | None = None,
    has_map: bool = False,
) -> dict[str, Any]:
    """Return the cover of these worksheets: its tab and its lines.

    The last lines list the files and the program of a provenance.
    """
    lines = [list(line) for line in _list_lines(formatter, title, worksheets, has_map)]
    if provenance:
        lines.append([formatter.translate("Files and program (SHA-256)"), format_edition(formatter, provenance), ""])
        lines += [[file["file"], file["sha256"], ""] for file in provenance["inputs"]]
        code = provenance["code"]
        lines.append([f"{code['name']} {code['version']}", code["sha256"], ""])
    return {"tab": formatter.translate("Cover"), "lines": lines}


def _list_lines(
    formatter: SheetFormatter, title: str, worksheets: Sequence[Mapping[str, Any]], has_map: bool
) -> Iterator[Line]:
    """Yield the lines of a cover, from the sheet's name to its method."""
    translate, figures = formatter.translate, formatter.key_figures
    yield f"{formatter.sheet_name()} · {translate(title)}", "", ""
    if formatter.is_internal:
        yield translate(INTERNAL_MARK), formatter.format_rounding(), ""
    yield translate("Sector"), formatter.label(figures.sector), ""
    yield translate("Scope"), formatter.scope_name(), ""
    yield translate("Period"), formatter.format_period(), ""
    yield translate("Plan"), plan_year(figures.plan_year).name_for(formatter.language), ""
    lead, notice = cards.format_notice(formatter)
    if notice:
        yield lead.removesuffix("."), notice, ""
    yield translate("In one sentence"), headline.build_headline(formatter), ""
    yield translate("Worksheets"), "", ""
    for sheet in worksheets:
        name, (_, *headers) = sheet["above"][0], sheet["headers"]
        yield sheet["tab"], formatter.format_list(headers) if name == sheet["tab"] else name, sheet["tab"]
    yield translate("Reading the tables"), "", ""
    advice = translate("The sheet prints fewer digits of these values. What all rows of a table share stands above it.")
    yield translate("Numbers"), advice, ""
    for sign, meaning in WORDS_OF["sign"].items():
        yield sign, translate(meaning), ""
    account_view = build_account(formatter, title, {}, has_map=has_map).view
    note = "".join(run["text"] for run in account_view["note"])
    sources = [*account_view["sources"]["paragraphs"], note]
    yield account_view["sources"]["heading"], "\n".join(filter(None, sources)), ""
    yield account_view["method"]["heading"], "", ""
    for line in account_view["method"]["lines"]:
        yield line["name"], line["rule"], ""
