"""Builds the blocks of single figures: the masthead, the notice, and cards of people, counts or money."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.figures import FEW, FIGURES, ILLUSTRATIVE, NEW_NOT_KNOWN, REASONS, REASONS_LOST, KeyFigures
from rmrp_analysis.page.block import Block, compute_width_mm
from rmrp_analysis.page.cautions import format_caution, format_cautions
from rmrp_analysis.page.change import format_card_note, format_revision_note
from rmrp_analysis.page.formatter import REACHED, WHOLE_BREAKDOWN_REASONS, WORDS_OF, SheetFormatter
from rmrp_analysis.page.late_reports import format_late_reports, format_missing_reports
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import NOT_SPECIFIED, SHARED, plan_lists, plan_year
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

PLANNED_FIGURES = ("people_in_need", "target", "requirement_usd")
PEOPLE_KINDS = {"people_in_need": "need", "target": "target", "people_reached": "reached"}
"""The kind of card of a number of people: need has an open circle, the target a pale one, reach a solid one."""
MONEY_FIGURES = ("requirement_usd", "funding_usd", "unmet_usd", "funding_coverage", "donors", "funded_organisations")
FTS_ADDRESS = "fts.unocha.org"
MIN_SOLID_MM, MIN_TARGET_MM = 0.8, 1.2
"""A part of a bar has at least this length, to be visible in print."""
MIN_SURE_SHARE_FOR_TEXT = 0.45
"""A text stands within the solid part of its bar where a larger share of the bar is solid and without doubt."""
BAR_TEXT_PT, BAR_TEXT_MARGINS_MM = 9.5, 5.0
Card = dict[str, Any]


def build_masthead(formatter: SheetFormatter, title: str) -> Block:
    """Build the block with the sheet's title, its scope and period, who publishes it, and the document's title."""
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
    """Write in up to three lines who publishes the sheet, its dates and its contact.

    The dates are the issue, the last day of the reports, and the next issue.
    """
    translate, publisher = formatter.translate, formatter.publisher
    source = formatter.key_figures.sources.get("activities")
    last_report = source.as_of if source else ""
    dates = [day.isoformat() for day in formatter.calendar]
    issues = [numbers.date(day, formatter.language) for day in dates if day >= last_report]
    issued = translate("Issued {day}", day=issues[0]) if issues else ""
    up_to = translate("Reports up to {day}", day=numbers.date(last_report, formatter.language)) if last_report else ""
    next_issue = translate("Next issue: {day}", day=issues[1]) if issues[1:] else ""
    name, *contact = (publisher.name, publisher.contact, publisher.address) if publisher else ("",)
    lines = ([name], [issued, up_to], [next_issue, *contact])
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def choose_illustrative_status(figures: KeyFigures) -> str:
    """Return the English status of a sheet with invented figures, all or some of them; empty without any."""
    if not figures.illustrative:
        return ""
    real_names = [
        name for name in PLANNED_FIGURES if figures.value(name) is not None and name not in figures.illustrative
    ]
    return N_("Partly illustrative") if real_names else N_("Illustrative data")


def format_notice(formatter: SheetFormatter, *, illustrative_text: bool = False) -> tuple[str, str]:
    """Write the notice of a sheet: what is invented, whom it could not count, what changed and what may change.

    Returns the status that leads, and the text; both are empty where there is nothing to say. ``illustrative_text``
    tells that the author's text is invented.
    """
    translate, figures = formatter.translate, formatter.key_figures
    real, invented, has_invented_rest = _find_origins(formatter, illustrative_text=illustrative_text)
    sentences = []
    if has_invented_rest:
        sentences.append(translate("Real: {list}. Everything else is invented.", list=formatter.format_list(real)))
    else:
        names_by_sentence = {
            N_("Real: {list}."): real if figures.illustrative else [],
            N_("Invented: {list}."): invented,
        }
        sentences += [
            translate(sentence, list=formatter.format_list(names))
            for sentence, names in names_by_sentence.items()
            if names
        ]
    sentences += [_format_lost_people(formatter, cause, people) for cause, people in figures.lost_people.items()]
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
    lead = next((f"{translate(status)}." for status, applies in statuses.items() if applies), "")
    return lead, formatter.join_texts([*filter(None, sentences)], " ")


def _find_origins(formatter: SheetFormatter, *, illustrative_text: bool) -> tuple[list[str], list[str], bool]:
    """Return the names of what is real, of what is invented, and whether all that is not named as real is invented."""
    translate, figures = formatter.translate, formatter.key_figures
    origins = WORDS_OF["origin"].items()
    labels = {name: translate(label) for name, label in origins if figures.value(name) is not None}
    real = [label for name, label in labels.items() if name not in figures.illustrative]
    invented = [label for name, label in labels.items() if name in figures.illustrative]
    target_sources = formatter.breakdown("target_by_sector").source
    has_invented_targets = ILLUSTRATIVE in target_sources and "target" not in figures.illustrative
    invented += [translate("targets of some sectors")] * has_invented_targets
    invented += [translate("the text")] * illustrative_text
    return real, invented, bool(figures.illustrative and real and illustrative_text and not has_invented_targets)


def _format_lost_people(formatter: SheetFormatter, cause: str, people: float) -> str:
    """Write how many reported people the people reached leave out, and for which cause."""
    sentence = N_("The people reached leave out {people} people reported: {reason}.")
    if not people:  # few people, rounded down to 0
        sentence = N_("The people reached leave out some people reported: {reason}.")
    elif cause == NEW_NOT_KNOWN:  # two numbers are possible, and the larger one is printed
        sentence = N_("The people reached leave out up to {people} people reported: {reason}.")
    count = formatter.format_claim("lost_people", people, part=cause)
    return formatter.translate(sentence, people=count, reason=formatter.translate(REASONS_LOST[cause]))


def _format_provisional(formatter: SheetFormatter) -> str:
    """Write which figures may still change; empty where none may."""
    translate, figures = formatter.translate, formatter.key_figures.figures
    if not formatter.provisional:
        return ""
    if set(formatter.provisional) >= {name for name, figure in figures.items() if figure.value is not None}:
        return translate("All figures may still change.")
    return translate("May still change: {list}.", list=join_main_labels(formatter.provisional, translate))


def join_main_labels(names: Sequence[str], translate: Translator) -> str:
    """Join the labels of these figures to a list, without shares and other figures that follow from one of them."""
    main_names = [name for name in names if not FIGURES[name].part] or names
    return numbers.join_names([translate(FIGURES[name].label) for name in main_names], translate.language)


def build_cards(
    formatter: SheetFormatter, names: Sequence[str], *, headline: str = "", trust: str = ""
) -> Iterator[Block]:
    """Build the blocks of figures as large numbers: one for people, one for money, one for what is counted.

    A block is left out where ``names`` has none of its figures. Cautions and late reports that stand in the
    ``headline`` are not repeated. ``trust`` is a line under the people. Raises ``RequestError`` for a name that is no
    figure.
    """
    for name in names:
        check_allowed(name, FIGURES, "there is no figure")
    has_people = formatter.key_figures.sector not in plan_lists().without_people
    people_names = [name for name in PEOPLE_KINDS if name in names and has_people]
    money_names = [name for name in names if name in MONEY_FIGURES and formatter.has_money]
    count_names = [name for name in names if name not in (*PEOPLE_KINDS, *MONEY_FIGURES)]
    counts = _build_count_cards(formatter, count_names)
    late = _format_late_note(formatter, headline)
    options: Any = {"late": late, "headline": headline, "trust": trust}
    if people_names and formatter.has_planned_people:  # the counts stand next to the money, else below the people
        below = [] if formatter.has_money else counts
        yield build_people_cards(formatter, people_names, below=below, **options)
    elif people_names:  # counts stand next to the single number of people, and so does the money of a place
        has_amounts = bool(money_names) and not formatter.is_region_sheet
        amounts = _build_amount_cards(formatter) if has_amounts else []
        money_names = [] if amounts else money_names
        if len(amounts) > 1:  # two amounts take the place of the counts
            money_bar = _build_money_bar(formatter)
            yield build_people_cards(formatter, ["people_reached"], amounts, counts, more_bars=[money_bar], **options)
        else:
            yield build_people_cards(formatter, ["people_reached"], [*counts, *amounts], **options)
    if count_names and (not people_names or (formatter.has_planned_people and formatter.has_money)):
        only_counts = all(FIGURES[name].unit == "count" for name in count_names)
        kicker = formatter.translate("Partners and activities") if only_counts else formatter.translate("Key figures")
        note = late if "reporting_partners" in names else ""
        yield build_card_block("partners", "beside", counts, span=4, kicker=kicker, note=note)
    if money_names:
        yield build_funding_cards(formatter, money_names)


def _format_late_note(formatter: SheetFormatter, headline: str) -> str:
    """Write who has not reported for the last month; empty where the headline says it."""
    clauses = (format_missing_reports(formatter), format_missing_reports(formatter, min_late_share=0.0))
    # A clause may begin with a capital letter in the headline.
    is_in_headline = any(clause[1:] in headline for clause in clauses if clause)
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

    Other cards stand ``beside`` or ``below``. The share of the people reached that is in doubt is hatched on the bars;
    where there are none, on a bar of its own.
    """
    translate, figures = formatter.translate, formatter.key_figures.figures
    reached, number_notes = figures["people_reached"], format_number_notes(formatter)
    doubt = reached.doubt if "people_reached" in names else 0.0
    bars = [bar | {"doubt": doubt or None} for bar in _build_bars(formatter, names)]
    if doubt and not bars:
        bars = [build_bar("reached", solid=1.0, doubt=doubt)]
    not_known = ""
    if reached.value is None and reached.reason in WHOLE_BREAKDOWN_REASONS:  # a sentence in place of a card with a dash
        reason = formatter.format_reason(reached)
        not_known = translate("How many people were reached is not known: {reason}.", reason=reason)
        names = [name for name in names if name != "people_reached"]
    notes = (
        _format_hatched(formatter, doubt) if doubt else "",
        not_known,
        number_notes["target_coverage"],
        number_notes["people_reached"],
        late if beside or below else "",
    )
    return build_card_block(
        "people",
        "above",
        [*(_build_people_card(formatter, name) for name in names), *beside],
        bars=[*bars, *more_bars],
        hatched=bool(doubt),
        trust=trust,
        note=formatter.join_texts([note for note in notes if note], " "),
        also={"label": translate("Partners and activities"), "items": [*below]} if below else None,
        caution=format_cautions(formatter, "people_reached", "target_coverage", "need_coverage", text_above=headline),
    )


