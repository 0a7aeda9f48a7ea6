"""What an author may write between braces, and what a reader reads there.

``{{ people_reached }}`` is a figure, ``{{ people_reached_by_platform["Peru"] }}`` a part of a breakdown, both as the
sheet prints them. ``{{ people_reached | almost("5 K") }}`` is a rounded figure with a word of closeness that is checked
(``closeness``). ``{{ "33" }}`` is a number that the sheet does not know. Jinja reads the braces; its tree is looked at,
never run, so there is no logic to guard against.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from rmrp_analysis import numbers
from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.page.closeness import MEANINGS, WORDS, closeness_of, holds
from rmrp_analysis.page.printed import Printed, Quantity
from rmrp_analysis.page.typed import TypedNumber, read_number

LANGUAGES = {"en": "English", "es": "Spanish", "pt": "Portuguese"}
_READER = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 - reads a tree, renders nothing


@dataclass(frozen=True)
class Piece:
    """A part of a text and the line it begins on: an author's own words, or what stands for something in braces."""

    text: str
    line: int
    kind: Literal["words", "figure", "rounded figure", "foreign number", "fault"]


def pieces(text: str, printed: Printed, *, line: int) -> Iterator[Piece]:
    """The text piece by piece, with figures filled in; a fault's text says what is wrong."""
    try:
        tree = _READER.parse(text)
    except TemplateSyntaxError as problem:
        told = (
            f"the braces cannot be read ({problem.message}); allowed: {{{{ name_of_a_figure }}}}, with straight quotes"
        )
        yield Piece(told, line + problem.lineno - 1, "fault")
        return
    for node in tree.body:
        for child in node.nodes if isinstance(node, nodes.Output) else [node]:
            yield _piece(child, printed, line + child.lineno - 1)


def _piece(node: nodes.Node, printed: Printed, line: int) -> Piece:
    try:
        match node:
            case nodes.TemplateData():
                return Piece(node.data, line, "words")
            case nodes.Const(value=str() as text):
                return Piece(text, line, "foreign number")
            case nodes.Filter():
                return Piece(_close(node, printed), line, "rounded figure")
            case _:
                return Piece(_quantity(node, printed).text, line, "figure")
    except ValueError as problem:
        return Piece(str(problem), line, "fault")


def _quantity(node: nodes.Node | None, printed: Printed) -> Quantity:
    name, known = _name(node), printed.quantities
    if name not in known:
        raise ValueError(f"this sheet has no figure '{name}'; {did_you_mean(name, known)}")
    return known[name]


def _name(node: nodes.Node | None) -> str:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getitem(node=nodes.Name() as breakdown, arg=nodes.Const() as part):
            return f'{breakdown.name}["{part.value}"]'
        case nodes.Getattr(node=nodes.Name() as breakdown):
            raise ValueError(f'a part of a breakdown stands in brackets: {breakdown.name}["{node.attr}"]')
    raise ValueError("between braces stands the name of one figure, and nothing that reckons, calls or decides")


def _close(node: nodes.Filter, printed: Printed) -> str:
    quantity, closeness = _quantity(node.node, printed), closeness_of(node.name, printed.language)
    if closeness is None:
        language = LANGUAGES[printed.language]
        suggestion = did_you_mean(node.name, WORDS[printed.language])
        raise ValueError(f"'{node.name}' is no word of closeness in {language}; {suggestion}")
    if quantity.value is None:
        raise ValueError(f"{quantity.name} is not stated on this sheet, so nothing can be said of its size")
    round_figure = _round_figure(node, quantity, printed.language)
    said = numbers.rounded(round_figure.number, quantity.unit, printed.language)
    word = node.name.replace("_", " ")
    if not holds(closeness, quantity.value, round_figure.number):
        meaning = MEANINGS[closeness]
        raise ValueError(f"'{word} {said}' does not fit {quantity.name}, {quantity.text}: {closeness} means {meaning}")
    return f"{word} {said}"


def _round_figure(node: nodes.Filter, quantity: Quantity, language: str) -> TypedNumber:
    """The rounded figure beside a word of closeness, of the figure's own unit."""
    match node.args:
        case [nodes.Const(value=str() as text)] if not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            read = read_number(text, language)
        case _:
            raise ValueError(f'a word of closeness takes one rounded figure in quotes: {node.name}("…")')
    if read is None or read.kind not in ("plain", quantity.unit) or (read.kind == "plain" and quantity.unit == "share"):
        raise ValueError(f"'{text}' is not a number like {quantity.name}, which is {quantity.text}")
    printed_again = read_number(numbers.rounded(read.number, quantity.unit, language), language)
    if printed_again is None or printed_again.number != read.number:
        raise ValueError(f"'{text}' is not round: at most {numbers.SIGNIFICANT_DIGITS} digits, shares in whole percent")
    return read
