"""4.91 K is 4.91 K everywhere: each kind of number has one form in each language."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from rmrp_analysis import numbers

LANGUAGES = ("en", "es", "pt")
SPACE = "\u202f"
FULL_BELOW_10_000 = {999: "999", 4_910: "4910", 9_999: "9999", 9_999.6: "10,0 mil", 19_949: "19,9 mil"}
PRINTED: list[tuple[str, Callable[[Any, str], str], str, Mapping[Any, str]]] = [
    (
        "people have three significant digits",
        *(numbers.people, "en"),
        {
            504_000: "504 K",
            14_300: "14.3 K",
            4_910: "4.91 K",
            19_900: "19.9 K",
            5_187_263: "5.19 M",
            999_600: "1.00 M",
            999_499: "999 K",
            1_000: "1.00 K",
            999.6: "1.00 K",
            999: "999",
            127: "127",
            0: "0",
        },
    ),
    ("people are printed in full below ten thousand", numbers.people, "es", FULL_BELOW_10_000),
    ("people are printed in full below ten thousand", numbers.people, "pt", FULL_BELOW_10_000),
    (
        "money has three significant digits after its sign, and none where it rounds to nothing",
        *(numbers.usd, "en"),
        {
            1_470_000: "$1.47 M",
            17_188_336: "$17.2 M",
            1_439_234_410: "$1.44 B",
            12_345_000_000: "$12.3 B",
            950: "$950",
            -615_694: "−$616 K",
            -4_500: "−$4.50 K",
            -0.4: "$0",
        },
    ),
    (
        "Spanish has no short word for thousands of millions",
        *(numbers.usd, "es"),
        {1_470_000: "USD 1,47 M", -4_500: "−USD 4500", 12_345_000_000: "USD 12 300 M"},
    ),
    (
        "money is printed as people are",
        *(numbers.usd, "pt"),
        {1_470_000: "US$ 1,47 mi", -4_500: "−US$ 4500", 12_345_000_000: "US$ 12,3 bi"},
    ),
    (
        "counts are printed in full, and a half is rounded up",
        *(numbers.count, "en"),
        {4_910: "4,910", 11_204: "11,204", 0.5: "1", 1.5: "2", 2.5: "3"},
    ),
    ("counts are printed in full", numbers.count, "es", {4_910: "4910", 11_204: "11 204"}),
    ("counts are printed in full", numbers.count, "pt", {4_910: "4910", 11_204: "11 204"}),
    (
        "shares are whole percent, below five with one decimal, and never nothing where something is",
        *(numbers.share, "en"),
        {
            0.028: "2.8%",
            0.01: "1%",
            0.08: "8%",
            1_470_000 / 18_658_336: "8%",
            0.0499: "5%",
            0.3435: "34%",
            1.2: "120%",
            5.93: "593%",
            0: "0%",
            -0.25: "−25%",
            10 / 72_318: "< 0.1%",
            0.125: "13%",
            0.135: "14%",
        },
    ),
    (
        "what a share is less than is rounded up, and named once",
        *(lambda number, language: numbers.less_than(number, "share", language), "en"),
        {0.0001: "< 0.1%", 0.0233: "< 2.4%", 0.0541: "< 6%", 0.9999: "< 100%"},
    ),
    ("only Spanish sets the percent sign apart", numbers.share, "es", {0.028: "2,8 %"}),
    ("only Spanish sets the percent sign apart", numbers.share, "pt", {0.028: "2,8%"}),
    ("an end of an axis has up to four digits", numbers.plain, "en", {0.125: "0.125", 22_143: "22,140"}),
    ("an end of an axis has up to four digits", numbers.plain, "es", {0.125: "0,125", -3: "−3"}),
    ("an end of an axis has up to four digits", numbers.plain, "pt", {22_143: "22 140"}),
]


def narrow(text: str) -> str:
    """The text with the narrow no-break spaces that are printed."""
    return text.replace(" ", SPACE)


@pytest.mark.parametrize(("sentence", "form", "language", "printed"), PRINTED)
def test_a_number_has_one_form_in_a_language(
    sentence: str, form: Callable[[Any, str], str], language: str, printed: Mapping[Any, str]
) -> None:
    assert {number: form(number, language) for number in printed} == {
        number: narrow(text) for number, text in printed.items()
    }, sentence


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
    spoken = numbers.aloud(f"In 2021: {'; '.join(amounts)}. SO15, 36%.", language)
    assert spoken == f"In 2021: {people}; {money}; {most}. SO15, 36%."


@pytest.mark.parametrize(("values", "digits"), [([9_999, 388], None), ([22_300, 388], 1), ([100_000], 0), ([], None)])
def test_a_row_of_numbers_is_in_thousands_where_in_full_it_has_no_room(values: list[float], digits: int | None) -> None:
    assert numbers.digits_of_thousands(values) == digits


@pytest.mark.parametrize(
    ("number", "unit", "language", "printed"),
    [
        (5_000, "people", "en", "5 K"),
        (4_600, "people", "es", "4600"),
        (4_567, "people", "es", "4570"),
        (150_000, "people", "pt", "150 mil"),
        (1_500_000, "usd", "en", "$1.5 M"),
        (1_500_000, "usd", "pt", "US$ 1,5 mi"),
        (0.35, "share", "es", "35 %"),
        (400, "count", "en", "400"),
        (12_345, "people", "en", "12.3 K"),
    ],
)
def test_a_round_number_feigns_no_precision(number: float, unit: str, language: str, printed: str) -> None:
    assert numbers.rounded(number, unit, language) == narrow(printed)


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
        (partial(numbers.date, "end of 2021"), "end of 2021", "end of 2021", "end of 2021"),
    ],
)
def test_dates_and_periods_are_worded_by_their_language(form: Callable[[str], str], en: str, es: str, pt: str) -> None:
    assert [form(language) for language in LANGUAGES] == [en, es, pt]
