"""Findings of charts: the one sentence that a reader should take from each, chosen from ordered candidates.

The candidates of a chart are statements, the strongest first, each yielded only where the numbers support it with a
margin. The first is printed, with the claims of its numbers; without one, the title of the chart names the measure
alone. There is no statement on what is in doubt, or where too many people are in no category. A category is called the
largest or the smallest only where the next one is printed otherwise.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from rmrp_analysis.figures import FEW, NOT_COUNTED
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_missing_reports
from rmrp_analysis.vocabulary import GROUP_FINDINGS, NATIONAL_LEVEL, NOT_SPECIFIED, REGIONAL, labels, plan_lists
from rmrp_analysis.words import N_, Statement, claims_of

BY_GROUP, BY_AGE = "people_reached_by_population_group", "people_reached_by_age_gender"
BY_MONTH, BY_MODEL = "people_reached_by_month", "people_reached_by_model"
ACTIVITIES_BY_INDICATOR = "activities_by_indicator"
UNRANKED_CATEGORIES = (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL)
"""Categories for what belongs to no single place or group; none of them is called the largest."""
PLACE_KINDS = ("platform", "country", "admin1")

MIN_PEAK_RATIO = 1.25  # a month is a peak from this multiple of the mean month
MIN_CHILDREN_SHARE = 0.6  # from this share of the people reached, children are the finding on age and gender
PACE_TOLERANCE = 0.01  # a month within this share of the pace neither meets nor misses it
MIN_CHANGE = 0.1  # a smaller change, as a share of the earlier number, is not printed
MIN_SHARE_OF_TOTAL = 0.1  # a group or place with a smaller share of the total is not called furthest behind
MIN_LARGEST_DONOR_SHARE = 0.2  # from this share of the funding, the largest donor's share is printed
MAX_SHARE_IN_NO_GROUP = 0.05  # with more people in no group, no share of a group is printed: they may be in any
MAX_EXCESS_OF_GROUPS = 0.01  # nor where groups exceed the people by more: some people are in two of them
MIN_COMPARED_SECTORS = 8  # a sector is called the first or the last among at least this many
MIN_TIMES = 3  # from this multiple, an increase is printed as *times as many*, else as a share
MIN_RANKED = 3  # a category is called the first or the last among at least this many

Candidates = Callable[[SheetFormatter], Iterator[str]]
"""Yields statements that hold, the strongest first; an empty one is passed over."""


def choose_finding(formatter: SheetFormatter, chart: str, *, headline: Collection[Claim] = ()) -> str:
    """Return the finding of a chart; empty where no statement holds, or the headline has the numbers of all of them.

    ``headline`` are the claims of the headline: a statement with one of its numbers of people or money is passed over.
    """
    headline_claims = {claim for claim in headline if claim.unit != "count"}
    statements = (text for text in FINDINGS[chart](formatter) if text and not headline_claims & {*claims_of(text)})
    return next(statements, "")


def choose_strongest(formatter: SheetFormatter, candidates: Candidates) -> str:
    """Return the first statement that holds; empty where none does."""
    return next(filter(None, candidates(formatter)), "")


def find_place_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the place that is least funded, the one furthest behind, and where most people and most money are."""
    required = formatter.breakdown("requirement_usd_by_platform").values()
    funded = formatter.breakdown("funding_usd_by_platform").values()
    shares = {
        place: funded[place] / required[place]
        for place in plan_lists().platforms
        if required.get(place) and place in funded
    }
    platform, _ = find_extreme(formatter, shares, least=True)
    if platform:
        figure, usd, base = "funding_usd_by_platform", funded[platform], required[platform]
        requirement = f"requirement_usd_by_platform[{platform}]"
        share = formatter.format_claim(figure, usd, "share", part=platform, base=base, compared_with=requirement)
        sentence = N_("{platform} is the least funded: {share} of what it needs")
        yield formatter.translate(sentence, platform=capitalise_place(formatter, platform), share=share)
    yield _format_furthest_behind(formatter, *PLACE_KINDS)
    kind, place, people = find_leading_place(formatter)
    funded_place, usd = find_leading_category(formatter, "funding_usd_by_platform", excluded=())
    people_text = format_place_with_most_people(formatter)
    funding_text = _format_leading_funding(formatter, "platform")
    if place and place == funded_place:
        share_texts = {
            "people": formatter.format_category_share(f"people_reached_by_{kind}", place, people),
            "funding": formatter.format_category_share("funding_usd_by_platform", place, usd),
        }
        sentence = N_("{platform} accounts for {people} of people reached and {funding} of funding")
        yield formatter.translate(sentence, platform=capitalise_place(formatter, place), **share_texts)
    elif people_text and funding_text:
        clause = f"{funding_text[:1].lower()}{funding_text[1:]}"
        yield formatter.join_texts([people_text, Statement(clause, claims_of(funding_text))])
    yield people_text or funding_text
    yield _format_leading_funding(formatter, "country")


