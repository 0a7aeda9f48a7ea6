"""Planning files: what a wide sheet or the tidy table says of countries, and of their admin1."""

from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.loaders.joins import join_planning
from rmrp_analysis.loaders.planning import load_planning
from rmrp_analysis.loaders.table import Loaded, load_table
from rmrp_analysis.tables import Admin1
from rmrp_analysis.vocabulary import plan_lists

WIDE = "PiN Platform,PiN Country,PiN Admin1,Subsector,PiN Dest Total,PiN Transit Total,PiN HC Total,PiN Pendular Total,"
WIDE += "PiN Returnees Total"
TIDY = "sector,scope,population_group,measure,value,source,admin1,pcode"


def loaded(folder: Path, header: str, *lines: str) -> Loaded:
    path = folder / "planning.csv"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return load_planning(path, year=2022)


def people(table: pd.DataFrame, country: str, admin1: str = "", sector: str = "Health") -> dict[str, float]:
    rows = table[(table["scope"] == country) & (table["admin1"] == admin1) & (table["sector"] == sector)]
    return dict(zip(rows["population_group"], rows["value"], strict=True))


@pytest.mark.parametrize("national", ["Country level", "Bolivia", "country Level "])
def test_a_wide_sheet_gives_a_country_and_its_admin1_apart(tmp_path: Path, national: str) -> None:
    table = loaded(
        tmp_path,
        WIDE,
        f"Southern Cone,Bolivia,{national},Health,30,5,2,0,0",
        "Southern Cone,Bolivia,La Paz,Health,20,,1,,",
    ).table
    of_country = {"in_destination": 30, "in_transit": 5, "host_communities": 2, "pendular": 0, "colombian_returnees": 0}
    of_la_paz = {"in_destination": 20, "in_transit": 0, "host_communities": 1, "pendular": 0, "colombian_returnees": 0}
    assert people(table, "BOL") == of_country
    assert people(table, "BOL", "La Paz") == of_la_paz


def test_what_a_wide_sheet_does_not_list_is_0_of_a_country_and_unknown_of_admin1(tmp_path: Path) -> None:
    table = loaded(tmp_path, WIDE, "Southern Cone,Bolivia,Country level,Health,30,5,2,0,0").table
    assert set(table.loc[table["sector"] == "Health", "scope"]) == set(plan_lists().countries)
    assert sum(people(table, "PER").values()) == 0
    table = loaded(tmp_path, WIDE, "Southern Cone,Bolivia,La Paz,Health,20,0,1,0,0").table
    assert people(table, "BOL") == {}
    assert people(table, "BOL", "La Paz")["in_destination"] == 20
    assert sum(people(table, "BOL", sector="WASH").values()) == 0  # of this sector the sheet lists nothing of it
    table = loaded(tmp_path, WIDE, "Peru,Peru,Country level,Health,9,0,0,0,0", "Peru,Peru,Cusco,Health,,,,,").table
    assert people(table, "PER", "Cusco") == {}
    table = loaded(tmp_path, WIDE, "Peru,Peru,Country level,Health,about 900,0,0,0,0").table
    assert people(table, "PER") == {}  # the row is refused
    assert sum(people(table, "PER", sector="WASH").values()) == 0


def test_a_tidy_table_names_an_admin1_by_name_or_p_code_or_has_none(tmp_path: Path) -> None:
    table = loaded(
        tmp_path,
        TIDY,
        "Health,PER,all,target,100,R4V,,",
        "Health,PER,all,target,60,R4V,Cusco,",
        "Health,Peru,all,target,40,R4V,,PE15",  # the platform of this one country
        "WASH,Peru,all,target,7,R4V,Perú,",
    ).table
    columns = ["sector", "scope", "admin1", "pcode", "value"]
    assert table[columns].to_numpy().tolist() == [
        ["Health", "PER", "", "", 100],
        ["Health", "PER", "Cusco", "", 60],
        ["Health", "PER", "", "PE15", 40],
        ["WASH", "Peru", "", "", 7],
    ]
    found = loaded(tmp_path, TIDY.removesuffix(",admin1,pcode"), "Health,region,all,target,10,R4V")
    assert found.table[["scope", "admin1", "pcode"]].to_numpy().tolist() == [["region", "", ""]]


def test_what_no_admin1_can_have_is_refused_with_its_line(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        TIDY,
        "Health,region,all,target,10,R4V,Cusco,",
        "Health,Southern Cone,all,target,10,R4V,Cusco,",
        "Health,PER,all,requirement_usd,10,R4V,Cusco,",
        "Health,PER,all,target,10,R4V,Cusco,",
    )
    assert found.table["source_line"].to_list() == [5]
    assert found.refused["line"].to_list() == [2, 3, 4]
    assert len(found.table) + len(found.refused) == 4
    assert "the country of the admin1" in found.refused["reason"][0]
    assert "whole countries" in found.refused["reason"][2]


def test_places_are_found_by_p_code_then_by_name_whatever_its_accents_and_suffix(tmp_path: Path) -> None:
    (tmp_path / "admin1.csv").write_text(
        "Country,PCODE,Admin1\nChile,CL02,Antofagasta (II)\nColombia,CO15,Boyaca\nPeru,PE08,Cusco", encoding="utf-8"
    )
    listed = load_table(tmp_path / "admin1.csv", Admin1, year=2021).table
    planning = loaded(
        tmp_path,
        TIDY,
        "Health,CHL,all,target,1,R4V,Antofagasta,",
        "Health,COL,all,target,2,R4V,Boyacá,",
        "Health,PER,all,target,3,R4V,a misspelt name,PE08",
        "Health,PER,all,target,4,R4V,Cusco,an unknown code",
        "Health,PER,all,target,5,R4V,Atlantis,",
        "Health,PER,all,target,6,R4V,,PE99",
    ).table
    placed = join_planning(planning, listed)
    assert placed["place"].to_list() == ["CL02", "CO15", "PE08", "PE08", "atlantis", "pe99"]
    assert placed["place_name"].to_list() == ["Antofagasta (II)", "Boyaca", "Cusco", "Cusco", "Atlantis", "PE99"]
