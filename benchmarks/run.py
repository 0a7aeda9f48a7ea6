"""How fast sheets are made, against other ways and other circumstances, in one table: ``make bench``.

All sides make the same sheets from the same notebook on the same computer, one after the other; the sheets of the other
ways must have the same figures as ours. Other ways make ``--reports`` sheets, and the rest is reckoned by the sheet.
Numbers are medians of ``--times`` runs. All of it is kept in ``results.md``. ``--guard`` looks at one ratio alone.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from measuring import Cost, adopt, cost_of, median_of, peak_of, run
from others import browser, check_same_figures, chromium_version, libraries, loop, pages, versions, without_grammar
from rmrp_analysis.publish.engine.workers import CAN_FORK

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
RMRP = [sys.executable, "-m", "rmrp_analysis"]
SECTORS = ("Education", "Health", "Human Trafficking & Smuggling", "Shelter", "WASH")
RESULTS = FOLDER / "results.md"
BESIDE = ("reading.py", "figures.py", "sheet.py", "check.py")
"""What else ``make bench`` measures: each a script that prints its table."""
GUARD, GUARD_SHEETS = 2.0, 2
"""By how much ours must take less of the processors than papermill and nbconvert as libraries, by the sheet."""
EVERYTHING = {"places": ["region", "platforms"], "languages": ["en", "es", "pt"]}
"""405 sheets: 15 sectors, 9 places, 3 languages."""


@dataclass(frozen=True)
class Bench:
    """A project in a folder of its own, with what is asked for."""

    folder: Path
    times: int
    reports: int
    jobs: int

    @property
    def params(self) -> Path:
        """The parameter file of the 15 sheets."""
        return self.folder / "project" / "params" / "2021-end-of-year.yml"

    @property
    def notebook(self) -> Path:
        """The notebook of all ways."""
        return self.folder / "project" / "notebooks" / "sector_key_figures.ipynb"

    @property
    def made(self) -> Path:
        """The folder of the run that others are compared with."""
        return self.folder / "made" / self.params.stem

    def command(self, out: Path, *options: str, params: Path | None = None) -> list[str | Path]:
        """Our own way."""
        jobs = () if "--cluster" in options else ("--jobs", str(self.jobs))
        return [*RMRP, "run", params or self.params, "--out", out, *jobs, *options]

    def new(self) -> Path:
        """A folder that is not there yet."""
        return next(path for number in count() if not (path := self.folder / f"new-{number}").exists())

    def medians(self, once: Callable[[], Cost]) -> Cost:
        """What something costs, the median of so many times."""
        return median_of([once() for _ in range(self.times)])

    def cold(self, *options: str, params: Path | None = None) -> Cost:
        """All sheets of a run where nothing was made or read before."""
        out = self.new()
        cost = cost_of(partial(run, self.command(out, *options, params=params), {"XDG_CACHE_HOME": str(out / "cache")}))
        shutil.rmtree(out)
        return cost

    def again(self) -> Cost:
        """The run of which all is there."""
        return cost_of(partial(run, self.command(self.made.parent), self.cache))

    def one_change(self) -> Cost:
        """The run of which one text is changed."""
        text = self.params.parent / "narratives" / self.params.stem / "wash.en.md"
        text.write_text(
            f"{text.read_text(encoding='utf-8').rstrip()} {datetime.now(UTC):%H:%M:%S}.\n", encoding="utf-8"
        )
        return self.again()

    @property
    def cache(self) -> dict[str, str]:
        """Where plans are kept between runs."""
        return {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def bare(self, params: Path) -> Cost:
        """The sheets of a run in a process in which all is imported and read."""
        return Cost(**json.loads(run([sys.executable, FOLDER / "bare.py", params, "--jobs", str(self.jobs)], {})))

    def with_params(self, name: str, **changed: Any) -> Path:
        """The parameter file with other parameters."""
        path = self.params.with_name(name)
        path.write_text(yaml.safe_dump(yaml.safe_load(self.params.read_text("utf-8")) | changed), "utf-8")
        return path

    def parameters(self, reports: int) -> list[Path]:
        """Files of parameters for papermill."""
        folder = self.new()
        folder.mkdir()
        paths = []
        ids = run([*RMRP, "params", self.params], {}).split()
        names = [sector.lower().replace(" & ", "-and-").replace(" ", "-") for sector in SECTORS[:reports]]
        for report in (report for report in ids if report.split(".")[0] in names):
            paths.append(folder / f"{report}.yml")
            paths[-1].write_text(run([*RMRP, "params", self.params, "--report", report], {}), encoding="utf-8")
        return paths


def main() -> None:
    """Print the table, and keep it; or hold one ratio against its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=3, choices=range(2, 6), help="sheets that other ways make")
    parser.add_argument("--times", type=int, default=3, help="runs of each of ours")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of ours")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of clusters, at most")
    parser.add_argument("--all", action="store_true", help="also 405 sheets")
    parser.add_argument("--alone", action="store_true", help="without the other benchmarks")
    parser.add_argument("--guard", action="store_true", help="exit with 1 where ours takes too much of the processors")
    options = parser.parse_args()
    if not CAN_FORK:
        sys.exit("this needs Linux")
    adopt()
    os.environ["PYTHONWARNINGS"] = "ignore"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.times, options.reports, options.jobs)
        for name in ("data/rmrp-2021", "notebooks", "params"):
            shutil.copytree(ROOT / name, bench.folder / "project" / name)
        first = cost_of(partial(run, bench.command(bench.made.parent), bench.cache))
        if options.guard:
            guard(bench, first)
            return
        lines = [*about(), *table(bench, workers=options.workers, everything=options.all)]
    if not options.alone:
        for name in filter(lambda name: (FOLDER / name).is_file(), BESIDE):
            print(f"\n{name}", flush=True)
            done = subprocess.run([sys.executable, FOLDER / name], capture_output=True, text=True, check=True)
            print(done.stdout)
            lines += ["", f"## {name}", "", "```", done.stdout.strip(), "```"]
    _, heading, mutants = RESULTS.read_text(encoding="utf-8").partition("\n## make mutate\n")  # of tools/mutate.py
    RESULTS.write_text("\n".join(lines) + f"\n{heading}{mutants}", encoding="utf-8")


