"""The money card and the small print say what the money is of: its day, its plan, what of it names nothing."""

from dataclasses import replace
from typing import Any

import pytest

from conftest import activities, as_printed, plan, sheet, with_few
from notebook_page import page_of
from rmrp_analysis.method import Method, Movement, Revision
from rmrp_analysis.page import Page
from rmrp_analysis.page.account import build_account, format_sources
from rmrp_analysis.page.cards import (
    CARD_KIND_BY_FIGURE,
    build_cards,
    build_funding_cards,
    build_people_cards,
    format_notice,
    format_undesignated,
)
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.sources import Published, Source

SECTORS_NAMED = "plan_funding_usd_by_sector_named"
COUNTRIES_NAMED = "plan_funding_usd_by_country_named"
FIGURES = {"requirement_usd": 40.0, "funding_usd": 10.0, "unmet_usd": 30.0, "donors": 2, "funded_organisations": None}


def source(as_of: str) -> Source:
    return Source(file="x.csv", producer="OCHA FTS", as_of=as_of)


def printed(breakdowns: Any = None, method: Method | None = None, as_of: str = "2021-12-31") -> SheetFormatter:
    """A sheet's money with these breakdowns, as of two days."""
    figures = sheet(breakdowns, method=method, **FIGURES)
    dated = {"funding": source(as_of), "planning": source("2021-11-06"), "activities": source("2021-12-31")}
    return as_printed(replace(figures, sources=dated))


def test_funding_and_requirement_each_have_their_day_or_say_that_it_is_unknown() -> None:
    view = build_funding_cards(printed(), list(FIGURES)).view
    assert view["kicker"] == "Funding*, as of 31 December 2021"
    assert view["aside"] == "$40 required, as of 31 December 2021"  # both figures name one source here
    of_fts = printed()
    rows = of_fts.key_figures.rows
    own_source = rows["source"].mask(rows["figure"] == "requirement_usd", "R4V, RMRP 2021")
    of_plan = replace(of_fts.key_figures, rows=rows.assign(source=own_source))
    view = build_funding_cards(replace(of_fts, key_figures=of_plan), list(FIGURES)).view
    assert view["aside"] == "$40 required, as of 6 November 2021"
    assert build_funding_cards(printed(as_of=""), list(FIGURES)).view["kicker"] == "Funding*, of an unknown date"


def test_notes_tell_of_numbers_and_sectors_the_rule_of_counts_and_the_asterisk_once() -> None:
    by_sector = {"single": 45.0, "shared": 10.0, "not specified": 45.0}
    by_country = {"single": 70.0, "shared": 10.0, "not specified": 20.0}
    text = format_undesignated(printed({SECTORS_NAMED: by_sector, COUNTRIES_NAMED: by_country}))
    assert text == ("Of the plan's $100, 55% is not assigned to a single sector and 30% not to a single country.")
    text = format_undesignated(printed({SECTORS_NAMED: {"single": 45.0, "shared": 10.0, "not specified": 45.0}}))
    assert text == "Of the plan's $100, 55% is not assigned to a single sector."
    sector = printed()
    together = replace(sector, key_figures=replace(sector.key_figures, sector="Intersector"))
    for shown, said in ((sector, "of money for this sector alone."), (together, "of money from outside the plan.")):
        lines = build_account(shown, "", {}).view["method"]["lines"]
        assert said in next(line["rule"] for line in lines if line["name"] == "Funding")
    view = build_account(printed(), "", {}).view
    assert [run["href"] for run in view["note"] if run["href"]] == ["https://fts.unocha.org"]
    assert "Financial Tracking Service (FTS, fts.unocha.org). " in text_of(view["note"])
    assert '<a href="https://fts.unocha.org">fts.unocha.org</a>' in build_account(printed(), "", {}).html
    assert text_of(view["note"]).startswith("* As reported to the Financial Tracking Service (FTS, fts.unocha.org).")
    assert "FTS)" not in str(view["method"]) + str(view["sources"])
    assert build_account(as_printed(sheet(people_reached=5)), "", {}).view["note"] == []


@pytest.mark.parametrize("breakdowns", [None, {SECTORS_NAMED: {"single": 0.0, "shared": 0.0, "not specified": 0.0}}])
def test_without_money_the_footnote_has_no_numbers(breakdowns: Any) -> None:
    assert format_undesignated(printed(breakdowns)) == ""


