"""Declared repairs change what they say and nothing else, in a fixed order, with a line for every cell."""

import re
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import YEAR, activities, plan
from data_folders import ACTIVITY, data_folder
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method, RepairName
from rmrp_analysis.quality import STEPS_BY_REPAIR, repair_plan, review_plan
from rmrp_analysis.quality.checks import FREE_TEXT_PLACEHOLDER
from rmrp_analysis.quality.columns import ActivityColumns, as_text
from rmrp_analysis.quality.feedback import rows_to_review

SHARES = pd.DataFrame({"country": "COL", "sector": "Health", "girls": 0.1, "boys": 0.2, "women": 0.3, "men": 0.4}, [0])
CELLS = ("girls", "boys", "women", "men")


def after(repair: str, columns: tuple[str, ...], **cells: Any) -> list[Any]:
    """The one row of a table after one repair, by its columns."""
    raw = plan(activities(**cells), references={"age_gender_proportions": SHARES})
    table = repair_plan(raw, (repair,)).activities
    return table[list(columns)].astype("object").where(table[list(columns)].notna(), None).iloc[0].to_list()


def test_repairs_come_in_one_order_and_an_unknown_one_is_a_wrong_request() -> None:
    assert tuple(STEPS_BY_REPAIR) == get_args(RepairName)
    raw = plan()
    done = repair_plan(raw)
    assert (done.changes.empty, done.repairs) == (True, ())
    pd.testing.assert_frame_equal(done.activities, raw.activities)
    with pytest.raises(RequestError, match="name the file in the data folder's"):
        repair_plan(plan(), ("pin_auto_apportioning",))
    with pytest.raises(RequestError, match="did you mean 'total_lower_new'"):
        repair_plan(plan(), ("total_lower_nw",))


REPAIRED = """\
mend_accents: admin1=LeÃƒÆ’Ã‚Â³n -> admin1=León
empty_covid_to_no: covid19= -> covid19=No
empty_support_space_to_no: support_space= -> support_space=No
empty_rmrp_to_yes: rmrp_activity= -> rmrp_activity=Yes
cva_to_yes: cva=No, transfer_value_usd=5, delivery_mechanism=ATM -> cva=Yes
cva_to_yes: cva=No, transfer_value_usd=0, delivery_mechanism=ATM -> cva=No
pin_benef_fill: in_destination=5, women=5 -> new_beneficiaries=5
pin_benef_fill: in_destination=5, women=4, quantity=9 -> new_beneficiaries=
pin_benef_fill: quantity=9 -> new_beneficiaries=9
pin_benef_fill: quantity=9, total_monthly_beneficiaries=7 -> new_beneficiaries=
total_lower_new: new_beneficiaries=5, total_monthly_beneficiaries=4 -> total_monthly_beneficiaries=5
assign_in_destination: new_beneficiaries=5 -> in_destination=5
assign_in_destination: new_beneficiaries=5, pendular=1 -> in_destination=
assign_all_destination: new_beneficiaries=9, in_transit=5, pendular=1 -> in_transit=8
assign_all_destination: new_beneficiaries=5, in_transit=9 -> in_transit=9
rounding_diff1: new_beneficiaries=9, women=7, men=3 -> women=6, men=3
rounding_diff1: new_beneficiaries=9, women=3, men=3 -> women=3
pin_erase_quantity: quantity=3 -> quantity=
people_fill: indicator_type=people, women=5 -> new_beneficiaries=5, total_monthly_beneficiaries=5
total_lower_new_people: indicator_type=people, new_beneficiaries=5 -> total_monthly_beneficiaries=5
people_erase_extradata: indicator_type=people, pendular=3, women=5 -> pendular=, women=5
other_fill: indicator_type=other, total_monthly_beneficiaries=4, new_beneficiaries=2 -> quantity=4
other_erase_extradata: indicator_type=other, new_beneficiaries=5, women=0 -> new_beneficiaries=, women=0
"""


def cells_of(text: str) -> dict[str, Any]:
    cells = dict(pair.split("=") for pair in text.split(", "))
    return {name: int(cell) if cell.isdigit() else cell or None for name, cell in cells.items()}


@pytest.mark.parametrize("case", REPAIRED.splitlines())
def test_a_repair_changes_what_it_says(case: str) -> None:
    repair, cells, changed = re.split(": | -> ", case)
    assert after(repair, tuple(cells_of(changed)), **cells_of(cells)) == list(cells_of(changed).values())


