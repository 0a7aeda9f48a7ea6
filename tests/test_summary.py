"""What a run says as it passes, and how it ends."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from published_run import SHIPPED, rmrp
from rmrp_analysis.commands import summary, terminal
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.records.manifest import CautionRecord, Outcome, ReportRecord, SheetRecord
from rmrp_analysis.publish.records.results import ReportResult

PARAMS = load_run_params(SHIPPED)
GROUPS_MISSING = CautionRecord(of="people_reached_by_population_group", rule="not_specified")
NOBODY_NEW = CautionRecord(of="people_reached", rule="not_counted")
CODES = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")
COLOUR = re.compile(r"\x1b\[[\d;]*3\dm")


def result(sector: str, place: str, language: str, status: Outcome = "ok", *cautions: CautionRecord) -> ReportResult:
    sheet = SheetRecord(cautions=cautions) if status == "ok" else None
    return ReportResult(PARAMS.report(sector, place, language), status, 1.23, figures=sheet)


def to_mend(place: str, language: str, cause: str) -> ReportResult:
    params = PARAMS.report("WASH", place, language)
    doubt = CautionRecord(of="people_reached", rule=cause)
    return ReportResult(params, "ok", 0, figures=SheetRecord(cautions=(doubt,), to_mend=True))


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal of 80 columns, on which messages are written."""
    written = io.StringIO()
    options = {"soft_wrap": True, "highlight": False, "markup": False}
    console = terminal.Terminal(file=written, force_terminal=True, width=80, color_system="standard", **options)
    monkeypatch.setattr(terminal, "messages", console)
    return written


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    terminal.log = terminal.Log()
    terminal.speak("en")
    yield
    terminal.log = terminal.Log()
    terminal.speak("en")


def test_a_cause_is_said_once_with_its_sheets_in_the_language_of_the_project(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.speak("es")
    doubtful = [result("Health", "Peru", code, "ok", GROUPS_MISSING) for code in ("es", "en")]
    mended = [to_mend(place, code, "not_counted") for place in ("Peru", "Ecuador") for code in ("es", "en")]
    summary.show_causes([*mended, *doubtful, result("Nutrition", "Mexico", "en", "empty")])
    assert capsys.readouterr().err.splitlines() == [
        "sin ficha: nada reportado, designado ni planificado (Nutrición en México)",
        "en duda: de muchas personas no se reporta el grupo (Salud en Perú)",
        "rmrp: por corregir: algunos reportes no indican a nadie como nuevo (Agua, Saneamiento e Higiene en Perú; "
        "Agua, Saneamiento e Higiene en Ecuador)",
    ]


def test_a_page_to_mend_of_an_internal_run_is_to_mend_for_the_cause_of_its_main_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sheet = SheetRecord(cautions=(NOBODY_NEW, GROUPS_MISSING), to_mend=True)
    page = ReportResult(PARAMS.report("Health", "Peru", "en"), "ok", 1.0, figures=sheet)
    assert (summary.status_of(page), page.causes, page.doubts) == ("to_mend", ("not_counted",), ("not_specified",))
    usable = result("Health", "Peru", "en", "ok", NOBODY_NEW)
    assert (summary.status_of(usable), usable.doubts) == ("ok", ("not_counted",))
    summary.show_causes([page])
    assert capsys.readouterr().err.splitlines() == [
        "in doubt: for many people no group is reported (Health in Peru)",
        "rmrp: to mend: some reports tell nobody as new (Health in Peru)",
    ]


def test_what_failed_is_said_last_by_the_names_of_its_files_each_reason_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed = [
        ReportResult(
            PARAMS.report("WASH", "region", code), "failed", 1.0, error="Its notebook failed.", detail="KeyError"
        )
        for code in ("en", "es")
    ]
    summary.show_causes([*failed, to_mend("Peru", "en", "everybody_new")])
    assert capsys.readouterr().err.splitlines()[-1] == "rmrp: failed: wash.en; wash.es. Its notebook failed. (KeyError)"


def test_sheets_of_one_cause_are_named_up_to_a_limit_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"O{number}" for number in range(terminal.MAX_SHEETS_NAMED + 3)]
    params = PARAMS.model_copy(update={"organisations": tuple(names)})
    summary.show_causes([ReportResult(params.report("Health", "region", "en", name), "few", 0) for name in names])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no sheet: a line of the index: nobody or few people reached")
    assert line.endswith(f"O{terminal.MAX_SHEETS_NAMED - 1}: Health and 3 more)")


def ending(tmp_path: Path, *reports: ReportResult | ReportRecord, seconds: float = 75.0) -> None:
    summary.show_summary(reports, [], PARAMS, Path("my params.yml"), tmp_path, seconds=seconds)


def test_a_run_ends_with_what_became_of_its_sheets_and_where_to_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [result("Health", "region", "en"), result("WASH", "region", "en")]
    ending(tmp_path, *made, to_mend("Peru", "en", "not_counted"), result("Nutrition", "Mexico", "en", "empty"))
    assert capsys.readouterr().err.splitlines() == [
        "sheets made: 2",
        "sheets to mend: 1",
        "sheets failed: 0",
        "reports without a sheet: 1",
        "time: 1 min 15 s",
        "rows to correct: `rmrp check 'my params.yml'` writes quality.csv",
    ]
    (tmp_path / "quality.csv").touch()
    ending(tmp_path, ReportRecord(id="health.en", status="unchanged"))
    lines = capsys.readouterr().err.splitlines()
    assert "sheets unchanged: 1" in lines
    assert lines[-1] == f"rows to correct: {tmp_path / 'quality.csv'}"


FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><updated>{ended}</updated>{entries}</feed>"""
ENTRY = """<entry><id>{title}</id><title>{title}</title><updated>{ended}</updated><link href="index.html"/>
<content type="text">{text}</content></entry>"""


@pytest.mark.parametrize("has_entry_of_edition", [True, False])  # an edition that is published again has no second one
def test_news_are_what_moved_since_the_last_edition_up_to_a_limit(
    has_entry_of_edition: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, lines = "2021-06-15T00:00:00+00:00", [f"Place {number}: 2 instead of 1" for number in range(14)]
    entries = ENTRY.format(title="Health: Edition 0a1b", ended=ended, text="\n".join(lines))
    entries += ENTRY.format(title="WASH: Edition 9999", ended="2021-05-15T00:00:00+00:00", text="an older one")
    if has_entry_of_edition:
        entries = ENTRY.format(title="Edition 0a1b", ended=ended, text="2 sheets") + entries
    (tmp_path / "feed.xml").write_text(FEED.format(ended=ended, entries=entries), encoding="utf-8")
    stated = {"edition": "0a1b", "ended": ended, "params": {"languages": ["en"]}}
    (tmp_path / "run.json").write_text(json.dumps(stated), encoding="utf-8")
    ending(tmp_path, result("Health", "region", "en"))
    told = capsys.readouterr().err.splitlines()
    start = told.index("news: Place 0: 2 instead of 1")
    assert told[start + 1 : start + summary.MAX_NEWS_LINES] == lines[1 : summary.MAX_NEWS_LINES]
    assert told[start + summary.MAX_NEWS_LINES] == f"... and {len(lines) - summary.MAX_NEWS_LINES} more in feed.xml"
    assert not any("2 sheets" in line or "older" in line for line in told)


def test_a_log_of_json_has_one_object_with_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.log.format = "json"
    ending(tmp_path, result("Health", "region", "en"), to_mend("Peru", "en", "not_counted"))
    (line,) = capsys.readouterr().err.splitlines()
    content = json.loads(line)
    assert (content["counts"], content["seconds"]) == ({"ok": 1, "to_mend": 1}, 75.0)
    assert content["message"].startswith("sheets made: 1; sheets to mend: 1; ")
    summary.show_causes([to_mend("Peru", "es", "not_counted")])
    content = json.loads(capsys.readouterr().err)
    assert (content["status"], content["sheets"]) == ("to_mend", "WASH in Peru")


def test_a_terminal_has_a_bar_instead_of_lines_and_fits_80_columns(screen: io.StringIO, tmp_path: Path) -> None:
    reports = [
        result("Gender-Based Violence", "Southern Cone", "en"),
        ReportResult(PARAMS.report("WASH", "region", "en"), "failed", 1.0, problem=ReportFailed("It failed.")),
        *(to_mend(place, "en", "everybody_new") for place in ("Peru", "Ecuador", "Chile", "Brazil", "Colombia")),
    ]
    with terminal.progress(len(reports), []) as show:
        for report in reports:
            show(report)
    bar = CODES.sub("", screen.getvalue())
    assert "1/7" in bar
    assert "7/7" in bar
    assert "made: " not in bar
    assert "failed: wash.en (1.0 s)" in bar
    screen.seek(0)
    screen.truncate()
    summary.show_causes(reports)
    ending(tmp_path, *reports)
    shown = screen.getvalue()
    assert all(len(CODES.sub("", line)) <= 80 for line in shown.splitlines())
    assert "\x1b[32msheets made" in shown
    assert "\x1b[33msheets to mend" in shown
    assert "\x1b[31msheets failed" in shown
    ending(tmp_path, result("WASH", "region", "en"))
    assert "\x1b[31m" not in screen.getvalue().removeprefix(shown)  # nothing failed


def test_no_colour_is_written_where_none_is_wanted_and_words_say_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    written = io.StringIO()
    monkeypatch.setattr(terminal, "messages", terminal.Terminal(file=written, force_terminal=True, width=80))
    ending(tmp_path, result("WASH", "region", "en"))
    assert not COLOUR.search(written.getvalue())
    assert re.search(r"^sheets made +1", CODES.sub("", written.getvalue()))


def test_a_bar_has_no_colour_of_its_own_and_is_written_in_the_encodings_of_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", errors="strict", newline="")
    console = terminal.Terminal(
        file=written, force_terminal=True, width=79, theme=terminal.Theme(terminal.COLOURLESS_PROGRESS_STYLES)
    )
    monkeypatch.setattr(terminal, "messages", console)
    with terminal.progress(2, []) as show:
        show(result("WASH", "region", "en"))
    written.flush()
    shown = written.buffer.getvalue().decode("cp1252")  # type: ignore[attr-defined]
    assert "1/2" in shown
    assert not COLOUR.search(shown)


def test_a_run_tells_reading_counting_and_making_before_the_sheets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rmrp("run", SHIPPED, "--sector", "Nutrition", "--out", tmp_path) == 0
    written = capsys.readouterr()
    lines = written.err.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["Reading", "Counting"]
    assert "Making sheets: 1" in lines
    assert re.fullmatch(r"made: nutrition\.en \(\d+\.\d s\)", lines[lines.index("Making sheets: 1") + 1])
    assert written.out == f"{tmp_path / PARAMS.run / 'index.html'}\n"
