"""The time of calls that alternate, so that a machine that slows down slows all of them."""

import gc
from collections.abc import Callable, Mapping
from random import Random
from time import perf_counter

import torch

LEAST = 3  # turns of each
TURN = 2e-3  # seconds of calls in a row, of which the first is not counted: alone, a short one is twice as slow
CYCLES = 2_000_000_000  # of a GPU in a second, about
SPIN, MOST_CYCLES = 2, 10**9  # it is kept busy for twice the time of launching a call, and at most for half a second


def alternate(
    calls: Mapping[str, Callable[[], object]], seconds: float, device: torch.device
) -> dict[str, list[float]]:
    """The seconds of each call, in turns, round by round in random order until so many are over; all have run before.

    Of a GPU's own work, where one computes. A call that memory has run out for is not in the answer.
    """
    return _alternated(calls, seconds, _on_cuda if device.type == "cuda" else _in_a_turn)


def alternate_whole(
    calls: Mapping[str, Callable[[], object]], seconds: float, device: torch.device
) -> dict[str, list[float]]:
    """The same of what a program waits for that asks an idle GPU, its launches included; nothing on a CPU."""
    return _alternated(calls, seconds, _whole_on_cuda) if device.type == "cuda" else {}


def _alternated(
    calls: Mapping[str, Callable[[], object]], seconds: float, measure: Callable[[Callable[[], object]], float]
) -> dict[str, list[float]]:
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


def _whole_on_cuda(call: Callable[[], object]) -> float:
    torch.cuda.synchronize()
    start = perf_counter()
    call()
    torch.cuda.synchronize()
    return perf_counter() - start


def _on_cuda(call: Callable[[], object]) -> float:
    """Seconds between two events. The GPU is kept busy until all of the call is launched: else launches are timed."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    launching = _on_cpu(call)
    torch.cuda.synchronize()
    torch.cuda._sleep(min(int(SPIN * launching * CYCLES), MOST_CYCLES))  # pyright: ignore[reportPrivateUsage]
    start.record()
    call()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3
