"""Class weights, a balanced sampler and priors: what a stack makes of how frequent the classes of its labels are.

All are counted over the labels that a network is trained on, as they are given: wrong ones are counted, held-out
examples and those that a loss leaves out are not, and a label that a loss changes is counted as what it became. Of
several people's labels the shares are added up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lsbench.names.catalogue import BALANCED, NO_WEIGHTS
from lsbench.spec import Arm, Recipe
from lsbench.training.batches import Examples
from lsbench.training.objective import Objective
from lsbench.training.soft_targets import SoftLabels


class ClassWeighted(nn.Module):
    """An objective whose losses are multiplied by the weight of each label's class: w_y l."""

    def __init__(self, objective: Callable[..., Tensor], weights: Tensor) -> None:
        """Weights (cells, K)."""
        super().__init__()
        self.objective: Callable[..., Tensor] = objective
        self.weights: Tensor = weights

    def forward(self, logits: Tensor, labels: Tensor, index: Tensor) -> Tensor:
        """Losses (cells, n); 0 where the weight is, whatever the loss."""
        weights = self.weights.gather(1, labels)
        return weights * self.objective(logits, labels, index).masked_fill(weights == 0, 0.0)


@dataclass(frozen=True)
class ClassBalance:
    """The labels that each cell of a stack is trained on, by class."""

    labels: Tensor  # (cells, n, C)
    shares: Tensor  # (cells, n, C) float64: how much of an example each label is; 0 of examples that are not trained on
    totals: Tensor  # (cells, K) float64: the shares of each class added up

    @classmethod
    def of(cls, examples: Examples, num_classes: int, soft: SoftLabels | None = None) -> "ClassBalance":
        """Counted over the examples that are trained on."""
        labels, shares = soft or (examples.labels.unsqueeze(-1), torch.ones_like(examples.labels).unsqueeze(-1))
        shares = shares.double() * _is_trained(examples).unsqueeze(-1)
        totals = shares.new_zeros(len(labels), num_classes)
        return cls(labels, shares, totals.scatter_add_(1, labels.flatten(1), shares.flatten(1)))

    def weights(self) -> Tensor:
        """Balanced weights (cells, K) float64: n / (K n_c), K counting the classes that occur; 0 for the others.

        So that the examples of each class that occurs weigh n / K together. (King and Zeng, 2001; scikit-learn's
        `compute_class_weight`)
        """
        occurs = self.totals > 0
        count = occurs.sum(1, keepdim=True) * self.totals.where(occurs, 1)
        return (self.totals.sum(1, keepdim=True) / count).where(occurs, 0)

    def of_examples(self, values: Tensor) -> Tensor:
        """Of values (cells, K) those of each example's labels, averaged by their shares: (cells, n) float64."""
        of_labels = values.gather(1, self.labels.flatten(1)).view(self.labels.shape)
        return (of_labels * self.shares).sum(-1)


def balanced(
    examples: Examples,
    losses: Sequence[Arm],
    matrices: Tensor,
    recipe: Recipe,
    own_weights: Tensor | None = None,
    soft: SoftLabels | None = None,
) -> tuple[Examples, Objective | ClassWeighted]:
    """What a stack trains on and what it minimises, as its recipe weighs and draws the classes.

    own_weights (K,) float64: of the recipe's file, if it has one; soft: several people's labels, if there are any.
    """
    balance = ClassBalance.of(examples, matrices.shape[-1], soft)
    objective = Objective(losses, matrices, examples.labels.shape[1], balance.totals.to(matrices.dtype))
    weights = _weights(balance, recipe, own_weights)
    if recipe.sampler == BALANCED:
        examples = replace(examples, chances=balance.of_examples(balance.weights()))
    if weights is None:
        return examples, objective
    weighted = replace(examples, weights=balance.of_examples(weights).to(matrices.dtype))
    return weighted, ClassWeighted(objective, weights.to(matrices.dtype))


def _weights(balance: ClassBalance, recipe: Recipe, own: Tensor | None) -> Tensor | None:
    """The class weights (cells, K) float64; None where every class has the same in each cell, which is no weighting."""
    if recipe.class_weights == NO_WEIGHTS:
        return None
    weights = balance.weights() if own is None else own.to(balance.totals).expand_as(balance.totals)
    alike = ((weights == weights.amax(1, keepdim=True)) | (balance.totals == 0)).all(1)
    return None if bool(alike.all()) else torch.where(alike.unsqueeze(1), 1.0, weights)


def _is_trained(examples: Examples) -> Tensor:
    """Which examples each cell is trained on, (cells, n)."""
    part = torch.zeros_like(examples.labels, dtype=torch.bool).scatter_(1, examples.indices, value=True)
    return part if examples.kept is None else part & examples.kept
