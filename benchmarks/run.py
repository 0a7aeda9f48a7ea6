"""How fast the bundled plan is rendered, against a shell loop, and how much memory it takes: ``make bench``.

Both sides make the same sheets from the same notebook on the same machine, one after the other: ours all of them as
HTML and PDF, the loop as many as ``--reports`` (the rest is reckoned by the sheet) as HTML alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params" / "2021-end-of-year.yml"
NOTEBOOK = ROOT / "notebooks" / "sector_key_figures.ipynb"
SCRIPTS = Path(sys.executable).parent


def main() -> None:
    """Print the ratio and the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=3, help="sheets that the shell loop makes")
    reports = parser.parse_args().reports
    with tempfile.TemporaryDirectory() as folder:
        ours, peak, made = run_ours(Path(folder))
        loop = run_loop(Path(folder), reports) / reports * made
    print(f"rmrp run, {made} sheets as HTML and PDF:            {ours:6.1f} s, peak memory {peak / 2**20:.0f} MiB")
    print(f"papermill and nbconvert in a loop, as HTML:      {loop:6.1f} s (reckoned from {reports} sheets)")
    print(f"ratio: {ours / loop:.2f}")


def run_ours(folder: Path) -> tuple[float, int, int]:
    """Seconds, peak resident bytes of all its processes, and the number of sheets."""
    started = time.perf_counter()
    process = subprocess.Popen([SCRIPTS / "rmrp", "run", PARAMS, "--out", folder, "--force"], stdout=subprocess.DEVNULL)
    peaks: list[int] = []
    watcher = threading.Thread(target=watch, args=(process, peaks))
    watcher.start()
    process.wait()
    seconds = time.perf_counter() - started
    watcher.join()
    run = json.loads((folder / "2021-end-of-year" / "run.json").read_text(encoding="utf-8"))
    return seconds, max(peaks, default=0), sum(report["status"] == "ok" for report in run["reports"])


def run_loop(folder: Path, reports: int) -> float:
    """Seconds that the two commands take for each of some sectors, one after the other."""
    sectors = ("Education", "Health", "Human Trafficking & Smuggling", "Shelter", "WASH")[:reports]
    started = time.perf_counter()
    for number, sector in enumerate(sectors):
        output = folder / f"{number}.ipynb"
        parameters = ["-p", "sector", sector, "-p", "data", str(ROOT / "data" / "rmrp-2021")]
        subprocess.run(
            [SCRIPTS / "papermill", NOTEBOOK, output, *parameters, "--cwd", NOTEBOOK.parent],
            check=True,
            capture_output=True,
        )
        subprocess.run([SCRIPTS / "jupyter", "nbconvert", "--to", "html", output], check=True, capture_output=True)
    return time.perf_counter() - started


def watch(process: "subprocess.Popen[bytes]", peaks: list[int]) -> None:
    """Note, ten times a second, the memory of a process and all that come from it (Linux)."""
    while process.poll() is None:
        peaks.append(sum(resident(pid) for pid in family(process.pid)))
        time.sleep(0.1)


def family(pid: int) -> set[int]:
    """The process and its descendants."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    known = {pid}
    while more := {child for child, parent in parents.items() if parent in known} - known:
        known |= more
    return known


def resident(pid: int) -> int:
    """Bytes of memory that are a process's own share: pages shared with a fork are divided between the two."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    main()
