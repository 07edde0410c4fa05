"""`lsbench run`: train a grid."""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.fetch import fetch
from lsbench.cli.notes import tell_notes
from lsbench.cli.options import WHAT, Asked, Rerun, flag, option, takes_asked
from lsbench.cli.plan import show_plan, tell_ignored_eps
from lsbench.cli.probing import probed
from lsbench.cli.progress import Display
from lsbench.cli.say import say
from lsbench.cli.stopping import Stopped
from lsbench.cli.worker_options import worker_options
from lsbench.errors import InputError, require_number
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES
from lsbench.names.encoding import command_line, to_bytes
from lsbench.names.resolve import loss as known_loss
from lsbench.planning import plan
from lsbench.planning.study import study_of, write_study
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.rows.store import logits_path, model_path
from lsbench.spec import Cell, Grid, Place
from lsbench.workers.drive import drive
from lsbench.workers.engines import WorkerOptions

SOME_FAILED = 3  # exit code
ROW_BYTES, EPOCH_BYTES = 32 * 1024, 1024  # of a row of 10 classes, generously
SMOKE = {
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


@takes_asked
def run(
    asked: Asked,
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
    if asked.timeout is not None:
        require_number("--timeout", asked.timeout, 0.001)
    _check_adaptive(asked, margin, adaptive=adaptive)
    grid = asked.grid(**SMOKE) if asked.smoke else asked.grid()
    plan.validate(grid)
    tell_ignored_eps(asked, grid)
    tell_same_functions(grid)
    if dry_run:
        if adaptive:
            say("with --adaptive, at most:")
        show_plan(asked, grid)
        return
    (device, workers), out = worker_options(asked, grid), asked.results
    fetch(grid, asked.data_dir, download=asked.download)
    cells = plan.expand(grid, asked.data_dir)
    tell_notes(grid.datasets, asked.data_dir)
    kept = not asked.smoke
    place = Place(
        device=device,
        data_dir=asked.data_dir,
        models=out / "models" if asked.save_models and kept else None,
        logits=out / "logits" if asked.save_logits and kept else None,
        metrics=asked.metrics(),
    )
    if asked.smoke:
        with tempfile.TemporaryDirectory(prefix="lsbench-smoke-") as folder:
            finish(train(cells, place, Path(folder), workers), smoke=True)
    elif adaptive:
        from lsbench.cli.sequential import train_sequentially  # numpy and scipy, which no other run needs here

        share = None if margin is None else margin / 100
        bad = {row.id for row in stored_rows(cells, out) if row.status != "ok"} if asked.rerun else set()
        if again := [cell for cell in cells if cell.id in bad]:
            train(again, place, out, workers, asked.rerun, grid)
        finish(train_sequentially(cells, lambda some: train(some, place, out, workers, grid=grid), out, share))
    else:
        rows = train(cells, place, out, workers, asked.rerun, grid)
        say(f"rows are in {out}; see them with: {_report_command(out)}")
        finish(rows)


def tell_same_functions(grid: Grid) -> None:
    """Which losses of the grid are not trained, as another one is the same function."""
    everywhere = plan.same_functions(grid, clean=not any(grid.noise_rates))
    on_clean = plan.same_functions(grid, clean=True) if 0 in grid.noise_rates else {}
    for arm, other in {**on_clean, **everywhere}.items():
        where = "" if arm in everywhere else " without noise"
        say(f"{arm.name} is the same function{where} as {other.name}, which is trained; --no-dedupe trains both")


def _check_adaptive(asked: Asked, margin: float | None, *, adaptive: bool) -> None:
    if adaptive and (asked.smoke or asked.rerun is Rerun.all):
        raise InputError("--adaptive decides itself what is trained: leave out --smoke and --rerun all")
    if margin is not None and not adaptive:
        raise InputError("--margin belongs to --adaptive; `lsbench decide` has --tolerance")
    if margin is not None:
        require_number("--margin", margin, 1e-9, 100)


def train(
    cells: Sequence[Cell],
    place: Place,
    out: Path,
    workers: WorkerOptions,
    rerun: Rerun | None = None,
    grid: Grid | None = None,
) -> list[Row]:
    """Train the cells that have no row yet; all their rows, in the grid's order."""
    require_writable(out)
    work = plan.survey(cells, stored_rows(cells, out), place.device, rerun)
    wanted = [cell for cell in cells if cell.id in work.wanted]
    require_space(out, wanted)
    place = probed(wanted, place)
    if grid is not None and work.wanted:
        keep_study(grid, out)
    if len(work.wanted) < len(cells):
        say(f"{len(cells) - len(work.wanted)} of {len(cells)} cells are in {out} already, {len(work.wanted)} to train")
    for what, folder, path_in in (("weights", place.models, model_path), ("log-probs", place.logits, logits_path)):
        if folder and any(not path_in(row_id, folder).exists() for row_id in work.rows.keys() - work.wanted):
            say(f"{what} are saved as cells are trained; some of the finished have none: --rerun all trains them again")
    kept = [row for row in work.rows.values() if row.status == "ok" and row.id not in work.wanted]
    tell_stale_metrics(kept, place.metrics)
    with Display(work.stacks, len(work.wanted)) as display:
        try:
            with closing(drive(work, place, out, workers)) as events:
                for event in events:
                    display.show(event)
        except Stopped:
            goes_on = "starts over with" if rerun is Rerun.all else "go on with"
            say(f"stopped with {display.ended} of {len(work.wanted)} cells done; {goes_on}: {_this_command()}")
            raise
    rows = {**work.rows, **{row_id: store.read_row(store.path_of(row_id, out)) for row_id in work.wanted}}
    return [rows[cell.id] for cell in cells]


def tell_stale_metrics(rows: Sequence[Row], metrics: Sequence[str]) -> None:
    """Which of the user's metrics some finished rows lack, or have from code that was edited since."""
    for name in metrics:
        code = resolve.source_of("metric", name)
        if any(name not in row.metrics for row in rows):
            say(f"{name} is measured as cells are trained; some of the finished lack it: --rerun all trains them again")
        elif any(row.provenance.get("metric_code", {}).get(name) != code for row in rows):
            say(f"{name} was edited since some of the finished were measured: --rerun all trains them again")


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
            f"{len(again)} {' or '.join(ends)}, and would do so again; mend what the error names, or choose other"
            " options: that makes new cells"
        )
    if len(failed) > len(again):
        yield f"{len(failed) - len(again)} failed; train them again with --rerun failed"


def require_writable(out: Path) -> None:
    """A folder that can't be written is an error now, not after hours."""
    try:
        for folder in (out / "cells", out / "claims"):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"can't write into {out} ({error.strerror}); choose another --out") from error


