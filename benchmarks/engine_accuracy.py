"""Whether the networks of --engine lanes are as accurate as torch's: two samples of 20 seeds, and the same seeds twice.

    python benchmarks/engine_accuracy.py > results/engine.md

Trained on 1,000 images of MNIST, a fifth of their labels wrong, tested on all 10,000. Seeds 0 to 19 are trained by
torch, 20 to 39 by lanes: if the engines differ by rounding alone, the two samples come from one distribution. Then
lanes train seeds 0 to 19 too, for the differences of single seeds. Four minutes of one core, in
a process for each model.
"""

import argparse
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows.row import Row
from lsbench.spec import Grid, Place
from lsbench.statistics.paired import t_quantile
from lsbench.training.stack import run_stack
from lsbench.version import __version__

EPOCHS = {"cnn": 5, "lenet5": 6}
SEEDS, TRAINED_ON, NOISE = 20, 1000, 0.2
SHUFFLES, BINS = 9999, 8

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A column of rows that is compared."""

    title: str
    factor: float
    digits: int


MEASURES = {
    "accuracy": Measure("accuracy %", 100.0, 2),
    "nll": Measure("NLL", 1.0, 4),
    "train_accuracy_wrong": Measure("wrong labels fitted %", 100.0, 2),
}


@dataclass(frozen=True)
class Samples:
    """One measure of one model."""

    torch: Array  # seeds 0 to 19
    others: Array  # seeds 20 to 39, by lanes
    paired: Array  # seeds 0 to 19, by lanes


@dataclass(frozen=True)
class Comparison:
    """Of two samples of which nothing is paired."""

    distance: float  # the largest between the two distribution functions
    distance_p: float  # Kolmogorov and Smirnov, exact
    difference: float  # of the means
    low: float  # ends of its 95 % interval (Welch)
    high: float
    difference_p: float  # among differences of means when seeds are dealt to the engines by chance


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(EPOCHS), help=f"some of {', '.join(EPOCHS)}")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="in each sample")
    options = parser.parse_args()
    models = options.models.split(",")
    with ProcessPoolExecutor(len(models), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        trained = dict(zip(models, pool.map(samples_of, models, [options.seeds] * len(models)), strict=True))
    print(page(trained, options.seeds))


def samples_of(model: str, seeds: int) -> dict[str, Samples]:
    """Each measure of that many seeds by torch, of as many others by lanes, and of the same by lanes."""
    by_torch = trained_by("torch", model, range(seeds))
    others, paired = (trained_by("lanes", model, range(first, first + seeds)) for first in (seeds, 0))
    columns = {name: [column(rows, name) for rows in (by_torch, others, paired)] for name in MEASURES}
    return {name: Samples(*arrays) for name, arrays in columns.items()}


def trained_by(engine: str, model: str, seeds: Sequence[int]) -> list[Row]:
    """The rows of these seeds in their order; an error where the engine did not train them."""
    recipe = {"epochs": EPOCHS.get(model, 2)}
    choice = {"models": (model,), "losses": ("ce",), "seeds": tuple(seeds), "noise_rates": (NOISE,), "recipe": recipe}
    cells = plan.expand(Grid(datasets=("mnist",), train_size=TRAINED_ON, **choice))
    rows = [row for stack in make_stacks(cells, engine=engine) for row in run_stack(tuple(stack), Place(engine=engine))]
    if {row.engine["name"] for row in rows} != {engine}:
        raise RuntimeError(f"{engine} did not train all: {rows[0].engine['why']}")
    order = {cell.id: place for place, cell in enumerate(cells)}
    return sorted(rows, key=lambda row: order[row.id])


def column(rows: Sequence[Row], name: str) -> Array:
    """One measure of each row, in the units of its title."""
    return np.array([row.metrics[name] for row in rows]) * MEASURES[name].factor


def compared(torchs: Array, others: Array) -> Comparison:
    """How far two samples are apart, and how often chance alone parts them as far."""
    apart = stats.ks_2samp(torchs, others, method="exact")
    interval = stats.ttest_ind(others, torchs, equal_var=False).confidence_interval(0.95)
    dealt = stats.permutation_test(
        (others, torchs), _difference, vectorized=True, n_resamples=SHUFFLES, rng=np.random.default_rng(0)
    )
    difference = float(_difference(others, torchs))
    return Comparison(*map(float, (apart.statistic, apart.pvalue, difference, *interval, dealt.pvalue)))


def _difference(a: Array, b: Array, axis: int = -1) -> Array:
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)


def page(trained: Mapping[str, Mapping[str, Samples]], seeds: int) -> str:
    """All of it in markdown."""
    parts = [
        HEAD.format(
            seeds=seeds,
            more=2 * seeds - 1,
            first=seeds - 1,
            size=TRAINED_ON,
            noise=100 * NOISE,
            epochs=_epochs(trained),
        )
    ]
    parts += [two_samples(trained), same_seeds(trained)]
    parts += [drawn(model, measures["accuracy"]) for model, measures in trained.items()]
    return "\n\n".join([*parts, FOOT.format(version=__version__, torch=torch.__version__)])


def _epochs(trained: Mapping[str, object]) -> str:
    return ", ".join(f"{model} for {EPOCHS.get(model, 2)} epochs" for model in trained)


def two_samples(trained: Mapping[str, Mapping[str, Samples]]) -> str:
    """A table: each measure's two distributions, and both tests."""
    lines = [TWO_SAMPLES]
    for model, measures in trained.items():
        for name, samples in measures.items():
            own, digits = compared(samples.torch, samples.others), MEASURES[name].digits
            both = " | ".join(_spread(values, digits) for values in (samples.torch, samples.others))
            mean = f"{own.difference:+.{digits}f} [{own.low:+.{digits}f}, {own.high:+.{digits}f}]"
            tests = f"{own.difference_p:.2f} | {own.distance:.2f} | {own.distance_p:.2f}"
            lines.append(f"| {model} | {MEASURES[name].title} | {both} | {mean} | {tests} |")
    return "\n".join([*lines, "", _smallest(trained)])


