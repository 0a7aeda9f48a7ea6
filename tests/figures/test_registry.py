"""A declared figure or breakdown is counted, rounded, traced and written to every file, without another line."""

from dataclasses import replace
from typing import get_args

import pytest

from conftest import activities, as_printed, plan
from rmrp_analysis.figures import (
    BREAKDOWNS,
    FIGURES,
    SUM_FUNCTION_BY_SPECIAL,
    BreakdownDefinition,
    Definition,
    KeyFigures,
    for_audience,
)
from rmrp_analysis.figures.counting import people_reached
from rmrp_analysis.figures.parts import list_fixed_parts_by_word
from rmrp_analysis.figures.registry import Parts
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import Contributions, Sheets
from rmrp_analysis.page import Page
from rmrp_analysis.page.data_tables import build_data_tables
from rmrp_analysis.publish.records.figures import list_figure_rows

TRAINED, BY_ORGANISATION = "people_trained", "people_trained_by_organisation"


def people_trained(sheets: Sheets) -> Contributions:
    """New beneficiaries of indicators that count people trained or informed."""
    method = sheets.method.model_copy(update={"counted_indicator_types": ("people",)})
    return replace(people_reached(replace(sheets, method=method)), name=TRAINED)


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Definition(TRAINED, "people", "People trained", "New beneficiaries of training.", count=people_trained)
    breakdown = BreakdownDefinition(
        figure=TRAINED,
        by=("organisation",),
        sum_of=TRAINED,
        special="",
        key="group",
        shown="people",
        if_any="",
        parts="by name",
        missing="no_report",
        label="People trained, by organization",
        tab="By organization",
    )
    monkeypatch.setitem(FIGURES, TRAINED, figure)
    monkeypatch.setitem(BREAKDOWNS, BY_ORGANISATION, breakdown)


REPORTS = plan(
    activities(
        indicator_type=["people", "people", "people in need"],
        appealing_organisation=["IOM", "NRC", "IOM"],
        new_beneficiaries=[3, 40, 500],
    )
)


def in_every_file(figures: KeyFigures, figure: str) -> list[list[object]]:
    """What each file states of a figure or of the parts of a breakdown: ``figures.csv``, JSON, Excel and CSV beside."""
    records, tables = figures.as_records(), build_data_tables(as_printed(figures), "Title", "health")["tables"]
    stated = [row for table in tables for row in table["rows"] if figure in (row.get("code"), table["name"])]
    rows = list_figure_rows(figures.rows.assign(method="m", caution=""))
    return [
        [row["value"] for row in rows if row["figure"] == figure],
        [
            row["value"]
            for row in records["tables"].get(figure, records["figures"])
            if row.get("name", figure) == figure
        ],
        [row["value"] for row in stated],
    ]


def test_a_declared_figure_and_its_breakdown_stand_in_every_file_and_lead_to_their_rows() -> None:
    figures = REPORTS.select("Health").key_figures()
    assert (figures.value("people_reached"), figures.value(TRAINED)) == (500, 3 + 40)
    assert in_every_file(figures, TRAINED) == [[43], [43], [43]]
    assert in_every_file(figures, BY_ORGANISATION) == [[3, 40], [3, 40], [3, 40]]
    health = REPORTS.select("Health")
    assert health.trace(TRAINED)["contribution"].to_list() == [3, 40]
    assert health.trace(BY_ORGANISATION)["part"].to_list() == ["IOM", "NRC"]


def test_a_declared_figure_and_its_breakdown_are_rounded_and_few_people_said() -> None:
    figures = for_audience(REPORTS.select("Health").key_figures(), "public")
    whole, parts = (in_every_file(figures, name) for name in (TRAINED, BY_ORGANISATION))
    assert whole[0] == whole[1] == whole[2]
    assert whole[0][0] in (40, 50)
    assert parts[0] == parts[1] == parts[2]
    assert parts[0][0] in (0, 10)
    assert parts[0][1] == 40
    figures = replace(for_audience(REPORTS.select("Health").key_figures(), "public"))
    rows = figures.rows.assign(status="few", value=0.0)
    assert as_printed(replace(figures, rows=rows)).format_figure(TRAINED) == "<\u202f10"


