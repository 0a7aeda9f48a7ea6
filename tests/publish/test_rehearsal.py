"""A rehearsal fills what forks find ready, and leaves no trace in the process that forks."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from rmrp_analysis import theme
from rmrp_analysis.charts import measures
from rmrp_analysis.charts.grounds import ground_of
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.engine.workers import CAN_FORK
from rmrp_analysis.publish.run.rehearsal import MANY, rehearse

PARAMS = Path(__file__).parents[2] / "params" / "2021-end-of-year.yml"
IN_A_PROCESS_OF_ITS_OWN = """
import os, sys
from pathlib import Path
import typst
from rmrp_analysis.params import load_run_params
from rmrp_analysis.publish.documents import pdf
from rmrp_analysis.publish.run.rehearsal import rehearse
rehearse([load_run_params(Path(sys.argv[1])).report("Health", "region")])
if not os.fork():
    try:
        text = b'#set document(title: "a title")\\n#set text(lang: "en")\\nA text'
        typst.Compiler(font_paths=pdf.fonts()).compile(text, format="pdf", pdf_standards=["ua-1", "a-2a"])
        os._exit(7)
    finally:
        os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_a_rehearsal_leaves_no_trace() -> None:
    report = load_run_params(PARAMS).report("Health", "region")
    plt.figure()
    drawn, settings, threads = plt.get_fignums(), dict(mpl.rcParams), threading.active_count()
    ours, shared = random.getstate(), np.random.get_state()[1]
    rehearse([report])
    assert plt.get_fignums() == drawn
    assert dict(mpl.rcParams) == settings
    assert threading.active_count() == threads
    assert random.getstate() == ours
    assert (np.random.get_state()[1] == shared).all()
    plt.close()


def test_fonts_and_templates_are_ready_afterwards() -> None:
    run = load_run_params(PARAMS)
    rehearse([run.report("Intersector", "region"), *[run.report("Health", "Peru")] * MANY])
    ready = (theme.style_sheet, theme._letters, theme._environment, measures._advances)
    assert [made.__name__ for made in ready if not made.cache_info().currsize] == []
    assert "_land_by_mm" in vars(ground_of("Peru"))


@pytest.mark.skipif(not CAN_FORK, reason="this system has no fork")
def test_a_fork_sets_a_pdf_after_a_rehearsal() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN, PARAMS], timeout=120, check=False, env=os.environ
    )
    assert ended.returncode == 7