def require_space(out: Path, cells: Sequence[Cell]) -> None:
    """A disk that can't hold the rows is an error now, not after hours."""
    free = shutil.disk_usage(out).free
    needed = sum(ROW_BYTES + EPOCH_BYTES * cell.recipe.all_epochs for cell in cells)
    if free < needed:
        have, want = f"{free / 1e6:.1f} MB", f"{needed / 1e6:.1f} MB"
        raise InputError(f"{out} has {have} left, {len(cells)} rows may need {want}; choose another --out")


def keep_study(grid: Grid, out: Path) -> None:
    """What was asked, beside its rows: per model a study file, its recipe resolved, that `run` takes."""
    for model in grid.models:
        recipe = tuple((k, v) for k, v in asdict(plan.recipe_of(model, grid)).items() if v is not None)
        text = to_bytes(write_study(study_of(replace(grid, models=(model,), recipe=recipe))))
        path = out / "studies" / f"{hashlib.sha256(text).hexdigest()[:8]}.toml"
        if not path.exists():
            store.write_atomically(path, text)


def stored_rows(cells: Sequence[Cell], out: Path) -> list[Row]:
    """The rows of those cells that have one; what is no row is named and skipped. No other row is read."""
    rows, warnings = store.read_some([cell.id for cell in cells], out)
    for warning in warnings:
        say(f"skipped {warning}; a new row in its place sets it aside")
    return rows


def _report_command(out: Path) -> str:
    return command_line(["lsbench", "report", *([str(out)] if out != Path("results") else [])])


def _this_command() -> str:
    return command_line(["lsbench", *sys.argv[1:]])
