"""What a stack minimises: every cell's own loss, that of all cells with the same one computed together.

Most losses are made of the log-probs of classes and labels, which all cells with such a loss share.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lsbench.errors import InputError
from lsbench.losses.modules import as_function
from lsbench.losses.noise_correction import inverted
from lsbench.losses.output import problem_of_losses
from lsbench.losses.probability import LogProbs, log_probs
from lsbench.models.output import problem_of_output
from lsbench.names import resolve
from lsbench.names.registry import load
from lsbench.spec import Arm


@dataclass(frozen=True)
class LossGroup:
    """All cells with one loss."""

    name: str
    loss: Callable[..., Tensor]  # of logits and labels, or of log-probs
    keywords: dict[str, Any]  # hyperparameters, and what else the loss is given
    cells: int
    is_of_log_probs: bool
    remembers: bool  # whether it takes the numbers of the examples too

    def __call__(self, logits: Tensor, labels: Tensor, index: Tensor) -> Tensor:
        """Losses (cells, n); `InputError` where a user's function gives something else than one loss per example."""
        if self.is_of_log_probs:
            return self.of_log_probs(log_probs(logits, labels), index)
        losses = self._loss(logits, labels, index=index)
        if problem := problem_of_losses(losses, logits.shape, labels.shape):
            raise InputError(f"loss {self.name!r} must give one number per example: {problem}; see lsbench check")
        return losses

    def of_log_probs(self, given: LogProbs, index: Tensor) -> Tensor:
        """The same, of log-probs that are there already."""
        return self._loss(given, index=index)

    def _loss(self, *given: Tensor | LogProbs, index: Tensor) -> Tensor:
        return self.loss(*given, *([index] if self.remembers else []), **self.keywords)


class Permuted(torch.autograd.Function):
    """The cells of values (cells, ...) in the order `there`; `back` is the order that undoes it.

    Its gradient is put back in one go; that of `index_select` is added up cell by cell, as a cell could come twice.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, there: Tensor, back: Tensor) -> Tensor:
        """The same values, in the same layout."""
        ctx.places = there, back
        return _picked(values, there)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """The gradient of each cell where the cell was."""
        (gradient,), (there, back) = gradients, ctx.places
        return Permuted.apply(gradient, back, there), None, None


def _picked(values: Tensor, places: Tensor) -> Tensor:
    """The cells of values (cells, n, K) or (cells, n) at these places, with classes side by side only if they were."""
    if values.ndim < 3 or values.stride(-1) == 1:
        return values.index_select(0, places)
    return values.mT.index_select(0, places).mT


def _split(values: Tensor, sizes: Sequence[int]) -> Sequence[Tensor]:
    """So many cells each of values (cells, n, K) or (cells, n); gradients come together in the values' own layout."""
    if values.ndim < 3 or values.stride(-1) == 1:
        return values.split(sizes)
    return [part.mT for part in values.mT.split(sizes)]


