"""Exports of the plan years 2025 and 2026 as ActivityInfo gives them, invented from a seed.

The records are realistic and wrong in the ways that reports are: each mistake that a rule of R4V's speaks of, and its
neighbour that the rule lets pass. Nothing here knows the package.
"""

import csv
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

Record = dict[str, Any]

DIRECT, TRAINING, INFRASTRUCTURE, CAMPAIGN = "Direct Assistance", "Capacity Building", "Infrastructure", "Campaign"
ADVOCACY, OTHER = "Mechanism/Advocacy", "Other"
WITHOUT_PEOPLE = (INFRASTRUCTURE, CAMPAIGN, ADVOCACY, OTHER)
EDUCATION, CHILD_PROTECTION = "Education", "Protection (Child Protection)"
SECTORS = (
    *(EDUCATION, "Food Security", "Health", "Humanitarian Transportation", "Integration"),
    *("Multipurpose Cash Assistance (MPC)", "Nutrition", "Protection (General)", CHILD_PROTECTION, "Protection (GBV)"),
    *("Protection (Human Trafficking and Smuggling)", "Shelter", "WASH"),
)
SUPPORT, COMMON = "Protection (Support Spaces)", "Common Services (Coordination)"
MECHANISMS = (
    *("Beneficiary Bank Account", "Mobile Money", "Prepaid Card", "Cash Collection Over the Counter (OTC)"),
    *("Direct Cash (Cash in Hand)", "Cardless ATM Withdrawal", "Voucher", "Other"),
)
GROUPS = ("indestination", "intransit", "hostcomm", "pendulars", "col_returnees")
AGES = ("women_under18", "men_under18", "women_above18", "men_above18", "other_under18", "other_above18")
MINORS = ("women_under18", "men_under18", "other_under18")
MONTHS = tuple(f"{{year}}-{month:02d}" for month in range(1, 8))
"""The last one is after the period of the tests."""
PLACES = {
    "Argentina": ("ARG", "Southern Cone", ("Buenos Aires", "Córdoba", "Río Negro")),
    "Aruba": ("ABW", "Caribbean", ("Aruba",)),
    "Bolivia": ("BOL", "Southern Cone", ("La Paz", "Santa Cruz")),
    "Brazil": ("BRA", "Brazil", ("Amazonas", "Roraima", "São Paulo")),
    "Chile": ("CHL", "Chile", ("Tarapacá", "Metropolitana")),
    "Colombia": ("COL", "Colombia", ("Antioquia", "Bogotá D.C.", "La Guajira", "Amazonas", "Córdoba")),
    "Costa Rica": ("CRI", "Central America & Mexico", ("Costa Rica",)),
    "Curaçao": ("CUW", "Caribbean", ("Curaçao",)),
    "Dominican Republic": ("DOM", "Caribbean", ("Dominican Republic",)),
    "Ecuador": ("ECU", "Ecuador", ("Pichincha", "Manabí", "Los Ríos", "Guayas")),
    "Guyana": ("GUY", "Caribbean", ("Guyana",)),
    "Mexico": ("MEX", "Central America & Mexico", ("Mexico",)),
    "Panama": ("PAN", "Central America & Mexico", ("Panama",)),
    "Paraguay": ("PRY", "Southern Cone", ("Asunción", "Alto Paraná")),
    "Peru": ("PER", "Peru", ("Lima", "Tumbes", "La Libertad", "Amazonas")),
    "Trinidad and Tobago": ("TTO", "Caribbean", ("Trinidad and Tobago",)),
    "Uruguay": ("URY", "Southern Cone", ("Montevideo", "Río Negro")),
}
REGIONAL = "Regional"
ORGANISATIONS = tuple(
    f"{kind} {number:02d} ({kind[0]}{number:02d})"
    for number, kind in enumerate(("Fundación Ejemplo", "Agência Inventada", "Made-up Relief") * 10, start=1)
)
PARTNERS = (*ORGANISATIONS[:8], *(f"Asociación Local n.º {number}" for number in range(1, 25)))


@dataclass(frozen=True)
class Indicator:
    """An indicator of the list: a text may be listed under two sectors, with two types."""

    key: str
    sector: str
    text: str
    kind: str


