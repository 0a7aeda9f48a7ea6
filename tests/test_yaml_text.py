"""YAML is read as the text that was typed, and every fault is told with its line."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from rmrp_analysis.errors import InputRefused, RequestError
from rmrp_analysis.yaml_text import YamlText, read_yaml, with_content, yaml_text


class Months(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start: str
    end: str


class Run(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    period: Months | None = None


def read(folder: Path, text: str) -> YamlText:
    path = folder / "run.yml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, RequestError)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(RequestError) as refused:
        read(folder, text)
    return str(refused.value).removeprefix(f"{folder / 'run.yml'}:")


def explained(folder: Path, text: str) -> list[str]:
    read_text = read(folder, text)
    with pytest.raises(ValidationError) as problem:
        Run.model_validate(read_text.content)
    return [line.removeprefix(f"{folder / 'run.yml'}:") for line in read_text.explain(problem.value, Run)]


@pytest.mark.parametrize("scalar", ["NO", "05", "2021-01", "yes", "1e3", "~", "1:30"])
def test_a_scalar_stays_the_text_that_was_typed(tmp_path: Path, scalar: str) -> None:
    assert read(tmp_path, f"country: {scalar}\n").content == {"country": scalar}


def test_keys_within_keys_keep_their_order_and_know_their_line(tmp_path: Path) -> None:
    content = read(tmp_path, "b: {y: 1, x: 2}\na: [q, p]\n").content
    assert list(content.items()) == [("b", {"y": "1", "x": "2"}), ("a", ["q", "p"])]
    text = read(tmp_path, "title: x\nperiod:\n  start: 2021-01\nsectors:\n  - Health\n  - WASH\n")
    keys = [("title",), ("period",), ("period", "start"), ("sectors", 1)]
    assert [text.line(key) for key in keys] == [1, 2, 3, 6]
    text = read(tmp_path, "title: x\nperiod:\n  start: 2021-01\n")
    assert (text.line(("period", "end")), text.line(("method",))) == (2, 1)
    assert read(tmp_path, "\ufefftitle: x\n").content == {"title": "x"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# a list\n- a\n- b\n", "2: the file must hold keys and values, such as plan: 2021, and not a list"),
        ("just words\n", "1: the file must hold keys and values, such as plan: 2021, and not a list"),
        ("", "1: the file is empty; write keys and values, such as plan: 2021"),
    ],
)
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    assert refusal(tmp_path, text) == fault


def test_faults_are_told_at_once_by_their_neighbours_also_what_is_no_yaml(tmp_path: Path) -> None:
    faults = explained(tmp_path, "title: x\nperiod:\n  start: 2021-01\n  ende: 2021-05\n")
    assert faults == ["4: unknown key 'ende'; did you mean 'end'?"]
    assert explained(tmp_path, "title: x\nperiod:\n  start: 2021-01\n") == ["2: 'period.end' is missing"]
    faults = explained(tmp_path, "period: {start: a, end: [b]}\nfirst: 1\nsecond: 2\n")
    assert [fault.split(":")[0] for fault in faults] == ["1", "1", "2", "3"]
    assert refusal(tmp_path, "title: x\nplan: 2021\ntitle: y\n") == (
        "3: 'title' stands here a second time (before: line 1); leave one out"
    )
    assert refusal(tmp_path, "title: x\nsectors: [Health\nplan: 2021\n") == (
        "2: the bracket that opens here is not closed; write ] at the end"
    )
    assert refusal(tmp_path, "? [a, b]\n: c\n") == "1: a key must be plain text"
    with pytest.raises(InputRefused, match=r"gone\.yml: there is no such file"):
        read_yaml(tmp_path / "gone.yml", InputRefused)
    path = tmp_path / "params.yml"
    path.write_text('title: "End\\x0b of\\u202e year"\n', encoding="utf-8")
    assert read_yaml(path, RequestError).content == {"title": "End of year"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [1]\nb: *x\n", "holds an alias"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("a: " + "x" * 2**20, "holds more than"),
    ],
)
def test_what_would_fill_the_memory_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "params.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=problem):
        read_yaml(path, RequestError)


PERIOD, ENTRY = "period: {{start: a, end: '{}'}}  # both", "a:\n  {}  # one\n\n# why\nb: 1\n"


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        ("end: 2021-03   # last\n", {"end": "2021-04"}, "end: 2021-04   # last\n"),
        (PERIOD.format("b"), {"period": {"start": "a", "end": "c"}}, PERIOD.format("c")),
        (ENTRY.format("file: x"), {"a": {"files": ["x", "y"]}, "b": "1"}, ENTRY.format("files: [x, y]")),
        ("a:\n- x  # one\n# tail\nb: 1\n", {"a": ["z"], "c": {"d": "1"}}, "a: [z]  # one\n# tail\nc:\n  d: 1\n"),
        ("# nothing yet\n", {"a": "no"}, "# nothing yet\na: no\n"),
    ],
)
def test_content_changes_and_comments_stay(before: str, content: dict[str, object], after: str) -> None:
    assert with_content(before, content) == after


names = st.text("abc", min_size=1, max_size=2)
texts = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=4) | st.just("2021-12-31")
contents = st.recursive(
    texts, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
mappings = st.dictionaries(names, contents, min_size=1, max_size=4)


@given(mappings, mappings, st.sampled_from([True, False, None]))
def test_any_content_takes_the_place_of_any_other(before: object, after: dict[str, object], flow: bool | None) -> None:
    text = with_content(yaml_text(before, default_flow_style=flow), after)
    assert yaml.load(text, Loader=yaml.BaseLoader) == after  # noqa: S506 - texts alone
