"""The functions that an analyst calls first: read a plan, check it, make its reports."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.method import Method, Period
from rmrp_analysis.params import BUNDLED_PLAN, load_run_params, shipped_folder
from rmrp_analysis.plan import Plan, Selection, kept_plan


def bundled_plan() -> Path:
    """The folder of the bundled plan, whose activities and flows of money are invented for illustration.

    >>> (bundled_plan() / "sources.yml").is_file()
    True
    """
    return shipped_folder(BUNDLED_PLAN)


def load_plan(folder: Path | str, *, repairs: Sequence[str] = ()) -> Plan:
    """Read a data folder by its ``sources.yml``, with its corrections and these repairs of activities made.

    Raises ``InputRefused`` when a file is missing, damaged or lacks columns, ``RequestError`` for an unknown repair. A
    row that cannot be used is refused alone, and kept in ``Plan.refused`` with the reason.

    >>> plan = load_plan(bundled_plan(), repairs=["total_lower_new"])
    >>> plan.year.year, len(plan.activities)
    (2021, 19980)
    """
    plan = kept_plan(folder) or _read(folder)
    return plan.once(("repaired", frozenset(repairs)), lambda: _repaired(plan, repairs))


def _read(folder: Path | str) -> Plan:
    from rmrp_analysis import loaders  # in a run, a process of its own reads the plan

    return loaders.load_plan(folder)


def _repaired(plan: Plan, repairs: Sequence[str]) -> Plan:
    from rmrp_analysis import quality

    return quality.repaired(plan, repairs)


def check(plan: Plan | Selection, *, period: Period | str | None = None, method: Method | None = None) -> pd.DataFrame:
    """What looks wrong in the activities: a row a finding, those with most people in doubt first.

    ``people`` are those whose count the finding puts in doubt; never add them, since one row may have several findings.
    Of a selection only its own activities are looked at, by its period and method. Without ``period`` the plan's whole
    year is meant.

    >>> check(load_plan(bundled_plan())).columns[:4].to_list()
    ['file', 'line', 'column', 'check']
    """
    from rmrp_analysis import quality

    if isinstance(plan, Plan):
        months = Period.parse(period) if period else plan.whole_year
        return quality.findings(plan, period=months, method=method or Method())
    findings = quality.findings(plan.plan, period=plan.period, method=plan.method)
    own = pd.MultiIndex.from_frame(plan.activities[["source_file", "source_line"]])
    return findings[pd.MultiIndex.from_frame(findings[["file", "line"]]).isin(own)].reset_index(drop=True)


def run(params: Path | str, *, out: Path | str = "reports", only: Sequence[str] = (), force: bool = False) -> Path:
    """Make every report of a parameter file, as ``rmrp run`` does; returns the run's folder.

    ``only`` names sectors. Unchanged reports are not made again unless ``force``. Raises ``InputRefused`` where the
    data are over a limit of the method, ``ReportFailed`` with the reports that failed; the others are there.

    >>> run("params/2021-end-of-year.yml", out="reports", only=["Common Services"]).name
    '2021-end-of-year'
    """
    from rmrp_analysis.publish.run.batch import render
    from rmrp_analysis.publish.run.preparation import prepare_run

    path = Path(params)
    run_params = load_run_params(path)
    reports = render(prepare_run(path, run_params, only=only), Path(out), force=force)
    failed = [f"{report.params.id}: {report.error}" for report in reports if report.status == "failed"]
    if failed:
        raise ReportFailed("\n".join(failed))
    return Path(out) / run_params.run


def proof(text: Path | str, run: Path | str) -> pd.DataFrame:
    """Say of each number in a text whether a run bears it, and where it stands: a row a number, as ``rmrp proof``.

    ``text`` is the text itself, or the file of one (.txt, .md, .html, .eml, .docx, .pdf); ``run`` is the folder of a
    run. The ``verdict`` is *borne* by a figure, *derived* from parts that are named (their sum, their share),
    *printed* between the same words in a page of the run, or *not borne*: ``report``, ``figure`` and ``part`` are the
    nearest then. Shares are 0 to 1. Numbers that are not known, or of few people, bear nothing. Raises
    ``RequestError`` for another format or folder, ``InputRefused`` for a damaged file.

    >>> folder = run("params/2021-end-of-year.yml", only=["Common Services"])
    >>> proof("Common Services: 27 partners reported 698 activities.", folder)[["number", "verdict", "figure", "value"]]
      number    verdict             figure  value
    0     27      borne  reporting_partners   27.0
    1    698  not borne         activities  689.0
    """
    from rmrp_analysis.publish.proof import proof as proofreading

    return proofreading.proof(text, run)
