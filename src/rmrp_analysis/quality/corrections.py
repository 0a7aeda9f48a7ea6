"""Corrections by hand: the files of activities are read again with other texts in the cells that a person corrected.

Each row of the data folder's corrections names one cell of a row, used or refused. The files stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused, did_you_mean
from rmrp_analysis.loaders.joins import join_activities
from rmrp_analysis.loaders.overlap import REPLACED, without_replaced
from rmrp_analysis.loaders.refused import list_refused_activities
from rmrp_analysis.loaders.table import (
    ROW_COUNT_COLUMN,
    Loaded,
    Way,
    describe_allowed,
    merge,
    parse_cells,
    values,
    ways_written,
)
from rmrp_analysis.loaders.texts import Texts
from rmrp_analysis.plan import CHANGE_COLUMNS, Plan
from rmrp_analysis.quality.columns import as_text, mend_texts
from rmrp_analysis.quality.sent_files import SentFile, read_sent_files
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import fold

CORRECTABLE_COLUMNS = tuple(Activities.source_columns)
"""Columns of activities that a correction may change: those that are read from files."""
HAND_CORRECTION_RULE, MEND_ACCENTS_RULE = "correction", "mend_accents"
"""What the log names as the rule of a change: a correction by hand, or mended accents."""
REFUSED_ROW_COLUMNS = ["file", "line", "reason"]
"""The columns that loaders put before the cells of a refused row."""

Line = Mapping[Any, Any]
"""A line of the corrections."""

Change = dict[str, Any]
"""A line of the log: a cell (file, line, and the column of activities, or its header where it is of none), and how."""


def apply_corrections(plan: Plan, *, mend_accents: bool) -> Plan:
    """Return the plan after the corrections of its data folder, in the order of their lines; ``changes`` logs them.

    With ``mend_accents``, refused rows that become readable once their accents are mended are used, too. Raises
    ``InputRefused``, which names every correction that is wrong or matches no cell any more.
    """
    corrected_plan = plan
    needs_sent_files = "corrections" in plan.references or (mend_accents and "activities" in plan.refused)
    sent_file_by_name = read_sent_files(plan) if needs_sent_files else {}
    change_dicts = _read_corrections(plan, sent_file_by_name) if "corrections" in plan.references else []
    if change_dicts:
        corrected_plan = _read_corrected(plan, sent_file_by_name, change_dicts)
    if (
        mend_accents
        and "activities" in corrected_plan.refused
        and (mended_change_dicts := _mend_refused_rows(corrected_plan, sent_file_by_name, change_dicts))
    ):
        corrected_plan = _read_corrected(plan, sent_file_by_name, change_dicts + mended_change_dicts)
    return corrected_plan


def _read_corrections(plan: Plan, sent: Mapping[str, SentFile]) -> list[Change]:
    """Return the changes of the corrections in the data folder. Raises ``InputRefused`` with all faults."""
    unreadable_line_table = plan.refused.get("corrections")
    if unreadable_line_table is not None:
        unreadable_line_triples = zip(
            unreadable_line_table["file"], unreadable_line_table["line"], unreadable_line_table["reason"], strict=True
        )
        raise InputRefused("\n".join(f"{file}:{line}: {reason}" for file, line, reason in unreadable_line_triples))
    correction_lines = plan.references["corrections"].to_dict("records")
    checks_old_value = any(line["old_value"] for line in correction_lines)
    change_dicts: list[Change] = []
    new_text_by_cell: dict[tuple[str, int, str], str] = {}
    fault_messages = []
    for line in correction_lines:
        change_or_fault = _find_fault(line, plan.year.year) or _find_change(
            line, plan, sent, new_text_by_cell, checks_old_value=checks_old_value
        )
        if isinstance(change_or_fault, str):
            fault_messages.append(f"{line['source_file']}:{line['source_line']}: {change_or_fault}")
        else:
            change_dicts.append(change_or_fault)
            new_text_by_cell[change_or_fault["file"], change_or_fault["line"], change_or_fault["column"]] = (
                change_or_fault["after"]
            )
    if fault_messages:
        raise InputRefused("\n".join(fault_messages))
    return change_dicts


def _mend_refused_rows(plan: Plan, sent: Mapping[str, SentFile], by_hand: Sequence[Change]) -> list[Change]:
    """Return the changes by mending accents in refused rows that become readable by it.

    The corrections ``by_hand`` are made first. Rows of files that another file replaces are left out.
    """
    change_dicts: list[Change] = []
    refused_rows = plan.refused["activities"]
    for file_name, refused_rows_of_file in refused_rows[~refused_rows["reason"].str.startswith(REPLACED)].groupby(
        "file", sort=False
    ):
        sent_file = sent[str(file_name)]
        refused_text_table = (
            _replace_texts(sent_file, plan, by_hand).table.loc[refused_rows_of_file["line"]].astype("str")
        )
        mended_text_table = refused_text_table.apply(mend_texts)
        mended_batch, year_number = Texts(mended_text_table.astype("category")), plan.year.year
        activity_source = plan.sources["activities"]
        loaded_mended_rows = values(
            mended_batch,
            sent_file.path,
            Activities,
            year=year_number,
            ways=_notations(sent_file, plan),
            reading=activity_source,
            in_part=True,
        )
        usable_line_numbers = loaded_mended_rows.table["source_line"]
        column_by_header = {header: column_name for column_name, header in sent_file.headers.items()}
        for header in map(str, mended_text_table):
            text_before_by_line, text_after_by_line = (
                refused_text_table[header].to_dict(),
                mended_text_table[header].to_dict(),
            )
            for line_number in [
                line_number
                for line_number in map(int, usable_line_numbers)
                if text_before_by_line[line_number] != text_after_by_line[line_number]
            ]:
                cell_location_triple = (str(file_name), line_number, column_by_header.get(header, header))
                change_cells = (
                    *cell_location_triple,
                    text_before_by_line[line_number],
                    text_after_by_line[line_number],
                    MEND_ACCENTS_RULE,
                    "",
                    "",
                    "",
                )
                change_dicts.append(dict(zip(CHANGE_COLUMNS, change_cells, strict=True)))
    return change_dicts


def _key(line: Line) -> dict[str, str]:
    """Return the text of each column by which a correction names its row (``key``); empty where it has no key."""
    key_part_triples = (key_part.partition("=") for key_part in line["key"].split(";") if key_part.strip())
    return {column_name.strip(): key_text.strip() for column_name, _, key_text in key_part_triples}


def _find_fault(line: Line, year: int) -> str:
    """Return what is wrong with a correction, whatever the activities are; empty where nothing is.

    Wrong are: a row named in both ways or in none, an unknown column, a new value that the column does not allow.
    """
    key_text_by_column, corrected_column_name = _key(line), line["corrected_column"]
    if (line["file"] != "" and not pd.isna(line["line"])) == bool(key_text_by_column):
        return "name the row by file and line, or by its key"
    unknown_column_names = [
        column_name
        for column_name in (corrected_column_name, *key_text_by_column)
        if column_name not in CORRECTABLE_COLUMNS
    ]
    if unknown_column_names:
        unknown_column_name = unknown_column_names[0]
        return f"there is no column '{unknown_column_name}'; {did_you_mean(unknown_column_name, CORRECTABLE_COLUMNS)}"
    if not _parse(corrected_column_name, line["new_value"], year)[1]:
        column_type = Activities.columns[corrected_column_name]
        return (
            f"'{line['new_value']}' cannot stand in {corrected_column_name}; allowed: {describe_allowed(column_type)}"
        )
    return ""


def _parse(column: str, text: str, year: int) -> tuple[Any, bool]:
    """Parse a text as a cell of the column; return its value and whether the column allows it."""
    parsed_cell_series, is_refused_cell = parse_cells(pd.Series([text], dtype="str"), column, Activities, year=year)
    return parsed_cell_series.iloc[0], not bool(is_refused_cell.iloc[0])


def _find_change(
    line: Line, plan: Plan, sent: Mapping[str, SentFile], texts: Mapping[Any, str], *, checks_old_value: bool
) -> str | Change:
    """Return the change of one correction, or a sentence that says why it changes nothing.

    ``texts`` are the cells that corrections before it changed. With ``checks_old_value``, the cell must hold the
    correction's ``old_value``.
    """
    corrected_column_name, year_number, new_value = line["corrected_column"], plan.year.year, line["new_value"]
    named_activity_table = _find_rows(line, plan.activities, year_number)
    if len(named_activity_table) > 1:
        return f"the key fits {len(named_activity_table)} rows; it must be one row's alone"
    refused_rows = plan.refused.get("activities", pd.DataFrame(columns=REFUSED_ROW_COLUMNS))
    if len(named_activity_table):
        cell_location_triple = (
            str(named_activity_table["source_file"].iloc[0]),
            int(named_activity_table["source_line"].iloc[0]),
            corrected_column_name,
        )
        old_cell_value = (
            _parse(corrected_column_name, texts[cell_location_triple], year_number)[0]
            if cell_location_triple in texts
            else named_activity_table[corrected_column_name].iloc[0]
        )
    elif ((refused_rows["file"] == line["file"]) & (refused_rows["line"] == line["line"])).any():
        cell_location_triple = line["file"], int(line["line"]), corrected_column_name
        sent_file = sent[line["file"]]
        if corrected_column_name not in sent_file.headers:
            return f"{line['file']} has no column {corrected_column_name}"
        old_cell_value = texts.get(
            cell_location_triple, sent_file.column(corrected_column_name)[cell_location_triple[1]]
        )
    else:
        row_phrase = "this key" if _key(line) else f"line {line['line']:.0f} of {line['file']}"
        return f"no longer matches: there is no row with {row_phrase}"
    old_cell_text = as_text(pd.Series([old_cell_value])).iloc[0]
    if checks_old_value and not _is_same(old_cell_value, line["old_value"], corrected_column_name, year_number):
        return f"no longer matches: {corrected_column_name} holds '{old_cell_text}', not '{line['old_value']}'"
    if _is_same(old_cell_value, new_value, corrected_column_name, year_number):
        return f"{corrected_column_name} already holds '{old_cell_text}'; take the line out"
    change_cells = (
        *cell_location_triple,
        old_cell_text,
        new_value,
        HAND_CORRECTION_RULE,
        line["reason"],
        line["by"],
        line["date"],
    )
    return dict(zip(CHANGE_COLUMNS, change_cells, strict=True))


def _find_rows(line: Line, activities: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the activities that a correction names: by its key, else by ``source_file`` and ``source_line``.

    Texts of a key are compared by ``fold``. Columns: those of ``activities``.
    """
    is_named_row = (activities["source_file"] == line["file"]) & (activities["source_line"] == line["line"])
    if key_text_by_column := _key(line):
        is_named_row = pd.Series(data=True, index=activities.index)
    for key_column, key_text in key_text_by_column.items():
        expected_cell_value, column_cells = _parse(key_column, key_text, year)[0], activities[key_column]
        if pd.api.types.is_float_dtype(column_cells):
            is_named_row &= column_cells == expected_cell_value
        else:
            is_named_row &= column_cells.isin(
                [
                    distinct_cell
                    for distinct_cell in column_cells.unique()
                    if fold(str(distinct_cell)) == fold(str(expected_cell_value))
                ]
            )
    named_row_table: pd.DataFrame = activities[is_named_row]
    return named_row_table


