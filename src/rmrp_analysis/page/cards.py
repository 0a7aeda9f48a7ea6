"""Builds the blocks of single figures: the masthead, the notice, and cards of people, counts or money."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.figures import (
    FEW,
    FIGURES,
    ILLUSTRATIVE_MARK,
    LOST_WORDS_BY_REASON,
    NEW_NOT_KNOWN_REASON,
    WORDS_BY_REASON,
    KeyFigures,
)
from rmrp_analysis.page.block import Block, compute_width_mm
from rmrp_analysis.page.cautions import format_caution, format_cautions
from rmrp_analysis.page.change import format_card_note, format_revision_note
from rmrp_analysis.page.formatter import EMPTY_BREAKDOWN_REASONS, REACHED_FIGURE, WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.page.late_reports import format_late_reports, format_missing_reports
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import NOT_SPECIFIED, PLANNED_FIGURES, SHARED_PART, plan_lists, plan_year
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

CARD_KIND_BY_FIGURE = {"people_in_need": "need", "target": "target", "people_reached": "reached"}
"""The kind of card of a number of people: need has an open circle, the target a pale one, reach a solid one."""
MONEY_FIGURES = ("requirement_usd", "funding_usd", "unmet_usd", "funding_coverage", "donors", "funded_organisations")
"""Figures that stand together in the block of funding, if the sheet has money."""
FTS_ADDRESS = "fts.unocha.org"
"""The web address of the Financial Tracking Service, which the note on funding prints."""
MIN_SOLID_PART_MM, MIN_TARGET_PART_MM = 0.8, 1.2
"""A part of a bar has at least this length, to be visible in print."""
MIN_SOLID_SHARE_FOR_TEXT = 0.45
"""A text stands within the solid part of its bar where a larger share of the bar is solid and without doubt."""
BAR_TEXT_PT, BAR_TEXT_MARGINS_MM = 9.5, 5.0
"""The type size of the text within a bar, and the white that it needs on both sides together."""
Card = dict[str, Any]
"""A card or a bar as templates read it: finished texts and lengths by their name."""


def build_masthead(formatter: SheetFormatter, title: str) -> Block:
    """Build the block with the sheet's title, its scope and period, who publishes it, and the document's title."""
    translate, year_plan = formatter.translate, plan_year(formatter.key_figures.plan_year)
    scope_text = formatter.scope_beside_title()
    masthead_view_dict = prose.masthead(
        translate,
        formatter.sheet_name(),
        period=translate(title),
        scope=" · ".join(filter(None, ("" if formatter.organisation else scope_text, formatter.format_period()))),
        whom=" · ".join(
            filter(None, (scope_text if formatter.organisation else "", year_plan.whom(formatter.language)))
        ),
        publisher=format_publisher(formatter),
        plan=year_plan.name_for(formatter.language),
        title=formatter.document_title(title),
        mark=translate(INTERNAL_MARK) if formatter.is_internal else "",
        status=translate(choose_illustrative_status(formatter.key_figures)),
        author=formatter.publisher.name if formatter.publisher else "",
        last_month=formatter.key_figures.period.end,
    )
    return Block("masthead", masthead_view_dict)


def format_publisher(formatter: SheetFormatter) -> list[str]:
    """Write in up to three lines who publishes the sheet, its dates and its contact.

    The issue is the first date of the calendar that is not before the last day of the reports, the next issue the
    second. A line without text is left out.
    """
    translate, who = formatter.translate, formatter.publisher
    reports = formatter.key_figures.sources.get("activities")
    until = reports.as_of if reports else ""
    iso_date_texts = [calendar_date.isoformat() for calendar_date in formatter.calendar]
    issues = [
        numbers.date(calendar_date, formatter.language) for calendar_date in iso_date_texts if calendar_date >= until
    ]
    issued = translate("Issued {day}", day=issues[0]) if issues else ""
    up_to = translate("Reports up to {day}", day=numbers.date(until, formatter.language)) if until else ""
    following = translate("Next issue: {day}", day=issues[1]) if issues[1:] else ""
    name, *reach = (who.name, who.contact, who.address) if who else ("",)
    lines = ([name], [issued, up_to], [following, *reach])
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def choose_illustrative_status(figures: KeyFigures) -> str:
    """Return the English status of a sheet with invented figures; empty without any.

    It is *Partly illustrative* if a planned figure is known and real, whatever the other figures are.
    """
    if not figures.illustrative:
        return ""
    published = [
        name for name in PLANNED_FIGURES if figures.value(name) is not None and name not in figures.illustrative
    ]
    return N_("Partly illustrative") if published else N_("Illustrative data")


def format_notice(formatter: SheetFormatter, *, illustrative_text: bool = False) -> tuple[str, str]:
    """Write the notice of a sheet: what is invented, whom it could not count, what changed and what may change.

    Returns the status that leads, and the text; both are empty where there is nothing to say. Changes since an issue
    with fewer months have a text and no status. ``illustrative_text`` tells that the author's text is invented.
    """
    translate, figures = formatter.translate, formatter.key_figures
    real, invented, is_rest_invented = _find_origins(formatter, illustrative_text=illustrative_text)
    sentences = []
    if is_rest_invented:
        sentences.append(translate("Real: {list}. Everything else is invented.", list=formatter.format_list(real)))
    else:
        labels_by_origin_sentence = {
            N_("Real: {list}."): real if figures.illustrative else [],
            N_("Invented: {list}."): invented,
        }
        sentences += [
            translate(sentence, list=formatter.format_list(names))
            for sentence, names in labels_by_origin_sentence.items()
            if names
        ]
    sentences += [
        _format_lost_people(formatter, loss_cause, lost_people_count)
        for loss_cause, lost_people_count in figures.lost_people.items()
    ]
    sentences += [
        format_revision_note(formatter.revision, figures.period.end, translate, formatter.format_figure),
        _format_provisional(formatter),
    ]
    statuses = {
        N_("Example"): figures.illustrative or invented,
        N_("Not all people are counted"): figures.lost_people,
        N_("Revised sheet"): formatter.revision is not None and not formatter.revision.until,
        N_("Provisional figures"): formatter.provisional,
    }
    lead = next((f"{translate(status)}." for status, holds in statuses.items() if holds), "")
    return lead, formatter.join_texts([*filter(None, sentences)], " ")


def _find_origins(formatter: SheetFormatter, *, illustrative_text: bool) -> tuple[list[str], list[str], bool]:
    """Return the labels of real figures, of what is invented, and whether the sheet may say *all else is invented*.

    It may where some figure is real, others and the text (``illustrative_text``) are invented, and no targets of some
    sectors are invented beside a real total. Figures without a value are left out; *targets of some sectors* and *the
    text* may be among the invented.
    """
    translate, figures = formatter.translate, formatter.key_figures
    origins = WORDS_BY_KIND["origin"].items()
    label_by_figure = {name: translate(label) for name, label in origins if figures.value(name) is not None}
    real = [label for name, label in label_by_figure.items() if name not in figures.illustrative]
    invented = [label for name, label in label_by_figure.items() if name in figures.illustrative]
    target_sources_text = formatter.breakdown("target_by_sector").source
    some_targets = ILLUSTRATIVE_MARK in target_sources_text and "target" not in figures.illustrative
    invented += [translate("targets of some sectors")] * some_targets
    invented += [translate("the text")] * illustrative_text
    return (real, invented, bool(figures.illustrative and real and illustrative_text and not some_targets))


def _format_lost_people(formatter: SheetFormatter, cause: str, people: float) -> str:
    """Write how many reported people the people reached leave out, and for which cause.

    Few people (0) are *some*; where two numbers are possible, it is *up to* so many.
    """
    sentence = N_("The people reached leave out {people} people reported: {reason}.")
    if not people:  # few people, rounded down to 0
        sentence = N_("The people reached leave out some people reported: {reason}.")
    elif cause == NEW_NOT_KNOWN_REASON:  # two numbers are possible, and the larger one is printed
        sentence = N_("The people reached leave out up to {people} people reported: {reason}.")
    number = formatter.format_claim("lost_people", people, part=cause)
    return formatter.translate(sentence, people=number, reason=formatter.translate(LOST_WORDS_BY_REASON[cause]))


def _format_provisional(formatter: SheetFormatter) -> str:
    """Write which figures may still change; empty where none may."""
    translate, figures = formatter.translate, formatter.key_figures.figures
    if not formatter.provisional:
        return ""
    if set(formatter.provisional) >= {name for name, figure in figures.items() if figure.value is not None}:
        return translate("All figures may still change.")
    return translate("May still change: {list}.", list=join_main_labels(formatter.provisional, translate))


def join_main_labels(names: Sequence[str], translate: Translator) -> str:
    """Join the labels of these figures to a list, without shares and other derived figures, unless all are derived."""
    main_figure_names = [name for name in names if not FIGURES[name].part] or names
    return numbers.join_names([translate(FIGURES[name].label) for name in main_figure_names], translate.language)


def build_cards(
    formatter: SheetFormatter, names: Sequence[str], *, headline: str = "", trust: str = ""
) -> Iterator[Block]:
    """Yield the blocks of figures as large numbers: one for people, one for what is counted, one for money.

    A block is left out where ``names`` has none of its figures. So is that of people for a sector that counts no
    people, and that of money without funding to print. Where the plan has neither need nor target here, people reached
    is the only figure of people; counts, and the money of a place, then stand in its block. Without money, counts stand
    in the block of people, too. Cautions and late reports that stand in the ``headline`` are not repeated. ``trust`` is
    a line under the people. Raises ``RequestError`` for a name that is no figure.
    """
    for name in names:
        check_allowed(name, FIGURES, "there is no figure")
    has_people = formatter.key_figures.sector not in plan_lists().without_people
    of_people = [name for name in CARD_KIND_BY_FIGURE if name in names and has_people]
    of_money = [name for name in names if name in MONEY_FIGURES and formatter.has_money]
    count_figure_names = [name for name in names if name not in (*CARD_KIND_BY_FIGURE, *MONEY_FIGURES)]
    counted = _build_count_cards(formatter, count_figure_names)
    late = _format_late_note(formatter, headline)
    options: Any = {"late": late, "headline": headline, "trust": trust}
    if of_people and formatter.has_planned_people:
        # The counts stand next to the money, else below the people
        card_dicts_below_people = [] if formatter.has_money else counted
        yield build_people_cards(formatter, of_people, below=card_dicts_below_people, **options)
    elif of_people:  # counts stand next to the single number of people, and so does the money of a place
        has_amount_cards = bool(of_money) and not formatter.is_region_sheet
        amounts = _build_amount_cards(formatter) if has_amount_cards else []
        of_money = [] if amounts else of_money
        if len(amounts) > 1:  # two amounts take the place of the counts
            money_bar_dict = _build_money_bar(formatter)
            yield build_people_cards(
                formatter, ["people_reached"], amounts, counted, more_bars=[money_bar_dict], **options
            )
        else:
            yield build_people_cards(formatter, ["people_reached"], [*counted, *amounts], **options)
    if count_figure_names and (not of_people or (formatter.has_planned_people and formatter.has_money)):
        only_counts = all(FIGURES[name].unit == "count" for name in count_figure_names)
        kicker = formatter.translate("Partners and activities") if only_counts else formatter.translate("Key figures")
        note = late if "reporting_partners" in names else ""
        yield build_card_block("partners", "beside", counted, span=4, kicker=kicker, note=note)
    if of_money:
        yield build_funding_cards(formatter, of_money)


def _format_late_note(formatter: SheetFormatter, headline: str) -> str:
    """Write who has not reported for the last month; empty where the headline says it, or nobody is late."""
    late_clauses = (format_missing_reports(formatter), format_missing_reports(formatter, min_late_share=0.0))
    # A clause may begin with a capital letter in the headline.
    is_in_headline = any(late_clause[1:] in headline for late_clause in late_clauses if late_clause)
    return "" if is_in_headline else format_late_reports(formatter)


def build_people_cards(
    formatter: SheetFormatter,
    names: Sequence[str],
    beside: Sequence[Card] = (),
    below: Sequence[Card] = (),
    *,
    more_bars: Sequence[Card] = (),
    late: str = "",
    headline: str = "",
    trust: str = "",
) -> Block:
    """Build the block of people in need, target and people reached, over the bars that compare them.

    Other cards stand ``beside`` or ``below``; only with these is ``late`` printed. The share of the people reached that
    is in doubt is hatched on the bars; where there are none, on a bar of its own. People reached that cannot be known
    have a sentence in place of a card.
    """
    translate, figures = formatter.translate, formatter.key_figures.figures
    reached, note_by_figure = figures["people_reached"], format_number_notes(formatter)
    doubt = reached.doubt if "people_reached" in names else 0.0
    bars = [people_bar_dict | {"doubt": doubt or None} for people_bar_dict in _build_bars(formatter, names)]
    if doubt and not bars:
        bars = [build_bar("reached", solid=1.0, doubt=doubt)]
    unknown_sentence = ""
    if reached.value is None and reached.reason in EMPTY_BREAKDOWN_REASONS:
        # A sentence in place of a card with a dash
        unknown_reason = formatter.format_reason(reached)
        unknown_sentence = translate("How many people were reached is not known: {reason}.", reason=unknown_reason)
        names = [name for name in names if name != "people_reached"]
    note_sentences = (
        _format_hatched(formatter, doubt) if doubt else "",
        unknown_sentence,
        note_by_figure["target_coverage"],
        note_by_figure["people_reached"],
        late if beside or below else "",
    )
    return build_card_block(
        "people",
        "above",
        [*(_build_people_card(formatter, name) for name in names), *beside],
        bars=[*bars, *more_bars],
        hatched=bool(doubt),
        trust=trust,
        note=formatter.join_texts([note_sentence for note_sentence in note_sentences if note_sentence], " "),
        also={"label": translate("Partners and activities"), "items": [*below]} if below else None,
        caution=format_cautions(formatter, "people_reached", "target_coverage", "need_coverage", text_above=headline),
    )


def _build_people_card(formatter: SheetFormatter, name: str) -> Card:
    """Build the card of people in need, of the target or of people reached."""
    people_figure, figure_text = formatter.key_figures.figures[name], formatter.format_figure(name)
    return build_card(
        _format_label(formatter, name),
        figure_text,
        CARD_KIND_BY_FIGURE[name],
        name=name,
        spoken=formatter.to_spoken(figure_text) if people_figure.status == FEW else "",
        reason=formatter.format_reason(people_figure) or _format_card_reason(formatter, name),
    )


def _format_hatched(formatter: SheetFormatter, doubt: float) -> str:
    """Write what the hatching means, with the share of the people reached, unless all of them are hatched."""
    if doubt >= 1:
        return formatter.translate("Hatched: read with care.")
    people = formatter.key_figures.value("people_reached") or 0.0
    share = formatter.format_claim(
        "people_reached_in_doubt", doubt * people, "share", base=people, compared_with=REACHED_FIGURE
    )
    return formatter.translate("Hatched: {share} of the people reached, to be read with care.", share=share)


def format_trust_line(formatter: SheetFormatter, to_review: float, people: float) -> str:
    """Write how many of 100 people are in reports without a fault; empty without people.

    ``to_review`` of the ``people`` are in reports with something to correct; both as they may be published. 100 is
    printed as more than 99, and 0 as fewer than 1.
    """
    if not people:
        return ""
    sound, translate = round(100 * (1 - to_review / people)), formatter.translate
    if sound >= 100:
        return translate("More than 99 of 100 people are in reports without a fault.")
    if sound <= 0:
        return translate("Fewer than 1 of 100 people are in reports without a fault.")
    return translate.plural(
        "{count} of 100 people is in a report without a fault.",
        "{count} of 100 people are in reports without a fault.",
        sound,
        count=formatter.format_count(sound),
    )


def _format_card_reason(formatter: SheetFormatter, name: str) -> str:
    """Write the small text of a card: what the previous issue printed, and a number that belongs to it; may be empty.

    The target has the people still to reach, in all and per month until December; not where people reached are in doubt
    or no month is left. People reached have those since January, where the period begins later and the data have the
    months before it.
    """
    figures = formatter.key_figures
    reason_texts = [format_card_note(name, formatter.revision, figures.period.end, formatter.translate)]
    gap = figures.value("people_to_reach") or 0
    if name == "target" and gap > 0 and formatter.remaining_months and not figures.in_doubt("people_reached"):
        months_left = float(formatter.remaining_months)
        pace = formatter.format_claim("people_to_reach", gap, base=months_left, compared_with="months_left")
        gap_people_text = formatter.format_figure("people_to_reach")
        gap_sentence = N_("{people} still to reach: {pace} a month until December")
        reason_texts.append(formatter.translate(gap_sentence, people=gap_people_text, pace=pace))
    to_date = figures.people_to_date
    if name == "people_reached" and to_date and not formatter.is_year_to_date and figures.year_in_data:
        people = formatter.format_claim("people_to_date", to_date, months=figures.period.to_date.months)
        reason_texts.append(formatter.translate("{people} since January", people=people))
    return formatter.join_texts([text for text in reason_texts if text])


def _format_label(formatter: SheetFormatter, name: str) -> str:
    """Return the label of a number of people, with the period where people reached are not of the year to date."""
    label = formatter.translate(FIGURES[name].label)
    if name != "people_reached" or formatter.is_year_to_date:
        return label
    return formatter.translate("{label}, {period}", label=label, period=formatter.format_period())


def build_card(
    label: str, value: str, kind: str = "", *, name: str = "", share: str = "", spoken: str = "", reason: str = ""
) -> Card:
    """Build a card: a number with its label, and the glyph of its ``kind``.

    ``name`` is that of its figure, by which the page has an address for it. ``spoken`` is what a screen reader says in
    place of ``value``, ``reason`` the small text below. A dash as ``value`` sets ``is_missing``.
    """
    texts = {"label": label, "value": value, "spoken": spoken, "share": share, "reason": reason}
    return {"name": name, "kind": kind, **texts, "is_missing": value == numbers.NO_NUMBER_TEXT}


def build_bar(kind: str, text: str = "", **lengths: float | None) -> Card:
    """Build a bar; ``lengths`` are shares of its length, cut to 0–1: ``solid``, ``target``, ``mark``, ``doubt``.

    A length that is not given is None. ``doubt`` is the share of the solid part that is in doubt. ``enlarged``, which
    a caller may fill, names what the next bar shows larger.
    """
    share_by_part = {name: min(max(length, 0), 1) for name, length in lengths.items() if length is not None}
    return {
        "kind": kind,
        "text": text,
        "enlarged": "",
        **dict.fromkeys(("solid", "target", "mark", "doubt")),
        **share_by_part,
    }


def build_card_block(name: str, numbers: str, cards: Sequence[Card], *, span: int = 12, **texts: Any) -> Block:
    """Build a block of cards; ``numbers`` says where a number stands: ``above``, ``under`` or ``beside`` its label.

    ``texts`` are further entries of the block's view, such as ``kicker``, ``note`` and ``caution``; its ``bars`` get
    their layout.
    """
    blank: Card = {
        "hatched": False,
        "trust": "",
        "kicker": "",
        "aside": "",
        "bars": [],
        "note": "",
        "also": None,
        "caution": "",
        "footnote": [],
    }
    view = {**blank, **texts}
    view["bars"] = [lay_out_bar(card_bar_dict, compute_width_mm(span)) for card_bar_dict in view["bars"]]
    return Block.build("cards", span, name=name, numbers=numbers, cards=list(cards), **view)


def lay_out_bar(bar: Card, width_mm: float) -> Card:
    """Return a bar with its layout, which HTML and PDF draw alike: ``zones``, ``text_zone`` and ``opening``.

    A zone has ``start`` and ``end`` (shares of the bar) and a kind: ``solid``, ``doubt``, ``target`` or ``ground``. The
    text stands in the last zone, else in the widest; where the solid part is long, in this; never in ``doubt``. Without
    room ``text_zone`` is None, and the text stands above. ``opening`` is the end of what the next bar enlarges.
    """

    def length(name: str, min_mm: float = 0.0) -> float:
        """Return a length of the bar as a share of it, at least ``min_mm`` in print; 0 if the bar has none."""
        return 0.0 if bar[name] is None else round(min(1.0, max(bar[name], min_mm / width_mm)), 6)

    solid, target = length("solid", MIN_SOLID_PART_MM), length("target", MIN_TARGET_PART_MM)
    sure = round(solid * (1 - (bar["doubt"] or 0)), 6)
    kinds = (("solid", sure), ("doubt", solid), ("target", target), ("ground", 1.0))
    ends = sorted({0.0, sure, solid, target, length("mark"), 1.0})
    zones: list[dict[str, Any]] = [
        {"start": start, "end": end, "kind": next(kind for kind, last in kinds if end <= last)}
        for start, end in pairwise(ends)
    ]
    zone_dicts_for_text = [zone for zone in zones if zone["kind"] != "doubt"]
    by_width = sorted(zone_dicts_for_text, key=lambda zone: zone["start"] - zone["end"])
    within = [zone for zone in by_width if zone["kind"] == "solid"]
    order = within if sure > MIN_SOLID_SHARE_FOR_TEXT else zone_dicts_for_text[-1:] + by_width
    needed_mm = width_of(bar["text"], weight=600, size=BAR_TEXT_PT) + BAR_TEXT_MARGINS_MM
    home = next((zone for zone in order if (zone["end"] - zone["start"]) * width_mm >= needed_mm), None)
    return {**bar, "zones": zones, "text_zone": home if bar["text"] else None, "opening": max(solid, target)}


def format_number_notes(formatter: SheetFormatter) -> dict[str, str]:
    """Write by figure the notes on numbers that are not in doubt: whom people reached or the target's share leave out.

    A note is empty where nobody is left out.
    """
    left_out_caution = formatter.key_figures.lacks
    people_note = formatter.complete_sentence(format_caution(formatter, left_out_caution)) if left_out_caution else ""
    return {"people_reached": people_note, "target_coverage": _format_transit_note(formatter)}


def _format_transit_note(formatter: SheetFormatter) -> str:
    """Write that a share of the target leaves out people in transit, where its numbers on the sheet give another share.

    The target of people in transit is written where the plan has one. Empty in any other case, and where the period
    does not begin in January.
    """
    figures, translate = formatter.key_figures, formatter.translate
    reached, target, share = (figures.value(name) for name in ("people_reached", "target", "target_coverage"))
    if not target or share is None or figures.method.in_transit_in_denominators or not formatter.is_year_to_date:
        return ""
    if reached is None or formatter.format_share(reached, target) == formatter.format_share(share, 1):
        return ""
    in_transit = formatter.breakdown("people_reached_by_population_group").values().get("in_transit", 0.0)
    planned = formatter.breakdown("target_by_population_group").values().get("in_transit", 0.0)
    numbers = {
        "share": formatter.format_figure("target_coverage"),
        "people": formatter.format_claim("people_reached_by_population_group", in_transit, part="in_transit"),
        "target": formatter.format_claim("target_by_population_group", planned, part="in_transit"),
    }
    if not in_transit:
        return translate("The share of {share} leaves out people in transit.", **numbers)
    if planned:
        sentence = N_(
            "The share of {share} leaves out {people} people in transit, for whom the plan has a target of {target}."
        )
        return translate(sentence, **numbers)
    return translate(
        "The share of {share} leaves out {people} people in transit, for whom the plan has no target.", **numbers
    )


def _build_bars(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """Build the bar of the people in need, with those targeted and reached, and the bar of the people targeted.

    A bar is left out where ``names`` lacks its figure, or where the people in need, or the share of the target, are not
    known.
    """
    translate = formatter.translate
    people_in_need = formatter.key_figures.value("people_in_need")
    target_coverage = formatter.key_figures.value("target_coverage")
    need_bar_dicts = (
        [_build_need_bar(formatter, people_in_need)] if people_in_need and "people_in_need" in names else []
    )
    if target_coverage is None or "target" not in names:
        return need_bar_dicts
    # The bar is then as long as the people reached, and the target is a mark on it
    is_above_target = target_coverage > 1
    pairs_of_coverage_sentences = (
        (N_("{share} of people targeted were reached"), N_("By {month}, {share} of people targeted were reached")),
        (N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the target")),
    )
    coverage_sentence = pairs_of_coverage_sentences[is_above_target][not formatter.is_whole_year]
    last_month_name = formatter.month_name(formatter.key_figures.period.end)
    target_coverage_text = translate(
        coverage_sentence, share=formatter.format_figure("target_coverage"), month=last_month_name
    )
    enlarged_bar_label = (
        translate("People reached, enlarged") if is_above_target else translate("People targeted, enlarged")
    )
    target_bar_dict = build_bar(
        "wanted", target_coverage_text, solid=target_coverage, mark=1 / target_coverage if is_above_target else None
    )
    return [*(need_bar_dict | {"enlarged": enlarged_bar_label} for need_bar_dict in need_bar_dicts), target_bar_dict]


def _build_need_bar(formatter: SheetFormatter, people_in_need: float) -> Card:
    """Build the bar of the people in need, with those targeted and reached as shares of them."""
    translate, get_figure_value = formatter.translate, formatter.key_figures.value
    people_targeted, need_coverage = get_figure_value("target"), get_figure_value("need_coverage")
    target_share, target_share_text, bar_text = None, "", ""
    if people_targeted is not None:
        target_share = people_targeted / people_in_need
        target_share_text = formatter.format_claim(
            "target", people_targeted, "share", base=people_in_need, compared_with="people_in_need"
        )
    reached_share_text = formatter.format_figure("need_coverage")
    if people_targeted is not None and need_coverage is not None:
        need_sentence = N_("{target} of people in need were targeted, {reached} reached")
        bar_text = translate(need_sentence, target=target_share_text, reached=reached_share_text)
    elif need_coverage is not None:
        bar_text = translate("{reached} of people in need were reached", reached=reached_share_text)
    elif people_targeted is not None:
        bar_text = translate("{target} of people in need were targeted", target=target_share_text)
    is_reach_above_target = (
        target_share is not None and need_coverage is not None and target_share < min(need_coverage, 1)
    )
    return build_bar(
        "need", bar_text, solid=need_coverage, target=target_share, mark=target_share if is_reach_above_target else None
    )


def _build_amount_cards(formatter: SheetFormatter) -> list[Card]:
    """Build the cards of what was funded and, where a requirement is known, of what is unmet, each with its share."""
    translate, key_figures = formatter.translate, formatter.key_figures
    funding_change_note = format_card_note("funding_usd", formatter.revision, key_figures.period.end, translate)
    card_note_texts = (
        formatter.format_source_date("funding"),
        funding_change_note,
        format_cautions(formatter, "funding_coverage"),
    )
    funding_text = formatter.format_figure("funding_usd")
    funded_share_text = formatter.format_figure("funding_coverage", missing_text="")
    card_notes_text = formatter.join_texts([card_note for card_note in card_note_texts if card_note])
    funded_card_dict = build_card(
        f"{translate('Funded')}*",
        funding_text,
        "funded",
        name="funding_usd",
        share=funded_share_text,
        reason=card_notes_text,
    )
    return (
        [funded_card_dict, _build_unmet_card(formatter, _format_requirement(formatter))]
        if funded_share_text
        else [funded_card_dict]
    )


def _format_requirement(formatter: SheetFormatter) -> str:
    """Write the requirement with the date of its source: the plan, or FTS where the plan has none."""
    figures = formatter.key_figures.figures
    of_fts = figures["requirement_usd"].source == figures["funding_usd"].source
    as_of = formatter.format_source_date("funding" if of_fts else "planning")
    return formatter.translate(
        "{amount} required, {as_of}", amount=formatter.format_figure("requirement_usd"), as_of=as_of
    )


def _build_unmet_card(formatter: SheetFormatter, reason: str = "") -> Card:
    """Build the card of what is unmet of the requirement, with its share; 0 where more was given than required."""
    required = formatter.key_figures.value("requirement_usd")
    still = max(formatter.key_figures.value("unmet_usd") or 0.0, 0.0)  # below 0 in the published files
    amount = formatter.format_value(still, "usd")
    share = formatter.format_share(still, required)
    return build_card(formatter.translate("Unmet"), amount, "unmet", name="unmet_usd", share=share, reason=reason)


def _build_money_bar(formatter: SheetFormatter) -> Card:
    """Build the bar of the money required, with what was given."""
    coverage = formatter.key_figures.value("funding_coverage") or 0.0
    return build_bar("money", solid=coverage, mark=1 / coverage if coverage > 1 else None)


def _build_count_cards(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """Build a card for each of these figures; an organisation's sheet has no number of partners."""
    return [
        build_card(
            formatter.translate(FIGURES[figure_name].label), formatter.format_figure(figure_name), name=figure_name
        )
        for figure_name in names
        if figure_name != "reporting_partners" or not formatter.organisation
    ]


