"""A text that tells how to reach somebody fails its sheet; other numbers of a text do not."""

from pathlib import Path

import pytest

from conftest import Build
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page.narrative import read_narrative
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.words import Words


@pytest.fixture(scope="module")
def printed(sheet: Build) -> Printed:
    return Printed(sheet({"people_reached_by_platform": {"Peru": 4_640}}, people_reached=4_910), Words("en"))


def write(folder: Path, text: str) -> Path:
    path = folder / "health.en.md"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, printed: Printed) -> str:
    with pytest.raises(RequestError) as refused:
        read_narrative(write(folder, text), printed)
    return str(refused.value).removeprefix(f"{folder / 'health.en.md'}:")


def in_response(folder: Path, text: str, printed: Printed) -> str:
    """One paragraph as it reads."""
    (runs,) = read_narrative(write(folder, f"## Response\n\n{text}\n"), printed).sections["Response"]
    return "".join(run["text"] for run in runs)


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
    assert in_response(tmp_path, text, printed) == text
