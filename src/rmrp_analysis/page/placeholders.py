"""Reads the placeholders that an author writes between braces, and fills them in from the sheet.

``{{ people_reached }}`` is a figure, ``{{ people_reached_by_platform["Peru"] }}`` a part of a breakdown, both as the
sheet prints them. Words that must hold are checked: of closeness in ``{{ people_reached | almost("5 K") }}``
and of shares in ``{{ people_reached_by_platform["Peru"] | most }}`` (see ``typed_numbers``). ``{{ "33" }}`` is a number
that the sheet does not know, ``{{ place("Peru") }}`` a place in the reader's language, and
``{{ chart("people_reached_by_platform") }}`` a small chart under the paragraph. Jinja parses the braces, and its tree
is never run, so a text cannot run code.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from rmrp_analysis import numbers
from rmrp_analysis.errors import check_allowed, did_you_mean
from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.locale.languages import Closeness, Share, declared
from rmrp_analysis.page.drawings import TextChart, build_text_chart
from rmrp_analysis.page.formatter import Quantity, SheetFormatter
from rmrp_analysis.page.typed_numbers import MEANING_BY_CLOSENESS_WORD, fits_closeness, fits_share, read_number
from rmrp_analysis.vocabulary import labels, plan_lists

_JINJA_PARSER = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 - parses a tree, renders nothing


@dataclass(frozen=True)
class Piece:
    """A piece of a narrative with its first line: an author's words, or the text that replaces a placeholder.

    Proofreading needs the kinds and lines, which the finished text no longer has. A chart has no text, since it follows
    the paragraph. ``of`` is the name of a figure that is printed exactly.
    """

    text: str
    line: int
    kind: Literal["words", "figure", "rounded figure", "share", "foreign number", "place", "chart", "fault"]
    chart: TextChart | None = None
    of: str = ""


def join_pieces(pieces: Iterable[Piece], language: str) -> str:
    """Join pieces to a text, without faults.

    A place's article merges with a preposition in front (``en el``, but ``del``), and has a capital letter at the
    beginning of a sentence.
    """
    text = ""
    for piece in pieces:
        if piece.kind == "place":
            text = labels.with_place(text, piece.text, language)
        elif piece.kind != "fault":
            text += piece.text
    return text


def read_pieces(text: str, formatter: SheetFormatter, *, line: int) -> Iterator[Piece]:
    """Yield the pieces of a text from ``line`` on, with figures filled in. The text of a fault is its message."""
    try:
        tree = _JINJA_PARSER.parse(text)
    except TemplateSyntaxError as error:
        allowed = "allowed: {{ name_of_a_figure }}, with straight quotes"
        fault = f"the braces cannot be read ({error.message}); {allowed}"
        yield Piece(fault, line + error.lineno - 1, "fault")
        return
    for node in tree.body:
        for child in node.nodes if isinstance(node, nodes.Output) else [node]:
            start = line + child.lineno - 1
            try:
                yield _read_piece(child, formatter, start)
            except ValueError as error:
                yield Piece(str(error), start, "fault")


def _read_piece(node: nodes.Node, formatter: SheetFormatter, line: int) -> Piece:
    """Return the piece that replaces a node of Jinja's tree. Raises ``ValueError`` with the fault of the node."""
    match node:
        case nodes.TemplateData():
            return Piece(node.data, line, "words")
        case nodes.Const(value=str() as text):
            return Piece(text, line, "foreign number")
        case nodes.Call(node=nodes.Name(name="place")):
            codes = {name: code for code, name in plan_lists().countries.items()}
            codes |= {code: code for code in (*plan_lists().countries, *plan_lists().platforms)}
            key = _read_argument(node, 'between the brackets stands one name in quotes: place("Peru")')
            if key not in codes:
                raise ValueError(f"'{key}' is no platform and no country; {did_you_mean(key, codes)}")
            return Piece(labels.place_in_sentence(codes[key], formatter.language), line, "place")
        case nodes.Call(node=nodes.Name(name="chart")):
            return Piece("", line, "chart", _read_chart(node, formatter))
        case nodes.Filter():
            quantity, language = _find_quantity(node.node, formatter), declared(formatter.language)
            word = node.name[:1].lower() + node.name[1:]
            if word in language.shares:
                return Piece(_read_share(node, language.shares[word], quantity, formatter), line, "share")
            if word in language.closeness:
                text = _read_closeness(node, language.closeness[word], quantity, formatter.language)
                return Piece(text, line, "rounded figure")
            advice = did_you_mean(node.name, [*language.closeness, *language.shares])
            raise ValueError(f"'{node.name}' is no word of closeness in {language.locale.display_name}; {advice}")
    quantity = _find_quantity(node, formatter)
    return Piece(quantity.text, line, "figure", of=quantity.name)


