"""Texts in three languages that state the numbers of a run, rightly or with one wrong digit."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from rmrp_analysis import numbers
from rmrp_analysis.publish.comparison.published import PublishedRun, selected
from rmrp_analysis.vocabulary import labels

SEPARATORS = {"en": (",", "."), "es": (".", ","), "pt": (".", ",")}
LONG = {"en": ("thousand", "million"), "es": ("mil", "millones"), "pt": ("mil", "milhões")}

TEXTS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
SENTENCES, OTHERS = TEXTS["sentences"], TEXTS["others"]
NAMES = ("month", "group", "place", "donor")
UNNAMED = ("not specified", "national", "Regional")


@dataclass(frozen=True)
class Text:
    """A text, and where in it its right numbers stand."""

    text: str
    numbers: tuple[tuple[int, int], ...]

    def wrong(self, chance: random.Random) -> tuple[str, tuple[int, int]]:
        """The text with one digit of one number changed, and where that number stands."""
        start, end = chance.choice(self.numbers)
        return changed(self.text, start, end, chance), (start, end)


def changed(text: str, start: int, end: int, chance: random.Random) -> str:
    """The text with one digit of the number from start to end changed; it is no rounder, nor begins with 0, then."""
    digits = [at for at in range(start, end) if text[at].isdigit()]
    at = chance.choice(digits)
    may_be_0 = at != digits[0] and re.search("[1-9]", text[at + 1 : end]) is not None
    digit = chance.choice([digit for digit in "0123456789" if digit != text[at] and (digit != "0" or may_be_0)])
    return text[:at] + digit + text[at + 1 :]


def texts(run: PublishedRun, language: str, chance: random.Random, *, sentences: int = 4) -> Iterator[Text]:
    """Texts about sheets of the run, without end: a title, what is no figure, and some sentences."""
    rows = run.rows.reset_index().assign(value=run.numbers["value"].to_numpy())
    rows = rows.assign(part=rows["platform"] + rows["group"] + rows["month"])
    rows = rows[(rows["status"] == "known") & (rows["value"] > 0) & ~rows["part"].isin(UNNAMED)]
    reports = sorted(set(rows["report"]))
    while True:
        report = chance.choice(reports)
        sector, place, organisation = selected(report, ())
        of_report = rows[rows["report"] == report]
        text, places = f"{labels.sheet_name(sector, place, language, organisation)}\n\n{OTHERS[language]}\n\n", []
        for sentence in chance.sample(SENTENCES[language], len(SENTENCES[language])):
            filled = _filled(sentence, of_report, language, chance)
            if filled and len(places) < sentences:
                places += [(start + len(text), end + len(text)) for start, end in filled.numbers]
                text += filled.text + " "
        if places:
            yield Text(text, tuple(places))


def _filled(sentence: str, rows: pd.DataFrame, language: str, chance: random.Random) -> Text | None:
    """The sentence with figures, each written in one of the usual ways; None where the sheet does not have one."""
    text, places, part = "", [], ""
    for piece in re.split(r"(\{\w+\})", sentence):
        name = piece.strip("{}")
        if not piece.startswith("{"):
            text += piece
        elif name in NAMES:
            text += piece  # known once the figure is drawn
        elif (some := rows[rows["figure"] == name]).empty:
            return None
        else:
            row = some.iloc[chance.randrange(len(some))]
            part = row["part"]
            number = written(float(row["value"]), row["unit"], language, chance)
            places.append((len(text), len(text) + len(number)))
            text += number
    for name in NAMES:
        at = text.find(f"{{{name}}}")
        if at >= 0:
            called = {"month": numbers.month_name, "place": labels.place}.get(name, labels.label)(part, language)
            more = len(called) - len(name) - 2
            text = text.replace(f"{{{name}}}", called)
            places = [(start + more, end + more) if start > at else (start, end) for start, end in places]
    return Text(text, tuple(places))


def written(value: float, unit: str, language: str, chance: random.Random) -> str:
    """A number as an office writes it: in full or rounded, with separators and words of the language."""
    group, decimal = SEPARATORS[language]

    def local(number: float, digits: int) -> str:
        return f"{number:,.{digits}f}".translate(str.maketrans({",": group, ".": decimal}))

    if unit == "share":
        printed = numbers.share(value, language)
        return chance.choice([printed, printed.replace("\u202f", " "), printed.replace("\u202f", "")])
    if unit == "count":
        return local(value, 0)
    ways: list[Callable[[], str]] = [lambda: local(value, 0), lambda: local(value, 0).replace(group, " ")]
    if value >= 1e6:
        ways += [
            lambda: f"{local(value / 1e6, 2)} {LONG[language][1]}",
            lambda: f"{local(value / 1e6, 1)} {LONG[language][1]}",
        ]
    elif value >= 1e4:
        ways += [lambda: f"{local(value / 1e3, 0)} {'K' if language == 'en' else 'mil'}"]
        ways += [lambda: f"{local(value / 1e3, 1)} {LONG[language][0]}"]
    ways.append(lambda: numbers.people(value, language))
    number = chance.choice(ways)()
    if unit == "usd":
        sign = chance.choice(["US$ ", "USD ", "$"])
        return f"{sign}{number}"
    return number