def find_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> tuple[str, str]:
    """Return the name of the category with the smallest reached share of its target, and that share with its claim.

    It is of the first of these dimensions (by default places, then population groups) in which a category with a large
    share of all targets is behind; both are empty where there is none.
    """
    for dimension in dimensions or (*PLACE_KINDS, "population_group"):
        targets = formatter.breakdown(f"target_by_{dimension}").values()
        category, share = find_extreme(formatter, _find_shares_of_targets(formatter, dimension, targets), least=True)
        is_reliable = dimension in PLACE_KINDS or _has_reliable_groups(formatter, f"people_reached_by_{dimension}")
        if not category or not is_reliable or share >= 1:
            continue
        if targets[category] < MIN_SHARE_OF_TOTAL * sum(targets.values()):
            continue
        if f"target_coverage_by_{dimension}" in formatter.key_figures.breakdowns:
            text = formatter.format_claim(f"target_coverage_by_{dimension}", share, "share", part=category)
        else:
            base = targets[category]
            text = formatter.format_claim(
                f"people_reached_by_{dimension}",
                share * base,
                "share",
                part=category,
                base=base,
                compared_with=f"target_by_{dimension}[{category}]",
            )
        return formatter.category_name(category, dimension), text
    return "", ""


def _find_shares_of_targets(
    formatter: SheetFormatter, dimension: str, targets: Mapping[str, float]
) -> Mapping[str, float]:
    """Return by category the share of its target that was reached.

    Empty where the share of a place with a target is not known, or is of few people.
    """
    reached = f"people_reached_by_{dimension}"
    if not formatter.is_reliable(reached):
        return {}
    if dimension in PLACE_KINDS:
        cells = formatter.breakdown(f"target_coverage_by_{dimension}").cells
        shares = {cell.key: cell.value for cell in cells if cell.value is not None and cell.status != FEW}
        places = {place for place, target in targets.items() if target > 0 and place != NOT_SPECIFIED}
        return shares if places == {*shares} else {}
    groups = formatter.breakdown(reached)
    if not formatter.is_year_to_date or any(cell.status == FEW for cell in groups.cells if cell.key != NOT_SPECIFIED):
        return {}
    people = groups.values()
    return {group: people.get(group, 0.0) / target for group, target in targets.items() if target}


def _format_furthest_behind(formatter: SheetFormatter, *dimensions: str) -> str:
    """Write which category of these dimensions is furthest behind its target; empty where none is."""
    name, share = find_furthest_behind(formatter, *dimensions)
    if not name:
        return ""
    return formatter.translate("{group}: furthest behind, at {share} of target", group=name, share=share)


def format_place_with_most_people(formatter: SheetFormatter) -> str:
    """Write which place has most of the people reached, with its share; empty where no place leads, or one has all.

    The place is a platform; on a platform's own sheet it is a country or an admin1.
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

    Empty texts and 0 where no place leads.
    """
    for kind in ("country", "platform", "admin1"):  # an organisation's sheet may have both of the first
        name = f"people_reached_by_{kind}"
        if name in formatter.key_figures.breakdowns:
            return kind, *find_leading_category(formatter, name)
    return "", "", 0.0


