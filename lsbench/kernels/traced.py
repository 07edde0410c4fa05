"""The operation for tensors that stand for values to come: in `torch.compile`, and inside `torch.func`."""

from typing import Any

import torch
from torch import Tensor

from lsbench.kernels import formula
from lsbench.kernels.op import rows_op
from lsbench.kernels.rows import HALF, PerRow, Rows, compute_dtype


def losses(rows: Rows, backend: str | None) -> Tensor:
    """Losses (N), through the dispatcher."""
    rows = rows._replace(eps=_tensor(rows.eps, rows.logits), scale=_tensor(rows.scale, rows.logits))
    if not torch.compiler.is_compiling():
        return _Transformed.apply(*rows[:8], backend or "")
    wanted = torch.is_grad_enabled() and rows.logits.requires_grad and rows.logits.dtype not in HALF
    return rows_op(*rows[:8], wanted, backend or "")[0]


def _tensor(value: PerRow, like: Tensor) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return torch.full((), value, dtype=compute_dtype(like.dtype), device=like.device)


class _Transformed(torch.autograd.Function):
    """For `torch.func`, which can't differentiate an operator of the dispatcher, and may differentiate the gradient."""

    generate_vmap_rule = True

    @staticmethod
    def forward(*inputs: Any) -> Tensor:
        *fields, backend = inputs
        return rows_op(*fields, False, backend)[0]

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004  torch's signature
        ctx.save_for_backward(*inputs[:6])
        ctx.ignore_index, ctx.z_loss, _ = inputs[6:]

    @staticmethod
    def backward(ctx: Any, *upstreams: Tensor) -> tuple[Tensor | None, ...]:
        rows = Rows(*ctx.saved_tensors, ignore_index=ctx.ignore_index, z_loss=ctx.z_loss)
        return (formula.gradient(rows, upstreams[0]), *(None,) * 8)
