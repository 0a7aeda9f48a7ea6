"""The one sentence a reader should take from each chart, written by rule from its numbers."""

from collections.abc import Mapping

from rmrp_analysis.key_figures import Breakdown
from rmrp_analysis.show import numbers
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import NOT_SPECIFIED, REGIONAL

GROUP_FINDINGS = {
    "in_destination": "{share} live in their destination country",
    "in_transit": "{share} are in transit",
    "host_communities": "{share} belong to host communities",
    "pendular": "{share} move back and forth across a border",
    "colombian_returnees": "{share} are Colombian returnees",
    "women": "{share} are women",
    "men": "{share} are men",
    "girls": "{share} are girls",
    "boys": "{share} are boys",
    "other_under_18": "{share} are under 18 of another gender",
    "other_18_and_above": "{share} are adults of another gender",
}


PLACES: Mapping[str, str] = {
    "Brazil": "in Brazil",
    "Caribbean": "in the Caribbean",
    "Central America & Mexico": "in Central America & Mexico",
    "Chile": "in Chile",
    "Colombia": "in Colombia",
    "Ecuador": "in Ecuador",
    "Peru": "in Peru",
    "Southern Cone": "in the Southern Cone",
}
"""Each platform within a sentence: many languages want an article there."""


def headline(printed: Printed) -> str:
    """What the response achieved, and with what money."""
    words, figures = printed.words, printed.key_figures
    reach = _reach(printed)
    if figures.value("funding_coverage") is None:
        return words("{reach}.", reach=reach)
    return words(
        "{reach}, with {coverage} of the funding required.", reach=reach, coverage=printed.figure("funding_coverage")
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
    return printed.sentence(words("{people} people were reached", people=printed.figure("people_reached")))


def _activities(printed: Printed) -> str:
    words, figures = printed.words, printed.key_figures
    activities = int(figures.value("activities") or 0)
    done = words.plural("{count} activity", "{count} activities", activities)
    partners = int(figures.value("reporting_partners") or 0)
    told = words.plural(
        "{partners} partner reported {activities}", "{partners} partners reported {activities}", partners
    )
    return told.format(
        partners=printed.figure("reporting_partners"), activities=done.format(count=printed.figure("activities"))
    )


def response(printed: Printed) -> str:
    """The first sentence on the response, where no author wrote one: by whom and where people were reached."""
    figures = printed.key_figures
    if not figures.value("people_reached"):
        return printed.words("{reach}.", reach=_people_or_activities(printed))
    reached = _partners_reached(printed)
    most = largest(figures.breakdowns.get("people_reached_by_platform"))
    if not most:
        return printed.words("{reach}.", reach=reached)
    share = printed.share(most[1], figures.value("people_reached"))
    where = printed.words("{share} of them {place}", share=share, place=printed.words(PLACES.get(most[0], "")))
    return printed.words("{reached}; {where}.", reached=reached, where=where)


def _partners_reached(printed: Printed) -> str:
    words, figures = printed.words, printed.key_figures
    told = words.plural(
        "{partners} partner reached {people} people",
        "{partners} partners reached {people} people",
        int(figures.value("reporting_partners") or 0),
    )
    names = {"partners": "reporting_partners", "people": "people_reached"}
    reached = printed.sentence(told.format(**{name: printed.figure(of) for name, of in names.items()}))
    if figures.value("target_coverage") is None:
        return reached
    return words("{reached}, {share} of those targeted", reached=reached, share=printed.figure("target_coverage"))


def platforms(printed: Printed) -> str:
    """Where most people were reached, and where the money went."""
    breakdowns = printed.key_figures.breakdowns
    people = largest(breakdowns.get("people_reached_by_platform"))
    money = largest(breakdowns.get("funding_usd_by_platform"))
    if people and money and people[0] == money[0]:
        return printed.words(
            "{platform} accounts for {people} of people reached and {money} of funding",
            platform=printed.platform(people[0]),
            people=printed.share(people[1], printed.key_figures.value("people_reached")),
            money=printed.share(money[1], printed.key_figures.value("funding_usd")),
        )
    return "; ".join(part for part in (_most_people(printed, people), _most_money(printed, money)) if part)


def places(printed: Printed) -> str:
    """Where in a platform most people were reached."""
    breakdowns = printed.key_figures.breakdowns
    by_place = breakdowns.get("people_reached_by_country") or breakdowns.get("people_reached_by_admin1")
    place = largest(by_place) or largest(breakdowns.get("funding_usd_by_country"))
    if not place:
        return ""
    words, of_people = printed.words, largest(by_place) is not None
    whole = printed.key_figures.value("people_reached" if of_people else "funding_usd")
    share = printed.share(place[1], whole)
    if of_people:
        return words("{platform} accounts for {share} of people reached", platform=printed.place(place[0]), share=share)
    return words("{share} of funding is for {platform}", platform=printed.place(place[0]), share=share)


def _most_people(printed: Printed, people: tuple[str, float] | None) -> str:
    if not people:
        return ""
    share = printed.share(people[1], printed.key_figures.value("people_reached"))
    return printed.words(
        "{platform} accounts for {share} of people reached", platform=printed.platform(people[0]), share=share
    )


def _most_money(printed: Printed, money: tuple[str, float] | None) -> str:
    if not money:
        return ""
    words, share = printed.words, printed.share(money[1], printed.key_figures.value("funding_usd"))
    if money[0] == REGIONAL:
        return words("{share} of funding names no single country", share=share)
    return words("{share} of funding is for {platform}", platform=printed.platform(money[0]), share=share)


def peak_month(printed: Printed) -> str:
    """The month in which most people were newly reached."""
    by_month = printed.key_figures.breakdowns["people_reached_by_month"]
    peak = largest(by_month)
    if not peak:
        return ""
    share = printed.share(peak[1], printed.key_figures.value("people_reached"))
    month = numbers.month_name(peak[0], printed.language)
    return printed.words("Most people were reached in {month} ({share})", month=month, share=share)


def largest_group(printed: Printed, breakdown: str) -> str:
    """The group with most people, as a share of the people reached; nothing when the groups exceed them."""
    parts = printed.key_figures.breakdowns[breakdown]
    exceeds = parts.values().get(NOT_SPECIFIED, 0) < 0
    group = None if exceeds else largest(parts)
    total = printed.key_figures.value("people_reached")
    return printed.words(GROUP_FINDINGS[group[0]], share=printed.share(group[1], total)) if group and total else ""


def largest_sector(printed: Printed) -> str:
    """The sector that reached most people."""
    sector = largest(printed.key_figures.breakdowns["people_reached_by_sector"])
    if not sector:
        return ""
    people = numbers.people(sector[1], printed.language)
    return printed.words("{sector} reached most people ({people})", sector=printed.words(sector[0]), people=people)


def models(printed: Printed) -> str:
    """How far apart the models are: the sum of sectors against the figure used."""
    values = printed.key_figures.breakdowns["people_reached_by_model"].values()
    least, most = min(values.values(), default=0), max(values.values(), default=0)
    if not least or least == most:
        return ""
    ends = {"least": numbers.people(least, printed.language), "most": numbers.people(most, printed.language)}
    return printed.words("Between {least} and {most}, by the model", **ends)


def largest_donor(printed: Printed) -> str:
    """How much of the money came from the largest donor."""
    donor = largest(printed.key_figures.breakdowns.get("funding_usd_by_donor"))
    if not donor:
        return ""
    share = printed.share(donor[1], printed.key_figures.value("funding_usd"))
    return printed.words("The largest donor gave {share} of the funding", share=share)


def largest(breakdown: Breakdown | None) -> tuple[str, float] | None:
    """The part with the largest value above 0; None when there is none."""
    values = {key: value for key, value in (breakdown.values() if breakdown else {}).items() if key != NOT_SPECIFIED}
    key = max(values, key=lambda name: values[name], default=None)
    return (key, values[key]) if key is not None and values[key] > 0 else None
