"""The direct convolution of a stack against torch's in float64, one cell after the other; and the bits of its sums."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.kernels.convolution_in_triton import launch, sizes
from lsbench.kernels.convolution_in_triton.launch import Arithmetic, Window
from lsbench.models.convolutions import DIRECT, FORMS, Geometry, forms_for
from lsbench.models.layers import StackedConv2d
from lsbench.training.precision import matmul_precision
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import INTERPRETED, ON, random

CASES = [  # cells, images, channels, (height, width), layer
    (1, 3, 1, (7, 7), nn.Conv2d(1, 10, 5)),
    (3, 2, 3, (5, 8), nn.Conv2d(3, 5, 3, padding=1, bias=False)),
    (3, 3, 3, (7, 6), nn.Conv2d(3, 5, 5, stride=2, padding=2)),
    (2, 2, 3, (9, 9), nn.Conv2d(3, 18, 3, stride=2, padding=1, bias=False)),
    (3, 1, 3, (7, 5), nn.Conv2d(3, 4, 1, stride=2)),
    (1, 2, 20, (4, 4), nn.Conv2d(20, 70, 3, padding=1)),  # more than one program has of channels and of taps
    (2, 2, 2, (5, 6), nn.Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(2, 0))),
    (2, 2, 2, (5, 6), nn.Conv2d(2, 3, 4, padding="same")),
]


def case(cells, images, channels, size, layer):
    """Images, the weights and biases of all cells, and the geometry."""
    weight, bias = random(cells, *layer.weight.shape, seed=2) - 0.5, random(cells, len(layer.weight), seed=3)
    tensors = (random(cells, images, channels, *size) - 0.5, weight, None if layer.bias is None else bias)
    return tensors, Geometry(layer.stride, layer.padding, layer.dilation, layer.groups)


def with_gradients(form, tensors, geometry, dtype=torch.float32):
    """The values, and the gradients of their sum times numbers that differ."""
    leaves = [None if value is None else value.to(dtype).requires_grad_() for value in tensors]
    y = form(*leaves, geometry)
    slopes = (random(*y.shape, seed=4) - 0.5).to(y.dtype)
    return [y.detach(), *torch.autograd.grad(y, [leaf for leaf in leaves if leaf is not None], slopes)]


def by_cells(x, weight, bias, geometry):
    """Torch's convolution of each cell, on a CPU."""
    biases = [None] * len(x) if bias is None else bias
    return torch.stack([F.conv2d(*own, *geometry) for own in zip(x, weight, biases, strict=True)])


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@in_turn("which", CASES)
def test_values_and_gradients_are_those_of_a_convolution_in_float64(which):
    tensors, geometry = case(*which)
    on_cpu = [None if value is None else value.cpu() for value in tensors]
    with matmul_precision("highest", ON.type):
        own = with_gradients(FORMS[DIRECT], tensors, geometry)
    for one, exact in zip(own, with_gradients(by_cells, on_cpu, geometry, torch.float64), strict=True):
        torch.testing.assert_close(one.double().cpu(), exact, rtol=0, atol=1e-6 * float(exact.abs().max()))


def test_a_batch_has_the_bits_of_its_cells_alone_and_in_any_layout(monkeypatch):
    monkeypatch.setattr(sizes, "SPAN", sizes.SUMMED_PLACES)  # 3 parts, which are added in order
    (x, weight, bias), geometry = case(3, 2, 3, (7, 6), nn.Conv2d(3, 5, 3, padding=1))
    x, weight, bias = x.float(), weight.float(), bias.float()
    whole = with_gradients(FORMS[DIRECT], (x, weight, bias), geometry)
    alone = with_gradients(FORMS[DIRECT], (x[1:2], weight[1:2], bias[1:2]), geometry)
    side_by_side = x.transpose(0, 1).contiguous().transpose(0, 1)
    channels_last = x.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
    for own, expected in zip(alone[:1], whole[:1], strict=True):
        assert torch.equal(own, expected[1:2])
    for other in (side_by_side, channels_last):
        for own, expected in zip(with_gradients(FORMS[DIRECT], (other, weight, bias), geometry), whole, strict=True):
            assert torch.equal(own, expected)
    exact = with_gradients(by_cells, [value.cpu() for value in (x, weight, bias)], geometry, torch.float64)
    for own, expected in zip(whole, exact, strict=True):
        torch.testing.assert_close(own.double().cpu(), expected, rtol=0, atol=2e-6 * float(expected.abs().max()))


