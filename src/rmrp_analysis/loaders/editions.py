"""Editions: the tables of each run, stored in the data folder as differences from the previous edition.

Each edition is a folder in ``editions/``, in the order of storing. A table is a file of the added rows (``change`` 1)
and the removed rows (-1), as packed JSON by column. A table with other columns than before is written whole. So a data
folder grows only by changed rows, and the figures of an earlier run can be counted again when its files are gone.
Editions hold rows as they were reported, so they may not be published.
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
from rmrp_analysis.metrics import Dataset, cached_by_args
from rmrp_analysis.metrics.rounding_key import secret_of
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import EDITIONS_FOLDER, Source
from rmrp_analysis.vocabulary import plan_year

EDITION_FILE, TABLE_SUFFIX = "edition.json", ".json.gz"
"""The name of the file with the facts of an edition, and the suffix of its tables."""
GZIP_LEVEL = 6
"""Of 9: a higher level takes longer, and gains a hundredth."""
DAMAGED_FILE_ERRORS = (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError)
"""Errors of reading a file that was cut, or is of another kind."""
LOCATION_COLUMNS = ["source_file", "source_line"]
"""Where a row stands. An edition leaves it out, since a new export has another order of rows."""
SINGLE_TABLE_NAMES = (
    *("activities", "refused_activities", "planning", "planned_places"),
    *("funding_flows", "funding_totals"),
)
"""Tables of a dataset that an edition keeps under their own names."""
TABLE_GROUP_NAMES = ("proportions", "references")
"""Mappings of a dataset with tables that an edition keeps as ``group.table``."""


def dataset_tables(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Return each table that figures are counted from, by name or ``group.table``, without ``LOCATION_COLUMNS``.

    Tables that are None or have no columns are left out.
    """
    tables = {name: getattr(dataset, name) for name in SINGLE_TABLE_NAMES}
    for group in TABLE_GROUP_NAMES:
        tables |= {f"{group}.{name}": table for name, table in getattr(dataset, group).items()}
    return {
        name: table.drop(columns=LOCATION_COLUMNS, errors="ignore").reset_index(drop=True)
        for name, table in tables.items()
        if table is not None and len(table.columns)
    }


def table_digest(table: pd.DataFrame) -> str:
    """Return a digest of a table. The order of its columns changes it, the order of its rows does not."""
    total = int(_row_hashes(table).to_numpy().sum()) if len(table) else 0
    return hashlib.sha256(f"{[*table.columns]} {len(table)} {total}".encode()).hexdigest()


@cached_by_args
def edition_id(dataset: Dataset) -> str:
    """Return the id of a dataset's edition: a digest of its tables. Cached in the dataset."""
    return _id_of_tables(dataset_tables(dataset))


