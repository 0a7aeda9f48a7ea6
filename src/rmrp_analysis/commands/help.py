"""Say Typer's own words in help in the language of messages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer import rich_utils
from typer.core import TyperArgument, TyperGroup

from rmrp_analysis.commands.terminal import translate

TYPER_TEXT_CONSTANTS = ("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "REQUIRED_LONG_STRING",
             "DEFAULT_STRING")  # fmt: skip
"""The constants of ``typer.rich_utils`` that hold Typer's own words of help."""
TEXT_ATTRIBUTES = ("help", "short_help", "metavar", "rich_help_panel", "options_metavar", "subcommand_metavar")
"""The attributes that hold the texts of a command or of one of its parameters."""
COLOURLESS_STYLE_WORDS = ("bold", "dim")
"""The words of Typer's styles that stay in help, which has no colours."""


class Translated:
    """A command with help and usage in the language of messages. It is the first base of a command's class."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the command."""
        with translate_help(self, ctx):
            super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_usage(self, ctx: Any) -> str:
        """Return the line that says how the command is called."""
        with translate_help(self, ctx):
            usage: str = super().get_usage(ctx)  # type: ignore[misc]
        return usage.replace("Usage:", translate("Usage:"), 1)


class Group(Translated, TyperGroup):
    """Commands under one name."""


@contextmanager
def translate_help(command: Any, ctx: Any) -> Iterator[None]:
    """Translate the texts of a command, its parameters and its subcommands within the block.

    Until the block ends, their attributes and Typer's constants are changed. Help ends with the command's example. It
    has no colours, which stand for statuses only, and no type after a flag or an argument.
    """
    inner = getattr(command, "commands", {}).values()
    things = [command, *inner, *command.params, command.get_help_option(ctx)]
    texts = [(thing, name, getattr(thing, name, None)) for thing in filter(None, things) for name in TEXT_ATTRIBUTES]
    texts += [(rich_utils, name, getattr(rich_utils, name, None)) for name in TYPER_TEXT_CONSTANTS]
    settings: list[tuple[Any, str, Any]] = []
    for thing, name, text in texts:
        if isinstance(text, str):
            paragraphs = [re.sub(r"\s+", " ", paragraph.strip()) for paragraph in text.split("\n\n")]
            settings.append((thing, name, "\n\n".join(map(translate, paragraphs))))
    if command.epilog:
        settings.append((command, "epilog", translate("Example: {command}", command=command.epilog)))
    for name, style in vars(rich_utils).items():
        if name.startswith("STYLE_") and isinstance(style, str):
            plain = " ".join(word for word in style.split() if word in COLOURLESS_STYLE_WORDS)
            settings.append((rich_utils, name, plain))
    untyped = (thing for thing in things if getattr(thing, "is_flag", False) or isinstance(thing, TyperArgument))
    settings += [(param, "display_type_rich", lambda **_: None) for param in untyped]
    originals = [(thing, name, getattr(thing, name, None)) for thing, name, _ in settings]
    for thing, name, setting in settings:
        setattr(thing, name, setting)
    try:
        yield
    finally:
        for thing, name, setting in originals:
            setattr(thing, name, setting)