def test_a_source_has_its_day_and_one_without_money_by_sector_is_said_to_be_one() -> None:
    figures = sheet(
        reasons={"funding_usd": "no_funding_by_sector"}, **(FIGURES | {"funding_usd": None, "unmet_usd": None})
    )
    view = build_funding_cards(as_printed(figures), list(FIGURES)).view
    assert view["note"].endswith("the source does not give money by sector.")
    assert [card["value"] for card in view["cards"]] == ["—"]
    dated = {"activities": source("2021-12-31"), "planning": source("2021-11-06"), "funding": source("2021-12-31")}
    with_requirement, without = (
        as_printed(replace(sheet(target=5, requirement_usd=usd, funding_usd=2), sources=dated)) for usd in (40.0, None)
    )
    activities, plan, funded = "Activity reports: OCHA FTS, 31 December 2021.", "Plan: OCHA FTS", "Funding: OCHA FTS."
    assert format_sources(with_requirement, False)[:3] == [activities, f"{plan}.", funded]
    assert format_sources(without, False)[:3] == [activities, f"{plan}, 6 November 2021.", funded]


def test_a_place_says_that_its_requirement_is_not_known_where_its_money_is_not_either() -> None:
    unknown = "Requirement not known"
    for place, funded, aside in (("region", 2, unknown), ("Peru", 2, ""), ("Peru", None, unknown)):
        figures = replace(sheet(funding_usd=funded), place=place)
        assert build_funding_cards(as_printed(figures), list(FIGURES)).view["aside"] == aside


def test_people_whom_the_sheet_could_not_count_are_told_on_its_face() -> None:
    figures = replace(sheet(people_reached=400), lost_people={"unknown_indicator": 1234.0, "no_proportions": 0.0})
    lead, text = format_notice(as_printed(figures))
    assert lead == "Not all people are counted."
    assert text == (
        "The people reached leave out 1.23\u202fK people reported: their indicator is not in the plan year's list. "
        "The people reached leave out some people reported: their population group has no age-gender proportions "
        "in their place and sector."
    )


def test_a_notice_is_led_by_what_is_invented_then_lost_then_revised_then_provisional() -> None:
    figures, revised = sheet(people_reached=400), Revision(figures={"people_reached": Movement(before="380")})
    lost = replace(figures, lost_people={"unknown_indicator": 30.0})
    invented = replace(lost, rows=lost.rows.assign(illustrative=True))
    until_may, may_change = revised.model_copy(update={"until": "2021-05"}), {"provisional": ("people_reached",)}
    facts: list[tuple[Any, dict[str, Any]]] = [
        (each, may_change | {"revision": revised}) for each in (invented, lost, figures)
    ]
    facts += [(figures, may_change | {"revision": until_may}), (figures, {})]
    assert [format_notice(as_printed(each, **more))[0] for each, more in facts] == [
        "Example.", "Not all people are counted.", "Revised sheet.", "Provisional figures.", "",
    ]  # fmt: skip


@pytest.mark.parametrize("own", ["", "Floods in Boa Vista."])
def test_who_has_not_reported_stands_once(own: str) -> None:
    page = Page(sheet(people_reached=400, target=900, reporting_partners=3, partners_last_month=0, activities=5))
    page.headline(own)
    page.cards("people_reached", "reporting_partners", "activities")
    told = " ".join(block.html for block in page.blocks).lower()
    assert ("no partner has reported" in told) != ("none of the 3 partners has reported for december" in told)


def test_a_sector_without_people_says_how_its_activities_count() -> None:
    figures = replace(sheet(activities=2, reporting_partners=1), sector="Common Services")
    (line,) = build_account(as_printed(figures), "", {}).view["method"]["lines"]
    assert line["rule"] == "They are counted as services or trainings, not as people."


def test_counts_stand_in_a_line_under_the_bars_where_no_money_is_known() -> None:
    printed = as_printed(sheet(people_reached=400, target=900, reporting_partners=3, activities=5))
    (only,) = build_cards(printed, ["target", "people_reached", "reporting_partners", "activities", "funding_usd"])
    assert [(item["value"], item["label"]) for item in only.view["also"]["items"]] == [
        ("3", "Reporting partners"),
        ("5", "Reported activities"),
    ]
    with_money = as_printed(sheet(**FIGURES, people_reached=400, target=900, reporting_partners=3))
    blocks = list(build_cards(with_money, ["target", "reporting_partners", "funding_usd"]))
    assert [block.name for block in blocks] == ["people", "partners", "funding"]
    assert blocks[2].view["also"] is None
    assert build_funding_cards(with_money, ["donors"]).view["also"]["items"] == [{"value": "2", "label": "donors"}]


def test_a_number_has_beside_it_what_the_issue_before_printed_of_fewer_months() -> None:
    moved = {
        "people_reached": Movement(before="380", parts={"new_months": 20.0}),
        "target": Movement(before="800", parts={"target": 100.0}),
        "funding_usd": Movement(before="$8", parts={"new_months": 2.0}),
    }
    before = Revision(figures=moved, until="2021-04")
    reached = as_printed(sheet(people_reached=400, target=900), revision=before)
    reasons = {
        card["kind"]: card["reason"] for card in build_people_cards(reached, ["target", "people_reached"]).view["cards"]
    }
    assert reasons == {"target": "before: 800; other planning figures +100", "reached": "380 up to April"}
    money = as_printed(sheet(**FIGURES, funding_coverage=0.25), revision=before)
    assert build_funding_cards(money, list(FIGURES)).view["note"] == "$8 up to April"


