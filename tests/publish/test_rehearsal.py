"""A rehearsal fills what forks find ready, and leaves no trace in the process that forks."""

import gc
import os
import random
import sys
import threading
from multiprocessing import get_context

import matplotlib as mpl
import numpy as np
import pytest
import typst
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from made_reports import PARAMS
from rmrp_analysis import theme
from rmrp_analysis.charts import measures
from rmrp_analysis.charts.grounds import ground_of
from rmrp_analysis.publish.documents import pdf
from rmrp_analysis.publish.engine.workers import CAN_FORK
from rmrp_analysis.publish.run.rehearsal import MANY, rehearse

DRAWN, FORK_IS_READY = 3, 7


def test_a_rehearsal_leaves_no_trace_and_has_fonts_and_templates_ready() -> None:
    plt.figure()
    drawn, settings, threads = plt.get_fignums(), dict(mpl.rcParams), threading.active_count()
    ours, shared = random.getstate(), np.random.get_state()[1]
    rehearse([PARAMS.report("Intersector", "region"), *[PARAMS.report("Health", "Peru")] * MANY])
    assert plt.get_fignums() == drawn
    assert dict(mpl.rcParams) == settings
    assert threading.active_count() == threads
    assert random.getstate() == ours
    assert (np.random.get_state()[1] == shared).all()
    plt.close()
    ready = (theme.style_sheet, theme._letters, theme._environment, measures._advances)
    assert [made.__name__ for made in ready if not made.cache_info().currsize] == []
    assert "_land_by_mm" in vars(ground_of("Peru"))


@pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
def test_a_sheet_is_drawn_without_matplotlib_and_seaborn_and_a_fork_sets_a_pdf_after_a_rehearsal() -> None:
    process = get_context("forkserver").Process(target=rehearse_and_fork, daemon=True)  # a copy of the ready one
    process.start()
    process.join(120)
    assert process.exitcode == FORK_IS_READY


def rehearse_and_fork() -> None:
    """End with ``FORK_IS_READY`` where Matplotlib drew no figure and a fork of this process can set a PDF."""
    rehearse([PARAMS.report("Health", "region")])
    if any(isinstance(each, Figure) for each in gc.get_objects()) or "seaborn" in sys.modules:
        sys.exit(DRAWN)
    if not os.fork():
        try:
            text = b'#set document(title: "a title")\n#set text(lang: "en")\nA text'
            typst.Compiler(font_paths=pdf.fonts()).compile(text, format="pdf", pdf_standards=["ua-1", "a-2a"])
            os._exit(FORK_IS_READY)
        finally:
            os._exit(1)
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
