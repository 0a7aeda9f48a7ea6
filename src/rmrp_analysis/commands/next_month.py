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
        return next(
            (source_path for source_path, copy_name in self.copies.items() if copy_name == name),
            self.params.data / name,
        )


def read_move(path: Path) -> Move:
    """Return the move of a project that changes nothing yet: its parameters, and what its data folder names."""
    run_params = load_run_params(path)
    return Move(dict(read_yaml(run_params.data / SOURCES_FILE, InputRefused).content), params=run_params)


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
    sources_path, project_folder = move.params.data / SOURCES_FILE, path.resolve().parent
    start_month_text, last_month_text = move.params.period.start, move.params.period.end
    content_dict_by_path = {sources_path: move.entries}
    if new_end != last_month_text:
        params_fields = read_yaml(path, RequestError).content
        content_dict_by_path[path] = params_fields | {"period": {"start": start_month_text, "end": new_end}}
    text_by_path = {
        file_path: with_content(file_path.read_text(encoding="utf-8-sig"), file_fields)
        for file_path, file_fields in content_dict_by_path.items()
    }
    old_period_text, new_period_text = (
        f"{start_month_text}/{end_month_text}" for end_month_text in (last_month_text, new_end)
    )
    old_period_json, new_period_json = (
        rf"{{\"start\": \"{start_month_text}\", \"end\": \"{end_month_text}\"}}"
        for end_month_text in (last_month_text, new_end)
    )
    for notebook_path in sorted(
        file_path
        for notebook_folder_name in (NOTEBOOKS_FOLDER, LAB_FOLDER)
        for file_path in (project_folder / notebook_folder_name).glob("*.ipynb")
    ):
        text_by_path[notebook_path] = (
            notebook_path.read_text(encoding="utf-8")
            .replace(old_period_json, new_period_json)
            .replace(old_period_text, new_period_text)
        )
    text_by_path = {
        file_path: file_text
        for file_path, file_text in text_by_path.items()
        if file_text != file_path.read_text(encoding="utf-8-sig")
    }
    for file_path in (changed_path for changed_path in text_by_path if changed_path != sources_path):
        shown_file_name = file_path.name if file_path == path else file_path.relative_to(project_folder).as_posix()
        move.note(
            "{file}: period {before} → {after}", file=shown_file_name, before=old_period_text, after=new_period_text
        )
    return text_by_path


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

    run_params, data_folder = move.params, move.params.data
    source_path_text_by_copy = {copy_name: str(file_path.resolve()) for file_path, copy_name in move.copies.items()}
    source_entry_by_input: dict[str, Any] = {}
    for input_name, source_entry in move.entries.items():
        source_entry_by_input[input_name] = source_entry
        if isinstance(source_entry, dict) and _list_file_names(source_entry):
            source_path_texts = [
                source_path_text_by_copy.get(file_name, file_name) for file_name in _list_file_names(source_entry)
            ]
            source_entry_by_input[input_name] = source_entry | (
                {"files": source_path_texts} if "files" in source_entry else {"file": source_path_texts[0]}
            )
    try:
        if has_new:
            plan_of_last_run = repair_plan(load_plan(data_folder), run_params.repairs)
            keep_edition(plan_of_last_run, data_folder)
        earlier_plan = plan_of_last_run if has_new else read_edition(data_folder)
        if earlier_plan is None:
            return []
        later_plan = repair_plan(
            load_plan(data_folder, Sources.model_validate(source_entry_by_input)), run_params.repairs
        )
    except RmrpError as problem:
        return [translate("what changed in the months so far is not known: {problem}", problem=problem)]
    period_months, language = run_params.period.months, terminal.log.language
    change_lines = describe_edition_changes(
        earlier_plan, later_plan, method=run_params.method, months=period_months, language=language
    )
    hidden_line_count = len(change_lines) - MAX_CHANGES_SHOWN
    hidden_lines_notes = [translate("... and {count} more; `rmrp diff` has all", count=hidden_line_count)] * (
        hidden_line_count > 0
    )
    return [*change_lines[:MAX_CHANGES_SHOWN], *hidden_lines_notes]


