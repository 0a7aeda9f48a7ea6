"""The bundled plan states for Human Trafficking & Smuggling what its published sheet of end 2021 states."""

from pathlib import Path

import pytest

from conftest import as_printed, sheet_of
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.params import load_run_params
from rmrp_analysis.plan import Plan

PROJECT = Path(__file__).parents[2]
SECTOR = "Human Trafficking & Smuggling"


@pytest.fixture(scope="module")
def figures(bundled: Plan) -> KeyFigures:
    params = load_run_params(PROJECT / "params" / "2021-end-of-year.yml")
    return sheet_of(bundled, SECTOR, period=params.period, method=params.method)


@pytest.mark.parametrize(
    ("name", "published", "printed"),
    [
        ("people_in_need", 504_000, "504 K"),
        ("target", 14_300, "14.3 K"),
        ("people_reached", 4_910, "4.91 K"),
        ("reporting_partners", 7, "7"),
        ("implementing_partners", 14, "14"),
        ("activities", 383, "383"),
        ("requirement_usd", 18_658_336, "$18.7 M"),
        ("funding_usd", 1_470_000, "$1.47 M"),
        ("funding_coverage", 1_470_000 / 18_658_336, "8%"),
        # The published sheet prints $17.1 M: it cut the decimals off, where we round 17.188 to 17.2.
        ("unmet_usd", 18_658_336 - 1_470_000, "$17.2 M"),
        ("donors", 3, "3"),
        ("funded_organisations", 1, "1"),
    ],
)
def test_the_published_figures_come_out(figures: KeyFigures, name: str, published: float, printed: str) -> None:
    assert figures.value(name) == published
    assert as_printed(figures).format_figure(name) == printed.replace(" ", "\u202f")
