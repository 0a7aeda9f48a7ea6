"""``rmrp trace`` shows the rows behind a figure for eyes, in 80 columns, and with ``--csv`` for other programs."""

import csv
import io
from collections.abc import Callable
from itertools import product

import pandas as pd
import pytest
from rich.console import Console

from conftest import Answer, activities, flow, flows, plan, planning, rmrp
from made_reports import PARAMS
from published_run import SHIPPED
from rmrp_analysis.commands import terminal, trace
from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.plan import Plan

WIDTH = 80
Show = Callable[..., list[str]]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Gives the lines that the command shows of the rows behind a figure of the region."""

    def shown(rows: pd.DataFrame, figure: str, sector: str = "Health", *, is_terminal: bool = False) -> list[str]:
        out = io.StringIO()
        console = Console(
            soft_wrap=True, highlight=False, file=out, width=WIDTH, force_terminal=is_terminal, no_color=True
        )
        monkeypatch.setattr(terminal, "results", console)
        trace.show_rows(rows, PARAMS.report(sector, "region"), figure)
        return [line.rstrip() for line in out.getvalue().splitlines()]

    return shown


def test_what_all_rows_share_is_said_once_and_the_largest_come_first(show: Show) -> None:
    reports = activities(
        new_beneficiaries=[3.0, 1_204.0, 40.0], country=["PER", "PER", "CHL"], place_name="", place="",
        appealing_organisation="International Organization for Migration (IOM)", admin1=["Lima", "Ica", "Maule"],
        indicator_code="HE1", indicator="# of people vaccinated",
    )  # fmt: skip
    assert show(plan(reports).select("Health").trace("people_reached"), "people_reached") == [
        "Figure: People reached",
        "Sector: Health",
        "Place: Region",
        "Period: January–December 2021",
        "",
        "File: activities.csv",
        "Month: 2021-01",
        "Organization: IOM",
        "Indicator: HE1: # of people vaccinated",
        "Indicator type: people in need",
        "",
        "Line  People  Place",
        "   3   1,204  Peru: Ica",
        "   4      40  Chile: Maule",
        "   2       3  Peru: Lima",
    ]


def test_a_share_has_the_rows_of_both_its_numbers(show: Show) -> None:
    planned = planning(("Health", "region", "all", "target", 800.0))
    lines = show(
        plan(activities(new_beneficiaries=200.0), planned).select("Health").trace("target_coverage"), "target_coverage"
    )
    assert lines[lines.index("People reached") :][-4:] == lines[-4:]
    assert any("25.0000%" in line and "200" in line for line in lines)  # 200 / 800
    assert [line.split() for line in lines[-2:]] == [["Line", "file"], ["2", "800"]]


def test_a_long_cell_goes_on_in_the_next_line_and_loses_nothing(show: Show) -> None:
    name = "Corporation for the Protection of Displaced Families and their Neighbours in Border Areas"
    long_word = "Vereinigungsübergreifende-Zusammenarbeitsorganisation"
    reports = activities(
        new_beneficiaries=[1_234_567.0, 1.0, 1.0], appealing_organisation=[name, long_word, "IOM"],
        country=["PER", "CHL", "ARG"], admin1=["Lambayeque", "Maule", "Salta"], place_name="", month="2021-03",
        indicator_code=["HE1", "HE10_PER", ""], indicator="a text", source_file=["a.csv", "b.csv", "b.csv"],
    )  # fmt: skip
    lines = show(plan(reports).select("Health").trace("people_reached"), "people_reached")
    assert max(map(len, lines)) <= WIDTH
    letters = "".join("".join(lines).split())
    assert all(text in "".join(lines) for text in ("1,234,567", "a.csv:2", "b.csv:3", "HE10_PER"))
    for word in (*name.split(), "Lambayeque"):
        assert word in " ".join(lines).split()
    assert all(long_word[start : start + 3] in letters for start in range(0, len(long_word), 20))


def test_a_terminal_shows_40_rows_and_a_pipe_all(show: Show) -> None:
    many = plan(activities(new_beneficiaries=[*range(1, 51)])).select("Health").trace("people_reached")
    lines = show(many, "people_reached", is_terminal=True)
    assert lines[-1] == "The 40 rows that contribute most; --csv prints all 50."
    numbers = [int(line.split()[1]) for line in lines[-41:-1]]
    assert numbers == list(range(50, 10, -1))
    piped = show(many, "people_reached")
    assert [int(line.split()[1]) for line in piped[-50:]] == list(range(50, 0, -1))


def test_every_figure_and_breakdown_is_shown_in_80_columns(show: Show, bundled: Plan) -> None:
    for sector, figure in product(("Health", "Intersector"), (*FIGURES, *BREAKDOWNS)):
        rows = bundled.select(sector).trace(figure)
        if len(rows):
            assert max(map(len, show(rows.iloc[:: len(rows) // 12 + 1], figure, sector))) <= WIDTH, figure


def test_headings_speak_the_language_of_the_project(show: Show) -> None:
    terminal.speak("es")
    money = flows(flow(9.0, destination_sectors=("Health",), destination_locations=("Peru",)))
    lines = show(plan(None, None, money).select("Health").trace("funding_usd"), "funding_usd")
    assert lines[:3] == ["Cifra: Financiamiento", "Sector: Salud", "Lugar: Región"]
    assert lines[-2:] == ["Línea  US$", "    1    9"]


def test_csv_has_all_rows_and_columns(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--sector", "Human Trafficking & Smuggling", "--figure", "people_reached", "--place", "Peru"]
    assert rmrp("trace", SHIPPED, *arguments, "--audience", "internal", "--csv") == 0
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert sum(float(row["contribution"]) for row in rows) == 4_660
    assert {"file", "line", "implementing_partner", "indicator", "new_beneficiaries"} <= {*rows[0]}
