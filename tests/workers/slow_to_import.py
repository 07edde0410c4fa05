"""A trainer whose import takes longer than the time limit that it is given."""

import time
from multiprocessing import parent_process

from tests.workers.faults import train

LIMIT = 1.0  # seconds per cell

if parent_process():
    time.sleep(LIMIT + 0.5)

__all__ = ["LIMIT", "train"]
