"""A sample has its size and its proportions, its partners remember whom they counted, and planted faults are seen."""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import Answer
from rmrp_analysis.arguments import Period
from rmrp_analysis.commands.sample.faults import PLACE_FINDER_BY_FAULT
from rmrp_analysis.commands.sample.reports import ACTIVITY_HEADER
from rmrp_analysis.commands.sample.series import (
    AGE_GENDER_HEADERS,
    COUNTRY_HEADER,
    MONTH_HEADER,
    NEW_PEOPLE_HEADER,
    ORGANISATION_HEADER,
    POPULATION_GROUP_HEADERS,
    QUANTITY_HEADER,
    SECTOR_HEADER,
    SERIES_KEY_HEADERS,
    TOTAL_PEOPLE_HEADER,
)
from rmrp_analysis.commands.sample.write import PLANTED_FILE, write_sample, write_workbook
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets
from rmrp_analysis.method import Method
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.gate import conditions
from rmrp_analysis.sources import load_sources

BUNDLED = find_shipped_folder(BUNDLED_PLAN)
YEAR = Period(start="2021-01", end="2021-12")
ROWS = 6_000
"""Of a sample with faults: every country has several partners."""
SECTOR_COUNTRY = ["sector", "country"]
PARTNER = ["organisation", "country"]
PEOPLE_TO_DOUBT, GROUPS_TO_DOUBT = 1_000, 1.05


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan of more rows than the bundled one."""
    folder = tmp_path_factory.mktemp("large")
    write_sample(folder, rows=50_000, seed=7)
    return folder


@pytest.fixture(scope="module", params=[2, 3])
def with_faults(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with faults; ``clean`` beside it is the same without them."""
    folder = tmp_path_factory.mktemp("faults")
    write_sample(folder / "faulty", rows=ROWS, seed=request.param, faults=True)
    write_sample(folder / "clean", rows=ROWS, seed=request.param)
    return folder / "faulty"


@cache
def activities_of(folder: Path) -> pd.DataFrame:
    """The records as they stand in the file, those that can be used."""
    rows = pd.read_csv(folder / "activities.csv.gz", dtype="str", keep_default_na=False)
    rows = rows[
        rows[NEW_PEOPLE_HEADER].str.isdigit() & (rows[MONTH_HEADER] != "") & (rows[COUNTRY_HEADER] != "Atlantis")
    ]
    numbers = [NEW_PEOPLE_HEADER, TOTAL_PEOPLE_HEADER, QUANTITY_HEADER, *POPULATION_GROUP_HEADERS, *AGE_GENDER_HEADERS]
    return rows[rows[SECTOR_HEADER].map(rows[SECTOR_HEADER].value_counts()) >= 20].astype(dict.fromkeys(numbers, int))


@cache
def plan_of(folder: Path) -> Plan:
    return load_plan(folder)


