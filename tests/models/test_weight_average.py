import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models.average import WeightAverage
from lsbench.models.stack import StackedModel, build
from lsbench.training.eager_optimizer import eager


def shaken(model):
    """Some step of an optimiser."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p))


def test_the_average_is_the_recurrence_with_its_warm_up():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).double()
    average = WeightAverage(model, 0.9)
    expected = [p.detach().clone() for p in model.parameters()]
    decays = []
    for t in range(1, 201):
        shaken(model)
        average.update()
        decays.append(min(0.9, (1 + t) / (10 + t)))
        weights = [p.detach() for p in model.parameters()]
        expected = [decays[-1] * a + (1 - decays[-1]) * w for a, w in zip(expected, weights, strict=True)]
    assert decays[0] == 2 / 11
    assert decays[-1] == 0.9
    with average.applied():
        for p, value in zip(model.parameters(), expected, strict=True):
            torch.testing.assert_close(p.detach(), value, rtol=1e-12, atol=1e-12)


def test_applied_swaps_the_averages_in_and_the_weights_back_even_after_an_error():
    model = nn.Linear(3, 2)
    average = WeightAverage(model, 0.9)
    first = model.weight.detach().clone()
    shaken(model)
    second = model.weight.detach().clone()
    for error in (None, ValueError):
        try:
            with average.applied():
                assert torch.equal(model.weight, first)
                if error:
                    raise error
        except ValueError:
            pass
        assert torch.equal(model.weight, second)


def test_the_optimizer_goes_on_as_if_the_averages_had_never_been_there():
    torch.manual_seed(0)
    results = []
    for look in (False, True):
        torch.manual_seed(0)
        model = nn.Linear(4, 3)
        optimizer, average = eager(torch.optim.Adam)(model.parameters(), lr=0.1), WeightAverage(model, 0.5)
        for step in range(5):
            optimizer.zero_grad()
            model(torch.full((2, 4), float(step))).square().sum().backward()
            optimizer.step()
            average.update()
            if look:
                with average.applied():
                    model(torch.ones(1, 4))
        results.append([p.detach().clone() for p in model.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_a_decay_of_zero_is_the_last_weights():
    model = nn.Linear(3, 2)
    average = WeightAverage(model, 0.0)
    shaken(model)
    average.update()
    last = model.weight.detach().clone()
    with average.applied():
        assert torch.equal(model.weight, last)


def test_a_diverged_cell_leaves_the_averages_of_the_others_alone():
    stack = build("mlp:widths=5", (1, 2, 2), 3, [0, 1])
    average = WeightAverage(stack, 0.9)
    with torch.no_grad():
        for p in stack.parameters():
            p[1] = torch.nan
    average.update()
    with average.applied():
        logits = stack(torch.ones(2, 4, 1, 2, 2))
        assert logits[0].isfinite().all()
        assert all(value.isfinite().all() for value in stack.copy_state(0).values())
        assert logits[1].isnan().all()


def test_running_statistics_are_the_models_own():
    stack = StackedModel([nn.BatchNorm1d(2)])
    average = WeightAverage(stack, 0.9)
    stack(torch.full((1, 4, 2), 3.0))
    average.update()
    with average.applied():
        torch.testing.assert_close(stack.copy_state(0)["running_mean"], torch.full((2,), 0.3))


@pytest.mark.parametrize("decay", [1.0, -0.1, float("nan")])
def test_a_decay_that_is_none_is_an_error(decay):
    with pytest.raises(InputError, match="decay of the weights' average must be a finite number"):
        WeightAverage(nn.Linear(1, 1), decay)
