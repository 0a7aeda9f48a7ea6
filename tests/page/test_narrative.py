"""What an author wrote is filled in with the sheet's figures; anything else between braces is refused."""

from pathlib import Path

import pytest

from conftest import Build, with_few
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page.narrative import narrative_path, read_narrative
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.theme.prose import paragraph, run, words_of
from rmrp_analysis.words import Words

PLATFORMS = {"Peru": 4_640, "Central America & Mexico": 0, "Chile": None}


@pytest.fixture(scope="module")
def printed(sheet: Build) -> Printed:
    return Printed(
        sheet({"people_reached_by_platform": PLATFORMS}, people_reached=4_910, funding_usd=1_470_000), Words("en")
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "health.en.md"
    path.write_text(text, encoding="utf-8")
    return path


def plain(folder: Path, text: str, printed: Printed) -> dict[str, list[str]]:
    sections = read_narrative(write(folder, text), printed).sections
    return {section: [words_of([node]) for node in nodes] for section, nodes in sections.items()}


def in_response(folder: Path, text: str, printed: Printed) -> str:
    """One paragraph with its figures filled in, spaces made plain."""
    (paragraph,) = plain(folder, f"## Response\n\n{text}\n", printed)["Response"]
    return paragraph.replace("\u202f", " ")


def refusal(folder: Path, text: str, printed: Printed) -> str:
    with pytest.raises(RequestError) as refused:
        read_narrative(write(folder, text), printed)
    return str(refused.value).removeprefix(f"{folder / 'health.en.md'}:")


def test_figures_are_filled_in_as_the_sheet_prints_them(tmp_path: Path, printed: Printed) -> None:
    text = "## Response\n\nReached {{ people_reached }} people with {{funding_usd}}.\n"
    assert plain(tmp_path, text, printed) == {"Response": ["Reached 4.91\u202fK people with $1.47\u202fM."]}


@pytest.mark.parametrize(("part", "text"), [("Peru", "4.64\u202fK"), ("Central America & Mexico", "0"), ("Chile", "—")])
def test_a_part_of_a_breakdown_is_filled_in_by_its_key(tmp_path: Path, printed: Printed, part: str, text: str) -> None:
    narrative = f'## Response\n\nHere {{{{ people_reached_by_platform["{part}"] }}}} people.\n'
    assert plain(tmp_path, narrative, printed) == {"Response": [f"Here {text} people."]}


def test_few_people_are_told_in_prose_as_less_than_the_base(tmp_path: Path, sheet: Build) -> None:
    small = with_few(sheet({"people_reached_by_platform": {"Peru": 3, "Chile": 500}}, people_reached=503), "Peru")
    text = "## Response\n\nIn Peru {{ people_reached_by_platform['Peru'] }} people.\n"
    assert plain(tmp_path, text, Printed(small, Words("en"))) == {"Response": ["In Peru <\u202f10 people."]}


def test_sections_and_paragraphs_keep_the_files_order(tmp_path: Path, printed: Printed) -> None:
    text = "## Lessons learned\n\nOne.\n\nTwo\nlines.\n\n## Situation\n"
    assert plain(tmp_path, text, printed) == {"Lessons learned": ["One.", "Two lines."], "Situation": []}


def test_bold_words_are_runs_of_their_own(tmp_path: Path, printed: Printed) -> None:
    path = write(tmp_path, "## Situation\n\nSome **{{ people_reached }} bold** words.\n")
    runs = [run("Some "), run("4.91\u202fK bold", bold=True), run(" words.")]
    assert read_narrative(path, printed).sections == {"Situation": [paragraph(runs)]}


def test_a_headline_with_bold_words_has_single_spaces(tmp_path: Path, printed: Printed) -> None:
    path = write(tmp_path, "## Headline\n\nHelp for **{{ people_reached }}** people.\n")
    assert read_narrative(path, printed).headline == "Help for 4.91\u202fK people."


def test_an_unknown_figure_is_refused_with_line_and_suggestion(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nFine.\n\nReached {{ people_reachd }}.\n"
    assert (
        refusal(tmp_path, text, printed)
        == "5: this sheet has no figure 'people_reachd'; did you mean 'people_reached'?"
    )


def test_an_unknown_part_is_refused_with_the_nearest_one(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nIn {{ people_reached_by_platform['Perú'] }}.\n"
    assert refusal(tmp_path, text, printed).endswith("""did you mean 'people_reached_by_platform["Peru"]'?""")


LOGIC = (
    "{{ people_reached + 1 }}",
    "{{ people_reached() }}",
    "{{ people_reached.__class__ }}",
    "{{ people_reached_by_platform['Peru'].real }}",
    "{{ 1 }}",
    "{{ people_reached if true }}",
    "{% for x in people_reached %}{% endfor %}",
    "{% if people_reached %}a{% endif %}",
    "{% set people_reached = 1 %}",
    "{% include 'secrets' %}",
    "{{ }}",
)


@pytest.mark.parametrize("logic", LOGIC)
def test_nothing_between_braces_reckons_calls_or_decides(tmp_path: Path, printed: Printed, logic: str) -> None:
    assert refusal(tmp_path, f"## Situation\n\n{logic}\n", printed).startswith("3: ")


def test_a_part_named_with_a_dot_is_told_the_brackets(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\n{{ people_reached_by_platform.Peru }}\n"
    assert refusal(tmp_path, text, printed) == (
        '3: a part of a breakdown stands in brackets: people_reached_by_platform["Peru"]'
    )


def test_an_unknown_section_is_refused_with_line_and_suggestion(tmp_path: Path, printed: Printed) -> None:
    text = "## Situation\n\nFine.\n\n## Lesson learned\n"
    assert refusal(tmp_path, text, printed) == "5: unknown section 'Lesson learned'; did you mean 'Lessons learned'?"


def test_text_before_the_first_heading_is_refused(tmp_path: Path, printed: Printed) -> None:
    assert refusal(tmp_path, "\nHello.\n", printed) == "2: text before the first heading; begin with '## Situation'"


def test_a_narrative_lies_under_the_reports_name_and_language(tmp_path: Path) -> None:
    path = tmp_path / "human-trafficking-and-smuggling.es.md"
    path.write_text("", encoding="utf-8")
    assert narrative_path(str(tmp_path), "human-trafficking-and-smuggling", "es") == path
    assert narrative_path(str(tmp_path), "human-trafficking-and-smuggling", "en") is None
    assert narrative_path(str(tmp_path), "human-trafficking-and-smuggling.peru", "es") is None
    assert narrative_path("", "human-trafficking-and-smuggling", "es") is None


def test_a_figure_name_may_stand_on_a_line_of_its_own(tmp_path: Path, printed: Printed) -> None:
    text = "## Response\n\nPartners reached {{\npeople_reached }} people.\n"
    assert plain(tmp_path, text, printed)["Response"] == ["Partners reached 4.91\u202fK people."]


def test_braces_that_do_not_close_are_refused(tmp_path: Path, printed: Printed) -> None:
    assert "braces" in refusal(tmp_path, "## Response\n\nPartners reached {{ people_reached.\n", printed)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{{ people_reached | almost("5 K") }}', "almost 5 K"),
        ('{{ people_reached | Nearly("5,000") }}', "Nearly 5 K"),
        ('{{ people_reached_by_platform["Peru"] | more_than("4.6K") }}', "more than 4.6 K"),
        ('{{ funding_usd | about("$1.5 M") }}', "about $1.5 M"),
        ('{{ funding_usd | about("1.5 million") }}', "about $1.5 M"),
    ],
)
def test_a_rounded_figure_that_fits_is_printed_with_its_word(
    tmp_path: Path, printed: Printed, written: str, read: str
) -> None:
    assert in_response(tmp_path, written, printed) == read


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("es", '{{ people_reached | casi("5 mil") }}', "casi 5000"),
        ("es", '{{ people_reached | Más_de("4,8 mil") }}', "Más de 4800"),
        ("es", '{{ funding_coverage | alrededor_del("8 %") }}', "alrededor del 8 %"),
        ("pt", '{{ people_reached | quase("5 mil") }}', "quase 5000"),
        ("pt", '{{ funding_usd | mais_de("1,4 milhão") }}', "mais de US$ 1,4 mi"),
        ("pt", '{{ funding_coverage | em_torno_de("8%") }}', "em torno de 8%"),
    ],
)
def test_closeness_is_said_and_checked_in_every_language(
    tmp_path: Path, sheet: Build, language: str, written: str, read: str
) -> None:
    figures = sheet(people_reached=4_910, funding_usd=1_470_000, funding_coverage=0.079)
    assert in_response(tmp_path, written, Printed(figures, Words(language))) == read