@cache
def reports_of(folder: Path) -> pd.DataFrame:
    """A row for each organisation, country, sector and month of a plan.

    Columns: ``rows``, NaN where it reported none; people in need: ``new``, ``assisted``, ``groups``, ``largest_row``;
    ``others``, true where more were assisted than new in a row; ``state``: counted, services, nobody new, not counted;
    where there is no report: country not in, late, absent.
    """
    rows = plan_of(folder).activities.rename(columns={"appealing_organisation": "organisation"})
    rows = rows.astype(dict.fromkeys([*PARTNER, "sector", "month"], "str"))
    in_need = rows["indicator_type"] == "people in need"
    groups = rows[["in_destination", "in_transit", "host_communities", "pendular", "colombian_returnees"]].sum(axis=1)
    rows = rows.assign(
        new=rows["new_beneficiaries"].where(in_need, 0),
        total=rows["total_monthly_beneficiaries"].where(in_need, 0),
        groups=groups.where(in_need, 0),
    )
    rows = rows.assign(
        assisted=rows[["total", "groups"]].max(axis=1), others=(rows["total"] > rows["new"]) & (rows["new"] > 0)
    )
    keys = [*PARTNER, "sector", "month"]
    sums = {name: (name, "sum") for name in ("rows", "new", "assisted", "groups")}
    reports = rows.groupby(keys).agg(**sums, largest_row=("new", "max"), others=("others", "max"))
    months, partners = sorted(rows["month"].unique()), reports.index.droplevel("month").unique()
    reports = reports.reindex(
        pd.MultiIndex.from_tuples([(*each, month) for each in partners for month in months], names=keys)
    )
    is_there = reports["rows"].notna()
    ever_new = reports["new"].fillna(0).groupby(level=[*PARTNER, "sector"]).cumsum()
    has_nobody_new = (reports["new"] == 0) & (reports["assisted"] > 0)
    impossible = reports["assisted"].where(has_nobody_new & (reports["assisted"] > ever_new), 0)
    of_month = [reports.index.get_level_values(name) for name in ("country", "month")]
    is_unfilled = (
        impossible.groupby(of_month).transform("sum") >= reports["assisted"].groupby(of_month).transform("sum") / 2
    )
    country_is_in = is_there.groupby(of_month).transform("any")
    reported = is_there.groupby(level=[*PARTNER, "month"]).transform("any")
    by_partner = reported.groupby(level=[*PARTNER, "sector"])
    is_late = ~reported & by_partner.transform("any") & (by_partner.cumsum() == by_partner.transform("sum"))
    states = pd.Series("counted", reports.index).mask((reports["assisted"] == 0) & (reports["new"] == 0), "services")
    states = states.mask(has_nobody_new, "nobody new").mask(
        (impossible > 0) | (has_nobody_new & is_unfilled), "not counted"
    )
    absences = pd.Series("absent", reports.index).mask(is_late, "late").mask(~country_is_in, "country not in")
    return reports.assign(state=states.where(is_there, absences))


def planted_in(folder: Path, fault: str) -> pd.DataFrame:
    """Where a fault is planted, in the words of the plan's tables."""
    sent = pd.read_csv(folder / "activities.csv.gz", dtype="str", keep_default_na=False)
    activities = plan_of(folder).activities
    lines = sent.loc[activities["source_line"] - 2]
    planted = pd.read_csv(folder / PLANTED_FILE, keep_default_na=False)
    for column, header in {"country": COUNTRY_HEADER, "sector": SECTOR_HEADER}.items():
        planted[column] = planted[column].replace(
            dict(zip(lines[header], activities[column].astype("str"), strict=True))
        )
    return planted[planted["fault"] == fault].reset_index(drop=True)


def places(reports: pd.DataFrame, columns: list[str]) -> set[tuple[str, ...]]:
    return set(reports.reset_index()[columns].itertuples(index=False, name=None))


def sums_of_sectors(folder: Path) -> pd.DataFrame:
    """What each sector reports of people in need in each country: as ``reports_of``, and in how many ``months``."""
    reports = reports_of(folder)
    reports = reports[reports["assisted"] > 0].reset_index()
    sums = {name: (name, "sum") for name in ("new", "groups")}
    by_sector = reports.groupby(SECTOR_COUNTRY)
    return by_sector.agg(
        **sums, largest_row=("largest_row", "max"), months=("month", "nunique"), others=("others", "max")
    )


def where_everybody_is_new(folder: Path) -> set[tuple[str, ...]]:
    sectors = sums_of_sectors(folder)
    is_doubtful = (sectors["new"] >= PEOPLE_TO_DOUBT) & (sectors["months"] > 1) & ~sectors["others"].astype(bool)
    return places(sectors[is_doubtful], SECTOR_COUNTRY)


def where_one_report_makes_most(folder: Path) -> set[tuple[str, ...]]:
    sectors = sums_of_sectors(folder)
    is_doubtful = (sectors["new"] >= PEOPLE_TO_DOUBT) & (sectors["largest_row"] > sectors["new"] / 2)
    return places(sectors[is_doubtful], SECTOR_COUNTRY)


