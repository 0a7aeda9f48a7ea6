"""Explain in one sentence the fault of a command line, and the right way to write it."""

import errno
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from typer import BadParameter

from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import did_you_mean
from rmrp_analysis.words import N_
from rmrp_analysis.yaml_faults import explain_value

UsageError: Any = BadParameter.__base__
"""The error that Typer raises for a command line that it cannot read."""
REASON_BY_ERRNO: Mapping[int, str] = {
    errno.EEXIST: N_("a file of that name is there already, and no folder; name another folder"),
    errno.ENOTDIR: N_("a file stands where a folder is asked; name another folder"),
    errno.EISDIR: N_("it is a folder; name a file"),
    errno.ENOENT: N_("it is not there; correct the path"),
    errno.EACCES: N_("it is not allowed; close the file where it is open, or name another folder"),
    errno.EPERM: N_("it is not allowed; close the file where it is open, or name another folder"),
    errno.EROFS: N_("nothing can be written there; name another folder"),
    errno.ENOSPC: N_("the disk is full; make room, or name another folder"),
}
"""The advice on an operating system's error, by its number."""


def explain_usage(problem: Any) -> str:
    """Return a sentence on the fault of a command line. Typer's ``UsageError`` says it in English only."""
    context = problem.ctx
    command = context.command_path if context else "rmrp"
    option = getattr(problem, "option_name", "")
    param = getattr(problem, "param", None)
    kind = type(problem).__name__
    if kind == "NoSuchOption":
        names = [name for param in context.command.params for name in param.opts if name.startswith("--")]
        return translate(
            "{command} has no option {option}; {advice}",
            command=command,
            option=option,
            advice=did_you_mean(option, [*names, "--help"]),
        )
    if kind == "MissingParameter":
        name = _name(param)
        return translate(
            "{name} is missing; write `{usage}`, and see `{command} --help`",
            name=translate(name),
            usage=f"{command} {USAGE_EXAMPLE_BY_PARAMETER.get(name, translate(name))}",
            command=command,
        )
    if param is not None:
        return _explain_refused_value(problem, command)
    if kind == "BadOptionUsage":
        return translate("nothing stands after {option}; write a value there", option=option)
    if context and hasattr(context.command, "commands"):
        typed = [*problem.message.split("'"), ""][1]
        advice = did_you_mean(typed, context.command.list_commands(context))
        return translate("{command} has no command '{name}'; {advice}", command=command, name=typed, advice=advice)
    extra = problem.message.rpartition("(")[2].rstrip(")")
    return translate("nothing is read from '{extra}'; see `{command} --help`", extra=extra, command=command)


USAGE_EXAMPLE_BY_PARAMETER = {"PARAMS": "params.yml", "RUN": "reports/2021-05", "--out": "--out DIR"}
"""An example of a missing argument or option, by its name."""


def _name(param: Any) -> str:
    """Return how an option or argument is written on the command line."""
    option = next((name for name in param.opts if name.startswith("--")), "")
    return option or str(param.metavar or param.name).rstrip("…")


def _explain_refused_value(problem: Any, command: str) -> str:
    """Return why the value of an option is refused, with the nearest allowed value or ``--help``."""
    name, typed = _name(problem.param), re.findall("'([^']*)'", problem.message)
    if "one of" in problem.message and len(typed) > 1:
        advice = did_you_mean(typed[0], typed[1:])
        return translate("{option}: unknown value '{given}'; {advice}", option=name, given=typed[0], advice=advice)
    if isinstance(problem.__cause__, ValidationError):
        return f"{name}: {explain_value(problem.__cause__.errors()[0])}"
    return translate("{option}: the value cannot be used; see `{command} --help`", option=name, command=command)


def explain_os_error(problem: OSError) -> str:
    """Return the advice on an operating system's error, or the system's own words."""
    reason = REASON_BY_ERRNO.get(problem.errno or 0, "")
    return translate(reason) if reason else str(problem.strerror or problem)
