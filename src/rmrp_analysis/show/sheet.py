"""A sheet as an analyst works with it: each block by name, all of them in order."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from rmrp_analysis import disclosure, theme
from rmrp_analysis.key_figures import SectorKeyFigures
from rmrp_analysis.show import account, breakdowns, cards, findings
from rmrp_analysis.show.block import Block, FigureFile
from rmrp_analysis.show.data_tables import data_tables
from rmrp_analysis.show.narrative import SECTIONS, Narrative, narrative_path, read_narrative
from rmrp_analysis.show.printed import Printed
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, WITHOUT_PEOPLE, slug
from rmrp_analysis.words import Words

NARRATIVE_SPANS = {3: (4, 5, 3), 2: (6, 6), 1: (12,)}


class Sheet:
    """The key-figures sheet of one sector in one language.

    For a ``public`` audience small counts are withheld before anything is written or drawn; ``internal`` shows all.
    """

    def __init__(
        self,
        key_figures: SectorKeyFigures,
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

        There the groups of people stand beside; the donors do for a sector without people.
        """
        known = {"people_reached_by_platform", "funding_usd_by_platform"} & set(self.key_figures.breakdowns)
        if self.key_figures.platform != REGION:
            return self._places()
        if not known:
            return ()
        printed = self._printed
        beside = breakdowns.donors(printed, span=5) if self._without_people else breakdowns.platform_map(printed)
        return breakdowns.platforms(printed), beside

    def _places(self) -> tuple[Block, ...]:
        printed, places = self._printed, breakdowns.places(self._printed)
        if places is None:
            return ()
        if self._without_people:
            return places, breakdowns.donors(printed, span=5)
        return places, breakdowns.population_groups(printed, span=5), breakdowns.age_and_gender(printed, span=5)

    def charts(self) -> tuple[Block, ...]:
        """Months, population groups, age and gender, donors; for all sectors together sectors and models."""
        printed = self._printed
        if self._without_people:
            return () if self.platforms() else (breakdowns.donors(printed),)
        beside_places = self.key_figures.platform != REGION and bool(self.platforms())
        groups = () if beside_places else (breakdowns.population_groups(printed), breakdowns.age_and_gender(printed))
        months = breakdowns.months(printed)
        if self.key_figures.sector == INTERSECTOR:
            return breakdowns.sectors(printed), months, breakdowns.models(printed), *groups
        return months, *groups, breakdowns.donors(printed)

    def narrative(self) -> tuple[Block, ...]:
        """What the author wrote, section by section; where none wrote of the response, a sentence from the figures."""
        sections = [section for section in map(self._section, SECTIONS) if section["paragraphs"]]
        spans = NARRATIVE_SPANS[len(sections)]
        spanned = [{**section, "span": span} for section, span in zip(sections, spans, strict=True)]
        return (Block("narrative", {"block": "narrative", "span": 12, "sections": spanned}),)

    def _section(self, name: str) -> dict[str, Any]:
        printed, paragraphs = self._printed, self._author.sections.get(name, [])
        note = cards.drafted(printed) if name == "Response" and not paragraphs else ""
        if note:
            paragraphs = [[{"text": findings.response(printed), "bold": False}]]
        return {"heading": printed.words(name), "paragraphs": paragraphs, "note": note}

    @cached_property
    def _author(self) -> Narrative:
        """What an author wrote about the region in this language; nothing on a platform's own sheet."""
        path = narrative_path(self._narratives, self.key_figures.sector, self._printed.language)
        here = path is not None and self.key_figures.platform == REGION
        return read_narrative(path, self._printed) if path and here else Narrative()

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

    def _repr_html_(self) -> str:
        inside = "\n".join(block.html() for block in self.blocks())
        style = f"<style>{theme.style_sheet(with_fonts=False)}</style>"
        return style + theme.standing_alone(f'<div class="rmrp-sheet">{inside}</div>')

    @property
    def _without_people(self) -> bool:
        return self.key_figures.sector in WITHOUT_PEOPLE

    @property
    def _report(self) -> str:
        sector, platform = slug(self.key_figures.sector), self.key_figures.platform
        return sector if platform == REGION else f"{sector}.{slug(platform)}"


def show(*parts: tuple[Block, ...]) -> None:
    """Display the blocks of these parts of a sheet, in order."""
    from IPython.display import display

    for part in parts:
        display(*part)


def look() -> Any:
    """The style of a sheet for a notebook's own display; exported pages bring their own."""
    from IPython.display import HTML

    return HTML(f"<style>{theme.style_sheet(with_fonts=False)}</style>")