def where_groups_exceed_new(folder: Path) -> set[tuple[str, ...]]:
    sectors = sums_of_sectors(folder)
    return places(sectors[sectors["groups"] > GROUPS_TO_DOUBT * sectors["new"]], SECTOR_COUNTRY)


def where_not_counted(folder: Path) -> set[tuple[str, ...]]:
    reports = reports_of(folder)
    return places(reports[reports["state"] == "not counted"], ["country", "month"])


def absent_in_december(folder: Path, state: str) -> set[tuple[str, ...]]:
    reports = reports_of(folder).xs("2021-12", level="month")
    return places(reports[reports["state"] == state], PARTNER)


@pytest.mark.parametrize("rows", [1, 10, 3_000, 20_000])
def test_a_sample_has_exactly_its_rows_and_can_be_loaded(rows: int, tmp_path: Path) -> None:
    write_sample(tmp_path, rows=rows, seed=1)
    plan = load_plan(tmp_path)
    used = next(file for file in plan.inputs if file.name == "activities")
    assert (used.rows + used.rows_refused, used.rows_refused) == (rows, rows // 1000)
    assert all(join.rows_unmatched == 0 for join in plan.joins)


def test_the_same_rows_and_seed_give_the_same_bytes_and_no_rows_are_refused(tmp_path: Path) -> None:
    for name, seed, faults in (("first", 1, True), ("again", 1, True), ("other", 2, False)):
        write_sample(tmp_path / name, rows=500, seed=seed, faults=faults)
    first, again, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "again", "other")
    )
    assert first == again
    assert first["activities.csv.gz"] != other["activities.csv.gz"]
    with pytest.raises(ValueError, match="at least one activity record"):
        write_sample(tmp_path, rows=0, seed=1)


def test_a_large_sample_has_the_shares_and_people_that_its_rows_stand_for(large: Path) -> None:
    before, after = activities_of(BUNDLED), activities_of(large)
    expected = before[SECTOR_HEADER].value_counts() * 50_000 / 20_000
    assert (after[SECTOR_HEADER].value_counts() - expected).abs().max() <= 2
    of_month = after[MONTH_HEADER].value_counts()
    assert of_month.between(0.065 * 50_000, 0.095 * 50_000).all()
    assert after[NEW_PEOPLE_HEADER].sum() == pytest.approx(before[NEW_PEOPLE_HEADER].sum() * 50_000 / 20_000, rel=0.05)
    by_sector = after.groupby(SECTOR_HEADER)[NEW_PEOPLE_HEADER].sum() / (
        before.groupby(SECTOR_HEADER)[NEW_PEOPLE_HEADER].sum() * 50_000 / 20_000
    )
    assert by_sector[before.groupby(SECTOR_HEADER)[NEW_PEOPLE_HEADER].sum() > 10_000].between(0.9, 1.1).all()
    assert after.duplicated([*SERIES_KEY_HEADERS, ACTIVITY_HEADER, MONTH_HEADER]).sum() == 0


def test_a_series_that_is_drawn_again_has_a_number_after_its_activity(tmp_path: Path) -> None:
    write_sample(tmp_path, rows=200_000, seed=1)
    rows = activities_of(tmp_path)
    assert rows[ACTIVITY_HEADER].str.contains(r" [2-9]$").any()
    assert rows.duplicated([*SERIES_KEY_HEADERS, MONTH_HEADER]).any()
    assert not rows.duplicated([*SERIES_KEY_HEADERS, ACTIVITY_HEADER, MONTH_HEADER]).any()


