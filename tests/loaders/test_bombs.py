"""Whatever would fill the memory is refused on every path, before it is unpacked."""

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_funding, load_table
from rmrp_analysis.loaders.content import MIN_SUSPICIOUS_BYTES
from rmrp_analysis.loaders.planning import load_planning
from rmrp_analysis.loaders.sheet_inputs import recognise_sheets
from rmrp_analysis.tables import Activities, Indicators

MOST_MEMORY = 24 * 2**20

PATHS: dict[str, Callable[[Path], object]] = {
    "activities": lambda path: load_table(path, Activities, year=2021),
    "indicators": lambda path: load_table(path, Indicators, year=2021),
    "planning": lambda path: load_planning(path, year=2021),
    "funding": lambda path: load_funding([path]),
    "recognised": recognise_sheets,
}


def packed(opening: bytes, filling: bytes) -> bytes:
    """A gzip file that unpacks to more than ``MIN_SUSPICIOUS``."""
    raw = io.BytesIO()
    with gzip.open(raw, "wb", compresslevel=9) as file:
        file.write(opening)
        for _ in range(MIN_SUSPICIOUS_BYTES // 2**20 + 1):
            file.write(filling * (2**20 // len(filling)))
    return raw.getvalue()


@pytest.fixture(scope="session")
def bombs() -> dict[str, bytes]:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(MIN_SUSPICIOUS_BYTES + 1))
    sparse, sheets = io.BytesIO(), openpyxl.Workbook()
    sheets.active["A1"], sheets.active["XFD1048576"] = "Country", "x"
    sheets.save(sparse)
    rows, parquet = 100_000_000, io.BytesIO()
    one = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype="int8")), pa.array(["Peru"]))
    write_table(pa.table({"Country": one}), parquet, compression="zstd")
    return {
        "rows.csv.gz": packed(b"Country,PCODE,Admin1\n", b",,\n"),
        "answer.json.gz": packed(b'{"status": "ok", "data": {"flows": [', b" "),
        "book.xlsx": book.getvalue(),
        "sparse.xlsx": sparse.getvalue(),
        "rows.parquet": parquet.getvalue(),
    }


@pytest.mark.parametrize("name", ["rows.csv.gz", "answer.json.gz", "book.xlsx", "sparse.xlsx", "rows.parquet"])
@pytest.mark.parametrize("path", PATHS)
def test_a_bomb_is_refused_and_memory_is_small(tmp_path: Path, bombs: dict[str, bytes], name: str, path: str) -> None:
    file = tmp_path / name
    file.write_bytes(bombs[name])
    tracemalloc.start()
    try:
        with pytest.raises(InputRefused) as refused:
            PATHS[path](file)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    if not (name == "answer.json.gz" and path != "funding"):  # which no other path reads at all
        assert "it is not unpacked" in str(refused.value) or "column XFD and line 1,048,576" in str(refused.value)
