"""Lines of nothing are no records: every input reads the same with them, and other rows keep their lines."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
import xlsxwriter
from form_2021 import ACTIVITY

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.plan import Plan

Rows = Sequence[Sequence[str]]

FTS_PLAN = "Refugee and Migrant Response Plan for Venezuela 2021 (RMRP)"


REPORT = ACTIVITY | {"Activity description": "for mothers", "Refugees and Migrants IN DESTINATION": "3"}


def activity(**cells: str) -> list[str]:
    return list((REPORT | {"Indicator": "People cared for"} | cells).values())


TABLES: Mapping[str, Rows] = {
    "activities": (
        list(REPORT), activity(), activity(Country="Atlantis"), activity(Country="Chile", Admin1="Tarapacá"),
        activity(**{"New beneficiaries of the month": "4", "Activity description": "two\n\nlines, not\n,,\none"}),
    ),
    "indicators": (
        ("CODE", "Sector", "Indicator", "Indicator_Type"),
        ("A1", "Health", "People cared for", "Pin"),
        ("A2", "Helth", "Misspelt", "Pin"),
        ("A3", "WASH", "People with water", "Pin"),
        ("A4", "WASH", "Wells", "Other"),
    ),
    "admin1": (
        ("Country", "PCODE", "Admin1"), ("Peru", "PE15", "Lima"), ("Atlantis", "AT01", "Poseidonia"),
        ("Chile", "CL01", "Tarapacá"), ("Peru", "PE10", "Huánuco"),
    ),
    "appealing_organisations": (("Name",), ("IOM",), ("",), ("UNHCR",), ("PAHO",)),
    "planning": (
        ("sector", "scope", "population_group", "measure", "value", "source"),
        ("Health", "region", "all", "target", "10", "R4V"),
        ("Health", "region", "all", "target", "many", "R4V"),
        ("WASH", "region", "all", "target", "20", "R4V"),
        ("WASH", "Peru", "all", "target", "5", "R4V"),
    ),
    "funding": (
        ("year", "plan_name", "Cluster", "Current requirements US$", "Funding US$", "Pledges US$"),
        ("2021", FTS_PLAN, "Health", "5", "1", "0"),
        ("2021", FTS_PLAN, "WASH", "many", "1", "0"),
        ("2021", FTS_PLAN, "Nutrition", "7", "2", "0"),
        ("2020", "Another plan", "Health", "9", "9", "0"),
    ),
}  # fmt: skip
"""Small inputs; the second row of each cannot be used, but that of a list of organisations, which is itself blank."""

NO_CELL: Sequence[str] = []
NOTHING, BLANKS = [""], [" ", "\u00a0", "   ", "\u00a0 "]
"""A line without a mark, one of separators alone, one whose cells hold blanks."""


class Line(str):
    """A line of CSV that is written as it is."""


PLACES: Mapping[str, Sequence[int]] = {
    "below": [4], "several_below": [4, 4, 4], "under_the_header": [0], "in_the_middle": [2],
    "everywhere": [0, 0, 1, 2, 2, 3, 4], "after_every_row": [1, 2, 3, 4],
}  # fmt: skip
"""Before which of the four rows blank lines stand; 4 is below the last one."""


def delimited(separator: str = ",", encoding: str = "utf-8", newline: str = "\n") -> Callable[[Path, Rows], Path]:
    def write(path: Path, rows: Rows) -> Path:
        marks = set(f"{separator}\n")
        lines = [
            separator.join(f'"{cell}"' if marks & set(cell) and not isinstance(cell, Line) else cell for cell in row)
            for row in rows
        ]
        text = newline.join([*lines, ""])
        path = path.with_suffix(".csv")
        path.write_bytes(text.encode(encoding))
        return path

    return write


def zipped(path: Path, rows: Rows) -> Path:
    plain = delimited()(path, rows)
    path = path.with_suffix(".csv.gz")
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def workbook(path: Path, rows: Rows) -> Path:
    path = path.with_suffix(".xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet, coloured = book.add_worksheet(), book.add_format({"bg_color": "yellow", "num_format": "0.00"})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, column, cell)
                else:
                    sheet.write_blank(line, column, None, coloured)
    return path


def parquet(path: Path, rows: Rows) -> Path:
    path = path.with_suffix(".parquet")
    header, *others = rows
    cells = [[cell or None for cell in row or [""] * len(header)] for row in others]
    pd.DataFrame(cells, columns=list(header), dtype="str").to_parquet(path, index=False)
    return path


def records(path: Path, rows: Rows) -> Path:
    path = path.with_suffix(".json")
    header, *others = rows
    path.write_text(json.dumps([dict(zip(header, row, strict=False)) for row in others]), encoding="utf-8")
    return path


WRITERS: Mapping[str, Callable[[Path, Rows], Path]] = {
    "csv": delimited(), "csv_of_windows": delimited(encoding="cp1252", newline="\r\n"),
    "csv_of_utf_16": delimited(encoding="utf-16"), "semicolons": delimited(";", newline="\r\n"),
    "tabs": delimited("\t"), "zipped": zipped, "workbook": workbook, "parquet": parquet, "records": records,
}  # fmt: skip
JSON_OF_MONEY = ("records",)


def with_blanks(rows: Rows, before: Sequence[int], *blanks: Sequence[str]) -> list[list[str]]:
    """The rows with blank lines before some of them, of these kinds in turn; cells are as many as in the header."""
    header, *others = map(list, rows)
    kinds, table = cycle(blanks), [header]
    for number in range(len(others) + 1):
        for blank in islice(kinds, list(before).count(number)):
            whole = isinstance(blank, Line)
            table.append([blank] if whole else [*islice(cycle(blank), len(header))])
        table += others[number : number + 1]
    return table


def tables_with_blanks(before: Mapping[str, Sequence[int]], *blanks: Sequence[str]) -> dict[str, list[list[str]]]:
    """Each input with its blank lines; in each another kind comes first, so that each stands everywhere in some."""
    return {
        name: with_blanks(rows, before[name], *blanks[number % len(blanks) :], *blanks[: number % len(blanks)])
        for number, (name, rows) in enumerate(TABLES.items())
    }


def written(folder: Path, tables: Mapping[str, Rows], write: Callable[[Path, Rows], Path] = WRITERS["csv"]) -> Path:
    """A data folder of these tables; those that are not written by ``write`` are CSV."""
    folder.mkdir(exist_ok=True)
    lines = ["title: a small plan", "plan: 2021"]
    for name, rows in tables.items():
        of_money = name == "funding" and write in (WRITERS[each] for each in JSON_OF_MONEY)
        path = (WRITERS["csv"] if of_money else write)(folder / name, rows)
        lines.append(f"{name}: {{file: {path.name}, producer: R4V, as_of: 2021-06-01}}")
    (folder / "sources.yml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def tables_of(plan: Plan) -> dict[str, pd.DataFrame]:
    assert plan.funding_totals is not None
    tables = {"activities": plan.activities, "planning": plan.planning, "funding": plan.funding_totals}
    return tables | {name: plan.references[name] for name in ("indicators", "admin1", "appealing_organisations")}


def without_lines(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns=["source_file", "source_line", "line", "file"], errors="ignore")


def assert_reads_alike(plain: Plan, blank: Plan, before: Mapping[str, Sequence[int]], first: int = 2) -> None:
    """Both plans hold the same rows, refuse the same, and the rows of ``blank`` stand as many lines lower as they do.

    ``before`` says of each input before which rows blank lines stand; ``first`` is the line of the first row.
    """

    def lower(name: str, lines: pd.Series) -> list[int]:
        return [line + sum(place <= line - first for place in before.get(name, ())) for line in lines]

    expected = tables_of(plain)
    for name, table in tables_of(blank).items():
        pd.testing.assert_frame_equal(without_lines(table), without_lines(expected[name]))
        assert table["source_line"].to_list() == lower(name, expected[name]["source_line"]), name
    assert blank.refused.keys() == plain.refused.keys()
    for name, refused in blank.refused.items():
        pd.testing.assert_frame_equal(without_lines(refused), without_lines(plain.refused[name]))
        assert refused["line"].to_list() == lower(name, plain.refused[name]["line"]), name
    assert [(file.name, file.rows, file.rows_refused) for file in blank.inputs] == [
        (file.name, file.rows, file.rows_refused) for file in plain.inputs
    ]


def test_each_input_has_three_rows_that_are_used_and_one_that_is_refused(tmp_path: Path) -> None:
    counts = {file.name: (file.rows, file.rows_refused) for file in load_plan(written(tmp_path, TABLES)).inputs}
    assert counts.pop("appealing_organisations") == (3, 0)
    assert set(counts.values()) == {(3, 1)}


@cache
def plain_plan(kind: str) -> Plan:
    """What a format gives where no line is blank."""
    with TemporaryDirectory() as folder:
        return load_plan(written(Path(folder), TABLES, WRITERS[kind]))


@pytest.mark.parametrize(
    ("kind", "place", "blanks"),
    [
        *((kind, "everywhere", (NO_CELL, NOTHING, BLANKS)) for kind in WRITERS),
        *((kind, place, (NOTHING,)) for kind in ("csv", "workbook") for place in PLACES if place != "everywhere"),
        *((kind, "below", (NO_CELL,)) for kind in ("parquet", "records", "csv_of_windows")),
    ],
    ids=repr,
)
def test_every_format_reads_the_same_with_blank_lines(
    kind: str, place: str, blanks: Sequence[Sequence[str]], tmp_path: Path
) -> None:
    before = dict.fromkeys(TABLES, PLACES[place]) | ({"funding": []} if kind in JSON_OF_MONEY else {})
    plan = load_plan(written(tmp_path, tables_with_blanks(before, *blanks), WRITERS[kind]))
    assert_reads_alike(plain_plan(kind), plan, before, first=1 if kind == "records" else 2)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_line_of_commas_may_be_shorter_or_longer_than_the_header(encoding: str, tmp_path: Path) -> None:
    before = dict.fromkeys(TABLES, PLACES["everywhere"])
    tables = tables_with_blanks(before, *map(Line, (",", ",,,,", "," * 40, " , ,\t", "   ")))
    assert_reads_alike(plain_plan("csv"), load_plan(written(tmp_path, tables, delimited(encoding=encoding))), before)


def test_a_row_with_a_content_is_never_shifted_by_cells_beyond_its_header(tmp_path: Path) -> None:
    folder = written(tmp_path, TABLES)
    (folder / "admin1.csv").write_text("Country,PCODE,Admin1\n,,,\nPeru,PE15,Lima,\n", encoding="utf-8")
    with pytest.raises(InputRefused, match=r"admin1\.csv: cannot be read"):
        load_plan(folder)


@pytest.mark.parametrize("nothing", ["", "\n", "\n\n,,\n", " , , \n"])
@pytest.mark.parametrize("kind", ["csv", "workbook", "records", "parquet"])
def test_a_table_of_blank_lines_alone_holds_no_rows(kind: str, nothing: str, tmp_path: Path) -> None:
    blank = [line.split(",") for line in nothing.splitlines()]
    rows = [TABLES["admin1"][0], *([*line, "", ""][:3] for line in blank)]
    folder = written(tmp_path, {**TABLES, "admin1": rows}, WRITERS[kind])
    with pytest.raises(InputRefused, match=r"admin1\.\w+: holds no rows"):
        load_plan(folder)


GROUPS = ("Dest", "Transit", "HC", "Pendular", "Returnees")


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_a_wide_sheet_of_planned_people_reads_the_same_with_blank_lines(kind: str, tmp_path: Path) -> None:
    people = ("60", "", "30", "10", "0")
    rows = (
        ("Subsector", "PiN Country", "PiN Admin1", *(f"PiN {group} Total" for group in GROUPS)),
        ("Health", "Peru", "Country level", *people),
        ("Helth", "Peru", "Country level", *people),
        ("Health", "Chile", "Country level", *people),
        ("Health", "Chile", "Tarapacá", *people),
    )
    plain = load_plan(written(tmp_path / "plain", {**TABLES, "planning": rows}, WRITERS[kind]))
    wide = with_blanks(rows, PLACES["everywhere"], NOTHING)
    blank = load_plan(written(tmp_path / "blank", {**TABLES, "planning": wide}, WRITERS[kind]))
    assert (plain.planning["value"].sum(), plain.planned_places["value"].sum()) == (2 * (60 + 30 + 10), 60 + 30 + 10)
    for table in ("planning", "planned_places"):
        pd.testing.assert_frame_equal(without_lines(getattr(blank, table)), without_lines(getattr(plain, table)))
    refused = [{file.name: file.rows_refused for file in plan.inputs} for plan in (plain, blank)]
    assert refused == [dict.fromkeys(TABLES, 1) | {"appealing_organisations": 0}] * 2
