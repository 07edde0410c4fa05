"""Optimisers and all else that a recipe has are torch's, on weights that are stored with the cells innermost."""

import copy

import pytest
import torch

from lsbench.losses.cross_entropy import ce
from lsbench.models.stack import StackedModel
from lsbench.spec import Recipe
from lsbench.training.loop import train
from tests.training.lanes.lane_cases import copies_of, inputs_of, lane_stack, largest_difference, needs_compiler
from tests.training.small_examples import examples_of

pytestmark = needs_compiler
OPTIONS = {
    "momentum and weight decay": {"weight_decay": 1e-2},
    "adam": {"optimizer": "adam", "lr": 1e-3},
    "adamw": {"optimizer": "adamw", "lr": 1e-3, "weight_decay": 0.1},
    "adagrad": {"optimizer": "adagrad", "lr": 1e-3},
    "clip": {"clip": 0.1},
    "average": {"ema": 0.9},
    "mixup": {"mixup": 0.3},
    "head first": {"head_epochs": 1},
    "a slower body": {"body_scale": 0.1},
    "a cosine": {"schedule": "cosine"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_ten_steps_differ_from_torch_by_rounding(options):
    recipe, seeds = Recipe(**{"epochs": 2, "batch_size": 8, "lr": 0.02, **options}), [4, 4, 6]
    images, labels = inputs_of("convolutions", 1, 37)  # five batches, the last of 5
    examples = examples_of(images[0], labels[0], seeds)
    copies = copies_of("convolutions", seeds)
    models = [lane_stack("convolutions", copy.deepcopy(copies), seeds), StackedModel(copies, seeds)]
    losses, logits = [], []
    for model in models:
        for mean in train(model, examples, lambda z, y, _: ce(z, y), recipe):
            last = mean
            with torch.no_grad():
                seen = model.eval()(images.expand(3, -1, -1, -1, -1))
        losses.append(last)
        logits.append(seen)
    assert torch.allclose(losses[0], losses[1], atol=1e-5)
    assert torch.allclose(logits[0], logits[1], atol=1e-5)
    assert largest_difference(*models, 3) < 1e-5
    assert (
        largest_difference(models[0], StackedModel(copies_of("convolutions", seeds), seeds), 3) > 1e-4
    )  # it has learnt
