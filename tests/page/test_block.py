"""A block is shown as HTML and printed through Typst, whatever its texts hold."""

import json
import re

import typst

from rmrp_analysis import theme
from rmrp_analysis.page.block import build_headline_block
from rmrp_analysis.theme.prose import words_of

HOSTILE = 'A & B <b>"\\# $x$ *bold* @ref 😀 שלום'


def test_every_kind_has_a_template_for_html_and_a_function_for_print() -> None:
    (named,) = re.findall(r"#let kinds = \((.*)\)", theme.TYPST_COMPONENTS_FILE.read_text(encoding="utf-8"))
    assert set(re.findall(r"(\w+):", named)) == theme.kinds()


def test_html_and_typst_escape_every_text() -> None:
    assert "A &amp; B &lt;b&gt;" in build_headline_block(HOSTILE).html
    sheet = [[{"kind": "text", "view": build_headline_block(HOSTILE).view}]]
    views = theme.typst_source(sheet).rpartition("#document-of(")[2].removesuffix(")\n")
    said = typst.query(f"#metadata({views}) <said>".encode(), "<said>", field="value", one=True)
    assert words_of(json.loads(said)[0][0]["view"]["nodes"]) == 'A & B <b>"\\# $x$ *bold* @ref ? ????'


def test_a_notebook_gets_the_block_within_its_look_and_the_exporters_its_view() -> None:
    block = build_headline_block("One sentence")
    shown = block._repr_mimebundle_()
    assert shown["text/html"] == f'<div class="rmrp">{block.html}</div>'
    assert block.html is block.html, "a block is rendered once, however often it is shown"
    assert shown[theme.BLOCKS_MIME] == [{"kind": "text", "view": block.view, "uid": "headline"}]
