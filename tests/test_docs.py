"""What the documents say is what the project does."""

import ast
import inspect
import itertools
import json
import re
import shlex
import shutil
import subprocess
import sys
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
        (row,) = (
            line for line in page.splitlines() if re.match(rf"\| `rmrp {command}[` ][^|]*\|[^|]*\|[^|]*\|$", line)
        )
        shown = CliRunner(env={"COLUMNS": "100"}).invoke(cli.app, [*command.split(), "--help"])
        assert shown.exit_code == 0
        (example,) = re.findall(r"^ Example: (.*?) *$", shown.output, re.MULTILINE)
        assert row.endswith(f" | `{example}` |")


def test_the_page_on_run_has_every_option_and_no_other() -> None:
    page = (ROOT / "docs" / "run-options.md").read_text("utf-8")
    first_cells = "".join(line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `--"))
    options = {name for param in get_command(cli.app).commands["run"].params for name in param.opts if "--" in name}
    assert set(re.findall(r"--[a-z-]+", first_cells)) == options


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


def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    site = tmp_path / "html"
    command = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", ROOT / "docs", site)
    built = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stderr
    pages = {path.relative_to(site): path.read_text("utf-8") for path in site.rglob("*.html")}
    assert '<html lang="es"' in pages[Path("es/tutorial.html")]
    assert pages[Path("gallery.html")].count('<div role="img" aria-label="') == 25
    loaded = r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//|<link[^>]* rel="stylesheet"[^>]* href="(?:https?:)?//'
    assert {path: re.findall(loaded, page) for path, page in pages.items() if re.search(loaded, page)} == {}


def test_the_gallery_draws_every_kind_of_chart() -> None:
    gallery = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    kinds = [name for name in charts.__all__ if "ax" in inspect.signature(getattr(charts, name)).parameters]
    assert len(kinds) >= 11
    assert [name for name in kinds if f"rmrp.charts.{name}(" not in gallery] == []


STEPS = re.compile(
    r"```sh\n(?P<commands>.*?)```"
    r"|`(?P<new>\w+: [^`]+)` (?:in place of|en lugar de) `(?P<old>[^`]+)`"
    r"|`(?P<file>[\w./]+)`:\n\n```markdown\n(?P<text>.*?)```",
    re.DOTALL,
)


def follow(page: Path, folder: Path) -> Path:
    """Do what a page says, in its order: type, edit, write. Returns the folder where that ends."""
    for step in STEPS.finditer(page.read_text("utf-8")):
        if step["text"]:
            (folder / step["file"]).write_text(step["text"], "utf-8")
        elif step["new"]:
            params = (folder / "params.yml").read_text("utf-8")
            assert step["old"] in params
            (folder / "params.yml").write_text(params.replace(step["old"], step["new"]), "utf-8")
        else:
            for line in step["commands"].splitlines():
                folder = typed(line, folder)
    return folder


def typed(line: str, folder: Path) -> Path:
    """Do what a reader's terminal does with a line; returns the folder where it is then."""
    program, *arguments = shlex.split(line)
    if program == "cd":
        return folder.joinpath(*arguments)
    with chdir(folder):
        code = rmrp(*arguments) if program == "rmrp" else subprocess.run([program, *arguments]).returncode
    assert code == 0, line
    return folder


SPANISH = sorted(path.name for path in (ROOT / "docs" / "es").glob("*.md"))


@pytest.mark.parametrize("page", SPANISH)
def test_a_page_in_spanish_has_every_part_table_and_cell_of_the_english_one_and_is_linked(page: str) -> None:
    texts = [(ROOT / "docs" / folder / page).read_text("utf-8") for folder in (".", "es")]
    for part in ("^#+ ", r"^\|", "^```", r"^\d\. ", "^- "):
        assert len({len(re.findall(part, text, re.MULTILINE)) for text in texts}) == 1, part
    for first in ("README.md", "docs/index.md"):
        assert f"es/{page})" in (ROOT / first).read_text("utf-8")
    others = [(ROOT / "docs" / "es" / each).read_text("utf-8") for each in SPANISH if each != page]
    assert any(f"]({page})" in text for text in others)


def test_spanish_pages_lead_to_spanish_ones_where_there_are_some() -> None:
    for page in SPANISH:
        text = (ROOT / "docs" / "es" / page).read_text("utf-8")
        assert [name for name in re.findall(r"\]\(\.\./([\w-]+\.md)", text) if name in SPANISH] == [], page


@pytest.fixture(scope="module", params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pages(language: str) -> Path:
    return ROOT / "docs" / ("" if language == "en" else language)


@pytest.fixture(scope="module")
def own_project(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a reader of the tutorial, after the last command."""
    return follow(pages / "tutorial.md", tmp_path_factory.mktemp("reader"))


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


def test_the_next_month_the_same_project_makes_the_next_sheet(own_project: Path, pages: Path, language: str) -> None:
    assert follow(pages / "months.md", own_project) == own_project
    figures = json.loads((own_project / "reports" / "peru" / f"health.peru.{language}.json").read_text("utf-8"))
    assert figures["revision"]["until"] == "2021-05"


def test_changelog_is_short_and_begins_with_figures(project: dict[str, Any]) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^### (.+)$", changelog, re.MULTILINE)[1] == "Figures"
    assert re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)[1] == project["version"]
    assert len(changelog.splitlines()) <= 80
