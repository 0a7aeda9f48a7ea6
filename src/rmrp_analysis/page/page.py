"""The page that a notebook makes of a selection: parts in order, shown as they are added, saved as HTML or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis import charts, exact, theme
from rmrp_analysis.charts.parts import Table, Unit
from rmrp_analysis.errors import RequestError, check_allowed
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, KeyFigures, for_audience, rounded
from rmrp_analysis.files import write_whole
from rmrp_analysis.method import Revision
from rmrp_analysis.metrics import FIGURE
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.page import bar_tables, cards, drawings, findings, headline
from rmrp_analysis.page.account import LIMITS, build_account, write_region_plan
from rmrp_analysis.page.block import (
    Absent,
    Block,
    FigureFile,
    Width,
    columns_of,
    headline_of,
    notice_of,
    shown,
    text_of,
)
from rmrp_analysis.page.cautions import format_caution
from rmrp_analysis.page.claims import statements_in
from rmrp_analysis.page.data_tables import data_tables
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_late_reports
from rmrp_analysis.page.mending import Mending, find_mending
from rmrp_analysis.page.narrative import SECTIONS, Narrative, divide_columns, find_narrative, read_narrative
from rmrp_analysis.page.placeholders import join_pieces, read_pieces
from rmrp_analysis.page.tables import BREAKDOWN, figure_table, stated_table
from rmrp_analysis.page.worksheets import cover, worksheets
from rmrp_analysis.plan import Selection
from rmrp_analysis.provenance import inputs_of_figures, provenance
from rmrp_analysis.theme import inline, prose
from rmrp_analysis.vocabulary import report_id
from rmrp_analysis.words import N_, Translator, claims_of

EXPORTERS: Mapping[str, str] = {".html": "rmrp_html", ".pdf": "rmrp_pdf"}
WITHOUT_PARTS = {
    "flows": N_("Donors give to few organizations: bars say more than flows."),
    "map": N_("None of these places is on the map."),
}
"""Why a chart of a form has nothing to draw where its table does not say so."""


class Page:
    """A report on a selection, in one language.

    Each method adds a part, and shows it where it is called: parts stand in the order of these lines, in HTML and PDF.
    A part takes the columns of its ``width``: *full*, *two thirds*, *wide*, *half*, *narrow*, *third* (wide and narrow
    make a row). A line that adds nothing says why in grey, and no export has it; so it is with what the selection does
    not have (the sectors of a single one), and what stands on the page already.

    Args:
        selection: One sector in the region, a platform or a country. Of its key figures alone there is no ``table``.
        title: What the sheet is called; by default *Key figures*.
        language: The language of the page, such as ``es``.
        narratives: A folder of texts that authors wrote; empty: there are none.
        audience: ``public`` rounds counts of people before anything is written or drawn; ``internal`` shows exact ones.
        provisional: The figures that may still change; the notice under the title says so.
        revision: What the sheet that this one replaces printed otherwise, as the notice says, too.
        publisher: Who stands beside the title; by default the publisher of the plan pack.
        calendar: The days of the issues; by default those of the plan pack.

    Attributes:
        blocks: The parts that the page has so far; the examples look at the last one.
        absent: For each line that added nothing, the sentence that says why.

    Raises:
        RequestError: Several sheets are selected, or an admin1.

    >>> page = rmrp.Page(plan.select("Health"), language="es")
    >>> page.headline()
    >>> page.blocks[-1].view["nodes"][0]["runs"][0]["text"][:13]
    'Se alcanzó al'
    """

    def __init__(
        self,
        selection: Selection | KeyFigures,
        *,
        title: str = "",
        language: str = "en",
        narratives: str = "",
        audience: str = "public",
        provisional: Sequence[str] = (),
        revision: Revision | None = None,
        publisher: Publisher | None = None,
        calendar: Sequence[date] = (),
    ) -> None:
        self.selection = selection
        if isinstance(selection, KeyFigures):
            self.key_figures = for_audience(selection, audience)
        else:
            self.key_figures = selection.key_figures(audience)
        self.language = language
        self.title = title or "Key figures"
        self.blocks: list[Block] = []
        self.absent: list[str] = []
        self._not_shown: dict[str, list[str]] = {}
        self._narratives = narratives
        figures = self.key_figures.figures
        stated = tuple(name for name in provisional if figures[name].value is not None)
        plan = pack.about()
        who, days = publisher or plan.publisher, tuple(calendar) or plan.calendar
        self._formatter = SheetFormatter(self.key_figures, Translator(language), stated, revision, who, days)

    # ---- Parts of the sheet, in its order ----

    def opening(self) -> None:
        """Title, and a notice of what is illustrative, not counted, revised or provisional.

        >>> page = rmrp.Page(health, title="Half-year figures")
        >>> page.opening()
        >>> page.blocks[0].view["title"]
        'Health in Peru · Half-year figures'
        """
        self._add(cards.build_masthead(self._formatter, self.title))
        lead, text = cards.format_notice(self._formatter, illustrative_text=self._author.illustrative)
        if text:
            self._add(notice_of(lead, text))

    def headline(self, text: str = "") -> None:
        """The page in one sentence: this text, an author's, or one drafted from the figures.

        Args:
            text: The sentence; empty: what an author wrote, else one that the figures give.

        >>> page = rmrp.Page(health)
        >>> page.headline("Most of the people reached are women and girls")
        >>> page.blocks[-1].view["look"]
        'headline'
        """
        self._add(headline_of(text or self._author.headline or headline.build_headline(self._formatter)))

    def turn(self) -> None:
        """Let a printed page end here: the parts from one turn to the next stand on one page, as far as it holds them.

        Where the page holds what follows, too, it goes on. On a screen nothing changes.

        >>> page = rmrp.Page(health)
        >>> page.turn()
        >>> page.blocks[-1].kind
        'turn'
        """
        self._add(Block.of("turn"))

    def cards(self, *figures: str) -> None:
        """Figures as large numbers: people, things that are counted, and money each in a block of their own.

        People in need, target and people reached stand over the bars that join them. What an organisation or a sector
        without people does not have adds nothing.

        Args:
            *figures: Names of ``FIGURES``.

        >>> page = rmrp.Page(health)
        >>> page.cards("people_in_need", "target", "people_reached")
        >>> [block.kind for block in page.blocks]
        ['cards']
        """
        news = prose.headline_in(block.view for block in self.blocks)
        trust = cards.format_trust_line(self._formatter, *self._people_to_review)
        blocks = [*cards.build_cards(self._formatter, figures, headline=news, trust=trust)]
        for block in blocks:
            self._add(block)
        if not blocks:
            self._leave_out(self._formatter.translate("None of these figures is known here."))

    def bars(
        self,
        *tables: pd.DataFrame,
        targets: pd.DataFrame | Sequence[pd.DataFrame | None] | None = None,
        title: str = "",
        kicker: str = "",
        note: str = "",
        order: bar_tables.Order = "value",
        most: int | None = None,
        width: Width | None = None,
    ) -> None:
        """Tables of one dimension (people, then money) as rows of bars; ``title`` says the finding.

        Args:
            *tables: Tables of ``table`` or ``breakdown``, by the same dimension: a column of bars each.
            targets: What was planned of each table's parts: a pale bar with a tick, and the share reached.
            title: The finding.
            kicker: What is drawn, in small print above.
            note: A line below.
            order: ``value``: rows with most first; ``share``: of sectors, the one furthest behind first, where the
                share of each is known; ``table``: as they come.
            most: Of more parts, the others stand in one row.
            width: How much of the page the part takes.

        Raises:
            RequestError: The page is public, and the table holds exact counts of people.

        >>> page = rmrp.Page(plan.select("Health"))
        >>> people = page.table("people_reached", "platform")
        >>> page.bars(people, targets=page.table("target", "platform"), most=5)
        >>> [row["label"] for row in page.blocks[-1].view["rows"]][:2]
        ['Colombia', 'Ecuador']
        """
        checked = [self._is_checked(table) for table in tables]
        goals = [targets] if targets is None or isinstance(targets, pd.DataFrame) else list(targets)
        goals += [None] * (len(tables) - len(goals))
        if why := bar_tables.why_left_out(self._formatter, tables[0]):
            self._leave_out(why)
            return
        known = self._formatter.translate.known
        words = {"title": known(title), "kicker": known(kicker), "note": note}
        if block := bar_tables.bars(self._formatter, tables, goals, order=order, most=most, width=width, **words):
            self._add(block, unchecked=not all(checked))
            return
        why = bar_tables.why_not_shown(self._formatter, tables[0])
        self._leave_out(tables[0].attrs.get("reason", "") or why)
        of_sheet = BREAKDOWN in tables[0].attrs and tables[0].attrs.get("figure") == "people_reached"
        if why and of_sheet and self.key_figures.figures["people_reached"].present:
            column = bar_tables.column_of(self._formatter, str(tables[0].index.name or ""))
            self._not_shown.setdefault(why, []).append(column[:1].lower() + column[1:])

    def to_mend(self) -> None:
        """For internal use, what checks found in the rows of an organisation, with the people in doubt.

        >>> by_agency = plan.select("Health", organisation="SA07")
        >>> page = rmrp.Page(by_agency, audience="internal")
        >>> page.to_mend()
        >>> page.blocks[-1].kind
        'bars'
        """
        is_internal, translate = self.key_figures.audience == "internal", self._formatter.translate
        if not (is_internal and self.key_figures.organisation and isinstance(self.selection, Selection)):
            self._leave_out(translate("What checks found stands on the internal sheets of organizations alone."))
            return
        from rmrp_analysis.page.quality_page import build_findings_to_mend  # public pages do without
        from rmrp_analysis.quality.review import findings_of

        if block := build_findings_to_mend(self._formatter, findings_of(self.selection)):
            self._add(block)
        else:
            self._leave_out(translate("Checks found nothing."))

    def chart(
        self,
        chart: Any,
        *,
        of: Table | None = None,
        title: str = "",
        kicker: str = "",
        alt: str = "",
        width: Width | None = None,
        height_mm: float | None = None,
    ) -> None:
        """Any chart: Axes, a Figure or a grid. ``title`` says the finding, ``kicker`` what is drawn.

        A chart of ``charts`` that shows a table of the page says by itself what it is, for eyes and for a voice, and
        adds nothing where the table is empty. The run tells of a chart whose numbers it does not know.

        Args:
            chart: Axes or a Figure of Matplotlib, or a grid of seaborn.
            of: The table that another library drew, where its bars and lines do not tell.
            title: The finding.
            kicker: What is drawn, in small print above.
            alt: The words for a voice. Without them, they are drafted from the axes of another library's chart, and
                the run says so.
            width: How much of the page the part takes.
            height_mm: The height of a chart of ``charts``, which is drawn anew in the size that it has on the page.

        Raises:
            RequestError: The page is public, and the chart shows exact counts of people.

        >>> page = rmrp.Page(health)
        >>> page.chart(rmrp.charts.months(page.table("people_reached", "month")))
        >>> page.blocks[-1].view["kicker"]
        'People newly reached, by month, in thousands'
        """
        shown = charts.drawing_of(chart)
        drawn = shown.table if shown and of is None else of
        checked = self._is_checked(drawn if drawn is not None else chart, shown.unit if shown else None)
        title, kicker = self._formatter.translate.known(title), self._formatter.translate.known(kicker)
        words: Any = {"title": title, "kicker": kicker, "alt": alt}
        if not shown or (shown.parts and not shown.sketch):
            self._add(drawings.own_chart(chart, **words, width=width), unchecked=not checked)
            return
        why = bar_tables.why_left_out(self._formatter, shown.table) if shown.sketch else ""
        size: Any = {"width": self._mending.width_of_months if self._mending else width, "height_mm": height_mm}
        if not why and (block := drawings.chart_of_package(self._formatter, shown, **words, **size)):
            self._add(block, unchecked=not checked)
            return
        facts = getattr(shown.table, "attrs", {})
        self._leave_out(why or facts.get("reason", "") or self._formatter.translate(WITHOUT_PARTS.get(shown.form, "")))

    def add(
        self,
        table: pd.DataFrame | pd.Series,
        *,
        caption: str = "",
        unit: Unit | None = None,
        width: Width | None = None,
    ) -> None:
        """A table as it is, with the names of its parts and columns in the page's language; ``caption`` says what of.

        The run tells of a table of which it does not know what it counts.

        Args:
            table: The table; its index heads the rows.
            caption: What the table is of.
            unit: The unit of its numbers (``people``, ``usd``, ``count``, ``share``); by default the table's own.
            width: How much of the page the part takes.

        Raises:
            RequestError: The page is public, and the table holds exact counts of people.

        >>> page = rmrp.Page(health)
        >>> places = page.table("people_reached", "admin1", most=3)
        >>> page.add(places, caption="Most people")
        >>> page.blocks[-1].view["caption"]
        'Most people'
        """
        if len(table):
            checked = self._is_checked(table, unit)
            self._add(drawings.own_table(self._formatter, table, caption, unit), width, unchecked=not checked)
        else:
            self._leave_out(table.attrs.get("reason", ""))

    def _is_checked(self, shown: Any, unit: str | None = None) -> bool:
        """Whether all numbers of a table or picture are rounded as they must be; not where nobody knows what they are.

        Raises ``RequestError`` for exact counts of people.
        """
        is_table = isinstance(shown, pd.Series | pd.DataFrame)
        facts = shown.attrs if is_table else {}
        figure, base = facts.get(FIGURE, "people_reached"), self.key_figures.base
        state = exact.state_of(shown) if is_table else inline.state_of_figure(shown)
        is_protected = figure in FIGURES and FIGURES[figure].protected
        if base and (state == exact.EXACT or (is_protected and facts.get(exact.ROUNDED, base) < base)):
            names = "".join(f', "{name}"' for name in shown.index.names if name) if is_table else ", …"
            table = f'page.table("{figure}"{names})'
            raise RequestError(f"these are exact counts of people; take {table}, which rounds them")
        return not (base and state) or unit in ("usd", "count", "share")

    def text(self, markdown: str, *, width: Width | None = None) -> None:
        """Words of your own in Markdown; figures are named between braces: ``{{ people_reached }}``.

        Args:
            markdown: The text.
            width: How much of the page the part takes.

        Raises:
            RequestError: The page does not know a figure that is named.

        >>> page = rmrp.Page(health)
        >>> page.text("By June, {{ people_reached }} people were reached.")
        >>> page.blocks[-1].view["nodes"][0]["runs"][0]["text"][:12]
        'By June, 144'
        """
        found = list(read_pieces(self._formatter.translate.known(markdown), self._formatter, line=1))
        faults = [piece.text for piece in found if piece.kind == "fault"]
        faults += ["a chart stands in a narrative; here, write page.bars(…)"] * any(piece.chart for piece in found)
        if faults:
            raise RequestError("\n".join(faults))
        nodes, _ = prose.markdown_nodes(join_pieces(found, self.language), lambda *_: None)
        self._add(text_of(nodes), width)

    def narrative(self, *sections: str, width: Width | None = None) -> None:
        """What an author wrote (*Situation*, *Response*, *Lessons learned*), side by side in this width.

        Args:
            *sections: The headings of the text, in order.
            width: How much of the page the parts take together.

        >>> page = rmrp.Page(health)
        >>> page.narrative("Situation", "Response")
        >>> page.absent
        ['Not on the page: No author wrote about this sheet in this language.']
        """
        formatter, texts = self._formatter, list[dict[str, Any]]()
        for name in sections:
            check_allowed(name, SECTIONS, "a narrative has no section")
            if nodes := self._author.sections.get(name):
                texts.append({"kind": "section", "heading": formatter.translate(name), "nodes": nodes})
        if not texts:
            self._leave_out(formatter.translate("No author wrote about this sheet in this language."))
            return
        span = columns_of(width or "full")
        spans = divide_columns(span, [text["nodes"] for text in texts])
        spanned = [{**text, "span": columns} for text, columns in zip(texts, spans, strict=True)]
        self._add(text_of(spanned, "narrative", span))

    def plan_elsewhere(self, *, width: Width = "half") -> None:
        """What the plan says of the sector in the region, where it says nothing of the place.

        >>> page = rmrp.Page(plan.select("WASH", place="CUW"))
        >>> page.plan_elsewhere()
        >>> page.blocks[-1].view["nodes"][0]["kind"]
        'section'
        """
        if nodes := write_region_plan(self._formatter):
            heading, span = self._formatter.translate("What the plan says"), columns_of(width)
            section = {"kind": "section", "heading": heading, "nodes": nodes, "span": span}
            self._add(text_of([section], "narrative", span))
        else:
            self._leave_out(self._formatter.translate("The plan says nothing more of the region."))

    def account(self) -> None:
        """How the figures were counted, their sources, the small print; for internal use, how good the data are.

        >>> page = rmrp.Page(health)
        >>> page.account()
        >>> page.blocks[-1].kind
        'account'
        """
        formatter = self._formatter
        not_shown = [
            formatter.translate(
                "No breakdown by {what}: {reason}.", what=formatter.translate(" or by ").join(names), reason=reason
            )
            for reason, names in self._not_shown.items()
        ]
        accepted, below = self._still_to_correct()
        lines = {
            N_("Accepted above the usual limits"): accepted,
            N_("Data quality"): "" if any(block.view.get("trust") for block in self.blocks) else self._quality(),
            N_("Still to correct"): below,
            N_("Not shown"): " ".join(not_shown),
        }
        drafted = [] if self._author.headline else [formatter.translate("Sentences are generated from the data.")]
        facts = {"has_map": self._has_map, "has_note": any(block.view.get("footnote") for block in self.blocks)}
        self._add(build_account(formatter, self.title, lines, *drafted, provenance=self._provenance, **facts))

    @property
    def _has_map(self) -> bool:
        return any(block.view.get("form") == "map" for block in self.blocks)

    def figures(self) -> FigureFile:
        """The figures as data, for the files beside the report; ``rmrp run`` takes them itself.

        >>> records = rmrp.Page(health).figures().records
        >>> {each["name"]: each["value"] for each in records["figures"]}["people_reached"]
        144030
        """
        formatter = self._formatter
        cautions = [
            {**asdict(caution), "text": text, "claims": [asdict(claim) for claim in claims_of(text)]}
            for caution in self.key_figures.cautions
            for text in [format_caution(formatter, caution)]
        ]
        texts = {
            "cautions": cautions,
            "statements": statements_in(block.view for block in self.blocks),
            "headline": prose.headline_in(block.view for block in self.blocks) or headline.build_headline(formatter),
            "completeness": format_late_reports(formatter),
            "notes": {name: text for name, text in cards.format_number_notes(formatter).items() if text},
            "period_printed": formatter.format_period(),
            "to_mend": self.is_to_mend,
            "printed": {name: formatter.format_figure(name) for name in self.key_figures.figures},
            "provisional": list(formatter.provisional),
            "revision": formatter.revision and formatter.revision.model_dump(mode="json"),
        }
        tables = data_tables(formatter, self.title, self.key_figures.report)
        sheets = worksheets(formatter, tables, place=self.place)
        first = cover(formatter, self.title, sheets, provenance=self._provenance, has_map=self._has_map)
        records = self.key_figures.as_records()
        if not isinstance(self.selection, KeyFigures):
            inputs = inputs_of_figures(self.selection)
            of_figures = [{**figure, "inputs": inputs[figure["name"]]} for figure in records["figures"]]
            records = {"provenance": self._provenance, **records, "figures": of_figures}
        return FigureFile({**records, **texts}, {**tables, "cover": first, "worksheets": sheets})

    # ---- For charts and words of your own ----

    @property
    def place(self) -> str:
        """The dimension by which places are told apart: platform, country or admin1.

        >>> rmrp.Page(health).place
        'admin1'
        """
        return self._formatter.place_dimension

    @property
    def is_region(self) -> bool:
        """Whether the page is of the whole region, not of one of its places or of an organisation.

        >>> rmrp.Page(health).is_region
        False
        """
        return self._formatter.is_region_sheet

    def table(self, figure: str, *dimensions: str, most: int | None = None) -> pd.DataFrame:
        """A figure by any dimensions of its rows, as it may be shown to the page's audience.

        What the sheet states by a dimension is as it states it; of one sector, a table by sector is empty.

        Args:
            figure: A name of ``FIGURES``.
            *dimensions: As those of ``Contributions.by``.
            most: Only so many parts of the first dimension, those with most.

        Returns:
            The index holds the parts.

            - ``value``: in the figure's unit (``attrs["unit"]``), NaN where not known; counts of people are rounded
            - ``status``: ``known``, ``few`` (people, rounded down to 0), ``partly_counted``, or why it is not known,
              which ``reason`` says in words
            - ``caution``: why a number is in doubt, and ``share_in_doubt``, how much of it (0 to 1)
            - ``assisted``: people in reports that are not counted
            - ``base``: to whose multiples people are rounded; 0: they are not

        >>> page = rmrp.Page(health)
        >>> page.table("people_reached", "admin1", most=2)["value"].to_dict()
        {'Lima': 33290.0, 'Tumbes': 28690.0}
        """
        selection = None if isinstance(self.selection, KeyFigures) else self.selection
        return figure_table(self._formatter, selection, figure, dimensions, most)

    def breakdown(self, name: str) -> pd.DataFrame:
        """A breakdown that the sheet states, such as ``people_reached_by_indicator``; empty where it states none.

        Args:
            name: A name of ``BREAKDOWNS``.

        Returns:
            The columns of ``table``.

        >>> rmrp.Page(health).breakdown("people_reached_by_age_gender")["value"].idxmax()
        'women'
        """
        check_allowed(name, BREAKDOWNS, "there is no breakdown")
        return stated_table(self._formatter, name)

    def finding(self, name: str) -> str:
        """The finding of a chart (``months``, ``donors`` …), from the figures; empty where none holds.

        What the headline of the page says is not said again.

        >>> rmrp.Page(health).finding("donors")
        'One donor gave all of the funding'
        """
        check_allowed(name, findings.FINDINGS, "there is no finding")
        nodes = [node for block in self.blocks if block.name == "headline" for node in block.view["nodes"]]
        said = claims_of(*(run["text"] for node in nodes for run in node["runs"]))
        return findings.choose_finding(self._formatter, name, headline=said)

    def save(self, path: Path | str) -> Path:
        """Write the page as ``.html`` or ``.pdf``, by the name's ending, as the exporters of a notebook do.

        Raises ``RequestError`` for another ending.

        >>> page = rmrp.Page(health)
        >>> page.cards("people_reached")
        >>> page.save("health-peru.html").name
        'health-peru.html'
        """
        from nbconvert.exporters import get_exporter
        from nbformat.v4 import new_code_cell, new_notebook, new_output

        target = Path(path)
        if target.suffix not in EXPORTERS:
            raise RequestError(f"{target}: the format is not written; allowed: {', '.join(EXPORTERS)}")
        output = new_output("display_data", self._repr_mimebundle_())
        notebook = new_notebook(cells=[new_code_cell(outputs=[output])])
        named = {"metadata": {"name": self.title}}
        content, _ = get_exporter(EXPORTERS[target.suffix])().from_notebook_node(notebook, named)
        return write_whole(target, content)

    # ---- How it is kept and shown ----

    @property
    def is_to_mend(self) -> bool:
        """Whether the main number cannot be used, so that each line shows what a sheet to mend may show.

        >>> rmrp.Page(health).is_to_mend
        False
        """
        return self._mending is not None

    @cached_property
    def _mending(self) -> Mending | None:
        return find_mending(self._formatter, None if isinstance(self.selection, KeyFigures) else self.selection)

    def _add(self, block: Block, width: Width | None = None, *, unchecked: bool = False) -> None:
        parts = self._mending.replace_block(block) if self._mending else [block]
        for part in parts:
            self._show(part, width, unchecked=unchecked)
        if not parts:
            self._leave_out(self._formatter.translate("It says nothing of what is to be mended."))

    def _show(self, block: Block, width: Width | None, *, unchecked: bool) -> None:
        if any(block.uid and block.uid == other.uid for other in self.blocks):
            self._leave_out(self._formatter.translate("It stands on the page already."))
            return
        if width:
            block = replace(block, view={**block.view, "span": columns_of(width)})
        is_keyed = any(each.view.get("hatched") for each in self.blocks)
        if block.kind in ("bars", "chart") and block.view.get("hatched") and not is_keyed:
            keyed = self._formatter.translate("{label}; hatched: read with care", label=block.view["kicker"])
            block = replace(block, view={**block.view, "kicker": keyed})
        if self.key_figures.audience == "internal":  # the exporters mark what shows any such block
            block = replace(block, view={**block.view, "audience": "internal"})
        elif base := self.key_figures.base:  # they stop exact counts of people beside such a block
            block = replace(block, view={**block.view, "rounding": base})
        if unchecked:
            block = replace(block, view={**block.view, "unchecked": True})
        self.blocks.append(block)
        _display(block)

    def _leave_out(self, why: str) -> None:
        """Say in the notebook why a line adds nothing."""
        why = why or self._formatter.translate("There is nothing to show.")
        sentence = self._formatter.translate("Not on the page: {reason}", reason=self._formatter.complete_sentence(why))
        self.absent.append(sentence)
        _display(Absent(sentence))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        inside = "\n".join(block.html() for block in self.blocks)
        style = f"<style>{theme.style_sheet()}</style>"
        html = style + theme.standing_alone(f'<div class="rmrp-sheet">{inside}</div>')
        return shown(self.blocks, html, f"a page of {len(self.blocks)} parts")

    @cached_property
    def _people_to_review(self) -> tuple[float, float]:
        """People in reports with something to correct, and in all; nobody where that may not be said to the public.

        That is where a percent of them would be fewer people than counts are rounded to.
        """
        if isinstance(self.selection, KeyFigures):
            return 0.0, 0.0
        from rmrp_analysis.quality.review import people_to_review

        table = people_to_review(self.selection)
        to_review, people = table["amount"]
        if not self._formatter.is_internal:
            to_review, people = rounded(table["amount"], table["key"], table["base"])
        return (float(to_review), float(people)) if people > 100 * self.key_figures.base else (0.0, 0.0)

    def _quality(self) -> str:
        """How many of the people reported are in reports with something to correct; for the public in whole percent."""
        formatter, (to_review, people) = self._formatter, self._people_to_review
        if not formatter.is_internal:
            share = round(to_review / people, 2) if people else 0.0
            sentence = N_("{share} of the people reported are in reports that still have something to correct.")
            return (
                formatter.format_sentence(formatter.translate(sentence, share=formatter.format_share(share, 1)))
                if share
                else ""
            )
        sentence = N_("{share} of the people reported ({some} of {all}) are in rows with something to review.")
        counts = {"some": formatter.format_people(to_review), "all": formatter.format_people(people)}
        return (
            formatter.translate(sentence, share=formatter.format_share(to_review, people), **counts) if people else ""
        )

    def _still_to_correct(self) -> tuple[str, str]:
        """What the gate of the sheet accepts, and what it leaves since few people are concerned, each with their share.

        For the public in whole percent, and nothing where a percent would be fewer people than counts are rounded to.
        """
        if isinstance(self.selection, KeyFigures):
            return "", ""
        from rmrp_analysis.quality.sheets import ACCEPTED, BELOW, OF_ROWS, sheet_conditions

        formatter, selection, translate = self._formatter, self.selection, self._formatter.translate
        method, least = selection.method, 0 if formatter.is_internal else 100 * self.key_figures.base
        sentence = (
            N_("{what} ({share}: {people} people in {rows} rows)") if formatter.is_internal else N_("{what} ({share})")
        )
        told: dict[str, list[str]] = {ACCEPTED: [], BELOW: []}
        told[ACCEPTED] += [
            translate(N_("{what} ({share})"), what=translate(LIMITS[name]), share=formatter.format_share(limit, 1))
            for name, limit in method.limits.accepted().items()
            if name not in OF_ROWS
        ]
        sheet = selection.sheets.selected[:1]
        rows = sheet_conditions(selection.plan, sheet, period=selection.period, method=method)
        if not formatter.is_internal:
            people, of_all = (
                rounded(rows[name], rows[key], rows["base"])
                for name, key in (("people", "key"), ("of_all", "key_of_all"))
            )
            rows = rows.assign(people=people, of_all=of_all, share=pd.Series(people).div(of_all).fillna(0).round(2))
        for row in rows[rows["state"].isin([*told])].to_dict("records"):
            share = row["share"]
            if share and row["of_all"] > least:
                counts = {"people": formatter.format_people(row["people"]), "rows": formatter.format_count(row["rows"])}
                what = LIMITS[row["condition"]]
                told[row["state"]].append(
                    translate(sentence, what=translate(what), share=formatter.format_share(share, 1), **counts)
                )
        return "; ".join(told[ACCEPTED]), "; ".join(told[BELOW])

    @cached_property
    def _provenance(self) -> dict[str, Any] | None:
        """What the numbers follow from; None of figures alone."""
        if isinstance(self.selection, KeyFigures):
            return None
        return provenance(self.selection, audience=self.key_figures.audience)

    @cached_property
    def _author(self) -> Narrative:
        """What an author wrote about the sector in this scope and language."""
        path = find_narrative(self._narratives, self.key_figures.report, self.language)
        return read_narrative(path, self._formatter) if path else Narrative()


def figures_of(variables: Mapping[str, Any]) -> FigureFile | None:
    """Give the figures of the page that a notebook's variables make; ``rmrp run`` asks for them after the last cell.

    Of several pages, that of the sheet for which the notebook was run, else the last one; None without a page.

    >>> figures_of({"page": rmrp.Page(health)}).records["sector"]
    'Health'
    """
    pages = [each for each in variables.values() if isinstance(each, Page)]
    asked = report_id(*(str(variables.get(name, "")) for name in ("sector", "place", "organisation")))
    pages = [page for page in pages if page.key_figures.report == asked] or pages
    return pages[-1].figures() if pages else None


def _display(part: Block | Absent) -> None:
    """Show a part in the notebook that makes it."""
    from IPython import get_ipython

    if get_ipython() is not None:
        from IPython.display import display

        display(part)


def look() -> Any:
    """Give the style of a page for a notebook's own display, and let all its charts have the look of the sheet's.

    >>> from matplotlib import rc_context
    >>> with rc_context():
    ...     style = look()
    >>> style.data[:7]
    '<style>'
    """
    from IPython.display import HTML

    charts.use_style()
    return HTML(f"<style>{theme.style_sheet()}</style>")
