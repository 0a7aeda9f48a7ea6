"""The made-up organisations of an illustrative plan, each at home on one country or in the whole region."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bundled_plan import profiles
from bundled_plan.shares import Integers, picked, shared

REGION = -1


@dataclass(frozen=True)
class Roster:
    """Organisations by number: their names, and the position in ``COUNTRIES`` of their home (-1: the region)."""

    names: list[str]
    acronyms: list[str]
    kinds: list[str]
    homes: Integers


def roster(count: int, regional: int, kinds: tuple[tuple[str, str, str], ...], *, digits: int) -> Roster:
    """``count`` organisations, the first ``regional`` at work everywhere, the others spread as activities are."""
    numbers = range(1, count + 1)
    kind = [kinds[number * number % len(kinds)] for number in numbers]
    weights = np.array([profiles.ACTIVITY_WEIGHTS.get(country, 0) for country in profiles.COUNTRIES], dtype=np.int64)
    homes = np.repeat(np.arange(len(weights)), shared(count - regional, weights))
    shuffled = homes[np.random.RandomState(0).permutation(len(homes))]
    return Roster(
        names=[f"{prefix} {number:0{digits}d}" for number, (prefix, _, _) in zip(numbers, kind, strict=True)],
        acronyms=[f"{short}{number:0{digits}d}" for number, (_, short, _) in zip(numbers, kind, strict=True)],
        kinds=[type_ for _, _, type_ in kind],
        homes=np.concatenate([np.full(regional, REGION), shuffled]).astype(np.int64),
    )


def appealing_roster() -> Roster:
    """The organisations that appeal and report."""
    return roster(profiles.ORGANISATIONS, profiles.REGIONAL_ORGANISATIONS, profiles.ORGANISATION_KINDS, digits=2)


def implementing_roster() -> Roster:
    """The partners that carry activities out."""
    return roster(profiles.PARTNERS, profiles.REGIONAL_PARTNERS, profiles.PARTNER_KINDS, digits=3)


def members(known: Roster, count: int, served: set[int], start: int) -> tuple[Integers, int]:
    """``count`` organisations of one sector and where the next sector's local ones start.

    A third are regional, the largest first; the others come in turn from those at home in a served country.
    """
    regional = np.flatnonzero(known.homes == REGION)[: max(1, count // 3)]
    local = np.flatnonzero(np.isin(known.homes, sorted(served)))
    in_turn = np.concatenate([local[local >= start], local[local < start]])[: count - len(regional)]
    if len(in_turn) < count - len(regional):
        raise ValueError(f"the roster has too few organisations at home in {sorted(served)} for {count}")
    following = int(in_turn[-1]) + 1 if len(in_turn) else start
    return np.concatenate([regional, in_turn]), following


def assigned(
    known: Roster, chosen: Integers, country: Integers, rng: np.random.RandomState
) -> tuple[Integers, np.ndarray]:
    """An organisation for each row by its country, and which rows must keep theirs so that each one chosen occurs."""
    organisation = np.full(len(country), -1, dtype=np.int64)
    for member in chosen[: len(country)]:
        free = organisation < 0
        at_home = free & (known.homes[member] == country)
        places = np.flatnonzero(at_home if at_home.any() else free)
        organisation[places[int(rng.random_sample() * len(places))]] = member
    kept = organisation >= 0
    for place in np.unique(country):
        rows = np.flatnonzero((country == place) & ~kept)
        candidates = chosen[np.isin(known.homes[chosen], (REGION, place))]
        weights = 120 // (np.arange(len(candidates)) + 3) + np.where(known.homes[candidates] == REGION, 0, 12)
        organisation[rows] = candidates[picked(rng, weights, len(rows))]
    return organisation, kept


def appealing_organisations(known: Roster) -> pd.DataFrame:
    """The roster in the layout of R4V's table of appealing organisations."""
    full = full_names(known)
    home = [_platform(position) for position in known.homes]
    return pd.DataFrame(
        {
            "IDORG": [f"ORG{number:03d}" for number in range(1, len(full) + 1)],
            "Name": full,
            "Nombre": full,
            "Nome": "",
            "Acronym.Short.Name": known.acronyms,
            "Type": known.kinds,
            "Regional": ["Yes" if position == REGION else "No" for position in known.homes],
            "Platform": home,
            "Changes.contrl": 0,
        }
    )


def implementing_partners(known: Roster) -> pd.DataFrame:
    """The roster in the layout of R4V's table of implementing partners."""
    return pd.DataFrame(
        {
            "IDIP": [f"IP{number:03d}" for number in range(1, len(known.names) + 1)],
            "IDORG": "",
            "Name": known.names,
            "Nombre": known.names,
            "Nome": "",
            "Acronym.Short.Name": known.acronyms,
            "Type": known.kinds,
            "Platform": [_platform(position) for position in known.homes],
            "Changes.Control": 0,
        }
    )


def full_names(known: Roster) -> list[str]:
    """Names with the acronym in brackets, as activities carry them."""
    return [f"{name} ({acronym})" for name, acronym in zip(known.names, known.acronyms, strict=True)]


def _platform(home: int) -> str:
    if home == REGION:
        return ""
    country = profiles.COUNTRIES[home]
    return next(name for name, inside in profiles.COUNTRIES_OF_PLATFORM.items() if country in inside)
