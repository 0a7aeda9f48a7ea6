"""Sets charts on a page, large or within a text, in its words; an analyst's own charts and tables, too."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from numbers import Real
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from rmrp_analysis import charts, numbers
from rmrp_analysis.charts.circle_maps import keep_map as keep_map
from rmrp_analysis.charts.flow_charts import PASSED_ON, largest_flows
from rmrp_analysis.charts.measures import width_of
from rmrp_analysis.charts.parts import Table, doubt_of, tidy
from rmrp_analysis.figures import FIGURES
from rmrp_analysis.page import findings
from rmrp_analysis.page.bar_tables import LOOKS, column_of, in_usual_order, room_beside
from rmrp_analysis.page.block import Block, Width, columns_of
from rmrp_analysis.page.cautions import format_cautions
from rmrp_analysis.page.formatter import WORDS_OF, SheetFormatter, descending_sort_key
from rmrp_analysis.page.tables import BREAKDOWN, cells_of, has_anything, stated_table
from rmrp_analysis.theme import inline, pictures, tables
from rmrp_analysis.vocabulary import NOT_SPECIFIED
from rmrp_analysis.words import N_, Translator

WIDTH_OF: Mapping[str, Width] = {"map": "narrow"}
"""How wide a chart stands if nothing else is asked for; others take half the width."""
WIDTHS_MM: Mapping[int, float] = {4: 57.3, 5: 72.7, 6: 88.0}
"""How wide a drawing is in so many columns of twelve; in more columns it is as wide as in half of them."""
DONORS_OF_SEVERAL = 4
"""From so many donors to several organisations on money is drawn as flows; of fewer, bars say more."""
SMALL_MM = (57.3, 28.0)
"""Of months within a text: as wide as the narrowest column of running text that is printed on two pages."""
MOST_ROWS = 5  # of bars within a text
TEXT_CHART_PT, LABEL_GAP_MM, MAX_LABEL_SHARE = 8.6, 3.0, 0.45  # of these rows: type, white and width of the labels
IN_ORDER = ("age_gender", "model")  # dimensions whose parts stay in the order of the sheet
TextChart = Mapping[str, Any]
NUMBERING = ("line", "year")  # columns of numbers that count nothing
IN_FULL_FROM = 1000  # numbers that are not whole have up to four digits, from here on one decimal
MOST_HEARD = 3  # donors, organisations and places that an alternative text names


def drawing(
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
    """Give a chart as wide as its block, and its numbers as a table that a reader may open."""
    summary = summary or translate("Show the numbers as a table")
    table = {"summary": summary, "caption": caption, "columns": columns, "rows": rows} if rows else None
    return Block("chart", {**pictures.BLANK, "span": 6, "svg": svg, "table": table, **view}, uid)


def chart_of_package(
    formatter: SheetFormatter,
    chart: charts.Drawing,
    *,
    title: str = "",
    kicker: str = "",
    alt: str = "",
    width: Width | None = None,
    height_mm: float | None = None,
) -> Block | None:
    """Give a chart that is sketched, in the words of the sheet where it shows what that states; None without parts.

    Its title and axis label stand above it as words of the page. Flows of few donors are none: bars say more.
    """
    span = columns_of(width or WIDTH_OF.get(chart.form, "half"))
    title = title or chart.title
    stated = getattr(chart.table, "attrs", {}).get(BREAKDOWN, "")
    if not chart.parts or not has_anything(chart.table):
        return None
    uid, size = chart.form, chart.size_mm
    if chart.form == "flows" and stated:  # money passed on inside the plan came in before
        uid, given = "donors", chart.table[chart.table["value"] > 0].reset_index()
        named = given[~given[["donor", "organisation"]].isin([PASSED_ON, NOT_SPECIFIED]).any(axis=1)]
        if (named["donor"].value_counts() > 1).sum() < DONORS_OF_SEVERAL:
            return None
    if width or size[0] == WIDTHS_MM[6]:
        size = (WIDTHS_MM.get(span, WIDTHS_MM[6]), size[1])
    tell = WORDS_OF_CHARTS.get((chart.form, stated.partition("_by_")[0]))
    if tell:
        view = tell(formatter, chart, title)
    else:
        spoken = " ".join(f"{text}." for text in (kicker or chart.axis_label, title, _listed(chart)) if text)
        view = {"kicker": chart.axis_label, "alt": spoken}
        uid = f"chart-{sha256(spoken.encode()).hexdigest()[:8]}"
    view |= {name: text for name, text in {"kicker": kicker, "alt": alt, "alt_printed": alt}.items() if text}
    svg = chart.svg(uid, size_mm=(size[0], height_mm or size[1]))
    return drawing(formatter.translate, uid, svg, form=chart.form, finding=title, span=span, **view)


def _listed(chart: charts.Drawing) -> str:
    """Each part of a chart with its value."""
    return "; ".join(": ".join(part) for part in chart.parts)


def _doubtful(table: Table) -> list[str]:
    """The parts of a table of one dimension that are hatched."""
    doubts = doubt_of(tidy(table, dimensions=1))
    return [str(key) for key in doubts.index[doubts > 0]]


def words_of_months(formatter: SheetFormatter, chart: charts.Drawing, finding: str) -> dict[str, Any]:
    """Tell people newly reached in each month."""
    translate, cells = formatter.translate, cells_of(chart.table)
    by_month, in_thousands = N_("People newly reached, by month"), N_("People newly reached, by month, in thousands")
    valued = [cell for cell in cells if cell.value is not None]
    digits = numbers.digits_of_thousands([cell.value for cell in valued if cell.value is not None])
    kicker = translate(by_month if digits is None else in_thousands)
    sheet = {"scope": formatter.scope_name(), "period": formatter.format_period()}
    told = translate("Column chart: people newly reached each month, {scope}, {period}.", **sheet)
    told = f"{told} {finding}." if finding else told
    texts = {cell.key: formatter.format_bar_text(cell, "people")[1] for cell in cells}
    ends = []
    if valued:
        most, least = max(valued, key=formatter.bar_length), min(valued, key=formatter.bar_length)
        highest, lowest = (f"{formatter.month_name(cell.key)} {texts[cell.key]}" for cell in (most, least))
        ends.append(
            translate("Highest of the values shown: {highest}; lowest: {lowest}.", highest=highest, lowest=lowest)
        )
    silent = {"no_report": N_("Without a report: {months}."), "not_counted": N_("Not counted: {months}.")}
    for reason, sentence in silent.items():
        if missing := [formatter.month_name(cell.key) for cell in cells if cell.reason == reason]:
            ends.append(translate(sentence, months=formatter.format_list(missing)))
    if doubtful := _doubtful(chart.table):
        ends.append(
            translate(
                "To be read with care: {parts}.", parts=formatter.format_list(list(map(formatter.month_name, doubtful)))
            )
        )
    # Print has no table of the months: the text names all of them.
    each = "; ".join(f"{formatter.month_name(cell.key)}: {formatter.format_spoken(cell, 'people')}" for cell in cells)
    if chart.table.attrs.get("pace"):
        kicker = translate("{measure}; line: target pace", measure=kicker)
    return {
        "kicker": kicker,
        "hatched": bool(doubtful),
        "alt": formatter.to_spoken(" ".join([told, *ends, translate("All values are in the table that follows.")])),
        "alt_printed": formatter.to_spoken(f"{told} {each[:1].upper()}{each[1:]}."),
        "caption": translate(by_month),
        "columns": [translate("Month"), translate("People newly reached")],
        "rows": [[numbers.month_and_year(month, formatter.language), text] for month, text in texts.items()],
    }


def words_of_flows(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """Largest donors to largest organisations, the others together."""
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
            f"{name} {formatter.format_share(usd, sum(end.values()))}" for name, usd in [*end.items()][:MOST_HEARD]
        )
        for side, end in {"donors": ends.givers, "organizations": ends.takers}.items()
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


def words_of_map(formatter: SheetFormatter, chart: charts.Drawing, _: str) -> dict[str, Any]:
    """People by place, beside the table that has all of them."""
    translate, kind = formatter.translate, str(chart.table.index.name)
    sentence = WORDS_OF["map"]["few countries" if kind == "country" and formatter.organisation else kind]
    valued = sorted((cell for cell in cells_of(chart.table) if cell.present), key=lambda cell: -(cell.value or 0))
    listed = [cell for cell in valued if charts.is_on_map(cell.key, formatter.key_figures.place)][:MOST_HEARD]
    each = "; ".join(f"{formatter.place_name(cell.key)}: {formatter.format_spoken(cell, 'people')}" for cell in listed)
    most = findings.format_place_with_most_people(formatter)
    of_what = translate(sentence, scope=formatter.scope_name(), level=formatter.level_name())
    others = translate("The other places are in the table beside the map.") if len(listed) < len(valued) else ""
    doubtful = formatter.format_list(list(map(formatter.place_name, _doubtful(chart.table))))
    care = translate("To be read with care: {parts}.", parts=doubtful) if doubtful else ""
    told = [of_what, *(f"{text}." for text in (most, each) if text), others, care]
    note = (
        translate("Not on the map: {places}.", places=formatter.format_list(list(chart.left_out)))
        if chart.left_out
        else ""
    )
    return {
        # On a platform's own page the table beside it has said what is counted
        "kicker": translate("People reached, by area") if kind == "platform" else translate("On the map"),
        "alt": formatter.to_spoken(" ".join(filter(None, told))),
        "note": note,
    }


WORDS_OF_CHARTS: Mapping[tuple[str, str], Callable[[SheetFormatter, charts.Drawing, str], dict[str, Any]]] = {
    ("months", "people_reached"): words_of_months,
    ("flows", "funding_usd"): words_of_flows,
    ("map", "people_reached"): words_of_map,
}
"""The words of a chart of what the sheet states, by its form and figure."""


def text_chart(formatter: SheetFormatter, name: str) -> TextChart | None:
    """The view of a breakdown of the sheet as a small chart; None where it has no part to draw.

    Of many parts those with most; a breakdown in doubt bears its caution, which for the public stands in its place.
    """
    translate, breakdown, caution = formatter.translate, formatter.breakdown(name), format_cautions(formatter, name)
    cells, dimension = [cell for cell in breakdown.cells if cell.present], breakdown.definition.by[0]
    if not cells:
        return None
    view: dict[str, Any] = {"headed": False, "columns": [], "measures": [], "rows": [], "svg": "", "alt": ""}
    view |= {"label_share": 0.0, "beside_em": {}}
    if name == findings.BY_MONTH:
        chart = charts.drawing_of(charts.months(stated_table(formatter, name)))
        assert chart  # noqa: S101 - the months are a chart of this package
        told = words_of_months(formatter, chart, findings.choose_finding(formatter, "months"))
        # The text has no table beneath it: its alternative text names every month
        drawn = {"svg": chart.svg("text-months", size_mm=SMALL_MM), "alt": told["alt_printed"]}
        view |= {"kicker": told["kicker"]} | drawn
    else:
        declared, is_money = breakdown.definition, breakdown.unit == "usd"
        kicker = translate(declared.label, level=formatter.level_name()) + "*" * is_money
        figure = declared.figure_definition
        measure = "money" if is_money else "wanted" if figure.planned else "people"
        cells = sorted((cell for cell in cells if (cell.value or 0) >= 0), key=descending_sort_key)
        if len(cells) > MOST_ROWS:
            cells = cells[:MOST_ROWS]
            kicker = translate("{kicker} ({count} largest)", kicker=kicker, count=str(len(cells)))
        if dimension in IN_ORDER:
            cells = sorted(cells, key=lambda cell: (in_usual_order(cell.key), breakdown.cells.index(cell)))
        longest = formatter.max_bar_length(breakdown.cells)
        rows = [
            {
                "label": formatter.category_name(cell.key, dimension),
                measure: formatter.format_bar_entry(cell, breakdown.unit, longest),
            }
            for cell in cells
        ]
        columns = [column_of(formatter, dimension), translate(figure.label)]
        widest_mm = max(width_of(str(row["label"]), size=TEXT_CHART_PT) for row in rows) + LABEL_GAP_MM
        view |= {"kicker": kicker, "columns": columns, "measures": [measure], "rows": rows}
        view["label_share"] = min(widest_mm / SMALL_MM[0], MAX_LABEL_SHARE)
        view["beside_em"] = {measure: room_beside(rows, measure, TEXT_CHART_PT)}
    if caution and not formatter.is_internal:
        view |= {"rows": [], "svg": "", "alt": ""}
    return {**view, "caution": caution}


def own_chart(figure: Any, *, title: str = "", kicker: str = "", alt: str = "", width: Width | None = None) -> Block:
    """Give a chart of any kind, with what a voice says in its place.

    ``figure`` is what Matplotlib and seaborn return: Axes, a Figure or a grid. Without ``alt``, the alternative text
    is every part that a chart of ``charts`` shows; of another it is drafted from the axes.
    """
    from matplotlib import pyplot

    shown = charts.drawing_of(figure)
    if shown and not alt:
        alt = " ".join(f"{text}." for text in (kicker, title, _listed(shown)) if text)
    drawn = getattr(figure, "figure", figure)  # Axes and grids have one
    drawn = drawn.get_figure(root=True) if hasattr(drawn, "get_figure") else drawn
    bundle, metadata = inline.figure_bundle(drawn, alt)
    pyplot.close(drawn)  # the end of the cell would show it once more
    picture = pictures.safe_svg(bundle["image/svg+xml"])
    view = pictures.chart(picture, kicker=kicker, finding=title, **metadata["rmrp"])
    view |= {"span": columns_of(width)} if width else {}
    return Block("chart", view, uid=f"chart-{sha256(picture.svg.encode()).hexdigest()[:8]}")


def chart(figure: Any, *, title: str = "", kicker: str = "", alt: str = "") -> None:
    """Show a chart in a notebook that makes no page of a selection; see ``Page.chart``.

    >>> import pandas as pd
    >>> axes = rmrp.charts.bars(pd.Series({"PER": 296_000}))
    >>> chart(axes, title="Most people are in Peru")
    Block(kind='chart', ...
    """
    from IPython.display import display

    display(own_chart(figure, title=title, kicker=kicker, alt=alt))


def own_table(formatter: SheetFormatter, table: Table, caption: str, unit: str | None = None) -> Block:
    """Give a table as a block: the index heads the rows; numbers, known names and headers are in the page's words.

    Numbers have the given ``unit``, else that of their row (a column ``unit``, as in the table of figures), of their
    column (a figure, or a name in ``_usd``) or of the table. The first column heads rows that are only numbered.
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
        body = [[formatter.format_figure_value(cell, of_table)] for cell in cells_of(table.set_axis(range(len(table))))]
    else:
        frame = table.to_frame(table.name or "") if isinstance(table, pd.Series) else table
        of_rows = frame["unit"].astype(str).tolist() if {"value", "unit"} <= {*frame.columns} else [""] * len(frame)
        frame = frame.drop(columns=["unit"] if "value" in frame else [])
        labels: list[Any] = list(frame.columns)
        names = [" · ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
        units = [unit or _unit_of_column(name) or table.attrs.get("unit", "") for name in names]
        columns = [_head(formatter, name) for name in names]
        body = [
            [
                _text(formatter, value, (name == "value" and not unit and of_row) or of_column, name)
                for name, value, of_column in zip(names, row, units, strict=True)
            ]
            for row, of_row in zip(frame.itertuples(index=False, name=None), of_rows, strict=True)
        ]
    header = [_head(formatter, name) for name in dimensions]
    rows = [[*head, *texts] for head, texts in zip(heads, body, strict=True)]
    view = tables.table([*header, *columns], rows)
    return Block("table", {**view, "caption": formatter.translate.known(caption)})


def _head(formatter: SheetFormatter, name: str) -> str:
    """What heads a column of this name: a dimension, a figure, or the name as words."""
    if name in LOOKS:
        return column_of(formatter, name)
    translate = name.replace("_", " ").capitalize() if name.islower() else name
    return formatter.translate.known(FIGURES[name].label if name in FIGURES else translate)


def _unit_of_column(name: str) -> str:
    """The unit that the name of a column tells; empty where it tells none."""
    if name in FIGURES:
        return FIGURES[name].unit
    return "usd" if name.endswith("_usd") else "share" if name.startswith("share_") else ""


def _text(formatter: SheetFormatter, value: Any, unit: str, column: str) -> str:
    """A value of a table as a page prints it; numbers that count nothing, such as years, are without separators."""
    if isinstance(value, list | tuple | set):
        return formatter.format_list(list(map(str, value)))
    if pd.isna(value):
        return numbers.NOTHING
    match value:
        case str():
            return formatter.category_name(value, column) if column in LOOKS else value
        case bool() | np.bool():
            return formatter.translate("Yes") if value else formatter.translate("No")
        case PurePath():
            return value.as_posix()
        case datetime.date():
            return numbers.date(value.isoformat()[:10], formatter.language)
    if not isinstance(value, Real) or column in NUMBERING:
        return str(value)
    amount = float(value)
    if unit:
        return numbers.format_value(amount, unit, formatter.language)
    if amount.is_integer():
        return numbers.count(amount, formatter.language)
    return (
        numbers.plain(amount, formatter.language)
        if abs(amount) < IN_FULL_FROM
        else numbers.format_value(amount, "", formatter.language, 1)
    )
