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
"""The lines on changed reports that are shown. ``rmrp diff`` has all lines."""


@dataclass
class Move(DataFolder):
    """The content for a project's data folder in its next month, with a note for each change."""

    params: RunParams = field(kw_only=True)

    def path_of(self, name: str) -> Path:
        """Return the path where a file that will have this name in the data folder can be read now."""
        return next((path for path, copy in self.copies.items() if copy == name), self.params.data / name)


def read_move(path: Path) -> Move:
    """Return a move that changes nothing yet, with the project's parameters and the entries of its data folder."""
    params = load_run_params(path)
    return Move(dict(read_yaml(params.data / SOURCES_FILE, InputRefused).content), params=params)


def move_project(path: Path, month: str = "", places: Sequence[Path] = (), replaces: str = "") -> list[str]:
    """Move a project to a month, by default the next one, with new files. Return a line for each change.

    A new file replaces a file if it has all reports of that file, or its name. Otherwise it is added. If it has only
    some of these reports, ``replaces`` must say which file stands (see ``loaders.overlap``). The first lines tell the
    changes of reports in the months so far. A file that is no longer named is removed if its rows are kept (see
    ``loaders.editions``). The period stays if new files have no report of a later month. Raises ``RequestError`` or
    ``InputRefused`` if something is wrong, and in this case moves nothing.
    """
    move = read_move(path)
    inputs = recognise_inputs(list_files(places), move.note) if places else {}
    has_new = bool(inputs)
    _copy_new_files(move, inputs)
    added = inputs.get(ACTIVITIES_INPUT, [])
    replaced = _replace_activities(move, added, replaces)
    entry = move.entries[ACTIVITIES_INPUT]
    if not places and not {"fetched", "sha256"} & set(entry):  # files may have been overwritten
        _enter(move, ACTIVITIES_INPUT, [_find_input_sheet(move, entry, name) for name in _list_file_names(entry)])
    paths = {sheet.path for sheet in added}
    for name, sheets in inputs.items():
        remaining = {*_list_file_names(move.entries.get(name, {}))} - {*replaced}
        is_shared = all(sheet.path in paths for sheet in sheets)
        if name != ACTIVITIES_INPUT and not (remaining and is_shared):  # otherwise the list of another file stays
            _enter(move, name, sheets)
    end = _end_of_period(move, month, has_new=has_new)
    texts = _move_texts(move, path, end)
    lines = _report_changes(move, has_new=has_new)  # before anything is moved
    _write(move, texts)
    drop_replaced(move)
    return [*lines, *move.notes] or [translate("nothing changes")]


def _copy_new_files(move: Move, sheet_lists_by_input: Mapping[str, list[InputSheet]]) -> None:
    """Plan in ``move.copies`` the copies of new files.

    A file that is already in the data folder is not copied. ``sheet_lists_by_input`` gets its path in that folder.
    """
    if not sheet_lists_by_input:
        return
    paths = {sha256(path): path for path in sorted(move.params.data.iterdir()) if path.is_file()}
    names = [path.name for path in paths.values()]
    for sheets in sheet_lists_by_input.values():
        sheets[:] = [replace(sheet, path=paths.get(sha256(sheet.path), sheet.path)) for sheet in sheets]
        for sheet in sheets:
            if sheet.path not in paths.values() and sheet.path not in move.copies:
                move.copy(sheet.path, names)


