"""Another plan than R4V's is a folder of files: its sheets are made without a line of Python."""

import csv
import gettext
import json
import os
import pickle
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import openpyxl
import pytest
import yaml
from bs4 import BeautifulSoup
from fts_server import flow, org, page, part, servers, thing, totals
from json_server import JsonServer
from pypdf import PdfReader

import catalogues
from command_process import Command, commands
from conftest import Answer
from rmrp_analysis import Page, bundled_plan, charts, check, diff, load_plan, proof, theme
from rmrp_analysis import run as api_run
from rmrp_analysis.errors import RequestError
from rmrp_analysis.packs import pack
from rmrp_analysis.plan import Plan
from rmrp_analysis.vocabulary import plan_lists

PACKS = Path(__file__).parent / "packs"
FTS_PLAN = 990031
OF_R4V = re.compile(
    r"R4V|RMRP|Venez|[Pp]lataform|[Pp]latform|Southern Cone|Cono Sur|Cone Sul|Colombia|\b("
    + "|".join(map(re.escape, (*plan_lists().sectors, *plan_lists().other_sectors)))
    + r")\b"
)


def texts_of(path: Path) -> str:
    """Everything that a reader of a page sees or hears."""
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for hidden in page(["style", "script"]):
        hidden.decompose()
    said = [
        tag[name] for name in ("alt", "aria-label", "title", "content") for tag in page.find_all(attrs={name: True})
    ]
    return "\n".join([*page.stripped_strings, *filter(None, said)])


@pytest.fixture(scope="module")
def rmrp() -> Iterator[Command]:
    with commands() as typed:
        yield typed


@pytest.fixture(scope="module")
def server() -> Iterator[JsonServer]:
    """FTS, with two flows of money to the invented plan."""
    plan, water, merrow = thing("Plan", FTS_PLAN, "IRP"), thing("GlobalCluster", 11, "Water Sanitation Hygiene"), 9001
    to = [thing("Location", merrow, "Merrow"), water]
    flows = [
        {**flow(1, 25_000, [org(1, "Lighthouse Fund")], []), "destinationObjects": [plan, org(2, "Harbour Aid"), *to]},
        {**flow(2, 13_000, [org(3, "Island Bank")], []), "destinationObjects": [plan, org(4, "Reef Trust"), *to]},
    ]
    one = page(flows)
    one["meta"]["count"] = 2
    one["data"] |= {"incoming": {"flowCount": 2}, "internal": {"flowCount": 0}}
    nothing = part(None, "Not specified", 0)
    answers = {
        "1": one,
        "globalcluster": totals("GlobalCluster", [part(11, "Water Sanitation Hygiene", 38_000)], nothing, [], 0),
        "cluster": totals("Cluster", [part(None, "Not specified", 38_000)], nothing, [], 0),
        "location": totals("Location", [part(merrow, "Merrow", 38_000)], nothing, [], 0),
    }
    for grouped in list(answers.values())[1:]:
        grouped["data"]["report3"]["fundingTotals"]["total"] = 38_000
        grouped["data"]["report3"]["pledgeTotals"]["total"] = 0
        grouped["data"]["requirements"]["totalRevisedReqs"] = 900_000
    with servers() as start:
        yield start(answers)


@pytest.fixture(scope="module")
def project(rmrp: Command, tmp_path_factory: pytest.TempPathFactory, server: JsonServer) -> Path:
    """The invented plan's pack and project, with its money fetched by its id at FTS."""
    folder = tmp_path_factory.mktemp("isles")
    shutil.copytree(PACKS, folder, dirs_exist_ok=True)
    fetched = rmrp(
        *("fetch", "fts", "--plan", FTS_PLAN, "--out", folder / "isles_plan" / "data", "--pause", 0),
        *("--base-address", server.address, "--cache", folder / "cache"),
        RMRP_PACK=str(folder / "isles"),
    )
    assert fetched.returncode == 0, fetched.stderr
    return folder / "isles_plan"


@pytest.fixture(scope="module")
def run(rmrp: Command, project: Path) -> Path:
    """The run's folder: two sectors, the region and one area of two countries, in four languages."""
    made = rmrp(
        *("run", project / "params.yml", "--only", "Intersector", "Clean Water"),
        *("--places", "region", "Northern Shore", "--out", project / "reports", "--quiet"),
    )
    assert made.returncode == 0, made.stderr
    return project / "reports" / "isles"


