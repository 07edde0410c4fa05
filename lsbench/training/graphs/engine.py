"""What the table of engines names: torch's own stack, whose steps are recorded."""

from collections.abc import Sequence
from functools import partial

from lsbench.models import stack
from lsbench.training.graphs.recorder import CudaRecorder
from lsbench.training.graphs.steps import recorded


def takes(_model: str, _shape: tuple[int, ...], _num_classes: int) -> bool:
    """Whether it takes every layer of the model: the layers stay torch's."""
    return True


def build(
    model: str, shape: tuple[int, ...], num_classes: int, seeds: Sequence[int], batch: int, threads: int = 1
) -> stack.StackedModel:
    """The stack that torch has, one copy per seed; the size of a batch and threads play no part."""
    del batch, threads
    copies = stack.build(model, shape, num_classes, seeds)
    copies.steps_by = partial(recorded, recorder=CudaRecorder())
    return copies