def _build_people_card(formatter: SheetFormatter, name: str) -> Card:
    """Build the card of people in need, of the target or of people reached."""
    figure, value = formatter.key_figures.figures[name], formatter.format_figure(name)
    return build_card(
        _format_label(formatter, name),
        value,
        PEOPLE_KINDS[name],
        name=name,
        spoken=formatter.to_spoken(value) if figure.status == FEW else "",
        reason=formatter.format_reason(figure) or _format_card_reason(formatter, name),
    )


def _format_hatched(formatter: SheetFormatter, doubt: float) -> str:
    """Write what the hatching means, with the share of the people reached, unless all of them are hatched."""
    if doubt >= 1:
        return formatter.translate("Hatched: read with care.")
    people = formatter.key_figures.value("people_reached") or 0.0
    share = formatter.format_claim(
        "people_reached_in_doubt", doubt * people, "share", base=people, compared_with=REACHED
    )
    return formatter.translate("Hatched: {share} of the people reached, to be read with care.", share=share)


def format_trust_line(formatter: SheetFormatter, to_review: float, people: float) -> str:
    """Write how many of 100 people are in reports without a fault; empty without people.

    ``to_review`` of the ``people`` are in reports with something to correct; both as they may be published.
    """
    if not people:
        return ""
    count, translate = round(100 * (1 - to_review / people)), formatter.translate
    if count >= 100:
        return translate("More than 99 of 100 people are in reports without a fault.")
    if count <= 0:
        return translate("Fewer than 1 of 100 people are in reports without a fault.")
    return translate("{count} of 100 people are in reports without a fault.", count=formatter.format_count(count))


