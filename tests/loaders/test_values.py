"""A spreadsheet becomes a valid table: nothing is lost, nothing is guessed, every refused row says why."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_folders import ACTIVITY
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.header import header_key
from rmrp_analysis.loaders.table import Loaded, load_table, merge
from rmrp_analysis.sources import Reading
from rmrp_analysis.tables import Activities, Organisations, Planning

PLANNING = ("sector", "scope", "population_group", "measure", "value", "source")
TARGET = ("Health", "region", "all", "target", "10", "R4V")


def write_rows(path: Path, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    return path


def planning_of(folder: Path, *rows: Sequence[str], headers: Sequence[str] = PLANNING) -> Loaded:
    return load_table(write_rows(folder / "planning.csv", headers, rows), Planning, year=2021)


def activity_of(folder: Path, cells: dict[str, str] | None = None, without: str = "") -> Loaded:
    row = {header: cell for header, cell in (ACTIVITY | (cells or {})).items() if header != without}
    return load_table(write_rows(folder / "activities.csv", list(row), [list(row.values())]), Activities, year=2021)


@pytest.mark.parametrize(
    "header",
    [
        "Value of Transfer (in USD)",
        "Value.of.Transfer..in.USD.",
        " VALUE OF TRANSFER in usd",
        "Valúe of\nTransfer – in USD",
    ],
)
def test_a_header_is_the_same_as_typed_and_as_r_mangles_it(header: str) -> None:
    assert header_key(header) == "value of transfer in usd"


def test_columns_are_found_in_any_order_and_needed_ones_that_miss_named_all_at_once(tmp_path: Path) -> None:
    headers = ("notes", *reversed(PLANNING))
    assert planning_of(tmp_path, ("seen", *reversed(TARGET)), headers=headers).table["value"].to_list() == [10]
    with pytest.raises(InputRefused) as refused:
        planning_of(tmp_path, TARGET[:4], headers=PLANNING[:4])
    assert str(refused.value) == f"{tmp_path / 'planning.csv'}: columns are missing: `value`, `source`"
    assert activity_of(tmp_path).table["activity_name"].to_list() == [""]
    loaded = activity_of(tmp_path, {"Appealing Organization Name": " "})
    assert (len(loaded.table), len(loaded.refused)) == (1, 0)


def test_a_header_over_two_columns_a_platforms_name_and_two_files_are_read_as_one(tmp_path: Path) -> None:
    assert planning_of(tmp_path, (*TARGET, "10"), headers=(*PLANNING, "Value")).table["value"].to_list() == [10]
    with pytest.raises(InputRefused, match="the header `value` stands over 2 columns that differ"):
        planning_of(tmp_path, (*TARGET, "99"), headers=(*PLANNING, "Value"))
    rows = [("Health", scope, *TARGET[2:]) for scope in ("Peru", "PER", "Bolivia")]
    assert planning_of(tmp_path, *rows).table["scope"].to_list() == ["Peru", "PER", "BOL"]
    wrong = ("Helth", *TARGET[1:])
    merged = merge([planning_of(tmp_path, TARGET), planning_of(tmp_path, TARGET, wrong)])
    assert len(merged.table) + len(merged.refused) == 1 + 2
    assert len(merged.table) == 2


def test_a_header_that_may_be_meant_is_suggested_in_its_own_language(tmp_path: Path) -> None:
    spanish = {
        "New beneficiaries of the month": "Beneficiarios nuevos mes",
        "Country": "País",
        "Reporting Month": "Mes",
    }
    row = {spanish.get(header, header): cell for header, cell in ACTIVITY.items()}
    with pytest.raises(
        InputRefused, match=r"`Beneficiarios nuevos mes`: did you mean `Nuevos beneficiarios del mes`\?"
    ):
        load_table(write_rows(tmp_path / "activities.csv", list(row), [list(row.values())]), Activities, year=2021)


def test_a_row_knows_its_line_and_is_refused_alone_with_its_cells_and_reasons(tmp_path: Path) -> None:
    table = planning_of(tmp_path, TARGET, TARGET).table
    assert table[["source_file", "source_line"]].to_numpy().tolist() == [["planning.csv", 2], ["planning.csv", 3]]
    loaded = planning_of(tmp_path, TARGET, ("Helth", *TARGET[1:]), TARGET)
    assert loaded.table["source_line"].to_list() == [2, 4]
    assert loaded.refused["line"].to_list() == [3]
    assert loaded.refused["reason"].item().startswith("sector is 'Helth'; allowed: Education, Food Security")
    refused = planning_of(tmp_path, (*TARGET[:4], "many", "R4V")).refused
    assert refused[list(PLANNING)].iloc[0].to_list() == [*TARGET[:4], "many", "R4V"]
    loaded = planning_of(tmp_path, ("Health", "Atlantis", "all", "target", "", "R4V"))
    assert len(loaded.refused) == 1
    assert loaded.faults[["column", "check"]].to_numpy().tolist() == [["scope", "not_scope"], ["value", "empty"]]
    assert loaded.refused["reason"].item().endswith("value is empty; allowed: a number")


@pytest.mark.parametrize("cell", ["many", "n/a", "nan", "12 of 15", "inf", "#REF!"])
def test_what_is_no_number_is_refused_and_never_zero(tmp_path: Path, cell: str) -> None:
    loaded = activity_of(tmp_path, {"New beneficiaries of the month": cell})
    assert loaded.refused["reason"].to_list() == [f"new_beneficiaries is '{cell}'; allowed: a number"]


@pytest.mark.parametrize("cell", ["", "NA", "-", "\u2013"])
def test_a_mark_for_no_value_is_an_empty_cell(tmp_path: Path, cell: str) -> None:
    assert activity_of(tmp_path, {"New beneficiaries of the month": cell}).table["new_beneficiaries"].isna().all()
    # the transfer's value is no number of people
    columns = ["new_beneficiaries", "transfer_value_usd"]
    header, path = "New beneficiaries of the month", tmp_path / "activities.csv"
    zero = load_table(path, Activities, year=2021, reading=Reading(empty="0"))
    assert zero.table[columns].fillna(-1).to_numpy().tolist() == [[0, -1]]
    # what is no number stays refused, and what the file does not have stays unknown
    activity_of(tmp_path, {header: "many"})
    assert len(load_table(path, Activities, year=2021, reading=Reading(empty="0")).refused) == 1


@pytest.mark.parametrize("cell", ["13/2021", "Maybe", "2021-05-x"])
def test_what_is_no_month_is_refused(tmp_path: Path, cell: str) -> None:
    loaded = activity_of(tmp_path, {"Reporting Month": cell})
    assert loaded.refused["reason"].to_list() == [f"month is '{cell}'; allowed: a month as YYYY-MM"]


MONTHS_OF_MAY = ("2021-05-01", "2021-05-31 00:00:00", "MAY", "Mayo", "maio", "MAI", "05/2021", "may-21", "5/31/2021")


@pytest.mark.parametrize(
    ("header", "cell", "column", "content"),
    [
        *(("Reporting Month", cell, "month", "2021-05") for cell in MONTHS_OF_MAY),
        *(
            ("CVA", cell, "cva", answer)
            for cell, answer in (("yes", "Yes"), ("Sí", "Yes"), ("sim", "Yes"), ("Não", "No"))
        ),
        ("Country", "perú", "country", "PER"),
        ("Country", "Curacao", "country", "CUW"),
        ("Country", "Trinidad & Tobago", "country", "TTO"),
        ("Country", "BRASIL", "country", "BRA"),
        ("Country", "Regional", "country", "Regional"),
        ("Sector", "Protection (GBV)", "sector", "Gender-Based Violence"),
        ("Sector", "Multipurpose CBI", "sector", "Multipurpose Cash Assistance"),
        ("Sector", "Common Services (IM)", "sector", "Common Services"),
        ("Sector", "protection (Human Trafficking and Smuggling)", "sector", "Human Trafficking & Smuggling"),
        ("Implementing partner Name", "NA", "implementing_partner", ""),
    ],
)
def test_a_content_is_one_in_every_spelling(tmp_path: Path, header: str, cell: str, column: str, content: str) -> None:
    assert activity_of(tmp_path, {header: cell}).table[column].to_list() == [content]


def test_a_list_of_names_alone_is_read_below_its_title(tmp_path: Path) -> None:
    loaded = load_table(write_rows(tmp_path / "o.csv", ("Name",), [("IOM",), ("UNHCR",)]), Organisations, year=2021)
    assert loaded.table[["name", "organisation_id"]].to_numpy().tolist() == [["IOM", ""], ["UNHCR", ""]]
    path = write_rows(tmp_path / "o.csv", ("Organisations, as of May",), [(), ("IDIP", "Name"), ("1", "IOM")])
    table = load_table(path, Organisations, year=2021).table
    assert table[["source_line", "name"]].to_numpy().tolist() == [[4, "IOM"]]


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
ROWS = st.lists(st.tuples(*(st.one_of(st.just(cell), CELLS) for cell in TARGET)), min_size=1, max_size=5)


@given(rows=ROWS)
def test_rows_in_are_rows_used_and_rows_refused_whatever_the_cells(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    loaded = planning_of(tmp_path_factory.mktemp("any"), *rows)
    lines = pd.concat([loaded.table["source_line"], loaded.refused["line"]])
    assert sorted(lines) == list(range(2, 2 + len(rows)))
    assert len(loaded.table) + len(loaded.refused) == len(rows)


def test_what_cannot_be_printed_or_used_is_left_out_alone_and_said_once(tmp_path: Path) -> None:
    loaded = activity_of(tmp_path, {"Appealing Organization Name": "A\x0bC\u202eN\ufdd0UR", "Admin1": "L" * 400})
    row = loaded.table.iloc[0]
    assert (row["appealing_organisation"], row["admin1"]) == ("ACNUR", "L" * 299 + "…")
    told = loaded.faults[["column", "check", "severity", "value"]].to_numpy().tolist()
    assert told == [
        ["admin1", "text_mended", "warning", "1 cells"],
        ["appealing_organisation", "text_mended", "warning", "1 cells"],
    ]
    loaded = activity_of(tmp_path, {"Value of Transfer (in USD)": "much", "CVA": "perhaps"})
    assert loaded.refused.empty
    assert loaded.table[["transfer_value_usd", "cva"]].isna().all(axis=None)
    assert loaded.faults[["column", "check", "severity"]].to_numpy().tolist() == [
        ["cva", "not_yes_no", "warning"],
        ["transfer_value_usd", "not_number", "warning"],
    ]
