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

MAX_ROWS = 40
"""How many rows of a table a terminal shows; a pipe takes all."""
WIDTH = 80
"""Texts outside tables are wrapped to this many characters."""
HEADINGS: Mapping[str, str] = {
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
"""What a reader sees of a trace, in this order, and how it is headed."""
CONTRIBUTIONS: Mapping[str, str] = {"people": N_("People"), "usd": "US$"}
"""How contributions in these units are headed."""
AMOUNTS = ("new_beneficiaries", "value", "amount_usd")
"""The columns of the number that a row has in its file; what it contributes may be another one."""
KEYS_WITH_NAMES = ("part", "sector", "country", "scope", "donor", "implementing_partner", "population_group")
ORGANISATIONS = ("appealing_organisation", "organisation")
RIGHT_ALIGNED = ("line", "contribution", "amount")
UNBROKEN = (*RIGHT_ALIGNED, "month")
"""Columns whose words are never broken, however long."""
LAYOUTS = ((2, 14), (2, 13), (2, 12), (1, 14), (1, 13), (1, 12), (1, 10), (1, 8), (1, 6), (1, 3))
"""Blanks between columns, and how long words are that are not broken: the first with which a table fits counts."""
DECIMALS_OF_PERCENT = 4
"""One person of a million is 0.0001 %."""
EXACT_DIGITS = 6
"""What is smaller is an error of adding up, no fraction of a person."""


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
    printed_facts = {*facts.values(), short_name(facts["Organization"])}
    for name, figure_rows in rows.groupby("figure", sort=False):
        terminal.results.print()
        if name != figure:
            terminal.results.print(sheet_words(FIGURES[str(name)].label), style="bold")
        _show_table(figure_rows.dropna(axis="columns", how="all"), figure, printed_facts)


def _show_table(rows: "pd.DataFrame", figure: str, printed_facts: Collection[str]) -> None:
    """Print the rows of one figure, those that contribute most first, below what they share and is not ``known``.

    ``figure`` is the one that is traced.
    """
    from rmrp_analysis.figures import figure_definition

    unit = figure_definition(figure).unit
    amount = rows[[name for name in AMOUNTS if name in rows]].bfill(axis="columns").iloc[:, 0]
    rows = rows.assign(amount=amount).sort_values(["contribution", "amount"], key=abs, ascending=False, kind="stable")
    if unit == "share" and not rows["contribution"].any():  # these are rows of what the share is of
        rows = rows.drop(columns="contribution")
    elif unit == "count" or rows["amount"].equals(rows["contribution"]):
        rows = rows.drop(columns="amount")
    texts = _describe_rows(rows, figure)
    shared = texts.iloc[0][(texts == texts.iloc[0]).all()].drop("line", errors="ignore")
    facts = {HEADINGS[str(name)]: text for name, text in shared.items() if text not in printed_facts}
    if "indicator_code" in shared and (text := _describe_indicators(rows).get(shared["indicator_code"])):
        facts[HEADINGS["indicator_code"]] += f": {text}"
    _show_facts(facts)
    texts = texts.drop(columns=[*shared.index, "indicator_type"], errors="ignore")
    if "file" in texts:
        texts = texts.assign(file=texts["file"] + ":" + texts["line"]).drop(columns="line")
    cells = texts.assign(**_format_numbers(rows, unit))
    visible = cells[[name for name in HEADINGS if name in cells]]
    visible = visible.head(MAX_ROWS) if terminal.results.is_terminal else visible
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
    headings = {str(name): translate(HEADINGS[str(name)]) for name in cells}
    if unit in CONTRIBUTIONS and "contribution" in cells:
        headings["contribution"] = translate(CONTRIBUTIONS[unit])
    texts = {name: {heading, *cells[name]} for name, heading in headings.items()}
    longest_words = {name: max(len(word) for text in texts[name] for word in f"{text} ".split(" ")) for name in texts}
    for gap, longest in LAYOUTS:
        limits = {**dict.fromkeys(longest_words, longest), **dict.fromkeys(UNBROKEN, WIDTH), "file": 2 * longest}
        widths = {name: min(width, limits[name]) for name, width in longest_words.items()}
        room = terminal.results.width - gap * (len(widths) - 1) - sum(widths.values())
        if room >= 0:
            break
    while room > 0 and (
        narrow := [name for name in widths if name not in UNBROKEN and widths[name] < max(map(len, texts[name]))]
    ):
        for name in narrow[:room]:
            widths[name] += 1
        room -= len(narrow)
    table = terminal.table()
    table.padding, table.pad_edge = (0, gap, 0, 0), False
    for name, width in widths.items():
        justify: JustifyMethod = "right" if name in RIGHT_ALIGNED else "left"
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
    terminal.results.print(textwrap.fill(text, WIDTH, subsequent_indent="  "))


def _describe_rows(rows: "pd.DataFrame", figure: str) -> "pd.DataFrame":
    """Give what rows say in words, in the columns of ``HEADINGS``; what a row does not say is empty.

    What two columns say is one: a country and its place; a part of a breakdown, and the column that it follows from.
    """
    from rmrp_analysis.figures import BREAKDOWNS
    from rmrp_analysis.vocabulary import ALL, REGION, labels, short_name
    from rmrp_analysis.words import Translator

    language = terminal.log.language
    texts = rows[[name for name in HEADINGS if name in rows]].drop(columns=["contribution", "amount"], errors="ignore")
    texts = (
        texts.astype("str").fillna("").replace({"scope": {REGION: translate("Region")}, "population_group": {ALL: ""}})
    )
    dimensions = BREAKDOWNS[figure].by if figure in BREAKDOWNS else ()
    if "part" in texts and {"indicator_code" if name == "indicator" else name for name in dimensions} <= {*texts}:
        texts = texts.drop(columns="part")
    if figure != "implementing_partners":
        texts = texts.drop(columns="implementing_partner", errors="ignore")
    readings: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(KEYS_WITH_NAMES, lambda key: labels.label(key, language)),
        **dict.fromkeys(ORGANISATIONS, lambda name: short_name(labels.label(name, language))),
        "admin1": lambda name: labels.place(name, language),
        "indicator_type": Translator(language),
    }
    for name, describe in readings.items():
        if name in texts:
            texts[name] = texts[name].map({key: describe(key) for key in texts[name].unique()})
    if "admin1" in texts and "country" in texts and (texts["country"] != texts["country"].iloc[0]).any():
        is_country = texts["admin1"].isin(["", *texts["country"]])
        texts["admin1"] = texts["country"].where(is_country, texts["country"] + ": " + texts["admin1"])
        texts = texts.drop(columns="country")
    if "indicator_code" in texts:
        has_code = texts["indicator_code"] != ""
        texts["indicator_code"] = texts["indicator_code"].where(has_code, rows["indicator"].astype("str"))
        if "sector" not in dimensions and has_code.all():  # the codes are told in words, with their sectors
            texts = texts.drop(columns="sector")
    return texts


