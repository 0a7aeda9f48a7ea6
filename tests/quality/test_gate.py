"""What offices do to their files without meaning to stops a run, with the people at stake; what is well does not."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import activities, plan
from published_run import rmrp
from rmrp_analysis.api import bundled_plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Limits, Method
from rmrp_analysis.plan import Condition, Plan
from rmrp_analysis.quality import conditions, findings, repair_plan
from rmrp_analysis.quality.columns import ActivityColumns
from rmrp_analysis.quality.gate import ConditionMeasures

YEAR = Period(start="2021-01", end="2021-03")
PEOPLE = [1_234, 87, 410, 2_050, 31, 655, 93, 1_720, 268, 14, 377, 1_101]
ALL = sum(PEOPLE)  # 8,040
SHEET = {
    "month": ["2021-01", "2021-02", "2021-03"] * 4, "admin1": ["Lima"] * 4 + ["Tumbes"] * 4 + ["Piura"] * 4,
    "place": ["lima"] * 4 + ["tumbes"] * 4 + ["piura"] * 4, "appealing_organisation": ["IOM", "UNHCR"] * 6,
    "country": "PER", "new_beneficiaries": PEOPLE, "total_monthly_beneficiaries": PEOPLE, "in_destination": PEOPLE,
}  # fmt: skip
NEW = "new_beneficiaries"
COUNTS = [NEW, "total_monthly_beneficiaries", "in_destination"]
NEW_CONDITIONS = (
    "same_content_twice", "sums_among_rows", "people_not_whole", "negative_people", "new_above_total",
    "people_of_another_column", "people_empty", "people_of_other_kinds", "nobody_new", "misspelt_places",
)  # fmt: skip


ROWS = activities(**SHEET)
"""Reports of two organisations in three places and three months."""


def stops(*parts: pd.DataFrame, of: Sequence[str] = NEW_CONDITIONS) -> dict[str, Condition]:
    """What stops a run of these reports, by the name of the condition."""
    rows = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    typed = rows.assign(source_line=range(2, 2 + len(rows))).astype(parts[0].dtypes.to_dict())
    weighed = map(ConditionMeasures(plan(typed), YEAR, Method(), "en").condition, of)
    return {each.name: each for each in weighed if each.share > getattr(Limits(), each.name)}


def total(rows: pd.DataFrame) -> pd.DataFrame:
    """A row with the sums of others, its keys filled down from the last of them."""
    return rows.tail(1).assign(**{name: float(rows[name].sum()) for name in COUNTS})


def at_stake(condition: Condition) -> tuple[str, str]:
    """The people of a condition, and of all, as its sentence says them."""
    people, _, everybody, *_ = condition.sentence.split(" ")
    return people, everybody


def test_a_good_sheet_and_the_bundled_plan_stop_nothing(bundled: Plan) -> None:
    assert stops(ROWS) == {}
    plan = repair_plan(bundled)
    assert own_conditions(plan, "2021-12") == set()
    assert not ActivityColumns(plan).meets("sums_others & new >= 50").any()


def test_versions_of_an_export_and_rows_that_repeat_stop_a_run() -> None:
    corrected = ROWS.assign(implementing_partner="Aldeas", activity_name="Atención", source_file="v2.csv")
    (found,) = stops(ROWS, corrected).values()
    assert (found.name, found.share) == ("same_content_twice", 0.5)
    assert at_stake(found) == ("8,040", "16,080")
    corrected = ROWS.assign(new_beneficiaries=[1_200.0, *PEOPLE[1:]])
    assert at_stake(stops(ROWS, corrected)["same_content_twice"]) == (f"{ALL - 1_234:,}", f"{2 * ALL - 34:,}")
    # of two versions of a report the one with more people is the repeat, whichever was sent first
    more = [float(people + people // 100) for people in PEOPLE]
    corrected = ROWS.assign(new_beneficiaries=more, total_monthly_beneficiaries=more)
    for parts in ([ROWS, corrected], [corrected, ROWS]):
        found = stops(*parts)["same_content_twice"]
        assert at_stake(found) == (f"{sum(more):,.0f}", f"{ALL + sum(more):,.0f}")
    other = [float(people + 20) for people in PEOPLE]
    assert stops(ROWS.head(8), ROWS.tail(4).assign(new_beneficiaries=other[-4:])) == {}
    assert at_stake(stops(ROWS, ROWS.iloc[[8]])["same_content_twice"]) == ("268", "8,308")
    # a few figures are alike by chance: then only the people and one group of them are there
    groups = {"in_destination": 40.0, "in_transit": 30.0, "host_communities": 20.0, "girls": 50.0, "women": 25.0}
    reports = ROWS.assign(**groups)
    again = reports.head(4).assign(appealing_organisation="Organización Internacional")
    assert at_stake(stops(reports, again)["same_content_twice"]) == (f"{sum(PEOPLE[:4]):,}", "11,821")
    assert stops(ROWS, ROWS.head(4).assign(appealing_organisation="HIAS")) == {}


def test_reports_of_the_same_people_by_chance_are_a_warning() -> None:
    """Two of eight rows of an organisation's report have the people of another one, for other partners."""
    rows = ROWS.assign(month="2021-01", appealing_organisation="IOM")
    again = rows.head(2).assign(implementing_partner="Aldeas")
    assert stops(rows, again) == stops(rows, rows.iloc[[0, 3, 7]].assign(implementing_partner="Aldeas")) == {}
    assert "same_content_twice" in stops(rows, rows.head(6).assign(implementing_partner="Aldeas"))
    typed = pd.concat([rows.astype(object), again.astype(object)], ignore_index=True)
    reports = plan(typed.assign(source_line=range(2, 16)).astype(ROWS.dtypes.to_dict()))
    assert findings(reports, period=YEAR).query("check == 'near_double'")["line"].to_list() == [14, 15]


