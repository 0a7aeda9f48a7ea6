"""The one sentence a reader should take from each chart, written by rule from its numbers."""

from collections.abc import Callable, Mapping

from rmrp_analysis.figures import Breakdown
from rmrp_analysis.labels import IN_PLACE
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, WITHOUT_PEOPLE
from rmrp_analysis.words import N_

GROUP_FINDINGS = {
    "in_destination": N_("{share} live in their destination country"),
    "in_transit": N_("{share} are in transit"),
    "host_communities": N_("{share} belong to host communities"),
    "pendular": N_("{share} move back and forth across a border"),
    "colombian_returnees": N_("{share} are Colombian returnees"),
    "women": N_("{share} are women"),
    "men": N_("{share} are men"),
    "girls": N_("{share} are girls"),
    "boys": N_("{share} are boys"),
    "other_under_18": N_("{share} are under 18 of another gender"),
    "other_18_and_above": N_("{share} are adults of another gender"),
}
BY_GROUP, BY_AGE = "people_reached_by_population_group", "people_reached_by_age_gender"
BY_PLATFORM = "people_reached_by_platform"

STANDS_OUT = 1.25
"""A month stands out from this many times the mean month."""

CHILDREN_FIRST = 0.6
"""From this share on children are the finding on age and gender."""

PARTS_TOO_LARGE = 0.05
"""Groups that exceed the total by more than this share of it say nothing of it."""


def headline(printed: Printed) -> str:
    """What the response achieved, and with what money; of a sector without people, the money alone."""
    figures, funding = printed.key_figures, printed.key_figures.value("funding_usd")
    with_coverage = figures.value("funding_coverage") is not None
    if figures.sector in WITHOUT_PEOPLE and funding:
        of_requirement = N_("{coverage} of the funding required was received.")
        sentence = of_requirement if with_coverage else N_("{amount} of funding was designated.")
    elif with_coverage:
        sentence = N_("{reach}, with {coverage} of the funding required.")
    elif funding is None:
        sentence = N_("{reach}.")
    elif funding:
        sentence = N_("{reach}, with {amount} of designated funding.")
    else:
        sentence = N_("{reach}, with no funding designated.")
    coverage, amount = printed.figure("funding_coverage"), printed.figure("funding_usd")
    return printed.words(sentence, reach=_reach(printed), coverage=coverage, amount=amount)


def _reach(printed: Printed) -> str:
    """How many of the people targeted were reached, else how many people; where nobody counts them, what was done."""
    words, reached = printed.words, printed.key_figures.figures["people_reached"]
    if printed.key_figures.value("target_coverage") is not None:
        return words("{share} of the people targeted were reached", share=printed.figure("target_coverage"))
    if reached.suppressed:
        return words("Fewer than {few} people were reached", few=printed.few)
    if reached.value is None:
        return _activities(printed)
    if not reached.value:
        return words("No people were reached")
    return printed.sentence(words("{people} people were reached", people=printed.figure("people_reached")))


def response(printed: Printed) -> str:
    """The first sentence on the response, where no author wrote one: by whom, how and where people were reached."""
    words, reached = printed.words, _activities(printed)
    key, people = _leading_place(printed) if printed.key_figures.value("people_reached") else ("", 0)
    share = printed.share_of("people_reached", people)
    if not key:
        return words("{reach}.", reach=reached)
    if key in IN_PLACE:
        where = words("{share} of the people {place}", share=share, place=words(IN_PLACE[key]))
        return words("{reached}; {where}.", reached=reached, where=where)
    return words("{reached}; {share} of the people in {place}.", reached=reached, place=printed.place(key), share=share)


def _activities(printed: Printed) -> str:
    """What partners did: how many people they reached, or how many activities they reported."""
    words, figures = printed.words, printed.key_figures
    partners, count = (int(figures.value(name) or 0) for name in ("reporting_partners", "activities"))
    if figures.value("people_reached"):
        sentence = words.plural(
            "{partners} partner reached {people} people through {activities}",
            "{partners} partners reached {people} people through {activities}",
            partners,
        )
    elif count:
        sentence = words.plural(
            "{partners} partner reported {activities}", "{partners} partners reported {activities}", partners
        )
    else:
        return words("No activity was reported")
    activities = words.plural("{count} activity", "{count} activities", count).format(
        count=printed.figure("activities")
    )
    numbers = {"partners": printed.figure("reporting_partners"), "people": printed.figure("people_reached")}
    return printed.sentence(sentence.format(**numbers, activities=activities))


def platforms(printed: Printed) -> str:
    """Where most people were reached, and where the money went."""
    people, usd = largest(printed.breakdown(BY_PLATFORM)), largest(printed.breakdown("funding_usd_by_platform"))
    if people[0] and people[0] == usd[0]:
        return printed.words(
            "{platform} accounts for {people} of people reached and {money} of funding",
            platform=printed.place(people[0]),
            people=printed.share_of("people_reached", people[1]),
            money=printed.share_of("funding_usd", usd[1]),
        )
    text = "; ".join(filter(None, (_people_in(printed, *people), _money_for(printed, *usd))))
    return text[:1].upper() + text[1:]


def places(printed: Printed) -> str:
    """Where in a platform most people were reached; where nobody was, where most money went."""
    usd = largest(printed.breakdown("funding_usd_by_country"))
    return _people_in(printed, *_leading_place(printed)) or _money_for(printed, *usd)


