"""Do the month by Airflow's Bash operator, and single sheets as notebooks by its papermill operator, each day.

In the project, ``rmrp params params.yml --report health.en > airflow/health.en.yml`` asks for a sheet as a notebook.
"""

from datetime import UTC, datetime
from pathlib import Path

import yaml
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = Path("/srv/rmrp")
MONTH = """\
rmrp=.venv/bin/rmrp
$rmrp month params.yml --log-format json || exit
for file in airflow/*.yml; do
  [ -e "$file" ] || continue
  $rmrp params params.yml --report "$(basename "$file" .yml)" > "$file.new" && mv "$file.new" "$file" || exit
done
"""

with DAG("rmrp_sheets", schedule="0 6 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False):
    month = BashOperator(task_id="month", bash_command=MONTH, cwd=str(PROJECT), skip_on_exit_code=4)  # nothing new
    for parameters in sorted(PROJECT.glob("airflow/*.yml")):
        month >> PapermillOperator(
            task_id=parameters.stem,
            input_nb=str(PROJECT / "notebooks" / "sector_key_figures.ipynb"),
            output_nb=str(PROJECT / "airflow" / f"{parameters.stem}.ipynb"),
            parameters=yaml.safe_load(parameters.read_text(encoding="utf-8")),
            kernel_name="python3",
        )
