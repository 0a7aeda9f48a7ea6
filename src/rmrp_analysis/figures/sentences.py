"""Count the people that sentences name, beside the figures; no file publishes these numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rmrp_analysis import ledger, metrics
from rmrp_analysis.figures import cautions
from rmrp_analysis.figures.parts import FigureSums
from rmrp_analysis.figures.registry import NEW_NOT_KNOWN, UNPUBLISHED
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import EMPTY_SUMS, NEW, NOT_KNOWN, Contributions, Sheets
from rmrp_analysis.vocabulary import INTERSECTOR, NEEDS_PROPORTIONS, UNKNOWN_INDICATOR

LOST_PEOPLE, YEAR_BEFORE = "lost_people", "people_year_before"
LARGEST_REPORT = "largest_report"
PARTNERS, PARTNERS_BY_COUNTRY = "people_by_partner", "people_by_country_and_partner"
NOT_COUNTED_PEOPLE, NOT_COUNTED_AREAS = "not_counted_people", "not_counted_areas"
PEOPLE_IN_DOUBT, YEAR_TO_DATE = "people_in_doubt", "people_to_date"
EVERYBODY_NEW_ROWS, ROWS_OF_PEOPLE = "rows_of_everybody_new", "rows_of_people"
ACTIVITIES_FOR_PEOPLE = "activities_for_people"
PARTNERS_EXPECTED, PARTNERS_LATE, COUNTRY_NOT_IN = "partners_expected", "partners_late", "partners_of_country_not_in"
PARTNERS_OTHER_SECTORS = "partners_of_other_sectors"
MAX_BASES_BY_PARTNER = 100
"""Of sheets of more people than so many bases of rounding no partner and country is told apart."""


def sentence_rows(figure_sums: FigureSums) -> pd.DataFrame:
    """Return the numbers that sentences need beside the figures: rows of the table of figures.

    In people: ``lost_people`` by cause, ``largest_report`` of each month, ``people_by_partner`` by organisation (of
    sheets of few people also ``people_by_country_and_partner``), ``people_year_before``, ``people_to_date`` (reached
    in the year so far), ``not_counted_people`` (assisted in reports that are not counted) by country and month,
    ``not_counted_areas`` of these where nobody is counted at all, ``people_in_doubt`` by country or, of all sectors, by
    sector. FigureSums: rows that give everybody assisted as new, and all rows with people, by month;
    ``activities_for_people``, of indicators whose people are counted; partners by ``_partners_by_presence``.
    """
    sheets, reached = figure_sums.sheets, figure_sums.figures["people_reached"]
    partners, pairs = (_by_partner(reached, *by) for by in (["organisation"], ["country", "organisation"]))
    reports = cautions.reports_of(reached.entries, sheets.dataset).rename(columns={"month": "part", "new": "amount"})
    reports = reports.sort_values(["sheet", "part", "amount", "key"]).drop_duplicates(["sheet", "part"], keep="last")
    people_tables = {
        PARTNERS: partners,
        PARTNERS_BY_COUNTRY: _of_few_people(pairs),
        LARGEST_REPORT: metrics.add_base(reports, sheets.method),
        LOST_PEOPLE: _lost_people(sheets),
        YEAR_BEFORE: _year_before(sheets),
        YEAR_TO_DATE: figure_sums.to_date.people(by_sector=False).sums("sheet").reset_index().assign(part=""),
        NOT_COUNTED_PEOPLE: (not_counted := _people_not_counted(reached.entries, sheets.method)),
        NOT_COUNTED_AREAS: not_counted[not_counted["is_whole"]],
        PEOPLE_IN_DOUBT: _people_in_doubt(reached.entries, sheets),
    }
    columns = ["sheet", "part", "month", "amount", "key", "base"]
    tables = {name: rows.reindex(columns=columns, fill_value="") for name, rows in people_tables.items()}
    tables |= {
        name: rows.assign(key=np.uint64(0), base=0)
        for name, rows in (
            _rows_of_people(sheets)
            | _partners_by_presence(figure_sums)
            | {ACTIVITIES_FOR_PEOPLE: _activities_for_people(sheets)}
        ).items()
    }
    rows = pd.concat(tables, names=["figure"]).reset_index("figure")
    rows = rows.astype({"sheet": "str", "part": "str", "amount": "float64", "key": "uint64", "base": "int64"})
    unit = rows["figure"].isin([*people_tables]).map({True: "people", False: "count"})
    facts = {"kind": UNPUBLISHED, "origin": "activities"} | dict.fromkeys(("by", "dimension", "reason", "source"), "")
    rows = rows.assign(total=rows["figure"], illustrative=False, unit=unit, **facts)
    rows = rows.assign(**{**EMPTY_SUMS, **rows})
    return rows.rename(columns={"sheet": "report", "amount": "value"})


def _by_partner(reached: Contributions, *keys: str) -> pd.DataFrame:
    """People by organisation, or by country and organisation: ``sheet``, ``part``, ``amount``, ``key``, ``base``."""
    sums = reached.sums("sheet", *keys).reset_index().sort_values(["sheet", *keys])
    names = zip(*(sums[name].astype("str") for name in keys), strict=True)
    return sums.assign(part=[" ".join(parts_of_name) for parts_of_name in names])


def _of_few_people(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the partners of sheets of fewer people than ``MAX_BASES_BY_PARTNER`` bases.

    Partners of so small a sheet would tell each other's number, unless rounding knows them.
    """
    by_sheet = pairs.groupby("sheet", observed=True)
    return pairs[by_sheet["amount"].transform("sum") < MAX_BASES_BY_PARTNER * by_sheet["base"].transform("max")]


