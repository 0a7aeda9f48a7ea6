"""The bundled plan is what it says it is: checked on the written files, without the package's own loaders."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import make_bundled_plan
from bundled_plan.write import write_plan
from rmrp_analysis.page.narrative import SECTION_HEADINGS
from rmrp_analysis.words import Translator

NEW, SECTOR = "New.beneficiaries.of.the.month", "Sector...Subsector...WG"
HTS = "Protection (Human Trafficking & Smuggling)"
HTS_CLUSTER = "26546"
PEOPLE_OF = {"Health": 1_570_140, "Humanitarian Transportation": 72_318, "Multipurpose CBI": 487_260, HTS: 4_910}
ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "data" / "rmrp-2021"
NARRATIVES = ROOT / "params" / "narratives" / "2021-end-of-year"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["make_bundled_plan.py", "--rows", "20000", "--seed", "2021", "--out", str(folder)])
        make_bundled_plan.main()
    return folder


@pytest.fixture(scope="module")
def written(plan: Path) -> pd.DataFrame:
    return as_text(plan / "activities.csv.gz")


@pytest.fixture(scope="module")
def used(plan: Path, written: pd.DataFrame) -> pd.DataFrame:
    """The rows that can be used, with their indicator's type and New as a number."""
    types = as_text(plan / "indicators.csv")[[SECTOR, "Indicator", "Indicator_Type"]]
    usable = written[NEW].ne("n/a") & written["Reporting.Month"].ne("") & written["Country"].ne("Atlantis")
    joined = written[usable].merge(types, on=[SECTOR, "Indicator"])
    return joined.assign(new=joined[NEW].astype(int))


@pytest.fixture(scope="module")
def flows(plan: Path) -> list[dict[str, Any]]:
    page = json.loads((plan / "funding.json").read_text(encoding="utf-8"))
    return page["data"]["flows"]


def as_text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def counted(used: pd.DataFrame) -> pd.DataFrame:
    return used[used["Indicator_Type"] == "Pin"]


def named(objects: list[dict[str, Any]], kind: str) -> list[str]:
    return [thing["id"] for thing in objects if thing["type"] == kind]


def net_usd(flows: list[dict[str, Any]], kind: str, *, cluster: str | None = None) -> dict[str, int]:
    """Rules R2 and R3 of funding.md: into the plan by destination, less flows inside it by source."""
    totals: dict[str, int] = {}
    for flow in flows:
        ends = [(1, flow["destinationObjects"])]
        if named(flow["sourceObjects"], "Plan") == ["1021"]:
            ends.append((-1, flow["sourceObjects"]))
        if flow["status"] == "pledge" or named(flow["destinationObjects"], "Plan") != ["1021"]:
            continue
        for sign, objects in ends:
            if cluster is None or named(objects, "GlobalCluster") == [cluster]:
                names = named(objects, kind)
                row = "shared" if len(names) > 1 else "".join(names)
                totals[row] = totals.get(row, 0) + sign * flow["amountUSD"]
    return totals


def test_the_same_rows_and_seed_give_the_same_bytes(plan: Path, tmp_path: Path) -> None:
    write_plan(tmp_path, rows=20_000, seed=2021)
    assert {path.name: path.read_bytes() for path in plan.iterdir()} == {
        path.name: path.read_bytes() for path in tmp_path.iterdir()
    }


def test_another_seed_gives_other_rows(plan: Path, tmp_path: Path) -> None:
    write_plan(tmp_path, rows=20_000, seed=2022)
    assert (plan / "activities.csv.gz").read_bytes() != (tmp_path / "activities.csv.gz").read_bytes()


def test_the_bundled_plan_is_what_the_generator_writes(plan: Path) -> None:
    assert read_all(BUNDLED) == read_all(plan)