def test_a_sum_of_few_rows_whose_groups_are_no_sums_is_chance() -> None:
    for rows in (ROWS.head(9), ROWS.head(10)):
        assert ("sums_among_rows" in stops(rows, total(rows).assign(in_destination=12.0))) == (len(rows) == 10)
        assert "sums_among_rows" in stops(rows, total(rows))
    rows = ROWS.assign(place=["lima"] * 6 + ["ica"] * 6, month=["2021-01", "2021-02"] * 6, appealing_organisation="IOM")
    subtotal = total(rows.iloc[7::2])
    assert at_stake(stops(rows, subtotal)["sums_among_rows"]) == ("2,835", "10,875")
    assert stops(rows, subtotal.replace(2_835.0, 2_836.0)) == stops(rows.drop(index=7), total(rows.iloc[9::2])) == {}
    assert at_stake(stops(ROWS, ROWS.assign(activity_name="again"), total(ROWS))["sums_among_rows"])[0] == "8,040"


def test_a_small_office_may_have_a_month_without_an_activity() -> None:
    rows = ROWS[ROWS["month"] != "2021-02"]
    assert stops(rows.head(4), of=["months_missing"]) == {}
    assert stops(pd.concat([rows, rows]), of=["months_missing"])["months_missing"].share == 1 / 3
    # a month after the last one is one whose file did not come
    assert stops(ROWS[ROWS["month"] == "2021-01"], of=["months_missing"])["months_missing"].share == 2 / 3


def test_a_month_is_missing_though_the_text_of_its_name_is_still_known() -> None:
    twice = plan(pd.concat([ROWS, ROWS], ignore_index=True))  # as if its rows had been corrected to another month
    without = replace(twice, activities=twice.activities[twice.activities["month"] != "2021-02"])
    assert ConditionMeasures(without, YEAR, Method(), "en").condition("months_missing").share == 1 / 3


def test_a_month_that_is_sent_again_as_another_stops_a_run() -> None:
    groups = {"in_destination": 40.0, "in_transit": 30.0, "host_communities": 20.0, "girls": 50.0, "women": 25.0}
    reports = ROWS.assign(**groups)
    february = reports[reports["month"] == "2021-02"]
    as_march = february.assign(month="2021-03", source_file="march.csv")
    again = stops(reports, as_march)["same_content_twice"]
    people = sum(february[NEW]) - 31  # so few may be alike by chance
    assert at_stake(again) == (f"{people:,.0f}", f"{ALL + sum(february[NEW]):,.0f}")
    assert "in another month" in again.sentence
    assert stops(reports, as_march.assign(girls=51.0)) == {}


