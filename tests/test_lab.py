"""JupyterLab on copies of a project's notebooks; in a real browser, its export menu gives what the exporters give."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import httpx2
import nbformat
import papermill
import pytest
from nbconvert.exporters.base import get_export_names
from playwright.sync_api import Browser, Page

from conftest import CHROMIUM, free_port, serving
from rmrp_analysis.commands.notebooks import copy_notebooks, describe_changed_notebook
from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter, SheetPDFExporter

ROOT = Path(__file__).parents[1]
NAME = "sector_key_figures.ipynb"
TOKEN = "t"  # noqa: S105
CELL = "window.jupyterapp?.shell.currentWidget?.content?.widgets?.[1]?.model.sharedModel"
RUN_FOR_HEALTH = f"""async () => {{
    const app = window.jupyterapp, cell = {CELL}
    await app.shell.currentWidget.sessionContext.ready
    cell.setSource(cell.getSource().replace(/sector: str = .*/, 'sector: str = "Health"'))
    await app.commands.execute('notebook:run-all-cells')
    await app.commands.execute('docmanager:save')
}}"""
FONTS_IN_USE = """[...document.fonts].filter(font => font.status == 'loaded').map(font => font.family)"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("notebooks", "data", "params"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    return folder


@contextmanager
def started(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``rmrp lab`` in a folder, and the address of its server once that serves."""
    port = free_port()
    command = [sys.executable, "-m", "rmrp_analysis", "lab", "--no-browser", f"--port={port}", "--allow-root"]
    settings = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTER_DATA_DIR": str(folder / ".data")}
    command += [f"--IdentityProvider.token={TOKEN}", *options]
    with serving(command, "is running at", cwd=folder, env=settings) as server:
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=6)) as client:  # it says so just before it does
            client.get(f"http://127.0.0.1:{port}/api", params={"token": TOKEN})
        yield server, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def lab(project: Path, browser: Browser) -> Iterator[Page]:
    """JupyterLab in Chromium with the copy of a notebook open, after all its cells ran for another sector."""
    with started(project, "--LabApp.expose_app_in_browser=True") as (server, address):
        page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        page.goto(f"{address}/lab/tree/lab/{NAME}?token={TOKEN}")
        page.wait_for_function(f"{CELL} !== undefined", timeout=60_000)
        page.evaluate(RUN_FOR_HEALTH)
        yield page
        page.context.close()
    assert server.returncode == 0


def exported(page: Page, label: str) -> bytes:
    """What the menu File, Save and Export Notebook As downloads."""
    page.evaluate("window.open = address => { window.opened = address }")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save and Export Notebook As").hover()
    labels = page.locator(".lm-Menu-itemLabel").filter(has_text=re.compile("rmrp", re.IGNORECASE))
    labels.first.wait_for()
    assert labels.all_inner_texts() == ["Rmrp_html", "Rmrp_pdf"]
    page.get_by_text(label, exact=True).click()
    address = page.wait_for_function("window.opened").json_value()
    assert f"/nbconvert/{label.lower()}/" in address
    page.evaluate("window.opened = ''")
    return bytes(
        page.evaluate("async address => [...new Uint8Array(await (await fetch(address)).arrayBuffer())]", address)
    )


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_the_export_menu_gives_what_the_exporters_give(lab: Page, project: Path, tmp_path: Path) -> None:
    assert "RMRP Sans" in lab.evaluate(FONTS_IN_USE)
    page, pdf = exported(lab, "Rmrp_html"), exported(lab, "Rmrp_pdf")
    executed = papermill.execute_notebook(
        project / "notebooks" / NAME,
        tmp_path / NAME,
        parameters={"sector": "Health"},
        progress_bar=False,
        resources={"metadata": {"path": str(project / "notebooks")}},
    )
    named = {"metadata": {"name": NAME.removesuffix(".ipynb")}}
    assert page.decode() == SheetHTMLExporter().from_notebook_node(executed, named)[0]
    assert pdf == SheetPDFExporter().from_notebook_node(executed, named)[0]
    saved = nbformat.read(project / "lab" / NAME, as_version=4)
    assert 'sector: str = "Health"' in saved.cells[1].source
    assert (project / "notebooks" / NAME).read_bytes() == (ROOT / "notebooks" / NAME).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_the_command(end: int, tmp_path: Path) -> None:
    with started(tmp_path) as (server, address):
        assert sorted(path.name for path in (tmp_path / "lab").iterdir()) == sorted(
            path.name for path in (ROOT / "notebooks").glob("*.ipynb")
        )
        server.send_signal(end)
        server.wait(timeout=60)
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{address}/api")  # noqa: S310 - our own server


def test_hyphenated_exporters_are_for_the_command_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jupyter_server.serverapp", raising=False)
    assert {"rmrp_html", "rmrp_pdf", "rmrp-html", "rmrp-pdf"} <= set(get_export_names())


def test_a_copy_is_kept_and_named_when_it_differs(tmp_path: Path) -> None:
    folder, other = copy_notebooks(tmp_path)
    assert (folder, other) == (tmp_path / "lab", [])
    copy = folder / NAME
    notebook = nbformat.read(copy, as_version=4)
    assert f'data: str = "{(ROOT / "data" / "rmrp-2021").as_posix()}"' in notebook.cells[1].source
    notebook.cells[4].source = "1 / 0"
    nbformat.write(notebook, copy)
    assert copy_notebooks(tmp_path)[1] == [NAME]
    assert nbformat.read(copy, as_version=4).cells[4].source == "1 / 0"


def test_a_run_says_that_its_notebook_is_not_the_shipped_one(tmp_path: Path) -> None:
    assert describe_changed_notebook(ROOT / "notebooks" / NAME) == ""
    notebook = nbformat.read(ROOT / "notebooks" / NAME, as_version=4)
    own = tmp_path / NAME
    notebook.cells[1].source = "sector = 'Health'"  # the cell of parameters is for every user to change
    notebook.cells[2].execution_count = 3
    nbformat.write(notebook, own)
    assert describe_changed_notebook(own) == ""
    notebook.cells[5].source += "\npage.text('More')"
    nbformat.write(notebook, own)
    said = f"the notebook {own} is not the one that comes with the package"
    assert describe_changed_notebook(own) == f"{said}; cells that it does not have: 6; cells of it that are not here: 1"
    (tmp_path / "own.ipynb").write_text("{}", encoding="utf-8")
    assert describe_changed_notebook(tmp_path / "own.ipynb") == ""
