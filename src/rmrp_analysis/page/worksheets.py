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
    translate, header_by_column, (figure_table_dict, *breakdown_table_dicts) = (
        formatter.translate,
        data["columns"],
        data["tables"],
    )
    breakdown_dict_by_name, worksheet_view_dicts = (
        {data_table_dict["name"]: data_table_dict for data_table_dict in breakdown_table_dicts},
        [],
    )
    for dimension in (place, "sector"):  # of each place; of all sectors together, of each sector
        table_dict_by_figure = {
            figure_name: breakdown_dict_by_name[f"{figure_name}_by_{dimension}"]
            for figure_name in FIGURES
            if f"{figure_name}_by_{dimension}" in breakdown_dict_by_name
        }
        filled_dict_by_figure = {
            figure_name: data_table_dict
            for figure_name, data_table_dict in table_dict_by_figure.items()
            if any(data_row_dict["value"] is not None for data_row_dict in data_table_dict["rows"])
        }
        if filled_dict_by_figure:
            worksheet_view_dicts.append(
                _build_readers_worksheet(
                    formatter, figure_table_dict, dimension, filled_dict_by_figure, header_by_column["caution"]
                )
            )
    tab_and_title = (translate("Figures"), translate("All figures of the sheet"))
    worksheet_view_dicts.append(_build_table_worksheet(formatter, figure_table_dict, tab_and_title, header_by_column))
    for breakdown_name, data_table_dict in breakdown_dict_by_name.items():
        breakdown_definition = BREAKDOWNS[breakdown_name]
        if breakdown_definition.tab:  # else it is a column of the readers' table
            tab_and_title = (
                translate(breakdown_definition.tab),
                translate(breakdown_definition.label, level=formatter.level_name()),
            )
            value_header = _build_header(formatter, breakdown_definition.figure_definition.name)
            worksheet_view_dicts.append(
                _build_table_worksheet(
                    formatter, data_table_dict, tab_and_title, {**header_by_column, "value": value_header}
                )
            )
    return worksheet_view_dicts


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
    source_name_dict = dict.fromkeys(
        source_name
        for table_cell_dict in shared_cell_dicts
        for source_name in table_cell_dict["source"].split("; ")
        if source_name
    )
    invented_states = {table_cell_dict[ILLUSTRATIVE_MARK] for table_cell_dict in shared_cell_dicts}
    return (
        f"{translate('Illustrative')}: {invented_states.pop() if len(invented_states) == 1 else translate('in part')}",
        f"{translate('Source')}: {'; '.join(source_name_dict) or NOT_AVAILABLE_SIGN}",
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
    translate, shared_cells = formatter.translate, figure_table["shared"]
    figure_row_dict_by_category = _join_breakdowns(tables)
    share_figure_names = {
        figure_name for row_by_figure in figure_row_dict_by_category.values() for figure_name in row_by_figure
    } - {*tables}
    column_figure_names = [
        figure_name for figure_name in FIGURES if figure_name in tables or figure_name in share_figure_names
    ]
    total_row_name = formatter.label(INTERSECTOR) if dimension == "sector" else shared_cells["place"]
    figure_row_dict_by_category = {
        total_row_name: {
            data_row_dict["code"]: data_row_dict
            for data_row_dict in figure_table["rows"]
            if data_row_dict["code"] in column_figure_names
        }
    } | figure_row_dict_by_category
    cell_rows = [
        [
            (category, ""),
            *(_read_content(row_by_figure.get(column_figure_name)) for column_figure_name in column_figure_names),
        ]
        for category, row_by_figure in figure_row_dict_by_category.items()
    ]
    column_headers = [
        translate(READERS_HEADER_BY_DIMENSION[dimension]),
        *(_build_header(formatter, column_figure_name) for column_figure_name in column_figure_names),
    ]
    caution_texts = [_join_cautions(row_by_figure) for row_by_figure in figure_row_dict_by_category.values()]
    if any(caution_texts):
        column_headers.append(caution_header)
        cell_rows = [
            [*cell_pairs_of_row, (caution_text, "") if caution_text else _read_content(None)]
            for cell_pairs_of_row, caution_text in zip(cell_rows, caution_texts, strict=True)
        ]
    shared_cell_dicts = [breakdown_table_dict["shared"] for breakdown_table_dict in tables.values()]
    worksheet_notes = (
        _describe_rows(formatter, shared_cells),
        *_describe_sources(formatter, shared_cell_dicts),
        translate("The first row is the whole. Other rows may not add up to it."),
    )
    worksheet_title = translate(READERS_TITLE_BY_DIMENSION[dimension])
    return _build_worksheet(
        formatter,
        f"key_figures_by_{dimension}",
        (worksheet_title, worksheet_title),
        worksheet_notes,
        column_headers,
        cell_rows,
    )


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
    shared_names = [
        shared[column_name] for column_name in ("sector", REPORTER_COLUMN, "place") if column_name in shared
    ]
    return " · ".join((*shared_names, formatter.format_period()))


def _build_header(formatter: SheetFormatter, figure: str) -> str:
    """Return the header of a figure; that of money names its unit."""
    figure_label = formatter.translate(FIGURES[figure].label)
    return f"{figure_label} ({formatter.translate('US dollars')})" if FIGURES[figure].unit == "usd" else figure_label


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
    missing_value_sign = part["shorthand"] or total["shorthand"]
    share_value = None if missing_value_sign else plain_number(part["value"] / total["value"])
    return {"value": share_value, "shorthand": missing_value_sign, "format": "share", "caution": ""}


def _build_table_worksheet(
    formatter: SheetFormatter, table: Mapping[str, Any], tab_and_title: tuple[str, str], columns: Mapping[str, str]
) -> dict[str, Any]:
    """Return a data table as a worksheet; ``columns`` are its headers by the name of their column.

    A column of ``NUMBER_COLUMNS``, other than ``value``, with one text in all rows stands above the table; an empty one
    is left out.
    """
    data_row_dicts = [{**table["shared"], **data_row_dict} for data_row_dict in table["rows"]]
    other_column_names = (*NUMBER_COLUMNS, *CSV_ONLY_COLUMNS)
    naming_column_names = [
        column_name
        for column_name in table["rows"][0]
        if column_name in columns and column_name not in other_column_names
    ]
    filled_column_names = [
        column_name
        for column_name in NUMBER_COLUMNS
        if any(
            data_row_dict.get(column_name) is not None and data_row_dict[column_name] != ""
            for data_row_dict in data_row_dicts
        )
    ]
    constant_column_names = [
        column_name
        for column_name in filled_column_names
        if column_name != "value" and len({data_row_dict[column_name] for data_row_dict in data_row_dicts}) == 1
    ]
    visible_column_names = [
        *naming_column_names,
        "value",
        *(column_name for column_name in filled_column_names if column_name not in ("value", *constant_column_names)),
    ]
    worksheet_notes = (
        _describe_rows(formatter, table["shared"]),
        " · ".join(
            f"{columns[column_name]}: {data_row_dicts[0][column_name]}" for column_name in constant_column_names
        ),
        format_cautions(formatter, *(FIGURES if table["name"] == "figures" else (table["name"],))),
    )
    content_rows = []
    for data_row_dict in data_row_dicts:
        text_by_column = {
            column_name: data_row_dict.get(column_name)
            or (NOT_AVAILABLE_SIGN if column_name == "source" else NOT_APPLICABLE_SIGN)
            for column_name in visible_column_names
        }
        content_pair_by_column = {
            column_name: (cell_text, "date" if column_name in DATE_COLUMNS and data_row_dict.get(column_name) else "")
            for column_name, cell_text in text_by_column.items()
        }
        content_rows.append(list((content_pair_by_column | {"value": _read_content(data_row_dict)}).values()))
    return _build_worksheet(
        formatter,
        table["name"],
        tab_and_title,
        worksheet_notes,
        [columns[column_name] for column_name in visible_column_names],
        content_rows,
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
    translate, (tab_name, sheet_title), meaning_by_sign = formatter.translate, tab_and_title, WORDS_BY_KIND["sign"]
    cell_texts = [str(cell_content) for content_row in rows for cell_content, _ in content_row]
    used_signs = [
        cell_sign for cell_sign in meaning_by_sign if any(cell_text.startswith(cell_sign) for cell_text in cell_texts)
    ]
    internal_mark = translate(INTERNAL_MARK) if formatter.is_internal else ""
    sign_legend_text = "; ".join(f"{cell_sign} {translate(meaning_by_sign[cell_sign])}" for cell_sign in used_signs)
    lines_above = [sheet_title, *filter(None, (internal_mark, *notes, sign_legend_text))]
    return {"name": name, "tab": tab_name, "above": lines_above, "headers": headers, "rows": rows}


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
    cover_lines = [list(cover_line_triple) for cover_line_triple in _list_lines(formatter, title, worksheets, has_map)]
    if provenance:
        cover_lines.append(
            [formatter.translate("Files and program (SHA-256)"), format_edition(formatter, provenance), ""]
        )
        cover_lines += [
            [input_file_dict["file"], input_file_dict["sha256"], ""] for input_file_dict in provenance["inputs"]
        ]
        program_fact_dict = provenance["code"]
        cover_lines.append(
            [f"{program_fact_dict['name']} {program_fact_dict['version']}", program_fact_dict["sha256"], ""]
        )
    return {"tab": formatter.translate("Cover"), "lines": cover_lines}


def _list_lines(
    formatter: SheetFormatter, title: str, worksheets: Sequence[Mapping[str, Any]], has_map: bool
) -> Iterator[Line]:
    """Yield the lines of a cover: the sheet, its notice and headline, its worksheets, signs, sources and method."""
    translate, key_figures = formatter.translate, formatter.key_figures
    yield f"{formatter.sheet_name()} · {translate(title)}", "", ""
    if formatter.is_internal:
        yield translate(INTERNAL_MARK), formatter.format_rounding(), ""
    yield translate("Sector"), formatter.label(key_figures.sector), ""
    yield translate("Scope"), formatter.scope_name(), ""
    yield translate("Period"), formatter.format_period(), ""
    yield translate("Plan"), plan_year(key_figures.plan_year).name_for(formatter.language), ""
    notice_status, notice_text = cards.format_notice(formatter)
    if notice_text:
        yield notice_status.removesuffix("."), notice_text, ""
    yield translate("In one sentence"), headline.build_headline(formatter), ""
    yield translate("Worksheets"), "", ""
    for worksheet_view_dict in worksheets:
        sheet_title, (_, *column_headers) = worksheet_view_dict["above"][0], worksheet_view_dict["headers"]
        yield (
            worksheet_view_dict["tab"],
            formatter.format_list(column_headers) if sheet_title == worksheet_view_dict["tab"] else sheet_title,
            worksheet_view_dict["tab"],
        )
    yield translate("Reading the tables"), "", ""
    reading_advice = translate(
        "The sheet prints fewer digits of these values. What all rows of a table share stands above it."
    )
    yield translate("Numbers"), reading_advice, ""
    for cell_sign, sign_meaning in WORDS_BY_KIND["sign"].items():
        yield cell_sign, translate(sign_meaning), ""
    account_view_dict = build_account(formatter, title, {}, has_map=has_map).view
    funding_note = "".join(note_run_dict["text"] for note_run_dict in account_view_dict["note"])
    source_paragraphs = [*account_view_dict["sources"]["paragraphs"], funding_note]
    yield account_view_dict["sources"]["heading"], "\n".join(filter(None, source_paragraphs)), ""
    yield account_view_dict["method"]["heading"], "", ""
    for rule_line_dict in account_view_dict["method"]["lines"]:
        yield rule_line_dict["name"], rule_line_dict["rule"], ""
