"""A text table is read as Python's csv module reads it, whatever its marks, ends of lines and sizes of blocks."""

import csv
import io
import os
import signal
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rmrp_analysis import bundled_plan
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.loaders.read import read, read_in_batches
from rmrp_analysis.sources import Reading

PLAIN = st.text("ab ñ1", max_size=3)
QUOTED = st.text('ab,;\n"\r ', max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')
ODD = st.text('ab"\n\r,\t\x1c\u2028 ', max_size=4)
CELLS = st.one_of(PLAIN, PLAIN, QUOTED, ODD)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A text table, sometimes with records that are too long or too short, and with any ends of lines."""
    width = draw(st.integers(1, 3))
    widths = st.one_of(st.just(width), st.just(width), st.integers(1, 4))
    rows = draw(st.lists(widths.flatmap(lambda cells: st.lists(CELLS, min_size=cells, max_size=cells)), max_size=6))
    ends = st.sampled_from(["\n", "\n", "\r\n", "\r"])
    header = ",".join(["country", "place", "new"][:width])
    text = header + draw(st.sampled_from(["\n", "\r\n"])) + "".join(",".join(row) + draw(ends) for row in rows)
    return text.rstrip("\n") if draw(st.booleans()) else text


Records = list[tuple[int, list[str]]]


def records_of(text: str) -> tuple[Records, set[str]]:
    """The records of a table by line as the csv module reads them, and for what it is refused."""
    plain = io.StringIO(text, newline=None).getvalue()
    last = "~end of the table~"
    header, *rows, end = csv.reader(io.StringIO(plain + ("" if plain.endswith("\n") else "\n") + last, newline=""))
    rows = rows if end == [last] else [*rows, end]
    cells = [pd.Series(row, dtype="str").str.strip().to_list() for row in rows]
    records = [
        (line, [*row, *[""] * len(header)][: len(header)]) for line, row in enumerate(cells, start=2) if any(row)
    ]
    faults = {
        "more cells than its header": any(len(row) > len(header) and any(row) for row in cells),
        "a quotation mark is open": end != [last],
        "holds no rows": not records,
    }
    return records, {fault for fault, there in faults.items() if there}


def records_read(path: Path, rows: int) -> Records | str:
    """The records of a file by line as we read them, or why it is refused."""
    try:
        parts = [texts.table for texts in read_in_batches(path, lambda _: 0.0, Reading(), rows=rows)]
    except InputRefused as refused:
        return str(refused)
    cells = (zip(part.index, part.astype("str").to_numpy().tolist(), strict=True) for part in parts)
    return [record for part in cells for record in part]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(text=tables(), rows=st.sampled_from([0, 1, 2]))
@example(text='country,place\n"a","b\nc,d\n', rows=0)  # a quotation mark that nobody closes
@example(text='country\n"a\r\n"\n"\r\n\r\nb"\n', rows=1)
@example(text="country,place\n\r,\n", rows=0)
@example(text='"country\nx",place\na,b\n', rows=0)
@example(text="country,place\na\n\nb,c\n,,,,\n", rows=1)
def test_every_text_is_read_as_the_csv_module_reads_it(text: str, rows: int, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    expected, faults = records_of(text)
    found = records_read(path, rows)
    if faults:
        assert isinstance(found, str)
        assert any(fault in found for fault in faults)
    else:
        assert found == expected


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cell_may_hold_separators_and_lines(separator: str, end: str, tmp_path: Path) -> None:
    rows = [["country", "place", "new"], ["Perú", '"San José, Lima"', "1"], ["Chile", '"a\nb"', ""]]
    path = tmp_path / "table.csv"
    path.write_bytes(("\ufeff" + "".join(separator.join(row) + end for row in rows)).encode())
    cells = read(path).table
    assert cells["place"].to_list() == ["San José, Lima", "a\nb"]
    assert list(cells.index) == [2, 3]


def test_a_text_stands_once_in_a_column_however_many_rows_repeat_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("country,new\n" + "Peru ,1\nPeru,1\nChile,2\n" * 50, encoding="utf-8")
    cells = read(path).table
    assert {name: list(column.cat.categories) for name, column in cells.items()} == {
        "country": ["Peru", "Chile"],
        "new": ["1", "2"],
    }
    assert len(cells) == 150


def test_no_thread_is_left_of_reading(tmp_path: Path) -> None:
    refused = tmp_path / "table.csv"
    refused.write_bytes(b"country,place\nPeru,Lima\nPeru,Lima,1\n")
    before = threading.active_count()
    load_plan(bundled_plan())
    with pytest.raises(InputRefused):
        read(refused)
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_that_has_read_a_plan_can_fork_and_read_again() -> None:
    load_plan(bundled_plan())
    child = os.fork()
    if not child:
        signal.alarm(60)  # a child that waits for ever is ended
        os._exit(int(not len(load_plan(bundled_plan()).activities)))
    assert os.waitpid(child, 0)[1] == 0
