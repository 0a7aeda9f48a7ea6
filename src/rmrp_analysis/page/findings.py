"""Findings of charts: the one sentence that a reader should take from each, chosen from ordered candidates.

The candidates of a chart are statements, the strongest first, each yielded only where the numbers support it with a
margin. The first is printed, with the claims of its numbers; without one, the title of the chart names the measure
alone. There is no statement on what is in doubt, or where too many people are in no category. A category is called the
largest or the smallest only where the next one is printed otherwise.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping

from rmrp_analysis.figures import FEW, NOT_COUNTED
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.page.formatter import PLACE_DIMENSIONS, SheetFormatter
from rmrp_analysis.page.late_reports import format_missing_reports
from rmrp_analysis.vocabulary import FINDING_BY_GROUP, NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, labels, plan_lists
from rmrp_analysis.words import N_, Statement, claims_of

GROUP_BREAKDOWN_NAME, AGE_BREAKDOWN_NAME = "people_reached_by_population_group", "people_reached_by_age_gender"
"""Breakdowns of the people reached by population group, and by age and gender."""
MONTH_BREAKDOWN_NAME, MODEL_BREAKDOWN_NAME = "people_reached_by_month", "people_reached_by_model"
"""Breakdowns of the people reached by month, and by model of counting people of several sectors."""
INDICATOR_BREAKDOWN_NAME = "activities_by_indicator"
"""The breakdown of reported activities by indicator."""
UNRANKED_CATEGORIES = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL)
"""Categories for what belongs to no single place or group; none of them is called the largest."""

MIN_PEAK_RATIO = 1.25  # a month is a peak from this multiple of the mean month
MIN_CHILDREN_SHARE = 0.6  # from this share of the people reached, children are the finding on age and gender
PACE_TOLERANCE_SHARE = 0.01  # a month within this share of the pace neither meets nor misses it
MIN_CHANGE_SHARE = 0.1  # a smaller change, as a share of the earlier number, is not printed
MIN_SHARE_OF_NAMED_CATEGORY = 0.1  # a group or place with a smaller share of the total is not called furthest behind
MIN_LARGEST_DONOR_SHARE = 0.2  # from this share of the funding, the largest donor's share is printed
MAX_SHARE_IN_NO_GROUP = 0.05  # with more people in no group, no share of a group is printed: they may be in any
MAX_GROUP_EXCESS_SHARE = 0.01  # with groups above the people reached by more, none either: some are in two
MIN_COMPARED_SECTORS = 8  # a sector is called the first or the last among at least this many
MIN_RISE_SAID_AS_MULTIPLE = 3  # above this multiple, an increase is printed as *times as many*, else as a share
MIN_RANKED_CATEGORIES = 3  # a category is called the first or the last among at least this many

Candidates = Callable[[SheetFormatter], Iterator[str]]
"""Yields statements that hold, the strongest first; an empty one is passed over."""


def choose_finding(formatter: SheetFormatter, chart: str, *, headline: Collection[Claim] = ()) -> str:
    """Return the strongest statement of a chart that holds, with its claims; empty where there is none.

    ``headline`` are the claims of the headline: a statement that repeats one of them, other than a count, is passed
    over.
    """
    headline_claims = {headline_claim for headline_claim in headline if headline_claim.unit != "count"}
    new_statements = (
        statement
        for statement in FINDERS_BY_CHART[chart](formatter)
        if statement and not headline_claims & {*claims_of(statement)}
    )
    return next(new_statements, "")


def choose_strongest(formatter: SheetFormatter, candidates: Candidates) -> str:
    """Return the first statement that holds; empty where none does."""
    return next(filter(None, candidates(formatter)), "")


def find_place_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield, strongest first: the least funded platform, the place furthest behind, where most people and money are.

    The last statement is on the country with most funding. One that does not hold is left out or empty.
    """
    required = formatter.breakdown("requirement_usd_by_platform").values()
    funded = formatter.breakdown("funding_usd_by_platform").values()
    shares = {
        platform: funded[platform] / required[platform]
        for platform in plan_lists().platforms
        if required.get(platform) and platform in funded
    }
    least_funded_platform, _ = find_extreme(formatter, shares, least=True)
    if least_funded_platform and _ < 1:
        figure = "funding_usd_by_platform"
        usd = funded[least_funded_platform]
        base = required[least_funded_platform]
        requirement = f"requirement_usd_by_platform[{least_funded_platform}]"
        share = formatter.format_claim(
            figure, usd, "share", part=least_funded_platform, base=base, compared_with=requirement
        )
        sentence = N_("{platform} is the least funded: {share} of what it needs")
        yield formatter.translate(sentence, platform=capitalise_place(formatter, least_funded_platform), share=share)
    yield _format_furthest_behind(formatter, *PLACE_DIMENSIONS)
    kind, place, people = find_leading_place(formatter)
    funded_place, usd = find_leading_category(formatter, "funding_usd_by_platform", excluded=())
    in_place = format_place_with_most_people(formatter)
    for_place = _format_leading_funding(formatter, "platform")
    if place and place == funded_place:
        in_print = {
            "people": formatter.format_category_share(f"people_reached_by_{kind}", place, people),
            "funding": formatter.format_category_share("funding_usd_by_platform", place, usd),
        }
        sentence = N_("{platform} accounts for {people} of people reached and {funding} of funding")
        yield formatter.translate(sentence, platform=capitalise_place(formatter, place), **in_print)
    elif in_place and for_place:
        funding_clause = f"{for_place[:1].lower()}{for_place[1:]}"
        yield formatter.join_texts([in_place, Statement(funding_clause, claims_of(for_place))])
    yield in_place or for_place
    yield _format_leading_funding(formatter, "country")