def build_funding_cards(formatter: SheetFormatter, names: Sequence[str]) -> Block:
    """Build the block of funding: funded and unmet, their bar, and the organisations behind them.

    Without a requirement there is no bar and no unmet amount; for the region, or without funding, the reason is said.
    """
    translate = formatter.translate
    figure_by_name = formatter.key_figures.figures
    get_figure_value = formatter.key_figures.value
    requirement_usd = get_figure_value("requirement_usd")
    unmet_usd = get_figure_value("unmet_usd")
    funding_coverage = get_figure_value("funding_coverage")
    # A plan seldom has a requirement for a place, and none for an organisation; there its absence is not mentioned.
    mentions_requirement = formatter.is_region_sheet or get_figure_value("funding_usd") is None
    requirement_text = translate("Requirement not known") if mentions_requirement else ""
    if requirement_usd is not None:
        requirement_text = _format_requirement(formatter)
    funded_share_text = formatter.format_figure("funding_coverage", missing_text="")
    funding_text = formatter.format_figure("funding_usd")
    amount_card_dicts = [
        build_card(translate("Funded"), funding_text, "funded", name="funding_usd", share=funded_share_text)
    ]
    if unmet_usd is not None and "unmet_usd" in names:
        amount_card_dicts.append(_build_unmet_card(formatter))
    funding_note = format_card_note("funding_usd", formatter.revision, formatter.key_figures.period.end, translate)
    missing_reason_codes = (figure_by_name[figure_name].reason for figure_name in ("funding_usd", "requirement_usd"))
    missing_reason_text = translate(WORDS_BY_REASON.get(next(filter(None, missing_reason_codes), ""), ""))
    if unmet_usd is None and mentions_requirement and missing_reason_text:
        funding_note = translate("Share and unmet amount cannot be stated: {reason}.", reason=missing_reason_text)
    return build_card_block(
        "funding",
        "under",
        amount_card_dicts,
        span=12 if formatter.organisation else 8,  # on an organisation's sheet no block stands next to it
        kicker=translate("Funding*, {as_of}", as_of=formatter.format_source_date("funding")),
        aside=requirement_text,
        bars=[] if funding_coverage is None else [_build_money_bar(formatter)],
        note=funding_note,
        also=_build_organisations(formatter, names),
        caution=format_cautions(formatter, "funding_coverage"),
        footnote=build_funding_note(formatter),
    )


