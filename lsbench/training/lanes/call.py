"""The arguments of the compiled functions, as `program.hpp` has them, and the memory that they point to."""

import contextlib
import ctypes
import mmap
from collections.abc import Sequence

import torch
from torch import Tensor

NAMES = ("kept", "predicted", "statistics", "slopes", "weights", "scratch", "shares")
LARGE = 1 << 22  # bytes from which memory has large pages


class Kernel:
    """The functions of one network, for that many lanes."""

    def __init__(self, path: str, lanes: int) -> None:
        self.library: ctypes.CDLL = ctypes.CDLL(path)
        self.lanes: int = lanes
        counts = (ctypes.c_int64 * len(NAMES))()
        self.library.sizes(counts)
        self.sizes: dict[str, int] = dict(zip(NAMES, counts, strict=True))  # in numbers of each cell
        self.call_type: type[ctypes.Structure] = _call_type(lanes)

    def bytes_for(self, examples: int, threads: int) -> int:
        """What it needs for a step on that many examples, beside parameters and their gradients."""
        sizes = self.sizes
        each = sizes["kept"] + sizes["slopes"]
        numbers = (
            examples * each + sizes["statistics"] + sizes["shares"] * sizes["weights"] + threads * sizes["scratch"]
        )
        return 4 * self.lanes * numbers

    def run(self, name: str, **arguments: object) -> None:
        """Call `forward`, `backward` or `predict`; tensors are given by their addresses."""
        call = self.call_type(**arguments)
        getattr(self.library, name)(ctypes.byref(call))


def _call_type(lanes: int) -> type[ctypes.Structure]:
    class Call(ctypes.Structure):
        _fields_ = (
            ("examples", ctypes.c_int32),
            ("threads", ctypes.c_int32),
            ("rows", ctypes.c_int32 * lanes),
            ("row_stride", ctypes.c_int64),
            ("images", ctypes.c_void_p),
            *((name, ctypes.POINTER(ctypes.c_void_p)) for name in ("parameters", "gradients", "buffers", "masks")),
            *((name, ctypes.c_void_p) for name in ("kept", "slopes", "partial", "scratch", "logits")),
        )

    return Call


def addresses(tensors: Sequence[Tensor]) -> ctypes.Array[ctypes.c_void_p]:
    """Pointers to their first numbers."""
    return (ctypes.c_void_p * len(tensors))(*(tensor.data_ptr() for tensor in tensors))


def by_lane(values: Tensor, lanes: int) -> Tensor:
    """The same numbers (cells, ...), stored with the cells innermost; the last cell's also in lanes without a cell."""
    padded = values[torch.arange(lanes).clamp(max=len(values) - 1)]
    return padded.movedim(0, -1).contiguous().movedim(-1, 0)


def workspace(numbers: int, lanes: int) -> Tensor:
    """Memory for that many numbers of each cell, aligned as vectors are.

    Where it is large it has large pages, if the system has them: steps go through all of it, and the processor then
    looks up fewer addresses.
    """
    count = numbers * lanes
    if 4 * count < LARGE or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty(count, dtype=torch.float32)
    memory = mmap.mmap(-1, 4 * count)
    with contextlib.suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=torch.float32)
