"""The catalogues hold every text of a sheet, and nothing else."""

import re
import string
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message

import catalogues
from conftest import sheet_of
from notebook_page import page_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Limits
from rmrp_analysis.packs import pack
from rmrp_analysis.page.formatter import WORDS_BY_KIND
from rmrp_analysis.words import Translator

ROOT = Path(__file__).parents[2]
TITLE = yaml.safe_load((ROOT / "params/2021-end-of-year.yml").read_text(encoding="utf-8"))["title"]
languages = pytest.mark.parametrize("language", ["es", "pt"])


@pytest.fixture(scope="module")
def texts() -> set[str]:
    return {_forms(message.id)[0] for message in catalogues.extracted() if message.id}


def test_each_language_has_a_catalogue_and_each_condition_a_name() -> None:
    assert list(pack.languages()) == ["en", "es", "pt"]
    assert [*WORDS_BY_KIND["limit"]] == [*Limits.model_fields]


def test_texts_are_found_wherever_they_are_shown_declared_counted_or_listed(texts: set[str]) -> None:
    assert {"Data quality", "Women", "{count} activity", "The appealing organization is empty."} <= texts
    code = [path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py")]
    assert {text for module in code for text in re.findall(r'\btranslate\("([^"]+)"', module)} <= texts


@languages
def test_every_text_of_the_code_is_translated_and_no_entry_is_left_over(language: str, texts: set[str]) -> None:
    messages = _messages(language)
    assert sorted(texts - set(messages)) == [], "run `make words`"
    assert [message.id for message in messages.values() if message.fuzzy or not all(_forms(message.string))] == []
    assert sorted(set(_messages(language)) - texts) == [], "run `make words`"
    assert not catalogues.read_catalogue(language).obsolete


@languages
def test_a_translation_has_the_placeholders_lines_and_forms_of_its_text(language: str) -> None:
    for message in _messages(language).values():
        shapes = {_shape(original) for original in _forms(message.id)}
        for text in _forms(message.string):
            assert _shape(text) in shapes, message.id
        if not message.pluralizable:  # else its singular may say "one" in place of the count
            assert len(shapes) == 1, message.id
    catalogue = catalogues.read_catalogue(language)
    for message in _messages(language).values():
        if message.pluralizable:
            assert len(message.string) == catalogue.num_plurals, message.id


@pytest.mark.parametrize(("language", "of_none", "of_one", "of_two"), [("es", 1, 0, 1), ("pt", 0, 0, 1)])
def test_a_count_takes_the_form_its_language_asks_for(language: str, of_none: int, of_one: int, of_two: int) -> None:
    forms = _messages(language)["donor"].string
    taken = [Translator(language).plural("donor", "donors", count) for count in (0, 1, 2)]
    assert taken == [forms[of_none], forms[of_one], forms[of_two]]


@languages
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    written = catalogues.catalogue_path(language, "mo").read_bytes()
    assert written == catalogues.compiled(catalogues.read_catalogue(language)), "run `make words`"


@languages
@pytest.mark.parametrize("sector", ["Human Trafficking & Smuggling", "Common Services"])
def test_a_sheet_asks_for_translated_texts_alone(language: str, sector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: set[str] = set()
    translate, form = Translator.__call__, Translator.plural
    monkeypatch.setattr(Translator, "__call__", lambda self, text, **of: shown.add(text) or translate(self, text, **of))
    monkeypatch.setattr(
        Translator, "plural", lambda self, one, *rest, **of: shown.add(one) or form(self, one, *rest, **of)
    )
    plan = load_plan(ROOT / "data/rmrp-2021")
    figures = sheet_of(plan, sector, period=Period(start="2021-01", end="2021-12"))
    sheet = page_of(figures, title=TITLE, language=language)
    assert sheet.blocks
    assert sheet.figures().tables
    producers = {source.producer for source in figures.sources.values()}
    assert "Funded" in shown
    names_of_the_plan = {*pack.names(), *pack.texts(language)}
    assert sorted(shown - {""} - producers - names_of_the_plan - set(_messages(language))) == []


def _messages(language: str) -> dict[str, Message]:
    """The entries by their text, of nouns by the singular."""
    return {_forms(message.id)[0]: message for message in catalogues.read_catalogue(language) if message.id}


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _shape(text: str) -> tuple[tuple[str, ...], int]:
    return tuple(sorted({field for _, field, _, _ in string.Formatter().parse(text) if field})), text.count("\n")
