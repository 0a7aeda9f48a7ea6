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
from rmrp_analysis.commands.notebooks import LAB
from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import InputRefused, RequestError, RmrpError
from rmrp_analysis.files import write_whole
from rmrp_analysis.loaders.overlap import AS_OPTION, REPORT, standing_files
from rmrp_analysis.loaders.sheet_inputs import ACTIVITIES, reports_in
from rmrp_analysis.params import NOTEBOOKS, RunParams, load_run_params
from rmrp_analysis.sources import EDITIONS, SOURCES_FILE, Sources, replaces_by_name, sha256
from rmrp_analysis.yaml_text import read_yaml, with_content

MAX_CHANGES = 20
"""How many lines on changed reports are shown; ``rmrp diff`` has all."""


@dataclass
class Move(DataFolder):
    """What the data folder of a run gets for its next month, with a note for each change."""

    params: RunParams = field(kw_only=True)

    def path_of(self, name: str) -> Path:
        """Return where a file lies now that has this name in the data folder once all is copied."""
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
    move = read_move(path)
    params, sources = move.params, move.params.data / SOURCES_FILE
    sheets_by_input = recognise_inputs(list_files(places), move.note) if places else {}
    files_by_checksum = (
        {sha256(file): file for file in sorted(params.data.iterdir()) if file.is_file()} if sheets_by_input else {}
    )
    for sheets in sheets_by_input.values():
        sheets[:] = [replace(sheet, path=files_by_checksum.get(sha256(sheet.path), sheet.path)) for sheet in sheets]
        for sheet in sheets:
            if sheet.path not in files_by_checksum.values() and sheet.path not in move.copies:
                move.copy(sheet.path, [file.name for file in files_by_checksum.values()])
    replaced = _replace_activities(move, sheets_by_input.get(ACTIVITIES, []), replaces)
    if not places and not {"fetched", "sha256"} & set(move.entries[ACTIVITIES]):  # files may have been overwritten
        entry = move.entries[ACTIVITIES]
        _enter(move, ACTIVITIES, [_find_input_sheet(move, entry, name) for name in _list_file_names(entry)])
    for name, sheets in sheets_by_input.items():
        remaining_files = [file for file in _list_file_names(move.entries.get(name, {})) if file not in replaced]
        with_activities = all(
            sheet.path in {activity_sheet.path for activity_sheet in sheets_by_input.get(ACTIVITIES, [])}
            for sheet in sheets
        )
        if name != ACTIVITIES and not (remaining_files and with_activities):  # the list of another file stays
            _enter(move, name, sheets)
    end = _end_of_period(move, month, has_new=bool(sheets_by_input))
    folder, start, last_month = path.resolve().parent, params.period.start, params.period.end
    contents = {sources: move.entries}
    if end != last_month:
        content = read_yaml(path, RequestError).content
        contents[path] = content | {"period": {"start": start, "end": end}}
    texts = {file: with_content(file.read_text(encoding="utf-8-sig"), content) for file, content in contents.items()}
    old_period, new_period = (f"{start}/{end_month}" for end_month in (last_month, end))
    old, new = (rf"{{\"start\": \"{start}\", \"end\": \"{end_month}\"}}" for end_month in (last_month, end))
    for notebook in sorted(file for room in (NOTEBOOKS, LAB) for file in (folder / room).glob("*.ipynb")):
        texts[notebook] = notebook.read_text(encoding="utf-8").replace(old, new).replace(old_period, new_period)
    texts = {file: text for file, text in texts.items() if text != file.read_text(encoding="utf-8-sig")}
    for file in (changed for changed in texts if changed != sources):
        name = file.name if file == path else file.relative_to(folder).as_posix()
        move.note("{file}: period {before} → {after}", file=name, before=old_period, after=new_period)
    changes = _report_changes(move, has_new=bool(sheets_by_input))  # before anything is moved
    _write(move, texts)
    drop_replaced(move)
    return [*changes, *move.notes] or [translate("nothing changes")]


