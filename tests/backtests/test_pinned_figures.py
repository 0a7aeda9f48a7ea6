"""Every exact figure of the bundled and the real plan is what it was: digests of each sector and model.

A change that moves a figure fails here; a figure that is added later does not. Write the new digests with
``python tests/backtests/test_pinned_figures.py``, and the reason under Figures in CHANGELOG.md.
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pytest

from rmrp_analysis.figures import BREAKDOWNS, FIGURES, KeyFigures, key_figures
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import MODELS
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, PLATFORMS, REGION, SECTORS

HERE = Path(__file__).parent
PINNED = HERE / "pinned_figures.json"
BUNDLED = HERE.parents[1] / "data" / "rmrp-2021"
SHARED = Path(os.environ.get("RMRP_SHARED_DATA", HERE.parents[2] / "shared" / "data"))
COLUMNS = ["report", "figure", "part", "value", "reason"]
PERIODS = {"bundled": "2021-01/2021-12", "real": "2021-01/2021-05"}


Digests = dict[str, str]
"""Of the exact figures."""


def digests(plan: Plan, period: str, names: Collection[str]) -> Iterator[tuple[str, Digests]]:
    """The digests of the figures of every scope, for each sector and each model."""
    for sector in SECTORS:
        yield sector, digests_of(plan, sector, period, Method(), names)
    for model in MODELS:
        method = Method.model_validate({"intersector_model": model})
        yield f"{INTERSECTOR}, {model}", digests_of(plan, INTERSECTOR, period, method, names)


def digests_of(plan: Plan, sector: str, period: str, method: Method, names: Collection[str]) -> Digests:
    """The figures of these names of a sector, in the region and every platform, as checksums."""
    scopes = (plan.select(sector, platform=name, period=period, method=method) for name in (REGION, *PLATFORMS))
    exact = [key_figures(selection) for selection in scopes]
    return {"exact": digest(exact, names)}


def digest(sheets: Iterable[KeyFigures], names: Collection[str]) -> str:
    """The figures of these names of some sheets as a checksum."""
    rows = (sheet.rows.loc[sheet.rows["figure"].isin(names), COLUMNS].round({"value": 6}) for sheet in sheets)
    return hashlib.sha256("\n".join(each.to_csv(index=False) for each in rows).encode()).hexdigest()[:16]


def assert_as_pinned(name: str, folder: Path) -> None:
    """The digests of a plan are what they were."""
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    assert dict(digests(load_plan(folder), PERIODS[name], pinned["figures"])) == pinned[name]


def test_the_figures_of_the_bundled_plan_are_what_they_were() -> None:
    assert_as_pinned("bundled", BUNDLED)


@pytest.mark.real_data
def test_the_figures_of_the_real_reports_are_what_they_were(shared_data: Path) -> None:
    assert_as_pinned("real", shared_data / "r4v-2021")


if __name__ == "__main__":
    folders, names = {"bundled": BUNDLED, "real": SHARED / "r4v-2021"}, [*FIGURES, *BREAKDOWNS]
    written = {name: dict(digests(load_plan(folder), PERIODS[name], names)) for name, folder in folders.items()}
    PINNED.write_text(json.dumps({"figures": names, **written}, indent=1) + "\n", encoding="utf-8")
