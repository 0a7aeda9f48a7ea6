"""What the pages on Python need beyond autodoc: short types, tables of parameters, a picture of each kind of chart."""

import doctest
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from datetime import date
from html import escape
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import yaml
from docutils import nodes
from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from rmrp_analysis import charts
from rmrp_analysis.method import Limits
from rmrp_analysis.page.account import LIMITS
from rmrp_analysis.params import REPORT_SECTORS

SHORT_MODULES = {"~pandas.": "pd.", "~collections.abc.": "", "~typing.": "", "~matplotlib.axes._axes.": "", "~": ""}
"""How the types in a signature are shortened: those of pandas as an analyst writes them."""
CHARTS_PAGE = "api/charts"
YAML_TYPES = {str: "text", int: "whole number", float: "number", bool: "true, false", Path: "path", date: "day"}
MAX_CHOICES = 6
"""Of the words allowed for a parameter; more of them are names of a list."""


def shorten_signature(_: Sphinx, what: str, __: str, obj: Any, ___: Any, arguments: str, returns: str) -> Any:
    """Give short types; and no arguments of a class whose objects others make."""
    if what == "class" and (is_dataclass(obj) or issubclass(obj, BaseModel)):
        return "", None
    for module, short in SHORT_MODULES.items():
        arguments, returns = (text and text.replace(module, short) for text in (arguments, returns))
    return arguments, returns


def draw_example(app: Sphinx, what: str, __: str, obj: Any, ___: Any, lines: list[str]) -> None:
    """Put the chart that the example of a function of ``charts`` draws below it, with its words for a voice."""
    if what != "function" or app.env.docname != CHARTS_PAGE or "ax" not in signature(obj).parameters:
        return
    names: dict[str, Any] = dict(vars(import_module(obj.__module__)))
    for example in doctest.DocTestParser().get_examples("\n".join(lines)):
        exec(example.source, names)  # noqa: S102 - the docstring's own example, which tests run
    drawing = charts.svg(names["axes"], prefix=obj.__name__)
    html = f'<div role="img" aria-label="{escape(drawn_words(names["axes"]))}">{drawing}</div>'
    lines += ["", ".. raw:: html", "", *(f"   {line}" for line in html.splitlines()), ""]


def drawn_words(axes: Any) -> str:
    """Say what a chart shows: its parts, each with its number."""
    drawing = charts.drawing_of(axes)
    return "; ".join(": ".join(filter(None, part)) for part in drawing.parts) if drawing else ""


def yaml_type(annotation: Any) -> str:
    """Give a type as a writer of a parameter file knows it: ``list of text``, ``public, internal``."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return yaml_type(inner[0])
    if origin is Literal:
        return ", ".join(map(str, inner)) if len(inner) <= MAX_CHOICES else "name"
    if origin in (Union, UnionType):
        return yaml_type(next(each for each in inner if each is not type(None)))
    if origin is tuple:
        return "number, or by sector" if get_origin(inner[0]) is tuple else f"list of {yaml_type(inner[0])}"
    if origin is dict:
        return f"{yaml_type(inner[1])} by name"
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
        module, _, name = self.arguments[0].rpartition(".")
        model: type[BaseModel] = getattr(import_module(module), name)
        defaults = model.model_construct().model_dump(mode="json", warnings=False)
        attributes = ModuleAnalyzer.for_module(model.__module__).find_attr_docs()
        rows = [("parameter", "type", "default", "meaning")]
        for field, info in model.model_fields.items():
            type_and_bounds = ", ".join([yaml_type(info.annotation), " ".join(bounds(info.metadata))]).rstrip(", ")
            meaning = " ".join(attributes.get((name, field), ()))
            meaning = f"Accepted share: {LIMITS[field]}." if model is Limits else meaning
            default = "*required*" if info.is_required() else yaml_default(defaults[field])
            rows.append((f"``{field}``", type_and_bounds, default, meaning.strip()))
        table = [".. list-table::", "   :header-rows: 1", "   :class: parameters", "   :widths: 22 22 16 40", ""]
        for row in rows:
            table += [f"   {'*' if cell is row[0] else ' '} - {cell}" for cell in row]
        return self.parse_text_to_nodes("\n".join([f".. _parameters-{name.lower()}:", "", *table]))


def yaml_default(default: Any) -> str:
    """Print a default as a parameter file has it; a dash where there is none, nothing of what has a table of its own."""
    if default in ("", None, [], {}):
        return "—"
    if isinstance(default, dict):
        return "its own"
    if default == list(REPORT_SECTORS):
        return "``all``"
    text = yaml.safe_dump(default, default_flow_style=True, width=1000).removesuffix("\n").removesuffix("\n...")
    return f"``{Path(text).name if '/' in text else text}``"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what is done to pages on Python."""
    app.add_directive("parameters", Parameters)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-process-docstring", draw_example, priority=400)  # before examples are rewritten
    return {"parallel_read_safe": True}
