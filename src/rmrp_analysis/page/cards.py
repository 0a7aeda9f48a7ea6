"""Build the blocks of single figures: the masthead, the notice, and cards of people, counts or money."""

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
from rmrp_analysis.page.cautions import format_caution, format_cautions, format_doubt
from rmrp_analysis.page.change import format_card_note, format_revision_note
from rmrp_analysis.page.formatter import EMPTY_BREAKDOWN_REASONS, WORDS_BY_KIND, SheetFormatter
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
"""The shortest part of a bar that is visible in print."""
MIN_SOLID_SHARE_FOR_TEXT = 0.45
"""A text stands within the solid part of its bar if a larger share of the bar is solid and not in doubt."""
BAR_TEXT_PT, BAR_TEXT_MARGINS_MM = 9.5, 5.0
"""The type size of the text within a bar, and the white that it needs on both sides together."""
Card = dict[str, Any]
"""A card or a bar as templates read it: finished texts and lengths by their name."""


def build_masthead(formatter: SheetFormatter, title: str) -> Block:
    """Build the block with the title, the scope, the period and the publisher of a sheet."""
    translate, plan = formatter.translate, plan_year(formatter.key_figures.plan_year)
    scope = formatter.scope_beside_title()
    view = prose.masthead(
        translate,
        formatter.sheet_name(),
        period=translate(title),
        scope=" · ".join(filter(None, ("" if formatter.organisation else scope, formatter.format_period()))),
        whom=" · ".join(filter(None, (scope if formatter.organisation else "", plan.whom(formatter.language)))),
        publisher=format_publisher(formatter),
        plan=plan.name_for(formatter.language),
        title=formatter.document_title(title),
        mark=translate(INTERNAL_MARK) if formatter.is_internal else "",
        status=translate(choose_illustrative_status(formatter.key_figures)),
        author=formatter.publisher.name if formatter.publisher else "",
        last_month=formatter.key_figures.period.end,
    )
    return Block("masthead", view)


def format_publisher(formatter: SheetFormatter) -> list[str]:
    """Write the publisher of a sheet, its dates and its contact in up to three lines.

    A line without text is left out (see ``list_issues``).
    """
    translate, publisher = formatter.translate, formatter.publisher
    reports = formatter.key_figures.sources.get("activities")
    until = reports.as_of if reports else ""
    issue, next_issue = list_issues(formatter)
    issued = translate("Issued {day}", day=issue) if issue else ""
    reported = translate("Reports up to {day}", day=numbers.date(until, formatter.language)) if until else ""
    upcoming = translate("Next issue: {day}", day=next_issue) if next_issue else ""
    name, *details = (publisher.name, publisher.contact, publisher.address) if publisher else ("",)
    lines = ([name], [issued, reported], [upcoming, *details])
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def list_issues(formatter: SheetFormatter) -> tuple[str, str]:
    """Return the days of the issue and of the next issue in words, each empty without such a day.

    Of the days of the calendar from the last day of the reports on, they are the first and the second.
    """
    reports = formatter.key_figures.sources.get("activities")
    until = reports.as_of if reports else ""
    days = [day.isoformat() for day in formatter.calendar]
    issue, next_issue, *_ = [*(numbers.date(day, formatter.language) for day in days if day >= until), "", ""]
    return issue, next_issue


def choose_illustrative_status(figures: KeyFigures) -> str:
    """Return the English status of a sheet with invented figures, or an empty text without any.

    It is *Partly illustrative* if any planned figure is known and real.
    """
    if not figures.illustrative:
        return ""
    real = [name for name in PLANNED_FIGURES if figures.value(name) is not None and name not in figures.illustrative]
    return N_("Partly illustrative") if real else N_("Illustrative data")


