from dataclasses import replace

import pytest

from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.spec import Grid
from lsbench.workers.claims import Claims
from lsbench.workers.queues import ClaimingQueue
from tests.workers.faults import row_of

STACKS = make_stacks(plan.expand(Grid(datasets=("blobs",), models=("linear",), seeds=tuple(range(12)))))
WANTED = {cell.id for stack in STACKS for cell in stack}


@pytest.fixture
def source(tmp_path):
    with Claims(tmp_path) as claims:
        yield ClaimingQueue(STACKS, WANTED, {}, claims, tmp_path)


def test_every_stack_comes_once_in_order(source):
    assert [source.take() for _ in STACKS] == STACKS
    assert (source.take(), len(source)) == (None, 0)


def test_a_stack_that_another_run_holds_comes_later(source, tmp_path):
    with Claims(tmp_path) as other:
        other.take([STACKS[0][1].id])
        assert source.take() == STACKS[1]
        assert len(source) == len(STACKS) - 1
        taken = [source.take() for _ in STACKS]
        assert STACKS[0] not in taken
        assert (len(source), taken[-1]) == (1, None)
    assert source.take() == STACKS[0]


def test_a_stack_that_another_run_finished_drops_out_and_its_claims_are_free(source, tmp_path):
    for cell in STACKS[0]:
        store.write(row_of(cell, STACKS[0]), tmp_path)
    assert source.take() == STACKS[1]
    with Claims(tmp_path) as other:
        assert other.take([cell.id for cell in STACKS[0]])


def test_what_another_run_left_of_a_stack_is_trained_with_its_finished_mates_and_only_then(source, tmp_path):
    store.write(row_of(STACKS[0][0], STACKS[0]), tmp_path)
    store.write(row_of(STACKS[1][0], STACKS[1][:2]), tmp_path)
    assert source.take() == STACKS[0]
    assert STACKS[0][0].id not in source.wanted
    assert source.take() == STACKS[1][1:]


def test_rows_that_are_to_be_trained_again_do_not_count_as_finished(tmp_path):
    rows = {cell.id: row_of(cell, STACKS[0]) for cell in STACKS[0]}
    for row in rows.values():
        store.write(row, tmp_path)
    with Claims(tmp_path) as claims:
        assert ClaimingQueue(STACKS[:1], WANTED, rows, claims, tmp_path).take() == STACKS[0]
        claims.release([cell.id for cell in STACKS[0]])
        for row in rows.values():
            store.write(replace(row, seconds=9.0), tmp_path)
        assert ClaimingQueue(STACKS[:1], WANTED, rows, claims, tmp_path).take() is None


def test_a_row_that_came_between_the_survey_and_the_start_counts_as_finished(tmp_path):
    for cell in STACKS[0]:
        store.write(row_of(cell, STACKS[0]), tmp_path)
    with Claims(tmp_path) as claims:
        assert ClaimingQueue(STACKS[:1], WANTED, {}, claims, tmp_path).take() is None
