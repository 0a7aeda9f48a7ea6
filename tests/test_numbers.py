"""4.91 K is 4.91 K everywhere: each kind of number has one form in each language."""

import pytest

from rmrp_analysis import numbers

LANGUAGES = ("en", "es", "pt")
SPACE = "\u202f"


def narrow(text: str) -> str:
    """The text with the narrow no-break spaces that are printed."""
    return text.replace(" ", SPACE)


@pytest.mark.parametrize(
    ("people", "printed"),
    [
        (504_000, "504 K"),
        (14_300, "14.3 K"),
        (4_910, "4.91 K"),
        (999_600, "1.00 M"),
        (999_499, "999 K"),
        (5_187_263, "5.19 M"),
        (1_000, "1.00 K"),
        (999.6, "1.00 K"),
        (999, "999"),
        (127, "127"),
        (0, "0"),
    ],
)
def test_people_have_three_significant_digits(people: float, printed: str) -> None:
    assert numbers.people(people, "en") == narrow(printed)


@pytest.mark.parametrize(
    ("usd", "printed"),
    [
        (1_470_000, "$1.47 M"),
        (17_188_336, "$17.2 M"),
        (1_439_234_410, "$1.44 B"),
        (950, "$950"),
        (-615_694, "−$616 K"),
    ],
)
def test_money_has_three_significant_digits_after_its_sign(usd: float, printed: str) -> None:
    assert numbers.usd(usd, "en") == narrow(printed)


@pytest.mark.parametrize(
    ("language", "people", "money"),
    [
        ("en", "19.9 K", "$1.47 M"),
        ("es", "19,9 mil", "USD 1,47 M"),
        ("pt", "19,9 mil", "US$ 1,47 mi"),
    ],
)
def test_each_language_has_its_comma_and_its_units(language: str, people: str, money: str) -> None:
    assert numbers.people(19_900, language) == narrow(people)
    assert numbers.usd(1_470_000, language) == narrow(money)


@pytest.mark.parametrize(
    ("people", "printed"), [(999, "999"), (4_910, "4910"), (9_999, "9999"), (9_999.6, "10,0 mil"), (19_949, "19,9 mil")]
)
@pytest.mark.parametrize("language", ["es", "pt"])
def test_spanish_and_portuguese_print_people_in_full_below_ten_thousand(
    language: str, people: float, printed: str
) -> None:
    assert numbers.people(people, language) == narrow(printed)


@pytest.mark.parametrize(("language", "printed"), [("en", "−$4.50 K"), ("es", "−USD 4500"), ("pt", "−US$ 4500")])
def test_money_is_printed_as_people_are(language: str, printed: str) -> None:
    assert numbers.usd(-4_500, language) == narrow(printed)


@pytest.mark.parametrize(("language", "printed"), [("en", "$12.3 B"), ("es", "USD 12 300 M"), ("pt", "US$ 12,3 bi")])
def test_spanish_has_no_short_word_for_thousands_of_millions(language: str, printed: str) -> None:
    assert numbers.usd(12_345_000_000, language) == narrow(printed)


@pytest.mark.parametrize(
    ("language", "four_digits", "five_digits"),
    [("en", "4,910", "11,204"), ("es", "4910", "11 204"), ("pt", "4910", "11 204")],
)
def test_counts_are_printed_in_full(language: str, four_digits: str, five_digits: str) -> None:
    assert numbers.count(4_910, language) == four_digits
    assert numbers.count(11_204, language) == narrow(five_digits)
    assert numbers.change(11_204, "people", language) == f"+{narrow(five_digits)}"


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


@pytest.mark.parametrize(
    ("number", "language", "printed"),
    [
        (0.125, "en", "0.125"),
        (0.125, "es", "0,125"),
        (22_143, "en", "22,140"),
        (22_143, "pt", "22 140"),
        (-3, "es", "−3"),
    ],
)
def test_an_end_of_an_axis_has_up_to_four_digits(number: float, language: str, printed: str) -> None:
    assert numbers.plain(number, language) == narrow(printed)


@pytest.mark.parametrize(
    ("unit", "language", "digits"),
    [("people", "en", None), ("people", "es", 1), ("people", "pt", 1), ("count", "en", 1)],
)
def test_a_row_of_numbers_is_in_thousands_where_their_units_have_no_room(
    unit: str, language: str, digits: int | None
) -> None:
    assert numbers.digits_of_thousands([9_999, 388], unit, language) is None
    assert numbers.digits_of_thousands([22_300, 388], unit, language) == digits
    assert numbers.digits_of_thousands([], unit, language) is None


