"""The door: whatever is wrong with a file, a run shows the right figures or nothing, and never another number."""

import re
import shutil
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
import yaml

from published_run import activities_of, workbook, written_params
from rmrp_analysis.api import bundled_plan
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.params import load_run_params
from rmrp_analysis.plan import Condition, Plan
from rmrp_analysis.publish.run.preparation import check_trust, read_plan
from rmrp_analysis.tables import Activities

ROWS = 1000
NEW, MONTH = "New.beneficiaries.of.the.month", "Reporting.Month"
IN_DESTINATION, CASH = "Refugees.and.Migrants.IN.DESTINATION", "Value.of.Transfer.in.USD"
COUNTS = (NEW, IN_DESTINATION, "Total.monthly.beneficiaries")
LISTS = ("indicators", "admin1", "appealing_organisations", "implementing_partners")
KEYS = ("Appealing.Organization.Name", MONTH, "Sector...Subsector...WG", "Indicator", "Country")
Table = pd.DataFrame
Change = Callable[[Table], Table]


@pytest.fixture(scope="module")
def rows() -> Table:
    """Some 2,000 rows of the bundled plan as they were sent, of every month, with a number of people in each."""
    table = activities_of(bundled_plan())
    valid = table[table[NEW].str.fullmatch(r"\d+")]
    return valid.sample(ROWS, random_state=1).reset_index(drop=True)


