"""Show the source rows behind one figure: ``rmrp trace``."""

import sys
import textwrap
from collections.abc import Callable, Collection, Mapping
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
"""How many rows of a table a terminal shows. A pipe takes all."""
MAX_TEXT_WIDTH = 80
"""The most characters of a line of text outside tables."""
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
"""The heading of the column of contributions, by unit."""
AMOUNT_COLUMNS = ("new_beneficiaries", "value", "amount_usd")
"""The columns of the number that a row has in its file. Its contribution may be another number."""
LABELLED_COLUMNS = ("part", "sector", "country", "scope", "donor", "implementing_partner", "population_group")
"""Columns of keys that are shown by their labels, in the language of messages."""
ORGANISATION_COLUMNS = ("appealing_organisation", "organisation")
"""Columns that show the short names of organisations."""
RIGHT_ALIGNED_COLUMNS = ("line", "contribution", "amount")
UNBROKEN_COLUMNS = (*RIGHT_ALIGNED_COLUMNS, "month")
"""Columns in which no word is broken."""
COLUMN_GAP_AND_WORD_WIDTHS = ((2, 14), (2, 13), (2, 12), (1, 14), (1, 13), (1, 12), (1, 10), (1, 8), (1, 6), (1, 3))
"""Blanks between columns, and letters of the longest unbroken word. The first pair that fits the terminal counts."""
DECIMALS_OF_PERCENT = 4
"""Decimals of a contribution in percent: one person of a million is 0.0001 %."""
DECIMALS_ABOVE_FLOAT_ERROR = 6
"""Smaller decimals are an error of adding up, not a fraction of a person."""


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
    rows, counts_people = trace_rows(params, plan, report, figure)
    if out:
        write_table(out, rows)
    if csv:
        sys.stdout.write(table_text(rows))
    elif not out:
        show_rows(rows, report, figure)
    total = in_full(float(rows["contribution"].sum()), terminal.log.language)
    tell("{figure}: {rows} rows, contributions add up to {total}", figure=figure, rows=len(rows), total=total)
    if counts_people:
        tell("Single rows tell numbers of few people: they are not for publication.")


def show_rows(rows: "pd.DataFrame", report: "ReportParams", figure: str) -> None:
    """Print a trace (columns of ``figures.trace``): the shared facts, then the rows of each figure."""
    from rmrp_analysis import numbers
    from rmrp_analysis.figures import BREAKDOWNS, FIGURES
    from rmrp_analysis.vocabulary import REGION, labels, short_name
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    in_sheet = Translator(language)
    label = BREAKDOWNS[figure].label if figure in BREAKDOWNS else FIGURES[figure].label
    organisation = labels.label(report.organisation, language)
    facts = {
        "Figure": in_sheet(label, level=labels.level(report.place, language)),
        "Sector": labels.label(report.sector, language),
        "Place": translate("Region") if report.place == REGION else labels.label(report.place, language),
        "Organization": organisation,
        "Period": numbers.months(report.period.start, report.period.end, language),
    }
    _show_facts(facts)
    for name, group in rows.groupby("figure", sort=False):
        terminal.results.print()
        if name != figure:
            terminal.results.print(in_sheet(FIGURES[str(name)].label), style="bold")
        _show_table(group.dropna(axis="columns", how="all"), figure, {*facts.values(), short_name(organisation)})


def _show_table(rows: "pd.DataFrame", figure: str, printed_facts: Collection[str]) -> None:
    """Print the rows of one figure, largest contribution first, below the shared facts not yet printed.

    ``figure`` is the traced one. A terminal shows ``MAX_ROWS_SHOWN`` rows, and says that there are more.
    """
    from rmrp_analysis.figures import figure_definition

    unit = figure_definition(figure).unit
    rows = rows.assign(amount=rows.filter(items=AMOUNT_COLUMNS).bfill(axis="columns").iloc[:, 0])
    rows = rows.sort_values(["contribution", "amount"], key=abs, ascending=False, kind="stable")
    if unit == "share" and not rows["contribution"].any():  # these are rows of the total of the share
        rows = rows.drop(columns="contribution")
    elif unit == "count" or rows["amount"].equals(rows["contribution"]):
        rows = rows.drop(columns="amount")

    cells = _describe_rows(rows, figure)
    shared = cells.iloc[0][(cells == cells.iloc[0]).all()].drop("line", errors="ignore")
    facts = {COLUMN_HEADINGS[str(column)]: text for column, text in shared.items() if text not in printed_facts}
    if "indicator_code" in shared and (text := _describe_indicators(rows).get(shared["indicator_code"])):
        facts[COLUMN_HEADINGS["indicator_code"]] += f": {text}"
    _show_facts(facts)

    cells = cells.drop(columns=[*shared.index, "indicator_type"], errors="ignore")
    if "file" in cells:
        cells["file"] += ":" + cells.pop("line")
    cells = cells.assign(**_format_numbers(rows, unit)).filter(items=[*COLUMN_HEADINGS])
    visible = cells.head(MAX_ROWS_SHOWN) if terminal.results.is_terminal else cells
    terminal.results.print()
    terminal.results.print(_table(visible, unit), soft_wrap=False)
    if len(visible) < len(cells):
        counts = {"shown": len(visible), "rows": len(cells)}
        _show_text(translate("The {shown} rows that contribute most; --csv prints all {rows}.", **counts))
    if "indicator_code" in visible:
        terminal.results.print()
        _show_facts(_describe_indicators(rows.loc[visible.index]))


