"""Completes names within quotes in a notebook: Tab gives the sectors, places, dimensions that an argument takes.

An IPython extension: importing the package in a notebook loads it.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

CLOSING = {"(": ")", "[": "]", "{": "}"}


def load_ipython_extension(shell: Any) -> None:
    """Complete names in the cells of this shell, in JupyterLab as in a terminal."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def names_within_quotes(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        typed, names = completed("\n".join(lines), shell.user_ns)
        completions = [SimpleCompletion(name, type="value") for name in names]
        return {"completions": completions, "matched_fragment": typed, "suppress": bool(completions)}

    shell.Completer.custom_matchers.append(names_within_quotes)


def completed(code: str, variables: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Give what is typed of a text that code ends in, and the names that may stand there; none in other places."""
    statement, quote, brackets = _open_text(code)
    if not quote:
        return "", []
    try:
        expression = ast.parse(statement + quote + "".join(CLOSING[bracket] for bracket in reversed(brackets)))
    except SyntaxError:
        return "", []
    calls = [node for node in ast.walk(expression) if isinstance(node, ast.Call)]
    texts = [node for node in ast.walk(expression) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    last = max(texts, key=lambda node: (node.end_lineno, node.end_col_offset))
    for call in calls:
        arguments = [
            *((place, node) for place, node in enumerate(call.args)),
            *((of.arg, of.value) for of in call.keywords),
        ]
        for argument, node in arguments:
            if node is last or (isinstance(node, ast.List | ast.Tuple) and last in node.elts):
                names = _names(call.func, argument, variables)
                return str(last.value), [name for name in names if name.lower().startswith(str(last.value).lower())]
    return "", []


def _open_text(code: str) -> tuple[str, str, list[str]]:
    """The last statement of code, the quotation mark that is open at its end, and the open brackets."""
    start, quote, brackets, skipped = 0, "", list[str](), ""
    for place, letter in enumerate(code):
        if skipped == "#" and letter == "\n":
            skipped = ""
        if skipped:  # a comment, or a letter after a backslash
            skipped = skipped if skipped == "#" else ""
        elif quote:
            skipped, quote = letter * (letter == "\\"), "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            skipped = letter
        elif letter in CLOSING:
            brackets.append(letter)
        elif letter in CLOSING.values() and brackets:
            brackets.pop()
        elif letter == "\n" and not brackets:
            start = place + 1
    return code[start:].strip(), quote, brackets


def _names(function: ast.expr, argument: int | str | None, variables: Mapping[str, Any]) -> Iterable[str]:
    """The names that an argument of one of our methods takes."""
    root = function
    while isinstance(root, ast.Attribute | ast.Call | ast.Subscript):
        root = root.func if isinstance(root, ast.Call) else root.value
    owner = variables.get(root.id) if isinstance(root, ast.Name) else None
    if not isinstance(function, ast.Attribute) or not type(owner).__module__.startswith("rmrp_analysis"):
        return ()
    from rmrp_analysis.figures import FIGURES
    from rmrp_analysis.metrics import DIMENSIONS, Contributions
    from rmrp_analysis.page import Page
    from rmrp_analysis.plan import Plan, Selection
    from rmrp_analysis.vocabulary import COUNTRIES, INTERSECTOR, KINDS_OF_PLACES, PLACES, SECTORS

    page_or_selection = getattr(owner, "selection", owner)
    plan = getattr(page_or_selection, "plan", page_or_selection)
    of_plan = plan if isinstance(plan, Plan) else None
    place_names = [COUNTRIES.get(place, place) for place in PLACES]
    dimensions = [*DIMENSIONS, "population_group", "age_gender", "donor"]
    if function.attr == "where" and isinstance(argument, str):
        known: dict[str, Iterable[str]] = {
            "sector": SECTORS,
            "country": COUNTRIES.values(),
            "month": of_plan.months if of_plan else (),
        }
        rows: Any = owner.entries if isinstance(owner, Contributions) else of_plan.dataset.rows if of_plan else {}
        return known.get(argument) or (map(str, rows[argument].unique()) if argument in rows else ())
    methods: list[Callable[..., Any] | None] = [
        getattr(each, function.attr, None) for each in (Plan, Selection, Contributions, Page)
    ]
    taken = [[*inspect.signature(method).parameters][1:] for method in methods if callable(method)]
    names: dict[str, Iterable[str]] = {
        **dict.fromkeys(("sector", "sectors"), (INTERSECTOR, *SECTORS)),
        **dict.fromkeys(("place", "platform"), place_names),
        "places": (*place_names, *KINDS_OF_PLACES),
        **dict.fromkeys(("organisation", "organisations"), of_plan.organisations if of_plan else ()),
        "admin1": of_plan.admin1["admin1"].unique() if of_plan else (),
        "period": of_plan.months if of_plan else (),
        **dict.fromkeys(("figure", "figures"), FIGURES),
        "dimensions": dimensions,
    }
    for parameters in taken:
        name = parameters[min(argument, len(parameters) - 1)] if isinstance(argument, int) and parameters else argument
        if name in names:
            return names[str(name)]
    return ()