def test_every_sheet_is_made_in_each_language_of_the_package_and_of_the_pack(run: Path) -> None:
    stems = {f"{sector}{place}" for sector in ("intersector", "clean-water") for place in ("", ".northern-shore")}
    wanted = {
        f"{stem}.{language}.{kind}"
        for stem in stems
        for language in ("en", "es", "pt", "fr")
        for kind in ("html", "pdf")
    }
    assert wanted <= {path.name for path in run.iterdir()}


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (poppler-utils)")
def test_nothing_of_r4v_stands_on_a_sheet_or_the_index(run: Path) -> None:
    for path in run.glob("*.html"):
        assert OF_R4V.findall(texts_of(path)) == [], path.name
    for path in run.glob("*.pdf"):
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout  # noqa: S607
        assert OF_R4V.findall(text) == [], path.name
    for path in run.glob("*.xlsx"):
        sheets = openpyxl.load_workbook(path)
        cells = {str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row}
        in_words = (cell for cell in cells if "_by_" not in cell)  # names of breakdowns in all files
        assert OF_R4V.findall("\n".join(in_words)) == [], path.name


def test_names_are_those_of_the_pack_with_their_articles(run: Path) -> None:
    titles = [
        next(text for text in texts_of(run / f"clean-water.northern-shore.{language}.html").splitlines() if "·" in text)
        for language in ("en", "es", "pt", "fr")
    ]
    assert [title.split(" · ")[0] for title in titles] == [
        "Clean Water in the Northern Shore",
        "Agua Limpia en la Costa Norte",
        "Água Limpa na Costa Norte",
        "Eau potable sur la côte nord",
    ]
    page = texts_of(run / "intersector.es.html")
    assert {"Plan de Respuesta de las Islas 2031", "Grupo de islas", "Isleños retornados"} <= set(
        re.split(r"\n| · ", page)
    )


def in_french() -> Iterator[tuple[str, str]]:
    """The texts that French says otherwise than English, each as a pattern: the package's, then the pack's own."""
    catalogue = gettext.translation("rmrp", PACKS / "isles" / "locale", ["fr"])
    for name in ("names.csv", "texts.csv"):
        with (PACKS / "isles" / name).open(encoding="utf-8", newline="") as file:
            yield from ((re.escape(row["en"]), row["fr"]) for row in csv.DictReader(file) if row["en"])
    for english in catalogues.extracted():
        for one in english.id if isinstance(english.id, tuple) else (english.id,):
            if re.search("[A-Za-z]", re.sub(r"{\w+}", "", one)):
                yield re.sub(r"\\{\w+\\}", ".+", re.escape(one)), catalogue.gettext(one)


def test_no_text_of_a_sheet_is_left_in_english_in_a_language_of_the_pack(run: Path, tmp_path: Path) -> None:
    english = [pattern for pattern, french in in_french() if not re.fullmatch(pattern, french)]
    assert len(english) > 800
    whole, within = (re.compile("|".join(f"(?:{each})" for each in part)) for part in (english, _long(english)))
    for path in sorted(run.glob("*.fr.html")):
        texts = [" ".join(text.split()) for text in texts_of(path).splitlines()]
        assert [text for text in texts if whole.fullmatch(text) or within.search(text)] == [], path.name
        assert '<html lang="fr"' in path.read_text(encoding="utf-8")
    (page_in_english,) = run.glob("clean-water.en.html")
    assert sum(bool(whole.fullmatch(text)) for text in texts_of(page_in_english).splitlines()) > 50
    for path in sorted(run.glob("*.fr.pdf")):
        pdf = PdfReader(path)
        text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
        assert within.findall(text) == [], path.name
        assert pdf.trailer["/Root"]["/Lang"] == "fr"


def _long(patterns: list[str]) -> list[str]:
    """Those of four words or more, which stand in no text of another language by chance."""
    return [pattern for pattern in patterns if len(re.findall("[A-Za-z]{2,}", pattern.replace(".+", ""))) >= 4]


