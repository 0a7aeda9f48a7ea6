"""Sentences were read and approved, one of each rule in three languages, with the drawn sheets that bear it.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference. What claims of sentences come to is derived again in ``test_claims.py`` and ``test_sentences_hold.py``.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
from drawn_sheets import CATEGORIES, MONTHS, SECTORS, drawn_revision, drawn_sheet
from syrupy.assertion import SnapshotAssertion

from approved import hash_of, hash_of_numbers, views_of
from conftest import sheet
from notebook_page import parts_of_the_sheet
from rmrp_analysis.figures import GROUPINGS, Caution
from rmrp_analysis.ledger import CAUSES, COVERAGE_ABOVE, MOSTLY_IN_DOUBT
from rmrp_analysis.page import Page, findings, headline
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.drawings import build_table_block, build_text_chart
from rmrp_analysis.vocabulary import INTERSECTOR, labels, plan_lists
from rmrp_analysis.words import Translator, claims_of

LANGUAGES = ("en", "es", "pt")
NAMED = {labels.label(name, "en") for name in (*itertools.chain(*CATEGORIES.values()), *plan_lists().places)}
NAMES = re.compile("|".join(sorted(map(re.escape, NAMED - {"Regional"}), key=len, reverse=True)))
MONTH = r"(January|February|March|April|May|June|July|August|September|October|November|December)( \d{4})?"


def rule_of(sentence: str) -> str:
    """An English sentence without its numbers and names."""
    text = NAMES.sub("~", re.sub(MONTH, "~", sentence))
    text = re.sub(r"—|[$−<> \u202f]*\d[\d.,]*(\s?[KMB%])?", " #", text.replace("one activity", "1 activities"))
    return re.sub(r"(the )?~(?:(?:, | and |–)(?:the )?~)+", "~", text).replace(" in the ~", "").replace(" in ~", "")


@cache
def drawn_page(number: int) -> Page:
    """A page of a drawn sheet, of which only the number is chosen; rounding, which takes long, is for every fourth."""
    chance = Random(number)  # noqa: S311 - nothing is secret
    figures = drawn_sheet(chance, rounding=10 * (number % 4 == 3))
    revision = drawn_revision(chance) if chance.random() < 0.5 else None
    provisional = chance.choice(((), ("funding_usd",), ("people_reached", "funding_usd", "target")))
    return Page(figures, language=LANGUAGES[number % 3], revision=revision, provisional=provisional)


def sentences_of(page: Page, language: str) -> Mapping[str, Sequence[str]]:
    """Every sentence that holds, by the place that it would stand in; and what the headline adds to the strongest."""
    printed = replace(page._formatter, translate=Translator(language))
    finders = {"news": headline._find_news, "descriptions": headline._find_descriptions, **findings.FINDERS_BY_CHART}
    sentences = {place: [each for each in find(printed) if each] for place, find in finders.items()}
    told = headline.build_headline(printed)
    strongest = next((each for each in (*sentences["news"], *sentences["descriptions"]) if each[1:] in told), "")
    return {"headline": [re.sub("." + re.escape(strongest[1:]), "…", told) if strongest else told], **sentences}


def test_each_rule_of_a_sentence_says_what_was_approved(snapshot: SnapshotAssertion) -> None:
    rules: dict[tuple[str, str], dict[str, Any]] = {}
    claims = {}
    for number in range(80):
        page = drawn_page(number)
        said = {language: sentences_of(page, language) for language in LANGUAGES}
        claims[number] = hash_of([(place, claims_of(*each)) for place, each in said["en"].items()])
        for place, sentences in said["en"].items():
            strongest = [page.finding(place)] if place in findings.FINDERS_BY_CHART else said[page.language][place][:1]
            for at, sentence in enumerate(sentences):
                texts = {language: said[language][place][at] for language in LANGUAGES}
                rule = rules.setdefault((place, rule_of(sentence)), texts | {"on": []})
                rule["on"].append(f"{number}{'!' * (texts[page.language] in strongest)}")
    table = defaultdict(list)
    for (place, _), rule in rules.items():
        table[place].append(rule | {"on": " ".join(dict.fromkeys(rule["on"]))})
    assert {**table, "claims": claims} == snapshot


def test_drawn_sheets_show_the_numbers_that_were_approved(snapshot: SnapshotAssertion) -> None:
    numbers = {}
    for number in (*range(0, 60, 2), *range(3, 60, 6)):
        page = drawn_page(number)
        exec("\n".join(parts_of_the_sheet()[:1]), {"page": page})  # noqa: S102 - our own notebook
        charts = [build_text_chart(page._formatter, name) for name in page.key_figures.breakdowns if number % 10 == 0]
        numbers[number] = hash_of_numbers([views_of(page.blocks), charts])
    assert numbers == snapshot


def test_each_caution_says_what_was_approved(snapshot: SnapshotAssertion) -> None:
    said: dict[str, dict[str, Any]] = {}
    claims = defaultdict(list)
    for sector, place in itertools.product(("Health", INTERSECTOR), ("region", "Peru")):
        figures = sheet({}, sector=sector, people_reached=4_000.0, target_coverage=1.2, need_coverage=0.5)
        printed = {each: Page(replace(figures, place=place), language=each)._formatter for each in LANGUAGES}
        names = SECTORS if sector == INTERSECTOR else ("PER", "CHL", "COL")
        numbers = itertools.product(((None, None), (0.67, 90.0)), (2, 3), range(3), range(0, 4, 3))
        for (share, people), rows, months, places in numbers:
            for rule in CAUSES:
                if rule == MOSTLY_IN_DOUBT and not places:
                    continue
                coverages = ("target_coverage", "need_coverage")
                for of in coverages if rule == COVERAGE_ABOVE else ("people_reached", *GROUPINGS):
                    caution = Caution(rule, of, share, people, 2, rows, tuple(MONTHS[:months]), names[:places])
                    texts = {language: format_caution(each, caution) for language, each in printed.items()}
                    told = said.setdefault(f"{rule} {rule_of(texts['en'])}", texts | {"times": 0})
                    told["times"] += 1
                    claims[rule].append([*texts.values(), claims_of(texts["en"])])
    assert [list(said.values()), {rule: hash_of_numbers(each) for rule, each in claims.items()}] == snapshot


def test_any_table_is_shown_as_was_approved(snapshot: SnapshotAssertion) -> None:
    page = Page(drawn_sheet(Random(0)))  # noqa: S311 - nothing is secret
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
    for language in LANGUAGES[1:]:
        other = Page(page.key_figures, language=language)._formatter
        blocks += [build_table_block(other, each, "People", None) for each in tables[:1]]
    assert views_of(blocks) == snapshot
