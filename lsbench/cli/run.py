"""`lsbench run`: train a grid."""

import hashlib
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lsbench import plan, store
from lsbench.catalogue import LOSSES
from lsbench.cli.options import WHERE, Asked, Rerun, count_jobs, flag, option, takes_asked
from lsbench.cli.plan import show_plan
from lsbench.cli.progress import Display
from lsbench.cli.say import say
from lsbench.cli.stopping import Stopped
from lsbench.data.sources import download as fetch
from lsbench.devices import resolve
from lsbench.errors import InputError, require_number
from lsbench.spec import Cell, Grid, Place
from lsbench.store import Row, model_path
from lsbench.study import study_of, write_study
from lsbench.workers.drive import drive

SOME_FAILED = 3  # exit code
MOST_ROW_BYTES = 64 * 1024  # a row of 10 classes and 100 epochs; most are a tenth of it
SMOKE = {
    "losses": tuple(LOSSES),
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
SMOKE_ACCURACY = 0.8  # every loss is above it after the smoke run unless something is broken


@takes_asked
def run(
    asked: Asked,
    jobs: Annotated[str, option(WHERE, "Worker processes.", "one per core; one for a GPU")] = "auto",
    timeout: Annotated[float | None, option(WHERE, "Seconds that a cell may take.", "no limit")] = None,
    rerun: Annotated[Rerun | None, option(WHERE, "Train cells again that have a row.", "none")] = None,
    download: Annotated[bool, flag("--download", "Fetch data sets that are missing.")] = False,
    save_models: Annotated[bool, flag("--save-models", "Keep weights: models/<id>.safetensors.")] = False,
    dry_run: Annotated[bool, flag("--dry-run", "Say what would be trained, as `lsbench plan` does.")] = False,
    smoke: Annotated[bool, flag("--smoke", "Try all losses in seconds and keep nothing; for CI.")] = False,
) -> None:
    """Train one model under several losses, smoothing values, noise rates and seeds; keep one row per cell.

    Lists are written 0,0.1 or repeated or as a range 0:0.4:0.1. What has a row already is not trained again.
    """
    if dry_run:
        show_plan(asked, jobs, rerun)
        return
    if timeout is not None:
        require_number("--timeout", timeout, 0.001)
    device, out = resolve(asked.device or "auto"), asked.results
    workers = count_jobs(jobs, device)
    grid = asked.grid(**SMOKE) if smoke else asked.grid()
    plan.validate(grid)
    if download:
        for name in grid.datasets:
            fetch(name, asked.data_dir)
    cells = plan.expand(grid, asked.data_dir)
    place = Place(device=device, data_dir=asked.data_dir, models=out / "models" if save_models else None)
    if smoke:
        with tempfile.TemporaryDirectory(prefix="lsbench-smoke-") as folder:
            finish(train(cells, replace(place, models=None), Path(folder), workers, timeout), SMOKE_ACCURACY)
    else:
        rows = train(cells, place, out, workers, timeout, rerun, grid)
        say(f"rows are in {out}; see them with: {_report_command(out)}")
        finish(rows)


def train(
    cells: Sequence[Cell],
    place: Place,
    out: Path,
    workers: int,
    timeout: float | None,
    rerun: Rerun | None = None,
    grid: Grid | None = None,
) -> list[Row]:
    """Train the cells that have no row yet; all their rows, in the grid's order."""
    require_writable(out)
    work = plan.survey(cells, stored_rows(out), place.device, rerun)
    require_space(out, len(work.wanted))
    if grid is not None and work.wanted:
        keep_study(grid, out)
    if len(work.wanted) < len(cells):
        say(f"{len(cells) - len(work.wanted)} of {len(cells)} cells are in {out} already, {len(work.wanted)} to train")
    if place.models and any(not model_path(row_id, place.models).exists() for row_id in work.rows.keys() - work.wanted):
        say("weights are saved as cells are trained; some of the finished have none: --rerun all trains them again")
    with Display(work.stacks, len(work.wanted)) as display:
        try:
            with closing(drive(work, place, out, workers, timeout)) as events:
                for event in events:
                    display.show(event)
        except Stopped:
            say(f"stopped with {display.ended} of {len(work.wanted)} cells done; go on with: {_this_command()}")
            raise
    rows = {**work.rows, **{row_id: store.read_row(store.path_of(row_id, out)) for row_id in work.wanted}}
    return [rows[cell.id] for cell in cells]


def finish(rows: Sequence[Row], least: float = 0.0) -> None:
    """Say how it went; exit code 3 where a cell failed or stayed below the least accuracy."""
    failed = [row for row in rows if row.status != "ok"]
    weak = [row for row in rows if row.status == "ok" and (row.metrics["accuracy"] or 0) < least]
    say(f"{len(rows) - len(failed)} of {len(rows)} cells ok")
    for row in weak:
        say(f"{row.cell.loss}: accuracy {row.metrics['accuracy']:.4f} is below {least:g}")
    if failed:
        say(f"{len(failed)} failed or diverged; train them again with --rerun failed")
    if failed or weak:
        raise typer.Exit(SOME_FAILED)


def require_writable(out: Path) -> None:
    """A folder that can't be written is an error now, not after hours."""
    try:
        for folder in (out / "cells", out / "claims"):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"can't write into {out} ({error.strerror}); choose another --out") from error


def require_space(out: Path, rows: int) -> None:
    """A disk that can't hold the rows is an error now, not after hours."""
    free, needed = shutil.disk_usage(out).free, rows * MOST_ROW_BYTES
    if free < needed:
        raise InputError(
            f"{out} has {free / 1e6:.1f} MB left, {rows} rows may need {needed / 1e6:.1f} MB; choose another --out"
        )


def keep_study(grid: Grid, out: Path) -> None:
    """What was asked, beside its rows, as a study file that `run` takes."""
    text = write_study(study_of(grid)).encode()
    path = out / "studies" / f"{hashlib.sha256(text).hexdigest()[:8]}.toml"
    if not path.exists():
        store.write_atomically(path, text)


def stored_rows(out: Path) -> list[Row]:
    """The rows of a results folder; what is no row is named and skipped."""
    rows, warnings = store.read(out)
    for warning in warnings:
        say(f"skipped {warning}")
    return rows


def _report_command(out: Path) -> str:
    return shlex.join(["lsbench", "report", *([str(out)] if out != Path("results") else [])])


def _this_command() -> str:
    return shlex.join(["lsbench", *sys.argv[1:]])
