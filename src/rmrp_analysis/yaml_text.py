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

from rmrp_analysis import yaml_faults
from rmrp_analysis.errors import RmrpError, did_you_mean
from rmrp_analysis.messages import say

_UNPRINTABLE_PATTERN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]"
    "|[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)
"""Control characters, also those that turn the direction of writing, halves of characters, and noncharacters."""

_FIRST_LANGUAGE_PATTERN = re.compile(
    r"""^\ufeff?(?:languages?|idiomas?)\s*[:=](?:\s|#.*|[\[\-"'“])*([A-Za-z]{2})""", re.MULTILINE
)
"""The key of the languages, and the code of the first one, in a file that need not be YAML."""
Keys = tuple[str | int, ...]
"""The way from the top of a file to a value: keys, and indexes of items."""
Model = TypeVar("Model", bound=BaseModel)
MAX_YAML_BYTES = 2**20
"""Bytes of a file at most."""
EXTRA_KEY_ERROR = "extra_forbidden"
"""How pydantic calls a key that there is not."""
YAML_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times as fast where libyaml is there
"""The reader of YAML that leaves each scalar a text."""


@dataclass(frozen=True)
class YamlText:
    """A file's content, and where each part of it stands."""

    path: Path
    content: Any
    lines: Mapping[Keys, int]
    refusal: type[RmrpError] = RmrpError

    def valid(self, model: type[Model], content: Any = None) -> Model:
        """Return the content, or a part of it, as a model.

        Raises the file's refusal, which names every fault.
        """
        try:
            return model.model_validate(self.content if content is None else content)
        except ValidationError as problem:
            raise self.refusal("\n".join(self.explain(problem, model))) from None

    def line(self, keys: Keys) -> int:
        """Return the line of a key, or of the nearest one around it; 1 where there is none."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def explain(self, problem: ValidationError, model: type[BaseModel]) -> Iterator[str]:
        """Yield every fault of a problem, as ``file:line: key: what is wrong``, in the order of lines.

        Faults with one cause have one sentence. A suggestion stands where one helps.
        """
        validation_errors = sorted(problem.errors(), key=lambda error: self.line(error["loc"]))
        keys_of_containers = {
            error["loc"][:key_count] for error in validation_errors for key_count in range(len(error["loc"]))
        }
        explanation_by_unknown_key = {
            error["loc"]: _explain_key(model, error["loc"])
            for error in validation_errors
            if error["type"] == EXTRA_KEY_ERROR
        }
        meant_key_paths = {
            (*error_keys[:-1], likely_key) for error_keys, (_, likely_key, _) in explanation_by_unknown_key.items()
        }
        parents_of_unknown_keys = {error_keys[:-1] for error_keys in explanation_by_unknown_key} - {()}
        misplaced_parents = {parent_key for _, _, parent_key in explanation_by_unknown_key.values() if parent_key}
        explained_fault_group_keys: set[Keys | str] = set()
        for error in validation_errors:
            error_keys: Keys = error["loc"]
            fault_group_key = _find_fault_group(error_keys, explanation_by_unknown_key)
            if fault_group_key in explained_fault_group_keys or error_keys[:1] in {
                (parent_key,) for parent_key in misplaced_parents
            }:
                continue  # one sentence for keys of one line, or out of one mapping
            explained_fault_group_keys |= {fault_group_key} - {"", ()}
            position = f"{self.path}:{self.line(error_keys)}"
            if error_keys in explanation_by_unknown_key:
                yield f"{position}: {explanation_by_unknown_key[error_keys][0]}"
            elif (
                error["type"] == "missing"
                and error_keys not in meant_key_paths
                and error_keys[:-1] not in parents_of_unknown_keys
            ):
                example_text = _example(model, error_keys)
                advice = say("write {example}", example=f"{error_keys[-1]}: {example_text}") if example_text else ""
                yield f"{position}: " + "; ".join(
                    filter(None, (say("'{key}' is missing", key=_key_name(error_keys)), advice))
                )
            elif error["type"] == "too_short" and error_keys in keys_of_containers:
                continue  # a list is not 'too short' because its item is wrong
            elif error["type"] != "missing":
                key_name = _key_name(error_keys) or say("the file")
                yield f"{position}: {key_name}: {yaml_faults.explain_value(error, _example(model, error_keys))}"


def _find_fault_group(keys: Keys, unknown: Mapping[Keys, tuple[str, str, str]]) -> Keys | str:
    """Return what an unknown key shares with others that need only one sentence: the key above them.

    ``keys`` is the path of one fault; ``unknown`` holds those of unknown keys. Empty for any other fault.
    """
    if keys not in unknown:
        return ""
    return unknown[keys][2] or keys[:-1]  # of the outermost mapping each is told


def _key_name(keys: Keys) -> str:
    """Return keys with points between them, as messages name them."""
    return ".".join(map(str, keys))


def read_yaml(path: Path, refusal: type[RmrpError]) -> YamlText:
    """Read a YAML mapping, every scalar as text.

    ``NO``, ``05`` and ``2021-01`` stay as they are. Raises ``refusal``, with the line, for what cannot be read, is no
    mapping, names a key twice, or has an alias.
    """
    file_text = _read_text(path, refusal)
    if path_fault := yaml_faults.find_path_in_double_quotes(file_text):
        raise refusal(f"{path}:{path_fault[0]}: {path_fault[1]}")
    try:
        for yaml_event in yaml.parse(file_text, Loader=YAML_LOADER):
            if isinstance(yaml_event, yaml.AliasEvent):  # a few lines of them fill any memory
                alias_mark, advice = yaml_event.start_mark, say("holds an alias (*); write the value out, in quotes")
                raise refusal(f"{path}:{alias_mark.line + 1 if alias_mark else 1}: {advice}")
        root_node = yaml.compose(file_text, Loader=YAML_LOADER)
    except (RecursionError, yaml.YAMLError) as problem:
        if isinstance(problem, RecursionError) or "nesting depth" in str(problem):  # as libyaml says it
            raise refusal(say("{path}: is nested too deeply; write fewer brackets", path=path)) from None
        fault_line, message = yaml_faults.explain_syntax(file_text, problem)
        raise refusal(f"{path}:{fault_line}: {message}") from None
    if not isinstance(root_node, yaml.MappingNode):
        fault_line, message = yaml_faults.explain_content(file_text)
        raise refusal(f"{path}:{fault_line}: {message}")
    line_by_keys: dict[Keys, int] = {}
    file_content_dict = _content(root_node, (), line_by_keys, path, refusal)
    return YamlText(path, file_content_dict, line_by_keys, refusal)


def _read_text(path: Path, refusal: type[RmrpError]) -> str:
    """Read the text of a file, with plain blanks around keys and values.

    Raises ``refusal`` for a folder, a missing or too large file, and what is not UTF-8.
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
        file_bytes = path.read_bytes()
        if b"\0" in file_bytes:
            file_bytes = b"\xff\0"  # no text of any encoding that is read
        return yaml_faults.use_plain_blanks(file_bytes.decode("utf-8-sig"))
    except FileNotFoundError:
        yaml_names = sorted(yaml_path.name for yaml_path in path.parent.glob("*.y*ml"))
        advice = did_you_mean(path.name, yaml_names) if yaml_names else say("`rmrp new DIR` writes a project with one")
        raise refusal(say("{path}: there is no such file; {advice}", path=path, advice=advice)) from None
    except UnicodeDecodeError:
        fault_line, message = yaml_faults.explain_bytes(file_bytes)
        raise refusal(f"{path}:{fault_line}: {message}") from None
    except OSError as problem:
        raise refusal(say("{path}: cannot be read ({problem})", path=path, problem=problem.strerror)) from None


