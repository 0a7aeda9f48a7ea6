"""Completes names within quotes in a notebook: Tab gives the sectors, places, dimensions that an argument takes.

An IPython extension: importing the package in a notebook loads it.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

CLOSING_BRACKETS = {"(": ")", "[": "]", "{": "}"}
TOKEN_PATTERN = re.compile(r"""#.*|(?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\])*(?P<end>(?P=quote))?|[()\[\]{}\n]""")
"""The tokens that end a statement or a text in it: comments, texts, brackets, new lines."""


def load_ipython_extension(shell: Any) -> None:
    """Complete names in the cells of this shell, in JupyterLab as in a terminal."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def complete_names(context: Any) -> dict[str, Any]:
        """Return how Jupyter may complete the text before the cursor: names of sectors, places, figures."""
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        typed, names = complete_text("\n".join(lines), shell.user_ns)
        completions = [SimpleCompletion(name, type="value") for name in names]
        return {"completions": completions, "matched_fragment": typed, "suppress": bool(completions)}

    shell.Completer.custom_matchers.append(complete_names)


def complete_text(code: str, variables: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the open text at the end of code, and the names that may stand there and begin like it, in any case.

    Empty if the code does not end in an open text of a call. ``variables`` are the notebook's objects by name.
    """
    # Of the last statement: where it starts, and what is open at its end
    start = 0
    quote = ""
    brackets = list[str]()
    for token in TOKEN_PATTERN.finditer(code):
        quote = token["quote"] if token["quote"] and not token["end"] else ""
        if token[0] in CLOSING_BRACKETS:
            brackets.append(token[0])
        elif token[0] in CLOSING_BRACKETS.values():
            brackets = brackets[:-1]
        elif token[0] == "\n" and not brackets:
            start = token.end()
    if not quote:
        return "", []
    closing = quote + "".join(CLOSING_BRACKETS[bracket] for bracket in reversed(brackets))
    try:
        tree = ast.parse(code[start:].strip() + closing)
    except SyntaxError:
        return "", []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    typed = max(texts, key=lambda node: (node.end_lineno, node.end_col_offset))
    for call in calls:
        arguments = [*enumerate(call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
        for argument, node in arguments:
            if node is typed or (isinstance(node, ast.List | ast.Tuple) and typed in node.elts):
                names = _list_names(call.func, argument, variables)
                return str(typed.value), [name for name in names if name.lower().startswith(str(typed.value).lower())]
    return "", []


def _list_names(function: ast.expr, argument: int | str | None, variables: Mapping[str, Any]) -> Iterable[str]:
    """List the names that an ``argument`` (its index or name) of a method of this package takes.

    Empty for any other function or argument. For ``where`` they are the values of the dimension.
    """
    root = function
    while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
        root = root.func if isinstance(root, ast.Call) else root.value
    owner = variables.get(root.id) if isinstance(root, ast.Name) else None
    if not isinstance(function, ast.Attribute) or not type(owner).__module__.startswith("rmrp_analysis"):
        return ()
    from rmrp_analysis.figures import FIGURES
    from rmrp_analysis.metrics import DIMENSION_COLUMNS, Contributions
    from rmrp_analysis.page import Page
    from rmrp_analysis.plan import Plan, Selection
    from rmrp_analysis.vocabulary import INTERSECTOR, plan_lists

    selection = getattr(owner, "selection", owner)
    plan = getattr(selection, "plan", selection)
    rows: Any = owner.entries if isinstance(owner, Contributions) else getattr(plan, "rows", {})
    months = plan.months if isinstance(plan, Plan) else ()
    lists = plan_lists()
    if function.attr == "where" and isinstance(argument, str):
        values = {"sector": lists.sectors, "country": lists.countries.values(), "month": months}
        return values.get(argument) or (map(str, rows[argument].unique()) if argument in rows else ())
    places = [lists.countries.get(key, key) for key in lists.places]
    names: dict[str, Iterable[str]] = {
        **dict.fromkeys(("sector", "sectors"), (INTERSECTOR, *lists.sectors)),
        **dict.fromkeys(("place", "platform"), places),
        "places": (*places, *lists.place_groups),
        **dict.fromkeys(("organisation", "organisations"), plan.organisations if isinstance(plan, Plan) else ()),
        "admin1": plan.admin1["admin1"].unique() if isinstance(plan, Plan) else (),
        "period": months,
        **dict.fromkeys(("figure", "figures"), FIGURES),
        "dimensions": (*DIMENSION_COLUMNS, "population_group", "age_gender", "donor"),
    }
    for kind in (Plan, Selection, Contributions, Page):
        if callable(method := getattr(kind, function.attr, None)):
            parameters = [*inspect.signature(method).parameters][1:]
            name = argument
            if isinstance(argument, int) and parameters:
                name = parameters[min(argument, len(parameters) - 1)]
            if name in names:
                return names[str(name)]
    return ()