def format_notice(formatter: SheetFormatter, *, illustrative_text: bool = False) -> tuple[str, str]:
    """Write the notice of a sheet on invented figures, people who are not counted, and changes.

    It names past and possible changes. Returns the status in front, and the text. Both are empty if there is nothing to
    say. Changes since an issue with fewer months have a text and no status. ``illustrative_text`` is True if the
    author's text is invented.
    """
    translate, figures = formatter.translate, formatter.key_figures
    real, invented, is_partial = _find_origins(formatter, illustrative_text=illustrative_text)
    sentences = []
    if is_partial:
        sentences.append(translate("Real: {list}. Everything else is invented.", list=formatter.format_list(real)))
    else:
        if real and figures.illustrative:
            sentences.append(translate("Real: {list}.", list=formatter.format_list(real)))
        if invented:
            sentences.append(translate("Invented: {list}.", list=formatter.format_list(invented)))
    sentences += [_format_lost_people(formatter, cause, people) for cause, people in figures.lost_people.items()]
    sentences.append(format_revision_note(formatter.revision, figures.period.end, translate, formatter.format_figure))
    sentences.append(_format_provisional(formatter))
    statuses = {
        N_("Example"): figures.illustrative or invented,
        N_("Not all people are counted"): figures.lost_people,
        N_("Revised sheet"): formatter.revision is not None and not formatter.revision.until,
        N_("Provisional figures"): formatter.provisional,
    }
    lead = next((f"{translate(status)}." for status, holds in statuses.items() if holds), "")
    return lead, formatter.join_texts([*filter(None, sentences)], " ")


def _find_origins(formatter: SheetFormatter, *, illustrative_text: bool) -> tuple[list[str], list[str], bool]:
    """Return the labels of real and of invented content, and whether *everything else is invented*.

    It is true if figures and the text (``illustrative_text``) are invented and another figure is real, but not if the
    targets of some sectors are invented next to a real total. Figures without a value are left out. *Targets of some
    sectors* and *the text* may be among the invented labels.
    """
    translate, figures = formatter.translate, formatter.key_figures
    origins = WORDS_BY_KIND["origin"].items()
    labels = {name: translate(label) for name, label in origins if figures.value(name) is not None}
    real = [label for name, label in labels.items() if name not in figures.illustrative]
    invented = [label for name, label in labels.items() if name in figures.illustrative]
    sources = formatter.breakdown("target_by_sector").source
    is_mixed = ILLUSTRATIVE_MARK in sources and "target" not in figures.illustrative
    if is_mixed:
        invented.append(translate("targets of some sectors"))
    if illustrative_text:
        invented.append(translate("the text"))
    return real, invented, bool(figures.illustrative and real and illustrative_text and not is_mixed)


def _format_lost_people(formatter: SheetFormatter, cause: str, people: float) -> str:
    """Write how many reported people are not in the people reached, and why."""
    sentence = N_("The people reached leave out {people} people reported: {reason}.")
    if not people:  # few people, rounded down to 0
        sentence = N_("The people reached leave out some people reported: {reason}.")
    elif cause == NEW_NOT_KNOWN_REASON:  # two numbers are possible, and the larger one is printed
        sentence = N_("The people reached leave out up to {people} people reported: {reason}.")
    number = formatter.format_claim("lost_people", people, part=cause)
    return formatter.translate(sentence, people=number, reason=formatter.translate(LOST_WORDS_BY_REASON[cause]))


def _format_provisional(formatter: SheetFormatter) -> str:
    """Write which figures may still change, or an empty text without any."""
    translate, figures = formatter.translate, formatter.key_figures.figures
    if not formatter.provisional:
        return ""
    if set(formatter.provisional) >= {name for name, figure in figures.items() if figure.value is not None}:
        return translate("All figures may still change.")
    return translate("May still change: {list}.", list=join_main_labels(formatter.provisional, translate))


def join_main_labels(names: Sequence[str], translate: Translator) -> str:
    """Join the labels of these figures to a list, without derived ones such as shares, unless all are derived."""
    main = [name for name in names if not FIGURES[name].part] or names
    return numbers.join_names([translate(FIGURES[name].label) for name in main], translate.language)


