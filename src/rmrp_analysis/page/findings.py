"""Findings of charts: one sentence for each, chosen from ordered candidates.

The candidates of a chart are statements, the strongest first. Each is yielded only if the numbers support it with a
margin. The first is printed, with the claims of its numbers. Without a statement, the title of the chart names the
measure alone. There is no statement on a number in doubt, nor if too many people are in no category. A category is
called the largest or the smallest only if the next one is printed as another number.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping

from rmrp_analysis.figures import FEW, NOT_COUNTED
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.page.formatter import PLACE_DIMENSIONS, SheetFormatter
from rmrp_analysis.vocabulary import FINDING_BY_GROUP, NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, plan_lists
from rmrp_analysis.words import N_, Statement, claims_of

GROUP_BREAKDOWN_NAME, AGE_BREAKDOWN_NAME = "people_reached_by_population_group", "people_reached_by_age_gender"
"""Breakdowns of the people reached by population group, and by age and gender."""
MONTH_BREAKDOWN_NAME, MODEL_BREAKDOWN_NAME = "people_reached_by_month", "people_reached_by_model"
"""Breakdowns of the people reached by month, and by model of counting people of several sectors."""
INDICATOR_BREAKDOWN_NAME = "activities_by_indicator"
UNRANKED_CATEGORIES = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL)
"""Categories of no single place or group, which are never called the largest."""

MIN_PEAK_RATIO = 1.25  # a month is a peak from this multiple of the mean month
MIN_CHILDREN_SHARE = 0.6  # from this share of the people reached, children are the finding on age and gender
PACE_TOLERANCE_SHARE = 0.01  # a month within this share of the pace neither meets nor misses it
MIN_CHANGE_SHARE = 0.1  # a smaller change, as a share of the earlier number, is not printed
MIN_SHARE_OF_NAMED_CATEGORY = 0.1  # a group or place with a smaller share of the total is not called furthest behind
MIN_LARGEST_DONOR_SHARE = 0.2  # from this share of the funding, the largest donor's share is printed
MAX_SHARE_IN_NO_GROUP = 0.05  # with more people in no group, no share of a group is printed: they may be in any
MAX_GROUP_EXCESS_SHARE = 0.01  # nor if the groups exceed the people reached by more: some people are in two
MIN_COMPARED_SECTORS = 8  # a sector is called the first or the last among at least this many
MIN_RISE_SAID_AS_MULTIPLE = 3  # above this multiple, an increase is printed as *times as many*, below it as a share
MIN_RANKED_CATEGORIES = 3  # a category is called the first or the last among at least this many

Candidates = Callable[[SheetFormatter], Iterator[str]]
"""Yields statements that hold, the strongest first. An empty statement is skipped."""


def choose_finding(formatter: SheetFormatter, chart: str, *, headline: Collection[Claim] = ()) -> str:
    """Return the strongest statement of a chart that holds, with its claims, or an empty text without one.

    ``headline`` has the claims of the headline. A statement that repeats one of these claims is skipped, unless the
    claim is a count.
    """
    claims = {claim for claim in headline if claim.unit != "count"}
    statements = filter(None, FINDERS_BY_CHART[chart](formatter))
    return next((statement for statement in statements if not claims & {*claims_of(statement)}), "")


def choose_strongest(formatter: SheetFormatter, candidates: Candidates) -> str:
    """Return the first statement that holds, or an empty text without one."""
    return next(filter(None, candidates(formatter)), "")


def find_place_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the least funded platform, the place furthest behind, and the places with most people and money.

    The last statement is on the country with most funding. A statement that does not hold is left out or empty.
    """
    required = formatter.breakdown("requirement_usd_by_platform").values()
    funded = formatter.breakdown("funding_usd_by_platform").values()
    shares = {
        platform: funded[platform] / required[platform]
        for platform in plan_lists().platforms
        if required.get(platform) and platform in funded
    }
    platform, lowest = find_extreme(formatter, shares, least=True)
    if platform and lowest < 1:
        share = formatter.format_claim(
            "funding_usd_by_platform",
            funded[platform],
            "share",
            part=platform,
            base=required[platform],
            compared_with=f"requirement_usd_by_platform[{platform}]",
        )
        sentence = N_("{platform} is the least funded: {share} of what it needs")
        yield formatter.translate(sentence, platform=capitalise_place(formatter, platform), share=share)
    yield _format_furthest_behind(formatter, *PLACE_DIMENSIONS)
    kind, place, people = find_leading_place(formatter)
    top, usd = find_leading_category(formatter, "funding_usd_by_platform", excluded=())
    in_place = format_place_with_most_people(formatter)
    for_place = _format_leading_funding(formatter, "platform")
    if place and place == top:
        yield formatter.translate(
            "{platform} accounts for {people} of people reached and {funding} of funding",
            platform=capitalise_place(formatter, place),
            people=formatter.format_category_share(f"people_reached_by_{kind}", place, people),
            funding=formatter.format_category_share("funding_usd_by_platform", place, usd),
        )
    elif in_place and for_place:
        clause = f"{for_place[:1].lower()}{for_place[1:]}"
        yield formatter.join_texts([in_place, Statement(clause, claims_of(for_place))])
    yield in_place or for_place
    yield _format_leading_funding(formatter, "country")


