"""The columns that checks and repairs are written in: those of the activities, and those that follow from them."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from itertools import chain, combinations
from typing import Literal, TypeVar

import numpy as np
import pandas as pd

from rmrp_analysis.loaders.indicators import names_of, suggested_indicators
from rmrp_analysis.loaders.new_beneficiaries import WORTH_A_NUMBER
from rmrp_analysis.loaders.overlap import REPORT
from rmrp_analysis.method import Method, Period
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality.sent import sent_files
from rmrp_analysis.tables import Activities, Indicators
from rmrp_analysis.vocabulary import (
    AGE_GENDER_GROUPS,
    COUNTRY_SPELLINGS,
    NATIONAL,
    OTHER_GENDER_GROUPS,
    PLATFORM_OF,
    PLATFORM_SPELLINGS,
    POPULATION_GROUPS,
    UNKNOWN_INDICATOR,
    fingerprint,
    fold,
    holds_contact,
    ocha_places,
    place_key,
)

EVERY_MONTH = Period(start="1900-01", end="2099-12")

ORGANISATIONS = ("appealing_organisation", "implementing_partner")
ALL_AGE_GENDER = (*AGE_GENDER_GROUPS, *OTHER_GENDER_GROUPS)
COUNTS = ("quantity", "total_monthly_beneficiaries", "new_beneficiaries", *POPULATION_GROUPS, *ALL_AGE_GENDER)
"""What a report can count; the value of a transfer alone makes no report."""

ALIKE_IN = {
    "row": [name for name in Activities.columns if name not in ("source_file", "source_line", "record_id")],
    "key": [*ORGANISATIONS, "month", "sector", "indicator", "activity_name", "country", "admin1"],
    "numbers": ["sector", "indicator", "country", "place", "month", *COUNTS],
    "another_month": ["appealing_organisation", "sector", "indicator", "country", "place", *COUNTS],
}
"""What a report has, what it is known by, what one that two organisations send has the same, or one of two months."""

VERSIONS_ALIKE_IN = ["appealing_organisation", "sector", "indicator", "country", "place", "month"]
"""What two versions of a report have the same, whatever else was corrected."""

CORRECTED_BY = 0.01
"""By so much, at most, differ the people of two versions of a report."""

REPEATED_SHARE = 1 / 3
"""Of a report that is there in two versions half of the people are; some rows are alike by chance."""

SUMMED_BY = ("appealing_organisation", "sector", "country", "place", "month")
"""Subtotals are made of the rows of a file that are alike in up to two of these columns; totals of all its rows."""

NEARLY_ALL = 0.002
"""So near to all other people of a file is a total whose maker rounded, or forgot a correction."""

MEAN_ROUNDED = 0.5
"""A mean of people is typed as a whole number."""

FEWEST_SUMMED, FEWEST_SUMMED_ALONE = 3, 10
"""One row that is the sum of two others is found by chance everywhere: 10 + 20 = 30. One row alone in a file that is
the sum of seven is, too, where its groups of people are no sums.
"""
FEWEST_SUMS = 3
"""New beneficiaries, the total of the month, and a group of people."""

LIKE_A_PLACE = 0.7
"""So alike (``difflib``: 1 is the same) is a name that is a misspelt one: Tumbez and Tumbes are so by 0.83."""

SERIES = [*ORGANISATIONS, "sector", "indicator", "country", "admin1"]
"""What one organisation reports month after month has the same in these columns."""

COMPARED_WITH = (["sector", "country", "indicator"], ["sector", "country"], ["sector"])
ENOUGH_REPORTS = 10
"""As many reports are needed to know what is usual."""

SPREADS = 3
LEAST_SPREAD = 1.5
"""Reports that are all alike still differ by this factor, or the first unlike them would be an outlier."""

SCALE_OF_MAD = 1.4826
"""Makes the median absolute deviation of a bell curve its standard deviation."""


class Reports(dict[str, pd.Series]):
    """The columns of a plan's activities by name; one that follows from others is made when a rule first asks for it.

    A table would have to hold all of them, and the door of a run asks for the rules of errors alone.
    """

    def __init__(self, plan: Plan, period: Period = EVERY_MONTH, method: Method = Method()) -> None:  # noqa: B008
        super().__init__((str(name), cells) for name, cells in plan.activities.items())
        self.plan, self.period, self.method = plan, period, method

    def __missing__(self, name: str) -> pd.Series:
        if name not in DERIVED:
            raise KeyError(name)
        made = DERIVED[name](self)
        self.update(dict(made.items()) if isinstance(made, pd.DataFrame) else {name: made})  # type: ignore[arg-type]
        return self[name]

    def evaluated(self, expression: str, column: str = "") -> pd.Series:
        """An expression of ``DataFrame.eval`` on the reports; ``{column}`` in it is a column's name."""
        written = expression.replace("{column}", column)
        result = pd.eval(written, engine="python", resolvers=[self, FUNCTIONS], local_dict={}, global_dict={})
        return result if isinstance(result, pd.Series) else pd.Series(result, index=self.plan.activities.index)

    def fulfilling(self, condition: str, column: str = "") -> pd.Series:
        """Which reports fulfil a condition, as an index of true and false; what is not known fulfils none."""
        return self.evaluated(condition, column).fillna(value=False).astype("bool")

    def numbers(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Columns of numbers with 0 for what is not reported."""
        return self.plan.activities[list(columns)].fillna(0.0)

    def listed(self, reference: str, *columns: str) -> frozenset[str]:
        """The folded texts of a reference list; none where the data folder has no such list."""
        table = self.plan.references.get(reference)
        return frozenset() if table is None else frozenset(fold(text) for name in columns for text in table[name])


Derived = Callable[[Reports], pd.Series | pd.DataFrame]
DERIVED: dict[str, Derived] = {}
"""What makes each column that follows from others; a function may make several at once."""


def derives(*columns: str) -> Callable[[Derived], Derived]:
    """Declare the columns that a function makes."""

    def declared(made_by: Derived) -> Derived:
        DERIVED.update(dict.fromkeys(columns, made_by))
        return made_by

    return declared


# ---- Numbers ----

DERIVED |= {
    "new": lambda reports: reports["new_beneficiaries"].fillna(0.0),
    "total": lambda reports: reports["total_monthly_beneficiaries"].fillna(0.0),
    "output": lambda reports: reports["quantity"].fillna(0.0),
    "year": lambda reports: reports["month"].astype("str").str[:4].astype("int64"),
    "groups": lambda reports: reports.numbers(POPULATION_GROUPS).sum(axis="columns"),
    "ages": lambda reports: reports.numbers(reports.plan.year.age_gender_groups).sum(axis="columns"),
    "all_ages": lambda reports: reports.numbers(ALL_AGE_GENDER).sum(axis="columns"),
    "children": lambda reports: reports.numbers(("girls", "boys", "other_under_18")).sum(axis="columns"),
    "missing_in_groups": lambda reports: reports["new"] - reports["groups"],
    "missing_in_ages": lambda reports: reports["new"] - reports["ages"],
    "right_calculated_population_groups": lambda reports: reports["groups"],
    "right_calculated_age_gender": lambda reports: reports["ages"],
    "numbers_reported": lambda reports: (reports.numbers(COUNTS) != 0).sum(axis="columns"),
    # R4V finds a 0 under an indicator that counts no people in the years whose files name the check.
    "zero_is_told": lambda reports: pd.Series(
        "new_of_other_indicators" in reports.plan.year.checks, reports["new"].index
    ),
    # R4V's scripts of 2021 read an empty number as 0, so that they compare it with the groups, too.
    "new_is_compared": lambda reports: reports["new_beneficiaries"].notna() | reports.plan.year.empty_is_0,
    "groups_beside_ages": lambda reports: as_text(reports["groups"]) + " ≠ " + as_text(reports["ages"]),
    "ages_beside_groups": lambda reports: as_text(reports["ages"]) + " ≠ " + as_text(reports["groups"]),
}


@derives("kind")
def kind(reports: Reports) -> pd.Series:
    """What the indicator counts, by the list; where it is in no list, as the report says; empty where that does not."""
    listed = reports["indicator_type"].astype("str")
    stated = reports["r4v_indicator_type"].map(dict(reports.plan.year.indicator_types)).astype("str")
    return listed.where(listed != UNKNOWN_INDICATOR, stated).fillna("").astype("category")


@derives("counted", "people", "not_known", "people_above_total")
def people(reports: Reports) -> pd.DataFrame:
    """New beneficiaries that the method counts, or would if their indicator were known; those of whom it is not known
    how many are new; and by how many they exceed the total of the month.
    """
    counted = reports["kind"].isin(reports.method.counted_indicator_types)
    perhaps = counted | (reports["indicator_type"] == UNKNOWN_INDICATOR)
    new = reports["new"].where(perhaps, 0.0)
    not_known = reports["people_not_known"].where(perhaps, 0.0)
    above = (new - reports["total"]).clip(lower=0.0)
    return pd.DataFrame({"counted": counted, "people": new, "not_known": not_known, "people_above_total": above})


@derives("new_is_whole", "people_if_whole")
def whole(reports: Reports) -> pd.DataFrame:
    """Where new beneficiaries are a whole number, and the people that were meant where they are none.

    1.234 is read as 1,234; what can be no thousands, such as a share, as the mean of the whole numbers.
    """
    people = reports["people"]
    is_whole = (reports["new"] - reports["new"].round()).abs() <= WORTH_A_NUMBER
    thousands = people * 1000
    typed = (people >= 1) & (people < 1000) & ((thousands - thousands.round()).abs() <= WORTH_A_NUMBER)
    usual = people[is_whole & (people > 0)].mean()
    meant = thousands.where(typed, 1.0 if pd.isna(usual) else usual).where(people != 0, 0.0)
    return pd.DataFrame({"new_is_whole": is_whole, "people_if_whole": meant.mask(is_whole, people)})


@derives("largest_group", "largest_age", "people_of_largest_group")
def largest(reports: Reports) -> pd.DataFrame:
    """The column of the largest population group, and of the largest age and gender; of equal ones the first."""
    groups, ages = (reports.numbers(names) for names in (POPULATION_GROUPS, reports.plan.year.age_gender_groups))
    names = {"largest_group": groups.idxmax(axis="columns"), "largest_age": ages.idxmax(axis="columns")}
    return pd.DataFrame({**names, "people_of_largest_group": groups.max(axis="columns")})


@derives("can_be_split", *(f"split_{name}" for name in AGE_GENDER_GROUPS))
def split(reports: Reports) -> pd.DataFrame:
    """New beneficiaries by the proportions of people in need of their country and sector, in whole people.

    What is left after rounding down goes to the groups that lost most by it. A row without proportions, or with parts
    of people, cannot be split.
    """
    names = list(AGE_GENDER_GROUPS)
    listed = reports.plan.references["age_gender_proportions"].drop_duplicates(["country", "sector"])
    shares = listed.set_index(pairs(listed["country"], listed["sector"]))[names]
    shares = shares.reindex(pairs(reports["country"], reports["sector"])).fillna(0.0).set_axis(reports["new"].index)
    of_all = shares.sum(axis="columns")
    exact = shares.mul(reports["new"], axis="index").div(of_all.where(of_all > 0), axis="index")
    whole = exact // 1
    left = reports["new"] - whole.sum(axis="columns")
    rank = (whole - exact).rank(axis="columns", method="first")
    can_be_split = (reports["new"] > 0) & (reports["new"] % 1 == 0) & (of_all > 0)
    people = whole + rank.le(left, axis="index")
    return people.add_prefix("split_").assign(can_be_split=can_be_split)


# ---- Texts ----


def where(texts: pd.Series, condition: Callable[[str], bool]) -> pd.Series:
    """Where a text fulfils a condition, which each different text is asked once."""
    categories = texts.astype("category").cat.categories
    return texts.isin([text for text in categories if condition(text)])


def pairs(first: pd.Series, second: pd.Series) -> pd.Series:
    """The contents of two columns as one text."""
    return first.astype("str") + "\n" + second.astype("str")


@derives("listed_appealing_organisation", "listed_implementing_partner")
def listed_organisations(reports: Reports) -> pd.DataFrame:
    """Where an organisation is in its list, whatever its accents."""
    lists = {name: reports.listed(f"{name}s", "name") for name in ORGANISATIONS}
    return pd.DataFrame(
        {f"listed_{name}": where(reports[name], lambda text: fold(text) in listed) for name, listed in lists.items()}  # noqa: B023
    )


def indicators_of(plan: Plan) -> pd.DataFrame:
    """The list of indicators of a plan: the table ``Indicators``, empty where it has none."""
    return plan.references.get("indicators", Indicators.empty())


@derives("indicator_of_any_sector")
def indicator_of_any_sector(reports: Reports) -> pd.Series:
    """Where the indicator is in the plan year's list, by any of its names, whatever the row's sector."""
    known = {*names_of(indicators_of(reports.plan), reports.plan.year)["name"]}
    return where(reports["indicator"], lambda text: fingerprint(text) in known)


@derives("indicator_as_listed")
def indicator_as_listed(reports: Reports) -> pd.Series:
    """Where the indicator is written letter by letter as in the list, or as the coordination itself writes it."""
    named = {row.name for row in pack.indicators(reports.plan.year.year).values()}
    is_own_name = where(reports["indicator"], lambda text: fingerprint(text) in named)
    return as_listed(reports, "indicators", "sector", "indicator") | is_own_name


@derives("indicator_suggested")
def indicator_suggested(reports: Reports) -> pd.Series:
    """The code and label of the indicator that is probably meant where the text is in no list; empty elsewhere."""
    near = suggested_indicators(reports.plan.activities, indicators_of(reports.plan), reports.plan.year)
    texts = dict(zip(pairs(near["sector"], near["indicator"]), near["code"] + ": " + near["label"], strict=True))
    named = pairs(reports["sector"], reports["indicator"]).where(reports["indicator_type"] == UNKNOWN_INDICATOR, "")
    return named.map(lambda name: texts.get(name, "")).astype("str")


def as_listed(reports: Reports, reference: str, *columns: str) -> pd.Series:
    """Where two columns hold letter by letter what a row of a reference list holds in them."""
    listed = reports.plan.references.get(reference, pd.DataFrame(columns=[*columns]))
    one, other = columns
    return pairs(reports[one], reports[other]).isin(pairs(listed[one], listed[other]))


@derives("place_listed", "place_of_any_country", "admin1_is_pcode")
def places(reports: Reports) -> pd.DataFrame:
    """Whether a place is in the list of admin1; its name there under another country; ``admin1`` a code.

    The loader gave a place code to every admin1 of the list; what is not in it kept its name.
    """
    listed = reports.plan.references.get("admin1", pd.DataFrame(columns=["country", "pcode", "admin1"]))
    names = {place_key(country, name) for country, name in zip(listed["country"], listed["admin1"], strict=True)}
    codes = set(map(fold, listed["pcode"]))
    is_known = {
        "place_listed": reports["place"].isin(list(listed["pcode"])),
        "place_of_any_country": reports["place"].isin(list(names)),
        "admin1_is_pcode": where(reports["admin1"], lambda text: fold(text) in codes),
    }
    return pd.DataFrame(is_known)


@derives("near_place")
def near_place(reports: Reports) -> pd.Series:
    """The name of the place that is probably meant where an admin1 is in no list; empty where none is near.

    Known are the places of the folder's list, of the plan, and of OCHA's list of the country. A place of another
    country is not misspelt.
    """
    listed = reports.plan.references.get("admin1", pd.DataFrame(columns=["country", "pcode", "admin1"]))
    planned = reports.plan.planned_places
    known: dict[str, dict[str, str]] = {}
    for country, name in chain(
        zip(listed["country"], listed["admin1"], strict=True),
        zip(planned["scope"], planned["place_name"], strict=True),
        ((country, admin1) for country, admin1, _ in ocha_places()),
    ):
        known.setdefault(country, {}).setdefault(place_key(country, name), name)
    codes = frozenset(listed["pcode"])
    of_any_country = {key for names in known.values() for key in names}

    def near(text: str) -> str:
        country, _, place = text.partition("\n")
        names = known.get(country, {})
        if place == NATIONAL or place in codes or place in of_any_country:
            return ""
        return "".join(names[key] for key in get_close_matches(place, names, n=1, cutoff=LIKE_A_PLACE))

    return pairs(reports["country"], reports["place"]).astype("category").map(near).astype("str")


@derives("admin2_listed")
def admin2_listed(reports: Reports) -> pd.Series:
    """Where the second administrative level is in the list of the first one."""
    tables = (reports.plan.references["admin2"], reports)
    listed, reported = (pairs(table["admin1"].map(fold), table["admin2"].map(fold)) for table in tables)
    return reported.isin(listed)


@derives("right_appealing_organisation", "right_implementing_partner")
def organisations(reports: Reports) -> pd.DataFrame:
    """How the name of each organisation is usually spelled: as its list has it, else as most rows do."""
    right = {}
    for name in ORGANISATIONS:
        listed = reports.plan.references.get(f"{name}s")
        spellings = {} if listed is None else {fold(text): text for text in listed["name"]}
        right[f"right_{name}"] = usual_spelling(reports[name], reports[name].map(fold), spellings)
    return pd.DataFrame(right)


@derives("right_admin1")
def admin1(reports: Reports) -> pd.Series:
    """How the admin1 of each place is usually spelled: as the list of admin1 has it, else as most rows do."""
    listed = reports.plan.references.get("admin1", pd.DataFrame(columns=["country", "pcode", "admin1"]))
    first = listed.drop_duplicates(["country", "pcode"])  # of one code the first name stands
    spellings = dict(zip(pairs(first["country"], first["pcode"]), first["admin1"], strict=True))
    return usual_spelling(reports["admin1"], pairs(reports["country"], reports["place"]), spellings)


@derives("sent_sector", "sent_sector_listed", "sent_country", "sent_country_listed")
def sent(reports: Reports) -> pd.DataFrame:
    """The text that was sent for the sector and for the country, and whether it stands so in a list; R4V knows no other
    spelling. Empty where a plan has no files.
    """
    activities, changes = reports.plan.activities, reports.plan.changes
    places = pd.MultiIndex.from_arrays([activities["source_file"].astype("str"), activities["source_line"]])
    files, columns = sent_files(reports.plan), dict[str, pd.Series]()
    for column, reference in (("sector", "indicators"), ("country", "admin1")):
        texts = {name: file.column(column).astype("str") for name, file in files.items()}
        corrected = changes[changes["column"] == column].set_index(["file", "line"])["after"]
        known = pd.concat([pd.concat(texts), corrected] if texts else [corrected])
        listed = {
            text for file in sent_files(reports.plan, reference).values() for text in file.column(column).unique()
        }
        sent_texts = known[~known.index.duplicated(keep="last")].reindex(places).fillna("").set_axis(activities.index)
        columns |= {f"sent_{column}": sent_texts, f"sent_{column}_listed": sent_texts.isin(list(listed))}
    return pd.DataFrame(columns)


def usual_spelling(names: pd.Series, keys: pd.Series, listed: Mapping[str, str]) -> pd.Series:
    """How a list spells the name of each key, else as most rows do; of two equally usual ones the first by alphabet."""
    counts = pd.DataFrame({"key": keys.astype("str"), "name": names.astype("str")}).value_counts().reset_index()
    usual = counts.sort_values(["count", "name"], ascending=[False, True]).drop_duplicates("key").set_index("key")
    return keys.astype("str").map(usual["name"].to_dict() | dict(listed)).astype("str")


DERIVED |= {
    "admin1_as_listed": lambda reports: as_listed(reports, "admin1", "country", "admin1"),
    "platform": lambda reports: reports["country"].map(PLATFORM_OF).astype("str"),
    "platform_named": lambda reports: reports["platform_as_reported"].map(platform_named).astype("str"),
    "stated_word": lambda reports: (
        reports["stated_indicator_type"]
        .map(lambda text: reports.plan.year.indicator_words.get(fold(text), ""))
        .astype("str")
    ),
    "mechanism_listed": lambda reports: reports["delivery_mechanism"].isin(reports.plan.year.delivery_mechanisms),
}


def platform_named(text: str) -> str:
    """The platform that a text means, with or without its own name in brackets: ``Peru (GTRM)``."""
    name = fold(text).partition("(")[0].strip()
    return PLATFORM_SPELLINGS.get(name) or PLATFORM_OF.get(COUNTRY_SPELLINGS.get(name, ""), "")


# ---- Compared with other reports ----


@derives("in_period", "period_in_words")
def period(reports: Reports) -> pd.DataFrame:
    """Whether the month is in the period reported on, and what that is."""
    start, end = reports.period.start, reports.period.end
    inside = where(reports["month"], lambda month: start <= month <= end)
    return pd.DataFrame({"in_period": inside, "period_in_words": f"{start} to {end}; not counted"})


def repeats(reports: Reports, columns: list[str], keep: Literal["first", False]) -> pd.Series:
    """Where a row is like another in these columns; but for the first of them, where that is kept."""
    return reports.plan.activities.duplicated(columns, keep=keep)


def first_lines(reports: Reports, columns: list[str]) -> pd.Series:
    """The line of the first of the rows that are alike in these columns; NA where a row is alone."""
    activities = reports.plan.activities
    alike = activities[activities.duplicated(columns, keep=False)]
    lines = alike.groupby(columns, observed=True, dropna=False, sort=False)["source_line"].transform("first")
    return lines.reindex(activities.index)


for _what, _columns in ALIKE_IN.items():
    DERIVED[f"repeats_{_what}"] = partial(repeats, columns=_columns, keep="first")
    DERIVED[f"shares_{_what}"] = partial(repeats, columns=_columns, keep=False)
    DERIVED[f"first_line_of_{_what}"] = partial(first_lines, columns=_columns)


@derives("repeats_people", "line_of_same_people", "repeats_report")
def versions(reports: Reports) -> pd.DataFrame:
    """Where a row looks like a version of another: it has as many new beneficiaries, or a few more; and its line.

    Where ``repeats_report`` holds, such rows are a large part of what the organisation reports of the month, country
    and sector, in rows and in people.
    """
    activities, new = reports.plan.activities, reports["new"]
    alike = activities.groupby(VERSIONS_ALIKE_IN, observed=True, dropna=False, sort=False).ngroup()
    rows = pd.DataFrame({"alike": alike, "new": new, "line": activities["source_line"]})[new > 0]
    rows = rows.sort_values(["alike", "new"], kind="stable")
    previous = rows.groupby("alike").shift()
    repeats = rows["new"] - previous["new"] <= CORRECTED_BY * rows["new"]
    lines = previous["line"].reindex(new.index)
    repeats = repeats.reindex(new.index, fill_value=False)
    weights = pd.DataFrame({"rows": (new > 0).astype("float64"), "people": new})
    keys = [activities[name] for name in REPORT]
    of_report, repeated = (
        sums.groupby(keys, observed=True, dropna=False, sort=False).transform("sum")
        for sums in (weights, weights.where(repeats, 0.0))
    )
    repeats_report = (repeated >= REPEATED_SHARE * of_report).all(axis="columns") & repeats
    columns = {"repeats_people": repeats, "line_of_same_people": lines, "repeats_report": repeats_report}
    return pd.DataFrame(columns)


@derives("sums_others")
def sums_others(reports: Reports) -> pd.Series:
    """Where a row is a subtotal or a total: its people are the sum of the rows above it, below it, or of all others.

    These are at least three, of the same file and alike in up to two columns. The total of the month and each group are
    such sums, too, but where they do not fit the people of the row itself: many fill in one cell of a total. Subtotals
    are left out before their total is looked for, and so are reports that are there again. It is done once a plan.
    """
    return reports.plan.once(("sums_others",), lambda: _sums_others(reports))


def _sums_others(reports: Reports) -> pd.Series:
    breakdowns = (POPULATION_GROUPS, reports.plan.year.age_gender_groups)
    counts = reports.numbers(("total_monthly_beneficiaries", *(name for names in breakdowns for name in names)))
    new = reports["new"]
    compared = pd.DataFrame({"rows": False, "new": True, "total_monthly_beneficiaries": reports["total"] >= new})
    for names in breakdowns:
        fits = (counts[list(names)].sum(axis="columns") - new).abs() <= WORTH_A_NUMBER
        compared = compared.assign(**dict.fromkeys(names, fits))
    counts = counts.assign(rows=1.0, new=new)[list(compared)].copy()  # one block, so one operation for all columns
    activities = reports.plan.activities
    again = activities.duplicated([*VERSIONS_ALIKE_IN, "new_beneficiaries"])
    left, found = activities[(new > 0) & ~again], new.index[:0]
    rows = left
    while len(sums := sums_among(left, counts, compared.copy())):
        left, found = left.drop(sums), found.union(sums)
    if len(found) == 1:
        found = sums_among(rows, counts, compared.copy(), fewest_alone=FEWEST_SUMMED_ALONE)
    return pd.Series(new.index.isin(found), index=new.index)


def sums_among(
    rows: pd.DataFrame, counts: pd.DataFrame, compared: pd.DataFrame, *, fewest_alone: int = FEWEST_SUMMED
) -> pd.Index:
    """Return which rows are the sums of others in the columns of ``counts`` that are ``compared`` in them.

    Without a group of people that is a sum as well, they are the sums of ``fewest_alone`` rows or more.
    """
    found = rows.index[:0]
    for alike in (keys for size in range(3) for keys in combinations(SUMMED_BY, size)):
        groups = rows.groupby(["source_file", *alike], observed=True, sort=False).ngroup()
        new = counts.loc[rows.index, "new"]
        nearly = 0.0 if alike else NEARLY_ALL
        of_people = sum((sums - new).abs() <= WORTH_A_NUMBER + nearly * sums for sums in other_rows(new, groups)) > 0
        if not of_people.any():
            continue
        groups = groups[groups.isin(groups[of_people])]  # few, so that all columns are added up for these alone
        numbers, asked = counts.loc[groups.index], compared.loc[groups.index]
        has_groups = (asked & (numbers != 0)).sum(axis="columns") >= FEWEST_SUMS
        fewest = has_groups.map({True: FEWEST_SUMMED, False: fewest_alone})
        for sums in other_rows(numbers, groups):
            is_sum = (((sums - numbers).abs() <= WORTH_A_NUMBER + nearly * sums) | ~asked).all(axis="columns")
            found = found.union(groups.index[is_sum & (sums["rows"] >= fewest)])
    return found


Numbers = TypeVar("Numbers", pd.Series, pd.DataFrame)


def other_rows(numbers: Numbers, groups: pd.Series) -> tuple[Numbers, Numbers, Numbers]:
    """The sums of the rows above each row in its group, of those below it, and of both."""
    by_group = numbers.groupby(groups)
    above, others = by_group.cumsum() - numbers, by_group.transform("sum") - numbers
    return above, others - above, others


@derives("mean_of_others")
def mean_of_others(reports: Reports) -> pd.Series:
    """Where new beneficiaries and the total of the month are both the mean of all other rows of a file."""
    rows = reports.plan.activities[["new_beneficiaries", "total_monthly_beneficiaries"]]
    of_file = rows.groupby(reports["source_file"], observed=True)
    others = of_file.transform("count") - rows.notna()
    means = (of_file.transform("sum") - rows.fillna(0.0)) / others
    is_mean = ((means - rows).abs() <= MEAN_ROUNDED) & (of_file.transform("nunique") > 1)
    return (is_mean & (others >= FEWEST_SUMMED)).all(axis="columns")


@derives("usual_limit")
def usual_limit(reports: Reports) -> pd.Series:
    """The most new beneficiaries that are still usual for the indicator in the country; NA where nothing is usual.

    On a logarithmic scale, the median and three robust standard deviations (from the median absolute deviation):
    outliers move neither. Where an indicator has fewer than ten reports in a country, the sector's reports there are
    taken, then the sector's in every country.
    """
    counted = reports["people"] > 0
    rows = reports.plan.activities[counted]
    logs = np.log(reports["people"][counted])
    limits = pd.Series(np.nan, index=logs.index)
    for columns in COMPARED_WITH:
        alike = rows.groupby(columns, observed=True, sort=False).ngroup()
        median = logs.groupby(alike).transform("median")
        spread = (logs - median).abs().groupby(alike).transform("median") * SCALE_OF_MAD
        highest = np.exp(median + SPREADS * spread.clip(lower=np.log(LEAST_SPREAD)))
        limits = limits.fillna(highest.where(logs.groupby(alike).transform("size") >= ENOUGH_REPORTS))
    return limits.reindex(counted.index)


@derives("months", "step", "months_of_total", "months_of_rise", "months_of_fall")
def months(reports: Reports) -> pd.DataFrame:
    """Of the series that a report belongs to: its months with people; in how many new beneficiaries are the total, rise
    or fall from the month before; and the step to the report's own month, NA in the first. NA where nobody is new.
    """
    counted = reports["people"] > 0
    series = reports.plan.activities.groupby(SERIES, observed=True, sort=False).ngroup()
    people = {"new": reports["people"], "total": reports["total"]}
    rows = pd.DataFrame({"series": series, "month": reports["month"].astype("str"), **people})[counted]
    months = rows.groupby(["series", "month"])[["new", "total"]].sum()
    step = months.groupby("series")["new"].diff()
    is_total = (months["new"] - months["total"]).abs() <= WORTH_A_NUMBER
    marks = pd.DataFrame({"months_of_total": is_total, "months_of_rise": step > 0, "months_of_fall": step < 0})
    series_stats = marks.groupby("series").transform("sum")
    series_stats = series_stats.assign(months=step.groupby("series").transform("size"), step=step)
    keys = ["series", "month"]
    return rows[keys].join(series_stats, on=keys).drop(columns=keys).reindex(counted.index)


# ---- What a text should be ----

MARKS = re.compile("[ÃÂâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""What the first two bytes of an accented letter of UTF-8 look like as Windows-1252 or Latin-1."""

MOST_PASSES = 3
"""A text that went wrong more often than this is not mended."""


def mended_text(text: str) -> str:
    """The text with its accents as they were typed: ``Nuevo LeÃ³n`` is ``Nuevo León``; any other text as it is.

    A text is only mended when every one of its accents fits; then nothing else could have been meant. A letter was read
    from its byte in Windows-1252, or in Latin-1 for the bytes that this leaves empty.
    """
    if not MARKS.search(text):
        return text
    for _ in range(MOST_PASSES):
        try:
            bytes_read = (letter.encode("cp1252" if ord(letter) > 0xFF else "latin-1") for letter in text)
            text = b"".join(bytes_read).decode("utf-8") if not text.isascii() else text
        except UnicodeError:
            return text
    return text


def mended(texts: pd.Series) -> pd.Series:
    """A column with every mis-decoded text mended."""
    return texts.map(mended_text).astype("str")


def holding_contacts(texts: pd.Series) -> pd.Series:
    """Where a text holds a contact of a person."""
    return where(texts, holds_contact)


FUNCTIONS = {
    "rounded": lambda numbers: numbers.round(6),
    "mended": mended,
    "mis_decoded": lambda texts: where(texts, lambda text: mended_text(text) != text),
    "holding_contacts": holding_contacts,
}
"""What rules call by name."""


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as they are typed: 13 and not 13.0, without the decimals that computing added; an empty cell is empty."""
    if not pd.api.types.is_float_dtype(cells):
        return cells.astype("str").fillna("")
    texts = cells.map(lambda number: str(int(number)) if number.is_integer() else f"{number:.12g}", na_action="ignore")
    return texts.astype("str").where(cells.notna(), "")
