"""YAML whose scalars stay the text that was typed, with the line of every key for messages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from rmrp_analysis.errors import RmrpError, did_you_mean

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]"
    "|[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)
"""Control characters, also those that turn the direction of writing, halves of characters, and noncharacters."""

Keys = tuple[str | int, ...]
MOST_BYTES = 2**20
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times as fast where libyaml is there


@dataclass(frozen=True)
class YamlText:
    """A file's content, and where each part of it stands."""

    path: Path
    content: Any
    lines: Mapping[Keys, int]

    def line(self, keys: Keys) -> int:
        """The line of a key, or of the nearest one around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def explain(self, problem: ValidationError, model: type[BaseModel]) -> Iterator[str]:
        """Every fault that pydantic found, as ``file:line: key: what is wrong``, with a suggestion where one helps."""
        errors = sorted(problem.errors(), key=lambda error: self.line(error["loc"]))
        inside = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
        for error in errors:
            keys: Keys = error["loc"]
            if error["type"] == "too_short" and keys in inside:
                continue  # a list is not 'too short' because its item is wrong
            where = f"{self.path}:{self.line(keys)}"
            key = ".".join(map(str, keys)) or "the file"
            if error["type"] == "extra_forbidden":
                fields = _fields_around(model, keys)
                yield f"{where}: unknown key '{keys[-1]}'; {did_you_mean(str(keys[-1]), fields)}"
            elif error["type"] == "missing":
                yield f"{where}: '{key}' is missing"
            elif error["type"] == "literal_error":
                allowed = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
                yield f"{where}: {key}: unknown value '{error['input']}'; {did_you_mean(str(error['input']), allowed)}"
            else:
                message = error["msg"].removeprefix("Value error, ")
                yield f"{where}: {key}: {message[0].lower() + message[1:]}"


def read_yaml(path: Path, refusal: type[RmrpError]) -> YamlText:
    """Read a YAML mapping. ``NO``, ``05`` and ``2021-01`` stay text. Raises ``refusal`` for what is no such file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise refusal(f"{path}: holds more than {MOST_BYTES:,} bytes; no such file is that long")
        text = path.read_text(encoding="utf-8-sig")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=LOADER)):
            raise refusal(f"{path}: holds an alias (*); write the value out")  # a few lines of them fill any memory
        root = yaml.compose(text, Loader=LOADER)
    except FileNotFoundError:
        raise refusal(f"{path}: there is no such file") from None
    except RecursionError:
        raise refusal(f"{path}: is nested too deeply") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise refusal(f"{path}: cannot be read ({problem})") from None
    except yaml.YAMLError as problem:
        if "nesting depth" in str(problem):  # as libyaml says it
            raise refusal(f"{path}: is nested too deeply") from None
        mark = getattr(problem, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise refusal(f"{path}:{line}: is not YAML ({getattr(problem, 'problem', problem)})") from None
    if not isinstance(root, yaml.MappingNode):
        raise refusal(f"{path}: must hold keys and values")
    lines: dict[Keys, int] = {}
    content = _content(root, (), lines, path, refusal)
    return YamlText(path, content, lines)


def _content(node: yaml.Node, keys: Keys, lines: dict[Keys, int], path: Path, refusal: type[RmrpError]) -> Any:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_content(item, (*keys, number), lines, path, refusal) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return printable(node.value)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise refusal(f"{path}:{line}: a key must be plain text")
        if key in mapping:
            raise refusal(f"{path}:{line}: '{key}' stands here a second time")
        lines[(*keys, key)] = line
        mapping[key] = _content(value_node, (*keys, key), lines, path, refusal)
    return mapping


def _fields_around(model: type[BaseModel], keys: Keys) -> list[str]:
    """The keys allowed where an unknown one was found."""
    for key in keys[:-1]:
        field = model.model_fields.get(str(key))
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
        models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        model = models[0] if models else model
    return list(model.model_fields)


def printable(text: str, longest: int | None = None) -> str:
    """The text without what cannot be printed, and no longer than ``longest`` letters.

    >>> printable("Fundaci\\x00ón", 6)
    'Funda…'
    """
    clean = _UNPRINTABLE.sub("", text)
    return clean if longest is None or len(clean) <= longest else clean[: longest - 1] + "…"