def drop_replaced(move: Move) -> None:
    """Remove the files of the data folder that no source names any more, and whose rows an edition keeps; note each.

    Without an edition nothing is removed.
    """
    from rmrp_analysis.loaders.editions import files_of_editions, read_edition

    data_folder = move.params.data
    if read_edition(data_folder) is None:
        return
    named_source_paths = {
        (data_folder / source_file_name).resolve()
        for source_entry in move.entries.values()
        if isinstance(source_entry, dict)
        for source_file_name in _list_file_names(source_entry)
    }
    for file_name, edition_checksums in files_of_editions(data_folder).items():
        data_file_path = data_folder / file_name
        if (
            data_file_path.is_file()
            and data_file_path.resolve() not in named_source_paths
            and sha256(data_file_path) in edition_checksums
        ):
            data_file_path.unlink()
            move.note(
                "{file} is removed: its rows are kept in {folder}", file=file_name, folder=data_folder / EDITIONS_FOLDER
            )


def _replace_activities(move: Move, new_sheets: Sequence[InputSheet], replaces: str) -> list[str]:
    """Enter new activities in the place of those that they hold, or beside them; return the names that are gone.

    Changes the entry of activities, and notes it. Without new sheets nothing changes. Raises ``InputRefused`` where
    files share reports and neither ``replaces`` nor the entry says which stands, ``RequestError`` for a wrong
    ``replaces``.
    """
    if not new_sheets:
        return []
    activities_entry = move.entries[ACTIVITIES_INPUT]
    new_file_paths = {activity_sheet.path.resolve() for activity_sheet in new_sheets}
    earlier_sheet_by_file = {
        file_name: _find_input_sheet(move, activities_entry, file_name)
        for file_name in _list_file_names(activities_entry)
    }
    replaced_file_names = [
        file_name
        for file_name, activity_sheet in earlier_sheet_by_file.items()
        if not activity_sheet.path.is_file() or activity_sheet.path.resolve() in new_file_paths
    ]
    sheet_by_file_name = {
        activity_sheet.path.name: activity_sheet
        for file_name, activity_sheet in earlier_sheet_by_file.items()
        if file_name not in replaced_file_names
    }
    earlier_file_names = [*sheet_by_file_name]
    added_file_names = [move.copies.get(activity_sheet.path, activity_sheet.path.name) for activity_sheet in new_sheets]
    sheet_by_file_name |= dict(zip(added_file_names, new_sheets, strict=True))
    report_tables_by_file = {
        file_name: reports_in(activity_sheet.path, activity_sheet.sheet, year=move.params.plan)
        for file_name, activity_sheet in sheet_by_file_name.items()
    }
    requested_names_by_file = parse_replaces(replaces, [*report_tables_by_file])
    decided_names_by_file = (
        _keep_decisions(replaces_by_name(activities_entry.get("replaces", {})), report_tables_by_file)
        | requested_names_by_file
    )
    default_names_by_file = _list_default_replaces(requested_names_by_file, earlier_file_names, added_file_names)
    replacing_file_series_by_file = find_replacing_files(
        report_tables_by_file, decided_names_by_file | default_names_by_file, REPLACES_OPTION_TEMPLATE
    )
    drop_copy_number = partial(re.sub, r"-\d+(?=\.)", "")  # a name may have got a number in the data folder
    new_file_names = {drop_copy_number(activity_sheet.path.name) for activity_sheet in new_sheets}
    for file_name, activity_sheet in earlier_sheet_by_file.items():
        if file_name in replaced_file_names:
            continue
        data_file_name = activity_sheet.path.name
        is_report_replaced = replacing_file_series_by_file[data_file_name] != ""
        report_key_table = report_tables_by_file[data_file_name][REPORT_COLUMNS].fillna("")
        is_whole_file_replaced = is_report_replaced[(report_key_table != "").all(axis="columns")].all()
        if is_report_replaced.any() and (is_whole_file_replaced or drop_copy_number(data_file_name) in new_file_names):
            replaced_file_names.append(file_name)
            del report_tables_by_file[data_file_name]
    decided_names_by_file = _keep_decisions(decided_names_by_file, report_tables_by_file)
    find_replacing_files(report_tables_by_file, decided_names_by_file, REPLACES_OPTION_TEMPLATE)
    other_fields = {
        field_name: field_value for field_name, field_value in activities_entry.items() if field_name != "replaces"
    }
    move.entries[ACTIVITIES_INPUT] = other_fields | (
        {"replaces": decided_names_by_file} if decided_names_by_file else {}
    )
    kept_activity_sheets = [
        activity_sheet
        for file_name, activity_sheet in earlier_sheet_by_file.items()
        if file_name not in replaced_file_names
    ]
    _enter(move, ACTIVITIES_INPUT, [*kept_activity_sheets, *new_sheets], replaced_file_names)
    return replaced_file_names


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
        file_name: [replaced_file_name for replaced_file_name in replaced_file_names if replaced_file_name in names]
        for file_name, replaced_file_names in replaces.items()
        if file_name in names
    }
    return {
        file_name: replaced_file_names
        for file_name, replaced_file_names in replaced_names_by_file.items()
        if replaced_file_names or not replaces[file_name]
    }


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
    file_fields = name_files(
        sheets,
        move.copies | {move.params.data / file_name: file_name for file_name in _list_file_names(earlier_source_entry)},
    )
    replaced_names = [
        file_name
        for file_name in (_list_file_names(earlier_source_entry) if replaced_names is None else replaced_names)
        if file_name not in _list_file_names(file_fields)
    ]
    as_of_text, earlier_as_of_text = earlier_source_entry.get("as_of", ""), earlier_source_entry.get("as_of", "")
    if changed_file_paths := [
        input_sheet.path
        for input_sheet in sheets
        if not _is_unchanged(move, input_sheet.path, _list_file_names(earlier_source_entry))
    ]:
        as_of_text = max(earlier_as_of_text, find_day(changed_file_paths))
    kept_fields = {
        field_name: field_value
        for field_name, field_value in earlier_source_entry.items()
        if field_name not in ("file", "files", "sheet", "sha256")
    }
    move.entries[name] = file_fields | kept_fields | ({"as_of": as_of_text} if as_of_text else {})
    if "sha256" in earlier_source_entry:
        file_checksums = [sha256(move.path_of(file_name)) for file_name in _list_file_names(file_fields)]
        move.entries[name]["sha256"] = file_checksums if "files" in file_fields else file_checksums[0]
    added_file_names = [
        file_name
        for file_name in _list_file_names(file_fields)
        if file_name not in _list_file_names(earlier_source_entry)
    ]
    if added_file_names and replaced_names:
        move.note(
            "{input}: {new} takes the place of {old}",
            input=name,
            new=", ".join(added_file_names),
            old=", ".join(replaced_names),
        )
    elif added_file_names:
        move.note("{input}: {new} is a further file", input=name, new=", ".join(added_file_names))
    if as_of_text != earlier_as_of_text:
        move.note("{input}: as_of {before} → {after}", input=name, before=earlier_as_of_text or "—", after=as_of_text)


