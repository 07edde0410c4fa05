"""`make quick`: every test but those that start a process, which is what takes seconds.

Python with torch, a Ray cluster, a browser, a compiler and the Triton interpreter are all processes. A test is skipped
at the moment it starts one, so that nobody has to keep a list of the slow ones; so it is where it trains on real
images, trains more than a few stacks or calls `torch.compile`, and where its file says so by `leave_out`. Simulations
(`simulations.py`) carry a mark, which the Makefile leaves out.
"""

import subprocess
from contextlib import contextmanager, nullcontext
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import pytest

AT_ONCE = {"git", "uname", "sh"}  # programs that take milliseconds
MOST = 3  # stacks that the command line may train in one test

active = False
trained = 0  # stacks, in this test

everything = nullcontext


@contextmanager
def no_processes():
    """Skip the test that starts a process here, unless it is known to be over at once."""
    global active, trained
    popen, before, active, trained = subprocess.Popen.__init__, active, True, 0

    def start(self, args, *rest, **options):
        program = args.split()[0] if isinstance(args, str) else args[0]
        if Path(program).name not in AT_ONCE:
            skip(Path(program).name)
        popen(self, args, *rest, **options)

    spawn = patch.object(BaseProcess, "start", lambda _: skip("Python"))
    compiler = patch("torch.compile", lambda *_, **__: leave_out("compiles"))
    try:
        with patch.object(subprocess.Popen, "__init__", start), spawn, compiler:
            yield
    finally:
        active = before


def count_stack():
    """Skip a test that trains more than a few stacks, before it trains another."""
    global trained
    trained += 1
    if trained > MOST:
        leave_out("trains many stacks")


def leave_out(what):
    """Skip a test before something else that takes seconds."""
    if active:
        pytest.skip(f"{what}, which --quick leaves out")


def skip(program):
    pytest.skip(f"starts a process ({program}), which --quick leaves out")
