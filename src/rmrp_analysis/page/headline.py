"""The headline of a sheet as news: the first of an ordered list of statements that holds.

Doubt and silence that forbid a reading stand first. Else the headline is the first that holds of gap, concentration,
composition and volume, with who has not reported yet. It does not repeat the number of people that stands below it, and
joins no numbers of two dates.
"""

from collections.abc import Iterator

from rmrp_analysis.figures import FEW, NOBODY_NEW, NOT_COUNTED, SERVICES_ONLY
from rmrp_analysis.ledger import LEFT_OUT
from rmrp_analysis.page import findings
from rmrp_analysis.page.findings import BY_MONTH, CHILDREN_FIRST, COMPARABLE, extreme, leading, leading_place, strongest
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import REGION, WITHOUT_PEOPLE, labels
from rmrp_analysis.words import N_, Statement, claims_of

GAP_FROM = 10_000  # a gap of so many people is told
CONCENTRATED = 0.5  # from this share on it is told that one partner, place or month accounts for the people
ONE_IN, LEAST = 0.05, 0.001  # a smaller share of the region than the first is one in so many, than the second nothing


def headline(printed: Printed) -> str:
    """Give the news of a sheet in one sentence, with its claims; empty where there is nothing to tell."""
    figures, words = printed.key_figures, printed.words
    reached = figures.figures["people_reached"]
    if reached.value is None and reached.reason in (NOT_COUNTED, LEFT_OUT):
        return printed.sentence(words("Not counted: {reason}.", reason=printed.reason(reached)))
    for caution in figures.cautions:
        if caution.of in ("people_reached", "target_coverage"):
            return printed.sentence(words("Not yet usable: {reason}.", reason=printed.caution(caution)))
    news, late = strongest(printed, _candidates), printed.missing_reports()
    text = words("{told}; {late}", told=news, late=late) if news and late else news
    return printed.sentence(Statement(f"{text}.", claims_of(text))) if text else ""


def _candidates(printed: Printed) -> Iterator[str]:
    """What a headline may tell, the strongest first."""
    figures, value = printed.key_figures, printed.key_figures.value
    reached = figures.figures["people_reached"]
    if reached.status == FEW:
        few = printed.claim("people_reached", 0.0, text=printed.count(figures.base))
        yield _here(printed, printed.words("Fewer than {few} people were reached", few=few))
    if figures.sector in WITHOUT_PEOPLE and value("funding_usd"):
        if value("funding_coverage") is None or figures.in_doubt("funding_coverage"):
            yield printed.words("{amount} of funding was designated", amount=printed.figure("funding_usd"))
        coverage = printed.figure("funding_coverage")
        yield printed.words("{coverage} of the funding required was received", coverage=coverage)
    if value("target_coverage") is not None:
        yield from _gap(printed)
    elif figures.is_intersector:
        yield findings.sector_furthest_behind(printed)
    yield from _concentration(printed)
    if share := findings.share_of_ages(printed, "girls", "boys", least=CHILDREN_FIRST):
        yield _here(printed, printed.words("Children are {share} of the people reached", share=share))
    yield findings.change_on_year_before(printed)
    yield _share_of_region(printed)
    if share := findings.share_of_ages(printed, "women", "girls"):
        yield _here(printed, printed.words("Women and girls are {share} of the people reached", share=share))
    yield _here(printed, findings.largest_group(printed))
    if reached.value == 0 and value("activities") and reached.reason in (NOBODY_NEW, SERVICES_ONLY):
        sentences = {
            SERVICES_ONLY: N_("{reported}, counted as services or trainings, not as people"),
            NOBODY_NEW: N_("{reported}; nobody was new, since all people assisted were counted before"),
        }
        yield printed.words(sentences[reached.reason], reported=_reported(printed))
    yield _here(printed, _reported(printed))


