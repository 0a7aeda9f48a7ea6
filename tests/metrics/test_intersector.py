"""The intersector models: the worked example of the method, what an oracle works out of any reports, and bounds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pandas as pd
import pytest

import recomputed_models as oracle
from conftest import activities, drawn, plan, sheet_of
from consolidated import compare, counted, models, plan_under_rules_of, reports_of, worked_out
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import LOWER_BOUND_MODEL
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, INTERSECTOR, POPULATION_GROUPS, REGION, Model

JANUARY, FEBRUARY = "2021-01", "2021-02"
MONTHS = f"{JANUARY}/{FEBRUARY}"
Row = tuple[str, str, str, int, tuple[int, int, int, int]]
WORKED_EXAMPLE: Sequence[Row] = (
    # month, place, sector, new, (girls, boys, women, men)
    (JANUARY, "A", "Shelter", 40, (10, 10, 12, 8)),
    (JANUARY, "A", "Food Security", 60, (20, 15, 15, 10)),
    (JANUARY, "A", "Protection (General)", 30, (0, 0, 20, 10)),
    (JANUARY, "A", "Health", 25, (5, 5, 10, 5)),
    (JANUARY, "B", "Shelter", 10, (2, 2, 4, 2)),
    (FEBRUARY, "A", "Food Security", 5, (1, 1, 2, 1)),
    (FEBRUARY, "A", "Health", 50, (10, 10, 20, 10)),
)


def example(*rows: Row) -> pd.DataFrame:
    """Activities of one country, everybody in destination."""
    months, places, sectors, people, cells = zip(*rows, strict=True)
    new = [float(number) for number in people]
    by_cell = {cell: [float(of_row[at]) for of_row in cells] for at, cell in enumerate(AGE_GENDER_GROUPS)}
    columns = {"month": list(months), "place": list(places), "sector": list(sectors)}
    return activities(**columns, new_beneficiaries=new, in_destination=new, **by_cell)


def placed(*rows: tuple[str, str, str, tuple[float, ...]]) -> pd.DataFrame:
    """Age-gender proportions of people in destination; the other groups have none."""
    pairs = [f"{group}_{part}" for group in POPULATION_GROUPS for part in AGE_GENDER_GROUPS]
    table = [
        {"country": country, "place": place, "sector": sector}
        | dict.fromkeys(pairs, 0.0)
        | {f"in_destination_{part}": share for part, share in zip(AGE_GENDER_GROUPS, shares, strict=True)}
        for country, place, sector, shares in rows
    ]
    return pd.DataFrame(table)


def test_worked_example_under_every_model() -> None:
    expected = {
        "sum": [40 + 60 + 30 + 25 + 10, 5 + 50],
        "max_sector": [60 + 10, 50],
        "max_age_gender": [20 + 15 + 20 + 10 + 10, 50],
        "southern_cone": [max(40, 60) + 30 + 25 + 10, 5 + 50],
    }
    made = plan(example(*WORKED_EXAMPLE))
    by_month = {
        model: made.select(INTERSECTOR, period=MONTHS, method=Method.model_validate({"intersector_model": model}))
        .people_reached()
        .by("month")
        .to_list()
        for model in get_args(Model)
    }
    assert by_month == expected
    totals = {model: sum(people) for model, people in expected.items()}
    under_every_model = made.select(INTERSECTOR, period=MONTHS).models()
    assert under_every_model.to_dict() == totals | {LOWER_BOUND_MODEL: max(40, 60 + 5, 30, 25 + 50) + 10}


def test_the_lower_bound_has_one_of_two_sectors_with_as_many_people() -> None:
    rows = [(JANUARY, "A", sector, 20, (0, 0, 20, 0)) for sector in ("Health", "WASH")]
    assert plan(example(*rows)).select(INTERSECTOR, period=JANUARY).models()[LOWER_BOUND_MODEL] == 20


def test_worked_example_of_2022_takes_the_largest_of_each_modelled_cell() -> None:
    people = [(JANUARY, "A", "Food Security", 60, (0, 0, 0, 0)), (JANUARY, "A", "Health", 50, (0, 0, 0, 0))]
    shares = placed(("COL", "A", "Food Security", (0.3, 0.3, 0.25, 0.15)), ("COL", "A", "Health", (0.2, 0.2, 0.4, 0.2)))
    small = replace(plan(example(*people), year=2022), proportions={"people_in_need": shares})
    reached = small.select(INTERSECTOR, period=JANUARY).people_reached()
    assert reached.by("age_gender")[list(AGE_GENDER_GROUPS)].to_list() == [18, 18, 20, 10]
    assert reached.total == reached.by("population_group")["in_destination"] == 18 + 18 + 20 + 10


@pytest.mark.parametrize(
    ("model", "people"), [("max_sector", max(9, 4)), ("max_age_gender", max(9, 4)), ("sum", 9 + 4)]
)
def test_cash_is_counted_by_its_own_largest_sector(model: str, people: int) -> None:
    rows = [(JANUARY, "A", "Health", 20, (20, 0, 0, 0)), (JANUARY, "A", "Shelter", 9, (0, 0, 9, 0))]
    rows.append((JANUARY, "A", "WASH", 4, (4, 0, 0, 0)))
    reports = example(*rows).assign(cva=["No", "Yes", "Yes"])
    method = Method.model_validate({"intersector_model": model})
    entries = plan(reports).select(INTERSECTOR, period=JANUARY, method=method).people_reached().entries
    assert entries.loc[entries["part"] == "new_with_cva", "amount"].sum() == people


def made_up(seed: int, year: int = 2021) -> pd.DataFrame:
    """Reports of some sectors in each of many places and months, with many ties, zeros and fractions of people."""
    names = [name for name in oracle.PEOPLE[1:] if year > 2021 or name not in oracle.NOT_IN_2021]
    columns = drawn(
        *(seed, 300),
        country=("COL", "PER", "ARG", "BOL", "CHL", "MEX"),
        place=("", "a", "b", "c"),
        month=(JANUARY, FEBRUARY),
        sector=(*oracle.SECTORS, "Common Services"),
        indicator_type=(*["people in need"] * 5, "people"),
        new_beneficiaries=(0.0, 5.0, 5.0, 7.0, 40.0, 300.0, None),
        **dict.fromkeys(names, (0.0, 0.0, 2.0, 5.0, 5.0, 40.5, None)),
    )
    return activities(**columns)


@pytest.mark.parametrize("year", oracle.MODELS)
def test_every_model_is_the_one_worked_out_apart(year: int) -> None:
    raw = plan(made_up(year, year))
    shares = oracle.made_up_shares(reports_of(raw))
    made, places = plan_under_rules_of(year, raw, shares), (REGION,)
    compare(
        models(year, places, worked_out(made, MONTHS, shares, year)),
        models(year, places, counted(made, MONTHS, places)),
    )


def test_no_rule_of_2022_goes_without_shares() -> None:
    people = plan(example(*WORKED_EXAMPLE), year=2022).select(INTERSECTOR, period=MONTHS).models()
    assert people[["sum", LOWER_BOUND_MODEL]].to_list() == [220, 85]
    assert people[["max_sector", "southern_cone"]].isna().all()


@pytest.mark.parametrize("rule", ["leave_sector_out", "country_proportions"])
def test_people_of_a_country_that_no_model_sees_are_unknown(rule: str) -> None:
    """As in Mexico 2022: its proportions were listed for another place than its reports."""
    reports = activities(
        country=["MEX", "PAN"], place=["mx-09", "pa-1"], new_beneficiaries=[490, 100], in_destination=[490, 95]
    )
    proportions = placed(
        ("MEX", "", "Health", (0.25, 0.25, 0.25, 0.25)), ("PAN", "pa-1", "Health", (0.2, 0.2, 0.2, 0.4))
    )
    small = replace(plan(reports, year=2022), proportions={"people_in_need": proportions})
    method, january = Method.model_validate({"without_proportions": rule}), Period(start=JANUARY, end=JANUARY)
    figures = sheet_of(small, INTERSECTOR, platform="Central America & Mexico", period=january, method=method)
    by_country = figures.breakdowns["people_reached_by_country"].values()
    if rule == "country_proportions":
        assert (figures.value("people_reached"), by_country) == (4 * 122 + 95, {"MEX": 4 * 122, "PAN": 95})
        assert figures.lost_people == {"no_proportions": 100 - 95}
    else:
        assert figures.figures["people_reached"].value is None
        assert figures.figures["people_reached"].reason == "no_proportions"
        assert by_country == {"PAN": 95}


def test_reports_of_several_organisations_leave_whole_people_of_a_modelled_cell() -> None:
    people = [7.0, 11.0, 13.0]
    reports = activities(appealing_organisation=["A", "B", "C"], new_beneficiaries=people, in_destination=people)
    proportions = placed(("COL", "", "Health", (0.2, 0.2, 0.4, 0.2)))
    small = replace(plan(reports, year=2022), proportions={"people_in_need": proportions})
    reached = small.select(INTERSECTOR, period=JANUARY).people_reached()
    assert reached.total == 6 + 6 + 12 + 6  # a fifth of 31 is 6, two fifths are 12
    assert reached.by("age_gender")[list(AGE_GENDER_GROUPS)].to_list() == [6, 6, 12, 6]
