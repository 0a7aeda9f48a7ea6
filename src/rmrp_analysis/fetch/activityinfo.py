"""The records of ActivityInfo's forms, by their ids, from its query API.

``GET {base}/resources/query/v43/form/{id}`` gives all records of a form as one list, without pages. A record has its id
in ``_id``, the time of its last change in ``_lastEditTime`` (seconds since 1970), and its fields under their codes or
labels. A field of another form, to which the record refers, is named ``country.Country``, or nested. Source:
ActivityInfo, *Understanding the Query API*, and the API reference (query form rows; get record history). A server in
between may divide the list into pages, each with a link to the next.

Nothing is written before every form is complete and correct.
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
PRODUCER = "ActivityInfo"
"""The producer that an entry of ``sources.yml`` names for a form, unless a person wrote another."""
ACTIVITIES_INPUT = "activities"
"""The input with records that must have ids. By these ids a later fetch names the organisation of a changed report."""

MAX_ANSWER_BYTES, MAX_SECONDS_OF_ANSWER = 2**29, 900.0
"""Bytes and seconds of one answer. A year of activities takes a tenth."""

ADVICE_BY_STATUS: Mapping[int, str] = {
    401: "it does not know the token, which may be wrong, expired or revoked; make a new one in ActivityInfo (Account "
    "settings, API tokens), and set ACTIVITYINFO_TOKEN or the keyring to it",
    403: "the owner of the token may not read this form; ask who manages the database for the right to view it",
    404: "there is no form of this id, or the owner of the token may not know of it; the id stands in the address of "
    "the form, after form/",
    410: "the form was deleted; ask who manages the database for the id of the new one",
}
"""The meaning of a status code of ActivityInfo, and the advice."""
RECORDS_KEYS = ("records", "rows", "data", "results", "value")
"""Keys of an answer that may hold its records, if it is no list."""
RECORD_COUNT_KEYS = ("totalRows", "totalRecords", "totalCount", "total")
"""Keys of an answer that may hold how many records all pages have."""
NEXT_PAGE_KEYS = ("next", "nextLink", "nextPage", "@odata.nextLink")
"""Keys of an answer that may hold the address of the next page."""

ID_FIELDS = ("_id", "@id", "Record ID")
"""Fields that may hold the id of a record. The first one with a text counts."""
LAST_EDIT_FIELD = "_lastEditTime"
"""The field with the time of a record's last change, in seconds since 1970."""
MIN_SHARE_OF_LAST_FETCH = 0.5
"""With a smaller share of the records of the last fetch, a form is taken to be incomplete."""

MAX_RECORDS_WITH_HISTORY = 500
"""The most changed records with a fetched history, by a request each."""
KEPT_HISTORY_KEYS = ("recordId", "version", "time", "changeType", "values")
"""Keys of an entry of a history that are kept, without the user."""

TOKEN_VARIABLE, R4V_TOKEN_VARIABLE = "ACTIVITYINFO_TOKEN", "ACTIVITYINFOTOKEN"
"""Environment variables that may hold the token. R4V's own scripts in R read the second one."""

SERVICE, USER = "rmrp-analysis", "activityinfo"
"""The service and user name under which a keyring keeps the token."""
TOKEN_ADVICE = (
    "make one in ActivityInfo (Account settings, API tokens, read-only), and set it as the environment variable "
    f"{TOKEN_VARIABLE}, or keep it in the keyring of this computer by `keyring set {SERVICE} {USER}`"
)
"""How a person makes and keeps a token."""
MAX_UNIX_SECONDS = 253_402_300_800
"""Seconds from 1970 to the year 10000, which no calendar of a computer has."""
_TOKEN_PATTERN = re.compile(r"[!-~]+")
"""A token: letters, digits and marks without a blank."""
_FORM_ID_PATTERN = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_USER_FIELD_PATTERN = re.compile(
    r"(?:^|\.)_?(?:users?|user_?(?:name|id)|e_?mail|owner|(?:last)?(?:created|edited|modified|updated|submitted)_?by|"
    r"last_?edit_?(?:user|by))(?:\.|$)",
    re.IGNORECASE,
)
"""The name of a field that describes users, which is not kept."""
_YEAR_PATTERN = re.compile(r"\b20\d\d\b")
Record = dict[str, Any]
"""A record of a form, by field."""


