"""The one sentence a reader should take from each chart: the strongest of a list of statements that holds.

A candidate is a function of the sheet. It gives its sentence where the numbers bear it with a margin, else nothing. The
first of its list that gives one is printed; where none does, the chart's title names the measure alone. Nothing is said
of what is in doubt, or where too many people are in no part. A part is only called the largest or the smallest when the
next one is printed otherwise; no share is told of fewer people than counts are rounded to.
"""

from collections.abc import Callable, Mapping

from rmrp_analysis.figures import FEW
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import GROUP_FINDINGS, NATIONAL_LEVEL, NOT_SPECIFIED, PLATFORMS, REGIONAL, labels
from rmrp_analysis.words import N_

BY_GROUP, BY_AGE = "people_reached_by_population_group", "people_reached_by_age_gender"
BY_MONTH = "people_reached_by_month"

UNNAMED = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL)
STANDS_OUT = 1.25
"""A month stands out from this many times the mean month."""

CHILDREN_FIRST = 0.6
"""From this share on children are the finding on age and gender."""

NEAR = 0.01
"""A month within this share of the pace neither meets nor misses it."""

CHANGED = 0.1
"""From this share on a change against the year before is told."""

MATTERS = 0.1
"""A group with a smaller share of the targets is not told as the one furthest behind."""

CONCENTRATED = 0.2
"""From this share of the funding on it is told what the largest donor gave."""

ASCRIBED = 0.05
"""Of groups no share is told where more of the people reached are in no group: they may be in any."""

COMPARABLE = 8
"""A sector is called the first or the last among so many at least."""

RANKED = 3
"""From so many parts on one of them is the first or the last of them."""

Candidate = Callable[[Printed], str]


def strongest(printed: Printed, candidates: tuple[Candidate, ...]) -> str:
    """The first sentence that holds; none where none does."""
    return next((text for candidate in candidates if (text := candidate(printed))), "")


# ---- Places ----


def least_funded_place(printed: Printed) -> str:
    """The platform with the smallest share of the money that it requires."""
    required = printed.breakdown("requirement_usd_by_platform").values()
    funded = printed.breakdown("funding_usd_by_platform").values()
    shares = {place: funded[place] / required[place] for place in PLATFORMS if required.get(place) and place in funded}
    place, share = extreme(printed, shares, least=True)
    if not place:
        return ""
    return printed.words(
        "{platform} is the least funded: {share} of what it needs",
        platform=_named(printed, place),
        share=printed.share(share, 1),
    )


def place_furthest_behind(printed: Printed) -> str:
    """The country or admin1 of whose target the smallest share was reached, where it has a large part of all targets.

    Nothing where the share of any place with a target is not known, or of few people: it may be further behind.
    """
    for kind in ("country", "admin1"):
        targets = printed.breakdown(f"target_by_{kind}").values()
        of_places = printed.breakdown(f"target_coverage_by_{kind}").cells
        shares = {cell.key: cell.value for cell in of_places if cell.value is not None and cell.status != FEW}
        wanted = {place for place, target in targets.items() if target > 0 and place != NOT_SPECIFIED}
        place, share = extreme(printed, shares, least=True)
        if not place or share >= 1 or wanted != set(shares) or not printed.sound(f"people_reached_by_{kind}"):
            continue
        if targets[place] >= MATTERS * sum(targets.values()):
            sentence = N_("{group}: furthest behind, at {share} of target")
            return printed.words(sentence, group=printed.place(place), share=printed.share(share, 1))
    return ""


def people_and_money(printed: Printed) -> str:
    """Where most people were reached, and where the money went."""
    people, usd = leading_place(printed), _largest(printed, "funding_usd_by_platform", "funding_usd", unnamed=())
    if not people[0] or not usd[0]:
        return _people_in(printed, people) or _money_for(printed, usd)
    if people[0] != usd[0]:
        money = _money_for(printed, usd)
        return f"{_people_in(printed, people)}; {money[:1].lower()}{money[1:]}"
    return printed.words(
        "{platform} accounts for {people} of people reached and {funding} of funding",
        platform=_named(printed, people[0]),
        people=printed.share_of("people_reached", people[1]),
        funding=printed.share_of("funding_usd", usd[1]),
    )


