"""Declare the options that commands share, each with the same word and sense in all commands."""

import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from subprocess import list2cmdline
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option
from typer.core import TyperCommand

from rmrp_analysis.commands import terminal
from rmrp_analysis.commands.help import Translated
from rmrp_analysis.commands.terminal import alert, translate
from rmrp_analysis.errors import RequestError
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_text import first_language, read_yaml

if TYPE_CHECKING:
    from rmrp_analysis.arguments import Period
    from rmrp_analysis.params import ReportParams, RunParams
    from rmrp_analysis.plan import JoinAudit, Plan

rare: Any = partial(Option, rich_help_panel="Options for rare cases")
"""An option that help lists under rare cases."""
first: Any = partial(Argument, is_eager=True)
"""An argument that is read before any option, since language and lists depend on this argument."""
OPTION_BY_OLDER_WORD = {
    "--only": "--sector",
    "--places": "--place",
    "--platforms": "--place",
    "--platform": "--place",
    "--languages": "--language",
    "--organisations": "--organisation",
    "--internal": "--audience=internal",
    "--form": "--activities",
    "--partners": "--appealing-organisations",
}
"""Today's option by its older word, which is read if the command has no such option itself."""


DATA_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".parquet", ".json")
"""Suffixes of data files, which some people give instead of a parameter file."""


class Command(Translated, TyperCommand):
    """A command that also reads older words, and several values after one option: ``--language en es``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read arguments in the one form that Typer knows: ``--language en --language es``.

        The values of an option end at the next option, or at a parameter file. Errors are in the language of that file.
        """
        if path := next((argument for argument in args if argument.endswith((".yml", ".yaml"))), ""):
            terminal.speak(first_language(Path(path)))  # whatever is wrong beside it
        several = {name: getattr(option, "multiple", False) for option in self.params for name in option.opts}
        plain: list[str] = []
        option = ""
        for argument in args:
            name, equals, value = argument.partition("=")
            newer = OPTION_BY_OLDER_WORD.get(name, "")
            if name not in several and newer.partition("=")[0] in several:
                argument = newer + equals + value
            if argument.startswith("-") or argument.endswith((".yml", ".yaml")):
                option = ""
            if option and plain[-1] != option:
                plain.append(option)
            plain.append(argument)
            option = argument if several.get(argument) else option
        return super().parse_args(ctx, plain)


def set_pack(path: Path | None) -> Path | None:
    """Make the pack of a parameter file the active one of this process, and return the path.

    Messages are then in the file's first language. None changes nothing. Raises ``RequestError`` for a file of data.
    """
    if path:
        from rmrp_analysis.packs import pack

        if path.suffix.lower() in DATA_SUFFIXES:
            raise RequestError(
                translate(
                    "{file} holds data, and is no parameter file; write `rmrp new DIR --from {name}`, then "
                    "`rmrp run DIR/params.yml`",
                    file=path,
                    name=quote_path(path),
                )
            )
        terminal.speak(first_language(path))
        pack.activate(pack.find_pack(path))
    return path


def set_pack_of_run(folder: Path) -> Path:
    """Set the language of messages to the run's first, and activate its pack if its parameter file is found.

    Returns the folder.
    """
    manifest = Manifest.read(folder / MANIFEST) or Manifest()
    terminal.speak(next(iter(manifest.params.get("languages", [])), ""))
    set_pack(manifest.find_params_file(folder))
    return folder


def _parse_languages(languages: list[str] | None) -> list[str] | None:
    """Return the codes of these languages, or None (all languages). Raise ``RequestError`` for an unknown one."""
    from rmrp_analysis.packs import pack

    codes = [code for text in languages or () for code in re.split("[,; ]+", text) if code]
    return [*map(pack.known_language, codes)] or None


def _parse_sectors(texts: list[str] | None) -> list[str] | None:
    """Return the names of these sectors, or None (all sectors). Raise ``RequestError`` for an unknown one."""
    from rmrp_analysis.vocabulary import find_sectors

    return [*find_sectors(texts or ())] or None


def _parse_places(texts: list[str] | None) -> list[str] | None:
    """Return the keys of these places, or None for the places of the file.

    Raises ``RequestError`` for an unknown one.
    """
    from rmrp_analysis.vocabulary import find_places

    return [*find_places(texts or ())] or None


def quote_path(path: Path) -> str:
    """Write a path as it is typed on a command line."""
    return list2cmdline([str(path)]) if sys.platform == "win32" else quote(str(path))


