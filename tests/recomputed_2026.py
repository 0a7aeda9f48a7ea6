"""The figures of a sheet and R4V's checks of 2025 and 2026, worked out again in plain Python from the exports.

It is written from the rules as they are described, and nothing of the package is imported: where the two agree, two
readers of the rules do. The consolidation models are those of ``recomputed_models``, which is written so, too; places
are those of the exports. A report is one record with its fields as ActivityInfo names them.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import activityinfo_2026 as made
import recomputed_models as oracle
from activityinfo_2026 import DIRECT, FIELDS_2025, MECHANISMS, PLACES, TRAINING

Cells = Mapping[str, float]
Key = tuple[str, str, str, str]
"""Of a number of a sheet: figure, platform, group, month."""

GROUPS = {f"new_{field}": name for field, name in zip(made.GROUPS, oracle.GROUPS, strict=True)}
AGES = {f"new_{field}": name for field, name in zip(made.AGES, oracle.AGES, strict=True)}
MINORS = ("girls", "boys", "other_under_18")
REGIONAL = "Regional"
ISO = {country: iso for country, (iso, *_) in PLACES.items()} | {REGIONAL: REGIONAL}
PLATFORMS = {
    platform: tuple(country for country, (_, its, _) in PLACES.items() if its == platform)
    for platform in sorted({platform for _, platform, _ in PLACES.values()})
} | {REGIONAL: (REGIONAL,)}
SECTORS = {
    "Education": "Education", "Food Security": "Food Security", "Health": "Health",
    "Humanitarian Transportation": "Humanitarian Transportation", "Integration": "Integration",
    "Multipurpose Cash Assistance (MPC)": "Multipurpose Cash Assistance", "Nutrition": "Nutrition",
    "Protection (General)": "Protection (General)", "Protection (Child Protection)": "Child Protection",
    "Protection (GBV)": "Gender-Based Violence",
    "Protection (Human Trafficking and Smuggling)": "Human Trafficking & Smuggling", "Shelter": "Shelter",
    "WASH": "WASH", "Protection (Support Spaces)": "Support Spaces",
    "Common Services (Coordination)": "Common Services",
}  # fmt: skip
WITH_PEOPLE = tuple(SECTORS.values())[:13]
ALL_SECTORS = "Intersector"
NATIONAL = ""


@dataclass(frozen=True)
class Row:
    """A report as it was read. ``kind`` is the type of its indicator, None where the list does not have it."""

    line: int
    cells: Mapping[str, Any]
    kind: str | None
    year: int

    @cached_property
    def groups(self) -> Cells:
        """People of each population group; those of nobody are left out."""
        return {name: float(self.cells[field]) for field, name in GROUPS.items() if self.cells.get(field)}

    @cached_property
    def ages(self) -> Cells:
        """People of each age and gender; those of nobody are left out."""
        return {name: float(self.cells[field]) for field, name in AGES.items() if self.cells.get(field)}

    @property
    def sums_differ(self) -> bool:
        """Whether population groups and ages add up to different numbers."""
        return sum(self.groups.values()) != sum(self.ages.values())

    @property
    def new(self) -> float | None:
        """New beneficiaries of the month: reported until 2025; in 2026 derived for direct assistance alone.

        They are what both sums agree on, also where both are sums of nothing; else they are unknown.
        """
        if self.year < 2026:
            return self.number("new")
        return sum(self.groups.values()) if self.kind == DIRECT and not self.sums_differ else None

    @property
    def sector(self) -> str:
        return SECTORS[self.cells["indicator.sector"]]

    @property
    def place(self) -> tuple[str, str]:
        """Country and admin1, in whatever spelling; a country without admin1 is one place."""
        country, admin1 = self.cells["country.Country"], fold(self.cells.get("country.Admin1"))
        return country, NATIONAL if admin1 in (fold(country), fold("Country level")) else admin1

    @property
    def reported(self) -> oracle.Row:
        """What the consolidation models compare."""
        country, admin1 = self.place
        where = {"country": country, "place": admin1, "month": self.cells["month"], "sector": self.sector}
        people = {**dict.fromkeys(oracle.PEOPLE, 0.0), **self.groups, **self.ages, "new_beneficiaries": self.new}
        return {**where, "indicator_type": "people in need", **people}

    def number(self, name: str) -> float | None:
        cell = self.cells.get(name)
        return None if cell is None or cell == "" else float(cell)


def fold(name: str | None) -> str:
    """A name without accents, capitals and double blanks."""
    plain = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode()
    return " ".join(plain.casefold().split())


def rows_2026(records: Iterable[Mapping[str, Any]], indicators: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The reports of the form of 2026, flat or nested; the type is that of the text in its sector."""
    kinds = {(one["sector"], one["indicator_simplified"]): one["indictatortype"] for one in indicators}
    return [
        Row(line, cells, kinds.get((cells["indicator.sector"], cells["indicator.indicator_simplified"])), 2026)
        for line, cells in enumerate(map(flat, records), start=1)
    ]


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with dotted names for the fields of what it refers to."""
    fields: dict[str, Any] = {}
    for name, cell in record.items():
        fields |= (
            {f"{name}.{inner}": c for inner, c in flat(cell).items()} if isinstance(cell, Mapping) else {name: cell}
        )
    return fields


def rows_2025(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The reports of the export of 2025 by its labels; the type is the one that the export gives."""
    return [
        Row(line, {FIELDS_2025[label]: cell for label, cell in cells.items()}, cells["Indicator Type"], 2025)
        for line, cells in enumerate(rows, start=2)
    ]


