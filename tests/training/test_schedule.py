"""Optimisers and schedules by their tables: a new entry trains with what it names, and nothing falls through."""

import pytest
import torch
from torch import nn

from lsbench.data import augment
from lsbench.data.augmentation import STEPS, Step
from lsbench.errors import InputError
from lsbench.names.catalogue import MODELS, OPTIMIZERS, PRECISIONS, OptimizerEntry, PrecisionEntry
from lsbench.names.catalogue.allowed import Text
from lsbench.names.catalogue.entries import ModelEntry
from lsbench.names.registry import load
from lsbench.planning import plan
from lsbench.planning.models import default_lr, plan_model
from lsbench.spec import RECIPE_SETTINGS, SCHEDULES, Grid, Recipe
from lsbench.training import precision, schedule
from lsbench.training.predict import LINKS, to_log_probs
from tests.in_turn import in_turn

IDS = {  # of cells of blobs, mlp, ce, seed 0, as version 0.2.0 named them
    "sgd": "b90ce54c7f1b08e0",
    "adam": "c9f387272fd0544f",
    "adamw": "0a5af47bc05e7cef",
    "adagrad": "bacfdd1886926dcb",
}


def stepped(recipe, steps=4):
    """An optimiser and its scheduler after some steps, and the weight that they moved."""
    weight = nn.Parameter(torch.ones(3))
    optimizer = schedule.make_optimizer([{"params": [weight]}], recipe, may_fuse=False)
    scheduler = schedule.make_scheduler(optimizer, recipe, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
        scheduler.step()
    return optimizer, scheduler, weight


@pytest.mark.parametrize("name", OPTIMIZERS)
@in_turn("kind", SCHEDULES)
def test_every_optimiser_goes_with_every_schedule_and_is_the_class_its_entry_names(name, kind):
    optimizer, _, weight = stepped(Recipe(optimizer=name, schedule=kind, lr=0.1))
    assert isinstance(optimizer, load(OPTIMIZERS[name].ref))
    assert not torch.equal(weight.detach(), torch.ones(3))
    group = optimizer.param_groups[0]
    taken = {"momentum": group.get("momentum"), "betas": group.get("betas", (None,))[0], "": None}
    expected = 0.9 if kind in ("constant", "step", "cosine") else pytest.approx(0.9, abs=0.06)
    assert taken[OPTIMIZERS[name].momentum] == (expected if OPTIMIZERS[name].momentum else None)


def test_an_optimiser_added_to_the_table_is_trained_with_and_planned_at_its_own_rate(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "rmsprop", OptimizerEntry(ref="torch.optim:RMSprop", lr=0.003, momentum="momentum"))
    recipe = plan_model("mlp", {"optimizer": "rmsprop"}).recipe
    assert (recipe.optimizer, recipe.lr) == ("rmsprop", 0.003)
    optimizer, _, _ = stepped(recipe)
    assert isinstance(optimizer, torch.optim.RMSprop)
    assert optimizer.param_groups[0]["momentum"] > 0.8


def test_an_entry_whose_momentum_or_rate_has_no_rule_is_an_error(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "odd", OptimizerEntry(ref="torch.optim:SGD", lr="nobody's", momentum="nesterov"))
    with pytest.raises(InputError, match="unknown way of taking momentum 'nesterov'"):
        stepped(Recipe(optimizer="odd"))
    with pytest.raises(InputError, match="unknown learning rate"):
        plan_model("mlp", {"optimizer": "odd"})


def test_cells_of_every_optimiser_keep_the_ids_that_they_had():
    for optimizer, known in IDS.items():
        recipe = {"schedule": "one-cycle", "optimizer": optimizer}
        (cell,) = plan.expand(Grid(datasets=("blobs",), models=("mlp",), losses=("ce",), seeds=(0,), recipe=recipe))
        assert cell.id == known


def test_default_rates_are_the_models_or_the_optimisers():
    model = MODELS["mlp"]
    rates = {"sgd": model.recipe["lr"], "adam": model.adam_lr, "adamw": model.adam_lr, "adagrad": 0.01}
    assert {name: default_lr(name, model) for name in rates} == rates
    bare = ModelEntry(ref="x:y", summary="", source="", recipe={}, stack_cpu=1, stack_cuda=1)
    assert default_lr("sgd", bare) == Recipe().lr


def test_a_schedule_a_precision_a_link_or_a_step_without_a_rule_is_an_error(monkeypatch):
    assert set(schedule.RULES) == set(SCHEDULES)
    monkeypatch.setitem(RECIPE_SETTINGS, "schedule", RECIPE_SETTINGS["schedule"]._replace(allowed=Text()))
    with pytest.raises(InputError, match="unknown schedule"):
        stepped(Recipe(schedule="linear"))
    with pytest.raises(InputError, match="unknown precision"), precision.matmul_precision("tf16", "cpu"):
        pass
    with pytest.raises(InputError, match="unknown precision"):
        precision.autocast("tf16", "cpu")
    with pytest.raises(InputError, match="unknown link"):
        to_log_probs(torch.zeros(2, 3), "probit")
    monkeypatch.setitem(STEPS, "rotate", ())
    with pytest.raises(InputError, match="'rotate' is listed"):
        augment.make_augment(str(Step("rotate")), torch.zeros(1), torch.ones(1))


def test_every_link_and_precision_of_the_catalogue_has_a_rule():
    from lsbench.names.catalogue import LOSSES

    assert {loss.link for loss in LOSSES.values()} <= set(LINKS)
    assert {entry.float32 for entry in PRECISIONS.values()} == {"highest", "high", "medium"}


def test_a_precision_added_to_the_table_casts_to_what_it_names(monkeypatch):
    monkeypatch.setitem(PRECISIONS, "half", PrecisionEntry(float32="highest", autocast="float16"))
    with precision.autocast("half", "cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float16
