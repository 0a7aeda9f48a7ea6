"""The account of a sheet: how its figures were counted, where the data came from, and the small print."""

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
"""English words for the people that a type of indicator counts, the level of the model, and each limit of the gate."""
SENTENCE_BY_MODEL_RULE, SENTENCE_BY_NEW_PEOPLE_RULE = WORDS_BY_KIND["model rule"], WORDS_BY_KIND["new beneficiaries"]
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

    ``lines`` are further rules by their English names; empty ones are left out. ``drafted`` are paragraphs for the end
    of the sources. The note on money stands below the rules, unless the page ``has_note`` beside its money. Without
    ``provenance`` the edition is empty.
    """
    translate = formatter.translate
    further_rule_pairs = [(translate(rule_name), rule_text) for rule_name, rule_text in lines.items() if rule_text]
    return Block.build(
        "account",
        method={
            "heading": translate("How these figures were counted"),
            "lines": [
                {"name": rule_name, "rule": rule_text}
                for rule_name, rule_text in (*_find_rules(formatter), *further_rule_pairs)
            ],
        },
        sources={"heading": translate("Sources"), "paragraphs": [*format_sources(formatter, has_map), *drafted]},
        note=[] if has_note else build_funding_note(formatter),
        text=formatter.document_title(title),
        status=translate(choose_illustrative_status(formatter.key_figures)),
        edition=format_edition(formatter, provenance),
    )


def write_region_plan(formatter: SheetFormatter) -> list[prose.Node]:
    """Write what the plan has for the sector in the region, where it has nothing for the place; else an empty list.

    It is empty, too, for the region and for an organisation. On any sheet of which the plan has a requirement alone,
    and that has no funding to print, the requirement is written instead.
    """
    key_figures, translate = formatter.key_figures, formatter.translate
    sentence_by_figure = WORDS_BY_KIND["planned in the region"]
    region_value_by_figure = {
        figure_name: region_value
        for figure_name in sentence_by_figure
        if (region_value := key_figures.of_region(figure_name)) is not None
    }
    planned_figure_names = [
        figure_name for figure_name in PLANNED_FIGURES if key_figures.value(figure_name) is not None
    ]
    if planned_figure_names == ["requirement_usd"] and not formatter.has_money:
        requirement_text = translate("The plan requires {value} here", value=formatter.format_figure("requirement_usd"))
        funding_reason_text = translate(WORDS_BY_REASON.get(key_figures.figures["funding_usd"].reason, ""))
        requirement_sentence = (
            f"{requirement_text}; {funding_reason_text}." if funding_reason_text else f"{requirement_text}."
        )
        return [prose.paragraph([prose.run(formatter.format_sentence(requirement_sentence))])]
    if (
        key_figures.place == REGION
        or key_figures.organisation
        or planned_figure_names
        or not set(region_value_by_figure) & set(PLANNED_FIGURES)
    ):
        return []
    figure_texts = [
        translate(
            sentence_by_figure[figure_name], value=formatter.format_value(region_value, FIGURES[figure_name].unit)
        )
        for figure_name, region_value in region_value_by_figure.items()
    ]
    region_sheet_label = f"{labels.sheet_name(key_figures.sector, REGION, formatter.language)} · {translate('Region')}"
    region_sentence = translate(
        "The plan gives its figures for the region alone: {list}. See ", list=formatter.format_list(figure_texts)
    )
    region_sheet_link_dict = prose.run(region_sheet_label) | {
        "href": f"{SHEET_ADDRESS_START}{vocabulary.report_id(key_figures.sector, REGION)}"
    }
    return [
        prose.paragraph([prose.run(formatter.format_sentence(region_sentence)), region_sheet_link_dict, prose.run(".")])
    ]


def format_sources(formatter: SheetFormatter, has_map: bool) -> list[str]:
    """Write a line on each source used: its producer, and its date where no kicker has it; with a map, on boundaries.

    A source is used where its figures are on the sheet.
    """
    translate, key_figures = formatter.translate, formatter.key_figures
    has_planned_figures = any(key_figures.value(source_name) is not None for source_name in PLANNED_FIGURES)
    unused_source_names = ({"planning"} if not has_planned_figures else set()) | (
        {"funding"} if not formatter.has_money else set()
    )
    source_names_in_kicker = (
        {"funding", "planning"} if key_figures.value("requirement_usd") is not None else {"funding"}
    )
    source_lines = []
    for source_name, source_sentence in WORDS_BY_KIND["source"].items():
        figure_source = key_figures.sources.get(source_name)
        if figure_source and source_name not in unused_source_names:
            source_date_text = (
                numbers.date(figure_source.as_of, formatter.language)
                if figure_source.as_of
                else translate("of an unknown date")
            )
            date_clause = "" if source_name in source_names_in_kicker else f", {source_date_text}"
            source_lines.append(
                f"{translate(source_sentence, producer=translate(figure_source.producer))}{date_clause}."
            )
    if has_map:
        source_lines.append(
            translate("Boundaries: Natural Earth. Boundaries and names do not imply official endorsement.")
        )
    return source_lines


def format_edition(formatter: SheetFormatter, provenance: Mapping[str, Any] | None) -> str:
    """Format the edition: the short id of the data, parameters and code of the numbers; empty without provenance."""
    return formatter.translate("Edition {edition}", edition=provenance["edition"]) if provenance else ""


def _find_rules(formatter: SheetFormatter) -> Iterator[tuple[str, str]]:
    """Yield (name, sentences) of each rule by which the figures of the sheet were counted."""
    key_figures, translate, counting_method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    if key_figures.sector not in vocabulary.plan_lists().without_people:
        yield translate("People reached"), " ".join(_find_people_rules(formatter))
        if formatter.has_planned_people and counting_method.in_transit_in_denominators:
            yield translate("Need and target"), translate("Shares include people in transit on both sides.")
    else:
        yield translate("Reported activities"), translate("They are counted as services or trainings, not as people.")
    if key_figures.repairs:
        repair_sentence = N_("Before counting, declared rules changed {cells} cells of the activity reports: {rules}.")
        cell_count_text = formatter.format_count(key_figures.cells_changed)
        repair_rules_text = ", ".join(key_figures.repairs)
        yield translate("Repairs"), translate(repair_sentence, cells=cell_count_text, rules=repair_rules_text)
    if formatter.has_money:
        yield translate("Funding"), " ".join(_find_funding_rules(formatter))
    if key_figures.sector not in vocabulary.plan_lists().without_people:
        yield translate("Rounding"), formatter.format_rounding()


def _find_people_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on whom the people reached count, and how people of several sectors are counted."""
    key_figures, translate, counting_method = formatter.key_figures, formatter.translate, formatter.key_figures.method
    counted_people_text = formatter.format_list(
        [
            translate(PEOPLE_TEXT_BY_INDICATOR_TYPE[indicator_type])
            for indicator_type in counting_method.counted_indicator_types
        ]
    )
    addition_rule_sentence = N_("People newly reached in each month ({people}), added up.")
    if key_figures.sector != vocabulary.INTERSECTOR and not formatter.organisation:
        addition_rule_sentence = N_(
            "People newly reached in each month ({people}), added up; two partners may count the same person."
        )
    yield translate(addition_rule_sentence, people=counted_people_text)
    if key_figures.sector == vocabulary.INTERSECTOR:
        rule_name = vocabulary.plan_year(key_figures.plan_year).rule_of(counting_method.intersector_model)
        sectors_by_model_group = {
            "alternatives": vocabulary.plan_lists().alternatives,
            "added": vocabulary.plan_lists().added,
        }
        sector_text_by_group = {
            model_group: formatter.format_list(list(map(formatter.label, sectors_of_group)))
            for model_group, sectors_of_group in sectors_by_model_group.items()
        }
        yield translate(SENTENCE_BY_MODEL_RULE[rule_name], **sector_text_by_group)
        yield translate(SENTENCE_BY_MODEL_LEVEL[counting_method.intersector_level])
    if formatter.organisation:
        yield translate("Only what this organization reported.")
    if (rule_name := vocabulary.plan_year(key_figures.plan_year).new_beneficiaries) in SENTENCE_BY_NEW_PEOPLE_RULE:
        yield translate(SENTENCE_BY_NEW_PEOPLE_RULE[rule_name])
    if counting_method.rmrp_activities_only:
        yield translate("Only activities of the plan.")


