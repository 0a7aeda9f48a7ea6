"""The block that accounts for the figures: how they were counted, where the data came from, the small print."""

from collections.abc import Iterator, Mapping
from typing import Any

from rmrp_analysis import numbers, vocabulary
from rmrp_analysis.figures import FIGURES, REASONS
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.cards import PLANNED, funding_note, illustrative_status
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.theme import prose
from rmrp_analysis.theme.prose import SHEET
from rmrp_analysis.vocabulary import REGION, labels
from rmrp_analysis.words import N_

COUNTED_PEOPLE, LEVELS, LIMITS = (WORDS_OF[kind] for kind in ("counted", "level", "limit"))
"""In words: whose people count, where the model of all sectors works, what each limit of a gate is of."""
MODEL_RULES, NEW_BENEFICIARIES = WORDS_OF["model rule"], WORDS_OF["new beneficiaries"]


def account(
    formatter: SheetFormatter,
    title: str,
    lines: Mapping[str, str],
    *drafted: str,
    provenance: Mapping[str, Any] | None = None,
    has_map: bool = False,
    has_note: bool = False,
) -> Block:
    """The rules in words, the sources with their dates, and the small print with the edition of a ``provenance``.

    The ``note`` on money stands below the rules, unless the page ``has_note`` beside its money.
    ``lines`` are more rules by their names; empty ones are left out. What was ``drafted`` is said beside the sources.
    """
    translate = formatter.translate
    more = [(translate(name), rule) for name, rule in lines.items() if rule]
    return Block.build(
        "account",
        method={
            "heading": translate("How these figures were counted"),
            "lines": [{"name": name, "rule": rule} for name, rule in (*_rules(formatter), *more)],
        },
        sources={"heading": translate("Sources"), "paragraphs": [*source_lines(formatter, has_map), *drafted]},
        note=[] if has_note else funding_note(formatter),
        text=formatter.document(title),
        status=translate(illustrative_status(formatter.key_figures)),
        edition=edition(formatter, provenance),
    )


def plan_elsewhere(formatter: SheetFormatter) -> list[prose.Node]:
    """What the plan says of the sector in the region, where it says nothing of the place."""
    figures, translate = formatter.key_figures, formatter.translate
    sentences = WORDS_OF["planned in the region"]
    known = {name: value for name in sentences if (value := figures.of_region(name)) is not None}
    here = [name for name in PLANNED if figures.value(name) is not None]
    if here == ["requirement_usd"] and not formatter.has_money:
        required = translate("The plan requires {value} here", value=formatter.figure("requirement_usd"))
        why = translate(REASONS.get(figures.figures["funding_usd"].reason, ""))
        return [prose.paragraph([prose.run(formatter.sentence(f"{required}; {why}." if why else f"{required}."))])]
    if figures.place == REGION or figures.organisation or here or not set(known) & set(PLANNED):
        return []
    planned = [
        translate(sentences[name], value=formatter.value(value, FIGURES[name].unit)) for name, value in known.items()
    ]
    sheet = f"{labels.sheet_name(figures.sector, REGION, formatter.language)} · {translate('Region')}"
    sentence = translate(
        "The plan gives its figures for the region alone: {list}. See ", list=formatter.listed(planned)
    )
    link = prose.run(sheet) | {"href": f"{SHEET}{vocabulary.report_id(figures.sector, REGION)}"}
    return [prose.paragraph([prose.run(formatter.sentence(sentence)), link, prose.run(".")])]


def source_lines(formatter: SheetFormatter, has_map: bool) -> list[str]:
    """The producers of the data, with the day where no kicker says it; beside a map, the note on boundaries."""
    translate, figures = formatter.translate, formatter.key_figures
    planned = any(figures.value(name) is not None for name in PLANNED)
    unused = ({"planning"} if not planned else set()) | ({"funding"} if not formatter.has_money else set())
    said = {"funding", "planning"} if figures.value("requirement_usd") is not None else {"funding"}
    lines = []
    for name, sentence in WORDS_OF["source"].items():
        source = figures.sources.get(name)
        if source and name not in unused:
            date = numbers.date(source.as_of, formatter.language) if source.as_of else translate("of an unknown date")
            day = "" if name in said else f", {date}"
            lines.append(f"{translate(sentence, producer=translate(source.producer))}{day}.")
    if has_map:
        lines.append(translate("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement."))
    return lines


