"""The headline of a sheet as news, by a ladder of statements that hold.

Doubt stands first. Else the headline is the first that holds of gap, concentration, composition and volume, with who
has not reported yet. It does not repeat the number of people that stands below it, and joins no numbers of two dates.
"""

from rmrp_analysis.figures import FEW
from rmrp_analysis.page import findings
from rmrp_analysis.page.findings import COMPARABLE, Candidate, extreme, leading_month, leading_place, strongest
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import REGION, WITHOUT_PEOPLE, labels
from rmrp_analysis.words import N_

GAP_FROM = 10_000
"""A gap of so many people is told."""

CONCENTRATED = 0.5
"""From this share of the people on it is told that one partner, place or month accounts for them."""

LATE = 0.75
"""Where a smaller share of the partners reported for the last month, it is told who did not."""

ONE_IN, LEAST = 0.05, 0.001
"""A smaller share of the region than the first is told as one in so many, than the second not at all."""


def headline(printed: Printed) -> str:
    """Give the news of a sheet in one sentence; empty where there is nothing to tell."""
    if doubt := in_doubt(printed):
        return printed.sentence(doubt)
    told, late = strongest(printed, LADDER), not_yet_reported(printed)
    text = printed.words("{told}; {late}.", told=told, late=late) if told and late else f"{told}." if told else ""
    return printed.sentence(text)


def in_doubt(printed: Printed) -> str:
    """Why the number of people, or its share of the target, cannot be used yet."""
    cautions = [
        caution
        for caution in printed.key_figures.cautions
        if caution.of in ("people_reached", "target_coverage") and printed.key_figures.figures[caution.of].status != FEW
    ]
    if not cautions:
        return ""
    return printed.words("Not yet usable: {reason}.", reason=printed.caution(cautions[0]))


def not_yet_reported(printed: Printed) -> str:
    """How many of the partners that reported in the period did not report for its last month."""
    partners, reported = (
        int(printed.key_figures.value(name) or 0) for name in ("reporting_partners", "partners_last_month")
    )
    if reported >= LATE * partners or printed.organisation:
        return ""
    month = printed.month(printed.key_figures.period.end)
    if not reported:
        return printed.words("no partner has reported for {month}", month=month)
    missing = partners - reported
    return printed.words.plural(
        "{missing} of {partners} partners has not reported for {month}",
        "{missing} of {partners} partners have not reported for {month}",
        missing,
    ).format(missing=printed.count(missing), partners=printed.count(partners), month=month)


# ---- The gap ----


def above_target(printed: Printed) -> str:
    """Reach above the target."""
    coverage = printed.key_figures.value("target_coverage")
    if coverage is None or coverage <= 1:
        return ""
    return _by_now(
        printed, N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the year's target")
    )


def sector_behind(printed: Printed) -> str:
    """Of all sectors together, the one furthest behind its target."""
    return findings.sector_furthest_behind(printed) if printed.key_figures.is_intersector else ""


def lowest_of_sectors(printed: Printed) -> str:
    """The smallest share of a target among the sectors."""
    return _ranked(printed, N_("{reach}, the lowest share of the {count} sectors that have a target"), least=True)


def highest_of_sectors(printed: Printed) -> str:
    """The largest share of a target among the sectors."""
    return _ranked(printed, N_("{reach}, the highest share of the {count} sectors that have a target"), least=False)


def short_of_target(printed: Printed) -> str:
    """How many of the people targeted were reached, and how many were not; with money that is of the same day."""
    if printed.key_figures.value("target_coverage") is None:
        return ""
    reach, gap = _reach(printed), printed.key_figures.value("people_to_reach") or 0.0
    if printed.is_whole_year and gap >= GAP_FROM:
        reach = printed.words("{reach}, and {gap} were not", reach=reach, gap=printed.people(gap))
    funded = printed.key_figures.value("funding_coverage")
    if funded is None or printed.key_figures.in_doubt("funding_coverage") or not _of_one_day(printed):
        return reach
    return printed.words(
        "{reach}, with {coverage} of the funding required", reach=reach, coverage=printed.figure("funding_coverage")
    )


# ---- Concentration ----


def one_partner(printed: Printed) -> str:
    """That one partner accounts for most of the people, where there are several."""
    people, largest = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.largest_partner
    if not people or not largest or not CONCENTRATED * people <= largest < people:
        return ""
    if (printed.key_figures.value("reporting_partners") or 0) < findings.RANKED:
        return ""
    partner = N_("One partner accounts for {share} of the people reached")
    return _here(printed, printed.words(partner, share=printed.share(largest, people)))


def one_place(printed: Printed) -> str:
    """The place with most of the people."""
    place, people = leading_place(printed)
    total = printed.key_figures.value("people_reached")
    if not place or not total or not CONCENTRATED * total <= people < total:
        return ""
    before = printed.words("{share} of the people reached are in", share=printed.share(people, total))
    return labels.with_place(f"{before} ", labels.place_in_sentence(place, printed.language), printed.language)


def one_month(printed: Printed) -> str:
    """The month in which most of the people were reached."""
    month, people = leading_month(printed)
    total = printed.key_figures.value("people_reached")
    if not month or not total or not CONCENTRATED * total <= people < total:
        return ""
    share = printed.share(people, total)
    return printed.words("{share} of the people were reached in {month} alone", share=share, month=printed.month(month))


# ---- Composition ----


def children(printed: Printed) -> str:
    """How many are children, where most are."""
    share = findings.share_of_children(printed)
    return _here(printed, printed.words("Children are {share} of the people reached", share=share)) if share else ""


