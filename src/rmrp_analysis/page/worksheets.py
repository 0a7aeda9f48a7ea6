"""A sheet's workbook for readers: a cover, then each table under its title and notes, in the language of the sheet.

It follows the conventions of official statistics: no cell is empty, and a sign stands for a missing value. The cells
that all rows of a table share stand above the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rmrp_analysis.figures import BREAKDOWNS, FIGURES, ILLUSTRATIVE_MARK, plain_number
from rmrp_analysis.page import cards, headline
from rmrp_analysis.page.account import build_account, format_edition
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.data_tables import NOT_APPLICABLE_SIGN, NOT_AVAILABLE_SIGN, REPORTER_COLUMN, Row
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.vocabulary import INTERSECTOR, plan_year
from rmrp_analysis.words import INTERNAL_MARK

READERS_TITLE_BY_DIMENSION = WORDS_BY_KIND["readers' table"]
READERS_HEADER_BY_DIMENSION = WORDS_BY_KIND["readers' column"]
"""English headers of the first column of the readers' tables."""
DATE_COLUMNS = ("start", "end")
"""Columns of a data table with a date, written as ``YYYY-MM-DD``."""
NUMBER_COLUMNS = ("value", "unit", "reason", "caution", ILLUSTRATIVE_MARK, "source", "code")
"""Columns of a data table that describe its number. The columns that name the number stand before."""
CSV_ONLY_COLUMNS = ("printed", "id")
"""Columns of a data table that only the CSV file has, and no worksheet."""

Content = tuple[Any, str]
"""The number or text of a cell, and its look (``workbook.CELL_LOOK_BY_NAME``)."""
Line = tuple[str, str, str]
"""A heading, its text, and the worksheet that the heading links to (empty without a link)."""


def build_worksheets(formatter: SheetFormatter, data: Mapping[str, Any], *, place: str) -> list[dict[str, Any]]:
    """Return the views of the worksheets: for readers by place and by sector, all figures, breakdowns.

    ``data`` is the result of ``build_data_tables``. ``place`` is the dimension of the sheet's places. A readers' table
    without a value is left out. A breakdown without a ``tab`` is only a column of a readers' table.
    """
    translate, columns = formatter.translate, data["columns"]
    figures, *breakdowns = data["tables"]
    tables = {table["name"]: table for table in breakdowns}
    sheets = []
    for dimension in (place, "sector"):  # of each place, then of all sectors together and of each sector
        filled = {}
        for name in FIGURES:
            table = tables.get(f"{name}_by_{dimension}")
            if table and any(row["value"] is not None for row in table["rows"]):
                filled[name] = table
        if filled:
            sheets.append(_build_readers_worksheet(formatter, figures, dimension, filled, columns["caution"]))
    tabs = (translate("Figures"), translate("All figures of the sheet"))
    sheets.append(_build_table_worksheet(formatter, figures, tabs, columns))
    for name, table in tables.items():
        declared = BREAKDOWNS[name]
        if declared.tab:  # otherwise it is a column of the readers' table
            tabs = (translate(declared.tab), translate(declared.label, level=formatter.level_name()))
            header = _build_header(formatter, declared.figure_definition.name)
            sheets.append(_build_table_worksheet(formatter, table, tabs, {**columns, "value": header}))
    return sheets


def _join_cautions(row_by_figure: Mapping[str, Any]) -> str:
    """Join the different cautions on the figures of a row."""
    return "; ".join(dict.fromkeys(row["caution"] for row in row_by_figure.values() if row and row["caution"]))