def _is_unchanged(move: Move, path: Path, names: Sequence[str]) -> bool:
    """Return whether a file has one of these names in the data folder, and the bytes that the last run read.

    Without an earlier run that read it, its bytes count as unchanged.
    """
    from rmrp_analysis.loaders.editions import files_of_last_edition

    if path in move.copies or path.resolve() not in {(move.params.data / file_name).resolve() for file_name in names}:
        return False
    last_run_checksum = files_of_last_edition(move.params.data).get(path.name)
    return last_run_checksum in (None, sha256(path))


def find_next_end(path: Path, *, by_quarter: bool = False) -> str:
    """Return the month that a project can move on to, ``by_quarter`` the last one of a quarter; empty without one.

    It is the first one after the period whose months are over, and each is in the reports. Raises as
    ``move_project`` does.
    """
    run_params = load_run_params(path)
    activities_entry = read_yaml(run_params.data / SOURCES_FILE, InputRefused).content[ACTIVITIES_INPUT]
    reported_month_texts = _months_reported(
        run_params, activities_entry, [run_params.data / file_name for file_name in _list_file_names(activities_entry)]
    )
    months_per_step = 3 if by_quarter else 1
    plan_months = [f"{run_params.plan}-{month_number:02d}" for month_number in range(1, 13)]
    possible_end_months = [
        possible_end_month
        for possible_end_month in plan_months[months_per_step - 1 :: months_per_step]
        if possible_end_month > run_params.period.end
    ]
    if not possible_end_months or possible_end_months[0] >= f"{datetime.now(UTC):%Y-%m}":
        return ""
    end_month_index = plan_months.index(possible_end_months[0])
    return (
        possible_end_months[0]
        if set(plan_months[end_month_index + 1 - months_per_step : end_month_index + 1]) <= set(reported_month_texts)
        else ""
    )


