"""A slip of the hand is read as it was meant, or told in one sentence: where it is, and what to write."""

import re
from pathlib import Path
from typing import Any

import pytest

from conftest import Answer
from rmrp_analysis.commands import options
from rmrp_analysis.errors import RmrpError
from rmrp_analysis.params import RunParams, load_run_params

FILE = """\
run: ficha-mayo
title: Cifras de mayo
plan: 2021
period: {start: 2021-01, end: 2021-05}
data: data
sectors: [Salud, WASH]
places: [Perú]
languages: [es]
audience: public
method:
  rounding: 10
"""
ENGLISH = re.compile(r"\b(the|should|is|not|write|must|of|and|there|such|with|allowed|unknown|input|valid|you)\b", re.I)
NO_PROSE = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\{[^}]*\}|\[[^]]*\]|\S*[/\\]\S*")
"""What stands in quotes, code, examples and paths."""


@pytest.fixture(autouse=True)
def spanish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An office's computer: its language is Spanish, and commands start in the folder of the project."""
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()


def changed(before: str, after: str) -> str:
    assert before in FILE
    return FILE.replace(before, after, 1)


def check_sentence(message: str, advice: str) -> None:
    (line,) = message.splitlines()
    assert line.startswith("rmrp: ")
    assert advice in line.translate(str.maketrans("«»", "''"))
    assert "Traceback" not in line
    assert not ENGLISH.findall(NO_PROSE.sub("", line)), line


# ---- In a parameter file ----

