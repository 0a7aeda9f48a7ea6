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
    required_usd_by_platform = formatter.breakdown("requirement_usd_by_platform").values()
    funded_usd_by_platform = formatter.breakdown("funding_usd_by_platform").values()
    funded_share_by_platform = {
        platform: funded_usd_by_platform[platform] / required_usd_by_platform[platform]
        for platform in plan_lists().platforms
        if required_usd_by_platform.get(platform) and platform in funded_usd_by_platform
    }
    least_funded_platform, funded_share = find_extreme(formatter, funded_share_by_platform, least=True)
    if least_funded_platform and funded_share < 1:
        breakdown_name = "funding_usd_by_platform"
        funding_usd = funded_usd_by_platform[least_funded_platform]
        required_usd = required_usd_by_platform[least_funded_platform]
        requirement_claim_name = f"requirement_usd_by_platform[{least_funded_platform}]"
        funded_share_text = formatter.format_claim(
            breakdown_name,
            funding_usd,
            "share",
            part=least_funded_platform,
            base=required_usd,
            compared_with=requirement_claim_name,
        )
        place_sentence = N_("{platform} is the least funded: {share} of what it needs")
        yield formatter.translate(
            place_sentence, platform=capitalise_place(formatter, least_funded_platform), share=funded_share_text
        )
    yield _format_furthest_behind(formatter, *PLACE_DIMENSIONS)
    place_dimension, leading_place, people_in_place = find_leading_place(formatter)
    best_funded_place, funding_usd = find_leading_category(formatter, "funding_usd_by_platform", excluded=())
    people_statement = format_place_with_most_people(formatter)
    funding_statement = _format_leading_funding(formatter, "platform")
    if leading_place and leading_place == best_funded_place:
        share_text_by_placeholder = {
            "people": formatter.format_category_share(
                f"people_reached_by_{place_dimension}", leading_place, people_in_place
            ),
            "funding": formatter.format_category_share("funding_usd_by_platform", leading_place, funding_usd),
        }
        place_sentence = N_("{platform} accounts for {people} of people reached and {funding} of funding")
        yield formatter.translate(
            place_sentence, platform=capitalise_place(formatter, leading_place), **share_text_by_placeholder
        )
    elif people_statement and funding_statement:
        funding_clause = f"{funding_statement[:1].lower()}{funding_statement[1:]}"
        yield formatter.join_texts([people_statement, Statement(funding_clause, claims_of(funding_statement))])
    yield people_statement or funding_statement
    yield _format_leading_funding(formatter, "country")


def find_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> tuple[str, str]:
    """Return the name of the category with the smallest reached share of its target, and that share with its claim.

    It is of the first of these dimensions (by default places, then population groups) where this share is below 1 and
    the category has at least ``MIN_SHARE_OF_NAMED_CATEGORY`` of all targets. Both are empty where there is none.
    """
    for dimension in dimensions or (*PLACE_DIMENSIONS, "population_group"):
        target_by_category = formatter.breakdown(f"target_by_{dimension}").values()
        furthest_category, reached_share = find_extreme(
            formatter, _find_shares_of_targets(formatter, dimension, target_by_category), least=True
        )
        has_reliable_shares = dimension in PLACE_DIMENSIONS or _has_reliable_groups(
            formatter, f"people_reached_by_{dimension}"
        )
        if not furthest_category or not has_reliable_shares or reached_share >= 1:
            continue
        if target_by_category[furthest_category] < MIN_SHARE_OF_NAMED_CATEGORY * sum(target_by_category.values()):
            continue
        if f"target_coverage_by_{dimension}" in formatter.key_figures.breakdowns:
            reached_share_text = formatter.format_claim(
                f"target_coverage_by_{dimension}", reached_share, "share", part=furthest_category
            )
        else:
            category_target = target_by_category[furthest_category]
            reached_share_text = formatter.format_claim(
                f"people_reached_by_{dimension}",
                reached_share * category_target,
                "share",
                part=furthest_category,
                base=category_target,
                compared_with=f"target_by_{dimension}[{furthest_category}]",
            )
        return formatter.category_name(furthest_category, dimension), reached_share_text
    return "", ""


