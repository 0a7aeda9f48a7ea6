"""Write an illustrative plan, or a workbook of its activities: ``rmrp sample``."""

from pathlib import Path
from typing import Annotated

from typer import Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import show, tell, translate
from rmrp_analysis.errors import RequestError, check_allowed


def sample(
    out: Annotated[
        Path, Option(metavar="DIR", help="The folder to write, or a workbook of activities: .xlsx.", show_default=False)
    ],
    rows: Annotated[
        int, Option(min=1, metavar="N", help="Activities of the whole year; with --after, of the workbook.")
    ] = 20_000,
    seed: Annotated[int, Option(min=0, max=2**32 - 1, metavar="N", help="The same seed gives the same plan.")] = 2021,
    month: Annotated[str, Option(metavar="YYYY-MM", help="The last month of a workbook.")] = "2021-12",
    after: Annotated[
        Path | None, Option(metavar="FILE", help="The workbook of the month before; its rows come first.")
    ] = None,
    language: Annotated[str, Option(metavar="CODE", help="Of a workbook: en or es; default: yours.")] = "",
    faults: Annotated[bool, Option("--faults", help="Plant faults of real files, and list them.")] = False,
) -> None:
    """Write an illustrative plan of any size, or a workbook such as an office receives."""
    from rmrp_analysis.commands.sample.write import HEADER_LANGUAGES, write_sample, write_workbook

    language = language or (terminal.log.language if terminal.log.language in HEADER_LANGUAGES else "en")
    check_allowed(language, HEADER_LANGUAGES, "unknown language")
    if out.suffix.lower() == ".xlsx":
        count = write_workbook(
            out, rows=rows, seed=seed, month=month, language=language, faults=faults, earlier_workbook=after
        )
    elif after:
        raise RequestError(translate("--out {file}: name a workbook (.xlsx), since --after names one", file=out))
    elif out.suffix.lower() in options.DATA_SUFFIXES:
        raise RequestError(translate("--out {file}: name a folder, or a workbook (.xlsx)", file=out))
    else:
        count = write_sample(out, rows=rows, seed=seed, faults=faults)
    show(str(out))
    if after:
        tell("{written} activities; first those of {file}", written=count, file=after)
    else:
        tell("{written} activities, of {rows} in the whole year", written=count, rows=rows)
