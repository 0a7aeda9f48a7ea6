"""The least loss that a solver finds is that of trying every choice."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import pytest

from disclosure_attack import Equation, Program, Quantity
from disclosure_optimum import least_loss

ROWS, COLUMNS = ("Peru", "Chile", "Brazil"), ("2021-01", "2021-02", "2021-03")


def table(*numbers: tuple[int, ...]) -> tuple[dict[Quantity, float], list[Equation]]:
    """Counts by place and month with all their sums, and the equations that make them."""
    truth: dict[Quantity, float] = {}
    for place, row in zip(ROWS, numbers, strict=False):
        truth |= {Quantity("Health", place, "month", month): n for month, n in zip(COLUMNS, row, strict=False)}
    places, months = ROWS[: len(numbers)], COLUMNS[: len(numbers[0])]
    equations = []
    for place in places:
        parts = [Quantity("Health", place, "month", month) for month in months]
        equations.append(sums(truth, parts, Quantity("Health", place)))
    for month in months:
        parts = [Quantity("Health", place, "month", month) for place in places]
        equations.append(sums(truth, parts, Quantity("Health", "region", "month", month)))
    return truth, equations


def sums(truth: dict[Quantity, float], parts: list[Quantity], whole: Quantity) -> Equation:
    truth[whole] = sum(truth[part] for part in parts)
    return Equation(str(whole), {whole: -1.0, **dict.fromkeys(parts, 1.0)})


def least_by_trying(truth: Mapping[Quantity, float], equations: list[Equation], threshold: int) -> float:
    """The least loss of all choices that protect every small count."""
    small = [quantity for quantity, people in truth.items() if 0 < people < threshold]
    others = [quantity for quantity, people in truth.items() if people >= threshold]

    def protected() -> Iterator[float]:
        for number in range(len(others) + 1):
            for companions in combinations(others, number):
                withheld = {*small, *companions}
                program = Program(equations, lambda quantity, hidden=withheld: bounds(quantity, hidden))  # type: ignore[misc]
                ranges = (program.range({quantity: 1.0}, threshold) for quantity in small)
                if all(high - low >= threshold for low, high, _ in ranges):
                    yield sum(truth[quantity] for quantity in withheld)

    def bounds(quantity: Quantity, withheld: set[Quantity]) -> tuple[float, float]:
        return (1.0, 1e5) if quantity in withheld else (truth[quantity], truth[quantity])

    return min(protected())


@pytest.mark.parametrize(
    "numbers",
    [
        ((3, 40, 500), (60, 20, 30)),
        ((3, 4, 500), (60, 20, 30)),
        ((3, 40, 500), (60, 5, 30)),
        ((9, 12, 0), (15, 0, 80)),
    ],
)
def test_the_solver_finds_what_trying_every_choice_finds(numbers: tuple[tuple[int, ...], ...]) -> None:
    truth, equations = table(*numbers)
    found = least_loss(truth, equations, truth)
    assert found.loss == least_by_trying(truth, equations, 10) == pytest.approx(found.bound)
