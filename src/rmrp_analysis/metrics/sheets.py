"""Which cells belong to which sheets: each once for every sheet of its sector, and of all sectors, of its places."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from rmrp_analysis.method import Method, Period
from rmrp_analysis.metrics.dataset import Dataset
from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, PLACES, REGION, REGIONAL, report_id

MEMBERS = pd.DataFrame(
    [(REGION, country) for country in (*COUNTRIES, REGIONAL)]
    + [(place, country) for place, countries in PLACES.items() for country in countries],
    columns=["place", "country"],
)
"""The countries of each place."""


def sheets_of(selected: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """Give sheets, by the id of their report: ``sector``, ``place``, ``organisation`` (empty: everybody)."""
    rows = {report_id(*each): each for each in selected}
    columns = ["sector", "place", "organisation"]
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="sheet", dtype="str"), columns=columns)


@dataclass(frozen=True, eq=False, repr=False)
class Sheets:
    """Sheets whose figures are counted together: ``table`` has a row each (see ``sheets_of``).

    With ``admin1``, the keys of first administrative levels of one country, they are of these alone.
    """

    plan: Dataset
    table: pd.DataFrame
    period: Period
    method: Method
    admin1: tuple[str, ...] = ()

    @property
    def selected(self) -> list[tuple[str, str, str]]:
        """Sector, place and organisation of each sheet."""
        return [*self.table.itertuples(index=False, name=None)]

    @property
    def apart(self) -> pd.DataFrame:
        """In what several sheets differ, by sheet: sector, place, organisation; no columns of a single one."""
        return self.table.loc[:, (self.table != self.table.iloc[0]).any()]

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """The organisations that have a sheet of their own."""
        return tuple(sorted(set(self.table["organisation"]) - {""}))

    @property
    def has_all_sectors(self) -> bool:
        """Whether any of the sheets is of all sectors together."""
        return bool((self.table["sector"] == INTERSECTOR).any())

    @cached_property
    def of_everybody(self) -> pd.DataFrame:
        """The sheets of no organisation alone: ``sheet``, ``sector``, ``in_place``."""
        table = self.table[self.table["organisation"] == ""].reset_index().rename(columns={"place": "in_place"})
        return table[["sheet", "sector", "in_place"]].astype({"sheet": self.dtype})

    @cached_property
    def presence(self) -> pd.DataFrame:
        """Each cell of activities once for every sheet that it belongs to."""
        return self.belonging(self.plan.presence)

    @cached_property
    def _members(self) -> pd.DataFrame:
        """Each sheet once for every country of its place, named as the cells of activities name them."""
        members = self.table.reset_index().merge(MEMBERS, on="place").astype({"sheet": self.dtype})
        members = members.assign(whole=members["sector"] == INTERSECTOR, of_one=members["organisation"] != "")
        for key in ("country", "sector", "organisation"):
            names = self.plan.presence[key].cat.categories
            members[key] = members[key].where(members[key].isin(names)).astype(pd.CategoricalDtype(names))
        return members.dropna(subset="country")

    def belonging(self, cells: pd.DataFrame, of_all_sectors: pd.DataFrame | None = None) -> pd.DataFrame:
        """Give each row or cell of activities once for every ``sheet`` that it belongs to.

        Sheets of all sectors are made of ``of_all_sectors`` where it is given: it says ``of`` whom each row is.
        """
        parts = []
        for (whole, of_one), some in self._members.groupby(["whole", "of_one"]):
            keys = ["country", *([] if whole else ["sector"]), *(["organisation"] if of_one else [])]
            rows = cells
            if whole and of_all_sectors is not None:
                rows = of_all_sectors[(of_all_sectors["of"] != "") == of_one].drop(columns="of")
            rows = rows[rows["month"].isin(self.period.months)]
            if self.admin1:
                rows = rows[rows["place"].isin(self.admin1)]
            if self.method.rmrp_activities_only:
                rows = rows[rows["rmrp_activity"] == "Yes"]
            parts.append(rows.merge(some[["sheet", *keys]].dropna(), on=keys))
        return pd.concat(
            parts or [cells.iloc[:0].assign(sheet=pd.Categorical([], dtype=self.dtype))], ignore_index=True
        )

    @property
    def dtype(self) -> pd.CategoricalDtype:
        """The type of a column that names sheets."""
        return pd.CategoricalDtype(self.table.index)
