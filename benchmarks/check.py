"""How long `rmrp check` takes against reading the same files, and how much memory a million rows take: ``make bench``.

Each side is a process of its own, so both start the interpreter and import what they need; the best run counts.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params" / "2021-end-of-year.yml"
READ = "import sys; import rmrp_analysis.commands.cli; from rmrp_analysis.loaders import load_plan as a; a(sys.argv[1])"
COMMAND = "import sys; from rmrp_analysis.commands.cli import main; main()"


def main() -> None:
    """Print seconds, their ratio, and the peak memory on a plan of ``--rows``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("params", nargs="?", type=Path, default=PARAMS, help="parameter file whose data are checked")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "rmrp-2021", help="its data folder")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large plan; 0 for none")
    parser.add_argument("--times", type=int, default=3, help="runs of each side")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reading = min(seconds(READ, options.data) for _ in range(options.times))
        checking = min(seconds(COMMAND, "check", options.params, "--out", folder) for _ in range(options.times))
        print(f"reading: {reading:.2f} s; rmrp check: {checking:.2f} s; ratio: {checking / reading:.2f}")
        if options.rows:
            large(Path(folder), options.rows)


def large(folder: Path, rows: int) -> None:
    """Check a plan of so many rows in a process of its own, and print its peak memory."""
    seconds(COMMAND, "sample", "--rows", str(rows), "--out", folder / "plan")
    params = folder / "large.yml"
    kept = [line for line in PARAMS.read_text("utf-8").splitlines() if not line.startswith(("notebook", "narratives"))]
    kept.append("accept: [same_content_twice: 100 %]")  # rows are drawn, and some are drawn again
    params.write_text("\n".join(kept).replace("../data/rmrp-2021", "plan"), encoding="utf-8")
    reading = seconds(READ, folder / "plan")
    took, peak = seconds_and_peak(COMMAND, "check", params, "--out", folder)
    print(
        f"{rows:,} rows: reading {reading:.1f} s; rmrp check: {took:.1f} s; ratio: {took / reading:.2f}; "
        f"peak memory {peak / 2**30:.2f} GiB"
    )


def seconds(code: str, *arguments: str | Path) -> float:
    """How long a Python process takes."""
    return seconds_and_peak(code, *arguments)[0]


def seconds_and_peak(code: str, *arguments: str | Path) -> tuple[float, int]:
    """How long a Python process takes, and its own peak of resident bytes (Linux)."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the process ended with {status}")
    assert isinstance(usage, resource.struct_rusage)  # noqa: S101
    return time.perf_counter() - started, usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