def _lost_people(sheets: Sheets) -> pd.DataFrame:
    """People who were reported and whom no figure counts, by cause: ``sheet``, ``part``, ``amount``, ``key``.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.dataset, sheets.method
    people = data.people
    is_counted = people["indicator_type"].isin(method.counted_indicator_types)
    is_unknown = (people["indicator_type"] == UNKNOWN_INDICATOR) & (people["part"] == NEW)
    causes = {
        "unknown_indicator": people[is_unknown],
        NEW_NOT_KNOWN: people[is_counted & (people["part"] == NOT_KNOWN)],
    }
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns="part")
    lost = [sheets.rows_by_sheet(rows.rename(columns={"cause": "part"}))]
    refused = ledger.refused_people(data, method).rename(columns={"people_left_out": "amount"})
    lost.append(sheets.rows_by_sheet(refused[[*metrics.DIMENSIONS, "amount", "key"]]).assign(part="refused"))
    if sheets.has_all_sectors and data.year.rule_of(method.intersector_model) in NEEDS_PROPORTIONS:
        outside_model = metrics.people_outside_model(data, method, sheets.organisations).rename("amount").reset_index()
        outside_model = outside_model.astype(dict.fromkeys(metrics.PLACE_MONTH_SECTOR, "str")).assign(
            organisation=outside_model["sheet_organisation"].astype("str")
        )
        outside_model = outside_model.assign(rmrp_activity="Yes", part=NEW, key=EMPTY_SUMS["key"])
        largest = metrics.largest_of_period(
            sheets.rows_by_sheet(outside_model.iloc[:0], outside_model), ["sheet"], "admin1"
        )
        lost.append(largest.assign(part="no_proportions"))
    all_lost = pd.concat([rows[["sheet", "part", "sector", "amount", "key"]] for rows in lost])
    sums = _sums_by_part(metrics.add_base(all_lost, method))
    return sums[sums["amount"] != 0]


def _people_not_counted(entries: pd.DataFrame, method: Method) -> pd.DataFrame:
    """People assisted in reports that are not counted, by country and month: of several sectors the largest.

    ``is_whole`` where nobody of the country and month is counted.
    """
    rows = entries[entries["assisted_not_counted"] > 0]
    keys = ["sheet", "country", "month"]
    sums = rows.groupby([*keys, "sector"], observed=True)[["assisted_not_counted", "assisted_key"]].sum().reset_index()
    largest = sums.sort_values([*keys, "assisted_not_counted", "sector"]).drop_duplicates(keys, keep="last")
    is_new = (entries["part"] == NEW) & (entries["amount"] > 0)
    new = entries[is_new].groupby(keys, observed=True)["amount"].sum()
    largest = largest.assign(is_whole=~pd.MultiIndex.from_frame(largest[keys]).isin(new.index))
    names = {"assisted_not_counted": "amount", "assisted_key": "key", "country": "part"}
    return metrics.add_base(largest.rename(columns=names), method)


def _people_in_doubt(entries: pd.DataFrame, sheets: Sheets) -> pd.DataFrame:
    """Return people reached that are in doubt, by country; of all sectors together, by sector.

    Columns: those of ``_sums_by_part``.
    """
    rows = entries[(entries["in_doubt"] > 0) & (entries["part"] == NEW)]
    is_all_sectors = rows["sheet"].isin(sheets.table.index[sheets.table["sector"] == INTERSECTOR])
    part = rows["sector"].astype("str").where(is_all_sectors, rows["country"].astype("str"))
    return _sums_by_part(rows.assign(part=part, amount=rows["in_doubt"]))


def _sums_by_part(people: pd.DataFrame) -> pd.DataFrame:
    """Add up people by ``sheet`` and ``part``: ``amount``, ``key``, ``base``."""
    sums = people.groupby(["sheet", "part"], observed=True).agg({"amount": "sum", "key": "sum", "base": "max"})
    return sums.round({"amount": metrics.DECIMALS}).reset_index()


def _rows_of_people(sheets: Sheets) -> dict[str, pd.DataFrame]:
    """Return how many rows assisted people, and how many of them give everybody assisted as new, by month.

    A table for each of the two names; columns: ``sheet``, ``part`` (the month), ``amount`` (rows).
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
        for name, mask in {EVERYBODY_NEW_ROWS: is_everybody, ROWS_OF_PEOPLE: rows["assisted"] > 0}.items()
    }


