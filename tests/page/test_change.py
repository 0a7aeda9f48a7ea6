"""What moved since the issue before, in words: each sentence from a revision of a few numbers."""

from pathlib import Path

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from approved import lines_of
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.method import Revision
from rmrp_analysis.page.change import (
    format_card_note,
    format_changed_reports,
    format_changed_tables,
    format_differences_by_kind,
    format_months_since,
    format_revision_note,
)
from rmrp_analysis.words import Translator

REVISIONS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
NOW = {"people_reached": "120", "target": "900", "target_coverage": "35%", "funding_usd": "$3"}


@pytest.mark.parametrize("rule", REVISIONS)
def test_what_moved_is_told_as_was_approved(rule: str, snapshot: SnapshotAssertion) -> None:
    revision, told = Revision.model_validate(REVISIONS[rule]), {}
    for language in ("en", "es", "pt"):
        translate = Translator(language)
        told[language] = {
            "note": format_revision_note(revision, "2021-06", translate, lambda name: NOW.get(name, "")),
            "cards": [format_card_note(name, revision, "2021-06", translate) for name in NOW],
            "in full": [
                format_differences_by_kind(moved.parts, FIGURES[name].unit, translate, months="X", in_full=True)
                for name, moved in revision.figures.items()
            ],
            "tables": format_changed_tables(revision, translate),
            "reports": [format_changed_reports(revision.reports, translate, limit=limit) for limit in (2, 3, 5)],
        }
    assert lines_of(told) == snapshot


def test_nothing_is_told_without_a_revision() -> None:
    assert format_revision_note(None, "2021-06", Translator("en"), lambda _: "5") == ""
    assert format_card_note("people_reached", None, "2021-06", Translator("en")) == ""


@pytest.mark.parametrize(
    ("until", "end", "text"),
    [
        ("2021-04", "2021-05", "May"),
        ("2021-04", "2021-07", "May–July 2021"),
        ("2021-12", "2022-01", "January"),
        ("2021-11", "2022-01", "December 2021 – January 2022"),
        ("2021-12", "2022-03", "January–March 2022"),
    ],
)
def test_months_since_an_issue_begin_after_its_last_one_also_over_the_end_of_a_year(
    until: str, end: str, text: str
) -> None:
    assert format_months_since(until, end, "en") == text
