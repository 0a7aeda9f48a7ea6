"""Write an illustrative plan as a data folder, in its producers' own formats."""

import gzip
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from bundled_plan import organisations, profiles
from bundled_plan.activities import reference, used_activities
from bundled_plan.faults import refused_activities, with_flaggable_faults
from bundled_plan.funding import fts_page

SOURCES = """\
# Written by `rmrp sample --rows {rows} --seed {seed}`. No file here is a copy of a producer's file.
# Invented (illustrative: true): activities, organisations and flows of money. They are drawn so that the sector Human
# Trafficking & Smuggling states what its published end-of-year 2021 sheet states; all else in them is made up.
# Facts carried over (illustrative: false): indicator codes and types, with labels of our own, and first
# administrative levels with p-codes, RMRP 2021; in planning.csv each row names its own source, and a row whose
# source begins with "illustrative" is made up, because no published figure was found.
# A sha256 is checked.
title: RMRP 2021, end of year, illustrative activities and funding
plan: 2021
"""
PUBLISHED = """\
  published:
    - sector: Human Trafficking & Smuggling
      figure: unmet_usd
      value: 17100000
      source: End of Year 2021 Key Figures, Human Trafficking & Smuggling
"""
"""What the entry of the last file, on funding, ends with."""


def write_plan(out: Path, *, rows: int, seed: int) -> None:
    """Write a plan of ``rows`` activity records, and all that goes with them, to the folder ``out``.

    The same rows and seed give the same bytes (before compression) on any machine. Records that no one can use are
    among the ``rows``; the others follow ``profiles`` exactly, in proportion to their number. Money does not depend
    on ``rows``. Raises ValueError below one row.
    """
    if rows < 1:
        raise ValueError(f"rows is {rows}: a plan needs at least one activity record")
    out.mkdir(parents=True, exist_ok=True)
    _write_activities(out / "activities.csv.gz", activities(rows, seed))
    for name in ("indicators.csv", "admin1.csv", "planning.csv"):
        _write_table(out / name, reference(name))
    appealing = organisations.appealing_organisations(organisations.appealing_roster())
    implementing = organisations.implementing_partners(organisations.implementing_roster())
    _write_table(out / "appealing_organisations.csv", appealing)
    _write_table(out / "implementing_partners.csv", implementing)
    _write_text(out / "funding.json", json.dumps(fts_page(seed), ensure_ascii=False) + "\n")
    _write_text(out / "sources.yml", SOURCES.format(rows=rows, seed=seed) + _source_entries(out))


def activities(rows: int, seed: int) -> pd.DataFrame:
    """``rows`` records in the 28 columns of the 2021 5W, by month, country and sector; unusable ones among them."""
    rng = np.random.RandomState(seed)
    refused_rows = rows * profiles.REFUSED_PER_MILLE // 1000
    faultless, kept = used_activities(rows - refused_rows, rng)
    faulty = with_flaggable_faults(faultless, kept, rows, rng)
    in_order = faulty.sort_values(["Reporting.Month", "Country", "Sector...Subsector...WG"], kind="stable")
    refused = refused_activities(faultless, refused_rows, rng)
    if refused.empty:
        return in_order
    places = np.append(np.arange(len(in_order)), np.floor(rng.random_sample(refused_rows) * len(in_order)))
    return pd.concat([in_order.astype(object), refused]).iloc[np.argsort(places, kind="stable")]


def _write_activities(path: Path, table: pd.DataFrame) -> None:
    """Compressed without a time or a name, so that only the content decides the bytes."""
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        table.to_csv(text, index=False, lineterminator="\n")


def _write_table(path: Path, table: pd.DataFrame) -> None:
    _write_text(path, table.to_csv(index=False, lineterminator="\n"))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _source_entries(out: Path) -> str:
    """One entry a file: producer, date, licence, checksum, invented or not."""
    sample, r4v = "invented for illustration", "R4V, RMRP 2021"
    both = "R4V and OCHA FTS, some figures invented for illustration"
    facts = "facts, carried over with their source"
    entries = {
        "activities": ("activities.csv.gz", sample, "2021-12-31", "CC0-1.0", True),
        "indicators": ("indicators.csv", r4v, "2021-06-01", facts, False),
        "admin1": ("admin1.csv", r4v, "2021-06-01", facts, False),
        "appealing_organisations": ("appealing_organisations.csv", sample, "2021-12-31", "CC0-1.0", True),
        "implementing_partners": ("implementing_partners.csv", sample, "2021-12-31", "CC0-1.0", True),
        "planning": ("planning.csv", both, "2021-11-06", facts, False),
        "funding": ("funding.json", sample, "2021-12-31", "CC0-1.0", True),
    }
    return "".join(_entry(out, key, *values) for key, values in entries.items()) + PUBLISHED


def _entry(out: Path, key: str, file: str, producer: str, as_of: str, licence: str, illustrative: bool) -> str:
    sha256 = hashlib.sha256((out / file).read_bytes()).hexdigest()
    return (
        f"{key}:\n  file: {file}\n  producer: {producer}\n  as_of: {as_of}\n  licence: {licence}\n"
        f"  sha256: {sha256}\n  illustrative: {str(illustrative).lower()}\n"
    )
