"""Plans that were read before, with what was counted of them, in the user's cache folder.

A plan is known by the content of its files and by the code that read it; a file of the cache that is damaged is not
used. The folder is the user's own: others can neither read nor write in it.
"""

import hashlib
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from rmrp_analysis.figures.rounding_key import secret_of
from rmrp_analysis.files import write_whole
from rmrp_analysis.plan import Plan
from rmrp_analysis.provenance import PACKAGE, code, environment
from rmrp_analysis.publish.records.fingerprint import digest, input_files
from rmrp_analysis.sources import sha256

KEPT = 6
"""Plans in the cache; the one that was used longest ago goes first."""
MOST_ROWS = 200_000
"""Of activities: a larger plan is as fast to read as to keep."""
DIGEST = hashlib.sha256().digest_size


def cached_plan(folder: Path) -> Plan | None:
    """The plan of a data folder as it was read, with what was counted of it; None where the cache has none."""
    path = _path(folder)
    try:
        content = path.read_bytes()
        if os.name != "nt" and path.stat().st_uid != os.getuid():
            return None
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            return None
        plan = pickle.loads(content[DIGEST:])  # noqa: S301 - the user's own file, whole as this package wrote it
        path.touch()
    except Exception:  # whatever is wrong with it, the plan is read anew
        return None
    return plan if isinstance(plan, Plan) else None


def cache_plan(folder: Path, plan: Plan) -> None:
    """Put a plan into the cache; where that cannot be done, the next run reads it again."""
    if len(plan.activities) > MOST_ROWS:
        return
    with suppress(OSError):
        path = _path(folder)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)
        write_whole(path, hashlib.sha256(content).digest() + content)
        path.chmod(0o600)
        for old in sorted(path.parent.glob("*.plan"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _path(folder: Path) -> Path:
    files = [f"{path} {sha256(path)}" for path in input_files(folder)]
    secret = secret_of(folder).text  # keys follow from it; the folder is the user's own
    name = digest([str(folder.resolve()), code()["sha256"], sys.version, environment(), files, secret])
    return user_cache_path(PACKAGE, appauthor=False) / "plans" / f"{name}.plan"
