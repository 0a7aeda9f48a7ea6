"""Translate finished English sentences, such as those of errors, by finding the template that they were filled from.

``words`` says which module translates what.
"""

import gettext
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent
DOMAIN = "rmrp"
_PLACEHOLDER = re.compile(r"\{[\w:,]*\}")
_SENTENCE_END = re.compile(r": |; |\. |, (?=did you mean )|\n")
"""Where one sentence ends and the next begins, as in ``file:line: key: what is wrong; did you mean 'name'?``."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
"""A whole number as English sentences have it, which says another thing where a comma begins the decimals."""
MIN_LETTERS_OF_TEMPLATE = 4
"""A template with fewer letters around its placeholders would match any sentence."""
MIN_SPACES_OF_SENTENCE = 2
"""A value with fewer spaces, or in quotes, is a name, which stays as it is typed."""

NUMBER_PLACEHOLDERS = ("count", "number", "rows", "people")
"""Placeholders whose value is written in digits."""
NOUN_PLACEHOLDERS = ("what", "kind")
"""Placeholders whose value is a noun of ours, such as 'data folder', which is translated, though it is short."""
CHOICE_PLACEHOLDERS = ("choices", "by_lower", "describe_allowed")
"""Placeholders whose value may be written: names, such as sectors, which have one in each language, or a text."""


class Sentences:
    """Translates finished English sentences into a language, where its catalogue has their template.

    gettext translates a template before it is filled in. Code that raises an error fills it in at once, and does not
    know who will read it; so this class finds the template by the sentence.
    """

    def __init__(
        self, language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
    ) -> None:
        self.name, self.number = name, number
        catalogue = gettext.translation(DOMAIN, LOCALE_FOLDER, [language], fallback=True)
        content = getattr(catalogue, "_catalog", {})  # gettext has no public list of its texts
        singular = {
            key[0]: translation for key, translation in content.items() if isinstance(key, tuple) and not key[1]
        }
        translations = singular | {key: translation for key, translation in content.items() if isinstance(key, str)}
        self._translations: dict[str, str] = {
            template: translation
            for template, translation in translations.items()
            if template and translation != template
        }
        self._templates = [
            (max(pieces, key=len), sum(map(len, pieces)), template)
            for template in self._translations
            if _PLACEHOLDER.search(template) and "\n" not in template
            for pieces in [_PLACEHOLDER.split(template)]
            if len(re.findall(r"[^\W\d]", "".join(pieces))) >= MIN_LETTERS_OF_TEMPLATE
        ]
        self._templates.sort(key=lambda entry: -entry[1])

    def __call__(self, text: str) -> str:
        """Translate a text of one or more sentences; those that no catalogue has stay in English."""
        for candidate in (text, text[:1].lower() + text[1:]):
            if (translation := self._translate_sentence(candidate)) is not None:
                return translation
        ends = list(_SENTENCE_END.finditer(text))
        for end in ends:
            if " " in text[end.end() :] and (tail := self._translate_sentence(text[end.end() :])) is not None:
                return self(text[: end.start()]) + end[0] + tail
        for end in reversed(ends):
            if " " in text[: end.start()] and (head := self._translate_sentence(text[: end.start()])) is not None:
                return head + end[0] + self(text[end.end() :])
        return text

    def _translate_sentence(self, text: str) -> str | None:
        """Translate one sentence by the longest template that matches all of it; None where no template does."""
        if text in self._translations:
            return self._translations[text]
        for longest_piece, _, template in self._templates:
            if longest_piece in text and (match := _compile_template(template).fullmatch(text)):
                return self._fill(self._translations[template], template, match)
        return None

    def _fill(self, translation: str, template: str, match: re.Match[str]) -> str:
        """Fill a translation with the values of the sentence; a value that is a sentence is translated, too."""
        values = {}
        for name, value in match.groupdict().items():
            is_quoted = f"'{{{name}}}'" in template
            is_sentence = value.count(" ") >= MIN_SPACES_OF_SENTENCE and not is_quoted
            if _THOUSANDS.fullmatch(value):
                values[name] = self.number(int(value.replace(",", "")))
            elif name in CHOICE_PLACEHOLDERS:
                names = ", ".join(map(self.name, value.split(", ")))
                values[name] = self._translations.get(value, names)
            else:
                values[name] = self(value) if is_sentence or name in NOUN_PLACEHOLDERS else value
        return _PLACEHOLDER.sub(lambda placeholder: values[_name_placeholder(placeholder[0])], translation)


@cache
def _compile_template(template: str) -> re.Pattern[str]:
    """Return the pattern of the sentences that a template gives, with a group for each placeholder."""
    names: set[str] = set()

    def write_group(name: str) -> str:
        if name in names:
            return f"(?P={name})"
        names.add(name)
        pattern = r"[\d.,\s]+" if name in NUMBER_PLACEHOLDERS else "[^;:.]*?" if name in NOUN_PLACEHOLDERS else ".*?"
        return f"(?P<{name}>{pattern})"

    pieces = re.split(f"({_PLACEHOLDER.pattern})", template)
    return re.compile(
        "".join(
            write_group(_name_placeholder(piece)) if _PLACEHOLDER.fullmatch(piece) else re.escape(piece)
            for piece in pieces
        )
    )


def _name_placeholder(placeholder: str) -> str:
    """Return the name in a placeholder; *value* for one without a name, such as ``{}``."""
    return placeholder[1:-1].partition(":")[0] or "value"


@cache
def sentences(
    language: str, name: Callable[[str], str] = str, number: Callable[[int], str] = "{:,}".format
) -> Sentences:
    """Return the cached translator of finished sentences into a language.

    ``name`` translates names that a reader may choose from, ``number`` prints whole numbers from a thousand on.
    """
    return Sentences(language, name, number)
