"""Tell a webhook how a run ended."""

from collections.abc import Iterator

from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.run.notification import notified


def webhook(run: EndedRun) -> Iterator[str]:
    """Send the facts of a run to the webhook that the parameters name; yield why they were not sent."""
    notify = run.params.notify.model_copy(update={"mail": None})
    params = run.params.model_copy(update={"notify": notify})
    yield from notified(params, run.folder, run.address, run.results, run.problem)