def file_option(*suffixes: str, content: str) -> Any:
    """Return the option ``--out`` of a command that writes one file, in one of these formats."""

    def check_format(out: Path | None) -> Path | None:
        """Return the file, or raise ``RequestError`` for a format that is not written."""
        if out and out.suffix.lower() not in suffixes:
            formats = ", ".join(suffixes)
            raise RequestError(
                translate("--out {file}: the format is not written; allowed: {all}", file=out, all=formats)
            )
        return out

    return Option("--out", metavar="FILE", callback=check_format, help=f"{content}: {' '.join(suffixes)}.")


ParamsFile = Annotated[Path, first(metavar="PARAMS", help="The run's parameters (YAML).", callback=set_pack)]
"""The argument of a command that reads a parameter file."""
RunFolder = Annotated[Path, first(metavar="RUN", help="The folder of a run.", callback=set_pack_of_run)]
"""The argument of a command that reads a published run."""
Sectors = Annotated[
    list[str] | None, Option("--sector", metavar="SECTOR…", help="Only these sectors.", callback=_parse_sectors)
]
Places = Annotated[
    list[str] | None, Option("--place", metavar="PLACE…", help="Other places than in PARAMS.", callback=_parse_places)
]
Organisations = Annotated[list[str] | None, Option("--organisation", metavar="NAME…", help="Their sheets, too.")]
Languages = Annotated[
    list[str] | None, Option("--language", metavar="CODE…", help="Such as en es pt.", callback=_parse_languages)
]
Months = Annotated[str, Option("--period", metavar="MONTHS", help="Other months: 2021-01/2021-06.")]
DataFolder = Annotated[Path | None, Option("--data", metavar="DIR", help="Another data folder.")]
"""The option ``--data``: a data folder in place of the folder in the parameters."""
Audience = Annotated[str, Option("--audience", metavar="WHO", help="public, or internal (exact counts).")]
Jobs = Annotated[int | None, rare("--jobs", min=1, metavar="N", help="Reports side by side.")]


def load_params(
    path: Path,
    *,
    period: str = "",
    sectors: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    data: Path | None = None,
    **values: Any,
) -> "RunParams":
    """Return the parameters of a file with the choices of the command, and show notes on older words.

    Raises ``RequestError`` for a fault in the parameters, and if the data folder is missing.
    """
    from rmrp_analysis.params import load_run_params, other_words

    values |= {"period": period, "data": data and data.resolve()}
    params = load_run_params(path).change(**values).in_languages(languages or ())
    if not params.data.is_dir():
        place = "--data" if data else f"{path}:{read_yaml(path, RequestError).line(('data',))}: data"
        fault = translate("{path} is no folder; write the folder that sources.yml lies in", path=params.data)
        raise RequestError(f"{place}: {fault}")
    for note in other_words(path):
        terminal.alert(note)
    return params.of_sectors(sectors) if sectors else params


def warn_of_losses(plan: "Plan", period: "Period", joins: "Iterable[JoinAudit]") -> None:
    """Warn of joins that lose people or leave places (``admin1``) unmatched, and of rows after the period."""
    from rmrp_analysis.quality.gate import after_period
    from rmrp_analysis.quality.joins import join_message

    for join in joins:
        if join.loses_people or (join.name == "admin1" and join.rows_unmatched):
            terminal.alert(join_message(join, terminal.log.language))
    if (later := after_period(plan, period))["rows"]:
        terminal.alert(
            "{rows} rows ({people} people) are of months after {end}, the end of the period, and are not counted",
            rows=later["rows"],
            people=later["people"],
            end=period.end,
        )


def tell_decisions(params: "RunParams") -> None:
    """Say which sheets a person holds or publishes, and why."""
    for report, reason in params.hold.items():
        alert("{report} is held: {reason}", report=report, reason=reason)
    for report, reason in params.publish.items():
        alert("{report} is published by decision: {reason}", report=report, reason=reason)


def warn_of_sheets_to_mend(plan: "Plan", reports: "Sequence[ReportParams]") -> None:
    """Warn which reports are to be mended, by cause, with the people concerned."""
    from rmrp_analysis.publish.run.review import list_reports_to_mend

    to_mend = list_reports_to_mend(plan, reports, terminal.log.language)
    text = N_("{sheet}, people concerned: {people}")
    names = {sheet.report: translate(text, sheet=sheet.name, people=sheet.people_printed) for sheet in to_mend}
    terminal.tell_groups("to_mend", ((cause, names[sheet.report]) for sheet in to_mend for cause in sheet.causes))
