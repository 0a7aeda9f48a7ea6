"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Cells of activities, planning rows and entries of money stand once for each sheet that they belong to (``counted``). A
figure is their sum by sheet, a breakdown (``breakdowns.csv``) their sum by sheet and part (``parts``). Shares and
differences follow from these rows, and so does what is in doubt (``doubt``). ``rounding`` makes of it what the public
sees.
"""

from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures import doubt
from rmrp_analysis.figures.parts import GROUPED, PLANNED, Counts, stated
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED,
    FIGURES,
    NEW_NOT_KNOWN,
    SHARES,
    STATUS,
    figure_definition,
)
from rmrp_analysis.metrics import (
    AMOUNT,
    ILLUSTRATIVE,
    KEY,
    NEW,
    NOT_KNOWN,
    NOTHING,
    PART,
    ROWS,
    ROWS_NOT_KNOWN,
    SHEET,
    Sheets,
)
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    PLACES,
    PLATFORMS,
    REGION,
    UNKNOWN_INDICATOR,
    WITHOUT_NEED,
    WITHOUT_PEOPLE,
)

VALUE = "value"
FEW_COUNTRIES = 5
"""An organisation that reported from so few countries has its people by country, too."""

LOST, LARGEST_REPORT, LARGEST_PARTNER, YEAR_BEFORE = (
    "lost_people",
    "largest_report",
    "largest_partner",
    "people_year_before",
)
"""Counts of people that sentences need, and that no file states as figures."""

TABLE_COLUMNS = (
    "report",
    "sector",
    "place",
    "organisation",
    "figure",
    "dimension",
    PART,
    VALUE,
    "unit",
    "status",
    "reason",
    "caution",
    "share_in_doubt",
    ILLUSTRATIVE,
    ROWS,
    "source",
    "origin",
    KEY,
)


def table(sheets: Sheets) -> pd.DataFrame:
    """Make the exact figures and breakdowns of sheets: ``TABLE_COLUMNS``, the rows of a sheet together.

    ``report`` is the sheet, of a sector, place and organisation; ``figure`` names the figure or breakdown. Of a
    breakdown, ``dimension`` is the name by which files know its parts and ``part`` the part; both are empty for a
    single figure. ``value`` is NaN where it is not known; ``status`` and ``reason`` (a key of ``REASONS``) say why.
    ``caution`` names the rules that doubt it, ``share_in_doubt`` how much of it is in doubt. ``rows`` counts the source
    rows behind a figure, ``origin`` is the table that they are of, and ``key`` decides how people are rounded.
    """
    counts = _counts(sheets)
    rows = stated(counts).rename(columns={SHEET: "report", AMOUNT: VALUE})
    rows = _with_sources(_with_reasons(rows, counts), counts)
    units = {name: figure_definition(name).unit for name in (*FIGURES, *BREAKDOWNS)}
    keys = {name: breakdown.key for name, breakdown in BREAKDOWNS.items()}
    as_named = rows["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    rows = rows.assign(unit=rows["figure"].map(units).fillna("people"), dimension=as_named.map(keys).fillna(""))
    rows = pd.concat([rows, _for_sentences(counts)], ignore_index=True)
    rows = doubt.with_cautions(with_shares(rows), sheets, counts.figures["people_reached"], counts.by_sector)
    return _ordered(rows, sheets.table)


def _counts(sheets: Sheets) -> Counts:
    doubtful = doubt.in_doubt(sheets)
    counted = {name: definition.counted(sheets) for name, definition in FIGURES.items() if definition.counted}
    counted["people_reached"] = doubt.with_doubt(counted["people_reached"], doubtful)
    counted[COMPARED] = count.as_planned(counted["people_reached"], sheets)
    by_sector = count.people_reached(sheets, by_sector=True) if sheets.has_all_sectors else None
    return Counts(sheets, facts(sheets), counted, by_sector and doubt.with_doubt(by_sector, doubtful))


def facts(sheets: Sheets) -> pd.DataFrame:
    """Say of each sheet what decides on its numbers: the words of the column ``shown`` of ``breakdowns.csv``."""
    table, data = sheets.table, sheets.dataset
    of_organisation, named = table["organisation"] != "", count.names_organisation(sheets)
    all_sectors, region = table["sector"] == INTERSECTOR, table["place"] == REGION
    countries = table["place"].map({place: len(of) for place, of in PLACES.items()})
    flows = named & (data.flows is not None)
    totals = ~of_organisation & (data.totals_by_sector is not None)
    facts: dict[str, Any] = {
        "people": ~table["sector"].isin(WITHOUT_PEOPLE),
        "need": ~table["sector"].isin(WITHOUT_NEED),
        "all_sectors": all_sectors,
        "region": region,
        "platform": table["place"].isin(PLATFORMS),
        "one_country": countries == 1,
        "several_countries": countries > 1,
        "by_country": (countries > 1) | _few_countries(sheets),
        "of_organisation": of_organisation,
        "reported": table.index.isin(sheets.presence[SHEET].astype("str").unique()),
        "planning": len(data.planning) > 0,
        "money": "funding" in data.sources,
        "ledger": data.flows is not None,
        "flows": flows,
        "named": named,
        "totals": data.totals_by_sector is not None,
        "money_by_sector": flows | (totals & region),
        "money_of_plan": flows | totals,
        "model_of_countries": all_sectors & (sheets.method.intersector_level == "country"),
    }
    return pd.DataFrame(facts, index=table.index)


def _few_countries(sheets: Sheets) -> pd.Series:
    """Whether a sheet is of an organisation that reported from few countries, in whatever sector."""
    whole = sheets.table[sheets.table["organisation"] != ""].assign(sector=INTERSECTOR)
    if whole.empty:
        return pd.Series(False, sheets.table.index)
    reports = Sheets(sheets.dataset, whole, sheets.period, sheets.method).presence
    countries = reports.groupby(reports[SHEET].astype("str"))["country"].nunique()
    return countries.reindex(sheets.table.index, fill_value=0).between(1, FEW_COUNTRIES)


# ---- Why there is no number, and where one comes from ----


def _with_reasons(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Say why a number is not known (``reason``); what was not reported or given, though it might be, is 0.

    ``of`` is the figure that a part is of; ``origin`` the table that a figure is counted from.
    """
    origins = {name: of.origin for name, of in counts.figures.items()}
    rows = rows.assign(of=rows["figure"].map(_figures_of()), origin=rows["figure"].map(origins).fillna(""))
    given = rows["origin"].isin(["activities", "funding"]) & ~rows["found"] & (rows["figure"] != COMPARED)
    given |= rows["figure"].str.startswith("funding_usd_by_")
    rows = rows.assign(**{VALUE: rows[VALUE].mask(given & rows[VALUE].isna(), 0.0)})
    figures, parts = rows[rows["figure"] == rows["of"]], rows[rows["figure"] != rows["of"]]
    figures = figures.assign(reason=_reasons(figures, counts.about.loc[figures["report"]].set_axis(figures.index)))
    reached = figures["report"].map(figures[figures["figure"] == "people_reached"].set_index("report")["reason"])
    unclear = (reached == "") & ~(figures[VALUE] >= 0)
    compared = reached.mask(unclear, "in_transit_not_known")
    figures = figures.assign(reason=figures["reason"].mask(figures["figure"] == COMPARED, compared))
    of_figure = figures[["report", "figure", "reason"]].rename(columns={"figure": "of", "reason": "of_figure"})
    parts = parts.merge(of_figure, on=["report", "of"], how="left")
    rows = pd.concat([figures, parts.assign(reason=_reasons_of_parts(parts))], ignore_index=True)
    return rows.assign(**{VALUE: rows[VALUE].where(rows["reason"] == "")})


