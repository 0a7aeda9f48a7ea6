"""Holds the outcome of each report of a run, with the names of its files."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.figures import MAIN_FIGURES
from rmrp_analysis.page.formatter import WORDS_BY_KIND
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.records.manifest import WITHHELD_OUTCOMES, Outcome, SheetRecord
from rmrp_analysis.words import Translator

FORMATS = ("html", "pdf")
"""The formats in which a report can be made."""
COMPANION_SUFFIXES = ("xlsx", "csv", "ipynb", "json")
"""The suffixes of the files that every report has beside its formats."""
SHORT_LABEL_BY_CAUSE = WORDS_BY_KIND["caution in short"]
"""The words for each cause of doubt, without numbers."""
LAST_GOOD_MARK = "last-good"
"""A part of the file names of the last sheet that was made before its report failed."""
LAST_GOOD_SUFFIXES = (*FORMATS, "json")
"""The files of the last good sheet that stay: pages and figures."""


@dataclass(frozen=True)
class ReportResult:
    """The outcome of a report, for the index, ``run.json`` and the messages.

    ``figures`` is the content of its ``<id>.json``, or None if the report failed.
    """

    params: ReportParams
    status: Outcome
    seconds: float
    outputs: tuple[str, ...] = ()
    error: str = ""
    """A sentence for every reader. ``detail`` is for the analyst's terminal."""
    figures: SheetRecord | None = None
    detail: str = ""
    made: str = ""
    """When the report ended, as a UTC time."""
    problem: ReportFailed | None = None
    """The error of this run, so that each reader gets its sentence in their language."""
    since: str = ""
    """When the report was first refused, in the present series of runs that refuse it, as a UTC time."""

    @property
    def id(self) -> str:
        """The report's id."""
        return self.params.id

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings on content that the report leaves out, or shows differently than its author may expect."""
        return self.figures.warnings if self.figures else ()

    @property
    def cautions(self) -> tuple[str, ...]:
        """The figures in doubt on the sheet, each with its reason: ``figure: reason``."""
        cautions = self.figures.cautions if self.figures else ()
        return tuple(f"{caution.of}: {caution.text}" for caution in cautions)

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of ``SHORT_LABEL_BY_CAUSE`` that put the main number in doubt, each once."""
        return tuple(dict.fromkeys(self._list_rules(only_main=True)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """The causes of all doubts of a sheet, each once. A sheet to mend leaves out the ones in ``causes``."""
        causes = self.causes if self.figures and self.figures.to_mend else ()
        return tuple(rule for rule in dict.fromkeys(self._list_rules()) if rule not in causes)

    def _list_rules(self, *, only_main: bool = False) -> list[str]:
        """List the causes of doubt of the sheet's figures, or of its main numbers, with repetitions."""
        cautions = self.figures.cautions if self.figures else ()
        return [caution.rule for caution in cautions if caution.of in MAIN_FIGURES or not only_main]


def utc_now() -> str:
    """Return the current UTC time in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def count_in_words(translate: Translator, results: Iterable[ReportResult]) -> str:
    """Say in words how many sheets were made or are unchanged, and how many failed or are being corrected.

    Reports that need no sheet are not counted. A 0 is said only of sheets, not of failures and corrections.
    """
    statuses = Counter(result.status for result in results)
    sheets = statuses["ok"] + statuses["unchanged"]
    texts = [translate.plural("{count} sheet", "{count} sheets", sheets).format(count=sheets)]
    if failed := statuses["failed"]:
        template = translate.plural("{count} could not be made", "{count} could not be made", failed)
        texts.append(template.format(count=failed))
    if refused := sum(statuses[status] for status in WITHHELD_OUTCOMES):
        corrected = translate.plural("{count} is being corrected", "{count} are being corrected", refused)
        texts.append(corrected.format(count=refused))
    return ", ".join(texts)


def list_output_names(params: ReportParams, formats: tuple[str, ...]) -> tuple[str, ...]:
    """List the file names of a report: in these formats, and in the formats that every report has."""
    return tuple(f"{params.stem}.{suffix}" for suffix in (*formats, *COMPANION_SUFFIXES))
