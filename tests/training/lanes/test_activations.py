"""Activations are exact to some units in the last place, and so are their slopes."""

import ctypes

import numpy as np
import pytest
import torch
from torch import nn

from lsbench.models.stack import ELEMENTWISE
from lsbench.training.lanes import compiler
from lsbench.training.lanes.activations import ACTIVATIONS
from lsbench.training.lanes.source import EXPORTED
from tests.training.lanes.lane_cases import needs_compiler

MODULES = [
    nn.ReLU(),
    nn.ReLU6(),
    nn.Hardtanh(-0.3, 0.9),
    nn.LeakyReLU(0.1),
    nn.LeakyReLU(-0.3),
    nn.ELU(0.7),
    nn.GELU(),
    nn.GELU("tanh"),
    nn.SiLU(),
    nn.Hardswish(),
    nn.Hardsigmoid(),
    nn.Tanh(),
    nn.Sigmoid(),
]
OWN = [ACTIVATIONS[type(module)](module) for module in MODULES]
LANES = 16
EACH = """
void value{i}(const V* x, V* y, long n) {{ for (long i = 0; i < n; i++) y[i] = {cpp}::of(x[i]); }}
void slope{i}(const V* x, V* y, long n) {{ for (long i = 0; i < n; i++) y[i] = {cpp}::slope(x[i], number(1)); }}
"""


@pytest.fixture(scope="module")
def computed():
    """f(value or slope, number of a module, inputs) -> numbers, by the compiled C++."""
    functions = "".join(EACH.format(i=i, cpp=own.cpp) for i, own in enumerate(OWN))
    library = ctypes.CDLL(str(compiler.build(f'#include "elementwise.hpp"\n{EXPORTED}{functions}}}\n', LANES)))

    def compute(name, i, x):
        out = torch.empty_like(x)
        pointers = (ctypes.c_void_p(values.data_ptr()) for values in (x, out))
        getattr(library, f"{name}{i}")(*pointers, ctypes.c_long(len(x) // LANES))
        return out

    return compute


def inputs():
    """From -30 to 30, and near 0 on both sides."""
    near = torch.logspace(-30, 1, 1600)
    return torch.cat([torch.linspace(-30, 30, 16000), near, -near])


def test_every_activation_that_stacks_have_is_taken():
    assert {*ACTIVATIONS, nn.Identity} == set(ELEMENTWISE)
    assert {type(module) for module in MODULES} == set(ACTIVATIONS)


@needs_compiler
@pytest.mark.parametrize("i", range(len(MODULES)), ids=map(str, MODULES))
def test_values_and_slopes_are_those_of_64_bits_but_for_rounding(computed, i):
    x = inputs()
    number = x.double().requires_grad_()
    values = MODULES[i](number)
    (slopes,) = torch.autograd.grad(values.sum(), number)
    own = computed("value", i, x)
    exact = values.detach()
    scale = torch.maximum(exact.abs(), x.abs()) if OWN[i].needs_input else exact.abs()  # x times a rounded factor
    assert largest_units(own, exact, scale) < 3
    read = x if OWN[i].needs_input else own
    assert (computed("slope", i, read) - slopes).abs().max() < 2e-6


def largest_units(own, exact, scale):
    """The largest error in units of the last place of these numbers."""
    return float(((own - exact).abs() / torch.from_numpy(np.spacing(scale.float().numpy()))).max())


@needs_compiler
@pytest.mark.parametrize("i", range(len(MODULES)), ids=map(str, MODULES))
def test_what_is_not_a_number_stays_so(computed, i):
    assert computed("value", i, torch.full((LANES,), torch.nan)).isnan().all()
