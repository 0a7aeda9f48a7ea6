"""Two runs held against each other: which figures differ, and why."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree

import rmrp_analysis
from published_run import activities_of, rmrp, small_plan, written_params
from rmrp_analysis.files import json_text
from rmrp_analysis.page import Page
from rmrp_analysis.params import ReportParams, load_run_params
from rmrp_analysis.publish.comparison.causes import Cause
from rmrp_analysis.publish.comparison.changes import PublishedRun, changes_between, read_run, with_facts
from rmrp_analysis.publish.comparison.difference import Difference, difference, difference_page
from rmrp_analysis.publish.documents.feed import FEED, read_feed
from rmrp_analysis.publish.engine.ways import Work
from rmrp_analysis.publish.records.figures import KEY
from rmrp_analysis.publish.records.manifest import Manifest, StatedSheet
from rmrp_analysis.publish.run import batch
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import prepare_run
from rmrp_analysis.publish.run.report import Report

MAX_SECTOR = {"intersector_model": "max_sector"}
ASKED = {"sectors": ["Health"], "platforms": ["region", "Peru"], "method": MAX_SECTOR}
NEW, TOTAL = "New.beneficiaries.of.the.month", "Total.monthly.beneficiaries"
Rows = pd.DataFrame


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small plan, whose checksums are not checked; with this seed, rounding leaves 50,000 people more as they are."""
    folder = tmp_path_factory.mktemp("sample")
    small_plan(folder / "data", rows=600, seed=3)
    written_params(folder, **ASKED)
    return folder


def sheets_of_figures(work: Work) -> Iterator[tuple[ReportParams, Report]]:
    """Reports made of their figures and their opening alone, without a notebook."""
    plan, fingerprints = rmrp_analysis.load_plan(work.data), work.make.keywords["rendering"].fingerprints
    for report in work.tasks:
        selection = plan.select(report.sector, place=report.place, period=report.period, method=report.method)
        page = Page(
            selection,
            language=report.language,
            audience=report.audience,
            provisional=report.provisional,
            revision=report.revision,
        )
        page.opening()
        page.cards("people_reached")
        figures = {**page.figures().records, "fingerprint": fingerprints[report.id], "warnings": []}
        contents = {"html": " ".join(block.html() for block in page.blocks), "json": json_text(figures)}
        contents |= dict.fromkeys(("pdf", "xlsx", "csv", "ipynb"), "")
        yield report, Report(report, 1.0, contents, figures=StatedSheet(**figures))


