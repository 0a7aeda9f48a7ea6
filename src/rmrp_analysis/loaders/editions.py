"""Editions: the tables that each run was made from, kept in the data folder, each as what differs from the one before.

They lie in ``editions/``, a folder each, in the order in which they were kept. A table is a file of the rows that came
(``change`` 1) and went (-1), as packed JSON by column; one with other columns than before is written whole. So a data
folder grows by what changed, and the figures of an earlier run can be counted again when its files are gone. Editions
hold rows as they were reported: nothing of them may be published.
"""

import gzip
import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import union_categoricals

from rmrp_analysis.files import write_json
from rmrp_analysis.metrics import Dataset
from rmrp_analysis.metrics.rounding_key import secret_of
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import EDITIONS_FOLDER, Source
from rmrp_analysis.vocabulary import plan_year

EDITION_FILE, TABLE_SUFFIX = "edition.json", ".json.gz"
"""The name of the file with the facts of an edition, and the suffix of its tables."""
GZIP_LEVEL = 6
"""How hard gzip packs, of 9: more takes longer, and gains a hundredth."""
DAMAGED_FILE_ERRORS = (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError)
"""What reading a file raises that was cut, or holds something else."""
LOCATION_COLUMNS = ["source_file", "source_line"]
"""Where a row stands: exports are sorted anew, and then every line differs."""
SINGLE_TABLE_NAMES = (
    *("activities", "refused_activities", "planning", "planned_places"),
    *("funding_flows", "funding_totals"),
)
"""Tables of a dataset that an edition keeps under their own names."""
TABLE_GROUP_NAMES = ("proportions", "references")
"""Mappings of a dataset whose tables an edition keeps as ``group.table``."""


def dataset_tables(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Return each table that figures follow from, by name or ``group.table``, without ``LOCATION_COLUMNS``.

    Tables that are None or have no columns are left out.
    """
    table_by_name = {table_name: getattr(dataset, table_name) for table_name in SINGLE_TABLE_NAMES}
    for table_group_name in TABLE_GROUP_NAMES:
        table_by_name |= {
            f"{table_group_name}.{table_name}": dataset_table
            for table_name, dataset_table in getattr(dataset, table_group_name).items()
        }
    return {
        table_name: dataset_table.drop(columns=LOCATION_COLUMNS, errors="ignore").reset_index(drop=True)
        for table_name, dataset_table in table_by_name.items()
        if dataset_table is not None and len(dataset_table.columns)
    }


def table_digest(table: pd.DataFrame) -> str:
    """Return a digest of the rows and columns of a table; the order of its columns counts, that of its rows not."""
    row_hash_sum = int(_row_hashes(table).to_numpy().sum()) if len(table) else 0
    return hashlib.sha256(f"{[*table.columns]} {len(table)} {row_hash_sum}".encode()).hexdigest()


def edition_id(dataset: Dataset) -> str:
    """Return the id of the edition that a dataset is: a digest of its tables."""
    return _id_of_tables(dataset_tables(dataset))


def _id_of_tables(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return one digest of tables by their names."""
    digest_by_table = {table_name: table_digest(edition_table) for table_name, edition_table in tables.items()}
    return hashlib.sha256(json.dumps(digest_by_table, sort_keys=True).encode()).hexdigest()


def list_editions(folder: Path) -> dict[str, Path]:
    """Return the folders of the editions of a data folder by their id, the earliest first.

    Editions whose facts cannot be read are left out.
    """
    edition_folders = sorted(
        edition_folder.parent for edition_folder in (folder / EDITIONS_FOLDER).glob(f"[!.]*/{EDITION_FILE}")
    )
    return {
        edition_facts["id"]: edition_folder
        for edition_folder in edition_folders
        if (edition_facts := _read_facts(edition_folder))
    }


def keep_edition(plan: Plan, folder: Path) -> str:
    """Write the tables of a plan as a new edition of its data folder, unless any edition has them; return the id.

    Raises ``OSError`` where the folder cannot be written.
    """
    plan_edition_id, edition_folder_by_id = edition_id(plan), list_editions(folder)
    if plan_edition_id in edition_folder_by_id:
        return plan_edition_id
    last_edition_folder = next(reversed(edition_folder_by_id.values()), None)
    last_table_by_name = _read_tables(edition_folder_by_id.values(), last_edition_folder) if last_edition_folder else {}
    (folder / EDITIONS_FOLDER).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder / EDITIONS_FOLDER, prefix=".new-") as temporary_folder:
        staging_folder = Path(temporary_folder) / "edition"
        staging_folder.mkdir()
        table_by_name = dataset_tables(plan)
        for table_name, plan_table in table_by_name.items():
            is_table_written_whole = table_name not in last_table_by_name or list(
                last_table_by_name[table_name]
            ) != list(plan_table)
            rows_to_write = (
                plan_table if is_table_written_whole else table_delta(last_table_by_name[table_name], plan_table)
            )
            if is_table_written_whole or len(rows_to_write):
                write_table(rows_to_write, staging_folder / f"{table_name}{TABLE_SUFFIX}")
        edition_facts = {
            "id": plan_edition_id,
            "plan": plan.year.year,
            "tables": [*table_by_name],
            "inputs": {input_file.path.name: input_file.sha256 for input_file in plan.inputs},
            "sources": {
                input_name: input_source.model_dump(mode="json") for input_name, input_source in plan.sources.items()
            },
        }
        write_json(staging_folder / EDITION_FILE, edition_facts)
        try:
            edition_number = int(last_edition_folder.name.partition("-")[0]) + 1 if last_edition_folder else 1
            staging_folder.rename(folder / EDITIONS_FOLDER / f"{edition_number:04d}-{plan_edition_id[:12]}")
        except OSError:
            if plan_edition_id not in list_editions(folder):  # else another run has just kept it
                raise
    return plan_edition_id


