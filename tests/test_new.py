"""A project of one's own from a workbook, in any folder, with nothing foreign in it; other tests make its sheets."""

import gzip
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from nbformat import read

from conftest import Answer
from published_run import workbook
from rmrp_analysis.api import bundled_plan
from rmrp_analysis.commands.notebooks import describe_changed_notebook
from rmrp_analysis.loaders.header import header_key, looks_spanish
from rmrp_analysis.packs.pack import Publisher
from rmrp_analysis.params import find_shipped_folder, load_run_params
from rmrp_analysis.tables import Activities

MONTH = "Reporting.Month"


def rows_until(month: str, number: int) -> pd.DataFrame:
    """Some rows of the bundled plan, whose people are a number, up to a month."""
    with gzip.open(bundled_plan() / "activities.csv.gz", "rt", encoding="utf-8-sig") as file:
        table = pd.read_csv(file, dtype="str", keep_default_na=False)
    whole = table["New.beneficiaries.of.the.month"].str.fullmatch(r"\d+")
    return table[whole & table[MONTH].between("2021-01", month)].sample(number, random_state=1)


@pytest.fixture(scope="module")
def activities() -> pd.DataFrame:
    return rows_until("2021-03", 1000)


@pytest.fixture(scope="module")
def in_spanish(activities: pd.DataFrame) -> pd.DataFrame:
    return under_spanish_headers(activities)


def under_spanish_headers(activities: pd.DataFrame) -> pd.DataFrame:
    """The rows under the Spanish headers of their columns, where there are some."""
    names = {}
    for about in Activities.source_columns.values():
        spanish = [header for header in about.headers if looks_spanish(header)]
        names |= dict.fromkeys(map(header_key, about.headers), *spanish[:1]) if spanish else {}
    return activities.rename(columns=lambda name: names.get(header_key(name), name))


def indicators() -> pd.DataFrame:
    return pd.read_csv(bundled_plan() / "indicators.csv", dtype="str", keep_default_na=False)


