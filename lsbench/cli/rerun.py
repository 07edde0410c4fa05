"""`lsbench rerun`: train a stored row again."""

from pathlib import Path
from typing import Annotated

import typer

from lsbench import store
from lsbench.cli.options import DEVICES, option
from lsbench.cli.say import say
from lsbench.devices import resolve
from lsbench.errors import InputError
from lsbench.plan import Stack
from lsbench.reproduction import compare_rows
from lsbench.spec import Place
from lsbench.store import Row
from lsbench.workers.events import Given, StackDone
from lsbench.workers.local import run_all

NOT_REPRODUCED = 3  # exit code


def rerun(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="A row's id, or how it begins.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the stored row and leave it as it is.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Results folder.")] = Path("results"),
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
    device: Annotated[str, option("Options", "auto, cpu or cuda.", "auto", DEVICES)] = "auto",
) -> None:
    """Train a stored cell again, in the stack it was trained in; replace its row, or --verify it."""
    rows = {row.id: row for row in store.read(out)[0]}
    stored = find(row_id, rows, out)
    again = train_again(stored, rows, Place(device=resolve(device), data_dir=data_dir))
    if not verify:
        store.write(again, out)
        say(f"{stored.id}: {again.status}; its row is replaced")
        return
    found = compare_rows(stored, again)
    because = "; ".join(found.reasons) or "for no reason that a row knows of"
    if found.equal:
        print(f"{stored.id}: equal, bit for bit")
    elif found.close:
        print(f"{stored.id}: equal within tolerance, largest difference {found.largest:.2g}: {because}")
    else:
        print(f"{stored.id}: NOT reproduced, largest difference {found.largest:.2g}: {because}")
        raise typer.Exit(NOT_REPRODUCED)


def find(prefix: str, rows: dict[str, Row], out: Path) -> Row:
    """The one row whose id begins so."""
    found = [row for row_id, row in rows.items() if row_id.startswith(prefix)]
    if len(found) != 1:
        raise InputError(
            f"{len(found)} rows in {out} begin with {prefix!r}; `lsbench report {out} --format csv` lists them"
        )
    return found[0]


def train_again(stored: Row, rows: dict[str, Row], place: Place) -> Row:
    """The cell's new row; alone where its stack-mates' rows are not at hand."""
    mates = [rows[mate].cell for mate in stored.stack if mate in rows]
    stack: Stack = tuple(mates) if len(mates) == len(stored.stack) and stored.cell in mates else (stored.cell,)
    events = list(run_all(Given([stack]), place, 1))
    (row,) = [row for e in events if isinstance(e, StackDone) for row in e.rows if row.id == stored.id]
    return row
