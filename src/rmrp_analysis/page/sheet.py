"""A sheet as an analyst works with it: each block by name, all of them in order."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from rmrp_analysis import disclosure, theme
from rmrp_analysis.figures import KeyFigures
from rmrp_analysis.page import account, breakdowns, cards, findings, places
from rmrp_analysis.page.block import Block, FigureFile, shown
from rmrp_analysis.page.data_tables import data_tables
from rmrp_analysis.page.narrative import SECTIONS, Narrative, narrative_path, read_narrative
from rmrp_analysis.page.printed import Printed
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE, report_id
from rmrp_analysis.words import Words

NARRATIVE_SPANS = {3: (4, 5, 3), 2: (6, 6)}


class Sheet:
    """The key-figures sheet of one sector in one language.

    For a ``public`` audience small counts are withheld before anything is written or drawn; ``internal`` shows all.
    """

    def __init__(
        self,
        key_figures: KeyFigures,
        *,
        title: str,
        language: str = "en",
        languages: tuple[str, ...] = ("en",),
        narratives: str = "",
        audience: str = "public",
    ) -> None:
        shown = key_figures if audience == "internal" else disclosure.withhold_small_counts(key_figures)
        self.key_figures = shown
        self.title = title
        self.languages = languages
        self._narratives = narratives
        self._printed = Printed(shown, Words(language))

    def opening(self) -> tuple[Block, ...]:
        """Title, notice of illustrative rows (if any), headline."""
        printed = self._printed
        figures = self.key_figures
        notice = (cards.notice(printed),) if figures.illustrative or figures.lost_people else ()
        return cards.masthead(printed, self.title, self.languages, self._report), *notice, self._headline

    def people(self) -> tuple[Block, ...]:
        """People in need, target, reached; nothing for a sector without people."""
        return () if self._without_people else (cards.people(self._printed),)

    def partners(self) -> tuple[Block, ...]:
        """Partners and activities."""
        return (cards.partners(self._printed),)

    def funding(self) -> tuple[Block, ...]:
        """Funded and unmet, donors and funded organisations."""
        return (cards.funding(self._printed),)

    def platforms(self) -> tuple[Block, ...]:
        """People reached and funding by platform, with the map; on a platform's own sheet, by country or admin1.

        Beside few places stand age and gender; beside the places of a sector without people, its donors.
        """
        printed, where = self._printed, self._where
        if where is None:
            return ()
        if self._without_people:
            return where, breakdowns.donors(printed, span=5)
        if self.key_figures.platform == REGION:
            return where, places.platform_map(printed)
        return (where, breakdowns.age_and_gender(printed, span=5)) if self._age_beside_places else (where,)

    def charts(self) -> tuple[Block, ...]:
        """Months, population groups, age and gender, donors; for all sectors together sectors and models."""
        printed = self._printed
        if self._without_people:
            return () if self._where else (breakdowns.donors(printed),)
        months, groups = breakdowns.months(printed), breakdowns.population_groups(printed)
        age = () if self._age_beside_places else (breakdowns.age_and_gender(printed),)
        if self.key_figures.sector == INTERSECTOR:
            return breakdowns.sectors(printed), months, breakdowns.models(printed), groups, *age
        nothing = months.view["empty"] and groups.view["empty"]
        return *(() if nothing else (months, groups)), *age, breakdowns.donors(printed)

    @cached_property
    def _where(self) -> Block | None:
        return places.places(self._printed)

    @property
    def _age_beside_places(self) -> bool:
        """Whether age and gender stand on the first page, beside the places."""
        on_platform = self.key_figures.platform != REGION and not self._without_people
        return on_platform and self._where is not None and not self._where.view["halves"]

    def narrative(self) -> tuple[Block, ...]:
        """What the author wrote, section by section; where none wrote of the response, a sentence from the figures.

        The first section fills the half row that the charts leave free, if they do.
        """
        sections = [section for section in map(self._section, SECTIONS) if section["paragraphs"]]
        half_free = self._where is None if self._without_people else self._age_beside_places
        rows = [(6, sections[:1]), (12, sections[1:])] if half_free else [(12, sections)]
        return tuple(_narrative_row(span, row) for span, row in rows if row)

    def _section(self, name: str) -> dict[str, Any]:
        printed, paragraphs = self._printed, self._author.sections.get(name, [])
        note = cards.drafted(printed) if name == "Response" and not paragraphs else ""
        if note:
            paragraphs = [[{"text": findings.response(printed), "bold": False}]]
        return {"heading": printed.words(name), "paragraphs": paragraphs, "note": note}

    @cached_property
    def _author(self) -> Narrative:
        """What an author wrote about the sector in this scope and language."""
        path = narrative_path(self._narratives, self._report, self._printed.language)
        return read_narrative(path, self._printed) if path else Narrative()

    @property
    def _headline(self) -> Block:
        return cards.headline(self._printed, self._author.headline)

    def closing(self) -> tuple[Block, ...]:
        """How the figures were counted, their sources, the small print."""
        printed = self._printed
        return (
            account.counted(printed),
            cards.footnote(printed, account.source_lines(printed)),
            cards.footer(printed, self.title, self._report),
        )

    def figures(self) -> FigureFile:
        """The sheet's figures as data, with the headline and the printed form of each; and as tables in words."""
        printed = self._printed
        said = {
            "headline": self._headline.view["text"],
            "period_printed": printed.period(),
            "printed": {name: printed.figure(name) for name in self.key_figures.figures},
        }
        tables = data_tables(printed, self.title, self._report)
        return FigureFile({**self.key_figures.as_records(), **said}, tables)

    def blocks(self) -> Iterator[Block]:
        """Every block, in reading order."""
        for part in (
            self.opening,
            self.people,
            self.partners,
            self.funding,
            self.platforms,
            self.charts,
            self.narrative,
            self.closing,
        ):
            yield from part()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        blocks = list(self.blocks())
        inside = "\n".join(block.html() for block in blocks)
        style = f"<style>{theme.style_sheet(with_fonts=False)}</style>"
        html = style + theme.standing_alone(f'<div class="rmrp-sheet">{inside}</div>')
        return shown(blocks, html, f"<sheet of {len(blocks)} blocks>")

    @property
    def _without_people(self) -> bool:
        return self.key_figures.sector in WITHOUT_PEOPLE

    @property
    def _report(self) -> str:
        return report_id(self.key_figures.sector, self.key_figures.platform)


def _narrative_row(span: int, sections: list[dict[str, Any]]) -> Block:
    spans = (span,) if len(sections) == 1 else NARRATIVE_SPANS[len(sections)]
    spanned = [{**section, "span": of} for section, of in zip(sections, spans, strict=True)]
    return Block("narrative", {"block": "narrative", "span": span, "sections": spanned})


def show(*parts: tuple[Block, ...]) -> None:
    """Display the blocks of these parts of a sheet, in order."""
    from IPython.display import display

    for part in parts:
        display(*part)


def look() -> Any:
    """The style of a sheet for a notebook's own display; exported pages bring their own."""
    from IPython.display import HTML

    return HTML(f"<style>{theme.style_sheet(with_fonts=False)}</style>")