def _move_texts(move: Move, path: Path, new_end: str) -> dict[Path, str]:
    """Return the new texts of ``sources.yml``, parameter file and notebooks, by path. Note each moved period.

    A file whose text stays is left out.
    """
    sources, folder = move.params.data / SOURCES_FILE, path.resolve().parent
    start, old_end = move.params.period.start, move.params.period.end
    contents = {sources: move.entries}
    if new_end != old_end:
        contents[path] = read_yaml(path, RequestError).content | {"period": {"start": start, "end": new_end}}
    texts = {file: with_content(file.read_text(encoding="utf-8-sig"), content) for file, content in contents.items()}
    old, new = f"{start}/{old_end}", f"{start}/{new_end}"
    old_code, new_code = (rf"{{\"start\": \"{start}\", \"end\": \"{end}\"}}" for end in (old_end, new_end))
    for notebook in sorted(file for room in (NOTEBOOKS_FOLDER, LAB_FOLDER) for file in (folder / room).glob("*.ipynb")):
        texts[notebook] = notebook.read_text(encoding="utf-8").replace(old_code, new_code).replace(old, new)
    texts = {file: text for file, text in texts.items() if text != file.read_text(encoding="utf-8-sig")}
    for file in (file for file in texts if file != sources):
        name = file.name if file == path else file.relative_to(folder).as_posix()
        move.note("{file}: period {before} → {after}", file=name, before=old, after=new)
    return texts


def _report_changes(move: Move, *, has_new: bool) -> list[str]:
    """Return up to ``MAX_CHANGES_SHOWN`` lines on late, corrected or gone reports of the months so far.

    With new files, the tables of the earlier files are first kept as an edition. Without new files, the earlier files
    may have been overwritten, so the tables of the last run are compared. If there are no such tables, the list is
    empty. If data cannot be read, one line says so.
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
            files = [copied.get(file, file) for file in _list_file_names(entry)]
            entries[name] = entry | ({"files": files} if "files" in entry else {"file": files[0]})
    try:
        if has_new:
            last = repair_plan(load_plan(data), params.repairs)
            keep_edition(last, data)
        earlier = last if has_new else read_edition(data)
        if earlier is None:
            return []
        later = repair_plan(load_plan(data, Sources.model_validate(entries)), params.repairs)
    except RmrpError as problem:
        return [translate("what changed in the months so far is not known: {problem}", problem=problem)]
    months, language = params.period.months, terminal.log.language
    changes = describe_edition_changes(earlier, later, method=params.method, months=months, language=language)
    rest = len(changes) - MAX_CHANGES_SHOWN
    if rest <= 0:
        return changes
    return [*changes[:MAX_CHANGES_SHOWN], translate("... and {count} more; `rmrp diff` has all", count=rest)]


def drop_replaced(move: Move) -> None:
    """Remove the files of the data folder that no source names if an edition keeps their rows. Note each.

    Without an edition nothing is removed.
    """
    from rmrp_analysis.loaders.editions import files_of_editions, read_edition

    data = move.params.data
    if read_edition(data) is None:
        return
    sources = {
        (data / file).resolve()
        for entry in move.entries.values()
        if isinstance(entry, dict)
        for file in _list_file_names(entry)
    }
    for name, checksums in files_of_editions(data).items():
        path = data / name
        if path.is_file() and path.resolve() not in sources and sha256(path) in checksums:
            path.unlink()
            move.note("{file} is removed: its rows are kept in {folder}", file=name, folder=data / EDITIONS_FOLDER)


def _replace_activities(move: Move, new_sheets: Sequence[InputSheet], replaces: str) -> list[str]:
    """Enter new activities in place of the files that they hold, or beside them. Return the removed names.

    Changes the entry of activities, and notes it. Without new sheets nothing changes. Raises ``InputRefused`` if files
    share reports and neither ``replaces`` nor the entry says which file stands, and ``RequestError`` for a wrong
    ``replaces``.
    """
    if not new_sheets:
        return []
    entry = move.entries[ACTIVITIES_INPUT]
    new_paths = {sheet.path.resolve() for sheet in new_sheets}
    earlier = {name: _find_input_sheet(move, entry, name) for name in _list_file_names(entry)}
    removed = [name for name, sheet in earlier.items() if not sheet.path.is_file() or sheet.path.resolve() in new_paths]
    sheets = {sheet.path.name: sheet for name, sheet in earlier.items() if name not in removed}
    added = {move.copies.get(sheet.path, sheet.path.name): sheet for sheet in new_sheets}
    tables = {
        name: reports_in(sheet.path, sheet.sheet, year=move.params.plan) for name, sheet in (sheets | added).items()
    }
    requested = parse_replaces(replaces, [*tables])
    decided = _keep_decisions(replaces_by_name(entry.get("replaces", {})), tables) | requested
    # a new file replaces all earlier ones that the request does not name, unless it says that it replaces no file
    undecided = [name for name in sheets if name not in chain(requested, *requested.values())]
    defaults = {name: [*requested.get(name, ()), *undecided] for name in added if requested.get(name) != []}
    replacing = find_replacing_files(tables, decided | defaults, REPLACES_OPTION_TEMPLATE)
    strip_number = partial(re.sub, r"-\d+(?=\.)", "")  # a name may have got a number in the data folder
    new_names = {strip_number(sheet.path.name) for sheet in new_sheets}
    for name, sheet in earlier.items():
        if name in removed:
            continue
        file = sheet.path.name
        is_replaced = replacing[file] != ""
        reports = tables[file][REPORT_COLUMNS].fillna("")
        is_whole = is_replaced[(reports != "").all(axis="columns")].all()
        if is_replaced.any() and (is_whole or strip_number(file) in new_names):
            removed.append(name)
            del tables[file]
    decided = _keep_decisions(decided, tables)
    find_replacing_files(tables, decided, REPLACES_OPTION_TEMPLATE)
    fields = {key: content for key, content in entry.items() if key != "replaces"}
    move.entries[ACTIVITIES_INPUT] = fields | ({"replaces": decided} if decided else {})
    remaining = [sheet for name, sheet in earlier.items() if name not in removed]
    _enter(move, ACTIVITIES_INPUT, [*remaining, *new_sheets], removed)
    return removed


def _keep_decisions(replaces: Mapping[str, Sequence[str]], names: Collection[str]) -> dict[str, list[str]]:
    """Return the files that each file replaces, among the files with these ``names``.

    A file is left out if all files that it replaces are gone. A file that replaces no file (``[]``) stays.
    """
    decisions = {name: [file for file in files if file in names] for name, files in replaces.items() if name in names}
    return {name: files for name, files in decisions.items() if files or not replaces[name]}


def _find_input_sheet(move: Move, entry: Any, name: str) -> InputSheet:
    """Return a file of the data folder that an entry names, with the entry's sheet, without reading it."""
    return InputSheet(move.params.data / name, entry.get("sheet", ""), spanish=False, alone=True)


