"""The inputs of two runs: which differ, by the plan that a run was made from, read again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rmrp_analysis.errors import InputRefused, RmrpError
from rmrp_analysis.plan import Plan
from rmrp_analysis.publish.records.manifest import Manifest, StatedInput
from rmrp_analysis.sources import SOURCES_FILE, Sources, load_sources, sha256


def inputs_that_differ(before: Manifest, after: Manifest) -> dict[str, tuple[list[StatedInput], list[StatedInput]]]:
    """Give the inputs whose content differs between two runs, whatever its files are called, with the files of both.

    Of a workbook that holds several inputs, the content of the sheet decides, where both runs say it.
    """
    differing = {}
    for name in dict.fromkeys(file.name for file in (*before.inputs, *after.inputs)):
        old, new = ([file for file in run.inputs if file.name == name] for run in (before, after))
        key = "content" if all(file.content for file in (*old, *new)) else "sha256"
        if sorted(getattr(file, key) for file in old) != sorted(getattr(file, key) for file in new):
            differing[name] = old, new
    return differing


def plan_of(manifest: Manifest, folders: Iterable[Path]) -> Plan | None:
    """Read the very plan that a run was made from again; None where its files are not there, or are others now.

    ``folders`` are where its parameter file may lie. A file that ``sources.yml`` no longer names is still found beside
    the one that took its place, as those that are fetched are.
    """
    from rmrp_analysis.loaders import load_plan

    named = manifest.params.get("data")
    for folder in dict.fromkeys(folder.resolve() / named for folder in folders) if named else ():
        if (folder / SOURCES_FILE).is_file():
            try:
                return load_plan(folder, _as_recorded(load_sources(folder), manifest.inputs, folder))
            except (RmrpError, OSError):  # other files lie there now
                continue
    return None


def _as_recorded(sources: Sources, files: Iterable[StatedInput], folder: Path) -> Sources:
    """The inputs of a folder with the files and sheets of a run. Raises ``InputRefused`` where one is not there."""
    recorded: dict[str, dict[str, StatedInput]] = {}
    for file in files:
        source = getattr(sources, file.name, None)
        there = next((each for each in source.names if Path(each).name == file.file), file.file) if source else ""
        if source is None or not (folder / there).is_file() or sha256(folder / there) != file.sha256:
            raise InputRefused(f"{folder}: the files of {file.name} are not those of the run")
        recorded.setdefault(file.name, {})[there] = file
    changes: dict[str, Any] = {name: None for name, _ in sources.items()}
    for name, of_input in recorded.items():
        sheets = {file.sheet for file in of_input.values() if file.sheet}
        update = {"file": "", "files": tuple(of_input), "sha256": "", **({"sheet": sheets.pop()} if sheets else {})}
        changes[name] = getattr(sources, name).model_copy(update=update)
    return sources.model_copy(update=changes)
