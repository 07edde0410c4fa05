"""What the compiled network computes is what torch computes."""

import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.models import lenet, resnet, zoo
from lsbench.training.eager_optimizer import eager
from lsbench.training.lanes.architecture import READERS, Unknown, architecture_of
from tests.training.lanes.lane_cases import NETWORKS, inputs_of, largest_difference, needs_compiler, pair

CELLS, STEPS, BATCH = 5, 10, 7


def losses_of(model, x, y, runs=()):
    logits = model(x, runs)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).mean(1)


def train(model, batches, runs=()):
    """A step on each batch by plain gradient descent with momentum; the losses of the last."""
    optimizer = eager(torch.optim.SGD)(model.train().parameters(), lr=0.02, momentum=0.9)
    for x, y in batches:
        optimizer.zero_grad()
        losses = losses_of(model, x, y, runs)
        losses.sum().backward()
        optimizer.step()
    return losses.detach()


@needs_compiler
@pytest.mark.parametrize("name", NETWORKS)
def test_ten_steps_differ_from_torch_by_rounding(name):
    own, other = pair(name, range(CELLS))
    batches = [inputs_of(name, CELLS, BATCH if step % 3 else 3, step) for step in range(STEPS)]
    assert torch.allclose(train(own, batches), train(other, batches), atol=1e-5)
    assert largest_difference(own, other, CELLS) < 1e-5
    x, _ = inputs_of(name, CELLS, 150, seed=99)
    with torch.no_grad():
        assert torch.allclose(own.eval()(x), other.eval()(x), atol=1e-5)


@needs_compiler
@pytest.mark.parametrize("name", NETWORKS)
def test_cells_of_one_seed_read_one_row_of_inputs(name):
    own, other = pair(name, [3, 3, 8, 8, 8], lanes=8)
    batches = [(x, torch.randint(3, (CELLS, BATCH))) for x, _ in [inputs_of(name, 2, BATCH, step) for step in range(3)]]
    assert torch.allclose(train(own, batches, (2, 3)), train(other, batches, (2, 3)), atol=1e-5)
    assert largest_difference(own, other, CELLS) < 1e-5


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 4, 3, dilation=2),
        nn.Conv2d(2, 4, 3, groups=2),
        nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.AvgPool2d(3, padding=1, count_include_pad=False),
        nn.BatchNorm2d(2, affine=False),
        nn.Softplus(),
        nn.ELU(-1.0),
        nn.Linear(9, 3),
        nn.Flatten(2),
        nn.LSTM(9, 3),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_without_a_form_is_named(layer):
    with pytest.raises(Unknown, match=type(layer).__name__):
        architecture_of(nn.Sequential(layer, nn.Conv2d(2, 2, 1)), (2, 11, 9))


def test_a_network_ends_in_weights_or_a_function_of_them_and_is_flat():
    for module in (nn.Sequential(nn.Flatten()), nn.Sequential(nn.Conv2d(2, 2, 1))):
        with pytest.raises(Unknown):
            architecture_of(module, (2, 11, 9))


def test_the_page_of_engines_names_the_layers_that_are_taken():
    page = (Path(__file__).parents[3] / "docs" / "engine.md").read_text(encoding="utf-8")
    table = page.partition("| layers | with |")[2].partition("\n\n")[0]
    names = {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.partition(" | ")[0])}
    assert names == {kind.__name__ for kind in READERS} | {"Flatten", "Identity", "Residual"}


def test_convolutions_of_many_channels_and_tiles_take_fewer_products():
    layers = architecture_of(NETWORKS["transformed"][0](), (3, 17, 13)).layers
    ways = [(layer.cpp[:11], layer.options["in_shares"]) for layer in layers if layer.kind == "winograd"]
    assert ways == [("Winograd<4,", False), ("Winograd<4,", True), ("Winograd<2,", True)]


def test_the_small_networks_of_the_catalogue_are_taken():
    for factory in (zoo.cnn, zoo.mlp, zoo.linear, lenet.lenet5, resnet.resnet8):
        assert architecture_of(factory((1, 28, 28), 10), (1, 28, 28)).sizes[-1] == 10
