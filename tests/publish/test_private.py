"""No output tells where, by whom or on which computer it was made, and no contact of a person."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pypdf import PdfReader

from made_reports import PARAMS
from notebook_page import add_cell
from published_run import activities_of
from rmrp_analysis.publish.engine.privacy import (
    find_visible_paths,
    make_folder_hider,
    prepare_for_readers,
    remove_folders,
    shorten_path,
)

ROOT = Path(__file__).parents[2]
TELLTALE = "telltale-folder"
USER = "telltaleuser"
HOST = "telltalehost"
E_MAIL, TELEPHONE = "ana@telltale.org", "301 5550199"


def everything_in(path: Path) -> str:
    """All that a file says: its bytes as text, and for zips and PDFs what is packed in them."""
    texts = [path.read_bytes().decode("utf-8", errors="replace")]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            texts += [packed.read(name).decode("utf-8", errors="replace") for name in packed.namelist()]
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        texts += [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
        with pikepdf.open(path) as document:
            texts += [str(document.open_metadata()), *(repr(each) for each in document.objects)]
    return "\n".join(texts)


def put_contacts_in(folder: Path) -> None:
    """Type contacts into names of places, of organisations and of donors."""
    rows = activities_of(folder)
    at = rows[(rows["Country"] == "Peru") & (rows["Sector...Subsector...WG"] == "WASH")].index[0]
    rows.loc[at, ["Admin1", "Appealing.Organization.Name"]] = [f"Ana {E_MAIL}", f"Ana, cel. {TELEPHONE}"]
    rows.loc[at, ["New.beneficiaries.of.the.month", "Total.monthly.beneficiaries"]] = "70000"
    rows.to_csv(folder / "activities.csv.gz", index=False)
    funding = folder / "funding.json"
    funding.write_text(funding.read_text("utf-8").replace("Donor L (sample)", f"Donor L ({E_MAIL})"), "utf-8")
    sources = folder / "sources.yml"
    sources.write_text(re.sub(r"\n  sha256: .*", "", sources.read_text("utf-8")), "utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder whose name gives it away; a sheet fails with a path in its error, one by its narrative.

    The notebook prints and warns with paths; an input is named by its whole path.
    """
    folder = tmp_path_factory.mktemp("people") / TELLTALE / "María José's plan"
    folder.mkdir(parents=True)
    for name in ("data/rmrp-2021", "notebooks", "params"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "elsewhere").mkdir()
    whole = folder / "elsewhere" / "planning.csv"
    shutil.move(next((folder / "data" / "rmrp-2021").glob("planning.csv")), whole)
    sources = folder / "data" / "rmrp-2021" / "sources.yml"
    sources.write_text(sources.read_text("utf-8").replace("file: planning.csv", f"file: {json.dumps(str(whole))}"))
    put_contacts_in(folder / "data" / "rmrp-2021")
    narratives = folder / "params" / "narratives" / "2021-end-of-year"
    (narratives / "nutrition.en.md").write_text("## Response\n\n{{ peopel_reached }}\n", encoding="utf-8")
    code = f"""
import os, sys, warnings
print(report.data, os.getcwd(), sys.executable, os.path.expanduser("~/x.csv"), "{folder}/x/y.csv")
warnings.warn(report.narratives)
display({{"text/html": f"<p>See <b>{{report.data}}/activities.csv</b></p>", "text/plain": ""}}, raw=True)
if report.sector == "Health":
    raise ValueError(report.data)
"""
    add_cell(folder / "notebooks" / "sector_key_figures.ipynb", code)
    return folder