def _find_shares_of_targets(
    formatter: SheetFormatter, dimension: str, target_by_category: Mapping[str, float]
) -> Mapping[str, float]:
    """Return by category the share of its target that was reached; categories without a target are left out.

    Empty where the people reached are not reliable. It is empty, too, if a place with a target has no share or few
    people; or, for groups, if a group has few people or the period does not begin in January.
    """
    reached_breakdown_name = f"people_reached_by_{dimension}"
    if not formatter.is_reliable(reached_breakdown_name):
        return {}
    if dimension in PLACE_DIMENSIONS:
        coverage_figure_values = formatter.breakdown(f"target_coverage_by_{dimension}").cells
        share_by_place = {
            figure_value.key: figure_value.value
            for figure_value in coverage_figure_values
            if figure_value.value is not None and figure_value.status != FEW
        }
        places_with_target = {
            place for place, target_people in target_by_category.items() if target_people > 0 and place != NOT_SPECIFIED
        }
        return share_by_place if places_with_target == {*share_by_place} else {}
    group_breakdown = formatter.breakdown(reached_breakdown_name)
    if not formatter.is_year_to_date or any(
        figure_value.status == FEW for figure_value in group_breakdown.cells if figure_value.key != NOT_SPECIFIED
    ):
        return {}
    people_by_group = group_breakdown.values()
    return {
        group: people_by_group.get(group, 0.0) / target_people
        for group, target_people in target_by_category.items()
        if target_people
    }


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
    place_dimension, leading_place, people_in_place = find_leading_place(formatter)
    if not leading_place or people_in_place >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    place_share_text = formatter.format_category_share(
        f"people_reached_by_{place_dimension}", leading_place, people_in_place
    )
    return formatter.translate(
        "{platform} accounts for {share} of people reached",
        platform=capitalise_place(formatter, leading_place),
        share=place_share_text,
    )


def find_leading_place(formatter: SheetFormatter) -> tuple[str, str, float]:
    """Return the dimension and key of the place with most of the people reached, and their number.

    The dimension is the first of country, platform and admin1 that the sheet has, empty where it has none. Where no
    place leads, the key is empty and the number 0.
    """
    for place_dimension in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        breakdown_name = f"people_reached_by_{place_dimension}"
        if breakdown_name in formatter.key_figures.breakdowns:
            return place_dimension, *find_leading_category(formatter, breakdown_name)
    return "", "", 0.0


def _format_leading_funding(formatter: SheetFormatter, place_dimension: str) -> str:
    """Write the share of the funding for the place that has most of it; ``place_dimension`` is its dimension.

    Where regional money leads, it is said to be assigned to no single country. Empty where no place leads, where one
    has all, and where most of the money names none.
    """
    leading_place, place_usd = find_leading_category(formatter, f"funding_usd_by_{place_dimension}", excluded=())
    funding_usd = formatter.key_figures.value("funding_usd") or 0
    if not leading_place or leading_place == NOT_SPECIFIED or place_usd >= funding_usd:
        return ""
    funding_share_text = formatter.format_category_share(f"funding_usd_by_{place_dimension}", leading_place, place_usd)
    if leading_place == REGIONAL:
        return formatter.translate("{share} of funding is not assigned to a single country", share=funding_share_text)
    place_name = labels.place_in_sentence(leading_place, formatter.language)
    return formatter.translate("{share} of funding is for {platform}", platform=place_name, share=funding_share_text)


def capitalise_place(formatter: SheetFormatter, place: str) -> str:
    """Return the name of a place with its article and a capital letter, to begin a sentence."""
    place_name = labels.place_in_sentence(place, formatter.language)
    return place_name[:1].upper() + place_name[1:]


