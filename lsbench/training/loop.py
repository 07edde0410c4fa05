"""The one loop that trains a stack: sum over cells, mean over the batch, so that cells don't feel each other.

Of a batch those examples count that are trained on: what a loss leaves out has no weight, see `cross_fit`.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import Protocol

import torch
from torch import Tensor, nn

from lsbench.models.average import WeightAverage
from lsbench.models.head import head
from lsbench.models.sharing import one_per_cell
from lsbench.models.stack import StackedModel
from lsbench.spec import Recipe, require_pairs
from lsbench.training.batches import Batch, Examples
from lsbench.training.epoch_draws import EpochDraws
from lsbench.training.precision import autocast, matmul_precision
from lsbench.training.schedule import Phase, first_phase, main_phase

Objective = Callable[[Tensor, Tensor, Tensor], Tensor]  # logits (cells, n, K), labels, index (cells, n) -> (cells, n)


def train(model: StackedModel, examples: Examples, objective: Objective, recipe: Recipe) -> Iterator[Tensor]:
    """Train in place; after each epoch yield every cell's mean training loss (cells,), NaN or inf where it diverged.

    With `recipe.ema` the model has its averaged weights while the caller looks at it. `InputError` for a single example
    left over at the end of an epoch, where batch normalisation can't take one.
    """
    _require_whole_batches(model, examples.indices.shape[1], recipe.batch_size)
    steps = ceil(examples.indices.shape[1] / recipe.batch_size)
    average = WeightAverage(model, recipe.ema) if recipe.ema is not None else None
    epochs = examples.epochs(recipe.batch_size, recipe.mixup, recipe.all_epochs)
    for phase in phases(model, recipe, steps):
        step = Step(model, examples, objective, recipe, phase, average, steps * phase.epochs)
        take = step if model.steps_by is None else model.steps_by(step)
        for draws in islice(epochs, phase.epochs):
            model.train()
            total = torch.zeros(len(examples.seeds), device=examples.images.device)
            with matmul_precision(recipe.precision, examples.images.device.type):
                for drawn in draws.batches(recipe.batch_size):
                    total += take(drawn)
            with average.applied() if average is not None else nullcontext():
                yield total / steps


class Average(Protocol):
    """What follows the weights."""

    def update(self) -> None:
        """After a step."""


@dataclass(frozen=True)
class Step:
    """A step of a phase: one update of all cells, by the gradient of the sum of their losses.

    All that a batch draws at random outside of the network was drawn before; the network's masks are drawn here.
    """

    model: StackedModel
    examples: Examples
    objective: Objective
    recipe: Recipe
    phase: Phase
    average: Average | None
    steps: int  # of the phase

    def __call__(self, drawn: EpochDraws) -> Tensor:
        """Each cell's loss (cells,) before the update, on the batch of some columns of an epoch."""
        batch = self.examples.batch(drawn)
        losses = batch.mean(losses_of(batch, self.model, self.objective, self.recipe.precision))
        self.phase.optimizer.zero_grad()
        losses.backward(torch.ones_like(losses))
        if self.recipe.clip is not None:
            clip_gradients(self.model, self.recipe.clip)
        self.phase.optimizer.step()
        self.phase.scheduler.step()
        if self.average is not None:
            self.average.update()
        return losses.detach()


def _require_whole_batches(model: StackedModel, count: int, size: int) -> None:
    if any(isinstance(layer, nn.BatchNorm1d) or getattr(layer, "is_flat", False) for layer in model.modules()):
        require_pairs(count, size)


def losses_of(batch: Batch, model: StackedModel, objective: Objective, precision: str) -> Tensor:
    """The losses (cells, b) of one batch, mixed or not."""
    device, mixture = batch.images.device.type, batch.mixture
    if mixture is None:
        with autocast(precision, device):
            logits = model(batch.images, batch.runs)
        return objective(logits, batch.labels, batch.index)
    with autocast(precision, device):
        logits = model(mixture.images(one_per_cell(batch.images, batch.runs)))  # each mixed by its own partner
    return mixture.losses(lambda labels: objective(logits, labels, batch.index), batch.labels)


def phases(model: StackedModel, recipe: Recipe, steps: int) -> Iterator[Phase]:
    """The head first, where it is asked for, then all; what a phase does not train has no gradient."""
    everything = list(model.parameters())
    last = head(model) if recipe.head_epochs or recipe.body_scale != 1 else []  # not every model has one
    # torch's fused step rounds by position on a CPU, and equal cells of a stack would part
    may_fuse = model.cells == 1 or everything[0].device.type == "cuda"
    if recipe.head_epochs:
        first = {id(parameter) for parameter in last} | normalisation(model)
        for parameter in everything:
            parameter.requires_grad_(id(parameter) in first)
        trained = [parameter for parameter in everything if parameter.requires_grad]
        yield first_phase(trained, recipe, steps, may_fuse=may_fuse)
        for parameter in everything:
            parameter.requires_grad_(True)
    yield main_phase(everything, last, recipe, steps, may_fuse=may_fuse)


def normalisation(model: StackedModel) -> set[int]:
    """The ids of the parameters of batch normalisations, which are trained with the head, as fastai does."""
    layers = (layer for layer in model.modules() if "BatchNorm" in type(layer).__name__)
    return {id(parameter) for layer in layers for parameter in layer.parameters(recurse=False)}


def clip_gradients(model: StackedModel, largest: float) -> None:
    """Scale each cell's gradient to a norm of at most `largest`, over all of its parameters together."""
    gradients = model.gradients()
    squares = [gradient.flatten(1).square().sum(1) for gradient in gradients]
    norm = torch.stack(squares).sum(0).sqrt()  # (cells,)
    scale = largest / norm.clamp_min(largest)
    for gradient in gradients:
        gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
