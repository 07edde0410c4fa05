"""The parts of `benchmarks/gpu.py`, each run in a process of its own: python benchmarks/gpu_parts.py PART FILE [--dry].

A part adds tables to the file as soon as it has them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsbench.models.stack import build, factory_of
from lsbench.names.catalogue import LOSSES
from lsbench.planning import plan
from lsbench.spec import Grid, Place, Recipe
from lsbench.training.batches import Examples
from lsbench.training.loop import train
from lsbench.training.stack import run_stack

ROOT = Path(__file__).parent.parent
Row = dict[str, object]
MODELS = (("linear", (1, 28, 28)), ("cnn", (1, 28, 28)), ("mlp", (1, 28, 28)), ("resnet8", (3, 32, 32)))
CLOSE = 1e-4  # between the weights of a CPU and of a GPU after 10 steps in float32


@dataclass(frozen=True)
class Bench:
    """Where a part runs, how large its work is, and where its tables go."""

    dry: bool
    file: Path

    @property
    def device(self) -> torch.device:
        """A GPU, or the CPU of a dry run."""
        return torch.device("cpu" if self.dry else "cuda")

    def size(self, full: int, dry: int) -> int:
        """How much of something."""
        return dry if self.dry else full

    def table(self, title: str, rows: list[Row]) -> None:
        """Keep a table now."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"title": title, "rows": rows}) + "\n")

    def seconds(self, call: Callable[[], object], rounds: int = 5) -> float:
        """The median over rounds, after two that are not counted; the device has finished what it was given."""
        times = []
        for _ in range(rounds + 2):
            self.wait()
            start = perf_counter()
            call()
            self.wait()
            times.append(perf_counter() - start)
        return median(times[2:])

    def wait(self) -> None:
        """Until the device has done all."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()


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
    rows: list[Row] = []
    for name, shape in MODELS[: bench.size(len(MODELS), 2)]:
        for cells in (1, 3):
            both = [ten_steps(name, shape, cells, torch.device(kind)) for kind in ("cpu", bench.device.type)]
            again = ten_steps(name, shape, cells, bench.device)
            furthest = max(float((a - b).abs().max()) for a, b in zip(*both, strict=True))
            same = all(torch.equal(a, b) for a, b in zip(both[1], again, strict=True))
            rows.append({"model": name, "cells": cells, "furthest": furthest, "twice the same bits": same})
    bench.table("weights after 10 steps, CPU against GPU", rows)
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
    different = [
        {"loss": ours.cell.arm.name, "cpu": theirs.metrics["nll"], "gpu": ours.metrics["nll"], "status": ours.status}
        for theirs, ours in zip(*both, strict=True)
        if ours.status != theirs.status or abs((ours.metrics["nll"] or 0) - (theirs.metrics["nll"] or 0)) > 1e-3
    ]
    bench.table(f"{len(cells)} losses in a stack: those whose NLL differs by more than 0.001", different)
    if any(row["furthest"] > CLOSE for row in rows) or different:
        sys.exit("CPU and GPU do not agree")


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


def ce(logits: Tensor, labels: Tensor, _: Tensor) -> Tensor:
    """Cross-entropy of each example of each cell."""
    return F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), reduction="none").view(labels.shape)


def kernels(bench: Bench) -> None:
    """The kernels' own tests, on the device."""
    tests = ["tests/kernels/test_triton_kernel.py" if not bench.dry else "tests/kernels/test_kernel_choice.py"]
    line = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    bench.table("tests", [{"file": test, "said": ended.stdout.strip().splitlines()[-1]} for test in tests])
    if ended.returncode:
        sys.exit(ended.stdout[-3000:])


