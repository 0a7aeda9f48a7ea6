"""The page that a notebook makes of a selection: blocks in order, shown as they are added, saved as HTML or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis import charts, exact, theme
from rmrp_analysis.arguments import names_in
from rmrp_analysis.charts.chart_tables import Table, Unit
from rmrp_analysis.errors import RequestError, check_allowed
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, KeyFigures, for_audience, round_to_base
from rmrp_analysis.files import write_whole
from rmrp_analysis.method import Revision
from rmrp_analysis.metrics import FIGURE_ATTR
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.page import bar_tables, cards, drawings, findings, headline
from rmrp_analysis.page.account import LIMIT_WORDS, build_account, write_region_plan
from rmrp_analysis.page.block import (
    Block,
    FigureFile,
    LeftOutLine,
    Width,
    build_headline_block,
    build_notice_block,
    build_text_block,
    bundle_views,
    count_columns,
)
from rmrp_analysis.page.cautions import format_caution, format_doubt
from rmrp_analysis.page.claims import statements_in
from rmrp_analysis.page.data_tables import build_data_tables
from rmrp_analysis.page.formatter import SheetFormatter
from rmrp_analysis.page.late_reports import format_late_reports
from rmrp_analysis.page.mending import Mending, find_mending
from rmrp_analysis.page.narrative import SECTION_HEADINGS, Narrative, divide_columns, find_narrative, read_narrative
from rmrp_analysis.page.placeholders import join_pieces, read_pieces
from rmrp_analysis.page.tables import BREAKDOWN_ATTR, build_breakdown_table, build_figure_table
from rmrp_analysis.page.worksheets import build_cover, build_worksheets
from rmrp_analysis.plan import Selection
from rmrp_analysis.provenance import inputs_of_figures, provenance
from rmrp_analysis.theme import inline, prose
from rmrp_analysis.vocabulary import report_id
from rmrp_analysis.words import N_, Translator, claims_of

EXPORTER_BY_SUFFIX: Mapping[str, str] = {".html": "rmrp_html", ".pdf": "rmrp_pdf"}
"""The exporters of nbconvert by the ending of the file that they make."""
EMPTY_REASON_BY_CHART_FORM = {
    "flows": N_("Donors give to few organizations: bars say more than flows."),
    "map": N_("None of these places is on the map."),
}
"""Why a chart of a form has nothing to draw, if its table gives no reason."""
MIN_BASES_FOR_PUBLIC_SHARE = 100
"""A public share is in whole percent, and of more people than this many times the rounding base."""


@pack.in_pack_of("pack")
class Page:
    """A report on a selection, in one language.

    It exists so that a notebook, a run and the exporters make the same sheet: it rounds counts of people for the
    public, writes every number in the language, and keeps the blocks in their order, each once.

    Each method adds a block and shows it at once, so the order of the calls is the order in HTML and PDF. A block takes
    the columns of its ``width``: *full*, *two thirds*, *wide*, *half*, *narrow*, *third* (wide and narrow make a row).
    A line that adds nothing gives the reason in grey, and the exporters leave it out: the selection does not have the
    figures (such as several sectors), or the block is on the page already.

    Args:
        selection: One sector in the region, a platform or a country. A page of key figures alone has no ``table``.
        title: The title of the sheet, by default *Key figures*.
        language: The language of the page, such as ``es``.
        narratives: The folder of the texts that authors wrote, empty without such texts.
        audience: ``public`` rounds counts of people before any output. ``internal`` shows exact counts.
        provisional: The figures that may still change, which the notice under the title names.
        revision: The numbers of the previous sheet that this one corrects, which the notice names, too.
        publisher: The publisher next to the title, by default the publisher of the plan pack.
        calendar: The days of the issues, by default the days of the plan pack.

    Attributes:
        blocks: The blocks that the page has so far. The examples look at the last one.
        absent: For each line that added nothing, the sentence that says why.

    Raises:
        RequestError: Several sheets or an admin1 are selected, or a name of ``provisional`` is no figure.

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
        decision: str = "",
    ) -> None:
        """Take the figures as the audience may see them, and start without blocks.

        ``decision`` says why a person publishes the sheet although the gate refuses it. The account prints it.
        Names of ``provisional`` are left out if their figure has no value. Raises ``RequestError`` for a name that is
        no figure.
        """
        self.selection = selection
        if isinstance(selection, KeyFigures):
            self.key_figures = for_audience(selection, audience)
        else:
            self.key_figures = selection.key_figures(audience)
        self.pack = self.key_figures.pack
        self.language = language
        self.title = title or "Key figures"
        self.blocks: list[Block] = []
        self.absent: list[str] = []
        self._columns_by_reason: dict[str, list[str]] = {}
        """The dimensions without a breakdown of the people reached, by the reason."""
        self._narratives = narratives
        self._decision = decision
        figures = self.key_figures.figures
        provisional = names_in(provisional, "provisional")
        for name in provisional:
            check_allowed(name, figures, "there is no figure")
        pending = tuple(name for name in provisional if figures[name].value is not None)
        with pack.use(self.pack):
            facts, translate = pack.about(), Translator(language)
        days = tuple(calendar) or facts.calendar
        self._formatter = SheetFormatter(
            self.key_figures, translate, pending, revision, publisher or facts.publisher, days
        )

    # ---- Parts of the sheet, in its order ----

    def opening(self, *, notice: bool = True) -> None:
        """Add the title, and with ``notice`` a notice of the limits of the figures, if they have any.

        It names illustrative, uncounted, revised and provisional figures. Raises ``RequestError`` if the author's text
        has a fault.

        >>> page = rmrp.Page(health, title="Half-year figures")
        >>> page.opening()
        >>> page.blocks[0].view["title"]
        'Health in Peru · Half-year figures'
        """
        self._add(cards.build_masthead(self._formatter, self.title))
        lead, text = cards.format_notice(self._formatter, illustrative_text=self._author.illustrative)
        if text and notice:
            self._add(build_notice_block(lead, text))

    def headline(self, text: str = "") -> None:
        """Add the page in one sentence: this text, an author's, or a drafted one.

        Args:
            text: The sentence. If empty, it is an author's, or a sentence drafted from the figures.

        Raises:
            RequestError: There is no sentence, and the author's text has a fault.

        >>> page = rmrp.Page(health)
        >>> page.headline("Most of the people reached are women and girls")
        >>> page.blocks[-1].view["look"]
        'headline'
        """
        self._add(build_headline_block(text or self._author.headline or headline.build_headline(self._formatter)))

    def turn(self) -> None:
        """Keep the blocks from one turn to the next on one printed page.

        The page ends here only if it cannot hold the next blocks, too. On a screen nothing changes.

        >>> page = rmrp.Page(health)
        >>> page.turn()
        >>> page.blocks[-1].kind
        'turn'
        """
        self._add(Block.build("turn"))

    def cards(self, *figures: str) -> None:
        """Add figures as large numbers: people, counts and money.

        People in need, target and people reached stand over the bars that join them. Figures that the selection does
        not have, such as the people of a sector without people, add nothing.

        Args:
            *figures: Names of ``FIGURES``.

        Raises:
            RequestError: A name is no figure.

        >>> page = rmrp.Page(health)
        >>> page.cards("people_in_need", "target", "people_reached")
        >>> [block.kind for block in page.blocks]
        ['cards']
        """
        news = prose.headline_in(block.view for block in self.blocks)
        blocks = [*cards.build_cards(self._formatter, figures, headline=news)]
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
        """Add tables of one dimension (people, then money) as rows of bars.

        If people reached have no breakdown by the dimension, ``account`` gives the reason.

        Args:
            *tables: Tables of ``table`` or ``breakdown``, by the same dimension: each is a column of bars.
            targets: The target or requirement of the rows, as one table for the first of ``tables`` or a list with one
                (or None) for each: a pale bar with a tick, and the share reached.
            title: The finding.
            kicker: The measure, in small print above, by default drafted from the figure.
            note: A line below.
            order: ``value`` puts the largest values first, ``share`` the sector with the smallest share of its target
                (if all shares are available), and ``table`` keeps the order of the table.
            most: The largest number of categories with their own row. The others share one row.
            width: How much of the page the block takes.

        Raises:
            RequestError: No table is given, or the page is public and the table holds exact counts of people.

        >>> page = rmrp.Page(plan.select("Health"))
        >>> people = page.table("people_reached", "platform")
        >>> page.bars(people, targets=page.table("target", "platform"), most=5)
        >>> [row["label"] for row in page.blocks[-1].view["rows"]][:2]
        ['Colombia', 'Ecuador']
        """
        if not tables:
            raise RequestError("bars() draws tables; give one, such as page.table('people_reached', 'platform')")
        checked = [self._check_rounding(table) for table in tables]
        goals = [targets] if targets is None or isinstance(targets, pd.DataFrame) else list(targets)
        goals += [None] * (len(tables) - len(goals))
        if why := bar_tables.explain_left_out(self._formatter, tables[0]):
            self._leave_out(why)
            return
        translate = self._formatter.translate.known
        words = {"title": translate(title), "kicker": translate(kicker), "note": note}
        options: Any = {"order": order, "max_rows": most, "width": width, **words}
        if block := bar_tables.build_bars(self._formatter, tables, goals, **options):
            self._add(block, unchecked=not all(checked))
            return
        why = bar_tables.explain_no_breakdown(self._formatter, tables[0])
        self._leave_out(tables[0].attrs.get("reason", "") or why)
        is_ours = BREAKDOWN_ATTR in tables[0].attrs and tables[0].attrs.get("figure") == "people_reached"
        if why and is_ours and self.key_figures.figures["people_reached"].present:
            column = bar_tables.name_column(self._formatter, str(tables[0].index.name or ""))
            self._columns_by_reason.setdefault(why, []).append(column[:1].lower() + column[1:])

    def to_mend(self) -> None:
        """Add the findings of checks in an organisation's rows, on internal pages of its selection alone.

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
        """Add any chart: Axes, a Figure or a grid.

        A chart of ``charts`` of a table of the page has its kicker and its alternative text without an argument, and
        adds nothing if the table is empty. The run warns of a chart if it does not know the meaning of its numbers.

        Args:
            chart: Axes or a Figure of Matplotlib, or a grid of seaborn.
            of: The table that another library drew, if its bars and lines do not carry it.
            title: The finding.
            kicker: The measure, in small print above.
            alt: The alternative text. If empty, it is drafted from the axes of another library's chart, and the run
                reports this.
            width: How much of the page the block takes.
            height_mm: The height of a chart of ``charts``, which is drawn again in the size that it has on the page.

        Raises:
            RequestError: The page is public, and the chart shows exact counts of people.

        >>> page = rmrp.Page(health)
        >>> page.chart(rmrp.charts.months(page.table("people_reached", "month")))
        >>> page.blocks[-1].view["kicker"]
        'People newly reached, by month, in thousands'
        """
        drawing = charts.drawing_of(chart)
        table = drawing.table if drawing and of is None else of
        checked = self._check_rounding(table if table is not None else chart, drawing.unit if drawing else None)
        title, kicker = self._formatter.translate.known(title), self._formatter.translate.known(kicker)
        words: Any = {"title": title, "kicker": kicker, "alt": alt}
        if not drawing or (drawing.parts and not drawing.sketch):
            self._add(drawings.build_foreign_chart_block(chart, **words, width=width), unchecked=not checked)
            return
        why = bar_tables.explain_left_out(self._formatter, drawing.table) if drawing.sketch else ""
        size: Any = {"width": self._mending.width_of_months if self._mending else width, "height_mm": height_mm}
        if not why and (block := drawings.build_chart_block(self._formatter, drawing, **words, **size)):
            self._add(block, unchecked=not checked)
            return
        why = why or getattr(drawing.table, "attrs", {}).get("reason", "")
        self._leave_out(why or self._formatter.translate(EMPTY_REASON_BY_CHART_FORM.get(drawing.form, "")))

    def add(
        self,
        table: pd.DataFrame | pd.Series,
        *,
        caption: str = "",
        unit: Unit | None = None,
        width: Width | None = None,
    ) -> None:
        """Add any table, with the names of its rows and columns in the page's language.

        A table without rows adds nothing. The run warns of a table if it does not know the meaning of its numbers.

        Args:
            table: The table. Its index heads the rows, and it may have any columns.
            caption: The subject of the table.
            unit: The unit of its numbers (``people``, ``usd``, ``count``, ``share``), by default the unit of the table.
            width: How much of the page the block takes.

        Raises:
            RequestError: The page is public, and the table holds exact counts of people.

        >>> page = rmrp.Page(health)
        >>> places = page.table("people_reached", "admin1", most=3)
        >>> page.add(places, caption="Most people")
        >>> page.blocks[-1].view["caption"]
        'Most people'
        """
        if len(table):
            checked = self._check_rounding(table, unit)
            self._add(drawings.build_table_block(self._formatter, table, caption, unit), width, unchecked=not checked)
        else:
            self._leave_out(table.attrs.get("reason", ""))

    def _check_rounding(self, content: Any, unit: str | None = None) -> bool:
        """Return whether a table or picture certainly holds no exact counts of people.

        It is False if the meaning of its numbers is unknown. It is True on a page without rounding, and if their
        ``unit`` is not people. Raises ``RequestError`` for exact counts of people on a page with rounding.
        """
        is_table = isinstance(content, pd.Series | pd.DataFrame)
        facts = content.attrs if is_table else {}
        figure, base = facts.get(FIGURE_ATTR, "people_reached"), self.key_figures.base
        state = exact.state_of(content) if is_table else inline.state_of_figure(content)
        is_protected = figure in FIGURES and FIGURES[figure].protected
        if base and (state == exact.EXACT or (is_protected and facts.get(exact.ROUNDING_ATTR, base) < base)):
            names = "".join(f', "{name}"' for name in content.index.names if name) if is_table else ", …"
            table = f'page.table("{figure}"{names})'
            raise RequestError(f"these are exact counts of people; take {table}, which rounds them")
        return not (base and state) or unit in ("usd", "count", "share")

    def text(self, markdown: str, *, width: Width | None = None) -> None:
        """Add your text in Markdown. ``{{ people_reached }}`` prints a figure.

        Args:
            markdown: The text.
            width: How much of the page the block takes.

        Raises:
            RequestError: The text names a figure that the page does not have, or holds a chart.

        >>> page = rmrp.Page(health)
        >>> page.text("By June, {{ people_reached }} people were reached.")
        >>> page.blocks[-1].view["nodes"][0]["runs"][0]["text"][:12]
        'By June, 144'
        """
        pieces = list(read_pieces(self._formatter.translate.known(markdown), self._formatter, line=1))
        faults = [piece.text for piece in pieces if piece.kind == "fault"]
        if any(piece.chart for piece in pieces):
            faults.append("a chart stands in a narrative; here, write page.bars(…)")
        if faults:
            raise RequestError("\n".join(faults))
        nodes, _ = prose.markdown_nodes(join_pieces(pieces, self.language), lambda *_: None)
        self._add(build_text_block(nodes), width)

    def narrative(self, *sections: str, width: Width | None = None) -> None:
        """Add an author's text in sections side by side, without empty sections.

        Args:
            *sections: The headings of the text, in order: *Situation*, *Response*, *Lessons learned*.
            width: How much of the page the sections take together.

        Raises:
            RequestError: A name is no section, or the author's text has a fault.

        >>> page = rmrp.Page(health)
        >>> page.narrative("Situation", "Response")
        >>> page.absent
        ['Not on the page: No author wrote about this sheet in this language.']
        """
        formatter, texts = self._formatter, list[dict[str, Any]]()
        for name in sections:
            check_allowed(name, SECTION_HEADINGS, "a narrative has no section")
            if nodes := self._author.sections.get(name):
                texts.append({"kind": "section", "heading": formatter.translate(name), "nodes": nodes})
        if not texts:
            self._leave_out(formatter.translate("No author wrote about this sheet in this language."))
            return
        span = count_columns(width or "full")
        spans = divide_columns(span, [text["nodes"] for text in texts])
        spanned = [{**text, "span": columns} for text, columns in zip(texts, spans, strict=True)]
        self._add(build_text_block(spanned, "narrative", span))

    def plan_elsewhere(self, *, width: Width = "half") -> None:
        """Add the plan's figures for the region, if it does not name the place.

        If the plan has only a requirement for the place, and no funding is known, it adds this requirement.

        >>> page = rmrp.Page(plan.select("WASH", place="CUW"))
        >>> page.plan_elsewhere()
        >>> page.blocks[-1].view["nodes"][0]["kind"]
        'section'
        """
        if nodes := write_region_plan(self._formatter):
            heading, span = self._formatter.translate("What the plan says"), count_columns(width)
            section = {"kind": "section", "heading": heading, "nodes": nodes, "span": span}
            self._add(build_text_block([section], "narrative", span))
        else:
            self._leave_out(self._formatter.translate("The plan says nothing more of the region."))

    def account(self) -> None:
        """Add how the figures were counted, their sources and notes.

        Internal readers see the quality of the data, too. Raises ``RequestError`` if the
        author's text has a fault.

        >>> page = rmrp.Page(health)
        >>> page.account()
        >>> page.blocks[-1].kind
        'account'
        """
        formatter, translate = self._formatter, self._formatter.translate
        hidden = [
            translate("No breakdown by {what}: {reason}.", what=translate(" or by ").join(names), reason=reason)
            for reason, names in self._columns_by_reason.items()
        ]
        accepted, below = self._list_conditions()
        lines = {
            N_("Published by decision"): self._decision,
            N_("Accepted above the usual limits"): accepted,
            N_("Data quality"): self._say_people_to_review(),
            N_("Still to correct"): below if formatter.is_internal else "",
            N_("Not shown"): " ".join(hidden),
        }
        drafted = [] if self._author.headline else [translate("Sentences are generated from the data.")]
        has_note = any(block.view.get("footnote") for block in self.blocks)
        facts = {"has_map": self._has_map, "has_note": has_note}
        self._add(build_account(formatter, self.title, lines, *drafted, provenance=self._provenance, **facts))

    @property
    def _has_map(self) -> bool:
        """Whether the page has a map, with boundaries that need a source."""
        return any(block.view.get("form") == "map" for block in self.blocks)

    def figures(self) -> FigureFile:
        """Return the figures as data, for the files beside the sheet.

        >>> records = rmrp.Page(health).figures().records
        >>> {figure["name"]: figure["value"] for figure in records["figures"]}["people_reached"]
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
            "doubt": format_doubt(formatter),
            "notes": {name: text for name, text in cards.format_number_notes(formatter).items() if text},
            "period_printed": formatter.format_period(),
            "to_mend": self.is_to_mend,
            "printed": {name: formatter.format_figure(name) for name in self.key_figures.figures},
            "provisional": list(formatter.provisional),
            "revision": formatter.revision and formatter.revision.model_dump(mode="json"),
        }
        tables = build_data_tables(formatter, self.title, self.key_figures.report)
        sheets = build_worksheets(formatter, tables, place=self.place)
        cover = build_cover(formatter, self.title, sheets, provenance=self._provenance, has_map=self._has_map)
        records = self.key_figures.as_records()
        if not isinstance(self.selection, KeyFigures):
            inputs = inputs_of_figures(self.selection)
            figures = [{**figure, "inputs": inputs[figure["name"]]} for figure in records["figures"]]
            records = {"provenance": self._provenance, **records, "figures": figures}
        return FigureFile({**records, **texts}, {**tables, "cover": cover, "worksheets": sheets})

    @property
    def next_issue(self) -> str:
        """The day of the next issue in words, or empty without a calendar.

        >>> rmrp.Page(health).next_issue
        ''
        """
        return cards.list_issues(self._formatter)[1]

    # ---- For charts and words of your own ----

    @property
    def place(self) -> str:
        """The dimension of the page's places: platform, country or admin1.

        >>> rmrp.Page(health).place
        'admin1'
        """
        return self._formatter.place_dimension

    @property
    def is_region(self) -> bool:
        """Whether the page is of the whole region and of all organisations.

        >>> rmrp.Page(health).is_region
        False
        """
        return self._formatter.is_region_sheet

    def table(self, figure: str, *dimensions: str, most: int | None = None) -> pd.DataFrame:
        """Return a figure by dimensions of its rows, as the audience may see it.

        If the sheet states this breakdown, the table has its numbers. A table that no source gives is empty, and so is
        a table by sector or model on a page of one sector. ``attrs["reason"]`` says why.

        Args:
            figure: A name of ``FIGURES``.
            *dimensions: The dimensions that ``Contributions.by`` takes.
            most: How many categories of the first dimension remain: the ones with the largest values.

        Returns:
            A table with a level of its index for each dimension, and these columns.

            - ``value``: in the figure's unit (``attrs["unit"]``), NaN if not available (counts of people are rounded)
            - ``status``: ``known``, ``few`` (people, rounded down to 0), ``partly_counted``, or why there is no value,
              which ``reason`` says in words
            - ``caution``: why a number is in doubt, and ``low`` and ``high``, how few and how many it stands for
            - ``assisted``: people in reports that are not counted
            - ``base``: people are rounded to multiples of this number (0 without rounding)

        Raises:
            RequestError: The sheet does not state the figure by these dimensions, and it is not counted from rows.

        >>> page = rmrp.Page(health)
        >>> page.table("people_reached", "admin1", most=2)["value"].to_dict()
        {'Lima': 33290.0, 'Tumbes': 28690.0}
        """
        selection = None if isinstance(self.selection, KeyFigures) else self.selection
        return build_figure_table(self._formatter, selection, figure, dimensions, most)

    def breakdown(self, name: str) -> pd.DataFrame:
        """Return a breakdown of the sheet, or an empty table if the sheet does not state it.

        Args:
            name: A name of ``BREAKDOWNS``.

        Returns:
            A table with the columns of ``table``.

        Raises:
            RequestError: There is no breakdown of this name.

        >>> rmrp.Page(health).breakdown("people_reached_by_age_gender")["value"].idxmax()
        'women'
        """
        check_allowed(name, BREAKDOWNS, "there is no breakdown")
        return build_breakdown_table(self._formatter, name)

    def finding(self, name: str) -> str:
        """Return the finding of a chart, one sentence from the figures, or an empty text if no finding holds.

        It repeats no number of people or money that the headline of the page says.

        Args:
            name: A chart: ``places``, ``gap``, ``months``, ``population_group``, ``age_and_gender``, ``sectors``,
                ``models`` or ``donors``.

        Raises:
            RequestError: There is no chart of this name.

        >>> rmrp.Page(health).finding("donors")
        'One donor gave all of the funding'
        """
        check_allowed(name, findings.FINDERS_BY_CHART, "there is no finding")
        nodes = [node for block in self.blocks if block.name == "headline" for node in block.view["nodes"]]
        claims = claims_of(*(run["text"] for node in nodes for run in node["runs"]))
        return findings.choose_finding(self._formatter, name, headline=claims)

    def save(self, path: Path | str) -> Path:
        """Write the page as ``.html`` or ``.pdf``, and return the path.

        The exporters of a notebook make the file from the views of the blocks. Raises ``RequestError`` for another
        ending.

        >>> page = rmrp.Page(health)
        >>> page.cards("people_reached")
        >>> page.save("health-peru.html").name
        'health-peru.html'
        """
        from nbconvert.exporters import get_exporter
        from nbformat.v4 import new_code_cell, new_notebook, new_output

        target = Path(path)
        if target.suffix not in EXPORTER_BY_SUFFIX:
            raise RequestError(f"{target}: the format is not written; allowed: {', '.join(EXPORTER_BY_SUFFIX)}")
        output = new_output("display_data", bundle_views(self.blocks))
        notebook = new_notebook(cells=[new_code_cell(outputs=[output])])
        resources = {"metadata": {"name": self.title}}
        content, _ = get_exporter(EXPORTER_BY_SUFFIX[target.suffix])().from_notebook_node(notebook, resources)
        return write_whole(target, content)

    # ---- Adding blocks, and showing them in a notebook ----

    @property
    def is_to_mend(self) -> bool:
        """Whether the main number cannot be used, as on a sheet to mend.

        >>> rmrp.Page(health).is_to_mend
        False
        """
        return self._mending is not None

    @cached_property
    def _mending(self) -> Mending | None:
        """The replacement for the blocks of a sheet to mend, or None on a sheet that can be published."""
        return find_mending(self._formatter, None if isinstance(self.selection, KeyFigures) else self.selection)

    def _add(self, block: Block, width: Width | None = None, *, unchecked: bool = False) -> None:
        """Add and display a block, or its replacement on a sheet to mend. Record why if nothing is added."""
        parts = self._mending.replace_block(block) if self._mending else [block]
        for part in parts:
            self._append(part, width, unchecked=unchecked)
        if not parts:
            self._leave_out(self._formatter.translate("It says nothing of what is to be mended."))

    def _append(self, block: Block, width: Width | None, *, unchecked: bool) -> None:
        """Append a block, marked for the exporters, and display it in the notebook.

        If the page has a block with this ``uid`` already, the new block is left out and recorded. The kicker of the
        first block with hatched bars explains them. ``unchecked`` marks a block that may hold exact counts of people.
        """
        if block.uid and block.uid in {added.uid for added in self.blocks}:
            self._leave_out(self._formatter.translate("It stands on the page already."))
            return
        view = dict(block.view)
        if width:
            view["span"] = count_columns(width)
        has_legend = any(added.view.get("hatched") for added in self.blocks)
        if block.kind in ("bars", "chart") and view.get("hatched") and not has_legend:
            view["kicker"] = self._formatter.translate("{label}; hatched: not sure", label=view["kicker"])
        if self.key_figures.audience == "internal":  # the exporters mark documents with such a block
            view["audience"] = "internal"
        elif base := self.key_figures.base:  # they stop exact counts of people beside such a block
            view["rounding"] = base
        if unchecked:
            view["unchecked"] = True
        block = replace(block, view=view)
        self.blocks.append(block)
        _display(block)

    def _leave_out(self, reason: str) -> None:
        """Add to ``absent`` why a line adds nothing, and show this in the notebook. An empty reason is replaced."""
        translate = self._formatter.translate
        reason = self._formatter.complete_sentence(reason or translate("There is nothing to show."))
        sentence = translate("Not on the page: {reason}", reason=reason)
        self.absent.append(sentence)
        _display(LeftOutLine(sentence))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the whole page by MIME type: as HTML, as the views of its blocks, and as a line of text."""
        inside = "\n".join(block.html for block in self.blocks)
        style = f"<style>{theme.style_sheet()}</style>"
        html = style + theme.wrap_in_theme(f'<div class="rmrp-sheet">{inside}</div>')
        return {"text/html": html, **bundle_views(self.blocks), "text/plain": f"a page of {len(self.blocks)} parts"}

    def _say_people_to_review(self) -> str:
        """Write for internal readers which people are in rows to review, or an empty text without such people."""
        formatter = self._formatter
        if not formatter.is_internal or isinstance(self.selection, KeyFigures):
            return ""
        from rmrp_analysis.quality.review import people_to_review

        to_review, people = people_to_review(self.selection)["amount"]
        if not to_review or not people:
            return ""
        return formatter.translate(
            "{share} of the people reported ({some} of {all}) are in rows with something to review.",
            share=formatter.format_share(to_review, people),
            some=formatter.format_people(to_review),
            all=formatter.format_people(people),
        )

    def _list_conditions(self) -> tuple[str, str]:
        """List the conditions that the gate accepts, and the conditions below its limits.

        Each has the share of the people concerned. For internal readers most have people and rows, too. The public
        reads whole percents, and no condition of too few people for a public share. Both texts are empty on a page of
        key figures alone.
        """
        if isinstance(self.selection, KeyFigures):
            return "", ""
        from rmrp_analysis.quality.sheets import ACCEPTED_STATE, BELOW_LIMIT_STATE, ROW_CONDITIONS, sheet_conditions

        formatter, translate, method = self._formatter, self._formatter.translate, self.selection.method
        minimum = 0 if formatter.is_internal else MIN_BASES_FOR_PUBLIC_SHARE * self.key_figures.base
        template = N_("{what} ({share})")
        limits = [
            translate(template, what=translate(LIMIT_WORDS[name]), share=formatter.format_share(share, 1))
            for name, share in method.limits.list_accepted().items()
            if name not in ROW_CONDITIONS
        ]
        texts: dict[str, list[str]] = {ACCEPTED_STATE: limits, BELOW_LIMIT_STATE: []}
        sheet, period = self.selection.sheets.selected[:1], self.selection.period
        rows = sheet_conditions(self.selection.plan, sheet, period=period, method=method)
        if not formatter.is_internal:
            people = round_to_base(rows["people"], rows["key"], rows["base"])
            total = round_to_base(rows["of_all"], rows["key_of_all"], rows["base"])
            shares = pd.Series(people).div(total).fillna(0).round(2)
            rows = rows.assign(people=people, of_all=total, share=shares)
        rows = rows[rows["state"].isin([*texts]) & (rows["share"] != 0) & (rows["of_all"] > minimum)]
        for row in rows.to_dict("records"):
            words = LIMIT_WORDS[row["condition"]]
            what = translate(words)
            share = formatter.format_share(row["share"], 1)
            text = translate(template, what=what, share=share)
            if formatter.is_internal:
                text = translate.plural(
                    "{what} ({share}: {people} people in {rows} row)",
                    "{what} ({share}: {people} people in {rows} rows)",
                    row["rows"],
                    what=what,
                    share=share,
                    people=formatter.format_people(row["people"]),
                    rows=formatter.format_count(row["rows"]),
                )
            texts[row["state"]].append(text)
        accepted, below = map("; ".join, texts.values())
        if below:
            below = translate("Of the people reported: {conditions}.", conditions=below)
        return accepted, below

    @cached_property
    def _provenance(self) -> dict[str, Any] | None:
        """The files and program behind the numbers, or None for figures alone."""
        if isinstance(self.selection, KeyFigures):
            return None
        return provenance(self.selection, audience=self.key_figures.audience)

    @cached_property
    def _author(self) -> Narrative:
        """The texts of the sheet's author in this language, or an empty narrative.

        Raises ``RequestError`` for faults.
        """
        path = find_narrative(self._narratives, self.key_figures.report, self.language)
        return read_narrative(path, self._formatter) if path else Narrative()


def figures_of(variables: Mapping[str, Any]) -> FigureFile | None:
    """Return the figures of the page among a notebook's variables, or None without a page.

    ``rmrp run`` calls this after the last cell. Of several pages it takes the page of the sheet for which the notebook
    was run, by default the last page.

    >>> figures_of({"page": rmrp.Page(health)}).records["sector"]
    'Health'
    """
    pages = [page for page in variables.values() if isinstance(page, Page)]
    sheet_id = report_id(*(str(variables.get(name, "")) for name in ("sector", "place", "organisation")))
    pages = [page for page in pages if page.key_figures.report == sheet_id] or pages
    return pages[-1].figures() if pages else None


def _display(output: Block | LeftOutLine) -> None:
    """Show a block or a left-out line, if a notebook runs."""
    from IPython import get_ipython

    if get_ipython() is not None:
        from IPython.display import display

        display(output)


def look() -> Any:
    """Return the style of a page for a notebook, and style all its charts alike.

    >>> from matplotlib import rc_context
    >>> with rc_context():
    ...     style = look()
    >>> style.data[:7]
    '<style>'
    """
    from IPython.display import HTML

    charts.use_style()
    return HTML(f"<style>{theme.style_sheet()}</style>")
