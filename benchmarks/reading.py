"""How fast large inputs are read and added up, and how much memory that takes: ``python benchmarks/reading.py``.

A plan of each size and kind is drawn from the bundled one; a process of its own reads it and adds it up to the cells
that all figures are counted from. It is compared with pandas, which reads the same file as text and does nothing else.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from rmrp_analysis.sample import write_sample
from rmrp_analysis.sources import SOURCES_FILE

KINDS = ("csv.gz", "csv", "parquet", "xlsx")
MOST_ROWS_OF_A_WORKBOOK = 200_000

READ = """
import sys
from rmrp_analysis.loaders import load_plan
rows = len(load_plan(sys.argv[1]).cells)
"""
AS_PANDAS = """
import sys
import pandas as pd
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
import time
import pandas, pyarrow, rmrp_analysis.loaders, rmrp_analysis.quality
started, cpu = time.perf_counter(), time.process_time()
{program}
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024
print(seconds, cpu, peak)
"""


def main() -> None:
    """Print a row for each size and kind: rows a second, the ratio to pandas (CPU seconds), peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes of the plans")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="kinds of files")
    arguments = parser.parse_args()
    print("rows        kind     rows/s    s      CPU s  others' CPU s  ratio  peak MiB")
    with tempfile.TemporaryDirectory() as folder:
        for rows in arguments.rows:
            drawn = Path(folder) / f"{rows}"
            write_sample(drawn, rows=rows, seed=1)
            for kind in arguments.kinds:
                if kind == "xlsx" and rows > MOST_ROWS_OF_A_WORKBOOK:
                    continue
                plan = as_kind(drawn, kind)
                seconds, cpu, peak = measured(READ, plan)
                _, others, _ = measured(AS_PANDAS, plan / f"activities.{kind}")
                print(
                    f"{rows:<11,} {kind:<8} {rows / seconds:>7,.0f} {seconds:>6.2f} {cpu:>8.2f} {others:>12.2f} "
                    f"{others / cpu:>8.2f} {peak:>9.0f}"
                )


def as_kind(drawn: Path, kind: str) -> Path:
    """The same plan with its activities as another kind of file."""
    plan = drawn.with_name(f"{drawn.name}-{kind}")
    shutil.copytree(drawn, plan)
    if kind == "csv.gz":
        return plan
    activities, wanted = plan / "activities.csv.gz", plan / f"activities.{kind}"
    table = pd.read_csv(activities, dtype="str", keep_default_na=False)
    write: Callable[..., object] = {"csv": table.to_csv, "parquet": table.to_parquet, "xlsx": table.to_excel}[kind]
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
    done = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True)
    seconds, cpu, peak = map(float, done.stdout.split())
    return seconds, cpu, peak


if __name__ == "__main__":
    main()
