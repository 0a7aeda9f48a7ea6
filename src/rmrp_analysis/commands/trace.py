"""Show the source rows behind one figure: ``rmrp trace``."""

import sys
import textwrap
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import tell, translate
from rmrp_analysis.words import N_

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import JustifyMethod
    from rich.table import Table

    from rmrp_analysis.params import ReportParams

MAX_ROWS_SHOWN = 40
"""How many rows of a table a terminal shows; a pipe takes all."""
MAX_TEXT_WIDTH = 80
"""How many characters a line of text outside tables has at most."""
COLUMN_HEADINGS: Mapping[str, str] = {
    "file": N_("File"),
    "line": N_("Line"),
    "contribution": N_("Contribution"),
    "amount": N_("In the file"),
    "part": N_("Part"),
    "month": N_("Month"),
    "sector": N_("Sector"),
    "country": N_("Country"),
    "scope": N_("Country"),
    "admin1": N_("Place"),
    "appealing_organisation": N_("Organization"),
    "implementing_partner": N_("Implementing partner"),
    "donor": N_("Donor"),
    "organisation": N_("Funded organization"),
    "indicator_code": N_("Indicator"),
    "indicator_type": N_("Indicator type"),
    "population_group": N_("Population group"),
    "source": N_("Source"),
}
"""The heading of each column of a trace that a reader sees, in this order."""
CONTRIBUTION_HEADING_BY_UNIT: Mapping[str, str] = {"people": N_("People"), "usd": "US$"}
"""The heading of the column of contributions, by their unit."""
AMOUNT_COLUMNS = ("new_beneficiaries", "value", "amount_usd")
"""The columns of the number that a row has in its file; what it contributes may be another one."""
LABELLED_COLUMNS = ("part", "sector", "country", "scope", "donor", "implementing_partner", "population_group")
"""Columns of keys that are shown by their labels in the language of messages."""
ORGANISATION_COLUMNS = ("appealing_organisation", "organisation")
"""Columns of organisations, which are shown by their short names."""
RIGHT_ALIGNED_COLUMNS = ("line", "contribution", "amount")
"""Columns of numbers, which are aligned to the right."""
UNBROKEN_COLUMNS = (*RIGHT_ALIGNED_COLUMNS, "month")
"""Columns whose words are never broken, however long."""
COLUMN_GAP_AND_WORD_WIDTHS = ((2, 14), (2, 13), (2, 12), (1, 14), (1, 13), (1, 12), (1, 10), (1, 8), (1, 6), (1, 3))
"""Blanks between columns, and the letters of the longest word that is not broken; the first layout that fits counts."""
DECIMALS_OF_PERCENT = 4
"""Decimals of a contribution in percent: one person of a million is 0.0001 %."""
DECIMALS_ABOVE_FLOAT_ERROR = 6
"""Decimals that count: what is smaller is an error of adding up, no fraction of a person."""


def trace(
    path: options.ParamsFile,
    sector: Annotated[str, Option(help="The sector, or Intersector.", show_default=False)],
    figure: Annotated[str, Option(help="The figure, such as people_reached.", show_default=False)],
    place: Annotated[str, Option(help="The region, a platform or a country.")] = "region",
    organisation: Annotated[str, Option(help="Only what this organisation reported.")] = "",
    period: options.Months = "",
    audience: options.Audience = "",
    data: options.DataFolder = None,
    csv: Annotated[bool, Option("--csv", help="All rows with all columns, as CSV here.")] = False,
    out: Annotated[Path | None, options.file_option(".csv", content="All of it, as a file")] = None,
) -> None:
    """The source rows behind one figure, largest first: on a terminal 40 of them, into a pipe all."""
    run_params = options.load_params(path, period=period, audience=audience, data=data)
    from rmrp_analysis.files import table_text, write_table
    from rmrp_analysis.numbers import in_full
    from rmrp_analysis.publish.records.figures import trace_rows
    from rmrp_analysis.publish.run.preparation import read_plan

    plan = read_plan(path, run_params)
    report_params = run_params.report(
        sector, place, organisation=organisation and plan.organisation_named(organisation)
    )
    source_rows, is_figure_of_people = trace_rows(run_params, plan, report_params, figure)
    if out:
        write_table(out, source_rows)
    if csv:
        sys.stdout.write(table_text(source_rows))
    elif not out:
        show_rows(source_rows, report_params, figure)
    total_text = in_full(float(source_rows["contribution"].sum()), terminal.log.language)
    tell(
        "{figure}: {rows} rows, contributions add up to {total}", figure=figure, rows=len(source_rows), total=total_text
    )
    if is_figure_of_people:
        tell("Single rows tell numbers of few people: they are not for publication.")


