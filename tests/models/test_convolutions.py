"""The forms of a stack's convolution are one function."""

import pytest
import torch
from torch import nn

from lsbench.models.convolutions import FORMS, GROUPED, forms_for
from lsbench.models.layers import StackedConv2d
from lsbench.models.stack import build
from lsbench.training import convolution_forms, step_engine
from lsbench.training.convolution_forms import forms_of, race
from tests.in_turn import in_turn

CELLS, EXAMPLES = 3, 2


def values_and_gradients(layer, form, x):
    layer.form = form
    x = x.clone().requires_grad_()
    output = layer(x)
    slopes = torch.randn(output.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(1))
    return [output, *torch.autograd.grad(output, [x, *layer.parameters()], slopes)]


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@in_turn(
    "options",
    [
        {"kernel_size": 3},
        {"kernel_size": 5, "padding": 2},
        {"kernel_size": 3, "stride": 2},
        {"kernel_size": 3, "stride": 3, "padding": 1},
        {"kernel_size": (2, 3), "stride": (1, 2), "padding": (1, 0)},
        {"kernel_size": 3, "dilation": 2, "padding": 2},
        {"kernel_size": 1, "bias": False},
        {"kernel_size": 4, "padding": "same"},
        {"kernel_size": 3, "padding": "valid", "bias": False},
        {"kernel_size": 3, "groups": 2},
    ],
)
def test_all_forms_give_the_same_values_and_gradients(options):
    copies = [nn.Conv2d(2, 4, **options).double() for _ in range(CELLS)]
    layer = StackedConv2d(copies)
    for height, width in ((7, 7), (8, 5), (6, 9)):
        x = torch.randn(CELLS, EXAMPLES, 2, height, width, dtype=torch.float64)
        exact = values_and_gradients(layer, GROUPED, x)
        torch.testing.assert_close(exact[0], torch.stack([copy(own) for copy, own in zip(copies, x, strict=True)]))
        for form in forms_for(layer.geometry):
            torch.testing.assert_close(values_and_gradients(layer, form, x), exact)


def test_groups_have_no_form_of_products():
    assert forms_for(StackedConv2d([nn.Conv2d(2, 2, 3, groups=2)] * 2).geometry) == [GROUPED, "one by one"]


def test_each_convolution_gets_the_form_that_wins_and_one_that_fails_loses(monkeypatch):
    monkeypatch.setattr(convolution_forms, "_chosen", {})
    asked = []

    def timer(name, layer, limit):
        asked.append(layer.inputs)
        if name == "one by one":
            raise RuntimeError("out of memory")
        return {GROUPED: layer.inputs[2], "unfolded": 5.0}[name]

    models = [build("cnn", (1, 28, 28), 10, [0, 1]) for _ in range(2)]
    for model in models:
        race(model, (1, 28, 28), 4, "highest", torch.device("cpu"), timer)
    assert [list(forms_of(model).values()) for model in models] == [["unfolded"]] * 2  # the second has 10 channels
    assert len(asked) == 2 * len(FORMS)  # another network of the process has the same
    assert models[0].training
    x = torch.randn(2, 4, 1, 28, 28)
    torch.testing.assert_close(models[0](x), build("cnn", (1, 28, 28), 10, [0, 1])(x))


def test_rows_have_the_forms_that_were_chosen_and_a_cpu_chooses_none():
    model = build("cnn", (1, 28, 28), 10, [0, 1])
    convolution_forms.choose_forms(model, (1, 28, 28), 4, "highest", torch.device("cpu"))
    assert step_engine.BY_TORCH.after(model).as_json() == {"name": "torch", "why": "", "threads": 1}
    path, layer = next((path, own) for path, own in model.named_modules() if isinstance(own, StackedConv2d))
    layer.form = "unfolded"
    assert step_engine.BY_TORCH.after(model).as_json()["convolutions"] == {path: "unfolded"}


def test_a_form_is_timed_with_its_gradients():
    model = build("cnn", (1, 28, 28), 10, [0, 1])
    (_, layer), *_ = convolution_forms._layers(model, (1, 28, 28), 2, "bf16", torch.device("cpu"))
    for name in FORMS:
        assert 0 < convolution_forms.seconds_of(name, layer, 0.0) < float("inf")


@pytest.mark.parametrize("form", FORMS)
def test_forms_follow_autocast(form):
    layer = StackedConv2d([nn.Conv2d(2, 4, 3) for _ in range(CELLS)])
    layer.form = form
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(CELLS, EXAMPLES, 2, 6, 6)).dtype == torch.bfloat16