def find_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> tuple[str, str]:
    """Return name and share of the category that reached the smallest share of its target.

    The share has its claim. It must be below 1, and the category must have at least ``MIN_SHARE_OF_NAMED_CATEGORY`` of
    all targets. The first of these dimensions with such a category counts (by default places, then population groups).
    Both texts are empty without such a category.
    """
    for dimension in dimensions or (*PLACE_DIMENSIONS, "population_group"):
        targets = formatter.breakdown(f"target_by_{dimension}").values()
        part, share = find_extreme(formatter, _find_shares_of_targets(formatter, dimension, targets), least=True)
        is_known = dimension in PLACE_DIMENSIONS or _has_reliable_groups(formatter, f"people_reached_by_{dimension}")
        if not part or not is_known or share >= 1:
            continue
        if targets[part] < MIN_SHARE_OF_NAMED_CATEGORY * sum(targets.values()):
            continue
        if f"target_coverage_by_{dimension}" in formatter.key_figures.breakdowns:
            text = formatter.format_claim(f"target_coverage_by_{dimension}", share, "share", part=part)
        else:
            target = targets[part]
            text = formatter.format_claim(
                f"people_reached_by_{dimension}",
                share * target,
                "share",
                part=part,
                base=target,
                compared_with=f"target_by_{dimension}[{part}]",
            )
        return formatter.category_name(part, dimension), text
    return "", ""


def _find_shares_of_targets(
    formatter: SheetFormatter, dimension: str, target_by_category: Mapping[str, float]
) -> Mapping[str, float]:
    """Return the reached share of the target by category, without categories that have no target.

    It is empty if the people reached are not reliable, and if a place with a target has no share or few people. For
    groups it is empty, too, if a group has few people or the period does not begin in January.
    """
    reached = f"people_reached_by_{dimension}"
    if not formatter.is_reliable(reached):
        return {}
    if dimension in PLACE_DIMENSIONS:
        cells = formatter.breakdown(f"target_coverage_by_{dimension}").cells
        shares = {cell.key: cell.value for cell in cells if cell.value is not None and cell.status != FEW}
        planned = {place for place, target in target_by_category.items() if target > 0 and place != NOT_SPECIFIED}
        return shares if planned == {*shares} else {}
    groups = formatter.breakdown(reached)
    if not formatter.is_year_to_date or any(cell.status == FEW for cell in groups.cells if cell.key != NOT_SPECIFIED):
        return {}
    people = groups.values()
    return {group: people.get(group, 0.0) / target for group, target in target_by_category.items() if target}


def _format_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> str:
    """Write which category of these dimensions is furthest behind its target, or an empty text without one."""
    name, share = find_furthest_behind(formatter, *dimensions)
    if not name:
        return ""
    return formatter.translate("{group}: furthest behind, at {share} of target", group=name, share=share)


