"""A look, before a kernel is chosen unasked, at whether it builds here and gives what torch's operations give."""

import functools
import importlib
import warnings

import torch
from torch import Tensor

from lsbench.kernels import aten
from lsbench.kernels.rows import Rows

CASES = ((7, True), (20_001, False), (40_001, False))  # classes, and whether they have weights: where kernels differ


@functools.cache
def works(module: str, device: torch.device) -> bool:
    """Whether the kernel of that module is right on the device, asked once per process; a warning says why it is not.

    Triton builds its kernels with the machine's C compiler, which may be missing or too old.
    """
    for classes, weighted in CASES:
        rows = _rows(device, classes, weighted)
        try:
            computed = importlib.import_module(module).forward(rows, True)
        except Exception as error:  # noqa: BLE001  whatever a compiler or a driver may raise
            return _told(module, device, f"{type(error).__name__}: {error}")
        if not _same(computed, aten.forward(rows, True)):
            return _told(module, device, f"its results are wrong for {classes:,} classes")
    return True


def _same(computed: tuple[Tensor, Tensor | None], expected: tuple[Tensor, Tensor | None]) -> bool:
    pairs = zip(computed, expected, strict=True)
    return all(
        a is not None and b is not None and a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-5)
        for a, b in pairs
    )


def _rows(device: torch.device, classes: int, weighted: bool) -> Rows:
    """3 rows of logits, one of whose labels is ignored, an eps per row, and class weights where they are asked for."""
    logits = torch.linspace(-3, 4, 3 * classes, device=device).mul(classes / 7).sin().mul(5).view(3, classes)
    eps = torch.tensor([0.0, 0.1, -0.5], device=device)
    weight = torch.linspace(0, 2, classes, device=device) if weighted else None
    return Rows(logits, torch.tensor([2, -100, 6], device=device), None, eps, 0.5, weight, -100, 0.01)


def _told(module: str, device: torch.device, reason: str) -> bool:
    first = reason.strip().splitlines()[0]
    warnings.warn(f"{module} is not used on {device}: {first}; torch's operations are", RuntimeWarning, stacklevel=3)
    return False