@pytest.mark.parametrize("rows", [300, 600, 900, 3_000])
def test_a_run_publishes_a_sample_of_any_size_and_doubts_nothing_in_it(rows: int, tmp_path: Path) -> None:
    write_sample(tmp_path, rows=rows, seed=3)
    assert conditions(plan_of(tmp_path), period=YEAR, method=Method()) == ()
    assert where_not_counted(tmp_path) == set()
    assert where_everybody_is_new(tmp_path) == set()
    assert where_one_report_makes_most(tmp_path) == set()
    assert where_groups_exceed_new(tmp_path) == set()


def test_nobody_is_assisted_who_was_not_new_before_or_now(large: Path) -> None:
    rows = activities_of(large).sort_values(MONTH_HEADER, kind="stable")
    ever_new = rows.groupby([*SERIES_KEY_HEADERS, ACTIVITY_HEADER])[NEW_PEOPLE_HEADER].cumsum()
    assert (rows[NEW_PEOPLE_HEADER] <= rows[TOTAL_PEOPLE_HEADER]).all()
    assert (rows[TOTAL_PEOPLE_HEADER] <= ever_new).all()
    comes_later = rows.duplicated([*SERIES_KEY_HEADERS, ACTIVITY_HEADER])
    assert (rows[TOTAL_PEOPLE_HEADER] > rows[NEW_PEOPLE_HEADER])[comes_later & (rows[TOTAL_PEOPLE_HEADER] > 0)].all()
    assert (rows[TOTAL_PEOPLE_HEADER] == rows[NEW_PEOPLE_HEADER])[~comes_later].all()


def test_groups_add_up_to_the_new_people_and_rows_of_services_have_none(large: Path) -> None:
    rows, plan = activities_of(large), plan_of(large)
    assert (rows[AGE_GENDER_HEADERS].sum(axis=1) == rows[NEW_PEOPLE_HEADER]).all()
    kinds = plan.activities["indicator_type"].astype("str").to_numpy()
    assert (rows[POPULATION_GROUP_HEADERS].sum(axis=1) == rows[NEW_PEOPLE_HEADER])[kinds == "people in need"].all()
    assert (rows[[*POPULATION_GROUP_HEADERS, *AGE_GENDER_HEADERS, NEW_PEOPLE_HEADER, TOTAL_PEOPLE_HEADER]] == 0)[
        kinds == "other"
    ].all(axis=None)
    assert (rows[QUANTITY_HEADER] > 0)[kinds == "other"].all()
    assert (rows[TOTAL_PEOPLE_HEADER] > 0)[kinds != "other"].all()


def test_in_few_reports_nobody_is_new_though_people_are_assisted(large: Path) -> None:
    states = reports_of(large)["state"].value_counts()
    assert 0 < states["nobody new"] < 0.02 * states["counted"]
    assert "not counted" not in states


def test_most_partners_report_every_month_and_few_are_silent_in_one(large: Path) -> None:
    is_there = reports_of(large)["rows"].notna().groupby(level=[*PARTNER, "month"]).any().unstack().to_numpy()
    assert 0.4 < is_there.all(axis=1).mean() < 0.8
    has_begun = np.maximum.accumulate(is_there, axis=1)
    ends_later = np.maximum.accumulate(is_there[:, ::-1], axis=1)[:, ::-1]
    expected = has_begun & ends_later
    assert 0.02 < (~is_there)[expected].mean() < 0.08
    assert 0.05 < (~is_there[:, 0]).mean() < 0.25
    assert 0.05 < (~is_there[:, -1]).mean() < 0.25


def test_sources_name_every_file_with_its_checksum_and_say_what_is_invented(large: Path) -> None:
    described = load_sources(large)
    files = {name: source for _, source in described.items() for name in source.names}
    assert {path.name for path in large.iterdir()} == {*files, "sources.yml"}
    for name, source in files.items():
        assert source.sha256 == hashlib.sha256((large / name).read_bytes()).hexdigest()
    assert described.activities.illustrative
    assert (large / "sources.yml").read_text("utf-8").startswith("# Written by `rmrp sample --rows 50000 --seed 7`")


