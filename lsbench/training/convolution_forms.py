"""Which form of a stack's convolutions is the fastest on a GPU, found by trying for about a second."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lsbench.models.convolutions import DIRECT, FORMS, GROUPED, Geometry, forms_for
from lsbench.models.layers import StackedConv2d
from lsbench.models.stack import StackedModel
from lsbench.training.precision import autocast, matmul_precision

SECONDS, ROUNDS = 1.0, 20  # of all trials of a network; of one form
CLOSE, CLOSE_LOW = 1e-4, 1e-2  # errors of a form relative to the grouped one's results: in float32; in less


class Layer(NamedTuple):
    """What a form's speed depends on."""

    inputs: tuple[int, ...]  # (cells, n, in, h, w)
    weights: tuple[int, ...]  # (cells, out, in / groups, kernel, kernel)
    geometry: Geometry
    needs_gradient: bool  # of the inputs: those of the first layer are images
    has_bias: bool
    precision: str
    device: torch.device


Timer = Callable[[str, Layer, float], float]  # a form's seconds, in at most so many
_chosen: dict[Layer, str] = {}  # stacks of one process compute alike


def choose_forms(model: StackedModel, shape: tuple[int, ...], batch: int, precision: str, device: torch.device) -> None:
    """Give each convolution the form that is the fastest for batches (cells, batch, *shape) on a GPU.

    On a CPU all stay grouped, so that bits do not depend on a race.
    """
    if device.type == "cuda":
        race(model, shape, batch, precision, device, seconds_of)


def race(
    model: StackedModel, shape: tuple[int, ...], batch: int, precision: str, device: torch.device, timer: Timer
) -> None:
    """Give each convolution its fastest form by this timer; one that fails, for want of memory or else, loses."""
    layers = list(layers_of(model, shape, batch, precision, device))
    for module, layer in layers:
        if layer not in _chosen:
            names = [name for name in forms_for(layer.geometry, module.weight) if name != DIRECT or works(layer)]
            limit = SECONDS / len(layers) / len(names)
            seconds = {name: _seconds(timer, name, layer, limit) for name in names}
            _chosen[layer] = min(names, key=seconds.__getitem__)
        module.form = _chosen[layer]


def forms_of(model: nn.Module) -> dict[str, str]:
    """The form of each convolution that is not a grouped one, by its path."""
    layers = ((path, layer) for path, layer in model.named_modules() if isinstance(layer, StackedConv2d))
    return {path: layer.form for path, layer in layers if layer.form != GROUPED}


def layers_of(
    model: StackedModel, shape: tuple[int, ...], batch: int, precision: str, device: torch.device
) -> Iterator[tuple[StackedConv2d, Layer]]:
    """The convolutions that a batch comes through, in order; the model is not changed."""
    inputs: list[tuple[StackedConv2d, tuple[int, ...]]] = []

    def note(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        if isinstance(module, StackedConv2d):
            inputs.append((module, tuple(args[0].shape)))

    layers = [layer for layer in model.modules() if isinstance(layer, StackedConv2d)]
    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    with torch.no_grad(), _evaluated(model):
        if layers:
            model(torch.zeros(model.cells, batch, *shape, device=device))
    for hook in hooks:
        hook.remove()
    for i, (module, size) in enumerate(inputs):
        rest = (module.geometry, i > 0, module.bias is not None, precision, device)
        yield module, Layer(size, tuple(module.weight.shape), *rest)


@contextmanager
def _evaluated(model: nn.Module) -> Iterator[None]:
    before = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(before)


def _seconds(timer: Timer, name: str, layer: Layer, limit: float) -> float:
    try:
        return timer(name, layer, limit)
    except RuntimeError:
        return float("inf")


def works(layer: Layer) -> bool:
    """Whether the direct form builds here and gives what the grouped one gives; a warning says why it is not used.

    It is asked of two cells with the layer's own images: the kernels are cut by these, and not by the number of cells.
    """
    cells = min(2, layer.inputs[0])
    few = layer._replace(inputs=(cells, *layer.inputs[1:]), weights=(cells, *layer.weights[1:]))
    try:
        with matmul_precision(layer.precision, layer.device.type):
            own, expected = run_of(DIRECT, few)(), run_of(GROUPED, few)()
    except Exception as error:  # noqa: BLE001  whatever a compiler or a driver may raise
        return _told(layer, f"{type(error).__name__}: {error}")
    pairs = zip(own, expected, strict=True)
    apart = max(float((one - other).float().norm() / other.float().norm()) for one, other in pairs)
    limit = CLOSE if layer.precision == "highest" else CLOSE_LOW
    return apart <= limit or _told(layer, f"its results are off by {apart:.1e}")


def _told(layer: Layer, reason: str) -> bool:
    told = f"direct convolutions are not used on {layer.device}: {reason.strip().splitlines()[0]}"
    warnings.warn(told, RuntimeWarning, stacklevel=3)
    return False


def run_of(name: str, layer: Layer) -> Callable[[], list[Tensor]]:
    """What computes the values of a form and the gradients that a step wants, each time of the same numbers."""
    draw = partial(torch.randn, generator=torch.Generator(layer.device).manual_seed(0), device=layer.device)
    x = draw(layer.inputs).requires_grad_(layer.needs_gradient)
    weight = draw(layer.weights).requires_grad_()
    bias = draw(layer.weights[:2]).requires_grad_() if layer.has_bias else None
    wanted = [value for value in (x, weight, bias) if value is not None and value.requires_grad]

    def run() -> list[Tensor]:
        with autocast(layer.precision, layer.device.type):
            output = FORMS[name](x, weight, bias, layer.geometry)
        return [output.detach(), *torch.autograd.grad(output, wanted, torch.ones_like(output))]

    return run


def seconds_of(name: str, layer: Layer, limit: float) -> float:
    """The least seconds of a forward pass and its gradients, after one that is not counted."""
    run = run_of(name, layer)
    with matmul_precision(layer.precision, layer.device.type):
        _timed(run, layer.device)
        least, start = float("inf"), perf_counter()
        for _ in range(ROUNDS):
            least = min(least, _timed(run, layer.device))
            if perf_counter() - start > limit:
                break
    return least


def _timed(run: Callable[[], object], device: torch.device) -> float:
    """Until the device has done it."""
    start = perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter() - start