def _format_card_reason(formatter: SheetFormatter, name: str) -> str:
    """Write the small text of a card: what the previous issue printed, people still to reach, people since January."""
    figures = formatter.key_figures
    texts = [format_card_note(name, formatter.revision, figures.period.end, formatter.translate)]
    gap = figures.value("people_to_reach") or 0
    if name == "target" and gap > 0 and formatter.remaining_months and not figures.in_doubt("people_reached"):
        months_left = float(formatter.remaining_months)
        pace = formatter.format_claim("people_to_reach", gap, base=months_left, compared_with="months_left")
        people = formatter.format_figure("people_to_reach")
        sentence = N_("{people} still to reach: {pace} a month until December")
        texts.append(formatter.translate(sentence, people=people, pace=pace))
    to_date = figures.people_to_date
    if name == "people_reached" and to_date and not formatter.is_year_to_date and figures.year_in_data:
        people = formatter.format_claim("people_to_date", to_date, months=figures.period.to_date.months)
        texts.append(formatter.translate("{people} since January", people=people))
    return formatter.join_texts([text for text in texts if text])


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
    place of ``value``, ``reason`` the small text below.
    """
    texts = {"label": label, "value": value, "spoken": spoken, "share": share, "reason": reason}
    return {"name": name, "kind": kind, **texts, "is_missing": value == numbers.NOTHING}


def build_bar(kind: str, text: str = "", **lengths: float | None) -> Card:
    """Build a bar; ``lengths`` are shares of its length, cut to 0–1: ``solid``, ``target``, ``mark``, ``doubt``.

    ``doubt`` is the share of the solid part that is in doubt. ``enlarged`` names what the next bar shows larger.
    """
    shares = {name: min(max(length, 0), 1) for name, length in lengths.items() if length is not None}
    return {"kind": kind, "text": text, "enlarged": "", **dict.fromkeys(("solid", "target", "mark", "doubt")), **shares}


def build_card_block(name: str, numbers: str, cards: Sequence[Card], *, span: int = 12, **texts: Any) -> Block:
    """Build a block of cards; ``numbers`` says where a number stands: ``above``, ``under`` or ``beside`` its label.

    ``texts`` are further entries of the block's view, such as ``kicker``, ``note``, ``bars`` and ``caution``.
    """
    defaults: Card = {
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
    view = {**defaults, **texts}
    view["bars"] = [lay_out_bar(bar, compute_width_mm(span)) for bar in view["bars"]]
    return Block.build("cards", span, name=name, numbers=numbers, cards=list(cards), **view)


def lay_out_bar(bar: Card, width_mm: float) -> Card:
    """Return a bar with its layout, which HTML and PDF draw alike: its zones, and the one that holds its text.

    A zone has ``start`` and ``end`` (shares of the bar) and a kind: ``solid``, ``doubt``, ``target`` or ``ground``. The
    text stands in the first zone with room, first of all after the solid part, or within it where that is long; without
    such a zone (None) it stands above the bar. ``opening`` is the end of what the next bar enlarges.
    """

    def length(name: str, min_mm: float = 0.0) -> float:
        return 0.0 if bar[name] is None else round(min(1.0, max(bar[name], min_mm / width_mm)), 6)

    solid, target = length("solid", MIN_SOLID_MM), length("target", MIN_TARGET_MM)
    sure = round(solid * (1 - (bar["doubt"] or 0)), 6)
    kind_ends = (("solid", sure), ("doubt", solid), ("target", target), ("ground", 1.0))
    borders = sorted({0.0, sure, solid, target, length("mark"), 1.0})
    zones: list[dict[str, Any]] = [
        {"start": start, "end": end, "kind": next(kind for kind, kind_end in kind_ends if end <= kind_end)}
        for start, end in pairwise(borders)
    ]
    text_zones = [zone for zone in zones if zone["kind"] != "doubt"]
    by_width = sorted(text_zones, key=lambda zone: zone["start"] - zone["end"])
    solid_zones = [zone for zone in by_width if zone["kind"] == "solid"]
    candidates = solid_zones if sure > MIN_SURE_SHARE_FOR_TEXT else text_zones[-1:] + by_width
    needed_mm = width_of(bar["text"], weight=600, size=BAR_TEXT_PT) + BAR_TEXT_MARGINS_MM
    text_zone = next((zone for zone in candidates if (zone["end"] - zone["start"]) * width_mm >= needed_mm), None)
    return {**bar, "zones": zones, "text_zone": text_zone if bar["text"] else None, "opening": max(solid, target)}


def format_number_notes(formatter: SheetFormatter) -> dict[str, str]:
    """Write by figure the notes on numbers that are not in doubt: whom people reached or the target's share leave out.

    A note is empty where nobody is left out.
    """
    lacks = formatter.key_figures.lacks
    people_note = formatter.complete_sentence(format_caution(formatter, lacks)) if lacks else ""
    return {"people_reached": people_note, "target_coverage": _format_transit_note(formatter)}


def _format_transit_note(formatter: SheetFormatter) -> str:
    """Write that a share of the target leaves out people in transit, where its numbers on the sheet give another share.

    The target of people in transit is written where the plan has one.
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
    """Build the bar of the people in need, with those targeted and reached, and the bar of the people targeted."""
    translate = formatter.translate
    need = formatter.key_figures.value("people_in_need")
    coverage = formatter.key_figures.value("target_coverage")
    bars = [_build_need_bar(formatter, need)] if need and "people_in_need" in names else []
    if coverage is None or "target" not in names:
        return bars
    is_above = coverage > 1  # then the bar is as long as the people reached, and the target is a mark on it
    sentences = (
        (N_("{share} of people targeted were reached"), N_("By {month}, {share} of people targeted were reached")),
        (N_("Reach equals {share} of the target"), N_("By {month}, reach equals {share} of the target")),
    )
    sentence = sentences[is_above][not formatter.is_whole_year]
    month = formatter.month_name(formatter.key_figures.period.end)
    text = translate(sentence, share=formatter.format_figure("target_coverage"), month=month)
    enlarged = translate("People reached, enlarged") if is_above else translate("People targeted, enlarged")
    target_bar = build_bar("wanted", text, solid=coverage, mark=1 / coverage if is_above else None)
    return [*(bar | {"enlarged": enlarged} for bar in bars), target_bar]


