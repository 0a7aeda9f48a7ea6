"""Whatever runs the notebooks of a public run, its counts are rounded by the key of its parameters."""

from pathlib import Path

import pandas as pd
import pytest

from data_folders import ACTIVITY, data_folder
from published_run import rmrp, written_params
from rmrp_analysis.metrics.rounding_key import KEY_FILE, KEY_VARIABLE


def test_notebooks_that_would_find_another_key_are_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    office, data = tmp_path / "office", tmp_path / "data"
    office.mkdir()
    data.mkdir()
    report = pd.DataFrame([ACTIVITY | {"Total monthly beneficiaries": 14, "New beneficiaries of the month": 14}])
    indicators = "Code,Sector,Indicator,Indicator Type\n1,Health,# of people,People in need\n"
    data_folder(data, 2021, activities=report, indicators=indicators)
    (office / KEY_FILE).write_text("another secret of these tests\n", encoding="utf-8")
    month = {"start": "2021-01", "end": "2021-01"}
    asked = {"data": str(data), "sectors": ["Health"], "places": ["Peru"], "formats": ["html"], "period": month}
    params = written_params(office, **asked)
    assert rmrp("run", params, "--out", office / "reports", "--engine", "nbclient") != 0
    assert "notebooks run by nbclient find the rounding key above" in capsys.readouterr().err
    assert not (office / "reports" / "small" / "run.json").exists()
    assert rmrp("run", params, "--out", office / "reports") == 0
