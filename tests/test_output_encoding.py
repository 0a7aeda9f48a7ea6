"""Commands print wherever they are started: on a terminal or into a pipe of any encoding."""

import io
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from published_run import RUN, Published, rmrp
from rmrp_analysis.commands import terminal


def said(project: Path, *arguments: str | Path, encoding: str = "cp1252", code: int = 0) -> tuple[str, str]:
    """What the command says on standard output and on standard error, both of which have an encoding."""
    outputs = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="") for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch, chdir(project):
        for name, output in zip(("stdout", "stderr"), outputs, strict=True):
            patch.setattr(sys, name, output)
        ended = rmrp(*arguments)
    for output in outputs:
        output.flush()
    results, messages = (output.buffer.getvalue().decode(encoding) for output in outputs)
    assert ended == code, messages
    return results, messages


@pytest.fixture(scope="module")
def later(published: Published, tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, str]:
    """A project with a second run, of a whole year, and what its command says when it is compared with the first."""
    project = published.copy(tmp_path_factory.mktemp("later") / "project")
    asked = ("--only", "Human Trafficking & Smuggling", "--languages", "es", "--out", "later")
    command = (sys.executable, "-m", "rmrp_analysis", "run", "params.yml", *asked, "--compare-with", project.folder)
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    ended = subprocess.run(command, cwd=project.project, env=environment, capture_output=True, check=False)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False), ended.stderr
    return project, ended.stdout.decode("cp1252")


def test_a_run_and_a_difference_are_printed_in_any_encoding(later: tuple[Published, str]) -> None:
    assert f"{RUN} -> later/{RUN}" in later[1].replace(os.sep, "/")
    assert "People reached" in later[1]
    arguments = ("diff", later[0].folder, f"later/{RUN}")
    shown = {encoding: said(later[0].project, *arguments, encoding=encoding)[0] for encoding in ("utf-8", "cp1252")}
    assert shown["utf-8"].count(" → ") >= 3
    assert shown["cp1252"] == shown["utf-8"].replace("→", "->").replace("−", "-").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0), (("run", "--help"), 0), (("check", "params.yml", "--out", "checked"), 0),
        (("figures", "params.yml"), 0),
        (("trace", "params.yml", "--sector", "Health", "--figure", "people_reached", "--internal"), 0),
        (("params", "params.yml", "--report", Published.report), 0), (("verify", f"reports/{RUN}", "params.yml"), 0),
        (("new", "another"), 0), (("sample", "--rows", "20", "--out", "sample"), 0),
        (("run", "params.yml", "--only", "Shelter → WASH"), 2),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_every_command_prints_on_a_terminal_of_windows(
    arguments: tuple[str, ...], code: int, later: tuple[Published, str]
) -> None:
    assert any(said(later[0].project, *arguments, code=code))


def test_what_an_encoding_lacks_is_printed_as_the_nearest_text_or_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="cp1252", newline=""))
    terminal.print_in_any_encoding()
    print("Perú: 1\u202f234 → 5 Țară ½ ﬁ", flush=True)
    assert written.getvalue().decode("cp1252") == "Perú: 1 234 -> 5 \\u021aar\\u0103 ½ fi\n"
