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

    number_table = proofread_document(document, run)
    number_records: list[dict[str, Any]] = number_table.assign(is_stated=number_table["value"].notna()).to_dict(
        "records"
    )  # type: ignore[assignment]
    for number_record in number_records:
        number_record["value"] = (
            exactly(number_record["value"], number_record["unit"], terminal.log.language)
            if number_record["figure"]
            else number_record["part"]
        )
        if number_record["figure"]:
            part_label_text = "".join(
                label(part_name, terminal.log.language)
                for part_name in re.split(r"( (?:→|\+) )", number_record["part"])
            )
            figure_label = translate(figure_definition(number_record["figure"]).label)
            number_record["figure"] = f'"{figure_label}: {part_label_text}"' if part_label_text else f'"{figure_label}"'
        number_record["place"] = ", ".join(
            filter(None, (number_record["file"], translate(number_record["place"], number=number_record["at"])))
        )
        if number_record["verdict"] == "borne":
            show("{place}: {number} is {figure} of {report}", **number_record)
        elif number_record["verdict"] == "derived":
            show("{place}: {number} follows from {figure} of {report}", **number_record)
        elif number_record["verdict"] == "printed":
            show("{place}: {number} stands in {report} between the same words", **number_record)
        elif number_record["verdict"] == "earlier":
            number_record["edition"] = date(number_record["edition"], terminal.log.language)
            edition_sentence = translate(
                "{place}: {number} is {figure} of {report} of the edition of {edition}", **number_record
            )
            if not number_record["is_stated"]:
                show("{of_edition}; it is no longer stated", of_edition=edition_sentence)
            else:
                change_reason_text = f": {number_record['why']}" * bool(number_record["why"])
                show(
                    "{of_edition}; it is {value} now{why}",
                    of_edition=edition_sentence,
                    value=number_record["value"],
                    why=change_reason_text,
                )
        elif number_record["figure"] and number_record["report"]:
            show("{place}: {number} is not borne; the nearest is {figure} of {report}: {value}", **number_record)
        elif number_record["report"]:
            show("{place}: {number} is not borne; {report} has {value} between the same words", **number_record)
        else:
            show("{place}: {number} is not borne", **number_record)
    borne_number_count = int(number_table["verdict"].isin(SUPPORTED_VERDICTS).sum())
    show("The run bears {borne} of {all} numbers.", borne=borne_number_count, all=len(number_table))
    raise Exit(0 if borne_number_count == len(number_table) else 1)
