"""Whether a published run can be made again, and what ``rmrp verify`` says where it cannot."""

import csv
import gzip
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from published_run import RUN, Published, rmrp
from rmrp_analysis import provenance
from rmrp_analysis.commands.sample import write_sample
from rmrp_analysis.figures import rounding_key
from rmrp_analysis.files import write_json

Answer = tuple[int, str, str]
Verify = Callable[..., Answer]


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Exit code, results and messages of ``rmrp verify`` of a project, started in its folder."""

    def answer(project: Published, *options: str | Path) -> Answer:
        monkeypatch.chdir(project.project)
        code = rmrp("verify", project.folder, *options)
        said = capsys.readouterr()
        return code, said.out, said.err

    return answer


@pytest.fixture
def project(published: Published, tmp_path: Path) -> Published:
    """A copy of the project of the published run."""
    return published.copy(tmp_path / "project")


def with_figures(project: Published, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Changes the rows of ``figures.csv``, and its checksum in ``run.json`` as a careful forger would."""
    path = project.folder / "figures.csv"
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with_manifest(project, lambda manifest: manifest["files"].update({"figures.csv": checksum(path)}))


def with_manifest(project: Published, change: Callable[[dict], object]) -> None:
    """Changes ``run.json``."""
    path = project.folder / "run.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    write_json(path, manifest)


