"""Reads the outputs of a notebook as ordered blocks, with warnings on outputs that no sheet can show."""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from rmrp_analysis import theme
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.exact import EXACT, UNKNOWN_STATE
from rmrp_analysis.theme import pictures, prose
from rmrp_analysis.words import INTERNAL_MARK, N_, SOURCE_LANGUAGE, Translator

LAB_ONLY_TAG = "lab-only"
"""The tag of cells that are for the notebook itself. Their outputs are not exported."""
ADDED_CELL_TAGS = frozenset({"injected-parameters", "papermill-error-cell-tag", theme.FIGURES_CELL_TAG})
"""The tags of cells that papermill or a run added. They show nothing and are not counted."""

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
"""The media type of the output of an ipywidget, which only Jupyter can show."""
OUTPUT_BLOCK_KINDS = frozenset({"text", "table", "chart"})
"""Kinds of block that any output may become."""

_OBJECT_TEXT_PATTERN = re.compile(r"(?:array\()?[\[(]*(?:<|Text\()")
"""The beginning of an object without a text, as Python prints it: ``<Axes: …>``, ``[<Line2D at 0x7f…>]``."""
_SHORTENED_TABLE_PATTERN = re.compile(r"\d+ rows × \d+ columns")
"""The line that pandas writes below a shortened table."""

UNCHECKED_NUMBERS_WARNING = (
    "{cell}: it shows whole numbers of its own; nobody knows what they count, and exact numbers of people would "
    "be published (`page.table` rounds them)"
)
"""The warning on a cell of a public page that shows numbers of its own."""
NOT_PUBLIC_REASON = N_("Its notebook shows numbers that are not for publication.")
EXACT_COUNTS_ADVICE = (
    "On a public page it shows exact counts of people, in {cells}. Write page.table(…), which rounds them, or make the "
    "page for an internal audience (audience: internal)."
)
Block = dict[str, Any]
"""A part of a sheet: its ``kind``, the ``view`` for its template, its ``uid`` and ``name``, ``whole`` for several."""


@dataclass(frozen=True)
class Document:
    """The sheets of a document, each a list of blocks that begins with a masthead, and the warnings on its cells.

    It exists so that HTML and PDF are rendered from the same blocks.
    """

    sheets: list[list[Block]]
    warnings: list[str]

    @property
    def masthead(self) -> Mapping[str, Any]:
        """The view of the first masthead: title and language of the document."""
        return dict(self.sheets[0][0]["view"])

    @property
    def internal(self) -> bool:
        """Whether the document is not for publication. If so, every page says it."""
        return bool(self.masthead["mark"])

    @property
    def accounted(self) -> bool:
        """Whether the document has the block ``account``, on how its figures were counted."""
        return any(block["kind"] == "account" for sheet in self.sheets for block in sheet)

    @property
    def foreign(self) -> bool:
        """Whether the document shows outputs of the notebook itself, beside the blocks of sheets."""
        return any(_is_foreign(block) for sheet in self.sheets for block in sheet)


