"""What τ-ARGUS protects at the least loss is protected by our decision, at no more; and its audit finds ours safe."""

import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from publications import BY_MONTH, BY_PLATFORM, PEOPLE, sheet, withheld

from rmrp_analysis.disclosure import Decision, Sheet, cell_name, decide, system_of
from rmrp_analysis.vocabulary import report_id

pytest.importorskip("pytauargus", reason="pytauargus has no wheel for this computer")

from pytauargus.engine import Engine, run_batch
from pytauargus.micro import micro_asc_rda
from pytauargus.result import TableResult

THRESHOLD = 10
DEAR = "20000"
"""What it costs τ-ARGUS to withhold the people reached of a sheet, which we keep as long as possible."""

MONTHS = [f"2021-{month:02d}" for month in range(1, 7)]
PLATFORMS = ["Chile", "Peru", "Brazil", "Ecuador"]
Part = tuple[str, ...]
"""A month, or a month and a platform; an empty text stands for all of them."""
Table = Mapping[Part, int]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """τ-ARGUS leaves its logs where it is called."""
    monkeypatch.chdir(tmp_path)


@cache
def tables() -> list[Table]:
    """Tables of months, and of months by platforms, at random; the least count is 1, which τ-ARGUS takes for known."""
    chance = random.Random(14)  # noqa: S311 - no secret
    made: list[Table] = []
    for number in range(30):
        months = MONTHS[: chance.randint(3, 6)]
        platforms = [PLATFORMS[: chance.randint(3, 4)]] if number % 2 else []
        parts = list(product(months, *platforms))
        many = {part: chance.randint(10, 300) for part in parts}
        few = {part: chance.randint(1, 9) for part in chance.sample(parts, chance.randint(0, 2))}
        made.append(many | few | {chance.choice(parts): 1})
    return made


def with_totals(table: Table) -> dict[Part, int]:
    """A table with all its totals."""
    people: dict[Part, int] = {}
    for part, number in table.items():
        for whole in product(*((name, "") for name in part)):
            people[whole] = people.get(whole, 0) + number
    return people


def argus(table: Table, orders: Iterable[Iterable[str]], *commands: str) -> tuple[Engine, list[dict[str, Any]]]:
    """τ-ARGUS after a batch on a table: the engine, and the cells with their ``part``, ``people`` and ``status``."""
    dimensions = [f"d{place}" for place in range(len(next(iter(table))))]
    columns = dict(zip(dimensions, map(list, zip(*table, strict=True)), strict=True))
    with TemporaryDirectory() as name:
        folder = Path(name)
        counts, meta, apriori, written = (folder / f"table.{end}" for end in ("asc", "rda", "hst", "tab"))
        micro_asc_rda({**columns, "people": list(table.values())}, asc_filename=str(counts), rda_filename=str(meta))
        apriori.write_text("".join(";".join(order) + "\n" for order in orders), encoding="utf-8")
        batch = [
            f'<OPENMICRODATA> "{counts}"',
            f'<OPENMETADATA> "{meta}"',
            "<SPECIFYTABLE> " + "".join(f'"{each}"' for each in dimensions) + '|"people"||',
            "<SAFETYRULE>",
            "<READMICRODATA>",
            f'<APRIORI> "{apriori}",1,";",0,0',
            *commands,
            f'<WRITETABLE> (1,5,SO+,"{written}")',
        ]
        (folder / "table.arb").write_text("\n".join(batch) + "\n", encoding="utf-8")
        engine = run_batch(folder / "table.arb")
        cells = TableResult(path=written, exp_vars=dimensions, response="people").rows
    for cell in cells:
        cell["part"] = tuple(str(cell[each]).strip().replace("Total", "") for each in dimensions)
    return engine, cells


def protected(table: Table) -> list[dict[str, Any]]:
    """The cells as τ-ARGUS protects them at the least loss: each small count may be larger by the threshold."""
    people = with_totals(table)
    small = [part for part, number in people.items() if number < THRESHOLD]
    sheets = [part for part in people if part[0] == ""]
    orders = [(*part, *order) for part in small for order in (("U",), ("PL", "0", str(THRESHOLD)))]
    engine, cells = argus(table, [*orders, *((*part, "C", DEAR) for part in sheets)], "<SUPPRESS> OPT(1)")
    assert not any(row["unsafe"] for row in engine.audit(0))
    return cells


@cache
def decisions() -> list[Decision]:
    """Our decisions on the same numbers: of the region's sheet, and of one for each platform."""
    return [decide(system_of([*_sheets(table)])) for table in tables()]


def _sheets(table: Table) -> Iterator[Sheet]:
    by_place: dict[str, dict[str, float]] = {}
    for part, number in with_totals(table).items():
        by_place.setdefault("".join(part[1:]), {})[part[0]] = number
    wholes = {place: months.pop("") for place, months in by_place.items()}
    platforms = {place: people for place, people in wholes.items() if place}
    for place, months in by_place.items():
        breakdowns = {BY_MONTH: months} | ({BY_PLATFORM: platforms} if platforms and not place else {})
        yield sheet(wholes[place], breakdowns, platform=place or "region")


def is_withheld(decision: Decision, part: Part) -> bool:
    """Whether a part is withheld on the sheet where it stands."""
    month, platform = (*part, "")[:2]
    name = cell_name(BY_MONTH, month) if month else PEOPLE
    return (report_id("Health", platform or "region"), name) in withheld(decision)


def test_what_argus_protects_is_protected_by_our_decision_at_no_more_loss() -> None:
    of_argus = of_ours = 0
    for table, decision in zip(tables(), decisions(), strict=True):
        cells = protected(table)
        assert decision.failed == []
        of_argus += sum(cell["people"] for cell in cells if cell["status"] == "M")
        of_ours += sum(
            cell["people"] for cell in cells if cell["status"] in "SM" and is_withheld(decision, cell["part"])
        )
    assert of_argus > 0
    assert of_ours <= 1.1 * of_argus


def test_the_audit_of_argus_finds_our_decisions_safe() -> None:
    for table, decision in zip(tables(), decisions(), strict=True):
        people = with_totals(table)
        hidden = [part for part in people if is_withheld(decision, part)]
        assert [part for part, number in people.items() if number < THRESHOLD and part not in hidden] == []
        engine, _ = argus(table, ((*part, "U") for part in hidden))
        widths = [row["max"] - row["min"] for row in engine.audit(0)]
        assert len(widths) == len(hidden)
        assert min(widths) >= THRESHOLD