def test_proportions_make_whole_people_only_where_groups_do_not_add_up() -> None:
    cells = after("pin_auto_apportioning", CELLS, new_beneficiaries=7)
    ties_and_parts = [after("pin_auto_apportioning", CELLS, new_beneficiaries=people) for people in (5, 2.5)]
    assert ties_and_parts == [[1, 1, 1, 2], [None] * 4]
    assert cells == [1, 1, 2, 3]  # 0.7, 1.4, 2.1, 2.8: the two people left go to the largest remainders
    assert after("pin_auto_apportioning", CELLS, new_beneficiaries=7, women=1)[2] == 1
    assert after("complete_pin_apportioning", CELLS, new_beneficiaries=10, women=9) == [1, 2, 3, 4]
    assert after("complete_pin_apportioning", ("women", "men"), new_beneficiaries=10, women=9, men=1) == [9, 1]


def test_every_change_is_logged_with_its_place_before_and_after() -> None:
    raw = plan(activities(new_beneficiaries=[5234567.25, 3], total_monthly_beneficiaries=[4, 3]))
    done = repair_plan(raw, ("total_lower_new",))
    (change,) = done.changes.to_dict("records")
    total, empty = "total_monthly_beneficiaries", dict.fromkeys(("reason", "by", "date"), "")
    said = {
        "file": "activities.csv",
        "line": 2,
        "column": total,
        "before": "4",
        "after": "5234567.25",
        "rule": "total_lower_new",
    }
    assert change == said | empty
    assert done.repairs == ("total_lower_new",)
    assert raw.activities["total_monthly_beneficiaries"].to_list() == [4, 3]


few = st.one_of(st.none(), st.integers(0, 12).map(float), st.just(2.5), st.just(-1.0))
answers = st.sampled_from(["Yes", "No", None])
rows = st.fixed_dictionaries(
    {
        "indicator_type": st.sampled_from(["people in need", "people", "other", "unknown"]),
        "covid19": answers,
        "rmrp_activity": answers,
        "cva": answers,
        "delivery_mechanism": st.sampled_from(["", "ATM"]),
        "admin1": st.sampled_from(["Bogotá", "BogotÃ¡", ""]),
        **dict.fromkeys(
            (
                "quantity", "transfer_value_usd", "new_beneficiaries", "total_monthly_beneficiaries", "in_destination",
                "in_transit", *CELLS, "other_under_18",
            ),
            few,
        ),
    }
)  # fmt: skip


@given(table=st.lists(rows, min_size=1, max_size=4), names=st.sets(st.sampled_from(list(STEPS_BY_REPAIR))))
def test_the_log_holds_every_change_and_replays_it(table: list[dict[str, Any]], names: set[str]) -> None:
    columns = {name: [row[name] for row in table] for name in table[0]}
    raw = plan(activities(**columns), references={"age_gender_proportions": SHARES})
    done = repair_plan(raw, names)
    texts = raw.activities.apply(as_text)
    for change in done.changes.to_dict("records"):
        row = texts.index[texts["source_line"] == str(change["line"])]
        assert texts.loc[row, change["column"]].to_list() == [change["before"]] != [change["after"]]
        texts.loc[row, change["column"]] = change["after"]
    pd.testing.assert_frame_equal(texts, done.activities.apply(as_text))
    again = repair_plan(done, names)
    assert len(again.changes) >= len(done.changes)
    assert len(done.activities) == len(raw.activities)


# Corrections by hand, on real files

NEW, GIRLS = "New beneficiaries of the month", "Women under 18"
REPORTS = [
    ACTIVITY | {"Country": country, NEW: new, GIRLS: "0", "Remark": country}
    for country, new in (("Peru", "127938"), ("Peru", "5"), ("PanamÃ¡", "7"))
]
"""The third one is refused for its mis-decoded country."""

INPUTS = {
    "activities": pd.DataFrame(REPORTS),
    "indicators": "CODE,Sector,Indicator,Indicator_Type\nH1,Health,# of people,Pin\n",
}


def corrected(
    folder: Path, *lines: str, headers: str = "file,line,key,column,old_value,new_value,reason,by,date"
) -> Any:
    corrections = "\n".join([headers, *lines, ""])
    return repair_plan(load_plan(data_folder(folder, 2021, **INPUTS, corrections=corrections)))


WHY = "the groups add up to 71077,A. Ruiz,2021-06-02"


def test_a_correction_changes_one_cell_and_is_logged_with_its_reason(tmp_path: Path) -> None:
    done = corrected(tmp_path, f"activities.csv,2,,new_beneficiaries,127938,71077,{WHY}")
    assert done.activities["new_beneficiaries"].to_list() == [71077, 5]
    (change,) = done.changes.to_dict("records")
    assert (change["before"], change["after"], change["rule"]) == ("127938", "71077", "correction")
    assert (change["reason"], change["by"], change["date"]) == tuple(WHY.split(","))
    assert done.repairs == ("corrections by hand",)


