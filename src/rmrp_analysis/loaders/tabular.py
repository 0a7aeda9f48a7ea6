"""How any spreadsheet file becomes a valid table: headers matched, cells parsed, what cannot be used refused."""

import datetime
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.cells import TOLD, read_cells
from rmrp_analysis.method import MONTH_PATTERN
from rmrp_analysis.tables import Table
from rmrp_analysis.vocabulary import (
    ALL,
    COUNTRY_SPELLINGS,
    MEASURES,
    PLATFORMS,
    POPULATION_GROUP_SPELLINGS,
    REGION,
    SECTOR_SPELLINGS,
    fold,
)

FAULT_COLUMNS = ("file", "line", "column", "check", "severity", "value", "allowed")
Spellings = Mapping[str, str]
EXCEL_DAY_0 = datetime.date(1899, 12, 30)

_MONTH_NAMES = {
    name: f"{number:02d}"
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep septiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_YES_NO = {"yes": "Yes", "si": "Yes", "sim": "Yes", "no": "No", "nao": "No"}
_SCOPE_SPELLINGS = (
    {fold(name): name for name in (REGION, ALL, *PLATFORMS, *MEASURES)} | COUNTRY_SPELLINGS | POPULATION_GROUP_SPELLINGS
)
for _platform in PLATFORMS:  # where a platform is one country, its name means the platform
    _SCOPE_SPELLINGS[fold(_platform)] = _platform


@dataclass(frozen=True)
class Loaded:
    """A file after loading: rows in = rows of ``table`` + rows of ``refused``.

    ``refused`` keeps the row's cells as they came, with ``file``, ``line`` and ``reason``.
    ``faults`` holds one row a faulty cell (see ``FAULT_COLUMNS``). ``records`` counts the usable records of each file
    where a record is not a row of ``table``.
    """

    table: pd.DataFrame
    refused: pd.DataFrame
    faults: pd.DataFrame
    records: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_in(self) -> int:
        """Records in the file."""
        return (sum(self.records.values()) or len(self.table)) + len(self.refused)

    def used(self, file: str) -> int:
        """Records of one file that are used."""
        return self.records.get(file, int((self.table["source_file"] == file).sum()))


def load_table(
    path: Path,
    model: type[Table],
    *,
    year: int,
    indicator_types: Spellings | None = None,
    expected: Collection[str] = (),
) -> Loaded:
    """Read a file into ``model``, refusing only the rows that cannot be used.

    ``year`` completes months that a file gives by name alone. A column that may be absent is told of as a fault when
    the year's layout has it (``expected``). Raises ``InputRefused`` when the file itself is unusable
    or lacks columns; it then names all of them at once.
    """
    return load_cells(
        read_cells(path, lambda row: is_header(row, model)),
        path,
        model,
        year=year,
        indicator_types=indicator_types or {},
        expected=expected,
    )


def load_cells(
    cells: pd.DataFrame,
    path: Path,
    model: type[Table],
    *,
    year: int,
    indicator_types: Spellings,
    expected: Collection[str] = (),
) -> Loaded:
    """As ``load_table``, from cells that were read from ``path`` (see ``read_cells``)."""
    given = matched_headers(cells, model, path)
    spellings = _spellings_by_kind(indicator_types)
    parsed: dict[str, pd.Series] = {}
    faults = [_told(path, cells), _absent(path, [name for name in expected if name not in given])]
    for name, about in _declared(model).items():
        texts = given[name] if name in given else pd.Series("", index=cells.index, dtype="str")
        parsed[name], bad = _parse(texts, about, spellings, year)
        faults.append(_faults(path, name, texts[bad], about))
    all_faults = pd.concat(faults).sort_values(["line", "column"], ignore_index=True)
    refused_lines = pd.Index(all_faults.loc[all_faults["severity"] == "refused", "line"].unique())
    refused = _refused(path, cells, all_faults[all_faults["severity"] == "refused"], refused_lines)
    lines = cells.index
    del cells, given, texts  # a million rows are not held twice
    usable = _usable(path, lines, ~lines.isin(refused_lines), parsed)
    return Loaded(model.validate(usable, lazy=True), refused, all_faults)


def _usable(path: Path, lines: pd.Index, kept: np.ndarray, parsed: dict[str, pd.Series]) -> pd.DataFrame:
    """The table of the rows that are kept; each column leaves ``parsed`` as it is taken."""
    columns = {
        "source_file": pd.Series(path.name, index=range(int(kept.sum())), dtype="string[pyarrow]"),
        "source_line": pd.Series(lines[kept], dtype="int64"),
        **{name: parsed.pop(name)[kept].reset_index(drop=True) for name in list(parsed)},
    }
    return pd.DataFrame(columns, copy=False)


def merge(parts: list[Loaded]) -> Loaded:
    """Several files of one kind as one table."""
    if len(parts) == 1:
        return parts[0]
    return Loaded(
        pd.concat([part.table for part in parts], ignore_index=True),
        pd.concat([part.refused for part in parts], ignore_index=True),
        pd.concat([part.faults for part in parts], ignore_index=True),
        {file: records for part in parts for file, records in part.records.items()},
    )


def header_key(header: str) -> str:
    """A header as it is compared: ``Value of Transfer (in USD)``, as typed or as R mangles it, is one key."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", fold(header)).split())


def parsed_cells(texts: pd.Series, column: str, model: type[Table], *, year: int) -> tuple[pd.Series, pd.Series]:
    """Texts as they would be read in a column of ``model``, and which of them would be refused there."""
    return _parse(texts, _declared(model)[column], _spellings_by_kind({}), year)


def allowed_in_words(column: str, model: type[Table]) -> str:
    """What may stand in a column of ``model``."""
    return _allowed_in_words(_declared(model)[column])


def _declared(model: type[Table]) -> dict[str, dict[str, Any]]:
    columns = model.to_schema().columns
    return {name: column.metadata for name, column in columns.items() if column.metadata}


def is_header(row: Sequence[str], model: type[Table]) -> bool:
    """Whether a row names every column that a file of ``model`` must have."""
    keys = set(map(header_key, row))
    return all(
        about["may_be_absent"] or keys & {header_key(header) for header in (*about["headers"], name)}
        for name, about in _declared(model).items()
    )


def matched_headers(cells: pd.DataFrame, model: type[Table], path: Path) -> dict[str, pd.Series]:
    """The file's column for each column of ``model``; one that may be absent and is, is left out.

    Raises ``InputRefused`` that names every column missing.
    """
    by_key = {header_key(header): header for header in reversed([str(header) for header in cells.columns])}
    found, missing = {}, []
    for name, about in _declared(model).items():
        keys = [header_key(header) for header in (*about["headers"], name)]
        header = next((by_key[key] for key in keys if key in by_key), None)
        if header is not None:
            found[name] = cells[header]
        elif not about["may_be_absent"]:
            missing.append(about["headers"][0])
    if missing:
        raise InputRefused(
            f"{path}: {'column' if len(missing) == 1 else 'columns'} missing: {', '.join(missing)}. "
            f"The file has: {', '.join(map(str, cells.columns))}"
        )
    return found


def _spellings_by_kind(indicator_types: Spellings) -> dict[str, Spellings]:
    return {
        "yes_no": _YES_NO,
        "sector": SECTOR_SPELLINGS,
        "country": COUNTRY_SPELLINGS,
        "scope": _SCOPE_SPELLINGS,
        "indicator_type": {fold(spelling): name for spelling, name in indicator_types.items()},
    }


def _parse(
    texts: pd.Series, about: dict[str, Any], spellings: dict[str, Spellings], year: int
) -> tuple[pd.Series, pd.Series]:
    """The column's values, and which cells cannot be used; R writes ``NA`` into an empty cell."""
    texts = texts.mask(texts == "NA", "")
    empty = texts == ""
    values = _parser(about["kind"], spellings, year)(texts)
    unreadable = values.isna() & ~empty
    if about["allowed"]:
        unreadable |= ~values.isin(about["allowed"]) & ~empty
    bad = unreadable if about["may_be_empty"] else unreadable | empty
    return values, bad


def _parser(kind: str, spellings: dict[str, Spellings], year: int) -> Callable[[pd.Series], pd.Series]:
    if kind == "number":
        return _numbers
    if kind == "text":
        return lambda texts: texts.astype("string[pyarrow]")
    if kind == "month":
        return lambda texts: _translated(texts, lambda text: _month(text, year))
    return lambda texts: _translated(texts, lambda text: spellings[kind].get(fold(text)))


def _numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)