def test_a_total_among_the_rows_stops_a_run_and_an_average_is_a_warning() -> None:
    slip = total(ROWS).assign(new_beneficiaries=ALL + 9.0)
    assert at_stake(stops(ROWS, slip)["sums_among_rows"]) == ("8,049", "16,089")
    assert "sums_among_rows" not in stops(ROWS, slip.assign(new_beneficiaries=ALL + 90.0))
    one_cell = total(ROWS).assign(total_monthly_beneficiaries=1_101.0, in_destination=1_101.0)
    assert at_stake(stops(ROWS, one_cell)["sums_among_rows"]) == ("8,040", "16,080")
    mean = total(ROWS).assign(new_beneficiaries=670.0, total_monthly_beneficiaries=670.0, month="2021-02")
    # one row that is the mean of the others is so by chance too often to stop a run
    assert stops(ROWS, mean) == {}
    for rows, is_mean in ((mean.assign(**{NEW: 670.5}), True), (mean.assign(**{NEW: 669.4}), False)):
        typed = pd.concat([ROWS.astype(object), rows.astype(object)]).assign(source_line=range(2, 15))
        reports = plan(typed.astype(ROWS.dtypes.to_dict()).reset_index(drop=True))
        assert ("mean_of_others" in set(findings(reports, period=YEAR)["check"])) == is_mean
    for people in ([10.0, 20.0, 15.0], [15.0] * 6):
        alike = plan(ROWS.head(len(people)).assign(**dict.fromkeys(COUNTS, people)))
        assert not ActivityColumns(alike).meets("mean_of_others").any()
    # by chance as large as the rows above it; its total of the month is not theirs
    large = ROWS.tail(1).assign(new_beneficiaries=float(ALL), total_monthly_beneficiaries=9_000.0)
    assert "sums_among_rows" not in stops(ROWS, large)


@pytest.mark.parametrize("above", [False, True])
def test_a_total_among_the_rows_stops_a_run(*, above: bool) -> None:
    parts = [total(ROWS), ROWS] if above else [ROWS, total(ROWS)]
    (found,) = stops(*parts).values()
    assert (found.name, at_stake(found)) == ("sums_among_rows", ("8,040", "16,080"))


@pytest.mark.parametrize("key", ["admin1", "month", "appealing_organisation"])
def test_subtotals_and_their_total_stop_a_run(key: str) -> None:
    groups = [rows for _, rows in ROWS.groupby(key)]
    with_sums = [part for rows in groups for part in (rows, total(rows))]
    assert at_stake(stops(*with_sums, total(ROWS))["sums_among_rows"]) == ("16,080", "24,120")


def test_a_total_is_found_wherever_it_was_sorted_to() -> None:
    """Each of 25 files has the reports of one organisation in any order, and their total."""
    chance, files = np.random.default_rng(1), []
    for number in range(25):
        people = pd.Series(chance.permutation(np.arange(50, 5_000))[: chance.integers(4, 31)].astype("float64"))
        with_total = pd.concat([people, pd.Series([people.sum()])]).sample(frac=1, random_state=number).to_list()
        rows = ROWS.iloc[[0] * len(with_total)].assign(**dict.fromkeys(COUNTS, with_total))
        names = {"source_file": f"{number}.csv", "appealing_organisation": f"Organisation {number}"}
        files.append(rows.assign(**names, is_total=rows[NEW] == people.sum()))
    reports = pd.concat(files, ignore_index=True)
    found = ActivityColumns(plan(reports.drop(columns="is_total"))).meets("sums_others")
    assert found[reports["is_total"]].all()


def test_what_is_over_the_usual_limit_or_a_lower_one_of_the_run_is_told() -> None:
    people = [float(-each if each == 1_234 else 0 if each == 410 else each) for each in PEOPLE]
    places = [ROWS.assign(new_beneficiaries=people, place=place, admin1=place) for place in "abcdefghij"]
    reports = plan(pd.concat([rows.astype(object) for rows in places], ignore_index=True).astype(ROWS.dtypes.to_dict()))
    limits = Limits(negative_people=0.5, nobody_new=0.01)
    found = conditions(reports, period=YEAR, method=Method(limits=limits))
    assert {each.name: each.accepted for each in found} == {"negative_people": True, "nobody_new": False}


