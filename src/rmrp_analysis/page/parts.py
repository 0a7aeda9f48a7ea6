"""How one part of a breakdown is said and drawn: its text, its bar, or why it has none."""

from typing import Any

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.charts.parts import State
from rmrp_analysis.figures import Breakdown, Cell
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL

WHOLE_BREAKDOWN = {"not_kept", "no_proportions"}
"""Reasons for which a breakdown has no part at all."""


def cells_of(printed: Printed, breakdown: str) -> dict[str, Cell]:
    """The parts of a breakdown by key; none when the sheet does not have it."""
    found = printed.key_figures.breakdowns.get(breakdown)
    return {cell.key: cell for cell in found.cells} if found else {}


def chart_table(printed: Printed, breakdown: Breakdown) -> pd.DataFrame:
    """A breakdown as the table that a chart draws."""
    rows = {cell.key: (cell.value, cell.suppressed, cell.reason) for cell in breakdown.cells}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "suppressed", "reason"])
    table.attrs |= {
        "unit": breakdown.unit,
        "small_count_threshold": printed.key_figures.method.small_count_threshold,
    }
    return table


def falling(cell: Cell) -> tuple[bool, int, float, str]:
    """The order of parts: values falling, withheld ones, zeros, those without a report, each by name.

    What belongs to no single part comes last.
    """
    kind = 1 if cell.suppressed else 3 if cell.value is None else 0 if cell.value else 2
    return cell.key in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), kind, -(cell.value or 0), cell.key


def drawn_part(printed: Printed, cell: Cell, breakdown: Breakdown) -> dict[str, Any]:
    """A part in a table with bars: its state, the length of its bar (the longest is 1), its text."""
    longest = max(breakdown.values().values(), default=0)
    bar = max(cell.value or 0, 0) / longest if longest > 0 else 0
    text = _table_text(printed, cell, breakdown)
    spoken = {numbers.NOTHING: printed.words("does not apply"), printed.withheld: printed.fewer}.get(text, "")
    return {"state": _table_state(cell), "bar": bar, "text": text, "spoken": spoken}


def chart_state(cell: Cell) -> State:
    """A part in a chart: with a value, withheld, zero, or without a report."""
    if cell.suppressed:
        return "withheld"
    return "no_report" if cell.value is None else "value" if cell.value else "zero"


def people_text(printed: Printed, cell: Cell) -> str:
    """People as a chart or a sentence states them."""
    if cell.suppressed:
        return printed.withheld_part(cell)
    return numbers.people(cell.value, printed.language) if cell.value is not None else printed.words("no report")


def spoken_people(printed: Printed, cell: Cell, breakdown: Breakdown) -> str:
    """People as an alternative text tells them: without signs that a voice leaves out."""
    drawn = drawn_part(printed, cell, breakdown)
    return str(drawn["spoken"] or drawn["text"])


def withheld_note(printed: Printed, breakdown: Breakdown) -> str:
    """Why parts are withheld."""
    few = str(printed.key_figures.method.small_count_threshold)
    if any(cell.reason == "withheld_together" for cell in breakdown.cells):
        return printed.words("Withheld, so that no count below {few} can be worked out.", few=few)
    return printed.words("{few}: withheld, so that nobody can be identified.", few=printed.withheld)


def _table_state(cell: Cell) -> str:
    state = chart_state(cell)
    unknown = cell.reason in WHOLE_BREAKDOWN or cell.key == REGIONAL
    return "not_applicable" if state == "no_report" and unknown else state


def _table_text(printed: Printed, cell: Cell, breakdown: Breakdown) -> str:
    words = printed.words
    match _table_state(cell):
        case "not_applicable":
            return numbers.NOTHING
        case "no_report":
            return words("no report")
        case "zero":
            return words("none designated") if breakdown.unit == "usd" else words("none reported")
        case _:
            return printed.part(cell, breakdown)
