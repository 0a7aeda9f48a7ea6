"""What documents, records, messages and proofs say is what somebody has read and approved; the cases stand beside."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from nbformat import from_dict
from syrupy.assertion import SnapshotAssertion
from test_difference import held

from approved import WIDTH, hash_of, lines_of
from conftest import drawn, structure
from made_reports import PARAMS
from rmrp_analysis.errors import ReportFailed
from rmrp_analysis.publish.after import EndedRun, mail, message
from rmrp_analysis.publish.comparison import difference, published
from rmrp_analysis.publish.documents import feed, html, index, navigation, outputs, pdf
from rmrp_analysis.publish.proof import documents, proof
from rmrp_analysis.publish.records import crate, data_set, datapackage, publication, results
from rmrp_analysis.publish.records.manifest import NO_SHEET_OUTCOMES, Manifest, SheetRecord
from rmrp_analysis.words import Translator

CASES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
PLACE_OF = attrgetter("place", "number")
INLINE = {"td", "th", "strong", "a", "span", "option", "select", "button", "label", "input", "caption", "svg", "i"}
INLINE |= {"summary", "dt", "dd"}
"""Elements that stand in a line with what is before them."""
READ = "title, [name=description], body *:not(script, style, template, template *, svg *, [role=status])"


def write(folder: Path, contents: dict[str, Any]) -> Path:
    """Write files: texts, bytes, or records as JSON."""
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        said = content.model_dump_json() if hasattr(content, "model_dump_json") else content
        (folder / name).write_bytes(said.encode() if isinstance(said, str) else said)
    return folder


def outline(page: str) -> list[str]:
    """What a reader or a screen reader meets, with how deep it is; cells and words share lines."""
    lines, unread = [""], ("style", "xmlns", "data-label", "viewbox", "height")
    for element in BeautifulSoup(page, "html.parser", multi_valued_attributes=None).select(READ):
        about = [f" {name}={content}" for name, content in element.attrs.items() if name not in unread]
        words = "".join(element.find_all(string=True, recursive=False)).replace("\n", " ").strip(" ")
        said = f"{len([*element.parents])} {element.name}{''.join(about)}: {words}".removesuffix(": ")
        is_beside = element.name in INLINE and element.get("scope") != "row" and len(lines[-1]) + len(said) < WIDTH
        if about or words:
            lines += [f"{lines.pop()} ‖ {said}" if is_beside else said]
    return lines[1:]


def told_passages(passages: Iterable[documents.Passage]) -> list[str]:
    """The texts of passages, by what they are a part of."""
    return [f"{place} {number}: {[it.text for it in some]}" for (place, number), some in groupby(passages, PLACE_OF)]


@pytest.mark.parametrize("name", CASES["notebooks"])
def test_what_a_notebook_shows_is_as_approved(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    made = from_dict({"cells": CASES["notebooks"][name], "metadata": {}})
    try:
        document = outputs.read_document(made, "my_notes", tmp_path, added_count=len(name) % 2 > 0)
    except ReportFailed as refused:
        assert str(refused) == snapshot  # noqa: PT017
        return
    blocks = [[f"{it['kind']} {it['uid']} {it['name']} {it['whole']}" for it in sheet] for sheet in document.sheets]
    said = [outputs.name_cells(made), outputs.name_cells(made, added_count=False), document.warnings, blocks]
    said += [document.internal, document.foreign, html.make_margin_texts(document.masthead, CASES["account"])]
    tags = structure(printed := pdf.render_pdf(document))
    told = [f"{tag['/P'].get('/S')} {tag['/S']} {tag.get('/ID', '')} {tag.get('/Alt', '')}".strip() for tag in tags]
    told += [str(each) for tag in tags for each in tag.get("/A", []) if each["/O"] != "/Layout"]
    page = outline(html.render_html_page(document))
    assert "\n".join([lines_of([told, *said]), *page, *told_passages(documents.read_pdf(printed))]) == snapshot


def test_what_a_proof_says_of_a_text_is_as_approved(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    proofread, told = proof.Proof(published.read_run(write(tmp_path, CASES["run"]) / "run")), []
    for name, content in [*(("a.txt", content) for content in CASES["texts"]), *CASES["files"].items()]:
        passages = documents.read_passages(content.encode() if isinstance(content, str) else content, name)
        told += [f"{content[:120]!r}" if name == "a.txt" else name]
        told += [*told_passages(it for it in passages if it.place != documents.LINE_LABEL or name != "a.txt")]
        contexts = zip(proofread.of(passages).to_dict("records"), proofread.contexts(passages), strict=True)
        for row, (_, _, seen) in contexts:
            names = (seen.sectors, seen.places, seen.figures, seen.nearest_figures, seen.nearest, seen.strict)
            about = [seen.closeness, seen.of_people, *(" ".join(sorted(each)) for each in names)]
            about += [seen.sentence] * seen.sentence.startswith("…")
            row = [row[key] for key in row if key not in ("sentence", "place", "unit", "file")]
            told.append(f"  {'|'.join(map(str, [*row, '', *about]))}")
    assert "\n".join(told) == snapshot


def drawn_results(params: Any, seed: int) -> list[results.ReportResult]:
    """Results of all reports of a run, drawn from the cells."""
    made, count = [], len(params.reports())
    choices = (CASES["cells"] | CASES["only"].get(seed, {}), CASES["numbers"])
    rows = (pd.DataFrame(drawn(seed, count, **cells)).to_dict("records") for cells in choices)
    for report, row, numbers in zip(params.reports(), *rows, strict=True):
        row["figures"] = [{"name": name} | cell for name, cell in numbers.items()]
        row["printed"] = {name: cell.get("printed", "") for name, cell in numbers.items()}
        sheet = SheetRecord.model_validate(row | {"period": report.period.model_dump()})
        problem = ReportFailed(**row["problem"])
        is_made, is_page = row["status"] in ("ok", "unchanged"), row["status"] not in NO_SHEET_OUTCOMES
        files = results.list_output_names(report, ("html", "pdf")[seed % 2 :]) if is_page else ()
        facts = {"error": row["error"], "problem": problem if row["problem"]["reason"] else None}
        made += [results.ReportResult(report, row["status"], 1.0, files, figures=sheet if is_made else None, **facts)]
    return made[:: -1 if seed == 3 else 1]


@pytest.mark.parametrize("seed", range(len(CASES["runs"])))
def test_what_is_told_of_a_run_is_as_approved(seed: int, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    params = type(PARAMS).model_validate(PARAMS.model_dump() | CASES["runs"][seed])
    for folder, made in (("1", drawn_results(params, 99 - seed)), ("2", drawn_results(params, seed))):
        stated = CASES["manifest"] | {"period": params.period.model_dump(), "edition": f"{seed % 3}{folder}"}
        manifest = Manifest.model_validate(stated | {"ended": folder})
        sheets = {f"{result.params.stem}.json": result.figures for result in made if result.figures}
        prints = {f"{result.params.stem}.pdf": b"%" * 73 * len(result.id) for result in made[seed % 2 :]}
        write(tmp_path / folder, {"run.json": manifest} | sheets | prints)
        run = EndedRun(params, tmp_path / folder, "", made, CASES["problems"].get(seed, ""), before=tmp_path / "1")
        assert not [*feed.write_feed(run)]
        written = {feed.FEED_FILE: publication.describe_file(run.folder / feed.FEED_FILE)}
        write(run.folder, {"run.json": manifest.model_copy(update={"files": written})})
    said = message.make_message(run)
    bars = [
        navigation.make_navigation_bar(report, params.reports(), ("html",)) for report in params.reports()[: seed < 3]
    ]
    told = [bars, feed.read_feed(run.folder), said and not params.notify.mail and vars(said)]
    told += [[f"{it.id} {it.status} {it.causes} {it.doubts}" for it in made]]
    if said and params.notify.mail:
        letter = mail.write_mail(run, params.notify.mail, said)
        names = [part.get_filename("") for part in letter.walk()]
        lines = letter.get_body(("plain",)).get_content().splitlines()
        told += [letter["Subject"], [*filter(None, names)], [*filter(None, map(str.strip, lines))]]
    page = index.render_index_page(params, manifest, made, quality_page="q.html" * (seed % 2)) if seed < 8 else ""
    assert "\n".join([lines_of(told), *outline(page)]) == snapshot


def test_what_describes_the_files_of_a_run_is_as_approved(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    assert [message.shorten_text(*each) for each in CASES["shortened"]] == snapshot
    for changes in ({}, CASES["few"]):
        manifest = Manifest.model_validate(CASES["manifest"] | changes)
        package = datapackage.describe_datapackage(manifest, write(tmp_path, CASES["csv"]))
        about = {"language": "es", "period": manifest.period, "publisher": None, "place": "Southern Cone"}
        found = data_set.describe_data_set("", "", sources=manifest.sources.values(), files=["a.csv"], **about)
        for resource in package["resources"]:  # the categories are the labels of figures
            for field in resource["schema"].get("fields", ()):
                field["categories"] = hash_of(field.get("categories"))
        assert [crate.describe_crate(manifest), package, found] == snapshot


@pytest.mark.parametrize("at", range(len(CASES["compared"])))
def test_what_moved_between_two_runs_is_as_approved(at: int, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    keys, case = [tuple(each.split("|")) for each in CASES["keys"]], CASES["compared"][at]
    cells = drawn(at, len(keys), before=CASES["values"], **dict.fromkeys(case["kinds"], CASES["amounts"]))
    moved = {kind: {key: it for key, it in zip(keys, cells[kind], strict=True) if it} for kind in case["kinds"]}
    before = {key: value for key, value in zip(keys, cells["before"], strict=True) if value is not None}
    found = held(before, moved, lost=tuple(key for key in keys[at::7] if key in before), **case["runs"])
    view = difference.DifferenceView(found, Translator(case["language"]))
    told = [found.to_records()["counts"], view.expected, view.months, found.is_internal]
    told += ["; ".join(map(str, row)) for row in found.changes.round(4).itertuples(index=False)]
    told += [[*found.select_large_changes(share).index] for share in (0.0, 0.1, 0.25, 0.5, 5.0)]
    told += [view.explain_change(*key) for key in keys[::3]]
    page = difference.render_difference_page(found, case["language"], tmp_path)
    assert "\n".join([lines_of(told), *outline(page)]) == snapshot
