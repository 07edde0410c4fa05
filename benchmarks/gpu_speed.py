"""Parts of `benchmarks/gpu.py`: what the loss, stacks and a large network cost."""

import json

import torch
import torch.nn.functional as F
from gpu_bench import Bench, Row, ce, command
from gpu_loss import OURS, shares
from torch import Tensor, nn

from lsbench.models.stack import StackedModel, build, factory_of
from lsbench.spec import Recipe
from lsbench.training.batches import Examples
from lsbench.training.convolution_forms import choose_forms, forms_of
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
                seconds, forms = a_stack(bench, name, images, labels, batch, steps, cells, precision)
                ratio = loop * cells / seconds
                row: Row = {"model": name, "cells": cells, "precision": precision}
                rows.append({**row, "ms per step": seconds * 1e3, "times the loop": ratio, "convolutions": forms})
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
) -> tuple[float, str]:
    """Seconds of a step of all cells, of an epoch of so many steps, the building of the model counted.

    And the forms of convolutions that won before, which are not counted.
    """
    m = min(steps * batch, len(images))
    order = torch.arange(m, device=images.device).expand(cells, -1)
    examples = Examples(images, labels.expand(cells, -1), order, range(cells))
    recipe = Recipe(epochs=1, batch_size=batch, precision=precision)
    shape = tuple(images.shape[1:])

    def network() -> StackedModel:
        model = build(name, shape, 10, range(cells)).to(images.device)
        choose_forms(model, shape, batch, precision, images.device)
        return model

    def run() -> None:
        model = network()
        for _ in train(model, examples, ce, recipe):
            pass

    forms = ", ".join(forms_of(network()).values())
    return bench.seconds(run, 3) / -(-m // batch), forms


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
