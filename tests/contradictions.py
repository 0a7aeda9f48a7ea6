"""Holds every printed number of a sheet against every other: what cannot be true together is a contradiction.

It reads the finished texts of a sheet's blocks (English), each as the range of numbers that is printed so.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from page.printed_numbers import EXACT, bounds
from rmrp_analysis.page.block import Block
from rmrp_analysis.theme.prose import headline_in

Range = tuple[float, float]
GROUPS_MAY_EXCEED = 1.05
TOLD_BY_NOBODY = 9.0
"""Groups may exceed their total by fewer people than may be told."""

PERCENT = r"<?\u202f?[\d,.]+%"


def contradictions(blocks: Iterable[Block], base: float = 0.0) -> list[str]:
    """What on a sheet contradicts what else on it, a sentence each; counts of people may be rounded to a base."""
    views = {block.name: block.view for block in blocks}
    if "obstacles" in views:  # a sheet to mend: its number is without the report that makes it
        return []
    found = [*_people(views), *_funding(views), *_headline(views)]
    for name, view in views.items():
        if view.get("rows") and "measures" in view:
            found += _bars(name, view, views, base)
    return found


def _range(text: str) -> Range | None:
    """The numbers that are printed so: by a number, or by a range in words."""
    if EXACT.fullmatch(text):
        return bounds(text)
    if text.startswith("at least ") and EXACT.fullmatch(least := text.removeprefix("at least ")):
        return bounds(least)[0], float("inf")
    if text.startswith("at most ") and EXACT.fullmatch(most := text.removeprefix("at most ")):
        return 0.0, bounds(most)[1]
    least, _, most = text.partition(" to ")
    return (bounds(least)[0], bounds(most)[1]) if EXACT.fullmatch(least) and EXACT.fullmatch(most) else None


def _numbers(views: dict[str, Any]) -> dict[str, Range]:
    """The three numbers of people and those of the money, as far as they are printed."""
    texts = {
        card["kind"]: card["value"] for name in ("people", "funding") for card in views.get(name, {}).get("cards", ())
    }
    if "funding" in views:
        texts["required"] = views["funding"]["aside"].partition(" ")[0]
    return {kind: known for kind, text in texts.items() if (known := _range(text))}


def _may_be_share(share: str, part: Range, whole: Range, *, slack: float = 1.0) -> bool:
    least, most = bounds(share)
    return least <= part[1] * slack / max(whole[0], 1e-9) and part[0] / max(whole[1], 1e-9) <= most * slack


def _people(views: dict[str, Any]) -> Iterator[str]:
    """Need, target and people reached against the bars that join them; those in transit may be left out of a share."""
    n, view = _numbers(views), views.get("people", {})
    for bar in view.get("bars", ()):
        whole = {"need": "need", "wanted": "target"}.get(bar["kind"])  # one of people reached shows doubt alone
        if whole not in n:
            continue
        for share, kind in re.findall(
            rf"({PERCENT}) (?:of people (?:in need|targeted) )?(?:were )?(targeted|reached)", bar["text"]
        ):
            part = n.get("target" if kind == "targeted" else "reached")
            if part and not _may_be_share(share, part if kind == "targeted" else (0.0, part[1]), n[whole]):
                yield f"'{bar['text']}' beside {view['cards']}"


def _funding(views: dict[str, Any]) -> Iterator[str]:
    """Funded and unmet make the requirement, and their shares are theirs."""
    n, view = _numbers(views), views.get("funding")
    if not view or not {"funded", "required"} <= set(n):
        return
    for card in view["cards"]:
        if card["share"] and card["kind"] in n and not _may_be_share(card["share"], n[card["kind"]], n["required"]):
            yield f"{card} of {view['aside']}"
    if n.get("unmet", (0, 0))[0] > 0:
        least, most = (n["funded"][end] + n["unmet"][end] for end in (0, 1))
        if least > n["required"][1] or most < n["required"][0]:
            yield f"{view['cards']} of {view['aside']}"


def _headline(views: dict[str, Any]) -> Iterator[str]:
    """The headline says of reach and money what stands below it."""
    text = headline_in(views.values())
    target_bar = next((bar for bar in views.get("people", {}).get("bars", ()) if bar["kind"] == "wanted"), None)
    funded = next(iter(views.get("funding", {}).get("cards", ())), None)
    said = re.match(rf"({PERCENT}) of the people targeted|Reach equals ({PERCENT}) of the target", text)
    if said and target_bar and (said[1] or said[2]) not in target_bar["text"]:
        yield f"'{text}' above '{target_bar['text']}'"
    money = re.search(rf"with ({PERCENT}) of the funding required", text)
    if money and funded and money[1] != funded["share"]:
        yield f"'{text}' above {funded}"
    if "No people were reached" in text:
        for view in views.values():
            for row in view.get("rows", ()):
                if (_range(row["people"]["text"]) or (0, 0))[0] > 0 if "people" in row else False:
                    yield f"'{text}' above {row}"


def _bars(name: str, view: Any, views: dict[str, Any], base: float) -> Iterator[str]:
    """The parts of a breakdown against their total, their shares, and the finding above them.

    Each part and the total may be less than a base away from what it stands for.
    """
    n = _numbers(views)
    for measure, total in (("people", n.get("reached")), ("money", n.get("funded"))):
        parts = {row["label"]: row[measure] for row in view["rows"] if measure in row}
        known = {label: value for label, part in parts.items() if (value := _range(part["text"]))}
        if not total or not known or name in ("people_reached_by_model", "sectors", "activities_by_indicator"):
            continue
        slack = base * (len(parts) + 1) if measure == "people" else 0.0
        least = sum(value[0] for value in known.values()) - slack
        if any(part["text"].endswith("%") for part in parts.values()):  # shares of the people assisted
            if "assisted, in percent" not in view["kicker"] or least > 1.0 + slack:
                yield f"{name}: shares {known} above '{view['kicker']}'"
            continue
        doubts = [view.get("caution", ""), views.get("people", {}).get("caution", "")]
        most = GROUPS_MAY_EXCEED * total[1] + TOLD_BY_NOBODY if measure == "people" else total[1]
        if least > most and not any("groups" in doubt for doubt in doubts):
            yield f"{name}: parts {known} of {total}"
        whole = all(part["state"] in ("value", "zero") for part in parts.values())
        if whole and sum(value[1] for value in known.values()) + slack < total[0]:
            yield f"{name}: parts {known} do not make {total}"
        of_all = "target" not in view["kicker"] and not any(part["target"] for part in parts.values())
        for label, value in known.items():
            share = parts[label]["share"]
            if re.fullmatch(PERCENT, share) and of_all and not _may_be_share(share, value, total):
                yield f"{name}: {label} {parts[label]} of {total}"
        told = re.match(rf"(.+) accounts for ({PERCENT}) of people reached", view["finding"])
        if told and measure == "people" and told[1] in known and not _may_be_share(told[2], known[told[1]], total):
            yield f"'{view['finding']}' above {parts[told[1]]}"
