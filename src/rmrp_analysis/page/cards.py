"""The blocks of single figures: title, notice, headline, cards of people, counts or money."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from rmrp_analysis import numbers
from rmrp_analysis.charts.measures import width_of
from rmrp_analysis.errors import check_allowed
from rmrp_analysis.figures import FEW, FIGURES, ILLUSTRATIVE, NEW_NOT_KNOWN, REASONS, REASONS_LOST, KeyFigures
from rmrp_analysis.page.block import Block, compute_width_mm
from rmrp_analysis.page.change import card_note, revision_note
from rmrp_analysis.page.formatter import REACHED, WHOLE_BREAKDOWN, WORDS_OF, SheetFormatter
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import NOT_SPECIFIED, REGION, SHARED, WITHOUT_PEOPLE, plan_year
from rmrp_analysis.words import INTERNAL_MARK, N_, Translator

PLANNED = ("people_in_need", "target", "requirement_usd")
PEOPLE = {"people_in_need": "need", "target": "target", "people_reached": "reached"}
"""How a number of people looks: need is an open circle, the target a pale one, reach a solid one."""
PER = 100  # people, of whom a line of trust tells how many are in reports without a fault
MONEY = ("requirement_usd", "funding_usd", "unmet_usd", "funding_coverage", "donors", "funded_organisations")
FTS_ADDRESS = "fts.unocha.org"
LEAST_SOLID_MM, LEAST_TARGET_MM = 0.8, 1.2  # so long a part of a bar is at least, to be seen in print
WITHIN_FROM = 0.45
"""A text stands within the solid part of its bar where more of the bar than this is solid and free of doubt."""
BAR_TEXT_PT, BAR_TEXT_MARGINS_MM = 9.5, 5.0
Card = dict[str, Any]


def masthead(formatter: SheetFormatter, title: str) -> Block:
    """The sheet's title, and what the whole document is called."""
    translate, plan, beside = (
        formatter.translate,
        plan_year(formatter.key_figures.plan_year),
        formatter.scope_beside_title(),
    )
    view = prose.masthead(
        translate,
        formatter.sheet(),
        period=translate(title),
        scope=" · ".join(filter(None, ("" if formatter.organisation else beside, formatter.period()))),
        whom=" · ".join(filter(None, (beside if formatter.organisation else "", plan.whom(formatter.language)))),
        publisher=publisher(formatter),
        plan=plan.named(formatter.language),
        title=formatter.document(title),
        mark=translate(INTERNAL_MARK) if formatter.internal else "",
        status=translate(illustrative_status(formatter.key_figures)),
        author=formatter.publisher.name if formatter.publisher else "",
        last_month=formatter.key_figures.period.end,
    )
    return Block("masthead", view)


def publisher(formatter: SheetFormatter) -> list[str]:
    """Who publishes the sheet, up to which day the reports are, when it is issued and when the next one."""
    translate, who = formatter.translate, formatter.publisher
    reports = formatter.key_figures.sources.get("activities")
    until = reports.as_of if reports else ""
    issues = [
        numbers.date(day.isoformat(), formatter.language) for day in formatter.calendar if day.isoformat() >= until
    ]
    issued = translate("Issued {day}", day=issues[0]) if issues else ""
    up_to = translate("Reports up to {day}", day=numbers.date(until, formatter.language)) if until else ""
    following = translate("Next issue: {day}", day=issues[1]) if issues[1:] else ""
    name, *reach = (who.name, who.contact, who.address) if who else ("",)
    lines = ([name], [issued, up_to], [following, *reach])
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def illustrative_status(figures: KeyFigures) -> str:
    """How much of the sheet is invented: all of it, part of it, nothing (empty)."""
    if not figures.illustrative:
        return ""
    published = [name for name in PLANNED if figures.value(name) is not None and name not in figures.illustrative]
    return N_("Partly illustrative") if published else N_("Illustrative data")