def _format_leading_funding(formatter: SheetFormatter, kind: str) -> str:
    """Write the share of the funding for the place that has most of it; ``kind`` is the dimension of the place."""
    place, usd = find_leading_category(formatter, f"funding_usd_by_{kind}", excluded=())
    if not place:
        return ""
    share = formatter.format_category_share(f"funding_usd_by_{kind}", place, usd)
    if place == REGIONAL:
        return formatter.translate("{share} of funding is not assigned to a single country", share=share)
    name = labels.place_in_sentence(place, formatter.language)
    return formatter.translate("{share} of funding is for {platform}", platform=name, share=share)


def capitalise_place(formatter: SheetFormatter, place: str) -> str:
    """Return the name of a place with its article and a capital letter, to begin a sentence."""
    name = labels.place_in_sentence(place, formatter.language)
    return name[:1].upper() + name[1:]


def find_gap_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the place with most of the people still to reach, where it has a large share of them."""
    name = f"people_to_reach_by_{formatter.place_dimension}"
    rest = {place: people for place, people in formatter.breakdown(name).values().items() if people > 0}
    place, people = find_extreme(formatter, rest, unit="people")
    if (
        place
        and not formatter.key_figures.in_doubt("people_reached")
        and people >= MIN_SHARE_OF_TOTAL * sum(rest.values())
    ):
        sentence = N_("{share} of the people still to reach in these places are in")
        total = sum(rest.values())
        share = formatter.format_claim(
            name, people, "share", part=place, base=total, compared_with=f"{name}[{'+'.join(rest)}]"
        )
        yield formatter.append_place(formatter.translate(sentence, share=share), place)


def find_month_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield how many months missed the pace of the target, the change on the previous year, and a peak."""
    values = formatter.breakdown(BY_MONTH).values()
    yield _format_missed_pace(formatter, values)
    yield format_change_on_year_before(formatter)
    month, people = find_leading_category(formatter, BY_MONTH)
    if month and len(values) >= MIN_RANKED and people >= MIN_PEAK_RATIO * sum(values.values()) / len(values):
        share = formatter.format_category_share(BY_MONTH, month, people)
        yield formatter.translate(
            "Peak in {month}: {share} of people reached", month=formatter.month_name(month), share=share
        )


def _format_missed_pace(formatter: SheetFormatter, values: Mapping[str, float]) -> str:
    """Write how many months missed the pace that the target needs; ``values`` are people reached by month.

    Empty where most months met it, where a month is too near to it, or where pace and months count different people.
    """
    pace, month_count = formatter.target_pace, len(formatter.key_figures.period.months)
    if pace is None or pace < 1 or not values or not formatter.is_reach_comparable or not formatter.is_year_to_date:
        return ""
    if any(abs(people - pace) < max(PACE_TOLERANCE * pace, formatter.key_figures.base) for people in values.values()):
        return ""
    months_met = sum(people > pace for people in values.values())
    coverage = formatter.key_figures.value("target_coverage")
    if months_met == len(values) or months_met > month_count / 2:
        return ""
    if coverage is None or coverage >= month_count / formatter.MONTHS_OF_A_PLAN:
        return ""
    sentence = N_("Fewer than the {pace} a month that the target needs, in {missed} of {months} months with reports")
    counts = {
        "missed": formatter.format_claim("months_below_pace", len(values) - months_met, "count"),
        "months": formatter.format_claim("months_counted", len(values), "count"),
    }
    target = formatter.key_figures.value("target") or 0.0
    months_of_plan = float(formatter.MONTHS_OF_A_PLAN)
    pace_text = formatter.format_claim("target", target, base=months_of_plan, compared_with="months_of_the_plan")
    return formatter.translate(sentence, pace=pace_text, **counts)


