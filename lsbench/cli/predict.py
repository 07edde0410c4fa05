"""`lsbench predict`: classes and probabilities of new examples."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.report import stored
from lsbench.cli.row_choice import require_no_folder
from lsbench.cli.say import say
from lsbench.data.new import NewExamples, Wanted, new_examples, require_there
from lsbench.errors import InputError
from lsbench.names.few import few
from lsbench.names.spreadsheet import csv_text
from lsbench.rows.store import write_atomically
from lsbench.training.exported import Exported, read_exported
from lsbench.training.exported.temperature import chosen_temperature

NETWORK_HELP = "The folder that `export` wrote, or what `export` takes: a row's id, or a loss."
SOME_BROKEN = 3  # exit code
DIGITS = 6  # of a probability
SHOWN = 20  # of the broken examples, by name


def predict(
    network: Annotated[str, typer.Argument(help=NETWORK_HELP)],
    examples: Annotated[str, typer.Argument(help="A folder of images, one image, an .npz or .npy, or a table.")],
    results: Annotated[Path, typer.Option(help="The results folder of an id.")] = Path("results"),
    out: Annotated[Path | None, typer.Option(help="The CSV file.", show_default="printed")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets, where an id is exported.")] = None,
) -> None:
    """Predict new examples, without labels: a class and its probabilities for each, as CSV.

    The columns are path (of an array the number from 0), class, probability, and one per class.
    """
    require_there(examples)
    exported = read_exported(_folder(network, results, data_dir))
    about = exported.about
    read = new_examples(
        examples,
        Wanted(about["kind"], exported.shape, about["features"], tuple(about["columns"]), tuple(about["medians"])),
    )
    for note in read.notes:
        say(note)
    text = _as_csv(exported, read)
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
    else:
        write_atomically(out, text)
        say(f"{len(read.names):,} examples predicted: {out}")
    if read.broken:
        listed = few((f"{name!r} ({reason})" for name, reason in read.broken), SHOWN)
        say(f"{len(read.broken):,} can't be read and are left out: {listed}")
        raise typer.Exit(SOME_BROKEN)


def _folder(network: str, results: Path, data_dir: Path | None) -> Path:
    """The exported folder itself, or that of an id, which is exported first where it was not yet."""
    require_no_folder(network, f"lsbench predict ID EXAMPLES --results {network}")
    if Path(network).is_dir():
        return Path(network)
    if not results.is_dir():
        raise InputError(
            f"{network!r} is no folder that `lsbench export` wrote, and no id of a row either, as there is no folder"
            f" {results}; another one is given with --results"
        )
    from lsbench.cli.export import row_of, usual_folder, write_network

    rows = stored(results)
    row = row_of(network, rows, results)
    if not (folder := usual_folder(row, results)).is_dir():
        write_network(row, rows, results, folder, chosen_temperature(row), data_dir)
    return folder


def _as_csv(network: Exported, read: NewExamples) -> bytes:
    return csv_text(_lines(network, read)).encode("utf-8", "surrogateescape")  # paths as the system has them


def _lines(network: Exported, read: NewExamples) -> Iterator[list[str]]:
    yield ["path", "class", "probability", *network.classes]
    probabilities = network.probabilities(read.values)
    for name, row in zip(read.names, probabilities.tolist(), strict=True):
        best = max(range(len(row)), key=row.__getitem__)
        yield [name, network.classes[best], *(f"{p:.{DIGITS}f}" for p in (row[best], *row))]
