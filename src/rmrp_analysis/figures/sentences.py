"""Count the people that sentences name, beside the figures. No file publishes these numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.figures.cautions import number_causes
from rmrp_analysis.figures.doubt import reports_of
from rmrp_analysis.figures.parts import FigureSums
from rmrp_analysis.figures.registry import NEW_NOT_KNOWN_REASON, UNPUBLISHED_KIND
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import EMPTY_SUM_BY_COLUMN, NEW_BENEFICIARIES, NOT_KNOWN_COLUMN, Contributions, Sheets
from rmrp_analysis.vocabulary import INTERSECTOR, RULES_WITH_PROPORTIONS, UNKNOWN_INDICATOR_TYPE

LOST_PEOPLE_FIGURE, PEOPLE_YEAR_BEFORE_FIGURE = "lost_people", "people_year_before"
LARGEST_REPORT_FIGURE = "largest_report"
PEOPLE_BY_PARTNER_FIGURE, COUNTRY_PARTNER_FIGURE = "people_by_partner", "people_by_country_and_partner"
NOT_COUNTED_PEOPLE_FIGURE, NOT_COUNTED_AREAS_FIGURE = "not_counted_people", "not_counted_areas"
PEOPLE_IN_DOUBT_FIGURE, PEOPLE_TO_DATE_FIGURE = "people_in_doubt", "people_to_date"
EVERYBODY_NEW_ROWS_FIGURE, ROWS_OF_PEOPLE_FIGURE = "rows_of_everybody_new", "rows_of_people"
PEOPLE_OF_BOTH_MONTHS_FIGURE, PEOPLE_OF_BOTH_YEARS_FIGURE = "people_of_both_months", "people_of_both_years"
ACTIVITIES_FOR_PEOPLE_FIGURE = "activities_for_people"
PARTNERS_EXPECTED_FIGURE = "partners_expected"
PARTNERS_LATE_FIGURE = "partners_late"
PARTNERS_NOT_IN_FIGURE = "partners_of_country_not_in"
OTHER_SECTORS_FIGURE = "partners_of_other_sectors"
MAX_BASES_FOR_PARTNER_ROWS = 100
"""A sheet of at least so many bases of people has no ``people_by_country_and_partner``.

In a smaller sheet, partners would reveal each other's number if rounding did not know them.
"""


def sentence_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the numbers that sentences need beside the figures: rows of the table of figures.

    Figures in people:

    - ``lost_people`` by cause, ``largest_report`` of each month, ``people_year_before``.
    - ``people_by_partner`` by organisation. Sheets of few people also have ``people_by_country_and_partner``.
    - ``people_to_date``: people reached in the year so far.
    - ``not_counted_people``: people assisted in reports that are not counted, by country and month.
    - ``not_counted_areas``: the rows of ``not_counted_people`` of a country and month in which nobody is counted.
    - ``people_in_doubt`` by country, or by sector on sheets of all sectors.
    - ``people_of_both_months``: people newly reached in each of the last two months by partners that reported for both.
      ``people_of_both_years``: people reached by year, of partners in the months that they reported in both years.

    Counts: rows that give everybody assisted as new, and all rows that assisted people, by month.
    ``activities_for_people`` are the activities of indicators with people that are counted. Partners: see
    ``_partners_by_presence``.
    """
    sheets, reached = figure_sums.sheets, figure_sums.figures["people_reached"]
    pairs = _sum_people_by_partner(reached, "country", "organisation")
    groups = pairs.groupby("sheet", observed=True)
    is_small = groups["amount"].transform("sum") < MAX_BASES_FOR_PARTNER_ROWS * groups["base"].transform("max")
    reports = reports_of(reached.entries, sheets.dataset).rename(columns={"month": "part", "new": "amount"})
    reports = reports.sort_values(["sheet", "part", "amount", "key"]).drop_duplicates(["sheet", "part"], keep="last")
    not_counted = _people_not_counted(reached.entries, sheets.method)
    year_before, of_both_years = _year_before(sheets, reached)
    people = {
        PEOPLE_BY_PARTNER_FIGURE: _sum_people_by_partner(reached, "organisation"),
        COUNTRY_PARTNER_FIGURE: pairs[is_small],
        LARGEST_REPORT_FIGURE: metrics.add_base(reports, sheets.method),
        LOST_PEOPLE_FIGURE: _lost_people(sheets),
        PEOPLE_YEAR_BEFORE_FIGURE: year_before,
        PEOPLE_OF_BOTH_YEARS_FIGURE: of_both_years,
        PEOPLE_OF_BOTH_MONTHS_FIGURE: _people_of_both_months(sheets, reached),
        PEOPLE_TO_DATE_FIGURE: figure_sums.to_date.people(by_sector=False).sums("sheet").reset_index().assign(part=""),
        NOT_COUNTED_PEOPLE_FIGURE: not_counted,
        NOT_COUNTED_AREAS_FIGURE: not_counted[not_counted["is_whole"]],
        PEOPLE_IN_DOUBT_FIGURE: _people_in_doubt(reached.entries, sheets),
    }
    is_counted = sheets.presence["indicator_type"].isin(sheets.method.counted_indicator_types)
    activities = sheets.presence[is_counted].groupby("sheet", observed=True)["rows"].sum().rename("amount")
    counts = _rows_of_people(sheets) | _partners_by_presence(figure_sums)
    counts |= {ACTIVITIES_FOR_PEOPLE_FIGURE: activities.reset_index().assign(part="")}

    columns = ["sheet", "part", "month", "amount", "key", "base"]
    tables = {name: rows.reindex(columns=columns, fill_value="") for name, rows in people.items()}
    tables |= {name: rows.assign(key=np.uint64(0), base=0) for name, rows in counts.items()}
    rows = pd.concat(tables, names=["figure"]).reset_index("figure")
    rows = rows.astype({"sheet": "str", "part": "str", "amount": "float64", "key": "uint64", "base": "int64"})
    unit = rows["figure"].isin([*people]).map({True: "people", False: "count"})
    empty = dict.fromkeys(("by", "dimension", "reason", "source"), "")
    rows = rows.assign(
        total=rows["figure"], illustrative=False, unit=unit, kind=UNPUBLISHED_KIND, origin="activities", **empty
    )
    rows = rows.assign(**{**EMPTY_SUM_BY_COLUMN, **rows})
    return rows.rename(columns={"sheet": "report", "amount": "value"})


