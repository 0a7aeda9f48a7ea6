"""Press releases in three languages about a run, with numbers as offices write them, and with an error of each kind."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Literal

import yaml

from rmrp_analysis import numbers
from rmrp_analysis.figures import figure_definition
from rmrp_analysis.publish.comparison.published import PublishedRun, parse_report_id
from rmrp_analysis.ranges import is_sure
from rmrp_analysis.vocabulary import REGION, labels, plan_lists

TEMPLATES = yaml.safe_load(Path(__file__).with_name("press_releases.yml").read_text("utf-8"))
LANGUAGES = ("en", "es", "pt")
SEPARATORS = {"en": (",", "."), "es": (".", ","), "pt": (".", ",")}
THOUSANDS = {"en": ("thousand", "K", "k"), "es": ("mil",), "pt": ("mil",)}
MILLIONS = {"en": (" million", " M", "m"), "es": (" millones", " M"), "pt": (" milhões", " mi", " M")}
ONE_MILLION = {" millones": " millón", " milhões": " milhão"}
TITLES = {"en": "Key figures", "es": "Cifras clave", "pt": "Números principais"}
REGION_NAMES = {"en": "the region", "es": "la región", "pt": "toda a região"}
UNNAMED = ("not specified", "national", "Regional")
OF_PEOPLE = ("people_in_need", "target", "people_reached")
SENTENCES = 5
"""At most so many sentences in a text."""
Kind = Literal["digit", "swap", "scope"]
KINDS: tuple[Kind, ...] = ("digit", "swap", "scope")


@dataclass(frozen=True)
class Number:
    """A number of a text, the figure that it states, and its part."""

    text: str
    value: float
    unit: str
    figure: str
    part: str = ""
    is_close: bool = False
    is_wrong: bool = False

    def states(self, value: float) -> bool:
        """Whether another value would be written alike, to three digits."""
        return f"{self.value:.2e}" == f"{value:.2e}" or f"{self.value:.1e}" == f"{value:.1e}"


@dataclass(frozen=True)
class Name:
    """A name of a text: that of a part or of the sheet's place, and the values of what else it could be."""

    text: str
    part: str
    others: tuple[tuple[str, float], ...] = ()


Piece = str | Number | Name
Row = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """A text in pieces: its paragraphs end with line breaks."""

    language: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)

    @property
    def paragraphs(self) -> list[str]:
        """The text as a document has it."""
        return self.text.strip().split("\n\n")

    @property
    def numbers(self) -> list[Number]:
        """Its numbers, in their order."""
        return [piece for piece in self.pieces if isinstance(piece, Number)]

    def with_error(self, kind: Kind, chance: random.Random) -> "Release | None":
        """Plant one error; None where the text has no room for it."""
        change = {"digit": self._with_digit, "swap": self._with_swap, "scope": self._with_scope}[kind]
        places = list(range(len(self.pieces)))
        chance.shuffle(places)
        for at in places:
            changed = change(at, chance)
            if changed:
                return replace(self, pieces=changed)
        return None

    def _with_digit(self, at: int, chance: random.Random) -> tuple[Piece, ...] | None:
        """Change one digit of a number."""
        piece = self.pieces[at]
        if not isinstance(piece, Number):
            return None
        before, number = re.fullmatch(r"(.*?)((?:1 \w+(?: \w+)? )?[\d].*)", piece.text, re.DOTALL).groups()
        start = number.rindex(" ") + 1 if re.match(r"1 (?:in|de|em) ", number) else 0
        end = max(found.end() for found in re.finditer("[1-9]", number)) if piece.is_close else len(number)
        wrong = before + change_digit(number, start, end, chance)
        return self._replaced({at: replace(piece, text=wrong, is_wrong=True)})

    def _with_swap(self, at: int, chance: random.Random) -> tuple[Piece, ...] | None:
        """Exchange two numbers of need, target and reached, or write the value of one in place of another."""
        piece = self.pieces[at]
        if not isinstance(piece, Number) or piece.figure not in OF_PEOPLE or piece.part:
            return None
        for other_at, other in enumerate(self.pieces):
            if isinstance(other, Number) and other.figure in OF_PEOPLE and not other.part and other_at != at:
                between = "".join(str(each) for each in self.pieces[min(at, other_at) + 1 : max(at, other_at)])
                if other.figure == piece.figure or piece.states(other.value):
                    continue
                here, there = (replace(each, is_wrong=True) for each in (piece, other))
                if "\n" not in between and chance.random() < 0.5:
                    return self._replaced(
                        {at: replace(here, text=other.text), other_at: replace(there, text=piece.text)}
                    )
                text = write_number(other.value, "people", self.language, chance)
                return self._replaced({at: replace(here, text=text)})
        return None

    def _with_scope(self, at: int, chance: random.Random) -> tuple[Piece, ...] | None:
        """Write the name of another part, place or sector before or after its numbers."""
        name = self.pieces[at]
        if not isinstance(name, Name):
            return None
        concerned = {
            place: replace(piece, is_wrong=True)
            for place, piece in enumerate(self.pieces)
            if isinstance(piece, Number) and piece.part == name.part and piece.unit != "share"
        }
        others = [text for text, value in name.others if not any(number.states(value) for number in concerned.values())]
        if not concerned or not others:
            return None
        return self._replaced({at: replace(name, text=chance.choice(others)), **concerned})

    def _replaced(self, pieces: dict[int, Piece]) -> tuple[Piece, ...]:
        return tuple(pieces.get(at, piece) for at, piece in enumerate(self.pieces))