def build_cards(formatter: SheetFormatter, names: Sequence[str], *, headline: str = "") -> Iterator[Block]:
    """Yield the blocks of figures as large numbers: people, counts and money.

    A block is left out if ``names`` has no figure for it. The block of people is left out, too, if the sector counts no
    people, and the block of money if there is no funding to print. If the plan has neither need nor target here, people
    reached is the only figure of people, and its block takes the counts and the money of a place. Without money, the
    block of people takes the counts, too. Cautions and late reports that stand in the ``headline`` are not repeated.
    Raises ``RequestError`` for a name that is no figure.
    """
    for name in names:
        check_allowed(name, FIGURES, "there is no figure")
    has_people = formatter.key_figures.sector not in plan_lists().without_people
    people = [name for name in CARD_KIND_BY_FIGURE if name in names and has_people]
    money = [name for name in names if name in MONEY_FIGURES and formatter.has_money]
    counts = [name for name in names if name not in (*CARD_KIND_BY_FIGURE, *MONEY_FIGURES)]
    cards = [
        build_card(formatter.translate(FIGURES[name].label), formatter.format_figure(name), name=name)
        for name in counts
        if name != "reporting_partners" or not formatter.organisation
    ]
    clauses = (format_missing_reports(formatter), format_missing_reports(formatter, min_late_share=0.0))
    # A clause may begin with a capital letter in the headline.
    is_repeated = any(clause[1:] in headline for clause in clauses if clause)
    late = "" if is_repeated else format_late_reports(formatter)
    options: Any = {"late": late}
    if people and formatter.has_planned_people:
        # The counts stand next to the money, or without money below the people
        below = [] if formatter.has_money else cards
        yield build_people_cards(formatter, people, below=below, **options)
    elif people:  # counts stand next to the single number of people, and so does the money of a place
        amounts = _build_amount_cards(formatter) if money and not formatter.is_region_sheet else []
        money = [] if amounts else money
        if len(amounts) > 1:  # two amounts take the place of the counts
            bar = _build_money_bar(formatter)
            yield build_people_cards(formatter, ["people_reached"], amounts, cards, more_bars=[bar], **options)
        else:
            yield build_people_cards(formatter, ["people_reached"], [*cards, *amounts], **options)
    if counts and (not people or (formatter.has_planned_people and formatter.has_money)):
        only_counts = all(FIGURES[name].unit == "count" for name in counts)
        kicker = formatter.translate("Partners and activities") if only_counts else formatter.translate("Key figures")
        note = late if "reporting_partners" in names else ""
        yield build_card_block("partners", "beside", cards, span=4, kicker=kicker, note=note)
    if money:
        yield build_funding_cards(formatter, money)


def build_people_cards(
    formatter: SheetFormatter,
    names: Sequence[str],
    beside: Sequence[Card] = (),
    below: Sequence[Card] = (),
    *,
    more_bars: Sequence[Card] = (),
    late: str = "",
) -> Block:
    """Build the block of people in need, target and people reached, over the bars that compare them.

    Other cards stand ``beside`` or ``below``. The note ``late`` is printed only with other cards. If the people reached
    are not sure, bars are hatched from the lower to the upper bound, and one box says what is sure and why. If the
    people reached cannot be known, a sentence replaces their card.
    """
    translate, figures = formatter.translate, formatter.key_figures.figures
    reached, notes = figures["people_reached"], format_number_notes(formatter)
    doubt = reached.doubt if "people_reached" in names else 0.0
    bars = _build_bars(formatter, names)
    if doubt and not bars:
        bars = [build_bar("reached", solid=1.0, doubt=doubt)]
    unknown = ""
    if reached.value is None and reached.reason in EMPTY_BREAKDOWN_REASONS:
        # A sentence in place of a card with a dash
        reason = formatter.format_reason(reached)
        unknown = translate("How many people were reached is not known: {reason}.", reason=reason)
        names = [name for name in names if name != "people_reached"]
    sentences = (
        unknown,
        notes["target_coverage"],
        notes["people_reached"],
        late if beside or below else "",
    )
    return build_card_block(
        "people",
        "above",
        [*(_build_people_card(formatter, name) for name in names), *beside],
        bars=[*bars, *more_bars],
        hatched=bool(doubt),
        note=formatter.join_texts([sentence for sentence in sentences if sentence], " "),
        also={"label": translate("Partners and activities"), "items": [*below]} if below else None,
        caution=formatter.join_texts([format_doubt(formatter), translate("Hatched: not sure.")], " ") if doubt else "",
    )


