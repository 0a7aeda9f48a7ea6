"""The cells of a file's columns as values: what each kind of column can hold, and which cells cannot be used."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.coded import Codes, Column, smallest
from rmrp_analysis.loaders.gathered import categories
from rmrp_analysis.loaders.header import ERROR
from rmrp_analysis.loaders.notation import COMMA, NO_NUMBER, Number, TwoWays, months, notation_of, number, of_digits
from rmrp_analysis.printable import printable
from rmrp_analysis.sources import Reading
from rmrp_analysis.vocabulary import (
    ALL,
    ANSWER_SPELLINGS,
    COUNTRY_SPELLINGS,
    MEASURES,
    PLATFORM_SPELLINGS,
    POPULATION_GROUP_SPELLINGS,
    SECTOR_SPELLINGS,
    fold,
)

Spellings = Mapping[str, str]
About = Mapping[str, Any]
"""What is declared of a column; see ``tables.source_columns``."""

NO_VALUE = frozenset({"na", "-"})
"""What stands for an empty cell, folded: R writes ``NA``, accountants a dash. ``n/a`` leaves open what is not known."""

SPELLINGS_BY_KIND: Mapping[str, Spellings] = {
    "yes_no": ANSWER_SPELLINGS,
    "sector": SECTOR_SPELLINGS,
    "country": COUNTRY_SPELLINGS,
    # Where a platform is one country, its name means the platform.
    "scope": {fold(name): name for name in (ALL, *MEASURES)}
    | COUNTRY_SPELLINGS
    | POPULATION_GROUP_SPELLINGS
    | PLATFORM_SPELLINGS,
}


@dataclass(frozen=True)
class Texts:
    """The cells of a column: its different texts in the order of the rows, and which of them stands in each row.

    ``typed`` are the texts that the file itself holds as numbers with decimals; the same text may stand there twice.
    """

    codes: Codes
    texts: Sequence[str]
    typed: Codes

    @classmethod
    def of(cls, cells: pd.Series, as_numbers: Collection[int] = ()) -> "Texts":
        """The cells of a column; ``as_numbers`` are the lines of those that the file holds as numbers."""
        column = cells.array if isinstance(cells.array, pd.Categorical) else categories(cells.to_list())
        codes, texts = column.codes, column.categories.to_list()
        if not len(as_numbers):
            return cls(codes, texts, np.zeros(len(texts), dtype="bool"))
        both = codes.astype("int64") * 2 + cells.index.isin(as_numbers)
        codes, kinds = pd.factorize(both)
        return cls(smallest(codes, len(kinds)), [texts[kind // 2] for kind in kinds], kinds % 2 == 1)

    def with_texts(self, change: Callable[[str], str]) -> "Texts":
        """The column with each text changed."""
        return replace(self, texts=[change(text) for text in self.texts])


@dataclass(frozen=True)
class Parsed:
    """A column's cells as values, which of its values cannot be used, and why it reads two ways, where it does."""

    column: Column
    bad: Codes
    two_ways: TwoWays | None = None

    def bad_rows(self) -> Codes:
        """The numbers of the rows whose cell cannot be used."""
        return np.flatnonzero(self.bad.take(self.column.codes)) if self.bad.any() else np.empty(0, dtype="int64")


