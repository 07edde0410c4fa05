"""`lsbench order`: the examples of a data set, as labels for them are written."""

import csv
import sys
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer


def order(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A folder, .npz, table, function, or a known name.")],
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Print a data set's examples as CSV, in order: number, part, path (in a table FILE:LINE), class, label.

    Change the labels, save it, and give it back: --noise-kind human:FILE.csv
    """
    from lsbench.data.order import examples

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    listed = list(examples(name, data_dir))
    has_paths = any(example.path for example in listed)
    writer.writerow(["number", "part", *(["path"] if has_paths else []), "class", "label"])
    for example in listed:
        path = [example.path] if has_paths else []
        writer.writerow([example.number, example.part, *path, example.number_of_class, example.label])
    sys.stdout.flush()
    sys.stdout.buffer.write(text.getvalue().encode("utf-8", "surrogateescape"))  # paths as the system has them
