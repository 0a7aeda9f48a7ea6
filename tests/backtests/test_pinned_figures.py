"""Every figure is what it was: values are compared, and the message says which moved, from what to what.

A figure that is added later does not fail; one that is gone does. Where figures are meant to move, write them anew with
``python tests/backtests/test_pinned_figures.py``, and the reason under Figures in CHANGELOG.md.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import recomputed_models as oracle

from rmrp_analysis import figures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, Period
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, PLACES, PLATFORMS, REGION, REGIONAL, SECTORS, plan_year

# The functions down to the names of files alone know the package's tables.


def figures_of_sheets(
    plan: Plan,
    period: str,
    *,
    sectors: Sequence[str] = (INTERSECTOR, *SECTORS),
    places: Sequence[str] = tuple(PLACES),
    organisations: Sequence[str] = ("",),
    method: Method | None = None,
) -> pd.DataFrame:
    """Every exact figure of some sheets, by default of 315: ``KEY`` and ``value``, as in ``figures.csv``."""
    whose = [plan.organisation_named(name) if name else "" for name in organisations]
    selected = [(sector, place, name) for name, place, sector in product(whose, places, sectors)]
    sheets = plan.sheets(selected, period=Period.parse(period), method=method or Method())
    rows = figures.table(sheets)
    parts = {column: rows["part"].where(rows["dimension"] == column, "") for column in ("platform", "group", "month")}
    return settled(rows.assign(**parts)[[*KEY, "value"]])


def plan_under_rules_of(year: int, plan: Plan, shares: Mapping[oracle.Place, oracle.Shares]) -> Plan:
    """The same reports under the rules of another year, with these age-gender proportions of people in need."""
    by_sector = pd.DataFrame.from_dict(dict(shares), orient="index").rename_axis(["country", "place", "sector"])
    return replace(plan, year=plan_year(year), proportions={"people_in_need": by_sector.reset_index()})


def people_of_model(plan: Plan, period: str, place: str, method: Method) -> pd.Series:
    """The people reached by all sectors of a place, by figure and part."""
    everybody = plan.select(INTERSECTOR, place=place, period=period, method=method)
    reached, by_sector = everybody.people_reached(), everybody.people_reached().by("country", "sector")
    people = {
        "people_reached": pd.Series([reached.total], index=[""], dtype="float64"),
        "people_reached_by_model": everybody.models()[[method.intersector_model]],
        "people_reached_by_country_and_sector": by_sector.set_axis(by_sector.index.map(", ".join)),
    }
    return pd.concat(people | {f"people_reached_by_{by}": reached.by(by) for by in ("month", *oracle.DIMENSIONS)})


def reports_of(plan: Plan, place: str = REGION) -> list[dict[Hashable, Any]]:
    """The activities in a place with what the oracle reads of them; an empty number of people is 0."""
    columns = ["country", "place", "month", "sector", "indicator_type", *oracle.PEOPLE]
    rows = plan.activities[columns].fillna(dict.fromkeys(oracle.PEOPLE, 0.0))
    return rows[rows["country"].isin(PLACES[place] or [*COUNTRIES, REGIONAL])].to_dict("records")


HERE = Path(__file__).parent
BUNDLED, PINNED = HERE.parents[1] / "data" / "rmrp-2021", HERE / "pinned"
TWELVE_MONTHS, FIVE_MONTHS = "2021-01/2021-12", "2021-01/2021-05"
KEY = ["report", "figure", "platform", "group", "month"]
CHOICES = ["intersector_model", "intersector_level", "without_proportions"]
PLACES_OF_MODELS, LEVELS = (REGION, "Peru", "Southern Cone"), ("admin1", "country")
LISTED = 20
"""How many figures a message lists of each kind."""


def settled(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures that are pinned here: other tests say what the lower bound is, and groups of unreported places."""
    unreported = figures.loc[(figures["figure"] == "activities") & (figures["value"] == 0), "report"]
    groups = figures["figure"].isin([f"people_reached_by_{dimension}" for dimension in oracle.DIMENSIONS])
    return figures[~(groups & figures["report"].isin(unreported)) & (figures["group"] != "lower_bound")]


def models(year: int, people: Callable[[str, Method], pd.Series]) -> pd.DataFrame:
    """The people under every model of a plan year, at both levels, by both rules for sectors without proportions."""
    rules = ["country_proportions", "leave_sector_out"] if year > 2021 else ["country_proportions"]
    found = {
        (*choice, place): people(place, Method.model_validate(dict(zip(CHOICES, choice, strict=True))))
        for choice in product(oracle.MODELS[year], LEVELS, rules)
        for place in PLACES_OF_MODELS
    }
    table: pd.DataFrame = pd.concat(found, names=[*CHOICES, "place", "figure", "part"]).rename("value").reset_index()
    return table[(table["figure"] != "people_reached_by_country_and_sector") | (table["value"] > 0)]


