"""How the program speaks to whoever runs it, beside its data."""

import sys

from lsbench.report.text import printable


def say(text: str) -> None:
    """One line on stderr, without the control characters that a file's text may hold."""
    print(f"lsbench: {printable(text)}", file=sys.stderr, flush=True)
