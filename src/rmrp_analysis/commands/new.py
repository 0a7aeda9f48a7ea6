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
from rmrp_analysis.words import Translator
from rmrp_analysis.yaml_text import yaml_text

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
"""The folder of templates, with one folder a language; ``$name`` stands where a project's own words go."""
INDICATORS_INPUT = "indicators"
"""The name of the input that lists indicators."""
EXPLORE_NOTEBOOK_STEM = "explore"
"""The file name, without suffix, of the notebook to try things in; what it shows is written in its cells."""
PROPORTION_INPUTS = {"people_in_need_proportions", "target_proportions"}
"""The inputs that the usual intersector model needs."""


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
        """Enter the fields that name the files of an input, with its usual producer and the day."""
        plan_pack = pack.about()
        producer_by_input = {ACTIVITIES_INPUT: f"{plan_pack.name} partners", FUNDING_INPUT: "OCHA FTS"}
        producer = producer_by_input.get(name, f"{plan_pack.name}, {plan_pack.plan} {self.plan}")
        self.entries[name] = {**files, "producer": producer, "as_of": day}


@dataclass(frozen=True)
class Masthead:
    """Who publishes the sheets, how to write to them, and the days of this issue and the next; each may be unknown."""

    publisher: str = ""
    contact: str = ""
    issues: Sequence[str] = ()

    def lines(self, year: int) -> dict[str, str]:
        """Return the lines ``publisher`` and ``calendar`` of a parameter file; as a comment where none is given.

        Raises ``RequestError`` for an issue that is no day.
        """
        pack_publisher = pack.about().publisher
        publisher_facts = {
            "name": self.publisher or (pack_publisher.name if pack_publisher else pack.about().name),
            "contact": self.contact or "figures@example.org",
            "address": "" if self.publisher or pack_publisher is None else pack_publisher.address,
        }
        issue_days: list[date] = []
        for typed_day in self.issues:
            try:
                issue_days.append(date.fromisoformat(typed_day))
            except ValueError:
                day_fault_message = translate(
                    "'{day}' is no day; write it as {example}", day=typed_day, example=f"{year}-06-15"
                )
                raise RequestError(day_fault_message) from None
        publisher_entry = {
            "publisher": {fact_name: fact_text for fact_name, fact_text in publisher_facts.items() if fact_text}
        }
        calendar_parameter_dict = {"calendar": sorted(issue_days) or [date(year, 6, 15), date(year, 7, 15)]}
        return {
            "publisher": ("" if self.publisher or self.contact else "# ") + _format_line(publisher_entry),
            "calendar": ("" if issue_days else "# ") + _format_line(calendar_parameter_dict),
        }


def _format_line(content: Mapping[str, Any]) -> str:
    """Return the one key of ``content`` and what it holds as a line of YAML."""
    ((key_name, key_content),) = content.items()
    content_yaml = yaml.safe_dump(key_content, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1000)
    return f"{key_name}: {content_yaml.strip()}"


