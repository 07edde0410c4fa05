"""Optimisers without torch's compiler: they step as torch's do, bit for bit, and import nothing for it."""

import sys
from inspect import unwrap

import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from lsbench.names.catalogue import OPTIMIZERS
from lsbench.names.registry import load
from lsbench.spec import Recipe
from lsbench.training.eager_optimizer import LOOKED_AFTER, eager
from lsbench.training.schedule import MOMENTA, make_optimizer

STEPS = 5


def weights_after_steps(make):
    """Two weights, the second in a group of its own with a tenth of the rate, after some steps of what `make` makes."""
    weights = [nn.Parameter(torch.linspace(-1, 1, 7 * size).view(7, size)) for size in (3, 1)]
    optimizer = make([{"params": weights[:1]}, {"params": weights[1:], "lr": 0.01}])
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        optimizer.zero_grad()
        sum((weight + 0.3).pow(4).sum() for weight in weights).backward()
        optimizer.step()
        scheduler.step()
    return weights


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("decay", [0.0, 0.01])
@pytest.mark.parametrize("fuse", [False, True])
def test_every_optimiser_steps_as_torchs_own_class_does(name, decay, fuse):
    entry = OPTIMIZERS[name]
    options = {"lr": 0.1, "weight_decay": decay, **MOMENTA[entry.momentum](0.8)}
    options |= {"fused": fuse} if entry.fused else {}
    recipe = Recipe(optimizer=name, lr=0.1, momentum=0.8, weight_decay=decay)
    ours = weights_after_steps(lambda groups: make_optimizer(groups, recipe, may_fuse=fuse))
    torchs = weights_after_steps(lambda groups: load(entry.ref)(groups, **options))
    assert all(map(torch.equal, ours, torchs))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_step_of_an_optimiser_imports_the_compiler(name, monkeypatch):
    for method in LOOKED_AFTER:  # what torch has imported once it keeps there
        monkeypatch.delattr(unwrap(getattr(torch.optim.Optimizer, method)), "__dynamo_disable", raising=False)
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # importing it is an error now
    weights_after_steps(lambda groups: make_optimizer(groups, Recipe(optimizer=name), may_fuse=False))
    with pytest.raises(ImportError):
        weights_after_steps(load(OPTIMIZERS[name].ref))


def test_somebody_elses_optimiser_is_taken_as_it_is():
    class Own(torch.optim.SGD):
        pass

    assert eager(Own) is Own
