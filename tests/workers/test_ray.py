"""The Ray engine on a cluster of two nodes on this machine: the local pool's rows, whatever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.spec import Cell, Grid, Place
from lsbench.training.stack import run_stack
from lsbench.workers.events import EpochDone, StackDone
from lsbench.workers.queues import StackQueue
from lsbench.workers.ray_options import RayOptions
from lsbench.workers.shipped_files import files_to_ship
from tests.workers import faults

pytest.importorskip("ray", reason="needs lsbench[ray]")
from ray.cluster_utils import Cluster

from lsbench.workers import ray as engine

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own
STORE = 2**27
TRAINER = "tests.workers.faults:train_on_ray"


@pytest.fixture(scope="module")
def cluster():
    """A head node with one CPU and a logical GPU, and a second node with one CPU."""
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])  # for faults.py
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0", PYTHONPATH=path)
    os.environ.update(RAY_health_check_period_ms="1000", RAY_health_check_failure_threshold="3")  # a death is seen soon
    os.environ.update(RAY_prestart_worker_first_driver="0")  # nobody would use these workers
    node = {"num_cpus": 1, "object_store_memory": STORE}
    made = Cluster(initialize_head=True, head_node_args={**node, "num_gpus": 1, "include_dashboard": False})
    made.add_node(**node, num_gpus=0)
    yield made
    made.shutdown()


@pytest.fixture
def options(cluster):
    return RayOptions(address=cluster.address)


def cells(*seeds):
    return tuple(Cell(dataset="blobs", fingerprint="blobs-1", model="linear", loss="ce", seed=seed) for seed in seeds)


def train(stacks, options, folder, **more):
    place = Place(data_dir=folder)
    events = list(engine.run_all(StackQueue(stacks), place, options, trainer=TRAINER, **more))
    ended = [event for event in events if isinstance(event, StackDone)]
    return {row.cell.seed: row for event in ended for row in event.rows}, events


def begun(folder, seed):
    return len(list(folder.glob(f"begun-{seed}-*")))


def plain(row):
    return replace(row, seconds=None, provenance={})


class FaultsLast(StackQueue):
    """Gives all but the slow stacks when a node has been removed, so that none of them is lost with it."""

    removed = False

    def take(self):
        return super().take() if self.removed or (self.left and self.left[0][0].seed >= faults.SLOW) else None


@pytest.fixture(scope="module")
def eventful(cluster, tmp_path_factory):
    """One run in which everything goes wrong that can: rows by seed, events, and the folder of flags."""
    folder = tmp_path_factory.mktemp("flags")
    third = cluster.add_node(num_cpus=2, num_gpus=0, object_store_memory=STORE)
    stacks = FaultsLast(
        [
            *(cells(faults.SLOW + i) for i in range(4)),  # on three nodes, of which one is removed
            cells(faults.HANGS),
            cells(faults.DIES_ONCE, 1),
            cells(2, faults.RAISES),
            cells(3, faults.LEAVES),
        ]
    )
    options, rows, events = RayOptions(address=cluster.address, retries=1, timeout=5), {}, []
    for event in engine.run_all(stacks, Place(data_dir=folder), options, trainer=TRAINER):
        events.append(event)
        if isinstance(event, StackDone):
            rows.update({row.cell.seed: row for row in event.rows})
        if not stacks.removed and any(path.read_text() == third.node_id for path in folder.glob("begun-*")):
            cluster.remove_node(third, allow_graceful=False)
            stacks.removed = True
    return rows, events, folder


def test_a_node_that_is_removed_mid_stack_costs_nothing(eventful):
    rows, _, folder = eventful
    slow = range(faults.SLOW, faults.SLOW + 4)
    assert {rows[seed].status for seed in slow} == {"ok"}
    assert sum(begun(folder, seed) for seed in slow) > 4  # some were begun there, and again elsewhere


def test_both_nodes_that_are_left_are_used_and_threads_are_pinned(eventful):
    rows, events, _ = eventful
    trained = [row for row in rows.values() if row.status == "ok"]
    assert len({row.provenance["node"] for row in trained}) == 2
    assert {row.provenance["threads"] for row in trained} == {1}
    told = {cell.seed for event in events if isinstance(event, EpochDone) for cell in event.stack}
    assert told == set(rows)  # the progress display hears of every stack


def test_a_stack_that_asks_for_a_cpu_never_sees_a_gpu(eventful):
    assert {row.provenance["gpus"] for row in eventful[0].values() if row.status == "ok"} == {""}


def test_a_worker_that_is_killed_mid_stack_is_tried_again_elsewhere(eventful):
    rows, _, folder = eventful
    assert {rows[seed].status for seed in (faults.DIES_ONCE, 1)} == {"ok"}
    assert begun(folder, faults.DIES_ONCE) == 2


@pytest.mark.parametrize(
    ("fault", "mate", "error"),
    [
        (faults.RAISES, 2, "RuntimeError: no such luck"),
        (faults.LEAVES, 3, "lost 2 times"),
    ],
)
def test_a_cell_that_goes_wrong_fails_alone_after_its_retries(eventful, fault, mate, error):
    rows, _, folder = eventful
    assert rows[fault].status == "failed"
    assert error in rows[fault].error
    assert rows[mate].status == "ok"
    assert begun(folder, fault) == (1 if fault == faults.RAISES else 2)


def test_a_cell_that_hangs_is_stopped_and_the_others_go_on(eventful):
    rows, _, folder = eventful
    assert rows[faults.HANGS].status == "failed"
    assert "--timeout" in rows[faults.HANGS].error
    assert begun(folder, faults.HANGS) == 1


def test_fractions_of_a_gpu_share_it_in_fresh_processes(options, tmp_path):
    rows, _ = train([cells(0), cells(1)], replace(options, cpus=0.25, gpus=0.25), tmp_path)
    assert {row.provenance["gpus"] for row in rows.values()} == {"0"}
    assert len({row.provenance["pid"] for row in rows.values()}) == 2


def test_more_than_any_node_has_is_an_error_that_says_what_there_is(options, tmp_path):
    with pytest.raises(InputError, match="no node has as many: the most are 1 and 1"):
        train([cells(0)], replace(options, gpus=2.0), tmp_path)


def test_a_cluster_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        train([cells(0)], RayOptions(address="127.0.0.1:1"), tmp_path)


@pytest.fixture(scope="module")
def grid_run(cluster, tmp_path_factory):
    """One run of the real trainer: its stacks, shipped files and rows by id, the shared folder, the ids written there.

    Two models and the user's own code, data and labels; the rows of a half are written by the workers.
    """
    with chdir(tmp_path_factory.mktemp("mine")):
        theirs = the_users_grid()
        linear = Grid(
            datasets=("blobs",), models=("linear",), losses=("ce", "lsr", "elr"), noise_rates=(0.2, 0.4), seeds=(0,)
        )
        mlp = replace(linear, models=("mlp",), losses=("elr",), noise_rates=(0.4,))
        stacks = [stack for grid in (linear, mlp, theirs) for stack in make_stacks(plan.expand(grid))]
        files, out = files_to_ship(theirs), Path("results").resolve()
        written = {cell.id for cell in stacks[0][:3]}
        options = RayOptions(address=cluster.address, files=files)
        events = engine.run_all(StackQueue(stacks), Place(per_example=True), options, out=out, wanted=written)
        rows = {row.id: row for event in events if isinstance(event, StackDone) for row in event.rows}
    return stacks, files, rows, out, written


def the_users_grid():
    """A loss that imports a helper, images and labels, all files of the current folder."""
    Path("mine.py").write_text("from helper_of_mine import double\n\ndef loss(z, y):\n    return double(z, y)\n")
    Path("helper_of_mine.py").write_text(
        "def double(z, y):\n    return -2 * z.log_softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1)\n"
    )
    x, y = np.random.default_rng(0).random((40, 6, 6)), np.arange(40) % 2
    np.savez("mine.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    np.save("labels.npy", 1 - y)
    axes = {"datasets": ("./mine.npz",), "models": ("linear",), "seeds": (0,), "recipe": (("epochs", 1),)}
    return Grid(**axes, losses=("./mine.py:loss",), noises=("human:labels.npy",), noise_rates=(1.0,))


def test_a_grid_gives_the_rows_of_training_it_here_bit_for_bit(grid_run):
    *stacks, _ = grid_run[0]
    assert sorted(map(len, stacks)) == [1, 6]
    there = {cell.id: plain(grid_run[2][cell.id]) for stack in stacks for cell in stack}
    assert {row.status for row in there.values()} == {"ok"}
    assert there == {row.id: plain(row) for stack in stacks for row in run_stack(stack, Place())}


def test_workers_write_the_rows_where_the_folder_is_shared(grid_run):
    _, _, rows, out, written = grid_run
    assert {path.stem for path in out.rglob("cells/*/*.json")} == written
    assert {path.stem for path in out.rglob("examples/*/*.npz")} == written
    kept = {row.id: (row.metrics, row.curves, row.provenance) for row in store.read(out)[0]}
    assert kept == {key: (rows[key].metrics, rows[key].curves, rows[key].provenance) for key in written}


def test_the_users_code_travels(grid_run):
    stacks, files, rows, *_ = grid_run
    assert list(dict(files)) == ["helper_of_mine.py", "labels.npy", "mine.py"]
    ((cell,),) = stacks[-1:]
    row = rows[cell.id]
    assert row.status == "ok", row.error
    assert row.noise_record["changed"] == 1.0


def command(cluster):
    grid = ["--dataset", "blobs", "--model", "mlp", "--epochs", "10", "--seeds", "4", "--loss", "ce", "--jobs", "1"]
    return [sys.executable, "-m", "lsbench", "run", *grid, "--workers", "ray", "--address", cluster.address]


def test_a_driver_that_is_killed_and_started_again_trains_nothing_twice(cluster, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    driver = subprocess.Popen(
        command(cluster), cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 240
    while len(done := list(tmp_path.rglob("cells/*/*.json"))) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    before = {path: path.read_bytes() for path in done}
    assert 1 <= len(before) < 4
    again = subprocess.run(command(cluster), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400)
    assert again.returncode == 0, again.stderr
    assert "4 of 4 cells ok" in again.stderr
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == len(list(tmp_path.rglob("examples/*/*.npz"))) == 4
    assert all(path.read_bytes() == content for path, content in before.items())
    ids = [json.loads(path.read_text())["id"] for path in tmp_path.rglob("cells/*/*.json")]
    assert len(set(ids)) == 4
