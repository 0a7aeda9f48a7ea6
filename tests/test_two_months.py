"""Two months with data of one's own, as a whole: from Spanish workbooks to the sheets that say what moved."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest

from conftest import Build
from published_run import workbook
from rmrp_analysis import theme
from rmrp_analysis.publish.documents.outputs import read_document
from test_new import rows_until, under_spanish_headers
from test_notebooks import by_papermill
from test_output_encoding import said

NEW = "Nuevos beneficiarios del mes"
NOTEBOOKS = ("data_quality", "explore", "sector_in_depth", "sector_key_figures")


class Office(NamedTuple):
    """A project after two months: what each command said, and the sheet of Health after each run."""

    project: Path
    lines: list[str]
    sheets: list[dict[str, Any]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The first quarter in three files, April in a further one, and April corrected; without money or a plan.

    Every command prints in the encoding of a pipe on Windows, which lacks some of its signs.
    """
    folder, activities = tmp_path_factory.mktemp("oficina"), under_spanish_headers(rows_until("2021-04", 700))
    made = Office(folder / "mi oficina", [], [])

    def command(*arguments: str, inside: Path = made.project) -> None:
        results, messages = said(inside, *arguments)
        made.lines.append(results + messages)
        if arguments[0] == "run":
            sheet = inside / "reports" / "mi-oficina" / "health.es.json"
            made.sheets.append(json.loads(sheet.read_text("utf-8")))

    (folder / "enero a marzo").mkdir()
    for month, rows in activities[activities["Mes"] < "2021-04"].groupby("Mes"):
        workbook(folder / "enero a marzo" / f"5W {month}.xlsx", {"Actividades": rows})
    command("new", "mi oficina", "--from", "enero a marzo", inside=folder)
    command("check", "params.yml")
    command("run", "params.yml", "--sector", "Health")
    april = activities[activities["Mes"] == "2021-04"]
    few = april.index[:25]  # groups that exceed the people of more rows would put the number in doubt
    corrected = april[NEW].where(~april.index.isin(few), april[NEW].str.replace(r"(\d)(?=\d\d$)", "1", regex=True))
    for rows in (april, april.assign(**{NEW: corrected})):
        workbook(folder / "5W abril.xlsx", {"Actividades": rows})
        command("next", "params.yml", "--from", "../5W abril.xlsx")
        command("run", "params.yml", "--sector", "Salud")
    return made


def test_the_project_and_its_next_month_name_the_steps_and_what_changed(office: Office) -> None:
    new = office.lines[0]
    assert "activities: 5W 2021-03.xlsx, hoja «Actividades»\n" in new
    assert "admin1: la lista del plan 2021 que viene con el paquete, admin1.csv\n" in new
    assert "plan 2021, período de 2021-01 a 2021-03\n" in new
    assert new.endswith("Siga con:\n  cd 'mi oficina'\n  rmrp check params.yml\n  rmrp run params.yml\n")
    months = "período 2021-01/2021-03 -> 2021-01/2021-04"
    notebooks = [f"notebooks/{name}.ipynb: {months}" for name in NOTEBOOKS]
    further = ["activities: 5W abril.xlsx es un archivo más", f"params.yml: {months}", *notebooks]
    steps = ["Siga con:", "  rmrp check params.yml", "  rmrp run params.yml"]
    assert office.lines[3].splitlines() == [*further, *steps]
    *changes, replaced, removed = office.lines[5].splitlines()[: -len(steps)]
    assert changes[0].startswith("corregido: Sample organisation 27 (SO27), abril de 2021, Perú 4768 -> 4168")
    assert len(changes) == 7
    assert replaced == "activities: 5W abril-2.xlsx toma el lugar de 5W abril.xlsx"
    assert removed.startswith("5W abril.xlsx se elimina: sus filas se guardan en ")
    assert not (office.project / "data" / "5W abril.xlsx").exists()


def test_the_sheets_say_what_moved(office: Office) -> None:
    march, april, corrected = (sheet["revision"] for sheet in office.sheets)
    assert march is None
    assert (april["until"], [*april["figures"]["people_reached"]["parts"]]) == ("2021-03", ["new_months"])
    assert (corrected["until"], [*corrected["figures"]["people_reached"]["parts"]]) == ("", ["corrected"])
    html = (office.project / "reports" / "mi-oficina" / "health.es.html").read_text("utf-8")
    assert corrected["figures"]["people_reached"]["before"] in html


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_runs_to_its_end_and_warns_of_nothing(
    name: str, office: Office, monkeypatch: pytest.MonkeyPatch, papermill_here: Build
) -> None:
    path = office.project / "notebooks" / f"{name}.ipynb"
    if name == "sector_key_figures":  # it finds its folder from wherever papermill is typed
        messages = by_papermill(office.project, "-p", "sector", "Salud", notebook=path)
        notebook = nbformat.read(office.project / "out.ipynb", as_version=4)
        assert notebook.metadata.papermill.exception is None, messages
        assert theme.BLOCKS_MIME in notebook.cells[-1].outputs[-1].data
    else:
        monkeypatch.chdir(path.parent)
        notebook = papermill_here(path, None)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert read_document(notebook).warnings == []
