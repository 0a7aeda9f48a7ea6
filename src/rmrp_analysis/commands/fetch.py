"""Fetch what producers publish into a data folder: ``rmrp fetch``."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlsplit

from typer import Argument, Option, Typer

from rmrp_analysis.commands.help import Group
from rmrp_analysis.commands.options import Command, rare
from rmrp_analysis.commands.terminal import alert, show, tell, translate
from rmrp_analysis.errors import RequestError, RmrpError

if TYPE_CHECKING:
    from rmrp_analysis.fetch.activityinfo import Form

ACTIVITYINFO_ADDRESS, ACTIVITYINFO_VARIABLE = "https://www.activityinfo.org", "RMRP_ACTIVITYINFO_ADDRESS"
"""The address of ActivityInfo's server, and the environment variable that names another one."""

fetch = Typer(cls=Group, no_args_is_help=True, help="Fetch a producer's data, whole or not at all.")
"""The command ``rmrp fetch``, with a command for each producer."""

Out = Annotated[Path, Option("--out", metavar="DIR", help="The data folder to write to.", show_default=False)]
"""The option ``--out``: the data folder to write to."""
Pause = Annotated[float, rare(min=0, metavar="SECONDS", help="Between two requests.")]
"""The option ``--pause``: seconds between two requests."""
FormId = Annotated[str, Option(metavar="ID", help="A list, as `sources.yml` calls it.")]
"""The type of options that take the id of a form of ActivityInfo."""


@fetch.command("fts", cls=Command)
def fetch_fts(
    plan: Annotated[int, Option("--plan-id", "--plan", min=1, metavar="ID", help="At FTS: 1021 is the RMRP 2021.")],
    out: Out,
    base_address: Annotated[str, rare(envvar="RMRP_FTS_ADDRESS")] = "https://api.hpc.tools",
    cache: Annotated[Path | None, rare(envvar="RMRP_CACHE", metavar="DIR", help="Keeps answers.")] = None,
    max_age: Annotated[float, rare(min=0, metavar="HOURS", help="How long a kept answer is good.")] = 1.0,
    pause: Pause = 1.0,
) -> None:
    """Fetch a plan's flows and requirements from the Financial Tracking Service."""
    import hashlib
    from datetime import timedelta

    import platformdirs

    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched
    from rmrp_analysis.fetch.fts import fetch_plan_funding

    folder_hash = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    cache_folder = (cache or platformdirs.user_cache_path("rmrp-analysis")) / "fts" / f"for-{folder_hash}"
    with Api(cache=cache_folder, max_age=timedelta(hours=max_age), pause=pause) as fts_api:
        fetched_funding = fetch_plan_funding(fts_api, plan_id=plan, base_address=base_address)
    written_sources_path = write_fetched(fetched_funding.fetching(), out)
    tell(
        "FTS plan {plan}: {flows} flows, US$ {funding} funded, US$ {pledges} pledged, as of {time:%Y-%m-%d %H:%M} UTC",
        plan=str(plan),
        flows=fetched_funding.flows,
        funding=round(fetched_funding.funding_usd),
        pledges=round(fetched_funding.pledges_usd),
        time=fetched_funding.fetched,
    )
    for missing_grouping_name in fetched_funding.left_out:
        alert("the server does not group by {grouping}; those totals are left out", grouping=missing_grouping_name)
    for difference_line in fetched_funding.differences:
        alert(difference_line)
    show(str(written_sources_path))


