"""What the table of engines names: whether a network is taken, and the stack that trains it."""

import functools
from collections.abc import Sequence

from lsbench.models.stack import copies_of, factory_of
from lsbench.seeding import global_stream
from lsbench.training.engine_trial import NotTaken
from lsbench.training.lanes import compiler
from lsbench.training.lanes.architecture import Layer, Shape, Unknown, architecture_of
from lsbench.training.lanes.call import Kernel
from lsbench.training.lanes.model import LaneStack
from lsbench.training.lanes.source import source_of

LANES = (8, 16)
MOST_CHANNELS, MOST_WEIGHTS = 32, 100_000  # of a layer that unasked is trained by lanes
MOST_BYTES = 2_500_000_000  # of memory for a step: of 16 cells of resnet8 at its batch of 128 they are 1.4 GB


def takes(model: str, shape: Shape, num_classes: int) -> bool:
    """Whether it takes every layer of the model, and the model is so small that it is likely to be faster."""
    try:
        with global_stream(0, "init"):
            network = architecture_of(factory_of(model)(shape, num_classes), shape)
    except Unknown:
        return False
    except Exception:  # noqa: BLE001 - of the user's model: what is wrong with it is said when it is tried, before training
        return False
    return all(_is_small(layer) for layer in network.layers)


def _is_small(layer: Layer) -> bool:
    """Whether the weights of 16 cells stay in the cache."""
    return layer.options.get("width", 0) <= MOST_CHANNELS and sum(layer.counts) <= MOST_WEIGHTS


def build(model: str, shape: Shape, num_classes: int, seeds: Sequence[int], batch: int, threads: int = 1) -> LaneStack:
    """A stack with one copy per seed, as `lsbench.models.stack.build` makes it; `NotTaken` says why it can't."""
    copies = copies_of(model, shape, num_classes, seeds)
    try:
        network = architecture_of(copies[0], shape)
        lanes = next((count for count in LANES if len(seeds) <= count), 0)
        if not lanes:
            raise NotTaken(f"a stack of {len(seeds)} cells; it takes at most {LANES[-1]}")
        kernel = kernel_of(source_of(network), lanes)
        if (needed := kernel.bytes_for(batch, threads)) > MOST_BYTES:
            raise NotTaken(f"a step needs {needed / 1e9:.1f} GB of memory")
        return LaneStack(copies, seeds, network, kernel, threads)
    except Unknown as error:
        raise NotTaken(f"it has no form of {error}") from error
    except TypeError as error:  # of what has no stacked form
        raise NotTaken(str(error)) from error
    except (compiler.NotBuilt, OSError) as error:
        raise NotTaken(str(error)) from error


@functools.cache
def kernel_of(source: str, lanes: int) -> Kernel:
    """The compiled network; the first time in about three seconds."""
    return Kernel(str(compiler.build(source, lanes)), lanes)
