"""Data folders of small plans, written for a test; and one report of 2021 by the headers of its form."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.header import header_key
from rmrp_analysis.loaders.notation import TwoWays
from rmrp_analysis.metrics.rounding_key import KEY_FILE
from rmrp_analysis.tables import TABLE_BY_INPUT, Activities

HEADERS = (
    "Appealing Organization Name,Implementation Set up,Implementing partner Name,Reporting Month,Sector,Indicator,"
    "COVID 19 situation,Support Space activity,RMRP Activity,CVA,Value of Transfer (in USD),Delivery Mechanism,Country,"
    "Admin1,Quantity of unit measured,Total monthly beneficiaries,New beneficiaries of the month,"
    "Refugees and Migrants IN DESTINATION,Refugees and Migrants IN TRANSIT,Host Communities Beneficiaries,"
    "Refugees and Migrants PENDULARS,Colombian Returnees,Women under 18,Men under 18,Women above 18,Men above 18"
)
CELLS = "IOM,No,,2021-01,Health,# of people,No,No,Yes,No,,,Peru,Lima,,5,3,,,,,,,,,"
ACTIVITY = dict(zip(HEADERS.split(","), CELLS.split(","), strict=True))
MOST_LETTERS = 45
Input = str | Path | pd.DataFrame | list[dict[str, object]]


def data_folder(folder: Path, year: int, **inputs: Input) -> Path:
    """A data folder with these inputs: the text of a CSV file, such a file, its table, or a list of JSON records.

    A text in braces is what ``sources.yml`` says of files that are there.
    """
    described = [f"title: a small plan\nplan: {year}"]
    for name, content in inputs.items():
        path = folder / f"{name}.{'json' if isinstance(content, list) else 'csv'}"
        about = f"{{file: {path.name}, producer: R4V, as_of: {year}-06-01}}"
        if isinstance(content, str) and content.startswith("{"):
            about = content
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, Path):
            path.write_bytes(content.read_bytes())
        elif isinstance(content, pd.DataFrame):
            content.to_csv(path, index=False)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        described.append(f"{name}: {about}")
    (folder / "sources.yml").write_text("\n".join(described), encoding="utf-8")
    (folder / KEY_FILE).write_text("a secret of these tests\n", encoding="utf-8")
    return folder


def described_folder(folder: Path, files: Mapping[str, str], plan: int = 2021, **inputs: Any) -> Path:
    """A data folder of these texts; a file that is named as an input is that input, if nothing else is said of it.

    A line that ends with … has all other columns of an activity, too.
    """
    for name, text in files.items():
        (folder / name).write_text(_with_all_columns(text), encoding="utf-8")
        if (stem := name.partition(".")[0]) in (*TABLE_BY_INPUT, "funding"):
            inputs = {stem: {"file": name}} | inputs
    said = {name: {"producer": "R4V", "as_of": "2021-06-01"} | about for name, about in inputs.items()}
    text = yaml.safe_dump({"title": "a small plan", "plan": plan} | said, allow_unicode=True)
    (folder / "sources.yml").write_text(text, encoding="utf-8")
    return folder


def _with_all_columns(text: str) -> str:
    header = next((line for line in text.splitlines() if line.endswith("…")), ",…")
    separator, column_of = header[-2], dict[str, str]()
    for name, column in Activities.columns.items():
        column_of |= dict.fromkeys(map(header_key, column.headers), name)
    given = {column_of.get(header_key(cell)) for cell in header[:-2].split(separator)}
    rest = {name: cell for name, cell in ACTIVITY.items() if column_of[header_key(name)] not in given}
    return text.replace(header, header[:-1] + separator.join(rest)).replace("…", separator.join(rest.values()))


def brief(table: pd.DataFrame) -> list[str]:
    """A table in few lines: what all of its rows have the same, then what they differ in; long texts are cut."""

    def brief_cell(cell: object) -> str:
        text = f"{cell:.9g}" if isinstance(cell, float) else str(cell)
        return text if len(text) < MOST_LETTERS else f"{text[:MOST_LETTERS]}… {len(text)}"

    cells = table.astype(object).where(table.notna(), "").map(brief_cell).replace("()", "")
    cells = cells.loc[:, (cells != "").any()]
    same = [name for name in cells if len({*cells[name]}) == 1]
    differ = cells.drop(columns=same)
    rows = ["; ".join(differ), *differ.agg("; ".join, axis="columns")] if len(differ.columns) else []
    return [", ".join([f"{len(cells)} rows", *(f"{name}={cells[name].iloc[0]}" for name in same)]), *rows]


def said(make: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What is made, or the words by which it is refused."""
    try:
        return make(*arguments, **options)
    except (InputRefused, TwoWays) as problem:
        return [*str(problem).splitlines(), *getattr(problem, "cells", ())]
