"""Finds the texts that sheets translate, brings the catalogues up to date and compiles them: ``make words``."""

import ast
import csv
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer.main import get_command

from rmrp_analysis.commands import cli
from rmrp_analysis.commands.new import EXPLORE_NOTEBOOK_STEM
from rmrp_analysis.commands.notebooks import find_shown_texts
from rmrp_analysis.figures import BREAKDOWNS, FIGURES, LOST_WORDS_BY_REASON, WORDS_BY_REASON
from rmrp_analysis.packs import pack
from rmrp_analysis.packs.pack import LANGUAGE_FILE, PACKAGE_LOCALE_FOLDER
from rmrp_analysis.page.bar_tables import LAYOUT_BY_DIMENSION
from rmrp_analysis.page.data_tables import DATA_COLUMN_BY_NAME
from rmrp_analysis.quality import CHECK_BY_NAME, STEPS_BY_REPAIR
from rmrp_analysis.quality.checks import FREE_TEXT_COLUMNS
from rmrp_analysis.quality.money import MONEY_CHECKS, text_of_template
from rmrp_analysis.vocabulary import FINDING_BY_GROUP, INDICATOR_TYPES, NAME_BY_GROUP, REGIONAL
from rmrp_analysis.words import SOURCE_LANGUAGE, words_of
from sentences import sentences

ROOT = Path(__file__).parents[1]
OTHER_TEXTS = Path(__file__).with_name("other_texts.csv")
"""What Typer, pydantic, YAML and the system say, in a terminal's help or inside an error, and nouns of our errors."""
FORMATS = [("**.py", "python"), ("theme/templates/**.j2", "jinja2.ext:babel_extract")]
KEYWORDS = dict.fromkeys(("translate", "say", "N_", "show", "tell", "alert", "note")) | {
    "plural": (1, 2),
    **dict.fromkeys(("check_allowed", "fault_of"), (3,)),
}
"""The calls whose texts are translated: on sheets, where they are declared, with a count; messages of commands."""


def extracted() -> Catalog:
    """Every text that is translated: of the code, of the templates, and of lists that are data."""
    texts = Catalog()
    for *_, text, _, _ in extract_from_dir(ROOT / "src" / "rmrp_analysis", FORMATS, keywords=KEYWORDS, comment_tags=()):
        texts.add(text)
    for text in (*_listed(), *_of_notebooks(), *_of_commands(), *sentences()):
        texts.add(text)
    return texts


def _listed() -> Iterator[str | tuple[str, str]]:
    """The texts that stand in CSV and YAML files, and those that checks and repairs say of themselves."""
    yield from (REGIONAL, *INDICATOR_TYPES, *(figure.label for figure in FIGURES.values()))
    yield from (*WORDS_BY_REASON.values(), *LOST_WORDS_BY_REASON.values())
    for breakdown in BREAKDOWNS.values():
        yield from (breakdown.label, breakdown.tab)
    for look in LAYOUT_BY_DIMENSION.values():
        yield from filter(None, (look.column, look.share, look.people, look.money, look.both))
        yield look.other, look.others
    yield from (check.sentence for check in CHECK_BY_NAME.values())
    yield from (steps[0].sentence for steps in STEPS_BY_REPAIR.values())
    of_free_text = [check for check in CHECK_BY_NAME.values() if {*FREE_TEXT_COLUMNS} & {*check.columns.split()}]
    yield from filter(None, (check.allowed_in_general for check in of_free_text))
    yield from (check.allowed for check in CHECK_BY_NAME.values() if check.allowed != "{expected}")
    of_money = (text_of_template(text) for check in MONEY_CHECKS for text in (check.value, check.allowed))
    yield from (text for text in of_money if re.search("[a-z]", re.sub(r"\{.*?\}", "", text)))  # not of fields alone
    for room in ("quality", "page"):
        yield from (
            text for of_kind in words_of(ROOT / "src" / "rmrp_analysis" / room).values() for text in of_kind.values()
        )
    yield from (column.header for column in DATA_COLUMN_BY_NAME.values())
    yield from (*NAME_BY_GROUP.values(), *filter(None, FINDING_BY_GROUP.values()))
    yield pack.about().indicators
    yield "invented for illustration"  # the producer of such inputs, in sources.yml


