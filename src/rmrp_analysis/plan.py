"""One plan's tables together with their origins, and the selections of its sheets."""

import os
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from html import escape
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from rmrp_analysis import figures, ledger
from rmrp_analysis.arguments import Period, in_sentences, names_in
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.exact import COUNTED_COLUMNS_ATTR, ExactDtype
from rmrp_analysis.figures import counting
from rmrp_analysis.messages import say
from rmrp_analysis.method import Method
from rmrp_analysis.metrics import (
    CACHE_ATTRIBUTE,
    Contributions,
    Dataset,
    Sheets,
    cached_and_sent,
    rounding_key,
    sheets_of,
)
from rmrp_analysis.packs import pack
from rmrp_analysis.tables import Activities
from rmrp_analysis.vocabulary import (
    ALL,
    INTERSECTOR,
    NATIONAL_PLACE_KEY,
    REGION,
    find_places,
    find_sector,
    fold,
    plan_lists,
    report_id,
    short_name,
)

CHANGE_COLUMNS = ("file", "line", "column", "before", "after", "rule", "reason", "by", "date")
"""The columns of a changed cell. Only a correction by hand fills the last three."""

MAX_UNMATCHED_KEYS = 20
"""How many keys without a partner an audit names."""

AUDIENCES = ("internal", "public")
"""Who reads figures: exact numbers, rounded counts of people."""
Selected: TypeAlias = tuple[str, str, str]
"""Sector, place and organisation (empty: everybody)."""

Names: TypeAlias = str | Iterable[str]
"""A name, or several names, in any known spelling."""
Months: TypeAlias = str | int | date | pd.Period | Period | Sequence[Any]
"""A period as ``Period.parse`` reads it."""


@dataclass(frozen=True)
class InputFile:
    """One file that was read, with its used (``rows``) and refused rows.

    ``sheet`` is the sheet of a workbook. ``content`` is the sha256 of the used rows, if the file holds other inputs,
    too.
    """

    name: str
    path: Path
    sha256: str
    rows: int
    rows_refused: int
    sheet: str = ""
    content: str = ""


@dataclass(frozen=True)
class JoinAudit:
    """The rows and people of a join with a partner on the other side, and without.

    People are new beneficiaries. ``loses_people``: people without a partner are not counted. ``duplicated`` counts the
    keys that the other side gives more than once (the first is used). ``unmatched_keys`` have no partner, most people
    first.
    """

    name: str
    rows_matched: int
    rows_unmatched: int
    people_matched: float
    people_unmatched: float
    duplicated: int
    unmatched_keys: tuple[str, ...] = ()
    loses_people: bool = False

    @classmethod
    def of(cls, name: str, joined: pd.DataFrame, *, duplicated: int = 0, loses: bool = False) -> "JoinAudit":
        """Audit a join by its rows.

        Columns of ``joined``: ``key``, ``known`` (whether the key has a partner), ``rows`` (the number of rows that it
        stands for), ``people``, ``lost`` (people not counted without a partner, while others count as matched). At most
        ``MAX_UNMATCHED_KEYS`` keys are named, with most people lost first, then in their order.
        """
        matched, unknown = joined[joined["known"]], joined[~joined["known"]]
        keys = unknown.groupby("key", observed=True)["lost"].sum().sort_values(ascending=False, kind="stable")
        lost = float(unknown["lost"].sum())
        return cls(
            name=name,
            rows_matched=int(matched["rows"].sum()),
            rows_unmatched=int(unknown["rows"].sum()),
            people_matched=float(matched["people"].sum() + (unknown["people"] - unknown["lost"]).sum()),
            people_unmatched=lost,
            duplicated=duplicated,
            unmatched_keys=tuple(map(str, keys.index[:MAX_UNMATCHED_KEYS])),
            loses_people=loses and lost > 0,
        )


