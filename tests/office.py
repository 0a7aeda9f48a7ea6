"""What an office installs beside the package: distributions that add steps after a run, and commands."""

from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, name: str, code: str, extensions: Mapping[str, Mapping[str, str]]) -> None:
    """Install a distribution of one module as pip does: its code, and its entry points by their group."""
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    metadata = folder / f"{name}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
    lines = []
    for group, entries in extensions.items():
        lines += [f"[{group}]", *(f"{entry} = {place}" for entry, place in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