def _report_changes(move: Move, *, has_new: bool) -> list[str]:
    """Say whose reports of the months so far are late, corrected or gone; keep the tables of these months first.

    Without new files those that are there may have been overwritten: then the tables of the last run are compared.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.loaders.editions import keep_edition, read_edition
    from rmrp_analysis.publish.comparison.difference import describe_edition_changes
    from rmrp_analysis.quality import repair_plan

    params, data = move.params, move.params.data
    copied = {name: str(path.resolve()) for path, name in move.copies.items()}
    entries: dict[str, Any] = {}
    for name, entry in move.entries.items():
        entries[name] = entry
        if isinstance(entry, dict) and _list_file_names(entry):
            files = [copied.get(file_name, file_name) for file_name in _list_file_names(entry)]
            entries[name] = entry | ({"files": files} if "files" in entry else {"file": files[0]})
    try:
        if has_new:
            last_plan = repair_plan(load_plan(data), params.repairs)
            keep_edition(last_plan, data)
        earlier_plan = last_plan if has_new else read_edition(data)
        if earlier_plan is None:
            return []
        later_plan = repair_plan(load_plan(data, Sources.model_validate(entries)), params.repairs)
    except RmrpError as problem:
        return [translate("what changed in the months so far is not known: {problem}", problem=problem)]
    months, language = params.period.months, terminal.log.language
    changes = describe_edition_changes(earlier_plan, later_plan, method=params.method, months=months, language=language)
    rest = len(changes) - MAX_CHANGES
    rest_lines = [translate("... and {count} more; `rmrp diff` has all", count=rest)] * (rest > 0)
    return [*changes[:MAX_CHANGES], *rest_lines]


def drop_replaced(move: Move) -> None:
    """Remove the files of the data folder that no source names any more, and whose rows an edition keeps."""
    from rmrp_analysis.loaders.editions import files_of_editions, read_edition

    data = move.params.data
    if read_edition(data) is None:
        return
    source_paths = {
        (data / file).resolve()
        for entry in move.entries.values()
        if isinstance(entry, dict)
        for file in _list_file_names(entry)
    }
    for name, checksums in files_of_editions(data).items():
        path = data / name
        if path.is_file() and path.resolve() not in source_paths and sha256(path) in checksums:
            path.unlink()
            move.note("{file} is removed: its rows are kept in {folder}", file=name, folder=data / EDITIONS)


def _replace_activities(move: Move, new_sheets: Sequence[InputSheet], replaces: str) -> list[str]:
    """Name new activities in the place of those that they hold, or beside them; returns the names that are gone."""
    if not new_sheets:
        return []
    entry, new_paths = move.entries[ACTIVITIES], {sheet.path.resolve() for sheet in new_sheets}
    earlier_sheets = {name: _find_input_sheet(move, entry, name) for name in _list_file_names(entry)}
    replaced_names = [
        name for name, sheet in earlier_sheets.items() if not sheet.path.is_file() or sheet.path.resolve() in new_paths
    ]
    sheets = {sheet.path.name: sheet for name, sheet in earlier_sheets.items() if name not in replaced_names}
    earlier, added = [*sheets], [move.copies.get(sheet.path, sheet.path.name) for sheet in new_sheets]
    sheets |= dict(zip(added, new_sheets, strict=True))
    tables = {name: reports_in(sheet.path, sheet.sheet, year=move.params.plan) for name, sheet in sheets.items()}
    requested = parse_replaces(replaces, [*tables])
    replacements = _keep_decisions(replaces_by_name(entry.get("replaces", {})), tables) | requested
    undecided = [name for name in earlier if name not in chain(requested, *requested.values())]
    wholly = {name: [*requested.get(name, ()), *undecided] for name in added if requested.get(name) != []}
    stands = standing_files(tables, replacements | wholly, AS_OPTION)
    unnumbered = partial(re.sub, r"-\d+(?=\.)", "")  # a name may have got a number in the data folder
    names_of_new = {unnumbered(sheet.path.name) for sheet in new_sheets}
    for name, sheet in earlier_sheets.items():
        if name in replaced_names:
            continue
        is_replaced, reports = stands[sheet.path.name] != "", tables[sheet.path.name][REPORT].fillna("")
        is_whole = is_replaced[(reports != "").all(axis="columns")].all()
        if is_replaced.any() and (is_whole or unnumbered(sheet.path.name) in names_of_new):
            replaced_names.append(name)
            del tables[sheet.path.name]
    replacements = _keep_decisions(replacements, tables)
    standing_files(tables, replacements, AS_OPTION)
    content = {key: content for key, content in entry.items() if key != "replaces"}
    move.entries[ACTIVITIES] = content | ({"replaces": replacements} if replacements else {})
    _enter(
        move,
        ACTIVITIES,
        [*(sheet for name, sheet in earlier_sheets.items() if name not in replaced_names), *new_sheets],
        replaced_names,
    )
    return replaced_names


def _keep_decisions(replaces: Mapping[str, Sequence[str]], names: Collection[str]) -> dict[str, list[str]]:
    """Return what replaces what among the files that are there."""
    remaining = {
        name: [replaced_name for replaced_name in replaced_names if replaced_name in names]
        for name, replaced_names in replaces.items()
        if name in names
    }
    return {name: replaced_names for name, replaced_names in remaining.items() if replaced_names or not replaces[name]}


def _find_input_sheet(move: Move, entry: Any, name: str) -> InputSheet:
    """Return a file that an entry names, with its sheet."""
    return InputSheet(move.params.data / name, entry.get("sheet", ""), spanish=False, alone=True)


def _list_file_names(entry: Any) -> list[str]:
    """List the names of the files of an entry of ``sources.yml``."""
    return [entry["file"]] if "file" in entry else list(entry.get("files", []))


def _enter(move: Move, name: str, sheets: Sequence[InputSheet], replaced_names: Sequence[str] | None = None) -> None:
    """Name files in an entry, with their day, and say so; ``gone`` are those in whose place they come."""
    earlier_entry = move.entries.get(name, {"producer": "—"})
    if "fetched" in earlier_entry:
        raise RequestError(translate("{input} comes from `rmrp fetch`; fetch it again instead of --from", input=name))
    files = name_files(
        sheets, move.copies | {move.params.data / file: file for file in _list_file_names(earlier_entry)}
    )
    replaced_names = [
        file
        for file in (_list_file_names(earlier_entry) if replaced_names is None else replaced_names)
        if file not in _list_file_names(files)
    ]
    as_of, earlier_as_of = earlier_entry.get("as_of", ""), earlier_entry.get("as_of", "")
    if changed_paths := [
        each.path for each in sheets if not _is_unchanged(move, each.path, _list_file_names(earlier_entry))
    ]:
        as_of = max(earlier_as_of, find_day(changed_paths))
    content = {key: value for key, value in earlier_entry.items() if key not in ("file", "files", "sheet", "sha256")}
    move.entries[name] = files | content | ({"as_of": as_of} if as_of else {})
    if "sha256" in earlier_entry:
        checksums = [sha256(move.path_of(file)) for file in _list_file_names(files)]
        move.entries[name]["sha256"] = checksums if "files" in files else checksums[0]
    added = [file for file in _list_file_names(files) if file not in _list_file_names(earlier_entry)]
    if added and replaced_names:
        move.note(
            "{input}: {new} takes the place of {old}", input=name, new=", ".join(added), old=", ".join(replaced_names)
        )
    elif added:
        move.note("{input}: {new} is a further file", input=name, new=", ".join(added))
    if as_of != earlier_as_of:
        move.note("{input}: as_of {before} → {after}", input=name, before=earlier_as_of or "—", after=as_of)


def _is_unchanged(move: Move, path: Path, names: Sequence[str]) -> bool:
    """Return whether a file has one of these names in the data folder, and the bytes that the last run read.

    Without an earlier run nothing says that its bytes are others.
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
    entry = read_yaml(params.data / SOURCES_FILE, InputRefused).content[ACTIVITIES]
    reported_months = _months_reported(params, entry, [params.data / name for name in _list_file_names(entry)])
    step = 3 if by_quarter else 1
    months = [f"{params.plan}-{month:02d}" for month in range(1, 13)]
    ends = [end for end in months[step - 1 :: step] if end > params.period.end]
    if not ends or ends[0] >= f"{datetime.now(UTC):%Y-%m}":
        return ""
    end_index = months.index(ends[0])
    return ends[0] if set(months[end_index + 1 - step : end_index + 1]) <= set(reported_months) else ""