def test_people_that_are_no_whole_number_stop_a_run() -> None:
    typed = ROWS.assign(new_beneficiaries=[each / 1000 if each > 1000 else each for each in PEOPLE])
    thousands = sum(each for each in PEOPLE if each > 1000)
    assert at_stake(stops(typed)["people_not_whole"]) == (f"{thousands:,}", f"{ALL:,}")
    usual = (ALL - 1_234 - 87) / 10
    for share in (0.35, 1_000.5):
        typed = ROWS.assign(new_beneficiaries=[share, 0.0, *map(float, PEOPLE[2:])])
        assert at_stake(stops(typed)["people_not_whole"])[0] == f"{usual:,.0f}"
    assert at_stake(stops(ROWS.assign(**{NEW: 0.35}))["people_not_whole"]) == ("12", "12")
    assert ActivityColumns(plan(ROWS.assign(**{NEW: 0.5}, indicator_type="other")))["people_if_whole"].eq(0).all()
    assert stops(ROWS.assign(new_beneficiaries=[1_234 + 1e-9, *map(float, PEOPLE[1:])])) == {}
    typed = ROWS.assign(new_beneficiaries=[-1_234.0, *map(float, PEOPLE[1:])])
    assert at_stake(stops(typed)["negative_people"]) == ("1,234", f"{ALL:,}")
    assert "negative_people" not in stops(ROWS.assign(transfer_value_usd=-5.0))


def test_people_of_a_wrong_column_stop_a_run() -> None:
    tripled = ROWS.assign(new_beneficiaries=[people * 3.0 if people == 410 else people for people in PEOPLE])
    assert at_stake(stops(tripled)["new_above_total"]) == ("820", "8,860")
    typed = ROWS.assign(new_beneficiaries=[2021.0 if people == 31 else people for people in PEOPLE])
    assert at_stake(stops(typed)["people_of_another_column"]) == ("2,021", f"{ALL - 31 + 2021:,}")


