"""The public operation: checks, the flat form, the mean's weight, and the way the tensors' kind calls for."""

import torch
from torch import Tensor, nn
from torch._C._functorch import peek_interpreter_stack  # torch has no public name for it

from lsbench.errors import require_choice, require_number
from lsbench.kernels import choose, cpp, formula, traced
from lsbench.kernels.checks import check_logits, check_one_of, check_per_row, check_weight
from lsbench.kernels.eager import Losses
from lsbench.kernels.mean import may_be_ignored, mean_scale
from lsbench.kernels.rows import NEVER, PerRow, Rows, compute_dtype

REDUCTIONS = ("none", "mean", "sum")


def smoothed_cross_entropy(
    logits: Tensor,
    labels: Tensor | None = None,
    *,
    targets: Tensor | None = None,
    eps: PerRow = 0.1,
    scale: PerRow | None = None,
    weight: Tensor | None = None,
    ignore_index: int | None = -100,
    z_loss: float = 0.0,
    reduction: str = "none",
    backend: str | None = None,
) -> Tensor:
    """Cross-entropy with label smoothing, fused: the loss and its gradient in one pass over the logits.

    loss = scale (A lse - sum_c q_c z_c + z_loss lse^2) with q_c = w_c ((1 - eps) t_c + eps/K) and A = sum_c q_c,
    where t is one-hot at the label or the row of targets; gradient scale ((A + 2 z_loss lse) p - q)

    The logits are never written into; second derivatives are right, and so are gradients in eps, scale, weight and
    targets, by a slower way.

    Args:
        logits: (..., K) of any float dtype.
        labels: (...) class numbers of any integer dtype; or None, and targets are given.
        targets: (..., K) distributions, instead of labels.
        eps: the smoothing mass over all classes, finite and at most 1; a number, or a tensor that broadcasts to the
            rows (...).
        scale: what each row is multiplied by; a number, or a tensor that broadcasts to the rows; None is 1.
        weight: (K) class weights.
        ignore_index: a row of this label has loss and gradient 0 whatever its logits are; None ignores no row.
        z_loss: the weight of lse^2.
        reduction: none, mean or sum. As in torch the mean divides by sum_rows w_y over the labels that are not ignored,
            or by the number of rows for targets; the scale plays no part in it, and the mean over no rows is 0.
        backend: one of `KERNELS`; None takes what suits the device.

    Returns:
        (...) losses, or () for the reductions sum and mean, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or an argument is out of range; on a CPU a label out of range, which
            elsewhere gives NaN.
        DtypeError: a dtype does not fit.

    (Szegedy et al., 2016; Zoph et al., 2022 for z_loss)

    Example:
        >>> import torch
        >>> smoothed_cross_entropy(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), eps=0.1)
        tensor([2.1365])
    """
    ignore_index = NEVER if ignore_index is None else ignore_index
    check_logits(logits)
    shape, num_classes = logits.shape, logits.shape[-1]
    lead = shape[:-1]
    check_one_of(labels, targets, logits, lead)
    if weight is not None:
        check_weight(weight, num_classes)
    check_per_row("eps", eps, lead, high=1.0)
    if scale is not None:
        check_per_row("scale", scale, lead)
    if z_loss != 0.0:
        require_number("z_loss", z_loss)
    if reduction not in REDUCTIONS:
        require_choice("reduction", reduction, REDUCTIONS)
    if len(shape) != 2:
        logits = logits.reshape(-1, num_classes)
        labels = None if labels is None else labels.reshape(-1)
        targets = None if targets is None else targets.reshape(-1, num_classes)
    if labels is not None and labels.dtype != torch.int64:
        labels = labels.long()
    eps, scale = _flat(eps, lead), 1.0 if scale is None else _flat(scale, lead)
    plain = _is_plain(logits, labels, targets, eps, scale, weight)
    may_ignore = may_be_ignored(labels, num_classes, ignore_index) if plain and labels is not None else True
    if reduction == "mean" and labels is None:
        scale = scale / max(1, logits.shape[0])
    elif reduction == "mean" and labels is not None:
        scale = scale * mean_scale(labels, weight, ignore_index, may_ignore, compute_dtype(logits.dtype))
    rows = Rows(logits, labels, targets, eps, scale, weight, ignore_index, float(z_loss), may_ignore)
    losses = _losses(rows, plain, reduction != "none", backend)
    return losses.reshape(lead) if len(shape) != 2 and reduction == "none" else losses


def _flat(value: PerRow, lead: torch.Size) -> PerRow:
    """A number per row as a tensor () or (N)."""
    if not isinstance(value, Tensor):
        return float(value)
    return value.expand(lead).reshape(-1) if value.ndim else value


def _losses(rows: Rows, plain: bool, total: bool, backend: str | None) -> Tensor:
    """Losses (N), or their sum ()."""
    if _learned(rows) or (plain and not rows.logits.shape[0]):
        losses = formula.losses(rows)
    elif plain:
        backend = choose.choose(rows.logits.device, backend)
        return cpp.losses(rows, total) if backend == "cpp" else Losses.apply(rows.logits, rows, total, backend)
    else:
        losses = traced.losses(rows, backend)
    return losses.sum() if total else losses


def _learned(rows: Rows) -> bool:
    """Whether anything but the logits wants a gradient."""
    for field in (rows.targets, rows.eps, rows.scale, rows.weight):
        if isinstance(field, Tensor) and field.requires_grad and torch.is_grad_enabled():
            return True
    return False


def _is_plain(*fields: PerRow | None) -> bool:
    """Whether all tensors have values: none stands for values to come, in `torch.compile` or `torch.func`."""
    if torch.compiler.is_compiling() or peek_interpreter_stack() is not None:
        return False
    for field in fields:  # no generator: this is on the way of every call
        if isinstance(field, Tensor) and type(field) is not Tensor and type(field) is not nn.Parameter:
            return False
    return True
