"""Fill in the fingerprints of a plan's indicators in a pack's ``indicators.csv``, from the coordination's own list.

``python tools/indicator_fingerprints.py LIST.csv PACK/indicators.csv``: the list has a code and the text of each
indicator (``CODE``, ``Indicator``, perhaps ``Sector...Subsector...WG``). Its texts are not carried over, their hashes
are. A beginning that two indicators of a sector share tells neither, so neither has it.
"""

import sys

import pandas as pd

from rmrp_analysis.vocabulary import beginning, fingerprint

CODE, TEXT, SECTOR = "CODE", "Indicator", "Sector...Subsector...WG"


def with_fingerprints(known: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return the indicators of a pack (columns of ``indicators.csv``) with ``name`` and ``beginning`` filled in."""
    begins = listed[TEXT].map(beginning)
    shared = begins.ne("") & listed.assign(beginning=begins).duplicated([SECTOR, "beginning"], keep=False)
    hashes = pd.DataFrame({"name": listed[TEXT].map(fingerprint), "beginning": begins.mask(shared, "")})
    by_code = hashes.set_index(listed[CODE])
    found = by_code.reindex(known["code"]).set_axis(known.index)
    return known.assign(**{str(name): found[name].fillna(known[name]) for name in found})


def read(path: str) -> pd.DataFrame:
    """Read a CSV file as text."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with_fingerprints(read(target), read(source)).to_csv(target, index=False, lineterminator="\n", encoding="utf-8-sig")
