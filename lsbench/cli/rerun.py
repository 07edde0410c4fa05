"""`lsbench rerun`: train a stored row again."""

from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.options import DEVICES, option
from lsbench.cli.row_choice import find, require_no_folder
from lsbench.cli.say import say
from lsbench.data.describe import fingerprint_of
from lsbench.errors import InputError
from lsbench.names.catalogue.engines import TORCH
from lsbench.names.dataset_name import shown_dataset
from lsbench.names.reference import is_own
from lsbench.names.resolve import metric as known_metric
from lsbench.planning.sources import is_unchanged, require_same_code
from lsbench.planning.stacks import Stack
from lsbench.report.text import printable
from lsbench.rows import store
from lsbench.rows.compare import RowComparison, compare_rows
from lsbench.rows.row import Row
from lsbench.rows.status import TRUSTED
from lsbench.spec import PROTOCOL, Doubt, Place
from lsbench.training.devices import resolve
from lsbench.workers.claims import Claims
from lsbench.workers.events import StackDone
from lsbench.workers.local import run_all
from lsbench.workers.queues import StackQueue

NOT_REPRODUCED = 3  # exit code


def rerun(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="A row's id, or how it begins.")],
    verify: Annotated[bool, typer.Option("--verify", help="Compare with the stored row; change nothing.")] = False,
    out: Annotated[Path, typer.Option(help="Results folder.")] = Path("results"),
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
    device: Annotated[str, option("Options", "auto, cpu or cuda.", "auto", DEVICES)] = "auto",
) -> None:
    """Train a stored cell again, in the stack it was trained in; replace its row, or --verify it.

    A row that is ok is replaced only by one that is ok.
    """
    require_no_folder(row_id, f"lsbench rerun ID --out {row_id}")
    all_rows, warnings = store.read(out)
    for warning in warnings:
        say(f"skipped {warning}")
    rows = {row.id: row for row in all_rows}
    stored = find(row_id, rows, out)
    check_same_training(stored, data_dir)
    with Claims(out) as claims:
        if not claims.take([stored.id]):
            raise InputError(f"another run is training {stored.id}; try again when it has ended")
        again = train_again(stored, rows, place_of(stored, out, data_dir, device))
        kept = verify or (again.status != "ok" and stored.status == "ok")
        if not kept:
            again = store.write_or_fail(again, out)
    if again.status == "failed":
        say(f"{stored.id} could not be trained again: {again.error}")
        raise typer.Exit(NOT_REPRODUCED)
    if verify:
        show(stored, compare_rows(stored, again))
    else:
        say(f"{stored.id}: {again.status}; its row is {'kept as it was' if kept else 'replaced'}")
        if kept:
            raise typer.Exit(NOT_REPRODUCED)


def place_of(stored: Row, out: Path, data_dir: Path | None, device: str = "auto") -> Place:
    """Where a stored row is trained again, so that all that it holds is measured again."""
    doubts = tuple(Doubt("dataset", stored.cell.dataset, text) for text in stored.warnings)  # that are known
    return Place(
        device=resolve(device),
        data_dir=data_dir,
        metrics=own_metrics(stored),
        doubts=doubts,
        trusted=tuple(part for part, status in stored.labels.items() if status == TRUSTED),
        per_example=True,
        engine=stored.engine.get("name", TORCH),
        predictions=store.predictions_path(stored.id, out).exists(),
    )


def own_metrics(stored: Row) -> tuple[str, ...]:
    """The user's metrics that the row has; an `InputError` where one is not here any more."""
    names = tuple(name for name in stored.metrics if is_own(name))
    for name in names:
        known_metric(name)
    return names


def check_same_training(stored: Row, data_dir: Path | None) -> None:
    """Raise an `InputError` where this version or these files would train something else."""
    cell = stored.cell
    if cell.protocol != PROTOCOL:
        raise InputError(f"the row was trained by protocol {cell.protocol}, this version of lsbench has {PROTOCOL}")
    if (here := fingerprint_of(cell.dataset, data_dir)) != cell.fingerprint:
        name = shown_dataset(cell.dataset)
        raise InputError(f"the row's {name} had the fingerprint {cell.fingerprint}, the files here {here}")
    require_same_code(stored, data_dir)


def train_again(stored: Row, rows: dict[str, Row], place: Place) -> Row:
    """The cell's new row; alone where its stack-mates' rows, or their code as it was, are not at hand."""
    mates = [rows[mate].cell for mate in stored.stack if mate in rows]
    mates = [cell for cell in mates if is_unchanged(cell, place.data_dir)]
    stack: Stack = tuple(mates) if len(mates) == len(stored.stack) and stored.cell in mates else (stored.cell,)
    events = list(run_all(StackQueue([stack]), place))
    (row,) = [row for e in events if isinstance(e, StackDone) for row in e.rows if row.id == stored.id]
    return row


def show(stored: Row, comparison: RowComparison) -> None:
    """Print what comparing gave; exit code 3 where the row was not reproduced."""
    because = printable("; ".join(comparison.reasons)) or "no recorded difference explains it"
    differs = f"largest difference {comparison.largest:.2g}, not equal in {', '.join(comparison.differing)}"
    if comparison.equal:
        print(f"{stored.id}: equal, bit for bit")
    elif comparison.close:
        print(f"{stored.id}: equal within tolerance, {differs}: {because}")
    else:
        print(f"{stored.id}: NOT reproduced, {differs}: {because}")
        raise typer.Exit(NOT_REPRODUCED)
