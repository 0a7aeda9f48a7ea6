"""Run the recipes of docs/scheduling by the programs that they are for, each in an environment of its own.

``make recipes``. Airflow and JupyterLab's scheduler are installed by uv and run a small project for real. The other
recipes are checked by the tests, as far as this machine has their programs; what it cannot run is said in a line.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "docs" / "scheduling"
ENVIRONMENTS = ROOT / ".venv" / "recipes"
SHEET = "health.en"
PARAMS = """\
run: recipes
title: Key figures
plan: 2021
period: {start: 2021-01, end: 2021-12}
data: data
notebook: notebooks/sector_key_figures.ipynb
sectors: [Health]
formats: [html]
"""
MAX_SECONDS = 600
"""How long a program may take for the project."""
STATES = ("tasks", "states-for-dag-run", "rmrp_sheets")
PROGRAMS_OF_TESTS = {"systemd": "systemd-analyze", "cron": "sh", "GitHub": "git"}


class RecipeFailed(Exception):
    """A recipe did not do what its page says."""


def main() -> None:
    """Run every recipe that this machine can; exit with 1 where one fails."""
    for name, program in PROGRAMS_OF_TESTS.items():
        if not shutil.which(program):
            print(f"{name}: not run, since there is no {program} here")
    print("Windows: its task is checked by the schema alone, since this is no Windows" * (sys.platform != "win32"))
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(ROOT / "tests" / "test_scheduling.py")]
    failed = subprocess.run(tests, check=False).returncode
    uv = shutil.which("uv")
    if not uv:
        print("Airflow, JupyterLab: not run, since there is no uv here to make their environments")
        sys.exit(failed)
    for name, packages, recipe in (
        ("airflow", ("apache-airflow>=3", "apache-airflow-providers-papermill"), run_airflow),
        ("jupyterlab", ("jupyter-scheduler>=2.12",), run_jupyter_scheduler),
    ):
        try:
            run_recipe(uv, name, packages, recipe)
        except (RecipeFailed, subprocess.CalledProcessError) as problem:
            print(f"{name}: failed: {problem}\n{getattr(problem, 'stdout', '') or ''}")
            failed = 1
        else:
            print(f"{name}: the recipe ran")
    sys.exit(failed)


def run_recipe(uv: str, name: str, packages: Sequence[str], recipe: Callable[[Path, Path], None]) -> None:
    """Install a program beside the package, then run its recipe in a project of its own."""
    environment = ENVIRONMENTS / name
    subprocess.run([uv, "venv", "--quiet", "--clear", environment], check=True)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, ROOT, *packages], check=True)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        project.mkdir()
        shutil.copytree(ROOT / "data" / "rmrp-2021", project / "data", ignore=shutil.ignore_patterns("editions"))
        shutil.copytree(ROOT / "notebooks", project / "notebooks")
        (project / "params.yml").write_text(PARAMS, encoding="utf-8")
        (project / ".venv").symlink_to(environment)
        recipe(python.parent, project)


def recipe_text(name: str, project: Path) -> str:
    """A file of a recipe, for this project."""
    return (RECIPES / name).read_text(encoding="utf-8").replace("/srv/rmrp", str(project))


def call(command: Sequence[object], project: Path, **variables: str) -> str:
    """Run a command in a project; return what it says. Raises ``CalledProcessError``."""
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"} | variables
    ended = subprocess.run(
        [*map(str, command)],
        cwd=project,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MAX_SECONDS,
    )
    return ended.stdout


def run_airflow(programs: Path, project: Path) -> None:
    """Have Airflow run its DAG twice: the first time it makes the month, the second time nothing is new."""
    dags = project.parent / "dags"
    dags.mkdir()
    (project / "airflow").mkdir()
    (project / "airflow" / f"{SHEET}.yml").write_text(
        call([programs / "rmrp", "params", "params.yml", "--report", SHEET], project), encoding="utf-8"
    )
    (dags / "airflow_dag.py").write_text(recipe_text("airflow_dag.py", project), encoding="utf-8")
    variables = {
        "AIRFLOW_HOME": str(project.parent / "airflow-home"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    call([programs / "airflow", "db", "migrate"], project, **variables)
    states = []
    for day in ("2026-03-01", "2026-03-02"):
        call([programs / "airflow", "dags", "test", "rmrp_sheets", day], project, **variables)
        told = call([programs / "airflow", *STATES, day, "--output", "json"], project, **variables)
        tasks = json.loads(told[told.index("[{") :].splitlines()[0])
        states.append({task["task_id"]: task["state"] for task in tasks})
    expect("the first day makes the month", {"month": "success", SHEET: "success"}, states[0])
    expect("the second day makes nothing", {"month": "skipped", SHEET: "skipped"}, states[1])
    expect("the run has its sheet", True, (project / "reports" / "recipes" / f"{SHEET}.html").is_file())
    notebook = (project / "airflow" / f"{SHEET}.ipynb").read_text(encoding="utf-8")
    expect("the notebook has the sheet", True, "People reached" in notebook)


def run_jupyter_scheduler(programs: Path, project: Path) -> None:
    """Have JupyterLab's scheduler run the notebook of the month, then one sheet with its parameters."""
    room = project.parent / "lab"
    room.mkdir()
    (room / "month.ipynb").write_text(recipe_text("jupyter_month.ipynb", project), encoding="utf-8")
    shutil.copy(project / "notebooks" / "sector_key_figures.ipynb", room)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(project.parent / "jupyter")
    environ = os.environ | {"JUPYTER_DATA_DIR": data, "JUPYTER_RUNTIME_DIR": f"{data}/runtime"}
    environ.pop("PYTHONPATH", None)
    options = [f"--port={port}", "--no-browser", "--IdentityProvider.token=recipes", f"--ServerApp.root_dir={room}"]
    command = [str(programs / "jupyter"), "lab", "--allow-root", *options]
    with (room / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environ, cwd=room, stdout=log, stderr=log)
    try:
        parameters = json.loads(recipe_text("jupyter_scheduler.json", project).replace("2026-0", "2021-0"))
        jobs = {"month.ipynb": {}, "sector_key_figures.ipynb": parameters}
        states = {name: run_job(f"http://127.0.0.1:{port}/scheduler", name, stated) for name, stated in jobs.items()}
    finally:
        server.terminate()
        server.wait()
    expect("both jobs end well", dict.fromkeys(jobs, "COMPLETED"), states)
    expect("the run has its sheet", True, (project / "reports" / "recipes" / f"{SHEET}.html").is_file())


