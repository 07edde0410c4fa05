"""The kernel for CUDA, in Triton: a program per row, which is read once where it fits on the chip.

Imported by `choose` when it is to run, so that nothing else needs triton. `TRITON_INTERPRET=1` runs it on a CPU.
"""

# ruff: noqa: N803, SIM102  Triton's constants are in capitals; what it must not compile stands in an if of its own

import torch
import triton
import triton.language as tl
from torch import Tensor

from lsbench.kernels.rows import PerRow, Rows, compute_dtype

CACHED = 1 << 16  # classes of a row that is kept in registers
STREAMED = 1 << 13  # classes that are read at once from a longer row


@triton.jit
def _times(weight, value):
    """The product, where 0 * inf is 0."""
    return tl.where(weight == 0, 0.0, weight * value)


@triton.jit
def _floors_and_peaks(shifted, inside, w, t, HAS_WEIGHT: tl.constexpr, HAS_TARGETS: tl.constexpr):
    """sum_c w_c d_c, sum_c w_c t_c d_c and sum_c w_c t_c of the shifted logits d."""
    d = tl.where(inside, shifted, 0.0)
    floors = tl.sum(_times(w, d) if HAS_WEIGHT else d, 0)
    if HAS_TARGETS:
        q = w * t if HAS_WEIGHT else t
        q = tl.where(inside, q, 0.0)
        return floors, tl.sum(_times(q, d), 0), tl.sum(q, 0)
    return floors, floors * 0, floors * 0


@triton.jit
def _to_gradient(p, on_p, floor, peak, w, t, HAS_WEIGHT: tl.constexpr, HAS_TARGETS: tl.constexpr):
    q = floor + peak * t if HAS_TARGETS else floor
    return on_p * p - (w * q if HAS_WEIGHT else q)


@triton.jit
def _rows_kernel(
    logits,
    labels,
    targets,
    weight,
    mean_weight,
    eps,
    scale,
    upstream,
    z_loss,
    losses,
    gradient,
    logits_stride,
    targets_stride,
    eps_stride,
    scale_stride,
    upstream_stride,
    ignore_index,
    num_classes,
    HAS_WEIGHT: tl.constexpr,
    HAS_TARGETS: tl.constexpr,
    HAS_Z_LOSS: tl.constexpr,
    WANTED: tl.constexpr,
    REWRITE: tl.constexpr,
    ACC: tl.constexpr,
    BLOCK: tl.constexpr,
    ONE_BLOCK: tl.constexpr,
):
    """One row: its loss, and its gradient where that is WANTED.

    REWRITE writes the gradient times upstream, and no loss, and nothing at all where upstream is 1.
    """
    row = tl.program_id(0).to(tl.int64)  # so that row * stride is exact beyond 2^31 logits
    factor = tl.load(scale + row * scale_stride).to(ACC)
    if REWRITE:
        above = tl.load(upstream + row * upstream_stride).to(ACC)
        if above == 1.0:
            return
        factor = factor * above
    smoothing = tl.load(eps + row * eps_stride).to(ACC)
    floor, peak = smoothing / num_classes, 1.0 - smoothing
    z, g, c = logits + row * logits_stride, gradient + row * num_classes, tl.arange(0, BLOCK)
    t_row = targets + row * targets_stride if HAS_TARGETS else targets
    lowest = float("-inf")
    y = tl.load(labels + row) if not HAS_TARGETS else tl.zeros((), tl.int64)
    if not HAS_TARGETS:
        if y == ignore_index:
            if not REWRITE:
                tl.store(losses + row, tl.zeros((), ACC))
            if WANTED:
                for start in range(0, num_classes, BLOCK):
                    tl.store(g + start + c, tl.zeros((BLOCK,), ACC), mask=start + c < num_classes)
            return
    in_range = (y >= 0) & (y < num_classes)

    # the largest logit, the sum of exponentials, and the sums that the loss wants
    inside = c < num_classes
    x = tl.load(z + c, mask=inside, other=lowest).to(ACC)
    w = tl.load(weight + c, mask=inside, other=0.0).to(ACC) if HAS_WEIGHT else factor
    t = tl.load(t_row + c, mask=inside, other=0.0).to(ACC) if HAS_TARGETS else factor
    top = tl.max(x, 0)
    pivot = tl.where(top == lowest, 0.0, top)  # what the sums are shifted by; `top` may grow later, this may not
    e = tl.exp(x - top)
    total = tl.sum(tl.where(inside, e, 0.0), 0)
    floors, peaks, masses = _floors_and_peaks(x - pivot, inside, w, t, HAS_WEIGHT, HAS_TARGETS)
    if not ONE_BLOCK:
        for start in range(BLOCK, num_classes, BLOCK):
            at = start + c
            inside = at < num_classes
            x = tl.load(z + at, mask=inside, other=lowest).to(ACC)
            if HAS_WEIGHT:
                w = tl.load(weight + at, mask=inside, other=0.0).to(ACC)
            if HAS_TARGETS:
                t = tl.load(t_row + at, mask=inside, other=0.0).to(ACC)
            higher = tl.maximum(top, tl.max(x, 0))
            shift = tl.where(higher == lowest, 0.0, higher)
            kept = tl.where(top == lowest, 0.0, total * tl.exp(top - shift))
            total = kept + tl.sum(tl.where(inside, tl.exp(x - shift), 0.0), 0)
            more = _floors_and_peaks(x - pivot, inside, w, t, HAS_WEIGHT, HAS_TARGETS)
            floors, peaks, masses = floors + more[0], peaks + more[1], masses + more[2]
            top = higher

    log_total = tl.log(total)
    lse = top + log_total
    from_pivot = (top - pivot) + log_total
    if HAS_TARGETS:
        mass = peak * masses
    else:
        w_y = tl.load(weight + y, mask=in_range, other=0.0).to(ACC) if HAS_WEIGHT else 1.0
        z_y = tl.load(z + y, mask=in_range, other=0.0).to(ACC) - pivot
        mass = peak * w_y
        peaks = tl.where(mass == 0, 0.0, w_y * z_y)
    on_p = mass + smoothing * tl.load(mean_weight).to(ACC)
    if not HAS_WEIGHT and not HAS_TARGETS:
        on_p = tl.full((), 1.0, ACC)
    loss = on_p * from_pivot - tl.where(peak == 0, 0.0, peak * peaks) - tl.where(floor == 0, 0.0, floor * floors)
    if HAS_Z_LOSS:
        z_scale = tl.load(z_loss).to(ACC)
        loss += z_scale * lse * lse
        on_p += 2 * z_scale * lse
    nan = float("nan")
    loss = tl.where(in_range | HAS_TARGETS, factor * loss, nan)
    on_p = tl.where(in_range | HAS_TARGETS, factor * on_p / total, nan)
    if not REWRITE:
        tl.store(losses + row, loss)
    if WANTED:
        floor, peak = factor * floor, factor * peak
        at_label = peak * (tl.load(weight + y, mask=in_range, other=0.0).to(ACC) if HAS_WEIGHT else 1.0)
        if ONE_BLOCK:
            out = _to_gradient(e, on_p, floor, peak, w, t, HAS_WEIGHT, HAS_TARGETS)
            if not HAS_TARGETS:
                out = tl.where(c == y, out - at_label, out)
            tl.store(g + c, out.to(gradient.dtype.element_ty), mask=inside)
        else:
            for start in range(0, num_classes, BLOCK):
                at = start + c
                inside = at < num_classes
                x = tl.load(z + at, mask=inside, other=lowest).to(ACC)
                if HAS_WEIGHT:
                    w = tl.load(weight + at, mask=inside, other=0.0).to(ACC)
                if HAS_TARGETS:
                    t = tl.load(t_row + at, mask=inside, other=0.0).to(ACC)
                out = _to_gradient(tl.exp(x - top), on_p, floor, peak, w, t, HAS_WEIGHT, HAS_TARGETS)
                if not HAS_TARGETS:
                    out = tl.where(at == y, out - at_label, out)
                tl.store(g + at, out.to(gradient.dtype.element_ty), mask=inside)


