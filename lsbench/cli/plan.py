"""`lsbench plan`: what a grid needs, before it starts."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.cli.messages import tell_ignored_eps, tell_notes, with_doubts
from lsbench.cli.options import WHERE, RunOptions, flag, option, takes_run_options
from lsbench.cli.say import say
from lsbench.cli.sbatch import sbatch_script
from lsbench.cli.show import show_text
from lsbench.errors import InputError
from lsbench.names.encoding import printable, to_bytes
from lsbench.planning import plan as planning
from lsbench.planning.cost import Cost, Shape, estimate, shape_of
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.stacks import Stack, Work, work_left
from lsbench.planning.study import write_study
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell, Place
from lsbench.training.devices import guess, resolve
from lsbench.workers.events import StackDone
from lsbench.workers.local import run_all
from lsbench.workers.local_options import count_jobs
from lsbench.workers.queues import StackQueue

MOST_LOOKED_AT, ENOUGH = 200, 8  # rows of other cells; of one shape, whose median is taken
SLURM_CPUS = 4  # of a job array's task, where --jobs does not say


@takes_run_options
def plan(
    options: RunOptions,
    measure: Annotated[bool, flag("--measure", "Train three epochs of each shape that was never measured.")] = False,
    write: Annotated[Path | None, option(WHERE, "Save what was asked as a study file.", "no file")] = None,
    sbatch: Annotated[bool, flag("--sbatch", "Print a Slurm job array that trains it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Say how many cells a grid has, how many are done, and what the others will take; train nothing.

    Takes the options of `run`.
    """
    checked = planning.check(options.grid())
    tell_ignored_eps(options, checked.grid)
    if options.metrics() and write is not None:
        say("--metric is not part of a study; give it again when you run the file")
    if sbatch:
        cpus = SLURM_CPUS if options.jobs in (None, "auto") else count_jobs(options.jobs, "cpu")
        cost, _ = cost_of(replace(options, jobs=str(cpus)), checked, measure=measure)
        print(sbatch_script(options, cost, cpus), end="")
    else:
        show_plan(options, checked, measure=measure, as_json=as_json)
    if write is not None:
        save_study(options, write)


def show_plan(options: RunOptions, checked: CheckedGrid, *, measure: bool = False, as_json: bool = False) -> None:
    """Print the plan of what was options."""
    cost, workers = cost_of(options, checked, measure=measure)
    if as_json:
        print(json.dumps(cost_as_json(cost), indent=1))
    else:
        show_text(describe(cost, workers, options.results).splitlines())


def cost_of(options: RunOptions, checked: CheckedGrid, *, measure: bool = False) -> tuple[Cost, int]:
    """What it will take, and on how many workers."""
    device = guess(options.device or "auto")
    workers, out = count_jobs(options.jobs, device), options.results
    cells = checked.cells(options.data_dir)
    rows, warnings = store.read_some([cell.id for cell in cells], out)
    for warning in warnings:
        say(f"skipped {warning}")
    work = work_left(cells, rows, device, options.rerun)
    tell_notes(checked.grid.datasets, options.data_dir)
    rows += alike(work, rows, out)
    cost = estimate(work, rows, row_bytes(rows), workers)
    if measure and cost.unmeasured:
        place = Place(device=resolve(options.device or "auto"), data_dir=options.data_dir)
        tried = with_doubts([cell for stack in cost.unmeasured for cell in stack], place)
        more = measured(cost.unmeasured, tried)
        cost = estimate(work, [*rows, *more], row_bytes([*rows, *more]), workers)
    return cost, workers


def alike(work: Work, rows: Sequence[Row], out: Path) -> list[Row]:
    """Rows of the folder to estimate from, where the grid's own were not measured: of its shapes, few, at random.

    At most `MOST_LOOKED_AT` files are opened, so that a plan costs the same beside ten rows and ten thousand.
    """
    wanted = {shape_of(stack[0]) for stack in work.stacks} - {shape_of(row.cell) for row in rows if row.status == "ok"}
    rows_by_shape: dict[Shape, list[Row]] = {shape: [] for shape in wanted}
    for row in store.sample(out, MOST_LOOKED_AT, {row.id for row in rows}) if wanted else ():
        if row.status == "ok" and shape_of(row.cell) in rows_by_shape:
            rows_by_shape[shape_of(row.cell)].append(row)
            if all(len(rows_of_shape) >= ENOUGH for rows_of_shape in rows_by_shape.values()):
                break
    return [row for rows_of_shape in rows_by_shape.values() for row in rows_of_shape]


def save_study(options: RunOptions, path: Path) -> None:
    """The options, as a file that `run` takes."""
    try:
        store.write_atomically(path.absolute(), to_bytes(write_study(options.to_study())))
    except store.StorageError as error:
        raise InputError(f"can't write the study {path}; choose another file") from error
    say(f"wrote {path}; train it with: lsbench run {path}")


def measured(stacks: Sequence[Stack], place: Place) -> list[Row]:
    """Rows of three epochs of each stack, trained in one process that has trained one before, and kept nowhere."""
    from lsbench.analysis.summary.setting import Setting  # numpy, which other plans need not wait for
    from lsbench.analysis.summary.setting_text import head_text

    short = [
        tuple(replace(cell, recipe=replace(cell.recipe, epochs=epochs)) for cell in stack)
        for stack in stacks
        for epochs in (1, 3)
    ]
    rows = [row for event in run_all(StackQueue(short), place) if isinstance(event, StackDone) for row in event.rows]
    for row in rows:
        if row.status == "failed":
            say(f"could not measure {head_text(Setting.of(row.cell))}: {row.error}")
    return [row for row in rows if row.cell.recipe.epochs == 3]


def row_bytes(rows: Sequence[Row]) -> Callable[[Cell], float] | None:
    """The size of a cell's row file, from that of known ones: a part that is always there, and one per epoch."""
    if not rows:
        return None
    row = max(rows, key=lambda row: len(row.curves))
    whole, bare = (len(json.dumps(asdict(r), indent=1)) for r in (row, replace(row, curves={})))
    return lambda cell: bare + (whole - bare) / row.cell.recipe.all_epochs * cell.recipe.all_epochs


def describe(cost: Cost, jobs: int, out: Path) -> str:
    """The plan as a person reads it."""
    lines = [f"{cost.cells} cells: {cost.done} done, {cost.failed} failed, {cost.to_do} to do in {cost.stacks} stacks"]
    if cost.to_do and cost.seconds is not None:
        workers = f"{jobs} worker{'s' * (jobs > 1)}"
        lines.append(f"time: about {_duration(cost.seconds)} on {workers} (from {cost.measured} measured rows)")
    elif cost.to_do:
        lines.append("time: not known, no row of this shape was measured; try --measure")
    if cost.to_do and cost.bytes is not None:
        lines.append(f"disk: about {cost.bytes / 1e6:.2f} MB below {printable(str(out))}")
    return "\n".join(lines)


def cost_as_json(cost: Cost) -> dict[str, Any]:
    """Its numbers, as JSON takes them."""
    return {**asdict(replace(cost, unmeasured=())), "unmeasured": len(cost.unmeasured)}


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
