"""A project of one's own: a folder with parameters, data, notebooks and narratives, filled from a workbook."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis import pack
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.files import file_names, write_whole
from rmrp_analysis.in_notebook import NOTEBOOKS, shipped_folder
from rmrp_analysis.loaders.recognised import ACTIVITIES, Recognised, months_of, recognised, year_in
from rmrp_analysis.params import RUN_FILE
from rmrp_analysis.rounding_key import FILE as ROUNDING_KEY
from rmrp_analysis.rounding_key import new_secret
from rmrp_analysis.sample import BUNDLED_PLAN
from rmrp_analysis.sources import SOURCES_FILE, load_sources
from rmrp_analysis.tables import SOURCE_TABLES
from rmrp_analysis.vocabulary import PLAN_YEARS, plan_year

PARAMS_FILE, README_FILE = "params.yml", "README.md"
INDICATORS = "indicators"
TITLES = {"en": "Key figures", "es": "Cifras clave"}
SAVE_INDICATORS = "Save it as data/indicators.csv (or .xlsx, and correct its name in data/sources.yml)"

PARAMS = """\
# What is made: `rmrp run params.yml`. Paths are relative to this file.
run: {run}            # names the folder of the sheets
title: {title}
{pack}plan: {plan}
period: {{start: {start}, end: {end}}}
data: data
notebook: notebooks/sector_key_figures.ipynb
narratives: narratives
sectors: all            # or names: [Health, WASH]
places: [region]        # region, platforms, countries, all, or names
languages: [{language}]         # en, es, pt
formats: [html, pdf]
audience: public        # public rounds counts of people; internal shows exact ones
method:
  rounding: 10          # public counts of people, to multiples of it: 5 to 20, or 0 for exact ones
"""

SOURCES = """\
# Which file holds what, written by `rmrp new`. Correct producer and as_of: both stand on the sheets.
# Other keys: sheet, header_row, numbers ("1.234,5"), dates (day first), licence, url.
{content}"""

README = """\
# {run}

Key-figures sheets, made with rmrp-analysis.

