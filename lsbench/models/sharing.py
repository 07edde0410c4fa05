"""Inputs that neighbouring cells of a stack have in common: read once, multiplied by all of their weights at once.

A row of inputs goes to a run of neighbouring cells; `runs` holds how many cells each row goes to, in order.
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, groupby

import torch
from torch import Tensor

KEPT = 256  # places of rows on a device


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
    return rows if len(runs) == len(rows) else rows.index_select(0, first_of(tuple(runs), rows.device))


def one_per_cell(rows: Tensor, runs: Sequence[int]) -> Tensor:
    """Each row (runs, ...) as often as it has cells: (cells, ...); the rows themselves where runs is ()."""
    if not runs:
        return rows
    if len(runs) == 1:
        return rows.expand(runs[0], *rows.shape[1:])
    return rows.index_select(0, run_of(tuple(runs), rows.device))


@lru_cache(KEPT)
def first_of(runs: tuple[int, ...], device: torch.device) -> Tensor:
    """The first cell of each run, (runs,) on the device: kept, as a step must not wait for a copy."""
    return torch.tensor([end - size for end, size in zip(accumulate(runs), runs, strict=True)], device=device)


@lru_cache(KEPT)
def run_of(runs: tuple[int, ...], device: torch.device) -> Tensor:
    """The run of each cell, (cells,) on the device, kept likewise."""
    return torch.tensor([run for run, size in enumerate(runs) for _ in range(size)], device=device)
