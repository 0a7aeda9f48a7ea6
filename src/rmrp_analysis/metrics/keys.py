"""Keys: what decides which way a count of people is rounded, from the content of the rows behind it and a secret.

Keys are added up (modulo 2^64) with the people, so the same people have the same key wherever they are counted.
"""

import base64
import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

Keys = npt.NDArray[np.uint64]

NO_CONTENT = ("source_file", "source_line", "rows")
"""Where a row stands is no part of its content: files may be sorted or split; nor how many reports it stands for."""


@dataclass(frozen=True)
class Secret:
    """What the keys of rows follow from, and whether it is the project's ``own``; its text is shown nowhere."""

    text: str = field(default="", repr=False)
    own: bool = True


def row_keys(activities: pd.DataFrame, secret: str) -> pd.Series:
    """Give each row a key that follows from what its producer sent, and from a secret.

    Columns are known by name and numbers as pandas prints them; where a row stands, what is empty, and the order of
    rows and columns do not matter. Rows of the same content have the same key: their people are told apart by nobody,
    and the sum of their keys is no less random.

    >>> rows = pd.DataFrame({"country": ["Peru", "Chile", "Peru"], "new": [3.0, 4.0, 3.0], "source_line": [2, 3, 4]})
    >>> keys = row_keys(rows, "a secret of the project")
    >>> str(keys.dtype), bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    ('uint64', True, False)
    """
    hash_key = base64.b64encode(hashlib.sha256(secret.encode()).digest()[:12]).decode()  # SipHash takes 16 bytes
    keys = np.zeros(len(activities), dtype=np.uint64)
    for name in activities.columns.difference(list(NO_CONTENT)):
        codes, contents = pd.factorize(activities[name], use_na_sentinel=True)
        texts = pd.Index(contents).astype("str")
        cells = (name + "\x1f" + texts).to_numpy(dtype=object)
        hashes = pd.util.hash_array(cells, hash_key=hash_key, categorize=False)
        hashes[texts == ""] = 0
        keys += np.append(hashes, np.uint64(0))[codes]  # what is missing has the code -1
    return pd.Series(_scrambled(keys), index=activities.index, name="key")


def mixed(keys: pd.Series, name: str) -> pd.Series:
    """Give keys for the part of people that a name stands for, such as an age group: other keys than those of all.

    >>> keys = pd.Series([7, 7], dtype="uint64")
    >>> women, girls = mixed(keys, "women"), mixed(keys, "girls")
    >>> bool(women[0] == women[1]), bool(women[0] == girls[0])
    (True, False)
    """
    of_name = np.frombuffer(hashlib.sha256(name.encode()).digest()[:8], dtype=np.uint64)
    return pd.Series(_scrambled(keys.to_numpy("uint64") ^ of_name), keys.index)


def _scrambled(keys: Keys) -> Keys:
    """Keys in which every bit depends on every bit (SplitMix64), so that sums of keys tell nothing of each other."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