def with_lists(folder: Path) -> Path:
    """The folder with the lists that activities are joined to."""
    for name in LISTS:
        shutil.copy(bundled_plan() / f"{name}.csv", folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_lists(tmp_path)


def set_up(folder: Path, name: str = "activities.csv", accept: str = "", **keys: object) -> Path:
    """A parameter file for the folder; its activities are read from ``name`` with these keys."""
    about = {"producer": "invented for illustration", "as_of": "2021-12-31", "illustrative": True}
    sources = {"title": "Test", "plan": 2021, "activities": {"files": name.split(";"), **about, **keys}}
    sources |= {listed: {"file": f"{listed}.csv", **about} for listed in LISTS}
    (folder / "sources.yml").write_text(yaml.safe_dump(sources, allow_unicode=True), encoding="utf-8")
    return written_params(folder, data=".", **yaml.safe_load(accept or "{}"))


def write(folder: Path, table: Table, name: str = "activities.csv", separator: str = ",") -> Path:
    table.to_csv(folder / name, index=False, sep=separator)
    return folder / name


def trusted(path: Path) -> tuple[Plan, tuple[Condition, ...]]:
    params = load_run_params(path)
    plan = read_plan(path, params)
    return plan, check_trust(plan, path, params)


def loaded(path: Path) -> Plan:
    return trusted(path)[0]


def reached(plan: Plan) -> dict[str, float | None]:
    return {sector: plan.select(sector).people_reached().total for sector in ("Health", "Intersector")}


@pytest.fixture(scope="module")
def truth(rows: Table, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float | None]:
    folder = with_lists(tmp_path_factory.mktemp("truth"))
    write(folder, rows)
    return reached(loaded(set_up(folder)))


def thousands(mark: str) -> Change:
    def change(table: Table) -> Table:
        grouped = {
            name: table[name].map(lambda text: f"{int(text):,}".replace(",", mark) if text.isdecimal() else text)
            for name in COUNTS
        }
        return table.assign(**grouped)

    return change


def month(form: Callable[[str, str], str]) -> Change:
    return lambda table: table.assign(**{MONTH: table[MONTH].map(lambda text: form(*text.split("-")))})


def called_total(label: str) -> Change:
    """With two rows more that say nothing but a label and sums: one among the others, one at the end."""

    def change(table: Table) -> Table:
        sums = (
            in_all(table)
            .tail(1)[[*COUNTS]]
            .assign(**{"Appealing.Organization.Name": label})
            .reindex(columns=table.columns)
        )
        return pd.concat([table.iloc[:300], sums, table.iloc[300:], sums]).fillna("")

    return change


SPANISH = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre")
MONTHS_ES = (*SPANISH, "noviembre", "diciembre")
SAME: Mapping[str, tuple[Change, ...]] = {
    "thousands point, day first": (thousands("."), month(lambda year, number: f"01/{number}/{year}")),
    "thousands comma, month first": (thousands(","), month(lambda year, number: f"{number}/01/{year}")),
    "thousands blank, last day of the month": (thousands(" "), month(lambda year, number: f"28.{number}.{year}")),
    "thousands narrow blank, name and year": (
        thousands("\u202f"),
        month(lambda year, number: f"{MONTHS_ES[int(number) - 1]} {year}"),
    ),
    "thousands apostrophe, short name and year": (
        thousands("'"),
        month(lambda year, number: f"{MONTHS_ES[int(number) - 1][:3]}-{year[2:]}"),
    ),
    "unit; day, short name and year": (
        lambda table: table.assign(**{NEW: table[NEW] + " personas"}),
        month(lambda year, number: f"1-{MONTHS_ES[int(number) - 1][:3]}-{year[2:]}"),
    ),
    "a mark of a footnote, year and number": (
        lambda table: table.assign(**{NEW: table[NEW] + "*"}),
        month(lambda year, number: f"{year}/{int(number)}"),
    ),
    "an apostrophe that says text, number": (
        lambda table: table.assign(**{NEW: "'" + table[NEW]}),
        month(lambda _, number: str(int(number))),
    ),
    "decimals that are none, with a point; days since 1899": (
        lambda table: table.assign(**{NEW: table[NEW] + ".0"}),
        month(lambda year, number: str((pd.Timestamp(f"{year}-{number}-15") - pd.Timestamp(1899, 12, 30)).days)),
    ),
    "decimals that are none, with a comma": (lambda table: table.assign(**{NEW: table[NEW] + ",00"}),),
    "rows that are called totals": (called_total("TOTAL GENERAL"),),
    "the header once more": (
        lambda table: pd.concat([table.iloc[:9], Table([table.columns], columns=table.columns), table.iloc[9:]]),
    ),
    "decimal comma in a column that no figure uses": (lambda table: table.assign(**{CASH: "12,50"}),),
    "words in a column that no figure uses": (lambda table: table.assign(**{CASH: "mucho"}),),
}
"""Numbers are read without regard to months, so that each file has another way of writing either."""


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_another_way_of_writing_gives_the_same_figures(
    name: str, suffix: str, rows: Table, truth: dict[str, float], folder: Path
) -> None:
    table = reduce(lambda table, change: change(table), SAME[name], rows)
    if suffix == "csv":
        write(folder, table, separator=";")
    else:
        workbook(folder / "activities.xlsx", {"Notas": Table({"leer": ["primero"]}), "5W": table}, text=True)
    assert reached(loaded(set_up(folder, f"activities.{suffix}"))) == truth


def one(column: str, text: str) -> Change:
    """The first row's cell is another one."""
    return lambda table: table.assign(**{column: [text, *table[column].iloc[1:]]})


def in_all(table: Table) -> Table:
    """The table with the sum of its numbers of people in every row."""
    return table.assign(**{name: str(int(pd.to_numeric(table[name], "coerce").sum())) for name in COUNTS})


LOUD: Mapping[str, tuple[Change, str]] = {
    "two notations": (
        lambda table: one(NEW, "12,5")(table.assign(**{NEW: table[NEW] + ".5"})),
        r"reads two ways.*decimal point.*decimal comma.*people at stake.*`numbers: \"1.234,5\"`",
    ),
    "a person and a quarter": (lambda table: one(NEW, "1.234")(table), r"'1\.234' is 1,234 or 1\.234"),
    "day or month": (month(lambda year, number: f"0{int(number) % 9 + 1}/{number}/{year}"), "dates: day first"),
    "no month": (month(lambda year, _: year), "no_usable_rows: none of the 1,000 rows.*month"),
    "some words for people": (
        lambda table: table.assign(**{NEW: table[NEW].where(table.index % 20 > 0, "muchos")}),
        r"people_refused: .* people \(10\.\d%\).*'muchos'",
    ),
    "keys merged over four rows": (
        lambda table: table.assign(**{name: table[name].where(table.index % 4 == 0, "") for name in KEYS}),
        r"people_refused: .* people \(7\d\.\d%\)",
    ),
    "unknown indicators": (
        lambda table: table.assign(Indicator=table["Indicator"].where(table.index % 20 > 0, "other")),
        "people_lost_by_joins: join with indicators",
    ),
    "rows twice": (
        lambda table: pd.concat([table, table]),
        r"same_content_twice: .* people \(\d\d\.\d%\) are in affected rows \(1,000\)"
        r".*repeats an earlier one in every column",
    ),
    "most rows twice": (lambda table: pd.concat([table, table.iloc[:700]]), "same_content_twice"),
    "two versions of one export": (
        lambda table: pd.concat([table, table.assign(**{CASH: "5", "CVA": "Yes"})]),
        r"same_content_twice: .* people \(50\.0%\) are in affected rows \(832\)"
        r".*in two versions.*means that up to 50% of what",
    ),
    "a total below the rows": (
        lambda table: pd.concat([table, in_all(table).tail(1)]),
        r"sums_among_rows: .* people \(50\.0%\) are in affected rows \(1\).*in line 1002 of",
    ),
    "a subtotal for each country, and a total": (
        lambda table: pd.concat(
            [*(pd.concat([rows, in_all(rows).tail(1)]) for _, rows in table.groupby("Country")), in_all(table).tail(1)]
        ),
        r"sums_among_rows: .* people \(6[0-7]\.\d%\)",
    ),
    "percentages": (
        lambda table: table.assign(**{NEW: table[NEW].where(table.index % 20 > 0, "0.35")}),
        r"people_not_whole: .* people \(\d\.\d%\) are in affected rows \(50\).*a share or percentage",
    ),
    "people below zero": (
        lambda table: table.assign(**{NEW: table[NEW].where(table.index % 100 != 7, "-20")}),
        r"negative_people: 200 of .* people .* are in affected rows \(10\)",
    ),
    "a misspelt place": (
        lambda table: table.replace({"Admin1": {"Tumbes": "Tumbez", "Lima": "Lyma", "Antioquia": "Antiokia"}}),
        r"misspelt_places: .*in no list.*admin1 is '?\w+'?; right is '?(Lima|Antioquia)",
    ),
    "another year": (month(lambda _, number: f"2020-{number}"), "period_outside_data.*2020-01 to 2020-12"),
    "some rows of another year": (
        lambda table: table.assign(**{MONTH: table[MONTH].where(table.index % 20 > 0, "2012-01")}),
        "other_plan_year: .* are of 2012, and the plan is of 2021",
    ),
    "a column twice": (
        lambda table: pd.concat([table, table[[NEW]].replace("0", "7")], axis="columns"),
        "stands over 2 columns that differ",
    ),
    "months missing": (
        lambda table: table[~table[MONTH].isin(["2021-05", "2021-06"])],
        "months_missing: no activity is of 2021-05, 2021-06",
    ),
    "more new than people": (lambda table: table.assign(**{"Total.monthly.beneficiaries": "0"}), "people_with_errors"),
    "a header that nobody knows": (
        lambda table: table.rename(columns={NEW: "Beneficiaries new"}),
        "`Beneficiaries new`: did you mean `New.?beneficiaries",
    ),
}


READ_OTHERWISE = (
    *("two notations", "keys merged over four rows", "a total below the rows"),
    *("a column twice", "a header that nobody knows"),
)
"""Where a workbook's cells, rows and headers are read by other lines than those of a text."""


@pytest.mark.parametrize(("name", "suffix"), [*product(LOUD, ["csv"]), *product(READ_OTHERWISE, ["xlsx"])])
def test_what_cannot_be_trusted_is_refused_and_says_why(name: str, suffix: str, rows: Table, folder: Path) -> None:
    change, message = LOUD[name]
    table = change(rows)
    path = folder / f"activities.{suffix}"
    if suffix == "csv":
        write(folder, table)
    else:
        workbook(path, {"5W": table}, text=True)
    with pytest.raises(InputRefused) as refused:
        loaded(set_up(folder, path.name))
    assert re.search(message, str(refused.value).replace("\n", " "))
    assert refused.value.exit_code == 3


def test_the_same_file_named_twice_is_refused(rows: Table, folder: Path) -> None:
    write(folder, rows)
    shutil.copy(folder / "activities.csv", folder / "copy.csv")
    with pytest.raises(InputRefused, match=r"activities\.csv and copy\.csv both hold 956 reports"):
        loaded(set_up(folder, "activities.csv;copy.csv"))


def test_a_file_under_other_headers_is_weighed_as_well(rows: Table, folder: Path) -> None:
    in_first = rows["Country"].isin(["Peru", "Chile"])
    write(folder, rows[in_first])
    second = LOUD["some words for people"][0](rows[~in_first]).rename(columns={NEW: "Nuevos beneficiarios del mes"})
    write(folder, second, "second.csv")
    with pytest.raises(InputRefused, match=r"people_refused: .*'muchos'"):
        loaded(set_up(folder, "activities.csv;second.csv"))


def test_a_draft_beside_the_final_sheet_must_be_chosen(rows: Table, truth: dict[str, float], folder: Path) -> None:
    workbook(folder / "activities.xlsx", {"Borrador": rows.iloc[:50], "Final": rows}, text=True)
    with pytest.raises(InputRefused, match="2 sheets hold such a table: 'Borrador', 'Final'"):
        loaded(set_up(folder, "activities.xlsx"))
    plan = loaded(set_up(folder, "activities.xlsx", sheet="Final"))
    assert reached(plan) == truth
    assert [file.sheet for file in plan.inputs if file.name == "activities"] == ["Final"]


def test_a_key_settles_what_reads_two_ways(rows: Table, folder: Path) -> None:
    write(folder, one(NEW, "1.234")(rows))
    first = float(rows[NEW].iloc[0])
    as_thousand = loaded(set_up(folder, numbers="1.234,5")).activities["new_beneficiaries"].sum()
    as_fraction = loaded(set_up(folder, numbers="1,234.5")).activities["new_beneficiaries"].sum()
    total = rows[NEW].astype("float64").sum() - first
    assert (as_thousand, as_fraction) == (total + 1234, pytest.approx(total + 1.234))


def test_what_is_accepted_is_published_and_kept_in_the_method(rows: Table, folder: Path) -> None:
    change, _ = LOUD["some words for people"]
    write(folder, change(rows))
    with pytest.raises(InputRefused) as refused:
        loaded(set_up(folder))
    line = str(refused.value).splitlines()[-1]
    assert re.fullmatch(r"accept: \[people_refused: 10\.\d %\]", line)
    params = load_run_params(set_up(folder, accept=line))
    _, (condition,) = trusted(folder / "params.yml")
    assert (condition.name, condition.accepted) == ("people_refused", True)
    assert "accepted: people_refused up to 10" in params.method.describe_for(2021)


def test_every_column_that_no_figure_uses_keeps_its_row(rows: Table, truth: dict[str, float], folder: Path) -> None:
    by_key = {re.sub(r"[^a-z0-9]+", " ", header.lower()).strip(): header for header in rows.columns}
    spoilt = {}
    for about in Activities.source_columns.values():
        headers = [
            by_key[key] for name in about.headers if (key := re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()) in by_key
        ]
        if not about.counted and headers:
            spoilt[headers[0]] = "???"
    assert CASH in spoilt
    write(folder, rows.assign(**spoilt))
    plan = loaded(set_up(folder, accept="accept: [people_with_errors]"))
    assert reached(plan) == truth
    assert (plan.faults["value"] == "???").sum() == len(spoilt) * ROWS


def test_a_stricter_limit_holds_and_nothing_accepted_lowers_one(rows: Table, folder: Path) -> None:
    write(folder, one(NEW, "muchos")(rows))
    loaded(set_up(folder))
    accepted = load_run_params(set_up(folder, accept="accept: [people_refused: 0.01 %]"))
    assert accepted.method.limits.people_refused == 0.01
    strict = set_up(folder, accept="method: {limits: {people_refused: 0}}")
    with pytest.raises(InputRefused, match="people_refused"):
        loaded(strict)
