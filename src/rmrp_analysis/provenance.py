"""What the numbers of a sheet follow from: inputs and code by their sha256, method, period; and one short name for all.

Nothing here depends on the computer, the folder, the day or the person: the same inputs have the same provenance.
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
"""The name of this package's distribution."""
OUTPUT_LIBRARIES = (
    *("babel", "fonttools", "matplotlib", "nbconvert", "numpy", "pandas", "pikepdf", "seaborn", "typst"),
    "xlsxwriter",
)
"""Of other versions of these, the same sheet may be other bytes."""
FOLDERS_WITHOUT_CODE = frozenset({"data", "notebooks", "packs", "params", "__pycache__"})
"""Folders that lie in the package and are no code: a run names what it reads of them."""
SINGLE_INPUT_ORIGINS = ("planning", "funding")
"""Origins of a figure that are one input each; what is counted of activities follows from all other inputs."""
EDITION_DIGIT_COUNT = 8
"""Hexadecimal digits of the name of an edition."""
OWN_ROUNDING_KEY_TEXT, PACK_ROUNDING_KEY_TEXT = "the project's own", "the pack's name"
"""Whose secret rounds counts of people; nothing follows of the secret."""
PUBLISHED_SOURCE_FIELDS = ("producer", "url", "as_of", "fetched", "licence", "illustrative")
"""What is published of an input, as ``sources.yml`` names it."""


@cache
def package_digest() -> str:
    """Return one sha256 of the code files of this package, whatever their line ends. Cached.

    Hidden files and the folders in ``FOLDERS_WITHOUT_CODE`` (data, notebooks, plan packs, parameters) are not in it.
    """
    package_folder = Path(rmrp_analysis.__file__).parent
    file_path_by_name = {
        file_path.relative_to(package_folder).as_posix(): file_path
        for file_path in package_folder.rglob("*")
        if file_path.is_file()
    }
    is_code_by_name = {
        file_name: not any(
            path_part in FOLDERS_WITHOUT_CODE or path_part.startswith(".") for path_part in file_name.split("/")
        )
        for file_name in file_path_by_name
    }
    return pack.digest_of(
        {
            file_name: file_path_by_name[file_name]
            for file_name in sorted(file_path_by_name)
            if is_code_by_name[file_name]
        }
    )


def code() -> dict[str, str]:
    """Return the package's ``name`` and ``version``, and one ``sha256`` of its code and the plan pack."""
    code_and_pack_digest_text = f"{package_digest()} pack {pack.identity()['sha256']}"
    return {
        "name": DISTRIBUTION_NAME,
        "version": rmrp_analysis.__version__,
        "sha256": hashlib.sha256(code_and_pack_digest_text.encode()).hexdigest(),
    }


@cache
def environment() -> dict[str, str]:
    """Return the versions of the libraries that shape the bytes of a sheet, by name (``OUTPUT_LIBRARIES``)."""
    return {library_name: version(library_name) for library_name in OUTPUT_LIBRARIES}


def about_sources(plan: "Plan") -> dict[str, dict[str, Any]]:
    """Return what is published of each input (``PUBLISHED_SOURCE_FIELDS``) by its name; empty fields are left out."""
    return {
        input_name: input_source.model_dump(include=set(PUBLISHED_SOURCE_FIELDS), exclude_defaults=True)
        for input_name, input_source in plan.sources.items()
    }


def inputs(plan: "Plan") -> list[dict[str, str]]:
    """List every file that was read, with its sha256.

    Keys: ``input``, the name of its input; ``file``, its own without a folder; ``sheet`` of a workbook; ``sha256``.
    """
    return [
        {
            "input": input_file.name,
            "file": input_file.path.name,
            **({"sheet": input_file.sheet} if input_file.sheet else {}),
        }
        | {"sha256": input_file.sha256}
        for input_file in plan.inputs
    ]


def edition(plan: "Plan", code_sha256: str, *, period: Period, method: Method, audience: str) -> str:
    """Return a short name for all that the numbers of a run follow from.

    The sheets of a run have one edition. Eight hexadecimal digits: another input, method, period, audience or line of
    code gives another edition. Texts, such as narratives, are not in it.
    """
    method_text = method.describe_for(plan.year.year, repairs=plan.repairs, audience=audience)
    edition_fact_dict = {
        "code": code_sha256,
        "inputs": inputs(plan),
        "sources": {
            input_name: input_source.model_dump(mode="json", exclude={"file", "files", "sha256"})
            for input_name, input_source in plan.sources.items()
        },
        "period": period.model_dump(mode="json"),
        "method": method_text,
    }
    return digest(edition_fact_dict)[:EDITION_DIGIT_COUNT]


def digest(facts: Any) -> str:
    """Return the sha256 of facts that JSON can hold, their names in any order."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def provenance(selection: "Selection", *, audience: str) -> dict[str, Any]:
    """Return the edition, code and inputs of a sheet, as its JSON has them.

    The inputs have sha256, producer and date.
    """
    plan = selection.plan
    source_facts_by_input, code_facts = about_sources(plan), code()
    return {
        "edition": edition(
            plan, code_facts["sha256"], period=selection.period, method=selection.method, audience=audience
        ),
        "code": code_facts,
        "inputs": [
            {
                **input_fact_dict,
                "producer": source_facts_by_input[input_fact_dict["input"]]["producer"],
                "as_of": source_facts_by_input[input_fact_dict["input"]].get("as_of", ""),
            }
            for input_fact_dict in inputs(plan)
        ],
    }


def inputs_of_figures(selection: "Selection") -> dict[str, list[str]]:
    """Return the names of the inputs that each figure follows from, by its name.

    A figure that is not known has none. A share or difference follows from the inputs of its parts. What is counted of
    activities follows from every list that activities are joined with, too.
    """
    from rmrp_analysis.figures import FIGURES  # what a run follows from is known without tables

    input_names = list(dict.fromkeys(input_file.name for input_file in selection.plan.inputs))
    figure_rows_table = selection.table()
    origin_series_by_figure = (
        figure_rows_table["origin"]
        .where(figure_rows_table["reason"] == "", "")
        .groupby(figure_rows_table["figure"])
        .first()
    )
    input_name_lists_by_figure: dict[str, list[str]] = {}
    for figure_name, figure_definition in FIGURES.items():
        if figure_definition.count is None:
            inputs_of_figure = {
                *input_name_lists_by_figure[figure_definition.part],
                *input_name_lists_by_figure[figure_definition.whole],
            }
        else:
            inputs_of_figure = (
                {origin_series_by_figure[figure_name]}
                if origin_series_by_figure[figure_name] in ("", *SINGLE_INPUT_ORIGINS)
                else {*input_names} - {*SINGLE_INPUT_ORIGINS}
            )
        input_name_lists_by_figure[figure_name] = [
            input_name for input_name in input_names if input_name in inputs_of_figure
        ]
    return input_name_lists_by_figure
