"""The activities of two runs row by row: which differ, which numbers follow from them.

They are read again, where the files of both are still to be found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.errors import InputRefused, RmrpError
from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics import DIMENSIONS, Dataset, Sheets, remembered, rest_of, splits_of
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.comparison.changes import SELECTIONS, PublishedRun, selected
from rmrp_analysis.publish.records.manifest import Manifest, StatedInput, places_near
from rmrp_analysis.sources import SOURCES_FILE, Sources, load_sources, sha256
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import DIRECTLY, INTERSECTOR, NATIONAL_LEVEL, NOT_SPECIFIED

RECORD_ID, ORGANISATION, NEW = "record_id", "appealing_organisation", "new_beneficiaries"
"""The id names a record of its form for good, where the producer gives one."""

CONTENT = [name for name in Activities.columns if not name.startswith(("source_", RECORD_ID))]
TEXTS = [name for name in CONTENT if Activities.columns[name].kind != "number"]
SIDES = ("before", "after")
BY_HAND = "correction"
"""The rule by which ``Plan.changes`` names what was corrected by hand."""

COUNTING = ("counted_indicator_types", "rmrp_activities_only")
"""The choices of a method that decide which rows are counted."""

Touched = pd.MultiIndex
"""Parts of sheets: report, whether people are counted, dimension, and part; both are empty for the whole sheet."""

OF_ROWS = [name for name in DIMENSIONS if any(name == each.by[0] for each in BREAKDOWNS.values())]
"""The dimensions of rows that sheets are broken down by."""

SPLITS = ("population_group", "age_gender")
"""What the people of a row are split into."""


@dataclass(frozen=True, eq=False)
class RowChanges:
    """The activities of two runs whose files are still there, before and after.

    ``sent`` are the plans as their files have them, ``counted`` with the corrections and repairs of each run, from
    which its ``sheets`` follow.
    """

    sent: tuple[Plan, ...]
    counted: tuple[Plan, ...]
    sheets: tuple[Sheets, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The activities that differ; see ``row_changes``."""
        return row_changes(*self.sent)

    @property
    def by_organisation(self) -> list[dict[str, int]]:
        """How many activities each organisation has, before and after."""
        return [rows_by_organisation(plan) for plan in self.sent]

    @cached_property
    def corrections(self) -> pd.DataFrame:
        """The cells that only one run corrects by hand, or corrects otherwise: ``side`` is *new* or *taken back*."""
        names = ["file", "line", "column", "before", "after"]
        old, new = (plan.changes.loc[plan.changes["rule"] == BY_HAND, names].astype("str") for plan in self.counted)
        sides = old.merge(new, how="outer", indicator="side").query("side != 'both'")
        places = {f"{name}_{side}": sides[name] for name in ("file", "line") for side in SIDES}
        return sides.assign(side=sides["side"].map({"left_only": "taken back", "right_only": "new"}), **places)

    def touched(self, rows: pd.DataFrame) -> Touched:
        """Give the parts of sheets that rows of one of the tables touch, as each run counted them."""
        parts = []
        for side, sheets in zip(SIDES, self.sheets, strict=True):
            places = rows[[f"file_{side}", f"line_{side}"]].dropna().astype({f"line_{side}": "int64"})
            parts.append(touched_by(sheets, pd.MultiIndex.from_frame(places)))
        return parts[0].union(parts[1])


def rows_by_organisation(plan: Plan) -> dict[str, int]:
    """Give how many activities each organisation has, the organisations with most first."""
    counts = plan.activities[ORGANISATION].astype("str").value_counts()
    return {str(name): int(rows) for name, rows in counts.items()}


