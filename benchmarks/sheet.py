"""What one sheet costs in CPU, step by step, in a fork of a process in which all is read: ``make bench``.

One fork makes each sheet ``--times`` times, and the best counts. Time is that of the process
(user and system, all threads), not of the clock. The figures are counted in the parent and are no part of it.
"""

import argparse
import json
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params" / "2021-end-of-year.yml"


def main() -> None:
    """Print milliseconds by step, of each sheet and their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("params", nargs="?", type=Path, default=PARAMS, help="parameter file")
    parser.add_argument("--only", default="", help="sheets whose id has this in it")
    parser.add_argument("--times", type=int, default=5, help="how often each sheet is made")
    options = parser.parse_args()

    from rmrp_analysis.params import load_run_params
    from rmrp_analysis.publish.engine.workers import USUAL_LIMITS, run_tasks_in_forks
    from rmrp_analysis.publish.run.parallel_preparation import prepare_run_in_parallel

    run = prepare_run_in_parallel(options.params, load_run_params(options.params))
    reports = [report for report in run.reports if options.only in report.id for _ in range(options.times)]
    made = run_tasks_in_forks(
        reports, lambda report: json.dumps(rounding_steps(report, run.params.notebook)), jobs=1, limits=USUAL_LIMITS
    )
    table = pd.DataFrame([{"sheet": report.id} | json.loads(steps) for report, steps in made]).groupby("sheet").min()
    table.loc["mean"] = table.mean()
    print(table.assign(all=table.sum(axis="columns")).mul(1000).round(1).to_string())


def rounding_steps(report: Any, notebook: Path) -> Mapping[str, float]:
    """Seconds of CPU by step."""
    from rmrp_analysis import theme
    from rmrp_analysis.publish.documents.data_files import format_data_csv, make_data_workbook
    from rmrp_analysis.publish.documents.html import render_html_page
    from rmrp_analysis.publish.documents.outputs import read_document
    from rmrp_analysis.publish.documents.pdf import render_pdf
    from rmrp_analysis.publish.engine.execution import run_notebook
    from rmrp_analysis.publish.engine.privacy import find_visible_paths, prepare_for_readers

    took: dict[str, float] = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        started = spent()
        yield
        took[step] = spent() - started

    with timed("notebook"):
        executed = run_notebook(report, notebook)
    with timed("privacy"):
        executed = prepare_for_readers(executed, report, notebook.parent, find_visible_paths(report, notebook.parent))
    with timed("document"):
        document = read_document(executed)
    with timed("html"):
        render_html_page(document)
    with timed("pdf"):
        render_pdf(document)
    outputs = [output.data for cell in executed.cells for output in cell.get("outputs", ()) if "data" in output]
    tables = next(data[theme.TABLES_MIME] for data in outputs if theme.TABLES_MIME in data)
    with timed("workbook"):
        make_data_workbook(tables)
    with timed("csv"):
        format_data_csv(tables)
    return took


def spent() -> float:
    """Seconds of CPU of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
