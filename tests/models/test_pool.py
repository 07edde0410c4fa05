"""Max-pooling by slices is torch's, to the bit."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.models.pool import MaxPool2d, max_pool, pool_by_slices
from tests.in_turn import in_turn


@pytest.mark.parametrize("size", [1, 2, 3])
@in_turn("shape", [(2, 3, 6, 6), (1, 1, 7, 11), (4, 5, 3, 3)])
@in_turn("layout", [torch.contiguous_format, torch.channels_last])
def test_the_largest_of_each_window(size, shape, layout):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(memory_format=layout)
    assert torch.equal(max_pool(x, size), F.max_pool2d(x, size))


def test_a_window_with_nan_is_nan_and_infinities_count():
    x = torch.zeros(1, 1, 2, 6)
    x[0, 0, 1, 1], x[0, 0, 0, 2], x[0, 0, :, 4:] = torch.nan, torch.inf, -torch.inf
    assert str(max_pool(x, 2).tolist()) == str(F.max_pool2d(x, 2).tolist()) == "[[[[nan, inf, -inf]]]]"


@pytest.mark.parametrize(
    "layer",
    [
        nn.MaxPool2d(2),
        nn.MaxPool2d(3, stride=2),
        nn.MaxPool2d(2, padding=1),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d((2, 1)),
        nn.MaxPool2d(2, dilation=2),
    ],
    ids=str,
)
def test_every_kind_of_layer_with_and_without_a_gradient(layer):
    x = torch.randn(2, 3, 9, 9).round()  # with ties
    plain, ours = x.clone().requires_grad_(), x.clone().requires_grad_()
    ours_of = MaxPool2d.of(layer)
    expected, got = layer(plain), ours_of(ours)
    assert torch.equal(got, expected)
    expected.square().sum().backward()
    got.square().sum().backward()
    assert torch.equal(ours.grad, plain.grad)
    with torch.no_grad():
        assert torch.equal(ours_of(ours), expected)


def test_an_image_smaller_than_the_window_is_torchs_error():
    with torch.no_grad(), pytest.raises(RuntimeError, match="too small"):
        MaxPool2d(3)(torch.zeros(1, 1, 2, 8))


def test_without_a_gradient_torchs_is_not_called(monkeypatch):
    monkeypatch.setattr(F, "max_pool2d", None)
    assert MaxPool2d.of(nn.MaxPool2d(2))(torch.randn(1, 1, 4, 4)).shape == (1, 1, 2, 2)


def test_it_takes_the_place_of_those_layers_that_it_can_be():
    module = nn.Sequential(nn.MaxPool2d(2), nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, stride=2), nn.MaxPool2d(3)))
    names = list(module.state_dict())
    pool_by_slices(module)
    assert [type(m) for m in (module[0], *module[1])] == [MaxPool2d, nn.ReLU, nn.MaxPool2d, MaxPool2d]
    assert list(module.state_dict()) == names
