"""Say messages in the language of this process: English, until a command chooses another one."""

import gettext
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
_chosen = [SOURCE_LANGUAGE]


def set_language(code: str = SOURCE_LANGUAGE) -> None:
    """Say messages in this language from now on; without a catalogue of it, in English."""
    _chosen[0] = code if gettext.find("rmrp", LOCALE_FOLDER, [code]) else SOURCE_LANGUAGE


def language() -> str:
    """Return the code of the language of messages."""
    return _chosen[0]


def say(text: str, /, **values: object) -> str:
    """Say a text in the language of messages, with ``{name}`` filled in.

    >>> say("'{day}' is no day; write it as {example}", day="May", example="2021-06-15")
    "'May' is no day; write it as 2021-06-15"
    """
    translated = _catalogue(language()).gettext(text) if text else ""
    return translated.format(**values) if values else translated


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """The text itself: marks it to be found by the extractor of translations, and translated where it is shown."""
    return text


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("rmrp", LOCALE_FOLDER, [code], fallback=True)
