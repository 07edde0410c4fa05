"""What the engine needs to know of a network: its layers in order, with their sizes, and what each reads and writes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

from torch import nn

from lsbench.models.residual import Residual
from lsbench.training.lanes.activations import ACTIVATIONS, Activation

Shape = tuple[int, ...]
FEWEST_TRANSFORMED, FEWER_PRODUCTS = 6, 1.5  # channels and products saved from which Winograd's convolution is faster
TILES = 16  # of a block; where an example has fewer, a convolution takes several examples at once
LARGEST_PLACES = 127  # numbers in a window of max-pooling, which a byte counts


class Unknown(Exception):  # noqa: N818 - no error: torch trains what the engine can't
    """A layer, or an option of one, that the engine can't take; says which."""


@dataclass
class Layer:
    """One operation, from the numbers that it reads to those that it writes."""

    kind: str  # conv, winograd, linear, elementwise, max_pool, avg_pool, batch_norm, dropout, add
    cpp: str  # its C++ type
    path: str  # of its module within the network
    inputs: tuple[int, ...]  # numbers of values, see `Architecture.sizes`
    output: int
    parameters: tuple[str, ...] = ()  # paths
    counts: tuple[int, ...] = ()  # how many numbers each parameter has, per cell
    partial: tuple[int, ...] = ()  # how many a share's part of its gradient has
    prepared: int = 0  # how many are made of the weights before each pass
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Architecture:
    """The layers in the order in which they run; value 0 is an example, the last one its logits."""

    inputs: int  # numbers of an example
    layers: list[Layer] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # of each value, numbers per example and cell

    @property
    def parameters(self) -> list[str]:
        """The paths of all parameters, in the order of the layers."""
        return [path for layer in self.layers for path in layer.parameters]

    def consumers(self, value: int) -> list[Layer]:
        """The layers that read a value."""
        return [layer for layer in self.layers if value in layer.inputs]

    def producer(self, value: int) -> Layer | None:
        """The layer that writes a value; None of an example."""
        return next((layer for layer in self.layers if layer.output == value), None)


def architecture_of(module: nn.Module, shape: Shape) -> Architecture:
    """The layers of a plain network for examples of that shape; `Unknown` where it has one that isn't taken."""
    made = Architecture(prod(shape), sizes=[prod(shape)])
    reader = _Reader(made)
    value, out = reader.read(module, "", 0, shape)
    if not made.parameters:
        raise Unknown("a network without weights")
    if len(out) != 1:
        raise Unknown("an output that is not flat")
    if value != made.layers[-1].output or made.consumers(value):
        raise Unknown("a last layer that does nothing")
    return made


