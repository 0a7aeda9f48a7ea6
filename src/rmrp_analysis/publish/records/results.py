"""What became of each report of a run, with the names of its files."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.figures import MAIN_NUMBERS
from rmrp_analysis.page.formatter import WORDS_OF
from rmrp_analysis.params import ReportParams
from rmrp_analysis.publish.records.manifest import CORRECTED, Outcome, SheetRecord
from rmrp_analysis.words import Translator

FORMATS = ("html", "pdf")
"""What a report may be made as."""
BESIDE = ("xlsx", "csv", "ipynb", "json")
"""What every report leaves beside its formats."""
IN_SHORT = WORDS_OF["caution in short"]
"""The causes of doubts by their names, in words without numbers."""
LAST_GOOD = "last-good"
"""In the names of the files of a sheet that was made before its report failed."""
KEPT = (*FORMATS, "json")
"""What is kept of it: pages and figures."""


@dataclass(frozen=True)
class ReportResult:
    """What became of a report. ``figures`` is the content of its ``<id>.json``, None when it failed."""

    params: ReportParams
    status: Outcome
    seconds: float
    outputs: tuple[str, ...] = ()
    error: str = ""
    """A sentence for every reader; ``detail`` is for the analyst's terminal."""
    figures: SheetRecord | None = None
    detail: str = ""
    made: str = ""
    """When the report ended, as a UTC time."""
    problem: ReportFailed | None = None
    """What a report failed with in this run, so that each reader is told in the reader's language."""
    since: str = ""
    """Of a refused report, when the first of the runs ended that refused it one after the other."""

    @property
    def id(self) -> str:
        """The report's id."""
        return self.params.id

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the report could not carry, or carries otherwise than its author may expect."""
        return self.figures.warnings if self.figures else ()

    @property
    def cautions(self) -> tuple[str, ...]:
        """What on the sheet is in doubt, and why."""
        cautions = self.figures.cautions if self.figures else ()
        return tuple(f"{caution.of}: {caution.text}" for caution in cautions)

    @property
    def causes(self) -> tuple[str, ...]:
        """Why the main number of the sheet is in doubt or cannot be used: names of causes, as in ``IN_SHORT``."""
        of_problem = self.problem.causes if self.problem else ()
        return tuple(dict.fromkeys((*self._rules(of_main=True), *of_problem)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why other numbers of a sheet are in doubt, or its main one that can be used: names of causes."""
        causes = self.causes if self.figures and self.figures.to_mend else ()
        return tuple(rule for rule in dict.fromkeys(self._rules()) if rule not in causes)

    def _rules(self, *, of_main: bool = False) -> list[str]:
        cautions = self.figures.cautions if self.figures else ()
        return [caution.rule for caution in cautions if caution.of in MAIN_NUMBERS or not of_main]


def utc_now() -> str:
    """The time now, as ISO 8601 has it, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def count_in_words(translate: Translator, sheet_count: int, results: Iterable[ReportResult]) -> str:
    """Say how many sheets there are, and how many of the results failed or are refused."""
    texts = [translate.plural("{count} sheet", "{count} sheets", sheet_count).format(count=sheet_count)]
    statuses = Counter(result.status for result in results)
    if failed := statuses["failed"]:
        could_not = translate.plural("{count} could not be made", "{count} could not be made", failed)
        texts.append(could_not.format(count=failed))
    if refused := sum(statuses[status] for status in CORRECTED):
        corrected = translate.plural("{count} is being corrected", "{count} are being corrected", refused)
        texts.append(corrected.format(count=refused))
    return ", ".join(texts)


def list_output_names(params: ReportParams, formats: tuple[str, ...]) -> tuple[str, ...]:
    """The files a report consists of."""
    return tuple(f"{params.stem}.{suffix}" for suffix in (*formats, *BESIDE))
