"""What a Ray task does: train one stack, telling the progress actor how far it is."""

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
from lsbench.planning.stacks import Stack
from lsbench.rows import store
from lsbench.spec import Place
from lsbench.version import __version__


class Progress:
    """An actor beside the driver: tasks report to it, and the driver takes their messages."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, str, Any]] = []

    def report(self, number: int, kind: str, content: Any) -> None:
        """A message of a task: "started" and its node's id, or "epoch" and how many are done."""
        self.messages.append((number, kind, content))

    def take_messages(self) -> list[tuple[int, str, Any]]:
        """All messages since the last time."""
        messages, self.messages = self.messages, []
        return messages


@dataclass(frozen=True, kw_only=True)
class Task:
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


class SharedDataset(NamedTuple):
    """A data set as Ray's object store holds it: arrays, which a node's processes read in place."""

    description: Any
    arrays: dict[str, Any]  # the tensors of a Dataset, by field
    other_fields: dict[str, Any]


def train_stack(task: Task, progress: Any, dataset: SharedDataset) -> tuple[Any, ...]:
    """("rows", rows), or ("error", sentence, traceback)."""
    import torch

    ray: Any = import_module("ray")
    progress.report.remote(task.number, "started", ray.get_runtime_context().get_node_id())
    try:
        if task.version != __version__:
            raise InputError(f"this node has lsbench {__version__}, the driver {task.version}; install the same")
        sys.argv = task.command
        torch.set_num_threads(task.threads)
        _use_shared(dataset)
        train: Callable = load(task.trainer)
        rows = train(task.stack, task.place, lambda epochs: progress.report.remote(task.number, "epoch", epochs))
        if task.out:
            rows = [store.write_or_fail(row, task.out) if row.id in task.wanted else row for row in rows]
        return "rows", rows
    except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
        return "error", f"{type(error).__name__}: {error}", traceback.format_exc()


def share_dataset(name: str, data_dir: Path | None, threads: int, folder: Path) -> SharedDataset:
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
    arrays = {field: value.numpy() for field, value in values.items() if isinstance(value, Tensor)}
    return SharedDataset(description, arrays, {name: value for name, value in values.items() if name not in arrays})


def _use_shared(dataset: SharedDataset) -> None:
    """Let this process take the data set from the store instead of from files."""
    import torch

    from lsbench.data.dataset import Dataset, keep

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the arrays are read-only, and nothing writes to a data set
        tensors = {field: torch.from_numpy(array) for field, array in dataset.arrays.items()}
    keep(Dataset(**tensors, **dataset.other_fields), dataset.description)
