"""Find the numbers of a text in a published run: ``rmrp proof``."""

import re
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import show, translate


def proof(
    document: Annotated[Path, Argument(metavar="FILE", help="Text: .txt .md .html .eml .docx .pdf.")],
    run: Annotated[Path, Option("--run", metavar="RUN", help="The folder of a run.", callback=options.set_pack_of_run)],
) -> None:
    """Which numbers of a text a run bears, and where they stand there."""
    from rmrp_analysis.figures import figure_definition
    from rmrp_analysis.numbers import date, exactly
    from rmrp_analysis.publish.proof.proof import SUPPORTED_VERDICTS, proofread_document
    from rmrp_analysis.vocabulary.labels import label

    numbers = proofread_document(document, run)
    rows: list[dict[str, Any]] = numbers.assign(is_stated=numbers["value"].notna()).to_dict("records")  # type: ignore[assignment]
    for row in rows:
        row["value"] = exactly(row["value"], row["unit"], terminal.log.language) if row["figure"] else row["part"]
        if row["figure"]:
            parts = "".join(label(part, terminal.log.language) for part in re.split(r"( (?:→|\+) )", row["part"]))
            name = translate(figure_definition(row["figure"]).label)
            row["figure"] = f'"{name}: {parts}"' if parts else f'"{name}"'
        row["place"] = ", ".join(filter(None, (row["file"], translate(row["place"], number=row["at"]))))
        if row["verdict"] == "borne":
            show("{place}: {number} is {figure} of {report}", **row)
        elif row["verdict"] == "derived":
            show("{place}: {number} follows from {figure} of {report}", **row)
        elif row["verdict"] == "printed":
            show("{place}: {number} stands in {report} between the same words", **row)
        elif row["verdict"] == "earlier":
            row["edition"] = date(row["edition"], terminal.log.language)
            edition = translate("{place}: {number} is {figure} of {report} of the edition of {edition}", **row)
            if not row["is_stated"]:
                show("{of_edition}; it is no longer stated", of_edition=edition)
            else:
                why = f": {row['why']}" * bool(row["why"])
                show("{of_edition}; it is {value} now{why}", of_edition=edition, value=row["value"], why=why)
        elif row["figure"] and row["report"]:
            show("{place}: {number} is not borne; the nearest is {figure} of {report}: {value}", **row)
        elif row["report"]:
            show("{place}: {number} is not borne; {report} has {value} between the same words", **row)
        else:
            show("{place}: {number} is not borne", **row)
    borne = int(numbers["verdict"].isin(SUPPORTED_VERDICTS).sum())
    show("The run bears {borne} of {all} numbers.", borne=borne, all=len(numbers))
    raise Exit(0 if borne == len(numbers) else 1)
