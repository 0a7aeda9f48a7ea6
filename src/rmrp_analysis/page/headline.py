"""The headline of a sheet as news: the first of an ordered list of statements that holds.

Doubt that forbids a reading stands alone. Then come the gap to target or need, want of money and change; beside them,
who has not reported. Where there is none of these, silence leads, and what describes the people follows: concentration,
composition, volume. A headline does not repeat the number of people that stands below it, and joins no numbers of two
dates.
"""

from collections.abc import Iterator

from rmrp_analysis.figures import FEW, NOBODY_NEW, NOT_COUNTED, SERVICES_ONLY
from rmrp_analysis.ledger import LEFT_OUT
from rmrp_analysis.page import findings
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.change import differences_in_same_months
from rmrp_analysis.page.findings import (
    BY_INDICATOR,
    BY_MONTH,
    CHANGED,
    CHILDREN_FIRST,
    COMPARABLE,
    extreme,
    leading,
    leading_place,
    strongest,
)
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_missing_reports, has_no_reports
from rmrp_analysis.vocabulary import REGION, WITHOUT_PEOPLE, labels
from rmrp_analysis.words import N_

GAP_FROM = 10_000  # a gap of so many people is told
CONCENTRATED = 0.5  # from this share on it is told that one partner, place or month accounts for the people
MOST_OFTEN = 0.25  # from this share of the activities on it is told what was done most often
SHARE_OF_REGION_FROM = 0.05  # a place with a smaller share of the people reached in the region is not told by it


def headline(formatter: SheetFormatter) -> str:
    """Give the news of a sheet, with its claims; empty where there is nothing to tell."""
    figures, translate = formatter.key_figures, formatter.translate
    reached = figures.figures["people_reached"]
    if reached.value is None and reached.reason in (NOT_COUNTED, LEFT_OUT):
        return formatter.format_sentence(translate("Not counted: {reason}.", reason=formatter.format_reason(reached)))
    for caution in figures.cautions:
        if caution.of in ("people_reached", "target_coverage"):
            return formatter.format_sentence(
                translate("Not yet usable: {reason}.", reason=format_caution(formatter, caution))
            )
    silence, news = format_missing_reports(formatter) or _nothing_reported(formatter), strongest(formatter, _news)
    if silence and (has_no_reports(formatter) or not news):
        texts = [silence, news or strongest(formatter, _descriptions)]
        return formatter.format_sentence(
            formatter.join_texts([formatter.complete_sentence(text) for text in texts if text], " ")
        )
    told = news or strongest(formatter, _descriptions)
    late = silence if news else format_missing_reports(formatter, min_late_share=0.0)
    return formatter.format_sentence(
        formatter.complete_sentence(translate("{told}; {late}", told=told, late=late) if late else told)
    )


def _news(formatter: SheetFormatter) -> Iterator[str]:
    """What a reader has to act on: the gap, want of money, what changed; the strongest first."""
    figures, translate, value = formatter.key_figures, formatter.translate, formatter.key_figures.value
    if formatter.organisation:
        yield _of_organisation(formatter)
    if value("target_coverage") is not None and figures.figures["target_coverage"].status != FEW:
        yield from _gap(formatter)
    elif value("need_coverage") is not None and not figures.in_doubt("need_coverage"):
        yield translate("{share} of the people in need were reached", share=formatter.format_figure("need_coverage"))
    elif figures.is_intersector:
        yield findings.sector_furthest_behind(formatter)
    if value("funding_coverage") is not None and not figures.in_doubt("funding_coverage"):
        yield translate(
            "{coverage} of the funding required was received", coverage=formatter.format_figure("funding_coverage")
        )
    yield _change_since_issue(formatter)
    yield findings.change_on_year_before(formatter)
    yield findings.change_on_month_before(formatter)


def _descriptions(formatter: SheetFormatter) -> Iterator[str]:
    """What describes the people reached, else what was reported; the strongest first."""
    figures, value, translate = formatter.key_figures, formatter.key_figures.value, formatter.translate
    reached = figures.figures["people_reached"]
    if reached.status == FEW:
        few = formatter.format_claim("people_reached", 0.0, text=formatter.format_count(figures.base))
        yield _here(formatter, translate("Fewer than {few} people were reached", few=few))
    if figures.sector in WITHOUT_PEOPLE and value("funding_usd"):
        yield translate("{amount} of funding was designated", amount=formatter.format_figure("funding_usd"))
    yield from _concentration(formatter)
    if share := findings.share_of_ages(formatter, "girls", "boys", least=CHILDREN_FIRST):
        yield _here(formatter, translate("Children are {share} of the people reached", share=share))
    yield _share_of_region(formatter)
    if share := findings.share_of_ages(formatter, "women", "girls"):
        yield _here(formatter, translate("Women and girls are {share} of the people reached", share=share))
    yield _here(formatter, findings.largest_group(formatter))
    if reached.reason != NOBODY_NEW:
        yield _done(formatter)
    if reached.value == 0 and value("activities") and reached.reason in (NOBODY_NEW, SERVICES_ONLY):
        sentences = {
            SERVICES_ONLY: N_("{reported}, counted as services or trainings, not as people"),
            NOBODY_NEW: N_("{reported}; nobody was new, since all people assisted were counted before"),
        }
        yield translate(sentences[reached.reason], reported=_reported(formatter))
    yield _here(formatter, _reported(formatter))


