"""Show results on standard output, and messages, in the language of the project, on standard error."""

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
"""The sheets of one status and cause that a message names. The index and ``run.json`` have all sheets."""
STATUS_WORDS: Mapping[str, str] = {
    "ok": N_("made"),
    "in_doubt": N_("in doubt"),
    "to_mend": N_("to mend"),
    "refused": N_("refused"),
    "held": N_("held"),
    "failed": N_("failed"),
    "without_sheet": N_("no sheet"),
}
STATUS_STYLES: Mapping[str, str] = {
    "ok": "green",
    "to_mend": "yellow",
    "held": "yellow",
    "refused": "red",
    "failed": "red",
}
"""The colour of each status, beside its word. Colours alone say nothing."""
STATUSES_WITH_OWN_LINE = ("ok", "failed", "refused", "held")
"""A report that ends with one of these statuses gets a line of its own. The others are only counted at the end."""
COLOURLESS_PROGRESS_STYLES = {name: "none" for name in DEFAULT_STYLES if name.startswith(("bar.", "progress."))}
"""Rich's styles of progress bars, all without colour."""
STOPPED_EXIT_CODE = 130
"""The exit code of a run that was stopped, as by Ctrl-C."""
LANGUAGE_VARIABLES = ("RMRP_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables with the language of the user. The first that is set counts."""

LogFormat = Literal["text", "json"]
"""How messages are written: as lines of text or as JSON objects."""


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
    """A Rich console that escapes unprintable characters. Rich itself would let an escape sequence in a text act."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Render a text with its unprintable characters escaped."""
        return super().render_str(escape_unprintable(text), **options)


log = Log()
messages = Terminal(stderr=True, soft_wrap=True, highlight=False, markup=False, theme=Theme(COLOURLESS_PROGRESS_STYLES))
"""The console of messages, on standard error."""
results = Terminal(soft_wrap=True, highlight=False, markup=False)
"""The console of results, on standard output."""


def print_in_any_encoding() -> None:
    """Make both outputs print the nearest text for characters that their encoding lacks.

    A pipe on Windows often lacks characters.
    """
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nearest")


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    """Return ASCII text for a character that cannot be encoded, and the next position. Raise other errors."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    character = problem.object[problem.start]
    plain = unicodedata.normalize("NFKD", character.replace("→", "->").replace("−", "-"))
    text = plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode()
    return text, problem.start + 1


def speak(language: str = "") -> None:
    """Set the language of messages: the given one, or the user's.

    Messages are in English if the language has no catalogue.
    """
    spoken.set_language((language or _language_of_system())[:2].lower())


def _language_of_system() -> str:
    """Return the user's language, such as ``es_PE.UTF-8``, from environment, Windows or locale, or ""."""
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
    """Return a text in the language of messages, with ``{name}`` filled in and whole numbers in its notation.

    A finished English sentence, such as the text of an error, is translated too, also as one of the values.
    """
    sentence = spoken.say(text)
    if log.language != spoken.SOURCE_LANGUAGE:
        sentence = _sentences(text) if sentence == text else sentence
        values = {
            name: _sentences(str(value)) if isinstance(value, str | RmrpError) else value
            for name, value in values.items()
        }
    texts = {name: format_number(value) if type(value) is int else value for name, value in values.items()}
    return sentence.format(**texts) if values else sentence


def _sentences(text: str) -> str:
    """Return a text with its English sentences translated. Names and lines without a space stay."""
    say = sentences(log.language, _name_to_choose, format_number)
    return "\n".join(say(line) if " " in line.strip() else line for line in text.split("\n"))


def _name_to_choose(name: str) -> str:
    """Return the label of a sector or place, or the name itself while no list of the pack is read."""
    if "rmrp_analysis.vocabulary" not in sys.modules:  # otherwise a sentence on the pack would read them
        return name
    from rmrp_analysis.vocabulary import labels

    return labels.label(name, log.language)


def format_number(number: float) -> str:
    """Write a number as the language of messages does, rounded to a whole one."""
    if number < 1000:
        return f"{number:.0f}"
    from rmrp_analysis.numbers import count  # it takes a tenth of a second, and most commands do not need it

    return count(number, log.language)


def table(*headings: str, numbers: int = 0) -> Table:
    """Make a table as commands show it, with its last ``numbers`` columns aligned to the right."""
    start = len(headings) - numbers
    columns = (Column(name, justify="right" if index >= start else "left") for index, name in enumerate(headings))
    return Table(*columns, box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))


