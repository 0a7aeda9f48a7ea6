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
        edit_unix_seconds = (form_record.get(LAST_EDIT_FIELD) for form_record in self.records)
        valid_unix_seconds = [
            record_unix_seconds
            for record_unix_seconds in edit_unix_seconds
            if isinstance(record_unix_seconds, int | float) and 0 <= record_unix_seconds < MAX_UNIX_SECONDS
        ]
        return datetime.fromtimestamp(max(valid_unix_seconds), tz=UTC) if valid_unix_seconds else None


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
        content_by_file = {fetched_form.file: fetched_form.body for fetched_form in self.by_input.values()}
        source_entry_by_input = {}
        for input_name, fetched_form in self.by_input.items():
            earlier_source_entry = self.before.get(input_name, {})
            fields_by_hand = {
                field_name: field_text
                for field_name, field_text in earlier_source_entry.items()
                if field_name in ("licence", "numbers", "dates")
            }
            producer_name = earlier_source_entry.get("producer", PRODUCER)
            form_entry = {
                "file": fetched_form.file,
                "producer": producer_name,
                "url": fetched_form.url,
                "form": fetched_form.id,
                **fields_by_hand,
            }
            form_entry["records"] = len(fetched_form.records)
            if fetched_form.history:
                form_entry["history"] = fetched_form.file.replace(".json", "-history.json")
                content_by_file[form_entry["history"]] = json_text(fetched_form.history, 1).encode()
            source_entry_by_input[input_name] = add_date(form_entry, fetched_form.fetched)
        return Fetching(f"{pack.about().plan} {self.year}", self.year, content_by_file, source_entry_by_input)


def read_token() -> str:
    """Read the token from the environment, else from the keyring of the computer.

    Raises ``RequestError`` where there is none, or where it holds a blank or a letter that no token has. The message
    says how to set one, and never shows it.
    """
    environment_tokens = (
        os.environ.get(variable_name, "").strip() for variable_name in (TOKEN_VARIABLE, R4V_TOKEN_VARIABLE)
    )
    api_token = next(filter(None, environment_tokens), "")
    if not api_token:
        with suppress(Exception):  # each system's keyring has errors of its own, or it is not installed
            api_token = str(import_module("keyring").get_password(SERVICE, USER) or "").strip()
    if not api_token:
        raise RequestError(f"there is no token for ActivityInfo; {TOKEN_ADVICE}")
    if not _TOKEN_PATTERN.fullmatch(api_token):
        raise RequestError(f"the token for ActivityInfo holds a blank or a letter that no token has; {TOKEN_ADVICE}")
    return api_token


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
    base_url = check_address(base_address, BASE_ADDRESS, secret=True)
    earlier_source_entry_by_input = {
        input_name: source_entry
        for input_name, source_entry in read_entries(folder).items()
        if isinstance(source_entry, dict)
    }
    form_id_by_input = ids or _read_ids(earlier_source_entry_by_input, base_url, folder)
    for form_id in form_id_by_input.values():
        if not _FORM_ID_PATTERN.fullmatch(form_id):
            in_address = re.search(r"form/([A-Za-z][A-Za-z0-9_]+)", form_id)
            advice = f"did you mean '{in_address[1]}'?" if in_address else "it stands in its address, after form/"
            raise RequestError(f"'{form_id}' is no id of a form of ActivityInfo; {advice}")
    form_by_id = {
        form_id: api.agreeing(partial(_fetch_form, api, base_url, form_id))
        for form_id in dict.fromkeys(form_id_by_input.values())
    }
    form_by_input = {input_name: form_by_id[form_id] for input_name, form_id in form_id_by_input.items()}
    plan_year_declaration = plan_year(year or _find_year(folder, form_by_input))
    for input_name, form in form_by_input.items():
        _check_layout(input_name, form, plan_year_declaration)
        if input_name == ACTIVITIES_INPUT and not _find_record_id(form.records[0]):
            raise HalfAnswer(f"{form.url}: the records have no id ({ID_FIELDS[0]})")
        earlier_source_entry = earlier_source_entry_by_input.get(input_name, {})
        if earlier_source_entry.get("form") == form.id:
            form_by_input[input_name] = _compare_form(form, folder, str(earlier_source_entry.get("file", "")))
            earlier_record_count = str(earlier_source_entry.get("records", ""))
            if (
                earlier_record_count.isdecimal()
                and len(form.records) < MIN_SHARE_OF_LAST_FETCH * int(earlier_record_count)
                and not accept_fewer
            ):
                count_text = (
                    f"holds {len(form.records):,} records, and held {int(earlier_record_count):,} at the last fetch"
                )
                raise HalfAnswer(
                    f"the form {form.id} {count_text}: a part may be missing",
                    "If it is right, add --accept-fewer",
                )
        if history:
            form_by_input[input_name] = _add_history(api, base_url, form_by_input[input_name])
    return Forms(plan_year_declaration.year, form_by_input, earlier_source_entry_by_input)