def _build_people_card(formatter: SheetFormatter, name: str) -> Card:
    """Build the card of people in need, of the target or of people reached."""
    figure, text = formatter.key_figures.figures[name], formatter.format_figure(name)
    label = formatter.translate(FIGURES[name].label)
    if name == "people_reached" and not formatter.is_year_to_date:
        label = formatter.translate("{label}, {period}", label=label, period=formatter.format_period())
    return build_card(
        label,
        text,
        CARD_KIND_BY_FIGURE[name],
        name=name,
        spoken=formatter.to_spoken(text) if figure.status == FEW else "",
        reason=formatter.format_reason(figure) or _format_card_reason(formatter, name),
    )


def _format_card_reason(formatter: SheetFormatter, name: str) -> str:
    """Write the small text of a card: the number of the previous issue, and a related number. It may be empty.

    The target has the people still to reach, in all and per month, unless people reached are in doubt or no month is
    left. People reached have the people since January if the period begins later and the data have the whole year.
    """
    figures = formatter.key_figures
    texts = [format_card_note(name, formatter.revision, figures.period.end, formatter.translate)]
    gap = figures.value("people_to_reach") or 0
    if name == "target" and gap > 0 and formatter.remaining_months and not figures.in_doubt("people_reached"):
        months = float(formatter.remaining_months)
        pace = formatter.format_claim("people_to_reach", gap, base=months, compared_with="months_left")
        needed = formatter.format_figure("people_to_reach")
        sentence = N_("{people} still to reach: {pace} a month until December")
        texts.append(formatter.translate(sentence, people=needed, pace=pace))
    to_date = figures.people_to_date
    if name == "people_reached" and to_date and not formatter.is_year_to_date and figures.year_in_data:
        people = formatter.format_claim("people_to_date", to_date, months=figures.period.to_date.months)
        texts.append(formatter.translate("{people} since January", people=people))
    return formatter.join_texts([text for text in texts if text])


def build_card(
    label: str, value: str, kind: str = "", *, name: str = "", share: str = "", spoken: str = "", reason: str = ""
) -> Card:
    """Build a card: a number with its label, and the glyph of its ``kind``.

    ``name`` is the name of its figure, which is also its address on the page. A screen reader says ``spoken`` in place
    of ``value``. ``reason`` is the small text below. A dash as ``value`` sets ``is_missing``.
    """
    texts = {"label": label, "value": value, "spoken": spoken, "share": share, "reason": reason}
    return {"name": name, "kind": kind, **texts, "is_missing": value == numbers.NO_NUMBER_TEXT}


def build_bar(kind: str, text: str = "", **lengths: float | None) -> Card:
    """Build a bar with these ``lengths``: ``solid``, ``target``, ``mark``, ``doubt``.

    Lengths are shares of the bar, cut to 0–1. A length that is not given is None. ``doubt`` is the share of the solid
    part that is in doubt. A caller may fill ``enlarged``, the label of the part that the next bar shows larger.
    """
    shares = {name: min(max(length, 0), 1) for name, length in lengths.items() if length is not None}
    return {"kind": kind, "text": text, "enlarged": "", **dict.fromkeys(("solid", "target", "mark", "doubt")), **shares}


def build_card_block(name: str, numbers: str, cards: Sequence[Card], *, span: int = 12, **texts: Any) -> Block:
    """Build a block of cards.

    ``numbers`` is the place of a number: ``above``, ``under`` or ``beside`` its label.

    ``texts`` are further entries of the block's view, such as ``kicker``, ``note`` and ``caution``. Its ``bars`` get
    their layout here.
    """
    blank: Card = {"hatched": False, "kicker": "", "aside": "", "bars": [], "note": "", "also": None}
    view = {**blank, "caution": "", "footnote": [], **texts}
    view["bars"] = [lay_out_bar(bar, compute_width_mm(span)) for bar in view["bars"]]
    return Block.build("cards", span, name=name, numbers=numbers, cards=list(cards), **view)


