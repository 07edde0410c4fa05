"""Networks written as Python that needs torch alone."""

import pytest
import torch
from torch import nn

from lsbench.models.stack import factory_of
from lsbench.models.written import written
from lsbench.names.catalogue import MODELS


def test_every_model_of_the_catalogue_that_is_made_of_plain_layers_is_written_and_says_the_same():
    for name in MODELS:
        if MODELS[name].ref.startswith("lsbench.models"):
            module = factory_of(name)((1, 32, 32), 3).eval()
            classes, text = written(module, torch.rand(2, 1, 32, 32)) or pytest.fail(name)
            assert ("Residual(" in text) == bool(classes), name


def test_a_layer_whose_repr_leaves_something_out_is_found_by_its_outputs():
    odd = nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 2))
    uneven = torch.arange(18.0).reshape(2, 1, 3, 3)
    assert "ceil_mode" not in repr(odd)
    assert written(odd, uneven) is None
    odd[0] = nn.AvgPool2d(2)
    assert written(odd, uneven)


def test_a_module_of_the_users_own_and_layers_with_names_are_not_written():
    class Own(nn.Linear):
        pass

    x = torch.rand(2, 2)
    assert written(Own(2, 2), x) is None
    assert written(nn.Sequential(Own(2, 2)), x) is None
    named = nn.Sequential()
    named.add_module("head", nn.Linear(2, 2))
    assert written(named, x) is None