def read_all(folder: Path) -> dict[str, str]:
    """Text of each file, the compressed one unpacked: its packing may differ between versions of zlib."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.*") if path.suffix != ".gz"}
    texts["sources.yml"] = re.sub("sha256: .*", "", texts["sources.yml"])
    return texts | {"activities": gzip.decompress((folder / "activities.csv.gz").read_bytes()).decode()}


@pytest.mark.parametrize("rows", [1, 40, 3_000])
def test_a_plan_of_any_size_has_exactly_its_rows(rows: int, tmp_path: Path) -> None:
    write_plan(tmp_path, rows=rows, seed=1)
    activities = as_text(tmp_path / "activities.csv.gz")
    assert activities.shape == (rows, 28)


def test_a_plan_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one activity record"):
        write_plan(tmp_path, rows=0, seed=1)


def test_one_row_in_a_thousand_cannot_be_used(written: pd.DataFrame, used: pd.DataFrame) -> None:
    assert (len(written), len(used)) == (20_000, 20_000 - 20)


def test_sectors_reach_exactly_the_people_of_their_profile(used: pd.DataFrame) -> None:
    people = counted(used).groupby(SECTOR)["new"].sum()
    assert people[list(PEOPLE_OF)].to_dict() == PEOPLE_OF


def test_every_month_and_country_is_reported(used: pd.DataFrame) -> None:
    assert (used["Reporting.Month"].nunique(), used["Country"].nunique()) == (12, 17 + 1)


def test_trafficking_reaches_the_people_of_each_country(used: pd.DataFrame) -> None:
    rows = counted(used)[counted(used)[SECTOR] == HTS]
    by_country = {"Peru": 4_660, "Colombia": 127, "Ecuador": 42, "Trinidad and Tobago": 41, "Curacao": 17, "Brazil": 16}
    few = {"Chile": 4, "Argentina": 2, "Bolivia": 1}
    assert rows.groupby("Country")["new"].sum().to_dict() == by_country | few
    peru = rows.loc[rows["Country"] == "Peru", "Host.Communities.Beneficiaries"].astype(int)
    assert peru.sum() == 4_635


def test_trafficking_breakdowns_add_up_on_every_row(used: pd.DataFrame) -> None:
    rows = counted(used)[counted(used)[SECTOR] == HTS]
    numbers = rows.loc[:, "Refugees.and.Migrants.IN.DESTINATION":"Men.above.18"].astype(int)
    assert (numbers.iloc[:, :5].sum(axis=1) == rows["new"]).all()
    assert (numbers.iloc[:, 5:].sum(axis=1) == rows["new"]).all()


def test_trafficking_is_funded_as_published(flows: list[dict[str, Any]]) -> None:
    regional = 1_470_000 - 360_000 - 190_000
    assert net_usd(flows, "GlobalCluster")[HTS_CLUSTER] == 1_470_000
    assert net_usd(flows, "Location", cluster=HTS_CLUSTER) == {"175": 360_000, "49": 190_000, "": regional}


def test_the_plan_total_is_its_sectors_and_what_is_shared_or_not_specified(flows: list[dict[str, Any]]) -> None:
    incoming = sum(f["amountUSD"] for f in flows if f["boundary"] == "incoming" and f["status"] != "pledge")
    by_sector = net_usd(flows, "GlobalCluster")
    assert len(by_sector) == 14 + 2
    assert sum(by_sector.values()) == sum(net_usd(flows, "Location").values()) == incoming == 605_217_070


def test_requirements_of_the_sectors_add_up_to_the_plan(plan: Path) -> None:
    planning = as_text(plan / "planning.csv")
    required = planning[planning["measure"].eq("requirement_usd") & planning["sector"].ne("all")]
    assert (len(required), required["value"].astype(int).sum()) == (14, 1_439_234_410)


def test_people_in_need_and_target_leave_people_in_transit_out(plan: Path) -> None:
    planning = as_text(plan / "planning.csv").assign(value=lambda rows: rows["value"].astype(int))
    people = planning[planning["measure"].ne("requirement_usd") & planning["scope"].eq("region")]
    wide = people.pivot_table(index=["sector", "measure"], columns="population_group", values="value").dropna()
    parts = wide[["in destination", "host communities", "returnees", "pendular"]].sum(axis=1)
    assert len(wide) == 4 * 2 + 7 * 2 + 1
    assert (parts == wide["all"]).all()


def test_sources_name_every_file_with_its_checksum(plan: Path) -> None:
    sources = (plan / "sources.yml").read_text(encoding="utf-8")
    for path in plan.iterdir():
        if path.name != "sources.yml":
            assert f"file: {path.name}\n" in sources
            assert hashlib.sha256(path.read_bytes()).hexdigest() in sources


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_each_sector_has_a_narrative_of_three_headings(language: str) -> None:
    narratives = sorted(NARRATIVES.glob(f"*.{language}.md"))
    headings = [re.findall("^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE) for path in narratives]
    assert headings == [[Translator(language)(name) for name in SECTION_HEADINGS]] * 14


@pytest.mark.parametrize("language", ["es", "pt"])
def test_a_narrative_names_the_same_figures_in_every_language(language: str) -> None:
    named = {
        path.name.partition(".")[0]: sorted(re.findall(r"{{ ([a-z_]+)", path.read_text(encoding="utf-8")))
        for path in NARRATIVES.glob("*.en.md")
    }
    for sector, names in named.items():
        text = (NARRATIVES / f"{sector}.{language}.md").read_text(encoding="utf-8")
        assert sorted(re.findall(r"{{ ([a-z_]+)", text)) == names, sector


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_bundled_narrative_is_about_its_sector_with_live_figures(language: str) -> None:
    texts = {path.name.partition(".")[0]: path.read_text("utf-8") for path in NARRATIVES.glob(f"*.{language}.md")}
    own = [name for name, text in texts.items() if not text.startswith("---\nillustrative: true\n---\n")]
    assert own == ["human-trafficking-and-smuggling"]  # says what was published, in other words
    responses = {name: text.split("\n## ")[-2] for name, text in texts.items()}
    assert [name for name, text in responses.items() if text.count("{{ ") - text.count("{{ place(") < 2] == []
    assert sum("{{ chart(" in text for text in texts.values()) >= 2
    paragraphs = [text for name in texts for text in texts[name].split("\n\n") if not text.startswith(("---", "## "))]
    assert len(set(paragraphs)) == len(paragraphs)