def find_gap_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the place with most of the people still to reach, where it has a large share of them.

    Yields nothing where no place leads, or the people reached are in doubt.
    """
    breakdown_name = f"people_to_reach_by_{formatter.place_dimension}"
    people_to_reach_by_place = {
        place: people_to_reach
        for place, people_to_reach in formatter.breakdown(breakdown_name).values().items()
        if people_to_reach > 0
    }
    place, people_to_reach = find_extreme(formatter, people_to_reach_by_place, unit="people")
    if (
        place
        and not formatter.key_figures.in_doubt("people_reached")
        and people_to_reach >= MIN_SHARE_OF_NAMED_CATEGORY * sum(people_to_reach_by_place.values())
    ):
        gap_sentence = N_("{share} of the people still to reach in these places are in")
        total_people_to_reach = sum(people_to_reach_by_place.values())
        gap_share_text = formatter.format_claim(
            breakdown_name,
            people_to_reach,
            "share",
            part=place,
            base=total_people_to_reach,
            compared_with=f"{breakdown_name}[{'+'.join(people_to_reach_by_place)}]",
        )
        yield formatter.append_place(formatter.translate(gap_sentence, share=gap_share_text), place)


def find_month_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield how many months missed the pace of the target, the change on the previous year, and a peak.

    A peak is a month of at least ``MIN_PEAK_RATIO`` times the mean. What does not hold is left out or empty.
    """
    people_by_month = formatter.breakdown(MONTH_BREAKDOWN_NAME).values()
    yield _format_missed_pace(formatter, people_by_month)
    yield format_change_on_year_before(formatter)
    peak_month, peak_people = find_leading_category(formatter, MONTH_BREAKDOWN_NAME)
    if (
        peak_month
        and len(people_by_month) >= MIN_RANKED_CATEGORIES
        and peak_people >= MIN_PEAK_RATIO * sum(people_by_month.values()) / len(people_by_month)
    ):
        peak_share_text = formatter.format_category_share(MONTH_BREAKDOWN_NAME, peak_month, peak_people)
        yield formatter.translate(
            "Peak in {month}: {share} of people reached", month=formatter.month_name(peak_month), share=peak_share_text
        )


def _format_missed_pace(formatter: SheetFormatter, people_by_month: Mapping[str, float]) -> str:
    """Write how many months missed the pace that the target needs, of the people reached by month.

    Empty where most months met it, a month is too near to it, the target is reached as fast as the year passes, or
    pace and months count different people.
    """
    target_pace, period_month_count = formatter.target_pace, len(formatter.key_figures.period.months)
    if (
        target_pace is None
        or target_pace < 1
        or not people_by_month
        or not formatter.is_reach_comparable
        or not formatter.is_year_to_date
    ):
        return ""
    if any(
        abs(month_people - target_pace) < max(PACE_TOLERANCE_SHARE * target_pace, formatter.key_figures.base)
        for month_people in people_by_month.values()
    ):
        return ""
    met_month_count = sum(month_people > target_pace for month_people in people_by_month.values())
    target_coverage = formatter.key_figures.value("target_coverage")
    if met_month_count == len(people_by_month) or met_month_count > period_month_count / 2:
        return ""
    if target_coverage is None or target_coverage >= period_month_count / formatter.MONTHS_OF_A_PLAN:
        return ""
    pace_sentence = N_(
        "Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports"
    )
    count_text_by_placeholder = {
        "missed": formatter.format_claim("months_below_pace", len(people_by_month) - met_month_count, "count"),
        "months": formatter.format_claim("months_counted", len(people_by_month), "count"),
    }
    people_targeted = formatter.key_figures.value("target") or 0.0
    plan_month_count = float(formatter.MONTHS_OF_A_PLAN)
    target_pace_text = formatter.format_claim(
        "target", people_targeted, base=plan_month_count, compared_with="months_of_the_plan"
    )
    return formatter.translate(pace_sentence, pace=target_pace_text, **count_text_by_placeholder)


