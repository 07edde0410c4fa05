"""What a Ray task does: train one stack, telling its mailbox how far it is."""

import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from lsbench.errors import InputError
from lsbench.names.registry import load
from lsbench.planning.plan import Stack
from lsbench.rows import store
from lsbench.spec import Place
from lsbench.version import __version__

TRAINER = "lsbench.training.stack:run_stack"


class Mailbox:
    """An actor beside the driver: tasks put letters in, the driver empties it."""

    def __init__(self) -> None:
        self.held: list[tuple[int, str, Any]] = []

    def put(self, number: int, kind: str, content: Any) -> None:
        """A letter of a task: "started" and its node's id, or "epoch" and how many are done."""
        self.held.append((number, kind, content))

    def empty(self) -> list[tuple[int, str, Any]]:
        """All letters since the last time."""
        held, self.held = self.held, []
        return held


@dataclass(frozen=True)
class Order:
    """What a task is to do."""

    number: int
    stack: Stack
    place: Place
    threads: int
    trainer: str
    out: Path | None  # where the worker writes the rows itself
    wanted: tuple[str, ...]  # the ids of those
    version: str  # of the driver's package
    command: list[str]  # the driver's, for the rows


class Shelf(NamedTuple):
    """A data set as Ray's object store holds it: arrays, which a node's processes read in place."""

    description: Any
    arrays: dict[str, Any]  # the tensors of a Dataset
    plain: dict[str, Any]  # its other fields


def train_stack(order: Order, mailbox: Any, shelf: Shelf) -> tuple:
    """("rows", rows), or ("error", sentence, traceback)."""
    import torch

    ray: Any = import_module("ray")
    mailbox.put.remote(order.number, "started", ray.get_runtime_context().get_node_id())
    try:
        if order.version != __version__:
            raise InputError(f"this node has lsbench {__version__}, the driver {order.version}; install the same")
        sys.argv = order.command
        torch.set_num_threads(order.threads)
        _unshelve(shelf)
        train: Callable = load(order.trainer)
        rows = train(order.stack, order.place, lambda epochs: mailbox.put.remote(order.number, "epoch", epochs))
        if order.out:
            rows = [store.write_or_fail(row, order.out) if row.id in order.wanted else row for row in rows]
        return "rows", rows
    except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
        return "error", f"{type(error).__name__}: {error}", traceback.format_exc()


def shelve(name: str, data_dir: Path | None, threads: int, folder: Path) -> Shelf:
    """A data set, read once beside the driver, for all nodes; with a worker's threads, which decide the last bits.

    folder: the driver's current one, from which a path in the name goes.
    """
    import torch
    from torch import Tensor

    from lsbench.data.dataset import load as load_data
    from lsbench.data.describe import describe

    torch.set_num_threads(threads)
    with chdir(folder):
        data, description = load_data(name, data_dir), describe(name, data_dir)
    values = {field.name: getattr(data, field.name) for field in fields(data)}
    arrays = {word: value.numpy() for word, value in values.items() if isinstance(value, Tensor)}
    return Shelf(description, arrays, {w: v for w, v in values.items() if w not in arrays})


def _unshelve(shelf: Shelf) -> None:
    """Let this process take the data set from the store instead of from files."""
    import torch

    from lsbench.data.dataset import Dataset, keep

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the arrays are read-only, and nothing writes to a data set
        tensors = {word: torch.from_numpy(array) for word, array in shelf.arrays.items()}
    keep(Dataset(**tensors, **shelf.plain), shelf.description)
