"""Small numbers of people that an author types beside what the sheet withholds: *4 people in Chile*."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.typed import typed_numbers
from rmrp_analysis.vocabulary import fold

PEOPLE: Mapping[str, str] = {
    "en": r"people|persons?|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|adolescents?|victims?|survivors?|refugees?"
    r"|migrants?|returnees|beneficiar(?:y|ies)",
    "es": r"personas?|mujer(?:es)?|hombres?|niñ[ao]s?|adolescentes?|víctimas?|sobrevivientes?|refugiad[ao]s?|migrantes?"
    r"|retornad[ao]s|beneficiari[ao]s?",
    "pt": r"pessoas?|mulher(?:es)?|home(?:m|ns)|menin[ao]s?|crianças?|adolescentes?|vítimas?|sobreviventes?"
    r"|refugiad[ao]s?|migrantes?|retornad[ao]s|beneficiári[ao]s?",
}
"""Words for people who are counted."""

IN_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "pt": ("uma", "duas", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"),
}
"""The numbers from one to nine, as they are written before *people*."""

BETWEEN = r"(?:\s+[^\W\d]+){0,2}\s+"
"""Words that may stand between a number and the people: *four young women*."""


def few_people_told(text: str, printed: Printed) -> Iterator[tuple[str, str]]:
    """Each small number of people in a text whose sentence names what is withheld: the number, and what that is."""
    if printed.internal:
        return
    withheld = dict(_withheld(printed))
    total = printed.key_figures.figures["people_reached"]
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        numbers = list(_small_numbers(sentence, printed))
        words = f" {fold(sentence)} "
        named = [name for folded, name in withheld.items() if f" {folded} " in re.sub(r"[^\w\s]", " ", words)]
        if total.suppressed and not named:
            named = [printed.sheet()]
        for number in numbers if named else ():
            yield number, named[0]


def _withheld(printed: Printed) -> Iterator[tuple[str, str]]:
    """The names of parts that are withheld, folded, and as they are printed."""
    for breakdown in printed.key_figures.breakdowns.values():
        for cell in breakdown.cells if breakdown.unit == "people" else ():
            if cell.suppressed:
                naming = printed.month if breakdown.dimension == "month" else printed.place
                for name in {naming(cell.key), printed.label(cell.key) if breakdown.dimension == "group" else ""} - {
                    ""
                }:
                    yield re.sub(r"[^\w\s]", " ", fold(name)).strip(), name


def _small_numbers(sentence: str, printed: Printed) -> Iterator[str]:
    """The numbers below the threshold, in digits or words, that count people."""
    language, threshold = printed.language, printed.key_figures.threshold
    for typed in typed_numbers(sentence, language):
        after = sentence[typed.start + len(typed.text) :]
        if typed.kind == "plain" and 0 < typed.number < threshold and _people(language).match(after):
            yield typed.text
    for number, word in enumerate(IN_WORDS[language], start=1):
        if number < threshold and re.search(rf"\b{word}(?={_people(language).pattern})", sentence, re.IGNORECASE):
            yield word


@cache
def _people(language: str) -> re.Pattern[str]:
    return re.compile(rf"{BETWEEN}(?:{PEOPLE[language]})\b", re.IGNORECASE)
