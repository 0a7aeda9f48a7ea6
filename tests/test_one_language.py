"""A Spanish officer meets no English word outside code."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import catalogues
import sentences as raised
from conftest import Answer
from published_run import rmrp
from rmrp_analysis.commands import cli, terminal
from rmrp_analysis.commands.notebooks import find_shown_texts
from rmrp_analysis.locale.sentences import Sentences, sentences

ROOT = Path(__file__).parents[1]
ENGLISH = {"the", "is", "are", "of", "and", "not", "with", "which", "this", "that", "from", "or", "for", "by", "write"}
ENGLISH |= {"its", "there", "has", "have", "was", "were", "be", "what", "only", "each", "all", "other", "than", "holds"}
"""Words that hold English sentences together, and that Spanish does not have."""
CODE = re.compile(
    r"`[^`]*`|'[^']*'|«[^»]*»|\"[^\"]*\"|\([^()]*\.[a-z]+\)|--?[a-z-]+|\S*[_/.\\]\S*|\{[^}]*\}|\[[^\]]*\]|<\w+>"
)
"""What is code or a name: in quotes, options, paths and files, names of figures and checks."""
NAMES = re.compile(r"(?:Sample|Financial Tracking|Human Trafficking|Gender-Based)[\w &()-]*")
WORD = re.compile(r"[A-Za-z]+")


def english_in(text: str) -> list[str]:
    """The lines of a text that hold an English word outside code and names."""
    lines = [(line, NAMES.sub("", CODE.sub("", line))) for line in text.splitlines()]
    return [line for line, plain in lines if ENGLISH & {word.lower() for word in WORD.findall(plain)}]


@pytest.fixture(autouse=True, scope="module")
def english_again() -> Iterator[None]:
    """Have this process speak English to the tests that follow."""
    yield
    terminal.speak("en")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Spanish project whose workbook holds faults, with two sectors in one country and a text."""
    folder = tmp_path_factory.mktemp("peru")
    workbook = folder / "5W mayo.xlsx"
    options = ("--rows", "1500", "--month", "2021-05", "--language", "es", "--faults")
    assert rmrp("sample", "--out", workbook, *options) == 0
    assert rmrp("new", folder / "peru", "--from", workbook, "--language", "es") == 0
    params = folder / "peru" / "params.yml"
    text = params.read_text("utf-8").replace("[region]", "[Perú]").replace("sectors: all", "sectors: [Salud, WASH]")
    params.write_text(text, encoding="utf-8")
    narrative = "## Respuesta\n\n{{ people_reched }} personas, 10 K: casi {{ people_reached }}, la mitad de ellas.\n"
    (folder / "peru" / "narratives" / "health.peru.es.md").write_text(narrative, encoding="utf-8")
    return folder / "peru"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The texts that commands say, as the code has them."""
    texts: set[str] = set()
    say = terminal.translate
    for module in (terminal, *(getattr(cli, name) for name in ("check", "compare", "figures", "run", "trace"))):
        if hasattr(module, "translate"):
            monkeypatch.setattr(module, "translate", lambda text, /, **values: texts.add(text) or say(text, **values))
    return texts


def test_every_command_speaks_spanish_in_a_spanish_project(
    project: Path, tmp_path: Path, shown: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    params, june = project / "params.yml", tmp_path / "5W junio.xlsx"
    assert rmrp("sample", "--out", june, "--rows", "900", "--month", "2021-06", "--language", "es", "--faults") == 0
    capsys.readouterr()
    shown.clear()
    narrative = project / "narratives" / "health.peru.es.md"
    unread = narrative.with_name("helth.peru.es.md")
    unread.touch()
    assert rmrp("check", params, "--out", tmp_path, "--workbooks") == 1
    narrative.unlink()
    unread.unlink()
    reports = project / "reports"
    internal = ("--audience", "internal", "--out", reports)
    commands: list[tuple[object, ...]] = [
        ("figures", params, "--out", tmp_path / "figures.csv"),
        ("run", params, "--dry-run"),
        ("run", params, *internal),
        ("run", params, *internal),
        ("verify", reports / "peru"),
        ("trace", params, "--sector", "Salud", "--place", "Perú", "--figure", "people_reached", *internal[:2]),
        ("params", params),
        ("next", params, "--from", june, "--replaces", f"5W mayo.xlsx: [{june.name}]"),
        ("diff", reports / "peru", reports / "peru"),
    ]
    for command in commands:
        assert rmrp(*command) == 0, command
    text = tmp_path / "t.md"
    text.write_text("En Salud se alcanzó a 5 000 personas y a 1,2 millones.\n", encoding="utf-8")
    assert rmrp("proof", text, "--run", reports / "peru") == 1
    written = capsys.readouterr()
    assert english_in(written.out + written.err) == []
    for sentence in ("Leyendo", "ninguna ficha lee este archivo", "nada controla «la mitad de ellas»"):
        assert sentence in written.err
    translated = {message.id for message in catalogues.read_catalogue("es")}
    untold = {text for text in shown if text not in translated and english_in(sentences("es")(text))}
    assert untold == set()


def test_help_and_wrong_arguments_are_in_the_language_of_whoever_starts_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    commands = catalogues.get_command(cli.app).load_all()
    of_fetch = [("fetch", name) for name in commands["fetch"].commands]
    for command in [(), *((name,) for name in commands), *of_fetch]:
        assert rmrp(*command, "--help") == 0
    for wrong in (
        ["new"],
        ["nada"],
        ["sample", "--out", "x", "--rows", "n"],
        ["new", "x", "--nada"],
        ["new", "x", "y"],
    ):
        assert rmrp(*wrong) == 2
    written = capsys.readouterr()
    assert english_in(written.out + written.err) == []
    assert "falta CARPETA; escriba `rmrp new CARPETA`" in written.err
    assert "╭─ Opciones" in written.out
    assert rmrp("new", "--help") == 0
    monkeypatch.setenv("RMRP_LANGUAGE", "en")
    assert rmrp("new", "--help") == 0
    assert "╭─ Options" in capsys.readouterr().out


WRONG = [
    ("plan: 2021", "plan: dos mil"),
    ("languages: [es]", "languages: [es, xx]"),
    ("rounding: 10", "rounding: 3"),
    ("sectors: [Salud, WASH]", "sectors: [Salut]"),
    ("places: [Perú]", "places: [Lima"),
    ("places: [Perú]", "places: [Perrú]"),
    ("audience: public", "audience: publico"),
    ("audience: public", "audience: public\naudiense: x"),
    ("audience: public", "audience: public\naudience: public"),
    ("audience: public", "audience: public\nrepairs: [total]"),
    ("audience: public", "audience: public\naccept: [nada: 4 %]"),
    ("data: data", "data: nada"),
    ("start: 2021-01", "start: 2021-13"),
    ("notebook: notebooks/", "notebook: nada/"),
]
"""What an officer may get wrong in a parameter file: what stands there, and what is written in its place."""


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_what_is_wrong_in_a_parameter_file_is_told_in_spanish(
    right: str, wrong: str, project: Path, answer: Answer
) -> None:
    text = (project / "params.yml").read_text("utf-8")
    assert right in text
    path = project / "wrong.yml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    code, message = answer("run", path, "--dry-run")
    path.unlink()
    assert code > 1
    assert english_in(message) == []


def test_files_that_cannot_be_read_are_told_in_spanish(
    project: Path, tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    for name, content in {
        "a.xlsx": b"PK\x03\x04nada", "b.csv": b"a,b\n1,2\n", "c.xlsx": b"", "d.xlsx": b"%PDF-1.4", "e.txt": b"x",
        "f.csv": b"\x00\x00\x00", "g.json": b"{}", "h.xls": b"<html>",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
        code, message = answer("new", tmp_path / "p", "--from", tmp_path / name)
        assert code == 3
        assert english_in(message) == [], name
    wrong = tmp_path / "wrong"
    shutil.copytree(project, wrong)
    next((wrong / "data").glob("5W*.xlsx")).unlink()
    code, message = answer("check", wrong / "params.yml", "--out", tmp_path)
    assert (code, english_in(message)) == (3, [])


def test_findings_and_refused_rows_are_told_in_spanish_beside_their_codes(project: Path, tmp_path: Path) -> None:
    (project / "narratives" / "health.peru.es.md").unlink(missing_ok=True)
    assert rmrp("check", project / "params.yml", "--out", tmp_path) == 0
    found = pd.read_csv(tmp_path / "quality.csv", dtype="str").fillna("")
    assert found.columns[found.columns.get_loc("check") + 1] == "finding"
    by_check = dict(zip(found["check"], found["finding"], strict=True))
    assert by_check["not_country"] == "El país no es del plan."
    of_file = found[found["column"] == ""]
    assert len(of_file)
    assert english_in("\n".join([*found["finding"], *found["allowed"], *of_file["value"]])) == []
    refused = pd.read_csv(tmp_path / "refused.csv", dtype="str")
    assert english_in("\n".join(refused["reason"])) == []
    assert refused["reason"].str.contains("se permiten|reemplazadas por").all()


def test_the_notebook_to_explore_shows_spanish_titles_and_runs_as_the_shipped_one_does(project: Path) -> None:
    cells = json.loads((project / "notebooks" / "explore.ipynb").read_text("utf-8"))["cells"]
    shipped = json.loads((ROOT / "notebooks" / "explore.ipynb").read_text("utf-8"))["cells"]
    codes = [["".join(each["source"]) for each in both if each["cell_type"] == "code"] for both in (cells, shipped)]
    code = "\n".join(codes[0])
    for text in ('title="Salud en Perú", language="es"', "Dónde se alcanzó a las personas", "Sin efectivo"):
        assert text in code
    assert english_in("\n".join(text for cell in codes[0] for text in find_shown_texts(cell).values())) == []
    names = [[ast.unparse(ast.parse(re.sub(r'"[^"]*"', '""', cell))) for cell in of_one] for of_one in codes]
    assert names[0] == names[1]


SAMPLES = {"count": "12", "number": "12", "rows": "12", "people": "12", "line": "7", "what": "zzz", "kind": "zzz"}


@pytest.mark.parametrize("language", ["es", "pt"])
def test_each_sentence_of_an_error_is_found_again_once_it_is_filled_in(language: str) -> None:
    translate, catalogue = Sentences(language), catalogues.read_catalogue(language)
    texts = [text for text in dict.fromkeys(raised.sentences()) if "\n" not in text]
    assert len(texts) > 400
    for text in texts:
        said = catalogue[text].string
        filled = [re.sub(r"\{([\w:,]*)\}", lambda slot: SAMPLES.get(slot[1], "x9"), each) for each in (text, said)]
        assert translate(filled[0]) == filled[1], text


def test_a_sentence_within_a_sentence_is_translated_and_names_stay() -> None:
    translate = sentences("es")
    assert translate("a.yml:3: sectors.1: unknown sector 'The end of all'; did you mean 'Health'?") == (
        "a.yml:3: sectors.1: sector desconocido «The end of all»; ¿quiso decir «Health»?"
    )
    assert translate("Sample agency 7 and others") == "Sample agency 7 and others"
    assert translate("C:/of the plan/a b.csv: is empty") == "C:/of the plan/a b.csv: está vacío"
    assert translate("new is 'x'; allowed: a number") == "new es «x»; se permiten: un número"
    assert translate("'x' cannot stand in new; allowed: not empty").endswith("se permiten: no vacío")
    assert translate("cva is 'x'; allowed: Yes or No") == "cva es «x»; se permiten: Sí o No"
    spanish = Sentences("es", number=lambda number: f"{number:_}")
    assert spanish("a.csv: 40,075 bytes; up to 1,000,000 are read: split the list, or save it as CSV").startswith(
        "a.csv: 40_075 bytes; se leen 1_000_000 como máximo"
    )
    assert Sentences("en")("a.csv: is empty") == "a.csv: is empty"


@pytest.mark.parametrize(("code", "language"), [(0x0C0A, "es"), (0x0416, "pt"), (0x0407, "en")])
def test_windows_says_the_language_where_no_variable_does(
    code: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in terminal.LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(terminal.sys, "platform", "win32")
    monkeypatch.setattr(terminal, "_windows_language", lambda: code)
    terminal.speak()
    assert terminal.log.language == language


def test_files_that_people_open_beside_the_sheets_are_in_spanish(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "narratives" / "health.peru.es.md").unlink(missing_ok=True)
    assert rmrp("check", project / "params.yml", "--out", tmp_path, "--page") == 0
    page = BeautifulSoup((tmp_path / "data_quality.html").read_text("utf-8"), "html.parser").main
    assert page
    assert english_in("\n".join(page.stripped_strings)) == []
    assert rmrp("run", project / "params.yml", "--sector", "WASH", "--out", tmp_path) == 0
    crate = json.loads((tmp_path / "peru" / "ro-crate-metadata.json").read_text("utf-8"))
    (about,) = (each["description"] for each in crate["@graph"] if each["@id"] == "./")
    assert about.startswith("Fichas de cifras clave de la ejecución peru, edición ")
    capsys.readouterr()
    asked = ("--sector", "WASH", "--place", "Colombia", "--figure", "people_reached", "--audience", "internal")
    assert rmrp("trace", project / "params.yml", *asked) == 0
    assert re.search(r"los aportes suman \d+(?:\s\d{3})*\n", capsys.readouterr().err)
    monkeypatch.delenv("ACTIVITYINFO_TOKEN", raising=False)
    monkeypatch.delenv("ACTIVITYINFOTOKEN", raising=False)
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    assert rmrp("fetch", "activityinfo", "--form", "c1", "--out", tmp_path / "data") == 2
    assert english_in(capsys.readouterr().err) == []
