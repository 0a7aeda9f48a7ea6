"""Servers on loopback, and ``rmrp fetch`` from them, for every test of this folder."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from json_server import Answers, JsonServer, json_servers

from rmrp_analysis.cli import main


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], JsonServer]]:
    """Starts a server with these answers; it ends with the test."""
    with json_servers() as start:
        yield start


@pytest.fixture
def fetch_from(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs ``rmrp fetch`` of a producer without waiting, and gives its exit code."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)

    def run(producer: str, server: JsonServer, out: Path, *more: str) -> int:
        where = ["--base-address", server.address, "--out", str(out), "--pause", "0"]
        monkeypatch.setattr(sys, "argv", ["rmrp", "fetch", producer, *where, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run