def _read_ids(entries: Mapping[str, Any], base: str, folder: Path) -> dict[str, str]:
    """Return the form id of each input whose entry names a form.

    Raises ``RequestError`` where no entry names one, or one was fetched from another server than ``base``.
    """
    form_id_by_input = {
        name: str(source_entry["form"]) for name, source_entry in entries.items() if source_entry.get("form")
    }
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
    first_url = f"{base}/resources/query/v43/form/{form}"

    def following(page: Answer) -> str:
        """Return the address of the next page; empty after the last."""
        return urljoin(page.url, next_link) if (next_link := _read_page(page)[2]) else ""

    page_answers = api.pages(first_url, following, missing=_check_page, shapes=(list, dict))
    page_content_triples = [_read_page(page) for page in page_answers]
    records = [form_record for page_records, _, _ in page_content_triples for form_record in page_records]
    stated_record_counts = {
        stated_record_count for _, stated_record_count, _ in page_content_triples if stated_record_count is not None
    }
    if len(stated_record_counts) > 1:
        raise HalfAnswer(f"{first_url}: the form changed while it was read")
    total_count = next(iter(stated_record_counts), None)
    if total_count is not None and total_count != len(records):
        missing = "records are missing" if len(records) < total_count else "some came twice"
        raise HalfAnswer(f"{first_url}: {len(records):,} records came, the server counts {total_count:,}: {missing}")
    if not records:
        raise HalfAnswer(f"{first_url}: the form has no records")
    repeated_ids = [
        record_id
        for record_id, record_count in Counter(filter(None, map(_find_record_id, records))).items()
        if record_count > 1
    ]
    if repeated_ids:
        raise HalfAnswer(f"{first_url}: the record {repeated_ids[0]} came more than once ({len(repeated_ids):,} such)")
    personal_field_names = [
        field_name for field_name in sorted(_list_fields(records)) if _USER_FIELD_PATTERN.search(field_name)
    ]
    is_body_as_received = (
        len(page_answers) == 1 and isinstance(page_answers[0].content, list) and not personal_field_names
    )
    kept_records = [_drop_users(form_record) for form_record in records] if personal_field_names else records
    form_json_bytes = page_answers[0].body if is_body_as_received else json_text(kept_records, 1).encode()
    return Form(
        form,
        first_url,
        min(page.fetched for page in page_answers),
        kept_records,
        form_json_bytes,
        tuple(personal_field_names),
    )


def _check_page(page: Answer) -> str:
    """Return what is wrong with a page (no list of records, no record, some without ids); empty where nothing is."""
    page_content = page.content
    if isinstance(page_content, dict) and not any(
        isinstance(page_content.get(records_key), list) for records_key in RECORDS_KEYS
    ):
        return f"the answer holds no list of records ({', '.join(list(page_content)[:5]) or 'nothing'})"
    page_records, _, _ = _read_page(page)
    if any(not isinstance(fetched_form_record, dict) for fetched_form_record in page_records):
        return "the answer holds something that is no record"
    without_id = sum(not _find_record_id(fetched_form_record) for fetched_form_record in page_records)
    return f"{without_id:,} records have no id ({ID_FIELDS[0]})" if 0 < without_id < len(page_records) else ""


def _read_page(page: Answer) -> tuple[list[Any], int | None, str]:
    """Return the records of a page, how many all pages hold (None: not stated), and the address of the next page.

    The address is empty where the page names none.
    """
    page_content = page.content
    if isinstance(page_content, list):
        return page_content, page.stated, page.following
    page_records = next(
        page_content[content_key] for content_key in RECORDS_KEYS if isinstance(page_content.get(content_key), list)
    )
    stated_record_count = next(
        (
            page_content[content_key]
            for content_key in RECORD_COUNT_KEYS
            if isinstance(page_content.get(content_key), int)
        ),
        page.stated,
    )
    next_url = next(
        (page_content[content_key] for content_key in NEXT_PAGE_KEYS if isinstance(page_content.get(content_key), str)),
        page.following,
    )
    return page_records, stated_record_count, next_url


def _find_record_id(record: Record) -> str:
    """Return the id of a record; empty where it has none."""
    return next((str(record[id_field]) for id_field in ID_FIELDS if record.get(id_field)), "")


def _drop_users(record: Record, opening: str = "") -> Record:
    """Return a record without the fields that tell of users, also in nested records.

    ``opening`` is the dotted beginning of the names of a nested record's fields.
    """
    return {
        field_name: _drop_users(field_content, f"{opening}{field_name}.")
        if isinstance(field_content, dict)
        else field_content
        for field_name, field_content in record.items()
        if not _USER_FIELD_PATTERN.search(f"{opening}{field_name}")
    }


