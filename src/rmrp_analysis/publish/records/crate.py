"""Describe the folder of a run as RO-Crate 1.1, so that archives and catalogues can state its origin.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from rmrp_analysis.files import write_json
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.provenance import DISTRIBUTION_NAME
from rmrp_analysis.publish.after import FILE_BY_STEP, EndedRun
from rmrp_analysis.publish.records.data_set import MEDIA_TYPE_BY_SUFFIX, make_schema_object
from rmrp_analysis.publish.records.datapackage import TITLE_BY_FILE, UNKNOWN_LICENCE
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

CRATE_FILE = FILE_BY_STEP["crate"]
CRATE_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
"""The definitions of the words of a crate: RO-Crate's words and ``sha256``."""
CRATE_PROFILE_ADDRESS = "https://w3id.org/ro/crate/1.1"
SOFTWARE_ID, PACK_ID, NOTEBOOK_ID, RUN_ID = f"#{DISTRIBUTION_NAME}", "#pack", "#notebook", "#run"
"""The ``@id`` of the things that made the run, and of the run."""
NO_LICENCE_TEXT = "The run states no licence of its own for the sheets. The licence of each input stands with it."

Entity = dict[str, Any]
"""The description of one thing in a crate, with its ``@id`` and ``@type``."""


def write_crate(run: EndedRun) -> Iterator[str]:
    """Write ``ro-crate-metadata.json`` into a run's folder, as a step after a run that yields nothing."""
    write_json(run.folder / CRATE_FILE, describe_crate(run.manifest))
    yield from ()


def describe_crate(manifest: Manifest) -> dict[str, Any]:
    """Make the content of ``ro-crate-metadata.json`` from the content of ``run.json``.

    The files of the manifest do not include these two. The crate names ``run.json`` without a sha256, since
    ``run.json`` holds the sha256 of the crate.
    """
    files = list(_list_files(manifest))
    inputs = list(_list_inputs(manifest))
    narratives = [
        _make_entity(f"#narrative-{quote(name)}", "CreativeWork", name=name, sha256=digest)
        for name, digest in manifest.narratives.items()
    ]
    languages = sorted(set(manifest.languages.values()))
    spoken = [
        _make_entity(f"#language-{code}", "Language", name=declared(code).name, identifier=code) for code in languages
    ]
    graph = [
        _make_entity(CRATE_FILE, "CreativeWork", conformsTo={"@id": CRATE_PROFILE_ADDRESS}, about={"@id": "./"}),
        _describe_folder(manifest, files, languages),
        *files,
        _describe_run(manifest, inputs=[*inputs, *narratives], files=files),
        *_list_instruments(manifest),
        *inputs,
        *narratives,
        *spoken,
        _make_entity("#licence", "CreativeWork", name=UNKNOWN_LICENCE, description=NO_LICENCE_TEXT),
    ]
    return {"@context": CRATE_CONTEXT, "@graph": graph}


def _describe_folder(manifest: Manifest, files: Sequence[Entity], languages: Sequence[str]) -> Entity:
    """Describe the run's folder: its title, edition, months, languages and files."""
    translate = Translator(next(iter(manifest.params.get("languages", [])), SOURCE_LANGUAGE))
    texts = [
        translate("Key-figures sheets of the run {run}, edition {edition}.", run=manifest.run, edition=manifest.edition)
    ]
    texts += [f"{translate(INTERNAL_MARK)}."] * (manifest.audience == "internal")
    return _make_entity(
        "./",
        "Dataset",
        name=manifest.title,
        description=" ".join(texts),
        identifier=f"{manifest.run}/{manifest.edition}",
        version=manifest.edition,
        datePublished=manifest.ended,
        temporalCoverage=str(manifest.period),
        license={"@id": "#licence"},
        inLanguage=[{"@id": f"#language-{language}"} for language in languages],
        hasPart=_list_references(files),
        mentions={"@id": RUN_ID},
    )