@dataclass(frozen=True)
class Form:
    """The records of a form as they came, each once, and their changes since the last fetch (None: no earlier fetch).

    ``body`` is the JSON list of records. ``of_users`` names the fields that were left out, because they describe users.
    ``same_file`` is the file of the last fetch, if it holds the same bytes.
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
        """The name of its file: ``same_file``, or the form and the time of the fetch."""
        return self.same_file or f"activityinfo-{self.id}-{self.fetched:%Y%m%dT%H%M%SZ}.json"

    @property
    def last_edit(self) -> datetime | None:
        """The time of the latest change that the records state, in UTC. None if no record states a valid time."""
        seconds = (record.get(LAST_EDIT_FIELD) for record in self.records)
        times = [time for time in seconds if isinstance(time, int | float) and 0 <= time < MAX_UNIX_SECONDS]
        return datetime.fromtimestamp(max(times), tz=UTC) if times else None


@dataclass(frozen=True)
class Forms:
    """Forms by their input (``activities``, ``indicators`` …), and the plan year of their layout."""

    year: int
    by_input: Mapping[str, Form]
    before: Mapping[str, Any] = field(default_factory=dict)

    def fetching(self) -> Fetching:
        """Return a file for each form, and an entry of ``sources.yml`` for each input.

        A form with a history gets a second file. Producer, licence and the notation of numbers and dates stay as in an
        earlier entry of the input.
        """
        files = {form.file: form.body for form in self.by_input.values()}
        entries = {}
        for name, form in self.by_input.items():
            earlier = self.before.get(name, {})
            by_hand = {key: text for key, text in earlier.items() if key in ("licence", "numbers", "dates")}
            producer = earlier.get("producer", PRODUCER)
            entry = {"file": form.file, "producer": producer, "url": form.url, "form": form.id, **by_hand}
            entry["records"] = len(form.records)
            if form.history:
                entry["history"] = form.file.replace(".json", "-history.json")
                files[entry["history"]] = json_text(form.history, 1).encode()
            entries[name] = add_date(entry, form.fetched)
        return Fetching(f"{pack.about().plan} {self.year}", self.year, files, entries)


def read_token() -> str:
    """Read the token from the environment, or from the keyring of the computer.

    Raises ``RequestError`` if there is no token, or it holds a blank or a letter that no token has. The message says
    how to set a token, and never shows it.
    """
    tokens = (os.environ.get(name, "").strip() for name in (TOKEN_VARIABLE, R4V_TOKEN_VARIABLE))
    token = next(filter(None, tokens), "")
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
    """Fetch the forms of these ids, by input, or without ids the forms that a folder's ``sources.yml`` names.

    Writes no file. ``year`` is the plan year of the layout that the records must have. By default it is the folder's
    year, or the year of most activities, or the latest. Each form is compared with the file of its last fetch. With
    ``history``, the changes of the records that differ are also fetched. Raises ``RequestError`` for an invalid id or
    address, when no form is named, and when a form is from another server. Raises ``HalfAnswer`` when the server fails,
    refuses or leaves anything out, when a field that the layout needs or the ids of activities are missing, and when
    less than half of the records of the last fetch came without ``accept_fewer``.
    """
    base = check_address(base_address, BASE_ADDRESS, secret=True)
    entries = {name: entry for name, entry in read_entries(folder).items() if isinstance(entry, dict)}
    form_ids = ids or _read_ids(entries, base, folder)
    for form_id in form_ids.values():
        if not _FORM_ID_PATTERN.fullmatch(form_id):
            match = re.search(r"form/([A-Za-z][A-Za-z0-9_]+)", form_id)
            advice = f"did you mean '{match[1]}'?" if match else "it stands in its address, after form/"
            raise RequestError(f"'{form_id}' is no id of a form of ActivityInfo; {advice}")
    forms = {key: api.agreeing(partial(_fetch_form, api, base, key)) for key in dict.fromkeys(form_ids.values())}
    by_input = {name: forms[form_id] for name, form_id in form_ids.items()}
    plan = plan_year(year or _find_year(folder, by_input))
    for name, form in by_input.items():
        _check_layout(name, form, plan)
        if name == ACTIVITIES_INPUT and not _find_record_id(form.records[0]):
            raise HalfAnswer(f"{form.url}: the records have no id ({ID_FIELDS[0]})")
        earlier = entries.get(name, {})
        if earlier.get("form") == form.id:
            by_input[name] = _compare_form(form, folder, str(earlier.get("file", "")))
            previous = str(earlier.get("records", ""))
            limit = MIN_SHARE_OF_LAST_FETCH * int(previous) if previous.isdecimal() else 0
            if len(form.records) < limit and not accept_fewer:
                change = f"holds {len(form.records):,} records, and held {int(previous):,} at the last fetch"
                raise HalfAnswer(
                    f"the form {form.id} {change}: a part may be missing", "If it is right, add --accept-fewer"
                )
        if history:
            by_input[name] = _add_history(api, base, by_input[name])
    return Forms(plan.year, by_input, entries)


def _read_ids(entries: Mapping[str, Any], base: str, folder: Path) -> dict[str, str]:
    """Return the form id of each input with an entry that names a form.

    Raises ``RequestError`` if no entry names a form, or a form was fetched from another server than ``base``.
    """
    ids = {name: str(entry["form"]) for name, entry in entries.items() if entry.get("form")}
    if not ids:
        raise RequestError(f"{folder} names no form of ActivityInfo; name one: --activities ID, --indicators ID …")
    for name in ids:
        url = str(entries[name].get("url", ""))
        if not url.startswith(f"{base}/"):
            raise RequestError(f"{name} was fetched from {url}, and not from {base}; name its server by --base-address")
    return ids


def _fetch_form(api: Api, base: str, form: str) -> Form:
    """Fetch all records of a form, page by page, without the fields that describe users.

    Raises ``HalfAnswer`` if no record comes, one is missing or comes twice, or the stated count changes.
    """
    url = f"{base}/resources/query/v43/form/{form}"

    def following(page: Answer) -> str:
        """Return the address of the next page. Empty after the last page."""
        return urljoin(page.url, link) if (link := _read_page(page)[2]) else ""

    pages = api.pages(url, following, missing=_check_page, shapes=(list, dict))
    parts = [_read_page(page) for page in pages]
    records = [record for batch, _, _ in parts for record in batch]
    totals = {total for _, total, _ in parts if total is not None}
    if len(totals) > 1:
        raise HalfAnswer(f"{url}: the form changed while it was read")
    total = next(iter(totals), None)
    if total is not None and total != len(records):
        missing = "records are missing" if len(records) < total else "some came twice"
        raise HalfAnswer(f"{url}: {len(records):,} records came, the server counts {total:,}: {missing}")
    if not records:
        raise HalfAnswer(f"{url}: the form has no records")
    repeated = [key for key, times in Counter(filter(None, map(_find_record_id, records))).items() if times > 1]
    if repeated:
        raise HalfAnswer(f"{url}: the record {repeated[0]} came more than once ({len(repeated):,} such)")
    user_fields = [name for name in sorted(_list_fields(records)) if _USER_FIELD_PATTERN.search(name)]
    is_unchanged = len(pages) == 1 and isinstance(pages[0].content, list) and not user_fields
    cleaned = [_drop_users(record) for record in records] if user_fields else records
    body = pages[0].body if is_unchanged else json_text(cleaned, 1).encode()
    return Form(form, url, min(page.fetched for page in pages), cleaned, body, tuple(user_fields))


def _check_page(page: Answer) -> str:
    """Return the fault of a page (no list of records, no record, some without ids). Empty without a fault."""
    content = page.content
    if isinstance(content, dict) and not any(isinstance(content.get(key), list) for key in RECORDS_KEYS):
        return f"the answer holds no list of records ({', '.join(list(content)[:5]) or 'nothing'})"
    records, _, _ = _read_page(page)
    if any(not isinstance(record, dict) for record in records):
        return "the answer holds something that is no record"
    without_id = sum(not _find_record_id(record) for record in records)
    return f"{without_id:,} records have no id ({ID_FIELDS[0]})" if 0 < without_id < len(records) else ""


def _read_page(page: Answer) -> tuple[list[Any], int | None, str]:
    """Return the records of a page, the count of all pages (None: not stated), and the next page's address or ""."""
    content = page.content
    if isinstance(content, list):
        return content, page.stated, page.following
    records = next(content[key] for key in RECORDS_KEYS if isinstance(content.get(key), list))
    total = next((content[key] for key in RECORD_COUNT_KEYS if isinstance(content.get(key), int)), page.stated)
    next_url = next((content[key] for key in NEXT_PAGE_KEYS if isinstance(content.get(key), str)), page.following)
    return records, total, next_url


