"""Standard streams as a command needs them, whatever the caller left: open, and able to take any character."""

import os
import sys
from io import TextIOWrapper


def take_any_character() -> None:
    """Write ? where the caller's encoding has no such character, rather than fail after the work is done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def open_closed_streams() -> None:
    """Give 0, 1 and 2 back their meaning, for this process and those it starts, before a pipe takes their number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - open as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
