"""The forms of a stack's convolution are one function."""

import pytest
import torch
from torch import nn

from lsbench.models import convolutions
from lsbench.models.convolutions import DIRECT, FORMS, GROUPED, forms_for
from lsbench.models.layers import StackedConv2d
from lsbench.models.stack import build
from lsbench.training import convolution_forms, step_engine
from lsbench.training.convolution_forms import forms_of, race
from tests.in_turn import in_turn

CELLS, EXAMPLES = 3, 2
HERE = [name for name in FORMS if name != DIRECT]  # on a CPU; tests/kernels/test_triton_convolution.py has the other


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
        for form in forms_for(layer.geometry, layer.weight):
            torch.testing.assert_close(values_and_gradients(layer, form, x), exact)


def forms_of_layer(**options):
    layer = StackedConv2d([nn.Conv2d(2, 2, 3, **options)] * 2)
    return forms_for(layer.geometry, layer.weight)


def test_groups_have_no_form_of_products_and_a_kernel_for_a_gpu_is_offered_on_one(monkeypatch):
    assert forms_of_layer() == HERE
    monkeypatch.setattr(convolutions, "may_triton", lambda device: True)
    assert forms_of_layer() == [*HERE, DIRECT] == list(FORMS)
    assert forms_of_layer(dilation=2) == forms_of_layer(dtype=torch.float64) == HERE
    assert forms_of_layer(groups=2) == [GROUPED, "one by one"]


def test_a_kernel_that_is_wrong_or_does_not_build_is_not_raced_and_a_warning_says_why(monkeypatch):
    monkeypatch.setattr(convolutions, "may_triton", lambda device: True)
    monkeypatch.setattr(convolution_forms, "_chosen", {})
    asked, model = [], build("cnn", (1, 28, 28), 10, [0, 1, 2])

    def raced(form):
        monkeypatch.setitem(FORMS, DIRECT, form)
        monkeypatch.setattr(convolution_forms, "_chosen", {})
        asked.clear()
        race(model, (1, 28, 28), 2, "highest", torch.device("cpu"), lambda name, *_: asked.append(name) or 1.0)
        return set(asked)

    assert raced(FORMS["unfolded"]) == set(FORMS)
    with pytest.warns(RuntimeWarning, match="its results are off by 1.0e-03"):
        assert raced(lambda *given: FORMS[GROUPED](*given) * 1.001) == set(HERE)
    with pytest.warns(RuntimeWarning, match="TypeError: no compiler"):
        assert raced(without_compiler) == set(HERE)


def without_compiler(*_):
    raise TypeError("no compiler")


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
    assert len(asked) == 2 * len(HERE)  # another network of the process has the same
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
    (_, layer), *_ = convolution_forms.layers_of(model, (1, 28, 28), 2, "bf16", torch.device("cpu"))
    for name in HERE:
        assert 0 < convolution_forms.seconds_of(name, layer, 0.0) < float("inf")


@pytest.mark.parametrize("form", HERE)
def test_forms_follow_autocast(form):
    layer = StackedConv2d([nn.Conv2d(2, 4, 3) for _ in range(CELLS)])
    layer.form = form
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(CELLS, EXAMPLES, 2, 6, 6)).dtype == torch.bfloat16
