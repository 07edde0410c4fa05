"""A part of `benchmarks/gpu.py`: where the time of an epoch goes, by kernel."""

from collections import Counter
from time import perf_counter

import torch
from gpu_bench import Bench, Row, ce
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile

from lsbench.models.stack import build
from lsbench.spec import Recipe
from lsbench.training.batches import Examples
from lsbench.training.loop import train

WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize", "aten::_local_scalar_dense")
LAUNCHES = ("cudaLaunchKernel", "cudaLaunchKernelExC", "cuLaunchKernel", "cuLaunchKernelEx", "cudaGraphLaunch")


def profiled(bench: Bench) -> None:
    """The second epoch of a stack: time by kernel, launches and waits per step, and how long the GPU is idle."""
    for name, batch in (("mlp", 128), ("cnn", 64)):
        cells, steps = bench.size(96, 2), bench.size(50, 3)
        events, seconds = second_epoch(bench, name, batch, cells, steps)
        kernels = [event for event in events if is_kernel(event, bench)]
        spent, calls = Counter(), Counter()
        for event in kernels:
            spent[event.name] += event.self_cpu_time_total if bench.dry else event.time_range.elapsed_us()
            calls[event.name] += 1
        counted = Counter(event.name for event in events)
        total = sum(spent.values()) / 1e6  # of microseconds; kernels of one stream do not overlap
        rows: list[Row] = [
            {
                "steps": steps,
                "ms per step": seconds / steps * 1e3,
                "kernels per step": len(kernels) / steps,
                "launches per step": sum(counted[launch] for launch in LAUNCHES) / steps,
                "waits": sum(counted[wait] for wait in WAITS),
                "idle %": max(0.0, 100 * (1 - total / seconds)),
            }
        ]
        bench.table(f"an epoch of {cells} {name} cells, as torch's profiler sees it (which slows launches)", rows)
        bench.table(f"{name}: the kernels that take most", most(spent, calls, steps))


def is_kernel(event: FunctionEvent, bench: Bench) -> bool:
    """Whether it is work of the GPU, copies included; what the profiler calls an annotation spans several of them."""
    where = torch.autograd.DeviceType.CPU if bench.dry else torch.autograd.DeviceType.CUDA
    return event.device_type == where and not getattr(event, "is_user_annotation", False)


def most(spent: Counter, calls: Counter, steps: int) -> list[Row]:
    """The twelve kernels that take most of the time."""
    total = sum(spent.values()) or 1
    return [
        {"kernel": name[:90], "%": 100 * time / total, "µs per step": time / steps, "a step": calls[name] / steps}
        for name, time in spent.most_common(12)
    ]


def second_epoch(bench: Bench, name: str, batch: int, cells: int, steps: int) -> tuple[list, float]:
    """The profiler's events and the seconds of the second of two epochs."""
    n = steps * batch
    images = torch.randn(n, 1, 28, 28, device=bench.device)
    labels = torch.randint(10, (n,), device=bench.device).expand(cells, -1)
    examples = Examples(images, labels, torch.arange(n, device=bench.device).expand(cells, -1), range(cells))
    model = build(name, (1, 28, 28), 10, range(cells)).to(bench.device)
    epochs = train(model, examples, ce, Recipe(epochs=2, batch_size=batch))
    next(epochs)
    bench.wait()
    activities = [ProfilerActivity.CPU, *([] if bench.dry else [ProfilerActivity.CUDA])]
    with profile(activities=activities) as profiler:
        start = perf_counter()
        next(epochs)
        bench.wait()
        seconds = perf_counter() - start
    return list(profiler.events() or []), seconds
