"""What was published before counts: a run withholds what its difference to an earlier one would tell."""

from pathlib import Path

import pytest

from conftest import Build
from rmrp_analysis.errors import RequestError
from rmrp_analysis.files import write_json
from rmrp_analysis.method import Period
from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.earlier import earlier_sheets
from rmrp_analysis.publish.figure_rows import Decided, published_figures, with_decision

JAN_FEB, JAN_MARCH, MARCH = (Period.parse(text) for text in ("2021-01/2021-02", "2021-01/2021-03", "2021-03"))
WOMEN = "people_reached_by_age_gender[women]"


@pytest.fixture
def health(plan: Build, activities: Build) -> Plan:
    """People of Health by month, of whom few came in March; all are women but for some men in January."""
    people, men = [60.0, 50.0, 4.0], [20.0, 0.0, 0.0]
    women = [people[0] - men[0], *people[1:]]
    months = ["2021-01", "2021-02", "2021-03"]
    built: Plan = plan(activities(month=months, new_beneficiaries=people, women=women, men=men))
    return built


def params(period: Period, run: str, periods: str = "cumulative") -> RunParams:
    return RunParams.of(
        {"run": run, "title": "t", "plan": 2021, "period": period, "data": ".", "sectors": ["Health"]}
        | {"periods": periods}
    )


def published(plan: Plan, out: Path, run: RunParams) -> Decided:
    """The decision on a run, whose files then lie in the folder ``out``."""
    decided = with_decision(plan, run.reports(), earlier_sheets(out, run, plan))
    for report in decided.reports:
        content = {"audience": report.audience, **published_figures(plan, report).as_records()}
        write_json(out / run.run / f"{report.id}.json", content)
    write_json(out / run.run / "run.json", {"audience": run.audience})
    return decided


def instead(decided: Decided) -> dict[str, object]:
    (report,) = decided.reports
    return dict(report.instead or {})


def test_people_added_since_the_last_publication_are_not_told_where_they_are_few(health: Plan, tmp_path: Path) -> None:
    alone = instead(with_decision(health, params(JAN_MARCH, "b").reports()))
    assert "people_reached" not in alone
    assert WOMEN not in alone
    published(health, tmp_path, params(JAN_FEB, "a"))
    after = published(health, tmp_path, params(JAN_MARCH, "b"))
    assert instead(after)["people_reached"] == (100, 150)  # 114, of whom 110 are known
    assert instead(after)[WOMEN] is None
    assert after.decision
    assert after.decision.failed == []


def test_a_run_that_lies_elsewhere_counts_when_it_is_named(health: Plan, tmp_path: Path) -> None:
    published(health, tmp_path / "archive", params(JAN_FEB, "a"))
    run = params(JAN_MARCH, "b")
    assert "people_reached" not in instead(published(health, tmp_path, run))
    named = run.changed(published=[tmp_path / "archive" / "a"])
    assert instead(published(health, tmp_path / "new", named))["people_reached"] == (100, 150)


def test_sheets_of_organisations_that_the_plan_does_not_know_are_of_other_data(health: Plan, tmp_path: Path) -> None:
    (name,) = health.organisations
    run = params(JAN_FEB, "a").model_copy(update={"organisations": (name,)})
    published(health, tmp_path, run)
    assert {sheet.organisation for sheet in earlier_sheets(tmp_path, params(JAN_MARCH, "b"), health)} == {"", name}
    path = next(tmp_path.glob("a/*.by-*.json"))
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{name}"', '"Somebody Else"'), encoding="utf-8")
    assert {sheet.organisation for sheet in earlier_sheets(tmp_path, params(JAN_MARCH, "b"), health)} == {""}


def test_the_same_run_made_again_prints_the_same(health: Plan, tmp_path: Path) -> None:
    published(health, tmp_path, params(JAN_FEB, "a"))
    first = published(health, tmp_path, params(JAN_MARCH, "b"))
    assert instead(published(health, tmp_path, params(JAN_MARCH, "b"))) == instead(first)


def test_people_whom_no_figure_counts_are_not_told_by_a_difference_either(
    plan: Build, activities: Build, tmp_path: Path
) -> None:
    unknown = {"indicator_type": ["people in need", "unknown", "unknown"], "indicator_code": ["RE-HLTH01", "", ""]}
    months = ["2021-01", "2021-01", "2021-03"]
    lost: Plan = plan(activities(month=months, new_beneficiaries=[500.0, 50.0, 4.0], **unknown))
    name = "lost_people[unknown_indicator]"
    assert name not in instead(with_decision(lost, params(JAN_MARCH, "b").reports()))
    published(lost, tmp_path, params(JAN_FEB, "a"))
    assert instead(published(lost, tmp_path, params(JAN_MARCH, "b")))[name] is None


def test_an_internal_run_tells_readers_nothing(health: Plan, tmp_path: Path) -> None:
    published(health, tmp_path, params(JAN_FEB, "a").changed(audience="internal"))
    assert earlier_sheets(tmp_path, params(JAN_MARCH, "b"), health) == []


def test_in_blocks_no_month_is_published_twice(health: Plan, tmp_path: Path) -> None:
    published(health, tmp_path, params(JAN_FEB, "a", "months in blocks"))
    published(health, tmp_path, params(MARCH, "b", "months in blocks"))
    with pytest.raises(RequestError, match="the run 'a' has published 2021-01 to 2021-02"):
        published(health, tmp_path, params(JAN_MARCH, "c", "months in blocks"))
