"""Count the people that sentences name, beside the figures; no file publishes these numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.figures import cautions
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
ACTIVITIES_FOR_PEOPLE_FIGURE = "activities_for_people"
PARTNERS_EXPECTED_FIGURE = "partners_expected"
PARTNERS_LATE_FIGURE = "partners_late"
PARTNERS_NOT_IN_FIGURE = "partners_of_country_not_in"
OTHER_SECTORS_FIGURE = "partners_of_other_sectors"
MAX_BASES_FOR_PARTNER_ROWS = 100
"""Of sheets of more people than so many bases of rounding no partner and country is told apart."""


def sentence_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the numbers that sentences need beside the figures: rows of the table of figures.

    In people: ``lost_people`` by cause, ``largest_report`` of each month, ``people_by_partner`` by organisation (of
    sheets of few people also ``people_by_country_and_partner``), ``people_year_before``, ``people_to_date`` (reached in
    the year so far), ``not_counted_people`` (assisted in reports that are not counted) by country and month,
    ``not_counted_areas`` of these where nobody is counted at all, ``people_in_doubt`` by country or, of all sectors, by
    sector. Counts: rows that give everybody assisted as new, and all rows that assisted people, by month;
    ``activities_for_people``, of indicators whose people are counted; partners by ``_partners_by_presence``.
    """
    sheets, reached = figure_sums.sheets, figure_sums.figures["people_reached"]
    partners, pairs = (_sum_people_by_partner(reached, *by) for by in (["organisation"], ["country", "organisation"]))
    reports = cautions.reports_of(reached.entries, sheets.dataset).rename(columns={"month": "part", "new": "amount"})
    reports = reports.sort_values(["sheet", "part", "amount", "key"]).drop_duplicates(["sheet", "part"], keep="last")
    people_tables = {
        PEOPLE_BY_PARTNER_FIGURE: partners,
        COUNTRY_PARTNER_FIGURE: _of_few_people(pairs),
        LARGEST_REPORT_FIGURE: metrics.add_base(reports, sheets.method),
        LOST_PEOPLE_FIGURE: _lost_people(sheets),
        PEOPLE_YEAR_BEFORE_FIGURE: _year_before(sheets),
        PEOPLE_TO_DATE_FIGURE: figure_sums.to_date.people(by_sector=False).sums("sheet").reset_index().assign(part=""),
        NOT_COUNTED_PEOPLE_FIGURE: (not_counted := _people_not_counted(reached.entries, sheets.method)),
        NOT_COUNTED_AREAS_FIGURE: not_counted[not_counted["is_whole"]],
        PEOPLE_IN_DOUBT_FIGURE: _people_in_doubt(reached.entries, sheets),
    }
    columns = ["sheet", "part", "month", "amount", "key", "base"]
    tables = {name: rows.reindex(columns=columns, fill_value="") for name, rows in people_tables.items()}
    tables |= {
        name: rows.assign(key=np.uint64(0), base=0)
        for name, rows in (
            _rows_of_people(sheets)
            | _partners_by_presence(figure_sums)
            | {ACTIVITIES_FOR_PEOPLE_FIGURE: _activities_for_people(sheets)}
        ).items()
    }
    rows = pd.concat(tables, names=["figure"]).reset_index("figure")
    rows = rows.astype({"sheet": "str", "part": "str", "amount": "float64", "key": "uint64", "base": "int64"})
    unit = rows["figure"].isin([*people_tables]).map({True: "people", False: "count"})
    facts = {"kind": UNPUBLISHED_KIND, "origin": "activities"} | dict.fromkeys(
        ("by", "dimension", "reason", "source"), ""
    )
    rows = rows.assign(total=rows["figure"], illustrative=False, unit=unit, **facts)
    rows = rows.assign(**{**EMPTY_SUM_BY_COLUMN, **rows})
    return rows.rename(columns={"sheet": "report", "amount": "value"})


def _sum_people_by_partner(reached: Contributions, *keys: str) -> pd.DataFrame:
    """Add up people reached by sheet and the columns ``keys``; return a row for each, sorted by them.

    Columns: ``sheet``, those of ``keys``, the sums (``EMPTY_SUM_BY_COLUMN``), and ``part``: the values of ``keys``,
    with a blank between them.
    """
    sums = reached.sums("sheet", *keys).reset_index().sort_values(["sheet", *keys])
    names = zip(*(sums[name].astype("str") for name in keys), strict=True)
    return sums.assign(part=[" ".join(key_names) for key_names in names])