def _build_need_bar(formatter: SheetFormatter, need: float) -> Card:
    """Build the bar of the people in need, with those targeted and reached as shares of them."""
    translate, value = formatter.translate, formatter.key_figures.value
    target, coverage = value("target"), value("need_coverage")
    targeted, target_text, text = None, "", ""
    if target is not None:
        targeted = target / need
        target_text = formatter.format_claim("target", target, "share", base=need, compared_with="people_in_need")
    reached_text = formatter.format_figure("need_coverage")
    if target is not None and coverage is not None:
        sentence = N_("{target} of people in need were targeted, {reached} reached")
        text = translate(sentence, target=target_text, reached=reached_text)
    elif coverage is not None:
        text = translate("{reached} of people in need were reached", reached=reached_text)
    elif target is not None:
        text = translate("{target} of people in need were targeted", target=target_text)
    is_above = targeted is not None and coverage is not None and targeted < min(coverage, 1)
    return build_bar("need", text, solid=coverage, target=targeted, mark=targeted if is_above else None)


def _build_amount_cards(formatter: SheetFormatter) -> list[Card]:
    """Build the cards of what was funded and, where a requirement is known, of what is unmet, each with its share."""
    translate, figures = formatter.translate, formatter.key_figures
    change = format_card_note("funding_usd", formatter.revision, figures.period.end, translate)
    notes = (formatter.format_source_date("funding"), change, format_cautions(formatter, "funding_coverage"))
    amount = formatter.format_figure("funding_usd")
    share = formatter.format_figure("funding_coverage", missing_text="")
    reason = formatter.join_texts([note for note in notes if note])
    funded = build_card(f"{translate('Funded')}*", amount, "funded", name="funding_usd", share=share, reason=reason)
    return [funded, _build_unmet_card(formatter, _format_requirement(formatter))] if share else [funded]


