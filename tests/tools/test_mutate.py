"""The tool that changes the code to see whether tests notice it."""

import csv

from mutate import EQUIVALENT, PACKAGE, mutants


def test_each_change_that_changes_no_result_is_one_of_the_code_of_today() -> None:
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        listed = {(row["file"], row["before"], row["after"]) for row in csv.DictReader(file)}
    places = [place for name in {name for name, *_ in listed} for place in mutants(PACKAGE / name)]
    of_today = {(mutant.file, mutant.before, mutant.after) for place in places for mutant in place}
    assert listed - of_today == set()
