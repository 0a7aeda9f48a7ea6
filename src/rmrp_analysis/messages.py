"""Translate messages of commands and errors into the language of this process.

It is English until a command chooses another one. ``words`` translates the texts of sheets, and says how the modules
differ.
"""

import gettext
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
"""The language in which texts are written in the code."""
_language_of_process = [SOURCE_LANGUAGE]
"""The code of the language of messages: one item, which ``set_language`` replaces."""


def set_language(code: str = SOURCE_LANGUAGE) -> None:
    """Set the language of messages for this process. Without a catalogue it is English."""
    _language_of_process[0] = code if gettext.find("rmrp", LOCALE_FOLDER, [code]) else SOURCE_LANGUAGE


def language() -> str:
    """Return the code of the language of messages."""
    return _language_of_process[0]


def say(template: str, /, **values: object) -> str:
    """Translate a template into the language of messages and fill it in. Without ``values`` its braces stay.

    >>> say("'{day}' is no day; write it as {example}", day="May", example="2021-06-15")
    "'May' is no day; write it as 2021-06-15"
    """
    text = _catalogue(language()).gettext(template) if template else ""
    return text.format(**values) if values else text


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """Return the text itself, marked for the extractor of catalogues. Whoever prints the text translates it."""
    return text


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    """Return the catalogue of a language. Without one, return a catalogue that leaves texts as they are."""
    return gettext.translation("rmrp", LOCALE_FOLDER, [code], fallback=True)