class _Reader:
    """Adds the layers of modules to an architecture."""

    def __init__(self, made: Architecture) -> None:
        self.made = made

    def read(self, module: nn.Module, path: str, value: int, shape: Shape) -> tuple[int, Shape]:
        """Add a module that reads `value` of that shape; what it writes, and its shape."""
        kind = type(module)
        if kind is nn.Sequential:
            for name, child in module.named_children():
                value, shape = self.read(child, _join(path, name), value, shape)
            return value, shape
        if kind is Residual:
            return self._residual(module, path, value, shape)
        if kind is nn.Identity:
            return value, shape
        if kind is nn.Flatten:
            if (module.start_dim, module.end_dim) not in ((1, -1), (1, len(shape))):
                raise Unknown(f"{module}")
            return value, (prod(shape),)
        if kind not in READERS:
            raise Unknown(kind.__name__)
        layer, out = READERS[kind](module, shape)
        layer.path, layer.inputs = path, (value,)
        layer.parameters = tuple(_join(path, name) for name in layer.parameters)
        return self._add(layer, out), out

    def _residual(self, module: Any, path: str, value: int, shape: Shape) -> tuple[int, Shape]:
        shortcut, other = self.read(module.shortcut, _join(path, "shortcut"), value, shape)
        body, out = self.read(module.body, _join(path, "body"), value, shape)
        if other != out:
            raise Unknown("a residual block whose two ways differ in shape")
        count = prod(out)
        added = self._add(Layer("add", f"Add<{count}>", path, (body, shortcut), 0), out)
        relu = Layer("elementwise", f"Elementwise<ReLU, {count}>", path, (added,), 0)
        relu.options = {"function": "ReLU", "needs_sign": True}
        return self._add(relu, out), out

    def _add(self, layer: Layer, out: Shape) -> int:
        layer.output = len(self.made.sizes)
        self.made.layers.append(layer)
        self.made.sizes.append(prod(out))
        return layer.output


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _image(module: nn.Module, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise Unknown(f"{module} on what is no image")
    return shape


def _conv(module: nn.Conv2d, shape: Shape) -> tuple[Layer, Shape]:
    channels, height, width = _image(module, shape)
    kernel, stride, padding = _pair(module.kernel_size), _pair(module.stride), _padding(module)
    if _pair(module.dilation) != (1, 1) or module.groups != 1 or module.padding_mode != "zeros":
        raise Unknown(f"{module}")
    out = tuple((n + 2 * p - k) // s + 1 for n, p, k, s in zip((height, width), padding, kernel, stride, strict=True))
    has_bias = module.bias is not None
    sizes = (channels, height, width, module.out_channels, *kernel, *stride, *padding)
    cpp = f"Conv<{', '.join(map(str, sizes))}, {str(has_bias).lower()}>"
    counts = (module.weight.numel(), *([module.out_channels] if has_bias else []))
    layer = _weighted("conv", cpp, counts, width=max(channels, module.out_channels))
    if kernel == (3, 3) and stride == (1, 1) and min(channels, module.out_channels) >= FEWEST_TRANSFORMED:
        _transform(layer, (channels, height, width, module.out_channels, *padding), out, has_bias=has_bias)
    return layer, (module.out_channels, *out)


def _transform(layer: Layer, sizes: Shape, out: Shape, *, has_bias: bool) -> None:
    """Let Winograd's products compute a 3x3 convolution of stride 1, by the tiles of 2x2 or 4x4 that take fewer."""
    tiles = {side: prod(-(-n // side) for n in out) for side in (2, 4)}
    side = min(tiles, key=lambda side: tiles[side] * (side + 2) ** 2)
    if FEWER_PRODUCTS * tiles[side] * (side + 2) ** 2 <= 9 * prod(out):
        layer.kind = "winograd"
        layer.cpp = f"Winograd<{', '.join(map(str, (side, *sizes)))}, {str(has_bias).lower()}>"
        layer.prepared = (side + 2) ** 2 * sizes[0] * sizes[3]
        layer.partial = (layer.prepared, *layer.counts[1:])
        layer.options["in_shares"] = tiles[side] < TILES


def _padding(module: nn.Conv2d) -> tuple[int, int]:
    if module.padding == "valid":
        return 0, 0
    if module.padding == "same":
        height, width = _pair(module.kernel_size)
        if height % 2 == 0 or width % 2 == 0:
            raise Unknown(f"{module}")
        return height // 2, width // 2
    return _pair(module.padding)


def _weighted(kind: str, cpp: str, counts: tuple[int, ...], **options: Any) -> Layer:
    return Layer(kind, cpp, "", (), 0, ("weight", "bias")[: len(counts)], counts, counts, options=options)


def _linear(module: nn.Linear, shape: Shape) -> tuple[Layer, Shape]:
    if len(shape) != 1:
        raise Unknown(f"{module} on what is not flat")
    has_bias = module.bias is not None
    cpp = f"Linear<{module.in_features}, {module.out_features}, {str(has_bias).lower()}>"
    counts = (module.weight.numel(), *([module.out_features] if has_bias else []))
    return _weighted("linear", cpp, counts), (module.out_features,)


def _activation(activation: Callable[[Any], Activation | None]) -> Callable[[Any, Shape], tuple[Layer, Shape]]:
    def read(module: nn.Module, shape: Shape) -> tuple[Layer, Shape]:
        own = activation(module)
        if own is None:
            raise Unknown(f"{module}")
        options = {"function": own.cpp, "needs_input": own.needs_input, "needs_sign": own.needs_sign}
        return Layer("elementwise", f"Elementwise<{own.cpp}, {prod(shape)}>", "", (), 0, options=options), shape

    return read


def _max_pool(module: nn.MaxPool2d, shape: Shape) -> tuple[Layer, Shape]:
    channels, height, width = _image(module, shape)
    kernel, stride, padding = _pair(module.kernel_size), _pair(module.stride), _pair(module.padding)
    if _pair(module.dilation) != (1, 1) or module.ceil_mode or module.return_indices or prod(kernel) > LARGEST_PLACES:
        raise Unknown(f"{module}")
    sizes = (channels, height, width, *kernel, *stride, *padding)
    out = _pooled((height, width), kernel, stride, padding)
    return Layer("max_pool", f"MaxPool<{', '.join(map(str, sizes))}>", "", (), 0), (channels, *out)


def _avg_pool(module: nn.AvgPool2d, shape: Shape) -> tuple[Layer, Shape]:
    channels, height, width = _image(module, shape)
    kernel, stride, padding = _pair(module.kernel_size), _pair(module.stride), _pair(module.padding)
    if module.ceil_mode or module.divisor_override or (any(padding) and not module.count_include_pad):
        raise Unknown(f"{module}")
    out = _pooled((height, width), kernel, stride, padding)
    sizes = ", ".join(map(str, (channels, height, width, *out, "false", *kernel, *stride, *padding)))
    return Layer("avg_pool", f"AvgPool<{sizes}>", "", (), 0), (channels, *out)


def _pooled(size: Shape, kernel: Shape, stride: Shape, padding: Shape) -> Shape:
    return tuple((n + 2 * p - k) // s + 1 for n, p, k, s in zip(size, padding, kernel, stride, strict=True))


def _adaptive(module: nn.AdaptiveAvgPool2d, shape: Shape) -> tuple[Layer, Shape]:
    channels, height, width = _image(module, shape)
    asked = module.output_size if isinstance(module.output_size, tuple) else (module.output_size,) * 2
    out = tuple(side if n is None else int(n) for n, side in zip(asked, (height, width), strict=True))
    sizes = ", ".join(map(str, (channels, height, width, *out, "true", 1, 1, 1, 1, 0, 0)))
    return Layer("avg_pool", f"AvgPool<{sizes}>", "", (), 0), (channels, *out)


def _batch_norm(module: nn.BatchNorm1d | nn.BatchNorm2d, shape: Shape) -> tuple[Layer, Shape]:
    is_flat = isinstance(module, nn.BatchNorm1d)
    if is_flat != (len(shape) == 1):
        raise Unknown(f"{module} on {len(shape)} dimensions")
    if not (module.affine and module.track_running_stats and module.momentum is not None):
        raise Unknown(f"{module}")
    channels, area = shape[0], prod(shape[1:])
    options = {"momentum": module.momentum, "tiny": module.eps, "channels": channels, "area": area}
    cpp = f"BatchNorm<{channels}, {area}, Same>"
    return _weighted("batch_norm", cpp, (channels, channels), activation="Same", **options), shape


def _dropout(_: nn.Dropout, shape: Shape) -> tuple[Layer, Shape]:
    return Layer("dropout", f"Dropout<{prod(shape)}>", "", (), 0, options={"shape": shape}), shape


READERS: dict[type[nn.Module], Callable[[Any, Shape], tuple[Layer, Shape]]] = {
    nn.Conv2d: _conv,
    nn.Linear: _linear,
    **{kind: _activation(activation) for kind, activation in ACTIVATIONS.items()},
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _avg_pool,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.Dropout: _dropout,
}
