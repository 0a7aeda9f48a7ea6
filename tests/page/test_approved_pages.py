"""What pages of a small plan and of the bundled one say was read and approved.

Where something is meant to say something else, renew the snapshots with ``pytest --snapshot-update``, and read the
difference.
"""

from dataclasses import replace
from functools import cache

from syrupy.assertion import SnapshotAssertion

from approved import hash_of_numbers, views_of
from notebook_page import page_of
from rmrp_analysis.arguments import Period
from rmrp_analysis.page.data_tables import build_data_tables
from rmrp_analysis.page.worksheets import build_cover, build_worksheets
from rmrp_analysis.plan import Plan, Selection
from small_plan import Case, cases

LANGUAGES = ("en", "es", "pt")
SHEETS = [(name, *sheet) for name, case in cases().items() for sheet in case.sheets]
WHOLE = "2021-01/2021-12"
KINDS = {
    "a sector of the region": (16, "es", {}),
    "a country": (6, "en", {}),
    "all sectors of a country, by the rules of 2022": (29, "pt", {}),
    "an organisation": (15, "en", {}),
    "services": (2, "pt", {}),
    "few people": (12, "en", {}),
    "a country in depth": (9, "en", {"notebook": "sector_in_depth"}),
}
"""The number of a sheet of the small plan, the language and the options of a page of each kind."""
TO_MEND = {"all sectors": (4, "internal", "es"), "the southern cone": (8, "public", "pt")}
BUNDLED = {
    "a region": ("Health", "region", WHOLE, "en"),
    "one month": ("WASH", "Southern Cone", "2021-06", "es"),
}


@cache
def usable_cases() -> dict[str, Case]:
    """The cases of the small plan without reports that were refused: with these, most sheets are to be mended."""
    usable = {}
    for name, case in cases().items():
        reports = case.plan.activities.assign(people_left_out=0.0)
        plan = replace(case.plan, activities=reports, refused_activities=case.plan.refused_activities.iloc[:0])
        period = Period.parse(case.period)
        plan.rows_of_sheets(case.sheets, period=period, method=case.method, audience="public")
        usable[name] = replace(case, plan=plan)
    return usable


def selected(case: Case, sector: str, place: str, organisation: str) -> Selection:
    of_one = {"organisation": organisation} if organisation else {}
    return case.plan.select(sector, place=place, period=Period.parse(case.period), method=case.method, **of_one)


def test_pages_of_each_kind_say_what_was_approved(bundled: Plan, snapshot: SnapshotAssertion) -> None:
    said = {}
    for kind, (number, language, options) in KINDS.items():
        name, *of = SHEETS[number]
        page = page_of(selected(usable_cases()[name], *of), title="Key figures", language=language, **options)
        said[kind] = [*views_of(page.blocks), page.absent]
    for kind, (number, audience, language) in TO_MEND.items():
        name, *of = SHEETS[number]
        said[f"to mend: {kind}"] = views_of(
            page_of(selected(cases()[name], *of), audience=audience, language=language).blocks
        )
    for kind, (sector, place, period, language) in BUNDLED.items():
        page = page_of(bundled.select(sector, place=place, period=period), language=language)
        said[f"of the bundled plan: {kind}"] = [*views_of(page.blocks), page.absent]
    assert said == snapshot


def test_every_sheet_of_the_small_plan_has_the_numbers_that_were_approved(snapshot: SnapshotAssertion) -> None:
    numbers = {}
    for number, (name, *of) in enumerate(SHEETS):
        selection = selected(usable_cases()[name], *of)
        for notebook in ("sector_key_figures", *["sector_in_depth"] * (number in (6, 16, 27))):
            page = page_of(selection, title="Key figures", language=LANGUAGES[number % 3], notebook=notebook)
            key = f"{' '.join(SHEETS[number]).strip()}{' in depth' * (notebook == 'sector_in_depth')}"
            numbers[key] = hash_of_numbers([*views_of(page.blocks), page.absent])
    assert numbers == snapshot


SHOWN = ("figures", "people_reached_by_platform", "people_reached_by_month", "funding_usd_by_donor")
"""Tables that stand for those of their kind, in Spanish."""


def test_tables_and_worksheets_of_a_sheet_are_what_was_approved(snapshot: SnapshotAssertion) -> None:
    said = {}
    for number, language in ((16, "es"), (29, "en")):
        name, *of = SHEETS[number]
        page = page_of(selected(usable_cases()[name], *of), title="Key figures", language=language)
        tables = build_data_tables(page._formatter, "Key figures", "health")
        worksheets = build_worksheets(page._formatter, tables, place=page.place)
        cover = build_cover(page._formatter, "Key figures", worksheets)
        said[name] = [hash_of_numbers(each) for each in (*tables["tables"], *worksheets)]
        if language == "es":
            tables["tables"] = [each for each in tables["tables"] if each["name"] in SHOWN]
            sheets = [each for each in worksheets if each["name"] in ("key_figures_by_platform", *SHOWN[1:])]
            rows = [[[" ".join(map(str, cell)).strip() for cell in row] for row in each["rows"]] for each in sheets]
            said[name] += [tables, [each | {"rows": some} for each, some in zip(sheets, rows, strict=True)], cover]
    assert said == snapshot
