"""No sheet of the real reports is without the news that its table knows, or prints a number that cannot be used."""

from collections.abc import Iterator, Mapping

import pandas as pd
import pytest

from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import REACHED_FIGURE, KeyFigures
from rmrp_analysis.figures.sheet import reason_for_no_sheet
from rmrp_analysis.method import Method
from rmrp_analysis.page import findings
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.headline import build_headline
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import INTERSECTOR, plan_lists, report_id
from rmrp_analysis.words import Translator, claims_of

pytestmark = pytest.mark.real_data
SHEETS = [(sector, place, "") for sector in (INTERSECTOR, *plan_lists().sectors) for place in plan_lists().places]
MONTHS = Period(start="2021-01", end="2021-05")
NEWS = {"target_coverage", "need_coverage", "funding_coverage", "people_to_reach", "partners_late", "partners_expected"}
"""The figures by which a headline tells a gap, want of money, or who is silent."""
SILENCES = ("Ningún socio ha enviado aún reportes de mayo", "Aún sin reportes de mayo: ")
"""How a headline begins that tells a silence without a number."""


@pytest.fixture(scope="module")
def tables(real: Plan) -> Mapping[str, pd.DataFrame]:
    """The table of figures of every sheet, by report, as the public sees it."""
    return real.rows_of_sheets(SHEETS, period=MONTHS, method=Method(), audience="public")


@pytest.fixture(scope="module")
def sheets(real: Plan, tables: Mapping[str, pd.DataFrame]) -> list[KeyFigures]:
    """The figures of every sheet that has something, as the public sees them."""
    with_sheet = [sheet for sheet in SHEETS if not reason_for_no_sheet(tables[report_id(*sheet)])]
    selections = [real.select(sector, place=place, period=MONTHS) for sector, place, _ in with_sheet]
    return [selection.key_figures("public") for selection in selections]


def news_known(printed: SheetFormatter) -> Iterator[str]:
    """Name what the table of a sheet knows that is news."""
    figures = printed.key_figures
    for name in ("target_coverage", "funding_coverage"):
        if figures.value(name) is not None and not figures.in_doubt(name):
            yield name
    if figures.silence.countries or figures.silence.late >= max(1, figures.silence.expected / 4):
        yield "silence"
    if findings.format_change_on_year_before(printed) or findings.format_change_on_month_before(printed):
        yield "change"


def test_every_headline_has_news_where_a_target_money_a_change_or_a_silence_is_known(sheets: list[KeyFigures]) -> None:
    without, known = [], 0
    for figures in sheets:
        printed = SheetFormatter(figures, Translator("es"))
        news = [*news_known(printed)]
        if figures.unusable or not news:
            continue
        known += 1
        told = build_headline(printed)
        changes = (findings.format_change_on_year_before(printed), findings.format_change_on_month_before(printed))
        is_news = {claim.figure for claim in claims_of(told)} & NEWS or told.startswith(("Sin contar: ", *SILENCES))
        if not is_news and not any(change and change[1:] in told for change in changes):
            without.append((figures.report, news, str(told)))
    assert without == [], "\n".join(map(str, without))
    assert len(sheets) > 200
    assert known > 50


def test_every_number_lies_within_its_bounds_and_most_are_sure(sheets: list[KeyFigures]) -> None:
    people = [figures.figures[REACHED_FIGURE] for figures in sheets]
    known = [number for number in people if number.value is not None]
    for number in known:
        low, high = number.bounds
        assert low <= number.value <= high
    assert len([number for number in known if number.is_sure]) > len(known) / 2
    assert len([number for number in known if not number.is_sure]) > 50


def test_sectors_in_doubt_beside_all_sectors_are_those_whose_own_sheets_are_not_sure(sheets: list[KeyFigures]) -> None:
    by_place = {each.place: set[str]() for each in sheets}
    for figures in sheets:
        coverage = figures.figures["target_coverage"]
        if (
            not figures.figures[REACHED_FIGURE].is_sure
            or (coverage.value or 0) > figures.method.cautions.coverage_above
        ):
            by_place[figures.place].add(figures.sector)
    for figures in sheets:
        if figures.sector == INTERSECTOR:
            assert figures.comparisons.sectors_in_doubt == by_place[figures.place] - {INTERSECTOR}, figures.place
