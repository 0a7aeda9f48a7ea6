"""Money for a plan as FTS counts it: net of internal flows, shared and unspecified money apart, pledges left out.

A flow into the plan adds its amount on the destination side; a flow inside the plan also takes its amount away on the
source side, since that money came in before. Each side is one sector (one country), ``not specified`` when it names
none, ``shared`` when it names several. So every split adds up to the plan's total. Source: the FTS glossary;
recomputed to the dollar from FTS's own answers.
"""

import pandas as pd

from rmrp_analysis.vocabulary import NOT_SPECIFIED, SHARED

LEDGER_COLUMNS = ("flow_id", "amount_usd", "sector", "country", "donor_id", "donor", "recipient_id", "incoming")


def funding_ledger(flows: pd.DataFrame, *, plan_id: int) -> pd.DataFrame:
    """The signed entries that the plan's flows make, pledges left out: ``LEDGER_COLUMNS``, one or two rows a flow.

    ``donor_id`` and ``recipient_id`` are empty where FTS names none or several.
    """
    plan = str(plan_id)
    counted = flows[flows["status"] != "pledge"]
    into = counted[_holds(counted["destination_plans"], plan)]
    from_inside = _holds(into["source_plans"], plan)
    added = _entries(into, "destination", 1, incoming=~from_inside)
    taken_away = _entries(into[from_inside], "source", -1, incoming=pd.Series(False, index=into.index[from_inside]))
    return pd.concat([added, taken_away], ignore_index=True)


def in_sector(ledger: pd.DataFrame, sector: str) -> pd.DataFrame:
    """The entries of one sector alone; money shared by several sectors is in none of them."""
    return ledger[ledger["sector"] == sector]


def funding_usd_by(ledger: pd.DataFrame, side: str) -> pd.Series:
    """USD by ``sector`` or ``country``, with ``not specified`` and ``shared`` as rows of their own.

    The rows add up to the ledger's total. A row may be below 0.
    """
    return ledger.groupby(side)["amount_usd"].sum().sort_index()


def funding_by_donor(ledger: pd.DataFrame) -> pd.Series:
    """USD by donor name over incoming money, largest first; money passed on inside the plan has no new donor."""
    giving = _giving(ledger)
    named = giving.groupby(["donor_id", "donor"])["amount_usd"].sum().reset_index()
    ordered = named.sort_values(["amount_usd", "donor"], ascending=[False, True])
    return pd.Series(ordered["amount_usd"].to_numpy(), index=ordered["donor"])


def donors(ledger: pd.DataFrame) -> int:
    """Distinct organisations that give: by id, over incoming flows above 0 (our rule; FTS publishes none)."""
    return int(_giving(ledger)["donor_id"].replace("", pd.NA).nunique())


def funded_organisations(ledger: pd.DataFrame) -> int:
    """Distinct organisations that receive: by id, over the same flows as ``donors``; sub-grants are left out."""
    return int(_giving(ledger)["recipient_id"].replace("", pd.NA).nunique())


def _holds(lists: pd.Series, item: str) -> pd.Series:
    return pd.Series([item in listed for listed in lists], index=lists.index, dtype=bool)


def _giving(ledger: pd.DataFrame) -> pd.DataFrame:
    return ledger[ledger["incoming"] & (ledger["amount_usd"] > 0)]


def _entries(flows: pd.DataFrame, side: str, sign: int, *, incoming: pd.Series) -> pd.DataFrame:
    entries = {
        "flow_id": flows["flow_id"],
        "amount_usd": sign * flows["amount_usd"],
        "sector": _single(flows[f"{side}_sectors"]),
        "country": _single(flows[f"{side}_countries"]),
        "donor_id": _only(flows["source_organisations"]),
        "donor": _only(flows["source_names"]),
        "recipient_id": _only(flows["destination_organisations"]),
        "incoming": incoming,
    }
    return pd.DataFrame(entries, columns=list(LEDGER_COLUMNS), index=flows.index)


def _single(names: pd.Series) -> pd.Series:
    """The one name of each list; ``not specified`` for none, ``shared`` for several."""
    labels = [NOT_SPECIFIED if not listed else listed[0] if len(listed) == 1 else SHARED for listed in names]
    return pd.Series(labels, index=names.index, dtype="str")


def _only(names: pd.Series) -> pd.Series:
    return pd.Series([listed[0] if len(listed) == 1 else "" for listed in names], index=names.index, dtype="str")
