"""A slip of the hand is read as it was meant, or told in one sentence: where it is, and what to write."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Answer
from rmrp_analysis.commands import options
from rmrp_analysis.errors import RmrpError
from rmrp_analysis.params import RunParams, load_run_params

SLIPS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
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


TOLD = SLIPS["told"]


@pytest.mark.parametrize("slip", TOLD)
def test_a_slip_in_a_file_is_told_with_its_line_and_what_to_write(slip: str, tmp_path: Path, answer: Answer) -> None:
    told = TOLD[slip]
    path = tmp_path / "params.yml"
    path.write_text(changed(told["before"], told["after"]), encoding="utf-8")
    code, message = answer("run", path)
    assert code == 2
    check_sentence(message, told["advice"])
    assert message.startswith(f"rmrp: {path}:{told['line']}: ")


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


READ = SLIPS["read"]


@pytest.mark.parametrize("slip", READ)
def test_what_can_mean_one_thing_alone_is_read(slip: str, tmp_path: Path) -> None:
    meant = read(tmp_path, FILE)
    assert read(tmp_path, changed(**READ[slip])) == meant


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


COMMANDS = SLIPS["commands"]


@pytest.mark.parametrize("slip", COMMANDS, ids=[" ".join(slip["command"]) for slip in COMMANDS])
def test_a_slip_on_the_command_line_is_told(slip: dict[str, Any], tmp_path: Path, answer: Answer) -> None:
    (tmp_path / "params.yml").write_text(FILE, encoding="utf-8")
    (tmp_path / "reports").mkdir()
    code, message = answer(*slip["command"])
    assert code == 2
    check_sentence(message, slip["advice"])


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