def new_project(
    folder: Path,
    places: Sequence[Path] = (),
    plan: int | None = None,
    languages: Sequence[str] = (),
    replaces: str = "",
    masthead: Masthead = Masthead(),
) -> tuple[list[str], list[str]]:
    """Write a new project to a folder, with copies of files, or of those in folders, and of the package's own lists.

    Returns what its author should know, and the inputs that are still missing, as activities are without ``places``. It
    is in the first of the languages, and its sheets are in all; without any it is in Spanish where the headers of the
    activities are, else in the language of messages. Raises ``RequestError`` where one of its files is there already,
    ``InputRefused`` for files without activities, or of which several hold the same reports and ``replaces`` does not
    say which stands. Nothing is written then.
    """
    terminal.speak(languages[0] if languages else "")
    if places:
        project_contents = _read_contents(list_files(places), plan, languages, replaces)
    else:
        plan_year_number = plan_year(plan or max(plan_years())).year
        project_contents = Contents(
            plan=plan_year_number,
            start=f"{plan_year_number}-01",
            end=f"{plan_year_number}-12",
            missing=[ACTIVITIES_INPUT],
        )
        project_contents.add_source(ACTIVITIES_INPUT, {"file": "activities.xlsx"})
        project_contents.note("Put the activities into data/, and name the file in data/{file}.", file=SOURCES_FILE)
    _add_lists(project_contents)
    _choose_model(project_contents)
    source_path_by_copy = {
        f"data/{file_name}": source_path for source_path, file_name in project_contents.copies.items()
    }
    source_path_by_copy = {
        file_name: source_path
        for file_name, source_path in source_path_by_copy.items()
        if (folder / file_name).resolve() != source_path.resolve()
    }
    text_by_file = dict(_fill_templates(folder, project_contents, masthead, languages))
    existing_file_names = [
        file_name for file_name in (*text_by_file, *source_path_by_copy) if (folder / file_name).exists()
    ]
    if existing_file_names:
        raise RequestError(
            translate(
                "{file} is there already; nothing is written. Choose another folder",
                file=folder / existing_file_names[0],
            )
        )
    for file_name, file_text in text_by_file.items():
        write_whole(folder / file_name, file_text)
    if not (folder / KEY_FILE).exists():
        write_whole(folder / KEY_FILE, f"{secrets.token_urlsafe(32)}\n")
        (folder / KEY_FILE).chmod(0o600)
    gitignore_path = folder / ".gitignore"  # the secret by which counts are rounded is not for what Git shares
    gitignore_lines = gitignore_path.read_text(encoding="utf-8").splitlines() if gitignore_path.exists() else []
    if KEY_FILE not in gitignore_lines:
        write_whole(gitignore_path, "".join(f"{gitignore_line}\n" for gitignore_line in (*gitignore_lines, KEY_FILE)))
    for file_name, source_path in source_path_by_copy.items():
        shutil.copy2(source_path, folder / file_name)
    return project_contents.notes, project_contents.missing


def _read_contents(paths: Sequence[Path], plan: int | None, languages: Sequence[str], replaces: str) -> Contents:
    """Return what the files give a project: its months, its entries and copies, and notes.

    Sets the language of messages: the first of ``languages``, else Spanish where the activities are. Raises
    ``InputRefused`` where there are no activities, or some twice, ``RequestError`` for a wrong ``replaces``.
    """
    untranslated_note_pairs: list[
        tuple[str, dict[str, object]]
    ] = []  # until it is known which language they are noted in
    sheet_lists_by_input = recognise_inputs(
        paths, lambda note_text, **note_values: untranslated_note_pairs.append((note_text, note_values))
    )
    activity_sheets = sheet_lists_by_input.get(ACTIVITIES_INPUT)
    if not activity_sheets:
        raise InputRefused(
            translate(
                "{file}: no visible sheet has the headers of an activity report (5W); found: {inputs}",
                file=", ".join(map(str, paths)),
                inputs=", ".join(sheet_lists_by_input) or "—",
            )
        )
    terminal.speak(languages[0] if languages else "es" if activity_sheets[0].spanish else "")
    report_tables_by_path = {
        input_sheet.path: reports_in(input_sheet.path, input_sheet.sheet) for input_sheet in activity_sheets
    }
    activity_report_table = pd.concat(report_tables_by_path.values())
    report_month_series = activity_report_table["month"]
    has_indicator_types = bool(activity_report_table["stated_indicator_type"].ne("").any())
    file_name_year = next(
        filter(None, (year_in(input_sheet.path.name) for input_sheet in activity_sheets)), max(plan_years())
    )
    commonest_year = int(report_month_series.str[:4].mode()[0]) if len(report_month_series) else file_name_year
    plan_year_number = plan_year(plan or commonest_year).year
    plan_year_month_series = report_month_series[report_month_series.str.startswith(str(plan_year_number))]
    first_month_text = plan_year_month_series.min() if len(plan_year_month_series) else f"{plan_year_number}-01"
    last_month_text = plan_year_month_series.max() if len(plan_year_month_series) else f"{plan_year_number}-12"
    project_contents = Contents(
        plan=plan_year_number, start=first_month_text, end=last_month_text, states_types=has_indicator_types
    )
    for file_path in dict.fromkeys(
        input_sheet.path for input_sheets in sheet_lists_by_input.values() for input_sheet in input_sheets
    ):
        project_contents.copy(file_path)
    report_tables_by_file = {
        project_contents.copies[file_path]: file_report_table
        for file_path, file_report_table in report_tables_by_path.items()
    }
    replaced_names_by_file = parse_replaces(replaces, [*report_tables_by_file])
    find_replacing_files(report_tables_by_file, replaced_names_by_file, REPLACES_OPTION_TEMPLATE)
    _add_files(project_contents, sheet_lists_by_input, is_one_file=len(paths) == 1)
    if replaced_names_by_file:
        project_contents.entries[ACTIVITIES_INPUT]["replaces"] = replaced_names_by_file
    for note_text, note_values in untranslated_note_pairs:
        project_contents.note(note_text, **note_values)
    project_contents.note(
        "plan {year}, period {start} to {end}", year=str(plan_year_number), start=first_month_text, end=last_month_text
    )
    if not len(plan_year_month_series):
        project_contents.note("no month could be read")
    return project_contents


