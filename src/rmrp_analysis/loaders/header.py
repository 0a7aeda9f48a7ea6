"""The row of a table that names its columns."""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
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
"""How many headers are named as the nearest; from which likeness on they are, and from which on one may be meant."""


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Return a header as it is compared: ``Value of Transfer (in USD)``, as typed or as R mangles it, is one key."""
    return " ".join(re.findall(r"[0-9a-z]+", fold(header)))


def header_fit(row: Sequence[str], table: Table) -> float:
    """Return the share of the columns that a file of ``table`` must have which a row names."""
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
    """Return the file's column for each column of ``table``; one that may be absent and is, is left out.

    Where a file has several headers of a column, the one listed first is read, or the one that says more of the same:
    ``indicator`` refers to a record, and ``indicator.indicator_simplified`` is its text. ``not_reported`` are columns
    that the plan year's layout does not have; one of the ``expected`` may be absent, but not stand under another name.
    Raises ``InputRefused`` that names every column missing, in the file's language, and the header that may be meant;
    also where one header stands over columns that differ.
    """
    headers = list(map(str, cells.columns))
    by_key = {header_key(header): header for header in reversed(headers)}
    columns_found: dict[str, pd.Series] = {}
    headers_of_missing_columns = []
    for name, column in table.source_columns.items():
        keys = list(filter(by_key.__contains__, map(header_key, column.headers)))
        if keys:
            same = [key for key in keys if f"{key} ".startswith(f"{keys[0]} ")]
            columns_found[name] = cells[by_key[max(same, key=len)]]
        elif not column.optional and name not in not_reported:
            headers_of_missing_columns.append(column.headers[:-1] or column.headers)
    used_headers = [str(cells_of.name) for cells_of in columns_found.values()]
    unused_headers = [header for header in headers if header not in used_headers]
    headers_of_missing_columns += [
        column.headers[:-1]
        for name, column in table.source_columns.items()
        if name in expected
        and name not in {*columns_found, *not_reported}
        and any(likeness >= MIN_LIKENESS_TO_SUGGEST for likeness, _, _ in _near_pairs(unused_headers, column.headers))
    ]
    for header, cells_used in zip(used_headers, columns_found.values(), strict=True):
        key = header_key(header)
        again = [
            other for other in headers if other != header and header_key(_COPY_NUMBER_PATTERN.sub("", other)) == key
        ]
        if any((cells[other].astype("str") != cells_used.astype("str")).any() for other in again):
            columns = f"{len(again) + 1} columns that differ"
            raise InputRefused(f"{path}: the header `{header}` stands over {columns}; keep the one to read")
    if headers_of_missing_columns:
        location = f"{path}, sheet '{sheet}'" if sheet else str(path)
        raise InputRefused(_columns_missing(location, headers_of_missing_columns, used_headers, unused_headers))
    return columns_found


def _columns_missing(
    location: str, missing: Sequence[Sequence[str]], headers_used: Sequence[str], headers_unused: Sequence[str]
) -> str:
    """Return the message on columns that a file lacks, in the language of its headers, with its nearest headers."""
    spanish = in_spanish(headers_used)
    names_missing = [next((name for name in names if looks_spanish(name) == spanish), names[0]) for names in missing]
    similar = sorted(_near_pairs(headers_unused, [name for names in missing for name in names]), reverse=True)
    suggestions: dict[str, str] = {}
    for likeness, header, known_header in similar:
        if (
            likeness >= MIN_LIKENESS_TO_SUGGEST
            and header not in suggestions
            and known_header not in suggestions.values()
        ):
            suggestions[header] = known_header
    nearest = [header for _, header, _ in similar if header not in suggestions]
    word = "the column is missing" if len(missing) == 1 else "columns are missing"
    parts = [f"{location}: {word}: {', '.join(f'`{name}`' for name in names_missing)}"]
    parts += [f"`{header}`: did you mean `{known_header}`?" for header, known_header in suggestions.items()]
    if nearest and len(suggestions) < len(missing):
        parts.append(f"the nearest headers: {', '.join(list(dict.fromkeys(nearest))[:MAX_NEAREST_HEADERS])}")
    return "; ".join(parts)


def _near_pairs(headers: Collection[str], known_headers: Collection[str]) -> Iterator[tuple[float, str, str]]:
    """Compare headers with those that are known; yield (likeness, header, known header) of pairs at all alike.

    Likeness goes from 0 to 1, here from ``MIN_HEADER_LIKENESS``; the order of the words does not matter.
    """
    sorted_words = {header: " ".join(sorted(header_key(header).split())) for header in headers}
    for known_header in known_headers:
        matcher = SequenceMatcher(None, b=" ".join(sorted(header_key(known_header).split())))
        for header, words in sorted_words.items():
            matcher.set_seq1(words)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < MIN_HEADER_LIKENESS:
                continue
            if (likeness := matcher.ratio()) >= MIN_HEADER_LIKENESS:
                yield likeness, header, known_header


def looks_spanish(header: str) -> bool:
    """Return whether a header is written in Spanish, as far as its words show."""
    return not header.isascii() or bool(_SPANISH_WORD_PATTERN.search(header.lower()))


def in_spanish(headers: Collection[str]) -> bool:
    """Return whether most headers are written in Spanish."""
    return sum(map(looks_spanish, headers)) > len(headers) / 2
