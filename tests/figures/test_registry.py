"""A declared figure or breakdown is counted, withheld, traced and written to every file, without another line."""

from dataclasses import replace

import pytest

from conftest import Build
from rmrp_analysis.disclosure import for_audience
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, BreakdownDefinition, Definition, KeyFigures, key_figures
from rmrp_analysis.metrics import Contributions
from rmrp_analysis.page.data_tables import data_tables
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.figure_rows import figure_rows
from rmrp_analysis.selection import Selection
from rmrp_analysis.words import Words

TRAINED, BY_ORGANISATION = "people_trained", "people_trained_by_organisation"


def people_trained(selection: Selection) -> Contributions:
    """New beneficiaries of indicators that count people trained or informed."""
    method = selection.method.model_copy(update={"counted_indicator_types": ("people",)})
    return replace(replace(selection, method=method).people_reached(), name=TRAINED)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Definition(TRAINED, "people", "People trained", "New beneficiaries of training.", counted=people_trained)
    breakdown = BreakdownDefinition(TRAINED, ("organisation",), "People trained, by organization", "By organization")
    monkeypatch.setitem(FIGURES, TRAINED, figure)
    monkeypatch.setitem(BREAKDOWNS, BY_ORGANISATION, breakdown)


@pytest.fixture
def trained(plan: Build, activities: Build) -> Plan:
    return plan(
        activities(
            indicator_type=["people", "people", "people in need"],
            appealing_organisation=["IOM", "NRC", "IOM"],
            new_beneficiaries=[3, 40, 500],
        )
    )


def in_every_file(figures: KeyFigures, figure: str) -> list[list[object]]:
    """What each file states of a figure or of the parts of a breakdown: ``figures.csv``, JSON, Excel and CSV beside."""
    records, tables = figures.as_records(), data_tables(Printed(figures, Words("en")), "Title", "health")["tables"]
    stated = [row for table in tables for row in table["rows"] if figure in (row.get("code"), table["name"])]
    return [
        [row["value"] for row in figure_rows(figures.rows.assign(method="m")) if row["figure"] == figure],
        [
            row["value"]
            for row in records["tables"].get(figure, records["figures"])
            if row.get("name", figure) == figure
        ],
        [row["value"] for row in stated],
    ]


def test_a_declared_figure_stands_in_every_file(trained: Plan) -> None:
    figures = key_figures(trained.select("Health"))
    assert (figures.value("people_reached"), figures.value(TRAINED)) == (500, 3 + 40)
    assert in_every_file(figures, TRAINED) == [[43], [43], [43]]


def test_a_declared_breakdown_stands_in_every_file(trained: Plan) -> None:
    figures = key_figures(trained.select("Health"))
    assert in_every_file(figures, BY_ORGANISATION) == [[3, 40], [3, 40], [3, 40]]


def test_a_declared_figure_and_its_breakdown_lead_back_to_their_rows(trained: Plan) -> None:
    health = trained.select("Health")
    assert health.trace(TRAINED)["contribution"].to_list() == [3, 40]
    assert health.trace(BY_ORGANISATION)["part"].to_list() == ["IOM", "NRC"]


def test_few_people_of_a_declared_figure_are_withheld_in_every_file(plan: Build, activities: Build) -> None:
    few = plan(activities(indicator_type="people", new_beneficiaries=[3]))
    figures = for_audience(key_figures(few.select("Health")), "public")
    assert figures.figures[TRAINED].suppressed
    assert in_every_file(figures, TRAINED) == [[""], [None], [None]]
    assert in_every_file(figures, BY_ORGANISATION) == [[""], [None], [None]]
    printed = Printed(figures, Words("en"))
    assert printed.figure(TRAINED) == "withheld"


def test_a_small_part_of_a_declared_breakdown_cannot_be_worked_out(trained: Plan) -> None:
    figures = for_audience(key_figures(trained.select("Health")), "public")
    assert in_every_file(figures, TRAINED) == [[43], [43], [43]]
    assert in_every_file(figures, BY_ORGANISATION) == [["", ""], [None, None], [None, None]]
