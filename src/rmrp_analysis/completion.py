"""Completes names within quotes in a notebook: Tab gives the sectors, places, dimensions that an argument takes.

An IPython extension: importing the package in a notebook loads it.
"""

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

CLOSING_BRACKETS = {"(": ")", "[": "]", "{": "}"}
"""The closing bracket of each opening one."""
TOKEN_PATTERN = re.compile(r"""#.*|(?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\])*(?P<end>(?P=quote))?|[()\[\]{}\n]""")
"""What decides where a statement and a text in it end: comments, texts, brackets, new lines."""


def load_ipython_extension(shell: Any) -> None:
    """Complete names in the cells of this shell, in JupyterLab as in a terminal."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def complete_names(context: Any) -> dict[str, Any]:
        """Return what Jupyter may complete the text before the cursor by: the names of sectors, places, figures."""
        code_lines = context.full_text.split("\n")[: context.cursor_line + 1]
        code_lines[-1] = code_lines[-1][: context.cursor_position]
        typed_text, matching_names = complete_text("\n".join(code_lines), shell.user_ns)
        completions = [SimpleCompletion(matching_name, type="value") for matching_name in matching_names]
        return {"completions": completions, "matched_fragment": typed_text, "suppress": bool(completions)}

    shell.Completer.custom_matchers.append(complete_names)


def complete_text(code: str, variables: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the text in quotes that code ends in, and the names that may stand there and begin so, in any case.

    Empty where the code does not end in an open text of a call. ``variables`` are the notebook's objects by name.
    """
    # Of the last statement: where it starts, and what is open at its end
    statement_start_index = 0
    open_quote_mark = ""
    open_brackets = list[str]()
    for token_match in TOKEN_PATTERN.finditer(code):
        open_quote_mark = token_match["quote"] if token_match["quote"] and not token_match["end"] else ""
        if token_match[0] in CLOSING_BRACKETS:
            open_brackets.append(token_match[0])
        elif token_match[0] in CLOSING_BRACKETS.values():
            open_brackets = open_brackets[:-1]
        elif token_match[0] == "\n" and not open_brackets:
            statement_start_index = token_match.end()
    if not open_quote_mark:
        return "", []
    missing_closing_signs = open_quote_mark + "".join(
        CLOSING_BRACKETS[open_bracket] for open_bracket in reversed(open_brackets)
    )
    try:
        syntax_tree = ast.parse(code[statement_start_index:].strip() + missing_closing_signs)
    except SyntaxError:
        return "", []
    call_nodes = [node for node in ast.walk(syntax_tree) if isinstance(node, ast.Call)]
    text_nodes = [
        node for node in ast.walk(syntax_tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    last_text_node = max(text_nodes, key=lambda node: (node.end_lineno, node.end_col_offset))
    for call_node in call_nodes:
        call_argument_pairs = [
            *enumerate(call_node.args),
            *((keyword_argument.arg, keyword_argument.value) for keyword_argument in call_node.keywords),
        ]
        for argument_index_or_name, node in call_argument_pairs:
            if node is last_text_node or (isinstance(node, ast.List | ast.Tuple) and last_text_node in node.elts):
                allowed_names = _list_names(call_node.func, argument_index_or_name, variables)
                return str(last_text_node.value), [
                    allowed_name
                    for allowed_name in allowed_names
                    if allowed_name.lower().startswith(str(last_text_node.value).lower())
                ]
    return "", []


def _list_names(function: ast.expr, argument: int | str | None, variables: Mapping[str, Any]) -> Iterable[str]:
    """List the names that an ``argument`` (its index or name) of a method of this package takes.

    Empty for any other function or argument. Of ``where`` they are the values of the dimension.
    """
    leftmost_node = function
    while isinstance(leftmost_node, ast.Attribute | ast.Call | ast.Subscript):
        leftmost_node = leftmost_node.func if isinstance(leftmost_node, ast.Call) else leftmost_node.value
    object_with_method = variables.get(leftmost_node.id) if isinstance(leftmost_node, ast.Name) else None
    if not isinstance(function, ast.Attribute) or not type(object_with_method).__module__.startswith("rmrp_analysis"):
        return ()
    from rmrp_analysis.figures import FIGURES
    from rmrp_analysis.metrics import DIMENSION_COLUMNS, Contributions
    from rmrp_analysis.page import Page
    from rmrp_analysis.plan import Plan, Selection
    from rmrp_analysis.vocabulary import INTERSECTOR, plan_lists

    selection_or_owner = getattr(object_with_method, "selection", object_with_method)
    owner_plan = getattr(selection_or_owner, "plan", selection_or_owner)
    activity_rows: Any = (
        object_with_method.entries if isinstance(object_with_method, Contributions) else getattr(owner_plan, "rows", {})
    )
    plan_months = owner_plan.months if isinstance(owner_plan, Plan) else ()
    if function.attr == "where" and isinstance(argument, str):
        names_by_dimension: dict[str, Iterable[str]] = {
            "sector": plan_lists().sectors,
            "country": plan_lists().countries.values(),
            "month": plan_months,
        }
        return names_by_dimension.get(argument) or (
            map(str, activity_rows[argument].unique()) if argument in activity_rows else ()
        )
    place_names = [plan_lists().countries.get(place_key, place_key) for place_key in plan_lists().places]
    names_by_argument: dict[str, Iterable[str]] = {
        **dict.fromkeys(("sector", "sectors"), (INTERSECTOR, *plan_lists().sectors)),
        **dict.fromkeys(("place", "platform"), place_names),
        "places": (*place_names, *plan_lists().place_groups),
        **dict.fromkeys(
            ("organisation", "organisations"), owner_plan.organisations if isinstance(owner_plan, Plan) else ()
        ),
        "admin1": owner_plan.admin1["admin1"].unique() if isinstance(owner_plan, Plan) else (),
        "period": plan_months,
        **dict.fromkeys(("figure", "figures"), FIGURES),
        "dimensions": (*DIMENSION_COLUMNS, "population_group", "age_gender", "donor"),
    }
    for owner_class in (Plan, Selection, Contributions, Page):
        if callable(owner_method := getattr(owner_class, function.attr, None)):
            parameter_names = [*inspect.signature(owner_method).parameters][1:]
            argument_name = (
                parameter_names[min(argument, len(parameter_names) - 1)]
                if isinstance(argument, int) and parameter_names
                else argument
            )
            if argument_name in names_by_argument:
                return names_by_argument[str(argument_name)]
    return ()
