"""Tell by mail how a run ended."""

from collections.abc import Iterator

from rmrp_analysis.publish.after import EndedRun
from rmrp_analysis.publish.run.notification import notified


def mail(run: EndedRun) -> Iterator[str]:
    """Send a mail to those whom the parameters name; yield why one was not sent."""
    notify = run.params.notify.model_copy(update={"webhook": None})
    params = run.params.model_copy(update={"notify": notify})
    yield from notified(params, run.folder, run.address, run.results, run.problem)