def _table(cells: "pd.DataFrame", unit: str) -> "Table":
    """Make a table of printed cells, at most as wide as the terminal, that breaks no word before it must.

    Rich takes width from any column, also in the middle of a word when another column has room.
    """
    headings = {str(column): translate(COLUMN_HEADINGS[str(column)]) for column in cells}
    if unit in CONTRIBUTION_HEADING_BY_UNIT and "contribution" in cells:
        headings["contribution"] = translate(CONTRIBUTION_HEADING_BY_UNIT[unit])
    texts = {column: {heading, *cells[column]} for column, heading in headings.items()}
    words = {column: max(len(word) for text in texts[column] for word in text.split(" ")) for column in texts}
    for gap, longest in COLUMN_GAP_AND_WORD_WIDTHS:
        limits = dict.fromkeys(words, longest) | dict.fromkeys(UNBROKEN_COLUMNS, MAX_TEXT_WIDTH) | {"file": 2 * longest}
        widths = {column: min(width, limits[column]) for column, width in words.items()}
        room = terminal.results.width - gap * (len(widths) - 1) - sum(widths.values())
        if room >= 0:
            break
    full = {column: max(map(len, texts[column])) for column in texts if column not in UNBROKEN_COLUMNS}
    while room > 0 and (narrow := [column for column in full if widths[column] < full[column]]):
        for column in narrow[:room]:
            widths[column] += 1
        room -= len(narrow)

    table = terminal.table()
    table.padding, table.pad_edge = (0, gap, 0, 0), False
    for column, width in widths.items():
        justify: JustifyMethod = "right" if column in RIGHT_ALIGNED_COLUMNS else "left"
        table.add_column(headings[column], justify=justify, width=width, overflow="fold")
    for row in cells.itertuples(index=False):
        table.add_row(*row)
    return table


def _show_facts(facts: Mapping[str, str]) -> None:
    """Print each text that is not empty, in a line after its heading in translation."""
    for heading, text in facts.items():
        if text:
            _show_text(f"{translate(heading)}: {text}")


def _show_text(text: str) -> None:
    """Print a text, wrapped."""
    terminal.results.print(textwrap.fill(text, MAX_TEXT_WIDTH, subsequent_indent="  "))


def _describe_rows(rows: "pd.DataFrame", figure: str) -> "pd.DataFrame":
    """Return rows in words, in the columns of ``COLUMN_HEADINGS`` but the numbers. Missing content is "".

    Of two columns that say the same, one stays. The place (``admin1``) names its country. The ``part`` of a breakdown
    is left out if its dimensions have columns.
    """
    from rmrp_analysis.figures import BREAKDOWNS
    from rmrp_analysis.vocabulary import ALL, REGION, labels, short_name
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    texts = rows.filter(items=[*COLUMN_HEADINGS]).drop(columns=["contribution", "amount"], errors="ignore")
    texts = texts.astype("str").fillna("")
    texts = texts.replace({"scope": {REGION: translate("Region")}, "population_group": {ALL: ""}})
    dimensions = BREAKDOWNS[figure].by if figure in BREAKDOWNS else ()
    unused = [] if figure == "implementing_partners" else ["implementing_partner"]
    if {"indicator_code" if dimension == "indicator" else dimension for dimension in dimensions} <= {*texts}:
        unused.append("part")
    texts = texts.drop(columns=unused, errors="ignore")
    readers: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(LABELLED_COLUMNS, lambda key: labels.label(key, language)),
        **dict.fromkeys(ORGANISATION_COLUMNS, lambda name: short_name(labels.label(name, language))),
        "admin1": lambda name: labels.place(name, language),
        "indicator_type": Translator(language),
    }
    for column, reader in readers.items():
        if column in texts:
            texts[column] = texts[column].map({key: reader(key) for key in texts[column].unique()})
    if "admin1" in texts and "country" in texts and (texts["country"] != texts["country"].iloc[0]).any():
        country = texts.pop("country")
        is_country = texts["admin1"].isin(["", *country])
        texts["admin1"] = country.where(is_country, country + ": " + texts["admin1"])
    if "indicator_code" in texts:
        has_code = texts["indicator_code"] != ""
        texts["indicator_code"] = texts["indicator_code"].where(has_code, rows["indicator"].astype("str"))
        if "sector" not in dimensions and has_code.all():  # the list of indicators below says their sectors
            texts = texts.drop(columns="sector")
    return texts


def _describe_indicators(rows: "pd.DataFrame") -> dict[str, str]:
    """Return each indicator's text by its code, in order of codes, after its sector if there are several.

    Columns of ``rows``: ``indicator_code`` (rows without a code are left out), ``indicator``, ``sector``.
    """
    from rmrp_analysis.vocabulary import labels
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    coded = rows[rows["indicator_code"] != ""].drop_duplicates("indicator_code").sort_values("indicator_code")
    texts = coded["indicator"].astype("str").map(Translator(language).known)
    if (rows["sector"] != rows["sector"].iloc[0]).any():
        texts = coded["sector"].astype("str").map(lambda key: labels.label(key, language)) + ": " + texts
    return dict(zip(coded["indicator_code"], texts, strict=True))


def _format_numbers(rows: "pd.DataFrame", unit: str) -> dict[str, list[str]]:
    """Return the numbers of ``contribution`` and ``amount`` in full, by column, if ``rows`` has them.

    They have no decimals if all are whole, or two decimals. Contributions to a share are percent with four decimals.
    """
    from rmrp_analysis.numbers import format_value

    texts = {}
    for column in {"contribution", "amount"} & set(rows):
        kind, decimals = "count", 2
        if unit == "share" and column == "contribution":
            kind, decimals = "share", DECIMALS_OF_PERCENT
        elif (rows[column].round(DECIMALS_ABOVE_FLOAT_ERROR) % 1 == 0).all():
            decimals = 0
        texts[column] = [format_value(value, kind, terminal.log.language, decimals=decimals) for value in rows[column]]
    return texts