def format_change_on_year_before(formatter: SheetFormatter) -> str:
    """Write by what share reach rose or fell against the same months of the previous year; empty for a small change."""
    people = formatter.key_figures.value("people_reached")
    previous = formatter.key_figures.comparisons.people_year_before
    if not people or not previous or formatter.key_figures.in_doubt("people_reached"):
        return ""
    change = people / previous - 1
    rose = N_("{share} more people than in the same months a year before")
    fell = N_("{share} fewer people than in the same months a year before")
    sentence = rose if change > 0 else fell
    if abs(change) < MIN_CHANGE:
        return ""
    text = formatter.format_share(abs(change), 1)
    share = formatter.format_claim(
        "people_reached", people, "share", base=previous, compared_with="people_year_before", text=text
    )
    return formatter.translate(sentence, share=share)


def format_change_on_month_before(formatter: SheetFormatter) -> str:
    """Write how many more or fewer people were newly reached in the last month than in the month before it.

    Empty for a small change, for few people or doubtful ones. A fall is written only where most partners have reported,
    with those who have not.
    """
    months = formatter.key_figures.period.months
    people, previous = _find_last_two_months(formatter)
    if people is None or not previous or abs(people / previous - 1) < MIN_CHANGE:
        return ""
    names = {"month": formatter.month_name(months[-1]), "before": formatter.month_name(months[-2])}
    times = int(people / previous)
    is_multiple = times >= MIN_TIMES
    change = formatter.format_claim(
        BY_MONTH,
        people,
        "share",
        part=months[-1],
        base=previous,
        compared_with=f"{BY_MONTH}[{months[-2]}]",
        text=formatter.format_count(times) if is_multiple else formatter.format_share(abs(people / previous - 1), 1),
    )
    if is_multiple:
        sentence = N_("In {month}, more than {times} times as many people were newly reached as in {before}")
        return formatter.translate(sentence, times=change, **names)
    if people > previous:
        sentence = N_("In {month}, {share} more people were newly reached than in {before}")
        return formatter.translate(sentence, share=change, **names)
    if format_missing_reports(formatter):
        return ""
    if people:
        sentence = N_("In {month}, {share} fewer people were newly reached than in {before}")
        fall = formatter.translate(sentence, share=change, **names)
    else:
        sentence = N_("In {month} nobody was newly reached, after {people} people in {before}")
        previous_text = formatter.format_claim(BY_MONTH, previous, part=months[-2])
        fall = formatter.translate(sentence, people=previous_text, **names)
    late = format_missing_reports(formatter, min_late_share=0.0)
    return formatter.translate("{told}; {late}", told=fall, late=late) if late else fall


def _find_last_two_months(formatter: SheetFormatter) -> tuple[float | None, float | None]:
    """Return the people newly reached in the last month and in the month before it, None where they are not comparable.

    They are not where a month is missing, has few people, or is in doubt.
    """
    months, breakdown = formatter.key_figures.period.months, formatter.breakdown(BY_MONTH)
    if len(months) < 2 or any(map(formatter.key_figures.in_doubt, (BY_MONTH, "people_reached"))):
        return None, None
    values = {cell.key: cell.value for cell in breakdown.cells if cell.status != FEW}
    people, previous = values.get(months[-1]), values.get(months[-2])
    return (people, None) if formatter.is_too_few_for_shares(previous) else (people, previous)