@pytest.mark.parametrize(("language", "word", "rounded"), [("en", "almost", "5 K"), ("es", "casi", "5000")])
def test_almost_five_thousand_is_an_error_for_5200(
    tmp_path: Path, sheet: Build, language: str, word: str, rounded: str
) -> None:
    printed = Printed(sheet(people_reached=5_200), Words(language))
    text = f'## Response\n\n\nReached {{{{ people_reached | {word}("{rounded}") }}}}.\n'
    said = refusal(tmp_path, text, printed).replace("\u202f", " ")
    assert said.startswith(f"4: '{word} {rounded}' does not fit people_reached, 5")
    assert said.endswith(": almost means below it by at most 5%")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('people_reached | alomst("5 K")', "3: 'alomst' is no word of closeness in English; did you mean 'almost'?"),
        ("people_reached | almost", '3: a word of closeness takes one rounded figure in quotes: almost("…")'),
        ("people_reached | almost(5000)", '3: a word of closeness takes one rounded figure in quotes: almost("…")'),
        ('people_reached | almost("5%")', "3: '5%' is not a number like people_reached, which is 4.91\u202fK"),
        ('people_reached | almost("$5 K")', "3: '$5 K' is not a number like people_reached, which is 4.91\u202fK"),
        ('people_reached | almost("many")', "3: 'many' is not a number like people_reached, which is 4.91\u202fK"),
        ('people_reached | almost("4.999 K")', "3: '4.999 K' is not round: at most 3 digits, shares in whole percent"),
        ("people_reached | upper | lower", "3: between braces stands the name of one figure, and nothing that "),
    ],
)
def test_what_a_word_of_closeness_cannot_take_is_told(
    tmp_path: Path, printed: Printed, written: str, said: str
) -> None:
    assert refusal(tmp_path, f"## Response\n\n{{{{ {written} }}}}\n", printed).startswith(said)


