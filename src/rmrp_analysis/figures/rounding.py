"""Round public counts of people by the keys of the people behind them: up or down, so that on average nothing is added.

Each reported row has a key that follows from its content and a secret. Keys are added up (modulo 2^64) with the people,
so the same people have the same key, and the same number, wherever they are counted; a late report changes the key of
every count that it is in. Nothing here remembers anything: a number follows from its exact value, its key and the base.
Source: the cell key method of the Australian Bureau of Statistics; random rounding of Statistics Canada and Stats NZ.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rmrp_analysis.figures import sentences
from rmrp_analysis.figures.parts import LARGEST_FIRST_ORDER, LAST_PARTS
from rmrp_analysis.figures.registry import (
    BREAKDOWNS,
    COMPARED_FIGURE,
    DIFFERENCE_FIGURES,
    FEW,
    PART_BY_DERIVED_FIGURE,
    SHARES_OF_PEOPLE,
    STATUS_BY_REASON,
    UNPUBLISHED_KIND,
    WHOLE_BY_DERIVED_FIGURE,
    row_facts,
)
from rmrp_analysis.figures.shares import add_share_in_doubt, copy_status_of_people, fill_shares, rows_behind
from rmrp_analysis.figures.sheet import REACHED_FIGURE, KeyFigures, fill_context
from rmrp_analysis.metrics import SUM_DECIMALS
from rmrp_analysis.vocabulary import NOT_SPECIFIED

Numbers = npt.NDArray[np.float64]

MIN_POSSIBLE_VALUES = 6
"""So many values of a part must be possible; one more than 5, since several divisions tell of the same people."""
MAX_BASES_OF_SMALL_WHOLE = 4
"""Less than so many bases are so few that their parts must not say more of them than their own number."""
DIVISION_DIMENSIONS = ("month", "admin1", "population_group", "age_gender", "indicator")
"""Dimensions whose parts add up to the people reached and have no sheets of their own."""
PLACE_AND_PARTNER_DIMENSIONS = ("platform", "country", "partner")
"""Dimensions whose parts add up to the people reached and have sheets of their own."""
SUM_MODEL = "sum"
"""The model that adds up all sectors."""
FEW_TO_DIVIDE_REASON = "few_to_divide"
"""The reason of a part whose whole is too few to be divided."""


def round_to_base(values: npt.ArrayLike, keys: npt.ArrayLike, base: npt.ArrayLike) -> Numbers:
    """Round each value to one of the two multiples of the base beside it, up as often as it is near the upper one.

    The key decides which: so that many values keep their sum on average. A multiple stays, and so does what is not
    known; below 0 it is as above. ``base`` is one for all, or one for each; 0 leaves a value as it is.

    >>> keys = np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)
    >>> round_to_base([14.0, 14.0, 14.0], keys, 10).tolist(), round_to_base([0.0, -3.0, 3.0], keys, 10).tolist()
    ([20.0, 10.0, 10.0], [0.0, 0.0, 0.0])
    """
    exact_numbers = np.asarray(values, dtype=np.float64)
    bases = np.broadcast_to(np.asarray(base, dtype=np.float64), exact_numbers.shape)
    step_sizes = np.where(bases > 0, bases, 1.0)
    absolute_numbers = np.abs(np.round(exact_numbers, SUM_DECIMALS))
    multiples_below = np.floor(absolute_numbers / step_sizes) * step_sizes
    key_fractions = (np.asarray(keys, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    rounded_multiples = multiples_below + step_sizes * (
        key_fractions < (absolute_numbers - multiples_below) / step_sizes
    )
    return np.where(bases > 0, np.sign(exact_numbers) * rounded_multiples + 0.0, exact_numbers)


def few(values: npt.ArrayLike, multiples: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Mark values of people that are not 0 and were rounded to 0 (``multiples``): they are printed as ``< 10``."""
    is_few_people: npt.NDArray[np.bool_] = (np.round(np.asarray(values, dtype=np.float64), SUM_DECIMALS) != 0) & (
        np.asarray(multiples, dtype=np.float64) == 0
    )
    return is_few_people


