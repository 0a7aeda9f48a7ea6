"""The inputs of two runs: which differ, and the plan that a run was made from, read again."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused, RmrpError
from rmrp_analysis.plan import Plan
from rmrp_analysis.sources import SOURCES_FILE, Sources, load_sources, sha256

Manifest = Mapping[str, Any]
"""The content of a ``run.json``."""

File = Mapping[str, Any]
"""An input as it stands there."""


def inputs_that_differ(before: Manifest, after: Manifest) -> dict[str, tuple[list[File], list[File]]]:
    """Give the inputs whose content differs between two runs, whatever its files are called, with the files of both.

    Of a workbook that holds several inputs, the content of the sheet decides, where both runs say it.
    """
    files = [*before.get("inputs", ()), *after.get("inputs", ())]
    differing = {}
    for name in dict.fromkeys(file["name"] for file in files):
        old, new = ([file for file in run.get("inputs", ()) if file["name"] == name] for run in (before, after))
        key = "content" if all(file.get("content") for file in (*old, *new)) else "sha256"
        if sorted(file[key] for file in old) != sorted(file[key] for file in new):
            differing[name] = old, new
    return differing


def file_named(file: File) -> str:
    """Name an input for readers: its file, and the sheet of a workbook with several inputs."""
    name = Path(file["path"]).name
    return f"{name}, sheet '{file['sheet']}'" if file.get("content") else name


def plan_of(manifest: Manifest, folders: Iterable[Path]) -> Plan | None:
    """Read the very plan that a run was made from again; None where its files are not there, or are others now.

    ``folders`` are where its parameter file may lie. A file that ``sources.yml`` no longer names is still found beside
    the one that took its place, as those that are fetched are.
    """
    from rmrp_analysis.loaders import load_plan

    named = manifest.get("params", {}).get("data")
    for folder in dict.fromkeys(folder.resolve() / named for folder in folders) if named else ():
        if (folder / SOURCES_FILE).is_file():
            try:
                return load_plan(folder, _as_recorded(load_sources(folder), manifest["inputs"], folder))
            except (RmrpError, OSError):  # other files lie there now
                continue
    return None


def _as_recorded(sources: Sources, files: Iterable[File], folder: Path) -> Sources:
    """The inputs of a folder with the files and sheets of a run. Raises ``InputRefused`` where one is not there."""
    recorded: dict[str, dict[str, File]] = {}
    for file in files:
        source = getattr(sources, file["name"], None)
        name = Path(file["path"]).name
        there = next((each for each in source.names if Path(each).name == name), name) if source else name
        if source is None or not (folder / there).is_file() or sha256(folder / there) != file["sha256"]:
            raise InputRefused(f"{folder}: the files of {file['name']} are not those of the run")
        recorded.setdefault(file["name"], {})[there] = file
    changes: dict[str, Any] = {name: None for name, _ in sources.items()}
    for name, of_input in recorded.items():
        sheets = {file["sheet"] for file in of_input.values() if file.get("sheet")}
        update = {"file": "", "files": tuple(of_input), "sha256": "", **({"sheet": sheets.pop()} if sheets else {})}
        changes[name] = getattr(sources, name).model_copy(update=update)
    return sources.model_copy(update=changes)
