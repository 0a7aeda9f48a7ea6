"""The account of a sheet: how its figures were counted, the sources of its data, and the small print."""

from collections.abc import Iterator, Mapping
from typing import Any

from rmrp_analysis import numbers, vocabulary
from rmrp_analysis.figures import FIGURES, WORDS_BY_REASON
from rmrp_analysis.page.block import Block
from rmrp_analysis.page.cards import build_funding_note, choose_illustrative_status
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.theme import prose
from rmrp_analysis.theme.prose import SHEET_ADDRESS_START
from rmrp_analysis.vocabulary import PLANNED_FIGURES, REGION, labels
from rmrp_analysis.words import N_

PEOPLE_TEXT_BY_INDICATOR_TYPE, SENTENCE_BY_MODEL_LEVEL, LIMIT_WORDS = (
    WORDS_BY_KIND[kind] for kind in ("counted", "level", "limit")
)
"""English words for the people that a type of indicator counts, the level of the model, and the limits of the gate."""
SENTENCE_BY_MODEL_RULE, SENTENCE_BY_NEW_PEOPLE_RULE = WORDS_BY_KIND["model rule"], WORDS_BY_KIND["new beneficiaries"]
"""English sentences on the rules of the consolidation, and on how a plan year derives new beneficiaries."""


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

    ``lines`` are further rules by their English names. Empty rules are left out. ``drafted`` are paragraphs for the end
    of the sources. The note on money stands below the rules, unless the page ``has_note`` next to its money. Without
    ``provenance`` the edition is empty.
    """
    translate = formatter.translate
    extra = [(translate(name), rule) for name, rule in lines.items() if rule]
    return Block.build(
        "account",
        method={
            "heading": translate("How these figures were counted"),
            "lines": [{"name": name, "rule": rule} for name, rule in (*_find_rules(formatter), *extra)],
        },
        sources={"heading": translate("Sources"), "paragraphs": [*format_sources(formatter, has_map), *drafted]},
        note=[] if has_note else build_funding_note(formatter),
        text=formatter.document_title(title),
        status=translate(choose_illustrative_status(formatter.key_figures)),
        edition=format_edition(formatter, provenance),
    )


def write_region_plan(formatter: SheetFormatter) -> list[prose.Node]:
    """Write the plan's figures for the sector in the region, if it has no figures for the place.

    Otherwise, and for the region and for an organisation, the list is empty. If the plan has only a requirement for the
    sheet, and there is no funding to print, it writes this requirement instead.
    """
    figures, translate = formatter.key_figures, formatter.translate
    sentences = WORDS_BY_KIND["planned in the region"]
    values = {name: value for name in sentences if (value := figures.of_region(name)) is not None}
    local = [name for name in PLANNED_FIGURES if figures.value(name) is not None]
    if local == ["requirement_usd"] and not formatter.has_money:
        required = translate("The plan requires {value} here", value=formatter.format_figure("requirement_usd"))
        reason = translate(WORDS_BY_REASON.get(figures.figures["funding_usd"].reason, ""))
        line = f"{required}; {reason}." if reason else f"{required}."
        return [prose.paragraph([prose.run(formatter.format_sentence(line))])]
    if figures.place == REGION or figures.organisation or local or not set(values) & set(PLANNED_FIGURES):
        return []
    texts = [
        translate(sentences[name], value=formatter.format_value(value, FIGURES[name].unit))
        for name, value in values.items()
    ]
    sheet = f"{labels.sheet_name(figures.sector, REGION, formatter.language)} · {translate('Region')}"
    planned = formatter.format_list(texts)
    sentence = translate("The plan gives its figures for the region alone: {list}. See ", list=planned)
    link = prose.run(sheet) | {"href": f"{SHEET_ADDRESS_START}{vocabulary.report_id(figures.sector, REGION)}"}
    return [prose.paragraph([prose.run(formatter.format_sentence(sentence)), link, prose.run(".")])]


def format_sources(formatter: SheetFormatter, has_map: bool) -> list[str]:
    """Write a line on each source of figures on the sheet, and with a map a line on its boundaries.

    A line has the producer, and the date if no kicker has it.
    """
    translate, figures = formatter.translate, formatter.key_figures
    unused = set() if formatter.has_money else {"funding"}
    if all(figures.value(name) is None for name in PLANNED_FIGURES):
        unused.add("planning")
    dated = {"funding", "planning"} if figures.value("requirement_usd") is not None else {"funding"}
    lines = []
    for name, sentence in WORDS_BY_KIND["source"].items():
        source = figures.sources.get(name)
        if source and name not in unused:
            date = numbers.date(source.as_of, formatter.language) if source.as_of else translate("of an unknown date")
            day = "" if name in dated else f", {date}"
            lines.append(f"{translate(sentence, producer=translate(source.producer))}{day}.")
    if has_map:
        lines.append(translate("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement."))
    return lines


def format_edition(formatter: SheetFormatter, provenance: Mapping[str, Any] | None) -> str:
    """Format the edition: the short id of data, parameters and code, or an empty text without provenance."""
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
        cells = formatter.format_count(figures.cells_changed)
        rules = ", ".join(figures.repairs)
        yield translate("Repairs"), translate(sentence, cells=cells, rules=rules)
    if formatter.has_money:
        yield translate("Funding"), " ".join(_find_funding_rules(formatter))
    if figures.sector not in vocabulary.plan_lists().without_people:
        yield translate("Rounding"), formatter.format_rounding()


def _find_people_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on which people count as reached, and how people of several sectors are counted."""
    figures, translate, method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    kinds = [translate(PEOPLE_TEXT_BY_INDICATOR_TYPE[kind]) for kind in method.counted_indicator_types]
    sentence = N_("People newly reached in each month ({people}), added up; two partners may count the same person.")
    if figures.sector == vocabulary.INTERSECTOR or formatter.organisation:
        sentence = N_("People newly reached in each month ({people}), added up.")
    yield translate(sentence, people=formatter.format_list(kinds))
    if figures.sector == vocabulary.INTERSECTOR:
        rule = vocabulary.plan_year(figures.plan_year).rule_of(method.intersector_model)
        groups = {"alternatives": vocabulary.plan_lists().alternatives, "added": vocabulary.plan_lists().added}
        names = {name: formatter.format_list(list(map(formatter.label, sectors))) for name, sectors in groups.items()}
        yield translate(SENTENCE_BY_MODEL_RULE[rule], **names)
        yield translate(SENTENCE_BY_MODEL_LEVEL[method.intersector_level])
    if formatter.organisation:
        yield translate("Only what this organization reported.")
    if (rule := vocabulary.plan_year(figures.plan_year).new_beneficiaries) in SENTENCE_BY_NEW_PEOPLE_RULE:
        yield translate(SENTENCE_BY_NEW_PEOPLE_RULE[rule])
    if method.rmrp_activities_only:
        yield translate("Only activities of the plan.")


def _find_funding_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on the meaning of funding and donor, and on amounts that differ in the files of FTS."""
    translate, figures = formatter.translate, formatter.key_figures
    if formatter.organisation:
        yield translate("Money from outside the plan that names this organization as its only recipient.")
    yield translate("Paid and committed, not pledged.")
    if figures.value("donors") is not None:  # money for several sectors is money of all these sectors
        sentence = N_("Donors and funded organizations: of money for this sector alone.")
        if figures.is_intersector:
            sentence = N_("Donors and funded organizations: of money from outside the plan.")
        yield translate(sentence)
    for source in figures.sources.values():
        for amount in source.published:
            exact = formatter.format_figure(amount.figure)
            published = formatter.format_value(amount.value, "usd")
            matches = (amount.sector, amount.scope, "") == (figures.sector, figures.place, figures.organisation)
            if matches and exact != published:
                sentence = N_("{figure}: {there} as published; {here} from exact amounts.")
                yield translate(sentence, figure=translate(FIGURES[amount.figure].label), there=published, here=exact)