def notice(formatter: SheetFormatter, *, illustrative_text: bool = False) -> tuple[str, str]:
    """What on the sheet is invented, its text perhaps among it, whom it could not count, what changed or may change.

    The status that leads, and the text; both are empty where there is nothing to say.
    """
    translate, figures = formatter.translate, formatter.key_figures
    origins = WORDS_OF["origin"].items()
    known = {name: translate(label) for name, label in origins if figures.value(name) is not None}
    real = [label for name, label in known.items() if name not in figures.illustrative]
    invented = [label for name, label in known.items() if name in figures.illustrative]
    some_targets = (
        ILLUSTRATIVE in formatter.breakdown("target_by_sector").source and "target" not in figures.illustrative
    )
    invented += [translate("targets of some sectors")] * some_targets
    invented += [translate("the text")] * illustrative_text
    sentences = []
    if figures.illustrative and real and illustrative_text and not some_targets:
        sentences.append(translate("Real: {list}. Everything else is invented.", list=formatter.listed(real)))
    else:
        said = {N_("Real: {list}."): real if figures.illustrative else [], N_("Invented: {list}."): invented}
        sentences += [translate(sentence, list=formatter.listed(names)) for sentence, names in said.items() if names]
    for cause, people in figures.lost_people.items():
        sentence = N_("The people reached leave out {people} people reported: {reason}.")
        if not people:  # few, rounded down
            sentence = N_("The people reached leave out some people reported: {reason}.")
        elif cause == NEW_NOT_KNOWN:  # of which the larger of two numbers is given
            sentence = N_("The people reached leave out up to {people} people reported: {reason}.")
        number = formatter.claim("lost_people", people, part=cause)
        sentences.append(translate(sentence, people=number, reason=translate(REASONS_LOST[cause])))
    sentences += filter(
        None,
        (revision_note(formatter.revision, figures.period.end, translate, formatter.figure), _provisional(formatter)),
    )
    statuses = {
        N_("Example"): figures.illustrative or invented,
        N_("Not all people are counted"): figures.lost_people,
        N_("Revised sheet"): formatter.revision is not None and not formatter.revision.until,
        N_("Provisional figures"): formatter.provisional,
    }
    lead = next((f"{translate(status)}." for status, holds in statuses.items() if holds), "")
    return lead, formatter.joined(sentences, " ")


def _provisional(formatter: SheetFormatter) -> str:
    """Which figures may still change."""
    translate, figures = formatter.translate, formatter.key_figures.figures
    if not formatter.provisional:
        return ""
    if set(formatter.provisional) >= {name for name, figure in figures.items() if figure.value is not None}:
        return translate("All figures may still change.")
    return translate("May still change: {list}.", list=of_their_own(formatter.provisional, translate))


def of_their_own(names: Sequence[str], translate: Translator) -> str:
    """Name these figures; of those that follow from others, the others are named."""
    named = [name for name in names if not FIGURES[name].part] or names
    return numbers.listed([translate(FIGURES[name].label) for name in named], translate.language)


def cards(formatter: SheetFormatter, names: Sequence[str], *, headline: str = "", trust: str = "") -> Iterator[Block]:
    """Give figures as large numbers: a block for people, for money, for what is counted, where any of it is named.

    What the ``headline`` above them says of doubts and of late reports is not said again. A line of ``trust`` stands
    under the people.
    Raises ``RequestError`` for a name that is no figure.
    """
    for name in names:
        check_allowed(name, FIGURES, "there is no figure")
    has_people = formatter.key_figures.sector not in WITHOUT_PEOPLE
    of_people = [name for name in PEOPLE if name in names and has_people]
    of_money = [name for name in names if name in MONEY]
    others = [name for name in names if name not in (*PEOPLE, *of_money)]
    silences = filter(None, (formatter.missing_reports(), formatter.missing_reports(least=0.0)))
    is_said = any(silence[1:] in headline for silence in silences)  # it may begin with a capital there
    late = "" if is_said else formatter.completeness
    if of_people and formatter.is_planned:  # what is counted stands beside the money, or else in a line of its own
        under = [] if formatter.has_money else _counted(formatter, others)
        yield people(formatter, of_people, below=under, late=late, headline=headline, trust=trust)
    elif of_people:  # or beside the one number of people, as the money of a place or organisation does
        counted = _counted(formatter, others)
        options: Any = {"late": late, "headline": headline, "trust": trust}
        amounts = (
            _amounts_beside_people(formatter) if of_money and formatter.has_money and not formatter.is_of_region else []
        )
        of_money = [] if amounts else of_money
        if len(amounts) > 1:  # what is counted leaves its place to them
            yield people(
                formatter, ["people_reached"], amounts, counted, more_bars=[_bar_of_money(formatter)], **options
            )
        else:
            yield people(formatter, ["people_reached"], [*counted, *amounts], **options)
    if others and (not of_people or (formatter.is_planned and formatter.has_money)):
        only_counts = all(FIGURES[name].unit == "count" for name in others)
        kicker = formatter.translate("Partners and activities") if only_counts else formatter.translate("Key figures")
        note = late if "reporting_partners" in others else ""
        yield block_of_cards("partners", "beside", _counted(formatter, others), span=4, kicker=kicker, note=note)
    if of_money and formatter.has_money:
        yield funding(formatter, of_money)