def format_change_on_year_before(formatter: SheetFormatter) -> str:
    """Write by what share reach rose or fell against the same months of the previous year; empty for a small change.

    Above ``MIN_RISE_SAID_AS_MULTIPLE`` times as many people, the multiple is written. Empty, too, where either number
    is missing or 0, or the people reached are in doubt.
    """
    people_reached = formatter.key_figures.value("people_reached")
    people_year_before = formatter.key_figures.comparisons.people_year_before
    if not people_reached or not people_year_before or formatter.key_figures.in_doubt("people_reached"):
        return ""
    relative_change = people_reached / people_year_before - 1
    if abs(relative_change) < MIN_CHANGE_SHARE:
        return ""
    change_number_text = formatter.format_claim(
        "people_reached",
        people_reached,
        "share",
        base=people_year_before,
        compared_with="people_year_before",
        text=_format_relative_change(formatter, people_reached, people_year_before),
    )
    if people_reached / people_year_before > MIN_RISE_SAID_AS_MULTIPLE:
        multiple_sentence = N_("More than {times} times as many people as in the same months a year before")
        return formatter.translate(multiple_sentence, times=change_number_text)
    rise_sentence = N_("{share} more people than in the same months a year before")
    fall_sentence = N_("{share} fewer people than in the same months a year before")
    return formatter.translate(rise_sentence if relative_change > 0 else fall_sentence, share=change_number_text)


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
    target_by_group = formatter.breakdown("target_by_population_group").values()
    reached_breakdown = formatter.breakdown(GROUP_BREAKDOWN_NAME)
    target_share_by_group = _find_shares_of_targets(formatter, "population_group", target_by_group)
    people_by_group = reached_breakdown.values()
    people_to_reach_by_group = {
        group: target_by_group[group] - people_by_group.get(group, 0.0) for group in target_share_by_group
    }
    group, largest_people_gap = find_extreme(formatter, people_to_reach_by_group, unit="people")
    if largest_people_gap > 0 and formatter.remaining_months:
        gap_claim_figure_name = f"target_by_population_group less {GROUP_BREAKDOWN_NAME}"
        remaining_months = float(formatter.remaining_months)
        gap_text_by_placeholder = {
            "people": formatter.format_claim(gap_claim_figure_name, largest_people_gap, part=group),
            "pace": formatter.format_claim(
                gap_claim_figure_name,
                largest_people_gap,
                part=group,
                base=remaining_months,
                compared_with="months_left",
            ),
        }
        group_name = formatter.category_name(group, "population_group")
        yield formatter.translate(
            "{group}: {people} to reach, {pace} a month", group=group_name, **gap_text_by_placeholder
        )
    yield _format_furthest_behind(formatter, "population_group")
    yield format_largest_group(formatter)


def format_largest_group(formatter: SheetFormatter, breakdown: str = GROUP_BREAKDOWN_NAME) -> str:
    """Write the share of the group with most people; empty where none leads, one has all, or many are in no group."""
    largest_group_key, group_people = (
        find_leading_category(formatter, breakdown) if _has_reliable_groups(formatter, breakdown) else ("", 0.0)
    )
    if not largest_group_key or group_people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    return formatter.translate(
        FINDING_BY_GROUP[largest_group_key],
        share=formatter.format_category_share(breakdown, largest_group_key, group_people),
    )


