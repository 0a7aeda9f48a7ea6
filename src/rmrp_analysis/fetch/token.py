"""The token that opens ActivityInfo: from the environment or the keyring of the computer, and from nowhere else."""

import os
import re
from importlib import import_module

from rmrp_analysis.errors import RequestError

VARIABLE, OF_R4V = "ACTIVITYINFO_TOKEN", "ACTIVITYINFOTOKEN"
"""The second is what R4V's own scripts in R read."""

SERVICE, USER = "rmrp-analysis", "activityinfo"
HOW_TO = (
    f"make one in ActivityInfo (Account settings, API tokens, read-only), and set it as the environment variable "
    f"{VARIABLE}, or keep it in the keyring of this computer: pip install keyring, then keyring set {SERVICE} {USER}"
)
_TOKEN = re.compile(r"[!-~]+")


def activityinfo_token() -> str:
    """The token. Raises ``RequestError`` that says how to set one where there is none, and never what it is."""
    named = (os.environ.get(name, "").strip() for name in (VARIABLE, OF_R4V))
    token = next(filter(None, named), "") or _from_keyring().strip()
    if not token:
        raise RequestError(f"there is no token for ActivityInfo; {HOW_TO}")
    if not _TOKEN.fullmatch(token):
        raise RequestError(f"the token for ActivityInfo holds a blank or a letter that no token has; {HOW_TO}")
    return token


def _from_keyring() -> str:
    """What the keyring keeps; nothing where there is no keyring, or it cannot be opened."""
    try:
        keyring = import_module("keyring")
        return str(keyring.get_password(SERVICE, USER) or "")
    except Exception:  # each system's keyring has errors of its own, and without it there is no token
        return ""
