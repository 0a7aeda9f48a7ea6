"""Every number that a sheet prints follows from its rows of the table of figures, in HTML and in PDF alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from conftest import count_at_once
from notebook_page import page_of
from page.printed_numbers import EXACT, holds
from rmrp_analysis.arguments import Period
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.page import Page
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import plan_lists

NUMBER = re.compile(r"(?<![\w.,-])(?:[<>]\u202f)?\$?\d[\d,]*(?:\.\d+)?(?:\u202f[KMB]\b|%)?(?![\w-])")
NOT_FIGURES = ".rmrp-masthead, .rmrp-counted, .rmrp-footer, .rmrp-notice, .footnote, svg, script, style, .caution"
"""What names dates, rules and methods; cautions and their numbers stand in the sheet's JSON as texts."""


def numbers_of(page: Page, *left_out: str) -> list[str]:
    """The numbers of the sheet's blocks, in their order, without dates."""
    soup = BeautifulSoup("".join(block.html for block in page.blocks), "html.parser")
    for part in soup.select(", ".join((NOT_FIGURES, *left_out))):
        part.decompose()
    text = re.sub(r"\d{1,2} [A-Z][a-z]+ \d{4}|\b20\d\d\b|<\s+(?=\d)", " ", soup.get_text(" "))
    return NUMBER.findall(re.sub(r"(?<=\d) (?=[KMB]\b)", "\u202f", text))  # prose has a plain space before the unit


def explained(page: Page) -> list[float]:
    """What may be printed: figures and parts, shares of a part in a figure, what parts together come to, and bounds."""
    records = page.figures().records
    figures = {figure["name"]: figure["value"] for figure in records["figures"] if figure["value"] is not None}
    tables = {
        name: [row["value"] for row in rows if row["value"] is not None] for name, rows in records["tables"].items()
    }
    parts = [value for values in tables.values() for value in values]
    wholes = [
        *figures.values(),
        *(value for name, of in tables.items() if name.startswith(("target_by", "req")) for value in of),
    ]
    compared = page.key_figures.comparisons
    beside = [compared.region_people, compared.largest_partner]
    beside += [*(compared.of_both_years or ()), *(compared.of_both_months or ())]
    amounts = [
        *figures.values(),
        *parts,
        *(number for number in beside if number),
        *page.key_figures.lost_people.values(),
    ]
    wholes += [number for number in beside if number]
    shares = [amount / whole for amount, whole in product(amounts, wholes) if whole]
    doubts = [caution[name] for caution in records["cautions"] for name in ("share", "people")]
    said = [claim for statement in [*records["statements"], *records["cautions"]] for claim in statement["claims"]]
    ratios = [claim["value"] / claim["base"] for claim in said if claim["base"]]
    claims = [*(claim["value"] for claim in said), *ratios, *(ratio - 1 for ratio in ratios)]
    falling = [sorted(values, reverse=True) for values in tables.values()]
    rests = [sum(values[start:end]) for values in falling for start in range(len(values)) for end in (None, -1, -2, -3)]
    shares += [rest / figures["activities"] for rest in rests if figures.get("activities")]
    rests += list(rests_of_sectors(records["tables"]))  # of all but those that are furthest behind
    left = max(12 - int(page.key_figures.period.end[-2:]), 1)
    of_groups = (records["tables"].get(f"{name}_by_population_group", []) for name in ("target", "people_reached"))
    wanted, reached = ({row["group"]: row["value"] for row in rows if row["value"]} for rows in of_groups)
    gaps = [people - reached.get(group, 0) for group, people in wanted.items()]
    a_month = [(figures.get("people_to_reach") or 0) / left, (figures.get("target") or 0) / 12]
    a_month += [gap / left for gap in gaps]
    reports = [figure["rows"] for figure in records["figures"] if figure["name"] == "people_reached"]
    pairs = [sum(pair) for values in tables.values() for pair in combinations(values, 2) if len(values) < 7]
    groups = [values for name, values in tables.items() if name.startswith("people_reached_by_") and sum(values)]
    shares += [value / sum(values) for values in groups for value in values]
    shares += [pair / whole for pair, whole in product(pairs, wholes) if whole]
    changes = [figures["people_reached"] / beside[1] - 1] if beside[1] and figures.get("people_reached") else []
    elsewhere = [page.key_figures.of_region(figure["name"]) for figure in records["figures"]]
    sizes = [sorted(rows, key=lambda row: -(row["value"] or 0.0)) for rows in records["tables"].values()]
    bounds = [figure[end] for figure in records["figures"] for end in ("low", "high")]
    bounds += [row[end] for rows in sizes for row in rows for end in ("low", "high")]
    bounds += [
        sum(row[end] or 0.0 for row in rows[start:stop])
        for rows, end in product(sizes, ("low", "high"))
        for start, stop in product(range(len(rows)), (None, -1, -2, -3))
    ]
    counts = [float(number) for number in range(max(map(len, falling), default=0) + 60)]
    every = [
        *amounts,
        *shares,
        *doubts,
        *claims,
        *rests,
        *a_month,
        *gaps,
        *reports,
        *changes,
        *elsewhere,
        *bounds,
        *counts,
    ]
    return [abs(float(number)) for number in every if number is not None]