def forward(rows: Rows, wanted: bool) -> tuple[Tensor, Tensor | None]:
    """Losses (N), and their gradient (N, K) in the logits' dtype where it is wanted."""
    logits = rows.logits
    losses = torch.empty(logits.shape[0], dtype=compute_dtype(logits.dtype), device=logits.device)
    gradient = torch.empty(logits.shape, dtype=logits.dtype, device=logits.device) if wanted else None
    _launch(rows, losses, gradient, None)
    return losses, gradient


def rewrite(rows: Rows, gradient: Tensor, upstream: Tensor) -> None:
    """Make the gradient that of upstream times the losses, in place; rows whose upstream is 1 are not touched."""
    _launch(rows, gradient, gradient, upstream)


def _launch(rows: Rows, losses: Tensor, gradient: Tensor | None, upstream: Tensor | None) -> None:
    logits, dtype = rows.logits, compute_dtype(rows.logits.dtype)
    logits = logits if logits.stride(1) == 1 else logits.contiguous()
    targets = None if rows.targets is None else rows.targets.contiguous()
    labels = None if rows.labels is None else rows.labels.contiguous()
    weight = None if rows.weight is None else rows.weight.to(dtype).contiguous()
    eps, scale, above = (
        _tensor(value, logits, dtype) for value in (rows.eps, rows.scale, 1.0 if upstream is None else upstream)
    )
    count, num_classes = logits.shape
    one_block = num_classes <= CACHED
    block = triton.next_power_of_2(num_classes) if one_block else STREAMED
    with torch.cuda.device_of(logits):
        _rows_kernel[(count,)](
            logits,
            labels,
            targets,
            weight,
            _tensor(1.0 if weight is None else weight.mean(), logits, dtype),
            eps,
            scale,
            above,
            _tensor(rows.z_loss, logits, dtype),
            losses,
            gradient if gradient is not None else logits,
            logits.stride(0),
            0 if targets is None else targets.stride(0),
            _stride(eps),
            _stride(scale),
            _stride(above),
            rows.ignore_index,
            num_classes,
            HAS_WEIGHT=weight is not None,
            HAS_TARGETS=targets is not None,
            HAS_Z_LOSS=bool(rows.z_loss),
            WANTED=gradient is not None,
            REWRITE=upstream is not None,
            ACC=tl.float64 if dtype == torch.float64 else tl.float32,
            BLOCK=block,
            ONE_BLOCK=one_block,
            num_warps=_warps(block),  # pyright: ignore[reportCallIssue]  an option of the launch
        )


def _tensor(value: PerRow, like: Tensor, dtype: torch.dtype) -> Tensor:
    """A number in memory: as an argument Triton would round it to float32."""
    if isinstance(value, Tensor):
        return value.to(device=like.device, dtype=dtype)
    return torch.full((), value, dtype=dtype, device=like.device)


def _stride(value: Tensor) -> int:
    return value.stride(0) if value.ndim else 0


def _warps(block: int) -> int:
    return 32 if block >= 1 << 15 else 16 if block >= 1 << 13 else 8 if block >= 1 << 11 else 4
