"""lsbench against the tutorial script, Lightning and a clean loop: seconds per trained cell, alternating in one run.

    python benchmarks/grids.py [CASE ...] [--rounds 3] [--write results/benchmarks.md]
    python benchmarks/grids.py cnn --steps 60 --engine lanes    # one bar, in about a minute

Every form trains the same model on the same data for the same epochs, with a test after each. torch's default threads
for the peers; lsbench trains several cells on all cores, and all that a row holds is counted. Start-up, which is
importing torch and reading the data, is not, but in lines that say so. Medians. Lightning is left out where it is not
installed (pip install '.[bench]'). --steps makes epochs shorter, of the first images alone and with as large a part of
the test set; --engine times one engine of lsbench's alone, beside the tutorial and the clean loop. With
LSBENCH_LANES_FLAGS=-march=haswell the engine lanes has AVX2 alone.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter

import forms
import torch
from cases import CASES, Case, shorten

from lsbench.names.catalogue.engines import STEP_ENGINES, TORCH
from lsbench.rows import provenance
from lsbench.workers.processes import ALLOCATOR

MADE_BY = "<!-- made by: python benchmarks/grids.py --write results/benchmarks.md -->"
ROWS = (
    "| case | form | seconds per cell and epoch | speed, tutorial = 1 | seconds of each round |\n"
    "| --- | --- | ---: | ---: | --- |"
)


def forms_of(case: Case, *, short: bool = False) -> dict[str, Callable[[], float]]:
    """What is timed, by name; the tutorial first."""
    timed: dict[str, Callable[[], float]] = {"tutorial script": lambda: forms.tutorial(case)}
    if find_spec("lightning") and not short:
        timed["Lightning + torchmetrics"] = lambda: forms.lightning(case)
    timed["in-memory loop"] = lambda: forms.in_memory(case)
    return timed


def ours(case: Case, precision: str = "highest", engine: str = "torch") -> str:
    """The name of lsbench's line."""
    how = [word for word in (precision, engine) if word not in ("highest", "torch")]
    return ", ".join([f"lsbench, {case.cells} cells", *how])


def ways(case: Case) -> list[tuple[str, str]]:
    """Precision and engine of each of lsbench's lines."""
    return [("highest", engine) for engine in case.engines] + [(p, "torch") for p in case.precisions if p != "highest"]


def measure(case: Case, rounds: int, only: str | None = None) -> list[str]:
    """The case's lines; those of one engine alone, if one is named."""
    case = case if only is None else replace(case, engines=(only,), precisions=("highest",))
    times = seconds_of(case, rounds, forms_of(case, short=only is not None))
    slowest = median(times["tutorial script"])
    lines = []
    for name, seconds in times.items():
        each, typical = ", ".join(f"{one:.4f}" for one in seconds), median(seconds)
        lines.append(f"| {case.name} | {name} | {typical:.4f} | {slowest / typical:.2f}x | {each} |")
    ceiling = forms.matmul_seconds(case)
    best = median(times[ours(case, engine=case.engines[0])])
    share = ceiling / forms.CORES / best
    lines.append(
        f"| {case.name} | matrix products alone, {forms.CORES} cores | {ceiling / forms.CORES:.4f} | – | "
        f"lsbench reaches {100 * share:.0f} % of that speed |"
    )
    cell, loop = alternate(*forms.one_cell_and_loop(case))
    lines.append(
        f"| {case.name} | a stack of one, 1 thread | – | – | {cell / loop:.2f} times the in-memory loop's time |"
    )
    return lines


def seconds_of(case: Case, rounds: int, peers: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Seconds per cell and epoch of the peers and of lsbench, in each round, by the name of the line."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, form in peers.items():
            times[name].append(form() / case.epochs)
        for precision, engine in ways(case):
            name = ours(case, precision, engine)
            measured = forms.lsbench(case, precision, engine)
            for line, seconds in zip((name, f"{name}, start-up counted"), measured, strict=True):
                times.setdefault(line, []).append(seconds / case.epochs)
        last = ", ".join(f"{name} {seconds[-1]:.3f}" for name, seconds in times.items())
        print(f"  {case.name}: {last}", file=sys.stderr)
    return times


def alternate(*calls: Callable[[], object], rounds: int = 9) -> list[float]:
    """Median seconds of each, alternating, after one that is not counted."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, seconds in zip(calls, times, strict=True):
            start = perf_counter()
            call()
            seconds.append(perf_counter() - start)
    return [median(seconds[1:]) for seconds in times]


def main() -> None:
    """Time what was asked, print it, and write it where that was asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(case.name for case in CASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, help="the most steps of an epoch")
    parser.add_argument("--engine", choices=[TORCH, *STEP_ENGINES], help="the only one of lsbench's that is timed")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if unknown := set(asked.cases) - {case.name for case in CASES}:
        parser.error(f"no case {', '.join(unknown)}; there is {', '.join(case.name for case in CASES)}")
    chosen = [case for case in CASES if not asked.cases or case.name in asked.cases]
    if asked.steps:
        shorten(asked.steps)
    lines = [line for case in chosen for line in measure(case, asked.rounds, asked.engine)]
    is_kept = all(os.environ.get(name) == value for name, value in ALLOCATOR.items())
    freed = "kept for reuse" if is_kept else "given back as glibc does"
    shorter = f", with epochs of at most {asked.steps} steps" if asked.steps else ""
    where = (
        f"{provenance.processor()}, torch {torch.__version__}. Medians of {asked.rounds} rounds, in which the programs "
        f"took turns{shorter}. Memory that the other programs free is {freed}."
    )
    text = "\n".join([where, "", ROWS, *lines])
    print(text)
    if asked.write:
        asked.write.write_text(f"# Speed of grids\n\n{MADE_BY}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
