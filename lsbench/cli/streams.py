"""Standard streams that the caller closed are opened on nothing, before a pipe or a file takes their number."""

import os
import sys


def open_closed_streams() -> None:
    """Give 0, 1 and 2 back their meaning, for this process and those it starts."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - open as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
