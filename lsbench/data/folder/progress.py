"""What the user sees of a long decoding, on stderr: a bar on a terminal, one line otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import Progress

from lsbench.data.folder.parallel import Tell

PATIENCE = 3  # seconds until the line, where there is no terminal for a bar


@contextmanager
def progress(what: str, total: int) -> Iterator[Tell]:
    """A function to be told of every few images that are done; `what` is said once if it takes long."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task, began, said = bar.add_task("decoding images", total=total), monotonic(), False

        def tell(done: int) -> None:
            nonlocal said
            bar.advance(task, done)
            if not (said or console.is_terminal) and monotonic() - began > PATIENCE:
                said = True
                say(f"decoding {what}, once; the next time they are read as they are")

        yield tell


def say(text: str) -> None:
    """One line on stderr, without control characters: file names may hold some."""
    sys.stderr.write("lsbench: " + "".join(c if c.isprintable() else "?" for c in text) + "\n")
    sys.stderr.flush()