@dataclass(frozen=True)
class Condition:
    """A condition of the data over a limit.

    ``limit`` is the limit of the run, which may accept more than usual, or less. A condition with a ``remedy`` of its
    own is never accepted.
    """

    name: str
    share: float
    limit: float
    sentence: str
    remedy: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the run's parameters accept it."""
        return not self.remedy and round(self.share, 6) <= self.limit


@pack.in_pack_of("pack")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Plan(Dataset):
    """The valid tables of one data folder, from which figures and sheets are selected.

    A DataFrame is not enough: figures follow from several tables, from the rules of the plan's year, and from refused
    rows. ``rmrp.load_plan`` makes a plan.

    Attributes:
        year: The plan year, with its rules. ``year.year`` is the number.
        title: The title of the data.
        activities: The reports (5W), one row each. Columns: the table *Activities*, ``source_file``, ``source_line``
            and the columns that the lists of indicators and places add.
        planning: Need, target and requirement of whole sectors and places. Columns: *Planning*.
        planned_places: The same for first administrative levels. Never add the two.
        funding_flows: Flows of money, or None without flows.
        funding_totals: Totals of money, or None.
        joins: The rows and people that each join between the tables matched.
        inputs: The files that were read, each with its sha256, rows and rows refused.
        faults: The cells of files that could not be read: ``file``, ``line``, ``column``, ``check``, ``severity``,
            ``value``, ``allowed``, ``input`` (the table in ``sources.yml``, where several tables may be sheets of one
            file).
        refused: The rows that cannot be used, by table, with the reason.
        repairs: The repairs that were made. Empty for a plan as it was loaded.
        changes: The cells that repairs and corrections changed, one row each: ``file``, ``line``, ``column``,
            ``before``, ``after``, ``rule``, ``reason``, ``by``, ``date``.
        names_withheld: How many names of places and organisations are not used, because they held contact details of
            people.
        method: How its project counts. Selections without a method follow it.
        period: The months of its project, which selections follow, too. None means the plan's year.
        pack: The folder of its plan pack. A notebook may hold plans of two packs.

    >>> plan
    RMRP 2021, end of year, illustrative activities and funding: 19,980 activities, 2021-01 to 2021-12; plan 2021
    """

    title: str
    joins: tuple[JoinAudit, ...]
    inputs: tuple[InputFile, ...]
    faults: pd.DataFrame
    refused: Mapping[str, pd.DataFrame]
    repairs: tuple[str, ...] = ()
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHANGE_COLUMNS)))
    names_withheld: int = 0
    method: Method = field(default_factory=Method)
    period: Period | None = None

    def __post_init__(self) -> None:
        """Note in ``activities.attrs`` which columns count people."""
        columns = Activities.columns.items()
        self.activities.attrs[COUNTED_COLUMNS_ATTR] = tuple(name for name, column in columns if column.unit == "people")

    @in_sentences
    def select(
        self,
        sector: Names,
        *,
        place: Names = "",
        organisation: Names = "",
        period: Months | None = None,
        method: Method | Mapping[str, Any] | None = None,
        admin1: Names = (),
        platform: Names = "",
    ) -> "Selection":
        """Select one sector (or ``Intersector``) in one place and period.

        All figures follow from the selection. Any known spelling names a sector or a place. Several sectors, places or
        organisations, and ``all``, ``platforms`` and ``countries``, stay apart in all results, and are never added up.

        Args:
            sector: A sector, such as ``Health``, ``Salud`` or ``GBV``. ``Intersector`` is all sectors together.
            place: The region, a platform or a country, such as ``Perú`` or ``PER``. By default the region.
            organisation: The name or acronym of an organisation. Only its reports count.
            period: The months that count. By default the project's or the plan's whole year.
            method: How figures are counted, or only the choices that are not usual. By default the project's.
            admin1: First administrative levels of one country. Only activities in these levels count.
            platform: Another word for ``place``.

        Raises:
            RequestError: A name is unknown or of several, no sector is named, or ``admin1`` is of several countries.

        >>> plan.select("GBV", place="Perú", period="enero a junio de 2021")
        Gender-Based Violence, Peru, 2021-01 to 2021-06: 46 activities of RMRP 2021, end of year, ...
        >>> plan.select("Salud", admin1="Tumbes").people_reached().total
        54360.0
        """
        sectors: list[str] = []
        for text in names_in(sector, "sector"):
            sectors += (INTERSECTOR, *plan_lists().sectors) if text == ALL else (find_sector(text),)
        typed = [*filter(None, (*names_in(place, "place"), *names_in(platform, "platform")))]
        places = find_places(typed) if typed else (REGION,)
        names = [""] if organisation == "" else names_in(organisation, "organisation")
        reporters = [name for text in names for name in self.organisations_named(text)]
        rules = Method(**method) if isinstance(method, Mapping) else method or self.method
        months = self.period or self.whole_year if period is None or period == "" else Period.parse(period)
        levels, keys = [*filter(None, names_in(admin1, "admin1"))], tuple[str, ...]()
        if levels and INTERSECTOR in sectors and rules.intersector_level == "country":
            raise RequestError("all sectors together are counted by country here, so nothing is known of an admin1")
        if levels:
            places, keys = self._find_admin1(levels, places)
        selected = dict.fromkeys(product(sectors, places, reporters))
        if not selected:
            raise RequestError("name a sector and a place, or leave the place out for the region")
        return Selection(self, Sheets(self, sheets_of(selected), months, rules, keys))

    @in_sentences
    def figures(
        self,
        sectors: Names = ALL,
        places: Names = REGION,
        organisations: Names = "",
        *,
        period: Months | None = None,
        method: Method | Mapping[str, Any] | None = None,
        admin1: Names = (),
    ) -> pd.DataFrame:
        """Return every exact figure of many sheets and its parts, a row for each.

        ``value`` is NaN if it is not known.

        Args:
            sectors: The sectors, as ``select`` reads them.
            places: The region, platforms and countries.
            organisations: The organisations, each on its own. By default everybody.
            period: The months that count. By default the project's or the plan's whole year.
            method: How figures are counted. By default the project's.
            admin1: First administrative levels. Only activities in these levels count.

        Returns:
            A row for each figure and each part of a breakdown.

            - ``sector``, ``place``, ``organisation``: the sheet
            - ``figure``: the name of a figure (``FIGURES``) or of a breakdown (``BREAKDOWNS``)
            - ``dimension``, ``part``: empty for a figure itself
            - the columns of ``Selection.figures``

        Raises:
            RequestError: A name is unknown.

        >>> table = plan.figures(["Health", "WASH"], "platforms", period="2021H1")
        >>> in_peru = table[table["place"] == "Peru"].set_index(["figure", "sector"])
        >>> in_peru.loc["people_reached", "value"].to_dict()
        {'Health': 144029.0, 'WASH': 45632.0}
        """
        names = {"place": places, "organisation": organisations, "admin1": admin1}
        rows = figures.select_published_rows(self.select(sectors, **names, period=period, method=method).table())
        rows.attrs[COUNTED_COLUMNS_ATTR] = ("value", "low", "high")
        return rows

    @in_sentences
    def reports(
        self, *, period: Months | None = None, method: Method | Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return the ledger of reports, the table ``Reports``.

        Months go from the first month with activities to the end of the period.

        Args:
            period: The months that count. By default the project's, or without a project the months with activities.
            method: Which people are added up. By default the project's method.

        Returns:
            A row for each organisation, country, sector and month.

            - ``organisation``, ``country`` (ISO 3166 alpha-3), ``sector``, ``month`` (``YYYY-MM``)
            - ``rows`` that are used, ``services``: rows that count no people, and ``rows_left_out`` with their
              ``people_left_out``: rows that cannot be counted
            - ``assisted``, ``new``: people. ``largest_row``: the most new people of one row
            - ``content``: a hash that shows a change
            - ``state``: its state by people (``counted``, ``nobody new``, ``not counted``, ``empty``, ``services``,
              ``left out``), or why it is missing (``nothing here``, ``not yet``, ``country not in``, ``late``,
              ``missed``, ``irregular``, ``gone``)
            - ``cause``: why its people are in doubt. Empty without a doubt

        >>> reports = plan.reports()
        >>> float(reports.groupby("state")["assisted"].sum()["not counted"])
        23.0
        """
        rules = Method(**method) if isinstance(method, Mapping) else method or self.method
        end = Period.parse(period).end if period else self.period.end if self.period else max(self.months, default="")
        return ledger.ledger_of_reports(self, rules, ledger.months_until(self, end) if end else ())

    @property
    def sectors(self) -> tuple[str, ...]:
        """The sectors with activities, in the plan's order.

        >>> plan.sectors[:3]
        ('Education', 'Food Security', 'Health')
        """
        reported = set(self.activities["sector"].unique())
        return tuple(sector for sector in plan_lists().sectors if sector in reported)

    @property
    def places(self) -> tuple[str, ...]:
        """The platforms and countries with activities, by their keys.

        >>> plan.places[:4]
        ('Brazil', 'Caribbean', 'ABW', 'CUW')
        """
        reported = set(self.activities["country"].unique())
        return tuple(place for place, countries in plan_lists().places.items() if reported & {*countries})

    @property
    def months(self) -> tuple[str, ...]:
        """The months with activities, in order.

        >>> plan.months[0], plan.months[-1]
        ('2021-01', '2021-12')
        """
        return self.months_reported

    @cached_property
    def admin1(self) -> pd.DataFrame:
        """The first administrative levels of activities and of the plan, a row each.

        Columns: ``country``, ``place`` (the key), ``admin1`` (the name).

        >>> plan.admin1.query("country == 'PER'").head(2)
            country  place    admin1
        148     PER  PE.AM  Amazonas
        149     PER  PE.AN    Ancash
        """
        columns = ["country", "place", "admin1"]
        planned = self.planned_places[["scope", "place", "place_name"]].set_axis(columns, axis="columns")
        every = pd.concat([self.presence[columns].astype("str"), planned.astype("str")])
        every = every[(every["place"] != NATIONAL_PLACE_KEY) & every["country"].isin(plan_lists().countries)]
        return every.drop_duplicates(columns[:2]).sort_values(columns, ignore_index=True)

    def _find_admin1(self, texts: Sequence[str], places: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the country of these first administrative levels in ``places``, as a place, and their keys.

        Raises ``RequestError`` for an unknown level, and for levels of several countries.
        """
        scope = {country for place in places for country in plan_lists().places[place] or plan_lists().countries}
        table = self.admin1[self.admin1["country"].isin(scope)]
        chosen = {text: table[table["admin1"].map(fold) == fold(text)] for text in texts}
        for text, rows in chosen.items():
            if rows.empty:
                advice = did_you_mean(text, table["admin1"].unique())
                raise RequestError(f"nothing is reported or planned of an admin1 '{text}'; {advice}")
        levels = pd.concat(chosen.values())
        countries = [*levels["country"].unique()]
        if len(countries) > 1:
            names = ", ".join(plan_lists().countries[country] for country in countries)
            raise RequestError(f"'{', '.join(texts)}' lies in {names}; name one of them as the place")
        return find_places(countries), tuple(levels["place"].unique())

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """The organisations that reported, each in one spelling, in order.

        >>> plan.organisations[0]
        'Sample agency 07 (SA07)'
        """
        return tuple(sorted(filter(None, self.rows["organisation"].unique()), key=fold))

    def organisations_named(self, text: str) -> tuple[str, ...]:
        """Return the organisation that a text names, all for ``all``, an empty name for an empty text.

        Raises ``RequestError`` as ``organisation_named`` does.
        """
        return self.organisations if text == ALL else (self.organisation_named(text) if text else "",)

    def organisation_named(self, text: str) -> str:
        """Return the organisation that reported with this name or acronym.

        Case and accents make no difference. Raises ``RequestError`` if no organisation did, or for an acronym of
        several.

        >>> plan.organisation_named("sa07")
        'Sample agency 07 (SA07)'
        """
        key = fold(text)
        matches = [name for name in self.organisations if fold(name) == key]
        matches = matches or [name for name in self.organisations if fold(short_name(name)) == key]
        if not matches:
            advice = did_you_mean(text, map(short_name, self.organisations))
            raise RequestError(say("no organisation reported as '{name}'; {advice}", name=text, advice=advice))
        if len(matches) > 1:
            raise RequestError(f"'{text}' is the acronym of several organisations: {'; '.join(matches)}")
        return matches[0]

    @property
    def whole_year(self) -> Period:
        """The months of the plan's year.

        >>> plan.whole_year
        Period(start='2021-01', end='2021-12')
        """
        return Period(start=f"{self.year.year}-01", end=f"{self.year.year}-12")

    # ---- Counted once, for every selection ----

    def rows_of_sheets(
        self,
        selected: Iterable[Selected],
        *,
        period: Period,
        method: Method,
        audience: str = "internal",
        admin1: tuple[str, ...] = (),
    ) -> Mapping[str, pd.DataFrame]:
        """Return the table of figures of these sheets, by report.

        ``selected`` are sector, place and organisation (empty: everybody) of each sheet. For the ``public`` audience
        counts of people are rounded, as the method says. The mapping is a cache that may hold tables of other sheets,
        too.
        """
        tables = {reader: self.cached_tables(f"{reader}_figures", period, method, admin1) for reader in AUDIENCES}
        if missing := [sheet for sheet in dict.fromkeys(selected) if report_id(*sheet) not in tables["internal"]]:
            exact = figures.table(self.sheets(missing, period=period, method=method, admin1=admin1))
            rounded = figures.public(exact) if any(method.bases) else exact
            for reader, rows in zip(AUDIENCES, (exact, rounded), strict=True):
                tables[reader] |= {str(report): part for report, part in rows.groupby("report", sort=False)}
        return tables[audience]

    @cached_and_sent
    def follow_project(self, method: Method, period: Period) -> "Plan":
        """Return the plan with a project's method and period, which its selections follow."""
        return replace(self, method=method, period=period)

    def sheets(
        self, selected: Iterable[Selected], *, period: Period, method: Method, admin1: tuple[str, ...] = ()
    ) -> Sheets:
        """Return the sheets of these sectors, places and organisations (empty: everybody)."""
        return Sheets(self, sheets_of(selected), period, method, admin1)

    def __getstate__(self) -> dict[str, Any]:
        """Return the tables as they were read, with ``results_to_send``. Other results are soon computed again."""
        state = {item.name: vars(self)[item.name] for item in fields(self)}
        return state | {CACHE_ATTRIBUTE: self.results_to_send}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take the state. On a computer without the folder of the pack, the plan has the active pack."""
        has_folder = (state["pack"] / pack.PACK_FILE).is_file()
        vars(self).update(state if has_folder else {**state, "pack": pack.folder()})

    def __repr__(self) -> str:
        reports, months = int(self.activities["rows"].sum()), self.months
        span = f", {months[0]} to {months[-1]}" if months else ""
        return f"{self.title}: {reports:,} activities{span}; plan {self.year.year}"

    def _repr_html_(self) -> str:
        rows = [(file.name, file.path.name, file.rows, file.rows_refused) for file in self.inputs]
        table = pd.DataFrame(rows, columns=["input", "file", "rows used", "refused"])
        return f"<p>{escape(repr(self))}</p>{table.to_html(index=False, border=0)}"


@pack.in_pack_of("plan.pack")
@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """A part of a plan, from which all figures follow.

    Several sectors, places or organisations stay apart, and are never added up. A name between brackets gives the rows
    behind a figure. ``Plan.select`` makes a selection, and takes any known spelling.

    Attributes:
        plan: The plan of the selection.

    >>> health["reporting_partners"].total
    25.0
    """

    plan: Plan
    sheets: Sheets

    @property
    def period(self) -> Period:
        """The months that count.

        >>> health.period.months[-1]
        '2021-06'
        """
        return self.sheets.period

    @property
    def method(self) -> Method:
        """How figures are counted.

        >>> health.method.intersector_model
        'max_sector'
        """
        return self.sheets.method

    @cached_property
    def activities(self) -> pd.DataFrame:
        """The activities as they were loaded, with the columns of ``Plan.activities``.

        Columns that count people have the type ``exact``, because they are not rounded.

        >>> len(health.activities)
        289
        """
        rows = self.plan.activities.loc[sorted(self.sheets.presence["row"].unique())]
        return rows.astype({name: ExactDtype() for name in rows.attrs[COUNTED_COLUMNS_ATTR] if name in rows})

    # ---- What it comes to ----

    def __getitem__(self, figure: str) -> Contributions:
        """Return the contributions to a figure, by its name: rows, total, any breakdown.

        Raises ``RequestError`` for an unknown name. If the figure is not known, the result is empty, and its ``reason``
        says why.

        >>> plan.select("Human Trafficking & Smuggling")["donors"].total
        3.0
        """
        return self._explain(figures.contributions(self.sheets, figure))

    def _explain(self, contributions: Contributions) -> Contributions:
        """Return contributions with the keys that differ between sheets, or with the reason why no amount is known."""
        keys = self.sheets.differing_keys
        if not keys.empty or contributions.sums("sheet")["amount"].notna().any():
            return replace(contributions, differing_keys=keys)
        reason = str(self.table().set_index("figure").loc[contributions.name, "reason"])
        return replace(contributions, reason=figures.WORDS_BY_REASON.get(reason, ""))

    def _ipython_key_completions_(self) -> list[str]:
        """Return the names that Tab offers between brackets: figures that come from rows."""
        return [name for name, figure in figures.FIGURES.items() if figure.count]

    def people_reached(self) -> Contributions:
        """Count the people reached.

        ``.total`` is the sum. ``.by("month")`` and ``.by("organisation", "age_gender")`` break it down. One sector has
        its new beneficiaries. All sectors together have the people that the method's consolidation model keeps.

        >>> plan.select("Human Trafficking & Smuggling").people_reached().total
        4910.0
        """
        return self._explain(counting.people_reached(self.sheets))

    def funding(self) -> Contributions:
        """Count the US$ designated to this selection, by donor, organisation, country …

        Without a source, or if the source does not separate them, the result is empty, and its ``reason`` says why.

        >>> trafficking = plan.select("Human Trafficking & Smuggling")
        >>> trafficking.funding().by("donor").idxmax()
        'Donor A (sample)'
        """
        money = replace(counting.flows_of_money(self.sheets), differing_keys=self.sheets.differing_keys)
        if self.plan.funding_flows is not None and counting.is_named_in_money(self.sheets).all():
            return money
        reasons = self.table().set_index("figure").loc[["funding_usd"], "reason"]
        reason = next(filter(None, reasons), "no_organisations")
        return replace(money, always={}, reason=figures.WORDS_BY_REASON[reason])

    def table(self, audience: str = "internal") -> pd.DataFrame:
        """Return the rows of these sheets in the table of figures: exact for ``internal``, rounded for ``public``."""
        rows = self.plan.rows_of_sheets(
            self.sheets.selected, period=self.period, method=self.method, audience=audience, admin1=self.sheets.admin1
        )
        return pd.concat([rows[report] for report in self.sheets.table.index], ignore_index=True)

    def key_figures(self, audience: str = "internal") -> figures.KeyFigures:
        """Return the figures of one sheet, with its cautions and comparisons.

        They are exact for the audience ``internal``. For the ``public``, counts of people are rounded. ``audience`` and
        ``base`` of the figures say which. Raises ``RequestError`` for several sheets, or for an admin1.
        """
        if len(self.sheets.table) > 1 or self.sheets.admin1:
            raise RequestError(
                f"a sheet is of one sector in the region, a platform or a country, and this is: {self}. Select one, or "
                "show its tables with page.add(table)"
            )
        sheets = list_compared_sheets(*self.sheets.selected[0])
        rows = self.plan.rows_of_sheets(sheets, period=self.period, method=self.method, audience=audience)
        # Copies: the tables of the plan stay as they are
        own_rows, region, of_sectors = (rows[report_id(*sheet)].copy(deep=False) for sheet in sheets)
        sector, place, organisation = sheets[0]
        sheet = figures.KeyFigures(
            sector=sector,
            place=place,
            organisation=organisation,
            plan_year=self.plan.year.year,
            period=self.period,
            method=self.method,
            rows=own_rows,
            region=region,
            of_sectors=of_sectors,
            sources=self.plan.sources,
            repairs=self.plan.repairs,
            cells_changed=len(self.plan.changes),
            audience=audience,
            pack=self.plan.pack,
        )
        return figures.fill_context(sheet)

    def figures(self) -> pd.DataFrame:
        """Return every exact figure by name, with its unit, status and caution.

        To publish figures, make a page, which rounds counts of people.

        Returns:
            The figures of ``FIGURES``, by name. Several sheets have sector, place and organisation first.

            - ``value``: NaN if it is not known
            - ``low``, ``high``: how few and how many it stands for (see *How figures are counted*)
            - ``unit``: ``people``, ``usd`` (US$), ``count``, or ``share`` (0 to 1)
            - ``status``: ``known``, ``partly_counted``, or why it is not known, which ``reason`` says in words
            - ``caution``: why a number is in doubt. Empty without a doubt
            - ``assisted``: people in reports that are not counted
            - ``rows``: how many source rows are behind it, and ``source``: who produced them

        >>> figures = plan.select("Human Trafficking & Smuggling").figures()
        >>> figures.loc[["people_reached", "funding_usd"], ["value", "unit", "rows"]]
                            value    unit  rows
        people_reached     4910.0  people   160
        funding_usd     1470000.0     usd     6
        """
        rows = figures.figures_by_name(self.table(), [*self.sheets.differing_keys])
        rows.attrs[COUNTED_COLUMNS_ATTR] = ("value", "low", "high")
        return rows

    def models(self) -> pd.Series:
        """Count the people reached by all sectors under every consolidation model.

        The people are of this place and period. ``lower_bound`` is the largest sector of each place over the whole
        period. *How figures are counted* explains the models. If there are several places or organisations, the index
        has them first. NaN is a number that a model cannot count.

        >>> plan.select("All sectors", place="Peru").models().index.to_list()
        ['sum', 'max_sector', 'max_age_gender', 'southern_cone', 'lower_bound']
        """
        table = sheets_of((INTERSECTOR, place, organisation) for _, place, organisation in self.sheets.selected)
        every = replace(self, sheets=replace(self.sheets, table=table))
        rows = every.table().rename(columns={"part": "model"})
        rows = rows[rows["figure"] == "people_reached_by_model"]
        keys = [*every.sheets.differing_keys, "model"]
        return rows.set_index(keys if len(keys) > 1 else "model")["value"].rename("people_reached").astype(ExactDtype())

    def trace(self, figure: str) -> pd.DataFrame:
        """Return the source rows behind a figure, each with its contribution.

        For a share, the rows of the numerator contribute, and the rows of the denominator contribute 0. For all sectors
        together, the result has every row that could count, with the people that the model keeps.

        Args:
            figure: A name of ``FIGURES`` or ``BREAKDOWNS``.

        Returns:
            A row for each source row.

            - ``figure``: the name, or for a share the name of its numerator or denominator
            - ``file``, ``line``: where the row stands
            - ``contribution``: in the figure's unit. They add up to the figure
            - ``part`` of a breakdown, and sector, place and organisation of several sheets
            - the facts of the row: month, places, organisations, indicator, or for money who gave and got it

            If the figure is not known, the table is empty, and ``attrs["reason"]`` says why.

        Raises:
            RequestError: No figure has the name.

        >>> rows = plan.select("Human Trafficking & Smuggling").trace("people_reached")
        >>> len(rows), int(rows["contribution"].sum())
        (160, 4910)
        """
        traces = []
        for report, group in self.table().groupby("report", sort=False):
            sheets = replace(self.sheets, table=self.sheets.table.loc[[report]])
            traces.append(figures.trace(sheets, figure, group).assign(**self.sheets.differing_keys.loc[report]))
        rows = traces[0] if len(traces) == 1 else pd.concat(traces, ignore_index=True)
        is_about_people = figures.figure_definition(figure).tells_of_people
        rows.attrs[COUNTED_COLUMNS_ATTR] = ("contribution", "new_beneficiaries") if is_about_people else ()
        return rows

    def __repr__(self) -> str:
        period, rows = f"{self.period.start} to {self.period.end}", int(self.sheets.presence["rows"].sum())
        table = self.sheets.table.assign(place=self.sheets.table["place"].replace(plan_lists().countries))
        names = [", ".join(filter(None, table[name].unique())) for name in table]
        if self.sheets.admin1:
            levels = self.plan.admin1
            names.append(", ".join(levels.loc[levels["place"].isin(self.sheets.admin1), "admin1"].unique()))
        scope = ("; " if len(table) > 1 else ", ").join(filter(None, names))
        return f"{scope}, {period}: {rows:,} activities of {self.plan.title}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"


def list_compared_sheets(sector: str, place: str, organisation: str = "") -> list[tuple[str, str, str]]:
    """List a sheet and the two it is compared with: its sector in the region, and all sectors in its place."""
    return [(sector, place, organisation), (sector, REGION, ""), (INTERSECTOR, place, organisation)]


_kept: dict[Path, tuple[frozenset[tuple[str, int, int]], Plan]] = {}
"""Plans that were read, by folder, with the state of its files at that time."""


def keep_plan(folder: Path | str, plan: Plan) -> None:
    """Make ``load_plan`` return this plan until a file of the folder changes, in this process and its forks."""
    _kept[Path(folder).resolve()] = _state(Path(folder)), plan


def kept_plan(folder: Path | str) -> Plan | None:
    """Return the plan kept for a folder. None without one, after a change of its files, or with another pack."""
    state, plan = _kept.get(Path(folder).resolve(), (None, None))
    is_unchanged = plan is not None and plan.pack == pack.folder() and state == _state(Path(folder))
    return plan if is_unchanged else None


def drop_results() -> None:
    """Replace each kept plan by a copy without its computed results, which may be large."""
    for folder, (state, plan) in _kept.items():
        _kept[folder] = state, as_new(plan)


def as_new(content: Any, *, tables: bool = True) -> Any:
    """Return a copy of a plan, mapping or table that may be changed. Anything else is returned as it is.

    A copied plan has only ``results_to_send`` of its results. Data are shared until they are changed, because pandas
    copies on write. Without ``tables``, the tables themselves are shared, as in a plan's results, which nobody changes.
    """
    if isinstance(content, Plan):
        new = copy(content)  # with ``results_to_send`` alone
        for name, value in vars(new).items():
            vars(new)[name] = as_new(value, tables=name != CACHE_ATTRIBUTE)
        return new
    if isinstance(content, Mapping):
        return {name: as_new(value, tables=tables) for name, value in content.items()}
    return content.copy(deep=False) if tables and isinstance(content, pd.DataFrame) else content


def _state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Return name, size and time of change of each file of a folder and of the rounding key.

    The key in the environment is one more entry.
    """
    paths = [*filter(Path.is_file, folder.iterdir()), *filter(None, [rounding_key.secret_file(folder)])]
    files = ((path.name, path.stat()) for path in paths)
    secret = (os.environ.get(rounding_key.KEY_VARIABLE, ""), 0, 0)
    return frozenset([secret, *((name, file.st_size, file.st_mtime_ns) for name, file in files)])