def test_pages_have_the_packs_words_and_colours_and_no_map_without_outlines(run: Path) -> None:
    text = texts_of(run / "clean-water.fr.html").replace("\u202f", " ")
    assert "Le plan compte environ 25 k personnes qui ont besoin d’eau potable." in text
    assert "ont atteint plus de 2600 personnes, plus de la moitié d’entre elles dans l’Île Merrow." in text
    page = (run / "clean-water.en.html").read_text(encoding="utf-8")
    assert "--people: #5b2c91;" in page
    assert "00787b" not in page.lower()
    styles = "".join(path.read_text("utf-8") for path in Path(theme.__file__).parent.glob("*.css"))
    assert set(re.findall(r"--([\w-]+):", styles)).isdisjoint(pack.COLOUR_NAMES)
    page = texts_of(run / "clean-water.en.html")
    assert "Natural Earth" not in page
    assert "Map of" not in page


def test_numbers_typed_in_a_language_of_the_pack_are_found(rmrp: Command, project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project.parent, tmp_path / "copy") / "isles_plan"
    typed = "On a atteint 2,7 k personnes, la plupart d’entre elles ici ; 20,3 pour cent, et 12 000 au plus."
    text = f"## Réponse\n\n{typed}\n\nC’est presque {{{{ people_reached }}}}, ou {{{{ target | près_de('11 k') }}}}.\n"
    (copy / "narratives" / "clean-water.fr.md").write_text(text, encoding="utf-8")
    told = rmrp("check", copy / "params.yml", "--out", tmp_path / "checked").stderr
    for fault in (
        "3: '2,7 k' may be people_reached",
        "3: '20,3 pour cent' may be target_coverage (20 %)",
        "3: '12 000' may be target (12,0 k)",
        "3: nothing checks 'la plupart d’entre elles'",
        "5: 'presque' stands before an exact figure",
        "5: 'près de 11 k' does not fit target, 12,0 k",
    ):
        assert fault in " ".join(told.replace("\u202f", " ").split()), told


def test_numbers_are_printed_and_said_as_a_language_of_the_pack_does(rmrp: Command) -> None:
    code = (
        "import json; from rmrp_analysis import numbers; from rmrp_analysis.locale.languages import declared\n"
        "from rmrp_analysis.packs import pack; from rmrp_analysis.vocabulary import labels\n"
        "people, usd = numbers.people(1_570_000, 'fr'), numbers.usd(12_345_000_000, 'fr')\n"
        "print(json.dumps([list(pack.languages()), declared('fr').name, people, usd, numbers.people(4_910, 'fr'),\n"
        "  numbers.people(22_143, 'fr'), numbers.count(11_204, 'fr'), numbers.share(0.028, 'fr'),\n"
        "  numbers.to_spoken(usd, 'fr'), numbers.to_spoken(people, 'fr'),\n"
        "  numbers.in_sentence(people + ' personnes', 'fr'), numbers.months('2031-01', '2031-06', 'fr'),\n"
        "  numbers.date('2031-06-30', 'fr'), numbers.join_names(['a', 'b', 'c'], 'fr'),\n"
        "  numbers.less_than(10, 'people', 'fr'),\n"
        "  labels.label('women', 'fr'),\n"
        "  labels.in_place('XOS', 'fr'), labels.place_in_sentence('Merrow', 'fr')]))"
    )
    said = rmrp(code=code, RMRP_PACK=str(PACKS / "isles")).stdout.replace("\\u202f", " ")
    assert json.loads(said) == [
        *(["en", "es", "pt", "fr"], "Français", "1,57 M", "US$ 12,3 Md", "4910", "22,1 k", "11 204", "2,8 %"),
        *(
            "12,3 milliards de dollars",
            "1,57 million",
            "1,57 million de personnes",
            "janvier–juin 2031",
            "30 juin 2031",
        ),
        *("a, b et c", "< 10", "Femmes", "sur l’Osmarque", "l’Île Merrow"),
    ]


def test_figures_follow_from_the_rows_of_the_form(project: Path, run: Path) -> None:
    with (project / "data" / "activities.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Cluster"] == "Clean Water"]
    by_place: Counter[str] = Counter()
    for row in rows:
        by_place["Merrow" if row["Island"] == "Merrow" else "Northern Shore"] += int(row["New people"])
    stated = json.loads((run / "clean-water.en.json").read_text(encoding="utf-8"))
    figures = {figure["name"]: figure["value"] for figure in stated["figures"]}
    assert figures["people_reached"] == pytest.approx(by_place.total(), abs=9)  # public counts are multiples of 10
    assert figures["activities"] == len(rows)
    assert (figures["funding_usd"], figures["donors"]) == (25_000 + 13_000, 2)
    parts = stated["tables"]["people_reached_by_platform"]
    assert {part["platform"]: part["value"] for part in parts if part["value"]} == pytest.approx(by_place, abs=9)


