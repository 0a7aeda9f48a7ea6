"""No contact of a person reaches a figure; people in rows with something to review are counted once."""

import re
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conftest import YEAR, activities, flow, flows, plan
from rmrp_analysis.plan import Plan
from rmrp_analysis.quality import findings, repair_plan
from rmrp_analysis.quality.money import money_findings
from rmrp_analysis.quality.review import people_to_review
from rmrp_analysis.vocabulary import CONTACT_PATTERN_ROWS, WITHHELD_CONTACT_TEXT, holds_contact, report_id

LETTERS = st.text("abcdefgijkmnoprstuvz", min_size=2, max_size=8)
DIGITS = st.text("0123456789", min_size=9, max_size=13)
E_MAILS = st.builds("{}{}{}.{}".format, LETTERS, st.sampled_from("@＠"), LETTERS, st.sampled_from(["org", "com.co"]))
TELEPHONES = st.one_of(
    DIGITS,
    DIGITS.map(lambda digits: f"+{digits[:2]} {digits[2:5]} {digits[5:]}"),
    DIGITS.map(lambda digits: f"{digits[:3]} {digits[3:6]}-{digits[5:9]}"),
    DIGITS.map(lambda digits: f"({digits[:4]}) {digits[2:5]} {digits[5:7]} {digits[7:9]}"),
    DIGITS.map(lambda digits: f"WhatsApp: {digits[:3]} {digits[3:7]}"),
    DIGITS.map(lambda digits: digits.translate({ord("0") + n: ord("０") + n for n in range(10)})),
)
CONTACTS = st.one_of(E_MAILS, TELEPHONES, LETTERS.map("ana (at) {}".format), LETTERS.map("@ana_{}".format))
AROUND = st.sampled_from(["{}", "Lima {}", "{} Lima", "Fundación Aldeas ({})", "Casa; {}; Perú", "Ana,{}"])


@given(contact=CONTACTS, around=AROUND)
def test_a_contact_is_known_whatever_stands_around_it(contact: str, around: str) -> None:
    assert holds_contact(around.format(contact))


@pytest.mark.parametrize(("kind", "pattern", "example"), CONTACT_PATTERN_ROWS)
def test_every_look_in_the_table_of_contacts_fits_its_example(kind: str, pattern: str, example: str) -> None:
    assert re.search(pattern, example)
    assert holds_contact(example) or kind not in ("e-mail", "account", "telephone")


@pytest.mark.parametrize(
    "name",
    [
        *("Lima", "Región XV, Arica", "Distrito Capital 1", "VE01", "1101", "PE150101", "Norte de Santander"),
        *("Fundación Niñ@s", "Refugiad@s y Migrantes", "Plan 2021-2022", "RMRP 2020/2021, 2021-01-15", "AVSI 2000"),
        *(
            "USAID 1234",
            "12 de Octubre",
            "Calle 80 # 12-45",
            "European Commission 2021 2027",
            "ECHO/-AM/BUD/2021/91000",
        ),
    ],
)
def test_other_names_hold_none(name: str) -> None:
    assert not holds_contact(name)


def everything_counted(plan: Plan) -> str:
    """Every text that figures of the plan, their rows and its joins hold."""
    figures = plan.figures(["Health", "Shelter"], ["region", "Colombia"])
    tables = [figures, plan.rows, plan.people, plan.ledger, plan.reports(), plan.refused_activities, plan.funding_flows]
    return "\n".join([str(plan.joins), *(table.to_csv() for table in tables if table is not None)])


@settings(max_examples=2, phases=[Phase.generate])  # each makes two plans with their figures
@given(typed=st.lists(st.tuples(CONTACTS, AROUND), min_size=12, max_size=30))
def test_no_figure_row_or_join_holds_a_contact_that_a_name_held(typed: list[tuple[str, str]]) -> None:
    contacts, names = [contact for contact, _ in typed], [around.format(contact) for contact, around in typed]
    rows = {
        "admin1": [*names, "Meta"], "admin2": [*names, ""], "place": [*map(str.lower, names), "meta"],
        "place_name": [*names, "Meta"], "appealing_organisation": [*names, "IOM"],
        "implementing_partner": [*names, "Aldeas"], "delivery_mechanism": [*names, ""],
        "indicator": ["a listed one", *names], "indicator_code": ["RE-HLTH01", *[""] * len(names)],
        "new_beneficiaries": 20,
    }  # fmt: skip
    money = [
        flow(5, destination_sectors=("Shelter",), source_organisations=(ids,), source_organisation_names=(name, "x"))
        for name in names
        for ids in ("7", name.lower())  # HDX has no ids
    ]
    made = plan(activities(**rows), flows=flows(*money))
    made = replace(made, refused_activities=activities(**rows | {"month": "2021-03"}).assign(people_left_out=3.0))
    said, raw = everything_counted(repair_plan(made)), everything_counted(made)
    assert [contact for contact in contacts if contact in said or contact.lower() in said] == []
    assert [contact for contact in contacts if contact not in raw] == []  # where no name is withheld, it is there


