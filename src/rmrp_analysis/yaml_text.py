"""Read YAML as the text that was typed, with the line of every key. Change it without a loss of comments."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rmrp_analysis import yaml_faults
from rmrp_analysis.errors import RmrpError, did_you_mean
from rmrp_analysis.messages import say

_UNPRINTABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f"
_UNPRINTABLE += "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff"
_NONCHARACTERS = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
_UNPRINTABLE_PATTERN = re.compile(f"[{_UNPRINTABLE}\U00010000-\U0010ffff](?<![^{_UNPRINTABLE}{_NONCHARACTERS}])")
"""Control characters, also those that turn the direction of writing, halves of characters, and noncharacters.

A class with single characters from U+10000 on takes ten times longer, so these are found by a range and checked again.
"""

_FIRST_LANGUAGE_PATTERN = re.compile(
    r"""^\ufeff?(?:languages?|idiomas?)\s*[:=](?:\s|#.*|[\[\-"'“])*([A-Za-z]{2})""", re.MULTILINE
)
"""The key of the languages, and the code of the first one, in a file that need not be YAML."""
Keys = tuple[str | int, ...]
"""The path from the top of a file to a value: keys, and indexes of items."""
Model = TypeVar("Model", bound=BaseModel)
MAX_YAML_BYTES = 2**20
EXTRA_KEY_ERROR = "extra_forbidden"
"""Pydantic's name for the error of an unknown key."""
YAML_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times as fast where libyaml is there
"""The reader of YAML that reads each scalar as text."""


