"""Which kernel does the work: the caller's choice, the environment's, or what suits the device."""

import importlib.util
import os
from types import ModuleType

import torch
from torch import Tensor

from lsbench.errors import InputError
from lsbench.kernels import aten, cpp
from lsbench.kernels.rows import Rows
from lsbench.kernels.selftest import works

KERNELS = ("aten", "cpp", "triton")
VARIABLE = "LSBENCH_KERNEL"
TRITON = "lsbench.kernels.in_triton.launch"


def why_not(name: str, device: torch.device) -> str:
    """Why a kernel can't run on a device; empty if it can."""
    if name == "cpp":
        return f"runs on a CPU, and the logits are on {device}" if device.type != "cpu" else cpp.why_not()
    if name == "triton":
        if importlib.util.find_spec("triton") is None:
            return "needs triton: pip install triton"
        if device.type != "cuda" and os.environ.get("TRITON_INTERPRET") != "1":
            return f"runs on CUDA, and the logits are on {device}; TRITON_INTERPRET=1 interprets it on a CPU, slowly"
    return ""


def available(device: torch.device | str = "cpu") -> list[str]:
    """The kernels that can run on a device.

    Args:
        device: a device, or the name of one.

    Returns:
        Names of `KERNELS`. `cpp` is among them where it can be built, whether or not that was done.

    Example:
        >>> "aten" in available("cpu")
        True
    """
    return [name for name in KERNELS if not why_not(name, torch.device(device))]


def choose(device: torch.device, name: str | None = None) -> str:
    """The kernel's name: as asked, else as LSBENCH_KERNEL says, else triton on CUDA where it works, else aten.

    `cpp` is never chosen unasked, so that a compiler on the machine does not change a result's bits. `InputError` for
    a name that is unknown, or that can't run here.
    """
    asked = name or os.environ.get(VARIABLE)
    if not asked:
        may = device.type == "cuda" and not why_not("triton", device)
        return "triton" if may and works(TRITON, device) else "aten"
    if asked == "aten":
        return asked
    said_by = "backend" if name else VARIABLE
    if asked not in KERNELS:
        raise InputError(f"{said_by} must be one of {', '.join(KERNELS)}; got {asked!r}")
    if reason := why_not(asked, device):
        there = ", ".join(available(device))
        raise InputError(f"the kernel {asked!r} ({said_by}) {reason}. There is, for {device}: {there}")
    return asked


def may_triton(device: torch.device) -> bool:
    """Whether Triton may run on a device unasked or as asked: LSBENCH_KERNEL may name another kernel."""
    return os.environ.get(VARIABLE) in (None, "", "triton") and not why_not("triton", device)


def module(name: str) -> ModuleType:
    """A kernel's module; triton is imported here and nowhere else."""
    if name == "triton":
        from lsbench.kernels.in_triton import launch

        return launch
    return cpp if name == "cpp" else aten


def forward(rows: Rows, wanted: bool, backend: str, overwrites: bool = False) -> tuple[Tensor, Tensor | None]:
    """Losses (N), and their gradient (N, K) in the logits' dtype where it is wanted, by the kernel of that name.

    Where it `overwrites`, the gradient may take the logits' place in memory: triton's does.
    """
    if backend == "triton" and overwrites:
        return module(backend).forward(rows, wanted, overwrites)
    return module(backend).forward(rows, wanted)
