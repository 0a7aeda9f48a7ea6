"""The commands of ``rmrp fetch``, their options, and what each leaves in a data folder."""

from pathlib import Path
from typing import Annotated

import typer

from rmrp_analysis import terminal

fetch = typer.Typer(no_args_is_help=True, help="Fetch a producer's data, whole or not at all.")

DataFolder = Annotated[Path, typer.Option("--out", help="The data folder to write to.", show_default=False)]
Pause = Annotated[float, typer.Option(min=0, help="Seconds between two requests.")]


@fetch.command("fts")
def fetch_fts(
    plan: Annotated[int, typer.Option(min=1, help="The plan's id at FTS: 1021 is the RMRP 2021.", show_default=False)],
    out: DataFolder,
    base_address: Annotated[
        str, typer.Option(envvar="RMRP_FTS_ADDRESS", help="Where the FTS API is.")
    ] = "https://api.hpc.tools",
    cache: Annotated[
        Path | None, typer.Option(envvar="RMRP_CACHE", help="Where answers are kept; default: the user's cache folder.")
    ] = None,
    max_age: Annotated[float, typer.Option(min=0, help="Hours for which a kept answer is good; 0: ask anew.")] = 1.0,
    pause: Pause = 1.0,
) -> None:
    """Fetch a plan's flows and requirements from the Financial Tracking Service."""
    import hashlib
    from datetime import timedelta

    import platformdirs

    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched
    from rmrp_analysis.fetch.fts import fetch_plan_funding

    of_folder = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    kept = (cache or platformdirs.user_cache_path("rmrp-analysis")) / "fts" / f"for-{of_folder}"
    with Api(cache=kept, max_age=timedelta(hours=max_age), pause=pause) as api:
        fetched = fetch_plan_funding(api, plan_id=plan, base_address=base_address)
    written = write_fetched(fetched.fetching(), out)
    terminal.show_fetched(plan, fetched)
    terminal.show_result(written)


@fetch.command("activityinfo")
def fetch_activityinfo(
    out: DataFolder,
    form: Annotated[str, typer.Option(metavar="ID", help="The form of activities (5W).")] = "",
    indicators: Annotated[str, typer.Option(metavar="ID", help="The form that lists the indicators.")] = "",
    partners: Annotated[str, typer.Option(metavar="ID", help="The form that lists appealing organisations.")] = "",
    implementing_partners: Annotated[
        str, typer.Option(metavar="ID", help="The form that lists implementing partners.")
    ] = "",
    places: Annotated[str, typer.Option(metavar="ID", help="The form that lists first administrative levels.")] = "",
    plan: Annotated[int | None, typer.Option(help="The plan year; default: the folder's, else of the records.")] = None,
    base_address: Annotated[
        str, typer.Option(envvar="RMRP_ACTIVITYINFO_ADDRESS", help="Where ActivityInfo is.")
    ] = "https://www.activityinfo.org",
    accept_fewer: Annotated[
        bool, typer.Option("--accept-fewer", help="Also when less than half of the last fetch came.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Also each change of the records that changed since the last fetch.")
    ] = False,
    pause: Pause = 1.0,
) -> None:
    """Fetch forms of ActivityInfo, by their ids; without an id those that the folder has, anew.

    The token is read from ACTIVITYINFO_TOKEN or the keyring, and from no option.
    """
    from rmrp_analysis.fetch.activityinfo import ADVICE, LONGEST_ANSWER, MOST_BYTES, fetch_forms
    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched
    from rmrp_analysis.fetch.token import activityinfo_token

    named = {
        "activities": form,
        "indicators": indicators,
        "appealing_organisations": partners,
        "implementing_partners": implementing_partners,
        "admin1": places,
    }
    ids = {name: text.strip() for name, text in named.items() if text.strip()}
    token = activityinfo_token()
    with Api(token=token, advice=ADVICE, pause=pause, most_bytes=MOST_BYTES, longest=LONGEST_ANSWER) as api:
        forms = fetch_forms(
            api, ids, out, base_address=base_address, year=plan, accept_fewer=accept_fewer, history=history
        )
    written = write_fetched(forms.fetching(), out)
    terminal.show_forms(forms, history=history)
    terminal.show_result(written)


@fetch.command("hdx")
def fetch_hdx(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The dataset's name at HDX.", show_default=False)],
    out: DataFolder,
    resource: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only these of its files; default: all.")
    ] = None,
    base_address: Annotated[
        str, typer.Option(envvar="RMRP_HDX_ADDRESS", help="Where HDX is.")
    ] = "https://data.humdata.org",
    pause: Pause = 1.0,
) -> None:
    """Fetch the files of a dataset at HDX, with a listing of their checksums, sizes, times and licence."""
    from rmrp_analysis.fetch.api import Api
    from rmrp_analysis.fetch.entry import write_fetched
    from rmrp_analysis.fetch.hdx import ADVICE, MOST_BYTES, fetch_dataset

    with Api(advice=ADVICE, elsewhere=True, pause=pause, most_bytes=MOST_BYTES) as api:
        fetched = fetch_dataset(api, dataset, out, resources=resource or (), base_address=base_address)
    written = write_fetched(fetched.fetching(), out)
    terminal.show_dataset(fetched)
    terminal.show_result(written)
