"""The catalogues hold every text of a sheet, and nothing else."""

import ast
import string
from collections.abc import Iterator
from gettext import GNUTranslations
from itertools import chain
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from rmrp_analysis import charts, publish, show
from rmrp_analysis.charts.parts import UNIT_NAMES as AXIS_NAMES
from rmrp_analysis.counting import Period
from rmrp_analysis.key_figures import REASONS, REASONS_LOST, build_sector_key_figures
from rmrp_analysis.labels import GROUP_NAMES, MODEL_NAMES
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.quality import CHECKS, REPAIRS
from rmrp_analysis.quality.joins import LOST
from rmrp_analysis.show.account import LEVELS, MODEL_RULES, SHOWN_SOURCES
from rmrp_analysis.show.breakdowns import SHARES
from rmrp_analysis.show.data_tables import (
    BREAKDOWN_NAMES,
    COLUMN_NAMES,
    FIGURE_NAMES,
    NAMED_PARTS,
    TAB_NAMES,
    UNIT_NAMES,
)
from rmrp_analysis.show.findings import GROUP_FINDINGS, PLACES
from rmrp_analysis.show.narrative import SECTIONS
from rmrp_analysis.show.places import KINDS
from rmrp_analysis.show.quality_page import FAMILIES, JOINS, SEVERITIES, STEPS
from rmrp_analysis.vocabulary import COUNTRIES, INDICATOR_TYPES, INTERSECTOR, PLAN_YEARS, PLATFORMS, REGIONAL, SECTORS
from rmrp_analysis.words import LOCALE_FOLDER, Words

ROOT = Path(__file__).parents[2]
TITLE = yaml.safe_load((ROOT / "params/2021-end-of-year.yml").read_text(encoding="utf-8"))["title"]
LISTS = (
    BREAKDOWN_NAMES.values(),
    COLUMN_NAMES.values(),
    FIGURE_NAMES.values(),
    GROUP_FINDINGS.values(),
    GROUP_NAMES.values(),
    INDICATOR_TYPES,
    LEVELS.values(),
    MODEL_NAMES.values(),
    MODEL_RULES.values(),
    NAMED_PARTS.values(),
    (*PLATFORMS, REGIONAL),
    REASONS.values(),
    REASONS_LOST.values(),
    SECTIONS,
    SHARES.values(),
    (INTERSECTOR, *SECTORS),
    COUNTRIES.values(),
    [text for kind in KINDS.values() for text in (kind.name, *kind.kickers.values())],
    SHOWN_SOURCES.values(),
    TAB_NAMES.values(),
    UNIT_NAMES.values(),
    [name for name in AXIS_NAMES.values() if name != "%"],
    ("National level",),
    [year.name for year in PLAN_YEARS.values()],
    PLACES.values(),
    [check.sentence for check in CHECKS.values()],
    [check.allowed for check in CHECKS.values() if check.allowed != "{expected}"],
    [repair.sentence for repair in REPAIRS.values()],
    FAMILIES.values(),
    SEVERITIES.values(),
    STEPS.values(),
    JOINS.values(),
    LOST.values(),
    COUNTRIES.values(),
    [TITLE],
)
"""Texts that reach ``words`` through a list or a parameter file; producers' names stay as they are."""
NAMED_TEXTS = ("labels", "forms")
RETURNED_TEXTS = ("illustrative_status", "_group_label")
"""Local names and functions whose texts are translated where they are used."""

languages = pytest.mark.parametrize("language", ["es", "pt"])


def test_the_catalogues_are_those_of_the_languages() -> None:
    assert sorted(folder.name for folder in LOCALE_FOLDER.iterdir()) == ["es", "pt"]


@languages
def test_every_text_of_the_code_is_translated(language: str) -> None:
    messages = _messages(language)
    assert sorted(_texts() - set(messages)) == []
    assert [message.id for message in messages.values() if message.fuzzy or not all(_forms(message.string))] == []


@languages
def test_no_entry_is_left_over(language: str) -> None:
    assert sorted(set(_messages(language)) - _texts()) == []
    assert not _catalogue(language).obsolete


