"""A printed sheet stands on two pages in every language, with much to say and with little; its words stand apart."""

import re
import shutil
import subprocess
from functools import cache
from io import BytesIO
from itertools import combinations, pairwise, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pypdf import PdfReader

from conftest import count_at_once, sheet_of, structure
from notebook_page import page_of, showing
from rmrp_analysis import charts
from rmrp_analysis.arguments import Period
from rmrp_analysis.loaders import load_plan
from rmrp_analysis.page import Page
from rmrp_analysis.publish.documents.exporters import SheetPDFExporter
from rmrp_analysis.publish.run.report import warn_of_length

ROOT = Path(__file__).parents[2]
NARRATIVES = ROOT / "params" / "narratives" / "2021-end-of-year"
YEAR = Period(start="2021-01", end="2021-12")
PAGE_HEIGHT = 842
CAP_HEIGHT, BASELINE = 0.28, 0.24
"""What of a word's box lies above its capitals and below its baseline, as shares of the box."""

SHEETS = [
    ("Human Trafficking & Smuggling", "region"), ("Human Trafficking & Smuggling", "Caribbean"),
    ("Intersector", "region"), ("Intersector", "Colombia"), ("Intersector", "Central America & Mexico"),
    ("Multipurpose Cash Assistance", "Southern Cone"), ("Humanitarian Transportation", "region"),
    ("Nutrition", "Caribbean"), ("Common Services", "region"), ("Common Services", "Chile"),
]  # fmt: skip


