"""What an optimiser does over the steps of a training: its phases, the learning rate and the momentum in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler

from lsbench.spec import Recipe

FINE_TUNE: dict[str, Any] = {  # fastai's one-cycle; its momentum falls by a tenth
    "pct_start": 0.25 + 1e-7,  # torch divides by pct_start * steps - 1, which 4 steps would make 0
    "final_div_factor": 1e5,
}


@dataclass(frozen=True)
class Phase:
    """Some epochs with one optimiser: of the last layer alone, or of all."""

    epochs: int
    trained: Sequence[nn.Parameter]
    optimizer: torch.optim.Optimizer
    scheduler: lr_scheduler.LRScheduler


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

    `may_fuse` lets it go through the weights in one pass.
    """
    groups = list(groups)
    shared: Any = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": may_fuse}
    match recipe.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, momentum=recipe.momentum, **shared)
        case "adagrad":
            return torch.optim.Adagrad(groups, lr=recipe.lr, weight_decay=recipe.weight_decay)
        case kind:
            adam = torch.optim.AdamW if kind == "adamw" else torch.optim.Adam
            return adam(groups, betas=(recipe.momentum, 0.999), **shared)


def make_scheduler(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> lr_scheduler.LRScheduler:
    """The recipe's learning rate per step; one-cycle moves the momentum too (Smith and Topin, 2018)."""
    match recipe.schedule:
        case "one-cycle" | "fine-tune":
            return lr_scheduler.OneCycleLR(
                optimizer,
                [group["lr"] for group in optimizer.param_groups],
                total_steps=steps,
                cycle_momentum=recipe.momentum > 0 and recipe.optimizer != "adagrad",
                base_momentum=min(0.85, recipe.momentum),
                max_momentum=recipe.momentum,
                **(FINE_TUNE if recipe.schedule == "fine-tune" else {}),
            )
        case "cosine":
            return lr_scheduler.CosineAnnealingLR(optimizer, steps)
        case "step":
            return lr_scheduler.MultiStepLR(optimizer, [steps // 2, steps * 3 // 4])
        case _:
            return lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