def _of_few_people(partner_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of sheets with fewer people than ``MAX_BASES_FOR_PARTNER_ROWS`` times their largest ``base``.

    Partners of so small a sheet would tell each other's number, unless rounding knows them.
    """
    by_sheet = partner_rows.groupby("sheet", observed=True)
    return partner_rows[
        by_sheet["amount"].transform("sum") < MAX_BASES_FOR_PARTNER_ROWS * by_sheet["base"].transform("max")
    ]


def _lost_people(sheets: Sheets) -> pd.DataFrame:
    """Return people who were reported and whom no figure counts, by cause: those of ``_sums_by_part``, without zeros.

    Causes (``part``) are *unknown_indicator*, *new_not_known*, *refused* and, of all sectors, *no_proportions*: whom
    the model cannot see. These may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.dataset, sheets.method
    people = data.people
    is_counted = people["indicator_type"].isin(method.counted_indicator_types)
    is_unknown_indicator = people["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    causes = {
        "unknown_indicator": people[is_unknown_indicator & people["part"].isin([NEW_BENEFICIARIES, NOT_KNOWN_COLUMN])],
        NEW_NOT_KNOWN_REASON: people[is_counted & (people["part"] == NOT_KNOWN_COLUMN)],
    }
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns="part")
    lost = [sheets.rows_by_sheet(rows.rename(columns={"cause": "part"}))]
    refused = ledger.refused_people(data, method).rename(columns={"people_left_out": "amount"})
    lost.append(sheets.rows_by_sheet(refused[[*metrics.DIMENSION_COLUMNS, "amount", "key"]]).assign(part="refused"))
    if sheets.has_all_sectors and data.year.rule_of(method.intersector_model) in RULES_WITH_PROPORTIONS:
        outside_model = metrics.people_outside_model(data, method, sheets.organisations).rename("amount").reset_index()
        outside_model = outside_model.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR_COLUMNS, "str")).assign(
            organisation=outside_model["sheet_organisation"].astype("str")
        )
        outside_model = outside_model.assign(
            rmrp_activity="Yes", part=NEW_BENEFICIARIES, key=EMPTY_SUM_BY_COLUMN["key"]
        )
        largest = metrics.largest_of_period(
            sheets.rows_by_sheet(outside_model.iloc[:0], outside_model), ["sheet"], "admin1"
        )
        lost.append(largest.assign(part="no_proportions"))
    all_lost = pd.concat([rows[["sheet", "part", "sector", "amount", "key"]] for rows in lost])
    sums = _sums_by_part(metrics.add_base(all_lost, method))
    return sums[sums["amount"] != 0]


