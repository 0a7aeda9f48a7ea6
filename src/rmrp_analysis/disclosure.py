"""What may be printed: counts of so few people that a person could be recognised are withheld.

What is a count of people is known from its declaration in the registry. A count from 1 up to the threshold is withheld.
Where that leaves parts whose values would follow, exactly or nearly, from the sum and the others, the next smallest
part is withheld too; the reason is then the same for all of them, so that it does not reveal which one is small. Zero
is printed: it is about nobody. Parts that do not make their figure are withheld alone; where a sector is withheld, so
is the sum of sectors among the models.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, Caution, Comparisons, KeyFigures
from rmrp_analysis.method import Method
from rmrp_analysis.vocabulary import NOT_SPECIFIED

TOGETHER, ALONE = "withheld_together", "withheld"
REACHED = "people_reached"
IN_TRANSIT = ("people_reached_by_population_group", "in_transit")


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """The same sheet as an audience may see it: all of it (``internal``), or without small counts (``public``)."""
    if audience == "internal":
        return replace(key_figures, audience=audience)
    return withhold_small_counts(key_figures)


def withhold_small_counts(key_figures: KeyFigures) -> KeyFigures:
    """The same sheet with every small count of people withheld, by the threshold of its method.

    When the total itself is withheld, so is everything that it follows from or that follows from it.
    """
    threshold = key_figures.method.small_count_threshold
    rows = protected(key_figures.rows, key_figures.method)
    lost = {
        cause: None if people is not None and 0 < abs(people) < threshold else people
        for cause, people in key_figures.lost_people.items()
    }
    cautions = tuple(_protected_cautions(key_figures, rows))
    comparisons = _protected_comparisons(key_figures, rows)
    return replace(key_figures, rows=rows, lost_people=lost, cautions=cautions, comparisons=comparisons)


def _protected_cautions(key_figures: KeyFigures, rows: pd.DataFrame) -> Iterator[Caution]:
    """The cautions without numbers from which a withheld one follows; none of a share that is withheld."""
    withheld, threshold = set(rows.loc[rows["suppressed"], "figure"]), key_figures.method.small_count_threshold
    values = rows[rows["dimension"] == ""].set_index("figure")["value"]
    people = float(values.get(REACHED) or 0.0)
    for caution in key_figures.cautions:
        if FIGURES.get(caution.of) and FIGURES[caution.of].unit == "share":
            if caution.of not in withheld:
                yield replace(caution, share=float(values[caution.of]))  # as it is printed
            continue
        sides = () if caution.share is None else (caution.share * people, (1 - caution.share) * people)
        told = withheld & (set(caution.behind) or withheld) or any(0 < side < threshold for side in sides)
        yield replace(caution, share=None, people=None) if told else caution


def _protected_comparisons(key_figures: KeyFigures, rows: pd.DataFrame) -> Comparisons:
    """The comparisons without what would tell a withheld number."""
    withheld, threshold = set(rows.loc[rows["suppressed"], "figure"]), key_figures.method.small_count_threshold
    if REACHED in withheld:
        return Comparisons()
    compared, people = key_figures.comparisons, key_figures.value(REACHED) or 0.0
    printed = rows[(rows["figure"] == "target_coverage_by_sector") & rows["value"].notna()]
    shares = dict(zip(printed["part"], printed["value"], strict=True))
    if key_figures.is_intersector:
        known = {sector: float(shares[sector]) for sector in compared.coverage_by_sector if sector in shares}
        compared = replace(compared, coverage_by_sector=known)
    region, partner = compared.region_people, compared.largest_partner
    few_elsewhere = region is not None and 0 < region - people < threshold
    few_others = partner is not None and 0 < people - partner < threshold
    return replace(
        compared,
        region_people=None if few_elsewhere else region,
        largest_partner=None if few_others else partner,
    )


def protected(rows: pd.DataFrame, method: Method) -> pd.DataFrame:
    """The rows of one report in the table of figures, without the values that must not be printed."""
    values = rows.set_index(["figure", "part"])["value"]
    single = rows[rows["dimension"] == ""].set_index("figure")["value"]
    hidden: dict[tuple[str, str], str] = {}
    for name, definition in FIGURES.items():
        follows_from = {definition.part, definition.whole} & {figure for figure, _ in hidden}
        small = definition.protected and _is_small(single.get(name), method.small_count_threshold)
        if (small or follows_from) and pd.notna(single.get(name)):
            hidden[name, ""] = ALONE
    for name, breakdown in BREAKDOWNS.items():
        if name in values.index and breakdown.figure_definition.protected:
            everything = (breakdown.figure, "") in hidden
            adds_up = breakdown.adds_up(method)
            parts = values.loc[name]
            hidden |= {
                (name, str(part)): reason for part, reason in _withheld(parts, method, everything, adds_up).items()
            }
    rounded: dict[tuple[str, str], float] = {}
    for key, share, width in _shares_that_tell_of_transit(rows, hidden, method):
        if width >= method.small_count_threshold:
            rounded[key] = share
        else:
            hidden[key] = TOGETHER
    if any(name == "people_reached_by_sector" for name, _ in hidden) and "people_reached_by_model" in values.index:
        hidden |= dict.fromkeys((("people_reached_by_model", model) for model in ("sum", "southern_cone")), TOGETHER)
    keys = list(zip(rows["figure"], rows["part"], strict=True))
    reasons = pd.Series([hidden.get(key, "") for key in keys], rows.index)
    printed = pd.Series([rounded.get(key, float("nan")) for key in keys], rows.index, dtype="float64")
    withheld = reasons != ""
    return rows.assign(
        value=printed.fillna(rows["value"]).mask(withheld),
        reason=rows["reason"].where(~withheld, reasons),
        suppressed=rows["suppressed"] | withheld,
    )


def _shares_that_tell_of_transit(
    rows: pd.DataFrame, hidden: Mapping[tuple[str, str], str], method: Method
) -> Iterator[tuple[tuple[str, str], float, float]]:
    """Shares of need or target from which a withheld number of people in transit could be worked out.

    Such a share is of the people reached less those in transit. Comes as its key, the share as it is printed, and how
    many numbers of people in transit that leaves possible.
    """
    known = rows[rows["value"].notna()]
    keys = zip(known["figure"].astype("str"), known["part"].astype("str"), strict=True)
    values: dict[tuple[str, str], float] = dict(zip(keys, known["value"].astype("float64"), strict=True))
    for (name, part), share in values.items():
        definition = BREAKDOWNS[name].figure_definition if name in BREAKDOWNS else FIGURES[name]
        if not definition.compared or (name, part) in hidden:
            continue
        by = name.removeprefix(definition.name)
        people, whole = values.get((definition.part + by, part)), values.get((definition.whole + by, part))
        if people is None or not whole:
            continue
        if (definition.part + by, part) in hidden:
            yield (name, part), share, 0.0
            continue
        in_transit = people - share * whole
        small = 0.5 < abs(in_transit) < method.small_count_threshold
        if small or (not part and IN_TRANSIT in hidden):
            printed, width = numbers.share_as_printed(share)
            yield (name, part), printed, width * whole


def protected_parts(parts: pd.Series, figure: str, method: Method) -> pd.DataFrame:
    """A figure by any dimensions, without the values that must not be printed.

    Columns ``value``, ``suppressed`` and ``reason``. By two dimensions, each row and each column is taken for parts of
    a sum that is known.
    """
    hidden: dict[object, str] = {}
    if FIGURES[figure].protected:
        lines = [parts]
        if parts.index.nlevels > 1:
            lines = [line for level in range(parts.index.nlevels) for _, line in parts.groupby(level=level)]
        before = -1
        while len(hidden) > before:  # what one line withholds may be told by another that crosses it
            before = len(hidden)
            for line in lines:
                small = {part for part in line.index if part in hidden}
                hidden |= _withheld(line, method, everything=False, adds_up=True, already=small)
    reasons = pd.Series([hidden.get(part, "") for part in parts.index], index=parts.index)
    return pd.DataFrame({"value": parts.mask(reasons != ""), "suppressed": reasons != "", "reason": reasons})


def _withheld(
    parts: pd.Series, method: Method, everything: bool, adds_up: bool, already: Collection[object] = ()
) -> dict[object, str]:
    """The parts that are withheld, with the reason; ``everything``: their total is withheld, too.

    Those that are ``already`` withheld for another sum count as withheld here.
    """
    threshold = method.small_count_threshold
    small = {part: value for part, value in parts.items() if part in already or _is_small(value, threshold)}
    if everything:
        known = {part for part, value in parts.items() if pd.notna(value) and value}
        return dict.fromkeys(known, ALONE if known <= set(small) else TOGETHER)
    if not adds_up or not _would_reveal(small, threshold):
        return dict.fromkeys(small, TOGETHER if already else ALONE)
    others = parts[parts.notna() & (parts != 0) & ~parts.index.isin(list(small))]
    companion = [others.abs().idxmin()] if len(others) else []
    return dict.fromkeys([*small, *companion], TOGETHER)


def _would_reveal(small: Mapping[object, float], threshold: int) -> bool:
    """Whether too few values are possible for a withheld part, since the sum of them follows from what is printed.

    Each is known to lie between 1 and the threshold, and their sum is known: 2 people in two parts are 1 and 1. At
    least half as many values as the threshold must stay possible. People of no specified group are in no group that
    could be worked out.
    """
    if not set(small) - {NOT_SPECIFIED}:
        return False
    if len(small) == 1:
        return True
    if any(abs(people) >= threshold for people in small.values()):
        return False  # a larger one among them may have any value
    together, others = sum(abs(people) for people in small.values()), len(small) - 1
    least, most = max(1, together - others * (threshold - 1)), min(threshold - 1, together - others)
    return most - least + 1 < threshold / 2


def _is_small(value: float | None, threshold: int) -> bool:
    return value is not None and pd.notna(value) and 0 < abs(value) < threshold
