"""People who may be missing, as far as a model of all sectors may keep them."""

import numpy as np
import pandas as pd

from rmrp_analysis import metrics
from rmrp_analysis.metrics import NEW_BENEFICIARIES, Sheets
from rmrp_analysis.vocabulary import NATIONAL_PLACE_KEY, plan_lists


def missing_under_model(sheets: Sheets, states: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return the rows of the ledger for sheets of all sectors, with the ``missing`` people that a model may keep.

    Under a model that compares sectors, people who are missing in a sector count only as far as they may bring it above
    the people whom the model keeps in the place and month, and only those of the sector that may bring most. A sector
    that the model adds (``PlanLists.added``) counts whole. ``states`` are ``ledger.row_states``. The result has them of
    everybody, and again of each organisation with a sheet (see ``metrics.repeat_by_organisation``).
    """
    data, method, organisations = sheets.dataset, sheets.method, sheets.organisations
    states = metrics.repeat_by_organisation(states, organisations)
    rule = data.year.rule_of(model)
    modelled = metrics.modelled_people(data, method, model, organisations)
    if rule == "sum_of_sectors" or modelled is None:
        return states
    keys = ["sheet_organisation", "country", "place", "month"]
    is_national = method.intersector_level != "admin1"
    placed, modelled = (
        table.assign(place=NATIONAL_PLACE_KEY) if is_national else table.astype({"place": "str"})
        for table in (states[[*keys, "sector", "missing"]], modelled)
    )
    missing = placed[placed["missing"] > 0].groupby([*keys, "sector"], observed=True)["missing"].sum().reset_index()
    people = modelled[modelled["part"] == NEW_BENEFICIARIES].groupby(keys, observed=True)["amount"].sum()
    new = metrics.count_new_by_sector(data, method, organisations)[NEW_BENEFICIARIES].rename("new").reset_index()
    texts = dict.fromkeys([*keys, "sector"], "str")
    missing = missing.astype(texts).merge(new.astype(texts), on=[*keys, "sector"], how="left")
    missing = missing.merge(
        people.rename("retained").reset_index().astype(dict.fromkeys(keys, "str")), on=keys, how="left"
    ).fillna(0.0)
    gain = (missing["missing"] + missing["new"] - missing["retained"]).clip(0, missing["missing"])
    is_added = pd.Series(False, missing.index)
    if rule.startswith("southern_cone"):
        is_added = missing["sector"].isin(plan_lists().added)
        gain = gain.where(missing["sector"].isin(plan_lists().alternatives), 0.0)
    ranked = missing.assign(gain=gain).sort_values(["gain", "sector"], ascending=[False, True])
    is_largest = ~ranked[~is_added.reindex(ranked.index)].duplicated(keys)
    kept_gain = gain.where(is_largest.reindex(missing.index, fill_value=False), 0.0)
    factor = (kept_gain.mask(is_added, missing["missing"]) / missing["missing"]).rename("factor")
    factors = pd.concat([missing[[*keys, "sector"]], factor], axis="columns")
    factor = placed.astype(texts).merge(factors, on=[*keys, "sector"], how="left")["factor"].fillna(0.0)
    people = states["missing"] * factor.set_axis(states.index)
    return states.assign(missing=people, missing_key=states["missing_key"].where(people > 0, np.uint64(0)))


def missing_by_sector(people: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Return the people who may be missing as rows of ``metrics.sum_by_sector``: ``high`` and ``high_key``.

    ``amount``, ``low`` and their keys are 0. ``people`` is the table to which the rows will be added, ``states`` are
    rows of the ledger with ``sheet_organisation``.
    """
    rows = states[states["missing"] > 0].assign(part=NEW_BENEFICIARIES)
    sums = rows.groupby([*metrics.PLACE_MONTH_SECTOR_COLUMNS, "part"], observed=True)[["missing", "missing_key"]].sum()
    sums = sums.reset_index().rename(columns={"missing": "high", "missing_key": "high_key"})
    sums = sums.astype({name: people[name].dtype for name in (*metrics.PLACE_MONTH_SECTOR_COLUMNS, "part")})
    return sums.assign(amount=0.0, low=0.0, key=np.uint64(0), low_key=np.uint64(0))
