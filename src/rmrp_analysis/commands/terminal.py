"""Show results on standard output; messages, in the language of the project, on standard error."""

import codecs
import io
import json
import locale
import os
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from rmrp_analysis import messages as spoken
from rmrp_analysis.errors import RmrpError
from rmrp_analysis.locale.sentences import sentences
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_text import escape_unprintable

if TYPE_CHECKING:
    from rmrp_analysis.publish.records.results import ReportResult

EMPTY_SHOWN = 20
"""How many reports without a sheet are named; ``run.json`` has all."""
LINES = ("nobody", "few")
NOT_MADE = ("unchanged", "empty", *LINES)
STATUS_WORDS: Mapping[str, str] = {
    "ok": N_("made"),
    "failed": N_("failed"),
    "refused": N_("refused"),
    "to_mend": N_("to mend"),
}
"""How a report ended, in a word."""
STOPPED = 130
"""The exit code of a run that was stopped, as by Ctrl-C."""
LANGUAGE_VARIABLES = ("RMRP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What says the language of whoever starts a command; the first that is set counts."""

LogFormat = Literal["text", "json"]


@dataclass
class Log:
    """How this process writes messages."""

    format: LogFormat = "text"
    quiet: bool = False

    @property
    def language(self) -> str:
        """The code of the language of messages."""
        return spoken.language()


class Terminal(Console):
    """A console of Rich that escapes what cannot be printed: Rich lets an escape sequence in a text do its work."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Render a text, in which what cannot be printed is escaped."""
        return super().render_str(escape_unprintable(text), **options)


log = Log()
messages = Terminal(stderr=True, soft_wrap=True, highlight=False, markup=False)
results = Terminal(soft_wrap=True, highlight=False, markup=False)


def print_in_any_encoding() -> None:
    """Have both outputs print the nearest text of what their encoding lacks, as a pipe on Windows often does."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nearest")


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    """Give the nearest ASCII text of a character, or else its number, with the place of the next one."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    character = problem.object[problem.start]
    plain = unicodedata.normalize("NFKD", character.replace("→", "->").replace("−", "-"))
    text = plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode()
    return text, problem.start + 1


def speak(language: str = "") -> None:
    """Say messages in a project's language, or else in that of whoever starts the command.

    Without a catalogue of it they are in English.
    """
    spoken.set_language((language or _language_of_system())[:2].lower())


def _language_of_system() -> str:
    """Return the language of whoever starts a command, as the environment says it, or else the settings of Windows."""
    if language := next(filter(None, map(os.environ.get, LANGUAGE_VARIABLES)), ""):
        return language
    if sys.platform == "win32":
        return locale.windows_locale.get(_windows_language(), "")
    return locale.getlocale()[0] or ""


def _windows_language() -> int:
    """Return the number of the language in which Windows speaks to the user."""
    import ctypes

    return int(ctypes.windll.kernel32.GetUserDefaultUILanguage())  # type: ignore[attr-defined]


def words(text: str, /, **values: object) -> str:
    """Say a text in the language of messages, with ``{name}`` filled in; whole numbers as the language writes them.

    A finished English sentence, such as that of an error, is said in that language, too, also as one of the values.
    """
    said = spoken.say(text)
    if log.language != spoken.SOURCE_LANGUAGE:
        said = _sentences(text) if said == text else said
        values = {
            name: _sentences(str(value)) if isinstance(value, str | RmrpError) else value
            for name, value in values.items()
        }
    written = {name: printed(value) if type(value) is int else value for name, value in values.items()}
    return said.format(**written) if values else said


def _sentences(text: str) -> str:
    """Say the English sentences among the lines of a text in the language of messages; names stay as they are."""
    translate = sentences(log.language, _name_to_choose, printed)
    return "\n".join(translate(line) if " " in line.strip() else line for line in text.split("\n"))


def _name_to_choose(name: str) -> str:
    """Give the name of a sector or place in the language of messages, where the lists of the plan pack are read."""
    if "rmrp_analysis.vocabulary" not in sys.modules:  # or else a sentence on the pack itself would read them
        return name
    from rmrp_analysis.vocabulary import labels

    return labels.label(name, log.language)


def printed(number: float) -> str:
    """Write a whole number as the language of messages does."""
    if number < 1000:
        return f"{number:.0f}"
    from rmrp_analysis.numbers import count  # it takes a tenth of a second, which most commands need not wait for

    return count(number, log.language)


def table(*headings: str) -> Table:
    """A table as commands show them; print it to ``results``."""
    return Table(*headings, box=None, header_style="bold")


def show_table(content: Table) -> None:
    """Write a table as a result, in the width of the terminal; long cells take several lines."""
    results.print(content, soft_wrap=False)


def show_lines(lines: Iterable[str]) -> None:
    """Write results as a list; long ones take several lines."""
    for line in lines:
        results.print(Padding(line, (0, 0, 0, 2)), soft_wrap=False)


def show(text: str, /, **values: object) -> None:
    """Write a result, as ``words`` says it."""
    results.print(words(text, **values))


def tell(text: str, /, **values: object) -> None:
    """Write a message on what goes well, as ``words`` says it. In a log of JSON objects, its values stand beside it."""
    if not log.quiet:
        _write("info", words(text, **values), "", values)


def alert(text: object, /, *, style: str = "", **values: object) -> None:
    """Write a message on what is wrong, as ``tell`` does; on a terminal each of its lines names the command."""
    for line in escape_unprintable(words(str(text), **values)).splitlines():
        _write("warning", line, "rmrp: ", values, style)


def _write(level: str, line: str, mark: str, values: Mapping[str, object], style: str = "") -> None:
    if log.format == "json":
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        content = {"time": time, "level": level, "message": line, **values}
        line = escape_unprintable(json.dumps(content, ensure_ascii=False, default=str))
        print(line, file=sys.stderr, flush=True)
    else:
        messages.print(mark + line, style=style)


@contextmanager
def stopped_by_signals(when_stopped: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM and SIGHUP stop the command, as Ctrl-C does; what follows the first one is ignored."""

    def stop(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        when_stopped()
        raise typer.Exit(STOPPED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress(reports: int, done: list["ReportResult"]) -> Iterator[Callable[["ReportResult"], None]]:
    """Give a function that shows a report as it ends, and adds it to ``done``: with a bar on a terminal, or as lines.

    Reports without a sheet are one line together, and so are unchanged ones.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with_bar = reports > 0 and messages.is_terminal and not log.quiet and log.format == "text"
    bar = Progress(*columns, TimeElapsedColumn(), console=messages, disable=not with_bar, auto_refresh=False)
    with bar:  # without a thread
        task = bar.add_task(words("reports"), total=reports)

        def without_sheet(*statuses: str) -> dict[str, object]:
            """Name the first reports of these statuses, each in any language, and count them; empty without any."""
            ended = [report.params.report for report in done if report.status in statuses]
            names = list(dict.fromkeys(ended))
            named = ", ".join(names[:EMPTY_SHOWN])
            if len(names) > EMPTY_SHOWN:
                named = words("{names} and {count} more", names=named, count=len(names) - EMPTY_SHOWN)
            counts = {"reports": len(ended), "all": reports, "names": named, "status": statuses[0]}
            return counts if names else {}

        def tell_not_made() -> None:
            """Tell of what was not made, which ends before all else."""
            if any(report.status not in NOT_MADE for report in done):
                return
            if empty := without_sheet("empty"):
                tell("no sheet, nothing reported, designated or planned: {reports} of {all} reports ({names})", **empty)
            if lines := without_sheet(*LINES):
                tell(
                    "no sheet, a line of the index: nobody or few people reached, no target and no funding: {reports} "
                    "of {all} reports ({names})",
                    **lines,
                )
            tell_unchanged(sum(report.status == "unchanged" for report in done), reports)

        def show_ended(report: "ReportResult") -> None:
            bar.update(task, advance=1, refresh=True)
            if report.status not in NOT_MADE:
                tell_not_made()
                facts = {"report": report.params.id, "status": report.status, "seconds": report.seconds}
                status = words(STATUS_WORDS.get(report.status, report.status))
                tell(f"{status:>9}  {report.seconds:5.1f} s  {report.params.id}", **facts)
                doubts = [words("in doubt: {caution}", caution=caution) for caution in report.cautions]
                for line in (*report.warnings, *doubts):
                    tell(f"{'':>9}  {{line}}", line=line, report=report.params.id)
            done.append(report)

        yield show_ended
        tell_not_made()


def tell_unchanged(unchanged: int, reports: int) -> None:
    """Say how many reports are not made anew, if any."""
    if unchanged:
        tell("unchanged: {reports} of {all} reports", status="unchanged", reports=unchanged, all=reports)
