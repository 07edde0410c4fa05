"""The rows as the kernels take them, and the launch."""

import functools
from typing import Any, NamedTuple

import torch
import triton.language as tl
from torch import Tensor

from lsbench.kernels.in_triton.long import long_rows
from lsbench.kernels.in_triton.short import short_rows
from lsbench.kernels.in_triton.sizes import LONG_ENOUGH, WIDEST, Chip, heaviness, sizes_of
from lsbench.kernels.rows import PerRow, Rows, compute_dtype

INTERPRETED = Chip(3, 1 << 18)  # few processors, so that each program has more than one row


class Call(NamedTuple):
    """A kernel and what it is launched with: `kernel[(programs,)](**arguments)`."""

    kernel: Any
    programs: int
    arguments: dict[str, Any]


def forward(rows: Rows, wanted: bool, overwrites: bool = False) -> tuple[Tensor, Tensor | None]:
    """Losses (N), and their gradient (N, K) in the logits' dtype where it is wanted.

    Where it `overwrites`, the gradient may take the logits' place in memory.
    """
    logits = _in_rows(rows.logits)
    losses = torch.empty(logits.shape[0], dtype=compute_dtype(logits.dtype), device=logits.device)
    gradient = None
    if wanted:
        gradient = logits if overwrites else beside(logits)
    _run(rows._replace(logits=logits), losses, gradient, None)
    return losses, gradient


def beside(logits: Tensor) -> Tensor:
    """Room for a gradient whose rows begin where the logits' do between two groups of 16 bytes.

    Where these are a part of wider rows, as of a vocabulary that is padded, it has some numbers behind each row.
    """
    count, num_classes = logits.shape
    behind = (logits.stride(0) - num_classes) % (WIDEST // logits.element_size()) if num_classes >= LONG_ENOUGH else 0
    return torch.empty(count, num_classes + behind, dtype=logits.dtype, device=logits.device)[:, :num_classes]


def rewrite(rows: Rows, gradient: Tensor, upstream: Tensor) -> None:
    """Make the gradient that of upstream times the losses, in place; rows whose upstream is 1 are not touched."""
    _run(rows._replace(logits=_in_rows(rows.logits)), None, gradient, upstream)


def _in_rows(logits: Tensor) -> Tensor:
    return logits if logits.stride(1) == 1 else logits.contiguous()


def _run(rows: Rows, losses: Tensor | None, gradient: Tensor | None, upstream: Tensor | None) -> None:
    call = prepare(rows, losses, gradient, upstream, _chip_of(rows.logits.device))
    with torch.cuda.device_of(rows.logits):
        call.kernel[(call.programs,)](**call.arguments)


@functools.cache
def _chip_of(device: torch.device) -> Chip:
    """The GPU, or what is taken for one where the kernels are interpreted."""
    if device.type != "cuda":
        return INTERPRETED
    properties = torch.cuda.get_device_properties(device)
    return Chip(properties.multi_processor_count, properties.shared_memory_per_block_optin)


def prepare(rows: Rows, losses: Tensor | None, gradient: Tensor | None, upstream: Tensor | None, chip: Chip) -> Call:
    """The launch that computes what has a place to go to."""
    logits, dtype = rows.logits, compute_dtype(rows.logits.dtype)
    weight = None if rows.weight is None else rows.weight.to(dtype).contiguous()
    targets = None if rows.targets is None else rows.targets.contiguous()
    *sizes, programs = sizes_of(logits, gradient, heaviness(logits, weight, targets), chip)
    vec, aligned, block, at_once, stages, num_warps = sizes
    numbers = (rows.eps, rows.scale, upstream, rows.z_loss or None)
    eps, scale, above, z_loss = (_number(value, logits, dtype) for value in numbers)
    arguments = {
        "logits": logits,
        "labels": None if rows.labels is None else rows.labels.contiguous(),
        "targets": targets,
        "weight": weight,
        "mean_weight": None if weight is None else weight.mean(),
        "eps": eps,
        "scale": scale,
        "upstream": above,
        "z_loss": z_loss,
        "losses": losses,
        "gradient": gradient,
        "logits_stride": logits.stride(0),
        "gradient_stride": 0 if gradient is None else gradient.stride(0),
        "targets_stride": logits.shape[1],
        "eps_stride": _stride(eps),
        "scale_stride": _stride(scale),
        "upstream_stride": _stride(above),
        "z_loss_stride": _stride(z_loss),
        "ignore_index": rows.ignore_index,
        "count": logits.shape[0],
        "num_classes": logits.shape[1],
        "ACC": tl.float64 if dtype == torch.float64 else tl.float32,
        "VEC": vec,
        "ALIGNED": aligned,
        "BLOCK": block,
        "STAGES": stages,
        "num_warps": num_warps,
    }
    if at_once:
        return Call(short_rows, programs, {**arguments, "ROWS": at_once})
    return Call(long_rows, programs, arguments)


def _number(value: PerRow | None, like: Tensor, dtype: torch.dtype) -> PerRow | None:
    """A number as an argument of a kernel; in memory where it is float64, which Triton would round to float32."""
    if isinstance(value, Tensor):
        return value.to(like.device)
    if value is None or dtype != torch.float64:
        return value
    return torch.full((), value, dtype=dtype, device=like.device)


def _stride(value: PerRow | None) -> int | None:
    """How far apart the numbers of rows are; None where the number is no tensor."""
    if not isinstance(value, Tensor):
        return None
    return value.stride(0) if value.ndim else 0
