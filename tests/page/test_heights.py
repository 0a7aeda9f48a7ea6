"""The PDF's pages are set by heights that are reckoned: they are those that Typst measures."""

import json

import pytest
import typst

from notebook_page import page_of
from rmrp_analysis import theme
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.documents.pdf import load_fonts

LONG = "A name so long that no row of a table holds it in one line, whatever the width of its column"
MEASURED = """
#let close(one, other) = assert(calc.abs((one - other).pt()) < 0.01, message: repr((one, other)))
#set text(font: "Source Sans 3", size: 9.5pt, top-edge: "cap-height", bottom-edge: "baseline", hyphenate: false)
#set par(justify: false, spacing: 0pt)
#set block(spacing: 0pt)
#show heading: set text(size: 1em, weight: 400)
#show heading: set block(spacing: 0pt)
#context for view in views {
  for (stretch, dense) in ((0, ""), (0.4, ""), (2.3, ""), (0, "dense"), (1, "dense")) {
    let width = span-width(view.span)
    close(bars-height(view, stretch, dense), height-of(bars-body(view, stretch, dense), width: width))
  }
}
#context for number in range(1, 20) {
  for first in range(number) { assert(first-place(number, place => place >= first) == first) }
}
"""


@pytest.mark.parametrize("language", ["en", "pt"])
@pytest.mark.parametrize("place", ["region", "Caribbean", "Colombia"])
def test_heights_are_those_that_typst_measures(bundled: Plan, place: str, language: str) -> None:
    views = []
    for sector in ("Health", "Intersector", "Common Services"):
        page = page_of(bundled.select(sector, place=place), language=language)
        views += [dict(block.view) for block in page.blocks if block.kind == "bars"]
    first = json.loads(json.dumps(views[0]))
    first |= {"caution": LONG, "note": LONG, "finding": LONG, "rows": [{**row, "label": LONG} for row in first["rows"]]}
    components = theme.typst_source([]).rpartition("#document-of")[0]
    data = f"#let views = json(bytes({json.dumps(json.dumps([*views, first]))}))\n"
    compiler = typst.Compiler(font_paths=load_fonts(), root=theme.THEME_FOLDER)
    compiler.compile(f"{components}{data}{MEASURED}".encode(), format="pdf")