@fetch.command("activityinfo", cls=Command)
def fetch_activityinfo(
    out: Out,
    activities: Annotated[str, Option(metavar="ID", help="The form of activities (5W).")] = "",
    indicators: FormId = "",
    appealing_organisations: FormId = "",
    implementing_partners: FormId = "",
    admin1: Annotated[str, Option("--admin1", "--places", metavar="ID", help="The same, of places.")] = "",
    plan: Annotated[int | None, Option(metavar="YEAR", help="Default: the folder's, else of the records.")] = None,
    history: Annotated[bool, Option("--history", help="Also each change of records since the last fetch.")] = False,
    accept_fewer: Annotated[bool, rare("--accept-fewer", help="Also less than half of the last fetch.")] = False,
    base_address: Annotated[str, rare(envvar=ACTIVITYINFO_VARIABLE)] = ACTIVITYINFO_ADDRESS,
    pause: Pause = 1.0,
) -> None:
    """Fetch forms of ActivityInfo, by their ids; without an id those that the folder has, anew.

    The token is read from ACTIVITYINFO_TOKEN or the keyring, and from no option.
    """
    from rmrp_analysis.fetch.activityinfo import (
        ADVICE_BY_STATUS,
        MAX_ANSWER_BYTES,
        MAX_SECONDS_OF_ANSWER,
        fetch_forms,
        read_token,
    )
    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched

    typed_id_by_input = {
        "activities": activities,
        "indicators": indicators,
        "appealing_organisations": appealing_organisations,
        "implementing_partners": implementing_partners,
        "admin1": admin1,
    }
    form_id_by_input = {
        input_name: typed_id.strip() for input_name, typed_id in typed_id_by_input.items() if typed_id.strip()
    }
    api_token = read_token()
    with Api(
        token=api_token,
        advice=ADVICE_BY_STATUS,
        pause=pause,
        most_bytes=MAX_ANSWER_BYTES,
        longest=MAX_SECONDS_OF_ANSWER,
    ) as activityinfo_api:
        fetched_forms = fetch_forms(
            activityinfo_api,
            form_id_by_input,
            out,
            base_address=base_address,
            year=plan,
            accept_fewer=accept_fewer,
            history=history,
        )
    written_sources_path = write_fetched(fetched_forms.fetching(), out)
    for input_name, fetched_form in fetched_forms.by_input.items():
        _tell_form(input_name, fetched_form, with_history=history)
    show(str(written_sources_path))


def _tell_form(input_name: str, form: "Form", *, with_history: bool) -> None:
    """Say what was fetched of a form: its records, what became of those of the last fetch.

    Warns of what was left out: fields about users, and history.
    """
    form_message_values = {"input": input_name, "records": len(form.records), "form": form.id, "time": form.fetched}
    tell("{input}: {records} records of the form {form}, as of {time:%Y-%m-%d %H:%M} UTC", **form_message_values)
    if form.last_edit:
        tell("{input}: last edited {time:%Y-%m-%d %H:%M}", input=input_name, time=form.last_edit)
    if form.added is not None:
        record_count_by_change = {"new": len(form.added), "changed": len(form.changed), "gone": len(form.removed)}
        tell(
            "{input}: since the last fetch {new} new, {changed} changed, {gone} gone",
            input=input_name,
            **record_count_by_change,
        )
    if form.of_users:
        user_fields_text = ", ".join(form.of_users)
        alert("{input}: fields about users are left out: {fields}", input=input_name, fields=user_fields_text)
    if with_history and form.added is None:
        alert("{input}: without an earlier file of this form there is no history to fetch", input=input_name)
    if form.without_history:
        missing_history_count = form.without_history
        alert(
            "{input}: the history of {count} more changed records was not fetched",
            input=input_name,
            count=missing_history_count,
        )


@fetch.command("hdx", cls=Command)
def fetch_hdx(
    dataset: Annotated[str, Argument(metavar="DATASET", help="The dataset's name at HDX.")],
    out: Out,
    resource: Annotated[list[str] | None, Option(metavar="NAME…", help="Only these of its files.")] = None,
    base_address: Annotated[str, rare(envvar="RMRP_HDX_ADDRESS")] = "https://data.humdata.org",
    pause: Pause = 1.0,
) -> None:
    """Fetch the files of a dataset at HDX, with a listing of their checksums, sizes, times and licence."""
    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched
    from rmrp_analysis.fetch.hdx import ADVICE_BY_STATUS, fetch_dataset, read_checksum

    with Api(advice=ADVICE_BY_STATUS, elsewhere=True, pause=pause) as hdx_api:
        fetched_dataset = fetch_dataset(hdx_api, dataset, out, resources=resource or (), base_address=base_address)
    written_sources_path = write_fetched(fetched_dataset.fetching(), out)
    for hdx_file in fetched_dataset.files:
        checksum_algorithm = read_checksum(hdx_file.resource)[0] or translate("none")
        tell(
            "{file}: {bytes} bytes, checksum: {checksum}",
            file=hdx_file.name,
            bytes=len(hdx_file.body),
            checksum=checksum_algorithm,
        )
    for input_name, (hdx_file, sheet_name) in fetched_dataset.inputs.items():
        file_and_sheet_text = (
            translate("{file}, sheet '{sheet}'", file=hdx_file.name, sheet=sheet_name) if sheet_name else hdx_file.name
        )
        tell(f"{input_name}: {file_and_sheet_text}")
    for fetch_note in fetched_dataset.notes:
        tell(fetch_note)
    show(str(written_sources_path))


