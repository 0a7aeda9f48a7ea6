"""One report comes from one file: what two files hold is refused until ``replaces`` says whose rows stand."""

from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from test_plan import NEW, reports

from data_folders import data_folder
from rmrp_analysis.arguments import Period
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders import plan as loading
from rmrp_analysis.loaders.table import batches
from rmrp_analysis.method import Method
from rmrp_analysis.quality import repair_plan, review_plan

INDICATORS = (
    "CODE,Sector,Indicator,Indicator_Type\nRE-HLTH01,Health,people CARED for,Pin\nRE-WASH01,WASH,people CARED for,Pin"
)
MONTH = "Reporting Month"
MARCH = reports({NEW: "100"}, {NEW: "20", MONTH: "2021-02"}, {NEW: "7", "Country": "Chile"})


def folder_of(path: Path, replaces: str = "", **files: pd.DataFrame) -> Path:
    """A data folder of these files of activities, of which ``replaces`` says which stands."""
    for name, rows in files.items():
        rows.to_csv(path / f"{name}.csv", index=False)
    names = ", ".join(f"{name}.csv" for name in files)
    about = f"{{files: [{names}], producer: R4V{replaces and f', replaces: {replaces}'}}}"
    return data_folder(path, 2021, activities=about, indicators=INDICATORS)


def rows_of(path: Path) -> dict[str, tuple[int, int]]:
    """The rows of each file of activities that are used, and that are not."""
    inputs = (file for file in load_plan(path).inputs if file.name == "activities")
    return {file.path.name: (file.rows, file.rows_refused) for file in inputs}