def test_new_people_in_the_column_of_a_group_stop_a_run() -> None:
    """In whole files, too; a row whose people are all of one group is the same when both are exchanged."""
    group = [float(people // 3) for people in PEOPLE]
    well = ROWS.assign(in_destination=[new - part for new, part in zip(PEOPLE, group, strict=True)])
    well = well.assign(host_communities=group)
    assert stops(well) == {}
    exchanged = well.assign(new_beneficiaries=well["host_communities"], host_communities=well["new_beneficiaries"])
    found = stops(exchanged)["people_of_another_column"]
    assert at_stake(found) == (f"{ALL:,}", f"{ALL:,}")
    sentence_end = "new_beneficiaries is 683; right is the people of the largest population group: 2050"
    assert found.sentence.endswith(sentence_end)


def test_empty_cells_zeros_and_people_of_other_indicators_stop_a_run() -> None:
    # cells of a month without anybody, and those that a plan year derives, are not meant
    empty = ROWS.assign(new_beneficiaries=[float("nan") if people == 410 else people for people in PEOPLE])
    assert at_stake(stops(empty)["people_empty"]) == ("410", f"{ALL:,}")
    assert "add `empty: 0` to `activities` in sources.yml" in stops(empty)["people_empty"].sentence
    assert stops(empty.assign(total_monthly_beneficiaries=[0 if each == 410 else each for each in PEOPLE])) == {}
    assert stops(empty.assign(people_not_known=[410.0 if each == 410 else 0.0 for each in PEOPLE])) == {}
    assert stops(ROWS.head(9).assign(new_beneficiaries=0.0)) == {}  # an office may have reached nobody new
    nobody = stops(ROWS.assign(new_beneficiaries=0.0))
    assert nobody["nobody_new"].sentence.startswith(f"{ALL:,} of the {ALL:,} people assisted, month by month (100.0%)")
    assert stops(ROWS.assign(new_beneficiaries=[0.0, *PEOPLE[1:]])) == {}
    # a fifth of the people that Bolivia reported in 2021 stand so; each row is a finding from the first on, and some
    # rows of a small file are so by chance
    kinds = [{"indicator_type": "other" if people in (2_050, 14) else "people in need"} for people in PEOPLE]
    some = ROWS.assign(**pd.DataFrame(kinds, index=ROWS.index))
    assert stops(some) == {}
    five_times = (some.assign(place=place, month=["2021-01", "2021-02", "2021-03"] * 4) for place in "abcde")
    assert at_stake(stops(*five_times)["people_of_other_kinds"]) == (f"{5 * 2_064:,}", f"{5 * ALL:,}")
    few = ROWS.assign(indicator_type=["other" if people == 14 else "people in need" for people in PEOPLE])
    assert stops(few) == {}


@pytest.mark.parametrize(
    ("language", "opening", "why"),
    [
        ("es", "1234 de 8040 personas (15,3 %) están en filas afectadas (1). ", "es menor que 0"),
        ("pt", "1234 de 8040 pessoas", ""),
    ],
)
def test_what_stops_a_run_is_said_in_the_language_of_the_project(language: str, opening: str, why: str) -> None:
    typed = ROWS.assign(new_beneficiaries=[-1_234.0, *map(float, PEOPLE[1:])])
    sentence = ConditionMeasures(plan(typed), YEAR, Method(), language).condition("negative_people").sentence
    assert sentence.replace("\u202f", " ").replace("\u00a0", " ").startswith(opening)
    assert why in sentence
    assert " people " not in sentence


def test_a_misspelt_place_stops_a_run_but_not_one_like_none() -> None:
    # Tumbes is in OCHA's list of Peru, which the package has; here the folder has no list of its own
    typed = ROWS.astype({"admin1": str, "place": str})
    typed.loc[7, ["admin1", "place"]] = ["Tumbez", "tumbez"]
    typed = typed.astype({"admin1": "category", "place": "category"})
    found = stops(typed)["misspelt_places"]
    assert at_stake(found) == ("1,720", "8,040")
    assert "admin1 is Tumbez; right is Tumbes" in found.sentence
    (finding,) = findings(plan(typed), period=YEAR).query("check == 'admin1_misspelt'").to_dict("records")
    assert (finding["line"], finding["value"], finding["allowed"]) == (9, "Tumbez", "Tumbes")
    assert stops(ROWS.assign(admin1="Frontera", place="frontera")) == {}


def own_conditions(plan: Plan, end: str) -> set[str]:
    """What of the conditions on repeats, sums, numbers and places a plan is over."""
    period = Period(start=f"{plan.year.year}-01", end=end)
    weighed = map(ConditionMeasures(plan, period, Method(), "en").condition, NEW_CONDITIONS)
    return {each.name for each in weighed if each.share > getattr(Limits(), each.name)}


@pytest.mark.real_data
def test_the_real_reports_of_2021_are_over_no_limit(real: Plan) -> None:
    plan = repair_plan(real)
    assert own_conditions(plan, "2021-05") == set()
    assert not ActivityColumns(plan).meets("sums_others & new >= 50").any()


@pytest.mark.real_data
def test_no_country_of_the_real_reports_is_over_a_limit(real: Plan) -> None:
    """A country's office has its own file; reports of a country repeat people by chance, and make sums by chance."""
    plan = repair_plan(real)
    for country, rows in plan.activities.groupby("country", observed=True):
        assert own_conditions(replace(plan, activities=rows), "2021-05") == set(), country


SOURCES = "title: Peru\nplan: 2021\nactivities: {{file: {file}, producer: R4V, as_of: 2021-06-01}}\n"


def test_the_command_refuses_and_its_line_accepts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reports of Peru in two versions, of which the second has another implementing partner, and months to come."""
    with gzip.open(bundled_plan() / "activities.csv.gz", "rt", encoding="utf-8-sig") as file:
        sent = pd.read_csv(file, dtype="str", keep_default_na=False).query("Country == 'Peru'").iloc[::10]
    second = sent.assign(**{"Implementing.partner.Name": "Aldeas"})
    pd.concat([sent, second]).to_csv(tmp_path / "5w.csv", index=False)
    (tmp_path / "indicators.csv").write_bytes((bundled_plan() / "indicators.csv").read_bytes())
    listed = "indicators: {file: indicators.csv, producer: R4V, as_of: 2021-06-01}\n"
    (tmp_path / "sources.yml").write_text(SOURCES.format(file="5w.csv") + listed, encoding="utf-8")
    params = tmp_path / "params.yml"
    asked = "run: peru\ntitle: Peru\nplan: 2021\nperiod: {start: 2021-01, end: 2021-06}\ndata: .\nsectors: [Health]\n"
    params.write_text(asked, encoding="utf-8")
    assert rmrp("check", params, "--out", tmp_path / "out") == 3
    said = capsys.readouterr().err
    assert "same_content_twice (a run publishes nothing)" in said
    assert "Accepting same_content_twice means that up to 50% of what the sheets say may be wrong" in said
    assert "are of months after 2021-06, the end of the period" in said
    assert rmrp("run", params, "--dry-run", "--out", tmp_path / "reports") == 3
    line = capsys.readouterr().err.strip().splitlines()[-1].removeprefix("rmrp: ")
    assert line.startswith("accept: [same_content_twice: ")
    params.write_text(f"{asked}{line}\n", encoding="utf-8")
    assert rmrp("run", params, "--dry-run", "--out", tmp_path / "reports") == 0
    assert "Accepting same_content_twice means" in capsys.readouterr().err
