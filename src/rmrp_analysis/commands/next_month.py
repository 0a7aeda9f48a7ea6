"""Move a project to the next month: the end of its period, its files, and the months that its notebooks name."""

import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis.commands import terminal
from rmrp_analysis.commands.inputs import (
    DataFolder,
    InputSheet,
    find_day,
    list_files,
    name_files,
    parse_replaces,
    recognise_inputs,
)
from rmrp_analysis.commands.notebooks import LAB_FOLDER
from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.overlap import REPLACES_OPTION_TEMPLATE, REPORT_COLUMNS, find_replacing_files
from rmrp_analysis.loaders.sheet_inputs import ACTIVITIES_INPUT, reports_in
from rmrp_analysis.params import NOTEBOOKS_FOLDER, RunParams, load_run_params
from rmrp_analysis.sources import EDITIONS_FOLDER, SOURCES_FILE, Sources, replaces_by_name, sha256
from rmrp_analysis.yaml_text import read_yaml, with_content

MAX_CHANGES_SHOWN = 20
"""How many lines on changed reports are shown; ``rmrp diff`` has all."""


@dataclass
class Move(DataFolder):
    """What the data folder of a run gets for its next month, with a note for each change."""

    params: RunParams = field(kw_only=True)

    def path_of(self, name: str) -> Path:
        """Return the path from which a file can be read now that will have this name in the data folder."""
        return next((path for path, copy in self.copies.items() if copy == name), self.params.data / name)


def read_move(path: Path) -> Move:
    """Return the move of a project that changes nothing yet: its parameters, and what its data folder names."""
    params = load_run_params(path)
    return Move(dict(read_yaml(params.data / SOURCES_FILE, InputRefused).content), params=params)


def move_project(path: Path, month: str = "", places: Sequence[Path] = (), replaces: str = "") -> list[str]:
    """Move a project to a month, by default the one after its last, with new files; returns a line for each change.

    A file takes the place of those whose reports it has all, or whose name it has; else it is a further one. Where it
    has some of the reports of another file, ``replaces`` must say which file stands (see ``loaders.overlap``). What
    became of the reports of the months so far is told first. Files that are no longer named are removed once their rows
    are kept (see ``loaders.editions``); the others stay. Without a report of a later month in new files, the period
    stays. Raises ``RequestError`` or ``InputRefused`` where something is wrong; nothing is moved then.
    """
    project_move = read_move(path)
    sheet_lists_by_input = recognise_inputs(list_files(places), project_move.note) if places else {}
    has_new_files = bool(sheet_lists_by_input)
    _copy_new_files(project_move, sheet_lists_by_input)
    activity_sheets = sheet_lists_by_input.get(ACTIVITIES_INPUT, [])
    replaced_file_names = _replace_activities(project_move, activity_sheets, replaces)
    activities_entry = project_move.entries[ACTIVITIES_INPUT]
    if not places and not {"fetched", "sha256"} & set(activities_entry):  # files may have been overwritten
        entry_sheets = [
            _find_input_sheet(project_move, activities_entry, file_name)
            for file_name in _list_file_names(activities_entry)
        ]
        _enter(project_move, ACTIVITIES_INPUT, entry_sheets)
    activity_paths = {activity_sheet.path for activity_sheet in activity_sheets}
    for input_name, input_sheets in sheet_lists_by_input.items():
        remaining_file_names = {*_list_file_names(project_move.entries.get(input_name, {}))} - {*replaced_file_names}
        is_in_activity_files = all(input_sheet.path in activity_paths for input_sheet in input_sheets)
        if input_name != ACTIVITIES_INPUT and not (remaining_file_names and is_in_activity_files):
            # The list of another file stays
            _enter(project_move, input_name, input_sheets)
    new_end_month_text = _end_of_period(project_move, month, has_new=has_new_files)
    text_by_path = _move_texts(project_move, path, new_end_month_text)
    change_lines = _report_changes(project_move, has_new=has_new_files)  # before anything is moved
    _write(project_move, text_by_path)
    drop_replaced(project_move)
    return [*change_lines, *project_move.notes] or [translate("nothing changes")]


