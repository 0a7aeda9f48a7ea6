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
    FUNDING_INPUT,
    DataFolder,
    InputSheet,
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
from rmrp_analysis.loaders.overlap import REPLACES_OPTION_TEMPLATE, find_replacing_files
from rmrp_analysis.loaders.plan import REFERENCE_TABLE_NAMES
from rmrp_analysis.loaders.sheet_inputs import ACTIVITIES_INPUT, reports_in, year_in
from rmrp_analysis.metrics.rounding_key import KEY_FILE
from rmrp_analysis.packs import pack
from rmrp_analysis.params import (
    BUNDLED_PLAN,
    NARRATIVES_RUN_FILE,
    NOTEBOOKS_FOLDER,
    PARAMS_FILE,
    find_shipped_folder,
    title_of_months,
)
from rmrp_analysis.sources import SOURCES_FILE, load_sources
from rmrp_analysis.tables import TABLE_BY_INPUT
from rmrp_analysis.vocabulary import RULES_WITH_PROPORTIONS, USUAL_MODEL, plan_year, plan_years
from rmrp_analysis.words import N_, Translator
from rmrp_analysis.yaml_text import yaml_text

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
"""The folder of templates, with one folder a language. ``$name`` stands for a project's own words."""
INDICATORS_INPUT = "indicators"
EXPLORE_NOTEBOOK_STEM = "explore"
"""The file name, without suffix, of the notebook for experiments. The texts that it shows stand in its cells."""
PROPORTION_INPUTS = {"people_in_need_proportions", "target_proportions"}
"""The inputs that the usual intersector model needs."""


@dataclass
class Contents(DataFolder):
    """The plan, months and model of a new project, and the content for its data folder.

    Inputs may still be ``missing``. If ``states_types``, its activities state the types of their indicators. ``model``
    is the intersector model, if the usual one needs lists that the project does not have.
    """

    plan: int = 0
    start: str = ""
    end: str = ""
    missing: list[str] = field(default_factory=list)
    states_types: bool = False
    model: str = ""

    def add_source(self, name: str, files: dict[str, Any], day: str = "") -> None:
        """Enter an input with the fields that name its files, its usual producer, and the day."""
        facts = pack.about()
        producers = {ACTIVITIES_INPUT: f"{facts.name} partners", FUNDING_INPUT: "OCHA FTS"}
        producer = producers.get(name, f"{facts.name}, {facts.plan} {self.plan}")
        self.entries[name] = {**files, "producer": producer, "as_of": day}


@dataclass(frozen=True)
class Masthead:
    """The publisher of the sheets, the contact, and the days of this issue and the next. Each may be unknown."""

    publisher: str = ""
    contact: str = ""
    issues: Sequence[str] = ()

    def lines(self, year: int) -> dict[str, str]:
        """Return the lines ``publisher`` and ``calendar`` of a parameter file, each as a comment if it is not given.

        Raises ``RequestError`` for an issue that is no day.
        """
        usual = pack.about().publisher
        facts = {
            "name": self.publisher or (usual.name if usual else pack.about().name),
            "contact": self.contact or "figures@example.org",
            "address": "" if self.publisher or usual is None else usual.address,
        }
        days: list[date] = []
        for day in self.issues:
            try:
                days.append(date.fromisoformat(day))
            except ValueError:
                advice = translate("'{day}' is no day; write it as {example}", day=day, example=f"{year}-06-15")
                raise RequestError(advice) from None
        publisher = {"publisher": {name: text for name, text in facts.items() if text}}
        calendar = {"calendar": sorted(days) or [date(year, 6, 15), date(year, 7, 15)]}
        return {
            "publisher": ("" if self.publisher or self.contact else "# ") + _format_line(publisher),
            "calendar": ("" if days else "# ") + _format_line(calendar),
        }


