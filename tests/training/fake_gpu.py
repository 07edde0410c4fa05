"""A GPU that is none: tensors of the CPU that say they are on `cuda`, and a list of what would make a program wait.

A tensor is on it if its storage was brought there (`to`, a factory's `device`) or computed from one that is. So a
training runs whole, gradients and optimiser included, and gives what a CPU gives. Noted are reads (`item`, `bool`,
`nonzero`, a boolean index, `cpu`, ...), copies to the device that are waited for, uploads that are not, and operations
whose inputs are on two devices.
"""

import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lsbench.metrics import binning
from lsbench.models import sharing
from lsbench.training import precision
from lsbench.training.graphs.host import INDEXED, WAITS
from tests import quick

GPU, CPU = torch.device("cuda", 0), torch.device("cpu")
READS = WAITS | {"_unique"}
MAKES_A_COPY = {"tensor", "as_tensor", "new_tensor"}
MAY_MIX = {"copy_", "_to_copy", *INDEXED}
device_of = torch.Tensor.device.__get__  # of the CPU, always


class FakeGpu:
    """Which storages are on it, and what happened, by place: [(place, kind, operation)]."""

    def __init__(self):
        self.storages = {}  # kept alive, so that no number is used twice
        self.events, self.place, self.epochs = [], "before", 0

    def mark(self, values):
        for tensor in tensors_in(values):
            storage = tensor.untyped_storage()
            self.storages[storage._cdata] = storage
        return values

    def holds(self, tensor):
        return tensor.untyped_storage()._cdata in self.storages

    def note(self, kind, operation):
        self.events.append((self.place, kind, operation))

    def at(self, place):
        return Counter(f"{kind}: {name}" for where, kind, name in self.events if where == place)


def tensors_in(values):
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor) and leaf.layout == torch.strided]


class Calls(TorchFunctionMode):
    """What Python asks of devices."""

    def __init__(self, gpu):
        super().__init__()
        self.gpu = gpu

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        owner = args[0] if args and isinstance(args[0], torch.Tensor) else None
        if name in ("cpu", "numpy", "tolist", "__array__") and owner is not None:
            return self.read(name, func, owner, args, kwargs)
        if name in ("to", "cuda") and owner is not None:
            return self.moved(name, func, args, kwargs)
        if name == "pin_memory":
            return owner
        device = kwargs.get("device")
        if device is None or torch.device(device).type != "cuda":
            made = func(*args, **kwargs)
            if name == "new_tensor" and self.gpu.holds(owner):
                self.gpu.note("copy", name)
                return self.gpu.mark(made)
            return made
        if name in MAKES_A_COPY:
            self.gpu.note("copy", name)
        return self.gpu.mark(func(*args, **kwargs | {"device": CPU}))

    def read(self, name, func, owner, args, kwargs):
        if not self.gpu.holds(owner):
            return func(*args, **kwargs)
        self.gpu.note("read", name)
        with torch.utils._python_dispatch._disable_current_modes():
            return owner.detach().clone() if name == "cpu" else func(*args, **kwargs)

    def moved(self, name, func, args, kwargs):
        owner, *rest = args
        words = [*rest, *kwargs.values()] if name == "to" else [GPU]
        target = next((at for at in map(self.device_in, words) if at is not None), None)
        dtypes = [word.dtype if isinstance(word, torch.Tensor) else word for word in words]
        dtype = next((word for word in dtypes if isinstance(word, torch.dtype)), None)
        layout = {key: value for key, value in kwargs.items() if key in ("memory_format", "copy")}
        made = func(owner, dtype or owner.dtype, **layout) if dtype or layout else owner
        if target is None or (target == "cuda") == self.gpu.holds(owner):
            return made
        up = "upload" if kwargs.get("non_blocking") else "copy"
        self.gpu.note(up if target == "cuda" else "read", "to")
        with torch.utils._python_dispatch._disable_current_modes():
            copied = made.detach().clone()
        return self.gpu.mark(copied) if target == "cuda" else copied

    def device_in(self, word):
        if isinstance(word, torch.Tensor):
            return "cuda" if self.gpu.holds(word) else "cpu"
        return torch.device(word).type if isinstance(word, str | torch.device) else None


class Operations(TorchDispatchMode):
    """What is computed, gradients and optimiser included."""

    def __init__(self, gpu):
        super().__init__()
        self.gpu = gpu

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name, inputs = func.overloadpacket.__name__, tensors_in((args, kwargs))
        on_it = [tensor for tensor in inputs if self.gpu.holds(tensor)]
        if not on_it:
            made = func(*args, **(kwargs or {}))
            in_backward = torch._C._current_graph_task_id() != -1  # where autograd makes zeros beside other gradients
            return self.gpu.mark(made) if in_backward and not inputs else made
        masks = [t for t in inputs[1:] if t.dtype in (torch.bool, torch.uint8)] if name.startswith("index") else []
        sized = name == "repeat_interleave" and (kwargs or {}).get("output_size") is not None
        if (name in READS and not sized) or (masks and name in INDEXED):
            self.gpu.note("read", name)
        if any(tensor.dim() and not self.gpu.holds(tensor) for tensor in inputs):
            self.gpu.note("copy" if name in MAY_MIX else "two devices", name)
        return self.gpu.mark(func(*args, **(kwargs or {})))


class WithoutGenerators:
    """Torch, whose generators are all of a CPU."""

    def __getattr__(self, name):
        return (lambda _: torch.Generator()) if name == "Generator" else getattr(torch, name)


@contextmanager
def fake_gpu():
    """Run a block with such a GPU; the places are `before`, `step`, `after 1` (epoch), ..."""
    quick.leave_out("stands in for a GPU")
    gpu = FakeGpu()
    for kept in (sharing.first_of, sharing.run_of, binning._edges):  # on one that was before
        kept.cache_clear()

    @contextmanager
    def inside(*_):
        gpu.place, gpu.epochs = "step", gpu.epochs + 1
        yield
        gpu.place = f"after {gpu.epochs}"

    with ExitStack() as stack:
        says = {
            "device": lambda tensor: GPU if gpu.holds(tensor) else device_of(tensor),
            "is_cuda": gpu.holds,
            "is_cpu": lambda tensor: not gpu.holds(tensor),
        }
        for name, answer in says.items():
            stack.enter_context(mock.patch.object(torch.Tensor, name, property(answer), create=True))
        stack.enter_context(mock.patch.dict(os.environ, {"LSBENCH_KERNEL": "aten"}))  # Triton needs a real one
        stack.enter_context(mock.patch("lsbench.models.dropout.torch", WithoutGenerators()))
        stack.enter_context(mock.patch("lsbench.training.loop.matmul_precision", inside))
        as_a_cpu = partial(precision.autocast, device="cpu")  # that of a GPU takes a real one's tensors alone
        stack.enter_context(mock.patch("lsbench.training.loop.autocast", lambda lowered, _: as_a_cpu(lowered)))
        stack.enter_context(mock.patch("torch.cuda.get_device_name", return_value="none"))
        stack.enter_context(mock.patch("torch.cuda.synchronize"))
        stack.enter_context(Calls(gpu))
        stack.enter_context(Operations(gpu))
        yield gpu