# R4V's checks. An empty number in a comparison flags nothing; an unknown type does not, but it is in no list of types.

Check = Callable[[Row], bool]


def _is_empty_or(test: Callable[[float], bool], number: float | None) -> bool:
    return number is None or test(number)


def _new_of_month(row: Row) -> bool:
    if row.kind == DIRECT and row.year < 2026:
        return _is_empty_or(lambda new: new <= 0, row.new)
    if row.kind in (DIRECT, TRAINING):
        return _is_empty_or(lambda new: new < 0, row.new)
    return row.kind is not None and row.new is not None


def _unlike_new(row: Row, people: float) -> bool:
    if row.year >= 2026:
        return row.kind == DIRECT and row.sums_differ
    return row.kind == DIRECT and row.new is not None and row.new != people


def _no_minors(row: Row, sector: str) -> bool:
    if row.kind != DIRECT or row.cells["indicator.sector"] != sector or any(row.ages.get(age) for age in MINORS):
        return False
    return row.year < 2026 or (row.new or 0) > 0


def _total_of_month(row: Row) -> bool:
    without = {"Infrastructure", "Mechanism/Advocacy", "Other", *(("Campaign",) if row.year >= 2026 else ())}
    return row.kind not in without and _is_empty_or(lambda total: total == 0, row.number("total_monthly_beneficiaries"))


def _cash(row: Row) -> bool:
    no_value = _is_empty_or(lambda value: value <= 0, row.number("cva_value"))
    return row.cells.get("cva") == "Yes" and (no_value or row.cells.get("cva_mechanism") not in MECHANISMS)


def _above_total(row: Row) -> bool:
    total = row.number("total_monthly_beneficiaries")
    return row.kind == DIRECT and None not in (row.new, total) and row.new > total  # type: ignore[operator]


def flagged(
    rows: Sequence[Row], *, places: Iterable[tuple[str, str]], indicators: Iterable[tuple[str, str]]
) -> dict[str, set[int]]:
    """The lines that each check of R4V's flags, by R4V's name; the lists are pairs as they are written."""
    listed, known = set(places), set(indicators)
    checks: dict[str, Check] = {
        "QA_output": lambda row: row.kind not in (DIRECT, None) and row.number("output") == 0,
        "QA_TotalMonthlyBeneficiaries": _total_of_month,
        "QA_NewBeneficiariesMonth": _new_of_month,
        "QA_check_population_disaggregation": lambda row: _unlike_new(row, sum(row.groups.values())),
        "QA_check_AGD": lambda row: _unlike_new(row, sum(row.ages.values())),
        "QA_Education": lambda row: _no_minors(row, "Education"),
        "QA_ChildProtection": lambda row: _no_minors(row, "Protection (Child Protection)"),
        "QA_valid_cva": _cash,
        "QA_admin": lambda row: (row.cells["country.Country"], row.cells.get("country.Admin1")) not in listed,
        "QA_indicator": lambda row: (
            (row.cells["indicator.sector"], row.cells["indicator.indicator_simplified"]) not in known
        ),
    }
    if rows[0].year >= 2026:
        checks["QA_NewBeneficiariesExceedsTotal"] = _above_total
    return {name: {row.line for row in rows if check(row)} for name, check in checks.items()}


Modelled = tuple[float, Mapping[str, float], Mapping[str, float]]
"""People, by population group, by age and gender."""
Parts = tuple[float | None, Mapping[str, float] | None, Mapping[str, float] | None]
"""The same, each None where it is not known."""
PREFIXES = {
    "Dest": "in_destination", "Transit": "in_transit", "HC": "host_communities", "Pendular": "pendular",
    "Returnees": "colombian_returnees",
}  # fmt: skip


