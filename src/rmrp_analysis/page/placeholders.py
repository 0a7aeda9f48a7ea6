"""What an author may write between braces, and what a reader reads there.

``{{ people_reached }}`` is a figure, ``{{ people_reached_by_platform["Peru"] }}`` a part of a breakdown, both as the
sheet prints them. Words that must hold are checked: of closeness in ``{{ people_reached | almost("5 K") }}``
and of shares in ``{{ people_reached_by_platform["Peru"] | most }}`` (see ``typed``). ``{{ "33" }}`` is a number
that the sheet does not know, ``{{ place("Peru") }}`` a place in the reader's language, and
``{{ chart("people_reached_by_platform") }}`` a small chart under the paragraph. Jinja reads the braces; its tree is
looked at, never run, so there is no logic to guard against.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from rmrp_analysis import numbers
from rmrp_analysis.errors import check_allowed, did_you_mean
from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.locale.languages import Closeness, Share, declared
from rmrp_analysis.page.drawings import TextChart, text_chart
from rmrp_analysis.page.formatter import Quantity, SheetFormatter
from rmrp_analysis.page.typed import MEANINGS, holds, is_share, read_number
from rmrp_analysis.vocabulary import COUNTRIES, PLATFORMS, labels

_READER = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701 - reads a tree, renders nothing


@dataclass(frozen=True)
class Piece:
    """A part of a text and the line it begins on: an author's own words, or what stands for something in braces.

    A chart has no text: it follows the paragraph. ``of`` is the name of an exact figure.
    """

    text: str
    line: int
    kind: Literal["words", "figure", "rounded figure", "share", "foreign number", "place", "chart", "fault"]
    chart: TextChart | None = None
    of: str = ""


def filled(found: Iterable[Piece], language: str) -> str:
    """The text that the pieces make; what is wrong leaves a gap.

    A place's article joins the preposition before it (``en el``, but ``del``), and begins a sentence with a capital.
    """
    text = ""
    for piece in found:
        if piece.kind == "place":
            text = labels.with_place(text, piece.text, language)
        elif piece.kind != "fault":
            text += piece.text
    return text


def pieces(text: str, formatter: SheetFormatter, *, line: int) -> Iterator[Piece]:
    """The text piece by piece, with figures filled in; a fault's text says what is wrong."""
    try:
        tree = _READER.parse(text)
    except TemplateSyntaxError as problem:
        allowed = "allowed: {{ name_of_a_figure }}, with straight quotes"
        fault = f"the braces cannot be read ({problem.message}); {allowed}"
        yield Piece(fault, line + problem.lineno - 1, "fault")
        return
    for node in tree.body:
        for child in node.nodes if isinstance(node, nodes.Output) else [node]:
            at = line + child.lineno - 1
            try:
                yield _piece(child, formatter, at)
            except ValueError as problem:
                yield Piece(str(problem), at, "fault")


def _piece(node: nodes.Node, formatter: SheetFormatter, line: int) -> Piece:
    """What stands for one node of Jinja's tree. Raises ``ValueError`` that says what is wrong with it."""
    match node:
        case nodes.TemplateData():
            return Piece(node.data, line, "words")
        case nodes.Const(value=str() as number):
            return Piece(number, line, "foreign number")
        case nodes.Call(node=nodes.Name(name="place")):
            keys = {name: code for code, name in COUNTRIES.items()} | {name: name for name in (*COUNTRIES, *PLATFORMS)}
            key = _argument(node, 'between the brackets stands one name in quotes: place("Peru")')
            if key not in keys:
                raise ValueError(f"'{key}' is no platform and no country; {did_you_mean(key, keys)}")
            return Piece(labels.place_in_sentence(keys[key], formatter.language), line, "place")
        case nodes.Call(node=nodes.Name(name="chart")):
            return Piece("", line, "chart", _chart(node, formatter))
        case nodes.Filter():
            quantity, own = _quantity(node.node, formatter), declared(formatter.language)
            word = node.name[:1].lower() + node.name[1:]
            if word in own.shares:
                return Piece(_share(node, own.shares[word], quantity, formatter), line, "share")
            if word in own.closeness:
                return Piece(_close(node, own.closeness[word], quantity, formatter.language), line, "rounded figure")
            suggestion = did_you_mean(node.name, [*own.closeness, *own.shares])
            raise ValueError(f"'{node.name}' is no word of closeness in {own.locale.display_name}; {suggestion}")
    quantity = _quantity(node, formatter)
    return Piece(quantity.text, line, "figure", of=quantity.name)


