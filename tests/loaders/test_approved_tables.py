"""What is read from untidy files, and what is said of the rest, is what somebody has read and approved.

The files stand in ``test_approved_tables.yml``; ``pytest --snapshot-update`` renews what was approved.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from syrupy.assertion import SnapshotAssertion
from xlsxwriter import Workbook

from data_folders import brief, described_folder, said
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.content import check_ratio, suffix_by_content
from rmrp_analysis.loaders.fts import load_plan_funding
from rmrp_analysis.loaders.header import header_fit
from rmrp_analysis.loaders.notation import months, notation_of, number
from rmrp_analysis.loaders.read import read_in_batches
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets, reports_in, sources_of
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import TABLE_BY_INPUT

CASES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def as_read(path: Path, fit: str = "admin1", rows: int = 0, **reading: Any) -> list[Any]:
    parts = read_in_batches(path, lambda row: header_fit(row, TABLE_BY_INPUT[fit]), Reading(**reading), rows=rows)
    return [
        vars(part) | {"columns": [*part.table], "table": brief(part.table.astype("str").reset_index())}
        for part in parts
    ]


def known_of(path: Path) -> list[Any]:
    lists = described_folder(path.parent, {"indicators.csv": "", "activities.csv": ""}, 2022)
    inputs = {name: [Path(each.file).name, each.sheet] for name, each in sources_of(path, lists).items()}
    return [inputs, *(brief(reports_in(path, "", year=year)) for year in (None, 2020))]


def test_cells_are_numbers_months_and_sizes(snapshot: SnapshotAssertion) -> None:
    cells = pd.DataFrame(
        {unit: {text: "{} {}".format(*number(text, unit)) for text in texts} for unit, texts in CASES["cells"].items()}
    )
    columns = [({text: number(text, unit) for text in cells}, unit, of) for unit, of, *cells in CASES["columns"]]
    notations = [said(notation_of, numbers, unit=unit, elsewhere=of) for numbers, unit, of in columns]
    dates = [said(months, cells, year=year, order=order) for year, order, *cells in CASES["months"]]
    sizes = [said(check_ratio, "a file", packed, unpacked) for packed, unpacked in CASES["sizes"]]
    assert [brief(cells.reset_index()), notations, dates, sizes] == snapshot


def test_a_file_is_read_as_it_was_sent(here: Path, snapshot: SnapshotAssertion) -> None:
    told = {}
    for name, (content, *readings) in CASES["files"].items():
        (path := here / name).write_bytes(content.encode("latin-1"))
        read = [said(as_read, path, **reading) for reading in readings or [{}]]
        told[name] = [said(suffix_by_content, path), read, said(recognise_sheets, path)]
    assert told == snapshot


def write_book(path: Path, sheets: Mapping[str, Any]) -> Path:
    """A workbook of sheets: methods that are called, then rows of cells."""
    with Workbook(path) as book:
        for title, (calls, *rows) in sheets.items():
            sheet, corner = book.add_worksheet(title), (2, 1) if title == "low" else (0, 0)
            for line, row in enumerate(rows, start=corner[0]):
                for place, cell in enumerate(row, start=corner[1]):
                    sheet.write(line, place, *(["=1", None, *cell] if isinstance(cell, list) else [cell]))
            for method, *arguments in calls:
                getattr(sheet, method)(*arguments)
    return path


def test_a_workbook_is_read_as_it_was_sent(here: Path, snapshot: SnapshotAssertion) -> None:
    told = {}
    for name, (readings, sheets) in CASES["books"].items():
        (here / name).mkdir()
        path = write_book(here / name / f"{name}.xlsx", sheets)
        read = [said(as_read, path, **reading) for reading in readings]
        told[name] = [read, said(recognise_sheets, path), said(known_of, path)]
    assert told == snapshot


def test_a_data_folder_is_read_as_approved(here: Path, snapshot: SnapshotAssertion) -> None:
    told = {}
    for name, files in CASES["folders"].items():
        (here / name).mkdir()
        plan = told[name] = said(load_plan, described_folder(here / name, **files))
        if isinstance(plan, list):
            continue
        is_zero = plan.planning["source"].str.endswith("not listed")
        tables = {"joined": plan.activities, "left out": plan.refused_activities, "planning": plan.planning[~is_zero]}
        tables |= {"places": plan.planned_places, "faults": plan.faults, **plan.refused, **plan.proportions}
        tables |= plan.references if "indicators" not in plan.sources or name in ("notations", "other names") else {}
        zeros = [plan.planning.loc[is_zero, each].value_counts().sort_index().to_dict() for each in ("sector", "scope")]
        read = [(file.name, file.path.name, file.rows, file.rows_refused) for file in plan.inputs]
        told[name] = {table: brief(rows) for table, rows in tables.items() if len(rows)}
        told[name] |= {"zeros": zeros, "joins": list(map(asdict, plan.joins)), "files": read}
    assert told == snapshot


def test_money_is_read_as_approved(here: Path, snapshot: SnapshotAssertion) -> None:
    told = {}
    for name, (files, *reading) in CASES["money"].items():
        for file, text in files.items():
            (here / file).write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        money = said(load_plan_funding, map(Path, files), plan_id=1021, reading=Reading(**dict(*reading)))
        if not isinstance(money, list):
            parts = [part for part in (money.flows, money.totals) if part]
            money = [(brief(part.table), brief(part.refused), brief(part.faults)) for part in parts]
        told[name] = money
    assert told == snapshot