def _figures_of() -> dict[str, str]:
    """The figure that each figure and breakdown is of; what is held against a target follows from the people."""
    names = {name: of.figure.removeprefix("plan_") for name, of in BREAKDOWNS.items()}
    names |= {
        name.replace("target_coverage", COMPARED): COMPARED for name, of in names.items() if of == "target_coverage"
    }
    return {name: name for name in (*FIGURES, COMPARED)} | names


def _reasons(rows: pd.DataFrame, about: pd.DataFrame) -> Any:
    """Why a sheet has no such figure; empty where it has one. The first reason that holds is told."""
    name, origin, known = rows["figure"], rows["origin"], rows[VALUE].notna()
    reached, planned, money = name == "people_reached", origin == "planning", origin == "funding"
    choices = [
        (reached & ~about["people"], "no_people"),
        (reached & ~about["reported"], "no_report"),
        (reached & ~known, "no_proportions"),
        (reached & (rows[ROWS] > 0) & (rows[ROWS] == rows[ROWS_NOT_KNOWN]), NEW_NOT_KNOWN),
        (planned & about["of_organisation"], "not_by_organisation"),
        (planned & known, ""),
        (planned & ~about["people"] & (name != "requirement_usd"), "no_people"),
        (~about["need"] & (name == "people_in_need"), "no_need_defined"),
        (planned & ~about["planning"], "no_planning"),
        (planned, "not_in_plan"),
        (money & ~about["money"], "no_source"),
        (money & about["ledger"] & ~about["named"], "not_at_source"),
        (money & about["ledger"], ""),
        (money & (about["of_organisation"] | (name != "funding_usd")), "no_organisations"),
        (money & ~about["totals"], "no_funding_by_sector"),
        (money & ~about["region"], "no_funding_by_platform"),
    ]
    return np.select([holds for holds, _ in choices], [reason for _, reason in choices], default="")