def _sum_people_by_partner(reached: Contributions, *keys: str) -> pd.DataFrame:
    """Add up people reached by sheet and the columns ``keys``, and sort the rows by these.

    Columns: ``sheet``, ``keys``, the sums (``EMPTY_SUM_BY_COLUMN``), and ``part``: the values of ``keys``, with a blank
    between them.
    """
    sums = reached.sums("sheet", *keys).reset_index().sort_values(["sheet", *keys])
    names = zip(*(sums[name].astype("str") for name in keys), strict=True)
    return sums.assign(part=[" ".join(parts) for parts in names])


def _lost_people(sheets: Sheets) -> pd.DataFrame:
    """Return reported people whom no figure counts, by cause, with the columns of ``_sums_by_part``. 0 has no row.

    Causes (``part``) are *unknown_indicator*, *new_not_known*, *refused* and, on sheets of all sectors,
    *no_proportions*: people whom the model cannot count. These may be in several sectors, so only the largest sector of
    each place counts.
    """
    data, method, people = sheets.dataset, sheets.method, sheets.dataset.people
    is_counted = people["indicator_type"].isin(method.counted_indicator_types)
    is_unknown = people["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    causes = {
        "unknown_indicator": people[is_unknown & people["part"].isin([NEW_BENEFICIARIES, NOT_KNOWN_COLUMN])],
        NEW_NOT_KNOWN_REASON: people[is_counted & (people["part"] == NOT_KNOWN_COLUMN)],
    }
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns="part")
    lost = [sheets.rows_by_sheet(rows.rename(columns={"cause": "part"}))]
    refused = ledger.refused_people(data, method).rename(columns={"people_left_out": "amount"})
    lost.append(sheets.rows_by_sheet(refused[[*metrics.DIMENSION_COLUMNS, "amount", "key"]]).assign(part="refused"))
    if sheets.has_all_sectors and data.year.rule_of(method.intersector_model) in RULES_WITH_PROPORTIONS:
        outside = metrics.people_outside_model(data, method, sheets.organisations).rename("amount").reset_index()
        outside = outside.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR_COLUMNS, "str"))
        outside = outside.assign(organisation=outside["sheet_organisation"], rmrp_activity="Yes")
        outside = outside.assign(part=NEW_BENEFICIARIES, key=EMPTY_SUM_BY_COLUMN["key"])
        largest = metrics.largest_of_period(sheets.rows_by_sheet(outside.iloc[:0], outside), ["sheet"], "admin1")
        lost.append(largest.assign(part="no_proportions"))
    all_lost = pd.concat([rows[["sheet", "part", "sector", "amount", "key"]] for rows in lost])
    sums = _sums_by_part(metrics.add_base(all_lost, method))
    return sums[sums["amount"] != 0]


