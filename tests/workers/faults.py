"""Trainers that go wrong where a cell's loss says so; workers import them by name."""

import os
import signal
import time

from lsbench.store import Row

HOLD = "LSBENCH_TEST_HOLD"  # while this file exists, cells of seed 99 wait


def train(stack, place, on_epoch):
    on_epoch(1)
    for cell in stack:
        FAULTS.get(cell.loss, lambda: None)()
    return [Row(cell=cell, status="ok", metrics={"accuracy": 1.0, "ece": 0.0}, seconds=0.0) for cell in stack]


def _raise():
    raise RuntimeError("no such luck")


FAULTS = {
    "raises": _raise,
    "segfaults": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "leaves": lambda: os._exit(7),
    "hangs": lambda: time.sleep(600),
}
