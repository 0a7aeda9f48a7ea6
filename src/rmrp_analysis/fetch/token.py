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
    token = next(filter(None, named), "")
    if not token:
        try:
            token = str(import_module("keyring").get_password(SERVICE, USER) or "").strip()
        except Exception:  # each system's keyring has errors of its own, or it is not installed: there is no token
            token = ""
    if not token:
        raise RequestError(f"there is no token for ActivityInfo; {HOW_TO}")
    if not _TOKEN.fullmatch(token):
        raise RequestError(f"the token for ActivityInfo holds a blank or a letter that no token has; {HOW_TO}")
    return token
