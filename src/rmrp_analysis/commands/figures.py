"""Print the numbers of a run without its sheets: ``rmrp figures``, ``rmrp trace``, ``rmrp params``."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import tell, words

TRACED_SHOWN = 40


def figures(
    path: options.ParamsFile,
    sector: options.Sectors = None,
    place: options.Places = None,
    organisation: options.Organisations = None,
    period: options.Months = "",
    audience: options.Audience = "",
    data: options.DataFolder = None,
    out: Annotated[
        Path | None, options.file_option(".csv", ".json", ".xlsx", content="A file; default: CSV here")
    ] = None,
) -> None:
    """Every figure of the run, tidy, without notebooks."""
    values = {"places": place, "organisations": organisation, "audience": audience}
    params = options.load_params(path, period=period, sectors=sector, data=data, **values)
    from rmrp_analysis.publish.run.preparation import check_trust, read_plan

    plan = read_plan(path, params)
    check_trust(plan, path, params)
    params = params.of_organisations(plan.organisations_named)
    from rmrp_analysis.files import csv_text, write_csv, write_json, write_whole
    from rmrp_analysis.publish.documents.data_files import figures_workbook
    from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, figure_rows, table_of_run

    rows = list(figure_rows(table_of_run(plan, params.reports())))
    options.warn_of_key(params, plan)
    if out is None:
        sys.stdout.write(csv_text(FIGURE_COLUMNS, rows))
    elif out.suffix.lower() == ".csv":
        write_csv(out, FIGURE_COLUMNS, rows)
    elif out.suffix.lower() == ".json":
        write_json(out, rows)
    else:
        write_whole(out, figures_workbook(FIGURE_COLUMNS, rows))


def trace(
    path: options.ParamsFile,
    sector: Annotated[str, Option(help="The sector, or Intersector.", show_default=False)],
    figure: Annotated[str, Option(help="The figure, such as people_reached.", show_default=False)],
    place: Annotated[str, Option(help="The region, a platform or a country.")] = "region",
    organisation: Annotated[str, Option(help="Only what this organisation reported.")] = "",
    period: options.Months = "",
    audience: options.Audience = "",
    data: options.DataFolder = None,
    out: Annotated[Path | None, options.file_option(".csv", content="A file; default: here")] = None,
) -> None:
    """The source rows behind one figure: on a terminal those that contribute most, into a pipe all."""
    params = options.load_params(path, period=period, audience=audience, data=data)
    from rmrp_analysis.files import table_text, write_table
    from rmrp_analysis.publish.records.figures import traced
    from rmrp_analysis.publish.run.preparation import read_plan

    plan = read_plan(path, params)
    report = params.report(sector, place, organisation=organisation and plan.organisation_named(organisation))
    rows, of_people = traced(params, plan, report, figure)
    if out:
        write_table(out, rows)
    elif terminal.results.is_terminal:
        table = terminal.table(*rows.columns)
        largest = rows["contribution"].abs().sort_values(ascending=False, kind="stable").index[:TRACED_SHOWN]
        for row in rows.reindex(largest).itertuples(index=False):
            table.add_row(*(f"{cell:,.6g}" if isinstance(cell, float) else str(cell) for cell in row))
        if len(rows) > TRACED_SHOWN:
            counts = {"shown": TRACED_SHOWN, "rows": len(rows)}
            table.caption = words("the {shown} rows that contribute most; --out FILE.csv writes all {rows}", **counts)
        terminal.results.print(table)
    else:
        sys.stdout.write(table_text(rows))
    total = f"{rows['contribution'].sum():,.12g}"
    tell("{figure}: {rows} rows, contributions add up to {total}", figure=figure, rows=len(rows), total=total)
    if of_people:
        tell("Single rows tell numbers of few people: they are not for publication.")


def report_params(
    path: options.ParamsFile,
    report: Annotated[str, Option(metavar="ID", help="Such as health.peru.es; default: list them.")] = "",
) -> None:
    """The parameters of one report as YAML, for `papermill -f` and Airflow."""
    params = options.load_params(path)
    from rmrp_analysis.publish.run.preparation import read_plan

    plan = read_plan(path, params)
    params = params.of_organisations(plan.organisations_named)
    if not report:
        for each in params.reports():
            terminal.results.print(each.id)
        return
    import yaml

    content = params.report_named(report).model_dump(mode="json")
    sys.stdout.write(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