def _people_not_counted(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Return people assisted in reports that are not counted, by country and month: of several sectors the largest.

    Columns: ``sheet``, ``part`` (country), ``month``, ``sector``, ``amount``, ``key``, ``base``, and ``is_whole``: true
    where nobody of the country and month is counted.
    """
    rows = entries[entries["assisted_not_counted"] > 0]
    keys = ["sheet", "country", "month"]
    sums = rows.groupby([*keys, "sector"], observed=True)[["assisted_not_counted", "assisted_key"]].sum().reset_index()
    largest = sums.sort_values([*keys, "assisted_not_counted", "sector"]).drop_duplicates(keys, keep="last")
    is_new = (entries["part"] == NEW_BENEFICIARIES) & (entries["amount"] > 0)
    new = entries[is_new].groupby(keys, observed=True)["amount"].sum()
    largest = largest.assign(is_whole=~pd.MultiIndex.from_frame(largest[keys]).isin(new.index))
    names = {"assisted_not_counted": "amount", "assisted_key": "key", "country": "part"}
    return metrics.add_base(largest.rename(columns=names), method)


def _people_in_doubt(entries: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Return people reached that are in doubt, by country; of all sectors together, by sector.

    Columns: those of ``_sums_by_part``.
    """
    rows = entries[(entries["in_doubt"] > 0) & (entries["part"] == NEW_BENEFICIARIES)]
    is_all_sectors = rows["sheet"].isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    part = rows["sector"].astype("str").where(is_all_sectors, rows["country"].astype("str"))
    return _sums_by_part(rows.assign(part=part, amount=rows["in_doubt"]))


def _sums_by_part(people: pd.DataFrame) -> pd.DataFrame:
    """Add up people by ``sheet`` and ``part``: ``amount``, ``key``, and the largest ``base``."""
    sums = people.groupby(["sheet", "part"], observed=True).agg({"amount": "sum", "key": "sum", "base": "max"})
    return sums.round({"amount": metrics.SUM_DECIMALS}).reset_index()


def _rows_of_people(sheets: Sheets) -> dict[str, pd.DataFrame]:
    """Return how many rows assisted people, and how many of them give everybody assisted as new, by month.

    A table for each of ``ROWS_OF_PEOPLE_FIGURE`` and ``EVERYBODY_NEW_ROWS_FIGURE``; columns: ``sheet``, ``part`` (the
    month), ``amount`` (rows).
    """
    rows = ledger.people_rows(sheets.dataset, sheets.method).loc[sheets.presence["row"], ["new", "total", "assisted"]]
    rows = sheets.presence[["sheet", "month", "rows"]].assign(**rows.set_axis(sheets.presence.index))
    is_everybody = (rows["new"] > 0) & (rows["new"] == rows["total"])
    return {
        name: rows[mask]
        .groupby(["sheet", "month"], observed=True)["rows"]
        .sum()
        .rename("amount")
        .reset_index()
        .rename(columns={"month": "part"})
        for name, mask in {EVERYBODY_NEW_ROWS_FIGURE: is_everybody, ROWS_OF_PEOPLE_FIGURE: rows["assisted"] > 0}.items()
    }


def _activities_for_people(sheets: Sheets) -> pd.DataFrame:
    """Return how many activities are of indicators whose people count: ``sheet``, ``part`` (empty), ``amount``."""
    is_counted = sheets.presence["indicator_type"].isin(sheets.method.counted_indicator_types)
    rows = sheets.presence[is_counted].groupby("sheet", observed=True)["rows"].sum()
    return rows.rename("amount").reset_index().assign(part="")


def _partners_by_presence(figure_sums: FigureSums) -> dict[str, pd.DataFrame]:
    """Return how many partners are expected for the last month, and what became of them: a table for each figure.

    See ``_partners_of`` for its columns. Partners of a sheet reported its sector in the year so far.
    ``partners_expected`` and ``partners_late`` (see ``late_partners``) leave out countries from which nobody reported;
    who is late there is in ``partners_of_country_not_in``. ``partners_of_other_sectors`` reported for the last month,
    but not the sheet's sector, and are late in no other country of the sheet.
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
    rows_by_partner = partners.groupby(["sheet", "organisation"], observed=True)[["has_sector", "is_late_here"]]
    is_neither_active_nor_late = ~rows_by_partner.transform("any").any(axis="columns")
    masks = {
        PARTNERS_EXPECTED_FIGURE: partners["is_expected"] & partners["is_country_in"],
        PARTNERS_LATE_FIGURE: partners["is_late_here"],
        PARTNERS_NOT_IN_FIGURE: partners["is_late"] & ~partners["is_country_in"],
        OTHER_SECTORS_FIGURE: partners["is_expected"] & ~partners["is_late"] & is_neither_active_nor_late,
    }
    return {name: _partners_of(partners[mask]) for name, mask in masks.items()}


def _partners_of(partners: pd.DataFrame) -> pd.DataFrame:
    """Count different organisations (``amount``) by ``sheet``, in all (``part`` is empty) and by country."""
    partner_part_rows = pd.concat([partners.assign(part=""), partners.assign(part=partners["country"])])
    return (
        partner_part_rows.groupby(["sheet", "part"], observed=True)["organisation"]
        .nunique()
        .rename("amount")
        .reset_index()
    )


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """Return the people reached in the same months of the year before, of sheets with a report in each of them.

    Columns: ``sheet``, ``part`` (empty), ``amount``, ``key``, and what else ``EMPTY_SUM_BY_COLUMN`` names (not where no
    sheet has a report in each month). Sheets whose number has a cause in ``number_causes`` are left out; people left
    out, not counted or mostly in doubt are not looked at.
    """
    earlier = replace(sheets, period=sheets.period.year_before)
    months = earlier.presence.groupby("sheet", observed=True)["month"].nunique()
    complete_sheets = months.index[months == len(earlier.period.months)]
    if not len(complete_sheets):
        return pd.DataFrame({"sheet": [], "part": [], "amount": [], "key": np.array([], dtype="uint64")})
    figure_sums = FigureSums(earlier)
    sums = figure_sums.people(by_sector=False).sums("sheet").loc[complete_sheets].reset_index().assign(part="")
    causes = cautions.number_causes(figure_sums)
    doubtful_causes = causes[(causes != "") & (causes.index.get_level_values("by") == "")]
    return sums[~sums["sheet"].astype("str").isin(doubtful_causes.index.get_level_values("sheet"))]
