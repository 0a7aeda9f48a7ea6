"""A sheet holds what an author wrote, drafts what none wrote, and speaks one language throughout."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import activities, count_at_once, flow, flows, plan, planning, sheet, sheet_of, with_few
from notebook_page import page_of, showing
from rmrp_analysis import charts, theme
from rmrp_analysis.errors import RequestError
from rmrp_analysis.page import Page
from rmrp_analysis.page.block import LeftOutLine
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.documents.html import render_html_page
from rmrp_analysis.publish.documents.outputs import read_document
from rmrp_analysis.theme.prose import words_of

ROOT = Path(__file__).parents[2]
NARRATIVES = str(ROOT / "params" / "narratives" / "2021-end-of-year")
TITLE = "End of year 2021 key figures"
ENGLISH = re.compile(
    r"\b(the|of|and|with|people|from|by|was|were|are|is|not|which|who|each|all|only|values?|month|table|chart|reached|"
    r"target(ed)?|need|fund(ing|ed)|unmet|report(s|ed)?|platform|partners?|activities|donors?|"
    r"organizations?|required|drafted|figures|sources|illustrative|given|stated)\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"Donor [A-Z] \(sample\)|Natural Earth")


SHEETS = [
    ("Health", "region"), ("Human Trafficking & Smuggling", "region"), ("Human Trafficking & Smuggling", "Chile"),
    ("Human Trafficking & Smuggling", "Central America & Mexico"), ("Multipurpose Cash Assistance", "region"),
    ("Humanitarian Transportation", "Caribbean"), ("Common Services", "region"), ("Common Services", "Chile"),
    ("Intersector", "region"), ("Intersector", "Southern Cone"),
]  # fmt: skip


@pytest.fixture(scope="module")
def counted(bundled: Plan) -> Plan:
    count_at_once([bundled.select(sector, place=place) for sector, place in (*SHEETS, ("Health", "Peru"))])
    return bundled


def text_of(sheet: Page) -> str:
    """All that is read or heard on a sheet: texts, alternative texts, labels."""
    written = " ".join(block.html for block in sheet.blocks)
    heard = " ".join(re.findall(r'(?:alt|aria-label|title)="([^"]*)"', written))
    read = re.sub(r"<[^>]+>", " ", written)
    return NAMES.sub(" ", html.unescape(f"{read} {heard}"))


@pytest.mark.parametrize("language", ["es", "pt"])
@pytest.mark.parametrize(("sector", "platform"), SHEETS)
def test_no_english_is_left_in_another_language(counted: Plan, sector: str, platform: str, language: str) -> None:
    figures = sheet_of(counted, sector, platform=platform)
    sheet = page_of(figures, title=TITLE, language=language, narratives=NARRATIVES)
    assert [found[0] for found in ENGLISH.finditer(text_of(sheet))] == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize(("sector", "platform"), [("Health", "region"), ("Intersector", "region"), ("Health", "Peru")])
def test_alternative_texts_are_short_enough_to_hear(counted: Plan, sector: str, platform: str, language: str) -> None:
    figures = sheet_of(counted, sector, platform=platform)
    views = [block.view for block in page_of(figures, title=TITLE, language=language).blocks]
    assert [view["alt"] for view in views if len(view.get("alt") or "") > 400] == []
    assert [view["alt_printed"] for view in views if len(view.get("alt_printed") or "") > 800] == []


def test_a_sheet_says_nothing_of_its_making_and_its_notes_once(counted: Plan) -> None:
    figures = sheet_of(counted, "Health")
    text = text_of(page_of(figures, title=TITLE))
    assert "rmrp" not in text.replace("rmrp-", "")
    assert text.count("Financial Tracking Service") == 1
    assert text.count("invented for illustration, 31 December 2021") == 1


def view_of(blocks: Any, name: str) -> Any:
    return next(block.view for block in blocks if block.name == name)


def written(folder: Path, text: str, figures: Any) -> Page:
    (folder / "health.en.md").write_text(text, encoding="utf-8")
    return page_of(figures, title=TITLE, narratives=str(folder))


def test_what_no_author_wrote_is_drafted_and_says_so_once() -> None:
    drafted = page_of(sheet(people_reached=4_910, reporting_partners=7, activities=383), title=TITLE)
    headline = view_of(drafted.blocks, "headline")
    assert words_of(headline["nodes"]) == "7 partners reported 383 activities."
    assert not [block for block in drafted.blocks if block.name == "narrative"]
    assert text_of(drafted).count("Sentences are generated from the data.") == 1


def test_an_authors_headline_and_response_stand_as_written(tmp_path: Path) -> None:
    text = "## Headline\n\nHelp for {{ people_reached }}.\n\n## Response\n\nWe helped.\n"
    by_author = written(tmp_path, text, sheet(people_reached=4_910))
    headline, (section,) = view_of(by_author.blocks, "headline"), view_of(by_author.blocks, "narrative")["nodes"]
    assert words_of(headline["nodes"]) == "Help for 4.91\u202fK."
    assert words_of(section["nodes"]) == "We helped."
    assert by_author.figures().records["headline"] == "Help for 4.91\u202fK."
    assert "generated from the data" not in text_of(by_author)


def platform_sheet(plan: Any, platform: str, narratives: str = "") -> Page:
    figures = sheet_of(plan, "Health", platform=platform)
    return page_of(figures, title=TITLE, narratives=narratives)


IOM = "International Organization for Migration (IOM)"
WHOLE = plan(
    activities(
        sector=["Health", "Health", "Health", "WASH"],
        appealing_organisation=[IOM, IOM, "CARE", "CARE"],
        implementing_partner=["Local", "", "", ""],
        country=["PER", "PER", "CHL", "CHL"],
        place=(places := ["Lima", "Tacna", "", ""]),
        admin1=places,
        new_beneficiaries=(people := [120.0, 60.0, 500.0, 40.0]),
        women=people,
        in_destination=people,
    ),
    planning(*(("Health", "region", "all", measure, 900) for measure in ("people_in_need", "target"))),
    flows(flow(7, destination_sectors=("Health",), source_organisations=("1",), source_organisation_names=("USA",))),
)
OPENING, ENDING = "masthead 12, headline 12, people 12", "| account 12"
GROUPS = "people_reached_by_population_group {0}, people_reached_by_age_gender {0}"
OF_PARTNER = "activities_by_implementing_partner 4, months 6, people_reached_by_indicator 6"


@pytest.mark.parametrize(
    ("sector", "asked", "layout"),
    [
        ("Health", {}, f"partners 4, funding 8 | places 7, map 5 | months 6, {GROUPS.format(6)}, donors 6"),
        ("Intersector", {}, f"funding 8, sectors 12 | places 7, map 5 | months 6, {GROUPS.format(6)}"),
        ("Health", {"place": "Peru"}, f"| places 7, map 5 | months 4, {GROUPS.format(4)}, narrative 12"),
        ("Intersector", {"place": "Peru"}, f"sectors 7 | places 5 | months 4, {GROUPS.format(4)}"),
        ("Health", {"organisation": "IOM"}, f"| places 7, map 5 | {GROUPS.format(4)}, {OF_PARTNER}"),
    ],
)
def test_parts_have_their_order_their_columns_of_twelve_and_their_page_and_headings_skip_no_level(
    sector: str, asked: dict[str, str], layout: str
) -> None:
    page = page_of(WHOLE.select(sector, **asked))
    parts = ", ".join("|" if block.kind == "turn" else f"{block.name} {block.view['span']}" for block in page.blocks)
    assert parts.replace(", |, ", " | ") == f"{OPENING}, {layout} {ENDING}".replace(", |", " |")
    levels = [int(level) for level in re.findall("<h([1-6])", render_html_page(read_document(showing(page))))]
    assert levels == [1, *[2] * (len(levels) - 1)]
    with pytest.raises(RequestError, match="a part has no width 'broad'"):
        page.bars(page.table("people_reached", "country"), width="broad")  # type: ignore[arg-type]


def test_a_line_that_adds_nothing_says_why_in_the_notebook_alone() -> None:
    page = platform_sheet(plan(activities(country="PER", new_beneficiaries=50.0)), "Peru")
    assert "Not on the page: The page is of one sector." in page.absent
    line = LeftOutLine("no money & no donors")._repr_mimebundle_()
    assert line["application/vnd.rmrp.blocks+json"] == []
    assert "no money &amp; no donors" in line["text/html"]
    document = read_document(showing(page, LeftOutLine("no money")))
    assert "no money" not in str(document.sheets)
    assert document.accounted


def test_a_platform_has_texts_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "health.peru.en.md").write_text("## Situation\n\nHigh in the mountains.\n", encoding="utf-8")
    (tmp_path / "health.en.md").write_text("## Situation\n\nEverywhere.\n", encoding="utf-8")
    sheet = platform_sheet(plan(activities(country="PER", new_beneficiaries=50.0)), "Peru", str(tmp_path))
    sections = [section for block in sheet.blocks if block.name == "narrative" for section in block.view["nodes"]]
    assert words_of(sections[0]["nodes"]) == "High in the mountains."


def test_in_print_the_alternative_text_of_the_months_gives_every_one() -> None:
    months = {"2021-01": 4.0, "2021-02": 500.0, "2021-03": 900.0, "2021-04": None}
    figures = with_few(sheet({"people_reached_by_month": months}, people_reached=1_404), "2021-01")
    view = next(block.view for block in page_of(figures, cell="charts.months").blocks if block.uid == "months")
    assert view["alt"].endswith("All values are in the table that follows.")
    assert "January: fewer than 10; February: 500; March: 900; April: no report" in view["alt_printed"]
    assert ["January 2021", "<\u202f10"] in view["table"]["rows"]


def test_one_changed_row_changes_all_texts_and_tables(tmp_path: Path) -> None:
    (tmp_path / "health.peru.en.md").write_text("## Response\n\nHelp for {{ people_reached }}.\n", encoding="utf-8")

    def texts_of(new: float) -> dict[str, str]:
        reports = activities(country="PER", new_beneficiaries=new, in_destination=new, women=new)
        sheet = platform_sheet(plan(reports), "Peru", str(tmp_path))
        blocks = sheet.blocks
        donors = {"masthead", "notice", "headline", "funding", "account", "turn"}
        said = {block.name: block.html + json.dumps(block.view, ensure_ascii=False) for block in blocks}
        return {
            **{kind: text for kind, text in said.items() if kind not in donors},
            "alternative text": next(block.view["alt"] for block in blocks if block.kind == "chart"),
            "files": str(sheet.figures().records) + str(sheet.figures().tables),
        }

    before, after = texts_of(320.0), texts_of(650.0)
    assert [kind for kind, text in before.items() if "320" not in text or "650" in text] == []
    assert [kind for kind, text in after.items() if "650" not in text or "320" in text] == []


def test_page_without_a_masthead_is_saved_under_its_own_title_and_each_block_is_rendered_once(
    counted: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(counted.select("Health", platform="Peru"), title="People by month")
    rendered, block_html = list[str](), theme.block_html
    monkeypatch.setattr(theme, "block_html", lambda kind, *texts: rendered.append(kind) or block_html(kind, *texts))
    page.chart(charts.months(page.table("people_reached", "month")))
    assert "<title>People by month</title>" in page.save(tmp_path / "own.html").read_text("utf-8")
    assert rendered == ["masthead", "chart"]


@pytest.mark.parametrize(
    ("language", "people", "printed", "in_thousands"),
    [
        ("en", (1_105, 947, 38), (">1,105<", ">947<", ">38<"), False),
        ("en", (156_400, 22_140, 400), (">156<", ">22<", "1<"), True),
        ("es", (1_105, 2_470, 38), (">1105<", ">2470<", ">38<"), False),
        ("es", (22_140, 7_690, 400), (">22,1<", ">7,7<", ">0,4<"), True),
        ("pt", (156_400, 92_600, 400), (">156<", ">93<", "1<"), True),
    ],
)
def test_months_have_at_most_three_digits_or_four_in_full(
    language: str, people: Sequence[float], printed: Sequence[str], in_thousands: bool
) -> None:
    parts = {f"2021-{number:02d}": each for number, each in enumerate(people, start=1)}
    figures = sheet({"people_reached_by_month": parts}, people_reached=sum(people))
    page = page_of(figures, cell="charts.months", language=language)
    view = next(block.view for block in page.blocks if block.uid == "months")
    assert view["kicker"].endswith(("in thousands", "en miles", "em milhares")) is in_thousands
    assert [text for text in printed if text not in view["svg"]] == []