def find_age_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the share of children where it is large, the share of women and girls, and the largest group.

    A statement that does not hold is left out or empty.
    """
    if age_group_share_text := format_share_of_ages(formatter, "girls", "boys", least=MIN_CHILDREN_SHARE):
        yield formatter.translate("{share} of people reached are children", share=age_group_share_text)
    if age_group_share_text := format_share_of_ages(formatter, "women", "girls"):
        yield formatter.translate("{share} of people reached are women and girls", share=age_group_share_text)
    yield format_largest_group(formatter, AGE_BREAKDOWN_NAME)


def format_share_of_ages(formatter: SheetFormatter, *groups: str, least: float = 0.0) -> str:
    """Format the share of these groups together in the people reached; empty where it is 0, below ``least``, or 1.

    Empty, too, where the breakdown is not reliable, or women, girls or boys have no number.
    """
    people_by_group = formatter.breakdown(AGE_BREAKDOWN_NAME).values()
    total_people_reached = formatter.key_figures.value("people_reached") or 0.0
    if not _has_reliable_groups(formatter, AGE_BREAKDOWN_NAME) or not {"women", "girls", "boys"} <= set(
        people_by_group
    ):
        return ""
    people_in_groups = sum(people_by_group[group] for group in groups)
    is_share_notable = 0 < people_in_groups < total_people_reached and people_in_groups >= least * total_people_reached
    return (
        formatter.format_category_share(AGE_BREAKDOWN_NAME, "+".join(groups), people_in_groups)
        if is_share_notable
        else ""
    )


def _has_reliable_groups(formatter: SheetFormatter, breakdown: str) -> bool:
    """Tell whether nearly all people reached are in exactly one group of a breakdown, so that shares of groups hold."""
    people_reached = formatter.key_figures.value("people_reached") or 0.0
    return (
        formatter.is_reliable(breakdown)
        and -MAX_GROUP_EXCESS_SHARE * people_reached
        <= formatter.sum_unassigned(breakdown)
        <= MAX_SHARE_IN_NO_GROUP * people_reached
    )


def find_sector_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield, strongest first: the sector least funded, the one furthest behind, how many have no target, the largest.

    A statement that does not hold is left out or empty. Sectors without a target are counted only where fewer than
    ``MIN_COMPARED_SECTORS`` have one.
    """
    least_funded_sector, funded_share = find_extreme(
        formatter, formatter.key_figures.comparisons.funding_by_sector, least=True
    )
    if least_funded_sector and funded_share < 1:
        funding_sentence = N_("{sector} is the least funded sector: {share} of what it needs")
        funded_share_text = formatter.format_share_of_sector("funding_usd", least_funded_sector, funded_share)
        yield formatter.translate(
            funding_sentence, sector=formatter.label(least_funded_sector), share=funded_share_text
        )
    yield format_sector_furthest_behind(formatter)
    target_breakdown = formatter.breakdown("target_by_sector")
    planned_sector_count = len(target_breakdown.values())
    unplanned_sector_count = len(target_breakdown.cells) - planned_sector_count
    if unplanned_sector_count and 0 < planned_sector_count < MIN_COMPARED_SECTORS:  # too few for a rank
        count_text_by_placeholder = {
            "count": formatter.format_claim("sectors_without_target", unplanned_sector_count, "count"),
            "all": formatter.format_claim("sectors_with_people", len(target_breakdown.cells), "count"),
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
    sector_figure_values = formatter.breakdown("people_reached_by_sector").cells
    sectors_in_doubt = formatter.key_figures.comparisons.sectors_in_doubt
    people_reached = formatter.key_figures.value("people_reached") or 0.0
    if sectors_in_doubt or any(
        sector_figure_value.caution or sector_figure_value.doubt or sector_figure_value.status == NOT_COUNTED
        for sector_figure_value in sector_figure_values
    ):
        return ""
    people_by_sector = {
        sector_figure_value.key: sector_figure_value.value
        for sector_figure_value in sector_figure_values
        if sector_figure_value.value
    }
    leading_sector, leading_sector_people = find_extreme(formatter, people_by_sector, unit="people")
    if not leading_sector or leading_sector_people >= people_reached:
        return ""
    sector_people_text = formatter.format_claim("people_reached_by_sector", leading_sector_people, part=leading_sector)
    return formatter.translate(
        "{sector} reached the most people: {people}", sector=formatter.label(leading_sector), people=sector_people_text
    )


def format_sector_furthest_behind(formatter: SheetFormatter) -> str:
    """Write which sector reached the smallest share of its target; empty where too few sectors have one.

    Empty, too, where that sector reached its target, or the next share is printed alike.
    """
    target_share_by_sector = formatter.key_figures.comparisons.coverage_by_sector
    furthest_sector, target_share = find_extreme(formatter, target_share_by_sector, least=True)
    if not furthest_sector or target_share >= 1 or len(target_share_by_sector) < MIN_COMPARED_SECTORS:
        return ""
    sector_sentence = N_(
        "{sector} is furthest behind: {share} of its target, the lowest of the {count} sectors that have one"
    )
    text_by_placeholder = {
        "share": formatter.format_share_of_sector("target_coverage", furthest_sector, target_share),
        "count": formatter.format_claim("sectors_with_target", len(target_share_by_sector), "count"),
    }
    return formatter.translate(sector_sentence, sector=formatter.label(furthest_sector), **text_by_placeholder)


def find_model_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield between which numbers the models of all sectors lie; before it, if a model exceeds the sum, why it does.

    A model may leave people out, so the lower end is never below the people of the largest sector. Yields nothing where
    both ends are printed alike.
    """
    people_by_model = formatter.breakdown(MODEL_BREAKDOWN_NAME).values()
    people_by_sector = formatter.breakdown("people_reached_by_sector").values()
    people_figure_model_triples = [
        (people_count, MODEL_BREAKDOWN_NAME, model_name) for model_name, people_count in people_by_model.items()
    ]
    lowest_range_triple = min(people_figure_model_triples, default=(0.0, "", ""))
    highest_range_triple = max(people_figure_model_triples, default=(0.0, "", ""))
    # More than twice the base apart, however both are rounded.
    has_people_left_out = (
        people_by_model.get("lower_bound", 0) - lowest_range_triple[0] > 2 * formatter.key_figures.base
    )
    largest_sector, largest_sector_people = max(people_by_sector.items(), key=lambda item: item[1], default=("", 0.0))
    if largest_sector_people > lowest_range_triple[0]:
        lowest_range_triple = (largest_sector_people, "people_reached_by_sector", largest_sector)
    if not lowest_range_triple[0] or lowest_range_triple[0] > highest_range_triple[0]:
        return
    if formatter.format_people(lowest_range_triple[0]) == formatter.format_people(highest_range_triple[0]):
        return
    text_by_range_end = {
        end_name: formatter.format_claim(figure_name, people_count, part=category)
        for end_name, (people_count, figure_name, category) in {
            "least": lowest_range_triple,
            "most": highest_range_triple,
        }.items()
    }
    if highest_range_triple[0] > people_by_model.get("sum", highest_range_triple[0]):
        yield formatter.translate(
            "The age and gender groups add up to more than the people reported, so a count by groups is higher"
        )
    if has_people_left_out:
        range_sentence = N_("The total is between {least} and {most}; some ways of counting leave people out")
        yield formatter.translate(range_sentence, **text_by_range_end)
    range_sentence = N_(
        "The total is between {least} and {most}, depending on how people helped by several sectors are counted"
    )
    yield formatter.translate(range_sentence, **text_by_range_end)


def find_donor_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield that one donor gave everything, where this is so, and the share of the largest donor where it is large."""
    largest_donor, donor_usd = find_leading_category(formatter, "funding_usd_by_donor")
    if largest_donor and len(formatter.breakdown("funding_usd_by_donor").cells) == 1:
        yield formatter.translate("One donor gave all of the funding")
    if largest_donor and donor_usd >= MIN_LARGEST_DONOR_SHARE * (formatter.key_figures.value("funding_usd") or 0.0):
        donor_share_text = formatter.format_category_share("funding_usd_by_donor", largest_donor, donor_usd)
        yield formatter.translate("The largest donor gave {share} of the funding", share=donor_share_text)


def find_leading_category(
    formatter: SheetFormatter, breakdown: str, excluded: tuple[str, ...] = UNRANKED_CATEGORIES
) -> tuple[str, float]:
    """Return the category with most of a figure, and its value; ("", 0.0) where none leads for certain.

    None does in a tie, where the breakdown is not reliable, where a value is below 0 or above the total, or where too
    much of the figure is in no category. Categories ``excluded`` never lead.
    """
    figure_breakdown = formatter.breakdown(breakdown)
    figure_total = formatter.key_figures.value(figure_breakdown.definition.figure) if figure_breakdown.cells else None
    if not figure_total or figure_total < 0 or not formatter.is_reliable(breakdown):
        return "", 0.0
    value_by_category = {
        category: category_value
        for category, category_value in figure_breakdown.values().items()
        if category not in excluded
    }
    assigned_total = figure_total - sum(max(figure_breakdown.values().get(category, 0.0), 0.0) for category in excluded)
    min_assigned_total = (1 - formatter.key_figures.method.cautions.not_specified) * figure_total
    if (
        any(category_value < 0 or category_value > figure_total for category_value in value_by_category.values())
        or assigned_total < min_assigned_total
    ):
        return "", 0.0
    value_by_category = {
        category: category_value for category, category_value in value_by_category.items() if category_value > 0
    }
    return find_extreme(formatter, value_by_category, unit=figure_breakdown.unit, min_ranked=1)


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
    ranked_category_items = sorted(values.items(), key=lambda item: item[1] if least else -item[1])
    if len(ranked_category_items) < min_ranked or not ranked_category_items:
        return "", 0.0
    if len(ranked_category_items) > 1 and formatter.format_value(
        ranked_category_items[0][1], unit
    ) == formatter.format_value(ranked_category_items[1][1], unit):
        return "", 0.0
    return ranked_category_items[0]


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
