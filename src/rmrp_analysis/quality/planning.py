"""Named checks on planning: figures of a country that differ from the sum of its admin1. Nothing is changed."""

import re

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.money import SOURCE_FINDING_COLUMNS
from rmrp_analysis.vocabulary import ALL, labels
from rmrp_analysis.words import N_, Translator

MAX_ROUNDING_GAP_SHARE = 0.01
"""The largest share of a country's figure by which its admin1 may differ because they were rounded."""

MIN_PEOPLE_GAP = 0.5
"""A smaller gap, in people, is no difference."""
WITHOUT_ADMIN1_CHECK, UNLIKE_COUNTRY_CHECK = PLANNING_CHECK_NAMES = ("planned_without_admin1", "admin1_unlike_country")
"""The check of figures planned only for whole countries, or rounded by admin1, and the check of other gaps."""

ADMIN1_SUM_RULE_TEXT = N_("admin1 that add up to the figure of their country")
"""The right content if admin1 do not make their country."""
NO_COUNTRY_FIGURE_TEXT = "no figure"
"""Stands in a finding in place of the figure of a country that has none."""
PLANNING_GAP_TEMPLATE = "{group} {by_admin1} by admin1, {country} of the country"
"""The gap of one population group in a finding. ``format_planning_value`` writes it for a reader."""
PLANNING_GAP_PATTERN = re.compile(
    PLANNING_GAP_TEMPLATE.format(group="(?P<group>.+)", by_admin1="(?P<by_admin1>.+)", country="(?P<country>.+)")
)
PLANNED_KEY_COLUMNS = ["scope", "sector", "measure"]
"""The columns that tell planned figures apart, without their groups and admin1."""


def planning_findings(plan: Plan) -> pd.DataFrame:
    """Return one row for each country, sector and measure that differs from the sum of its admin1.

    Columns ``SOURCE_FINDING_COLUMNS``, most people first. ``people`` is the sum of the gaps between the country and its
    admin1 in each population group. A finding is a note if a plan gives groups only for the country, or rounds its
    admin1. It is a warning if admin1 are left out or exceed their country, or if the country has no figure. Countries
    without admin1, and gaps below ``MIN_PEOPLE_GAP``, are left out.
    """
    if plan.planned_places.empty:
        return pd.DataFrame(columns=list(SOURCE_FINDING_COLUMNS))
    keys = [*PLANNED_KEY_COLUMNS, "population_group"]
    firsts = {"people": ("value", "sum"), "file": ("source_file", "first"), "line": ("source_line", "first")}
    places = plan.planned_places.dropna(subset="value").groupby(keys, as_index=False).agg(**firsts)
    countries = plan.planning.dropna(subset="value").groupby(keys, as_index=False).agg(**firsts)
    countries = countries.merge(places[PLANNED_KEY_COLUMNS].drop_duplicates())
    groups = countries.merge(places, "outer", on=keys, suffixes=("", "_by_admin1")).fillna({"people_by_admin1": 0.0})
    groups["file"] = groups["file"].fillna(groups["file_by_admin1"])
    groups["line"] = groups["line"].fillna(groups["line_by_admin1"])
    groups["gap"] = (groups["people"].fillna(0.0) - groups["people_by_admin1"]).abs()
    groups["rounded"] = groups["gap"] <= MAX_ROUNDING_GAP_SHARE * groups["people"].fillna(0.0)
    groups["doubtful"] = (groups["people_by_admin1"] > 0) & ~groups["rounded"]
    groups = groups[groups["gap"] >= MIN_PEOPLE_GAP]
    cells = groups[["population_group", "people_by_admin1", "people"]].itertuples(index=False)
    groups["in_words"] = [
        PLANNING_GAP_TEMPLATE.format(
            group=group,
            by_admin1=f"{admin1:,.0f}",
            country=NO_COUNTRY_FIGURE_TEXT if pd.isna(country) else f"{country:,.0f}",
        )
        for group, admin1, country in cells
    ]
    findings = [
        {
            "file": rows["file"].iloc[0],
            "line": int(rows["line"].iloc[0]),
            "column": measure,
            "check": UNLIKE_COUNTRY_CHECK if rows["doubtful"].any() else WITHOUT_ADMIN1_CHECK,
            "severity": "warning" if rows["doubtful"].any() else "note",
            "value": f"{country}, {sector}: {'; '.join(rows['in_words'])}",
            "allowed": ADMIN1_SUM_RULE_TEXT,
            "people": float(rows["gap"].sum()),
        }
        for (country, sector, measure), rows in groups.groupby(PLANNED_KEY_COLUMNS)
    ]
    table = pd.DataFrame(findings, columns=list(SOURCE_FINDING_COLUMNS))
    return table.sort_values(["people", "file", "line"], ascending=[False, True, True], ignore_index=True)


def format_planning_value(value: str, translate: Translator) -> str:
    """Write the ``value`` of a planning finding with the names, words and numbers of a language."""
    keys, _, gaps = value.rpartition(": ")
    names = ", ".join(labels.label(key, translate.language) for key in keys.split(", ", 1))
    return f"{names}: {'; '.join(_format_gap(gap, translate) for gap in gaps.split('; '))}"


def _format_gap(text: str, translate: Translator) -> str:
    """Write a text of ``PLANNING_GAP_TEMPLATE`` in a language. The group of everybody is not named."""
    match = PLANNING_GAP_PATTERN.fullmatch(text)
    assert match, text  # noqa: S101 - planning_findings wrote it
    admin1, country = (
        numbers.count(int(number.replace(",", "")), translate.language) if number != NO_COUNTRY_FIGURE_TEXT else ""
        for number in match.group("by_admin1", "country")
    )
    sentence = N_("{by_admin1} by first administrative level, {country} of the country")
    if not country:
        sentence = N_("{by_admin1} by first administrative level, and the country has no figure")
    gap = translate(sentence, by_admin1=admin1, country=country)
    group = "" if match["group"] == ALL else labels.label(match["group"], translate.language)
    return f"{group[:1].lower()}{group[1:]} {gap}".strip()
