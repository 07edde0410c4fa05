"""How long linear heads on frozen features take: 25 losses x 5 seeds on (3,000, 1,280), 30 epochs, two processes.

python benchmarks/heads.py [--against CHECKOUT] [--rounds 3] [--epochs 30]

Measured is `lsbench run`, from its start to the last file, in three ways that take turns: this version; the version
in CHECKOUT, such as 0.2.0, on the same arrays, as images of one row, which it reads; and a loop as torch's
tutorials have it, one head after the other from a DataLoader, two threads. All train on 2,400 examples in batches of
64 with SGD, hold out 600 and test on 1,000. `lsbench` measures 6 metrics of the test set and of the held-out examples
after each epoch, with right and with given labels, and keeps a row and each example's prediction per cell; the loop
measures the accuracy on the test set and on the held-out examples. The features are made: a random direction per
class, normal noise, a fifth of the labels wrong. CPU seconds are printed, too: what else the machine does changes
them less.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

LOSSES = (  # 25
    "ce,lsr,fused,keras-bce,nls,focal,poly1,logit-norm,mbls,confidence-penalty,mae,gce,rce,sce,nce,nce-rce,nce-mae,"
    "bootstrap-soft,bootstrap-hard,elr,gce:q=0.5,focal:gamma=1,poly1:poly=2,mbls:alpha=0.2,sce:beta=0.1"
)
SEEDS, EPOCHS, BATCH, CLASSES = 5, 30, 64, 10
TRAINED, HELD_OUT, TESTED, WIDTH = 2_400, 600, 1_000, 1_280
CELLS = (LOSSES.count(",") + 1) * SEEDS
ALONE = 3  # heads that the plain loop trains, one after the other
BARS = {"times as fast as the other version": 3.0, "times the plain loop's cells per hour": 10.0}
LONGEST = 30.0  # seconds


def main() -> None:
    """Measure, print the medians and whether each bar is reached: bars are for 30 epochs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--against", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    torch.set_num_threads(2)
    arrays = make_features()
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "vectors.npz"), **arrays)
        np.savez(Path(folder, "rows.npz"), **{name: as_images(values) for name, values in arrays.items()})
        ways: dict[str, Callable[[], float]] = {
            "this": lambda: run_lsbench(Path(folder), Path(__file__).parents[1], "vectors", options.epochs),
            "plain": lambda: train_plainly(arrays, options.epochs),
        }
        if options.against:
            ways["other"] = lambda: run_lsbench(Path(folder), options.against.resolve(), "rows", options.epochs)
        seconds = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, measure in ways.items():
                before = cpu_seconds()
                seconds[way].append(measure())
                print(f"{way}: {seconds[way][-1]:.2f} s, {cpu_seconds() - before:.2f} CPU seconds", flush=True)
    report({way: median(each) for way, each in seconds.items()})


def cpu_seconds() -> float:
    """Of this process and the children that have ended, so far."""
    return sum(os.times()[:4])


def make_features() -> dict[str, np.ndarray]:
    """The arrays of an .npz file: x_train (3000, 1280), y_train, x_test, y_test."""
    random = np.random.default_rng(0)
    directions = random.normal(size=(CLASSES, WIDTH)) * 0.12
    labels = {"train": random.integers(CLASSES, size=TRAINED + HELD_OUT), "test": random.integers(CLASSES, size=TESTED)}
    arrays = {f"y_{part}": given for part, given in labels.items()}
    for part, given in labels.items():
        arrays[f"x_{part}"] = (directions[given] + random.normal(size=(len(given), WIDTH))).astype(np.float32)
    return arrays


def as_images(values: np.ndarray) -> np.ndarray:
    """Vectors (n, d) as images of one row (n, 1, d), which every version reads; labels as they are."""
    return values[:, None] if values.ndim == 2 else values


def run_lsbench(folder: Path, checkout: Path, arrays: str, epochs: int) -> float:
    """The seconds of one command that trains all cells."""
    grid = {"dataset": f"./{arrays}.npz", "model": "linear", "loss": LOSSES, "seeds": str(SEEDS)}
    grid |= {
        "epochs": str(epochs),
        "batch-size": str(BATCH),
        "noise": "0.2",
        "val": "0.2",
        "jobs": "2",
        "device": "cpu",
    }
    with tempfile.TemporaryDirectory(dir=folder) as out:
        options = [word for name, value in {**grid, "out": out}.items() for word in (f"--{name}", value)]
        start = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "lsbench", "run", *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            check=True,
            capture_output=True,
        )
        seconds = perf_counter() - start
        rows = len(list(Path(out, "cells").rglob("*.json")))
        if rows != CELLS:
            raise SystemExit(f"{rows} rows where {CELLS} were asked for")
    return seconds


def train_plainly(arrays: dict[str, np.ndarray], epochs: int) -> float:
    """The seconds that all heads would take, from `ALONE` of them (which is what the CPU seconds are of)."""
    x, y = torch.from_numpy(arrays["x_train"]), torch.from_numpy(arrays["y_train"])
    train, held_out = TensorDataset(x[:TRAINED], y[:TRAINED]), TensorDataset(x[TRAINED:], y[TRAINED:])
    test = TensorDataset(torch.from_numpy(arrays["x_test"]), torch.from_numpy(arrays["y_test"]))
    start = perf_counter()
    for seed in range(ALONE):
        torch.manual_seed(seed)
        model = nn.Linear(WIDTH, CLASSES)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        for _ in range(epochs):
            train_epoch(model, optimizer, DataLoader(train, BATCH, shuffle=True))
            for part in (test, held_out):
                accuracy(model, DataLoader(part, BATCH))
    return (perf_counter() - start) / ALONE * CELLS


def train_epoch(model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader[tuple[Tensor, ...]]) -> None:
    """One pass over the training set."""
    model.train()
    for vectors, labels in loader:
        optimizer.zero_grad()
        cross_entropy(model(vectors), labels).backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model: nn.Module, loader: DataLoader[tuple[Tensor, ...]]) -> float:
    """The share of examples that get their label."""
    model.eval()
    right = [(model(vectors).argmax(1) == labels).float().sum() for vectors, labels in loader]
    return float(sum(right)) / sum(len(labels) for _, labels in loader)


def report(seconds: dict[str, float]) -> None:
    """Say the medians, and each bar."""
    for way, each in seconds.items():
        print(f"{way}: {each:.1f} s for {CELLS} cells, {CELLS / each * 3600:,.0f} cells per hour")
    ratios = [seconds.get("other", float("nan")) / seconds["this"], seconds["plain"] / seconds["this"]]
    for (meaning, bar), ratio in zip(BARS.items(), ratios, strict=True):
        print(f"{ratio:.1f} {meaning}: the bar is {bar:g}{'' if ratio >= bar else ', not reached'}")
    print(f"{seconds['this']:.1f} s: the bar is {LONGEST:g} s{'' if seconds['this'] < LONGEST else ', not reached'}")


if __name__ == "__main__":
    main()