@dataclass(frozen=True)
class FileColumns:
    """The columns of one file as they are read: each different text once, however many rows repeat it.

    ``texts`` are the cells of each column of ours, ``about`` says what the column can hold. ``mended`` counts the
    cells, by column, from which something had to be taken out.
    """

    texts: Mapping[str, Texts]
    about: Mapping[str, About]
    year: int
    reading: Reading = Reading()  # noqa: RUF009 - frozen
    indicator_types: Spellings = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)

    def parsed(self) -> Iterator[tuple[str, Parsed]]:
        """Each column by name."""
        cells = {name: self._without_marks(name) for name in self.about}
        numbers = {name: self._numbers(name, cells[name]) for name in self.about if self._kind(name) == "number"}
        shown = {name: {cell.notation for cell in cells.values()} - {""} for name, cells in numbers.items()}
        for name, about in self.about.items():
            column, two_ways = cells[name], None
            values: Any
            empty = np.array([text == "" for text in column.texts], dtype="bool")
            if name in numbers:
                others = set().union(*(notations for other, notations in shown.items() if other != name))
                elsewhere = others.pop() if len(others) == 1 else ""
                values, two_ways = self._number_values(name, column, numbers[name], elsewhere)
            elif about["kind"] == "text":
                values = pd.array(self._printable(name, column), dtype="string[pyarrow]")
            else:
                meanings, two_ways = self._meanings(about["kind"], column.texts)
                values = pd.array([meanings[text] for text in column.texts], dtype="string[pyarrow]")
            bad = pd.isna(values) & ~empty
            if about["allowed"]:
                allowed = frozenset(about["allowed"])
                bad |= np.array([value not in allowed for value in values], dtype="bool") & ~empty
            yield name, Parsed(Column(column.codes, values), bad if about["may_be_empty"] else bad | empty, two_ways)

    def _kind(self, name: str) -> str:
        return str(self.about[name]["kind"])

    def _without_marks(self, name: str) -> Texts:
        """The cells of a column, empty where they hold a mark for no value."""
        if self._kind(name) == "text":
            return self.texts[name].with_texts(lambda text: "" if text in ("NA", ERROR) else text)
        return self.texts[name].with_texts(lambda text: "" if not text.isdecimal() and fold(text) in NO_VALUE else text)

    def _numbers(self, name: str, column: Texts) -> dict[str, Number]:
        """The different cells of a column that are written as text, with their two readings; none if all are digits."""
        unit = _unit(self.about[name])
        written = [text for text, typed in zip(column.texts, column.typed.tolist(), strict=True) if text and not typed]
        return {} if all(map(of_digits, written)) else {text: number(text, unit) for text in written}

    def _number_values(
        self, name: str, column: Texts, cells: Mapping[str, Number], elsewhere: str
    ) -> tuple[Codes, TwoWays | None]:
        two_ways, notation = None, str(self.reading.numbers)
        try:
            notation = notation or notation_of(cells, unit=_unit(self.about[name]), elsewhere=elsewhere)
        except TwoWays as problem:
            two_ways, unsure = problem, set(problem.cells)
            cells = {text: NO_NUMBER if text in unsure else cell for text, cell in cells.items()}
        read = {text: cell.comma if notation == COMMA else cell.point for text, cell in cells.items()}
        texts = column.texts
        values = np.array([float(text) if of_digits(text) else read.get(text) for text in texts], dtype="float64")
        if column.typed.any():
            stored = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy("float64")
            values = np.where(column.typed, stored, values)
        return np.where(np.isinf(values), np.nan, values), two_ways

    def _printable(self, name: str, column: Texts) -> Sequence[str]:
        """Texts without what cannot be printed, none longer than its column allows; ``mended`` counts the cells."""
        clean = [printable(text, self.about[name]["longest"]) for text in column.texts]
        changed = np.array([one != other for one, other in zip(clean, column.texts, strict=True)], dtype="bool")
        if changed.any():
            self.mended[name] = int(changed.take(column.codes).sum())
        return clean

    def _meanings(self, kind: str, texts: Sequence[str]) -> tuple[dict[str, str | None], TwoWays | None]:
        if kind == "month":
            try:
                return months(texts, year=self.year, order=self.reading.dates), None
            except TwoWays as problem:
                sure = months([text for text in texts if text not in problem.cells], year=self.year)
                return dict.fromkeys(problem.cells) | sure, problem
        spellings = SPELLINGS_BY_KIND.get(kind) or {fold(text): name for text, name in self.indicator_types.items()}
        return {text: spellings.get(fold(text)) for text in texts}, None


def most_people(texts: pd.Series) -> pd.Series:
    """The most people that each cell may mean, its marks taken for thousands; 0 where empty, NaN where no number."""
    cells = {text: number(text, "people") for text in texts.unique()}
    most = {text: max(cell.point or 0.0, cell.comma or 0.0) for text, cell in cells.items() if cell != NO_NUMBER}
    return texts.map(most | {text: 0.0 for text in cells if not text or fold(text) in NO_VALUE}).astype("float64")


def _unit(about: About) -> str:
    return str(about["unit"]).partition(",")[0]
