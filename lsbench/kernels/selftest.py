"""A look, before a kernel is chosen unasked, at whether it builds here and gives what torch's operations give."""

import functools
import importlib
import warnings

import torch

from lsbench.kernels import aten
from lsbench.kernels.rows import Rows


@functools.cache
def works(module: str, device: torch.device) -> bool:
    """Whether the kernel of that module is right on the device, asked once per process; a warning says why it is not.

    Triton builds its kernels with the machine's C compiler, which may be missing or too old.
    """
    rows = _rows(device)
    try:
        computed = importlib.import_module(module).forward(rows, True)
    except Exception as error:  # noqa: BLE001  whatever a compiler or a driver may raise
        return _told(module, device, f"{type(error).__name__}: {error}")
    expected = aten.forward(rows, True)
    if all(torch.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(computed, expected, strict=True)):  # pyright: ignore[reportArgumentType]
        return True
    return _told(module, device, "its results are wrong")


def _rows(device: torch.device) -> Rows:
    """3 x 7 logits, one label of them ignored, an eps per row and class weights."""
    logits = torch.linspace(-3, 4, 21, device=device).sin().mul(5).view(3, 7)
    eps, weight = torch.tensor([0.0, 0.1, -0.5], device=device), torch.linspace(0, 2, 7, device=device)
    return Rows(logits, torch.tensor([2, -100, 6], device=device), None, eps, 0.5, weight, -100, 0.01)


def _told(module: str, device: torch.device, reason: str) -> bool:
    first = reason.strip().splitlines()[0]
    warnings.warn(f"{module} is not used on {device}: {first}; torch's operations are", RuntimeWarning, stacklevel=3)
    return False
