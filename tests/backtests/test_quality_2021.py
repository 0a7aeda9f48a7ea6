"""The real reports of January to May 2021 break R4V's checks in the rows that were verified by other means.

The file at hand has no free text: what depends on the activity's name cannot be found in it, and is listed as not run.
With the names, 46 rows have none (33 of them break nothing else, so 10,013 break some check of R4V), 601 rows are
repeated in full and 6,494 share a key; without them more rows look alike.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from rmrp_analysis.loaders import load_plan
from rmrp_analysis.params import load_run_params
from rmrp_analysis.quality import STEPS_BY_REPAIR, Review, review_plan
from rmrp_analysis.quality.review import effects_of_repairs
from rmrp_analysis.quality.review import steps_to_people_reached as rounding_steps
from rmrp_analysis.vocabulary import POPULATION_GROUPS

pytestmark = pytest.mark.real_data

VERIFIED = {
    "Missing.ImplementingPartner": 83,
    "Non.CVA.Indicators.with.Value": 10,
    "CVA.Indicator.with.Missing.Value": 627,
    "Pin.Beneficiaries.vs.AGbreakdown": 4_128,
    "Pin.Beneficiaries.vs.pop.type": 6_767,
    "New.beneficiaries.superior.to.total": 36,
    "People.Beneficiaries.vs.AGbreakdown": 251,
    "PinPeople.Beneficaries.equal.0": 1_343,
    "Other.quantity.equal.0": 1_161,
    "Empty.data": 1_746,
    "any": 10_013 - 33,
}
LISTS = """
appealing_organisations: {file: appealing_organisations.csv, producer: R4V, as_of: 2021-06-01}
implementing_partners: {file: implementing_partners.csv, producer: R4V, as_of: 2021-06-01}
age_gender_proportions: {file: age_gender_proportions.csv, producer: R4V, as_of: 2021-06-01}
"""


@pytest.fixture(scope="module")
def review(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Review:
    folder = tmp_path_factory.mktemp("real")
    for path in (shared_data / "r4v-2021").iterdir():
        shutil.copyfile(path, folder / path.name)
    named = (folder / "sources.yml").read_text("utf-8")
    named = named.replace("../fts", str(shared_data / "fts")) + LISTS
    (folder / "sources.yml").write_text(named, encoding="utf-8")
    params = load_run_params(folder / "params.yml")
    return review_plan(load_plan(folder), period=params.period, method=params.method)


def test_every_check_of_r4v_finds_the_rows_that_were_verified(review: Review) -> None:
    of_r4v = review.findings[review.findings["r4v_check"] != ""].drop_duplicates(["line", "r4v_check"])
    rows = of_r4v.groupby("r4v_check").size().to_dict()
    assert rows | {"any": len(of_r4v.drop_duplicates("line"))} == VERIFIED


def test_what_r4v_does_not_check_is_found_too(review: Review) -> None:
    rows = review.by_check()["rows"]
    assert rows["implementing_partner_of_direct_activity"] == 1_086
    assert rows["multipurpose_cash_without_cva"] == 11
    assert rows["full_duplicate"] == 1_953  # alike in the 26 columns that the file has
    assert sorted(review.not_run) == ["missing_activity_name", "shared_key"]


def test_counts_of_people_that_are_not_whole_are_found_cell_by_cell(review: Review) -> None:
    """147 rows were named elsewhere: those whose five groups seem no whole number when added in binary fractions.

    In decimals the groups of every row add up to whole people; 791 rows hold parts of people in some group.
    """
    parts = review.findings.query("check == 'not_whole'")
    assert (len(parts), len(parts.drop_duplicates("line"))) == (2_456, 791)
    sums = review.plan.activities[list(POPULATION_GROUPS)].sum(axis="columns")
    assert (sums != sums.round()).sum() == 147
    assert (np.abs(sums - sums.round()) > 1e-9).sum() == 0


def test_the_row_of_127_938_is_among_the_first_three_outliers(review: Review) -> None:
    outliers = review.findings.query("check == 'outlier'")
    assert "127938" in outliers["value"].head(3).to_list()
    assert len(outliers) <= 0.01 * len(review.plan.activities)


def test_lists_that_are_not_named_are_told_and_their_checks_not_run(shared_data: Path) -> None:
    params = load_run_params(shared_data / "r4v-2021" / "params.yml")
    raw = review_plan(load_plan(params.data), period=params.period, method=params.method)
    assert raw.not_run["implementing_partner_not_listed"] == "sources.yml names no implementing_partners"


def test_the_steps_lead_from_every_person_sent_to_the_intersector_figure(review: Review) -> None:
    steps = rounding_steps(review).set_index("step")
    assert steps.loc["not_rmrp", "left"] == pytest.approx(3_149_943)
    assert steps.loc["several_sectors", "left"] == pytest.approx(1_546_287, abs=1)


def test_repairs_are_counted_in_cells_people_and_findings(review: Review) -> None:
    effects = effects_of_repairs(review).set_index("repair")
    assert list(effects.index) == list(STEPS_BY_REPAIR)
    assert effects.loc["total_lower_new", ["cells", "people"]].to_list() == [36, 0]
    assert effects.loc["pin_auto_apportioning", "rows"] == 278
    assert effects.loc["cva_to_yes", "findings"] == -10
