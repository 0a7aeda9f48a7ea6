"""Charts as blocks of a page, or small within a text, in its language; an analyst's own charts and tables, too."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from numbers import Real
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.charts.chart_tables import Table, doubt_of, tidy
from rmrp_analysis.charts.circle_maps import keep_map as keep_map
from rmrp_analysis.charts.flow_charts import PASSED_ON, largest_flows
from rmrp_analysis.charts.text_layout import width_of
from rmrp_analysis.figures import FIGURES, Breakdown, FigureValue
from rmrp_analysis.page import findings
from rmrp_analysis.page.bar_tables import LAYOUT_BY_DIMENSION, measure_room_em, name_column, rank_age_gender
from rmrp_analysis.page.block import Block, Width, count_columns
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.formatter import WORDS_BY_KIND, SheetFormatter, descending_sort_key
from rmrp_analysis.page.tables import BREAKDOWN_ATTR, build_breakdown_table, has_content, read_figure_values
from rmrp_analysis.theme import inline, pictures, tables
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.words import N_, Translator

WIDTH_BY_CHART_FORM: Mapping[str, Width] = {"map": "narrow"}
"""The width of a chart by its form, unless the page asks for another; other forms take half the width."""
DRAWING_WIDTH_MM_BY_SPAN: Mapping[int, float] = {4: 57.3, 5: 72.7, 6: 88.0}
"""The width of a drawing by the columns of its block; in more columns it is as wide as in half of the page."""
MIN_DONORS_FOR_FLOW_CHART = 4
"""Flows are drawn where at least so many donors each give to several organisations; else bars say more."""
TEXT_CHART_SIZE_MM = (57.3, 28.0)
"""The size of months within a text: as wide as the narrowest column of running text that is printed on two pages."""
MAX_TEXT_CHART_ROWS = 5
"""A chart of bars within a text has at most this many bars."""
TEXT_CHART_TYPE_PT, LABEL_GAP_MM, MAX_LABEL_WIDTH_SHARE = 8.6, 3.0, 0.45
"""Of bars within a text: the size of the type, the white after the labels, and their largest share of the width."""
DIMENSIONS_IN_SHEET_ORDER = ("age_gender", "model")
"""Dimensions whose categories keep the order of the sheet."""
TextChart = Mapping[str, Any]
"""The view of a small chart within a text: its texts, and its bars or its SVG."""
PLAIN_NUMBER_COLUMNS = ("line", "plan_year", "year")
"""Columns of numbers that count nothing, which are printed as they are."""
MIN_NUMBER_WITH_ONE_DECIMAL = 1000
"""A number of a table with decimals has one from this number on; a smaller one has up to four digits."""
MAX_NAMES_IN_ALT_TEXT = 3
"""The largest number of donors, organisations or places that an alternative text names."""


def build_drawing_block(
    translate: Translator,
    uid: str,
    svg: str,
    *,
    caption: str = "",
    columns: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    summary: str = "",
    **view: Any,
) -> Block:
    """Return a block with a drawing, and its numbers as a table to open; without ``rows`` there is no table.

    ``view`` are further entries of its view.
    """
    summary = summary or translate("Show the numbers as a table")
    table = {"summary": summary, "caption": caption, "columns": columns, "rows": rows} if rows else None
    return Block("chart", {**pictures.CHART_VIEW_DEFAULTS, "span": 6, "svg": svg, "table": table, **view}, uid)


def build_chart_block(
    formatter: SheetFormatter,
    chart: charts.Drawing,
    *,
    title: str = "",
    kicker: str = "",
    alt: str = "",
    width: Width | None = None,
    height_mm: float | None = None,
) -> Block | None:
    """Return a chart of ``charts`` as a block of the page; None if it has nothing to show.

    None, too, for flows of money where fewer than ``MIN_DONORS_FOR_FLOW_CHART`` donors give to several organisations:
    bars say more. The title (by default the chart's own) and the axis label stand above the chart as text of the page.
    The alternative text of a chart that is not of a known breakdown lists its parts.
    """
    span = count_columns(width or WIDTH_BY_CHART_FORM.get(chart.form, "half"))
    title = title or chart.title
    breakdown_name = getattr(chart.table, "attrs", {}).get(BREAKDOWN_ATTR, "")
    if not chart.parts or not has_content(chart.table):
        return None
    uid, size = chart.form, chart.size_mm
    if chart.form == "flows" and breakdown_name:
        uid, flow_table = "donors", chart.table[chart.table["value"] > 0].reset_index()
        # Money that is passed on inside the plan is counted where it came in
        is_unnamed_flow = flow_table[["donor", "organisation"]].isin([PASSED_ON, NOT_SPECIFIED]).any(axis=1)
        if (flow_table.loc[~is_unnamed_flow, "donor"].value_counts() > 1).sum() < MIN_DONORS_FOR_FLOW_CHART:
            return None
    if width or size[0] == DRAWING_WIDTH_MM_BY_SPAN[6]:
        size = (DRAWING_WIDTH_MM_BY_SPAN.get(span, DRAWING_WIDTH_MM_BY_SPAN[6]), size[1])
    tell = DESCRIBER_BY_FORM_AND_FIGURE.get((chart.form, breakdown_name.partition("_by_")[0]))
    if tell:
        view = tell(formatter, chart, title)
    else:
        spoken = " ".join(f"{text}." for text in (kicker or chart.axis_label, title, _list_parts(chart)) if text)
        view = {"kicker": chart.axis_label, "alt": spoken}
        uid = f"chart-{sha256(spoken.encode()).hexdigest()[:8]}"
    view |= {name: text for name, text in {"kicker": kicker, "alt": alt, "alt_printed": alt}.items() if text}
    svg = chart.svg(uid, size_mm=(size[0], height_mm or size[1]))
    return build_drawing_block(formatter.translate, uid, svg, form=chart.form, finding=title, span=span, **view)


def _list_parts(chart: charts.Drawing) -> str:
    """Return each part of a chart with its value, in one text."""
    return "; ".join(": ".join(part) for part in chart.parts)


def _list_hatched(table: Table) -> list[str]:
    """Return the keys of a table's rows that are in doubt, and so hatched."""
    doubts = doubt_of(tidy(table, dimensions=1))
    return [str(key) for key in doubts.index[doubts > 0]]


def _describe_month_details(
    formatter: SheetFormatter, month_figure_values: Sequence[FigureValue], text_by_month: Mapping[str, str]
) -> list[str]:
    """Return sentences on the highest and the lowest month, and on months without a report or not counted.

    One that does not apply is left out.
    """
    translate, detail_sentences = formatter.translate, []
    known_month_figure_values = [
        month_figure_value for month_figure_value in month_figure_values if month_figure_value.value is not None
    ]
    if known_month_figure_values:
        # "February, nobody new", but "January 130"
        separator_by_month = {month.key: " " if formatter.bar_length(month) else ", " for month in month_figure_values}
        largest_month_key = max(known_month_figure_values, key=formatter.bar_length).key
        smallest_month_key = min(known_month_figure_values, key=formatter.bar_length).key
        highest_month_text, lowest_month_text = (
            f"{formatter.month_name(month_key)}{separator_by_month[month_key]}{text_by_month[month_key]}"
            for month_key in (largest_month_key, smallest_month_key)
        )
        month_sentence = (
            N_("Highest of the values shown: {highest}; lowest: {lowest}.")
            if len(known_month_figure_values) > 1
            else N_("The only month with a number: {highest}.")
        )
        detail_sentences.append(translate(month_sentence, highest=highest_month_text, lowest=lowest_month_text))
    sentence_by_reason = {"no_report": N_("Without a report: {months}."), "not_counted": N_("Not counted: {months}.")}
    for missing_reason, missing_sentence in sentence_by_reason.items():
        if missing_month_names := [
            formatter.month_name(month_figure_value.key)
            for month_figure_value in month_figure_values
            if month_figure_value.reason == missing_reason
        ]:
            detail_sentences.append(translate(missing_sentence, months=formatter.format_list(missing_month_names)))
    return detail_sentences


def describe_months(formatter: SheetFormatter, chart: charts.Drawing, finding: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of people by month, by their key in the view of a chart."""
    translate, cells = formatter.translate, read_figure_values(chart.table)
    by_month = N_("People newly reached, by month")
    in_thousands = N_("People newly reached, by month, in thousands")
    digits = numbers.digits_of_thousands([cell.value for cell in cells if cell.value is not None])
    kicker = translate(by_month if digits is None else in_thousands)
    sheet = {"scope": formatter.scope_name(), "period": formatter.format_period()}
    alt_summary = translate("Column chart: people newly reached each month, {scope}, {period}.", **sheet)
    alt_summary = f"{alt_summary} {finding}." if finding else alt_summary
    texts = {cell.key: formatter.format_bar_text(cell, "people")[1] for cell in cells}
    valued = [formatter.month_name(month) for month in _list_hatched(chart.table)]
    ends = _describe_month_details(formatter, cells, texts)
    if valued:
        ends.append(translate("To be read with care: {parts}.", parts=formatter.format_list(valued)))
    # Print has no table of the months: the text names all of them.
    all_months_text = "; ".join(
        f"{formatter.month_name(cell.key)}: {formatter.format_spoken(cell, 'people')}" for cell in cells
    )
    if chart.table.attrs.get("pace"):
        kicker = translate("{measure}; line: target pace", measure=kicker)
    return {
        "kicker": kicker,
        "hatched": bool(valued),
        "alt": formatter.to_spoken(
            " ".join([alt_summary, *ends, translate("All values are in the table that follows.")])
        ),
        "alt_printed": formatter.to_spoken(f"{alt_summary} {all_months_text[:1].upper()}{all_months_text[1:]}."),
        "caption": translate(by_month),
        "columns": [translate("Month"), translate("People newly reached")],
        "rows": [[numbers.month_and_year(month, formatter.language), text] for month, text in texts.items()],
    }


def describe_flows(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of flows of money, by their key in the view of a chart."""
    translate, table = formatter.translate, chart.table
    givers = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Passed on within the plan")}
    takers = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Sub-grants")}
    pairs: Any = table.loc[table["value"] > 0, "value"].items()
    rows = [
        [
            givers.get(start) or formatter.label(start),
            takers.get(end) or formatter.label(end),
            formatter.format_value(usd, "usd"),
        ]
        for (start, end), usd in pairs
    ]
    ends = largest_flows(table, language=formatter.language)
    largest = {
        side: "; ".join(
            f"{name} {formatter.format_share(usd, sum(usd_by_party.values()))}"
            for name, usd in [*usd_by_party.items()][:MAX_NAMES_IN_ALT_TEXT]
        )
        for side, usd_by_party in {"donors": ends.givers, "organizations": ends.takers}.items()
    }
    alt = translate(
        "Flow chart: funding from donors to organizations. Largest donors: {donors}. Largest organizations: "
        "{organizations}.",
        **largest,
    )
    return {
        "kicker": translate(
            "Funding, from donor to organization*, {as_of}", as_of=formatter.format_source_date("funding")
        ),
        "alt": formatter.to_spoken(f"{alt} {translate('All values are in the table that follows.')}"),
        "alt_printed": formatter.to_spoken(alt),
        "caption": translate("Funding, from donor to organization"),
        "columns": [translate("Donor"), translate("Organization"), translate("Funding")],
        "rows": rows,
    }


def describe_map(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Return the texts of a map of people by place, by their key in the view; a map has no table.

    The alternative text names at most ``MAX_NAMES_IN_ALT_TEXT`` places, those with most people.
    """
    translate, kind = formatter.translate, str(chart.table.index.name)
    sentence = WORDS_BY_KIND["map"]["few countries" if kind == "country" and formatter.organisation else kind]
    valued = [
        place_figure_value for place_figure_value in read_figure_values(chart.table) if place_figure_value.present
    ]
    valued = sorted(valued, key=lambda place_figure_value: -(place_figure_value.value or 0))
    listed = [
        place_figure_value
        for place_figure_value in valued
        if charts.is_on_map(place_figure_value.key, formatter.key_figures.place)
    ]
    listed = listed[:MAX_NAMES_IN_ALT_TEXT]
    map_summary = translate(sentence, scope=formatter.scope_name(), level=formatter.level_name())
    named_places_text = "; ".join(
        f"{formatter.place_name(place_figure_value.key)}: {formatter.format_spoken(place_figure_value, 'people')}"
        for place_figure_value in listed
    )
    map_detail_texts = (findings.format_place_with_most_people(formatter), named_places_text)
    other_places_sentence = (
        translate("The other places are in the table beside the map.") if len(listed) < len(valued) else ""
    )
    doubtful = formatter.format_list([formatter.place_name(place_key) for place_key in _list_hatched(chart.table)])
    care = translate("To be read with care: {parts}.", parts=doubtful) if doubtful else ""
    missing_places_text = formatter.format_list(list(chart.left_out)) if chart.left_out else ""
    alt_sentences = [
        map_summary,
        *(f"{map_detail_text}." for map_detail_text in map_detail_texts if map_detail_text),
        other_places_sentence,
        care,
    ]
    return {
        # On a platform's own page the table beside it has said what is counted
        "kicker": translate("People reached, by area") if kind == "platform" else translate("On the map"),
        "alt": formatter.to_spoken(" ".join(filter(None, alt_sentences))),
        "note": translate("Not on the map: {places}.", places=missing_places_text) if missing_places_text else "",
    }


DESCRIBER_BY_FORM_AND_FIGURE: Mapping[
    tuple[str, str], Callable[[SheetFormatter, charts.Drawing, str], dict[str, Any]]
] = {
    ("months", "people_reached"): describe_months,
    ("flows", "funding_usd"): describe_flows,
    ("map", "people_reached"): describe_map,
}
"""The function that gives the texts of a chart of a breakdown of the sheet, by the chart's form and the figure."""


def build_text_chart(formatter: SheetFormatter, name: str) -> TextChart | None:
    """Return a breakdown as a small chart within a text; None if no category has a value.

    Bars have the ``MAX_TEXT_CHART_ROWS`` largest values. A breakdown in doubt has its caution: beside the chart on an
    internal page, in place of the chart for the public.
    """
    sheet_breakdown, caution = formatter.breakdown(name), format_cautions(formatter, name)
    if not any(figure_value.present for figure_value in sheet_breakdown.cells):
        return None
    view: dict[str, Any] = {"headed": False, "columns": [], "measures": [], "rows": [], "svg": "", "alt": ""}
    view |= {"label_share": 0.0, "beside_em": {}}
    view |= (
        _build_text_months(formatter)
        if name == findings.MONTH_BREAKDOWN_NAME
        else _build_text_bars(formatter, sheet_breakdown)
    )
    if caution and not formatter.is_internal:
        view |= {"rows": [], "svg": "", "alt": ""}
    return {**view, "caution": caution}


def _build_text_months(formatter: SheetFormatter) -> dict[str, Any]:
    """Return the months as a drawing within a text."""
    months_chart = charts.drawing_of(charts.months(build_breakdown_table(formatter, findings.MONTH_BREAKDOWN_NAME)))
    assert months_chart  # noqa: S101 - the months are a chart of this package
    chart_text_by_key = describe_months(formatter, months_chart, findings.choose_finding(formatter, "months"))
    chart_svg = months_chart.svg("text-months", size_mm=TEXT_CHART_SIZE_MM)
    return {"kicker": chart_text_by_key["kicker"], "svg": chart_svg, "alt": chart_text_by_key["alt_printed"]}


def _build_text_bars(formatter: SheetFormatter, breakdown: Breakdown) -> dict[str, Any]:
    """Return the largest values of a breakdown as bars within a text, at most ``MAX_TEXT_CHART_ROWS``.

    They have falling values, those of ``DIMENSIONS_IN_SHEET_ORDER`` the order of the sheet.
    """
    translate, declared, is_money = formatter.translate, breakdown.definition, breakdown.unit == "usd"
    dimension, figure = declared.by[0], declared.figure_definition
    kicker = translate(declared.label, level=formatter.level_name()) + "*" * is_money
    measure = "money" if is_money else "wanted" if figure.planned else "people"
    cells = [
        bar_figure_value
        for bar_figure_value in breakdown.cells
        if bar_figure_value.present and (bar_figure_value.value or 0) >= 0
    ]
    cells = sorted(cells, key=descending_sort_key)
    if len(cells) > MAX_TEXT_CHART_ROWS:
        cells = cells[:MAX_TEXT_CHART_ROWS]
        kicker = translate("{kicker} ({count} largest)", kicker=kicker, count=str(len(cells)))
    if dimension in DIMENSIONS_IN_SHEET_ORDER:
        cells = sorted(
            cells,
            key=lambda bar_figure_value: (
                rank_age_gender(bar_figure_value.key),
                breakdown.cells.index(bar_figure_value),
            ),
        )
    longest = formatter.max_bar_length(breakdown.cells)
    rows = [
        {
            "label": formatter.category_name(bar_figure_value.key, dimension),
            measure: formatter.format_bar_entry(bar_figure_value, breakdown.unit, longest),
        }
        for bar_figure_value in cells
    ]
    widest_mm = max(width_of(str(row["label"]), size=TEXT_CHART_TYPE_PT) for row in rows) + LABEL_GAP_MM
    return {
        "kicker": kicker,
        "columns": [name_column(formatter, dimension), translate(figure.label)],
        "measures": [measure],
        "rows": rows,
        "label_share": min(widest_mm / TEXT_CHART_SIZE_MM[0], MAX_LABEL_WIDTH_SHARE),
        "beside_em": {measure: measure_room_em(rows, measure, TEXT_CHART_TYPE_PT)},
    }


def build_foreign_chart_block(
    figure: Any, *, title: str = "", kicker: str = "", alt: str = "", width: Width | None = None
) -> Block:
    """Return any chart as a block with alternative text; close its figure.

    ``figure`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. Without ``alt``, the alternative text
    lists every part of a chart of ``charts``, and is drafted from the axes of another chart.
    """
    from matplotlib import pyplot

    chart_drawing = charts.drawing_of(figure)
    if chart_drawing and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, _list_parts(chart_drawing)) if text)
    drawn = getattr(figure, "figure", figure)  # Axes and grids have one
    drawn = drawn.get_figure(root=True) if hasattr(drawn, "get_figure") else drawn
    bundle, metadata = inline.figure_bundle(drawn, alt)
    pyplot.close(drawn)  # the end of the cell would show it once more
    picture = pictures.safe_svg(bundle["image/svg+xml"])
    view = pictures.chart(picture, kicker=kicker, finding=title, **metadata["rmrp"])
    view |= {"span": count_columns(width)} if width else {}
    return Block("chart", view, uid=f"chart-{sha256(picture.svg.encode()).hexdigest()[:8]}")


def chart(figure: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
    """Show a chart in a notebook without a page (see ``Page.chart``).

    >>> import pandas as pd
    >>> axes = rmrp.charts.bars(pd.Series({"PER": 296_000}))
    >>> chart(axes, title="Most people are in Peru")
    Block(kind='chart', ...
    """
    from IPython.display import display

    display(build_foreign_chart_block(figure, title=title, kicker=kicker, alt=alt))


def build_table_block(formatter: SheetFormatter, table: Table, caption: str, unit: str | None = None) -> Block:
    """Return any table as a block, in the page's language.

    The index heads the rows; if it only numbers them, the first column does. A table with ``value`` and without
    ``unit`` prints its values alone, as ``Page.table`` gives them; any other one prints all its columns. Numbers have
    the given ``unit``, else that of their row (column ``unit``, not printed), of their column (a figure, or a name in
    ``_usd`` or with ``share_``) or of the table.
    """
    if isinstance(table, pd.DataFrame) and isinstance(table.index, pd.RangeIndex) and len(table.columns) > 1:
        table = table.set_index(table.columns[0])
    dimensions = [str(name or "") for name in table.index.names]
    keys = [key if isinstance(key, tuple) else (key,) for key in table.index]
    heads = [
        [formatter.category_name(str(key), dimension) for key, dimension in zip(row, dimensions, strict=True)]
        for row in keys
    ]
    if isinstance(table, pd.DataFrame) and "value" in table and "unit" not in table:
        figure = table.attrs.get("figure", "")
        columns = [formatter.translate(FIGURES[figure].label) if figure in FIGURES else ""]
        of_table = unit or table.attrs.get("unit", "")
        figure_values = read_figure_values(table.set_axis(range(len(table))))
        body = [[formatter.format_figure_value(figure_value, of_table)] for figure_value in figure_values]
    else:
        columns, body = _format_columns(formatter, table, unit)
    header = [_build_header(formatter, name) for name in dimensions]
    rows = [[*head, *texts] for head, texts in zip(heads, body, strict=True)]
    view = tables.table([*header, *columns], rows)
    return Block("table", {**view, "caption": formatter.translate.known(caption)})


def _format_columns(formatter: SheetFormatter, table: Table, unit: str | None) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of a table of any columns as texts.

    The units of numbers are those of ``build_table_block``; a column ``unit`` next to ``value`` is left out.
    """
    frame = table.to_frame(table.name or "") if isinstance(table, pd.Series) else table
    has_row_units = {"value", "unit"} <= {*frame.columns}
    of_rows = frame["unit"].astype(str).tolist() if has_row_units else [""] * len(frame)
    frame = frame.drop(columns=["unit"] if has_row_units else [])
    labels: list[Any] = list(frame.columns)
    names = [" · ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
    units = [unit or _infer_unit(name) or table.attrs.get("unit", "") for name in names]
    body = [
        [
            _format_value(formatter, value, (name == "value" and not unit and of_row) or of_column, name)
            for name, value, of_column in zip(names, row, units, strict=True)
        ]
        for row, of_row in zip(frame.itertuples(index=False, name=None), of_rows, strict=True)
    ]
    return [_build_header(formatter, name) for name in names], body


def _build_header(formatter: SheetFormatter, column_name: str) -> str:
    """Return the header of a column: dimension, figure, or name as words."""
    if column_name in LAYOUT_BY_DIMENSION:
        return name_column(formatter, column_name)
    if column_name == "check":  # "Check" is a way to hand out money, too
        return formatter.translate("Data check")
    translate = column_name.replace("_", " ").capitalize() if column_name.islower() else column_name
    return formatter.translate.known(FIGURES[column_name].label if column_name in FIGURES else translate)


def _infer_unit(name: str) -> str:
    """Return the unit that the name of a column implies; empty if it implies none."""
    if name in FIGURES:
        return FIGURES[name].unit
    return "usd" if name.endswith("_usd") else "share" if name.startswith("share_") else ""


def _format_value(formatter: SheetFormatter, value: Any, unit: str, column: str) -> str:
    """Format a value of any table: a number, text, list, path, date, or yes or no; a dash for a missing one.

    Years and numbers of lines have no separators. A number with decimals and without a unit has up to four digits, from
    1,000 on one decimal.
    """
    if isinstance(value, list | tuple | set):
        return formatter.format_list(list(map(str, value)))
    if pd.isna(value):
        return numbers.NO_NUMBER_TEXT
    match value:
        case str():
            return formatter.category_name(value, column) if column in LAYOUT_BY_DIMENSION else value
        case bool() | np.bool():
            return formatter.label("Yes" if value else "No")
        case PurePath():
            return value.as_posix()
        case datetime.date():
            return numbers.date(value.isoformat()[:10], formatter.language)
    if not isinstance(value, Real) or column in PLAIN_NUMBER_COLUMNS:
        return str(value)
    float_value = float(value)
    if unit:
        return numbers.format_value(float_value, unit, formatter.language)
    if float_value.is_integer():
        return numbers.count(float_value, formatter.language)
    is_small_number = abs(float_value) < MIN_NUMBER_WITH_ONE_DECIMAL
    plain_number_text = numbers.plain(float_value, formatter.language)
    rounded_number_text = numbers.format_value(float_value, "", formatter.language, 1)
    return plain_number_text if is_small_number else rounded_number_text
