"""The formula of `Rows` for a tile: exponentials, sums, the loss, the gradient.

A tile is (C), classes of one row, or (R, C); numbers per row are () or (R). What is asked of a type (`is None`,
`is_ptr`, a shape) is decided when Triton compiles.
"""

# ruff: noqa: N803, RET505  Triton's constants are in capitals, and it compiles what follows a return without an else
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

LOG2_E_MINUS_1 = tl.constexpr(0.4426950408889634)


@triton.jit
def column(value):
    """Numbers per row, to stand beside a tile."""
    if len(value.shape) == 0:
        return value
    else:
        return value[:, None]


@triton.jit
def exp(d):
    """e^d: in float32 by the hardware's 2^x of d + (log2(e) - 1) d, which rounds once and keeps an offset's digits."""
    if d.dtype == tl.float64:
        return tl.exp(d)
    else:
        return tl.exp2(d * LOG2_E_MINUS_1 + d)


@triton.jit
def times(weight, value):
    """The product, where 0 * inf is 0."""
    return tl.where(weight == 0, 0.0, weight * value)


@triton.jit
def sums(d, inside, w, t):
    """sum_c w_c d_c, sum_c w_c t_c d_c and sum_c w_c t_c of shifted logits d; without t all three are the first."""
    last: tl.constexpr = len(d.shape) - 1
    d = tl.where(inside, d, 0.0)
    floors = tl.sum(d if w is None else times(w, d), last)
    if t is None:
        return floors, floors, floors
    else:
        q = tl.where(inside, t if w is None else w * t, 0.0)
        return floors, tl.sum(times(q, d), last), tl.sum(q, last)


@triton.jit
def losses_of(top, total, pivot, parts, z_y, w_y, eps, mean_weight, z_loss, num_classes, TARGETS: tl.constexpr):
    """The losses before they are scaled, and the factor on p in their gradient.

    top, total: the largest logit, and the sum of e^(z - top); pivot: what logits are shifted by in `sums`; parts: its
    results.
    """
    floors, peaks, mass = parts
    floor, peak = eps / num_classes, 1.0 - eps
    log_total = tl.log(total)
    if TARGETS:
        mass = peak * mass
    else:
        mass = peak * w_y
        peaks = tl.where(mass == 0, 0.0, w_y * (z_y - pivot))
    if mean_weight is not None:
        on_p = mass + eps * mean_weight
    else:
        on_p = mass + eps if TARGETS else tl.full(top.shape, 1.0, top.dtype)
    losses = on_p * ((top - pivot) + log_total)
    losses -= tl.where(peak == 0, 0.0, peak * peaks) + tl.where(floor == 0, 0.0, floor * floors)
    if z_loss is not None:
        lse = top + log_total
        losses += z_loss * lse * lse
        on_p += 2 * z_loss * lse
    return losses, on_p


@triton.jit
def gradient_of(e, is_label, w, t, w_y, on_p, floor, peak):
    """on_p e - w (floor + peak t) of a tile of exponentials e; t is one-hot where there are no targets."""
    if t is None:
        out = column(on_p) * e - (column(floor) if w is None else w * column(floor))
        return tl.where(is_label, out - column(peak * w_y), out)
    else:
        q = column(floor) + column(peak) * t
        return column(on_p) * e - (q if w is None else w * q)
