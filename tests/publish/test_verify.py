"""Whether a published run can be made again, and what ``rmrp verify`` says where it cannot."""

import gzip
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pandas as pd
import pytest

from data_folders import ACTIVITY, data_folder
from made_reports import without_notebooks
from published_run import RUN, Published, rmrp, rows_of, small_plan, written_params
from rmrp_analysis import load_plan, provenance
from rmrp_analysis.files import write_json
from rmrp_analysis.metrics import rounding_key
from rmrp_analysis.publish.engine import runners
from rmrp_analysis.publish.records.manifest import find_line_of_key

Answer = tuple[int, str, str]
Verify = Callable[..., Answer]
Row = dict[str, str]


@pytest.fixture
def verified(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Exit code, results and messages of ``rmrp verify`` of a folder."""

    def answer(folder: Path, *options: str | Path) -> Answer:
        code = rmrp("verify", folder, *options)
        said = capsys.readouterr()
        return code, said.out, said.err

    return answer


@pytest.fixture
def project(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    """A copy of the project of the published run, in which ``rmrp verify`` is started."""
    project = published.copy(tmp_path / "project")
    monkeypatch.chdir(project.project)
    return project


@pytest.fixture
def copied(published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of the published run; ``rmrp verify`` is started in the project of that run."""
    monkeypatch.chdir(published.project)
    return Path(shutil.copytree(published.folder, tmp_path / "run"))


@pytest.fixture
def in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language of whoever starts the command, since the project of the run names none."""
    monkeypatch.setenv("RMRP_LANGUAGE", "es")


def with_figures(folder: Path, figure: str, change: Callable[[Row], object]) -> None:
    """Changes the first row of a figure in ``figures.csv``, and its checksum in ``run.json`` as a forger would."""
    rows = rows_of(path := folder / "figures.csv")
    change(next(row for row in rows if row["figure"] == figure))
    pd.DataFrame(rows).to_csv(path, index=False, encoding="utf-8-sig")
    with_manifest(folder, lambda manifest: manifest["files"].update({"figures.csv": checksum(path)}))


def with_manifest(folder: Path, change: Callable[[dict], object]) -> None:
    path = folder / "run.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    write_json(path, manifest)


def checksum(path: Path) -> dict[str, str | int]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_a_run_of_the_same_inputs_is_the_same_wherever_it_is_asked(
    published: Published, verified: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the parameter file is found near the run, by its checksum
    code, said, _ = verified(published.folder)
    assert code == 0
    assert f"Files: {len(published.names()) - 1} the same\n" in said  # all but run.json, which names them
    assert "Inputs: 7 the same\n" in said
    assert said.splitlines()[-1].endswith("comes out the same.")
    assert "does not" not in said
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
    monkeypatch.chdir(elsewhere.project)
    code, said, _ = verified(elsewhere.folder, "--sheets")
    monkeypatch.undo()
    time.tzset()
    assert (code, f"Sheets: {len(published.names()) - 3} the same\n" in said) == (0, True)


def test_a_file_that_was_edited_is_named(published: Published, copied: Path, verified: Verify) -> None:
    page = copied / f"{published.report}.html"
    page.write_text(page.read_text("utf-8").replace("<title>", "<title>Not "), encoding="utf-8")
    (copied / f"{published.report}.csv").unlink()
    (copied / "notes.txt").write_text("mine", encoding="utf-8")
    code, said, _ = verified(copied)
    assert code == 1
    assert f"  {published.report}.html is not the file that the run made\n" in said
    assert f"  {published.report}.csv is missing\n" in said
    assert "  notes.txt is not of the run\n" in said
    assert said.splitlines()[-1].endswith("does not come out the same.")


@pytest.mark.parametrize(
    ("figure", "change", "told"),
    [
        ("people_reached", lambda row: row.update(value="999999"), ["people_reached: 999999 in the run, {value} now"]),
        ("people_reached", lambda row: row.update(value=str(int(row["value"]) + 10)), ["people_reached: "]),
        (
            "activities",
            lambda row: row.update(figure="people_saved"),
            ["people_saved: not among the figures now", "activities: not in the run"],
        ),
    ],
    ids=["another number", "a number one step of rounding away", "another row"],
)
def test_a_figure_that_was_edited_is_named_with_both_numbers(
    figure: str, change: Callable[[Row], object], told: list[str], copied: Path, verified: Verify
) -> None:
    before: Row = {}
    with_figures(copied, figure, before.update)
    with_figures(copied, figure, change)
    code, said, messages = verified(copied)
    assert code == 1
    assert "Files: " in said
    assert "is not the file" not in said
    assert "rounded by another key" not in messages  # both are rounded by the pack's name
    assert [line for line in told if f"  human-trafficking-and-smuggling: {line.format_map(before)}" not in said] == []


def test_another_key_rounds_within_the_base(copied: Path, verified: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rounding_key.KEY_VARIABLE, "a secret of the project's own")
    code, said, messages = verified(copied, "--sheets")
    assert code == 0
    assert "the run was rounded by another key than there is here" in messages
    assert "Sheets: not compared; they are rounded by another key" in said
    with_figures(copied, "people_reached", lambda row: row.update(value="999999"))
    code, said, _ = verified(copied)
    assert (code, "people_reached: 999999 in the run" in said) == (1, True)


def test_another_key_may_divide_people_whom_the_run_does_not_divide(
    tmp_path: Path, verified: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    report = pd.DataFrame(
        [
            ACTIVITY
            | {
                "Total monthly beneficiaries": 14,
                "New beneficiaries of the month": 14,
                "Women above 18": 9,
                "Men above 18": 5,
            }
        ]
    )
    indicators = "Code,Sector,Indicator,Indicator Type\n1,Health,# of people,People in need\n"
    data = data_folder(tmp_path / "data", 2021, activities=report, indicators=indicators)
    month = {"start": "2021-01", "end": "2021-01"}
    params = written_params(tmp_path, sectors=["Health"], places=["Peru"], formats=["html"], period=month)
    keys: dict[bool, str] = {}
    plan, numbers = load_plan(data), count()
    while len(keys) < 2:
        secret = rounding_key.Secret(f"secret number {next(numbers)} of these tests")
        sheet = replace(plan, secret=secret).select("Health", place="Peru", period="2021-01").key_figures("public")
        keys.setdefault(
            sheet.breakdowns["people_reached_by_age_gender"].cells[0].reason == "few_to_divide", secret.text
        )
    for made, here in ((keys[True], keys[False]), (keys[False], keys[True])):
        monkeypatch.setenv(rounding_key.KEY_VARIABLE, made)
        assert rmrp("run", params, "--out", tmp_path / "reports", "--force") == 0
        monkeypatch.setenv(rounding_key.KEY_VARIABLE, here)
        code, _, messages = verified(tmp_path / "reports" / "small", params)
        assert (code, "the run was rounded by another key than there is here" in messages) == (0, True)


def test_an_input_that_was_replaced_is_named_with_what_it_moves(project: Published, verified: Verify) -> None:
    path, sources = project.data / "activities.csv.gz", project.data / "sources.yml"
    before, text = str(checksum(path)["sha256"]), gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    changed = text.replace("Human Trafficking & Smuggling", "Health", 1)
    assert changed != text
    path.write_bytes(gzip.compress(changed.encode("utf-8-sig"), mtime=0))
    code, _, messages = verified(project.folder)
    assert code == 3
    assert "activities.csv.gz is not the file described here" in messages
    sources.write_text(sources.read_text("utf-8").replace(before, str(checksum(path)["sha256"])), encoding="utf-8")
    code, said, _ = verified(project.folder)
    assert code == 1
    assert "Inputs: 6 the same, 1 differ\n  activities: activities.csv.gz is another file now\n" in said
    assert "human-trafficking-and-smuggling: activities: " in said
    (project.data / "planning.csv").unlink()
    code, _, messages = verified(project.folder)
    assert (code, "planning names planning.csv, but there is no such file" in messages) == (3, True)


def test_other_code_is_said_and_the_figures_decide(
    published: Published, verified: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "code", lambda: {"name": "rmrp-analysis", "version": "9.9", "sha256": "0" * 64})
    monkeypatch.setattr(provenance, "environment", lambda: {"pandas": "99"})
    code, _, messages = verified(published.folder)
    assert code == 0
    assert "the run was made by other code (version 0.1.0; here is 9.9)" in messages
    assert "the run was made with other libraries: pandas " in messages


def test_other_data_and_parameters_are_named(published: Published, project: Published, verified: Verify) -> None:
    shutil.rmtree(project.data)
    code, _, messages = verified(project.folder)
    assert (code, "name it by --data" in messages) == (3, True)
    code, _, _ = verified(project.folder, "--data", published.data)
    assert code == 0
    changed = project.params.read_text("utf-8") + "method: {rmrp_activities_only: true}\n"
    project.params.write_text(changed, encoding="utf-8")
    code, _, messages = verified(project.folder, "--data", published.data)
    assert (code, "the parameter file of the run '2021-first-half' is not found" in messages) == (3, True)
    code, _, messages = verified(project.folder, project.params, "--data", published.data)
    assert (code, "is not the parameter file of the run, or was changed" in messages) == (0, True)


@pytest.mark.parametrize("lacking", ["run.json", "params"])
def test_what_is_no_run_is_a_bad_request(lacking: str, published: Published, tmp_path: Path, verified: Verify) -> None:
    folder = tmp_path / RUN
    shutil.copytree(published.folder, folder)
    if lacking == "run.json":
        (folder / "run.json").unlink()
    else:
        with_manifest(folder, lambda manifest: manifest.pop("params"))
    code, said, messages = verified(folder)
    assert (code, said) == (2, "")
    assert RUN in messages


def test_a_run_of_all_organisations_says_which_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "COMMAND_RUNNER", without_notebooks)
    small_plan(tmp_path / "data", rows=150, seed=3)
    accepted = ["same_content_twice", "months_missing", "people_with_errors", "people_refused"]
    asked = {"sectors": ["Education"], "organisations": "all", "formats": ["html"], "accept": accepted}
    params = written_params(tmp_path, **asked)
    assert rmrp("run", params, "--out", tmp_path) == 0
    named = json.loads((tmp_path / "small" / "run.json").read_text("utf-8"))["params"]["organisations"]
    assert len(named) > 1
    assert "all" not in named
    assert rmrp("verify", tmp_path / "small", params) == 0


def line_in_figures(change: Callable[[str], str]) -> Callable[[Path], object]:
    """Changes the fifth line of ``figures.csv``."""

    def change_line(folder: Path) -> None:
        lines = (path := folder / "figures.csv").read_text("utf-8-sig").splitlines()
        path.write_text("\n".join([*lines[:4], change(lines[4]), *lines[5:]]), encoding="utf-8-sig")

    return change_line


def without_column(folder: Path) -> None:
    pd.DataFrame(rows_of(path := folder / "figures.csv")).drop(columns="status").to_csv(path, index=False)


PUT_BACK = "restaure el archivo como lo escribió la ejecución, o mueva la carpeta a otro lugar y ejecute de nuevo"
BROKEN_FIGURES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a cell too many": (
        line_in_figures(lambda line: f"{line},x"),
        f"figures.csv:5: tiene 15 celdas en lugar de 14; {PUT_BACK}",
    ),
    "a line that is cut": (
        line_in_figures(lambda line: line[:9]),
        f"figures.csv:5: tiene 1 celdas en lugar de 14; {PUT_BACK}",
    ),
    "an open quote": (
        line_in_figures(lambda line: f'"{line}'),
        f"figures.csv:5: le sobra o le falta una comilla; {PUT_BACK}",
    ),
    "a missing column": (
        without_column,
        "figures.csv:1: no tiene la columna «status»; no es la tabla de cifras que escribe una ejecución",
    ),
    "nothing": (
        lambda folder: (folder / "figures.csv").write_text(""),
        "figures.csv:1: no tiene la columna «report»; no es la tabla de cifras que escribe una ejecución",
    ),
    "other bytes": (
        lambda folder: (folder / "figures.csv").write_bytes(b"report\n\xff\n"),
        f"figures.csv:2: no está en UTF-8; {PUT_BACK}",
    ),
}


@pytest.mark.usefixtures("in_spanish")
@pytest.mark.parametrize("case", BROKEN_FIGURES)
def test_a_broken_table_of_figures_is_one_sentence_with_its_line(case: str, copied: Path, verified: Verify) -> None:
    change, sentence = BROKEN_FIGURES[case]
    change(copied)
    code, said, _ = verified(copied)
    assert code == 1
    assert f"Cifras: 0 iguales, 1 distintos\n  {copied}/{sentence}\n" in said


def test_a_figure_that_there_is_not_differs_also_by_another_key(
    copied: Path, verified: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(rounding_key.KEY_VARIABLE, "a secret of the project's own")
    with_figures(copied, "people_reached", lambda row: row.update(figure="people_saved"))
    code, said, _ = verified(copied)
    assert (code, "human-trafficking-and-smuggling: people_saved: not among the figures now" in said) == (1, True)


BROKEN_MANIFESTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut": (
        lambda path: path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:18])),
        f"run.json:19: el JSON está cortado o dañado; {PUT_BACK}",
    ),
    "another JSON": (lambda path: path.write_text("[]"), "run.json:1: «{}» no es lo que escribe una ejecución; "),
    "another type": (
        lambda path: with_manifest(path.parent, lambda manifest: manifest.update(title=3)),
        "run.json:3: «title» no es lo que escribe una ejecución; ",
    ),
    "another status": (
        lambda path: with_manifest(path.parent, lambda manifest: manifest["reports"][0].update(status="fine")),
        "«reports.0.status» no es lo que escribe una ejecución; ",
    ),
    "a language that is no text": (
        lambda path: with_manifest(path.parent, lambda manifest: manifest["params"].update(languages=[3])),
        "«params.languages.0» no es lo que escribe una ejecución; ",
    ),
    "another sector": (
        lambda path: with_manifest(path.parent, lambda manifest: manifest["params"].update(sectors=["Helth"])),
        ": params: sectors.0: sector desconocido «Helth»; ¿quiso decir «",
    ),
    "another report": (
        lambda path: with_manifest(path.parent, lambda manifest: manifest["reports"][0].update(id="helth.es")),
        ": reports: no hay ninguna ficha «helth»; ¿quiso decir «health»?",
    ),
}


def test_a_key_is_found_where_it_stands_itself_not_in_a_part() -> None:
    assert find_line_of_key('{\n  "reports": [\n    {"id": 1,\n    "period": 2}\n  ],\n  "period": 3\n}', "period") == 6


@pytest.mark.usefixtures("in_spanish")
@pytest.mark.parametrize("case", BROKEN_MANIFESTS)
def test_a_broken_manifest_is_one_sentence_with_its_line(case: str, copied: Path, verified: Verify) -> None:
    change, sentence = BROKEN_MANIFESTS[case]
    change(copied / "run.json")
    code, said, messages = verified(copied)
    assert (code, said) == (3, "")
    assert f"rmrp: {copied}/run.json:" in messages
    assert sentence in messages
    assert messages.count("\n") == 1


def test_a_manifest_that_is_cut_is_told_in_the_language_of_the_parameters_that_name_its_run(
    copied: Path, verified: Verify
) -> None:
    copied.with_name("params.yml").write_text(f"run: {copied.name}\nlanguages: [es]\n", encoding="utf-8")
    (copied / "run.json").write_text("{\n", encoding="utf-8")
    _, _, messages = verified(copied)
    assert messages == f"rmrp: {copied}/run.json:2: el JSON está cortado o dañado; {PUT_BACK}\n"


@pytest.mark.usefixtures("in_spanish")
@pytest.mark.parametrize("command", ["diff", "proof"])
def test_whoever_reads_a_broken_table_says_where_it_is_broken(
    command: str, copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line_in_figures(lambda line: f"{line},x")(copied)
    (tmp_path / "text.txt").write_text("5 000 personas", encoding="utf-8")
    arguments = [copied, copied] if command == "diff" else [tmp_path / "text.txt", "--run", copied]
    assert rmrp(command, *arguments) == 3
    assert f"rmrp: {copied}/figures.csv:5: tiene 15 celdas en lugar de 14; " in capsys.readouterr().err
