"""The headline of a sheet: its news in one sentence, the first of ordered candidates that holds.

That nobody is counted stands alone. Then come the gap to target or need, money, and changes, each with the partners
who have not reported. Without any of these, missing reports come first, and what was done follows. Where no kind of
activity leads, concentration and composition of the people describe them. A headline does not repeat the number of
people below it, and does not join numbers of two dates.
"""

from collections.abc import Iterator

from rmrp_analysis.figures import FEW, NOBODY_NEW, NOT_COUNTED, SERVICES_ONLY, KeyFigures
from rmrp_analysis.ledger import CORRECTED, GONE, LATE, LEFT_OUT
from rmrp_analysis.page import findings
from rmrp_analysis.page.change import WORDS_BY_CHANGE_KIND
from rmrp_analysis.page.findings import (
    INDICATOR_BREAKDOWN_NAME,
    MIN_CHANGE_SHARE,
    MIN_CHILDREN_SHARE,
    MIN_COMPARED_SECTORS,
    MONTH_BREAKDOWN_NAME,
    choose_strongest,
    find_extreme,
    find_leading_category,
    find_leading_place,
)
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_missing_reports, has_no_reports
from rmrp_analysis.vocabulary import REGION, labels
from rmrp_analysis.words import N_

MIN_GAP_PEOPLE = 10_000  # a smaller number of people still to reach is not in the headline
MIN_AMOUNT = 10_000  # US dollars; a smaller amount of money is not in the headline
MAX_UNDECIDED_SHARE = 0.25  # a range that may pass the target by more than this share tells no gap
MIN_DOMINANT_SHARE = 0.5  # from this share of the people, one partner, place or month is in the headline
MIN_INDICATOR_SHARE = 0.25  # from this share of the activities, the most frequent indicator is in the headline
MIN_SHARE_OF_REGION = 0.05  # a smaller share of the region's people reached is not in the headline of a place


def build_headline(formatter: SheetFormatter) -> str:
    """Write the headline of a sheet, with its claims, or an empty text if there is nothing to say.

    If nobody is counted, the reason stands alone. Otherwise the headline joins the strongest news or description with
    who has not reported. A number that is not sure is printed as its range.
    """
    figures, translate = formatter.key_figures, formatter.translate
    reached = figures.figures["people_reached"]
    if reached.value is None and reached.reason in (NOT_COUNTED, LEFT_OUT):
        return formatter.format_sentence(translate("Not counted: {reason}.", reason=formatter.format_reason(reached)))
    missing, end = format_missing_reports(formatter), figures.period.end
    months = formatter.breakdown(MONTH_BREAKDOWN_NAME).cells
    if not missing and any(cell.key == end and cell.reason == "no_report" for cell in months):
        missing = translate("no activity was reported for {month}", month=formatter.month_name(end))
    news = choose_strongest(formatter, _find_news)
    main = news or choose_strongest(formatter, _find_descriptions)
    if missing and (has_no_reports(formatter) or not news):
        sentences = [formatter.complete_sentence(text) for text in (missing, main) if text]
        return formatter.format_sentence(formatter.join_texts(sentences, " "))
    late = missing if news else format_missing_reports(formatter, min_late_share=0.0)
    text = translate("{told}; {late}", told=main, late=late) if late else main
    return formatter.format_sentence(formatter.complete_sentence(text))


