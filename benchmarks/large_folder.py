"""What `decide` and `report` take on a folder of 10,000 rows: 80 settings, 25 arms, 5 seeds.

    python benchmarks/large_folder.py                  # two minutes
    python benchmarks/large_folder.py --examples       # and with 10,000 test examples kept for each row of a setting

Goals: `decide` under 5 s, `report` under 3 s; what each test example got, at most 1 s more for 1,000 rows.

One cell is trained; the other rows are its row with other numbers. On a machine that others use, too, the seconds of
the processor say more than the wall clock; both are shown, as medians.
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import numpy as np
from start import write_unsynced  # pyright: ignore[reportMissingImports] - its neighbour, when it is run as a script

from lsbench.names.catalogue import LOSSES
from lsbench.rows import store
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.row import Row
from lsbench.spec import Cell

TRAINED = ("run", "--dataset", "mnist", "--train-size", "1000", "--epochs", "2", "--loss", "ce", "--noise", "0.2")
SETTINGS, ARMS, SEEDS = 80, 25, 5
TEST_EXAMPLES = 10_000


class Seconds(NamedTuple):
    """Of one command: by the clock, and of the processor for itself and for the system."""

    wall: float
    user: float
    system: float


def main() -> None:
    """Make the folder, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--settings", type=int, default=SETTINGS)
    parser.add_argument("--examples", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        out = Path(folder)
        rows = fill(out, asked.settings, examples=False)
        for verb in ("report", "decide"):
            show(f"{verb} of {rows:,} rows", measured((verb, str(out)), asked.rounds))
        if asked.examples:
            show_examples(out, asked.rounds)


def show_examples(out: Path, rounds: int) -> None:
    """What the examples of 8 settings, 1,000 rows, add to `decide`."""
    alone, beside = out / "alone", out / "beside"
    rows = fill(alone, 8, examples=False)
    fill(beside, 8, examples=True)
    for name, place in (("without", alone), ("with", beside)):
        show(f"decide of {rows:,} rows {name} their test examples", measured(("decide", str(place)), rounds))


def show(what: str, seconds: Seconds) -> None:
    """One line."""
    print(f"{what}: {seconds.wall:.2f} s; processor {seconds.user:.2f} s, for the system {seconds.system:.2f} s")


def measured(command: Sequence[str], rounds: int) -> Seconds:
    """The medians of a command."""
    return Seconds(*map(median, zip(*(one(command) for _ in range(rounds)), strict=True)))


def one(command: Sequence[str]) -> Seconds:
    """The command once, in a process of its own."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run([sys.executable, "-m", "lsbench", *command], check=True, stdout=subprocess.DEVNULL)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def fill(out: Path, settings: int, *, examples: bool) -> int:
    """Write the rows; how many there are."""
    trained = out / "trained"
    subprocess.run([sys.executable, "-m", "lsbench", *TRAINED, "--seeds", "1", "--out", str(trained)], check=True)
    like, rng, count = next(store.sample(trained, 1)), np.random.default_rng(0), 0
    for cell in cells_like(like.cell, settings):
        row = replace(with_noise(like, rng), cell=cell, stack=[cell.id])
        write_unsynced(with_examples(row, rng) if examples else row, out)
        count += 1
    return count


def cells_like(cell: Cell, settings: int) -> Iterator[Cell]:
    """One cell per setting, loss and seed."""
    for setting in range(settings):
        for loss in list(LOSSES)[:ARMS]:
            hyper = (("eps", 0.1),) if "eps" in LOSSES[loss].hyper else ()
            for seed in range(SEEDS):
                yield replace(cell, loss=loss, hyper=hyper, noise_rate=0.005 * (setting + 1), seed=seed)


def with_noise(row: Row, rng: np.random.Generator) -> Row:
    """The row with other numbers."""
    moved = {name: value and value + 0.01 * rng.normal() for name, value in row.metrics.items()}
    return replace(row, metrics=moved)


def with_examples(row: Row, rng: np.random.Generator) -> Row:
    """The row with what each test example got: guesses, of which a third is right."""
    labels = np.arange(TEST_EXAMPLES) % 10
    predicted = np.where(rng.uniform(size=TEST_EXAMPLES) < 0.3, labels, (labels + 1) % 10)
    confidence = rng.uniform(0.1, 1, TEST_EXAMPLES)
    kept = pack_examples(ExamplePredictions(labels, predicted, np.log(confidence), confidence))
    return replace(row, metrics={**row.metrics, "accuracy": float((predicted == labels).mean())}, examples=kept)


if __name__ == "__main__":
    main()
