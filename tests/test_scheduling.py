"""Every file of docs/scheduling is valid by its own tool, and runs as far as this machine can run it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import nbformat
import pytest
import yaml
from lxml import etree
from nbconvert.preprocessors import ExecutePreprocessor

from conftest import Build
from published_run import PARAMS, RUN, rmrp
from rmrp_analysis.params import BUNDLED_PLAN, NOTEBOOKS_FOLDER, SHEET_NOTEBOOK, ReportParams, find_shipped_folder

FOLDER = Path(__file__).parents[1] / "docs" / "scheduling"
TASK = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
SYSTEMD = shutil.which("systemd-analyze") or ""
COMMAND = re.compile(r"rmrp(?:\.exe)? (month params\.yml[^>|\n]*?)(?: *>>| *\|\|| *$)", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as the recipes have it: parameters, data, notebooks, an environment with the command."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), folder / "data")
    shutil.copytree(find_shipped_folder(NOTEBOOKS_FOLDER), folder / NOTEBOOKS_FOLDER)
    text = f"{PARAMS}notebook: {NOTEBOOKS_FOLDER}/{SHEET_NOTEBOOK}\nformats: [html]\n"
    (folder / "params.yml").write_text(text, encoding="utf-8")
    (folder / "secrets.env").write_text("RMRP_WEBHOOK=https://example.org/x\n", encoding="utf-8")
    program = folder / ".venv" / "bin" / "rmrp"
    program.parent.mkdir(parents=True)
    call = "from rmrp_analysis.commands.cli import main; main()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def recipe(name: str, project: Path) -> str:
    return (FOLDER / name).read_text("utf-8").replace("/srv/rmrp", str(project))


@pytest.mark.parametrize(
    "name", ["crontab", "rmrp.service", "github-actions.yml", "windows-task.xml", "airflow_dag.py"]
)
def test_each_recipe_does_the_month(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    if name == "windows-task.xml":
        action = etree.fromstring(text.encode()).find("Actions/Exec", TASK)
        text = f"rmrp.exe {action.findtext('Arguments', namespaces=TASK)}"
    (arguments,) = COMMAND.findall(text)
    assert arguments == "month params.yml --log-format json"


@pytest.mark.skipif(not shutil.which("sh"), reason="there is no sh")
def test_cron_runs_its_line_in_the_project_and_keeps_the_log(project: Path) -> None:
    lines = [line for line in recipe("crontab", project).splitlines() if line and not line.startswith("#")]
    assert lines[0] == "SHELL=/bin/sh"
    minute, hour, day, month, weekday, command = lines[1].split(maxsplit=5)
    assert (minute, hour, day, month, weekday) == ("0", "6", "*", "*", "*")
    assert "%" not in command  # a line end, for cron
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    codes = [subprocess.run(["/bin/sh", "-c", command], check=False, env=environment).returncode for _ in range(2)]
    assert codes == [0, 4]
    log = [json.loads(line) for line in (project / "run.log").read_text("utf-8").splitlines() if line.startswith("{")]
    assert log[-1]["message"].startswith("nothing new; the plan year 2021 is over")


@pytest.mark.skipif(not SYSTEMD, reason="there is no systemd-analyze")
def test_systemd_finds_no_fault_and_the_timer_is_of_each_day(project: Path, tmp_path: Path) -> None:
    units = [tmp_path / name for name in ("rmrp.service", "rmrp.timer")]
    for unit in units:
        text = recipe(unit.name, project).replace("User=rmrp", "User=root")  # a user that every computer has
        unit.write_text(text, encoding="utf-8")
    seen = subprocess.run([SYSTEMD, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert [line for line in seen.stderr.splitlines() if "rmrp" in line] == []
    assert seen.returncode == 0
    (when,) = re.findall(r"^OnCalendar=(.+)$", units[1].read_text("utf-8"), re.MULTILINE)
    base = "2026-02-11 12:00:00 UTC"
    told = subprocess.run(
        [SYSTEMD, "calendar", f"{when} UTC", f"--base-time={base}"], capture_output=True, text=True, check=True
    )
    assert "2026-02-12 06:00:00 UTC" in told.stdout


def test_the_task_is_valid_by_its_schema() -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parent / "task.xsd"))
    task = etree.parse(FOLDER / "windows-task.xml")
    schema.assertValid(task)
    assert (FOLDER / "windows-task.xml").read_text("ascii")  # without a declaration, any encoding reads it
    assert task.findtext(".//ScheduleByDay/DaysInterval", namespaces=TASK) == "1"


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_the_steps_of_the_workflow_publish_the_edition_and_find_it_the_next_day(project: Path, tmp_path: Path) -> None:
    """Every command of the workflow but pip's runs, each day in a fresh clone of the office's repository."""
    office, room = tmp_path / "office.git", tmp_path / "runner"
    source = shutil.copytree(
        project, tmp_path / "source", ignore=shutil.ignore_patterns(".venv", "reports", "*.log", "editions")
    )
    run("git", "init", "-q", "--bare", "-b", "main", office, folder=tmp_path)
    for command in ("init -q -b main", "add --all", "commit -q -m Start", f"push -q {office} main"):
        run("git", *command.split(), folder=source)
    codes, heads = [], []
    for _ in range(2):
        run("git", "clone", "-q", office, room, folder=tmp_path)
        codes.append(run_workflow(room, project / ".venv" / "bin"))
        shutil.rmtree(room)
        heads.append(run("git", "log", "--format=%s", "main", folder=office).splitlines())
    assert codes == ["0", "4"]
    assert heads == [["Keep what the month moved", "Start"]] * 2  # the tables of the run are kept beside the data
    assert f"{RUN}/index.html" in run("git", "ls-tree", "-r", "--name-only", "sheets", folder=office)
    assert len(run("git", "log", "--format=%s", "sheets", folder=office).splitlines()) == 1


WORKFLOW = yaml.safe_load((FOLDER / "github-actions.yml").read_text("utf-8"))


def run(*command: object, folder: Path, **variables: str) -> str:
    """Run a command as the workflow does; return what it says."""
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environ = os.environ | WORKFLOW["env"] | nobody | variables
    return subprocess.run(
        [*map(str, command)], cwd=folder, env=environ, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def run_workflow(folder: Path, programs: Path) -> str:
    """Run the commands of the workflow in a clone, as its conditions say; return the exit code of the month."""
    output, code = folder.parent / "output", ""
    output.write_text("", encoding="utf-8")
    variables = {"GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(folder.parent)}
    variables["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    for step in WORKFLOW["jobs"]["sheets"]["steps"]:
        condition = step.get("if", "").removeprefix("${{ steps.month.outputs.code ").removesuffix(" }}")
        is_met = {"": True, "< 4": code in ("0", "1"), "== 1": code == "1"}[condition]
        if is_met and "run" in step and not step["run"].startswith("pip "):
            run("bash", "-e", "-o", "pipefail", "-c", step["run"], folder=folder, **variables)
        code = output.read_text("utf-8").strip().removeprefix("code=")
    return code


class Operator:
    """Stands in for Airflow's papermill operator, which makes nothing but keeps what it would run."""

    made: ClassVar[list[dict[str, Any]]] = []

    def __init__(
        self, *, task_id: str, input_nb: str, output_nb: str, parameters: dict[str, Any], kernel_name: str
    ) -> None:
        self.made.append({"task_id": task_id, "run": (input_nb, output_nb, parameters), "kernel_name": kernel_name})

    def __rrshift__(self, other: object) -> None:
        """Stands after another task."""


