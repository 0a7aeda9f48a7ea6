"""A sheet's workbook for readers: a cover, then each table under its title and notes, in the language of the sheet.

It follows the conventions of official statistics: no cell is empty, and a sign stands for a missing value. What all
rows of a table share stands above it.
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

READERS_TITLE_BY_DIMENSION, READERS_HEADER_BY_DIMENSION = (
    WORDS_BY_KIND["readers' table"],
    WORDS_BY_KIND["readers' column"],
)
"""English titles of the readers' tables, and headers of their first column, by dimension."""
DATE_COLUMNS = ("start", "end")
"""Columns of a data table with a date, written as ``YYYY-MM-DD``."""
NUMBER_COLUMNS = ("value", "unit", "reason", "caution", ILLUSTRATIVE_MARK, "source", "code")
"""Columns of a data table that describe its number; the columns that name it stand before them."""
CSV_ONLY_COLUMNS = ("printed", "id")
"""Columns of a data table that only the CSV file has, and no worksheet."""

Content = tuple[Any, str]
"""The number or text of a cell, and its look (``workbook.CELL_LOOK_BY_NAME``)."""
Line = tuple[str, str, str]
"""A heading, a text beside it, and the worksheet that the heading leads to (empty without one)."""


def build_worksheets(formatter: SheetFormatter, data: Mapping[str, Any], *, place: str) -> list[dict[str, Any]]:
    """Return the views of the worksheets: for readers by place and by sector, all figures, breakdowns.

    ``data`` is what ``build_data_tables`` returns; ``place`` is the dimension of the sheet's places. A readers' table
    without a value is left out. A breakdown without a ``tab`` is only a column of it.
    """
    translate, columns, (figures, *breakdowns) = (formatter.translate, data["columns"], data["tables"])
    tables, sheets = ({table["name"]: table for table in breakdowns}, [])
    for dimension in (place, "sector"):  # of each place; of all sectors together, of each sector
        table_dict_by_figure = {
            figure_name: tables[f"{figure_name}_by_{dimension}"]
            for figure_name in FIGURES
            if f"{figure_name}_by_{dimension}" in tables
        }
        filled_dict_by_figure = {
            figure_name: table
            for figure_name, table in table_dict_by_figure.items()
            if any(data_row_dict["value"] is not None for data_row_dict in table["rows"])
        }
        if filled_dict_by_figure:
            sheets.append(
                _build_readers_worksheet(formatter, figures, dimension, filled_dict_by_figure, columns["caution"])
            )
    tabs = (translate("Figures"), translate("All figures of the sheet"))
    sheets.append(_build_table_worksheet(formatter, figures, tabs, columns))
    for name, table in tables.items():
        declared = BREAKDOWNS[name]
        if declared.tab:  # else it is a column of the readers' table
            tabs = (translate(declared.tab), translate(declared.label, level=formatter.level_name()))
            header = _build_header(formatter, declared.figure_definition.name)
            sheets.append(_build_table_worksheet(formatter, table, tabs, {**columns, "value": header}))
    return sheets


def _join_cautions(row_by_figure: Mapping[str, Any]) -> str:
    """Return the different cautions on the figures of a row as one text."""
    caution_dict = dict.fromkeys(
        data_row_dict["caution"]
        for data_row_dict in row_by_figure.values()
        if data_row_dict and data_row_dict["caution"]
    )
    return "; ".join(caution_dict)


