"""Translate finished English sentences, such as those of errors, by finding the template that they were filled from.

``words`` says which module translates what.
"""

import gettext
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent
"""The folder of the package's catalogues."""
CATALOGUE_DOMAIN = "rmrp"
"""The name of the catalogues, as gettext calls it."""
_PLACEHOLDER_PATTERN = re.compile(r"\{[\w:,]*\}")
"""A placeholder of a template."""
_SENTENCE_END_PATTERN = re.compile(r": |; |\. |, (?=did you mean )|\n")
"""Where one sentence ends and the next begins, as in ``file:line: key: what is wrong; did you mean 'name'?``."""
_THOUSANDS_PATTERN = re.compile(r"\d{1,3}(?:,\d{3})+")
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
        """Read the catalogue of a language; without one, every sentence stays in English.

        ``name`` translates names that a reader may choose from, ``number`` prints whole numbers from a thousand on.
        """
        self.name, self.number = name, number
        catalogue = gettext.translation(CATALOGUE_DOMAIN, LOCALE_FOLDER, [language], fallback=True)
        translation_by_key = getattr(catalogue, "_catalog", {})  # gettext has no public list of its texts
        singular_translation_by_text = {
            text_or_plural_key[0]: translated_text
            for text_or_plural_key, translated_text in translation_by_key.items()
            if isinstance(text_or_plural_key, tuple) and not text_or_plural_key[1]
        }
        translation_by_template = singular_translation_by_text | {
            text_or_plural_key: translated_text
            for text_or_plural_key, translated_text in translation_by_key.items()
            if isinstance(text_or_plural_key, str)
        }
        self._translations: dict[str, str] = {
            template: translated_text
            for template, translated_text in translation_by_template.items()
            if template and translated_text != template
        }
        self._templates = [
            (max(template_pieces, key=len), sum(map(len, template_pieces)), template)
            for template in self._translations
            if _PLACEHOLDER_PATTERN.search(template) and "\n" not in template
            for template_pieces in [_PLACEHOLDER_PATTERN.split(template)]
            if len(re.findall(r"[^\W\d]", "".join(template_pieces))) >= MIN_LETTERS_OF_TEMPLATE
        ]
        self._templates.sort(key=lambda entry: -entry[1])

    def __call__(self, text: str) -> str:
        """Translate a text of one or more sentences; those that no catalogue has stay in English."""
        for candidate_text in (text, text[:1].lower() + text[1:]):
            if (translated_text := self._translate_sentence(candidate_text)) is not None:
                return translated_text
        sentence_end_matches = list(_SENTENCE_END_PATTERN.finditer(text))
        for sentence_end_match in sentence_end_matches:
            if (
                " " in text[sentence_end_match.end() :]
                and (translated_tail := self._translate_sentence(text[sentence_end_match.end() :])) is not None
            ):
                return self(text[: sentence_end_match.start()]) + sentence_end_match[0] + translated_tail
        for sentence_end_match in reversed(sentence_end_matches):
            if (
                " " in text[: sentence_end_match.start()]
                and (translated_first_sentence := self._translate_sentence(text[: sentence_end_match.start()]))
                is not None
            ):
                return translated_first_sentence + sentence_end_match[0] + self(text[sentence_end_match.end() :])
        return text

    def _translate_sentence(self, text: str) -> str | None:
        """Translate one sentence by the longest template that matches all of it; None where no template does."""
        if text in self._translations:
            return self._translations[text]
        for longest_template_piece, _, template in self._templates:
            if longest_template_piece in text and (sentence_match := _compile_template(template).fullmatch(text)):
                return self._fill(self._translations[template], template, sentence_match)
        return None

    def _fill(self, translation: str, template: str, match: re.Match[str]) -> str:
        """Fill a translation with the values of the sentence.

        Numbers of thousands are printed by ``number``; sentences, nouns of ours and choices are translated, too.
        """
        value_by_placeholder = {}
        for placeholder_name, placeholder_text in match.groupdict().items():
            is_quoted_value = f"'{{{placeholder_name}}}'" in template
            is_sentence_value = placeholder_text.count(" ") >= MIN_SPACES_OF_SENTENCE and not is_quoted_value
            if _THOUSANDS_PATTERN.fullmatch(placeholder_text):
                value_by_placeholder[placeholder_name] = self.number(int(placeholder_text.replace(",", "")))
            elif placeholder_name in CHOICE_PLACEHOLDERS:
                translated_names_text = ", ".join(map(self.name, placeholder_text.split(", ")))
                value_by_placeholder[placeholder_name] = self._translations.get(placeholder_text, translated_names_text)
            else:
                value_by_placeholder[placeholder_name] = (
                    self(placeholder_text)
                    if is_sentence_value or placeholder_name in NOUN_PLACEHOLDERS
                    else placeholder_text
                )
        return _PLACEHOLDER_PATTERN.sub(
            lambda placeholder: value_by_placeholder[_name_placeholder(placeholder[0])], translation
        )


@cache
def _compile_template(template: str) -> re.Pattern[str]:
    """Return the pattern of the sentences that a template gives, with a group for each placeholder."""
    group_names: set[str] = set()

    def write_group(name: str) -> str:
        """Return the group of a placeholder; where the name comes again, a reference to its first group."""
        if name in group_names:
            return f"(?P={name})"
        group_names.add(name)
        group_pattern = (
            r"[\d.,\s]+" if name in NUMBER_PLACEHOLDERS else "[^;:.]*?" if name in NOUN_PLACEHOLDERS else ".*?"
        )
        return f"(?P<{name}>{group_pattern})"

    template_pieces = re.split(f"({_PLACEHOLDER_PATTERN.pattern})", template)
    return re.compile(
        "".join(
            write_group(_name_placeholder(template_piece))
            if _PLACEHOLDER_PATTERN.fullmatch(template_piece)
            else re.escape(template_piece)
            for template_piece in template_pieces
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
