"""All that differs between two runs, for an analyst: as data, and as a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rmrp_analysis import numbers, theme
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.labels import label, place, sheet_name
from rmrp_analysis.publish.compare.causes import Cause, causes
from rmrp_analysis.publish.compare.changes import SELECTIONS, TIERS, Change, PublishedRun, changes_between
from rmrp_analysis.publish.compare.inputs import RowChanges, plan_of, row_changes
from rmrp_analysis.publish.near import places_near
from rmrp_analysis.vocabulary import INTERSECTOR, REGION
from rmrp_analysis.words import INTERNAL_MARK, N_, Words

ROWS_OF = ("activities", "corrections")
"""The inputs whose rows are held against each other."""

KINDS: Mapping[str, str] = {
    "changed": N_("changed"),
    "new": N_("new"),
    "gone": N_("no longer known"),
    "withheld": N_("now withheld"),
    "no_longer_withheld": N_("no longer withheld"),
}
"""What happened to a figure."""

UNEXPLAINED = Cause("unknown", N_("Neither inputs, method nor code differ by what the runs say of themselves."))


@dataclass(frozen=True)
class Difference:
    """Two runs held against each other: ``changes`` of the sheets that both have, and what may explain each.

    ``rows_known`` says whether the activities of both could be read again.
    """

    before: PublishedRun
    after: PublishedRun
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    rows_known: bool

    @cached_property
    def new_sheets(self) -> list[str]:
        """The reports that only the second run has."""
        return sorted(self.after.sheets - self.before.sheets)

    @cached_property
    def gone_sheets(self) -> list[str]:
        """The reports that only the first run has."""
        return sorted(self.before.sheets - self.after.sheets)

    @property
    def internal(self) -> bool:
        """Whether it may not be published: it shows numbers of an internal run, or names whose rows changed."""
        told_of_rows = any(cause.kind in ("activities", "organisation", "corrections") for cause in self.causes)
        return told_of_rows or "internal" in (run.manifest.get("audience") for run in (self.before, self.after))

    def why(self, change: Change) -> list[Cause]:
        """The causes that can explain a change: none, one, or several."""
        return [cause for cause in self.causes if cause.explains(change)]

    def over(self, share: float) -> list[Change]:
        """The figures of sheets, not their parts, that moved by more than this share of what they were, or are gone."""
        figures = [change for change in self.changes if not change.part]
        return [
            change
            for change in figures
            if change.kind == "gone" or (change.before == 0 and change.after) or abs(change.share or 0.0) > share
        ]

    def as_records(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "before": _about(self.before),
            "after": _about(self.after),
            "audience": "internal" if self.internal else "public",
            "new_sheets": self.new_sheets,
            "gone_sheets": self.gone_sheets,
            "counts": dict(Counter(change.kind for change in self.changes)),
            "rows_compared": self.rows_known,
            "causes": [
                {
                    "kind": cause.kind,
                    "text": cause.sentence(),
                    "values": dict(cause.values),
                    "changes": sum(cause.explains(change) for change in self.changes),
                }
                for cause in self.causes
            ],
            "changes": [
                {
                    "report": change.report,
                    "figure": change.figure,
                    "part": change.part,
                    "unit": change.unit,
                    "kind": change.kind,
                    "before": change.before,
                    "after": change.after,
                    "difference": change.difference,
                    "score": round(change.score, 6),
                    "tier": change.tier,
                    "causes": [self.causes.index(cause) for cause in self.why(change)],
                }
                for change in self.changes
            ],
        }


def difference(
    before: PublishedRun, after: PublishedRun, *, params: Sequence[Path | None] = (None, None)
) -> Difference:
    """What changed from one run to another, and why.

    ``params`` are the parameter files of the two, where they are known; else their data are looked for near the run's
    folder and the current one.
    """
    runs = (before, after)
    changes = tuple(changes_between(before, after))
    rows = _rows(runs, params)
    manifests = [run.manifest for run in runs]
    both_internal = all(manifest.get("audience") == "internal" for manifest in manifests)
    found = tuple(causes(manifests[0], manifests[1], rows, with_people=both_internal))
    unexplained = (UNEXPLAINED,) if changes and not found else ()
    return Difference(before, after, changes, found + unexplained, rows_known=rows is not None)


def _rows(runs: Sequence[PublishedRun], params: Sequence[Path | None]) -> RowChanges | None:
    """The rows that differ; None where none can, or where the files of a run are not to be found any more."""
    inputs = [
        sorted((file["name"], file["sha256"]) for file in run.manifest.get("inputs", ()) if file["name"] in ROWS_OF)
        for run in runs
    ]
    if inputs[0] == inputs[1]:
        return None
    plans = []
    for run, path in zip(runs, params, strict=True):
        plan = plan_of(run.manifest, [path.parent] if path else places_near(run.folder))
        if plan is None:
            return None
        plans.append(plan)
    return row_changes(*plans)


def _about(run: PublishedRun) -> dict[str, Any]:
    names = ("run", "title", "audience", "period", "ended", "package_version")
    return {name: run.manifest.get(name) for name in names}


def difference_page(found: Difference, language: str) -> str:
    """The difference as a page of its own, in one language."""
    words = Words(language)
    rows: dict[str, list[dict[str, Any]]] = {tier: [] for tier in TIERS}
    for change in found.changes:
        rows[change.tier].append(_row(change, found, words))
    headings = {
        "large": words("Large changes (score above {bound})", bound=numbers.share(TIERS["large"], language)),
        "medium": words("Changes (score above {bound})", bound=numbers.share(TIERS["medium"], language)),
        "small": words("Small changes"),
    }
    sheets = {words("New sheets"): found.new_sheets, words("Sheets that are gone"): found.gone_sheets}
    return theme.render(
        "_difference.html.j2",
        css=theme.index_style_sheet(),
        language=language,
        title=words("What changed"),
        mark=words(INTERNAL_MARK) if found.internal else "",
        runs=[
            (words(heading), run.manifest.get("title", ""), str(run.manifest.get("ended") or "")[:10])
            for heading, run in ((N_("Before"), found.before), (N_("After"), found.after))
        ],
        counted="; ".join(
            f"{words(KINDS[kind])}: {numbers.count(count, language)}"
            for kind, count in Counter(change.kind for change in found.changes).most_common()
        )
        or words("No figure changed."),
        sheets={
            heading: numbers.listed([_sheet(report, language) for report in reports], language)
            for heading, reports in sheets.items()
            if reports
        },
        causes=[
            (cause.sentence(language), numbers.count(sum(map(cause.explains, found.changes)), language))
            for cause in found.causes
        ],
        tiers=[(headings[tier], changes) for tier, changes in rows.items() if changes],
        words=words,
    )


def _row(change: Change, found: Difference, words: Words) -> dict[str, Any]:
    language = words.language
    definition = BREAKDOWNS.get(change.figure) or FIGURES.get(change.figure)
    why = found.why(change)
    return {
        "sheet": _sheet(change.report, language),
        "figure": words(definition.label) if definition else change.figure,
        "part": (place if change.figure.endswith("_by_admin1") else label)(change.part, language),
        "before": exactly(change.before, change.unit, language),
        "after": exactly(change.after, change.unit, language),
        "moved": moved(change, language) or words(KINDS[change.kind]),
        "causes": [found.causes.index(cause) + 1 for cause in why],
    }


def moved(change: Change, language: str) -> str:
    """By how much a figure moved; empty where it is not a change from one number to another."""
    if change.is_few_people:
        return f"<{numbers.NARROW_SPACE}{change.few}"
    if change.difference is None:
        return ""
    return ("+" if change.difference > 0 else "−") + exactly(abs(change.difference), change.unit, language)


def exactly(number: float | None, unit: str, language: str) -> str:
    """A number in full, since rounded ones would often look the same on both sides."""
    if number is None:
        return numbers.NOTHING
    if unit == "share":
        return f"{numbers.plain(100 * number, language)}{numbers.NARROW_SPACE}%"
    return f"US${numbers.NARROW_SPACE}" * (unit == "usd") + numbers.count(number, language)


def _sheet(report: str, language: str) -> str:
    sector, of = SELECTIONS.get(report, (INTERSECTOR, REGION))
    return sheet_name(sector, of, language)
