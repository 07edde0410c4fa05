from dataclasses import replace

from lsbench.planning import plan
from lsbench.planning.estimate import estimate_work
from lsbench.planning.stacks import work_left
from lsbench.spec import Grid
from tests.workers.faults import row_of

GRID = Grid(datasets=("blobs",), models=("mlp",), losses=("ce", "lsr"), seeds=tuple(range(5)))
CELLS = plan.expand(GRID)  # 10 cells of 4 epochs, in stacks of one


def rows(count, seconds=8.0, status="ok"):
    return [replace(row_of(cell, [cell]), seconds=seconds, status=status) for cell in CELLS[:count]]


def estimate_of(stored, jobs=2, cells=CELLS, row_bytes=lambda _: 1000):
    return estimate_work(work_left(cells, stored), stored, row_bytes, jobs)


def test_time_is_that_of_measured_rows_of_the_same_shape_shared_by_the_workers():
    estimate = estimate_of(rows(2))
    assert (estimate.cells, estimate.done, estimate.to_do, estimate.stacks) == (10, 2, 8, 8)
    assert estimate.seconds == 8 * 8.0 / 2
    assert estimate.bytes == 8000


def test_more_epochs_take_more_time():
    longer = plan.expand(replace(GRID, recipe={"epochs": 40}))
    assert estimate_of(rows(2), cells=longer).seconds == 10 * 80.0 / 2


def test_workers_without_a_stack_do_not_help():
    assert estimate_of(rows(9), jobs=64).seconds == 8.0


def test_without_a_row_of_the_same_shape_the_time_is_not_known():
    other = plan.expand(replace(GRID, train_size=100))
    estimate = estimate_of(rows(2), cells=[*CELLS, *other])
    assert estimate.seconds is None
    assert {cell.train_size for stack in estimate.unmeasured for cell in stack} == {100}


def test_failed_rows_are_counted_apart_and_measure_nothing():
    estimate = estimate_of(rows(3, status="failed"))
    assert (estimate.done, estimate.failed, estimate.to_do, estimate.seconds) == (0, 3, 7, None)


def test_failed_rows_are_to_do_on_request():
    failed = rows(3, status="failed")
    assert estimate_work(work_left(CELLS, failed, rerun="failed"), failed, None, 1).to_do == 10
    assert estimate_work(work_left(CELLS, rows(3), rerun="failed"), rows(3), None, 1).to_do == 7
    assert estimate_work(work_left(CELLS, rows(3), rerun="all"), rows(3), None, 1).to_do == 10
