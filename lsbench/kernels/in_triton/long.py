"""Rows that do not fit on the chip: each is read twice, the second time from the GPU's cache, and written once."""

# ruff: noqa: N803, N806  Triton's constants are in capitals
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

from lsbench.kernels.in_triton.formula import exp, gradient_of, losses_of, sums
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
def long_rows(
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
    STAGES: tl.constexpr,
):
    """Programs that go through all rows: losses, and the gradient where there is one.

    Each of BLOCK / VEC lanes keeps a largest logit and a sum of exponentials of its own (Milakov and Gimelshein, 2018)
    until all are joined, so that lanes wait for each other once per row.
    """
    if is_all_one(upstream, upstream_stride):
        return
    LOWEST: tl.constexpr = float("-inf")
    LANES: tl.constexpr = BLOCK // VEC
    c = tl.arange(0, LANES)[:, None] * VEC + tl.arange(0, VEC)[None, :]
    for row in tl.range(tl.program_id(0), count, tl.num_programs(0), num_stages=1):
        r = tl.zeros((), tl.int64) + row  # so that r * stride is exact beyond 2^31 logits
        factor, wanted = read_factor(scale, scale_stride, upstream, upstream_stride, r, r < count, ACC)
        y, keep, is_class = read_labels(labels, ignore_index, num_classes, r, wanted)
        start = r * logits_stride // VEC * VEC
        head = (r * 0 if ALIGNED else r * logits_stride - start).to(tl.int32)
        z, t_row = logits + start, None if targets is None else targets + r * targets_stride - head
        end = head + num_classes
        # 16 bytes that are the row's in part are read whole, and what is not the row's is not used
        filled = (end + VEC - 1) // VEC * VEC
        z_y, w_y = read_of_label(logits + r * logits_stride, weight, y, is_class & keep, ACC)
        eps_r = read_number(eps, eps_stride, r, wanted, ACC)

        first = tl.load(z + c, mask=(c < filled) & keep, other=LOWEST, eviction_policy="evict_last").to(ACC)
        first = tl.where((c >= head) & (c < end), first, LOWEST)
        pivot = tl.max(tl.max(first, 1), 0)
        pivot = tl.where(pivot == LOWEST, 0.0, pivot)  # what sums are shifted by: near the largest, and had before it
        # the first reading: sums
        tops = tl.full((LANES,), LOWEST, ACC)
        totals = tl.zeros((LANES,), ACC)
        floors, peaks, masses = totals, totals, totals
        for at in tl.range(0, tl.where(keep, filled, 0), BLOCK, num_stages=STAGES):
            here = at + c
            inside = (here >= head) & (here < end)
            raw = tl.load(z + here, mask=here < filled, other=LOWEST, eviction_policy="evict_last")
            x = tl.where(inside, raw.to(ACC), LOWEST)
            higher = tl.maximum(tops, tl.max(x, 1))
            shift = tl.where(higher == LOWEST, 0.0, higher)
            totals = totals * exp(tops - shift) + tl.sum(exp(x - shift[:, None]), 1)
            tops = higher
            w, t = read_of_classes(weight, here - head, inside, ACC), read_of_classes(t_row, here, inside, ACC)
            more = sums(x - pivot, inside, w, t)
            floors, peaks, masses = floors + more[0], peaks + more[1], masses + more[2]
        top = tl.max(tops, 0)
        total = tl.sum(totals * exp(tops - top), 0)
        parts = tl.sum(floors, 0), tl.sum(peaks, 0), tl.sum(masses, 0)
        mean, share = read_number(mean_weight, 0, r, wanted, ACC), read_number(z_loss, z_loss_stride, r, wanted, ACC)
        loss, on_p = losses_of(top, total, pivot, parts, z_y, w_y, eps_r, mean, share, num_classes, targets is not None)
        if losses is not None:
            loss = tl.where(is_class, factor * loss, float("nan"))
            tl.store(losses + r, tl.where(keep, loss, 0.0), mask=wanted)
        # the second reading: the gradient
        if gradient is not None:
            on_p = tl.where(is_class, factor * on_p / total, float("nan"))
            floor, peak = factor * eps_r / num_classes, factor * (1.0 - eps_r)
            g = gradient + r * gradient_stride // VEC * VEC
            low, high = (head + VEC - 1) // VEC * VEC, end // VEC * VEC
            if not ALIGNED:
                store_ends(z, g, t_row, weight, head, num_classes, y, keep, wanted, top, w_y, on_p, floor, peak, VEC)
            for at in tl.range(0, tl.where(wanted, high, 0), BLOCK, num_stages=STAGES):
                here = at + c
                whole = (here >= low) & (here < high)
                raw = tl.load(z + here, mask=whole & keep, other=0.0, eviction_policy="evict_first")
                w, t = read_of_classes(weight, here - head, whole, ACC), read_of_classes(t_row, here, whole & keep, ACC)
                out = gradient_of(exp(raw.to(ACC) - top), here - head == y, w, t, w_y, on_p, floor, peak)
                out = tl.where(keep, out, 0.0).to(gradient.dtype.element_ty)
                tl.store(g + here, out, mask=whole, eviction_policy="evict_first")
