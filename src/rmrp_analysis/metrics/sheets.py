"""The sheets that each activity counts in: of its sector and of all sectors, in its country and in the region."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics.dataset import Dataset, cached_and_sent
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, REGIONAL, plan_lists, report_id


def countries_by_place() -> pd.DataFrame:
    """Return a row for each country of each place. Columns: ``place``, ``country``.

    The regional level is one of the countries of the region.
    """
    pairs = [(REGION, code) for code in (*plan_lists().countries, REGIONAL)]
    pairs += [(place, code) for place, codes in plan_lists().places.items() for code in codes]
    return pd.DataFrame(pairs, columns=["place", "country"])


def sheets_of(selected: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Return the table of sheets, by report id (index): ``sector``, ``place``, ``organisation`` (empty: everybody)."""
    rows = {report_id(*sheet): sheet for sheet in selected}
    columns = ["sector", "place", "organisation"]
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="sheet", dtype="str"), columns=columns)


@cached_and_sent
def _names_in_rows(dataset: Dataset) -> dict[str, pd.Index]:
    """Return the categories of ``country``, ``sector`` and ``organisation`` of the activities. Cached in the dataset.

    A process that receives the dataset also receives these. Otherwise it would measure all activities to find them.
    """
    return {key: dataset.rows[key].cat.categories for key in ("country", "sector", "organisation")}


@dataclass(frozen=True, eq=False, repr=False)
class Sheets:
    """Sheets that are counted together: ``table`` has a row for each (see ``sheets_of``).

    ``admin1`` are the keys of first administrative levels of one country. If it is not empty, only these are counted.
    """

    dataset: Dataset
    table: pd.DataFrame
    period: Period
    method: Method
    admin1: tuple[str, ...] = ()

    @property
    def selected(self) -> list[tuple[str, str, str]]:
        """Sector, place and organisation of each sheet."""
        return [*self.table.itertuples(index=False, name=None)]

    @property
    def differing_keys(self) -> pd.DataFrame:
        """The columns of ``table`` in which several sheets differ. A single sheet has no such column."""
        return self.table.loc[:, (self.table != self.table.iloc[0]).any()]

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """The organisations with a sheet of their own, sorted by name."""
        return tuple(sorted(set(self.table["organisation"]) - {""}))

    @property
    def has_all_sectors(self) -> bool:
        """Whether any of the sheets is of all sectors together."""
        return bool((self.table["sector"] == INTERSECTOR).any())

    @cached_property
    def without_organisation(self) -> pd.DataFrame:
        """The sheets of everybody. Columns: ``sheet``, ``sector``, ``sheet_place``."""
        sheets = self.table[self.table["organisation"] == ""].reset_index().rename(columns={"place": "sheet_place"})
        return sheets[["sheet", "sector", "sheet_place"]].astype({"sheet": pd.CategoricalDtype(self.table.index)})

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each activity (``Dataset.presence``) once for every ``sheet`` in which it counts."""
        return self.rows_by_sheet(self.dataset.presence)

    @cached_property
    def _members(self) -> pd.DataFrame:
        """Each sheet once for every country of its place.

        Columns: the columns of ``table``, ``sheet``, ``country``, ``whole`` (of all sectors) and ``of_one`` (of one
        organisation). ``country``, ``sector`` and ``organisation`` have the categories of the activities. A sector or
        organisation without activities is NaN, and its row stays. A country without activities has no row.
        """
        members = self.table.reset_index().merge(countries_by_place(), on="place")
        members = members.astype({"sheet": pd.CategoricalDtype(self.table.index)})
        members = members.assign(whole=members["sector"] == INTERSECTOR, of_one=members["organisation"] != "")
        for key in ("country", "sector", "organisation"):
            names = _names_in_rows(self.dataset)[key]
            members[key] = members[key].where(members[key].isin(names)).astype(pd.CategoricalDtype(names))
        return members.dropna(subset="country")

    def rows_by_sheet(self, cells: pd.DataFrame, of_all_sectors: pd.DataFrame | None = None) -> pd.DataFrame:
        """Repeat rows of activities for every ``sheet`` in which they count, and add the column ``sheet``.

        Rows outside the period or outside ``admin1`` are left out, and rows outside the plan if the method says so.
        ``of_all_sectors`` are other rows for the sheets of all sectors, with the column ``sheet_organisation`` (see
        ``repeat_by_organisation``). Columns read: ``country``, ``sector``, ``organisation``, ``month``, ``place``,
        ``rmrp_activity``. The index is new.
        """
        tables = []
        for (is_all, is_organisation), members in self._members.groupby(["whole", "of_one"]):
            keys = ["country", *([] if is_all else ["sector"]), *(["organisation"] if is_organisation else [])]
            rows = cells
            if is_all and of_all_sectors is not None:
                is_selected = (of_all_sectors["sheet_organisation"] != "") == is_organisation
                rows = of_all_sectors[is_selected].drop(columns="sheet_organisation")
            rows = rows[rows["month"].isin(self.period.months)]
            if self.admin1:
                rows = rows[rows["place"].isin(self.admin1)]
            if self.method.rmrp_activities_only:
                rows = rows[rows["rmrp_activity"] == "Yes"]
            tables.append(rows.merge(members[["sheet", *keys]].dropna(), on=keys))
        if not tables:
            tables = [cells.iloc[:0].assign(sheet=pd.Categorical([], categories=self.table.index))]
        return pd.concat(tables, ignore_index=True)
