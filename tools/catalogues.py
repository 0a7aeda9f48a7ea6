"""Finds the texts that sheets translate, brings the catalogues up to date and compiles them: ``make words``."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rmrp_analysis import pack
from rmrp_analysis.figures import BREAKDOWNS
from rmrp_analysis.quality import CHECKS, REPAIRS
from rmrp_analysis.vocabulary import INDICATOR_TYPES, REGIONAL
from rmrp_analysis.words import LOCALE_FOLDER

ROOT = Path(__file__).parents[1]
FORMATS = [("**.py", "python"), ("theme/templates/**.j2", "jinja2.ext:babel_extract")]
KEYWORDS = {"words": None, "N_": None, "plural": (1, 2), "show": None, "tell": None, "alert": None, "note": None}
"""The calls whose texts are translated: on sheets, where they are declared, with a count; messages of commands."""


def extracted() -> Catalog:
    """Every text that is translated: of the code, of the templates, and of lists that are data."""
    texts = Catalog()
    for *_, text, _, _ in extract_from_dir(ROOT / "src" / "rmrp_analysis", FORMATS, keywords=KEYWORDS, comment_tags=()):
        texts.add(text)
    for text in _listed():
        texts.add(text)
    return texts


def _listed() -> Iterator[str]:
    """The texts that stand in CSV and YAML files, and those that checks and repairs say of themselves."""
    yield from (REGIONAL, *INDICATOR_TYPES)
    for breakdown in BREAKDOWNS.values():
        yield from (breakdown.label, breakdown.tab)
    yield from (check.sentence for check in CHECKS.values())
    yield from (repair.sentence for repair in REPAIRS.values())
    yield from (check.allowed for check in CHECKS.values() if check.allowed != "{expected}")
    yield pack.about().indicators
    yield "invented for illustration"  # the producer of such inputs, in sources.yml


def catalogue_path(language: str, suffix: str) -> Path:
    """A language's catalogue, as translators edit it (``po``) or compiled (``mo``)."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"rmrp.{suffix}"


def read_catalogue(language: str) -> Catalog:
    """A language's catalogue as translators left it."""
    with catalogue_path(language, "po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main() -> None:
    """Bring both files of each language up to date, and name the texts that still want a translation."""
    texts = extracted()
    for language in sorted(folder.name for folder in LOCALE_FOLDER.iterdir()):
        catalogue = read_catalogue(language)
        for message in list(catalogue):
            if message.id not in texts:
                catalogue.delete(message.id)
        for message in texts:
            if message.id and message.id not in catalogue:
                catalogue.add(message.id)
        with catalogue_path(language, "po").open("wb") as file:
            write_po(file, catalogue, width=100, no_location=True)
        catalogue_path(language, "mo").write_bytes(compiled(catalogue))
        for message in catalogue:
            if not (all(message.string) if isinstance(message.string, tuple) else message.string):
                print(f"{language}: '{message.id}' has no translation; write one in {catalogue_path(language, 'po')}")


if __name__ == "__main__":
    main()
