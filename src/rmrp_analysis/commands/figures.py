"""Print what a run consists of without its sheets: ``rmrp figures``, ``rmrp params``."""

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
    param_overrides = {"places": place, "organisations": organisation, "audience": audience}
    run_params = options.load_params(path, period=period, sectors=sector, data=data, **param_overrides)
    from rmrp_analysis.publish.run.preparation import Run, check_trust, explain_refusals, read_plan

    plan = read_plan(path, run_params)
    check_trust(plan, path, run_params)
    run_params = run_params.of_organisations(plan.organisations_named)
    refusal_by_report = explain_refusals(plan, run_params)
    for report_name, refusal_reason in refusal_by_report.items():
        alert("{report} would not be published: {reason}", report=report_name, reason=refusal_reason)
    from rmrp_analysis.files import csv_text, write_csv, write_json, write_whole
    from rmrp_analysis.publish.documents.data_files import make_figures_workbook, make_origin
    from rmrp_analysis.publish.records.figures import FIGURE_COLUMNS, list_figure_rows, make_run_table

    prepared_run = Run(run_params, path, tuple(run_params.reports()), plan, (), (), refusal_by_report)
    options.warn_of_sheets_to_mend(
        plan, [report_params for report_params in prepared_run.reports if report_params.report not in refusal_by_report]
    )
    published_report_params = [
        report_params
        for report_params in prepared_run.reports
        if prepared_run.without_sheet.get(report_params.id) != "empty" and not prepared_run.is_refused(report_params)
    ]
    published_figure_rows = (
        list(list_figure_rows(make_run_table(plan, published_report_params))) if published_report_params else []
    )
    if out is None:
        sys.stdout.write(csv_text(FIGURE_COLUMNS, published_figure_rows))
    elif out.suffix.lower() == ".csv":
        write_csv(out, FIGURE_COLUMNS, published_figure_rows)
    elif out.suffix.lower() == ".json":
        write_json(out, published_figure_rows)
    else:
        write_whole(out, make_figures_workbook(FIGURE_COLUMNS, published_figure_rows, make_origin(run_params)))
    if run_params.audience == "public" and refusal_by_report:
        raise Exit(1)


def report_params(
    path: options.ParamsFile,
    report: Annotated[str, Option(metavar="ID", help="Such as health.peru.es; default: list them.")] = "",
) -> None:
    """The parameters of one report as YAML, for `papermill -f` and Airflow."""
    run_params = options.load_params(path)
    from rmrp_analysis.publish.run.preparation import read_plan

    plan = read_plan(path, run_params)
    run_params = run_params.of_organisations(plan.organisations_named)
    if not report:
        for listed_report_params in run_params.reports():
            terminal.results.print(listed_report_params.id)
        return
    import yaml

    report_params_dict = run_params.report_named(report).model_dump(mode="json")
    sys.stdout.write(yaml.safe_dump(report_params_dict, allow_unicode=True, sort_keys=False))