def _find_news(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the gap, lack of money and changes, strongest first. Some texts are empty."""
    figures, translate, value = formatter.key_figures, formatter.translate, formatter.key_figures.value
    if formatter.organisation:
        yield _format_organisation_share(formatter)
    if _is_coverage_told(figures):
        yield from _find_gap_statements(formatter)
    elif value("need_coverage") is not None:
        share = formatter.format_figure("need_coverage", in_sentence=True)
        yield translate("{share} of the people in need were reached", share=share)
    elif figures.is_intersector:
        yield findings.format_sector_furthest_behind(formatter)
    if value("funding_coverage") is not None and not figures.in_doubt("funding_coverage"):
        funded = formatter.format_figure("funding_coverage")
        yield translate("{coverage} of the funding required was received", coverage=funded)
    elif (value("funding_usd") or 0) >= MIN_AMOUNT:
        yield translate("{amount} of funding was designated", amount=formatter.format_figure("funding_usd"))
    yield _format_change_since_issue(formatter)
    yield findings.format_change_on_year_before(formatter)
    yield findings.format_change_on_month_before(formatter)


def _is_coverage_told(figures: KeyFigures) -> bool:
    """Return whether the share of the target is known, and its range decides whether there is a gap."""
    coverage = figures.figures["target_coverage"]
    if coverage.value is None or coverage.status == FEW:
        return False
    low, high = coverage.bounds
    return not low < 1 < high or high <= 1 + MAX_UNDECIDED_SHARE


def _find_descriptions(formatter: SheetFormatter) -> Iterator[str]:
    """Yield descriptions of the people reached, strongest first, then of the reports. Some texts are empty."""
    figures, value, translate = formatter.key_figures, formatter.key_figures.value, formatter.translate
    reached = figures.figures["people_reached"]
    if reached.status == FEW:
        limit = formatter.format_claim("people_reached", 0.0, text=formatter.format_count(figures.base))
        yield _append_sheet_place(formatter, translate("Fewer than {few} people were reached", few=limit))
    if figures.in_doubt("people_reached"):  # who they are may be wrong, too
        yield _append_sheet_place(formatter, _format_reported_activities(formatter))
        return
    if reached.reason != NOBODY_NEW:
        yield _format_leading_indicator(formatter)
    yield from _find_dominant_categories(formatter)
    if share := findings.format_share_of_ages(formatter, "girls", "boys", least=MIN_CHILDREN_SHARE):
        yield _append_sheet_place(formatter, translate("Children are {share} of the people reached", share=share))
    yield _format_share_of_region(formatter)
    if share := findings.format_share_of_ages(formatter, "women", "girls"):
        sentence = translate("Women and girls are {share} of the people reached", share=share)
        yield _append_sheet_place(formatter, sentence)
    yield _append_sheet_place(formatter, findings.format_largest_group(formatter))
    if reached.value == 0 and value("activities") and reached.reason in (NOBODY_NEW, SERVICES_ONLY):
        sentences = {
            SERVICES_ONLY: N_("{reported}, counted as services or trainings, not as people"),
            NOBODY_NEW: N_("{reported}; nobody was new, since all people assisted were counted before"),
        }
        yield translate(sentences[reached.reason], reported=_format_reported_activities(formatter))
    yield _append_sheet_place(formatter, _format_reported_activities(formatter))


def _find_gap_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield reach against the target, with funding of the same date, and who or how many are behind."""
    translate, figures = formatter.translate, formatter.key_figures
    coverage, reach = figures.value("target_coverage") or 0.0, _format_target_coverage(formatter)
    if figures.is_intersector and coverage <= 1:
        yield findings.format_sector_furthest_behind(formatter)
    days = {name: source.as_of for name, source in figures.sources.items()}
    # One sentence joins no numbers of two dates
    is_same_day = days.get("activities", "") == days.get("funding")
    if figures.value("funding_coverage") is not None and not figures.in_doubt("funding_coverage") and is_same_day:
        funded = formatter.format_figure("funding_coverage")
        reach = translate("{reach}, with {coverage} of the funding required", reach=reach, coverage=funded)
    part, share = findings.find_furthest_behind(formatter)
    if part:
        yield translate("{reach}; furthest behind: {part}, at {share}", reach=reach, part=part, share=share)
    yield from _find_sector_ranks(formatter, reach)
    gap = figures.value("people_to_reach") or 0.0
    if formatter.is_whole_year and gap >= MIN_GAP_PEOPLE and not format_missing_reports(formatter):
        rest = formatter.format_figure("people_to_reach")
        reach = translate("{reach}; {gap} were not reached", reach=reach, gap=rest)
    yield reach


def _format_target_coverage(formatter: SheetFormatter) -> str:
    """Write which share of the target was reached, with the month if the year is not over."""
    above = (N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the year's target"))
    below = (
        N_("{share} of the people targeted were reached"),
        N_("By {month}, {share} of the people targeted for the year were reached"),
    )
    is_above = formatter.key_figures.figures["target_coverage"].bounds[0] > 1
    sentence = (above if is_above else below)[not formatter.is_whole_year]
    month = formatter.month_name(formatter.key_figures.period.end)
    share = formatter.format_figure("target_coverage", in_sentence=True)
    return formatter.translate(sentence, share=share, month=month)


def _find_sector_ranks(formatter: SheetFormatter, reach_text: str) -> Iterator[str]:
    """Yield that the sector reached the lowest or highest share of its target.

    ``reach_text`` says the share. Yields nothing if too few sectors have a target, or if the sector reached more than
    its target.
    """
    shares = formatter.key_figures.comparisons.coverage_by_sector
    if len(shares) < MIN_COMPARED_SECTORS or (formatter.key_figures.value("target_coverage") or 0.0) > 1:
        return
    count = formatter.format_claim("sectors_with_target", len(shares), "count")
    if find_extreme(formatter, shares, least=True)[0] == formatter.key_figures.sector:
        sentence = N_("{reach}, the lowest share of the {count} sectors that have a target")
        yield formatter.translate(sentence, reach=reach_text, count=count)
    if find_extreme(formatter, shares)[0] == formatter.key_figures.sector:
        sentence = N_("{reach}, the highest share of the {count} sectors that have a target")
        yield formatter.translate(sentence, reach=reach_text, count=count)


def _format_change_since_issue(formatter: SheetFormatter) -> str:
    """Write the largest relative change that reports made in the months of the previous issue, with its cause.

    The text is empty if late reports, corrections or withdrawals changed little. Other causes are no news of people.
    """
    people, revision = formatter.key_figures.value("people_reached"), formatter.revision
    movement = revision.figures.get("people_reached") if revision else None
    if not people or not movement or not movement.parts:
        return ""
    previous = people - sum(movement.parts.values())
    kind = max((LATE, CORRECTED, GONE), key=lambda cause: abs(movement.parts.get(cause, 0.0)))
    change = movement.parts.get(kind, 0.0)
    if previous <= 0 or formatter.is_too_few_for_shares(previous) or abs(change) < MIN_CHANGE_SHARE * previous:
        return ""
    sentence = N_("{cause}: {share} fewer people for the same months than in the issue before")
    if change > 0:
        sentence = N_("{cause}: {share} more people for the same months than in the issue before")
    text = formatter.format_share(abs(change), previous)
    share = formatter.format_claim(
        "people_reached_since_issue",
        change,
        "share",
        part=kind,
        base=previous,
        compared_with="people_reached_in_issue",
        text=text,
    )
    return formatter.translate(sentence, cause=formatter.translate(WORDS_BY_CHANGE_KIND[kind]), share=share)


def _format_organisation_share(formatter: SheetFormatter) -> str:
    """Write an organisation's share of its sector's people, and the place with most of its people, if known."""
    translate, figures = formatter.translate, formatter.key_figures
    people = figures.value("people_reached") or 0.0
    total = figures.comparisons.region_people or 0.0
    kind, place, local = find_leading_place(formatter)
    share = ""
    if place and local < people:
        share = formatter.format_category_share(f"people_reached_by_{kind}", place, local)
    if not 0 < people <= total:
        if not share:
            return ""
        return formatter.append_place(translate("{share} of the people reached are in", share=share), place)
    sentence = N_("{organisation} reached {share} of the people whom the sector reached")
    sector_share = formatter.format_share_of_region(people)
    reach = translate(sentence, organisation=formatter.organisation, share=sector_share)
    if not share:
        return reach
    return formatter.append_place(translate("{reach}, {share} of them in", reach=reach, share=share), place)


def _find_dominant_categories(formatter: SheetFormatter) -> Iterator[str]:
    """Yield that one partner, place or month accounts for at least half of the people, but not for all."""
    translate, figures = formatter.translate, formatter.key_figures
    total = figures.value("people_reached") or 0.0

    def format_dominant_share(figure: str, category: str, people: float | None) -> str:
        """Format the share of a category in the people reached if it is at least one half, but not all."""
        if not people or not MIN_DOMINANT_SHARE * total <= people < total:
            return ""
        return formatter.format_category_share(figure, category, people, "people_reached")

    share = format_dominant_share("largest_partner", "", figures.comparisons.largest_partner)
    if share and (figures.value("reporting_partners") or 0) >= findings.MIN_RANKED_CATEGORIES:
        sentence = translate("One partner accounts for {share} of the people reached", share=share)
        yield _append_sheet_place(formatter, sentence)
    kind, place, people = find_leading_place(formatter)
    if share := format_dominant_share(f"people_reached_by_{kind}", place, people):
        sentence = translate("{share} of the people reached are in", share=share)
        yield formatter.append_place(sentence, place)
    month, people = find_leading_category(formatter, MONTH_BREAKDOWN_NAME)
    if share := format_dominant_share(MONTH_BREAKDOWN_NAME, month, people):
        name = formatter.month_name(month)
        yield translate("{share} of the people were reached in {month} alone", share=share, month=name)


def _format_share_of_region(formatter: SheetFormatter) -> str:
    """Write a place's share of the people whom the sector reached in the region, or an empty text."""
    people = formatter.key_figures.value("people_reached")
    region = formatter.key_figures.comparisons.region_people
    if not people or not region or not MIN_SHARE_OF_REGION * region <= people < region:
        return ""
    in_place = labels.in_place(formatter.key_figures.place, formatter.language)
    sentence = N_("{share} of the people reached in the region are {in_place}")
    return formatter.translate(sentence, share=formatter.format_share_of_region(people), in_place=in_place)


def _append_sheet_place(formatter: SheetFormatter, sentence: str) -> str:
    """Append the place of the sheet to a sentence, except if the sentence is empty.

    On a sheet of the region or of an organisation the sentence stays as it is.
    """
    if not sentence or formatter.key_figures.place == REGION or formatter.organisation:
        return sentence
    in_place = labels.in_place(formatter.key_figures.place, formatter.language)
    return formatter.translate("{sentence} {in_place}", sentence=sentence, in_place=in_place)


def _format_leading_indicator(formatter: SheetFormatter) -> str:
    """Write the number of activities and their most frequent indicator, or an empty text."""
    cells = formatter.breakdown(INDICATOR_BREAKDOWN_NAME).cells
    indicator, activities = find_leading_category(formatter, INDICATOR_BREAKDOWN_NAME)
    if not indicator or activities < MIN_INDICATOR_SHARE * (formatter.key_figures.value("activities") or 0.0):
        return ""
    name = formatter.category_name(indicator, "indicator")
    name = name[:1].lower() + name[1:] if indicator[:1].islower() else name
    if formatter.organisation:
        count = _format_reported_activities(formatter)
    else:
        count = _append_sheet_place(formatter, _format_activity_count(formatter))
    sentence = N_("{activities}: {indicator}") if len(cells) == 1 else N_("{activities}, most often {indicator}")
    return formatter.translate(sentence, activities=count, indicator=name)


def _format_reported_activities(formatter: SheetFormatter) -> str:
    """Write the number of activities that the partners, or the organisation of the sheet, reported."""
    translate, value = formatter.translate, formatter.key_figures.value
    if not value("activities"):
        return translate("No activity was reported")
    partners, count = int(value("reporting_partners") or 0), _format_activity_count(formatter)
    if formatter.organisation:
        return translate("{organisation} reported {activities}", organisation=formatter.organisation, activities=count)
    if partners == 1:
        return translate("One partner reported {activities}", activities=count)
    return translate.plural(
        "{partners} partner reported {activities}",
        "{partners} partners reported {activities}",
        partners,
        partners=formatter.format_figure("reporting_partners"),
        activities=count,
    )


def _format_activity_count(formatter: SheetFormatter) -> str:
    """Write the number of activities with its noun."""
    count = int(formatter.key_figures.value("activities") or 0)
    if count == 1:
        return formatter.translate("one activity")
    return formatter.translate.plural(
        "{count} activity", "{count} activities", count, count=formatter.format_figure("activities")
    )
