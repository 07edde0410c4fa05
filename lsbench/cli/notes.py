"""What of a data set was left out, or is called otherwise here than there."""

from collections.abc import Iterable
from pathlib import Path

from lsbench.cli.say import say
from lsbench.data.describe import describe


def tell_notes(datasets: Iterable[str], data_dir: Path | None) -> None:
    """Say it, a line for each thing."""
    for note in (note for name in dict.fromkeys(datasets) for note in describe(name, data_dir).notes):
        say(note)
