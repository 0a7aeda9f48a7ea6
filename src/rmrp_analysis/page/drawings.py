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
from rmrp_analysis.figures import FIGURES, Breakdown
from rmrp_analysis.page import findings
from rmrp_analysis.page.bar_tables import LOOK_BY_DIMENSION, measure_room_em, name_column, rank_age_gender
from rmrp_analysis.page.block import Block, Width, count_columns
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter, descending_sort_key
from rmrp_analysis.page.tables import BREAKDOWN_ATTR, build_breakdown_table, has_content, read_figure_values
from rmrp_analysis.theme import inline, pictures, tables
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.words import N_, Translator

USUAL_WIDTHS: Mapping[str, Width] = {"map": "narrow"}
"""The width of a chart by its form, unless the page asks for another; other forms take half the width."""
DRAWING_MM_BY_SPAN: Mapping[int, float] = {4: 57.3, 5: 72.7, 6: 88.0}
"""The width of a drawing by the columns of its block; in more columns it is as wide as in half of the page."""
MIN_DONORS_OF_FLOWS = 4
"""Money is drawn as flows from so many donors to several organisations on; of fewer donors, bars say more."""
TEXT_CHART_MM = (57.3, 28.0)
"""The size of months within a text: as wide as the narrowest column of running text that is printed on two pages."""
MAX_TEXT_CHART_ROWS = 5
TEXT_CHART_PT, LABEL_GAP_MM, MAX_LABEL_SHARE = 8.6, 3.0, 0.45
"""Of bars within a text: the size of the type, the white after the labels, and their largest share of the width."""
ORDERED_DIMENSIONS = ("age_gender", "model")
"""Dimensions whose categories keep the order of the sheet."""
TextChart = Mapping[str, Any]
PLAIN_NUMBER_COLUMNS = ("line", "year")
"""Columns of numbers that count nothing, which are printed as they are."""
MIN_ROUNDED_DECIMAL = 1000
"""From here on, a number with decimals has one; a smaller one has up to four digits."""
MAX_NAMES_IN_ALT = 3
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
    """Return a block with a drawing, and its numbers as a table to open."""
    summary = summary or translate("Show the numbers as a table")
    table = {"summary": summary, "caption": caption, "columns": columns, "rows": rows} if rows else None
    return Block("chart", {**pictures.BLANK, "span": 6, "svg": svg, "table": table, **view}, uid)


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
    """Return a chart of ``charts`` as a block; None if it has nothing to show.

    Its title and axis label stand above it as text of the page. None if it has nothing to show, or is of flows from
    few donors: bars say more.
    """
    span = count_columns(width or USUAL_WIDTHS.get(chart.form, "half"))
    title = title or chart.title
    breakdown = getattr(chart.table, "attrs", {}).get(BREAKDOWN_ATTR, "")
    if not chart.parts or not has_content(chart.table):
        return None
    uid, size = chart.form, chart.size_mm
    if chart.form == "flows" and breakdown:
        uid, flows = "donors", chart.table[chart.table["value"] > 0].reset_index()
        # Money that is passed on inside the plan is counted where it came in
        is_unnamed = flows[["donor", "organisation"]].isin([PASSED_ON, NOT_SPECIFIED]).any(axis=1)
        if (flows.loc[~is_unnamed, "donor"].value_counts() > 1).sum() < MIN_DONORS_OF_FLOWS:
            return None
    if width or size[0] == DRAWING_MM_BY_SPAN[6]:
        size = (DRAWING_MM_BY_SPAN.get(span, DRAWING_MM_BY_SPAN[6]), size[1])
    describe = CHART_DESCRIBERS.get((chart.form, breakdown.partition("_by_")[0]))
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


def _list_hatched(table: Table) -> list[str]:
    """Return the keys of a table's rows that are in doubt, and so hatched."""
    doubts = doubt_of(tidy(table, dimensions=1))
    return [str(key) for key in doubts.index[doubts > 0]]