def format_place_with_most_people(formatter: SheetFormatter) -> str:
    """Write the leading place (see ``find_leading_place``) with its share.

    The text is empty if no place leads, or if it has all people.
    """
    kind, place, people = find_leading_place(formatter)
    if not place or people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    name = capitalise_place(formatter, place)
    share = formatter.format_category_share(f"people_reached_by_{kind}", place, people)
    return formatter.translate("{platform} accounts for {share} of people reached", platform=name, share=share)


def find_leading_place(formatter: SheetFormatter) -> tuple[str, str, float]:
    """Return the dimension and key of the place with most of the people reached, and their number.

    The dimension is the first of country, platform and admin1 that the sheet has, and empty without any. If no place
    leads, the key is empty and the number 0.
    """
    for kind in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        name = f"people_reached_by_{kind}"
        if name in formatter.key_figures.breakdowns:
            return kind, *find_leading_category(formatter, name)
    return "", "", 0.0


def _format_leading_funding(formatter: SheetFormatter, place_dimension: str) -> str:
    """Write the share of the place with most funding, or of regional money, or an empty text."""
    name = f"funding_usd_by_{place_dimension}"
    place, usd = find_leading_category(formatter, name, excluded=())
    if not place or place == NOT_SPECIFIED or usd >= (formatter.key_figures.value("funding_usd") or 0):
        return ""
    share = formatter.format_category_share(name, place, usd)
    if place == REGIONAL:
        return formatter.translate("{share} of funding is not assigned to a single country", share=share)
    return formatter.translate(
        "{share} of funding is for {platform}", platform=formatter.place_in_sentence(place), share=share
    )


def capitalise_place(formatter: SheetFormatter, place: str) -> str:
    """Return the name of a place with its article and a capital letter, to begin a sentence."""
    name = formatter.place_in_sentence(place)
    return name[:1].upper() + name[1:]


def find_gap_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the place with most of the people still to reach, if its share is large.

    Yields nothing if no place leads or the people reached are in doubt.
    """
    name = f"people_to_reach_by_{formatter.place_dimension}"
    rest = {place: people for place, people in formatter.breakdown(name).values().items() if people > 0}
    total, name_of_rest = sum(rest.values()), f"{name}[{'+'.join(rest)}]"
    place, people = find_extreme(formatter, rest, unit="people")
    is_large = people >= MIN_SHARE_OF_NAMED_CATEGORY * total
    if place and is_large and not formatter.key_figures.in_doubt("people_reached"):
        sentence = N_("{share} of the people still to reach in these places are in")
        share = formatter.format_claim(name, people, "share", part=place, base=total, compared_with=name_of_rest)
        yield formatter.append_place(formatter.translate(sentence, share=share), place)


def find_month_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield how many months missed the pace of the target, the change on the previous year, and a peak.

    A peak is a month of at least ``MIN_PEAK_RATIO`` times the mean. A statement that does not hold is left out or
    empty.
    """
    values = formatter.breakdown(MONTH_BREAKDOWN_NAME).values()
    yield _format_missed_pace(formatter, values)
    yield format_change_on_year_before(formatter)
    month, people = find_leading_category(formatter, MONTH_BREAKDOWN_NAME)
    if month and len(values) >= MIN_RANKED_CATEGORIES and people >= MIN_PEAK_RATIO * sum(values.values()) / len(values):
        share = formatter.format_category_share(MONTH_BREAKDOWN_NAME, month, people)
        name = formatter.month_name(month)
        yield formatter.translate("Peak in {month}: {share} of people reached", month=name, share=share)


