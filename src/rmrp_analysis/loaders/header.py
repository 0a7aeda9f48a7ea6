"""The row of a table that names its columns."""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import chain
from pathlib import Path

import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.tables import Table
from rmrp_analysis.vocabulary import fold

_SPANISH_WORD_PATTERN = re.compile(r"\b(de|del|la|en|mes|nombre|socio|nuevos|valor|cantidad|retornados|pendulares)\b")
"""Words that stand in Spanish headers alone."""
_COPY_NUMBER_PATTERN = re.compile(r" \(\d+\)$")
"""The number that ``loaders.texts`` puts behind a repeated header."""
MAX_NEAREST_HEADERS, MIN_HEADER_LIKENESS, MIN_LIKENESS_TO_SUGGEST = 5, 0.4, 0.6
"""The most headers named as the nearest, their least likeness, and the least likeness of a header that may be meant."""


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Return a header as it is compared: ``Value of Transfer (in USD)`` has one key, as typed or as R changes it."""
    return " ".join(re.findall(r"[0-9a-z]+", fold(header)))


def header_fit(row: Sequence[str], table: Table) -> float:
    """Return the share of the required columns of ``table`` that a row names."""
    keys = set(map(header_key, row))
    needed = [column.headers for column in table.source_columns.values() if not column.optional]
    return sum(not keys.isdisjoint(map(header_key, headers)) for headers in needed) / len(needed)


def match_headers(
    cells: pd.DataFrame,
    table: Table,
    path: Path,
    *,
    sheet: str = "",
    not_reported: Collection[str] = (),
    expected: Collection[str] = (),
) -> dict[str, pd.Series]:
    """Return the file's column for each column of ``table``. Absent optional columns are left out.

    If a file has several headers of a column, the one listed first is read, or a longer one that begins with it:
    ``indicator`` refers to a record, and ``indicator.indicator_simplified`` is its text. ``not_reported`` are columns
    that the plan year's layout does not have. A column in ``expected`` may be absent, but not have another name. Raises
    ``InputRefused`` that names every missing column, in the file's language, and the header that may be meant. It is
    also raised if columns under the same header differ.
    """
    headers = list(map(str, cells.columns))
    by_key = {header_key(header): header for header in reversed(headers)}
    columns: dict[str, pd.Series] = {}
    missing = []
    for name, column in table.source_columns.items():
        keys = list(filter(by_key.__contains__, map(header_key, column.headers)))
        if keys:
            variants = [key for key in keys if f"{key} ".startswith(f"{keys[0]} ")]
            columns[name] = cells[by_key[max(variants, key=len)]]
        elif not column.optional and name not in not_reported:
            missing.append(column.headers[:-1] or column.headers)
    matched = [str(column.name) for column in columns.values()]
    unmatched = [header for header in headers if header not in matched]
    missing += [
        column.headers[:-1]
        for name, column in table.source_columns.items()
        if name in expected
        and name not in {*columns, *not_reported}
        and any(likeness >= MIN_LIKENESS_TO_SUGGEST for likeness, _, _ in _near_pairs(unmatched, column.headers))
    ]
    for header, content in zip(matched, columns.values(), strict=True):
        key = header_key(header)
        copies = [copy for copy in headers if copy != header and header_key(_COPY_NUMBER_PATTERN.sub("", copy)) == key]
        if any((cells[copy].astype("str") != content.astype("str")).any() for copy in copies):
            several = f"{len(copies) + 1} columns that differ"
            raise InputRefused(f"{path}: the header `{header}` stands over {several}; keep the one to read")
    if missing:
        location = f"{path}, sheet '{sheet}'" if sheet else str(path)
        raise InputRefused(_columns_missing(location, missing, matched, unmatched))
    return columns


def _columns_missing(
    location: str, missing: Sequence[Sequence[str]], headers_used: Sequence[str], headers_unused: Sequence[str]
) -> str:
    """Return the message on missing columns, in the language of the headers, with the nearest headers."""
    is_spanish = in_spanish(headers_used)
    names = [next((name for name in options if looks_spanish(name) == is_spanish), options[0]) for options in missing]
    similar = sorted(_near_pairs(headers_unused, [*chain.from_iterable(missing)]), reverse=True)
    matches: dict[str, str] = {}
    for likeness, header, match in similar:
        if likeness >= MIN_LIKENESS_TO_SUGGEST and header not in matches and match not in matches.values():
            matches[header] = match
    nearest = [header for _, header, _ in similar if header not in matches]
    word = "the column is missing" if len(missing) == 1 else "columns are missing"
    parts = [f"{location}: {word}: {', '.join(f'`{name}`' for name in names)}"]
    parts += [f"`{header}`: did you mean `{match}`?" for header, match in matches.items()]
    if nearest and len(matches) < len(missing):
        parts.append(f"the nearest headers: {', '.join(list(dict.fromkeys(nearest))[:MAX_NEAREST_HEADERS])}")
    return "; ".join(parts)


def _near_pairs(headers: Collection[str], known_headers: Collection[str]) -> Iterator[tuple[float, str, str]]:
    """Compare headers with known ones. Yield (likeness, header, known header) of each similar pair.

    Likeness goes from ``MIN_HEADER_LIKENESS`` to 1. The order of the words does not matter.
    """
    keys = {header: " ".join(sorted(header_key(header).split())) for header in headers}
    for target in known_headers:
        matcher = SequenceMatcher(None, b=" ".join(sorted(header_key(target).split())))
        for header, words in keys.items():
            matcher.set_seq1(words)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < MIN_HEADER_LIKENESS:
                continue
            if (likeness := matcher.ratio()) >= MIN_HEADER_LIKENESS:
                yield likeness, header, target


def looks_spanish(header: str) -> bool:
    """Return whether a header is written in Spanish, judged by its words."""
    return not header.isascii() or bool(_SPANISH_WORD_PATTERN.search(header.lower()))


def in_spanish(headers: Collection[str]) -> bool:
    """Return whether most headers are written in Spanish."""
    return sum(map(looks_spanish, headers)) > len(headers) / 2
