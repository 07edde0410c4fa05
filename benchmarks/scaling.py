"""How far one driver reaches: measured cost per stack and row, and a simulation of 100,000 cells on many workers.

python benchmarks/scaling.py [--write results/scaling.md]
"""

import heapq
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from ray.cluster_utils import Cluster

from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell, Grid, Place
from lsbench.training.stack import run_stack
from lsbench.workers import ray as engine
from lsbench.workers.claims import Claims
from lsbench.workers.events import StackDone
from lsbench.workers.queues import StackQueue
from lsbench.workers.ray_options import RayOptions

CELLS, CELL = 100_000, 10.0  # how many, and seconds each
WORKERS = (1, 8, 64, 512)
ROUNDS, STACKS = 3, 1000
UNDER_WAY = (4, 1000)  # tasks: those of two workers, and of five hundred


LIMITS = """

**The driver is the first limit.** Its one thread handles {alone:.0f} stacks of one cell a second, or
{shared:.0f} where workers write the rows. That is enough for {workers:,.0f} and {more:,.0f} workers with cells of
{cell:.0f} s. Shorter cells should be stacked, which the planner does where a model is small. For more
workers, start several drivers on one results folder: claims share the cells among them.

The object store holds each data set once per node, as float32 (MNIST 0.22 GB, CIFAR-10 0.74 GB),
and the rows of tasks that are running ({rows:.0f} MB for 1,024). `lsbench report` reads 4,000 rows a second.
"""


@dataclass(frozen=True)
class Costs:
    """Seconds of the driver, all of one thread."""

    stack: float  # to submit one, hear of it and fetch its rows
    row: float  # to write one, with its claim
    bytes: int  # of its file


def trivial(stack, _place, on_epoch):
    """A trainer that has the rows already."""
    on_epoch(1)
    return [replace(json_row(), cell=cell, stack=[mate.id for mate in stack]) for cell in stack]


def json_row() -> Row:
    """A real row, made once per process."""
    global _row
    if _row is None:
        (stack,) = make_stacks(plan.expand(Grid(datasets=("blobs",), models=("linear",), losses=("ce",), seeds=(0,))))
        (_row,) = run_stack(stack, Place())
    return _row


_row: Row | None = None


def measure_stack(under_way: int) -> float:
    """Driver seconds of CPU per stack of one cell, on a cluster of this machine, with so many tasks under way."""
    cells = [
        Cell(dataset="blobs", fingerprint="blobs-1", model="linear", loss="ce", seed=seed) for seed in range(STACKS)
    ]
    before = process_time()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    options = RayOptions(address=cluster.address, jobs=under_way)
    events = engine.run_all(StackQueue([(cell,) for cell in cells]), Place(), options, trainer="scaling:trivial")
    done = 0
    for event in events:
        if isinstance(event, StackDone):
            if not done:
                before = process_time()  # the cluster has started
            done += 1
    spent = (process_time() - before) / (done - 1)
    cluster.shutdown()
    return spent


def measure_row() -> tuple[float, int]:
    """Seconds to claim, write with fsync and release one row; bytes of its file."""
    row, count = json_row(), 200
    rows = [replace(row, cell=replace(row.cell, seed=seed)) for seed in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        with Claims(out) as claims:
            start = perf_counter()
            for one in rows:
                claims.take([one.id])
                path = store.write(one, out)
                claims.release([one.id])
            return (perf_counter() - start) / count, path.stat().st_size


def simulate(workers: int, size: int, seconds: float, costs: Costs, *, shared: bool) -> tuple[float, float]:
    """Hours that the grid takes, and the share of them that the driver is busy: one server, `workers` clients."""
    stacks, cost = CELLS // size, costs.stack + (0 if shared else size * costs.row)
    ends = [seconds * size] * min(workers, stacks)  # when each worker's stack ends
    heapq.heapify(ends)
    driver = 0.0
    for _ in range(stacks):
        driver = max(driver, heapq.heappop(ends)) + cost
        heapq.heappush(ends, driver + seconds * size)
    return driver / 3600, stacks * cost / driver


def page(costs: Costs) -> str:
    """The numbers as Markdown."""
    lines = [
        "# How far one driver reaches",
        "",
        "Made by `python benchmarks/scaling.py` on 2 cores of an AMD EPYC (Zen 4). The driver's costs are measured;",
        "the workers are simulated. One driver trains 100,000 cells of 10 s each.",
        "",
        "- to submit a stack, hear that it has ended, and fetch its rows: "
        f"{costs.stack * 1e3:.1f} ms of the driver's CPU",
        f"- to claim a cell, write and sync its row, and release the claim: {costs.row * 1e3:.1f} ms",
        f"- files: {CELLS:,} rows of about {costs.bytes / 1000:.0f} kB in 256 folders of {CELLS // 256}",
        "",
        "| workers | stacks of | hours | driver busy | hours, `--shared-results` | driver busy |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for workers in WORKERS:
        for size in (1, 8):
            hours, busy = simulate(workers, size, CELL, costs, shared=False)
            shared_hours, shared_busy = simulate(workers, size, CELL, costs, shared=True)
            alone, shared = f"{hours:.2f} | {100 * busy:.0f} %", f"{shared_hours:.2f} | {100 * shared_busy:.0f} %"
            lines.append(f"| {workers} | {size} | {alone} | {shared} |")
    alone, shared = 1 / (costs.stack + costs.row), 1 / costs.stack
    return "\n".join(lines) + LIMITS.format(
        alone=alone,
        shared=shared,
        workers=CELL * alone,
        more=CELL * shared,
        cell=CELL,
        rows=1024 * costs.bytes / 1e6,
    )


def main() -> None:
    """Measure, simulate, print or write."""
    of_rows = [measure_row() for _ in range(ROUNDS)]
    of_stack = max(median(measure_stack(n) for _ in range(ROUNDS)) for n in UNDER_WAY)
    costs = Costs(of_stack, median(seconds for seconds, _ in of_rows), of_rows[0][1])
    text = page(costs)
    if "--write" in sys.argv:
        Path(sys.argv[sys.argv.index("--write") + 1]).write_text(text)
    print(text)


if __name__ == "__main__":
    main()
