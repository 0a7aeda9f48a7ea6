"""Every number of a small plan is what it was, with what is said of it: for everybody, for the public, in sentences.

Figures that are added later do not fail. Where something is meant to move, write it anew with
``PYTHONPATH=tests:tests/fetch:tools python tests/figures/test_small_plan.py`` and ``pytest --snapshot-update``, read
the difference, and give the reason under Figures in CHANGELOG.md.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from syrupy.assertion import SnapshotAssertion

from rmrp_analysis.arguments import Period
from rmrp_analysis.plan import Selection
from rmrp_analysis.vocabulary import report_id
from small_plan import Case, cases
from traces import untraced

PINNED = Path(__file__).parent / "pinned"
CASES = cases()
KEY = ["report", "figure", "part", "month"]
FACTS = ["unit", "status", "reason", "caution", "rows", "source", "origin", "illustrative", "dimension", "kind"]
NUMBERS = ["value", "share_in_doubt", "assisted", "public", "public_assisted"]
CONTEXT = ("lost_people", "silence", "lacks", "people_to_date", "year_in_data", "cautions", "comparisons")
"""What follows from the rows of a sheet."""
OBJECTS = ("comparisons", "silence")
"""What has its facts one by one."""
MOST_LISTED = 12
"""Rows of a message."""


def table_of(case: Case, audience: str) -> pd.DataFrame:
    """The table of figures of a case, its sheets counted together and once."""
    period = Period.parse(case.period)
    rows = case.plan.rows_of_sheets(case.sheets, period=period, method=case.method, audience=audience)
    return pd.concat([rows[report_id(*sheet)] for sheet in case.sheets], ignore_index=True)


def numbers_of(case: Case) -> pd.DataFrame:
    """The table of figures of a case by ``KEY``: ``FACTS`` and ``NUMBERS``, exact and as the public sees them."""
    exact, public = (table_of(case, audience) for audience in ("internal", "public"))
    rows = exact.assign(
        public=public["value"], public_assisted=public["assisted"], status=exact["status"] + "/" + public["status"]
    )
    return rows.set_index(KEY)[[*FACTS, *NUMBERS]]


def read(name: str) -> pd.DataFrame:
    """The pinned numbers of a case, in the types of ``numbers_of``."""
    table = pd.read_csv(PINNED / f"{name}.csv.gz", dtype="str", keep_default_na=False).set_index(KEY)
    numbers = table[NUMBERS].apply(pd.to_numeric, errors="coerce")
    return table.assign(**numbers, rows=table["rows"].astype("int64"), illustrative=table["illustrative"].eq("True"))


@pytest.mark.parametrize("name", CASES)
def test_every_number_of_a_small_plan_is_what_it_was(name: str) -> None:
    pinned, now = read(name), numbers_of(CASES[name])
    assert not now.index.duplicated().any()
    new = now.index.difference(pinned.index)
    pinned_figures = set(pinned.index.get_level_values("figure"))
    assert not pinned_figures & set(new.get_level_values("figure")), f"new: {[*new[:MOST_LISTED]]}"
    same_rows = now.reindex(pinned.index)
    for column in [*FACTS, *NUMBERS]:
        was, now_is = pinned[column], same_rows[column]
        is_same = was.eq(now_is) | (was.isna() & now_is.isna())
        if column in NUMBERS:
            is_same |= (was - now_is).abs() <= 1e-9 * was.abs()
        moved = pd.DataFrame({"was": was, "now": now_is})[~is_same]
        assert moved.empty, f"{len(moved)} of {column} moved:\n{moved.head(MOST_LISTED).to_string()}"
    order = [*dict.fromkeys(pinned.index.droplevel("month"))]
    assert [key for key in dict.fromkeys(now.index.droplevel("month")) if key in set(order)] == order


def selections_of(case: Case) -> Iterator[Selection]:
    """The sheets of a case, one by one."""
    for sector, place, organisation in case.sheets:
        choices = {"place": place, "organisation": organisation, "period": case.period, "method": case.method}
        yield case.plan.select(sector, **choices)


def context_of(selection: Selection, audience: str) -> dict[str, Any]:
    """What follows from the rows of a sheet, without sectors that have no money."""
    sheet = selection.key_figures(audience)
    facts = {name: getattr(sheet, name) for name in CONTEXT} | vars(sheet.comparisons) | vars(sheet.silence)
    facts["cautions"] = [{name: fact for name, fact in vars(each).items() if fact} for each in sheet.cautions]
    money = {
        kind: {sector: usd for sector, usd in some.items() if usd} for kind, some in facts["money_by_sector"].items()
    }
    return {name: fact for name, fact in (facts | {"money_by_sector": money}).items() if name not in OBJECTS}


@pytest.mark.parametrize("name", ["2021", "2022"])
def test_what_follows_from_the_rows_of_a_sheet_is_what_it_was(name: str, snapshot: SnapshotAssertion) -> None:
    table_of(CASES[name], "internal")
    sheets = {}
    for selection in selections_of(CASES[name]):
        exact, public = (context_of(selection, audience) for audience in ("internal", "public"))
        sheets[selection.key_figures().report] = exact
        exact["public"] = {fact: public[fact] for fact in public if public[fact] != exact[fact]}
    assert sheets == snapshot


TRACED = (
    ("2021", ("Intersector", "Southern Cone", "")),
    ("2021", ("Health", "region", "IOM")),
    ("money in totals", ("WASH", "Peru", "")),
    ("2022", ("Intersector", "Peru", "")),
)


@pytest.mark.parametrize(("name", "sheet"), TRACED)
def test_a_trace_of_a_small_plan_adds_up_or_says_why_not(name: str, sheet: tuple[str, str, str]) -> None:
    case = CASES[name]
    table_of(case, "internal")
    (selection,) = (each for each in selections_of(case) if each.sheets.selected == [sheet])
    assert [*untraced(selection)] == []


def test_money_that_names_two_places_in_full_leads_to_the_place_of_the_sheet_alone() -> None:
    """Of 6 dollars in Colombia and as many in Peru, the same ones: the flow has entries for each pair of them."""
    (selection,) = (
        each for each in selections_of(CASES["2021"]) if each.sheets.selected == [("Intersector", "Peru", "")]
    )
    rows = selection.trace("funding_usd_by_country")
    assert rows.groupby("part")["contribution"].sum().to_dict() == {"PER": 500 + 6}


def test_main_figures_are_those_that_are_added_up_by_hand() -> None:
    value = table_of(CASES["2021"], "internal").set_index(["report", "figure", "part"])["value"]
    peru, colombia, chile, argentina = 100 + 30.5 + 0.1 + 0.2 + 7, 600 + 700 + 20, 1500 + 40, 25 + 80
    health = peru + colombia + chile + argentina + 20  # in Mexico 20, and 33 of an indicator that is in no list
    assert value["health", "people_reached", ""] == pytest.approx(health)
    by_country = [("health.southern-cone", "people_reached_by_country", "ARG"), ("health.peru", "people_reached", "")]
    assert [value[key] for key in by_country] == pytest.approx([argentina, peru])
    in_transit = 40 + 0.1 + 10
    assert value["health", "people_to_reach", ""] == pytest.approx(4_000 - (health - in_transit))
    lima, tumbes = 100 + 12 + 7, 30.5 + 0.2 + 0.1 + 0.3  # by month the larger of Health and WASH; 12 of no admin1
    assert value["intersector.peru", "people_reached", ""] == pytest.approx(lima + tumbes)
    assert value["health", "funding_usd", ""] == pytest.approx(500 + 70 + 30 + 15)
    assert value["wash", "funding_usd", ""] == 10 + 6
    assert (value["health", "donors", ""], value["health", "funded_organisations", ""]) == (3, 2)
    assert (value["health", "reporting_partners", ""], value["health", "partners_last_month", ""]) == (4, 4)


if __name__ == "__main__":
    for name, case in CASES.items():
        numbers_of(case).to_csv(
            PINNED / f"{name}.csv.gz",
            float_format="%.15g",
            lineterminator="\n",
            compression={"method": "gzip", "mtime": 0},
        )
