"""Replaces the blocks of a sheet to mend, that is, a sheet with a main number that cannot be used.

The office sees the points to correct, and the number without the one report that makes most of the number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from rmrp_analysis.figures import REACHED_FIGURE
from rmrp_analysis.ledger import LEFT_OUT, NOT_COUNTED, ONE_REPORT
from rmrp_analysis.page.account import LIMIT_WORDS
from rmrp_analysis.page.bar_tables import lay_out_bars
from rmrp_analysis.page.block import Block, Width, build_headline_block, count_columns
from rmrp_analysis.page.cards import build_bar, build_card, build_card_block
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.theme import tables
from rmrp_analysis.vocabulary import short_name
from rmrp_analysis.words import N_

TO_MEND_STAMP = N_("To be mended before publication")
"""The stamp beside the headline of an internal sheet to mend."""
LEFT_OUT_BLOCK_NAMES = frozenset(
    {"map", "donors", "funding", "to_reach", "narrative", "turn", "activities_by_indicator"}
    | {f"people_reached_by_{name}" for name in ("population_group", "age_gender", "model", "indicator")}
)
"""Blocks that do not help to correct the sheet. With these blocks it would have several pages."""
MAX_LISTED_NAMES = 2
"""If there are more organisations, sectors or countries, their number is printed instead of their names."""
CONDITION_TO_DO_KEY = "condition"
"""The key of the advice for all conditions of the gate."""
PEOPLE_TEXT_BY_CAUSE: Mapping[str, str] = {NOT_COUNTED: N_("{people} assisted"), LEFT_OUT: N_("{people} left out")}
"""Texts on the people concerned by causes that do not concern people reached."""
MAX_BAR_ROWS, MAX_BAR_ROWS_OF_ALL_SECTORS = 7, 3
"""The most rows of sectors or places on a sheet to mend. The second number is for all sectors together."""
REVIEW_FOLDER = "review/"
"""The folder of the workbooks of partners, in the folder of an internal run."""


@dataclass(frozen=True)
class Mending:
    """Replaces blocks of a sheet to mend, so that ``replace_block`` decides once for every block.

    ``obstacles`` come from ``quality.obstacles``, with the columns ``cause``, ``rows``, ``share``, ``people``,
    ``sectors``, ``countries``, ``months``, ``place`` and ``organisations``.
    """

    formatter: SheetFormatter
    obstacles: pd.DataFrame

    def replace_block(self, block: Block) -> list[Block]:
        """Return the blocks that replace a block on the page: no block, the block itself, or others."""
        if block.name == "headline":
            return self._replace_headline(block)
        match block.name:
            case "people":
                return self._replace_people(block)
            case "account":
                return self._shorten_account(block)
            case "partners":  # in one line, since there is one page
                return [build_card_block("partners", "above", [], also=self._find_counts(block))]
            case "sectors" | "places":
                return self._cut_rows(block)
        return [] if block.name in LEFT_OUT_BLOCK_NAMES else [block]

    @property
    def width_of_months(self) -> Width:
        """The width of the months, which stand next to the places."""
        return self.width or "narrow"

    @property
    def width(self) -> Width | None:
        """The width of sectors and places, or None for their usual width.

        On the sheet of all sectors they stand in one row, since there is one page.
        """
        return "third" if self.formatter.key_figures.is_intersector else None

    def _cut_rows(self, block: Block) -> list[Block]:
        """Return a table of bars with its longest rows, without shares. The kicker says if there are more rows.

        The rows keep their order. There are ``MAX_BAR_ROWS`` at most, for all sectors ``MAX_BAR_ROWS_OF_ALL_SECTORS``.
        """
        view = dict(block.view)
        measures, rows = view["measures"], view["rows"]
        limit = MAX_BAR_ROWS_OF_ALL_SECTORS if self.width else MAX_BAR_ROWS
        longest = sorted(rows, key=lambda row: -max(row[name]["bar"] for name in measures if name in row))[:limit]
        visible = [row for row in rows if row in longest]
        view["rows"] = [row | {name: row[name] | {"share": ""} for name in measures if name in row} for row in visible]
        if len(rows) > limit:
            count = self.formatter.format_count(limit)
            view["kicker"] = self.formatter.translate("{kicker} ({count} largest)", kicker=view["kicker"], count=count)
        if self.width:
            view |= {"span": count_columns(self.width), "headed": False, "note": ""}
        return [replace(block, view=lay_out_bars(view))]

    def _shorten_account(self, block: Block) -> list[Block]:
        """Return the account with two of its rules: people reached, and data quality."""
        rules = {self.formatter.translate(name) for name in (N_("People reached"), N_("Data quality"))}
        method = block.view["method"]
        lines = [line for line in method["lines"] if line["name"] in rules]
        return [replace(block, view={**block.view, "method": {**method, "lines": lines}})]

    def _replace_headline(self, block: Block) -> list[Block]:
        """Return a headline with the stamp and the reason."""
        headline, stamp = build_headline_block(self.headline_text()), self.formatter.translate(TO_MEND_STAMP)
        return [replace(headline, view={**block.view, **headline.view, "stamp": stamp})]

    def headline_text(self) -> str:
        """Write in one sentence why the main number cannot be used, with at most two reasons."""
        formatter, translate = self.formatter, self.formatter.translate
        sentence = WORDS_BY_KIND["caution"][ONE_REPORT]
        cautions = formatter.key_figures.unusable
        limit = formatter.key_figures.method.cautions.one_report
        reasons = [format_caution(formatter, caution) for caution in cautions]
        if not any(caution.rule == ONE_REPORT for caution in cautions):
            reasons += [
                translate(sentence, month=formatter.format_months(obstacle.months), share=self._format_share(obstacle))
                for obstacle in self._find_obstacles(ONE_REPORT)
                if obstacle.share >= limit
            ]
        reasons += [
            translate(
                "{share} of the people are in rows that cannot be right ({what})",
                what=condition,
                share=self._format_share(obstacle),
            )
            for obstacle in self._find_obstacles(*LIMIT_WORDS)
            if (condition := self._format_condition(str(obstacle.cause)))
        ]
        reason = formatter.join_texts(reasons[:2])
        return formatter.format_sentence(translate("Not yet usable: {reason}.", reason=reason))

    def _replace_people(self, block: Block) -> list[Block]:
        """Return the block of people reached without the largest report, and the table of obstacles."""
        formatter, translate = self.formatter, self.formatter.translate
        also = block.view["also"] or self._find_counts(block)
        reached = formatter.key_figures.value(REACHED_FIGURE) or 0.0
        limit = formatter.key_figures.method.cautions.one_report
        reports = (obstacle for obstacle in self._find_obstacles(ONE_REPORT) if obstacle.share >= limit)
        largest = next(reports, None)
        if largest is None:
            note = translate("Hatched: not sure.")
            numbers = build_card_block("people", "above", [], also=also, note=note, hatched=True)
        else:
            values = {"people": formatter.format_people(largest.people), "all": formatter.format_people(reached)}
            label = translate("people reached, without the one report (with it: {all})", **values)
            note = translate(
                "Hatched: {people} people of one report, {where}; in the rows below: not sure.",
                where=self._format_location(largest),
                **values,
            )
            number = build_card(label, formatter.format_people(reached - largest.people), "reached")
            bars = [build_bar("reached", solid=1.0, doubt=largest.share)]
            numbers = build_card_block("people", "above", [number], bars=bars, note=note, also=also, hatched=True)
        return [numbers, *self._build_table()]

    def _find_counts(self, block: Block) -> dict[str, Any] | None:
        """Return the counts of a block (no people, no money) as ``label`` and ``items``, or None without counts."""
        items = [{"value": card["value"], "label": card["label"]} for card in block.view["cards"] if not card["kind"]]
        return {"label": self.formatter.translate("Partners and activities"), "items": items} if items else None

    def _build_table(self) -> list[Block]:
        """Build the table of obstacles in their order, each with its advice, or nothing without obstacles."""
        translate, count = self.formatter.translate, len(self.obstacles)
        if not count:
            return []
        head = [translate(name) for name in (N_("What"), N_("Where"), N_("Partner"), N_("People"), N_("To do"))]
        rows = [self._format_row(obstacle) for obstacle in self.obstacles.itertuples()]
        finding = translate.plural(
            "{count} thing to mend", "{count} things to mend", count, count=self.formatter.format_count(count)
        )
        kicker = translate("What stands in the way, by people concerned")
        note = {"text": translate("Rows as each partner sent them, with what to correct: "), "href": ""}
        link = {"text": translate("a workbook for each partner"), "href": REVIEW_FOLDER}
        view = tables.table(head, rows) | {"kicker": kicker, "finding": finding, "note": [note, link]}
        return [Block("table", view, uid="obstacles")]

    def _format_row(self, obstacle: Any) -> list[str]:
        """Write the cells of an obstacle: description, location, partners, people, and advice."""
        formatter, translate, cause = self.formatter, self.formatter.translate, obstacle.cause
        share = self._format_share(obstacle)
        if condition := self._format_condition(cause):
            description = f"{condition[:1].upper()}{condition[1:]} ({share})"
        else:
            template, rows = WORDS_BY_KIND["obstacle"][cause], formatter.format_count(obstacle.rows)
            description = translate(template, rows=rows, share=share)
        template = PEOPLE_TEXT_BY_CAUSE.get(cause, "{people}")
        to_do = WORDS_BY_KIND["to do"].get(cause, WORDS_BY_KIND["to do"][CONDITION_TO_DO_KEY])
        people = translate("not known") if pd.isna(obstacle.people) else formatter.format_people(obstacle.people)
        return [
            description,
            self._format_location(obstacle),
            self._format_names(obstacle.organisations, N_("{count} partners"), short_name),
            translate(template, people=people),
            translate(to_do),
        ]

    def _format_location(self, obstacle: Any) -> str:
        """Write the sectors, countries and months that the sheet's name leaves open, and the place of one report."""
        formatter = self.formatter
        parts = [formatter.format_months(obstacle.months)]
        if formatter.key_figures.is_intersector:
            parts.insert(0, self._format_names(obstacle.sectors, N_("{count} sectors")))
        if formatter.place_dimension != "admin1":
            parts.append(self._format_names(obstacle.countries, N_("{count} countries")))
        if obstacle.place:
            parts.append(formatter.place_name(obstacle.place))
        return ", ".join(filter(None, parts))

    def _format_names(
        self, codes: tuple[str, ...], count_sentence: str, shorten_name: Callable[[str], str] = str
    ) -> str:
        """Write the names of these codes, or their number if there are more than ``MAX_LISTED_NAMES``."""
        if len(codes) > MAX_LISTED_NAMES:
            return self.formatter.translate(count_sentence, count=self.formatter.format_count(len(codes)))
        return self.formatter.format_list([shorten_name(self.formatter.label(key)) for key in codes])

    def _format_condition(self, cause: str) -> str:
        """Write the measure of a condition of the gate, or an empty text for other causes."""
        return self.formatter.translate(LIMIT_WORDS.get(cause, ""))

    def _format_share(self, obstacle: Any) -> str:
        """Format the share of the people that an obstacle concerns."""
        return self.formatter.format_share(obstacle.share, 1)

    def _find_obstacles(self, *causes: str) -> Any:
        """Return the obstacles of these causes, as named tuples."""
        return self.obstacles[self.obstacles["cause"].isin(causes)].itertuples()


def find_mending(formatter: SheetFormatter, selection: Selection | None) -> Mending | None:
    """Return the ``Mending`` of an internal sheet to mend, or None for any other sheet.

    The public sees a number that is not sure as a range, so only the office has sheets to mend.
    """
    if not formatter.is_internal or selection is None:
        return None
    from rmrp_analysis.quality.obstacles import is_refused, obstacles  # here, because public pages do not need it

    if formatter.key_figures.unusable or is_refused(selection):
        return Mending(formatter, obstacles(selection))
    return None