def _translated(texts: pd.Series, translate: Callable[[str], str | None]) -> pd.Series:
    """Each distinct text is translated once, however many rows repeat it."""
    names = {text: translate(text) for text in texts.unique()}
    return texts.map(names).astype("string[pyarrow]")


def _month(text: str, year: int) -> str | None:
    """``2021-05``, a date of that month as a spreadsheet stores it (also as a number, in ``year``), or its name."""
    leading = text[:7]
    if re.fullmatch(MONTH_PATTERN, leading) and re.fullmatch(r"(-\d\d([ T][\d:.]+)?)?", text[7:]):
        return leading
    if re.fullmatch(r"[34]\d{4}", text):  # a date that lost its format: days since the end of 1899
        date = EXCEL_DAY_0 + datetime.timedelta(days=int(text))
        return f"{date:%Y-%m}" if date.year == year else None
    number = _MONTH_NAMES.get(fold(text))
    return f"{year}-{number}" if number else None


def _faults(path: Path, column: str, bad_cells: pd.Series, about: dict[str, Any]) -> pd.DataFrame:
    rows = {
        "file": path.name,
        "line": bad_cells.index,
        "column": column,
        "check": np.where(bad_cells == "", "empty", f"not_{about['kind']}"),
        "severity": "refused",
        "value": bad_cells.to_numpy(),
        "allowed": _allowed_in_words(about),
    }
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"check": "str", "value": "str"})


