"""What the user sees while features are computed, on stderr: a bar with the time left, or a line now and then."""

import math
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
    """A function to be told, by any thread, of every few images that are done.

    An interruption says how many are, and that they are kept.
    """
    console = Console(stderr=True)
    lines = _Lines(what, total, quiet=console.is_terminal)
    try:
        with _bar(console, total) as advance:

            def tell(done: int) -> None:
                advance(done)
                lines.tell(done)

            yield tell
    except BaseException as error:
        if not isinstance(error, Exception):  # the user interrupts
            lines.stop()
        raise


@contextmanager
def _bar(console: Console, total: int) -> Iterator[Tell]:
    columns = TextColumn("computing features"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)


class _Lines:
    """Says what is computed if it takes long, and then how long it still takes; `quiet` where there is a bar."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began = monotonic()
        self.next_line = math.inf if quiet else self.began + PATIENCE
        self.lock = threading.Lock()

    def tell(self, done: int) -> None:
        with self.lock:
            self.done += done
            now = monotonic()
            if now >= self.next_line and self.done < self.total:
                left = (self.total - self.done) * (now - self.began) / self.done
                say(f"computing {self.what}: {self.done:,} of {self.total:,} done, {_in_words(left)} left")
                self.next_line = now + EVERY

    def stop(self) -> None:
        done = f"{self.done:,} of {self.total:,} images"
        say(f"stopped computing {self.what}: {done} are done, and are kept; the same line goes on")


def _in_words(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min" if seconds >= 90 else f"about {seconds:.0f} s"
