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
    for output_stream in (sys.stdout, sys.stderr):
        if isinstance(output_stream, io.TextIOWrapper):
            output_stream.reconfigure(errors="nearest")


def _nearest(problem: UnicodeError) -> tuple[str, int]:
    """Return the nearest ASCII text of a character, or else its number, with the place of the next one.

    Raises the problem again where it is not one of encoding.
    """
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    character = problem.object[problem.start]
    decomposed_text = unicodedata.normalize("NFKD", character.replace("→", "->").replace("−", "-"))
    ascii_text = (
        decomposed_text if decomposed_text.isascii() else character.encode("ascii", "backslashreplace").decode()
    )
    return ascii_text, problem.start + 1


def speak(language: str = "") -> None:
    """Set the language of messages: that of a project, or else of whoever starts the command.

    Without a catalogue of it they are in English.
    """
    spoken.set_language((language or _language_of_system())[:2].lower())


def _language_of_system() -> str:
    """Return the language of whoever starts a command: of the environment, of Windows' settings, or of the locale.

    It is as it stands there, such as ``es_PE.UTF-8``; empty where nothing says it.
    """
    if language_setting := next(filter(None, map(os.environ.get, LANGUAGE_VARIABLES)), ""):
        return language_setting
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
            value_name: _sentences(str(filled_value)) if isinstance(filled_value, str | RmrpError) else filled_value
            for value_name, filled_value in values.items()
        }
    printed_value_by_name = {
        value_name: format_number(filled_value) if type(filled_value) is int else filled_value
        for value_name, filled_value in values.items()
    }
    return sentence_template.format(**printed_value_by_name) if values else sentence_template


def _sentences(text: str) -> str:
    """Return a text with its English sentences in the language of messages; names stay as they are.

    A line without a blank is no sentence.
    """
    say_in_language = sentences(log.language, _name_to_choose, format_number)
    return "\n".join(
        say_in_language(text_line) if " " in text_line.strip() else text_line for text_line in text.split("\n")
    )


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
    first_number_column_index = len(headings) - numbers
    table_columns = (
        Column(column_heading, justify="right" if column_index >= first_number_column_index else "left")
        for column_index, column_heading in enumerate(headings)
    )
    return Table(*table_columns, box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))


def show_table(content: Table, *, max_width: int | None = None) -> None:
    """Write a table as a result, in the width of the terminal; long cells take several lines.

    In a file or a pipe it may be ``max_width`` characters wide.
    """
    console = results if results.is_terminal or not max_width else Terminal(width=max_width, highlight=False)
    console.print(content, soft_wrap=False)


def show_lines(lines: Iterable[str]) -> None:
    """Write results as a list; long ones take several lines."""
    for result_line in lines:
        results.print(Padding(result_line, (0, 0, 0, 2)), soft_wrap=False)


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
    for message_line in escape_unprintable(translate(str(text), **values)).splitlines():
        _write("warning", message_line, "rmrp: ", values)


def _write(level: str, line: str, mark: str, values: Mapping[str, object]) -> None:
    """Write one line to standard error, as text or as a JSON object with its values."""
    message_status = str(values.get("status", ""))
    status_label = f"{translate(STATUS_WORDS[message_status])}: " if message_status else ""
    if log.format == "json":
        message_time_text = datetime.now(UTC).isoformat(timespec="milliseconds")
        log_record_fields = {"time": message_time_text, "level": level, "message": status_label + line, **values}
        line = escape_unprintable(json.dumps(log_record_fields, ensure_ascii=False, default=str))
        print(line, file=sys.stderr, flush=True)
    else:
        styled_text = Text.assemble(
            mark, (status_label, STATUS_STYLES.get(message_status, "")), escape_unprintable(line)
        )
        messages.print(styled_text, soft_wrap=not messages.is_terminal)  # a terminal would break words


def tell_rows(rows: Sequence[tuple[str, str, str]], **values: object) -> None:
    """Write rows of a label, a text and a style under each other; nothing where the log is quiet.

    A log of JSON has one message of all rows, with ``values``. Styles show on a terminal alone.
    """
    row_lines = [": ".join(filter(None, message_row[:2])) for message_row in rows]
    if log.quiet:
        return
    if log.format == "json":
        _write("info", "; ".join(row_lines), "", values)
    elif messages.is_terminal:
        text_grid = Table.grid(padding=(0, 2))
        for row_label, row_text, row_style in rows:
            text_grid.add_row(Text(row_label, row_style), Text(escape_unprintable(row_text)))
        messages.print(text_grid, soft_wrap=False)
    else:
        for row_line in row_lines:
            _write("info", row_line, "", {})