def people(
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
    """Give people in need, target and people reached, over the bars that join them; other cards beside or below.

    What is in doubt of the people reached is hatched on the bars; without bars they have one of their own for it.
    """
    translate, figures = formatter.translate, formatter.key_figures.figures
    doubt = figures["people_reached"].doubt if "people_reached" in names else 0.0
    bars = [each | {"doubt": doubt or None} for each in _bars(formatter, names)]
    if doubt and not bars:
        bars = [bar("reached", solid=1.0, doubt=doubt)]
    of_numbers = number_notes(formatter)
    hatched = _hatched(formatter, doubt) if doubt else ""
    reached, unknown = figures["people_reached"], ""
    if reached.value is None and reached.reason in WHOLE_BREAKDOWN:  # a sentence says so, and no card with a dash
        unknown = translate("How many people were reached is not known: {reason}.", reason=formatter.reason(reached))
        names = [name for name in names if name != "people_reached"]
    said = (of_numbers["target_coverage"], of_numbers["people_reached"])
    notes = (hatched, unknown, *said, late if beside or below else "")
    of_people = [
        card(
            _label(formatter, name),
            formatter.figure(name),
            PEOPLE[name],
            name=name,
            spoken=formatter.aloud(formatter.figure(name)) if figures[name].status == FEW else "",
            reason=formatter.reason(figures[name]) or _beside(formatter, name),
        )
        for name in names
    ]
    return block_of_cards(
        "people",
        "above",
        [*of_people, *beside],
        bars=[*bars, *more_bars],
        hatched=bool(doubt),
        trust=trust,
        note=formatter.joined([note for note in notes if note], " "),
        also={"label": translate("Partners and activities"), "items": [*below]} if below else None,
        caution=formatter.cautions("people_reached", "target_coverage", "need_coverage", said=headline),
    )


def _hatched(formatter: SheetFormatter, doubt: float) -> str:
    """What the hatching of the people reached means, and how many of them it is; all of them need no number."""
    if doubt >= 1:
        return formatter.translate("Hatched: read with care.")
    people = formatter.key_figures.value("people_reached") or 0.0
    share = formatter.claim("people_reached_in_doubt", doubt * people, "share", base=people, compared_with=REACHED)
    return formatter.translate("Hatched: {share} of the people reached, to be read with care.", share=share)


def trust_line(formatter: SheetFormatter, to_review: float, people: float) -> str:
    """Give how many of 100 people are in reports without a fault; empty without people.

    ``to_review`` are people in reports with something to correct, of so many ``people``, both as they may be published.
    """
    if not people:
        return ""
    sound, translate = round(100 * (1 - to_review / people)), formatter.translate
    if sound >= PER:
        return translate("More than 99 of 100 people are in reports without a fault.")
    if sound <= 0:
        return translate("Fewer than 1 of 100 people are in reports without a fault.")
    return translate("{count} of 100 people are in reports without a fault.", count=formatter.count(sound))


def _beside(formatter: SheetFormatter, name: str) -> str:
    """What stands small beside a number: what the issue before printed, how many are still to be reached."""
    figures = formatter.key_figures
    said = [card_note(name, formatter.revision, figures.period.end, formatter.translate)]
    gap = figures.value("people_to_reach") or 0
    if name == "target" and gap > 0 and formatter.months_left and not figures.in_doubt("people_reached"):
        months_left = float(formatter.months_left)
        pace = formatter.claim("people_to_reach", gap, base=months_left, compared_with="months_left")
        rest = {"people": formatter.figure("people_to_reach"), "pace": pace}
        said.append(formatter.translate("{people} still to reach: {pace} a month until December", **rest))
    to_date = figures.people_to_date
    if name == "people_reached" and to_date and not formatter.is_year_to_date and figures.year_in_data:
        people = formatter.claim("people_to_date", to_date, months=figures.period.to_date.months)
        said.append(formatter.translate("{people} since January", people=people))
    return formatter.joined([text for text in said if text])


def _label(formatter: SheetFormatter, name: str) -> str:
    """The name of a number of people; of people reached in a part of the year, with that part."""
    label = formatter.translate(FIGURES[name].label)
    if name != "people_reached" or formatter.is_year_to_date:
        return label
    return formatter.translate("{label}, {period}", label=label, period=formatter.period())


def card(
    label: str, value: str, kind: str = "", *, name: str = "", share: str = "", spoken: str = "", reason: str = ""
) -> Card:
    """A number with its label, and the glyph of its ``kind``; ``spoken`` is what a voice says of it instead.

    ``name`` is that of its figure, by which the page has an address for it.
    """
    texts = {"label": label, "value": value, "spoken": spoken, "share": share, "reason": reason}
    return {"name": name, "kind": kind, **texts, "is_missing": value == numbers.NOTHING}


def bar(kind: str, text: str = "", **lengths: float | None) -> Card:
    """Give a bar as long as a whole; lengths are shares of it, and ``doubt`` is the share of its solid part in doubt.

    ``enlarged`` is what the next bar shows of it, larger.
    """
    known = {name: min(max(length, 0), 1) for name, length in lengths.items() if length is not None}
    return {"kind": kind, "text": text, "enlarged": "", **dict.fromkeys(("solid", "target", "mark", "doubt")), **known}


def block_of_cards(name: str, numbers: str, cards: Sequence[Card], *, span: int = 12, **texts: Any) -> Block:
    """Cards under a kicker, if there is one; ``numbers`` stand ``above``, ``under`` or ``beside`` their names."""
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
    view["bars"] = [lay_out_bar(each, compute_width_mm(span)) for each in view["bars"]]
    return Block.build("cards", span, name=name, numbers=numbers, cards=list(cards), **view)


def lay_out_bar(bar: Card, width_mm: float) -> Card:
    """Return a bar with what HTML and PDF draw alike: its zones from the left, and the one that its text stands in.

    A zone is ``solid``, in ``doubt``, ``target`` or ``ground``. The text stands in the first zone that has room, by
    preference after the solid part, or within it where that is long; without such a zone (None) it stands above the
    bar. ``opening`` is where what the next bar enlarges ends.
    """

    def length(name: str, least_mm: float = 0.0) -> float:
        return 0.0 if bar[name] is None else round(min(1.0, max(bar[name], least_mm / width_mm)), 6)

    solid, target = length("solid", LEAST_SOLID_MM), length("target", LEAST_TARGET_MM)
    sure = round(solid * (1 - (bar["doubt"] or 0)), 6)
    kinds = (("solid", sure), ("doubt", solid), ("target", target), ("ground", 1.0))
    ends = sorted({0.0, sure, solid, target, length("mark"), 1.0})
    zones: list[dict[str, Any]] = [
        {"start": start, "end": end, "kind": next(kind for kind, last in kinds if end <= last)}
        for start, end in pairwise(ends)
    ]
    by_width = sorted((zone for zone in zones if zone["kind"] != "doubt"), key=lambda zone: zone["start"] - zone["end"])
    within = [zone for zone in by_width if zone["kind"] == "solid"]
    order = within if sure > WITHIN_FROM else [zone for zone in zones if zone["kind"] != "doubt"][-1:] + by_width
    needed_mm = width_of(bar["text"], weight=600, size=BAR_TEXT_PT) + BAR_TEXT_MARGINS_MM
    home = next((zone for zone in order if (zone["end"] - zone["start"]) * width_mm >= needed_mm), None)
    return {**bar, "zones": zones, "text_zone": home if bar["text"] else None, "opening": max(solid, target)}


def number_notes(formatter: SheetFormatter) -> dict[str, str]:
    """Return by figure what is said of a number that is well: whom a share leaves out, whom the people reached lack."""
    lacks = formatter.key_figures.lacks
    lacking = formatter.as_sentence(formatter.caution(lacks)) if lacks else ""
    return {"people_reached": lacking, "target_coverage": _transit_note(formatter)}


def _transit_note(formatter: SheetFormatter) -> str:
    """Why a share of target or need on the sheet prints otherwise than its numbers: people in transit; else empty.

    They are told apart where the plan has a target of their own.
    """
    figures, translate = formatter.key_figures, formatter.translate
    reached, target, share = (figures.value(name) for name in ("people_reached", "target", "target_coverage"))
    if not target or share is None or figures.method.in_transit_in_denominators or not formatter.is_year_to_date:
        return ""
    if reached is None or formatter.share(reached, target) == formatter.share(share, 1):
        return ""
    in_transit = formatter.breakdown("people_reached_by_population_group").values().get("in_transit", 0.0)
    planned = formatter.breakdown("target_by_population_group").values().get("in_transit", 0.0)
    numbers = {
        "share": formatter.figure("target_coverage"),
        "people": formatter.claim("people_reached_by_population_group", in_transit, part="in_transit"),
        "target": formatter.claim("target_by_population_group", planned, part="in_transit"),
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


def _bars(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """The bar of the people in need, with those targeted and reached; larger, that of the people targeted."""
    translate, value = formatter.translate, formatter.key_figures.value
    need, target, of_need, of_target = map(value, ("people_in_need", "target", "need_coverage", "target_coverage"))
    bars = []
    if need and "people_in_need" in names:
        planned = ""
        if target is not None:
            planned = formatter.claim("target", target, "share", base=need, compared_with="people_in_need")
        shares, text = {"target": planned, "reached": formatter.figure("need_coverage")}, ""
        if target is not None and of_need is not None:
            text = translate("{target} of people in need were targeted, {reached} reached", **shares)
        elif of_need is not None:
            text = translate("{reached} of people in need were reached", reached=shares["reached"])
        elif target is not None:
            text = translate("{target} of people in need were targeted", target=shares["target"])
        targeted = None if target is None else target / need
        is_above = targeted is not None and of_need is not None and targeted < min(of_need, 1)
        bars.append(bar("need", text, solid=of_need, target=targeted, mark=targeted if is_above else None))
    if of_target is not None and "target" in names:  # where more were reached, the bar is that of the people reached
        above = of_target > 1
        sentence = N_("Reach equals {share} of the target") if above else N_("{share} of people targeted were reached")
        if not formatter.is_whole_year:
            of_year = (
                N_("By {month}, reach equals {share} of the target"),
                N_("By {month}, {share} of people targeted were reached"),
            )
            sentence = of_year[not above]
        for each in bars:
            each["enlarged"] = (
                translate("People reached, enlarged") if above else translate("People targeted, enlarged")
            )
        month = formatter.month(formatter.key_figures.period.end)
        text = translate(sentence, share=formatter.figure("target_coverage"), month=month)
        bars.append(bar("wanted", text, solid=of_target, mark=1 / of_target if above else None))
    return bars


def _amounts_beside_people(formatter: SheetFormatter) -> list[Card]:
    """What was funded and, where a requirement is known, what is unmet, each with its share of that."""
    translate, figures = formatter.translate, formatter.key_figures
    moved = card_note("funding_usd", formatter.revision, figures.period.end, translate)
    below = [text for text in (formatter.as_of("funding"), moved, formatter.cautions("funding_coverage")) if text]
    amount, share = formatter.figure("funding_usd"), formatter.figure("funding_coverage", unknown="")
    funded = card(
        f"{translate('Funded')}*", amount, "funded", name="funding_usd", share=share, reason=formatter.joined(below)
    )
    return [funded, _unmet(formatter, _required(formatter))] if share else [funded]


def _required(formatter: SheetFormatter) -> str:
    """The requirement with its date: the plan's own comes first; where there is none, FTS states it."""
    figures = formatter.key_figures.figures
    of_fts = figures["requirement_usd"].source == figures["funding_usd"].source
    as_of = formatter.as_of("funding" if of_fts else "planning")
    return formatter.translate("{amount} required, {as_of}", amount=formatter.figure("requirement_usd"), as_of=as_of)


def _unmet(formatter: SheetFormatter, reason: str = "") -> Card:
    """What is unmet of the requirement, with its share; nothing where more was given."""
    required = formatter.key_figures.value("requirement_usd")
    still = max(formatter.key_figures.value("unmet_usd") or 0.0, 0.0)  # the files have the true amount
    amount, share = formatter.value(still, "usd"), formatter.share(still, required)
    return card(formatter.translate("Unmet"), amount, "unmet", name="unmet_usd", share=share, reason=reason)


def _bar_of_money(formatter: SheetFormatter) -> Card:
    """The bar of the money required, with what was given."""
    coverage = formatter.key_figures.value("funding_coverage") or 0.0
    return bar("money", solid=coverage, mark=1 / coverage if coverage > 1 else None)


def _counted(formatter: SheetFormatter, names: Sequence[str]) -> list[Card]:
    """A card for each of these figures."""
    shown = [name for name in names if name != "reporting_partners" or not formatter.organisation]  # it is one
    return [card(formatter.translate(FIGURES[name].label), formatter.figure(name), name=name) for name in shown]


def funding(formatter: SheetFormatter, names: Sequence[str]) -> Block:
    """Funded and unmet of the requirement, and the organisations behind it."""
    translate, figures, value = formatter.translate, formatter.key_figures.figures, formatter.key_figures.value
    requirement, unmet, coverage = value("requirement_usd"), value("unmet_usd"), value("funding_coverage")
    # Of a place the plan seldom gives a requirement, of an organisation never: nothing is said of it.
    whole = formatter.key_figures.place == REGION and not formatter.organisation
    told = whole or requirement is not None or value("funding_usd") is None
    required = translate("Requirement not known") if told else ""
    if requirement is not None:
        required = _required(formatter)
    of_bar = (figures[name].reason for name in ("funding_usd", "requirement_usd", "funding_coverage"))
    why = next(filter(None, of_bar), "")
    share = formatter.figure("funding_coverage", unknown="")
    amounts = [card(translate("Funded"), formatter.figure("funding_usd"), "funded", name="funding_usd", share=share)]
    if unmet is not None and "unmet_usd" in names:
        amounts.append(_unmet(formatter))
    note = translate("Share and unmet amount cannot be stated: {reason}.", reason=translate(REASONS.get(why, "")))
    return block_of_cards(
        "funding",
        "under",
        amounts,
        span=12 if formatter.organisation else 8,  # beside the counts stand an organisation's partners
        kicker=translate("Funding*, {as_of}", as_of=formatter.as_of("funding")),
        aside=required,
        bars=[] if coverage is None else [_bar_of_money(formatter)],
        note=note
        if coverage is None and told
        else card_note("funding_usd", formatter.revision, formatter.key_figures.period.end, translate),
        also=_organisations(formatter, names),
        caution=formatter.cautions("funding_coverage"),
        footnote=funding_note(formatter),
    )


def _organisations(formatter: SheetFormatter, names: Sequence[str]) -> dict[str, Any] | None:
    """How many donors and funded organisations there are, as far as it is known."""
    translate, value = formatter.translate, formatter.key_figures.value
    donors, funded = (int(value(name) or 0) for name in ("donors", "funded_organisations"))
    labels = {"donors": translate.plural("donor", "donors", donors)}
    if not formatter.organisation:  # it is one
        labels["funded_organisations"] = translate.plural("funded organization", "funded organizations", funded)
    known = {name: label for name, label in labels.items() if name in names and value(name) is not None}
    items = [{"value": formatter.figure(name), "label": label} for name, label in known.items()]
    return {"label": translate("Number of organizations"), "items": items} if items else None


def funding_note(formatter: SheetFormatter) -> list[prose.Node]:
    """What the asterisk beside money means: who reports it; of the region, which of the plan's money names no sector.

    Empty without a source.
    The address of FTS stands after its name; nothing is loaded from there.
    """
    if not formatter.has_money or "funding" not in formatter.key_figures.sources:
        return []
    note = formatter.translate(
        "* As reported to the Financial Tracking Service (FTS). Unearmarked funds may not be assigned to a sector or "
        "country yet, so some money may be missing."
    )
    of_plan = undesignated(formatter) if formatter.is_of_region else ""
    before, name, after = f"{note} {of_plan}".strip().partition("(FTS)")
    if not name:
        return [prose.run(before)]
    address = prose.run(FTS_ADDRESS) | {"href": f"https://{FTS_ADDRESS}"}
    return [prose.run(f"{before}(FTS, "), address, prose.run(f"){after}")]


def undesignated(formatter: SheetFormatter) -> str:
    """The plan's money that names no single sector (country): several, or none."""
    splits = ("sector", "country")
    named = {split: formatter.breakdown(f"plan_funding_usd_by_{split}_named").values() for split in splits}
    rest = {split: usd.get(SHARED, 0) + usd.get(NOT_SPECIFIED, 0) for split, usd in named.items()}
    shares = {split: formatter.share(rest[split], sum(usd.values())) for split, usd in named.items()}
    if not shares["sector"]:
        return ""
    of_sector = N_("Of the plan's {total}, {sector} is not assigned to a single sector.")
    of_both = N_(
        "Of the plan's {total}, {sector} is not assigned to a single sector and {country} not to a single country."
    )
    sentence, total = of_both if shares["country"] else of_sector, formatter.value(sum(named["sector"].values()), "usd")
    return formatter.translate(sentence, total=total, **shares)
