"""The account of a sheet: how its figures were counted, where the data came from, and the small print."""

from collections.abc import Iterator, Mapping
from typing import Any

from rmrp_analysis import numbers, vocabulary
from rmrp_analysis.figures import FIGURES, REASONS
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.cards import PLANNED_FIGURES, build_funding_note, choose_illustrative_status
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.theme import prose
from rmrp_analysis.theme.prose import SHEET
from rmrp_analysis.vocabulary import REGION, labels
from rmrp_analysis.words import N_

COUNTED_PEOPLE, LEVELS, LIMITS = (WORDS_OF[kind] for kind in ("counted", "level", "limit"))
"""English words for the people that a type of indicator counts, the level of the model, and each limit of the gate."""
MODEL_RULES, NEW_BENEFICIARIES = WORDS_OF["model rule"], WORDS_OF["new beneficiaries"]
"""English sentences on each rule of the consolidation, and on how new beneficiaries follow in a plan year."""


def build_account(
    formatter: SheetFormatter,
    title: str,
    lines: Mapping[str, str],
    *drafted: str,
    provenance: Mapping[str, Any] | None = None,
    has_map: bool = False,
    has_note: bool = False,
) -> Block:
    """Build the block with the rules of counting, the sources with their dates, and the small print.

    ``lines`` are further rules by their names; empty ones are left out. ``drafted`` are paragraphs for the end of the
    sources. The note on money stands below the rules, unless the page ``has_note`` beside its money. The edition is
    that of the ``provenance``.
    """
    translate = formatter.translate
    further_rules = [(translate(name), rule) for name, rule in lines.items() if rule]
    return Block.build(
        "account",
        method={
            "heading": translate("How these figures were counted"),
            "lines": [{"name": name, "rule": rule} for name, rule in (*_find_rules(formatter), *further_rules)],
        },
        sources={"heading": translate("Sources"), "paragraphs": [*format_sources(formatter, has_map), *drafted]},
        note=[] if has_note else build_funding_note(formatter),
        text=formatter.document_title(title),
        status=translate(choose_illustrative_status(formatter.key_figures)),
        edition=format_edition(formatter, provenance),
    )


def write_region_plan(formatter: SheetFormatter) -> list[prose.Node]:
    """Write what the plan has for the sector in the region, where it has nothing for the place; else an empty list.

    Where the plan has only a requirement for the place, and no funding is known, the requirement is written.
    """
    figures, translate = formatter.key_figures, formatter.translate
    sentences = WORDS_OF["planned in the region"]
    region_values = {name: value for name in sentences if (value := figures.of_region(name)) is not None}
    planned_names = [name for name in PLANNED_FIGURES if figures.value(name) is not None]
    if planned_names == ["requirement_usd"] and not formatter.has_money:
        required = translate("The plan requires {value} here", value=formatter.format_figure("requirement_usd"))
        reason = translate(REASONS.get(figures.figures["funding_usd"].reason, ""))
        text = f"{required}; {reason}." if reason else f"{required}."
        return [prose.paragraph([prose.run(formatter.format_sentence(text))])]
    if (
        figures.place == REGION
        or figures.organisation
        or planned_names
        or not set(region_values) & set(PLANNED_FIGURES)
    ):
        return []
    planned = [
        translate(sentences[name], value=formatter.format_value(value, FIGURES[name].unit))
        for name, value in region_values.items()
    ]
    sheet = f"{labels.sheet_name(figures.sector, REGION, formatter.language)} · {translate('Region')}"
    sentence = translate(
        "The plan gives its figures for the region alone: {list}. See ", list=formatter.format_list(planned)
    )
    link = prose.run(sheet) | {"href": f"{SHEET}{vocabulary.report_id(figures.sector, REGION)}"}
    return [prose.paragraph([prose.run(formatter.format_sentence(sentence)), link, prose.run(".")])]


