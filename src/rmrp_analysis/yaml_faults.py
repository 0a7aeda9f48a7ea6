"""Say in one sentence what is wrong in a YAML file and what to write: in its bytes, its lines, its values."""

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis.errors import did_you_mean, drop_accents, nearest_name
from rmrp_analysis.messages import N_, say

WINDOWS = "cp1252"
CURLY_QUOTES = "“”„‟‘’‚"
EXAMPLE = "plan: 2021"
_NO_BREAK = "\u00a0\u2007\u202f\u3000"
_BLANKS = re.compile(rf"^[ {_NO_BREAK}]+|(?<=[:,\-\[{{])[ {_NO_BREAK}]+|[ {_NO_BREAK}]+$", re.MULTILINE)
_KEY = r"(?P<key> *(?:- +)?[^\W\d][\w ]*)"
_NO_BLANK_AFTER_COLON = re.compile(rf"{_KEY}:(?P<text>[^\s/\\:].*)")
_NO_COLON = re.compile(rf"{_KEY}[ ]?[=：；;]\s*(?P<text>.+)")
_KEY_AND_TEXT = re.compile(rf"{_KEY}:\s+(?P<text>.*)")
_PATH_IN_DOUBLE_QUOTES = re.compile(r'"(?P<path>(?:[A-Za-z]:|\.\.?)\\(?!\\)[^"\n]*)"')
_ITEM_WITHOUT_BLANK = re.compile(r"\s*-[^\s-]")
Fault = tuple[int, str]
"""The number of a line, and what is wrong there."""


def use_plain_blanks(text: str) -> str:
    """Write plain blanks for no-break ones around keys and values.

    The length of the text stays.
    """
    return _BLANKS.sub(lambda blanks: " " * len(blanks[0]), text)


def explain_bytes(content: bytes) -> Fault:
    """Say which line of a file is not UTF-8."""
    if b"\0" in content:
        return 1, say("this is no text as an editor saves it in UTF-8; save it as UTF-8, or name another file")
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode(WINDOWS, errors="replace").strip()
            return number, say("the file is not in UTF-8 ('{text}'); save it as UTF-8", text=text)
    return 1, say("the file is not in UTF-8; save it as UTF-8")


def find_path_in_double_quotes(text: str) -> Fault | None:
    """Find a Windows path in double quotes.

    YAML reads ``\\n`` and ``\\t`` in it as the end of a line and a tab.
    """
    if not (match := _PATH_IN_DOUBLE_QUOTES.search(text)):
        return None
    advice = say(
        'a backslash in double quotes does not stand for itself; write "{path}"', path=match["path"].replace("\\", "/")
    )
    return text.count("\n", 0, match.start()) + 1, advice


def explain_syntax(text: str, problem: yaml.YAMLError) -> Fault:
    """Say which line cannot be read as YAML, and what to write there."""
    lines = text.splitlines() or [""]
    if tab := next((number for number, line in enumerate(lines, start=1) if re.match(r" *\t+\s*\S", line)), 0):
        return tab, say("a tab stands at the beginning of the line; write blanks in its place")
    mark, context = (getattr(problem, f"{name}_mark", None) for name in ("problem", "context"))
    number = min(mark.line + 1 if mark else 1, len(lines))
    opened = min(context.line + 1 if context else number, len(lines))
    reason, construct = str(getattr(problem, "problem", "") or problem), str(getattr(problem, "context", "") or "")
    if "quoted scalar" in construct and "escape" in reason:
        return number, say("a backslash in double quotes does not stand for itself; write / in its place")
    if "quoted scalar" in construct:
        quote = lines[opened - 1][context.column] if context else '"'
        return opened, say(
            "the quotes that open here are not closed; write {quote} at the end of the text", quote=quote
        )
    if "flow" in construct:
        bracket = "]" if "sequence" in construct else "}"
        return opened, say("the bracket that opens here is not closed; write {bracket} at the end", bracket=bracket)
    if "simple key" in construct:  # which is seen on the line after it
        number = opened
    for line_number in range(number, max(number - 3, 0), -1):
        if fault := explain_line(lines[line_number - 1]):
            return line_number, fault
    return number, _explain_place(lines, number, reason)


def _explain_place(lines: Sequence[str], number: int, reason: str) -> str:
    """Say what is wrong with a line where it stands; ``reason`` is that of libyaml."""
    line = lines[number - 1]
    if "another document" in reason:
        return say("--- begins a second document; leave this line out, or write two files")
    if "entries are not allowed" in reason:
        key, _, item = line.partition(": ")
        example = f"{key.strip()}: [{item.removeprefix('- ')}]"
        return say("a list does not begin beside its key; write {example}", example=example)
    above = next((text for text in reversed(lines[: number - 1]) if text.strip() and text.strip()[0] != "#"), "")
    indent, indent_above = (len(text) - len(text.lstrip()) for text in (line, above))
    if indent != indent_above and "cannot start" not in reason:
        return say(
            "the line begins {columns} blanks from the edge and the one above {above}; write both from the same column",
            columns=indent,
            above=indent_above,
        )
    if quoted := _quote_text(line):
        return say("the text has a mark that YAML reads otherwise; write it in quotes: {line}", line=quoted)
    return say("this line is neither a key with a value nor an item of a list; write {example}", example=EXAMPLE)