def rests_of_sectors(tables: Mapping[str, Any]) -> Iterator[float]:
    """What sectors come to without those that are furthest behind, or reached most people."""
    by_sector = {name: values_of(rows) for name, rows in tables.items() if name.endswith("_by_sector")}
    coverage, people = (by_sector.get(f"{name}_by_sector", {}) for name in ("target_coverage", "people_reached"))
    orders = sorted(coverage, key=coverage.__getitem__), sorted(people, key=people.__getitem__, reverse=True)
    for (first, *others), amounts in product(filter(None, orders), by_sector.values()):
        for number in range(len(others) + 1):
            shown = (first, *others[:number])
            yield sum(amounts.values()) - sum(amounts.get(sector, 0.0) for sector in shown)


def values_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What is known of each sector."""
    return {row["group"]: row["value"] for row in rows if row["value"] and row["group"] in plan_lists().sectors}


def unexplained(page: Page) -> list[str]:
    allowed = explained(page)
    return [number for number in numbers_of(page) if not any(holds(number, value) for value in allowed)]


def sheets(plan: Plan, sectors: list[str], places: list[str], period: Period) -> list[Page]:
    selections = [plan.select(sector, place=place, period=period) for sector, place in product(sectors, places)]
    count_at_once(selections)
    return [page_of(selection, title="Key figures") for selection in selections]


@pytest.fixture(scope="module", params=[3, 11])
def random_plan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    write_sample(folder := tmp_path_factory.mktemp("random") / "plan", rows=900, seed=request.param)
    return load_plan(folder)


def test_every_number_of_a_random_plan_follows_from_its_rows(random_plan: Plan) -> None:
    year = Period(start="2021-01", end="2021-12")
    pages = sheets(random_plan, ["Health", "All sectors", "WASH"], ["region", "Peru", "BOL"], year)
    assert {page.key_figures.report: unexplained(page) for page in pages if unexplained(page)} == {}
    assert sum(map(len, map(numbers_of, pages))) > 400


def test_every_number_of_the_real_sheets_follows_from_its_rows(real: Plan) -> None:
    months = Period(start="2021-01", end="2021-05")
    sectors = ["Health", "All sectors", "Food Security", "Gender-Based Violence", "Common Services"]
    pages = sheets(real, sectors, ["region", "Colombia", "BOL", "Caribbean"], months)
    pages += sheets(real, ["Shelter"], ["Ecuador"], months)
    assert {page.key_figures.report: unexplained(page) for page in pages if unexplained(page)} == {}


@pytest.mark.parametrize("random_plan", [3], indirect=True)
def test_a_number_of_nothing_is_found(random_plan: Plan) -> None:
    page = Page(random_plan.select("Health"))
    page.text("Partners reached 123,457 people, {{ people_reached }} in all.")
    assert unexplained(page) == ["123,457"]


@pytest.mark.parametrize("random_plan", [3], indirect=True)
def test_print_has_the_numbers_of_the_page(random_plan: Plan, tmp_path: Path) -> None:
    page: Any = page_of(random_plan.select("Health", place="Peru"), title="Key figures")
    text = " ".join(part.extract_text() for part in PdfReader(page.save(tmp_path / "sheet.pdf")).pages)
    printed = {re.sub(r"\s", "", number) for number in numbers_of(page, "details") if EXACT.fullmatch(number)}
    assert [number for number in sorted(printed) if number not in re.sub(r"\s", "", text)] == []
