"""What a view decides once for HTML and PDF: where a bar's text stands, how wide labels are, which rows are close."""

from typing import Any

import pytest

from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.page.bar_tables import BAR_TEXT_GAP_MM, LABEL_GAP_MM, MIN_LONGEST_BAR_MM, build_bar_block
from rmrp_analysis.page.block import Block, compute_width_mm
from rmrp_analysis.page.cards import build_bar, build_card, build_card_block
from rmrp_analysis.page.formatter import build_bar_entry

SHORT, LONG = "34% were reached", "a text that no part of a bar has room for, " * 4


def bar_of(text: str = SHORT, **lengths: float) -> dict[str, Any]:
    (laid_out,) = build_card_block("people", "above", [], bars=[build_bar("need", text, **lengths)]).view["bars"]
    return dict(laid_out)


def rows_of(count: int, *, span: int = 6, label: str = "Peru", headed: bool = False) -> Block:
    rows = [{"label": label, "people": build_bar_entry("value", "1.20 M", bar=1.0, share="34%")}] * count
    return build_bar_block(span, uid="x", kicker="", finding="", columns=["Place", "People"], rows=rows, headed=headed)


def test_zones_of_a_bar_follow_each_other_to_its_end() -> None:
    zones = bar_of(solid=0.4, doubt=0.25, target=0.7)["zones"]
    ends = [("solid", 0.3), ("doubt", 0.4), ("target", 0.7), ("ground", 1.0)]
    assert [(zone["kind"], zone["end"]) for zone in zones] == ends
    assert [zone["start"] for zone in zones] == [0.0, 0.3, 0.4, 0.7]


@pytest.mark.parametrize(
    ("lengths", "kind"),
    [
        ({"solid": 0.1, "target": 0.2}, "ground"),
        ({"solid": 0.5}, "solid"),  # long enough to hold it
        ({"solid": 0.05, "target": 0.95}, "target"),  # nothing of the ground has room
        ({"solid": 1.0, "doubt": 0.4}, "solid"),  # never on what is hatched
    ],
)
def test_a_text_stands_in_the_zone_that_has_room(lengths: dict[str, float], kind: str) -> None:
    assert bar_of(**lengths)["text_zone"]["kind"] == kind


@pytest.mark.parametrize("lengths", [{"solid": 0.3}, {"solid": 1.0, "doubt": 0.95}])
def test_a_text_without_room_stands_above_its_bar_in_html(lengths: dict[str, float]) -> None:
    laid_out = bar_of(LONG, **lengths)
    assert laid_out["text_zone"] is None
    html = build_card_block("people", "above", [], bars=[build_bar("need", LONG, **lengths)]).html
    assert html.index(LONG.strip()) < html.index('class="track"')


def test_what_is_too_short_to_be_seen_is_as_long_as_print_shows_it() -> None:
    assert bar_of(solid=0.0001)["zones"][0]["end"] == pytest.approx(0.8 / 180, abs=1e-6)


def test_labels_have_the_width_that_the_view_says_and_a_longer_one_more() -> None:
    few, long = rows_of(2), rows_of(2, label="A name of an indicator with more letters than thirty-six")
    assert few.view["label_share"] == 38 / 88
    assert long.view["label_share"] == 50 / 88
    assert f"--labels: {100 * 38 / 88:.2f}%" in few.html


def test_the_longest_bar_leaves_room_for_the_widest_text_beside_it() -> None:
    text_mm = width_of("1.20 M", weight=600, size=9.5) + width_of(" 34%", size=9.5) + 0.9
    assert rows_of(1).view["beside_em"]["people"] == pytest.approx((text_mm + BAR_TEXT_GAP_MM) / (9.5 / 72 * 25.4))


def test_rows_under_headers_stand_closer_where_they_are_many() -> None:
    assert not rows_of(7, headed=True).view["close"]
    assert rows_of(8, headed=True).view["close"]
    assert ' close"' in rows_of(8, headed=True).html
    assert not rows_of(8).view["close"]


def test_a_sign_stands_before_words_that_say_that_there_is_no_number() -> None:
    assert build_bar_entry("no_report", "no report")["sign"] == "—"
    assert build_bar_entry("no_report", "—")["sign"] == build_bar_entry("zero", "0")["sign"] == ""
    assert [build_card("target", value)["is_missing"] for value in ("—", "0")] == [True, False]


def test_labels_under_headers_have_what_they_need_and_never_more_than_the_bars_leave() -> None:
    short, long = (rows_of(3, span=7, headed=True, label=label) for label in ("Peru", "Gender-Based Violence"))
    assert short.view["label_share"] == pytest.approx(20 / compute_width_mm(7))
    needed_mm = width_of("Gender-Based Violence", size=9.5) + LABEL_GAP_MM
    assert long.view["label_share"] == pytest.approx(needed_mm / compute_width_mm(7))
    measures = ("people", "money")
    row = {"label": "A long name of a sector"} | dict.fromkeys(measures, build_bar_entry("value", "USD 46.8 M", bar=1))
    texts: dict[str, Any] = {"kicker": "", "columns": ["Sector", "People", "Money"], "rows": [row]}
    narrow = build_bar_block(5, uid="x", measures=measures, headed=True, **texts).view
    room_mm = compute_width_mm(5) * (1 - narrow["label_share"]) / 2
    assert room_mm >= MIN_LONGEST_BAR_MM + width_of("USD 46.8 M", weight=600, size=9.5) + 2