def _smallest(trained: Mapping[str, Mapping[str, Samples]]) -> str:
    """The least p-value of each test, as it is and corrected for the number of lines."""
    pairs = [compared(own.torch, own.others) for measures in trained.values() for own in measures.values()]
    told = []
    for test, values in (("means", [p.difference_p for p in pairs]), ("distance", [p.distance_p for p in pairs])):
        told.append(
            f"p of the {test}: the smallest is {min(values):.2f}, by Holm {min(1, len(values) * min(values)):.2f}"
        )
    return f"Of {len(pairs)} lines, {', '.join(told)}."


def _spread(values: Array, digits: int) -> str:
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1):.{digits}f}"


def same_seeds(trained: Mapping[str, Mapping[str, Samples]]) -> str:
    """A table: how far single seeds are apart."""
    lines = [SAME_SEEDS]
    for model, measures in trained.items():
        for name, samples in measures.items():
            apart, digits = samples.paired - samples.torch, MEASURES[name].digits
            half = t_quantile(0.975, len(apart) - 1) * apart.std(ddof=1) / len(apart) ** 0.5
            ends = ", ".join(f"{apart.mean() + side * half:+.{digits}f}" for side in (-1, 1))
            told = f"{apart.mean():+.{digits}f} [{ends}] | {np.abs(apart).max():.{digits}f}"
            lines.append(f"| {model} | {MEASURES[name].title} | {told} | {samples.torch.std(ddof=1):.{digits}f} |")
    return "\n".join(lines)


def drawn(model: str, samples: Samples) -> str:
    """Both distributions of accuracy: a mark for each seed."""
    edges = np.histogram_bin_edges(np.concatenate([samples.torch, samples.others]), BINS)
    counts = [np.histogram(values, edges)[0] for values in (samples.torch, samples.others)]
    lines = [
        f"## Accuracy of {model}: a mark for each seed",
        "",
        "| accuracy % | torch | lanes, other seeds |",
        "|---|:---|:---|",
    ]
    for low, high, *both in zip(edges[:-1], edges[1:], *counts, strict=True):
        lines.append(f"| {low:.2f} to {high:.2f} | {' | '.join('●' * count for count in both)} |")
    return "\n".join(lines)


HEAD = """# Are networks of `--engine lanes` as accurate as torch's?

<!-- made by: python benchmarks/engine_accuracy.py -->

Trained on {size:,} images of MNIST, {noise:.0f} % of their labels wrong, tested on 10,000; {epochs}.
Seeds 0 to {first} by torch, {seeds} to {more} by lanes: {seeds} numbers each, all of other splits, initial weights and
wrong labels.

If both engines draw from one distribution, a p-value is below 0.05 in one of 20 such lines; the lines of a model are
not independent. A test that shows nothing does not prove equality: the interval says how large a difference may still
be. The second table is much sharper: there both engines train the same seeds, and rounding alone makes them differ."""

TWO_SAMPLES = """## Different seeds

| model | measure | torch | lanes, other seeds | lanes - torch [95 %] | p, means | distance | p, distance |
|---|---|---:|---:|---:|---:|---:|---:|"""

SAME_SEEDS = """Means ± standard deviations of one seed. p of the means: 9,999 deals of the seeds to engines by chance.
The distance is the largest between the two distribution functions, its p exact (Kolmogorov and Smirnov).

## The same seeds

Rounding grows while a network learns, so that a seed may end elsewhere, to either side.

| model | measure | lanes - torch [95 %] | largest difference of a seed | sd between seeds |
|---|---|---:|---:|---:|"""

FOOT = "lsbench {version}, torch {torch}, one thread."

if __name__ == "__main__":
    main()