def find_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> tuple[str, str]:
    """Return the name of the category with the smallest reached share of its target, and that share with its claim.

    It is of the first of these dimensions (by default places, then population groups) where this share is below 1 and
    the category has at least ``MIN_SHARE_OF_NAMED_CATEGORY`` of all targets. Both are empty where there is none.
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
            category_target = targets[part]
            text = formatter.format_claim(
                f"people_reached_by_{dimension}",
                share * category_target,
                "share",
                part=part,
                base=category_target,
                compared_with=f"target_by_{dimension}[{part}]",
            )
        return formatter.category_name(part, dimension), text
    return "", ""


def _find_shares_of_targets(
    formatter: SheetFormatter, dimension: str, target_by_category: Mapping[str, float]
) -> Mapping[str, float]:
    """Return by category the share of its target that was reached; categories without a target are left out.

    Empty where the people reached are not reliable. It is empty, too, if a place with a target has no share or few
    people; or, for groups, if a group has few people or the period does not begin in January.
    """
    reached = f"people_reached_by_{dimension}"
    if not formatter.is_reliable(reached):
        return {}
    if dimension in PLACE_DIMENSIONS:
        of_places = formatter.breakdown(f"target_coverage_by_{dimension}").cells
        shares = {cell.key: cell.value for cell in of_places if cell.value is not None and cell.status != FEW}
        wanted = {place for place, target in target_by_category.items() if target > 0 and place != NOT_SPECIFIED}
        return shares if wanted == {*shares} else {}
    groups = formatter.breakdown(reached)
    if not formatter.is_year_to_date or any(cell.status == FEW for cell in groups.cells if cell.key != NOT_SPECIFIED):
        return {}
    people = groups.values()
    return {group: people.get(group, 0.0) / target for group, target in target_by_category.items() if target}


def _format_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> str:
    """Write which category of these dimensions is furthest behind its target; empty where none is."""
    category_name, reached_share_text = find_furthest_behind(formatter, *dimensions)
    if not category_name:
        return ""
    return formatter.translate(
        "{group}: furthest behind, at {share} of target", group=category_name, share=reached_share_text
    )


def format_place_with_most_people(formatter: SheetFormatter) -> str:
    """Write which place has most of the people reached, with its share; empty where no place leads, or one has all.

    The place is that of ``find_leading_place``.
    """
    kind, place, people = find_leading_place(formatter)
    if not place or people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    share = formatter.format_category_share(f"people_reached_by_{kind}", place, people)
    return formatter.translate(
        "{platform} accounts for {share} of people reached", platform=capitalise_place(formatter, place), share=share
    )


def find_leading_place(formatter: SheetFormatter) -> tuple[str, str, float]:
    """Return the dimension and key of the place with most of the people reached, and their number.

    The dimension is the first of country, platform and admin1 that the sheet has, empty where it has none. Where no
    place leads, the key is empty and the number 0.
    """
    for kind in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        name = f"people_reached_by_{kind}"
        if name in formatter.key_figures.breakdowns:
            return kind, *find_leading_category(formatter, name)
    return "", "", 0.0


def _format_leading_funding(formatter: SheetFormatter, place_dimension: str) -> str:
    """Write the share of the funding for the place that has most of it; ``place_dimension`` is its dimension.

    Where regional money leads, it is said to be assigned to no single country. Empty where no place leads, where one
    has all, and where most of the money names none.
    """
    place, usd = find_leading_category(formatter, f"funding_usd_by_{place_dimension}", excluded=())
    funding_usd = formatter.key_figures.value("funding_usd") or 0
    if not place or place == NOT_SPECIFIED or usd >= funding_usd:
        return ""
    share = formatter.format_category_share(f"funding_usd_by_{place_dimension}", place, usd)
    if place == REGIONAL:
        return formatter.translate("{share} of funding is not assigned to a single country", share=share)
    name = labels.place_in_sentence(place, formatter.language)
    return formatter.translate("{share} of funding is for {platform}", platform=name, share=share)


def capitalise_place(formatter: SheetFormatter, place: str) -> str:
    """Return the name of a place with its article and a capital letter, to begin a sentence."""
    name = labels.place_in_sentence(place, formatter.language)
    return name[:1].upper() + name[1:]


def find_gap_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the place with most of the people still to reach, where it has a large share of them.

    Yields nothing where no place leads, or the people reached are in doubt.
    """
    name = f"people_to_reach_by_{formatter.place_dimension}"
    rest = {place: people for place, people in formatter.breakdown(name).values().items() if people > 0}
    place, people = find_extreme(formatter, rest, unit="people")
    if (
        place
        and not formatter.key_figures.in_doubt("people_reached")
        and people >= MIN_SHARE_OF_NAMED_CATEGORY * sum(rest.values())
    ):
        sentence = N_("{share} of the people still to reach in these places are in")
        total = sum(rest.values())
        share = formatter.format_claim(
            name, people, "share", part=place, base=total, compared_with=f"{name}[{'+'.join(rest)}]"
        )
        yield formatter.append_place(formatter.translate(sentence, share=share), place)


