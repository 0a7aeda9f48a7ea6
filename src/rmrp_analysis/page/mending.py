"""Replaces the blocks of a sheet to mend, that is a sheet whose main number cannot be used.

The office sees what has to be corrected, and the number without the one report that makes most of it. The public sees
that the sheet is being corrected, and no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from rmrp_analysis.figures import REACHED
from rmrp_analysis.ledger import LEFT_OUT, NOT_COUNTED, ONE_REPORT
from rmrp_analysis.page.account import LIMITS
from rmrp_analysis.page.bar_tables import lay_out_bars
from rmrp_analysis.page.block import Block, Width, build_headline_block, count_columns
from rmrp_analysis.page.cards import build_bar, build_card, build_card_block
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.theme import tables
from rmrp_analysis.vocabulary import short_name
from rmrp_analysis.words import N_

STAMP = N_("To be mended before publication")
OMITTED_BLOCKS = frozenset(
    {"map", "donors", "funding", "to_reach", "narrative", "turn", "activities_by_indicator"}
    | {f"people_reached_by_{name}" for name in ("population_group", "age_gender", "model", "indicator")}
)
"""Blocks that do not show what has to be corrected, by name; with them the sheet would have several pages."""
PUBLIC_BLOCKS = frozenset({"masthead", "account"})
"""Blocks that the public sees, next to the sentence that the sheet is being corrected."""
MAX_NAMES = 2
"""Of more organisations, sectors or countries than this, the number is printed in place of the names."""
CONDITION = "condition"
"""The key of the words on what to do, for all conditions of the gate."""
PEOPLE_TEXTS: Mapping[str, str] = {NOT_COUNTED: N_("{people} assisted"), LEFT_OUT: N_("{people} left out")}
"""Which people are concerned, by cause, where they are not among those reached."""
MAX_ROWS, MAX_ROWS_OF_ALL_SECTORS = 7, 3
"""A sheet to mend has at most this many sectors or places; so has the sheet of all sectors."""
REVIEW_FOLDER = "review/"
"""The folder of the workbooks of partners, within that of an internal run."""


@dataclass(frozen=True)
class Mending:
    """Replaces blocks of a sheet to mend, so that this is decided once, in ``replace_block``, for every block.

    ``obstacles`` are those of ``quality.obstacles``: columns ``cause``, ``rows``, ``share``, ``people``, ``sectors``,
    ``countries``, ``months``, ``place`` and ``organisations``. For the public there are none.
    """

    formatter: SheetFormatter
    obstacles: pd.DataFrame

    def replace_block(self, block: Block) -> list[Block]:
        """Return the blocks that stand on the page in place of a block: none, the block itself, or others."""
        is_internal = self.formatter.is_internal
        replacements: dict[str, Callable[[Block], list[Block]]] = {"headline": self._replace_headline}
        if is_internal:
            replacements |= {"people": self._replace_people, "account": self._shorten_account}
            replacements |= {"partners": self._replace_partners, "sectors": self._cut_rows, "places": self._cut_rows}
        if block.name in replacements:
            return replacements[block.name](block)
        is_retained = block.name not in OMITTED_BLOCKS if is_internal else block.name in PUBLIC_BLOCKS
        return [block] if is_retained else []

    @property
    def width_of_months(self) -> Width:
        """The width of the months, which stand next to the places."""
        return self.width or "narrow"

    @property
    def width(self) -> Width | None:
        """The width of sectors and places; None for the width that they have on any sheet.

        On the sheet of all sectors they stand in one row, since there is one page.
        """
        return "third" if self.formatter.key_figures.is_intersector else None

    def _cut_rows(self, block: Block) -> list[Block]:
        """Return a table of bars with its longest rows, without shares: the sheet says how to read all of them."""
        view = dict(block.view)
        measures, rows = view["measures"], view["rows"]
        by_length = sorted(rows, key=lambda row: -max(row[name]["bar"] for name in measures if name in row))
        max_rows = MAX_ROWS_OF_ALL_SECTORS if self.width else MAX_ROWS
        longest = by_length[:max_rows]
        view["rows"] = [
            row | {name: row[name] | {"share": ""} for name in measures if name in row}
            for row in rows
            if row in longest
        ]
        if len(rows) > max_rows:
            count = self.formatter.format_count(max_rows)
            view["kicker"] = self.formatter.translate("{kicker} ({count} largest)", kicker=view["kicker"], count=count)
        if self.width:
            view |= {"span": count_columns(self.width), "headed": False, "note": ""}
        return [replace(block, view=lay_out_bars(view))]

    def _shorten_account(self, block: Block) -> list[Block]:
        """Return the account with two of its rules: whom the sheet counts, and how many are in rows to correct."""
        names = {self.formatter.translate(name) for name in (N_("People reached"), N_("Data quality"))}
        method = block.view["method"]
        lines = [line for line in method["lines"] if line["name"] in names]
        return [replace(block, view={**block.view, "method": {**method, "lines": lines}})]

    def _replace_headline(self, block: Block) -> list[Block]:
        """Return a headline with the stamp and why the number cannot be used; for the public without the reason."""
        translate = self.formatter.translate
        text = self.headline_text() if self.formatter.is_internal else translate("This sheet is being corrected.")
        stamp = translate(STAMP) if self.formatter.is_internal else ""
        headline = build_headline_block(text)
        return [replace(headline, view={**block.view, **headline.view, "stamp": stamp})]

    def headline_text(self) -> str:
        """Write in one sentence why the main number cannot be used, with at most two reasons."""
        formatter, translate = self.formatter, self.formatter.translate
        one_report = WORDS_OF["caution"][ONE_REPORT]
        cautions, min_share = formatter.key_figures.unusable, formatter.key_figures.method.cautions.one_report
        reasons = [format_caution(formatter, caution) for caution in cautions]
        if not any(caution.rule == ONE_REPORT for caution in cautions):
            reasons += [
                translate(
                    one_report,
                    month=formatter.format_months(obstacle.months),
                    share=self._format_share(obstacle),
                )
                for obstacle in self._find_obstacles(ONE_REPORT)
                if obstacle.share >= min_share
            ]
        reasons += [
            translate(
                "{share} of the people are in rows that cannot be right ({what})",
                what=condition,
                share=self._format_share(obstacle),
            )
            for obstacle in self._find_obstacles(*LIMITS)
            if (condition := self._format_condition(str(obstacle.cause)))
        ]
        return formatter.format_sentence(
            translate("Not yet usable: {reason}.", reason=formatter.join_texts(reasons[:2]))
        )

    def _replace_people(self, block: Block) -> list[Block]:
        """Return the people reached without the report that makes most of them, if one does, and the table below."""
        formatter, translate = self.formatter, self.formatter.translate
        counts = block.view["also"] or self._find_counts(block)
        reached = formatter.key_figures.value(REACHED) or 0.0
        min_share = formatter.key_figures.method.cautions.one_report
        large_reports = (obstacle for obstacle in self._find_obstacles(ONE_REPORT) if obstacle.share >= min_share)
        largest = next(large_reports, None)
        if largest is None:
            note = translate("Hatched: read with care.")
            cards = build_card_block("people", "above", [], also=counts, note=note, hatched=True)
        else:
            values = {"people": formatter.format_people(largest.people), "all": formatter.format_people(reached)}
            label = translate("people reached, without the one report (with it: {all})", **values)
            note = translate(
                "Hatched: {people} people of one report, {where}; in the rows below: read with care.",
                where=self._format_location(largest),
                **values,
            )
            card = build_card(label, formatter.format_people(reached - largest.people), "reached")
            bars = [build_bar("reached", solid=1.0, doubt=largest.share)]
            cards = build_card_block("people", "above", [card], bars=bars, note=note, also=counts, hatched=True)
        return [cards, *self._build_table()]

    def _find_counts(self, block: Block) -> dict[str, Any] | None:
        """Return the counts of a block that are neither people nor money, for one line; None where it has none."""
        items = [{"value": card["value"], "label": card["label"]} for card in block.view["cards"] if not card["kind"]]
        return {"label": self.formatter.translate("Partners and activities"), "items": items} if items else None

    def _replace_partners(self, block: Block) -> list[Block]:
        """Return partners and activities in one line, since there is one page."""
        return [build_card_block("partners", "above", [], also=self._find_counts(block))]

    def _build_table(self) -> list[Block]:
        """Build the table of obstacles, by people concerned, with one thing to do about each."""
        translate, count = self.formatter.translate, len(self.obstacles)
        if not count:
            return []
        header = [translate(name) for name in (N_("What"), N_("Where"), N_("Partner"), N_("People"), N_("To do"))]
        rows = [self._format_row(obstacle) for obstacle in self.obstacles.itertuples()]
        finding = translate.plural(
            "{count} thing to mend", "{count} things to mend", count, count=self.formatter.format_count(count)
        )
        kicker = translate("What stands in the way, by people concerned")
        note = {"text": translate("Rows as each partner sent them, with what to correct: "), "href": ""}
        link = {"text": translate("a workbook for each partner"), "href": REVIEW_FOLDER}
        view = tables.table(header, rows) | {"kicker": kicker, "finding": finding, "note": [note, link]}
        return [Block("table", view, uid="obstacles")]

    def _format_row(self, obstacle: Any) -> list[str]:
        """Write the cells of an obstacle: what it is, where, of which partners, the people, and what to do."""
        formatter, translate, cause = self.formatter, self.formatter.translate, obstacle.cause
        share = self._format_share(obstacle)
        if condition := self._format_condition(cause):
            description = f"{condition[:1].upper()}{condition[1:]} ({share})"
        else:
            rows = formatter.format_count(obstacle.rows)
            sentence = WORDS_OF["obstacle"][cause]
            description = translate(sentence, rows=rows, share=share)
        people_text = PEOPLE_TEXTS.get(cause, "{people}")
        to_do = WORDS_OF["to do"].get(cause, WORDS_OF["to do"][CONDITION])
        people = translate("not known") if pd.isna(obstacle.people) else formatter.format_people(obstacle.people)
        return [
            description,
            self._format_location(obstacle),
            self._format_names(obstacle.organisations, N_("{count} partners")),
            translate(people_text, people=people),
            translate(to_do),
        ]

    def _format_location(self, obstacle: Any) -> str:
        """Write the sectors, countries and months that the sheet's name does not say, and the place of one report."""
        formatter = self.formatter
        texts = [formatter.format_months(obstacle.months)]
        if formatter.key_figures.is_intersector:
            texts.insert(0, self._format_names(obstacle.sectors, N_("{count} sectors")))
        if formatter.place_dimension != "admin1":
            texts.append(self._format_names(obstacle.countries, N_("{count} countries")))
        if obstacle.place:
            texts.append(formatter.place_name(obstacle.place))
        return ", ".join(filter(None, texts))

    def _format_names(self, codes: tuple[str, ...], count_sentence: str) -> str:
        """Write the short names of these codes; of more than ``MAX_NAMES``, only their number."""
        if len(codes) > MAX_NAMES:
            return self.formatter.translate(count_sentence, count=self.formatter.format_count(len(codes)))
        return self.formatter.format_list([short_name(self.formatter.label(code)) for code in codes])

    def _format_condition(self, cause: str) -> str:
        """Write what a condition of the gate measures; empty for other causes."""
        return self.formatter.translate(LIMITS.get(cause, ""))

    def _format_share(self, obstacle: Any) -> str:
        """Format the share of the people that an obstacle concerns."""
        return self.formatter.format_share(obstacle.share, 1)

    def _find_obstacles(self, *causes: str) -> Any:
        """Return the obstacles of these causes, as named tuples."""
        return self.obstacles[self.obstacles["cause"].isin(causes)].itertuples()


def find_mending(formatter: SheetFormatter, selection: Selection | None) -> Mending | None:
    """Return what replaces the blocks of a sheet to mend; None for a sheet that can be published.

    For the public this follows from the published figures alone; the gate of quality is applied by the run.
    """
    if not formatter.is_internal or selection is None:
        return Mending(formatter, pd.DataFrame(columns=["cause"])) if formatter.key_figures.unusable else None
    from rmrp_analysis.quality.obstacles import is_refused, obstacles  # loaded here, because public pages need none

    if formatter.key_figures.unusable or is_refused(selection):
        return Mending(formatter, obstacles(selection))
    return None