def test_nothing_is_said_of_the_size_of_few_people(tmp_path: Path, sheet: Build) -> None:
    few = with_few(sheet({"people_reached_by_platform": {"Peru": 3, "Chile": 500}}, people_reached=503), "Peru")
    text = "## Response\n\n{{ people_reached_by_platform['Peru'] | almost('4') }}\n"
    assert "'almost 4' does not fit" in refusal(tmp_path, text, Printed(few, Words("en")))


def test_a_number_in_quotes_stands_as_it_is(tmp_path: Path, printed: Printed) -> None:
    assert in_response(tmp_path, 'In {{ "4.91 K" }} homes.', printed) == "In 4.91 K homes."


def test_a_note_of_the_author_is_not_printed(tmp_path: Path, printed: Printed) -> None:
    assert in_response(tmp_path, "Here{# from the May report #} and there.", printed) == "Here and there."


def test_every_fault_is_told_at_once(tmp_path: Path, printed: Printed) -> None:
    text = "## Responce\n\nOne {{ people }}\ntwo **{{ people_reached | almost('4 K') }}**.\n\n## Response\n\n{{ x\n"
    lines = refusal(tmp_path, text, printed).splitlines()
    assert [line.removeprefix(f"{tmp_path / 'health.en.md'}:").partition(":")[0] for line in lines] == list("1348")


def test_a_section_may_not_stand_twice(tmp_path: Path, printed: Printed) -> None:
    assert refusal(tmp_path, "## Response\n\nA.\n\n## Response\n\nB.\n", printed).startswith("5: the section")


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path, printed: Printed) -> None:
    (tmp_path / "health.en.md").write_bytes("## Response\n\nPerú\n".encode("latin-1"))
    with pytest.raises(RequestError, match=r"health.en.md:1: this is not UTF-8 text"):
        read_narrative(tmp_path / "health.en.md", printed)


def test_sections_may_be_named_in_the_language_of_the_file(tmp_path: Path, sheet: Build) -> None:
    printed = Printed(sheet(people_reached=1), Words("pt"))
    text = "## Manchete\n\nUm dia.\n\n## Situação\n\nA.\n\n## Response\n\nB.\n"
    assert plain(tmp_path, text, printed) == {"Headline": ["Um dia."], "Situation": ["A."], "Response": ["B."]}


