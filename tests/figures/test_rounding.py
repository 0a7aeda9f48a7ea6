"""Public counts of people are rounded by the keys of the people behind them: fairly, and alike wherever they stand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import activities, plan, planning
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import few, for_audience, round_to_base
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import mix_keys, rounding_key, row_keys
from rmrp_analysis.metrics.rounding_key import secret_of
from rmrp_analysis.packs import pack

SECRET = "a secret of these tests"  # noqa: S105 - of these tests alone
KEYS = st.integers(0, 2**64 - 1)
BASES = st.integers(5, 20)
PEOPLE = st.floats(-1e7, 1e7).map(lambda people: round(people, 6))
"""Some partners report fractions of people."""


def rows(people: list[float], country: str = "Peru") -> pd.DataFrame:
    """Reports of so many people each, in the order of their lines."""
    lines = range(2, 2 + len(people))
    months = [f"2021-{1 + number % 12:02d}" for number in range(len(people))]
    return pd.DataFrame({"country": country, "month": months, "new": people, "source_file": "a", "source_line": lines})


def number_of(reports: pd.DataFrame, base: int = 10) -> float:
    """The people of some reports as they are printed, by the sum of their keys."""
    keys = row_keys(reports, SECRET)
    (number,) = round_to_base([reports["new"].sum()], [np.sum(keys.to_numpy(), dtype=np.uint64)], base)
    return float(number)


@given(PEOPLE, KEYS, BASES)
def test_a_number_is_one_of_the_two_multiples_beside_it_also_below_zero(value: float, key: int, base: int) -> None:
    (number,) = round_to_base([value], np.array([key], dtype=np.uint64), base)
    assert number % base == 0
    assert abs(number - value) < base
    assert number == value or value % base != 0
    keys = np.array([key, key], dtype=np.uint64)
    above, below = round_to_base([value, -value], keys, base)
    assert above == -below


@given(KEYS, BASES)
def test_nobody_stays_nobody_and_what_is_not_known_stays_so(key: int, base: int) -> None:
    numbers = round_to_base([0.0, np.nan], np.array([key, key], dtype=np.uint64), base)
    assert numbers[0] == 0
    assert np.isnan(numbers[1])


@pytest.mark.parametrize("base", [5, 10, 20])
def test_on_average_nothing_is_added(base: int) -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 40_000, dtype=np.uint64)
    for value in range(3 * base):
        mean = float(round_to_base(np.full(len(keys), value), keys, base).mean())
        assert abs(mean - value) < 5 * base / 2 / np.sqrt(len(keys))  # five times what chance would leave


def test_a_base_of_0_leaves_numbers_exact_and_few_are_rounded_down_to_none() -> None:
    keys = np.zeros(3, dtype=np.uint64)
    assert round_to_base([4910.0, 3.0, 7.5], keys, 0).tolist() == [4910.0, 3.0, 7.5]
    assert round_to_base([14.0, 14.0, 14.0], keys, [10, 0, 20]).tolist() == [20.0, 14.0, 20.0]
    assert (round_to_base([2.5], [0], 1).tolist(), np.signbit(round_to_base([-3.0], [2**64 - 1], 10)).tolist()) == (
        [3.0],
        [False],
    )
    assert few([0.0, 3.0, 3.0, np.nan], [0.0, 0.0, 10.0, np.nan]).tolist() == [False, True, False, False]
    made = plan(activities(new_beneficiaries=[3], in_destination=[3]))
    exact = made.select("Health", method=Method(rounding=0)).key_figures()
    assert for_audience(exact, "public").value("people_reached") == 3
    assert for_audience(exact, "public").base == 0


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_same_rows_have_the_same_number_wherever_they_stand(people: list[int], chance: object) -> None:
    reports = rows(list(map(float, people)))
    order = np.random.default_rng(len(people)).permutation(len(reports))
    moved = reports.iloc[order].reset_index(drop=True).assign(source_line=range(900, 900 + len(reports)))
    with_texts = reports[["new", "month", "source_line", "country", "source_file"]].astype({"country": "category"})
    assert number_of(reports) == number_of(moved) == number_of(with_texts.assign(remarks=pd.NA))


def test_keys_of_rows_and_of_their_groups_are_as_good_as_chance() -> None:
    keys = row_keys(rows([float(number) for number in range(20_000)]), SECRET).to_numpy()
    bits = (keys[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(len(keys))
    keys = row_keys(rows([float(number) for number in range(2_000)]), SECRET)
    women, girls = mix_keys(keys, "women"), mix_keys(keys, "girls")
    assert len({*keys.tolist(), *women.tolist(), *girls.tolist()}) == 6_000
    people = np.full(len(keys), 5.0)
    alike = round_to_base(people, women, 10) == round_to_base(people, girls, 10)
    assert 0.4 < alike.mean() < 0.6


def test_a_late_report_of_3_people_changes_numbers_by_more_or_less_than_its_people() -> None:
    before = [rows([float(people), 40.0]) for people in range(1, 200)]
    changes = {number_of(pd.concat([earlier, rows([3.0], "Chile")])) - number_of(earlier) for earlier in before}
    assert changes == {-10.0, 0.0, 10.0} | ({20.0} & changes)


def test_a_public_sheet_rounds_people_and_leaves_plans_exact() -> None:
    reports = activities(new_beneficiaries=[123, 4], in_destination=[123, 4], country=["PER", "CHL"])
    made = plan(reports, planning=planning(("Health", "region", "all", "target", 333)))
    exact = made.select("Health").key_figures()
    public = for_audience(exact, "public")
    assert exact.value("people_reached") == 127
    assert public.value("people_reached") in (120, 130)
    assert public.value("target") == 333
    assert public.value("target_coverage") == public.value("people_reached") / 333
    by_place = {cell.key: (cell.value, cell.status) for cell in public.breakdowns["people_reached_by_platform"].cells}
    assert by_place["Chile"] in ((0, "few"), (10, "known"))
    assert by_place["Brazil"][1] == "not_reported"
    assert public.value("activities") == 2
    assert for_audience(exact, "internal").value("people_reached") == 127


def test_people_of_no_indicator_stand_last_however_many_they_are() -> None:
    reports = activities(indicator=["", "Kits"], new_beneficiaries=[900, 50])
    public = plan(reports).select("Health", organisation="IOM").key_figures("public")
    assert [*public.breakdowns["people_reached_by_indicator"].values()] == ["Kits", "not specified"]


def test_a_sector_with_a_base_of_its_own_has_it_on_the_sheet_of_all_sectors_too() -> None:
    method = Method.model_validate({"rounding": {"default": 5, "human-trafficking-and-smuggling": 20}})
    sectors = ["Health", "Human Trafficking & Smuggling"]
    made = plan(activities(new_beneficiaries=[33, 33], in_destination=[33, 33], sector=sectors))
    of_all = for_audience(made.select("Intersector", method=method).key_figures(), "public")
    parts = of_all.breakdowns["people_reached_by_sector"].values()
    assert parts["Health"] in (30, 35)
    assert parts["Human Trafficking & Smuggling"] in (20, 40)
    for sector in sectors:
        own = for_audience(made.select(sector, method=method).key_figures(), "public")
        assert own.value("people_reached") == parts[sector]


REPORTS = st.tuples(
    st.sampled_from(["Health", "WASH", "Shelter"]), st.integers(1, 40), st.sampled_from(["girls", "men"])
)


@settings(max_examples=15, deadline=None)
@given(st.lists(REPORTS, min_size=1, max_size=6), st.integers(0, 1))
def test_a_group_that_everybody_is_in_has_the_number_of_the_total(
    reports: list[tuple[str, int, str]], not_specified: int
) -> None:
    sectors, people, groups = map(list, zip(*reports, strict=True))
    named = {group: [n if own == group else 0 for n, own in zip(people, groups, strict=True)] for group in set(groups)}
    everybody = [n + not_specified for n in people]
    made = plan(activities(sector=sectors, new_beneficiaries=everybody, in_destination=everybody, **named))
    exact, rounded_rows = (made.select(sorted({*sectors})).table(each) for each in ("internal", "public"))
    totals = rounded_rows[rounded_rows["figure"] == "people_reached"].set_index("sector")
    for by, has_rest in (("age_gender", bool(not_specified)), ("population_group", False)):
        is_told = rounded_rows["reason"] != "few_to_divide"
        is_group = (exact["figure"] == f"people_reached_by_{by}") & (exact["value"] != 0) & is_told
        for sector, parts in rounded_rows[is_group].groupby("sector"):
            is_alone = len(parts) == 1
            assert is_alone == (not has_rest and len({*parts["part"]}) == 1)
            same = (
                parts[["value", "status", "key"]].eq(totals.loc[sector, ["value", "status", "key"]]).all(axis="columns")
            )
            assert same.all() if is_alone else not parts["key"].eq(totals.loc[sector, "key"]).any()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data in a project without a rounding key."""
    monkeypatch.delenv(rounding_key.KEY_VARIABLE, raising=False)
    (tmp_path / "data").mkdir()
    return tmp_path


