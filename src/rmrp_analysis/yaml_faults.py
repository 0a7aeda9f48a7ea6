"""Describe in one sentence the fault of a YAML file and its correction: in its bytes, its lines, its values."""

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rmrp_analysis.errors import did_you_mean, drop_accents, nearest_name
from rmrp_analysis.messages import N_, say

WINDOWS_ENCODING = "cp1252"
"""The encoding in which a message quotes a line that is not UTF-8."""
CURLY_QUOTES = "“”„‟‘’‚"
"""Quotation marks that YAML reads as letters."""
EXAMPLE_YAML_LINE = "plan: 2021"
_NO_BREAK_BLANKS = "\u00a0\u2007\u202f\u3000"
"""Blanks that editors write in place of a plain one, and YAML reads as letters."""
_BLANKS_AT_EDGES_PATTERN = re.compile(
    rf"^[ {_NO_BREAK_BLANKS}]+|(?<=[:,\-\[{{])[ {_NO_BREAK_BLANKS}]+|[ {_NO_BREAK_BLANKS}]+$", re.MULTILINE
)
"""Blanks around a key or value that may be made plain."""
_KEY_PATTERN = r"(?P<key> *(?:- +)?[^\W\d][\w ]*)"
"""A key at the beginning of a line or an item."""
_NO_BLANK_AFTER_COLON_PATTERN = re.compile(rf"{_KEY_PATTERN}:(?P<text>[^\s/\\:].*)")
_NO_COLON_PATTERN = re.compile(rf"{_KEY_PATTERN}[ ]?[=：；;]\s*(?P<text>.+)")
"""A key and its text with another sign for the colon."""
_KEY_AND_TEXT_PATTERN = re.compile(rf"{_KEY_PATTERN}:\s+(?P<text>.*)")
"""A key and its text as they should be."""
_QUOTED_PATH_PATTERN = re.compile(r'"(?P<path>(?:[A-Za-z]:|\.\.?)\\(?!\\)[^"\n]*)"')
"""A path of Windows in double quotes."""
_ITEM_WITHOUT_BLANK_PATTERN = re.compile(r"\s*-[^\s-]")
Fault = tuple[int, str]
"""The number of a line, and its fault."""


def use_plain_blanks(text: str) -> str:
    """Write plain blanks for no-break ones around keys and values. The length of the text stays."""
    return _BLANKS_AT_EDGES_PATTERN.sub(lambda blanks: " " * len(blanks[0]), text)


def explain_bytes(content: bytes) -> Fault:
    """Say which line of a file is not UTF-8, and the advice. Line 1 if it is no text, or no single line is wrong."""
    if b"\0" in content:
        return 1, say("this is no text as an editor saves it in UTF-8; save it as UTF-8, or name another file")
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode(WINDOWS_ENCODING, errors="replace").strip()
            return number, say("the file is not in UTF-8 ('{text}'); save it as UTF-8", text=text)
    return 1, say("the file is not in UTF-8; save it as UTF-8")


def find_path_in_double_quotes(text: str) -> Fault | None:
    """Find the first Windows path in double quotes, with its line and advice. None without such a path.

    YAML reads ``\\n`` and ``\\t`` in the path as the end of a line and a tab.
    """
    if not (match := _QUOTED_PATH_PATTERN.search(text)):
        return None
    advice = say(
        'a backslash in double quotes does not stand for itself; write "{path}"', path=match["path"].replace("\\", "/")
    )
    return text.count("\n", 0, match.start()) + 1, advice


def explain_syntax(text: str, problem: yaml.YAMLError) -> Fault:
    """Say which line cannot be read as YAML, and its correction."""
    lines = text.splitlines() or [""]
    if tab := next((number for number, line in enumerate(lines, start=1) if re.match(r" *\t+\s*\S", line)), 0):
        return tab, say("a tab stands at the beginning of the line; write blanks in its place")
    mark, start = (getattr(problem, f"{name}_mark", None) for name in ("problem", "context"))
    number = min(mark.line + 1 if mark else 1, len(lines))
    opened = min(start.line + 1 if start else number, len(lines))
    reason = str(getattr(problem, "problem", "") or problem)
    context = str(getattr(problem, "context", "") or "")
    if "quoted scalar" in context and "escape" in reason:
        return number, say("a backslash in double quotes does not stand for itself; write / in its place")
    if "quoted scalar" in context:
        quote = lines[opened - 1][start.column] if start else '"'
        return opened, say(
            "the quotes that open here are not closed; write {quote} at the end of the text", quote=quote
        )
    if "flow" in context:
        bracket = "]" if "sequence" in context else "}"
        return opened, say("the bracket that opens here is not closed; write {bracket} at the end", bracket=bracket)
    if "simple key" in context:  # which is seen on the line after it
        number = opened
    for line in range(number, max(number - 3, 0), -1):
        if fault := explain_line(lines[line - 1]):
            return line, fault
    return number, _explain_place(lines, number, reason)


