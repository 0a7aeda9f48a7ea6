"""The cover of a sheet's workbook: what it is about, what its worksheets hold, sources, method and signs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rmrp_analysis.page import cards, headline
from rmrp_analysis.page.account import account, edition
from rmrp_analysis.page.printed import WORDS_OF, Printed
from rmrp_analysis.vocabulary import plan_year
from rmrp_analysis.words import INTERNAL_MARK

Line = tuple[str, str, str]
"""A heading, a text beside it, and the worksheet that the heading leads to (none if empty)."""


def cover(
    printed: Printed,
    title: str,
    worksheets: Sequence[Mapping[str, Any]],
    *,
    provenance: Mapping[str, Any] | None = None,
    has_map: bool = False,
) -> dict[str, Any]:
    """The cover of these worksheets: the name of its own, and its lines; the last ones are of a known provenance."""
    lines = [list(line) for line in _lines(printed, title, worksheets, has_map)]
    if provenance:
        lines.append([printed.words("Files and program (SHA-256)"), edition(printed, provenance), ""])
        lines += [[file["file"], file["sha256"], ""] for file in provenance["inputs"]]
        code = provenance["code"]
        lines.append([f"{code['name']} {code['version']}", code["sha256"], ""])
    return {"tab": printed.words("Cover"), "lines": lines}


def _lines(printed: Printed, title: str, worksheets: Sequence[Mapping[str, Any]], has_map: bool) -> Iterator[Line]:
    words, figures = printed.words, printed.key_figures
    internal = figures.audience == "internal"
    yield f"{printed.sheet()} · {words(title)}", "", ""
    if internal:
        yield words(INTERNAL_MARK), printed.rounding(), ""
    yield words("Sector"), printed.label(figures.sector), ""
    yield words("Scope"), printed.scope(), ""
    yield words("Period"), printed.period(), ""
    yield words("Plan"), plan_year(figures.plan_year).named(printed.language), ""
    lead, notice = cards.notice(printed)
    if notice:
        yield lead.removesuffix("."), notice, ""
    yield words("In one sentence"), headline.headline(printed), ""
    yield words("Worksheets"), "", ""
    for sheet in worksheets:
        name, (_, *headers) = sheet["above"][0], sheet["headers"]
        yield sheet["tab"], printed.listed(headers) if name == sheet["tab"] else name, sheet["tab"]
    yield words("Reading the tables"), "", ""
    yield (
        words("Numbers"),
        words("The sheet prints fewer digits of these values. What all rows of a table share stands above it."),
        "",
    )
    for sign, meaning in WORDS_OF["sign"].items():
        yield sign, words(meaning), ""
    accounted = account(printed, title, {}, has_map=has_map).view
    note = "".join(run["text"] for run in accounted["note"])
    yield accounted["sources"]["heading"], "\n".join(filter(None, [*accounted["sources"]["paragraphs"], note])), ""
    yield accounted["method"]["heading"], "", ""
    for line in accounted["method"]["lines"]:
        yield line["name"], line["rule"], ""