def format_sources(formatter: SheetFormatter, has_map: bool) -> list[str]:
    """Write a line on each source used: its producer, and its date where no kicker has it; with a map, on boundaries.

    A source is used where its figures are on the sheet.
    """
    translate, figures = formatter.translate, formatter.key_figures
    is_planned = any(figures.value(name) is not None for name in PLANNED_FIGURES)
    unused = ({"planning"} if not is_planned else set()) | ({"funding"} if not formatter.has_money else set())
    dated_in_kicker = {"funding", "planning"} if figures.value("requirement_usd") is not None else {"funding"}
    lines = []
    for name, sentence in WORDS_OF["source"].items():
        source = figures.sources.get(name)
        if source and name not in unused:
            date = numbers.date(source.as_of, formatter.language) if source.as_of else translate("of an unknown date")
            date_text = "" if name in dated_in_kicker else f", {date}"
            lines.append(f"{translate(sentence, producer=translate(source.producer))}{date_text}.")
    if has_map:
        lines.append(translate("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement."))
    return lines


def format_edition(formatter: SheetFormatter, provenance: Mapping[str, Any] | None) -> str:
    """Format the edition: the short id of the data, parameters and code of the numbers; empty without provenance."""
    return formatter.translate("Edition {edition}", edition=provenance["edition"]) if provenance else ""


def _find_rules(formatter: SheetFormatter) -> Iterator[tuple[str, str]]:
    """Yield (name, sentences) of each rule by which the figures of the sheet were counted."""
    figures, translate, method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    if figures.sector not in vocabulary.plan_lists().without_people:
        yield translate("People reached"), " ".join(_find_people_rules(formatter))
        if formatter.has_planned_people and method.in_transit_in_denominators:
            yield translate("Need and target"), translate("Shares include people in transit on both sides.")
    else:
        yield translate("Reported activities"), translate("They are counted as services or trainings, not as people.")
    if figures.repairs:
        sentence = N_("Before counting, declared rules changed {cells} cells of the activity reports: {rules}.")
        cells, rules = formatter.format_count(figures.cells_changed), ", ".join(figures.repairs)
        yield translate("Repairs"), translate(sentence, cells=cells, rules=rules)
    if formatter.has_money:
        yield translate("Funding"), " ".join(_find_funding_rules(formatter))
    if figures.sector not in vocabulary.plan_lists().without_people:
        yield translate("Rounding"), formatter.format_rounding()


def _find_people_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on whom the people reached count, and how people of several sectors are counted."""
    figures, translate, method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    people = formatter.format_list([translate(COUNTED_PEOPLE[kind]) for kind in method.counted_indicator_types])
    added_up = N_("People newly reached in each month ({people}), added up.")
    if figures.sector != vocabulary.INTERSECTOR and not formatter.organisation:
        added_up = N_(
            "People newly reached in each month ({people}), added up; two partners may count the same person."
        )
    yield translate(added_up, people=people)
    if figures.sector == vocabulary.INTERSECTOR:
        rule = vocabulary.plan_year(figures.plan_year).rule_of(method.intersector_model)
        sector_groups = {"alternatives": vocabulary.plan_lists().alternatives, "added": vocabulary.plan_lists().added}
        names = {
            group: formatter.format_list(list(map(formatter.label, sectors)))
            for group, sectors in sector_groups.items()
        }
        yield translate(MODEL_RULES[rule], **names)
        yield translate(LEVELS[method.intersector_level])
    if formatter.organisation:
        yield translate("Only what this organization reported.")
    if (rule := vocabulary.plan_year(figures.plan_year).new_beneficiaries) in NEW_BENEFICIARIES:
        yield translate(NEW_BENEFICIARIES[rule])
    if method.rmrp_activities_only:
        yield translate("Only activities of the plan.")


def _find_funding_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on what counts as funding and as a donor, and on amounts that FTS publishes otherwise."""
    translate, figures = formatter.translate, formatter.key_figures
    if formatter.organisation:
        yield translate("Money from outside the plan that names this organization as its only recipient.")
    yield translate("Paid and committed, not pledged.")
    if figures.value("donors") is not None:  # money for several sectors is money of all of them
        all_sectors = N_("Donors and funded organizations: of money from outside the plan.")
        one_sector = N_("Donors and funded organizations: of money for this sector alone.")
        yield translate(all_sectors if figures.is_intersector else one_sector)
    for source in figures.sources.values():
        for amount in source.published:
            exact, published = formatter.format_figure(amount.figure), formatter.format_value(amount.value, "usd")
            is_of_sheet = (amount.sector, amount.scope, "") == (figures.sector, figures.place, figures.organisation)
            if is_of_sheet and exact != published:
                sentence = N_("{figure}: {there} as published; {here} from exact amounts.")
                yield translate(sentence, figure=translate(FIGURES[amount.figure].label), there=published, here=exact)
