"""A plan year is one file."""

import shutil
from pathlib import Path

import pytest

from form_2026 import DIFFER, TEN, write_2026
from rmrp_analysis import api
from rmrp_analysis.errors import RequestError
from rmrp_analysis.loaders.new_beneficiaries import NEW_BENEFICIARIES_COLUMN
from rmrp_analysis.packs import pack
from rmrp_analysis.tables import OPTIONAL_ACTIVITY_COLUMNS, Activities
from rmrp_analysis.vocabulary import INDICATOR_TYPES, fts_plans, plan_years
from rmrp_analysis.vocabulary.years import read_plan_years

NEW_YEAR = "name: RMRP 2099\nlike: 2026\nfts: {id: 2000, code: RREG27, requirement_usd: 1, names: [Plan of 2099]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The declared years in a copy of the pack."""
    return Path(shutil.copytree(pack.R4V_FOLDER, tmp_path / "pack")) / "plan_years"


def test_a_new_year_is_one_file(folder: Path) -> None:
    (folder / "2099.yml").write_text(NEW_YEAR, encoding="utf-8")
    plans, years = read_plan_years(folder)
    assert (plans[2099].names, years[2099].name, years[2099].fts_plan_id) == (("Plan of 2099",), "RMRP 2099", 2000)
    assert years[2099].indicator_types == plan_years()[2026].indicator_types
    assert {year: years[year] for year in plan_years()} == plan_years()


def test_a_year_like_another_is_read_counted_and_checked_like_it(folder: Path, tmp_path: Path) -> None:
    (folder / "2099.yml").write_text(NEW_YEAR, encoding="utf-8")
    data = write_2026(tmp_path, *(cells | {"month": "2099-03"} for cells in (TEN, TEN, DIFFER)))
    sources = (data / "sources.yml").read_text("utf-8").replace("plan: 2026", "plan: 2099")
    (data / "sources.yml").write_text(sources, encoding="utf-8")
    plan = api.load_plan(data, pack=folder.parent)
    assert plan.select("Health").people_reached().total == 10 + 10
    found = api.check(plan)
    assert set(found["r4v_check"]) >= {"QA_NewBeneficiariesMonth", "QA_check_AGD"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (NEW_YEAR.replace("like: 2026\n", ""), "columns_not_reported"),
        (NEW_YEAR + "colour: red\n", "unknown key 'colour'"),
        ("name: RMRP 2099\nlike: 2025\n", "'fts' is missing"),
        (NEW_YEAR.replace("2026", "2098"), "like: did you mean '2019'"),
    ],
)
def test_a_year_that_is_not_complete_is_named(folder: Path, text: str, problem: str) -> None:
    (folder / "2099.yml").write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=rf"2099\.yml:\d+: .*{problem}"):
        read_plan_years(folder)


@pytest.mark.parametrize("year", sorted(plan_years()))
def test_what_a_year_declares_is_known(year: int) -> None:
    declared = plan_years()[year]
    assert set(declared.indicator_types.values()) <= set(INDICATOR_TYPES)
    assert declared.columns_not_reported - {NEW_BENEFICIARIES_COLUMN} <= OPTIONAL_ACTIVITY_COLUMNS
    assert declared.derives_new == (NEW_BENEFICIARIES_COLUMN in declared.columns_not_reported)
    assert set(declared.age_gender_groups) <= set(Activities.columns)


def test_a_year_may_be_known_at_fts_alone() -> None:
    assert set(fts_plans()) - set(plan_years()) == {2019, 2020}
