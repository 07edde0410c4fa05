"""What is said on stderr of a grid, its data sets and its rows, before anything is trained."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from lsbench.cli.options import RunOptions
from lsbench.cli.say import say
from lsbench.data.describe import Description, describe
from lsbench.names import resolve
from lsbench.names.dataset_name import quoted
from lsbench.planning.engine_stacks import missing_engine
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.stacks import Work
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, status_of
from lsbench.rows.store import logits_path, model_path, predictions_path
from lsbench.spec import Cell, Grid, Place

AGAIN = "--rerun all trains them again"


def tell_ignored_eps(options: RunOptions, grid: Grid) -> None:
    """Which losses do without the eps that was asked for, and why; ce is known to have none."""
    reasons = resolve.eps_passed_by(grid.losses, grid.eps) if options.eps else {}
    if told := [reason for loss, reason in reasons.items() if loss != "ce"]:
        say(f"--eps {','.join(f'{eps:g}' for eps in grid.eps)} is not for all losses: {'; '.join(told)}")


def tell_same_functions(checked: CheckedGrid) -> None:
    """Which losses of the grid are not trained, as another one is the same function."""
    rates = checked.grid.noise_rates
    everywhere = checked.same_functions(clean=not any(rates))
    on_clean = checked.same_functions(clean=True) if 0 in rates else {}
    for arm, other in {**on_clean, **everywhere}.items():
        where = "" if arm in everywhere else " without noise"
        say(f"{arm.name} is the same function{where} as {other.name}, which is trained; --no-dedupe trains both")


def tell_notes(datasets: Iterable[str], data_dir: Path | None) -> None:
    """What of a data set was left out or renamed, a line each, and which classes have few examples."""
    for data in (describe(name, data_dir) for name in dict.fromkeys(datasets)):
        for note in data.notes:
            say(note)
        if data.counts:
            _tell_few(data)


def _tell_few(data: Description) -> None:
    from lsbench.analysis.summary import size_warnings, sizes_of_data  # numpy, which nothing else at the start needs

    for text in size_warnings(sizes_of_data(data.class_names, data.counts)):
        say(f"warning: data set {quoted(data.name)}: {text}")


def stored_rows(cells: Sequence[Cell], out: Path) -> list[Row]:
    """The rows of those cells that have one; a file that can't be read is named. No other row is read."""
    rows, warnings = store.read_some([cell.id for cell in cells], out)
    for warning in warnings:
        say(f"skipped {warning}; when the cell is trained, this file is kept under another name")
    return rows


def tell_finished(work: Work, place: Place, out: Path) -> None:
    """How many cells have a row, and what some of these rows lack that is asked for now."""
    wanted, total = len(work.wanted), len(work.cells)
    if wanted < total:
        say(f"{total - wanted} of {total} cells are in {out} already, {wanted} to train")
    for what, folder, path_in in (("weights", place.models, model_path), ("log-probs", place.logits, logits_path)):
        if folder and any(not path_in(row_id, folder).exists() for row_id in work.rows.keys() - work.wanted):
            say(f"{what} are saved as cells are trained; some finished cells have none: {AGAIN}")
    finished = [row for row in work.rows.values() if row.status == "ok" and row.id not in work.wanted]
    if any(place.keeps_predictions(r.cell) and not predictions_path(r.id, out).exists() for r in finished):
        say(f"log-probs of held-out examples are kept as cells are trained; some finished cells have none: {AGAIN}")
    for name in place.metrics:
        _tell_old_metric(name, finished)
    if any(status_of(row, part) == GIVEN for row in finished for part in place.trusted):
        trusted = ",".join(place.trusted)
        say(f"finished cells keep the status of their labels: give --trust {trusted} to report and decide, too")


def tell_engine(work: Work, place: Place) -> None:
    """Why torch trains what another engine would train faster, where that can be helped."""
    wanted = [cell for cell in work.cells if cell.id in work.wanted]
    if reason := missing_engine(wanted, place.device, place.engine):
        say(reason)


def _tell_old_metric(name: str, rows: Sequence[Row]) -> None:
    """Whether some rows lack a metric of the user's, or have it from code that was edited since."""
    if any(name not in row.metrics for row in rows):
        say(f"{name} is measured as cells are trained; some finished cells lack it: {AGAIN}")
    elif any(row.provenance.get("metric_code", {}).get(name) != resolve.source_of("metric", name) for row in rows):
        say(f"{name} was edited after some finished cells were measured: {AGAIN}")


def with_doubts(cells: Sequence[Cell], place: Place) -> Place:
    """The place with the doubts about these cells, each told once; `InputError` for a user's part that is broken."""
    from lsbench.training.contract.probe import probe

    doubts = probe(cells, place.data_dir, place.metrics, place.device)
    for doubt in doubts:
        if doubt not in place.doubts:
            say(f"warning: {doubt.text}")
    return replace(place, doubts=tuple(dict.fromkeys((*place.doubts, *doubts))))