def _reasons_of_parts(rows: pd.DataFrame) -> Any:
    """Why a part is not known: nothing was reported or planned, the model does not tell, nobody tells who is new.

    Where nobody reported, no group is known, either.
    """
    of_parts = rows["figure"].str.replace(f"{COMPARED}_by", "target_coverage_by")
    by = of_parts.map({name: breakdown.by[0] for name, breakdown in BREAKDOWNS.items()})
    missing = of_parts.map({name: breakdown.missing for name, breakdown in BREAKDOWNS.items()})
    people, of_figure, unknown = rows["of"] == "people_reached", rows["of_figure"], rows[VALUE].isna()
    groups, models = people & by.isin(GROUPED), people & (by == "model")
    placed = people & ~groups & ~models
    there = placed & rows["found"] & (by != "sector")
    choices: list[tuple[pd.Series, Any]] = [
        ((groups | models) & (of_figure == NEW_NOT_KNOWN), NEW_NOT_KNOWN),
        (groups & (of_figure == "no_report"), "no_report"),
        ((groups | models | there) & unknown & (of_figure != ""), of_figure),
        (groups & unknown, "not_kept"),
        (placed & (rows[ROWS] > 0) & (rows[ROWS] == rows[ROWS_NOT_KNOWN]), NEW_NOT_KNOWN),
        (there & unknown, "no_proportions"),
        (unknown & (of_figure == "no_planning"), "no_planning"),
        (unknown, missing),
    ]
    return np.select([holds for holds, _ in choices], [reason for _, reason in choices], default="")