def test_a_correction_is_not_told_as_the_new_month() -> None:
    moved = {"people_reached": Movement(before="36.8 K", parts={"corrected": 5_000.0})}
    corrected = as_printed(sheet(people_reached=41_800), revision=Revision(figures=moved, until="2021-04"))
    (card,) = build_people_cards(corrected, ["people_reached"]).view["cards"]
    assert card["reason"] == "before: 36.8 K; corrected reports +5.00\u202fK"
    assert "People reached 41.8\u202fK (before: 36.8 K; corrected reports +5.00\u202fK)" in format_notice(corrected)[1]
    expected = {"people_reached": Movement(before="36.8 K", parts={"new_months": 5_000.0})}
    longer = as_printed(sheet(people_reached=41_800), revision=Revision(figures=expected, until="2021-04"))
    assert "Changed since" not in format_notice(longer)[1]


def test_few_people_are_told_as_less_than_the_base_to_eye_and_ear() -> None:
    printed = as_printed(with_few(sheet(people_reached=3), "people_reached"))
    few = build_people_cards(printed, list(CARD_KIND_BY_FIGURE)).view["cards"][-1]
    assert (few["value"], few["spoken"], few["reason"]) == ("<\u202f10", "fewer than 10", "")


@pytest.mark.parametrize(
    ("sector", "audience", "rounding", "said"),
    [
        ("Health", "public", 10, "multiples of 10 to"),
        ("Health", "public", {"health": 15}, "multiples of 15 to"),
        ("Health", "public", {"wash": 20}, "multiples of 10 to"),
        ("Intersector", "public", {"wash": 20}, "multiples of 10 (WASH: 20) to"),
        ("Health", "public", 0, "Counts of people are exact."),
        ("Health", "internal", 10, "Counts of people are exact: they are not for publication."),
    ],
)
def test_the_method_says_to_what_people_are_rounded_or_that_they_are_exact(
    sector: str, audience: str, rounding: object, said: str
) -> None:
    method = Method.model_validate({"rounding": rounding})
    figures = replace(sheet(people_reached=5, sector=sector, method=method), audience=audience)
    (rule,) = [line["rule"] for line in said_of(as_printed(figures)) if line["name"] == "Rounding"]
    assert said in rule
    assert ("parts may not add up" in rule) == ("multiples" in said)


def test_the_banner_names_the_text_where_it_is_illustrative() -> None:
    figures = sheet(people_reached=400, activities=3)
    rows = figures.rows.assign(illustrative=figures.rows["figure"] == "activities")
    some, none = as_printed(replace(figures, rows=rows)), as_printed(figures)
    assert format_notice(some, illustrative_text=True) == ("Example.", "Invented: activity reports and the text.")
    assert format_notice(some)[1] == "Invented: activity reports."
    assert format_notice(none, illustrative_text=True) == ("Example.", "Invented: the text.")
    planned = sheet(people_reached=400, activities=3, target=500)
    rows = planned.rows.assign(illustrative=planned.rows["figure"] == "activities")
    both = as_printed(replace(planned, rows=rows))
    assert format_notice(both, illustrative_text=True) == ("Example.", "Real: target. Everything else is invented.")
    assert format_notice(both) == ("Example.", "Real: target. Invented: activity reports.")  # its text is not invented
    table = {"target_by_sector": {"Health": 5}}
    of_sectors = sheet(table, sector="Intersector", people_reached=400, activities=3, target=500)
    invented = of_sectors.rows["figure"].isin(["activities"])
    source = of_sectors.rows["source"].mask(of_sectors.rows["figure"] == "target_by_sector", "illustrative")
    partly = replace(of_sectors, rows=of_sectors.rows.assign(illustrative=invented, source=source))
    assert format_notice(as_printed(partly), illustrative_text=True)[1] == (
        "Real: target. Invented: activity reports, targets of some sectors and the text."
    )


@pytest.mark.parametrize(
    ("sector", "amount", "said"),
    [
        ("Health", 29, "Unmet: $29 as published; $30 from exact amounts."),
        ("Health", 30.4, ""),  # printed alike
        ("Shelter", 29, ""),
    ],
)
def test_an_amount_that_was_published_otherwise_is_told(sector: str, amount: float, said: str) -> None:
    plain = printed()
    published = Published(sector=sector, figure="unmet_usd", value=amount, source="a sheet")
    sources = {
        **plain.key_figures.sources,
        "funding": source("2021-12-31").model_copy(update={"published": (published,)}),
    }
    figures = replace(plain.key_figures, sources=sources)
    rules = {line["name"]: line["rule"] for line in said_of(as_printed(figures))}
    assert rules["Funding"].endswith(said or "of money for this sector alone.")


