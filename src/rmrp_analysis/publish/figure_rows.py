"""The figures of reports as tidy rows, one a number: the content of ``figures.csv``."""

from collections.abc import Iterator, Mapping
from typing import Any

FIGURE_COLUMNS = ("report", "figure", "platform", "group", "month", "value", "unit", "method", "source")


def figure_rows(report: str, records: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one report (its id without language) from the content of its ``<id>.json``."""
    for figure in records["figures"]:
        yield {
            "report": report,
            "figure": figure["name"],
            "value": _cell(figure["value"]),
            "unit": figure["unit"],
            "method": figure["method"],
            "source": figure["source"],
        }
    for name, parts in records["tables"].items():
        for part in parts:
            keys = {key: part[key] for key in ("platform", "group", "month") if key in part}
            measured = {"value": _cell(part["value"]), "unit": part["unit"], "source": part["source"]}
            yield {"report": report, "figure": name, **keys, **measured, "method": records["method"]}


def _cell(value: float | None) -> float | str:
    return "" if value is None else value