def _format_requirement(formatter: SheetFormatter) -> str:
    """Write the requirement with the date of its source: the plan, or FTS where the plan has none."""
    figures = formatter.key_figures.figures
    is_from_fts = figures["requirement_usd"].source == figures["funding_usd"].source
    as_of = formatter.format_source_date("funding" if is_from_fts else "planning")
    return formatter.translate(
        "{amount} required, {as_of}", amount=formatter.format_figure("requirement_usd"), as_of=as_of
    )


def _build_unmet_card(formatter: SheetFormatter, reason: str = "") -> Card:
    """Build the card of what is unmet of the requirement, with its share; 0 where more was given than required."""
    required = formatter.key_figures.value("requirement_usd")
    unmet = max(formatter.key_figures.value("unmet_usd") or 0.0, 0.0)  # below 0 in the published files
    amount, share = formatter.format_value(unmet, "usd"), formatter.format_share(unmet, required)
    return build_card(formatter.translate("Unmet"), amount, "unmet", name="unmet_usd", share=share, reason=reason)


def _build_money_bar(formatter: SheetFormatter) -> Card:
    """Build the bar of the money required, with what was given."""
    coverage = formatter.key_figures.value("funding_coverage") or 0.0
    return build_bar("money", solid=coverage, mark=1 / coverage if coverage > 1 else None)


