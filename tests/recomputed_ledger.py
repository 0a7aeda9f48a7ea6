"""The ledger of reports worked out apart, report by report in plain Python, from the rows as they were loaded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pandas as pd

from rmrp_analysis.plan import Plan

GROUPS = ("in_destination", "in_transit", "host_communities", "pendular", "colombian_returnees")
Report = tuple[str, str, str, str]
"""Organisation, country, sector and month."""


def rows_of(plan: Plan) -> pd.DataFrame:
    """The activities by report, with what the ledger counts: their kind, and the people new, assisted, unknown."""
    rows = plan.activities.reset_index(drop=True)
    numbers = rows[["new_beneficiaries", "total_monthly_beneficiaries", "people_not_known", *GROUPS]].fillna(0.0)
    is_known = numbers["people_not_known"] == 0
    groups = numbers[list(GROUPS)].sum(axis=1).where(is_known, 0.0)
    new = numbers["new_beneficiaries"].where(is_known, 0.0)
    assisted = pd.concat([numbers["total_monthly_beneficiaries"], groups, new, numbers["people_not_known"]], axis=1)
    names = {name: rows[name].astype("str") for name in ("country", "sector", "month")}
    return pd.DataFrame(
        {
            "organisation": plan.rows["organisation"].astype("str").to_numpy(),
            **names,
            "kind": rows["indicator_type"].astype("str"),
            "new": new,
            "assisted": assisted.max(axis=1),
            "unknown": numbers["people_not_known"],
        }
    )


def contents(rows: pd.DataFrame) -> dict[Report, str]:
    """What each report that is there says of people."""
    of_report: dict[Report, list[tuple[str, float, float, float]]] = defaultdict(list)
    for organisation, country, sector, month, *numbers in rows.itertuples(index=False, name=None):
        of_report[organisation, country, sector, month].append(tuple(numbers))
    people = {
        key: (sum(new for kind, new, *_ in own if kind == "people in need"),
              sum(assisted for kind, _, assisted, _ in own if kind == "people in need"))
        for key, own in of_report.items()
    }  # fmt: skip
    first_month = {
        year: min(key[3] for key in of_report if key[3][:4] == year) for year in {k[3][:4] for k in of_report}
    }
    found: dict[Report, str] = {}
    impossible: dict[Report, float] = {}
    for (organisation, country, sector, month), own in of_report.items():
        key, kinds = (organisation, country, sector, month), {kind for kind, *_ in own}
        new, assisted = people[key]
        ever = sum(
            told for (who, where, what, when), (told, _) in people.items()
            if (who, where, what) == key[:3] and when[:4] == month[:4] and when <= month
        )  # fmt: skip
        left_out = sum((new if kind == "unknown" else 0) + unknown for kind, new, _, unknown in own)
        if "people in need" in kinds and new == 0 and assisted > 0:
            found[key] = "nobody new"
            if assisted > ever and first_month[month[:4]].endswith("-01"):
                found[key], impossible[key] = "not counted", assisted
        elif new == 0 and left_out > 0:
            found[key] = "left out"
        elif "people in need" not in kinds:
            found[key] = "services"
        else:
            found[key] = "counted" if new or assisted else "empty"
    for country, month in {(key[1], key[3]) for key in of_report}:
        here = {key: people[key][1] for key in of_report if (key[1], key[3]) == (country, month) and people[key][1] > 0}
        partners = {key[0] for key in here}
        if len(partners) >= 3 and sum(impossible.get(key, 0.0) for key in here) >= 0.5 * sum(here.values()):
            found |= {key: "not counted" for key in here if found[key] == "nobody new"}
    return found


def states(rows: pd.DataFrame, months: Iterable[str]) -> dict[Report, str]:
    """The state of each organisation, country and sector in each month, whether or not there is a report."""
    months, told = list(months), contents(rows)
    of_partner: dict[tuple[str, str], set[int]] = defaultdict(set)
    of_country: dict[str, set[int]] = defaultdict(set)
    for organisation, country, _, month in told:
        of_partner[organisation, country].add(months.index(month))
        of_country[country].add(months.index(month))
    series = {key[:3] for key in told}
    return {
        (*key, month): told.get((*key, month)) or absence(of_partner[key[:2]], of_country[key[1]], place)
        for key in series
        for place, month in enumerate(months)
    }


def absence(partner: set[int], country: set[int], month: int) -> str:
    """Why there is no report of a month, by the months in which the partner and its country reported."""
    if month in partner:
        return "nothing here"
    if month < min(partner):
        return "not yet"
    if month not in country:
        return "country not in"
    if month < max(partner):
        return "missed"
    silent = len([other for other in country if max(partner) < other <= month])
    if silent >= 3 or (len(partner) == 1 and silent == 2):
        return "gone"
    expected = len([other for other in country if min(partner) <= other <= max(partner)])
    return "irregular" if len(partner) < expected / 2 else "late"


def not_counted_rows(plan: Plan) -> pd.DataFrame:
    """The rows of people in need, with people assisted, of reports that are not counted."""
    rows = rows_of(plan)
    keys = rows[["organisation", "country", "sector", "month"]].itertuples(index=False, name=None)
    told: Mapping[Report, str] = contents(rows)
    is_not_counted = pd.Series([told[key] == "not counted" for key in keys], rows.index)
    admin1 = plan.rows["admin1"].astype("str").to_numpy()
    chosen = is_not_counted & (rows["kind"] == "people in need") & (rows["assisted"] > 0)
    return rows.assign(admin1=admin1)[chosen]