def _is_same(cell: Any, text: str, column: str, year: int) -> bool:
    """Return whether a cell is what a text means in its column; an empty cell is an empty text."""
    if pd.isna(cell) or cell == "":
        return text == ""
    expected_cell_value = _parse(column, text, year)[0]
    return bool(cell == text or (not pd.isna(expected_cell_value) and cell == expected_cell_value))


def _read_corrected(plan: Plan, sent: Mapping[str, SentFile], log: Sequence[Change]) -> Plan:
    """Return the plan with its activities read again from the files with these changes, and joined again.

    Refused rows, faults, joins and the counts of ``inputs`` are renewed; ``changes`` is ``log``.
    """
    year_number, loaded_table_by_file = plan.year.year, dict[str, Loaded]()
    for file_name, sent_file in sent.items():
        corrected_texts, activity_source = _replace_texts(sent_file, plan, log), plan.sources["activities"]
        loaded_file = values(
            corrected_texts,
            sent_file.path,
            Activities,
            year=year_number,
            ways=_notations(sent_file, plan),
            reading=activity_source,
        )
        for change_dict in log:
            column_name = change_dict["column"]
            if (
                change_dict["rule"] == HAND_CORRECTION_RULE
                and change_dict["file"] == file_name
                and not _is_read(column_name, plan)
            ):
                is_changed_line = loaded_file.table["source_line"] == change_dict["line"]
                loaded_file.table.loc[is_changed_line, column_name] = _parse(
                    column_name, change_dict["after"], year_number
                )[0]
        loaded_table_by_file[file_name] = replace(loaded_file, table=loaded_file.table.assign(**{ROW_COUNT_COLUMN: 1}))
    loaded_activities = merge(without_replaced(loaded_table_by_file, plan.sources["activities"]))
    reference_list_by_name = plan.references
    indicator_table, admin1_table = reference_list_by_name["indicators"], reference_list_by_name.get("admin1")
    joined_activity_table, join_audits = join_activities(
        loaded_activities.table, indicator_table, admin1_table, year=plan.year
    )
    refused_rows_by_other_input = {
        file_name: refused_rows for file_name, refused_rows in plan.refused.items() if file_name != "activities"
    }
    refused_count_by_file = loaded_activities.not_used["file"].value_counts()
    updated_input_files = (
        replace(
            input_file,
            rows=loaded_activities.count_used(input_file.path.name),
            rows_refused=int(refused_count_by_file.get(input_file.path.name, 0)),
        )
        if input_file.name == "activities"
        else input_file
        for input_file in plan.inputs
    )
    return replace(
        plan,
        activities=joined_activity_table,
        refused_activities=list_refused_activities(
            loaded_activities, joined_activity_table, indicator_table, admin1_table, year=plan.year
        ),
        joins=join_audits,
        inputs=tuple(updated_input_files),
        refused=refused_rows_by_other_input
        | ({"activities": loaded_activities.not_used} if len(loaded_activities.not_used) else {}),
        faults=pd.concat(
            [plan.faults[plan.faults["input"] != "activities"], loaded_activities.faults.assign(input="activities")],
            ignore_index=True,
        ),
        changes=pd.DataFrame(log, columns=list(CHANGE_COLUMNS)),
    )


