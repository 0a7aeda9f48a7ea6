"""Commands are found by entry points; one that cannot be imported harms no other."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from office import install
from published_run import SHIPPED, rmrp
from rmrp_analysis import extensions, load_plan
from rmrp_analysis.commands.cli import CORE_COMMANDS
from rmrp_analysis.commands.registry import ENTRY_POINT_GROUP, PACKAGE_COMMAND_NAMES

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "commands.md").read_text("utf-8")
APP = """
import typer
tool = typer.Typer(help="Two tools.")
@tool.command()
def count(names: list[str]):
    "Count names."
    print(len(names))
@tool.command()
def stop():
    raise ValueError("never")
"""


def test_the_package_declares_the_commands_that_are_no_core() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][ENTRY_POINT_GROUP]
    assert [name for name in PACKAGE_COMMAND_NAMES if name not in CORE_COMMANDS and name != "lab"] == [*declared]


def test_the_command_of_the_guide_is_one_of_rmrp(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(# office_commands\.py\n.*?)```", GUIDE, re.DOTALL)
    (project,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    install(office, "office_commands", code, tomllib.loads(project)["project"]["entry-points"])
    assert rmrp("run", "--help") == 0
    assert "office_commands" not in sys.modules
    capsys.readouterr()
    assert rmrp("silent", SHIPPED, "2021-02") == 0
    reports = load_plan(SHIPPED).reports()
    missing = reports[(reports["month"] == "2021-02") & reports["state"].isin(["late", "missed"])]
    partners = sorted(set(missing[["organisation", "country"]].itertuples(index=False, name=None)))
    header, *lines = filter(None, capsys.readouterr().out.splitlines())
    assert (header, sorted(lines)) == ("organisation,country", [",".join(partner) for partner in partners])
    assert rmrp("--help") == 0
    assert re.search("silent +Name the organisations, by country, whose reports", capsys.readouterr().out)
    assert rmrp("silen") == 2
    assert "did you mean 'silent'?" in capsys.readouterr().err


def test_an_app_is_a_group_of_commands_and_nobody_replaces_one_of_the_package(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(
        office,
        "tools_of_office",
        APP,
        {ENTRY_POINT_GROUP: dict.fromkeys(("tool", "run", "proof"), "tools_of_office:tool")},
    )
    assert rmrp("tool", "count", "a", "b") == 0
    assert capsys.readouterr().out == "2\n"
    for command in ("run", "proof"):
        assert rmrp(command, "count", "a", "b") == 2
    assert "tools_of_office" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import nowhere.at_all", "needs nowhere, which is not installed; install it beside broken"),
        ("raise OSError('/home/ana s3cret')", "cannot be loaded (OSError); tell those who wrote broken"),
        ("import sys; sys.exit(7)", "cannot be loaded (SystemExit); tell those who wrote broken"),
        ("def tidy(folder: 'nothing'): ...", "cannot be loaded (NameError); tell those who wrote broken"),
        ("", "cannot be loaded (AttributeError); tell those who wrote broken"),
    ],
)
def test_a_command_that_cannot_be_imported_is_a_sentence(
    code: str, sentence: str, office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    install(office, "broken", code, {ENTRY_POINT_GROUP: {"tidy": "broken:tidy"}})
    assert rmrp("tidy", "--folder", "x", "y") == 2
    assert capsys.readouterr().err == f"rmrp: `rmrp tidy` {sentence}\n"
    assert rmrp("--help") == 0
    listing = " ".join(re.sub("[│\\s]+", " ", capsys.readouterr().out).split())
    assert f"`rmrp tidy` {sentence}" in listing
    assert "fetch Fetch a producer" in listing


def test_a_command_whose_entry_point_is_lost_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extensions, "entry_points", lambda **_: [])
    assert rmrp("sample", "--rows", "3") == 2
    assert capsys.readouterr().err == "rmrp: `rmrp sample` is not installed; install the package again\n"
