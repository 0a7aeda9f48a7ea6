"""The words of sheets and their index in the reader's language: the plan pack's own, else from gettext catalogues."""

import gettext
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from rmrp_analysis.messages import N_ as N_
from rmrp_analysis.messages import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from rmrp_analysis.packs import pack

_PLACE = re.compile(r"\{(\w+)\}")


class Statement(str):
    """A text that carries what its numbers claim, so that every room it passes through can tell and check it.

    ``claims`` are those of the texts that it was filled with (see ``page.claims``). A plain text claims nothing.
    """

    __slots__ = ("claims",)
    claims: tuple[Any, ...]

    def __new__(cls, text: str, claims: Iterable[Any] = ()) -> Self:
        statement = super().__new__(cls, text)
        statement.claims = tuple(dict.fromkeys(claims))
        return statement

    def __reduce__(self) -> tuple[Any, ...]:
        return Statement, (str(self), self.claims)


def claims_of(*texts: Any) -> tuple[Any, ...]:
    """Return the claims of these texts, in order."""
    return tuple(claim for text in texts for claim in getattr(text, "claims", ()))


class Translator:
    """Translates the English words of the code; each is found in its language's folder, ``LC_MESSAGES/rmrp.po``.

    What the plan pack says in its own way (``texts.csv``, ``names.csv``) is said so.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)
        self._own = pack.texts(language)

    def __call__(self, text: str, **values: str) -> str:
        """The text in the reader's language, with ``{name}`` filled in; braces of data, such as a title's, stay.

        Where a value carries claims, the text does, too (``Statement``).
        """
        return self._filled(self._own.get(text) or (self._catalogue.gettext(text) if text else ""), values)

    def _filled(self, translated: str, values: Mapping[str, str]) -> str:
        text = _PLACE.sub(lambda place: str(values.get(place[1], place[0])), translated)
        claims = claims_of(*(values[name] for name in _PLACE.findall(translated) if name in values))
        return Statement(text, claims) if claims else text

    def known(self, text: str) -> str:
        """The text in the reader's language where the catalogue has it, such as a title of a shipped notebook.

        What carries claims is in that language already.
        """
        if claims_of(text):
            return text
        return self._own.get(text) or self._catalogue.gettext(text) if text else ""

    def plural(self, one: str, several: str, count: int, /, **values: str) -> str:
        """The form of a text that goes with a count, with ``{name}`` filled in."""
        return self._filled(self._catalogue.ngettext(one, several, count), values)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    is_source = language == SOURCE_LANGUAGE
    return gettext.translation("rmrp", pack.languages()[language].parent, [language], fallback=is_source)


class _Listed(pack.Row):
    """A row of a room's ``words.csv``: what a reader is told of one thing (``key``) of a kind."""

    kind: str
    key: str
    words: str


def words_of(room: Path) -> Mapping[str, Mapping[str, str]]:
    """Read the ``words.csv`` of a room: English words by kind and key, in the order of the file."""
    rows = pack.rows("words.csv", _Listed, within=room)
    return {kind: {row.key: row.words for row in rows if row.kind == kind} for kind in {row.kind for row in rows}}


INTERNAL_MARK = N_("Internal: not for publication")
"""What stands on everything made for an internal audience, which sees the small counts."""
