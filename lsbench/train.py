"""The one loop that trains a stack: sum over cells, mean over the batch, so that cells don't feel each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor
from torch.optim import lr_scheduler

from lsbench.models.stack import StackedModel
from lsbench.precision import autocast, matmul_precision
from lsbench.seeding import stream
from lsbench.spec import Recipe

Objective = Callable[[Tensor, Tensor], Tensor]  # logits (cells, n, K), labels (cells, n) -> losses (cells, n)


@dataclass(frozen=True)
class Examples:
    """What a stack trains on: shared images, and for each cell its own labels, its own subset and its own order."""

    images: Tensor  # (n, ...), on the device
    labels: Tensor  # (cells, n), wrong ones included
    indices: Tensor  # (cells, m): the examples of each cell's training set
    seeds: Sequence[int]  # one per cell; equal seeds see equal orders

    def batches(self, epoch_orders: Iterator[Tensor], size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of images (cells, b, ...) and labels (cells, b)."""
        order = self.indices.gather(1, next(epoch_orders).to(self.indices.device))
        for index in order.split(size, dim=1):
            picked = self.images.index_select(0, index.flatten())  # three times as fast as images[index] on a CPU
            yield picked.unflatten(0, index.shape), self.labels.gather(1, index)

    def orders(self) -> Iterator[Tensor]:
        """Per epoch (cells, m): each cell's permutation, from its seed's stream `order`."""
        generators = {seed: stream(seed, "order") for seed in self.seeds}
        size = self.indices.shape[1]
        while True:
            drawn = {seed: torch.randperm(size, generator=generator) for seed, generator in generators.items()}
            yield torch.stack([drawn[seed] for seed in self.seeds])


def train(model: StackedModel, examples: Examples, objective: Objective, recipe: Recipe) -> Iterator[Tensor]:
    """Train in place; after each epoch yield every cell's mean training loss (cells,), NaN or inf where it diverged."""
    steps, device = ceil(examples.indices.shape[1] / recipe.batch_size), examples.images.device.type
    optimizer = make_optimizer(model, recipe)
    scheduler = make_scheduler(optimizer, recipe, steps * recipe.epochs)
    orders = examples.orders()
    for _ in range(recipe.epochs):
        model.train()
        total = torch.zeros(len(examples.seeds), device=examples.images.device)
        each = torch.ones_like(total)
        with matmul_precision(recipe.precision, device):
            for images, labels in examples.batches(orders, recipe.batch_size):
                with autocast(recipe.precision, device):
                    logits = model(images)
                losses = objective(logits, labels).mean(1)  # (cells,)
                optimizer.zero_grad()
                losses.backward(each)  # the gradient of their sum
                if recipe.clip is not None:
                    clip_gradients(model, recipe.clip)
                optimizer.step()
                scheduler.step()
                total += losses.detach()
        yield total / steps


def make_optimizer(model: StackedModel, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser; all three update element by element, so cells stay apart."""
    # in one pass over the weights; on a CPU torch's then rounds by position, and equal cells of a stack would part
    may_fuse = model.cells == 1 or next(model.parameters()).device.type == "cuda"
    shared: Any = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": may_fuse}
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), momentum=recipe.momentum, **shared)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(model.parameters(), betas=(recipe.momentum, 0.999), **shared)


def make_scheduler(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> lr_scheduler.LRScheduler:
    """The recipe's learning rate per step; one-cycle moves the momentum too (Smith and Topin, 2018)."""
    match recipe.schedule:
        case "one-cycle":
            return lr_scheduler.OneCycleLR(
                optimizer,
                recipe.lr,
                total_steps=steps,
                cycle_momentum=recipe.momentum > 0,
                base_momentum=min(0.85, recipe.momentum),
                max_momentum=recipe.momentum,
            )
        case "cosine":
            return lr_scheduler.CosineAnnealingLR(optimizer, steps)
        case "step":
            return lr_scheduler.MultiStepLR(optimizer, [steps // 2, steps * 3 // 4])
        case _:
            return lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)


def clip_gradients(model: StackedModel, largest: float) -> None:
    """Scale each cell's gradient to a norm of at most `largest`, over all of its parameters together."""
    gradients = model.gradients()
    squares = [gradient.flatten(1).square().sum(1) for gradient in gradients]
    norm = torch.stack(squares).sum(0).sqrt()  # (cells,)
    scale = largest / norm.clamp_min(largest)
    for gradient in gradients:
        gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