@pytest.fixture(scope="module", autouse=True)
def _no_kernels() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "apart", sheets_of_figures)
        patch.setattr(batch, "write_quality", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def before(sample: Path) -> Path:
    return published(sample)


def copied(project: Path, folder: Path) -> Path:
    """A copy of a project without its run."""
    return shutil.copytree(project, folder, ignore=shutil.ignore_patterns("reports"))


@pytest.fixture
def project(sample: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the plan as a project of its own, by name."""
    return lambda name: copied(sample, tmp_path / name)


@pytest.fixture
def asked_otherwise(tmp_path: Path) -> Callable[..., Path]:
    """The folder of a run of a project's data, asked for with these keys."""

    def run(project: Path, **keys: object) -> Path:
        (folder := tmp_path / f"asked {len(list(tmp_path.iterdir()))}").mkdir()
        return published(folder, data=str(project / "data"), **keys)

    return run


@pytest.fixture
def with_run(before: Path, sample: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sample, tmp_path / "with run")


@pytest.fixture(scope="module")
def later(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that reports more people of Health in Peru, with its run."""
    folder = copied(sample, tmp_path_factory.mktemp("later") / "b")
    edit(folder, with_more_people)
    published(folder)
    return folder


@pytest.fixture(scope="module")
def replaced(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a first run, in ``first``, and one with more people, which replaced it."""
    folder = copied(sample, tmp_path_factory.mktemp("two") / "a")
    shutil.copytree(published(folder, languages=["es", "en"]), folder / "first")
    edit(folder, with_more_people)
    published(folder)
    return folder


def published(project: Path, out: Path | None = None, **keys: object) -> Path:
    """The folder of a run of a project; where there are keys, they are those of its parameter file from now on."""
    path = written_params(project, **ASKED | keys) if keys else project / "params.yml"
    results = render(prepare_run(path, load_run_params(path)), out or project / "reports")
    assert {result.status for result in results} <= {"ok", "unchanged", "empty"}
    return (out or project / "reports") / "small"


def run_of(project: Path) -> Path:
    return project / "reports" / "small"


def compared(before: Path, after: Path) -> Difference:
    return difference(read_run(before), read_run(after))


def edit(project: Path, change: Callable[[Rows], Rows]) -> None:
    change(activities_of(project / "data")).to_csv(project / "data" / "activities.csv.gz", index=False)


def largest(rows: Rows) -> int:
    """The place of the row of Health in Peru with most people."""
    of_health = rows[(rows["Sector...Subsector...WG"] == "Health") & (rows["Country"] == "Peru")]
    return int(pd.to_numeric(of_health[NEW]).idxmax())


def with_more_people(rows: Rows, people: int = 50_000) -> Rows:
    at = largest(rows)
    rows.loc[at, [NEW, TOTAL]] = [str(int(rows.loc[at, column]) + people) for column in (NEW, TOTAL)]
    return rows


def kinds(found: Difference) -> list[str]:
    return [cause.kind for cause in found.causes]


def by_name(found: Difference) -> dict[tuple[str, str], Any]:
    changes: list[Any] = [*found.changes.itertuples()]
    return {(change.report, change.name): change for change in changes}


def explains(cause: Cause, report: str, figure: str, part: str = "") -> bool:
    change = with_facts(pd.DataFrame([{"report": report, "figure": figure, "part": part, "kind": "changed"}]))
    return bool(cause.explains(change).item())


# ---- The cause is named ----


def test_one_changed_row_is_named_and_explains_its_own_sector_and_place_alone(before: Path, later: Path) -> None:
    same = compared(before, before)
    assert (len(same.changes), same.causes, same.new_sheets) == (0, (), [])
    found = compared(before, run_of(later))
    assert kinds(found) == ["activities"]
    assert re.search(r"added: 0, removed: 0, changed: 1 \(Sample [^,]+ 1\)$", found.causes[0].sentence())
    reached = by_name(found)["health.peru", "people_reached"]
    assert reached.difference == 50_000
    assert set(found.changes["report"]) == {"health", "health.peru"}
    assert found.changes["causes"].to_list() == [[0]] * len(found.changes)
    (cause,) = compared(before, run_of(later)).causes
    assert explains(cause, "health", "people_reached")
    assert not explains(cause, "health.ecuador", "people_reached")
    assert not explains(cause, "wash", "people_reached")
    assert not explains(cause, "health", "funding_usd")
    shares = {place: explains(cause, "health", "target_coverage_by_platform", place) for place in ("Peru", "Ecuador")}
    assert shares == {"Peru": True, "Ecuador": False}


def in_one_workbook(project: Path, **changes: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Put activities, indicators and planning into sheets of one workbook, each after its change."""
    data = project / "data"
    sources = (data / "sources.yml").read_text("utf-8")
    with pd.ExcelWriter(data / "plan.xlsx", engine="xlsxwriter") as book:
        for name in ("activities", "indicators", "planning"):
            (path,) = data.glob(f"{name}.*")
            table = changes.get(name, lambda rows: rows)(pd.read_csv(path, dtype="str", keep_default_na=False))
            table.to_excel(book, sheet_name=name.title(), index=False)
            sources = sources.replace(f"file: {path.name}\n", f"file: plan.xlsx\n  sheet: {name.title()}\n")
            path.unlink()
    (data / "sources.yml").write_text(sources, encoding="utf-8")


def test_a_workbook_of_several_sheets_is_compared_sheet_by_sheet(project: Callable[..., Path]) -> None:
    one, other = project("a"), project("b")
    in_one_workbook(one)
    changes = {"planning": lambda rows: rows.replace({"value": {"1802791": "1902791"}})}
    in_one_workbook(other, **changes, activities=lambda rows: rows.iloc[1:])
    found = compared(published(one), published(other))
    assert found.rows_known
    assert kinds(found) == ["activities", "planning"]
    assert found.causes[1].sentence() == "planning: plan.xlsx, sheet 'Planning' was replaced by another file"
    assert by_name(found)["health", "target"].causes == [1]


def test_a_replaced_file_is_named_and_explains_what_is_made_from_it(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    planning = other / "data" / "planning.csv"
    planning.write_text(planning.read_text("utf-8").replace(",1802791,", ",1902791,"), encoding="utf-8")
    found = compared(before, published(other))
    assert [cause.sentence() for cause in found.causes] == ["planning: planning.csv was replaced by another file"]
    assert by_name(found)["health", "target"].difference == 100_000
    assert set(found.changes["of"]) == {"target", "target_coverage", "people_to_reach"}
    assert found.changes["causes"].to_list() == [[0]] * len(found.changes)


def test_a_correction_is_named_by_its_cell(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    rows = activities_of(other / "data")
    at = largest(rows)
    line = f"activities.csv.gz,{at + 2},new_beneficiaries,{rows[NEW][at]},7,typed twice,A,2021-12-01"
    lines = f"file,line,column,old_value,new_value,reason,by,date\n{line}\n"
    (other / "data" / "corrections.csv").write_text(lines, encoding="utf-8")
    with (other / "data" / "sources.yml").open("a", encoding="utf-8") as sources:
        sources.write("corrections: {file: corrections.csv, producer: R4V}\n")
    found = compared(before, published(other))
    cell = f"activities.csv.gz:{at + 2} new_beneficiaries"
    assert [cause.sentence() for cause in found.causes] == [f"corrections by hand: new 1, taken back 0 ({cell})"]
    assert abs(by_name(found)["health.peru", "people_reached"].difference - (7 - int(rows[NEW][at]))) < 20


def test_another_version_of_the_code_is_named(
    before: Path, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rmrp_analysis, "__version__", "9.9")
    found = compared(before, published(sample, tmp_path))
    assert kinds(found) == ["code"]
    assert re.fullmatch(r"rmrp-analysis was [\d.]+ \(\w{8}\), is 9\.9 \(\w{8}\)", found.causes[0].sentence())
    assert len(found.changes) == 0


def test_a_removed_organisation_is_named_also_when_its_file_was_overwritten(before: Path, with_run: Path) -> None:
    overwritten = run_of(with_run)
    rows, organisation = activities_of(with_run / "data"), "Appealing.Organization.Name"
    name = rows[organisation][largest(rows)]
    used = json.loads((overwritten / "run.json").read_text("utf-8"))["rows_by_organisation"][name]
    edit(with_run, lambda rows: rows[rows[organisation] != name])
    after = published(with_run, with_run / "later")
    for known, run in ((False, overwritten), (True, before)):
        found = compared(run, after)
        assert found.rows_known is known
        sentence = f"activities: {name} no longer reports in activities.csv.gz (rows: {used})"
        assert [cause.sentence() for cause in found.causes] == [sentence]


def test_of_several_causes_each_explains_its_own_figures_and_a_method_is_named_by_its_choice(
    before: Path, sample: Path, later: Path, asked_otherwise: Callable[..., Path]
) -> None:
    two, by_sum = {"sectors": ["Health", "Intersector"]}, {"method": {"intersector_model": "sum"}}
    of_method = compared(asked_otherwise(sample, **two), asked_otherwise(sample, **two, **by_sum))
    assert [cause.sentence() for cause in of_method.causes] == ["intersector_model was max_sector, is sum"]
    assert set(of_method.changes["report"]) == {"intersector", "intersector.peru"}
    found = compared(before, asked_otherwise(later, **by_sum))
    assert kinds(found) == ["activities", "method"]
    assert by_name(found)["health.peru", "people_reached"].causes == [0]
    assert all(explains(cause, "intersector", "people_reached") for cause in found.causes)


# ---- How much ----


def test_the_score_ranks_a_change_by_its_size_against_both_numbers() -> None:
    values = {"2021-01": (100, 150), "2021-02": (100, 104), "2021-03": (1000, 1001), "2021-04": (100, None)}
    index = pd.MultiIndex.from_tuples(
        [("health", "people_reached_by_month", "", "", month) for month in values], names=KEY
    )
    sides = [pd.DataFrame({"value": side, "unit": "people"}, index) for side in zip(*values.values(), strict=True)]
    changes = changes_between(*(PublishedRun(Path(), Manifest(), side.astype({"value": "float64"})) for side in sides))
    assert changes[["part", "score", "tier", "kind"]].to_numpy().tolist() == [
        ["2021-04", 1, "large", "gone"],
        ["2021-01", 50 / 250, "large", "changed"],
        ["2021-02", round(4 / 204, 6), "medium", "changed"],
        ["2021-03", round(1 / 2001, 6), "small", "changed"],
    ]
    assert changes["share"].to_list()[1] == 0.5


# ---- Nobody can be worked out ----


def test_a_difference_of_few_people_is_a_step_of_rounding_or_none(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    edit(other, lambda rows: with_more_people(rows, people=3))
    found = compared(before, published(other))
    people = found.changes[found.changes["of"] == "people_reached"]
    assert set(people["difference"].abs()) <= {10}
    assert people["rounding"].all()
    assert "people_reached" not in set(found.over(0.0)["figure"])
    assert "a difference of one step may come from rounding alone" in difference_page(found, "en")


def test_another_base_explains_people_alone(before: Path, sample: Path, asked_otherwise: Callable[..., Path]) -> None:
    found = compared(before, asked_otherwise(sample, method={**MAX_SECTOR, "rounding": 20}))
    (cause,) = found.causes
    assert cause.sentence() == "rounding was 10, is 20"
    assert len(found.changes) > 0
    assert found.changes["causes"].to_list() == [[0]] * len(found.changes)


@pytest.mark.parametrize(
    ("rounding", "audience", "base"),
    [(10, "public", 10), ({"default": 5, "Health": 20}, "public", 20), (10, "internal", 0), (0, "public", 0)],
)
def test_the_largest_base_of_both_runs_decides_what_may_be_rounding(rounding: object, audience: str, base: int) -> None:
    manifest = Manifest(audience=audience, params={"method": {"rounding": rounding}})
    index = pd.MultiIndex.from_tuples([("health", "people_reached", "", "", "")], names=KEY)
    runs = [
        PublishedRun(Path(name), manifest, pd.DataFrame({"value": people, "unit": "people"}, index))
        for name, people in (("a", 500.0), ("b", 520.0))
    ]
    (change,) = changes_between(*runs).itertuples()
    assert (change.rounding, change.difference) == (base == 20, 20)


def test_whose_rows_changed_is_not_for_publication_and_people_in_them_are_told_of_internal_runs_alone(
    before: Path, sample: Path, later: Path, asked_otherwise: Callable[..., Path]
) -> None:
    internal = [asked_otherwise(folder, audience="internal") for folder in (sample, later)]
    for runs, said in (((before, run_of(later)), False), (internal, True)):
        found = compared(*runs)
        assert found.as_records()["audience"] == "internal"
        assert "Internal: not for publication" in difference_page(found, "en")
        assert ("50,000" in found.causes[0].sentence()) is said


# ---- The command ----


def test_diff_tells_figures_and_causes_and_writes_both_forms(
    before: Path, later: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    after = run_of(later)
    for suffix in ("json", "html"):
        assert rmrp("diff", before, after, "--out", tmp_path / f"d.{suffix}", "--language", "es") == 0
    text = capsys.readouterr().out
    assert "changed: 1 (Sample " in text
    assert re.search(r"health\.peru +people_reached +[\d,]+ → [\d,]+ +\+50,000 +\[1\]", text)
    records = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert records["causes"][0]["kind"] == "activities"
    assert records["changes"][0]["tier"] == "large"
    page = (tmp_path / "d.html").read_text("utf-8")
    assert '<html lang="es">' in page
    assert "http" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert rmrp("diff", before, tmp_path) == 2
    assert rmrp("diff", before, after, "--language", "fr") == 2


def test_a_run_compares_and_fails_over_a_limit(before: Path, later: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ("run", later / "params.yml", "--out", later / "reports", "--compare-with", before)
    for limit, code in (((), 0), (("--fail-over", "9000%"), 0), (("--fail-over", "0.5 %"), 1)):
        assert rmrp(*run, *limit) == code
        told = capsys.readouterr()
        assert "figures changed" in told.out
        assert ("health.peru people_reached moved by" in told.err) == bool(code)


def test_run_compares_with_what_it_replaces(with_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(with_run, with_more_people)
    run = ("run", with_run / "params.yml", "--out", with_run / "reports", "--compare-with", run_of(with_run))
    assert rmrp(*run, "--fail-over", "20%") == 1
    assert re.search(r"health\.peru +people_reached +[\d,]+ → [\d,]+ +\+50,000 ", capsys.readouterr().out)


def test_a_limit_without_a_run_and_an_unknown_provisional_figure_are_refused(project: Callable[..., Path]) -> None:
    folder = project("a")
    assert rmrp("run", folder / "params.yml", "--fail-over", "20%") == 2
    assert rmrp("run", folder / "params.yml", "--compare-with", folder) == 2
    assert not (folder / "reports").exists()
    with pytest.raises(rmrp_analysis.errors.RequestError, match=r"params\.yml:6: .*'funding'.*funding_usd"):
        load_run_params(written_params(folder, provisional=["funding"]))


# ---- Revision notes and provisional figures ----


def stated(folder: Path, report: str) -> dict[str, Any]:
    return json.loads((folder / f"{report}.json").read_text("utf-8"))


def test_a_sheet_that_replaces_another_says_what_moved_and_why(replaced: Path) -> None:
    first, second = (stated(run, "health.peru.en") for run in (replaced / "first", run_of(replaced)))
    assert first["revision"] is None
    before = first["printed"]["people_reached"]
    assert second["revision"] == {"before": {"people_reached": before}, "why": ["activities"], "until": ""}
    now = second["printed"]["people_reached"]
    notice = (run_of(replaced) / "health.peru.en.html").read_text("utf-8")
    assert f"People reached {now} (before: {before}). Reason: other activity reports." in notice


def test_a_sheet_of_more_months_and_the_feed_say_what_the_one_before_it_printed(project: Callable[..., Path]) -> None:
    shutil.copytree(published(folder := project("a"), period={"start": "2021-01", "end": "2021-06"}), folder / "first")
    published(folder, languages=["en"])  # of the whole year
    first, second = (stated(run, "health.peru.en") for run in (folder / "first", run_of(folder)))
    before = first["printed"]["people_reached"]
    assert (second["revision"]["before"]["people_reached"], second["revision"]["until"]) == (before, "2021-06")
    page = (run_of(folder) / "health.peru.en.html").read_text("utf-8")
    assert f"{before} up to June" in page
    assert "Changed since the last publication" not in page
    _, health, _ = read_feed(run_of(folder))
    assert f"Health in Peru: People reached {second['printed']['people_reached']} ({before} up to June)" in health.text


def test_the_note_stays_and_news_is_told_once_until_a_number_changes_again(replaced: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(replaced, tmp_path / "a")
    noted, entries = stated(run_of(folder), "health.peru.en")["revision"], read_feed(run_of(folder))
    path = folder / "params.yml"
    run = prepare_run(path, load_run_params(path))
    assert {result.status for result in render(run, folder / "reports")} == {"unchanged"}
    render(run, folder / "reports", force=True)
    assert (stated(run_of(folder), "health.peru.en")["revision"], read_feed(run_of(folder))) == (noted, entries)
    edit(folder, lambda rows: with_more_people(rows, people=-20_000))
    assert stated(published(folder), "health.peru.en")["revision"] != noted
    assert [len({entry.id for entry in told}) for told in (entries, read_feed(run_of(folder)))] == [3, 5]


def test_the_feed_is_valid_atom_and_tells_which_sectors_moved_and_why(replaced: Path) -> None:
    out = run_of(replaced)
    grammar = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))
    grammar.assertValid(etree.parse(out / FEED))
    index = (out / "index.html").read_text("utf-8")
    assert re.search(r'type="application/atom\+xml" title="[^"]+" href="feed.xml"', index)
    (first,) = read_feed(replaced / "first")
    second, health, earlier = read_feed(out := run_of(replaced))
    assert earlier == first
    edition = Manifest.read(out / "run.json").edition
    assert (second.title, health.title) == (f"Edición {edition}", f"Salud: Edición {edition}")
    assert second.text.endswith(": 4 fichas.")
    region, peru = (stated(out, f"{name}.es") for name in ("health", "health.peru"))
    note = "{place}: Cambió desde la última publicación: Personas alcanzadas {now} (antes: {before}). Motivo: otros"
    notes = [
        note.format(
            place=place, now=sheet["printed"]["people_reached"], before=sheet["revision"]["before"]["people_reached"]
        )
        for place, sheet in (("Salud", region), ("Salud en Perú", peru))
    ]
    assert [line.startswith(text) for line, text in zip(health.text.splitlines()[1:], notes, strict=True)] == [
        True,
        True,
    ]
    assert health.text.startswith("Datos ilustrativos.\n")
    assert health.page == "health.es.html"


def test_provisional_figures_are_named_in_every_file(sample: Path, asked_otherwise: Callable[..., Path]) -> None:
    out = asked_otherwise(sample, provisional=["funding_usd"])
    assert stated(out, "health.en")["provisional"] == ["funding_usd", "unmet_usd", "funding_coverage"]
    assert "May still change: Funding." in (out / "health.en.html").read_text("utf-8")
    index = (out / "index.html").read_text("utf-8")
    assert "<summary>May still change</summary>\n<dl>\n<div><dt>Funding</dt>" in index
    out = asked_otherwise(sample, provisional=True)
    assert "All figures may still change." in (out / "health.en.html").read_text("utf-8")
