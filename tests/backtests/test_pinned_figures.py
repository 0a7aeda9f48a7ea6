"""Every figure is what it was: values are compared, and the message says which moved, from what to what.

A figure that is added later does not fail; one that is gone does. Where figures are meant to move, write them anew with
``PYTHONPATH=tests python tests/backtests/test_pinned_figures.py``, and the reason under Figures in CHANGELOG.md.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

import recomputed_models as oracle
from consolidated import compare, counted, models, plan_under_rules_of, reports_of, worked_out
from recomputed_ledger import not_counted_rows
from rmrp_analysis import figures
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, REGION, plan_lists, report_id


def figures_of_sheets(
    plan: Plan,
    period: str,
    *,
    sectors: Sequence[str] = (INTERSECTOR, *plan_lists().sectors),
    places: Sequence[str] = tuple(plan_lists().places),
    organisations: Sequence[str] = ("",),
    method: Method | None = None,
) -> pd.DataFrame:
    """Every exact figure of some sheets, by default of 315: ``KEY`` and ``value``, as in ``figures.csv``."""
    whose = [plan.organisation_named(name) if name else "" for name in organisations]
    selected = [(sector, place, name) for name, place, sector in product(whose, places, sectors)]
    sheets = plan.sheets(selected, period=Period.parse(period), method=method or Method())
    rows = figures.table(sheets)
    parts = {column: rows["part"].where(rows["dimension"] == column, "") for column in ("platform", "group", "month")}
    stated = rows["figure"].isin([*figures.FIGURES, *figures.BREAKDOWNS])
    return settled(rows.assign(**parts).loc[stated, [*KEY, "value"]])


HERE = Path(__file__).parent
BUNDLED, PINNED = HERE.parents[1] / "data" / "rmrp-2021", HERE / "pinned"
TWELVE_MONTHS, FIVE_MONTHS = "2021-01/2021-12", "2021-01/2021-05"
KEY = ["report", "figure", "platform", "group", "month"]
PLACES_OF_MODELS = (REGION, "Peru", "Southern Cone")


def settled(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that are pinned here: other tests say what the lower bound is, and groups of unreported places."""
    unreported = figures.loc[(figures["figure"] == "activities") & (figures["value"] == 0), "report"]
    groups = figures["figure"].isin([f"people_reached_by_{dimension}" for dimension in oracle.DIMENSIONS])
    return figures[~(groups & figures["report"].isin(unreported)) & (figures["group"] != "lower_bound")]


def models_of_2022(plan: Plan) -> pd.DataFrame:
    """The people of the bundled plan under the models of 2022, with made-up proportions."""
    of_2022 = plan_under_rules_of(2022, plan, oracle.made_up_shares(reports_of(plan)))
    return models(2022, PLACES_OF_MODELS, counted(of_2022, TWELVE_MONTHS, PLACES_OF_MODELS))


in_region = partial(figures_of_sheets, period=TWELVE_MONTHS, places=[REGION])
in_platforms = partial(
    figures_of_sheets, period=TWELVE_MONTHS, sectors=[INTERSECTOR], places=[REGION, *plan_lists().platforms]
)
PINS: Mapping[str, Callable[[Plan], pd.DataFrame]] = {
    "sheets": partial(figures_of_sheets, period=TWELVE_MONTHS),
    "organisations": partial(in_region, organisations=["SO01", "SA07", "SF122"]),
    "rmrp_activities_only": partial(in_region, method=Method(rmrp_activities_only=True)),
    "in_transit_in_denominators": partial(in_region, method=Method(in_transit_in_denominators=True)),
    "sum": partial(in_platforms, method=Method(intersector_model="sum")),
    "max_age_gender": partial(in_platforms, method=Method(intersector_model="max_age_gender")),
    "southern_cone": partial(in_platforms, method=Method(intersector_model="southern_cone")),
    "models_of_2022": models_of_2022,
}
"""Figures of the bundled plan, by the names of their files in ``pinned``."""


def read(path: Path) -> pd.DataFrame:
    """The figures of a file."""
    figures = pd.read_csv(path, dtype="str", keep_default_na=False)
    return figures.assign(value=pd.to_numeric(figures["value"]))


@pytest.mark.parametrize("name", PINS)
def test_every_figure_of_the_bundled_plan_is_what_it_was(bundled: Plan, name: str) -> None:
    compare(read(PINNED / f"{name}.csv.gz"), PINS[name](bundled))


