"""The feed of a run's folder has the newest entries first: its edition, then each sector that moved."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from made_reports import PARAMS, made, stating
from rmrp_analysis import theme
from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.documents.feed import FEED_FILE, MAX_FEED_ENTRIES, Entry, read_feed, write_feed
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest, Months
from rmrp_analysis.publish.records.publication import describe_file
from rmrp_analysis.publish.records.results import ReportResult

SHEETS = [made(PARAMS.report(sector, "region", "en")) for sector in ("WASH", "Health")]


def published(folder: Path, entries: Sequence[Entry]) -> Path:
    """A publication with these entries, in which each sheet printed 4 people reached."""
    folder.mkdir()
    names = {"language": "en", "id": "urn:f", "title": "Sheets", "author": "R4V"}
    (folder / FEED_FILE).write_text(theme.render("feed.xml.j2", **names, entries=entries), encoding="utf-8")
    manifest = Manifest(edition="first", ended="2021-06-01", files={FEED_FILE: describe_file(folder / FEED_FILE)})
    (folder / MANIFEST).write_text(manifest.text, encoding="utf-8")
    for sheet in SHEETS:
        assert sheet.figures
        (folder / f"{sheet.params.stem}.json").write_text(sheet.figures.model_dump_json(), encoding="utf-8")
    return folder


def feed_after(before: Path, results: Sequence[ReportResult], edition: str = "second") -> list[Entry]:
    """The feed of a run that takes the place of a publication."""
    (folder := before.with_name(edition)).mkdir()
    (folder / MANIFEST).write_text(Manifest(edition=edition, ended="2021-07-01").text, encoding="utf-8")
    assert list(write_feed(EndedRun(PARAMS, folder, "", results, before=before))) == []
    return read_feed(folder)


@pytest.mark.parametrize("earlier", [2, MAX_FEED_ENTRIES])
def test_news_stand_before_earlier_ones_of_which_the_oldest_are_left_out(tmp_path: Path, earlier: int) -> None:
    old = [Entry(f"urn:{number}", "2021-06-01", f"Old {number}", "index.html", "Text") for number in range(earlier)]
    revision = {"until": "2021-04", "figures": {"people_reached": {"before": "4 K"}}}
    moved = {
        "revision": revision,
        "printed": {"people_reached": "5 K"},
        "period": Months(start="2021-01", end="2021-05"),
    }
    entries = feed_after(published(tmp_path / "before", old), [stating(sheet, **moved) for sheet in SHEETS])
    assert [entry.title for entry in entries[:3]] == [
        "Edition second",
        "WASH: Edition second",
        "Health: Edition second",
    ]
    assert entries[2].page == "health.en.html"
    assert entries[2].text.endswith("Health: People reached 5 K (before: 4 K)")
    assert entries[3:] == old[: 200 - 3]


def test_a_sheet_that_did_not_move_is_no_news(tmp_path: Path) -> None:
    old = [Entry("urn:0", "2021-06-01", "Edition first", "index.html", "Text")]
    entries = feed_after(published(tmp_path / "before", old), SHEETS)
    assert [entry.title for entry in entries] == ["Edition second", "Edition first"]


def test_an_edition_with_one_sheet_of_invented_data_says_so(tmp_path: Path) -> None:
    old = [Entry("urn:0", "2021-06-01", "Edition first", "index.html", "Text")]
    before, real = published(tmp_path / "before", old), stating(SHEETS[0], illustrative=[])
    assert feed_after(before, [real, SHEETS[1]])[0].text.startswith("Illustrative data.")
    assert feed_after(before, [real], "third")[0].text.startswith("a period: ")
