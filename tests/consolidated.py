"""The people reached by all sectors under every model: as the package counts them, beside ``recomputed_models``."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pandas as pd
import pytest

import recomputed_models as oracle
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, REGIONAL, plan_lists, plan_year

CHOICES = ["intersector_model", "intersector_level", "without_proportions"]
LEVELS = ("admin1", "country")
LISTED = 20
"""How many figures a message lists of each kind."""
People = Callable[[str, Method], pd.Series]
"""The people of a place under a method, by figure and part."""


def plan_under_rules_of(year: int, plan: Plan, shares: Mapping[oracle.Place, oracle.Shares]) -> Plan:
    """The same reports under the rules of another year, with these age-gender proportions of people in need."""
    by_sector = pd.DataFrame.from_dict(dict(shares), orient="index").rename_axis(["country", "place", "sector"])
    return replace(plan, year=plan_year(year), proportions={"people_in_need": by_sector.reset_index()})


def reports_of(plan: Plan, place: str = REGION) -> list[dict[Hashable, Any]]:
    """The activities in a place with what the oracle reads of them; an empty number of people is 0."""
    columns = ["country", "place", "month", "sector", "indicator_type", *oracle.PEOPLE]
    rows = plan.activities[columns].fillna(dict.fromkeys(oracle.PEOPLE, 0.0))
    return rows[rows["country"].isin(plan_lists().places[place] or [*plan_lists().countries, REGIONAL])].to_dict(
        "records"
    )


def counted(plan: Plan, period: str, places: Sequence[str]) -> People:
    """What the package counts, in all these places at once."""
    under_every_model: dict[tuple[str, ...], pd.Series] = {}

    def people(place: str, method: Method) -> pd.Series:
        everybody = plan.select(INTERSECTOR, place=place, period=period, method=method)
        choices = (place, method.intersector_level, method.without_proportions)
        if choices not in under_every_model:
            sheets = [(INTERSECTOR, each, "") for each in places]
            plan.rows_of_sheets(sheets, period=Period.parse(period), method=everybody.method)
            under_every_model[choices] = everybody.models()
        reached = everybody.people_reached()
        by_sector = reached.by("country", "sector")
        parts = {
            "people_reached": pd.Series([reached.total], index=[""], dtype="float64"),
            "people_reached_by_model": under_every_model[choices][[method.intersector_model]],
            "people_reached_by_country_and_sector": by_sector.set_axis(by_sector.index.map(", ".join)),
        }
        return pd.concat(parts | {f"people_reached_by_{by}": reached.by(by) for by in ("month", *oracle.DIMENSIONS)})

    return people


def worked_out(plan: Plan, period: str, shares: Mapping[oracle.Place, oracle.Shares], year: int) -> People:
    """What the oracle works out from the same reports."""
    reported: dict[tuple[str, str], oracle.Reported] = {}

    def people(place: str, method: Method) -> pd.Series:
        inside = (place, method.intersector_level)
        if inside not in reported:
            reported[inside] = oracle.reported_by_place(reports_of(plan, place), method.intersector_level)
        model, rule = method.intersector_model, method.without_proportions
        months = Period.parse(period).months
        figures = oracle.people_reached(reported[inside], shares, months, year=year, model=model, rule=rule)
        figures["people_reached_by_model", model] = figures["people_reached", ""]
        return pd.Series(list(figures.values()), index=pd.MultiIndex.from_tuples(figures))

    return people


def models(year: int, places: tuple[str, ...], people: People) -> pd.DataFrame:
    """The people under every model of a plan year, at both levels, by both rules for sectors without proportions."""
    rules = ["country_proportions", "leave_sector_out"] if year > 2021 else ["country_proportions"]
    found = {
        (*choice, place): people(place, Method.model_validate(dict(zip(CHOICES, choice, strict=True))))
        for choice in product(oracle.MODELS[year], LEVELS, rules)
        for place in places
    }
    table: pd.DataFrame = pd.concat(found, names=[*CHOICES, "place", "figure", "part"]).rename("value").reset_index()
    return table[(table["figure"] != "people_reached_by_country_and_sector") | (table["value"] > 0)]


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
