"""The records of ActivityInfo's forms, by their ids, from its query API.

``GET {base}/resources/query/v43/form/{id}`` gives all records of a form as one list, without pages. A record has its id
in ``_id``, the time of its last change in ``_lastEditTime`` (seconds since 1970), and its fields under their codes or
else their labels. A field of a form that it refers to is named ``country.Country``, or nested. Source: ActivityInfo,
*Understanding the Query API*, and the API reference (query form rows; get record history). A server in between may
divide the list into pages: they are followed by the link that each names.

Nothing is written before every form is there and is what was asked for.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pandas as pd

from rmrp_analysis.errors import HalfAnswer, InputRefused, RequestError
from rmrp_analysis.fetch.api import Answer, Api, check_address
from rmrp_analysis.fetch.entry import Fetching, add_date, read_entries
from rmrp_analysis.files import json_text
from rmrp_analysis.loaders.header import header_key, match_headers
from rmrp_analysis.loaders.read import fields
from rmrp_analysis.packs import pack
from rmrp_analysis.tables import OPTIONAL_ACTIVITY_COLUMNS, TABLE_BY_INPUT
from rmrp_analysis.vocabulary import PlanYear, plan_year, plan_years

BASE_ADDRESS = "https://www.activityinfo.org"
"""The address of ActivityInfo's own server."""
PRODUCER = "ActivityInfo"
"""The producer that an entry of ``sources.yml`` names for a form, unless a person wrote another."""
ACTIVITIES_INPUT = "activities"
"""The input whose records must have ids, so that a later fetch can name whose report changed."""

MAX_ANSWER_BYTES, MAX_SECONDS_OF_ANSWER = 2**29, 900.0
"""Bytes and seconds of one answer; a year of activities takes a tenth of them."""

ADVICE_BY_STATUS: Mapping[int, str] = {
    401: "it does not know the token, which may be wrong, expired or revoked; make a new one in ActivityInfo (Account "
    "settings, API tokens), and set ACTIVITYINFO_TOKEN or the keyring to it",
    403: "the owner of the token may not read this form; ask who manages the database for the right to view it",
    404: "there is no form of this id, or the owner of the token may not know of it; the id stands in the address of "
    "the form, after form/",
    410: "the form was deleted; ask who manages the database for the id of the new one",
}
"""What a status code of ActivityInfo means, and what to do."""
RECORDS_KEYS = ("records", "rows", "data", "results", "value")
"""Keys of an answer that may hold its records, where it is no list."""
RECORD_COUNT_KEYS = ("totalRows", "totalRecords", "totalCount", "total")
"""Keys of an answer that may hold how many records all pages have."""
NEXT_PAGE_KEYS = ("next", "nextLink", "nextPage", "@odata.nextLink")
"""Keys of an answer that may hold the address of the next page."""

ID_FIELDS = ("_id", "@id", "Record ID")
"""Fields that may hold the id of a record; the first that is there counts."""
LAST_EDIT_FIELD = "_lastEditTime"
"""The field with the time of a record's last change, in seconds since 1970."""
MIN_SHARE_OF_LAST_FETCH = 0.5
"""With a smaller share of the records of the last fetch, a form is taken to be incomplete."""

MAX_RECORDS_WITH_HISTORY = 500
"""How many changed records have their history fetched, by a request each."""
KEPT_HISTORY_KEYS = ("recordId", "version", "time", "changeType", "values")
"""Keys of an entry of a history that are kept; the user is not."""

TOKEN_VARIABLE, R4V_TOKEN_VARIABLE = "ACTIVITYINFO_TOKEN", "ACTIVITYINFOTOKEN"
"""Environment variables that may hold the token; the second is what R4V's own scripts in R read."""