def _describe_indicators(rows: "pd.DataFrame") -> dict[str, str]:
    """Give each indicator's text by its code, after its sector where there are several."""
    from rmrp_analysis.vocabulary import labels
    from rmrp_analysis.words import Translator

    coded = rows[rows["indicator_code"] != ""].drop_duplicates("indicator_code").sort_values("indicator_code")
    texts = coded["indicator"].astype("str").map(Translator(terminal.log.language).known)
    if (rows["sector"] != rows["sector"].iloc[0]).any():
        texts = coded["sector"].astype("str").map(partial(labels.label, language=terminal.log.language)) + ": " + texts
    return dict(zip(coded["indicator_code"], texts, strict=True))


def _format_numbers(rows: "pd.DataFrame", unit: str) -> dict[str, list[str]]:
    """Give the numbers of rows in full, by column."""
    from rmrp_analysis import numbers

    format_number = {}
    for name in {"contribution", "amount"} & set(rows):
        is_share = unit == "share" and name == "contribution"
        decimals = DECIMALS_OF_PERCENT if is_share else 0 if (rows[name].round(EXACT_DIGITS) % 1 == 0).all() else 2
        print_number = partial(
            numbers.format_value,
            unit="share" if is_share else "count",
            language=terminal.log.language,
            decimals=decimals,
        )
        format_number[name] = [print_number(number) for number in rows[name]]
    return format_number
