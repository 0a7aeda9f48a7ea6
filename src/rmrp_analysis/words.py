"""Translate the texts of sheets, of their index and of charts into the language of their reader.

Three modules translate, each for another moment:

- ``words``: texts of sheets. A sheet is printed in several languages, so the caller holds a ``Translator`` for each
  language. The plan pack may replace any text by its own.
- ``messages``: texts of commands and errors, in the one language of the process, which a command chooses.
- ``locale.sentences``: finished English sentences, such as the text of an error, without their template and values.

A *template* is an English text with ``{name}`` placeholders. Its *values* fill them. A *translation* is the template in
the language, which is then filled in.
"""

import gettext
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from rmrp_analysis.messages import N_ as N_
from rmrp_analysis.messages import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from rmrp_analysis.packs import pack

_PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")


class Statement(str):
    """A text with the claims of its numbers, by which they can be checked wherever the text is used.

    ``claims`` come from the values that fill it (see ``page.claims``). A plain text has no claims.
    """

    __slots__ = ("claims",)
    claims: tuple[Any, ...]

    def __new__(cls, text: str, claims: Iterable[Any] = ()) -> Self:
        """Make a text with these claims, each once."""
        statement = super().__new__(cls, text)
        statement.claims = tuple(dict.fromkeys(claims))
        return statement

    def __reduce__(self) -> tuple[Any, ...]:
        return Statement, (str(self), self.claims)


def claims_of(*texts: Any) -> tuple[Any, ...]:
    """Return the claims of these texts, in order. Plain texts have no claims."""
    return tuple(claim for text in texts for claim in getattr(text, "claims", ()))


class Translator:
    """Translates templates of sheets by the catalogue of a language, ``LC_MESSAGES/rmrp.po`` in its folder.

    Texts of the plan pack (``texts.csv``, ``names.csv``) come before texts of the catalogue.
    """

    def __init__(self, language: str) -> None:
        """Read the texts of a language. Raise ``FileNotFoundError`` if it has no catalogue."""
        self.language = language
        self._catalogue = _catalogue(language)
        self._pack_texts = pack.texts(language)

    def __call__(self, template: str, /, **values: str) -> str:
        """Translate a template and fill it in. Placeholders without a value, such as braces in a title, stay.

        If a value has claims, the result has them, too (``Statement``).
        """
        translation = self._pack_texts.get(template) or (self._catalogue.gettext(template) if template else "")
        return self._fill(translation, values)

    def _fill(self, translation: str, values: Mapping[str, str]) -> str:
        """Fill in a translation. The text has the claims of the values in it."""
        text = _PLACEHOLDER_PATTERN.sub(lambda match: str(values.get(match[1], match[0])), translation)
        claims = claims_of(*(values[name] for name in _PLACEHOLDER_PATTERN.findall(translation) if name in values))
        return Statement(text, claims) if claims else text

    def known(self, text: str) -> str:
        """Translate a text that may be ours or an author's, such as a title.

        A text that no catalogue has stays. So does a text with claims, which is in the language already.
        """
        if claims_of(text):
            return text
        return self._pack_texts.get(text) or self._catalogue.gettext(text) if text else ""

    def plural(self, singular: str, plural: str, count: int, /, **values: str) -> str:
        """Translate the form of a template for a count, and fill it in with ``values``, not with the count.

        Texts of the plan pack are not used.
        """
        return self._fill(self._catalogue.ngettext(singular, plural, count), values)


@pack.cached_by_pack
def _catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language. Raise ``FileNotFoundError`` without one, except for English."""
    is_source = language == SOURCE_LANGUAGE
    return gettext.translation("rmrp", pack.languages()[language].parent, [language], fallback=is_source)


class _WordsRow(pack.Row):
    """A row of a room's ``words.csv``: the English words for one thing (``key``) of a kind."""

    kind: str
    key: str
    words: str


def words_of(room: Path) -> Mapping[str, Mapping[str, str]]:
    """Read the ``words.csv`` of a room: English words by kind and key, in the order of the file."""
    rows = pack.rows("words.csv", _WordsRow, within=room)
    return {kind: {row.key: row.words for row in rows if row.kind == kind} for kind in {row.kind for row in rows}}


INTERNAL_MARK = N_("Internal: not for publication")
"""The mark of everything made for an internal audience, which sees small counts."""
