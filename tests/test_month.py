"""What a timer starts each day: it makes what is new, and is quiet where nothing is."""

import gzip
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pandas as pd
import pytest
import yaml
from fts_server import five_flows, servers
from json_server import JsonServer, failing

from conftest import Answer
from published_run import files_of, workbook
from rmrp_analysis.commands.inputs import find_day
from rmrp_analysis.commands.next_month import find_next_end
from rmrp_analysis.errors import InputRefused
from rmrp_analysis.fetch.entry import read_entries
from rmrp_analysis.files import lock_of
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.records.manifest import Manifest
from rmrp_analysis.sources import load_sources
from rmrp_analysis.yaml_text import yaml_text
from test_new import MONTH, rows_until

EXPORT = "5W.csv"
ROWS = rows_until("2021-05", 900)


class Office(NamedTuple):
    """A project in which an office overwrites one export; the timer starts ``month``."""

    project: Path
    month: Callable[..., int]
    messages: list[str]

    @property
    def params(self) -> Path:
        return self.project / "params.yml"

    @property
    def run(self) -> Path:
        return self.project / "reports" / "oficina"

    @property
    def activities(self) -> dict[str, str]:
        return dict(read_entries(self.project / "data")["activities"])

    @property
    def period(self) -> str:
        return load_run_params(self.params).period.end

    def export(self, until: str, day: str) -> None:
        """Overwrite the export with the rows up to a month, written on a day."""
        path = self.project / "data" / EXPORT
        ROWS[ROWS[MONTH] <= until].to_csv(path, index=False)
        at(path, day)


def at(path: Path, day: str) -> Path:
    """Have a file be of a day, as far as the disk knows."""
    seconds = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


