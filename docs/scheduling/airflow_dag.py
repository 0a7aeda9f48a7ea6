"""Make sheets by Airflow's papermill operator, on the first of the month.

In the project, ``rmrp params params.yml --report health.en > airflow/health.en.yml`` writes the parameters of a sheet.
"""

from datetime import UTC, datetime
from pathlib import Path

import yaml
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.sdk import DAG

PROJECT = Path("/srv/rmrp")

with DAG(
    "rmrp_sheets",
    schedule="0 6 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
):
    for parameters in sorted(PROJECT.glob("airflow/*.yml")):
        PapermillOperator(
            task_id=parameters.stem,
            input_nb=str(PROJECT / "notebooks" / "sector_key_figures.ipynb"),
            output_nb=str(PROJECT / "airflow" / f"{parameters.stem}.ipynb"),
            parameters=yaml.safe_load(parameters.read_text(encoding="utf-8")),
            kernel_name="python3",
        )