def _format_missed_pace(formatter: SheetFormatter, people_by_month: Mapping[str, float]) -> str:
    """Write how many of the months with people missed the pace that the target needs.

    The text is empty if most months met the pace, if a month is too near to the pace, if the target is reached as fast
    as the year passes, and if pace and months count different people.
    """
    pace, months = formatter.target_pace, len(formatter.key_figures.period.months)
    is_comparable = formatter.is_reach_comparable and formatter.is_year_to_date
    if pace is None or pace < 1 or not people_by_month or not is_comparable:
        return ""
    tolerance = max(PACE_TOLERANCE_SHARE * pace, formatter.key_figures.base)
    if any(abs(people - pace) < tolerance for people in people_by_month.values()):
        return ""
    reported, met = len(people_by_month), sum(people > pace for people in people_by_month.values())
    coverage = formatter.key_figures.value("target_coverage")
    if met == reported or met > months / 2:
        return ""
    if coverage is None or coverage >= months / formatter.MONTHS_OF_A_PLAN:
        return ""
    target, year = formatter.key_figures.value("target") or 0.0, float(formatter.MONTHS_OF_A_PLAN)
    return formatter.translate(
        "Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports",
        pace=formatter.format_claim("target", target, base=year, compared_with="months_of_the_plan"),
        missed=formatter.format_claim("months_below_pace", reported - met, "count"),
        months=formatter.format_claim("months_counted", reported, "count"),
    )


def format_change_on_year_before(formatter: SheetFormatter) -> str:
    """Write the relative change of people reached by the same partners in the same months of the previous year.

    Above ``MIN_RISE_SAID_AS_MULTIPLE`` times as many people, the multiple is written. The text is empty for a small
    change or few people, if nothing is compared, if nobody was reached, or if the people reached are in doubt.
    """
    compared = formatter.key_figures.comparisons.of_both_years
    if compared is None or not compared[1] or formatter.key_figures.in_doubt("people_reached"):
        return ""
    previous, people = compared
    if formatter.is_too_few_for_shares(previous) or abs(people / previous - 1) < MIN_CHANGE_SHARE:
        return ""
    number = formatter.format_claim(
        "people_of_both_years",
        people,
        "share",
        base=previous,
        compared_with="people_of_both_years[year before]",
        text=_format_relative_change(formatter, people, previous),
    )
    if people / previous > MIN_RISE_SAID_AS_MULTIPLE:
        sentence = N_(
            "The same partners reached more than {times} times as many people as in the same months a year before"
        )
        return formatter.translate(sentence, times=number)
    sentence = N_("The same partners reached {share} fewer people than in the same months a year before")
    if people / previous - 1 > 0:
        sentence = N_("The same partners reached {share} more people than in the same months a year before")
    return formatter.translate(sentence, share=number)


def _format_relative_change(formatter: SheetFormatter, people: float, people_before: float) -> str:
    """Write the change of people as a share without a sign, or a large rise as the multiple that it exceeds."""
    if people / people_before > MIN_RISE_SAID_AS_MULTIPLE:
        return formatter.format_count(math.ceil(people / people_before) - 1)
    return formatter.format_share(abs(people / people_before - 1), 1)


def format_change_on_month_before(formatter: SheetFormatter) -> str:
    """Write the relative change of people newly reached by partners that reported for both of the last two months.

    A large rise has the multiple, as in ``format_change_on_year_before``. The text is empty for a small change, for few
    people, for doubtful numbers, and if silent partners gave much of the earlier month.
    """
    months = formatter.key_figures.period.months
    compared = formatter.key_figures.comparisons.of_both_months
    if compared is None or any(map(formatter.key_figures.in_doubt, (MONTH_BREAKDOWN_NAME, "people_reached"))):
        return ""
    previous, people = compared
    if formatter.is_too_few_for_shares(previous) or abs(people / previous - 1) < MIN_CHANGE_SHARE:
        return ""
    names = {"month": formatter.month_name(months[-1]), "before": formatter.month_name(months[-2])}
    number = formatter.format_claim(
        "people_of_both_months",
        people,
        "share",
        part=months[-1],
        base=previous,
        compared_with=f"people_of_both_months[{months[-2]}]",
        text=_format_relative_change(formatter, people, previous),
    )
    if people / previous > MIN_RISE_SAID_AS_MULTIPLE:
        sentence = N_("In {month}, the same partners newly reached over {times} times as many people as in {before}")
        return formatter.translate(sentence, times=number, **names)
    if people > previous:
        sentence = N_("In {month}, the same partners newly reached {share} more people than in {before}")
        return formatter.translate(sentence, share=number, **names)
    if people:
        sentence = N_("In {month}, the same partners newly reached {share} fewer people than in {before}")
        return formatter.translate(sentence, share=number, **names)
    sentence = N_("In {month}, the same partners newly reached nobody, after {people} people in {before}")
    earlier = formatter.format_claim("people_of_both_months", previous, part=months[-2])
    return formatter.translate(sentence, people=earlier, **names)


