"""Translate finished English sentences, such as those of errors, by the catalogue's texts with ``{name}`` in them."""

import gettext
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent
DOMAIN = "rmrp"
_SLOT = re.compile(r"\{[\w:,]*\}")
_BORDER = re.compile(r": |; |\. |, (?=did you mean )|\n")
"""Where one sentence ends and the next begins, as in ``file:line: key: what is wrong; did you mean 'name'?``."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
"""A whole number as English sentences have it, which says another thing where a comma begins the decimals."""
MIN_LETTERS_OF_PATTERN = 4
"""A text with fewer letters of its own around its ``{name}`` would fit anything."""
MIN_SPACES_OF_SENTENCE = 2
"""A text with fewer spaces is a name, which stays as it is typed; a name is also what stands in quotes."""

NUMBERS = ("count", "number", "rows", "people")
"""What stands here is written in digits."""
NOUNS = ("what", "kind")
"""What stands here in a sentence is a noun of ours, such as 'data folder', and is translated, though it is short."""
CHOICES = ("choices", "by_lower", "allowed_in_words")
"""What stands here may be written: names, such as sectors, which have one in each language, or a text of ours."""


class Sentences:
    """Gives sentences in a language, where a catalogue has their text.

    gettext translates a text before it is filled in. Whoever raises an error fills in its sentence at once, and does
    not know who will read it; so this class finds the text by the sentence.
    """

    def __init__(
        self, language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
    ) -> None:
        self.name, self.number = name, number
        catalogue = gettext.translation(DOMAIN, LOCALE_FOLDER, [language], fallback=True)
        content = getattr(catalogue, "_catalog", {})  # gettext has no public list of its texts
        singular = {text[0]: said for text, said in content.items() if isinstance(text, tuple) and text[1] == 0}
        texts = singular | {text: said for text, said in content.items() if isinstance(text, str)}
        self._translations: dict[str, str] = {text: said for text, said in texts.items() if text and said != text}
        self._patterns = [
            (max(pieces, key=len), sum(map(len, pieces)), text)
            for text in self._translations
            if _SLOT.search(text) and "\n" not in text
            for pieces in [_SLOT.split(text)]
            if len(re.findall(r"[^\W\d]", "".join(pieces))) >= MIN_LETTERS_OF_PATTERN
        ]
        self._patterns.sort(key=lambda pattern: -pattern[1])

    def __call__(self, text: str) -> str:
        """Return the text in the language; parts of it that no catalogue has stay in English."""
        for candidate in (text, text[:1].lower() + text[1:]):
            if (said := self._whole(candidate)) is not None:
                return said
        borders = list(_BORDER.finditer(text))
        for border in borders:
            if " " in text[border.end() :] and (tail := self._whole(text[border.end() :])) is not None:
                return self(text[: border.start()]) + border[0] + tail
        for border in reversed(borders):
            if " " in text[: border.start()] and (head := self._whole(text[: border.start()])) is not None:
                return head + border[0] + self(text[border.end() :])
        return text

    def _whole(self, text: str) -> str | None:
        """Return the translation of a text that the catalogue has as a whole; of several patterns the longest fits."""
        if text in self._translations:
            return self._translations[text]
        for longest_piece, _, pattern in self._patterns:
            if longest_piece in text and (match := _compiled(pattern).fullmatch(text)):
                return self._filled(self._translations[pattern], pattern, match)
        return None

    def _filled(self, translation: str, pattern: str, match: re.Match[str]) -> str:
        """Fill a translation with what stands in the sentence; what is a sentence itself is translated, too."""
        contents = {}
        for name, content in match.groupdict().items():
            is_quoted = f"'{{{name}}}'" in pattern
            is_sentence = content.count(" ") >= MIN_SPACES_OF_SENTENCE and not is_quoted
            if _THOUSANDS.fullmatch(content):
                contents[name] = self.number(int(content.replace(",", "")))
            elif name in CHOICES:
                names = ", ".join(map(self.name, content.split(", ")))
                contents[name] = self._translations.get(content, names)
            else:
                contents[name] = self(content) if is_sentence or name in NOUNS else content
        return _SLOT.sub(lambda slot: contents[_name(slot[0])], translation)


@cache
def _compiled(text: str) -> re.Pattern[str]:
    names: set[str] = set()

    def slot(name: str) -> str:
        if name in names:
            return f"(?P={name})"
        names.add(name)
        content = r"[\d.,\s]+" if name in NUMBERS else "[^;:.]*?" if name in NOUNS else ".*?"
        return f"(?P<{name}>{content})"

    pieces = re.split(f"({_SLOT.pattern})", text)
    return re.compile("".join(slot(_name(each)) if _SLOT.fullmatch(each) else re.escape(each) for each in pieces))


def _name(slot: str) -> str:
    """Name what stands in a slot, also in one without a name, such as ``{}``."""
    return slot[1:-1].partition(":")[0] or "value"


@cache
def sentences(
    language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
) -> Sentences:
    """Return what translates sentences into a language.

    ``name`` gives names that a reader may choose from in that language, ``number`` whole numbers from a thousand on.
    """
    return Sentences(language, name, number)