def _months_reported(params: RunParams, entry: Any, paths: Sequence[Path]) -> list[str]:
    """List the months of the plan year (YYYY-MM) that activities in these files are of, in order."""
    if missing := [path for path in paths if not path.is_file()]:
        raise InputRefused(translate("{file}: there is no such file; name the new one by --from", file=missing[0]))
    months = pd.concat([reports_in(path, entry.get("sheet", ""), year=params.plan)["month"] for path in paths])
    return sorted(set(months[months.str.startswith(str(params.plan))]))


def _end_of_period(move: Move, month: str, *, has_new: bool) -> str:
    """Return the last month of the new period. Raises ``RequestError`` for one without activities."""
    params, entry = move.params, move.entries[ACTIVITIES]
    month_count = int(params.period.end[:4]) * 12 + int(params.period.end[5:])
    following = f"{month_count // 12}-{month_count % 12 + 1:02d}"
    params.period.parse(f"{params.period.start}/{month or following}")
    if (month or following)[:4] != str(params.plan) and not has_new:
        raise RequestError(
            translate("the plan year {year} ends; start a project of the next one by `rmrp new`", year=str(params.plan))
        )
    reported_months = _months_reported(params, entry, [move.path_of(name) for name in _list_file_names(entry)])
    end = month or (
        following
        if not has_new or any(reported_month > params.period.end for reported_month in reported_months)
        else params.period.end
    )
    if end not in reported_months and end != params.period.end and (month or not has_new):
        raise RequestError(
            translate(
                "no activity is of {month}; the last one is of {last}; name the new export by --from",
                month=end,
                last=reported_months[-1] if reported_months else "—",
            )
        )
    if reported_months and reported_months[-1] > end:
        move.note("there are activities up to {last}, too; --month {last} counts them", last=reported_months[-1])
    return end


def _write(move: Move, texts: dict[Path, str]) -> None:
    """Copy the files and write the texts; where a step fails, all is as it was."""
    original_contents = {path: path.read_bytes() for path in texts}
    copies = {path: move.params.data / name for path, name in move.copies.items()}
    try:
        for path, copy in copies.items():
            shutil.copy2(path, copy)
        for path, text in texts.items():
            write_whole(path, text)
    except BaseException:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        for path, content in original_contents.items():
            if path.read_bytes() != content:
                write_whole(path, content)
        raise
