"""How exactly matrix products are computed in training, and what that is on this machine."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch

from lsbench.names.catalogue import PRECISIONS
from lsbench.names.registry import lookup

SIZE = 256  # of the matrices that are multiplied to find out
ARITHMETIC = {1e-5: "float32", 1e-3: "tf32", 1e-1: "bfloat16"}  # largest error -> what computes with it


@contextmanager
def matmul_precision(precision: str, device: str) -> Iterator[None]:
    """Let torch multiply float32 matrices so: `highest` is float32; `high` and `medium` may be less (torch's words).

    `bf16` leaves them at highest; what it lowers, `autocast` says. Convolutions of a GPU follow: tf32 unless highest,
    and by algorithms that give the same bits each time, none of them chosen by a race.
    """
    before = torch.get_float32_matmul_precision()
    cudnn: Any = torch.backends.cudnn
    flags = cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark
    word = lookup(PRECISIONS, "precision", precision).float32
    torch.set_float32_matmul_precision(word)
    if device == "cuda":
        cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = word != "highest", True, False
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
        if device == "cuda":
            cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark = flags


def autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    """Logits computed in bfloat16 where the precision is `bf16`; weights, their updates and losses stay float32."""
    dtype = lookup(PRECISIONS, "precision", precision).autocast
    return torch.autocast(device, dtype=getattr(torch, dtype)) if dtype else nullcontext()


def arithmetic(precision: str, device: str) -> tuple[str, float]:
    """What a matrix product is computed in here, found by its error: relative, root mean square, against float64.

    On one CPU `medium` is float32 by another library, on another it is bfloat16; so it is measured, not looked up.
    """
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(SIZE, SIZE, generator=generator).to(device) for _ in range(2))
    with matmul_precision(precision, device), autocast(precision, device):
        got = (a @ b).double()
    exact = a.double() @ b.double()
    error = float((got - exact).norm() / exact.norm())
    return next((name for limit, name in ARITHMETIC.items() if error < limit), "unknown"), error


def machine_of(device: str, precision: str) -> dict[str, Any]:
    """What of the hardware and its use may change the last bits of a result."""
    name, error = arithmetic(precision, device)
    return {
        "arithmetic": name,
        "matmul_error": error,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        **(_cuda() if device == "cuda" else {}),
    }


def _cuda() -> dict[str, Any]:
    """The versions that decide which kernels ran; None of the driver where the system does not say it."""
    driver = Path("/proc/driver/nvidia/version")
    return {
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "driver": driver.read_text().partition("\n")[0] if driver.exists() else None,
    }
