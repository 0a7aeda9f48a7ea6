"""What an author may write between braces, and what a reader reads there.

``{{ people_reached }}`` is a figure, ``{{ people_reached_by_platform["Peru"] }}`` a part of a breakdown, both as the
sheet prints them. ``{{ people_reached | almost("5 K") }}`` is a rounded figure with a word of closeness that is checked
(``typed``). ``{{ "33" }}`` is a number that the sheet does not know. Jinja reads the braces; its tree is looked at,
never run, so there is no logic to guard against.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from rmrp_analysis import numbers
from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.page.printed import Printed, Quantity
from rmrp_analysis.page.typed import MEANINGS, WORDS, closeness_of, holds, read_number

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
        message = (
            f"the braces cannot be read ({problem.message}); allowed: {{{{ name_of_a_figure }}}}, with straight quotes"
        )
        yield Piece(message, line + problem.lineno - 1, "fault")
        return
    for node in tree.body:
        for child in node.nodes if isinstance(node, nodes.Output) else [node]:
            at = line + child.lineno - 1
            try:
                match child:
                    case nodes.TemplateData():
                        yield Piece(child.data, at, "words")
                    case nodes.Const(value=str() as number):
                        yield Piece(number, at, "foreign number")
                    case nodes.Filter():
                        yield Piece(_close(child, printed), at, "rounded figure")
                    case _:
                        yield Piece(_quantity(child, printed).text, at, "figure")
            except ValueError as problem:
                yield Piece(str(problem), at, "fault")


def _quantity(node: nodes.Node | None, printed: Printed) -> Quantity:
    match node:
        case nodes.Name(name=name):
            pass
        case nodes.Getitem(node=nodes.Name() as breakdown, arg=nodes.Const() as part):
            name = f'{breakdown.name}["{part.value}"]'
        case nodes.Getattr(node=nodes.Name() as breakdown):
            raise ValueError(f'a part of a breakdown stands in brackets: {breakdown.name}["{node.attr}"]')
        case _:
            raise ValueError("between braces stands the name of one figure, and nothing that reckons, calls or decides")
    if name not in printed.quantities:
        raise ValueError(f"this sheet has no figure '{name}'; {did_you_mean(name, printed.quantities)}")
    return printed.quantities[name]


def _close(node: nodes.Filter, printed: Printed) -> str:
    """A word of closeness and the rounded figure beside it. Raises ``ValueError`` where they do not fit the figure."""
    language = printed.language
    quantity, closeness = _quantity(node.node, printed), closeness_of(node.name, language)
    if closeness is None:
        suggestion = did_you_mean(node.name, WORDS[language])
        raise ValueError(f"'{node.name}' is no word of closeness in {LANGUAGES[language]}; {suggestion}")
    if quantity.value is None:
        raise ValueError(f"{quantity.name} is not stated on this sheet, so nothing can be said of its size")
    rounded = _rounded(node, quantity, language)
    text = f"{node.name.replace('_', ' ')} {numbers.rounded(rounded, quantity.unit, language)}"
    if not holds(closeness, quantity.value, rounded):
        meaning = f"{closeness} means {MEANINGS[closeness]}"
        raise ValueError(f"'{text}' does not fit {quantity.name}, {quantity.text}: {meaning}")
    return text


def _rounded(node: nodes.Filter, quantity: Quantity, language: str) -> float:
    """The rounded figure beside a word of closeness, of the figure's own unit."""
    match node.args:
        case [nodes.Const(value=str() as text)] if not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            typed = read_number(text, language)
        case _:
            raise ValueError(f'a word of closeness takes one rounded figure in quotes: {node.name}("…")')
    if typed is None or not typed.is_of(quantity.unit):
        raise ValueError(f"'{text}' is not a number like {quantity.name}, which is {quantity.text}")
    printed_again = read_number(numbers.rounded(typed.number, quantity.unit, language), language)
    if printed_again is None or printed_again.number != typed.number:
        raise ValueError(f"'{text}' is not round: at most {numbers.SIGNIFICANT_DIGITS} digits, shares in whole percent")
    return typed.number
