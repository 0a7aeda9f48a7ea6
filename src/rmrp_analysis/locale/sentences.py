"""Translate finished English sentences, such as errors, by finding their templates.

``words`` describes the three modules that translate.
"""

import gettext
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent
CATALOGUE_DOMAIN = "rmrp"
_PLACEHOLDER_PATTERN = re.compile(r"\{[\w:,]*\}")
_SENTENCE_END_PATTERN = re.compile(r": |; |\. |, (?=did you mean )|\n")
"""The end of a sentence before the next one, as in ``file:line: key: fault; did you mean 'name'?``."""
_THOUSANDS_PATTERN = re.compile(r"\d{1,3}(?:,\d{3})+")
"""A whole number as English sentences write it. In other languages the comma may begin the decimals."""
MIN_LETTERS_OF_TEMPLATE = 4
"""A template with fewer letters around its placeholders would match any sentence."""
MIN_SPACES_OF_SENTENCE = 2
"""A value with fewer spaces, or in quotes, is a name, which stays as it is typed."""

NUMBER_PLACEHOLDERS = ("count", "number", "rows", "people")
"""Placeholders for values in digits."""
NOUN_PLACEHOLDERS = ("what", "kind")
"""Placeholders for a noun of ours, such as 'data folder', which is translated, though it is short."""
CHOICE_PLACEHOLDERS = ("choices", "by_lower", "describe_allowed")
"""Placeholders for allowed values: names, such as sectors, which each language has, or a text."""


class Sentences:
    """Translates finished English sentences into a language, if its catalogue has their template.

    gettext translates a template before it is filled in. Code that raises an error fills it in at once, and does not
    know who will read it. So this class finds the template by the sentence.
    """

    def __init__(
        self, language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
    ) -> None:
        """Read the catalogue of a language. Without a catalogue, every sentence stays in English.

        ``name`` translates names that a reader may choose from. ``number`` prints whole numbers from a thousand on.
        """
        self.name, self.number = name, number
        catalogue = gettext.translation(CATALOGUE_DOMAIN, LOCALE_FOLDER, [language], fallback=True)
        content = getattr(catalogue, "_catalog", {})  # gettext has no public list of its texts
        singular = {
            key[0]: translation for key, translation in content.items() if isinstance(key, tuple) and not key[1]
        }
        texts = singular | {key: translation for key, translation in content.items() if isinstance(key, str)}
        self._translations: dict[str, str] = {
            text: translation for text, translation in texts.items() if text and translation != text
        }
        self._templates = [
            (max(pieces, key=len), sum(map(len, pieces)), text)
            for text in self._translations
            if _PLACEHOLDER_PATTERN.search(text) and "\n" not in text
            for pieces in [_PLACEHOLDER_PATTERN.split(text)]
            if len(re.findall(r"[^\W\d]", "".join(pieces))) >= MIN_LETTERS_OF_TEMPLATE
        ]
        self._templates.sort(key=lambda entry: -entry[1])

    def __call__(self, text: str) -> str:
        """Translate a text of one or more sentences. Sentences that no catalogue has stay in English."""
        for candidate in (text, text[:1].lower() + text[1:]):
            if (translation := self._translate_sentence(candidate)) is not None:
                return translation
        borders = list(_SENTENCE_END_PATTERN.finditer(text))
        for border in borders:
            if " " in text[border.end() :] and (tail := self._translate_sentence(text[border.end() :])) is not None:
                return self(text[: border.start()]) + border[0] + tail
        for border in reversed(borders):
            if " " in text[: border.start()] and (head := self._translate_sentence(text[: border.start()])) is not None:
                return head + border[0] + self(text[border.end() :])
        return text

    def _translate_sentence(self, text: str) -> str | None:
        """Translate one sentence by the longest template that matches all its text. None without such a template."""
        if text in self._translations:
            return self._translations[text]
        for piece, _, pattern in self._templates:
            if piece in text and (match := _compile_template(pattern).fullmatch(text)):
                return self._fill(self._translations[pattern], pattern, match)
        return None

    def _fill(self, translation: str, template: str, match: re.Match[str]) -> str:
        """Fill a translation with the values of the sentence.

        Numbers of thousands are printed by ``number``. Sentences, nouns of ours and choices are translated, too.
        """
        contents = {}
        for name, content in match.groupdict().items():
            is_quoted = f"'{{{name}}}'" in template
            is_sentence = content.count(" ") >= MIN_SPACES_OF_SENTENCE and not is_quoted
            if _THOUSANDS_PATTERN.fullmatch(content):
                contents[name] = self.number(int(content.replace(",", "")))
            elif name in CHOICE_PLACEHOLDERS:
                names = ", ".join(map(self.name, content.split(", ")))
                contents[name] = self._translations.get(content, names)
            else:
                contents[name] = self(content) if is_sentence or name in NOUN_PLACEHOLDERS else content
        return _PLACEHOLDER_PATTERN.sub(lambda placeholder: contents[_name_placeholder(placeholder[0])], translation)


@cache
def _compile_template(template: str) -> re.Pattern[str]:
    """Return the pattern of the sentences that a template gives, with a group for each placeholder."""
    names: set[str] = set()

    def write_group(name: str) -> str:
        """Return the group of a placeholder. If the name comes again, return a reference to its first group."""
        if name in names:
            return f"(?P={name})"
        names.add(name)
        group_pattern = (
            r"[\d.,\s]+" if name in NUMBER_PLACEHOLDERS else "[^;:.]*?" if name in NOUN_PLACEHOLDERS else ".*?"
        )
        return f"(?P<{name}>{group_pattern})"

    pieces = re.split(f"({_PLACEHOLDER_PATTERN.pattern})", template)
    return re.compile(
        "".join(
            write_group(_name_placeholder(template_piece))
            if _PLACEHOLDER_PATTERN.fullmatch(template_piece)
            else re.escape(template_piece)
            for template_piece in pieces
        )
    )


def _name_placeholder(placeholder: str) -> str:
    """Return the name in a placeholder, or *value* for one without a name, such as ``{}``."""
    return placeholder[1:-1].partition(":")[0] or "value"


@cache
def sentences(
    language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
) -> Sentences:
    """Return the cached translator of finished sentences into a language.

    ``name`` translates names that a reader may choose from. ``number`` prints whole numbers from a thousand on.
    """
    return Sentences(language, name, number)
