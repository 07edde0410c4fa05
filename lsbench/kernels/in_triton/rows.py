"""What a program reads of its rows beside the logits, and how it writes the ends of a row."""

# ruff: noqa: N803, N806, RET505  Triton's constants are in capitals, and it compiles what follows a return without an else
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

from lsbench.kernels.in_triton.formula import exp, gradient_of


@triton.jit
def read_number(value, stride, r, there, ACC: tl.constexpr):
    """A number for each row: what stands in memory, or the argument itself, which has no stride."""
    if value is None:
        return None
    elif stride is None:
        return tl.zeros((), ACC) + value
    else:
        return tl.load(value + r * stride, mask=there, other=0.0).to(ACC)


@triton.jit
def is_all_one(upstream, upstream_stride):
    """Whether upstream is one number, 1, so that no gradient has to be written again."""
    if upstream is None:
        return False
    else:
        return tl.load(upstream, mask=upstream_stride == 0, other=0.0) == 1.0


@triton.jit
def read_factor(scale, scale_stride, upstream, upstream_stride, r, there, ACC: tl.constexpr):
    """The factor on each row, and which rows are to be written: all, or those whose upstream is not 1."""
    factor = read_number(scale, scale_stride, r, there, ACC)
    if upstream is None:
        return factor, there
    else:
        above = read_number(upstream, upstream_stride, r, there, ACC)
        return factor * above, there & (above != 1.0)


@triton.jit
def read_labels(labels, ignore_index, num_classes, r, there):
    """Labels, which rows count, and whether the label is a class."""
    if labels is None:
        return tl.zeros(r.shape, tl.int32), there, there | True
    else:
        y = tl.load(labels + r, mask=there, other=0)
        is_class = (y >= 0) & (y < num_classes)
        return tl.where(is_class, y, -1).to(tl.int32), there & (y != ignore_index), is_class


@triton.jit
def read_of_label(z, weight, y, is_class, ACC: tl.constexpr):
    """The label's logit and weight; z points to the row, y is -1 where it is no class."""
    z_y = tl.load(z + y, mask=is_class, other=0.0).to(ACC)
    if weight is None:
        return z_y, tl.full(y.shape, 1.0, ACC)
    else:
        return z_y, tl.load(weight + y, mask=is_class, other=0.0).to(ACC)


@triton.jit
def read_of_classes(values, at, mask, ACC: tl.constexpr):
    """The weights or targets of a tile; None where there are none."""
    if values is None:
        return None
    else:
        return tl.load(values + at, mask=mask, other=0.0).to(ACC)


@triton.jit
def store_ends(
    z, g, targets, weight, head, num_classes, y, keep, wanted, top, w_y, on_p, floor, peak, VEC: tl.constexpr
):
    """The gradient of the classes before the first and behind the last VEC that stand in 16 bytes of the row alone.

    z, g and targets point to where head classes of other rows precede the row's.
    """
    i = tl.arange(0, 2 * VEC)
    low, high = tl.cdiv(head, VEC) * VEC, (head + num_classes) // VEC * VEC
    c = tl.where(i < VEC, i, high - VEC + i)
    mine = tl.where(i < VEC, (c >= head) & (c < low), c >= low) & (c < head + num_classes) & wanted
    ACC: tl.constexpr = top.dtype
    x = tl.load(z + c, mask=mine & keep, other=0.0).to(ACC)
    w, t = read_of_classes(weight, c - head, mine, ACC), read_of_classes(targets, c, mine & keep, ACC)
    out = gradient_of(exp(x - top), c - head == y, w, t, w_y, on_p, floor, peak)
    tl.store(g + c, tl.where(keep, out, 0.0).to(g.dtype.element_ty), mask=mine)
