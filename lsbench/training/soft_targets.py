"""Training on what several people said, instead of one label: each loss in expectation over their labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lsbench.data.dataset import Dataset
from lsbench.data.describe import describe
from lsbench.data.votes import SOFT, Votes
from lsbench.noise.files import choice_of
from lsbench.noise.inputs import human_labels
from lsbench.spec import Cell
from lsbench.training.loop import Objective


class SoftLabels(NamedTuple):
    """What people said of each example of the data set, for each cell of a stack."""

    labels: Tensor  # (cells, examples, C)
    shares: Tensor  # (cells, examples, C), which sum to 1 over C


class SoftTargets(nn.Module):
    """An objective in expectation over people's labels: sum_c share_c(i) loss(logits_i, label_c(i)).

    For cross-entropy it is the cross-entropy of soft targets, for any loss per example what it is on average over the
    people. The labels that a call is given are not looked at: an example's number says what people said of it.
    """

    def __init__(self, objective: Objective, labels: Tensor, shares: Tensor) -> None:
        """labels, shares (cells, examples, C): of each example of the data set; shares sum to 1 over C."""
        super().__init__()
        self.objective: Objective = objective
        self.labels: Tensor = labels
        self.shares: Tensor = shares

    def forward(self, logits: Tensor, _labels: Tensor, index: Tensor) -> Tensor:
        """Losses (cells, n)."""
        cells = torch.arange(len(index), device=index.device)[:, None]
        labels, shares = self.labels[cells, index], self.shares[cells, index]  # (cells, n, C)
        columns = range(labels.shape[-1])
        return torch.stack([shares[..., c] * self.objective(logits, labels[..., c], index) for c in columns]).sum(0)


def with_soft_targets(objective: Objective, soft: SoftLabels | None) -> Objective:
    """The objective, in expectation where there are several people's labels."""
    return objective if soft is None else SoftTargets(objective, *soft)


def soft_labels(cells: Sequence[Cell], dataset: Dataset, given: Tensor, data_dir: Path | None) -> SoftLabels | None:
    """The labels of the cells that train on soft targets, beside those of the others; given: all (cells, examples).

    None where no cell does.
    """
    votes = [votes_of(cell, dataset, data_dir) for cell in cells]
    if not any(votes):
        return None
    columns = max(each.values.shape[1] for each in votes if each is not None)
    changed = dataset.trained_on(dataset.labels) != dataset.labels  # by predictions: each is one label
    padded = [_padded(each, own, columns, changed.cpu()) for each, own in zip(votes, given, strict=True)]
    labels, shares = (torch.stack(parts).to(given.device) for parts in zip(*padded, strict=True))
    return SoftLabels(labels, shares)


def votes_of(cell: Cell, dataset: Dataset, data_dir: Path | None) -> Votes | None:
    """What people said of the examples that the cell trains on, where it trains on all of it; else None."""
    choice = choice_of(cell.noise)
    if choice is None or choice.how != SOFT:
        return dataset.soft
    votes = human_labels(cell.noise, describe(cell.dataset, data_dir))
    return votes if isinstance(votes, Votes) else None


def _padded(votes: Votes | None, given: Tensor, columns: int, changed: Tensor) -> tuple[Tensor, Tensor]:
    """Labels and shares (examples, columns): those of the votes, or all of it for the given label.

    Also for the given label where it was `changed` (examples,).
    """
    labels = given[:, None].cpu().repeat(1, columns)
    shares = torch.zeros(labels.shape)
    shares[:, 0] = 1.0
    if votes is None:
        return labels, shares
    width, said = votes.values.shape[1], ~changed
    labels[said, :width] = torch.from_numpy(votes.values.copy())[said]
    shares[said, :width] = torch.from_numpy(votes.shares).float()[said]
    return labels, shares
