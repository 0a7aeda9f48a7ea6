"""The one sentence a reader should take from each chart: the strongest of a list of statements that holds.

A chart has ordered candidates: statements, the strongest first, each given where the numbers support it with a
margin. The first is printed, with the claims of its numbers; where there is none, the chart's title names the measure
alone. Nothing is said of what is in doubt, or where too many people are in no part. A part is only called the largest
or the smallest when the next one is printed otherwise; no share is told of fewer people than counts are rounded to.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from rmrp_analysis.figures import FEW, NOT_COUNTED
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_missing_reports
from rmrp_analysis.vocabulary import GROUP_FINDINGS, NATIONAL_LEVEL, NOT_SPECIFIED, PLATFORMS, REGIONAL, labels
from rmrp_analysis.words import N_, Statement, claims_of

BY_GROUP, BY_AGE = "people_reached_by_population_group", "people_reached_by_age_gender"
BY_MONTH, BY_MODEL = "people_reached_by_month", "people_reached_by_model"
BY_INDICATOR = "activities_by_indicator"
UNNAMED = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL)
PLACE_KINDS = ("platform", "country", "admin1")

STANDS_OUT = 1.25  # so many times the mean month is a peak
CHILDREN_FIRST = 0.6  # from this share on children are the finding on age and gender
NEAR = 0.01  # a month within this share of the pace neither meets nor misses it
CHANGED = 0.1  # from this share on a change against the year before is told
MATTERS = 0.1  # a group with a smaller share of the targets is not told as the one furthest behind
CONCENTRATED = 0.2  # from this share of the funding on it is told what the largest donor gave
ASCRIBED = 0.05  # no share of a group is told where more people are in no group: they may be in any
EXCEEDED = 0.01  # nor where the groups add up to so much more than all people: some are in two of them
COMPARABLE = 8  # a sector is called the first or the last among so many at least
TOLD_AS_TIMES = 3  # so many times as many people are told as such, fewer as a share
RANKED = 3  # from so many parts on one of them is the first or the last of them

Candidates = Callable[[SheetFormatter], Iterator[str]]
"""Statements that hold, the strongest first; an empty one says nothing."""


def finding(formatter: SheetFormatter, chart: str, *, headline: Collection[Claim] = ()) -> str:
    """Give the finding of a chart; empty where nothing holds, or all that does stands in the headline.

    ``headline`` are the claims of the headline: a sentence with one of its numbers of people or money is left out.
    """
    numbers = {claim for claim in headline if claim.unit != "count"}
    return next((text for text in FINDINGS[chart](formatter) if text and not numbers & {*claims_of(text)}), "")


def strongest(formatter: SheetFormatter, candidates: Candidates) -> str:
    """Give the first sentence that holds; empty where none does."""
    return next(filter(None, candidates(formatter)), "")


def places(formatter: SheetFormatter) -> Iterator[str]:
    """The place that is least funded, the one furthest behind, and where most people and most money are."""
    required = formatter.breakdown("requirement_usd_by_platform").values()
    funded = formatter.breakdown("funding_usd_by_platform").values()
    shares = {place: funded[place] / required[place] for place in PLATFORMS if required.get(place) and place in funded}
    platform, _ = extreme(formatter, shares, least=True)
    if platform:
        figure, usd, base = "funding_usd_by_platform", funded[platform], required[platform]
        requirement = f"requirement_usd_by_platform[{platform}]"
        share = formatter.format_claim(figure, usd, "share", part=platform, base=base, compared_with=requirement)
        sentence = N_("{platform} is the least funded: {share} of what it needs")
        yield formatter.translate(sentence, platform=named(formatter, platform), share=share)
    yield _behind(formatter, *PLACE_KINDS)
    kind, place, people = leading_place(formatter)
    funded_place, usd = leading(formatter, "funding_usd_by_platform", unnamed=())
    in_place, for_place = most_people(formatter), _money_for(formatter, "platform")
    if place and place == funded_place:
        in_print = {
            "people": formatter.format_category_share(f"people_reached_by_{kind}", place, people),
            "funding": formatter.format_category_share("funding_usd_by_platform", place, usd),
        }
        sentence = N_("{platform} accounts for {people} of people reached and {funding} of funding")
        yield formatter.translate(sentence, platform=named(formatter, place), **in_print)
    elif in_place and for_place:
        yield formatter.join_texts(
            [in_place, Statement(f"{for_place[:1].lower()}{for_place[1:]}", claims_of(for_place))]
        )
    yield in_place or for_place
    yield _money_for(formatter, "country")


def furthest_behind(formatter: SheetFormatter, *dimensions: str) -> tuple[str, str]:
    """Give the name of the part of whose target the smallest share was reached, and that share with its claim.

    It is of the first of these dimensions (by default places, then population groups) in which a part with a large part
    of all targets is behind; both are empty where there is none.
    """
    for dimension in dimensions or (*PLACE_KINDS, "population_group"):
        targets = formatter.breakdown(f"target_by_{dimension}").values()
        part, share = extreme(formatter, _shares_of_targets(formatter, dimension, targets), least=True)
        is_known = dimension in PLACE_KINDS or _ascribed(formatter, f"people_reached_by_{dimension}")
        if not part or not is_known or share >= 1 or targets[part] < MATTERS * sum(targets.values()):
            continue
        if f"target_coverage_by_{dimension}" in formatter.key_figures.breakdowns:
            text = formatter.format_claim(f"target_coverage_by_{dimension}", share, "share", part=part)
        else:
            figure, base = f"people_reached_by_{dimension}", targets[part]
            of = f"target_by_{dimension}[{part}]"
            text = formatter.format_claim(figure, share * base, "share", part=part, base=base, compared_with=of)
        return formatter.category_name(part, dimension), text
    return "", ""


def _shares_of_targets(formatter: SheetFormatter, dimension: str, targets: Mapping[str, float]) -> Mapping[str, float]:
    """The share of its target that was reached of each part; none where that of any is not known, or of few people."""
    reached = f"people_reached_by_{dimension}"
    if not formatter.is_reliable(reached):
        return {}
    if dimension in PLACE_KINDS:
        of_places = formatter.breakdown(f"target_coverage_by_{dimension}").cells
        shares = {cell.key: cell.value for cell in of_places if cell.value is not None and cell.status != FEW}
        wanted = {place for place, target in targets.items() if target > 0 and place != NOT_SPECIFIED}
        return shares if wanted == {*shares} else {}
    groups = formatter.breakdown(reached)
    if not formatter.is_year_to_date or any(cell.status == FEW for cell in groups.cells if cell.key != NOT_SPECIFIED):
        return {}
    people = groups.values()
    return {group: people.get(group, 0.0) / target for group, target in targets.items() if target}


def _behind(formatter: SheetFormatter, *dimensions: str) -> str:
    """The part of these dimensions that is furthest behind its target."""
    part, share = furthest_behind(formatter, *dimensions)
    return (
        formatter.translate("{group}: furthest behind, at {share} of target", group=part, share=share) if part else ""
    )


def most_people(formatter: SheetFormatter) -> str:
    """The place with most of the people reached: a platform; on a platform's own sheet a country or an admin1."""
    kind, place, people = leading_place(formatter)
    if not place or people >= (formatter.key_figures.value("people_reached") or 0):  # of everybody it tells nothing
        return ""
    share = formatter.format_category_share(f"people_reached_by_{kind}", place, people)
    return formatter.translate(
        "{platform} accounts for {share} of people reached", platform=named(formatter, place), share=share
    )


