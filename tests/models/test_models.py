from copy import deepcopy
from itertools import pairwise

import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models import zoo
from lsbench.models.pool import MaxPool2d
from lsbench.models.stack import StackedModel, build
from lsbench.names.catalogue import MODELS
from lsbench.names.registry import load
from tests.in_turn import in_turn
from tests.models.channels_last import channels_last

OTHERS = [name for name in MODELS if name != "resnet34"]  # which is resnet18 with more of the same blocks


@pytest.mark.parametrize("name", MODELS)
@in_turn(("shape", "classes"), [((1, 28, 28), 10), ((3, 32, 32), 100), ((1, 16, 16), 2)])
def test_every_model_adapts_to_shape_and_classes(name, shape, classes):
    model = load(MODELS[name].ref)(shape, classes)
    assert model(torch.randn(2, *shape)).shape == (2, classes)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_the_models_have_the_published_sizes():
    assert parameters(zoo.linear((1, 28, 28), 10)) == 7850
    widths = [784, 512, 256, 128, 64, 10]
    assert parameters(zoo.mlp((1, 28, 28), 10)) == sum(a * b + b for a, b in pairwise(widths))
    assert parameters(zoo.cnn((1, 28, 28), 10)) == (25 * 10 + 10) + (250 * 20 + 20) + (320 * 10 + 10)


def test_a_cnn_on_small_images_is_an_error_that_says_what_to_try():
    with pytest.raises(InputError, match=r"at least 16x16 pixels, got 8x8; try 'mlp'"):
        zoo.cnn((1, 8, 8), 10)


@pytest.mark.parametrize("name", OTHERS)
def test_a_stack_computes_what_its_copies_do(name):
    torch.manual_seed(0)
    copies = [load(MODELS[name].ref)((1, 28, 28), 10) for _ in range(3)]
    x = torch.randn(3, 5, 1, 28, 28)
    expected = torch.stack([copy(of) for copy, of in zip(copies, x, strict=True)])
    torch.testing.assert_close(StackedModel(copies)(x), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", OTHERS)
def test_a_stack_of_one_gives_the_plain_modules_bits(name):
    torch.manual_seed(0)
    copy, x = load(MODELS[name].ref)((1, 28, 28), 10), torch.randn(1, 5, 1, 28, 28)
    plain = channels_last(deepcopy(copy))
    stack = StackedModel([copy])
    assert torch.equal(stack(x)[0], plain(x[0].to(memory_format=torch.channels_last)))
    pools = [type(m) for m in stack.modules() if isinstance(m, nn.MaxPool2d)]
    assert pools == [MaxPool2d] * sum(isinstance(m, nn.MaxPool2d) for m in plain.modules())


def test_several_cells_pool_by_slices_too():
    stack = StackedModel([nn.Sequential(nn.MaxPool2d(2)) for _ in range(2)])
    assert [type(m) for m in stack.modules() if isinstance(m, nn.MaxPool2d)] == [MaxPool2d]


def test_a_layer_without_bias_stacks():
    copies = [nn.Sequential(nn.Linear(3, 2, bias=False)) for _ in range(2)]
    x = torch.randn(2, 5, 3)
    torch.testing.assert_close(StackedModel(copies)(x), torch.stack([m(of) for m, of in zip(copies, x, strict=True)]))


def test_a_stacked_convolution_keeps_stride_and_padding():
    copies = [nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1, dilation=2)) for _ in range(2)]
    x = torch.randn(2, 3, 2, 9, 9)
    expected = torch.stack([copy(of) for copy, of in zip(copies, x, strict=True)])
    torch.testing.assert_close(StackedModel(copies)(x), expected)


def test_a_layer_without_a_stacked_form_is_an_error():
    with pytest.raises(TypeError, match="no stacked form of LayerNorm"):
        StackedModel([nn.Sequential(nn.LayerNorm(3))] * 2)


@pytest.mark.parametrize("name", OTHERS)
def test_a_cells_state_loads_into_the_plain_module(name):
    stack = build(name, (1, 28, 28), 10, [3, 4])
    plain = load(MODELS[name].ref)((1, 28, 28), 10)
    plain.load_state_dict(stack.copy_state(1))
    x = torch.randn(4, 1, 28, 28)
    torch.testing.assert_close(plain(x), stack(x.expand(2, *x.shape))[1], atol=1e-5, rtol=1e-5)


def test_initial_weights_follow_the_seed_alone():
    stack = build("mlp", (1, 28, 28), 10, [5, 6, 5])
    weight = stack.get_parameter("layers.1.weight")
    assert torch.equal(weight[0], weight[2])
    assert not torch.equal(weight[0], weight[1])
