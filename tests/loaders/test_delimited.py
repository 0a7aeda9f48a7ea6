"""What Arrow reads of a text table is what pandas reads, or is left to pandas."""

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
from rmrp_analysis.loaders import delimited, load_plan
from rmrp_analysis.loaders.cells import read_cells

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


def read(path: Path) -> tuple[dict[str, list[str]], list[int]] | str:
    """The cells and lines of a file, or why it is refused."""
    try:
        cells = read_cells(path)
    except InputRefused as refused:
        return str(refused)
    return {str(name): list(column) for name, column in cells.items()}, list(cells.index)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(text=tables(), block=st.sampled_from([16, 32, 2**19]))
@example(text='country,place\n"a","b\nc,d\n', block=2**19)  # a quotation mark that nobody closes
@example(text='country\n"a\r\n"\n"\r\n\r\nb"\n', block=16)
@example(text="country,place\n\r,\n", block=2**19)
@example(text='"country\nx",place\na,b\n', block=2**19)
def test_every_text_is_read_as_pandas_reads_it(
    text: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    with monkeypatch.context() as patched:
        patched.setattr(delimited, "BLOCK", block)
        ours = read(path)
        patched.setattr(delimited, "_read_plain", not_plain)
        assert ours == read(path)


def not_plain(*_: object) -> pd.DataFrame:
    raise delimited.NotPlain


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_plain_table_is_left_to_arrow(separator: str, end: str, tmp_path: Path) -> None:
    rows = [["country", "place", "new"], ["Perú", '"San José, Lima"', "1"], ["Chile", '"a\nb"', ""]]
    path = tmp_path / "table.csv"
    path.write_bytes(("\ufeff" + "".join(separator.join(row) + end for row in rows)).encode())
    cells = delimited._read_plain(path, lambda _: 0.0, 0)
    assert cells["place"].to_list() == ["San José, Lima", "a\nb"]
    assert list(cells.index) == [2, 3]


def test_no_thread_is_left_of_reading(tmp_path: Path) -> None:
    refused = tmp_path / "table.csv"
    refused.write_bytes(b"country,place\nPeru,Lima\nPeru,Lima,1\n")
    before = threading.active_count()
    load_plan(bundled_plan())
    with pytest.raises(InputRefused):
        read_cells(refused)
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_that_has_read_a_plan_can_fork_and_read_again() -> None:
    load_plan(bundled_plan())
    child = os.fork()
    if not child:
        signal.alarm(60)  # a child that waits for ever is ended
        os._exit(int(not len(load_plan(bundled_plan()).cells)))
    assert os.waitpid(child, 0)[1] == 0
