"""4.91 K is 4.91 K everywhere: each kind of number has one form in each language."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from rmrp_analysis import numbers

LANGUAGES = ("en", "es", "pt")
SPACE = "\u202f"


def less_than_share(number: float, language: str) -> str:
    return numbers.less_than(number, "share", language)


def share_of_one_decimal(number: float, language: str) -> str:
    return numbers.format_value(number, "share", language, 1)


def thousands_of_one_decimal(number: float, language: str) -> str:
    return numbers.thousands(number, 1, language)


FULL_BELOW_10_000 = "999: 999 | 4910: 4910 | 9999: 9999 | 9999.6: 10,0 mil | 19949: 19,9 mil"
PRINTED: dict[str, list[tuple[Callable[[Any, str], str], str, str]]] = {
    "people have three significant digits, in Spanish and Portuguese only from ten thousand on": [
        (numbers.people, "en", "504e3: 504 K | 14300: 14.3 K | 4910: 4.91 K | 19900: 19.9 K | 5187263: 5.19 M"),
        (numbers.people, "en", "999600: 1.00 M | 999499: 999 K | 1e3: 1.00 K | 999.6: 1.00 K | 999: 999"),
        (numbers.people, "en", "127: 127 | 0: 0"),
        (numbers.people, "es", FULL_BELOW_10_000),
        (numbers.people, "pt", FULL_BELOW_10_000),
    ],
    "money is printed as people are, after its sign, which it loses where it rounds to nothing": [
        (numbers.usd, "en", "1.47e6: $1.47 M | 17188336: $17.2 M | 1439234410: $1.44 B | 12345e6: $12.3 B | 950: $950"),
        (numbers.usd, "en", "-615694: −$616 K | -4500: −$4.50 K | -0.4: $0"),
        (numbers.usd, "pt", "1.47e6: US$ 1,47 mi | -4500: −US$ 4500 | 12345e6: US$ 12,3 bi"),
    ],
    "Spanish has no short word for thousands of millions": [
        (numbers.usd, "es", "1.47e6: USD 1,47 M | -4500: −USD 4500 | 12345e6: USD 12 300 M"),
    ],
    "counts are printed in full, and a half is rounded up": [
        (numbers.count, "en", "4910: 4,910 | 11204: 11,204 | 0.5: 1 | 1.5: 2 | 2.5: 3"),
        (numbers.count, "es", "4910: 4910 | 11204: 11 204"),
        (numbers.count, "pt", "4910: 4910 | 11204: 11 204"),
    ],
    "shares are whole percent, below five with one decimal, and never nothing where something is": [
        (numbers.share, "en", "0.028: 2.8% | 0.01: 1% | 0.08: 8% | 0.0788: 8% | 0.0499: 5% | 0.3435: 34% | 1.2: 120%"),
        (numbers.share, "en", "5.93: 593% | 0: 0% | -0.25: −25% | 1.38e-4: < 0.1% | 0.125: 13% | 0.135: 14%"),
    ],
    "what a share is less than is rounded up, and named once": [
        (less_than_share, "en", "0.0001: < 0.1% | 0.0233: < 2.4% | 0.0541: < 6% | 0.9999: < 100%"),
    ],
    "a half is rounded up, also with decimals and in thousands": [
        (share_of_one_decimal, "en", "0.1225: 12.3% | 0.1215: 12.2%"),
        (thousands_of_one_decimal, "en", "22250: 22.3 | 22150: 22.2 | 40: < 0.1"),
        (thousands_of_one_decimal, "es", "22140: 22,1"),
    ],
    "only Spanish sets the percent sign apart": [
        (numbers.share, "es", "0.028: 2,8 %"),
        (numbers.share, "pt", "0.028: 2,8%"),
    ],
    "an end of an axis has up to four digits": [
        (numbers.plain, "en", "0.125: 0.125 | 22143: 22,140"),
        (numbers.plain, "es", "0.125: 0,125 | -3: −3"),
        (numbers.plain, "pt", "22143: 22 140"),
    ],
}


def narrow(text: str) -> str:
    return text.replace(" ", SPACE)


@pytest.mark.parametrize("sentence", PRINTED)
def test_a_number_has_one_form_in_a_language(sentence: str) -> None:
    for form, language, printed in PRINTED[sentence]:
        pairs = [pair.split(": ") for pair in printed.split(" | ")]
        assert [form(float(number), language) for number, _ in pairs] == [narrow(text) for _, text in pairs]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_a_dash_and_no_printed_number_can_break_at_a_space(language: str) -> None:
    for form in (numbers.people, numbers.usd, numbers.count, numbers.share):
        assert form(None, language) == "—"
        assert not {" ", "\u00a0"} & set(form(4_910, language) + form(11_470_000, language))


@pytest.mark.parametrize(
    ("language", "people", "money", "most"),
    [
        ("en", "1.57 million", "360 thousand US dollars", "−1.44 billion US dollars"),
        ("es", "1,57 millones", "360 mil dólares", "−1440 millones de dólares"),
        ("pt", "1,57 milhão", "360 mil dólares", "−1,44 bilhão de dólares"),
    ],
)
def test_a_voice_says_units_in_words(language: str, people: str, money: str, most: str) -> None:
    amounts = numbers.people(1_570_000, language), numbers.usd(360_000, language), numbers.usd(-1_440_000_000, language)
    spoken = numbers.to_spoken(f"In 2021: {'; '.join(amounts)}. SO15, 36%.", language)
    assert spoken == f"In 2021: {people}; {money}; {most}. SO15, 36%."


@pytest.mark.parametrize(("values", "digits"), [([9_999, 388], None), ([22_300, 388], 1), ([100_000], 0), ([], None)])
def test_a_row_of_numbers_is_in_thousands_where_in_full_it_has_no_room(values: list[float], digits: int | None) -> None:
    assert numbers.digits_of_thousands(values) == digits


@pytest.mark.parametrize(
    ("number", "unit", "language", "printed"),
    [
        (5_000, "people", "en", "5 K"), (4_600, "people", "es", "4600"), (4_567, "people", "es", "4570"),
        (150_000, "people", "pt", "150 mil"), (1_500_000, "usd", "en", "$1.5 M"),
        (1_500_000, "usd", "pt", "US$ 1,5 mi"), (0.35, "share", "es", "35 %"), (400, "count", "en", "400"),
        (12_345, "people", "en", "12.3 K"), (-20, "usd", "en", "−$20"), (-5e6, "usd", "es", "−USD 5 M"),
    ],
)  # fmt: skip
def test_a_round_number_feigns_no_precision(number: float, unit: str, language: str, printed: str) -> None:
    assert numbers.format_round(number, unit, language) == narrow(printed)


@pytest.mark.parametrize(
    ("form", "en", "es", "pt"),
    [
        (partial(numbers.change, 11_204), "+11,204", "+11 204", "+11 204"),
        (partial(numbers.month_name, "2021-01"), "January", "enero", "janeiro"),
        (partial(numbers.month_letter, "2021-01"), "J", "E", "J"),
    ],
)
def test_each_language_has_its_marks_and_names(form: Callable[[str], str], en: str, es: str, pt: str) -> None:
    assert [form(language) for language in LANGUAGES] == [narrow(text) for text in (en, es, pt)]


@pytest.mark.parametrize(
    ("form", "en", "es", "pt"),
    [
        (
            partial(numbers.months, "2021-01", "2021-12"),
            *("January–December 2021", "enero–diciembre de 2021", "janeiro–dezembro de 2021"),
        ),
        (partial(numbers.months, "2021-05", "2021-05"), "May 2021", "mayo de 2021", "maio de 2021"),
        (partial(numbers.month_and_year, "2021-05"), "May 2021", "mayo de 2021", "maio de 2021"),
        (
            partial(numbers.months, "2021-11", "2022-01"),
            "November 2021 – January 2022",
            "noviembre de 2021 – enero de 2022",
            "novembro de 2021 – janeiro de 2022",
        ),
        (partial(numbers.date, "2021-08-09"), "9 August 2021", "9 de agosto de 2021", "9 de agosto de 2021"),
        (partial(numbers.date, "2021-06-01"), "1 June 2021", "1 de junio de 2021", "1º de junho de 2021"),
        (partial(numbers.date, "end of 2021"), "end of 2021", "end of 2021", "end of 2021"),
    ],
)
def test_dates_and_periods_are_worded_by_their_language(form: Callable[[str], str], en: str, es: str, pt: str) -> None:
    assert [form(language) for language in LANGUAGES] == [en, es, pt]