def test_a_declared_figure_of_people_says_why_it_is_not_known_or_nobody() -> None:
    trained = activities(indicator_type="people", sector=["Health", "WASH"], new_beneficiaries=30, month="2022-01")
    model, services = Method(intersector_model="max_sector"), activities(indicator_type="other", new_beneficiaries=None)
    for selection, status, reason in (
        (plan(trained, year=2022).select("Intersector", method=model), "not_known", "no_proportions"),
        (plan(services).select("Health"), "known", "services_only"),
        (plan(activities(new_beneficiaries=50)).select("Health"), "known", ""),
    ):
        (row,) = selection.table().query("figure == @TRAINED").to_dict("records")
        assert (row["status"], row["reason"]) == (status, reason)


def test_rows_whose_dimension_is_empty_are_a_part_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    by_mechanism = replace(BREAKDOWNS[BY_ORGANISATION], by=("delivery_mechanism",), parts="largest first")
    monkeypatch.setitem(BREAKDOWNS, by_mechanism.name, by_mechanism)
    reports = activities(indicator_type="people", delivery_mechanism=["", "ATM", ""], new_beneficiaries=[30, 5, 400])
    health = plan(reports).select("Health")
    assert health.key_figures().breakdowns[by_mechanism.name].values() == {"ATM": 5, "not specified": 30 + 400}
    traced = health.trace(by_mechanism.name).groupby("part")["contribution"].sum()
    assert traced.to_dict() == {"ATM": 5, "not specified": 30 + 400}
    page = Page(health)
    page.bars(page.breakdown(by_mechanism.name))
    assert page.blocks[-1].view["kicker"] == by_mechanism.label


def test_every_breakdown_says_what_it_is_the_sum_of() -> None:
    assert {each.sum_of for each in BREAKDOWNS.values()} <= {*FIGURES, "people_compared"}
    assert {each.special for each in BREAKDOWNS.values()} == {"", *SUM_FUNCTION_BY_SPECIAL}
    listed = {*list_fixed_parts_by_word(REPORTS.select("Health").sheets)}
    assert {*get_args(Parts)} == {*listed, "countries", "targets", "largest first", "by name"}
    of_others = {name: each.sum_of for name, each in BREAKDOWNS.items() if each.sum_of != each.figure}
    assert of_others == {
        **{name: "people_compared" for name in BREAKDOWNS if name.startswith(("target_coverage", "people_to_reach"))},
        **dict.fromkeys(["plan_funding_usd_by_sector_named", "plan_funding_usd_by_country_named"], "funding_usd"),
    }


def test_a_declared_figure_of_people_is_not_known_where_that_is_so_of_people_reached() -> None:
    unreported = plan().select("WASH").key_figures()
    assert (unreported.value(TRAINED), unreported.figures[TRAINED].reason) == (None, "no_report")
    numbers = {"new_beneficiaries": 0, "total_monthly_beneficiaries": 90}
    nobody_new = plan(activities(indicator_type="people", **numbers)).select("Health").key_figures()
    assert (nobody_new.value(TRAINED), nobody_new.figures[TRAINED].reason) == (None, "not_counted")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(TRAINED, {"unit": "persons"}), *((BY_ORGANISATION, {key: "x"}) for key in ("key", "parts", "if_any", "missing"))],
)
def test_a_word_that_no_declaration_has_is_refused(name: str, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}|reasons.csv has no 'x'"):
        replace(FIGURES.get(name) or BREAKDOWNS[name], **wrong)


def test_a_breakdown_by_two_dimensions_says_what_its_parts_are() -> None:
    with pytest.raises(ValueError, match="people_trained_by_organisation_and_month: two dimensions need a 'special'"):
        replace(BREAKDOWNS[BY_ORGANISATION], by=("organisation", "month"))