def test_a_spanish_workbook_makes_a_project_in_spanish_that_holds_nothing_foreign(
    in_spanish: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    notes = pd.DataFrame({"Instrucciones": ["Leer primero"]})
    sheets = {"Leer": notes, "Actividades": in_spanish, "Indicadores": indicators()}
    book = workbook(tmp_path / "informe de marzo.xlsx", sheets)
    monkeypatch.chdir(tmp_path)
    code, said = answer("new", "mi proyecto", "--from", book)
    assert code == 0
    assert "activities: la hoja «Actividades»\nindicators: la hoja «Indicadores»\n" in said
    assert said.endswith("\nSiga con:\n  cd 'mi proyecto'\n  rmrp check params.yml\n  rmrp run params.yml\n")
    project = tmp_path / "mi proyecto"
    params = load_run_params(project / "params.yml")
    assert (params.run, params.plan, params.period.start, params.period.end) == (
        "mi-proyecto",
        2021,
        "2021-01",
        "2021-03",
    )
    assert params.languages == ("es",)
    assert [path.name for path in (project / "narratives").iterdir()] == ["run.txt"]
    assert len((project / "README.md").read_text("utf-8").splitlines()) <= 10


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_project_is_in_the_language_that_is_asked_for(language: str, tmp_path: Path, answer: Answer) -> None:
    assert answer("new", tmp_path / "p", "--language", language)[0] == 0
    params = load_run_params(tmp_path / "p" / "params.yml")
    title = {"en": "Key figures", "es": "Cifras clave", "pt": "Números-chave"}[language]
    assert (params.languages, params.title_in(language)) == ((language,), f"{title} {params.plan}")
    assert (params.publisher, params.calendar) == (None, ())
    assert title.split()[0].lower() in (tmp_path / "p" / "README.md").read_text("utf-8").lower()
    assert "# publisher: {name: R4V, contact: figures@example.org" in (tmp_path / "p" / "params.yml").read_text("utf-8")


def test_a_project_has_every_language_that_is_asked_for(tmp_path: Path, answer: Answer) -> None:
    for name, languages in {"a": ["en", "es", "pt"], "b": ["pt,es"], "c": ["pt es pt"]}.items():
        code, _ = answer("new", tmp_path / name, "--language", *languages)
        typed = " ".join(languages).replace(",", " ").split()
        assert (code, load_run_params(tmp_path / name / "params.yml").languages) == (0, tuple(dict.fromkeys(typed)))
    assert "# Os meses: " in (tmp_path / "b" / "notebooks" / "sector_key_figures.ipynb").read_text("utf-8")


def test_a_project_says_who_publishes_and_when(tmp_path: Path, answer: Answer) -> None:
    masthead = ("--publisher", "R4V: Perú", "--contact", "cifras@example.org", "--issue", "2021-07-15", "2021-06-15")
    assert answer("new", tmp_path / "p", "--plan", "2021", *masthead)[0] == 0
    params = load_run_params(tmp_path / "p" / "params.yml")
    assert params.publisher == Publisher(name="R4V: Perú", contact="cifras@example.org")
    assert params.calendar == (date(2021, 6, 15), date(2021, 7, 15))
    assert answer("new", tmp_path / "q", "--contact", "cifras@example.org")[0] == 0
    publisher = load_run_params(tmp_path / "q" / "params.yml").publisher
    assert publisher == Publisher(name="R4V", contact="cifras@example.org", address="r4v.info")
    code, said = answer("new", tmp_path / "r", "--issue", "June")
    assert (code, "'June' is no day; write it as" in said) == (2, True)
    assert not (tmp_path / "r").exists()


def test_the_notebooks_are_about_the_project(activities: pd.DataFrame, tmp_path: Path, answer: Answer) -> None:
    activities.to_csv(tmp_path / "rows.csv", index=False)
    assert answer("new", tmp_path / "p", "--from", tmp_path / "rows.csv", "--language", "pt")[0] == 0
    for path in (tmp_path / "p" / "notebooks").glob("*.ipynb"):
        cells = read(path, as_version=4).cells
        shipped = read(find_shipped_folder("notebooks") / path.name, as_version=4).cells
        texts = [[cell.source for cell in each if cell.cell_type == "markdown"] for each in (cells, shipped)]
        assert not {*texts[0]} & {*texts[1]}
        assert not path.name.startswith("sector_") or describe_changed_notebook(path) == ""
        source = "\n".join(cell.source for cell in cells)
        assert '"../data"' in source
        assert "rmrp-2021" not in source
        assert "end-of-year" not in source
        assert "2021-12" not in source
        assert "End of year" not in source


def test_a_missing_list_comes_or_is_asked_for(activities: pd.DataFrame, tmp_path: Path, answer: Answer) -> None:
    book = workbook(tmp_path / "a.xlsx", {"5W": activities})
    code, said = answer("new", tmp_path / "one", "--from", book)
    assert (code, "indicators: the list of plan 2021 that comes with the package" in said) == (0, True)
    copied = tmp_path / "one" / "data" / "indicators.csv"
    assert copied.read_bytes() == (bundled_plan() / "indicators.csv").read_bytes()
    book = workbook(tmp_path / "b.xlsx", {"5W": activities.assign(**{MONTH: "2022-05"})})
    code, said = answer("new", tmp_path / "two", "--from", book)
    assert (code, "R4V publishes the list of indicators with the activity report template" in said) == (0, True)
    assert "plan 2022, period 2022-05 to 2022-05" in said
    assert not (tmp_path / "two" / "data" / "indicators.csv").exists()
    code, said = answer("check", tmp_path / "two" / "params.yml")
    assert (code, "indicators names indicators.csv, but there is no such file" in said) == (3, True)


def test_of_two_sheets_that_fit_one_is_named(activities: pd.DataFrame, tmp_path: Path, answer: Answer) -> None:
    organisations = pd.DataFrame({"IDIP": ["1"], "Name": ["ACNUR"]})
    places = pd.read_csv(bundled_plan() / "admin1.csv", dtype="str", keep_default_na=False)
    sheets = {"Draft": activities.head(3).iloc[:, ::-1], "5W": activities, "Partners": organisations, "Places": places}
    _, said = answer("new", tmp_path / "p", "--from", workbook(tmp_path / "a.xlsx", sheets))
    assert "activities: the sheet '5W' fits, too, and is not read; change `sheet:` to read it" in said
    sources = yaml.safe_load((tmp_path / "p" / "data" / "sources.yml").read_text("utf-8"))
    assert {name: source.get("sheet") for name, source in sources.items() if isinstance(source, dict)} == {
        "activities": "Draft",
        "indicators": None,
        "admin1": "Places",
        "implementing_partners": "Partners",
    }


def test_nothing_is_overwritten_or_left_half(activities: pd.DataFrame, tmp_path: Path, answer: Answer) -> None:
    project = tmp_path / "p"
    project.mkdir()
    (project / "README.md").write_text("mine", encoding="utf-8")
    assert answer("new", project) == (
        2,
        f"rmrp: {project / 'README.md'} is there already; nothing is written. Choose another folder\n",
    )
    assert [path.name for path in project.iterdir()] == ["README.md"]
    other = workbook(tmp_path / "a.xlsx", {"Indicadores": indicators()})
    code, said = answer("new", tmp_path / "q", "--from", other)
    assert (code, "no visible sheet has the headers of an activity report (5W); found: indicators" in said) == (3, True)
    said = answer("new", tmp_path / "q", "--from", other, "--language", "es")[1]
    assert "ninguna hoja visible tiene los encabezados" in said
    assert not (tmp_path / "q").exists()


def test_without_a_workbook_the_folder_says_what_is_missing(tmp_path: Path, answer: Answer) -> None:
    code, said = answer("new", tmp_path / "p", "--plan", "2023")
    assert (code, "Put the activities into data/" in said) == (0, True)
    code, said = answer("check", tmp_path / "p" / "params.yml")
    assert (code, "activities names activities.xlsx, but there is no such file" in said) == (3, True)


def test_narratives_of_another_run_are_refused(tmp_path: Path, answer: Answer) -> None:
    answer("new", tmp_path / "p")
    params = tmp_path / "p" / "params.yml"
    params.write_text(params.read_text("utf-8").replace("run: p ", "run: q "), encoding="utf-8")
    code, said = answer("run", params)
    assert (code, "belong to the run 'p'" in said, "this run is 'q'" in said) == (2, True, True)
    assert json.dumps(said).count("\\n") == 1


@pytest.mark.parametrize(
    ("months", "arguments", "said"),
    [
        ([], [], "no activity is of 2021-03; the last one is of 2021-02; name the new export by --from"),
        ([], ["--month", "2021-13"], "the period '2021-01/2021-13' cannot be used; write it like 2021,"),
        (["2021-03"], ["--from", "none"], "none holds no file that can be read"),
    ],
)
def test_a_month_that_cannot_come_next_changes_nothing(
    months: list[str],
    arguments: list[str],
    said: str,
    activities: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("none").mkdir()
    activities[activities[MONTH] < "2021-03"].to_csv("old.csv", index=False)
    activities[activities[MONTH].isin(months)].to_csv("new.csv", index=False)
    assert answer("new", "p", "--from", "old.csv")[0] == 0
    before = {path: path.read_bytes() for path in Path("p").rglob("*") if path.is_file()}
    code, message = answer("next", "p/params.yml", *arguments)
    assert (code, said in message, message.count("\n")) == (2, True, 1)
    assert {path: path.read_bytes() for path in Path("p").rglob("*") if path.is_file()} == before


def files_of(project: Path) -> dict[str, object]:
    """The files of a project's activities, and which of them replaces which."""
    entry = yaml.safe_load((project / "data" / "sources.yml").read_text("utf-8"))["activities"]
    return {key: entry[key] for key in ("file", "files", "replaces") if key in entry}


def test_of_files_with_the_same_reports_the_option_says_which_stands(
    activities: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, months in {"march": ["2021-02", "2021-03"], "april": ["2021-03"], "may": ["2021-03"]}.items():
        rows = activities[activities[MONTH].isin(months)]
        rows.assign(**{"Admin1": ""} if name == "may" else {}).to_csv(f"{name}.csv", index=False)
    code, message = answer("new", "p", "--from", "march.csv", "--from", "april.csv")
    assert (code, Path("p").exists()) == (3, False)
    assert "march.csv and april.csv both hold" in message
    assert '--replaces "april.csv: [march.csv]"' in message
    assert (
        answer("new", "p", "--from", "march.csv", "--from", "april.csv", "--replaces", "april.csv: march.csv")[0] == 0
    )
    decided = {"files": ["march.csv", "april.csv"], "replaces": {"april.csv": ["march.csv"]}}
    assert files_of(Path("p")) == decided
    # the next file holds all that april.csv holds, and so takes its place; of march.csv it holds a part
    before = {path: path.read_bytes() for path in Path("p").rglob("*") if path.is_file()}
    code, message = answer("next", "p/params.yml", "--from", "may.csv")
    assert (code, '--replaces "may.csv: [march.csv]"' in message) == (3, True)
    assert {path: path.read_bytes() for path in Path("p").rglob("*") if path.is_file()} == before
    assert answer("next", "p/params.yml", "--from", "may.csv", "--replaces", "may.csv: [march.csv, april.csv]")[0] == 0
    assert files_of(Path("p")) == {"files": ["march.csv", "may.csv"], "replaces": {"may.csv": ["march.csv"]}}


@pytest.mark.parametrize("text", ["april.csv", "[march.csv]", "may.csv: [march.csv]", "april.csv: [", "april.csv: {}"])
def test_a_decision_that_cannot_be_read_is_refused(
    text: str, activities: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("march.csv", "april.csv"):
        activities.to_csv(name, index=False)
    code, message = answer("new", "p", "--from", "march.csv", "--from", "april.csv", "--replaces", text)
    assert (code, message.count("\n"), Path("p").exists()) == (2, 1, False)


def test_a_file_of_another_country_and_the_same_month_is_a_further_one(
    activities: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.chdir(tmp_path)
    in_peru = activities["Country"] == "Peru"
    for name, rows in {"peru.csv": activities[in_peru], "others.csv": activities[~in_peru]}.items():
        rows.to_csv(name, index=False)
    assert answer("new", "p", "--from", "peru.csv")[0] == 0
    assert answer("next", "p/params.yml", "--from", "others.csv")[0] == 0
    assert files_of(Path("p")) == {"files": ["peru.csv", "others.csv"]}


HEADERS_OF_2026 = {
    "Appealing.Organization.Name": "Appealing organisation Name", "Implementation.Set.up": "Implementation Set up",
    "Implementing.partner.Name": "Implementing partner Name", "Reporting.Month": "Month",
    "Sector...Subsector...WG": "Indicator Sector", "Activity.name": "Activity Name",
    "Activity.description": "Activity Description", "RMRP.Activity": "RMRP Activity",
    "Value.of.Transfer.in.USD": "Value (in USD)", "Delivery.Mechanism": "Delivery mechanism",
    "Quantity.of.unit.measured": "Quantity of output", "Total.monthly.beneficiaries": "Total monthly beneficiaries",
    "Refugees.and.Migrants.IN.DESTINATION": "In Destination", "Refugees.and.Migrants.IN.TRANSIT": "In Transit",
    "Host.Communities.Beneficiaries": "Host Communities", "Refugees.and.Migrants.PENDULARS": "Pendulars",
    "Colombian.Returnees": "Colombian Returnees", "Women.under.18": "Women under 18", "Men.under.18": "Men under 18",
    "Women.above.18": "Women above 18", "Men.above.18": "Men above 18",
}  # fmt: skip


def reached(project: Path, report: str) -> float:
    """The people reached that the run of a project states."""
    (path,) = project.glob(f"reports/*/{report}.json")
    figures = {figure["name"]: figure["value"] for figure in json.loads(path.read_text("utf-8"))["figures"]}
    return float(figures["people_reached"])


@pytest.mark.real_data
def test_r4vs_own_export_alone_makes_its_sheets(shared_data: Path, tmp_path: Path, answer: Answer) -> None:
    export = shared_data / "r4v-2021" / "activities_jan-may_2021.csv.gz"
    assert answer("new", tmp_path / "p", "--from", export)[0] == 0
    params = tmp_path / "p" / "params.yml"
    text = params.read_text("utf-8").replace("formats: [html, pdf]", "formats: [html]")
    params.write_text(text.replace("rounding: 10 ", "rounding: 0 "), encoding="utf-8")
    code, said = answer("run", params, "--out", tmp_path / "p" / "reports")
    assert code == 0, said
    assert reached(tmp_path / "p", "health.en") == 453_759
    doubted = [json.loads(path.read_text("utf-8")).get("doubt") for path in (tmp_path / "p").rglob("*.en.json")]
    assert 0 < sum(map(bool, doubted)) < len(doubted)  # a number that is not sure is published as its range
    code, said = answer("check", params, "--out", tmp_path)
    assert (code, "Indicators: 95 of the list of R4V, RMRP 2021; the package has labels of 95" in said) == (0, True)


def test_an_export_of_2026_alone_makes_its_sheets(tmp_path: Path, answer: Answer) -> None:
    rows = pd.read_csv(bundled_plan() / "activities.csv.gz", dtype="str", keep_default_na=False, nrows=1_500)
    types = indicators().set_index("Indicator")["Indicator_Type"]
    words = {"Pin": "Direct Assistance", "People": "Capacity Building", "Other": "Other"}
    table = rows.assign(
        **{
            "Record ID": [f"r{number}" for number in range(len(rows))],
            "Reporting.Month": rows["Reporting.Month"].str.replace("2021", "2026"),
            "Indicator Type": rows["Indicator"].map(types).map(words).fillna("Other"),
            "Other under 18": "0",
            "Other above 18": "0",
            "Platform": "",
        }
    ).rename(columns=HEADERS_OF_2026)
    gone = ["COVID.19.situation", "Support.Space.activity", "New.beneficiaries.of.the.month"]
    table[table["Country"] != "Atlantis"].drop(columns=gone).to_csv(tmp_path / "export 2026.csv", index=False)
    code, said = answer("new", tmp_path / "p", "--from", tmp_path / "export 2026.csv")
    assert (code, "the activities state the type of each indicator" in said) == (0, True)
    assert "intersector_model: sum" in (tmp_path / "p" / "params.yml").read_text("utf-8")
    params = tmp_path / "p" / "params.yml"
    params.write_text(params.read_text("utf-8").replace("formats: [html, pdf]", "formats: [html]"), encoding="utf-8")
    assert answer("run", params, "--out", tmp_path / "p" / "reports", "--sector", "Health", "Intersector")[0] == 0
    assert reached(tmp_path / "p", "intersector.en") > reached(tmp_path / "p", "health.en") > 0
