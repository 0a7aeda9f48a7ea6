"""What a notebook shows, as blocks in its order, and what of it cannot be carried."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from nbformat import NotebookNode

from rmrp_analysis import theme
from rmrp_analysis.theme import pictures, prose, tables
from rmrp_analysis.words import SOURCE_LANGUAGE, Words

LAB_ONLY = "lab-only"
"""Cells with this tag are for the notebook itself; what they show is not exported."""
ADDED = frozenset({"injected-parameters", "papermill-error-cell-tag"})
"""Cells with these tags are papermill's: they show nothing and do not count."""

FIGURES_MIME = "application/vnd.rmrp.figures+json"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
SVG_MIME = "image/svg+xml"
PICTURES = (SVG_MIME, *pictures.RASTERS)
FOREIGN = frozenset({"prose", "table", "chart"})
"""Kinds of block that any output may become."""

_OBJECT = re.compile(r"(?:array\()?[\[(]*(?:<|Text\()")
"""How Python begins to say what has no text: ``<Axes: xlabel='month'>``, ``[<Line2D at 0x7f…>]``."""

_VISIBLE = re.compile("<(?:img|svg|iframe|video|audio|canvas|object)")

Block = dict[str, Any]


@dataclass
class Shown:
    """The sheets of a document, each a list of blocks that a masthead opens; and warnings, by cell."""

    sheets: list[list[Block]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def masthead(self) -> Mapping[str, Any]:
        """The view of the first masthead: title and language of the document."""
        return dict(self.sheets[0][0]["view"])

    @property
    def foreign(self) -> bool:
        """Whether there is more than blocks of sheets."""
        return any(block["kind"] in FOREIGN for sheet in self.sheets for block in sheet)


def shown(notebook: NotebookNode, name: str) -> Shown:
    """All that a notebook shows; ``name`` is the title of one that has neither a masthead nor a heading."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    parts = [part for output in outputs for part in output.get("data", {}).get(theme.BLOCKS_MIME, [])]
    language = next((part["view"]["lang"] for part in parts if part["kind"] == "masthead"), SOURCE_LANGUAGE)
    reading = _Reading(Words(language))
    number = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        number += not ADDED.intersection(tags)
        if not {LAB_ONLY, *ADDED}.intersection(tags):
            reading.read(cell, number)
    sheets = list(_sheets(reading.blocks, name, reading.words))
    for sheet in sheets:
        _order_headings(sheet)
    return Shown(sheets, reading.warnings)


class _Reading:
    """A notebook being read: its blocks and warnings so far."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.blocks: list[Block] = []
        self.warnings: list[str] = []
        self._cell = self._numbered = 0
        self._pictures: set[str] = set()
        self._draws = False

    def read(self, cell: NotebookNode, number: int) -> None:
        """Take what one cell shows."""
        outputs = list(_merged(cell.get("outputs", [])))
        self._cell, self._pictures = number, set()
        self._draws = any(mime.startswith("image/") for output in outputs for mime in output.get("data", {}))
        if cell.cell_type == "markdown":
            self._markdown(cell.source, cell.get("attachments", {}))
        elif cell.cell_type == "raw" and cell.source.strip():
            self._leave("raw text")
        for output in outputs:
            self._output(output)

    def _output(self, output: Mapping[str, Any]) -> None:
        match output["output_type"]:
            case "stream" if output["name"] == "stderr":
                self._leave(f"text on stderr ({_first_line(output['text'])})")
            case "stream":
                self._prose(prose.plain_nodes(output["text"]))
            case "error":
                self._prose([prose.code_node(f"{output['ename']}: {output['evalue']}")])
            case _:
                bundle = {mime: _joined(content) for mime, content in output["data"].items()}
                self._bundle(bundle, output.get("metadata", {}))

    def _bundle(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        if theme.BLOCKS_MIME in bundle:
            self._own(bundle[theme.BLOCKS_MIME])
        elif FIGURES_MIME not in bundle:  # it goes to files of its own
            self._foreign(bundle, metadata)

    def _foreign(self, bundle: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """The richest form that can be carried."""
        image = next((mime for mime in PICTURES if mime in bundle), "")
        views, beside = tables.html_tables(bundle.get("text/html", ""))
        plain = bundle.get("text/plain", "")
        if WIDGET_MIME not in bundle and image:
            self._picture(bundle[image], image, metadata)
        elif WIDGET_MIME not in bundle and views:
            self._tables(views, beside)
        elif WIDGET_MIME not in bundle and "text/markdown" in bundle:
            self._markdown(bundle["text/markdown"], {})
        elif WIDGET_MIME not in bundle and plain.strip() and not _OBJECT.match(plain):
            self._prose(prose.plain_nodes(plain))
            if richer := [mime for mime in bundle if mime != "text/plain"]:
                self._warn(f"an output of type {', '.join(richer)} is carried as its plain text")
        elif what := _uncarried(bundle, beside, beside_a_picture=self._draws):
            self._leave(what)

    def _tables(self, views: list[dict[str, Any]], beside: str) -> None:
        for view in views:
            self.blocks.append(self._block("table", self._labelled(view)))
            if view["note"]:
                self._warn(f"pandas shows only a part of its table ({view['note']}); see `display.max_rows`")
            if view["left_out"]:
                self._leave(view["left_out"])
        if beside:
            self._leave(f"the text beside its table ({_first_line(beside)})")

    def _labelled(self, view: dict[str, Any]) -> dict[str, Any]:
        """A table with what a voice calls it, and what stands over each part of one that is wider than a page."""
        self._numbered += 1
        continued = self.words("Columns {first} to {last} of {all}", first="{first}", last="{last}", all="{all}")
        return view | {"label": self.words("Table {number}", number=str(self._numbered)), "continued": continued}

    def _own(self, parts: Sequence[Mapping[str, Any]]) -> None:
        for part in parts:
            kind, view, uid = str(part["kind"]), dict(part["view"]), str(part["uid"])
            if kind not in theme.kinds():
                self._leave(f"a block of an unknown kind ({_first_line(kind)})")
                continue
            if svg := view.get("svg"):
                view["svg"] = pictures.safe_svg(svg, f"cell-{self._cell}-{len(self.blocks)}").svg
            self._tell_drafted(view)
            self.blocks.append({"kind": kind, "view": view, "uid": uid, "whole": len(parts) > 1})

    def _picture(self, content: str, mime: str, metadata: Mapping[str, Any]) -> None:
        if content in self._pictures:  # a figure that is the last line of its cell is shown at the end of it once more
            return
        try:
            picture = self._read_picture(content, mime)
        except ValueError as problem:
            self._leave(f"a picture ({problem})")
            return
        drawn = metadata.get("rmrp", {})
        alt = drawn.get("alt") or metadata.get(mime, {}).get("alt") or metadata.get("alt") or picture.words
        if not alt:
            self._leave(
                "an image without alternative text",
                "give one with `Image(…, alt=…)`; for charts, import rmrp_analysis before drawing",
            )
            return
        view = pictures.chart(picture, alt=alt, alt_drafted=drawn.get("alt_drafted", False))
        self._tell_drafted(view)
        self._pictures.add(content)
        self.blocks.append(self._block("chart", view))

    def _read_picture(self, content: str, mime: str) -> pictures.Picture:
        if mime == SVG_MIME:
            return pictures.safe_svg(content, f"cell-{self._cell}-{len(self.blocks)}")
        return pictures.embedded(content, mime)

    def _tell_drafted(self, view: Mapping[str, Any]) -> None:
        if view.get("alt_drafted"):
            self._warn(f"the alternative text of its chart is drafted: “{view['alt']}”")

    def _markdown(self, text: str, attachments: Mapping[str, Mapping[str, str]]) -> None:
        def picture_of(address: str, alt: str) -> prose.Node | None:
            content = attachments.get(address.removeprefix("attachment:"), {})
            mime = next((mime for mime in PICTURES if mime in content), "")
            if not alt or not mime:
                return None
            try:
                return {"kind": "picture", "view": pictures.chart(self._read_picture(content[mime], mime), alt=alt)}
            except ValueError:
                return None

        nodes, left_out = prose.markdown_nodes(_joined(text), picture_of)
        self._prose(nodes)
        for what in left_out:
            self._leave(what)

    def _prose(self, nodes: list[prose.Node]) -> None:
        for node in nodes:
            if node["kind"] == "table":
                node["view"] = self._labelled(node["view"])
        if nodes:
            self.blocks.append(self._block("prose", prose.prose(nodes)))

    def _block(self, kind: str, view: Mapping[str, Any]) -> Block:
        return {"kind": kind, "view": view, "uid": f"cell-{self._cell}-{len(self.blocks)}", "whole": False}

    def _leave(self, what: str, advice: str = "") -> None:
        self._warn(f"{what} is left out{f'; {advice}' if advice else ''}")

    def _warn(self, sentence: str) -> None:
        self.warnings.append(f"cell {self._cell}: {sentence}")


def _uncarried(bundle: Mapping[str, Any], words: str, *, beside_a_picture: bool) -> str:
    """What is to be said of an output that no form can carry; nothing where a reader misses nothing."""
    html, plain = bundle.get("text/html", ""), bundle.get("text/plain", "")
    if WIDGET_MIME in bundle:
        return f"an ipywidget ({_first_line(plain) or 'without a text'})"
    if words or _VISIBLE.search(html):
        return f"HTML that is not a table ({_first_line(words) or 'without a text'})"
    if "<script" in html or "application/javascript" in bundle:
        return "JavaScript"
    if unknown := [mime for mime in bundle if mime not in ("text/plain", "text/html")]:
        return f"an output of type {', '.join(unknown)}"
    if plain and not beside_a_picture and not plain.startswith("<IPython"):
        return f"an object without a text ({_first_line(plain)})"
    return ""


def _sheets(blocks: list[Block], name: str, words: Words) -> Iterator[list[Block]]:
    """The blocks by the masthead they stand under.

    What comes before a masthead follows it; before a whole sheet that is shown in one go, it has a masthead of its own.
    """
    at = next((place for place, block in enumerate(blocks) if block["kind"] == "masthead"), None)
    if at is None or (at > 0 and blocks[at]["whole"]):
        blocks = [_masthead(blocks, name, words), *blocks]
    else:
        blocks = [blocks[at], *blocks[:at], *blocks[at + 1 :]]
    opening = [place for place, block in enumerate(blocks) if block["kind"] == "masthead"]
    for start, end in zip(opening, [*opening[1:], len(blocks)], strict=True):
        yield blocks[start:end]


def _masthead(blocks: list[Block], name: str, words: Words) -> Block:
    """A masthead with the first heading of the notebook, which no longer stands in the text."""
    title = name
    nodes: list[prose.Node] = blocks[0]["view"]["nodes"] if blocks and blocks[0]["kind"] == "prose" else []
    if nodes and nodes[0]["kind"] == "heading":
        title = "".join(run["text"] for run in nodes.pop(0)["runs"])
        if not nodes:
            blocks.pop(0)
    view = {
        "block": "masthead",
        "span": 12,
        "period": "",
        "scope": "",
        "sector": title,
        "plan": "",
        "title": title,
        "status": "",
        "lang": words.language,
        "page": words("Page {page} / {pages}", page="{page}", pages="{pages}"),
        "languages": [],
    }
    return {"kind": "masthead", "view": view, "uid": "masthead", "whole": False}


def _order_headings(sheet: list[Block]) -> None:
    """Headings of Markdown begin below the title, and go one level deeper at a time."""
    for foreign, blocks in groupby(sheet, key=lambda block: block["kind"] in FOREIGN):
        level = 1
        for block in blocks if foreign else ():
            if block["kind"] != "prose":
                level = 2 if block["view"]["kicker"] or block["view"]["finding"] else level
            for node in block["view"].get("nodes", []):
                if node["kind"] == "heading":
                    level = node["level"] = min(max(node["level"], 2), level + 1)


def _merged(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The outputs of a cell; what was printed in pieces is one text."""
    for name, group in groupby(outputs, key=lambda output: output.get("name", "") if "text" in output else ""):
        if name:
            yield {"output_type": "stream", "name": name, "text": "".join(_joined(output["text"]) for output in group)}
        else:
            yield from group


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 60 else f"{line[:59]}…"


def _joined(content: Any) -> Any:
    """A notebook file keeps a text as a list of lines."""
    return "".join(content) if isinstance(content, list) and all(isinstance(line, str) for line in content) else content