def without_not_counted(figures: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Figures as they were before nobody counted was told from nobody new, with what is not known now.

    A number of nobody is not known where people were assisted in reports that are not counted, as worked out apart; nor
    are then its groups, models and shares; and what groups leave of a total is not known where they exceed it.
    """
    rows = not_counted_rows(plan)
    sheets = {
        report_id(sector, place): (sector, place)
        for sector, place in product((INTERSECTOR, *plan_lists().sectors), plan_lists().places)
    }
    scopes = {
        report: rows[
            rows["country"].isin(plan_lists().countries if place == REGION else plan_lists().places[place])
            & ((sector == INTERSECTOR) | (rows["sector"] == sector))
        ]
        for report, (sector, place) in sheets.items()
    }

    def is_not_counted(report: str, figure: str, platform: str, group: str, month: str) -> bool:
        own, dimension = scopes[report], figure.partition("_by_")[2]
        part = {"platform": platform, "month": month}.get(dimension, group)
        if dimension == "platform":
            return bool(own["country"].isin(plan_lists().places.get(part, ())).any())
        return bool(len(own) if not dimension else (own[dimension] == part).any())

    counted_by = {"", *("_by_platform", "_by_country", "_by_admin1", "_by_month", "_by_sector")}
    zero = (figures["value"] == 0) & figures["figure"].isin([f"people_reached{by}" for by in counted_by])
    unknown = pd.Series(False, figures.index)
    unknown[zero] = [is_not_counted(*key) for key in figures.loc[zero, KEY].itertuples(index=False, name=None)]
    totals = figures.loc[unknown & (figures["figure"] == "people_reached"), "report"]
    of_totals = ("people_reached_by_population_group", "people_reached_by_age_gender", "people_reached_by_model")
    unknown |= figures["report"].isin(totals) & figures["figure"].isin([*of_totals, "target_coverage", "need_coverage"])
    sectors = set(
        figures.loc[unknown & (figures["figure"] == "people_reached_by_sector"), ["report", "group"]].itertuples(
            index=False, name=None
        )
    )
    is_share = figures["figure"] == "target_coverage_by_sector"
    unknown |= is_share & pd.Series(
        [key in sectors for key in zip(figures["report"], figures["group"], strict=True)], figures.index
    )
    unknown |= figures["figure"].isin(of_totals[:2]) & (figures["group"] == NOT_SPECIFIED) & (figures["value"] < 0)
    return figures.assign(value=figures["value"].mask(unknown))


@pytest.mark.real_data
def test_every_figure_of_the_real_reports_is_what_it_was_or_is_not_counted(real: Plan, shared_data: Path) -> None:
    pinned = read(shared_data / "golden" / "figures-of-315-sheets-real.csv.gz")
    expected = without_not_counted(pinned, real)
    compare(expected, figures_of_sheets(real, period=FIVE_MONTHS))
    moved = expected["value"].isna() & pinned["value"].notna()
    of_groups = pinned["figure"].isin(["people_reached_by_population_group", "people_reached_by_age_gender"])
    assert set(pinned.loc[moved & ~of_groups, "value"]) == {0.0}
    assert set(pinned.loc[moved & (pinned["value"] < 0), "group"]) == {NOT_SPECIFIED}


@pytest.mark.real_data
@pytest.mark.parametrize("year", oracle.MODELS)
def test_every_model_of_the_real_reports_is_the_one_worked_out_apart(real: Plan, year: int) -> None:
    shares = oracle.made_up_shares(reports_of(real))
    of_year = plan_under_rules_of(year, real, shares)
    expected = models(year, PLACES_OF_MODELS, worked_out(real, FIVE_MONTHS, shares, year))
    months = not_counted_rows(real).query("country == 'PER'").groupby("month").size()
    unfilled = (expected["place"] == "Peru") & expected["part"].isin([*months.index]) & (expected["value"] == 0)
    assert set(expected.loc[unfilled, "part"]) == {"2021-03", "2021-04"}
    compare(
        expected.assign(value=expected["value"].mask(unfilled)),
        models(year, PLACES_OF_MODELS, counted(of_year, FIVE_MONTHS, PLACES_OF_MODELS)),
    )


def test_a_figure_that_moved_is_told_with_both_numbers() -> None:
    before = pd.DataFrame(
        {"report": ["a", "a", "b", "b"], "figure": ["x", "y", "x", "y"], "value": [5.0, None, 7.0, 0.5]}
    )
    now = pd.DataFrame(
        {"report": ["a", "a", "b", "c"], "figure": ["x", "y", "x", "x"], "value": [5.000001, 3.0, None, 1.0]}
    )
    with pytest.raises(pytest.fail.Exception) as told:
        compare(before, now)
    for words in ("of 4 figures 2 moved, 1 gone, 1 new", "not known -> 3", "7 -> not known", "0.5 -> not known"):
        assert words in str(told.value)


def test_a_figure_that_is_added_moves_none() -> None:
    before = pd.DataFrame({"report": ["a"], "figure": ["x"], "value": [5.0]})
    compare(before, pd.concat([before, before.assign(figure="z")]))


if __name__ == "__main__":
    plan = load_plan(BUNDLED)
    for name, count in PINS.items():
        count(plan).to_csv(
            PINNED / f"{name}.csv.gz",
            index=False,
            float_format="%.12g",
            lineterminator="\n",
            compression={"method": "gzip", "mtime": 0},
        )
