"""The ledger of reports against one worked out apart, and against what is known of the real file."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import recomputed_ledger as oracle
from form_2026 import ADULTS, DIFFER, NOBODY, TEN, at, of, write_2026
from rmrp_analysis.ledger import late_partners, presence_table
from rmrp_analysis.ledger.presence import presence_states
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import plan_lists

KEY = ["organisation", "country", "sector", "month"]


def differing(plan: Plan) -> dict[tuple[str, ...], tuple[str, str]]:
    """The reports whose state is another than the one worked out apart."""
    reports = plan.reports(period=f"{plan.months[0]}/{plan.months[-1]}")
    stated = {tuple(key): state for *key, state in reports[[*KEY, "state"]].itertuples(index=False, name=None)}
    expected = oracle.states(oracle.rows_of(plan), plan.months)
    assert stated.keys() == expected.keys()
    return {key: (stated[key], expected[key]) for key in stated if stated[key] != expected[key]}


def test_every_state_of_the_bundled_plan_is_the_one_worked_out_apart() -> None:
    small = load_plan(Path(__file__).parents[2] / "data" / "rmrp-2021")
    some = small.activities["country"].isin(["PER", "CUW", "MEX", "TTO"])
    assert differing(plan_of_rows(small, some)) == {}


def plan_of_rows(plan: Plan, some: "pd.Series[bool]") -> Plan:
    """A plan with these activities alone."""
    return replace(plan, activities=plan.activities[some], refused_activities=plan.refused_activities.iloc[:0])


def test_every_state_of_a_form_of_2026_is_the_one_worked_out_apart(tmp_path: Path) -> None:
    records = [
        TEN | {"month": "2026-01"},
        NOBODY | {"month": "2026-02", "total_monthly_beneficiaries": 40},
        DIFFER | {"month": "2026-03"},
        ADULTS | at("Colombia", "Antioquia") | of("Direct Assistance", "Education") | {"month": "2026-03"},
        NOBODY | {"month": "2026-04", "total_monthly_beneficiaries": 9},
    ]
    plan = load_plan(write_2026(tmp_path, *records))
    assert differing(plan) == {}
    assert {"counted", "not counted", "nobody new"} <= set(plan.reports()["state"])


@pytest.mark.real_data
def test_every_state_of_the_real_reports_is_the_one_worked_out_apart(real: Plan) -> None:
    assert differing(real) == {}
    counts = real.reports(period="2021-01/2021-05")["state"].value_counts()
    known = {"counted": 1964, "services": 360, "not counted": 254, "nobody new": 40, "empty": 31}
    known |= {"nothing here": 821, "not yet": 269, "country not in": 224, "late": 181, "missed": 62, "gone": 29}
    assert counts.to_dict() == known


@pytest.mark.real_data
def test_in_march_and_april_peru_did_not_fill_the_column_of_new_people(real: Plan) -> None:
    peru = real.reports().query("country == 'PER' and month in ['2021-03', '2021-04'] and assisted > 0")
    assert peru.groupby("month")["organisation"].nunique().to_list() == [23, 20]
    assert peru.groupby("month")[["assisted", "new"]].sum().to_numpy().tolist() == [[132_338, 0], [92_727, 0]]
    sheets = real.figures("all", "Peru", period="2021-03/2021-04")
    months = sheets[sheets["figure"] == "people_reached_by_month"]
    assert not ((months["value"] == 0) & (months["status"] == "known") & (months["assisted"] > 0)).any()
    zeros = months[months["value"] == 0]
    assert ((months["status"] == "not_counted").sum(), len(zeros)) == (26, 2)  # of 14 sheets in two months
    assert set(zeros["sector"]) == {"Human Trafficking & Smuggling", "Nutrition"}
    assert not (zeros["assisted"] > 0).any()


@pytest.mark.real_data
@pytest.mark.parametrize(("end", "least"), [("2021-03", 0.55), ("2021-04", 0.40)])
def test_of_partners_named_as_late_most_are_those_whose_report_was_taken(real: Plan, end: str, least: float) -> None:
    rows = real.rows[["organisation", "country", "sector", "month"]].astype("str").drop_duplicates()
    rows = rows[rows["month"] <= end]
    months, last = sorted(rows["month"].unique()), rows[rows["month"] == end]
    named, right, planted = 0, 0, 0
    for seed in range(6):
        chosen = last["organisation"].drop_duplicates().sort_values().sample(15, random_state=seed)
        country = last["country"].drop_duplicates().sort_values().sample(1, random_state=seed).iloc[0]
        is_taken = (rows["month"] == end) & (rows["organisation"].isin(chosen) | (rows["country"] == country))
        taken = set(rows.loc[is_taken, ["organisation", "country"]].itertuples(index=False, name=None))
        left = rows[~is_taken]
        partners = late_partners(presence_states(left, months))
        late = set(partners.index[partners["is_late"]])
        still_there = set(
            left.loc[left["month"] == end, ["organisation", "country"]].itertuples(index=False, name=None)
        )
        assert late.isdisjoint(still_there)
        for countries in [[*plan_lists().countries], *plan_lists().places.values()]:
            for sectors in ([*plan_lists().sectors], *([sector] for sector in plan_lists().sectors)):
                here = left[left["country"].isin(countries) & left["sector"].isin(sectors)]
                pairs = set(here[["organisation", "country"]].itertuples(index=False, name=None))
                told, gone = ({name for name, _ in pairs & some} for some in (late, taken))
                named, right, planted = named + len(told), right + len(told & gone), planted + len(gone)
    assert right >= least * named
    assert right >= 0.95 * planted


@pytest.mark.real_data
def test_no_sheet_names_a_partner_that_reported_from_there(real: Plan) -> None:
    states = late_partners(presence_table(real, real.months))
    there = real.rows.loc[real.rows["month"] == "2021-05", ["organisation", "country"]].astype("str").drop_duplicates()
    reported = pd.MultiIndex.from_frame(there)
    assert not states.loc[states.index.isin(reported), "is_late"].any()
    assert set(states.loc[states["is_late"] & ~states["is_country_in"]].index.get_level_values("country")) == {
        *("ARG", "BOL", "PAN", "PRY", "PER", "URY")
    }