SERVICE, USER = "rmrp-analysis", "activityinfo"
"""The service and user name under which a keyring keeps the token."""
TOKEN_ADVICE = (
    "make one in ActivityInfo (Account settings, API tokens, read-only), and set it as the environment variable "
    f"{TOKEN_VARIABLE}, or keep it in the keyring of this computer by `keyring set {SERVICE} {USER}`"
)
"""How a person makes a token, and where it is kept."""
MAX_UNIX_SECONDS = 253_402_300_800
"""Seconds from 1970 to the year 10000, which no calendar of a computer has."""
_TOKEN_PATTERN = re.compile(r"[!-~]+")
"""A token: letters, digits and marks without a blank."""
_FORM_ID_PATTERN = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
"""The id of a form."""
_USER_FIELD_PATTERN = re.compile(
    r"(?:^|\.)_?(?:users?|user_?(?:name|id)|e_?mail|owner|(?:last)?(?:created|edited|modified|updated|submitted)_?by|"
    r"last_?edit_?(?:user|by))(?:\.|$)",
    re.IGNORECASE,
)
"""The name of a field that tells of users, which is not kept."""
_YEAR_PATTERN = re.compile(r"\b20\d\d\b")
"""A year of this century in a text."""
Record = dict[str, Any]
"""A record of a form, by field."""


@dataclass(frozen=True)
class Form:
    """The records of a form as they came, each once, and what became of those of the last fetch (None: there is none).

    ``body`` is the JSON list of them; ``of_users`` names the fields that were left out, because they tell of users.
    ``same_file`` is that of the last fetch, where it holds the very same.
    """

    id: str
    url: str
    fetched: datetime
    records: Sequence[Record]
    body: bytes
    of_users: tuple[str, ...] = ()
    same_file: str = ""
    added: frozenset[str] | None = None
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    history: Sequence[Record] = ()
    without_history: int = 0

    @property
    def file(self) -> str:
        """The name of its file, with the form and the time of the fetch; ``same_file`` where that is not empty."""
        return self.same_file or f"activityinfo-{self.id}-{self.fetched:%Y%m%dT%H%M%SZ}.json"

    @property
    def last_edit(self) -> datetime | None:
        """The time of the latest change that the records state, in UTC; None where none states a valid one."""
        edit_unix_seconds = (record.get(LAST_EDIT_FIELD) for record in self.records)
        times = [time for time in edit_unix_seconds if isinstance(time, int | float) and 0 <= time < MAX_UNIX_SECONDS]
        return datetime.fromtimestamp(max(times), tz=UTC) if times else None


@dataclass(frozen=True)
class Forms:
    """Forms by the input that each is (``activities``, ``indicators`` …), and the plan year whose layout they have."""

    year: int
    by_input: Mapping[str, Form]
    before: Mapping[str, Any] = field(default_factory=dict)

    def fetching(self) -> Fetching:
        """Return what a data folder gets: a file for each form, an entry of ``sources.yml`` for each input.

        A form with a history gets a second file. Producer, licence and the notation of numbers and dates stay as an
        earlier entry of the input had them.
        """
        files = {form.file: form.body for form in self.by_input.values()}
        entries = {}
        for name, form in self.by_input.items():
            earlier_source_entry = self.before.get(name, {})
            fields_by_hand = {
                key: text for key, text in earlier_source_entry.items() if key in ("licence", "numbers", "dates")
            }
            producer = earlier_source_entry.get("producer", PRODUCER)
            about = {"file": form.file, "producer": producer, "url": form.url, "form": form.id, **fields_by_hand}
            about["records"] = len(form.records)
            if form.history:
                about["history"] = form.file.replace(".json", "-history.json")
                files[about["history"]] = json_text(form.history, 1).encode()
            entries[name] = add_date(about, form.fetched)
        return Fetching(f"{pack.about().plan} {self.year}", self.year, files, entries)


def read_token() -> str:
    """Read the token from the environment, else from the keyring of the computer.

    Raises ``RequestError`` where there is none, or where it holds a blank or a letter that no token has. The message
    says how to set one, and never shows it.
    """
    environment_tokens = (os.environ.get(name, "").strip() for name in (TOKEN_VARIABLE, R4V_TOKEN_VARIABLE))
    token = next(filter(None, environment_tokens), "")
    if not token:
        with suppress(Exception):  # each system's keyring has errors of its own, or it is not installed
            token = str(import_module("keyring").get_password(SERVICE, USER) or "").strip()
    if not token:
        raise RequestError(f"there is no token for ActivityInfo; {TOKEN_ADVICE}")
    if not _TOKEN_PATTERN.fullmatch(token):
        raise RequestError(f"the token for ActivityInfo holds a blank or a letter that no token has; {TOKEN_ADVICE}")
    return token


