"""A sheet's figures, and parts of breakdowns, as they are printed in one language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from textwrap import shorten
from typing import Any, ClassVar

from rmrp_analysis import numbers
from rmrp_analysis.figures import (
    FIGURES,
    GROUPINGS,
    NOT_COUNTED,
    REASONS,
    Breakdown,
    Caution,
    Figure,
    FigureValue,
    KeyFigures,
)
from rmrp_analysis.ledger import COVERAGE, EVERYBODY_NEW, GROUPS_EXCEED, LEFT_OUT, MANY_IN_NO_GROUP, MOSTLY, ONE_REPORT
from rmrp_analysis.method import Period, Revision
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.page.claims import Claim
from rmrp_analysis.vocabulary import (
    COUNTRIES,
    INTERSECTOR,
    NATIONAL_LEVEL,
    NOT_SPECIFIED,
    PLACES,
    REGION,
    REGIONAL,
    SECTORS,
    ZERO_NAMES,
    labels,
    report_id,
    short_name,
)
from rmrp_analysis.words import N_, Statement, Translator, claims_of, words_of

WHOLE_BREAKDOWN = {"few_to_divide", "not_kept", "no_proportions"}  # reasons for which a breakdown has no part at all
NOT_KNOWN_REASONS = ("new_not_known", "left_out", "groups_exceed")  # something was reported, but not its number
REACHED = "people_reached"
WORDS_OF = words_of(Path(__file__).parent)
"""What a sheet says of things of a kind, by their name in the code.