def _quantity(node: nodes.Node | None, formatter: SheetFormatter) -> Quantity:
    match node:
        case nodes.Name(name=name):
            pass
        case nodes.Getitem(node=nodes.Name() as breakdown, arg=nodes.Const() as part):
            name = f'{breakdown.name}["{part.value}"]'
        case nodes.Getattr(node=nodes.Name() as breakdown):
            raise ValueError(f'a part of a breakdown stands in brackets: {breakdown.name}["{node.attr}"]')
        case _:
            raise ValueError("between braces stands the name of one figure, and nothing that reckons, calls or decides")
    check_allowed(name, formatter.quantities, "this sheet has no figure")
    return formatter.quantities[name]


def _chart(node: nodes.Call, formatter: SheetFormatter) -> TextChart:
    """A breakdown as a small chart. Raises ``ValueError`` where the sheet has none, or nothing to draw."""
    name = _argument(node, 'between the brackets stands one name in quotes: chart("people_reached_by_platform")')
    check_allowed(name, formatter.key_figures.breakdowns, "this sheet has no breakdown")
    if chart := text_chart(formatter, name):
        return chart
    raise ValueError(f"{name} has no part on this sheet, so there is nothing to draw")


def _argument(node: nodes.Call | nodes.Filter, wanted: str) -> str:
    """The one text in quotes between the brackets. Raises ``ValueError`` that says what is wanted there."""
    match node.args:
        case [nodes.Const(value=str() as text)] if not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            return text
    raise ValueError(wanted)


def _close(node: nodes.Filter, closeness: Closeness, quantity: Quantity, language: str) -> str:
    """A word of closeness and the rounded figure beside it. Raises ``ValueError`` where they do not fit the figure."""
    if quantity.value is None:
        raise ValueError(f"{quantity.name} is not stated on this sheet, so nothing can be said of its size")
    written = _argument(node, f'a word of closeness takes one rounded figure in quotes: {node.name}("…")')
    typed = read_number(written, language)
    if typed is None or not typed.is_of(quantity.unit):
        raise ValueError(f"'{written}' is not a number like {quantity.name}, which is {quantity.text}")
    rounded = typed.number
    printed_again = read_number(numbers.rounded(rounded, quantity.unit, language), language)
    if printed_again is None or printed_again.number != rounded:
        most = f"at most {numbers.SIGNIFICANT_DIGITS} digits, shares in whole percent"
        raise ValueError(f"'{written}' is not round: {most}")
    text = f"{node.name.replace('_', ' ')} {numbers.rounded(rounded, quantity.unit, language)}"
    if not holds(closeness, quantity.value, rounded):
        meaning = f"{closeness} means {MEANINGS[closeness]}"
        raise ValueError(f"'{text}' does not fit {quantity.name}, {quantity.text}: {meaning}")
    return text


def _share(node: nodes.Filter, word: Share, part: Quantity, formatter: SheetFormatter) -> str:
    """A word of shares. Raises ``ValueError`` where the part is not so much of its whole."""
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise ValueError(f"a word of shares takes nothing in brackets: {node.name}")
    whole = formatter.quantities.get(BREAKDOWNS[part.name.partition("[")[0]].figure) if part.is_part else None
    if whole is None:
        raise ValueError(f"{part.name} is no part of a figure of this sheet, so no share of one")
    if part.value is None or whole.value is None:
        not_stated = f"{part.name} is not stated on this sheet, or its whole is not"
        raise ValueError(f"{not_stated}; nothing can be said of its share")
    text = node.name.replace("_", " ")
    if not is_share(word, part.value, whole.value):
        raise ValueError(f"'{text}' does not fit {part.name}: it is {part.text} of {whole.text}")
    return text
