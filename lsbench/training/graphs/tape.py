"""A CUDA graph's stand-in on a CPU: operations are written down, and done again on the same memory, without Python.

A replay of it goes wrong where a graph's would: what a step took from the host is frozen, and what it made anew lies
where the recorded step had it. So a CPU can prove that a step may be recorded.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from lsbench.training.graphs.dispatch import EagerDispatchMode
from lsbench.training.graphs.recorder import Run


class TapeRecorder:
    """Records by doing, so that recording a step takes it."""

    takes_a_step: bool = True

    def warm(self, run: Run) -> None:
        """As `Recorder.warm`."""
        run()

    def record(self, run: Run, generators: Iterable[torch.Generator]) -> Run:
        """As `Recorder.record`; generators go on by themselves."""
        del generators
        tape = Tape()
        with tape:
            run()
        return tape.replay


class Tape(EagerDispatchMode):
    """The operations of a block, with the tensors that they read and wrote, which it keeps alive."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], list[Any]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Do an operation and write it down."""
        made = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, tree_leaves(made)))
        return made

    @torch.no_grad()
    def replay(self) -> None:
        """Do all again; what an operation makes goes where the recorded one had it."""
        for func, args, kwargs, before in self.calls:
            inputs = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
            for old, new in zip(before, tree_leaves(func(*args, **kwargs)), strict=True):
                if isinstance(old, Tensor) and not _shares(old, inputs):
                    old.copy_(new)


def _shares(made: Tensor, inputs: Sequence[Tensor]) -> bool:
    """Whether it is an input, or a view of one."""
    place = made.untyped_storage().data_ptr()
    return any(place == other.untyped_storage().data_ptr() for other in inputs)
