"""Figures described as a schema.org ``Dataset``, by which search engines find them: of a run or of a sheet."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.publish.records.manifest import Months, SourceRecord
from rmrp_analysis.vocabulary import COUNTRIES, PLACES
from rmrp_analysis.vocabulary.labels import label

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xml": "application/atom+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def latest_source_day(sources: Iterable[SourceRecord]) -> str:
    """Give the latest day that the sources are of, the same whenever it is asked; empty where none states a day."""
    return max((each.as_of for each in sources if re.fullmatch(r"\d{4}-\d\d-\d\d", each.as_of)), default="")


def describe_data_set(
    name: str,
    description: str,
    *,
    language: str,
    place: str,
    period: Months,
    sources: Iterable[SourceRecord],
    publisher: Publisher | None,
    files: Iterable[str],
) -> dict[str, Any]:
    """Describe figures of a place and period in files of these names; what is not known is left out."""
    read = list({(each.producer, each.as_of): each for each in sources}.values())
    described = make_schema_object(
        "Dataset",
        name=name,
        description=description,
        inLanguage=language,
        spatialCoverage=[label(country, language) for country in PLACES[place] or COUNTRIES],
        temporalCoverage=str(period),
        dateModified=latest_source_day(read),
        publisher=publisher and {"@type": "Organization", "name": publisher.name},
        isBasedOn=[
            make_schema_object(
                "CreativeWork",
                creator={"@type": "Organization", "name": each.producer},
                dateModified=latest_source_day([each]),
                license=each.licence,
                url=each.web_address,
            )
            for each in read
        ],
        distribution=[
            {"@type": "DataDownload", "contentUrl": file, "encodingFormat": MEDIA_TYPES[PurePosixPath(file).suffix]}
            for file in files
        ],
    )
    return {"@context": "https://schema.org"} | described


def make_schema_object(kind: str, **stated: Any) -> dict[str, Any]:
    """Describe a thing of a kind of schema.org; what is not known of it is left out."""
    return {"@type": kind} | {name: content for name, content in stated.items() if content}