def show_rows(rows: "pd.DataFrame", report: "ReportParams", figure: str) -> None:
    """Print a trace: what the whole of it shares, then the rows of each figure that it consists of.

    ``rows`` has the columns of ``figures.trace``.
    """
    from rmrp_analysis import numbers
    from rmrp_analysis.figures import BREAKDOWNS, FIGURES
    from rmrp_analysis.vocabulary import REGION, labels, short_name
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    translate_for_sheet = Translator(language)
    figure_label = BREAKDOWNS[figure].label if figure in BREAKDOWNS else FIGURES[figure].label
    shared_fact_by_heading = {
        "Figure": translate_for_sheet(figure_label, level=labels.level(report.place, language)),
        "Sector": labels.label(report.sector, language),
        "Place": translate("Region") if report.place == REGION else labels.label(report.place, language),
        "Organization": labels.label(report.organisation, language),
        "Period": numbers.months(report.period.start, report.period.end, language),
    }
    _show_facts(shared_fact_by_heading)
    printed_fact_texts = {*shared_fact_by_heading.values(), short_name(shared_fact_by_heading["Organization"])}
    for figure_name, rows_of_figure in rows.groupby("figure", sort=False):
        terminal.results.print()
        if figure_name != figure:
            terminal.results.print(translate_for_sheet(FIGURES[str(figure_name)].label), style="bold")
        _show_table(rows_of_figure.dropna(axis="columns", how="all"), figure, printed_fact_texts)


def _show_table(rows: "pd.DataFrame", figure: str, printed_facts: Collection[str]) -> None:
    """Print the rows of one figure, those that contribute most first, below what they share and was not printed yet.

    ``figure`` is the one that is traced. A terminal shows ``MAX_ROWS_SHOWN`` rows, and says that there are more.
    """
    from rmrp_analysis.figures import figure_definition

    figure_unit = figure_definition(figure).unit
    file_amount_series = (
        rows[[column_name for column_name in AMOUNT_COLUMNS if column_name in rows]].bfill(axis="columns").iloc[:, 0]
    )
    rows = rows.assign(amount=file_amount_series).sort_values(
        ["contribution", "amount"], key=abs, ascending=False, kind="stable"
    )
    if figure_unit == "share" and not rows["contribution"].any():  # these are rows of what the share is of
        rows = rows.drop(columns="contribution")
    elif figure_unit == "count" or rows["amount"].equals(rows["contribution"]):
        rows = rows.drop(columns="amount")
    cell_text_table = _describe_rows(rows, figure)
    shared_text_series = cell_text_table.iloc[0][(cell_text_table == cell_text_table.iloc[0]).all()].drop(
        "line", errors="ignore"
    )
    shared_fact_by_heading = {
        COLUMN_HEADINGS[str(column_name)]: fact_text
        for column_name, fact_text in shared_text_series.items()
        if fact_text not in printed_facts
    }
    if "indicator_code" in shared_text_series and (
        fact_text := _describe_indicators(rows).get(shared_text_series["indicator_code"])
    ):
        shared_fact_by_heading[COLUMN_HEADINGS["indicator_code"]] += f": {fact_text}"
    _show_facts(shared_fact_by_heading)
    cell_text_table = cell_text_table.drop(columns=[*shared_text_series.index, "indicator_type"], errors="ignore")
    if "file" in cell_text_table:
        cell_text_table = cell_text_table.assign(file=cell_text_table["file"] + ":" + cell_text_table["line"]).drop(
            columns="line"
        )
    printed_text_table = cell_text_table.assign(**_format_numbers(rows, figure_unit))
    visible_rows = printed_text_table[
        [column_name for column_name in COLUMN_HEADINGS if column_name in printed_text_table]
    ]
    visible_rows = visible_rows.head(MAX_ROWS_SHOWN) if terminal.results.is_terminal else visible_rows
    terminal.results.print()
    terminal.results.print(_table(visible_rows, figure_unit), soft_wrap=False)
    if len(visible_rows) < len(printed_text_table):
        row_message_values = {"shown": len(visible_rows), "rows": len(printed_text_table)}
        _show_text(translate("The {shown} rows that contribute most; --csv prints all {rows}.", **row_message_values))
    if "indicator_code" in visible_rows:
        terminal.results.print()
        _show_facts(_describe_indicators(rows.loc[visible_rows.index]))


