"""Makes the example in ``docs/``, a sheet of the bundled plan and a picture of its head: ``make example``.

The picture needs Chromium, which is looked for on the path or under ``CHROMIUM``.
"""

import argparse
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

from rmrp_analysis.publish.documents.exporters import SheetHTMLExporter

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SECTOR = "Human Trafficking & Smuggling"
SHEET = "human-trafficking-and-smuggling.en"
RUN = "2021-end-of-year"
PICTURE_WIDTH = 830  # CSS pixels, which is what a README has on a wide screen
PICTURE_MARGIN = 16  # CSS pixels below the last block
PIXELS_PER_CSS_PIXEL = 2
PICTURE_COLOURS = 64


def make_sheet(folder: Path) -> Path:
    """Make the sheet as HTML and PDF in a folder; return the HTML.

    The HTML is made from the executed notebook of the run: so it has no links to other files of the run. The plan is
    copied first, without its earlier editions, so that the sheet never depends on what was made here before.
    """
    with TemporaryDirectory() as name:
        project = Path(name)
        for part in ("params", "notebooks", "data"):
            shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("editions"))
        options = ("--only", SECTOR, "--languages", "en", "--out", project / "reports")
        command = (sys.executable, "-m", "rmrp_analysis", "run", project / "params" / f"{RUN}.yml", *options)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        run = project / "reports" / RUN
        html, _ = SheetHTMLExporter().from_filename(str(run / f"{SHEET}.ipynb"))  # type: ignore[no-untyped-call]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / f"{SHEET}.pdf", folder / f"{SHEET}.pdf")
    page = folder / f"{SHEET}.html"
    page.write_text(str(html), encoding="utf-8", newline="\n")
    return page


def photograph_head(page: Path, picture: Path) -> None:
    """Write a picture of a sheet, from its title to its funding. Raises ``LookupError`` for a sheet without funding."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page(
            viewport={"width": PICTURE_WIDTH, "height": 1000}, device_scale_factor=PIXELS_PER_CSS_PIXEL
        )
        view.goto(page.as_uri())
        view.evaluate("document.fonts.ready")
        funding = view.locator("#funding").bounding_box()
        if not funding:
            raise LookupError(f"{page.name} has no block of funding")
        height = funding["y"] + funding["height"] + PICTURE_MARGIN
        content = view.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": PICTURE_WIDTH, "height": height})
        browser.close()
    image = Image.open(BytesIO(content)).convert("RGB").quantize(PICTURE_COLOURS, dither=Image.Dither.NONE)
    image.save(picture, optimize=True)


def main() -> None:
    """Write the sheet to ``docs/example`` and the picture to ``docs/sheet.png``."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    photograph_head(make_sheet(DOCS / "example" / RUN), DOCS / "sheet.png")


if __name__ == "__main__":
    main()