def find_population_group_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the group with most people still to reach, the one furthest behind, and the largest group."""
    targets, reached = formatter.breakdown("target_by_population_group").values(), formatter.breakdown(BY_GROUP)
    shares, people = _find_shares_of_targets(formatter, "population_group", targets), reached.values()
    rest = {group: targets[group] - people.get(group, 0.0) for group in shares}
    group, gap = find_extreme(formatter, rest, unit="people")
    if gap > 0 and formatter.remaining_months:
        figure, remaining_months = f"target_by_population_group less {BY_GROUP}", float(formatter.remaining_months)
        numbers = {
            "people": formatter.format_claim(figure, gap, part=group),
            "pace": formatter.format_claim(figure, gap, part=group, base=remaining_months, compared_with="months_left"),
        }
        name = formatter.category_name(group, "population_group")
        yield formatter.translate("{group}: {people} to reach, {pace} a month", group=name, **numbers)
    yield _format_furthest_behind(formatter, "population_group")
    yield format_largest_group(formatter)


def format_largest_group(formatter: SheetFormatter, breakdown: str = BY_GROUP) -> str:
    """Write which group of a breakdown has most people; empty where too many are in no group, or one group has all."""
    group, people = (
        find_leading_category(formatter, breakdown) if _has_reliable_groups(formatter, breakdown) else ("", 0.0)
    )
    if not group or people >= (formatter.key_figures.value("people_reached") or 0):
        return ""
    return formatter.translate(GROUP_FINDINGS[group], share=formatter.format_category_share(breakdown, group, people))


def find_age_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the share of children where it is large, the share of women and girls, and the largest group."""
    if share := format_share_of_ages(formatter, "girls", "boys", least=MIN_CHILDREN_SHARE):
        yield formatter.translate("{share} of people reached are children", share=share)
    if share := format_share_of_ages(formatter, "women", "girls"):
        yield formatter.translate("{share} of people reached are women and girls", share=share)
    yield format_largest_group(formatter, BY_AGE)


def format_share_of_ages(formatter: SheetFormatter, *groups: str, least: float = 0.0) -> str:
    """Format the share of these groups together; empty where one has no value, or the share is below ``least`` or 1."""
    values, total = formatter.breakdown(BY_AGE).values(), formatter.key_figures.value("people_reached") or 0.0
    if not _has_reliable_groups(formatter, BY_AGE) or not {"women", "girls", "boys"} <= set(values):
        return ""
    people = sum(values[group] for group in groups)
    is_notable = 0 < people < total and people >= least * total
    return formatter.format_category_share(BY_AGE, "+".join(groups), people) if is_notable else ""


def _has_reliable_groups(formatter: SheetFormatter, breakdown: str) -> bool:
    """Tell whether nearly all people reached are in exactly one group of a breakdown, so that shares of groups hold."""
    total = formatter.key_figures.value("people_reached") or 0.0
    return (
        formatter.is_reliable(breakdown)
        and -MAX_EXCESS_OF_GROUPS * total <= formatter.sum_unassigned(breakdown) <= MAX_SHARE_IN_NO_GROUP * total
    )


