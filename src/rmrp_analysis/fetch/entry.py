"""What was fetched, written into a data folder with its entry in ``sources.yml``, whole or not at all."""

import re
from pathlib import Path

from rmrp_analysis.fetch.fts import Fetched
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import SOURCES_FILE, sha256
from rmrp_analysis.vocabulary import FTS_PLANS

PRODUCER, LICENCE = "OCHA Financial Tracking Service", "cc-by-igo"
_ENTRY = re.compile(r"^funding:.*\n(?:(?:[ \t#-].*)?\n)*", re.MULTILINE)


def write_fetched(fetched: Fetched, folder: Path) -> Path:
    """Write every answer as it came, then the folder's ``sources.yml``, whose other entries stay.

    Files of an earlier time stay, too: until the last step, ``sources.yml`` names those, complete. Returns its path.
    """
    written = [write_whole(folder / name, answer.body) for name, answer in fetched.files.items()]
    entry = (
        "funding:\n  files:\n"
        + "".join(f"    - {path.name}\n" for path in written)
        + f"  producer: {PRODUCER}\n  url: {fetched.address}\n"
        + f"  as_of: {fetched.fetched:%Y-%m-%d}\n  fetched: {fetched.fetched:%Y-%m-%dT%H:%M:%SZ}\n"
        + f"  licence: {LICENCE}\n  sha256:\n"
        + "".join(f"    - {sha256(path)}\n" for path in written)
        + "  illustrative: false\n"
    )
    years = [year for year, plan in FTS_PLANS.items() if plan.id == fetched.plan_id]
    opening = f"title: FTS plan {fetched.plan_id}\n" + "".join(f"plan: {year}\n" for year in years)
    path = folder / SOURCES_FILE
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else opening
    return write_whole(path, with_funding(described, entry))


def with_funding(described: str, entry: str) -> str:
    """The text of a ``sources.yml`` with this entry in place of the one on funding, or at its end."""
    ended = described if described.endswith("\n") or not described else described + "\n"
    replaced, entries = _ENTRY.subn(lambda _: entry, ended, count=1)
    return replaced if entries else ended + entry