def _allowed_in_words(about: dict[str, Any]) -> str:
    kinds = {
        "number": "a number",
        "month": "a month as YYYY-MM",
        "yes_no": "Yes or No",
        "indicator_type": "a type of the plan year",
    }
    return ", ".join(about["allowed"]) or kinds.get(about["kind"], "not empty")


def _told(path: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """What is to be known of how the file was read."""
    rows = {
        "file": path.name,
        "line": 1,
        "column": "",
        "check": "how_it_was_read",
        "severity": "warning",
        "value": cells.attrs.get(TOLD, []),
        "allowed": "one visible sheet or text in UTF-8, a value in every cell",
    }
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"line": "int64", "value": "str"})


def _absent(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    rows = {
        "file": path.name,
        "line": 1,
        "column": list(columns),
        "check": "absent_column",
        "severity": "warning",
        "value": "",
        "allowed": "a column of the plan year's layout",
    }
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS)).astype({"line": "int64", "column": "str"})


def _refused(path: Path, cells: pd.DataFrame, faults: pd.DataFrame, lines: pd.Index) -> pd.DataFrame:
    told = faults.assign(
        reason=[_in_words(*row) for row in zip(faults["column"], faults["value"], faults["allowed"], strict=True)]
    )
    reasons = told.groupby("line", sort=True)["reason"].agg("; ".join)
    own = {name: f"{name} (as sent)" for name in ("file", "line", "reason")}
    refused = cells.loc[reasons.index].rename(columns=own)
    leading = pd.DataFrame({"file": path.name, "line": refused.index, "reason": reasons}, index=refused.index)
    return (
        pd.concat([leading, refused], axis="columns").reset_index(drop=True)
        if len(lines)
        else leading.reset_index(drop=True)
    )


def _in_words(column: str, value: str, allowed: str) -> str:
    found = f"'{value}'" if value else "empty"
    return f"{column} is {found}; allowed: {allowed}"
