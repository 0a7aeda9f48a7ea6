"""Cuts what a notebook shows to what a sheet can hold."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_output

from rmrp_analysis.numbers import count
from rmrp_analysis.words import N_, Translator

MOST_LINES, MOST_CHARACTERS = 2_000, 100_000
"""What a notebook may print. Typst takes seconds for so many lines, and minutes for ten times as many."""
MOST_SHOWN = 32 * 2**20
"""How many characters a notebook may show in all, its pictures and tables included."""
MOST_OF_ERROR = 1_000
"""How many characters are kept of the message of an error and of each step of its traceback."""
TEXT_IS_CUT = N_("The text is cut here: a notebook may print {lines} lines and {characters} characters.")
OUTPUT_IS_LEFT_OUT = N_("What is shown here is left out: a notebook may show {size} MiB.")


def cut_outputs(notebook: NotebookNode, language: str) -> NotebookNode:
    """Return a notebook that ran, its outputs cut to the limits; a sentence stands where something is cut.

    The sentence is on the standard error of the cell, too: of that a run tells with the number of the cell.
    """
    translate = Translator(language)
    text_is_cut = translate(TEXT_IS_CUT, lines=count(MOST_LINES, language), characters=count(MOST_CHARACTERS, language))
    output_is_left_out = translate(OUTPUT_IS_LEFT_OUT, size=count(MOST_SHOWN // 2**20, language))
    lines_left, characters_left, shown_left = MOST_LINES, MOST_CHARACTERS, MOST_SHOWN
    for cell in notebook.cells:
        sentences = []
        for output in cell.get("outputs", ()):
            is_stream, data = output.output_type == "stream", output.get("data", {})
            if output.output_type == "error":
                output["evalue"] = output.evalue[:MOST_OF_ERROR]
                output["traceback"] = [line[:MOST_OF_ERROR] for line in output.traceback[-MOST_OF_ERROR:]]
            elif is_stream or set(data) == {"text/plain"}:
                bundle, name = (output, "text") if is_stream else (data, "text/plain")
                whole = bundle[name]
                text = "".join(whole[:characters_left].splitlines(keepends=True)[:lines_left])
                lines_left -= text.count("\n")
                characters_left -= len(text)
                if len(text) < len(whole):
                    bundle[name] = text if text_is_cut in sentences else f"{text}\n{text_is_cut}\n"
                    sentences.append(text_is_cut)
            elif (shown_left := shown_left - len(json.dumps(data))) < 0:
                output["data"], output["metadata"] = NotebookNode({"text/plain": output_is_left_out}), NotebookNode()
                sentences.append(output_is_left_out)
        if sentences:
            cell.outputs += [new_output("stream", name="stderr", text=each) for each in dict.fromkeys(sentences)]
    return notebook