def leading_place(formatter: SheetFormatter) -> tuple[str, str, float]:
    """The kind and name of the place with most of the people reached, and their number; empty where no place leads."""
    for kind in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        name = f"people_reached_by_{kind}"
        if name in formatter.key_figures.breakdowns:
            return kind, *leading(formatter, name)
    return "", "", 0.0


def _money_for(formatter: SheetFormatter, kind: str) -> str:
    place, usd = leading(formatter, f"funding_usd_by_{kind}", unnamed=())
    if not place:
        return ""
    share = formatter.format_category_share(f"funding_usd_by_{kind}", place, usd)
    if place == REGIONAL:
        return formatter.translate("{share} of funding is not assigned to a single country", share=share)
    name = labels.place_in_sentence(place, formatter.language)
    return formatter.translate("{share} of funding is for {platform}", platform=name, share=share)


def named(formatter: SheetFormatter, place: str) -> str:
    """A place with its article, at the beginning of a sentence."""
    name = labels.place_in_sentence(place, formatter.language)
    return name[:1].upper() + name[1:]


def gap(formatter: SheetFormatter) -> Iterator[str]:
    """The place with most of the people still to reach, where it has a large part of them."""
    name = f"people_to_reach_by_{formatter.place_dimension}"
    rest = {place: people for place, people in formatter.breakdown(name).values().items() if people > 0}
    place, people = extreme(formatter, rest, unit="people")
    if place and not formatter.key_figures.in_doubt("people_reached") and people >= MATTERS * sum(rest.values()):
        sentence = N_("{share} of the people still to reach in these places are in")
        total = sum(rest.values())
        share = formatter.format_claim(
            name, people, "share", part=place, base=total, compared_with=f"{name}[{'+'.join(rest)}]"
        )
        yield formatter.append_place(formatter.translate(sentence, share=share), place)


