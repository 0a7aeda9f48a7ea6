"""Formats the figures, categories and names of a sheet in one language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from textwrap import shorten
from typing import Any, ClassVar

from rmrp_analysis import numbers
from rmrp_analysis.arguments import Period
from rmrp_analysis.figures import (
    FIGURES,
    GROUPINGS,
    NOT_COUNTED,
    WORDS_BY_REASON,
    Breakdown,
    Figure,
    FigureValue,
    KeyFigures,
)
from rmrp_analysis.method import Revision
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.ranges import format_range, split_contractions
from rmrp_analysis.vocabulary import (
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    REGION,
    REGIONAL,
    ZERO_NAME_BY_REASON,
    labels,
    plan_lists,
    report_id,
    short_name,
)
from rmrp_analysis.words import N_, Statement, Translator, claims_of, words_of

EMPTY_BREAKDOWN_REASONS = {"few_to_divide", "not_kept", "no_proportions"}
"""Reasons for which a breakdown has no category at all."""
UNKNOWN_COUNT_REASONS = ("new_not_known", "left_out", "groups_exceed")
"""Reasons why the number of something reported is not known."""
PLACE_DIMENSIONS = ("platform", "country", "admin1")
"""Dimensions by which sheets name places, from the largest places to the smallest."""
REACHED_FIGURE = "people_reached"
"""The figure with which sentences compare parts of the people reached."""
WORDS_BY_KIND = words_of(Path(__file__).parent)
"""The English words that a sheet has for things of a kind, by their name in the code.

``caution`` is by its rule, for coverage by the figure. ``caution without numbers`` is for too few people to compare.
``model rule`` is by the rule of the consolidation: how a person whom several sectors reached is counted. ``new
beneficiaries`` is by the rule of a plan year if its form does not ask for new beneficiaries. ``counted`` describes the
people that a type of indicator counts. ``limit`` describes the measure of a limit of the method, if a run accepts more
than usual. ``revised because`` says why a sheet prints other numbers than the sheet before it. ``sign`` stands in a
cell without a value. ``invented`` has the inputs that may be illustrative, ``file`` the files of the page on data
quality, ``origin`` the origin of a figure. ``readers' table`` names the table of figures by a dimension and its
worksheet, ``readers' column`` its column of categories."""


@dataclass(frozen=True)
class Quantity:
    """A figure or category that an author may name in a text, with its value and its printed form.

    ``name`` is the text that the author writes: ``people_reached``, ``people_reached_by_platform["Peru"]``. ``value``
    is in ``unit``, and None if it is not known. ``text`` is the printed form.
    """

    name: str
    value: float | None
    unit: str
    text: str

    @property
    def is_category(self) -> bool:
        """Whether this is a category of a breakdown, and not a single figure."""
        return "[" in self.name