def most_people(printed: Printed) -> str:
    """The place with most of the people reached: a platform; on a platform's own sheet a country or an admin1."""
    return _people_in(printed, leading_place(printed))


def most_money(printed: Printed) -> str:
    """The country of a platform with most of the money."""
    return _money_for(printed, _largest(printed, "funding_usd_by_country", "funding_usd", unnamed=()))


def leading_place(printed: Printed) -> tuple[str, float]:
    """The place with most of the people reached, and how many they are; no place where none leads."""
    for kind in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        name = f"people_reached_by_{kind}"
        if name in printed.key_figures.breakdowns:
            return _largest(printed, name, "people_reached")
    return "", 0.0


def _people_in(printed: Printed, leading: tuple[str, float]) -> str:
    place, people = leading
    if not place:
        return ""
    share, name = printed.share_of("people_reached", people), _named(printed, place)
    return printed.words("{platform} accounts for {share} of people reached", platform=name, share=share)


def _money_for(printed: Printed, leading: tuple[str, float]) -> str:
    place, usd = leading
    if not place:
        return ""
    share = printed.share_of("funding_usd", usd)
    if place == REGIONAL:
        return printed.words("{share} of funding is not assigned to a single country", share=share)
    name = labels.place_in_sentence(place, printed.language)
    return printed.words("{share} of funding is for {platform}", platform=name, share=share)


def _named(printed: Printed, place: str) -> str:
    """A place with its article, at the beginning of a sentence."""
    name = labels.place_in_sentence(place, printed.language)
    return name[:1].upper() + name[1:]


def most_to_reach(printed: Printed) -> str:
    """The place with most of the people still to reach, where it has a large part of them."""
    name = f"people_to_reach_by_{printed.places()}"
    rest = {place: people for place, people in printed.breakdown(name).values().items() if people > 0}
    place, people = extreme(printed, rest, unit="people")
    if not place or printed.key_figures.in_doubt("people_reached") or people < MATTERS * sum(rest.values()):
        return ""
    sentence = N_("{share} of the people still to reach in these places are in")
    before = printed.words(sentence, share=printed.share(people, sum(rest.values())))
    return labels.with_place(f"{before} ", labels.place_in_sentence(place, printed.language), printed.language)


# ---- Months ----


def missed_pace(printed: Printed) -> str:
    """How many months met the pace of the target, where most did not, and where both count the same people."""
    pace, values = printed.pace, printed.breakdown(BY_MONTH).values()
    if not pace or not values or not printed.counts_as_target:
        return ""
    months = printed.key_figures.period.months
    if any(abs(people - pace) < max(NEAR * pace, printed.key_figures.base) for people in values.values()):
        return ""
    met = sum(people > pace for people in values.values())
    coverage = printed.key_figures.value("target_coverage")
    behind = coverage is not None and coverage < len(months) / printed.MONTHS_OF_A_PLAN
    if met > len(months) / 2 or not behind:
        return ""
    sentence = N_("Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports")
    counts = {"missed": printed.count(len(values) - met), "months": printed.count(len(values))}
    return printed.words(sentence, pace=printed.people(pace), **counts)


def change_on_year_before(printed: Printed) -> str:
    """How far reach rose or fell against the same months of the year before."""
    people, before = printed.key_figures.value("people_reached"), printed.key_figures.comparisons.people_year_before
    if not people or not before or printed.key_figures.in_doubt("people_reached"):
        return ""
    change = people / before - 1
    if abs(change) < CHANGED:
        return ""
    rose = N_("{share} more people than in the same months a year before")
    fell = N_("{share} fewer people than in the same months a year before")
    return printed.words(rose if change > 0 else fell, share=printed.share(abs(change), 1))


def leading_month(printed: Printed) -> tuple[str, float]:
    """The month in which most people were reached, and how many they are; no month where none leads."""
    return _largest(printed, BY_MONTH, "people_reached")


def peak_month(printed: Printed) -> str:
    """The month in which most people were newly reached, if it stands out from the others."""
    values = printed.breakdown(BY_MONTH).values()
    month, people = leading_month(printed)
    if not month or len(values) < RANKED or people < STANDS_OUT * sum(values.values()) / len(values):
        return ""
    share = printed.share_of("people_reached", people)
    return printed.words("Peak in {month}: {share} of people reached", month=printed.month(month), share=share)


