"""Sharing whole numbers by weight so that the parts add up exactly, on any machine."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def shared(total: int, weights: Integers) -> Integers:
    """``total`` in whole parts by ``weights``; each is within one of its exact share. No weight, no part."""
    groups = np.zeros(len(weights), dtype=np.int64)
    return shared_within(np.array([total], dtype=np.int64), weights, groups)


def shared_within(totals: Integers, weights: Integers, groups: Integers, offsets: Integers | None = None) -> Integers:
    """``totals[g]`` shared over the rows of group ``g`` by ``weights``; ``groups`` must be sorted.

    Cumulative rounding: a part is the difference of two rounded running totals, so the parts of a group add up to
    its total, and equal its weights where those add up to the total. ``offsets[g]`` below the group's weight moves
    the rounding; the default rounds half up. A group without weight gets nothing.
    """
    weight_sums = np.bincount(groups, weights, minlength=len(totals)).astype(np.int64)
    divisors = np.maximum(weight_sums, 1)
    rounding = divisors // 2 if offsets is None else offsets
    running = np.cumsum(weights) - (np.cumsum(weight_sums) - weight_sums)[groups]
    upper = (totals[groups] * running + rounding[groups]) // divisors[groups]
    lower = (totals[groups] * (running - weights) + rounding[groups]) // divisors[groups]
    return (upper - lower).astype(np.int64)


def split_rows(totals: Integers, weights: Integers, rng: np.random.RandomState) -> Integers:
    """Each row's total split over the columns of ``weights`` (a row per row), unbiased by a random rounding."""
    rows, columns = weights.shape
    groups = np.repeat(np.arange(rows), columns)
    weight_sums = np.maximum(weights.sum(axis=1), 1)
    offsets = np.floor(rng.random_sample(rows) * weight_sums).astype(np.int64)
    return shared_within(totals, weights.ravel(), groups, offsets).reshape(rows, columns)


def dealt(row_totals: Integers, column_totals: Integers) -> Integers:
    """A table of whole numbers with exactly these row and column totals (whose sums must be equal)."""
    left = row_totals.copy()
    columns = []
    for column_total in column_totals:
        column = shared(int(column_total), left)
        columns.append(column)
        left = left - column
    return np.stack(columns, axis=1)


def picked(rng: np.random.RandomState, weights: Integers, size: int) -> Integers:
    """``size`` positions of ``weights``, drawn with replacement in proportion to them."""
    running = np.cumsum(weights)
    drawn = np.floor(rng.random_sample(size) * running[-1]).astype(np.int64)
    return np.asarray(np.searchsorted(running, drawn, side="right"), dtype=np.int64)


def heavy_tailed(rng: np.random.RandomState, sigma: float | npt.NDArray[np.float64], size: int) -> Integers:
    """Lognormal weights as whole numbers from 1 to a million, with a median of 1,000."""
    weights = np.rint(1000 * np.exp(rng.normal(0.0, sigma, size)))
    return np.asarray(np.clip(weights, 1, 1_000_000), dtype=np.int64)
