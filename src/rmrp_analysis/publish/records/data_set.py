"""Describe the figures of a run or of a sheet as a schema.org ``Dataset``, by which search engines find them."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.publish.records.manifest import Months, SourceRecord
from rmrp_analysis.vocabulary import plan_lists
from rmrp_analysis.vocabulary.labels import label

MEDIA_TYPE_BY_SUFFIX: dict[str, str] = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xml": "application/atom+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def latest_source_day(sources: Iterable[SourceRecord]) -> str:
    """Return the latest ``as_of`` that is a whole day, as ISO 8601, or an empty text."""
    return max((source.as_of for source in sources if re.fullmatch(r"\d{4}-\d\d-\d\d", source.as_of)), default="")


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
    """Describe the figures of a place and period in these files.

    Properties without content are left out. Sources with the same producer and day are named once. Raises ``KeyError``
    for a suffix without a media type.
    """
    unique = list({(source.producer, source.as_of): source for source in sources}.values())
    works = [
        make_schema_object(
            "CreativeWork",
            creator={"@type": "Organization", "name": source.producer},
            dateModified=latest_source_day([source]),
            license=source.licence,
            url=source.web_address,
        )
        for source in unique
    ]
    types = {file: MEDIA_TYPE_BY_SUFFIX[PurePosixPath(file).suffix] for file in files}
    return {"@context": "https://schema.org"} | make_schema_object(
        "Dataset",
        name=name,
        description=description,
        inLanguage=language,
        spatialCoverage=[label(country, language) for country in plan_lists().places[place] or plan_lists().countries],
        temporalCoverage=str(period),
        dateModified=latest_source_day(unique),
        publisher=publisher and {"@type": "Organization", "name": publisher.name},
        isBasedOn=works,
        distribution=[
            {"@type": "DataDownload", "contentUrl": file, "encodingFormat": kind} for file, kind in types.items()
        ],
    )


def make_schema_object(kind: str, **properties: Any) -> dict[str, Any]:
    """Make an object of a schema.org type. Properties without content are left out."""
    return {"@type": kind} | {name: content for name, content in properties.items() if content}
