"""Prints ``data/README.md`` from the declarations of tables and columns: ``make words`` does, too."""

from pathlib import Path

from rmrp_analysis.tables import TABLE_BY_INPUT, Column, FundingFlows, FundingTotals, PlanningSheet, Reports

PAGE = Path(__file__).parents[1] / "data" / "README.md"
OPENING = """# Data

`rmrp-2021/` is the bundled plan: illustrative activities and funding in the producers' own formats, published planning
figures where they are known. Its `sources.yml` says what each file is; `tools/make_bundled_plan.py` makes it.

The tables below are what files are read into. A column is found by its own name, too. This page is printed from
`tables.csv` and `columns.csv` in `src/rmrp_analysis/` and `packs/r4v/headers.csv`
(`python tools/data_dictionary.py`).
"""
IN_WORDS = {"month": "YYYY-MM", "yes_no": "Yes, No or empty", "number": "a number or empty"}


def page() -> str:
    """Every table and column that an analyst meets: name, unit, meaning, what may stand in it."""
    parts = [OPENING]
    for table in [*dict.fromkeys(TABLE_BY_INPUT.values()), PlanningSheet, FundingTotals, FundingFlows, Reports]:
        parts.append(f"## {table.name}\n\n{table.row}\n")
        rows = ["| column | unit | meaning | allowed | headers in source files |", "|---|---|---|---|---|"]
        for name, column in table.columns.items():
            headers = ", ".join(column.headers[:-1])
            rows.append(f"| `{name}` | {column.unit} | {column.meaning} | {_allowed(column)} | {headers} |")
        parts.append("\n".join((*rows, "")))
    return "\n".join(parts).rstrip() + "\n"


def _allowed(column: Column) -> str:
    words = ", ".join(column.choices) or ("" if column.derived else IN_WORDS.get(column.kind, ""))
    return words.replace(" or empty", "") or "not empty" if column.required else words


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
