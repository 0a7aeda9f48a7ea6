"""Named checks on planning: where the admin1 of a country do not make its own figures; nothing is changed."""

import pandas as pd

from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.money import FINDING_COLUMNS
from rmrp_analysis.words import N_

MAX_ROUNDING_GAP_SHARE = 0.01
"""By this share of a country's figure its admin1 may miss it because they were rounded."""

MIN_PEOPLE_GAP = 0.5
"""A smaller gap, in people, is no difference."""
WITHOUT_ADMIN1_CHECK, UNLIKE_COUNTRY_CHECK = PLANNING_CHECKS = ("planned_without_admin1", "admin1_unlike_country")
"""What is planned for whole countries alone, or rounded by admin1; and what does not add up."""

ADMIN1_SUM_RULE = N_("admin1 that add up to the figure of their country")
"""What would be right where admin1 do not make their country."""
PLANNED_KEY_COLUMNS = ["scope", "sector", "measure"]
"""The columns that tell planned figures apart, without their groups and admin1."""


def planning_findings(plan: Plan) -> pd.DataFrame:
    """Return one row a country, sector and measure whose admin1 do not make it, in the columns of the loaders' faults.

    ``people`` are those by which the two differ in each population group: they are in the figure of the country and in
    no admin1's, or the other way round. A note where a plan gives groups for the country alone, or rounds its admin1;
    a warning where admin1 are left out, exceed their country, or have none. Countries without admin1 are not looked at.
    """
    if plan.planned_places.empty:
        return pd.DataFrame(columns=list(FINDING_COLUMNS))
    admin1_figure_table, country_figure_table = (
        planning_rows.groupby([*PLANNED_KEY_COLUMNS, "population_group"], as_index=False).agg(
            people=("value", "sum"), file=("source_file", "first"), line=("source_line", "first")
        )
        for planning_rows in (plan.planned_places, plan.planning)
    )
    country_figure_table = country_figure_table.merge(admin1_figure_table[PLANNED_KEY_COLUMNS].drop_duplicates())
    group_figure_rows = country_figure_table.merge(
        admin1_figure_table, "outer", on=[*PLANNED_KEY_COLUMNS, "population_group"], suffixes=("", "_by_admin1")
    )
    group_figure_rows = group_figure_rows.fillna({"people_by_admin1": 0.0}).assign(
        file=group_figure_rows["file"].fillna(group_figure_rows["file_by_admin1"]),
        line=group_figure_rows["line"].fillna(group_figure_rows["line_by_admin1"]),
    )
    group_figure_rows["gap"] = (group_figure_rows["people"].fillna(0.0) - group_figure_rows["people_by_admin1"]).abs()
    group_figure_rows["rounded"] = group_figure_rows["gap"] <= MAX_ROUNDING_GAP_SHARE * group_figure_rows[
        "people"
    ].fillna(0.0)
    group_figure_rows["doubtful"] = (group_figure_rows["people_by_admin1"] > 0) & ~group_figure_rows["rounded"]
    group_figure_rows = group_figure_rows[group_figure_rows["gap"] >= MIN_PEOPLE_GAP]
    group_figure_triples = group_figure_rows[["population_group", "people_by_admin1", "people"]].itertuples(index=False)
    group_figure_rows["in_words"] = [
        f"{group} {admin1_people_count:,.0f} by admin1, "
        f"{'no figure' if pd.isna(country_people_count) else f'{country_people_count:,.0f}'} of the country"
        for group, admin1_people_count, country_people_count in group_figure_triples
    ]
    finding_dicts = [
        {
            "file": planning_rows["file"].iloc[0],
            "line": int(planning_rows["line"].iloc[0]),
            "column": measure,
            "check": UNLIKE_COUNTRY_CHECK if planning_rows["doubtful"].any() else WITHOUT_ADMIN1_CHECK,
            "severity": "warning" if planning_rows["doubtful"].any() else "note",
            "value": f"{country}, {sector}: {'; '.join(planning_rows['in_words'])}",
            "allowed": ADMIN1_SUM_RULE,
            "people": float(planning_rows["gap"].sum()),
        }
        for (country, sector, measure), planning_rows in group_figure_rows.groupby(PLANNED_KEY_COLUMNS)
    ]
    finding_table = pd.DataFrame(finding_dicts, columns=list(FINDING_COLUMNS))
    return finding_table.sort_values(["people", "file", "line"], ascending=[False, True, True], ignore_index=True)