def _find_funding_rules(formatter: SheetFormatter) -> Iterator[str]:
    """Yield the sentences on what counts as funding and as a donor, and on amounts that FTS publishes otherwise."""
    translate, key_figures = formatter.translate, formatter.key_figures
    if formatter.organisation:
        yield translate("Money from outside the plan that names this organization as its only recipient.")
    yield translate("Paid and committed, not pledged.")
    if key_figures.value("donors") is not None:  # money for several sectors is money of all of them
        all_sectors_donor_sentence = N_("Donors and funded organizations: of money from outside the plan.")
        one_sector_donor_sentence = N_("Donors and funded organizations: of money for this sector alone.")
        yield translate(all_sectors_donor_sentence if key_figures.is_intersector else one_sector_donor_sentence)
    for figure_source in key_figures.sources.values():
        for published_amount in figure_source.published:
            exact_amount_text = formatter.format_figure(published_amount.figure)
            published_amount_text = formatter.format_value(published_amount.value, "usd")
            is_amount_of_sheet = (published_amount.sector, published_amount.scope, "") == (
                key_figures.sector,
                key_figures.place,
                key_figures.organisation,
            )
            if is_amount_of_sheet and exact_amount_text != published_amount_text:
                difference_sentence = N_("{figure}: {there} as published; {here} from exact amounts.")
                yield translate(
                    difference_sentence,
                    figure=translate(FIGURES[published_amount.figure].label),
                    there=published_amount_text,
                    here=exact_amount_text,
                )
