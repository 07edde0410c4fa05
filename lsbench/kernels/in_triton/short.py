"""Rows that fit on the chip: each is read once and written once, some rows at a time where they are very short."""

# ruff: noqa: N803, N806  Triton's constants are in capitals
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

from lsbench.kernels.in_triton.formula import column, exp, gradient_of, losses_of, sums
from lsbench.kernels.in_triton.rows import (
    is_all_one,
    read_factor,
    read_labels,
    read_number,
    read_of_classes,
    read_of_label,
    store_ends,
)


@triton.jit
def short_rows(
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
    gradient_stride,
    targets_stride,
    eps_stride,
    scale_stride,
    upstream_stride,
    z_loss_stride,
    ignore_index,
    count,
    num_classes,
    ACC: tl.constexpr,
    VEC: tl.constexpr,
    ALIGNED: tl.constexpr,
    BLOCK: tl.constexpr,
    ROWS: tl.constexpr,
    STAGES: tl.constexpr,
):
    """Programs that go through all tiles of ROWS rows: losses, and the gradient where there is one.

    What a row reads is read before its sums are, and so before any of its gradient is written.
    """
    if is_all_one(upstream, upstream_stride):
        return
    LOWEST: tl.constexpr = float("-inf")
    c = tl.arange(0, BLOCK)
    for tile in tl.range(tl.program_id(0), tl.cdiv(count, ROWS), tl.num_programs(0), num_stages=STAGES):
        r = tl.zeros((), tl.int64) + tile  # so that r * stride is exact beyond 2^31 logits
        if ROWS > 1:
            r = r * ROWS + tl.arange(0, ROWS)
        factor, wanted = read_factor(scale, scale_stride, upstream, upstream_stride, r, r < count, ACC)
        y, keep, is_class = read_labels(labels, ignore_index, num_classes, r, wanted)
        start = r * logits_stride // VEC * VEC
        head = (r * 0 if ALIGNED else r * logits_stride - start).to(tl.int32)
        heads, keeps = column(head), column(keep)
        # 16 bytes that are the row's in part are read whole, and what is not the row's is not used
        filled = c < (heads + num_classes + VEC - 1) // VEC * VEC
        inside = filled if ALIGNED else (c >= heads) & (c < heads + num_classes)
        raw = tl.load(logits + column(start) + c, mask=filled & keeps, other=LOWEST)
        z_y, w_y = read_of_label(logits + r * logits_stride, weight, y, is_class & keep, ACC)
        w = read_of_classes(weight, c - heads, inside, ACC)
        t = read_of_classes(targets, column(r * targets_stride) + (c - heads), inside & keeps, ACC)
        eps_r = read_number(eps, eps_stride, r, wanted, ACC)

        x = tl.where(inside, raw.to(ACC), LOWEST)
        top = tl.max(x, len(x.shape) - 1)
        pivot = tl.where(top == LOWEST, 0.0, top)
        parts = sums(x - column(pivot), inside, w, t)
        e = exp(x - column(top))
        total = tl.sum(e, len(x.shape) - 1)
        mean, share = read_number(mean_weight, 0, r, wanted, ACC), read_number(z_loss, z_loss_stride, r, wanted, ACC)
        loss, on_p = losses_of(top, total, pivot, parts, z_y, w_y, eps_r, mean, share, num_classes, targets is not None)
        if losses is not None:
            loss = tl.where(is_class, factor * loss, float("nan"))
            tl.store(losses + r, tl.where(keep, loss, 0.0), mask=wanted)
        if gradient is not None:
            on_p = tl.where(is_class, factor * on_p / total, float("nan"))
            floor, peak = factor * eps_r / num_classes, factor * (1.0 - eps_r)
            out = gradient_of(e, c - heads == column(y), w, t, w_y, on_p, floor, peak)
            out = tl.where(keeps, out, 0.0).to(gradient.dtype.element_ty)
            g = gradient + r * gradient_stride // VEC * VEC
            if ALIGNED:
                tl.store(column(g) + c, out, mask=inside & column(wanted))
            else:
                whole = (c >= (head + VEC - 1) // VEC * VEC) & (c < (head + num_classes) // VEC * VEC)
                tl.store(g + c, out, mask=whole & wanted)
                z, t_row = logits + start, None if targets is None else targets + r * targets_stride - head
                store_ends(z, g, t_row, weight, head, num_classes, y, keep, wanted, top, w_y, on_p, floor, peak, VEC)
