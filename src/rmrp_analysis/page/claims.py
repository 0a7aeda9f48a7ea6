"""Claims of numbers: the figure of each number in a sentence, and its comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rmrp_analysis.words import claims_of


@dataclass(frozen=True)
class Claim:
    """The meaning of one number of a sentence, so that a reader or a test can derive it from published figures.

    ``value`` belongs to a ``figure``, or to the ``part`` of a breakdown (several parts, joined by ``+``, are added up).
    The parts ``low`` and ``high`` are how few and how many a figure stands for. With a ``base``, which is the value of
    ``compared_with``, the sentence prints ``value`` divided by ``base``. ``months`` are the months of the number, and
    ``printed`` is its text. ``<id>.json`` has the same names. A figure of another sheet has the id of its report in
    front: ``health/people_reached``.
    """

    figure: str
    part: str
    value: float | None
    compared_with: str
    base: float | None
    months: tuple[str, ...]
    unit: str
    printed: str


CARD_NUMBER_KIND = "value"
"""The kind of the number of a card, which may be a range in words."""
KEYS_WITHOUT_TEXT_KIND = ("nodes", "runs", "text")
"""Keys within the view of a text that do not name the kind of text."""


def statements_in(views: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each text of a page's views that has claims, once, with the keys ``kind``, ``text`` and ``claims``.

    ``kind`` is the key of the text in its view: ``finding``, ``caution``, ``note``, ``reason`` … A number alone is left
    out, because it is no sentence.
    """
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for view in views:
        for kind, text in _find_texts(view, str(view.get("look", ""))):
            claims = claims_of(text)
            if claims and text != claims[0].printed and kind != CARD_NUMBER_KIND:
                statement = {"kind": kind, "text": str(text), "claims": [asdict(claim) for claim in claims]}
                records.setdefault((kind, str(text)), statement)
    return list(records.values())


def _find_texts(content: Any, kind: str) -> Iterable[tuple[str, str]]:
    """Yield (kind, text) for every text in the content of a view. ``kind`` is the key of the content."""
    if isinstance(content, str):
        yield kind, content
    elif isinstance(content, Mapping):
        for name, value in content.items():
            yield from _find_texts(value, kind if kind and name in KEYS_WITHOUT_TEXT_KIND else str(name))
    elif isinstance(content, list | tuple):
        for item in content:
            yield from _find_texts(item, kind)
