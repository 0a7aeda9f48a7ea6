"""Every figure and every part of every breakdown is the sum of its rows, in every scope and under every model."""

from pathlib import Path

import pandas as pd
import pytest

from rmrp_analysis.figures import BREAKDOWNS, FIGURES, KeyFigures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MODELS
from rmrp_analysis.plan import Plan, Selection
from rmrp_analysis.vocabulary import INTERSECTOR, PLATFORMS, REGION

BUNDLED = Path(__file__).parents[2] / "data" / "rmrp-2021"
SECTORS = ("Health", "Gender-Based Violence", "Common Services", INTERSECTOR)
NO_PARTS = ("target_coverage", "need_coverage", "funding_coverage")


@pytest.fixture(scope="module")
def bundled() -> Plan:
    return load_plan(BUNDLED)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Plan:
    return load_plan(shared_data / "r4v-2021")


def differences(selection: Selection) -> dict[str, object]:
    """The figures and parts that the sum of their rows does not give, with both numbers."""
    figures = selection.key_figures()
    found: dict[str, object] = {}
    for name, figure in figures.figures.items():
        if figure.value is not None and name in FIGURES:
            traced = selection.trace(name)["contribution"].sum()
            if traced != pytest.approx(figure.value, abs=1e-5):
                found[name] = (traced, figure.value)
    for name in figures.breakdowns:
        found |= different_parts(selection, figures, name)
    return found


def different_parts(selection: Selection, figures: KeyFigures, name: str) -> dict[str, object]:
    """The parts of one breakdown that the sum of their rows does not give."""
    values = pd.Series(figures.breakdowns[name].values(), dtype="float64")
    if values.empty or (figures.figures.get(BREAKDOWNS[name].figure) or figures.figures["funding_usd"]).value is None:
        return {}
    sums = selection.trace(name).groupby("part")["contribution"].sum().reindex(values.index, fill_value=0.0)
    off = (sums - values).abs() > 1e-5
    return {f"{name}[{part}]": (sums[part], values[part]) for part in values.index[off]}


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("platform", [REGION, *PLATFORMS])
def test_rows_make_every_figure_of_the_bundled_plan(bundled: Plan, sector: str, platform: str) -> None:
    assert differences(bundled.select(sector, platform=platform)) == {}


@pytest.mark.real_data
@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("platform", [REGION, "Peru", "Caribbean"])
def test_rows_make_every_figure_of_the_real_reports(real: Plan, sector: str, platform: str) -> None:
    assert differences(real.select(sector, platform=platform, period="2021-01/2021-05")) == {}


@pytest.mark.real_data
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("level", ["admin1", "country"])
def test_rows_make_the_figure_of_all_sectors_under_every_model(real: Plan, model: str, level: str) -> None:
    method = Method.model_validate({"intersector_model": model, "intersector_level": level})
    everybody = real.select(INTERSECTOR, period="2021-01/2021-05", method=method)
    reached = everybody.people_reached()
    assert reached.rows["contribution"].sum() == pytest.approx(reached.total)
    assert reached.by("organisation").sum() == pytest.approx(reached.total)
    assert reached.total == everybody.models()[model]
