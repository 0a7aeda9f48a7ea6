"""For any data, each printed sentence is derived once more from the numbers, and holds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import as_printed, sheet
from page.printed_numbers import NUMBER, holds
from rmrp_analysis.figures import Comparisons, KeyFigures, fill_context, for_audience
from rmrp_analysis.method import Method
from rmrp_analysis.page import findings
from rmrp_analysis.page.headline import build_headline
from rmrp_analysis.vocabulary import plan_lists

PEOPLED = plan_lists().sectors[:13]
PLACES = ("Peru", "Chile", "Colombia", "Brazil")
MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 13))
NAMES = {"January": "2021-01", "February": "2021-02", "March": "2021-03", "April": "2021-04", "May": "2021-05"} | {
    "June": "2021-06", "July": "2021-07", "August": "2021-08", "September": "2021-09", "October": "2021-10",
    "November": "2021-11", "December": "2021-12",
}  # fmt: skip
PEOPLE = st.one_of(st.just(0), st.integers(1, 12), st.integers(0, 3000), st.integers(0, 2_000_000))
SHARE = st.floats(0, 1.6).map(lambda share: round(share, 4))
Parts = Mapping[str, float]


@st.composite
def numbers_of_a_sheet(draw: st.DrawFn) -> dict[str, Any]:
    """Numbers as they may come: groups that do not make their total, ties, small counts, more than was wanted."""
    months = {month: draw(PEOPLE) for month in draw(st.lists(st.sampled_from(MONTHS), max_size=12, unique=True))}
    people = sum(months.values())
    places = _parts(draw, PLACES, people)
    ages = _parts(draw, ("women", "men", "girls", "boys", "not specified"), people)
    groups = _parts(draw, ("in_destination", "in_transit", "host_communities", "not specified"), people)
    for parts in (ages, groups):  # what the groups leave is what is not specified
        parts["not specified"] = people - sum(value for group, value in parts.items() if group != "not specified")
    target, compared = draw(st.one_of(st.none(), st.integers(1, 3_000_000))), people - max(groups["in_transit"], 0)
    required, funded = draw(st.one_of(st.none(), st.integers(1, 10**9))), draw(st.integers(0, 10**9))
    return {
        "people": people, "exactly": people, "months": months, "places": places, "ages": ages, "groups": groups,
        "target": target,
        "group_targets": {group: draw(st.integers(0, 100_000)) for group in ("in_destination", "in_transit")},
        "coverage": None if target is None or compared < 0 else compared / target,
        "required": required, "funded": funded,
        "donors": _parts(draw, ("USA", "EU", "Peru", "not specified"), funded),
        "money": _parts(draw, (*PLACES, "Regional"), funded),
        "sectors": draw(st.dictionaries(st.sampled_from(PEOPLED), SHARE, max_size=11)),
        "sector_targets": {sector: draw(st.integers(1, 3_000_000)) for sector in PEOPLED},
        "sector_money": draw(st.dictionaries(st.sampled_from(PEOPLED), SHARE, max_size=5)),
        "years": draw(st.none() | st.tuples(st.integers(10, 2_000_000), st.integers(0, 2_000_000))),
        "two_months": draw(st.none() | st.tuples(st.integers(10, 2_000_000), st.integers(0, 2_000_000))),
        "partner": draw(st.one_of(st.none(), st.integers(10, max(people, 10)))),
        "partners": (partners := draw(st.integers(1, 9))), "late": draw(st.integers(0, partners)),
        "activities": draw(st.integers(1, 5000)),
    }  # fmt: skip


def _parts(draw: st.DrawFn, names: tuple[str, ...], total: float) -> dict[str, float]:
    """Parts of a total; what is left goes to one of them, now and then nobody sees to that."""
    parts = {name: float(draw(PEOPLE)) for name in names}
    named = sum(parts.values())
    if named and draw(st.booleans()):
        parts = {name: float(int(value * total / named)) for name, value in parts.items()}
    parts[draw(st.sampled_from(names))] += total - sum(parts.values())
    return parts


def figures_of(n: Mapping[str, Any], sector: str) -> KeyFigures:
    """The sheet of these numbers, with its cautions."""
    tables = {
        "people_reached_by_platform": n["places"], "people_reached_by_month": n["months"],
        "people_reached_by_population_group": n["groups"], "people_reached_by_age_gender": n["ages"],
        "target_by_population_group": n["group_targets"], "funding_usd_by_donor": n["donors"],
        "funding_usd_by_platform": n["money"],
        "target_by_sector": {sector: n["sector_targets"][sector] for sector in n["sectors"]},
    }  # fmt: skip
    exact = sheet(
        tables,
        sector=sector,
        people_reached=n["people"],
        target=n["target"],
        target_coverage=n["coverage"],
        people_to_reach=None if n["coverage"] is None else n["target"] * (1 - n["coverage"]),
        requirement_usd=n["required"],
        funding_usd=n["funded"],
        funding_coverage=n["funded"] / n["required"] if n["required"] else None,
        reporting_partners=n["partners"],
        partners_last_month=n["late"],
        activities=n["activities"],
    )
    money = {"funded": n["sector_money"], "required": dict.fromkeys(n["sector_money"], 1.0)}
    compared = Comparisons(
        n["sectors"],
        n["sector_money"],
        of_both_months=n["two_months"],
        of_both_years=n["years"],
        largest_partner=n["partner"],
        money_by_sector=money,
    )
    return replace(fill_context(replace(exact, rows=add_cautions(exact, sums_of_groups(n)))), comparisons=compared)


def add_cautions(exact: KeyFigures, sums: Mapping[str, float]) -> pd.DataFrame:
    """The rows of a sheet with the causes that doubt them, whatever its reports; a rest below 0 is not known."""
    rows, limits, people = exact.rows, exact.method.cautions, exact.value("people_reached") or 0.0
    cautions = pd.Series("", rows.index)
    covered = rows["figure"].isin(["target_coverage", "funding_coverage"]) & (rows["value"] > limits.coverage_above)
    cautions[covered] = "coverage_above"
    for name, most in sums.items():
        rest = people - most
        if most > (1 + limits.groups_exceed_total) * people:
            cautions[(rows["figure"] == name) | (rows["figure"] == "people_reached")] = "groups_exceed"
        elif people and limits.not_specified * people < rest < people:
            cautions[rows["figure"] == name] = "not_specified"
    is_unknown = (rows["part"] == "not specified") & rows["figure"].isin([*sums]) & (rows["value"] < 0)
    return rows.assign(caution=cautions, value=rows["value"].mask(is_unknown))


def numbers_shown(figures: KeyFigures) -> dict[str, Any]:
    """The numbers of a sheet as it prints them: its sentences follow from these."""
    breakdowns = {"months": "month", "places": "platform", "ages": "age_gender", "groups": "population_group"}
    compared, tables = figures.comparisons, figures.breakdowns
    parts = {name: tables.get(f"people_reached_by_{by}") for name, by in breakdowns.items()}
    return {
        "people": figures.value("people_reached"), "coverage": figures.value("target_coverage"),
        **{name: table.values() if table else {} for name, table in parts.items()},
        "sectors": compared.coverage_by_sector, "years": compared.of_both_years,
        "two_months": compared.of_both_months,
        "partner": compared.largest_partner,
    }  # fmt: skip


def is_largest(parts: Parts, name: str) -> bool:
    """Whether a part is larger than every other named one."""
    others = [value for part, value in parts.items() if part not in (name, "not specified", "Regional")]
    return parts[name] > max(others, default=0)


def least_of(shares: Parts, name: str) -> bool:
    return shares[name] < min((share for part, share in shares.items() if part != name), default=2)


def most_of(shares: Parts, name: str) -> bool:
    return shares[name] > max((share for part, share in shares.items() if part != name), default=-1)


def part_of(parts: str, key: str, whole: str = "people") -> Callable[[Any, Any], bool]:
    return lambda n, m: holds(m["share"], n[parts][key] / n[whole])


def count_of(text: str) -> int:
    return 1 if text.lower() == "one" else int(text)


HEALTH = "Health"
Check = Callable[[Any, Any], bool]
CHECKS: dict[str, Check] = {
    r"(?P<place>\w+) accounts for (?P<share>N) of people reached": lambda n, m: (
        is_largest(n["places"], m["place"]) and holds(m["share"], n["places"][m["place"]] / n["people"])
    ),
    r"(?P<place>\w+) accounts for (?P<share>N) of people reached and (?P<money>N) of funding": lambda n, m: (
        is_largest(n["places"], m["place"])
        and holds(m["share"], n["places"][m["place"]] / n["people"])
        and holds(m["money"], n["money"][m["place"]] / n["funded"])
    ),
    r"(?P<share>N) of funding is for (?P<place>\w+)": lambda n, m: (
        n["money"][m["place"]] == max(n["money"].values()) and holds(m["share"], n["money"][m["place"]] / n["funded"])
    ),
    r"(?P<share>N) of funding is not assigned to a single country": part_of("money", "Regional", "funded"),
    r"Fewer than the (?P<pace>N) a month that the target needs, in (?P<missed>\d+) of (?P<of>\d+) "
    r"months with reports": (
        lambda n, m: int(m["of"]) == len(n["months"])
        and int(m["missed"]) == sum(value < n["target"] / 12 for value in n["months"].values())
        and holds(m["pace"], n["target"] / 12)
    ),
    r"The same partners reached (?P<share>N) more people than in the same months a year before": lambda n, m: (
        holds(m["share"], n["years"][1] / n["years"][0] - 1)
    ),
    r"The same partners reached more than (?P<times>N) times as many people as in the same months a year before": (
        lambda n, m: n["years"][1] > int(m["times"].replace(",", "")) * n["years"][0] > 0
    ),
    r"The same partners reached (?P<share>N) fewer people than in the same months a year before": lambda n, m: (
        holds(m["share"], 1 - n["years"][1] / n["years"][0])
    ),
    r"Peak in (?P<month>\w+): (?P<share>N) of people reached": lambda n, m: (
        is_largest(n["months"], NAMES[m["month"]]) and holds(m["share"], n["months"][NAMES[m["month"]]] / n["people"])
    ),
    r"(?P<group>In destination|In transit): furthest behind, at (?P<share>N) of target": lambda n, m: holds(
        m["share"],
        min(n["groups"][group] / target for group, target in n["group_targets"].items() if target),
    ),
    r"(?P<share>N) of people reached live at destination": part_of("groups", "in_destination"),
    r"(?P<share>N) of people reached are in transit": part_of("groups", "in_transit"),
    r"(?P<share>N) of people reached are of host communities": part_of("groups", "host_communities"),
    **{
        rf"(?P<share>N) of people reached are {group}": part_of("ages", group)
        for group in ("women", "men", "girls", "boys")
    },
    r"(?P<share>N) of people reached are children": lambda n, m: (
        holds(m["share"], (n["ages"]["girls"] + n["ages"]["boys"]) / n["people"])
    ),
    r"(?P<share>N) of people reached are women and girls": lambda n, m: (
        holds(m["share"], (n["ages"]["women"] + n["ages"]["girls"]) / n["people"])
    ),
    r"(?P<sector>[\w&()\- ]+) is the least funded sector: (?P<share>N) of what it needs": lambda n, m: (
        least_of(n["sector_money"], m["sector"]) and holds(m["share"], n["sector_money"][m["sector"]])
    ),
    r"The largest donor gave (?P<share>N) of the funding": lambda n, m: holds(
        m["share"], max(usd for donor, usd in n["donors"].items() if donor != "not specified") / n["funded"]
    ),
    r"One donor gave all of the funding": lambda n, _: len(n["donors"]) == 1,
    # ---- the headline, in its parts ----
    r"Not yet usable: .*": lambda n, _: in_doubt(n) or in_doubt(n["exact"]),
    r"(?P<share>N) of the people targeted were reached": lambda n, m: holds(m["share"], n["coverage"]),
    r"(?P<gap>N) were not reached": lambda n, m: holds(m["gap"], n["target"] * (1 - n["coverage"])),
    r"Reach equals (?P<share>N) of the target": lambda n, m: n["coverage"] > 1 and holds(m["share"], n["coverage"]),
    r"the (?P<end>lowest|highest) share of the (?P<count>\d+) sectors that have a target": lambda n, m: (
        int(m["count"]) == len(n["sectors"]) >= 8
        and (least_of if m["end"] == "lowest" else most_of)(n["sectors"], HEALTH)
    ),
    r"(?P<sector>[\w&()\- ]+) has the most people left to reach: (?P<share>N) of its target of (?P<target>N) were "
    r"reached": (
        lambda n, m: len(n["sectors"]) >= 8
        and most_of({key: n["sector_targets"][key] * (1 - part) for key, part in n["sectors"].items()}, m["sector"])
        and holds(m["share"], n["sectors"][m["sector"]])
        and holds(m["target"], n["sector_targets"][m["sector"]])
    ),
    r"with (?P<share>N) of the funding required": lambda n, m: holds(m["share"], n["funded"] / n["required"]),
    r"(?P<share>N) of the people were reached in (?P<month>\w+) alone": lambda n, m: (
        is_largest(n["months"], NAMES[m["month"]]) and holds(m["share"], n["months"][NAMES[m["month"]]] / n["people"])
    ),
    r"Children are (?P<share>N) of the people reached": lambda n, m: (
        holds(m["share"], (n["ages"]["girls"] + n["ages"]["boys"]) / n["people"])
    ),
    r"Women and girls are (?P<share>N) of the people reached": lambda n, m: (
        holds(m["share"], (n["ages"]["women"] + n["ages"]["girls"]) / n["people"])
    ),
    r"Fewer than (?P<few>N) people were reached": lambda n, m: n["people"] == 0 < n["exactly"] < float(m["few"]),
    r"(?P<missing>\d|[Oo]ne) of (?P<partners>\d) partners? ha(s|ve) not sent all reports for December": lambda n, m: (
        (count_of(m["missing"]), int(m["partners"])) == (n["partners"] - n["late"], n["partners"])
    ),
    r"[Nn]o partner has reported for December yet": lambda n, _: n["late"] == 0,
    r"(?P<share>N) of the funding required was received": lambda n, m: holds(m["share"], n["funded"] / n["required"]),
    r"(?P<amount>N) of funding was designated": lambda n, m: holds(m["amount"], n["funded"]),
    r"furthest behind: (?P<group>In destination|In transit), at (?P<share>N)": lambda n, m: holds(
        m["share"], min(n["groups"][group] / target for group, target in n["group_targets"].items() if target)
    ),
    r"In December, the same partners newly reached (?P<share>N) more people than in November": lambda n, m: (
        holds(m["share"], n["two_months"][1] / n["two_months"][0] - 1)
    ),
    r"In December, the same partners newly reached (?P<share>N) fewer people than in November": lambda n, m: (
        holds(m["share"], 1 - n["two_months"][1] / n["two_months"][0])
    ),
    r"In December, the same partners newly reached over (?P<times>N) times as many people as in November": (
        lambda n, m: n["two_months"][1] > int(m["times"].replace(",", "")) * n["two_months"][0] > 0
    ),
    r"In December, the same partners newly reached nobody, after (?P<before>N) people in November": lambda n, m: (
        n["two_months"][1] == 0 and holds(m["before"], n["two_months"][0])
    ),
    # ---- the response ----
    r"(?P<partners>\d|One) partners? reported (?P<count>one|N) activit(y|ies)": lambda n, m: (
        count_of(m["partners"]) == n["partners"]
        and (n["activities"] == 1 if m["count"] == "one" else holds(m["count"], n["activities"]))
    ),
    r"(?P<share>N) of the people reached are in (?P<place>\w+)": lambda n, m: (
        is_largest(n["places"], m["place"]) and holds(m["share"], n["places"][m["place"]] / n["people"])
    ),
    r"One partner accounts for (?P<share>N) of the people reached": lambda n, m: (
        holds(m["share"], n["partner"] / n["people"])
    ),
}  # fmt: skip
"""What each sentence says, in words of the test's own: its pattern (N is a printed number), and whether it is true."""

