"""Layers in stacks, compared with the plain ones."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models.layers import ProductsOfRows
from lsbench.models.stack import StackedModel
from tests.in_turn import in_turn


@pytest.mark.parametrize("shape", [(7, 4), (2, 4), (7, 4, 5), (1, 4, 3)], ids=str)
def test_batch_norm_of_vectors_has_statistics_of_each_cell_alone(shape):
    torch.manual_seed(0)
    copies = [nn.BatchNorm1d(4, momentum=0.3).double() for _ in range(3)]
    for copy in copies:
        nn.init.normal_(copy.weight)
        nn.init.normal_(copy.bias)
    stack = StackedModel([deepcopy(copy) for copy in copies])
    offsets = torch.tensor([0.0, 5.0, -3.0]).view(-1, *[1] * len(shape))
    for _ in range(3):
        x = torch.randn(3, *shape, dtype=torch.float64) * (1 + offsets.abs()) + offsets
        alone = [copy(of) for copy, of in zip(copies, x, strict=True)]
        torch.testing.assert_close(stack(x), torch.stack(alone))
    for cell, copy in enumerate(copies):
        assert stack.copy_state(cell)["num_batches_tracked"] == 3
        for name, value in copy.state_dict().items():
            torch.testing.assert_close(stack.copy_state(cell)[name], value)
    x = torch.randn(3, *shape, dtype=torch.float64)
    expected = torch.stack([copy.eval()(of) for copy, of in zip(copies, x, strict=True)])
    torch.testing.assert_close(stack.eval()(x), expected)


def test_a_diverged_cell_leaves_the_batch_norm_of_the_others_alone():
    stack, x = StackedModel([nn.BatchNorm1d(4) for _ in range(2)]), torch.randn(2, 6, 4)
    x[1, 0] = torch.nan
    assert stack(x)[0].isfinite().all()
    assert stack.copy_state(0)["running_var"].isfinite().all()
    assert stack.copy_state(1)["running_var"].isnan().all()


def test_batch_norm_of_a_single_vector_is_an_error_in_training_alone():
    stack = StackedModel([nn.BatchNorm1d(4)] * 2)
    with pytest.raises(
        InputError, match=r"one value per channel.*try a batch size that does not leave a single example"
    ):
        stack(torch.randn(2, 1, 4))
    assert stack.eval()(torch.randn(2, 1, 4)).shape == (2, 1, 4)


@pytest.mark.parametrize(
    "layer",
    [
        nn.LeakyReLU(0.3),
        nn.ELU(),
        nn.GELU(approximate="tanh"),
        nn.SiLU(),
        nn.Sigmoid(),
        nn.Tanh(),
        nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        nn.AdaptiveAvgPool2d((2, 3)),
        nn.Flatten(),
    ],
    ids=str,
)
def test_a_layer_without_parameters_gives_what_it_gives_alone(layer):
    x = torch.randn(3, 2, 4, 7, 8)
    x[0, 0, 0, 0, 0], x[1, 0, 0, 0, 0] = torch.nan, 1e30
    got = StackedModel([nn.Sequential(deepcopy(layer)) for _ in range(3)])(x)
    torch.testing.assert_close(got, torch.stack([layer(of) for of in x]), equal_nan=True)


def test_a_layer_that_stands_there_twice_is_applied_twice():
    def twice():
        half = nn.LeakyReLU(0.5)
        return nn.Sequential(half, nn.Identity(), half)

    x = -torch.ones(2, 3, 4)
    assert torch.equal(StackedModel([twice(), twice()])(x), x / 4)


def test_weights_in_two_places_are_an_error_as_they_would_come_apart():
    def tied():
        layer = nn.Linear(3, 3)
        return nn.Sequential(layer, nn.ReLU(), layer)

    with pytest.raises(TypeError, match="shares weights between layers; try a stack of one"):
        StackedModel([tied(), tied()])
    copy = tied()
    x = torch.randn(1, 5, 3)
    assert torch.equal(StackedModel([copy])(x)[0], copy(x[0]))


@in_turn("wants", [(True, True), (False, True), (True, False)])
def test_products_of_rows_have_torchs_gradients_and_those_of_weights_in_the_weights_layout(wants):
    x, weight = torch.randn(3, 5, 4, requires_grad=wants[0]), torch.randn(3, 2, 4, requires_grad=wants[1])
    upstream, inputs = (
        torch.randn(3, 5, 2),
        [one for one, is_wanted in zip((x, weight), wants, strict=True) if is_wanted],
    )
    outputs, expected = ProductsOfRows.apply(x, weight), x @ weight.mT
    torch.testing.assert_close(outputs, expected)
    for own, of_torch in zip(
        torch.autograd.grad(outputs, inputs, upstream), torch.autograd.grad(expected, inputs, upstream), strict=True
    ):
        torch.testing.assert_close(own, of_torch)
        assert own.is_contiguous()