def months(formatter: SheetFormatter) -> Iterator[str]:
    """How many months met the pace of the target, a change against the year before, and a peak."""
    values = formatter.breakdown(BY_MONTH).values()
    yield _missed_pace(formatter, values)
    yield change_on_year_before(formatter)
    month, people = leading(formatter, BY_MONTH)
    if month and len(values) >= RANKED and people >= STANDS_OUT * sum(values.values()) / len(values):
        share = formatter.format_category_share(BY_MONTH, month, people)
        yield formatter.translate(
            "Peak in {month}: {share} of people reached", month=formatter.month_name(month), share=share
        )


def _missed_pace(formatter: SheetFormatter, values: Mapping[str, float]) -> str:
    """How many months met the pace, where most did not, and where pace and months count the same people."""
    pace, months = formatter.target_pace, len(formatter.key_figures.period.months)
    if pace is None or pace < 1 or not values or not formatter.is_reach_comparable or not formatter.is_year_to_date:
        return ""
    if any(abs(people - pace) < max(NEAR * pace, formatter.key_figures.base) for people in values.values()):
        return ""
    met = sum(people > pace for people in values.values())
    coverage = formatter.key_figures.value("target_coverage")
    if met == len(values) or met > months / 2 or coverage is None or coverage >= months / formatter.MONTHS_OF_A_PLAN:
        return ""
    sentence = N_("Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports")
    counts = {
        "missed": formatter.format_claim("months_below_pace", len(values) - met, "count"),
        "months": formatter.format_claim("months_counted", len(values), "count"),
    }
    target = formatter.key_figures.value("target") or 0.0
    months_of_plan = float(formatter.MONTHS_OF_A_PLAN)
    pace_text = formatter.format_claim("target", target, base=months_of_plan, compared_with="months_of_the_plan")
    return formatter.translate(sentence, pace=pace_text, **counts)


def change_on_year_before(formatter: SheetFormatter) -> str:
    """How far reach rose or fell against the same months of the year before."""
    people, before = formatter.key_figures.value("people_reached"), formatter.key_figures.comparisons.people_year_before
    if not people or not before or formatter.key_figures.in_doubt("people_reached"):
        return ""
    change = people / before - 1
    rose = N_("{share} more people than in the same months a year before")
    fell = N_("{share} fewer people than in the same months a year before")
    sentence = rose if change > 0 else fell
    if abs(change) < CHANGED:
        return ""
    text = formatter.format_share(abs(change), 1)
    share = formatter.format_claim(
        "people_reached", people, "share", base=before, compared_with="people_year_before", text=text
    )
    return formatter.translate(sentence, share=share)


