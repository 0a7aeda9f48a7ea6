"""The mistakes an analyst can act on, each with the exit code that tells them apart."""

import unicodedata
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Literal

from rmrp_analysis.messages import say


class RmrpError(Exception):
    """An error of this package, as a whole sentence for the analyst."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Return only the sentence, which a notebook shows."""
        return [f"{type(self).__name__}: {self}"]


class RequestError(RmrpError, ValueError):
    """A request is wrong: an unknown name, a wrong date, a missing parameter.

    It is also a ``ValueError``: pydantic lists it with the other faults of a parameter file.
    """

    exit_code = 2


class InputRefused(RmrpError):
    """A file cannot be used: it is missing, damaged, or not of its declared kind."""

    exit_code = 3


class HalfAnswer(RmrpError):
    """A producer's server failed, refused, or left something out. The sentence says that nothing was written."""

    exit_code = 3

    def __init__(self, problem: str, advice: str = "") -> None:
        """Write the problem, then that nothing was written, then the advice if it is given."""
        super().__init__(f"{problem}; nothing was written{advice and f'. {advice}'}")


class ReportFailed(RmrpError):
    """One report could not be made. The others can.

    ``reason`` is a sentence for every reader, in which ``{name}`` stands for one of ``values``. ``advice`` says what to
    correct. ``detail`` is only for the analyst, because it may hold names of errors and folders.
    """

    exit_code = 1
    status: Literal["failed", "refused", "held"] = "failed"

    def __init__(self, reason: str, *, advice: str = "", detail: str = "", **values: str) -> None:
        """Take the parts. The text of the error is the reason, filled with ``values``, and the advice."""
        self.reason, self.advice, self.detail, self.values = reason, advice, detail, values
        for name, value in values.items():
            reason = reason.replace(f"{{{name}}}", value)
        super().__init__(f"{reason} {advice}".strip())


class ReportRefused(ReportFailed):
    """One report is not published, because the gate of its sheet refuses it until its reports are corrected."""

    status = "refused"


class ReportHeld(ReportFailed):
    """One report is not published, because a person holds it (``hold:`` in the parameters), with a reason."""

    status = "held"


def nearest_name(word: str, allowed: Iterable[str]) -> str:
    """Return the allowed name that is most similar to a word, whatever accents and case. Empty if no name is near."""
    plain = {drop_accents(name): name for name in allowed}
    nearest = get_close_matches(drop_accents(word), plain, n=1, cutoff=0.5)
    return plain[nearest[0]] if nearest else ""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return the end of a message: ``did you mean 'x'?``, or ``allowed: x, y`` if no allowed name is near."""
    names = list(allowed)
    if nearest := nearest_name(word, names):
        return say("did you mean '{name}'?", name=nearest)
    return say("allowed: {names}", names=", ".join(names))


def drop_accents(text: str) -> str:
    """Return the text in lower case without accents."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def fault_of(name: str, allowed: Collection[str], sentence: str) -> str:
    """Return ``sentence 'name'; did you mean …`` for a name that is not allowed. Otherwise empty."""
    pattern = f"{sentence} '{{name}}'"
    return "" if name in allowed else f"{say(pattern, name=name)}; {did_you_mean(name, allowed)}"


def check_allowed(name: str, allowed: Collection[str], sentence: str) -> None:
    """Raise ``RequestError``, with the sentence, the name and a suggestion, for a name that is not allowed."""
    if fault := fault_of(name, allowed, sentence):
        raise RequestError(fault)
