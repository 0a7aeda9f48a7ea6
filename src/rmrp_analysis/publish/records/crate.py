"""The folder of a run described as RO-Crate 1.1, for archives or catalogues that tell where it comes from.

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
from rmrp_analysis.publish.records.data_set import MEDIA_TYPES, known
from rmrp_analysis.publish.records.datapackage import TITLES, UNKNOWN
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.words import INTERNAL_MARK, SOURCE_LANGUAGE, Translator

CRATE = STEP_FILES["crate"]
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
PROFILE = "https://w3id.org/ro/crate/1.1"
SOFTWARE, PACK, NOTEBOOK, ACTION = f"#{PACKAGE}", "#pack", "#notebook", "#run"

Entity = dict[str, Any]


def write_crate(run: EndedRun) -> Iterator[str]:
    """Write ``ro-crate-metadata.json`` into a run's folder, as a step after a run; yields nothing."""
    write_json(run.folder / CRATE, crate(run.manifest))
    yield from ()


def crate(manifest: Manifest) -> dict[str, Any]:
    """Give the content of ``ro-crate-metadata.json``, from that of ``run.json``.

    Its ``files`` are those of the folder without these two. ``run.json`` stands in it without sha256, since it names
    that of the crate.
    """
    files, inputs = [*_files(manifest)], [*_inputs(manifest)]
    narratives = [
        _entity(f"#narrative-{quote(name)}", "CreativeWork", name=name, sha256=checksum)
        for name, checksum in manifest.narratives.items()
    ]
    codes = sorted(set(manifest.languages.values()))
    translate = Translator(next(iter(manifest.params.get("languages", [])), SOURCE_LANGUAGE))
    texts = [
        translate("Key-figures sheets of the run {run}, edition {edition}.", run=manifest.run, edition=manifest.edition)
    ]
    texts += [f"{translate(INTERNAL_MARK)}."] * (manifest.audience == "internal")
    folder = _entity(
        "./",
        "Dataset",
        name=manifest.title,
        description=" ".join(texts),
        identifier=f"{manifest.run}/{manifest.edition}",
        version=manifest.edition,
        datePublished=manifest.ended,
        temporalCoverage=str(manifest.period),
        license={"@id": "#licence"},
        inLanguage=[{"@id": f"#language-{code}"} for code in codes],
        hasPart=_references(files),
        mentions={"@id": ACTION},
    )
    action = _entity(
        ACTION,
        "CreateAction",
        name=f"The run {manifest.run}",
        description=manifest.method,
        startTime=manifest.started,
        endTime=manifest.ended,
        actionStatus={"@id": "http://schema.org/CompletedActionStatus"},
        instrument=[{"@id": SOFTWARE}, {"@id": PACK}, {"@id": NOTEBOOK}],
        object=_references([each for each in (*inputs, *narratives) if "sha256" in each]),
        result=_references(files),
    )
    code, pack, notebook = manifest.code, manifest.pack, manifest.notebook
    libraries = [f"{name} {version}" for name, version in manifest.environment.items()]
    about_pack = "The plan's own lists, names, years, colours and map"
    licence = "The run states no licence of its own for the sheets. The licence of each input stands with it."
    graph = [
        _entity(CRATE, "CreativeWork", conformsTo={"@id": PROFILE}, about={"@id": "./"}),
        folder,
        *files,
        action,
        _entity(
            SOFTWARE,
            "SoftwareApplication",
            name=code.name,
            softwareVersion=code.version,
            sha256=code.sha256,
            softwareRequirements=libraries,
        ),
        _entity(PACK, "CreativeWork", name=f"Plan pack {pack.name}", description=about_pack, sha256=pack.sha256),
        _entity(NOTEBOOK, "SoftwareSourceCode", name=notebook.file, sha256=notebook.sha256),
        *inputs,
        *narratives,
        *(_entity(f"#language-{code}", "Language", name=declared(code).name, identifier=code) for code in codes),
        _entity("#licence", "CreativeWork", name=UNKNOWN, description=licence),
    ]
    return {"@context": CONTEXT, "@graph": graph}


def _entity(place: str, kind: str, **stated: Any) -> Entity:
    """One thing that the crate describes."""
    return {"@id": place} | known(kind, **stated)


def _files(manifest: Manifest) -> Iterator[Entity]:
    """Every file of the folder, with its sha256, size, kind and, of a sheet, language."""
    reports = {name: f"Sheet {report.id}" for report in manifest.reports for name in report.outputs}
    languages = {name: {"@id": f"#language-{code}"} for name, code in manifest.languages.items()}
    for name, stated in {**manifest.files, MANIFEST: None}.items():
        yield _entity(
            quote(name),
            "File",
            name=TITLES.get(name, reports.get(name, name)),
            encodingFormat=MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream"),
            contentSize=stated and str(stated.bytes),
            sha256=stated and stated.sha256,
            inLanguage=languages.get(name),
        )


def _inputs(manifest: Manifest) -> Iterator[Entity]:
    """Every file that was read, which is not in the folder, then its producers and licences."""
    named: dict[tuple[str, str], Entity] = {}
    for number, file in enumerate(manifest.inputs, start=1):
        about = manifest.sources[file.name]
        creator, licence = ("Organization", about.producer), ("CreativeWork", about.licence or UNKNOWN)
        for kind, name in (creator, licence):
            place = f"#{'producer' if kind == 'Organization' else 'licence'}-{len(named) + 1}"
            named.setdefault((kind, name), {"@id": place, "@type": kind, "name": name})
        yield _entity(
            f"#input-{number}",
            "CreativeWork",
            name=file.file,
            description=f"{file.name}: {file.rows} rows, of which {file.rows_refused} could not be used"
            + ("; illustrative" if about.illustrative else ""),
            sha256=file.sha256,
            creator={"@id": named[creator]["@id"]},
            license={"@id": named[licence]["@id"]},
            dateModified=about.as_of,
            url=about.url,
        )
    yield from named.values()


def _references(entities: Sequence[Entity]) -> list[dict[str, str]]:
    return [{"@id": entity["@id"]} for entity in entities]
