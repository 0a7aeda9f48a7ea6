"""Two runs held against each other: which figures differ, what moved them, and who is told."""

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
from rmrp_analysis.numbers import NARROW_SPACE
from rmrp_analysis.page import Page
from rmrp_analysis.params import ReportParams, load_run_params
from rmrp_analysis.publish.comparison.difference import Difference, DifferenceView, compare_runs, render_difference_page
from rmrp_analysis.publish.comparison.published import PublishedRun, read_run
from rmrp_analysis.publish.documents.feed import FEED_FILE, read_feed
from rmrp_analysis.publish.engine.runners import Batch
from rmrp_analysis.publish.records.figures import ROW_KEY
from rmrp_analysis.publish.records.manifest import Manifest, SheetRecord
from rmrp_analysis.publish.run import batch
from rmrp_analysis.publish.run.batch import render
from rmrp_analysis.publish.run.preparation import prepare_run
from rmrp_analysis.publish.run.report import Report
from rmrp_analysis.words import Translator

MAX_SECTOR = {"intersector_model": "max_sector"}
METHOD = {**MAX_SECTOR, "cautions": {"one_report": 1, "groups_exceed_total": 1}}
"""What is changed in one report moves a number here, and does not put it in doubt."""
ASKED = {"sectors": ["Health"], "platforms": ["region", "Peru"], "method": METHOD}
NEW, TOTAL = "New.beneficiaries.of.the.month", "Total.monthly.beneficiaries"
Rows = pd.DataFrame

ROUNDED_50_000 = pytest.approx(50_000, abs=20)
"""A difference of two public numbers, each rounded to a multiple of 10."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small plan, whose checksums are not checked; with this seed, rounding leaves 50,000 people more as they are."""
    folder = tmp_path_factory.mktemp("sample")
    small_plan(folder / "data", rows=600, seed=3)
    written_params(folder, **ASKED)
    return folder


def sheets_of_figures(work: Batch) -> Iterator[tuple[ReportParams, Report]]:
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
        contents = {"html": " ".join(block.html for block in page.blocks), "json": json_text(figures)}
        contents |= dict.fromkeys(("pdf", "xlsx", "csv", "ipynb"), "")
        yield report, Report(report, 1.0, contents, figures=SheetRecord(**figures))


@pytest.fixture(scope="module", autouse=True)
def _no_kernels() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "run_in_processes", sheets_of_figures)
        patch.setattr(batch, "write_quality_files", lambda *_: None)
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
    return compare_runs(read_run(before), read_run(after))


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


def figures(found: Difference, *columns: str) -> dict[tuple[str, str], Any]:
    """By report and figure, these columns of the figures of sheets that moved."""
    rows = found.changes[found.changes["part"] == ""].set_index(["report", "figure"])
    return rows[columns[0]].to_dict() if len(columns) == 1 else rows[[*columns]].to_dict("index")


# ---- What moved a number ----


def test_one_corrected_row_moves_its_own_sector_and_place_alone(before: Path, later: Path) -> None:
    same = compared(before, before)
    assert (len(same.changes), len(same.partners), same.new_sheets) == (0, 0, [])
    found = compared(before, run_of(later))
    assert (found.is_split, found.account.kinds) == (True, ["corrected"])
    (partner,) = found.partners.to_dict("records")
    assert (partner["change"], partner["country"], partner["sectors"]) == ("corrected", "PER", ("Health",))
    assert partner["people"] - partner["people_before"] == 50_000
    assert figures(found, "difference")["health.peru", "people_reached"] == ROUNDED_50_000
    assert set(found.changes["report"]) == {"health", "health.peru"}
    known = found.changes.dropna(subset="difference")
    assert (known["corrected"] - known["difference"]).abs().max() < 1e-9


def test_the_numbers_of_late_corrected_and_gone_reports_add_up(before: Path, project: Callable[..., Path]) -> None:
    folder = project("b")
    rows = activities_of(folder / "data")
    peru = rows[(rows["Sector...Subsector...WG"] == "Health") & (rows["Country"] == "Peru")].sort_values(NEW)
    gone, first = peru.iloc[0], peru.iloc[[1]].assign(**{"Appealing.Organization.Name": "A new partner", NEW: "3000"})
    is_gone = (rows["Appealing.Organization.Name"] == gone["Appealing.Organization.Name"]) & (
        rows["Reporting.Month"] == gone["Reporting.Month"]
    )
    edit(folder, lambda each: pd.concat([with_more_people(each[~is_gone]), first.assign(**{TOTAL: "3000"})]))
    found = compared(before, published(folder))
    assert found.account.kinds == ["late", "corrected", "gone"]
    known = found.changes.dropna(subset="difference")
    parts = known[found.account.kinds].fillna(0).sum(axis="columns")
    assert (parts - known["difference"]).abs().max() < 1e-9
    late, corrected = figures(found, "late", "corrected")["health.peru", "people_reached"].values()
    assert max(abs(late - 3000), abs(corrected - 50_000)) <= 10  # each step is rounded as its rows are
    assert {"A new partner"} <= {row["organisation"] for row in found.to_records()["reports"]}


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


