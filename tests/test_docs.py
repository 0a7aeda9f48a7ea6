"""What the documents say is what the project does."""

import ast
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
from tempfile import gettempdir
from typing import Any

import pytest
import yaml
from lxml import etree
from typer.main import get_command
from typer.testing import CliRunner

import data_dictionary
import plan_years_page
from chart_kinds import chart_kinds
from conftest import CHROMIUM
from published_run import Published, rmrp
from rmrp_analysis import Page
from rmrp_analysis.commands import cli
from rmrp_analysis.tables import TABLE_BY_INPUT, Activities
from steps import STEPS, Reader

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
    commands = get_command(cli.app).load_all()
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


def test_readme_leads_from_a_workbook_to_a_sheet_in_three_commands(tmp_path: Path) -> None:
    part = (ROOT / "README.md").read_text("utf-8").partition("## Your own data")[2]
    workbook = re.search(r"`(rmrp sample [^`]+)`", part)[1]
    commands = re.search(r"```sh\n(.*?)```", part, re.DOTALL)[1].splitlines()
    assert len(commands) == 3
    reader = QuickReader(tmp_path, "en", tmp_path)
    for line in (workbook, *commands):
        reader.type(line.partition("#")[0])
    assert "Key figures" in (tmp_path / "reports" / "peru" / "health.en.html").read_text("utf-8")