def test_the_sum_over_places_does_not_depend_on_how_many_cells_there_are(monkeypatch):
    monkeypatch.setattr(sizes, "SPAN", sizes.SUMMED_PLACES)
    images, slopes = random(3, 2, 3, 7, 6).float(), random(3, 2, 5, 7, 6, seed=4).float()
    window = Window((3, 3), (1, 1), (1, 1), (7, 6))
    calls = [
        launch.weight_sums(images[:cells], slopes[:cells], False, window, Arithmetic(torch.float32, False))
        for cells in (1, 3)
    ]
    parts = []
    for call in calls:
        call.run(images)
        parts.append(call.arguments["parts"])
    assert len(parts[0]) == 3
    assert torch.equal(parts[0], parts[1][:, : parts[0].shape[1]])
    total = torch.empty_like(parts[1][0])
    launch.sum_of(parts[1], total).run(images)
    assert torch.equal(total, parts[1][0] + parts[1][1] + parts[1][2])


def test_nothing_beside_the_images_is_read_or_written():
    (x, weight, _), _ = case(2, 3, 3, (5, 5), nn.Conv2d(3, 5, 3, padding=1))
    around = torch.full((2, 4, 4, 5, 5), math.nan, device=ON)
    around[:, :3, :3] = x
    room = torch.full((2, 4, 7, 5, 5), 7.0, device=ON)
    images, outputs = around[:, :3, :3], room[:, :3, :5]
    window, arithmetic = Window((3, 3), (1, 1), (1, 1), (5, 5)), Arithmetic(torch.float32, False)
    call = launch.values(images, weight.float(), None, outputs, window, arithmetic, transposed=False)
    call.arguments.update(x=around, y=room)  # of which the interpreter knows the memory beside the images
    call.run(x)
    exact = by_cells(x.cpu(), weight.cpu(), None, Geometry((1, 1), (1, 1), (1, 1), 1))
    torch.testing.assert_close(outputs.double().cpu(), exact, rtol=0, atol=1e-5)
    assert (room[:, 3] == 7).all()
    assert (room[:, :, 5:] == 7).all()


def test_it_follows_autocast_and_weights_keep_gradients_in_float32():
    layer = StackedConv2d([nn.Conv2d(2, 4, 3, padding=1) for _ in range(2)]).to(ON)
    assert DIRECT in forms_for(layer.geometry, layer.weight)
    layer.form, x = DIRECT, (random(2, 3, 2, 6, 6).float() - 0.5).requires_grad_()
    with torch.autocast(ON.type, dtype=torch.bfloat16):
        y = layer(x)
    own = torch.autograd.grad(y.float().square().sum(), [x, *layer.parameters()])
    assert y.dtype == torch.bfloat16
    assert {gradient.dtype for gradient in own} == {torch.float32}
    layer.form = "grouped"
    exact = layer(x)
    torch.testing.assert_close(y.float(), exact, rtol=2**-6, atol=2**-6)
    expected = torch.autograd.grad(exact.square().sum(), [x, *layer.parameters()])
    for one, other in zip(own, expected, strict=True):
        assert (one - other).norm() < 2**-6 * other.norm()


def test_a_batch_may_be_empty():
    tensors, geometry = case(2, 0, 3, (5, 5), nn.Conv2d(3, 5, 3))
    y, *gradients = with_gradients(FORMS[DIRECT], tensors, geometry)
    assert y.shape == (2, 0, 5, 3, 3)
    assert [float(gradient.abs().sum()) for gradient in gradients] == [0, 0, 0]


@pytest.mark.skipif(not INTERPRETED, reason="a GPU offers it")
def test_where_the_kernel_is_interpreted_the_form_is_offered_unless_another_kernel_is_asked_for(monkeypatch):
    layer = StackedConv2d([nn.Conv2d(2, 4, 3)] * 2)
    assert DIRECT in forms_for(layer.geometry, layer.weight)
    monkeypatch.setenv("LSBENCH_KERNEL", "aten")
    assert DIRECT not in forms_for(layer.geometry, layer.weight)