def lay_out_bar(bar: Card, width_mm: float) -> Card:
    """Return a bar with its layout for HTML and PDF: ``zones``, ``text_zone`` and ``opening``.

    A zone has ``start`` and ``end`` (shares of the bar) and a kind: ``solid``, ``doubt``, ``target`` or ``ground``. The
    text stands in the solid zone if that is long, or in the last or the widest zone with room, but never in ``doubt``.
    Without room ``text_zone`` is None, and the text stands above. ``opening`` is the end of the part that the next bar
    enlarges.
    """

    def length(name: str, min_mm: float = 0.0) -> float:
        """Return a length as a share of the bar, at least ``min_mm`` in print, or 0 if the bar has no such length."""
        return 0.0 if bar[name] is None else round(min(1.0, max(bar[name], min_mm / width_mm)), 6)

    solid, target = length("solid", MIN_SOLID_PART_MM), length("target", MIN_TARGET_PART_MM)
    sure = round(solid * (1 - (bar["doubt"] or 0)), 6)
    kinds = (("solid", sure), ("doubt", solid), ("target", target), ("ground", 1.0))
    ends = sorted({0.0, sure, solid, target, length("mark"), 1.0})
    zones: list[dict[str, Any]] = [
        {"start": start, "end": end, "kind": next(kind for kind, limit in kinds if end <= limit)}
        for start, end in pairwise(ends)
    ]
    usable = [zone for zone in zones if zone["kind"] != "doubt"]
    widest = sorted(usable, key=lambda zone: zone["start"] - zone["end"])
    inside = [zone for zone in widest if zone["kind"] == "solid"]
    order = inside if sure > MIN_SOLID_SHARE_FOR_TEXT else usable[-1:] + widest
    needed_mm = width_of(bar["text"], weight=600, size=BAR_TEXT_PT) + BAR_TEXT_MARGINS_MM
    home = next((zone for zone in order if (zone["end"] - zone["start"]) * width_mm >= needed_mm), None)
    return {**bar, "zones": zones, "text_zone": home if bar["text"] else None, "opening": max(solid, target)}


def format_number_notes(formatter: SheetFormatter) -> dict[str, str]:
    """Write by figure the note on people that people reached, or the share of the target, leave out.

    A note is empty if no people are left out, or if the people reached are not sure: ``format_doubt`` says why.
    """
    is_sure = formatter.key_figures.figures["people_reached"].is_sure
    caution = formatter.key_figures.lacks if is_sure else None
    note = formatter.complete_sentence(format_caution(formatter, caution)) if caution else ""
    return {"people_reached": note, "target_coverage": _format_transit_note(formatter)}


def _format_transit_note(formatter: SheetFormatter) -> str:
    """Write that the share of the target leaves out people in transit, with their target if it is planned.

    It is written only if the numbers on the sheet give another share and the period begins in January.
    """
    figures, translate = formatter.key_figures, formatter.translate
    reached, target, share = (figures.value(name) for name in ("people_reached", "target", "target_coverage"))
    if (
        not target
        or share is None
        or not figures.figures["people_reached"].is_sure
        or figures.method.in_transit_in_denominators
        or not formatter.is_year_to_date
    ):
        return ""
    if reached is None or formatter.format_share(reached, target) == formatter.format_share(share, 1):
        return ""
    transit = formatter.breakdown("people_reached_by_population_group").values().get("in_transit", 0.0)
    planned = formatter.breakdown("target_by_population_group").values().get("in_transit", 0.0)
    sentence = N_("The share of {share} leaves out {people} people in transit, for whom the plan has no target.")
    if not transit:
        sentence = N_("The share of {share} leaves out people in transit.")
    elif planned:
        sentence = N_(
            "The share of {share} leaves out {people} people in transit, for whom the plan has a target of {target}."
        )
    return translate(
        sentence,
        share=formatter.format_figure("target_coverage"),
        people=formatter.format_claim("people_reached_by_population_group", transit, part="in_transit"),
        target=formatter.format_claim("target_by_population_group", planned, part="in_transit"),
    )


