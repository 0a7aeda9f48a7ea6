"""The headline of a sheet as news, by a ladder of statements that hold.

Doubt stands first. Else the headline is the first that holds of gap, concentration, composition and volume, with who
has not reported yet. It does not repeat the number of people that stands below it, and joins no numbers of two dates.
"""

from collections.abc import Iterator

from rmrp_analysis.figures import FEW
from rmrp_analysis.page import findings
from rmrp_analysis.page.findings import BY_MONTH, CHILDREN_FIRST, COMPARABLE, extreme, leading, leading_place, strongest
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import REGION, WITHOUT_PEOPLE, labels
from rmrp_analysis.words import N_

GAP_FROM = 10_000  # a gap of so many people is told
CONCENTRATED = 0.5  # from this share on it is told that one partner, place or month accounts for the people
LATE = 0.75  # where a smaller share of the partners reported for the last month, it is told who did not
ONE_IN, LEAST = 0.05, 0.001  # a smaller share of the region than the first is one in so many, than the second nothing


def headline(printed: Printed) -> str:
    """Give the news of a sheet in one sentence; empty where there is nothing to tell."""
    figures = printed.key_figures
    for caution in figures.cautions:
        if caution.of in ("people_reached", "target_coverage"):
            return printed.sentence(printed.words("Not yet usable: {reason}.", reason=printed.caution(caution)))
    told, late = strongest(printed, _ladder), not_yet_reported(printed)
    text = printed.words("{told}; {late}.", told=told, late=late) if told and late else f"{told}." if told else ""
    return printed.sentence(text)


def not_yet_reported(printed: Printed) -> str:
    """Tell how many of the partners that reported in the period did not report for its last month, if many."""
    value = printed.key_figures.value
    partners, reported = (int(value(name) or 0) for name in ("reporting_partners", "partners_last_month"))
    if reported >= LATE * partners or printed.organisation:
        return ""
    month, missing = printed.month(printed.key_figures.period.end), partners - reported
    if not reported:
        return printed.words("no partner has reported for {month}", month=month)
    return printed.words.plural(
        "{missing} of {partners} partners has not reported for {month}",
        "{missing} of {partners} partners have not reported for {month}",
        missing,
    ).format(missing=printed.count(missing), partners=printed.count(partners), month=month)


def _ladder(printed: Printed) -> Iterator[str]:
    """What a headline may tell, the strongest first."""
    figures, value = printed.key_figures, printed.key_figures.value
    if figures.figures["people_reached"].status == FEW:
        few = N_("Fewer than {few} people were reached")
        yield _here(printed, printed.words(few, few=printed.count(figures.base)))
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
    if value("people_reached") == 0 and value("activities"):
        done = _reported(printed)
        yield printed.words("{reported}, counted as services or trainings, not as people", reported=done)
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
    count = printed.count(len(shares))
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
    if printed.is_whole_year and gap >= GAP_FROM and not not_yet_reported(printed):
        reach = words("{reach}; {gap} were not reached", reach=reach, gap=printed.people(gap))
    yield reach


def _concentration(printed: Printed) -> Iterator[str]:
    """An organisation's share of the people, or that one partner, place or month accounts for most of them."""
    words, figures = printed.words, printed.key_figures
    total, compared = figures.value("people_reached") or 0.0, figures.comparisons

    def share_of_most(people: float | None) -> str:
        return printed.share(people, total) if people and CONCENTRATED * total <= people < total else ""

    if printed.organisation and total and total <= (compared.region_people or 0):
        sentence = N_("{organisation} reached {share} of the people whom the sector reached")
        share = printed.share(total, compared.region_people)
        yield words(sentence, organisation=printed.organisation, share=share)
    several = (figures.value("reporting_partners") or 0) >= findings.RANKED
    if several and (share := share_of_most(compared.largest_partner)):
        yield _here(printed, words("One partner accounts for {share} of the people reached", share=share))
    place, people = leading_place(printed)
    if share := share_of_most(people):
        before = words("{share} of the people reached are in", share=share)
        yield labels.with_place(f"{before} ", labels.place_in_sentence(place, printed.language), printed.language)
    month, people = leading(printed, BY_MONTH)
    if share := share_of_most(people):
        yield words("{share} of the people were reached in {month} alone", share=share, month=printed.month(month))


def _share_of_region(printed: Printed) -> str:
    """Of a place, its share of the people whom the sector reached in the region."""
    people, region = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.region_people
    if not people or not region or not LEAST * region <= people < region or printed.key_figures.place == REGION:
        return ""
    sentence = N_("{share} of the people reached in the region are")
    if people / region < ONE_IN:
        sentence = N_("About 1 in {number} of the people reached in the region are")
    number = printed.count(int(float(f"{region / people:.2g}")))
    return f"{printed.words(sentence, share=printed.share(people, region), number=number)} {_in_place(printed)}"


def _here(printed: Printed, sentence: str) -> str:
    """A sentence with the place of the sheet at its end; of the region, and of an organisation, as it is."""
    if not sentence or printed.key_figures.place == REGION or printed.organisation:
        return sentence
    return printed.words("{sentence} {in_place}", sentence=sentence, in_place=_in_place(printed))


def _in_place(printed: Printed) -> str:
    return labels.in_place(printed.key_figures.place, printed.language)


def _reported(printed: Printed) -> str:
    """How many activities partners reported."""
    words, value = printed.words, printed.key_figures.value
    partners, activities = (int(value(name) or 0) for name in ("reporting_partners", "activities"))
    if not activities:
        return words("No activity was reported")
    counted = words.plural("{count} activity", "{count} activities", activities)
    done = counted.format(count=printed.figure("activities"))
    if printed.organisation:
        return words("{organisation} reported {activities}", organisation=printed.organisation, activities=done)
    who = words.plural(
        "{partners} partner reported {activities}", "{partners} partners reported {activities}", partners
    )
    return who.format(partners=printed.figure("reporting_partners"), activities=done)
