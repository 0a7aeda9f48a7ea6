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
    sheets, reached_contributions = figure_sums.sheets, figure_sums.figures["people_reached"]
    partner_sums, country_partner_sums = (
        _sum_people_by_partner(reached_contributions, *key_columns)
        for key_columns in (["organisation"], ["country", "organisation"])
    )
    largest_report_rows = cautions.reports_of(reached_contributions.entries, sheets.dataset).rename(
        columns={"month": "part", "new": "amount"}
    )
    largest_report_rows = largest_report_rows.sort_values(["sheet", "part", "amount", "key"]).drop_duplicates(
        ["sheet", "part"], keep="last"
    )
    people_rows_by_figure = {
        PEOPLE_BY_PARTNER_FIGURE: partner_sums,
        COUNTRY_PARTNER_FIGURE: _of_few_people(country_partner_sums),
        LARGEST_REPORT_FIGURE: metrics.add_base(largest_report_rows, sheets.method),
        LOST_PEOPLE_FIGURE: _lost_people(sheets),
        PEOPLE_YEAR_BEFORE_FIGURE: _year_before(sheets),
        PEOPLE_TO_DATE_FIGURE: figure_sums.to_date.people(by_sector=False).sums("sheet").reset_index().assign(part=""),
        NOT_COUNTED_PEOPLE_FIGURE: (
            not_counted_sums := _people_not_counted(reached_contributions.entries, sheets.method)
        ),
        NOT_COUNTED_AREAS_FIGURE: not_counted_sums[not_counted_sums["is_whole"]],
        PEOPLE_IN_DOUBT_FIGURE: _people_in_doubt(reached_contributions.entries, sheets),
    }
    sum_table_columns = ["sheet", "part", "month", "amount", "key", "base"]
    number_rows_by_figure = {
        figure_name: number_rows.reindex(columns=sum_table_columns, fill_value="")
        for figure_name, number_rows in people_rows_by_figure.items()
    }
    number_rows_by_figure |= {
        figure_name: number_rows.assign(key=np.uint64(0), base=0)
        for figure_name, number_rows in (
            _rows_of_people(sheets)
            | _partners_by_presence(figure_sums)
            | {ACTIVITIES_FOR_PEOPLE_FIGURE: _activities_for_people(sheets)}
        ).items()
    }
    number_rows = pd.concat(number_rows_by_figure, names=["figure"]).reset_index("figure")
    number_rows = number_rows.astype(
        {"sheet": "str", "part": "str", "amount": "float64", "key": "uint64", "base": "int64"}
    )
    unit_by_row = number_rows["figure"].isin([*people_rows_by_figure]).map({True: "people", False: "count"})
    constant_by_column = {"kind": UNPUBLISHED_KIND, "origin": "activities"} | dict.fromkeys(
        ("by", "dimension", "reason", "source"), ""
    )
    number_rows = number_rows.assign(
        total=number_rows["figure"], illustrative=False, unit=unit_by_row, **constant_by_column
    )
    number_rows = number_rows.assign(**{**EMPTY_SUM_BY_COLUMN, **number_rows})
    return number_rows.rename(columns={"sheet": "report", "amount": "value"})


def _sum_people_by_partner(reached: Contributions, *keys: str) -> pd.DataFrame:
    """Add up people reached by sheet and the columns ``keys``; return a row for each, sorted by them.

    Columns: ``sheet``, those of ``keys``, the sums (``EMPTY_SUM_BY_COLUMN``), and ``part``: the values of ``keys``,
    with a blank between them.
    """
    partner_sums = reached.sums("sheet", *keys).reset_index().sort_values(["sheet", *keys])
    name_tuple_iterator = zip(*(partner_sums[key_column].astype("str") for key_column in keys), strict=True)
    return partner_sums.assign(part=[" ".join(key_names) for key_names in name_tuple_iterator])


