"""An installed package has with it what its commands need: the bundled plan, its parameters and the notebooks."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = """
from rmrp_analysis.params import load_run_params, find_shipped_folder
from rmrp_analysis.commands.sample.write import write_sample

params = load_run_params(find_shipped_folder("params") / "2021-end-of-year.yml")
print(params.data, params.notebook, params.narratives, sep="\\n")
write_sample(params.data.parent / "sample", rows=10, seed=1)
"""


def test_an_installed_package_runs_on_the_plan_that_comes_with_it(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path], cwd=ROOT, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    printed = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    package = installed / "rmrp_analysis"
    assert [Path(line) for line in printed.stdout.splitlines()] == [
        package / "data" / "rmrp-2021",
        package / "notebooks" / "sector_key_figures.ipynb",
        package / "params" / "narratives" / "2021-end-of-year",
    ]
    command = [sys.executable, "-m", "rmrp_analysis", "new", "own", "--plan", "2021"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, check=True)
    assert (tmp_path / "own" / "notebooks" / "sector_key_figures.ipynb").is_file()
    assert (tmp_path / "own" / "data" / "indicators.csv").is_file()
    assert len(list((package / "data" / "sample").iterdir())) == len(list((package / "data" / "rmrp-2021").iterdir()))
