"""The launches of the direct convolution that `kernel_report.py` compiles: all that a step of cnn and resnet8 has."""

import hashlib
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from lsbench.kernels import convolution_in_triton
from lsbench.kernels.convolution_in_triton.launch import Arithmetic, Call, images_like, values, weight_sums
from lsbench.models.convolutions import window_of
from lsbench.models.stack import build
from lsbench.training.convolution_forms import Layer, layers_of

CELLS, IMAGES = 16, 64
MODELS = {"cnn": (1, 28, 28), "resnet8": (3, 32, 32)}
ARITHMETICS = {
    "float32": Arithmetic(torch.float32, False),
    "TF32": Arithmetic(torch.float32, True),
    "bfloat16": Arithmetic(torch.bfloat16, False),
}


@dataclass(frozen=True)
class Convolution:
    """One launch: the values of a layer, their gradient in its images or that in its weights."""

    model: str
    layer: Layer
    wanted: str
    arithmetic: str

    @property
    def name(self) -> str:
        """For example "cnn 10-20 5x5 of 12x12, weights, TF32"."""
        (_, out, into, *kernel), (*_, height, width) = self.layer.weights, self.layer.inputs
        stride = f" stride {self.layer.geometry.stride[0]}" if self.layer.geometry.stride != (1, 1) else ""
        size = f"{into}-{out} {kernel[0]}x{kernel[1]}{stride} of {height}x{width}"
        return f"{self.model} {size}, {self.wanted}, {self.arithmetic}"

    def launch(self) -> Call:
        """For CELLS x IMAGES; memory is asked for and not touched."""
        arithmetic, layer = ARITHMETICS[self.arithmetic], self.layer
        outer, channels = torch.empty(CELLS, IMAGES), layer.weights[1]
        x = images_like(outer, layer.inputs[2:], arithmetic.dtype)
        weight = torch.empty(CELLS, *layer.weights[1:])
        window = window_of(x, weight, layer.geometry)
        y = images_like(outer, (channels, *window.places), arithmetic.dtype)
        if self.wanted == "weights":
            return weight_sums(x, y, layer.has_bias, window, arithmetic)
        if self.wanted == "images":
            return values(y, weight, None, x, window, arithmetic, transposed=True)
        bias = torch.empty(CELLS, channels) if layer.has_bias else None
        return values(x, weight, bias, y, window, arithmetic, transposed=False)


def convolutions() -> Iterator[Convolution]:
    """Each launch once."""
    for name, shape in MODELS.items():
        model, cpu = build(name, shape, 10, range(2)), torch.device("cpu")
        for layer in dict.fromkeys(layer for _, layer in layers_of(model, shape, 2, "highest", cpu)):
            for wanted in ("values", "images", "weights") if layer.needs_gradient else ("values", "weights"):
                yield from (Convolution(name, layer, wanted, arithmetic) for arithmetic in ARITHMETICS)


def digest() -> str:
    """Of the kernels' sources without comments and docstrings: a page of another digest is out of date."""
    files = sorted(Path(convolution_in_triton.__path__[0]).glob("*.py"))
    texts = (io.StringIO(file.read_text(encoding="utf-8")) for file in files)
    tokens = (token for text in texts for token in tokenize.generate_tokens(text.readline))
    words = (token.string for token in tokens if token.type != tokenize.COMMENT and not token.string.startswith('"""'))
    return hashlib.sha256("".join("".join(words).split()).encode()).hexdigest()[:12]
