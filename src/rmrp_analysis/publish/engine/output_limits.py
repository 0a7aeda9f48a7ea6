"""Limits the outputs of a notebook to what a sheet can hold."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_output

from rmrp_analysis.numbers import count
from rmrp_analysis.words import N_, Translator

MAX_LINES, MAX_CHARACTERS = 2_000, 100_000
"""How much text a notebook may print. Typst takes seconds for so many lines, minutes for ten times as many."""
MAX_SHOWN_CHARACTERS = 32 * 2**20
"""How many characters a notebook may show in all, with its pictures and tables."""
MAX_ERROR_CHARACTERS = 1_000
"""How many characters are kept of the message of an error and of each step of its traceback."""
TEXT_IS_CUT = N_("The text is cut here: a notebook may print {lines} lines and {characters} characters.")
OUTPUT_IS_LEFT_OUT = N_("What is shown here is left out: a notebook may show {size} MiB.")


def cut_outputs(notebook: NotebookNode, language: str) -> NotebookNode:
    """Cut the outputs of a notebook that ran to the limits, and return it; a sentence says where something is cut.

    The sentence is also added to the standard error of the cell, which a run reports with the number of the cell.
    """
    translate = Translator(language)
    text_is_cut = translate(TEXT_IS_CUT, lines=count(MAX_LINES, language), characters=count(MAX_CHARACTERS, language))
    output_is_left_out = translate(OUTPUT_IS_LEFT_OUT, size=count(MAX_SHOWN_CHARACTERS // 2**20, language))
    lines_left, characters_left, shown_left = MAX_LINES, MAX_CHARACTERS, MAX_SHOWN_CHARACTERS
    for cell in notebook.cells:
        sentences = []
        for output in cell.get("outputs", ()):
            is_stream, data = output.output_type == "stream", output.get("data", {})
            if output.output_type == "error":
                output["evalue"] = output.evalue[:MAX_ERROR_CHARACTERS]
                output["traceback"] = [line[:MAX_ERROR_CHARACTERS] for line in output.traceback[-MAX_ERROR_CHARACTERS:]]
            elif is_stream or set(data) == {"text/plain"}:
                bundle, name = (output, "text") if is_stream else (data, "text/plain")
                full_text = bundle[name]
                text = "".join(full_text[:characters_left].splitlines(keepends=True)[:lines_left])
                lines_left -= text.count("\n")
                characters_left -= len(text)
                if len(text) < len(full_text):
                    bundle[name] = text if text_is_cut in sentences else f"{text}\n{text_is_cut}\n"
                    sentences.append(text_is_cut)
            elif (shown_left := shown_left - len(json.dumps(data))) < 0:
                output["data"], output["metadata"] = NotebookNode({"text/plain": output_is_left_out}), NotebookNode()
                sentences.append(output_is_left_out)
        if sentences:
            cell.outputs += [
                new_output("stream", name="stderr", text=sentence) for sentence in dict.fromkeys(sentences)
            ]
    return notebook
