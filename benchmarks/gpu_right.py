"""Parts of `benchmarks/gpu.py`: what the machine is, and whether it gives what a CPU gives."""

import sys

import torch
from gpu_bench import Bench, Row, ce
from torch import Tensor

from lsbench.models.stack import build
from lsbench.names.catalogue import LOSSES
from lsbench.planning import plan
from lsbench.spec import Grid, Place, Recipe
from lsbench.training.batches import Examples
from lsbench.training.loop import train
from lsbench.training.stack import run_stack

MODELS = (("linear", (1, 28, 28)), ("cnn", (1, 28, 28)), ("mlp", (1, 28, 28)), ("resnet8", (3, 32, 32)))
CLOSE = 1e-4  # between the weights of a CPU and of a GPU after 10 steps in float32


def machine(bench: Bench) -> None:
    """Versions; the speed of a copy, of products, of launches: what the others are compared with."""
    cuda = not bench.dry
    facts: Row = {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    bench.table("versions", [{"device": torch.cuda.get_device_name() if cuda else "cpu", **facts}])
    n = bench.size(2**28, 2**16)
    source = torch.ones(n, device=bench.device)
    target = torch.empty_like(source)
    copied = 2 * 4 * n / bench.seconds(lambda: target.copy_(source)) / 1e9
    bench.table("a copy", [{"bytes": 8 * n, "GB/s": copied}])
    side, rows = bench.size(8192, 64), []
    for name, dtype, word in (("float32", torch.float32, "highest"), ("tf32", torch.float32, "high")):
        torch.set_float32_matmul_precision(word)
        a = torch.randn(side, side, device=bench.device, dtype=dtype)
        rows.append({"product": name, "TFLOP/s": 2 * side**3 / bench.seconds(lambda a=a: a @ a) / 1e12})
    torch.set_float32_matmul_precision("highest")
    b = torch.randn(side, side, device=bench.device, dtype=torch.bfloat16)
    rows.append({"product": "bfloat16", "TFLOP/s": 2 * side**3 / bench.seconds(lambda: b @ b) / 1e12})
    bench.table(f"products of {side} x {side}", rows)
    small = torch.ones(8, device=bench.device)
    many = bench.seconds(lambda: [small.add_(1) for _ in range(1000)]) / 1000
    bench.table("an eager operation on 8 numbers", [{"microseconds": many * 1e6}])


def agreement(bench: Bench) -> None:
    """Weights after ten steps on a CPU and on a GPU, of models alone and of three cells; a stack of all losses."""
    weights = [
        weights_apart(bench, name, shape, cells)
        for name, shape in MODELS[: bench.size(len(MODELS), 2)]
        for cells in (1, 3)
    ]
    bench.table("weights after 10 steps, CPU against GPU", weights)
    losses, different = losses_apart(bench)
    bench.table(f"{losses} losses in a stack: those whose NLL differs by more than 0.001", different)
    if any(row["furthest"] > CLOSE for row in weights) or different:
        sys.exit("CPU and GPU do not agree")


def weights_apart(bench: Bench, name: str, shape: tuple[int, ...], cells: int) -> Row:
    """The largest difference of a weight, and whether a GPU gives the same bits twice."""
    cpu, gpu = (ten_steps(name, shape, cells, torch.device(kind)) for kind in ("cpu", bench.device.type))
    again = ten_steps(name, shape, cells, bench.device)
    furthest = max(float((a - b).abs().max()) for a, b in zip(cpu, gpu, strict=True))
    same = all(torch.equal(a, b) for a, b in zip(gpu, again, strict=True))
    return {"model": name, "cells": cells, "furthest": furthest, "twice the same bits": same}


def losses_apart(bench: Bench) -> tuple[int, list[Row]]:
    """How many losses a stack of one epoch has, and those that end otherwise on a GPU."""
    grid = Grid(
        losses=tuple(LOSSES)[: bench.size(len(LOSSES), 3)],
        datasets=("blobs",),
        models=("mlp",),
        noise_rates=(0.2,),
        seeds=(0,),
        train_size=512,
        recipe={"epochs": 1, "batch_size": 64},
    )
    cells = tuple(cell for cell in plan.check(grid).cells() if cell.arm.networks == 1)
    both = [run_stack(cells, Place(device=kind)) for kind in ("cpu", bench.device.type)]
    return len(cells), [
        {"loss": gpu.cell.arm.name, "cpu": cpu.metrics["nll"], "gpu": gpu.metrics["nll"], "status": gpu.status}
        for cpu, gpu in zip(*both, strict=True)
        if gpu.status != cpu.status or abs((gpu.metrics["nll"] or 0) - (cpu.metrics["nll"] or 0)) > 1e-3
    ]


def ten_steps(name: str, shape: tuple[int, ...], cells: int, device: torch.device) -> list[Tensor]:
    """The weights of a stack after ten steps on random images."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(512, *shape, generator=generator).to(device)
    labels = torch.randint(10, (512,), generator=generator).expand(cells, -1).to(device)
    model = build(name, shape, 10, range(cells)).to(device)
    indices = torch.arange(512, device=device).expand(cells, -1)
    examples = Examples(images, labels, indices, range(cells))
    for _ in train(model, examples, ce, Recipe(epochs=1, batch_size=52, lr=0.05)):
        pass
    return [parameter.detach().cpu() for parameter in model.parameters()]