def _format_line(content: Mapping[str, Any]) -> str:
    """Return the one key of ``content`` and its value as a line of YAML."""
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
    """Write a new project to a folder, with copies of files and of the package's own lists.

    ``places`` are files, or folders of files. Returns notes for the author, and the inputs that are still missing, such
    as activities without ``places``. The project is in the first of the languages, and its sheets in all of them.
    Without languages it is in Spanish if the headers of the activities are Spanish, or in the language of messages.
    Raises ``RequestError`` if one of its files exists. Raises ``InputRefused`` for files without activities, or if
    several files hold the same reports and ``replaces`` does not say which file stands. In these cases nothing is
    written.
    """
    terminal.speak(languages[0] if languages else "")
    if places:
        contents = _read_contents(list_files(places), plan, languages, replaces)
    else:
        year = plan_year(plan or max(plan_years())).year
        contents = Contents(plan=year, start=f"{year}-01", end=f"{year}-12", missing=[ACTIVITIES_INPUT])
        contents.add_source(ACTIVITIES_INPUT, {"file": "activities.xlsx"})
        contents.note("Put the activities into data/, and name the file in data/{file}.", file=SOURCES_FILE)
    _add_lists(contents)
    _choose_model(contents)
    copies = {f"data/{name}": path for path, name in contents.copies.items()}
    copies = {name: path for name, path in copies.items() if (folder / name).resolve() != path.resolve()}
    texts = dict(_fill_templates(folder, contents, masthead, languages))
    existing = [name for name in (*texts, *copies) if (folder / name).exists()]
    if existing:
        raise RequestError(
            translate("{file} is there already; nothing is written. Choose another folder", file=folder / existing[0])
        )
    for name, text in texts.items():
        write_whole(folder / name, text)
    if not (folder / KEY_FILE).exists():
        write_whole(folder / KEY_FILE, f"{secrets.token_urlsafe(32)}\n")
        (folder / KEY_FILE).chmod(0o600)
    ignored = folder / ".gitignore"  # the secret for the rounding of counts must not be shared by Git
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    if KEY_FILE not in lines:
        write_whole(ignored, "".join(f"{line}\n" for line in (*lines, KEY_FILE)))
    for name, path in copies.items():
        shutil.copy2(path, folder / name)
    return contents.notes, contents.missing


def _read_contents(paths: Sequence[Path], plan: int | None, languages: Sequence[str], replaces: str) -> Contents:
    """Return the contents of a project from its files: months, entries, copies and notes.

    Sets the language of messages: the first of ``languages``, or Spanish if the activities are Spanish. Raises
    ``InputRefused`` if there are no activities, or some twice, and ``RequestError`` for a wrong ``replaces``.
    """
    unread: list[tuple[str, dict[str, object]]] = []  # notes that wait until their language is known
    inputs = recognise_inputs(paths, lambda text, **values: unread.append((text, values)))
    activities = inputs.get(ACTIVITIES_INPUT)
    if not activities:
        raise InputRefused(
            translate(
                "{file}: no visible sheet has the headers of an activity report (5W); found: {inputs}",
                file=", ".join(map(str, paths)),
                inputs=", ".join(inputs) or "—",
            )
        )
    terminal.speak(languages[0] if languages else "es" if activities[0].spanish else "")
    reports = {sheet.path: reports_in(sheet.path, sheet.sheet) for sheet in activities}
    rows = pd.concat(reports.values())
    months = rows["month"]
    states_types = bool(rows["stated_indicator_type"].ne("").any())
    fallback = next(filter(None, (year_in(sheet.path.name) for sheet in activities)), max(plan_years()))
    common = int(months.str[:4].mode()[0]) if len(months) else fallback
    year = plan_year(plan or common).year
    dated = months[months.str.startswith(str(year))]
    start = dated.min() if len(dated) else f"{year}-01"
    end = dated.max() if len(dated) else f"{year}-12"
    contents = Contents(plan=year, start=start, end=end, states_types=states_types)
    for path in dict.fromkeys(sheet.path for sheets in inputs.values() for sheet in sheets):
        contents.copy(path)
    tables = {contents.copies[path]: table for path, table in reports.items()}
    decided = parse_replaces(replaces, [*tables])
    find_replacing_files(tables, decided, REPLACES_OPTION_TEMPLATE)
    _add_files(contents, inputs, is_one_file=len(paths) == 1)
    if decided:
        contents.entries[ACTIVITIES_INPUT]["replaces"] = decided
    for text, values in unread:
        contents.note(text, **values)
    contents.note("plan {year}, period {start} to {end}", year=str(year), start=start, end=end)
    if not len(dated):
        contents.note("no month could be read")
    return contents


def _add_files(
    contents: Contents, sheet_lists_by_input: Mapping[str, Sequence[InputSheet]], *, is_one_file: bool
) -> None:
    """Enter the files of each input with their day, and note their sheets."""
    for name in sorted(sheet_lists_by_input, key=[*TABLE_BY_INPUT, FUNDING_INPUT].index):
        sheets = sheet_lists_by_input[name]
        contents.add_source(name, name_files(sheets, contents.copies), find_day(sheet.path for sheet in sheets))
        place = translate("the sheet '{sheet}'", sheet=sheets[0].sheet) if sheets[0].sheet else sheets[0].path.name
        for sheet in sheets:
            contents.notes.append(f"{name}: {place if is_one_file else sheet.place}")