@pytest.mark.parametrize(
    ("share", "printed"),
    [
        (0.028, "2.8%"),
        (0.01, "1%"),
        (0.08, "8%"),
        (1_470_000 / 18_658_336, "8%"),
        (0.0499, "5%"),
        (0.3435, "34%"),
        (1.2, "120%"),
        (5.93, "593%"),
        (0, "0%"),
        (-0.25, "−25%"),
    ],
)
def test_shares_are_whole_percent_and_below_five_have_one_decimal(share: float, printed: str) -> None:
    assert numbers.share(share, "en") == printed


@pytest.mark.parametrize(("language", "printed"), [("en", "2.8%"), ("es", "2,8 %"), ("pt", "2,8%")])
def test_only_spanish_sets_the_percent_sign_apart(language: str, printed: str) -> None:
    assert numbers.share(0.028, language) == narrow(printed)


def test_a_half_is_rounded_up() -> None:
    assert [numbers.share(share, "en") for share in (0.125, 0.135)] == ["13%", "14%"]
    assert [numbers.count(number, "en") for number in (0.5, 1.5, 2.5)] == ["1", "2", "3"]


@pytest.mark.parametrize("form", [numbers.people, numbers.usd, numbers.count, numbers.share])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_a_dash(form: object, language: str) -> None:
    assert form(None, language) == "—"  # type: ignore[operator]


def test_no_printed_number_can_break_at_a_space() -> None:
    texts = [
        form(number, language)
        for form in (numbers.people, numbers.usd, numbers.share)
        for number in (4_910, 1_470_000)
        for language in LANGUAGES
    ]
    assert not [text for text in texts if " " in text or "\u00a0" in text]


@pytest.mark.parametrize(
    ("language", "name", "letter"), [("en", "January", "J"), ("es", "enero", "E"), ("pt", "janeiro", "J")]
)
def test_a_month_has_a_name_and_a_letter(language: str, name: str, letter: str) -> None:
    assert (numbers.month_name("2021-01", language), numbers.month_letter("2021-01", language)) == (name, letter)


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        ("2021-01", "2021-12", "January–December 2021"),
        ("2021-05", "2021-05", "May 2021"),
        ("2021-11", "2022-02", "November 2021 – February 2022"),
    ],
)
def test_a_period_names_its_year_as_often_as_needed(first: str, last: str, printed: str) -> None:
    assert numbers.months(first, last, "en") == printed


@pytest.mark.parametrize(
    ("language", "printed"), [("en", "9 August 2021"), ("es", "9 de agosto de 2021"), ("pt", "9 de agosto de 2021")]
)
def test_a_day_comes_first_in_every_language(language: str, printed: str) -> None:
    assert numbers.date("2021-08-09", language) == printed


def test_a_date_that_is_no_day_stays_as_it_is() -> None:
    assert numbers.date("end of 2021", "en") == "end of 2021"


def test_an_amount_that_rounds_to_nothing_has_no_sign() -> None:
    assert numbers.usd(-0.4, "en") == "$0"


def test_a_share_too_small_to_print_is_not_nothing() -> None:
    assert numbers.share(10 / 72_318, "en") == "<\u202f0.1%"


@pytest.mark.parametrize(
    ("language", "year", "month", "across"),
    [
        ("en", "January–December 2021", "May 2021", "November 2021 – January 2022"),
        ("es", "enero–diciembre de 2021", "mayo de 2021", "noviembre de 2021 – enero de 2022"),
        ("pt", "janeiro–dezembro de 2021", "maio de 2021", "novembro de 2021 – janeiro de 2022"),
    ],
)
def test_a_period_is_worded_as_the_language_words_it(language: str, year: str, month: str, across: str) -> None:
    assert numbers.months("2021-01", "2021-12", language) == year
    assert numbers.months("2021-05", "2021-05", language) == numbers.month_and_year("2021-05", language) == month
    assert numbers.months("2021-11", "2022-01", language) == across


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


@pytest.mark.parametrize(("language", "printed"), [("en", "“a”"), ("es", "«a»"), ("pt", "“a”")])
def test_quotation_marks_are_those_of_the_language(language: str, printed: str) -> None:
    assert numbers.quoted("a", language) == printed
