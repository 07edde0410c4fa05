"""A stack of freshly initialised models, each from its own seed."""

from collections.abc import Callable, Sequence
from functools import partial

from torch import nn

from lsbench.models.stack import StackedModel
from lsbench.models.torchvision_models import build_torchvision
from lsbench.names import resolve
from lsbench.names.reference import parse
from lsbench.seeding import global_stream


def build(name: str, shape: tuple[int, ...], num_classes: int, seeds: Sequence[int]) -> StackedModel:
    """One copy per seed; equal seeds start from equal weights and drop the same units, whatever their losses.

    The name may carry options, `mlp:dropout=0.2`, and be that of the user's own factory, or `torchvision:NAME`.
    `InputError` for a name or an option that is not known.
    """
    make = factory_of(name)
    copies = []
    for seed in seeds:
        with global_stream(seed, "init"):
            copies.append(make(shape, num_classes))
    return StackedModel(copies, seeds)


def factory_of(name: str) -> Callable[..., nn.Module]:
    """f(shape, num_classes) -> nn.Module for a name, its options bound; errors as `build` has them."""
    reference = parse(resolve.model_text(name))
    if reference.name.startswith(resolve.TORCHVISION):
        return partial(build_torchvision, reference.name.removeprefix(resolve.TORCHVISION), **reference.options)
    return partial(resolve.load_any("model", reference.name), **reference.options)