def fetch_forms(
    api: Api,
    ids: Mapping[str, str],
    folder: Path,
    *,
    base_address: str = BASE_ADDRESS,
    year: int | None = None,
    accept_fewer: bool = False,
    history: bool = False,
) -> Forms:
    """Fetch the forms of these ids, by input; without ids those that a folder's ``sources.yml`` names. Writes no file.

    ``year`` is the plan year whose layout the records must have: by default the folder's, else that of most activities,
    else the latest. Each form is compared with the file of its last fetch; with ``history``, the changes of the records
    that differ are fetched, too. Raises ``RequestError`` for an invalid id or address, where no form is named, and
    where one is from another server. Raises ``HalfAnswer`` when the server fails, refuses or leaves anything out, when
    a field that the layout needs or the ids of activities are missing, and when less than half of the records of the
    last fetch came without ``accept_fewer``.
    """
    base = check_address(base_address, BASE_ADDRESS, secret=True)
    earlier_source_entry_by_input = {
        name: entry for name, entry in read_entries(folder).items() if isinstance(entry, dict)
    }
    wanted = ids or _read_ids(earlier_source_entry_by_input, base, folder)
    for form_id in wanted.values():
        if not _FORM_ID_PATTERN.fullmatch(form_id):
            in_address = re.search(r"form/([A-Za-z][A-Za-z0-9_]+)", form_id)
            advice = f"did you mean '{in_address[1]}'?" if in_address else "it stands in its address, after form/"
            raise RequestError(f"'{form_id}' is no id of a form of ActivityInfo; {advice}")
    forms = {
        form_id: api.agreeing(partial(_fetch_form, api, base, form_id)) for form_id in dict.fromkeys(wanted.values())
    }
    by_input = {name: forms[form_id] for name, form_id in wanted.items()}
    plan = plan_year(year or _find_year(folder, by_input))
    for name, form in by_input.items():
        _check_layout(name, form, plan)
        if name == ACTIVITIES_INPUT and not _find_record_id(form.records[0]):
            raise HalfAnswer(f"{form.url}: the records have no id ({ID_FIELDS[0]})")
        earlier_source_entry = earlier_source_entry_by_input.get(name, {})
        if earlier_source_entry.get("form") == form.id:
            by_input[name] = _compare_form(form, folder, str(earlier_source_entry.get("file", "")))
            last = str(earlier_source_entry.get("records", ""))
            if last.isdecimal() and len(form.records) < MIN_SHARE_OF_LAST_FETCH * int(last) and not accept_fewer:
                held = f"holds {len(form.records):,} records, and held {int(last):,} at the last fetch"
                raise HalfAnswer(
                    f"the form {form.id} {held}: a part may be missing", "If it is right, add --accept-fewer"
                )
        if history:
            by_input[name] = _add_history(api, base, by_input[name])
    return Forms(plan.year, by_input, earlier_source_entry_by_input)


def _read_ids(entries: Mapping[str, Any], base: str, folder: Path) -> dict[str, str]:
    """Return the form id of each input whose entry names a form.

    Raises ``RequestError`` where no entry names one, or one was fetched from another server than ``base``.
    """
    form_id_by_input = {name: str(entry["form"]) for name, entry in entries.items() if entry.get("form")}
    if not form_id_by_input:
        raise RequestError(f"{folder} names no form of ActivityInfo; name one: --activities ID, --indicators ID …")
    for name in form_id_by_input:
        url = str(entries[name].get("url", ""))
        if not url.startswith(f"{base}/"):
            raise RequestError(f"{name} was fetched from {url}, and not from {base}; name its server by --base-address")
    return form_id_by_input


