"""Alarms ring for money that cannot well be true, and stay silent for what is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import flow, flows, plan, planning
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.sources import Source
from rmrp_analysis.tables import FundingTotals
from rmrp_analysis.vocabulary import NOT_SPECIFIED, OVERLAP_PART, SHARED_PART

COLUMNS = list(FundingTotals.columns)
NOTHING = {"plan_id": "944", "plan_name": "RMRP 2020", "plan_year": "2020", "grouped_by": "country", "fts_id": ""}


def totals(*rows: tuple[str, float | None, float | None], **columns: Any) -> pd.DataFrame:
    """Totals as ``(part, requirement, funding)``."""
    rows_of_totals = [
        {
            **dict.fromkeys(COLUMNS), **NOTHING, "source_file": "hdx.csv", "source_line": line, "part": part,
            "fts_name": part, "requirement_usd": requirement, "funding_usd": funding, **columns,
        }
        for line, (part, requirement, funding) in enumerate(rows, start=2)
    ]  # fmt: skip
    dollars = dict.fromkeys([name for name in COLUMNS if name.endswith("_usd")], "float64")
    return pd.DataFrame(rows_of_totals, columns=COLUMNS).astype(dollars)


def checks(table: pd.DataFrame | None = None, **changes: Any) -> list[tuple[str, int]]:
    """The names of the checks that find something in a plan with these totals."""
    small_plan = plan(**{name: changes.pop(name) for name in ("planning", "flows") if name in changes})
    faults = money_findings(replace(small_plan, funding_totals=table, **changes))
    return list(zip(faults["check"], faults["line"], strict=True))


def test_one_requirement_thrice_is_found_and_each_is_held_against_its_own_plan() -> None:
    rows = [("ARG", 5.0, 1.0), ("BOL", 59.0, 1.0), ("COL", 59.0, 1.0), ("PER", 59.0, 1.0)]
    lines = [line for check, line in checks(totals(*rows)) if check == "same_requirement_repeated"]
    assert lines == [3, 4, 5]
    rows = [("COL", 1_407_580_167.0, 1.0), ("PER", 5.0, 1.0)]
    assert ("same_requirement_repeated", 2) in checks(totals(*rows))
    rows = [("Health", country, "all", "requirement_usd", 59) for country in ("BOL", "COL", "PER")]
    assert [line for _, line in checks(planning=planning(*rows))] == [2, 3, 4]
    several = [totals(("COL", 59.0, 1.0), plan_id=str(plan_id)) for plan_id in (1, 2, 3)]
    assert "same_requirement_repeated" not in dict(checks(pd.concat(several)))
    unnamed = {"plan_id": "", "plan_name": "", "grouped_by": "sector"}
    rows = [("Health", 5.0, 1.0), ("WASH", 4.0, 1.0)]
    whole = totals(("all", 9.0, 2.0), **(unnamed | {"grouped_by": "plan"}))
    assert checks(pd.concat([totals(*rows, **unnamed), whole])) == []
    faults = money_findings(replace(plan(), funding_totals=pd.concat([totals(rows[0], **unnamed), whole])))
    assert faults["value"].to_list() == ["5 by sector, -4"]


@pytest.mark.parametrize("amount", [59.0, 0.0, None])
def test_one_requirement_in_two_countries_or_none_in_three_is_no_alarm(amount: float | None) -> None:
    rows = [("BOL", amount, 1.0), ("COL", amount, 1.0), ("PER", 0.0 if amount is None else 7.0, 1.0)]
    table = totals(*rows)
    assert "same_requirement_repeated" not in dict(checks(pd.concat([table, table.assign(source_file="copy.csv")])))


@pytest.mark.parametrize(
    ("requirement", "severity"), [(1_407_580_167.0, []), (1_407_580_168.0, []), (9.0, ["warning"]), (2e9, ["error"])]
)
def test_requirements_that_do_not_make_the_plan_are_found(requirement: float, severity: list[str]) -> None:
    faults = money_findings(replace(plan(), funding_totals=totals(("COL", requirement, 1.0))))
    assert faults.loc[faults["check"] == "requirements_unlike_plan", "severity"].to_list() == severity
    whole = totals(("all", requirement, 1.0), grouped_by="plan")  # what the file says of the plan comes first
    assert checks(pd.concat([totals(("COL", requirement, 1.0)), whole])) == []


@pytest.mark.parametrize(
    ("requirement", "funding", "alarm"),
    [(10.0, 15.0, False), (10.0, 15.1, True), (0.0, 99.0, False), (None, 99.0, False), (10.0, None, False)],
)
def test_coverage_above_one_and_a_half_is_found(requirement: float | None, funding: float | None, alarm: bool) -> None:
    table = totals(("COL", requirement, funding), plan_id="77")
    assert ("coverage_above_150" in dict(checks(table))) is alarm


def test_errors_stand_first_and_money_of_no_single_part_has_no_coverage() -> None:
    rows = [("COL", 59.0, 99.0), ("PER", 59.0, 99.0), ("ECU", 59.0, 1.0), ("BOL", 1.0, 9.0)]
    rows += [(SHARED_PART, 2.0, 9.0), (OVERLAP_PART, 3.0, 9.0), (NOT_SPECIFIED, 4.0, 9.0)]
    table = totals(*rows, plan_id="77")
    upside_down = pd.concat([table, table.assign(source_file="a.csv")])[::-1]
    faults = money_findings(replace(plan(), funding_totals=upside_down))
    lines = {"same_requirement_repeated": (2, 3, 4), "coverage_above_150": (2, 3, 5)}
    expected = [[check, file, line] for check in lines for file in ("a.csv", "hdx.csv") for line in lines[check]]
    assert faults[["check", "file", "line"]].to_numpy().tolist() == expected


def test_flows_into_two_plans_or_unlike_totals_are_found() -> None:
    requirements = planning(
        ("Health", "region", "all", "requirement_usd", 10), ("WASH", "region", "all", "requirement_usd", 10)
    )
    money = flows(flow(16, destination_sectors=("Health",)), flow(15, destination_sectors=("WASH",)))
    assert checks(planning=requirements, flows=money) == [("coverage_above_150", 2)]
    money = flows(flow(5, destination_plans=("1021", "1029")), flow(5, destination_plans=("944", "1029")))
    assert checks(flows=money) == [("flow_of_several_plans", 1)]
    money = flows(flow(5, destination_countries=("COL",)), flow(3, destination_countries=("PER",)))
    own = totals(("COL", None, 5.0), ("PER", None, 9.0), (OVERLAP_PART, None, -2.0), plan_id="1021")
    assert checks(own, flows=money) == [("totals_unlike_flows", 3)]
    by_id = {"destination_clusters": ("5520",), "destination_locations": ("177",), "destination_countries": ("PER",)}
    rows = [("Health", "cluster", "5520"), ("PER", "country", "177"), ("WASH", "cluster", "1")]
    tables = [totals((part, None, 9.0), plan_id="1021", grouped_by=by, fts_id=fts_id) for part, by, fts_id in rows]
    assert checks(pd.concat(tables), flows=flows(flow(9, **by_id))) == [("totals_unlike_flows", 2)]


@pytest.mark.parametrize(("as_of", "alarm"), [("2021-08-09", False), ("", True), ("mid-2022", True)])
def test_money_without_its_date_is_found(as_of: str, alarm: bool) -> None:
    funding = Source(file="y.csv", producer="OCHA FTS", as_of=as_of)
    faults = money_findings(replace(plan(), sources={"funding": funding, "planning": funding}))
    assert faults[["file", "column", "check"]].to_numpy().tolist() == [
        ["sources.yml", f"{name}.as_of", "as_of_missing"] for name in ("funding", "planning") if alarm
    ]


def test_money_in_a_sector_that_has_no_sheet_is_found() -> None:
    money = flows(
        flow(5, destination_sectors=("COVID-19",)), flow(5), flow(5, destination_sectors=("Health", "COVID-19"))
    )
    assert checks(flows=money) == [("unknown_sector", 1)]
    own = totals(("COVID-19", None, 5.0), ("Agriculture", 9.0, None), plan_id="1021", grouped_by="sector")
    assert ("unknown_sector", 2) in checks(own)
    assert ("unknown_sector", 3) not in checks(own)


def test_a_good_plan_rings_no_alarm() -> None:
    assert money_findings(plan()).empty


@pytest.mark.real_data
def test_the_one_plan_with_repeated_requirements_is_that_of_2020(shared_data: Path) -> None:
    name = "RMRP2019-2026_hdx_fts_requirements_funding_by-country_asof-2026-04-17.csv"
    table = load_funding([shared_data / "fts" / name]).totals.table
    faults = money_findings(replace(plan(), funding_totals=table))
    named = table.set_index("source_line")
    repeated = faults[faults["check"] == "same_requirement_repeated"]
    assert len(repeated) == 13
    assert set(named.loc[repeated["line"], "plan_id"]) == {"944"}
    assert repeated["value"].unique().tolist() == ["59,659,922 in 13 countries (plan 944)"]
    overfunded = named.loc[faults.loc[faults["check"] == "coverage_above_150", "line"]]
    assert sorted(overfunded.loc[overfunded["plan_id"] == "944", "part"]) == ["COL", "ECU"]