def test_people_and_partners_are_counted_as_before() -> None:
    names = {"appealing_organisation": ["a@x.org", "b@x.org", "IOM"], "admin1": ["a@x.org", "Meta", "Meta"]}
    places = {"place": ["a@x.org", "meta", "meta"], "place_name": names["admin1"], "new_beneficiaries": [20, 30, 40]}
    donors = [flow(5, source_organisations=(name,), destination_sectors=("Health",)) for name in ("a@x.org", "b@x.org")]
    raw = plan(activities(**names, **places), flows=flows(*donors))
    after = repair_plan(raw)
    for one in (raw, after):
        selection = one.select("Health")
        values = selection.figures()["value"]
        assert (values["people_reached"], values["reporting_partners"], values["donors"]) == (90, 3, 2)
    assert after.names_withheld == 3 + 2
    assert after.select("Health", platform="Colombia").people_reached().by("admin1").to_dict() == {
        "Meta": 70,
        "national": 20,
    }


def withheld_names(**columns: list[str]) -> list[tuple[str, str]]:
    """The appealing organisation and the implementing partner of each row, without contacts."""
    after = repair_plan(plan(activities(**columns, implementation_setup="Yes")))
    names = after.activities[["appealing_organisation", "implementing_partner"]]
    return [*names.astype("str").itertuples(index=False, name=None)]


def test_organisations_whose_names_are_withheld_are_told_apart_in_every_report_and_role() -> None:
    names = {
        "appealing_organisation": ["b@x.org", "a@x.org", "IOM"],
        "implementing_partner": ["c@x.org", "b@x.org", ""],
    }
    first, second, third = withheld_names(**names)
    assert first[0] == second[1]
    assert len({first[0], first[1], second[0]}) == 3
    assert third == ("IOM", "")
    after = repair_plan(plan(activities(**names)))
    assert len({report_id("Health", "region", name) for name in after.organisations}) == len(after.organisations) == 3


def test_the_number_of_a_withheld_name_does_not_follow_the_address_and_stays_when_others_come() -> None:
    months = ["2021-01", "2021-02", "2021-03"]
    one, two = (
        withheld_names(appealing_organisation=names, implementing_partner=[""] * len(names), month=months[: len(names)])
        for names in (["z@x.org", "y@x.org"], ["z@x.org", "y@x.org", "a@x.org"])
    )
    assert [name for name, _ in one] == [
        "Organisation 1, contact details withheld",
        "Organisation 2, contact details withheld",
    ]
    assert two[:2] == one


def test_checks_find_what_is_withheld_and_a_plan_without_contacts_is_not_changed() -> None:
    names = {"admin1": "ana@example.org", "appealing_organisation": "Cel: 301 5550101"}
    money = flow(5, destination_sectors=("Shelter",), source_organisation_names=("+57 301 555 0101",))
    raw = plan(activities(**names), flows=flows(money))
    found = findings(raw, period=YEAR).query("check == 'contact_details'")
    assert sorted(found["column"]) == ["admin1", "appealing_organisation"]
    (of_money,) = money_findings(raw).query("check == 'contact_details'").to_dict("records")
    assert (of_money["column"], of_money["value"]) == ("source_organisation_names", WITHHELD_CONTACT_TEXT)
    after = repair_plan(plan(activities(admin1="Meta", place="meta", place_name="Meta")))
    assert after.names_withheld == 0
    assert after.activities["admin1"].tolist() == ["Meta"]


# ---- People to review ----


GOOD = {"activity_name": ["A", "B", "C", "D"], "admin1": "Lima", "covid19": "No", "cva": "No", "girls": 0}


def test_people_of_rows_with_a_finding_count_once_and_in_their_selection_alone() -> None:
    people = [10, 20, 40, 80]
    table = activities(
        **GOOD | {"girls": people, "in_destination": [10, 0, 40, 80]},
        new_beneficiaries=people,
        total_monthly_beneficiaries=[10, 5, 40, 8],  # the second and the fourth are above their total
        sector=["Health", "Health", "Health", "WASH"],
        country=["COL", "COL", "PER", "COL"],
    )
    made = plan(table)
    assert [*people_to_review(made.select("Health"))["amount"]] == [20, 10 + 20 + 40]
    assert [*people_to_review(made.select("Health", platform="Peru"))["amount"]] == [0, 40]
    assert [*people_to_review(made.select("All sectors"))["amount"]] == [20 + 80, 10 + 20 + 40 + 80]


def test_nobody_is_in_doubt_where_no_people_move_or_none_are_reported() -> None:
    people = {"new_beneficiaries": 10, "total_monthly_beneficiaries": 10, "in_destination": 10, "girls": 10}
    table = activities(**GOOD | people | {"activity_name": ["A"], "cva": "Yes"})
    assert [*people_to_review(plan(table).select("Health"))["amount"]] == [0, 10]
    table = activities(**GOOD | {"activity_name": ["A"], "girls": None})
    assert [*people_to_review(plan(table).select("Health"))["amount"]] == [0, 0]
