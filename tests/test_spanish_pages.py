"""The Spanish pages say what the English ones say, with the same commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
SPANISH = sorted(path.name for path in (DOCS / "es").glob("*.md"))
WITHOUT_MODEL = {"index.md", "begin.md", "how-to.md", "gallery.md"}
"""Pages that are written for readers of Spanish, and translate no English one."""
TRANSLATED = [page for page in SPANISH if page not in WITHOUT_MODEL]
COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
COMMAND_OR_OPTION = re.compile(r"^[A-Z_]*=?[a-z]+|\brmrp [a-z]+|(?<=\s)--?[a-z][a-z-]*", re.MULTILINE)
LANGUAGE_OPTION = "--language"  # a Spanish reader asks for Spanish
YAML_KEY = re.compile(r"([\w-]+):(?= |$)", re.MULTILINE)
TOML_KEY = re.compile(r"^(?:\[.+\]|[\w-]+)", re.MULTILINE)
FIGURE_NAME = re.compile(r"{{ *([a-z_]+)")


def read_pages(page: str) -> list[str]:
    """Return the text of a page in English and in Spanish."""
    return [(DOCS / folder / page).read_text("utf-8") for folder in (".", "es")]


def list_code(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the language of each code block, and what of it no translation changes: commands, options, keys, names."""
    for language, code in re.findall(r"^```([^\s`]+).*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        match language:
            case "sh" | "bash":
                words = COMMAND_OR_OPTION.findall(COMMENT.sub("", code))
                yield language, [word for word in words if word != LANGUAGE_OPTION]
            case "yaml":
                yield language, YAML_KEY.findall(COMMENT.sub("", code))
            case "toml":
                yield language, TOML_KEY.findall(code)
            case "python":
                nodes = list(ast.walk(ast.parse(code)))
                attributes = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
                yield language, sorted(attributes + [str(node.arg) for node in nodes if isinstance(node, ast.keyword)])
            case "markdown":
                yield language, FIGURE_NAME.findall(code)
            case directive if directive.startswith("{"):
                yield directive, []
            case _:
                yield language, code.splitlines()


@pytest.mark.parametrize("page", TRANSLATED)
def test_a_page_in_spanish_has_every_part_and_table_of_the_english_one(page: str) -> None:
    for part in ("^#+ ", r"^\|", "^```", r"^\d\. ", "^- "):
        assert len({len(re.findall(part, text, re.MULTILINE)) for text in read_pages(page)}) == 1, part


@pytest.mark.parametrize("page", TRANSLATED)
def test_a_page_in_spanish_has_the_code_of_the_english_one(page: str) -> None:
    english, spanish = map(list, map(list_code, read_pages(page)))
    assert spanish == english


@pytest.mark.parametrize("page", sorted({*TRANSLATED} - {"messages.md"}))
def test_a_page_in_spanish_speaks_of_the_commands_and_options_of_the_english_one(page: str) -> None:
    pattern = re.compile(r"--[a-z][a-z-]+|\brmrp [a-z]+")
    english, spanish = (set(pattern.findall(" ".join(text.split()))) for text in read_pages(page))
    assert spanish - {LANGUAGE_OPTION} == english - {LANGUAGE_OPTION}


@pytest.mark.parametrize("page", SPANISH)
def test_spanish_pages_lead_to_spanish_ones_where_there_are_some(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+\.md)[)#]", (DOCS / "es" / page).read_text("utf-8"))
    english = [link.removeprefix("../") for link in links if link.startswith("../")]
    assert [name for name in english if name in SPANISH and (page, name) != ("gallery.md", "gallery.md")] == []