def test_a_workbook_in_spanish_holds_the_rows_of_its_months_and_a_later_one_begins_with_them(tmp_path: Path) -> None:
    books = {end: tmp_path / f"{end}.xlsx" for end in ("2021-02", "2021-03")}
    for end, book in books.items():
        count = write_workbook(book, rows=300, seed=1, month=end, language="es")
        assert count == len(pd.read_excel(book, engine="calamine", dtype="str"))
    february, march = (pd.read_excel(book, engine="calamine", dtype="str") for book in books.values())
    assert {"Mes", "País", "Nuevos beneficiarios del mes"} <= set(march.columns)
    assert set(march["Mes"]) == {"2021-01", "2021-02", "2021-03"}
    pd.testing.assert_frame_equal(march[: len(february)], february)
    assert set(march["Mes"][len(february) :]) == {"2021-03"}
    assert (
        "inventadas" in pd.read_excel(books["2021-02"], engine="calamine", sheet_name="LÉAME", header=None).to_string()
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_workbook_after_another_begins_with_its_rows_and_has_as_many_as_are_asked(
    language: str, tmp_path: Path, answer: Answer
) -> None:
    may, june = tmp_path / "may.xlsx", tmp_path / "june.xlsx"
    write_workbook(may, rows=300, seed=1, month="2021-05", language=language)
    before = pd.read_excel(may, engine="calamine", dtype="str")
    asked = ("--after", may, "--month", "2021-06", "--language", language, "--out", june)
    rows = len(before) + 40
    code, message = answer("sample", *asked, "--rows", rows)
    assert (code, message) == (0, f"{rows} activities; first those of {may}\n")
    after = pd.read_excel(june, engine="calamine", dtype="str")
    assert len(after) == rows
    pd.testing.assert_frame_equal(after[: len(before)], before)
    month = {"en": MONTH_HEADER, "es": "Mes"}[language]
    assert set(after.loc[len(before) :, month]) == {"2021-06"}
    code, message = answer("sample", *asked, "--rows", len(before))
    assert (code, f"may.xlsx: holds {len(before)} activities; name more by --rows" in message) == (2, True)
    code, message = answer("sample", *asked[:2], "--month", "2021-05", *asked[4:], "--rows", rows)
    assert (code, "holds activities up to 2021-05; name a later month by --month" in message) == (2, True)
    (other := tmp_path / "other.xlsx").write_bytes(b"PK")
    code, message = answer("sample", "--after", other, *asked[2:], "--rows", rows)
    assert (code, "other.xlsx: no workbook of `rmrp sample`" in message) == (3, True)
    code, message = answer("sample", *asked[:-1], tmp_path / "folder", "--rows", rows)
    assert (code, "name a workbook (.xlsx), since --after names one" in message) == (2, True)


def test_all_sheets_of_a_workbook_are_in_its_language_which_is_that_of_whoever_asks(
    tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RMRP_LANGUAGE", "es")
    book = tmp_path / "5W.xlsx"
    assert answer("sample", "--rows", "1000", "--faults", "--out", book)[0] == 0
    sheets = pd.read_excel(book, engine="calamine", sheet_name=None, header=None, dtype="str")
    assert list(sheets) == ["5W", "LÉAME", "Fallas"]
    assert "País" in set(sheets["5W"].loc[0])
    assert sheets["Fallas"].loc[0].to_list() == ["falla", "organización", "país", "sector", "mes", "filas", "personas"]
    assert "país con retraso" in set(sheets["Fallas"][0])
    assert not set(sheets["Fallas"][0]) & set(PLACE_FINDER_BY_FAULT)


def test_a_workbook_with_faults_lists_them_on_a_worksheet_that_is_no_input(tmp_path: Path) -> None:
    write_workbook(book := tmp_path / "5W.xlsx", rows=3_000, seed=1, month="2021-05", language="en", faults=True)
    sheets = recognise_sheets(book)
    assert {sheet.sheet: sheet.name for sheet in sheets} == {"5W": "activities", "README": "", "Planted": ""}
    rows, planted = (pd.read_excel(book, engine="calamine", sheet_name=name) for name in ("5W", "Planted"))
    assert list(planted) == ["fault", "organisation", "country", "sector", "month", "rows", "people"]
    assert set(planted["fault"]) == set(PLACE_FINDER_BY_FAULT)
    (late,) = planted.loc[planted["fault"] == "late country", ["country", "month"]].itertuples(index=False, name=None)
    assert late[1] == "2021-05"
    assert set(rows.loc[rows[COUNTRY_HEADER] == late[0], MONTH_HEADER]) <= {"2021-01", "2021-02", "2021-03", "2021-04"}


def test_every_fault_is_planted_once_each_in_countries_of_its_own(with_faults: Path) -> None:
    planted = pd.read_csv(with_faults / PLANTED_FILE, keep_default_na=False)
    assert planted["fault"].value_counts().to_dict() == dict.fromkeys(PLACE_FINDER_BY_FAULT, 1) | {"late partners": 3}
    assert planted.drop_duplicates(["country", "fault"])["country"].is_unique
    assert (planted["rows"] > 0).all()
    named = {name for _, source in load_sources(with_faults).items() for name in source.names}
    assert PLANTED_FILE not in named


def test_faults_change_nothing_but_the_countries_where_they_are_planted(with_faults: Path) -> None:
    planted = pd.read_csv(with_faults / PLANTED_FILE, keep_default_na=False)
    faulty, clean = (
        pd.read_csv(with_faults.with_name(name) / "activities.csv.gz", dtype="str") for name in ("faulty", "clean")
    )
    rows = planted.groupby("fault")["rows"].sum()
    assert len(clean) == ROWS
    assert len(faulty) == ROWS - rows["late country"] - rows["late partners"] + rows["two versions"]
    touched = [*planted["country"], "Atlantis"]  # a late row may be one that cannot be used
    same, as_before = (each[~each[COUNTRY_HEADER].isin(touched)] for each in (faulty, clean))
    assert len(as_before) > 0
    pd.testing.assert_frame_equal(same.reset_index(drop=True), as_before.reset_index(drop=True))


def test_a_column_that_is_not_filled_is_seen_and_no_other(with_faults: Path) -> None:
    (planted,) = places(planted_in(with_faults, "column not filled"), ["country", "month"])
    assert where_not_counted(with_faults) == {planted}
    reports = reports_of(with_faults).xs(planted, level=("country", "month"))
    assert set(reports.loc[reports["assisted"] > 0, "state"]) == {"not counted"}


def test_a_sector_where_everybody_is_new_is_seen_and_no_other(with_faults: Path) -> None:
    assert where_everybody_is_new(with_faults) == places(planted_in(with_faults, "everybody as new"), SECTOR_COUNTRY)


def test_one_report_that_makes_most_of_a_sector_is_seen_and_no_other(with_faults: Path) -> None:
    planted = planted_in(with_faults, "one report that makes most")
    assert where_one_report_makes_most(with_faults) == places(planted, SECTOR_COUNTRY)
    report = reports_of(with_faults).loc[tuple(planted.loc[0, [*PARTNER, "sector", "month"]])]
    assert report["largest_row"] == planted.loc[0, "people"]


def test_groups_of_the_assisted_are_seen_and_no_others(with_faults: Path) -> None:
    (planted,) = places(planted_in(with_faults, "groups of the assisted"), SECTOR_COUNTRY)
    assert where_groups_exceed_new(with_faults) == {planted}
    sector = sums_of_sectors(with_faults).loc[planted]
    reports = reports_of(with_faults).xs(planted, level=SECTOR_COUNTRY)
    assert sector["groups"] == reports["assisted"].sum()


def test_a_late_country_has_no_row_in_the_last_month(with_faults: Path) -> None:
    (country,) = planted_in(with_faults, "late country")["country"]
    assert {place for _, place in absent_in_december(with_faults, "country not in")} == {country}
    assert absent_in_december(with_faults.with_name("clean"), "country not in") == set()


def test_late_partners_reported_every_month_before_and_are_late_in_the_last(with_faults: Path) -> None:
    planted = places(planted_in(with_faults, "late partners"), PARTNER)
    clean = absent_in_december(with_faults.with_name("clean"), "late")
    (country,) = planted_in(with_faults, "late country")["country"]
    assert absent_in_december(with_faults, "late") == planted | {each for each in clean if each[1] != country}
    is_there = reports_of(with_faults)["rows"].notna().groupby(level=[*PARTNER, "month"]).any().unstack()
    assert (is_there.loc[sorted(planted)].sum(axis=1) == 11).all()


def test_two_versions_differ_by_less_than_one_percent_and_no_other_row_is_there_twice(with_faults: Path) -> None:
    rows = activities_of(with_faults)
    versions = rows[rows.duplicated([*SERIES_KEY_HEADERS, ACTIVITY_HEADER, MONTH_HEADER], keep=False)].groupby(
        [*SERIES_KEY_HEADERS, ACTIVITY_HEADER, MONTH_HEADER]
    )[NEW_PEOPLE_HEADER]
    (planted,) = pd.read_csv(with_faults / PLANTED_FILE).query("fault == 'two versions'").to_dict("records")
    assert len(versions) == planted["rows"]
    assert set(versions.size()) == {2}
    assert (versions.first() < versions.last()).all()
    assert (versions.last() - versions.first() <= 0.01 * versions.last()).all()
    assert versions.last().sum() == planted["people"]
    keys = versions.first().reset_index()[[ORGANISATION_HEADER, COUNTRY_HEADER, SECTOR_HEADER, MONTH_HEADER]]
    expected = tuple(planted[name] for name in ("organisation", "country", "sector", "month"))
    assert set(keys.itertuples(index=False, name=None)) == {expected}


def test_a_run_goes_on_with_the_faults(with_faults: Path) -> None:
    assert conditions(plan_of(with_faults), period=YEAR, method=Method()) == ()


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_a_small_sample_has_the_faults_that_fit_in_it(rows: int, tmp_path: Path) -> None:
    write_sample(tmp_path, rows=rows, seed=1, faults=True)
    planted = pd.read_csv(tmp_path / PLANTED_FILE)
    assert set(planted["fault"]) < set(PLACE_FINDER_BY_FAULT)
    assert len(load_plan(tmp_path).activities) <= rows


def test_a_sample_without_faults_leaves_no_list_of_those_of_an_earlier_one(tmp_path: Path) -> None:
    write_sample(tmp_path, rows=100, seed=1, faults=True)
    write_sample(tmp_path, rows=100, seed=1)
    assert not (tmp_path / PLANTED_FILE).exists()


def test_the_command_says_how_many_of_the_years_activities_a_workbook_has(tmp_path: Path, answer: Answer) -> None:
    code, message = answer("sample", "--rows", "3000", "--out", tmp_path / "5W.xlsx")
    assert (code, message) == (0, "3,000 activities, of 3,000 in the whole year\n")
    assert len(pd.read_excel(tmp_path / "5W.xlsx", engine="calamine")) == 3_000
    code, message = answer("sample", "--rows", "300", "--month", "2021-03", "--out", tmp_path / "march.xlsx")
    count = len(pd.read_excel(tmp_path / "march.xlsx", engine="calamine"))
    assert (code, message) == (0, f"{count} activities, of 300 in the whole year\n")
    assert 30 < count < 120
    code, message = answer("sample", "--rows", "300", "--out", tmp_path / "march.csv")
    assert (code, "name a folder, or a workbook (.xlsx)" in message) == (2, True)
