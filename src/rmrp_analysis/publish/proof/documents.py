"""Reads the passages of a press release, mail, report or page in any usual format."""

import codecs
import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path, PurePath
from typing import Any
from xml.etree.ElementTree import Element

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from defusedxml.ElementTree import fromstring
from markdown_it import MarkdownIt

from rmrp_analysis.errors import InputRefused, RequestError, RmrpError, did_you_mean
from rmrp_analysis.loaders.content import check_ratio
from rmrp_analysis.words import N_

INLINE_HTML_TAGS = {
    "a",
    "abbr",
    "b",
    "bdi",
    "br",
    "cite",
    "code",
    "em",
    "font",
    "i",
    "mark",
    "q",
    "s",
    "small",
    "span",
    "strong",
}
"""HTML elements inside a paragraph, which do not end it."""
INLINE_HTML_TAGS |= {"sub", "sup", "time", "u", "wbr"}
IGNORED_HTML_SELECTORS = ["head > *:not(title)", "script", "style", "template", "nav", "svg", "[hidden]"]
"""CSS selectors of the elements of a page that readers do not see as text."""
LINE_LABEL, PAGE_LABEL, PARAGRAPH_LABEL = N_("line {number}"), N_("page {number}"), N_("paragraph {number}")
"""The words of a message for the place of a passage: its line, page or paragraph."""
WORD_XML_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MOST_BYTES = 64 * 2**20
"""The largest document, in bytes. Texts for readers are smaller, and the memory of an office computer is limited."""
TOO_LARGE_FAULT = f"is too large: a document of text has at most {MOST_BYTES // 2**20} MiB"
"""The fault of a document of more than ``MOST_BYTES``, after its name."""
TOO_DEEP_FAULT = "cannot be read: its parts lie in each other more deeply than in any document"
"""The fault of a document with too deeply nested parts, after its name."""
MAX_TABLE_DEPTH = 30
"""The depth of nested tables that is accepted. Mails of newsletters nest some tables."""
LOCKED_FAULT = "is protected by a password; save it without one"
"""The fault of a document that is protected by a password, after its name."""
FORMAT_BY_SIGNATURE: Mapping[bytes, str] = {
    b"PK": "an archive, as documents of Word, workbooks and presentations are",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "protected by a password, or of an old format (.doc); save it as .docx without a password",
    b"\x1f\x8b": "packed with gzip",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
"""The format of a file, in words, by its first bytes."""
SUFFIXES_BY_FORMAT: Mapping[str, tuple[str, ...]] = {
    FORMAT_BY_SIGNATURE[b"PK"]: (".docx",),
    FORMAT_BY_SIGNATURE[b"%PDF"]: (".pdf",),
}
"""The suffixes that a file of a format may have, by the words for the format."""
PYPDF_NEEDED_MESSAGE = N_("reading PDF needs pypdf, which is not installed: pip install pypdf")
"""The message if the library that reads PDF is not installed."""
MIN_CONTINUED_LINE_LETTERS = 50
"""Letters of a line of a PDF. A longer line without a full stop at its end continues in the next line."""
MIN_CHART_LINE_SPACES = 6
"""Spaces in a line of a PDF without a word. With so many spaces it belongs to a chart, and its numbers are not one
number."""


@dataclass(frozen=True)
class Passage:
    """A paragraph, heading or row of a document, and its place for messages, such as the ``number``-th line."""

    text: str
    place: str
    number: int
    file: str = ""


def read_file_passages(path: Path) -> list[Passage]:
    """Read the passages of a file. Raises as ``read_passages``, and ``InputRefused`` for a missing or large file."""
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise InputRefused(f"{path.name} {TOO_LARGE_FAULT}")
    return read_passages(path.read_bytes(), path.name)


def read_passages(content: bytes, name: str) -> list[Passage]:
    """Read the passages in the content of a file of this name.

    Raises ``RequestError`` for a suffix that is not read, or if pypdf is not installed. Raises ``InputRefused`` for a
    file that is empty, damaged, locked, too large, of another format than its suffix, or without text.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in READER_BY_SUFFIX:
        raise RequestError(f"{name}: this format is not read; {did_you_mean(suffix, READER_BY_SUFFIX)}")
    kind = next((kind for signature, kind in FORMAT_BY_SIGNATURE.items() if content.startswith(signature)), "")
    if not content.strip():
        raise InputRefused(f"{name} is empty")
    if kind and suffix not in SUFFIXES_BY_FORMAT.get(kind, ()):
        raise InputRefused(f"{name} cannot be read as {suffix[1:].upper()}: it is {kind}")
    try:
        if suffix == ".docx":
            _check_archive(content, name)
        passages = [passage for passage in READER_BY_SUFFIX[suffix](content) if passage.text.strip()]
    except _Unreadable as problem:
        raise InputRefused(f"{name} {problem}") from None
    except RmrpError:
        raise
    except RecursionError:
        raise InputRefused(f"{name} {TOO_DEEP_FAULT}") from None
    except Exception:  # whatever a library says of a file that is not as it should be
        advice = "it is damaged, or of another format; save it anew"
        raise InputRefused(f"{name} cannot be read as {suffix[1:].upper()}: {advice}") from None
    if not passages:
        advice = "; its pages are pictures: recognise their text first, or paste it into a .txt" * (suffix == ".pdf")
        raise InputRefused(f"{name} holds no text{advice}")
    return passages


class _Unreadable(Exception):
    """A fault of a file, as the end of a sentence. The sentence begins with the file's name, which the caller knows."""


def _check_archive(content: bytes, name: str) -> None:
    """Raise an error if a Word file cannot be read, before anything is unpacked.

    Raises ``_Unreadable`` if it is too large, locked, or without a text part. Raises ``InputRefused`` for a zip bomb.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts if part.filename.endswith(".xml"))
    check_ratio(name, len(content), unpacked)
    if unpacked > MOST_BYTES:
        raise _Unreadable(TOO_LARGE_FAULT)
    if any(part.flag_bits & 1 for part in parts):
        raise _Unreadable(LOCKED_FAULT)
    if "word/document.xml" not in {part.filename for part in parts}:
        raise _Unreadable("cannot be read as DOCX: it is a zip archive without a text of Word")


def read_text(text: str) -> Iterator[Passage]:
    """Yield the paragraphs and the items of lists in a plain text, each with its first line number.

    Its lines stay lines, without blanks and quotation marks of mails (``>``) at their start.
    """
    lines: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        line = re.sub(r"^[>\s]+", "", line)
        if lines and (not line or re.match(r"(?:[-*•–]|\(?\d{1,2}[.)])\s", line)):
            yield Passage("\n".join(lines), LINE_LABEL, number - len(lines))
            lines = []
        if line:
            lines.append(line)


def read_html(html: str | bytes) -> Iterator[Passage]:
    """Yield the paragraphs of a page, and each row of its tables, with line numbers.

    Elements that readers do not see are left out. Raises ``_Unreadable`` for too deeply nested tables.
    """
    soup = BeautifulSoup(html, "html.parser")
    for part in soup.select(", ".join(IGNORED_HTML_SELECTORS)):
        part.decompose()
    tables = soup.find_all("table")
    if any(len(table.find_parents("table", limit=MAX_TABLE_DEPTH)) == MAX_TABLE_DEPTH for table in tables):
        raise _Unreadable(TOO_DEEP_FAULT)
    for table in tables:
        rows = table.find_all("tr")
        cells = [[" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])] for row in rows]
        for row, joined in zip(rows, _join_cells(cells), strict=True):
            row.string = joined
    parts: dict[int, tuple[Tag, list[str]]] = {}
    for string in soup.find_all(string=True):
        block = next((parent for parent in string.parents if parent.name not in INLINE_HTML_TAGS), soup)
        if type(string) is NavigableString:
            parts.setdefault(id(block), (block, []))[1].append(string)
    for block, texts in parts.values():
        if text := " ".join("".join(texts).split()):
            yield Passage(text, LINE_LABEL, block.sourceline or 1)


def _join_cells(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield each row of a table as a text, with a semicolon between cells.

    Cells after the first are written as *header: cell*.

    The header is the first row with several cells. If it has a digit, there is no header. Cells stand alone if there is
    no header, in the header itself, and in a row of another length.
    """
    head = next((row for row in rows if len(row) > 1), ())
    head = () if any(re.search(r"\d", name) for name in head) else head
    for row in rows:
        has_header = row != head and len(row) == len(head)
        cells = [f"{name}: {cell}" if has_header else cell for name, cell in zip(head or row, row, strict=False)]
        yield "; ".join([*row[:1], *cells[1:]] if has_header else row)


def read_markdown(content: bytes) -> Iterator[Passage]:
    """Yield the paragraphs and table rows of a Markdown text, numbered."""
    html = MarkdownIt("commonmark").enable("table").render(_decode_text(content))
    for number, passage in enumerate(read_html(html), start=1):
        yield replace(passage, place=PARAGRAPH_LABEL, number=number)


def read_word(content: bytes) -> Iterator[Passage]:
    """Yield the paragraphs and table rows of a Word document, then of its notes, numbered."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        notes = [name for name in file.namelist() if re.fullmatch(r"word/(foot|end)notes.*\.xml", name)]
        names = ["word/document.xml", *notes]
        texts = [text for name in names for text in _list_word_texts(fromstring(file.read(name)))]
    for number, text in enumerate(texts, start=1):
        yield Passage(text, PARAGRAPH_LABEL, number)


def _list_word_texts(element: Element) -> Iterator[str]:
    """Yield the text of each paragraph and table row in an element of Word's XML."""
    for child in element:
        if child.tag == f"{WORD_XML_NAMESPACE}p":
            yield _join_runs(child)
        elif child.tag == f"{WORD_XML_NAMESPACE}tbl":
            rows = [
                [
                    " ".join(map(_join_runs, cell.iter(f"{WORD_XML_NAMESPACE}p")))
                    for cell in row.iter(f"{WORD_XML_NAMESPACE}tc")
                ]
                for row in child.iter(f"{WORD_XML_NAMESPACE}tr")
            ]
            yield from _join_cells(rows)
        else:
            yield from _list_word_texts(child)


def _join_runs(paragraph: Element) -> str:
    """Join the texts of a paragraph of Word, with hyphens and line breaks. A tab becomes a blank."""
    signs = {
        f"{WORD_XML_NAMESPACE}tab": " ",
        f"{WORD_XML_NAMESPACE}br": "\n",
        f"{WORD_XML_NAMESPACE}noBreakHyphen": "-",
    }
    runs = (run for run in paragraph.iter() if run.tag in signs or run.tag == f"{WORD_XML_NAMESPACE}t")
    return "".join(signs.get(run.tag, run.text or "") for run in runs)


def read_mail(content: bytes) -> Iterator[Passage]:
    """Yield the subject of a mail (empty without one), its text, and the passages of attached files.

    HTML is read only if there is no plain text. An attached file of a format that is not read is left out. Raises as
    ``read_passages`` for an attached file that cannot be read.
    """
    mail = message_from_bytes(content, policy=policy.default)
    body: Any = mail.get_body(("plain", "html"))
    yield Passage(str(mail["subject"] or ""), LINE_LABEL, 1)
    if body:
        text = body.get_content()
        yield from read_html(text) if body.get_content_subtype() == "html" else read_text(text)
    for attached in mail.iter_attachments():
        name = attached.get_filename() or ""
        if PurePath(name).suffix.lower() in READER_BY_SUFFIX:
            payload: Any = attached.get_payload()
            file: Any = payload[0].as_bytes() if isinstance(payload, list) else attached.get_payload(decode=True)
            yield from (replace(passage, file=name) for passage in read_passages(file, name))


def read_pdf(content: bytes) -> Iterator[Passage]:
    """Yield the paragraphs of each page of a PDF, with the page number.

    Raises ``RequestError`` without pypdf, and ``_Unreadable`` for a locked file. Turns off the log of pypdf.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, FileNotDecryptedError
    except ModuleNotFoundError:
        raise RequestError(PYPDF_NEEDED_MESSAGE) from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its messages on a bad file are replaced by ours
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Unreadable(LOCKED_FAULT)
        pages = [pdf_page.extract_text() for pdf_page in reader.pages]
    except (DependencyError, FileNotDecryptedError):
        raise _Unreadable(LOCKED_FAULT) from None
    for number, page in enumerate(pages, start=1):
        paragraph = ""
        for line in page.splitlines():
            if not re.search(r"[^\W\d_]", line) and line.count(" ") >= MIN_CHART_LINE_SPACES:
                line = "; ".join(line.split(" "))
            paragraph = f"{paragraph} {line.strip()}".strip()
            if not (
                line.endswith(" ")
                or (len(line) > MIN_CONTINUED_LINE_LETTERS and not line.rstrip().endswith((".", ":", "!", "?")))
            ):
                yield Passage(paragraph, PAGE_LABEL, number)
                paragraph = ""
        yield Passage(paragraph, PAGE_LABEL, number)


def _decode_text(content: bytes) -> str:
    """Decode UTF-8, UTF-16 with its mark, or cp1252. Raise ``_Unreadable`` for other texts with zero bytes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if b"\0" in content:
        raise _Unreadable(
            "cannot be read as text: its letters are in an unusual encoding, or it is none; save it as UTF-8"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


READER_BY_SUFFIX: Mapping[str, Callable[[bytes], Iterable[Passage]]] = {
    ".txt": lambda content: read_text(_decode_text(content)),
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".eml": read_mail,
    ".docx": read_word,
    ".pdf": read_pdf,
}
"""The function that reads a format, by the suffix of the file."""
