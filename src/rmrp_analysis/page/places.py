"""The blocks of where people were reached and where money went: the region's platforms, or a platform's places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rmrp_analysis import charts, numbers
from rmrp_analysis.figures import Breakdown, Cell
from rmrp_analysis.page import findings
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.parts import (
    cells_of,
    chart_table,
    drawn_part,
    falling,
    spoken_people,
    withheld_note,
)
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import PLATFORMS, REGION
from rmrp_analysis.words import N_

FEW_PLACES = 6
"""Up to here places stand in one column, with room for another block beside them."""

PLACES_SHOWN = 17


@dataclass(frozen=True)
class _Kind:
    """A kind of place: the breakdowns by it, what it is called, and what a table of it states, by its columns."""

    people: str
    money: str
    name: str
    kickers: Mapping[tuple[str, ...], str]


KINDS: Mapping[str, _Kind] = {
    "platform": _Kind(
        "people_reached_by_platform",
        "funding_usd_by_platform",
        N_("Platform"),
        {
            ("people", "money"): N_("People reached and designated funding by national and sub-regional platform*"),
            ("people",): N_("People reached, by national and sub-regional platform"),
            ("money",): N_("Designated funding by national and sub-regional platform*"),
        },
    ),
    "country": _Kind(
        "people_reached_by_country",
        "funding_usd_by_country",
        N_("Country"),
        {
            ("people", "money"): N_("People reached and designated funding by country*"),
            ("people",): N_("People reached, by country"),
            ("money",): N_("Designated funding by country*"),
        },
    ),
    "admin1": _Kind(
        "people_reached_by_admin1", "", N_("Place"), {("people",): N_("People reached, by first administrative level")}
    ),
}


def places(printed: Printed) -> Block | None:
    """People and money by platform; on a platform's own sheet by country, or people by admin1.

    None where nothing is known by place, or a platform of one country has only its own money. Where places are many,
    those with most people stand in two columns (``halves``), with the others together as the last.
    """
    kind = _kind_of(printed)
    tables = {name: table for name, table in _tables(printed, kind) if table.cells}
    if not tables or ("people" not in tables and len(tables["money"].cells) < 2):
        return None
    rows = _rows(printed, tables)
    labels = {"people": N_("People reached"), "money": N_("Designated funding")}
    halves = printed.key_figures.platform != REGION and len(rows) > FEW_PLACES
    view = {
        "block": "places",
        "span": 12 if halves else 7,
        "halves": halves,
        "measures": list(tables),
        "kicker": printed.words(kind.kickers[tuple(tables)]),
        "finding": findings.platforms(printed) if kind is KINDS["platform"] else findings.places(printed),
        "columns": [printed.words(kind.name), *(printed.words(labels[name]) for name in tables)],
        "rows": rows,
        "note": " ".join(_notes(printed, kind, tables)),
    }
    return Block("places", view)


def _kind_of(printed: Printed) -> _Kind:
    if printed.key_figures.platform == REGION:
        return KINDS["platform"]
    return KINDS["admin1" if KINDS["admin1"].people in printed.key_figures.breakdowns else "country"]


def _tables(printed: Printed, kind: _Kind) -> Iterator[tuple[str, Breakdown]]:
    for name, breakdown in (("people", kind.people), ("money", kind.money)):
        if breakdown in printed.key_figures.breakdowns:
            yield name, printed.key_figures.breakdowns[breakdown]


def _rows(printed: Printed, tables: Mapping[str, Breakdown]) -> list[dict[str, Any]]:
    """The places with most people (without people: most money), and the others together where there are many."""
    money = tables["money"].values() if "money" in tables else {}
    by_money = sorted(next(iter(tables.values())).cells, key=lambda cell: (-money.get(cell.key, 0), cell.key))
    leading = sorted(by_money, key=lambda cell: falling(cell)[:3])
    shown = leading if len(leading) <= PLACES_SHOWN + 1 else leading[:PLACES_SHOWN]
    parts = {
        name: {cell.key: drawn_part(printed, cell, table) for cell in table.cells} for name, table in tables.items()
    }
    rows = [
        {"label": printed.place(cell.key), **{name: of_place[cell.key] for name, of_place in parts.items()}}
        for cell in shown
    ]
    others = leading[len(shown) :]
    return [*rows, _others(printed, others)] if others else rows


def _others(printed: Printed, others: Sequence[Cell]) -> dict[str, Any]:
    """What the places that are not shown come to, as far as it may be said; no bar, since it is no place."""
    count, known = len(others), sum(cell.value or 0 for cell in others)
    label = printed.words.plural("{count} other place", "{count} other places", count)
    text = numbers.people(known, printed.language)
    withheld = next((cell for cell in others if cell.suppressed), None)
    if withheld:
        text = printed.words("{people} and those withheld", people=text) if known else printed.withheld_part(withheld)
    return {
        "label": label.format(count=numbers.count(count, printed.language)),
        "people": {"state": "not_applicable", "bar": 0, "text": text, "spoken": ""},
    }


def _notes(printed: Printed, kind: _Kind, tables: Mapping[str, Breakdown]) -> Iterator[str]:
    words = printed.words
    if kind is KINDS["platform"]:
        yield words("Regional: for no single country.")
        if "money" in tables:
            yield words("Funding {as_of}.", as_of=printed.as_of("funding"))
        elif printed.key_figures.value("funding_usd") is not None:
            yield words("The source of funding gives a sector's money for the region alone.")
    if "people" in tables and any(cell.suppressed for cell in tables["people"].cells):
        yield withheld_note(printed, tables["people"])


def platform_map(printed: Printed) -> Block:
    """The map of the response countries, a circle for each platform."""
    words, by_platform = printed.words, printed.key_figures.breakdowns["people_reached_by_platform"]
    people = cells_of(printed, "people_reached_by_platform")
    axes = charts.circles_map(chart_table(printed, by_platform).loc[list(PLATFORMS)], language=printed.language)
    listed = "; ".join(
        f"{printed.place(name)}: {spoken_people(printed, people[name], by_platform)}" for name in PLATFORMS
    )
    view = {
        "block": "map",
        "span": 5,
        "kicker": words("People reached, by platform"),
        "svg": charts.svg(axes, prefix="map"),
        "alt": words(
            "Map of the 17 response countries with a circle for each of eight platforms. {finding}. {list}.",
            finding=findings.most_people(printed),
            list=listed,
        ),
    }
    return Block("map", view)