def test_a_workbook_of_several_sheets_is_compared_by_what_its_sheets_hold(project: Callable[..., Path]) -> None:
    one, other = project("a"), project("b")
    in_one_workbook(one)
    changes = {"planning": lambda rows: rows.replace({"value": {"1802791": "1902791"}})}
    in_one_workbook(other, **changes, activities=lambda rows: rows.sort_values(NEW))
    found = compared(published(one), published(other))
    assert (found.account.kinds, len(found.partners)) == (["target"], 0)
    assert figures(found, "target")["health", "target"] == 100_000


def test_another_target_moves_what_follows_and_nobody_reached(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    planning = other / "data" / "planning.csv"
    planning.write_text(planning.read_text("utf-8").replace(",1802791,", ",1902791,"), encoding="utf-8")
    found = compared(before, published(other))
    assert found.account.kinds == ["target"]
    assert figures(found, "difference")["health", "target"] == 100_000
    assert set(found.changes["figure"].str.replace(r"_by_.*", "", regex=True)) == {
        "target",
        "target_coverage",
        "people_to_reach",
    }
    text = render_difference_page(found, "en", other)
    assert "other planning figures −0." in text
    assert "reports" not in DifferenceView(found, Translator("en")).sheets[0]["why"]


def test_a_correction_by_hand_is_one_of_its_report(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    rows = activities_of(other / "data")
    at = largest(rows)
    line = f"activities.csv.gz,{at + 2},new_beneficiaries,{rows[NEW][at]},7,typed twice,A,2021-12-01"
    lines = f"file,line,column,old_value,new_value,reason,by,date\n{line}\n"
    (other / "data" / "corrections.csv").write_text(lines, encoding="utf-8")
    with (other / "data" / "sources.yml").open("a", encoding="utf-8") as sources:
        sources.write("corrections: {file: corrections.csv, producer: R4V}\n")
    found = compared(before, published(other))
    assert found.account.kinds == ["corrected"]
    (partner,) = found.partners.to_dict("records")
    assert partner["people_before"] - partner["people"] == int(rows[NEW][at]) - 7
    assert abs(figures(found, "corrected")["health.peru", "people_reached"] - (7 - int(rows[NEW][at]))) < 20


def test_another_method_moves_the_sheets_that_it_decides(
    sample: Path, later: Path, asked_otherwise: Callable[..., Path]
) -> None:
    two, by_sum = {"sectors": ["Health", "Intersector"]}, {"method": {**METHOD, "intersector_model": "sum"}}
    of_method = compared(asked_otherwise(sample, **two), asked_otherwise(sample, **two, **by_sum))
    assert of_method.account.kinds == ["method"]
    assert set(of_method.changes["report"]) == {"intersector", "intersector.peru"}
    both = compared(asked_otherwise(sample, **two), asked_otherwise(later, **two, **by_sum))
    assert both.account.kinds == ["corrected", "method"]
    assert figures(both, "corrected")["health.peru", "people_reached"] == ROUNDED_50_000
    assert figures(both, "method")["health.peru", "people_reached"] == 0


def test_runs_whose_tables_are_not_kept_are_not_split(before: Path, with_run: Path) -> None:
    edit(with_run, with_more_people)
    after = published(with_run, with_run / "later")
    shutil.rmtree(with_run / "data" / "editions")
    found = compared(run_of(with_run), after)
    assert (found.is_split, found.account.kinds, len(found.partners)) == (False, ["not_split"], 0)
    assert "not split into their parts" in render_difference_page(found, "en", with_run)
    shutil.copytree(after, run_of(with_run), dirs_exist_ok=True)
    edit(with_run, lambda rows: with_more_people(rows, people=-9_000))
    note = stated(published(with_run), "health.peru.en")["revision"]["figures"]["people_reached"]
    assert note["parts"] == {"not_split": pytest.approx(-9_000, abs=20)}


# ---- Rounding ----


def test_a_difference_of_few_people_is_a_step_of_rounding_or_none(before: Path, project: Callable[..., Path]) -> None:
    other = project("b")
    edit(other, lambda rows: with_more_people(rows, people=3))
    found = compared(before, published(other))
    people = found.changes[found.changes["figure"] == "people_reached"]
    assert set(people["difference"].abs()) <= {10}
    assert "people_reached" not in set(found.select_large_changes(0.0)["figure"])


def test_another_base_or_another_key_is_rounded_anew(
    before: Path, sample: Path, project: Callable[..., Path], asked_otherwise: Callable[..., Path]
) -> None:
    found = compared(before, asked_otherwise(sample, method={**METHOD, "rounding": 20}))
    assert found.account.kinds == ["rounding"]
    assert set(found.changes["figure"].str.partition("_")[0]) == {"people", "target", "need"}
    folder = project("b")
    shutil.copytree(published(folder), folder / "first")
    (folder / ".rounding-key").write_text("another secret of this project", encoding="utf-8")
    of_key = compared(folder / "first", published(folder))
    assert of_key.account.kinds == ["rounding"]
    assert stated(run_of(folder), "health.en")["revision"]["tables"] == ["rounding"]
    notice = (run_of(folder) / "health.en.html").read_text("utf-8")
    assert "Changed since the last publication: numbers of its tables (rounded anew)." in notice


@pytest.mark.parametrize(
    ("rounding", "audience", "base"),
    [(10, "public", 10), ({"default": 5, "Health": 20}, "public", 20), (10, "internal", 0), (0, "public", 0)],
)
def test_the_largest_base_of_both_runs_decides_what_may_be_rounding(rounding: object, audience: str, base: int) -> None:
    manifest = Manifest(audience=audience, params={"method": {"rounding": rounding}})
    index = pd.MultiIndex.from_tuples([("health", "people_reached", "", "", "")], names=ROW_KEY)
    runs = [
        PublishedRun(Path(name), manifest, pd.DataFrame({"value": people, "unit": "people"}, index))
        for name, people in (("a", 500.0), ("b", 520.0))
    ]
    found = compare_runs(*runs)
    assert (len(found.select_large_changes(0.0)), found.changes["difference"].to_list()) == (int(base != 20), [20])


# ---- Who may read it ----


def test_whose_reports_changed_is_not_for_publication_and_no_public_sheet_says_it(
    before: Path, later: Path, replaced: Path, sample: Path, asked_otherwise: Callable[..., Path]
) -> None:
    found = compared(before, run_of(later))
    assert found.to_records()["audience"] == "internal"
    assert "Internal: not for publication" in render_difference_page(found, "en", later)
    (name,) = found.partners["organisation"]
    assert name in render_difference_page(found, "en", later)
    published_texts = [
        path.read_text("utf-8") for path in run_of(replaced).glob("*.*") if path.suffix in (".html", ".xml")
    ]
    assert not any(f"corrected: {name}" in text for text in published_texts)
    (report,) = stated(run_of(replaced), "health.peru.en")["revision"]["reports"]
    assert (report["organisation"], report["people"], report["country"]) == ("", None, "PER")


# ---- The command ----


def test_diff_tells_figures_and_causes_and_writes_both_forms(
    before: Path, later: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    after = run_of(later)
    for suffix in ("json", "html"):
        assert rmrp("diff", before, after, "--out", tmp_path / f"d.{suffix}", "--language", "es") == 0
    text = capsys.readouterr().out
    assert re.search(r"corrected: Sample [^,]+, \w+ 2021, Peru [\d,]+ → [\d,]+ \(Health\)", " ".join(text.split()))
    assert re.search(r"corrected reports \+(50,0\d0|49,9\d0)", " ".join(text.split()))
    assert max(len(line) for line in text.splitlines() if not line.startswith(str(before))) <= 80
    assert "people_reached" not in text
    records = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert records["reports"][0]["change"] == "corrected"
    assert records["changes"][0]["parts"] == {"corrected": ROUNDED_50_000}
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
        assert "corrected reports" in " ".join(told.out.split())
        assert ("health.peru people_reached moved by" in told.err) == bool(code)


def test_run_compares_with_what_it_replaces(with_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(with_run, with_more_people)
    run = ("run", with_run / "params.yml", "--out", with_run / "reports", "--compare-with", run_of(with_run))
    assert rmrp(*run, "--fail-over", "20%") == 1
    assert "corrected reports +50,000" in " ".join(capsys.readouterr().out.split())


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
    moved = {"people_reached": {"before": before, "parts": {"corrected": ROUNDED_50_000}}}
    assert (second["revision"]["figures"], second["revision"]["until"]) == (moved, "")
    now = second["printed"]["people_reached"]
    notice = (run_of(replaced) / "health.peru.en.html").read_text("utf-8")
    note = f"People reached {now} (before: {before}; corrected reports +50.0{NARROW_SPACE}K). Reports: corrected: "
    assert note in notice


def test_a_sheet_of_more_months_and_the_feed_say_what_the_one_before_it_printed(project: Callable[..., Path]) -> None:
    shutil.copytree(published(folder := project("a"), period={"start": "2021-01", "end": "2021-06"}), folder / "first")
    published(folder, languages=["en"])  # of the whole year
    first, second = (stated(run, "health.peru.en") for run in (folder / "first", run_of(folder)))
    before = first["printed"]["people_reached"]
    moved = second["revision"]["figures"]
    assert (moved["people_reached"]["before"], second["revision"]["until"]) == (before, "2021-06")
    assert [*moved] == ["people_reached"]  # neither the target nor money that is the same
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
    grammar.assertValid(etree.parse(out / FEED_FILE))
    index = (out / "index.html").read_text("utf-8")
    assert re.search(r'type="application/atom\+xml" title="[^"]+" href="feed.xml"', index)
    (first,) = read_feed(replaced / "first")
    second, health, earlier = read_feed(out := run_of(replaced))
    assert earlier == first
    edition = Manifest.read(out / "run.json").edition
    assert (second.title, health.title) == (f"Edición {edition}", f"Salud: Edición {edition}")
    assert second.text.endswith(": 4 fichas.")
    region, peru = (stated(out, f"{name}.es") for name in ("health", "health.peru"))
    lines = health.text.splitlines()[1:]
    for line, place, sheet in zip(lines, ("Salud", "Salud en Perú"), (region, peru), strict=True):
        now, before = sheet["printed"]["people_reached"], sheet["revision"]["figures"]["people_reached"]["before"]
        moved = f"(antes: {before}; reportes corregidos +50,0{NARROW_SPACE}mil)"
        assert line.startswith(f"{place}: Personas alcanzadas: {now} {moved}; corregido: ")
    assert health.text.startswith("Datos ilustrativos.\n")
    assert health.page == "health.es.html"


def test_a_sheet_that_is_no_longer_made_is_told(project: Callable[..., Path]) -> None:
    folder = project("a")
    shutil.copytree(published(folder, period={"start": "2021-01", "end": "2021-06"}), folder / "first")
    published(folder, platforms=["region"])  # of the whole year
    gone = [entry for entry in read_feed(run_of(folder)) if entry.title.endswith("sheets no longer made")]
    assert [entry.text for entry in gone] == ["No longer made: Health in Peru."]
    found = compared(folder / "first", run_of(folder))
    assert found.gone_sheets == ["health.peru"]
    assert "No longer made:</strong> Health in Peru" in render_difference_page(found, "en", folder)


def test_provisional_figures_are_named_in_every_file(sample: Path, asked_otherwise: Callable[..., Path]) -> None:
    out = asked_otherwise(sample, provisional=["funding_usd"])
    assert stated(out, "health.en")["provisional"] == ["funding_usd", "unmet_usd", "funding_coverage"]
    assert "May still change: Funding." in (out / "health.en.html").read_text("utf-8")
    index = (out / "index.html").read_text("utf-8")
    assert "<summary>May still change</summary>\n<dl>\n<div><dt>Funding</dt>" in index
    out = asked_otherwise(sample, provisional=True)
    assert "All figures may still change." in (out / "health.en.html").read_text("utf-8")


def test_a_proof_says_what_an_earlier_number_is_now_and_why(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, document = copied(sample, tmp_path / "p"), tmp_path / "note.txt"
    key = ("health.peru", "people_reached", "")
    earlier = read_run(published(folder, period={"start": "2021-01", "end": "2021-11"})).values_by_number[key]
    edit(folder, with_more_people)
    path = written_params(folder, **ASKED)
    render(prepare_run(path, load_run_params(path)), folder / "reports", keep=1)
    later = read_run(run_of(folder))
    document.write_text(f"Health in Peru\n\n{earlier:.0f} people were reached.\n", encoding="utf-8")
    row = rmrp_analysis.proof(document, later.folder).iloc[0]
    edition = read_run(next((folder / "reports" / "small.earlier").iterdir()))
    parts = compare_runs(edition, later).account.amounts_by_kind(*key)
    assert set(parts) == {"new_months", "corrected"}
    assert sum(parts.values()) == row["value"] - earlier
    why = f"December +{parts['new_months']:,.0f}, corrected reports +{parts['corrected']:,.0f}"
    assert (row["verdict"], row["value"], row["why"]) == ("earlier", later.values_by_number[key], why)
    assert rmrp("proof", document, "--run", later.folder) == 1
    assert '"People reached" of health.peru of the edition of ' in (said := capsys.readouterr().out)
    assert f"; it is {row['value']:,.0f} now: {why}\n" in said
    shutil.rmtree(folder / "data" / "editions")
    assert rmrp("proof", document, "--run", later.folder) == 1
    not_kept = "why is not known here, since the tables of one of the editions are not kept"
    assert f" now: {not_kept}\n" in capsys.readouterr().out