def find_group_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the group with most people still to reach, the group furthest behind, and the largest group.

    The first has the people to reach a month, and is left out if the plan has no more months. A statement that does not
    hold is left out or empty.
    """
    targets = formatter.breakdown("target_by_population_group").values()
    people = formatter.breakdown(GROUP_BREAKDOWN_NAME).values()
    shares = _find_shares_of_targets(formatter, "population_group", targets)
    rest = {group: targets[group] - people.get(group, 0.0) for group in shares}
    group, gap = find_extreme(formatter, rest, unit="people")
    if gap > 0 and formatter.remaining_months:
        figure, months = f"target_by_population_group less {GROUP_BREAKDOWN_NAME}", float(formatter.remaining_months)
        yield formatter.translate(
            "{group}: {people} to reach, {pace} a month",
            group=formatter.category_name(group, "population_group"),
            people=formatter.format_claim(figure, gap, part=group),
            pace=formatter.format_claim(figure, gap, part=group, base=months, compared_with="months_left"),
        )
    yield _format_furthest_behind(formatter, "population_group")
    yield format_largest_group(formatter)


def format_largest_group(formatter: SheetFormatter, breakdown: str = GROUP_BREAKDOWN_NAME) -> str:
    """Write the share of the group with most people.

    The text is empty if no group leads, one group has all people, or many are in no group.
    """
    if not _has_reliable_groups(formatter, breakdown):
        return ""
    group, people = find_leading_category(formatter, breakdown)
    if not group or people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    return formatter.translate(FINDING_BY_GROUP[group], share=formatter.format_category_share(breakdown, group, people))


def find_age_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the share of children if it is large, the share of women and girls, and the largest group.

    A statement that does not hold is left out or empty.
    """
    if share := format_share_of_ages(formatter, "girls", "boys", least=MIN_CHILDREN_SHARE):
        yield formatter.translate("{share} of people reached are children", share=share)
    if share := format_share_of_ages(formatter, "women", "girls"):
        yield formatter.translate("{share} of people reached are women and girls", share=share)
    yield format_largest_group(formatter, AGE_BREAKDOWN_NAME)


def format_share_of_ages(formatter: SheetFormatter, *groups: str, least: float = 0.0) -> str:
    """Format the share of these groups together in the people reached.

    The text is empty if the share is 0, below ``least``, or 1, if the breakdown is not reliable, or if women, girls or
    boys have no number.
    """
    values = formatter.breakdown(AGE_BREAKDOWN_NAME).values()
    total = formatter.key_figures.value("people_reached") or 0.0
    if not _has_reliable_groups(formatter, AGE_BREAKDOWN_NAME) or not {"women", "girls", "boys"} <= set(values):
        return ""
    people = sum(values[group] for group in groups)
    is_large = 0 < people < total and people >= least * total
    return formatter.format_category_share(AGE_BREAKDOWN_NAME, "+".join(groups), people) if is_large else ""


def _has_reliable_groups(formatter: SheetFormatter, breakdown: str) -> bool:
    """Tell whether nearly all people reached are in exactly one group of a breakdown."""
    if not formatter.is_reliable(breakdown):
        return False
    total = formatter.key_figures.value("people_reached") or 0.0
    return -MAX_GROUP_EXCESS_SHARE * total <= formatter.sum_unassigned(breakdown) <= MAX_SHARE_IN_NO_GROUP * total