def _notations(file: SentFile, plan: Plan) -> Mapping[str, Way]:
    """Return the notation of numbers and dates of each column of a file, as it was sent."""
    return ways_written([file.texts], file.path, Activities, year=plan.year.year, reading=plan.sources["activities"])


def _is_read(column: str, plan: Plan) -> bool:
    """Return whether a column is read from the files of the plan year (optional ones always are), not derived."""
    return column not in plan.year.columns_not_reported or Activities.columns[column].optional


def _replace_texts(file: SentFile, plan: Plan, log: Sequence[Change]) -> Texts:
    """Return the texts of a file with these changes; those of corrections are read whatever the column's notation.

    Changes of other files, or of columns that are not read, are left out. The file stays as it is.
    """
    file_text_table, decimal_line_arrays_by_header = file.texts.table.copy(), dict(file.texts.decimals)
    text_dicts_by_header: dict[str, dict[int, str]] = {}
    for change_dict in log:
        line_number, column_name, new_text = change_dict["line"], change_dict["column"], change_dict["after"]
        if change_dict["file"] != file.path.name or not (
            column_name not in Activities.columns or _is_read(column_name, plan)
        ):
            continue
        declared_headers = Activities.columns[column_name].headers if column_name in Activities.columns else ()
        header = file.headers.get(column_name) or next(iter(declared_headers), column_name)
        if change_dict["rule"] == HAND_CORRECTION_RULE:
            column_kind = Activities.columns[column_name].kind
            decimal_line_numbers = decimal_line_arrays_by_header.get(header, np.array([], dtype="int64"))
            if new_text and column_kind in ("number", "month"):
                new_text = str(_parse(column_name, new_text, plan.year.year)[0])
            decimal_line_arrays_by_header[header] = (
                np.union1d if new_text and column_kind == "number" else np.setdiff1d
            )(decimal_line_numbers, [line_number])
        text_dicts_by_header.setdefault(header, {})[line_number] = new_text
    for header, text_by_line in text_dicts_by_header.items():
        column_texts = (
            file_text_table[header].astype("str")
            if header in file_text_table
            else pd.Series("", file_text_table.index, dtype="str")
        )
        column_texts.update(pd.Series(text_by_line, dtype="str"))
        file_text_table[header] = column_texts.astype("category")
    return replace(file.texts, table=file_text_table, decimals=decimal_line_arrays_by_header)
