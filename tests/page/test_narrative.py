"""What an author wrote is filled in with the sheet's figures; anything else between braces is refused."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import as_printed, sheet, with_few
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.narrative import Narrative, find_narrative, read_narrative
from rmrp_analysis.theme.prose import paragraph, run, words_of

PLATFORMS = {"Peru": 4_640, "Central America & Mexico": 0, "Chile": None}
PRINTED = as_printed(sheet({"people_reached_by_platform": PLATFORMS}, people_reached=4_910, funding_usd=1_470_000))
AGES = {"women": 2_600.0, "men": 2_400.0, "girls": 0.0}


def read(text: str, printed: SheetFormatter = PRINTED) -> Narrative:
    """Read a text, of the sheet at hand or of another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "health.en.md"
        path.write_text(text, encoding="utf-8")
        return read_narrative(path, printed)


def response(text: str, *of: SheetFormatter) -> str:
    """One paragraph with its figures filled in, spaces made plain."""
    (node,) = read(f"## Response\n\n{text}\n", *of).sections["Response"]
    return words_of([node]).replace("\u202f", " ")


def refusal(text: str, *of: SheetFormatter) -> str:
    """What is said of a text that is refused, without the file."""
    with pytest.raises(RequestError) as refused:
        read(text, *of)
    return re.sub(r"^.*health\.en\.md:", "", str(refused.value), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("written", "printed_as"),
    [
        ("{{ people_reached }} people with {{funding_usd}}.", "4.91 K people with $1.47 M."),
        ('{{ people_reached_by_platform["Peru"] }} people', "4.64 K people"),
        ('{{ people_reached_by_platform["Central America & Mexico"] }} people', "0 people"),
        ('{{ people_reached_by_platform["Chile"] }} people', "— people"),
        ("reached {{\npeople_reached }} people", "reached 4.91 K people"),
        ('In {{ "4.91 K" }} homes.', "In 4.91 K homes."),
        ("Here{# from the May report #} and there.", "Here and there."),
        ('{{ people_reached | almost("5 K") }}', "almost 5 K"),
        ('{{ people_reached | Nearly("5,000") }}', "Nearly 5 K"),
        ('{{ people_reached_by_platform["Peru"] | more_than("4.6K") }}', "more than 4.6 K"),
        ('{{ funding_usd | about("$1.5 M") }}', "about $1.5 M"),
        ('{{ funding_usd | about("1.5 million") }}', "about $1.5 M"),
    ],
)
def test_a_figure_is_filled_in_with_its_word_of_closeness(written: str, printed_as: str) -> None:
    assert response(written) == printed_as


def test_few_people_are_told_in_prose_as_less_than_the_base() -> None:
    small = with_few(sheet({"people_reached_by_platform": {"Peru": 3, "Chile": 500}}, people_reached=503), "Peru")
    few = as_printed(small)
    assert response("In Peru {{ people_reached_by_platform['Peru'] }} people.", few) == "In Peru < 10 people."
    size = "## Response\n\n{{ people_reached_by_platform['Peru'] | almost('4') }}\n"
    assert "'almost 4' does not fit" in refusal(size, few)


