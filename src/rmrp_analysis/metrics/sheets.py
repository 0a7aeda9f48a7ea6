"""The sheets that each activity counts in: of its sector and of all sectors, in its country and in the region."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.metrics.dataset import Dataset
from rmrp_analysis.vocabulary import INTERSECTOR, REGION, REGIONAL, plan_lists, report_id


def countries_by_place() -> pd.DataFrame:
    """Return the countries of each place, a row each; columns: ``place``, ``country``.

    The region has the regional level among its countries.
    """
    return pd.DataFrame(
        [(REGION, country_code) for country_code in (*plan_lists().countries, REGIONAL)]
        + [
            (place, country_code)
            for place, country_codes in plan_lists().places.items()
            for country_code in country_codes
        ],
        columns=["place", "country"],
    )


def sheets_of(selected: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Return the table of sheets, by report id: ``sector``, ``place``, ``organisation`` (empty: everybody)."""
    rows = {report_id(*sheet): sheet for sheet in selected}
    columns = ["sector", "place", "organisation"]
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="sheet", dtype="str"), columns=columns)


@dataclass(frozen=True, eq=False, repr=False)
class Sheets:
    """Sheets whose figures are counted together: ``table`` has a row each (see ``sheets_of``).

    With ``admin1``, the keys of first administrative levels of one country, they are of these alone.
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
        """The columns of ``table`` in which several sheets differ; none of a single sheet."""
        return self.table.loc[:, (self.table != self.table.iloc[0]).any()]

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """The organisations that have a sheet of their own, in the alphabet."""
        return tuple(sorted(set(self.table["organisation"]) - {""}))

    @property
    def has_all_sectors(self) -> bool:
        """Whether any of the sheets is of all sectors together."""
        return bool((self.table["sector"] == INTERSECTOR).any())

    @cached_property
    def without_organisation(self) -> pd.DataFrame:
        """The sheets of everybody, without those of one organisation: ``sheet``, ``sector``, ``sheet_place``."""
        sheet_table = (
            self.table[self.table["organisation"] == ""].reset_index().rename(columns={"place": "sheet_place"})
        )
        return sheet_table[["sheet", "sector", "sheet_place"]].astype({"sheet": pd.CategoricalDtype(self.table.index)})

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each activity (``Dataset.presence``) once for every ``sheet`` that it counts in."""
        return self.rows_by_sheet(self.dataset.presence)

    @cached_property
    def _members(self) -> pd.DataFrame:
        """Each sheet once for every country of its place.

        Columns: those of ``table``, ``sheet``, ``country``, ``whole`` (of all sectors) and ``of_one`` (of one
        organisation). ``country``, ``sector`` and ``organisation`` have the categories of the activities. A sector or
        organisation that no activity has is NaN, and its row stays; the row of a country that no activity has is left
        out.
        """
        members = self.table.reset_index().merge(countries_by_place(), on="place")
        members = members.astype({"sheet": pd.CategoricalDtype(self.table.index)})
        members = members.assign(whole=members["sector"] == INTERSECTOR, of_one=members["organisation"] != "")
        for key in ("country", "sector", "organisation"):
            names = self.dataset.rows[key].cat.categories
            members[key] = members[key].where(members[key].isin(names)).astype(pd.CategoricalDtype(names))
        return members.dropna(subset="country")

    def rows_by_sheet(self, cells: pd.DataFrame, of_all_sectors: pd.DataFrame | None = None) -> pd.DataFrame:
        """Repeat rows of activities for every ``sheet`` that they count in; add the column ``sheet``.

        Rows outside the period, outside ``admin1``, or not of the plan where the method says so, are left out. Columns
        read: ``country``, ``sector``, ``organisation``, ``month``, ``place``, ``rmrp_activity``; the index is new.
        ``of_all_sectors``: other rows for the sheets of all sectors, with the column ``sheet_organisation`` (see
        ``repeat_by_organisation``).
        """
        tables = []
        for (is_all_sectors, is_organisation), members in self._members.groupby(["whole", "of_one"]):
            keys = ["country", *([] if is_all_sectors else ["sector"]), *(["organisation"] if is_organisation else [])]
            rows = cells
            if is_all_sectors and of_all_sectors is not None:
                rows = of_all_sectors[(of_all_sectors["sheet_organisation"] != "") == is_organisation].drop(
                    columns="sheet_organisation"
                )
            rows = rows[rows["month"].isin(self.period.months)]
            if self.admin1:
                rows = rows[rows["place"].isin(self.admin1)]
            if self.method.rmrp_activities_only:
                rows = rows[rows["rmrp_activity"] == "Yes"]
            tables.append(rows.merge(members[["sheet", *keys]].dropna(), on=keys))
        return pd.concat(
            tables or [cells.iloc[:0].assign(sheet=pd.Categorical([], categories=self.table.index))], ignore_index=True
        )
