"""Small workbooks of every format that spreadsheet programs write, made byte by byte where no library makes them."""

import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

Cell = str | float
Rows = Sequence[Sequence[Cell]]
FREE, END_OF_CHAIN, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xlsx(path: Path, rows: Rows) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)


def xlsm(path: Path, rows: Rows) -> None:
    """A workbook whose content type is that of one with macros."""
    xlsx(path.with_suffix(".xlsx"), rows)
    with zipfile.ZipFile(path.with_suffix(".xlsx")) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for part in plain.namelist():
            content = plain.read(part)
            own = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
            book.writestr(part, content.replace(own, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"))


def ods(path: Path, rows: Rows, blanks: str = "") -> None:
    """A workbook of OpenDocument; ``blanks`` are rows in XML that stand between the header and the others."""
    cells = {
        str: lambda cell: f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p>',
        float: lambda cell: (
            f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p>'
        ),
    }
    lines = [
        "<table:table-row>"
        + "".join(cells[type(cell)](cell) + "</table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    ]
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{lines[0]}{blanks}{"".join(lines[1:])}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entries = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", kind)
        book.writestr("content.xml", content)
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        book.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{space}">{entries}</m:manifest>')


def xlsb(path: Path, rows: Rows, first_line: int = 1) -> None:
    """A binary workbook ([MS-XLSB]); the rows below the header begin on another line than 2 where that is asked for."""

    def record(kind: int, content: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        size, sizes = len(content), b""
        while size > 127:
            size, sizes = size >> 7, sizes + bytes([size & 127 | 128])
        return number + sizes + bytes([size]) + content

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(column: int, content: Cell) -> bytes:
        place = struct.pack("<II", column, 0)
        if isinstance(content, str):
            return record(6, place + wide(content))
        return record(5, place + struct.pack("<d", content))

    lines = b""
    for number, row in enumerate(rows):
        line = number + (first_line - 1 if number else 0)
        lines += record(0, struct.pack("<IIHBBBI", line, 0, 300, 0, 0, 0, 0))
        lines += b"".join(cell(column, content) for column, content in enumerate(row))
    extent = struct.pack("<IIII", 0, len(rows) + first_line, 0, len(rows[0]))
    sheet = record(129) + record(148, extent) + record(145) + lines + record(146) + record(130)
    bundle = record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Data"))
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.bin"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.bin", record(131) + record(143) + bundle + record(144) + record(132))
        book.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{package}">{relation}</Relationships>')
        book.writestr("xl/worksheets/sheet1.bin", sheet)


def xls(path: Path, rows: Rows) -> None:
    """A workbook of Excel 97 ([MS-XLS]) in a compound file ([MS-CFB])."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def cell(line: int, column: int, content: Cell) -> bytes:
        place = struct.pack("<HHH", line, column, 0)
        if isinstance(content, str):
            return record(0x204, place + struct.pack("<HB", len(content), 1) + content.encode("utf-16-le"))
        return record(0x203, place + struct.pack("<d", content))

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1997, 0, 0))

    end = record(0xA, b"")
    sheet = begin(0x10)
    sheet += b"".join(cell(line, at, content) for line, row in enumerate(rows) for at, content in enumerate(row)) + end
    before = len(begin(5) + record(0x85, bytes(8) + b"Data") + end)
    stream = begin(5) + record(0x85, struct.pack("<IBBBB", before, 0, 0, 4, 0) + b"Data") + end + sheet
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    fat = [FAT_SECTOR, END_OF_CHAIN, *range(3, 2 + sectors), END_OF_CHAIN]

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        spelt = name.encode("utf-16-le")
        head = spelt.ljust(64, b"\0") + struct.pack("<HBBIII", len(spelt) + 2, kind, 1, FREE, FREE, child)
        return head + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, END_OF_CHAIN, 0) + entry("Workbook", 2, FREE, 2, len(stream))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    head += struct.pack("<109I", 0, *[FREE] * 108)
    table = struct.pack("<128I", *fat, *[FREE] * (128 - len(fat)))
    path.write_bytes(head + table + directory.ljust(512, b"\0") + stream)


WRITERS: Mapping[str, Callable[[Path, Rows], None]] = {
    ".xlsx": xlsx, ".xlsm": xlsm, ".xlsb": xlsb, ".ods": ods, ".xls": xls,
}  # fmt: skip