def rows_of(runs: Sequence[PublishedRun], params: Sequence[Path | None]) -> RowChanges | None:
    """Read the activities of two runs again; None where they are the same, or a file is not to be found any more.

    ``params`` are the parameter files of the two; without one, the data are looked for near the run's folder.
    """
    from rmrp_analysis.quality import repaired

    if not {"activities", "corrections"} & inputs_that_differ(*(run.manifest for run in runs)).keys():
        return None
    reports, sides = set(SELECTIONS).union(*(run.sheets for run in runs)), []
    for run, path in zip(runs, params, strict=True):
        sent = plan_of(run.manifest, [path.parent] if path else places_near(run.folder))
        if sent is None:
            return None
        period = Period.parse(str(run.manifest.period))
        method = {name: choice for name, choice in run.manifest.choices.items() if name in COUNTING}
        counted = repaired(sent, run.manifest.params["repairs"])
        selections = (selected(report, counted.organisations) for report in reports)
        sides.append((sent, counted, counted.sheets(selections, period=period, method=Method.model_validate(method))))
    return RowChanges(*zip(*sides, strict=True))


def row_changes(before: Plan, after: Plan) -> pd.DataFrame:
    """Hold the activities of two plans against each other, as they were sent: one row for each that differs.

    ``change`` is *added*, *removed* or *changed*; ``people`` are the new beneficiaries that it adds. Organisation, file
    and line are those of both sides; ``organisation`` is that of after. Rows are the same whatever their order. Where
    the rows of both have record ids, a record that differs is one that changed. Without ids, it is a row that differs
    in numbers alone, or stands in the same line of the same organisation. The others were added or removed.
    """
    old, new = before.activities, after.activities
    by_id = [RECORD_ID] if all(_texts(rows, [RECORD_ID]).any(axis=None) for rows in (old, new)) else []
    pairs = []
    for keys in (CONTENT, [RECORD_ID], [*TEXTS, *by_id], [ORGANISATION, "source_line", *by_id]):
        sides = []
        for rows in (old, new):  # those that are alike in these columns, each with one other, without rows of nothing
            texts = _texts(rows, keys)
            content = pd.util.hash_pandas_object(texts[texts.any(axis="columns")], index=False)
            number = content.groupby(content).cumcount()
            sides.append(pd.Series(content.index, pd.MultiIndex.from_arrays([content, number])))
        pairs.append(pd.concat(sides, axis="columns", join="inner", keys=SIDES).reset_index(drop=True))
        old, new = old.drop(pairs[-1]["before"]), new.drop(pairs[-1]["after"])
    alone = [pd.DataFrame({side: rows.index}) for side, rows in zip(SIDES, (old, new), strict=True)]
    rows = pd.concat([*pairs[1:], *alone], ignore_index=True)
    for side, plan in zip(SIDES, (before, after), strict=True):
        described = plan.activities[[ORGANISATION, NEW, "source_file", "source_line"]]
        names = [f"{name}_{side}" for name in ("organisation", "people", "file", "line")]
        rows = rows.join(described.astype({ORGANISATION: "str", "source_file": "str"}).set_axis(names, axis=1), on=side)
    return rows.assign(
        change=np.select([rows["before"].isna(), rows["after"].isna()], ["added", "removed"], "changed"),
        organisation=rows["organisation_after"].fillna(rows["organisation_before"]),
        people=rows["people_after"].fillna(0.0) - rows["people_before"].fillna(0.0),
    )


