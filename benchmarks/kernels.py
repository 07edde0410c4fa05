"""Forward and backward of the smoothed cross-entropy, beside torch's own, on the CPU.

    python benchmarks/kernels.py [THREADS]

Alternating calls, medians, float32, mean, eps 0.1; a copy of the logits is the floor. `cpp` is measured where a C++
compiler is there to build it. Results: results/README.md.
"""

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.kernels import available, smoothed_cross_entropy

SHAPES = ((128, 10), (512, 100), (1024, 1000), (256, 50257))
SECONDS = 6.0  # per shape


def main(threads: int) -> None:
    """Print one line per shape."""
    torch.set_num_threads(threads)
    kernels = [name for name in available("cpu") if name != "triton"]
    print(f"| {threads} thread{'s' * (threads > 1)} | torch µs | {' | '.join(kernels)} | a copy µs |")
    print("| --- | ---: |" + " ---: |" * (len(kernels) + 1))
    for shape in SHAPES:
        print(line(shape, kernels))


def line(shape: tuple[int, int], kernels: list[str]) -> str:
    """Medians of one shape, ours as a multiple of torch's speed."""
    logits = torch.randn(shape, requires_grad=True)
    labels = torch.randint(shape[1], shape[:1])
    target = torch.empty_like(logits)
    forms: dict[str, Callable[[], Tensor]] = {"torch": lambda: F.cross_entropy(logits, labels, label_smoothing=0.1)}
    for name in kernels:
        forms[name] = lambda name=name: smoothed_cross_entropy(logits, labels, eps=0.1, reduction="mean", backend=name)
    times: dict[str, list[float]] = {name: [] for name in (*forms, "copy")}
    start = perf_counter()
    while perf_counter() - start < SECONDS or len(times["copy"]) < 10:
        for name, form in forms.items():
            times[name].append(seconds(lambda form=form: step(form, logits)))
        times["copy"].append(seconds(lambda: target.copy_(logits.detach())))
    found = {name: median(of[2:]) * 1e6 for name, of in times.items()}
    ours = " | ".join(f"{found[name]:.0f} ({found['torch'] / found[name]:.2f}x)" for name in kernels)
    return f"| {shape[0]} x {shape[1]} | {found['torch']:.0f} | {ours} | {found['copy']:.1f} |"


def step(form: Callable[[], Tensor], logits: Tensor) -> None:
    """One loss and its gradient, into a new buffer as after zero_grad()."""
    logits.grad = None
    form().backward()


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
