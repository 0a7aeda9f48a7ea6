"""The table of figures: every number of every sheet as a tidy row, made for all sheets at once.

Cells of activities, planning rows and entries of money stand once for each sheet that they belong to (``counted``). A
figure is their sum by sheet, a breakdown (``breakdowns.csv``) their sum by sheet and part (``parts``). Shares and
differences follow from these rows, and so does what is in doubt (``doubt``). ``rounding`` makes of it what the public
sees.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.figures import counted as count
from rmrp_analysis.figures import doubt, parts
from rmrp_analysis.figures.counted import ILLUSTRATIVE
from rmrp_analysis.figures.parts import EMPTY, VALUE, Counts
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED,
    FIGURES,
    NEW_NOT_KNOWN,
    SHARES,
    STATUS,
    BreakdownDefinition,
)
from rmrp_analysis.metrics import (
    AMOUNT,
    IN_DOUBT,
    KEY,
    NEW,
    NOT_KNOWN,
    PART,
    ROWS,
    ROWS_NOT_KNOWN,
    SHEET,
    Contributions,
    Sheets,
)
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NOT_SPECIFIED,
    PLACES,
    PLATFORMS,
    REGION,
    UNKNOWN_INDICATOR,
    WITHOUT_NEED,
    WITHOUT_PEOPLE,
)

PLANNED = ("people_in_need", "target", "requirement_usd")
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
    figures = {name: _figure(name, each, counts.about) for name, each in counts.sums.items()}
    figures[COMPARED] = _compared(counts.compared, figures["people_reached"])
    rows = [frame.assign(figure=name, dimension="", **{PART: ""}) for name, frame in figures.items()]
    rows += [
        _follows(name, figures).assign(figure=name, dimension="", **{PART: ""})
        for name in FIGURES
        if name not in figures
    ]
    breakdowns: dict[str, pd.DataFrame] = {}
    where = {text: counts.about.query(text).index for text in {each.shown for each in BREAKDOWNS.values()}}
    for name, breakdown in BREAKDOWNS.items():
        if len(shown := where[breakdown.shown]):
            breakdowns |= _breakdown(name, breakdown, shown, counts, figures, breakdowns)
    rows += [frame.assign(figure=name) for name, frame in breakdowns.items()]
    rows.append(_for_sentences(counts))
    every = pd.concat(rows).reset_index(names="report")
    every = doubt.with_cautions(with_shares(every), sheets, counts.sums["people_reached"], counts.by_sector)
    return _ordered(every, sheets.table)


def _counts(sheets: Sheets) -> Counts:
    doubtful = doubt.in_doubt(sheets)
    sums = {name: definition.counted(sheets) for name, definition in FIGURES.items() if definition.counted}
    sums["people_reached"] = doubt.with_doubt(sums["people_reached"], doubtful)
    by_sector = count.people_reached(sheets, by_sector=True) if sheets.has_all_sectors else None
    return Counts(
        sheets=sheets,
        about=facts(sheets),
        sums=sums,
        compared=count.as_planned(sums["people_reached"], sheets),
        by_sector=by_sector and doubt.with_doubt(by_sector, doubtful),
    )


def facts(sheets: Sheets) -> pd.DataFrame:
    """Say of each sheet what decides on its numbers: the words of the column ``shown`` of ``breakdowns.csv``."""
    table, data = sheets.table, sheets.dataset
    of_organisation, named = table["organisation"] != "", count.names_organisation(sheets)
    there = sheets.presence[SHEET].astype("str").unique()
    whole = table[of_organisation].assign(sector=INTERSECTOR)
    reporting = Sheets(data, whole, sheets.period, sheets.method).presence if len(whole) else sheets.presence.iloc[:0]
    countries = (
        reporting.groupby(reporting[SHEET].astype("str"))["country"].nunique().reindex(table.index, fill_value=0)
    )
    return pd.DataFrame(
        {
            "people": ~table["sector"].isin(WITHOUT_PEOPLE),
            "need": ~table["sector"].isin(WITHOUT_NEED),
            "all_sectors": table["sector"] == INTERSECTOR,
            "region": table["place"] == REGION,
            "platform": table["place"].isin(PLATFORMS),
            "countries": table["place"].map({place: len(of) for place, of in PLACES.items()}),
            "of_organisation": of_organisation,
            "few_countries": of_organisation & countries.between(1, FEW_COUNTRIES),
            "reported": table.index.isin(there),
            "planning": len(data.planning) > 0,
            "money": "funding" in data.sources,
            "ledger": data.flows is not None,
            "flows": named & (data.flows is not None),
            "named": named,
            "totals": data.totals_by_sector is not None,
            "model_of_countries": (table["sector"] == INTERSECTOR) & (sheets.method.intersector_level == "country"),
            "any_known": True,
            **{f"{name}_source": data.source(name) for name in ("activities", "funding")},
            **{f"{name}_illustrative": data.is_illustrative(name) for name in ("activities", "funding")},
        },
        index=table.index,
    )


# ---- Figures ----


def _figure(name: str, counted: Contributions, about: pd.DataFrame) -> pd.DataFrame:
    """A figure of every sheet; nothing planned is not known, nothing reported or given is 0."""
    found = _by_sheet(counted.sums(SHEET).rename(columns={AMOUNT: VALUE}), about.index)
    planned = counted.origin == "planning"
    rows = counted.cells.groupby(SHEET, observed=True)[ROWS].sum()
    rows = rows.set_axis(rows.index.astype("str"))
    there = about.index.isin(rows.index)
    found = found.assign(
        **{VALUE: found[VALUE] if planned else found[VALUE].where(there, 0.0), "origin": counted.origin},
        **{ROWS: rows.reindex(about.index, fill_value=0)},
        source=about.get(f"{counted.origin}_source", ""),
        unit=FIGURES[name].unit,
        **{ILLUSTRATIVE: about.get(f"{counted.origin}_illustrative", False)},
    )
    if planned:
        sources = _sources_of(counted.cells).reindex(about.index)
        told = {"source": sources["source"].fillna(""), "origin": sources["origin"].fillna("planning")}
        found = found.assign(**told, **{ILLUSTRATIVE: sources[ILLUSTRATIVE].eq(True)})
    reason = _reasons(name, found[VALUE], about, counted)
    silent = reason.isin(["no_source", "no_people"]) & (name != "people_reached")
    return found.assign(
        **{VALUE: found[VALUE].where(reason == "").round(2 if FIGURES[name].unit == "usd" else metrics.DECIMALS)},
        **{ROWS: found[ROWS].where(reason == "", 0), ILLUSTRATIVE: found[ILLUSTRATIVE] & (reason == "")},
        reason=reason,
        source=found["source"].mask(silent, ""),
    )


def _by_sheet(sums: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    sums = sums.set_axis(sums.index.astype("str"), axis="index")
    return pd.DataFrame({name: sums[name].reindex(index, fill_value=empty) for name, empty in EMPTY.items()})


def _sources_of(cells: pd.DataFrame) -> pd.DataFrame:
    """The sources that planning rows name, each once, and whether any of them is illustrative; by sheet."""
    of_sheets = cells.groupby(cells[SHEET].astype("str"))
    sources = of_sheets["source"].agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    return pd.DataFrame(
        {
            "source": sources.astype("str"),
            "origin": of_sheets["origin"].first().astype("str"),
            ILLUSTRATIVE: of_sheets[ILLUSTRATIVE].any(),
        }
    )


def _reasons(name: str, value: pd.Series, about: pd.DataFrame, counted: Contributions) -> pd.Series:
    """Why each sheet has no such figure; empty where it has one. The first reason that holds is told."""
    known, choices = value.notna(), dict[str, pd.Series]()
    if name == "people_reached":
        rows = counted.cells.groupby(SHEET, observed=True)[[ROWS, ROWS_NOT_KNOWN]].sum()
        rows = rows.set_axis(rows.index.astype("str"), axis="index").reindex(about.index, fill_value=0)
        choices = {
            "no_people": ~about["people"],
            "no_report": ~about["reported"],
            "no_proportions": ~known,
            NEW_NOT_KNOWN: (rows[ROWS] > 0) & (rows[ROWS] == rows[ROWS_NOT_KNOWN]),
        }
    elif counted.origin == "planning":
        choices = {
            "not_by_organisation": about["of_organisation"],
            "": known,
            "no_people": ~about["people"] & (name != "requirement_usd"),
            "no_need_defined": ~about["need"] & (name == "people_in_need"),
            "no_planning": ~about["planning"],
            "not_in_plan": ~known,
        }
    elif counted.origin == "funding" and about["ledger"].any():
        choices = {"no_source": ~about["money"], "not_at_source": ~about["named"]}
    elif counted.origin == "funding":
        choices = {
            "no_source": ~about["money"],
            "no_organisations": about["of_organisation"] | (name != "funding_usd"),
            "no_funding_by_sector": ~about["totals"],
            "no_funding_by_platform": ~about["region"],
        }
    reasons = np.select(list(choices.values()), list(choices), default="") if choices else ""
    return pd.Series(reasons, about.index, dtype="str")


def _compared(compared: Contributions, reached: pd.DataFrame) -> pd.DataFrame:
    """The people reached whom need and target count, too; not known where more are in transit than were reached."""
    found = _by_sheet(compared.sums(SHEET).rename(columns={AMOUNT: VALUE}), reached.index)
    reason = reached["reason"].mask((reached["reason"] == "") & ~(found[VALUE] >= 0), "in_transit_not_known")
    return reached.assign(**{**found, VALUE: found[VALUE].where(reason == "")}, reason=reason)


def _follows(name: str, figures: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What a share or difference has of its parts; its value comes with ``with_shares``."""
    definition = FIGURES[name]
    first, second = figures[definition.part], figures[definition.whole]
    ordered = (first, second) if definition.unit == "share" else (second, first)
    sources = zip(*(of["source"] for of in ordered), strict=True)
    return first.assign(
        **EMPTY,
        **{ROWS: first[ROWS] + second[ROWS], ILLUSTRATIVE: first[ILLUSTRATIVE] | second[ILLUSTRATIVE]},
        origin="",
        unit=definition.unit,
        source=["; ".join(filter(None, dict.fromkeys(pair))) for pair in sources],
    )