def _of_commands() -> Iterator[str]:
    """The texts of ``--help``, and those of libraries that a terminal shows."""
    group: Any = get_command(cli.app)
    commands = group.load_all()
    for command in (group, *commands.values(), *commands["fetch"].commands.values()):
        yield from (" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n"))
        for parameter in command.params:
            panel, placeholder = getattr(parameter, "rich_help_panel", None), parameter.metavar
            texts = (getattr(parameter, "help", None), panel, placeholder)
            yield from (text for text in texts if text and re.search("[A-Za-z]{2}", text))
    with OTHER_TEXTS.open(encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file))


def _of_notebooks() -> Iterator[str]:
    """The texts between the cells of the shipped notebooks, and those that reports put on a page."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        yield from ("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                yield from re.findall(r"  # (.+)$", "".join(cell["source"]), re.MULTILINE)
        if path.stem == EXPLORE_NOTEBOOK_STEM:
            cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
            yield from (text for cell in cells for text in find_shown_texts(cell).values())
        if not path.name.startswith("sector_"):
            continue
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        calls = [node for cell in cells for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)]
        for call in calls:
            verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            named = {each.arg: each.value for each in call.keywords if each.arg}
            if verb == "agg":  # which names columns
                yield from named
            if verb in ("chart", "bars", "add", "text", "rename"):
                given = [*call.args, *(named.get(name) for name in ("kicker", "caption", "title"))]
                yield from (str(each.value) for each in given if isinstance(each, ast.Constant))


def catalogue_path(language: str, suffix: str, folder: Path = PACKAGE_LOCALE_FOLDER) -> Path:
    """A language's catalogue, as translators edit it (``po``) or compiled (``mo``)."""
    return folder / language / "LC_MESSAGES" / f"rmrp.{suffix}"


def read_catalogue(language: str, folder: Path = PACKAGE_LOCALE_FOLDER) -> Catalog:
    """A language's catalogue as translators left it; a new one where there is none."""
    path = catalogue_path(language, "po", folder)
    if not path.exists():
        return Catalog(locale=language, project="rmrp-analysis")
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    """Bring both files of each language up to date, and name the texts that still want a translation."""
    texts = extracted()
    folders = (PACKAGE_LOCALE_FOLDER, ROOT / "tests" / "packs" / "isles" / "locale", *map(Path, sys.argv[1:]))
    for path in sorted(path for folder in folders for path in folder.glob(f"*/{LANGUAGE_FILE}")):
        if path.parent.name != SOURCE_LANGUAGE:
            update(path.parent.name, path.parents[1], texts)


def update(language: str, folder: Path, texts: Catalog) -> None:
    """Write a language's catalogue with these texts, compile it, and name the texts without a translation.

    A pack's own language need not have all texts: of these, the new ones are named.
    """
    catalogue = read_catalogue(language, folder)
    for message in list(catalogue):
        if message.id not in texts:
            catalogue.delete(message.id)
    added = [message.id for message in texts if message.id and message.id not in catalogue]
    for text in added:
        catalogue.add(text)
    po = catalogue_path(language, "po", folder)
    po.parent.mkdir(exist_ok=True)
    with po.open("wb") as file:
        write_po(file, catalogue, width=100, no_location=True)
    po.with_suffix(".mo").write_bytes(compiled(catalogue))
    missing = [
        message.id
        for message in catalogue
        if not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]
    for text in missing if folder == PACKAGE_LOCALE_FOLDER else [text for text in missing if text in added]:
        print(f"{language}: '{text}' has no translation; write one in {po}")


if __name__ == "__main__":
    main()
