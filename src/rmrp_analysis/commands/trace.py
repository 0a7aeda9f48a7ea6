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
    params = options.load_params(path, period=period, audience=audience, data=data)
    from rmrp_analysis.files import table_text, write_table
    from rmrp_analysis.numbers import in_full
    from rmrp_analysis.publish.records.figures import trace_rows
    from rmrp_analysis.publish.run.preparation import read_plan

    plan = read_plan(path, params)
    report = params.report(sector, place, organisation=organisation and plan.organisation_named(organisation))
    rows, of_people = trace_rows(params, plan, report, figure)
    if out:
        write_table(out, rows)
    if csv:
        sys.stdout.write(table_text(rows))
    elif not out:
        show_rows(rows, report, figure)
    total = in_full(float(rows["contribution"].sum()), terminal.log.language)
    tell("{figure}: {rows} rows, contributions add up to {total}", figure=figure, rows=len(rows), total=total)
    if of_people:
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
    sheet_words = Translator(language)
    label = BREAKDOWNS[figure].label if figure in BREAKDOWNS else FIGURES[figure].label
    facts = {
        "Figure": sheet_words(label, level=labels.level(report.place, language)),
        "Sector": labels.label(report.sector, language),
        "Place": translate("Region") if report.place == REGION else labels.label(report.place, language),
        "Organization": labels.label(report.organisation, language),
        "Period": numbers.months(report.period.start, report.period.end, language),
    }
    _show_facts(facts)
    printed_fact_texts = {*facts.values(), short_name(facts["Organization"])}
    for name, figure_rows in rows.groupby("figure", sort=False):
        terminal.results.print()
        if name != figure:
            terminal.results.print(sheet_words(FIGURES[str(name)].label), style="bold")
        _show_table(figure_rows.dropna(axis="columns", how="all"), figure, printed_fact_texts)


def _show_table(rows: "pd.DataFrame", figure: str, printed_facts: Collection[str]) -> None:
    """Print the rows of one figure, those that contribute most first, below what they share and was not printed yet.

    ``figure`` is the one that is traced. A terminal shows ``MAX_ROWS_SHOWN`` rows, and says that there are more.
    """
    from rmrp_analysis.figures import figure_definition

    unit = figure_definition(figure).unit
    amount = rows[[name for name in AMOUNT_COLUMNS if name in rows]].bfill(axis="columns").iloc[:, 0]
    rows = rows.assign(amount=amount).sort_values(["contribution", "amount"], key=abs, ascending=False, kind="stable")
    if unit == "share" and not rows["contribution"].any():  # these are rows of what the share is of
        rows = rows.drop(columns="contribution")
    elif unit == "count" or rows["amount"].equals(rows["contribution"]):
        rows = rows.drop(columns="amount")
    texts = _describe_rows(rows, figure)
    shared = texts.iloc[0][(texts == texts.iloc[0]).all()].drop("line", errors="ignore")
    facts = {COLUMN_HEADINGS[str(name)]: text for name, text in shared.items() if text not in printed_facts}
    if "indicator_code" in shared and (text := _describe_indicators(rows).get(shared["indicator_code"])):
        facts[COLUMN_HEADINGS["indicator_code"]] += f": {text}"
    _show_facts(facts)
    texts = texts.drop(columns=[*shared.index, "indicator_type"], errors="ignore")
    if "file" in texts:
        texts = texts.assign(file=texts["file"] + ":" + texts["line"]).drop(columns="line")
    cells = texts.assign(**_format_numbers(rows, unit))
    visible = cells[[name for name in COLUMN_HEADINGS if name in cells]]
    visible = visible.head(MAX_ROWS_SHOWN) if terminal.results.is_terminal else visible
    terminal.results.print()
    terminal.results.print(_table(visible, unit), soft_wrap=False)
    if len(visible) < len(cells):
        counts = {"shown": len(visible), "rows": len(cells)}
        _show_text(translate("The {shown} rows that contribute most; --csv prints all {rows}.", **counts))
    if "indicator_code" in visible:
        terminal.results.print()
        _show_facts(_describe_indicators(rows.loc[visible.index]))