def read_edition(folder: Path, name: str = "", *, project: Path | None = None) -> Dataset | None:
    """Read the tables of an edition again, by default the last one; None where it is not there, or is damaged.

    ``name`` is its id. Rows have no location: ``source_file`` is empty, ``source_line`` 0. The rounding key is looked
    for as ``load_plan`` does.
    """
    edition_folder_by_id = list_editions(folder)
    edition_folder = edition_folder_by_id.get(name) if name else next(reversed(edition_folder_by_id.values()), None)
    if edition_folder is None:
        return None
    edition_facts = _read_facts(edition_folder)
    stored_table_by_name = _read_tables(edition_folder_by_id.values(), edition_folder)
    if not stored_table_by_name:
        return None
    table_by_name = {
        table_name: edition_table.assign(source_file=pd.Categorical([""] * len(edition_table)), source_line=0)
        for table_name, edition_table in stored_table_by_name.items()
    }
    tables_by_group: dict[str, Any] = {table_group_name: {} for table_group_name in TABLE_GROUP_NAMES}
    for table_name in [name for name in table_by_name if "." in name]:
        table_group_name, _, table_name_in_group = table_name.partition(".")
        tables_by_group[table_group_name][table_name_in_group] = table_by_name[table_name]
    single_table_by_name: dict[str, Any] = {
        table_name: table_by_name.get(table_name) for table_name in SINGLE_TABLE_NAMES
    }
    single_table_by_name["refused_activities"] = table_by_name.get("refused_activities", pd.DataFrame())
    source_by_input = {
        input_name: Source.model_validate(_without_defaults(source_fields))
        for input_name, source_fields in edition_facts["sources"].items()
    }
    return Dataset(
        year=plan_year(edition_facts["plan"]),
        sources=source_by_input,
        secret=secret_of(folder, project),
        **single_table_by_name,
        **tables_by_group,
    )


def read_edition_before(folder: Path, plan: Dataset) -> Dataset | None:
    """Read the last edition whose tables are not those of ``plan``; None where there is none, or it is damaged."""
    plan_edition_id = edition_id(plan)
    other_edition_ids = [
        other_edition_id for other_edition_id in list_editions(folder) if other_edition_id != plan_edition_id
    ]
    return read_edition(folder, other_edition_ids[-1]) if other_edition_ids else None


def files_of_editions(folder: Path) -> dict[str, set[str]]:
    """Return the sha256 of every file that an edition was made from, by the name of the file."""
    checksum_sets_by_file: dict[str, set[str]] = {}
    for edition_folder in list_editions(folder).values():
        for file_name, checksum in _read_facts(edition_folder)["inputs"].items():
            checksum_sets_by_file.setdefault(file_name, set()).add(checksum)
    return checksum_sets_by_file


