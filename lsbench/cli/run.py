"""`lsbench run`: train a grid."""

import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lsbench import plan, store
from lsbench.catalogue import LOSSES
from lsbench.cli.options import WHERE, Asked, flag, option, takes_asked
from lsbench.cli.progress import Display
from lsbench.cli.stopping import Stopped
from lsbench.data.sources import download as fetch
from lsbench.devices import resolve
from lsbench.errors import InputError, require_number
from lsbench.provenance import usable_cores
from lsbench.spec import Cell, Place
from lsbench.store import Row
from lsbench.workers.events import StackDone
from lsbench.workers.local import run_all
from lsbench.workers.record import record

SOME_FAILED = 3  # exit code
SMOKE = {
    "losses": tuple(LOSSES),
    "noise_rates": (0.2,),
    "seeds": (0,),
    "train_size": 4000,
    "recipe": {"epochs": 2, "optimizer": "adam", "lr": 0.002},  # adam does not mind that keras-bce's gradient is 1/K
}
SMOKE_ACCURACY = 0.8  # every loss is above it after the smoke run unless something is broken


class Rerun(StrEnum):
    """Which stored cells are trained again."""

    failed = "failed"
    all = "all"


@takes_asked
def run(
    asked: Asked,
    jobs: Annotated[str, option(WHERE, "Worker processes.", "one per core; one for a GPU")] = "auto",
    timeout: Annotated[float | None, option(WHERE, "Seconds that a cell may take.", "no limit")] = None,
    rerun: Annotated[Rerun | None, option(WHERE, "Train cells again that have a row.", "none")] = None,
    download: Annotated[bool, flag("--download", "Fetch data sets that are missing.")] = False,
    save_models: Annotated[bool, flag("--save-models", "Keep weights: models/<id>.safetensors.")] = False,
    smoke: Annotated[bool, flag("--smoke", "Try all losses in seconds and keep nothing; for CI.")] = False,
) -> None:
    """Train one model under several losses, smoothing values, noise rates and seeds; keep one row per cell.

    Lists are written 0,0.1 or repeated or as a range 0:0.4:0.1. What has a row already is not trained again.
    """
    grid = asked.grid(**SMOKE) if smoke else asked.grid()
    if download:
        for name in grid.datasets:
            fetch(name, asked.data_dir)
    cells = plan.expand(grid, asked.data_dir)
    if smoke:
        with tempfile.TemporaryDirectory(prefix="lsbench-smoke-") as folder:
            _finish(train(replace(asked, out=Path(folder)), cells, jobs, timeout), least=SMOKE_ACCURACY)
    else:
        _finish(train(asked, cells, jobs, timeout, rerun=rerun, save_models=save_models))
        _say(f"rows are in {asked.out}; see them with: {_report_command(asked.out)}")


def train(
    asked: Asked,
    cells: Sequence[Cell],
    jobs: str,
    timeout: float | None,
    *,
    rerun: Rerun | None = None,
    save_models: bool = False,
) -> list[Row]:
    """Train the cells that have no row yet; all their rows, in the grid's order."""
    device = resolve(asked.device)
    workers = _count_jobs(jobs, device)
    if timeout is not None:
        require_number("--timeout", timeout, 0.001)
    rows = _stored_rows(asked.out)
    kept = {row_id: row.stack for row_id, row in rows.items() if _is_kept(row, rerun)}
    wanted = {cell.id for cell in cells} - kept.keys()
    if len(wanted) < len(cells):
        _say(f"{len(cells) - len(wanted)} of {len(cells)} cells are in {asked.out} already, {len(wanted)} to train")
    stacks = plan.to_do(plan.stacks(cells, device), kept)
    place = Place(device=device, data_dir=asked.data_dir, models=asked.out / "models" if save_models else None)
    with Display(stacks, len(wanted)) as display:
        try:
            for event in record(run_all(stacks, place, workers, timeout=timeout), asked.out, wanted):
                display.show(event)
                if isinstance(event, StackDone):
                    rows.update((row.id, row) for row in event.rows)
        except Stopped:
            _say(f"stopped with {display.ended} of {len(wanted)} cells kept; go on with: {_this_command()}")
            raise
    return [rows[cell.id] for cell in cells]


def _is_kept(row: Row, rerun: Rerun | None) -> bool:
    return rerun is None or (rerun is Rerun.failed and row.status == "ok")


def _stored_rows(out: Path) -> dict[str, Row]:
    """The rows that are there already; a folder that can't be written is an error now, not after hours."""
    try:
        (out / "cells").mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out / "cells").close()
    except OSError as error:
        raise InputError(f"can't write into {out} ({error.strerror}); choose another --out") from error
    rows, warnings = store.read(out)
    for warning in warnings:
        _say(f"skipped {warning}")
    return {row.id: row for row in rows}


def _count_jobs(jobs: str, device: str) -> int:
    if jobs == "auto":
        return 1 if device == "cuda" else usable_cores()
    if not (jobs.isdecimal() and 1 <= int(jobs) <= 1024):
        raise InputError(f"--jobs takes auto or a whole number from 1 to 1024, got {jobs!r}")
    return int(jobs)


def _finish(rows: Sequence[Row], least: float = 0.0) -> None:
    """Say how it went; exit code 3 where a cell failed or stayed below the least accuracy."""
    failed = [row for row in rows if row.status != "ok"]
    weak = [row for row in rows if row.status == "ok" and (row.metrics["accuracy"] or 0) < least]
    _say(f"{len(rows) - len(failed)} of {len(rows)} cells ok")
    for row in weak:
        _say(f"{row.cell.loss}: accuracy {row.metrics['accuracy']:.4f} is below {least:g}")
    if failed:
        _say(f"{len(failed)} failed or diverged; train them again with --rerun failed")
    if failed or weak:
        raise typer.Exit(SOME_FAILED)


def _report_command(out: Path) -> str:
    return shlex.join(["lsbench", "report", *([str(out)] if out != Path("results") else [])])


def _this_command() -> str:
    return shlex.join(["lsbench", *sys.argv[1:]])


def _say(text: str) -> None:
    print(f"lsbench: {text}", file=sys.stderr)
