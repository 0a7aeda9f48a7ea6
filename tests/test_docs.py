"""What the documents say is what the project does."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import plan_years_page
from rmrp_analysis import tables
from rmrp_analysis.commands import cli

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"jupyter_client": "jupyter-client", "jupyter_core": "jupyter-core", "typst-py": "typst"}


def name_and_bound(requirement: str) -> tuple[str, str]:
    """A requirement's name and version bound."""
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement).groups()
    return CONDA_NAMES.get(name, name), bound


def test_environment_yml_lists_the_dependencies_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    listed = dict(map(name_and_bound, conda))
    assert listed.pop("python") == project["requires-python"]
    assert listed == dict(map(name_and_bound, project["dependencies"]))


def test_lock_holds_every_dependency_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert {name_and_bound(requirement)[0] for requirement in wanted} <= pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock


def test_data_dictionary_is_printed_from_the_tables() -> None:
    assert (ROOT / "data" / "README.md").read_text("utf-8") == tables.data_dictionary()


def test_the_page_on_plan_years_is_printed_from_their_files() -> None:
    assert plan_years_page.PAGE.read_text("utf-8") == plan_years_page.page()


def test_the_page_on_commands_names_every_one() -> None:
    readme = (ROOT / "docs" / "commands.md").read_text("utf-8")
    fetches = ("fetch activityinfo", "fetch fts", "fetch hdx")
    for command in ("run", "check", "figures", "sample", "lab", "diff", *fetches):
        assert f"`rmrp {command} " in readme or f"`rmrp {command}`" in readme
        assert CliRunner().invoke(cli.app, [*command.split(), "--help"]).exit_code == 0


def test_readme_cell_gives_the_output_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    cell, output = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", readme, re.DOTALL).groups()
    *statements, last = cell.strip().split("\n")
    monkeypatch.chdir(ROOT / "notebooks")
    names: dict[str, object] = {}
    exec("\n".join(statements), names)  # noqa: S102 - the README's own cell
    assert str(eval(last, names)) == output.rstrip("\n")  # noqa: S307


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_changelog_begins_with_figures() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^### (\w+)", changelog, re.MULTILINE)[1] == "Figures"
