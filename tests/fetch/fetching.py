"""Data folders that are fetched from a server on loopback."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from json_server import Answers, JsonServer

from published_run import rmrp

Serve = Callable[[Answers], JsonServer]


@dataclass
class Fetching:
    """``rmrp fetch`` of a producer from a server into a folder; ``told`` and ``shown`` are what it said last."""

    server: JsonServer
    folder: Path
    capsys: pytest.CaptureFixture[str]
    what: tuple[object, ...]
    told: str = ""
    shown: str = ""

    def __call__(self, *more: object, address: str = "") -> int:
        """The exit code; where there is an address, of what is fetched from there."""
        where = ("--base-address", address or self.server.address, "--out", self.folder, "--pause", "0")
        code = rmrp("fetch", *self.what, *where, *more)
        self.shown, self.told = self.capsys.readouterr()
        return code

    def refusal(self, *more: object) -> str:
        """What is told of answers that are not whole, where nothing is written."""
        before = self.files
        assert self(*more) == 3
        assert "nothing was written" in self.told
        assert "Traceback" not in self.told
        assert self.files == before
        assert self.folder.exists() == bool(before)
        return self.told

    @property
    def files(self) -> dict[str, bytes]:
        """What the folder holds, by names of files."""
        return {path.name: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    @property
    def sources(self) -> dict[str, Any]:
        return yaml.safe_load(self.files["sources.yml"])

    def describe(self, text: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "sources.yml").write_text(text, "utf-8")

    def rename(self, name: str, renamed: str) -> None:
        """Give a file another name, by which it is described."""
        (self.folder / name).rename(self.folder / renamed)
        self.describe(self.files["sources.yml"].decode().replace(name, renamed))