def edition(formatter: SheetFormatter, provenance: Mapping[str, Any] | None) -> str:
    """The short name of all that the numbers follow from; empty where that is not known."""
    return formatter.translate("Edition {edition}", edition=provenance["edition"]) if provenance else ""


def _rules(formatter: SheetFormatter) -> Iterator[tuple[str, str]]:
    """Each rule by which the figures were counted, with its name."""
    figures, translate, method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    if figures.sector not in vocabulary.WITHOUT_PEOPLE:
        yield translate("People reached"), " ".join(_people_rules(formatter))
        if formatter.is_planned and method.in_transit_in_denominators:
            yield translate("Need and target"), translate("Shares include people in transit on both sides.")
    else:
        yield translate("Reported activities"), translate("They are counted as services or trainings, not as people.")
    if figures.repairs:
        changed = N_("Before counting, declared rules changed {cells} cells of the activity reports: {rules}.")
        cells, rules = formatter.count(figures.cells_changed), ", ".join(figures.repairs)
        yield translate("Repairs"), translate(changed, cells=cells, rules=rules)
    if formatter.has_money:
        yield translate("Funding"), " ".join(_funding_rules(formatter))
    if figures.sector not in vocabulary.WITHOUT_PEOPLE:
        yield translate("Rounding"), formatter.rounding()


def _people_rules(formatter: SheetFormatter) -> Iterator[str]:
    figures, translate, method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    people = formatter.listed([translate(COUNTED_PEOPLE[kind]) for kind in method.counted_indicator_types])
    added_up = N_("People newly reached in each month ({people}), added up.")
    if figures.sector != vocabulary.INTERSECTOR and not formatter.organisation:
        added_up = N_(
            "People newly reached in each month ({people}), added up; two partners may count the same person."
        )
    yield translate(added_up, people=people)
    if figures.sector == vocabulary.INTERSECTOR:
        rule = vocabulary.plan_year(figures.plan_year).rule_of(method.intersector_model)
        in_words = {"alternatives": vocabulary.ALTERNATIVES, "added": vocabulary.ADDED}
        names = {name: formatter.listed(list(map(formatter.label, sectors))) for name, sectors in in_words.items()}
        yield translate(MODEL_RULES[rule], **names)
        yield translate(LEVELS[method.intersector_level])
    if formatter.organisation:
        yield translate("Only what this organization reported.")
    if (derived := vocabulary.plan_year(figures.plan_year).new_beneficiaries) in NEW_BENEFICIARIES:
        yield translate(NEW_BENEFICIARIES[derived])
    if method.rmrp_activities_only:
        yield translate("Only activities of the plan.")


def _funding_rules(formatter: SheetFormatter) -> Iterator[str]:
    """What counts as funding, whose money makes a donor, and what is not counted as FTS counts it."""
    translate, figures = formatter.translate, formatter.key_figures
    if formatter.organisation:
        yield translate("Money from outside the plan that names this organization as its only recipient.")
    yield translate("Paid and committed, not pledged.")
    if figures.value("donors") is not None:  # money for several sectors is money of all of them
        of_all = N_("Donors and funded organizations: of money from outside the plan.")
        of_one = N_("Donors and funded organizations: of money for this sector alone.")
        yield translate(of_all if figures.is_intersector else of_one)
    for source in figures.sources.values():
        for amount in source.published:  # on a sheet of this sector and scope
            here, there = formatter.figure(amount.figure), formatter.value(amount.value, "usd")
            same = (amount.sector, amount.scope, "") == (figures.sector, figures.place, figures.organisation)
            if same and here != there:
                sentence = N_("{figure}: {there} as published; {here} from exact amounts.")
                yield translate(sentence, figure=translate(FIGURES[amount.figure].label), there=there, here=here)
