"""The headline of a sheet, and the paragraph on the response where no author wrote one: statements that hold."""

from rmrp_analysis.figures import FEW
from rmrp_analysis.page import findings
from rmrp_analysis.page.findings import RANKED, Candidate, extreme, strongest
from rmrp_analysis.page.placeholders import with_place
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import SECTORS, WITHOUT_PEOPLE, labels
from rmrp_analysis.words import N_

MONEY_AHEAD = 0.15
"""Funding that is ahead of reach by so much is told first."""

GAP_FROM = 10_000
"""A gap of so many people is told."""

SECTORS_WITH_PEOPLE = len(set(SECTORS) - set(WITHOUT_PEOPLE))
ONE_PARTNER = 0.5
"""From this share of the people reached on it is told that one partner reported them."""


def headline(printed: Printed) -> str:
    """What the response achieved, and with what money; of a sector without people, the money alone."""
    return strongest(printed, CANDIDATES)


# ---- Candidates, the strongest first ----


def people_in_doubt(printed: Printed) -> str:
    """What was done, where the number of people reached is being checked."""
    if not _in_doubt(printed):
        return ""
    checked = printed.words("The number of people reached is being checked.")
    return f"{_with_money(printed, _reported(printed))} {checked}"


def few_people(printed: Printed) -> str:
    """That people were reached, where they are too few for a share."""
    if printed.key_figures.figures["people_reached"].status != FEW:
        return ""
    few = printed.count(printed.key_figures.base)
    return _with_money(printed, printed.words("Fewer than {few} people were reached", few=few))


def money_alone(printed: Printed) -> str:
    """The money of a sector that reaches nobody directly."""
    figures = printed.key_figures
    if figures.sector not in WITHOUT_PEOPLE or not figures.value("funding_usd"):
        return ""
    if _funded(printed):
        return printed.words(
            "{coverage} of the funding required was received.", coverage=printed.figure("funding_coverage")
        )
    return printed.words("{amount} of funding was designated.", amount=printed.figure("funding_usd"))


def above_target(printed: Printed) -> str:
    """Reach above the target."""
    coverage = printed.key_figures.value("target_coverage")
    if coverage is None or coverage <= 1:
        return ""
    return _with_money(printed, printed.words("Reach equals {share} of the target", share=_coverage(printed)))


def furthest_sector(printed: Printed) -> str:
    """Of all sectors together, the one furthest behind its target, with its share of the funding."""
    if not printed.key_figures.is_intersector or printed.key_figures.value("target_coverage") is None:
        return ""
    compared = printed.key_figures.comparisons
    sector, share = extreme(printed, compared.coverage_by_sector, least=True)
    if not sector or share >= 1:
        return ""
    few = len(compared.coverage_by_sector) < SECTORS_WITH_PEOPLE
    behind = (
        N_("of {count} sectors compared, {sector} is furthest behind") if few else N_("{sector} is furthest behind")
    )
    count = printed.count(len(compared.coverage_by_sector))
    values = {
        "reach": _reach_of_target(printed),
        "behind": printed.words(behind, count=count, sector=printed.label(sector)),
        "share": printed.share(share, 1),
    }
    funding = compared.funding_by_sector.get(sector)
    if funding is None:
        return printed.words("{reach}; {behind}: {share} of its target.", **values)
    sentence = N_("{reach}; {behind}: {share} of its target, {funding} of its requirement.")
    return printed.words(sentence, funding=printed.share(funding, 1), **values)


def lowest_of_sectors(printed: Printed) -> str:
    """The smallest share of a target among the sectors."""
    return _ranked(printed, N_("{reach}, the lowest share of {count} sectors compared"), least=True)


def highest_of_sectors(printed: Printed) -> str:
    """The largest share of a target among the sectors."""
    return _ranked(printed, N_("{reach}, the highest share of {count} sectors compared"), least=False)


def money_ahead_of_reach(printed: Printed) -> str:
    """More of the funding came in than of the people were reached."""
    coverage, funded = (printed.key_figures.value(name) for name in ("target_coverage", "funding_coverage"))
    if coverage is None or funded is None or not _funded(printed) or funded < coverage + MONEY_AHEAD:
        return ""
    return printed.words(
        "{coverage} of the funding required was received, and {share} of the people targeted were reached.",
        coverage=printed.figure("funding_coverage"),
        share=_coverage(printed),
    )