def test_sections_keep_their_order_and_bold_words_are_runs_of_their_own() -> None:
    sections = read("## Lessons learned\n\nOne.\n\nTwo\nlines.\n\n## Situation\n").sections
    texts = {section: [words_of([node]) for node in nodes] for section, nodes in sections.items()}
    assert texts == {"Lessons learned": ["One.", "Two lines."], "Situation": []}
    invented, true = read("---\nillustrative: true\n---\n\n## Situation\n\nHard.\n"), read("## Situation\n\nHard.\n")
    assert (invented.illustrative, invented.text("Situation"), true.illustrative) == (True, "Hard.", False)
    runs = [run("Some "), run("4.91\u202fK bold", bold=True), run(" words.")]
    made = read(
        "## Headline\n\nHelp for **{{ people_reached }}** people.\n\n"
        "## Situation\n\nSome **{{ people_reached }} bold** words.\n"
    )
    assert (made.headline, made.sections["Situation"]) == ("Help for 4.91\u202fK people.", [paragraph(runs)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "## Situation\n\nFine.\n\n{{ people_reachd }}.\n",
            "5: this sheet has no figure 'people_reachd'; did you mean",
        ),
        (
            "## Situation\n\n{{ people_reached_by_platform['Perú'] }}.\n",
            """3: this sheet has no figure 'people_reached_by_platform["Perú"]'; did you mean 'people""",
        ),
        (
            "## Situation\n\n{{ people_reached_by_platform.Peru }}\n",
            '3: a part of a breakdown stands in brackets: people_reached_by_platform["Peru"]',
        ),
        ("## Situation\n\n## Lesson learned\n", "3: unknown section 'Lesson learned'; did you mean 'Lessons "),
        ("\nHello.\n", "2: text before the first heading; begin with '## Situation'"),
        ("## Response\n\nA.\n\n## Response\n\nB.\n", "5: the section"),
        ("## Response\n\nReached {{ people_reached.\n", "3: "),
        ('## Headline\n\nHelp. {{ chart("people_reached_by_platform") }}\n', "3: a headline has no room for a chart"),
        (
            "---\nillustratve: true\n---\n\n## Situation\n\nHard.\n",
            "2: 'illustratve: true' says nothing that is known of a text; allowed: illustrative: true, or illus",
        ),
        ("---\nillustrative: false\n---\n\n## Situation\n\n{{ x }}\n", "7: "),
        ("## Response\n\nCall 301 555\n0101 now.\n", "3: a telephone number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line_and_what_to_write(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


LOGIC = (
    "{{ people_reached + 1 }}", "{{ people_reached() }}", "{{ people_reached.__class__ }}",
    "{{ people_reached_by_platform['Peru'].real }}", "{{ 1 }}", "{{ people_reached if true }}",
    "{% for x in people_reached %}{% endfor %}", "{% if people_reached %}a{% endif %}", "{% set people_reached = 1 %}",
    "{% include 'secrets' %}", "{{ }}",
)  # fmt: skip


@pytest.mark.parametrize("logic", LOGIC)
def test_nothing_between_braces_reckons_calls_or_decides(logic: str) -> None:
    assert refusal(f"## Situation\n\n{logic}\n").startswith("3: ")


def test_a_narrative_lies_under_the_reports_name_and_language(tmp_path: Path) -> None:
    path = tmp_path / "human-trafficking-and-smuggling.es.md"
    path.write_text("", encoding="utf-8")
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling", "es") == path
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling", "en") is None
    assert find_narrative(str(tmp_path), "human-trafficking-and-smuggling.peru", "es") is None
    assert find_narrative("", "human-trafficking-and-smuggling", "es") is None


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("es", '{{ people_reached | casi("5 mil") }}', "casi 5000"),
        ("es", '{{ people_reached | Más_de("4,8 mil") }}', "Más de 4800"),
        ("es", '{{ funding_coverage | alrededor_del("8 %") }}', "alrededor del 8 %"),
        ("pt", '{{ people_reached | quase("5 mil") }}', "quase 5000"),
        ("pt", '{{ funding_usd | mais_de("1,4 milhão") }}', "mais de US$ 1,4 mi"),
        ("pt", '{{ funding_coverage | em_torno_de("8%") }}', "em torno de 8%"),
        ("en", '{{ place("Peru") }} and {{ place("Dominican Republic") }}.', "Peru and the Dominican Republic."),
        ("es", 'La mesa de {{ place("Caribbean") }} y en {{ place("PER") }}.', "La mesa del Caribe y en Perú."),
        ("es", 'Ayuda a {{ place("Southern Cone") }}.', "Ayuda al Cono Sur."),
        (
            "pt",
            'Em {{ place("Peru") }}, de {{ place("COL") }} a {{ place("Chile") }}.',
            "No Peru, da Colômbia ao Chile.",
        ),
        ("pt", '{{ place("Brazil") }} e em {{ place("Aruba") }}.', "O Brasil e em Aruba."),
        ("pt", '{{ people_reached }} pessoas em {{ place("Peru") }}.', "4910 pessoas no Peru."),
        ("en", '{{ people_reached_by_age_gender["women"] | Most }} of them', "Most of them"),
        ("en", '{{ people_reached_by_age_gender["women"] | half }} of them', "half of them"),
        ("es", '{{ people_reached_by_age_gender["women"] | la_mayoría }} de ellas', "la mayoría de ellas"),
        ("pt", '{{ people_reached_by_age_gender["women"] | mais_da_metade }} delas', "mais da metade delas"),
    ],
)
def test_closeness_shares_and_places_are_said_and_checked_in_every_language(
    language: str, written: str, said: str
) -> None:
    ages = {"people_reached_by_age_gender": {"women": 2_500.0, "men": 2_410.0}}
    figures = sheet(ages, people_reached=4_910, funding_usd=1_470_000, funding_coverage=0.079)
    assert response(written, as_printed(figures, language)) == said


