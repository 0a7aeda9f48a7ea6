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
    day_of,
    files_and_sheet,
    files_in,
    inputs_in,
    replaces_in,
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
"""So many lines on changed reports are shown."""


@dataclass
class Move(DataFolder):
    """What the data folder of a run gets for its next month, with a note for each change."""

    params: RunParams = field(kw_only=True)

    def path_of(self, name: str) -> Path:
        """Where a file lies that has this name in the data folder once all is copied."""
        return next((path for path, copy in self.copies.items() if copy == name), self.params.data / name)


def move_of(path: Path) -> Move:
    """Return the move of a project that changes nothing yet: its parameters, and what its data folder names."""
    params = load_run_params(path)
    return Move(dict(read_yaml(params.data / SOURCES_FILE, InputRefused).content), params=params)


def moved_to(path: Path, month: str = "", places: Sequence[Path] = (), replaces: str = "") -> list[str]:
    """Move a project to a month, by default the one after its last, with new files; returns a line for each change.

    A file takes the place of those whose reports it has all, or whose name it has; else it is a further one. Where it
    has some of the reports of another file, ``replaces`` must say which file stands (see ``loaders.overlap``). What
    became of the reports of the months so far is told first. Files that are no longer named are removed once their rows
    are kept (see ``loaders.editions``); the others stay. Without a report of a later month in new files, the period
    stays. Raises ``RequestError`` or ``InputRefused`` where something is wrong; nothing is moved then.
    """
    move = move_of(path)
    params, sources = move.params, move.params.data / SOURCES_FILE
    found = inputs_in(files_in(places), move.note) if places else {}
    there = {sha256(file): file for file in sorted(params.data.iterdir()) if file.is_file()} if found else {}
    for sheets in found.values():
        sheets[:] = [replace(each, path=there.get(sha256(each.path), each.path)) for each in sheets]
        for each in sheets:
            if each.path not in there.values() and each.path not in move.copies:
                move.copy(each.path, [file.name for file in there.values()])
    replaced = _replace_activities(move, found.get(ACTIVITIES, []), replaces)
    if not places and not {"fetched", "sha256"} & set(move.entries[ACTIVITIES]):  # files may have been overwritten
        entry = move.entries[ACTIVITIES]
        _enter(move, ACTIVITIES, [_named_in(move, entry, name) for name in _names(entry)])
    for name, sheets in found.items():
        others = [kept for kept in _names(move.entries.get(name, {})) if kept not in replaced]
        with_activities = all(each.path in {one.path for one in found.get(ACTIVITIES, [])} for each in sheets)
        if name != ACTIVITIES and not (others and with_activities):  # the list of another file stays
            _enter(move, name, sheets)
    end = _end_of_period(move, month, has_new=bool(found))
    folder, start, last = path.resolve().parent, params.period.start, params.period.end
    contents = {sources: move.entries}
    if end != last:
        content = read_yaml(path, RequestError).content
        contents[path] = content | {"period": {"start": start, "end": end}}
    texts = {file: with_content(file.read_text(encoding="utf-8-sig"), content) for file, content in contents.items()}
    before, after = (f"{start}/{each}" for each in (last, end))
    old, new = (rf"{{\"start\": \"{start}\", \"end\": \"{each}\"}}" for each in (last, end))
    for notebook in sorted(file for room in (NOTEBOOKS, LAB) for file in (folder / room).glob("*.ipynb")):
        texts[notebook] = notebook.read_text(encoding="utf-8").replace(old, new).replace(before, after)
    texts = {file: text for file, text in texts.items() if text != file.read_text(encoding="utf-8-sig")}
    for file in (each for each in texts if each != sources):
        name = file.name if file == path else file.relative_to(folder).as_posix()
        move.note("{file}: period {before} → {after}", file=name, before=before, after=after)
    changes = _report_changes(move, has_new=bool(found))  # before anything is moved
    _write(move, texts)
    drop_replaced(move)
    return [*changes, *move.notes] or [translate("nothing changes")]