def _id_of_tables(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return one digest of tables by their names."""
    digests = {name: table_digest(table) for name, table in tables.items()}
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def list_editions(folder: Path) -> dict[str, Path]:
    """Return the folder of each edition of a data folder by the edition's id, the earliest first.

    Editions without readable facts are left out.
    """
    folders = sorted(path.parent for path in (folder / EDITIONS_FOLDER).glob(f"[!.]*/{EDITION_FILE}"))
    return {facts["id"]: path for path in folders if (facts := _read_facts(path))}


def keep_edition(plan: Plan, folder: Path) -> str:
    """Write the tables of a plan as a new edition of its data folder, unless one has them already. Return the id.

    Raises ``OSError`` if the folder cannot be written.
    """
    edition, editions = edition_id(plan), list_editions(folder)
    if edition in editions:
        return edition
    latest = next(reversed(editions.values()), None)
    old = _read_tables(editions.values(), latest) if latest else {}
    (folder / EDITIONS_FOLDER).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder / EDITIONS_FOLDER, prefix=".new-") as temporary:
        staging = Path(temporary) / "edition"
        staging.mkdir()
        tables = dataset_tables(plan)
        for name, table in tables.items():
            is_whole = name not in old or list(old[name]) != list(table)
            rows = table if is_whole else table_delta(old[name], table)
            if is_whole or len(rows):
                write_table(rows, staging / f"{name}{TABLE_SUFFIX}")
        facts = {
            "id": edition,
            "plan": plan.year.year,
            "tables": [*tables],
            "inputs": {file.path.name: file.sha256 for file in plan.inputs},
            "sources": {name: source.model_dump(mode="json") for name, source in plan.sources.items()},
        }
        write_json(staging / EDITION_FILE, facts)
        try:
            number = int(latest.name.partition("-")[0]) + 1 if latest else 1
            staging.rename(folder / EDITIONS_FOLDER / f"{number:04d}-{edition[:12]}")
        except OSError:
            if edition not in list_editions(folder):  # otherwise another run has just kept it
                raise
    return edition


def read_edition(folder: Path, name: str = "", *, project: Path | None = None) -> Dataset | None:
    """Read the tables of an edition, by default the last one. None if it is missing or damaged.

    ``name`` is its id. Rows have no location: ``source_file`` is empty, ``source_line`` 0. The rounding key is searched
    as in ``load_plan``.
    """
    editions = list_editions(folder)
    path = editions.get(name) if name else next(reversed(editions.values()), None)
    if path is None:
        return None
    facts = _read_facts(path)
    stored = _read_tables(editions.values(), path)
    if not stored:
        return None
    tables = {
        key: table.assign(source_file=pd.Categorical([""] * len(table)), source_line=0) for key, table in stored.items()
    }
    groups: dict[str, Any] = {group: {} for group in TABLE_GROUP_NAMES}
    for key, table in tables.items():
        group, dot, member = key.partition(".")
        if dot:
            groups[group][member] = table
    single: dict[str, Any] = {key: tables.get(key) for key in SINGLE_TABLE_NAMES}
    single["refused_activities"] = tables.get("refused_activities", pd.DataFrame())
    sources = {key: Source.model_validate(_without_defaults(source)) for key, source in facts["sources"].items()}
    return Dataset(
        year=plan_year(facts["plan"]), sources=sources, secret=secret_of(folder, project), **single, **groups
    )


def read_edition_before(folder: Path, plan: Dataset) -> Dataset | None:
    """Read the last edition with other tables than ``plan``. None without such an edition, or if it is damaged."""
    name = edition_id(plan)
    ids = [edition for edition in list_editions(folder) if edition != name]
    return read_edition(folder, ids[-1]) if ids else None


def files_of_editions(folder: Path) -> dict[str, set[str]]:
    """Return the sha256 of every file that an edition was made from, by the name of the file."""
    checksums: dict[str, set[str]] = {}
    for path in list_editions(folder).values():
        for name, checksum in _read_facts(path)["inputs"].items():
            checksums.setdefault(name, set()).add(checksum)
    return checksums


def files_of_last_edition(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of the last edition, by the name of the file. Empty without an edition."""
    path = next(reversed(list_editions(folder).values()), None)
    return dict(_read_facts(path)["inputs"]) if path else {}


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as packed JSON by column. A Categorical is written as its texts and the code of each row."""
    columns: dict[str, dict[str, Any]] = {}
    for label, column in table.items():
        name = str(label)
        if isinstance(column.dtype, pd.CategoricalDtype):
            texts = column.cat.remove_unused_categories().cat
            columns[name] = {"texts": texts.categories.to_list(), "rows": texts.codes.to_list()}
        else:
            cells = column.astype("object").where(column.notna(), None)
            columns[name] = {"dtype": str(column.dtype), "rows": cells.to_list()}
    path.write_bytes(gzip.compress(json.dumps(columns, separators=(",", ":")).encode(), GZIP_LEVEL, mtime=0))


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that ``write_table`` wrote. Lists in cells become tuples. Raises one of ``DAMAGED_FILE_ERRORS``."""
    columns: dict[str, Any] = {}
    for name, column in json.loads(gzip.decompress(path.read_bytes())).items():
        if "texts" in column:
            texts = pd.Index(column["texts"], dtype="str")
            columns[name] = pd.Series(pd.Categorical.from_codes(column["rows"], texts))
        elif column["dtype"] == "object":
            columns[name] = pd.Series([tuple(cell) for cell in column["rows"]], dtype="object")
        else:
            columns[name] = pd.Series(column["rows"], dtype=column["dtype"])
    return pd.DataFrame(columns)


def table_delta(old_table: pd.DataFrame, new_table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that only one of two tables has. ``change`` is 1 for the new table, -1 for the old one."""
    old_keys, new_keys = (_row_keys(table) for table in (old_table, new_table))
    changes = [
        new_table[~new_keys.isin(old_keys)].assign(change=1),
        old_table[~old_keys.isin(new_keys)].assign(change=-1),
    ]
    return concat_tables(changes)


def apply_delta(table: pd.DataFrame, delta: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the added rows and without the removed ones (see ``table_delta``)."""
    added, removed = (delta[delta["change"] == change].drop(columns="change") for change in (1, -1))
    return concat_tables([table[~_row_keys(table).isin(_row_keys(removed))], added])


def concat_tables(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of tables with the same columns one after the other. Texts stay Categoricals.

    ``pandas.concat`` makes plain texts of Categoricals with different categories.
    """
    columns: dict[str, Any] = {}
    for name in tables[0]:
        parts = [table[name] for table in tables]
        if any(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            texts = [part.astype("str").astype("category") for part in parts]
            columns[str(name)] = union_categoricals(texts, sort_categories=True)
        else:
            columns[str(name)] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def _read_facts(edition: Path) -> dict[str, Any]:
    """Return the facts of an edition. Empty if they cannot be read or have no id."""
    try:
        facts: dict[str, Any] = json.loads((edition / EDITION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) and "id" in facts else {}


def _read_tables(editions: Iterable[Path], last_edition: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of an edition by name. Empty if one of its files was removed or changed."""
    paths = [edition for edition in editions if edition <= last_edition]
    facts = _read_facts(last_edition)
    try:
        tables = {
            name: _read_table([edition / f"{name}{TABLE_SUFFIX}" for edition in paths]) for name in facts["tables"]
        }
    except DAMAGED_FILE_ERRORS:  # somebody removed or changed a file
        return {}
    return tables if _id_of_tables(tables) == facts["id"] else {}


def _read_table(paths: Sequence[Path]) -> pd.DataFrame:
    """Return a table from the last file that is whole, and the later deltas."""
    deltas: list[pd.DataFrame] = []
    for path in filter(Path.is_file, reversed(paths)):
        rows = read_table(path)
        deltas.insert(0, rows)
        if "change" not in rows:
            break
    return reduce(apply_delta, deltas[1:], deltas[0])


def _row_hashes(table: pd.DataFrame) -> pd.Series:
    """Return a hash of each row."""
    return pd.util.hash_pandas_object(table, index=False)  # it hashes tuples, too


def _row_keys(table: pd.DataFrame) -> pd.MultiIndex:
    """Return the hash of each row and its number among equal rows. So repeated rows are not lost."""
    hashes = _row_hashes(table) if len(table) else pd.Series(dtype="uint64")
    return pd.MultiIndex.from_arrays([hashes, hashes.groupby(hashes).cumcount()])


def _without_defaults(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a source that are not empty, 0 or false: ``file`` and ``files`` exclude each other."""
    return {name: content for name, content in source.items() if content not in ("", [], 0, None, False)}
