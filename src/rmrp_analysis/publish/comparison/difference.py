"""All that differs between two runs, for an analyst: data to work with, a page to read."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.publish.comparison.causes import Cause, causes
from rmrp_analysis.publish.comparison.changes import TIERS, PublishedRun, changes_between, selected
from rmrp_analysis.publish.comparison.rows import rows_of
from rmrp_analysis.vocabulary.labels import label, place, sheet_name
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

ABOUT = ("run", "title", "audience", "period", "ended", "package_version")
"""What the JSON of a difference says of each run."""

OF_CHANGE = ["report", "figure", "part", "unit", "kind", "before", "after", "difference", "score", "tier", "causes"]
"""What it says of each change."""

KINDS: Mapping[str, str] = {"changed": N_("changed"), "new": N_("new"), "gone": N_("no longer known")}
"""What happened to a figure."""

UNEXPLAINED = Cause("unknown", N_("Neither inputs, method nor code differ by what the runs say of themselves."))


@dataclass(frozen=True, eq=False)
class Difference:
    """Two runs held against each other: ``changes`` of the sheets that both have (see ``changes_between``).

    The column ``causes`` has the numbers, from 0, of the ``causes`` that can explain a change. ``rows_known`` says
    whether the activities of both could be read again.
    """

    before: PublishedRun
    after: PublishedRun
    changes: pd.DataFrame
    causes: tuple[Cause, ...]
    rows_known: bool

    @property
    def new_sheets(self) -> list[str]:
        """The reports that only the second run has."""
        return sorted(self.after.sheets - self.before.sheets)

    @property
    def gone_sheets(self) -> list[str]:
        """The reports that only the first run has."""
        return sorted(self.before.sheets - self.after.sheets)

    @property
    def internal(self) -> bool:
        """Whether it may not be published: it shows numbers of an internal run, or names whose rows changed."""
        tells_of_rows = any(cause.kind in ("activities", "organisation", "corrections") for cause in self.causes)
        return tells_of_rows or "internal" in (self.before.manifest.audience, self.after.manifest.audience)

    @cached_property
    def explained(self) -> list[tuple[Cause, int]]:
        """Each cause, with the number of changes that it can explain."""
        counts = Counter(self.changes["causes"].explode())
        return [(cause, counts[number]) for number, cause in enumerate(self.causes)]

    @property
    def tiers(self) -> dict[str, list[Any]]:
        """The changes of each tier, as named tuples."""
        return {str(tier): [*changes.itertuples()] for tier, changes in self.changes.groupby("tier", sort=False)}

    def over(self, share: float) -> pd.DataFrame:
        """Give figures of sheets, not parts, that moved by more than this share of what they were, or are gone."""
        figures = self.changes[(self.changes["part"] == "") & ~self.changes["rounding"]]
        return figures[(figures["kind"] == "gone") | (figures["share"].abs() > share)]

    def as_records(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        changes = self.changes[OF_CHANGE].astype("object")
        before, after = (run.manifest.model_dump(mode="json") for run in (self.before, self.after))
        return {
            "before": {name: before[name] for name in ABOUT},
            "after": {name: after[name] for name in ABOUT},
            "audience": "internal" if self.internal else "public",
            "new_sheets": self.new_sheets,
            "gone_sheets": self.gone_sheets,
            "counts": dict(Counter(changes["kind"])),
            "rows_compared": self.rows_known,
            "causes": [
                {"kind": cause.kind, "text": cause.sentence(), "values": dict(cause.values), "changes": count}
                for cause, count in self.explained
            ],
            "changes": changes.where(changes.notna(), None).to_dict("records"),
        }


def difference(
    before: PublishedRun, after: PublishedRun, *, params: Sequence[Path | None] = (None, None)
) -> Difference:
    """Give what changed from one run to another, and why.

    ``params`` are the parameter files of the two, where they are known; else their data are looked for near the run's
    folder and the current one.
    """
    changes, rows = changes_between(before, after), rows_of((before, after), params)
    both_internal = {before.manifest.audience, after.manifest.audience} == {"internal"}
    found = causes(before.manifest, after.manifest, rows, with_people=both_internal)
    found += [UNEXPLAINED] if len(changes) and not found else []
    explains = np.array([cause.explains(changes) for cause in found]).reshape(len(found), len(changes))
    why = pd.Series([np.flatnonzero(column).tolist() for column in explains.T], changes.index, dtype="object")
    return Difference(before, after, changes.assign(causes=why), tuple(found), rows_known=rows is not None)


def difference_page(found: Difference, language: str) -> str:
    """Write the difference as a page of its own, in one language."""
    words, runs = Words(language), (found.before, found.after)
    headings = {
        "large": words("Large changes (score above {bound})", bound=numbers.share(TIERS["large"], language)),
        "medium": words("Changes (score above {bound})", bound=numbers.share(TIERS["medium"], language)),
        "small": words("Small changes"),
    }
    kinds = Counter(found.changes["kind"].map(KINDS)).most_common()
    sheets = {words("New sheets"): found.new_sheets, words("Sheets that are gone"): found.gone_sheets}
    organisations = [name for run in runs for name in run.manifest.params.get("organisations", ())]

    def sheet(report: str) -> str:
        sector, where, organisation = selected(report, organisations)
        return sheet_name(sector, where, language, organisation)

    def row(change: Any) -> dict[str, Any]:
        definition = BREAKDOWNS.get(change.figure) or FIGURES.get(change.figure)
        return {
            "sheet": sheet(change.report),
            "figure": words(definition.label, level=words("first administrative level"))
            if definition
            else change.figure,
            "part": (place if change.by == "admin1" else label)(change.part, language),
            "before": exactly(change.before, change.unit, language),
            "after": exactly(change.after, change.unit, language),
            "moved": moved(change, words),
            "causes": [number + 1 for number in change.causes],
        }

    return theme.render(
        "_difference.html.j2",
        css=theme.index_style_sheet(),
        language=language,
        title=words("What changed"),
        mark=words(INTERNAL_MARK) if found.internal else "",
        runs=[
            (words(heading), run.manifest.title, (run.manifest.ended or "")[:10])
            for heading, run in zip((N_("Before"), N_("After")), runs, strict=True)
        ],
        counted="; ".join(f"{words(kind)}: {numbers.count(count, language)}" for kind, count in kinds)
        or words("No figure changed."),
        sheets={
            heading: numbers.listed(list(map(sheet, reports)), language)
            for heading, reports in sheets.items()
            if reports
        },
        causes=[(cause.sentence(language), numbers.count(count, language)) for cause, count in found.explained],
        tiers=[(headings[tier], list(map(row, changes))) for tier, changes in found.tiers.items()],
        words=words,
    )


def moved(change: Any, words: Words) -> str:
    """Write by how much a figure moved, or what happened to one that is not known on both sides."""
    if math.isnan(change.difference):
        return words(KINDS[change.kind])
    return ("+" if change.difference > 0 else "−") + exactly(abs(change.difference), change.unit, words.language)


def exactly(number: float, unit: str, language: str) -> str:
    """Write a number in full, since rounded ones would often look the same on both sides."""
    if math.isnan(number):
        return numbers.NOTHING
    if unit == "share":
        return f"{numbers.plain(100 * number, language)}{numbers.NARROW_SPACE}%"
    return f"US${numbers.NARROW_SPACE}" * (unit == "usd") + numbers.count(number, language)
