"""Write a project of one's own: parameters, notebooks, a data folder filled from workbooks."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd
import yaml

from rmrp_analysis.commands import terminal
from rmrp_analysis.commands.inputs import (
    FUNDING,
    DataFolder,
    find_day,
    list_files,
    name_files,
    parse_replaces,
    recognise_inputs,
)
from rmrp_analysis.commands.notebooks import translate_code
from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.files import file_names, json_text, write_whole
from rmrp_analysis.loaders.overlap import AS_OPTION, standing_files
from rmrp_analysis.loaders.plan import REFERENCES
from rmrp_analysis.loaders.sheet_inputs import ACTIVITIES, reports_in, year_in
from rmrp_analysis.metrics.rounding_key import KEY_FILE
from rmrp_analysis.packs import pack
from rmrp_analysis.params import (
    BUNDLED_PLAN,
    NARRATIVES_RUN_FILE,
    NOTEBOOKS,
    PARAMS_FILE,
    find_shipped_folder,
    title_of_months,
)
from rmrp_analysis.sources import SOURCES_FILE, load_sources
from rmrp_analysis.tables import SOURCE_TABLES
from rmrp_analysis.vocabulary import NEEDS_PROPORTIONS, USUAL_MODEL, plan_year, plan_years
from rmrp_analysis.words import Translator
from rmrp_analysis.yaml_text import yaml_text

TEMPLATES = Path(__file__).parent / "templates"
"""For each language the files of a project, with ``$name`` where its own words stand."""
INDICATORS = "indicators"
EXPLORE = "explore"
"""The notebook to try things in; what it shows is written in its cells."""
PROPORTIONS = {"people_in_need_proportions", "target_proportions"}


@dataclass
class Contents(DataFolder):
    """What a new project is about, and what its data folder gets; inputs may still be ``missing``.

    ``states_types``: its activities say themselves what their indicators count. ``model``: the intersector model, where
    the usual one needs lists that are not here.
    """

    plan: int = 0
    start: str = ""
    end: str = ""
    missing: list[str] = field(default_factory=list)
    states_types: bool = False
    model: str = ""

    def add_source(self, name: str, files: dict[str, Any], day: str = "") -> None:
        """Name the file or files that hold an input."""
        plan_pack = pack.about()
        producers = {ACTIVITIES: f"{plan_pack.name} partners", FUNDING: "OCHA FTS"}
        producer = producers.get(name, f"{plan_pack.name}, {plan_pack.plan} {self.plan}")
        self.entries[name] = {**files, "producer": producer, "as_of": day}


@dataclass(frozen=True)
class Masthead:
    """Who publishes the sheets, how to write to them, and the days of this issue and the next; each may be unknown."""

    publisher: str = ""
    contact: str = ""
    issues: Sequence[str] = ()

    def lines(self, year: int) -> dict[str, str]:
        """Give the lines of a parameter file, as comments with an example where nothing is known.

        Raises ``RequestError`` for an issue that is no day.
        """
        pack_publisher = pack.about().publisher
        publisher_facts = {
            "name": self.publisher or (pack_publisher.name if pack_publisher else pack.about().name),
            "contact": self.contact or "figures@example.org",
            "address": "" if self.publisher or pack_publisher is None else pack_publisher.address,
        }
        days: list[date] = []
        for day in self.issues:
            try:
                days.append(date.fromisoformat(day))
            except ValueError:
                advice = translate("'{day}' is no day; write it as {example}", day=day, example=f"{year}-06-15")
                raise RequestError(advice) from None
        publisher = {"publisher": {name: text for name, text in publisher_facts.items() if text}}
        calendar = {"calendar": sorted(days) or [date(year, 6, 15), date(year, 7, 15)]}
        return {
            "publisher": ("" if self.publisher or self.contact else "# ") + _format_line(publisher),
            "calendar": ("" if days else "# ") + _format_line(calendar),
        }


def _format_line(content: Mapping[str, Any]) -> str:
    """Write a key of a YAML file and its content on one line."""
    ((name, value),) = content.items()
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1000)
    return f"{name}: {text.strip()}"


def new_project(
    folder: Path,
    places: Sequence[Path] = (),
    plan: int | None = None,
    languages: Sequence[str] = (),
    replaces: str = "",
    masthead: Masthead = Masthead(),
) -> tuple[list[str], list[str]]:
    """Write a new project to a folder, with copies of files, or of those in folders, and of the package's own lists.

    Returns what its author should know, and the inputs that are still missing. It is in the first of the languages, and
    its sheets are in all of them; without any it is in Spanish where the headers of the activities are, or else in the
    language of messages. Raises ``RequestError`` where one of its files
    is there already, ``InputRefused`` for files without activities, or of which several hold the same reports and
    ``replaces`` does not say which stands. Nothing is written then.
    """
    terminal.speak(languages[0] if languages else "")
    if places:
        contents = _read_contents(list_files(places), plan, languages, replaces)
    else:
        year = plan_year(plan or max(plan_years())).year
        contents = Contents(plan=year, start=f"{year}-01", end=f"{year}-12", missing=[ACTIVITIES])
        contents.add_source(ACTIVITIES, {"file": "activities.xlsx"})
        contents.note("Put the activities into data/, and name the file in data/{file}.", file=SOURCES_FILE)
    _add_lists(contents)
    _choose_model(contents)
    copies = {f"data/{name}": path for path, name in contents.copies.items()}
    copies = {name: path for name, path in copies.items() if (folder / name).resolve() != path.resolve()}
    texts = dict(_fill_templates(folder, contents, masthead, languages))
    existing_files = [name for name in (*texts, *copies) if (folder / name).exists()]
    if existing_files:
        raise RequestError(
            translate(
                "{file} is there already; nothing is written. Choose another folder", file=folder / existing_files[0]
            )
        )
    for name, text in texts.items():
        write_whole(folder / name, text)
    if not (folder / KEY_FILE).exists():
        write_whole(folder / KEY_FILE, f"{secrets.token_urlsafe(32)}\n")
        (folder / KEY_FILE).chmod(0o600)
    ignored = folder / ".gitignore"  # the secret by which counts are rounded is not for what Git shares
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if KEY_FILE not in lines:
        write_whole(ignored, "".join(f"{line}\n" for line in (*lines, KEY_FILE)))
    for name, path in copies.items():
        shutil.copy2(path, folder / name)
    return contents.notes, contents.missing


def _read_contents(paths: Sequence[Path], plan: int | None, languages: Sequence[str], replaces: str) -> Contents:
    """Read what the files hold. Raises ``InputRefused`` where there are no activities, or some twice."""
    unread: list[tuple[str, dict[str, object]]] = []  # until it is known which language they are noted in
    sheets_by_input = recognise_inputs(paths, lambda text, **values: unread.append((text, values)))
    activities = sheets_by_input.get(ACTIVITIES)
    if not activities:
        raise InputRefused(
            translate(
                "{file}: no visible sheet has the headers of an activity report (5W); found: {inputs}",
                file=", ".join(map(str, paths)),
                inputs=", ".join(sheets_by_input) or "—",
            )
        )
    terminal.speak(languages[0] if languages else "es" if activities[0].spanish else "")
    reports = {sheet.path: reports_in(sheet.path, sheet.sheet) for sheet in activities}
    all_reports = pd.concat(reports.values())
    months, is_typed = all_reports["month"], all_reports["stated_indicator_type"].ne("").any()
    year_in_names = next(filter(None, (year_in(sheet.path.name) for sheet in activities)), max(plan_years()))
    year = plan_year(plan or (int(months.str[:4].mode()[0]) if len(months) else year_in_names)).year
    months_of_year = months[months.str.startswith(str(year))]
    contents = Contents(plan=year, start=f"{year}-01", end=f"{year}-12", states_types=bool(is_typed))
    if len(months_of_year):
        contents.start, contents.end = months_of_year.min(), months_of_year.max()
    for path in dict.fromkeys(sheet.path for sheets in sheets_by_input.values() for sheet in sheets):
        contents.copy(path)
    tables = {contents.copies[path]: file_reports for path, file_reports in reports.items()}
    replacements = parse_replaces(replaces, [*tables])
    standing_files(tables, replacements, AS_OPTION)
    for name in sorted(sheets_by_input, key=[*SOURCE_TABLES, FUNDING].index):
        sheets = sheets_by_input[name]
        contents.add_source(name, name_files(sheets, contents.copies), find_day(sheet.path for sheet in sheets))
        sheet_text = translate("the sheet '{sheet}'", sheet=sheets[0].sheet) if sheets[0].sheet else sheets[0].path.name
        for sheet in sheets:
            contents.notes.append(f"{name}: {sheet_text if len(paths) == 1 else sheet.place}")
    if replacements:
        contents.entries[ACTIVITIES]["replaces"] = replacements
    for text, values in unread:
        contents.note(text, **values)
    contents.note("plan {year}, period {start} to {end}", year=str(year), start=contents.start, end=contents.end)
    if not len(months_of_year):
        contents.note("no month could be read")
    return contents


def _add_lists(contents: Contents) -> None:
    """Add the lists that the package has of the plan year, where the files have none; invented ones are no lists."""
    bundled = find_shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled) if pack.folder() == pack.SHIPPED else None  # it is R4V's
    for name, source in sources.items() if sources and sources.plan == contents.plan else ():
        if name in REFERENCES and name not in contents.entries and not source.illustrative:
            source_facts = {"producer": source.producer, "as_of": source.as_of, "licence": source.licence}
            copy = contents.copy(bundled / source.file)
            contents.entries[name] = {"file": copy, **source_facts}
            contents.note(
                "{input}: the list of plan {year} that comes with the package, {file}",
                input=name,
                year=str(contents.plan),
                file=copy,
            )
    if INDICATORS not in contents.entries and contents.states_types:
        contents.note(
            "indicators: there is no list; the activities state the type of each indicator, and a list that you name "
            "in data/sources.yml decides in their place"
        )
    elif INDICATORS not in contents.entries:
        contents.missing.append(INDICATORS)
        contents.add_source(INDICATORS, {"file": "indicators.csv"})
        contents.note(
            "indicators: there is no list yet. {where}. Save it as data/indicators.csv (or .xlsx, and correct its name "
            "in data/sources.yml)",
            where=Translator(terminal.log.language)(pack.about().indicators),
        )


def _choose_model(contents: Contents) -> None:
    """Choose the sum of sectors for all sectors together, where the usual model needs proportions that are not here."""
    rule = plan_year(contents.plan).rule_of(USUAL_MODEL)
    if rule in NEEDS_PROPORTIONS and not PROPORTIONS & {*contents.entries}:
        contents.model = "sum"
        contents.note(
            "intersector_model: sum. The usual model, {model}, needs people_in_need_proportions of plan {year}, which "
            "are not here; once data/sources.yml names them, write {model}. A sum counts people once in each sector",
            model=USUAL_MODEL,
            year=str(contents.plan),
        )


def _fill_templates(
    folder: Path, contents: Contents, masthead: Masthead, languages: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each file of the project; notebooks are in its language."""
    language, run = terminal.log.language, file_names([folder.resolve().name])[0]
    sources = {name: contents.entries[name] for name in (*SOURCE_TABLES, FUNDING) if name in contents.entries}
    sources_content = {"title": f"{pack.about().plan} {contents.plan}", "plan": contents.plan, **sources}
    pack_path = pack.folder()
    with suppress(ValueError):  # it lies on another drive
        pack_path = Path(os.path.relpath(pack_path, folder.resolve()))
    values = {
        "run": run,
        "plan": contents.plan,
        "start": contents.start,
        "end": contents.end,
        "pack": "" if pack.folder() == pack.SHIPPED else f"pack: {pack_path.as_posix()}\n",
        "sources": yaml_text(sources_content).rstrip(),
        "languages": f"[{', '.join(dict.fromkeys(languages) or (language,))}]",
        **masthead.lines(contents.plan),
        "model": f"\n  intersector_model: {contents.model}" if contents.model else "",
    }
    template = TEMPLATES / language
    texts = {
        path.relative_to(template).as_posix(): path.read_text("utf-8") for path in template.rglob("*") if path.is_file()
    }
    texts = {name: Template(text).substitute(values) for name, text in texts.items()}
    params = yaml.safe_load(texts[PARAMS_FILE])
    notebook_parameters = {name: params[name] for name in ("plan", "period", "languages")}
    notebook_parameters["title"] = title_of_months(contents.start, contents.end, language)
    notebook_parameters |= {"data": "../data", "narratives": "../narratives", "language": language}
    yield from (texts | {f"narratives/{NARRATIVES_RUN_FILE}": f"{run}\n"}).items()
    for path in sorted(find_shipped_folder(NOTEBOOKS).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source = Translator(language).known("".join(cell["source"]))  # a text is, where it is not code
            if path.stem == EXPLORE and cell["cell_type"] == "code":  # the others take their language as a parameter
                source = translate_code(source, language)
            source = _fill_parameters(source, notebook_parameters, cell["metadata"].get("tags", []))
            cell["source"] = source.splitlines(keepends=True)
        yield f"{NOTEBOOKS}/{path.name}", json_text(notebook, 1)


def _fill_parameters(source: str, parameters: Mapping[str, Any], tags: list[str]) -> str:
    """Put the project's parameters, data folder and months into the code of a cell."""
    if "parameters" in tags:
        translate = Translator(parameters["language"])
        for name, value in parameters.items():
            text = json.dumps(value, ensure_ascii=False)
            line = re.compile(rf"^({name}: \w+ = ).*?((?:  # .*)?)$", re.MULTILINE)
            source = line.sub(lambda match, text=text: f"{match[1]}{text}{match[2]}", source)  # type: ignore[misc]
        source = re.sub(r"(?<=  # ).+$", lambda help_text: translate.known(help_text[0]), source, flags=re.MULTILINE)
    months = f"{parameters['period']['start']}/{parameters['period']['end']}"
    return source.replace(f"../{BUNDLED_PLAN}", "../data").replace("2021-01/2021-12", months)
