"""Ranges: how a number that is not sure is said, by how few and how many people it stands for."""

from math import isnan

from rmrp_analysis import numbers
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.words import N_, Translator

MIN_SURE_SHARE, MAX_SURE_SHARE = 0.95, 1.05
"""A number is sure if its bounds are within these shares of it."""
MAX_TRIFLING_SHARE = 0.1
"""A smaller lower bound, as a share of the upper one, is not said: the number is *at most* the upper bound."""
AT_LEAST, AT_MOST, BETWEEN = N_("at least {low}"), N_("at most {high}"), N_("{low} to {high}")
IN_SENTENCE = {
    AT_LEAST: N_("no less than {low}"),
    AT_MOST: N_("no more than {high}"),
    BETWEEN: N_("between {low} and {high}"),
}
"""The words of a shape as a share within a sentence."""


def is_sure(value: float, low: float, high: float, base: float = 0.0) -> bool:
    """Tell whether a number is sure: its bounds are near it, or no farther than the ``base`` to which it is rounded.

    Bounds that are not known (NaN) put no number in doubt.

    >>> is_sure(100, 96, 104), is_sure(100, 90, 100), is_sure(30, 20, 30, base=10)
    (True, False, True)
    """
    if isnan(low) or isnan(high):
        return True
    size = abs(value)
    return value - low <= max((1 - MIN_SURE_SHARE) * size, base) and high - value <= max(
        (MAX_SURE_SHARE - 1) * size, base
    )


def shape_of(value: float, low: float, high: float, base: float = 0.0) -> str:
    """Return the English words of a range by its shape: a template with ``low`` and ``high``. Empty for a sure number.

    A number whose lower bound is sure is *at least* this bound. If the lower bound is 0 or a trifle, the number is *at
    most* the upper bound.

    >>> shape_of(100, 100, 180), shape_of(100, 40, 100), shape_of(100, 5, 100)
    ('at least {low}', '{low} to {high}', 'at most {high}')
    """
    if is_sure(value, low, high, base):
        return ""
    if low > 0 and is_sure(value, low, value, base):
        return AT_LEAST
    return AT_MOST if low < MAX_TRIFLING_SHARE * high else BETWEEN


def format_range(
    value: float,
    low: float,
    high: float,
    unit: str,
    translate: Translator,
    *,
    base: float = 0.0,
    in_sentence: bool = False,
) -> str:
    """Write a number that is not sure by the shape of its range, or an empty text for a sure number.

    ``in_sentence`` writes a share as "between 35% and 48%" in place of "35% to 48%".
    """
    if not (shape := shape_of(value, low, high, base)):
        return ""
    bounds = {
        name: numbers.format_value(max(bound, 0.0), unit, translate.language)
        for name, bound in (("low", low), ("high", high))
    }
    if bounds["low"] == bounds["high"]:
        return ""
    return translate(IN_SENTENCE[shape] if in_sentence else shape, **bounds)


def split_contractions(sentence: str, translate: Translator) -> str:
    """Undo the contraction of a preposition and an article in front of a range, which has no article there.

    A Spanish sentence says "al 35 %", but "a entre el 35 % y el 48 %".
    """
    for template in IN_SENTENCE.values():
        start = translate(template).partition("{")[0]
        for words, contraction in declared(translate.language).contractions.items():
            sentence = sentence.replace(f" {contraction} {start}", f" {words.split()[0]} {start}")
    return sentence