def explain_line(line: str) -> str:
    """Say what lacks in a line that is no key with a value; empty where nothing does."""
    if _KEY_AND_TEXT.fullmatch(line):
        return ""
    if match := _NO_BLANK_AFTER_COLON.fullmatch(line):
        fixed = f"{match['key'].strip()}: {match['text']}"
        return say("there is no blank after the colon; write {line}", line=fixed)
    if match := _NO_COLON.fullmatch(line):
        fixed = f"{match['key'].strip()}: {match['text']}"
        return say("there is no colon with a blank after it; write {line}", line=fixed)
    if _ITEM_WITHOUT_BLANK.match(line):
        return say(
            "there is no blank after the hyphen; write {line}", line=re.sub(r"-(?=\S)", "- ", line.strip(), count=1)
        )
    return ""


def _quote_text(line: str) -> str:
    """Write the text of a line in quotes."""
    if not (match := _KEY_AND_TEXT.fullmatch(line.partition(" #")[0])):
        return ""
    text = match["text"].strip().strip(CURLY_QUOTES)
    if text[:1] in ("'", '"'):
        text = text.replace(text[0], "")
    quoted = f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"
    return f"{match['key'].strip()}: {quoted}"


def explain_content(text: str) -> Fault:
    """Say that a file without keys and values should have some."""
    lines = text.splitlines()
    number, first_line = next(
        ((number, line) for number, line in enumerate(lines, start=1) if line.strip() and line.strip()[0] != "#"),
        (1, ""),
    )
    if not first_line:
        return 1, say("the file is empty; write keys and values, such as {example}", example=EXAMPLE)
    fault = explain_line(first_line)
    return number, fault or say(
        "the file must hold keys and values, such as {example}, and not a list", example=EXAMPLE
    )


VALUE_FAULTS: Mapping[str, tuple[str, str]] = {
    "list": (N_("write a list, such as {example}"), "[a, b]"),
    "tuple": (N_("write a list, such as {example}"), "[a, b]"),
    "model": (N_("write keys and values, such as {example}"), "{a: b}"),
    "dict": (N_("write keys and values, such as {example}"), "{a: b}"),
    "mapping": (N_("write keys and values, such as {example}"), "{a: b}"),
    "int": (N_("'{given}' is no number; write it in digits, such as {example}"), "10"),
    "float": (N_("'{given}' is no number; write it in digits, such as {example}"), "10"),
    "bool": (N_("'{given}' is neither true nor false; write true or false"), ""),
    "date": (N_("'{given}' is no day; write it as {example}"), "2021-06-15"),
    "string_pattern": (
        N_("'{given}' cannot be used; write it with letters, digits, points and hyphens alone, such as {example}"),
        "2021-05",
    ),
}
"""What is wrong with a value, by the beginning of how pydantic calls it, with an example for a field without one."""
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "max_length": "≤", "min_length": "≥"}


def explain_value(error: Mapping[str, Any], example: str = "") -> str:
    """Say what is wrong with a value, from an error of a ``ValidationError``."""
    kind, content, limits = error["type"], error.get("input"), error.get("ctx", {})
    if content in ("", None, [], ()):
        if example:
            return say("nothing stands here; write a value, such as {example}", example=example)
        return say("nothing stands here; write a value, or leave the line out")
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        allowed = limits["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return say("unknown value '{given}'; {advice}", given=content, advice=did_you_mean(str(content), allowed))
    for beginning, (sentence, usual) in VALUE_FAULTS.items():
        if kind.startswith(beginning):
            return say(sentence, given=content, example=example or usual)
    if bounds := [f"{sign} {limits[name]}" for name, sign in BOUNDS.items() if name in limits]:
        return say("'{given}' is out of bounds; write a value {bounds}", given=content, bounds=", ".join(bounds))
    return say("'{given}' cannot be used here; write a text", given=content)


def explain_key(key: str, fields: Sequence[str], elsewhere: Mapping[str, str]) -> tuple[str, str]:
    """Say what is wrong with an unknown key; return the key that it means, too.

    That key is an empty text where none is near. ``elsewhere`` gives the keys that stand under another one, by that
    one.
    """
    if ":" in key:
        return say("there is no blank after the colon; write {line}", line=key.replace(":", ": ", 1)), key.partition(
            ":"
        )[0]
    if key in elsewhere:
        return say("'{key}' stands under '{above}'; move it there, two blanks in", key=key, above=elsewhere[key]), key
    likely_key = next((name for name in _typed_keys().get(drop_accents(key.strip()), ()) if name in fields), "")
    likely_key = likely_key or nearest_name(key, fields)
    suggestion = did_you_mean(likely_key or key, fields)
    return say("unknown key '{key}'; {suggestion}", key=key, suggestion=suggestion), likely_key


@cache
def _typed_keys() -> Mapping[str, Collection[str]]:
    """Give what the words of other languages mean that people write for keys."""
    with Path(__file__).with_name("key_names.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(drop_accents(row["typed"]), []).append(row["key"])
    return keys
