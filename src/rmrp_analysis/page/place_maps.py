"""The map beside a table of places: the region's platforms, a platform's countries, or the admin1 of a country."""

from collections.abc import Iterable, Mapping
from typing import Any

from rmrp_analysis import charts
from rmrp_analysis.charts.circle_maps import keep_map
from rmrp_analysis.figures import Breakdown, Cell
from rmrp_analysis.page import findings
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED, PLACES, REGION, REGIONAL, WITHOUT_PEOPLE
from rmrp_analysis.words import N_

LABELLED = 3
"""So many of the largest have their value on the map: the table beside it has them all."""

FORMS: Mapping[str, str] = {
    "platform": N_("Map of the countries of the plan with a circle for each area."),
    "country": N_("Map of the countries of the area ({scope}), with a circle for the people reached in each."),
    "few countries": N_("Map of the response countries, with a circle for the people reached in each."),
    "admin1": N_("Map of {scope} with a circle for the people reached in each place (first administrative level)."),
}


def kind_of_places(printed: Printed) -> str:
    """What the places of a sheet are: platforms, on a platform's own sheet countries, or admin1 of its one country.

    Of an organisation that works in few countries they are these.
    """
    if printed.organisation and "people_reached_by_country" in printed.key_figures.breakdowns:
        return "country"
    if printed.key_figures.place == REGION:
        return "platform"
    return "admin1" if len(PLACES[printed.key_figures.place]) == 1 else "country"


def has_map(printed: Printed) -> bool:
    """Whether there is something to draw: on a platform's own sheet a place with people."""
    if printed.key_figures.sector in WITHOUT_PEOPLE or not charts.has_map_of(printed.key_figures.place):
        return False
    whole = printed.key_figures.place == REGION and not printed.organisation
    return whole or any(cell.present for cell in _drawn(printed))


def place_map(printed: Printed) -> dict[str, Any]:
    """The drawing of the map, its title and alternative text."""
    kind, breakdown = kind_of_places(printed), _people(printed)
    cells = _drawn(printed)
    svg = charts.drawn(
        charts.circles_map,
        printed.chart_table(breakdown).loc[[cell.key for cell in cells]],
        prefix="map",
        within=printed.key_figures.place,
        values=LABELLED,
        language=printed.language,
        labels={cell.key: printed.place(cell.key) for cell in cells},
    )
    # On a platform's own page the table above has said what is counted
    kicker = printed.words("People reached, by area") if kind == "platform" else printed.words("On the map")
    return {"svg": svg, "map_kicker": kicker, "alt": _alternative(printed, kind, cells)}


def keep_maps(places: Iterable[str]) -> None:
    """Make what the maps of these places always have, for this process and its forks."""
    for place in places:
        keep_map(place)


def not_on_map(printed: Printed) -> str:
    """The places with people that the map cannot show."""
    shown = {cell.key for cell in _drawn(printed)} | {NOT_SPECIFIED, REGIONAL}
    cells = _people(printed).cells
    missing = [printed.place(cell.key) for cell in cells if cell.key not in shown and cell.present]
    return printed.words("Not on the map: {places}.", places=printed.listed(missing)) if missing else ""


def _people(printed: Printed) -> Breakdown:
    return printed.breakdown(f"people_reached_by_{kind_of_places(printed)}")


def _drawn(printed: Printed) -> list[Cell]:
    """The parts that have a place on the map."""
    return [cell for cell in _people(printed).cells if charts.is_on_map(cell.key, printed.key_figures.place)]


def _alternative(printed: Printed, kind: str, cells: list[Cell]) -> str:
    """What kind of map it is, of what, the finding, the values; of many places those that are written on the map."""
    words, breakdown = printed.words, _people(printed)
    form = "few countries" if kind == "country" and printed.organisation else kind
    finding = findings.most_people(printed)
    valued = sorted((cell for cell in cells if cell.present), key=lambda cell: -(cell.value or 0))
    listed = valued[:LABELLED] or cells
    each = "; ".join(f"{printed.place(cell.key)}: {printed.spoken(cell, breakdown)}" for cell in listed)
    sentences = [
        words(FORMS[form], scope=printed.scope()),
        f"{finding}." if finding else "",
        f"{each}." if each else "",
        words("The other places are in the table beside the map."),
    ]
    return printed.aloud(" ".join(filter(None, sentences)))
