"""Dropout in stacks: the masks of a cell are its own, and the same alone."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.errors import InputError
from lsbench.models.dropout import CellDropout
from lsbench.models.stack import StackedModel
from lsbench.seeding import stream_seed
from lsbench.training.eager_optimizer import eager
from tests.in_turn import in_turn


def masked(p=0.5):
    """A model that shows its masks: the second is taken of what the first has left, at each place twice."""
    return nn.Sequential(nn.Flatten(), nn.Dropout(p), nn.Sequential(nn.Identity(), nn.Dropout(p, inplace=True)))


def layered():
    convolved = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(0.3))
    return nn.Sequential(convolved, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(27, 8), nn.ReLU(), nn.Dropout(), last())


def last():
    return nn.Linear(8, 3)


def steps(model, cells, count=3):
    """What training gives at each step, and evaluation at the end."""
    optimizer = eager(torch.optim.SGD)(model.parameters(), lr=0.1)
    generator, seen = torch.Generator().manual_seed(5), []
    for _ in range(count):
        x = torch.randn(6, 1, 8, 8, generator=generator).expand(cells, -1, -1, -1, -1)
        logits = model.train()(x)
        optimizer.zero_grad()
        logits.square().sum().backward()
        optimizer.step()
        seen += [logits.detach(), model.eval()(x).detach()]
    return seen


@pytest.mark.parametrize("seeds", [[3, 4, 3], [4, 4, 4], [9, 3, 5]], ids=str)
def test_a_cell_trains_with_dropout_as_it_does_alone_whatever_its_neighbours(seeds):
    torch.manual_seed(0)
    copies = [layered() for _ in seeds]
    together = steps(StackedModel([deepcopy(copy) for copy in copies], seeds), 3)
    for cell, (copy, seed) in enumerate(zip(copies, seeds, strict=True)):
        alone = steps(StackedModel([copy], [seed]), 1)
        for a, b in zip(alone, together, strict=True):
            torch.testing.assert_close(b[cell], a[0], atol=2e-5, rtol=1e-4)


def test_masks_are_the_same_bits_alone_and_stacked_and_follow_the_seed():
    seeds, x = [3, 4, 3], torch.ones(3, 50, 40)
    stack = StackedModel([masked() for _ in seeds], seeds)
    alone = [StackedModel([masked()], [seed]) for seed in seeds]
    for _ in range(2):
        y = stack(x)
        assert all(torch.equal(y[cell], one(x[:1])[0]) for cell, one in enumerate(alone))
        assert torch.equal(y[0], y[2])
        assert not torch.equal(y[0], y[1])
    assert not torch.equal(stack(x), y)  # each step has masks of its own


def test_a_mask_is_torchs_at_the_start_of_the_layers_stream():
    x = torch.randn(1, 7, 5)
    layer = CellDropout(0.3, [11], position=2)
    torch.manual_seed(stream_seed(stream_seed(11, "dropout") + 2, "dropout"))
    assert torch.equal(layer(x), F.dropout(x, 0.3))


def test_the_layers_of_one_model_have_masks_that_know_nothing_of_each_other():
    stack = StackedModel([masked(), masked()], [1, 2])
    kept = stack(torch.ones(2, 400, 500)) > 0  # by both
    torch.testing.assert_close(kept.double().mean((1, 2)), torch.full((2,), 0.25).double(), atol=0.005, rtol=0)
    torch.testing.assert_close((kept[0] & kept[1]).double().mean().item(), 0.0625, atol=0.005, rtol=0)


@in_turn("cells", [1, 2])
def test_what_is_dropped_is_a_fraction_p_and_the_mean_stays(cells):
    layer = CellDropout(0.2, range(cells))
    y = layer(torch.ones(cells, 1000, 100))
    assert set(y.unique().tolist()) == {0.0, 1.25}
    torch.testing.assert_close(y.mean((1, 2)), torch.ones(cells), atol=0.01, rtol=0)


def test_p_of_zero_changes_nothing_and_p_of_one_leaves_nothing():
    x = torch.randn(2, 3, 4)
    assert torch.equal(CellDropout(0.0, [0, 1])(x), x)
    assert not CellDropout(1.0, [0, 1])(x).any()


@in_turn("cells", [1, 2])
def test_in_evaluation_nothing_is_dropped_and_no_mask_is_drawn(cells):
    stack, x = StackedModel([masked() for _ in range(cells)]), torch.ones(cells, 4, 5)
    untouched = deepcopy(stack)
    assert torch.equal(stack.eval()(x), x)
    assert torch.equal(stack.train()(x), untouched(x))


def test_the_gradient_passes_where_the_input_did():
    x = torch.ones(2, 30, 10, requires_grad=True)
    y = CellDropout(0.5, [0, 1])(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())


def test_nan_stays_in_its_cell():
    x = torch.ones(2, 30, 10)
    x[1] = torch.nan
    y = CellDropout(0.5, [0, 1])(x)
    assert y[0].isfinite().all()
    assert y[1].isnan().all()


def test_torchs_global_numbers_are_left_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    StackedModel([masked(), masked()], [1, 2])(torch.ones(2, 4, 5))
    StackedModel([nn.Sequential(nn.Dropout2d())], [1])(torch.ones(1, 4, 5, 2, 2))
    assert torch.equal(torch.rand(3), expected)


@in_turn("disturbance", [0, 5])
def test_layers_that_draw_from_torchs_global_numbers_give_the_same_for_the_same_seed(disturbance):
    x = torch.ones(1, 40, 50, 2, 2)
    one, other, third = (StackedModel([nn.Sequential(nn.Dropout2d())], [seed]) for seed in (1, 1, 2))
    first = [one(x), one(x)]
    torch.rand(disturbance)
    second = [other(x), torch.rand(disturbance), other(x)][::2]
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], third(x))


def test_a_stack_needs_a_seed_for_each_copy():
    with pytest.raises(InputError, match="a stack of 2 needs a seed for each copy, got 1"):
        StackedModel([masked(), masked()], [1])


def test_a_copy_of_a_stack_goes_on_with_the_same_masks():
    stack, x = StackedModel([masked(), masked()], [1, 2]), torch.ones(2, 20, 30)
    stack(x)
    copy = deepcopy(stack)
    assert torch.equal(stack(x), copy(x))
