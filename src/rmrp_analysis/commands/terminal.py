"""Show results on standard output; messages, in the language of the project, on standard error."""

import codecs
import io
import json
import locale
import os
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich.console import Console
from rich.default_styles import DEFAULT_STYLES
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text
from rich.theme import Theme

from rmrp_analysis import messages as spoken
from rmrp_analysis.errors import RmrpError
from rmrp_analysis.locale.sentences import sentences
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_text import escape_unprintable

if TYPE_CHECKING:
    from rmrp_analysis.publish.records.results import ReportResult

MAX_SHEETS_NAMED = 12
"""How many sheets of one state and cause are named; the index and ``run.json`` have all."""
STATUS_WORDS: Mapping[str, str] = {
    "ok": N_("made"),
    "in_doubt": N_("read with care"),
    "to_mend": N_("to mend"),
    "refused": N_("refused"),
    "failed": N_("failed"),
    "without_sheet": N_("no sheet"),
}
"""The word for each status of a sheet."""
STATUS_STYLES: Mapping[str, str] = {"ok": "green", "to_mend": "yellow", "refused": "red", "failed": "red"}
"""The colour of each status, which stands beside its word; colours say nothing else."""
STATUSES_WITH_OWN_LINE = ("ok", "failed", "refused", "to_mend")
"""Statuses of a report that gets a line of its own as it ends; others were not made, and are counted in the end."""
COLOURLESS_PROGRESS_STYLES = {name: "none" for name in DEFAULT_STYLES if name.startswith(("bar.", "progress."))}
"""Rich's styles of progress bars, all without colour, by the name of the style."""
STOPPED_EXIT_CODE = 130
"""The exit code of a run that was stopped, as by Ctrl-C."""
LANGUAGE_VARIABLES = ("RMRP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables that name the language of whoever starts a command; the first that is set counts."""

LogFormat = Literal["text", "json"]
"""How messages are written: as lines of text, or as JSON objects."""


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
"""The log of this process."""
messages = Terminal(stderr=True, soft_wrap=True, highlight=False, markup=False, theme=Theme(COLOURLESS_PROGRESS_STYLES))
"""The console of messages, on standard error."""
results = Terminal(soft_wrap=True, highlight=False, markup=False)
"""The console of results, on standard output."""


def print_in_any_encoding() -> None:
    """Have both outputs print the nearest text of what their encoding lacks, as a pipe on Windows often does."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nearest")


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    """Return the nearest ASCII text of a character, or else its number, with the place of the next one.

    Raises the problem again where it is not one of encoding.
    """
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    character = problem.object[problem.start]
    plain = unicodedata.normalize("NFKD", character.replace("→", "->").replace("−", "-"))
    text = plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode()
    return text, problem.start + 1


def speak(language: str = "") -> None:
    """Set the language of messages: that of a project, or else of whoever starts the command.

    Without a catalogue of it they are in English.
    """
    spoken.set_language((language or _language_of_system())[:2].lower())


def _language_of_system() -> str:
    """Return the language of whoever starts a command: of the environment, of Windows' settings, or of the locale.

    It is as it stands there, such as ``es_PE.UTF-8``; empty where nothing says it.
    """
    if language := next(filter(None, map(os.environ.get, LANGUAGE_VARIABLES)), ""):
        return language
    if sys.platform == "win32":
        return locale.windows_locale.get(_windows_language(), "")
    return locale.getlocale()[0] or ""


def _windows_language() -> int:
    """Return the number of the language in which Windows speaks to the user."""
    import ctypes

    return int(ctypes.windll.kernel32.GetUserDefaultUILanguage())  # type: ignore[attr-defined]


def translate(text: str, /, **values: object) -> str:
    """Say a text in the language of messages, with ``{name}`` filled in; whole numbers as the language writes them.

    A finished English sentence, such as that of an error, is said in that language, too, also as one of the values.
    """
    sentence_template = spoken.say(text)
    if log.language != spoken.SOURCE_LANGUAGE:
        sentence_template = _sentences(text) if sentence_template == text else sentence_template
        values = {
            name: _sentences(str(value)) if isinstance(value, str | RmrpError) else value
            for name, value in values.items()
        }
    written = {name: format_number(value) if type(value) is int else value for name, value in values.items()}
    return sentence_template.format(**written) if values else sentence_template


def _sentences(text: str) -> str:
    """Return a text with its English sentences in the language of messages; names stay as they are.

    A line without a blank is no sentence.
    """
    say_in_language = sentences(log.language, _name_to_choose, format_number)
    return "\n".join(say_in_language(line) if " " in line.strip() else line for line in text.split("\n"))


def _name_to_choose(name: str) -> str:
    """Return the name of a sector or place in the language of messages; as it is while no list of the pack is read."""
    if "rmrp_analysis.vocabulary" not in sys.modules:  # or else a sentence on the pack itself would read them
        return name
    from rmrp_analysis.vocabulary import labels

    return labels.label(name, log.language)


def format_number(number: float) -> str:
    """Write a number as the language of messages does, rounded to a whole one."""
    if number < 1000:
        return f"{number:.0f}"
    from rmrp_analysis.numbers import count  # it takes a tenth of a second, which most commands need not wait for

    return count(number, log.language)


def table(*headings: str, numbers: int = 0) -> Table:
    """Make a table as commands show them, its last ``numbers`` columns aligned to the right."""
    first = len(headings) - numbers
    columns = (Column(name, justify="right" if at >= first else "left") for at, name in enumerate(headings))
    return Table(*columns, box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))


def show_table(content: Table, *, max_width: int | None = None) -> None:
    """Write a table as a result, in the width of the terminal; long cells take several lines.

    In a file or a pipe it may be ``max_width`` characters wide.
    """
    console = results if results.is_terminal or not max_width else Terminal(width=max_width, highlight=False)
    console.print(content, soft_wrap=False)


def show_lines(lines: Iterable[str]) -> None:
    """Write results as a list; long ones take several lines."""
    for line in lines:
        results.print(Padding(line, (0, 0, 0, 2)), soft_wrap=False)


def show(text: str, /, **values: object) -> None:
    """Write a result, as ``translate`` says it."""
    results.print(translate(text, **values))


def tell(text: str, /, **values: object) -> None:
    """Write a message on what goes well, in the language of messages; nothing where the log is quiet.

    A log of JSON objects has its values, too. One with the value ``status`` begins with the word for it, which has the
    colour of the status on a terminal.
    """
    if not log.quiet:
        _write("info", translate(text, **values), "", values)


def alert(text: object, /, **values: object) -> None:
    """Write a message on what is wrong, as ``tell`` does, also where the log is quiet; each line begins with ``rmrp:``.

    Each line is a message of its own.
    """
    for line in escape_unprintable(translate(str(text), **values)).splitlines():
        _write("warning", line, "rmrp: ", values)


def _write(level: str, line: str, mark: str, values: Mapping[str, object]) -> None:
    """Write one line to standard error, as text or as a JSON object with its values."""
    status = str(values.get("status", ""))
    label = f"{translate(STATUS_WORDS[status])}: " if status else ""
    if log.format == "json":
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        content = {"time": time, "level": level, "message": label + line, **values}
        line = escape_unprintable(json.dumps(content, ensure_ascii=False, default=str))
        print(line, file=sys.stderr, flush=True)
    else:
        text = Text.assemble(mark, (label, STATUS_STYLES.get(status, "")), escape_unprintable(line))
        messages.print(text, soft_wrap=not messages.is_terminal)  # a terminal would break words


def tell_rows(rows: Sequence[tuple[str, str, str]], **values: object) -> None:
    """Write rows of a label, a text and a style under each other; nothing where the log is quiet.

    A log of JSON has one message of all rows, with ``values``. Styles show on a terminal alone.
    """
    lines = [": ".join(filter(None, row[:2])) for row in rows]
    if log.quiet:
        return
    if log.format == "json":
        _write("info", "; ".join(lines), "", values)
    elif messages.is_terminal:
        content = Table.grid(padding=(0, 2))
        for label, text, style in rows:
            content.add_row(Text(label, style), Text(escape_unprintable(text)))
        messages.print(content, soft_wrap=False)
    else:
        for line in lines:
            _write("info", line, "", {})


def name_sheets(names: Iterable[str]) -> str:
    """Name sheets in a sentence, each once, and say how many more there are than ``MAX_SHEETS_NAMED``."""
    different = list(dict.fromkeys(names))
    first = "; ".join(different[:MAX_SHEETS_NAMED])  # names of sectors have commas
    more = len(different) - MAX_SHEETS_NAMED
    return translate("{names} and {count} more", names=first, count=more) if more > 0 else first


def tell_groups(status: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Say each cause of a status once, with the sheets that have it; ``pairs`` are of a cause and a sheet.

    What most sheets have comes first. It is a warning for ``to_mend``, ``refused`` and ``failed``.
    """
    write = alert if status in ("to_mend", "refused", "failed") else tell
    for cause, sheets in group_by_cause(pairs).items():
        write("{cause} ({sheets})", status=status, cause=cause, sheets=name_sheets(sheets))


def group_by_cause(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group pairs of a cause and the sheet that has it: the sheets of each cause, once each, most sheets first."""
    groups: dict[str, dict[str, None]] = {}
    for cause, sheet in pairs:
        groups.setdefault(cause, {})[sheet] = None
    return {cause: list(groups[cause]) for cause in sorted(groups, key=lambda cause: -len(groups[cause]))}


@contextmanager
def stopped_by_signals(when_stopped: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM and SIGHUP stop the ``with`` block, as Ctrl-C does; further signals are ignored.

    Then ``when_stopped`` is called, and ``typer.Exit`` raised with ``STOPPED_EXIT_CODE``.
    """

    def stop(*_: object) -> None:
        """Ignore further signals, and end the block."""
        for number in original_handler_by_signal:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    original_handler_by_signal = {
        number: signal.getsignal(number) for number in numbers if signal.getsignal(number) != signal.SIG_IGN
    }
    for number in original_handler_by_signal:
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        when_stopped()
        raise typer.Exit(STOPPED_EXIT_CODE) from None
    finally:
        for number, handler in original_handler_by_signal.items():
            signal.signal(number, handler)


@contextmanager
def progress(reports: int, ended_reports: list["ReportResult"]) -> Iterator[Callable[["ReportResult"], None]]:
    """Give a function that shows a report as it ends, by a bar or a line, and adds it to ``ended_reports``.

    A report that fails has its line above the bar, too. What was not made is only counted.
    """
    bar_column = BarColumn(style="dim", complete_style="bold", finished_style="bold")
    last_report = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    columns = (bar_column, MofNCompleteColumn(), TimeElapsedColumn(), last_report)
    has_bar = reports > 0 and messages.is_terminal and not log.quiet and log.format == "text"
    bar = Progress(*columns, console=messages, disable=not has_bar, auto_refresh=False, expand=True)
    with bar:  # without a thread, which a fork would not have
        task = bar.add_task("", total=reports)

        def show_ended(report: "ReportResult") -> None:
            """Show a report that ended, and keep it."""
            ended_reports.append(report)
            bar.update(task, advance=1, description=report.id, refresh=True)
            if report.status in STATUSES_WITH_OWN_LINE and (not has_bar or report.status == "failed"):
                tell("{report} ({seconds} s)", status=report.status, report=report.id, seconds=round(report.seconds, 1))

        yield show_ended
        bar.update(task, description="")
