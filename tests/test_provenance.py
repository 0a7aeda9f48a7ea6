"""What the numbers of a sheet are said to follow from."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rmrp_analysis
from rmrp_analysis import Page, bundled_plan, load_plan, provenance
from rmrp_analysis.method import Method
from rmrp_analysis.plan import Plan
from rmrp_analysis.theme import FIGURES_MIME


def checksum() -> str:
    provenance.package_digest.cache_clear()
    return str(provenance.code()["sha256"])


@pytest.fixture
def copied_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of this package, whose checksum is asked for."""
    package = tmp_path / "rmrp_analysis"
    shutil.copytree(Path(rmrp_analysis.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(rmrp_analysis, "__file__", str(package / "__init__.py"))
    yield package
    provenance.package_digest.cache_clear()


def test_code_has_the_same_checksum_wherever_it_lies_and_whatever_comes_with_it(copied_code: Path) -> None:
    before = checksum()
    for path in copied_code.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert checksum() == before
    before = checksum()
    for name in ("data", "notebooks", "packs", "params", "__pycache__", ".ipynb_checkpoints"):
        (copied_code / name).mkdir(exist_ok=True)
        (copied_code / name / "file").write_text("…", encoding="utf-8")
    assert checksum() == before


@pytest.mark.parametrize(
    "name", ["numbers.py", "theme/sheet.typ", "theme/rmrp.mplstyle", "vocabulary/fts_clusters.csv"]
)
def test_another_line_of_code_gives_another_checksum(name: str, copied_code: Path) -> None:
    before = checksum()
    path = copied_code / name
    path.write_bytes(path.read_bytes() + b"\n# another line\n")
    assert checksum() != before


def test_an_edition_is_the_same_for_all_sheets_and_another_for_whatever_moves_numbers(bundled: Plan) -> None:
    def edition(sector: str = "Health", *, audience: str = "public", **choices: Any) -> str:
        return provenance.provenance(bundled.select(sector, **choices), audience=audience)["edition"]

    usual = edition()
    assert usual == edition("WASH") == edition(platform="Peru") == edition()
    others = [
        edition(period="2021-01/2021-06"),
        edition(method=Method(rounding=20)),
        edition(audience="internal"),
        provenance.provenance(
            load_plan(bundled_plan(), repairs=["total_lower_new"]).select("Health"), audience="public"
        )["edition"],
    ]
    assert len({usual, *others}) == 5


def test_each_figure_names_the_inputs_that_it_follows_from(bundled: Plan) -> None:
    inputs = provenance.inputs_of_figures(bundled.select("Health"))
    assert inputs["people_in_need"] == ["planning"]
    assert inputs["funding_usd"] == ["funding"]
    assert inputs["unmet_usd"] == ["planning", "funding"]
    assert {"activities", "indicators", "admin1"} <= set(inputs["people_reached"])
    assert not {"planning", "funding"} & set(inputs["people_reached"])
    assert set(inputs["target_coverage"]) == {"planning", *inputs["people_reached"]}
    assert provenance.inputs_of_figures(bundled.select("Common Services"))["people_reached"] == []


def test_the_json_of_a_sheet_names_every_input_of_its_figures_with_its_checksum(bundled: Plan) -> None:
    records = Page(bundled.select("Health")).figures().records
    files = {file["input"]: file for file in records["provenance"]["inputs"]}
    for figure in records["figures"]:
        assert set(figure["inputs"]) <= set(files)
        assert bool(figure["inputs"]) == (figure["value"] is not None)
    assert files["activities"] == {
        "input": "activities",
        "file": "activities.csv.gz",
        "sha256": bundled.inputs[0].sha256,
        "producer": "invented for illustration",
        "as_of": "2021-12-31",
    }
    assert str(bundled_plan()) not in json.dumps(records["provenance"])


def test_a_sheet_and_the_cover_of_its_workbook_print_the_edition_unless_of_figures_alone(bundled: Plan) -> None:
    page = Page(bundled.select("Health"), language="es")
    page.account()
    stated = page.figures()
    edition = stated.records["provenance"]["edition"]
    assert f"Edición {edition}</p>" in page.blocks[-1].html
    lines = [f"{heading} {text}" for heading, text, _ in stated.tables["cover"]["lines"]]
    assert any(f"Edición {edition}" in line for line in lines)
    assert f"activities.csv.gz {bundled.inputs[0].sha256}" in lines
    assert f"rmrp-analysis 0.1.0 {provenance.code()['sha256']}" in lines
    page = Page(Page(bundled.select("Health")).key_figures)
    page.account()
    assert "provenance" not in page.figures().records
    assert "Edition" not in page.blocks[-1].html
    assert FIGURES_MIME in page.figures()._repr_mimebundle_()