def _build_count_cards(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """Build a card for each of these figures; an organisation's sheet has no number of partners."""
    return [
        build_card(formatter.translate(FIGURES[name].label), formatter.format_figure(name), name=name)
        for name in names
        if name != "reporting_partners" or not formatter.organisation
    ]


def build_funding_cards(formatter: SheetFormatter, names: Sequence[str]) -> Block:
    """Build the block of funding: funded and unmet, their bar, and the organisations behind them."""
    translate, figures, value = formatter.translate, formatter.key_figures.figures, formatter.key_figures.value
    requirement, unmet, coverage = value("requirement_usd"), value("unmet_usd"), value("funding_coverage")
    # A plan seldom has a requirement for a place, and none for an organisation; there its absence is not mentioned.
    mentions_requirement = formatter.is_region_sheet or requirement is not None or value("funding_usd") is None
    requirement_text = translate("Requirement not known") if mentions_requirement else ""
    if requirement is not None:
        requirement_text = _format_requirement(formatter)
    share = formatter.format_figure("funding_coverage", missing_text="")
    amount = formatter.format_figure("funding_usd")
    amounts = [build_card(translate("Funded"), amount, "funded", name="funding_usd", share=share)]
    if unmet is not None and "unmet_usd" in names:
        amounts.append(_build_unmet_card(formatter))
    note = format_card_note("funding_usd", formatter.revision, formatter.key_figures.period.end, translate)
    if coverage is None and mentions_requirement:
        reasons = (figures[name].reason for name in ("funding_usd", "requirement_usd", "funding_coverage"))
        reason = translate(REASONS.get(next(filter(None, reasons), ""), ""))
        note = translate("Share and unmet amount cannot be stated: {reason}.", reason=reason)
    return build_card_block(
        "funding",
        "under",
        amounts,
        span=12 if formatter.organisation else 8,  # on an organisation's sheet no block stands next to it
        kicker=translate("Funding*, {as_of}", as_of=formatter.format_source_date("funding")),
        aside=requirement_text,
        bars=[] if coverage is None else [_build_money_bar(formatter)],
        note=note,
        also=_build_organisations(formatter, names),
        caution=format_cautions(formatter, "funding_coverage"),
        footnote=build_funding_note(formatter),
    )


def _build_organisations(formatter: SheetFormatter, names: Sequence[str]) -> dict[str, Any] | None:
    """Return the numbers of donors and funded organisations with their labels; None where neither is known."""
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
    """Build the note behind the asterisk of funding: who reports it, and for the region what names no sector.

    Empty without funding or its source. The address of FTS stands after its name; nothing is loaded from there.
    """
    if not formatter.has_money or "funding" not in formatter.key_figures.sources:
        return []
    note = formatter.translate(
        "* As reported to the Financial Tracking Service (FTS). Unearmarked funds may not be assigned to a sector or "
        "country yet, so some money may be missing."
    )
    undesignated = format_undesignated(formatter) if formatter.is_region_sheet else ""
    head, name, tail = f"{note} {undesignated}".strip().partition("(FTS)")
    if not name:
        return [prose.run(head)]
    address = prose.run(FTS_ADDRESS) | {"href": f"https://{FTS_ADDRESS}"}
    return [prose.run(f"{head}(FTS, "), address, prose.run(f"){tail}")]


def format_undesignated(formatter: SheetFormatter) -> str:
    """Write which share of the plan's money is for no single sector, and for no single country: for several or none."""
    totals, shares = {}, {}
    for dimension in ("sector", "country"):
        usd = formatter.breakdown(f"plan_funding_usd_by_{dimension}_named").values()
        totals[dimension] = sum(usd.values())
        shares[dimension] = formatter.format_share(usd.get(SHARED, 0) + usd.get(NOT_SPECIFIED, 0), totals[dimension])
    if not shares["sector"]:
        return ""
    sentence = N_("Of the plan's {total}, {sector} is not assigned to a single sector.")
    if shares["country"]:
        sentence = N_(
            "Of the plan's {total}, {sector} is not assigned to a single sector and {country} not to a single country."
        )
    return formatter.translate(sentence, total=formatter.format_value(totals["sector"], "usd"), **shares)
