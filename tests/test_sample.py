"""A plan drawn from the bundled one has its size, its proportions and its sums, at any number of rows."""

import hashlib
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.commands.sample import AGES, GROUPS, NAME, NEW, SECTOR, write_sample, write_workbook
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import BUNDLED_PLAN, shipped_folder
from rmrp_analysis.sources import load_sources

TOTAL = "Total.monthly.beneficiaries"
BUNDLED = shipped_folder(BUNDLED_PLAN)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of more rows than the bundled one."""
    folder = tmp_path_factory.mktemp("large")
    write_sample(folder, rows=50_000, seed=7)
    return folder


@cache
def activities_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "activities.csv.gz", dtype=str, keep_default_na=False)


def numbers_of(activities: pd.DataFrame) -> pd.DataFrame:
    """The counts of people; records whose new beneficiaries are no number are left out."""
    columns = [NEW, TOTAL, *GROUPS, *AGES]
    return activities.loc[activities[NEW].str.isdigit(), columns].astype(int)


@pytest.mark.parametrize("rows", [1, 10, 3_000, 20_000])
def test_a_sample_has_exactly_its_rows_and_can_be_loaded(rows: int, tmp_path: Path) -> None:
    write_sample(tmp_path, rows=rows, seed=1)
    plan = load_plan(tmp_path)
    used = next(file for file in plan.inputs if file.name == "activities")
    assert used.rows + used.rows_refused == rows
    assert all(join.rows_unmatched == 0 for join in plan.joins)


def test_the_same_rows_and_seed_give_the_same_bytes_and_no_rows_are_refused(tmp_path: Path) -> None:
    for name, seed in {"first": 1, "again": 1, "other": 2}.items():
        write_sample(tmp_path / name, rows=500, seed=seed)
    first, again, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "again", "other")
    )
    assert first == again
    assert first["activities.csv.gz"] != other["activities.csv.gz"]
    with pytest.raises(ValueError, match="at least one activity record"):
        write_sample(tmp_path, rows=0, seed=1)


def test_a_large_sample_has_the_shares_and_people_that_its_rows_stand_for(large: Path) -> None:
    for column, margin in {SECTOR: 2, "Reporting.Month": 150}.items():
        expected = activities_of(BUNDLED)[column].value_counts() * 50_000 / 20_000
        assert (activities_of(large)[column].value_counts() - expected).abs().max() <= margin
    expected = numbers_of(activities_of(BUNDLED))[NEW].sum() * 50_000 / 20_000
    assert numbers_of(activities_of(large))[NEW].sum() == pytest.approx(expected, rel=0.02)
    before, after = ((rows[NEW] > rows[TOTAL]).mean() for rows in map(numbers_of, map(activities_of, (BUNDLED, large))))
    assert 0 < after <= before * 1.2
    activities = activities_of(large)
    assert activities.duplicated().mean() <= activities_of(BUNDLED).duplicated().mean()
    assert activities[NAME].str.contains(r" [23]$").mean() == pytest.approx(1 - 20_000 / 50_000, abs=0.01)


@pytest.mark.parametrize("parts", [GROUPS, AGES])
def test_parts_add_up_to_new_beneficiaries_in_as_many_rows_as_before(parts: tuple[str, ...], large: Path) -> None:
    before, after = numbers_of(activities_of(BUNDLED)), numbers_of(activities_of(large))
    wrong = {len(rows): (rows[list(parts)].sum(axis=1) != rows[NEW]).mean() for rows in (before, after)}
    assert wrong[len(after)] == pytest.approx(wrong[len(before)], abs=0.01)


def test_sources_name_every_file_with_its_checksum_and_say_what_is_invented(large: Path) -> None:
    described = load_sources(large)
    files = {name: source for _, source in described.items() for name in source.names}
    assert {path.name for path in large.iterdir()} == {*files, "sources.yml"}
    for name, source in files.items():
        assert source.sha256 == hashlib.sha256((large / name).read_bytes()).hexdigest()
    assert described.activities.illustrative
    assert (large / "sources.yml").read_text("utf-8").startswith("# Written by `rmrp sample --rows 50000 --seed 7`")


def test_a_workbook_in_spanish_holds_the_rows_of_its_months_and_a_later_one_holds_them_too(tmp_path: Path) -> None:
    books = {end: tmp_path / f"{end}.xlsx" for end in ("2021-02", "2021-03")}
    for end, book in books.items():
        write_workbook(book, rows=300, seed=1, month=end, language="es")
    february, march = (pd.read_excel(book, engine="calamine", dtype="str") for book in books.values())
    assert {"Mes", "País", "Nuevos beneficiarios del mes"} <= set(march.columns)
    assert set(march["Mes"]) == {"2021-01", "2021-02", "2021-03"}
    pd.testing.assert_frame_equal(march[march["Mes"] < "2021-03"], february)
    assert (
        "inventadas" in pd.read_excel(books["2021-02"], engine="calamine", sheet_name="README", header=None).to_string()
    )