def _report_changes(move: Move, *, has_new: bool) -> list[str]:
    """Say whose reports of the months so far are late, corrected or gone; keep the tables of these months first.

    Without new files those that are there may have been overwritten: then the tables of the last run are compared.
    """
    from rmrp_analysis.loaders import load_plan
    from rmrp_analysis.loaders.editions import keep_edition, read_edition
    from rmrp_analysis.publish.comparison.difference import changes_between
    from rmrp_analysis.quality import repair_plan

    params, data = move.params, move.params.data
    copied = {name: str(path.resolve()) for path, name in move.copies.items()}
    entries: dict[str, Any] = {}
    for name, entry in move.entries.items():
        entries[name] = entry
        if isinstance(entry, dict) and _names(entry):
            files = [copied.get(file, file) for file in _names(entry)]
            entries[name] = entry | ({"files": files} if "files" in entry else {"file": files[0]})
    try:
        if has_new:
            last = repair_plan(load_plan(data), params.repairs)
            keep_edition(last, data)
        before = last if has_new else read_edition(data)
        if before is None:
            return []
        after = repair_plan(load_plan(data, Sources.model_validate(entries)), params.repairs)
    except RmrpError as problem:
        return [translate("what changed in the months so far is not known: {problem}", problem=problem)]
    months, language = params.period.months, terminal.log.language
    changes = changes_between(before, after, method=params.method, months=months, language=language)
    rest = len(changes) - MAX_CHANGES
    more = [translate("... and {count} more; `rmrp diff` has all", count=rest)] * (rest > 0)
    return [*changes[:MAX_CHANGES], *more]


def drop_replaced(move: Move) -> None:
    """Remove the files of the data folder that no source names any more, and whose rows an edition keeps."""
    from rmrp_analysis.loaders.editions import files_of_editions, read_edition

    data = move.params.data
    if read_edition(data) is None:
        return
    named = {
        (data / file).resolve() for entry in move.entries.values() if isinstance(entry, dict) for file in _names(entry)
    }
    for name, checksums in files_of_editions(data).items():
        path = data / name
        if path.is_file() and path.resolve() not in named and sha256(path) in checksums:
            path.unlink()
            move.note("{file} is removed: its rows are kept in {folder}", file=name, folder=data / EDITIONS)


def _replace_activities(move: Move, new: Sequence[InputSheet], replaces: str) -> list[str]:
    """Name new activities in the place of those that they hold, or beside them; returns the names that are gone."""
    if not new:
        return []
    entry, new_paths = move.entries[ACTIVITIES], {each.path.resolve() for each in new}
    before = {name: _named_in(move, entry, name) for name in _names(entry)}
    gone = [name for name, each in before.items() if not each.path.is_file() or each.path.resolve() in new_paths]
    sheets = {each.path.name: each for name, each in before.items() if name not in gone}
    earlier, added = [*sheets], [move.copies.get(each.path, each.path.name) for each in new]
    sheets |= dict(zip(added, new, strict=True))
    tables = {name: reports_in(each.path, each.sheet, year=move.params.plan) for name, each in sheets.items()}
    requested = replaces_in(replaces, [*tables])
    decided = _decisions(replaces_by_name(entry.get("replaces", {})), tables) | requested
    undecided = [name for name in earlier if name not in chain(requested, *requested.values())]
    wholly = {name: [*requested.get(name, ()), *undecided] for name in added if requested.get(name) != []}
    stands = standing_files(tables, decided | wholly, AS_OPTION)
    unnumbered = partial(re.sub, r"-\d+(?=\.)", "")  # a name may have got a number in the data folder
    names_of_new = {unnumbered(each.path.name) for each in new}
    for name, each in before.items():
        if name in gone:
            continue
        is_replaced, reports = stands[each.path.name] != "", tables[each.path.name][REPORT].fillna("")
        is_whole = is_replaced[(reports != "").all(axis="columns")].all()
        if is_replaced.any() and (is_whole or unnumbered(each.path.name) in names_of_new):
            gone.append(name)
            del tables[each.path.name]
    decided = _decisions(decided, tables)
    standing_files(tables, decided, AS_OPTION)
    kept = {key: content for key, content in entry.items() if key != "replaces"}
    move.entries[ACTIVITIES] = kept | ({"replaces": decided} if decided else {})
    _enter(move, ACTIVITIES, [*(each for name, each in before.items() if name not in gone), *new], gone)
    return gone


def _decisions(replaces: Mapping[str, Sequence[str]], names: Collection[str]) -> dict[str, list[str]]:
    """Return what replaces what among the files that are there."""
    kept = {name: [each for each in replaced if each in names] for name, replaced in replaces.items() if name in names}
    return {name: replaced for name, replaced in kept.items() if replaced or not replaces[name]}


def _named_in(move: Move, entry: Any, name: str) -> InputSheet:
    """One of the files that an entry names."""
    return InputSheet(move.params.data / name, entry.get("sheet", ""), spanish=False, alone=True)


def _names(entry: Any) -> list[str]:
    """The files that an entry names."""
    return [entry["file"]] if "file" in entry else list(entry.get("files", []))


