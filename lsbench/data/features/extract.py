"""The network at work: images to features, on one thread per core, or on the GPU.

Each thread runs the whole network on its own few images, one thread per operation. That is faster than one batch
whose every operation is shared by all cores, it does not slow down when the machine is busy, decoding of some images
goes on beside the network on others, and an image's features have the same bits however many cores there are.
"""

import copy
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from lsbench.data.features.frozen import Network
from lsbench.data.features.measure import ask, noise, normalised
from lsbench.data.features.pointwise import PointwiseByOneDnn
from lsbench.data.features.prepare import fold_norms, is_near, reuse_memory

ON_CPU, ON_GPU = 8, 32  # images at once: on a CPU so few that what a layer makes of them stays in its cache


class Extractor:
    """A network, ready for many threads."""

    def __init__(self, network: Network, device: Any = None) -> None:
        self.network: Network = network
        self.device: torch.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.at_once: int = ON_CPU if self.device.type == "cpu" else ON_GPU
        self._module: nn.Module = ready(network, self.device)
        self._own: threading.local = threading.local()

    def __call__(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Features (n, width), float32, of images (size, size, 3)."""
        batch = normalised(np.stack(images), self.network.preprocessing, self.device)
        with PointwiseByOneDnn():
            return ask(self.network.text, self._module_of_thread(), batch).cpu().numpy()

    def _module_of_thread(self) -> nn.Module:
        """A copy that shares the weights: a module may keep something from one call to the next."""
        if not hasattr(self._own, "module"):
            torch.set_num_threads(1)  # of this thread
            self._own.module = _twin(self._module)
        return self._own.module


@contextmanager
def threads_kept() -> Iterator[None]:
    """Give threads that are started later as many as before: what a thread sets for itself is the default of others."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


def ready(network: Network, device: torch.device) -> nn.Module:
    """The module, channels last, made quicker where that changes no more than rounding does.

    Its batch norms are folded, and its activations write over their input.
    """
    module = network.build()
    quick = copy.deepcopy(module)
    images = noise(network.preprocessing)
    changed = reuse_memory(quick) + fold_norms(quick)
    if changed and is_near(ask(network.text, quick, images), ask(network.text, module, images)):
        module = quick
    return module.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _twin(module: nn.Module) -> nn.Module:
    shared = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, shared)