class Word(NamedTuple):
    """A word of a page, in points from the top left: from capitals to baseline."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@cache
def bundled_plan() -> Any:
    plan = load_plan(ROOT / "data" / "rmrp-2021")
    count_at_once([plan.select(sector, place=platform, period=YEAR) for sector, platform in SHEETS])
    return plan


@cache
def printed(sector: str, platform: str, language: str, narratives: Path = NARRATIVES, organisation: str = "") -> bytes:
    figures = sheet_of(bundled_plan(), sector, platform=platform, period=YEAR)
    if organisation:
        figures = bundled_plan().select(sector, organisation=organisation, period=YEAR)
    title = "End of year 2021 key figures"
    sheet = page_of(figures, title=title, language=language, narratives=str(narratives))
    pdf, _ = SheetPDFExporter().from_notebook_node(showing(*sheet.blocks))
    return pdf


def words_of(pdf: bytes, tmp_path: Path) -> list[list[Word]]:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True)  # noqa: S607
    box = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
    return [[_word(*words) for words in box.findall(page)] for page in found.stdout.split("<page ")[1:]]


def _word(left: str, top: str, right: str, bottom: str, text: str) -> Word:
    height = float(bottom) - float(top)
    return Word(float(left), float(top) + CAP_HEIGHT * height, float(right), float(bottom) - BASELINE * height, text)


def overlap(one: Word, other: Word) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    return across > 0.8 and min(one.bottom, other.bottom) - max(one.top, other.top) > 0.8


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (poppler-utils)")
@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize(("sector", "platform"), SHEETS)
def test_a_sheet_is_on_two_pages_of_words_apart(tmp_path: Path, sector: str, platform: str, language: str) -> None:
    pdf = printed(sector, platform, language)
    pages = words_of(pdf, tmp_path)
    assert len(pages) <= (2 if platform == "region" else 1)
    assert len(pdf) <= 200_000
    for page in pages:
        assert min(word.left for word in page) > 40
        assert max(word.right for word in page) < 595 - 40
        edges = sorted(word.bottom for word in page)
        blanks = [below - above for above, below in pairwise(edges)]
        assert sorted(blanks)[-2] < PAGE_HEIGHT / 4  # but for the white with which a page of little text ends
        assert [(one.text, other.text) for one, other in combinations(page, 2) if overlap(one, other)] == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("sector", ["Intersector", "Health", "Common Services"])
def test_a_sheet_of_an_organisation_has_one_page(sector: str, language: str) -> None:
    pdf = printed(sector, "region", language, organisation="SA07")
    assert len(PdfReader(BytesIO(pdf)).pages) == 1


def test_text_that_is_too_long_runs_on_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "health.en.md").write_text("## Situation\n\n" + "Too many words. " * 300, encoding="utf-8")
    warnings = warn_of_length(printed("Health", "region", "en", narratives=tmp_path))
    assert warnings == ["its PDF has 3 pages in place of 2: shorten the texts about it, or take out blocks"]
    assert warn_of_length(printed("Health", "region", "en")) == []


@pytest.mark.parametrize("text", ["## When", "Words.\n\n## When", "## When\n\nEvery month counts."])
def test_a_heading_stands_on_the_page_of_the_chart_that_follows_it(tmp_path: Path, text: str) -> None:
    page = Page(bundled_plan().select("Health", platform="Peru"))
    page.text("Words.\n\n" * 30)
    page.text(text)
    page.chart(charts.bars(page.table("people_reached", "month")), kicker="What was reached")
    pages = [page.extract_text() for page in PdfReader(page.save(tmp_path / "own.pdf")).pages]
    assert [("When" in page, "What was reached" in page) for page in pages] == [(False, False), (True, True)]


def test_every_cell_of_a_table_names_the_header_of_its_row_and_column() -> None:
    rows = structure(printed("Human Trafficking & Smuggling", "region", "en"), "/TR")
    cells = [[cell.get_object() for cell in row["/K"]] for row in rows]
    below = [row for row in cells if row[0]["/A"][0]["/Scope"] == "/Row"]
    assert len(below) > 15
    for header, *others in below:
        assert header["/S"] == "/TH"
        assert [cell["/S"] for cell in others] == ["/TD"] * len(others)
        assert all(cell["/A"][0]["/Headers"][-1] == header["/ID"] for cell in others)
        assert all(len(cell["/A"][0]["/Headers"]) == 2 for cell in others)


def spoken(pdf: bytes, tmp_path: Path) -> list[tuple[int, str]]:
    """The structure of a PDF as poppler reads it: how deep each line is, and an element or a text in quotes."""
    path = tmp_path / "sheet.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, check=True)  # noqa: S607
    read = found.stdout.decode("utf-8", errors="replace")  # alternative texts are in another encoding
    lines = [line for line in read.splitlines() if line.strip() and not line.strip().startswith("/")]
    return [(len(line) - len(line.lstrip()), line.strip()) for line in lines]


def texts_of(lines: list[tuple[int, str]]) -> list[str]:
    quoted = [text.strip('"') for _, text in lines if text.startswith('"')]
    return [" ".join(text.split()) for text in quoted]


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="needs pdfinfo (poppler-utils)")
@pytest.mark.parametrize(
    ("language", "pairs"),
    [
        ("en", ("People in need", "504 K", "People reached", "4.91 K", "Reporting partners", "7", "Funded", "$1.47 M")),
        ("es", ("Personas alcanzadas", "4910", "Socios que reportan", "7", "Financiado", "USD 1,47 M")),
        ("pt", ("Pessoas alcançadas", "4910", "Parceiros que reportam", "7", "Financiado", "US$ 1,47 mi")),
    ],
)
def test_a_voice_says_what_a_number_is_before_the_number(tmp_path: Path, language: str, pairs: tuple[str, ...]) -> None:
    texts = texts_of(spoken(printed("Human Trafficking & Smuggling", "region", language), tmp_path))
    for name, number in zip(pairs[::2], pairs[1::2], strict=True):
        assert texts[texts.index(name) + 1] == number


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="needs pdfinfo (poppler-utils)")
def test_a_big_number_is_one_item_with_its_name_and_a_table_has_its_caption(tmp_path: Path) -> None:
    lines = spoken(printed("Human Trafficking & Smuggling", "region", "en"), tmp_path)
    said = []
    for start, (depth, text) in enumerate(lines):
        if text.startswith("LI "):
            inside = takewhile(lambda line, depth=depth: line[0] > depth, lines[start + 1 :])
            said.append(" ".join(texts_of(list(inside))))
    assert said[:3] == ["People in need 504 K", "People targeted 14.3 K", "People reached 4.91 K"]
    assert {"Funded $1.47 M 8%", "Reporting partners 7"} <= {" ".join(text.split()) for text in said}
    tables = [start for start, (_, text) in enumerate(lines) if text.startswith("Table")]
    captions = [texts_of(lines[start : start + 4])[0] for start in tables if lines[start + 1][1] == "Caption"]
    assert captions == [
        "People reached and designated funding by national and sub-regional platform*; most people first",
        "People reached, by population group; hatched: not sure",
        "People reached, by age and gender",
        "Funding, by donor*, as of 31 December 2021",
    ]
    assert len(captions) == len(tables)


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="needs pdfinfo (poppler-utils)")
@pytest.mark.parametrize(
    ("sector", "platform", "lists"), [("Human Trafficking & Smuggling", "region", 6), ("Common Services", "Chile", 5)]
)
def test_the_structure_of_a_sheet_has_lists_and_nothing_empty(
    tmp_path: Path, sector: str, platform: str, lists: int
) -> None:
    elements = structure(printed(sector, platform, "en"))
    kinds = [element["/S"] for element in elements]
    assert not {"/Div", "/NonStruct"} & set(kinds)
    assert [element["/S"] for element in elements if element.get("/K", []) == []] == []
    assert kinds.count("/L") == lists  # people (where they are known), money, partners, organisations, method, sources
    for item in (element for element in elements if element["/S"] == "/LI"):
        assert [part.get_object()["/S"] for part in item["/K"]] in (["/LBody"], ["/Lbl", "/LBody"])
