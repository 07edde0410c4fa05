"""Inputs that neighbouring cells share, compared with the same inputs once per cell."""

import pytest
import torch
from torch import nn

from lsbench.models.layers import StackedLinear
from lsbench.models.residual import Residual
from lsbench.models.sharing import one_of_each, one_per_cell, runs_of_rows
from lsbench.models.stack import StackedModel
from lsbench.training.precision import autocast
from tests.in_turn import in_turn

MODELS = {
    "linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(36, 4)),
    "without bias": lambda: nn.Sequential(nn.Flatten(), nn.Linear(36, 4, bias=False)),
    "mlp": lambda: nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(36, 5), nn.ReLU(), nn.Linear(5, 4)),
    "cnn": lambda: nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(8, 4)),
    "dropout first": lambda: nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(36, 4)),
    "nested": lambda: nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(36, 4))),
    "no weights": lambda: nn.Sequential(nn.Flatten()),
    "residual": lambda: Residual(nn.Conv2d(1, 1, 1), nn.Identity()),
}


def stack_of(name, cells):
    torch.manual_seed(0)
    return StackedModel([MODELS[name]() for _ in range(cells)])


@pytest.mark.parametrize("name", MODELS)
@in_turn("runs", [(5,), (2, 2), (1, 3, 1), (1, 1, 1)])
def test_cells_that_share_inputs_have_the_outputs_and_gradients_of_cells_that_do_not(name, runs):
    rows = torch.randn(len(runs), 3, 1, 6, 6)
    apart, together = stack_of(name, sum(runs)), stack_of(name, sum(runs))
    expected, got = apart(one_per_cell(rows, runs)), together(rows, runs)
    torch.testing.assert_close(got, expected)
    for output in (expected, got) if expected.requires_grad else ():
        (output * torch.arange(output.numel()).view(output.shape)).sum().backward()
    for one, other in zip(together.parameters(), apart.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_equal_rows_are_a_run_only_where_they_are_neighbours():
    rows = torch.tensor([[1, 2], [1, 2], [1, 3], [1, 2]])
    assert runs_of_rows(rows) == (2, 1, 1)
    assert one_of_each(rows, (2, 1, 1)).tolist() == [[1, 2], [1, 3], [1, 2]]
    assert runs_of_rows(rows[:1]) == (1,)


def test_a_first_layer_is_multiplied_once_per_run(monkeypatch):
    products = []
    plain = torch.baddbmm
    monkeypatch.setattr(torch, "baddbmm", lambda b, *two: (products.append([t.shape for t in two]), plain(b, *two))[1])
    stack_of("linear", 6)(torch.randn(2, 3, 1, 6, 6), (3, 3))
    assert products == [[(2, 12, 36), (2, 36, 3)]]


@in_turn("precision", ["highest", "bf16"])
def test_unequal_runs_are_multiplied_in_the_precision_of_equal_ones(precision):
    x, copies, outcomes = torch.randn(2, 5, 36, requires_grad=True), [nn.Linear(36, 4)] * 4, []
    for runs in ((1, 3), (2, 2)):
        layer = StackedLinear(copies)
        with autocast(precision, "cpu"):
            outputs = layer(x, runs)[[0, 3]]
        (of_x,) = torch.autograd.grad(outputs.float().square().sum(), x, retain_graph=True)
        outputs.float().square().sum().backward()
        outcomes.append([outputs, of_x, layer.weight.grad[[0, 3]], layer.bias.grad[[0, 3]]])
    for unequal, equal in zip(*outcomes, strict=True):
        assert unequal.dtype == equal.dtype
        torch.testing.assert_close(unequal, equal, **({"rtol": 0.03, "atol": 0.05} if precision == "bf16" else {}))