@dataclass(frozen=True)
class YamlText:
    """A file's content, and the line of each part."""

    path: Path
    content: Any
    lines: Mapping[Keys, int]
    refusal: type[RmrpError] = RmrpError

    def valid(self, model: type[Model], content: Any = None) -> Model:
        """Return the content, or a part of it, as a model. Raise the file's refusal with every fault."""
        try:
            return model.model_validate(self.content if content is None else content)
        except ValidationError as problem:
            raise self.refusal("\n".join(self.explain(problem, model))) from None

    def line(self, keys: Keys) -> int:
        """Return the line of a key, or of the nearest key around it. 1 without such a key."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def explain(self, problem: ValidationError, model: type[BaseModel]) -> Iterator[str]:
        """Yield every fault of a problem, as ``file:line: key: fault``, in the order of lines.

        Faults with one cause have one sentence. A fault has a suggestion if one helps.
        """
        errors = sorted(problem.errors(), key=lambda error: self.line(error["loc"]))
        inside = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
        extra = [error["loc"] for error in errors if error["type"] == EXTRA_KEY_ERROR]
        unknown = {keys: _explain_key(model, keys) for keys in extra}
        guesses = {(*keys[:-1], key) for keys, (_, key, _) in unknown.items()}
        inner = {keys[:-1] for keys in unknown} - {()}
        misplaced = {above for _, _, above in unknown.values() if above}
        explained: set[Keys | str] = set()
        for error in errors:
            keys: Keys = error["loc"]
            # One sentence for the keys of one line, or out of one mapping; each key of the outermost one has its own
            group: Keys | str = (unknown[keys][2] or keys[:-1]) if keys in unknown else ""
            if group in explained or keys[:1] in {(above,) for above in misplaced}:
                continue
            explained |= {group} - {"", ()}
            place = f"{self.path}:{self.line(keys)}"
            if keys in unknown:
                yield f"{place}: {unknown[keys][0]}"
            elif error["type"] == "missing" and keys not in guesses and keys[:-1] not in inner:
                example = _example(model, keys)
                advice = say("write {example}", example=f"{keys[-1]}: {example}") if example else ""
                yield f"{place}: " + "; ".join(filter(None, (say("'{key}' is missing", key=_key_name(keys)), advice)))
            elif error["type"] == "too_short" and keys in inside:
                continue  # a list is not 'too short' because its item is wrong
            elif error["type"] != "missing":
                name = _key_name(keys) or say("the file")
                yield f"{place}: {name}: {yaml_faults.explain_value(error, _example(model, keys))}"


def _key_name(keys: Keys) -> str:
    """Return keys with points between them, for messages."""
    return ".".join(map(str, keys))


def read_yaml(path: Path, refusal: type[RmrpError]) -> YamlText:
    """Read a YAML mapping, every scalar as text.

    ``NO``, ``05`` and ``2021-01`` stay as they are. Raises ``refusal``, with the line, for a file that cannot be read,
    is no mapping, names a key twice, or has an alias.
    """
    text = _read_text(path, refusal)
    if fault := yaml_faults.find_path_in_double_quotes(text):
        raise refusal(f"{path}:{fault[0]}: {fault[1]}")
    try:
        for event in yaml.parse(text, Loader=YAML_LOADER):
            if isinstance(event, yaml.AliasEvent):  # a few lines of them fill any memory
                mark, advice = event.start_mark, say("holds an alias (*); write the value out, in quotes")
                raise refusal(f"{path}:{mark.line + 1 if mark else 1}: {advice}")
        root = yaml.compose(text, Loader=YAML_LOADER)
    except (RecursionError, yaml.YAMLError) as problem:
        if isinstance(problem, RecursionError) or "nesting depth" in str(problem):  # as libyaml says it
            raise refusal(say("{path}: is nested too deeply; write fewer brackets", path=path)) from None
        line, message = yaml_faults.explain_syntax(text, problem)
        raise refusal(f"{path}:{line}: {message}") from None
    if not isinstance(root, yaml.MappingNode):
        line, message = yaml_faults.explain_content(text)
        raise refusal(f"{path}:{line}: {message}")
    lines: dict[Keys, int] = {}
    content = _content(root, (), lines, path, refusal)
    return YamlText(path, content, lines, refusal)


def _read_text(path: Path, refusal: type[RmrpError]) -> str:
    """Read the text of a file, with plain blanks around keys and values.

    Raises ``refusal`` for a folder, for a missing or too large file, and for text that is not UTF-8.
    """
    if path.is_dir():
        raise refusal(
            say("{path} is a folder; write the file in it, such as {file}", path=path, file=path / "params.yml")
        )
    try:
        if path.stat().st_size > MAX_YAML_BYTES:
            raise refusal(
                say(
                    "{path}: holds more than {bytes} bytes; no such file is that long",
                    path=path,
                    bytes=f"{MAX_YAML_BYTES:,}",
                )
            )
        content = path.read_bytes()
        if b"\0" in content:
            content = b"\xff\0"  # no text of any encoding that is read
        return yaml_faults.use_plain_blanks(content.decode("utf-8-sig"))
    except FileNotFoundError:
        names = sorted(file.name for file in path.parent.glob("*.y*ml"))
        advice = did_you_mean(path.name, names) if names else say("`rmrp new DIR` writes a project with one")
        raise refusal(say("{path}: there is no such file; {advice}", path=path, advice=advice)) from None
    except UnicodeDecodeError:
        line, message = yaml_faults.explain_bytes(content)
        raise refusal(f"{path}:{line}: {message}") from None
    except OSError as problem:
        raise refusal(say("{path}: cannot be read ({problem})", path=path, problem=problem.strerror)) from None


def first_language(path: Path) -> str:
    """Return the code of the first language in a file, in lower case. Empty without a language or a file.

    The file need not be YAML.
    """
    try:
        text = path.read_bytes()[:MAX_YAML_BYTES].decode("utf-8", errors="replace")
    except OSError:
        return ""
    match = _FIRST_LANGUAGE_PATTERN.search(text)
    return match[1].lower() if match else ""


def _content(node: yaml.Node, keys: Keys, lines: dict[Keys, int], path: Path, refusal: type[RmrpError]) -> Any:
    """Return the content of a node of YAML, and note the line of each key and item in ``lines``.

    Texts lose unprintable characters, and curly quotes around them. Raises ``refusal`` for a key that is no text or
    stands there twice.
    """
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_content(item, (*keys, number), lines, path, refusal) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        text = printable(node.value)
        is_quoted = getattr(node, "style", "") is None and text[:1] in "“”„‘" and text[-1:] in "“”’" and len(text) > 1
        return text[1:-1] if is_quoted else text
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            fault = say("a key must be plain text")
            raise refusal(f"{path}:{line}: {fault}")
        if key in mapping:
            earlier = lines[(*keys, key)]
            fault = say(
                "'{key}' stands here a second time (before: line {first}); leave one out", key=key, first=earlier
            )
            raise refusal(f"{path}:{line}: {fault}")
        lines[(*keys, key)] = line
        mapping[key] = _content(value_node, (*keys, key), lines, path, refusal)
    return mapping


def _model_around(model: type[BaseModel], keys: Keys) -> type[BaseModel]:
    """Return the model with the last of these keys. Unknown keys above it are ignored."""
    for key in keys[:-1]:
        models = _models_of(model, str(key))
        model = models[0] if models else model
    return model


def _models_of(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    """Return the models under a key. Empty for a plain value or an unknown key."""
    field = model.model_fields.get(key)
    kinds = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _explain_key(model: type[BaseModel], keys: Keys) -> tuple[str, str, str]:
    """Return the fault of an unknown key, the key meant, and the key above it. The last two may be empty."""
    fields = _model_around(model, keys).model_fields
    elsewhere = {
        name: above for above in model.model_fields for inner in _models_of(model, above) for name in inner.model_fields
    }
    parents = {name: above for name, above in elsewhere.items() if name not in fields and above not in keys}
    key = str(keys[-1])
    return *yaml_faults.explain_key(key, list(fields), parents), parents.get(key, "")


def _example(model: type[BaseModel], keys: Keys) -> str:
    """Return an example for a key: the example of its field, or its first three keys. Empty without an example."""
    around = _model_around(model, keys)
    field = around.model_fields.get(str(keys[-1])) if keys else None
    if field and field.examples:
        return str(field.examples[0])
    names = [name for inner in _models_of(around, str(keys[-1]))[:1] for name in inner.model_fields] if field else []
    return f"{{{', '.join(f'{name}: …' for name in names[:3])}}}" if names else ""


def printable(text: str, longest: int | None = None) -> str:
    """Return the text without unprintable characters, of at most ``longest`` letters.

    >>> printable("Fundaci\\x00ón", 6)
    'Funda…'
    """
    clean = _UNPRINTABLE_PATTERN.sub("", text)
    return clean if longest is None or len(clean) <= longest else clean[: longest - 1] + "…"


def escape_unprintable(text: str) -> str:
    """Write unprintable characters as JSON escapes, which are visible and do nothing.

    >>> escape_unprintable("Fundaci\\x1bón")
    'Fundaci\\\\u001bón'
    """
    return _UNPRINTABLE_PATTERN.sub(lambda character: json.dumps(character[0])[1:-1], text)


class _TextDumper(yaml.SafeDumper):
    """A writer of scalars as the text that ``read_yaml`` reads, with quotes only if a text needs them."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as in the class above


