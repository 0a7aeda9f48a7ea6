"""What cannot be printed, or turns the direction of writing, comes out of no command, wherever it stands in a file."""

import re
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
import xlsxwriter

from published_run import activities_of, rmrp, rows_of, small_plan, written_params

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TURNED = "\x9b\u061c\u200e\u200f\u202a\u202e\u2066\u2069"
IN_TEXT = f"\x1b[31m\x0b\x7f{TURNED}"  # XML has no ESC
ESCAPED = r"\u009b\u061c\u200e\u200f\u202a\u202e\u2066\u2069"


def hostile_activities(data: Path, controls: str) -> pd.DataFrame:
    """Give the activities of a plan with controls in one cell of each column, and in a column of their own."""
    rows = activities_of(data)
    for row, column in enumerate(rows.columns):
        rows.loc[row, column] += controls
    return rows.assign(**{f"Note{controls}": f"see {controls}"})


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_control_character_of_a_file_reaches_a_terminal_or_a_file_of_a_run(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, controls = small_plan(tmp_path / "data", rows=200), TURNED if suffix == ".xlsx" else IN_TEXT
    rows, file = hostile_activities(data, controls), data / f"activities{suffix}"
    if suffix == ".csv":
        rows.to_csv(file, index=False)
    else:
        with xlsxwriter.Workbook(file) as book:
            book.add_worksheet(f"other{TURNED}").write(0, 0, "x")
            sheet = book.add_worksheet(f"5W{TURNED}")
            for line, cells in enumerate([list(rows.columns), *rows.to_numpy().tolist()]):
                sheet.write_row(line, 0, cells)
    sources = data / "sources.yml"
    sources.write_text(sources.read_text("utf-8").replace("activities.csv.gz", file.name), encoding="utf-8")
    accepted = [{name: "50 %"} for name in ("months_missing", "people_refused", "people_lost_by_joins")]
    params = written_params(tmp_path, sectors=["Health"], audience="internal", accept=accepted)
    assert rmrp("check", params, "--out", tmp_path / "out", "--workbooks", "--page") == 0
    assert rmrp("run", params, "--out", tmp_path / "out") == 0
    said = capsys.readouterr()
    reasons = [row["reason"] for row in rows_of(tmp_path / "out" / "refused.csv")]
    assert any(re.match(rf"month is '2021-\d\d.*{re.escape(ESCAPED)}'; allowed: a month", reason) for reason in reasons)
    contents = {"standard output": said.out.encode(), "standard error": said.err.encode()}
    for path in filter(Path.is_file, tmp_path.joinpath("out").rglob("*")):
        contents[path.name] = path.read_bytes()
        if path.suffix == ".xlsx":
            with ZipFile(path) as book:
                contents |= {f"{path.name}: {part}": book.read(part) for part in book.namelist()}
    texts = {name: content.decode() for name, content in contents.items() if not name.endswith((".pdf", ".xlsx"))}
    assert {"refused.csv", "quality.csv", "repairs.csv", "run.json", "data_quality.html"} <= set(texts)
    assert sum(ESCAPED in text for name, text in texts.items() if "sharedStrings" in name) > 0
    assert {name: found[0] for name, text in texts.items() if (found := CONTROLS.search(text))} == {}
    if suffix == ".xlsx":
        assert f"the sheet '5W{ESCAPED}' is read, and not other{ESCAPED}" in texts["quality.csv"]


def test_a_refusal_quotes_headers_and_sheets_without_control_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "5w.csv"
    file.write_text(f"Reporting Month{IN_TEXT},Admin1{IN_TEXT}\n2021-01,Lima\n", encoding="utf-8")
    (tmp_path / "sources.yml").write_text(
        "title: a plan\nplan: 2021\nactivities: {file: 5w.csv, producer: R4V, as_of: 2021-06-01}\n"
        "indicators: {file: 5w.csv, producer: R4V, as_of: 2021-06-01}\n",
        encoding="utf-8",
    )
    assert rmrp("check", written_params(tmp_path, data=".", sectors=["Health"])) == 3
    said = capsys.readouterr().err
    assert "columns are missing" in said
    assert r"\u202e" in said
    assert CONTROLS.search(said) is None
