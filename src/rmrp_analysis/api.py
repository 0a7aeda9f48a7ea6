"""The functions that an analyst calls first: read a plan, check it, make its reports."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from rmrp_analysis.arguments import Period, in_sentences
from rmrp_analysis.errors import InputRefused, ReportFailed, RequestError
from rmrp_analysis.method import Method
from rmrp_analysis.packs.pack import check_pack, use
from rmrp_analysis.params import BUNDLED_PLAN, PARAMS_FILE, find_shipped_folder, load_run_params, seen_from_notebook
from rmrp_analysis.plan import Months, Plan, Selection, kept_plan
from rmrp_analysis.sources import SOURCES_FILE


def bundled_plan() -> Path:
    """Return the folder of the bundled plan.

    Its activities and flows of money are invented for illustration.

    >>> (rmrp.bundled_plan() / "sources.yml").is_file()
    True
    """
    return find_shipped_folder(BUNDLED_PLAN)


@in_sentences
def load_plan(
    source: Path | str | pd.DataFrame, *, repairs: Sequence[str] = (), pack: Path | str | None = None
) -> Plan:
    """Read a plan, with its corrections and these repairs of activities made.

    Args:
        source: A data folder with its ``sources.yml``, or a project (its folder or parameter file) with its repairs,
            period and method. Or one workbook or other file of activities, with its other sheets. Or a table of
            activities, with the column names of such files.
        repairs: The cleaning steps of R4V that are made, by R4V's names (see *Your own data*). By default the
            project's.
        pack: The folder of the plan pack. By default the project's, or without a project the process's (see *Plan
            packs*).

    Returns:
        The plan. A row that cannot be used is refused alone, and kept in ``Plan.refused`` with the reason.

    Raises:
        InputRefused: A file is missing, damaged or lacks columns.
        RequestError: A repair is unknown, or nothing can be read.

    >>> repaired = rmrp.load_plan(rmrp.bundled_plan(), repairs=["total_lower_new"])
    >>> repaired.year.year, len(repaired.activities)
    (2021, 19980)
    >>> project = rmrp.load_plan("params/2021-end-of-year.yml")
    >>> project.select("Health").period.months[-1]
    '2021-12'
    """
    from rmrp_analysis import loaders, quality  # in a run, a process of its own reads the plan
    from rmrp_analysis.loaders.sheet_inputs import sources_of

    if pack is not None:
        with use(check_pack(seen_from_notebook(pack) or Path(pack), "pack")):
            return load_plan(source, repairs=repairs)
    if isinstance(source, pd.DataFrame):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "dataframe.json"
            _write(source, path)
            try:
                return load_plan(path, repairs=repairs)
            except InputRefused as problem:
                raise InputRefused(str(problem).replace(str(path), "the DataFrame")) from None
    if not isinstance(source, str | Path):
        raise RequestError(f"a plan is read from a folder, a parameter file, a workbook or a DataFrame, not {source!r}")
    path = seen_from_notebook(source) or Path(source)
    is_project = path.is_dir() and not (path / SOURCES_FILE).is_file() and (path / PARAMS_FILE).is_file()
    file = path / PARAMS_FILE if is_project else path
    if file.name == SOURCES_FILE:
        return load_plan(file.parent, repairs=repairs)
    if file.suffix.lower() in (".yml", ".yaml"):
        params = load_run_params(file)
        with use(params.pack):
            plan = quality.repair_plan(loaders.load_plan(params.data, project=file.parent), repairs or params.repairs)
            return plan.follow_project(params.method, params.period)
    if path.is_file():
        plan = loaders.load_plan(path.parent, sources_of(path, bundled_plan()))
    else:
        plan = kept_plan(path) or loaders.load_plan(path)
    return quality.repair_plan(plan, repairs)


def _write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a JSON file that is read like any other: a list of rows.

    An index with a name becomes columns, any other is left out. Finite numbers and booleans stay, all others become
    text, and missing cells ``null``. Raises ``InputRefused`` if two columns have one name.
    """
    plain = table.reset_index() if any(table.index.names) else table
    texts = plain.columns[~(plain.dtypes.map(is_numeric_dtype) | plain.dtypes.map(is_bool_dtype))]
    names = [str(name) for name in plain]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputRefused(f"the DataFrame: two columns are named '{twice[0]}'")
    cells = plain.astype(dict.fromkeys(texts, "string")).astype("object").where(plain.notna(), None)
    cells = cells.replace({np.inf: "inf", -np.inf: "-inf"})  # which JSON has no number for
    path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in cells.to_numpy()]), encoding="utf-8")


@in_sentences
def check(plan: Plan | Selection, *, period: Months | None = None, method: Method | None = None) -> pd.DataFrame:
    """Find the cells of activities that look wrong, a row for each finding.

    Findings with most people in doubt come first.

    Args:
        plan: A plan, or a selection. For a selection, only its own activities are checked, by its period and method.
        period: For a plan, the months that are checked, as ``Period.parse`` reads them. By default the project's or the
            plan's.
        method: For a plan, how figures are counted, which decides who is in doubt. By default the project's.

    Returns:
        A row for each finding.

        - ``file``, ``line``, ``column``: where the finding stands
        - ``check``: its name, ``family``: the kind of check, ``r4v_check``: R4V's name
        - ``severity``: ``error``, ``warning`` or ``note``
        - ``value`` and ``allowed``: the content of the cell, and the right content
        - ``people``: how many people it puts in doubt. Never add them, because one row may have several findings

    Raises:
        RequestError: A period or a method is given with a selection.

    >>> rmrp.check(health).loc[0, ["file", "column", "check"]].to_list()
    ['activities.csv.gz', 'implementing_partner', 'missing_implementing_partner']
    """
    from rmrp_analysis import quality

    if not isinstance(plan, Plan) and (period is not None or method is not None):
        raise RequestError("check() of a selection has the period and method of the selection; select with others")
    if isinstance(plan, Plan):
        months = plan.period or plan.whole_year if period is None else Period.parse(period)
        with use(plan.pack):
            return quality.findings(plan, period=months, method=method or plan.method)
    with use(plan.plan.pack):
        findings = quality.findings(plan.plan, period=plan.period, method=plan.method)
    lines = pd.MultiIndex.from_frame(plan.activities[["source_file", "source_line"]])
    is_selected = pd.MultiIndex.from_frame(findings[["file", "line"]]).isin(lines)
    return findings[is_selected].reset_index(drop=True)