def _describe_sources(formatter: SheetFormatter, shared_cell_dicts: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return two notes on tables by the cells that their rows share: whether they are illustrative, and sources."""
    translate = formatter.translate
    sources = dict.fromkeys(
        source for of_table in shared_cell_dicts for source in of_table["source"].split("; ") if source
    )
    illustrative = {of_table[ILLUSTRATIVE_MARK] for of_table in shared_cell_dicts}
    return (
        f"{translate('Illustrative')}: {illustrative.pop() if len(illustrative) == 1 else translate('in part')}",
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

    Its first row is the total. ``tables`` are the breakdowns by their figure, and ``caution_header`` heads the
    column of cautions. A figure has a column if a breakdown has a value, and a share if both of its figures have one.
    """
    translate, shared = formatter.translate, figure_table["shared"]
    lines = _join_breakdowns(tables)
    shares = {figure_name for line in lines.values() for figure_name in line} - {*tables}
    columns = [figure_name for figure_name in FIGURES if figure_name in tables or figure_name in shares]
    total_row_name = formatter.label(INTERSECTOR) if dimension == "sector" else shared["place"]
    lines = {
        total_row_name: {
            data_row_dict["code"]: data_row_dict
            for data_row_dict in figure_table["rows"]
            if data_row_dict["code"] in columns
        }
    } | lines
    rows = [[(part, ""), *(_read_content(line.get(name)) for name in columns)] for part, line in lines.items()]
    headers = [translate(READERS_HEADER_BY_DIMENSION[dimension]), *(_build_header(formatter, name) for name in columns)]
    doubts = [_join_cautions(line) for line in lines.values()]
    if any(doubts):
        headers.append(caution_header)
        rows = [[*row, (doubt, "") if doubt else _read_content(None)] for row, doubt in zip(rows, doubts, strict=True)]
    of_tables = [table["shared"] for table in tables.values()]
    above = (
        _describe_rows(formatter, shared),
        *_describe_sources(formatter, of_tables),
        translate("The first row is the whole. Other rows may not add up to it."),
    )
    title = translate(READERS_TITLE_BY_DIMENSION[dimension])
    return _build_worksheet(formatter, f"key_figures_by_{dimension}", (title, title), above, headers, rows)


def _join_breakdowns(tables: Mapping[str, Any]) -> dict[str, dict[str, Row | None]]:
    """Return the rows of breakdowns by the printed name of their category, then by figure.

    They have the shares that both figures of a share allow, except those of which the part is people reached;
    a share of which one number is missing is None.
    """
    # The first cell of a row names its category
    category_row_dict_by_figure = {
        figure_name: {
            str(next(iter(category_row_dict.values()))): category_row_dict
            for category_row_dict in breakdown_table_dict["rows"]
        }
        for figure_name, breakdown_table_dict in tables.items()
    }
    share_figure_triples = [
        (figure_name, share_figure_definition.part, share_figure_definition.whole)
        for figure_name, share_figure_definition in FIGURES.items()
        if share_figure_definition.unit == "share"
        and share_figure_definition.part != "people_reached"
        and {share_figure_definition.part, share_figure_definition.whole} <= {*category_row_dict_by_figure}
    ]
    figure_row_dict_by_category: dict[str, dict[str, Row | None]] = {}
    for category in dict.fromkeys(
        category for row_by_category in category_row_dict_by_figure.values() for category in row_by_category
    ):
        row_by_figure = {
            figure_name: row_by_category[category]
            for figure_name, row_by_category in category_row_dict_by_figure.items()
            if category in row_by_category
        }
        share_row_by_figure = {
            figure_name: _divide(row_by_figure.get(part_figure_name), row_by_figure.get(whole_figure_name))
            for figure_name, part_figure_name, whole_figure_name in share_figure_triples
        }
        figure_row_dict_by_category[category] = row_by_figure | share_row_by_figure
    return figure_row_dict_by_category


def _describe_rows(formatter: SheetFormatter, shared: Mapping[str, Any]) -> str:
    """Return what a worksheet is about: sector, organisation, place, period."""
    names = [shared[name] for name in ("sector", REPORTER_COLUMN, "place") if name in shared]
    return " · ".join((*names, formatter.format_period()))


def _build_header(formatter: SheetFormatter, figure: str) -> str:
    """Return the header of a figure; that of money names its unit."""
    label = formatter.translate(FIGURES[figure].label)
    return f"{label} ({formatter.translate('US dollars')})" if FIGURES[figure].unit == "usd" else label


def _read_content(row: Row | None) -> Content:
    """Return the number of a row with its look, or the sign in its place; for None, the sign of *not applicable*."""
    if row is None:
        return NOT_APPLICABLE_SIGN, "shorthand"
    return (row["shorthand"], "shorthand") if row["shorthand"] else (row["value"], row["format"])


def _divide(part: Row | None, total: Row | None) -> Row | None:
    """Return the row of a share, ``part`` divided by ``total``; None if either is None or the total is 0.

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
    """Return a data table as a worksheet; ``columns`` are its headers by the name of their column.

    A column of ``NUMBER_COLUMNS``, other than ``value``, with one text in all rows stands above the table; an empty one
    is left out.
    """
    rows = [{**table["shared"], **row} for row in table["rows"]]
    other_column_names = (*NUMBER_COLUMNS, *CSV_ONLY_COLUMNS)
    naming = [name for name in table["rows"][0] if name in columns and name not in other_column_names]
    of_numbers = [name for name in NUMBER_COLUMNS if any(row.get(name) is not None and row[name] != "" for row in rows)]
    same = [name for name in of_numbers if name != "value" and len({row[name] for row in rows}) == 1]
    visible_column_names = [*naming, "value", *(name for name in of_numbers if name not in ("value", *same))]
    lines = (
        _describe_rows(formatter, table["shared"]),
        " · ".join(f"{columns[name]}: {rows[0][name]}" for name in same),
        format_cautions(formatter, *(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    contents = []
    for row in rows:
        texts = {
            name: row.get(name) or (NOT_AVAILABLE_SIGN if name == "source" else NOT_APPLICABLE_SIGN)
            for name in visible_column_names
        }
        cells = {name: (text, "date" if name in DATE_COLUMNS and row.get(name) else "") for name, text in texts.items()}
        contents.append(list((cells | {"value": _read_content(row)}).values()))
    return _build_worksheet(
        formatter, table["name"], tab_and_title, lines, [columns[name] for name in visible_column_names], contents
    )


def _build_worksheet(
    formatter: SheetFormatter,
    name: str,
    tab_and_title: tuple[str, str],
    notes: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Content]],
) -> dict[str, Any]:
    """Return the view of a worksheet: its name, tab, lines above, headers and rows.

    The notes that are not empty stand under its title, after the mark of internal files; the last line explains the
    signs that its cells have.
    """
    translate, (tab, title), signs = formatter.translate, tab_and_title, WORDS_BY_KIND["sign"]
    texts = [str(content) for row in rows for content, _ in row]
    used = [sign for sign in signs if any(text.startswith(sign) for text in texts)]
    mark = translate(INTERNAL_MARK) if formatter.is_internal else ""
    legend = "; ".join(f"{sign} {translate(signs[sign])}" for sign in used)
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
    how = translate("The sheet prints fewer digits of these values. What all rows of a table share stands above it.")
    yield translate("Numbers"), how, ""
    for sign, meaning in WORDS_BY_KIND["sign"].items():
        yield sign, translate(meaning), ""
    accounted = build_account(formatter, title, {}, has_map=has_map).view
    note = "".join(run["text"] for run in accounted["note"])
    source_paragraphs = [*accounted["sources"]["paragraphs"], note]
    yield accounted["sources"]["heading"], "\n".join(filter(None, source_paragraphs)), ""
    yield accounted["method"]["heading"], "", ""
    for line in accounted["method"]["lines"]:
        yield line["name"], line["rule"], ""