def text_of(runs: list[dict[str, str]]) -> str:
    return "".join(run["text"] for run in runs)


def said_of(printed: SheetFormatter) -> list[dict[str, str]]:
    return build_account(printed, "", {}).view["method"]["lines"]


def test_bars_tell_the_shares_of_people_in_need_and_of_the_target() -> None:
    shares = {"need_coverage": 100 / 400, "target_coverage": 100 / 200}
    figures = as_printed(sheet(people_in_need=400, target=200, people_reached=100, **shares))
    bars = build_people_cards(figures, ["people_in_need", "target", "people_reached"]).view["bars"]
    of_need = "50% of people in need were targeted, 25% reached"
    assert [bar["text"] for bar in bars] == [of_need, "50% of people targeted were reached"]


@pytest.mark.parametrize(("reached", "mark"), [(60, 0.5), (50, None), (40, None), (None, None)])
def test_the_target_is_a_mark_on_the_people_in_need_where_more_of_them_were_reached(
    reached: float | None, mark: float | None
) -> None:
    coverage = None if reached is None else reached / 100
    figures = sheet(people_in_need=100, target=50, people_reached=reached, need_coverage=coverage)
    (bar,) = build_people_cards(as_printed(figures), ["people_in_need", "target", "people_reached"]).view["bars"]
    assert (bar["solid"], bar["target"], bar["mark"]) == (coverage, 0.5, mark)


@pytest.mark.parametrize(("language", "most"), [("en", 60), ("es", 75), ("pt", 75)])
def test_the_method_of_a_usual_sheet_is_read_in_a_moment(language: str, most: int) -> None:
    by_platform = {"people_reached_by_platform": {"Peru": 4_900.0, "Chile": 3.0}}
    figures = sheet(by_platform, people_reached=4_910, people_in_need=504_000, target=14_300, **FIGURES)
    of_two = replace(with_few(figures, "Chile"), sources={"funding": source("2021-12-31")})
    lines = said_of(as_printed(of_two, language))
    assert len(lines) == 3
    assert sum(len(f"{line['name']} {line['rule']}".split()) for line in lines) <= most


def test_that_shares_include_people_in_transit_is_said() -> None:
    for are_in in (False, True):
        figures = sheet(people_reached=5, target=10, method=Method(in_transit_in_denominators=are_in))
        lines = str(said_of(as_printed(figures)))
        assert ("Shares include people in transit on both sides." in lines) == are_in


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "How many people were reached is not known: this model needs age-gender proportions"),
        ("es", "No se sabe a cuántas personas se alcanzó: "),
        ("pt", "Não se sabe quantas pessoas foram alcançadas: "),
    ],
)
def test_people_that_cannot_be_known_are_a_sentence_and_no_dashes(language: str, said: str) -> None:
    names = {"place": ["lima", "tacna"], "admin1": ["Lima", "Tacna"], "country": "PER", "plan_year": 2022}
    reports = activities(
        sector=["Health", "WASH"], month="2022-12", new_beneficiaries=60.0, in_destination=60.0, **names
    )
    page = page_of(plan(reports, year=2022).select("All sectors", place="Peru", period="2022"), language=language)
    (view,) = [block.view for block in page.blocks if block.name == "people"]
    assert view["note"].startswith(said)
    assert [card["value"] for card in view["cards"] if not card["kind"]] == ["1", "0", "2"]
    assert "places" not in {block.uid for block in page.blocks}


def test_money_of_a_place_stands_beside_its_people_with_its_bar_and_its_counts_below() -> None:
    money = {**FIGURES, "funding_coverage": 0.25}
    figures = replace(sheet(people_reached=400, reporting_partners=3, activities=5, **money), place="Peru")
    (view,) = [block.view for block in build_cards(as_printed(figures), ["people_reached", "activities", *FIGURES])]
    assert [(card["label"], card["value"], card["share"]) for card in view["cards"]] == [
        ("People reached", "400", ""),
        ("Funded*", "$10", "25%"),
        ("Unmet", "$30", "75%"),
    ]
    assert view["cards"][2]["reason"].startswith("$40 required")
    assert [(bar["kind"], bar["solid"]) for bar in view["bars"]] == [("money", 0.25)]
    assert [item["label"] for item in view["also"]["items"]] == ["Reported activities"]
    of_region = [
        block.name for block in build_cards(as_printed(replace(figures, place="region")), ["people_reached", *FIGURES])
    ]
    assert of_region == ["people", "funding"]
