"""One plan's tables together with their origins: all that a sheet is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.coded import CodedTable, Codes
from rmrp_analysis.errors import RequestError, did_you_mean
from rmrp_analysis.method import Method, Period
from rmrp_analysis.once import Once
from rmrp_analysis.selection import Selection
from rmrp_analysis.sources import Source
from rmrp_analysis.vocabulary import ALL, REGION, PlanYear, fold, place_named, sector_named, short_name

CHANGE_COLUMNS = ("file", "line", "column", "before", "after", "rule", "reason", "by", "date")
"""A changed cell; the last three are those of a correction by hand."""


LASTING = ("repaired", "key figures")
"""What a plan takes along to other processes, of all that was made of it ``once``."""


@dataclass(frozen=True)
class InputFile:
    """One file that was read: rows = rows used + rows refused; ``sheet`` is the one read of a workbook."""

    name: str
    path: Path
    sha256: str
    rows: int
    rows_refused: int
    sheet: str = ""


@dataclass(frozen=True)
class JoinAudit:
    """What a join found: rows and people (new beneficiaries) with a partner on the other side, and without.

    ``loses_people`` when what is unmatched is not counted. ``duplicated`` counts keys that the other side gives more
    than once (the first is used); ``unmatched_keys`` are the keys without a partner, most people first.
    """

    name: str
    rows_matched: int
    rows_unmatched: int
    people_matched: float
    people_unmatched: float
    duplicated: int
    unmatched_keys: tuple[str, ...] = ()
    loses_people: bool = False

    @property
    def rows(self) -> int:
        """Rows before the join, which are the rows after it."""
        return self.rows_matched + self.rows_unmatched


@dataclass(frozen=True)
class Condition:
    """A condition of the data over a limit. ``limit`` is that of the run, which may accept more than usual, or less."""

    name: str
    share: float
    limit: float
    sentence: str

    @property
    def accepted(self) -> bool:
        """Whether the run's parameters accept it."""
        return round(self.share, 6) <= self.limit