def read_document(
    notebook: NotebookNode, name: str = "Notebook", folder: Path | None = None, *, added_count: bool = True
) -> Document:
    """Read the blocks that an executed notebook shows, with warnings on omissions.

    ``name`` is the title of a notebook without masthead and heading. Pictures of Markdown lie in ``folder``. Cells
    tagged ``lab-only`` and cells that a run added are left out. The document is internal if it was run for an internal
    audience or shows a block of an internal page. If it is public and has a block that rounds counts of people, no cell
    may show exact counts. Otherwise raises ``ReportFailed`` with the names of such cells (see ``name_cells`` and its
    ``added_count``).
    """
    reading = _OutputReader(folder)
    number = 0
    names = name_cells(notebook, added_count=added_count)
    for index, cell in enumerate(notebook.cells):
        if any(output["output_type"] == "stream" for output in cell.get("outputs", ())):
            from nbconvert.preprocessors import CoalesceStreamsPreprocessor  # imports much, and is rarely needed

            cell, _ = CoalesceStreamsPreprocessor().preprocess_cell(copy.deepcopy(cell), {}, index)
        tags = cell.metadata.get("tags", [])
        number += not ADDED_CELL_TAGS.intersection(tags)
        if not {LAB_ONLY_TAG, *ADDED_CELL_TAGS}.intersection(tags):
            reading.read_cell(cell, number)
    sheets = list(_split_sheets(reading.blocks, name))
    audience = notebook.metadata.get("papermill", {}).get("parameters", {}).get("audience")
    internal = "internal" in (audience, *(block["view"].get("audience") for block in reading.blocks))
    for masthead, *_ in sheets:
        masthead["view"]["mark"] = Translator(masthead["view"]["lang"])(INTERNAL_MARK) if internal else ""
    is_rounded = not internal and any(block["view"].get("rounding") for block in reading.blocks)
    if is_rounded and (cells := [names[cell] for cell, state in reading.counts.items() if state == EXACT]):
        raise ReportFailed(NOT_PUBLIC_REASON, advice=EXACT_COUNTS_ADVICE.format(cells=" and ".join(cells)))
    unchecked = [UNCHECKED_NUMBERS_WARNING.format(cell=names[cell]) for cell in reading.counts if is_rounded]
    return Document(sheets, list(dict.fromkeys((*reading.warnings, *unchecked))))


def name_cells(notebook: NotebookNode, *, added_count: bool = True) -> dict[int, str]:
    """Name each code cell as an analyst does, by its position among the cells that no run added.

    The name has the number of its execution and its last line, ``cell [7] (health.activities)``. A cell that was not
    run has its position among the code cells. Without ``added_count``, cells that a run added do not count as
    executions.
    """
    names: dict[int, str] = {}
    number = added = code = 0
    for cell in notebook.cells:
        is_added = bool(ADDED_CELL_TAGS.intersection(cell.metadata.get("tags", [])))
        added += is_added and not added_count and bool(cell.get("execution_count"))
        number += not is_added
        if cell.cell_type == "code" and not is_added:
            code += 1
            ran = cell.get("execution_count")
            label = f"cell [{ran - added}]" if ran else f"code cell {code}"
            names[number] = f"{label} ({_first_line(cell.source.strip().rpartition(chr(10))[2])})"
    return names


