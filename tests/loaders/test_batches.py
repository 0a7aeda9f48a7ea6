"""A file that is read some rows at a time gives what it gives at once."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders.table import Loaded, batches, load_table, merge
from rmrp_analysis.tables import Planning

HEADERS = ("sector", "scope", "population_group", "measure", "value", "source")
SECTORS, VALUES = st.sampled_from(["Health", "WASH", "Helth", ""]), st.sampled_from(["10", "1.250", "1250", "many", ""])
LINES = st.lists(st.tuples(SECTORS, VALUES).map(lambda pair: f"{pair[0]},PER,all,target,{pair[1]},R4V"), min_size=1)


def written(path: Path, lines: list[str]) -> Path:
    if path.suffix == ".parquet":
        pd.DataFrame([line.split(",") for line in lines], columns=list(HEADERS)).to_parquet(path, index=False)
    else:
        path.write_text("\n".join([",".join(HEADERS), *lines]), encoding="utf-8")
    return path


def together(path: Path, rows: int) -> Loaded:
    return merge(list(batches(path, Planning, year=2021, rows=rows)))


@pytest.mark.parametrize("name", ["planning.csv", "planning.parquet"])
@given(lines=LINES, rows=st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_together_are_the_whole(name: str, lines: list[str], rows: int, tmp_path: Path) -> None:
    path = written(tmp_path / name, lines)
    try:
        whole = load_table(path, Planning, year=2021)
    except InputRefused as refused:
        with pytest.raises(InputRefused) as again:
            together(path, rows)
        assert str(again.value) == str(refused)  # noqa: PT017 - either end is right
        return
    parts = together(path, rows)
    pd.testing.assert_frame_equal(parts.table, whole.table)
    pd.testing.assert_frame_equal(parts.refused, whole.refused)
    pd.testing.assert_frame_equal(parts.faults, whole.faults)


def test_every_part_has_about_as_many_rows_as_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "planning.csv", ["Health,PER,all,target,10,R4V"] * 100)
    sizes = [len(part.table) for part in batches(path, Planning, year=2021, rows=10)]
    assert sum(sizes) == 100
    assert max(sizes) < 20


def test_a_column_shows_by_one_part_how_it_writes_the_numbers_of_another(tmp_path: Path) -> None:
    lines = ["Health,PER,all,target,1.250,R4V", *["WASH,PER,all,target,10,R4V"] * 20, 'WASH,PER,all,target,"2,5",R4V']
    path = written(tmp_path / "planning.csv", lines)
    assert next(batches(path, Planning, year=2021, rows=1)).table["value"][0] == 1250