def refetch_inputs(folder: Path) -> list[str]:
    """Fetch each input of a data folder anew that was fetched, from where it came; return why some were not.

    A failure does not stop the others. What was not fetched stays as it is, and so does what holds the same bytes.
    """
    from rmrp_analysis.fetch.entry import read_entries

    source_entry_by_input = {
        input_name: source_entry
        for input_name, source_entry in read_entries(folder).items()
        if isinstance(source_entry, dict)
    }
    fetched_entry_by_input = {
        input_name: source_entry
        for input_name, source_entry in source_entry_by_input.items()
        if "fetched" in source_entry
    }
    fetch_problems = []
    for fetch_address in dict.fromkeys(_find_address(source_entry) for source_entry in fetched_entry_by_input.values()):
        entry_by_fetched_input = {
            input_name: source_entry
            for input_name, source_entry in fetched_entry_by_input.items()
            if _find_address(source_entry) == fetch_address
        }
        try:
            _choose_fetch(fetch_address, entry_by_fetched_input, folder)(out=folder)
        except RmrpError as problem:
            fetch_problems.append(f"{', '.join(entry_by_fetched_input)}: {problem}")
    return fetch_problems


def _find_address(entry: Mapping[str, Any]) -> str:
    """Return what is fetched at once: the address of all forms of ActivityInfo, else that of the entry."""
    return ACTIVITYINFO_ADDRESS if entry.get("form") else str(entry.get("url", ""))


def _choose_fetch(address: str, inputs: Mapping[str, Mapping[str, Any]], folder: Path) -> Callable[..., None]:
    """Return the command that fetches inputs from an address. Raises ``RequestError`` where none does."""
    first_source_entry = next(iter(inputs.values()))
    if first_source_entry.get("form"):  # without a server that the folder names, since the token goes there
        server_address = os.environ.get(ACTIVITYINFO_VARIABLE, ACTIVITYINFO_ADDRESS)
        return partial(
            fetch_activityinfo,
            base_address=server_address,
            history=any("history" in source_entry for source_entry in inputs.values()),
        )
    base_address, _, dataset_name = address.partition("/dataset/")
    if dataset_name:
        return partial(
            fetch_hdx,
            dataset_name,
            resource=_read_resources((folder / str(first_source_entry["file"])).parent),
            base_address=base_address,
        )
    base_address, fts_flow_path, _ = address.partition("/fts/flow")
    fts_plan_id_text = parse_qs(urlsplit(address).query).get("planid", [""])[0]
    if fts_flow_path and fts_plan_id_text.isdecimal():
        return partial(fetch_fts, int(fts_plan_id_text), base_address=base_address, max_age=0.0)
    raise RequestError(translate("'{address}' is no address that `rmrp fetch` knows", address=address))


def _read_resources(folder: Path) -> list[str]:
    """Return the ids (else names) of the resources of an HDX dataset in a folder's listing; empty without a listing."""
    import json

    from rmrp_analysis.fetch.hdx import LISTING_FILE

    listing_path = folder / LISTING_FILE
    listed_file_entries = (
        json.loads(listing_path.read_text(encoding="utf-8"))["files"] if listing_path.is_file() else []
    )
    return [str(file_entry.get("id") or file_entry["name"]) for file_entry in listed_file_entries]
