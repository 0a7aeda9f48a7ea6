"""Prints the page on messages in each language, from the code and ``docs/messages.csv``: ``make words``."""

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from catalogues import read_catalogue
from rmrp_analysis.page.formatter import WORDS_BY_KIND as WORDS_OF_PAGES
from rmrp_analysis.quality.checks import SENTENCES_BY_KIND as WORDS_OF_CHECKS
from sentences import FOR_ANALYSTS, FOR_MACHINES, FOR_OFFICERS, SOURCE, call_name, is_sentence, pattern_of

ROOT = Path(__file__).parents[1]
EXPLANATIONS = ROOT / "docs" / "messages.csv"
PAGES = {"en": ROOT / "docs" / "messages.md", "es": ROOT / "docs" / "es" / "messages.md"}
TELLS = {"RequestError", "InputRefused", "HalfAnswer", "ReportFailed", "ReportRefused", "ReportHeld", "Fault"}
TELLS |= {"refusal", "alert"}
"""The calls by which something is refused or warned of."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "command": ("commands/cli.py", "commands/help.py", "commands/options.py"),
    "new": (
        *("commands/new.py", "commands/next_month.py", "commands/notebooks.py", "commands/inputs.py"),
        "commands/sample/",
    ),
    "files": ("loaders/", "sources.py", "files.py"),
    "params": (
        *("params.py", "arguments.py", "method.py", "yaml_text.py", "vocabulary/names.py"),
        *("metrics/", "plan.py", "quality/"),
    ),
    "texts": ("page/",),
    "check": ("commands/check.py", "condition"),
    "caution": ("caution",),
    "run": (
        "commands/run.py",
        "commands/month.py",
        "commands/sheets.py",
        "commands/summary.py",
        "commands/figures.py",
        "publish/run/",
        "publish/records/",
        "publish/documents/",
        "publish/engine/exec",
    ),
    "compare": ("publish/proof/", "publish/comparison/", "figures/trace.py"),
    "fetch": ("fetch/", "commands/fetch.py"),
}
"""Where a message is met, by the rooms of the code and the kinds of words that say it."""
LEFT_OUT = ("packs/", "vocabulary/years.py", "publish/engine/cluster.py")
"""Rooms whose messages only the makers of plan packs and clusters meet."""
TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Messages you may meet",
        "opening": "What commands and pages say when something is wrong or in doubt, what it means, and what to do. "
        "`…` stands for a name, a number or a file. Messages are in the first language of the project; look for a few "
        "of their words. A message of Python with the word `Traceback` is an error of ours: please send it.",
        "command": "The command itself",
        "new": "`rmrp new`, `rmrp next`, `rmrp sample`",
        "files": "Reading files",
        "params": "Parameter files and options",
        "texts": "Texts (narratives)",
        "check": "`rmrp check`: what stops a run",
        "caution": "Cautions beside a number",
        "run": "`rmrp run`, `rmrp month`, `rmrp figures`, `rmrp verify`",
        "compare": "`rmrp diff`, `rmrp proof`, `rmrp trace`",
        "fetch": "`rmrp fetch`",
        "header": "| it says | it means | what to do |",
        "plain": "These say themselves what to do:",
        "note": "<!-- Made by tools/messages_page.py; what stands in the tables is written in docs/messages.csv. -->",
    },
    "es": {
        "title": "Mensajes que puede encontrar",
        "opening": "Qué dicen los comandos y las páginas cuando algo está mal o en duda, qué significa y qué hacer. "
        "`…` está en lugar de un nombre, un número o un archivo. Los mensajes están en el primer idioma del proyecto; "
        "busque algunas de sus palabras. Un mensaje de Python con la palabra `Traceback` es un error nuestro: "
        "envíelo, por favor.",
        "command": "El comando mismo",
        "new": "`rmrp new`, `rmrp next`, `rmrp sample`",
        "files": "Lectura de archivos",
        "params": "Archivos de parámetros y opciones",
        "texts": "Textos",
        "check": "`rmrp check`: lo que detiene una ejecución",
        "caution": "Advertencias junto a una cifra",
        "run": "`rmrp run`, `rmrp month`, `rmrp figures`, `rmrp verify`",
        "compare": "`rmrp diff`, `rmrp proof`, `rmrp trace`",
        "fetch": "`rmrp fetch`",
        "header": "| dice | significa | qué hacer |",
        "plain": "Estos mensajes ya dicen qué hacer:",
        "note": "<!-- Hecho por tools/messages_page.py; lo que está en las tablas se escribe en docs/messages.csv. -->",
    },
}
ADVICE = re.compile(
    r"; |\. [A-Z]|\ballowed\b|: (?:did|write|take|put|split|add)\b|, or |\{(?:did_you_mean|advice|how_to)\}"
)
"""A message with such a part says itself what to do."""
_SLOT = re.compile(r"\{[\w:,]*\}")


def messages() -> dict[str, list[str]]:
    """Return what an officer may be told is wrong or in doubt, by group."""
    told = dict.fromkeys([*_of_code(), *_of_words()])
    groups: dict[str, list[str]] = {
        group: [text for room, text in told if room.startswith(rooms)] for group, rooms in GROUPS.items()
    }
    return {group: list(dict.fromkeys(texts)) for group, texts in groups.items()}


def needs_explanation(group: str, text: str) -> bool:
    """Whether a message must be explained: each condition and caution, and what does not say itself what to do."""
    return group == "caution" or text in WORDS_OF_CHECKS["condition"].values() or not ADVICE.search(text)


def _of_code() -> Iterator[tuple[str, str]]:
    """Give each text that is raised, yielded as a fault or alerted, with its room."""
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).as_posix()
        if room.startswith(FOR_MACHINES) or (room.startswith(FOR_ANALYSTS) and room not in FOR_OFFICERS):
            continue
        module = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
        constants = _constants(module)
        for argument in (each for call in calls if call_name(call.func) in TELLS for each in call.args):
            if isinstance(argument, ast.Call) and call_name(argument.func) == "translate":
                argument = argument.args[0]
            argument = constants.get(getattr(argument, "id", ""), argument)
            text = pattern_of(argument) if isinstance(argument, ast.JoinedStr) else getattr(argument, "value", "")
            if isinstance(text, str) and is_sentence(text) and _SLOT.sub("", text).strip(" :.,;()"):
                yield room, text


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    """Return the texts of a module's constants, ``NAME = N_("…")``, by name."""
    assigned = [node for node in module.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    return {
        getattr(node.targets[0], "id", ""): node.value.args[0]
        for node in assigned
        if isinstance(node.value, ast.Call) and call_name(node.value.func) == "N_"
    }


def _of_words() -> Iterator[tuple[str, str]]:
    """Give the sentences of conditions and of cautions."""
    conditions, cautions = WORDS_OF_CHECKS["condition"], WORDS_OF_PAGES["caution"]
    yield from (("condition", text) for text in conditions.values() if _SLOT.sub("", text))
    yield from (("caution", text) for text in cautions.values())


def explanations() -> dict[str, dict[str, str]]:
    """Read what messages mean and what to do, by message: ``meaning_en``, ``do_en``, ``meaning_es``, ``do_es``."""
    with EXPLANATIONS.open(encoding="utf-8", newline="") as file:
        return {row["message"]: row for row in csv.DictReader(file)}


def page(language: str) -> str:
    """The page of a language."""
    texts, explained = TEXTS[language], explanations()
    catalogue = None if language == "en" else read_catalogue(language)
    parts = [f"# {texts['title']}", texts["opening"], texts["note"]]
    for group, told in messages().items():
        said = {text: _shown(catalogue[text].string if catalogue else text) for text in told}
        rows = [
            f"| {said[text]} | {explained[text][f'meaning_{language}']} | {explained[text][f'do_{language}']} |"
            for text in told
            if text in explained
        ]
        plain = [f"- {said[text]}" for text in told if text not in explained]
        parts.append(f"## {texts[group]}")
        parts += ["\n".join((texts["header"], "|---|---|---|", *rows))] * bool(rows)
        parts += [texts["plain"], "\n".join(plain)] * bool(plain)
    return "\n\n".join(parts) + "\n"


def _shown(text: object) -> str:
    """A message as text of Markdown, with ``…`` for what is filled in."""
    text = _SLOT.sub("…", str(text)).replace("`", "")
    return re.sub(r"([\\|*<>\[\]_{}])", r"\\\1", " ".join(text.split()))


def main() -> None:
    """Write the page of each language."""
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    main()