def change_on_month_before(formatter: SheetFormatter) -> str:
    """How many more or fewer people were newly reached in the last month than in the month before it.

    A fall is told only where most partners have reported, with those who have not. Nothing is told of few people.
    """
    cells, months = (
        {cell.key: cell for cell in formatter.breakdown(BY_MONTH).cells},
        formatter.key_figures.period.months,
    )
    last, previous = (cells.get(month) for month in months[-1:-3:-1]) if len(months) > 1 else (None, None)
    people, before = (None if cell is None or cell.status == FEW else cell.value for cell in (last, previous))
    if (
        people is None
        or not before
        or formatter.is_too_few_for_shares(before)
        or formatter.key_figures.in_doubt(BY_MONTH)
    ):
        return ""
    if formatter.key_figures.in_doubt("people_reached") or abs(people / before - 1) < CHANGED:
        return ""
    in_words = {"month": formatter.month_name(months[-1]), "before": formatter.month_name(months[-2])}
    times, rose = int(people / before), people > before
    text = (
        formatter.format_count(times) if times >= TOLD_AS_TIMES else formatter.format_share(abs(people / before - 1), 1)
    )
    of_before = f"{BY_MONTH}[{months[-2]}]"
    share = formatter.format_claim(
        BY_MONTH, people, "share", part=months[-1], base=before, compared_with=of_before, text=text
    )
    if times >= TOLD_AS_TIMES:
        sentence = N_("In {month}, more than {times} times as many people were newly reached as in {before}")
        return formatter.translate(sentence, times=share, **in_words)
    if rose:
        return formatter.translate(
            "In {month}, {share} more people were newly reached than in {before}", share=share, **in_words
        )
    if format_missing_reports(formatter):
        return ""
    fell = formatter.translate(
        "In {month}, {share} fewer people were newly reached than in {before}", share=share, **in_words
    )
    if not people:
        of_month = formatter.format_claim(BY_MONTH, before, part=months[-2])
        fell = formatter.translate(
            "In {month} nobody was newly reached, after {people} people in {before}", people=of_month, **in_words
        )
    late = format_missing_reports(formatter, min_late_share=0.0)
    return formatter.translate("{told}; {late}", told=fell, late=late) if late else fell


def population_group(formatter: SheetFormatter) -> Iterator[str]:
    """The group with most people still to reach, the one furthest behind, and the largest group."""
    targets, reached = formatter.breakdown("target_by_population_group").values(), formatter.breakdown(BY_GROUP)
    shares, people = _shares_of_targets(formatter, "population_group", targets), reached.values()
    rest = {group: targets[group] - people.get(group, 0.0) for group in shares}
    group, gap = extreme(formatter, rest, unit="people")
    if gap > 0 and formatter.remaining_months:
        of_group, months_left = f"target_by_population_group less {BY_GROUP}", float(formatter.remaining_months)
        numbers = {
            "people": formatter.format_claim(of_group, gap, part=group),
            "pace": formatter.format_claim(of_group, gap, part=group, base=months_left, compared_with="months_left"),
        }
        name = formatter.category_name(group, "population_group")
        yield formatter.translate("{group}: {people} to reach, {pace} a month", group=name, **numbers)
    yield _behind(formatter, "population_group")
    yield largest_group(formatter)


def largest_group(formatter: SheetFormatter, breakdown: str = BY_GROUP) -> str:
    """Tell which group has most people, where nearly all are in one of the groups."""
    group, people = leading(formatter, breakdown) if _ascribed(formatter, breakdown) else ("", 0.0)
    if not group or people >= (formatter.key_figures.value("people_reached") or 0):  # of everybody it tells nothing
        return ""
    return formatter.translate(GROUP_FINDINGS[group], share=formatter.format_category_share(breakdown, group, people))