# ---- Groups ----


def group_furthest_behind(printed: Printed) -> str:
    """The population group of whose target the smallest share was reached."""
    if not printed.sound(BY_GROUP):
        return ""
    targets, reached = printed.breakdown("target_by_population_group").values(), printed.breakdown(BY_GROUP)
    if any(cell.status == FEW for cell in reached.cells if cell.key != NOT_SPECIFIED):
        return ""
    people = reached.values()
    shares = {group: people.get(group, 0.0) / target for group, target in targets.items() if target}
    group, share = extreme(printed, shares, least=True)
    if not group or share >= 1 or targets[group] < MATTERS * sum(targets.values()):
        return ""
    return printed.words(
        "{group}: furthest behind, at {share} of target", group=printed.label(group), share=printed.share(share, 1)
    )


def largest_group(printed: Printed) -> str:
    """The population group with most people."""
    return _largest_group(printed, BY_GROUP)


def children(printed: Printed) -> str:
    """How many are children, where most are."""
    share = share_of_children(printed)
    return printed.words("{share} of people reached are children", share=share) if share else ""


def women_and_girls(printed: Printed) -> str:
    """How many are women and girls."""
    share = share_of_women_and_girls(printed)
    return printed.words("{share} of people reached are women and girls", share=share) if share else ""


def share_of_children(printed: Printed) -> str:
    """The share of children, where most are."""
    values, total = _ages(printed)
    young = values["girls"] + values["boys"] if values else 0
    return printed.share(young, total) if total and CHILDREN_FIRST * total <= young < total else ""


def share_of_women_and_girls(printed: Printed) -> str:
    """The share of women and girls; empty where it is not known, or nobody."""
    values, total = _ages(printed)
    female = values["women"] + values["girls"] if values else 0
    return printed.share(female, total) if total and 0 < female < total else ""


def largest_age_group(printed: Printed) -> str:
    """The group by age and gender with most people."""
    return _largest_group(printed, BY_AGE)


def _ages(printed: Printed) -> tuple[dict[str, float], float]:
    """The people by age and gender, and all people; nothing where one of the groups is not printed."""
    values = printed.breakdown(BY_AGE).values()
    if not _ascribed(printed, BY_AGE) or not {"women", "girls", "boys"} <= set(values):
        return {}, 0.0
    return values, printed.key_figures.value("people_reached") or 0.0


def _largest_group(printed: Printed, breakdown: str) -> str:
    group, people = _largest(printed, breakdown, "people_reached") if _ascribed(printed, breakdown) else ("", 0.0)
    share = printed.share_of("people_reached", people)
    is_told = group and people < (printed.key_figures.value("people_reached") or 0)  # of everybody it tells nothing
    return printed.words(GROUP_FINDINGS[group], share=share) if is_told else ""


def _ascribed(printed: Printed, breakdown: str) -> bool:
    """Whether nearly all of the people reached are in one of the groups, so that a share of a group holds."""
    rest = abs(printed.breakdown(breakdown).values().get(NOT_SPECIFIED, 0.0))
    return printed.sound(breakdown) and rest <= ASCRIBED * (printed.key_figures.value("people_reached") or 0.0)


# ---- Sectors ----


def sector_furthest_behind(printed: Printed) -> str:
    """The sector of whose target the smallest share was reached."""
    shares = printed.key_figures.comparisons.coverage_by_sector
    sector, share = extreme(printed, shares, least=True)
    if not sector or share >= 1 or len(shares) < COMPARABLE:
        return ""
    return printed.words(
        "{sector} is furthest behind: {share} of its target, the lowest of the {count} sectors that have one",
        sector=printed.label(sector),
        share=printed.share(share, 1),
        count=printed.count(len(shares)),
    )


def sectors_without_target(printed: Printed) -> str:
    """How many of the sectors have no target, where too few have one for a rank."""
    targets = printed.breakdown("target_by_sector")
    planned = len(targets.values())
    if not 0 < planned < COMPARABLE:
        return ""
    return printed.words(
        "{count} of {all} sectors have no target here",
        count=printed.count(len(targets.cells) - planned),
        all=printed.count(len(targets.cells)),
    )


