"""What checks find, repairs change and gates say of untidy data folders is what somebody has read and approved.

The folders stand in ``test_approved_checks.yml``; ``pytest --snapshot-update`` renews what was approved.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from approved import lines_of
from conftest import count_at_once, drawn
from data_folders import brief, described_folder, said
from rmrp_analysis import quality
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.method import Limits, Method
from rmrp_analysis.quality import feedback, gate, joins, money, obstacles, planning, repairs, review, sheets

CASES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def fed_back(rows: feedback.RowsToReview) -> list[Any]:
    sent = [(row.file, row.line, len("".join(row.cells.values())), list(map(asdict, row.doubts))) for row in rows.rows]
    reports = rows.reports[["country", "sector", "month", "state"]].agg(" ".join, axis=1)
    return [rows.organisation, rows.language, sent, list(reports), brief(rows.changes)]


def reviewed(folder: Path, case: dict[str, Any], language: str) -> dict[str, Any]:
    """What a case asks for of a data folder."""
    if "drawn" in case:
        rows = drawn(**case["drawn"])
        lines = [",".join([*line, "…\n"]) for line in ([*rows], *zip(*rows.values(), strict=True))]
        case["folder"]["files"]["activities.csv"] = "".join(lines)
    plan = load_plan(described_folder(folder, **case["folder"]))
    period, method = Period.parse(case.get("period", "2021-01/2021-06")), Method(**case.get("method", {}))
    options: dict[str, Any] = {"period": period, "method": method}
    there = [name for name, (first, *_) in repairs.STEPS_BY_REPAIR.items() if first.needs in ("", *plan.references)]
    done = quality.review_plan(plan, repairs=tuple(case.get("repairs", ())), **options)
    after, places = done.after, [tuple(sheet) for sheet in case.get("sheets", ())]
    condition = gate.ConditionMeasures(after, period, method, language).condition
    measures = map(condition, case.get("names", Limits.model_fields))
    listed = [plan.planned_places, after.funding_flows, after.funding_totals]
    keys = [dict(zip(("sector", "place", "organisation"), filter(None, sheet), strict=False)) for sheet in places]
    chosen = [after.select(**key, **options) for key in keys]
    makers: dict[str, Callable[[], Any]] = {
        "plan": lambda: [after.repairs, after.names_withheld, done.not_run, brief(after.activities)],
        "tables": lambda: [brief(table) for table in listed if table is not None],
        "money": lambda: brief(money.money_findings(plan)),
        "planned": lambda: brief(planning.planning_findings(plan)),
        "faults": lambda: {name: brief(rows) for name, rows in done.faults().groupby("check", sort=False)},
        "order": lambda: " ".join(map(str, done.faults()["line"])),
        "checks": lambda: brief(done.by_check().reset_index()),
        "changes": lambda: brief(done.changes()),
        "each": lambda: {name: brief(repairs.apply_repair(plan, name).changes) for name in there},
        "effects": lambda: brief(review.effects_of_repairs(done)),
        "steps": lambda: brief(review.steps_to_people_reached(done)),
        "doubt": lambda: brief(review.people_in_doubt(done, "appealing_organisation").reset_index()),
        "joins": lambda: [joins.join_message(audit, language) for audit in done.joins],
        "conditions": lambda: [(each.name, each.share, each.sentence) for each in measures if each.share],
        "stops": lambda: said(gate.check_trusted, gate.conditions(after, **options, language=language), "x", language),
        "later": lambda: gate.after_period(after, period),
        "sheets": lambda: [brief(sheets.sheet_conditions(after, places, **options)), sheets.sectors_not_listed(after)],
        "told": lambda: sheets.explain_refused_sheets(after, places, language=language, **options),
        "elsewhere": lambda: dict(sorted(sheets.shares_elsewhere(after, **options).items())),
        "obstacles": lambda: [*map(count_at_once, [chosen]), *(brief(obstacles.obstacles(each)) for each in chosen)],
        "to review": lambda: [(brief(review.people_to_review(each)), len(review.findings_of(each))) for each in chosen],
        "feedback": lambda: list(map(fed_back, feedback.rows_to_review(done))),
    }
    return {name: makers[name]() for name in case["say"]}


@pytest.mark.parametrize("name", CASES)
def test_a_data_folder_is_reviewed_as_approved(
    name: str, here: Path, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "people_reached", lambda plan, **_: plan.activities["new_beneficiaries"].sum())
    language = ("en", "es", "pt")[[*CASES].index(name) % 3]
    assert lines_of(said(reviewed, here, CASES[name], language)) == snapshot
