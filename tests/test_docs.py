"""What the documents say is what the project does."""

import ast
import inspect
import itertools
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from contextlib import chdir
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

import data_dictionary
import plan_years_page
from published_run import Published, rmrp
from rmrp_analysis import charts
from rmrp_analysis.commands import cli
from steps import Reader

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"jupyter_client": "jupyter-client", "jupyter_core": "jupyter-core", "typst-py": "typst"}


def name_and_bound(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement).groups()
    return CONDA_NAMES.get(name, name), bound


def names(requirements: Iterable[str]) -> set[str]:
    return {name_and_bound(requirement)[0] for requirement in requirements}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """What pyproject.toml says of the package, with its groups of dependencies under ``dev`` and ``build``."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = content["dependency-groups"]
    dev = groups["docs"] + [requirement for requirement in groups["dev"] if isinstance(requirement, str)]
    return {**content["project"], "build": groups["build"], "dev": dev}


def test_the_package_declares_the_libraries_that_it_imports(project: dict[str, Any]) -> None:
    modules = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "src").rglob("*.py")]
    nodes = [node for module in modules for node in ast.walk(module)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    providers = packages_distributions()
    libraries = {
        re.sub(r"[-_.]+", "-", library).lower()
        for name in imported
        for library in providers.get(name.split(".")[0], ())
    }
    started = {"ipykernel", "matplotlib-inline"}
    extras = itertools.chain.from_iterable(project["optional-dependencies"].values())
    assert (libraries | started) - {project["name"]} == names([*project["dependencies"], *extras])


def test_environment_and_locks_hold_what_pyproject_lists(project: dict[str, Any]) -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    listed = dict(map(name_and_bound, conda))
    assert listed.pop("python") == project["requires-python"]
    fetching = project["optional-dependencies"]["fetch"]
    assert listed == dict(map(name_and_bound, [*project["dependencies"], *fetching]))
    users, developers = locked("requirements.lock"), locked("requirements-dev.lock")
    of_users = {pin.split("==")[0] for pin in users}
    only_developers = {pin.split("==")[0] for pin in developers} - of_users
    assert names([*project["dependencies"], *project["build"]]) <= of_users
    assert names(project["dev"]) <= only_developers
    assert {"httpx2", "distributed"} <= only_developers
    assert users <= developers


def locked(name: str) -> set[str]:
    """The libraries of a lock, each with its version and where it is needed; every one has hashes, none an address."""
    lock = (ROOT / name).read_text("utf-8")
    pins = re.findall(r"^([a-z0-9-]+==.*?) \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\S", lock, re.MULTILINE))
    assert "://" not in lock
    return set(pins)


def test_pages_of_the_code_are_up_to_date_and_that_on_commands_names_every_one() -> None:
    for printed in (data_dictionary, plan_years_page):
        assert printed.PAGE.read_text("utf-8") == printed.page()
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    commands = get_command(cli.app).commands
    fetches = [f"fetch {name}" for name in commands.pop("fetch").commands]
    for command in (*commands, *fetches):
        assert f"`rmrp {command} " in page or f"`rmrp {command}`" in page
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
    ("page", "saved"), [("notebooks.md", "health-peru.pdf"), ("es/notebooks.md", "salud-peru.pdf")]
)
def test_the_cells_of_the_page_on_notebooks_run(
    page: str, saved: str, published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    cells = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    code = "\n".join(cells)
    for run in re.findall(r'"(reports/[^"]+)"', code):
        shutil.copytree(published.folder, tmp_path / run)
    exec(code, {})  # noqa: S102 - what the page has an analyst type
    assert (tmp_path / saved).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_from_the_first_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)[)#]", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_gallery_draws_every_kind_of_chart() -> None:
    gallery = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    kinds = [name for name in charts.__all__ if "ax" in inspect.signature(getattr(charts, name)).parameters]
    assert len(kinds) >= 11
    assert [name for name in kinds if f"rmrp.charts.{name}(" not in gallery] == []


class QuickReader(Reader):
    """A reader whose commands run in this process, and who looks at nothing: the site's build does."""

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        with chdir(self.folder):
            if program == "rmrp":
                return rmrp(*arguments), ""
            return subprocess.run([program, *arguments], check=False).returncode, ""

    def picture(self, file: Path, **_: object) -> str:
        assert file.exists()
        return ""


@pytest.fixture(scope="module", params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pages(language: str) -> Path:
    return ROOT / "docs" / ("" if language == "en" else language)


@pytest.fixture(scope="module")
def reader(pages: Path, language: str, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader of the tutorial, after the last command."""
    reader = QuickReader(tmp_path_factory.mktemp("reader"), language, tmp_path_factory.mktemp("pictures"))
    reader.follow(pages / "tutorial.md")
    return reader


@pytest.fixture(scope="module")
def own_project(reader: Reader) -> Path:
    """The folder where the terminal of a reader of the tutorial is at the end."""
    return reader.folder


def test_the_tutorial_leads_from_a_workbook_to_a_sheet_with_a_text(own_project: Path, language: str) -> None:
    sheets = own_project / "reports" / "peru"
    text = {"en": "Partners reached", "es": "Los socios llegaron a"}[language]
    assert text in (sheets / f"health.peru.{language}.html").read_text("utf-8")
    assert (sheets / f"health.peru.{language}.pdf").read_bytes().startswith(b"%PDF")


def test_the_tutorial_ends_with_sheets_that_say_why_they_cannot_be_used(own_project: Path, language: str) -> None:
    name, text = {"en": ("doubtful", "Not yet usable: "), "es": ("dudoso", "Aún no utilizable: ")}[language]
    for place in ("brazil", "colombia", "dominican-republic"):
        sheet = own_project.parent / name / "reports" / name / f"health.{place}.{language}.internal.html"
        assert text in sheet.read_text("utf-8")


def test_the_next_month_the_same_project_makes_the_next_sheet(
    reader: Reader, own_project: Path, pages: Path, language: str
) -> None:
    reader.follow(pages / "months.md")
    assert reader.folder == own_project
    figures = json.loads((own_project / "reports" / "peru" / f"health.peru.{language}.json").read_text("utf-8"))
    assert figures["revision"]["until"] == "2021-05"


def test_changelog_is_short_and_begins_with_figures(project: dict[str, Any]) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^### (.+)$", changelog, re.MULTILINE)[1] == "Figures"
    assert re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)[1] == project["version"]
    assert len(changelog.splitlines()) <= 80
