"""What the user sees while features are computed, on stderr: a bar with the time left, or a line now and then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lsbench.data.folder.parallel import Tell
from lsbench.data.folder.progress import PATIENCE, say

EVERY = 60  # seconds between two lines, where there is no terminal for a bar


@contextmanager
def progress(what: str, total: int) -> Iterator[Tell]:
    """A function to be told, by any thread, of every few images that are done."""
    console = Console(stderr=True)
    columns = TextColumn("computing features"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task, lines = bar.add_task("", total=total), _Lines(what, total)

        def tell(done: int) -> None:
            bar.advance(task, done)
            if not console.is_terminal:
                lines.tell(done)

        yield tell


class _Lines:
    """Says what is computed if it takes long, and then how long it still takes."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began = monotonic()
        self.next_line = self.began + PATIENCE
        self.lock = threading.Lock()

    def tell(self, done: int) -> None:
        with self.lock:
            self.done += done
            now = monotonic()
            if now >= self.next_line and self.done < self.total:
                left = (self.total - self.done) * (now - self.began) / self.done
                say(f"computing {self.what}: {self.done:,} of {self.total:,} done, {_in_words(left)} left")
                self.next_line = now + EVERY


def _in_words(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min" if seconds >= 90 else f"about {seconds:.0f} s"
