"""The short form of `make torture`, and a grid in which everything goes wrong at once."""

import re
from functools import partial

import pytest

from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.spec import Grid, Place
from lsbench.training.stack import run_stack
from lsbench.workers import local
from lsbench.workers.local import run_all
from tests import one_process, quick
from tests.workers import faults, light, torture

EPOCHS, SEEDS, SIZE = 2, 4, 500  # some seconds of training
OPTIONS = ("--epochs", EPOCHS, "--seeds", SEEDS, "--train-size", SIZE, "--jobs", 1)


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """The rows of a run that nobody disturbs, trained in this process."""
    quick.leave_out("trains what is compared with runs of other processes")
    axes = {"datasets": ("blobs",), "noise_rates": (0.2,), "seeds": range(SEEDS)}
    grid = Grid(**axes, train_size=SIZE, recipe={"epochs": EPOCHS})
    out = tmp_path_factory.mktemp("calm")
    for stack in make_stacks(plan.expand(grid)):
        for row in run_stack(stack, Place()):
            store.write(row, out)
    return out


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The rows of a run of processes that import no torch; further runs of this test are such, too."""
    monkeypatch.setattr(torture, "START", light.START)
    return torture.undisturbed(tmp_path, OPTIONS)


def test_kills_lose_nothing_and_train_nothing_twice(tmp_path, calm):
    line = torture.kills_lose_nothing(tmp_path, calm, kills=2, options=OPTIONS, moment=torture.after_rows(3))
    assert line.startswith("2 kill -9 (2 of a living run)")


def test_two_runs_share_a_folder(tmp_path, told):
    assert "none twice" in torture.two_runs_share_a_folder(tmp_path, told, OPTIONS)


def test_a_full_disk_tears_no_row(tmp_path, told, monkeypatch):
    gate = tmp_path / "gate"
    monkeypatch.setenv(light.GATE, str(gate))
    assert "disk" in torture.a_full_disk_tears_no_row(tmp_path, told, OPTIONS, filled=gate.touch)


def test_bookkeeping_waits_for_the_disk_twice_per_cell(tmp_path, monkeypatch):
    waits, fsync = [], store.os.fsync
    monkeypatch.setattr(store.os, "fsync", lambda descriptor: (waits.append(descriptor), fsync(descriptor))[1])
    torture.bookkeeping_per_cell(tmp_path, rows=10)
    assert len(waits) == 2 * 10  # the row, and its folder


def test_one_of_everything_that_can_go_wrong_is_one_failed_row_each(lsbench, monkeypatch, tmp_path, without_torch):
    monkeypatch.setattr(local, "run_all", partial(run_all, trainer="tests.workers.faults:train"))
    wrong = (faults.RAISES, faults.IS_KILLED, faults.DIVERGES, faults.HANGS)
    seeds = ",".join(map(str, (0, *wrong)))
    line = ("run", "--dataset", "blobs", "--model", "mlp", "--loss", "ce", "--seeds", seeds, "--timeout", "2")
    code, _, err = lsbench(*line, "--jobs", "2")
    assert code == 3
    rows, warnings = store.read(tmp_path / "results")
    assert not warnings
    states = {row.cell.seed: row.status for row in rows}
    assert states == {
        0: "ok",
        **dict.fromkeys(wrong, "failed"),
        faults.DIVERGES: "diverged",
    }
    assert re.search("1 of 5 cells ok", err)
    logs = {path.stem for path in (tmp_path / "results/logs").iterdir()}
    (raised,) = [row.id for row in rows if row.cell.seed == faults.RAISES]
    assert raised in logs
    code, _, err = lsbench(*line)
    assert (code, "5 of 5 cells are in results already" in err) == (3, True)


def test_a_disk_that_fills_up_is_one_sentence_and_keeps_the_rows_before(lsbench, monkeypatch, tmp_path):
    monkeypatch.setattr(local, "run_all", partial(one_process.run_all, trainer="tests.workers.faults:train"))
    written, fsync = [], store.os.fsync

    def full_after_three(descriptor):
        written.append(descriptor)
        if len(written) > 8:  # the study and three rows, each a file and its folder
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(store.os, "fsync", full_after_three)
    code, _, err = lsbench("run", "--dataset", "blobs", "--model", "mlp", "--loss", "ce", "--jobs", "1")
    assert code == 1
    assert "No space left on device; what was finished before is kept" in err
    rows, warnings = store.read(tmp_path / "results")
    assert (len(rows), warnings) == (3, [])
    assert not [p for p in (tmp_path / "results/cells").rglob(".*") if p.is_file()]