def test_a_word_of_closeness_is_of_its_language_alone() -> None:
    said = refusal(
        "## Response\n\n{{ people_reached | almost('5000') }}\n", as_printed(sheet(people_reached=5_200), "es")
    )
    assert said.startswith("3: 'almost' is no word of closeness in español")


@pytest.mark.parametrize(("language", "word", "rounded"), [("en", "almost", "5 K"), ("es", "casi", "5000")])
def test_almost_five_thousand_is_an_error_for_5200(language: str, word: str, rounded: str) -> None:
    printed = as_printed(sheet(people_reached=5_200), language)
    text = f'## Response\n\n\nReached {{{{ people_reached | {word}("{rounded}") }}}}.\n'
    said = refusal(text, printed).replace("\u202f", " ")
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
        ('place("Peruu")', "3: 'Peruu' is no platform and no country; did you mean 'Peru'?"),
        ("place(Peru)", '3: between the brackets stands one name in quotes: place("Peru")'),
        ('chart("people_reached_by_platfrom")', "3: this sheet has no breakdown 'people_reached_by_platfrom'; did you"),
        ('chart("people_reached")', "3: this sheet has no breakdown 'people_reached'; did you mean "),
        ("chart()", "3: between the brackets stands one name in quotes: chart("),
        ('map("Peru")', "3: between braces stands the name of one figure, and nothing that "),
    ],
)
def test_what_a_word_a_place_or_a_chart_cannot_take_is_told(written: str, said: str) -> None:
    assert refusal(f"## Response\n\n{{{{ {written} }}}}\n").startswith(said)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = "## Responce\n\nOne {{ people }}\ntwo **{{ people_reached | almost('4 K') }}**.\n\n## Response\n\n{{ x\n"
    lines = refusal(text).splitlines()
    assert [line.partition(":")[0] for line in lines] == list("1348")
    nothing = as_printed(sheet({"people_reached_by_platform": {"Peru": None}}))
    said = refusal('## Response\n\nA.\n{{ chart("people_reached_by_platform") }}\n', nothing)
    assert said == "4: people_reached_by_platform has no part on this sheet, so there is nothing to draw"
    (tmp_path / "health.en.md").write_bytes("## Response\n\nPerú\n".encode("latin-1"))
    with pytest.raises(RequestError, match=r"health.en.md:1: this is not UTF-8 text"):
        read_narrative(tmp_path / "health.en.md", PRINTED)


def test_sections_may_be_named_in_the_language_of_the_file() -> None:
    text = "## Manchete\n\nUm dia.\n\n## Situação\n\nA.\n\n## Response\n\nB.\n"
    sections = read(text, as_printed(sheet(people_reached=1), "pt")).sections
    assert {section: words_of(nodes) for section, nodes in sections.items()} == {
        "Headline": "Um dia.",
        "Situation": "A.",
        "Response": "B.",
    }


@pytest.mark.parametrize(
    ("language", "people", "said"),
    [
        ("es", 1_570_000, "a 1,57 millones de personas"),
        ("es", 504_000, "a 504 mil personas"),
        ("pt", 1_570_000, "a 1,57 milhão de pessoas"),
        ("pt", 21_500_000, "a 21,5 milhões de pessoas"),
        ("en", 1_570_000, "a 1.57 M personas"),
    ],
)
def test_millions_of_people_are_said_in_full_where_the_language_wants_it(
    language: str, people: float, said: str
) -> None:
    printed = as_printed(sheet(people_reached=people), language)
    assert response(f"a {{{{ people_reached }}}} {said.split()[-1]}", printed) == said


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
def test_a_word_of_shares_that_does_not_hold_is_told(written: str, said: str) -> None:
    printed = as_printed(sheet({"people_reached_by_age_gender": AGES}, people_reached=5_000))
    assert refusal(f"## Response\n\n{{{{ {written} }}}}\n", printed).replace("\u202f", " ").startswith(said)


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
def test_contact_details_in_a_text_are_an_error_and_are_not_repeated(text: str, contact: str) -> None:
    said = refusal(f"## Response\n\nFirst line\n{text}\n")
    assert said == f"4: {contact} stands here; a sheet tells nobody's contact details: take it out"


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
def test_years_days_amounts_p_codes_and_shares_are_no_telephone_numbers(text: str) -> None:
    assert response(text) == text.replace("\u202f", " ")