def _table(cells: "pd.DataFrame", unit: str) -> "Table":
    """Make a table of printed cells that is as wide as the terminal at most; its words are broken where they must be.

    Rich would take width from any column, also in the middle of a word that has room in another one.
    """
    heading_by_column = {str(column_name): translate(COLUMN_HEADINGS[str(column_name)]) for column_name in cells}
    if unit in CONTRIBUTION_HEADING_BY_UNIT and "contribution" in cells:
        heading_by_column["contribution"] = translate(CONTRIBUTION_HEADING_BY_UNIT[unit])
    text_sets_by_column = {
        column_name: {column_heading, *cells[column_name]} for column_name, column_heading in heading_by_column.items()
    }
    longest_word_width_by_column = {
        column_name: max(
            len(cell_word) for cell_text in text_sets_by_column[column_name] for cell_word in f"{cell_text} ".split(" ")
        )
        for column_name in text_sets_by_column
    }
    for column_gap_width, max_word_width in COLUMN_GAP_AND_WORD_WIDTHS:
        max_width_by_column = {
            **dict.fromkeys(longest_word_width_by_column, max_word_width),
            **dict.fromkeys(UNBROKEN_COLUMNS, MAX_TEXT_WIDTH),
            "file": 2 * max_word_width,
        }
        width_by_column = {
            column_name: min(column_width, max_width_by_column[column_name])
            for column_name, column_width in longest_word_width_by_column.items()
        }
        free_terminal_width = (
            terminal.results.width - column_gap_width * (len(width_by_column) - 1) - sum(width_by_column.values())
        )
        if free_terminal_width >= 0:
            break
    while free_terminal_width > 0 and (
        narrow_column_names := [
            column_name
            for column_name in width_by_column
            if column_name not in UNBROKEN_COLUMNS
            and width_by_column[column_name] < max(map(len, text_sets_by_column[column_name]))
        ]
    ):
        for column_name in narrow_column_names[:free_terminal_width]:
            width_by_column[column_name] += 1
        free_terminal_width -= len(narrow_column_names)
    trace_table = terminal.table()
    trace_table.padding, trace_table.pad_edge = (0, column_gap_width, 0, 0), False
    for column_name, column_width in width_by_column.items():
        column_alignment: JustifyMethod = "right" if column_name in RIGHT_ALIGNED_COLUMNS else "left"
        trace_table.add_column(
            heading_by_column[column_name], justify=column_alignment, width=column_width, overflow="fold"
        )
    for row_cell_texts in cells.itertuples(index=False):
        trace_table.add_row(*row_cell_texts)
    return trace_table


def _show_facts(facts: Mapping[str, str]) -> None:
    """Print a line for each text, under its English heading in translation; what is empty has none."""
    for fact_heading, fact_text in facts.items():
        if fact_text:
            _show_text(f"{translate(fact_heading)}: {fact_text}")


def _show_text(text: str) -> None:
    """Print a text, wrapped."""
    terminal.results.print(textwrap.fill(text, MAX_TEXT_WIDTH, subsequent_indent="  "))