def _table(cells: "pd.DataFrame", unit: str) -> "Table":
    """Make a table of printed cells that is as wide as the terminal at most; its words are broken where they must be.

    Rich would take width from any column, also in the middle of a word that has room in another one.
    """
    headings = {str(name): translate(COLUMN_HEADINGS[str(name)]) for name in cells}
    if unit in CONTRIBUTION_HEADING_BY_UNIT and "contribution" in cells:
        headings["contribution"] = translate(CONTRIBUTION_HEADING_BY_UNIT[unit])
    texts = {name: {heading, *cells[name]} for name, heading in headings.items()}
    longest_words = {name: max(len(word) for text in texts[name] for word in f"{text} ".split(" ")) for name in texts}
    for gap, longest in COLUMN_GAP_AND_WORD_WIDTHS:
        limits = {
            **dict.fromkeys(longest_words, longest),
            **dict.fromkeys(UNBROKEN_COLUMNS, MAX_TEXT_WIDTH),
            "file": 2 * longest,
        }
        widths = {name: min(width, limits[name]) for name, width in longest_words.items()}
        room = terminal.results.width - gap * (len(widths) - 1) - sum(widths.values())
        if room >= 0:
            break
    while room > 0 and (
        narrow := [
            name for name in widths if name not in UNBROKEN_COLUMNS and widths[name] < max(map(len, texts[name]))
        ]
    ):
        for name in narrow[:room]:
            widths[name] += 1
        room -= len(narrow)
    table = terminal.table()
    table.padding, table.pad_edge = (0, gap, 0, 0), False
    for name, width in widths.items():
        justify: JustifyMethod = "right" if name in RIGHT_ALIGNED_COLUMNS else "left"
        table.add_column(headings[name], justify=justify, width=width, overflow="fold")
    for row in cells.itertuples(index=False):
        table.add_row(*row)
    return table


def _show_facts(facts: Mapping[str, str]) -> None:
    """Print a line for each text, under its English heading in translation; what is empty has none."""
    for heading, text in facts.items():
        if text:
            _show_text(f"{translate(heading)}: {text}")


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
    texts = rows[[column_name for column_name in COLUMN_HEADINGS if column_name in rows]].drop(
        columns=["contribution", "amount"], errors="ignore"
    )
    texts = (
        texts.astype("str").fillna("").replace({"scope": {REGION: translate("Region")}, "population_group": {ALL: ""}})
    )
    dimensions = BREAKDOWNS[figure].by if figure in BREAKDOWNS else ()
    if "part" in texts and {
        "indicator_code" if dimension == "indicator" else dimension for dimension in dimensions
    } <= {*texts}:
        texts = texts.drop(columns="part")
    if figure != "implementing_partners":
        texts = texts.drop(columns="implementing_partner", errors="ignore")
    readings: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(LABELLED_COLUMNS, lambda key: labels.label(key, language)),
        **dict.fromkeys(ORGANISATION_COLUMNS, lambda name: short_name(labels.label(name, language))),
        "admin1": lambda name: labels.place(name, language),
        "indicator_type": Translator(language),
    }
    for column_name, read in readings.items():
        if column_name in texts:
            texts[column_name] = texts[column_name].map(
                {cell_key: read(cell_key) for cell_key in texts[column_name].unique()}
            )
    if "admin1" in texts and "country" in texts and (texts["country"] != texts["country"].iloc[0]).any():
        is_country = texts["admin1"].isin(["", *texts["country"]])
        texts["admin1"] = texts["country"].where(is_country, texts["country"] + ": " + texts["admin1"])
        texts = texts.drop(columns="country")
    if "indicator_code" in texts:
        has_code = texts["indicator_code"] != ""
        texts["indicator_code"] = texts["indicator_code"].where(has_code, rows["indicator"].astype("str"))
        if "sector" not in dimensions and has_code.all():
            # The codes are told in words, with their sectors
            texts = texts.drop(columns="sector")
    return texts


def _describe_indicators(rows: "pd.DataFrame") -> dict[str, str]:
    """Return each indicator's text by its code, in the order of codes, after its sector where there are several.

    Columns of ``rows``: ``indicator_code`` (rows without one are left out), ``indicator``, ``sector``.
    """
    from rmrp_analysis.vocabulary import labels
    from rmrp_analysis.words import Translator

    coded = rows[rows["indicator_code"] != ""].drop_duplicates("indicator_code").sort_values("indicator_code")
    texts = coded["indicator"].astype("str").map(Translator(terminal.log.language).known)
    if (rows["sector"] != rows["sector"].iloc[0]).any():
        texts = coded["sector"].astype("str").map(partial(labels.label, language=terminal.log.language)) + ": " + texts
    return dict(zip(coded["indicator_code"], texts, strict=True))


def _format_numbers(rows: "pd.DataFrame", unit: str) -> dict[str, list[str]]:
    """Return the numbers of ``contribution`` and ``amount`` in full, by column, as far as ``rows`` has them.

    They have no decimals where all are whole, else two; contributions to a share are percent with four.
    """
    from rmrp_analysis import numbers

    format_number = {}
    for name in {"contribution", "amount"} & set(rows):
        is_share = unit == "share" and name == "contribution"
        decimals = (
            DECIMALS_OF_PERCENT
            if is_share
            else 0
            if (rows[name].round(DECIMALS_ABOVE_FLOAT_ERROR) % 1 == 0).all()
            else 2
        )
        print_number = partial(
            numbers.format_value,
            unit="share" if is_share else "count",
            language=terminal.log.language,
            decimals=decimals,
        )
        format_number[name] = [print_number(number) for number in rows[name]]
    return format_number