def test_check_figures_and_trace_work(rmrp: Command, project: Path, tmp_path: Path) -> None:
    params = project / "params.yml"
    assert rmrp("check", params, "--out", tmp_path).returncode == 0
    assert "clean-water,people_reached," in rmrp("figures", params).stdout
    traced = rmrp(
        *("trace", params, "--internal", "--sector", "Agua Limpia", "--figure", "people_reached"),
        *("--out", tmp_path / "t.csv"),
    )
    assert traced.returncode == 0, traced.stderr
    assert "activities.csv" in (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_a_run_names_its_pack_and_can_be_verified(rmrp: Command, run: Path) -> None:
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert manifest["pack"]["name"] == "Isles Forum"
    crate = json.loads((run / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    (described,) = (entity for entity in crate["@graph"] if entity["@id"] == "#pack")
    assert described["sha256"] == manifest["pack"]["sha256"]
    verified = rmrp("verify", run)  # its parameter file, and with it the pack, is found near the run
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_another_line_of_the_pack_is_told_by_verify(rmrp: Command, run: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run.parents[2], tmp_path / "copy")
    colours = copy / "isles" / "colours.csv"
    colours.write_text(colours.read_text(encoding="utf-8").replace("#5b2c91", "#5b2c92"), encoding="utf-8")
    told = rmrp("verify", copy / "isles_plan" / "reports" / "isles", copy / "isles_plan" / "params.yml")
    assert "the run was made with another state of its plan pack" in told.stdout + told.stderr


def test_a_run_of_another_pack_without_its_parameters_is_refused(answer: Answer, run: Path, tmp_path: Path) -> None:
    code, refused = answer("verify", shutil.copytree(run, tmp_path / "alone"))
    assert (code, "is of the plan pack 'Isles Forum', and this process speaks of 'R4V'" in refused) == (2, True)


@pytest.fixture
def no_pack(tmp_path: Path) -> Iterator[None]:
    """The active pack is one that cannot be read, so that only what has a pack of its own works."""
    (tmp_path / pack.PACK_FILE).write_text("name: [", encoding="utf-8")
    with pack.use(tmp_path):
        yield


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {"isles": load_plan(PACKS / "isles_plan" / "params.yml"), "r4v": load_plan(bundled_plan())}


@pytest.mark.usefixtures("no_pack")
@pytest.mark.parametrize(
    ("name", "sector", "place", "language", "title", "label"),
    [
        ("isles", "Agua Limpia", "Costa Norte", "fr", "Eau potable sur la côte nord", "Osmarque"),
        ("r4v", "Salud", "Perú", "es", "Salud en Perú", "Perú"),
    ],
)
def test_a_plan_is_counted_checked_drawn_and_printed_by_its_own_pack(
    plans: dict[str, Plan], tmp_path: Path, name: str, sector: str, place: str, language: str, title: str, label: str
) -> None:
    plan = plans[name]
    selection = plan.select(sector, place=place)
    assert selection.people_reached().total == selection.figures().loc["people_reached", "value"]
    assert (
        selection.people_reached().where(month=plan.year.year).total
        == selection.trace("people_reached").contribution.sum()
    )
    assert set(plan.figures("all", "platforms")["sector"]) > {selection.key_figures().sector}
    assert len(plan.reports()) > 0
    assert set(check(selection)["check"]) <= set(check(plan)["check"])
    chart = charts.bars(selection.people_reached().by("country"), language=language)
    assert label in [text.get_text() for text in chart.get_yticklabels()]
    page = Page(selection, language=language)
    page.opening()
    page.headline()
    page.cards("people_in_need", "target", "people_reached")
    page.bars(page.table("people_reached", "month"))
    page.chart(charts.months(page.table("people_reached", "month"), language=language))
    assert title in page.blocks[0].html
    assert title in page.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.save(tmp_path / "page.pdf").stat().st_size > 10_000


def test_a_plan_keeps_its_pack_when_it_is_sent(plans: dict[str, Plan]) -> None:
    sent = pickle.loads(pickle.dumps(plans["isles"]))  # noqa: S301 - our own
    assert (sent.pack.name, copy(plans["r4v"]).pack, pack.folder()) == ("isles", pack.R4V_FOLDER, pack.R4V_FOLDER)
    object.__setattr__(sent, "pack", Path("elsewhere"))  # as on another computer
    assert pickle.loads(pickle.dumps(sent)).pack == pack.R4V_FOLDER  # noqa: S301 - our own


def test_a_run_of_another_pack_starts_from_a_process_of_r4v(project: Path) -> None:
    folder = api_run(project / "params.yml", out=project / "api", only=["Agua Limpia"])
    assert "Clean Water" in (folder / "clean-water.en.html").read_text(encoding="utf-8")
    assert proof("Clean Water: 1 partner", folder)["verdict"].to_list()
    assert diff(folder, folder).empty
    assert pack.folder() == pack.R4V_FOLDER
    assert pack.PACK_VARIABLE not in os.environ


def test_a_folder_that_is_no_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"pack: .* is no plan pack: it has no pack\.yml"):
        load_plan(bundled_plan(), pack=tmp_path)


def test_an_empty_label_of_an_indicator_hides_no_text(tmp_path: Path) -> None:
    shutil.copytree(pack.R4V_FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "indicators.csv").open("a", encoding="utf-8") as file:
        file.write("2021,X1,,,End of year 2021 key figures,,\n")
    with pack.use(tmp_path):
        assert pack.texts("es")["End of year 2021 key figures"] == "Cifras clave al cierre de 2021"


FAULTS = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_damaged_pack_is_refused_with_file_and_line(rmrp: Command, fault: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(PACKS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "isles" / fault["file"]
    if "old" not in fault:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert fault["old"] in text
        path.write_text(text.replace(fault["old"], fault["new"], 1), encoding="utf-8")
    refused = rmrp("run", tmp_path / "isles_plan" / "params.yml", "--dry-run", "--out", tmp_path / "reports")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False), refused.stderr
    assert fault["told"] in refused.stderr


def test_a_new_project_names_the_pack(rmrp: Command, tmp_path: Path) -> None:
    made = rmrp("new", tmp_path / "project", RMRP_PACK=str(PACKS / "isles"))
    assert made.returncode == 0, made.stderr
    params = (tmp_path / "project" / "params.yml").read_text(encoding="utf-8")
    assert f"pack: {Path(os.path.relpath(PACKS / 'isles', tmp_path / 'project')).as_posix()}\n" in params
    assert "R4V" not in (tmp_path / "project" / "data" / "sources.yml").read_text(encoding="utf-8")
    made = rmrp("new", tmp_path / "spanish", "--language", "es", RMRP_PACK=str(PACKS / "isles"), RMRP_LANGUAGE="es")
    assert "El Foro de las Islas envía la lista de indicadores a todos los socios. Guárdela" in made.stderr


def test_a_map_is_drawn_of_the_countries_that_the_pack_has_outlines_of(rmrp: Command, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACKS / "isles", tmp_path / "isles"))
    (folder / "map").mkdir()
    places = ["key,longitude,latitude", "Merrow,10.5,50.5", "Northern Shore,13,52", "XOS,12.5,52.5", "XTA,14,53"]
    (folder / "map" / "places.csv").write_text("\n".join(places), encoding="utf-8")
    corners = {"XMR": (10, 50), "XOS": (12, 52), "XTA": (13.5, 52.5), "other": (15, 50)}
    rings = {code: [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y]]] for code, (x, y) in corners.items()}
    (folder / "map" / "boundaries.json").write_text(json.dumps({"rings": rings}), encoding="utf-8")
    code = (
        "import pandas as pd; from rmrp_analysis import charts\n"
        "print([place for place in ('region', 'Merrow', 'Northern Shore', 'XOS') if charts.has_map_of(place)])\n"
        "axes = charts.circles_map(pd.Series({'Merrow': 3000, 'Northern Shore': 2000}))\n"
        "print(sorted(text.get_text().split()[0] for text in axes.texts if text.get_text()[:1] in 'MN'))"
    )
    drawn = rmrp(code=code, RMRP_PACK=str(folder))
    assert drawn.stdout.splitlines() == ["['region', 'Northern Shore']", "['Merrow', 'Northern']"], drawn.stderr