def _fetch_form(api: Api, base: str, form: str) -> Form:
    """Fetch all records of a form, page by page, without the fields that tell of users.

    Raises ``HalfAnswer`` where there is none, one is missing or comes twice, or the stated count changes.
    """
    first = f"{base}/resources/query/v43/form/{form}"

    def following(page: Answer) -> str:
        """Return the address of the next page; empty after the last."""
        return urljoin(page.url, next_link) if (next_link := _read_page(page)[2]) else ""

    pages = api.pages(first, following, missing=_check_page, shapes=(list, dict))
    parts = [_read_page(page) for page in pages]
    records = [record for of_page, _, _ in parts for record in of_page]
    totals = {total for _, total, _ in parts if total is not None}
    if len(totals) > 1:
        raise HalfAnswer(f"{first}: the form changed while it was read")
    total_count = next(iter(totals), None)
    if total_count is not None and total_count != len(records):
        missing = "records are missing" if len(records) < total_count else "some came twice"
        raise HalfAnswer(f"{first}: {len(records):,} records came, the server counts {total_count:,}: {missing}")
    if not records:
        raise HalfAnswer(f"{first}: the form has no records")
    again = [
        record_id for record_id, times in Counter(filter(None, map(_find_record_id, records))).items() if times > 1
    ]
    if again:
        raise HalfAnswer(f"{first}: the record {again[0]} came more than once ({len(again):,} such)")
    of_users = [name for name in sorted(_list_fields(records)) if _USER_FIELD_PATTERN.search(name)]
    as_came = len(pages) == 1 and isinstance(pages[0].content, list) and not of_users
    kept_records = [_drop_users(record) for record in records] if of_users else records
    body = pages[0].body if as_came else json_text(kept_records, 1).encode()
    return Form(form, first, min(page.fetched for page in pages), kept_records, body, tuple(of_users))


def _check_page(page: Answer) -> str:
    """Return what is wrong with a page (no list of records, no record, some without ids); empty where nothing is."""
    content = page.content
    if isinstance(content, dict) and not any(isinstance(content.get(key), list) for key in RECORDS_KEYS):
        return f"the answer holds no list of records ({', '.join(list(content)[:5]) or 'nothing'})"
    records, _, _ = _read_page(page)
    if any(not isinstance(record, dict) for record in records):
        return "the answer holds something that is no record"
    without_id = sum(not _find_record_id(record) for record in records)
    return f"{without_id:,} records have no id ({ID_FIELDS[0]})" if 0 < without_id < len(records) else ""


def _read_page(page: Answer) -> tuple[list[Any], int | None, str]:
    """Return the records of a page, how many all pages hold (None: not stated), and the address of the next page.

    The address is empty where the page names none.
    """
    content = page.content
    if isinstance(content, list):
        return content, page.stated, page.following
    records = next(content[key] for key in RECORDS_KEYS if isinstance(content.get(key), list))
    total = next((content[key] for key in RECORD_COUNT_KEYS if isinstance(content.get(key), int)), page.stated)
    next_url = next((content[key] for key in NEXT_PAGE_KEYS if isinstance(content.get(key), str)), page.following)
    return records, total, next_url


def _find_record_id(record: Record) -> str:
    """Return the id of a record; empty where it has none."""
    return next((str(record[name]) for name in ID_FIELDS if record.get(name)), "")


def _drop_users(record: Record, opening: str = "") -> Record:
    """Return a record without the fields that tell of users, also in nested records.

    ``opening`` is the dotted beginning of the names of a nested record's fields.
    """
    return {
        name: _drop_users(content, f"{opening}{name}.") if isinstance(content, dict) else content
        for name, content in record.items()
        if not _USER_FIELD_PATTERN.search(f"{opening}{name}")
    }


def _find_year(folder: Path, forms: Mapping[str, Form]) -> int:
    """Return the plan year of a folder's ``sources.yml``, else that of most months of activities, else the latest."""
    folder_year_text = str(read_entries(folder).get("plan", ""))
    if folder_year_text.isdecimal():
        return int(folder_year_text)
    months = set(map(header_key, TABLE_BY_INPUT["activities"].columns["month"].headers))
    years = Counter(
        int(year)
        for record in (forms[ACTIVITIES_INPUT].records if ACTIVITIES_INPUT in forms else ())
        for name, content in record.items()
        if header_key(name) in months
        for year in _YEAR_PATTERN.findall(str(content))
    )
    return next((year for year, _ in years.most_common() if year in plan_years()), max(plan_years()))


