"""Feeds damaged files to the readers for as long as ``--seconds``: each must be read as text or refused in words.

``python benchmarks/fuzz.py --seconds 600``. With atheris installed (``--atheris``) coverage guides what is tried next.
A file that fails is written to ``--out``; its bytes become an example in tests/loaders/test_hostile_files.py.
"""

import argparse
import gzip
import inspect
import io
import random
import sys
import tempfile
import time
from pathlib import Path

import openpyxl
import pandas as pd

from rmrp_analysis.errors import InputRefused
from rmrp_analysis.loaders import content, load_table, read, table, workbook
from rmrp_analysis.tables import Activities

ROOT = Path(__file__).parents[1]
SUFFIXES = (".csv", ".csv.gz", ".xlsx", ".parquet")
ROWS = 12
PIECES = (
    b"\x00",
    b"\xff\xfe",
    b'"',
    b"\r",
    b"\n",
    b",",
    b";",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"=1+1",
    b"1e999",
    b"nan",
    b"<html",
)


def main() -> None:
    """Print how many files were tried and which failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("reports/fuzz"))
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args()
    seeds = good_files()
    if options.atheris:
        guided(seeds, options)
        return
    chance, tried, failed = random.Random(options.seed), 0, 0  # noqa: S311 - a fuzzer wants no secrets
    ends = time.monotonic() + options.seconds
    while time.monotonic() < ends:
        suffix = chance.choice(SUFFIXES)
        failed += not holds(damaged(seeds[suffix], suffix, chance), suffix, options.out)
        tried += 1
    print(f"{tried:,} files tried, {failed} failed")
    sys.exit(bool(failed))


def guided(seeds: dict[str, bytes], options: argparse.Namespace) -> None:
    """The same under atheris, on the text readers and on whatever the first byte chooses."""
    import atheris

    def one(raw: bytes) -> None:
        suffix = SUFFIXES[raw[0] % len(SUFFIXES)] if raw else ".csv"
        if not holds(raw[1:], suffix, options.out):
            raise AssertionError(suffix)

    options.out.mkdir(parents=True, exist_ok=True)
    corpus = options.out / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, suffix in enumerate(SUFFIXES):
        (corpus / f"seed{number}").write_bytes(bytes([number]) + seeds[suffix])
    for module in (content, read, table, workbook):  # all that is imported would take minutes
        for function in list(vars(module).values()):
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                atheris.instrument_func(function)
    atheris.Setup([sys.argv[0], f"-max_total_time={options.seconds}", str(corpus)], one)
    atheris.Fuzz()


def good_files() -> dict[str, bytes]:
    """A few real rows of the bundled plan in each format."""
    table = pd.read_csv(ROOT / "data/rmrp-2021/activities.csv.gz", dtype="str", nrows=ROWS, keep_default_na=False)
    text = table.to_csv(index=False).encode()
    book, parquet = io.BytesIO(), io.BytesIO()
    sheets = openpyxl.Workbook()
    for row in (list(table), *table.to_numpy().tolist()):
        sheets.active.append(row)
    sheets.save(book)
    table.to_parquet(parquet)
    return {".csv": text, ".csv.gz": gzip.compress(text), ".xlsx": book.getvalue(), ".parquet": parquet.getvalue()}


def damaged(raw: bytes, suffix: str, chance: random.Random) -> bytes:
    """A file with a few bytes flipped, put in, doubled or cut; packed text is damaged inside, too."""
    inside = suffix == ".csv.gz" and chance.random() < 1 / 2
    changed = bytearray(gzip.decompress(raw) if inside else raw)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed) + 1)
        what = chance.randrange(4)
        if what == 0 and place < len(changed):
            changed[place] ^= 1 << chance.randrange(8)
        elif what == 1:
            changed[place:place] = chance.choice(PIECES)
        elif what == 2:
            changed[place:place] = changed[place : place + chance.randrange(200)]
        else:
            del changed[place : place + chance.randrange(50)]
    return gzip.compress(bytes(changed)) if inside else bytes(changed)


def holds(raw: bytes, suffix: str, out: Path) -> bool:
    """Whether a file is read as text, or refused in words; one for which neither holds is kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(raw)
        try:
            records = read.read(path).table
            loaded = load_table(path, Activities, year=2021)
        except InputRefused:
            return True
        except BaseException as problem:
            return kept(raw, suffix, out, f"{type(problem).__name__}: {problem}")
    if len(loaded.table) + len(loaded.refused) != len(records):
        return kept(raw, suffix, out, "rows in are not rows used and rows refused")
    return True


def kept(raw: bytes, suffix: str, out: Path, why: str) -> bool:
    """Write the file that failed and say why."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"failed-{abs(hash(raw)):x}{suffix}"
    path.write_bytes(raw)
    print(f"{path}: {why[:300]}")
    return False


if __name__ == "__main__":
    main()