@pytest.fixture(scope="module")
def run_folder(project: Path) -> Path:
    """The folder of a public run in this project, by a user whose name gives her away."""
    home = project.parent / USER
    home.mkdir()
    code = f"import platform, socket; socket.gethostname = platform.node = lambda: {HOST!r}; "
    command = [sys.executable, "-c", f"{code}from rmrp_analysis.commands.cli import main; main()", "run"]
    command += [
        str(project / "params" / "2021-end-of-year.yml"),
        "--only",
        "WASH",
        "Health",
        "Nutrition",
        "--jobs",
        "1",
    ]
    command += ["--platforms", "region", "Peru"]
    names = {"USER": USER, "LOGNAME": USER, "HOME": str(home), "TMPDIR": str(home)}
    done = subprocess.run(command, cwd=project, env=os.environ | names, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr  # of all that failed
    return project / "reports" / PARAMS.run


def test_no_output_tells_where_it_was_made_and_data_are_named_as_the_parameters_do(run_folder: Path) -> None:
    places = ("/tmp/", "/root/", "/home/", "ipykernel_")  # noqa: S108
    private = (E_MAIL, TELEPHONE, TELLTALE, "María José", USER, HOST, str(ROOT), sys.prefix, *places)
    names = sorted(path.name for path in run_folder.iterdir())
    assert "wash.en.pdf" in names
    assert "health.en.html" in names
    told = {name: [word for word in private if word in everything_in(run_folder / name)] for name in names}
    assert {name: words for name, words in told.items() if words} == {}
    inputs = json.loads((run_folder / "run.json").read_text("utf-8"))["inputs"]
    paths = {file["name"]: file["path"] for file in inputs}
    assert paths["activities"] == "../data/rmrp-2021/activities.csv.gz"
    assert paths["planning"] == "planning.csv"
    notebook = json.loads((run_folder / "wash.en.ipynb").read_text("utf-8"))
    injected = next(cell for cell in notebook["cells"] if "injected-parameters" in cell["metadata"]["tags"])
    assert 'data = "../data/rmrp-2021"\n' in injected["source"]
    assert list(notebook["metadata"]["papermill"]) == ["parameters"]


def test_a_failed_sheet_leaves_a_page_alone_and_withheld_names_are_counted(run_folder: Path) -> None:
    assert [path.name for path in run_folder.glob("health.en.*")] == ["health.en.html"]
    page = (run_folder / "health.en.html").read_text("utf-8")
    assert "A step of its notebook ended with an error." in page
    assert "ValueError" not in page + (run_folder / "run.json").read_text("utf-8")
    manifest = json.loads((run_folder / "run.json").read_text("utf-8"))
    assert manifest["names_withheld"] > 20  # of them the donor of many flows
    reports = {report["id"]: report for report in manifest["reports"]}
    assert reports["wash.en"]["status"] == "ok"
    assert "did you mean 'people_reached'?" in reports["nutrition.en"]["error"]
    assert {path.name for path in run_folder.glob("nutrition.en.*")} == {"nutrition.en.html"}
    pages = "".join((run_folder / f"{name}.html").read_text("utf-8") for name in ("index", "nutrition.en"))
    assert "people_reached&#39;" not in pages  # what to correct is for the log and run.json
    tables = json.loads((run_folder / "wash.peru.en.json").read_text("utf-8"))["tables"]
    assert (
        max(part["value"] or 0 for part in tables["people_reached_by_admin1"] if part["group"] == "national") >= 70000
    )


def executed(*outputs: NotebookNode, source: str = "") -> NotebookNode:
    """A notebook of one cell that has run."""
    cell = new_code_cell(source, outputs=list(outputs), metadata={"execution": {"shell.execute_reply": "2026"}})
    metadata = {
        "papermill": {"input_path": "/srv/runs/x.ipynb", "start_time": "2026", "environment_variables": {"A": "b"}}
    }
    return new_notebook(cells=[cell], metadata=metadata)


def test_a_published_notebook_says_nothing_of_its_execution_and_is_the_same_each_time() -> None:
    report = PARAMS.report("WASH", "region")
    ran = executed(new_output("stream", text=f"{report.data}/activities.csv.gz, {ROOT}/notebooks/x.py\n"))
    folder = ROOT / "notebooks"
    once, again = (
        prepare_for_readers(copy.deepcopy(ran), report, folder, find_visible_paths(report, folder)) for _ in range(2)
    )
    assert once == again
    (cell,) = once.cells
    assert cell.outputs[0]["text"] == "activities.csv.gz, x.py\n"
    assert cell.metadata == {}
    assert once.metadata["papermill"] == {"parameters": once.metadata["papermill"]["parameters"]}
    assert once.metadata["papermill"]["parameters"]["data"] == "../data/rmrp-2021"


def test_an_error_that_a_notebook_shows_on_purpose_keeps_its_words_without_folders() -> None:
    lines = ["\x1b[32m/tmp/ipykernel_12/345.py\x1b[39m in <module>", "File /usr/x/python3.11/site-packages/a/b.py:3"]
    error = new_output("error", ename="KeyError", evalue="'/srv/people/ana/x.csv'", traceback=lines)
    report = PARAMS.report("WASH", "region")
    (cell,) = prepare_for_readers(executed(error), report, ROOT, find_visible_paths(report, ROOT)).cells
    assert cell.outputs[0]["evalue"] == "'x.csv'"
    assert cell.outputs[0]["traceback"] == ["\x1b[32m345.py\x1b[39m in <module>", "File b.py:3"]


def test_html_addresses_and_sentences_for_readers_stay_whole() -> None:
    hide = make_folder_hider([])
    for text in (
        "<p>one</p><br/><b>5/7</b>",
        "https://fts.unocha.org/home/x and https://www.r4v.info/tmp/a",
        "url(data:font/woff2;base64,d09G+/home/AAB/tmp/x)",
        "km/h, and/or, ../data/rmrp-2021, ./home/x",
    ):
        assert hide(text) == text
    assert remove_folders("C:\\Users\\ana\\x.csv: line 3") == "x.csv: line 3"
    assert remove_folders("'/x y/plan/data/a.csv': see https://www.r4v.info/a/b", ["/x y/plan"]).startswith("'a.csv': ")


NAME = st.text("abcXYZ._-é", min_size=1, max_size=6).filter(lambda name: set(name) - set("."))
PLACES = st.sampled_from(["/home/ana", "/Users/ana", "/mnt", "/tmp", "C:\\Users\\ana", "\\\\server", "/data/ana b"])  # noqa: S108


@given(
    place=PLACES,
    folders=st.lists(NAME.map("secret{}".format), max_size=3),
    name=NAME,
    before=st.sampled_from("'\"> (="),
)
def test_of_a_path_the_name_of_the_file_is_left(place: str, folders: list[str], name: str, before: str) -> None:
    separator = "\\" if "\\" in place else "/"
    path = separator.join([place, *folders, name])
    text = make_folder_hider(["/data/ana b"])(f"{before}{path}'")
    assert text == f"{before}{name}'"


@pytest.mark.parametrize(
    ("path", "base", "seen"),
    [
        ("/srv/plan/data", "/srv/plan/params", "../data"),
        ("/srv/plan/data", "/srv/plan", "data"),
        ("/srv/plan", "/opt/params", "plan"),
        (str(Path.home() / "plan" / "data"), str(Path.home() / "params"), "../plan/data"),
        (str(Path.home().parent / "bob" / "data"), str(Path.home() / "params"), "data"),
    ],
)
def test_a_path_is_told_from_a_folder_that_is_near_and_else_by_its_name(path: str, base: str, seen: str) -> None:
    assert shorten_path(Path(path), Path(base)) == seen