class Bash:
    """Stands in for Airflow's Bash operator; `make recipes` runs the real one."""

    def __init__(self, *, task_id: str, bash_command: str, cwd: str, skip_on_exit_code: int) -> None:
        self.about = (task_id, bash_command, cwd, skip_on_exit_code)


class Dag:
    """Stands in for Airflow's DAG."""

    def __init__(self, dag_id: str, *, schedule: str, start_date: object, catchup: bool) -> None:
        self.about = (dag_id, schedule, start_date, catchup)

    def __enter__(self) -> "Dag":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""


def test_airflow_makes_each_sheet_by_the_parameters_that_the_command_wrote(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], papermill_here: Build
) -> None:
    capsys.readouterr()
    assert rmrp("params", project / "params.yml", "--report", "health.en") == 0
    (project / "airflow").mkdir(exist_ok=True)
    (project / "airflow" / "health.en.yml").write_text(capsys.readouterr().out, encoding="utf-8")
    rooms = ("airflow", "airflow.sdk", "airflow.providers", "airflow.providers.papermill")
    operators = ("airflow.providers.papermill.operators", "airflow.providers.papermill.operators.papermill")
    standard = "airflow.providers.standard"
    for name in (*rooms, *operators, standard, f"{standard}.operators", f"{standard}.operators.bash"):
        module = ModuleType(name)
        module.DAG, module.PapermillOperator, module.BashOperator = Dag, Operator, Bash
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Operator, "made", [])
    exec(compile(recipe("airflow_dag.py", project), "airflow_dag.py", "exec"), {})  # noqa: S102 - it is ours
    ((task),) = Operator.made
    source, result, parameters = task["run"]
    assert (task["task_id"], task["kernel_name"]) == ("health.en", "python3")
    assert set(parameters) == set(ReportParams.model_fields)
    papermill_here(source, result, parameters)
    assert "People reached" in Path(result).read_text("utf-8")


def test_jupyterlabs_scheduler_runs_the_notebook_from_its_staging_folder(project: Path, tmp_path: Path) -> None:
    parameterize = pytest.importorskip("jupyter_scheduler.parameterize", reason="jupyter-scheduler is not installed")
    staging = tmp_path / "staging"
    staging.mkdir()
    shutil.copy(project / NOTEBOOKS_FOLDER / SHEET_NOTEBOOK, staging / SHEET_NOTEBOOK)  # it takes only the notebook
    notebook = nbformat.read(staging / SHEET_NOTEBOOK, as_version=4)
    parameters = json.loads(recipe("jupyter_scheduler.json", project).replace("2026-0", "2021-0"))
    assert set(parameters) <= set(ReportParams.model_fields)
    notebook = parameterize.add_parameters(notebook, parameters)
    kernel = notebook.metadata.kernelspec["name"]
    ExecutePreprocessor(kernel_name=kernel).preprocess(notebook, {"metadata": {"path": str(staging)}})
    shown = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "Personas alcanzadas" in shown
    assert "Enero" in shown or "enero" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="the project's command is a script of sh")
def test_the_notebook_of_the_month_ends_well_where_nothing_is_new_and_fails_where_the_data_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = nbformat.reads(recipe("jupyter_month.ipynb", project), as_version=4)
    (code,) = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for _ in range(2):
        exec(code, {})  # noqa: S102 - it is ours
    assert "nothing new" in capsys.readouterr().out
    text = (project / "params.yml").read_text("utf-8")
    (project / "params.yml").write_text(text.replace("data: data", "data: nowhere"), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"ended with [23]"):
        exec(code, {})  # noqa: S102 - it is ours
    (project / "params.yml").write_text(text, encoding="utf-8")


def test_every_recipe_is_explained() -> None:
    page = (FOLDER.parent / "scheduling.md").read_text("utf-8")
    assert [path.name for path in FOLDER.iterdir() if f"scheduling/{path.name}" not in page] == []