def _add_lists(contents: Contents) -> None:
    """Add and note the lists of the plan year that the package has and the files do not have.

    Invented lists are left out. A missing list of indicators is entered as missing, unless activities state the types.
    """
    bundled = find_shipped_folder(BUNDLED_PLAN)
    sources = load_sources(bundled) if pack.folder() == pack.R4V_FOLDER else None  # it is R4V's
    for name, source in sources.items() if sources and sources.plan == contents.plan else ():
        if name in REFERENCE_TABLE_NAMES and name not in contents.entries and not source.illustrative:
            copy, year = contents.copy(bundled / source.file), str(contents.plan)
            facts = {"producer": source.producer, "as_of": source.as_of, "licence": source.licence}
            contents.entries[name] = {"file": copy, **facts}
            text = N_("{input}: the list of plan {year} that comes with the package, {file}")
            contents.note(text, input=name, year=year, file=copy)
    if INDICATORS_INPUT not in contents.entries and contents.states_types:
        contents.note(
            "indicators: there is no list; the activities state the type of each indicator, and a list that you name "
            "in data/sources.yml decides in their place"
        )
    elif INDICATORS_INPUT not in contents.entries:
        contents.missing.append(INDICATORS_INPUT)
        contents.add_source(INDICATORS_INPUT, {"file": "indicators.csv"})
        contents.note(
            "indicators: there is no list yet. {where}. Save it as data/indicators.csv (or .xlsx, and correct its name "
            "in data/sources.yml)",
            where=Translator(terminal.log.language)(pack.about().indicators),
        )


def _choose_model(contents: Contents) -> None:
    """Choose the model ``sum``, and note it, if the usual intersector model needs proportions that are missing."""
    rule = plan_year(contents.plan).rule_of(USUAL_MODEL)
    if rule in RULES_WITH_PROPORTIONS and not PROPORTION_INPUTS & {*contents.entries}:
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
    """Yield the path in the project and the text of each template and notebook, in the language of messages."""
    language, run = terminal.log.language, file_names([folder.resolve().name])[0]
    sources = {name: contents.entries[name] for name in (*TABLE_BY_INPUT, FUNDING_INPUT) if name in contents.entries}
    content = {"title": f"{pack.about().plan} {contents.plan}", "plan": contents.plan, **sources}
    location = pack.folder()
    with suppress(ValueError):  # it lies on another drive
        location = Path(os.path.relpath(location, folder.resolve()))
    values = {
        "run": run,
        "plan": contents.plan,
        "start": contents.start,
        "end": contents.end,
        "pack": "" if pack.folder() == pack.R4V_FOLDER else f"pack: {location.as_posix()}\n",
        "sources": yaml_text(content).rstrip(),
        "languages": f"[{', '.join(dict.fromkeys(languages) or (language,))}]",
        **masthead.lines(contents.plan),
        "model": f"\n  intersector_model: {contents.model}" if contents.model else "",
    }
    templates = TEMPLATES_FOLDER / language
    texts = {
        path.relative_to(templates).as_posix(): path.read_text("utf-8")
        for path in templates.rglob("*")
        if path.is_file()
    }
    texts = {name: Template(text).substitute(values) for name, text in texts.items()}
    params = yaml.safe_load(texts[PARAMS_FILE])
    parameters = {key: params[key] for key in ("plan", "period", "languages")}
    parameters["title"] = title_of_months(contents.start, contents.end, language)
    parameters |= {"data": "../data", "narratives": "../narratives", "language": language}
    yield from (texts | {f"narratives/{NARRATIVES_RUN_FILE}": f"{run}\n"}).items()
    for path in sorted(find_shipped_folder(NOTEBOOKS_FOLDER).glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            # A cell that is not code is a text with a translation
            source = Translator(language).known("".join(cell["source"]))
            if path.stem == EXPLORE_NOTEBOOK_STEM and cell["cell_type"] == "code":
                # The others take their language as a parameter
                source = translate_code(source, language)
            source = _fill_parameters(source, parameters, cell["metadata"].get("tags", []))
            cell["source"] = source.splitlines(keepends=True)
        yield f"{NOTEBOOKS_FOLDER}/{path.name}", json_text(notebook, 1)


def _fill_parameters(source: str, parameters: Mapping[str, Any], tags: list[str]) -> str:
    """Return the code of a cell with the project's data folder and months.

    A cell tagged ``parameters`` also gets the values of these parameters, and its comments in their language.
    """
    if "parameters" in tags:
        translate = Translator(parameters["language"])
        for name, value in parameters.items():
            code = json.dumps(value, ensure_ascii=False)
            line = re.compile(rf"^({name}: \w+ = ).*?((?:  # .*)?)$", re.MULTILINE)
            source = line.sub(
                lambda match, code=code: f"{match[1]}{code}{match[2]}",  # type: ignore[misc]
                source,
            )
        source = re.sub(r"(?<=  # ).+$", lambda match: translate.known(match[0]), source, flags=re.MULTILINE)
    months = f"{parameters['period']['start']}/{parameters['period']['end']}"
    return source.replace(f"../{BUNDLED_PLAN}", "../data").replace("2021-01/2021-12", months)