def _describe_rows(rows: "pd.DataFrame", figure: str) -> "pd.DataFrame":
    """Return what rows say in words, in the columns of ``COLUMN_HEADINGS``; what a row does not say is empty.

    ``contribution`` and ``amount`` are left out. What two columns say is one: a country and its place (``admin1``), a
    ``part`` of a breakdown and the column that it follows from.
    """
    from rmrp_analysis.figures import BREAKDOWNS
    from rmrp_analysis.vocabulary import ALL, REGION, labels, short_name
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    cell_text_table = rows[[column_name for column_name in COLUMN_HEADINGS if column_name in rows]].drop(
        columns=["contribution", "amount"], errors="ignore"
    )
    cell_text_table = (
        cell_text_table.astype("str")
        .fillna("")
        .replace({"scope": {REGION: translate("Region")}, "population_group": {ALL: ""}})
    )
    breakdown_dimensions = BREAKDOWNS[figure].by if figure in BREAKDOWNS else ()
    if "part" in cell_text_table and {
        "indicator_code" if dimension == "indicator" else dimension for dimension in breakdown_dimensions
    } <= {*cell_text_table}:
        cell_text_table = cell_text_table.drop(columns="part")
    if figure != "implementing_partners":
        cell_text_table = cell_text_table.drop(columns="implementing_partner", errors="ignore")
    describe_function_by_column: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(LABELLED_COLUMNS, lambda key: labels.label(key, language)),
        **dict.fromkeys(ORGANISATION_COLUMNS, lambda name: short_name(labels.label(name, language))),
        "admin1": lambda name: labels.place(name, language),
        "indicator_type": Translator(language),
    }
    for column_name, describe_value in describe_function_by_column.items():
        if column_name in cell_text_table:
            cell_text_table[column_name] = cell_text_table[column_name].map(
                {cell_key: describe_value(cell_key) for cell_key in cell_text_table[column_name].unique()}
            )
    if (
        "admin1" in cell_text_table
        and "country" in cell_text_table
        and (cell_text_table["country"] != cell_text_table["country"].iloc[0]).any()
    ):
        is_whole_country = cell_text_table["admin1"].isin(["", *cell_text_table["country"]])
        cell_text_table["admin1"] = cell_text_table["country"].where(
            is_whole_country, cell_text_table["country"] + ": " + cell_text_table["admin1"]
        )
        cell_text_table = cell_text_table.drop(columns="country")
    if "indicator_code" in cell_text_table:
        has_indicator_code = cell_text_table["indicator_code"] != ""
        cell_text_table["indicator_code"] = cell_text_table["indicator_code"].where(
            has_indicator_code, rows["indicator"].astype("str")
        )
        if "sector" not in breakdown_dimensions and has_indicator_code.all():
            # The codes are told in words, with their sectors
            cell_text_table = cell_text_table.drop(columns="sector")
    return cell_text_table


def _describe_indicators(rows: "pd.DataFrame") -> dict[str, str]:
    """Return each indicator's text by its code, in the order of codes, after its sector where there are several.

    Columns of ``rows``: ``indicator_code`` (rows without one are left out), ``indicator``, ``sector``.
    """
    from rmrp_analysis.vocabulary import labels
    from rmrp_analysis.words import Translator

    indicator_rows = rows[rows["indicator_code"] != ""].drop_duplicates("indicator_code").sort_values("indicator_code")
    indicator_text_series = indicator_rows["indicator"].astype("str").map(Translator(terminal.log.language).known)
    if (rows["sector"] != rows["sector"].iloc[0]).any():
        indicator_text_series = (
            indicator_rows["sector"].astype("str").map(partial(labels.label, language=terminal.log.language))
            + ": "
            + indicator_text_series
        )
    return dict(zip(indicator_rows["indicator_code"], indicator_text_series, strict=True))


def _format_numbers(rows: "pd.DataFrame", unit: str) -> dict[str, list[str]]:
    """Return the numbers of ``contribution`` and ``amount`` in full, by column, as far as ``rows`` has them.

    They have no decimals where all are whole, else two; contributions to a share are percent with four.
    """
    from rmrp_analysis import numbers

    number_texts_by_column = {}
    for column_name in {"contribution", "amount"} & set(rows):
        is_share_column = unit == "share" and column_name == "contribution"
        decimal_count = (
            DECIMALS_OF_PERCENT
            if is_share_column
            else 0
            if (rows[column_name].round(DECIMALS_ABOVE_FLOAT_ERROR) % 1 == 0).all()
            else 2
        )
        format_cell_number = partial(
            numbers.format_value,
            unit="share" if is_share_column else "count",
            language=terminal.log.language,
            decimals=decimal_count,
        )
        number_texts_by_column[column_name] = [format_cell_number(cell_number) for cell_number in rows[column_name]]
    return number_texts_by_column
