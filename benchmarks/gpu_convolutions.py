"""A part of `benchmarks/gpu.py`: what each form of a stack's convolution costs, and how far off it is."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import torch
from gpu_bench import Bench, Row
from torch import Tensor

from lsbench.models.convolutions import FORMS, GROUPED, Geometry, forms_for
from lsbench.training.precision import autocast, matmul_precision

LAYERS = ((1, 10, 5, 28, 1, 0), (10, 20, 5, 12, 1, 0), (16, 32, 3, 32, 2, 1))  # in, out, kernel, size, stride, padding
PRECISIONS = ("highest", "high", "bf16")
LAYOUTS = ("cells first", "side by side")
PASSES = ("values", "images", "weights")  # forward pass, and the gradients in the last two
SMALL = 6  # the size of images in a dry run


class Numbers(NamedTuple):
    """What a form is called with."""

    x: Tensor
    weight: Tensor
    geometry: Geometry


def convolutions(bench: Bench) -> None:
    """The forms of a stack's convolution, see `lsbench.models.convolutions`."""
    cells, n, rows = bench.size(96, 2), bench.size(64, 2), list[Row]()
    for layer, precision, layout in product(LAYERS, PRECISIONS[:: bench.size(1, 2)], LAYOUTS):
        numbers = numbers_of(bench, layer, layout, cells, n)
        with matmul_precision("highest", bench.device.type):
            exact = results(GROUPED, numbers, "highest")
        for form in forms_for(numbers.geometry, numbers.weight):
            into, out, kernel, size, stride, _ = layer
            shape = f"{into}-{out}, {kernel}x{kernel}, {size}x{size}, stride {stride}"
            row: Row = {"layer": shape, "precision": precision, "layout": layout, "form": form}
            with matmul_precision(precision, bench.device.type):
                rows.append({**row, **measured(bench, form, numbers, precision, exact)})
    bench.table(f"forms of convolutions, ms of each pass, {cells} cells, {n} images each", rows)


def numbers_of(bench: Bench, layer: tuple[int, ...], layout: str, cells: int, n: int) -> Numbers:
    """Images, weights and geometry of a layer."""
    into, out, kernel, size, stride, padding = layer
    size, device = bench.size(size, SMALL), bench.device
    if layout == "cells first":
        x = torch.randn(cells, n, into, size, size, device=device)
    else:
        x = torch.randn(n, cells, into, size, size, device=device).transpose(0, 1)
    weight = torch.randn(cells, out, into, kernel, kernel, device=device)
    geometry = Geometry((stride, stride), (padding, padding), (1, 1), 1)
    return Numbers(x.requires_grad_(), weight.requires_grad_(), geometry)


def measured(bench: Bench, form: str, numbers: Numbers, precision: str, exact: list[Tensor]) -> Row:
    """Milliseconds of each pass, the largest error relative to float32, and whether two runs have the same bits."""
    try:
        own, again = (results(form, numbers, precision) for _ in range(2))
        errors = [float((a.float() - b).norm() / b.norm()) for a, b in zip(own, exact, strict=True)]
        times = {name: bench.seconds(call, bench.size(3, 1)) * 1e3 for name, call in passes(form, numbers, precision)}
    except Exception as error:  # noqa: BLE001  a form that fails is a line of the table, and costs no other one
        return {"failed": f"{type(error).__name__}: {error}"[:120]}
    return {**times, "error": max(errors), "same bits": all(map(torch.equal, own, again))}


def results(form: str, numbers: Numbers, precision: str) -> list[Tensor]:
    """Values and gradients."""
    return [call() for _, call in passes(form, numbers, precision)]


def passes(form: str, numbers: Numbers, precision: str) -> Iterator[tuple[str, Callable[[], Tensor]]]:
    """Each pass alone; the gradients are those of half of the values' sum of squares."""
    x, weight, geometry = numbers

    def forward(x: Tensor, weight: Tensor) -> Tensor:
        with autocast(precision, x.device.type):
            return FORMS[form](x, weight, None, geometry)

    def gradient(y: Tensor, leaf: Tensor) -> Tensor:
        return torch.autograd.grad(y, leaf, y.detach(), retain_graph=True)[0]

    calls = (
        partial(forward, x.detach(), weight.detach()),
        partial(gradient, forward(x, weight.detach()), x),
        partial(gradient, forward(x.detach(), weight), weight),
    )
    yield from zip(PASSES, calls, strict=True)
