"""The places of a plan as rows of ``places.csv``: every one that it knows, with or without reports."""

from collections.abc import Iterator

from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    NATIONAL,
    PLACES,
    PLATFORM_OF,
    PLATFORMS,
    REGION,
    REGIONAL,
    holds_contact,
    labels,
    ocha_pcodes,
    place_key,
    slug,
)

PLACES_FILE = "places.csv"
PLACE_KEY = ("kind", "iso3", "key")
"""What names a place: a first administrative level of one country may be called as that of another."""


def place_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """The region, its platforms and countries, and all first administrative levels in the plan's list, in its order.

    The list is the plan's, not that of the places with reports.
    """
    listed = plan.references.get("admin1")
    rows = [] if listed is None else listed[["country", "pcode", "admin1"]].astype("str").to_numpy().tolist()
    of_country = {country: pcode for country, pcode, name in rows if place_key(country, name) == NATIONAL}
    for key in (REGION, REGIONAL):
        yield {"key": key, "kind": "region", "name": key.capitalize()}
    for platform in PLATFORMS:
        yield {"key": platform, "kind": "platform", "name": platform, "platform": platform, "slug": slug(platform)}
    for country, name in COUNTRIES.items():
        place = country if country in PLACES else PLATFORM_OF[country]
        about = {"iso3": country, "pcode": of_country.get(country, ""), "platform": PLATFORM_OF[country]}
        yield {"key": country, "kind": "country", "name": name, **about, "slug": slug(COUNTRIES.get(place, place))}
    known: set[tuple[str, str]] = set()
    for country, pcode, name in rows:
        if place_key(country, name) == NATIONAL or (country, name) in known or holds_contact(name):
            continue
        known.add((country, name))
        about = {"iso3": country if country in COUNTRIES else "", "pcode": pcode, "platform": PLATFORM_OF[country]}
        about["ocha_pcode"] = ocha_pcodes().get((country, place_key(country, name)), "")
        yield {"key": name, "kind": "admin1", "name": labels.place(name, "en"), **about}