def first_language(path: Path) -> str:
    """Return the code of the first language that a file names, in lower case; empty without one or without the file.

    The file need not be YAML.
    """
    try:
        file_text = path.read_bytes()[:MAX_YAML_BYTES].decode("utf-8", errors="replace")
    except OSError:
        return ""
    language_match = _FIRST_LANGUAGE_PATTERN.search(file_text)
    return language_match[1].lower() if language_match else ""


def _content(node: yaml.Node, keys: Keys, lines: dict[Keys, int], path: Path, refusal: type[RmrpError]) -> Any:
    """Return what a node of YAML holds, and note the line of each key and item in ``lines``.

    Texts lose what cannot be printed, and curly quotes around them. Raises ``refusal`` for a key that is no text or
    stands there twice.
    """
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _content(item_node, (*keys, item_index), lines, path, refusal)
            for item_index, item_node in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        scalar_text = printable(node.value)
        has_curly_quotes = (
            getattr(node, "style", "") is None
            and scalar_text[:1] in "“”„‘"
            and scalar_text[-1:] in "“”’"
            and len(scalar_text) > 1
        )
        return scalar_text[1:-1] if has_curly_quotes else scalar_text
    content_by_key: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_text, key_line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            key_fault = say("a key must be plain text")
            raise refusal(f"{path}:{key_line}: {key_fault}")
        if key_text in content_by_key:
            first_key_line = lines[(*keys, key_text)]
            key_fault = say(
                "'{key}' stands here a second time (before: line {first}); leave one out",
                key=key_text,
                first=first_key_line,
            )
            raise refusal(f"{path}:{key_line}: {key_fault}")
        lines[(*keys, key_text)] = key_line
        content_by_key[key_text] = _content(value_node, (*keys, key_text), lines, path, refusal)
    return content_by_key


