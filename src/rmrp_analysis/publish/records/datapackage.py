"""The CSV files of a run described as a Data Package, so that other programs can fetch them to read.

Version 2.0 of the standard: https://datapackage.org/standard/data-package/
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from rmrp_analysis.figures import BREAKDOWNS, FIGURES
from rmrp_analysis.files import csv_delimiter
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.packs import pack
from rmrp_analysis.page.data_tables import DATA_COLUMNS
from rmrp_analysis.provenance import PACKAGE
from rmrp_analysis.publish.records.data_set import latest_source_day
from rmrp_analysis.publish.records.figures import ALLOWED, COLUMNS, PLACE_KEY, PLACES_FILE
from rmrp_analysis.publish.records.manifest import FileRecord, Manifest
from rmrp_analysis.words import INTERNAL_MARK, Translator

DATAPACKAGE = "datapackage.json"
PROFILES = "https://datapackage.org/profiles/2.0"
FIGURES_FILE = "figures.csv"
TITLES: Mapping[str, str] = dict(pack.texts_of("files.csv", "name", "title", within=Path(__file__).parent))
"""What each file of a run is, but for those of its sheets."""
PLACE_OF_FIGURES = {"fields": ["platform"], "reference": {"resource": "places", "fields": ["key"]}}
UNKNOWN = "not stated"
"""The licence of an input that states none."""
AS_SENT = pack.CsvColumn(name="as sent", meaning="A column of the file, as it was sent")

Descriptor = dict[str, Any]


def describe_datapackage(manifest: Manifest, folder: Path) -> Descriptor:
    """Give the content of ``datapackage.json``, from that of ``run.json``: every CSV file with its columns and sha256.

    It holds no folder, and no time but the last day of the sources, so that the same run has the same. Names of columns
    are those in the files.
    """
    languages = manifest.languages
    names = sorted(
        filter(lambda name: name.endswith(".csv"), manifest.files), key=lambda name: (name in languages, name)
    )
    internal = f" {INTERNAL_MARK}." if manifest.audience == "internal" else ""
    day = latest_source_day(manifest.sources.values())
    licences: dict[str, list[str]] = {}
    for name, about in manifest.sources.items():
        licences.setdefault(about.licence or UNKNOWN, []).append(name)
    stated = [  # the run states none of its own
        {"name": re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII), "title": f"{name} ({', '.join(inputs)})"}
        for name, inputs in licences.items()
    ]
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": manifest.run,
        "id": str(uuid5(NAMESPACE_URL, f"{PACKAGE}/{manifest.run}/{manifest.edition}")),
        **({"created": f"{day}T00:00:00Z"} if day else {}),
        **({"licenses": stated} if stated else {}),
        "title": manifest.title,
        "description": f"The figures of the run {manifest.run}, edition {manifest.edition}.{internal}",
        "version": manifest.edition,
        "audience": manifest.audience,
        "period": manifest.period.model_dump(),
        "sources": [
            {
                "title": f"{name}: {about.producer}",
                **({"path": about.web_address} if about.web_address else {}),
                **about.model_dump(include={"as_of", "licence", "illustrative"}, exclude_defaults=True),
            }
            for name, about in manifest.sources.items()
        ],
        "resources": [_resource(name, languages.get(name, ""), manifest.files[name], folder) for name in names],
    }


def _resource(name: str, language: str, described: FileRecord, folder: Path) -> Descriptor:
    """One CSV file; that of a sheet has a language, and is in the dialect of its spreadsheet programs."""
    decimal = declared(language).decimal if language else "."
    delimiter = csv_delimiter(decimal)
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=delimiter), [])
    title, columns = TITLES.get(name, ""), COLUMNS.get(name, {})
    if language and not title:
        title = f"The figures of the sheet {name.removesuffix('.csv')}, in {declared(language).name}"
        columns = {Translator(language)(column.header): column for column in DATA_COLUMNS.values()}
    fields: list[Descriptor] = []
    for column in header:
        known = columns.get(column, AS_SENT)
        constraints = {"enum": list(ALLOWED[known.allowed]), "required": bool(known.required)}
        facts = {
            "unit": known.unit,
            "constraints": {name: rule for name, rule in constraints.items() if rule},
            "decimalChar": decimal if known.type == "number" and decimal != "." else "",
        }
        fields.append({"name": column, "type": known.type, "description": known.meaning})
        fields[-1] |= {name: fact for name, fact in facts.items() if fact}
    schema: Descriptor = {"$schema": f"{PROFILES}/tableschema.json", "fields": fields, "missingValues": [""]}
    if name == FIGURES_FILE:
        labels = {each: about.label for each, about in FIGURES.items()}
        labels |= {each: about.label.format(level="first administrative level") for each, about in BREAKDOWNS.items()}
        (figure,) = (field for field in fields if field["name"] == "figure")
        figure["categories"] = [{"value": each, "label": label} for each, label in labels.items()]
        schema["foreignKeys"] = [PLACE_OF_FIGURES]
        schema["rules"] = {each: about.rule for each, about in FIGURES.items()}
    if name == PLACES_FILE:
        schema["uniqueKeys"] = [list(PLACE_KEY)]
    return {
        "name": name.removesuffix(".csv"),
        "path": name,
        "type": "table",
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"$schema": f"{PROFILES}/tabledialect.json", "delimiter": delimiter},
        "bytes": described.bytes,
        "hash": f"sha256:{described.sha256}",
        "schema": schema,
    }