@pytest.mark.parametrize(
    ("language", "people", "read"),
    [
        ("es", 1_570_000, "a 1,57 millones de personas"),
        ("es", 504_000, "a 504 mil personas"),
        ("pt", 1_570_000, "a 1,57 milhão de personas"),
        ("pt", 21_500_000, "a 21,5 milhões de personas"),
        ("en", 1_570_000, "a 1.57 M personas"),
    ],
)
def test_millions_of_people_are_said_in_full_where_the_language_wants_it(
    tmp_path: Path, sheet: Build, language: str, people: float, read: str
) -> None:
    noun = "pessoas" if language == "pt" else "personas"
    printed = Printed(sheet(people_reached=people), Words(language))
    assert in_response(tmp_path, f"a {{{{ people_reached }}}} {noun}", printed) == read.replace("personas", noun)


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        (
            "en",
            'Help in {{ place("Peru") }} and {{ place("Dominican Republic") }}.',
            "Help in Peru and the Dominican Republic.",
        ),
        ("es", 'La mesa de {{ place("Caribbean") }} y en {{ place("PER") }}.', "La mesa del Caribe y en Perú."),
        ("es", 'Ayuda a {{ place("Southern Cone") }}.', "Ayuda al Cono Sur."),
        (
            "pt",
            'Em {{ place("Peru") }}, de {{ place("COL") }} a {{ place("Chile") }}.',
            "No Peru, da Colômbia ao Chile.",
        ),
        ("pt", '{{ place("Brazil") }} e em {{ place("Aruba") }}.', "O Brasil e em Aruba."),
    ],
)
def test_a_place_has_its_name_and_article_in_the_readers_language(
    tmp_path: Path, sheet: Build, language: str, written: str, read: str
) -> None:
    assert in_response(tmp_path, written, Printed(sheet(people_reached=1), Words(language))) == read


def test_a_place_leaves_the_numbers_before_it_as_they_are(tmp_path: Path, sheet: Build) -> None:
    printed = Printed(sheet(people_reached=1_570_000), Words("pt"))
    written = '{{ people_reached }} pessoas em {{ place("Peru") }}.'
    assert in_response(tmp_path, written, printed) == "1,57 milhão de pessoas no Peru."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('place("Peruu")', "3: 'Peruu' is no platform and no country; did you mean 'Peru'?"),
        ("place(Peru)", '3: between the brackets stands one name in quotes: place("Peru")'),
        (
            'chart("people_reached_by_platfrom")',
            "3: this sheet has no breakdown 'people_reached_by_platfrom'; did you ",
        ),
        ('chart("people_reached")', "3: this sheet has no breakdown 'people_reached'; did you mean "),
        ("chart()", "3: between the brackets stands one name in quotes: chart("),
        ('map("Peru")', "3: between braces stands the name of one figure, and nothing that "),
    ],
)
def test_a_place_or_chart_that_is_not_known_is_refused_with_line_and_suggestion(
    tmp_path: Path, printed: Printed, written: str, said: str
) -> None:
    assert refusal(tmp_path, f"## Response\n\n{{{{ {written} }}}}\n", printed).startswith(said)


def test_a_chart_of_nothing_is_refused(tmp_path: Path, sheet: Build) -> None:
    printed = Printed(sheet({"people_reached_by_platform": {"Peru": None}}), Words("en"))
    text = '## Response\n\nA.\n{{ chart("people_reached_by_platform") }}\n'
    assert refusal(tmp_path, text, printed) == (
        "4: people_reached_by_platform has no part on this sheet, so there is nothing to draw"
    )


def test_a_headline_holds_no_chart(tmp_path: Path, printed: Printed) -> None:
    text = '## Headline\n\nHelp. {{ chart("people_reached_by_platform") }}\n'
    assert refusal(tmp_path, text, printed) == "3: a headline has no room for a chart"


def test_a_text_may_say_that_it_is_illustrative_and_keeps_its_line_numbers(tmp_path: Path, printed: Printed) -> None:
    invented = write(tmp_path, "---\nillustrative: true\n---\n\n## Situation\n\nHard.\n")
    assert read_narrative(invented, printed).illustrative is True
    assert read_narrative(invented, printed).text("Situation") == "Hard."
    assert refusal(tmp_path, "---\nillustrative: false\n---\n\n## Situation\n\n{{ x }}\n", printed).startswith("7: ")
    assert read_narrative(write(tmp_path, "## Situation\n\nHard.\n"), printed).illustrative is False


