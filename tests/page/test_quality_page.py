"""The page on data quality: steps to the people reached, rules with their rows, who, where, repairs and joins."""

import re
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from approved import hash_of_numbers, views_of
from conftest import YEAR, activities, plan
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.page import Page, QualityPage, quality_page
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.quality_page import LABEL_BY_COLUMN, LABEL_BY_LIST, OTHER_RULE_SENTENCES
from rmrp_analysis.page.sheets_to_mend import find_sheets_to_mend
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import CHECK_BY_NAME, Review, review_plan
from rmrp_analysis.quality.money import MONEY_CHECKS
from rmrp_analysis.quality.review import effects_of_repairs, people_in_doubt, steps_to_people_reached
from rmrp_analysis.theme.prose import words_of
from rmrp_analysis.words import Translator
from small_plan import cases

PARTS = ("opening", "steps", "sheets", "rules", "who_and_where", "repairs", "joins", "rows", "closing")


@pytest.fixture(scope="module")
def review(bundled: Plan) -> Review:
    """Of every third report, which is enough for all parts of the page."""
    third = replace(bundled, activities=bundled.activities.iloc[::3])
    return review_plan(third, period=YEAR, method=Method(), repairs=("total_lower_new",))


@pytest.fixture(scope="module")
def blocks(review: Review) -> dict[str, list[Block]]:
    """The whole page in each language; what repairs would change, which takes long, is counted once."""
    effects = effects_of_repairs(review)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quality_page, "effects_of_repairs", lambda _: effects)
        pages = {each: QualityPage(review, title="Key figures", language=each) for each in ("en", "es", "pt")}
        return {each: [block for part in PARTS for block in getattr(page, part)()] for each, page in pages.items()}


def test_every_part_is_drawn_in_every_language(blocks: dict[str, list[Block]], snapshot: SnapshotAssertion) -> None:
    for drawn in blocks.values():
        assert {block.kind for block in drawn} == {"masthead", "text", "chart", "bars", "table", "account"}
        assert all(block.html for block in drawn)
    numbers = {language: hash_of_numbers(views_of(drawn)) for language, drawn in blocks.items()}
    assert [views_of(blocks["en"]), numbers] == snapshot


def test_the_page_and_the_sheets_to_mend_of_the_small_plan_are_what_was_approved(snapshot: SnapshotAssertion) -> None:
    case = cases()["2022"]
    period, options = Period.parse(case.period), {"method": case.method}
    page = QualityPage(review_plan(case.plan, period=period, **options), title="Key figures", language="es")
    said = [views_of(block for part in PARTS if part != "repairs" for block in getattr(page, part)())]
    for audience, language in (("internal", "en"), ("public", "pt")):
        options |= {"period": period, "audience": audience, "language": language}
        said += [vars(sheet) for sheet in find_sheets_to_mend(case.plan, case.sheets, **options)]
    assert said == snapshot


def test_the_steps_add_up_and_free_text_is_not_quoted(review: Review) -> None:
    steps = steps_to_people_reached(review)
    assert steps["step"].to_list()[:2] == ["sent", "refused"]
    assert steps["left"].iloc[-1] == pytest.approx(steps["people"].sum())
    by_month = people_in_doubt(review, "month")
    assert by_month["people"].sum() <= review.plan.activities["new_beneficiaries"].sum()
    assert by_month["reports"].sum() == len(review.plan.activities)
    above = review.by_check().loc["new_above_total"]
    assert above["rows_left"] < above["rows"]
    (rows,) = QualityPage(review, title="Title").rows()
    names = [row for row in rows.view["rows"] if any(cell["text"] == "Activity name" for cell in row)]
    assert names
    assert all([cell["text"] for cell in row][-2:] == ["free text, not shown", ""] for row in names)
    (account,) = QualityPage(review, title="Title").closing()
    assert re.findall(r'href="(.+?)"', account.html) == ["quality.csv", "refused.csv", "repairs.csv"]


def test_invented_data_are_named_and_others_bear_no_notice(review: Review) -> None:
    (_, notice, _) = QualityPage(review, title="Title").opening()
    assert words_of(notice.view["nodes"]) == "Illustrative data. Invented: activity reports and funding flows."
    sources = {name: source.model_copy(update={"illustrative": False}) for name, source in review.plan.sources.items()}
    real = replace(review, plan=replace(review.plan, sources=sources))
    assert [block.name for block in QualityPage(real, title="Title").opening()] == ["masthead", "headline"]


def test_every_finding_leads_to_its_first_rows_with_file_line_and_what_is_wrong(review: Review) -> None:
    page = QualityPage(review, title="Title", language="es")
    (rules,), (rows,) = page.rules(), page.rows()
    leads = [row[0]["href"].removeprefix("#") for row in rules.view["rows"]]
    assert leads == [row[0]["id"] for row in rows.view["rows"] if "id" in row[0]]
    assert all(f'id="{lead}"' in rows.html for lead in leads)
    first = next(row for row in rows.view["rows"] if row[0].get("note") == "not_country")
    assert [cell["text"] for cell in first] == [
        "El país no es del plan.",
        "activities.csv.gz",
        "4231",
        "País",
        "Atlantis",
        "",
    ]


