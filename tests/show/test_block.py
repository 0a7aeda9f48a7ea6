"""A block is shown as HTML and printed through Typst, whatever its texts hold."""

import typst

from rmrp_analysis import theme
from rmrp_analysis.show.block import TYPST_MIME, Block

HOSTILE = 'A & B <b>"\\# $x$ *bold* @ref 😀 שלום'


def headline(text: str) -> Block:
    return Block("headline", {"block": "headline", "span": 12, "text": text, "note": ""})


def test_html_escapes_every_text() -> None:
    assert "A &amp; B &lt;b&gt;" in headline(HOSTILE).html()


def test_typst_reads_the_text_back_with_a_question_mark_for_what_the_font_lacks() -> None:
    source = f"#let headline(view) = view.text\n#metadata({headline(HOSTILE).typst()}) <said>".encode()
    said = typst.query(source, "<said>", field="value", one=True)
    assert said == '"A & B <b>\\"\\\\# $x$ *bold* @ref ? ????"'


def test_a_notebook_gets_the_block_within_its_look_and_a_page_the_block_alone() -> None:
    shown, _ = headline("One sentence")._repr_mimebundle_()
    assert shown["text/html"].startswith('<div class="rmrp">')
    assert theme.within_page(shown["text/html"]) == headline("One sentence").html()
    assert shown[TYPST_MIME].startswith("headline(json(bytes(")
