"""How fast large inputs are read and added up, and how much memory that takes: ``python benchmarks/reading.py``.

A plan of each size and kind is drawn from the bundled one; a process of its own reads it and makes the tables
that all figures are counted from, and another one makes the figures of 135 sheets, too. What libraries import, and what
they make once, takes no part in the time. Reading is compared with pandas, which reads the same file as text and does
nothing else. ``times`` says how much longer all figures take than those of the size before.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.sources import SOURCES_FILE

KINDS = ("csv.gz", "csv", "parquet", "xlsx")
MOST_ROWS_OF_A_WORKBOOK = 200_000

READ = """
plan = load_plan(sys.argv[1])
counted = plan.presence, plan.people
"""
FIGURES = f"""{READ}
count_at_once(list(selections(plan, 135)))
"""
AS_PANDAS = """
path = sys.argv[1]
if path.endswith("parquet"):
    pd.read_parquet(path)
elif path.endswith("xlsx"):
    import openpyxl
    for row in openpyxl.load_workbook(path, read_only=True).active.iter_rows():
        for cell in row:
            cell.value
else:
    pd.read_csv(path, dtype="str", keep_default_na=False)
"""
MEASURED = """
import sys
import time
import pandas as pd
from figures import DATA, count_at_once, load_plan, selections
load_plan(DATA)
started, cpu = time.perf_counter(), time.process_time()
{program}
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024
print(seconds, cpu, peak)
"""


def main() -> None:
    """Print a row for each size and kind: rows a second, CPU seconds, the ratio of these to pandas, peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], help="sizes of the plans"
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="kinds of files")
    arguments = parser.parse_args()
    print(f"{'':20} {'read and added up':>34}  {'figures of 135 sheets, too':>40}  {'pandas, reading':>15}")
    each = f"{'rows/s':>9} {'s':>7} {'CPU s':>7} {'MiB':>8}"
    print(f"{'rows':>11} {'kind':<8} {each}  {each} {'times':>5}  {'CPU s':>7} {'ratio':>7}")
    before: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for rows in arguments.rows:
            drawn = Path(folder) / f"{rows}"
            write_sample(drawn, rows=rows, seed=1)
            for kind in arguments.kinds:
                if kind == "xlsx" and rows > MOST_ROWS_OF_A_WORKBOOK:
                    continue
                plan = as_kind(drawn, kind)
                read, figures = measured(READ, plan), measured(FIGURES, plan)
                _, pandas, _ = measured(AS_PANDAS, plan / f"activities.{kind}")
                times = f"{figures[0] / before[kind]:>5.1f}" if kind in before else f"{'':>5}"
                ours = "  ".join(
                    f"{rows / s:>9,.0f} {s:>7.2f} {cpu:>7.2f} {peak:>8.0f}" for s, cpu, peak in (read, figures)
                )
                print(f"{rows:>11,} {kind:<8} {ours} {times}  {pandas:>7.2f} {pandas / read[1]:>7.2f}", flush=True)
                before[kind] = figures[0]
                shutil.rmtree(plan)


def as_kind(drawn: Path, kind: str) -> Path:
    """The same plan with its activities as another kind of file."""
    plan = drawn.with_name(f"{drawn.name}-{kind}")
    shutil.copytree(drawn, plan)
    if kind == "csv.gz":
        return plan
    activities, wanted = plan / "activities.csv.gz", plan / f"activities.{kind}"
    if kind == "csv":
        with gzip.open(activities) as packed, wanted.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    else:
        table = pd.read_csv(activities, dtype="str", keep_default_na=False)
        write: Callable[..., object] = {"parquet": table.to_parquet, "xlsx": table.to_excel}[kind]
        write(wanted, index=False)
    activities.unlink()
    sources = yaml.safe_load((plan / SOURCES_FILE).read_text(encoding="utf-8"))
    sources["activities"]["file"] = wanted.name
    del sources["activities"]["sha256"]
    (plan / SOURCES_FILE).write_text(yaml.safe_dump(sources), encoding="utf-8")
    return plan


def measured(program: str, path: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak MiB of a program in a process of its own; its imports take no part in the time."""
    code = MEASURED.format(program=program.strip())
    command = [sys.executable, "-c", code, path]
    done = subprocess.run(command, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)
    seconds, cpu, peak = map(float, done.stdout.split())
    return seconds, cpu, peak


if __name__ == "__main__":
    main()
