"""Editions of the data: what is kept beside them, and the figures that can be counted from it again."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import activities, flow, flows, plan
from rmrp_analysis import figures
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.editions import (
    apply_delta,
    edition_id,
    files_of_editions,
    keep_edition,
    list_editions,
    read_edition,
    read_edition_before,
    read_table,
    table_delta,
    table_digest,
    write_table,
)
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Sheets, sheets_of
from rmrp_analysis.metrics.rounding_key import KEY_FILE
from rmrp_analysis.params import find_shipped_folder
from rmrp_analysis.plan import Plan

NEW = "new_beneficiaries"
YEAR = Period(start="2021-01", end="2021-12")
ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), max_size=8)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def texts(rows: list[tuple[str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "number"]).astype({"name": "category", "number": "float64"})


@given(before=ROWS, after=ROWS)
def test_a_delta_leads_from_any_table_to_any_other_with_every_row_as_often(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    old, new = texts(before), texts(after)
    delta = table_delta(old, new)
    made = apply_delta(old, delta)
    assert sorted(made.itertuples(index=False, name=None)) == sorted(new.itertuples(index=False, name=None))
    assert table_digest(made) == table_digest(new)
    assert len(delta) == sum(abs(before.count(row) - after.count(row)) for row in {*before, *after})


def test_every_edition_is_there_as_it_was_and_the_last_one_is_read_by_default(tmp_path: Path) -> None:
    plans = [
        plan(activities(**{NEW: people}), None, flows(flow(money))) for people, money in (([5.0], 1), ([5.0, 6.0], 2))
    ]
    ids = [keep_edition(each, tmp_path) for each in (*plans, plans[0])]
    assert (ids[0], len({*ids}), [*list_editions(tmp_path)]) == (ids[2], 2, ids[:2])
    for each, name in zip(plans, ids, strict=False):
        again = read_edition(tmp_path, name)
        assert again is not None
        assert edition_id(again) == name == edition_id(each)
        assert again.activities[NEW].to_list() == each.activities[NEW].to_list()
        assert again.ledger["amount"].to_list() == each.ledger["amount"].to_list()
    last, before = read_edition(tmp_path), read_edition_before(tmp_path, plans[1])
    assert last is not None
    assert before is not None
    assert (edition_id(last), edition_id(before)) == (ids[1], ids[0])
    assert read_edition(tmp_path, "another") is None
    assert read_edition_before(tmp_path / "nowhere", plans[0]) is None


def test_the_order_of_rows_and_where_they_stand_make_no_other_edition(tmp_path: Path) -> None:
    tables = plan(activities(**{NEW: [5.0, 6.0], "month": ["2021-01", "2021-02"]}))
    turned = tables.activities.iloc[::-1].assign(source_line=[40, 50]).reset_index(drop=True)
    assert keep_edition(tables, tmp_path) == keep_edition(replace(tables, activities=turned), tmp_path)


def test_a_table_with_another_column_is_kept_whole_and_one_that_is_gone_is_not_given_back(tmp_path: Path) -> None:
    first = plan(activities(**{NEW: [5.0]}), None, flows(flow(1)))
    second = replace(first, activities=first.activities.assign(note="x"), funding_flows=None)
    keep_edition(first, tmp_path)
    again = read_edition(tmp_path, keep_edition(second, tmp_path))
    assert again is not None
    assert again.activities["note"].to_list() == ["x"]
    assert again.funding_flows is None


def test_the_folder_grows_by_what_changed(tmp_path: Path) -> None:
    rows = {NEW: [float(number) for number in range(5_000)], "activity_name": [f"activity {n}" for n in range(5_000)]}
    whole = plan(activities(**rows))
    keep_edition(whole, tmp_path)
    first = size(tmp_path)
    one_more = whole.activities.assign(**{NEW: whole.activities[NEW].mask(whole.activities.index == 7, 8.0)})
    keep_edition(replace(whole, activities=one_more), tmp_path)
    assert size(tmp_path) - first < first / 2
    assert len(read_table(next((tmp_path / "editions").glob("0002-*/activities.json.gz")))) == 2


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "month": pd.Categorical(["2021-01", None, "2021-01"], ["2021-01", "2021-02"]),
            "name": pd.Series(['Ñandú "1"\r\n', None, ""], dtype="str"),
            "note": pd.Series([None, "", "–"], dtype="string"),
            "people": [0.1 + 0.2, np.nan, -0.0],
            "key": np.array([2**64 - 1, 0, 1], dtype="uint64"),
            "is_joined": [True, False, True],
            "places": [("Lima", "Piura"), (), ("Cali",)],
        }
    )
    for rows in (table, table.iloc[:0], table.iloc[1:2]):
        write_table(rows, tmp_path / "table.json.gz")
        again = read_table(tmp_path / "table.json.gz")
        expected = rows.reset_index(drop=True)
        expected["month"] = expected["month"].cat.remove_unused_categories()
        pd.testing.assert_frame_equal(again, expected, check_exact=True, check_categorical=len(rows) > 0)
        assert table_digest(again) == table_digest(rows)


@pytest.mark.parametrize("damage", ["removed", "cut", "another", "{", "{}", "[]"])
def test_a_damaged_edition_is_none_and_the_next_one_is_kept_whole(tmp_path: Path, damage: str) -> None:
    for people in ([5.0], [5.0, 6.0]):
        name = keep_edition(plan(activities(**{NEW: people})), tmp_path)
    (first,) = (tmp_path / "editions").glob("0001-*/activities.json.gz")
    if damage == "removed":
        shutil.rmtree(first.parent)
    elif damage == "cut":
        first.write_bytes(first.read_bytes()[:100])
    elif damage[0] in "{[":
        (first.parent / "edition.json").write_text(damage, encoding="utf-8")
    else:
        write_table(read_table(first).assign(**{NEW: 7.0}), first)
    assert read_edition(tmp_path, name) is None
    another = plan(activities(**{NEW: [5.0, 8.0]}))
    again = read_edition(tmp_path, keep_edition(another, tmp_path))
    assert again is not None
    assert again.activities[NEW].to_list() == [5, 8]


@pytest.fixture(scope="module")
def bundled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editions") / "data"
    return shutil.copytree(find_shipped_folder("data") / "rmrp-2021", folder, ignore=shutil.ignore_patterns("editions"))


def table_of(dataset: Plan, audience: str) -> pd.DataFrame:
    sheets = [(sector, "region", "") for sector in ("Health", "Shelter", "Intersector")]
    rows = figures.table(Sheets(dataset, sheets_of(sheets), YEAR, Method()))
    return rows if audience == "internal" else figures.public(rows)


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_an_edition_counts_every_figure_as_the_files_did(bundled_folder: Path, audience: str) -> None:
    tables = load_plan(bundled_folder)
    again = read_edition(bundled_folder, keep_edition(tables, bundled_folder))
    pd.testing.assert_frame_equal(table_of(again, audience), table_of(tables, audience))  # type: ignore[arg-type]


def test_an_edition_names_the_files_that_it_was_made_from(bundled_folder: Path) -> None:
    tables = load_plan(bundled_folder)
    keep_edition(tables, bundled_folder)
    assert files_of_editions(bundled_folder) == {file.path.name: {file.sha256} for file in tables.inputs}


def test_real_reports_come_back_as_they_were(real: Plan, tmp_path: Path) -> None:
    name = keep_edition(real, tmp_path)
    again = read_edition(tmp_path, name)
    assert again is not None
    assert edition_id(again) == name
    assert again.activities[NEW].sum() == real.activities[NEW].sum()
    assert size(tmp_path) < 700_000  # 22,496 rows


def test_the_rounding_key_of_an_edition_is_that_of_its_project(tmp_path: Path) -> None:
    data, office = tmp_path / "data", tmp_path / "office"
    data.mkdir()
    office.mkdir()
    (office / KEY_FILE).write_text("a secret of this office\n", encoding="utf-8")
    keep_edition(plan(activities(new_beneficiaries=[3])), data)
    secrets = [read_edition(data, project=project).secret for project in (office, None)]  # type: ignore[union-attr]
    assert (secrets[0].text, secrets[1].own) == ("a secret of this office", False)
