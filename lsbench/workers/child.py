"""What a worker process does: pin its threads, then train the stacks it is sent until its parent is gone."""

import contextlib
import faulthandler
import gc
import os
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from lsbench.names.registry import load
from lsbench.planning.plan import Stack
from lsbench.spec import Place
from lsbench.workers.lifeline import leave_with_parent


def work(connection: Connection, trainer: str, place: Place, threads: int, log: Path) -> None:
    """Receive stacks; for each send ("started",), then ("epoch", n) as epochs end, then its end.

    The end is ("rows", rows) or ("error", sentence, traceback).
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to the whole group: the parent decides what it means, and kills
    leave_with_parent()
    _redirect_output(log)

    import torch

    train = load(trainer)
    torch.set_num_threads(threads)
    while (stack := _receive(connection)) is not None:
        connection.send(("started",))
        try:
            connection.send(("rows", train(stack, place, lambda epochs: connection.send(("epoch", epochs)))))
            continue
        except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
            connection.send(("error", f"{type(error).__name__}: {error}", traceback.format_exc()))
        gc.collect()
        torch.cuda.empty_cache()  # what a stack held that was too large: its halves want it


def _receive(connection: Connection) -> Stack | None:
    with contextlib.suppress(EOFError):
        return connection.recv()
    return None


def _redirect_output(log: Path) -> None:
    """Send what the process prints, a crash's stack trace included, to its log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    faulthandler.enable()