def _enter(move: Move, name: str, sheets: Sequence[InputSheet], gone: Sequence[str] | None = None) -> None:
    """Name files in an entry, with their day, and say so; ``gone`` are those in whose place they come."""
    before = move.entries.get(name, {"producer": "—"})
    if "fetched" in before:
        raise RequestError(translate("{input} comes from `rmrp fetch`; fetch it again instead of --from", input=name))
    files = files_and_sheet(sheets, move.copies | {move.params.data / file: file for file in _names(before)})
    gone = [file for file in (_names(before) if gone is None else gone) if file not in _names(files)]
    day, stated = before.get("as_of", ""), before.get("as_of", "")
    if changed := [each.path for each in sheets if not _is_unchanged(move, each.path, _names(before))]:
        day = max(stated, day_of(changed))
    kept = {key: value for key, value in before.items() if key not in ("file", "files", "sheet", "sha256")}
    move.entries[name] = files | kept | ({"as_of": day} if day else {})
    if "sha256" in before:
        checksums = [sha256(move.path_of(file)) for file in _names(files)]
        move.entries[name]["sha256"] = checksums if "files" in files else checksums[0]
    added = [file for file in _names(files) if file not in _names(before)]
    if added and gone:
        move.note("{input}: {new} takes the place of {old}", input=name, new=", ".join(added), old=", ".join(gone))
    elif added:
        move.note("{input}: {new} is a further file", input=name, new=", ".join(added))
    if day != stated:
        move.note("{input}: as_of {before} → {after}", input=name, before=stated or "—", after=day)


def _is_unchanged(move: Move, path: Path, names: Sequence[str]) -> bool:
    """Whether a file is one of these names in the data folder, with the bytes that the last run read.

    Without an earlier run nothing says that its bytes are others.
    """
    from rmrp_analysis.loaders.editions import files_of_last_edition

    if path in move.copies or path.resolve() not in {(move.params.data / name).resolve() for name in names}:
        return False
    checksum = files_of_last_edition(move.params.data).get(path.name)
    return checksum in (None, sha256(path))


def next_end(path: Path, *, by_quarter: bool = False) -> str:
    """Return the month that a project can move on to, ``by_quarter`` the last one of a quarter; empty without one.

    It is the first one after the period whose months are over, and each is in the reports. Raises as ``moved_to`` does.
    """
    params = load_run_params(path)
    entry = read_yaml(params.data / SOURCES_FILE, InputRefused).content[ACTIVITIES]
    held = _months_reported(params, entry, [params.data / name for name in _names(entry)])
    step = 3 if by_quarter else 1
    months = [f"{params.plan}-{month:02d}" for month in range(1, 13)]
    ends = [end for end in months[step - 1 :: step] if end > params.period.end]
    if not ends or ends[0] >= f"{datetime.now(UTC):%Y-%m}":
        return ""
    last = months.index(ends[0])
    return ends[0] if set(months[last + 1 - step : last + 1]) <= set(held) else ""


def _months_reported(params: RunParams, entry: Any, paths: Sequence[Path]) -> list[str]:
    """The months of the plan year that activities in these files are of, in their order."""
    if missing := [path for path in paths if not path.is_file()]:
        raise InputRefused(translate("{file}: there is no such file; name the new one by --from", file=missing[0]))
    months = pd.concat([reports_in(path, entry.get("sheet", ""), year=params.plan)["month"] for path in paths])
    return sorted(set(months[months.str.startswith(str(params.plan))]))


def _end_of_period(move: Move, month: str, *, has_new: bool) -> str:
    """The last month of the period. Raises ``RequestError`` for one that no activity is of."""
    params, entry = move.params, move.entries[ACTIVITIES]
    before = int(params.period.end[:4]) * 12 + int(params.period.end[5:])
    following = f"{before // 12}-{before % 12 + 1:02d}"
    params.period.parse(f"{params.period.start}/{month or following}")
    if (month or following)[:4] != str(params.plan) and not has_new:
        raise RequestError(
            translate("the plan year {year} ends; start a project of the next one by `rmrp new`", year=str(params.plan))
        )
    held = _months_reported(params, entry, [move.path_of(name) for name in _names(entry)])
    wanted = month or (
        following if not has_new or any(each > params.period.end for each in held) else params.period.end
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
    """Copy the files and write the texts; where a step fails, all is as it was."""
    before = {path: path.read_bytes() for path in texts}
    copies = {path: move.params.data / name for path, name in move.copies.items()}
    try:
        for path, copy in copies.items():
            shutil.copy2(path, copy)
        for path, text in texts.items():
            write_whole(path, text)
    except BaseException:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        for path, content in before.items():
            if path.read_bytes() != content:
                write_whole(path, content)
        raise