@languages
def test_a_translation_has_the_placeholders_and_lines_of_its_text(language: str) -> None:
    for message in _messages(language).values():
        for text in _forms(message.string):
            assert {_shape(text)} == {_shape(original) for original in _forms(message.id)}, message.id


@languages
def test_a_noun_with_forms_has_all_of_its_language(language: str) -> None:
    catalogue = _catalogue(language)
    for message in _messages(language).values():
        if message.pluralizable:
            assert len(message.string) == catalogue.num_plurals, message.id


@pytest.mark.parametrize(("language", "of_none", "of_one", "of_two"), [("es", 1, 0, 1), ("pt", 0, 0, 1)])
def test_a_count_takes_the_form_its_language_asks_for(language: str, of_none: int, of_one: int, of_two: int) -> None:
    forms = _messages(language)["donor"].string
    taken = [Words(language).plural("donor", "donors", count) for count in (0, 1, 2)]
    assert taken == [forms[of_none], forms[of_one], forms[of_two]]


@languages
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    with _path(language, "mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for message in _messages(language).values():
        if message.pluralizable:
            taken = {compiled.ngettext(*message.id, count) for count in (0, 1, 2)}
            assert taken == set(message.string)
        else:
            assert compiled.gettext(message.id) == message.string
    known = {key if isinstance(key, str) else key[0] for key in compiled._catalog} - {""}
    assert known == set(_messages(language))


@languages
@pytest.mark.parametrize("sector", ["Human Trafficking & Smuggling", "Common Services"])
def test_a_sheet_asks_for_no_text_without_translation(
    language: str, sector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    translate, form = Words.__call__, Words.plural
    monkeypatch.setattr(Words, "__call__", lambda self, text, **of: asked.add(text) or translate(self, text, **of))
    monkeypatch.setattr(Words, "plural", lambda self, one, *rest: asked.add(one) or form(self, one, *rest))
    plan = load_plan(ROOT / "data/rmrp-2021")
    figures = build_sector_key_figures(plan, sector, period=Period(start="2021-01", end="2021-12"))
    sheet = show.Sheet(figures, title=TITLE, language=language)
    assert list(sheet.blocks())
    assert sheet.figures().tables
    producers = {source.producer for source in figures.sources.values()}
    assert "Funded" in asked
    assert sorted(asked - {""} - producers - set(_messages(language))) == []


def _texts() -> set[str]:
    modules = [path for room in (charts, publish, show) for path in sorted(Path(room.__file__).parent.glob("*.py"))]
    return {*chain(*LISTS, *map(_texts_of, modules))}


def _texts_of(module: Path) -> Iterator[str]:
    """The texts a module passes to ``words``, and those it keeps under the names above."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in ("words", "plural"):
            yield from _chosen(node.args[0])
        elif (
            isinstance(node, ast.Assign) and _name(node.targets[0]) in NAMED_TEXTS and isinstance(node.value, ast.Dict)
        ):
            for value in node.value.values:
                yield from _chosen(value.elts[0] if isinstance(value, ast.Tuple) else value)
        elif isinstance(node, ast.FunctionDef) and node.name in RETURNED_TEXTS:
            for statement in ast.walk(node):
                if isinstance(statement, ast.Return) and statement.value:
                    yield from _chosen(statement.value)


def _chosen(node: ast.expr) -> Iterator[str]:
    """The text an expression stands for, or both texts of a choice."""
    if isinstance(node, ast.Constant) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _chosen(node.body)
        yield from _chosen(node.orelse)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _path(language: str, suffix: str) -> Path:
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"rmrp.{suffix}"


def _catalogue(language: str) -> Catalog:
    with _path(language, "po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(language: str) -> dict[str, Message]:
    """The entries by their text, of nouns by the singular."""
    return {_forms(message.id)[0]: message for message in _catalogue(language) if message.id}


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _shape(text: str) -> tuple[tuple[str, ...], int]:
    return tuple(sorted({field for _, field, _, _ in string.Formatter().parse(text) if field})), text.count("\n")
