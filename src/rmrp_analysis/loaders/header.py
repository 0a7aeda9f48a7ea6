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
    row_header_keys = set(map(header_key, row))
    headers_of_needed_columns = [
        declared_column.headers for declared_column in table.source_columns.values() if not declared_column.optional
    ]
    return sum(
        not row_header_keys.isdisjoint(map(header_key, column_headers)) for column_headers in headers_of_needed_columns
    ) / len(headers_of_needed_columns)


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
    file_headers = list(map(str, cells.columns))
    header_by_key = {header_key(header): header for header in reversed(file_headers)}
    column_series_by_name: dict[str, pd.Series] = {}
    headers_of_missing_columns = []
    for column_name, column_declaration in table.source_columns.items():
        known_header_keys = list(filter(header_by_key.__contains__, map(header_key, column_declaration.headers)))
        if known_header_keys:
            longer_header_keys = [
                normalised_header
                for normalised_header in known_header_keys
                if f"{normalised_header} ".startswith(f"{known_header_keys[0]} ")
            ]
            column_series_by_name[column_name] = cells[header_by_key[max(longer_header_keys, key=len)]]
        elif not column_declaration.optional and column_name not in not_reported:
            headers_of_missing_columns.append(column_declaration.headers[:-1] or column_declaration.headers)
    used_headers = [str(file_column_series.name) for file_column_series in column_series_by_name.values()]
    unused_headers = [header for header in file_headers if header not in used_headers]
    headers_of_missing_columns += [
        column_declaration.headers[:-1]
        for column_name, column_declaration in table.source_columns.items()
        if column_name in expected
        and column_name not in {*column_series_by_name, *not_reported}
        and any(
            likeness >= MIN_LIKENESS_TO_SUGGEST
            for likeness, _, _ in _near_pairs(unused_headers, column_declaration.headers)
        )
    ]
    for header, used_column_series in zip(used_headers, column_series_by_name.values(), strict=True):
        normalised_header = header_key(header)
        repeats = [
            file_header
            for file_header in file_headers
            if file_header != header and header_key(_COPY_NUMBER_PATTERN.sub("", file_header)) == normalised_header
        ]
        if any((cells[file_header].astype("str") != used_column_series.astype("str")).any() for file_header in repeats):
            columns = f"{len(repeats) + 1} columns that differ"
            raise InputRefused(f"{path}: the header `{header}` stands over {columns}; keep the one to read")
    if headers_of_missing_columns:
        location = f"{path}, sheet '{sheet}'" if sheet else str(path)
        raise InputRefused(_columns_missing(location, headers_of_missing_columns, used_headers, unused_headers))
    return column_series_by_name


def _columns_missing(
    location: str, missing: Sequence[Sequence[str]], headers_used: Sequence[str], headers_unused: Sequence[str]
) -> str:
    """Return the message on columns that a file lacks, in the language of its headers, with its nearest headers."""
    is_spanish = in_spanish(headers_used)
    missing_header_names = [
        next(
            (header_name for header_name in header_spellings if looks_spanish(header_name) == is_spanish),
            header_spellings[0],
        )
        for header_spellings in missing
    ]
    near_header_triples = sorted(
        _near_pairs(headers_unused, [header_name for header_spellings in missing for header_name in header_spellings]),
        reverse=True,
    )
    suggestion_by_header: dict[str, str] = {}
    for likeness, header, known_header in near_header_triples:
        if (
            likeness >= MIN_LIKENESS_TO_SUGGEST
            and header not in suggestion_by_header
            and known_header not in suggestion_by_header.values()
        ):
            suggestion_by_header[header] = known_header
    nearest_headers = [header for _, header, _ in near_header_triples if header not in suggestion_by_header]
    word = "the column is missing" if len(missing) == 1 else "columns are missing"
    message_parts = [f"{location}: {word}: {', '.join(f'`{header_name}`' for header_name in missing_header_names)}"]
    message_parts += [
        f"`{header}`: did you mean `{known_header}`?" for header, known_header in suggestion_by_header.items()
    ]
    if nearest_headers and len(suggestion_by_header) < len(missing):
        message_parts.append(
            f"the nearest headers: {', '.join(list(dict.fromkeys(nearest_headers))[:MAX_NEAREST_HEADERS])}"
        )
    return "; ".join(message_parts)


def _near_pairs(headers: Collection[str], known_headers: Collection[str]) -> Iterator[tuple[float, str, str]]:
    """Compare headers with those that are known; yield (likeness, header, known header) of pairs at all alike.

    Likeness goes from 0 to 1, here from ``MIN_HEADER_LIKENESS``; the order of the words does not matter.
    """
    sorted_text_by_header = {header: " ".join(sorted(header_key(header).split())) for header in headers}
    for known_header in known_headers:
        header_matcher = SequenceMatcher(None, b=" ".join(sorted(header_key(known_header).split())))
        for header, sorted_words_text in sorted_text_by_header.items():
            header_matcher.set_seq1(sorted_words_text)
            if min(header_matcher.real_quick_ratio(), header_matcher.quick_ratio()) < MIN_HEADER_LIKENESS:
                continue
            if (likeness := header_matcher.ratio()) >= MIN_HEADER_LIKENESS:
                yield likeness, header, known_header


def looks_spanish(header: str) -> bool:
    """Return whether a header is written in Spanish, as far as its words show."""
    return not header.isascii() or bool(_SPANISH_WORD_PATTERN.search(header.lower()))


def in_spanish(headers: Collection[str]) -> bool:
    """Return whether most headers are written in Spanish."""
    return sum(map(looks_spanish, headers)) > len(headers) / 2
