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
    translate, publisher = formatter.translate, formatter.publisher
    activity_source = formatter.key_figures.sources.get("activities")
    last_report_date_text = activity_source.as_of if activity_source else ""
    iso_date_texts = [calendar_date.isoformat() for calendar_date in formatter.calendar]
    issue_date_texts = [
        numbers.date(calendar_date, formatter.language)
        for calendar_date in iso_date_texts
        if calendar_date >= last_report_date_text
    ]
    issued_text = translate("Issued {day}", day=issue_date_texts[0]) if issue_date_texts else ""
    last_report_text = (
        translate("Reports up to {day}", day=numbers.date(last_report_date_text, formatter.language))
        if last_report_date_text
        else ""
    )
    next_issue_text = translate("Next issue: {day}", day=issue_date_texts[1]) if issue_date_texts[1:] else ""
    publisher_name, *contact_texts = (publisher.name, publisher.contact, publisher.address) if publisher else ("",)
    texts_of_lines = ([publisher_name], [issued_text, last_report_text], [next_issue_text, *contact_texts])
    return [" · ".join(filter(None, texts_of_line)) for texts_of_line in texts_of_lines if any(texts_of_line)]


def choose_illustrative_status(figures: KeyFigures) -> str:
    """Return the English status of a sheet with invented figures; empty without any.

    It is *Partly illustrative* if a planned figure is known and real, whatever the other figures are.
    """
    if not figures.illustrative:
        return ""
    real_figure_names = [
        figure_name
        for figure_name in PLANNED_FIGURES
        if figures.value(figure_name) is not None and figure_name not in figures.illustrative
    ]
    return N_("Partly illustrative") if real_figure_names else N_("Illustrative data")


def format_notice(formatter: SheetFormatter, *, illustrative_text: bool = False) -> tuple[str, str]:
    """Write the notice of a sheet: what is invented, whom it could not count, what changed and what may change.

    Returns the status that leads, and the text; both are empty where there is nothing to say. Changes since an issue
    with fewer months have a text and no status. ``illustrative_text`` tells that the author's text is invented.
    """
    translate, key_figures = formatter.translate, formatter.key_figures
    real_figure_labels, invented_figure_labels, is_rest_invented = _find_origins(
        formatter, illustrative_text=illustrative_text
    )
    notice_sentences = []
    if is_rest_invented:
        notice_sentences.append(
            translate("Real: {list}. Everything else is invented.", list=formatter.format_list(real_figure_labels))
        )
    else:
        labels_by_origin_sentence = {
            N_("Real: {list}."): real_figure_labels if key_figures.illustrative else [],
            N_("Invented: {list}."): invented_figure_labels,
        }
        notice_sentences += [
            translate(origin_sentence, list=formatter.format_list(origin_labels))
            for origin_sentence, origin_labels in labels_by_origin_sentence.items()
            if origin_labels
        ]
    notice_sentences += [
        _format_lost_people(formatter, loss_cause, lost_people_count)
        for loss_cause, lost_people_count in key_figures.lost_people.items()
    ]
    notice_sentences += [
        format_revision_note(formatter.revision, key_figures.period.end, translate, formatter.format_figure),
        _format_provisional(formatter),
    ]
    condition_by_notice_status = {
        N_("Example"): key_figures.illustrative or invented_figure_labels,
        N_("Not all people are counted"): key_figures.lost_people,
        N_("Revised sheet"): formatter.revision is not None and not formatter.revision.until,
        N_("Provisional figures"): formatter.provisional,
    }
    leading_status_text = next(
        (
            f"{translate(notice_status)}."
            for notice_status, status_condition in condition_by_notice_status.items()
            if status_condition
        ),
        "",
    )
    return leading_status_text, formatter.join_texts([*filter(None, notice_sentences)], " ")