def short_of_target(printed: Printed) -> str:
    """How many people are missing to the target; in a part of the year, in how many months."""
    coverage, target = (printed.key_figures.value(name) for name in ("target_coverage", "target"))
    if coverage is None or not target:
        return ""
    reach, months = _reach_of_target(printed), len(printed.key_figures.period.months)
    if months < printed.MONTHS_OF_A_PLAN:
        sentence = N_("{reach} in {count} of 12 months")
        return _with_money(printed, printed.words(sentence, reach=reach, count=printed.count(months)))
    gap = target * (1 - coverage)
    if gap < GAP_FROM:
        return ""
    sentence = N_("{reach}, {gap} people short of the target")
    return _with_money(printed, printed.words(sentence, reach=reach, gap=printed.people(gap)))


def share_of_target(printed: Printed) -> str:
    """How many of the people targeted were reached."""
    if printed.key_figures.value("target_coverage") is None:
        return ""
    return _with_money(printed, _reach_of_target(printed))


def of_organisation(printed: Printed) -> str:
    """The people whom an organisation reached: their share of the sector's, and its rank among the partners."""
    people, compared = printed.key_figures.value("people_reached"), printed.key_figures.comparisons
    if not printed.organisation or not people:
        return ""
    sentence = N_("{organisation} reached {people} people")
    values = {"organisation": printed.organisation, "people": printed.figure("people_reached")}
    if compared.region_people and people <= compared.region_people:
        sentence = N_("{organisation} reached {people} people, {share} of those reached by the sector")
        values["share"] = printed.share(people, compared.region_people)
    return _with_money(printed, printed.words(sentence, **values))


def share_of_region(printed: Printed) -> str:
    """Of a place without a target, its share of the people whom the sector reached in the region."""
    people, region = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.region_people
    if not people or not region or people >= region:
        return ""
    sentence = N_("{people} people were reached, {share} of those reached in the region")
    reach = printed.words(sentence, people=printed.figure("people_reached"), share=printed.share(people, region))
    return _with_money(printed, reach)


def people_alone(printed: Printed) -> str:
    """How many people were reached; where nobody counts them, what was done."""
    words, reached = printed.words, printed.key_figures.figures["people_reached"]
    if reached.value is None:
        return _with_money(printed, _reported(printed))
    if not reached.value:
        parts = (printed.breakdown(f"people_reached_by_{by}").values() for by in ("sector", "month", "platform"))
        somebody = any(people > 0 for of_part in parts for people in of_part.values())
        return _with_money(printed, _reported(printed) if somebody else words("No people were reached"))
    return _with_money(printed, words("{people} people were reached", people=printed.figure("people_reached")))


CANDIDATES: tuple[Candidate, ...] = (
    people_in_doubt,
    few_people,
    money_alone,
    above_target,
    furthest_sector,
    lowest_of_sectors,
    highest_of_sectors,
    money_ahead_of_reach,
    short_of_target,
    share_of_target,
    of_organisation,
    share_of_region,
    people_alone,
)


def _ranked(printed: Printed, sentence: str, *, least: bool) -> str:
    """The sentence on a sector that is the first or last of those compared."""
    shares = printed.key_figures.comparisons.coverage_by_sector
    if printed.key_figures.value("target_coverage") is None:
        return ""
    sector, share = extreme(printed, shares, least=least)
    if not sector or sector != printed.key_figures.sector or (least and share >= 1):
        return ""
    reach = printed.words(sentence, reach=_reach_of_target(printed), count=printed.count(len(shares)))
    return _with_money(printed, reach, ranked=True)


def _reach_of_target(printed: Printed) -> str:
    return printed.words("{share} of the people targeted were reached", share=_coverage(printed))


def _coverage(printed: Printed) -> str:
    return printed.figure("target_coverage")


def _funded(printed: Printed) -> bool:
    """Whether the share of the funding may be told."""
    figures = printed.key_figures
    return figures.value("funding_coverage") is not None and not figures.in_doubt("funding_coverage")


