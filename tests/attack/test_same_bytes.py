"""What is public follows from the rounded table alone: two plans with one rounded table are published as one."""

import json
import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from data_folders import ACTIVITY, data_folder
from published_run import rmrp, written_params
from rmrp_analysis import load_plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

SECTORS, PLACES = ("Health", "WASH", INTERSECTOR), (REGION, "Peru", "Southern Cone", "BOL")
PERIOD = Period(start="2021-01", end="2021-03")
EXACT_COLUMNS = ["key", "low_key", "high_key", "assisted_key", "doubt_key"]
NEW, TOTAL = "New beneficiaries of the month", "Total monthly beneficiaries"
AGE, GROUP = "Women above 18", "Refugees and Migrants IN DESTINATION"
PARTNERS = ("CARE", "IOM", "NRC")
INDICATORS = (
    "Code,Sector,Indicator,Indicator Type\n1,Health,# of people,People in need\n2,WASH,# of people,People in need\n"
)
DATA_AND_TIME = re.compile(
    r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:]{8}"
    r'|"(seconds|bytes|contentSize)": "?[\d.]+"?'
)
"""Digests of inputs and files, ids that follow from them, times, and the sizes of files in which these are packed."""


def reports() -> pd.DataFrame:
    """Reports of few and of many people, of two sectors and countries, three partners and months. All are sure."""
    every = product(("Health", "WASH"), (("Peru", "Lima"), ("Bolivia", "La Paz")), PARTNERS, PERIOD.months)
    rows = [
        {"Sector": sector, "Country": country, "Admin1": admin1, "Appealing Organization Name": partner}
        | {"Reporting Month": month, TOTAL: 10 * (3 + number % 5)}
        | {NEW: 10 * (3 + number % 5), AGE: 10 * (number % 3), GROUP: 10 * (number % 4)}
        for number, (sector, (country, admin1), partner, month) in enumerate(every)
    ]
    return pd.DataFrame([ACTIVITY | row for row in rows])


def plan_of(folder: Path, rows: pd.DataFrame) -> Plan:
    """The plan of a new data folder with these reports."""
    folder.mkdir(parents=True, exist_ok=True)
    return load_plan(data_folder(folder, 2021, activities=rows, indicators=INDICATORS))


def rounded_table(made: Plan, *sectors: str) -> pd.DataFrame:
    """All that the public may know of the sheets of these sectors, everybody's and those of one partner."""
    sheets = [(sector, place, "") for sector, place in product(sectors, PLACES)]
    sheets += [(sector, REGION, "IOM") for sector in sectors]
    rows = made.rows_of_sheets(sheets, period=PERIOD, method=Method(), audience="public")
    return pd.concat([*rows.values()], ignore_index=True).drop(columns=EXACT_COLUMNS)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two projects of one rounded table whose reports of people differ."""
    folder = tmp_path_factory.mktemp("twins")
    one, rows = folder / "one", reports()
    made = plan_of(one / "data", rows)
    tables = {sectors: rounded_table(made, *sectors) for sectors in (("WASH",), SECTORS)}
    changed = rows.index[(rows[NEW] >= 20) & (rows["Sector"] == "WASH")]
    for attempt in range(200):
        other = folder / f"other {attempt}"
        line = changed[attempt % len(changed)]
        more = rows.copy()
        more.loc[line, [NEW, TOTAL, AGE]] += [1 + attempt // len(changed)] * 2 + [1]
        more.loc[changed[(attempt * 7 + 3) % len(changed)], [NEW, TOTAL, GROUP]] -= [1, 1, 1]
        made = plan_of(other / "data", more)
        if all(rounded_table(made, *sectors).equals(table) for sectors, table in tables.items()):
            return one, other
    raise AssertionError("no other reports have the same rounded table")


def published(project: Path) -> dict[str, str]:
    """The text of each file of a public run."""
    asked = {"sectors": list(SECTORS), "places": list(PLACES), "organisations": ["IOM"], "formats": ["html"]}
    params = written_params(project, **asked, period=PERIOD.model_dump(), method={"limits": {"people_with_errors": 1}})
    assert rmrp("run", params, "--out", project / "reports") == 0
    return {path.name: text_of(path) for path in (project / "reports" / "small").iterdir() if path.is_file()}


def text_of(path: Path) -> str:
    """The text of a file; of a workbook its content."""
    if path.suffix == ".xlsx":
        return str(
            {
                name: table.to_csv()
                for name, table in pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl").items()
            }
        )
    return path.read_text(encoding="utf-8")


def test_two_plans_of_one_rounded_table_are_published_as_the_same_bytes(twins: tuple[Path, Path]) -> None:
    one, other = map(published, twins)
    assert {"health.en.html", "intersector.en.json", "figures.csv", "feed.xml", "wash.by-iom.en.xlsx"} < one.keys()
    assert one.keys() == other.keys()
    editions = [json.loads(files["run.json"])["edition"] for files in (one, other)]
    assert editions[0] != editions[1]
    for name in one:
        texts = [
            DATA_AND_TIME.sub("", files[name]).replace(edition, "")
            for files, edition in zip((one, other), editions, strict=True)
        ]
        assert texts[0] == texts[1], name
