"""A decision applied to a sheet: its numbers, its cautions, and what its findings may hold it against."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
import pandas as pd

from rmrp_analysis.disclosure.decision import OF_REGION, Decision, decide, is_small
from rmrp_analysis.disclosure.equations import (
    NOT_OF_PARTS,
    REACHED,
    Sheet,
    cell_name,
    people_rows,
    share_rows,
    system_of,
)
from rmrp_analysis.disclosure.rounding import Rounding, rounded
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, Caution, Comparisons, KeyFigures
from rmrp_analysis.vocabulary import REGION

WITHHELD = "withheld"
NO_REPORT = "no_report"
NOT_CROSSED = NOT_OF_PARTS | {"model", "indicator"}
"""Dimensions of an organisation's people that make no further table with its places."""

LOST = "lost_people"
Instead = Mapping[str, float | Sequence[float] | None]
"""What is printed in place of exact numbers, by the name of the cell: nothing, a range, or a rounded share."""


def sheet_of(key_figures: KeyFigures) -> Sheet:
    """A report's counts of people, from its exact figures."""
    return Sheet(
        report=key_figures.report,
        sector=key_figures.sector,
        place=key_figures.place,
        period=key_figures.period,
        method=key_figures.method,
        rows=people_rows(key_figures.rows, key_figures.lost_people),
        shares=tuple(share_rows(key_figures.rows)),
        organisation=key_figures.organisation,
    )


def decided(sheets: Iterable[KeyFigures], earlier: Sequence[Sheet] = ()) -> Decision | Rounding:
    """The decision on a publication of these exact sheets, beside what ``earlier`` publications have printed.

    By the method of the sheets small counts are withheld, or every count is rounded. Raises ``NotSafe``.
    """
    exact = list(sheets)
    own = [sheet_of(key_figures) for key_figures in exact]
    base = max(sheet.method.rounded_to for sheet in own)
    if base:
        return rounded(system_of(own), base)
    if any(sheet.place != REGION for sheet in own):
        own = [replace(sheet, rows=[row for row in sheet.rows if not _is_crossed(sheet, row[0])]) for sheet in own]
    decision = decide(system_of([*own, *earlier]))
    return replace(decision, crossed=_crossed(exact))


def _crossed(sheets: Sequence[KeyFigures]) -> dict[str, list[str]]:
    """By report, an organisation's people by month and by group, where other places than the region have sheets.

    With its places they would make a table of organisation, place and month that no sheet prints, and that few reports
    leave little choice for: whoever knows all its edges knows much of it. So months without a report are not told,
    either.
    """
    if all(sheet.place == REGION for sheet in sheets):
        return {}
    names: dict[str, list[str]] = {}
    for sheet in sheets:
        if not sheet.organisation:
            continue
        columns = (sheet.rows[column].to_list() for column in ("figure", "part", "value", "reason"))
        names[sheet.report] = [
            cell_name(figure, part)
            for figure, part, value, reason in zip(*columns, strict=True)
            if (not math.isnan(value) or reason == NO_REPORT) and _is_crossed(sheet, figure)
        ]
    return names


def _is_crossed(sheet: Sheet | KeyFigures, figure: str) -> bool:
    """Whether these are people of an organisation by what sheets of places split theirs by, too: month, group …"""
    breakdown = BREAKDOWNS.get(figure)
    split = breakdown is not None and breakdown.figure == REACHED and not NOT_CROSSED.intersection(breakdown.by)
    return bool(sheet.organisation) and split


def own_decision(key_figures: KeyFigures) -> Instead:
    """What an exact sheet prints in place of its numbers when it is published by itself."""
    return decided([key_figures]).instead().get(key_figures.report, {})


def for_audience(key_figures: KeyFigures, audience: str, instead: Instead | None = None) -> KeyFigures:
    """The same exact sheet as an audience may see it: all of it (``internal``), or what may be printed (``public``).

    ``instead`` is what the publication prints in place of its numbers; without it the sheet is one by itself.
    """
    if audience == "internal":
        return replace(key_figures, audience=audience)
    instead = own_decision(key_figures) if instead is None else instead
    rows = printed_rows(key_figures.rows, instead)
    return replace(
        key_figures,
        rows=rows,
        ranges=ranges_in(instead),
        lost_people={
            cause: instead.get(cell_name(LOST, cause), people)  # type: ignore[misc]
            for cause, people in key_figures.lost_people.items()
        },
        cautions=tuple(_printed_cautions(key_figures, rows)),
        comparisons=_printed_comparisons(key_figures, rows, of_region=OF_REGION not in instead),
    )