def guard(bench: Bench, ours: Cost) -> None:
    """Exit with 1 where a cold run of ours takes too much of the processors against the libraries in one process."""
    sheets = checked_sheets(bench, pdf=True)
    parameters = bench.parameters(GUARD_SHEETS)
    theirs = libraries(bench.notebook, parameters, bench.new(), {}, webpdf=False, sheets=sheets)
    ratio = theirs.cpu / ours.cpu
    print(f"libraries in one process, HTML alone / ours, HTML and PDF: {ratio:.1f} × (at least {GUARD})")
    sys.exit(ratio < GUARD)


def checked_sheets(bench: Bench, *, pdf: bool) -> int:
    """How many sheets ours made; raises ``SystemExit`` where one failed or has no page."""
    reports = json.loads((bench.made / "run.json").read_text("utf-8"))["reports"]
    for report in reports:
        if report["status"] == "failed" or (pdf and not pages(bench.made / f"{report['id']}.pdf")):
            raise SystemExit(f"{report['id']} was not made")
    return len(reports)


def table(bench: Bench, *, workers: int, everything: bool) -> Iterator[str]:
    """The lines of the table, each printed as it is measured."""
    sheets = checked_sheets(bench, pdf=True)
    ours = bench.medians(bench.cold)
    ours_html = bench.medians(partial(bench.cold, params=bench.with_params("html.yml", formats=["html"])))
    yield from shown("| what | seconds | CPU s | seconds, ours = 1 | CPU s, ours = 1 |", "|---|--:|--:|--:|--:|")
    yield from row(f"ours: {sheets} sheets as HTML and PDF, cold, {bench.jobs} jobs", ours)
    yield from row("ours, HTML alone", ours_html)
    apart = bench.medians(partial(bench.cold, "--engine", "workers"))
    yield from row("ours, as where there is no fork", apart, ours)
    chromium = browser(bench.folder / "browsers")
    parameters = bench.parameters(bench.reports)
    grammars = {"": {}, ", without rfc3987": without_grammar(bench.folder / "without")}
    for name, variables in grammars.items():
        out = bench.new()
        costs = loop(bench.notebook, parameters, out, variables | chromium, webpdf=bool(chromium))
        check_same_figures(out, bench.made, webpdf=bool(chromium))
        in_html = (costs["papermill"] + costs["html"]) * sheets
        yield from row(f"loop of papermill, nbconvert to HTML{name}", in_html, ours_html)
        if chromium:
            yield from row(f"loop with webpdf, too{name}", in_html + costs["webpdf"] * sheets, ours)
    for webpdf in (False, True)[: 1 + bool(chromium)]:
        out = bench.new()
        cost = libraries(bench.notebook, parameters, out, chromium, webpdf=webpdf, sheets=sheets)
        check_same_figures(out, bench.made, webpdf=webpdf)
        name = "papermill and nbconvert as libraries in one process"
        yield from row(f"{name}, HTML{' and webpdf' if webpdf else ' alone'}", cost, ours if webpdf else ours_html)
    yield from row("bare warm Python, the same jobs", bench.medians(partial(bench.bare, bench.params)), ours)
    yield from row("ours again, nothing changed", bench.medians(bench.again), ours)
    yield from row("ours again, one text changed", bench.medians(bench.one_change), ours)
    for number in range(1, workers + 1):
        cost = bench.medians(partial(bench.cold, "--cluster", f"local:{number}"))
        yield from row(f"ours on a cluster of this computer, workers: {number}", cost, ours)
    if everything:
        every = bench.with_params("every.yml", **EVERYTHING)
        ours_all = bench.medians(partial(bench.cold, params=every))
        yield from row("ours, 405 sheets", ours_all)
        yield from row("bare warm Python, 405 sheets", bench.medians(partial(bench.bare, every)), ours_all)
    peak = peak_of(bench.command(bench.new()), {"XDG_CACHE_HOME": str(bench.new())})
    yield from shown("", f"Peak memory (PSS) of {sheets} sheets, {bench.jobs} jobs: {peak / 2**20:.0f} MiB.")


def row(what: str, cost: Cost, ours: Cost | None = None) -> Iterator[str]:
    """A row of the table, with ratios where there is something to compare with."""
    ratios = f"{cost.wall / ours.wall:.2f} × | {cost.cpu / ours.cpu:.2f} ×" if ours else "|"
    yield from shown(f"| {what} | {cost.wall:.2f} | {cost.cpu:.2f} | {ratios} |")


def shown(*lines: str) -> Sequence[str]:
    """The lines, once they are printed."""
    print(*lines, sep="\n", flush=True)
    return lines


def about() -> list[str]:
    """The machine, the versions and the day."""
    information = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = {line.partition(":")[2].strip() for line in information.splitlines() if line.startswith("model name")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        "# Results of `make bench`",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {platform.platform()}",
        f"- {', '.join(sorted(models)) or platform.machine()}; {os.cpu_count()} cores; {memory:.0f} GiB of memory",
        f"- {versions()}; {chromium_version()}",
        "",
    ]


if __name__ == "__main__":
    main()