def sector_least_funded(printed: Printed) -> str:
    """The sector with the smallest share of the money that it requires."""
    sector, share = extreme(printed, printed.key_figures.comparisons.funding_by_sector, least=True)
    if not sector:
        return ""
    return printed.words(
        "{sector} is the least funded sector: {share} of what it needs",
        sector=printed.label(sector),
        share=printed.share(share, 1),
    )


def models(printed: Printed) -> str:
    """How far apart the models are, and whether they see the same people."""
    people = printed.breakdown("people_reached_by_model").values()
    least, most = min(people.values(), default=0), max(people.values(), default=0)
    ends = {"least": printed.people(least), "most": printed.people(most)}
    if not least or ends["least"] == ends["most"]:
        return ""
    if most > people.get("sum", most):
        return printed.words("Groups of age and gender exceed the people reported, so counting by groups gives more")
    if people.get("lower_bound", 0) - least > 2 * printed.key_figures.base:  # whatever way both are rounded
        return printed.words("Between {least} and {most}; some ways of counting leave people out", **ends)
    sentence = N_("Between {least} and {most}, depending on how people helped by several sectors are counted")
    return printed.words(sentence, **ends)


# ---- Donors ----


def only_donor(printed: Printed) -> str:
    """One donor gave everything."""
    donors = printed.breakdown("funding_usd_by_donor")
    named = len(donors.cells) == 1 and _largest(printed, donors.name, "funding_usd")[0]
    return printed.words("One donor gave all of the funding") if named else ""


def largest_donor(printed: Printed) -> str:
    """How much of the money came from the largest donor."""
    donor, usd = _largest(printed, "funding_usd_by_donor", "funding_usd")
    if not donor or usd < CONCENTRATED * (printed.key_figures.value("funding_usd") or 0.0):
        return ""
    return printed.words("The largest donor gave {share} of the funding", share=printed.share_of("funding_usd", usd))


# ---- The largest and the smallest ----


def _largest(printed: Printed, breakdown: str, figure: str, unnamed: tuple[str, ...] = UNNAMED) -> tuple[str, float]:
    """The named part with most of a figure, where it is known that it has: no tie.

    Nothing where too much of the figure is in no part.
    """
    parts, total = printed.breakdown(breakdown), printed.key_figures.value(figure)
    if not total or total < 0 or not printed.sound(breakdown):
        return "", 0.0
    values = {key: value for key, value in parts.values().items() if key not in unnamed}
    placed = total - sum(parts.values().get(key, 0.0) for key in unnamed)
    enough = (1 - printed.key_figures.method.cautions.not_specified) * total
    if any(value < 0 or value > total for value in values.values()) or placed < enough:
        return "", 0.0
    values = {key: value for key, value in values.items() if value > 0}
    return extreme(printed, values, unit=parts.unit, ranked=1)


def extreme(
    printed: Printed, values: Mapping[str, float], *, least: bool = False, unit: str = "share", ranked: int = RANKED
) -> tuple[str, float]:
    """The part with the largest (``least``: the smallest) value; none where another is printed alike, or few are."""
    order = sorted(values.items(), key=lambda part: part[1] if least else -part[1])
    if len(order) < ranked or not order:
        return "", 0.0
    if len(order) > 1 and printed.value(order[0][1], unit) == printed.value(order[1][1], unit):
        return "", 0.0
    return order[0]


FINDINGS: Mapping[str, tuple[Candidate, ...]] = {
    "places": (least_funded_place, place_furthest_behind, people_and_money, most_people, most_money),
    "gap": (most_to_reach,),
    "months": (missed_pace, change_on_year_before, peak_month),
    "population_group": (group_furthest_behind, largest_group),
    "age_and_gender": (children, women_and_girls, largest_age_group),
    "sectors": (sector_least_funded, sector_furthest_behind, sectors_without_target),
    "models": (models,),
    "donors": (only_donor, largest_donor),
}
"""The candidates for each chart, the strongest first."""


def finding(printed: Printed, chart: str) -> str:
    """The finding of a chart."""
    return strongest(printed, FINDINGS[chart])