def _model_around(model: type[BaseModel], keys: Keys) -> type[BaseModel]:
    """Return the model in which the last of these keys stands; an unknown key above it is passed over."""
    for outer_key in keys[:-1]:
        inner_models = _models_of(model, str(outer_key))
        model = inner_models[0] if inner_models else model
    return model


def _models_of(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    """Return the models of what stands under a key; empty for a plain value or an unknown key."""
    model_field = model.model_fields.get(key)
    field_types = [model_field.annotation, *getattr(model_field.annotation, "__args__", ())] if model_field else []
    return [
        field_type for field_type in field_types if isinstance(field_type, type) and issubclass(field_type, BaseModel)
    ]


def _explain_key(model: type[BaseModel], keys: Keys) -> tuple[str, str, str]:
    """Return what is wrong with an unknown key, the key meant, and the key above it; the last two may be empty."""
    sibling_field_by_name = _model_around(model, keys).model_fields
    parent_by_field = {
        field_name: parent_key
        for parent_key in model.model_fields
        for inner_model in _models_of(model, parent_key)
        for field_name in inner_model.model_fields
    }
    parent_by_misplaced_field = {
        field_name: parent_key
        for field_name, parent_key in parent_by_field.items()
        if field_name not in sibling_field_by_name and parent_key not in keys
    }
    unknown_key = str(keys[-1])
    return *yaml_faults.explain_key(
        unknown_key, list(sibling_field_by_name), parent_by_misplaced_field
    ), parent_by_misplaced_field.get(unknown_key, "")


def _example(model: type[BaseModel], keys: Keys) -> str:
    """Return an example of what stands under a key: that of its field, or its first three keys; empty without one."""
    parent_model = _model_around(model, keys)
    model_field = parent_model.model_fields.get(str(keys[-1])) if keys else None
    if model_field and model_field.examples:
        return str(model_field.examples[0])
    field_names = (
        [
            field_name
            for inner_model in _models_of(parent_model, str(keys[-1]))[:1]
            for field_name in inner_model.model_fields
        ]
        if model_field
        else []
    )
    return f"{{{', '.join(f'{field_name}: …' for field_name in field_names[:3])}}}" if field_names else ""


def printable(text: str, longest: int | None = None) -> str:
    """Return the text without what cannot be printed, of ``longest`` letters at most.

    >>> printable("Fundaci\\x00ón", 6)
    'Funda…'
    """
    printable_text = _UNPRINTABLE_PATTERN.sub("", text)
    return printable_text if longest is None or len(printable_text) <= longest else printable_text[: longest - 1] + "…"


def escape_unprintable(text: str) -> str:
    """Write what cannot be printed as JSON escapes it.

    It stays in sight and does nothing.

    >>> escape_unprintable("Fundaci\\x1bón")
    'Fundaci\\\\u001bón'
    """
    return _UNPRINTABLE_PATTERN.sub(lambda character: json.dumps(character[0])[1:-1], text)


class _TextDumper(yaml.SafeDumper):
    """A writer of scalars as the text that ``read_yaml`` reads.

    Quotes stand where a text needs them alone.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as in the class above


def yaml_text(content: Any, **options: Any) -> str:
    """Return content as YAML text that ``read_yaml`` reads; ``options`` are those of ``yaml.dump``."""
    content_as_texts = yaml.load(yaml.safe_dump(content, sort_keys=False), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    return str(
        yaml.dump(content_as_texts, Dumper=_TextDumper, allow_unicode=True, sort_keys=False, width=math.inf, **options)
    )


def with_content(text: str, content: Mapping[str, Any]) -> str:
    """Change the text of a YAML mapping so that it holds this content.

    Comments, order and quotes stay. A key that is new takes the place of one that is gone, or else the end of its
    mapping. Only values that differ are written anew.

    >>> before = "start: '2021-01'  # the first\\nfile: a.csv  # of all\\n"
    >>> print(with_content(before, {"start": "2021-02", "files": ["a.csv", "b.csv"]}), end="")
    start: '2021-02'  # the first
    files: [a.csv, b.csv]  # of all
    """
    text = yaml_faults.use_plain_blanks(text)
    root_node, old_content = yaml.compose(text, Loader=yaml.BaseLoader), yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    if not isinstance(root_node, yaml.MappingNode):
        return text + yaml_text(content)
    for start_index, end_index, replacement_text in sorted(
        _changes(root_node, text, old_content, content), reverse=True
    ):
        text = text[:start_index] + replacement_text + text[end_index:]
    return text


def _changes(
    node: yaml.MappingNode, text: str, old_content: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    """Yield where the text of a mapping differs from its new content.

    Each is the start, the end, and the text that is to stand there.
    """
    key_and_value_node_by_name = {key_node.value: (key_node, value_node) for key_node, value_node in node.value}
    added_texts = [
        _pair(key_name, new_value, node)
        for key_name, new_value in content.items()
        if key_name not in key_and_value_node_by_name
    ]
    for key_name, (key_node, value_node) in key_and_value_node_by_name.items():
        start_index, end_index = key_node.start_mark.index, _end(value_node)
        if key_name not in content and added_texts:
            yield start_index, end_index, added_texts.pop(0)
        elif key_name not in content and node.flow_style:
            yield start_index, end_index + len(re.match(r"(\s*,\s*)?", text[end_index:])[0]), ""  # type: ignore[index]
        elif key_name not in content:
            yield text.rfind("\n", 0, start_index) + 1, text.find("\n", end_index) + 1 or len(text), ""
        elif isinstance(value_node, yaml.MappingNode) and isinstance(content[key_name], Mapping):
            yield from _changes(value_node, text, old_content[key_name], content[key_name])
        elif _in_a_line(old_content[key_name]) != _in_a_line(content[key_name]):
            if isinstance(value_node, yaml.ScalarNode) and value_node.value:
                yield value_node.start_mark.index, end_index, _in_a_line(content[key_name], value_node.style)
            else:
                yield start_index, end_index, _pair(key_name, content[key_name], node)
    if added_texts:
        insert_index = _end(node.value[-1][1]) if key_and_value_node_by_name else node.end_mark.index - 1
        if not node.flow_style:
            insert_index += len(text[insert_index:].partition("\n")[0])  # behind the comment
        pair_separator = ", " if node.flow_style else f"\n{' ' * node.start_mark.column}"
        yield (
            insert_index,
            insert_index,
            pair_separator * bool(key_and_value_node_by_name) + pair_separator.join(added_texts),
        )


def _pair(name: str, value: Any, inside: yaml.MappingNode) -> str:
    """Write a key with its value as they stand in a mapping.

    A mapping in a mapping of several lines has lines of its own.
    """
    if isinstance(value, Mapping) and not inside.flow_style:
        return f"\n{' ' * inside.start_mark.column}".join(yaml_text({name: dict(value)}).splitlines())
    return f"{name}: {_in_a_line(value)}"


def _in_a_line(value: Any, quotes: str | None = None) -> str:
    """Return a value as YAML on one line, its texts in these quotes, if any."""
    return yaml_text([value], default_flow_style=True, default_style=quotes).strip()[1:-1]


def _end(node: yaml.Node) -> int:
    """Return where the last text of a node ends.

    The mark of a node of several lines stands behind the comments that follow.
    """
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last_node = node.value[-1]
        return _end(last_node[1] if isinstance(last_node, tuple) else last_node)
    return int(node.end_mark.index)