def age_and_gender(formatter: SheetFormatter) -> Iterator[str]:
    """The children where most people are, women and girls, and the largest group."""
    if share := share_of_ages(formatter, "girls", "boys", least=CHILDREN_FIRST):
        yield formatter.translate("{share} of people reached are children", share=share)
    if share := share_of_ages(formatter, "women", "girls"):
        yield formatter.translate("{share} of people reached are women and girls", share=share)
    yield largest_group(formatter, BY_AGE)


def share_of_ages(formatter: SheetFormatter, *groups: str, least: float = 0.0) -> str:
    """The share of these groups together; empty where one is not printed, or the share is too small or everybody."""
    values, total = formatter.breakdown(BY_AGE).values(), formatter.key_figures.value("people_reached") or 0.0
    if not _ascribed(formatter, BY_AGE) or not {"women", "girls", "boys"} <= set(values):
        return ""
    people = sum(values[group] for group in groups)
    is_told = 0 < people < total and people >= least * total
    return formatter.format_category_share(BY_AGE, "+".join(groups), people) if is_told else ""


def _ascribed(formatter: SheetFormatter, breakdown: str) -> bool:
    """Whether nearly all of the people reached are in one of the groups, and no more, so that a share of one holds."""
    total = formatter.key_figures.value("people_reached") or 0.0
    return (
        formatter.is_reliable(breakdown)
        and -EXCEEDED * total <= formatter.sum_unassigned(breakdown) <= ASCRIBED * total
    )


def sectors(formatter: SheetFormatter) -> Iterator[str]:
    """The sector that is least funded, the one furthest behind, how many have no target, the one with most people."""
    sector, share = extreme(formatter, formatter.key_figures.comparisons.funding_by_sector, least=True)
    if sector:
        sentence = N_("{sector} is the least funded sector: {share} of what it needs")
        share_text = formatter.format_share_of_sector("funding_usd", sector, share)
        yield formatter.translate(sentence, sector=formatter.label(sector), share=share_text)
    yield sector_furthest_behind(formatter)
    targets = formatter.breakdown("target_by_sector")
    planned = len(targets.values())
    if 0 < planned < COMPARABLE:  # too few for a rank
        counts = {
            "count": formatter.format_claim("sectors_without_target", len(targets.cells) - planned, "count"),
            "all": formatter.format_claim("sectors_with_people", len(targets.cells), "count"),
        }
        yield formatter.translate.plural(
            "one of {all} sectors has no target here",
            "{count} of {all} sectors have no target here",
            len(targets.cells) - planned,
            **counts,
        )
    yield _sector_with_most_people(formatter)


def _sector_with_most_people(formatter: SheetFormatter) -> str:
    """The sector that reached most people, where the number of none is in doubt or not counted."""
    cells, in_doubt = (
        formatter.breakdown("people_reached_by_sector").cells,
        formatter.key_figures.comparisons.sectors_in_doubt,
    )
    total = formatter.key_figures.value("people_reached") or 0.0
    if in_doubt or any(cell.caution or cell.doubt or cell.status == NOT_COUNTED for cell in cells):
        return ""
    people = {cell.key: cell.value for cell in cells if cell.value}
    sector, most = extreme(formatter, people, unit="people")
    if not sector or most >= total:  # of everybody it tells nothing
        return ""
    text = formatter.format_claim("people_reached_by_sector", most, part=sector)
    return formatter.translate("{sector} reached most people: {people}", sector=formatter.label(sector), people=text)


def sector_furthest_behind(formatter: SheetFormatter) -> str:
    """The sector of whose target the smallest share was reached."""
    shares = formatter.key_figures.comparisons.coverage_by_sector
    sector, share = extreme(formatter, shares, least=True)
    if not sector or share >= 1 or len(shares) < COMPARABLE:
        return ""
    sentence = N_("{sector} is furthest behind: {share} of its target, the lowest of the {count} sectors that have one")
    numbers = {
        "share": formatter.format_share_of_sector("target_coverage", sector, share),
        "count": formatter.format_claim("sectors_with_target", len(shares), "count"),
    }
    return formatter.translate(sentence, sector=formatter.label(sector), **numbers)


