"""The files on the way of one cell: those whose functions are running at the moments that make its row.

Both processes are watched, the one that was started and the worker. A file that a moment's function returned from
before, or that is only imported, is not on the way: to follow the cell nobody has to open it.
"""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import lsbench
from lsbench.names.catalogue import DATASETS, LOSSES, METRICS, MODELS, NOISES
from lsbench.names.registry import load
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell
from lsbench.workers.engines import TRAINER

PACKAGE = Path(lsbench.__file__).parent
BEFORE: dict[str, Callable] = {  # moments of the process that was started
    "the cell is planned": Cell.__init__,
    "its stack is sent to a worker": Connection.send,
    "its row is written": store.write_atomically,
}


def in_worker() -> dict[str, Callable]:
    """The moments of the worker; what the catalogue names is imported, and with it torch."""
    import torch

    return {
        "data are loaded": load(DATASETS["blobs"].ref),
        "labels are changed": load(NOISES["symmetric"].ref),
        "the model is built": load(MODELS["linear"].ref),
        "the loss is computed": load(LOSSES["lsr"].of_log_probs),
        "a step is taken": torch.optim.SGD.step.__wrapped__,
        "the model predicts": torch.nn.Linear.forward,
        "metrics are measured": load(METRICS["accuracy"].ref).__wrapped__,
        "its row is made": Row.__init__,
    }


@contextmanager
def watching(moments):
    """What is yielded maps each moment, once it has come, to the files of lsbench that were on the call stack."""
    codes = {function.__code__: moment for moment, function in moments.items()}
    files_by_moment = {}

    def watch(frame, event, _):
        if event == "call" and frame.f_code in codes:
            files_by_moment.setdefault(codes[frame.f_code], set()).update(files_of(frame))

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield files_by_moment
    finally:
        sys.setprofile(before)


def files_of(frame):
    """The files of lsbench whose functions called this one, itself included."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            yield str(path.relative_to(PACKAGE))
        frame = frame.f_back


def run_stack(stack, place, on_epoch):
    """What the worker is told to train by: the real function, watched; each row's provenance holds the files."""
    with watching(in_worker()) as files_by_moment:
        rows = load(TRAINER)(stack, place, on_epoch)
    walk = {moment: sorted(files) for moment, files in files_by_moment.items()}
    return [replace(row, provenance={**row.provenance, "walk": walk}) for row in rows]
