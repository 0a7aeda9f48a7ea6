"""How contact details of people look in a text: e-mail addresses, telephone numbers, accounts of messaging services."""

import re
import unicodedata
from pathlib import Path
from typing import Literal

from rmrp_analysis.packs import pack

CONTACT_PATTERN_ROWS = pack.texts_of("contacts.csv", "kind", "pattern", "example", within=Path(__file__).parent)
"""Each look of a contact, and of numbers that are no contact, with an example.

*Thousands* have a sign between them. Three digits, three and three with blanks are a telephone number. A number that is
*called a telephone* is one, whatever its look.
"""


def _pattern_of(*kinds: str) -> str:
    """Return one pattern for these looks of a contact."""
    return "|".join(pattern for kind, pattern, _ in CONTACT_PATTERN_ROWS if kind in kinds)


_E_MAIL_PATTERN, CALLED_TELEPHONE_PATTERN = re.compile(_pattern_of("e-mail")), _pattern_of("called a telephone")
"""An e-mail address, and a text in which a number is called a telephone."""
_CONTACT_PATTERN = re.compile(_pattern_of("e-mail", "account", "telephone"))
"""Any contact in a name."""
_TELEPHONE_PATTERN = re.compile(_pattern_of("telephone", "telephone of Brazil"))
"""A telephone number in a sentence."""
_DAY_OR_MONEY_PATTERN, _THOUSANDS_PATTERN = (re.compile(_pattern_of(kind)) for kind in ("day or money", "thousands"))
"""Numbers of a sentence that are no telephone."""

Contact = Literal["", "an e-mail address", "a telephone number"]
"""The kind of contact in a sentence. Empty without a contact."""
WITHHELD_CONTACT_TEXT = "(withheld: contact details)"


def holds_contact(text: str) -> bool:
    """Return whether a text holds a contact of a person, as far as its look tells.

    >>> holds_contact("Ana, ana@example.org"), holds_contact("Refugiad@s 2021-2022")
    (True, False)
    """
    return bool(_CONTACT_PATTERN.search(unicodedata.normalize("NFKC", text)))


def contact_in(sentence: str) -> Contact:
    """Return which kind of contact of a person a sentence holds, by its look. Empty without a contact.

    Sentences hold more numbers than names do: years, days, amounts and percentages are no telephone numbers.

    >>> contact_in("Llame al +57 301 555 0101."), contact_in("In 2019-2021 they spent US$ 763 092 338.")
    ('a telephone number', '')
    """
    plain = unicodedata.normalize("NFKC", sentence)
    if _E_MAIL_PATTERN.search(plain):
        return "an e-mail address"
    numbers = _DAY_OR_MONEY_PATTERN.sub("…", plain)
    is_called = re.search(CALLED_TELEPHONE_PATTERN, numbers)
    return "a telephone number" if is_called or _TELEPHONE_PATTERN.search(_THOUSANDS_PATTERN.sub("…", numbers)) else ""
