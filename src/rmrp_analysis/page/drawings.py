"""Charts as blocks of a page or within a text, and an analyst's own charts and tables."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from numbers import Real
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.charts.chart_tables import Table
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
"""The width of a chart by its form, unless the page asks for another width. Other forms take half the width."""
DRAWING_WIDTH_MM_BY_SPAN: Mapping[int, float] = {4: 57.3, 5: 72.7, 6: 88.0}
"""The width of a drawing by the columns of its block. In more columns it is as wide as in half of the page."""
MIN_DONORS_FOR_FLOW_CHART = 4
"""The donors that must each give to several organisations before flows are drawn. Otherwise bars say more."""
TEXT_CHART_SIZE_MM = (57.3, 28.0)
"""The size of months within a text: as wide as the narrowest column of running text on two printed pages."""
MAX_TEXT_CHART_ROWS = 5
TEXT_CHART_TYPE_PT, LABEL_GAP_MM, MAX_LABEL_WIDTH_SHARE = 8.6, 3.0, 0.45
"""Of bars within a text: the size of the type, the white after the labels, and their largest share of the width."""
DIMENSIONS_IN_SHEET_ORDER = ("age_gender", "model")
"""Dimensions with categories in the order of the sheet."""
TextChart = Mapping[str, Any]
"""The view of a small chart within a text: its texts, and its bars or its SVG."""
PLAIN_NUMBER_COLUMNS = ("line", "plan_year", "year")
"""Columns with numbers that count nothing and are printed unchanged."""
MIN_NUMBER_WITH_ONE_DECIMAL = 1000
"""From this number on, a number of a table has at most one decimal. A smaller number has up to four digits."""
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
    """Return a block with a drawing, and with its numbers as a table to open if there are ``rows``.

    ``view`` has further entries of its view.
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
    """Return a chart of ``charts`` as a block of the page, or None if it has nothing to show.

    It is None, too, for flows of money if fewer than ``MIN_DONORS_FOR_FLOW_CHART`` donors give to several
    organisations, because bars say more. The title (by default the chart's own) and the axis label stand above the
    chart as text of the page. Without a known breakdown, the alternative text lists the parts of the chart.
    """
    span = count_columns(width or WIDTH_BY_CHART_FORM.get(chart.form, "half"))
    title = title or chart.title
    breakdown = getattr(chart.table, "attrs", {}).get(BREAKDOWN_ATTR, "")
    if not chart.parts or not has_content(chart.table):
        return None
    uid, size = chart.form, chart.size_mm
    if chart.form == "flows" and breakdown:
        uid, flows = "donors", chart.table[chart.table["value"] > 0].reset_index()
        # Money that is passed on inside the plan is counted at its first receiver
        is_unnamed = flows[["donor", "organisation"]].isin([PASSED_ON, NOT_SPECIFIED]).any(axis=1)
        if (flows.loc[~is_unnamed, "donor"].value_counts() > 1).sum() < MIN_DONORS_FOR_FLOW_CHART:
            return None
    if width or size[0] == DRAWING_WIDTH_MM_BY_SPAN[6]:
        size = (DRAWING_WIDTH_MM_BY_SPAN.get(span, DRAWING_WIDTH_MM_BY_SPAN[6]), size[1])
    describe = DESCRIBER_BY_FORM_AND_FIGURE.get((chart.form, breakdown.partition("_by_")[0]))
    if describe:
        view = describe(formatter, chart, title)
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


def _describe_month_details(
    formatter: SheetFormatter, month_figure_values: Sequence[FigureValue], text_by_month: Mapping[str, str]
) -> list[str]:
    """Return sentences on the highest and lowest month, and on months without a report or not counted, if any."""
    translate, sentences = formatter.translate, []
    valued = [cell for cell in month_figure_values if cell.value is not None]
    if valued:
        extremes = (max(valued, key=formatter.bar_length), min(valued, key=formatter.bar_length))
        # "February, nobody new", but "January 130"
        gaps = [" " if formatter.bar_length(cell) else ", " for cell in extremes]
        highest, lowest = (
            f"{formatter.month_name(cell.key)}{gap}{text_by_month[cell.key]}"
            for cell, gap in zip(extremes, gaps, strict=True)
        )
        sentence = N_("Highest of the values shown: {highest}; lowest: {lowest}.")
        if len(valued) == 1:
            sentence = N_("The only month with a number: {highest}.")
        sentences.append(translate(sentence, highest=highest, lowest=lowest))
    templates = {"no_report": N_("Without a report: {months}."), "not_counted": N_("Not counted: {months}.")}
    for reason, template in templates.items():
        if names := [formatter.month_name(cell.key) for cell in month_figure_values if cell.reason == reason]:
            sentences.append(translate(template, months=formatter.format_list(names)))
    return sentences