def _build_organisations(formatter: SheetFormatter, names: Sequence[str]) -> dict[str, Any] | None:
    """Return the numbers of donors and funded organisations, if in ``names`` and known; else None.

    It has a ``label``, and ``items`` with ``value`` and ``label``. An organisation's sheet has donors only.
    """
    translate, value = formatter.translate, formatter.key_figures.value
    donors, funded = (int(value(name) or 0) for name in ("donors", "funded_organisations"))
    labels = {"donors": translate.plural("donor", "donors", donors)}
    if not formatter.organisation:
        labels["funded_organisations"] = translate.plural("funded organization", "funded organizations", funded)
    items = [
        {"value": formatter.format_figure(name), "label": figure_label}
        for name, figure_label in labels.items()
        if name in names and value(name) is not None
    ]
    return {"label": translate("Number of organizations"), "items": items} if items else None


def build_funding_note(formatter: SheetFormatter) -> list[prose.Node]:
    """Build the note behind the asterisk of funding: FTS reports it, and some money may be missing.

    That is money without a sector or country. For the region it adds which shares of the plan's money are for no single
    sector and no single country. The address of FTS stands after its name, as a link. Empty without funding or its
    source.
    """
    if not formatter.has_money or "funding" not in formatter.key_figures.sources:
        return []
    note = formatter.translate(
        "* As reported to the Financial Tracking Service (FTS). Unearmarked funds may not be assigned to a sector or "
        "country yet, so some money may be missing."
    )
    of_plan = format_undesignated(formatter) if formatter.is_region_sheet else ""
    text_before_name, name, text_after_name = f"{note} {of_plan}".strip().partition("(FTS)")
    if not name:
        return [prose.run(text_before_name)]
    address = prose.run(FTS_ADDRESS) | {"href": f"https://{FTS_ADDRESS}"}
    return [prose.run(f"{text_before_name}(FTS, "), address, prose.run(f"){text_after_name}")]


def format_undesignated(formatter: SheetFormatter) -> str:
    """Write which share of the plan's money is for no single sector, and for no single country: for several or none.

    Empty where the plan has no money by sector.
    """
    total_usd_by_dimension, share_text_by_dimension = {}, {}
    for dimension in ("sector", "country"):
        usd_by_category = formatter.breakdown(f"plan_funding_usd_by_{dimension}_named").values()
        total_usd_by_dimension[dimension] = sum(usd_by_category.values())
        share_text_by_dimension[dimension] = formatter.format_share(
            usd_by_category.get(SHARED_PART, 0) + usd_by_category.get(NOT_SPECIFIED, 0),
            total_usd_by_dimension[dimension],
        )
    if not share_text_by_dimension["sector"]:
        return ""
    undesignated_sentence = N_("Of the plan's {total}, {sector} is not assigned to a single sector.")
    if share_text_by_dimension["country"]:
        undesignated_sentence = N_(
            "Of the plan's {total}, {sector} is not assigned to a single sector and {country} not to a single country."
        )
    return formatter.translate(
        undesignated_sentence,
        total=formatter.format_value(total_usd_by_dimension["sector"], "usd"),
        **share_text_by_dimension,
    )
