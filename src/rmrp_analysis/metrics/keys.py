"""Rounding keys: they decide whether a count of people is rounded up or down.

A row's key is a hash of its content and a secret. Keys are added up (modulo 2^64) with the people, so the same people
have the same key wherever they are counted.
"""

import base64
import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

Keys = npt.NDArray[np.uint64]

COLUMNS_WITHOUT_CONTENT = ("source_file", "source_line", "rows")
"""Columns that keys do not depend on: files may be sorted or split, and a row may stand for several reports."""


@dataclass(frozen=True)
class Secret:
    """What the keys of rows follow from, and whether it is the project's ``own``; its text is shown nowhere."""

    text: str = field(default="", repr=False)
    own: bool = True


def row_keys(activities: pd.DataFrame, secret: str) -> pd.Series:
    """Return a key (uint64) for each row: a hash of its cells and of a secret.

    A cell is hashed with the name of its column; numbers as pandas prints them. File, line, empty cells and the order
    of rows and columns do not matter. Rows of the same content have the same key; the sum of their keys is as random.

    >>> rows = pd.DataFrame({"country": ["Peru", "Chile", "Peru"], "new": [3.0, 4.0, 3.0], "source_line": [2, 3, 4]})
    >>> keys = row_keys(rows, "a secret of the project")
    >>> str(keys.dtype), bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    ('uint64', True, False)
    """
    hash_key = base64.b64encode(hashlib.sha256(secret.encode()).digest()[:12]).decode()  # SipHash takes 16 bytes
    keys = np.zeros(len(activities), dtype=np.uint64)
    for name in activities.columns.difference(list(COLUMNS_WITHOUT_CONTENT)):
        codes, contents = pd.factorize(activities[name], use_na_sentinel=True)
        texts = pd.Index(contents).astype("str")
        cells = (name + "\x1f" + texts).to_numpy(dtype=object)
        hashes = pd.util.hash_array(cells, hash_key=hash_key, categorize=False)
        hashes[texts == ""] = 0
        keys += np.append(hashes, np.uint64(0))[codes]  # what is missing has the code -1
    return pd.Series(_scramble(keys), index=activities.index, name="key")


def mix_keys(keys: pd.Series, name: str) -> pd.Series:
    """Return other keys for a part of the same people, such as an age group, by its name.

    >>> keys = pd.Series([7, 7], dtype="uint64")
    >>> women, girls = mix_keys(keys, "women"), mix_keys(keys, "girls")
    >>> bool(women[0] == women[1]), bool(women[0] == girls[0])
    (True, False)
    """
    name_hash = np.frombuffer(hashlib.sha256(name.encode()).digest()[:8], dtype=np.uint64)
    return pd.Series(_scramble(keys.to_numpy("uint64") ^ name_hash), keys.index)


def _scramble(keys: Keys) -> Keys:
    """Mix the bits of keys (SplitMix64), so that sums of keys say nothing of each other."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
