"""Which device `auto` means, and what one is good for at once."""

from pathlib import Path
from time import perf_counter

from lsbench.errors import InputError, require_choice
from lsbench.spec import DEVICES

IN_A_CACHE, ON_A_GPU = 2**17, 2**26  # numbers of an intermediate result: 1 MB, 0.5 GB


def resolve(device: str) -> str:
    """`cpu` or `cuda`; auto takes a GPU where there is one. Imports torch only where an NVIDIA driver is loaded."""
    require_choice("--device", device, DEVICES)
    if device == "cpu" or (device == "auto" and not _has_driver()):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise InputError("--device cuda: torch finds no CUDA device here; try --device cpu, or a CUDA build of torch")
    return "cpu"


def clock(device: str) -> float:
    """The seconds of `perf_counter` when the device has done all that it was given: a GPU is waited for."""
    if device != "cpu":
        import torch

        torch.cuda.synchronize(device)
    return perf_counter()


def at_once(device: str, numbers: int) -> int:
    """How many cells of so many numbers each are computed with together: a CPU has a cache, a GPU waits for Python."""
    return max(1, (IN_A_CACHE if device == "cpu" else ON_A_GPU) // max(1, numbers))


def guess(device: str) -> str:
    """What `resolve` will say, as far as that can be known without torch."""
    require_choice("--device", device, DEVICES)
    return "cuda" if device == "cuda" or (device == "auto" and _has_driver()) else "cpu"


def _has_driver() -> bool:
    return any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/dxg")) or Path("C:/Windows").exists()