def files_of_last_edition(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file that the last edition was made from, by the name of the file.

    Empty where there is no edition.
    """
    last_edition_folder = next(reversed(list_editions(folder).values()), None)
    return dict(_read_facts(last_edition_folder)["inputs"]) if last_edition_folder else {}


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as JSON by column, packed: the different texts of a Categorical once, and which each row has."""
    json_dicts_by_column: dict[str, dict[str, Any]] = {}
    for column_label, column in table.items():
        column_name = str(column_label)
        if isinstance(column.dtype, pd.CategoricalDtype):
            category_accessor = column.cat.remove_unused_categories().cat
            json_dicts_by_column[column_name] = {
                "texts": category_accessor.categories.to_list(),
                "rows": category_accessor.codes.to_list(),
            }
        else:
            json_value_series = column.astype("object").where(column.notna(), None)
            json_dicts_by_column[column_name] = {"dtype": str(column.dtype), "rows": json_value_series.to_list()}
    path.write_bytes(
        gzip.compress(json.dumps(json_dicts_by_column, separators=(",", ":")).encode(), GZIP_LEVEL, mtime=0)
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that ``write_table`` wrote; lists in cells are tuples. Raises one of ``DAMAGED_FILE_ERRORS``."""
    column_by_name: dict[str, Any] = {}
    for column_name, stored_column in json.loads(gzip.decompress(path.read_bytes())).items():
        if "texts" in stored_column:
            category_text_index = pd.Index(stored_column["texts"], dtype="str")
            column_by_name[column_name] = pd.Series(
                pd.Categorical.from_codes(stored_column["rows"], category_text_index)
            )
        elif stored_column["dtype"] == "object":
            column_by_name[column_name] = pd.Series(
                [tuple(list_cell) for list_cell in stored_column["rows"]], dtype="object"
            )
        else:
            column_by_name[column_name] = pd.Series(stored_column["rows"], dtype=stored_column["dtype"])
    return pd.DataFrame(column_by_name)


def table_delta(old_table: pd.DataFrame, new_table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that only one of two tables has; ``change`` is 1 for the new table, -1 for the old one."""
    old_row_key_index, new_row_key_index = (_row_keys(compared_table) for compared_table in (old_table, new_table))
    added_and_removed_tables = [
        new_table[~new_row_key_index.isin(old_row_key_index)].assign(change=1),
        old_table[~old_row_key_index.isin(new_row_key_index)].assign(change=-1),
    ]
    return concat_tables(added_and_removed_tables)


def apply_delta(table: pd.DataFrame, delta: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the rows that came, without those that went (see ``table_delta``)."""
    added_rows, removed_rows = (delta[delta["change"] == change_sign].drop(columns="change") for change_sign in (1, -1))
    return concat_tables([table[~_row_keys(table).isin(_row_keys(removed_rows))], added_rows])


def concat_tables(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of tables with the same columns one after the other; texts stay Categoricals.

    ``pandas.concat`` makes plain texts of Categoricals whose categories differ.
    """
    column_by_name: dict[str, Any] = {}
    for column_name in tables[0]:
        columns_of_tables = [table[column_name] for table in tables]
        if any(isinstance(table_column.dtype, pd.CategoricalDtype) for table_column in columns_of_tables):
            categorical_columns = [table_column.astype("str").astype("category") for table_column in columns_of_tables]
            column_by_name[str(column_name)] = union_categoricals(categorical_columns, sort_categories=True)
        else:
            column_by_name[str(column_name)] = pd.concat(columns_of_tables, ignore_index=True)
    return pd.DataFrame(column_by_name)


def _read_facts(edition: Path) -> dict[str, Any]:
    """Return what an edition says of itself; nothing where that cannot be read, or has no id."""
    try:
        edition_facts: dict[str, Any] = json.loads((edition / EDITION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return edition_facts if isinstance(edition_facts, dict) and "id" in edition_facts else {}


def _read_tables(editions: Iterable[Path], last_edition: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of an edition by name; none where a file of it was removed or changed."""
    edition_folders = [edition_folder for edition_folder in editions if edition_folder <= last_edition]
    edition_facts = _read_facts(last_edition)
    try:
        table_by_name = {
            table_name: _read_table(
                [edition_folder / f"{table_name}{TABLE_SUFFIX}" for edition_folder in edition_folders]
            )
            for table_name in edition_facts["tables"]
        }
    except DAMAGED_FILE_ERRORS:  # somebody removed or changed a file
        return {}
    return table_by_name if _id_of_tables(table_by_name) == edition_facts["id"] else {}


def _read_table(paths: Sequence[Path]) -> pd.DataFrame:
    """Return a table from the last file that has the whole of it, and the deltas after that."""
    table_and_deltas: list[pd.DataFrame] = []
    for table_path in filter(Path.is_file, reversed(paths)):
        stored_table = read_table(table_path)
        table_and_deltas.insert(0, stored_table)
        if "change" not in stored_table:
            break
    return reduce(apply_delta, table_and_deltas[1:], table_and_deltas[0])


def _row_hashes(table: pd.DataFrame) -> pd.Series:
    """Return a hash of each row."""
    return pd.util.hash_pandas_object(table, index=False)  # which hashes tuples, too


def _row_keys(table: pd.DataFrame) -> pd.MultiIndex:
    """Return the hash of each row and its number among equal rows, so that repeated rows stay as many as they were."""
    hash_by_row = _row_hashes(table) if len(table) else pd.Series(dtype="uint64")
    return pd.MultiIndex.from_arrays([hash_by_row, hash_by_row.groupby(hash_by_row).cumcount()])


def _without_defaults(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a source that are not empty, 0 or false: ``file`` and ``files`` exclude each other."""
    return {
        field_name: field_content
        for field_name, field_content in source.items()
        if field_content not in ("", [], 0, None, False)
    }