def find_month_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield how many months missed the pace of the target, the change on the previous year, and a peak.

    A peak is a month of at least ``MIN_PEAK_RATIO`` times the mean. What does not hold is left out or empty.
    """
    values = formatter.breakdown(MONTH_BREAKDOWN_NAME).values()
    yield _format_missed_pace(formatter, values)
    yield format_change_on_year_before(formatter)
    month, people = find_leading_category(formatter, MONTH_BREAKDOWN_NAME)
    if month and len(values) >= MIN_RANKED_CATEGORIES and people >= MIN_PEAK_RATIO * sum(values.values()) / len(values):
        share = formatter.format_category_share(MONTH_BREAKDOWN_NAME, month, people)
        yield formatter.translate(
            "Peak in {month}: {share} of people reached", month=formatter.month_name(month), share=share
        )


def _format_missed_pace(formatter: SheetFormatter, people_by_month: Mapping[str, float]) -> str:
    """Write how many months missed the pace that the target needs, of the people reached by month.

    Empty where most months met it, a month is too near to it, the target is reached as fast as the year passes, or
    pace and months count different people.
    """
    pace, months = formatter.target_pace, len(formatter.key_figures.period.months)
    if (
        pace is None
        or pace < 1
        or not people_by_month
        or not formatter.is_reach_comparable
        or not formatter.is_year_to_date
    ):
        return ""
    if any(
        abs(people - pace) < max(PACE_TOLERANCE_SHARE * pace, formatter.key_figures.base)
        for people in people_by_month.values()
    ):
        return ""
    met = sum(people > pace for people in people_by_month.values())
    coverage = formatter.key_figures.value("target_coverage")
    if met == len(people_by_month) or met > months / 2:
        return ""
    if coverage is None or coverage >= months / formatter.MONTHS_OF_A_PLAN:
        return ""
    sentence = N_("Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports")
    counts = {
        "missed": formatter.format_claim("months_below_pace", len(people_by_month) - met, "count"),
        "months": formatter.format_claim("months_counted", len(people_by_month), "count"),
    }
    target = formatter.key_figures.value("target") or 0.0
    months_of_plan = float(formatter.MONTHS_OF_A_PLAN)
    pace_text = formatter.format_claim("target", target, base=months_of_plan, compared_with="months_of_the_plan")
    return formatter.translate(sentence, pace=pace_text, **counts)


def format_change_on_year_before(formatter: SheetFormatter) -> str:
    """Write by what share reach rose or fell against the same months of the previous year; empty for a small change.

    Above ``MIN_RISE_SAID_AS_MULTIPLE`` times as many people, the multiple is written. Empty, too, where either number
    is missing or 0, or the people reached are in doubt.
    """
    people = formatter.key_figures.value("people_reached")
    people_year_before = formatter.key_figures.comparisons.people_year_before
    if not people or not people_year_before or formatter.key_figures.in_doubt("people_reached"):
        return ""
    change = people / people_year_before - 1
    if abs(change) < MIN_CHANGE_SHARE:
        return ""
    change_number_text = formatter.format_claim(
        "people_reached",
        people,
        "share",
        base=people_year_before,
        compared_with="people_year_before",
        text=_format_relative_change(formatter, people, people_year_before),
    )
    if people / people_year_before > MIN_RISE_SAID_AS_MULTIPLE:
        multiple_sentence = N_("More than {times} times as many people as in the same months a year before")
        return formatter.translate(multiple_sentence, times=change_number_text)
    rose = N_("{share} more people than in the same months a year before")
    fell = N_("{share} fewer people than in the same months a year before")
    return formatter.translate(rose if change > 0 else fell, share=change_number_text)


def _format_relative_change(formatter: SheetFormatter, people: float, people_before: float) -> str:
    """Write the change of people as a share of those before, without a sign; of a large rise, the multiple it exceeds.

    The multiple is a whole number.
    """
    if people / people_before > MIN_RISE_SAID_AS_MULTIPLE:
        return formatter.format_count(math.ceil(people / people_before) - 1)
    return formatter.format_share(abs(people / people_before - 1), 1)


def format_change_on_month_before(formatter: SheetFormatter) -> str:
    """Write by what share more or fewer people were newly reached in the last month than in the month before it.

    Of a large rise it is the multiple, as in ``format_change_on_year_before``. Empty for a small change, for few people
    or doubtful ones. A fall is written only where most partners have reported, with those who have not.
    """
    period_months = formatter.key_figures.period.months
    last_month_people, previous_month_people = _find_last_two_months(formatter)
    if (
        last_month_people is None
        or not previous_month_people
        or abs(last_month_people / previous_month_people - 1) < MIN_CHANGE_SHARE
    ):
        return ""
    month_name_by_placeholder = {
        "month": formatter.month_name(period_months[-1]),
        "before": formatter.month_name(period_months[-2]),
    }
    change_number_text = formatter.format_claim(
        MONTH_BREAKDOWN_NAME,
        last_month_people,
        "share",
        part=period_months[-1],
        base=previous_month_people,
        compared_with=f"{MONTH_BREAKDOWN_NAME}[{period_months[-2]}]",
        text=_format_relative_change(formatter, last_month_people, previous_month_people),
    )
    if last_month_people / previous_month_people > MIN_RISE_SAID_AS_MULTIPLE:
        change_template = N_("In {month}, more than {times} times as many people were newly reached as in {before}")
        return formatter.translate(change_template, times=change_number_text, **month_name_by_placeholder)
    if last_month_people > previous_month_people:
        change_template = N_("In {month}, {share} more people were newly reached than in {before}")
        return formatter.translate(change_template, share=change_number_text, **month_name_by_placeholder)
    if format_missing_reports(formatter):
        return ""
    if last_month_people:
        change_template = N_("In {month}, {share} fewer people were newly reached than in {before}")
        fall_sentence = formatter.translate(change_template, share=change_number_text, **month_name_by_placeholder)
    else:
        change_template = N_("In {month} nobody was newly reached, after {people} people in {before}")
        previous_people_text = formatter.format_claim(
            MONTH_BREAKDOWN_NAME, previous_month_people, part=period_months[-2]
        )
        fall_sentence = formatter.translate(change_template, people=previous_people_text, **month_name_by_placeholder)
    late_reports_text = format_missing_reports(formatter, min_late_share=0.0)
    return (
        formatter.translate("{told}; {late}", told=fall_sentence, late=late_reports_text)
        if late_reports_text
        else fall_sentence
    )


def _find_last_two_months(formatter: SheetFormatter) -> tuple[float | None, float | None]:
    """Return the people newly reached in the last month and in the month before it; each is None if it has no use.

    That is a number that is missing, in doubt or of few people; the earlier one also if it is too small for shares.
    """
    period_months, month_breakdown = formatter.key_figures.period.months, formatter.breakdown(MONTH_BREAKDOWN_NAME)
    if len(period_months) < 2 or any(map(formatter.key_figures.in_doubt, (MONTH_BREAKDOWN_NAME, "people_reached"))):
        return None, None
    people_by_month = {
        month_figure_value.key: month_figure_value.value
        for month_figure_value in month_breakdown.cells
        if month_figure_value.status != FEW
    }
    last_month_people = people_by_month.get(period_months[-1])
    previous_month_people = people_by_month.get(period_months[-2])
    return (
        (last_month_people, None)
        if formatter.is_too_few_for_shares(previous_month_people)
        else (last_month_people, previous_month_people)
    )


def find_group_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield, strongest first: the group with most people still to reach, the one furthest behind, the largest one.

    The first has the people to reach a month, and is left out if the plan has no more months. A statement that does not
    hold is left out or empty.
    """
    targets = formatter.breakdown("target_by_population_group").values()
    reached_breakdown = formatter.breakdown(GROUP_BREAKDOWN_NAME)
    shares = _find_shares_of_targets(formatter, "population_group", targets)
    people = reached_breakdown.values()
    rest = {group: targets[group] - people.get(group, 0.0) for group in shares}
    group, gap = find_extreme(formatter, rest, unit="people")
    if gap > 0 and formatter.remaining_months:
        of_group = f"target_by_population_group less {GROUP_BREAKDOWN_NAME}"
        months_left = float(formatter.remaining_months)
        numbers = {
            "people": formatter.format_claim(of_group, gap, part=group),
            "pace": formatter.format_claim(of_group, gap, part=group, base=months_left, compared_with="months_left"),
        }
        name = formatter.category_name(group, "population_group")
        yield formatter.translate("{group}: {people} to reach, {pace} a month", group=name, **numbers)
    yield _format_furthest_behind(formatter, "population_group")
    yield format_largest_group(formatter)


