"""`lsbench run`: train a grid."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.cli.chosen import require_apart
from lsbench.cli.fetch import fetch
from lsbench.cli.held_out import tell_held_out
from lsbench.cli.messages import (
    stored_rows,
    tell_engine,
    tell_finished,
    tell_ignored_eps,
    tell_notes,
    tell_same_functions,
    with_doubts,
)
from lsbench.cli.option import WHAT, flag, option
from lsbench.cli.options import Rerun, RunOptions, takes_run_options
from lsbench.cli.plan import show_plan
from lsbench.cli.progress import Display
from lsbench.cli.say import say
from lsbench.cli.stopping import Stopped
from lsbench.cli.worker_options import worker_options
from lsbench.errors import InputError, require_number
from lsbench.names.catalogue import LOSSES
from lsbench.names.dataset_name import of_images
from lsbench.names.encoding import command_line
from lsbench.names.resolve import loss as known_loss
from lsbench.planning import plan
from lsbench.planning.estimate import kept_bytes_of
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.results_folder import require_space, require_writable, study_files
from lsbench.planning.stacks import work_left
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell, Place
from lsbench.workers.drive import drive
from lsbench.workers.engines import WorkerOptions

SOME_FAILED = 3  # exit code
SMOKE: dict[str, Any] = {
    "losses": tuple(LOSSES),
    "dedupe": False,
    "noise_rates": (0.2,),
    "seeds": (0,),
    "train_size": 4000,
    "recipe": {
        "epochs": 2,
        "batch_size": 32,
        "optimizer": "adam",
        "lr": 0.002,
    },  # adam bears keras-bce's small gradient
}


@dataclass(frozen=True)
class Training:
    """Cells, and where, by whom and into which folder they are trained."""

    cells: Sequence[Cell]
    place: Place
    workers: WorkerOptions
    out: Path
    rerun: Rerun | None = None
    study: CheckedGrid | None = None  # is kept beside the rows


@takes_run_options
def run(
    options: RunOptions,
    dry_run: Annotated[bool, flag("--dry-run", "Say what would be trained, as `lsbench plan` does.")] = False,
    adaptive: Annotated[
        bool, flag("--adaptive", "Add seeds, up to --seeds, only where a comparison with ce is still open.")
    ] = False,
    margin: Annotated[
        float | None, option(WHAT, "With --adaptive: points of accuracy that do not matter.", "none")
    ] = None,
) -> None:
    """Train one model under several losses, smoothing values, noise rates and seeds; keep one row per cell.

    Lists are written 0,0.1 or repeated or as a range 0:0.4:0.1. What has a row already is not trained again.
    """
    _require_compatible(options, margin, adaptive=adaptive)
    checked = plan.check(options.grid(**SMOKE) if options.smoke else options.grid())
    if adaptive:
        _require_new_seeds(options, checked)
    tell_ignored_eps(options, checked.grid)
    tell_same_functions(checked)
    if dry_run:
        only_show(options, checked, adaptive=adaptive)
    elif options.smoke:
        train_for_smoke(prepare(options, checked))
    elif adaptive:
        train_with_stopping(prepare(options, checked), margin)
    else:
        train_all(prepare(options, checked))


def only_show(options: RunOptions, checked: CheckedGrid, *, adaptive: bool) -> None:
    """Print the plan; nothing is trained."""
    if adaptive:
        say("with --adaptive, at most:")
    show_plan(options, checked)


def train_all(training: Training) -> None:
    """Train every cell that has no row."""
    rows = train(training)
    say(f"rows are in {training.out}; see them with: {_report_command(training.out)}")
    if training.study is not None and (tuned := training.study.grid.tune):
        say(f"compare the best of each loss with: {_report_command(training.out)} --select {','.join(tuned)}")
        say("a value at which a loss diverged is never picked")
    finish(rows)


def train_for_smoke(training: Training) -> None:
    """Train into a folder that is deleted, and check that each loss learns."""
    with tempfile.TemporaryDirectory(prefix="lsbench-smoke-") as folder:
        place = replace(training.place, models=None, logits=None, predictions=False)
        finish(train(replace(training, place=place, out=Path(folder), rerun=None, study=None)), smoke=True)


def train_with_stopping(training: Training, margin: float | None) -> None:
    """Train seed after seed, where a comparison is still open; first those that failed, with `--rerun failed`."""
    from lsbench.cli.sequential import train_sequentially  # numpy and scipy, which no other run needs here

    cells, out = training.cells, training.out
    failed = {row.id for row in stored_rows(cells, out) if row.status != "ok"} if training.rerun else set()
    if again := [cell for cell in cells if cell.id in failed]:
        train(replace(training, cells=again))
    first = replace(training, rerun=None)
    share = None if margin is None else margin / 100
    finish(train_sequentially(cells, lambda some: train(replace(first, cells=some)), out, share))


def prepare(options: RunOptions, checked: CheckedGrid) -> Training:
    """Fetch what is missing, if asked to, and describe the training; `InputError` for what can't be trained."""
    device, workers = worker_options(options, checked.grid)
    fetch(checked.grid, options.data_dir, download=options.download)
    cells = checked.cells(options.data_dir)
    require_apart(options.screening, cells, options.results)
    tell_notes(checked.grid.datasets, options.data_dir)
    tell_held_out(checked.grid, cells, options.data_dir, options.results)
    return Training(cells, options.place(device), workers, options.results, options.rerun, checked)