TOLD: dict[str, tuple[str, str, int, str]] = {
    "a tab": ("  rounding", "\trounding", 11, "espacios"),
    "no blank after a colon": ("plan: 2021", "plan:2021", 3, "escriba plan: 2021"),
    "no blank after the first colon": ("run: ficha", "run:ficha", 1, "escriba run: ficha-mayo"),
    "an equals sign": ("plan: 2021", "plan = 2021", 3, "escriba plan: 2021"),
    "a colon in a title": ("Cifras de mayo", "Cifras: mayo", 2, 'title: "Cifras: mayo"'),
    "a colon in a title in curly quotes": ("Cifras de mayo", "“Cifras: mayo”", 2, 'title: "Cifras: mayo"'),
    "an at sign": ("Cifras de mayo", "@mayo", 2, 'title: "@mayo"'),
    "a percent sign": ("Cifras de mayo", "% de mayo", 2, 'title: "% de mayo"'),
    "an asterisk": ("Cifras de mayo", "*Cifras*", 2, 'title: "*Cifras*"'),
    "text after quotes": ("Cifras de mayo", "'Cifras' de mayo", 2, 'title: "Cifras de mayo"'),
    "an apostrophe in single quotes": ("Cifras de mayo", "'L'eau'", 2, "title: "),
    "quotes that do not end": ("Cifras de mayo", '"Cifras de mayo', 2, 'escriba "'),
    "a list that does not end": ("[Salud, WASH]", "[Salud, WASH", 6, "escriba ]"),
    "a mapping that does not end": ("end: 2021-05}", "end: 2021-05", 4, "escriba }"),
    "two brackets": ("[Perú]", "[Perú]]", 7, 'places: "'),
    "a line too far to the right": ("plan: 2021", "  plan: 2021", 3, "columna"),
    "a line within a mapping too far to the left": ("  rounding: 10", "  rounding: 10\n cautions: {}", 12, "columna"),
    "a list beside its key": ("[Salud, WASH]", "- Salud", 6, "sectors: [Salud]"),
    "a key twice": ("audience: public", "plan: 2022", 9, "línea 3"),
    "a key without a value, and no colon": ("audience: public", "audience", 9, "escriba"),
    "two documents": ("audience: public", "---", 9, "---"),
    "a Windows path in double quotes": ("data: data", 'data: "C:\\datos\\nuevos"', 5, '"C:/datos/nuevos"'),
    "a relative Windows path in double quotes": ("data: data", 'data: "..\\nuevos"', 5, '"../nuevos"'),
    "a backslash in double quotes": ("data: data", 'data: "mis\\datos"', 5, "escriba /"),
    "a data folder that is not there": ("data: data", "data: dato", 5, "sources.yml"),
    "a data file": ("data: data", "data: params.yml", 5, "la carpeta"),
    "a notebook that is not there": ("data: data", "data: data\nnotebook: fichas.ipynb", 6, "omita la línea"),
    "narratives that are not there": ("data: data", "data: data\nnarratives: texto", 6, "data"),
    "a key in Spanish": ("sectors:", "sectores:", 6, "'sectors'"),
    "another key in Spanish": ("languages:", "idiomas:", 8, "'languages'"),
    "a required key in Spanish": ("period:", "período:", 4, "'period'"),
    "a key in Spanish that is near none": ("places:", "países:", 7, "'places'"),
    "a near key": ("plan:", "plann:", 3, "'plan'"),
    "a key in capitals": ("plan:", "PLAN:", 3, "'plan'"),
    "a key of a mapping in Spanish": ("{start:", "{inicio:", 4, "'start'"),
    "no blank in a mapping": ("{start: 2021-01,", "{start:2021-01,", 4, "start: 2021-01"),
    "a key out of its mapping": ("method:\n  rounding", "rounding", 10, "'method'"),
    "a missing key": ("plan: 2021\n", "", 1, "plan: 2021"),
    "a missing end": (", end: 2021-05", "", 4, "'period.end'"),
    "a period that is reversed": ("{start: 2021-01, end: 2021-05}", "2021-05/2021-01", 4, "2021-01/2021-05"),
    "a period that is reversed, as a mapping": ("2021-01, end: 2021-05", "2021-05, end: 2021-01", 4, "2021-01/2021-05"),
    "month 13": ("2021-05}", "2021-13}", 4, "2021-05"),
    "a day that could be of two months": ("2021-05}", "05/11/2021}", 4, "2021-05"),
    "no period": ("{start: 2021-01, end: 2021-05}", "mayo", 4, "2021-03"),
    "a year of two digits": ("plan: 2021", "plan: 21", 3, "2021, 2022"),
    "a plan as a word": ("plan: 2021", "plan: RMRP 2021", 3, "2021"),
    "no plan": ("plan: 2021", "plan:", 3, "escriba"),
    "a sector with a slip": ("Salud,", "Salu,", 6, "'Salud'"),
    "a place with a slip": ("[Perú]", "[Perrú]", 7, "'Perú'"),
    "an admin1": ("[Perú]", "[Lima]", 7, "escriba Perú"),
    "an admin1 as the place": ("places: [Perú]", "place: Lima", 7, "escriba Perú"),
    "a language that is not there": ("[es]", "[es, fr]", 8, "en, es, pt"),
    "an audience in Spanish": ("audience: public", "audience: público", 9, "'public'"),
    "another audience in Spanish": ("audience: public", "audience: interna", 9, "'internal'"),
    "a format that is not there": ("audience: public", "formats: [word]", 9, "html, pdf"),
    "yes in Spanish": ("  rounding: 10", "  rmrp_activities_only: sí", 11, "true"),
    "a rounding that is too small": ("rounding: 10", "rounding: 3", 11, "de 5 a 20"),
    "a rounding in words": ("rounding: 10", "rounding: diez", 11, "de 5 a 20"),
    "a mapping for a text": ("title: Cifras de mayo", "title:\n  - Cifras", 2, "texto"),
    "a text for a mapping": ("method:\n  rounding: 10", "method: 10", 10, "claves y valores"),
    "a name with a blank": ("ficha-mayo", "ficha mayo", 1, "guiones"),
    "a day of issue": ("audience: public", "calendar: [15/06/2021]", 9, "2021-06-15"),
    "editions to keep in words": ("audience: public", "keep: todas", 9, "cifras"),
    "a condition that is not there": ("audience: public", "accept: [people_refusd]", 9, "'people_refused'"),
    "a figure that is not there": ("audience: public", "provisional: [funding]", 9, "'funding_usd'"),
    "ends of a period beside it": ("{start: 2021-01, end: 2021-05}", "\nstart: 2021-01\nend: 2021-05", 5, "'period'"),
    "months without their keys": ("{start: 2021-01, end: 2021-05}", "{2021-01, 2021-05}", 4, "start, end"),
    "an admin1 as the key": ("places: [Perú]", "admin1: Lima", 7, "'places'"),
    "no data folder": ("data: data", "data:", 5, "como data"),
    "a pack that is not there": ("audience: public", "pack: otro", 9, "pack.yml"),
    "a text for the publisher": ("audience: public", "publisher: OIM", 9, "{name: …, contact: …"),
    "an empty list": ("[Perú]", "[]", 7, "escriba"),
}  # fmt: skip


