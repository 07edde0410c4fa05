"""A stack of freshly initialised models, each from its own seed."""

from collections.abc import Sequence

from lsbench.catalogue import MODELS
from lsbench.models.stack import StackedModel
from lsbench.registry import load, lookup
from lsbench.seeding import global_stream


def build(name: str, shape: tuple[int, ...], num_classes: int, seeds: Sequence[int]) -> StackedModel:
    """One copy per seed; equal seeds start from equal weights, whatever their losses."""
    factory = load(lookup(MODELS, "model", name).ref)
    copies = []
    for seed in seeds:
        with global_stream(seed, "init"):
            copies.append(factory(shape, num_classes))
    return StackedModel(copies)