def _describe_sources(formatter: SheetFormatter, shared_cell_dicts: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return two notes on tables, from the cells that their rows share: whether they are illustrative, and sources."""
    translate = formatter.translate
    sources = dict.fromkeys(source for cells in shared_cell_dicts for source in cells["source"].split("; ") if source)
    marks = {cells[ILLUSTRATIVE_MARK] for cells in shared_cell_dicts}
    return (
        f"{translate('Illustrative')}: {marks.pop() if len(marks) == 1 else translate('in part')}",
        f"{translate('Source')}: {'; '.join(sources) or NOT_AVAILABLE_SIGN}",
    )


def _build_readers_worksheet(
    formatter: SheetFormatter,
    figure_table: Mapping[str, Any],
    dimension: str,
    tables: Mapping[str, Any],
    caution_header: str,
) -> dict[str, Any]:
    """Return the view of a worksheet with the key figures of each place, or of each sector.

    Its first row is the total. ``tables`` are the breakdowns by their figure, and ``caution_header`` heads the column
    of cautions. A figure has a column if its breakdown has a value. A share has a column if both of its figures have
    one.
    """
    translate, shared = formatter.translate, figure_table["shared"]
    parts = _join_breakdowns(tables)
    names = {*tables}.union(*parts.values())
    columns = [name for name in FIGURES if name in names]
    total = formatter.label(INTERSECTOR) if dimension == "sector" else shared["place"]
    lines = {total: {row["code"]: row for row in figure_table["rows"] if row["code"] in columns}} | parts
    rows = [[(part, ""), *(_read_content(line.get(name)) for name in columns)] for part, line in lines.items()]
    headers = [translate(READERS_HEADER_BY_DIMENSION[dimension]), *(_build_header(formatter, name) for name in columns)]
    doubts = [_join_cautions(line) for line in lines.values()]
    if any(doubts):
        headers.append(caution_header)
        rows = [[*row, (doubt, "") if doubt else _read_content(None)] for row, doubt in zip(rows, doubts, strict=True)]
    above = (
        _describe_rows(formatter, shared),
        *_describe_sources(formatter, [table["shared"] for table in tables.values()]),
        translate("The first row is the whole. Other rows may not add up to it."),
    )
    title = translate(READERS_TITLE_BY_DIMENSION[dimension])
    return _build_worksheet(formatter, f"key_figures_by_{dimension}", (title, title), above, headers, rows)


def _join_breakdowns(tables: Mapping[str, Any]) -> dict[str, dict[str, Row | None]]:
    """Return the rows of breakdowns by the printed name of their category, then by figure.

    Shares are added if there are breakdowns of both figures, except shares of people reached in another figure. A share
    is None if one of its numbers is missing.
    """
    # The first cell of a row names its category
    rows = {name: {str(next(iter(row.values()))): row for row in table["rows"]} for name, table in tables.items()}
    shares = [
        (name, figure.part, figure.whole)
        for name, figure in FIGURES.items()
        if figure.unit == "share" and figure.part != "people_reached" and {figure.part, figure.whole} <= {*rows}
    ]
    lines: dict[str, dict[str, Row | None]] = {}
    for category in dict.fromkeys(category for group in rows.values() for category in group):
        line = {name: group[category] for name, group in rows.items() if category in group}
        quotients = {name: _divide(line.get(part), line.get(total)) for name, part, total in shares}
        lines[category] = line | quotients
    return lines


def _describe_rows(formatter: SheetFormatter, shared: Mapping[str, Any]) -> str:
    """Return the sector, organisation, place and period of a worksheet as one line."""
    names = [shared[name] for name in ("sector", REPORTER_COLUMN, "place") if name in shared]
    return " · ".join((*names, formatter.format_period()))


def _build_header(formatter: SheetFormatter, figure: str) -> str:
    """Return the header of a figure, with its unit if it is money."""
    label = formatter.translate(FIGURES[figure].label)
    return f"{label} ({formatter.translate('US dollars')})" if FIGURES[figure].unit == "usd" else label


def _read_content(row: Row | None) -> Content:
    """Return the number of a row with its look, or its sign. None gives the sign of *not applicable*."""
    if row is None:
        return NOT_APPLICABLE_SIGN, "shorthand"
    return (row["shorthand"], "shorthand") if row["shorthand"] else (row["value"], row["format"])


def _divide(part: Row | None, total: Row | None) -> Row | None:
    """Return the row of a share, ``part`` divided by ``total``, or None if one is None or the total is 0.

    If either has a sign in place of its number, the share has this sign and no value.
    """
    if part is None or total is None or total["value"] == 0:
        return None
    shorthand = part["shorthand"] or total["shorthand"]
    value = None if shorthand else plain_number(part["value"] / total["value"])
    return {"value": value, "shorthand": shorthand, "format": "share", "caution": ""}


def _build_table_worksheet(
    formatter: SheetFormatter, table: Mapping[str, Any], tab_and_title: tuple[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """Return a data table as a worksheet. ``columns`` are its headers by the name of their column.

    A column of ``NUMBER_COLUMNS``, other than ``value``, with the same text in all rows stands above the table. An
    empty column is left out.
    """
    rows = [{**table["shared"], **row} for row in table["rows"]]
    reserved = (*NUMBER_COLUMNS, *CSV_ONLY_COLUMNS)
    naming = [name for name in table["rows"][0] if name in columns and name not in reserved]
    filled = [name for name in NUMBER_COLUMNS if any(row.get(name) is not None and row[name] != "" for row in rows)]
    constant = [name for name in filled if name != "value" and len({row[name] for row in rows}) == 1]
    visible = [*naming, "value", *(name for name in filled if name not in ("value", *constant))]
    lines = (
        _describe_rows(formatter, table["shared"]),
        " · ".join(f"{columns[name]}: {rows[0][name]}" for name in constant),
        format_cautions(formatter, *(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    contents = []
    for row in rows:
        cells: dict[str, Content] = {}
        for name in visible:
            text = row.get(name) or (NOT_AVAILABLE_SIGN if name == "source" else NOT_APPLICABLE_SIGN)
            cells[name] = (text, "date" if name in DATE_COLUMNS and row.get(name) else "")
        cells["value"] = _read_content(row)
        contents.append([*cells.values()])
    headers = [columns[name] for name in visible]
    return _build_worksheet(formatter, table["name"], tab_and_title, lines, headers, contents)


def _build_worksheet(
    formatter: SheetFormatter,
    name: str,
    tab_and_title: tuple[str, str],
    notes: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
) -> dict[str, Any]:
    """Return the view of a worksheet: its name, tab, lines above, headers and rows.

    The notes that are not empty stand under its title, after the mark of internal files. The last line explains the
    signs in its cells.
    """
    translate, (tab, title), signs = formatter.translate, tab_and_title, WORDS_BY_KIND["sign"]
    texts = [str(content) for row in rows for content, _ in row]
    used_signs = [sign for sign in signs if any(text.startswith(sign) for text in texts)]
    mark = translate(INTERNAL_MARK) if formatter.is_internal else ""
    legend = "; ".join(f"{sign} {translate(signs[sign])}" for sign in used_signs)
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
    """Yield the lines of a cover: the sheet, its notice and headline, its worksheets, signs, sources and method."""
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
        yield (sheet["tab"], formatter.format_list(headers) if name == sheet["tab"] else name, sheet["tab"])
    yield translate("Reading the tables"), "", ""
    text = translate("The sheet prints fewer digits of these values. What all rows of a table share stands above it.")
    yield translate("Numbers"), text, ""
    for sign, meaning in WORDS_BY_KIND["sign"].items():
        yield sign, translate(meaning), ""
    account = build_account(formatter, title, {}, has_map=has_map).view
    note = "".join(run["text"] for run in account["note"])
    paragraphs = [*account["sources"]["paragraphs"], note]
    yield account["sources"]["heading"], "\n".join(filter(None, paragraphs)), ""
    yield account["method"]["heading"], "", ""
    for line in account["method"]["lines"]:
        yield line["name"], line["rule"], ""
