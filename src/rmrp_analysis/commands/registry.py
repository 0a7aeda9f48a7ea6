"""Find commands by name: those of the core, and those that distributions add by entry points.

An entry point of the group ``rmrp.commands`` has the name of the command; its value is a function, or a Typer app with
several commands. The commands of this package that are no core stand in ``pyproject.toml`` as those of others do. A
command is imported when it is asked for, or when help lists all of them.
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
"""The group of entry points that name commands."""
ANY_ARGUMENTS_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Settings of a command that passes its arguments on, or reads none of them."""

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
"""An example of what to type for each command of this package, in the order of help; its help ends with it."""
PACKAGE_COMMAND_NAMES = [name for name in COMMAND_EXAMPLES if " " not in name]
"""The names of this package's commands, without those inside ``fetch``."""


class Commands(Group):
    """All commands of ``rmrp``; Typer's own group has every command imported before one is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer gives it
        """Return the names of commands: those of this package, then those of others by their names."""
        return [*dict.fromkeys((*PACKAGE_COMMAND_NAMES, *sorted(find_extensions(ENTRY_POINT_GROUP))))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer gives it
        """Return a command, imported if it is none of the core; None where there is none of this name."""
        if cmd_name not in self.commands:
            command_entry_point = find_extensions(ENTRY_POINT_GROUP).get(cmd_name)
            if command_entry_point or cmd_name in PACKAGE_COMMAND_NAMES:
                self.commands[cmd_name] = load_command(cmd_name, command_entry_point)
        return self.commands.get(cmd_name)

    def load_all(self) -> dict[str, Any]:
        """Import all commands, and return them by name in the order of help."""
        return {command_name: self.get_command(None, command_name) for command_name in self.list_commands(None)}

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, which lists all commands; imports them."""
        self.load_all()
        super().format_help(ctx, formatter)


def load_command(name: str, entry: EntryPoint | None) -> Any:
    """Return the command that an entry point names, imported.

    Where it cannot be imported, another command stands in its place: its help says why, and so does a
    ``RequestError`` where it is called. Other commands work as before.
    """
    if entry is None:
        absence_message = translate("`rmrp {command}` is not installed; install the package again", command=name)
        return _explain_absence(name, absence_message)
    distribution_name = entry.dist.name if entry.dist else entry.module
    try:
        return make_command(name, entry.load())
    except ModuleNotFoundError as problem:
        absence_message = translate(
            "`rmrp {command}` needs {library}, which is not installed; install it beside {distribution}",
            command=name,
            library=problem.name or problem,
            distribution=distribution_name,
        )
    except (Exception, SystemExit) as problem:  # whatever others wrote: it harms no other command
        absence_message = translate(
            "`rmrp {command}` cannot be loaded ({fault}); tell those who wrote {distribution}",
            command=name,
            fault=type(problem).__name__,
            distribution=distribution_name,
        )
    return _explain_absence(name, absence_message)


def make_command(name: str, value: Any, **settings: Any) -> Any:
    """Return a command made of a function, or a group of commands of a Typer app, with Typer's ``settings``.

    Each ends its help with its example (``COMMAND_EXAMPLES``) where it has none of its own.
    """
    typer_app = Typer()
    if isinstance(value, Typer):
        typer_app.add_typer(value, name=name, **settings)
    else:
        typer_app.command(name, cls=Command, **settings)(value)
    named_command: Any = get_group(typer_app).commands[name]
    subcommand_by_name = {
        f"{name} {subcommand_name}": subcommand
        for subcommand_name, subcommand in getattr(named_command, "commands", {}).items()
    }
    for command_name, click_command in {name: named_command, **subcommand_by_name}.items():
        click_command.epilog = click_command.epilog or COMMAND_EXAMPLES.get(command_name)
    return named_command


def _explain_absence(name: str, message: str) -> Any:
    """Return a command that says why another one is not there: with any arguments it raises ``RequestError``."""

    def refuse() -> None:
        """Raise ``RequestError`` with the message why the other command is not there."""
        raise RequestError(message)

    return make_command(name, refuse, help=message, context_settings=ANY_ARGUMENTS_SETTINGS)