def _build_bars(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """Build the bars of the people in need and of the people targeted, each only if named and known."""
    translate, figures = formatter.translate, formatter.key_figures.figures
    need, coverage = (formatter.key_figures.value(name) for name in ("people_in_need", "target_coverage"))
    bars = [_build_need_bar(formatter, need)] if need and "people_in_need" in names else []
    if coverage is None or "target" not in names:
        return bars
    is_above = figures["target_coverage"].bounds[0] > 1
    templates = (
        (N_("{share} of people targeted were reached"), N_("By {month}, {share} of people targeted were reached")),
        (N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the target")),
    )
    template = templates[is_above][not formatter.is_whole_year]
    month = formatter.month_name(formatter.key_figures.period.end)
    text = translate(template, share=formatter.format_figure("target_coverage", in_sentence=True), month=month)
    text = formatter.format_sentence(text)
    # Above the target, the bar is as long as the people reached, and the target is a mark on it
    end, doubt = figures["target_coverage"].end, figures["target_coverage"].doubt
    label = translate("People reached, enlarged") if end > 1 else translate("People targeted, enlarged")
    target = build_bar("wanted", text, solid=end, mark=1 / end if end > 1 else None, doubt=doubt or None)
    return [*(bar | {"enlarged": label} for bar in bars), target]


def _build_need_bar(formatter: SheetFormatter, people_in_need: float) -> Card:
    """Build the bar of the people in need, with the shares of people targeted and reached."""
    translate, value = formatter.translate, formatter.key_figures.value
    targeted, figure = value("target"), formatter.key_figures.figures["need_coverage"]
    coverage, end, doubt = figure.value, figure.end, figure.doubt or None
    reached = formatter.format_figure("need_coverage")
    if targeted is None:
        text = translate("{reached} of people in need were reached", reached=reached) if coverage is not None else ""
        return build_bar("need", text, solid=end if text else None, doubt=doubt)
    share = targeted / people_in_need
    target = formatter.format_claim("target", targeted, "share", base=people_in_need, compared_with="people_in_need")
    if coverage is None:
        text = translate("{target} of people in need were targeted", target=target)
        return build_bar("need", text, target=share)
    text = translate("{target} of people in need were targeted, {reached} reached", target=target, reached=reached)
    mark = share if share < min(end, 1) else None
    return build_bar("need", text, solid=end, target=share, mark=mark, doubt=doubt)


def _build_amount_cards(formatter: SheetFormatter) -> list[Card]:
    """Build the card of funding and, with a known requirement, the card of the unmet requirement."""
    translate, figures = formatter.translate, formatter.key_figures
    change = format_card_note("funding_usd", formatter.revision, figures.period.end, translate)
    notes = (formatter.format_source_date("funding"), change, format_cautions(formatter, "funding_coverage"))
    amount = formatter.format_figure("funding_usd")
    share = formatter.format_figure("funding_coverage", missing_text="")
    reason = formatter.join_texts([note for note in notes if note])
    card = build_card(f"{translate('Funded')}*", amount, "funded", name="funding_usd", share=share, reason=reason)
    return [card, _build_unmet_card(formatter, _format_requirement(formatter))] if share else [card]


def _format_requirement(formatter: SheetFormatter) -> str:
    """Write the requirement with the date of its source: the plan, or FTS if the plan has no requirement."""
    figures, amount = formatter.key_figures.figures, formatter.format_figure("requirement_usd")
    is_fts = figures["requirement_usd"].source == figures["funding_usd"].source
    date = formatter.format_source_date("funding" if is_fts else "planning")
    return formatter.translate("{amount} required, {as_of}", amount=amount, as_of=date)


def _build_unmet_card(formatter: SheetFormatter, reason: str = "") -> Card:
    """Build the card of the unmet requirement with its share. Both are 0 if more was given than required."""
    unmet = max(formatter.key_figures.value("unmet_usd") or 0.0, 0.0)  # below 0 in the published files
    amount = formatter.format_value(unmet, "usd")
    share = formatter.format_share(unmet, formatter.key_figures.value("requirement_usd"))
    return build_card(formatter.translate("Unmet"), amount, "unmet", name="unmet_usd", share=share, reason=reason)


def _build_money_bar(formatter: SheetFormatter) -> Card:
    """Build the bar of the money required, with the money given."""
    coverage = formatter.key_figures.value("funding_coverage") or 0.0
    return build_bar("money", solid=coverage, mark=1 / coverage if coverage > 1 else None)


def build_funding_cards(formatter: SheetFormatter, names: Sequence[str]) -> Block:
    """Build the block of funding: funded and unmet, their bar, and the organisations behind them.

    Without a requirement there is no bar and no unmet amount. For the region, or without funding, a note says why.
    """
    translate, figures = formatter.translate, formatter.key_figures.figures
    value, unmet = formatter.key_figures.value, formatter.key_figures.value("unmet_usd")
    # A plan seldom has a requirement for a place, and never for an organisation: its absence is not mentioned there.
    is_noted = formatter.is_region_sheet or value("funding_usd") is None
    remark = translate("Requirement not known") if is_noted else ""
    if value("requirement_usd") is not None:
        remark = _format_requirement(formatter)
    share = formatter.format_figure("funding_coverage", missing_text="")
    amount = formatter.format_figure("funding_usd")
    cards = [build_card(translate("Funded"), amount, "funded", name="funding_usd", share=share)]
    if unmet is not None and "unmet_usd" in names:
        cards.append(_build_unmet_card(formatter))
    note = format_card_note("funding_usd", formatter.revision, formatter.key_figures.period.end, translate)
    reason = translate(WORDS_BY_REASON.get(figures["funding_usd"].reason or figures["requirement_usd"].reason, ""))
    if unmet is None and is_noted and reason:
        note = translate("Share and unmet amount cannot be stated: {reason}.", reason=reason)
    return build_card_block(
        "funding",
        "under",
        cards,
        span=12 if formatter.organisation else 8,  # on an organisation's sheet no block stands next to it
        kicker=translate("Funding*, {as_of}", as_of=formatter.format_source_date("funding")),
        aside=remark,
        bars=[] if value("funding_coverage") is None else [_build_money_bar(formatter)],
        note=note,
        also=_build_organisations(formatter, names),
        caution=format_cautions(formatter, "funding_coverage"),
        footnote=build_funding_note(formatter),
    )


def _build_organisations(formatter: SheetFormatter, names: Sequence[str]) -> dict[str, Any] | None:
    """Return the numbers of donors and funded organisations that are in ``names`` and known, or None without any.

    It has a ``label``, and ``items`` with ``value`` and ``label``. An organisation's sheet has donors only.
    """
    translate, value = formatter.translate, formatter.key_figures.value
    donors, funded = (int(value(name) or 0) for name in ("donors", "funded_organisations"))
    labels = {"donors": translate.plural("donor", "donors", donors)}
    if not formatter.organisation:
        labels["funded_organisations"] = translate.plural("funded organization", "funded organizations", funded)
    items = [
        {"value": formatter.format_figure(name), "label": label}
        for name, label in labels.items()
        if name in names and value(name) is not None
    ]
    return {"label": translate("Number of organizations"), "items": items} if items else None


def build_funding_note(formatter: SheetFormatter) -> list[prose.Node]:
    """Build the note behind the asterisk of funding: FTS reports it, and some money may be missing.

    Money without a sector or country may be missing. For the region, the note adds the shares of the plan's money
    without a single sector and without a single country. The address of FTS stands after its name, as a link. Empty
    without funding or its source.
    """
    if not formatter.has_money or "funding" not in formatter.key_figures.sources:
        return []
    note = formatter.translate(
        "* As reported to the Financial Tracking Service (FTS). Unearmarked funds may not be assigned to a sector or "
        "country yet, so some money may be missing."
    )
    plan = format_undesignated(formatter) if formatter.is_region_sheet else ""
    start, name, end = f"{note} {plan}".strip().partition("(FTS)")
    if not name:
        return [prose.run(start)]
    address = prose.run(FTS_ADDRESS) | {"href": f"https://{FTS_ADDRESS}"}
    return [prose.run(f"{start}(FTS, "), address, prose.run(f"){end}")]


def format_undesignated(formatter: SheetFormatter) -> str:
    """Write the shares of the plan's money without a single sector, and without a single country.

    Such money is for several sectors or countries, or has none. The text is empty if the plan has no money by sector.
    """
    totals, shares = {}, {}
    for dimension in ("sector", "country"):
        amounts = formatter.breakdown(f"plan_funding_usd_by_{dimension}_named").values()
        totals[dimension] = sum(amounts.values())
        unassigned = amounts.get(SHARED_PART, 0) + amounts.get(NOT_SPECIFIED, 0)
        shares[dimension] = formatter.format_share(unassigned, totals[dimension])
    if not shares["sector"]:
        return ""
    sentence = N_("Of the plan's {total}, {sector} is not assigned to a single sector.")
    if shares["country"]:
        sentence = N_(
            "Of the plan's {total}, {sector} is not assigned to a single sector and {country} not to a single country."
        )
    return formatter.translate(sentence, total=formatter.format_value(totals["sector"], "usd"), **shares)
