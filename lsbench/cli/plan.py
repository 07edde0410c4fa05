"""`lsbench plan`: what a grid needs, before it starts."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.cli.chosen import require_apart
from lsbench.cli.held_out import tell_held_out
from lsbench.cli.messages import tell_engine, tell_ignored_eps, tell_notes, with_doubts
from lsbench.cli.option import WHERE, flag, option
from lsbench.cli.options import RunOptions, takes_run_options
from lsbench.cli.say import say
from lsbench.cli.sbatch import sbatch_script
from lsbench.cli.show import show_text
from lsbench.errors import InputError
from lsbench.names.encoding import printable, to_bytes
from lsbench.planning import plan as planning
from lsbench.planning.estimate import Estimate, estimate_work, kept_bytes_of, row_bytes, rows_alike
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.stacks import Stack, work_left
from lsbench.planning.study import write_study
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Place
from lsbench.training.devices import guess, resolve
from lsbench.workers.local_options import count_jobs
from lsbench.workers.trial import three_epochs_of

KEEP_NONE = "(--no-per-example keeps none)"
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
        estimate, _ = estimate_of(replace(options, jobs=str(cpus)), checked, measure=measure)
        print(sbatch_script(options, estimate, cpus), end="")
    else:
        show_plan(options, checked, measure=measure, as_json=as_json)
    if write is not None:
        save_study(options, write)


def show_plan(options: RunOptions, checked: CheckedGrid, *, measure: bool = False, as_json: bool = False) -> None:
    """Print the plan of a grid."""
    estimate, workers = estimate_of(options, checked, measure=measure)
    if as_json:
        print(json.dumps(estimate_as_json(estimate), indent=1))
    else:
        show_text(describe(estimate, workers, options.results).splitlines())


def estimate_of(options: RunOptions, checked: CheckedGrid, *, measure: bool = False) -> tuple[Estimate, int]:
    """What it will take, and on how many workers."""
    device = guess(options.device or "auto")
    workers, out = count_jobs(options.jobs, device), options.results
    cells = checked.cells(options.data_dir)
    require_apart(options.screening, cells, options.results)
    rows, warnings = store.read_some([cell.id for cell in cells], out)
    for warning in warnings:
        say(f"skipped {warning}")
    place = options.place(device)
    work = work_left(cells, rows, device, options.rerun, options.data_dir, place.engine)
    tell_engine(work, place)
    tell_notes(checked.grid.datasets, options.data_dir)
    tell_held_out(checked.grid, cells, options.data_dir, out)
    rows += rows_alike(work, rows, out)
    wanted = [cell for cell in cells if cell.id in work.wanted]
    kept = kept_bytes_of(wanted, place)
    estimate = estimate_work(work, rows, row_bytes(rows), workers, kept)
    if measure and estimate.unmeasured:
        place = Place(device=resolve(options.device or "auto"), data_dir=options.data_dir, engine=place.engine)
        tried = with_doubts([cell for stack in estimate.unmeasured for cell in stack], place)
        more = measured(estimate.unmeasured, tried)
        estimate = estimate_work(work, [*rows, *more], row_bytes([*rows, *more]), workers, kept)
    return estimate, workers


def save_study(options: RunOptions, path: Path) -> None:
    """The options, as a file that `run` takes."""
    try:
        store.write_atomically(path.absolute(), to_bytes(write_study(options.to_study(), options.screening)))
    except store.StorageError as error:
        raise InputError(f"can't write the study {path}; choose another file") from error
    say(f"wrote {path}; train it with: lsbench run {path}")


def measured(stacks: Sequence[Stack], place: Place) -> list[Row]:
    """Rows of three epochs of each stack; one that can't be trained is named."""
    from lsbench.analysis.summary.setting import Setting  # numpy, which other plans need not wait for
    from lsbench.analysis.summary.setting_text import head_text

    rows = three_epochs_of(stacks, place)
    for row in rows:
        if row.status == "failed":
            say(f"could not measure {head_text(Setting.of_rows([row]))}: {row.error}")
    return rows


def describe(estimate: Estimate, jobs: int, out: Path) -> str:
    """The plan as a person reads it."""
    lines = [
        f"{estimate.cells} cell{'s' * (estimate.cells != 1)}: {estimate.done} done, {estimate.failed} failed,"
        f" {estimate.to_do} to do in {estimate.stacks} stack{'s' * (estimate.stacks != 1)}"
    ]
    if estimate.networks > estimate.to_do:
        others = "some losses train others before the cell's own, on part of the data; cells share these where they can"
        lines.append(f"networks: at most {estimate.networks}; {others}")
    if estimate.to_do and estimate.seconds is not None:
        workers = f"{jobs} worker{'s' * (jobs > 1)}"
        lines.append(f"time: about {_duration(estimate.seconds)} on {workers} (from {estimate.measured} measured rows)")
    elif estimate.to_do:
        lines.append("time: not known, no row of this shape was measured; try --measure")
    if estimate.to_do and estimate.bytes is not None:
        lines.append(f"disk: about {estimate.bytes / 1e6:.2f} MB of rows below {printable(str(out))}")
    if estimate.examples_bytes:
        size = _megabytes(estimate.examples_bytes)
        lines.append(f"disk: about {size} for the predictions that are kept of test examples {KEEP_NONE}")
    if estimate.predictions_bytes:
        size = _megabytes(estimate.predictions_bytes)
        lines.append(f"disk: at most {size} of log-probs of held-out and test examples {KEEP_NONE}")
    return "\n".join(lines)


def estimate_as_json(estimate: Estimate) -> dict[str, Any]:
    """Its numbers, as JSON takes them."""
    return {**asdict(replace(estimate, unmeasured=())), "unmeasured": len(estimate.unmeasured)}


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.2f} MB"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