def describe_months(formatter: SheetFormatter, chart: charts.Drawing, finding: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of people by month."""
    translate, months = formatter.translate, read_figure_values(chart.table)
    by_month, in_thousands = N_("People newly reached, by month"), N_("People newly reached, by month, in thousands")
    months_with_value = [month for month in months if month.value is not None]
    digits = numbers.digits_of_thousands([month.value for month in months if month.value is not None])
    kicker = translate(by_month if digits is None else in_thousands)
    sheet = {"scope": formatter.scope_name(), "period": formatter.format_period()}
    summary = translate("Column chart: people newly reached each month, {scope}, {period}.", **sheet)
    summary = f"{summary} {finding}." if finding else summary
    texts = {month.key: formatter.format_bar_text(month, "people")[1] for month in months}
    details = []
    if months_with_value:
        largest = max(months_with_value, key=formatter.bar_length).key
        smallest = min(months_with_value, key=formatter.bar_length).key
        highest, lowest = (f"{formatter.month_name(key)} {texts[key]}" for key in (largest, smallest))
        details.append(
            translate("Highest of the values shown: {highest}; lowest: {lowest}.", highest=highest, lowest=lowest)
        )
    sentences = {"no_report": N_("Without a report: {months}."), "not_counted": N_("Not counted: {months}.")}
    for reason, sentence in sentences.items():
        if missing := [formatter.month_name(month.key) for month in months if month.reason == reason]:
            details.append(translate(sentence, months=formatter.format_list(missing)))
    if hatched := [formatter.month_name(key) for key in _list_hatched(chart.table)]:
        details.append(translate("To be read with care: {parts}.", parts=formatter.format_list(hatched)))
    # Print has no table of the months: the text names all of them.
    list_of_months = "; ".join(
        f"{formatter.month_name(month.key)}: {formatter.format_spoken(month, 'people')}" for month in months
    )
    if chart.table.attrs.get("pace"):
        kicker = translate("{measure}; line: target pace", measure=kicker)
    return {
        "kicker": kicker,
        "hatched": bool(hatched),
        "alt": formatter.to_spoken(
            " ".join([summary, *details, translate("All values are in the table that follows.")])
        ),
        "alt_printed": formatter.to_spoken(f"{summary} {list_of_months[:1].upper()}{list_of_months[1:]}."),
        "caption": translate(by_month),
        "columns": [translate("Month"), translate("People newly reached")],
        "rows": [[numbers.month_and_year(month, formatter.language), text] for month, text in texts.items()],
    }


def describe_flows(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Return the texts and the table of a chart of flows of money."""
    translate, table = formatter.translate, chart.table
    donor_names = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Passed on within the plan")}
    organisation_names = {NOT_SPECIFIED: translate("Not named"), PASSED_ON: translate("Sub-grants")}
    flows: Any = table.loc[table["value"] > 0, "value"].items()
    rows = [
        [
            donor_names.get(donor) or formatter.label(donor),
            organisation_names.get(organisation) or formatter.label(organisation),
            formatter.format_value(usd, "usd"),
        ]
        for (donor, organisation), usd in flows
    ]
    sides = largest_flows(table, language=formatter.language)
    largest = {
        side: "; ".join(
            f"{name} {formatter.format_share(usd, sum(amounts.values()))}"
            for name, usd in [*amounts.items()][:MAX_NAMES_IN_ALT]
        )
        for side, amounts in {"donors": sides.givers, "organizations": sides.takers}.items()
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
    """Return the texts of a map of people by place."""
    translate, dimension = formatter.translate, str(chart.table.index.name)
    sentence = WORDS_OF["map"]["few countries" if dimension == "country" and formatter.organisation else dimension]
    places = [place for place in read_figure_values(chart.table) if place.present]
    places = sorted(places, key=lambda place: -(place.value or 0))
    named_places = [place for place in places if charts.is_on_map(place.key, formatter.key_figures.place)]
    named_places = named_places[:MAX_NAMES_IN_ALT]
    summary = translate(sentence, scope=formatter.scope_name(), level=formatter.level_name())
    list_of_places = "; ".join(
        f"{formatter.place_name(place.key)}: {formatter.format_spoken(place, 'people')}" for place in named_places
    )
    texts = (findings.format_place_with_most_people(formatter), list_of_places)
    rest = translate("The other places are in the table beside the map.") if len(named_places) < len(places) else ""
    hatched = formatter.format_list([formatter.place_name(key) for key in _list_hatched(chart.table)])
    caution = translate("To be read with care: {parts}.", parts=hatched) if hatched else ""
    missing = formatter.format_list(list(chart.left_out)) if chart.left_out else ""
    alt = [summary, *(f"{text}." for text in texts if text), rest, caution]
    return {
        # On a platform's own page the table beside it has said what is counted
        "kicker": translate("People reached, by area") if dimension == "platform" else translate("On the map"),
        "alt": formatter.to_spoken(" ".join(filter(None, alt))),
        "note": translate("Not on the map: {places}.", places=missing) if missing else "",
    }


CHART_DESCRIBERS: Mapping[tuple[str, str], Callable[[SheetFormatter, charts.Drawing, str], dict[str, Any]]] = {
    ("months", "people_reached"): describe_months,
    ("flows", "funding_usd"): describe_flows,
    ("map", "people_reached"): describe_map,
}
"""The function that gives the texts of a chart of a breakdown of the sheet, by the chart's form and the figure."""


def build_text_chart(formatter: SheetFormatter, name: str) -> TextChart | None:
    """Return a breakdown as a small chart within a text; None if empty.

    Bars have the ``MAX_TEXT_CHART_ROWS`` largest values. A breakdown in doubt has its caution: beside the chart on an
    internal page, in place of the chart for the public.
    """
    breakdown, caution = formatter.breakdown(name), format_cautions(formatter, name)
    if not any(value.present for value in breakdown.cells):
        return None
    view: dict[str, Any] = {"headed": False, "columns": [], "measures": [], "rows": [], "svg": "", "alt": ""}
    view |= {"label_share": 0.0, "beside_em": {}}
    view |= _build_text_months(formatter) if name == findings.BY_MONTH else _build_text_bars(formatter, breakdown)
    if caution and not formatter.is_internal:
        view |= {"rows": [], "svg": "", "alt": ""}
    return {**view, "caution": caution}


def _build_text_months(formatter: SheetFormatter) -> dict[str, Any]:
    """Return the months as a drawing within a text."""
    chart = charts.drawing_of(charts.months(build_breakdown_table(formatter, findings.BY_MONTH)))
    assert chart  # noqa: S101 - the months are a chart of this package
    texts = describe_months(formatter, chart, findings.choose_finding(formatter, "months"))
    svg = chart.svg("text-months", size_mm=TEXT_CHART_MM)
    return {"kicker": texts["kicker"], "svg": svg, "alt": texts["alt_printed"]}


def _build_text_bars(formatter: SheetFormatter, breakdown: Breakdown) -> dict[str, Any]:
    """Return the largest values of a breakdown as bars within a text."""
    translate, definition, is_money = formatter.translate, breakdown.definition, breakdown.unit == "usd"
    dimension, figure = definition.by[0], definition.figure_definition
    kicker = translate(definition.label, level=formatter.level_name()) + "*" * is_money
    measure = "money" if is_money else "wanted" if figure.planned else "people"
    values = [value for value in breakdown.cells if value.present and (value.value or 0) >= 0]
    values = sorted(values, key=descending_sort_key)
    if len(values) > MAX_TEXT_CHART_ROWS:
        values = values[:MAX_TEXT_CHART_ROWS]
        kicker = translate("{kicker} ({count} largest)", kicker=kicker, count=str(len(values)))
    if dimension in ORDERED_DIMENSIONS:
        values = sorted(values, key=lambda value: (rank_age_gender(value.key), breakdown.cells.index(value)))
    longest = formatter.max_bar_length(breakdown.cells)
    rows = [
        {
            "label": formatter.category_name(value.key, dimension),
            measure: formatter.format_bar_entry(value, breakdown.unit, longest),
        }
        for value in values
    ]
    widest_mm = max(width_of(str(row["label"]), size=TEXT_CHART_PT) for row in rows) + LABEL_GAP_MM
    return {
        "kicker": kicker,
        "columns": [name_column(formatter, dimension), translate(figure.label)],
        "measures": [measure],
        "rows": rows,
        "label_share": min(widest_mm / TEXT_CHART_MM[0], MAX_LABEL_SHARE),
        "beside_em": {measure: measure_room_em(rows, measure, TEXT_CHART_PT)},
    }


def build_foreign_chart_block(
    figure: Any, *, title: str = "", kicker: str = "", alt: str = "", width: Width | None = None
) -> Block:
    """Return any chart as a block with alternative text; close its figure.

    ``figure`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. Without ``alt``, the alternative text
    lists every part of a chart of ``charts``, and is drafted from the axes of another chart.
    """
    from matplotlib import pyplot

    drawing = charts.drawing_of(figure)
    if drawing and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, _list_parts(drawing)) if text)
    root = getattr(figure, "figure", figure)  # Axes and grids have one
    root = root.get_figure(root=True) if hasattr(root, "get_figure") else root
    bundle, metadata = inline.figure_bundle(root, alt)
    pyplot.close(root)  # the end of the cell would show it once more
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

    The table may have any columns. Its numbers have the given ``unit``, else that of their row (a column ``unit``, as
    in the table of figures), of their column (a figure, or a name in ``_usd``) or of the table. If rows are only
    numbered, the first column heads them.
    """
    if isinstance(table, pd.DataFrame) and isinstance(table.index, pd.RangeIndex) and len(table.columns) > 1:
        table = table.set_index(table.columns[0])
    dimensions = [str(name or "") for name in table.index.names]
    keys = [key if isinstance(key, tuple) else (key,) for key in table.index]
    row_labels = [
        [formatter.category_name(str(key), dimension) for key, dimension in zip(row, dimensions, strict=True)]
        for row in keys
    ]
    if isinstance(table, pd.DataFrame) and "value" in table and "unit" not in table:
        figure = table.attrs.get("figure", "")
        headers = [formatter.translate(FIGURES[figure].label) if figure in FIGURES else ""]
        table_unit = unit or table.attrs.get("unit", "")
        values = read_figure_values(table.set_axis(range(len(table))))
        texts = [[formatter.format_figure_value(value, table_unit)] for value in values]
    else:
        headers, texts = _format_columns(formatter, table, unit)
    dimension_headers = [_build_header(formatter, name) for name in dimensions]
    rows = [[*labels, *row] for labels, row in zip(row_labels, texts, strict=True)]
    view = tables.table([*dimension_headers, *headers], rows)
    return Block("table", {**view, "caption": formatter.translate.known(caption)})


def _format_columns(formatter: SheetFormatter, table: Table, unit: str | None) -> tuple[list[str], list[list[str]]]:
    """Return the headers and the rows of a table of any columns as texts.

    The units of numbers are those of ``build_table_block``.
    """
    columns = table.to_frame(table.name or "") if isinstance(table, pd.Series) else table
    has_row_units = {"value", "unit"} <= {*columns.columns}
    row_units = columns["unit"].astype(str).tolist() if has_row_units else [""] * len(columns)
    columns = columns.drop(columns=["unit"] if "value" in columns else [])
    labels: list[Any] = list(columns.columns)
    names = [" · ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
    column_units = [unit or _infer_unit(name) or table.attrs.get("unit", "") for name in names]
    texts = [
        [
            _format_value(formatter, value, (name == "value" and not unit and row_unit) or column_unit, name)
            for name, value, column_unit in zip(names, row, column_units, strict=True)
        ]
        for row, row_unit in zip(columns.itertuples(index=False, name=None), row_units, strict=True)
    ]
    return [_build_header(formatter, name) for name in names], texts


def _build_header(formatter: SheetFormatter, name: str) -> str:
    """Return the header of a column: dimension, figure, or name as words."""
    if name in LOOK_BY_DIMENSION:
        return name_column(formatter, name)
    words = name.replace("_", " ").capitalize() if name.islower() else name
    return formatter.translate.known(FIGURES[name].label if name in FIGURES else words)


def _infer_unit(name: str) -> str:
    """Return the unit that the name of a column implies; empty if it implies none."""
    if name in FIGURES:
        return FIGURES[name].unit
    return "usd" if name.endswith("_usd") else "share" if name.startswith("share_") else ""


def _format_value(formatter: SheetFormatter, value: Any, unit: str, column: str) -> str:
    """Format a value of any table; years have no separators."""
    if isinstance(value, list | tuple | set):
        return formatter.format_list(list(map(str, value)))
    if pd.isna(value):
        return numbers.NOTHING
    match value:
        case str():
            return formatter.category_name(value, column) if column in LOOK_BY_DIMENSION else value
        case bool() | np.bool():
            return formatter.translate("Yes") if value else formatter.translate("No")
        case PurePath():
            return value.as_posix()
        case datetime.date():
            return numbers.date(value.isoformat()[:10], formatter.language)
    if not isinstance(value, Real) or column in PLAIN_NUMBER_COLUMNS:
        return str(value)
    amount = float(value)
    if unit:
        return numbers.format_value(amount, unit, formatter.language)
    if amount.is_integer():
        return numbers.count(amount, formatter.language)
    is_short = abs(amount) < MIN_ROUNDED_DECIMAL
    plain, rounded = numbers.plain(amount, formatter.language), numbers.format_value(amount, "", formatter.language, 1)
    return plain if is_short else rounded
