"""The ways to make sheets that ours is held against: papermill and nbconvert as commands, and as libraries."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from pypdf import PdfReader

from measuring import Cost, cost_of, median_of, run
from rmrp_analysis import theme
from rmrp_analysis.publish.engine.fast_start import SKIPPED_LIBRARIES

SCRIPTS = Path(sys.executable).parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
WITHOUT_SANDBOX = "--WebPDFExporter.disable_sandbox=True"
"""A browser that root starts has none."""
LAUNCH = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    try:
        playwright.chromium.launch()
    except Exception as problem:
        print(problem)
"""
LIBRARIES = """
import sys, papermill, yaml
from pathlib import Path
from nbconvert.exporters import HTMLExporter, WebPDFExporter
notebook, out, webpdf, *parameters = sys.argv[1:]
for path in parameters:
    made = Path(out, Path(path).stem)
    papermill.execute_notebook(notebook, f"{made}.ipynb", yaml.safe_load(Path(path).read_text("utf-8")),
                               cwd=Path(notebook).parent, progress_bar=False)
    Path(f"{made}.html").write_text(HTMLExporter().from_filename(f"{made}.ipynb")[0], "utf-8")
    if webpdf == "webpdf":
        exporter = WebPDFExporter(disable_sandbox=True)
        Path(f"{made}.pdf").write_bytes(exporter.from_filename(f"{made}.ipynb")[0])
"""


def without_grammar(folder: Path) -> dict[str, str]:
    """Variables under which Python does not find the grammar that jsonschema builds at import."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        f"import sys\nsys.modules[{SKIPPED_LIBRARIES[0]!r}] = None\n", encoding="utf-8"
    )
    return {"PYTHONPATH": f"{folder}:{_python_path()}"}


def _python_path() -> str:
    """The folders from which this process imports the package, so that the others do."""
    return str(Path(theme.__file__).parents[2])


def browser(folder: Path) -> dict[str, str]:
    """Variables under which Playwright, and so nbconvert, finds the computer's own Chromium; empty without one."""
    variables = {"PLAYWRIGHT_BROWSERS_PATH": str(folder)}
    found = re.search(r"Executable doesn't exist at (\S+)", run([sys.executable, "-c", LAUNCH], variables))
    if not found or not CHROMIUM:
        return {}
    path = Path(found[1])
    path.parent.mkdir(parents=True)
    path.symlink_to(CHROMIUM)
    return variables


def loop(
    notebook: Path, parameters: Sequence[Path], out: Path, variables: Mapping[str, str], *, webpdf: bool
) -> dict[str, Cost]:
    """What each command costs a sheet (the median), in a loop over files of parameters."""
    out.mkdir()
    costs: dict[str, list[Cost]] = {}
    for path in parameters:
        made = out / f"{path.stem}.ipynb"
        commands = {
            "papermill": [SCRIPTS / "papermill", notebook, made, "-f", path, "--cwd", notebook.parent],
            "html": [SCRIPTS / "jupyter", "nbconvert", "--to", "html", made],
            "webpdf": [SCRIPTS / "jupyter", "nbconvert", "--to", "webpdf", WITHOUT_SANDBOX, made],
        }
        for name, command in commands.items():
            if name != "webpdf" or webpdf:
                costs.setdefault(name, []).append(cost_of(partial(run, command, variables)))
    return {name: median_of(each) for name, each in costs.items()}


def libraries(
    notebook: Path, parameters: Sequence[Path], out: Path, variables: Mapping[str, str], *, webpdf: bool, sheets: int
) -> Cost:
    """What so many sheets cost papermill and nbconvert in one process, reckoned from those of these parameters."""
    costs = []
    for some in (parameters[:1], parameters):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        command = [sys.executable, "-c", LIBRARIES, notebook, out, "webpdf" if webpdf else "", *some]
        costs.append(cost_of(partial(run, command, variables)))
    first, all_of_them = costs
    return first + (all_of_them - first) * ((sheets - 1) / (len(parameters) - 1))


def check_same_figures(out: Path, ours: Path, *, webpdf: bool) -> None:
    """Raise ``SystemExit`` where sheets of another way have other figures than ours, or no page."""
    for path in out.glob("*.ipynb"):
        figures = json.loads((ours / f"{path.stem}.json").read_text("utf-8"))
        theirs = _figures_of(path)
        if any(theirs[name] != figures[name] for name in ("figures", "tables")):
            raise SystemExit(f"{path}: other figures than {ours / path.stem}.json")
        if not path.with_suffix(".html").stat().st_size or (webpdf and not pages(path.with_suffix(".pdf"))):
            raise SystemExit(f"{path}: no page")


def pages(pdf: Path) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(pdf).pages)


def _figures_of(notebook: Path) -> dict[str, Any]:
    outputs = [output for cell in nbformat.read(notebook, 4).cells for output in cell.get("outputs", ())]
    return next(
        dict(each["data"][theme.FIGURES_MIME]) for each in outputs if theme.FIGURES_MIME in each.get("data", ())
    )


def versions() -> str:
    """Of Python and of what makes sheets."""
    names = (
        "rmrp-analysis",
        "papermill",
        "nbconvert",
        "jupyter-client",
        "matplotlib",
        "pandas",
        "typst",
        "distributed",
    )
    from importlib.metadata import version

    return ", ".join([f"Python {sys.version.split()[0]}", *(f"{name} {version(name)}" for name in names)])


def chromium_version() -> str:
    """As the browser tells it."""
    return subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # type: ignore[list-item]
