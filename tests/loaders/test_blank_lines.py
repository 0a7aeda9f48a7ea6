"""Lines of nothing are no records: every input reads the same with them, and other rows keep their lines."""

import json
from collections.abc import Sequence
from itertools import chain, cycle
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import PatternFill

from data_folders import ACTIVITY, data_folder
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.read import read
from rmrp_analysis.plan import Plan

FTS_PLAN = "Refugee and Migrant Response Plan for Venezuela 2021 (RMRP)"
REPORT = ",".join((ACTIVITY | {"Indicator": "People cared for"}).values())
PLANNING = """\
sector,scope,population_group,measure,value,source
Health,region,all,target,10,R4V
Health,region,all,target,many,R4V
WASH,region,all,target,20,R4V
WASH,Peru,all,target,5,R4V"""
WIDE_PLANNING = """\
Subsector,PiN Country,PiN Admin1,PiN Dest Total,PiN Transit Total,PiN HC Total,PiN Pendular Total,PiN Returnees Total
Health,Peru,Country level,60,,30,10,0
Helth,Peru,Country level,60,,30,10,0
Health,Chile,Country level,60,,30,10,0
Health,Chile,Tarapacá,60,,30,10,0"""
INPUTS = {
    "activities": "\n".join(
        [",".join(ACTIVITY), REPORT, REPORT.replace("Peru", "Atlantis"), REPORT.replace("Lima", "Ica"), REPORT]
    ),
    "indicators": """\
CODE,Sector,Indicator,Indicator_Type
A1,Health,People cared for,Pin
A2,Helth,Misspelt,Pin
A3,WASH,People with water,Pin
A4,WASH,Wells,Other""",
    "admin1": """\
Country,PCODE,Admin1
Peru,PE15,Lima
Atlantis,AT01,Poseidonia
Chile,CL01,Tarapacá
Peru,PE10,Huánuco""",
    "appealing_organisations": "Name\nIOM\n\nUNHCR\nPAHO",
    "funding": f"""\
year,plan_name,Cluster,Current requirements US$,Funding US$,Pledges US$
2021,{FTS_PLAN},Health,5,1,0
2021,{FTS_PLAN},WASH,many,1,0
2021,{FTS_PLAN},Nutrition,7,2,0
2020,Another plan,Health,9,9,0""",
}
"""Small inputs; the second row of each cannot be used, but that of a list of organisations, which is itself blank."""

BLANKS = ("", ",", " , ,\t", "   ", "," * 40, "\u00a0,\u00a0 ")


def with_blanks(text: str) -> str:
    """The lines of a table, each row beneath a line of nothing, and some at the end: row n is in line 2 n - 1."""
    header, *rows = text.split("\n")
    return "\n".join([header, *chain.from_iterable(zip(cycle(BLANKS), rows, strict=False)), *BLANKS])


def tables_of(plan: Plan) -> dict[str, pd.DataFrame]:
    """Every table that was read, with the rows that were refused, by their lines."""
    lists = ("indicators", "admin1", "appealing_organisations")
    used = {"activities": plan.activities, "planning": plan.planning, "places": plan.planned_places}
    used |= {"funding": plan.funding_totals} | {name: plan.references[name] for name in lists}
    refused = {f"refused {name}": rows.rename(columns={"line": "source_line"}) for name, rows in plan.refused.items()}
    return used | refused


@pytest.mark.parametrize("planning", [PLANNING, WIDE_PLANNING])
def test_every_input_reads_the_same_with_lines_of_nothing(planning: str, tmp_path: Path) -> None:
    inputs = INPUTS | {"planning": planning}
    plain = load_plan(data_folder(tmp_path, 2021, **inputs))
    blank = load_plan(data_folder(tmp_path, 2021, **{name: with_blanks(text) for name, text in inputs.items()}))
    counts = {file.name: (file.rows, file.rows_refused) for file in blank.inputs}
    assert counts == dict.fromkeys(inputs, (3, 1)) | {"appealing_organisations": (3, 0)}
    tables = tables_of(blank)
    expected = tables_of(plain)
    assert tables.keys() == expected.keys()
    for name, table in expected.items():
        lower = table.assign(source_line=2 * table["source_line"] - 1)
        pd.testing.assert_frame_equal(tables[name], lower, obj=name)


Rows = Sequence[Sequence[str | None]]
HEADER = ("Country", "PCODE", "Admin1")
NO_CELL: tuple[str | None, ...] = (None, None, None)


def workbook(path: Path, rows: Rows) -> None:
    """A worksheet whose cells of nothing are coloured."""
    book = openpyxl.Workbook()
    for line, row in enumerate([HEADER, *rows], start=1):
        for column, cell in enumerate(row, start=1):
            book.active.cell(line, column, cell).fill = PatternFill(fgColor="FFFF00")
    book.save(path)


def parquet(path: Path, rows: Rows) -> None:
    pd.DataFrame(rows, columns=list(HEADER), dtype="str").to_parquet(path, index=False)


def records(path: Path, rows: Rows) -> None:
    path.write_text(json.dumps([dict(zip(HEADER, row, strict=True)) for row in rows]), encoding="utf-8")


WRITERS = {".xlsx": workbook, ".parquet": parquet, ".json": records}


@pytest.mark.parametrize("suffix", WRITERS)
def test_no_format_reads_lines_of_nothing(suffix: str, tmp_path: Path) -> None:
    """Text is read as the csv module reads it, whatever its lines."""
    path, write = tmp_path / f"places{suffix}", WRITERS[suffix]
    nothing: Rows = [NO_CELL, ("", "", ""), (" ", "\u00a0", "   ")]
    write(path, [*nothing, ("Peru", "PE15", "Lima"), *nothing, ("Chile", None, "Arica"), *nothing])
    table, first = read(path).table, 1 if suffix == ".json" else 2
    assert list(table.index) == [first + 3, first + 7]
    assert table.to_numpy().tolist() == [["Peru", "PE15", "Lima"], ["Chile", "", "Arica"]]
    assert list(table["Country"].cat.categories) == ["Peru", "Chile"]
    write(path, nothing)
    with pytest.raises(InputRefused, match="holds no rows"):
        read(path)