def _find_origins(formatter: SheetFormatter, *, illustrative_text: bool) -> tuple[list[str], list[str], bool]:
    """Return the labels of real figures, of what is invented, and whether the sheet may say *all else is invented*.

    It may where some figure is real, others and the text (``illustrative_text``) are invented, and no targets of some
    sectors are invented beside a real total. Figures without a value are left out; *targets of some sectors* and *the
    text* may be among the invented.
    """
    translate, key_figures = formatter.translate, formatter.key_figures
    figure_label_items = WORDS_BY_KIND["origin"].items()
    label_by_figure = {
        figure_name: translate(figure_label)
        for figure_name, figure_label in figure_label_items
        if key_figures.value(figure_name) is not None
    }
    real_figure_labels = [
        figure_label
        for figure_name, figure_label in label_by_figure.items()
        if figure_name not in key_figures.illustrative
    ]
    invented_figure_labels = [
        figure_label for figure_name, figure_label in label_by_figure.items() if figure_name in key_figures.illustrative
    ]
    target_sources_text = formatter.breakdown("target_by_sector").source
    has_invented_targets = ILLUSTRATIVE_MARK in target_sources_text and "target" not in key_figures.illustrative
    invented_figure_labels += [translate("targets of some sectors")] * has_invented_targets
    invented_figure_labels += [translate("the text")] * illustrative_text
    return (
        real_figure_labels,
        invented_figure_labels,
        bool(key_figures.illustrative and real_figure_labels and illustrative_text and not has_invented_targets),
    )


def _format_lost_people(formatter: SheetFormatter, cause: str, people: float) -> str:
    """Write how many reported people the people reached leave out, and for which cause.

    Few people (0) are *some*; where two numbers are possible, it is *up to* so many.
    """
    loss_sentence = N_("The people reached leave out {people} people reported: {reason}.")
    if not people:  # few people, rounded down to 0
        loss_sentence = N_("The people reached leave out some people reported: {reason}.")
    elif cause == NEW_NOT_KNOWN_REASON:  # two numbers are possible, and the larger one is printed
        loss_sentence = N_("The people reached leave out up to {people} people reported: {reason}.")
    lost_people_text = formatter.format_claim("lost_people", people, part=cause)
    return formatter.translate(
        loss_sentence, people=lost_people_text, reason=formatter.translate(LOST_WORDS_BY_REASON[cause])
    )


def _format_provisional(formatter: SheetFormatter) -> str:
    """Write which figures may still change; empty where none may."""
    translate, figure_by_name = formatter.translate, formatter.key_figures.figures
    if not formatter.provisional:
        return ""
    if set(formatter.provisional) >= {
        figure_name for figure_name, key_figure in figure_by_name.items() if key_figure.value is not None
    }:
        return translate("All figures may still change.")
    return translate("May still change: {list}.", list=join_main_labels(formatter.provisional, translate))