def test_a_correction_finds_its_row_by_key_or_place_and_moves_its_people(tmp_path: Path) -> None:
    key = "appealing_organisation=iom; new_beneficiaries=5"
    assert corrected(tmp_path, f",,{key},girls,0,5,{WHY}").activities["girls"].to_list() == [0, 5]
    assert corrected(tmp_path, f",,month=enero; {key},girls,0,6,{WHY}").activities["girls"].to_list() == [0, 6]
    done = corrected(tmp_path, f"activities.csv,3,,sector,Health,WASH,{WHY}")
    assert done.activities["indicator_type"].to_list() == ["people in need", "unknown"]
    assert (done.joins[0].people_unmatched, [*ActivityColumns(done)["sent_sector"]]) == (5, ["Health", "WASH"])
    headers = "file,line,column,new value,reason,by,date"
    done = corrected(tmp_path, f"activities.csv,2,new_beneficiaries,71077,{WHY}", headers=headers)
    assert done.activities["new_beneficiaries"].to_list() == [71077, 5]


def test_a_refused_row_that_is_corrected_or_mended_is_used(tmp_path: Path) -> None:
    done = repair_plan(load_plan(data_folder(tmp_path, 2021, **INPUTS)), ("mend_accents",))
    assert done.activities["country"].to_list() == ["PER", "PER", "PAN"]
    assert done.changes[["line", "column", "before", "after", "rule"]].to_numpy().tolist() == [
        [4, "country", "PanamÃ¡", "Panamá", "mend_accents"],
        [4, "Remark", "PanamÃ¡", "Panamá", "mend_accents"],
    ]
    raw = load_plan(data_folder(tmp_path, 2021, **INPUTS))
    told = review_plan(raw, period=YEAR, method=Method(), repairs=("mend_accents",))
    assert told.changes()["after"].to_list() == ["Panamá", FREE_TEXT_PLACEHOLDER]
    done = corrected(tmp_path, f"activities.csv,4,,country,PanamÃ¡,Panama,{WHY}")
    assert done.activities["country"].to_list() == ["PER", "PER", "PAN"]
    assert (done.refused, done.faults.empty) == ({}, True)
    assert [(file.rows, file.rows_refused) for file in done.inputs if file.name == "activities"] == [(3, 0)]


def test_every_correction_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    lines = (
        f"activities.csv,3,,new_benefs,5,6,{WHY}",
        f"activities.csv,9,,girls,0,5,{WHY}",
        f",,month=2021-01,girls,0,5,{WHY}",
    )
    with pytest.raises(InputRefused) as refused:
        corrected(tmp_path, *lines, f"activities.csv,3,,girls,0,5,{WHY}")
    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [
        f"corrections.csv:{line}" for line in (2, 3, 4)
    ]


def test_sheets_of_one_workbook_keep_their_own_faults(tmp_path: Path) -> None:
    planned = {"scope": "Peru", "sector": "Health", "population_group": "all", "source": "R4V", "measure": "target"}
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        INPUTS["activities"].to_excel(book, sheet_name="activities", index=False)
        pd.DataFrame(planned | {"scope": ["Peru", "Chile", "Chile"], "value": [5, 6, "ten"]}).to_excel(
            book, sheet_name="planning", index=False
        )
    one_book = "{{file: book.xlsx, sheet: {}, producer: R4V, as_of: 2021-06-01}}".format
    inputs = INPUTS | {name: one_book(name) for name in ("activities", "planning")}
    raw = load_plan(data_folder(tmp_path, 2021, **inputs))
    refused = raw.faults[raw.faults["severity"] == "refused"]
    assert refused[["input", "line"]].to_numpy().tolist() == [["activities", 4], ["planning", 4]]
    review = review_plan(raw, period=YEAR, method=Method())
    assert review.faults().loc[lambda table: table["severity"] == "refused", "people"].to_list() == [7, 0]
    (of_line_4,) = (row.doubts for each in rows_to_review(review) for row in each.rows if row.line == 4)
    assert [doubt.header for doubt in of_line_4] == ["Country"]
    corrections = f"file,line,column,new_value,reason,by,date\nbook.xlsx,4,country,Panama,{WHY}\n"
    done = repair_plan(load_plan(data_folder(tmp_path, 2021, **inputs, corrections=corrections)))
    assert done.faults.loc[done.faults["severity"] == "refused", "input"].to_list() == ["planning"]