def most_people(printed: Printed) -> str:
    """The platform in which most people were reached."""
    return _people_in(printed, *largest(printed.breakdown(BY_PLATFORM)))


def _leading_place(printed: Printed) -> tuple[str, float]:
    """The platform with most people; on a platform's own sheet the country or admin1."""
    by_kind = (largest(printed.breakdown(f"people_reached_by_{kind}")) for kind in ("platform", "country", "admin1"))
    return next((place for place in by_kind if place[0]), ("", 0))


def _people_in(printed: Printed, place: str, people: float) -> str:
    if not place:
        return ""
    name, share = printed.place(place), printed.share_of("people_reached", people)
    return printed.words("{platform} accounts for {share} of people reached", platform=name, share=share)


def _money_for(printed: Printed, place: str, usd: float) -> str:
    share = printed.share_of("funding_usd", usd)
    if not place:
        return ""
    if place == REGIONAL:
        return printed.words("{share} of funding names no single country", share=share)
    return printed.words("{share} of funding is for {platform}", platform=printed.place(place), share=share)


def peak_month(printed: Printed) -> str:
    """The month in which most people were newly reached, if it stands out from the others."""
    values = printed.breakdown("people_reached_by_month").values()
    peak, people = largest(printed.breakdown("people_reached_by_month"))
    if not peak:
        return ""
    if len(values) > 1 and people < STANDS_OUT * sum(values.values()) / len(values):
        return printed.words("Reach varied little from month to month")
    share = printed.share_of("people_reached", people)
    return printed.words("Reach peaked in {month} ({share} of the total)", month=printed.month(peak), share=share)


def population_group(printed: Printed) -> str:
    """The population group with most people; where bars show shares of targets, with the whole that its share is of."""
    group, people = largest(printed.breakdown(BY_GROUP))
    total = _whole(printed, BY_GROUP)
    if not group or not total or not printed.breakdown("target_by_population_group").values():
        return largest_group(printed, BY_GROUP)
    share = printed.share(people, total)
    return printed.words("{group}: {share} of people reached", group=printed.label(group), share=share)


def age_and_gender(printed: Printed) -> str:
    """How many are children where most are, else how many are women and girls; where withheld, the largest group."""
    values, total = printed.breakdown(BY_AGE).values(), _whole(printed, BY_AGE)
    if not total or not {"women", "girls", "boys"} <= set(values):
        return largest_group(printed, BY_AGE)
    children, female = values["girls"] + values["boys"], values["women"] + values["girls"]
    if children >= CHILDREN_FIRST * total:
        return printed.words("{share} are children", share=printed.share(children, total))
    return printed.words("{share} are women and girls", share=printed.share(female, total)) if female else ""


def largest_group(printed: Printed, breakdown: str) -> str:
    """The group with most people, as a share of the people reached; nothing when the groups exceed them by much."""
    group, people = largest(printed.breakdown(breakdown))
    total = _whole(printed, breakdown)
    return printed.words(GROUP_FINDINGS[group], share=printed.share(people, total)) if group and total else ""


def _whole(printed: Printed, breakdown: str) -> float | None:
    """The people reached; None when the groups exceed them by much."""
    total = printed.key_figures.value("people_reached")
    rest = printed.breakdown(breakdown).values().get(NOT_SPECIFIED, 0)
    return None if total is None or -rest > PARTS_TOO_LARGE * total else total


def largest_sector(printed: Printed) -> str:
    """The sector that reached most people."""
    key, people = largest(printed.breakdown("people_reached_by_sector"))
    sector, count = printed.words(key), printed.people(people)
    return printed.words("{sector} reached most people ({people})", sector=sector, people=count) if key else ""


def models(printed: Printed) -> str:
    """How far apart the models are: the sum of sectors against the figure used."""
    by_model = printed.breakdown("people_reached_by_model")
    values = by_model.values().values()
    least, most = min(values, default=0), max(values, default=0)
    if not least or least == most or any(cell.suppressed for cell in by_model.cells):
        return ""
    ends = {"least": printed.people(least), "most": printed.people(most)}
    return printed.words("Between {least} and {most}, by the model", **ends)


def largest_donor(printed: Printed) -> str:
    """How much of the money came from the largest donor."""
    donors = printed.breakdown("funding_usd_by_donor")
    donor, usd = largest(donors)
    if not donor:
        return ""
    if len(donors.cells) == 1:
        return printed.words("One donor gave all of the funding")
    return printed.words("The largest donor gave {share} of the funding", share=printed.share_of("funding_usd", usd))


def largest(breakdown: Breakdown) -> tuple[str, float]:
    """The named part with the largest value above 0; no name when there is none."""
    unnamed = (NOT_SPECIFIED, NATIONAL_LEVEL)
    values = {key: value for key, value in breakdown.values().items() if key not in unnamed and value > 0}
    return max(values.items(), key=lambda part: part[1], default=("", 0))


FINDINGS: Mapping[str, Callable[[Printed], str]] = {
    "headline": headline,
    "response": response,
    "platforms": platforms,
    "places": places,
    "most_people": most_people,
    "peak_month": peak_month,
    "population_group": population_group,
    "age_and_gender": age_and_gender,
    "largest_sector": largest_sector,
    "models": models,
    "largest_donor": largest_donor,
}
"""The findings that a notebook may ask for, by name."""