def join_main_labels(names: Sequence[str], translate: Translator) -> str:
    """Join the labels of these figures to a list, without shares and other derived figures, unless all are derived."""
    main_figure_names = [figure_name for figure_name in names if not FIGURES[figure_name].part] or names
    return numbers.join_names(
        [translate(FIGURES[figure_name].label) for figure_name in main_figure_names], translate.language
    )


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
    for figure_name in names:
        check_allowed(figure_name, FIGURES, "there is no figure")
    is_people_sector = formatter.key_figures.sector not in plan_lists().without_people
    people_figure_names = [
        figure_name for figure_name in CARD_KIND_BY_FIGURE if figure_name in names and is_people_sector
    ]
    money_figure_names = [figure_name for figure_name in names if figure_name in MONEY_FIGURES and formatter.has_money]
    count_figure_names = [
        figure_name for figure_name in names if figure_name not in (*CARD_KIND_BY_FIGURE, *MONEY_FIGURES)
    ]
    count_card_dicts = _build_count_cards(formatter, count_figure_names)
    late_reports_note = _format_late_note(formatter, headline)
    card_options: Any = {"late": late_reports_note, "headline": headline, "trust": trust}
    if people_figure_names and formatter.has_planned_people:
        # The counts stand next to the money, else below the people
        card_dicts_below_people = [] if formatter.has_money else count_card_dicts
        yield build_people_cards(formatter, people_figure_names, below=card_dicts_below_people, **card_options)
    elif people_figure_names:  # counts stand next to the single number of people, and so does the money of a place
        has_amount_cards = bool(money_figure_names) and not formatter.is_region_sheet
        amount_card_dicts = _build_amount_cards(formatter) if has_amount_cards else []
        money_figure_names = [] if amount_card_dicts else money_figure_names
        if len(amount_card_dicts) > 1:  # two amounts take the place of the counts
            money_bar_dict = _build_money_bar(formatter)
            yield build_people_cards(
                formatter,
                ["people_reached"],
                amount_card_dicts,
                count_card_dicts,
                more_bars=[money_bar_dict],
                **card_options,
            )
        else:
            yield build_people_cards(
                formatter, ["people_reached"], [*count_card_dicts, *amount_card_dicts], **card_options
            )
    if count_figure_names and (not people_figure_names or (formatter.has_planned_people and formatter.has_money)):
        has_only_counts = all(FIGURES[figure_name].unit == "count" for figure_name in count_figure_names)
        block_kicker = (
            formatter.translate("Partners and activities") if has_only_counts else formatter.translate("Key figures")
        )
        partner_note = late_reports_note if "reporting_partners" in names else ""
        yield build_card_block("partners", "beside", count_card_dicts, span=4, kicker=block_kicker, note=partner_note)
    if money_figure_names:
        yield build_funding_cards(formatter, money_figure_names)


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
    translate, figure_by_name = formatter.translate, formatter.key_figures.figures
    reached_figure, note_by_figure = figure_by_name["people_reached"], format_number_notes(formatter)
    doubt_share = reached_figure.doubt if "people_reached" in names else 0.0
    people_bar_dicts = [
        people_bar_dict | {"doubt": doubt_share or None} for people_bar_dict in _build_bars(formatter, names)
    ]
    if doubt_share and not people_bar_dicts:
        people_bar_dicts = [build_bar("reached", solid=1.0, doubt=doubt_share)]
    unknown_sentence = ""
    if reached_figure.value is None and reached_figure.reason in EMPTY_BREAKDOWN_REASONS:
        # A sentence in place of a card with a dash
        unknown_reason = formatter.format_reason(reached_figure)
        unknown_sentence = translate("How many people were reached is not known: {reason}.", reason=unknown_reason)
        names = [figure_name for figure_name in names if figure_name != "people_reached"]
    note_sentences = (
        _format_hatched(formatter, doubt_share) if doubt_share else "",
        unknown_sentence,
        note_by_figure["target_coverage"],
        note_by_figure["people_reached"],
        late if beside or below else "",
    )
    return build_card_block(
        "people",
        "above",
        [*(_build_people_card(formatter, figure_name) for figure_name in names), *beside],
        bars=[*people_bar_dicts, *more_bars],
        hatched=bool(doubt_share),
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
    people_reached = formatter.key_figures.value("people_reached") or 0.0
    doubtful_share_text = formatter.format_claim(
        "people_reached_in_doubt", doubt * people_reached, "share", base=people_reached, compared_with=REACHED_FIGURE
    )
    return formatter.translate(
        "Hatched: {share} of the people reached, to be read with care.", share=doubtful_share_text
    )


def format_trust_line(formatter: SheetFormatter, to_review: float, people: float) -> str:
    """Write how many of 100 people are in reports without a fault; empty without people.

    ``to_review`` of the ``people`` are in reports with something to correct; both as they may be published. 100 is
    printed as more than 99, and 0 as fewer than 1.
    """
    if not people:
        return ""
    faultless_people_of_100, translate = round(100 * (1 - to_review / people)), formatter.translate
    if faultless_people_of_100 >= 100:
        return translate("More than 99 of 100 people are in reports without a fault.")
    if faultless_people_of_100 <= 0:
        return translate("Fewer than 1 of 100 people are in reports without a fault.")
    return translate.plural(
        "{count} of 100 people is in a report without a fault.",
        "{count} of 100 people are in reports without a fault.",
        faultless_people_of_100,
        count=formatter.format_count(faultless_people_of_100),
    )


def _format_card_reason(formatter: SheetFormatter, name: str) -> str:
    """Write the small text of a card: what the previous issue printed, and a number that belongs to it; may be empty.

    The target has the people still to reach, in all and per month until December; not where people reached are in doubt
    or no month is left. People reached have those since January, where the period begins later and the data have the
    months before it.
    """
    key_figures = formatter.key_figures
    reason_texts = [format_card_note(name, formatter.revision, key_figures.period.end, formatter.translate)]
    people_to_reach = key_figures.value("people_to_reach") or 0
    if (
        name == "target"
        and people_to_reach > 0
        and formatter.remaining_months
        and not key_figures.in_doubt("people_reached")
    ):
        months_left = float(formatter.remaining_months)
        pace_text = formatter.format_claim(
            "people_to_reach", people_to_reach, base=months_left, compared_with="months_left"
        )
        gap_people_text = formatter.format_figure("people_to_reach")
        gap_sentence = N_("{people} still to reach: {pace} a month until December")
        reason_texts.append(formatter.translate(gap_sentence, people=gap_people_text, pace=pace_text))
    people_to_date = key_figures.people_to_date
    if name == "people_reached" and people_to_date and not formatter.is_year_to_date and key_figures.year_in_data:
        year_people_text = formatter.format_claim(
            "people_to_date", people_to_date, months=key_figures.period.to_date.months
        )
        reason_texts.append(formatter.translate("{people} since January", people=year_people_text))
    return formatter.join_texts([reason_text for reason_text in reason_texts if reason_text])


def _format_label(formatter: SheetFormatter, name: str) -> str:
    """Return the label of a number of people, with the period where people reached are not of the year to date."""
    figure_label = formatter.translate(FIGURES[name].label)
    if name != "people_reached" or formatter.is_year_to_date:
        return figure_label
    return formatter.translate("{label}, {period}", label=figure_label, period=formatter.format_period())


def build_card(
    label: str, value: str, kind: str = "", *, name: str = "", share: str = "", spoken: str = "", reason: str = ""
) -> Card:
    """Build a card: a number with its label, and the glyph of its ``kind``.

    ``name`` is that of its figure, by which the page has an address for it. ``spoken`` is what a screen reader says in
    place of ``value``, ``reason`` the small text below. A dash as ``value`` sets ``is_missing``.
    """
    card_text_by_key = {"label": label, "value": value, "spoken": spoken, "share": share, "reason": reason}
    return {"name": name, "kind": kind, **card_text_by_key, "is_missing": value == numbers.NO_NUMBER_TEXT}


def build_bar(kind: str, text: str = "", **lengths: float | None) -> Card:
    """Build a bar; ``lengths`` are shares of its length, cut to 0–1: ``solid``, ``target``, ``mark``, ``doubt``.

    A length that is not given is None. ``doubt`` is the share of the solid part that is in doubt. ``enlarged``, which
    a caller may fill, names what the next bar shows larger.
    """
    share_by_part = {
        part_name: min(max(part_length, 0), 1) for part_name, part_length in lengths.items() if part_length is not None
    }
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
    default_cards_view_dict: Card = {
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
    cards_view_dict = {**default_cards_view_dict, **texts}
    cards_view_dict["bars"] = [
        lay_out_bar(card_bar_dict, compute_width_mm(span)) for card_bar_dict in cards_view_dict["bars"]
    ]
    return Block.build("cards", span, name=name, numbers=numbers, cards=list(cards), **cards_view_dict)


def lay_out_bar(bar: Card, width_mm: float) -> Card:
    """Return a bar with its layout, which HTML and PDF draw alike: ``zones``, ``text_zone`` and ``opening``.

    A zone has ``start`` and ``end`` (shares of the bar) and a kind: ``solid``, ``doubt``, ``target`` or ``ground``. The
    text stands in the last zone, else in the widest; where the solid part is long, in this; never in ``doubt``. Without
    room ``text_zone`` is None, and the text stands above. ``opening`` is the end of what the next bar enlarges.
    """

    def length(name: str, min_mm: float = 0.0) -> float:
        """Return a length of the bar as a share of it, at least ``min_mm`` in print; 0 if the bar has none."""
        return 0.0 if bar[name] is None else round(min(1.0, max(bar[name], min_mm / width_mm)), 6)

    solid_part_end, target_part_end = length("solid", MIN_SOLID_PART_MM), length("target", MIN_TARGET_PART_MM)
    certain_part_end = round(solid_part_end * (1 - (bar["doubt"] or 0)), 6)
    zone_kinds_with_ends = (
        ("solid", certain_part_end),
        ("doubt", solid_part_end),
        ("target", target_part_end),
        ("ground", 1.0),
    )
    zone_borders = sorted({0.0, certain_part_end, solid_part_end, target_part_end, length("mark"), 1.0})
    bar_zone_dicts: list[dict[str, Any]] = [
        {
            "start": zone_start,
            "end": zone_end,
            "kind": next(zone_kind for zone_kind, max_zone_end in zone_kinds_with_ends if zone_end <= max_zone_end),
        }
        for zone_start, zone_end in pairwise(zone_borders)
    ]
    zone_dicts_for_text = [zone for zone in bar_zone_dicts if zone["kind"] != "doubt"]
    zone_dicts_widest_first = sorted(zone_dicts_for_text, key=lambda zone: zone["start"] - zone["end"])
    solid_zone_dicts = [zone for zone in zone_dicts_widest_first if zone["kind"] == "solid"]
    candidate_zone_dicts = (
        solid_zone_dicts
        if certain_part_end > MIN_SOLID_SHARE_FOR_TEXT
        else zone_dicts_for_text[-1:] + zone_dicts_widest_first
    )
    text_width_mm = width_of(bar["text"], weight=600, size=BAR_TEXT_PT) + BAR_TEXT_MARGINS_MM
    text_zone_dict = next(
        (zone for zone in candidate_zone_dicts if (zone["end"] - zone["start"]) * width_mm >= text_width_mm), None
    )
    return {
        **bar,
        "zones": bar_zone_dicts,
        "text_zone": text_zone_dict if bar["text"] else None,
        "opening": max(solid_part_end, target_part_end),
    }


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
    key_figures, translate = formatter.key_figures, formatter.translate
    people_reached, people_targeted, target_coverage = (
        key_figures.value(figure_name) for figure_name in ("people_reached", "target", "target_coverage")
    )
    if (
        not people_targeted
        or target_coverage is None
        or key_figures.method.in_transit_in_denominators
        or not formatter.is_year_to_date
    ):
        return ""
    if people_reached is None or formatter.format_share(people_reached, people_targeted) == formatter.format_share(
        target_coverage, 1
    ):
        return ""
    people_reached_in_transit = (
        formatter.breakdown("people_reached_by_population_group").values().get("in_transit", 0.0)
    )
    people_targeted_in_transit = formatter.breakdown("target_by_population_group").values().get("in_transit", 0.0)
    number_text_by_placeholder = {
        "share": formatter.format_figure("target_coverage"),
        "people": formatter.format_claim(
            "people_reached_by_population_group", people_reached_in_transit, part="in_transit"
        ),
        "target": formatter.format_claim("target_by_population_group", people_targeted_in_transit, part="in_transit"),
    }
    if not people_reached_in_transit:
        return translate("The share of {share} leaves out people in transit.", **number_text_by_placeholder)
    if people_targeted_in_transit:
        transit_sentence = N_(
            "The share of {share} leaves out {people} people in transit, for whom the plan has a target of {target}."
        )
        return translate(transit_sentence, **number_text_by_placeholder)
    return translate(
        "The share of {share} leaves out {people} people in transit, for whom the plan has no target.",
        **number_text_by_placeholder,
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
    figure_by_name = formatter.key_figures.figures
    is_requirement_from_fts = figure_by_name["requirement_usd"].source == figure_by_name["funding_usd"].source
    source_date_text = formatter.format_source_date("funding" if is_requirement_from_fts else "planning")
    return formatter.translate(
        "{amount} required, {as_of}", amount=formatter.format_figure("requirement_usd"), as_of=source_date_text
    )


def _build_unmet_card(formatter: SheetFormatter, reason: str = "") -> Card:
    """Build the card of what is unmet of the requirement, with its share; 0 where more was given than required."""
    required_usd = formatter.key_figures.value("requirement_usd")
    unmet_usd = max(formatter.key_figures.value("unmet_usd") or 0.0, 0.0)  # below 0 in the published files
    unmet_text = formatter.format_value(unmet_usd, "usd")
    unmet_share_text = formatter.format_share(unmet_usd, required_usd)
    return build_card(
        formatter.translate("Unmet"), unmet_text, "unmet", name="unmet_usd", share=unmet_share_text, reason=reason
    )


def _build_money_bar(formatter: SheetFormatter) -> Card:
    """Build the bar of the money required, with what was given."""
    funding_coverage = formatter.key_figures.value("funding_coverage") or 0.0
    return build_bar("money", solid=funding_coverage, mark=1 / funding_coverage if funding_coverage > 1 else None)


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
    translate, get_figure_value = formatter.translate, formatter.key_figures.value
    donor_count, funded_organisation_count = (
        int(get_figure_value(figure_name) or 0) for figure_name in ("donors", "funded_organisations")
    )
    label_by_figure = {"donors": translate.plural("donor", "donors", donor_count)}
    if not formatter.organisation:
        label_by_figure["funded_organisations"] = translate.plural(
            "funded organization", "funded organizations", funded_organisation_count
        )
    organisation_count_dicts = [
        {"value": formatter.format_figure(figure_name), "label": figure_label}
        for figure_name, figure_label in label_by_figure.items()
        if figure_name in names and get_figure_value(figure_name) is not None
    ]
    return (
        {"label": translate("Number of organizations"), "items": organisation_count_dicts}
        if organisation_count_dicts
        else None
    )


def build_funding_note(formatter: SheetFormatter) -> list[prose.Node]:
    """Build the note behind the asterisk of funding: FTS reports it, and some money may be missing.

    That is money without a sector or country. For the region it adds which shares of the plan's money are for no single
    sector and no single country. The address of FTS stands after its name, as a link. Empty without funding or its
    source.
    """
    if not formatter.has_money or "funding" not in formatter.key_figures.sources:
        return []
    note_text = formatter.translate(
        "* As reported to the Financial Tracking Service (FTS). Unearmarked funds may not be assigned to a sector or "
        "country yet, so some money may be missing."
    )
    undesignated_money_text = format_undesignated(formatter) if formatter.is_region_sheet else ""
    text_before_name, fts_name, text_after_name = f"{note_text} {undesignated_money_text}".strip().partition("(FTS)")
    if not fts_name:
        return [prose.run(text_before_name)]
    fts_address_run_dict = prose.run(FTS_ADDRESS) | {"href": f"https://{FTS_ADDRESS}"}
    return [prose.run(f"{text_before_name}(FTS, "), fts_address_run_dict, prose.run(f"){text_after_name}")]


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