def format_largest_group(formatter: SheetFormatter, breakdown: str = GROUP_BREAKDOWN_NAME) -> str:
    """Write the share of the group with most people; empty where none leads, one has all, or many are in no group."""
    group, people = (
        find_leading_category(formatter, breakdown) if _has_reliable_groups(formatter, breakdown) else ("", 0.0)
    )
    if not group or people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    return formatter.translate(FINDING_BY_GROUP[group], share=formatter.format_category_share(breakdown, group, people))


def find_age_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the share of children where it is large, the share of women and girls, and the largest group.

    A statement that does not hold is left out or empty.
    """
    if share := format_share_of_ages(formatter, "girls", "boys", least=MIN_CHILDREN_SHARE):
        yield formatter.translate("{share} of people reached are children", share=share)
    if share := format_share_of_ages(formatter, "women", "girls"):
        yield formatter.translate("{share} of people reached are women and girls", share=share)
    yield format_largest_group(formatter, AGE_BREAKDOWN_NAME)


def format_share_of_ages(formatter: SheetFormatter, *groups: str, least: float = 0.0) -> str:
    """Format the share of these groups together in the people reached; empty where it is 0, below ``least``, or 1.

    Empty, too, where the breakdown is not reliable, or women, girls or boys have no number.
    """
    values = formatter.breakdown(AGE_BREAKDOWN_NAME).values()
    total = formatter.key_figures.value("people_reached") or 0.0
    if not _has_reliable_groups(formatter, AGE_BREAKDOWN_NAME) or not {"women", "girls", "boys"} <= set(values):
        return ""
    people = sum(values[group] for group in groups)
    is_told = 0 < people < total and people >= least * total
    return formatter.format_category_share(AGE_BREAKDOWN_NAME, "+".join(groups), people) if is_told else ""


def _has_reliable_groups(formatter: SheetFormatter, breakdown: str) -> bool:
    """Tell whether nearly all people reached are in exactly one group of a breakdown, so that shares of groups hold."""
    total = formatter.key_figures.value("people_reached") or 0.0
    return (
        formatter.is_reliable(breakdown)
        and -MAX_GROUP_EXCESS_SHARE * total <= formatter.sum_unassigned(breakdown) <= MAX_SHARE_IN_NO_GROUP * total
    )


def find_sector_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield, strongest first: the sector least funded, the one furthest behind, how many have no target, the largest.

    A statement that does not hold is left out or empty. Sectors without a target are counted only where fewer than
    ``MIN_COMPARED_SECTORS`` have one.
    """
    sector, share = find_extreme(formatter, formatter.key_figures.comparisons.funding_by_sector, least=True)
    if sector and share < 1:
        sentence = N_("{sector} is the least funded sector: {share} of what it needs")
        share_text = formatter.format_share_of_sector("funding_usd", sector, share)
        yield formatter.translate(sentence, sector=formatter.label(sector), share=share_text)
    yield format_sector_furthest_behind(formatter)
    targets = formatter.breakdown("target_by_sector")
    planned = len(targets.values())
    unplanned_sector_count = len(targets.cells) - planned
    if unplanned_sector_count and 0 < planned < MIN_COMPARED_SECTORS:  # too few for a rank
        count_text_by_placeholder = {
            "count": formatter.format_claim("sectors_without_target", unplanned_sector_count, "count"),
            "all": formatter.format_claim("sectors_with_people", len(targets.cells), "count"),
        }
        yield formatter.translate.plural(
            "One of {all} sectors has no target here",
            "{count} of {all} sectors have no target here",
            unplanned_sector_count,
            **count_text_by_placeholder,
        )
    yield _format_largest_sector(formatter)