def test_the_file_of_a_finding_is_named_once_beside_its_first_rows(review: Review) -> None:
    (rows,) = QualityPage(review, title="Title").rows()
    texts = [cell["text"] for row in rows.view["rows"] for cell in row]
    headings = [row[0] for row in rows.view["rows"] if "id" in row[0]]
    assert texts.count("activities.csv.gz") <= len(headings) < len(rows.view["rows"])
    assert sum(heading["rows"] for heading in headings) == len(rows.view["rows"])


def test_repairs_that_would_change_nothing_are_counted(blocks: dict[str, list[Block]], review: Review) -> None:
    (table,) = (block.view for block in blocks["en"] if block.name == "repairs")
    effects = effects_of_repairs(review)
    idle = int((effects["cells"] == 0).sum())
    assert len(table["rows"]) == len(effects) - idle
    assert table["note"] == [{"text": f"{idle} other repairs would change nothing.", "href": ""}]


def test_sheets_to_mend_stand_with_their_cause_and_people() -> None:
    # One report of 900 of the 1,000 people reached; in Peru alone the other 100 are none of this report
    rows = activities(new_beneficiaries=[900, 50, 50], country=["COL", "PER", "PER"], month=["2021-01"] * 3)
    small = review_plan(plan(rows), period=YEAR, method=Method())
    (table,) = QualityPage(small, title="Title").sheets()
    cells = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table.view["rows"]}
    assert cells["Health"] == ["One report for January accounts for 90% of the people reached", "900"]
    assert table.view["finding"] == f"{len(cells)} sheets to mend"
    of_region = {
        sheet.report
        for sheet in find_sheets_to_mend(
            small.after,
            [("Health", "region", ""), ("WASH", "region", "")],
            period=YEAR,
            method=Method(),
            audience="internal",
            language="en",
        )
    }
    assert of_region == {"health"}


@pytest.mark.parametrize(
    ("rule", "text", "language", "expected"),
    [
        ("coverage_above_150", "660%: 4,058,140 of 614,860 (plan A)", "es", "660 %: 4 058 140 de 614 860 (plan A)"),
        ("requirements_unlike_plan", "59 by country, +1,000", "en", "59 by country, +1,000"),
        ("totals_unlike_flows", "COL: 5,000", "pt", "COL: 5000"),
        ("same_requirement_repeated", "59 in 3 countries", "es", "59 en 3 países"),
        ("not_country", "Atlantis", "es", "Atlantis"),
    ],
)
def test_what_checks_of_money_say_is_said_in_the_reader_s_words(
    rule: str, text: str, language: str, expected: str
) -> None:
    assert quality_page.format_finding_value(rule, text, Translator(language)).replace("\u202f", " ") == expected


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_rule_column_or_list_is_named_by_its_identifier_alone(blocks: dict[str, list[Block]], language: str) -> None:
    tables = [block.view for block in blocks[language] if block.kind == "table"]
    texts = [cell["text"] for view in tables for row in (*view["head"], *view["rows"]) for cell in row]
    assert len(tables) >= 4
    assert [text for text in texts if "_" in text] == []


def test_every_rule_and_column_of_checks_has_words() -> None:
    assert {column for check in CHECK_BY_NAME.values() for column in check.columns.split()} <= set(LABEL_BY_COLUMN)
    assert {check.needs for check in CHECK_BY_NAME.values() if check.needs} <= set(LABEL_BY_LIST)
    alarms = {check.check for check in MONEY_CHECKS}
    assert len(alarms) > 5
    assert alarms <= {*OTHER_RULE_SENTENCES, *CHECK_BY_NAME}
    assert not OTHER_RULE_SENTENCES.keys() & CHECK_BY_NAME.keys()  # one name, one sentence


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_an_internal_sheet_says_how_much_of_its_data_is_in_doubt(audience: str) -> None:
    rows = {"new_beneficiaries": [300, 100], "total_monthly_beneficiaries": [300, 50], "in_destination": [300, 100]}
    groups = {"girls": [300, 100], "admin1": "Lima", "activity_name": ["One", "Two"], "cva": "No", "covid19": "No"}
    page = Page(plan(activities(**rows, **groups)).select("Health"), audience=audience)
    page.account()
    html = page.blocks[-1].html
    sentence = "25% of the people reported (100 of 400) are in rows with something to review."
    assert (sentence in html) == (audience == "internal")


def test_a_sheet_without_people_says_nothing_of_people_in_doubt() -> None:
    page = Page(plan(activities(new_beneficiaries=[0])).select("Health"), audience="internal")
    page.account()
    assert "something to review" not in page.blocks[-1].html
