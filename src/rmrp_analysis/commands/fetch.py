"""Fetch the published data of producers into a data folder: ``rmrp fetch``."""

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
Pause = Annotated[float, rare(min=0, metavar="SECONDS", help="Between two requests.")]
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

    digest = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    folder = (cache or platformdirs.user_cache_path("rmrp-analysis")) / "fts" / f"for-{digest}"
    with Api(cache=folder, max_age=timedelta(hours=max_age), pause=pause) as api:
        fetched = fetch_plan_funding(api, plan_id=plan, base_address=base_address)
    path = write_fetched(fetched.fetching(), out)
    tell(
        "FTS plan {plan}: {flows} flows, US$ {funding} funded, US$ {pledges} pledged, as of {time:%Y-%m-%d %H:%M} UTC",
        plan=str(plan),
        flows=fetched.flows,
        funding=round(fetched.funding_usd),
        pledges=round(fetched.pledges_usd),
        time=fetched.fetched,
    )
    for grouping in fetched.left_out:
        alert("the server does not group by {grouping}; those totals are left out", grouping=grouping)
    for text in fetched.differences:
        alert(text)
    show(str(path))


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

    typed = {
        "activities": activities,
        "indicators": indicators,
        "appealing_organisations": appealing_organisations,
        "implementing_partners": implementing_partners,
        "admin1": admin1,
    }
    ids = {name: text.strip() for name, text in typed.items() if text.strip()}
    token = read_token()
    with Api(
        token=token, advice=ADVICE_BY_STATUS, pause=pause, most_bytes=MAX_ANSWER_BYTES, longest=MAX_SECONDS_OF_ANSWER
    ) as api:
        forms = fetch_forms(
            api, ids, out, base_address=base_address, year=plan, accept_fewer=accept_fewer, history=history
        )
    path = write_fetched(forms.fetching(), out)
    for name, form in forms.by_input.items():
        _tell_form(name, form, with_history=history)
    show(str(path))


def _tell_form(input_name: str, form: "Form", *, with_history: bool) -> None:
    """Print the counts of a fetched form: its records, and the changes since the last fetch."""
    facts = {"input": input_name, "records": len(form.records), "form": form.id, "time": form.fetched}
    tell("{input}: {records} records of the form {form}, as of {time:%Y-%m-%d %H:%M} UTC", **facts)
    if form.last_edit:
        tell("{input}: last edited {time:%Y-%m-%d %H:%M}", input=input_name, time=form.last_edit)
    if form.added is not None:
        counts = {"new": len(form.added), "changed": len(form.changed), "gone": len(form.removed)}
        tell("{input}: since the last fetch {new} new, {changed} changed, {gone} gone", input=input_name, **counts)
    if form.of_users:
        fields = ", ".join(form.of_users)
        alert("{input}: fields about users are left out: {fields}", input=input_name, fields=fields)
    if with_history and form.added is None:
        alert("{input}: without an earlier file of this form there is no history to fetch", input=input_name)
    if form.without_history:
        count = form.without_history
        alert("{input}: the history of {count} more changed records was not fetched", input=input_name, count=count)


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

    with Api(advice=ADVICE_BY_STATUS, elsewhere=True, pause=pause) as api:
        fetched = fetch_dataset(api, dataset, out, resources=resource or (), base_address=base_address)
    path = write_fetched(fetched.fetching(), out)
    for file in fetched.files:
        checksum = read_checksum(file.resource)[0] or translate("none")
        tell("{file}: {bytes} bytes, checksum: {checksum}", file=file.name, bytes=len(file.body), checksum=checksum)
    for name, (file, sheet) in fetched.inputs.items():
        place = translate("{file}, sheet '{sheet}'", file=file.name, sheet=sheet) if sheet else file.name
        tell(f"{name}: {place}")
    for note in fetched.notes:
        tell(note)
    show(str(path))


def refetch_inputs(folder: Path) -> list[str]:
    """Fetch each fetched input of a data folder again from its source, and return the reasons of failures.

    A failure does not stop the others. An input that was not fetched, or has the same bytes, stays as it is.
    """
    from rmrp_analysis.fetch.entry import read_entries

    entries = {name: entry for name, entry in read_entries(folder).items() if isinstance(entry, dict)}
    fetched = {name: entry for name, entry in entries.items() if "fetched" in entry}
    problems = []
    for address in dict.fromkeys(_find_address(entry) for entry in fetched.values()):
        inputs = {name: entry for name, entry in fetched.items() if _find_address(entry) == address}
        try:
            _choose_fetch(address, inputs, folder)(out=folder)
        except RmrpError as problem:
            problems.append(f"{', '.join(inputs)}: {problem}")
    return problems


def _find_address(entry: Mapping[str, Any]) -> str:
    """Return the address that is fetched at once: one for all forms of ActivityInfo, or the entry's own."""
    return ACTIVITYINFO_ADDRESS if entry.get("form") else str(entry.get("url", ""))


def _choose_fetch(address: str, inputs: Mapping[str, Mapping[str, Any]], folder: Path) -> Callable[..., None]:
    """Return the command that fetches inputs from an address, or raise ``RequestError``."""
    entry = next(iter(inputs.values()))
    if entry.get("form"):  # without a server that the folder names, since the token goes there
        server = os.environ.get(ACTIVITYINFO_VARIABLE, ACTIVITYINFO_ADDRESS)
        return partial(
            fetch_activityinfo, base_address=server, history=any("history" in entry for entry in inputs.values())
        )
    base, _, dataset = address.partition("/dataset/")
    if dataset:
        return partial(
            fetch_hdx, dataset, resource=_read_resources((folder / str(entry["file"])).parent), base_address=base
        )
    base, flows, _ = address.partition("/fts/flow")
    plan = parse_qs(urlsplit(address).query).get("planid", [""])[0]
    if flows and plan.isdecimal():
        return partial(fetch_fts, int(plan), base_address=base, max_age=0.0)
    raise RequestError(translate("'{address}' is no address that `rmrp fetch` knows", address=address))


def _read_resources(folder: Path) -> list[str]:
    """Return the ids (or names) of the resources in a folder's listing of HDX, or an empty list."""
    import json

    from rmrp_analysis.fetch.hdx import LISTING_FILE

    listing = folder / LISTING_FILE
    files = json.loads(listing.read_text(encoding="utf-8"))["files"] if listing.is_file() else []
    return [str(file.get("id") or file["name"]) for file in files]