def models_of_2022(plan: Plan) -> pd.DataFrame:
    """The people of the bundled plan under the models of 2022, with made-up proportions."""
    of_2022 = plan_under_rules_of(2022, plan, oracle.made_up_shares(reports_of(plan)))
    return models(2022, partial(people_of_model, of_2022, TWELVE_MONTHS))


in_region = partial(figures_of_sheets, period=TWELVE_MONTHS, places=[REGION])
in_platforms = partial(figures_of_sheets, period=TWELVE_MONTHS, sectors=[INTERSECTOR], places=[REGION, *PLATFORMS])
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


def compare(before: pd.DataFrame, now: pd.DataFrame) -> None:
    """Fail where a figure moved, is gone or is new, and say how many did, and the first of each."""
    key = [column for column in before if column != "value"]
    known = now[now["figure"].isin(before["figure"])]
    both = before.merge(known, on=key, how="outer", suffixes=("", "_now"), indicator="side", validate="one_to_one")
    was, now_is = both["value"], both["value_now"]
    same = ((was - now_is).abs() <= 1e-6 * was.abs() + 1e-9) | (was.isna() & now_is.isna())
    kinds = {"moved": ~same & (both["side"] == "both")}
    kinds |= {"gone": both["side"] == "left_only", "new": both["side"] == "right_only"}
    counts = pd.DataFrame({"pinned": both["side"] != "right_only", **kinds}).groupby(both["figure"]).sum()
    message = [f"of {len(before):,} figures " + ", ".join(f"{rows.sum():,} {kind}" for kind, rows in kinds.items()), ""]
    message += [counts[counts[list(kinds)].any(axis="columns")].to_string()]
    words = [numbers.map("{:,.12g}".format).replace("nan", "not known") for numbers in (was, now_is)]
    both["was -> is"] = words[0] + " -> " + words[1]
    for kind, rows in kinds.items():
        if rows.any():
            listed = both.loc[rows, [*key, "was -> is"]].head(LISTED)
            message += ["", f"{kind}:", listed.to_string(index=False, max_colwidth=60)]
    if counts[list(kinds)].any(axis=None):
        pytest.fail("\n".join(message), pytrace=False)


@pytest.fixture(scope="module")
def bundled() -> Plan:
    return load_plan(BUNDLED)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Plan:
    return load_plan(shared_data / "r4v-2021")


@pytest.mark.parametrize("name", PINS)
def test_every_figure_of_the_bundled_plan_is_what_it_was(bundled: Plan, name: str) -> None:
    compare(read(PINNED / f"{name}.csv.gz"), PINS[name](bundled))


@pytest.mark.real_data
def test_every_figure_of_the_real_reports_is_what_it_was(real: Plan, shared_data: Path) -> None:
    compare(
        read(shared_data / "golden" / "figures-of-315-sheets-real.csv.gz"), figures_of_sheets(real, period=FIVE_MONTHS)
    )


@pytest.mark.real_data
@pytest.mark.parametrize("year", oracle.MODELS)
def test_every_model_of_the_real_reports_is_the_one_worked_out_apart(real: Plan, year: int) -> None:
    shares = oracle.made_up_shares(reports_of(real))
    reported = {
        (place, level): oracle.reported_by_place(reports_of(real, place), level)
        for place, level in product(PLACES_OF_MODELS, LEVELS)
    }

    def worked_out(place: str, method: Method) -> pd.Series:
        inside, months = reported[place, method.intersector_level], Period.parse(FIVE_MONTHS).months
        model, rule = method.intersector_model, method.without_proportions
        people = oracle.people_reached(inside, shares, months, year=year, model=model, rule=rule)
        people["people_reached_by_model", model] = people["people_reached", ""]
        return pd.Series(list(people.values()), index=pd.MultiIndex.from_tuples(people))

    of_year = partial(people_of_model, plan_under_rules_of(year, real, shares), FIVE_MONTHS)
    compare(models(year, worked_out), models(year, of_year))


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
    for name, figures in PINS.items():
        figures(plan).to_csv(
            PINNED / f"{name}.csv.gz",
            index=False,
            float_format="%.12g",
            lineterminator="\n",
            compression={"method": "gzip", "mtime": 0},
        )
