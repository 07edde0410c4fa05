from dataclasses import replace

import pytest
import torch
from torch import nn

from lsbench.data.dataset import load
from lsbench.models.stack import build
from lsbench.spec import Cell, Recipe
from lsbench.training.batches import Examples
from lsbench.training.eager_optimizer import eager
from lsbench.training.loop import train
from lsbench.training.objective import Objective

SIZE = 64


def trained(recipe, model="mlp", seeds=(0,)):
    """The model, and its parameters after every epoch."""
    data = load("blobs")
    cells = [Cell(dataset="blobs", fingerprint="f", model=model, loss="ce", seed=seed, recipe=recipe) for seed in seeds]
    stack = build(model, data.shape, data.num_classes, list(seeds))
    indices = torch.arange(SIZE).repeat(len(seeds), 1)
    examples = Examples(data.images, data.labels.repeat(len(seeds), 1), indices, list(seeds))
    objective = Objective(cells, torch.eye(10).repeat(len(seeds), 1, 1), len(data.labels))
    states = [snapshot(stack)]
    states += [snapshot(stack) for _ in train(stack, examples, objective, recipe)]
    return stack, states


def snapshot(model):
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


RECIPE = Recipe(lr=0.05, batch_size=16, epochs=2, schedule="fine-tune")


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_the_head_is_trained_first_and_then_all(seeds):
    model, states = trained(replace(RECIPE, head_epochs=1), seeds=seeds)
    assert len(states) == 1 + 1 + 2
    last = {name for name, _ in list(model.named_parameters())[-2:]}
    assert changed(states[0], states[1]) == last
    assert changed(states[1], states[2]) == set(states[0])
    assert all(p.requires_grad for p in model.parameters())


def test_normalisations_are_trained_with_the_head():
    model, states = trained(replace(RECIPE, head_epochs=1, epochs=1), model="resnet8")
    layers = [name for name, layer in model.named_modules() if isinstance(layer, nn.BatchNorm2d)]
    norms = {f"{name}.{of}" for name in layers for of in ("weight", "bias")}
    head = {name for name, _ in list(model.named_parameters())[-2:]}
    assert changed(states[0], states[1]) == norms | head


def test_the_body_may_learn_at_a_fraction_of_the_rate():
    _, states = trained(replace(RECIPE, schedule="constant", momentum=0.0, body_scale=0.0, epochs=1))
    assert len(changed(states[0], states[1])) == 2
    _, whole = trained(replace(RECIPE, schedule="constant", momentum=0.0, epochs=1))
    _, scaled = trained(replace(RECIPE, schedule="constant", momentum=0.0, epochs=1, body_scale=1.0 + 1e-12))
    for name, value in whole[1].items():
        torch.testing.assert_close(scaled[1][name], value)


def test_what_is_seen_after_an_epoch_is_the_average_of_the_weights():
    _, plain = trained(replace(RECIPE, schedule="constant"))
    _, averaged = trained(replace(RECIPE, schedule="constant", ema=0.9))
    gap = [sum((a[n] - b[n]).square().sum() for n in a) for a, b in zip(plain, averaged, strict=True)]
    assert gap[0] == 0
    assert gap[1] > 0


def test_mixup_trains_on_mixtures_and_changes_the_result():
    _, plain = trained(RECIPE)
    _, mixed = trained(replace(RECIPE, mixup=0.4))
    _, again = trained(replace(RECIPE, mixup=0.4))
    assert changed(plain[-1], mixed[-1])
    assert not changed(mixed[-1], again[-1])


def test_adagrad_is_torchs():
    recipe = Recipe(optimizer="adagrad", lr=0.01, batch_size=SIZE, epochs=1, schedule="constant")
    _, states = trained(recipe, model="linear")
    data = load("blobs")
    plain = nn.Linear(256, 10)
    first = list(states[0].values())
    plain.weight.data.copy_(first[0].view(10, 256))
    plain.bias.data.copy_(first[1].view(10))
    optimizer = eager(torch.optim.Adagrad)(plain.parameters(), lr=0.01)
    nn.functional.cross_entropy(plain(data.images[:SIZE].flatten(1)), data.labels[:SIZE]).backward()
    optimizer.step()
    torch.testing.assert_close(next(iter(states[1].values())).view(10, 256), plain.weight.data, atol=1e-5, rtol=1e-4)