def losses(bench: Bench) -> None:
    """`lsbench speed`: time, memory and errors of each form of the loss."""
    shapes = "8192x32000,8192x131072,256x50257,1024x1000,128x10" if not bench.dry else "8x10"
    line = ["speed", "--json", "--device", bench.device.type, "--shapes", shapes, "--seconds"]
    line += ["2" if not bench.dry else "0.01", "--dtype", "bfloat16,float32" if not bench.dry else "float32"]
    study = json.loads(command(*line))
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
    """A stack's convolution as one grouped one, as products of unfolded images, and cell by cell."""
    cells, n, rows = bench.size(96, 2), bench.size(64, 4), []
    for into, out, kernel, side in ((1, 10, 5, 28), (10, 20, 5, 12), (16, 32, 3, 32)):
        for dtype in (torch.float32, torch.bfloat16) if not bench.dry else (torch.float32,):
            x = torch.randn(n, cells * into, side, side, device=bench.device, dtype=dtype)
            weight = torch.randn(
                cells * out, into, kernel, kernel, device=bench.device, dtype=dtype, requires_grad=True
            )
            for form, call in CONVOLUTIONS.items():
                seconds = bench.seconds(lambda call=call, x=x, w=weight: backward(call(x, w, cells), w))
                shape = f"{into}-{out}, {kernel}x{kernel}, {side}x{side}"
                rows.append({"layer": shape, "dtype": str(dtype)[6:], "form": form, "ms": seconds * 1e3})
    bench.table(f"forward and gradient of the weights, {cells} cells, {n} images each", rows)


def grouped(x: Tensor, weight: Tensor, cells: int) -> Tensor:
    """As lsbench has it."""
    return F.conv2d(x, weight, groups=cells)


def unfolded(x: Tensor, weight: Tensor, cells: int) -> Tensor:
    """Products: (cells, out, in k k) @ (cells, in k k, n positions)."""
    columns = F.unfold(x.unflatten(1, (cells, -1)).transpose(0, 1).flatten(0, 1), weight.shape[-1])
    columns = columns.unflatten(0, (cells, -1)).transpose(1, 2).flatten(2)
    return weight.view(cells, -1, weight[0].numel()) @ columns


def apart(x: Tensor, weight: Tensor, cells: int) -> Tensor:
    """Cell by cell."""
    pairs = zip(x.chunk(cells, 1), weight.chunk(cells), strict=True)
    return torch.cat([F.conv2d(own, w) for own, w in pairs], 1)


CONVOLUTIONS = {"grouped": grouped, "unfolded": unfolded, "apart": apart}


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


def command_line(bench: Bench) -> None:
    """`lsbench run` from its start to its end: 96 cells as a grid, and what one cell takes alone."""
    rows: list[Row] = []
    for cells in (1, 96) if not bench.dry else (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            start = perf_counter()
            size = ["--train-size", "200"] if bench.dry else []
            options = ["--loss", "ce", "--model", "mlp", "--epochs", "1", "--seeds", str(cells), *size]
            command("run", *options, "--device", bench.device.type, "--jobs", "1", "--out", folder)
            rows.append({"cells": cells, "seconds": perf_counter() - start})
    bench.table("lsbench run, mlp on MNIST, 1 epoch", rows)


def survival(bench: Bench) -> None:
    """A kill in the middle, twice, and the same command again: each cell is trained once."""
    with tempfile.TemporaryDirectory() as folder:
        options = [
            "--loss",
            "ce,lsr",
            "--model",
            "mlp",
            "--epochs",
            "1",
            "--seeds",
            str(bench.size(8, 1)),
            "--out",
            folder,
        ]
        line = [sys.executable, "-m", "lsbench", "run", *options, "--device", bench.device.type]
        line += ["--train-size", "200"] if bench.dry else []
        for _ in range(2):
            running = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                running.wait(timeout=bench.size(8, 3))
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        rows = len(list(Path(folder).glob("cells/*/*.json")))
    bench.table("killed twice, then run to its end", [{"rows": rows, "exit code": ended.returncode}])
    if ended.returncode:
        sys.exit(ended.stderr[-2000:])


def command(*words: str) -> str:
    """What lsbench prints."""
    line = [sys.executable, "-m", "lsbench", *words]
    ended = subprocess.run(line, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"lsbench {' '.join(words)}: {ended.stderr[-2000:]}")
    return ended.stdout


PARTS = {
    "machine": machine,
    "agreement": agreement,
    "kernels": kernels,
    "losses": losses,
    "throughput": throughput,
    "convolutions": convolutions,
    "resnet": resnet,
    "command": command_line,
    "survival": survival,
}

if __name__ == "__main__":
    name, file, *dry = sys.argv[1:]
    PARTS[name](Bench(bool(dry), Path(file)))