def _gap(printed: Printed) -> Iterator[str]:
    """Reach above or short of the target, and what the sector is among the others; with money of the same day."""
    words, figures = printed.words, printed.key_figures
    month, coverage = printed.month(figures.period.end), figures.value("target_coverage") or 0.0
    above = N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the year's target")
    below = (
        N_("{share} of the people targeted were reached"),
        N_("By {month}, {share} of the people targeted for the year were reached"),
    )
    by_now = (above if coverage > 1 else below)[not printed.is_whole_year]
    reach = words(by_now, share=printed.figure("target_coverage"), month=month)
    if coverage > 1:
        yield reach
    if figures.is_intersector:
        yield findings.sector_furthest_behind(printed)
    shares = figures.comparisons.coverage_by_sector
    count = printed.claim("sectors_with_target", len(shares), "count")
    if len(shares) >= COMPARABLE:
        sector, share = extreme(printed, shares, least=True)
        if sector == figures.sector and share < 1:
            yield words("{reach}, the lowest share of the {count} sectors that have a target", reach=reach, count=count)
        if extreme(printed, shares)[0] == figures.sector:
            highest = N_("{reach}, the highest share of the {count} sectors that have a target")
            yield words(highest, reach=reach, count=count)
    days = {name: source.as_of for name, source in figures.sources.items()}
    of_one_day = days.get("activities", "") == days.get("funding")  # so that one sentence may hold reports and money
    if figures.value("funding_coverage") is not None and not figures.in_doubt("funding_coverage") and of_one_day:
        funded = printed.figure("funding_coverage")
        reach = words("{reach}, with {coverage} of the funding required", reach=reach, coverage=funded)
    gap = figures.value("people_to_reach") or 0.0
    if printed.is_whole_year and gap >= GAP_FROM and not printed.missing_reports():
        reach = words("{reach}; {gap} were not reached", reach=reach, gap=printed.figure("people_to_reach"))
    yield reach


def _concentration(printed: Printed) -> Iterator[str]:
    """An organisation's share of the people, or that one partner, place or month accounts for most of them."""
    words, figures = printed.words, printed.key_figures
    total, compared = figures.value("people_reached") or 0.0, figures.comparisons

    def share_of_most(figure: str, part: str, people: float | None) -> str:
        is_most = people is not None and CONCENTRATED * total <= people < total
        return printed.share_in(figure, part, people, "people_reached") if people and is_most else ""

    if printed.organisation and total and total <= (compared.region_people or 0):
        sentence = N_("{organisation} reached {share} of the people whom the sector reached")
        yield words(sentence, organisation=printed.organisation, share=printed.share_of_region(total))
    several = (figures.value("reporting_partners") or 0) >= findings.RANKED
    if several and (share := share_of_most("largest_partner", "", compared.largest_partner)):
        yield _here(printed, words("One partner accounts for {share} of the people reached", share=share))
    kind, place, people = leading_place(printed)
    if share := share_of_most(f"people_reached_by_{kind}", place, people):
        before = words("{share} of the people reached are in", share=share)
        yield printed.with_place(before, place)
    month, people = leading(printed, BY_MONTH)
    if share := share_of_most(BY_MONTH, month, people):
        yield words("{share} of the people were reached in {month} alone", share=share, month=printed.month(month))


def _share_of_region(printed: Printed) -> str:
    """Of a place, its share of the people whom the sector reached in the region."""
    people, region = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.region_people
    if not people or not region or not LEAST * region <= people < region or printed.key_figures.place == REGION:
        return ""
    sentence = N_("{share} of the people reached in the region are {in_place}")
    if people / region < ONE_IN:
        sentence = N_("About 1 in {number} of the people reached in the region are {in_place}")
    number = printed.count(int(float(f"{region / people:.2g}")))
    share = printed.share_of_region(people)
    counted = Statement(number, claims_of(printed.share_of_region(people, text=number)))
    in_place = labels.in_place(printed.key_figures.place, printed.language)
    return printed.words(sentence, share=share, number=counted, in_place=in_place)


def _here(printed: Printed, sentence: str) -> str:
    """A sentence with the place of the sheet at its end; of the region, and of an organisation, as it is."""
    if not sentence or printed.key_figures.place == REGION or printed.organisation:
        return sentence
    in_place = labels.in_place(printed.key_figures.place, printed.language)
    return printed.words("{sentence} {in_place}", sentence=sentence, in_place=in_place)


def _reported(printed: Printed) -> str:
    """How many activities partners reported."""
    words, value = printed.words, printed.key_figures.value
    partners, activities = (int(value(name) or 0) for name in ("reporting_partners", "activities"))
    if not activities:
        return words("No activity was reported")
    done = words.plural("{count} activity", "{count} activities", activities, count=printed.figure("activities"))
    if printed.organisation:
        return words("{organisation} reported {activities}", organisation=printed.organisation, activities=done)
    return words.plural(
        "{partners} partner reported {activities}",
        "{partners} partners reported {activities}",
        partners,
        partners=printed.figure("reporting_partners"),
        activities=done,
    )
