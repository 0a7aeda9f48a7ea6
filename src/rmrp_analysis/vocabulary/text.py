"""How texts are compared, and how names stand in file names."""

import re
import unicodedata
from functools import lru_cache

REGION = "region"
"""The key of the whole region as a place."""
MONTH_PATTERN = r"(19|20)\d\d-(0[1-9]|1[0-2])"
"""A month as it is written in tables and parameters: ``2021-05``."""

_PLAIN_MARK_BY_TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("‘’‛′ʼʹ`´＇", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
"""The plain mark of a keyboard for each typographic apostrophe, quotation mark and dash."""

MAX_TEXTS_CACHED = 1 << 16
"""The results of a function are cached for so many texts."""


@lru_cache(MAX_TEXTS_CACHED)
def fold(text: str) -> str:
    """Return the text without accents, case, superfluous blanks and typographic marks: equal for spellings of one name.

    >>> fold("  Región  O’Higgins ")
    "region o'higgins"
    """
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN_MARK_BY_TYPOGRAPHIC))
    plain = "".join(character for character in letters if not unicodedata.combining(character))
    return " ".join(plain.casefold().split())


@lru_cache(MAX_TEXTS_CACHED)
def slug(name: str) -> str:
    """Return the name as it stands in a file name: lower case, hyphens, ``&`` as ``and``.

    >>> slug("Human Trafficking & Smuggling")
    'human-trafficking-and-smuggling'
    """
    return "-".join(re.findall(r"[^\W_]+", fold(name).replace("&", " and ")))


def file_stem(report: str, language: str, audience: str) -> str:
    """Return the name of a report's files without suffix: ``health.peru.es``, ``health.peru.es.internal``."""
    return f"{report}.{language}.internal" if audience == "internal" else f"{report}.{language}"