def _gap(formatter: SheetFormatter) -> Iterator[str]:
    """Reach above or short of the target, with money of the same day; and who is furthest behind, or how many are."""
    translate, figures = formatter.translate, formatter.key_figures
    month, coverage = formatter.month_name(figures.period.end), figures.value("target_coverage") or 0.0
    above = N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the year's target")
    below = (
        N_("{share} of the people targeted were reached"),
        N_("By {month}, {share} of the people targeted for the year were reached"),
    )
    by_now = (above if coverage > 1 else below)[not formatter.is_whole_year]
    reach = translate(by_now, share=formatter.format_figure("target_coverage"), month=month)
    if figures.is_intersector and coverage <= 1:
        yield findings.sector_furthest_behind(formatter)
    days = {name: source.as_of for name, source in figures.sources.items()}
    of_one_day = days.get("activities", "") == days.get("funding")  # so that one sentence may hold reports and money
    if figures.value("funding_coverage") is not None and not figures.in_doubt("funding_coverage") and of_one_day:
        funded = formatter.format_figure("funding_coverage")
        reach = translate("{reach}, with {coverage} of the funding required", reach=reach, coverage=funded)
    part, share = findings.furthest_behind(formatter)
    if part:
        yield translate("{reach}; furthest behind: {part}, at {share}", reach=reach, part=part, share=share)
    shares = figures.comparisons.coverage_by_sector
    count = formatter.format_claim("sectors_with_target", len(shares), "count")
    if len(shares) >= COMPARABLE and coverage <= 1:
        if extreme(formatter, shares, least=True)[0] == figures.sector:
            yield translate(
                "{reach}, the lowest share of the {count} sectors that have a target", reach=reach, count=count
            )
        if extreme(formatter, shares)[0] == figures.sector:
            highest = N_("{reach}, the highest share of the {count} sectors that have a target")
            yield translate(highest, reach=reach, count=count)
    gap = figures.value("people_to_reach") or 0.0
    if formatter.is_whole_year and gap >= GAP_FROM and not format_missing_reports(formatter):
        reach = translate(
            "{reach}; {gap} were not reached", reach=reach, gap=formatter.format_figure("people_to_reach")
        )
    yield reach


def _change_since_issue(formatter: SheetFormatter) -> str:
    """How much more or less the sheet tells of the months that the issue before told of, by what is no new month."""
    people, revision = formatter.key_figures.value("people_reached"), formatter.revision
    movement = revision.figures.get("people_reached") if revision else None
    if not people or not movement or not movement.parts:
        return ""
    before, change = people - sum(movement.parts.values()), sum(differences_in_same_months(movement).values())
    if before <= 0 or formatter.is_too_few_for_shares(before) or abs(change) < CHANGED * before:
        return ""
    higher = N_("For the same months, {share} more people than in the issue before")
    lower = N_("For the same months, {share} fewer people than in the issue before")
    text = formatter.format_share(abs(change), before)
    share = formatter.format_claim(
        "people_reached_since_issue", change, "share", base=before, compared_with="people_reached_in_issue", text=text
    )
    return formatter.translate(higher if change > 0 else lower, share=share)


def _nothing_reported(formatter: SheetFormatter) -> str:
    """That nothing of the sector was reported for the last month, where nobody is late; empty where something was."""
    months, end = formatter.breakdown(BY_MONTH).cells, formatter.key_figures.period.end
    is_empty = any(cell.key == end and cell.reason == "no_report" for cell in months)
    return (
        formatter.translate("no activity was reported for {month}", month=formatter.month_name(end)) if is_empty else ""
    )