def run_job(address: str, notebook: str, parameters: Mapping[str, str]) -> str:
    """Create a job as *Create Notebook Job* does, and wait for its last state."""
    job = {"name": notebook, "input_uri": notebook, "output_formats": ["html"], "parameters": parameters}
    end, created = time.monotonic() + MAX_SECONDS, ""
    while time.monotonic() < end:
        try:
            if not created:
                (environment, *_) = ask(f"{address}/runtime_environments")
                created = ask(f"{address}/jobs", job | {"runtime_environment_name": environment["name"]})["job_id"]
            state = ask(f"{address}/jobs/{created}")
        except HTTPError as problem:
            raise RecipeFailed(f"{problem}: {problem.read().decode()}") from None
        except OSError:  # the server is not there yet
            state = {}
        if state.get("status") in ("COMPLETED", "FAILED"):  # a job is STOPPED until it starts
            return " ".join(filter(None, (state["status"], state.get("status_message"))))
        time.sleep(1)
    return "late"


def ask(address: str, content: object = None) -> Any:
    """Ask JupyterLab's scheduler; return its answer."""
    body = json.dumps(content).encode() if content is not None else None
    head = {"Authorization": "token recipes", "Content-Type": "application/json"}
    with urlopen(Request(address, data=body, headers=head), timeout=30) as answer:  # noqa: S310 - of this computer
        return json.load(answer)


def expect(sentence: str, expected: object, seen: object) -> None:
    """Raise ``RecipeFailed`` where something is not as a recipe says."""
    if seen != expected:
        raise RecipeFailed(f"{sentence}: {expected} expected, {seen} seen")


if __name__ == "__main__":
    main()
