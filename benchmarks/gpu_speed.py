"""Parts of `benchmarks/gpu.py`: what the loss, stacks, their convolutions and a large network cost."""

import json

import torch
import torch.nn.functional as F
from gpu_bench import Bench, Row, ce, command
from gpu_loss import OURS, shares
from torch import Tensor, nn

from lsbench.models.convolutions import FORMS, Geometry
from lsbench.models.stack import build, factory_of
from lsbench.spec import Recipe
from lsbench.training.batches import Examples
from lsbench.training.loop import train


def losses(bench: Bench) -> None:
    """`lsbench speed`: time, memory and errors of each form of the loss."""
    shapes = "8192x32000,8192x131072,256x50257,1024x1000,128x10" if not bench.dry else "8x10"
    line = ["speed", "--json", "--device", bench.device.type, "--shapes", shapes, "--seconds"]
    line += ["2" if not bench.dry else "0.01", "--dtype", "bfloat16,float32" if not bench.dry else "float32"]
    study = json.loads(command(*line))
    ours = OURS if not bench.dry else "ours-aten"
    bench.table(f"{ours} beside a copy and the others", shares(study["shapes"], ours))
    for shape in study["shapes"]:
        rows = [{k: v for k, v in form.items() if not isinstance(v, (list, dict))} for form in shape["costs"]]
        title = " ".join(f"{k} {v}" for k, v in shape.items() if not isinstance(v, (list, dict)))
        bench.table(title, rows)


def throughput(bench: Bench) -> None:
    """Steps of stacks of 1, 16 and 96 cells, beside the in-memory loop of one network, in the same process."""
    steps, rows = bench.size(200, 3), []
    for name, batch in (("mlp", 128), ("cnn", 64)):
        n = steps * batch
        images = torch.randn(min(n, 20_000), 1, 28, 28, device=bench.device)
        labels = torch.randint(10, (len(images),), device=bench.device)
        loop = bench.seconds(lambda name=name, b=batch, x=images, y=labels: one_loop(name, x, y, b, steps), 3) / steps
        rows.append({"model": name, "cells": "in-memory loop", "ms per step": loop * 1e3, "times the loop": 1.0})
        for cells in (1, 16, 96) if not bench.dry else (1, 2):
            for precision in ("highest", "high"):
                seconds = a_stack(bench, name, images, labels, batch, steps, cells, precision)
                ratio = loop * cells / seconds
                row: Row = {"model": name, "cells": cells, "precision": precision}
                rows.append({**row, "ms per step": seconds * 1e3, "times the loop": ratio})
    bench.table(f"{steps} steps", rows)


def one_loop(name: str, images: Tensor, labels: Tensor, batch: int, steps: int) -> None:
    """What a careful user writes: everything on the device, one network."""
    module = factory_of(name)(tuple(images.shape[1:]), 10).to(images.device)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    for _ in range(steps):
        index = torch.randint(len(images), (batch,), device=images.device)
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(module(images[index]), labels[index]).backward()
        optimizer.step()


def a_stack(
    bench: Bench, name: str, images: Tensor, labels: Tensor, batch: int, steps: int, cells: int, precision: str
) -> float:
    """Seconds of a step of all cells, of an epoch of so many steps, the building of the model counted."""
    m = min(steps * batch, len(images))
    order = torch.arange(m, device=images.device).expand(cells, -1)
    examples = Examples(images, labels.expand(cells, -1), order, range(cells))
    recipe = Recipe(epochs=1, batch_size=batch, precision=precision)

    def run() -> None:
        model = build(name, tuple(images.shape[1:]), 10, range(cells)).to(images.device)
        for _ in train(model, examples, ce, recipe):
            pass

    return bench.seconds(run, 3) / -(-m // batch)


def convolutions(bench: Bench) -> None:
    """The forms of a stack's convolution, see `lsbench.models.convolutions`."""
    cells, n, rows = bench.size(96, 2), bench.size(64, 4), []
    geometry = Geometry((1, 1), (0, 0), (1, 1), 1)
    for into, out, kernel, side in ((1, 10, 5, 28), (10, 20, 5, 12), (16, 32, 3, 32)):
        for dtype in (torch.float32, torch.bfloat16) if not bench.dry else (torch.float32,):
            kind = {"device": bench.device, "dtype": dtype}
            x = torch.randn(cells, n, into, side, side, **kind)
            weight = torch.randn(cells, out, into, kernel, kernel, **kind, requires_grad=True)
            for form, call in FORMS.items():
                seconds = bench.seconds(lambda call=call, x=x, w=weight: backward(call(x, w, None, geometry), w))
                shape = f"{into}-{out}, {kernel}x{kernel}, {side}x{side}"
                rows.append({"layer": shape, "dtype": str(dtype)[6:], "form": form, "ms": seconds * 1e3})
    bench.table(f"forward and gradient of the weights, {cells} cells, {n} images each", rows)


def backward(output: Tensor, weight: Tensor) -> None:
    """The gradient of the sum."""
    weight.grad = None
    output.sum().backward()


def resnet(bench: Bench) -> None:
    """Torchvision's resnet18 in bfloat16: a step of lsbench beside a loop written by hand, channels last."""
    batch, steps = bench.size(128, 4), bench.size(30, 2)
    images = torch.randn(steps * batch, 3, 32, 32, device=bench.device)
    labels = torch.randint(10, (len(images),), device=bench.device)
    loop = bench.seconds(lambda: a_resnet(images, labels, batch), 3) / steps
    examples = Examples(images, labels[None], torch.arange(len(images), device=bench.device)[None], (0,))

    def ours() -> None:
        model = build("torchvision:resnet18", (3, 32, 32), 10, (0,)).to(bench.device)
        for _ in train(model, examples, ce, Recipe(epochs=1, batch_size=batch, precision="bf16")):
            pass

    own = bench.seconds(ours, 3) / steps
    bench.table("resnet18", [{"form": "by hand", "ms": loop * 1e3}, {"form": "lsbench", "ms": own * 1e3}])


def a_resnet(images: Tensor, labels: Tensor, batch: int) -> None:
    """By hand."""
    module: nn.Module = factory_of("torchvision:resnet18")((3, 32, 32), 10).to(images.device)
    module = module.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    for x, y in zip(images.split(batch), labels.split(batch), strict=True):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(images.device.type, torch.bfloat16):
            logits = module(x.to(memory_format=torch.channels_last))
        F.cross_entropy(logits.float(), y).backward()
        optimizer.step()
