"""What is left of a grid, and what it will take: from rows of the same shape that were measured."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from lsbench.data.describe import Description, describe
from lsbench.planning.holding_out import HeldOut, held_out_count
from lsbench.planning.stacks import Stack, Work, count_networks, whole_epochs
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell, Place

MOST_LOOKED_AT, ENOUGH = 200, 8  # rows of other cells; of one shape, whose median is taken
EXAMPLE_BYTES, FILE_BYTES = 5, 1000  # of a file of what each test example got, see `lsbench.rows.examples`
LOG_PROB_BYTES, NUMBER_BYTES = 2, 8  # of an example: per class, and its number and label; `lsbench.rows.predictions`
Shape = tuple[str | int | float | None, ...]  # what decides the time of an epoch


@dataclass(frozen=True)
class KeptBytes:
    """What is kept beside the rows."""

    examples: int = 0  # of what each test example got
    predictions: int = 0  # of log-probs of the held-out and the test examples

    @property
    def total(self) -> int:
        """Of all files."""
        return self.examples + self.predictions


@dataclass(frozen=True)
class Estimate:
    """A plan in numbers; None where nothing of the same shape was measured."""

    cells: int
    done: int
    failed: int  # or diverged; trained again only on request
    to_do: int
    stacks: int
    networks: int  # that they train at most, those of cross-fits included: stacks in one process share some
    seconds: float | None  # wall-clock on `jobs` workers
    bytes: int | None  # of row files
    examples_bytes: int  # of what each test example got, where it is kept
    predictions_bytes: int  # of log-probs of held-out and test examples, where they are kept
    measured: int  # rows that the estimate rests on
    unmeasured: tuple[Stack, ...]  # one stack of each shape of which no row was measured


def shape_of(cell: Cell) -> Shape:
    """What decides the time of an epoch; the loss hardly does."""
    return (
        cell.dataset,
        cell.model,
        cell.train_size,
        cell.val,
        cell.folds,
        cell.recipe.batch_size,
        cell.recipe.optimizer,
        cell.recipe.precision,
        cell.recipe.augment,
    )


def estimate_work(
    work: Work,
    rows: Iterable[Row],
    row_bytes: Callable[[Cell], float] | None,
    jobs: int,
    kept: KeptBytes = KeptBytes(),
) -> Estimate:
    """What is to do, and how long it takes, from the median seconds per epoch of measured rows."""
    measured: dict[Shape, list[float]] = {}
    for row in rows:
        if row.status == "ok" and row.seconds:
            measured.setdefault(shape_of(row.cell), []).append(row.seconds / whole_epochs((row.cell,)))
    wanted = [cell for cell in work.cells if cell.id in work.wanted]
    shapes = {shape_of(stack[0]): stack for stack in work.stacks}
    seconds_by_shape = {shape: median(measured[shape]) for shape in shapes if shape in measured}
    seconds = sum(
        seconds_by_shape.get(shape_of(stack[0]), 0.0) * whole_epochs(tuple(c for c in stack if c.id in work.wanted))
        for stack in work.stacks
    )
    states = Counter(row.status == "ok" for row in work.rows.values() if row.id not in work.wanted)
    return Estimate(
        cells=len(work.cells),
        done=states[True],
        failed=states[False],
        to_do=len(wanted),
        stacks=len(work.stacks),
        networks=sum(map(count_networks, work.stacks)),
        seconds=seconds / max(1, min(jobs, len(work.stacks))) if len(seconds_by_shape) == len(shapes) else None,
        bytes=None if row_bytes is None else int(sum(map(row_bytes, wanted))),
        examples_bytes=kept.examples,
        predictions_bytes=kept.predictions,
        measured=sum(len(measured[shape]) for shape in seconds_by_shape),
        unmeasured=tuple(stack for shape, stack in shapes.items() if shape not in seconds_by_shape),
    )


def rows_alike(work: Work, rows: Sequence[Row], out: Path) -> list[Row]:
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


def row_bytes(rows: Sequence[Row]) -> Callable[[Cell], float] | None:
    """The size of a cell's row file, from that of known ones: a part that is always there, and one per epoch."""
    if not rows:
        return None
    row = max(rows, key=lambda row: len(row.curves))
    whole, bare = (len(json.dumps(asdict(r), indent=1)) for r in (row, replace(row, curves={})))
    return lambda cell: bare + (whole - bare) / row.cell.recipe.all_epochs * cell.recipe.all_epochs


def kept_bytes_of(cells: Sequence[Cell], place: Place) -> KeptBytes:
    """What is kept of these cells beside their rows."""
    with_predictions = [cell for cell in cells if place.keeps_predictions(cell)]
    return KeptBytes(
        examples_bytes_of(cells, place.data_dir) if place.per_example else 0,
        predictions_bytes_of(with_predictions, place.data_dir),
    )


def examples_bytes_of(cells: Iterable[Cell], data_dir: Path | None = None) -> int:
    """About what it takes to keep what each test example got: measured were 2.6 to 5.7 bytes of an example and cell."""
    cells_by_dataset = Counter(cell.dataset for cell in cells)
    each = {name: FILE_BYTES + EXAMPLE_BYTES * describe(name, data_dir).test_examples for name in cells_by_dataset}
    return sum(count * each[name] for name, count in cells_by_dataset.items())


def predictions_bytes_of(cells: Iterable[Cell], data_dir: Path | None = None) -> int:
    """What the log-probs of held-out and test examples take before compression, which saves little."""
    count_by_division = Counter((cell.dataset, HeldOut(cell.val, cell.folds)) for cell in cells)
    return sum(
        count * _predictions_bytes(describe(name, data_dir), held_out, data_dir)
        for (name, held_out), count in count_by_division.items()
    )


def _predictions_bytes(data: Description, held_out: HeldOut, data_dir: Path | None) -> int:
    examples = held_out_count(data, held_out, 0, data_dir) + data.test_examples
    return FILE_BYTES + examples * (NUMBER_BYTES + LOG_PROB_BYTES * data.num_classes)
