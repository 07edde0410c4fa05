"""What the factories take by keyword, and how a model's name carries it."""

import inspect
from itertools import pairwise

import pytest
import torch
from torch import nn

from lsbench.errors import DtypeError, InputError
from lsbench.models import zoo
from lsbench.models.stack import build
from lsbench.names.catalogue import MODELS
from lsbench.names.registry import load
from tests.in_turn import in_turn

SHAPE = (1, 28, 28)


@in_turn("name", MODELS)
def test_the_options_that_are_listed_are_the_keyword_only_arguments_and_their_defaults(name):
    parameters = list(inspect.signature(load(MODELS[name].ref)).parameters.values())
    assert [p.name for p in parameters[:2]] == ["shape", "num_classes"]
    assert {p.name: p.default for p in parameters[2:] if p.kind is p.KEYWORD_ONLY} == dict(MODELS[name].options)
    assert len(parameters) == 2 + len(MODELS[name].options)


def test_without_options_an_mlp_is_the_tutorials_bit_for_bit():
    torch.manual_seed(3)
    widths = [784, 512, 256, 128, 64]
    hidden = [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.ReLU())]
    plain = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, 10)).state_dict()
    torch.manual_seed(3)
    ours = zoo.mlp(SHAPE, 10)
    assert [type(layer).__name__ for layer in ours] == ["Flatten", *["Linear", "ReLU"] * 4, "Linear"]
    assert list(ours.state_dict()) == list(plain)
    assert all(torch.equal(value, plain[name]) for name, value in ours.state_dict().items())


def test_an_mlp_of_other_widths_with_dropout_after_each_hidden_relu():
    model = zoo.mlp(SHAPE, 10, widths="1024-30", dropout=0.25)
    assert [type(layer).__name__ for layer in model] == ["Flatten", *["Linear", "ReLU", "Dropout"] * 2, "Linear"]
    assert [m.weight.shape for m in model if isinstance(m, nn.Linear)] == [(1024, 784), (30, 1024), (10, 30)]
    assert [m.p for m in model if isinstance(m, nn.Dropout)] == [0.25, 0.25]


def test_initial_weights_of_an_mlp_are_normal_with_the_standard_deviation_that_was_asked_for():
    torch.manual_seed(0)
    model = zoo.mlp(SHAPE, 10, widths="1024-1024", init=0.01)
    for layer in (m for m in model if isinstance(m, nn.Linear)):
        assert not layer.bias.any()
    weight = model[1].weight.flatten()
    assert abs(weight.mean()) < 1e-4
    quantiles = weight.quantile(torch.tensor([0.025, 0.5, 0.975]))
    torch.testing.assert_close(quantiles, torch.tensor([-0.0196, 0.0, 0.0196]), atol=2e-4, rtol=0)


@pytest.mark.parametrize("widths", ["", "0", "12-", "-3", "12-0", "1.5", 1.5, 0, True, "a-b", "512,256", "٣"], ids=repr)
def test_widths_that_are_no_whole_numbers_are_an_error_that_shows_some(widths):
    with pytest.raises(InputError, match="whole numbers joined by '-', like 512-256-128-64, got"):
        zoo.mlp(SHAPE, 10, widths=widths)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"dropout": 1.0}, InputError),
        ({"dropout": -0.1}, InputError),
        ({"dropout": float("nan")}, InputError),
        ({"dropout": "much"}, DtypeError),
        ({"dropout": True}, DtypeError),
        ({"init": -1.0}, InputError),
        ({"init": float("inf")}, InputError),
    ],
    ids=str,
)
def test_an_option_out_of_its_range_is_an_error(options, error):
    with pytest.raises(error, match=f"{next(iter(options))} of model 'mlp' must be a"):
        zoo.mlp(SHAPE, 10, **options)


def test_a_name_carries_options():
    model = build("mlp:widths=32:dropout=0.2:init=0.01", SHAPE, 10, [0, 1])
    assert model.get_parameter("layers.1.weight").shape == (2, 32, 784)
    assert model.get_submodule("layers.3").p == 0.2
    assert not model.get_parameter("layers.1.bias").any()


@in_turn(
    ("name", "message"),
    [
        ("mlp:width=3", "'mlp' has no option width; known: dropout, init, widths"),
        ("cnn:dropout=0.1:init=1", "'cnn' has no option dropout or init; it takes none"),
        ("torchvision:alexnet:download=true", "has no option download; known: dropout, pretrained"),
        ("torchvision:resnet35", "unknown model 'torchvision:resnet35'; did you mean torchvision:resnet"),
        ("torchvision:alexnet:pretrained=1", "pretrained of model 'torchvision:alexnet' must be true or false, got 1"),
        ("mpl", "unknown model 'mpl'; did you mean mlp"),
    ],
)
def test_an_unknown_name_or_option_is_an_error_that_says_what_there_is(name, message):
    with pytest.raises(InputError, match=message):
        build(name, (3, 64, 64), 10, [0])


def test_a_factory_of_ones_own_may_return_any_module(tmp_path, monkeypatch):
    (tmp_path / "own_net.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self, wide, classes):\n"
        "        super().__init__()\n"
        "        self.weight = torch.nn.Parameter(torch.randn(wide, classes))\n"
        "    def forward(self, x):\n"
        "        return torch.nn.functional.dropout(x.flatten(1), 0.5, self.training) @ self.weight\n"
        "def make(shape, num_classes, *, wide=4):\n"
        "    return Net(wide, num_classes)\n"
    )
    monkeypatch.chdir(tmp_path)
    model = build("./own_net.py:make:wide=6", (1, 2, 3), 5, [7])
    x = torch.randn(1, 4, 1, 2, 3)
    assert model(x).shape == (1, 4, 5)
    torch.testing.assert_close(model.eval()(x)[0], x.flatten(2)[0] @ model.get_parameter("layers.module.weight"))
    with pytest.raises(TypeError, match="no stacked form of Net"):
        build("./own_net.py:make:wide=6", (1, 2, 3), 5, [7, 8])