@dataclass(frozen=True, eq=False)
class Plan(Once):
    """The valid tables of one data folder (columns: see ``tables``).

    ``activities`` are ``JoinedActivities``, texts as Categoricals. ``planning`` has the figures of whole
    scopes, ``planned_places`` those of first administrative levels (``PlacedPlanning``), which are never added to them.
    Money comes as ``funding_flows``, as ``funding_totals``, or both; what the source does not give is None, and totals
    may hold rows of other plans. ``proportions`` holds age-gender shares by what they were made from
    (``people_in_need``, ``target``). ``joins`` says what each join matched; ``faults`` and ``refused`` what was not
    read, and why. ``references`` are the folder's lists (indicators, places, organisations) by their name in
    ``sources.yml``. A plan as it was loaded is raw: ``repairs`` and ``changes`` (a row a cell) say what was changed
    since then (see ``quality.repaired``), ``names_withheld`` how many names of places and organisations held contact
    details of people and are not used.
    """

    title: str
    year: PlanYear
    activities: pd.DataFrame
    planning: pd.DataFrame
    funding_flows: pd.DataFrame | None
    funding_totals: pd.DataFrame | None
    proportions: Mapping[str, pd.DataFrame]
    joins: tuple[JoinAudit, ...]
    sources: Mapping[str, Source]
    inputs: tuple[InputFile, ...]
    faults: pd.DataFrame
    refused: Mapping[str, pd.DataFrame]
    references: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    planned_places: pd.DataFrame = field(default_factory=lambda: _no_places())
    repairs: tuple[str, ...] = ()
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHANGE_COLUMNS)))
    names_withheld: int = 0

    def select(
        self,
        sector: str,
        *,
        place: str = "",
        organisation: str = "",
        period: Period | str | None = None,
        method: Method | None = None,
        platform: str = "",
    ) -> Selection:
        """One sector (or ``Intersector``) in one place and period, with everything that can be counted of it.

        Any known spelling names a sector or a place, which is the region, a platform or a country: ``GBV``, ``Salud``,
        ``Perú``; without ``place`` (``platform`` is another word for it) the region is meant. With ``organisation``
        only what that one reported counts. ``period`` is typed as ``2021-01/2021-12``; without it the plan's whole year
        is meant. Raises ``RequestError`` for an unknown name.

        >>> from rmrp_analysis import bundled_plan, load_plan
        >>> load_plan(bundled_plan()).select("GBV", place="Perú", period="2021-01/2021-06")
        Gender-Based Violence, Peru, 2021-01 to 2021-06: 46 activities of RMRP 2021, end of year, ...
        """
        months = Period.parse(period) if period else self.whole_year
        where = place_named(place or platform or REGION)
        who = self.organisation_named(organisation) if organisation else ""
        return Selection(self, sector_named(sector), where, months, method or Method(), who)

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """The organisations that reported, each by its one spelling, in the order of the alphabet."""
        return tuple(sorted(filter(None, self.cells.names("organisation")), key=fold))

    def organisations_named(self, text: str) -> tuple[str, ...]:
        """The organisation that a text names, or every one for ``all``; see ``organisation_named``."""
        return self.organisations if text == ALL else (self.organisation_named(text),)

    def organisation_named(self, text: str) -> str:
        """The organisation that reported under this name, or under this acronym; any case and accents.

        Raises ``RequestError`` for one that did not.
        """
        wanted = fold(text)
        named = [name for name in self.organisations if fold(name) == wanted]
        named = named or [name for name in self.organisations if fold(short_name(name)) == wanted]
        if not named:
            known = map(short_name, self.organisations)
            raise RequestError(f"no organisation reported as '{text}'; {did_you_mean(text, known)}")
        if len(named) > 1:
            raise RequestError(f"'{text}' is the acronym of several organisations: {'; '.join(named)}")
        return named[0]

    @property
    def whole_year(self) -> Period:
        """The months of the plan's year."""
        return Period(start=f"{self.year.year}-01", end=f"{self.year.year}-12")

    # ---- Added up once, for every selection ----

    @cached_property
    def reported(self) -> CodedTable:
        """The activities by codes."""
        texts = dict.fromkeys(self.activities.select_dtypes("category").columns, "string[pyarrow]")
        return CodedTable.of(self.activities.astype(texts))

    def with_reported(self, activities: CodedTable) -> "Plan":
        """The plan with other activities."""
        return replace(self, activities=categorical(activities.table()))

    @cached_property
    def _measured(self) -> CodedTable:
        return metrics.measured(self.reported, self.references.get("appealing_organisations"))

    @cached_property
    def measured_rows(self) -> metrics.Cells:
        """Each activity with what figures are counted by and from."""
        return metrics.Cells(self._measured)

    @cached_property
    def _added_up(self) -> tuple[metrics.Cells, Codes]:
        """The cells, and the number of each activity's cell."""
        cells, numbers = metrics.cells_of(self._measured)
        return metrics.Cells(cells), numbers

    @property
    def cells(self) -> metrics.Cells:
        """Activities alike in every dimension, added up."""
        return self._added_up[0]

    @cached_property
    def names_of_places(self) -> Mapping[tuple[str, str], str]:
        """By country and place, the name that figures by admin1 have for it; of the places of activities."""
        named = self.cells.table[["country", "place", "admin1"]].drop_duplicates()
        return {(country, place): name for country, place, name in named.itertuples(index=False)}

    @cached_property
    def planned(self) -> metrics.Planned:
        """What is planned, to be looked up."""
        return metrics.Planned(self.planning, self.planned_places)

    def people(self, method: Method, model: str | None, organisation: str = "") -> metrics.Cells:
        """The cells with the people that each gives: to its own sector, or to all sectors under a model.

        A model for an ``organisation`` compares what that one reported alone.
        """
        whose = organisation if model else ""
        key = ("people", method, model, whose)
        return self.once(key, lambda: self.people_of(self._cells_of(whose), method, model, whose))

    def people_of(
        self, rows: metrics.Cells, method: Method, model: str | None, organisation: str = ""
    ) -> metrics.Cells:
        """As ``people``, of some rows or cells of the plan."""
        if model is None:
            return metrics.people_by_sector(rows, method=method)
        return metrics.people_by_model(rows, self.kept(method, model, organisation), method=method)

    def largest_reports(self, method: Method, model: str | None, organisation: str = "") -> metrics.Cells:
        """The largest of the rows that give ``people``; see ``metrics.largest_reports``."""

        def largest() -> metrics.Cells:
            cells, numbers = self._added_up
            counts = metrics.counted(cells, method=method)
            if model and organisation:
                counts &= cells.has("organisation", (organisation,))
            kept = self.kept(method, model, organisation) if model else None
            return metrics.largest_reports(self._measured, numbers, cells, counts, kept)

        return self.once(("largest reports", method, model, organisation if model else ""), largest)

    def _cells_of(self, organisation: str) -> metrics.Cells:
        return self.cells.where("organisation", organisation) if organisation else self.cells

    def new_by_sector(self, method: Method, organisation: str = "", sector: str = "") -> metrics.Cells:
        """New beneficiaries by country, place, month and sector, as the consolidation models take them.

        Of one ``organisation`` or ``sector``, or of all.
        """

        def new() -> metrics.Cells:
            part = self._cells_of(organisation)
            part = part.where("sector", sector) if sector else part
            part = part.where("rmrp_activity", "Yes") if method.rmrp_activities_only else part
            counted = part.take(metrics.counted(part, method=method))
            return metrics.Cells(metrics.new_by_sector(counted).reset_index())

        return self.once(("new by sector", method, organisation, sector), new)

    def kept(self, method: Method, model: str, organisation: str = "", sector: str = "") -> metrics.Kept | None:
        """What a model keeps of each place, month and sector; None where it lacks age-gender proportions."""

        def kept() -> metrics.Kept | None:
            new = self.new_by_sector(method, organisation, sector).table.set_index(metrics.PLACE_MONTH_SECTOR)
            return metrics.kept_by_model(new, model=model, **self.model_rules(method))

        return self.once(("kept", method, model, organisation, sector), kept)

    def taken(self, method: Method, model: str, organisation: str = "", sector: str = "") -> metrics.Cells | None:
        """The new beneficiaries that a model takes of ``new_by_sector``; None where it lacks age-gender proportions."""

        def placed() -> metrics.Cells:
            new = self.new_by_sector(method, organisation, sector).table.set_index(metrics.PLACE_MONTH_SECTOR)
            return metrics.Cells(metrics.at_level(new, method.intersector_level).reset_index())

        def taken() -> metrics.Cells | None:
            kept = self.kept(method, model, organisation, sector)
            new = self.once(("placed", method, organisation, sector), placed)
            return None if kept is None else kept.taken(new, (metrics.NEW,))

        return self.once(("taken", method, model, organisation, sector), taken)

    def people_unseen(self, method: Method, organisation: str = "", sector: str = "") -> metrics.Cells:
        """People among ``new_by_sector`` whom the method's model cannot see."""

        def unseen() -> metrics.Cells:
            new = self.new_by_sector(method, organisation, sector).table.set_index(metrics.PLACE_MONTH_SECTOR)
            return metrics.Cells(metrics.people_unseen(new, **self.model_rules(method)).reset_index())

        return self.once(("unseen", method, organisation, sector), unseen)

    def ledger(self, method: Method) -> pd.DataFrame | None:
        """The money entries of the whole plan, with donors and organisations; None where only totals are known."""
        flows = self.funding_flows
        if flows is None:
            return None
        rule = method.money_of_several_countries
        return self.once(
            ("ledger", rule),
            lambda: metrics.named_entries(
                metrics.funding_ledger(flows, plan_id=self.year.fts_plan_id, several_countries=rule)
            ),
        )

    def model_rules(self, method: Method) -> metrics.ModelRules:
        """What the functions of ``metrics.consolidation`` need beside people."""
        proportions = self.proportions.get(method.age_gender_proportions)
        return {"year": self.year, "method": method, "proportions": proportions}

    def __getstate__(self) -> dict[str, Any]:
        """The tables as they were read, and the figures of sheets: what is added up between them is soon made again."""
        state = {each.name: self.__dict__[each.name] for each in fields(self)}
        return state | {"_results": {key: self._results[key] for key in self._results if key[0] in LASTING}}

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{file.name}</th><td>{file.path.name}</td><td>{file.rows:,}</td><td>{file.rows_refused:,}</td></tr>"
            for file in self.inputs
        )
        head = "<tr><th>input</th><th>file</th><th>rows used</th><th>refused</th></tr>"
        return f"<p><b>{self.title}</b>, plan {self.year.year}</p><table>{head}{rows}</table>"


def categorical(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its texts as Categoricals."""
    return table.astype(dict.fromkeys(table.select_dtypes(["str", "string", "object"]).columns, "category"))


def _no_places() -> pd.DataFrame:
    from rmrp_analysis.tables import PlacedPlanning  # what brings along much; a plan that was read has its own

    return PlacedPlanning.empty()


_kept: dict[Path, tuple[frozenset[tuple[str, int, int]], Plan]] = {}
"""Plans that were read, by their folder, with the state of its files at that time."""


def keep_plan(folder: Path | str, plan: Plan) -> None:
    """Have ``load_plan`` give this plan, in this process and its forks, until a file of the folder changes."""
    _kept[Path(folder).resolve()] = _state(Path(folder)), plan


def kept_plan(folder: Path | str) -> Plan | None:
    """The plan that is kept for a folder whose files are as they were."""
    state, plan = _kept.get(Path(folder).resolve(), (None, None))
    return plan if plan is not None and state == _state(Path(folder)) else None


def _state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of the last change of every file."""
    files = ((path.name, path.stat()) for path in folder.iterdir())
    return frozenset((name, file.st_size, file.st_mtime_ns) for name, file in files)
