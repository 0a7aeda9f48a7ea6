"""The one sentence a reader should take from each chart, written by rule from its numbers."""

from collections.abc import Mapping

from rmrp_analysis import numbers
from rmrp_analysis.figures import Breakdown
from rmrp_analysis.labels import GROUP_NAMES
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

PLACES: Mapping[str, str] = {
    "Brazil": N_("in Brazil"),
    "Caribbean": N_("in the Caribbean"),
    "Central America & Mexico": N_("in Central America & Mexico"),
    "Chile": N_("in Chile"),
    "Colombia": N_("in Colombia"),
    "Ecuador": N_("in Ecuador"),
    "Peru": N_("in Peru"),
    "Southern Cone": N_("in the Southern Cone"),
    "DOM": N_("in the Dominican Republic"),
}
"""Places within a sentence, where languages want an article: each platform, and the country that has one everywhere."""

PLACE_KINDS = ("platform", "country", "admin1")
STANDS_OUT = 1.25
"""A month stands out from this many times the mean month."""

CHILDREN_FIRST = 0.6
"""From this share on children are what is told of age and gender."""

PARTS_TOO_LARGE = 0.05
"""Groups that exceed the total by more than this share of it say nothing of it."""


def headline(printed: Printed) -> str:
    """What the response achieved, and with what money; of a sector without people, the money alone."""
    words, figures = printed.words, printed.key_figures
    reach, funding = _reach(printed), figures.value("funding_usd")
    told = {"reach": reach, "amount": printed.figure("funding_usd"), "coverage": printed.figure("funding_coverage")}
    if figures.sector in WITHOUT_PEOPLE and funding:
        known = figures.value("funding_coverage") is not None
        return words(
            N_("{coverage} of the funding required was received.")
            if known
            else N_("{amount} of funding was designated."),
            **told,
        )
    if figures.value("funding_coverage") is not None:
        return words("{reach}, with {coverage} of the funding required.", **told)
    if funding is None:
        return words("{reach}.", **told)
    return words(
        N_("{reach}, with {amount} of designated funding.") if funding else N_("{reach}, with no funding designated."),
        **told,
    )


def _reach(printed: Printed) -> str:
    if printed.key_figures.value("target_coverage") is None:
        return _people_or_activities(printed)
    return printed.words("{share} of the people targeted were reached", share=printed.figure("target_coverage"))


def _people_or_activities(printed: Printed) -> str:
    words, reached = printed.words, printed.key_figures.figures["people_reached"]
    if reached.suppressed:
        few = str(printed.key_figures.method.small_count_threshold)
        return words("Fewer than {few} people were reached", few=few)
    if reached.value is None:
        return _activities(printed)
    if not reached.value:
        return words("No people were reached")
    return printed.sentence(words("{people} people were reached", people=printed.figure("people_reached")))


def _activities(printed: Printed) -> str:
    if not printed.key_figures.value("activities"):
        return printed.words("No activity was reported")
    told = printed.words.plural(
        "{partners} partner reported {activities}",
        "{partners} partners reported {activities}",
        int(printed.key_figures.value("reporting_partners") or 0),
    )
    return told.format(partners=printed.figure("reporting_partners"), activities=_counted_activities(printed))


def _counted_activities(printed: Printed) -> str:
    count = int(printed.key_figures.value("activities") or 0)
    return printed.words.plural("{count} activity", "{count} activities", count).format(
        count=printed.figure("activities")
    )


def response(printed: Printed) -> str:
    """The first sentence on the response, where no author wrote one: by whom, how and where people were reached."""
    figures, words = printed.key_figures, printed.words
    if not figures.value("people_reached"):
        return words("{reach}.", reach=_activities(printed))
    reached, most = _partners_reached(printed), _leading_place(printed)
    if not most:
        return words("{reach}.", reach=reached)
    share = printed.share(most[1], figures.value("people_reached"))
    if most[0] in PLACES:
        where = words("{share} of the people {place}", share=share, place=words(PLACES[most[0]]))
        return words("{reached}; {where}.", reached=reached, where=where)
    return words(
        "{reached}; {share} of the people in {place}.", reached=reached, place=printed.place(most[0]), share=share
    )


def _partners_reached(printed: Printed) -> str:
    told = printed.words.plural(
        "{partners} partner reached {people} people through {activities}",
        "{partners} partners reached {people} people through {activities}",
        int(printed.key_figures.value("reporting_partners") or 0),
    )
    figures = {"partners": printed.figure("reporting_partners"), "people": printed.figure("people_reached")}
    return printed.sentence(told.format(**figures, activities=_counted_activities(printed)))


def _leading_place(printed: Printed) -> tuple[str, float] | None:
    """The platform with most people; on a platform's own sheet the country or admin1."""
    tables = (printed.key_figures.breakdowns.get(f"people_reached_by_{kind}") for kind in PLACE_KINDS)
    return next((place for place in map(largest, tables) if place), None)


def most_people(printed: Printed) -> str:
    """The platform in which most people were reached."""
    return _people_of(printed, largest(printed.breakdown("people_reached_by_platform")))


def platforms(printed: Printed) -> str:
    """Where most people were reached, and where the money went."""
    breakdowns = printed.key_figures.breakdowns
    people = largest(breakdowns.get("people_reached_by_platform"))
    money = largest(breakdowns.get("funding_usd_by_platform"))
    if people and money and people[0] == money[0]:
        return printed.words(
            "{platform} accounts for {people} of people reached and {money} of funding",
            platform=printed.place(people[0]),
            people=printed.share(people[1], printed.key_figures.value("people_reached")),
            money=printed.share(money[1], printed.key_figures.value("funding_usd")),
        )
    told = "; ".join(part for part in (_people_of(printed, people), _most_money(printed, money)) if part)
    return told[:1].upper() + told[1:]


