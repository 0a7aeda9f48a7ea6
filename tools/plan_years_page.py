"""Prints ``docs/plan-years.md`` from the files of the plan years: ``make words`` does, too."""

from collections.abc import Iterator
from pathlib import Path

from rmrp_analysis.quality import CHECK_BY_NAME
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import PlanYear, fts_plans, plan_years

PAGE = Path(__file__).parents[1] / "docs" / "plan-years.md"
OPENING = """# Plan years

What each plan of {term}`R4V` ({term}`RMRP`) reports and checks in its own way. One file declares a year:
`src/rmrp_analysis/packs/r4v/plan_years/<year>.yml`. This page is printed from these files
(`python tools/plan_years_page.py`).

Each year also has checks that R4V does not make: repeats, outliers, names spelled two ways, contact details and more.
`rmrp check` makes them all; R4V's own name stands in the column `r4v_check` of `quality.csv`.

## Add a year

1. Write `plan_years/2027.yml`: `like: 2026`, `name` (and `name_in`, in Spanish and Portuguese), and `fts` with the
   plan's id, code, requirement and names at FTS. What the year says itself stands in place of what the other year says.
2. Run `make words`: this page gets a section.
3. Copy `tests/plan_years/test_2026.py`, and change what is not so any more.

A form with other field names needs rows in `packs/r4v/headers.csv`.

| field | says |
|---|---|
| `indicator_types` | R4V's words for each {term}`indicator type`, and what it is here: people in need, people, other |
| `columns_not_reported` | columns of [activities](columns.md) that the form does not have |
| `age_gender_groups` | the groups of {term}`age and gender` that the form has |
| `new_beneficiaries` | `reported`, or the rule that they are derived by |
| `consolidation` | the rule by which the year applies each {term}`consolidation model` of all sectors together |
| `delivery_mechanisms` | how cash and vouchers may be handed over, where R4V checks that |
| `checks` | our check (of `quality/checks.csv`), and R4V's name for it, or two; empty where R4V does not make it |
| `empty_is_0` | whether R4V's scripts of the year read an empty number as 0 |
"""
REFUSED = {"empty": "A row whose {} is empty is not used.", "refused": "A row whose {} is not known is not used."}
NEW_BENEFICIARIES = {
    "reported": "They are reported.",
    "groups_that_agree": (
        "The form does not ask for them. For people assisted they are the sum of the population groups where the age "
        "and gender groups add up to the same (`groups_that_agree`); where no group is filled, both sums are 0. Where"
        " the sums differ they are not known, and not 0: nobody is counted, and the sheet says how many people are "
        "left out, by the larger sum. Other indicators have none: of people trained the total of the month counts. "
        "`rmrp check` names the rows. The repairs `new_from_population_groups` and `new_from_age_gender` choose one "
        "of the sums where a parameter file declares them. ActivityInfo's own sums are compared, and never used."
    ),
}
"""What is said of a rule for new beneficiaries; a new rule needs a sentence here."""


def page() -> str:
    """The whole page."""
    return "\n".join((OPENING, *("\n".join(_section(year)) for year in plan_years().values()), *_checks(), ""))


def _section(year: PlanYear) -> Iterator[str]:
    yield f"## {year.year}\n"
    yield f"{year.name}. Plan {year.fts_plan_id} at FTS ({fts_plans()[year.year].code}).\n"
    yield f"**New beneficiaries.** {NEW_BENEFICIARIES[year.new_beneficiaries]}\n"
    columns = Activities.source_columns
    absent = ", ".join(sorted(f"`{name}`" for name in year.columns_not_reported if name in columns))
    yield f"**Columns that the form does not have**: {absent}.\n"
    yield f"**Age and gender**: {', '.join(year.age_gender_groups)}.\n"
    words: dict[str, list[str]] = {}
    for word, ours in year.indicator_types.items():
        words.setdefault(ours, []).append(word)
    types = (f"{', '.join(theirs)} ({ours})" for ours, theirs in words.items())
    yield f"**Indicator types**: {'; '.join(types)}.\n"
    if year.delivery_mechanisms:
        yield f"**Delivery mechanisms**: {'; '.join(year.delivery_mechanisms)}.\n"


def _checks() -> Iterator[str]:
    yield "## Checks of R4V\n"
    yield "| our check | finds | R4V's name |\n|---|---|---|"
    names: dict[str, dict[str, list[int]]] = {}
    for year in plan_years().values():
        for check, r4v_name in year.checks.items():
            names.setdefault(check, {}).setdefault(r4v_name or "–", []).append(year.year)
    for check, years_of in sorted(names.items(), key=lambda pair: (pair[0] not in CHECK_BY_NAME, pair[0])):
        fault, _, column = check.partition("_")
        ours = f"`{check}`" if check in CHECK_BY_NAME else "refused"
        sentence = CHECK_BY_NAME[check].sentence if check in CHECK_BY_NAME else REFUSED[fault].format(column)
        r4v = (
            f"{name} ({'–'.join(map(str, dict.fromkeys((years[0], years[-1]))))})" for name, years in years_of.items()
        )
        yield f"| {ours} | {sentence} | {'; '.join(r4v)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
