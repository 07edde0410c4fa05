"""How the program speaks to whoever runs it, beside its data."""

import sys


def say(text: str) -> None:
    """One line on stderr, without the control characters that a file's text may hold."""
    print("lsbench: " + "".join(c if c.isprintable() else repr(c)[1:-1] for c in text), file=sys.stderr, flush=True)
