"""Describe the CSV files of a run as a Data Package, so that other programs can fetch and read them.

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
from rmrp_analysis.page.data_tables import DATA_COLUMN_BY_NAME
from rmrp_analysis.provenance import DISTRIBUTION_NAME
from rmrp_analysis.publish.records.data_set import latest_source_day
from rmrp_analysis.publish.records.figures import (
    ALLOWED_VALUES_BY_LIST,
    COLUMNS_BY_FILE,
    PLACE_KEY_COLUMNS,
    PLACES_FILE,
)
from rmrp_analysis.publish.records.manifest import FileRecord, Manifest
from rmrp_analysis.words import INTERNAL_MARK, Translator

DATAPACKAGE_FILE = "datapackage.json"
PROFILES_ADDRESS = "https://datapackage.org/profiles/2.0"
FIGURES_FILE = "figures.csv"
TITLE_BY_FILE: Mapping[str, str] = dict(pack.texts_of("files.csv", "name", "title", within=Path(__file__).parent))
"""The titles of the files of a run, without the files of sheets."""
PLACE_FOREIGN_KEY = {"fields": ["platform"], "reference": {"resource": "places", "fields": ["key"]}}
"""The column ``platform`` of ``figures.csv`` refers to the column ``key`` of ``places.csv``."""
UNKNOWN_LICENCE = "not stated"
UNKNOWN_COLUMN_DEFINITION = pack.CsvColumn(name="as sent", meaning="A column of the file, as it was sent")
"""The description of a column that the package does not know."""

Descriptor = dict[str, Any]
"""A part of a Data Package in the form of the standard, for JSON."""


def describe_datapackage(manifest: Manifest, folder: Path) -> Descriptor:
    """Make the content of ``datapackage.json``, on every CSV file of a run, from the content of ``run.json``.

    Each file has its sha256, and its columns with their names in the file. The content names no folder, and no time but
    the last day of the sources. The same run gives the same content.
    """
    languages = manifest.languages
    tables = [name for name in manifest.files if name.endswith(".csv")]
    names = sorted(tables, key=lambda name: (name in languages, name))
    internal = f" {INTERNAL_MARK}." if manifest.audience == "internal" else ""
    day = latest_source_day(manifest.sources.values())
    licences: dict[str, list[str]] = {}
    for name, source in manifest.sources.items():
        licences.setdefault(source.licence or UNKNOWN_LICENCE, []).append(name)
    entries = [  # the run states no resources itself
        {"name": re.sub(r"[^\w.-]+", "-", licence, flags=re.ASCII), "title": f"{licence} ({', '.join(inputs)})"}
        for licence, inputs in licences.items()
    ]
    sources = [
        {
            "title": f"{name}: {source.producer}",
            **({"path": source.web_address} if source.web_address else {}),
            **source.model_dump(include={"as_of", "licence", "illustrative"}, exclude_defaults=True),
        }
        for name, source in manifest.sources.items()
    ]
    return {
        "$schema": f"{PROFILES_ADDRESS}/datapackage.json",
        "name": manifest.run,
        "id": str(uuid5(NAMESPACE_URL, f"{DISTRIBUTION_NAME}/{manifest.run}/{manifest.edition}")),
        **({"created": f"{day}T00:00:00Z"} if day else {}),
        **({"licenses": entries} if entries else {}),
        "title": manifest.title,
        "description": f"The figures of the run {manifest.run}, edition {manifest.edition}.{internal}",
        "version": manifest.edition,
        "audience": manifest.audience,
        "period": manifest.period.model_dump(),
        "sources": sources,
        "resources": [
            _describe_resource(name, languages.get(name, ""), manifest.files[name], folder) for name in names
        ],
    }


def _describe_resource(file_name: str, language: str, file_record: FileRecord, folder: Path) -> Descriptor:
    """Describe one CSV file with the columns of its first line, in the format of its language."""
    decimal = declared(language).decimal if language else "."
    delimiter = csv_delimiter(decimal)
    with (folder / file_name).open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=delimiter), [])
    title, columns = TITLE_BY_FILE.get(file_name, ""), COLUMNS_BY_FILE.get(file_name, {})
    if language and not title:
        title = f"The figures of the sheet {file_name.removesuffix('.csv')}, in {declared(language).name}"
        columns = {Translator(language)(column.header): column for column in DATA_COLUMN_BY_NAME.values()}
    fields = [_describe_field(name, columns.get(name, UNKNOWN_COLUMN_DEFINITION), decimal) for name in header]
    schema: Descriptor = {"$schema": f"{PROFILES_ADDRESS}/tableschema.json", "fields": fields, "missingValues": [""]}
    if file_name == FIGURES_FILE:
        level = "first administrative level"
        labels = {name: definition.label for name, definition in FIGURES.items()}
        labels |= {name: definition.label.format(level=level) for name, definition in BREAKDOWNS.items()}
        (figure,) = (field for field in fields if field["name"] == "figure")
        figure["categories"] = [{"value": name, "label": label} for name, label in labels.items()]
        schema["foreignKeys"] = [PLACE_FOREIGN_KEY]
        schema["rules"] = {name: definition.rule for name, definition in FIGURES.items()}
    if file_name == PLACES_FILE:
        schema["uniqueKeys"] = [list(PLACE_KEY_COLUMNS)]
    return {
        "name": file_name.removesuffix(".csv"),
        "path": file_name,
        "type": "table",
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"$schema": f"{PROFILES_ADDRESS}/tabledialect.json", "delimiter": delimiter},
        "bytes": file_record.bytes,
        "hash": f"sha256:{file_record.sha256}",
        "schema": schema,
    }


def _describe_field(column_name: str, column_definition: pack.CsvColumn, decimal_sign: str) -> Descriptor:
    """Describe one column of a CSV file. Properties that it does not have are left out."""
    constraints = {
        "enum": list(ALLOWED_VALUES_BY_LIST[column_definition.allowed]),
        "required": bool(column_definition.required),
    }
    facts = {
        "unit": column_definition.unit,
        "constraints": {name: rule for name, rule in constraints.items() if rule},
        "decimalChar": decimal_sign if column_definition.type == "number" and decimal_sign != "." else "",
    }
    return {
        "name": column_name,
        "type": column_definition.type,
        "description": column_definition.meaning,
        **{name: fact for name, fact in facts.items() if fact},
    }