class Objective(nn.Module):
    """logits (cells, n, K), labels (cells, n), index (cells, n) -> losses (cells, n).

    A call of a loss costs about as much for many cells as for one, so that cells with one loss are brought together
    first, wherever they are in the stack. What a loss remembers of the examples is a buffer of this module.
    """

    order: Tensor  # (cells,): of the cells, those with one loss side by side
    places: Tensor  # (cells,): where each cell is in that order

    def __init__(self, losses: Sequence[Arm], matrices: Tensor, examples: int, priors: Tensor | None = None) -> None:
        """The loss of each cell; `matrices` (cells, K, K), P(given | true); how many `examples` are numbered.

        priors (cells, K): how frequent the classes are among the labels that each cell is trained on; None: equally.
        """
        super().__init__()
        self.num_classes: int = matrices.shape[-1]
        self.memories: nn.ModuleList = nn.ModuleList()
        given = {"matrix": matrices, "prior": torch.ones_like(matrices[:, 0]) if priors is None else priors}
        names = sorted(dict.fromkeys(arm.loss for arm in losses), key=lambda name: not resolve.loss(name).of_log_probs)
        cells_of = {name: [cell for cell, arm in enumerate(losses) if arm.loss == name] for name in names}
        self.groups: list[LossGroup] = []
        for name, cells in cells_of.items():
            own = {word: values[cells] for word, values in given.items()}
            self.groups.append(self._group(name, [losses[cell] for cell in cells], own, examples))
        self.sharing: int = sum(group.is_of_log_probs for group in self.groups)  # how many, which are the first
        in_groups = [cell for cells in cells_of.values() for cell in cells]
        self.is_in_order: bool = in_groups == sorted(in_groups)
        order = torch.tensor(in_groups, device=matrices.device)
        self.register_buffer("order", order, persistent=False)
        self.register_buffer("places", order.argsort(), persistent=False)

    def forward(self, logits: Tensor, labels: Tensor, index: Tensor) -> Tensor:
        """Each cell's losses by its own function; `InputError` where the model has not one output per class."""
        if logits.shape != (*labels.shape, self.num_classes):
            raise InputError(f"the model is broken: {problem_of_output(logits[0], len(labels[0]), self.num_classes)}")
        if len(self.groups) == 1:
            return self.groups[0](logits, labels, index)
        if self.is_in_order:
            return self._by_group(logits, labels, index)
        there, back = self.order, self.places
        losses = self._by_group(
            Permuted.apply(logits, there, back), labels.index_select(0, there), index.index_select(0, there)
        )
        return Permuted.apply(losses, back, there)

    def _by_group(self, logits: Tensor, labels: Tensor, index: Tensor) -> Tensor:
        """The losses of cells that are in the groups' order: those of log-probs first."""
        sharing, others = self.groups[: self.sharing], self.groups[self.sharing :]
        sizes = [sum(group.cells for group in sharing), *(group.cells for group in others)]
        own_logits, own_labels = _split(logits, sizes), labels.split(sizes)
        rows = index.split([group.cells for group in self.groups])
        losses = self._of_shared(own_logits[0], own_labels[0], rows) if sharing else []
        own = zip(own_logits[1:], own_labels[1:], rows[self.sharing :], strict=True)
        losses += [group(*inputs) for group, inputs in zip(others, own, strict=True)]
        return torch.cat(losses)

    def _of_shared(self, logits: Tensor, labels: Tensor, rows: Sequence[Tensor]) -> list[Tensor]:
        """The losses of the first groups, from log-probs of all of their cells; rows: the index of each group."""
        groups = self.groups[: self.sharing]
        parts = (_split(values, [group.cells for group in groups]) for values in log_probs(logits, labels))
        given = map(LogProbs, *parts)
        return [group.of_log_probs(own, row) for group, own, row in zip(groups, given, rows, strict=False)]

    def _group(self, name: str, arms: Sequence[Arm], given: Mapping[str, Tensor], examples: int) -> LossGroup:
        entry, cells, matrices = resolve.loss(name), len(arms), given["matrix"]
        hypers = [{**entry.hyper, **dict(arm.hyper)} for arm in arms]  # a cell may have none that is newer than it
        keywords = {word: _shared_or_per_cell([hyper[word] for hyper in hypers], matrices.device) for word in hypers[0]}
        keywords |= {word: given[word].unsqueeze(1) for word in entry.given}
        if entry.inverts:  # once, not in each step
            keywords["inverse"] = inverted(given["matrix"]).unsqueeze(1)
        shares, remembers = bool(entry.of_log_probs), bool(entry.memory)
        if remembers:
            memory = load(entry.memory)(cells, examples, matrices.shape[-1]).to(matrices.device)
            self.memories.append(memory)
            loss = memory.of_log_probs if shares else memory
        else:
            loss = load(entry.of_log_probs) if shares else as_function(name, resolve.load_any("loss", name))
        return LossGroup(name, loss, keywords, cells, shares, remembers)


def _shared_or_per_cell(values: Sequence[float], device: torch.device) -> float | Tensor:
    """One number where all cells share it, which losses take faster, else a column with one per cell."""
    return values[0] if len(set(values)) == 1 else torch.tensor(values, device=device).unsqueeze(1)