class _OutputReader:
    """Collects blocks and warnings cell by cell.

    It exists since the id of a block counts the blocks before this one.
    """

    def __init__(self, folder: Path | None) -> None:
        """Start without blocks. Pictures that Markdown names are read from ``folder``, unless it is None."""
        self.blocks: list[Block] = []
        self.warnings: list[str] = []
        self.counts: dict[int, str] = {}
        """Cells that show counts of people (``exact``), or numbers that may count people (``not known``)."""
        self._folder = folder
        self._cell = 0
        self._pictures: set[str] = set()
        self._attachments: Mapping[str, Mapping[str, str]] = {}

    def read_cell(self, cell: NotebookNode, number: int) -> None:
        """Add the blocks and warnings of one cell, and note in ``counts`` if it may show exact counts of people."""
        outputs = cell.get("outputs", [])
        self._cell = number
        self._pictures = set()
        self._attachments = cell.get("attachments", {})
        if cell.cell_type == "markdown":
            self._add_text(*prose.markdown_nodes(cell.source, self._read_picture))
        elif cell.cell_type == "raw" and cell.source.strip():
            self._warn_left_out("raw text")
        is_visible = False
        for output in outputs:
            length = len(self.blocks)
            self._add_output(output)
            is_visible |= len(self.blocks) > length and theme.BLOCKS_MIME not in output.get("data", {})
        for mark in (output.get("metadata", {}).get("rmrp", {}).get("people") for output in outputs):
            if mark and is_visible:
                self.counts[number] = mark
        if not self._pictures:
            for output in outputs:
                data = output.get("data", {})
                plain = data.get("text/plain", "")
                if len(data) == 1 and _OBJECT_TEXT_PATTERN.match(plain) and not plain.startswith("<IPython"):
                    self._warn_left_out(f"an object without a text ({_first_line(plain)})")

    def _add_output(self, output: NotebookNode) -> None:
        """Add one output. An error and stdout are texts. Stderr is left out with a warning."""
        if output["output_type"] == "error":
            self._add_text([prose.code_node(f"{output['ename']}: {output['evalue']}")])
        elif output["output_type"] == "stream" and output["name"] == "stderr":
            self._warn_left_out(f"text on stderr ({_first_line(output['text'])})")
        elif output["output_type"] == "stream":
            self._add_text(prose.plain_nodes(output["text"]))
        else:
            self._add_bundle(output["data"], output.get("metadata", {}))

    def _add_bundle(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Add the richest form of an output that a sheet can show.

        Figures for files and objects without a text add nothing. A widget, or a form that no sheet can show, is left
        out with a warning.
        """
        image = next((mime for mime in pictures.PICTURE_MIMES if mime in bundle), "")
        plain = bundle.get("text/plain", "")
        if theme.BLOCKS_MIME in bundle:
            self._add_package_blocks(bundle[theme.BLOCKS_MIME])
        elif theme.FIGURES_MIME in bundle:
            pass  # they go to files of their own
        elif WIDGET_MIME in bundle:
            self._warn_left_out(f"an ipywidget ({_first_line(plain) or 'without a text'})")
        elif image:
            self._add_picture(bundle[image], image, {**metadata.get(image, {}), **metadata.get("rmrp", {})})
        elif "text/markdown" in bundle:
            self._add_text(*prose.markdown_nodes(bundle["text/markdown"], self._read_picture))
        elif any(html := prose.html_nodes(bundle.get("text/html", ""), self._read_picture)):
            self._add_html(*html)
        elif plain.strip() and not _OBJECT_TEXT_PATTERN.match(plain):
            self._add_text(prose.plain_nodes(plain))
        elif unknown := [mime for mime in bundle if mime not in ("text/plain", "text/html")]:
            script = unknown == ["application/javascript"]
            self._warn_left_out("JavaScript" if script else f"an output of type {', '.join(unknown)}")

    def _add_html(self, nodes: list[prose.Node], left_out: Sequence[str]) -> None:
        """Add tables, and only the words of other HTML. Warn if a table is missing or shortened."""
        if nodes and not any(node["kind"] == "table" for node in nodes):
            self._warn("HTML that is not a table is carried as its words alone")
        for run in (run for node in nodes for run in node.get("runs", [])):
            if _SHORTENED_TABLE_PATTERN.fullmatch(run["text"]):
                self._warn(f"pandas shows only a part of its table ({run['text']}); see `display.max_rows`")
        self._add_text(nodes, left_out)

    def _add_text(self, nodes: list[prose.Node], left_out: Sequence[str] = ()) -> None:
        """Add nodes of text as one block, or the only node as a table. Warn about each omission."""
        if len(nodes) == 1 and nodes[0]["kind"] == "table":
            self._add("table", nodes[0]["view"])
        elif nodes:
            self._add("text", {"span": 12, "look": "prose", "nodes": nodes})
        for what in left_out:
            self._warn_left_out(what)

    def _add_package_blocks(self, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Add blocks that this package made, with safe SVG. Unknown kinds are left out with a warning."""
        for block in blocks:
            kind, view = str(block["kind"]), copy.deepcopy(block["view"])
            if kind not in theme.kinds():
                self._warn_left_out(f"a block of an unknown kind ({_first_line(kind)})")
                continue
            if svg := view.get("svg"):
                view["svg"] = pictures.safe_svg(svg, self._uid).svg
            self._add(kind, view, name=str(block.get("uid", "")), whole=len(blocks) > 1)

    def _add_picture(self, content: str, mime: str, description: Mapping[str, Any]) -> None:
        """Add a picture with its alternative text, once in a cell. If it has no text or is unreadable, only warn."""
        if content in self._pictures:  # a figure on the last line of its cell is shown twice
            return
        try:
            picture = pictures.picture(content, mime, self._uid)
        except ValueError as problem:
            self._warn_left_out(f"a picture ({problem})")
            return
        if alt := description.get("alt") or picture.words:
            self._pictures.add(content)
            self._add("chart", pictures.chart(picture, alt=alt, alt_drafted=description.get("alt_drafted", False)))
        else:
            advice = "give one with `Image(…, alt=…)`; for charts, import rmrp_analysis before drawing"
            self._warn(f"an image without alternative text is left out; {advice}")

    def _read_picture(self, address: str, alt: str) -> prose.Node | None:
        """Return a picture that Markdown or HTML names, or None without alternative text or if unreadable.

        The picture is attached to the cell, in the address, or next to the notebook.
        """
        content = self._attachments.get(address.removeprefix("attachment:"), {})
        if match := re.match(r"data:(image/[a-z+]+);base64,", address):
            content = {match[1]: address[match.end() :]}
        try:
            if self._folder and not content:
                content = pictures.read(self._folder, address)
            (mime, text), *_ = content.items()
            return pictures.chart(pictures.picture(text, mime, self._uid), alt=alt) if alt else None
        except ValueError:
            return None

    @property
    def _uid(self) -> str:
        """The id of the next block, from its cell and its position."""
        return f"cell-{self._cell}-{len(self.blocks)}"

    def _add(self, kind: str, view: Mapping[str, Any], *, name: str = "", whole: bool = False) -> None:
        """Add a block, named by a heading of its view if ``name`` is empty.

        Notes in ``counts`` if its numbers are unchecked. Warns if its alternative text is a draft.
        """
        name = name or view.get("kicker") or view.get("finding") or view.get("caption", "")
        if view.get("unchecked"):
            self.counts[self._cell] = UNKNOWN_STATE
        if view.get("alt_drafted"):
            self._warn(f"the alternative text of its chart is drafted: “{view['alt']}”")
        self.blocks.append({"kind": kind, "view": view, "uid": self._uid, "name": name, "whole": whole})

    def _warn_left_out(self, what: str) -> None:
        """Add the warning that this thing is left out."""
        self._warn(f"{what} is left out")

    def _warn(self, sentence: str) -> None:
        """Add a warning after the number of the cell."""
        self.warnings.append(f"cell {self._cell}: {sentence}")


def _split_sheets(blocks: list[Block], name: str) -> Iterator[list[Block]]:
    """Yield the blocks of each sheet, from its masthead on, and change the levels of headings.

    Blocks before the first masthead are moved after it. If there is no masthead, or one cell shows a whole sheet, they
    get a masthead of their own. Its title is the heading at their beginning, which is removed. Without a heading it is
    ``name``.
    """
    head = next((index for index, block in enumerate(blocks) if block["kind"] == "masthead"), None)
    if head is None or (head > 0 and blocks[head]["whole"]):
        translate = Translator(SOURCE_LANGUAGE if head is None else blocks[head]["view"]["lang"])
        title = name
        nodes = blocks[0]["view"].get("nodes", []) if blocks and _is_foreign(blocks[0]) else []
        if nodes and nodes[0]["kind"] == "heading":
            title = "".join(run["text"] for run in nodes.pop(0)["runs"])
            blocks = blocks if nodes else blocks[1:]
        view = prose.masthead(translate, title)
        blocks = [{"kind": "masthead", "view": view, "uid": "masthead", "name": "", "whole": False}, *blocks]
    else:
        blocks = [blocks[head], *blocks[:head], *blocks[head + 1 :]]
    starts = [index for index, block in enumerate(blocks) if block["kind"] == "masthead"]
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
        _order_headings(blocks[start:end])
        yield blocks[start:end]


def _order_headings(sheet: list[Block]) -> None:
    """Change the levels of the notebook's headings: from 2, and one level deeper at a time."""
    for is_foreign, blocks in groupby(sheet, key=_is_foreign):
        level = 1
        for block in blocks if is_foreign else ():
            if block["view"].get("finding") or block["view"].get("kicker"):
                level = 2
            for node in block["view"].get("nodes", []):
                if node["kind"] == "heading":
                    level = node["level"] = min(max(node["level"], 2), level + 1)


def _is_foreign(block: Block) -> bool:
    """Tell whether a block is an output of the notebook itself, not of a sheet."""
    view = block["view"]
    return block["kind"] in OUTPUT_BLOCK_KINDS and view.get("look", "prose") == "prose" and not view.get("form")


def _first_line(text: str) -> str:
    """Return the first line of a text that is not blank, shortened to 60 characters."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 60 else f"{line[:59]}…"
