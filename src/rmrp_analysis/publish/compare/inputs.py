"""The rows behind two runs side by side, where their files are still to be found."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused, RmrpError
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import SOURCES_FILE, Source, Sources, load_sources, sha256
from rmrp_analysis.vocabulary import fold

if TYPE_CHECKING:
    from rmrp_analysis.coded import CodedTable

Touched = frozenset[tuple[str, str]]
"""Sectors and countries (ISO 3166 alpha-3) of rows."""

RECORD_ID = "record_id"
"""The column that names a record of its form for good, where the producer gives one."""

MARK_LENGTH = 8


@dataclass(frozen=True)
class RowChanges:
    """The activities that differ: a row of ``table`` each, and what corrections by hand differ.

    ``change`` is ``added``, ``removed`` or ``changed``; ``people`` are the new beneficiaries that it adds. A changed
    row has its sector and country of before beside those of after. ``gone`` and ``new`` are organisations, with their
    number of rows. ``corrections`` has the cells that only one of the runs corrects, with ``side``.
    """

    table: pd.DataFrame
    gone: Mapping[str, int]
    new: Mapping[str, int]
    corrections: pd.DataFrame


def touched(rows: pd.DataFrame) -> Touched:
    """The sectors and countries of changed rows, before and after."""
    pairs = [rows[[f"sector{side}", f"country{side}"]].itertuples(index=False, name=None) for side in ("", "_before")]
    return frozenset(pair for side in pairs for pair in side)


def plan_of(manifest: Mapping[str, Any], folders: Iterable[Path]) -> Plan | None:
    """The very plan that a run was made from, read again; None where its files are not there, or are others now.

    ``folders`` are where its parameter file may lie. A file that ``sources.yml`` no longer names is still found beside
    the one that took its place, as those that are fetched are.
    """
    from rmrp_analysis.loaders import load_plan

    named = manifest.get("params", {}).get("data")
    recorded: dict[str, list[tuple[str, str]]] = {}
    for file in manifest.get("inputs", ()):
        recorded.setdefault(file["name"], []).append((Path(file["path"]).name, file["sha256"]))
    for folder in dict.fromkeys(folder.resolve() / named for folder in folders) if named else ():
        if (folder / SOURCES_FILE).is_file():
            try:
                return load_plan(folder, _as_recorded(load_sources(folder), recorded, folder))
            except (RmrpError, OSError):  # other files lie there now
                continue
    return None


def _as_recorded(sources: Sources, recorded: Mapping[str, list[tuple[str, str]]], folder: Path) -> Sources:
    """The inputs of a folder with the files that a run read. Raises ``InputRefused`` where one is not there."""
    changes: dict[str, Source | None] = {name: None for name, _ in sources.items() if name not in recorded}
    for name, files in recorded.items():
        source: Source | None = getattr(sources, name, None)
        beside = {Path(each).name: each for each in source.names} if source else {}
        names = tuple(beside.get(file, file) for file, _ in files)
        if source is None or any(
            not (folder / path).is_file() or sha256(folder / path) != checksum
            for path, (_, checksum) in zip(names, files, strict=True)
        ):
            raise InputRefused(f"{folder}: the files of {name} are not those of the run")
        several = {"file": "", "files": names} if len(names) > 1 else {"file": names[0], "files": ()}
        changes[name] = source.model_copy(update={**several, "sha256": ""})
    return sources.model_copy(update=changes)


def row_changes(before: Plan, after: Plan) -> RowChanges:
    """The activities of two plans held against each other, as they were sent.

    Rows are the same whatever their order. Where the rows of both have record ids, a record that differs is one that
    changed. Without ids, it is a row that differs in numbers alone, or stands in the same line of the same
    organisation. The others were added or removed.
    """
    from rmrp_analysis.tables import Activities

    columns = [name for name in Activities.to_schema().columns if not name.startswith(("source_", RECORD_ID))]
    left, right = (_told_apart(plan.reported.table(), columns) for plan in (before, after))
    removed, added = left[~left.index.isin(right.index)], right[~right.index.isin(left.index)]
    texts = [name for name in columns if not pd.api.types.is_float_dtype(before.reported[name])]
    parts, by_id = [], [_has_id(rows) for rows in (removed, added)]
    gone, come = removed.iloc[:0], added.iloc[:0]
    if all(_has_id(plan.reported.table()).any() for plan in (before, after)):
        gone, come, pairs = _paired(removed[by_id[0]], added[by_id[1]], [RECORD_ID])
        removed, added = removed[~by_id[0]], added[~by_id[1]]
        parts.append(pairs.assign(change="changed"))
    for keys in (texts, ["appealing_organisation", "source_line"]):
        removed, added, pairs = _paired(removed, added, keys)
        parts.append(pairs.assign(change="changed"))
    for change, rows in (("added", pd.concat([come, added])), ("removed", pd.concat([gone, removed]))):
        sign = 1 if change == "added" else -1
        alone = _described(rows)
        same = {f"{name}_before": alone[name] for name in ("sector", "country")}
        parts.append(alone.assign(**same, people=sign * alone["people"], change=change))
    reporting = [plan.reported["appealing_organisation"].value_counts() for plan in (before, after)]
    return RowChanges(
        pd.concat(parts, ignore_index=True),
        gone=_without(reporting[0], reporting[1].index),
        new=_without(reporting[1], reporting[0].index),
        corrections=_corrections(before, after),
    )


def record_marks(activities: "CodedTable") -> dict[str, str]:
    """A short mark of each organisation's records that is another one when any of them is; empty without record ids.

    The ids, which nobody publishes, are part of what is marked, so that no number of people can be found by trying.
    """
    ids = activities.columns.get(RECORD_ID)
    if not len(activities) or ids is None or ids.where(lambda text: pd.isna(text) or text == "").any():
        return {}
    from rmrp_analysis.tables import Activities

    columns = [RECORD_ID, *(name for name in Activities.to_schema().columns if not name.startswith("source_"))]
    rows = activities[list(dict.fromkeys(columns))].astype("str").fillna("")
    lines = reduce(lambda left, right: left + "\x1f" + right, (rows[name] for name in rows)).sort_values()
    by_organisation = lines.groupby(activities["appealing_organisation"].astype("str")).agg("\x1e".join)
    return {
        str(name): hashlib.sha256(text.encode()).hexdigest()[:MARK_LENGTH] for name, text in by_organisation.items()
    }


def _has_id(activities: pd.DataFrame) -> pd.Series:
    """Which rows have the id of a record."""
    if RECORD_ID not in activities:
        return pd.Series(False, index=activities.index)
    return activities[RECORD_ID].fillna("") != ""


def _told_apart(activities: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The rows by their content, and by how many of the same content stand before them."""
    content = pd.util.hash_pandas_object(activities[columns].astype("str").fillna(""), index=False)
    return _numbered(activities, content.to_numpy())


