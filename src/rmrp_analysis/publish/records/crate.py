"""Describe the folder of a run as RO-Crate 1.1, so that archives and catalogues can say where it comes from.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from rmrp_analysis.files import write_json
from rmrp_analysis.locale.languages import declared
from rmrp_analysis.provenance import PACKAGE
from rmrp_analysis.publish.after import STEP_FILES, EndedRun
from rmrp_analysis.publish.records.data_set import MEDIA_TYPES, make_schema_object
from rmrp_analysis.publish.records.datapackage import TITLES, UNKNOWN
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

CRATE = STEP_FILES["crate"]
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
PROFILE = "https://w3id.org/ro/crate/1.1"
SOFTWARE, PACK, NOTEBOOK, ACTION = f"#{PACKAGE}", "#pack", "#notebook", "#run"
"""The ``@id`` of what made the run, and of the run itself."""
NO_LICENCE = "The run states no licence of its own for the sheets. The licence of each input stands with it."

Entity = dict[str, Any]


def write_crate(run: EndedRun) -> Iterator[str]:
    """Write ``ro-crate-metadata.json`` into a run's folder, as a step after a run; yields nothing."""
    write_json(run.folder / CRATE, describe_crate(run.manifest))
    yield from ()


def describe_crate(manifest: Manifest) -> dict[str, Any]:
    """Describe a run's folder as the content of ``ro-crate-metadata.json``, from that of ``run.json``.

    The files of the manifest are those of the folder without these two. The crate names ``run.json`` without a sha256,
    since ``run.json`` holds the sha256 of the crate.
    """
    files, inputs, narratives = list(_list_files(manifest)), list(_list_inputs(manifest)), _list_narratives(manifest)
    languages = sorted(set(manifest.languages.values()))
    graph = [
        _make_entity(CRATE, "CreativeWork", conformsTo={"@id": PROFILE}, about={"@id": "./"}),
        _describe_folder(manifest, files, languages),
        *files,
        _describe_run(manifest, inputs=[*inputs, *narratives], files=files),
        *_list_instruments(manifest),
        *inputs,
        *narratives,
        *(
            _make_entity(f"#language-{code}", "Language", name=declared(code).name, identifier=code)
            for code in languages
        ),
        _make_entity("#licence", "CreativeWork", name=UNKNOWN, description=NO_LICENCE),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _describe_folder(manifest: Manifest, files: Sequence[Entity], languages: Sequence[str]) -> Entity:
    """Describe the run's folder itself: its title, edition, months, languages and files."""
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
        inLanguage=[{"@id": f"#language-{code}"} for code in languages],
        hasPart=_list_references(files),
        mentions={"@id": ACTION},
    )


def _describe_run(manifest: Manifest, *, inputs: Sequence[Entity], files: Sequence[Entity]) -> Entity:
    """Describe the run as an action: its times, its method, the inputs that have a sha256, and the files it wrote."""
    return _make_entity(
        ACTION,
        "CreateAction",
        name=f"The run {manifest.run}",
        description=manifest.method,
        startTime=manifest.started,
        endTime=manifest.ended,
        actionStatus={"@id": "http://schema.org/CompletedActionStatus"},
        instrument=[{"@id": SOFTWARE}, {"@id": PACK}, {"@id": NOTEBOOK}],
        object=_list_references([entity for entity in inputs if "sha256" in entity]),
        result=_list_references(files),
    )


def _list_instruments(manifest: Manifest) -> list[Entity]:
    """List what the run was made by: this package with its libraries, the plan pack, the notebook."""
    code, pack, notebook = manifest.code, manifest.pack, manifest.notebook
    libraries = [f"{name} {version}" for name, version in manifest.environment.items()]
    pack_content = "The plan's own lists, names, years, colours and map"
    return [
        _make_entity(
            SOFTWARE,
            "SoftwareApplication",
            name=code.name,
            softwareVersion=code.version,
            sha256=code.sha256,
            softwareRequirements=libraries,
        ),
        _make_entity(PACK, "CreativeWork", name=f"Plan pack {pack.name}", description=pack_content, sha256=pack.sha256),
        _make_entity(NOTEBOOK, "SoftwareSourceCode", name=notebook.file, sha256=notebook.sha256),
    ]


def _list_narratives(manifest: Manifest) -> list[Entity]:
    """List the texts that authors wrote for the run, each with its sha256."""
    return [
        _make_entity(f"#narrative-{quote(name)}", "CreativeWork", name=name, sha256=checksum)
        for name, checksum in manifest.narratives.items()
    ]


def _make_entity(entity_id: str, kind: str, **properties: Any) -> Entity:
    """Make the description of one thing, with its ``@id``; empty properties are left out."""
    return {"@id": entity_id} | make_schema_object(kind, **properties)


def _list_files(manifest: Manifest) -> Iterator[Entity]:
    """Yield every file of the folder with its sha256, size and media type; a file of a sheet has its language, too."""
    reports = {name: f"Sheet {report.id}" for report in manifest.reports for name in report.outputs}
    languages = {name: {"@id": f"#language-{code}"} for name, code in manifest.languages.items()}
    for name, file in {**manifest.files, MANIFEST: None}.items():
        yield _make_entity(
            quote(name),
            "File",
            name=TITLES.get(name, reports.get(name, name)),
            encodingFormat=MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"),
            contentSize=file and str(file.bytes),
            sha256=file and file.sha256,
            inLanguage=languages.get(name),
        )


def _list_inputs(manifest: Manifest) -> Iterator[Entity]:
    """Yield every file that the run read, which is not in the folder, then the producers and licences of these."""
    producers_and_licences: dict[tuple[str, str], Entity] = {}
    for number, file in enumerate(manifest.inputs, start=1):
        source = manifest.sources[file.name]
        creator, licence = ("Organization", source.producer), ("CreativeWork", source.licence or UNKNOWN)
        for kind, name in (creator, licence):
            identifier = f"#{'producer' if kind == 'Organization' else 'licence'}-{len(producers_and_licences) + 1}"
            producers_and_licences.setdefault((kind, name), {"@id": identifier, "@type": kind, "name": name})
        yield _make_entity(
            f"#input-{number}",
            "CreativeWork",
            name=file.file,
            description=f"{file.name}: {file.rows} rows, of which {file.rows_refused} could not be used"
            + ("; illustrative" if source.illustrative else ""),
            sha256=file.sha256,
            creator={"@id": producers_and_licences[creator]["@id"]},
            license={"@id": producers_and_licences[licence]["@id"]},
            dateModified=source.as_of,
            url=source.url,
        )
    yield from producers_and_licences.values()


def _list_references(entities: Sequence[Entity]) -> list[dict[str, str]]:
    """List the ``@id`` of each entity, as other entities refer to it."""
    return [{"@id": entity["@id"]} for entity in entities]
