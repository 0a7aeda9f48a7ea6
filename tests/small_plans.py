"""Data folders in which counts are so small that most of a run must be withheld, made from the bundled plan."""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from rmrp_analysis.params import shipped_folder
from rmrp_analysis.sample import ADDED_UP, BUNDLED_PLAN, NEW, SECTOR, write_sample
from rmrp_analysis.sources import SOURCES_FILE, load_sources, sha256
from rmrp_analysis.vocabulary import INTERSECTOR, REGION

COUNTRY, ADMIN1, MONTH = "Country", "Admin1", "Reporting.Month"
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


SECTORS = {"Health": "Health", "WASH": "WASH", "Protection (GBV)": "Gender-Based Violence"}
"""The sectors of these plans, as the bundled plan spells them and as their sheets are called."""

PLACES = {
    "Peru": "Peru",
    "Chile": "Chile",
    "Argentina": "Southern Cone",
    "Paraguay": "Southern Cone",
}
"""Their countries, and the sheets on which these stand."""


def many_tiny_places(records: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """Each record in any place of its country, with 30 people at most."""
    places = pd.read_csv(shipped_folder(BUNDLED_PLAN) / "admin1.csv", dtype="str", keep_default_na=False)
    by_country = places.groupby("Country")["Admin1"].agg(list)
    anywhere = [
        chance.choice(by_country[country]) if country in by_country.index else place
        for country, place in zip(records[COUNTRY], records[ADMIN1], strict=True)
    ]
    return with_people(records.assign(**{ADMIN1: anywhere}), chance.integers(0, 31, len(records)))


def one_sector(records: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """Health alone, with 60 people at most a record."""
    health = records[records[SECTOR] == "Health"]
    return with_people(health, chance.integers(0, 61, len(health)))


def everything_small(records: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """One record in four, each with 6 people at most."""
    few = records.iloc[np.sort(chance.choice(len(records), len(records) // 4, replace=False))]
    return with_people(few, chance.integers(0, 7, len(few)))


def up_to_june(records: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """The months to June, with 100 people at most a record."""
    early = records[records[MONTH] <= "2021-06"]
    return with_people(early, chance.integers(0, 101, len(early)))


SMALL_PLANS: Mapping[str, Change] = {
    change.__name__: change for change in (many_tiny_places, one_sector, everything_small, up_to_june)
}


def write_small_plan(folder: Path, change: Change, *, rows: int = 6000, seed: int = 1) -> Path:
    """Write a plan drawn from ``rows`` records to a folder, changed; returns its parameter file."""
    write_sample(folder, rows=rows, seed=seed)
    file = folder / load_sources(folder).activities.file
    before = sha256(file)
    records = pd.read_csv(file, dtype="str", keep_default_na=False)
    kept = records[records[SECTOR].isin(SECTORS) & records[COUNTRY].isin(PLACES)]
    changed = change(kept, np.random.default_rng(seed))
    file.write_bytes(gzip.compress(changed.to_csv(index=False, lineterminator="\n").encode(), mtime=0))
    sources = folder / SOURCES_FILE
    sources.write_text(sources.read_text(encoding="utf-8").replace(before, sha256(file)), encoding="utf-8")
    params = folder / "params.yml"
    params.write_text(
        "run: small\ntitle: Small counts\nplan: 2021\nperiod: {start: 2021-01, end: 2021-12}\ndata: .\n"
        f"sectors: {[INTERSECTOR, *SECTORS.values()]}\n"
        f"platforms: {[REGION, *dict.fromkeys(PLACES.values())]}\n"
        "accept: [same_content_twice, months_missing, people_with_errors, people_refused]\n"
    )
    return params


def with_people(records: pd.DataFrame, people: np.ndarray) -> pd.DataFrame:
    """The records with so many new beneficiaries each, their groups in proportion; sums of groups stay whole."""
    new = pd.to_numeric(records[NEW], errors="coerce").fillna(0).to_numpy(np.int64)
    factors = np.divide(people, new, out=np.zeros(len(records)), where=new > 0)
    texts = {}
    for columns in map(list, ADDED_UP):
        numbers = records[columns].apply(pd.to_numeric, errors="coerce").fillna(0).to_numpy(np.int64)
        scaled = np.floor(numbers.cumsum(axis=1) * factors[:, None] + 0.5).astype(np.int64)
        parts = np.diff(scaled, axis=1, prepend=0)
        texts |= {column: part.astype("str") for column, part in zip(columns, parts.T, strict=True)}
    return records.assign(**texts)