def women_and_girls(printed: Printed) -> str:
    """How many are women and girls."""
    share = findings.share_of_women_and_girls(printed)
    return (
        _here(printed, printed.words("Women and girls are {share} of the people reached", share=share)) if share else ""
    )


def largest_group(printed: Printed) -> str:
    """The population group with most people."""
    return _here(printed, findings.largest_group(printed))


# ---- Volume ----


def few_people(printed: Printed) -> str:
    """That people were reached, where they are too few for a share."""
    if printed.key_figures.figures["people_reached"].status != FEW:
        return ""
    few = N_("Fewer than {few} people were reached")
    return _here(printed, printed.words(few, few=printed.count(printed.key_figures.base)))


def money_alone(printed: Printed) -> str:
    """The money of a sector that reaches nobody directly."""
    figures = printed.key_figures
    if figures.sector not in WITHOUT_PEOPLE or not figures.value("funding_usd"):
        return ""
    if figures.value("funding_coverage") is None or figures.in_doubt("funding_coverage"):
        return printed.words("{amount} of funding was designated", amount=printed.figure("funding_usd"))
    return printed.words("{coverage} of the funding required was received", coverage=printed.figure("funding_coverage"))


def of_organisation(printed: Printed) -> str:
    """The share of the sector's people whom an organisation reached."""
    people, region = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.region_people
    if not printed.organisation or not people or not region or people > region:
        return ""
    sentence = N_("{organisation} reached {share} of the people whom the sector reached")
    return printed.words(sentence, organisation=printed.organisation, share=printed.share(people, region))


def share_of_region(printed: Printed) -> str:
    """Of a place, its share of the people whom the sector reached in the region."""
    people, region = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.region_people
    if not people or not region or not LEAST * region <= people < region or printed.key_figures.place == REGION:
        return ""
    place = labels.place_in_sentence(printed.key_figures.place, printed.language)
    place = place[:1].upper() + place[1:]
    if people / region >= ONE_IN:
        sentence = N_("{place} accounts for {share} of the people reached in the region")
        return printed.words(sentence, place=place, share=printed.share(people, region))
    number = printed.count(int(float(f"{region / people:.2g}")))
    return printed.words(
        "{place} has about 1 in {number} of the people reached in the region", place=place, number=number
    )


def as_services(printed: Printed) -> str:
    """Activities that reach nobody, since their indicators count something else."""
    if printed.key_figures.value("people_reached") != 0 or not printed.key_figures.value("activities"):
        return ""
    return printed.words("{reported}, counted as services or trainings, not as people", reported=_reported(printed))


def reported(printed: Printed) -> str:
    """What was done, where no number of people tells more."""
    return _here(printed, _reported(printed))


LADDER: tuple[Candidate, ...] = (
    few_people,
    money_alone,
    above_target,
    sector_behind,
    lowest_of_sectors,
    highest_of_sectors,
    short_of_target,
    of_organisation,
    one_partner,
    one_place,
    one_month,
    children,
    findings.change_on_year_before,
    share_of_region,
    women_and_girls,
    largest_group,
    as_services,
    reported,
)
"""What a headline may tell, the strongest first."""


def _ranked(printed: Printed, sentence: str, *, least: bool) -> str:
    """The sentence on a sector that is the first or last of those compared, where they are many."""
    shares = printed.key_figures.comparisons.coverage_by_sector
    if printed.key_figures.value("target_coverage") is None or len(shares) < COMPARABLE:
        return ""
    sector, share = extreme(printed, shares, least=least)
    if sector != printed.key_figures.sector or (least and share >= 1):
        return ""
    return printed.words(sentence, reach=_reach(printed), count=printed.count(len(shares)))


def _reach(printed: Printed) -> str:
    """The share of the target; where the year is not over, by when."""
    whole = N_("{share} of the people targeted were reached")
    return _by_now(printed, whole, N_("By {month}, {share} of the people targeted for the year were reached"))


def _by_now(printed: Printed, whole_year: str, until_now: str) -> str:
    coverage = printed.figure("target_coverage")
    if printed.is_whole_year:
        return printed.words(whole_year, share=coverage)
    return printed.words(until_now, share=coverage, month=printed.month(printed.key_figures.period.end))


def _here(printed: Printed, sentence: str) -> str:
    """A sentence with the place of the sheet at its end; of the region, and of an organisation, as it is."""
    place = printed.key_figures.place
    if not sentence or place == REGION or printed.organisation:
        return sentence
    return printed.words("{sentence} {in_place}", sentence=sentence, in_place=labels.in_place(place, printed.language))


def _of_one_day(printed: Printed) -> bool:
    """Whether reports and money are of the same day, so that one sentence may hold both."""
    days = {name: source.as_of for name, source in printed.key_figures.sources.items()}
    return days.get("activities", "") == days.get("funding")


def _reported(printed: Printed) -> str:
    """How many activities partners reported."""
    words, figures = printed.words, printed.key_figures
    partners = int(figures.value("reporting_partners") or 0)
    if not figures.value("activities"):
        return words("No activity was reported")
    if printed.organisation:
        told = N_("{organisation} reported {activities}")
        return words(told, organisation=printed.organisation, activities=_activities(printed))
    return words.plural(
        "{partners} partner reported {activities}", "{partners} partners reported {activities}", partners
    ).format(partners=printed.figure("reporting_partners"), activities=_activities(printed))


def _activities(printed: Printed) -> str:
    count = int(printed.key_figures.value("activities") or 0)
    return printed.words.plural("{count} activity", "{count} activities", count).format(
        count=printed.figure("activities")
    )
