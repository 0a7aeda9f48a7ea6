"""How contact details of people look in a text: e-mail addresses, telephone numbers, accounts of messaging services."""

import re
import unicodedata
from typing import Literal

_E_MAIL = (
    r"[A-Za-z0-9_.+'-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"  # ana@example.org
    r"|[A-Za-z0-9_.+-]+\s+@\s*[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"  # ana @ example.org
    r"|(?i:[A-Za-z0-9_.+-]+\s*[\[(]\s*(?:at|arroba)\s*[\])]\s*[A-Za-z0-9-]+)"  # ana (at) example.org
    r"|(?i:[A-Za-z0-9_.+-]+\s+arroba\s+[A-Za-z0-9-]+)"
)
_ACCOUNT = (
    r"(?:^|[\s(,;:/])@[A-Za-z0-9_.]{3,}"  # @ana_example; refugiad@s is none
    r"|(?i:\b(?:wa\.me|t\.me|whatsapp\.com|facebook\.com|fb\.com|instagram\.com|linkedin\.com)/\S+)"
)
_TELEPHONE = (
    r"\+\d[\d ().-]{7,}\d"  # +57 301 555 0101
    r"|\b\d{9,15}\b"  # 3015550101
    r"|\b\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{3,4}\b"  # 301 555 0101
    r"|\b\(?\d{3,4}\)?[ .-]\d{7}\b"  # 301 5550101
    r"|\b\(?\d{3,4}\)?[ .-]\d{3,4}[ .-]\d{2}[ .-]\d{2}\b"  # 0212 555 01 01
    r"|(?i:\b(?:tel|telf|tlf|cel|m[oó]vil|whats?app|wsp|phone|tel[eé]fono|celular|fono|contacto?)\b)"
    r"[^\d\n]{0,12}\d[\d ().-]{5,}\d"  # Cel: 555 0101
)
_CONTACT = re.compile(f"{_E_MAIL}|{_ACCOUNT}|{_TELEPHONE}")
_YEAR = r"(?:19|20)\d\d"
_DAY = rf"{_YEAR}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]{_YEAR}"
_MONEY = r"(?i:US\$|R\$|\$|USD|US|€|EUR|COP|d[oó]l\w*|dollars?)"
_DAYS_AND_MONEY = re.compile(
    rf"(?:{_DAY})\b"  # 2021-01-15
    rf"|\b{_YEAR}(?:[ /–-]+{_YEAR})+\b"  # 2019-2021
    rf"|{_MONEY}\s?\d[\d .,]*\d\b|\b\d[\d .,]*\d\s?{_MONEY}(?!\w)"  # US$ 763 092 338, 763.092.338 dólares
)
_THOUSANDS = re.compile(
    r"(?<![\d+])(?<!\d[ .-])\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*\b(?![ -]?\d)"  # 1.439.234.410
    rf"|(?<![\d+])(?<!\d[ .-])(?:{_YEAR} \d)?\d{{1,2}}(?: \d{{3}})+\b(?![ -]?\d)"  # 12 500 000, en 2021 350 000
)
"""Amounts with a sign between thousands; three digits, three and three with blanks are a telephone number."""

CALLED = (
    r"(?i:\b(?:tel|telf|tlf|cel|m[oó]vil|whats?app|phone|tel[eé]fono|telefone|celular|fone|fono)\b)"
    r"\D{0,5}\d[\d ().-]{5,}\d"
)
"""A telephone number that is called so, whatever its look."""
_OF_BRAZIL = r"|\(?\b\d{2}\)?[ .-]?\d{4,5}-\d{4}\b"  # (11) 98765-4321

Contact = Literal["", "an e-mail address", "a telephone number"]
WITHHELD_CONTACT = "(withheld: contact details)"


def holds_contact(text: str) -> bool:
    """Whether a text holds a contact of a person, as far as its look tells.

    >>> holds_contact("Ana, ana@example.org"), holds_contact("Refugiad@s 2021-2022")
    (True, False)
    """
    return bool(_CONTACT.search(unicodedata.normalize("NFKC", text)))


def contact_in(sentence: str) -> Contact:
    """What contact of a person a sentence holds, as far as its look tells; empty for none.

    Sentences hold more numbers than names do: years, days, amounts and percentages are no telephone numbers.

    >>> contact_in("Llame al +57 301 555 0101."), contact_in("In 2019-2021 they spent US$ 763 092 338.")
    ('a telephone number', '')
    """
    plain = unicodedata.normalize("NFKC", sentence)
    if re.search(_E_MAIL, plain):
        return "an e-mail address"
    numbers = _DAYS_AND_MONEY.sub("…", plain)
    is_called = re.search(CALLED, numbers) or re.search(_TELEPHONE + _OF_BRAZIL, _THOUSANDS.sub("…", numbers))
    return "a telephone number" if is_called else ""