def test_the_secret_is_of_env_project_or_pack_and_not_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert secret_of(project / "data") == rounding_key.Secret(pack.about().name, own=False)
    (project / rounding_key.KEY_FILE).write_text("short\n")
    with pytest.raises(RequestError, match="write 16 characters or more"):
        secret_of(project / "data")
    (project / rounding_key.KEY_FILE).write_text("of the project, and long enough\n")
    assert secret_of(project / "data") == rounding_key.Secret("of the project, and long enough")
    beside = project / "an office" / "params"
    beside.mkdir(parents=True)
    assert secret_of(project / "data", beside).text == "of the project, and long enough"
    (beside.parent / rounding_key.KEY_FILE).write_text("of the parameters, and long enough\n")
    assert secret_of(project / "data", beside).text == "of the parameters, and long enough"
    assert secret_of(project / "data").text == "of the project, and long enough"
    monkeypatch.setenv(rounding_key.KEY_VARIABLE, "  ")
    assert secret_of(project / "data").text == "of the project, and long enough"
    monkeypatch.setenv(rounding_key.KEY_VARIABLE, "of the environment, and long enough")
    assert secret_of(project / "data", beside) == rounding_key.Secret("of the environment, and long enough")
    assert "find me" not in repr(rounding_key.Secret("find me, whoever you are"))
