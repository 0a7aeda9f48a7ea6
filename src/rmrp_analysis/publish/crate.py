"""The folder of a run described as RO-Crate 1.1, so that archives and catalogues can read what it is and comes from.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from rmrp_analysis.languages import declared
from rmrp_analysis.provenance import PACKAGE
from rmrp_analysis.publish.datapackage import DATAPACKAGE, TITLES
from rmrp_analysis.publish.publication import MANIFEST

CRATE = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
PROFILE = "https://w3id.org/ro/crate/1.1"
MEDIA_TYPES: Mapping[str, str] = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAMES: Mapping[str, str] = {
    "index.html": "The list of all sheets",
    **TITLES,
    DATAPACKAGE: "The CSV files of the run as a Data Package: their columns, types and checksums",
    MANIFEST: "The account of the run: parameters, method, inputs, reports, and every other file with its sha256",
}
SOFTWARE, PACK, NOTEBOOK, ACTION = f"#{PACKAGE}", "#pack", "#notebook", "#run"
UNKNOWN = "not stated"

Entity = dict[str, Any]


def crate(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The content of ``ro-crate-metadata.json``, from that of ``run.json``.

    Its ``files`` are those of the folder without these two. ``run.json`` stands in it without sha256, since it names
    that of the crate.
    """
    files = [*_files(manifest), {"@id": MANIFEST, "@type": "File", "name": NAMES[MANIFEST], **_format(MANIFEST)}]
    read = [*_inputs(manifest), *_texts(manifest)]
    languages = sorted({file["inLanguage"]["@id"] for file in files if "inLanguage" in file})
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }
    licence = {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": UNKNOWN,
        "description": "The run states no licence of its own for the sheets. The licence of each input stands with it.",
    }
    about_run = [_root(manifest, files, languages), *files, _action(manifest, files, read), *_instruments(manifest)]
    entities = [descriptor, *about_run, *read, *map(_language, languages), licence]
    return {"@context": CONTEXT, "@graph": entities}


def _root(manifest: Mapping[str, Any], files: Sequence[Entity], languages: Sequence[str]) -> Entity:
    """The folder as a whole."""
    internal = " Internal: not for publication." if manifest["audience"] == "internal" else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": manifest["title"],
        "description": f"Key-figures sheets of the run {manifest['run']}, edition {manifest['edition']}.{internal}",
        "identifier": f"{manifest['run']}/{manifest['edition']}",
        "version": manifest["edition"],
        "datePublished": manifest["ended"],
        "temporalCoverage": f"{manifest['period']['start']}/{manifest['period']['end']}",
        "license": {"@id": "#licence"},
        "inLanguage": [{"@id": language} for language in languages],
        "hasPart": _references(files),
        "mentions": {"@id": ACTION},
    }


def _action(manifest: Mapping[str, Any], files: Sequence[Entity], read: Sequence[Entity]) -> Entity:
    """What the run did: from what it ``read``, with its software and notebook, to the files."""
    return {
        "@id": ACTION,
        "@type": "CreateAction",
        "name": f"The run {manifest['run']}",
        "description": manifest["method"],
        "startTime": manifest["started"],
        "endTime": manifest["ended"],
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        "instrument": [{"@id": SOFTWARE}, {"@id": PACK}, {"@id": NOTEBOOK}],
        "object": _references([each for each in read if "sha256" in each]),
        "result": _references(files),
    }


def _instruments(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """The software, the plan pack, and the notebook."""
    yield {
        "@id": SOFTWARE,
        "@type": "SoftwareApplication",
        "name": manifest["code"]["name"],
        "softwareVersion": manifest["code"]["version"],
        "sha256": manifest["code"]["sha256"],
        "softwareRequirements": [f"{name} {version}" for name, version in manifest["environment"].items()],
    }
    yield {
        "@id": PACK,
        "@type": "CreativeWork",
        "name": f"Plan pack {manifest['pack']['name']}",
        "description": "The plan's own lists, names, years, colours and map",
        "sha256": manifest["pack"]["sha256"],
    }
    yield {
        "@id": NOTEBOOK,
        "@type": "SoftwareSourceCode",
        "name": manifest["notebook"]["file"],
        "sha256": manifest["notebook"]["sha256"],
    }


def _language(place: str) -> Entity:
    code = place.removeprefix("#language-")
    return {"@id": place, "@type": "Language", "name": declared(code).name, "identifier": code}


def _files(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Every file of the folder, with its sha256, size, kind and, of a sheet, language."""
    reports = {name: report["id"] for report in manifest["reports"] for name in report["outputs"]}
    for name, stated in manifest["files"].items():
        report = reports.get(name, "")
        language = report.rpartition(".")[2]
        yield {
            "@id": quote(name),
            "@type": "File",
            "name": NAMES.get(name, f"Sheet {report}" if report else name),
            **_format(name),
            "contentSize": str(stated["bytes"]),
            "sha256": stated["sha256"],
            **({"inLanguage": {"@id": f"#language-{language}"}} if report else {}),
        }


def _format(name: str) -> dict[str, str]:
    return {"encodingFormat": MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")}


def _inputs(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """Every file that was read, which is not in the folder, then its producers and licences."""
    named: dict[str, Entity] = {}
    for number, file in enumerate(manifest["inputs"], start=1):
        about = manifest["sources"][file["name"]]
        about_it = (("Organization", about["producer"]), ("CreativeWork", about.get("licence", UNKNOWN)))
        for kind, name in about_it:
            place = f"#{'producer' if kind == 'Organization' else 'licence'}-{len(named) + 1}"
            named.setdefault(f"{kind} {name}", {"@id": place, "@type": kind, "name": name})
        producer, licence = ({"@id": named[f"{kind} {name}"]["@id"]} for kind, name in about_it)
        yield {
            "@id": f"#input-{number}",
            "@type": "CreativeWork",
            "name": PurePosixPath(file["path"]).name,
            "description": f"{file['name']}: {file['rows']} rows, of which {file['rows_refused']} could not be used"
            + ("; illustrative" if about.get("illustrative") else ""),
            "sha256": file["sha256"],
            "creator": producer,
            "license": licence,
            **({"dateModified": about["as_of"]} if about.get("as_of") else {}),
            **({"url": about["url"]} if about.get("url") else {}),
        }
    yield from named.values()


def _texts(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """The narratives that the run could read."""
    for name, checksum in manifest["narratives"].items():
        yield {"@id": f"#narrative-{quote(name)}", "@type": "CreativeWork", "name": name, "sha256": checksum}


def _references(entities: Sequence[Entity]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]