def _copy_new_files(move: Move, sheet_lists_by_input: Mapping[str, list[InputSheet]]) -> None:
    """Note in ``move.copies`` which new files are to be copied.

    A file that lies in the data folder already is not: its sheets in ``sheet_lists_by_input`` get its path there.
    """
    if not sheet_lists_by_input:
        return
    path_by_checksum = {
        sha256(file_path): file_path for file_path in sorted(move.params.data.iterdir()) if file_path.is_file()
    }
    used_file_names = [file_path.name for file_path in path_by_checksum.values()]
    for input_sheets in sheet_lists_by_input.values():
        input_sheets[:] = [
            replace(input_sheet, path=path_by_checksum.get(sha256(input_sheet.path), input_sheet.path))
            for input_sheet in input_sheets
        ]
        for input_sheet in input_sheets:
            if input_sheet.path not in path_by_checksum.values() and input_sheet.path not in move.copies:
                move.copy(input_sheet.path, used_file_names)


def _move_texts(move: Move, path: Path, new_end: str) -> dict[Path, str]:
    """Return the new texts of ``sources.yml``, the parameter file and notebooks, by path; note each moved period.

    A file whose text stays is left out.
    """
    sources, folder = move.params.data / SOURCES_FILE, path.resolve().parent
    start, last = move.params.period.start, move.params.period.end
    contents = {sources: move.entries}
    if new_end != last:
        params_fields = read_yaml(path, RequestError).content
        contents[path] = params_fields | {"period": {"start": start, "end": new_end}}
    texts = {file: with_content(file.read_text(encoding="utf-8-sig"), content) for file, content in contents.items()}
    old_period_text, new_period_text = (f"{start}/{end_month_text}" for end_month_text in (last, new_end))
    old, new = (rf"{{\"start\": \"{start}\", \"end\": \"{end_month_text}\"}}" for end_month_text in (last, new_end))
    for notebook in sorted(file for room in (NOTEBOOKS_FOLDER, LAB_FOLDER) for file in (folder / room).glob("*.ipynb")):
        texts[notebook] = (
            notebook.read_text(encoding="utf-8").replace(old, new).replace(old_period_text, new_period_text)
        )
    texts = {file: text for file, text in texts.items() if text != file.read_text(encoding="utf-8-sig")}
    for file in (changed_path for changed_path in texts if changed_path != sources):
        name = file.name if file == path else file.relative_to(folder).as_posix()
        move.note("{file}: period {before} → {after}", file=name, before=old_period_text, after=new_period_text)
    return texts


