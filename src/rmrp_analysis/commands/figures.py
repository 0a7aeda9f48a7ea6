"""Print the figures and the parameters of a run without its sheets: ``rmrp figures``, ``rmrp params``."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Exit, Option

from rmrp_analysis.commands import options, terminal
from rmrp_analysis.commands.terminal import alert


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
    """Every figure of the run, tidy, without notebooks; a report that a run would not publish is left out."""
    values = {"places": place, "organisations": organisation, "audience": audience}
    params = options.load_params(path, period=period, sectors=sector, data=data, **values)
    from rmrp_analysis.publish.run.preparation import Run, check_trust, explain_refusals, read_plan

    plan = read_plan(path, params)
    check_trust(plan, path, params)
    params = params.of_organisations(plan.organisations_named)
    refused = explain_refusals(plan, params)
    for report, reason in refused.items():
        alert("{report} would not be published: {reason}", report=report, reason=reason)
    from rmrp_analysis.files import csv_text, write_csv, write_json, write_whole
    from rmrp_analysis.publish.documents.data_files import make_figures_workbook, make_origin
    from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, list_figure_rows, make_run_table

    run = Run(params, path, tuple(params.reports()), plan, (), (), refused)
    options.warn_of_sheets_to_mend(plan, [report for report in run.reports if report.report not in refused])
    reports = [
        report
        for report in run.reports
        if run.without_sheet.get(report.id) != "empty" and not run.find_withholding(report)
    ]
    rows = list(list_figure_rows(make_run_table(plan, reports))) if reports else []
    if out is None:
        sys.stdout.write(csv_text(FIGURE_COLUMNS, rows))
    elif out.suffix.lower() == ".csv":
        write_csv(out, FIGURE_COLUMNS, rows)
    elif out.suffix.lower() == ".json":
        write_json(out, rows)
    else:
        write_whole(out, make_figures_workbook(FIGURE_COLUMNS, rows, make_origin(params)))
    if params.audience == "public" and refused:
        raise Exit(1)


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
        for sheet in params.reports():
            terminal.results.print(sheet.id)
        return
    import yaml

    content = params.report_named(report).model_dump(mode="json")
    sys.stdout.write(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
