"""Call the steps that follow a run: steps of this package, then steps that an office adds by entry points.

A step is a function that takes an ``EndedRun`` and yields a line for each thing that it could not do. Its entry point
of the group ``rmrp.after_run`` has its name. The entry points of this package stand in ``pyproject.toml``. The steps
are called in this order:

1. ``feed`` and ``crate`` write files into the run's folder, before it takes the place of the previous one.
2. ``upload`` publishes the folder at an address. If it cannot, nothing is published, and the run ends with that.
3. ``mail`` and ``webhook`` tell how the run ended. The steps of others follow, in the order of their names.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from rmrp_analysis.errors import RequestError
from rmrp_analysis.extensions import find_extensions
from rmrp_analysis.params import RunParams
from rmrp_analysis.publish.records.manifest import MANIFEST, Manifest
from rmrp_analysis.publish.records.results import ReportResult

__all__ = ["FILE_BY_STEP", "FILE_STEPS", "GROUP", "MESSAGE_STEPS", "PACKAGE_STEPS", "UPLOAD_STEP"]
__all__ += ["Destination", "EndedRun", "Step", "run_step", "run_steps_after"]

GROUP = "rmrp.after_run"
"""The group of entry points that name steps."""
FILE_BY_STEP = {"feed": "feed.xml", "crate": "ro-crate-metadata.json"}
"""The file that a step writes into the run's folder, by the step's name. It holds the time of the run."""
FILE_STEPS = tuple(FILE_BY_STEP)
"""Steps that write files of the run's folder, called before it is published."""
UPLOAD_STEP = "upload"
"""The step that publishes the folder at an address. It can end the run."""
MESSAGE_STEPS = ("mail", "webhook")
"""Steps that send how a run ended, called after it is published."""
PACKAGE_STEPS = (*FILE_STEPS, UPLOAD_STEP, *MESSAGE_STEPS)
"""The steps of this package, in their order."""


class Destination(Protocol):
    """A place outside this computer for a run's folder, so that steps need not know its protocol."""

    def publish(self) -> Iterable[str]:
        """Publish the folder and return a line for each thing to report, or raise ``InputRefused``."""


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended, with everything that a step after it may use.

    ``folder`` is the run's folder on this computer, ``before`` the folder that it replaces. ``address`` is the address
    of the index for readers. If nothing was published, it is empty and ``problem`` says why. ``results`` are the
    results of the reports. ``destination`` is the place to which the step ``upload`` publishes the folder, or None if
    it stays on this computer.
    """

    params: RunParams
    folder: Path
    address: str
    results: Sequence[ReportResult] = ()
    problem: str = ""
    before: Path = Path()
    destination: Destination | None = None

    @cached_property
    def manifest(self) -> Manifest:
        """The content of ``run.json``, read once. It is empty if nothing was published or it cannot be read."""
        return Manifest() if self.problem else Manifest.read(self.folder / MANIFEST) or Manifest()


Step = Callable[[EndedRun], Iterable[str] | None]
"""A function called after a run. It yields a line for each thing that it could not do."""


def run_steps_after(run: EndedRun) -> Iterator[str]:
    """Call the steps that follow the end of a run, and yield a line for each thing not done.

    First come the steps of this package that send the outcome, then the steps of the office by name. A step that fails
    does not stop the next ones. The steps run only while the lines are read.
    """
    office = sorted(find_extensions(GROUP).keys() - set(PACKAGE_STEPS))
    for name in (*MESSAGE_STEPS, *office):
        yield from run_step(name, run)


def run_step(name: str, run: EndedRun) -> Iterator[str]:
    """Call one step while the lines are read, and yield a line for each thing that it could not do.

    A step that is not installed gives one line. If a step raises, the line has only its name and the type of the error,
    since the text of an error may hold a secret. Raises the errors of ``upload``, since nothing is published then, and
    ``RequestError`` if ``upload`` is not installed and the run has a destination.
    """
    entry = find_extensions(GROUP).get(name)
    if entry is None:
        fault = f"{name}: this step is not installed; install the package again"
        if run.destination and name == UPLOAD_STEP:
            raise RequestError(fault)
        yield fault
        return
    try:
        step: Step = entry.load()
        yield from step(run) or ()
    except (Exception, SystemExit) as fault:  # whatever others wrote: a later step does no harm to a run
        if name == UPLOAD_STEP:
            raise
        yield f"{name}: {type(fault).__name__}"