def name_sheets(names: Iterable[str]) -> str:
    """Name sheets in a sentence, each once, and say how many more there are than ``MAX_SHEETS_NAMED``."""
    distinct_sheet_names = list(dict.fromkeys(names))
    named_sheets_text = "; ".join(distinct_sheet_names[:MAX_SHEETS_NAMED])  # names of sectors have commas
    unnamed_sheet_count = len(distinct_sheet_names) - MAX_SHEETS_NAMED
    return (
        translate("{names} and {count} more", names=named_sheets_text, count=unnamed_sheet_count)
        if unnamed_sheet_count > 0
        else named_sheets_text
    )


def tell_groups(status: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Say each cause of a status once, with the sheets that have it; ``pairs`` are of a cause and a sheet.

    What most sheets have comes first. It is a warning for ``to_mend``, ``refused`` and ``failed``.
    """
    write_message = alert if status in ("to_mend", "refused", "failed") else tell
    for cause, sheet_names in group_by_cause(pairs).items():
        write_message("{cause} ({sheets})", status=status, cause=cause, sheets=name_sheets(sheet_names))


def group_by_cause(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group pairs of a cause and the sheet that has it: the sheets of each cause, once each, most sheets first."""
    sheet_name_dict_by_cause: dict[str, dict[str, None]] = {}
    for cause, sheet_name in pairs:
        sheet_name_dict_by_cause.setdefault(cause, {})[sheet_name] = None
    return {
        cause: list(sheet_name_dict_by_cause[cause])
        for cause in sorted(sheet_name_dict_by_cause, key=lambda cause: -len(sheet_name_dict_by_cause[cause]))
    }


@contextmanager
def stopped_by_signals(when_stopped: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM and SIGHUP stop the ``with`` block, as Ctrl-C does; further signals are ignored.

    Then ``when_stopped`` is called, and ``typer.Exit`` raised with ``STOPPED_EXIT_CODE``.
    """

    def stop(*_: object) -> None:
        """Ignore further signals, and end the block."""
        for signal_number in original_handler_by_signal:
            signal.signal(signal_number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal_numbers = [
        getattr(signal, signal_name) for signal_name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, signal_name)
    ]
    original_handler_by_signal = {
        signal_number: signal.getsignal(signal_number)
        for signal_number in signal_numbers
        if signal.getsignal(signal_number) != signal.SIG_IGN
    }
    for signal_number in original_handler_by_signal:
        signal.signal(signal_number, stop)
    try:
        yield
    except KeyboardInterrupt:
        when_stopped()
        raise typer.Exit(STOPPED_EXIT_CODE) from None
    finally:
        for signal_number, original_handler in original_handler_by_signal.items():
            signal.signal(signal_number, original_handler)


@contextmanager
def progress(reports: int, ended_reports: list["ReportResult"]) -> Iterator[Callable[["ReportResult"], None]]:
    """Give a function that shows a report as it ends, by a bar or a line, and adds it to ``ended_reports``.

    A report that fails has its line above the bar, too. What was not made is only counted.
    """
    bar_column = BarColumn(style="dim", complete_style="bold", finished_style="bold")
    last_report_column = TextColumn(
        "{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")
    )
    progress_columns = (bar_column, MofNCompleteColumn(), TimeElapsedColumn(), last_report_column)
    has_progress_bar = reports > 0 and messages.is_terminal and not log.quiet and log.format == "text"
    progress_bar = Progress(
        *progress_columns, console=messages, disable=not has_progress_bar, auto_refresh=False, expand=True
    )
    with progress_bar:  # without a thread, which a fork would not have
        progress_task_id = progress_bar.add_task("", total=reports)

        def show_ended(report: "ReportResult") -> None:
            """Show a report that ended, and keep it."""
            ended_reports.append(report)
            progress_bar.update(progress_task_id, advance=1, description=report.id, refresh=True)
            if report.status in STATUSES_WITH_OWN_LINE and (not has_progress_bar or report.status == "failed"):
                tell("{report} ({seconds} s)", status=report.status, report=report.id, seconds=round(report.seconds, 1))

        yield show_ended
        progress_bar.update(progress_task_id, description="")