def test_readme_installs_every_extra_for_the_tests_and_says_the_version(project: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    extras = re.search(r'pip install -e "\.\[(.+?)\]" --group dev', readme)[1]
    assert extras.split(",") == sorted(project["optional-dependencies"])
    assert f"Version {project['version']} is" in readme
    assert readme.index("make report") < readme.index("make test") < readme.index("\n## ")


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


def test_the_page_on_pages_has_each_public_method() -> None:
    listed = re.search(r":members: (.+)", (ROOT / "docs" / "api" / "page.md").read_text("utf-8"))[1].split(", ")
    assert sorted(listed) == sorted(name for name in vars(Page) if not name.startswith("_"))


DIAGRAMS = sorted((ROOT / "docs" / "diagrams").glob("*.svg"))


@pytest.mark.parametrize("file", DIAGRAMS, ids=[file.stem for file in DIAGRAMS])
def test_a_diagram_has_the_colours_of_its_page_and_a_text_and_is_shown(file: Path) -> None:
    drawing = etree.parse(file).getroot()
    colours = {element.get(name) for element in drawing.iter() for name in ("fill", "stroke")} - {None, "none"}
    assert all(colour == "currentColor" or colour.startswith("var(--pst-color-") for colour in colours)
    title, description = drawing[:2]
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert title.text
    assert len(description.text) > len(title.text)
    pages = [path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")]
    assert sum(f":file: diagrams/{file.name}\n" in page for page in pages) == 1


def test_the_diagram_of_tables_names_inputs_and_their_columns() -> None:
    drawing = etree.parse(ROOT / "docs" / "diagrams" / "tables.svg").getroot()
    names = [text.text for text in drawing.iter("{*}text") if text.get("font-weight")]
    assert set(names) - {"funding"} <= TABLE_BY_INPUT.keys()
    keys = next(text.text for text in drawing.iter("{*}text") if "·" in text.text).split(" · ")
    assert set(keys) <= Activities.columns.keys()


def test_the_gallery_draws_every_kind_of_chart() -> None:
    gallery = (ROOT / "docs" / "gallery.md").read_text("utf-8")
    assert len(chart_kinds()) >= 11
    assert [name for name in chart_kinds() if f"rmrp.charts.{name}(" not in gallery] == []


def test_both_glossaries_have_the_same_terms_and_guides_link_them() -> None:
    term = re.compile(r"^(?:```\{glossary\}\n|\n)([^ `#\n].*)\n  ", re.MULTILINE)
    english, spanish = (
        term.findall((ROOT / "docs" / folder / "glossary.md").read_text("utf-8")) for folder in (".", "es")
    )
    pairs = [re.fullmatch(r"(.+) \((.+)\)", each).groups() for each in spanish]
    assert sorted(own if other == "igual en inglés" else other for own, other in pairs) == sorted(english)
    assert len(english) > 60
    for page in ("counting", "data", "months", "rounding", "provenance", "plan-years", "plan-packs"):
        linked = re.findall(r"\{term\}`(?:[^`<]+<)?([^`>]+)>?`", (ROOT / "docs" / f"{page}.md").read_text("utf-8"))
        assert len(linked) >= 3, page
        assert len(linked) == len(set(map(str.lower, linked))), page  # where it first stands


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who followed the tutorial and the page on months; ``pages`` holds what came of it."""
    home = tmp_path_factory.mktemp("reader")
    reader = Reader(home, "en", home / "pictures")
    reader.pages = [reader.follow(ROOT / "docs" / f"{name}.md") for name in STEP_PAGES]
    return reader


STEP_PAGES = ("tutorial", "months")


def test_the_tutorial_leads_from_a_workbook_to_a_sheet_with_a_text(reader: Reader) -> None:
    sheets = reader.home / "peru-may"
    assert "Partners reached" in (sheets / "health.peru.en.html").read_text("utf-8")
    assert (sheets / "health.peru.en.pdf").read_bytes().startswith(b"%PDF")


def test_the_tutorial_ends_with_sheets_that_say_why_they_cannot_be_used(reader: Reader) -> None:
    for place in ("brazil", "colombia", "dominican-republic"):
        sheet = reader.home / "doubtful" / "reports" / "doubtful" / f"health.{place}.en.internal.html"
        assert "Not yet usable: " in sheet.read_text("utf-8")


def test_the_next_month_the_same_project_makes_the_next_sheet(reader: Reader) -> None:
    sheet = reader.home / "peru" / "reports" / "peru" / "health.peru.en.json"
    assert json.loads(sheet.read_text("utf-8"))["revision"]["until"] == "2021-05"


def test_what_the_commands_of_the_tutorial_print_and_make_is_in_the_page(reader: Reader) -> None:
    tutorial, _ = reader.pages
    outputs = re.findall(r"``````\{code-block\} text\n:class: terminal\n\n(.*?)``````", tutorial, re.DOTALL)
    assert len(outputs) >= 7
    assert any(re.search("sheets made +1", output) and "reports/peru/index.html" in output for output in outputs)
    assert [output for output in outputs if re.search(f"\x1b|━|{re.escape(gettempdir())}", output)] == []
    pictures = re.findall(r"```\{image\} (.+)\n:alt: (.+)\n", tutorial)
    assert len(pictures) >= 2 * bool(CHROMIUM)
    assert [file for file, alt in pictures if not alt or not (ROOT / "docs" / file).is_file()] == []


def steps_of(page: Path) -> list[tuple[str, ...]]:
    """The steps of a page: the commands with their options, without the language, and the kinds of the others."""
    steps = list[tuple[str, ...]]()
    for step in STEPS.finditer(page.read_text("utf-8")):
        lines = [line.split() for line in (step["commands"] or "").splitlines()]
        steps += [(*words[: 1 + (words[0] == "rmrp")], *OPTION.findall(" ".join(words))) for words in lines]
        steps += [(name,) for name in ("new", "file", "look") if step[name]]
    return steps


OPTION = re.compile("--(?!language)[a-z-]+")


@pytest.mark.parametrize("page", STEP_PAGES)
def test_the_spanish_pages_take_the_same_steps(page: str) -> None:
    english, spanish = (steps_of(ROOT / "docs" / folder / f"{page}.md") for folder in (".", "es"))
    assert len(english) > 3
    assert spanish == english


def test_changelog_is_short_and_begins_with_figures(project: dict[str, Any]) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^### (.+)$", changelog, re.MULTILINE)[1] == "Figures"
    assert re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)[1] == project["version"]
    assert len(changelog.splitlines()) <= 80