@pytest.mark.parametrize("slip", TOLD)
def test_a_slip_in_a_file_is_told_with_its_line_and_what_to_write(slip: str, tmp_path: Path, answer: Answer) -> None:
    before, after, line, advice = TOLD[slip]
    path = tmp_path / "params.yml"
    path.write_text(changed(before, after), encoding="utf-8")
    code, message = answer("run", path)
    assert code == 2
    check_sentence(message, advice)
    assert message.startswith(f"rmrp: {path}:{line}: ")


@pytest.mark.parametrize(
    ("content", "line", "advice"),
    [
        (FILE.encode("cp1252"), 7, "UTF-8"),
        (FILE.encode("utf-16"), 1, "UTF-8"),
        (b"", 1, "plan: 2021"),
        (b"# nada\n", 1, "plan: 2021"),
        (b"# lista\n- run: x\n- plan: 2021\n", 2, "plan: 2021"),
        (b"plan:2021", 1, "escriba plan: 2021"),
        (b"PK\x03\x04\0\0", 1, "UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_told(content: bytes, line: int, advice: str, tmp_path: Path, answer: Answer) -> None:
    path = tmp_path / "params.yml"
    path.write_bytes(content)
    code, message = answer("run", path)
    assert code == 2
    check_sentence(message, advice)
    assert message.startswith(f"rmrp: {path}:{line}: ")


def read(folder: Path, text: str) -> RunParams:
    (folder / "params.yml").write_bytes(text.encode())
    return load_run_params(folder / "params.yml")


READ: dict[str, tuple[str, str]] = {
    "a text for a list of places": ("[Perú]", "Perú"),
    "without accents, in capitals": ("[Perú]", "PERU"),
    "a country's code": ("[Perú]", "per"),
    "in curly quotes": ("[Perú]", "[“Perú”]"),
    "another key": ("places: [Perú]", "place: Perú"),
    "a text with commas": ("[Salud, WASH]", "Salud, WASH"),
    "a text in quotes": ("[Salud, WASH]", '"Salud, WASH"'),
    "a text with and": ("[Salud, WASH]", "Salud y WASH"),
    "a code in capitals": ("[es]", "[ES]"),
    "a text with semicolons": ("[Salud, WASH]", "salud; wash"),
    "a name with a comma": ("[Salud, WASH]", "Saúde, Agua, Saneamiento e Higiene"),
    "no blank after hyphens": ("[Salud, WASH]", "\n  -Salud\n  -WASH"),
    "other languages": ("[Salud, WASH]", "[Health, Água, Saneamento e Higiene]"),
    "a text for a list of languages": ("[es]", "es"),
    "a number in quotes": ("rounding: 10", 'rounding: "10"'),
    "blanks that do not break": ("plan: 2021", "plan:\u00a02021"),
    "a blank that does not break at the beginning": ("  rounding", "\u00a0 rounding"),
    "a mark of the order of bytes": ("run:", "\ufeffrun:"),
    "lines of Windows": ("\nplan: 2021\n", "\r\nplan: 2021\r\n"),
    "a period as a text": ("{start: 2021-01, end: 2021-05}", "enero a mayo de 2021"),
    "days": ("{start: 2021-01, end: 2021-05}", "01/01/2021 - 31/05/2021"),
    "a day for a month": ("2021-05}", "2021-05-31}"),
    "a day as offices write it": ("2021-05}", "31/05/2021}"),
    "a month by its name": ("2021-05}", "mayo 2021}"),
    "a slash": ("2021-05}", "2021/05}"),
    "a month of one digit": ("{start: 2021-01", "{start: 2021-1"),
    "a path of Windows": ("data: data", "data: .\\data"),
}  # fmt: skip


@pytest.mark.parametrize("slip", READ)
def test_what_can_mean_one_thing_alone_is_read(slip: str, tmp_path: Path) -> None:
    meant = read(tmp_path, FILE)
    assert read(tmp_path, changed(*READ[slip])) == meant


def test_all_languages_and_places_are_read_from_texts(tmp_path: Path) -> None:
    assert read(tmp_path, changed("[es]", "[es pt]")).languages == ("es", "pt")
    assert read(tmp_path, changed("[es]", "es, pt")).languages == ("es", "pt")
    every = read(tmp_path, changed("[Perú]", "all")).places
    assert read(tmp_path, changed("[Perú]", "todos")).places == every
    assert len(read(tmp_path, changed("[Salud, WASH]", "todos")).sectors) > 2
    months = read(tmp_path, changed("{start: 2021-01, end: 2021-05}", "2021-1")).period
    assert (months.start, months.end) == ("2021-01", "2021-01")
    home = read(tmp_path, changed("data: data", "data: ~/data")).data
    assert home == Path("~/data").expanduser().resolve()


# ---- On the command line ----

COMMANDS: list[tuple[tuple[str, ...], str]] = [
    (("run",), "params.yml"),
    (("run", "."), "params.yml"),
    (("run", "no.yml"), "'params.yml'"),
    (("run", "5W mayo.xlsx"), "rmrp new CARPETA --from '5W mayo.xlsx'"),
    (("check", "datos.csv"), "rmrp new CARPETA --from datos.csv"),
    (("runn", "params.yml"), "'run'"),
    (("correr", "params.yml"), "run"),
    (("run", "params.yml", "--lang", "es"), "'--language'"),
    (("run", "params.yml", "--idioma", "es"), "--"),
    (("run", "params.yml", "--jobs", "0"), "≥ 1"),
    (("run", "params.yml", "--jobs", "dos"), "cifras"),
    (("run", "params.yml", "--jobs"), "--jobs"),
    (("run", "params.yml", "--engine", "worker"), "'workers'"),
    (("run", "params.yml", "--engine", "nbclient"), "`papermill CUADERNO out.ipynb -f report.yml`"),
    (("run", "params.yml", "Perú"), "'Perú'"),
    (("run", "params.yml", "--period", "2021-13"), "2021-03"),
    (("run", "params.yml", "--period", "2021-05/2021-01"), "2021-01/2021-05"),
    (("run", "params.yml", "--places", "Lima"), "escriba Perú"),
    (("run", "params.yml", "--only", "Salu"), "'Salud'"),
    (("run", "params.yml", "--only", "Nutrición"), "Salud, Agua, Saneamiento e Higiene"),
    (("run", "params.yml", "--language", "fr"), "en, es, pt"),
    (("run", "params.yml", "--audience", "interno"), "'internal'"),
    (("run", "params.yml", "--data", "datos"), "sources.yml"),
    (("run", "params.yml", "--fail-over", "20"), "20%"),
    (("new",), "CARPETA"),
    (("sample",), "--out DIR"),
    (("sample", "--out", "x", "--rows", "tres mil"), "cifras"),
    (("sample", "--out", "params.yml", "--rows", "1"), "otra carpeta"),
    (("fetch", "ftss"), "'fts'"),
    (("diff", "reports"), "diff"),
]


@pytest.mark.parametrize(("arguments", "advice"), COMMANDS, ids=[" ".join(arguments) for arguments, _ in COMMANDS])
def test_a_slip_on_the_command_line_is_told(
    arguments: tuple[str, ...], advice: str, tmp_path: Path, answer: Answer
) -> None:
    (tmp_path / "params.yml").write_text(FILE, encoding="utf-8")
    (tmp_path / "reports").mkdir()
    code, message = answer(*arguments)
    assert code == 2
    check_sentence(message, advice)


def test_values_of_an_option_may_stand_in_one_text(tmp_path: Path) -> None:
    path = tmp_path / "params.yml"
    path.write_text(FILE, encoding="utf-8")

    def load(**values: Any) -> RunParams:
        return options.load_params(path, **values)

    assert load(places=["Peru,Ecuador"]).places == ("Peru", "Ecuador")
    assert load(sectors=["salud, WASH"]).sectors == ("Health", "WASH")
    assert load(period="2021").period.end == "2021-12"
    with pytest.raises(RmrpError):
        load(places=["Peru", "Narnia"])
