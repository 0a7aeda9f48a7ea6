"""How contact details of people look in a text: e-mail addresses, telephone numbers, accounts of messaging services."""

import re
import unicodedata

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
WITHHELD_CONTACT = "(withheld: contact details)"


def holds_contact(text: str) -> bool:
    """Whether a text holds a contact of a person, as far as its look tells.

    >>> holds_contact("Ana, ana@example.org"), holds_contact("Refugiad@s 2021-2022")
    (True, False)
    """
    return bool(_CONTACT.search(unicodedata.normalize("NFKC", text)))