def _format_largest_sector(formatter: SheetFormatter) -> str:
    """Write which sector reached most people, with their number; empty where none leads, or one reached everybody.

    Empty, too, where the number of any sector is in doubt or not counted.
    """
    cells = formatter.breakdown("people_reached_by_sector").cells
    in_doubt = formatter.key_figures.comparisons.sectors_in_doubt
    total = formatter.key_figures.value("people_reached") or 0.0
    if in_doubt or any(cell.caution or cell.doubt or cell.status == NOT_COUNTED for cell in cells):
        return ""
    people = {cell.key: cell.value for cell in cells if cell.value}
    sector, most = find_extreme(formatter, people, unit="people")
    if not sector or most >= total:
        return ""
    text = formatter.format_claim("people_reached_by_sector", most, part=sector)
    return formatter.translate(
        "{sector} reached the most people: {people}", sector=formatter.label(sector), people=text
    )


def format_sector_furthest_behind(formatter: SheetFormatter) -> str:
    """Write which sector reached the smallest share of its target; empty where too few sectors have one.

    Empty, too, where that sector reached its target, or the next share is printed alike.
    """
    shares = formatter.key_figures.comparisons.coverage_by_sector
    sector, share = find_extreme(formatter, shares, least=True)
    if not sector or share >= 1 or len(shares) < MIN_COMPARED_SECTORS:
        return ""
    sentence = N_("{sector} is furthest behind: {share} of its target, the lowest of the {count} sectors that have one")
    numbers = {
        "share": formatter.format_share_of_sector("target_coverage", sector, share),
        "count": formatter.format_claim("sectors_with_target", len(shares), "count"),
    }
    return formatter.translate(sentence, sector=formatter.label(sector), **numbers)