def _find_year(folder: Path, forms: Mapping[str, Form]) -> int:
    """Return the plan year of a folder's ``sources.yml``, else that of most months of activities, else the latest."""
    folder_year_text = str(read_entries(folder).get("plan", ""))
    if folder_year_text.isdecimal():
        return int(folder_year_text)
    month_headers = set(map(header_key, TABLE_BY_INPUT["activities"].columns["month"].headers))
    value_count_by_year = Counter(
        int(year)
        for activity_record in (forms[ACTIVITIES_INPUT].records if ACTIVITIES_INPUT in forms else ())
        for field_name, field_content in activity_record.items()
        if header_key(field_name) in month_headers
        for year in _YEAR_PATTERN.findall(str(field_content))
    )
    return next((year for year, _ in value_count_by_year.most_common() if year in plan_years()), max(plan_years()))


def _check_layout(name: str, form: Form, year: PlanYear) -> None:
    """Raise ``HalfAnswer`` where the records lack a field that the plan year's layout needs.

    A field that refers to another form, ``country`` beside ``country.Country``, is not counted: it holds an id and no
    name.
    """
    field_names = _list_fields(form.records)
    reference_field_names = {name.rpartition(".")[0] for name in field_names}
    empty_header_table = pd.DataFrame(
        columns=[name for name in field_names if name not in reference_field_names], dtype="str"
    )
    unreported_columns, expected_columns = (
        (year.columns_not_reported, OPTIONAL_ACTIVITY_COLUMNS) if name == ACTIVITIES_INPUT else ((), ())
    )
    try:
        match_headers(
            empty_header_table,
            TABLE_BY_INPUT[name],
            Path(form.file),
            not_reported=unreported_columns,
            expected=expected_columns,
        )
    except InputRefused as problem:
        fault = str(problem).removeprefix(f"{form.file}: ")
        raise HalfAnswer(
            f"the form {form.id} does not have the layout of {name} of the plan {year.year}: {fault}",
            "Was a field renamed? Add its name to headers.csv of the plan pack, or ask who manages the form",
        ) from None


def _list_fields(records: Sequence[Record]) -> list[str]:
    """List all fields by name, each once, nested ones with a dot. Raises ``HalfAnswer`` where they are too deep."""
    try:
        return list(dict.fromkeys(field_name for form_record in records for field_name, _ in fields(form_record)))
    except ValueError as problem:
        raise HalfAnswer(f"a record cannot be read ({problem})") from None


def _compare_form(form: Form, folder: Path, file: str) -> Form:
    """Return a form with the ids of records added, removed or changed since the last fetch, whose ``file`` is read.

    ``same_file`` becomes the name ``file`` where the bytes are the same, else empty. Where the file cannot be read, the
    form is returned as it is.
    """
    try:
        earlier_body_bytes = (folder / file).read_bytes()
        earlier_records = json.loads(earlier_body_bytes)
        earlier_record_by_id = {
            _find_record_id(form_record) or json.dumps(form_record): form_record for form_record in earlier_records
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return form
    current_record_by_id = {
        _find_record_id(form_record) or json.dumps(form_record): form_record for form_record in form.records
    }
    return replace(
        form,
        same_file=file if earlier_body_bytes == form.body else "",
        added=frozenset(current_record_by_id.keys() - earlier_record_by_id.keys()),
        changed=frozenset(
            record_id
            for record_id in current_record_by_id.keys() & earlier_record_by_id.keys()
            if current_record_by_id[record_id] != earlier_record_by_id[record_id]
        ),
        removed=frozenset(earlier_record_by_id.keys() - current_record_by_id.keys()),
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
            for history_entry in answered_entries
            for history_part_dict in (history_entry, *(history_entry.get("values") or ()))
        )
        return "" if is_history_list else "the answer holds no history (entries)"

    changed_record_ids = sorted(form.changed)
    history_entries: list[Record] = []
    for record_id in changed_record_ids[:MAX_RECORDS_WITH_HISTORY]:
        history_url = f"{base}/resources/form/{form.id}/record/{quote(record_id, safe='')}/history"
        for history_entry in api.get(history_url, missing=missing).content["entries"]:
            changed_value_dicts: Iterable[Any] = history_entry.get("values") or ()
            kept_value_dicts = [
                changed_value_dict
                for changed_value_dict in changed_value_dicts
                if not _USER_FIELD_PATTERN.search(str(changed_value_dict.get("fieldLabel", "")))
            ]
            history_entries.append(
                {
                    "recordId": record_id,
                    **{
                        history_key: history_entry[history_key]
                        for history_key in KEPT_HISTORY_KEYS
                        if history_key in history_entry
                    },
                    "values": kept_value_dicts,
                }
            )
    return replace(form, history=history_entries, without_history=len(changed_record_ids[MAX_RECORDS_WITH_HISTORY:]))