def find_sector_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sector least funded, the sector furthest behind, how many have no target, and the largest sector.

    A statement that does not hold is left out or empty. Sectors without a target are counted only if fewer than
    ``MIN_COMPARED_SECTORS`` have one.
    """
    sector, share = find_extreme(formatter, formatter.key_figures.comparisons.funding_by_sector, least=True)
    if sector and share < 1:
        sentence = N_("{sector} is the least funded sector: {share} of what it needs")
        text = formatter.format_share_of_sector("funding_usd", sector, share)
        yield formatter.translate(sentence, sector=formatter.label(sector), share=text)
    yield format_sector_furthest_behind(formatter)
    targets = formatter.breakdown("target_by_sector")
    planned = len(targets.values())
    unplanned = len(targets.cells) - planned
    if unplanned and 0 < planned < MIN_COMPARED_SECTORS:  # too few for a rank
        yield formatter.translate.plural(
            "One of {all} sectors has no target here",
            "{count} of {all} sectors have no target here",
            unplanned,
            count=formatter.format_claim("sectors_without_target", unplanned, "count"),
            all=formatter.format_claim("sectors_with_people", len(targets.cells), "count"),
        )
    yield _format_largest_sector(formatter)


def _format_largest_sector(formatter: SheetFormatter) -> str:
    """Write the sector that reached most people, with their number.

    The text is empty if no sector leads, if one sector reached all people, or if the number of any sector is in doubt
    or not counted.
    """
    cells = formatter.breakdown("people_reached_by_sector").cells
    if formatter.key_figures.comparisons.sectors_in_doubt:
        return ""
    if any(not cell.is_sure or cell.status == NOT_COUNTED for cell in cells):
        return ""
    people = {cell.key: cell.value for cell in cells if cell.value}
    sector, largest = find_extreme(formatter, people, unit="people")
    if not sector or largest >= (formatter.key_figures.value("people_reached") or 0.0):
        return ""
    name, number = formatter.label(sector), formatter.format_claim("people_reached_by_sector", largest, part=sector)
    return formatter.translate("{sector} reached the most people: {people}", sector=name, people=number)


def format_sector_furthest_behind(formatter: SheetFormatter) -> str:
    """Write which sector has most people of its target left to reach, or an empty text if too few have a target.

    It is empty, too, if the next number is printed alike, or if a sector that is not sure may have more people left.
    """
    shares = formatter.key_figures.comparisons.coverage_by_sector
    targets = formatter.breakdown("target_by_sector").values()
    least_reached = {cell.key: cell.bounds[0] for cell in formatter.breakdown("people_reached_by_sector").cells}
    left = {
        sector: target * (1 - shares[sector]) if sector in shares else target - least_reached.get(sector, 0.0)
        for sector, target in targets.items()
    }
    sector, people = find_extreme(formatter, left, unit="people")
    if sector not in shares or people <= 0 or len(shares) < MIN_COMPARED_SECTORS:
        return ""
    return formatter.translate(
        "{sector} has the most people left to reach: {share} of its target of {target} were reached",
        sector=formatter.label(sector),
        share=formatter.format_share_of_sector("target_coverage", sector, shares[sector]),
        target=formatter.format_claim("target_by_sector", targets[sector], part=sector),
    )


def find_model_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield why a model exceeds the sum, if one does, and between which numbers the models of all sectors lie.

    A model may leave people out, so the lower end is never below the people of the largest sector. The ends are left
    out if both are printed as the same number, or if a model is not sure: its range has another reason.
    """
    people = formatter.breakdown(MODEL_BREAKDOWN_NAME).values()
    sectors = formatter.breakdown("people_reached_by_sector").values()
    ends = [(value, MODEL_BREAKDOWN_NAME, model) for model, value in people.items()]
    lowest = min(ends, default=(0.0, "", ""))
    highest = max(ends, default=(0.0, "", ""))
    # More than twice the base apart, however both are rounded.
    omits = people.get("lower_bound", 0) - lowest[0] > 2 * formatter.key_figures.base
    sector, largest = max(sectors.items(), key=lambda item: item[1], default=("", 0.0))
    if largest > lowest[0]:
        lowest = (largest, "people_reached_by_sector", sector)
    if not lowest[0] or lowest[0] > highest[0]:
        return
    if formatter.format_people(lowest[0]) == formatter.format_people(highest[0]):
        return
    numbers = {
        name: formatter.format_claim(figure, value, part=part)
        for name, (value, figure, part) in {"least": lowest, "most": highest}.items()
    }
    if highest[0] > people.get("sum", highest[0]):
        yield formatter.translate(
            "The age and gender groups add up to more than the people reported, so a count by groups is higher"
        )
    if not all(cell.is_sure for cell in formatter.breakdown(MODEL_BREAKDOWN_NAME).cells):
        return
    if omits:
        sentence = N_("The total is between {least} and {most}; some ways of counting leave people out")
        yield formatter.translate(sentence, **numbers)
    sentence = N_(
        "The total is between {least} and {most}, depending on how people helped by several sectors are counted"
    )
    yield formatter.translate(sentence, **numbers)


