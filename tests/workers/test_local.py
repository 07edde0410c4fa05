import os
import signal
import sys
import threading
import time

import pytest

from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.spec import Cell, Grid, Place
from lsbench.training.stack import run_stack
from lsbench.workers import local, processes
from lsbench.workers.events import EpochDone, StackDone
from lsbench.workers.local_options import LocalOptions
from lsbench.workers.queues import StackQueue
from tests import quick
from tests.workers import faults, slow_to_import


def cells(*seeds):
    return tuple(Cell(dataset="blobs", fingerprint="f", model="linear", loss="ce", seed=seed) for seed in seeds)


def train(stacks, jobs=1, timeout=None, trainer="tests.workers.faults:train"):
    events = list(local.run_all(StackQueue(stacks), Place(), LocalOptions(jobs=jobs, timeout=timeout), trainer=trainer))
    ended = [event for event in events if isinstance(event, StackDone)]
    return {row.cell.seed: row for event in ended for row in event.rows}, ended


pytestmark = pytest.mark.usefixtures("without_torch")

LARGE = cells(10, 11, 12, faults.IS_LARGE, 14, 15, 16, 17)


@pytest.fixture(scope="module")
def wrong(without_torch):
    """One run in which every kind of fault happens: rows by seed, and how the stacks ended."""
    stacks = [cells(faults.HANGS, 4), cells(0, faults.RAISES, 2), cells(3, faults.SEGFAULTS), LARGE]
    stacks += [cells(fault) for fault in (faults.IS_KILLED, faults.LEAVES, faults.DIES_SPEAKING)]
    return train(stacks, jobs=2, timeout=2)


@pytest.mark.parametrize(
    ("fault", "error", "logged"),
    [
        (faults.RAISES, "RuntimeError: no such luck", "Traceback"),
        (faults.SEGFAULTS, "SIGSEGV", "Fatal Python error"),
        (faults.IS_KILLED, "SIGKILL (out of memory?)", ""),
        (faults.LEAVES, "exit code 7", ""),
        (faults.DIES_SPEAKING, "SIGKILL", ""),
        (faults.HANGS, "longer than 2 s; raise --timeout", ""),
    ],
)
def test_a_cell_that_goes_wrong_fails_alone_and_its_log_is_kept(wrong, fault, error, logged):
    rows, ended = wrong
    assert rows[fault].status == "failed"
    assert error in rows[fault].error
    (log,) = [event.log for event in ended if event.rows[0] == rows[fault]]
    assert logged in log


def test_every_other_cell_is_trained_all_the_same(wrong):
    rows, _ = wrong
    assert {seed for seed, row in rows.items() if row.status == "ok"} == {0, 2, 3, 4, *(cell.seed for cell in LARGE)}


def test_a_stack_too_large_for_memory_is_halved_until_it_fits(wrong):
    rows, ended = wrong
    assert sorted(len(event.stack) for event in ended if event.stack[0] in LARGE) == [2, 2, 4]
    assert len(rows[faults.IS_LARGE].stack) == faults.ROOM


def test_after_an_error_of_cuda_the_process_is_replaced_and_after_another_it_is_not():
    for fault, kept in ((faults.BREAKS_GPU, False), (faults.RAISES, True)):
        rows, _ = train([cells(0), cells(fault), cells(1)], trainer="tests.workers.faults:process_id")
        assert rows[fault].status == "failed"
        assert (rows[0].metrics == rows[1].metrics) is kept, fault


def test_memory_that_has_run_out_breaks_no_gpu():
    for error, breaks in (
        ("CUDA error: device-side assert triggered", True),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", False),
        ("the loss has the wrong shape", False),
    ):
        assert processes.breaks_the_gpu(RuntimeError(error)) is breaks, error


def test_the_clock_of_a_time_limit_starts_when_training_does():
    rows, _ = train([cells(0), cells(1)], timeout=slow_to_import.LIMIT, trainer="tests.workers.slow_to_import:train")
    assert [row.status for row in rows.values()] == ["ok", "ok"]


def test_a_process_that_never_begins_fails_its_cell_in_the_end(monkeypatch):
    monkeypatch.setattr(local, "MOST_EARLY_DEATHS", 1)
    rows, _ = train([cells(0)], trainer="nowhere:train")
    assert (rows[0].status, rows[0].error) == ("failed", "its process ended with exit code 1")


def test_the_environment_is_given_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MALLOC_TOP_PAD_", raising=False)
    before = dict(os.environ)
    with processes.environment_set(processes.training_environment(1)):
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert "MALLOC_TOP_PAD_" in os.environ
    assert dict(os.environ) == before


def test_a_process_that_dies_before_it_began_is_not_held_against_the_cell():
    events = local.run_all(StackQueue([cells(0)]), Place(), trainer="tests.workers.faults:train")
    frame = events.gi_frame
    killer = threading.Thread(target=_kill_first_process_of, args=(frame,))
    killer.start()
    (row,) = [row for event in events if isinstance(event, StackDone) for row in event.rows]
    killer.join()
    assert row.status == "ok"


def _kill_first_process_of(frame):
    while not frame.f_locals.get("pool"):
        time.sleep(0.001)
    frame.f_locals["pool"][0].process.kill()


def test_a_worker_leaves_signals_to_its_parent_and_ends_when_the_parent_leaves_early():
    events = local.run_all(StackQueue([cells(faults.HANGS)]), Place(), trainer="tests.workers.faults:train")
    assert isinstance(next(events), EpochDone)
    process = events.gi_frame.f_locals["pool"][0].process
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(process.pid, number)
    process.join(0.3)
    assert process.is_alive()
    events.close()
    assert not process.is_alive()


def test_nothing_to_train_starts_nothing():
    assert train([]) == ({}, [])


def bits(rows):
    return {row.id: (row.metrics, row.curves, row.noise_record) for row in rows}


def test_a_cell_has_the_same_bits_here_and_in_any_of_several_workers(without_torch, monkeypatch):
    quick.leave_out("trains for long")
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != without_torch])
    axes = {"datasets": ("blobs",), "models": ("linear", "mlp"), "noise_rates": (0.2,), "seeds": (0, 1)}
    grid = Grid(**axes, train_size=300, recipe={"epochs": 2})
    stacks = make_stacks(plan.expand(grid))
    here = bits(row for stack in stacks for row in run_stack(stack, Place()))
    events = local.run_all(StackQueue(stacks), Place(), LocalOptions(jobs=2))
    there = bits(row for event in events if isinstance(event, StackDone) for row in event.rows)
    assert there == here