def _list_file_names(entry: Any) -> list[str]:
    """List the names of the file or files of an entry of ``sources.yml``, if it names any."""
    return [entry["file"]] if "file" in entry else list(entry.get("files", []))


def _enter(move: Move, name: str, sheets: Sequence[InputSheet], replaced_names: Sequence[str] | None = None) -> None:
    """Make an entry name these files only, with the day of changed files if it is later. Note the changes.

    The note says that they replace ``replaced_names`` (None: all files that the entry named). Other keys stay.
    Checksums are computed anew if the entry had checksums. Raises ``RequestError`` if the input was fetched.
    """
    entry = move.entries.get(name, {"producer": "—"})
    if "fetched" in entry:
        raise RequestError(translate("{input} comes from `rmrp fetch`; fetch it again instead of --from", input=name))
    earlier = _list_file_names(entry)
    fields = name_files(sheets, move.copies | {move.params.data / file: file for file in earlier})
    files = _list_file_names(fields)
    old_day = day = entry.get("as_of", "")
    if changed := [sheet.path for sheet in sheets if not _is_unchanged(move, sheet.path, earlier)]:
        day = max(old_day, find_day(changed))
    fields |= {key: value for key, value in entry.items() if key not in ("file", "files", "sheet", "sha256")}
    move.entries[name] = fields | ({"as_of": day} if day else {})
    if "sha256" in entry:
        checksums = [sha256(move.path_of(file)) for file in files]
        move.entries[name]["sha256"] = checksums if "files" in fields else checksums[0]
    added = [file for file in files if file not in earlier]
    replaced = [file for file in (earlier if replaced_names is None else replaced_names) if file not in files]
    if added and replaced:
        old, new = ", ".join(replaced), ", ".join(added)
        move.note("{input}: {new} takes the place of {old}", input=name, new=new, old=old)
    elif added:
        move.note("{input}: {new} is a further file", input=name, new=", ".join(added))
    if day != old_day:
        move.note("{input}: as_of {before} → {after}", input=name, before=old_day or "—", after=day)