def _of_organisation(formatter: SheetFormatter) -> str:
    """An organisation's share of the people whom its sector reached, and where most of its own are."""
    translate, figures = formatter.translate, formatter.key_figures
    total, of_sector = figures.value("people_reached") or 0.0, figures.comparisons.region_people or 0.0
    kind, place, people = leading_place(formatter)
    share = (
        formatter.format_category_share(f"people_reached_by_{kind}", place, people) if place and people < total else ""
    )
    if not 0 < total <= of_sector:
        return (
            formatter.append_place(translate("{share} of the people reached are in", share=share), place)
            if share
            else ""
        )
    sentence = N_("{organisation} reached {share} of the people whom the sector reached")
    reach = translate(sentence, organisation=formatter.organisation, share=formatter.format_share_of_region(total))
    return (
        formatter.append_place(translate("{reach}, {share} of them in", reach=reach, share=share), place)
        if share
        else reach
    )


def _concentration(formatter: SheetFormatter) -> Iterator[str]:
    """That one partner, place or month accounts for most of the people."""
    translate, figures = formatter.translate, formatter.key_figures
    total, compared = figures.value("people_reached") or 0.0, figures.comparisons

    def share_of_most(figure: str, part: str, people: float | None) -> str:
        is_most = people is not None and CONCENTRATED * total <= people < total
        return formatter.format_category_share(figure, part, people, "people_reached") if people and is_most else ""

    several = (figures.value("reporting_partners") or 0) >= findings.RANKED
    if several and (share := share_of_most("largest_partner", "", compared.largest_partner)):
        yield _here(formatter, translate("One partner accounts for {share} of the people reached", share=share))
    kind, place, people = leading_place(formatter)
    if share := share_of_most(f"people_reached_by_{kind}", place, people):
        before = translate("{share} of the people reached are in", share=share)
        yield formatter.append_place(before, place)
    month, people = leading(formatter, BY_MONTH)
    if share := share_of_most(BY_MONTH, month, people):
        yield translate(
            "{share} of the people were reached in {month} alone", share=share, month=formatter.month_name(month)
        )


def _share_of_region(formatter: SheetFormatter) -> str:
    """Of a place, its share of the people whom the sector reached in the region."""
    people, region = formatter.key_figures.value("people_reached"), formatter.key_figures.comparisons.region_people
    if not people or not region or not SHARE_OF_REGION_FROM * region <= people < region:
        return ""
    in_place = labels.in_place(formatter.key_figures.place, formatter.language)
    sentence = N_("{share} of the people reached in the region are {in_place}")
    return formatter.translate(sentence, share=formatter.format_share_of_region(people), in_place=in_place)


def _here(formatter: SheetFormatter, sentence: str) -> str:
    """A sentence with the place of the sheet at its end; of the region, and of an organisation, as it is."""
    if not sentence or formatter.key_figures.place == REGION or formatter.organisation:
        return sentence
    in_place = labels.in_place(formatter.key_figures.place, formatter.language)
    return formatter.translate("{sentence} {in_place}", sentence=sentence, in_place=in_place)


def _done(formatter: SheetFormatter) -> str:
    """How many activities there were, and what they were most often; empty where no indicator leads."""
    cells = formatter.breakdown(BY_INDICATOR).cells
    indicator, activities = leading(formatter, BY_INDICATOR)
    if not indicator or activities < MOST_OFTEN * (formatter.key_figures.value("activities") or 0.0):
        return ""
    name = formatter.category_name(indicator, "indicator")
    name = name[:1].lower() + name[1:] if indicator[:1].islower() else name
    done = _reported(formatter) if formatter.organisation else _here(formatter, _activities(formatter))
    sentence = N_("{activities}: {indicator}") if len(cells) == 1 else N_("{activities}, most often {indicator}")
    return formatter.translate(sentence, activities=done, indicator=name)


def _reported(formatter: SheetFormatter) -> str:
    """How many activities partners reported."""
    translate, value = formatter.translate, formatter.key_figures.value
    partners, done = int(value("reporting_partners") or 0), _activities(formatter)
    if not value("activities"):
        return translate("No activity was reported")
    if formatter.organisation:
        return translate("{organisation} reported {activities}", organisation=formatter.organisation, activities=done)
    if partners == 1:
        return translate("One partner reported {activities}", activities=done)
    return translate.plural(
        "{partners} partner reported {activities}",
        "{partners} partners reported {activities}",
        partners,
        partners=formatter.format_figure("reporting_partners"),
        activities=done,
    )


def _activities(formatter: SheetFormatter) -> str:
    """The number of activities with its word."""
    count = int(formatter.key_figures.value("activities") or 0)
    if count == 1:
        return formatter.translate("one activity")
    return formatter.translate.plural(
        "{count} activity", "{count} activities", count, count=formatter.format_figure("activities")
    )
