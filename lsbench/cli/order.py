"""`lsbench order`: the examples of a data set, as labels for them are written."""

import sys
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
    from lsbench.names.spreadsheet import csv_text

    listed = list(examples(name, data_dir))
    has_paths = any(example.path for example in listed)
    rows = [["number", "part", *(["path"] if has_paths else []), "class", "label"]]
    for example in listed:
        path = [example.path] if has_paths else []
        rows.append([str(example.number), example.part, *path, str(example.number_of_class), example.label])
    sys.stdout.flush()
    sys.stdout.buffer.write(csv_text(rows).encode("utf-8", "surrogateescape"))  # paths as the system has them
