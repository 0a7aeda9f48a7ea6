"""The intersector models, on the worked example of the method, and what must hold for any data."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Build
from rmrp_analysis import metrics
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    AMOUNT,
    DIMENSIONS,
    KEY,
    LOWER_BOUND,
    MODELS,
    NEW,
    OF,
    PART,
    PEOPLE,
    PLACE_MONTH_SECTOR,
    SHEET,
)
from rmrp_analysis.metrics.models import PAIRS
from rmrp_analysis.vocabulary import AGE_GENDER_GROUPS, INTERSECTOR, POPULATION_GROUPS, TIE_ORDER, PlanYear, plan_year

OF_2021, OF_2022 = plan_year(2021), plan_year(2022)
JANUARY, FEBRUARY = "2021-01", "2021-02"
WORKED_EXAMPLE = [
    # month, place, sector, new, (girls, boys, women, men)
    (JANUARY, "A", "Shelter", 40, (10, 10, 12, 8)),
    (JANUARY, "A", "Food Security", 60, (20, 15, 15, 10)),
    (JANUARY, "A", "Protection (General)", 30, (0, 0, 20, 10)),
    (JANUARY, "A", "Health", 25, (5, 5, 10, 5)),
    (JANUARY, "B", "Shelter", 10, (2, 2, 4, 2)),
    (FEBRUARY, "A", "Food Security", 5, (1, 1, 2, 1)),
    (FEBRUARY, "A", "Health", 50, (10, 10, 20, 10)),
]
Row = tuple[str, str, str, int, tuple[int, int, int, int]]


def example(activities: Build, rows: Sequence[Row] = tuple(WORKED_EXAMPLE)) -> pd.DataFrame:
    """Activities of one country, everybody in destination."""
    months, places, sectors, people, cells = zip(*rows, strict=True)
    new = [float(number) for number in people]
    by_cell = {cell: [float(of_row[at]) for of_row in cells] for at, cell in enumerate(AGE_GENDER_GROUPS)}
    reported: pd.DataFrame = activities(
        month=list(months),
        place=list(places),
        sector=list(sectors),
        new_beneficiaries=new,
        total_monthly_beneficiaries=new,
        in_destination=new,
        **by_cell,
    )
    return reported


PLACED = [key for key in PLACE_MONTH_SECTOR if key != OF]


def new_of(activities: pd.DataFrame, method: Method | None = None) -> pd.DataFrame:
    """New beneficiaries by country, place, month and sector."""
    keys = pd.Series(0, activities.index, dtype="uint64")
    rows = metrics.measured(activities, OF_2021, None, keys)
    people = metrics.people_of(rows).join(rows[DIMENSIONS], on="row").assign(**{OF: ""})
    counted = people[people["indicator_type"].isin((method or Method()).counted_indicator_types)]
    return metrics.new_by_sector(counted, "admin1").droplevel(OF)


def long(new: pd.DataFrame) -> pd.DataFrame:
    """New beneficiaries, a row for each part of the people."""
    people = new.rename_axis(columns=PART).stack().rename(AMOUNT).reset_index()
    return people.assign(**{OF: "", KEY: 0}).astype(dict.fromkeys([*PLACED, PART], "str"))


def taken_by_model(
    new: pd.DataFrame, *, year: PlanYear, method: Method, proportions: pd.DataFrame | None = None, model: str = ""
) -> pd.DataFrame | None:
    """What a model takes of each country, place, month and sector; NaN where it does not tell."""
    people, rule = long(new), year.rule_of(model or method.intersector_model)
    compared = metrics.new_by_sector(people, method.intersector_level)
    fractions = metrics.fractions(compared, rule=rule, method=method, proportions=proportions)
    if fractions is None:
        return None
    kept = metrics.kept(people, fractions, method.intersector_level).astype({PART: "str"})
    sums = kept.groupby([*PLACED, PART], observed=True)[AMOUNT].sum().unstack(PART, fill_value=0)
    index = new.index.set_levels([level.astype("str") for level in new.index.levels])
    taken = sums.reindex(index=index, columns=list(PEOPLE), fill_value=0.0)
    return taken.assign(**dict.fromkeys(metrics.NOT_KEPT.get(rule, ()), float("nan"))).set_axis(new.index)


def scenarios(new: pd.DataFrame, year: PlanYear) -> pd.Series:
    """People reached under every model of a year, without proportions, and the lower bound."""
    tables = {model: taken_by_model(new, year=year, method=Method(), model=model) for model in year.consolidation}
    people = {model: float("nan") if table is None else table[NEW].sum() for model, table in tables.items()}
    return pd.Series({**people, LOWER_BOUND: lower_bound(new)})


def lower_bound(new: pd.DataFrame) -> float:
    """The largest sector of the whole period in each place."""
    return float(metrics.largest_of_period(long(new).assign(**{SHEET: "all"}), [SHEET], "admin1")[AMOUNT].sum())


def reached(activities: pd.DataFrame, model: str, **choices: object) -> float:
    """People reached under a model of 2021."""
    method = Method.model_validate({"intersector_model": model, **choices})
    taken = taken_by_model(new_of(activities, method), year=OF_2021, method=method)
    assert taken is not None
    return float(taken[NEW].sum())


def test_worked_example_sector_by_sector(activities: Build) -> None:
    new = new_of(example(activities))
    until_february = new.groupby(level="sector", observed=True)[NEW].sum().to_dict()
    assert until_february == {"Shelter": 50, "Food Security": 65, "Protection (General)": 30, "Health": 75}


@pytest.mark.parametrize(
    ("model", "january", "february"),
    [
        ("sum", 40 + 60 + 30 + 25 + 10, 5 + 50),
        ("max_sector", 60 + 10, 50),
        ("max_age_gender", 20 + 15 + 20 + 10 + 10, 50),
        ("southern_cone", max(40, 60) + 30 + 25 + 10, 5 + 50),
    ],
)
def test_worked_example_under_every_model(activities: Build, model: str, january: int, february: int) -> None:
    method = Method.model_validate({"intersector_model": model})
    new = new_of(example(activities), method)
    taken = taken_by_model(new, year=OF_2021, method=method)
    assert taken is not None
    assert taken.groupby(level="month", observed=True)[NEW].sum().to_list() == [january, february]


def test_worked_example_lower_bound(activities: Build) -> None:
    new = new_of(example(activities))
    assert lower_bound(new) == max(40, 60 + 5, 30, 25 + 50) + 10


def test_worked_example_of_2022_takes_the_largest_of_each_modelled_cell(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Food Security", 60, (0, 0, 0, 0)), (JANUARY, "A", "Health", 50, (0, 0, 0, 0))]
    proportions = placed(
        ("COL", "A", "Food Security", (0.3, 0.3, 0.25, 0.15)), ("COL", "A", "Health", (0.2, 0.2, 0.4, 0.2))
    )
    taken = taken_of_2022(example(activities, rows), proportions)
    assert taken[NEW].sum() == 18 + 18 + 20 + 10
    assert taken[list(AGE_GENDER_GROUPS)].sum().to_list() == [18, 18, 20, 10]
    assert taken[["in_destination", "other_under_18"]].sum().to_list() == [66, 0]


def placed(*rows: tuple[str, str, str, tuple[float, float, float, float]]) -> pd.DataFrame:
    """Age-gender proportions of people in destination; the other groups have none."""
    table = [
        {"country": country, "place": place, "sector": sector}
        | dict.fromkeys(PAIRS, 0.0)
        | {f"in_destination_{part}": share for part, share in zip(AGE_GENDER_GROUPS, shares, strict=True)}
        for country, place, sector, shares in rows
    ]
    return pd.DataFrame(table)


def taken_of_2022(activities: pd.DataFrame, proportions: pd.DataFrame, **choices: object) -> pd.DataFrame:
    """What the rule of 2022 takes."""
    method = Method.model_validate({"intersector_model": "max_sector", **choices})
    new = new_of(activities, method)
    taken = taken_by_model(new, year=OF_2022, method=method, proportions=proportions)
    assert taken is not None
    return taken


def test_two_equal_sectors_leave_the_first_of_the_alphabet(activities: Build) -> None:
    rows: list[Row] = [
        (JANUARY, "A", "Protection (General)", 9, (9, 0, 0, 0)),
        (JANUARY, "A", "Gender-Based Violence", 9, (0, 0, 9, 0)),
    ]
    new = new_of(example(activities, rows))
    taken = taken_by_model(new, year=OF_2021, method=Method())
    assert taken is not None
    assert taken[["girls", "women"]].sum().to_list() == [0, 9]  # "Protection (GBV)" before "Protection (General)"


def test_cash_is_counted_by_its_own_largest_sector(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 9, (0, 0, 0, 0)), (JANUARY, "A", "Shelter", 4, (0, 0, 0, 0))]
    new = new_of(example(activities, rows).assign(cva=["No", "Yes"]))
    taken = taken_by_model(new, year=OF_2021, method=Method())
    assert taken is not None
    assert taken[[NEW, "new_with_cva"]].sum().to_list() == [9, 4]


def test_age_gender_model_keeps_no_population_groups_and_invents_none(activities: Build) -> None:
    method = Method(intersector_model="max_age_gender")
    new = new_of(example(activities), method)
    taken = taken_by_model(new, year=OF_2021, method=method)
    assert taken is not None
    assert taken[list(POPULATION_GROUPS)].isna().all(axis=None)


def test_southern_cone_leaves_out_what_it_does_not_name(activities: Build) -> None:
    rows: list[Row] = [
        (JANUARY, "A", "Nutrition", 7, (0, 0, 0, 0)),
        (JANUARY, "A", "Child Protection", 8, (0, 0, 0, 0)),
    ]
    assert reached(example(activities, rows), "southern_cone") == 0


def test_a_model_for_whole_countries_does_not_see_places(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 9, (0, 0, 0, 0)), (JANUARY, "B", "Shelter", 4, (0, 0, 0, 0))]
    assert reached(example(activities, rows), "max_sector") == 9 + 4
    assert reached(example(activities, rows), "max_sector", intersector_level="country") == 9


def test_a_rule_that_needs_proportions_gives_nothing_without_them(activities: Build) -> None:
    new = new_of(example(activities))
    assert taken_by_model(new, year=OF_2022, method=Method()) is None
    people = scenarios(new, OF_2022)
    assert people[["sum", "lower_bound"]].to_list() == [220, 85]
    assert people[["max_sector", "southern_cone"]].isna().all()


def test_southern_cone_of_2022_models_the_alternatives_and_adds_the_others_as_reported(activities: Build) -> None:
    rows: list[Row] = [
        (JANUARY, "A", "Food Security", 60, (0, 0, 0, 0)),
        (JANUARY, "A", "Shelter", 50, (0, 0, 0, 0)),
        (JANUARY, "A", "Health", 7, (7, 0, 0, 0)),
    ]
    proportions = placed(
        ("COL", "A", "Food Security", (0.3, 0.3, 0.25, 0.15)), ("COL", "A", "Shelter", (0.2, 0.2, 0.4, 0.2))
    )
    taken = taken_of_2022(example(activities, rows), proportions, intersector_model="southern_cone")
    assert taken[NEW].sum() == (18 + 18 + 20 + 10) + 7
    assert taken["girls"].sum() == 18 + 7


def test_a_sector_without_proportions_is_left_out_alone_or_takes_those_of_its_country(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Food Security", 60, (0, 0, 0, 0)), (JANUARY, "A", "Health", 50, (0, 0, 0, 0))]
    proportions = placed(
        ("COL", "A", "Health", (0.2, 0.2, 0.4, 0.2)), ("COL", "", "Food Security", (0.3, 0.3, 0.25, 0.15))
    )
    reported = example(activities, rows)
    left_out = taken_of_2022(reported, proportions, without_proportions="leave_sector_out")
    assert left_out[NEW].sum() == 50
    assert taken_of_2022(reported, proportions)[NEW].sum() == 18 + 18 + 20 + 10


def test_a_group_that_the_plan_does_not_have_in_a_listed_place_takes_nothing_from_the_country(
    activities: Build,
) -> None:
    shares = dict.fromkeys([f"in_transit_{part}" for part in AGE_GENDER_GROUPS], 0.25)
    proportions = pd.concat(
        [
            placed(("COL", "A", "Health", (0.2, 0.2, 0.4, 0.2))),
            placed(("COL", "", "Health", (0, 0, 0, 0))).assign(**shares),
        ]
    )
    rows: list[Row] = [(JANUARY, "A", "Health", 50, (0, 0, 0, 0))]
    in_transit = example(activities, rows).assign(in_destination=0.0, in_transit=50.0)
    assert taken_of_2022(in_transit, proportions)[NEW].sum() == 0


@pytest.mark.parametrize("rule", ["leave_sector_out", "country_proportions"])
def test_people_of_a_country_that_the_model_does_not_see_are_unknown_and_not_nobody(
    plan: Build, activities: Build, rule: str
) -> None:
    """As in Mexico 2022: its proportions were listed for another place than its reports."""
    reports = activities(
        country=["MEX", "PAN"], place=["mx-09", "pa-1"], new_beneficiaries=[490, 100], in_destination=[490, 100]
    )
    proportions = placed(
        ("MEX", "", "Health", (0.25, 0.25, 0.25, 0.25)), ("PAN", "pa-1", "Health", (0.25, 0.25, 0.25, 0.25))
    )
    small = replace(plan(reports, year=2022), proportions={"people_in_need": proportions})
    method = Method.model_validate({"without_proportions": rule})
    together = small.select("Intersector", platform="Central America & Mexico", period="2021-01", method=method)
    figures = together.key_figures()
    by_country = figures.breakdowns["people_reached_by_country"].values()
    if rule == "country_proportions":
        assert (figures.value("people_reached"), by_country) == (4 * 122 + 100, {"MEX": 4 * 122, "PAN": 100})
    else:
        assert figures.figures["people_reached"].value is None
        assert figures.figures["people_reached"].reason == "no_proportions"
        assert by_country == {"PAN": 100}


def test_reports_of_several_organisations_leave_whole_people_of_a_modelled_cell(plan: Build, activities: Build) -> None:
    people = [7.0, 11.0, 13.0]
    reports = activities(appealing_organisation=["A", "B", "C"], new_beneficiaries=people, in_destination=people)
    proportions = placed(("COL", "", "Health", (0.2, 0.2, 0.4, 0.2)))
    small = replace(plan(reports, year=2022), proportions={"people_in_need": proportions})
    reached = small.select(INTERSECTOR, period="2021-01").people_reached()
    assert reached.total == 6 + 6 + 12 + 6  # a fifth of 31 is 6, two fifths are 12
    assert reached.by("age_gender")[list(AGE_GENDER_GROUPS)].to_list() == [6, 6, 12, 6]


def test_a_sector_with_no_new_people_gives_no_groups(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 0, (3, 0, 0, 0)), (FEBRUARY, "A", "Health", 5, (5, 0, 0, 0))]
    taken = taken_by_model(new_of(example(activities, rows)), year=OF_2021, method=Method())
    assert taken is not None
    assert taken["girls"].sum() == 5


def test_ties_in_a_whole_country_leave_the_first_sector_of_the_list(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "WASH", 9, (9, 0, 0, 0)), (JANUARY, "B", "Health", 9, (0, 0, 9, 0))]
    method = Method(intersector_level="country")
    taken = taken_by_model(new_of(example(activities, rows)), year=OF_2021, method=method)
    assert taken is not None
    assert taken[["girls", "women"]].sum().to_list() == [0, 9]


def test_cash_of_all_sectors_by_age_and_gender_is_that_of_the_largest_sector(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 9, (9, 0, 0, 0)), (JANUARY, "A", "Shelter", 4, (0, 0, 4, 0))]
    cash = example(activities, rows).assign(cva="Yes")
    method = Method(intersector_model="max_age_gender")
    taken = taken_by_model(new_of(cash), year=OF_2021, method=method)
    assert taken is not None
    assert taken["new_with_cva"].sum() == max(9, 4)


def test_the_lower_bound_is_the_largest_sector_whatever_a_model_by_groups_sees(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 9, (1, 0, 0, 0)), (JANUARY, "A", "Shelter", 4, (0, 0, 2, 0))]
    people = scenarios(new_of(example(activities, rows)), OF_2021)
    assert people.to_dict() == {
        "sum": 13,
        "max_sector": 9,
        "max_age_gender": 1 + 2,
        "southern_cone": 9 + 4,
        "lower_bound": 9,
    }


def test_people_whom_proportions_cannot_split_are_told(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Food Security", 60, (0, 0, 0, 0)), (JANUARY, "A", "Health", 50, (0, 0, 0, 0))]
    reported = example(activities, rows).assign(in_destination=[60.0, 45.0])
    new = new_of(reported)
    proportions = placed(("COL", "A", "Health", (0.2, 0.2, 0.4, 0.2)))
    shares = metrics.shares_of(new, proportions, method=Method())
    unseen = metrics.people_unseen(new, rule=OF_2022.rule_of("max_sector"), shares=shares)
    assert unseen.groupby(level="sector", observed=True).sum().to_dict() == {"Food Security": 60, "Health": 50 - 45}


def test_cells_are_rounded_half_to_even(activities: Build) -> None:
    rows: list[Row] = [(JANUARY, "A", "Health", 5, (0, 0, 0, 0))]
    taken = taken_of_2022(example(activities, rows), placed(("COL", "A", "Health", (0.5, 0.3, 0.1, 0.1))))
    assert taken[list(AGE_GENDER_GROUPS)].sum().to_list() == [2, 2, 0, 0]  # 2.5, 1.5, .5, .5


ROWS = st.lists(
    st.tuples(
        st.sampled_from([JANUARY, FEBRUARY]),
        st.sampled_from(["A", "B"]),
        st.sampled_from(TIE_ORDER),
        st.integers(0, 500),
        st.tuples(*[st.integers(0, 200)] * 4),
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS)
def test_largest_sector_lies_between_the_lower_bound_and_the_sum(activities: Build, rows: list[Row]) -> None:
    reported = example(activities, rows)
    bound = lower_bound(new_of(reported))
    assert bound <= reached(reported, "max_sector") <= reached(reported, "sum")
    assert reached(reported, "southern_cone") <= reached(reported, "sum")


@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(activities: Build, rows: list[Row], chance: object) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for model in MODELS:
        assert reached(example(activities, rows), model) == reached(example(activities, shuffled), model)


@given(ROWS, ROWS)
def test_another_sector_never_lowers_a_figure(activities: Build, rows: list[Row], more: list[Row]) -> None:
    others = {row[2] for row in rows}
    added = [row for row in more if row[2] not in others]
    for model in MODELS:
        assert reached(example(activities, [*rows, *added]), model) >= reached(example(activities, rows), model)


@given(ROWS)
def test_what_is_taken_is_never_more_than_was_reported(activities: Build, rows: list[Row]) -> None:
    new = new_of(example(activities, rows))
    for model in ("sum", "max_sector", "southern_cone"):
        taken = taken_by_model(new, year=OF_2021, method=Method(), model=model)
        assert taken is not None
        assert taken.index.equals(new.index)
        assert (taken <= new).all(axis=None)
