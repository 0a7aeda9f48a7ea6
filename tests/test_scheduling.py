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
from published_run import PARAMS, rmrp
from rmrp_analysis.params import BUNDLED_PLAN, NOTEBOOKS, SHEET_NOTEBOOK, ReportParams, shipped_folder

FOLDER = Path(__file__).parents[1] / "docs" / "scheduling"
TASK = {"": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
SYSTEMD = shutil.which("systemd-analyze") or ""
COMMAND = re.compile(r"rmrp(?:\.exe)? (run params\.yml[^>\n]*?)(?: *>>| *$)", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as the recipes have it: parameters, data, notebooks, an environment with the command."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(shipped_folder(BUNDLED_PLAN), folder / "data")
    shutil.copytree(shipped_folder(NOTEBOOKS), folder / NOTEBOOKS)
    (folder / "params.yml").write_text(f"{PARAMS}notebook: {NOTEBOOKS}/{SHEET_NOTEBOOK}\n", encoding="utf-8")
    (folder / "secrets.env").write_text("RMRP_WEBHOOK=https://example.org/x\n", encoding="utf-8")
    program = folder / ".venv" / "bin" / "rmrp"
    program.parent.mkdir(parents=True)
    call = "from rmrp_analysis.commands.cli import main; main()"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def recipe(name: str, project: Path) -> str:
    return (FOLDER / name).read_text("utf-8").replace("/srv/rmrp", str(project))


@pytest.mark.parametrize("name", ["crontab", "rmrp.service", "github-actions.yml", "windows-task.xml"])
def test_each_recipe_has_a_command_of_the_package(project: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    if name == "windows-task.xml":
        action = etree.fromstring(text.encode()).find("Actions/Exec", TASK)
        text = f"rmrp.exe {action.findtext('Arguments', namespaces=TASK)}"
    (arguments,) = COMMAND.findall(text)
    monkeypatch.chdir(project)
    assert rmrp(*arguments.split(), "--dry-run") == 0


@pytest.mark.skipif(not shutil.which("sh"), reason="there is no sh")
def test_cron_runs_its_line_in_the_project_and_keeps_the_log(project: Path) -> None:
    lines = [line for line in recipe("crontab", project).splitlines() if line and not line.startswith("#")]
    assert lines[0] == "SHELL=/bin/sh"
    minute, hour, day, month, weekday, command = lines[1].split(maxsplit=5)
    assert (minute, hour, day, month, weekday) == ("0", "6", "1", "*", "*")
    assert "%" not in command  # a line end, for cron
    dry = command.replace(" >>", " --dry-run >>")
    subprocess.run(
        ["/bin/sh", "-c", dry],
        check=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
    )
    log = [json.loads(line) for line in (project / "run.log").read_text("utf-8").splitlines() if line.startswith("{")]
    assert log[-1]["message"] == "Nothing was made: --dry-run."


@pytest.mark.skipif(not SYSTEMD, reason="there is no systemd-analyze")
def test_systemd_finds_no_fault_and_the_timer_is_on_the_first_of_the_month(project: Path, tmp_path: Path) -> None:
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
    assert "2026-03-01 06:00:00 UTC" in told.stdout


def test_task_and_workflow_are_valid_by_their_schemas() -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parent / "task.xsd"))
    task = etree.parse(FOLDER / "windows-task.xml")
    schema.assertValid(task)
    assert (FOLDER / "windows-task.xml").read_text("ascii")  # without a declaration, any encoding reads it
    assert [month.tag.partition("}")[2] for month in task.iterfind(".//Months/*", TASK)][:2] == ["January", "February"]
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    workflow = FOLDER / "github-actions.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", workflow]
    seen = subprocess.run(command, capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stdout + seen.stderr
    steps = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]["sheets"]["steps"]
    assert steps[-1]["if"] == "${{ !cancelled() }}"  # the sheets that were made are kept where others failed


class Operator:
    """Stands in for Airflow's papermill operator, which makes nothing but keeps what it would run."""

    made: ClassVar[list[dict[str, Any]]] = []

    def __init__(
        self, *, task_id: str, input_nb: str, output_nb: str, parameters: dict[str, Any], kernel_name: str
    ) -> None:
        self.made.append({"task_id": task_id, "run": (input_nb, output_nb, parameters), "kernel_name": kernel_name})


class Dag:
    """Stands in for Airflow's DAG."""

    def __init__(self, dag_id: str, *, schedule: str, start_date: object, catchup: bool) -> None:
        self.about = (dag_id, schedule, start_date, catchup)

    def __enter__(self) -> "Dag":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""


@pytest.mark.filterwarnings("ignore:InlineBackend:DeprecationWarning")  # a matter of matplotlib-inline
def test_airflow_makes_each_sheet_by_the_parameters_that_the_command_wrote(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], papermill_here: Build
) -> None:
    capsys.readouterr()
    assert rmrp("params", project / "params.yml", "--report", "health.en") == 0
    (project / "airflow").mkdir(exist_ok=True)
    (project / "airflow" / "health.en.yml").write_text(capsys.readouterr().out, encoding="utf-8")
    rooms = ("airflow", "airflow.sdk", "airflow.providers", "airflow.providers.papermill")
    operators = ("airflow.providers.papermill.operators", "airflow.providers.papermill.operators.papermill")
    for name in (*rooms, *operators):
        module = ModuleType(name)
        module.DAG, module.PapermillOperator = Dag, Operator
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
    shutil.copy(project / NOTEBOOKS / SHEET_NOTEBOOK, staging / SHEET_NOTEBOOK)  # it takes the notebook alone along
    notebook = nbformat.read(staging / SHEET_NOTEBOOK, as_version=4)
    parameters = json.loads(recipe("jupyter_scheduler.json", project).replace("2026-0", "2021-0"))
    assert set(parameters) <= set(ReportParams.model_fields)
    notebook = parameterize.add_parameters(notebook, parameters)
    kernel = notebook.metadata.kernelspec["name"]
    ExecutePreprocessor(kernel_name=kernel).preprocess(notebook, {"metadata": {"path": str(staging)}})
    shown = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "Personas alcanzadas" in shown
    assert "Enero" in shown or "enero" in shown


def test_every_recipe_is_explained() -> None:
    page = (FOLDER.parent / "scheduling.md").read_text("utf-8")
    assert [path.name for path in FOLDER.iterdir() if f"scheduling/{path.name}" not in page] == []