def public(rows: pd.DataFrame) -> pd.DataFrame:
    """Round the counts of people in the table of figures, and compute again what follows from them.

    Shares, doubt and the order of parts follow from the rounded numbers. What a plan foresees, money and other counts
    stay as they are. Where there are people and their number is rounded down to 0, the status of the number, and of a
    share that follows from it, is ``few``. Parts of a total that is too few to be divided become NaN (see
    ``hide_undivided``).
    """
    rounding_base_by_row = rounding_bases(rows)
    rounded_values = pd.Series(round_to_base(rows["value"], rows["key"], rounding_base_by_row), rows.index)
    is_few_people = (rounding_base_by_row > 0) & rows["value"].notna() & few(rows["value"], rounded_values)
    rounded_rows = hide_undivided(
        rows.assign(
            value=rounded_values,
            status=rows["status"].mask(is_few_people, FEW),
            assisted=round_to_base(rows["assisted"], rows["assisted_key"], rows["base"]),
            in_doubt=round_to_base(rows["in_doubt"], rows["doubt_key"], rounding_base_by_row),
        )
    )
    return copy_status_of_people(add_share_in_doubt(fill_shares(_sort_by_size(rounded_rows))))


def rounding_bases(rows: pd.DataFrame) -> pd.Series:
    """Return the base to which each row of the table of figures is rounded; 0 where it is exact.

    Numbers of people are rounded (``unit``, ``origin``), unless a plan foresees them.
    """
    return rows["base"].where((rows["unit"] == "people") & (rows["origin"] == "activities"), 0)


def rounding_steps(rows: pd.DataFrame) -> pd.Series:
    """Return how much another key may move each number of the table: a base of people, or the share that it makes.

    A Series in the unit of each row, with the index of ``rows`` (the table of figures); 0 where a number is exact, or
    a share is not known.
    """
    step_by_row = rounding_bases(rows).astype("float64")
    share_rows = rows[rows["figure"].isin(SHARES_OF_PEOPLE)]
    share_denominators = rows_behind(share_rows, rows, WHOLE_BY_DERIVED_FIGURE)["value"].mask(
        share_rows["figure"].isin(DIFFERENCE_FIGURES), 1.0
    )
    figure_name_by_share_name = {
        share_figure_name: part_figure_name.replace(COMPARED_FIGURE, REACHED_FIGURE)
        for share_figure_name, part_figure_name in PART_BY_DERIVED_FIGURE.items()
    }
    step_by_row.loc[share_rows.index] = (
        rows_behind(share_rows, rows, figure_name_by_share_name)["base"] / share_denominators
    )
    return step_by_row.fillna(0.0)