def yaml_text(content: Any, **options: Any) -> str:
    """Return content as YAML text that ``read_yaml`` reads. ``options`` are those of ``yaml.dump``."""
    texts = yaml.load(yaml.safe_dump(content, sort_keys=False), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    return str(yaml.dump(texts, Dumper=_TextDumper, allow_unicode=True, sort_keys=False, width=math.inf, **options))


def with_content(text: str, content: Mapping[str, Any]) -> str:
    """Return the text of a YAML mapping with this content in place of its own.

    Comments, order and quotes stay. A new key takes the place of a removed one, or the end of its mapping. Only
    different values are written again.

    >>> before = "start: '2021-01'  # the first\\nfile: a.csv  # of all\\n"
    >>> print(with_content(before, {"start": "2021-02", "files": ["a.csv", "b.csv"]}), end="")
    start: '2021-02'  # the first
    files: [a.csv, b.csv]  # of all
    """
    text = yaml_faults.use_plain_blanks(text)
    root, old = yaml.compose(text, Loader=yaml.BaseLoader), yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    if not isinstance(root, yaml.MappingNode):
        return text + yaml_text(content)
    for start, end, new in sorted(_changes(root, text, old, content), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _changes(
    node: yaml.MappingNode, text: str, old_content: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    """Yield the changes of a mapping's text for its new content: start, end, and new text."""
    pairs = {key.value: (key, value_node) for key, value_node in node.value}
    added = [_pair(name, value, node) for name, value in content.items() if name not in pairs]
    for name, (key, value_node) in pairs.items():
        start, end = key.start_mark.index, _end(value_node)
        if name not in content and added:
            yield start, end, added.pop(0)
        elif name not in content and node.flow_style:
            yield start, end + len(re.match(r"(\s*,\s*)?", text[end:])[0]), ""  # type: ignore[index]
        elif name not in content:
            yield text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1 or len(text), ""
        elif isinstance(value_node, yaml.MappingNode) and isinstance(content[name], Mapping):
            yield from _changes(value_node, text, old_content[name], content[name])
        elif _in_a_line(old_content[name]) != _in_a_line(content[name]):
            if isinstance(value_node, yaml.ScalarNode) and value_node.value:
                yield value_node.start_mark.index, end, _in_a_line(content[name], value_node.style)
            else:
                yield start, end, _pair(name, content[name], node)
    if added:
        place = _end(node.value[-1][1]) if pairs else node.end_mark.index - 1
        if not node.flow_style:
            place += len(text[place:].partition("\n")[0])  # after the comment
        between = ", " if node.flow_style else f"\n{' ' * node.start_mark.column}"
        yield (place, place, between * bool(pairs) + between.join(added))


def _pair(name: str, value: Any, inside: yaml.MappingNode) -> str:
    """Write a key with its value for a mapping. A mapping within several lines has its own lines."""
    if isinstance(value, Mapping) and not inside.flow_style:
        return f"\n{' ' * inside.start_mark.column}".join(yaml_text({name: dict(value)}).splitlines())
    return f"{name}: {_in_a_line(value)}"


def _in_a_line(value: Any, quotes: str | None = None) -> str:
    """Return a value as YAML on one line, its texts in these quotes, if any."""
    return yaml_text([value], default_flow_style=True, default_style=quotes).strip()[1:-1]


def _end(node: yaml.Node) -> int:
    """Return the end of a node's last text. The mark of a node of several lines stands after the next comments."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        item = node.value[-1]
        return _end(item[1] if isinstance(item, tuple) else item)
    return int(node.end_mark.index)