def _activities_for_people(sheets: Sheets) -> pd.DataFrame:
    """How many activities are of indicators whose people are counted: ``sheet``, ``part`` (empty), ``amount``."""
    is_counted = sheets.presence["indicator_type"].isin(sheets.method.counted_indicator_types)
    rows = sheets.presence[is_counted].groupby("sheet", observed=True)["rows"].sum()
    return rows.rename("amount").reset_index().assign(part="")


def _partners_by_presence(figure_sums: FigureSums) -> dict[str, pd.DataFrame]:
    """Return how many partners are expected for the last month, late, and silent of this sector alone, by country.

    Partners of a sheet are those that reported its sector in the year so far. Who reported anything from the country is
    not late. ``partners_of_country_not_in`` are those of countries from which nobody reported.
    """
    sheets = figure_sums.sheets
    months = ledger.months_until(sheets.dataset, sheets.period.end)
    states = ledger.late_partners(ledger.presence_table(sheets.dataset, months)).reset_index()
    rows = figure_sums.to_date.sheets.presence[["sheet", "organisation", "country", "month"]].drop_duplicates()
    rows = rows.astype({"organisation": "str", "country": "str", "month": "str"})
    keys = ["sheet", "organisation", "country"]
    last_month = rows[rows["month"] == sheets.period.end][keys].drop_duplicates().assign(has_sector=True)
    partners = rows[keys].drop_duplicates().merge(states, on=keys[1:]).merge(last_month, on=keys, how="left")
    has_sector = partners["has_sector"].notna()
    masks = {
        PARTNERS_EXPECTED: partners["is_expected"] & partners["is_country_in"],
        PARTNERS_LATE: partners["is_late"] & partners["is_country_in"],
        COUNTRY_NOT_IN: partners["is_late"] & ~partners["is_country_in"],
        PARTNERS_OTHER_SECTORS: partners["is_expected"] & ~partners["is_late"] & ~has_sector,
    }
    return {name: _partners_of(partners[mask]) for name, mask in masks.items()}


def _partners_of(partners: pd.DataFrame) -> pd.DataFrame:
    """Distinct organisations of each sheet, in all (``part`` is empty) and by country."""
    partners_and_total = pd.concat([partners.assign(part=""), partners.assign(part=partners["country"])])
    return (
        partners_and_total.groupby(["sheet", "part"], observed=True)["organisation"]
        .nunique()
        .rename("amount")
        .reset_index()
    )


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """Return the people reached in the same months of the year before, if something was reported in each of them.

    Columns: ``sheet``, ``part`` (empty), ``amount``, ``key``, and what else ``EMPTY_SUMS`` names. Without sheets whose
    number is in doubt.
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
