"""What the command says to a mistake, and with which exit code."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
import yaml

import rmrp_analysis
from conftest import Answer
from published_run import SHIPPED, rmrp
from rmrp_analysis.commands import cli, options
from rmrp_analysis.commands.check import MAX_CHECKS_SHOWN
from rmrp_analysis.params import ReportParams, load_run_params

ROOT = Path(__file__).parents[1]
PARAMS = SHIPPED.read_text("utf-8").replace("../", f"{ROOT.as_posix()}/")

UNKNOWN = ("missing_indicator", "indicator_not_listed", "indicator_of_another_sector")


def params_with(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "params.yml"
    path.write_text(PARAMS.replace("narratives/2021-end-of-year", "").replace(old, new), encoding="utf-8")
    return path


def test_a_wrong_request_is_told_with_its_line_and_exit_2(tmp_path: Path, answer: Answer) -> None:
    code, message = answer("run", path := params_with(tmp_path, "plan: 2021", "plan: NO"), "--out", tmp_path)
    assert code == 2
    assert f"{path}:4: plan:" in message
    assert "Traceback" not in message
    assert not (tmp_path / "2021-end-of-year").exists()


def test_what_is_missing_taken_or_unknown_is_told_with_its_exit(tmp_path: Path, answer: Answer) -> None:
    code, message = answer("run", params_with(tmp_path, "data/rmrp-2021", "data/none"))
    assert code == 2
    assert "none is no folder; write the folder that sources.yml lies in" in message
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder", encoding="utf-8")
    code, message = answer("sample", "--rows", "1", "--out", taken)
    advice = "a file of that name is there already, and no folder; name another folder"
    assert (code, message) == (2, f"rmrp: {taken} cannot be used ({advice})\n")
    code, message = answer("run", SHIPPED, "--only", "Helth", "--out", tmp_path)
    assert (code, "did you mean 'Health'?" in message) == (2, True)


@pytest.mark.parametrize(
    ("sector", "figure", "said"),
    [
        ("Helth", "people_reached", "unknown sector 'Helth'; did you mean 'Health'?"),
        ("Common Services", "people_reached", "people_reached has no value here: this sector reaches nobody directly"),
    ],
)
def test_trace_of_what_is_not_there_is_told_with_exit_2(sector: str, figure: str, said: str, answer: Answer) -> None:
    code, message = answer("trace", SHIPPED, "--sector", sector, "--figure", figure, "--place", "Peru")
    assert (code, said in message) == (2, True)


def test_rows_of_what_a_public_run_rounds_are_traced_for_internal_use_alone(tmp_path: Path, answer: Answer) -> None:
    arguments = [SHIPPED, "--sector", "Human Trafficking & Smuggling", "--platform", "Chile", "--figure"]
    for figure in ("people_reached", "reporting_partners", "people_reached_by_month"):
        code, message = answer("trace", *arguments, figure)
        assert code == 2
        assert f"the rows behind {figure} tell exact counts of people, which this run rounds" in message
    out = tmp_path / "rows.csv"
    code, message = answer("trace", *arguments, "people_reached", "--internal", "--out", out)
    contributions = pd.read_csv(out)["contribution"]
    said = f"people_reached: {len(contributions)} rows, contributions add up to 4\n"
    assert (code, said in message, contributions.sum()) == (0, True, 4)
    code, _ = answer("trace", *arguments, "funding_usd", "--out", out)
    assert code == 0


def test_figures_of_a_public_run_are_rounded_and_those_of_an_internal_one_exact(tmp_path: Path, answer: Answer) -> None:
    params = params_with(tmp_path, "sectors: all", 'sectors: ["Human Trafficking & Smuggling"]')
    values, out = {}, tmp_path / "figures.csv"
    for option in ([], ["--internal"]):
        code, _ = answer("figures", params, "--out", out, *option)
        rows = pd.read_csv(out)
        values[len(option)] = rows[(rows["figure"] == "people_reached_by_platform") & (rows["platform"] == "Chile")]
        assert code == 0
    (public,) = values[0][["value", "status"]].to_numpy().tolist()
    assert public in ([0, "few"], [10, "known"])
    assert values[1]["value"].to_list() == [4]


def test_the_other_word_for_rounding_is_read_with_a_note(tmp_path: Path, answer: Answer) -> None:
    params = params_with(tmp_path, "rounding: 10 ", "small_count_threshold: 15 ")
    _, message = answer("params", params)
    assert "small_count_threshold is read as `rounding: 15`: counts of people are rounded" in message
    assert f"{params}:" in message


LOSING = """title: x
plan: 2021
activities: {file: activities.csv, producer: R4V, as_of: 2021-06-01}
indicators: {file: indicators.csv, producer: R4V, as_of: 2021-06-01}
"""


def test_a_join_that_loses_people_is_told_aloud_and_stands_in_the_findings(tmp_path: Path, answer: Answer) -> None:
    bundled = pd.read_csv(ROOT / "data" / "rmrp-2021" / "activities.csv.gz", dtype="str").head(400)
    bundled.to_csv(tmp_path / "activities.csv", index=False)
    indicators = pd.read_csv(ROOT / "data" / "rmrp-2021" / "indicators.csv", dtype="str")
    indicators[indicators.index % 3 > 0].to_csv(tmp_path / "indicators.csv", index=False)
    (tmp_path / "sources.yml").write_text(LOSING, encoding="utf-8")
    params = params_with(tmp_path, f"{ROOT.as_posix()}/data/rmrp-2021", tmp_path.as_posix())
    code, message = answer("check", params, "--out", tmp_path)
    assert code == 3
    assert "people_lost_by_joins (a run publishes nothing): join with indicators: " in message
    assert re.search(r"accept: \[people_lost_by_joins: [\d.]+ %", message)
    assert "not counted: their indicator is not in the plan year's list (" in message
    found = pd.read_csv(tmp_path / "quality.csv")
    join = found[found["check"] == "join_indicators"]
    assert join["severity"].to_list() == ["error"]
    assert join["people"].sum() == found.loc[found["check"].isin(UNKNOWN), "people"].sum() > 0


def test_check_tells_every_fault_of_every_narrative_with_exit_1(tmp_path: Path, answer: Answer) -> None:
    params = params_with(tmp_path, "narratives: ", "narratives: texts")
    (tmp_path / "texts").mkdir()
    english, spanish = tmp_path / "texts" / "wash.en.md", tmp_path / "texts" / "health.es.md"
    english.write_text("## Response\n\n872 K people, {{ peopel_reached }}.\n", encoding="utf-8")
    spanish.write_text("## Respuesta\n\n{{ people_reached | casi('1 M') }} personas.\n", encoding="utf-8")
    (tmp_path / "texts" / "health.pt.md").write_text("## Resposta\n\nTel. 61 3333-4444.\n", encoding="utf-8")
    code, message = answer("check", params, "--out", tmp_path)
    assert code == 1
    assert f"rmrp: {english}:3: this sheet has no figure 'peopel_reached'; did you mean 'people_reached'?" in message
    assert f"rmrp: {spanish}:3: 'casi 1\u202fM' does not fit people_reached, 1,57\u202fM: almost means " in message
    assert "health.pt.md:3: a telephone number stands here; " in message
    assert f"rmrp: please check {english}:3: '872 K' may be people_reached (872\u202fK); write " in message


def parsed(command: str, *arguments: str) -> dict[str, Any]:
    return typer.main.get_command(cli.app).load_all()[command].make_context(command, list(arguments)).params


@pytest.mark.parametrize(
    ("command", "older", "newer"),
    [
        ("run", "--only Health WASH --places=Peru --languages es", "--sector Health WASH --place Peru --language es"),
        ("run", "--platforms Peru --organisations UNHCR", "--place Peru --organisation UNHCR"),
        ("check", "--only Health", "--sector Health"),
        ("figures", "--internal --only WASH --out f.csv", "--audience internal --sector WASH --out f.csv"),
        ("trace", "--sector A --figure f --platform Peru --internal", "--sector A --figure f --place Peru"),
    ],
)
def test_older_words_for_options_are_understood(command: str, older: str, newer: str) -> None:
    newer += " --audience internal" if command == "trace" else ""
    assert parsed(command, str(SHIPPED), *older.split()) == parsed(command, str(SHIPPED), *newer.split())


def test_every_command_has_the_same_words_and_an_option_its_values() -> None:
    commands = typer.main.get_command(cli.app).load_all()
    shared = {"path", "sector", "place", "organisation", "language", "period", "audience", "data", "out"}
    asked = {name: shared & {param.name for param in command.params} for name, command in commands.items()}
    assert asked["run"] == shared
    assert asked["figures"] == asked["trace"] == shared - {"language"}
    assert asked["check"] == shared - {"place", "organisation", "audience"}
    assert not {name for command in commands.values() for param in command.params for name in param.opts} & set(
        options.OPTION_BY_OLDER_WORD
    )
    asked = parsed("run", "--sector", "Health", "WASH", str(SHIPPED), "--language", "en", "es", "--force")
    assert (asked["sector"], asked["language"]) == (["Health", "WASH"], ["en", "es"])
    assert (asked["path"], asked["force"]) == (SHIPPED, True)


def test_messages_are_in_the_first_language_of_the_project(tmp_path: Path, answer: Answer) -> None:
    said = {}
    for language in ("en", "es", "pt"):
        params = params_with(tmp_path, "languages: [en]", f"languages: [{language}]")
        code, said[language] = answer("figures", params, "--out", tmp_path / "rows.txt")
        assert code == 2
    assert said["en"].endswith("rows.txt: the format is not written; allowed: .csv, .json, .xlsx\n")
    assert said["es"].endswith("rows.txt: ese formato no se escribe; se permiten: .csv, .json, .xlsx\n")
    assert said["pt"].endswith("rows.txt: esse formato não é escrito; são permitidos: .csv, .json, .xlsx\n")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"RMRP_LANGUAGE": "es"}, "no se puede usar"),
        ({"RMRP_LANGUAGE": "en", "LANG": "es_CO.UTF-8"}, "cannot be used"),
        ({"RMRP_LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "pt_BR.UTF-8"}, "não é possível usar"),
        ({"RMRP_LANGUAGE": "fr"}, "cannot be used"),
    ],
)
def test_a_command_without_a_project_speaks_as_whoever_starts_it(
    settings: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "taken").touch()
    code, message = answer("sample", "--rows", "1", "--out", tmp_path / "taken")
    assert (code, said in message) == (2, True)


def test_figures_of_a_part_are_those_of_the_run(tmp_path: Path, answer: Answer) -> None:
    out = tmp_path / "figures.csv"
    part = ("--sector", "WASH", "--place", "Peru", "--period", "2021-01/2021-03")
    assert answer("figures", SHIPPED, *part, "--out", out)[0] == 0
    assert set(pd.read_csv(out)["report"]) == {"wash.peru"}
    code, message = answer("figures", params_with(tmp_path, "all", "[WASH]"), "--sector", "GBV")
    assert (code, "has none of the sectors of --sector" in message) == (2, True)


@pytest.mark.parametrize("width", [80, 100])
def test_help_of_a_run_fits_a_screen_with_rare_options_at_its_end(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", width)
    assert rmrp("run", "--help") == 0
    lines = capsys.readouterr().out.rstrip().splitlines()
    assert len(lines) <= 40
    (rare,) = (number for number, line in enumerate(lines) if "Options for rare cases" in line)
    assert any("--sector" in line for line in lines[:rare])
    assert any("--cluster" in line for line in lines[rare:])


def test_a_check_tells_a_screen_and_lists_rows_in_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    params, whole, part = params_with(tmp_path, "", ""), tmp_path / "whole", tmp_path / "part"
    assert rmrp("check", params, "--out", whole) == 0
    assert len("".join(capsys.readouterr()).splitlines()) <= 24
    header = (whole / "quality.csv").read_text("utf-8-sig").splitlines()[0]
    assert header == "file,line,column,check,finding,severity,value,allowed,people,family,r4v_check"
    changes = (whole / "repairs.csv").read_text("utf-8-sig").splitlines()
    assert changes == ["file,line,column,before,after,rule,reason,by,date"]
    assert (whole / "refused.csv").read_text("utf-8-sig").startswith("file,line,reason")
    bundled = pd.read_csv(ROOT / "data" / "rmrp-2021" / "activities.csv.gz", dtype="str")
    assert rmrp("check", params, "--sector", "Nutrition", "--out", part) == 0
    for folder, of_nutrition in ((part, True), (whole, False)):
        found = pd.read_csv(folder / "quality.csv").query("severity in ['error', 'warning'] and line > 0")
        rows = bundled.loc[found.loc[found["file"] == "activities.csv.gz", "line"] - 2, "Sector...Subsector...WG"]
        assert (set(rows) == {"Nutrition"}) == of_nutrition


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_check_begins_with_its_findings_in_words_beside_the_names_of_checks(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    params = params_with(tmp_path, "languages: [en]", f"languages: [{language}, en]")
    assert rmrp("check", params, "--out", tmp_path) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[:2] == {"en": ["finding", "severity"], "es": ["hallazgo", "gravedad"]}[language]
    findings = pd.read_csv(tmp_path / "quality.csv", dtype="str").drop_duplicates("check").set_index("check")["finding"]
    for line in lines[:MAX_CHECKS_SHOWN]:
        (check,) = (name for name in findings.index if f" {name} " in line)
        assert line.startswith(f"{findings[check]} {check} ")


def test_alerts_of_a_check_are_a_line_each_and_name_a_cause_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for path in (ROOT / "data" / "rmrp-2021").iterdir():
        if path.is_file():
            (data / path.name).write_bytes(path.read_bytes())
    sources = data / "sources.yml"
    sources.write_text(sources.read_text("utf-8").replace("illustrative: true", "illustrative: false"), "utf-8")
    params = params_with(tmp_path, f"{ROOT.as_posix()}/data/rmrp-2021", data.as_posix())
    assert rmrp("check", params, "--out", tmp_path) == 3
    alerts = [line for line in capsys.readouterr().err.splitlines() if line.startswith("rmrp: ")]
    assert [line for line in alerts if "no_secret (" in line] == [
        "rmrp: no_secret (a run publishes nothing): counts of people would be rounded by the pack's name, which "
        "everybody knows: whoever knows some rows can find out how others were rounded"
    ]
    assert sum(line.startswith("rmrp: Write a secret of ") for line in alerts) == 1
    params.write_text(params.read_text("utf-8") + "accept: [no_secret]\n", encoding="utf-8")
    assert rmrp("check", params, "--out", tmp_path) == 0
    alerts = [line for line in capsys.readouterr().err.splitlines() if line.startswith("rmrp: ")]
    assert sum("no_secret (accepted): " in line for line in alerts) == 1
    assert not any("Write a secret" in line for line in alerts)


def test_repairs_are_declared_at_the_top_and_named_in_their_order(tmp_path: Path, answer: Answer) -> None:
    params = params_with(tmp_path, "audience: public", "audience: public\nrepairs: [total_lower_new]")
    assert answer("check", params, "--out", tmp_path)[0] == 0
    log = (tmp_path / "repairs.csv").read_text("utf-8-sig").splitlines()
    assert {line.split(",")[5] for line in log[1:]} == {"total_lower_new"}
    wrong = params_with(tmp_path, "audience: public", "audience: public\nrepairs: [total_lower]")
    code, message = answer("check", wrong, "--out", tmp_path)
    assert (code, "did you mean 'total_lower_new'?" in message) == (2, True)
    from rmrp_analysis.method import Method
    from rmrp_analysis.params import RunParams

    rules = {"run": "r", "title": "t", "plan": 2021, "period": {"start": "2021-01", "end": "2021-12"}, "data": "."}
    params = RunParams.model_validate(rules | {"repairs": ["rounding_diff1", "cva_to_yes"]})
    assert params.repairs == ("cva_to_yes", "rounding_diff1")
    assert Method().describe_for(2021, repairs=params.repairs).endswith("; repairs: cva_to_yes, rounding_diff1")
    assert "repairs" not in Method().describe_for(2021)


def test_params_of_a_report_are_yaml_for_papermill(capsys: pytest.CaptureFixture[str], answer: Answer) -> None:
    assert rmrp("params", SHIPPED, "--report", "health.peru.es") == 0
    report = ReportParams.model_validate(yaml.safe_load(capsys.readouterr().out))
    assert report == load_run_params(SHIPPED).report("Health", "Peru", "es")
    code, message = answer("params", SHIPPED, "--report", "helth.peru.es")
    assert (code, message) == (2, "rmrp: there is no report 'helth.peru'; did you mean 'health.peru'?\n")
    code, message = answer("params", SHIPPED, "--report", "health.fr")
    assert (code, "unknown language 'fr'" in message) == (2, True)


def test_a_dry_run_says_what_it_would_make_from_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    arguments = ("--only", "Health", "WASH", "--languages", "es", "--out", out, "--dry-run")
    assert rmrp("run", params_with(tmp_path, "", ""), *arguments) == 0
    shown = capsys.readouterr()
    assert f"2 reports in {out / '2021-end-of-year'}, each as html, pdf and data files:" in shown.out
    assert "  health.es\n  wash.es\n" in shown.out
    assert "activities.csv.gz (19,980 rows)" in shown.out
    assert shown.err.startswith("Reading ")
    assert not out.exists()


def test_a_run_opens_its_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address))
    params = params_with(tmp_path, "formats: [html, pdf]", "formats: [html]")
    code, message = answer("run", params, "--only", "WASH", "--out", tmp_path, "--open")
    index = tmp_path / "2021-end-of-year" / "index.html"
    assert (code, opened) == (0, [index.as_uri()])
    assert f"there is no browser here; open {index}" in message


def test_first_contact(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*arguments: str) -> str:
        assert rmrp(*arguments) == 0
        return capsys.readouterr().out

    module = [sys.executable, "-m", "rmrp_analysis", "--version"]
    by_module = subprocess.run(module, capture_output=True, text=True, check=True).stdout
    assert by_module == shown("--version") == f"rmrp-analysis {rmrp_analysis.__version__}\n"
    assert shown("-h") == shown("--help")
    assert "--install-completion" in shown("-h")
    assert "--dry-run" in shown("run", "-h")


def test_a_run_says_which_narrative_no_sheet_reads(tmp_path: Path, answer: Answer) -> None:
    narratives = tmp_path / "texts"
    narratives.mkdir()
    for name in ("helth.en.md", "health.en.md", "health.peru.en.md"):
        (narratives / name).write_text("## Situation\n\nA text.\n", encoding="utf-8")
    path = params_with(tmp_path, "narratives: ", f"narratives: {narratives.as_posix()} #")
    code, said = answer("run", path, "--only", "Health", "--dry-run")
    unread = [line for line in said.splitlines() if "no sheet reads this file" in line]
    assert (code, len(unread)) == (0, 1)
    assert unread[0].endswith("helth.en.md:1: no sheet reads this file; did you mean 'health.en.md'?")