def find_sector_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sector least funded, the one furthest behind, how many have no target, the one with most people."""
    sector, share = find_extreme(formatter, formatter.key_figures.comparisons.funding_by_sector, least=True)
    if sector:
        sentence = N_("{sector} is the least funded sector: {share} of what it needs")
        share_text = formatter.format_share_of_sector("funding_usd", sector, share)
        yield formatter.translate(sentence, sector=formatter.label(sector), share=share_text)
    yield format_sector_furthest_behind(formatter)
    targets = formatter.breakdown("target_by_sector")
    planned_count = len(targets.values())
    unplanned_count = len(targets.cells) - planned_count
    if 0 < planned_count < MIN_COMPARED_SECTORS:  # too few for a rank
        counts = {
            "count": formatter.format_claim("sectors_without_target", unplanned_count, "count"),
            "all": formatter.format_claim("sectors_with_people", len(targets.cells), "count"),
        }
        yield formatter.translate.plural(
            "one of {all} sectors has no target here",
            "{count} of {all} sectors have no target here",
            unplanned_count,
            **counts,
        )
    yield _format_sector_with_most_people(formatter)


def _format_sector_with_most_people(formatter: SheetFormatter) -> str:
    """Write which sector reached most people; empty where the number of any sector is in doubt or not counted."""
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
    return formatter.translate("{sector} reached most people: {people}", sector=formatter.label(sector), people=text)


def format_sector_furthest_behind(formatter: SheetFormatter) -> str:
    """Write which sector reached the smallest share of its target; empty where too few sectors have one."""
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
    """Yield how far apart the models of all sectors are, and whether they count the same people.

    A model may leave people out, so the lower end is never below the people of the largest sector.
    """
    people = formatter.breakdown(BY_MODEL).values()
    people_by_sector = formatter.breakdown("people_reached_by_sector").values()
    ends = [(value, BY_MODEL, model) for model, value in people.items()]
    lowest, highest = min(ends, default=(0.0, "", "")), max(ends, default=(0.0, "", ""))
    # More than twice the base apart, however both are rounded.
    leaves_people_out = people.get("lower_bound", 0) - lowest[0] > 2 * formatter.key_figures.base
    sector, largest = max(people_by_sector.items(), key=lambda item: item[1], default=("", 0.0))
    if largest > lowest[0]:
        lowest = (largest, "people_reached_by_sector", sector)
    if not lowest[0] or lowest[0] > highest[0]:
        return
    if formatter.format_people(lowest[0]) == formatter.format_people(highest[0]):
        return
    range_texts = {
        name: formatter.format_claim(figure, value, part=category)
        for name, (value, figure, category) in {"least": lowest, "most": highest}.items()
    }
    if highest[0] > people.get("sum", highest[0]):
        yield formatter.translate(
            "The age and gender groups add up to more than the people reported, so a count by groups is higher"
        )
    if leaves_people_out:
        sentence = N_("The total is between {least} and {most}; some ways of counting leave people out")
        yield formatter.translate(sentence, **range_texts)
    sentence = N_(
        "The total is between {least} and {most}, depending on how people helped by several sectors are counted"
    )
    yield formatter.translate(sentence, **range_texts)


def find_donor_statements(formatter: SheetFormatter) -> Iterator[str]:
    """Yield that one donor gave everything, and the share of the largest donor where it is large."""
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

    None does in a tie, where the breakdown is not reliable, or where too much of the figure is in no category.
    Categories ``excluded`` never lead.
    """
    table = formatter.breakdown(breakdown)
    total = formatter.key_figures.value(table.definition.figure) if table.cells else None
    if not total or total < 0 or not formatter.is_reliable(breakdown):
        return "", 0.0
    values = {category: value for category, value in table.values().items() if category not in excluded}
    assigned = total - sum(max(table.values().get(category, 0.0), 0.0) for category in excluded)
    min_assigned = (1 - formatter.key_figures.method.cautions.not_specified) * total
    if any(value < 0 or value > total for value in values.values()) or assigned < min_assigned:
        return "", 0.0
    values = {category: value for category, value in values.items() if value > 0}
    return find_extreme(formatter, values, unit=table.unit, min_ranked=1)


def find_extreme(
    formatter: SheetFormatter,
    values: Mapping[str, float],
    *,
    least: bool = False,
    unit: str = "share",
    min_ranked: int = MIN_RANKED,
) -> tuple[str, float]:
    """Return the category with the largest value (``least``: the smallest), and the value.

    ("", 0.0) where the next one is printed alike, or there are fewer than ``min_ranked`` categories.
    """
    order = sorted(values.items(), key=lambda item: item[1] if least else -item[1])
    if len(order) < min_ranked or not order:
        return "", 0.0
    if len(order) > 1 and formatter.format_value(order[0][1], unit) == formatter.format_value(order[1][1], unit):
        return "", 0.0
    return order[0]


FINDINGS: Mapping[str, Candidates] = {
    "places": find_place_statements,
    "gap": find_gap_statements,
    "months": find_month_statements,
    "population_group": find_population_group_statements,
    "age_and_gender": find_age_statements,
    "sectors": find_sector_statements,
    "models": find_model_statements,
    "donors": find_donor_statements,
}
"""The candidates of each chart, by the name that a notebook gives it."""
