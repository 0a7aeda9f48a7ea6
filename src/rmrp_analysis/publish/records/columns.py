"""The columns of the CSV files of a run, as ``columns.csv`` declares them."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pandas as pd

from rmrp_analysis.figures import Status, Unit
from rmrp_analysis.files import CsvColumn

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "": (),
    "unit": get_args(Unit),
    "status": get_args(Status),
    "kind of place": ("region", "platform", "country", "admin1"),
}
"""What may stand in a column, by the name that ``columns.csv`` has for it."""

_ROWS = pd.read_csv(Path(__file__).with_name("columns.csv"), dtype="str", keep_default_na=False, encoding="utf-8-sig")
COLUMNS: Mapping[str, Mapping[str, CsvColumn]] = {
    str(file): {
        row["column"]: CsvColumn(
            row["meaning"], row["type"], row["unit"], ALLOWED[row["allowed"]], required=row["required"] == "yes"
        )
        for row in rows.to_dict("records")
    }
    for file, rows in _ROWS.groupby("file", sort=False)
}
"""By file, the columns that it has whatever was read, by their headers."""