def _report_changes(move: Move, *, has_new: bool) -> list[str]:
    """Return lines on whose reports of the months so far are late, corrected or gone, ``MAX_CHANGES_SHOWN`` at most.

    With new files, the tables of the files so far are kept as an edition first. Without them, these files may have been
    overwritten: then the tables of the last run are compared, and without any the list is empty. Where data cannot be
    read, one line says so.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.loaders.editions import keep_edition, read_edition
    from rmrp_analysis.publish.comparison.difference import describe_edition_changes
    from rmrp_analysis.quality import repair_plan

    params, data = move.params, move.params.data
    copied = {name: str(path.resolve()) for path, name in move.copies.items()}
    entries: dict[str, Any] = {}
    for input_name, entry in move.entries.items():
        entries[input_name] = entry
        if isinstance(entry, dict) and _list_file_names(entry):
            files = [copied.get(file, file) for file in _list_file_names(entry)]
            entries[input_name] = entry | ({"files": files} if "files" in entry else {"file": files[0]})
    try:
        if has_new:
            last = repair_plan(load_plan(data), params.repairs)
            keep_edition(last, data)
        earlier_plan = last if has_new else read_edition(data)
        if earlier_plan is None:
            return []
        later_plan = repair_plan(load_plan(data, Sources.model_validate(entries)), params.repairs)
    except RmrpError as problem:
        return [translate("what changed in the months so far is not known: {problem}", problem=problem)]
    months, language = params.period.months, terminal.log.language
    changes = describe_edition_changes(earlier_plan, later_plan, method=params.method, months=months, language=language)
    rest = len(changes) - MAX_CHANGES_SHOWN
    more = [translate("... and {count} more; `rmrp diff` has all", count=rest)] * (rest > 0)
    return [*changes[:MAX_CHANGES_SHOWN], *more]


def drop_replaced(move: Move) -> None:
    """Remove the files of the data folder that no source names any more, and whose rows an edition keeps; note each.

    Without an edition nothing is removed.
    """
    from rmrp_analysis.loaders.editions import files_of_editions, read_edition

    data = move.params.data
    if read_edition(data) is None:
        return
    named_source_paths = {
        (data / file).resolve()
        for entry in move.entries.values()
        if isinstance(entry, dict)
        for file in _list_file_names(entry)
    }
    for name, checksums in files_of_editions(data).items():
        path = data / name
        if path.is_file() and path.resolve() not in named_source_paths and sha256(path) in checksums:
            path.unlink()
            move.note("{file} is removed: its rows are kept in {folder}", file=name, folder=data / EDITIONS_FOLDER)


def _replace_activities(move: Move, new_sheets: Sequence[InputSheet], replaces: str) -> list[str]:
    """Enter new activities in the place of those that they hold, or beside them; return the names that are gone.

    Changes the entry of activities, and notes it. Without new sheets nothing changes. Raises ``InputRefused`` where
    files share reports and neither ``replaces`` nor the entry says which stands, ``RequestError`` for a wrong
    ``replaces``.
    """
    if not new_sheets:
        return []
    entry = move.entries[ACTIVITIES_INPUT]
    new_paths = {activity_sheet.path.resolve() for activity_sheet in new_sheets}
    earlier_sheet_by_file = {name: _find_input_sheet(move, entry, name) for name in _list_file_names(entry)}
    gone = [
        name
        for name, activity_sheet in earlier_sheet_by_file.items()
        if not activity_sheet.path.is_file() or activity_sheet.path.resolve() in new_paths
    ]
    sheets = {
        activity_sheet.path.name: activity_sheet
        for name, activity_sheet in earlier_sheet_by_file.items()
        if name not in gone
    }
    earlier_file_names = [*sheets]
    added = [move.copies.get(activity_sheet.path, activity_sheet.path.name) for activity_sheet in new_sheets]
    sheets |= dict(zip(added, new_sheets, strict=True))
    tables = {
        name: reports_in(activity_sheet.path, activity_sheet.sheet, year=move.params.plan)
        for name, activity_sheet in sheets.items()
    }
    requested = parse_replaces(replaces, [*tables])
    decided = _keep_decisions(replaces_by_name(entry.get("replaces", {})), tables) | requested
    wholly = _list_default_replaces(requested, earlier_file_names, added)
    stands = find_replacing_files(tables, decided | wholly, REPLACES_OPTION_TEMPLATE)
    unnumbered = partial(re.sub, r"-\d+(?=\.)", "")  # a name may have got a number in the data folder
    names_of_new = {unnumbered(activity_sheet.path.name) for activity_sheet in new_sheets}
    for name, activity_sheet in earlier_sheet_by_file.items():
        if name in gone:
            continue
        data_file_name = activity_sheet.path.name
        is_replaced = stands[data_file_name] != ""
        reports = tables[data_file_name][REPORT_COLUMNS].fillna("")
        is_whole = is_replaced[(reports != "").all(axis="columns")].all()
        if is_replaced.any() and (is_whole or unnumbered(data_file_name) in names_of_new):
            gone.append(name)
            del tables[data_file_name]
    decided = _keep_decisions(decided, tables)
    find_replacing_files(tables, decided, REPLACES_OPTION_TEMPLATE)
    other_fields = {key: content for key, content in entry.items() if key != "replaces"}
    move.entries[ACTIVITIES_INPUT] = other_fields | ({"replaces": decided} if decided else {})
    kept_activity_sheets = [
        activity_sheet for name, activity_sheet in earlier_sheet_by_file.items() if name not in gone
    ]
    _enter(move, ACTIVITIES_INPUT, [*kept_activity_sheets, *new_sheets], gone)
    return gone


def _list_default_replaces(
    requested_replaces: Mapping[str, Sequence[str]], earlier_names: Sequence[str], added_names: Sequence[str]
) -> dict[str, list[str]]:
    """Return what each new file replaces: what the request says, and the earlier files on which it says nothing.

    A new file of which the request says that it replaces none is left out.
    """
    undecided_file_names = [
        file_name
        for file_name in earlier_names
        if file_name not in chain(requested_replaces, *requested_replaces.values())
    ]
    return {
        file_name: [*requested_replaces.get(file_name, ()), *undecided_file_names]
        for file_name in added_names
        if requested_replaces.get(file_name) != []
    }


def _keep_decisions(replaces: Mapping[str, Sequence[str]], names: Collection[str]) -> dict[str, list[str]]:
    """Return which file replaces which, of the files with these ``names``.

    A file whose replaced files are all gone is left out; one that replaces none (``[]``) stays.
    """
    replaced_names_by_file = {
        name: [replaced_file_name for replaced_file_name in replaced if replaced_file_name in names]
        for name, replaced in replaces.items()
        if name in names
    }
    return {name: replaced for name, replaced in replaced_names_by_file.items() if replaced or not replaces[name]}


def _find_input_sheet(move: Move, entry: Any, name: str) -> InputSheet:
    """Return a file of the data folder that an entry names, with the entry's sheet; the file is not read."""
    return InputSheet(move.params.data / name, entry.get("sheet", ""), spanish=False, alone=True)