def _explain_place(lines: Sequence[str], number: int, reason: str) -> str:
    """Describe the fault of a line in its place. ``reason`` comes from libyaml."""
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
    return say(
        "this line is neither a key with a value nor an item of a list; write {example}", example=EXAMPLE_YAML_LINE
    )


def explain_line(line: str) -> str:
    """Return why a line is no key with a value. Empty without a fault."""
    if _KEY_AND_TEXT_PATTERN.fullmatch(line):
        return ""
    if match := _NO_BLANK_AFTER_COLON_PATTERN.fullmatch(line):
        fixed = f"{match['key'].strip()}: {match['text']}"
        return say("there is no blank after the colon; write {line}", line=fixed)
    if match := _NO_COLON_PATTERN.fullmatch(line):
        fixed = f"{match['key'].strip()}: {match['text']}"
        return say("there is no colon with a blank after it; write {line}", line=fixed)
    if _ITEM_WITHOUT_BLANK_PATTERN.match(line):
        return say(
            "there is no blank after the hyphen; write {line}", line=re.sub(r"-(?=\S)", "- ", line.strip(), count=1)
        )
    return ""


def _quote_text(line: str) -> str:
    """Return a line with its text in quotes. Empty if the line is no key with a text."""
    if not (match := _KEY_AND_TEXT_PATTERN.fullmatch(line.partition(" #")[0])):
        return ""
    text = match["text"].strip().strip(CURLY_QUOTES)
    if text[:1] in ("'", '"'):
        text = text.replace(text[0], "")
    quoted = f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"
    return f"{match['key'].strip()}: {quoted}"


def explain_content(text: str) -> Fault:
    """Return the fault of a file without keys and values: it is empty, a list, or begins with no key."""
    lines = text.splitlines()
    number, head = next(
        ((number, line) for number, line in enumerate(lines, start=1) if line.strip() and line.strip()[0] != "#"),
        (1, ""),
    )
    if not head:
        return 1, say("the file is empty; write keys and values, such as {example}", example=EXAMPLE_YAML_LINE)
    fault = explain_line(head)
    return number, fault or say(
        "the file must hold keys and values, such as {example}, and not a list", example=EXAMPLE_YAML_LINE
    )


FAULT_AND_EXAMPLE_BY_KIND: Mapping[str, tuple[str, str]] = {
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
"""The fault of a value, by the beginning of pydantic's name for it, with an example for a field without one."""
SIGN_BY_BOUND = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "max_length": "≤", "min_length": "≥"}
"""The sign of each bound, as pydantic names it."""


def explain_value(error: Mapping[str, Any], example: str = "") -> str:
    """Return a sentence on the fault of a value, from an error of a ``ValidationError``.

    It shows ``example``, or a usual one for the kind of error.
    """
    kind, value, limits = error["type"], error.get("input"), error.get("ctx", {})
    if value in ("", None, [], ()):
        if example:
            return say("nothing stands here; write a value, such as {example}", example=example)
        return say("nothing stands here; write a value, or leave the line out")
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        allowed = limits["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return say("unknown value '{given}'; {advice}", given=value, advice=did_you_mean(str(value), allowed))
    for beginning, (sentence, usual) in FAULT_AND_EXAMPLE_BY_KIND.items():
        if kind.startswith(beginning):
            return say(sentence, given=value, example=example or usual)
    if bounds := [f"{sign} {limits[name]}" for name, sign in SIGN_BY_BOUND.items() if name in limits]:
        return say("'{given}' is out of bounds; write a value {bounds}", given=value, bounds=", ".join(bounds))
    return say("'{given}' cannot be used here; write a text", given=value)


def explain_key(key: str, fields: Sequence[str], elsewhere: Mapping[str, str]) -> tuple[str, str]:
    """Return the fault of an unknown key, and the key that it means, which is empty if no key is near.

    ``elsewhere`` gives the key above, by each key that stands under another one.
    """
    if ":" in key:
        fixed = key.replace(":", ": ", 1)
        return say("there is no blank after the colon; write {line}", line=fixed), key.partition(":")[0]
    if key in elsewhere:
        return say("'{key}' stands under '{above}'; move it there, two blanks in", key=key, above=elsewhere[key]), key
    guess = next((name for name in _typed_keys().get(drop_accents(key.strip()), ()) if name in fields), "")
    guess = guess or nearest_name(key, fields)
    suggestion = did_you_mean(guess or key, fields)
    return say("unknown key '{key}'; {suggestion}", key=key, suggestion=suggestion), guess


@cache
def _typed_keys() -> Mapping[str, Collection[str]]:
    """Read ``key_names.csv``: the keys that each word may mean, by the word in lower case without accents."""
    with Path(__file__).with_name("key_names.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(drop_accents(row["typed"]), []).append(row["key"])
    return keys
