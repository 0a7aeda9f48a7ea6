"""Say Typer's own words, those of help, in the language of messages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer import rich_utils
from typer.core import TyperArgument, TyperGroup

from rmrp_analysis.commands.terminal import translate

TYPER_TEXT_CONSTANTS = ("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "REQUIRED_LONG_STRING",
             "DEFAULT_STRING")  # fmt: skip
"""Names of the constants of ``typer.rich_utils`` that hold Typer's own words of help."""
TEXT_ATTRIBUTES = ("help", "short_help", "metavar", "rich_help_panel", "options_metavar", "subcommand_metavar")
"""Names of the attributes that hold the texts of a command or of one of its parameters."""
COLOURLESS_STYLE_WORDS = ("bold", "dim")
"""Words of Typer's styles that stay in help, which has no colours."""


class Translated:
    """A command whose help and usage are in the language of messages; the first base of a command's class."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the command."""
        with translate_help(self, ctx):
            super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_usage(self, ctx: Any) -> str:
        """Return the line that says how the command is called."""
        with translate_help(self, ctx):
            usage_line: str = super().get_usage(ctx)  # type: ignore[misc]
        return usage_line.replace("Usage:", translate("Usage:"), 1)


class Group(Translated, TyperGroup):
    """Commands under one name."""


@contextmanager
def translate_help(command: Any, ctx: Any) -> Iterator[None]:
    """Have a command, its parameters and its own commands say their texts in the language of messages.

    This holds for the ``with`` block, by changing their attributes and Typer's constants. Help ends with the command's
    example, has no colours, which stand for states alone, and names no type where none is typed: after a flag and an
    argument.
    """
    subcommands = getattr(command, "commands", {}).values()
    help_objects = [command, *subcommands, *command.params, command.get_help_option(ctx)]
    owner_attribute_text_triples = [
        (attribute_owner, attribute_name, getattr(attribute_owner, attribute_name, None))
        for attribute_owner in filter(None, help_objects)
        for attribute_name in TEXT_ATTRIBUTES
    ]
    owner_attribute_text_triples += [
        (rich_utils, attribute_name, getattr(rich_utils, attribute_name, None))
        for attribute_name in TYPER_TEXT_CONSTANTS
    ]
    translated_attribute_triples: list[tuple[Any, str, Any]] = []
    for attribute_owner, attribute_name, original_text in owner_attribute_text_triples:
        if isinstance(original_text, str):
            help_paragraphs = [re.sub(r"\s+", " ", paragraph.strip()) for paragraph in original_text.split("\n\n")]
            translated_attribute_triples.append(
                (attribute_owner, attribute_name, "\n\n".join(map(translate, help_paragraphs)))
            )
    if command.epilog:
        translated_attribute_triples.append(
            (command, "epilog", translate("Example: {command}", command=command.epilog))
        )
    for attribute_name, style_text in vars(rich_utils).items():
        if attribute_name.startswith("STYLE_") and isinstance(style_text, str):
            translated_attribute_triples.append(
                (
                    rich_utils,
                    attribute_name,
                    " ".join(style_word for style_word in style_text.split() if style_word in COLOURLESS_STYLE_WORDS),
                )
            )
    untyped_params = (
        help_object
        for help_object in help_objects
        if getattr(help_object, "is_flag", False) or isinstance(help_object, TyperArgument)
    )
    translated_attribute_triples += [
        (untyped_param, "display_type_rich", lambda **_: None) for untyped_param in untyped_params
    ]
    original_attribute_triples = [
        (attribute_owner, attribute_name, getattr(attribute_owner, attribute_name, None))
        for attribute_owner, attribute_name, _ in translated_attribute_triples
    ]
    for attribute_owner, attribute_name, attribute_value in translated_attribute_triples:
        setattr(attribute_owner, attribute_name, attribute_value)
    try:
        yield
    finally:
        for attribute_owner, attribute_name, attribute_value in original_attribute_triples:
            setattr(attribute_owner, attribute_name, attribute_value)