def _texts(activities: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return activities[columns].astype("str").fillna("")


def inputs_that_differ(before: Manifest, after: Manifest) -> dict[str, tuple[list[StatedInput], list[StatedInput]]]:
    """Give the inputs whose content differs between two runs, whatever its files are called, with the files of both.

    Of a workbook that holds several inputs, the content of the sheet decides, where both runs say it.
    """
    differing = {}
    for name in dict.fromkeys(file.name for file in (*before.inputs, *after.inputs)):
        old, new = ([file for file in run.inputs if file.name == name] for run in (before, after))
        key = "content" if all(file.content for file in (*old, *new)) else "sha256"
        if sorted(getattr(file, key) for file in old) != sorted(getattr(file, key) for file in new):
            differing[name] = old, new
    return differing


def plan_of(manifest: Manifest, folders: Iterable[Path]) -> Plan | None:
    """Read the very plan that a run was made from again; None where its files are not there, or are others now.

    ``folders`` are where its parameter file may lie. A file that ``sources.yml`` no longer names is still found beside
    the one that took its place, as those that are fetched are.
    """
    from rmrp_analysis.loaders import load_plan

    named = manifest.params.get("data")
    for folder in dict.fromkeys(folder.resolve() / named for folder in folders) if named else ():
        if (folder / SOURCES_FILE).is_file():
            try:
                return load_plan(folder, _as_recorded(load_sources(folder), manifest.inputs, folder))
            except (RmrpError, OSError):  # other files lie there now
                continue
    return None


def _as_recorded(sources: Sources, files: Iterable[StatedInput], folder: Path) -> Sources:
    """The inputs of a folder with the files and sheets of a run. Raises ``InputRefused`` where one is not there."""
    recorded: dict[str, dict[str, StatedInput]] = {}
    for file in files:
        source = getattr(sources, file.name, None)
        there = next((each for each in source.names if Path(each).name == file.file), file.file) if source else ""
        if source is None or not (folder / there).is_file() or sha256(folder / there) != file.sha256:
            raise InputRefused(f"{folder}: the files of {file.name} are not those of the run")
        recorded.setdefault(file.name, {})[there] = file
    changes: dict[str, Any] = {name: None for name, _ in sources.items()}
    for name, of_input in recorded.items():
        sheets = {file.sheet for file in of_input.values() if file.sheet}
        update = {"file": "", "files": tuple(of_input), "sha256": "", **({"sheet": sheets.pop()} if sheets else {})}
        changes[name] = getattr(sources, name).model_copy(update=update)
    return sources.model_copy(update=changes)


@remembered
def _lines(data: Dataset) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(data.rows[["source_file", "source_line"]].astype({"source_file": "str"}))


def touched_by(sheets: Sheets, places: pd.MultiIndex) -> Touched:
    """Give the parts of sheets in which the activities of these files and lines are."""
    rows, found = sheets.plan.rows, _lines(sheets.plan).get_indexer_for(places)
    inside = sheets.belonging(rows.iloc[found[found >= 0]]).assign(**{"": ""})
    partner = inside["implementing_partner"].astype("str")
    inside = inside.assign(implementing_partner=partner.mask(partner == "", DIRECTLY))
    counted = inside[inside["indicator_type"].isin(sheets.method.counted_indicator_types)]
    parts = [
        some[["sheet", by]].set_axis(["sheet", "part"], axis="columns").assign(counts=counts, by=by)
        for counts, some in ((False, inside), (True, counted))
        for by in ("", *OF_ROWS)
    ]
    for split in SPLITS:
        groups = [*splits_of(sheets.plan.year)[split], NOT_SPECIFIED]
        people = counted.rename(columns={rest_of(split): NOT_SPECIFIED}).melt("sheet", groups, "part")
        parts.append(people[people["value"] != 0].assign(counts=True, by=split))
    every = pd.concat([part.astype({"sheet": "str", "part": "str"}).drop_duplicates() for part in parts])
    return pd.MultiIndex.from_frame(every[["sheet", "counts", "by", "part"]])


def are_touched(changes: pd.DataFrame, parts: Touched) -> Any:
    """Tell of each change whether the cells that the number follows from are among these parts.

    Where a number appeared or vanished, rows that count nobody may be the reason: something is reported, or nothing.
    On sheets of all sectors, the largest sector brings its groups along, and a model by country knows no first levels.
    """
    by, of_all_sectors = changes["by"], changes["sector"] == INTERSECTOR
    people = changes["people"] & (changes["kind"] == "changed")
    of_sheet = (
        (by == "model")
        | (by.isin(SPLITS) & (of_all_sectors | ~people))
        | ((by == "admin1") & of_all_sectors & (changes["part"] == NATIONAL_LEVEL))
    )
    keys = [changes["report"], people, by.mask(of_sheet, ""), changes["part"].mask(of_sheet, "")]
    return pd.MultiIndex.from_arrays(keys).isin(parts)
