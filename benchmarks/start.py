"""How long the command line takes to start, beside a Typer program of two commands, and what a large folder costs.

    python benchmarks/start.py            # a minute and a half; --rounds 40 for steadier numbers

The programs run in turns, so that whatever else the machine does meets all of them alike; medians are compared.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from lsbench.planning.plan import expand
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Grid

TYPER = """
from typing import Annotated
import typer

app = typer.Typer()

def tell(wanted: bool):
    if wanted:
        print("two 1.0")
        raise typer.Exit

@app.callback()
def options(version: Annotated[bool, typer.Option("--version", callback=tell, is_eager=True)] = False):
    "Two commands."

@app.command()
def one(name: str):
    "The first command."

@app.command()
def two(name: str):
    "The second command."

app()
"""
LSBENCH = "from lsbench.__main__ import main\nif __name__ == '__main__':\n    main()\n"  # as the installed script does
GOALS = {"--help": 1.35, "--version": 1.1}
GRID = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200", "--seeds", "5")  # 15 cells
MOST_MORE = 0.3  # seconds


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", type=int, default=10_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "two.py").write_text(TYPER)
        (place / "ours.py").write_text(LSBENCH)
        show_start(place, asked.rounds)
        show_folder(place, asked.rounds, asked.rows)


def show_start(place: Path, rounds: int) -> None:
    """`--help` and `--version` of both programs."""
    python = [sys.executable]
    commands = {
        (program, option): [*python, str(place / f"{program}.py"), option]
        for option in GOALS
        for program in ("two", "ours")
    }
    seconds = in_turns(commands, rounds)
    for option, goal in GOALS.items():
        two, ours = seconds["two", option], seconds["ours", option]
        print(f"{option}: lsbench {ours:.3f} s, a Typer program of two commands {two:.3f} s:", end=" ")
        print(f"{ours / two:.2f} times (goal: at most {goal})")


def show_folder(place: Path, rounds: int, rows: int) -> None:
    """`plan`, and `run` with nothing left to train, of 15 cells, in their own folder and among many rows."""
    small, large = place / "small", place / "large"
    ours = [sys.executable, str(place / "ours.py")]
    for out in (small, large):
        subprocess.run([*ours, "run", *GRID, "--out", str(out)], check=True, capture_output=True)
    fill(large, rows)
    verbs = ("plan", "run")
    commands = {(verb, out): [*ours, verb, *GRID, "--out", str(out)] for verb in verbs for out in (small, large)}
    seconds = in_turns(commands, rounds)
    for verb in verbs:
        few, many = seconds[verb, small], seconds[verb, large]
        print(f"{verb} of 15 cells: {few:.2f} s alone, {many:.2f} s among {rows:,} rows:", end=" ")
        print(f"{many - few:+.2f} s (goal: at most {MOST_MORE})")


def fill(out: Path, rows: int) -> None:
    """Rows of other seeds."""
    (cell,) = expand(Grid(datasets=("blobs",), models=("linear",), losses=("ce",), seeds=(0,)))
    like = next(store.sample(out, 1))
    for seed in range(rows):
        write_unsynced(replace(like, cell=replace(cell, seed=1000 + seed)), out)


def write_unsynced(row: Row, out: Path) -> None:
    """As `store.write`, without waiting for the disk."""
    synced, os.fsync = os.fsync, lambda _: None
    try:
        store.write(row, out)
    finally:
        os.fsync = synced


def in_turns(commands: Mapping[tuple, Sequence[str]], rounds: int) -> dict[tuple, float]:
    """The median seconds of each command, each run once before."""
    taken: dict[tuple, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            start = perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            taken[name] += [perf_counter() - start] if turn else []
    return {name: median(seconds) for name, seconds in taken.items()}


if __name__ == "__main__":
    main()
