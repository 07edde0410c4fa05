"""A trainer that goes wrong where a cell's seed says so; workers import it by name."""

import os
import signal
import struct
import time
from dataclasses import replace

import torch

from lsbench.rows.row import Row

RAISES, SEGFAULTS, IS_KILLED, LEAVES, HANGS, DIVERGES, DIES_SPEAKING, IS_LARGE = range(101, 109)
BREAKS_GPU = 109
DIES_ONCE, SLOW = 200, 300  # on Ray; all from SLOW on take two seconds
ROOM = 2  # cells beside one that is large, past which memory runs out


def train(stack, place, on_epoch):
    on_epoch(1)
    for cell in stack:
        FAULTS.get(cell.seed, lambda: None)()
        if cell.seed == IS_LARGE and len(stack) > ROOM:
            raise torch.OutOfMemoryError("CUDA out of memory")
    return [row_of(cell, stack) for cell in stack]


def train_when_let(stack, place, on_epoch):
    """As `train`; a seed other than 0 waits for the file that LSBENCH_TEST_GATE names, if that names one."""
    gate = os.environ.get("LSBENCH_TEST_GATE")
    while gate and stack[0].seed and not os.path.exists(gate):
        time.sleep(0.02)
    return train(stack, place, on_epoch)


def fail(stack, place, on_epoch):
    """Whatever the cells."""
    _raise()


def row_of(cell, stack):
    ids = [mate.id for mate in stack]
    if cell.seed == DIVERGES:
        return Row(cell=cell, status="diverged", error="the loss was not finite", stack=ids)
    metrics = {"accuracy": 1.0, "ece": 0.0}
    return Row(cell=cell, status="ok", metrics=metrics, seconds=0.0, stack=ids, noise_record={"realised": 0.0})


def _die_speaking():
    """Send the head of a message that promises more than follows, as a process killed for memory would."""
    (pipe,) = [int(name) for name in os.listdir("/proc/self/fd") if _is_socket(name)]
    os.write(pipe, struct.pack("!i", 10_000) + b"half")
    os.kill(os.getpid(), signal.SIGKILL)


def _is_socket(name):
    try:
        return os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    except OSError:
        return False


def _raise():
    raise RuntimeError("no such luck")


def _break_gpu():
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


def process_id(stack, place, on_epoch):
    """Its rows say which process trained them."""
    rows = train(stack, place, on_epoch)
    return [replace(row, metrics={"accuracy": float(os.getpid())}) for row in rows]


FAULTS = {
    BREAKS_GPU: _break_gpu,
    RAISES: _raise,
    SEGFAULTS: lambda: os.kill(os.getpid(), signal.SIGSEGV),
    IS_KILLED: lambda: os.kill(os.getpid(), signal.SIGKILL),
    LEAVES: lambda: os._exit(7),
    DIES_SPEAKING: _die_speaking,
    HANGS: lambda: time.sleep(600),
}


def train_on_ray(stack, place, on_epoch):
    """As `train`, with what a Ray task can tell of itself in each row; `place.data_dir` holds flags."""
    import ray

    flags, first, node = place.data_dir, stack[0].seed, ray.get_runtime_context().get_node_id()
    (flags / f"begun-{first}-{time.time_ns()}").write_text(node)
    on_epoch(1)
    if first == DIES_ONCE and len(list(flags.glob(f"begun-{first}-*"))) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if first >= SLOW:
        time.sleep(2)
    told = {
        "node": node,
        "pid": os.getpid(),
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "threads": torch.get_num_threads(),
    }
    return [replace(row, provenance={**row.provenance, **told}) for row in train(stack, place, on_epoch)]