def _with_money(printed: Printed, reach: str, *, ranked: bool = False) -> str:
    """The sentence on reach with what is known of the money; its rank among sectors, where reach is not ``ranked``."""
    words, funding = printed.words, printed.key_figures.value("funding_usd")
    shares = printed.key_figures.comparisons.funding_by_sector
    coverage, amount = printed.figure("funding_coverage"), printed.figure("funding_usd")
    lowest, _ = extreme(printed, shares, least=True)
    if _funded(printed) and lowest == printed.key_figures.sector and not ranked:
        sentence = N_("{reach}, with {coverage} of the funding required, the lowest share of {count} sectors.")
    elif _funded(printed):
        sentence = N_("{reach}, with {coverage} of the funding required.")
    elif funding is None or printed.key_figures.in_doubt("funding_coverage"):
        sentence = N_("{reach}.")
    elif funding and printed.key_figures.value("activities") == 0:
        sentence = N_("{reach}, but {amount} of funding was designated.")
    elif funding:
        sentence = N_("{reach}, with {amount} of designated funding.")
    else:
        sentence = N_("{reach}, with no funding designated.")
    return printed.sentence(
        words(sentence, reach=reach, coverage=coverage, amount=amount, count=printed.count(len(shares)))
    )


def _in_doubt(printed: Printed) -> bool:
    return any(printed.key_figures.in_doubt(name) for name in ("people_reached", "target_coverage"))


# ---- The response ----


def response(printed: Printed) -> str:
    """The paragraph on the response: what was done, where, for whom, by how few; two to four sentences."""
    sentences = [f"{_done(printed)}."]
    if printed.key_figures.value("people_reached") and not _in_doubt(printed):
        candidates = (_where, findings.children, findings.women_and_girls, _one_partner)
        told = [candidate(printed) for candidate in candidates]
        if told[1]:
            told[2] = ""  # one sentence on age and gender
        sentences += [f"{text}." for text in told if text]
    return printed.sentence(" ".join(sentences))


def _done(printed: Printed) -> str:
    """What partners did: how many people they reached, or how many activities they reported."""
    if not printed.key_figures.value("people_reached") or _in_doubt(printed):
        return _reported(printed)
    if printed.organisation:
        return printed.words(
            "{organisation} reached {people} people through {activities}",
            organisation=printed.organisation,
            people=printed.figure("people_reached"),
            activities=_activities(printed),
        )
    partners = int(printed.key_figures.value("reporting_partners") or 0)
    return printed.words.plural(
        "{partners} partner reached {people} people through {activities}",
        "{partners} partners reached {people} people through {activities}",
        partners,
    ).format(
        partners=printed.figure("reporting_partners"),
        people=printed.figure("people_reached"),
        activities=_activities(printed),
    )


def _reported(printed: Printed) -> str:
    """How many activities partners reported."""
    words, figures = printed.words, printed.key_figures
    partners = int(figures.value("reporting_partners") or 0)
    if not figures.value("activities"):
        return words("No activity was reported")
    if printed.organisation:
        reported = N_("{organisation} reported {activities}")
        return words(reported, organisation=printed.organisation, activities=_activities(printed))
    return words.plural(
        "{partners} partner reported {activities}", "{partners} partners reported {activities}", partners
    ).format(partners=printed.figure("reporting_partners"), activities=_activities(printed))


def _activities(printed: Printed) -> str:
    count = int(printed.key_figures.value("activities") or 0)
    return printed.words.plural("{count} activity", "{count} activities", count).format(
        count=printed.figure("activities")
    )


def _where(printed: Printed) -> str:
    """The share of the place with most people, where places are told apart."""
    place, people = findings.leading_place(printed)
    share = printed.share_of("people_reached", people)
    if not place or people == printed.key_figures.value("people_reached"):
        return ""
    before = printed.words("{share} of the people reached are in", share=share)
    return with_place(f"{before} ", labels.place_in_sentence(place, printed.language), printed.language)


def _one_partner(printed: Printed) -> str:
    """That one partner reported most of the people, where there are several."""
    people, largest = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.largest_partner
    if not people or not largest or not ONE_PARTNER * people <= largest <= people:
        return ""
    if (printed.key_figures.value("reporting_partners") or 0) < RANKED:
        return ""
    return printed.words("One partner reported {share} of the people reached", share=printed.share(largest, people))
