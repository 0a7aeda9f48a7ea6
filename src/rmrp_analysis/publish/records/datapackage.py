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
"""The file name of the description of a run's CSV files."""
PROFILES_ADDRESS = "https://datapackage.org/profiles/2.0"
"""The address of the standard's schemas."""
FIGURES_FILE = "figures.csv"
"""The file name of the table of all figures of a run."""
TITLE_BY_FILE: Mapping[str, str] = dict(pack.texts_of("files.csv", "name", "title", within=Path(__file__).parent))
"""The title of each file of a run by its name; files of sheets have none here."""
PLACE_FOREIGN_KEY = {"fields": ["platform"], "reference": {"resource": "places", "fields": ["key"]}}
"""The column ``platform`` of ``figures.csv`` refers to the column ``key`` of ``places.csv``."""
UNKNOWN_LICENCE = "not stated"
"""What is written for the licence of an input that states none."""
UNKNOWN_COLUMN_DEFINITION = pack.CsvColumn(name="as sent", meaning="A column of the file, as it was sent")
"""The description of a column that the package does not know."""

Descriptor = dict[str, Any]
"""A part of a Data Package as the standard has it, for JSON."""


def describe_datapackage(manifest: Manifest, folder: Path) -> Descriptor:
    """Describe every CSV file of a run as the content of ``datapackage.json``, from that of ``run.json``.

    Each file has its columns, under their names in the file, and its sha256. The content holds no folder, and no time
    but the last day of the sources, so that the same run gives the same content.
    """
    languages = manifest.languages
    names = sorted(
        filter(lambda file_name: file_name.endswith(".csv"), manifest.files),
        key=lambda file_name: (file_name in languages, file_name),
    )
    internal = f" {INTERNAL_MARK}." if manifest.audience == "internal" else ""
    day = latest_source_day(manifest.sources.values())
    licences: dict[str, list[str]] = {}
    for name, about in manifest.sources.items():
        licences.setdefault(about.licence or UNKNOWN_LICENCE, []).append(name)
    licence_entries = [  # the run states none of its own
        {
            "name": re.sub(r"[^\w.-]+", "-", licence_name, flags=re.ASCII),
            "title": f"{licence_name} ({', '.join(inputs)})",
        }
        for licence_name, inputs in licences.items()
    ]
    return {
        "$schema": f"{PROFILES_ADDRESS}/datapackage.json",
        "name": manifest.run,
        "id": str(uuid5(NAMESPACE_URL, f"{DISTRIBUTION_NAME}/{manifest.run}/{manifest.edition}")),
        **({"created": f"{day}T00:00:00Z"} if day else {}),
        **({"licenses": licence_entries} if licence_entries else {}),
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
        "resources": [
            _describe_resource(file_name, languages.get(file_name, ""), manifest.files[file_name], folder)
            for file_name in names
        ],
    }


def _describe_resource(file_name: str, language: str, file_record: FileRecord, folder: Path) -> Descriptor:
    """Describe one CSV file, with the columns that its first line names; a sheet's is in the format of its language.

    ``figures.csv`` also has the labels and rules of its figures, ``places.csv`` its key. An unknown column has the
    definition ``UNKNOWN_COLUMN_DEFINITION``.
    """
    decimal = declared(language).decimal if language else "."
    delimiter = csv_delimiter(decimal)
    with (folder / file_name).open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file, delimiter=delimiter), [])
    title, columns = TITLE_BY_FILE.get(file_name, ""), COLUMNS_BY_FILE.get(file_name, {})
    if language and not title:
        title = f"The figures of the sheet {file_name.removesuffix('.csv')}, in {declared(language).name}"
        columns = {Translator(language)(column.header): column for column in DATA_COLUMN_BY_NAME.values()}
    fields = [
        _describe_field(column_name, columns.get(column_name, UNKNOWN_COLUMN_DEFINITION), decimal)
        for column_name in header
    ]
    schema: Descriptor = {"$schema": f"{PROFILES_ADDRESS}/tableschema.json", "fields": fields, "missingValues": [""]}
    if file_name == FIGURES_FILE:
        labels = {figure_name: about.label for figure_name, about in FIGURES.items()}
        labels |= {
            figure_name: about.label.format(level="first administrative level")
            for figure_name, about in BREAKDOWNS.items()
        }
        (figure,) = (field for field in fields if field["name"] == "figure")
        figure["categories"] = [{"value": figure_name, "label": label} for figure_name, label in labels.items()]
        schema["foreignKeys"] = [PLACE_FOREIGN_KEY]
        schema["rules"] = {figure_name: about.rule for figure_name, about in FIGURES.items()}
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
    """Describe one column of a CSV file: its type, meaning and, where it has them, unit, constraints, decimal sign."""
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
        **{property_name: property_value for property_name, property_value in facts.items() if property_value},
    }
