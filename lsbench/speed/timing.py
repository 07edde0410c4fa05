"""The time of calls that alternate, so that a machine that slows down slows all of them."""

import gc
from collections.abc import Callable, Mapping
from random import Random
from time import perf_counter

import torch

LEAST = 3  # turns of each
TURN = 2e-3  # seconds of calls in a row, of which the first is not counted: alone, a short one is twice as slow


def alternate(
    calls: Mapping[str, Callable[[], object]], seconds: float, device: torch.device
) -> dict[str, list[float]]:
    """The seconds of each call, in turns, round by round in random order until so many are over; all have run before.

    A call that memory has run out for is not in the answer.
    """
    measure = _on_cuda if device.type == "cuda" else _in_a_turn
    times: dict[str, list[float]] = {name: [] for name in calls}
    order, random = list(calls), Random(0)
    gc.collect()
    gc.disable()
    try:
        end, rounds = perf_counter() + seconds, 0
        while rounds < LEAST or perf_counter() < end:
            random.shuffle(order)
            for name in tuple(order):
                try:
                    times[name].append(measure(calls[name]))
                except RuntimeError as error:
                    if not is_out_of_memory(error):
                        raise
                    order.remove(name)
            rounds += 1
    finally:
        gc.enable()
    return {name: times[name] for name in order}


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory has run out: on a CPU torch says so in words only."""
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator: " in str(error)


def _in_a_turn(call: Callable[[], object]) -> float:
    first = _on_cpu(call)
    more = int(TURN / first)
    return sum(_on_cpu(call) for _ in range(more)) / more if more else first


def _on_cpu(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _on_cuda(call: Callable[[], object]) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    call()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3