# ---- Breakdowns ----


def _breakdown(
    name: str,
    breakdown: BreakdownDefinition,
    shown: pd.Index,
    counts: Counts,
    figures: Mapping[str, pd.DataFrame],
    others: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """The rows of a breakdown on the sheets that show it; of a share, those of its people, too."""
    by, figure = breakdown.by, figures.get(breakdown.figure.removeprefix("plan_"), figures["people_reached"])
    if breakdown.figure == "target_coverage":
        targets = others.get(f"target_by_{by[0]}")
        return {} if targets is None else _compared_parts(name, breakdown, shown, counts, targets)
    if breakdown.figure in PLANNED:
        return _planned_parts(name, breakdown, shown, counts, figure)
    found = parts.PARTS[name](counts) if name in parts.PARTS else parts.parts_of(counts.sums[breakdown.figure], *by)
    found = found[found[SHEET].isin(shown)].set_index(SHEET)
    if breakdown.figure == "people_reached":
        counted = counts.every_sector if by == ("sector",) else counts.sums["people_reached"]
        reason = _reasons_of_people(by[0], found, figure, counted, breakdown.missing)
        found = found.assign(**{VALUE: found[VALUE].where(reason == ""), "reason": reason})
    return {name: _as_rows(breakdown, found, figure)}


def _reasons_of_people(
    by: str, found: pd.DataFrame, figure: pd.DataFrame, counted: Contributions, missing: str
) -> pd.Series:
    """Why people of a part are not known: nothing was reported, the model does not tell, or nobody tells who is new.

    Where nobody reported, no group is known, either.
    """
    unknown, of_figure = found[VALUE].isna().to_numpy(), figure["reason"].reindex(found.index).to_numpy()
    if by in counted.splits or by == "model":
        silent = np.isin(of_figure, ["no_report"]) & (by != "model")
        lacking = np.where(of_figure != "", of_figure, "not_kept" if by in counted.splits else missing)
        reason = np.where(unknown | silent, lacking, "")
        return pd.Series(np.where(of_figure == NEW_NOT_KNOWN, NEW_NOT_KNOWN, reason), found.index, dtype="str")
    rows = counted.cells.groupby([SHEET, by], observed=True)[[ROWS, ROWS_NOT_KNOWN]].sum().reset_index()
    rows = rows.astype({SHEET: "str", by: "str"}).set_index([SHEET, by])
    places = pd.MultiIndex.from_arrays([found.index, found[PART]])
    there, rows = places.isin(rows.index) & (by != "sector"), rows.reindex(places, fill_value=0)
    none_known = (rows[ROWS] > 0) & (rows[ROWS] == rows[ROWS_NOT_KNOWN])
    lacking = np.where(there, np.where(of_figure != "", of_figure, "no_proportions"), missing)
    reason = np.where(none_known, NEW_NOT_KNOWN, np.where(unknown, lacking, ""))
    return pd.Series(reason, found.index, dtype="str")


def _planned_parts(
    name: str, breakdown: BreakdownDefinition, shown: pd.Index, counts: Counts, figure: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """What is planned for each part, with its own sources; where no part is planned, a sheet may have none."""
    by, sheets = breakdown.by[0], counts.sheets
    counted = (
        count.requirement_by(by) if breakdown.figure == "requirement_usd" else count.planned_by(breakdown.figure, by)
    )
    planned = counted(sheets)
    known = planned.cells[planned.cells[SHEET].isin(shown)]
    if "any_known" in breakdown.shown:
        shown = shown[shown.isin(known[SHEET].astype("str").unique())]
    found = parts.planned_parts(planned, by, sheets.table.loc[shown])
    rows = _as_rows(breakdown, found[found[SHEET].isin(shown)].set_index(SHEET), figure)
    if by != "population_group":
        order = {part: place for place, part in enumerate(found[PART].unique())}
        in_order = known[by].map(order).dropna().sort_values(kind="stable")
        rows = rows.assign(source=_sources_of(known.loc[in_order.index])["source"].reindex(rows.index).fillna(""))
    return {name: rows} if len(rows) else {}


def _compared_parts(
    name: str, breakdown: BreakdownDefinition, shown: pd.Index, counts: Counts, targets: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The people of each part whom its target counts, too, and the share that is to be made of them."""
    (by,) = breakdown.by
    counted = count.as_planned(counts.every_sector, counts.sheets) if by == "sector" else counts.compared
    targets = targets[targets.index.isin(shown) & (targets[PART] != NOT_SPECIFIED)]
    source = counts.about["activities_source"].reindex(targets.index) + "; " + targets["source"]
    share = targets.assign(**EMPTY, unit="share", source=source, reason=breakdown.missing)
    index = pd.MultiIndex.from_arrays([targets.index, targets[PART]], names=[SHEET, PART])
    people = parts.every(parts.parts_of(counted, by), index).set_index(SHEET)
    return {name: share, f"{COMPARED}_by_{by}": share.assign(**people, unit="people")}


def _as_rows(breakdown: BreakdownDefinition, found: pd.DataFrame, figure: pd.DataFrame) -> pd.DataFrame:
    of_figure = figure.loc[found.index, ["source", ILLUSTRATIVE, "reason", "origin"]]
    missing = np.where(of_figure["reason"] == "no_planning", "no_planning", breakdown.missing)
    reason = found["reason"] if "reason" in found else np.where(found[VALUE].isna(), missing, "")
    facts = {name: of_figure[name].to_numpy() for name in ("source", "origin", ILLUSTRATIVE)}
    return found[[PART, *EMPTY]].assign(
        dimension=breakdown.key, unit=breakdown.figure_definition.unit, reason=reason, **facts, **{ROWS: 0}
    )


# ---- What follows from other rows ----


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill in what follows from other rows of the same sheet: shares, and what is unmet.

    A share is not clipped at 1; a difference is below 0 where the part exceeds the whole. Neither is known without both
    of its parts. Shares of a target are of the people whom it counts.
    """
    known = rows.set_index(["report", "figure", PART])[[VALUE, "reason"]]
    filled = [rows[~rows["figure"].isin([name for name, *_ in SHARES])]]
    for name, part, whole in SHARES:
        mine = rows[rows["figure"] == name]
        first, second = (
            known.reindex(pd.MultiIndex.from_arrays([mine["report"], [of] * len(mine), mine[PART]])).set_axis(
                mine.index
            )
            for of in (part, whole)
        )
        share = first[VALUE] / second[VALUE].where(second[VALUE] != 0)
        in_part = "_by_" in name
        value = second[VALUE] - first[VALUE] if name == "unmet_usd" else share
        value = value.where((first[VALUE] >= 0) & (second[VALUE] > 0)) if in_part else value
        unclear = (first["reason"] == "in_transit_not_known") & second[VALUE].notna()
        reason = pd.Series("no_denominator", mine.index).mask(unclear & (not in_part), "in_transit_not_known")
        illustrative = mine[ILLUSTRATIVE] & (value.notna() | in_part)
        columns = {VALUE: value, "reason": reason.where(value.isna(), ""), ILLUSTRATIVE: illustrative}
        filled.append(mine.assign(**columns))
    return pd.concat(filled).sort_index()


def _for_sentences(counts: Counts) -> pd.DataFrame:
    """Counts of people that sentences need: people lost by cause, the largest report and partner, the year before."""
    sheets, reached = counts.sheets, counts.sums["people_reached"]
    partners = parts.parts_of(reached, "organisation").sort_values(VALUE, ascending=False).drop_duplicates(SHEET)
    reports = doubt.largest_first(doubt.largest_reports(sheets)).drop_duplicates(SHEET)
    rows = {
        LARGEST_PARTNER: partners,
        LARGEST_REPORT: reports.rename(columns={AMOUNT: VALUE, "month": PART}),
        LOST: _lost(sheets),
        YEAR_BEFORE: _year_before(sheets),
    }
    found = pd.concat([frame.assign(figure=name) for name, frame in rows.items()])
    found = found.astype({SHEET: "str", PART: "str", VALUE: "float64"}).set_index(SHEET)
    facts: dict[str, Any] = {IN_DOUBT: 0.0, ILLUSTRATIVE: False, ROWS: 0}
    texts = {"dimension": "of", "unit": "people", "reason": "", "source": "", "origin": "activities"}
    return found[["figure", PART, VALUE, KEY]].assign(**facts, **texts)


def _lost(sheets: Sheets) -> pd.DataFrame:
    """People who were reported and whom no figure counts, by cause.

    Whom the model of all sectors cannot see may be in several sectors: the largest of each place counts alone.
    """
    data, method = sheets.dataset, sheets.method
    people, rule = data.cells.people, data.year.rule_of(method.intersector_model)
    counted = people["indicator_type"].isin(method.counted_indicator_types)
    causes = {
        "unknown_indicator": people[(people["indicator_type"] == UNKNOWN_INDICATOR) & (people[PART] == NEW)],
        NEW_NOT_KNOWN: people[counted & (people[PART] == NOT_KNOWN)],
    }
    lost = {cause: sheets.belonging(of_cause) for cause, of_cause in causes.items()}
    if sheets.has_all_sectors and rule in metrics.NEEDS_PROPORTIONS:
        lost["no_proportions"] = _unseen(sheets, rule)
    sums = {cause: rows.groupby(SHEET, observed=True)[[AMOUNT, KEY]].sum() for cause, rows in lost.items()}
    found = pd.concat(sums, names=[PART]).reset_index().rename(columns={AMOUNT: VALUE}).round({VALUE: metrics.DECIMALS})
    return found[found[VALUE] != 0]


def _unseen(sheets: Sheets, rule: str) -> pd.DataFrame:
    data, method = sheets.dataset, sheets.method
    new = data.new_by_sector(method, sheets.organisations)
    shares = metrics.shares_of(new, data.proportions.get(method.age_gender_proportions), method=method)
    unseen = metrics.people_unseen(new, rule=rule, shares=shares).rename(AMOUNT).reset_index()
    unseen = unseen.astype(dict.fromkeys(metrics.KEYS, "str")).assign(organisation=unseen[metrics.OF].astype("str"))
    unseen = unseen.assign(rmrp_activity="Yes", **{PART: NEW, KEY: EMPTY[KEY]})
    return metrics.largest_of_period(sheets.belonging(unseen.iloc[:0], unseen), [SHEET], "admin1")


def _year_before(sheets: Sheets) -> pd.DataFrame:
    """The people reached in the same months of the year before, if something was reported in each of them."""
    earlier = Sheets(sheets.dataset, sheets.table, sheets.period.year_before, sheets.method)
    months = earlier.presence.groupby(SHEET, observed=True)["month"].nunique()
    whole = months.index[months == len(earlier.period.months)]
    if not len(whole):
        return pd.DataFrame({SHEET: [], PART: [], VALUE: [], KEY: np.array([], dtype="uint64")})
    reached = count.people_reached(earlier)
    found = reached.sums(SHEET).loc[whole]
    cautions = doubt.rules_of(earlier, reached, doubt.largest_reports(earlier), [SHEET]).reindex(whole, fill_value="")
    return found[(cautions == "").to_numpy()].reset_index().rename(columns={AMOUNT: VALUE}).assign(**{PART: ""})


def _ordered(rows: pd.DataFrame, sheets: pd.DataFrame) -> pd.DataFrame:
    """The rows by sheet, in the order of the registry, with what the sheet is of, and their status."""
    figure = pd.CategoricalDtype([*FIGURES, *BREAKDOWNS, *sorted(set(rows["figure"]) - {*FIGURES, *BREAKDOWNS})])
    order = {"sheet": rows["report"].astype(pd.CategoricalDtype(sheets.index)), "name": rows["figure"].astype(figure)}
    rows = rows.assign(**order).sort_values([*order], kind="stable", ignore_index=True)
    rows = rows.assign(status=rows["reason"].map(STATUS).fillna("not_known")).join(sheets, on="report")
    numbers = {VALUE: "float64", "share_in_doubt": "float64", ILLUSTRATIVE: "bool", ROWS: "int64", KEY: "uint64"}
    return rows[list(TABLE_COLUMNS)].astype({name: numbers.get(name, "str") for name in TABLE_COLUMNS})
