"""What was fetched, written into a data folder with its entry in ``sources.yml``, whole or not at all."""

import hashlib
import re
from pathlib import Path

from rmrp_analysis.fetch.fts import Fetched
from rmrp_analysis.files import write_whole
from rmrp_analysis.sources import SOURCES_FILE
from rmrp_analysis.vocabulary import FTS_PLANS

PRODUCER, LICENCE = "OCHA Financial Tracking Service", "cc-by-igo"
_ENTRY = re.compile(r"^funding:.*\n(?:(?:[ \t#-].*)?\n)*", re.MULTILINE)


def write_fetched(fetched: Fetched, folder: Path) -> Path:
    """Write every answer as it came, then the folder's ``sources.yml``, whose other entries stay.

    Files of an earlier time stay, too: until the last step, ``sources.yml`` names those, complete. Returns its path.
    """
    for name, answer in fetched.files.items():
        write_whole(folder / name, answer.body)
    path = folder / SOURCES_FILE
    described = path.read_text(encoding="utf-8-sig") if path.is_file() else _opening(fetched)
    return write_whole(path, with_funding(described, _entry(fetched)))


def with_funding(described: str, entry: str) -> str:
    """The text of a ``sources.yml`` with this entry in place of the one on funding, or at its end."""
    ended = described if described.endswith("\n") or not described else described + "\n"
    if _ENTRY.search(ended):
        return _ENTRY.sub(lambda _: entry, ended, count=1)
    return ended + entry


def _opening(fetched: Fetched) -> str:
    years = [year for year, plan in FTS_PLANS.items() if plan.id == fetched.plan_id]
    return f"title: FTS plan {fetched.plan_id}\n" + "".join(f"plan: {year}\n" for year in years)


def _entry(fetched: Fetched) -> str:
    files = "".join(f"    - {name}\n" for name in fetched.files)
    sums = "".join(f"    - {hashlib.sha256(answer.body).hexdigest()}\n" for answer in fetched.files.values())
    return (
        f"funding:\n  files:\n{files}  producer: {PRODUCER}\n  url: {fetched.address}\n"
        f"  as_of: {fetched.fetched:%Y-%m-%d}\n  fetched: {fetched.fetched:%Y-%m-%dT%H:%M:%SZ}\n"
        f"  licence: {LICENCE}\n  sha256:\n{sums}  illustrative: false\n"
    )