def _list_file_names(entry: Any) -> list[str]:
    """List the names of the file or files of an entry of ``sources.yml``; empty where it names none."""
    return [entry["file"]] if "file" in entry else list(entry.get("files", []))


def _enter(move: Move, name: str, sheets: Sequence[InputSheet], replaced_names: Sequence[str] | None = None) -> None:
    """Have an entry name these files alone, with the day of the changed ones if it is later; note what changed.

    The note says that they replace ``replaced_names`` (None: all that the entry named). Other keys stay; checksums are
    made anew where there were some. Raises ``RequestError`` where the input was fetched.
    """
    earlier_source_entry = move.entries.get(name, {"producer": "—"})
    if "fetched" in earlier_source_entry:
        raise RequestError(translate("{input} comes from `rmrp fetch`; fetch it again instead of --from", input=name))
    files = name_files(
        sheets, move.copies | {move.params.data / file: file for file in _list_file_names(earlier_source_entry)}
    )
    replaced_names = [
        file
        for file in (_list_file_names(earlier_source_entry) if replaced_names is None else replaced_names)
        if file not in _list_file_names(files)
    ]
    day, earlier_as_of_text = earlier_source_entry.get("as_of", ""), earlier_source_entry.get("as_of", "")
    if changed := [
        input_sheet.path
        for input_sheet in sheets
        if not _is_unchanged(move, input_sheet.path, _list_file_names(earlier_source_entry))
    ]:
        day = max(earlier_as_of_text, find_day(changed))
    kept_fields = {
        key: value for key, value in earlier_source_entry.items() if key not in ("file", "files", "sheet", "sha256")
    }
    move.entries[name] = files | kept_fields | ({"as_of": day} if day else {})
    if "sha256" in earlier_source_entry:
        checksums = [sha256(move.path_of(file)) for file in _list_file_names(files)]
        move.entries[name]["sha256"] = checksums if "files" in files else checksums[0]
    added = [file for file in _list_file_names(files) if file not in _list_file_names(earlier_source_entry)]
    if added and replaced_names:
        move.note(
            "{input}: {new} takes the place of {old}", input=name, new=", ".join(added), old=", ".join(replaced_names)
        )
    elif added:
        move.note("{input}: {new} is a further file", input=name, new=", ".join(added))
    if day != earlier_as_of_text:
        move.note("{input}: as_of {before} → {after}", input=name, before=earlier_as_of_text or "—", after=day)