def _find_quantity(node: nodes.Node | None, formatter: SheetFormatter) -> Quantity:
    """Return the figure or category that a node names. Raises ``ValueError`` for any other node or unknown name."""
    match node:
        case nodes.Name(name=name):
            pass
        case nodes.Getitem(node=nodes.Name() as breakdown, arg=nodes.Const() as category):
            name = f'{breakdown.name}["{category.value}"]'
        case nodes.Getattr(node=nodes.Name() as breakdown):
            raise ValueError(f'a part of a breakdown stands in brackets: {breakdown.name}["{node.attr}"]')
        case _:
            raise ValueError("between braces stands the name of one figure, and nothing that reckons, calls or decides")
    check_allowed(name, formatter.quantities, "this sheet has no figure")
    return formatter.quantities[name]


def _read_chart(node: nodes.Call, formatter: SheetFormatter) -> TextChart:
    """Return a breakdown as a small chart. Raises ``ValueError`` for an unknown or empty breakdown."""
    name = _read_argument(node, 'between the brackets stands one name in quotes: chart("people_reached_by_platform")')
    check_allowed(name, formatter.key_figures.breakdowns, "this sheet has no breakdown")
    if chart := build_text_chart(formatter, name):
        return chart
    raise ValueError(f"{name} has no part on this sheet, so there is nothing to draw")


def _read_argument(node: nodes.Call | nodes.Filter, message: str) -> str:
    """Return the quoted text between the brackets. Raises ``ValueError`` with ``message`` for other content."""
    match node.args:
        case [nodes.Const(value=str() as text)] if not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            return text
    raise ValueError(message)


def _read_closeness(node: nodes.Filter, closeness: Closeness, quantity: Quantity, language: str) -> str:
    """Return a word of closeness with its rounded number. Raises ``ValueError`` if they do not fit the figure."""
    if quantity.value is None:
        raise ValueError(f"{quantity.name} is not stated on this sheet, so nothing can be said of its size")
    quoted = _read_argument(node, f'a word of closeness takes one rounded figure in quotes: {node.name}("…")')
    typed = read_number(quoted, language)
    if typed is None or not typed.is_of_unit(quantity.unit):
        raise ValueError(f"'{quoted}' is not a number like {quantity.name}, which is {quantity.text}")
    rounded = typed.number
    reprinted = read_number(numbers.format_round(rounded, quantity.unit, language), language)
    if reprinted is None or reprinted.number != rounded:
        limit = f"at most {numbers.SIGNIFICANT_DIGITS} digits, shares in whole percent"
        raise ValueError(f"'{quoted}' is not round: {limit}")
    text = f"{node.name.replace('_', ' ')} {numbers.format_round(rounded, quantity.unit, language)}"
    if not fits_closeness(closeness, quantity.value, rounded):
        limit = MEANING_BY_CLOSENESS_WORD[closeness]
        meaning = f"{closeness} means {limit}"
        raise ValueError(f"'{text}' does not fit {quantity.name}, {quantity.text}: {meaning}")
    return text


def _read_share(node: nodes.Filter, word: Share, category: Quantity, formatter: SheetFormatter) -> str:
    """Return a word of shares. Raises ``ValueError`` if the category does not have such a share of its figure."""
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise ValueError(f"a word of shares takes nothing in brackets: {node.name}")
    breakdown = category.name.partition("[")[0]
    total = formatter.quantities.get(BREAKDOWNS[breakdown].figure) if category.is_category else None
    if total is None:
        raise ValueError(f"{category.name} is no part of a figure of this sheet, so no share of one")
    if category.value is None or total.value is None:
        reason = f"{category.name} is not stated on this sheet, or its whole is not"
        raise ValueError(f"{reason}; nothing can be said of its share")
    text = node.name.replace("_", " ")
    if not fits_share(word, category.value, total.value):
        raise ValueError(f"'{text}' does not fit {category.name}: it is {category.text} of {total.text}")
    return text
