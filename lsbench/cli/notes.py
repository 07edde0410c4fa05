"""What of a data set was left out, or is called otherwise here than there."""

from collections.abc import Iterable
from pathlib import Path

from lsbench.cli.say import say
from lsbench.data.describe import Description, describe


def tell_notes(datasets: Iterable[str], data_dir: Path | None) -> None:
    """Say it, a line for each thing; and of which classes there are few examples."""
    for known in (describe(name, data_dir) for name in dict.fromkeys(datasets)):
        for note in known.notes:
            say(note)
        if known.counts:
            _tell_few(known)


def _tell_few(known: Description) -> None:
    from lsbench.analysis.summary import size_warnings, sizes_of_data  # numpy, which nothing else at the start needs

    for text in size_warnings(sizes_of_data(known.class_names, known.counts)):
        say(f"warning: data set {known.name!r}: {text}")
