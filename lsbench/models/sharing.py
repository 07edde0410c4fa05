"""Inputs that neighbouring cells of a stack have in common: read once, multiplied by all of their weights at once.

A row of inputs goes to a run of neighbouring cells; `runs` holds how many cells each row goes to, in order.
"""

from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby

import torch
from torch import Tensor


def runs_of(keys: Iterable[Hashable]) -> tuple[int, ...]:
    """How many neighbours have each key.

    Example:
        >>> runs_of("aabccc")
        (2, 1, 3)
    """
    return tuple(len(list(run)) for _, run in groupby(keys))


def runs_of_rows(rows: Tensor) -> tuple[int, ...]:
    """How many neighbouring rows (cells, m) are equal."""
    starts = (rows[1:] != rows[:-1]).any(1).cumsum(0).tolist()
    return runs_of([0, *starts])


def one_of_each(rows: Tensor, runs: Sequence[int]) -> Tensor:
    """The first row (cells, ...) of each run: (runs, ...)."""
    if len(runs) == len(rows):
        return rows
    lengths = torch.tensor(runs)
    return rows[(lengths.cumsum(0) - lengths).to(rows.device)]


def one_per_cell(rows: Tensor, runs: Sequence[int]) -> Tensor:
    """Each row (runs, ...) as often as it has cells: (cells, ...); the rows themselves where runs is ()."""
    if not runs:
        return rows
    if len(runs) == 1:
        return rows.expand(runs[0], *rows.shape[1:])
    return rows.repeat_interleave(torch.tensor(runs, device=rows.device), 0, output_size=sum(runs))