def _find_record_id(record: Record) -> str:
    """Return the id of a record, or an empty text."""
    return next((str(record[name]) for name in ID_FIELDS if record.get(name)), "")


def _drop_users(record: Record, opening: str = "") -> Record:
    """Return a record without the fields that describe users, also in nested records.

    ``opening`` is the dotted prefix of the names of a nested record's fields.
    """
    return {
        name: _drop_users(content, f"{opening}{name}.") if isinstance(content, dict) else content
        for name, content in record.items()
        if not _USER_FIELD_PATTERN.search(f"{opening}{name}")
    }


def _find_year(folder: Path, forms: Mapping[str, Form]) -> int:
    """Return the plan year of a folder's ``sources.yml``, or of most months of activities, or the latest."""
    plan = str(read_entries(folder).get("plan", ""))
    if plan.isdecimal():
        return int(plan)
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
    """Raise ``HalfAnswer`` if the records lack a field that the plan year's layout needs.

    A field that refers to another form (``country`` beside ``country.Country``) is not counted: it holds an id and no
    name.
    """
    names = _list_fields(form.records)
    references = {name.rpartition(".")[0] for name in names}
    header = pd.DataFrame(columns=[name for name in names if name not in references], dtype="str")
    is_activities = name == ACTIVITIES_INPUT
    omitted = year.columns_not_reported if is_activities else ()
    expected = OPTIONAL_ACTIVITY_COLUMNS if is_activities else ()
    try:
        match_headers(header, TABLE_BY_INPUT[name], Path(form.file), not_reported=omitted, expected=expected)
    except InputRefused as problem:
        fault = str(problem).removeprefix(f"{form.file}: ")
        raise HalfAnswer(
            f"the form {form.id} does not have the layout of {name} of the plan {year.year}: {fault}",
            "Was a field renamed? Add its name to headers.csv of the plan pack, or ask who manages the form",
        ) from None