1. `data/` holds the files; `data/sources.yml` says which file holds what.
2. `rmrp check params.yml` says what is wrong with them.
3. `rmrp run params.yml` makes the sheets: open `reports/{run}/index.html`.
4. `narratives/` is for texts about a sector, such as `health.{language}.md`; they belong to the run in `{run_file}`.
5. `rmrp lab` opens copies of the notebooks, for experiments.
6. `{key_file}` is the secret by which public counts of people are rounded: keep it, and keep it to yourselves.
"""


@dataclass
class Found:
    """What a new project is about, and what its author should know."""

    plan: int
    start: str
    end: str
    language: str = "en"
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def new_project(folder: Path, workbook: Path | None = None, plan: int | None = None) -> list[str]:
    """Write a new project to a folder, with a copy of the workbook; returns what its author should know.

    Raises ``RequestError`` where one of its files is there already, ``InputRefused`` for a workbook without
    activities. Nothing is written then.
    """
    found = _found(workbook, plan) if workbook else _nothing_found(plan)
    run = file_names([folder.resolve().name])[0]
    texts = dict(_texts(folder, run, found))
    in_place = workbook and (folder / "data" / workbook.name).resolve() == workbook.resolve()
    copies = {f"data/{workbook.name}": workbook} if workbook and not in_place else {}
    indicators = _indicators(found)
    copies |= {f"data/{indicators.name}": indicators} if indicators else {}
    texts[f"data/{SOURCES_FILE}"] = _sources_text(found)
    there = [name for name in (*texts, *copies) if (folder / name).exists()]
    if there:
        raise RequestError(f"{folder / there[0]} is there already; nothing is written. Choose another folder")
    for name, text in texts.items():
        write_whole(folder / name, text)
    _write_rounding_key(folder)
    for name, path in copies.items():
        shutil.copy2(path, folder / name)
    return found.notes


def _write_rounding_key(folder: Path) -> None:
    """Write the secret by which counts are rounded, where there is none, and keep it out of what Git shares."""
    if not (folder / ROUNDING_KEY).exists():
        write_whole(folder / ROUNDING_KEY, f"{new_secret()}\n")
        (folder / ROUNDING_KEY).chmod(0o600)
    ignored = folder / ".gitignore"
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if ROUNDING_KEY not in lines:
        write_whole(ignored, "".join(f"{line}\n" for line in (*lines, ROUNDING_KEY)))


def _nothing_found(plan: int | None) -> Found:
    year = plan_year(plan or max(PLAN_YEARS)).year
    return Found(
        year,
        f"{year}-01",
        f"{year}-12",
        sources={ACTIVITIES: _source("activities.xlsx", f"{pack.about().name} partners")},
        notes=[f"Put the activities into data/, and name the file in data/{SOURCES_FILE}."],
    )


def _found(workbook: Path, plan: int | None) -> Found:
    """What the workbook holds. Raises ``InputRefused`` when that is no activities."""
    sheets = [sheet for sheet in recognised(workbook) if sheet.name]
    by_name: dict[str, list[Recognised]] = {}
    for sheet in sorted(sheets, key=lambda sheet: -sheet.columns):
        by_name.setdefault(sheet.name, []).append(sheet)
    if ACTIVITIES not in by_name:
        also = f"; found: {', '.join(by_name)}" if by_name else ""
        raise InputRefused(f"{workbook}: no visible sheet has the headers of an activity report (5W){also}")
    activities = by_name[ACTIVITIES][0]
    months = months_of(workbook, activities.sheet)
    years = Counter(month[:4] for month in months)
    named = year_in(workbook.name) or max(PLAN_YEARS)
    year = plan_year(plan or (int(years.most_common(1)[0][0]) if years else named)).year
    of_year = sorted(month for month in months if month.startswith(str(year)))
    start, end = (of_year[0], of_year[-1]) if of_year else (f"{year}-01", f"{year}-12")
    found = Found(year, start, end, language="es" if activities.spanish else "en")
    day = datetime.fromtimestamp(workbook.stat().st_mtime, tz=UTC).date().isoformat()
    for name in SOURCE_TABLES:
        for number, sheet in enumerate(by_name.get(name, [])):
            in_file = f"the sheet '{sheet.sheet}'" if sheet.sheet else workbook.name
            if number == 0:
                producer = f"{pack.about().name} partners" if name == ACTIVITIES else _producer(year)
                found.sources[name] = _source(workbook.name, producer, day, sheet.sheet)
                found.notes.append(f"{name}: {in_file}")
            else:
                found.notes.append(f"{name}: {in_file} fits, too, and is not read; change `sheet:` to read it")
    found.notes.append(f"plan {year}, period {start} to {end}" + ("" if of_year else "; no month could be read"))
    return found


def _producer(year: int) -> str:
    return f"{pack.about().name}, {pack.about().plan} {year}"


def _source(file: str, producer: str, day: str = "", sheet: str = "") -> dict[str, str]:
    return {"file": file, **({"sheet": sheet} if sheet else {}), "producer": producer, "as_of": day}


def _indicators(found: Found) -> Path | None:
    """The list of indicators to copy, where the package has that of the plan year; its source is noted."""
    if INDICATORS in found.sources:
        return None
    bundled = shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled) if pack.folder() == pack.SHIPPED else None  # it is R4V's
    known = sources.indicators if sources and sources.plan == found.plan else None
    if known:
        about = {"producer": known.producer, "as_of": known.as_of, "licence": known.licence}
        found.sources[INDICATORS] = {"file": known.file, **about}
        found.notes.append(f"indicators: the list of plan {found.plan} that comes with the package, {known.file}")
        return bundled / known.file
    found.sources[INDICATORS] = _source("indicators.csv", _producer(found.plan))
    found.notes.append(f"indicators: there is no list yet. {pack.about().indicators}. {SAVE_INDICATORS}")
    return None


def _sources_text(found: Found) -> str:
    in_order = {name: found.sources[name] for name in SOURCE_TABLES if name in found.sources}
    content = {"title": f"{pack.about().plan} {found.plan}", "plan": found.plan, **in_order}
    return SOURCES.format(content=yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _texts(folder: Path, run: str, found: Found) -> Iterator[tuple[str, str]]:
    title = f"{TITLES[found.language]} {found.plan}"
    own = "" if pack.folder() == pack.SHIPPED else f"pack: {_seen_from(folder)}\n"
    values = {"run": run, "pack": own, "title": title, "language": found.language, "run_file": f"narratives/{RUN_FILE}"}
    values["key_file"] = ROUNDING_KEY
    yield PARAMS_FILE, PARAMS.format(**values, plan=found.plan, start=found.start, end=found.end)
    yield README_FILE, README.format(**values)
    yield f"narratives/{RUN_FILE}", f"{run}\n"
    period = {"start": found.start, "end": found.end}
    parameters = {
        "title": title,
        "plan": found.plan,
        "period": period,
        "data": "../data",
        "narratives": "../narratives",
        "language": found.language,
        "languages": [found.language],
    }
    for path in sorted(shipped_folder(NOTEBOOKS).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source = _with_parameters("".join(cell["source"]), parameters, cell["metadata"].get("tags", []))
            cell["source"] = source.splitlines(keepends=True)
        yield f"{NOTEBOOKS}/{path.name}", json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _seen_from(folder: Path) -> str:
    """The plan pack as a parameter file in a folder names it."""
    try:
        return Path(os.path.relpath(pack.folder(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return pack.folder().as_posix()


def _with_parameters(source: str, parameters: Mapping[str, Any], tags: list[str]) -> str:
    """A cell with the project's parameters, and the project's data in place of the plan that comes with the package."""
    if "parameters" in tags:
        for name, value in parameters.items():
            line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
            source = re.sub(rf"^{name} = .*$", lambda _, line=line: line, source, flags=re.MULTILINE)  # type: ignore[misc]
    months = f"{parameters['period']['start']}/{parameters['period']['end']}"
    return source.replace(f"../{BUNDLED_PLAN}", "../data").replace("2021-01/2021-12", months)