@in_sentences
def run(params: Path | str, *, out: Path | str = "reports", only: Sequence[str] = (), force: bool = False) -> Path:
    """Make every report of a parameter file, and return the run's folder.

    ``rmrp run`` does the same.

    Args:
        params: The parameter file.
        out: The folder in which the run's folder is made.
        only: The sectors of the sheets to make, in any spelling. By default all sectors of the file.
        force: Whether to make unchanged reports again.

    Raises:
        RequestError: The parameter file cannot be used.
        InputRefused: The data are over a limit of the method.
        ReportFailed: Some reports failed or are refused, and it names them. The others are made.

    >>> params = "params/2021-end-of-year.yml"
    >>> rmrp.run(params, out="reports", only=["Common Services"]).name
    '2021-end-of-year'
    """
    from rmrp_analysis.publish.run.batch import render
    from rmrp_analysis.publish.run.preparation import prepare_run

    path = Path(params)
    run_params = load_run_params(path)
    with use(run_params.pack):
        reports = render(prepare_run(path, run_params, only=only), Path(out), force=force)
    from rmrp_analysis.publish.records.manifest import FAILED_OUTCOMES

    failed = [f"{report.params.id}: {report.error}" for report in reports if report.status in FAILED_OUTCOMES]
    if failed:
        raise ReportFailed("\n".join(failed))
    return Path(out) / run_params.run


@in_sentences
def diff(before: Path | str, after: Path | str) -> pd.DataFrame:
    """Compare two runs, and return a row for each number that changed, news first.

    ``rmrp diff`` does the same.

    Args:
        before: The folder of a run, or its ``figures.csv``.
        after: Another one of the same kind.

    Returns:
        A row for each number that changed.

        - ``report``, ``figure``, ``part``: the number. ``part`` is empty for a figure itself
        - ``unit``: ``people``, ``usd``, ``count`` or ``share``
        - ``kind``: *changed*, *new* or *gone*
        - ``before``, ``after``, ``difference``: in that unit, NaN if not known
        - ``news``: the absolute amounts of all kinds of change but new months, added up
        - a column for each kind of change that moved a number: they add up to the difference

    Raises:
        RequestError: A folder is not the folder of a run.

    >>> rmrp.diff("reports/2021-end-of-year", "reports/2022")
    Traceback (most recent call last):
    ...
    rmrp_analysis.errors.RequestError: reports/2021-end-of-year is not the folder of a run: ...
    """
    from rmrp_analysis.publish.comparison.difference import compare_runs
    from rmrp_analysis.publish.comparison.published import PublishedRun, read_run
    from rmrp_analysis.publish.records.figures import read_figure_rows
    from rmrp_analysis.publish.records.manifest import Manifest
    from rmrp_analysis.publish.records.publication import Publication

    paths = (Path(before), Path(after))
    are_tables = all(path.is_file() for path in paths)
    with use(Publication(paths[1]).find_pack()):
        runs = [
            PublishedRun(path.parent, Manifest(), read_figure_rows(path)) if are_tables else read_run(path)
            for path in paths
        ]
        return compare_runs(*runs).changes


@in_sentences
def proof(text: Path | str, run: Path | str) -> pd.DataFrame:
    """Check each number of a text against a run, a row for each number.

    The row says whether the run bears the number, and where it stands. ``rmrp proof`` does the same. Unknown numbers,
    and numbers of few people, bear nothing.

    Args:
        text: The text itself, or its file: a single line that ends in .txt, .md, .html, .eml, .docx or .pdf is a file.
        run: The folder of a run.

    Returns:
        A row for each number of the text.

        - ``number`` as it is written. ``sentence``, ``file``, ``place`` and ``at``: its position
        - ``verdict``: *borne* by a figure, *derived* from named parts (their sum, their share), *printed* between the
          same words in a page of the run, *earlier* if only an earlier edition bears it, *not borne*
        - ``report``, ``figure``, ``part``: the figure that bears it, or otherwise the nearest figure
        - ``value``: the value of that figure, shares from 0 to 1. An *earlier* number has its present value (NaN: no
          longer stated)
        - ``edition``: the day of that earlier edition
        - ``why``: why an *earlier* number moved

    Raises:
        RequestError: The format of the file is not read, or the folder is not the folder of a run.
        InputRefused: The file is damaged.

    >>> folder = rmrp.run("params/2021-end-of-year.yml", only=["Common Services"])
    >>> text = "Common Services: 27 partners reported 698 activities."
    >>> rmrp.proof(text, folder)[["number", "verdict", "figure", "value"]]
      number    verdict              figure  value
    0     27      borne  reporting_partners   27.0
    1    698  not borne          activities  689.0
    """
    from rmrp_analysis.publish.proof import proof as proofreading
    from rmrp_analysis.publish.records.publication import Publication

    with use(Publication(Path(run)).find_pack()):
        return proofreading.proofread_document(text, run)