def _of_few_people(partner_rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of sheets with fewer people than ``MAX_BASES_FOR_PARTNER_ROWS`` times their largest ``base``.

    Partners of so small a sheet would tell each other's number, unless rounding knows them.
    """
    partners_grouped_by_sheet = partner_rows.groupby("sheet", observed=True)
    return partner_rows[
        partners_grouped_by_sheet["amount"].transform("sum")
        < MAX_BASES_FOR_PARTNER_ROWS * partners_grouped_by_sheet["base"].transform("max")
    ]


def _lost_people(sheets: Sheets) -> pd.DataFrame:
    """Return people who were reported and whom no figure counts, by cause: those of ``_sums_by_part``, without zeros.

    Causes (``part``) are *unknown_indicator*, *new_not_known*, *refused* and, of all sectors, *no_proportions*: whom
    the model cannot see. These may be in several sectors: the largest of each place counts alone.
    """
    dataset, method = sheets.dataset, sheets.method
    people_entries = dataset.people
    is_counted_indicator = people_entries["indicator_type"].isin(method.counted_indicator_types)
    is_unknown_indicator = people_entries["indicator_type"] == UNKNOWN_INDICATOR_TYPE
    entries_by_cause = {
        "unknown_indicator": people_entries[
            is_unknown_indicator & people_entries["part"].isin([NEW_BENEFICIARIES, NOT_KNOWN_COLUMN])
        ],
        NEW_NOT_KNOWN_REASON: people_entries[is_counted_indicator & (people_entries["part"] == NOT_KNOWN_COLUMN)],
    }
    lost_rows = pd.concat(entries_by_cause, names=["cause"]).reset_index("cause").drop(columns="part")
    lost_tables = [sheets.rows_by_sheet(lost_rows.rename(columns={"cause": "part"}))]
    refused_rows = ledger.refused_people(dataset, method).rename(columns={"people_left_out": "amount"})
    lost_tables.append(
        sheets.rows_by_sheet(refused_rows[[*metrics.DIMENSION_COLUMNS, "amount", "key"]]).assign(part="refused")
    )
    if sheets.has_all_sectors and dataset.year.rule_of(method.intersector_model) in RULES_WITH_PROPORTIONS:
        rows_outside_model = (
            metrics.people_outside_model(dataset, method, sheets.organisations).rename("amount").reset_index()
        )
        rows_outside_model = rows_outside_model.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR_COLUMNS, "str")).assign(
            organisation=rows_outside_model["sheet_organisation"].astype("str")
        )
        rows_outside_model = rows_outside_model.assign(
            rmrp_activity="Yes", part=NEW_BENEFICIARIES, key=EMPTY_SUM_BY_COLUMN["key"]
        )
        largest_sector_rows = metrics.largest_of_period(
            sheets.rows_by_sheet(rows_outside_model.iloc[:0], rows_outside_model), ["sheet"], "admin1"
        )
        lost_tables.append(largest_sector_rows.assign(part="no_proportions"))
    all_lost_rows = pd.concat([lost_rows[["sheet", "part", "sector", "amount", "key"]] for lost_rows in lost_tables])
    cause_sums = _sums_by_part(metrics.add_base(all_lost_rows, method))
    return cause_sums[cause_sums["amount"] != 0]


def _people_not_counted(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """Return people assisted in reports that are not counted, by country and month: of several sectors the largest.

    Columns: ``sheet``, ``part`` (country), ``month``, ``sector``, ``amount``, ``key``, ``base``, and ``is_whole``: true
    where nobody of the country and month is counted.
    """
    uncounted_entries = entries[entries["assisted_not_counted"] > 0]
    area_columns = ["sheet", "country", "month"]
    sector_sums = (
        uncounted_entries.groupby([*area_columns, "sector"], observed=True)[["assisted_not_counted", "assisted_key"]]
        .sum()
        .reset_index()
    )
    largest_sector_sums = sector_sums.sort_values([*area_columns, "assisted_not_counted", "sector"]).drop_duplicates(
        area_columns, keep="last"
    )
    is_of_new_people = (entries["part"] == NEW_BENEFICIARIES) & (entries["amount"] > 0)
    new_people_by_area = entries[is_of_new_people].groupby(area_columns, observed=True)["amount"].sum()
    largest_sector_sums = largest_sector_sums.assign(
        is_whole=~pd.MultiIndex.from_frame(largest_sector_sums[area_columns]).isin(new_people_by_area.index)
    )
    new_name_by_column = {"assisted_not_counted": "amount", "assisted_key": "key", "country": "part"}
    return metrics.add_base(largest_sector_sums.rename(columns=new_name_by_column), method)


def _people_in_doubt(entries: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Return people reached that are in doubt, by country; of all sectors together, by sector.

    Columns: those of ``_sums_by_part``.
    """
    doubtful_entries = entries[(entries["in_doubt"] > 0) & (entries["part"] == NEW_BENEFICIARIES)]
    is_on_sheet_of_all = doubtful_entries["sheet"].isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    part_name_by_entry = (
        doubtful_entries["sector"].astype("str").where(is_on_sheet_of_all, doubtful_entries["country"].astype("str"))
    )
    return _sums_by_part(doubtful_entries.assign(part=part_name_by_entry, amount=doubtful_entries["in_doubt"]))


def _sums_by_part(people: pd.DataFrame) -> pd.DataFrame:
    """Add up people by ``sheet`` and ``part``: ``amount``, ``key``, and the largest ``base``."""
    people_sums = people.groupby(["sheet", "part"], observed=True).agg({"amount": "sum", "key": "sum", "base": "max"})
    return people_sums.round({"amount": metrics.SUM_DECIMALS}).reset_index()


def _rows_of_people(sheets: Sheets) -> dict[str, pd.DataFrame]:
    """Return how many rows assisted people, and how many of them give everybody assisted as new, by month.

    A table for each of ``ROWS_OF_PEOPLE_FIGURE`` and ``EVERYBODY_NEW_ROWS_FIGURE``; columns: ``sheet``, ``part`` (the
    month), ``amount`` (rows).
    """
    activity_rows = ledger.people_rows(sheets.dataset, sheets.method).loc[
        sheets.presence["row"], ["new", "total", "assisted"]
    ]
    activity_rows = sheets.presence[["sheet", "month", "rows"]].assign(**activity_rows.set_axis(sheets.presence.index))
    is_everybody_new = (activity_rows["new"] > 0) & (activity_rows["new"] == activity_rows["total"])
    return {
        figure_name: activity_rows[row_mask]
        .groupby(["sheet", "month"], observed=True)["rows"]
        .sum()
        .rename("amount")
        .reset_index()
        .rename(columns={"month": "part"})
        for figure_name, row_mask in {
            EVERYBODY_NEW_ROWS_FIGURE: is_everybody_new,
            ROWS_OF_PEOPLE_FIGURE: activity_rows["assisted"] > 0,
        }.items()
    }


def _activities_for_people(sheets: Sheets) -> pd.DataFrame:
    """Return how many activities are of indicators whose people count: ``sheet``, ``part`` (empty), ``amount``."""
    is_counted_indicator = sheets.presence["indicator_type"].isin(sheets.method.counted_indicator_types)
    activity_count_by_sheet = sheets.presence[is_counted_indicator].groupby("sheet", observed=True)["rows"].sum()
    return activity_count_by_sheet.rename("amount").reset_index().assign(part="")


def _partners_by_presence(figure_sums: FigureSums) -> dict[str, pd.DataFrame]:
    """Return how many partners are expected for the last month, and what became of them: a table for each figure.

    See ``_partners_of`` for its columns. Partners of a sheet reported its sector in the year so far.
    ``partners_expected`` and ``partners_late`` (see ``late_partners``) leave out countries from which nobody reported;
    who is late there is in ``partners_of_country_not_in``. ``partners_of_other_sectors`` reported for the last month,
    but not the sheet's sector, and are late in no other country of the sheet.
    """
    sheets = figure_sums.sheets
    months_until_end = ledger.months_until(sheets.dataset, sheets.period.end)
    partner_lateness_table = ledger.late_partners(ledger.presence_table(sheets.dataset, months_until_end)).reset_index()
    presence_rows = figure_sums.to_date.sheets.presence[["sheet", "organisation", "country", "month"]].drop_duplicates()
    presence_rows = presence_rows.astype({"organisation": "str", "country": "str", "month": "str"})
    partner_columns = ["sheet", "organisation", "country"]
    last_month_partner_rows = (
        presence_rows[presence_rows["month"] == sheets.period.end][partner_columns]
        .drop_duplicates()
        .assign(has_sector=True)
    )
    partner_rows = (
        presence_rows[partner_columns]
        .drop_duplicates()
        .merge(partner_lateness_table, on=partner_columns[1:])
        .merge(last_month_partner_rows, on=partner_columns, how="left")
    )
    partner_rows["has_sector"] = partner_rows["has_sector"].notna()
    partner_rows["is_late_here"] = partner_rows["is_late"] & partner_rows["is_country_in"]
    rows_by_partner = partner_rows.groupby(["sheet", "organisation"], observed=True)[["has_sector", "is_late_here"]]
    is_neither_active_nor_late = ~rows_by_partner.transform("any").any(axis="columns")
    mask_by_figure = {
        PARTNERS_EXPECTED_FIGURE: partner_rows["is_expected"] & partner_rows["is_country_in"],
        PARTNERS_LATE_FIGURE: partner_rows["is_late_here"],
        PARTNERS_NOT_IN_FIGURE: partner_rows["is_late"] & ~partner_rows["is_country_in"],
        OTHER_SECTORS_FIGURE: partner_rows["is_expected"] & ~partner_rows["is_late"] & is_neither_active_nor_late,
    }
    return {
        figure_name: _partners_of(partner_rows[partner_mask]) for figure_name, partner_mask in mask_by_figure.items()
    }


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
    earlier_sheets = replace(sheets, period=sheets.period.year_before)
    month_count_by_sheet = earlier_sheets.presence.groupby("sheet", observed=True)["month"].nunique()
    complete_sheet_index = month_count_by_sheet.index[month_count_by_sheet == len(earlier_sheets.period.months)]
    if not len(complete_sheet_index):
        return pd.DataFrame({"sheet": [], "part": [], "amount": [], "key": np.array([], dtype="uint64")})
    earlier_figure_sums = FigureSums(earlier_sheets)
    people_sums = (
        earlier_figure_sums.people(by_sector=False)
        .sums("sheet")
        .loc[complete_sheet_index]
        .reset_index()
        .assign(part="")
    )
    doubt_cause_series = cautions.number_causes(earlier_figure_sums)
    total_cause_series = doubt_cause_series[
        (doubt_cause_series != "") & (doubt_cause_series.index.get_level_values("by") == "")
    ]
    return people_sums[~people_sums["sheet"].astype("str").isin(total_cause_series.index.get_level_values("sheet"))]