def train(training: Training) -> list[Row]:
    """Train the cells that have no row yet; all their rows, in the grid's order."""
    cells, out = training.cells, training.out
    require_writable(out)
    place, stored = training.place, stored_rows(cells, out)
    work = work_left(cells, stored, place.device, training.rerun, place.data_dir, place.engine)
    wanted = [cell for cell in cells if cell.id in work.wanted]
    require_space(out, wanted, kept_bytes_of(wanted, place).total)
    place = with_doubts(wanted, place)
    if training.study is not None and work.wanted:
        _keep(study_files(training.study, out, place))
    tell_finished(work, place, out)
    tell_engine(work, place)
    with (
        Display(work.stacks, len(work.wanted)) as display,
        _advice_if_stopped(display, training.rerun),
        closing(drive(work, place, out, training.workers)) as events,
    ):
        for event in events:
            display.show(event)
    rows = {**work.rows, **{row_id: store.read_row(store.path_of(row_id, out)) for row_id in work.wanted}}
    return [rows[cell.id] for cell in cells]


@contextmanager
def _advice_if_stopped(display: Display, rerun: Rerun | None) -> Iterator[None]:
    try:
        yield
    except Stopped:
        goes_on = "starts over with" if rerun is Rerun.all else "go on with"
        say(f"stopped with {display.ended} of {display.wanted} cells done; {goes_on}: {_this_command()}")
        raise


def finish(rows: Sequence[Row], *, smoke: bool = False) -> None:
    """Say how it went; exit code 3 where a cell failed, or learnt less than its loss does in a smoke run."""
    failed = [row for row in rows if row.status != "ok"]
    bar = {row.id: known_loss(row.cell.loss).smoke for row in rows if smoke}
    weak = [row for row in rows if row.status == "ok" and (row.metrics["accuracy"] or 0) < bar.get(row.id, 0)]
    say(f"{len(rows) - len(failed)} of {len(rows)} cells ok")
    for row in weak:
        say(f"{row.cell.loss}: accuracy {row.metrics['accuracy']:.4f} is below {bar[row.id]:g}")
    for line in _advice(failed):
        say(line)
    if failed or weak:
        raise typer.Exit(SOME_FAILED)


def _advice(failed: Sequence[Row]) -> Iterator[str]:
    """What to do about cells that failed or diverged: only what may go otherwise is to be trained again."""
    from lsbench.analysis.summary import comes_again

    again = [row for row in failed if comes_again(row)]
    if again:
        ends = sorted({row.status for row in again}, reverse=True)
        yield (
            f"{len(again)} {' or '.join(ends)}, and would do so again: correct what the error names, or choose other"
            " options: that makes new cells"
        )
    if len(failed) > len(again):
        yield f"{len(failed) - len(again)} failed; train them again with --rerun failed"


def _require_compatible(options: RunOptions, margin: float | None, *, adaptive: bool) -> None:
    if options.timeout is not None:
        require_number("--timeout", options.timeout, 0.001)
    if adaptive and (options.smoke or options.rerun is Rerun.all):
        raise InputError("--adaptive decides itself what is trained: leave out --smoke and --rerun all")
    if adaptive and options.tune:
        raise InputError("--adaptive stops by the comparisons of one recipe, and --tune trains several: leave out one")
    if margin is not None and not adaptive:
        raise InputError("--margin belongs to --adaptive; `lsbench decide` has --tolerance")
    if margin is not None:
        require_number("--margin", margin, 1e-9, 100)


def _require_new_seeds(options: RunOptions, checked: CheckedGrid) -> None:
    """Raise an `InputError` where the bounds of --adaptive would not hold: they count what is trained here alone."""
    chosen, grid, counts = options.screening, checked.grid, "--adaptive counts the losses that are trained here"
    if chosen and set(chosen.seeds) & set(grid.seeds):
        raise InputError(
            f"{counts}, and the study that chose them has seen some of these seeds: give --seeds a number, so that new"
            " ones are taken"
        )
    if chosen and any(of_images(name) != chosen.dataset for name in grid.datasets):
        raise InputError(
            f"{counts}, and they were chosen on other data ({chosen.dataset}), which may hold examples of this test"
            " set: leave out --adaptive"
        )


def _keep(files: Mapping[Path, bytes]) -> None:
    for path, content in files.items():
        if not path.exists():
            store.write_atomically(path, content)


def _report_command(out: Path) -> str:
    return command_line(["lsbench", "report", *([str(out)] if out != Path("results") else [])])


def _this_command() -> str:
    return command_line(["lsbench", *sys.argv[1:]])
