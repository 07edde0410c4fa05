import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.models.head import head
from lsbench.models.stack import StackedModel, build
from lsbench.names.catalogue import MODELS
from tests.in_turn import in_turn


@pytest.mark.parametrize("name", MODELS)
@in_turn("seeds", [[0], [0, 1]])
def test_the_head_is_the_weight_and_bias_that_make_the_logits(name, seeds):
    model = build(name, (1, 16, 16), 7, seeds)
    found = head(model)
    assert [p.numel() for p in found[1:]] == [7 * len(seeds)]
    with torch.no_grad():
        for p in found:
            p.zero_()
    assert not model.eval()(torch.randn(len(seeds), 2, 1, 16, 16)).any()


def test_a_head_may_be_a_convolution():
    model = StackedModel([nn.Sequential(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 5, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())])
    assert [tuple(p.shape) for p in head(model)] == [(5, 2, 1, 1), (5,)]


def test_a_model_whose_head_is_not_known_is_an_error():
    with pytest.raises(InputError, match=r"has no nn\.Linear and no nn\.Conv2d, so its head isn't known; train all"):
        head(StackedModel([nn.Identity()]))