@pytest.fixture
def office(tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A project of January and February, with one sheet as HTML."""
    export, messages = tmp_path / EXPORT, list[str]()
    ROWS[ROWS[MONTH] <= "2021-02"].to_csv(export, index=False)
    assert answer("new", tmp_path / "oficina", "--from", at(export, "2021-03-05"))[0] == 0
    monkeypatch.chdir(tmp_path / "oficina")
    params = tmp_path / "oficina" / "params.yml"
    content = yaml.load(params.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    content |= {"sectors": ["Health"], "formats": ["html"]}
    params.write_text(yaml_text(content), encoding="utf-8")

    def month(*options: str) -> int:
        code, said = answer("month", "params.yml", *options)
        messages.append(said)
        return code

    return Office(params.parent, month, messages)


def test_three_months_come_by_a_timer_without_a_hand(office: Office) -> None:
    assert (office.month(), office.period) == (0, "2021-02")
    assert (office.project / "quality.csv").is_file()
    before = files_of(office.run)
    at(office.project / "data" / EXPORT, "2021-11-30")  # a copy of the project, with the same bytes
    assert [office.month(), office.month()] == [4, 4]
    assert files_of(office.run) == before
    assert (office.period, office.activities["as_of"]) == ("2021-02", "2021-03-05")
    assert office.messages[-1].splitlines()[-1] == "nothing new"
    office.export("2021-05", day="2021-06-04")
    seen = [(office.month(), office.period, Manifest.read(office.run / "run.json").period.end) for _ in range(4)]
    months = ["2021-03", "2021-04", "2021-05"]
    assert seen == [*((0, month, month) for month in months), (4, "2021-05", "2021-05")]
    assert office.activities["as_of"] == "2021-06-04"
    assert "params.yml: period 2021-01/2021-02 → 2021-01/2021-03" in office.messages[3]


def test_a_correction_without_a_new_month_is_made_and_its_day_moves(office: Office) -> None:
    assert office.month() == 0
    path = office.project / "data" / EXPORT
    path.write_bytes(path.read_bytes().rsplit(b"\n", 2)[0] + b"\n")  # the last row is gone
    at(path, "2021-03-20")
    assert (office.month(), office.period, office.activities["as_of"]) == (0, "2021-02", "2021-03-20")
    assert office.month() == 4


def test_a_period_that_is_written_as_one_text_moves_on_too(office: Office) -> None:
    text = re.sub(r"period: .*", "period: 2021-01/2021-02", office.params.read_text("utf-8"))
    office.params.write_text(text, encoding="utf-8")
    office.export("2021-03", day="2021-04-05")
    assert (office.month(), office.period) == (0, "2021-03")
    assert load_run_params(office.params).period.start == "2021-01"


def test_after_december_the_timer_is_told_what_to_start_instead(office: Office) -> None:
    content = yaml.load(office.params.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    content |= {"period": "2021-01/2021-12", "accept": ["months_missing"]}
    office.params.write_text(yaml_text(content), encoding="utf-8")
    assert [office.month(), office.month()] == [0, 4]
    assert office.messages[-1].splitlines()[-1] == (
        "nothing new; the plan year 2021 is over: start a project of the next plan by `rmrp new DIR --from FILE`, and "
        "have the timer start `rmrp month` with its parameters"
    )


def test_by_quarter_a_project_waits_until_the_quarter_is_there(office: Office) -> None:
    assert find_next_end(office.params) == ""
    office.export("2021-05", day="2021-06-04")
    assert find_next_end(office.params) == "2021-03"
    assert find_next_end(office.params, by_quarter=True) == "2021-03"
    office.params.write_text(office.params.read_text("utf-8").replace("2021-02", "2021-03"), encoding="utf-8")
    assert find_next_end(office.params) == "2021-04"
    assert find_next_end(office.params, by_quarter=True) == ""  # June is not there


def test_a_month_that_is_not_over_is_not_moved_on_to(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, *_: object) -> datetime:
            return datetime(2021, 3, 28, tzinfo=UTC)

    office.export("2021-03", day="2021-03-28")
    monkeypatch.setattr("rmrp_analysis.commands.next_month.datetime", Clock)
    assert find_next_end(office.params) == ""


def test_two_at_a_time_do_not_mix(office: Office) -> None:
    with lock_of(office.project) as ours:
        assert ours
        assert office.month() == 2
    assert "another `rmrp month` is at work" in office.messages[-1]
    assert not office.run.exists()


def test_refused_data_publish_nothing_and_exit_with_3(office: Office) -> None:
    (office.project / "data" / EXPORT).write_text("no,table\n", encoding="utf-8")
    assert office.month() == 3
    assert not office.run.exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[JsonServer]:
    """A server of money, whose answers are kept in a folder of the test."""
    monkeypatch.setenv("RMRP_CACHE", str(tmp_path / "cache"))
    with servers() as start:
        yield start(five_flows())


def test_what_was_fetched_is_fetched_anew_and_the_same_bytes_are_nothing_new(
    office: Office, server: JsonServer, answer: Answer
) -> None:
    place = ("--base-address", server.address, "--out", "data", "--pause", "0")
    assert answer("fetch", "fts", "--plan", "1021", *place)[0] == 0
    sources = office.project / "data" / "sources.yml"
    text = sources.read_text("utf-8")
    sources.write_text(re.sub(r"(?m)^  as_of: 20[^1]\d-.*$", "  as_of: 2022-02-02", text), encoding="utf-8")
    described = sources.read_text("utf-8")
    assert [office.month(), office.month()] == [0, 4]
    assert sources.read_text("utf-8") == described
    server.answers["1"]["data"]["flows"][0]["description"] = "another text"
    assert office.month() == 0
    funding = read_entries(office.project / "data")["funding"]
    assert funding["as_of"] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_failed_fetch_keeps_the_data_and_is_told_and_counts_where_nothing_else_is_new(
    office: Office, server: JsonServer, answer: Answer
) -> None:
    place = ("--base-address", server.address, "--out", "data", "--pause", "0")
    assert answer("fetch", "fts", "--plan", "1021", *place)[0] == 0
    described = (office.project / "data" / "sources.yml").read_bytes()
    server.faults = {"1": [failing(404)] * 100}
    assert office.month() == 0  # the first run: there is something to make
    assert "not fetched, the data of before stay: funding: " in office.messages[-1]
    assert office.month() == 3
    assert "Traceback" not in office.messages[-1]
    assert (office.project / "data" / "sources.yml").read_bytes() == described


def test_a_server_that_the_folder_names_does_not_get_the_token(
    office: Office, server: JsonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIVITYINFO_TOKEN", "4f1c-not-a-real-token-9d")
    sources = office.project / "data" / "sources.yml"
    content = yaml.safe_load(sources.read_text("utf-8"))
    url = f"{server.address}/resources/query/v43/form/c1"
    content["activities"] |= {"form": "c1", "url": url, "fetched": "2021-03-05T00:00:00Z"}
    sources.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert office.month() == 0
    assert "name its server by --base-address" in office.messages[-1]
    assert server.asked == []


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        ("29/11/2021", "'29/11/2021' is no day; write it as 2021-06-30"),
        ("2021-02-30", "'2021-02-30' is no day"),
        (f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}", "is in the future"),
    ],
)
def test_a_day_that_is_none_or_to_come_is_refused_with_its_line(office: Office, day: str, fault: str) -> None:
    sources = office.project / "data" / "sources.yml"
    sources.write_text(re.sub(r"as_of: 2021-03-05", f"as_of: {day}", sources.read_text("utf-8"), count=1), "utf-8")
    with pytest.raises(InputRefused) as refused:
        load_sources(office.project / "data")
    (line,) = [number for number, text in enumerate(sources.read_text("utf-8").splitlines(), 1) if day in text]
    assert str(refused.value).startswith(f"{sources}:{line}: activities.as_of: ")
    assert fault in str(refused.value)


def test_a_copied_file_is_of_the_day_that_it_names_itself(tmp_path: Path) -> None:
    book = workbook(tmp_path / "5W.xlsx", {"Activities": pd.DataFrame({"a": ["1"]})})
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert find_day([book]) == today
    with ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = re.sub(rb">20\d\d-\d\d-\d\dT", b">2021-06-10T", parts["docProps/core.xml"])
    with ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert find_day([book]) == "2021-06-10"
    packed = tmp_path / "5W.csv.gz"
    packed.write_bytes(gzip.compress(b"a\n1\n", mtime=datetime(2021, 6, 11, tzinfo=UTC).timestamp()))
    assert find_day([packed]) == "2021-06-11"
    assert find_day([book, packed]) == "2021-06-11"
    assert find_day([at(packed, "2021-01-01")]) == "2021-01-01"
    plain = tmp_path / "5W.csv"
    plain.write_text("a\n1\n", encoding="utf-8")
    assert find_day([at(plain, "2021-06-12")]) == "2021-06-12"
    assert find_day([at(plain, "2999-01-01")]) == today
