"""People reached: the consolidated count of one sector, or of all sectors by a model, as contributions.

The consolidated count adds the *new* beneficiaries of every month, of indicators that count people in need. A partner
reports a person as new once a year under an indicator; within a sector nobody else removes repeats, so this is the
whole rule. Monthly totals are another thing and are never added. Source: R4V, RMRP 2021 activity repository.
"""

import numpy as np
import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.cells import NEW, PEOPLE
from rmrp_analysis.metrics.consolidation import Kept
from rmrp_analysis.metrics.contributions import AMOUNT, ROWS
from rmrp_analysis.metrics.sums import Cells, Inside, Numbers


def counts_people(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """Which activities count towards people reached, by the type of their indicator."""
    return activities["indicator_type"].isin(method.counted_indicator_types)


def counted(cells: Cells, *, method: Method) -> Inside:
    """As ``counts_people``, of rows or cells that are held to be added up."""
    return cells.has("indicator_type", method.counted_indicator_types)


def people_by_sector(activities: Cells, *, method: Method) -> Cells:
    """Rows or cells with what each gives to the people reached by its sector: ``amount``, and the columns ``PEOPLE``.

    What does not count gives 0, and has no ``rows``. Never add sectors: whoever is reached by two of them is in both.
    """
    inside = counted(activities, method=method)
    people: dict[str, Numbers] = {
        column: np.where(inside, activities.numbers(column), 0.0) for column in (*PEOPLE, ROWS)
    }
    return activities.with_numbers({**people, AMOUNT: people[NEW]})


def people_by_model(activities: Cells, kept: Kept | None, *, method: Method) -> Cells:
    """As ``people_by_sector``, with what a consolidation model keeps of each row or cell for all sectors together.

    NaN where the model does not keep a column, and throughout without a model (``kept`` is None).
    """
    by_sector = people_by_sector(activities, method=method)
    amounts = kept.of(by_sector) if kept else {}
    nothing = np.full(len(activities), np.nan)
    people = {column: amounts.get(column, nothing) for column in PEOPLE}
    return activities.with_numbers({ROWS: by_sector.numbers(ROWS), **people, AMOUNT: people[NEW]})
