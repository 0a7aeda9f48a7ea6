"""Indicators are found by their code's every name; what is only like one is suggested, and a person confirms it."""

from pathlib import Path

import pandas as pd
import pytest

from conftest import activities
from data_folders import ACTIVITY, data_folder
from rmrp_analysis import bundled_plan, load_plan
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.indicators import list_stated_indicators, suggest_indicators
from rmrp_analysis.packs import pack
from rmrp_analysis.quality import findings
from rmrp_analysis.vocabulary import beginning, fingerprint, label_of, plan_year

NAME = "# of people who received first aid by trained volunteers at the border"
LISTED = f"CODE,Sector,Indicator,Indicator_Type\nH1,Health,{NAME},Pin\nH2,Health,# of kits,Other\n"


def plan_of(folder: Path, *texts: str, listed: str = LISTED, **about: str) -> pd.DataFrame:
    """A plan whose activities write these texts, ten new people each."""
    rows = [ACTIVITY | {"Indicator": text, "New beneficiaries of the month": "10"} | about for text in texts]
    return load_plan(data_folder(folder, 2021, activities=pd.DataFrame(rows), indicators=listed))


@pytest.mark.real_data
def test_each_name_of_r4v_is_found_and_stands_nowhere_in_the_package(shared_data: Path) -> None:
    listed = pd.read_csv(shared_data / "r4v-2021" / "indicators.csv", dtype="str", keep_default_na=False)
    known = pack.indicators(2021)
    assert {*listed["CODE"]} == {*known}
    shipped = pd.read_csv(bundled_plan() / "indicators.csv", dtype="str", keep_default_na=False).set_index("CODE")
    for code, name in zip(listed["CODE"], listed["Indicator"], strict=True):
        for written in (name, name.upper(), f"  {name} ".replace(" ", "  ").replace(",", ";"), name.rstrip(".")):
            assert fingerprint(written) == known[code].name
        assert known[code].beginning in ("", beginning(name))
        assert label_of(2021, code, name) == known[code].label_en == shipped.loc[code, "Indicator"]
        assert name not in [*shipped.loc[code], *dict(known[code]).values()]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_two_indicators_of_a_sector_have_the_same_label(language: str) -> None:
    sectors = pd.read_csv(bundled_plan() / "indicators.csv", dtype="str").set_index("CODE").iloc[:, 0]
    labels = pd.Series({code: getattr(row, f"label_{language}") for code, row in pack.indicators(2021).items()})
    assert labels.str.len().between(1, 60).all()
    assert not pd.DataFrame({"sector": sectors, "label": labels.str.casefold()}).duplicated().any()


def test_an_own_list_keeps_its_names_where_the_code_means_something_else() -> None:
    label = pack.indicators(2021)["RE-HE1"].label_en
    assert label_of(2021, "RE-HE1", label.upper()) == label
    assert label_of(2021, "RE-HE1", "# of clinics repaired") == "# of clinics repaired"
    assert label_of(2022, "RE-HE1", label) == label_of(2021, "X1", label) == label


def test_what_is_only_like_a_name_is_suggested_and_counts_once_it_is_confirmed(tmp_path: Path) -> None:
    cut, other_words, unlike = f"{NAME[:60]} (new)", "# of kits given", "# of radio spots"
    plan = plan_of(tmp_path, NAME, cut, other_words, unlike)
    assert plan.activities["indicator_type"].to_list() == ["people in need", *["unknown"] * 3]
    near = suggest_indicators(plan.activities, plan.references["indicators"], plan_year(2021))
    suggested = near[["indicator", "code", "people"]].sort_values("code").to_numpy().tolist()
    assert suggested == [[cut, "H1", 10.0], [other_words, "H2", 10.0]]
    checks = findings(plan, period=plan.whole_year).query("column == 'indicator'")
    assert dict(zip(checks["line"], checks["check"], strict=True)) == {
        3: "indicator_near_listed",
        4: "indicator_near_listed",
        5: "indicator_not_listed",
    }
    assert checks.set_index("line").loc[3, "allowed"].startswith(f"perhaps H1: {NAME};")
    sources = tmp_path / "sources.yml"
    text = sources.read_text(encoding="utf-8")
    confirmed = f'other_names: {{"{cut}": H1}}, producer'
    sources.write_text(text.replace("indicators.csv, producer", f"indicators.csv, {confirmed}"), encoding="utf-8")
    rows = load_plan(tmp_path).activities
    assert rows["indicator_code"].to_list() == ["H1", "H1", "", ""]
    assert rows["indicator_name"].to_list() == [NAME, NAME, "", ""]
    sources.write_text(sources.read_text(encoding="utf-8").replace(": H1}", ": H3}"), encoding="utf-8")
    with pytest.raises(InputRefused, match=r"other_names: the list of indicators has no H3; did you mean 'H[12]'"):
        load_plan(tmp_path)


def test_without_a_list_the_types_that_activities_state_decide() -> None:
    rows = activities(
        sector=["Health", "Health", "Health", "WASH", "WASH"],
        indicator=["# treated", "# treated", "# treated", "# treated", "# of nothing"],
        stated_indicator_type=["Direct Assistance", "Direct Assistance", "Campaign", "Other", "Nonsense"],
    )
    listed = list_stated_indicators(rows, plan_year(2026))
    assert listed[["sector", "indicator", "indicator_type"]].to_numpy().tolist() == [
        ["Health", "# treated", "people in need"],
        ["WASH", "# treated", "other"],
    ]
    assert listed["indicator_code"].is_unique


def test_a_plan_without_a_list_and_without_types_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"'indicators' is missing.*reporting template of each year"):
        load_plan(data_folder(tmp_path, 2021, activities=pd.DataFrame([ACTIVITY])))