def models(formatter: SheetFormatter) -> Iterator[str]:
    """How far apart the models are, and whether they see the same people.

    A model may leave people out: the lower end is never below the people of the largest sector.
    """
    people = formatter.breakdown(BY_MODEL).values()
    of_sectors = formatter.breakdown("people_reached_by_sector").values()
    ends = [(value, BY_MODEL, model) for model, value in people.items()]
    sector, largest = max(of_sectors.items(), key=lambda part: part[1], default=("", 0.0))
    least, most = min(ends, default=(0.0, "", "")), max(ends, default=(0.0, "", ""))
    leaves_out = (
        people.get("lower_bound", 0) - least[0] > 2 * formatter.key_figures.base
    )  # whatever way both are rounded
    if largest > least[0]:
        least = (largest, "people_reached_by_sector", sector)
    if not least[0] or formatter.format_people(least[0]) == formatter.format_people(most[0]) or least[0] > most[0]:
        return
    numbers = {
        name: formatter.format_claim(figure, value, part=part)
        for name, (value, figure, part) in {"least": least, "most": most}.items()
    }
    if most[0] > people.get("sum", most[0]):
        yield formatter.translate(
            "The age and gender groups add up to more than the people reported, so a count by groups is higher"
        )
    if leaves_out:
        yield formatter.translate(
            "The total is between {least} and {most}; some ways of counting leave people out", **numbers
        )
    sentence = N_(
        "The total is between {least} and {most}, depending on how people helped by several sectors are counted"
    )
    yield formatter.translate(sentence, **numbers)


def donors(formatter: SheetFormatter) -> Iterator[str]:
    """Whether one donor gave everything, and how much of the money the largest gave."""
    donor, usd = leading(formatter, "funding_usd_by_donor")
    if donor and len(formatter.breakdown("funding_usd_by_donor").cells) == 1:
        yield formatter.translate("One donor gave all of the funding")
    if donor and usd >= CONCENTRATED * (formatter.key_figures.value("funding_usd") or 0.0):
        share = formatter.format_category_share("funding_usd_by_donor", donor, usd)
        yield formatter.translate("The largest donor gave {share} of the funding", share=share)


def leading(formatter: SheetFormatter, breakdown: str, unnamed: tuple[str, ...] = UNNAMED) -> tuple[str, float]:
    """The named part with most of a figure, where it is known that it has: no tie.

    Nothing where too much of the figure is in no part.
    """
    parts = formatter.breakdown(breakdown)
    total = formatter.key_figures.value(parts.definition.figure) if parts.cells else None
    if not total or total < 0 or not formatter.is_reliable(breakdown):
        return "", 0.0
    values = {key: value for key, value in parts.values().items() if key not in unnamed}
    placed = total - sum(max(parts.values().get(key, 0.0), 0.0) for key in unnamed)
    enough = (1 - formatter.key_figures.method.cautions.not_specified) * total
    if any(value < 0 or value > total for value in values.values()) or placed < enough:
        return "", 0.0
    values = {key: value for key, value in values.items() if value > 0}
    return extreme(formatter, values, unit=parts.unit, ranked=1)


def extreme(
    formatter: SheetFormatter,
    values: Mapping[str, float],
    *,
    least: bool = False,
    unit: str = "share",
    ranked: int = RANKED,
) -> tuple[str, float]:
    """The part with the largest (``least``: the smallest) value; none where another is printed alike, or few are."""
    order = sorted(values.items(), key=lambda part: part[1] if least else -part[1])
    if len(order) < ranked or not order:
        return "", 0.0
    if len(order) > 1 and formatter.format_value(order[0][1], unit) == formatter.format_value(order[1][1], unit):
        return "", 0.0
    return order[0]


_CHARTS = (places, gap, months, population_group, age_and_gender, sectors, models, donors)
FINDINGS: Mapping[str, Candidates] = {chart.__name__: chart for chart in _CHARTS}
"""The candidates of each chart."""
