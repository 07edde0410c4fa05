"""`lsbench` as processes that import no torch: real claims, rows and signals, and the rows of `faults`."""

import sys
from pathlib import Path

ROOT, WITHOUT_TORCH = Path(__file__).parents[2], Path(__file__).with_name("without_torch")
CODE = f"""
import sys
sys.path[:0] = {[str(WITHOUT_TORCH), str(ROOT)]}  # a process that is spawned begins with this path
from functools import partial
from lsbench.__main__ import main
from lsbench.workers import local
local.run_all = partial(local.run_all, trainer="tests.workers.faults:train_when_let")
main()
"""
GATE = "LSBENCH_TEST_GATE"  # names a file: until it is there, seed 0 alone is trained
START = [sys.executable, "-c", CODE]
