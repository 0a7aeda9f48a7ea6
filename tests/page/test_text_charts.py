"""A paragraph carries a small chart: of parts that may be printed, with a title, and with words for a voice."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader

from conftest import activities, as_printed, plan, sheet, with_few
from notebook_page import page_of
from rmrp_analysis import charts
from rmrp_analysis.figures import Caution, for_audience
from rmrp_analysis.page.block import COLUMN_COUNT_BY_WIDTH
from rmrp_analysis.page.drawings import MAX_TEXT_CHART_ROWS, build_chart_block, build_text_chart
from rmrp_analysis.page.narrative import read_narrative
from rmrp_analysis.theme.prose import words_of

BY_PLATFORM = "people_reached_by_platform"
PLATFORMS = {"Chile": 900, "Peru": 4_640, "Southern Cone": 0, "Brazil": None}
SEVEN = {"Chile": 70, "Peru": 60, "Brazil": 50, "Colombia": 40, "Ecuador": 30, "Caribbean": 20, "Southern Cone": 12}


def parts_of(chart: Any) -> list[dict[str, Any]]:
    return [row[measure] for row in chart["rows"] for measure in chart["measures"]]


def rows_of(chart: Any) -> list[tuple[str, str, str]]:
    labels = [row["label"] for row in chart["rows"]]
    parts = parts_of(chart)
    return [
        (label, part["state"], part["text"].replace("\u202f", " ")) for label, part in zip(labels, parts, strict=True)
    ]


def test_bars_fall_with_a_sliver_of_few_people_and_none_of_nobody() -> None:
    chart = build_text_chart(as_printed(sheet({BY_PLATFORM: PLATFORMS}, people_reached=5_540)), BY_PLATFORM)
    assert chart["kicker"] == "People reached, by platform"
    assert rows_of(chart) == [("Peru", "value", "4.64 K"), ("Chile", "value", "900")]
    assert [part["bar"] for part in parts_of(chart)] == [1, 900 / 4_640]
    chart = build_text_chart(as_printed(sheet({BY_PLATFORM: SEVEN}, people_reached=282)), BY_PLATFORM)
    assert len(chart["rows"]) == MAX_TEXT_CHART_ROWS == 5
    assert chart["kicker"] == "People reached, by platform (5 largest)"
    small = with_few(sheet({BY_PLATFORM: {"Peru": 500, "Chile": 3}}, people_reached=503), "Chile")
    chart = build_text_chart(as_printed(small), BY_PLATFORM)
    assert chart is not None
    (_, few) = parts_of(chart)
    assert (few["text"], few["spoken"], few["state"]) == ("<\u202f10", "fewer than 10", "value")
    assert 0 < few["bar"] < 0.01


def test_money_is_burgundy_and_marked_and_what_is_wanted_is_pale() -> None:
    figures = sheet({"funding_usd_by_platform": {"Peru": 2_000_000.0, "Regional": 5_000_000.0}}, funding_usd=7e6)
    chart = build_text_chart(as_printed(figures), "funding_usd_by_platform")
    assert (chart["measures"], chart["kicker"]) == (["money"], "Funding, by platform*")
    assert [label for label, _, _ in rows_of(chart)] == ["Peru", "Regional"]
    targets = {"in_destination": 900.0, "in_transit": 100.0}
    chart = build_text_chart(
        as_printed(sheet({"target_by_population_group": targets}, target=900)), "target_by_population_group"
    )
    assert (chart["measures"], chart["kicker"]) == (["wanted"], "People targeted, by population group")


def test_months_are_columns_whose_words_name_each() -> None:
    months = {"2021-01": 947.0, "2021-02": None, "2021-03": 388.0}
    chart = build_text_chart(
        as_printed(sheet({"people_reached_by_month": months}, people_reached=1_335)), "people_reached_by_month"
    )
    assert chart["svg"].startswith('<svg width="57.3mm"')
    assert chart["alt"].endswith("January: 947; February: no report; March: 388.")


def test_a_chart_is_as_wide_as_its_columns_and_at_most_as_half_of_a_page() -> None:
    drawing = charts.drawing_of(charts.months(pd.Series({"2021-01": 947})))
    blocks = {name: build_chart_block(as_printed(sheet({})), drawing, width=name) for name in COLUMN_COUNT_BY_WIDTH}
    widths = [re.match(r'<svg width="([\d.]+)mm"', block.view["svg"])[1] for block in blocks.values()]
    assert dict(zip(blocks, widths, strict=True)) == dict.fromkeys(blocks, "88") | {"narrow": "72.7", "third": "57.3"}


def test_a_chart_follows_its_paragraph_and_alone_makes_none(tmp_path: Path) -> None:
    printed = as_printed(sheet({BY_PLATFORM: PLATFORMS}, people_reached=5_540))
    path = tmp_path / "health.en.md"
    chart = '{{ chart("people_reached_by_platform") }}'
    path.write_text(f"## Response\n\nMost live in Peru. {chart}\n\n{chart}\n\nThe end.\n", encoding="utf-8")
    before, first, second, after = read_narrative(path, printed).sections["Response"]
    assert first == second == {"kind": "chart", "view": build_text_chart(printed, BY_PLATFORM)}
    assert [words_of([node]).strip() for node in (before, after)] == ["Most live in Peru.", "The end."]


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_chart_in_a_text_is_a_table_in_print(tmp_path: Path, language: str) -> None:
    text = '## Response\n\nHere. {{ chart("people_reached_by_platform") }}\n\n{{ chart("people_reached_by_month") }}\n'
    (tmp_path / f"health.{language}.md").write_text(text, encoding="utf-8")
    reports = activities(country=["PER", "CHL"], new_beneficiaries=[650.0, 320.0])
    sheet = page_of(plan(reports).select("Health"), language=language, narratives=str(tmp_path))
    narrative = next(block for block in sheet.blocks if block.name == "narrative")
    assert narrative.html.count('<caption class="kicker">') == 1
    assert narrative.html.count('<th scope="row">') == 2
    assert narrative.html.count('<figure role="img" aria-label="') == 1
    read = PdfReader(sheet.save(tmp_path / "sheet.pdf")).pages[-1].extract_text()
    assert {"650", "320"} <= set(read.split())


@pytest.mark.parametrize(("audience", "rows"), [("public", 0), ("internal", 2)])
def test_parts_in_doubt_give_way_to_their_caution_in_public(audience: str, rows: int) -> None:
    doubt = Caution("not_specified", BY_PLATFORM, 0.4)
    figures = replace(sheet({BY_PLATFORM: PLATFORMS}, people_reached=5_540), cautions=(doubt,))
    chart = build_text_chart(as_printed(for_audience(figures, audience)), BY_PLATFORM)
    assert (len(chart["rows"]), chart["caution"].partition(":")[0]) == (rows, "Read with care")
