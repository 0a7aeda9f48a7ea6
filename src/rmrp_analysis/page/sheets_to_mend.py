"""Lists the sheets with a main number that cannot be used, each with the cause and the people concerned."""

from collections.abc import Sequence
from dataclasses import dataclass

from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import REACHED_FIGURE
from rmrp_analysis.figures.sheet import causes_against
from rmrp_analysis.method import Method
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.plan import Plan, Selected
from rmrp_analysis.vocabulary import report_id
from rmrp_analysis.words import Translator


@dataclass(frozen=True)
class SheetToMend:
    """A sheet that the index lists as *to mend*, with the texts of its line.

    ``report`` is the id of its report, ``cause`` the sentence with numbers, ``causes`` the short texts without numbers.
    ``people`` are the people that the cause concerns, or all people of the sheet if the cause has no number, or None if
    the audience may see no number.
    """

    report: str
    name: str
    cause: str
    causes: tuple[str, ...]
    people: float | None
    people_printed: str


def find_sheets_to_mend(
    plan: Plan, sheets: Sequence[Selected], *, period: Period, method: Method, audience: str, language: str
) -> list[SheetToMend]:
    """Find the sheets with a main number that cannot be used, each once, most people concerned first.

    Sheets with an unknown number of people come last.
    """
    translate = Translator(language)
    rows = plan.rows_of_sheets(sheets, period=period, method=method, audience=audience)
    to_mend = []
    for sector, place, organisation in dict.fromkeys(sheets):
        report = report_id(sector, place, organisation)
        if not causes_against(rows[report]):
            continue
        selection = plan.select(sector, place=place, organisation=organisation, period=period, method=method)
        formatter = SheetFormatter(selection.key_figures(audience), translate)
        cautions = formatter.key_figures.unusable
        concerned = [caution.people for caution in cautions if caution.people is not None]
        people = max(concerned, default=formatter.key_figures.value(REACHED_FIGURE))
        to_mend.append(
            SheetToMend(
                report,
                formatter.sheet_name(),
                formatter.join_texts([format_caution(formatter, caution) for caution in cautions]),
                tuple(translate(WORDS_BY_KIND["caution in short"][caution.rule]) for caution in cautions),
                people,
                translate("not known") if people is None else formatter.format_people(people),
            )
        )
    return sorted(to_mend, key=lambda sheet: -(sheet.people or 0.0))
