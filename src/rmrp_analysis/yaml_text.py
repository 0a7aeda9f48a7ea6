"""Read YAML as the text that was typed, with the line of every key; change it without a loss of comments."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rmrp_analysis.errors import RmrpError, did_you_mean

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]"
    "|[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)
"""Control characters, also those that turn the direction of writing, halves of characters, and noncharacters."""

Keys = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
MOST_BYTES = 2**20
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times as fast where libyaml is there


@dataclass(frozen=True)
class YamlText:
    """A file's content, and where each part of it stands."""

    path: Path
    content: Any
    lines: Mapping[Keys, int]
    refusal: type[RmrpError] = RmrpError

    def valid(self, model: type[Model], content: Any = None) -> Model:
        """Give the content, or a part of it, as a model. Raises the file's refusal, which names every fault."""
        try:
            return model.model_validate(self.content if content is None else content)
        except ValidationError as problem:
            raise self.refusal("\n".join(self.explain(problem, model))) from None

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
    return YamlText(path, content, lines, refusal)


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


def escape_unprintable(text: str) -> str:
    """Write what cannot be printed as JSON escapes it, so that it stays in sight and does nothing.

    >>> escape_unprintable("Fundaci\\x1bón")
    'Fundaci\\\\u001bón'
    """
    return _UNPRINTABLE.sub(lambda character: json.dumps(character[0])[1:-1], text)


class _TextDumper(yaml.SafeDumper):
    """Writes every scalar as the text that ``read_yaml`` reads, without quotes where it needs none."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as in the class above


def yaml_text(content: Any, **options: Any) -> str:
    """Write content as ``read_yaml`` reads it."""
    texts = yaml.load(yaml.safe_dump(content, sort_keys=False), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    return str(yaml.dump(texts, Dumper=_TextDumper, allow_unicode=True, sort_keys=False, width=math.inf, **options))


def with_content(text: str, content: Mapping[str, Any]) -> str:
    """Change the text of a YAML mapping so that it holds this content; comments, order and quotes stay.

    A key that is new takes the place of one that is gone, or else the end of its mapping. Only values that differ are
    written anew.

    >>> before = "start: '2021-01'  # the first\\nfile: a.csv  # of all\\n"
    >>> print(with_content(before, {"start": "2021-02", "files": ["a.csv", "b.csv"]}), end="")
    start: '2021-02'  # the first
    files: [a.csv, b.csv]  # of all
    """
    root, before = yaml.compose(text, Loader=yaml.BaseLoader), yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    if not isinstance(root, yaml.MappingNode):
        return text + yaml_text(content)
    for start, end, written in sorted(_changes(root, text, before, content), reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _changes(
    node: yaml.MappingNode, text: str, before: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    """Find where the text of a mapping differs from its new content: from, to, and what is to stand there."""
    pairs = {key.value: (key, value) for key, value in node.value}
    added = [_pair(name, value, node) for name, value in content.items() if name not in pairs]
    for name, (key, value) in pairs.items():
        start, end = key.start_mark.index, _end(value)
        if name not in content and added:
            yield start, end, added.pop(0)
        elif name not in content and node.flow_style:
            yield start, end + len(re.match(r"(\s*,\s*)?", text[end:])[0]), ""  # type: ignore[index]
        elif name not in content:
            yield text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text), ""
        elif isinstance(value, yaml.MappingNode) and isinstance(content[name], Mapping):
            yield from _changes(value, text, before[name], content[name])
        elif _in_a_line(before[name]) != _in_a_line(content[name]):
            if isinstance(value, yaml.ScalarNode) and value.value:
                yield value.start_mark.index, end, _in_a_line(content[name], value.style)
            else:
                yield start, end, _pair(name, content[name], node)
    if added:
        at = _end(node.value[-1][1]) if pairs else node.end_mark.index - 1
        if not node.flow_style:
            at += len(text[at:].partition("\n")[0])  # behind the comment
        between = ", " if node.flow_style else f"\n{' ' * node.start_mark.column}"
        yield at, at, between * bool(pairs) + between.join(added)


def _pair(name: str, value: Any, inside: yaml.MappingNode) -> str:
    """A key with its value as they stand in a mapping: a mapping in a mapping of several lines has lines of its own."""
    if isinstance(value, Mapping) and not inside.flow_style:
        return f"\n{' ' * inside.start_mark.column}".join(yaml_text({name: dict(value)}).splitlines())
    return f"{name}: {_in_a_line(value)}"


def _in_a_line(value: Any, quotes: str | None = None) -> str:
    """A value as it stands on one line."""
    return yaml_text([value], default_flow_style=True, default_style=quotes).strip()[1:-1]


def _end(node: yaml.Node) -> int:
    """Where the last text of a node ends; the mark of one of several lines stands behind the comments that follow."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