@pytest.mark.parametrize(
    "april",
    [
        MARCH,  # sent twice
        MARCH.assign(**{NEW: ["102", "20", "7"]}),  # with corrections
        MARCH.assign(Admin1=""),  # by country alone
        MARCH.assign(**{"Appealing Organization Name": " iom "}),  # spelled otherwise
    ],
)
def test_two_versions_of_an_export_are_refused_with_the_line_that_decides(april: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        load_plan(folder_of(tmp_path, march=MARCH, april=april))
    first, _, line, both = str(refused.value).split("\n")
    assert "march.csv and april.csv both hold 3 reports" in first
    assert first.endswith(
        "IOM; Peru, Chile; Health; 2021-01 to 2021-02; in 3 rows of march.csv and 3 rows of april.csv"
    )
    assert "`replaces: {april.csv: [march.csv]}` under `activities` in sources.yml" in line
    assert "`replaces: {april.csv: []}`" in both


@pytest.mark.parametrize(
    "other", [{MONTH: "2021-05"}, {"Country": "Ecuador"}, {"Sector": "WASH"}, {"Appealing Organization Name": "UNHCR"}]
)
def test_a_file_a_month_a_country_a_sector_an_organisation_stops_nothing(other: dict[str, str], tmp_path: Path) -> None:
    folder = folder_of(tmp_path, one=reports({NEW: "100"}), other=reports(other | {NEW: "100"}))
    assert rows_of(folder) == {"one.csv": (1, 0), "other.csv": (1, 0)}


def test_nobodys_reports_are_not_compared(tmp_path: Path) -> None:
    nobody = reports({"Appealing Organization Name": ""})
    assert rows_of(folder_of(tmp_path, one=nobody, other=nobody)) == {"one.csv": (1, 0), "other.csv": (1, 0)}


def test_replaced_rows_are_counted_told_and_no_loss(tmp_path: Path) -> None:
    april = reports({NEW: "102"}, {NEW: "1", "Country": "Atlantis"}, {NEW: "3", MONTH: "2021-04"})
    plan = load_plan(folder_of(tmp_path, "{april.csv: march.csv}", march=MARCH, april=april))
    assert plan.activities["new_beneficiaries"].sum() == 20 + 7 + 102 + 3
    assert [(file.rows, file.rows_refused) for file in plan.inputs if file.name == "activities"] == [(2, 1), (2, 1)]
    replaced = plan.refused["activities"].query("file == 'march.csv'")
    assert replaced[["line", "reason"]].to_numpy().tolist() == [[2, "replaced by april.csv"]]
    assert plan.refused_activities["people_left_out"].to_list() == [1]  # of Atlantis
    (fault,) = (
        review_plan(plan, period=Period(start="2021-01", end="2021-04"), method=Method())
        .faults()
        .query("check == 'replaced_by_file'")["value"]
    )
    assert fault == "1 rows, 100 new beneficiaries: replaced by april.csv"


def test_the_file_that_stands_may_be_the_first_and_both_may_count(tmp_path: Path) -> None:
    files = {"march": MARCH, "april": MARCH.head(1)}
    assert rows_of(folder_of(tmp_path, "{march.csv: [april.csv]}", **files)) == {
        "march.csv": (3, 0),
        "april.csv": (0, 1),
    }
    assert rows_of(folder_of(tmp_path, "{april.csv: []}", **files)) == {"march.csv": (3, 0), "april.csv": (1, 0)}


def test_of_three_files_each_pair_is_decided(tmp_path: Path) -> None:
    files = {"a": MARCH, "b": MARCH, "c": MARCH.head(2)}
    with pytest.raises(InputRefused) as refused:
        load_plan(folder_of(tmp_path, "{b.csv: [a.csv]}", **files))
    assert [line[: line.index(" both")] for line in str(refused.value).split("\n")[:2]] == [
        "a.csv and c.csv",
        "b.csv and c.csv",
    ]
    assert "`replaces: {b.csv: [a.csv], c.csv: [a.csv, b.csv]}`" in str(refused.value)
    folder = folder_of(tmp_path, "{b.csv: [a.csv], c.csv: [a.csv, b.csv]}", **files)
    assert rows_of(folder) == {"a.csv": (0, 3), "b.csv": (1, 2), "c.csv": (2, 0)}


def test_three_names_of_a_kind_are_told_and_the_others_are_counted(tmp_path: Path) -> None:
    four = reports(*({"Country": country} for country in ("Peru", "Chile", "Ecuador", "Brazil")))
    with pytest.raises(InputRefused, match="Peru, Chile, Ecuador and 1 more countries; Health; 2021-01; in 4 rows"):
        load_plan(folder_of(tmp_path, one=four, other=four))


def test_corrections_leave_replaced_rows_replaced(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "{april.csv: march.csv}", march=MARCH, april=MARCH.head(1).assign(**{NEW: "90"}))
    header = "file,line,column,old_value,new_value,reason,by,date,key"
    (folder / "c.csv").write_text(f"{header}\napril.csv,2,new_beneficiaries,90,91,typed,me,2021-06-01,", "utf-8")
    with (folder / "sources.yml").open("a", encoding="utf-8") as sources:
        sources.write("\ncorrections: {file: c.csv, producer: me}")
    after = repair_plan(load_plan(folder), ())
    assert after.activities["new_beneficiaries"].sum() == 20 + 7 + 91
    assert [file.rows_refused for file in after.inputs if file.name == "activities"] == [1, 0]


def test_rows_of_a_large_file_are_counted_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "batches", partial(batches, rows=10))
    many = pd.concat([MARCH] * 30)
    with pytest.raises(InputRefused, match=r"in 30 rows of march\.csv and 1 rows of april\.csv"):
        load_plan(folder_of(tmp_path, march=many, april=MARCH.head(1)))
    folder = folder_of(tmp_path, "{april.csv: [march.csv]}", march=many, april=MARCH.head(1))
    assert rows_of(folder) == {"march.csv": (60, 30), "april.csv": (1, 0)}
    assert load_plan(folder).activities["new_beneficiaries"].sum() == 30 * (20 + 7) + 100


@pytest.mark.parametrize(
    ("replaces", "problem"),
    [
        ("{may.csv: [march.csv]}", "there is no file 'may.csv'"),
        ("{april.csv: [april.csv]}", "april.csv would be replaced by itself"),
        ("{april.csv: [march.csv], march.csv: [april.csv]}", "april.csv would be replaced by itself"),
    ],
)
def test_what_cannot_be_replaced_is_refused(replaces: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=problem):
        load_plan(folder_of(tmp_path, replaces, march=MARCH, april=MARCH))


def test_a_file_is_named_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, march=MARCH)
    text = (folder / "sources.yml").read_text("utf-8").replace("[march.csv]", "[march.csv, march.csv]")
    (folder / "sources.yml").write_text(text, "utf-8")
    with pytest.raises(InputRefused, match=r"march\.csv is named 2 times"):
        load_plan(folder)
