"""What drawn sheets say was read and approved: every sentence that their numbers bear, and tables of any kind.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from drawn_sheets import MONTHS, SECTORS, drawn_revision, drawn_sheet
from syrupy.assertion import SnapshotAssertion

from approved import lines_of, views_of
from conftest import sheet
from notebook_page import page_of, parts_of_the_sheet
from rmrp_analysis.figures import GROUPINGS, Caution
from rmrp_analysis.ledger import CAUSES, COVERAGE_ABOVE, MOSTLY_IN_DOUBT
from rmrp_analysis.page import Page, findings, headline
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.drawings import build_table_block, build_text_chart
from rmrp_analysis.vocabulary import INTERSECTOR
from rmrp_analysis.words import claims_of

LANGUAGES = ("en", "es", "pt")


def claimed(*sentences: str) -> dict[str, list[str]]:
    """Each sentence with the numbers that it claims: of what they are, and by what they are divided."""
    return {
        str(sentence): [
            f"{each.figure} {each.part}: {each.value:g} / {each.base} {each.compared_with}".removesuffix(" / None ")
            for each in claims_of(sentence)
        ]
        for sentence in sentences
        if sentence
    }


def sayings(number: int) -> Iterator[Any]:
    """What a drawn sheet says: its page, or the parts that have most sentences; and every sentence that holds."""
    chance = Random(number)  # noqa: S311 - nothing is secret
    figures, language = drawn_sheet(chance, rounding=10 * (number % 2)), LANGUAGES[number % 3]
    revision = drawn_revision(chance) if chance.random() < 0.5 else None
    provisional = chance.choice(((), ("funding_usd",), ("people_reached", "funding_usd", "target")))
    page = Page(figures, language=language, revision=revision, provisional=provisional)
    if number % 20 == 0:
        page = page_of(figures, language=language, revision=revision, provisional=provisional)
    else:
        exec(parts_of_the_sheet()[0], {"page": page})  # noqa: S102 - our own notebook
    printed = page._formatter
    yield views_of(page.blocks)
    yield claimed(
        headline.build_headline(printed), *headline._find_news(printed), *headline._find_descriptions(printed)
    )
    yield {chart: claimed(*find(printed)) for chart, find in findings.FINDERS_BY_CHART.items()}
    yield [page.finding(chart) for chart in findings.FINDERS_BY_CHART]
    if number % 5 == 0:
        yield {name: build_text_chart(printed, name) for name in figures.breakdowns}


@pytest.mark.parametrize("ten", range(8))
def test_sheets_whose_numbers_are_drawn_say_what_was_approved(ten: int, snapshot: SnapshotAssertion) -> None:
    assert lines_of([[*sayings(number)] for number in range(10 * ten, 10 * ten + 10)]) == snapshot


@pytest.mark.parametrize("place", ["region", "Peru"])
@pytest.mark.parametrize("sector", ["Health", INTERSECTOR])
def test_cautions_of_any_cause_say_what_was_approved(place: str, sector: str, snapshot: SnapshotAssertion) -> None:
    figures = sheet({}, sector=sector, people_reached=4_000.0, target_coverage=1.2, need_coverage=0.5)
    printed = Page(replace(figures, place=place))._formatter
    names = SECTORS if sector == INTERSECTOR else ("PER", "CHL", "COL")
    numbers = itertools.product(((None, None), (0.67, 90.0)), (2, 3), range(3), range(0, 4, 3))
    cautions = (
        Caution(rule, of, share, people, 2, rows, tuple(MONTHS[:months]), names[:places])
        for (share, people), rows, months, places in numbers
        for rule in CAUSES
        if places or rule != MOSTLY_IN_DOUBT
        for of in (("target_coverage", "need_coverage") if rule == COVERAGE_ABOVE else ("people_reached", *GROUPINGS))
    )
    said = {str(sentence): claims_of(sentence) for sentence in (format_caution(printed, each) for each in cautions)}
    assert lines_of(said) == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_table_is_shown_as_was_approved(language: str, snapshot: SnapshotAssertion) -> None:
    page = Page(drawn_sheet(Random(0)), language=language)  # noqa: S311 - nothing is secret
    cells = {
        "name": ["a", "b", "c"], "funding_usd": [0.4, None, 1_470_000], "share_of_all": [0.0004, 0.5, 1.2],
        "people": [10, 1_234_567, 0], "rate": [0.123456, 12.34, -1234.56], "plan_year": [2021, 2022, 2023],
        "line": [18271, 9497, 1],
        "is_new": [True, False, True], "Own Name": ["x", "", "y"],
        "day": [date(2021, 5, 1), None, date(2021, 12, 31)], "sectors": [["WASH", "Health"], (), "Health"],
        "country": ["PER", "national", "not specified"], "file": [Path("a/b.csv"), None, Path("c")],
    }  # fmt: skip
    table = pd.DataFrame(cells, dtype="object")
    of_figures = pd.DataFrame(
        {"figure": ["target", "x", "funding_usd"], "value": [1_000.0, 0.5, None], "rows": [543, 1, 0]}
    )
    of_figures["unit"] = ["people", "share", "usd"]
    wide = pd.DataFrame({("PER", "women"): [1.0], ("PER", "men"): [1234.56]}, index=pd.Index(["2021-01"], name="month"))
    tables = [table, table.set_index(["country", "name"]), table.set_index("country")["people"], of_figures, wide]
    tables += [table[["name"]], table.pivot_table("people", "name", ["country", "plan_year"], aggfunc="sum")]
    tables += [page.breakdown("people_reached_by_platform"), page.breakdown("funding_usd_by_donor")]
    blocks = [build_table_block(page._formatter, each, "People", unit) for each in tables for unit in (None, "usd")]
    rows = [[[cell["text"] for cell in row] for row in (*block.view["head"], *block.view["rows"])] for block in blocks]
    assert lines_of([rows, *views_of(blocks[::6])]) == snapshot