def test_what_a_text_cannot_say_of_itself_is_refused(tmp_path: Path, printed: Printed) -> None:
    said = refusal(tmp_path, "---\nillustratve: true\n---\n\n## Situation\n\nHard.\n", printed)
    advice = "allowed: illustrative: true, or illustrative: false"
    assert said == f"2: 'illustratve: true' says nothing that is known of a text; {advice}"


AGES = {"women": 2_600.0, "men": 2_400.0, "girls": 0.0}


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("en", '{{ people_reached_by_age_gender["women"] | Most }} of them', "Most of them"),
        ("en", '{{ people_reached_by_age_gender["women"] | half }} of them', "half of them"),
        ("es", '{{ people_reached_by_age_gender["women"] | la_mayoría }} de ellas', "la mayoría de ellas"),
        ("pt", '{{ people_reached_by_age_gender["women"] | mais_da_metade }} delas', "mais da metade delas"),
    ],
)
def test_a_word_of_shares_that_holds_is_printed_alone(
    tmp_path: Path, sheet: Build, language: str, written: str, read: str
) -> None:
    figures = sheet({"people_reached_by_age_gender": AGES}, people_reached=5_000)
    assert in_response(tmp_path, written, Printed(figures, Words(language))) == read


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'people_reached_by_age_gender["men"] | most',
            """3: 'most' does not fit people_reached_by_age_gender["men"]: it is 2.40 K of 5.00 K""",
        ),
        ("people_reached | most", "3: people_reached is no part of a figure of this sheet, so no share of one"),
        ('people_reached_by_age_gender["men"] | half("5 K")', "3: a word of shares takes nothing in brackets: half"),
        ('people_reached_by_age_gender["men"] | halff', "3: 'halff' is no word of closeness in English; did you mean"),
    ],
)
def test_a_word_of_shares_that_does_not_hold_is_told(tmp_path: Path, sheet: Build, written: str, said: str) -> None:
    printed = Printed(sheet({"people_reached_by_age_gender": AGES}, people_reached=5_000), Words("en"))
    told = refusal(tmp_path, f"## Response\n\n{{{{ {written} }}}}\n", printed).replace("\u202f", " ")
    assert told.startswith(said)


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Write to ana@example.org for more.", "an e-mail address"),
        ("Escriba a ana.perez@ejemplo.org.pe.", "an e-mail address"),
        ("Escreva para ana (arroba) exemplo.", "an e-mail address"),
        ("See [the team](mailto:ana@example.org).", "an e-mail address"),
        ("Call 301-555-0101 now.", "a telephone number"),
        ("Llame al +57 301 555 0101 o al 987654321.", "a telephone number"),
        ("Celular: 987 654 321.", "a telephone number"),
        ("Teléfono 12.345.678.", "a telephone number"),
        ("Ligue para (11) 98765-4321.", "a telephone number"),
        ('The line is {{ "301 555 0101" }}.', "a telephone number"),
    ],
)
def test_contact_details_in_a_text_are_an_error_and_are_not_repeated(
    tmp_path: Path, printed: Printed, text: str, contact: str
) -> None:
    said = refusal(tmp_path, f"## Response\n\nFirst line\n{text}\n", printed)
    assert said == f"4: {contact} stands here; a sheet tells nobody's contact details: take it out"


def test_a_telephone_number_may_be_broken_over_two_lines(tmp_path: Path, printed: Printed) -> None:
    said = refusal(tmp_path, "## Response\n\nCall 301 555\n0101 now.\n", printed)
    assert said.startswith("3: a telephone number")


@pytest.mark.parametrize(
    "text",
    [
        "In 2021 and 2022, 2019-2021, 2019 2020 2021.",
        "On 2021-01-15, 15/01/2021 and 15.01.2021; en 2021 350 000 personas.",
        "US$ 763 092 338, 763.092.338 dólares, R$ 1.439.234.410,50, USD 1439234410.",
        "12.500.000 personas, 12 500 000 pessoas, 4,910 people, 1,234,567,890.",
        "PE150101, VE01, 150101 and 1101.",
        "45.5 %, 45,5 por ciento, 100 % de 200.",
        "Contacto en 2021-2022; la unidad móvil atendió a 12.500 personas en 2021.",
    ],
)
def test_years_days_amounts_p_codes_and_shares_are_no_telephone_numbers(
    tmp_path: Path, printed: Printed, text: str
) -> None:
    assert in_response(tmp_path, text, printed) == text.replace("\u202f", " ")
