"""What the pages on Python need beyond autodoc: short types, tables of parameters, a picture of each kind of chart."""

import doctest
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from datetime import date
from html import escape
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import yaml
from docutils import nodes
from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

import rmrp_analysis as rmrp
from drawings import in_page_colours
from rmrp_analysis import BREAKDOWNS, FIGURES, charts
from rmrp_analysis.method import Limits, Revision
from rmrp_analysis.page.account import LIMIT_WORDS
from rmrp_analysis.tables import Table
from rmrp_analysis.vocabulary import plan_lists

SHORT_TYPES = {"~pandas.": "pd.", "pd.Series[Any]": "pd.Series", "~pathlib.Path": "Path"}
"""How types in a signature are written as an analyst writes them; Sphinx leaves out the modules of others itself."""
CHARTS_PAGE = "api/charts"
YAML_TYPES = {str: "text", int: "whole number", float: "number", bool: "true, false", Path: "path", date: "day"}
MAX_CHOICES = 6
"""Of the words allowed for a parameter; more of them are names of a list."""


def shorten_signature(_: Sphinx, what: str, __: str, obj: Any, ___: Any, arguments: str, returns: str) -> Any:
    """Give short types; and no arguments of a class whose objects others make."""
    if what == "class" and (is_dataclass(obj) or issubclass(obj, BaseModel)):
        return "", None
    for long, short in SHORT_TYPES.items():
        arguments, returns = (text and text.replace(long, short) for text in (arguments, returns))
    return arguments, returns


def draw_example(app: Sphinx, what: str, __: str, obj: Any, ___: Any, lines: list[str]) -> None:
    """Put the chart that the example of a function of ``charts`` draws below it, with its words for a voice."""
    if what != "function" or app.env.docname != CHARTS_PAGE or "ax" not in signature(obj).parameters:
        return
    names: dict[str, Any] = {"rmrp": rmrp}
    for example in doctest.DocTestParser().get_examples("\n".join(lines)):
        exec(example.source, names)  # noqa: S102 - the docstring's own example, which tests run
    svg = in_page_colours(charts.svg(names["axes"], prefix=obj.__name__)).replace("<svg", '<svg class="drawn"', 1)
    words = escape(drawn_words(names["axes"]))
    html = f'<div class="drawing"><div role="img" aria-label="{words}">{svg}</div></div>'
    lines += ["", ".. raw:: html", "", *(f"   {line}" for line in html.splitlines()), ""]


def name_options(_: Sphinx, what: str, __: str, ___: Any, ____: Any, lines: list[str]) -> None:
    """Let the options that a module tells of stand under their names; Sphinx knows parameters of functions alone."""
    if what == "module":
        lines[:] = [re.sub(r"^:param (\w+):", r":\1:", line) for line in lines]


def drawn_words(axes: Any) -> str:
    """Say what a chart shows: its parts, each with its number."""
    drawing = charts.drawing_of(axes)
    return "; ".join(": ".join(filter(None, part)) for part in drawing.parts) if drawing else ""


def yaml_type(annotation: Any) -> str:
    """Give a type as a writer of a parameter file knows it: ``list: text``, ``public, internal``."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return yaml_type(inner[0])
    if origin is Literal:
        return ", ".join(map(str, inner)) if len(inner) <= MAX_CHOICES else "name"
    if origin in (Union, UnionType):
        return yaml_type(next(each for each in inner if each is not type(None)))
    if origin is tuple:
        return "number, or by sector" if get_origin(inner[0]) is tuple else f"list: {yaml_type(inner[0])}"
    if origin is dict:
        return f"by name: {yaml_type(inner[1])}"
    if annotation is Revision:  # which the run makes
        return "mapping"
    if issubclass(annotation, BaseModel):
        return f":ref:`{annotation.__name__} <parameters-{annotation.__name__.lower()}>`"
    return YAML_TYPES[annotation]


def bounds(constraints: Iterable[Any]) -> Iterator[str]:
    """Say how large a number may be, or how long a text."""
    for constraint in constraints:
        if isinstance(constraint, annotated_types.Ge):
            yield f"from {constraint.ge}"
        if isinstance(constraint, annotated_types.Le):
            yield f"to {constraint.le}"
        if isinstance(constraint, annotated_types.MaxLen):
            yield f"up to {constraint.max_length} characters"


class Parameters(SphinxDirective):
    """A table of the fields of a model: name, type, default and meaning, as the code declares them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        model: type[BaseModel] = resolve_name(self.arguments[0])
        defaults = model.model_construct().model_dump(mode="json", warnings=False)
        attributes = ModuleAnalyzer.for_module(model.__module__).find_attr_docs()
        rows = []
        for field, info in model.model_fields.items():
            type_and_bounds = ", ".join(filter(None, [yaml_type(info.annotation), " ".join(bounds(info.metadata))]))
            default = "*required*" if info.is_required() else yaml_default(defaults[field])
            meaning = " ".join(attributes.get((model.__name__, field), ())).strip()
            meaning = f"Accepted: {LIMIT_WORDS[field]}." if model is Limits else meaning
            rows.append((f"``{field}``", type_and_bounds, default, meaning))
        label = f".. _parameters-{model.__name__.lower()}:"
        return self.parse_text_to_nodes(
            "\n".join([label, "", *table(["parameter", "type", "default", "meaning"], rows)])
        )


class Figures(SphinxDirective):
    """A table of all figures: name, unit, what sheets call it and how it is counted."""

    def run(self) -> list[nodes.Node]:
        rows = [(f"``{name}``", each.unit, each.label, each.rule) for name, each in FIGURES.items()]
        return self.parse_text_to_nodes("\n".join(table(["figure", "unit", "on a sheet", "how it is counted"], rows)))


class Breakdowns(SphinxDirective):
    """A table of all breakdowns: name, dimensions, and what sheets call it."""

    def run(self) -> list[nodes.Node]:
        rows = [(f"``{name}``", ", ".join(each.by), each.label) for name, each in BREAKDOWNS.items()]
        return self.parse_text_to_nodes("\n".join(table(["breakdown", "by", "on a sheet"], rows)))


class Columns(SphinxDirective):
    """A table of the columns of a table of the plan: name, unit and meaning."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        of: type[Table] = resolve_name(self.arguments[0])
        rows = [(f"``{name}``", column.unit, column.meaning) for name, column in of.columns.items()]
        return self.parse_text_to_nodes("\n".join(table(["column", "unit", "meaning"], rows)))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table whose rows stand as blocks where the screen is narrow."""
    lines = [".. list-table::", "   :header-rows: 1", "   :class: facts", ""]
    for row in [head, *rows]:
        lines += [f"   {' ' if number else '*'} - {cell}" for number, cell in enumerate(row)]
    return lines


def yaml_default(default: Any) -> str:
    """Print a default as a parameter file has it; a dash where there is none."""
    if default in ("", None, [], {}):
        return "—"
    if isinstance(default, dict):
        return "its own"
    if default == list(plan_lists().report_sectors):
        return "``all``"
    text = yaml.safe_dump(default, default_flow_style=True, width=1000).removesuffix("\n").removesuffix("\n...")
    return f"``{Path(text).name if '/' in text else text}``"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what is done to pages on Python."""
    for directive in (Parameters, Figures, Breakdowns, Columns):
        app.add_directive(directive.__name__.lower(), directive)
    app.add_css_file("api.css")
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", draw_example, priority=400)  # before examples are rewritten
    app.connect("autodoc-process-docstring", name_options, priority=600)  # after napoleon
    return {"parallel_read_safe": True}
