"""The plan pack: a folder of data files that holds what is a plan's own, its sectors, places, names, years and map."""

from pathlib import Path

FOLDER = Path(__file__).parent / "packs" / "r4v"
