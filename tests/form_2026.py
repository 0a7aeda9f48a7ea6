"""Records of the form of 2026 as ActivityInfo gives them, and a data folder that holds them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_folders import Input, data_folder

Record = Mapping[str, Any]
TYPES = ("Direct Assistance", "Capacity Building", "Infrastructure", "Campaign", "Mechanism/Advocacy", "Other")
SECTORS = ("Health", "Education", "Protection (Child Protection)")
INDICATORS = [
    {"_id": f"i{number}{kind}", "sector": sector, "indicator_simplified": f"{kind} in {sector}", "indictatortype": kind}
    for number, sector in enumerate(SECTORS)
    for kind in TYPES
]
PLACES = [
    {"_id": code, "Country": country, "Admin1": admin1, "Admin1ISOCode": code, "countryISO": iso}
    for country, admin1, code, iso in (
        ("Peru", "Lima", "PE-LIM", "PER"),
        ("Colombia", "Antioquia", "CO-ANT", "COL"),
        ("Curaçao", "Curaçao", "CW", "CUW"),
    )
]
NOBODY = dict.fromkeys(
    (
        *("new_indestination", "new_intransit", "new_hostcomm", "new_pendulars", "new_col_returnees"),
        *("new_women_under18", "new_men_under18", "new_women_above18", "new_men_above18"),
        *("new_other_under18", "new_other_above18"),
    )
)
TEN = NOBODY | {"new_indestination": 8, "new_hostcomm": 2, "new_women_under18": 6, "new_women_above18": 4}
ADULTS = NOBODY | {"new_indestination": 10, "new_women_above18": 10}
MANY = NOBODY | {"new_indestination": 40, "new_women_above18": 40}
ZERO = dict.fromkeys(NOBODY, 0)
DIFFER = TEN | {"new_indestination": 9}
CASH = {"cva": "Yes", "cva_value": 25, "cva_mechanism": "Voucher"}
CASH_AS_READ = {
    "record_id": "r1",
    "country": "PER",
    "place": "PE-LIM",
    "sector": "Health",
    "indicator": "Direct Assistance in Health",
    "indicator_code": "i0Direct Assistance",
    "indicator_type": "people in need",
    "platform_as_reported": "Peru",
    "transfer_value_usd": 25,
    "delivery_mechanism": "Voucher",
    "total_monthly_beneficiaries": 12,
    "new_beneficiaries": 10,
    "in_destination": 8,
    "girls": 6,
    "women": 4,
    "people_not_known": 0,
}
"""What is read of the first record where it is ``GOOD`` with cash, in 2025 and in 2026."""


def of(kind: str, sector: str = "Health") -> Record:
    """The fields of a record that say which indicator it is of."""
    text = f"{kind} in {sector}"
    return {"indicator": "x", "indicator.sector": sector, "indicator.indicator_simplified": text}


def at(country: str, admin1: str | None) -> Record:
    """The field of a record that says where."""
    return {"country": {"Country": country, "Admin1": admin1}}


GOOD = {
    "_id": "r", **at("Peru", "Lima"), "appealing_org": {"Name": "IOM"}, "implementation_setup": "No",
    "implementing_org": None, "month": "2026-03", **of("Direct Assistance"), "activity": "Visits",
    "activity_description": None, "rmrp_activity": "Yes", "cva": "No", "cva_value": None, "cva_mechanism": None,
    "output": None, "total_monthly_beneficiaries": 12, **TEN, "platform": "Peru",
}  # fmt: skip


def write_2026(folder: Path, *records: Record, **more: Input) -> Path:
    """A data folder of 2026 with these records, each with what it does not say as in ``GOOD``."""
    numbered = [{**GOOD, "_id": f"r{number}", **record} for number, record in enumerate(records, start=1)]
    return data_folder(folder, 2026, activities=numbered, indicators=INDICATORS, admin1=PLACES, **more)
