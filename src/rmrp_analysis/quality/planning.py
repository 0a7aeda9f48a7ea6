"""Named checks on planning: where the admin1 of a country do not make its own figures; nothing is changed."""

import re

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.money import SOURCE_FINDING_COLUMNS
from rmrp_analysis.vocabulary import ALL, labels
from rmrp_analysis.words import N_, Translator

MAX_ROUNDING_GAP_SHARE = 0.01
"""By this share of a country's figure its admin1 may miss it because they were rounded."""

MIN_PEOPLE_GAP = 0.5
"""A smaller gap, in people, is no difference."""
WITHOUT_ADMIN1_CHECK, UNLIKE_COUNTRY_CHECK = PLANNING_CHECK_NAMES = ("planned_without_admin1", "admin1_unlike_country")
"""What is planned for whole countries alone, or rounded by admin1; and what does not add up."""

ADMIN1_SUM_RULE_TEXT = N_("admin1 that add up to the figure of their country")
"""What would be right where admin1 do not make their country."""
NO_COUNTRY_FIGURE_TEXT = "no figure"
"""Stands in a finding in place of the figure of a country that has none."""
PLANNING_GAP_TEMPLATE = "{group} {by_admin1} by admin1, {country} of the country"
"""What a finding says of one population group; ``format_planning_value`` says it to a reader."""
PLANNING_GAP_PATTERN = re.compile(
    PLANNING_GAP_TEMPLATE.format(group="(?P<group>.+)", by_admin1="(?P<by_admin1>.+)", country="(?P<country>.+)")
)
"""The pattern of such texts."""
PLANNED_KEY_COLUMNS = ["scope", "sector", "measure"]
"""The columns that tell planned figures apart, without their groups and admin1."""


def planning_findings(plan: Plan) -> pd.DataFrame:
    """Return one row a country, sector and measure whose admin1 do not make it.

    Columns ``SOURCE_FINDING_COLUMNS``, most people first. ``people`` are those by which the two differ in each
    population group: they are in the figure of the country and in no admin1's, or the other way round. A note where a
    plan gives groups for the country alone, or rounds its admin1; a warning where admin1 are left out or exceed their
    country, or where the country has no figure. Countries without admin1, and gaps below ``MIN_PEOPLE_GAP``, are left
    out.
    """
    if plan.planned_places.empty:
        return pd.DataFrame(columns=list(SOURCE_FINDING_COLUMNS))
    places, countries = (
        rows.groupby([*PLANNED_KEY_COLUMNS, "population_group"], as_index=False).agg(
            people=("value", "sum"), file=("source_file", "first"), line=("source_line", "first")
        )
        for rows in (plan.planned_places, plan.planning)
    )
    countries = countries.merge(places[PLANNED_KEY_COLUMNS].drop_duplicates())
    groups = countries.merge(
        places, "outer", on=[*PLANNED_KEY_COLUMNS, "population_group"], suffixes=("", "_by_admin1")
    )
    groups = groups.fillna({"people_by_admin1": 0.0}).assign(
        file=groups["file"].fillna(groups["file_by_admin1"]), line=groups["line"].fillna(groups["line_by_admin1"])
    )
    groups["gap"] = (groups["people"].fillna(0.0) - groups["people_by_admin1"]).abs()
    groups["rounded"] = groups["gap"] <= MAX_ROUNDING_GAP_SHARE * groups["people"].fillna(0.0)
    groups["doubtful"] = (groups["people_by_admin1"] > 0) & ~groups["rounded"]
    groups = groups[groups["gap"] >= MIN_PEOPLE_GAP]
    cells = groups[["population_group", "people_by_admin1", "people"]].itertuples(index=False)
    groups["in_words"] = [
        PLANNING_GAP_TEMPLATE.format(
            group=group,
            by_admin1=f"{admin1_people:,.0f}",
            country=NO_COUNTRY_FIGURE_TEXT if pd.isna(country_people) else f"{country_people:,.0f}",
        )
        for group, admin1_people, country_people in cells
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
    planned_for_text, _, gaps_text = value.rpartition(": ")
    names_text = ", ".join(labels.label(key, translate.language) for key in planned_for_text.split(", ", 1))
    return f"{names_text}: {'; '.join(_format_gap(gap_text, translate) for gap_text in gaps_text.split('; '))}"


def _format_gap(text: str, translate: Translator) -> str:
    """Write a text of ``PLANNING_GAP_TEMPLATE`` in a language; the population group is named unless it is everybody."""
    gap_match = PLANNING_GAP_PATTERN.fullmatch(text)
    assert gap_match, text  # noqa: S101 - planning_findings wrote it
    admin1_people_text, country_people_text = (
        numbers.count(int(number_text.replace(",", "")), translate.language)
        if number_text != NO_COUNTRY_FIGURE_TEXT
        else ""
        for number_text in gap_match.group("by_admin1", "country")
    )
    gap_sentence = (
        N_("{by_admin1} by first administrative level, {country} of the country")
        if country_people_text
        else N_("{by_admin1} by first administrative level, and the country has no figure")
    )
    gap_text = translate(gap_sentence, by_admin1=admin1_people_text, country=country_people_text)
    group_name = "" if gap_match["group"] == ALL else labels.label(gap_match["group"], translate.language)
    return f"{group_name[:1].lower()}{group_name[1:]} {gap_text}".strip()
