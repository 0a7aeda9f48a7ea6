"""Data folders of small plans, written for a test; and one report of 2021 by the headers of its form."""

import json
from pathlib import Path

import pandas as pd

from rmrp_analysis.metrics.rounding_key import KEY_FILE

HEADERS = (
    "Appealing Organization Name,Implementation Set up,Implementing partner Name,Reporting Month,Sector,Indicator,"
    "COVID 19 situation,Support Space activity,RMRP Activity,CVA,Value of Transfer (in USD),Delivery Mechanism,Country,"
    "Admin1,Quantity of unit measured,Total monthly beneficiaries,New beneficiaries of the month,"
    "Refugees and Migrants IN DESTINATION,Refugees and Migrants IN TRANSIT,Host Communities Beneficiaries,"
    "Refugees and Migrants PENDULARS,Colombian Returnees,Women under 18,Men under 18,Women above 18,Men above 18"
)
CELLS = "IOM,No,,2021-01,Health,# of people,No,No,Yes,No,,,Peru,Lima,,5,3,,,,,,,,,"
ACTIVITY = dict(zip(HEADERS.split(","), CELLS.split(","), strict=True))
Input = str | Path | pd.DataFrame | list[dict[str, object]]


def data_folder(folder: Path, year: int, **inputs: Input) -> Path:
    """A data folder with these inputs: the text of a CSV file, such a file, its table, or a list of JSON records.

    A text in braces is what ``sources.yml`` says of files that are there.
    """
    described = [f"title: a small plan\nplan: {year}"]
    for name, content in inputs.items():
        path = folder / f"{name}.{'json' if isinstance(content, list) else 'csv'}"
        about = f"{{file: {path.name}, producer: R4V, as_of: {year}-06-01}}"
        if isinstance(content, str) and content.startswith("{"):
            about = content
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, Path):
            path.write_bytes(content.read_bytes())
        elif isinstance(content, pd.DataFrame):
            content.to_csv(path, index=False)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
        described.append(f"{name}: {about}")
    (folder / "sources.yml").write_text("\n".join(described), encoding="utf-8")
    (folder / KEY_FILE).write_text("a secret of these tests\n", encoding="utf-8")
    return folder