def describe_months(formatter: SheetFormatter, chart: charts.Drawing, finding: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of people by month, by their key in the view of a chart."""
    translate, cells = formatter.translate, read_figure_values(chart.table)
    caption = N_("People newly reached, by month")
    thousands = N_("People newly reached, by month, in thousands")
    digits = numbers.digits_of_thousands([cell.value for cell in cells if cell.value is not None])
    kicker = translate(caption if digits is None else thousands)
    summary = translate(
        "Column chart: people newly reached each month, {scope}, {period}.",
        scope=formatter.scope_name(),
        period=formatter.format_period(),
    )
    summary = f"{summary} {finding}." if finding else summary
    texts = {cell.key: formatter.format_bar_text(cell, "people")[1] for cell in cells}
    details = _describe_month_details(formatter, cells, texts)
    if chart.table.attrs.get("silent_people"):
        end, earlier = (formatter.month_name(month) for month in [*texts][:-3:-1])
        sentence = N_(
            "The column of {month} is open at its top: partners without a report for it gave that in {earlier}."
        )
        details.append(translate(sentence, month=end, earlier=earlier))
    details.append(translate("All values are in the table that follows."))
    # Print has no table of the months, so the text names all months.
    months = [f"{formatter.month_name(cell.key)}: {formatter.format_spoken(cell, 'people')}" for cell in cells]
    listing = "; ".join(months)
    if chart.table.attrs.get("pace"):
        kicker = translate("{measure}; line: target pace", measure=kicker)
    if chart.table.attrs.get("silent_people"):
        kicker = translate("{measure}; open: reports missing", measure=kicker)
    return {
        "kicker": kicker,
        "hatched": not all(cell.is_sure for cell in cells),
        "alt": formatter.to_spoken(" ".join([summary, *details])),
        "alt_printed": formatter.to_spoken(f"{summary} {listing[:1].upper()}{listing[1:]}."),
        "caption": translate(caption),
        "columns": [translate("Month"), translate("People newly reached")],
        "rows": [[numbers.month_and_year(month, formatter.language), text] for month, text in texts.items()],
    }


def describe_flows(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of flows of money, by their key in the view of a chart."""
    translate, table = formatter.translate, chart.table
    givers = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Passed on within the plan")}
    takers = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Sub-grants")}
    rows = []
    pairs: Any = table.loc[table["value"] > 0, "value"].items()
    for (start, end), usd in pairs:
        giver, taker = givers.get(start) or formatter.label(start), takers.get(end) or formatter.label(end)
        rows.append([giver, taker, formatter.format_value(usd, "usd")])
    flows = largest_flows(table, language=formatter.language)

    def list_largest(amounts: Mapping[str, float]) -> str:
        """List the names with the largest amounts, each with its share of all amounts."""
        pairs, total = [*amounts.items()][:MAX_NAMES_IN_ALT_TEXT], sum(amounts.values())
        return "; ".join(f"{name} {formatter.format_share(usd, total)}" for name, usd in pairs)

    alt = translate(
        "Flow chart: funding from donors to organizations. Largest donors: {donors}. Largest organizations: "
        "{organizations}.",
        donors=list_largest(flows.givers),
        organizations=list_largest(flows.takers),
    )
    date = formatter.format_source_date("funding")
    return {
        "kicker": translate("Funding, from donor to organization*, {as_of}", as_of=date),
        "alt": formatter.to_spoken(f"{alt} {translate('All values are in the table that follows.')}"),
        "alt_printed": formatter.to_spoken(alt),
        "caption": translate("Funding, from donor to organization"),
        "columns": [translate("Donor"), translate("Organization"), translate("Funding")],
        "rows": rows,
    }


def describe_map(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Return the texts of a map of people by place, by their key in the view. A map has no table.

    The alternative text names the places with most people, at most ``MAX_NAMES_IN_ALT_TEXT``.
    """
    translate, kind = formatter.translate, str(chart.table.index.name)
    sentence = WORDS_BY_KIND["map"]["few countries" if kind == "country" and formatter.organisation else kind]
    sentences = [translate(sentence, scope=formatter.scope_name(), level=formatter.level_name())]
    valued = [cell for cell in read_figure_values(chart.table) if cell.present]
    valued = sorted(valued, key=lambda cell: -(cell.value or 0))
    listed = [cell for cell in valued if charts.is_on_map(cell.key, formatter.key_figures.place)]
    listed = listed[:MAX_NAMES_IN_ALT_TEXT]
    places = [f"{formatter.place_name(cell.key)}: {formatter.format_spoken(cell, 'people')}" for cell in listed]
    details = (findings.format_place_with_most_people(formatter), "; ".join(places))
    sentences += [f"{text}." for text in details if text]
    if len(listed) < len(valued):
        sentences.append(translate("The other places are in the table beside the map."))
    missing = formatter.format_list(list(chart.left_out)) if chart.left_out else ""
    return {
        # On a platform's own page the table next to the map explains the numbers
        "kicker": translate("People reached, by area") if kind == "platform" else translate("On the map"),
        "alt": formatter.to_spoken(" ".join(filter(None, sentences))),
        "note": translate("Not on the map: {places}.", places=missing) if missing else "",
    }


Describer = Callable[[SheetFormatter, charts.Drawing, str], dict[str, Any]]
DESCRIBER_BY_FORM_AND_FIGURE: Mapping[tuple[str, str], Describer] = {
    ("months", "people_reached"): describe_months,
    ("flows", "funding_usd"): describe_flows,
    ("map", "people_reached"): describe_map,
}
"""The function that returns the texts of a chart of a breakdown, by the form of the chart and the figure."""


def build_text_chart(formatter: SheetFormatter, name: str) -> TextChart | None:
    """Return a breakdown as a small chart within a text, or None if no category has a value.

    Bars have the ``MAX_TEXT_CHART_ROWS`` largest values. A breakdown in doubt has its caution: next to the chart on an
    internal page, and in place of the chart on a public one.
    """
    breakdown, caution = formatter.breakdown(name), format_cautions(formatter, name)
    if not any(cell.present for cell in breakdown.cells):
        return None
    view: dict[str, Any] = {"headed": False, "columns": [], "measures": [], "rows": [], "svg": "", "alt": ""}
    view |= {"label_share": 0.0, "beside_em": {}}
    is_months = name == findings.MONTH_BREAKDOWN_NAME
    view |= _build_text_months(formatter) if is_months else _build_text_bars(formatter, breakdown)
    if caution and not formatter.is_internal:
        view |= {"rows": [], "svg": "", "alt": ""}
    return {**view, "caution": caution}


def _build_text_months(formatter: SheetFormatter) -> dict[str, Any]:
    """Return the months as a drawing within a text."""
    drawing = charts.drawing_of(charts.months(build_breakdown_table(formatter, findings.MONTH_BREAKDOWN_NAME)))
    assert drawing  # noqa: S101 - the months are a chart of this package
    texts = describe_months(formatter, drawing, findings.choose_finding(formatter, "months"))
    svg = drawing.svg("text-months", size_mm=TEXT_CHART_SIZE_MM)
    return {"kicker": texts["kicker"], "svg": svg, "alt": texts["alt_printed"]}


def _build_text_bars(formatter: SheetFormatter, breakdown: Breakdown) -> dict[str, Any]:
    """Return the largest values of a breakdown as bars within a text, at most ``MAX_TEXT_CHART_ROWS``."""
    translate, declared, is_money = formatter.translate, breakdown.definition, breakdown.unit == "usd"
    dimension, figure = declared.by[0], declared.figure_definition
    kicker = translate(declared.label, level=formatter.level_name()) + "*" * is_money
    measure = "money" if is_money else "wanted" if figure.planned else "people"
    cells = [cell for cell in breakdown.cells if cell.present and (cell.value or 0) >= 0]
    cells = sorted(cells, key=descending_sort_key)
    if len(cells) > MAX_TEXT_CHART_ROWS:
        cells = cells[:MAX_TEXT_CHART_ROWS]
        kicker = translate("{kicker} ({count} largest)", kicker=kicker, count=str(len(cells)))
    if dimension in DIMENSIONS_IN_SHEET_ORDER:
        cells = sorted(cells, key=lambda cell: (rank_age_gender(cell.key), breakdown.cells.index(cell)))
    longest = formatter.max_bar_length(breakdown.cells)
    rows = []
    for cell in cells:
        bar = formatter.format_bar_entry(cell, breakdown.unit, longest)
        rows.append({"label": formatter.category_name(cell.key, dimension), measure: bar})
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
    """Return any chart as a block with alternative text, and close its figure.

    ``figure`` is a result of Matplotlib or seaborn: Axes, a Figure or a grid. Without ``alt``, the alternative text of
    a chart of ``charts`` lists every part. For another chart it is drafted from the axes.
    """
    from matplotlib import pyplot

    drawing = charts.drawing_of(figure)
    if drawing and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, _list_parts(drawing)) if text)
    canvas = getattr(figure, "figure", figure)  # Axes and grids have one
    canvas = canvas.get_figure(root=True) if hasattr(canvas, "get_figure") else canvas
    bundle, metadata = inline.figure_bundle(canvas, alt)
    pyplot.close(canvas)  # the end of the cell would show it once more
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

    The index heads the rows. If it only numbers them, the first column heads them. A table with ``value`` and without
    ``unit`` prints its values alone, as ``Page.table`` returns them. Any other table prints all its columns. The unit
    of a number is the first of these: the given ``unit``, the column ``unit`` of its row (not printed), the unit that
    its column implies (a figure, ``…_usd`` or ``share_…``), and the unit of the table.
    """
    if isinstance(table, pd.DataFrame) and isinstance(table.index, pd.RangeIndex) and len(table.columns) > 1:
        table = table.set_index(table.columns[0])
    dimensions = [str(name or "") for name in table.index.names]
    keys = [key if isinstance(key, tuple) else (key,) for key in table.index]
    heads = [
        [formatter.category_name(str(part), dimension) for part, dimension in zip(key, dimensions, strict=True)]
        for key in keys
    ]
    if isinstance(table, pd.DataFrame) and "value" in table and "unit" not in table:
        figure = table.attrs.get("figure", "")
        columns = [formatter.translate(FIGURES[figure].label) if figure in FIGURES else ""]
        default = unit or table.attrs.get("unit", "")
        cells = read_figure_values(table.set_axis(range(len(table))))
        body = [[formatter.format_figure_value(cell, default)] for cell in cells]
    else:
        columns, body = _format_columns(formatter, table, unit)
    header = [_build_header(formatter, name) for name in dimensions]
    rows = [[*head, *texts] for head, texts in zip(heads, body, strict=True)]
    view = tables.table([*header, *columns], rows)
    return Block("table", {**view, "caption": formatter.translate.known(caption)})


def _format_columns(formatter: SheetFormatter, table: Table, unit: str | None) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of a table of any columns as texts."""
    frame = table.to_frame(table.name or "") if isinstance(table, pd.Series) else table
    has_units = {"value", "unit"} <= {*frame.columns}
    row_units = frame["unit"].astype(str).tolist() if has_units else [""] * len(frame)
    frame = frame.drop(columns=["unit"] if has_units else [])
    labels: list[Any] = list(frame.columns)
    names = [" · ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
    units = [unit or _infer_unit(name) or table.attrs.get("unit", "") for name in names]
    body = [
        [
            _format_value(formatter, value, (name == "value" and not unit and row_unit) or column_unit, name)
            for name, value, column_unit in zip(names, row, units, strict=True)
        ]
        for row, row_unit in zip(frame.itertuples(index=False, name=None), row_units, strict=True)
    ]
    return [_build_header(formatter, name) for name in names], body


def _build_header(formatter: SheetFormatter, column_name: str) -> str:
    """Return the header of a column: its dimension, its figure, or its name as words."""
    if column_name in LAYOUT_BY_DIMENSION:
        return name_column(formatter, column_name)
    if column_name == "check":  # "Check" is a way to hand out money, too
        return formatter.translate("Data check")
    words = column_name.replace("_", " ").capitalize() if column_name.islower() else column_name
    return formatter.translate.known(FIGURES[column_name].label if column_name in FIGURES else words)


def _infer_unit(name: str) -> str:
    """Return the unit that the name of a column implies, or an empty text."""
    if name in FIGURES:
        return FIGURES[name].unit
    return "usd" if name.endswith("_usd") else "share" if name.startswith("share_") else ""


def _format_value(formatter: SheetFormatter, value: Any, unit: str, column: str) -> str:
    """Format a value of any table: a number, text, list, path, date, or yes or no. A missing value is a dash.

    Years and numbers of lines have no separators. A number with decimals and without a unit has up to four digits, and
    from 1,000 on one decimal.
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
    number, language = float(value), formatter.language
    if unit:
        return numbers.format_value(number, unit, language)
    if number.is_integer():
        return numbers.count(number, language)
    is_small = abs(number) < MIN_NUMBER_WITH_ONE_DECIMAL
    return numbers.plain(number, language) if is_small else numbers.format_value(number, "", language, 1)
