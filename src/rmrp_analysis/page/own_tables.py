"""Sets an analyst's own table on a page, in the page's language."""

from typing import Any

import pandas as pd

from rmrp_analysis import numbers
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.page.bar_tables import LOOKS, column_of
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.tables import cells_of
from rmrp_analysis.theme import tables


def own_table(printed: Printed, table: "pd.DataFrame | pd.Series[Any]", caption: str, unit: str | None = None) -> Block:
    """Give a table as a block: the index heads the rows; numbers, known names and headers are in the page's words."""
    words, unit = printed.words, unit or table.attrs.get("unit", "")
    dimensions = [str(name or "") for name in table.index.names]
    keys = [key if isinstance(key, tuple) else (key,) for key in table.index]
    heads = [
        [printed.part_name(str(key), dimension) for key, dimension in zip(row, dimensions, strict=True)] for row in keys
    ]
    if isinstance(table, pd.DataFrame) and "value" in table:
        figure = table.attrs.get("figure", "")
        columns = [words(FIGURES[figure].label) if figure in FIGURES else ""]
        body = [[printed.number(cell, unit)] for cell in cells_of(table.set_axis(range(len(table))))]
    else:
        frame = table.to_frame() if isinstance(table, pd.Series) else table
        columns = [words.known(str(column)) for column in frame.columns]
        body = [[_text(value, unit, printed.language) for value in row] for row in frame.itertuples(index=False)]
    header = [
        column_of(printed, name) if name and name in LOOKS else words.known(name.replace("_", " ").capitalize())
        for name in dimensions
    ]
    rows = [[*head, *texts] for head, texts in zip(heads, body, strict=True)]
    return Block("table", {**tables.table([*header, *columns], rows), "caption": words.known(caption)})


def _text(value: Any, unit: str, language: str) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return numbers.NOTHING
    if unit:
        return numbers.printed(float(value), unit, language)
    return (numbers.count if float(value).is_integer() else numbers.plain)(value, language)