def checksum(path: Path) -> dict[str, str | int]:
    """What ``run.json`` says of a file."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def with_activities(project: Published, old: str, new: str) -> None:
    """Replaces the file of activities, without a word in ``sources.yml``."""
    path = project.data / "activities.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new, 1).encode("utf-8-sig"), mtime=0))


def described_anew(project: Published, before: str) -> None:
    """Gives ``sources.yml`` the checksum of the activities that lie there now."""
    path = project.data / "sources.yml"
    now = str(checksum(project.data / "activities.csv.gz")["sha256"])
    path.write_text(path.read_text("utf-8").replace(before, now), encoding="utf-8")


def test_a_run_of_the_same_inputs_is_the_same(published: Published, verified: Verify) -> None:
    code, said, _ = verified(published)
    assert code == 0
    assert f"Files: {len(published.names()) - 1} the same\n" in said  # all but run.json, which names them
    assert "Inputs: 7 the same\n" in said
    assert said.splitlines()[-1].endswith("comes out the same.")
    assert "does not" not in said


def test_what_the_command_asked_for_in_place_of_the_file_is_repeated(published: Published) -> None:
    manifest = json.loads((published.folder / "run.json").read_text("utf-8"))
    assert manifest["params"]["period"] == {"start": "2021-01", "end": "2021-06"}
    assert manifest["params"]["data"] == "data"
    assert [report["id"] for report in manifest["reports"]] == [published.report]


def test_every_sheet_comes_out_byte_for_byte_in_another_folder_time_zone_and_home(
    published: Published, verified: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = published.copy(tmp_path / "another place")
    for name, setting in (("TZ", "Asia/Tokyo"), ("LC_ALL", "C"), ("HOME", str(tmp_path)), ("USER", "otto")):
        monkeypatch.setenv(name, setting)
    time.tzset()
    code, said, _ = verified(elsewhere, "--sheets")
    monkeypatch.undo()
    time.tzset()
    assert (code, f"Sheets: {len(published.names()) - 3} the same\n" in said) == (0, True)


def test_a_file_that_was_edited_is_named(project: Published, verified: Verify) -> None:
    page = project.folder / f"{project.report}.html"
    page.write_text(page.read_text("utf-8").replace("<title>", "<title>Not "), encoding="utf-8")
    (project.folder / f"{project.report}.csv").unlink()
    (project.folder / "notes.txt").write_text("mine", encoding="utf-8")
    code, said, _ = verified(project)
    assert code == 1
    assert f"  {project.report}.html is not the file that the run made\n" in said
    assert f"  {project.report}.csv is missing\n" in said
    assert "  notes.txt is not of the run\n" in said
    assert said.splitlines()[-1].endswith("does not come out the same.")


def test_a_figure_that_was_edited_is_named_with_both_numbers(project: Published, verified: Verify) -> None:
    true = {}

    def forge(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["figure"] == "people_reached")
        true["value"], row["value"] = row["value"], "999999"

    with_figures(project, forge)
    code, said, _ = verified(project)
    assert code == 1
    assert "Files: " in said
    assert "is not the file" not in said
    assert f"  human-trafficking-and-smuggling: people_reached: 999999 in the run, {true['value']} now\n" in said


def test_a_number_that_is_one_step_of_rounding_away_is_another_number(project: Published, verified: Verify) -> None:

    def forge(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["figure"] == "people_reached")
        row["value"] = str(int(row["value"]) + 10)

    with_figures(project, forge)
    code, said, messages = verified(project)
    assert (code, "rounded by another key" in messages) == (1, False)  # both are rounded by the pack's name
    assert "people_reached: " in said


def test_numbers_that_another_key_rounds_count_as_the_same_within_the_base_and_it_is_said(
    project: Published, verified: Verify
) -> None:
    (project.project / rounding_key.KEY_FILE).write_text("a secret of the project's own\n", encoding="utf-8")
    code, said, messages = verified(project, "--sheets")
    assert code == 0
    assert "the run was rounded by another key than there is here" in messages
    assert "Sheets: not compared; they are rounded by another key" in said
    with_figures(
        project, lambda rows: [row.update(value="999999") for row in rows if row["figure"] == "people_reached"]
    )
    code, said, _ = verified(project)
    assert (code, "people_reached: 999999 in the run" in said) == (1, True)


def test_a_row_that_was_added_or_removed_is_named(project: Published, verified: Verify) -> None:

    def replace(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["figure"] == "activities")
        row["figure"] = "people_saved"

    with_figures(project, replace)
    _, said, _ = verified(project)
    assert "human-trafficking-and-smuggling: people_saved: not among the figures now\n" in said
    assert "human-trafficking-and-smuggling: activities: not in the run\n" in said


def test_an_input_that_was_replaced_is_named_with_the_figures_that_it_moves(
    project: Published, verified: Verify
) -> None:
    before = str(checksum(project.data / "activities.csv.gz")["sha256"])
    with_activities(project, "Human Trafficking & Smuggling", "Health")
    described_anew(project, before)
    code, said, _ = verified(project)
    assert code == 1
    assert "Inputs: 6 the same, 1 differ\n  activities: activities.csv.gz is another file now\n" in said
    assert "human-trafficking-and-smuggling: activities: " in said


def test_an_input_that_is_not_the_one_described_is_refused(project: Published, verified: Verify) -> None:
    with_activities(project, "Human Trafficking & Smuggling", "Health")
    code, _, messages = verified(project)
    assert code == 3
    assert "activities.csv.gz is not the file described here" in messages


def test_an_input_that_is_missing_is_refused(project: Published, verified: Verify) -> None:
    (project.data / "planning.csv").unlink()
    code, _, messages = verified(project)
    assert (code, "planning names planning.csv, but there is no such file" in messages) == (3, True)


def test_other_code_is_said_and_the_figures_decide(
    published: Published, verified: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "code", lambda: {"name": "rmrp-analysis", "version": "9.9", "sha256": "0" * 64})
    monkeypatch.setattr(provenance, "environment", lambda: {"pandas": "99"})
    code, _, messages = verified(published)
    assert code == 0
    assert "the run was made by other code (version 0.1.0; here is 9.9)" in messages
    assert "the run was made with other libraries: pandas " in messages


def test_the_runs_own_parameters_hold_where_its_parameter_file_was_changed(
    project: Published, verified: Verify
) -> None:
    changed = project.params.read_text("utf-8") + "method: {rmrp_activities_only: true}\n"
    project.params.write_text(changed, encoding="utf-8")
    code, _, messages = verified(project)
    assert (code, "the parameter file of the run '2021-first-half' is not found" in messages) == (3, True)
    code, _, messages = verified(project, project.params)
    assert (code, "is not the parameter file of the run, or was changed" in messages) == (0, True)


def test_the_parameter_file_is_found_near_the_run_by_its_checksum(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rmrp("verify", published.folder) == 0


def test_data_that_lie_elsewhere_are_named(project: Published, verified: Verify, tmp_path: Path) -> None:
    moved = project.data.rename(tmp_path / "moved")
    code, _, messages = verified(project)
    assert (code, "name it by --data" in messages) == (3, True)
    code, _, _ = verified(project, "--data", moved)
    assert code == 0


@pytest.mark.parametrize("lacking", ["run.json", "params"])
def test_what_is_no_run_is_a_wrong_request(lacking: str, project: Published, verified: Verify) -> None:
    if lacking == "run.json":
        (project.folder / "run.json").unlink()
    else:
        with_manifest(project, lambda manifest: manifest.pop("params"))
    code, said, messages = verified(project)
    assert (code, said) == (2, "")
    assert RUN in messages


def test_a_run_of_all_organisations_says_which_they_were(tmp_path: Path) -> None:
    write_sample(tmp_path / "data", rows=150, seed=3)
    params = tmp_path / "run.yml"
    params.write_text(
        "run: w\ntitle: Sample\nplan: 2021\nperiod: {start: 2021-01, end: 2021-12}\ndata: data\nsectors: [Education]\n"
        "organisations: all\nformats: [html]\n"
        "accept: [same_content_twice, months_missing, people_with_errors, people_refused]\n",
        encoding="utf-8",
    )
    assert rmrp("run", params, "--out", tmp_path) == 0
    named = json.loads((tmp_path / "w" / "run.json").read_text("utf-8"))["params"]["organisations"]
    assert len(named) > 1
    assert "all" not in named
    assert rmrp("verify", tmp_path / "w", params) == 0
