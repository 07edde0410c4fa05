"""What makes a network quicker changes nothing but rounding."""

import torch
from torch import nn

from lsbench.data.features.network import find_network
from lsbench.data.features.pointwise import PointwiseByOneDnn
from lsbench.data.features.prepare import fold_norms, reuse_memory
from tests.in_turn import in_turn

TINY = "tests.data.feature_networks:tiny"


def test_batch_norms_are_folded_into_the_convolution_before_them_and_change_nothing_but_rounding():
    plain = find_network(TINY).build()
    folded = find_network(TINY).build()
    x = torch.randn(9, 3, 8, 8)
    assert fold_norms(folded) == 2
    assert not [layer for layer in folded.modules() if isinstance(layer, nn.BatchNorm2d)]
    torch.testing.assert_close(folded(x), plain(x), rtol=1e-5, atol=1e-6)


class Branches(nn.Module):
    """A convolution that two layers take, one that is used twice, and control flow that torch.fx can't follow."""

    def __init__(self, how):
        super().__init__()
        self.how, self.conv, self.norm = how, nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.norm.running_mean += 1

    def forward(self, x):
        y = self.conv(x)
        if self.how == "values" and x.sum() > 1e9:
            return y.mean((2, 3))
        z = self.norm(y)
        return (z + y if self.how == "shared" else self.norm(self.conv(z)) if self.how == "twice" else z).mean((2, 3))


@in_turn("how", ["shared", "twice", "values"])
def test_a_norm_that_cannot_be_folded_safely_stays(how):
    model = Branches(how).eval()
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        before = model(x)
        assert fold_norms(model) == 0
        assert torch.equal(model(x), before)


@in_turn("stride", [1, 2, (2, 1)])
@in_turn("layer", [{"groups": 1}, {"groups": 2}, {"padding": 1}, {"bias": False}])
@torch.inference_mode()
def test_convolutions_of_one_pixel_are_the_same_function_by_another_way(stride, layer):
    conv = nn.Conv2d(4, 6, 1, stride=stride, **layer)
    for x in (torch.randn(3, 4, 7, 7), torch.randn(3, 4, 7, 7).to(memory_format=torch.channels_last)):
        with PointwiseByOneDnn():
            ours = conv(x)
        torch.testing.assert_close(ours, conv(x), rtol=1e-5, atol=1e-6)


class Activations(nn.Module):
    """One whose input nobody else reads, one whose input is read again, and one that is used in both ways."""

    def __init__(self):
        super().__init__()
        self.conv, self.alone, self.read_again, self.both = nn.Conv2d(3, 3, 1), nn.ReLU(), nn.ReLU(), nn.ReLU6()

    def forward(self, x):
        y = self.conv(self.alone(self.conv(x)))
        z = self.read_again(y) + y
        return self.both(self.conv(self.both(z) + z)).mean((2, 3))


@torch.inference_mode()
def test_an_activation_writes_over_its_input_only_where_nothing_else_reads_that():
    model = Activations()
    x = torch.randn(2, 3, 5, 5)
    before, copy = model(x), x.clone()
    assert reuse_memory(model) == 1
    assert (model.alone.inplace, model.read_again.inplace, model.both.inplace) == (True, False, False)
    assert torch.equal(model(x), before)
    assert torch.equal(x, copy)
