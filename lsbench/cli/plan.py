"""`lsbench plan`: what a grid needs, before it starts."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from lsbench import plan as planning
from lsbench import store
from lsbench.cli.options import WHERE, Asked, Rerun, count_jobs, flag, option, takes_asked
from lsbench.cli.say import say
from lsbench.cost import Cost, estimate
from lsbench.devices import resolve
from lsbench.errors import InputError
from lsbench.spec import Cell, Place
from lsbench.store import Row
from lsbench.study import study_of, write_study
from lsbench.workers.events import Given, StackDone
from lsbench.workers.local import run_all


@takes_asked
def plan(
    asked: Asked,
    jobs: Annotated[str, option(WHERE, "Worker processes.", "one per core; one for a GPU")] = "auto",
    rerun: Annotated[Rerun | None, option(WHERE, "Plan to train these again.", "none")] = None,
    measure: Annotated[bool, flag("--measure", "Train an epoch of each shape that was never measured.")] = False,
    write: Annotated[Path | None, option(WHERE, "Save what was asked as a study file.", "no file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Say how many cells a grid has, how many are done, and what the others will take; train nothing."""
    show_plan(asked, jobs, rerun, measure=measure, as_json=as_json)
    if write is not None:
        save_study(asked, write)


def show_plan(asked: Asked, jobs: str, rerun: Rerun | None, *, measure: bool = False, as_json: bool = False) -> None:
    """Print the plan of what was asked."""
    device = resolve(asked.device or "auto")
    workers, out = count_jobs(jobs, device), asked.results
    rows, warnings = store.read(out)
    for warning in warnings:
        say(f"skipped {warning}")
    work = planning.survey(planning.expand(asked.grid(), asked.data_dir), rows, device, rerun)
    cost = estimate(work, rows, _median_bytes(rows, out), workers)
    if measure and cost.unmeasured:
        with measured(cost.unmeasured, Place(device=device, data_dir=asked.data_dir)) as (more, row_bytes):
            cost = estimate(work, [*rows, *more], row_bytes, workers)
    print(json.dumps(_as_json(cost), indent=1) if as_json else describe(cost, workers, out))


def save_study(asked: Asked, path: Path) -> None:
    """What was asked, as a file that `run` takes."""
    try:
        store.write_atomically(path.absolute(), write_study(study_of(asked.grid())).encode())
    except store.StorageError as error:
        raise InputError(f"can't write the study {path}; choose another file") from error
    say(f"wrote {path}; train it with: lsbench run {path}")


@contextmanager
def measured(cells: Sequence[Cell], place: Place) -> Iterator[tuple[list[Row], int | None]]:
    """Rows of one epoch of each cell, trained alone and kept nowhere, and the size of their files."""
    short = [(replace(cell, recipe=replace(cell.recipe, epochs=1)),) for cell in cells]
    events = run_all(Given(short), place, 1)
    rows = [row for event in events if isinstance(event, StackDone) for row in event.rows]
    with tempfile.TemporaryDirectory(prefix="lsbench-measure-") as folder:
        for row in rows:
            store.write(row, Path(folder))
        yield rows, _median_bytes(rows, Path(folder))


def describe(cost: Cost, jobs: int, out: Path) -> str:
    """The plan as a person reads it."""
    lines = [f"{cost.cells} cells: {cost.done} done, {cost.failed} failed, {cost.to_do} to do in {cost.stacks} stacks"]
    if cost.to_do and cost.seconds is not None:
        workers = f"{jobs} worker{'s' * (jobs > 1)}"
        lines.append(f"time: about {_duration(cost.seconds)} on {workers} (from {cost.measured} measured rows)")
    elif cost.to_do:
        lines.append("time: not known, no row of this shape was measured; try --measure")
    if cost.to_do and cost.bytes is not None:
        lines.append(f"disk: about {cost.bytes / 1e6:.2f} MB below {out}")
    return "\n".join(lines)


def _as_json(cost: Cost) -> dict:
    return {**asdict(replace(cost, unmeasured=())), "unmeasured": len(cost.unmeasured)}


def _median_bytes(rows: Sequence[Row], out: Path) -> int | None:
    sizes = sorted(store.path_of(row.id, out).stat().st_size for row in rows)
    return sizes[len(sizes) // 2] if sizes else None


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
