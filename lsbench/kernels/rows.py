"""The form in which every kernel takes its work: rows of logits, and what each is to be compared with."""

from typing import NamedTuple

import torch
from torch import Tensor

PerRow = float | Tensor  # one number for all rows, or a tensor () or (N)
HALF = (torch.float16, torch.bfloat16)
NEVER = -(2**63)  # the ignore_index that no label is


class Rows(NamedTuple):
    """N rows of K classes. Exactly one of labels and targets is there; the fields are checked and flat.

    loss = scale (A lse - sum_c q_c z_c + z_loss lse^2) with q_c = w_c ((1 - eps) t_c + eps/K) and A = sum_c q_c
    gradient = scale ((A + 2 z_loss lse) p - q), where t is one-hot at the label, or the row of targets
    """

    logits: Tensor  # (N, K), any float dtype
    labels: Tensor | None  # (N) int64; a row whose label is ignore_index has loss and gradient 0
    targets: Tensor | None  # (N, K)
    eps: PerRow
    scale: PerRow
    weight: Tensor | None  # (K)
    ignore_index: int
    z_loss: float
    may_ignore: bool = True  # whether any label can be ignore_index; False spares a look


def compute_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype that kernels compute in and return: float64 stays, everything else becomes float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def scaled_by(rows: Rows, upstream: Tensor) -> Rows:
    """The rows whose gradient is the old one times the upstream gradient () or (N)."""
    return rows._replace(scale=upstream * rows.scale)


def column(value: PerRow, dtype: torch.dtype) -> PerRow:
    """A number, or a tensor () or (N, 1) of the dtype, to stand beside logits."""
    if not isinstance(value, Tensor):
        return value
    return value.to(dtype).unsqueeze(-1) if value.ndim else value.to(dtype)


def ignored(rows: Rows) -> Tensor | None:
    """Which rows (N) are ignored; None if none can be."""
    return rows.labels == rows.ignore_index if rows.labels is not None and rows.may_ignore else None
