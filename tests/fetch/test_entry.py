"""What was fetched stands in the data folder with its entry, and nothing does when it was not whole."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from fts_server import JsonObject, five_flows, servers, without_rows_or_total
from json_server import JsonServer, failing

from rmrp_analysis.commands.cli import main
from rmrp_analysis.loaders import load_funding
from rmrp_analysis.loaders.fts import load_plan_funding

Serve = Callable[[dict[str, JsonObject]], JsonServer]
Fetch = Callable[..., int]
OTHERS = "# what lies here\ntitle: a plan\nplan: 2021\nactivities: {file: a.csv, producer: R4V, as_of: 2021}\n"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with these answers; it ends with the test."""
    with servers() as start:
        yield start


@pytest.fixture
def answers() -> dict[str, JsonObject]:
    return five_flows()


@pytest.fixture
def fetch(fetch_from: Fetch, tmp_path: Path) -> Fetch:
    """Runs ``rmrp fetch fts`` and gives its exit code."""
    options = ("--plan", "1021", "--cache", str(tmp_path / "cache"))
    return lambda server, out, *more: fetch_from("fts", server, out, *options, *more)


def test_a_folder_gets_the_answers_and_their_entry(
    serve: Serve, answers: dict[str, JsonObject], fetch: Fetch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rmrp-2021"
    assert fetch(serve(answers), out) == 0
    described = yaml.safe_load((out / "sources.yml").read_text(encoding="utf-8"))
    entry = described["funding"]
    assert described["plan"] == 2021
    assert sorted(entry["files"]) == sorted(path.name for path in out.glob("*.json"))
    assert len(entry["files"]) == len(entry["sha256"]) == 5
    assert str(entry["fetched"]).startswith(str(entry["as_of"]))
    funding = load_plan_funding([out / name for name in entry["files"]], plan_id=1021)
    assert funding.flows is not None
    assert funding.totals is not None
    output = capsys.readouterr()
    assert "5 flows, US$ 38 funded, US$ 9 pledged" in output.err
    assert output.out.strip().endswith("sources.yml")


@pytest.mark.parametrize(
    ("where", "fault"), [("2", failing(500)), ("globalcluster", without_rows_or_total), ("1", failing(404))]
)
def test_after_half_an_answer_nothing_is_written(
    serve: Serve, answers: dict[str, JsonObject], fetch: Fetch, tmp_path: Path, where: str, fault: object
) -> None:
    server = serve(answers)
    server.faults[where] = [fault] * 100  # type: ignore[list-item]
    assert fetch(server, tmp_path / "out") == 3
    assert not (tmp_path / "out").exists()


def test_after_half_an_answer_what_was_there_stays(
    serve: Serve, answers: dict[str, JsonObject], fetch: Fetch, tmp_path: Path
) -> None:
    out, server = tmp_path / "out", serve(answers)
    fetch(server, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    server.faults["2"] = [failing(500)] * 100
    assert fetch(server, out, "--max-age", "0") == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_keeps_its_other_entries_and_comments(
    serve: Serve, answers: dict[str, JsonObject], fetch: Fetch, tmp_path: Path
) -> None:
    (tmp_path / "sources.yml").write_text(f"{OTHERS}funding: {{file: old.json, producer: x}}\n", encoding="utf-8")
    assert fetch(serve(answers), tmp_path) == 0
    text = (tmp_path / "sources.yml").read_text(encoding="utf-8")
    assert text.startswith(OTHERS)
    assert "old.json" not in text
    assert load_funding([tmp_path / name for name in yaml.safe_load(text)["funding"]["files"]]).flows is not None


def test_fetching_again_within_the_hour_asks_nobody(
    serve: Serve, answers: dict[str, JsonObject], fetch: Fetch, tmp_path: Path
) -> None:
    server = serve(answers)
    for _ in range(2):
        fetch(server, tmp_path / "out")
    assert len(server.requests) == 5
    fetch(server, tmp_path / "another")
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    "command",
    [["fts", "--plan", "1021"], ["activityinfo"], ["hdx", "rmrp-2021-activity-repository"]],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("library", ["httpx2", "tenacity"])
def test_without_the_libraries_of_fetching_the_command_says_how_to_install_them(
    command: list[str],
    library: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for module in [name for name in sys.modules if name.startswith("rmrp_analysis.fetch.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setattr(sys, "argv", ["rmrp", "fetch", *command, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        main()
    sentence = f'fetching needs {library}, which is not installed: pip install "rmrp-analysis[fetch]"'
    assert (ended.value.code, capsys.readouterr().err.strip().removeprefix("rmrp: ")) == (2, sentence)
    assert not (tmp_path / "out").exists()