PATTERNS = {re.compile(pattern.replace("N)", f"{NUMBER})")): check for pattern, check in CHECKS.items()}


def sums_of_groups(n: Mapping[str, Any]) -> dict[str, float]:
    """The people in all named groups, by breakdown."""
    names = {"ages": "people_reached_by_age_gender", "groups": "people_reached_by_population_group"}
    return {
        name: sum(value for group, value in n[by].items() if group != "not specified") for by, name in names.items()
    }


def in_doubt(n: Mapping[str, Any]) -> bool:
    return max(sums_of_groups(n).values()) > 1.05 * n["people"] or (n["coverage"] or 0) > 1.5


def parts_of(text: str) -> list[str]:
    """The statements of a text: each can be true or false by itself."""
    sentences = re.split(r"(?<=[a-z%)])\. |\.$|; ", text)
    statements = [sentence for sentence in sentences if sentence]
    whole = [one for one in statements if any(pattern.fullmatch(one) for pattern in PATTERNS)]
    others = [part for one in statements if one not in whole for part in one.split(", ")]
    return [*whole, *others]


@pytest.mark.parametrize("sector", [HEALTH, "Intersector"])
@given(n=numbers_of_a_sheet(), public=st.booleans())
@settings(max_examples=100)
def test_every_sentence_holds(sector: str, n: dict[str, Any], public: bool) -> None:
    exact = figures_of(n, sector)
    shown = for_audience(replace(exact, method=Method()), "public") if public else exact
    printed, told = as_printed(shown), n | (numbers_shown(shown) if public else {}) | {"exact": n}
    texts = [findings.choose_finding(printed, chart) for chart in findings.FINDERS_BY_CHART]
    for text in filter(None, [*texts, build_headline(printed)]):
        for statement in parts_of(text):
            checks = [(check, found) for pattern, check in PATTERNS.items() if (found := pattern.fullmatch(statement))]
            assert checks, f"no check knows '{statement}'"
            assert all(check(told, found) for check, found in checks), f"'{statement}' does not hold of {told}"
