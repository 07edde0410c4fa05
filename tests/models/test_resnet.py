import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models import resnet
from lsbench.names.catalogue import MODELS
from lsbench.names.registry import load
from lsbench.planning.models import plan_model
from lsbench.spec import Recipe

NAMES = ["resnet8", "resnet20", "resnet18", "resnet34"]


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def convolved(narrow, wide, kernel):
    """A convolution without bias and its batch normalisation's weight and bias."""
    return narrow * wide * kernel**2 + 2 * wide


def by_hand(channels, classes, widths, *blocks):
    total = convolved(channels, widths[0], 3) + widths[-1] * classes + classes
    for narrow, wide, count in zip((widths[0], *widths), widths, blocks, strict=False):
        total += convolved(narrow, wide, 3) + (2 * count - 1) * convolved(wide, wide, 3)
        total += 0 if narrow == wide else convolved(narrow, wide, 1)
    return total


def test_the_resnets_have_the_published_sizes():
    assert parameters(resnet.resnet18((3, 32, 32), 10)) == by_hand(3, 10, (64, 128, 256, 512), 2, 2, 2, 2) == 11_173_962
    assert parameters(resnet.resnet34((3, 32, 32), 10)) == by_hand(3, 10, (64, 128, 256, 512), 3, 4, 6, 3) == 21_282_122
    assert parameters(resnet.resnet20((3, 32, 32), 10)) == by_hand(3, 10, (16, 32, 64), 3, 3, 3) == 272_474
    assert parameters(resnet.resnet8((1, 28, 28), 7)) == by_hand(1, 7, (16, 32, 64), 1, 1, 1)


@pytest.mark.parametrize(("name", "depth"), [("resnet8", 8), ("resnet20", 20), ("resnet18", 18), ("resnet34", 34)])
def test_a_resnets_name_counts_its_weighted_layers(name, depth):
    layers = getattr(resnet, name)((3, 32, 32), 10).named_modules()
    weighted = [of for path, of in layers if isinstance(of, nn.Conv2d | nn.Linear) and "shortcut" not in path]
    assert len(weighted) == depth


@pytest.mark.parametrize(("name", "side"), [("resnet8", 8), ("resnet20", 8), ("resnet18", 4), ("resnet34", 4)])
def test_every_stage_but_the_first_halves_the_resolution(name, side):
    sizes = []
    model = getattr(resnet, name)((3, 32, 32), 10)
    next(m for m in model if isinstance(m, nn.AdaptiveAvgPool2d)).register_forward_pre_hook(
        lambda _, inputs: sizes.append(inputs[0].shape[2:])
    )
    model(torch.randn(2, 3, 32, 32))
    assert sizes == [(side, side)]


@pytest.mark.parametrize("name", NAMES)
def test_a_resnet_takes_any_image_of_8x8_and_more(name):
    for shape in [(2, 8, 8), (1, 9, 13)]:
        assert getattr(resnet, name)(shape, 3)(torch.randn(2, *shape)).shape == (2, 3)


@pytest.mark.parametrize(("shape", "got"), [((3, 32, 7), "32x7"), ((1, 4, 4), "4x4")])
def test_a_resnet_on_small_images_is_an_error_that_says_what_to_try(shape, got):
    with pytest.raises(InputError, match=rf"'resnet18' needs images of at least 8x8 pixels, got {got}; try 'mlp'"):
        resnet.resnet18(shape, 10)


def test_convolutions_start_from_kaimings_normal_distribution_by_fan_out():
    torch.manual_seed(0)
    body = resnet.resnet18((3, 32, 32), 10).get_submodule("4.body")  # from 64 to 64 channels
    torch.testing.assert_close(body.get_parameter("0.weight").std().item(), (2 / (64 * 9)) ** 0.5, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_a_resnets_recipe_is_the_usual_one(name):
    asked = Recipe(lr=0.1, weight_decay=5e-4, batch_size=128, epochs=30 if name in ("resnet18", "resnet34") else 10)
    assert plan_model(name, {}).recipe == asked
    assert plan_model(name, {"optimizer": "adam"}).recipe.lr == 1e-3
    assert load(MODELS[name].ref) is getattr(resnet, name)
