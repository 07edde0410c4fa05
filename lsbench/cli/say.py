"""How the program speaks to whoever runs it, beside its data."""

import shutil
import sys

from lsbench.report.text import printable, wrapped


def say(text: str) -> None:
    """One line on stderr, wrapped on a terminal, without the control characters that a file's text may hold."""
    line = f"lsbench: {printable(text)}"
    lines = wrapped(line, max(20, shutil.get_terminal_size().columns), "    ") if sys.stderr.isatty() else [line]
    print("\n".join(lines), file=sys.stderr, flush=True)
