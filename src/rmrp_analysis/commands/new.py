"""Write a project of one's own: parameters, notebooks, a data folder filled from a workbook."""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

import yaml

from rmrp_analysis.commands import terminal
from rmrp_analysis.commands.terminal import words
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.figures.rounding_key import KEY_FILE, new_secret
from rmrp_analysis.files import file_names, write_whole
from rmrp_analysis.loaders.recognised import ACTIVITIES, months_of, recognised, year_in
from rmrp_analysis.packs import pack
from rmrp_analysis.params import BUNDLED_PLAN, NOTEBOOKS, RUN_FILE, shipped_folder
from rmrp_analysis.sources import SOURCES_FILE, load_sources
from rmrp_analysis.tables import SOURCE_TABLES
from rmrp_analysis.vocabulary import PLAN_YEARS, plan_year

TEMPLATES = Path(__file__).parent / "templates"
"""For each language the files of a project, with ``$name`` where its own words stand."""
PARAMS_FILE = "params.yml"
INDICATORS = "indicators"


@dataclass
class Contents:
    """What a new project is about, which files its data folder names, and what its author should know."""

    plan: int
    start: str
    end: str
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add_source(self, name: str, file: str, day: str = "", sheet: str = "") -> None:
        """Name the file that holds an input, and its sheet, if it has one."""
        about = pack.about()
        producer = f"{about.name} partners" if name == ACTIVITIES else f"{about.name}, {about.plan} {self.plan}"
        self.sources[name] = {"file": file, **({"sheet": sheet} if sheet else {}), "producer": producer, "as_of": day}

    def note(self, text: str, /, **values: object) -> None:
        """Note what the author should know."""
        self.notes.append(words(text, **values))


def new_project(folder: Path, workbook: Path | None = None, plan: int | None = None, language: str = "") -> list[str]:
    """Write a new project to a folder, with a copy of the workbook; returns what its author should know.

    Without a language it is in Spanish where the headers of the workbook are, or else in that of messages. Raises
    ``RequestError`` where one of its files is there already, ``InputRefused`` for a workbook without activities.
    Nothing is written then.
    """
    contents = _of_workbook(workbook, plan, language) if workbook else _of_nothing(plan, language)
    copies = {workbook.name: workbook} if workbook else {}
    copies |= _indicators(contents)
    copies = {f"data/{name}": path for name, path in copies.items()}
    copies = {name: path for name, path in copies.items() if (folder / name).resolve() != path.resolve()}
    texts = dict(_texts(folder, contents))
    there = [name for name in (*texts, *copies) if (folder / name).exists()]
    if there:
        raise RequestError(
            words("{file} is there already; nothing is written. Choose another folder", file=folder / there[0])
        )
    for name, text in texts.items():
        write_whole(folder / name, text)
    if not (folder / KEY_FILE).exists():
        write_whole(folder / KEY_FILE, f"{new_secret()}\n")
        (folder / KEY_FILE).chmod(0o600)
    ignored = folder / ".gitignore"  # the secret by which counts are rounded is not for what Git shares
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if KEY_FILE not in lines:
        write_whole(ignored, "".join(f"{line}\n" for line in (*lines, KEY_FILE)))
    for name, path in copies.items():
        shutil.copy2(path, folder / name)
    return contents.notes


def _of_nothing(plan: int | None, language: str) -> Contents:
    year = plan_year(plan or max(PLAN_YEARS)).year
    terminal.speak(language)
    contents = Contents(year, f"{year}-01", f"{year}-12")
    contents.add_source(ACTIVITIES, "activities.xlsx")
    contents.note("Put the activities into data/, and name the file in data/{file}.", file=SOURCES_FILE)
    return contents