def find_model_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield between which numbers the models of all sectors lie; before it, if a model exceeds the sum, why it does.

    A model may leave people out, so the lower end is never below the people of the largest sector. Yields nothing where
    both ends are printed alike.
    """
    people = formatter.breakdown(MODEL_BREAKDOWN_NAME).values()
    of_sectors = formatter.breakdown("people_reached_by_sector").values()
    ends = [(value, MODEL_BREAKDOWN_NAME, model) for model, value in people.items()]
    least = min(ends, default=(0.0, "", ""))
    most = max(ends, default=(0.0, "", ""))
    # More than twice the base apart, however both are rounded.
    leaves_out = people.get("lower_bound", 0) - least[0] > 2 * formatter.key_figures.base
    sector, largest = max(of_sectors.items(), key=lambda item: item[1], default=("", 0.0))
    if largest > least[0]:
        least = (largest, "people_reached_by_sector", sector)
    if not least[0] or least[0] > most[0]:
        return
    if formatter.format_people(least[0]) == formatter.format_people(most[0]):
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
        sentence = N_("The total is between {least} and {most}; some ways of counting leave people out")
        yield formatter.translate(sentence, **numbers)
    sentence = N_(
        "The total is between {least} and {most}, depending on how people helped by several sectors are counted"
    )
    yield formatter.translate(sentence, **numbers)


def find_donor_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield that one donor gave everything, where this is so, and the share of the largest donor where it is large."""
    donor, usd = find_leading_category(formatter, "funding_usd_by_donor")
    if donor and len(formatter.breakdown("funding_usd_by_donor").cells) == 1:
        yield formatter.translate("One donor gave all of the funding")
    if donor and usd >= MIN_LARGEST_DONOR_SHARE * (formatter.key_figures.value("funding_usd") or 0.0):
        share = formatter.format_category_share("funding_usd_by_donor", donor, usd)
        yield formatter.translate("The largest donor gave {share} of the funding", share=share)


def find_leading_category(
    formatter: SheetFormatter, breakdown: str, excluded: tuple[str, ...] = UNRANKED_CATEGORIES
) -> tuple[str, float]:
    """Return the category with most of a figure, and its value; ("", 0.0) where none leads for certain.

    None does in a tie, where the breakdown is not reliable, where a value is below 0 or above the total, or where too
    much of the figure is in no category. Categories ``excluded`` never lead.
    """
    parts = formatter.breakdown(breakdown)
    total = formatter.key_figures.value(parts.definition.figure) if parts.cells else None
    if not total or total < 0 or not formatter.is_reliable(breakdown):
        return "", 0.0
    values = {key: value for key, value in parts.values().items() if key not in excluded}
    placed = total - sum(max(parts.values().get(key, 0.0), 0.0) for key in excluded)
    enough = (1 - formatter.key_figures.method.cautions.not_specified) * total
    if any(value < 0 or value > total for value in values.values()) or placed < enough:
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

    ("", 0.0) where the next one is printed alike in this ``unit``, or there are fewer than ``min_ranked`` categories.
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
