"""Claims as data: which figure each number of a sentence is, and what it is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rmrp_analysis.words import claims_of


@dataclass(frozen=True)
class Claim:
    """What one number of a sentence says.

    ``value`` is that of a ``figure`` or breakdown and its ``part`` (several, joined by ``+``, are added up). With a
    ``base``, the value of ``compared_with``, the sentence tells ``value`` by ``base``. ``months`` are those of the
    number, ``printed`` is the text. Names are those of ``<id>.json``; a name of another sheet stands after its report:
    ``health/people_reached``.
    """

    figure: str
    part: str
    value: float | None
    compared_with: str
    base: float | None
    months: tuple[str, ...]
    unit: str
    printed: str


IN_A_TEXT = ("nodes", "runs", "text")
"""Names within the view of a text, which do not say where it stands."""


def statements_in(views: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts of a page's views that claim numbers, each once: ``kind``, ``text`` and ``claims``.

    ``kind`` is the name that the text has in its view: ``finding``, ``caution``, ``note``, ``reason`` … A number that
    stands alone is no sentence.
    """
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for view in views:
        for kind, text in _texts_in(view, str(view.get("look", ""))):
            claims = claims_of(text)
            if claims and text != claims[0].printed:
                known = {"kind": kind, "text": str(text), "claims": [asdict(claim) for claim in claims]}
                records.setdefault((kind, str(text)), known)
    return list(records.values())


def _texts_in(content: Any, kind: str) -> Iterable[tuple[str, str]]:
    if isinstance(content, str):
        yield kind, content
    elif isinstance(content, Mapping):
        for name, inside in content.items():
            yield from _texts_in(inside, kind if kind and name in IN_A_TEXT else str(name))
    elif isinstance(content, list | tuple):
        for inside in content:
            yield from _texts_in(inside, kind)