@dataclass(frozen=True)
class Report:
    """One record, as somebody typed it; None is an empty cell. ``mistake`` says what was typed wrong, if anything."""

    key: str
    country: str
    admin1: str | None
    organisation: str
    setup: str
    partner: str | None
    month: str
    indicator: Indicator
    cva: str | None
    value: float | None
    mechanism: str | None
    output: int | None
    total: int | None
    new: int | None
    groups: Mapping[str, int | None]
    ages: Mapping[str, int | None]
    mistake: str = ""


@dataclass(frozen=True)
class Export:
    """What ActivityInfo holds of a plan year: reports, and the lists they refer to."""

    year: int
    reports: tuple[Report, ...]
    indicators: tuple[Indicator, ...]
    absent: frozenset[int] = field(default_factory=frozenset)
    """Numbers of the reports whose empty cells are not there at all, rather than null."""

    def forms(self, *, nested: bool) -> dict[str, list[Record]]:
        """The forms by their ids, as the query API answers them: records flat, or with one object a reference."""
        records = [_record(report, absent=number in self.absent) for number, report in enumerate(self.reports)]
        indicators = [
            {"_id": one.key, "sector": one.sector, "indicator_simplified": one.text, "indictatortype": one.kind}
            for one in self.indicators
        ]
        return {
            "activities26": [_nest(record) for record in records] if nested else records,
            "indicators26": indicators,
            "partners26": [{"_id": f"p{n}", "Name": name} for n, name in enumerate(ORGANISATIONS)],
            "implementing26": [{"_id": f"i{n}", "Name": name} for n, name in enumerate(PARTNERS)],
            "places26": [
                {"_id": f"a{n}", **place, "Admin1ISOCode": f"{place['countryISO'][:2]}{n:02d}"}
                for n, place in enumerate(places())
            ],
        }


def places() -> list[dict[str, str]]:
    """The list of first administrative levels; some countries have one of their own name, the others none."""
    listed = [
        {"Country": country, "Admin1": admin1, "countryISO": iso}
        for country, (iso, _, names) in PLACES.items()
        for admin1 in names
    ]
    return [*listed, {"Country": REGIONAL, "Admin1": REGIONAL, "countryISO": "REG"}]