def _is_unchanged(move: Move, path: Path, names: Sequence[str]) -> bool:
    """Return whether a file has one of these names in the data folder, and the bytes that the last run read.

    Without an earlier run that read it, its bytes count as unchanged.
    """
    from rmrp_analysis.loaders.editions import files_of_last_edition

    if path in move.copies or path.resolve() not in {(move.params.data / name).resolve() for name in names}:
        return False
    checksum = files_of_last_edition(move.params.data).get(path.name)
    return checksum in (None, sha256(path))


def find_next_end(path: Path, *, by_quarter: bool = False) -> str:
    """Return the month that a project can move on to, ``by_quarter`` the last one of a quarter; empty without one.

    It is the first one after the period whose months are over, and each is in the reports. Raises as
    ``move_project`` does.
    """
    params = load_run_params(path)
    entry = read_yaml(params.data / SOURCES_FILE, InputRefused).content[ACTIVITIES_INPUT]
    held = _months_reported(params, entry, [params.data / name for name in _list_file_names(entry)])
    step = 3 if by_quarter else 1
    months = [f"{params.plan}-{month:02d}" for month in range(1, 13)]
    ends = [end for end in months[step - 1 :: step] if end > params.period.end]
    if not ends or ends[0] >= f"{datetime.now(UTC):%Y-%m}":
        return ""
    last = months.index(ends[0])
    return ends[0] if set(months[last + 1 - step : last + 1]) <= set(held) else ""


def _months_reported(params: RunParams, entry: Any, paths: Sequence[Path]) -> list[str]:
    """List the months of the plan year (YYYY-MM) that activities in these files are of, in order.

    Raises ``InputRefused`` for a missing file.
    """
    if missing_paths := [path for path in paths if not path.is_file()]:
        raise InputRefused(
            translate("{file}: there is no such file; name the new one by --from", file=missing_paths[0])
        )
    months = pd.concat([reports_in(path, entry.get("sheet", ""), year=params.plan)["month"] for path in paths])
    return sorted(set(months[months.str.startswith(str(params.plan))]))


def _end_of_period(move: Move, month: str, *, has_new: bool) -> str:
    """Return the last month of the new period: ``month``, or else the one after the last.

    It stays as it is where new files have no later month. Notes that there are activities of later months. Raises
    ``RequestError`` for a month without activities, and after the plan year.
    """
    params, entry = move.params, move.entries[ACTIVITIES_INPUT]
    end_month_ordinal = int(params.period.end[:4]) * 12 + int(params.period.end[5:])
    following = f"{end_month_ordinal // 12}-{end_month_ordinal % 12 + 1:02d}"
    params.period.parse(f"{params.period.start}/{month or following}")
    if (month or following)[:4] != str(params.plan) and not has_new:
        raise RequestError(
            translate("the plan year {year} ends; start a project of the next one by `rmrp new`", year=str(params.plan))
        )
    held = _months_reported(params, entry, [move.path_of(name) for name in _list_file_names(entry)])
    wanted = month or (
        following
        if not has_new or any(reported_month > params.period.end for reported_month in held)
        else params.period.end
    )
    if wanted not in held and wanted != params.period.end and (month or not has_new):
        raise RequestError(
            translate(
                "no activity is of {month}; the last one is of {last}; name the new export by --from",
                month=wanted,
                last=held[-1] if held else "—",
            )
        )
    if held and held[-1] > wanted:
        move.note("there are activities up to {last}, too; --month {last} counts them", last=held[-1])
    return wanted


def _write(move: Move, texts: dict[Path, str]) -> None:
    """Copy the files and write the texts; where a step fails, put all back as it was and raise its error."""
    original_bytes_by_path = {path: path.read_bytes() for path in texts}
    copies = {path: move.params.data / name for path, name in move.copies.items()}
    try:
        for path, copy in copies.items():
            shutil.copy2(path, copy)
        for path, text in texts.items():
            write_whole(path, text)
    except BaseException:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        for path, content in original_bytes_by_path.items():
            if path.read_bytes() != content:
                write_whole(path, content)
        raise
