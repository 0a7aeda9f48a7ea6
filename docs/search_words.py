"""Let the site's search find parts of identifiers, and words that are typed without their accents."""

import re
import unicodedata

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

PARTS = re.compile(r"_+|(?<=[a-z])(?=[A-Z])")
"""Where an identifier is divided: ``people_reached``, ``InputRefused``."""


class IdentifierSearch(SearchEnglish):
    """Words of the index: those of English, the parts of each identifier, and each without its accents."""

    def split(self, text: str) -> list[str]:
        """Return the words of a text under which a reader may look for it."""
        words = super().split(text)
        parts = [part for word in words if PARTS.search(word) for part in PARTS.split(word) if part]
        return [*words, *parts, *(plain for word in (*words, *parts) if (plain := remove_accents(word)) != word)]


def remove_accents(word: str) -> str:
    """Return a word without its accents: ``poblacion`` for ``población``."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def setup(app: Sphinx) -> dict[str, bool]:
    """Take the place of Sphinx's own search in English."""
    app.add_search_language(IdentifierSearch)
    return {"parallel_read_safe": True}