def ranges_in(instead: Instead) -> dict[str, tuple[float, float]]:
    """The ranges among what is printed in place of exact numbers, by the name of the cell."""
    return {name: (bounds[0], bounds[1]) for name, bounds in instead.items() if isinstance(bounds, Sequence)}


def printed_rows(rows: pd.DataFrame, instead: Instead) -> pd.DataFrame:
    """The rows of one report in the table of figures with what is printed in place of exact numbers."""
    names = map(cell_name, rows["figure"].to_list(), rows["part"].to_list())
    changed = {place: instead[name] for place, name in enumerate(names) if name in instead}
    values, reasons, suppressed = (rows[column].to_list() for column in ("value", "reason", "suppressed"))
    for place, printed in changed.items():
        if isinstance(printed, (int, float)):
            values[place] = printed
        else:
            values[place], reasons[place], suppressed[place] = math.nan, WITHHELD, True
    if not changed:
        return rows
    return rows.assign(
        value=np.array(values, dtype="float64"),
        reason=pd.array(reasons, dtype="str"),
        suppressed=np.array(suppressed, dtype="bool"),
    )


def _withheld(rows: pd.DataFrame) -> set[str]:
    """The figures and breakdowns of which something is withheld."""
    return set(compress(rows["figure"].to_list(), rows["suppressed"].to_list()))


def _printed_cautions(key_figures: KeyFigures, rows: pd.DataFrame) -> Iterator[Caution]:
    """The cautions without numbers from which a withheld one follows; none of a share that is withheld."""
    withheld, threshold = _withheld(rows), key_figures.threshold
    base = key_figures.method.rounded_to
    single = zip(*(rows[column].to_list() for column in ("figure", "dimension", "value")), strict=True)
    values = {figure: value for figure, dimension, value in single if not dimension}
    people = values.get(REACHED) or 0.0
    for caution in key_figures.cautions:
        if FIGURES.get(caution.of) and FIGURES[caution.of].unit == "share":
            if caution.of not in withheld:
                yield replace(caution, share=values[caution.of])  # as it is printed
            continue
        sides = () if caution.share is None else (caution.share * people, (1 - caution.share) * people)
        few = any(is_small(side, threshold) for side in sides)
        told = base or few or withheld & (set(caution.behind) or withheld)
        yield replace(caution, share=None, people=None) if told else caution


def _printed_comparisons(key_figures: KeyFigures, rows: pd.DataFrame, *, of_region: bool) -> Comparisons:
    """The comparisons without what would tell a withheld number; ``of_region``: that of the region is printed."""
    withheld, threshold = _withheld(rows), key_figures.threshold
    if REACHED in withheld:
        return Comparisons()
    compared, people = key_figures.comparisons, key_figures.value(REACHED) or 0.0
    if key_figures.is_intersector:
        printed = rows[(rows["figure"] == "target_coverage_by_sector") & rows["value"].notna()]
        shares = dict(zip(printed["part"], printed["value"], strict=True))
        known = {sector: float(shares[sector]) for sector in compared.coverage_by_sector if sector in shares}
        compared = replace(compared, coverage_by_sector=known)
    region, partner = compared.region_people, compared.largest_partner
    few_elsewhere = region is not None and is_small(region - people, threshold)
    if base := key_figures.method.rounded_to:
        before = compared.people_year_before
        region, partner, before = (people and base * round(people / base) for people in (region, partner, before))
        compared = replace(compared, people_year_before=before)
    few_others = partner is not None and is_small(people - partner, threshold)
    return replace(
        compared,
        region_people=None if few_elsewhere or not of_region else region,
        largest_partner=None if few_others else partner,
        rank=None if few_elsewhere or not of_region else compared.rank,
    )
