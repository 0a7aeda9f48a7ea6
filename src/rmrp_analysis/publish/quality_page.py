"""The page on the quality of a run's data: its notebook run, and what it shows as one HTML file."""

from pathlib import Path

from rmrp_analysis.files import write_whole
from rmrp_analysis.params import NOTEBOOKS, QUALITY_NOTEBOOK, QualityParams, shipped_folder
from rmrp_analysis.publish.kernels import warm_kernels
from rmrp_analysis.publish.report import EXPORTERS, executed_notebook, export


def render_quality_page(params: QualityParams, folder: Path) -> Path:
    """Write ``data_quality.html`` into a folder. Raises ``ReportFailed`` when the notebook does."""
    folder.mkdir(parents=True, exist_ok=True)
    with warm_kernels(params.data) as kernels:
        notebooks = shipped_folder(NOTEBOOKS)
        executed = executed_notebook(params, notebooks / QUALITY_NOTEBOOK, folder, kernels)
    return write_whole(folder / f"{params.id}.html", export(executed, EXPORTERS["html"], notebooks).content)
