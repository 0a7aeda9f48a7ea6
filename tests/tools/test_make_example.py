"""The example in ``docs/`` and README's picture say what a run of the bundled plan says today."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from pypdf import PdfReader

import make_example

FOLDER = make_example.DOCS / "example" / make_example.RUN
EDITION = re.compile(r"Edition [0-9a-f]{8}")  # moves with every change of the code


def words(html: str) -> str:
    """All that a sheet says."""
    text = BeautifulSoup(html, "html.parser").select_one("main").parent.get_text(" ", strip=True)
    return " ".join(text.split())


@pytest.fixture(scope="module")
def example() -> str:
    return (FOLDER / f"{make_example.SHEET}.html").read_text("utf-8")


def test_the_example_says_what_the_run_says_today(example: str, tmp_path: Path) -> None:
    page = make_example.make_sheet(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in FOLDER.iterdir())
    today = words(page.read_text("utf-8"))
    assert EDITION.sub("", words(example)) == EDITION.sub("", today), "make example"


def test_html_and_pdf_of_the_example_are_of_one_run_and_need_no_other_file(example: str) -> None:
    pdf = "".join(page.extract_text() for page in PdfReader(FOLDER / f"{make_example.SHEET}.pdf").pages)
    assert EDITION.findall(pdf)[0] == EDITION.findall(words(example))[0]
    addresses = re.findall(r'(?:href|src)="([^"#][^"]*)"', example)
    assert [address for address in addresses if not address.startswith(("https://", "data:"))] == []


def test_the_picture_is_as_wide_as_readme_and_its_numbers_stand_in_the_sheet(example: str) -> None:
    picture = make_example.DOCS / "sheet.png"
    with Image.open(picture) as image:
        assert image.width == make_example.PICTURE_WIDTH * make_example.PIXELS_PER_CSS_PIXEL
    assert picture.stat().st_size < 250_000
    readme = (make_example.ROOT / "README.md").read_text("utf-8")
    alternative = re.search(r"!\[(.*?)\]\(docs/sheet\.png\)", readme, re.DOTALL)[1]
    numbers = re.findall(r"\$?\d[\d.]*(?:%| [KM])", alternative)
    assert len(numbers) >= 5
    assert [number for number in numbers if number not in words(example)] == []
