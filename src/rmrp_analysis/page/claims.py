"""Claims of numbers: which figure each number of a sentence is, and what it is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rmrp_analysis.words import claims_of


@dataclass(frozen=True)
class Claim:
    """What one number of a sentence says, so that a reader or a test can derive it again from published figures.

    ``value`` is that of a ``figure``, or of the ``part`` of a breakdown (several, joined by ``+``, are added up). With
    a ``base``, which is the value of ``compared_with``, the sentence prints ``value`` divided by ``base``. ``months``
    are those of the number, ``printed`` is its text. Names are those of ``<id>.json``; a figure of another sheet has
    the id of its report before it: ``health/people_reached``.
    """

    figure: str
    part: str
    value: float | None
    compared_with: str
    base: float | None
    months: tuple[str, ...]
    unit: str
    printed: str


KEYS_WITHOUT_TEXT_KIND = ("nodes", "runs", "text")
"""Keys within the view of a text, which do not say what kind of text it is."""


def statements_in(views: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each text of a page's views that has claims, once, with the keys ``kind``, ``text`` and ``claims``.

    ``kind`` is the key of the text in its view: ``finding``, ``caution``, ``note``, ``reason`` … A number alone is left
    out, since it is no sentence.
    """
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for view in views:
        for kind, text in _find_texts(view, str(view.get("look", ""))):
            claims = claims_of(text)
            if claims and text != claims[0].printed:
                statement_dict = {"kind": kind, "text": str(text), "claims": [asdict(claim) for claim in claims]}
                records.setdefault((kind, str(text)), statement_dict)
    return list(records.values())


def _find_texts(content: Any, kind: str) -> Iterable[tuple[str, str]]:
    """Yield (kind, text) for every text in the content of a view, which is ``kind`` itself."""
    if isinstance(content, str):
        yield kind, content
    elif isinstance(content, Mapping):
        for name, inside in content.items():
            yield from _find_texts(inside, kind if kind and name in KEYS_WITHOUT_TEXT_KIND else str(name))
    elif isinstance(content, list | tuple):
        for list_item in content:
            yield from _find_texts(list_item, kind)
