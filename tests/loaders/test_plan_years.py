"""The layouts and words of every plan year, in English and Spanish, end in the same table."""

from pathlib import Path

import pandas as pd
import pytest

from conftest import sheet_of
from data_folders import data_folder
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import conditions
from rmrp_analysis.vocabulary import plan_lists, plan_years

LAYOUTS = sorted((Path(__file__).parents[1] / "data" / "layouts_2022").glob("*.csv"))
"""The same report of 2022 by the form's own names, by its labels, by the Spanish ones, and by those of an office."""

INTERNAL, ENGLISH_ROW = LAYOUTS[0].with_name("internal.csv").read_text("utf-8").splitlines()
INDICATORS = (
    "Code,Subsector,Indicator,Indicador,Indicatortype\nG4,Protection (GBV),Women assisted,Mujeres asistidas,PiN"
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.stem)
def test_layouts_of_2022_give_the_same_table(tmp_path: Path, layout: Path) -> None:
    plan = load_plan(data_folder(tmp_path, 2022, activities=layout, indicators=INDICATORS))
    (activity,) = plan.activities.to_dict("records")
    read = {name: activity[name] for name in ("month", "sector", "rmrp_activity", "indicator_code", "indicator_type")}
    assert read == {
        "month": "2022-01", "sector": "Gender-Based Violence", "rmrp_activity": "Yes", "indicator_code": "G4",
        "indicator_type": "people in need",
    }  # fmt: skip
    people = ("total_monthly_beneficiaries", "new_beneficiaries", "in_transit", "host_communities", "women")
    assert [activity[name] for name in people] == [9, 7, 1, 2, 3]
    assert (activity["other_18_and_above"], activity["place"]) == (1, "manabi")
    assert plan.faults.empty


@pytest.mark.parametrize(
    ("year", "theirs", "ours"),
    [
        (2021, "Pin", "people in need"), (2022, "PiN", "people in need"), (2023, "Direct Assistance", "people in need"),
        (2024, "Direct assistance ", "people in need"), (2022, "Capacity Building", "people"),
        (2023, "Capacity building", "people"), (2023, "Mechanism/Advocacy", "other"), (2024, "PiN", "people in need"),
        (2021, "people in need", "people in need"),
    ],
)  # fmt: skip
def test_each_years_word_for_what_an_indicator_counts(tmp_path: Path, year: int, theirs: str, ours: str) -> None:
    indicators = f"Code,Subsector,Indicator,Indicator_Type\nA,Health,x,{theirs}"
    row = ENGLISH_ROW.replace("Protection (GBV),Women assisted", "Health,x")
    plan = load_plan(data_folder(tmp_path, year, activities=f"{INTERNAL}\n{row}", indicators=indicators))
    assert plan.refused == {}
    assert plan.activities[["plan_year", "indicator_type"]].to_numpy().tolist() == [[year, ours]]


def test_a_word_of_another_year_for_an_indicator_type_is_refused(tmp_path: Path) -> None:
    indicators = "Code,Subsector,Indicator,Indicator_Type\nA,Health,x,Direct Assistance\nB,Health,y,Pin"
    plan = load_plan(data_folder(tmp_path, 2021, activities=f"{INTERNAL}\n{ENGLISH_ROW}", indicators=indicators))
    assert plan.refused["indicators"]["line"].to_list() == [2]


@pytest.mark.parametrize("year", sorted(plan_years()))
def test_every_year_declares_a_rule_for_every_model(year: int) -> None:
    assert list(plan_years()[year].consolidation) == ["sum", "max_sector", "max_age_gender", "southern_cone"]


def test_rows_of_2024_as_published_are_read(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "r4v-2022" / "activities_5w_2024_sample50.csv"
    indicators = INDICATORS.replace("PiN", "Direct Assistance")
    plan = load_plan(data_folder(tmp_path, 2023, activities=source, indicators=indicators))
    assert len(plan.activities) == 50
    assert plan.refused == {}
    assert set(plan.activities["sector"]) <= set(plan_lists().sectors)
    assert plan.activities["new_beneficiaries"].sum() == pd.read_csv(source)["New_beneficiaries"].sum()


GROUPS = ("Dest", "Transit", "HC", "Pendular", "Returnees")
PROPORTIONS = ",".join(
    ("Country,Admin1,Subsector", *(f"{group}_GIrls,{group}_Boys,{group}_Women,{group}_Men" for group in GROUPS))
)


def ecuador(folder: Path, *, with_proportions: bool) -> Plan:
    """60 people in Manabí fed and 50 treated; the sheet of proportions writes Manabi."""
    row = "Ecuador,Manabí,,IOM,No,,2022-01,{sector},{indicator},No,Yes,No,,,,{people},{people},{people},,,,,,,,,,"
    rows = [
        row.format(sector="Food Security", indicator="fed", people=60),
        row.format(sector="Health", indicator="treated", people=50),
    ]
    indicators = "Code,Subsector,Indicator,Indicatortype\nF,Food Security,fed,PiN\nH,Health,treated,PiN"
    nothing = ",0" * 16
    shares = [
        f"Ecuador,Manabi,Food Security,.30,.30,.25,.15{nothing}",
        f"Ecuador,Manabi,Health,.20,.20,.40,.20{nothing}",
        f"Ecuador,Country level,Health,.25,.25,.25,.25{nothing}",
    ]
    files = {"activities": "\n".join((INTERNAL, *rows)), "indicators": indicators}
    if with_proportions:
        files["people_in_need_proportions"] = "\n".join((PROPORTIONS, *shares))
    return load_plan(data_folder(folder, 2022, **files))


def test_the_model_of_2022_finds_places_whatever_their_accents(tmp_path: Path) -> None:
    sheet = sheet_of(
        ecuador(tmp_path, with_proportions=True), "Intersector", period=Period(start="2022-01", end="2022-01")
    )
    assert sheet.value("people_reached") == 18 + 18 + 20 + 10
    assert sheet.lost_people == {}
    assert sheet.breakdowns["people_reached_by_age_gender"].values()["women"] == 20


def test_without_proportions_the_figure_is_not_known_and_says_why(tmp_path: Path) -> None:
    plan = ecuador(tmp_path, with_proportions=False)
    january = Period(start="2022-01", end="2022-01")
    figure = sheet_of(plan, "Intersector", period=january).figures["people_reached"]
    assert (figure.value, figure.reason) == (None, "no_proportions")
    by_sum = sheet_of(plan, "Intersector", period=january, method=Method(intersector_model="sum"))
    assert by_sum.value("people_reached") == 110
    assert "people_lost_by_joins" not in {each.name for each in conditions(plan, period=january, method=Method())}
