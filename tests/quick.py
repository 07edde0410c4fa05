"""`make quick`: every test but those that start a process, which is what takes seconds.

Python with torch, a Ray cluster, a browser, a compiler and the Triton interpreter are all processes. A test is skipped
at the moment it starts one, so that nobody has to keep a list of the slow ones.
"""

import subprocess
from contextlib import contextmanager, nullcontext
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import pytest

AT_ONCE = {"git", "uname", "sh"}  # programs that take milliseconds

everything = nullcontext


@contextmanager
def no_processes():
    """Skip the test that starts a process here, unless it is known to be over at once."""
    popen = subprocess.Popen.__init__

    def start(self, args, *rest, **options):
        program = args.split()[0] if isinstance(args, str) else args[0]
        if Path(program).name not in AT_ONCE:
            skip(Path(program).name)
        popen(self, args, *rest, **options)

    spawn = patch.object(BaseProcess, "start", lambda _: skip("Python"))
    with patch.object(subprocess.Popen, "__init__", start), spawn:
        yield


def skip(program):
    pytest.skip(f"starts a process ({program}), which --quick leaves out")
