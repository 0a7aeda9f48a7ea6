"""The cells of a file's columns as values: what each kind of column can hold, and which cells cannot be used."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis.loaders.header import ERROR
from rmrp_analysis.loaders.notation import COMMA, NO_NUMBER, Number, TwoWays, months, notation_of, number
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
class Parsed:
    """A column's cells as values, which of them cannot be used, and why it reads two ways, where it does."""

    cells: pd.Series
    bad: pd.Series
    two_ways: TwoWays | None = None


@dataclass(frozen=True)
class FileColumns:
    """The columns of one file as they are read.

    ``texts`` are the cells of each column of ours, ``about`` says what the column can hold. ``as_numbers`` are the
    lines of cells, by column, that the file itself holds as numbers with decimals: their notation is no question.
    ``mended`` counts the texts, by column, from which something had to be taken out.
    """

    texts: Mapping[str, pd.Series]
    about: Mapping[str, About]
    year: int
    reading: Reading = Reading()  # noqa: RUF009 - frozen
    indicator_types: Spellings = field(default_factory=dict)
    as_numbers: Mapping[str, Collection[int]] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)

    def parsed(self) -> Iterator[tuple[str, Parsed]]:
        """Each column by name."""
        numbers = {name: self._numbers(name) for name, about in self.about.items() if about["kind"] == "number"}
        shown = {name: {cell.notation for cell in cells.values()} - {""} for name, cells in numbers.items()}
        for name, about in self.about.items():
            texts = self._without_marks(name)
            empty = texts == ""
            two_ways = None
            values: pd.Series
            if name in numbers:
                others = set().union(*(notations for other, notations in shown.items() if other != name))
                elsewhere = others.pop() if len(others) == 1 else ""
                values, two_ways = self._number_values(name, texts, numbers[name], elsewhere)
            elif about["kind"] == "text":
                values = self._printable(name, texts).astype("string[pyarrow]")
            else:  # each different text is translated once, however many rows repeat it
                meanings, two_ways = self._meanings(about["kind"], texts.unique())
                values = texts.map(meanings).astype("string[pyarrow]")
            bad = values.isna() & ~empty
            if about["allowed"]:
                bad |= ~values.isin(about["allowed"]) & ~empty
            yield name, Parsed(values, bad if about["may_be_empty"] else bad | empty, two_ways)

    def _without_marks(self, name: str) -> pd.Series:
        """The cells of a column, empty where they hold a mark for no value."""
        texts = self.texts[name]
        if self.about[name]["kind"] == "text":
            return texts.mask(texts.isin(["NA", ERROR]), "")
        marks = [text for text in texts.unique() if fold(text) in NO_VALUE]
        return texts.mask(texts.isin(marks), "") if marks else texts

    def _numbers(self, name: str) -> dict[str, Number]:
        """The different cells of a column that are written as text, with their two readings."""
        texts = self._without_marks(name)
        written = texts[~texts.index.isin(self.as_numbers[name])] if name in self.as_numbers else texts
        unit = _unit(self.about[name])
        return {text: number(text, unit) for text in written.unique() if text}

    def _number_values(
        self, name: str, texts: pd.Series, cells: Mapping[str, Number], elsewhere: str
    ) -> tuple[pd.Series, TwoWays | None]:
        two_ways, notation = None, str(self.reading.numbers)
        try:
            notation = notation or notation_of(cells, unit=_unit(self.about[name]), elsewhere=elsewhere)
        except TwoWays as problem:
            two_ways, unsure = problem, set(problem.cells)
            cells = {text: NO_NUMBER if text in unsure else cell for text, cell in cells.items()}
        read = {text: cell.comma if notation == COMMA else cell.point for text, cell in cells.items()}
        values = texts.map(read).astype("float64")
        if name in self.as_numbers:
            typed = texts.index.isin(self.as_numbers[name])
            values = values.mask(typed, pd.to_numeric(texts.where(typed), errors="coerce"))
        return values.replace([np.inf, -np.inf], np.nan), two_ways

    def _printable(self, name: str, texts: pd.Series) -> pd.Series:
        """Texts without what cannot be printed, none longer than its column allows; ``mended`` counts the cells."""
        changed = {
            text: clean for text in texts.unique() if (clean := printable(text, self.about[name]["longest"])) != text
        }
        if not changed:
            return texts
        self.mended[name] = int(texts.isin(list(changed)).sum())
        return texts.map(lambda text: changed.get(text, text))

    def _meanings(self, kind: str, texts: Any) -> tuple[dict[str, str | None], TwoWays | None]:
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
