"""What was published before: the sheets of earlier public runs beside a run, from whose numbers others could follow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rmrp_analysis.disclosure import Sheet, cell_name, people_rows
from rmrp_analysis.errors import RequestError
from rmrp_analysis.figures import key_figures
from rmrp_analysis.method import Period
from rmrp_analysis.params import RunParams
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.publication import json_object
from rmrp_analysis.vocabulary import PLACES, fold


def earlier_sheets(out: Path, params: RunParams, plan: Plan) -> list[Sheet]:
    """The sheets of every public run of the plan in this folder, with what they print; one for all languages.

    Runs that lie elsewhere are those that the parameters name. What they withhold is counted anew from the plan, since
    no file has it. A sheet of a place or an organisation that the plan does not know is of other data, and left out.
    Raises ``RequestError`` where the run's policy is ``months in blocks`` and another run has published some of its
    months.
    """
    if params.audience == "internal":
        return []
    found: dict[tuple[Path, str], Sheet] = {}
    organisations = {"", *map(fold, plan.organisations)}
    for path in (*sorted(out.glob("*/run.json")), *(folder / "run.json" for folder in params.published)):
        for content in _reports_of(path):
            if content.get("plan") != params.plan or "rounded_to" in content:  # rounded numbers tell no differences
                continue
            if content["scope"] not in PLACES or fold(content.get("organisation", "")) not in organisations:
                continue  # of other data: nothing here is a part of it
            period = Period.model_validate(content["period"])
            _check_policy(params, period, path.parent.name)
            sheet = _sheet(content, period, params, plan)
            found.setdefault((path.parent.resolve(), sheet.report), sheet)
    return list(found.values())


def _reports_of(manifest: Path) -> Iterator[dict[str, Any]]:
    """The content of the reports' JSON files of a public run, in the order of their names."""
    if json_object(manifest).get("audience") != "public":
        return
    for path in sorted(manifest.parent.glob("*.json")):
        content = json_object(path)
        if content.get("audience") == "public" and "figures" in content:
            yield content


def _check_policy(params: RunParams, period: Period, run: str) -> None:
    own = params.period
    overlap = set(own.months) & set(period.months)
    if params.periods == "months in blocks" and overlap and (own, params.run) != (period, run):
        raise RequestError(
            f"the run '{run}' has published {period.start} to {period.end}, and this run covers {own.start} to "
            f"{own.end}; with `periods: months in blocks` each month is published once: choose other months"
        )


def _sheet(content: dict[str, Any], period: Period, params: RunParams, plan: Plan) -> Sheet:
    """A published report: its own numbers as they are printed, and those that it withholds as they are counted now."""
    printed = {
        **{(figure["name"], ""): figure["value"] for figure in content["figures"]},
        **{
            (name, str(next(iter(part.values())))): part["value"]
            for name, parts in content["tables"].items()
            for part in parts
        },
        **{("lost_people", cause): people for cause, people in content["lost_people"].items()},
    }
    ranges = {
        **{figure["name"]: tuple(figure["range"]) for figure in content["figures"] if "range" in figure},
        **{
            cell_name(name, str(next(iter(part.values())))): tuple(part["range"])
            for name, parts in content["tables"].items()
            for part in parts
            if "range" in part
        },
    }
    selection = plan.select(
        content["sector"],
        place=content["scope"],
        organisation=content.get("organisation", ""),
        period=period,
        method=params.method,
    )
    rows = people_rows(key_figures(selection).rows, {})
    values = {(figure, part): value for figure, part, value in rows}
    values |= {("lost_people", cause): people for cause, people in content["lost_people"].items() if people}
    told = {key: float(value) for key, value in printed.items() if value is not None and key in values}
    return Sheet(
        report=selection.report,
        sector=selection.sector,
        place=selection.place,
        period=period,
        method=params.method,
        rows=[(*key, told.get(key, value)) for key, value in values.items()],
        printed=frozenset(cell_name(*key) for key in told),
        ranges=ranges,
        organisation=selection.organisation,
    )
