"""Limits the outputs of a notebook to what a sheet can hold."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_output

from rmrp_analysis.numbers import count
from rmrp_analysis.words import N_, Translator

MAX_PRINTED_LINES, MAX_PRINTED_CHARACTERS = 2_000, 100_000
"""The most lines and characters that a notebook may print. Typst takes seconds for so many lines, minutes for ten times
as many."""
MAX_RICH_OUTPUT_CHARACTERS = 32 * 2**20
"""The most characters that a notebook may show in all, with its pictures and tables."""
MAX_ERROR_CHARACTERS = 1_000
"""The most characters that are kept of an error's message and of each step of its traceback."""
TEXT_CUT_NOTICE = N_("The text is cut here: a notebook may print {lines} lines and {characters} characters.")
"""The sentence at the end of a text that was cut."""
OUTPUT_LEFT_OUT_NOTICE = N_("What is shown here is left out: a notebook may show {size} MiB.")
"""The sentence in place of an output that is left out."""


def cut_outputs(notebook: NotebookNode, language: str) -> NotebookNode:
    """Cut the outputs of an executed notebook to the limits, in place, and return it.

    The limits are for all cells together, only those of error messages for each one. A printed text is cut and ends
    with a sentence that says so; another output over the limit is replaced by a sentence. The sentence is also added
    once to the standard error of the cell. Error messages and tracebacks are cut without a sentence.
    """
    translate = Translator(language)
    text_is_cut = translate(
        TEXT_CUT_NOTICE, lines=count(MAX_PRINTED_LINES, language), characters=count(MAX_PRINTED_CHARACTERS, language)
    )
    left_out_sentence = translate(OUTPUT_LEFT_OUT_NOTICE, size=count(MAX_RICH_OUTPUT_CHARACTERS // 2**20, language))
    lines_left = MAX_PRINTED_LINES
    remaining_character_count = MAX_PRINTED_CHARACTERS
    shown_left = MAX_RICH_OUTPUT_CHARACTERS
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
                text = "".join(full_text[:remaining_character_count].splitlines(keepends=True)[:lines_left])
                lines_left -= text.count("\n")
                remaining_character_count -= len(text)
                if len(text) < len(full_text):
                    bundle[name] = text if text_is_cut in sentences else f"{text}\n{text_is_cut}\n"
                    sentences.append(text_is_cut)
            elif (shown_left := shown_left - len(json.dumps(data))) < 0:
                output["data"], output["metadata"] = (NotebookNode({"text/plain": left_out_sentence}), NotebookNode())
                sentences.append(left_out_sentence)
        if sentences:
            cell.outputs += [
                new_output("stream", name="stderr", text=sentence) for sentence in dict.fromkeys(sentences)
            ]
    return notebook