def _months_reported(params: RunParams, entry: Any, paths: Sequence[Path]) -> list[str]:
    """List the months of the plan year (YYYY-MM) that activities in these files are of, in order.

    Raises ``InputRefused`` for a missing file.
    """
    if missing_paths := [file_path for file_path in paths if not file_path.is_file()]:
        raise InputRefused(
            translate("{file}: there is no such file; name the new one by --from", file=missing_paths[0])
        )
    report_month_series = pd.concat(
        [reports_in(file_path, entry.get("sheet", ""), year=params.plan)["month"] for file_path in paths]
    )
    return sorted(set(report_month_series[report_month_series.str.startswith(str(params.plan))]))


def _end_of_period(move: Move, month: str, *, has_new: bool) -> str:
    """Return the last month of the new period: ``month``, or else the one after the last.

    It stays as it is where new files have no later month. Notes that there are activities of later months. Raises
    ``RequestError`` for a month without activities, and after the plan year.
    """
    run_params, activities_entry = move.params, move.entries[ACTIVITIES_INPUT]
    end_month_ordinal = int(run_params.period.end[:4]) * 12 + int(run_params.period.end[5:])
    following_month_text = f"{end_month_ordinal // 12}-{end_month_ordinal % 12 + 1:02d}"
    run_params.period.parse(f"{run_params.period.start}/{month or following_month_text}")
    if (month or following_month_text)[:4] != str(run_params.plan) and not has_new:
        raise RequestError(
            translate(
                "the plan year {year} ends; start a project of the next one by `rmrp new`", year=str(run_params.plan)
            )
        )
    reported_month_texts = _months_reported(
        run_params, activities_entry, [move.path_of(file_name) for file_name in _list_file_names(activities_entry)]
    )
    new_end_month_text = month or (
        following_month_text
        if not has_new or any(reported_month > run_params.period.end for reported_month in reported_month_texts)
        else run_params.period.end
    )
    if (
        new_end_month_text not in reported_month_texts
        and new_end_month_text != run_params.period.end
        and (month or not has_new)
    ):
        raise RequestError(
            translate(
                "no activity is of {month}; the last one is of {last}; name the new export by --from",
                month=new_end_month_text,
                last=reported_month_texts[-1] if reported_month_texts else "—",
            )
        )
    if reported_month_texts and reported_month_texts[-1] > new_end_month_text:
        move.note("there are activities up to {last}, too; --month {last} counts them", last=reported_month_texts[-1])
    return new_end_month_text


def _write(move: Move, texts: dict[Path, str]) -> None:
    """Copy the files and write the texts; where a step fails, put all back as it was and raise its error."""
    original_bytes_by_path = {file_path: file_path.read_bytes() for file_path in texts}
    copy_path_by_source = {file_path: move.params.data / copy_name for file_path, copy_name in move.copies.items()}
    try:
        for file_path, copy_path in copy_path_by_source.items():
            shutil.copy2(file_path, copy_path)
        for file_path, file_text in texts.items():
            write_whole(file_path, file_text)
    except BaseException:
        for copy_path in copy_path_by_source.values():
            copy_path.unlink(missing_ok=True)
        for file_path, original_bytes in original_bytes_by_path.items():
            if file_path.read_bytes() != original_bytes:
                write_whole(file_path, original_bytes)
        raise
