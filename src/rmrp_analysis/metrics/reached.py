"""People reached: the consolidated count of one sector, or of all sectors by a model, as contributions.

The consolidated count adds the *new* beneficiaries of every month, of indicators that count people in need. A partner
reports a person as new once a year under an indicator; within a sector nobody else removes repeats, so this is the
whole rule. Monthly totals are another thing and are never added. Source: R4V, RMRP 2021 activity repository.
"""

import pandas as pd

from rmrp_analysis.method import Method
from rmrp_analysis.metrics.cells import NEW, PEOPLE
from rmrp_analysis.metrics.consolidation import Kept
from rmrp_analysis.metrics.contributions import AMOUNT, ROWS


def counts_people(activities: pd.DataFrame, *, method: Method) -> pd.Series:
    """Which rows or cells count towards people reached, by the type of their indicator."""
    return activities["indicator_type"].isin(method.counted_indicator_types)


def people_by_sector(table: pd.DataFrame, *, method: Method) -> pd.DataFrame:
    """Rows or cells with what each gives to the people reached by its sector: ``amount``, and the columns ``PEOPLE``.

    What does not count gives 0, and has no ``rows``. Never add sectors: whoever is reached by two of them is in both.
    """
    counted = counts_people(table, method=method)
    people = table[list(PEOPLE)].where(counted, 0.0)
    rows = table[ROWS].where(counted, 0)
    return table.assign(**{column: people[column] for column in PEOPLE}, **{AMOUNT: people[NEW], ROWS: rows})


def people_by_model(table: pd.DataFrame, kept: Kept | None, *, method: Method) -> pd.DataFrame:
    """As ``people_by_sector``, with what a consolidation model keeps of each row or cell for all sectors together.

    NaN where the model does not keep a column, and throughout without a model (``kept`` is None).
    """
    by_sector = people_by_sector(table, method=method)
    if kept is None:
        return by_sector.assign(**dict.fromkeys((*PEOPLE, AMOUNT), float("nan")))
    amounts = kept.of(by_sector)
    return by_sector.assign(**{column: amounts[column] for column in PEOPLE}, **{AMOUNT: amounts[NEW]})