def _add_files(
    contents: Contents, sheet_lists_by_input: Mapping[str, Sequence[InputSheet]], *, is_one_file: bool
) -> None:
    """Enter the files of each input with their day, and note the sheet that it is read from.

    The note names the file, too, unless there ``is_one_file``.
    """
    for input_name in sorted(sheet_lists_by_input, key=[*TABLE_BY_INPUT, FUNDING_INPUT].index):
        input_sheets = sheet_lists_by_input[input_name]
        contents.add_source(
            input_name,
            name_files(input_sheets, contents.copies),
            find_day(input_sheet.path for input_sheet in input_sheets),
        )
        sheet_phrase = (
            translate("the sheet '{sheet}'", sheet=input_sheets[0].sheet)
            if input_sheets[0].sheet
            else input_sheets[0].path.name
        )
        for input_sheet in input_sheets:
            contents.notes.append(f"{input_name}: {sheet_phrase if is_one_file else input_sheet.place}")


def _add_lists(contents: Contents) -> None:
    """Add the lists that the package has of the plan year, where the files have none; note each.

    Invented lists are left out. Without a list of indicators, enter one as missing, unless activities state the types.
    """
    bundled_plan_folder = find_shipped_folder(BUNDLED_PLAN)
    bundled_sources = load_sources(bundled_plan_folder) if pack.folder() == pack.R4V_FOLDER else None  # it is R4V's
    for input_name, bundled_source in (
        bundled_sources.items() if bundled_sources and bundled_sources.plan == contents.plan else ()
    ):
        if (
            input_name in REFERENCE_TABLE_NAMES
            and input_name not in contents.entries
            and not bundled_source.illustrative
        ):
            list_facts = {
                "producer": bundled_source.producer,
                "as_of": bundled_source.as_of,
                "licence": bundled_source.licence,
            }
            list_copy_name = contents.copy(bundled_plan_folder / bundled_source.file)
            contents.entries[input_name] = {"file": list_copy_name, **list_facts}
            contents.note(
                "{input}: the list of plan {year} that comes with the package, {file}",
                input=input_name,
                year=str(contents.plan),
                file=list_copy_name,
            )
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
    """Choose the model ``sum``, and note it, where the usual intersector model needs proportions that are not here."""
    usual_model_rule_name = plan_year(contents.plan).rule_of(USUAL_MODEL)
    if usual_model_rule_name in RULES_WITH_PROPORTIONS and not PROPORTION_INPUTS & {*contents.entries}:
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
    """Yield the path in the project and the text of each file, in the language of messages: templates, notebooks."""
    language, run_name = terminal.log.language, file_names([folder.resolve().name])[0]
    source_entry_by_input = {
        input_name: contents.entries[input_name]
        for input_name in (*TABLE_BY_INPUT, FUNDING_INPUT)
        if input_name in contents.entries
    }
    sources_yml_fields = {
        "title": f"{pack.about().plan} {contents.plan}",
        "plan": contents.plan,
        **source_entry_by_input,
    }
    plan_pack_path = pack.folder()
    with suppress(ValueError):  # it lies on another drive
        plan_pack_path = Path(os.path.relpath(plan_pack_path, folder.resolve()))
    value_by_placeholder = {
        "run": run_name,
        "plan": contents.plan,
        "start": contents.start,
        "end": contents.end,
        "pack": "" if pack.folder() == pack.R4V_FOLDER else f"pack: {plan_pack_path.as_posix()}\n",
        "sources": yaml_text(sources_yml_fields).rstrip(),
        "languages": f"[{', '.join(dict.fromkeys(languages) or (language,))}]",
        **masthead.lines(contents.plan),
        "model": f"\n  intersector_model: {contents.model}" if contents.model else "",
    }
    template_folder = TEMPLATES_FOLDER / language
    text_by_file = {
        shipped_path.relative_to(template_folder).as_posix(): shipped_path.read_text("utf-8")
        for shipped_path in template_folder.rglob("*")
        if shipped_path.is_file()
    }
    text_by_file = {
        file_name: Template(file_text).substitute(value_by_placeholder) for file_name, file_text in text_by_file.items()
    }
    project_params = yaml.safe_load(text_by_file[PARAMS_FILE])
    notebook_parameters = {
        parameter_name: project_params[parameter_name] for parameter_name in ("plan", "period", "languages")
    }
    notebook_parameters["title"] = title_of_months(contents.start, contents.end, language)
    notebook_parameters |= {"data": "../data", "narratives": "../narratives", "language": language}
    yield from (text_by_file | {f"narratives/{NARRATIVES_RUN_FILE}": f"{run_name}\n"}).items()
    for shipped_path in sorted(find_shipped_folder(NOTEBOOKS_FOLDER).glob("*.ipynb")):
        notebook_json = json.loads(shipped_path.read_text(encoding="utf-8"))
        for notebook_cell in notebook_json["cells"]:
            # A cell that is not code is a text with a translation
            cell_source = Translator(language).known("".join(notebook_cell["source"]))
            if shipped_path.stem == EXPLORE_NOTEBOOK_STEM and notebook_cell["cell_type"] == "code":
                # The others take their language as a parameter
                cell_source = translate_code(cell_source, language)
            cell_source = _fill_parameters(cell_source, notebook_parameters, notebook_cell["metadata"].get("tags", []))
            notebook_cell["source"] = cell_source.splitlines(keepends=True)
        yield f"{NOTEBOOKS_FOLDER}/{shipped_path.name}", json_text(notebook_json, 1)


def _fill_parameters(source: str, parameters: Mapping[str, Any], tags: list[str]) -> str:
    """Return the code of a cell with the project's data folder and months.

    A cell tagged ``parameters`` gets the values of these parameters, too, and its comments in their language.
    """
    if "parameters" in tags:
        translate = Translator(parameters["language"])
        for parameter_name, parameter_value in parameters.items():
            value_json = json.dumps(parameter_value, ensure_ascii=False)
            parameter_pattern = re.compile(rf"^({parameter_name}: \w+ = ).*?((?:  # .*)?)$", re.MULTILINE)
            source = parameter_pattern.sub(
                lambda match, value_json=value_json: f"{match[1]}{value_json}{match[2]}",  # type: ignore[misc]
                source,
            )
        source = re.sub(r"(?<=  # ).+$", lambda help_text: translate.known(help_text[0]), source, flags=re.MULTILINE)
    project_period_text = f"{parameters['period']['start']}/{parameters['period']['end']}"
    return source.replace(f"../{BUNDLED_PLAN}", "../data").replace("2021-01/2021-12", project_period_text)
