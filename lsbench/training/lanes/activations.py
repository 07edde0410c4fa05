"""The activations that the engine has, and what the gradient of each needs."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn


@dataclass(frozen=True)
class Activation:
    """A function of each number alone, and where its slope is read from."""

    cpp: str  # its C++ type
    needs_input: bool = False  # for its slope; else the output is enough, and it may work in place
    needs_sign: bool = False  # of the output, and nothing else: dropout after it may work in place


def bits(value: float) -> str:
    """A number in 32 bits as C++ can have it among a template's arguments: the integer of the same bits."""
    return f"0x{struct.unpack('<I', struct.pack('<f', value))[0]:08x}u"


def _always(*arguments: Any, **options: Any) -> Callable[[Any], Activation]:
    return lambda _: Activation(*arguments, **options)


def _leaky(module: nn.LeakyReLU) -> Activation:
    turns = module.negative_slope < 0  # then both signs of an input give a positive output
    return Activation(f"LeakyReLU<{bits(module.negative_slope)}>", needs_input=turns, needs_sign=not turns)


def _elu(module: nn.ELU) -> Activation | None:
    return Activation(f"ELU<{bits(module.alpha)}>") if module.alpha >= 0 else None


def _hardtanh(module: nn.Hardtanh) -> Activation:
    return Activation(f"Clipped<{bits(module.min_val)}, {bits(module.max_val)}>")


def _gelu(module: nn.GELU) -> Activation:
    return Activation("GELU" if module.approximate == "none" else "GELUByTanh", needs_input=True)


ACTIVATIONS: dict[type[nn.Module], Callable[[Any], Activation | None]] = {  # None: options without a form
    nn.ReLU: _always("ReLU", needs_sign=True),
    nn.ReLU6: _hardtanh,
    nn.Hardtanh: _hardtanh,
    nn.LeakyReLU: _leaky,
    nn.ELU: _elu,
    nn.GELU: _gelu,
    nn.SiLU: _always("SiLU", needs_input=True),
    nn.Hardswish: _always("Hardswish", needs_input=True),
    nn.Hardsigmoid: _always("Hardsigmoid"),
    nn.Tanh: _always("Tanh"),
    nn.Sigmoid: _always("Sigmoid"),
}