def shares_of(rows: Iterable[Mapping[str, Any]]) -> dict[oracle.Place, oracle.Shares]:
    """Shares by country, admin1 and sector as in R4V's sheet of 2022; ``Country level`` is the whole country."""
    return {
        (row["Country"], NATIONAL if row["Admin1"] == "Country level" else fold(row["Admin1"]), sector): {
            f"{group}_{cell}": float(row[f"{prefix}_{cell.title()}"])
            for prefix, group in PREFIXES.items()
            for cell in oracle.PLANNED_AGES
        }
        for row in rows
        if (sector := SECTORS.get(row["Subsector"]))
    }


def added(many: Iterable[Mapping[Any, float]]) -> dict[Any, float]:
    total: dict[Any, float] = defaultdict(float)
    for cells in many:
        for name, people in cells.items():
            total[name] += people
    return dict(total)


@dataclass(frozen=True)
class Recomputed:
    """The figures of all sheets of a period of 2026, from the reports and what was planned."""

    rows: Sequence[Row]
    planning: Mapping[tuple[str, str, str, str], float]
    """By sector, scope, population group and measure."""
    shares: Mapping[oracle.Place, oracle.Shares]
    months: tuple[str, ...]
    model: str = "sum"
    organisation: str = ""
    """The one whose sheets these are; of it nothing is planned."""

    def sheet(self, sector: str, place: str) -> dict[Key, float | None]:
        """Every figure of people, partners and activities of a sheet; None for what cannot be known."""
        rows = self._reported(sector, _countries(place))
        presence: dict[Key, float | None] = {
            ("activities", "", "", ""): len(rows),
            ("reporting_partners", "", "", ""): _distinct(rows, "appealing_org.Name"),
            ("implementing_partners", "", "", ""): _distinct(rows, "implementing_org.Name"),
        }
        if sector not in (*WITH_PEOPLE, ALL_SECTORS):
            return presence
        return {
            **presence,
            **self._people(rows, sector, place),
            **self._plans(rows, sector, place),
            **(self._by_sector(rows, place) if sector == ALL_SECTORS else {}),
        }

    def reached(self, rows: Sequence[Row], sector: str, unseen: Set[str] = frozenset()) -> Parts:
        """People reached, by population group, by age and gender; of ``unseen`` countries nothing is known.

        Not known either where there is no report, or where no report of direct assistance has a known number.
        """
        counted = [row for row in rows if row.kind == DIRECT]
        known = [row for row in counted if row.new is not None]
        if not rows or (counted and not known):
            return None, None, None
        if sector != ALL_SECTORS:
            return _added_up(known)
        if unseen & {row.place[0] for row in rows}:
            return None, None, None
        total, groups, ages = self._modelled(known, self.model)
        return total, None if self.model == "max_age_gender" else groups, ages

    def _people(self, rows: Sequence[Row], sector: str, place: str) -> dict[Key, float | None]:
        unseen = self._unseen(rows, self.model) if sector == ALL_SECTORS else set()
        total, groups, ages = self.reached(rows, sector, unseen)
        figures: dict[Key, float | None] = {("people_reached", "", "", ""): total}
        for figure, names, cells in (
            ("people_reached_by_population_group", GROUPS.values(), groups),
            ("people_reached_by_age_gender", AGES.values(), ages),
        ):
            for name in (*names, "not specified"):
                figures[figure, "", name, ""] = None if cells is None else cells.get(name, 0)
        for key, inside in self._parts(rows, sector, place).items():
            figures[key] = self.reached(inside, sector, unseen)[0]
        return figures

    def _parts(self, rows: Sequence[Row], sector: str, place: str) -> dict[Key, list[Row]]:
        """The reports behind each part of a breakdown: of months, of an organisation's indicators, of places."""
        by_month = _split(rows, lambda row: row.cells["month"])
        by_country = _split(rows, lambda row: row.place[0])
        parts: dict[Key, list[Row]] = {
            ("people_reached_by_month", "", "", month): by_month.get(month, []) for month in self.months
        }
        if self.organisation and sector != ALL_SECTORS:
            counted = [row for row in rows if row.kind == DIRECT]
            by_text = _split(counted, lambda row: row.cells["indicator.indicator_simplified"])
            parts |= {("people_reached_by_indicator", "", text, ""): inside for text, inside in by_text.items()}
        if place == "region":
            for name, countries in PLATFORMS.items():
                inside = [row for country in countries for row in by_country.get(country, [])]
                parts["people_reached_by_platform", name, "", ""] = inside
        elif len(_countries(place)) > 1:
            for country in _countries(place):
                parts["people_reached_by_country", "", ISO[country], ""] = by_country.get(country, [])
        else:
            by_admin1 = _split(rows, lambda row: row.place[1] or "national")
            parts |= {("people_reached_by_admin1", "", name, ""): inside for name, inside in by_admin1.items()}
        return parts

    def _plans(self, rows: Sequence[Row], sector: str, place: str) -> dict[Key, float | None]:
        target = self._planned(sector, place, "target")
        figures: dict[Key, float | None] = {
            ("people_in_need", "", "", ""): (need := self._planned(sector, place, "people_in_need")),
            ("target", "", "", ""): target,
            ("need_coverage", "", "", ""): self._coverage(rows, sector, need),
            ("target_coverage", "", "", ""): self._coverage(rows, sector, target),
        }
        for name in GROUPS.values():
            group = name.replace("_", " ").removeprefix("Colombian ")
            figures["target_by_population_group", "", name, ""] = self._planned(sector, place, "target", group)
        return figures

    def _by_sector(self, rows: Sequence[Row], place: str) -> dict[Key, float | None]:
        """What the sheet of all sectors says of each of them, and of each consolidation model."""
        figures: dict[Key, float | None] = {}
        for name in WITH_PEOPLE:
            inside = [row for row in rows if row.sector == name]
            target = self._planned(name, place, "target")
            figures["people_reached_by_sector", "", name, ""] = self.reached(inside, name)[0]
            figures["target_by_sector", "", name, ""] = target
            figures["target_coverage_by_sector", "", name, ""] = self._coverage(inside, name, target)
        known = [row for row in rows if row.kind == DIRECT and row.new is not None]
        models = {
            model: None if self._unseen(rows, model) else self._modelled(known, model)[0]
            for model in oracle.MODELS[2022]
        }
        largest_sectors = sum(
            max(_added_up(inside)[0] for inside in _split(of_place, lambda row: row.sector).values())
            for of_place in _split(known, lambda row: row.place).values()
        )
        models["lower_bound"] = largest_sectors
        return figures | {("people_reached_by_model", "", model, ""): people for model, people in models.items()}

    def _coverage(self, rows: Sequence[Row], sector: str, planned: float | None) -> float | None:
        """The people reached who are not in transit, by what is planned; plans leave people in transit out, too."""
        unseen = self._unseen(rows, self.model) if sector == ALL_SECTORS else set()
        total, groups, _ = self.reached(rows, sector, unseen)
        if not planned or total is None or groups is None:
            return None
        return (total - groups.get("in_transit", 0)) / planned

    def _planned(self, sector: str, place: str, measure: str, group: str = "all") -> float | None:
        """As planned for the region or a country; for a platform that of its countries, if each has a number."""
        if self.organisation:
            return None
        scopes = ["region"] if place == "region" else [ISO[name] for name in _countries(place)]
        name = "all" if sector == ALL_SECTORS else sector
        numbers = [self.planning.get((name, scope, group, measure)) for scope in scopes]
        return None if None in numbers else sum(number for number in numbers if number is not None)

    def _unseen(self, rows: Sequence[Row], model: str) -> set[str]:
        """Countries with people of whom the shares of the plan see none: totals with them are not known."""
        known = [row for row in rows if row.kind == DIRECT and row.new]
        by_country = _split(known if model == "max_sector" else (), lambda row: row.place[0])
        return {country for country, inside in by_country.items() if not self._modelled(inside, model)[0]}

    def _modelled(self, rows: Iterable[Row], model: str) -> Modelled:
        """People reached by all sectors: what the model keeps within each place and month, added up."""
        kept: dict[tuple[str, str], float] = defaultdict(float)
        for (country, place, _), people in oracle.reported_by_place([row.reported for row in rows], "admin1").items():
            for keep, names in oracle.MODELS[2022][model].items():
                sectors = {
                    sector: (
                        people[sector],
                        oracle.shares_in(self.shares, country, place, sector, "country_proportions"),
                    )
                    for sector in oracle.SECTORS
                    if sector in people and sector in names
                }
                for _, dimension, part, number in keep(sectors) if sectors else ():
                    kept[dimension, part] += number
        groups, ages = ({part: kept[of, part] for of, part in [*kept] if of == split} for split in oracle.DIMENSIONS)
        return kept["", ""], groups, ages

    def _reported(self, sector: str, countries: Sequence[str]) -> list[Row]:
        rows = [row for row in self.rows if row.cells["month"] in self.months and row.place[0] in countries]
        whose = fold(self.organisation)
        return [
            row
            for row in rows
            if sector in (row.sector, ALL_SECTORS) and whose in ("", fold(row.cells["appealing_org.Name"]))
        ]


def _added_up(rows: Sequence[Row]) -> Modelled:
    return sum(row.new or 0 for row in rows), added(row.groups for row in rows), added(row.ages for row in rows)


def _split(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    parts: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        parts[key(row)].append(row)
    return dict(parts)


def _distinct(rows: Iterable[Row], field: str) -> int:
    return len({fold(name) for row in rows if (name := row.cells.get(field))})


def _countries(place: str) -> Sequence[str]:
    everywhere = [name for names in PLATFORMS.values() for name in names]
    return everywhere if place == "region" else PLATFORMS.get(place, (place,))
