"""What follows a run is a list of steps, to which an office adds its own; one that fails harms nothing."""

import re
import tomllib
from pathlib import Path

import pytest

from made_reports import PARAMS, made
from office import install
from published_run import Published, rmrp
from rmrp_analysis.errors import RequestError
from rmrp_analysis.publish import after
from rmrp_analysis.publish.after import PACKAGE_STEPS, UPLOAD_STEP, EndedRun, run_step, run_steps_after
from rmrp_analysis.publish.documents.feed import FEED_FILE, read_feed
from rmrp_analysis.publish.records.crate import CRATE_FILE
from rmrp_analysis.publish.records.publication import Publication

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
FAILING = """
import sys
def broken(run):
    yield "broken: the first line stays"
    raise ValueError("/home/ana s3cret-pass")
def ended(run):
    sys.exit(7)
def silent(run):
    (run.folder / "seen.txt").write_text(run.params.run)
"""


def ended_run(folder: Path) -> EndedRun:
    results = [made(PARAMS.report("Health", "region", "en"))]
    return EndedRun(PARAMS, folder, str(folder / "index.html"), results)


def test_the_package_declares_its_steps() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][after.GROUP]
    assert tuple(declared) == PACKAGE_STEPS


def test_the_step_of_the_guide_runs_after_the_command(
    published: Published,
    office: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (code,) = re.findall(r"```python\n(# office_steps\.py\n.*?)```", GUIDE, re.DOTALL)
    (about,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    install(office, "office_steps", code, tomllib.loads(about)["project"]["entry-points"])
    assert len([line for line in code.split("def share")[1].splitlines()[1:] if line.strip()]) <= 10
    other, share = published.copy(tmp_path / "b"), tmp_path / "share"
    share.mkdir()
    run = ("run", other.params, "--only", "Health", "--period", "2021-01/2021-06", "--out", other.project / "reports")
    assert rmrp(*run) == 0
    assert "after the run: share: the variable RMRP_SHARE names no folder" in capsys.readouterr().err
    monkeypatch.setenv("RMRP_SHARE", str(share))
    assert rmrp(*run) == 0
    assert [*share.iterdir()] == []  # nothing new, so no step
    assert rmrp(*run, "--force") == 0
    assert [path.name for path in share.iterdir()] == ["health.en.pdf"]


def test_a_step_that_fails_is_told_without_its_text_and_the_next_one_follows(office: Path, tmp_path: Path) -> None:
    install(
        office, "failing", FAILING, {after.GROUP: {name: f"failing:{name}" for name in ("silent", "ended", "broken")}}
    )
    install(office, "gone", "", {after.GROUP: {"absent": "gone:nothing"}})
    broken = ["broken: the first line stays", "broken: ValueError"]
    assert [*run_steps_after(ended_run(tmp_path))] == ["absent: AttributeError", *broken, "ended: SystemExit"]
    assert (tmp_path / "seen.txt").read_text("utf-8") == PARAMS.run


def test_nobody_takes_the_name_of_a_step_of_the_package(office: Path, tmp_path: Path) -> None:
    install(office, "failing", FAILING, {after.GROUP: {"mail": "failing:broken"}})
    assert [*run_steps_after(ended_run(tmp_path))] == []


def test_a_step_that_is_not_installed_is_told_and_an_upload_without_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bucket:
        def publish(self) -> list[str]:
            return ["never"]

    monkeypatch.setattr("rmrp_analysis.extensions.entry_points", lambda **_: [])
    run = ended_run(tmp_path)
    assert [*run_step("mail", run)] == ["mail: this step is not installed; install the package again"]
    with pytest.raises(RequestError, match="install the package again"):
        [*run_step(UPLOAD_STEP, EndedRun(PARAMS, tmp_path, "s3://x", destination=Bucket()))]


def test_a_feed_that_fails_leaves_the_news_so_far_and_the_run_is_whole(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = published.copy(tmp_path / "b")
    before = read_feed(other.folder)
    monkeypatch.setattr("rmrp_analysis.publish.documents.feed.count_in_words", lambda *_: 1 / 0)
    run = ("run", other.params, "--only", "Human Trafficking & Smuggling", "--languages", "es", "--force")
    assert rmrp(*run, "--period", "2021-01/2021-05", "--out", other.project / "reports") == 0
    assert "feed: ZeroDivisionError" in capsys.readouterr().err
    assert read_feed(other.folder) == before != []
    publication = Publication(other.folder)
    assert publication.is_intact([*publication.files, FEED_FILE, CRATE_FILE])
