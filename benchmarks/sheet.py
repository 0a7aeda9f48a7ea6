"""What one sheet costs in CPU, step by step, in a fork of a process that rehearsed: ``make bench``.

Each sheet is made ``--times`` times, each time in a fork of its own, and the best counts. Time is that of the process
(user and system, all threads), not of the clock. The figures are computed in the parent and are no part of it.
"""

import argparse
import gc
import json
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params" / "2021-end-of-year.yml"


def main() -> None:
    """Print milliseconds by step: of each sheet, their mean, and what the steps come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("params", nargs="?", type=Path, default=PARAMS, help="parameter file")
    parser.add_argument("--only", default="", help="sheets whose id has this in it")
    parser.add_argument("--times", type=int, default=5, help="forks of each sheet")
    parser.add_argument("--blocks", action="store_true", help="each part of the page by itself")
    options = parser.parse_args()

    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.params import load_run_params
    from rmrp_analysis.plan import keep_plan
    from rmrp_analysis.publish.run.rehearsal import rehearse

    run = load_run_params(options.params)
    keep_plan(run.data, load_plan(run.data))
    reports = [report for report in run.reports() if options.only in report.id]
    started = spent()
    rehearse(reports)
    gc.collect()
    gc.freeze()  # else a fork looks through all of it
    print(f"rehearsal: {1000 * (spent() - started):.0f} ms")
    rows = {}
    for report in reports:
        make = partial(steps_of, report, figures_of(report), options.blocks)
        rows[report.id] = best([in_fork(make) for _ in range(options.times)])
    show(rows)


def figures_of(report: Any) -> Any:
    """The exact figures of a report."""
    import rmrp_analysis as rmrp

    plan = rmrp.load_plan(report.data, repairs=report.repairs)
    selection = plan.select(**report.selected)
    return selection, selection.key_figures()


def steps_of(report: Any, figures: Any, by_block: bool) -> dict[str, float]:
    """Seconds of CPU by step."""
    from rmrp_analysis import theme
    from rmrp_analysis.page import Page
    from rmrp_analysis.page import page as page_module
    from rmrp_analysis.publish.documents import pdf as pdf_module
    from rmrp_analysis.publish.documents.data_files import data_csv, data_workbook
    from rmrp_analysis.publish.documents.html import html_page
    from rmrp_analysis.publish.documents.outputs import read_document

    took: dict[str, float] = defaultdict(float)

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        started = spent()
        yield
        took[step] += spent() - started

    selection, known = figures
    page_module.key_figures = lambda _: known
    with timed("decided figures"):
        page = Page(selection, **{name: getattr(report, name) for name in OPTIONS})
    for part, draw in parts_of(page):
        with timed(f"  {part}" if by_block else "blocks"):
            draw()
    with timed("figures as data"):
        files = page.figures()
    with timed("block html"):
        shown = [block._repr_mimebundle_() for block in page.blocks]
    notebook = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", each) for each in shown])])
    with timed("html"):
        html_page(read_document(notebook))
    with timed("document"):
        source = theme.typst_source(read_document(notebook).sheets)
    structure = pdf_module._readable_aloud
    pdf_module._readable_aloud = bytes
    with timed("typst"):
        pdf = pdf_module._typeset(source)
    with timed("headers"):
        structure(pdf)
    with timed("workbook"):
        data_workbook(files.tables)
    with timed("csv"):
        data_csv(files.tables)
    return took


OPTIONS = ("title", "language", "narratives", "audience", "provisional", "revision")


def parts_of(page: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    """The lines of the shipped notebook, by the part that each of them adds."""
    import rmrp_analysis as rmrp

    def drawn(name: str, *arguments: Any, **options: Any) -> tuple[str, Callable[[], None]]:
        return name, lambda: getattr(page, name)(*arguments, **options)

    yield drawn("opening")
    yield drawn("headline")
    yield drawn("people")
    yield drawn("counts", "reporting_partners", "implementing_partners", "activities")
    yield drawn("partners")
    yield drawn("funding")
    yield drawn("sectors")
    yield drawn("places")
    yield drawn("months", rmrp.charts.months)
    yield drawn("bars", "people_reached_by_model")
    yield drawn("bars", "people_reached_by_population_group")
    yield drawn("bars", "people_reached_by_age_gender")
    yield drawn("donors", rmrp.charts.flows)
    yield drawn("narrative", "Situation", "Response", "Lessons learned")
    yield drawn("bars", "people_reached_by_indicator")
    yield drawn("to_mend")
    yield drawn("account")


def in_fork(make: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What a function returns in a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.write(writing, json.dumps(make()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    if os.waitpid(child, 0)[1]:
        raise SystemExit("a sheet failed")
    return json.loads(text)


def best(times: list[dict[str, float]]) -> dict[str, float]:
    """The least of each step."""
    return {step: min(each[step] for each in times) for step in times[0]}


def show(rows: dict[str, dict[str, float]]) -> None:
    """A table of milliseconds: a row a step, a column a sheet."""
    steps = list(dict.fromkeys(step for row in rows.values() for step in row))
    names = [name.split(".")[0][:9] for name in rows]
    print(f"{'ms of CPU':18}{'mean':>8}", *(f"{name:>9}" for name in names))
    for step in steps:
        times = [1000 * row.get(step, 0) for row in rows.values()]
        print(f"{step:18}{sum(times) / len(times):8.1f}", *(f"{time:9.1f}" for time in times))
    times = [1000 * sum(row.values()) for row in rows.values()]
    print(f"{'all':18}{sum(times) / len(times):8.1f}", *(f"{time:9.1f}" for time in times))


def spent() -> float:
    """Seconds of CPU of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