def change_digit(text: str, start: int, end: int, chance: random.Random) -> str:
    """Change one digit of the number from start to end; it is no rounder, nor begins with 0, then."""
    digits = [at for at in range(start, end) if text[at].isdigit()]
    at = chance.choice(digits)
    may_be_0 = at != digits[0] and re.search("[1-9]", text[at + 1 : end]) is not None
    digit = chance.choice([digit for digit in "0123456789" if digit != text[at] and (digit != "0" or may_be_0)])
    return text[:at] + digit + text[at + 1 :]


def releases(run: PublishedRun, seeds: range) -> Iterator[Release]:
    """Make a text of numbers that are sure for each seed, in each language in turn."""
    table = run.numbers[["value", "low", "high"]]
    rows = run.rows.assign(**table)[[is_sure(*each) for each in table.itertuples(index=False)]].reset_index()
    rows = rows.assign(part=rows["platform"] + rows["group"] + rows["month"])
    rows = rows[rows["status"].isin(["known", "partly_counted"]) & (rows["value"] > 0) & ~rows["part"].isin(UNNAMED)]
    by_report = {report: of_report.to_dict("records") for report, of_report in rows.groupby("report")}
    for seed in seeds:
        yield _release(by_report, seed)


def _release(by_report: dict[str, list[Row]], seed: int) -> Release:
    chance = random.Random(f"press release {seed}")  # noqa: S311
    language = LANGUAGES[seed // 2 % len(LANGUAGES)]
    templates = TEMPLATES["sentences"][language][seed % 2 :: 2]
    reports = sorted(by_report)
    report = chance.choice(reports)
    sector, place, organisation = parse_report_id(report, ())
    is_of_one_sheet = chance.random() < 0.7
    title = labels.sheet_name(sector, place, language, organisation) if is_of_one_sheet else TITLES[language]
    pieces: list[Piece] = [f"{title}\n\n"]
    sentences = 0
    order = chance.sample(templates, len(templates))
    compares = next(at for at, template in enumerate(order) if sum(f"{name}}}" in template for name in OF_PEOPLE) > 1)
    order.insert(0, order.pop(compares))  # each text has need, target or reached side by side
    for template in order:
        if not is_of_one_sheet:
            report = chance.choice(reports)
        sentence = _filled(template, by_report[report], language, chance)
        if sentence and sentences < SENTENCES:
            sentences += 1
            if not is_of_one_sheet:
                pieces += _lead(report, language, chance)
            pieces += [*sentence, chance.choice([" ", " ", "\n\n"]) if is_of_one_sheet else "\n\n"]
            if chance.random() < 0.4:
                pieces += ["\n\n", chance.choice(TEMPLATES["others"][language]), "\n\n"]
    return Release(language, tuple(pieces))


def _lead(report: str, language: str, chance: random.Random) -> list[Piece]:
    """Give the words that say which sheet a sentence is of."""
    sector, place, _ = parse_report_id(report, ())
    names = {
        "sector": labels.label(sector, language),
        "place": REGION_NAMES[language] if place == REGION else labels.place(place, language),
    }
    return [chance.choice(TEMPLATES["leads"][language]).format(**names)]


def _filled(template: str, rows: list[Row], language: str, chance: random.Random) -> list[Piece] | None:
    """Fill a sentence with figures of one sheet; None where the sheet does not have one."""
    drawn: dict[str, Row] = {}
    choices: dict[str, list[Row]] = {}
    for place, figure in re.findall(r"\{~?(\d) (\w+_by_\w+)\}", template):
        choices[place] = [row for row in rows if row["figure"] == figure]
        parts = [row for row in choices[place] if row not in drawn.values()]
        if len(parts) < 2:
            return None
        drawn[place] = chance.choice(parts)
    values = {row["figure"]: row["value"] for row in rows if row["part"] == ""}
    pieces: list[Piece] = []
    for piece in re.split(r"(\{[^}]+\})", template):
        slot = re.fullmatch(r"\{(~?)(?:(\d|in) )?([\w/]+)\}", piece)
        if not slot:
            pieces.append(piece)
            continue
        is_close, place, name = slot.groups()
        if name == "name":
            others = [(_part_name(row, language), row["value"]) for row in choices[place]]
            here = _part_name(drawn[place], language)
            elsewhere = tuple(other for other in others if other[0] != here)
            pieces.append(Name(here, drawn[place]["part"], elsewhere))
        elif place == "in":
            part, whole = name.split("/")
            if not {part, whole} <= set(values) or not 1.5 < values[whole] / values[part] < 100:
                return None
            share = values[part] / values[whole]
            text = TEMPLATES["one_in"][language].format(round(1 / share))
            pieces.append(Number(text, share, "share", name))
        elif place:
            row = drawn[place]
            pieces.append(_number(row["value"], row["unit"], name, row["part"], is_close, language, chance))
        elif name in values:
            pieces.append(_number(values[name], figure_definition(name).unit, name, "", is_close, language, chance))
        else:
            return None
    return pieces


def _part_name(row: Row, language: str) -> str:
    """Give what a part is called in a sentence."""
    if row["month"]:
        return numbers.month_name(row["month"], language)
    if row["part"] in plan_lists().sector_spellings.values():
        return labels.label(row["part"], language)
    if row["platform"] or row["figure"].endswith("admin1"):
        return labels.place(row["part"], language)
    return labels.label(row["part"], language)


def _number(
    value: float, unit: str, figure: str, part: str, is_close: str, language: str, chance: random.Random
) -> Number:
    """Write a figure as it is, or rounded after a word of closeness that holds."""
    if not is_close or value < 1000:
        return Number(write_number(value, unit, language, chance), value, unit, figure, part)
    step = 10 ** (len(str(int(value))) - chance.choice([2, 3]))
    kind = chance.choice(["about", "almost", "over"])
    rounded = {"about": (value + step / 2) // step, "almost": -(-value // step), "over": value // step}[kind] * step
    word = chance.choice(TEMPLATES["closeness"][language][kind])
    if rounded == value:  # it is neither almost nor over itself
        return Number(write_number(value, unit, language, chance), value, unit, figure, part)
    group, decimal = SEPARATORS[language]
    ways = [_local(rounded, 0, group, decimal)]
    if rounded >= 1e6:
        ways += [_in_millions(rounded / 1e6, 1 if step == 1e5 else 2, language, chance)]
    elif rounded >= 1e4 and rounded % 1000 == 0:
        ways += [f"{_local(rounded / 1e3, 0, group, decimal)} {THOUSANDS[language][0]}"]
    return Number(f"{word} {chance.choice(ways)}", value, unit, figure, part, is_close=True)


def _local(number: float, digits: int, group: str, decimal: str) -> str:
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:,}".translate(str.maketrans({",": group, ".": decimal}))


def _in_millions(millions: float, digits: int, language: str, chance: random.Random) -> str:
    word = chance.choice(MILLIONS[language])
    rounded = _local(millions, digits, *SEPARATORS[language])
    is_one = (millions < 2 and language == "pt") or rounded.strip("0.,") == "1"
    return rounded + (ONE_MILLION.get(word, word) if is_one else word)


def write_number(value: float, unit: str, language: str, chance: random.Random) -> str:
    """Write a number as an office does: in full or rounded, with separators and words of the language."""
    group, decimal = SEPARATORS[language]
    if unit == "share":
        printed = numbers.share(value, language)
        return chance.choice([printed, printed.replace("\u202f", " "), printed.replace("\u202f", "")])
    if unit == "count":
        return _local(value, 0, group, decimal)
    in_full = _local(value, 0, group, decimal)
    ways = [in_full, in_full.replace(group, " "), numbers.people(value, language)]
    if value >= 1e6:
        ways += [_in_millions(value / 1e6, digits, language, chance) for digits in (1, 2)]
    elif value >= 1e4:
        thousands = chance.choice(THOUSANDS[language])
        ways += [f"{_local(value / 1e3, digits, group, decimal)} {thousands}" for digits in (0, 1)]
        ways += [f"{_local(value / 1e3, 1, group, decimal)}K"] * (language == "en")
    number = chance.choice(ways)
    return f"{chance.choice(['US$ ', 'USD ', '$'])}{number}" if unit == "usd" else number
