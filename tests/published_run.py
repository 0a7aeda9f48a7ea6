"""Projects of tests: their parameter files, their small plans, and one small run made by the command."""

import csv
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
import yaml

from rmrp_analysis.commands.cli import main
from rmrp_analysis.commands.sample.write import write_sample
from rmrp_analysis.params import BUNDLED_PLAN, find_shipped_folder

SHIPPED = Path(__file__).parents[1] / "params" / "2021-end-of-year.yml"
RUN = "2021-first-half"
PARAMS = f"""\
run: {RUN}
title: End of year 2021 key figures
plan: 2021
period: {{start: 2021-01, end: 2021-12}}
data: data
sectors: [Human Trafficking & Smuggling, Health]
"""


@dataclass(frozen=True)
class Published:
    """A project: its parameter file and data, and the folder of its run of one report."""

    project: Path
    report: str = "human-trafficking-and-smuggling.es"

    @property
    def params(self) -> Path:
        return self.project / "params.yml"

    @property
    def data(self) -> Path:
        return self.project / "data"

    @property
    def folder(self) -> Path:
        return self.project / "reports" / RUN

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def copy(self, folder: Path) -> "Published":
        shutil.copytree(self.project, folder)
        return Published(folder)


def written_params(folder: Path, **keys: object) -> Path:
    """The parameter file of a project, with these keys: the year 2021 of the data in its folder."""
    year = {"start": "2021-01", "end": "2021-12"}
    asked = {"run": "small", "title": "Key figures", "plan": 2021, "period": year, "data": "data", **keys}
    (folder / "params.yml").write_text(yaml.safe_dump(asked, allow_unicode=True), encoding="utf-8")
    return folder / "params.yml"


def shipped_params(folder: Path, **keys: object) -> Path:
    """The shipped parameter file in another folder, with these keys."""
    asked = yaml.safe_load(SHIPPED.read_text("utf-8"))
    places = {name: str(SHIPPED.parent / asked[name]) for name in ("data", "notebook", "narratives")}
    return written_params(folder, **asked | places | keys)


def small_plan(folder: Path, rows: int, seed: int = 7) -> Path:
    """A small plan, whose checksums are not checked."""
    write_sample(folder, rows=rows, seed=seed)
    sources = folder / "sources.yml"
    sources.write_text(re.sub(r"\n  sha256:.*", "", sources.read_text("utf-8")), encoding="utf-8")
    return folder


def activities_of(data: Path) -> pd.DataFrame:
    """The activities of a data folder as they were sent."""
    return pd.read_csv(data / "activities.csv.gz", dtype="str", keep_default_na=False)


def files_of(run: Path) -> dict[str, bytes]:
    """Every file of a run by its name, but for those that say when it ran."""
    when = ("run.json", "ro-crate-metadata.json", "feed.xml")
    return {path.name: path.read_bytes() for path in run.iterdir() if path.name not in when}


def workbook(path: Path, sheets: Mapping[str, pd.DataFrame], *, text: bool = False) -> Path:
    """Write a table to each worksheet, its numbers as numbers unless they shall stay ``text``."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": not text}) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate((table.columns, *table.itertuples(index=False))):
                sheet.write_row(number, 0, row)
    return path


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def rmrp(*arguments: object) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["rmrp", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0)


def publish(project: Path) -> Published:
    """A run whose command replaces languages and period of the parameter file."""
    published = Published(project)
    shutil.copytree(find_shipped_folder(BUNDLED_PLAN), published.data)
    published.params.write_text(PARAMS, encoding="utf-8")
    asked = ("--only", "Human Trafficking & Smuggling", "--languages", "es", "--period", "2021-01/2021-06")
    assert rmrp("run", published.params, *asked, "--out", project / "reports") == 0
    return published
