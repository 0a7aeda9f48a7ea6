"""The page that a notebook makes of a selection: parts in order, shown as they are added, saved as HTML or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from rmrp_analysis import charts, theme
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.figures import FEW, FIGURES, KeyFigures, few, for_audience, rounded
from rmrp_analysis.files import write_whole
from rmrp_analysis.method import Revision
from rmrp_analysis.metrics import FIGURE
from rmrp_analysis.page import bar_tables, cards, drawings, findings, headline
from rmrp_analysis.page.account import account
from rmrp_analysis.page.block import Block, FigureFile, shown
from rmrp_analysis.page.cover import cover
from rmrp_analysis.page.data_tables import data_tables
from rmrp_analysis.page.drawings import Chart
from rmrp_analysis.page.narrative import SECTIONS, Narrative, narrative_path, read_narrative
from rmrp_analysis.page.place_maps import has_map, kind_of_places, not_on_map, place_map
from rmrp_analysis.page.placeholders import filled, pieces
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.page.worksheets import worksheets
from rmrp_analysis.plan import Selection
from rmrp_analysis.provenance import inputs_of_figures, provenance
from rmrp_analysis.theme import prose
from rmrp_analysis.vocabulary import INTERSECTOR, NOT_SPECIFIED, WITHOUT_PEOPLE
from rmrp_analysis.words import Words

MONTHS, GROUPS = "people_reached_by_month", "people_reached_by_population_group"
EXPORTERS: Mapping[str, str] = {".html": "rmrp_html", ".pdf": "rmrp_pdf"}
ROUNDED = "rounding"
"""By this key in ``attrs``, a table tells to what its counts of people are rounded."""
NARRATIVE_SPANS = {3: (4, 5, 3), 2: (6, 6)}


class Page:
    """A report on a selection, in one language.

    Each method adds a part, and shows it where it is called. A part that the selection does not have (the sectors of a
    single one) adds nothing; what stands on the page already is not added again. For a ``public`` audience counts of
    people are rounded before anything is written or drawn; ``internal`` shows exact ones. ``narratives`` is a folder of
    texts. Without a selection, of its figures alone, there is no ``table``. ``provisional`` names figures that may
    still change, ``revision`` what the sheet that this one replaces printed otherwise; the notice under the title says
    both.

    >>> import rmrp_analysis as rmrp
    >>> page = rmrp.Page(rmrp.load_plan(rmrp.bundled_plan()).select("Health"), language="es")
    >>> page.headline()
    >>> page.blocks[0].view["text"][:13]
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
    ) -> None:
        self.selection = selection
        if isinstance(selection, KeyFigures):
            self.key_figures = for_audience(selection, audience)
        else:
            self.key_figures = selection.key_figures(audience)
        self.language = language
        self.title = title or "Key figures"
        self.blocks: list[Block] = []
        self._narratives = narratives
        figures = self.key_figures.figures
        stated = tuple(name for name in provisional if figures[name].value is not None)
        self._printed = Printed(self.key_figures, Words(language), stated, revision)

    # ---- Parts of the sheet, in its order ----

    def opening(self) -> None:
        """Title, and a notice of what is illustrative, not counted, revised or provisional."""
        self._add(cards.masthead(self._printed, self.title))
        notice = cards.notice(self._printed, illustrative_text=self._author.illustrative)
        if notice.view["text"]:
            self._add(notice)

    def headline(self, text: str = "") -> None:
        """The page in one sentence: this text, an author's, or one drafted from the figures."""
        self._add(cards.headline(self._printed, text or self._author.headline))

    def people(self) -> None:
        """People in need, targeted and reached, with the bars that join them."""
        if self.key_figures.sector not in WITHOUT_PEOPLE:
            self._add(cards.people(self._printed))

    def counts(self, *figures: str) -> None:
        """A list of figures that count something, by name: partners, activities …"""
        self._add(cards.counts(self._printed, figures))

    def funding(self) -> None:
        """Funded and unmet, donors and funded organisations; not of an organisation without money here."""
        if self._printed.has_money:
            self._add(cards.funding(self._printed))

    def partners(self) -> None:
        """The activities of an organisation by implementing partner, and without one; they stand beside the counts."""
        if bar_tables.BY_PARTNER in self.key_figures.breakdowns:
            self._add(bar_tables.bars(self._printed, bar_tables.BY_PARTNER, page="first"))

    def to_mend(self) -> None:
        """For internal use, what checks found in the rows of an organisation, with the people in doubt."""
        if self.key_figures.organisation and self._to_review is not None:
            block = bar_tables.to_mend(self._printed, self._to_review)
            if block:
                self._add(block)

    def places(self, title: str = "") -> None:
        """People and money by platform, on a platform's own page by country, or people by admin1; with their map.

        Beside places that no map shows stand age and gender; beside those of a sector without people, its donors. Where
        a country's reports name no places, population groups stand there, too.
        """
        places = bar_tables.places(self._printed, title=title)
        if places and has_map(self._printed):
            note = " ".join(filter(None, (places.view["note"], not_on_map(self._printed))))
            places = Block("bars", {**places.view, **place_map(self._printed), "note": note}, places.uid)
        if places:
            self._add(places)
            if self.key_figures.sector in WITHOUT_PEOPLE and self._printed.has_money:
                self._add(self._donors(charts.flows, span=5, page="first"))
            elif not places.view["svg"] and not self._nothing(bar_tables.AGE_GENDER):
                self._add(bar_tables.bars(self._printed, bar_tables.AGE_GENDER, span=5, page="first"))
        elif self.key_figures.sector != INTERSECTOR:
            for breakdown in (GROUPS, bar_tables.AGE_GENDER):
                self.bars(breakdown, page="first")

    def sectors(self, title: str = "") -> None:
        """Of all sectors together, each one's reach against its target and funding against its requirement."""
        sectors = bar_tables.sectors(self._printed, title=title)
        if sectors:
            self._add(sectors)

    def bars(self, breakdown: str, *, title: str = "", page: Literal["first", "second"] = "second") -> None:
        """A breakdown as a table with bars, against targets where the plan gives them; ``title`` says the finding.

        ``page`` is that of the PDF.
        """
        if breakdown in self.key_figures.breakdowns and not self._nothing(breakdown):
            self._add(bar_tables.bars(self._printed, breakdown, title=title, page=page))

    def months(self, draw: Chart, *, title: str = "") -> None:
        """People newly reached by month, drawn by a function of ``charts``; ``title`` says the finding."""
        if MONTHS in self.key_figures.breakdowns and not self._nothing(MONTHS):
            crowded = self._author.is_long or self.key_figures.sector == INTERSECTOR  # which has a table more
            size_mm = drawings.LOW_MM if crowded else None
            self._add(drawings.months(self._printed, draw, title=title, size_mm=size_mm))

    def donors(self, draw: Chart, *, title: str = "") -> None:
        """Where a sector's money comes from and goes to, drawn by a function of ``charts``; ``title`` says the finding.

        Bars of donors where the source names no organisations that they fund.
        """
        if self.key_figures.sector != INTERSECTOR and self._printed.has_money:
            self._add(self._donors(draw, title=title))

    def chart(self, drawing: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
        """Your own chart: Axes, a Figure or a grid. ``title`` says the finding, ``kicker`` what is drawn.

        Without ``alt``, the alternative text says what a chart of ``charts`` shows; of another it is drafted from the
        axes, and the run says so. A chart of an empty table adds nothing. Raises ``RequestError`` on a public page for
        a chart of exact counts of people; the run tells of a chart whose numbers it does not know.
        """
        if charts.shown_by(drawing) != []:
            block = drawings.own_chart(drawing, title=title, kicker=kicker, alt=alt)
            unchecked = self.key_figures.audience == "public" and not self._is_checked(charts.table_of(drawing))
            self._add(replace(block, view={**block.view, "unchecked": True}) if unchecked else block)

    def _is_checked(self, table: Any) -> bool:
        """Whether all numbers of a table are rounded as far as they must be; not where nobody knows what they are."""
        figure = getattr(table, "attrs", {}).get(FIGURE, "")
        if figure in FIGURES and FIGURES[figure].protected and self.key_figures.base:
            names = ", ".join(f'"{name}"' for name in table.index.names)
            raise RequestError(
                f'a chart shows exact counts of people; draw page.table("{figure}", {names}), which rounds them'
            )
        return bool(figure) or ROUNDED in getattr(table, "attrs", {})

    def text(self, markdown: str) -> None:
        """Words of your own in Markdown; figures are named between braces: ``{{ people_reached }}``.

        Raises ``RequestError`` for a figure that the page does not know.
        """
        found = list(pieces(markdown, self._printed, line=1))
        faults = [piece.text for piece in found if piece.kind == "fault"]
        faults += ["a chart stands in a narrative; here, write page.bars(…)"] * any(piece.chart for piece in found)
        if faults:
            raise RequestError("\n".join(faults))
        nodes, _ = prose.markdown_nodes(filled(found, self.language), lambda *_: None)
        self._add(Block.of("prose", nodes=nodes))

    def narrative(self, *sections: str) -> None:
        """What an author wrote (*Situation*, *Response*, *Lessons learned*); a response that none wrote is drafted.

        The first section fills the half row that the charts leave free, if they do.
        """
        printed, texts = self._printed, []
        for name in sections:
            if name not in SECTIONS:
                raise RequestError(f"a narrative has no section '{name}'; {did_you_mean(name, SECTIONS)}")
            paragraphs, note = self._author.sections.get(name, []), ""
            if name == "Response" and not paragraphs:
                paragraphs, note = [[{"text": headline.response(printed), "bold": False}]], cards.drafted(printed)
            if paragraphs:
                texts.append({"heading": printed.words(name), "paragraphs": paragraphs, "note": note})
        halves = [block.view for block in self.blocks if block.kind in ("bars", "chart") and block.view["span"] == 6]
        half_free = (len(halves) + sum(view.get("tall", False) for view in halves)) % 2 == 1
        for span, row in ((6, texts[:1]), (12, texts[1:])) if half_free else ((12, texts),):
            spans = NARRATIVE_SPANS.get(len(row), (span,))
            spanned = [{**text, "span": width} for text, width in zip(row, spans, strict=False)]
            if row:
                self._add(Block.of("narrative", span, page="second", sections=spanned))

    def account(self) -> None:
        """How the figures were counted, their sources, the small print; for internal use, how good the data are."""
        self._add(account(self._printed, self.title, quality=self._quality(), provenance=self._provenance))

    def figures(self) -> FigureFile:
        """The figures as data, for the files beside the report; the last line of a notebook that ``rmrp run`` runs."""
        printed = self._printed
        headline_text = next((block.view["text"] for block in self.blocks if block.kind == "headline"), "")
        cautions = [
            {name: getattr(caution, name) for name in ("rule", "of", "share", "month", "people")}
            | {"text": printed.caution(caution)}
            for caution in self.key_figures.cautions
        ]
        texts = {
            "cautions": cautions,
            "headline": headline_text or headline.headline(printed),
            "period_printed": printed.period(),
            "printed": {name: printed.figure(name) for name in self.key_figures.figures},
            "provisional": list(printed.provisional),
            "revision": printed.revision and printed.revision.model_dump(mode="json"),
        }
        report = self.key_figures.report
        tables = data_tables(printed, self.title, report)
        sheets = worksheets(printed, tables, place=self.place)
        book = {"cover": cover(printed, self.title, sheets, provenance=self._provenance), "worksheets": sheets}
        records = self.key_figures.as_records()
        if not isinstance(self.selection, KeyFigures):
            inputs = inputs_of_figures(self.selection)
            of_figures = [{**figure, "inputs": inputs[figure["name"]]} for figure in records["figures"]]
            records = {"provenance": self._provenance, **records, "figures": of_figures}
        return FigureFile({**records, **texts}, {**tables, **book})

    # ---- For charts and words of your own ----

    @property
    def place(self) -> str:
        """The dimension by which places are told apart: platform, country or admin1."""
        return kind_of_places(self._printed)

    def table(self, figure: str, *dimensions: str, most: int | None = None) -> pd.DataFrame:
        """A figure by any dimensions of its rows, as it may be shown to the page's audience.

        Columns ``value`` (NaN: not known; counts of people are rounded), ``status`` (``few``: people, rounded down to
        0) and ``reason``; the index holds the parts. With ``most``, only so many parts of the first dimension, those
        with most.
        """
        if isinstance(self.selection, KeyFigures):
            raise RequestError("a page of figures alone has no rows; make it of a selection")
        definition = FIGURES.get(figure)
        if definition is None or definition.counted is None:
            raise RequestError(f"'{figure}' is not counted from rows; {did_you_mean(figure, FIGURES)}")
        counted = definition.counted(self.selection.sheets)
        if self.key_figures.figures[figure].value is None:  # nothing to show
            index = pd.MultiIndex.from_arrays([[]] * len(dimensions), names=dimensions)
            return pd.DataFrame({"value": [], "status": [], "reason": []}, index=index)
        parts, base = counted.parts(*dimensions), self.key_figures.base if definition.protected else 0
        if most:
            largest = counted.by(dimensions[0]).nlargest(most).index
            parts = parts[parts.index.get_level_values(0).isin(largest)]
        bases: Any = base
        if base and "sector" in dimensions:
            bases = parts.index.get_level_values("sector").map(self.key_figures.method.base)
        values = rounded(parts["value"], parts["key"], bases)
        status = np.where(parts["value"].isna(), "not_known", np.where(few(parts["value"], values), FEW, "known"))
        table = pd.DataFrame({"value": values, "status": status, "reason": ""}, index=parts.index)
        table.attrs |= {ROUNDED: base, "unit": definition.unit}
        return table

    def finding(self, name: str) -> str:
        """The finding of a chart (``months``, ``donors`` …), from the figures; empty where none holds."""
        if name not in findings.FINDINGS:
            raise RequestError(f"there is no finding '{name}'; {did_you_mean(name, findings.FINDINGS)}")
        return findings.finding(self._printed, name)

    def save(self, path: Path | str) -> Path:
        """Write the page as ``.html`` or ``.pdf``, by the name's ending, as the exporters of a notebook do."""
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

    def _add(self, block: Block) -> None:
        if any(block.kind == other.kind and block.uid and block.uid == other.uid for other in self.blocks):
            return
        if self.key_figures.audience == "internal":  # the exporters mark what shows any such block
            block = replace(block, view={**block.view, "audience": "internal"})
        self.blocks.append(block)
        from IPython import get_ipython

        if get_ipython() is not None:
            from IPython.display import display

            display(block)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        inside = "\n".join(block.html() for block in self.blocks)
        style = f"<style>{theme.style_sheet()}</style>"
        html = style + theme.standing_alone(f'<div class="rmrp-sheet">{inside}</div>')
        return shown(self.blocks, html, f"a page of {len(self.blocks)} parts")

    def _nothing(self, breakdown: str) -> bool:
        """Whether neither months nor groups of a sector have anybody: both are then left out.

        An organisation's sheet leaves out whatever has nobody.
        """
        if self.key_figures.organisation:
            names: tuple[str, ...] = (breakdown,)
        elif self.key_figures.sector == INTERSECTOR or breakdown not in (MONTHS, GROUPS):
            return False
        else:
            names = (MONTHS, GROUPS)
        cells = [cell for name in names for cell in self.key_figures.breakdowns[name].cells]
        return not any(cell.present for cell in cells if cell.key != NOT_SPECIFIED)

    @cached_property
    def _to_review(self) -> pd.DataFrame | None:
        """The findings in the selection's rows; for internal use only."""
        if self.key_figures.audience != "internal" or isinstance(self.selection, KeyFigures):
            return None
        from rmrp_analysis.quality import findings_of  # public pages do without

        return findings_of(self.selection)

    def _quality(self) -> str:
        """How many of the people reported stand in rows with something to review; for internal use only."""
        if self.key_figures.audience != "internal" or isinstance(self.selection, KeyFigures):
            return ""
        from rmrp_analysis.quality import people_to_review

        to_review, people = people_to_review(self.selection)
        if not people:
            return ""
        printed = self._printed
        return printed.words(
            "{share} of the people reported ({some} of {all}) are in rows with something to review.",
            share=printed.share(to_review, people),
            some=printed.people(to_review),
            all=printed.people(people),
        )

    @cached_property
    def _provenance(self) -> dict[str, Any] | None:
        """What the numbers follow from; None of figures alone."""
        if isinstance(self.selection, KeyFigures):
            return None
        return provenance(self.selection, audience=self.key_figures.audience)

    def _donors(self, draw: Chart, **options: Any) -> Block:
        flows = drawings.donor_flows(self._printed, draw, **options)
        return flows or bar_tables.donors(self._printed, **options)

    @cached_property
    def _author(self) -> Narrative:
        """What an author wrote about the sector in this scope and language."""
        path = narrative_path(self._narratives, self.key_figures.report, self.language)
        return read_narrative(path, self._printed) if path else Narrative()


def look() -> Any:
    """The style of a page for a notebook's own display; exported pages bring their own."""
    from IPython.display import HTML

    return HTML(f"<style>{theme.style_sheet()}</style>")