def show_table(content: Table, *, max_width: int | None = None) -> None:
    """Write a table as a result, in the width of the terminal. Long cells take several lines.

    In a file or a pipe it may be ``max_width`` characters wide.
    """
    console = results if results.is_terminal or not max_width else Terminal(width=max_width, highlight=False)
    console.print(content, soft_wrap=False)


def show_lines(lines: Iterable[str]) -> None:
    """Write results as a list. Long ones take several lines."""
    for line in lines:
        results.print(Padding(line, (0, 0, 0, 2)), soft_wrap=False)


def show(text: str, /, **values: object) -> None:
    """Write a result, translated and filled in by ``translate``."""
    results.print(translate(text, **values))


def tell(text: str, /, **values: object) -> None:
    """Write a translated message on the normal course, unless the log is quiet.

    With a value ``status`` the line begins with the word for that status, in its colour on a terminal. A log of JSON
    objects has all values, too.
    """
    if not log.quiet:
        _write("info", translate(text, **values), "", values)


def alert(text: object, /, **values: object) -> None:
    """Write a warning as ``tell`` does, also if the log is quiet. Each line is a message that begins with ``rmrp:``."""
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
    """Write rows of a label, a text and a style below each other, unless the log is quiet.

    A log of JSON has one message of all rows, with ``values``. Styles show on a terminal only.
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
    """Name up to ``MAX_SHEETS_NAMED`` different sheets in a sentence, and say how many more there are."""
    unique = list(dict.fromkeys(names))
    listed = "; ".join(unique[:MAX_SHEETS_NAMED])  # names of sectors have commas
    rest = len(unique) - MAX_SHEETS_NAMED
    return translate("{names} and {count} more", names=listed, count=rest) if rest > 0 else listed


def tell_groups(status: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Say each cause of a status once, with its sheets, most sheets first. ``pairs`` are of a cause and a sheet.

    It is a warning for ``to_mend``, ``refused`` and ``failed``.
    """
    write = alert if status in ("to_mend", "refused", "failed") else tell
    for cause, sheets in group_by_cause(pairs).items():
        write("{cause} ({sheets})", status=status, cause=cause, sheets=name_sheets(sheets))


def group_by_cause(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the sheets of each cause, each once, most sheets first. ``pairs`` are of a cause and a sheet."""
    groups: dict[str, dict[str, None]] = {}
    for cause, sheet in pairs:
        groups.setdefault(cause, {})[sheet] = None
    return {cause: list(groups[cause]) for cause in sorted(groups, key=lambda cause: -len(groups[cause]))}


@contextmanager
def stopped_by_signals(when_stopped: Callable[[], None]) -> Iterator[None]:
    """Make SIGTERM and SIGHUP stop the ``with`` block as Ctrl-C does, and ignore further signals.

    Then call ``when_stopped``, and raise ``typer.Exit`` with ``STOPPED_EXIT_CODE``.
    """

    def stop(*_: object) -> None:
        """Ignore further signals, and end the block."""
        for number in handlers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    for number in handlers:
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        when_stopped()
        raise typer.Exit(STOPPED_EXIT_CODE) from None
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def progress(reports: int, ended_reports: list["ReportResult"]) -> Iterator[Callable[["ReportResult"], None]]:
    """Yield a function that shows a report as it ends, in a bar or a line, and adds it to ``ended_reports``.

    A report that fails also has a line above the bar. A report that was not made is only counted.
    """
    bar_column = BarColumn(style="dim", complete_style="bold", finished_style="bold")
    last_report = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    columns = (bar_column, MofNCompleteColumn(), TimeElapsedColumn(), last_report)
    has_bar = reports > 0 and messages.is_terminal and not log.quiet and log.format == "text"
    bar = Progress(*columns, console=messages, disable=not has_bar, auto_refresh=False, expand=True)
    with bar:  # without a thread, since a fork would not have the thread
        task = bar.add_task("", total=reports)

        def show_ended(report: "ReportResult") -> None:
            """Show a report that ended, and keep it."""
            ended_reports.append(report)
            bar.update(task, advance=1, description=report.id, refresh=True)
            if report.status in STATUSES_WITH_OWN_LINE and (not has_bar or report.status == "failed"):
                tell("{report} ({seconds} s)", status=report.status, report=report.id, seconds=round(report.seconds, 1))

        yield show_ended
        bar.update(task, description="")