def places(printed: Printed) -> str:
    """Where in a platform most people were reached; where nobody was, where most money went."""
    words, place = printed.words, _leading_place(printed)
    if place:
        share = printed.share(place[1], printed.key_figures.value("people_reached"))
        return words("{platform} accounts for {share} of people reached", platform=printed.place(place[0]), share=share)
    money = largest(printed.key_figures.breakdowns.get("funding_usd_by_country"))
    if not money:
        return ""
    share = printed.share(money[1], printed.key_figures.value("funding_usd"))
    return words("{share} of funding is for {platform}", platform=printed.place(money[0]), share=share)


def _people_of(printed: Printed, people: tuple[str, float] | None) -> str:
    if not people:
        return ""
    share = printed.share(people[1], printed.key_figures.value("people_reached"))
    return printed.words(
        "{platform} accounts for {share} of people reached", platform=printed.place(people[0]), share=share
    )


def _most_money(printed: Printed, money: tuple[str, float] | None) -> str:
    if not money:
        return ""
    words, share = printed.words, printed.share(money[1], printed.key_figures.value("funding_usd"))
    if money[0] == REGIONAL:
        return words("{share} of funding names no single country", share=share)
    return words("{share} of funding is for {platform}", platform=printed.place(money[0]), share=share)


def peak_month(printed: Printed) -> str:
    """The month in which most people were newly reached, if it stands out from the others."""
    by_month = printed.breakdown("people_reached_by_month")
    peak, values = largest(by_month), by_month.values()
    if not peak:
        return ""
    if len(values) > 1 and peak[1] < STANDS_OUT * sum(values.values()) / len(values):
        return printed.words("Reach varied little from month to month")
    share = printed.share(peak[1], printed.key_figures.value("people_reached"))
    month = numbers.month_name(peak[0], printed.language)
    return printed.words("Reach peaked in {month} ({share} of the total)", month=month, share=share)


def largest_group(printed: Printed, breakdown: str) -> str:
    """The group with most people, as a share of the people reached; nothing when the groups exceed them by much."""
    group, total = largest(printed.breakdown(breakdown)), _whole(printed, breakdown)
    return printed.words(GROUP_FINDINGS[group[0]], share=printed.share(group[1], total)) if group and total else ""


def population_group(printed: Printed) -> str:
    """The population group with most people; where bars show shares of targets, with the whole that its share is of."""
    group, total = largest(printed.breakdown(BY_GROUP)), _whole(printed, BY_GROUP)
    if not group or not total or not printed.breakdown("target_by_population_group").values():
        return largest_group(printed, BY_GROUP)
    name, share = printed.words(GROUP_NAMES[group[0]]), printed.share(group[1], total)
    return printed.words("{group}: {share} of people reached", group=name, share=share)


def age_and_gender(printed: Printed) -> str:
    """How many are children where most are, else how many are women and girls; where withheld, the largest group."""
    values, total = printed.breakdown(BY_AGE).values(), _whole(printed, BY_AGE)
    if not total or not {"women", "girls", "boys"} <= set(values):
        return largest_group(printed, BY_AGE)
    children, female = values["girls"] + values["boys"], values["women"] + values["girls"]
    if children >= CHILDREN_FIRST * total:
        return printed.words("{share} are children", share=printed.share(children, total))
    return printed.words("{share} are women and girls", share=printed.share(female, total)) if female else ""


def _whole(printed: Printed, breakdown: str) -> float | None:
    """The people reached; None when the groups exceed them by much."""
    total = printed.key_figures.value("people_reached")
    rest = printed.breakdown(breakdown).values().get(NOT_SPECIFIED, 0)
    return None if total is None or -rest > PARTS_TOO_LARGE * total else total


def largest_sector(printed: Printed) -> str:
    """The sector that reached most people."""
    sector = largest(printed.breakdown("people_reached_by_sector"))
    if not sector:
        return ""
    people = numbers.people(sector[1], printed.language)
    return printed.words("{sector} reached most people ({people})", sector=printed.words(sector[0]), people=people)


def models(printed: Printed) -> str:
    """How far apart the models are: the sum of sectors against the figure used."""
    by_model = printed.breakdown("people_reached_by_model")
    values = by_model.values()
    least, most = min(values.values(), default=0), max(values.values(), default=0)
    if not least or least == most or any(cell.suppressed for cell in by_model.cells):
        return ""
    ends = {"least": numbers.people(least, printed.language), "most": numbers.people(most, printed.language)}
    return printed.words("Between {least} and {most}, by the model", **ends)


def largest_donor(printed: Printed) -> str:
    """How much of the money came from the largest donor."""
    donors = printed.key_figures.breakdowns.get("funding_usd_by_donor")
    donor = largest(donors)
    if not donor:
        return ""
    if donors and len(donors.cells) == 1:
        return printed.words("One donor gave all of the funding")
    share = printed.share(donor[1], printed.key_figures.value("funding_usd"))
    return printed.words("The largest donor gave {share} of the funding", share=share)


def largest(breakdown: Breakdown | None) -> tuple[str, float] | None:
    """The named part with the largest value above 0; None when there is none."""
    unnamed = (NOT_SPECIFIED, NATIONAL_LEVEL)
    values = {key: value for key, value in (breakdown.values() if breakdown else {}).items() if key not in unnamed}
    key = max(values, key=lambda name: values[name], default=None)
    return (key, values[key]) if key is not None and values[key] > 0 else None