def _numbered(rows: pd.DataFrame, content: np.ndarray) -> pd.DataFrame:
    """The rows indexed by a content, and by how many of the same content stand before them."""
    named = rows.assign(content=content)
    return named.assign(before=named.groupby(content).cumcount()).set_index(["content", "before"])


def _paired(
    removed: pd.DataFrame, added: pd.DataFrame, keys: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What is left of two sets of rows, and the pairs that are alike in these columns."""
    sides = []
    for rows in (removed, added):
        content = pd.util.hash_pandas_object(rows[keys].astype("str").fillna(""), index=False)
        sides.append(_numbered(rows, content.to_numpy()))
    old, new = sides
    both = old.index.intersection(new.index)
    before, after = _described(old.loc[both]), _described(new.loc[both])
    was = before[["sector", "country"]].add_suffix("_before")
    pairs = pd.concat([after.assign(people=after["people"] - before["people"]), was], axis=1)
    return old.drop(both), new.drop(both), pairs


def _described(rows: pd.DataFrame) -> pd.DataFrame:
    """Whose rows, of which sector and country, with how many new people."""
    texts = {
        name: rows[column].astype("str").fillna("").to_numpy()
        for name, column in (("organisation", "appealing_organisation"), ("sector", "sector"), ("country", "country"))
    }
    return pd.DataFrame({**texts, "people": rows["new_beneficiaries"].fillna(0.0).to_numpy()})


def _without(rows: pd.Series, others: Collection[str]) -> dict[str, int]:
    """The organisations that are not among others, in any spelling."""
    known = {fold(name) for name in others}
    return {str(name): int(count) for name, count in rows.items() if fold(str(name)) not in known}


def _corrections(before: Plan, after: Plan) -> pd.DataFrame:
    """The cells that only one side corrects, or corrects otherwise, with the sector and country of their rows."""
    from rmrp_analysis.quality import repaired

    names = ["file", "line", "column", "before", "after"]
    cells = [repaired(plan).changes[names].astype("str") for plan in (before, after)]
    sides = cells[0].merge(cells[1], how="outer", indicator="side")
    sides = sides[sides["side"] != "both"].assign(
        side=lambda rows: rows["side"].map({"left_only": "taken back", "right_only": "new"})
    )
    places = pd.concat(
        plan.activities[["source_file", "source_line", "sector", "country"]].astype("str") for plan in (before, after)
    ).drop_duplicates()
    of_rows = places.rename(columns={"source_file": "file", "source_line": "line"})
    found = sides.astype("str").merge(of_rows, how="left", on=["file", "line"])
    return found.assign(sector_before=found["sector"], country_before=found["country"])