def export(year: int, *, seed: int, rows: int) -> Export:
    """As many invented reports of a year; a third of them have a mistake, each kind in turn."""
    draw = random.Random(seed)  # noqa: S311 (not for secrets)
    listed = indicators()
    reports = [_with_mistake(_report(draw, number, year, listed), draw, listed) for number in range(rows)]
    regional = [one for one in listed if one.sector == COMMON]
    for number in range(rows // 100):
        report = replace(reports[number], country=REGIONAL, admin1=REGIONAL, mistake="")
        reports[number] = _without_people(replace(report, indicator=draw.choice(regional)), draw)
    return Export(year, tuple(reports), listed, frozenset(draw.sample(range(rows), rows // 5)))


def indicators() -> tuple[Indicator, ...]:
    """Two indicators of direct assistance a sector, one of training, one of each other type in turn."""
    kinds = [
        (sector, kind)
        for number, sector in enumerate(SECTORS)
        for kind in (DIRECT, DIRECT, TRAINING, WITHOUT_PEOPLE[number % 4])
    ]
    kinds += [(COMMON, OTHER), (COMMON, TRAINING), (SUPPORT, ADVOCACY)]
    made = [
        Indicator(f"ind{number:03d}", sector, f"# of {kind.lower()}, {sector} – línea {number}", kind)
        for number, (sector, kind) in enumerate(kinds)
    ]
    twice = "# of persons with an information session, “línea común”"
    return (*made, Indicator("indx1", "Health", twice, CAMPAIGN), Indicator("indx2", "Nutrition", twice, DIRECT))


def sent_in_2025(report: Report) -> Record:
    """A report as a row of the export of 2025, by ActivityInfo's labels."""
    iso = PLACES.get(report.country, ("REG",))[0]
    more = {"new": report.new, "kind": report.indicator.kind, "iso": iso}
    return labelled(_record(report, absent=False) | more)


def labelled(record: Record) -> Record:
    """The fields of 2026 by their labels of 2025; what is not there is empty."""
    return {label: record.get(field) for label, field in FIELDS_2025.items()}


def as_r_writes(label: str) -> str:
    """The header that R makes of a label; of what a record refers to, it names the form."""
    return FORMS_IN_R.get(label, "") + re.sub(r"[ ()]", ".", label)


FORMS_IN_R = dict.fromkeys(("Country", "Admin1", "country ISO", "Admin1 ISO code"), "Country.")
FORMS_IN_R |= dict.fromkeys(("Indicator", "Indicator Type"), "Indicator.")


def planning(seed: int) -> list[Record]:
    """People in need and targets of each sector in the region and each country, in transit apart, as the tidy table.

    All sectors have more than each sector, the region has the sum of its countries. Multipurpose cash has targets
    alone.
    """
    draw = random.Random(seed)  # noqa: S311 (not for secrets)
    sums: Counter[tuple[str, str, str, str]] = Counter()
    for sector, (iso, _, _) in product((*SECTORS, "all"), PLACES.values()):
        for group, least, most in (("all", 9_000, 90_000), ("in transit", 10, 3_000)):
            need = draw.randint(2 * most, 3 * most) if sector == "all" else draw.randint(least, most)
            values = {
                "people_in_need": need,
                "target": need // 2 if sector == "all" else draw.randint(need // 20, need // 2),
            }
            for (measure, value), scope in product(values.items(), (iso, "region")):
                sums[sector, scope, group, measure] += value
    return [
        {"sector": sector, "scope": scope, "population_group": group, "measure": measure, "value": value, "source": "x"}
        for (sector, scope, group, measure), value in sums.items()
        if measure == "target" or "Cash" not in sector
    ]


def proportions(seed: int) -> list[Record]:
    """Age and gender of people in need by country, admin1 and sector, in the layout of R4V's sheet of 2022.

    Each country has its ``Country level``; some sectors are not listed in some admin1, some groups have no shares.
    """
    draw = random.Random(seed)  # noqa: S311 (not for secrets)
    groups = ("2022_Total", "Dest", "Transit", "HC", "Pendular", "Returnees")
    rows = []
    for country, (_, _, names) in PLACES.items():
        for admin1 in ("Country level", *(names if len(names) > 1 else ())):
            for sector in (*SECTORS, "Intersector"):
                if admin1 != "Country level" and draw.random() < 0.1:
                    continue
                row: Record = {"Country": country, "Admin1": admin1, "Subsector": sector}
                for group in groups:
                    shares = [0.0] * 4 if draw.random() < 0.1 else _shares(draw)
                    row |= {f"{group}_{cell}": share for cell, share in zip(CELLS, shares, strict=True)}
                rows.append(row)
    return rows


CELLS = ("Girls", "Boys", "Women", "Men")


def _report(draw: random.Random, number: int, year: int, listed: Sequence[Indicator]) -> Report:
    country = draw.choice(list(PLACES))
    direct = [one for one in listed if one.kind == DIRECT]
    indicator = draw.choice(direct if draw.random() < 0.5 else listed)
    partner = draw.choice(PARTNERS) if draw.random() < 0.4 else None
    report = Report(
        key=f"c{draw.randrange(36**12):x}{number}",
        country=country,
        admin1=draw.choice(PLACES[country][2]),
        organisation=_spelling(draw, draw.choice(ORGANISATIONS)),
        setup="Yes" if partner else "No",
        partner=_spelling(draw, partner) if partner else None,
        month=draw.choice(MONTHS).format(year=year),
        indicator=indicator,
        cva="Yes" if (cash := draw.random() < 0.2) else "No",
        value=draw.randint(100, 9_000) if cash else None,
        mechanism=draw.choice(MECHANISMS) if cash else None,
        **NOTHING,
    )
    if indicator.kind in WITHOUT_PEOPLE:
        return _without_people(report, draw)
    if indicator.kind == TRAINING:
        return replace(report, total=draw.randint(1, 80), new=0, output=draw.choice([None, draw.randint(1, 9)]))
    new = draw.choice([draw.randint(1, 9), draw.randint(10, 90), draw.randint(90, 700)])
    return replace(
        report,
        new=new,
        total=new + draw.choice([0, draw.randint(1, 50)]),
        groups=_cells(draw, new, GROUPS),
        ages={**_cells(draw, new - 1, AGES), "women_under18": 1} if new == 1 else _cells(draw, new, AGES, least=1),
    )


NOTHING: dict[str, Any] = {
    "output": None,
    "total": None,
    "new": None,
    "groups": dict.fromkeys(GROUPS),
    "ages": dict.fromkeys(AGES),
}


def _without_people(report: Report, draw: random.Random) -> Report:
    return replace(report, **{**NOTHING, "output": draw.randint(1, 40)})


Mistake = Callable[[Report, random.Random, Sequence[Indicator]], Record]


def _total(groups: Mapping[str, int | None]) -> int:
    return sum(filter(None, groups.values()))


def _more(cells: Mapping[str, int | None], by: int) -> dict[str, int | None]:
    first = next(iter(cells))
    return {**cells, first: (cells[first] or 0) + by}


def _adults(report: Report) -> dict[str, int | None]:
    return {**dict.fromkeys(AGES, 0), "women_above18": _total(report.ages)}


def _elsewhere(report: Report, draw: random.Random) -> str:
    return draw.choice([name for country, (*_, names) in PLACES.items() if country != report.country for name in names])


OF_ANYTHING: dict[str, Mistake] = {
    "output is 0": lambda *_: {"output": 0},
    "output is empty": lambda *_: {"output": None},
    "total is empty": lambda *_: {"total": None},
    "total is 0": lambda *_: {"total": 0},
    "cash without value": lambda *_: {"cva": "Yes", "value": None, "mechanism": MECHANISMS[0]},
    "cash of value 0": lambda *_: {"cva": "Yes", "value": 0, "mechanism": MECHANISMS[1]},
    "cash of value below 0": lambda *_: {"cva": "Yes", "value": -5, "mechanism": MECHANISMS[2]},
    "cash without mechanism": lambda *_: {"cva": "Yes", "value": 10.5, "mechanism": None},
    "cash by a mechanism of 2021": lambda *_: {"cva": "Yes", "value": 10, "mechanism": "Paper Voucher"},
    "no cash, but a mechanism": lambda *_: {"cva": "No", "value": 0, "mechanism": "Check"},
    "cash or not is empty": lambda *_: {"cva": None, "value": None, "mechanism": None},
    "admin1 of elsewhere": lambda report, draw, _: {"admin1": _elsewhere(report, draw)},
    "admin1 is empty": lambda *_: {"admin1": None},
    "admin1 is in capitals": lambda report, *_: {"admin1": (report.admin1 or "").upper()},
    "admin1 is misspelt": lambda report, *_: {"admin1": f"{report.admin1}x"},
    "indicator of another sector": lambda report, *_: {
        "indicator": replace(report.indicator, sector=SECTORS[(len(report.indicator.text) + 3) % len(SECTORS)])
    },
    "indicator not in the list": lambda report, *_: {
        "indicator": replace(report.indicator, key="gone", text="# of what is no longer counted")
    },
    "partner without set-up": lambda *_: {"setup": "No", "partner": PARTNERS[-1]},
    "set-up without partner": lambda *_: {"setup": "Yes", "partner": None},
}
OF_PEOPLE: dict[str, Mistake] = {
    "new above total": lambda report, *_: {"total": max(_total(report.groups) - 1, 0)},
    "one more in destination": lambda report, *_: {"groups": _more(report.groups, 1)},
    "ages far more than groups": lambda report, draw, _: {"ages": _more(report.ages, draw.randint(20, 300))},
    "groups are empty": lambda *_: {"groups": dict.fromkeys(GROUPS)},
    "ages are empty": lambda *_: {"ages": dict.fromkeys(AGES)},
    "groups are 0": lambda *_: {"groups": dict.fromkeys(GROUPS, 0)},
    "nobody new": lambda *_: {"groups": dict.fromkeys(GROUPS, 0), "ages": dict.fromkeys(AGES, 0), "new": 0},
    "nothing of people": lambda *_: NOTHING,
    "groups and ages are empty": lambda *_: {**NOTHING, "total": 7},
}
OF_CHILDREN: dict[str, Mistake] = {
    "nobody under 18": lambda report, *_: {"ages": _adults(report)},
    "nobody under 18, sums differ": lambda report, *_: {"ages": _more(_adults(report), 2)},
    "one minor of other gender": lambda report, *_: {
        "ages": {**_adults(report), "other_under18": 1, "women_above18": _total(report.ages) - 1}
    },
    "nobody new nor under 18": lambda *_: {
        "groups": dict.fromkeys(GROUPS, 0),
        "new": 0,
        "ages": {**dict.fromkeys(AGES), "men_above18": 0},
    },
    "nothing of people": lambda *_: NOTHING,
}
OF_2025: dict[str, Mistake] = {
    "new is empty": lambda *_: {"new": None},
    "new is 0": lambda *_: {"new": 0},
    "new is 5": lambda *_: {"new": 5},
}
OF_2026: dict[str, Mistake] = {
    "training with groups": lambda *_: {
        "groups": {**dict.fromkeys(GROUPS), "hostcomm": 4},
        "ages": {**dict.fromkeys(AGES), "men_above18": 4},
        "total": 4,
    }
}


def _with_mistake(report: Report, draw: random.Random, listed: Sequence[Indicator]) -> Report:
    if draw.random() < 0.6:
        return report
    mistakes = {**OF_ANYTHING}
    if report.indicator.kind == DIRECT:
        mistakes = OF_CHILDREN if report.indicator.sector in (EDUCATION, CHILD_PROTECTION) else mistakes | OF_PEOPLE
    if report.month < "2026":
        mistakes |= OF_2025
    elif report.indicator.kind != DIRECT:
        mistakes |= OF_2026
    name = draw.choice(list(mistakes))
    return replace(report, **mistakes[name](report, draw, listed), mistake=name)


def _cells(draw: random.Random, people: int, names: Sequence[str], *, least: int = 0) -> dict[str, int | None]:
    """People in cells that add up; at least so many in the first; a cell of nobody is 0 or empty."""
    cells = dict.fromkeys(names, 0)
    cells[names[0]] = least
    for _ in range(min(people - least, 6)):
        cells[draw.choice(names)] += (people - least) // min(people - least, 6)
    cells[draw.choice(names[:2])] += people - sum(cells.values())
    return {name: count or draw.choice([0, None]) for name, count in cells.items()}


def _shares(draw: random.Random) -> list[float]:
    girls, boys, women = (round(draw.uniform(0.1, 0.35), 2) for _ in range(3))
    return [girls, boys, women, round(max(1 - girls - boys - women + draw.choice([0, 0.01, -0.01]), 0), 2)]


def _spelling(draw: random.Random, name: str) -> str:
    """A name as somebody types it: blanks and capitals differ."""
    return draw.choice([name] * 8 + [f" {name}", name.replace(" ", "  ", 1), name.upper()])


def _record(report: Report, *, absent: bool) -> Record:
    record: Record = {
        "_id": report.key,
        "country.Country": report.country,
        "country.Admin1": report.admin1,
        "appealing_org.Name": report.organisation,
        "implementation_setup": report.setup,
        "implementing_org.Name": report.partner,
        "month": report.month,
        "indicator": report.indicator.key,
        "indicator.sector": report.indicator.sector,
        "indicator.indicator_simplified": report.indicator.text,
        "activity": "Atención y orientación",
        "activity_description": "Línea uno\nlínea “dos”; ñandú, São",
        "rmrp_activity": "Yes",
        "cva": report.cva,
        "cva_value": report.value,
        "cva_mechanism": report.mechanism,
        "output": report.output,
        "total_monthly_beneficiaries": report.total,
        **{f"new_{name}": count for name, count in (*report.groups.items(), *report.ages.items())},
        "platform": PLACES[report.country][1] if report.country in PLACES else REGIONAL,
        "calc_new_pop_type": _total(report.groups),
        "calc_new_agd": _total(report.ages),
    }
    return {name: cell for name, cell in record.items() if cell is not None} if absent else record


def _nest(record: Record) -> Record:
    """The record with an object for each reference; that of the indicator holds its own id."""
    nested: Record = {}
    for name, cell in record.items():
        outer, _, inner = name.partition(".")
        if name == "indicator":
            nested[outer] = {"_id": cell}
        elif inner:
            nested.setdefault(outer, {})[inner] = cell
        else:
            nested[name] = cell
    return nested


with Path(__file__).with_name("labels_2025.csv").open(encoding="utf-8", newline="") as labels:
    FIELDS_2025 = {row["label"]: row["field"] for row in csv.DictReader(labels)}
"""The columns of 2025 by their labels, as fields of 2026."""