def _of_workbook(workbook: Path, plan: int | None, language: str) -> Contents:
    """What the workbook holds. Raises ``InputRefused`` when that is no activities."""
    sheets = sorted(recognised(workbook), key=lambda sheet: -sheet.columns)
    by_name = {name: [sheet for sheet in sheets if sheet.name == name] for name in SOURCE_TABLES}
    if not by_name[ACTIVITIES]:
        names = ", ".join(dict.fromkeys(sheet.name for sheet in sheets if sheet.name)) or "—"
        raise InputRefused(
            words(
                "{file}: no visible sheet has the headers of an activity report (5W); found: {inputs}",
                file=workbook,
                inputs=names,
            )
        )
    activities = by_name[ACTIVITIES][0]
    terminal.speak(language or ("es" if activities.spanish else ""))
    months = months_of(workbook, activities.sheet)
    years = Counter(month[:4] for month in months)
    named = year_in(workbook.name) or max(PLAN_YEARS)
    year = plan_year(plan or (int(years.most_common(1)[0][0]) if years else named)).year
    of_year = sorted(month for month in months if month.startswith(str(year)))
    start, end = (of_year[0], of_year[-1]) if of_year else (f"{year}-01", f"{year}-12")
    contents = Contents(year, start, end)
    day = datetime.fromtimestamp(workbook.stat().st_mtime, tz=UTC).date().isoformat()
    for name, fitting in by_name.items():
        for sheet in fitting:
            place = words("the sheet '{sheet}'", sheet=sheet.sheet) if sheet.sheet else workbook.name
            if name in contents.sources:
                contents.note(
                    "{input}: {place} fits, too, and is not read; change `sheet:` to read it", input=name, place=place
                )
            else:
                contents.add_source(name, workbook.name, day, sheet.sheet)
                contents.notes.append(f"{name}: {place}")
    contents.note("plan {year}, period {start} to {end}", year=str(year), start=start, end=end)
    if not of_year:
        contents.note("no month could be read")
    return contents


def _indicators(contents: Contents) -> dict[str, Path]:
    """The list of indicators to copy, where the package has that of the plan year; its source is noted."""
    if INDICATORS in contents.sources:
        return {}
    bundled = shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled) if pack.folder() == pack.SHIPPED else None  # it is R4V's
    known = sources.indicators if sources and sources.plan == contents.plan else None
    if known:
        about = {"producer": known.producer, "as_of": known.as_of, "licence": known.licence}
        contents.sources[INDICATORS] = {"file": known.file, **about}
        names = {"year": str(contents.plan), "file": known.file}
        contents.note("indicators: the list of plan {year} that comes with the package, {file}", **names)
        return {known.file: bundled / known.file}
    contents.add_source(INDICATORS, "indicators.csv")
    contents.note(
        "indicators: there is no list yet. {where}. Save it as data/indicators.csv (or .xlsx, and correct its name in "
        "data/sources.yml)",
        where=words(pack.about().indicators),
    )
    return {}


def _texts(folder: Path, contents: Contents) -> Iterator[tuple[str, str]]:
    """Each file of the project by its name, with its content."""
    language, run = terminal.log.language, file_names([folder.resolve().name])[0]
    sources = {name: contents.sources[name] for name in SOURCE_TABLES if name in contents.sources}
    about = {"title": f"{pack.about().plan} {contents.plan}", "plan": contents.plan, **sources}
    values = {
        "run": run,
        "plan": contents.plan,
        "start": contents.start,
        "end": contents.end,
        "pack": "" if pack.folder() == pack.SHIPPED else f"pack: {_seen_from(folder)}\n",
        "sources": yaml.safe_dump(about, allow_unicode=True, sort_keys=False).rstrip(),
    }
    own = TEMPLATES / language
    texts = {path.relative_to(own).as_posix(): path.read_text("utf-8") for path in own.rglob("*") if path.is_file()}
    texts = {name: Template(text).substitute(values) for name, text in texts.items()}
    params = yaml.safe_load(texts[PARAMS_FILE])
    named = {name: params[name] for name in ("title", "plan", "period", "languages")}
    named |= {"data": "../data", "narratives": "../narratives", "language": language}
    yield from (texts | {f"narratives/{RUN_FILE}": f"{run}\n"}).items()
    for path in sorted(shipped_folder(NOTEBOOKS).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source = _with_parameters("".join(cell["source"]), named, cell["metadata"].get("tags", []))
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