def _sort_by_size(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort the parts of people that stand largest first by their rounded ``value``, within each report and figure.

    ``LAST_PARTS`` stay last, whatever their size; equal parts stand by name. Other rows keep their place.
    """
    breakdown_names = [
        breakdown_name
        for breakdown_name, breakdown_definition in BREAKDOWNS.items()
        if breakdown_definition.parts == LARGEST_FIRST_ORDER and breakdown_definition.figure_definition.protected
    ]
    part_rows = rows[rows["figure"].isin(breakdown_names)]
    part_rows_with_size = part_rows.assign(last=part_rows["part"].isin(LAST_PARTS), size=-part_rows["value"])
    sorted_part_rows = part_rows_with_size.sort_values(["report", "figure", "last", "size", "part"])[list(rows)]
    part_row_index = part_rows.sort_values(["report", "figure"], kind="stable").index
    return (
        pd.concat([rows.drop(part_rows.index), sorted_part_rows.set_axis(part_row_index)]).sort_index()
        if len(part_rows)
        else rows
    )


# ---- What is too few to be divided ----


def is_undivided(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark each part whose whole is too few to be divided: then no part of it may be told, not even nobody.

    ``parts`` and ``wholes`` (the whole of each part, with the same index) have ``value``, ``status`` and ``base``, as
    they are printed; the columns ``keys`` of ``parts`` name the whole. A whole is too few if its status is ``few``; if
    it ``is_narrowed``; or if it is below ``MAX_BASES_OF_SMALL_WHOLE`` bases, a part may be one person, and the parts
    together leave it fewer possible values than its own number does: sheets within sheets would add up what each says.
    """
    people_bounds, whole_bounds = _possible_people(parts), _possible_people(wholes)
    summed_bounds = people_bounds.groupby(_group_keys(parts, keys), sort=False).transform("sum")
    says_more_than_whole = (summed_bounds["least"] > whole_bounds["least"]) | (
        summed_bounds["most"] < whole_bounds["most"]
    )
    is_revealing_part = (
        says_more_than_whole
        & (whole_bounds["most"] < MAX_BASES_OF_SMALL_WHOLE * parts["base"])
        & (people_bounds["least"] == 1)
    )
    is_revealing_part = is_revealing_part.groupby(_group_keys(parts, keys), sort=False).transform("any")
    return wholes["status"].eq(FEW) | is_revealing_part | is_narrowed(parts, wholes, keys)


def is_narrowed(parts: pd.DataFrame, wholes: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Mark all parts of a whole whose printed numbers leave one of them fewer than ``MIN_POSSIBLE_VALUES`` values.

    Only parts that may be one person, and are rounded, are looked at. One whose own number allows fewer values must
    keep all of these. Arguments are those of ``is_undivided``. Each part that is not nobody is somebody, so many parts
    of a small whole tell each other's number.
    """
    people_bounds = _possible_people(parts)
    whole_bounds = _possible_people(wholes)
    grouping_columns = _group_keys(parts, keys)
    # Groups may add up to more than the whole; then it is not known who is in none
    is_unknown_rest = parts.isin([NOT_SPECIFIED]).any(axis="columns") & parts["value"].isna()
    people_bounds = people_bounds.assign(least=people_bounds["least"].mask(is_unknown_rest, -np.inf))
    other_bounds = people_bounds.groupby(grouping_columns, sort=False).transform("sum") - people_bounds.where(
        np.isfinite(people_bounds), 0.0
    )
    upper_bounds = np.minimum(people_bounds["most"], whole_bounds["most"] - other_bounds["least"])
    lower_bounds = np.maximum(people_bounds["least"], whole_bounds["least"] - other_bounds["most"])
    required_value_count_by_part = np.minimum(people_bounds["most"] - people_bounds["least"] + 1, MIN_POSSIBLE_VALUES)
    is_narrow_part: pd.Series = (
        (people_bounds["least"] == 1)
        & (upper_bounds - lower_bounds + 1 < required_value_count_by_part)
        & (parts["base"] > 0)
    )
    return is_narrow_part.groupby(grouping_columns, sort=False).transform("any")


def _group_keys(parts: pd.DataFrame, keys: Sequence[str]) -> list[pd.Series]:
    """Return the columns ``keys`` of parts to group by; without any, one group of all."""
    return [parts[column_name] for column_name in keys] or [pd.Series(0, parts.index)]


def _possible_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the ``least`` and the ``most`` people that a printed number may stand for; 0 and inf where not known."""
    printed_values = rows["value"]
    is_few_people = rows["status"] == FEW
    rounding_base_by_row = rows["base"].where(rows["base"] > 0, 1)
    least_people = (
        (printed_values - rounding_base_by_row + 1)
        .clip(lower=1)
        .where(printed_values > 0, 0.0)
        .mask(is_few_people, 1.0)
    )
    most_people = (printed_values + rounding_base_by_row - 1).where((printed_values != 0) | is_few_people, 0.0)
    return pd.DataFrame({"least": least_people, "most": most_people.fillna(np.inf)})


def hide_undivided(rows: pd.DataFrame) -> pd.DataFrame:
    """Empty the parts of totals that are too few to be divided, in a rounded table of figures.

    See ``is_undivided``; of places and partners, which have sheets of their own, only wholes of the status ``few``.
    With parts of people reached go the same parts of the people compared. Where a place or partner ``is_narrowed``, all
    people of the sheet that they divide are emptied, except those by sector. Where a sector is, the sum of sectors is
    emptied; where the total has the key of this sum, so are all people of the sheet, again except those by sector.
    Columns changed: ``value`` (NaN), ``reason`` (``FEW_TO_DIVIDE_REASON``) and its ``status``, ``caution`` (empty),
    ``in_doubt`` (0).
    """
    figure_fact_table = (
        rows.reset_index()[["figure"]].join(row_facts()[["total", "by"]], on="figure").set_axis(rows.index)
    )
    is_partner_row = rows["figure"] == sentences.COUNTRY_PARTNER_FIGURE
    total_name_by_row = figure_fact_table["total"].mask(is_partner_row, REACHED_FIGURE)
    dimension_name_by_row = figure_fact_table["by"].mask(is_partner_row, "partner")
    rows_with_facts = rows.assign(total=total_name_by_row, by=dimension_name_by_row)
    whole_rows = rows_with_facts[rows_with_facts["by"] == ""].set_index(["report", "total"])[
        ["value", "status", "base"]
    ]
    part_rows = rows_with_facts[
        rows_with_facts["total"].isin([REACHED_FIGURE, COMPARED_FIGURE])
        & rows_with_facts["by"].isin([*DIVISION_DIMENSIONS, *PLACE_AND_PARTNER_DIMENSIONS])
    ]
    whole_rows_of_parts = part_rows[["report", "total"]].join(whole_rows, on=["report", "total"])
    is_narrow_part = is_narrowed(part_rows, whole_rows_of_parts, ["report", "total", "by"])
    has_own_sheet = part_rows["by"].isin(PLACE_AND_PARTNER_DIMENSIONS)
    undivided_part_rows = part_rows[
        (whole_rows_of_parts["status"] == FEW)
        | (is_undivided(part_rows, whole_rows_of_parts, ["report", "total", "by"]) & ~has_own_sheet)
    ]
    undivided_sheet_dimensions = undivided_part_rows.loc[
        undivided_part_rows["total"] == REACHED_FIGURE, ["report", "by"]
    ]
    is_of_undivided_dimension = part_rows.set_index(["report", "by"]).index.isin(
        pd.MultiIndex.from_frame(undivided_sheet_dimensions)
    )

    sector_sum_rows = _find_narrowed_sums(rows_with_facts)
    total_rows_equal_to_sums = rows_with_facts[(rows_with_facts["figure"] == REACHED_FIGURE)].merge(
        sector_sum_rows[["report", "key"]], on=["report", "key"]
    )
    hidden_sheets = {*part_rows.loc[is_narrow_part & has_own_sheet, "report"], *total_rows_equal_to_sums["report"]}

    is_of_people = rows_with_facts["total"].isin([REACHED_FIGURE, COMPARED_FIGURE]) | (
        rows["kind"].eq(UNPUBLISHED_KIND) & rows["unit"].eq("people")
    )
    hidden_index = rows_with_facts.index[
        rows_with_facts["report"].isin(hidden_sheets) & is_of_people & (rows_with_facts["by"] != "sector")
    ]
    hidden_index = (
        hidden_index.union(undivided_part_rows.index)
        .union(part_rows.index[is_of_undivided_dimension])
        .union(sector_sum_rows.index)
    )
    is_hidden = rows.index.isin(hidden_index) & rows["value"].notna()
    empty_value_by_column = {
        "value": np.nan,
        "status": STATUS_BY_REASON[FEW_TO_DIVIDE_REASON],
        "reason": FEW_TO_DIVIDE_REASON,
        "caution": "",
        "in_doubt": 0.0,
    }
    return rows.assign(
        **{
            column_name: rows[column_name].mask(is_hidden, empty_value)
            for column_name, empty_value in empty_value_by_column.items()
        }
    )


def _find_narrowed_sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of people by ``SUM_MODEL`` on sheets where a sector ``is_narrowed`` as a part of this sum."""
    sector_rows = rows[rows["figure"] == f"{REACHED_FIGURE}_by_sector"]
    sum_rows = rows[(rows["figure"] == f"{REACHED_FIGURE}_by_model") & (rows["part"] == SUM_MODEL)]
    sums_of_sectors = sector_rows[["report"]].join(
        sum_rows.set_index("report")[["value", "status", "base"]], on="report"
    )
    narrowed_report_series = sector_rows.loc[is_narrowed(sector_rows, sums_of_sectors, ["report"]), "report"]
    return sum_rows[sum_rows["report"].isin(narrowed_report_series)]


def for_audience(key_figures: KeyFigures, audience: str) -> KeyFigures:
    """Return a sheet as an audience may see it: exact (``internal``), or rounded (``public``).

    A rounded sheet has the context of its rounded rows (see ``fill_context``). A method without bases rounds nothing.
    """
    method = key_figures.method
    if audience == "internal" or not any(method.bases):
        return replace(key_figures, audience=audience)
    sheet_rows, region_rows, all_sectors_rows = (
        public(figure_table) if len(figure_table) else figure_table
        for figure_table in (key_figures.rows, key_figures.region, key_figures.of_sectors)
    )
    return fill_context(
        replace(key_figures, rows=sheet_rows, region=region_rows, of_sectors=all_sectors_rows, audience=audience)
    )