``caution`` by its rule, of coverage by the figure (``caution without numbers``: of people of whom fewer are printed
than can be compared). ``model rule`` by the rule of the consolidation: how a person whom several sectors reached is
counted. ``new beneficiaries`` by the rule of a plan year whose form does not ask for them. ``counted`` by the type of
an indicator: whom it counts. ``limit``: what a limit of the method measures, where a run accepts more than usual.
``revised because``: why a sheet prints other numbers than the one that it replaces. ``sign`` is what stands in a cell
that has no value. ``invented`` and ``file`` are the inputs that may be illustrative, and the files beside it, on the
page on data quality. ``origin`` is where a figure comes from; ``readers' table`` names the table of figures by a
dimension and its worksheet, ``readers' column`` the parts in it.
"""


@dataclass(frozen=True)
class Quantity:
    """A figure or a part of a breakdown, by the name an author calls it: its value, its unit, its printed form."""

    name: str
    value: float | None
    unit: str
    text: str

    @property
    def is_category(self) -> bool:
        """Whether this is a category of a breakdown."""
        return "[" in self.name


@dataclass(frozen=True)
class SheetFormatter:
    """Gives every figure and part of a sheet its printed form.

    ``provisional`` names the figures that may still change; ``revision`` says what the sheet before printed otherwise.
    ``calendar`` has the days on which sheets are issued.
    """

    key_figures: KeyFigures
    translate: Translator
    provisional: tuple[str, ...] = ()
    revision: Revision | None = None
    publisher: Publisher | None = None
    calendar: tuple[date, ...] = ()
    MONTHS_OF_A_PLAN: ClassVar[int] = 12
    MIN_BASES_FOR_SHARES: ClassVar[int] = 10
    """So many times the base of rounding people are at least of whom shares are told."""
    MIN_LATE_SHARE: ClassVar[float] = 0.25
    """From this share of the partners expected on it is told that they have not reported."""
    MAX_INDICATOR_LENGTH: ClassVar[int] = 90
    """An indicator without a short label is cut at a word after so many characters."""

    @property
    def is_internal(self) -> bool:
        """Whether the sheet is not for publication, and shows what is in doubt."""
        return self.key_figures.audience == "internal"

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.translate.language

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """Everything the sheet states, by name: ``people_reached``, ``people_reached_by_platform["Peru"]``."""
        stated: dict[str, tuple[Figure | FigureValue, str]] = {
            name: (figure, figure.unit) for name, figure in self.key_figures.figures.items()
        }
        for table in self.key_figures.breakdowns.values():
            stated |= {f'{table.name}["{cell.key}"]': (cell, table.unit) for cell in table.cells}
        return {
            name: Quantity(name, each.value, unit, self.format_figure_value(each, unit))
            for name, (each, unit) in stated.items()
        }

    # ---- Figures ----

    def format_figure_value(self, stated: Figure | FigureValue, unit: str) -> str:
        """A figure or a part of a breakdown, as printed."""
        if stated.status == "few":
            whole = 1.0
            if unit == "share" and isinstance(stated, Figure):
                whole = self.key_figures.value(FIGURES[stated.key].whole) or 1.0
            elif unit == "share" and isinstance(stated, FigureValue):
                tables = self.key_figures.breakdowns.values()
                shares = next(table for table in tables if table.unit == "share" and stated in table.cells)
                (dimension,), figure = shares.definition.by, shares.definition.figure_definition.whole
                whole = self.breakdown(f"{figure}_by_{dimension}").values()[stated.key]
            return numbers.less_than(self.rounding_base(stated) / whole, unit, self.language)
        return numbers.format_value(stated.value, unit, self.language)

    def rounding_base(self, stated: Figure | FigureValue) -> int:
        """The base to which a figure or part is rounded; that of the sheet where it has none of its own."""
        return stated.base or self.key_figures.base

    def format_figure(self, name: str, unknown: str = numbers.NOTHING) -> str:
        """A figure by name, as printed, with its claim; ``unknown`` where it has no value."""
        figure = self.key_figures.figures[name]
        if figure.value is None:
            return unknown
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
        """A number as printed, with what it claims: ``value`` of a figure and part, by ``base`` where one is given."""
        shown = text or numbers.format_value(value if base is None else value / base, unit, self.language)
        period = tuple(months) or self.key_figures.period.months
        return Statement(shown, [Claim(figure, part, value, compared_with, base, period, unit, shown)])

    def format_category_share(self, figure: str, part: str, value: float | None, whole: str = "") -> str:
        """A part's share of a figure, with its claim; empty when it cannot be stated.

        ``figure`` names the breakdown, ``whole`` the figure, by default the one that the breakdown splits.
        """
        name = whole or figure.partition("_by_")[0]
        total = self.key_figures.value(name)
        if value is None or not total:
            return ""
        return self.format_claim(figure, value, "share", part=part, base=total, compared_with=name)

    def format_count(self, number: int) -> str:
        """Things that are counted, in full."""
        return numbers.count(number, self.language)

    def format_people(self, number: float) -> str:
        """A number of people."""
        return numbers.people(number, self.language)

    def format_share(self, part: float | None, whole: float | None) -> str:
        """A part's share of the whole; empty when it cannot be stated."""
        return numbers.share(part / whole, self.language) if part is not None and whole else ""

    def format_value(self, number: float, unit: str) -> str:
        """A number of a unit."""
        return numbers.format_value(number, unit, self.language)

    @property
    def is_region_sheet(self) -> bool:
        """Whether the sheet is of the whole region, and has two pages: not of a place, nor of an organisation."""
        return self.key_figures.place == REGION and not self.organisation

    @property
    def has_money(self) -> bool:
        """Whether the sheet has money to tell of: what was given is known, and of an organisation not nothing."""
        money = self.key_figures.value("funding_usd")
        return bool(money) if self.organisation else money is not None

    # ---- What may be said ----

    def is_reliable(self, breakdown: str) -> bool:
        """Whether a finding may be drawn from a breakdown: it is not in doubt, and most people are in its parts."""
        parts, figures = self.breakdown(breakdown), self.key_figures
        if figures.in_doubt(breakdown) or (parts.unit == "people" and figures.in_doubt("people_reached")):
            return False
        total = figures.value(parts.definition.figure) if breakdown in figures.breakdowns else None
        if total is None or (parts.unit == "people" and self.is_too_few_for_shares(total)):
            return False
        cautions = figures.method.cautions
        return -cautions.groups_exceed_total * total <= self.sum_unassigned(breakdown) <= cautions.not_specified * total

    def sum_unassigned(self, breakdown: str) -> float:
        """How much of a figure is in no named part; of groups that exceed it, how much they are too many (below 0)."""
        values = self.breakdown(breakdown).values()
        unnamed = sum(values.get(part, 0.0) for part in (NOT_SPECIFIED, NATIONAL_LEVEL))
        if NOT_SPECIFIED in values or breakdown not in GROUPINGS:
            return unnamed
        return (self.key_figures.value("people_reached") or 0.0) - sum(values.values())

    def is_too_few_for_shares(self, people: float | None) -> bool:
        """Whether people are so few that parts of them, each rounded, make wrong shares."""
        return people is not None and people < self.MIN_BASES_FOR_SHARES * self.key_figures.base

    def format_cautions(self, *names: str, said: str = "") -> str:
        """How figures or breakdowns of these names must be read, in one line, but for the reasons ``said`` already."""
        reasons = self.format_caution_reasons(*names, said=said)
        return self.translate("Read with care: {reasons}.", reasons=reasons) if reasons else ""

    def format_caution_reasons(self, *names: str, said: str = "") -> str:
        """Why figures or breakdowns of these names are in doubt, but for the reasons ``said`` already."""
        reasons = dict.fromkeys(self.format_caution(each) for each in self.key_figures.cautions if each.of in names)
        return self.join_texts([reason for reason in reasons if reason not in said])

    @staticmethod
    def complete_sentence(text: str) -> str:
        """A text with a capital letter and a full stop, and with its claims; an empty one stays."""
        return Statement(f"{text[:1].upper()}{text[1:].removesuffix('.')}.", claims_of(text)) if text else ""

    def join_texts(self, texts: Sequence[str], mark: str = "; ") -> str:
        """Texts with a mark between them, and with the claims of all."""
        return Statement(mark.join(texts), claims_of(*texts))

    def format_caution(self, caution: Caution) -> str:
        """Why a number is in doubt, as a part of a sentence."""
        kind = caution.rule
        if kind == COVERAGE:
            kind = caution.of
        elif kind == NOT_COUNTED and not caution.places:
            kind = "not_counted in part"
        elif kind == NOT_COUNTED and len(PLACES[self.key_figures.place]) == 1:
            kind = "not_counted here"
        elif kind == GROUPS_EXCEED and caution.of in GROUPINGS:
            kind = "groups_exceed in a breakdown"
        elif kind == EVERYBODY_NEW and caution.rows < caution.all_rows:
            kind = "nearly everybody_new"
        elif kind == MOSTLY and not self.key_figures.is_intersector:
            kind = "mostly_in_doubt by country"
        sentence = WORDS_OF["caution"][kind]
        if caution.share is None and caution.people is None:
            sentence = WORDS_OF["caution without numbers"].get(kind, sentence)
        if caution.rule == NOT_COUNTED and not caution.months:  # where few people are concerned, no month is named
            sentence = WORDS_OF["caution in short"][NOT_COUNTED]
        names = [self.label(name) if name in SECTORS else self.place_in_sentence(name) for name in caution.places]
        figure = {NOT_COUNTED: "not_counted_people", MOSTLY: "people_in_doubt", LEFT_OUT: "lost_people"}.get(
            caution.rule, caution.of
        )
        part = {MOSTLY: "+".join(caution.places), GROUPS_EXCEED: "groups"}.get(caution.rule, "")
        people = self.format_claim(figure, caution.people or 0.0, part=part, months=caution.months)
        return self.translate(
            sentence,
            share=self._share_of_caution(caution),
            people="" if caution.people is None else people,
            all=self.format_figure("people_reached"),
            rows=self._rows(caution.rows, "rows_of_everybody_new", caution.months),
            all_rows=self._rows(caution.all_rows, "rows_of_people", caution.months),
            months=self.format_months(caution.months),
            month=self.format_months(caution.months),
            places=self.format_list(names),
        )

    def _rows(self, count: int, name: str, months: Sequence[str]) -> Statement:
        return self.format_claim(name, count, "count", months=months)

    def _share_of_caution(self, caution: Caution) -> str:
        """The share that a caution tells, with its claim; empty without one."""
        if caution.share is None:
            return ""
        if caution.rule == COVERAGE:
            return self.format_claim(caution.of, caution.share, "share")
        people = self.key_figures.value("people_reached") or 0.0
        if caution.rule == MANY_IN_NO_GROUP:
            return self.format_claim(
                caution.of, caution.share * people, "share", part=NOT_SPECIFIED, base=people, compared_with=REACHED
            )
        figures = {ONE_REPORT: "largest_report", LEFT_OUT: "lost_people", MOSTLY: "people_in_doubt"}
        name, base, compared_with = figures.get(caution.rule, caution.of), people, REACHED
        if caution.rule == LEFT_OUT:
            base, compared_with = people + (caution.people or 0.0), "people_reached+lost_people"
        value, part = caution.people or 0.0, "+".join((*caution.places, *caution.months))
        text = numbers.share(caution.share, self.language)
        return self.format_claim(name, value, "share", part=part, base=base, compared_with=compared_with, text=text)

    def format_share_of_region(self, people: float) -> str:
        """The share of people of those whom the sector reached in the whole region, with its claim."""
        region = self.key_figures.comparisons.region_people
        of = f"{report_id(self.key_figures.sector, REGION)}/{REACHED}"
        return self.format_claim(REACHED, people, "share", base=region, compared_with=of)

    def format_share_of_sector(self, figure: str, sector: str, share: float) -> str:
        """The share of a sector that all sectors are compared by, with its claim: of target, or of the requirement."""
        together = report_id(INTERSECTOR, self.key_figures.place, self.key_figures.organisation)
        prefix = "" if self.key_figures.is_intersector else f"{together}/"
        if figure == "target_coverage":
            return self.format_claim(f"{prefix}target_coverage_by_sector", share, "share", part=sector)
        funded, required = (
            self.key_figures.comparisons.money_by_sector[name][sector] for name in ("funded", "required")
        )
        of = f"{prefix}requirement_usd_by_sector[{sector}]"
        return self.format_claim(
            f"{prefix}funding_usd_by_sector", funded, "share", part=sector, base=required, compared_with=of
        )

    def append_place(self, before: str, place: str) -> str:
        """A text that ends in a preposition, with a place after it, and with its claims."""
        text = labels.with_place(f"{before} ", self.place_in_sentence(place), self.language)
        return Statement(text, claims_of(before))

    def format_months(self, months: Sequence[str]) -> str:
        """Months in words: ``March and April``, ``January to May``."""
        if len(months) > 2 and list(months) == list(Period(start=months[0], end=months[-1]).months):
            return self.translate(
                "{first} to {last}", first=self.month_name(months[0]), last=self.month_name(months[-1])
            )
        return self.format_list([self.month_name(month) for month in months])

    def place_in_sentence(self, place: str) -> str:
        """A place with its article, as it stands within a sentence."""
        return labels.place_in_sentence(place, self.language)

    @property
    def has_planned_people(self) -> bool:
        """Whether the plan says how many people are in need or targeted here."""
        return any(self.key_figures.value(name) is not None for name in ("people_in_need", "target"))

    @property
    def is_whole_year(self) -> bool:
        """Whether the period has every month of a plan."""
        return len(self.key_figures.period.months) >= self.MONTHS_OF_A_PLAN

    @property
    def remaining_months(self) -> int:
        """How many months of the plan follow the period."""
        return self.MONTHS_OF_A_PLAN - int(self.key_figures.period.end[-2:])

    @property
    def is_year_to_date(self) -> bool:
        """Whether the period is the year so far: from January on, so that it can be held against the year's target."""
        period = self.key_figures.period
        return period == period.to_date

    @property
    def has_no_reports(self) -> bool:
        """Whether partners were expected for the last month, and none of them has reported for it."""
        silence = self.key_figures.silence
        is_expected = bool(silence.countries or silence.expected)
        return is_expected and silence.late == silence.expected and not self.organisation

    @property
    def late_reports(self) -> str:
        """Who has not reported for the last month, and who reported of other sectors alone; empty without any.

        An organisation's own sheet says nothing: it reported.
        """
        silence, translate = self.key_figures.silence, self.translate
        if self.organisation:
            return ""
        sentences = [self.format_missing_reports(least=0.0)]
        reported = silence.expected - silence.late
        if silence.other_sectors and reported and not self.key_figures.is_intersector:
            sentences.append(
                translate(
                    "{some} of {all} had no activity in {month}",
                    some=self.format_claim("partners_of_other_sectors", silence.other_sectors, "count"),
                    all=self.format_claim("partners_expected", reported, "count", part="less late"),
                    month=self.month_name(self.key_figures.period.end),
                )
            )
        return self.join_texts([self.complete_sentence(text) for text in sentences if text], " ")

    def format_missing_reports(self, least: float | None = None) -> str:
        """Who has not reported for the last month: countries first, then partners of the others if they are many.

        ``least`` is the share of the partners expected from which on they are told, by default a quarter.
        """
        silence, translate, month = (
            self.key_figures.silence,
            self.translate,
            self.month_name(self.key_figures.period.end),
        )
        if self.organisation:
            return ""
        counts = {
            "late": self.format_claim("partners_late", silence.late, "count"),
            "expected": self.format_claim("partners_expected", silence.expected, "count"),
            "month": month,
            "places": self.format_list([self.place_in_sentence(country) for country in silence.countries]),
        }
        if self.has_no_reports:
            return translate("no partner has reported for {month} yet", month=month)
        many = silence.late and silence.late >= (self.MIN_LATE_SHARE if least is None else least) * silence.expected
        if silence.countries and many:
            return translate.plural(
                "no report for {month} yet from {places}; elsewhere one of {expected} partners has not reported",
                "no report for {month} yet from {places}; elsewhere {late} of {expected} partners have not reported",
                silence.late,
                **counts,
            )
        if silence.countries:
            return translate("no report for {month} yet from {places}", **counts)
        if many and silence.late == 1:
            return translate("one of {expected} partners has not reported for {month}", **counts)
        if many:
            return translate.plural(
                "{late} of {expected} partners has not reported for {month}",
                "{late} of {expected} partners have not reported for {month}",
                silence.late,
                **counts,
            )
        return ""

    @property
    def target_pace(self) -> float | None:
        """The people a month that the target needs; None where it is not known."""
        target = self.key_figures.value("target")
        return target / self.MONTHS_OF_A_PLAN if target and not self.key_figures.in_doubt("people_reached") else None

    @property
    def is_reach_comparable(self) -> bool:
        """Whether the people reached are all such as the target counts, too: none of them is in transit."""
        in_transit = self.breakdown("people_reached_by_population_group").values().get("in_transit")
        return self.key_figures.method.in_transit_in_denominators or in_transit == 0

    def format_reason(self, stated: Figure | FigureValue) -> str:
        """Why there is no number, or why it is 0; empty where it needs no reason."""
        if stated.reason == NOT_COUNTED and stated.assisted:
            assisted = self.format_claim("people_assisted", stated.assisted, part=stated.key)
            return self.translate("{people} people were assisted, and the reports tell nobody as new", people=assisted)
        return self.translate(REASONS.get(stated.reason, ""))

    def format_rounding(self) -> str:
        """How counts of people are rounded on the sheet, in a sentence."""
        figures, translate = self.key_figures, self.translate
        if self.is_internal:
            return translate("Counts of people are exact: they are not for publication.")
        bases = dict(figures.method.rounding).items()
        of_sectors = {sector: base for sector, base in bases if sector in SECTORS and figures.is_intersector}
        if not figures.base and not any(of_sectors.values()):
            return translate("Counts of people are exact.")
        rounded = self.format_count(figures.method.base(figures.sector))
        if of_sectors:
            own = ", ".join(f"{self.label(sector)}: {self.format_count(base)}" for sector, base in of_sectors.items())
            rounded = f"{rounded} ({own})"
        return translate(
            "Numbers of people are rounded to multiples of {base} to protect individuals; "
            "parts may not add up to the total.",
            base=rounded,
        )

    # ---- Breakdowns ----

    def breakdown(self, name: str) -> Breakdown:
        """A breakdown by name; one without parts where the figures do not have it."""
        return self.key_figures.breakdowns.get(name) or Breakdown(name, "", "group", "", ())

    def build_bar_entry(self, cell: FigureValue, unit: str, longest: float = 0) -> dict[str, Any]:
        """A part in a table with bars: its state, the length of its bar (``longest`` is 1), its text.

        ``spoken`` is what a voice says where the text is a sign that it would leave out.
        """
        state, text = self.format_bar_text(cell, unit)
        bar = self.bar_length(cell) / longest if longest > 0 else 0
        spoken = self.translate("does not apply") if text == numbers.NOTHING else ""
        if cell.status == "few":
            spoken = self.to_spoken(text)
        return bar_part(state, text, bar=bar, spoken=spoken)

    def format_bar_text(self, cell: FigureValue, unit: str) -> tuple[str, str]:
        """The state of a part (``value``, ``zero``, ``no_report`` or ``not_applicable``) and its text."""
        translate, text = self.translate, self.format_figure_value(cell, unit)
        if cell.present:
            return "value", text
        if cell.value is not None:
            text = translate("none designated") if unit == "usd" else text
            return "zero", translate(ZERO_NAMES[cell.reason]) if cell.reason in ZERO_NAMES else text
        if cell.reason in WHOLE_BREAKDOWN or cell.key == REGIONAL:
            return "not_applicable", text
        if cell.reason == NOT_COUNTED and cell.assisted:
            return "no_report", translate("not counted: {people} assisted", people=self.format_people(cell.assisted))
        unknown = {NOT_COUNTED: N_("not counted"), **dict.fromkeys(NOT_KNOWN_REASONS, N_("not known"))}
        return "no_report", translate(unknown.get(cell.reason, N_("no report")))

    def bar_length(self, cell: FigureValue) -> float:
        """How long the bar of a part is: its value; a tenth of the base for few people, so that it can be seen."""
        return self.rounding_base(cell) / 10 if cell.status == "few" else max(cell.value or 0.0, 0.0)

    def max_bar_length(self, cells: Iterable[FigureValue]) -> float:
        """How long the longest bar of these parts is: that of few people is none."""
        return max(
            (self.rounding_base(cell) if cell.status == "few" else self.bar_length(cell) for cell in cells), default=0.0
        )

    def format_spoken(self, cell: FigureValue, unit: str) -> str:
        """A part as an alternative text tells it: without signs that a voice leaves out."""
        part = self.build_bar_entry(cell, unit)
        return str(part["spoken"] or part["text"])

    # ---- Names ----

    def sheet_name(self) -> str:
        """What the sheet is called: its sector, and the place or organisation that it is of."""
        of = self.key_figures
        return labels.sheet_name(of.sector, of.place, self.language, of.organisation)

    def document_title(self, title: str) -> str:
        """What the whole document is called: the sheet, its title, and its scope where the sheet does not say it."""
        return " · ".join(filter(None, (self.sheet_name(), self.translate(title), self.scope_beside_title())))

    def scope_beside_title(self) -> str:
        """The region, or the organisation in full: what the name of the sheet does not say; empty where it does."""
        of = self.key_figures
        if of.organisation:
            return self.scope_name() if self.organisation != self.scope_name() else ""
        return self.scope_name() if of.place == REGION else ""

    @property
    def organisation(self) -> str:
        """The short name of the organisation whose sheet this is; empty on the sheet of a place."""
        return short_name(self.label(self.key_figures.organisation))

    def scope_name(self) -> str:
        """The organisation, or the region or platform with the number of its countries."""
        if self.key_figures.organisation:
            return self.label(self.key_figures.organisation)
        if self.key_figures.place == REGION:
            return self.translate("Region · {countries} countries", countries=str(len(COUNTRIES)))
        return self.label(self.key_figures.place)

    def label(self, key: str) -> str:
        """The name of a sector, group, model, platform, country, month, organisation or donor."""
        return labels.label(key, self.language)

    def category_name(self, key: str, dimension: str) -> str:
        """The name of a part of a breakdown by this dimension."""
        if dimension in ("check", "family"):
            from rmrp_analysis.quality import checks  # loaded here, because most sheets print no check

            sentence = checks.check_sentence(key) if dimension == "check" else checks.WORDS_OF["family"][key]
            return self.translate(sentence)
        if dimension == "model" and key == self.key_figures.method.intersector_model:
            return self.translate("{model} (used)", model=self.label(key))
        if dimension == "indicator" and key != NOT_SPECIFIED:
            label = self.translate.known(key)
            return shorten(label[:1].upper() + label[1:], self.MAX_INDICATOR_LENGTH, placeholder=" …")
        return self.place_name(key) if dimension in ("admin1", "country", "platform") else self.label(key)

    def place_name(self, key: str) -> str:
        """The name of a platform, of a country (by ISO 3166 alpha-3) or of an admin1."""
        return labels.place(key, self.language)

    def level_name(self, count: int = 1) -> str:
        """The country's own word for its first administrative level, one of it or several."""
        return labels.level(self.key_figures.place, self.language, count)

    def month_name(self, month: str) -> str:
        """The name of a month given as ``YYYY-MM``."""
        return numbers.month_name(month, self.language)

    def format_list(self, texts: list[str]) -> str:
        """Texts as a list in words."""
        return numbers.listed(texts, self.language)

    def place_dimension(self) -> str:
        """The dimension by which the sheet tells places apart: platforms, of a platform countries, of a country admin1.

        An organisation that works in few countries has these.
        """
        of = self.key_figures
        if self.organisation and "people_reached_by_country" in of.breakdowns:
            return "country"
        return "platform" if of.place == REGION else "admin1" if len(PLACES[of.place]) == 1 else "country"

    # ---- Times and sentences ----

    def format_period(self) -> str:
        """The months covered."""
        return numbers.months(self.key_figures.period.start, self.key_figures.period.end, self.language)

    def format_source_date(self, source: str) -> str:
        """The day a source's figures are of, in words: ``as of 31 December 2021``."""
        named = self.key_figures.sources.get(source)
        if named is None or not named.as_of:
            return self.translate("of an unknown date")
        return self.translate("as of {date}", date=numbers.date(named.as_of, self.language))

    def to_spoken(self, text: str) -> str:
        """A text that is heard and not seen, with its numbers as a person says them."""
        return numbers.aloud(text, self.language)

    def format_sentence(self, text: str) -> str:
        """A text with figures in it as the language says it in a sentence, with its claims."""
        return Statement(numbers.in_sentence(text, self.language), claims_of(text))


def falling(cell: FigureValue) -> tuple[bool, int, float, str]:
    """The order of parts: values falling, few people, zeros, those without a report, each by name.

    What belongs to no single part comes last.
    """
    kind = 1 if cell.status == "few" else 3 if cell.value is None else 0 if cell.value else 2
    return cell.key in (NOT_SPECIFIED, NATIONAL_LEVEL, REGIONAL), kind, -(cell.value or 0), cell.key


def bar_part(state: str, text: str, *, bar: float = 0, share: str = "", spoken: str = "") -> dict[str, Any]:
    """A part in a table with bars, as the view of its block has it; lengths are shares of the longest bar.

    ``sign`` stands before words that say that there is no number.
    """
    sign = numbers.NOTHING if state == "no_report" and not text.startswith(numbers.NOTHING) else ""
    lengths = {"bar": bar, "doubt": 0.0, "target": None}
    return {"state": state, "text": text, **lengths, "share": share, "spoken": spoken, "sign": sign}
