"""The words of sheets and their index in the reader's language: the plan pack's own, else from gettext catalogues."""

import gettext
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rmrp_analysis.packs import pack

SOURCE_LANGUAGE = "en"
_PLACE = re.compile(r"\{(\w+)\}")


class Words:
    """Translates the English words of the code; each is found in its language's folder, ``LC_MESSAGES/rmrp.po``.

    What the plan pack says in its own way (``texts.csv``, ``names.csv``) is said so.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)
        self._own = pack.texts(language)

    def __call__(self, text: str, **values: str) -> str:
        """The text in the reader's language, with ``{name}`` filled in; braces of data, such as a title's, stay."""
        translated = self._own.get(text) or (self._catalogue.gettext(text) if text else "")
        return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), translated)

    def known(self, text: str) -> str:
        """The text in the reader's language where the catalogue has it, such as a title of a shipped notebook."""
        return self._own.get(text) or self._catalogue.gettext(text) if text else ""

    def plural(self, one: str, several: str, count: int) -> str:
        """The form of a word that goes with a count."""
        return self._catalogue.ngettext(one, several, count)


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


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """The text itself: marks it to be found by the extractor of translations, and translated where it is shown."""
    return text


INTERNAL_MARK = N_("Internal: not for publication")
"""What stands on everything made for an internal audience, which sees the small counts."""
