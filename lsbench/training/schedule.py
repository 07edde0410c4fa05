"""What an optimiser does over the steps of a training: its phases, the learning rate and the momentum in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import lr_scheduler

from lsbench.names.catalogue import OPTIMIZERS
from lsbench.names.registry import load, lookup
from lsbench.spec import Recipe
from lsbench.training.eager_optimizer import eager

FINE_TUNE: dict[str, Any] = {  # fastai's one-cycle; its momentum falls by a tenth
    "pct_start": 0.25 + 1e-7,  # torch divides by pct_start * steps - 1, which 4 steps would make 0
    "final_div_factor": 1e5,
}


class Scheduler(Protocol):
    """What moves the numbers of an optimiser from step to step."""

    def step(self) -> object:
        """To the numbers of the next step."""


class Optimizer(Protocol):
    """What a step needs of an optimiser."""

    def zero_grad(self) -> object:
        """Forget the gradients."""

    def step(self) -> object:
        """Move the weights by the gradients."""


@dataclass(frozen=True)
class Phase:
    """Some epochs with one optimiser: of the last layer alone, or of all."""

    epochs: int
    trained: Sequence[nn.Parameter]
    optimizer: Optimizer
    scheduler: Scheduler


def first_phase(parameters: Sequence[nn.Parameter], recipe: Recipe, steps: int, *, may_fuse: bool) -> Phase:
    """`recipe.head_epochs` of the parameters of the head alone."""
    optimizer = make_optimizer([{"params": parameters}], recipe, may_fuse=may_fuse)
    return Phase(
        recipe.head_epochs, parameters, optimizer, make_scheduler(optimizer, recipe, steps * recipe.head_epochs)
    )


def main_phase(
    everything: Sequence[nn.Parameter], head: Sequence[nn.Parameter], recipe: Recipe, steps: int, *, may_fuse: bool
) -> Phase:
    """`recipe.epochs` of all parameters, those of the body at `recipe.body_scale` times the learning rate."""
    groups: list[dict[str, Any]] = [{"params": everything}]
    if recipe.body_scale != 1:
        in_head = {id(parameter) for parameter in head}
        body = [parameter for parameter in everything if id(parameter) not in in_head]
        groups = [{"params": body, "lr": recipe.lr * recipe.body_scale}, {"params": head}]
    optimizer = make_optimizer(groups, recipe, may_fuse=may_fuse)
    return Phase(recipe.epochs, everything, optimizer, make_scheduler(optimizer, recipe, steps * recipe.epochs))


def make_optimizer(groups: Sequence[dict[str, Any]], recipe: Recipe, *, may_fuse: bool) -> torch.optim.Optimizer:
    """The recipe's optimiser; all of them update element by element, so cells stay apart.

    `may_fuse` lets it go through the weights in one pass. `InputError` for a name without an entry or a rule.
    """
    entry = lookup(OPTIMIZERS, "optimizer", recipe.optimizer)
    options: dict[str, Any] = lookup(MOMENTA, "way of taking momentum", entry.momentum)(recipe.momentum)
    if entry.fused:
        options["fused"] = may_fuse
    return eager(load(entry.ref))(list(groups), lr=recipe.lr, weight_decay=recipe.weight_decay, **options)


MOMENTA: dict[str, Callable[[float], dict[str, Any]]] = {  # an entry's word -> what the class is given
    "": lambda _: {},
    "momentum": lambda momentum: {"momentum": momentum},
    "betas": lambda momentum: {"betas": (momentum, 0.999)},
}


def make_scheduler(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> lr_scheduler.LRScheduler:
    """The recipe's learning rate per step; `InputError` for a name without a rule."""
    return lookup(RULES, "schedule", recipe.schedule)(optimizer, recipe, steps)


def _one_cycle(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int, **shape: Any) -> lr_scheduler.LRScheduler:
    """It moves the momentum too, where the optimiser has one (Smith and Topin, 2018)."""
    return lr_scheduler.OneCycleLR(
        optimizer,
        [group["lr"] for group in optimizer.param_groups],
        total_steps=steps,
        cycle_momentum=recipe.momentum > 0 and OPTIMIZERS[recipe.optimizer].momentum != "",
        base_momentum=min(0.85, recipe.momentum),
        max_momentum=recipe.momentum,
        **shape,
    )


RULES: dict[str, Callable[[torch.optim.Optimizer, Recipe, int], lr_scheduler.LRScheduler]] = {
    "constant": lambda optimizer, _recipe, _steps: lr_scheduler.LambdaLR(optimizer, lambda _: 1.0),
    "step": lambda optimizer, _recipe, steps: lr_scheduler.MultiStepLR(optimizer, [steps // 2, steps * 3 // 4]),
    "cosine": lambda optimizer, _recipe, steps: lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "one-cycle": _one_cycle,
    "fine-tune": partial(_one_cycle, **FINE_TUNE),
}