def _describe_run(manifest: Manifest, *, inputs: Sequence[Entity], files: Sequence[Entity]) -> Entity:
    """Describe the run as an action: times, method, inputs with a sha256, and the files that it wrote."""
    return _make_entity(
        RUN_ID,
        "CreateAction",
        name=f"The run {manifest.run}",
        description=manifest.method,
        startTime=manifest.started,
        endTime=manifest.ended,
        actionStatus={"@id": "http://schema.org/CompletedActionStatus"},
        instrument=[{"@id": SOFTWARE_ID}, {"@id": PACK_ID}, {"@id": NOTEBOOK_ID}],
        object=_list_references([entity for entity in inputs if "sha256" in entity]),
        result=_list_references(files),
    )


def _list_instruments(manifest: Manifest) -> list[Entity]:
    """Describe the makers of the run: this package with its libraries, the plan pack, the notebook."""
    code, pack, notebook = manifest.code, manifest.pack, manifest.notebook
    libraries = [f"{name} {version}" for name, version in manifest.environment.items()]
    description = "The plan's own lists, names, years, colours and map"
    return [
        _make_entity(
            SOFTWARE_ID,
            "SoftwareApplication",
            name=code.name,
            softwareVersion=code.version,
            sha256=code.sha256,
            softwareRequirements=libraries,
        ),
        _make_entity(
            PACK_ID, "CreativeWork", name=f"Plan pack {pack.name}", description=description, sha256=pack.sha256
        ),
        _make_entity(NOTEBOOK_ID, "SoftwareSourceCode", name=notebook.file, sha256=notebook.sha256),
    ]


def _make_entity(entity_id: str, kind: str, **properties: Any) -> Entity:
    """Describe one thing with its ``@id``. Empty properties are left out."""
    return {"@id": entity_id} | make_schema_object(kind, **properties)


def _list_files(manifest: Manifest) -> Iterator[Entity]:
    """Yield every file of the folder. ``run.json`` is last, without sha256 and size."""
    reports = {name: f"Sheet {report.id}" for report in manifest.reports for name in report.outputs}
    languages = {name: {"@id": f"#language-{code}"} for name, code in manifest.languages.items()}
    for name, record in {**manifest.files, MANIFEST: None}.items():
        yield _make_entity(
            quote(name),
            "File",
            name=TITLE_BY_FILE.get(name, reports.get(name, name)),
            encodingFormat=MEDIA_TYPE_BY_SUFFIX.get(PurePosixPath(name).suffix, "application/octet-stream"),
            contentSize=record and str(record.bytes),
            sha256=record and record.sha256,
            inLanguage=languages.get(name),
        )


def _list_inputs(manifest: Manifest) -> Iterator[Entity]:
    """Yield every file that the run read, which is not in the folder, then all producers and licences."""
    entities: dict[tuple[str, str], Entity] = {}
    for number, file in enumerate(manifest.inputs, start=1):
        source = manifest.sources[file.name]
        text = f"{file.name}: {file.rows} rows, of which {file.rows_refused} could not be used"
        creator = ("Organization", source.producer)
        licence = ("CreativeWork", source.licence or UNKNOWN_LICENCE)
        for kind, name in (creator, licence):
            anchor = f"#{'producer' if kind == 'Organization' else 'licence'}-{len(entities) + 1}"
            entities.setdefault((kind, name), {"@id": anchor, "@type": kind, "name": name})
        yield _make_entity(
            f"#input-{number}",
            "CreativeWork",
            name=file.file,
            description=f"{text}; illustrative" if source.illustrative else text,
            sha256=file.sha256,
            creator={"@id": entities[creator]["@id"]},
            license={"@id": entities[licence]["@id"]},
            dateModified=source.as_of,
            url=source.url,
        )
    yield from entities.values()


def _list_references(entities: Sequence[Entity]) -> list[dict[str, str]]:
    """List the ``@id`` of each entity, for references in other entities."""
    return [{"@id": entity["@id"]} for entity in entities]
