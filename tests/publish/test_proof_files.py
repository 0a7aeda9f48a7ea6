"""What cannot be proofread is refused in one sentence, and a bomb before any of it is unpacked."""

import io
import re
import sys
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfWriter

import rmrp_analysis
from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.loaders.content import MAX_UNPACKED_BYTES
from rmrp_analysis.publish.proof.documents import MOST_BYTES, Passage, read_file_passages, read_passages

MIB = 2**20
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, *, times: int = 1, name: str = "word/document.xml") -> bytes:
    """An archive whose one part is this text of Word, or so many of it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as part:
        part.write(f'<w:document xmlns:w="{WORD}"><w:body>'.encode())
        for _ in range(times):
            part.write(body.encode())
        part.write(b"</w:body></w:document>")
    return file.getvalue()


def locked_zip() -> bytes:
    content = bytearray(docx("<w:p/>"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def pdf(password: str = "") -> bytes:
    """A PDF with an empty page, as a scanner makes one whose page is a picture."""
    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def mail(name: str, content: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Key figures"
    message.set_content("See the file.")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def entities() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
        archive.writestr("word/document.xml", f'<!DOCTYPE d [<!ENTITY l0 "ha">{lol}]><d>&l9;</d>')
    return file.getvalue()


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.txt", lambda: b" \n", "is empty"),
    "empty Word": ("a.docx", lambda: docx("<w:p/>"), "holds no text"),
    "bomb of blanks": ("a.docx", lambda: docx(" " * MIB, times=70), "unpack to"),
    "bomb of words": ("a.docx", lambda: docx("".join(f"<w:p>{n}</w:p>" for n in range(99999)), times=50), "too large"),
    "entities": ("a.docx", entities, "damaged, or of another format"),
    "nested": ("a.docx", lambda: docx("<w:x>" * 90000 + "</w:x>" * 90000), "in each other"),
    "archive": ("a.docx", lambda: docx("<w:p/>", name="readme.xml"), "zip archive without a text of Word"),
    "cut off": ("a.docx", lambda: docx("<w:p/>")[:200], "damaged, or of another format"),
    "locked archive": ("a.docx", locked_zip, "protected by a password"),
    "locked Word": ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "protected by a password"),
    "Word by the name of a text": ("a.txt", lambda: docx("<w:p/>"), "it is an archive"),
    "PDF by the name of Word": ("a.docx", pdf, "it is a PDF document"),
    "text by the name of PDF": ("a.pdf", lambda: b"4,910 people were reached.", "damaged, or of another format"),
    "cut off PDF": ("a.pdf", lambda: pdf()[:40], "damaged, or of another format"),
    "locked PDF": ("a.pdf", lambda: pdf("secret"), "protected by a password"),
    "nested tables": ("a.html", lambda: b"<table><tr><td>" * 3000 + b"4", "in each other"),
    "pictures": ("a.pdf", pdf, "its pages are pictures"),
    "UTF-16 without a mark": ("a.txt", lambda: "4,910 people".encode("utf-16-le"), "save it as UTF-8"),
    "binary": ("a.md", lambda: bytes(range(256)) * 20, "save it as UTF-8"),
    "picture": ("a.html", lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "it is a picture"),
    "bad file in a mail": ("a.eml", lambda: mail("b.pdf", b"nothing"), "b.pdf cannot be read as PDF"),
    "locked file in a mail": ("a.eml", lambda: mail("b.pdf", pdf("secret")), "b.pdf is protected by a password"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_refused_in_one_sentence(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, make, sentence = BAD[fault]
    content = make()
    if "bomb" in fault:
        monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(InputRefused) as refused:
        read_passages(content, name)
    said = str(refused.value)
    assert sentence in said
    assert "\n" not in said
    assert not any(word in said for word in ("Error", "Exception", "xml", "zlib", "stream", "codec"))


def test_a_file_that_is_not_there_or_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no such file"):
        read_file_passages(tmp_path / "a.txt")
    large = tmp_path / "a.txt"
    with large.open("wb") as file:
        file.truncate(MAX_UNPACKED_BYTES)  # takes no room on the disk
    with pytest.raises(InputRefused, match=f"at most {MOST_BYTES // MIB} MiB"):
        read_file_passages(large)


def test_advice_names_the_library_that_is_missing_and_not_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(RequestError, match=r"needs pypdf, which is not installed: pip install pypdf$"):
        read_passages(pdf(), "a.pdf")
    texts = (path.read_text("utf-8") for path in Path(rmrp_analysis.__file__).parent.rglob("*.p[yo]"))
    assert not [text for text in texts if re.search(r"pip install\W*rmrp", text)]  # it is on no index


def test_texts_of_windows_and_a_pdf_that_anybody_may_open_are_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert [each.text for each in read_passages("Región: 4.910 personas".encode(encoding), "a.txt")] == [
            "Región: 4.910 personas"
        ]


def test_a_mail_in_a_mail_is_read() -> None:
    inner = EmailMessage()
    inner["Subject"] = "4,910 people"
    inner.set_content("Reached.")
    outer = EmailMessage()
    outer["Subject"] = "Forwarded"
    outer.set_content("See below.")
    outer.add_attachment(inner, filename="b.eml")
    texts = [each for each in read_passages(outer.as_bytes(), "a.eml") if isinstance(each, Passage)]
    assert [each.text for each in texts] == ["Forwarded", "See below.", "4,910 people", "Reached."]