def find_donor_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield that one donor gave everything, if true, and the share of the largest donor, if it is large."""
    donor, usd = find_leading_category(formatter, "funding_usd_by_donor")
    if donor and len(formatter.breakdown("funding_usd_by_donor").cells) == 1:
        yield formatter.translate("One donor gave all of the funding")
    if donor and usd >= MIN_LARGEST_DONOR_SHARE * (formatter.key_figures.value("funding_usd") or 0.0):
        share = formatter.format_category_share("funding_usd_by_donor", donor, usd)
        yield formatter.translate("The largest donor gave {share} of the funding", share=share)


def find_leading_category(
    formatter: SheetFormatter, breakdown: str, excluded: tuple[str, ...] = UNRANKED_CATEGORIES
) -> tuple[str, float]:
    """Return the category with most of a figure, and its value, or ("", 0.0) if no category leads for certain.

    No category leads in a tie, if the breakdown is not reliable, if a value is below 0 or above the total, or if too
    much of the figure is in no category. Categories ``excluded`` never lead.
    """
    parts = formatter.breakdown(breakdown)
    total = formatter.key_figures.value(parts.definition.figure) if parts.cells else None
    if not total or total < 0 or not formatter.is_reliable(breakdown):
        return "", 0.0
    values = {key: value for key, value in parts.values().items() if key not in excluded}
    placed = total - sum(max(parts.values().get(key, 0.0), 0.0) for key in excluded)
    needed = (1 - formatter.key_figures.method.cautions.not_specified) * total
    if any(value < 0 or value > total for value in values.values()) or placed < needed:
        return "", 0.0
    values = {key: value for key, value in values.items() if value > 0}
    return find_extreme(formatter, values, unit=parts.unit, min_ranked=1)


def find_extreme(
    formatter: SheetFormatter,
    values: Mapping[str, float],
    *,
    least: bool = False,
    unit: str = "share",
    min_ranked: int = MIN_RANKED_CATEGORIES,
) -> tuple[str, float]:
    """Return the category with the largest value (``least``: the smallest), and the value.

    It is ("", 0.0) if the next category is printed as the same number in this ``unit``, or if there are fewer than
    ``min_ranked`` categories.
    """
    order = sorted(values.items(), key=lambda item: item[1] if least else -item[1])
    if len(order) < min_ranked or not order:
        return "", 0.0
    if len(order) > 1 and formatter.format_value(order[0][1], unit) == formatter.format_value(order[1][1], unit):
        return "", 0.0
    return order[0]


FINDERS_BY_CHART: Mapping[str, Candidates] = {
    "places": find_place_statements,
    "gap": find_gap_statements,
    "months": find_month_statements,
    "population_group": find_group_statements,
    "age_and_gender": find_age_statements,
    "sectors": find_sector_statements,
    "models": find_model_statements,
    "donors": find_donor_statements,
}
"""The candidates of each chart, by the name that a notebook gives it."""
