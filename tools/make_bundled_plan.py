"""Makes the bundled plan: ``python tools/make_bundled_plan.py --rows 20000 --seed 2021 --out data/rmrp-2021``."""

import argparse
from pathlib import Path

from bundled_plan.activities import BUNDLED
from bundled_plan.write import write_plan


def main() -> None:
    """Write the plan to the folder ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="activities")
    parser.add_argument("--seed", type=int, default=2021, help="the same seed gives the same plan")
    parser.add_argument("--out", type=Path, default=BUNDLED, help="the folder to write")
    options = parser.parse_args()
    write_plan(options.out, rows=options.rows, seed=options.seed)


if __name__ == "__main__":
    main()
