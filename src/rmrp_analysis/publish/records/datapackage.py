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
"""The title of each file of a run by its name; files of sheets have none here."""
PLACE_FOREIGN_KEY = {"fields": ["platform"], "reference": {"resource": "places", "fields": ["key"]}}
UNKNOWN = "not stated"
"""What is written for the licence of an input that states none."""
COLUMN_AS_SENT = pack.CsvColumn(name="as sent", meaning="A column of the file, as it was sent")

Descriptor = dict[str, Any]


def describe_datapackage(manifest: Manifest, folder: Path) -> Descriptor:
    """Describe every CSV file of a run as the content of ``datapackage.json``, from that of ``run.json``.

    Each file has its columns, under their names in the file, and its sha256. The content holds no folder, and no time
    but the last day of the sources, so that the same run gives the same content.
    """
    languages = manifest.languages
    names = sorted(
        filter(lambda name: name.endswith(".csv"), manifest.files), key=lambda name: (name in languages, name)
    )
    internal = f" {INTERNAL_MARK}." if manifest.audience == "internal" else ""
    day = latest_source_day(manifest.sources.values())
    licences: dict[str, list[str]] = {}
    for name, source in manifest.sources.items():
        licences.setdefault(source.licence or UNKNOWN, []).append(name)
    licence_entries = [  # the run states none of its own
        {"name": re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII), "title": f"{name} ({', '.join(inputs)})"}
        for name, inputs in licences.items()
    ]
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": manifest.run,
        "id": str(uuid5(NAMESPACE_URL, f"{PACKAGE}/{manifest.run}/{manifest.edition}")),
        **({"created": f"{day}T00:00:00Z"} if day else {}),
        **({"licenses": licence_entries} if licence_entries else {}),
        "title": manifest.title,
        "description": f"The figures of the run {manifest.run}, edition {manifest.edition}.{internal}",
        "version": manifest.edition,
        "audience": manifest.audience,
        "period": manifest.period.model_dump(),
        "sources": [
            {
                "title": f"{name}: {source.producer}",
                **({"path": source.web_address} if source.web_address else {}),
                **source.model_dump(include={"as_of", "licence", "illustrative"}, exclude_defaults=True),
            }
            for name, source in manifest.sources.items()
        ],
        "resources": [
            _describe_resource(name, languages.get(name, ""), manifest.files[name], folder) for name in names
        ],
    }


def _describe_resource(name: str, language: str, file_record: FileRecord, folder: Path) -> Descriptor:
    """Describe one CSV file of the folder; a sheet's is in the format of its language."""
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
        meaning = columns.get(column, COLUMN_AS_SENT)
        constraints = {"enum": list(ALLOWED[meaning.allowed]), "required": bool(meaning.required)}
        facts = {
            "unit": meaning.unit,
            "constraints": {name: rule for name, rule in constraints.items() if rule},
            "decimalChar": decimal if meaning.type == "number" and decimal != "." else "",
        }
        fields.append({"name": column, "type": meaning.type, "description": meaning.meaning})
        fields[-1] |= {name: fact for name, fact in facts.items() if fact}
    schema: Descriptor = {"$schema": f"{PROFILES}/tableschema.json", "fields": fields, "missingValues": [""]}
    if name == FIGURES_FILE:
        labels = {figure_name: definition.label for figure_name, definition in FIGURES.items()}
        labels |= {
            figure_name: definition.label.format(level="first administrative level")
            for figure_name, definition in BREAKDOWNS.items()
        }
        (figure,) = (field for field in fields if field["name"] == "figure")
        figure["categories"] = [{"value": figure_name, "label": label} for figure_name, label in labels.items()]
        schema["foreignKeys"] = [PLACE_FOREIGN_KEY]
        schema["rules"] = {figure_name: definition.rule for figure_name, definition in FIGURES.items()}
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
        "bytes": file_record.bytes,
        "hash": f"sha256:{file_record.sha256}",
        "schema": schema,
    }