def _people_not_counted(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Return people assisted in reports that are not counted, by country and month, added up over sectors.

    Columns: ``sheet``, ``part`` (country), ``month``, ``amount``, ``key``, ``base``, and ``is_whole``: true if nobody
    of the country and month is counted.
    """
    rows = metrics.add_base(entries[entries["assisted_not_counted"] > 0], method)
    keys = ["sheet", "country", "month"]
    totals = {"assisted_not_counted": "sum", "assisted_key": "sum", "base": "max"}
    sums = rows.groupby(keys, observed=True).agg(totals).reset_index()
    is_new = (entries["part"] == NEW_BENEFICIARIES) & (entries["amount"] > 0)
    new = entries[is_new].groupby(keys, observed=True)["amount"].sum()
    sums = sums.assign(is_whole=~pd.MultiIndex.from_frame(sums[keys]).isin(new.index))
    return sums.rename(columns={"assisted_not_counted": "amount", "assisted_key": "key", "country": "part"})


def _people_in_doubt(entries: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Return people reached in doubt by country, or by sector on sheets of all sectors, as ``_sums_by_part``."""
    rows = entries[(entries["in_doubt"] > 0) & (entries["part"] == NEW_BENEFICIARIES)]
    is_all = rows["sheet"].isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    part = rows["sector"].astype("str").where(is_all, rows["country"].astype("str"))
    return _sums_by_part(rows.assign(part=part, amount=rows["in_doubt"]))


def _sums_by_part(people: pd.DataFrame) -> pd.DataFrame:
    """Add up people by ``sheet`` and ``part``: ``amount``, ``key``, and the largest ``base``."""
    sums = people.groupby(["sheet", "part"], observed=True).agg({"amount": "sum", "key": "sum", "base": "max"})
    return sums.round({"amount": metrics.SUM_DECIMALS}).reset_index()


def _rows_of_people(sheets: Sheets) -> dict[str, pd.DataFrame]:
    """Return how many rows assisted people, and how many rows give everybody assisted as new, by month.

    A table for each of ``ROWS_OF_PEOPLE_FIGURE`` and ``EVERYBODY_NEW_ROWS_FIGURE``. Columns: ``sheet``, ``part`` (the
    month), ``amount`` (rows).
    """
    rows = ledger.people_rows(sheets.dataset, sheets.method).loc[sheets.presence["row"], ["new", "total", "assisted"]]
    rows = sheets.presence[["sheet", "month", "rows"]].assign(**rows.set_axis(sheets.presence.index))
    rows = rows.rename(columns={"month": "part", "rows": "amount"})
    is_everybody = (rows["new"] > 0) & (rows["new"] == rows["total"])
    masks = {EVERYBODY_NEW_ROWS_FIGURE: is_everybody, ROWS_OF_PEOPLE_FIGURE: rows["assisted"] > 0}
    return {
        name: rows[mask].groupby(["sheet", "part"], observed=True)["amount"].sum().reset_index()
        for name, mask in masks.items()
    }


def _partners_by_presence(figure_sums: FigureSums) -> dict[str, pd.DataFrame]:
    """Return how many partners are expected for the last month, and how many are late: a table for each figure.

    Partners of a sheet are organisations that reported its sector in the year so far. Columns: see ``_partners_of``.

    - ``partners_expected`` and ``partners_late`` (see ``late_partners``) leave out countries without any report.
    - ``partners_of_country_not_in`` are the partners that are late in such a country.
    - ``partners_of_other_sectors`` reported for the last month, but not the sheet's sector, and are late in no other
      country of the sheet.
    """
    sheets = figure_sums.sheets
    months = ledger.months_until(sheets.dataset, sheets.period.end)
    states = ledger.late_partners(ledger.presence_table(sheets.dataset, months)).reset_index()
    rows = figure_sums.to_date.sheets.presence[["sheet", "organisation", "country", "month"]].drop_duplicates()
    rows = rows.astype({"organisation": "str", "country": "str", "month": "str"})
    keys = ["sheet", "organisation", "country"]
    last_month = rows[rows["month"] == sheets.period.end][keys].drop_duplicates().assign(has_sector=True)
    partners = rows[keys].drop_duplicates().merge(states, on=keys[1:]).merge(last_month, on=keys, how="left")
    partners["has_sector"] = partners["has_sector"].notna()
    partners["is_late_here"] = partners["is_late"] & partners["is_country_in"]
    marks = partners.groupby(["sheet", "organisation"], observed=True)[["has_sector", "is_late_here"]]
    is_elsewhere = ~marks.transform("any").any(axis="columns")
    masks = {
        PARTNERS_EXPECTED_FIGURE: partners["is_expected"] & partners["is_country_in"],
        PARTNERS_LATE_FIGURE: partners["is_late_here"],
        PARTNERS_NOT_IN_FIGURE: partners["is_late"] & ~partners["is_country_in"],
        OTHER_SECTORS_FIGURE: partners["is_expected"] & ~partners["is_late"] & is_elsewhere,
    }
    return {name: _partners_of(partners[mask]) for name, mask in masks.items()}


def _partners_of(partners: pd.DataFrame) -> pd.DataFrame:
    """Count different organisations (``amount``) by ``sheet``, in all (``part`` is empty) and by country."""
    rows = pd.concat([partners.assign(part=""), partners.assign(part=partners["country"])])
    return rows.groupby(["sheet", "part"], observed=True)["organisation"].nunique().rename("amount").reset_index()


def _year_before(sheets: Sheets, reached: Contributions) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return people reached in the same months of the year before, and in both years by partners with both reports.

    Both are for sheets with a report in each month of the year before. A sheet with a cause in ``number_causes`` is
    left out. People left out, not counted or mostly in doubt are not looked at. Columns of the first: ``sheet``,
    ``part`` (empty), ``amount``, ``key``, and the rest of ``EMPTY_SUM_BY_COLUMN`` (unless it is empty). Columns of the
    second: see ``_people_of_both``.
    """
    earlier = replace(sheets, period=sheets.period.year_before)
    months = earlier.presence.groupby("sheet", observed=True)["month"].nunique()
    complete = months.index[months == len(earlier.period.months)]
    if not len(complete):
        empty = pd.DataFrame({"sheet": [], "part": [], "amount": [], "key": np.array([], dtype="uint64")})
        return empty, empty
    figure_sums = FigureSums(earlier)
    people = figure_sums.people(by_sector=False)
    sums = people.sums("sheet").loc[complete].reset_index().assign(part="")
    causes = number_causes(figure_sums)
    doubtful = causes[(causes != "") & (causes.index.get_level_values("by") == "")]
    sums = sums[~sums["sheet"].astype("str").isin(doubtful.index.get_level_values("sheet"))]
    reports = pd.concat([sheets.presence, earlier.presence]).astype({"month": "str"})
    reports = reports.assign(part=reports["month"].str[:4], season=reports["month"].str[5:])
    of_both = _people_of_both(reports, [reached, people])
    return sums, of_both[of_both["sheet"].isin(sums["sheet"].astype("str"))]


def _people_of_both_months(sheets: Sheets, reached: Contributions) -> pd.DataFrame:
    """Return people newly reached in each of the last two months by partners that reported for both."""
    months = sheets.period.months[-2:]
    reports = sheets.presence[sheets.presence["month"].isin(months)]
    entries = reached.entries[reached.entries["month"].isin(months)]
    return _people_of_both(reports.assign(part=reports["month"], season=""), [replace(reached, entries=entries)])


def _people_of_both(reports: pd.DataFrame, people: list[Contributions]) -> pd.DataFrame:
    """Return people by ``sheet`` and ``part``, of partners that reported for both parts in the same season.

    ``reports`` are rows of presence with ``part`` and ``season``. A partner counts in each country alone. A part with
    reports but without people is 0. Columns: see ``_sums_by_part``.
    """
    partner = ["sheet", "organisation", "country"]
    keys = [*partner, "month"]
    rows = reports[[*keys, "season", "part"]].astype("str").drop_duplicates()
    rows = rows[rows.groupby([*partner, "season"])["part"].transform("nunique") > 1]
    sums = pd.concat([contributions.sums(*keys) for contributions in people]).reset_index()
    rows = rows.merge(sums.astype(dict.fromkeys(keys, "str")), on=keys, how="left")
    absent = {"amount": 0.0, "key": np.uint64(0), "base": 0}
    return _sums_by_part(rows.fillna(absent).astype({"key": "uint64", "base": "int64"}))