def _check_layout(name: str, form: Form, year: PlanYear) -> None:
    """Raise ``HalfAnswer`` where the records lack a field that the plan year's layout needs.

    A field that refers to another form, ``country`` beside ``country.Country``, is not counted: it holds an id and no
    name.
    """
    names = _list_fields(form.records)
    references = {name.rpartition(".")[0] for name in names}
    header = pd.DataFrame(columns=[name for name in names if name not in references], dtype="str")
    not_reported, expected = (
        (year.columns_not_reported, OPTIONAL_ACTIVITY_COLUMNS) if name == ACTIVITIES_INPUT else ((), ())
    )
    try:
        match_headers(header, TABLE_BY_INPUT[name], Path(form.file), not_reported=not_reported, expected=expected)
    except InputRefused as problem:
        fault = str(problem).removeprefix(f"{form.file}: ")
        raise HalfAnswer(
            f"the form {form.id} does not have the layout of {name} of the plan {year.year}: {fault}",
            "Was a field renamed? Add its name to headers.csv of the plan pack, or ask who manages the form",
        ) from None


def _list_fields(records: Sequence[Record]) -> list[str]:
    """List all fields by name, each once, nested ones with a dot. Raises ``HalfAnswer`` where they are too deep."""
    try:
        return list(dict.fromkeys(name for record in records for name, _ in fields(record)))
    except ValueError as problem:
        raise HalfAnswer(f"a record cannot be read ({problem})") from None


def _compare_form(form: Form, folder: Path, file: str) -> Form:
    """Return a form with the ids of records added, removed or changed since the last fetch, whose ``file`` is read.

    ``same_file`` becomes the name ``file`` where the bytes are the same, else empty. Where the file cannot be read, the
    form is returned as it is.
    """
    try:
        content = (folder / file).read_bytes()
        records = json.loads(content)
        old = {_find_record_id(record) or json.dumps(record): record for record in records}
    except (OSError, ValueError, AttributeError, TypeError):
        return form
    new = {_find_record_id(record) or json.dumps(record): record for record in form.records}
    return replace(
        form,
        same_file=file if content == form.body else "",
        added=frozenset(new.keys() - old.keys()),
        changed=frozenset(record_id for record_id in new.keys() & old.keys() if new[record_id] != old[record_id]),
        removed=frozenset(old.keys() - new.keys()),
    )


def _add_history(api: Api, base: str, form: Form) -> Form:
    """Return a form with the history of its changed records, without users; a request is made for each record.

    Only the first ``MAX_RECORDS_WITH_HISTORY`` by id are fetched; ``without_history`` counts the others.
    """

    def missing(answer: Answer) -> str:
        """Return what is wrong with a history; empty where nothing is."""
        answered_entries = answer.content.get("entries")
        is_history_list = isinstance(answered_entries, list) and all(
            isinstance(history_part_dict, dict)
            for entry in answered_entries
            for history_part_dict in (entry, *(entry.get("values") or ()))
        )
        return "" if is_history_list else "the answer holds no history (entries)"

    ids = sorted(form.changed)
    history: list[Record] = []
    for record_id in ids[:MAX_RECORDS_WITH_HISTORY]:
        url = f"{base}/resources/form/{form.id}/record/{quote(record_id, safe='')}/history"
        for entry in api.get(url, missing=missing).content["entries"]:
            values: Iterable[Any] = entry.get("values") or ()
            kept_value_dicts = [
                value for value in values if not _USER_FIELD_PATTERN.search(str(value.get("fieldLabel", "")))
            ]
            history.append(
                {
                    "recordId": record_id,
                    **{key: entry[key] for key in KEPT_HISTORY_KEYS if key in entry},
                    "values": kept_value_dicts,
                }
            )
    return replace(form, history=history, without_history=len(ids[MAX_RECORDS_WITH_HISTORY:]))
