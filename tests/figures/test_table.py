"""The table of figures: of all sheets at once as of each alone, whatever the order of rows, with what is true of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from conftest import activities, drawn, flow, flows, plan, planning
from rmrp_analysis import figures
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, fill_context
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import NOT_SPECIFIED

MONTHS = ("2021-01", "2021-02")
CELLS: dict[str, Sequence[Any]] = {
    "sector": ("Health", "WASH", "Gender-Based Violence", "Common Services"),
    "country": ("PER", "ARG", "BOL", "Regional"), "place": ("", "A", "B"), "month": MONTHS,
    "appealing_organisation": ("IOM", "iom", "NRC", "CARE"),
    "implementing_partner": ("", "Aldeas", "Cáritas", "CARITAS "), "indicator": ("consultations", "vaccinations"),
    "indicator_type": (*["people in need"] * 6, "people", "unknown"), "cva": ("Yes", "No"),
    "new_beneficiaries": (0.0, 0.1, 7.0, 40.0, 1200.0), "total_monthly_beneficiaries": (40.0, 1200.0),
    "in_destination": range(31), "in_transit": range(6), "women": range(31),
}  # fmt: skip
DRAWN = {"sum": 60, "max_sector": 12, "max_age_gender": 90, "southern_cone": 8}
"""How many reports are drawn for each model."""
SHEETS = [
    *product(["Health", "WASH", "Intersector"], ["region", "Southern Cone", "Peru"], [""]),
    ("Common Services", "region", ""),
    *product(["Health", "Intersector"], ["BOL"], ["IOM", "NRC"]),
]
MANY_SHEETS = [*SHEETS, ("Health", "ARG", ""), ("Health", "BOL", ""), ("WASH", "BOL", "")]
MADE_OF_ROWS = ("people_reached", "activities", "funding_usd")


def small(reports: dict[str, list[Any]]) -> Plan:
    """A plan of reports, with what is planned for Health and money for several sectors and places."""
    planned = planning(
        *(("Health", place, "all", "target", 80.0) for place in ("region", "Peru", "ARG", "BOL")),
        ("Health", "region", "in_transit", "target", 5.0),
        ("Health", "region", "all", "requirement_usd", 900.0),
        ("all", "region", "all", "people_in_need", 4_000.0),
    )
    ends = {"source_organisations": ("1",), "source_organisation_names": ("USA",)}
    ends |= {"destination_organisations": ("2",), "destination_organisation_names": ("IOM",)}
    money = flows(
        flow(10, destination_sectors=("Health",), destination_countries=("PER",), **ends),
        flow(20, destination_sectors=("Health",), destination_countries=("ARG", "BOL"), **ends),
        flow(40, destination_sectors=("Health", "WASH"), destination_countries=("BOL",)),
        flow(5, source_plans=("1021",), destination_sectors=("WASH",), destination_countries=("ARG",)),
        flow(80),
    )
    return plan(activities(**reports, admin1=reports["place"]), planned, money)


def table_of(plan: Plan, sheets: Sequence[tuple[str, str, str]], model: str = "max_sector") -> pd.DataFrame:
    reporting = {name for _, _, name in sheets} & set(plan.organisations)
    own = [sheet for sheet in sheets if sheet[2] in {"", *reporting}]
    method = Method.model_validate({"intersector_model": model})
    return figures.table(plan.sheets(own, period=plan.whole_year, method=method))


@dataclass(frozen=True)
class Counted:
    """Reports that were drawn, and the table of figures under a model."""

    model: str
    reports: dict[str, list[Any]]
    plan: Plan
    rows: pd.DataFrame


@pytest.fixture(scope="module", params=DRAWN)
def counted(request: pytest.FixtureRequest) -> Counted:
    """The sheets of reports, counted once for what must hold of them."""
    model = request.param
    reports = drawn(DRAWN[model], DRAWN[model], **CELLS)
    made = small(reports)
    return Counted(model, reports, made, table_of(made, MANY_SHEETS, model))


def test_parts_with_what_is_not_specified_make_each_total(counted: Counted) -> None:
    rows, model = counted.rows, counted.model
    totals = rows[rows["dimension"] == ""].set_index(["report", "figure"])["value"]
    reasons = rows[rows["dimension"] == ""].set_index(["report", "figure"])["reason"]
    checked, apart = set(), {"people_reached_by_model", *(["people_reached_by_sector"] if model != "sum" else [])}
    for (report, name), parts in rows[rows["figure"].isin(BREAKDOWNS)].groupby(["report", "figure"]):
        breakdown = BREAKDOWNS[name]
        total = totals[report, breakdown.figure.removeprefix("plan_")]
        if breakdown.figure not in MADE_OF_ROWS or name in apart:
            continue
        if {"left_out", "groups_exceed", "not_counted"} & {*parts["reason"], reasons[report, "people_reached"]}:
            continue  # what is hidden of a part is in the total, and the other way round
        if parts["reason"].isin(["not_kept"]).all() or np.isnan(total):
            assert parts["value"].isna().all(), name
        else:
            assert parts["value"].sum() == pytest.approx(total, abs=1e-5), (report, name)
            checked.add(name)
    assert {"people_reached_by_platform", "people_reached_by_month", "funding_usd_by_donor"} <= checked


def test_a_sheet_among_others_is_the_sheet_alone(counted: Counted) -> None:
    among_others = [*counted.rows.groupby("report", sort=False)]
    for report, rows in among_others[[*DRAWN].index(counted.model) :: len(DRAWN)]:
        sheet = tuple(rows.iloc[0][["sector", "place", "organisation"]])
        alone = table_of(counted.plan, [sheet], counted.model)
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), alone, obj=str(report))


def test_the_order_of_rows_shows_in_no_number(counted: Counted) -> None:
    order = np.random.default_rng(1).permutation(DRAWN[counted.model])
    shuffled = small({name: [cells[at] for at in order] for name, cells in counted.reports.items()})
    other = table_of(shuffled, MANY_SHEETS, counted.model)
    pd.testing.assert_frame_equal(counted.rows, other, check_exact=True)
    for months in (MONTHS, MONTHS[::-1]):
        reports = activities(new_beneficiaries=[40.0, 40.0], month=list(months))
        made = plan(reports).select("Health")
        rows = made.table().set_index("figure")
        assert rows.loc["largest_report", "part"].to_list() == [*MONTHS]
        doubtful = replace(made.key_figures(), rows=made.table().assign(caution="one_report"))
        assert fill_context(doubtful).cautions[0].months == (MONTHS[0],)


def test_the_same_people_have_the_same_key_wherever_they_are_counted(counted: Counted) -> None:
    keys = counted.rows.set_index(["sector", "place", "organisation", "figure", "part"])["key"]
    for sector in ("Health", "WASH"):
        for place in ("region", "Southern Cone", "Peru"):
            own = keys[sector, place, "", "people_reached", ""]
            assert keys["Intersector", place, "", "people_reached_by_sector", sector] == own
        for part in ("Peru", "Southern Cone"):
            own = keys[sector, part, "", "people_reached", ""]
            assert keys[sector, "region", "", "people_reached_by_platform", part] == own
    assert (
        keys["Health", "Southern Cone", "", "people_reached_by_country", "BOL"]
        == keys["Health", "BOL", "", "people_reached", ""]
    )


def test_people_of_one_sector_have_one_key_on_all_sheets_and_groups_of_some_others() -> None:
    only = activities(new_beneficiaries=[7.0, 40.0], women=[7.0, 39.0], in_destination=[7.0, 40.0])
    plan = replace(small(REPORT_OF_NOBODY), activities=only.astype({"sector": "category"}))
    rows = table_of(plan, [("Health", "region", ""), ("Intersector", "region", ""), ("Health", "region", "IOM")])
    groups = ["people_reached_by_age_gender", "people_reached_by_population_group"]
    people = rows[rows["figure"].isin(["people_reached", *groups])]
    by_part = people.groupby(["figure", "part"])["key"].unique()
    assert all(len(keys) == 1 for keys in by_part)  # on all three sheets
    assert by_part["people_reached_by_age_gender", "women"] != by_part["people_reached", ""]
    assert by_part["people_reached_by_population_group", "in_destination"] == by_part["people_reached", ""]  # everybody


REPORT_OF_NOBODY = {"sector": ["Health"], "country": ["PER"], "place": [""], "month": [MONTHS[0]]}


def test_a_number_and_its_share_are_in_doubt_as_half_of_it_is() -> None:
    """Peru and Chile are one report each; the three of Colombia are well."""
    planned = planning(("Health", "region", "all", "target", 10_000), ("Health", "Colombia", "all", "target", 10_000))
    countries = ["PER", "CHL", "COL", "COL", "COL"]

    def of(*people: float) -> pd.DataFrame:
        reports = activities(country=countries, new_beneficiaries=list(people))
        rows = table_of(plan(reports, planned), [*product(["Health", "Intersector"], ["region", "Colombia"], [""])])
        return rows.set_index(["sector", "place", "figure", "part"])[["caution", "share_in_doubt"]].sort_index()

    rows, half = of(2_000, 2_000, 600, 600, 600), 4_000 / 5_800
    for sector, figure, part in (
        ("Health", "people_reached", ""),
        ("Health", "target_coverage", ""),
        ("Intersector", "people_reached", ""),
    ):
        assert rows.loc[(sector, "region", figure, part)].to_list() == ["mostly_in_doubt", pytest.approx(half)]
    by_platform = rows.loc[("Health", "region", "people_reached_by_platform")]
    assert by_platform["caution"][["Peru", "Chile", "Colombia"]].to_list() == ["one_report", "one_report", ""]
    assert by_platform["share_in_doubt"][["Peru", "Chile", "Colombia", "Brazil"]].to_list() == [1, 1, 0, 0]
    assert rows.loc[("Intersector", "region", "people_reached_by_sector", "Health"), "caution"] == "mostly_in_doubt"
    assert rows.loc[("Health", "Colombia", "target_coverage", "")].to_list() == ["", 0]

    rows = of(2_000, 2_000, 2_000, 2_000, 2_000)
    assert rows.loc[("Health", "region", "people_reached", "")].to_list() == ["", pytest.approx(4_000 / 10_000)]


def test_each_number_has_a_status_and_the_unknown_its_reason() -> None:
    planned = planning(("Health", "region", "all", "target", 10))
    health = plan(activities(country="PER", new_beneficiaries=[5.0], in_destination=[5.0]), planned)
    rows = table_of(health, [("Health", "region", ""), ("Health", "Peru", ""), ("WASH", "region", "")])
    found = rows.set_index(["sector", "place", "figure", "part"])[["status", "reason"]].sort_index()
    by_platform, by_group = "people_reached_by_platform", "people_reached_by_population_group"
    expected = {
        ("Health", "region", "people_reached", ""): ("known", ""),
        ("Health", "region", by_platform, "Peru"): ("known", ""),
        ("Health", "region", by_platform, "Chile"): ("not_reported", "no_report"),
        ("Health", "region", "people_reached_by_month", "2021-02"): ("not_reported", "no_report"),
        ("Health", "region", by_group, "in_transit"): ("known", ""),
        ("Health", "region", "people_in_need", ""): ("not_planned", "not_in_plan"),
        ("Health", "region", "target_coverage", ""): ("known", ""),
        ("Health", "region", "need_coverage", ""): ("not_known", "no_denominator"),
        ("Health", "Peru", "target", ""): ("not_planned", "not_in_plan"),
        ("WASH", "region", "people_reached", ""): ("not_reported", "no_report"),
        ("WASH", "region", by_group, "in_transit"): ("not_reported", "no_report"),
        ("WASH", "region", by_group, NOT_SPECIFIED): ("not_reported", "no_report"),
    }
    assert {key: tuple(found.loc[key]) for key in expected} == expected
    assert (rows["value"].isna() == (rows["reason"] != "")).all()
    assert ((rows["status"] == "known") == rows["value"].notna()).all()


def test_money_that_was_not_given_to_a_place_is_none_and_not_unknown() -> None:
    to_peru = {"destination_sectors": ("Health",), "destination_countries": ("PER",)}
    rows = table_of(plan(activities(), flows=flows(flow(70, **to_peru))), [("Health", "region", "")])
    money = rows[rows["figure"] == "funding_usd_by_platform"].set_index("part")
    assert (money["status"] == "known").all()
    assert money["value"].sum() == money["value"]["Peru"] == 70


def test_of_people_whom_a_model_does_not_see_no_group_is_known() -> None:
    of_2022 = plan(activities(new_beneficiaries=[9.0], in_destination=[9.0], month="2022-01"), year=2022)
    rows = table_of(of_2022, [("Intersector", "region", "")]).set_index("figure")
    for by in ("population_group", "age_gender"):
        assert set(rows.loc[f"people_reached_by_{by}", "reason"]) == {"no_proportions"}
    models = rows.loc["people_reached_by_model"].set_index("part")["value"]
    assert models.dropna().to_dict() == {"sum": 9, "max_age_gender": 0, "lower_bound": 9}


def test_every_figure_stands_on_every_sheet_and_no_breakdown_without_a_part() -> None:
    rows = table_of(small(REPORT_OF_NOBODY), SHEETS)
    single = rows[rows["dimension"] == ""]
    assert single.groupby("report")["figure"].agg(set).map(lambda names: set(FIGURES) <= names).all()
    assert not rows.duplicated(["report", "figure", "part"]).any()


def test_figures_alone_are_those_of_the_whole_table_without_a_part() -> None:
    made = small(REPORT_OF_NOBODY)
    sheets = made.sheets(
        [("Health", "region", ""), ("Intersector", "Peru", "")], period=made.whole_year, method=Method()
    )
    every, alone = (figures.table(sheets, only_figures=only_figures) for only_figures in (False, True))
    assert set(alone["kind"]) == {"figure", "unpublished"}
    is_figure = every["kind"] == "figure"
    pd.testing.assert_frame_equal(
        alone[alone["kind"] == "figure"].reset_index(drop=True), every[is_figure].reset_index(drop=True)
    )


def test_a_plan_gives_the_figures_of_many_sheets_as_one_table() -> None:
    made = plan(activities(country=["PER", "CHL"], sector=["Health", "WASH"], new_beneficiaries=[3, 40]))
    table = made.figures("all", ["region", "Chile"], ["", "IOM"])
    assert not table.duplicated(["sector", "place", "organisation", "figure", "part"]).any()
    assert set(table["figure"]) <= {*FIGURES, *BREAKDOWNS}
    for sector, place, who in [("Intersector", "region", ""), ("WASH", "Chile", made.organisation_named("IOM"))]:
        own = table[(table["sector"] == sector) & (table["place"] == place) & (table["organisation"] == who)]
        figures = own[own["dimension"] == ""].set_index("figure")["value"].rename_axis(None)
        expected = made.select(sector, place=place, organisation=who).figures()["value"]
        pd.testing.assert_series_equal(figures, expected)
    assert table["value"].dtype == "float64"


def test_a_part_says_who_states_it_and_whether_it_is_invented_as_its_figure_does(bundled: Plan) -> None:
    rows = table_of(bundled, [("Intersector", "region", ""), ("Intersector", "Brazil", "")]).set_index("figure")
    coverage = rows.loc["target_coverage_by_sector"]
    targets = rows.loc["target_by_sector"].set_index(["report", "part"])["source"]
    whole = targets.reindex(pd.MultiIndex.from_frame(coverage[["report", "part"]])).to_numpy()
    assert "" in set(targets)  # of a place without targets by sector
    activities = bundled.source("activities")
    assert coverage["source"].to_list() == [f"{activities}; {source}" if source else activities for source in whole]
    assert coverage["illustrative"].all()
    assert not rows.loc["target_by_sector", "illustrative"].all()
    assert rows.loc["people_reached_by_sector", "illustrative"].all()


def test_the_kind_of_a_row_says_what_it_is(counted: Counted) -> None:
    rows, is_named = counted.rows, {"figure": FIGURES, "part": BREAKDOWNS}
    for kind, names in is_named.items():
        assert set(rows.loc[rows["kind"] == kind, "figure"]) <= set(names)
    assert set(rows["kind"]) == {"figure", "part", "unpublished"}
    assert not set(rows.loc[rows["kind"] == "unpublished", "figure"]) & {*FIGURES, *BREAKDOWNS}
    assert ((rows["part"] == "") == (rows["dimension"] == "")).loc[rows["kind"] != "unpublished"].all()
    assert set(rows["dimension"]) == {"", "platform", "group", "month"}
    assert set(rows.loc[rows["month"] != "", "figure"]) <= {"not_counted_people", "not_counted_areas"}


def test_fewer_people_than_nobody_are_no_share_of_a_target() -> None:
    people = activities(sector=["Health", "WASH"], new_beneficiaries=[-5.0, 50.0])
    targets = planning(*((sector, "region", "all", "target", 100.0) for sector in ("Health", "WASH")))
    figures = plan(people, targets).figures(sectors=["Intersector"]).query("figure == 'target_coverage_by_sector'")
    shares = figures.set_index("part")["value"]
    assert shares.dropna().to_dict() == {"WASH": 0.5}