def _is_unchanged(move: Move, path: Path, names: Sequence[str]) -> bool:
    """Return whether a file has one of these names in the data folder, and the bytes that the last run read.

    If no run has read it, its bytes count as unchanged.
    """
    from rmrp_analysis.loaders.editions import files_of_last_edition

    if path in move.copies or path.resolve() not in {(move.params.data / name).resolve() for name in names}:
        return False
    checksum = files_of_last_edition(move.params.data).get(path.name)
    return checksum in (None, sha256(path))


def find_next_end(path: Path, *, by_quarter: bool = False) -> str:
    """Return the month that a project can move on to, or an empty text.

    It is the first month after the period, or the last month of a quarter if ``by_quarter``. It must be over, and its
    month, or all months of its quarter, must be in the reports. Raises as ``move_project`` does.
    """
    params = load_run_params(path)
    entry = read_yaml(params.data / SOURCES_FILE, InputRefused).content[ACTIVITIES_INPUT]
    reported = _months_reported(params, entry, [params.data / name for name in _list_file_names(entry)])
    step = 3 if by_quarter else 1
    months = [f"{params.plan}-{month:02d}" for month in range(1, 13)]
    ends = [end for end in months[step - 1 :: step] if end > params.period.end]
    if not ends or ends[0] >= f"{datetime.now(UTC):%Y-%m}":
        return ""
    index = months.index(ends[0])
    return ends[0] if set(months[index + 1 - step : index + 1]) <= set(reported) else ""


def _months_reported(params: RunParams, entry: Any, paths: Sequence[Path]) -> list[str]:
    """List the months of the plan year (YYYY-MM) in the activities of these files, in order.

    Raises ``InputRefused`` for a missing file.
    """
    if missing := [path for path in paths if not path.is_file()]:
        raise InputRefused(translate("{file}: there is no such file; name the new one by --from", file=missing[0]))
    months = pd.concat([reports_in(path, entry.get("sheet", ""), year=params.plan)["month"] for path in paths])
    return sorted(set(months[months.str.startswith(str(params.plan))]))


def _end_of_period(move: Move, month: str, *, has_new: bool) -> str:
    """Return the last month of the new period: ``month``, or the month after the old period.

    The period stays if new files have no later month. Notes activities of later months. Raises ``RequestError`` for a
    month without activities, and after the plan year.
    """
    params, entry = move.params, move.entries[ACTIVITIES_INPUT]
    ordinal = int(params.period.end[:4]) * 12 + int(params.period.end[5:])
    end = month or f"{ordinal // 12}-{ordinal % 12 + 1:02d}"
    params.period.parse(f"{params.period.start}/{end}")
    if end[:4] != str(params.plan) and not has_new:
        raise RequestError(
            translate("the plan year {year} ends; start a project of the next one by `rmrp new`", year=str(params.plan))
        )
    reported = _months_reported(params, entry, [move.path_of(name) for name in _list_file_names(entry)])
    last = reported[-1] if reported else ""
    if has_new and not month and last <= params.period.end:
        end = params.period.end
    if end not in reported and end != params.period.end and (month or not has_new):
        raise RequestError(
            translate(
                "no activity is of {month}; the last one is of {last}; name the new export by --from",
                month=end,
                last=last or "—",
            )
        )
    if last > end:
        move.note("there are activities up to {last}, too; --month {last} counts them", last=last)
    return end


def _write(move: Move, texts: dict[Path, str]) -> None:
    """Copy the files and write the texts. If a step fails, put everything back and raise its error."""
    originals = {path: path.read_bytes() for path in texts}
    copies = {path: move.params.data / name for path, name in move.copies.items()}
    try:
        for path, copy in copies.items():
            shutil.copy2(path, copy)
        for path, text in texts.items():
            write_whole(path, text)
    except BaseException:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        for path, content in originals.items():
            if path.read_bytes() != content:
                write_whole(path, content)
        raise
