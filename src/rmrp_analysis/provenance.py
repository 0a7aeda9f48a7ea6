"""The origin of the numbers of a sheet (inputs and code by their sha256, method, period), with one short name.

Nothing here depends on the computer, the folder, the day or the person. The same inputs have the same provenance.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rmrp_analysis
from rmrp_analysis.arguments import Period
from rmrp_analysis.method import Method
from rmrp_analysis.packs import pack

if TYPE_CHECKING:
    from rmrp_analysis.plan import Plan, Selection

DISTRIBUTION_NAME = "rmrp-analysis"
OUTPUT_LIBRARIES = (
    *("babel", "fonttools", "matplotlib", "nbconvert", "numpy", "pandas", "pikepdf", "seaborn", "typst"),
    "xlsxwriter",
)
"""The libraries that decide the bytes of a sheet. Another version may give other bytes."""
FOLDERS_WITHOUT_CODE = frozenset({"data", "notebooks", "packs", "params", "__pycache__"})
"""Folders of the package that are no code. A run names the files that it reads from them."""
SINGLE_INPUT_ORIGINS = ("planning", "funding")
"""Origins of a figure that are one input each. Figures of activities follow from all other inputs."""
EDITION_DIGIT_COUNT = 8
"""Hexadecimal digits of the name of an edition."""
OWN_ROUNDING_KEY_TEXT, PACK_ROUNDING_KEY_TEXT = "the project's own", "the pack's name"
"""The owner of the secret that rounds counts of people. The text says nothing about the secret."""
PUBLISHED_SOURCE_FIELDS = ("producer", "url", "as_of", "fetched", "licence", "illustrative")
"""The published fields of an input, as ``sources.yml`` names them."""


@cache
def package_digest() -> str:
    """Return one sha256 of the code files of this package, whatever their line ends. Cached.

    Hidden files and the folders in ``FOLDERS_WITHOUT_CODE`` (data, notebooks, plan packs, parameters) are not in it.
    """
    folder = Path(rmrp_analysis.__file__).parent
    files = {}
    for path in filter(Path.is_file, folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not any(part in FOLDERS_WITHOUT_CODE or part.startswith(".") for part in parts):
            files["/".join(parts)] = path
    return pack.digest_of({name: files[name] for name in sorted(files)})


def code() -> dict[str, str]:
    """Return the package's ``name`` and ``version``, and one ``sha256`` of its code and the plan pack."""
    digests = f"{package_digest()} pack {pack.identity()['sha256']}"
    return {
        "name": DISTRIBUTION_NAME,
        "version": rmrp_analysis.__version__,
        "sha256": hashlib.sha256(digests.encode()).hexdigest(),
    }


@cache
def environment() -> dict[str, str]:
    """Return the versions of the libraries that shape the bytes of a sheet, by name (``OUTPUT_LIBRARIES``)."""
    return {name: version(name) for name in OUTPUT_LIBRARIES}


def about_sources(plan: "Plan") -> dict[str, dict[str, Any]]:
    """Return the published facts of each input (``PUBLISHED_SOURCE_FIELDS``) by its name. Empty fields are left out."""
    return {
        name: source.model_dump(include=set(PUBLISHED_SOURCE_FIELDS), exclude_defaults=True)
        for name, source in plan.sources.items()
    }


def inputs(plan: "Plan") -> list[dict[str, str]]:
    """List every file that was read, with its sha256.

    Keys: ``input`` (the name of its input), ``file`` (its name without a folder), ``sheet`` (only of a workbook),
    ``sha256``.
    """
    facts = []
    for file in plan.inputs:
        sheet = {"sheet": file.sheet} if file.sheet else {}
        facts.append({"input": file.name, "file": file.path.name, **sheet, "sha256": file.sha256})
    return facts


def edition(plan: "Plan", code_sha256: str, *, period: Period, method: Method, audience: str) -> str:
    """Return a short name for all that the numbers of a run follow from, in eight hexadecimal digits.

    The sheets of a run have one edition. Another input, method, period, audience or line of code gives another edition.
    Texts, such as narratives, are not in it.
    """
    sources = plan.sources.items()
    facts = {
        "code": code_sha256,
        "inputs": inputs(plan),
        "sources": {name: item.model_dump(mode="json", exclude={"file", "files", "sha256"}) for name, item in sources},
        "period": period.model_dump(mode="json"),
        "method": method.describe_for(plan.year.year, repairs=plan.repairs, audience=audience),
    }
    return digest(facts)[:EDITION_DIGIT_COUNT]


def digest(facts: Any) -> str:
    """Return the sha256 of facts that JSON can hold, whatever the order of their names."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def provenance(selection: "Selection", *, audience: str) -> dict[str, Any]:
    """Return the edition, code and inputs (with sha256, producer and date) of a sheet, as its JSON has them."""
    plan = selection.plan
    sources, facts = about_sources(plan), code()
    return {
        "edition": edition(plan, facts["sha256"], period=selection.period, method=selection.method, audience=audience),
        "code": facts,
        "inputs": [
            {**file, "producer": sources[file["input"]]["producer"], "as_of": sources[file["input"]].get("as_of", "")}
            for file in inputs(plan)
        ],
    }


def inputs_of_figures(selection: "Selection") -> dict[str, list[str]]:
    """Return the names of the inputs that each figure follows from, by figure.

    An unknown figure has none. A share or difference follows from the inputs of its parts. A figure of activities
    follows from every list that activities are joined with, too.
    """
    from rmrp_analysis.figures import FIGURES  # what a run follows from is known without tables

    names = list(dict.fromkeys(file.name for file in selection.plan.inputs))
    rows = selection.table()
    origins = rows["origin"].where(rows["reason"] == "", "").groupby(rows["figure"]).first()
    lists: dict[str, list[str]] = {}
    for name, figure in FIGURES.items():
        if figure.count is None:
            needed = {*lists[figure.part], *lists[figure.whole]}
        elif origins[name] in ("", *SINGLE_INPUT_ORIGINS):
            needed = {origins[name]}
        else:
            needed = {*names} - {*SINGLE_INPUT_ORIGINS}
        lists[name] = [item for item in names if item in needed]
    return lists
