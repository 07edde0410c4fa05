import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models.cnn8 import cnn8
from lsbench.models.lenet import lenet5


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_lenet_has_the_published_size_for_28x28_and_for_32x32_images():
    assert parameters(lenet5((1, 28, 28), 10)) == parameters(lenet5((1, 32, 32), 10)) == 61_706
    assert parameters(lenet5((3, 32, 32), 10)) == 61_706 + 2 * 6 * 25 == 62_006


def test_lenet_on_28x28_is_lenet_on_the_image_with_a_border_of_two_zeros():
    torch.manual_seed(0)
    small, large = lenet5((1, 28, 28), 10), lenet5((1, 32, 32), 10)
    large.load_state_dict(small.state_dict())
    x = torch.randn(3, 1, 28, 28)
    torch.testing.assert_close(small(x), large(nn.functional.pad(x, (2, 2, 2, 2))))


def test_cnn8_has_the_published_layers():
    model = cnn8((3, 32, 32), 10)
    convolutions = [(m.in_channels, m.out_channels) for m in model if isinstance(m, nn.Conv2d)]
    assert convolutions == [(3, 64), (64, 64), (64, 128), (128, 128), (128, 196), (196, 196)]
    assert [tuple(m.weight.shape) for m in model if isinstance(m, nn.Linear)] == [(256, 4 * 4 * 196), (10, 256)]
    assert [type(m) for m in model[-4:]] == [nn.Linear, nn.BatchNorm1d, nn.ReLU, nn.Linear]
    normalised = 2 * (64 + 64 + 128 + 128 + 196 + 196 + 256)
    convolved = sum(9 * a * b + b for a, b in convolutions)
    assert parameters(model) == normalised + convolved + (3136 * 256 + 256) + (256 * 10 + 10)


def test_cnn8_starts_as_the_authors_code_does():
    torch.manual_seed(0)
    model = cnn8((3, 32, 32), 10)
    convolution, linear = model[3].weight, model[-4].weight
    torch.testing.assert_close(convolution.abs().max().item(), (6 / (64 * 9)) ** 0.5, atol=1e-4, rtol=0)
    torch.testing.assert_close(linear.abs().max().item(), (6 / (3136 + 256)) ** 0.5, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("factory", "side"), [(lenet5, 12), (cnn8, 8)])
def test_the_smallest_images_are_taken_and_smaller_ones_are_an_error_that_says_what_to_try(factory, side):
    assert factory((2, side, side + 1), 3)(torch.randn(2, 2, side, side + 1)).shape == (2, 3)
    with pytest.raises(InputError, match=rf"at least {side}x{side} pixels, got {side + 1}x{side - 1}; try 'mlp'"):
        factory((2, side + 1, side - 1), 3)