def _list_fields(records: Sequence[Record]) -> list[str]:
    """List all fields by name, each once, nested ones with a dot. Raises ``HalfAnswer`` if they are too deep."""
    try:
        return list(dict.fromkeys(name for record in records for name, _ in fields(record)))
    except ValueError as problem:
        raise HalfAnswer(f"a record cannot be read ({problem})") from None


def _compare_form(form: Form, folder: Path, file: str) -> Form:
    """Return a form with the ids of records that differ from ``file``, the file of the last fetch.

    ``same_file`` becomes ``file`` if the bytes are the same, otherwise empty. If the file cannot be read, the form is
    returned as it is.
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
        changed=frozenset(key for key in new.keys() & old.keys() if new[key] != old[key]),
        removed=frozenset(old.keys() - new.keys()),
    )


def _add_history(api: Api, base: str, form: Form) -> Form:
    """Return a form with the history of its changed records, without users. Each record needs a request.

    Only the first ``MAX_RECORDS_WITH_HISTORY`` by id are fetched. ``without_history`` counts the rest.
    """

    def missing(answer: Answer) -> str:
        """Return the fault of a history. Empty without a fault."""
        entries = answer.content.get("entries")
        is_history = isinstance(entries, list) and all(
            isinstance(part, dict) for entry in entries for part in (entry, *(entry.get("values") or ()))
        )
        return "" if is_history else "the answer holds no history (entries)"

    ids = sorted(form.changed)
    history: list[Record] = []
    for record_id in ids[:MAX_RECORDS_WITH_HISTORY]:
        url = f"{base}/resources/form/{form.id}/record/{quote(record_id, safe='')}/history"
        for entry in api.get(url, missing=missing).content["entries"]:
            values: Iterable[Any] = entry.get("values") or ()
            visible = [value for value in values if not _USER_FIELD_PATTERN.search(str(value.get("fieldLabel", "")))]
            facts = {key: entry[key] for key in KEPT_HISTORY_KEYS if key in entry}
            history.append({"recordId": record_id, **facts, "values": visible})
    return replace(form, history=history, without_history=len(ids[MAX_RECORDS_WITH_HISTORY:]))
