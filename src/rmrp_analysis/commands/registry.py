"""Find commands by name: core commands, and commands that distributions add by entry points.

An entry point of the group ``rmrp.commands`` has the name of the command. Its value is a function, or a Typer app with
several commands. Commands of this package that are not core also stand in ``pyproject.toml``. A command is imported
when it is requested, or when help lists all commands.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import Any

from typer import Typer
from typer.main import get_group

from rmrp_analysis.commands.help import Group
from rmrp_analysis.commands.options import Command
from rmrp_analysis.commands.terminal import translate
from rmrp_analysis.errors import RequestError
from rmrp_analysis.extensions import find_extensions

ENTRY_POINT_GROUP = "rmrp.commands"
ANY_ARGUMENTS_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Settings of a command that passes its arguments on, or ignores them."""

COMMAND_EXAMPLES: Mapping[str, str] = {
    "new": 'rmrp new peru --from "5W May.xlsx"',
    "run": "rmrp run params.yml --sector Health --language es en",
    "diff": "rmrp diff reports/2021-05 reports/2021-06",
    "check": "rmrp check params.yml --workbooks",
    "figures": "rmrp figures params.yml --out figures.csv",
    "verify": "rmrp verify reports/2021-05",
    "trace": "rmrp trace params.yml --sector Health --figure people_reached",
    "proof": "rmrp proof press.docx --run reports/2021-05",
    "params": "rmrp params params.yml --report health.peru.es",
    "next": 'rmrp next params.yml --from "5W June.xlsx"',
    "month": "rmrp month params.yml --quiet",
    "sample": "rmrp sample --rows 3000 --out sample",
    "lab": "rmrp lab --no-browser",
    "fetch": "rmrp fetch fts --plan-id 1021 --out data",
    "fetch activityinfo": "rmrp fetch activityinfo --activities cov6wkem4 --out data",
    "fetch fts": "rmrp fetch fts --plan-id 1021 --out data",
    "fetch hdx": "rmrp fetch hdx rmrp-2021-lists --out data",
}
"""An example of each command of this package, in the order of help. The help of a command ends with its example."""
PACKAGE_COMMAND_NAMES = [name for name in COMMAND_EXAMPLES if " " not in name]
"""The names of this package's commands, without the commands inside ``fetch``."""


class Commands(Group):
    """All commands of ``rmrp``. Typer's own group imports every command before one is requested."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer gives it
        """Return the names of commands: this package's in the order of help, then others' in alphabetical order."""
        return [*dict.fromkeys((*PACKAGE_COMMAND_NAMES, *sorted(find_extensions(ENTRY_POINT_GROUP))))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer gives it
        """Return a command, imported if it is not core, or None for an unknown name."""
        if cmd_name not in self.commands:
            entry = find_extensions(ENTRY_POINT_GROUP).get(cmd_name)
            if entry or cmd_name in PACKAGE_COMMAND_NAMES:
                self.commands[cmd_name] = load_command(cmd_name, entry)
        return self.commands.get(cmd_name)

    def load_all(self) -> dict[str, Any]:
        """Import all commands, and return them by name in the order of help."""
        return {name: self.get_command(None, name) for name in self.list_commands(None)}

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, which lists and so imports all commands."""
        self.load_all()
        super().format_help(ctx, formatter)


def load_command(name: str, entry: EntryPoint | None) -> Any:
    """Import and return the command of an entry point.

    If it cannot be imported, return a command that explains this in its help, and raises ``RequestError`` with the same
    text when it is called. Other commands work as before.
    """
    if entry is None:
        reason = translate("`rmrp {command}` is not installed; install the package again", command=name)
        return _explain_absence(name, reason)
    distribution = entry.dist.name if entry.dist else entry.module
    try:
        return make_command(name, entry.load())
    except ModuleNotFoundError as problem:
        reason = translate(
            "`rmrp {command}` needs {library}, which is not installed; install it beside {distribution}",
            command=name,
            library=problem.name or problem,
            distribution=distribution,
        )
    except (Exception, SystemExit) as problem:  # whatever others wrote: it harms no other command
        reason = translate(
            "`rmrp {command}` cannot be loaded ({fault}); tell those who wrote {distribution}",
            command=name,
            fault=type(problem).__name__,
            distribution=distribution,
        )
    return _explain_absence(name, reason)


def make_command(name: str, value: Any, **settings: Any) -> Any:
    """Make a command of a function, or a group of commands of a Typer app, with Typer's ``settings``.

    The help of each ends with its example (``COMMAND_EXAMPLES``), unless it has its own example.
    """
    app = Typer()
    if isinstance(value, Typer):
        app.add_typer(value, name=name, **settings)
    else:
        app.command(name, cls=Command, **settings)(value)
    command: Any = get_group(app).commands[name]
    children = {f"{name} {inner}": child for inner, child in getattr(command, "commands", {}).items()}
    for key, item in {name: command, **children}.items():
        item.epilog = item.epilog or COMMAND_EXAMPLES.get(key)
    return command


def _explain_absence(name: str, message: str) -> Any:
    """Return a command that raises ``RequestError`` with this message, whatever its arguments."""

    def refuse() -> None:
        """Raise ``RequestError`` with the message."""
        raise RequestError(message)

    return make_command(name, refuse, help=message, context_settings=ANY_ARGUMENTS_SETTINGS)
