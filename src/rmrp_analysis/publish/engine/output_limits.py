"""Limits the outputs of a notebook to the size that a sheet can hold."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_output

from rmrp_analysis.numbers import count
from rmrp_analysis.words import N_, Translator

MAX_PRINTED_LINES, MAX_PRINTED_CHARACTERS = 2_000, 100_000
"""The limits of the text that a notebook prints. Typst takes seconds for so many lines, and minutes for ten times as
many."""
MAX_RICH_OUTPUT_CHARACTERS = 32 * 2**20
"""The limit of pictures, tables and other outputs of a notebook together."""
MAX_ERROR_CHARACTERS = 1_000
"""The limit for an error's message, for each step of its traceback, and for the number of steps."""
TEXT_CUT_NOTICE = N_("The text is cut here: a notebook may print {lines} lines and {characters} characters.")
OUTPUT_LEFT_OUT_NOTICE = N_("What is shown here is left out: a notebook may show {size} MiB.")


def cut_outputs(notebook: NotebookNode, language: str) -> NotebookNode:
    """Cut the outputs of an executed notebook to the limits, in place, and return it.

    The limits are for all cells together. A printed text is cut and ends with a sentence that says so. A sentence
    replaces another output that is over the limit. The sentence is also added once to the standard error of the cell.
    Error messages and tracebacks have limits of their own, and are cut without a sentence.
    """
    translate = Translator(language)
    notice = translate(
        TEXT_CUT_NOTICE, lines=count(MAX_PRINTED_LINES, language), characters=count(MAX_PRINTED_CHARACTERS, language)
    )
    omission = translate(OUTPUT_LEFT_OUT_NOTICE, size=count(MAX_RICH_OUTPUT_CHARACTERS // 2**20, language))
    lines = MAX_PRINTED_LINES
    characters = MAX_PRINTED_CHARACTERS
    budget = MAX_RICH_OUTPUT_CHARACTERS
    for cell in notebook.cells:
        sentences = []
        for output in cell.get("outputs", ()):
            is_stream, data = output.output_type == "stream", output.get("data", {})
            if output.output_type == "error":
                output["evalue"] = output.evalue[:MAX_ERROR_CHARACTERS]
                output["traceback"] = [line[:MAX_ERROR_CHARACTERS] for line in output.traceback[-MAX_ERROR_CHARACTERS:]]
            elif is_stream or set(data) == {"text/plain"}:
                bundle, name = (output, "text") if is_stream else (data, "text/plain")
                full = bundle[name]
                text = "".join(full[:characters].splitlines(keepends=True)[:lines])
                lines -= text.count("\n")
                characters -= len(text)
                if len(text) < len(full):
                    bundle[name] = text if notice in sentences else f"{text}\n{notice}\n"
                    sentences.append(notice)
            elif (budget := budget - len(json.dumps(data))) < 0:
                output["data"] = NotebookNode({"text/plain": omission})
                output["metadata"] = NotebookNode()
                sentences.append(omission)
        if sentences:
            cell.outputs += [
                new_output("stream", name="stderr", text=sentence) for sentence in dict.fromkeys(sentences)
            ]
    return notebook
