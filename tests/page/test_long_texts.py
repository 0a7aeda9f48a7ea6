"""Texts as long as the genre's stand on two printed pages, whole, in every language."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from conftest import as_printed, sheet_of
from notebook_page import page_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.page.narrative import SECTION_HEADINGS, WORD_BUDGET_BY_SECTION, parse_narrative

ROOT = Path(__file__).parents[2]
TEXTS = Path(__file__).parent / "long_texts"
SECTOR = "Human Trafficking & Smuggling"
COUNTRIES = {
    "en": "Argentina, Bolivia, Brazil, Chile, Colombia, Ecuador, Guyana, Paraguay, Peru and Uruguay",
    "es": "Argentina, Bolivia, Brasil, Chile, Colombia, Ecuador, Guyana, Paraguay, Perú y Uruguay",
    "pt": "Argentina, da Bolívia, do Brasil, do Chile, da Colômbia, do Equador, da Guiana, do Paraguai, do Peru",
}


@cache
def figures() -> Any:
    return sheet_of(load_plan(ROOT / "data" / "rmrp-2021"), SECTOR, period=Period(start="2021-01", end="2021-12"))


def letters(text: str) -> str:
    """The text without its blanks, which stand elsewhere where lines end."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_text_as_long_as_the_genres_is_whole_on_one_page(tmp_path: Path, language: str) -> None:
    sheet = page_of(figures(), title="End of year 2021 key figures", language=language, narratives=str(TEXTS))
    pages = [letters(page.extract_text()) for page in PdfReader(sheet.save(tmp_path / "sheet.pdf")).pages]
    assert len(pages) == (2 if language == "en" else 3)  # the longer languages turn the page before their texts
    assert letters(COUNTRIES[language]) in pages[-1]
    narrative = parse_narrative(TEXTS / f"human-trafficking-and-smuggling.{language}.md", sheet._formatter)
    sentences = [
        letters(text) for name in SECTION_HEADINGS for text in re.split(r"(?<=\.) ", narrative.text(name)) if text
    ]
    assert len(sentences) > 20
    at = [pages[-1].find(sentence) for sentence in sentences]
    assert [text for text, place in zip(sentences, at, strict=True) if place < 0] == []
    assert at == sorted(at)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_these_texts_use_what_their_budget_gives_and_no_more(language: str) -> None:
    printed = as_printed(figures(), language)
    narrative = parse_narrative(TEXTS / f"human-trafficking-and-smuggling.{language}.md", printed)
    for name in SECTION_HEADINGS:
        words = len(narrative.text(name).split())
        assert 0.95 * WORD_BUDGET_BY_SECTION[name] <= words <= declared(language).longer * WORD_BUDGET_BY_SECTION[name]