def _with_sources(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """Say who states a number (``source``), and whether it is made up for illustration.

    What a plan foresees has the sources of its own rows; a share those of what it follows from.
    """
    data, origins = counts.sheets.dataset, ("activities", "funding")
    figures, parts = rows[rows["figure"] == rows["of"]], rows[rows["figure"] != rows["of"]]
    silent = figures["reason"].isin(["no_source", "no_people"]) & ~figures["figure"].isin(["people_reached", COMPARED])
    told = pd.DataFrame(
        {
            "source": figures["origin"].map({name: data.source(name) for name in origins}).fillna(""),
            ILLUSTRATIVE: figures["origin"].map({name: data.is_illustrative(name) for name in origins}).eq(True),
            "origin": figures["origin"],
        }
    )
    planned = _sources_of_planning(rows, counts)
    told = told.mask(figures["origin"] == "planning", _found(planned, figures["report"], figures["figure"]))
    told = told.fillna({"source": "", ILLUSTRATIVE: False, "origin": "planning"}).astype({ILLUSTRATIVE: "bool"})
    told = told.assign(
        source=told["source"].mask(silent, ""), **{ILLUSTRATIVE: told[ILLUSTRATIVE] & (figures["reason"] == "")}
    )
    figures = _of_two(figures.assign(**told, **{ROWS: figures[ROWS].where(figures["reason"] == "", 0)}))

    covers = parts["figure"].str.startswith(("target_coverage", COMPARED))
    of = _found(figures.set_index(["report", "figure"]), parts["report"], parts["of"].mask(covers, "target"))
    name = parts["figure"].str.replace(f"^(target_coverage|{COMPARED})", "target", regex=True)
    source = _found(planned, parts["report"], name)["source"].fillna(of["source"].mask(parts["of"].isin(PLANNED), ""))
    both = data.source("activities") + "; " + source
    origin = of["origin"].mask(covers, "").mask(parts["of"] == COMPARED, "activities")
    facts: dict[str, Any] = {
        "source": source.mask(covers, both),
        "origin": origin,
        ILLUSTRATIVE: of[ILLUSTRATIVE],
        ROWS: 0,
    }
    return pd.concat([figures, parts.assign(**facts)], ignore_index=True)


def _sources_of_planning(rows: pd.DataFrame, counts: Counts) -> pd.DataFrame:
    """The sources that planning rows name, each once, by report and figure; the table that the first is from."""
    facts, behind = ["source", "origin", ILLUSTRATIVE], {**counts.figures, **counts.parts}
    named = {
        name: of.entries[[SHEET, *BREAKDOWNS[name].by, *facts]].rename(columns={BREAKDOWNS[name].by[0]: PART})
        if name in BREAKDOWNS
        else of.entries[[SHEET, *facts]].assign(**{PART: ""})
        for name, of in behind.items()
        if of.origin == "planning"
    }
    every = pd.concat(named, names=["figure"]).reset_index("figure").rename(columns={SHEET: "report"})
    keys = ["report", "figure", PART]
    in_order = rows[keys].merge(every.astype({"report": "str"}).drop_duplicates(), on=keys)
    of_each = in_order.drop_duplicates(["report", "figure", "source"]).groupby(["report", "figure"])
    return of_each.agg({"source": "; ".join, "origin": "first", ILLUSTRATIVE: "max"})


def _found(table: pd.DataFrame, report: pd.Series, figure: pd.Series) -> pd.DataFrame:
    """The row of each report and figure, aligned with these."""
    return table.reindex(pd.MultiIndex.from_arrays([report, figure])).set_axis(report.index)


def _of_two(figures: pd.DataFrame) -> pd.DataFrame:
    """Give shares and differences what they have of their two parts; their values come with ``with_shares``."""
    mine, known = figures[figures["origin"] == ""], figures.set_index(["report", "figure"])
    part, whole = (
        _found(known, mine["report"], mine["figure"].map({name: getattr(of, side) for name, of in FIGURES.items()}))
        for side in ("part", "whole")
    )
    first = mine["figure"].map({name: of.unit == "share" for name, of in FIGURES.items()})
    pairs = zip(part["source"].where(first, whole["source"]), whole["source"].where(first, part["source"]), strict=True)
    own = {
        ROWS: part[ROWS] + whole[ROWS],
        ILLUSTRATIVE: part[ILLUSTRATIVE] | whole[ILLUSTRATIVE],
        "source": pd.Series(["; ".join(filter(None, dict.fromkeys(pair))) for pair in pairs], mine.index, dtype="str"),
    }
    return pd.concat([figures[figures["origin"] != ""], mine.assign(**own)])


# ---- What follows from other rows ----


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in what follows from other rows of the same sheet: shares, and what is unmet.

    A share is not clipped at 1; a difference is below 0 where the part exceeds the whole. Neither is known without both
    of its parts. Shares of a target are of the people whom it counts.
    """
    follows = rows["figure"].isin([name for name, *_ in SHARES])
    mine, known = rows[follows], rows.set_index(["report", "figure", PART])[[VALUE, "reason"]]
    first, second = (
        known.reindex(pd.MultiIndex.from_arrays([mine["report"], mine["figure"].map(names), mine[PART]])).set_axis(
            mine.index
        )
        for names in ({name: part for name, part, _ in SHARES}, {name: whole for name, _, whole in SHARES})
    )
    is_part = mine["figure"].str.contains("_by_")
    value = first[VALUE] / second[VALUE].where(second[VALUE] != 0)
    value = value.where(~is_part | ((first[VALUE] >= 0) & (second[VALUE] > 0)))
    value = value.mask(mine["figure"] == "unmet_usd", second[VALUE] - first[VALUE])
    unclear = (first["reason"] == "in_transit_not_known") & second[VALUE].notna() & ~is_part
    reason = pd.Series("no_denominator", mine.index).mask(unclear, "in_transit_not_known").where(value.isna(), "")
    columns = {VALUE: value, "reason": reason, ILLUSTRATIVE: mine[ILLUSTRATIVE] & (value.notna() | is_part)}
    return pd.concat([rows[~follows], mine.assign(**columns)]).sort_index()


def _for_sentences(counts: Counts) -> pd.DataFrame:
    """Counts of people that sentences need: people lost by cause, the largest report and partner, the year before."""
    sheets, reached = counts.sheets, counts.figures["people_reached"]
    partners = reached.sums(SHEET, "organisation").reset_index().rename(columns={"organisation": PART})
    partners = partners.sort_values([AMOUNT, PART], ascending=[False, True])
    reports = doubt.largest_first(doubt.largest_reports(sheets)).rename(columns={"month": PART})
    rows = {
        LARGEST_PARTNER: partners.drop_duplicates(SHEET),
        LARGEST_REPORT: reports.drop_duplicates(SHEET),
        LOST: _lost(sheets),
        YEAR_BEFORE: _year_before(sheets),
    }
    found = pd.concat(rows, names=["figure"]).reset_index("figure")[["figure", SHEET, PART, AMOUNT, KEY]]
    found = found.astype({SHEET: "str", PART: "str", AMOUNT: "float64", KEY: "uint64"})
    facts: dict[str, Any] = {
        **NOTHING,
        ILLUSTRATIVE: False,
        "reason": "",
        "source": "",
        "origin": "activities",
        "unit": "people",
    }
    facts |= {"dimension": "of", **{name: found[name] for name in (AMOUNT, KEY)}}
    return found.assign(**facts).rename(columns={SHEET: "report", AMOUNT: VALUE})


def _lost(sheets: Sheets) -> pd.DataFrame:
    """People who were reported and whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.dataset, sheets.method
    people, rule = data.cells.people, data.year.rule_of(method.intersector_model)
    counted = people["indicator_type"].isin(method.counted_indicator_types)
    unknown = (people["indicator_type"] == UNKNOWN_INDICATOR) & (people[PART] == NEW)
    causes = {"unknown_indicator": people[unknown], NEW_NOT_KNOWN: people[counted & (people[PART] == NOT_KNOWN)]}
    rows = pd.concat(causes, names=["cause"]).reset_index("cause").drop(columns=PART)
    lost = [sheets.belonging(rows.rename(columns={"cause": PART}))]
    if sheets.has_all_sectors and rule in metrics.NEEDS_PROPORTIONS:
        lost.append(_unseen(sheets, rule).assign(**{PART: "no_proportions"}))
    sums = pd.concat(lost).groupby([SHEET, PART], observed=True)[[AMOUNT, KEY]].sum().round({AMOUNT: metrics.DECIMALS})
    return sums[sums[AMOUNT] != 0].reset_index()


def _unseen(sheets: Sheets, rule: str) -> pd.DataFrame:
    data, method = sheets.dataset, sheets.method
    new = data.new_by_sector(method, sheets.organisations)
    shares = metrics.shares_of(new, data.proportions.get(method.age_gender_proportions), method=method)
    unseen = metrics.people_unseen(new, rule=rule, shares=shares).rename(AMOUNT).reset_index()
    unseen = unseen.astype(dict.fromkeys(metrics.KEYS, "str")).assign(organisation=unseen[metrics.OF].astype("str"))
    unseen = unseen.assign(rmrp_activity="Yes", **{PART: NEW, KEY: NOTHING[KEY]})
    return metrics.largest_of_period(sheets.belonging(unseen.iloc[:0], unseen), [SHEET], "admin1")


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """The people reached in the same months of the year before, if something was reported in each of them."""
    earlier = Sheets(sheets.dataset, sheets.table, sheets.period.year_before, sheets.method)
    months = earlier.presence.groupby(SHEET, observed=True)["month"].nunique()
    whole = months.index[months == len(earlier.period.months)]
    if not len(whole):
        return pd.DataFrame({SHEET: [], PART: [], AMOUNT: [], KEY: np.array([], dtype="uint64")})
    reached = count.people_reached(earlier)
    found = reached.sums(SHEET).loc[whole]
    cautions = doubt.rules_of(earlier, reached.entries, doubt.largest_reports(earlier), [SHEET]).reindex(
        whole, fill_value=""
    )
    return found[(cautions == "").to_numpy()].reset_index().assign(**{PART: ""})


def _ordered(rows: pd.DataFrame, sheets: pd.DataFrame) -> pd.DataFrame:
    """The rows by sheet, in the order of the registry, with what the sheet is of, and their status."""
    figure = pd.CategoricalDtype([*FIGURES, *BREAKDOWNS, *sorted(set(rows["figure"]) - {*FIGURES, *BREAKDOWNS})])
    order = {"sheet": rows["report"].astype(pd.CategoricalDtype(sheets.index)), "name": rows["figure"].astype(figure)}
    rows = rows.assign(**order).sort_values([*order], kind="stable", ignore_index=True)
    rows = rows.assign(status=rows["reason"].map(STATUS).fillna("not_known")).join(sheets, on="report")
    numbers = {VALUE: "float64", "share_in_doubt": "float64", ILLUSTRATIVE: "bool", ROWS: "int64", KEY: "uint64"}
    return rows[list(TABLE_COLUMNS)].astype({name: numbers.get(name, "str") for name in TABLE_COLUMNS})
