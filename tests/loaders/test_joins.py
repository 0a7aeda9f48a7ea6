"""Activities meet their indicators and places without a row lost or doubled, and every join says whom it missed."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import activities, categorical
from rmrp_analysis.loaders.joins import join_activities, join_proportions
from rmrp_analysis.plan import JoinAudit
from rmrp_analysis.tables import Activities, Admin1, Indicators, Proportions
from rmrp_analysis.vocabulary import plan_year


def indicators(**columns: object) -> pd.DataFrame:
    """The indicators of a year; those of Health that count people unless the columns say otherwise."""
    defaults = {"source_file": "i.csv", "sector": "Health", "indicator_type": "people in need", "indicator_es": ""}
    defaults["r4v_indicator_type"] = "Pin"
    rows = len(next(iter(columns.values())))  # type: ignore[arg-type]
    table = pd.DataFrame({**defaults, **columns, "source_line": range(2, 2 + rows)}, index=range(rows))
    return Indicators.set_types(table)


def places(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """A list of admin1 from ``(country, pcode, name)``."""
    table = pd.DataFrame(rows, columns=["country", "pcode", "admin1"]).assign(source_file="a.csv")
    table["source_line"] = range(2, 2 + len(rows))
    return Admin1.set_types(table)


def joined(
    rows: pd.DataFrame, of_year: pd.DataFrame | None = None, admin1: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, JoinAudit]]:
    """The joined activities and the audits by name; the one indicator of the year is x unless others are named."""
    of_year = indicators(indicator_code=["A"], indicator=["x"]) if of_year is None else of_year
    table, audits = join_activities(categorical(rows[list(Activities.columns)]), of_year, admin1, year=plan_year(2021))
    return table, {audit.name: audit for audit in audits}


def test_an_indicator_is_found_by_its_text_in_any_spelling_and_has_that_of_the_list() -> None:
    of_year = indicators(
        indicator_code=["A", "B"], indicator=["Niñas atendidas", "Meetings"], indicator_type=["people in need", "other"]
    )
    table, audits = joined(activities(indicator=["NINAS  atendidas", "meetings"]), of_year)
    assert table[["indicator_code", "indicator_type"]].to_numpy().tolist() == [["A", "people in need"], ["B", "other"]]
    assert (audits["indicators"].rows_matched, audits["indicators"].loses_people) == (2, False)
    of_year = indicators(indicator_code=["A"], indicator=["Niñas atendidas"], indicator_es=["Chicas"])
    texts = ["NINAS  atendidas", "niñas Atendidas", "chicas", "Something else"]
    table, _ = joined(activities(indicator=texts), of_year)
    assert table["indicator_name"].to_list() == [*["Niñas atendidas"] * 3, ""]
    assert table["indicator"].to_list() == texts


def test_an_activity_whose_indicator_is_unknown_stays_and_its_people_are_told_as_lost() -> None:
    table, audits = joined(activities(indicator=["y", "x"], new_beneficiaries=[7.0, 5.0]))
    assert table["indicator_type"].to_list() == ["unknown", "people in need"]
    audit = audits["indicators"]
    assert (audit.rows_matched, audit.rows_unmatched) == (1, 1)
    assert (audit.people_matched, audit.people_unmatched) == (5, 7)
    assert (audit.unmatched_keys, audit.loses_people) == (("Health: y",), True)


def test_an_indicator_is_of_its_sector_and_listed_twice_doubles_no_activity() -> None:
    of_year = indicators(indicator_code=["A", "B"], sector=["Health", "WASH"], indicator=["x", "x"])
    table, _ = joined(activities(sector=["WASH", "Health"], indicator="x"), of_year)
    assert table["indicator_code"].to_list() == ["B", "A"]
    table, audits = joined(activities(indicator="x"), indicators(indicator_code=["A", "B"], indicator=["x", "X"]))
    assert table["indicator_code"].to_list() == ["A"]
    assert audits["indicators"].duplicated == 1


@pytest.mark.parametrize(
    ("country", "written", "place"),
    [
        ("ECU", "Manabí", "EC13"), ("ECU", "MANABI ", "EC13"), ("ECU", "EC13", "EC13"), ("CHL", "Antofagasta", "CL.AN"),
        ("CHL", "La Araucanía", "CL.AR"), ("ECU", "Ecuador", ""), ("ECU", "Country level", ""),
        ("ECU", "Guayas", "guayas"), ("ECU", "Peru", "peru"),
    ],
)  # fmt: skip
def test_a_place_is_found_by_pcode_or_any_spelling(country: str, written: str, place: str) -> None:
    listed = places(
        ("ECU", "EC13", "Manabi"), ("ECU", "EC00", "Ecuador"), ("CHL", "CL.AN", "Antofagasta (Ii)"),
        ("CHL", "CL.AR", "Araucania (Ix)"),
    )  # fmt: skip
    table, _ = joined(activities(country=country, admin1=written), admin1=listed)
    assert table["place"].to_list() == [place]


@pytest.mark.parametrize(
    "written",
    [
        *("Libertador General Bernardo (O’Higgins)", "O'Higgins", "LIBERTADOR (VI)", "O’Higgins"),
        *("Libertador Gral. Bernardo O'Higgins", "LIBERTADOR GENERAL BERNARDO O´HIGGINS"),
    ],
)
def test_a_place_has_the_name_of_the_list_and_keeps_what_was_reported(written: str) -> None:
    listed = places(("CHL", "CL.LI", "Libertador (Vi)"))
    table, _ = joined(activities(country="CHL", admin1=written), admin1=listed)
    assert table[["place", "place_name", "admin1"]].to_numpy().tolist() == [["CL.LI", "Libertador (Vi)", written]]


def test_a_place_that_is_not_listed_is_told_and_a_p_code_listed_twice_is_one_place() -> None:
    written = ["Manabí", "MANABI", "MANABI", "Narino", "Nariño"]
    table, _ = joined(activities(admin1=written, country="ECU"))
    assert table["place_name"].to_list() == ["MANABI", "MANABI", "MANABI", "Narino", "Narino"]
    assert table["admin1"].to_list() == written
    rows = activities(admin1=["Lima", "Guayas", ""], country="PER", indicator="x", new_beneficiaries=[4.0, 9.0, 2.0])
    _, audits = joined(rows, admin1=places(("PER", "PE15", "Lima")))
    audit = audits["admin1"]
    assert (audit.rows_unmatched, audit.people_unmatched, audit.loses_people) == (1, 9, False)
    assert audit.unmatched_keys == ("PER: Guayas",)
    listed = places(("ECU", "EC13", "Manabi"), ("ECU", "EC13", "Provincia de Manabí"))
    rows = activities(country="ECU", admin1=["Provincia de Manabi", "EC13"])
    table, _ = joined(rows, admin1=listed)
    assert table[["place", "place_name"]].to_numpy().tolist() == [["EC13", "Manabi"]] * 2


@pytest.mark.parametrize(
    "written", ["", "Country level", "Nivel país", "Nível nacional", "Ecuador", " ecuador ", "ECU", "EC00"]
)
def test_the_national_place_has_no_name(written: str) -> None:
    listed = places(("ECU", "EC00", "Ecuador"), ("ECU", "EC01", "Country level"))
    table, audits = joined(activities(country="ECU", admin1=written), admin1=listed)
    assert table[["place", "place_name"]].to_numpy().tolist() == [["", ""]]
    assert audits["admin1"].duplicated == 0


def test_proportions_meet_activities_whatever_the_accents_of_their_places() -> None:
    listed = places(("ECU", "EC13", "Manabi"))
    table, _ = joined(activities(country="ECU", admin1="Manabí"), admin1=listed)
    shares = {name: 0.25 for name, column in Proportions.columns.items() if column.kind == "number"}
    keys = {"source_file": "p.csv", "source_line": 2, "country": "ECU", "admin1": "MANABI", "sector": "Health"}
    frame = pd.DataFrame({**keys, **shares}, index=[0])
    proportions = Proportions.set_types(frame)
    assert join_proportions(proportions, listed)["place"].to_list() == table["place"].to_list() == ["EC13"]
    assert join_proportions(proportions, None)["place"].to_list() == ["manabi"]


@given(st.lists(st.sampled_from(["x", "X ", "y", ""]), min_size=1, max_size=20))
def test_no_join_loses_or_doubles_a_row(texts: list[str]) -> None:
    people = [float(number) for number in range(len(texts))]
    rows = activities(indicator=texts, new_beneficiaries=people)
    table, audits = joined(
        rows, indicators(indicator_code=["A", "B"], indicator=["x", "x"]), places(("COL", "CO1", "A"))
    )
    assert table["source_line"].to_list() == rows["source_line"].to_list()
    for audit in audits.values():
        assert audit.rows_matched + audit.rows_unmatched == len(texts)
        assert audit.people_matched + audit.people_unmatched == sum(people)