@dataclass(frozen=True)
class SheetFormatter:
    """Formats the figures and names of one sheet for one language, so that every room prints them alike.

    ``provisional`` names the figures that may still change. ``revision`` has the numbers of the previous issue that
    have changed, ``calendar`` the days on which sheets are issued.
    """

    key_figures: KeyFigures
    translate: Translator
    provisional: tuple[str, ...] = ()
    revision: Revision | None = None
    publisher: Publisher | None = None
    calendar: tuple[date, ...] = ()
    MONTHS_OF_A_PLAN: ClassVar[int] = 12
    MIN_BASES_FOR_SHARES: ClassVar[int] = 10
    """Shares are printed of at least this many times the base to which people are rounded."""
    MAX_INDICATOR_CHARACTERS: ClassVar[int] = 90
    """An indicator without a short label is cut at a word, after at most this many characters."""

    @property
    def is_internal(self) -> bool:
        """Whether the sheet is for the office alone, with exact numbers and also with doubtful ones."""
        return self.key_figures.audience == "internal"

    @property
    def language(self) -> str:
        """The code of the reader's language."""
        return self.translate.language

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Every figure and category of the sheet, by the name that an author writes."""
        figures: list[tuple[str, Figure | FigureValue, str]]
        figures = [(name, figure, figure.unit) for name, figure in self.key_figures.figures.items()]
        for table in self.key_figures.breakdowns.values():
            figures += [(f'{table.name}["{cell.key}"]', cell, table.unit) for cell in table.cells]
        return {
            name: Quantity(name, figure.value, unit, self.format_figure_value(figure, unit))
            for name, figure, unit in figures
        }

    # ---- Figures ----

    def format_figure_value(self, figure: Figure | FigureValue, unit: str) -> str:
        """Format a figure or category: a dash without a value, a range if it is not sure, a limit for few people."""
        if figure.status != "few":
            return self.format_range(figure, unit) or numbers.format_value(figure.value, unit, self.language)
        base = 1.0
        if unit == "share" and isinstance(figure, Figure):
            base = self.key_figures.value(FIGURES[figure.key].whole) or 1.0
        elif unit == "share" and isinstance(figure, FigureValue):
            tables = self.key_figures.breakdowns.values()
            shares = next(table for table in tables if table.unit == "share" and figure in table.cells)
            (dimension,) = shares.definition.by
            total = f"{shares.definition.figure_definition.whole}_by_{dimension}"
            base = self.breakdown(total).values()[figure.key]
        return numbers.less_than(self.rounding_base(figure) / base, unit, self.language)

    def format_range(self, figure: Figure | FigureValue, unit: str, *, in_sentence: bool = False) -> str:
        """Write how few and how many a figure or category stands for, or an empty text if it is sure."""
        if figure.value is None or figure.is_sure or unit not in ("people", "share"):
            return ""
        return format_range(
            figure.value, *figure.bounds, unit, self.translate, base=figure.base, in_sentence=in_sentence
        )

    def rounding_base(self, figure: Figure | FigureValue) -> int:
        """Return the base to which a figure or category is rounded: its own, or the base of the sheet."""
        return figure.base or self.key_figures.base

    def format_figure(self, name: str, missing_text: str = numbers.NO_NUMBER_TEXT, *, in_sentence: bool = False) -> str:
        """Format a figure by its name, with its claim, or return ``missing_text`` if it has no value.

        A figure that is not sure is a range, with a claim for each end (``low``, ``high``). ``in_sentence`` writes it
        as "between 35% and 48%".
        """
        figure = self.key_figures.figures[name]
        if figure.value is None:
            return missing_text
        if text := self.format_range(figure, figure.unit, in_sentence=in_sentence):
            ends = zip(("low", "high"), figure.bounds, strict=True)
            claims = claims_of(
                *(self.format_claim(name, max(bound, 0.0), figure.unit, part=end) for end, bound in ends)
            )
            return Statement(text, [claim for claim in claims if claim.printed in text])
        return self.format_claim(name, figure.value, figure.unit, text=self.format_figure_value(figure, figure.unit))

    def format_claim(
        self,
        figure: str,
        value: float,
        unit: str = "people",
        *,
        part: str = "",
        base: float | None = None,
        compared_with: str = "",
        months: Sequence[str] = (),
        text: str = "",
    ) -> Statement:
        """Format a number of a sentence, and attach the claim by which a test derives it again.

        The arguments are the fields of ``Claim``. With a ``base``, the quotient of ``value`` and ``base`` is printed.
        ``months`` are by default the months of the sheet. ``text`` is printed in place of the number.
        """
        number = text or numbers.format_value(value if base is None else value / base, unit, self.language)
        period = tuple(months) or self.key_figures.period.months
        return Statement(number, [Claim(figure, part, value, compared_with, base, period, unit, number)])

    def format_category_share(self, breakdown: str, category: str, value: float | None, figure: str = "") -> str:
        """Format the share of a category in a figure, with its claim, or an empty text if either has no value.

        ``figure`` is by default the one that the breakdown divides.
        """
        name = figure or breakdown.partition("_by_")[0]
        total = self.key_figures.value(name)
        if value is None or not total:
            return ""
        return self.format_claim(breakdown, value, "share", part=category, base=total, compared_with=name)

    def format_share_of_region(self, people: float) -> str:
        """Format people as a share of all people whom the sector reached in the region, with its claim.

        The figures must have ``comparisons.region_people``.
        """
        region = self.key_figures.comparisons.region_people
        total = f"{report_id(self.key_figures.sector, REGION)}/{REACHED_FIGURE}"
        return self.format_claim(REACHED_FIGURE, people, "share", base=region, compared_with=total)

    def format_share_of_sector(self, figure: str, sector: str, share: float) -> str:
        """Format the share by which a sector is compared with the others, with its claim.

        ``figure`` is ``target_coverage``, or ``funding_usd`` for the share of the requirement that is funded. The
        latter is computed anew from both amounts, and ``share`` is not read.
        """
        sheet = report_id(INTERSECTOR, self.key_figures.place, self.key_figures.organisation)
        prefix = "" if self.key_figures.is_intersector else f"{sheet}/"
        if figure == "target_coverage":
            return self.format_claim(f"{prefix}target_coverage_by_sector", share, "share", part=sector)
        money = self.key_figures.comparisons.money_by_sector
        return self.format_claim(
            f"{prefix}funding_usd_by_sector",
            money["funded"][sector],
            "share",
            part=sector,
            base=money["required"][sector],
            compared_with=f"{prefix}requirement_usd_by_sector[{sector}]",
        )

    def format_count(self, count: int) -> str:
        """Format a count in full, without a unit."""
        return numbers.count(count, self.language)

    def format_people(self, people: float) -> str:
        """Format a number of people."""
        return numbers.people(people, self.language)

    def format_share(self, amount: float | None, total: float | None) -> str:
        """Format an amount as a share of a total, or an empty text if either is missing or the total is 0."""
        return numbers.share(amount / total, self.language) if amount is not None and total else ""

    def format_value(self, value: float, unit: str) -> str:
        """Format a value in a unit: ``people``, ``usd``, ``share`` or ``count``."""
        return numbers.format_value(value, unit, self.language)

    # ---- What the sheet can say ----

    @property
    def is_region_sheet(self) -> bool:
        """Whether the sheet is of the whole region and of no single organisation, and so has two pages."""
        return self.key_figures.place == REGION and not self.organisation

    @property
    def has_money(self) -> bool:
        """Whether the sheet has funding to print. On an organisation's sheet, funding of 0 is not printed."""
        money = self.key_figures.value("funding_usd")
        return bool(money) if self.organisation else money is not None

    @property
    def has_planned_people(self) -> bool:
        """Whether the plan has a number of people in need or of people targeted here."""
        return any(self.key_figures.value(name) is not None for name in ("people_in_need", "target"))

    @property
    def is_whole_year(self) -> bool:
        """Whether the period has every month of a plan."""
        return len(self.key_figures.period.months) >= self.MONTHS_OF_A_PLAN

    @property
    def is_year_to_date(self) -> bool:
        """Whether the period begins in January, so that it can be compared with the target of the year."""
        period = self.key_figures.period
        return period == period.to_date

    @property
    def remaining_months(self) -> int:
        """The number of months of the plan after the period."""
        return self.MONTHS_OF_A_PLAN - int(self.key_figures.period.end[-2:])

    @property
    def target_pace(self) -> float | None:
        """The people a month that the target needs, or None without a target or if people reached are in doubt."""
        target = self.key_figures.value("target")
        return target / self.MONTHS_OF_A_PLAN if target and not self.key_figures.in_doubt("people_reached") else None

    @property
    def is_reach_comparable(self) -> bool:
        """Whether people reached and target count the same people.

        They do if both count people in transit, or if no people in transit were reached. It is False if the number of
        people in transit is not known.
        """
        transit = self.breakdown("people_reached_by_population_group").values().get("in_transit")
        return self.key_figures.method.in_transit_in_denominators or transit == 0

    def is_reliable(self, breakdown: str) -> bool:
        """Tell whether a finding may follow from a breakdown.

        It may if the sheet has the breakdown, neither the breakdown nor its figure is in doubt, enough people are
        counted for shares, and few people are in no category.
        """
        parts, figures = self.breakdown(breakdown), self.key_figures
        if figures.in_doubt(breakdown) or (parts.unit == "people" and figures.in_doubt("people_reached")):
            return False
        total = figures.value(parts.definition.figure) if breakdown in figures.breakdowns else None
        if total is None or (parts.unit == "people" and self.is_too_few_for_shares(total)):
            return False
        cautions = figures.method.cautions
        return -cautions.groups_exceed_total * total <= self.sum_unassigned(breakdown) <= cautions.not_specified * total

    def sum_unassigned(self, breakdown: str) -> float:
        """Return the amount of a figure in no category, below 0 if the groups exceed the people reached."""
        values = self.breakdown(breakdown).values()
        if NOT_SPECIFIED in values or breakdown not in GROUPINGS:
            return sum(values.get(category, 0.0) for category in (NOT_SPECIFIED, NATIONAL_LEVEL))
        return (self.key_figures.value("people_reached") or 0.0) - sum(values.values())

    def is_too_few_for_shares(self, people: float | None) -> bool:
        """Tell whether people are so few that shares of rounded categories would be wrong."""
        return people is not None and people < self.MIN_BASES_FOR_SHARES * self.key_figures.base

    def format_reason(self, figure: Figure | FigureValue) -> str:
        """Write why a figure or category has no number or is 0, or an empty text if a number needs no reason."""
        if figure.reason == NOT_COUNTED and figure.assisted:
            assisted = self.format_claim("people_assisted", figure.assisted, part=figure.key)
            return self.translate("{people} people were assisted, and the reports tell nobody as new", people=assisted)
        return self.translate(WORDS_BY_REASON.get(figure.reason, ""))

    def format_rounding(self) -> str:
        """Write in a sentence how counts of people are rounded on the sheet."""
        figures, translate = self.key_figures, self.translate
        if self.is_internal:
            return translate("Counts of people are exact: they are not for publication.")
        bases = dict(figures.method.rounding).items()
        sectors = {sector: base for sector, base in bases if sector in plan_lists().sectors and figures.is_intersector}
        if not figures.base and not any(sectors.values()):
            return translate("Counts of people are exact.")
        rounded = self.format_count(figures.method.base(figures.sector))
        if sectors:
            texts = (f"{self.label(sector)}: {self.format_count(base)}" for sector, base in sectors.items())
            rounded = f"{rounded} ({', '.join(texts)})"
        return translate(
            "Numbers of people are rounded to multiples of {base} to protect individuals; "
            "parts may not add up to the total.",
            base=rounded,
        )

    # ---- Breakdowns ----

    def breakdown(self, name: str) -> Breakdown:
        """Return a breakdown by its name, without categories if the sheet does not have it."""
        return self.key_figures.breakdowns.get(name) or Breakdown(name, "", "group", "", ())

    def format_bar_entry(self, cell: FigureValue, unit: str, longest: float = 0) -> dict[str, Any]:
        """Return the entry of a category in a table with bars: its state, its text and the length of its bar.

        The length is a share of ``longest``, and 0 if that is 0. A screen reader says ``spoken`` if the text is a sign
        that it would skip.
        """
        state, text = self.format_bar_text(cell, unit)
        bar = self.bar_length(cell) / longest if longest > 0 else 0
        spoken = self.translate("does not apply") if text == numbers.NO_NUMBER_TEXT else ""
        if cell.status == "few":
            spoken = self.to_spoken(text)
        return build_bar_entry(state, text, bar=bar, spoken=spoken)

    def format_bar_text(self, cell: FigureValue, unit: str) -> tuple[str, str]:
        """Return the state of a category (``value``, ``zero``, ``no_report``, ``not_applicable``) and its text."""
        translate, text = self.translate, self.format_figure_value(cell, unit)
        if cell.present or not cell.is_sure:
            return "value", text
        if cell.value is not None:
            text = translate("none designated") if unit == "usd" else text
            return "zero", translate(ZERO_NAME_BY_REASON[cell.reason]) if cell.reason in ZERO_NAME_BY_REASON else text
        if cell.reason in EMPTY_BREAKDOWN_REASONS or cell.key == REGIONAL:
            return "not_applicable", text
        if cell.reason == NOT_COUNTED and cell.assisted:
            return "no_report", translate("not counted: {people} assisted", people=self.format_people(cell.assisted))
        unknown = {NOT_COUNTED: N_("not counted"), **dict.fromkeys(UNKNOWN_COUNT_REASONS, N_("not known"))}
        return "no_report", translate(unknown.get(cell.reason, N_("no report")))

    def bar_length(self, cell: FigureValue) -> float:
        """Return the length of a category's bar, up to its upper bound; a tenth of the base for few people."""
        return self.rounding_base(cell) / 10 if cell.status == "few" else cell.end

    def max_bar_length(self, cells: Iterable[FigureValue]) -> float:
        """Return the largest value of these categories, the length of a full bar. Few people count as their base."""
        lengths = (self.rounding_base(cell) if cell.status == "few" else self.bar_length(cell) for cell in cells)
        return max(lengths, default=0.0)

    def format_spoken(self, cell: FigureValue, unit: str) -> str:
        """Format a category for an alternative text, without signs that a screen reader skips."""
        part = self.format_bar_entry(cell, unit)
        return str(part["spoken"] or part["text"])

    # ---- Names ----

    def sheet_name(self) -> str:
        """Return the name of the sheet: its sector, with its place or organisation."""
        figures = self.key_figures
        return labels.sheet_name(figures.sector, figures.place, self.language, figures.organisation)

    def document_title(self, title: str) -> str:
        """Return the name of the document: the sheet, its title, and its scope if the sheet's name lacks it."""
        return " · ".join(filter(None, (self.sheet_name(), self.translate(title), self.scope_beside_title())))

    def scope_beside_title(self) -> str:
        """Return the scope that the sheet's name lacks: the region, the organisation in full, or nothing."""
        if self.key_figures.organisation:
            return self.scope_name() if self.organisation != self.scope_name() else ""
        return self.scope_name() if self.key_figures.place == REGION else ""

    def scope_name(self) -> str:
        """Return the name of the organisation, the region with the number of its countries, or the place."""
        if self.key_figures.organisation:
            return self.label(self.key_figures.organisation)
        if self.key_figures.place == REGION:
            return self.translate("Region · {countries} countries", countries=str(len(plan_lists().countries)))
        return self.label(self.key_figures.place)

    @property
    def organisation(self) -> str:
        """The short name of the sheet's organisation, empty on the sheet of a place."""
        return short_name(self.label(self.key_figures.organisation))

    def label(self, code: str) -> str:
        """Return the name of a sector, group, model, platform, country, month, organisation or donor."""
        return labels.label(code, self.language)

    def category_name(self, category: str, dimension: str) -> str:
        """Return the name of a category of a breakdown by this dimension, or the sentence of a check or family.

        A long indicator is cut, and the model that the sheet uses is marked.
        """
        if dimension in ("check", "family"):
            from rmrp_analysis.quality import checks  # loaded here, because most sheets print no check

            if dimension == "check":
                return self.translate(checks.check_sentence(category))
            families = checks.SENTENCES_BY_KIND["family"]
            return self.translate(families[category])
        if dimension == "model" and category == self.key_figures.method.intersector_model:
            return self.translate("{model} (used)", model=self.label(category))
        if dimension == "indicator" and category != NOT_SPECIFIED:
            label = self.translate.known(category)
            return shorten(label[:1].upper() + label[1:], self.MAX_INDICATOR_CHARACTERS, placeholder=" …")
        return self.place_name(category) if dimension in ("admin1", "country", "platform") else self.label(category)

    def place_name(self, place: str) -> str:
        """Return the name of a platform, of a country (by ISO 3166 alpha-3) or of an admin1."""
        return labels.place(place, self.language)

    def place_in_sentence(self, place: str) -> str:
        """Return the name of a place with its article, for use within a sentence."""
        return labels.place_in_sentence(place, self.language)

    def append_place(self, text: str, place: str) -> str:
        """Append a place to a text that ends in a preposition, and keep the claims.

        The preposition may merge with the article of the place.
        """
        return Statement(labels.with_place(f"{text} ", self.place_in_sentence(place), self.language), claims_of(text))

    def level_name(self, count: int = 1) -> str:
        """Return the country's own word for its first administrative level, in the singular or plural of ``count``."""
        return labels.level(self.key_figures.place, self.language, count)

    @property
    def place_dimension(self) -> str:
        """The dimension by which the sheet distinguishes places.

        The region has platforms, a platform countries, and a country admin1. An organisation that works in few
        countries has countries.
        """
        place = self.key_figures.place
        if self.organisation and "people_reached_by_country" in self.key_figures.breakdowns:
            return "country"
        if place == REGION:
            return "platform"
        return "admin1" if len(plan_lists().places[place]) == 1 else "country"

    # ---- Times and sentences ----

    def month_name(self, month: str) -> str:
        """Return the name of a month given as ``YYYY-MM``, without its year."""
        return numbers.month_name(month, self.language)

    def format_months(self, months: Sequence[str]) -> str:
        """Format months (``YYYY-MM``) in words: ``March and April``, ``January to May``."""
        names = [self.month_name(month) for month in months]
        if len(months) > 2 and list(months) == list(Period(start=months[0], end=months[-1]).months):
            return self.translate("{first} to {last}", first=names[0], last=names[-1])
        return self.format_list(names)

    def format_period(self) -> str:
        """Format the months that the sheet covers."""
        return numbers.months(self.key_figures.period.start, self.key_figures.period.end, self.language)

    def format_source_date(self, source: str) -> str:
        """Format the date of a source's figures: ``as of 31 December 2021``, or that it is unknown."""
        record = self.key_figures.sources.get(source)
        if record is None or not record.as_of:
            return self.translate("of an unknown date")
        return self.translate("as of {date}", date=numbers.date(record.as_of, self.language))

    def format_list(self, texts: list[str]) -> str:
        """Join texts to a list in words: ``a, b and c``."""
        return numbers.join_names(texts, self.language)

    @staticmethod
    def join_texts(texts: Sequence[str], separator: str = "; ") -> str:
        """Join texts with a separator, and keep the claims of all."""
        return Statement(separator.join(texts), claims_of(*texts))

    @staticmethod
    def complete_sentence(text: str) -> str:
        """Give a clause a capital letter and a full stop, and keep its claims. An empty text stays empty."""
        return Statement(f"{text[:1].upper()}{text[1:].removesuffix('.')}.", claims_of(text)) if text else ""

    def format_sentence(self, text: str) -> str:
        """Give the numbers of a text the form that the language needs in a sentence, and keep its claims."""
        sentence = split_contractions(numbers.in_sentence(text, self.language), self.translate)
        return Statement(sentence, claims_of(text))

    def to_spoken(self, text: str) -> str:
        """Return a text for a screen reader, with its numbers in spoken form."""
        return numbers.to_spoken(text, self.language)


def descending_sort_key(cell: FigureValue) -> tuple[bool, int, float, str]:
    """Return the key that sorts categories by descending value.

    After the values come few people, zeros, and categories without a report, each by name. National, regional and not
    specified rows come last.
    """
    kind = 1 if cell.status == "few" else 3 if cell.value is None else 0 if cell.value else 2
    return cell.key in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), kind, -(cell.value or 0), cell.key


def build_bar_entry(state: str, text: str, *, bar: float = 0, share: str = "", spoken: str = "") -> dict[str, Any]:
    """Return an entry of a table with bars for templates.

    ``bar`` is a share of the longest bar. ``sign`` is the dash in front of words for a missing number.
    """
    sign = numbers.NO_NUMBER_TEXT if state == "no_report" and not text.startswith(numbers.NO_NUMBER_TEXT) else ""
    lengths = {"bar": bar, "doubt": 0.0, "target": None}
    return {"state": state, "text": text, **lengths, "share": share, "spoken": spoken, "sign": sign}
