"""A sheet to mend: what it shows while its main number cannot be used, in place of what its notebook makes of it.

The office sees what stands in the way, and the number without the report that makes it. The public sees that the sheet
is being corrected, and no number.
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
from rmrp_analysis.page.cards import bar, block_of_cards, card
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter
from rmrp_analysis.plan import Selection
from rmrp_analysis.theme import tables
from rmrp_analysis.vocabulary import labels, short_name
from rmrp_analysis.words import N_

STAMP = N_("To be mended before publication")
NOT_MADE = frozenset(
    {"map", "donors", "funding", "to_reach", "narrative", "turn", "activities_by_indicator"}
    | {f"people_reached_by_{name}" for name in ("population_group", "age_gender", "model", "indicator")}
)
"""Blocks that say nothing of what is to be mended, by their names: with them the sheet would have several pages."""
PUBLIC = frozenset({"masthead", "account"})
"""What the public sees beside the sentence that the sheet is being corrected."""
MOST_NAMED = 2
"""Of more organisations, sectors or countries in which something is to be mended their number is told."""
CONDITION = "condition"
"""What is done about each condition of the gate."""
PEOPLE: Mapping[str, str] = {NOT_COUNTED: N_("{people} assisted"), LEFT_OUT: N_("{people} left out")}
"""Which people are concerned, where they are none of those reached."""
MOST_ROWS, MOST_ROWS_OF_ALL_SECTORS = 7, 3
"""So many sectors or places stand on a sheet to mend, and on that of all sectors."""
REVIEW_FOLDER = "review/"
"""The folder of the workbooks of partners, within that of an internal run."""


@dataclass(frozen=True)
class Mending:
    """What a sheet to mend shows. ``obstacles`` are those of ``quality.obstacles``; the public sees none.

    Every block of the page goes through ``blocks``: no part of a page asks again whether it may be shown.
    """

    formatter: SheetFormatter
    obstacles: pd.DataFrame

    def blocks(self, block: Block) -> list[Block]:
        """Give what stands on the page in place of a block."""
        if not self.formatter.internal:
            made: Mapping[str, Callable[[Block], list[Block]]] = {"headline": self._headline}
            return made[block.name](block) if block.name in made else [block] * (block.name in PUBLIC)
        made = {"headline": self._headline, "people": self._people, "account": self._account}
        made |= {"partners": self._partners, "sectors": self._rows, "places": self._rows}
        if block.name in made:
            return made[block.name](block)
        return [block] * (block.name not in NOT_MADE)

    @property
    def width_of_months(self) -> Width:
        """The width of the months, which stand beside the places."""
        return self.width or "narrow"

    @property
    def width(self) -> Width | None:
        """The width of sectors and places; None: that which they have on any sheet.

        On the sheet of all sectors they stand in one row, since there is one page.
        """
        return "third" if self.formatter.key_figures.is_intersector else None

    def _rows(self, block: Block) -> list[Block]:
        """The longest rows of bars; without shares, since the sheet says how all of them are to be read."""
        view = dict(block.view)
        measures, rows = view["measures"], view["rows"]
        by_length = sorted(rows, key=lambda row: -max(row[name]["bar"] for name in measures if name in row))
        most = MOST_ROWS_OF_ALL_SECTORS if self.width else MOST_ROWS
        longest = by_length[:most]
        view["rows"] = [
            row | {name: row[name] | {"share": ""} for name in measures if name in row}
            for row in rows
            if row in longest
        ]
        if len(rows) > most:
            count = self.formatter.count(most)
            view["kicker"] = self.formatter.translate("{kicker} ({count} largest)", kicker=view["kicker"], count=count)
        if self.width:
            view |= {"span": count_columns(self.width), "headed": False, "note": ""}
        return [replace(block, view=lay_out_bars(view))]

    def _account(self, block: Block) -> list[Block]:
        """Whom the sheet counts, and how many of them are in rows to correct."""
        kept = {self.formatter.translate(name) for name in (N_("People reached"), N_("Data quality"))}
        method = block.view["method"]
        lines = [line for line in method["lines"] if line["name"] in kept]
        return [replace(block, view={**block.view, "method": {**method, "lines": lines}})]

    def _headline(self, block: Block) -> list[Block]:
        """The stamp, and why the number cannot be used."""
        translate = self.formatter.translate
        text = self.sentence() if self.formatter.internal else translate("This sheet is being corrected.")
        stamp = translate(STAMP) if self.formatter.internal else ""
        headline = build_headline_block(text)
        return [replace(headline, view={**block.view, **headline.view, "stamp": stamp})]

    def sentence(self) -> str:
        """Why the main number cannot be used, in one sentence; at most two reasons."""
        formatter, translate = self.formatter, self.formatter.translate
        reasons, one_report = (
            [formatter.caution(each) for each in formatter.key_figures.unusable],
            WORDS_OF["caution"][ONE_REPORT],
        )
        if not any(caution.rule == ONE_REPORT for caution in formatter.key_figures.unusable):
            reasons += [
                translate(one_report, month=formatter.months_named(each.months), share=self._share(each))
                for each in self._of_cause(ONE_REPORT)
                if each.share >= formatter.key_figures.method.cautions.one_report
            ]
        reasons += [
            translate(
                "{share} of the people are in rows that cannot be right ({what})", what=what, share=self._share(each)
            )
            for each in self.obstacles[self.obstacles["cause"].isin([*LIMITS])].itertuples()
            if (what := self._condition(str(each.cause)))
        ]
        return formatter.sentence(translate("Not yet usable: {reason}.", reason=formatter.joined(reasons[:2])))

    def _people(self, block: Block) -> list[Block]:
        """The number without the report that makes it, if one does, over what stands in the way."""
        formatter, translate = self.formatter, self.formatter.translate
        also = block.view["also"] or self._counts(block)
        reached, single = formatter.key_figures.value(REACHED) or 0.0, [*self._of_cause(ONE_REPORT)]
        largest = next(
            (each for each in single if each.share >= formatter.key_figures.method.cautions.one_report), None
        )
        if largest is None:
            numbers = block_of_cards(
                "people", "above", [], also=also, note=translate("Hatched: read with care."), hatched=True
            )
        else:
            values = {"people": formatter.people(largest.people), "all": formatter.people(reached)}
            label = translate("people reached, without the one report (with it: {all})", **values)
            note = translate(
                "Hatched: {people} people of one report, {where}; in the rows below: read with care.",
                where=self._where(largest),
                **values,
            )
            number = card(label, formatter.people(reached - largest.people), "reached")
            bars = [bar("reached", solid=1.0, doubt=largest.share)]
            numbers = block_of_cards("people", "above", [number], bars=bars, note=note, also=also, hatched=True)
        return [numbers, *self._table()]

    def _counts(self, block: Block) -> dict[str, Any] | None:
        """What a block counts beside people and money, in one line; None where it counts nothing."""
        items = [{"value": each["value"], "label": each["label"]} for each in block.view["cards"] if not each["kind"]]
        return {"label": self.formatter.translate("Partners and activities"), "items": items} if items else None

    def _partners(self, block: Block) -> list[Block]:
        """Partners and activities in one line, since there is one page."""
        return [block_of_cards("partners", "above", [], also=self._counts(block))]

    def _table(self) -> list[Block]:
        """What stands in the way, by people concerned, and the one thing to do about each."""
        translate, count = self.formatter.translate, len(self.obstacles)
        if not count:
            return []
        head = [translate(name) for name in (N_("What"), N_("Where"), N_("Partner"), N_("People"), N_("To do"))]
        rows = [self._row(each) for each in self.obstacles.itertuples()]
        finding = translate.plural(
            "{count} thing to mend", "{count} things to mend", count, count=self.formatter.count(count)
        )
        kicker = translate("What stands in the way, by people concerned")
        note = {"text": translate("Rows as each partner sent them, with what to correct: "), "href": ""}
        link = {"text": translate("a workbook for each partner"), "href": REVIEW_FOLDER}
        view = tables.table(head, rows) | {"kicker": kicker, "finding": finding, "note": [note, link]}
        return [Block("table", view, uid="obstacles")]

    def _row(self, obstacle: Any) -> list[str]:
        formatter, translate, cause = self.formatter, self.formatter.translate, obstacle.cause
        facts = {
            "rows": formatter.count(obstacle.rows),
            "share": self._share(obstacle),
        }
        if what := self._condition(cause):
            what = f"{what[:1].upper()}{what[1:]} ({facts['share']})"
        else:
            sentence = WORDS_OF["obstacle"][cause]
            what = translate(sentence, **facts)
        people = translate("not known") if pd.isna(obstacle.people) else formatter.people(obstacle.people)
        to_do, whose = WORDS_OF["to do"].get(cause, WORDS_OF["to do"][CONDITION]), PEOPLE.get(cause, "{people}")
        return [
            what,
            self._where(obstacle),
            self._names(obstacle.organisations, N_("{count} partners")),
            translate(whose, people=people),
            translate(to_do),
        ]

    def _where(self, obstacle: Any) -> str:
        """Sectors, countries and months, as far as the sheet does not say them, and the place of a single report."""
        formatter, figures = self.formatter, self.formatter.key_figures
        parts = [formatter.months_named(obstacle.months)]
        if figures.is_intersector:
            parts.insert(0, self._names(obstacle.sectors, N_("{count} sectors")))
        if formatter.places() != "admin1":
            parts.append(self._names(obstacle.countries, N_("{count} countries")))
        if obstacle.place:
            parts.append(labels.place(obstacle.place, formatter.language))
        return ", ".join(filter(None, parts))

    def _names(self, keys: tuple[str, ...], several: str) -> str:
        if len(keys) > MOST_NAMED:
            return self.formatter.translate(several, count=self.formatter.count(len(keys)))
        return self.formatter.listed([short_name(self.formatter.label(key)) for key in keys])

    def _condition(self, cause: str) -> str:
        """What a condition of the gate is of; empty of other causes."""
        limit = LIMITS.get(cause, "")
        return self.formatter.translate(limit)

    def _share(self, obstacle: Any) -> str:
        return self.formatter.share(obstacle.share, 1)

    def _of_cause(self, cause: str) -> Any:
        return self.obstacles[self.obstacles["cause"] == cause].itertuples()


def mending_of(formatter: SheetFormatter, selection: Selection | None) -> Mending | None:
    """Give what a sheet to mend shows; None of one that can be published.

    For the public it follows from the figures as they are published alone; the gate is asked by the run.
    """
    if not formatter.internal or selection is None:
        return Mending(formatter, pd.DataFrame(columns=["cause"])) if formatter.key_figures.unusable else None
    from rmrp_analysis.quality.obstacles import is_refused, obstacles  # public pages do without

    if formatter.key_figures.unusable or is_refused(selection):
        return Mending(formatter, obstacles(selection))
    return None
