"""A/A: how often the verdict calls a loss better than itself, on real trainings.

    lsbench run --loss ce --model linear --noise 0.2 --train-size 1000 --epochs 2 --seeds 4000 --out DIR
    python benchmarks/aa.py DIR > results/aa.md

The seeds are dealt to 400 comparisons of two arms with 5 pairs each: both arms are cross-entropy, and no seed is used
twice, so that whatever differs is chance. Results: results/aa.md.
"""

import random
import sys
from pathlib import Path

from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.statistics import choose, paired_difference, spread, wilson_interval

PAIRS = 5
DEALS = 20
METRICS = {
    "accuracy": "higher",
    "nll": "lower",
    "brier": "lower",
    "ece": "lower",
    "signed_error": "zero",
    "aurc": "lower",
}


def main(folder: Path) -> None:
    """Print the page."""
    rows = [row for row in store.read(folder)[0] if row.status == "ok" and row.cell.loss == "ce"]
    deals = [deal(rows, seed) for seed in range(DEALS)]
    cell, once = rows[0].cell, len(deals[0])
    print(f"# A/A: {once} comparisons of cross-entropy with itself\n")
    print(
        f"{cell.dataset}, {cell.model}, {cell.noise} noise {cell.noise_rate:g}, {cell.train_size:,} training examples, "
        f"{cell.recipe.epochs} epochs; {len(rows):,} trainings, no seed used twice, {PAIRS} pairs for each comparison. "
        "Both arms are the same loss, so every winner is false, and every interval that leaves 0 out is wrong. [95 %]: "
        f"Wilson's intervals. For the last two columns the same trainings were dealt to pairs {DEALS} times; these "
        f"{once * DEALS:,} comparisons are not independent.\n"
    )
    columns = (
        "false winners | rate [95 %] | intervals that hold 0 [95 %] | false winners, all deals | hold 0, all deals"
    )
    print(f"| criterion | sd of one training | {columns} |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for metric, better in METRICS.items():
        print(line(metric, better, deals))


def deal(rows: list[Row], seed: int) -> list[list[Row]]:
    """The rows in a random order, cut into comparisons."""
    order = random.Random(seed).sample(rows, len(rows))
    return [order[i : i + 2 * PAIRS] for i in range(0, len(order) - 2 * PAIRS + 1, 2 * PAIRS)]


def line(metric: str, better: str, deals: list[list[list[Row]]]) -> str:
    """One criterion over all comparisons."""
    counts = [errors(metric, better, of) for of in deals]
    (wins, held), once, every = counts[0], len(deals[0]), sum(map(len, deals))
    sd = spread([number(row, metric, better) for of in deals[0] for row in of])
    all_wins, all_held = (sum(of) for of in zip(*counts, strict=True))
    return (
        f"| {metric} | {sd.sd if sd else 0:.4f} | {wins} of {once} | {share(wins, once)} | {share(held, once)} "
        f"| {all_wins / every:.1%} | {all_held / every:.1%} |"
    )


def errors(metric: str, better: str, comparisons: list[list[Row]]) -> tuple[int, int]:
    """How many verdicts declare a winner, and how many intervals hold 0."""
    values = [[number(row, metric, better) for row in of] for of in comparisons]
    arms = [{name: dict(enumerate(of[start::2])) for name, start in (("a", 0), ("b", 1))} for of in values]
    wins = sum(
        choice is not None and choice.winner is not None for choice in (choose(of, better=better) for of in arms)
    )
    gaps = [paired_difference(list(of["a"].values()), list(of["b"].values())) for of in arms]
    return wins, sum(gap is not None and not gap.decided for gap in gaps)


def number(row: Row, metric: str, better: str) -> float:
    """The number that decides: nearness to 0 counts on either side."""
    value = row.metrics[metric]
    assert value is not None, (row.id, metric)
    return abs(value) if better == "zero" else value


def share(k: int, n: int) -> str:
    """A share with its interval, in per cent."""
    low, high = wilson_interval(k, n)
    return f"{k / n:.1%} [{float(low):.1%}, {float(high):.1%}]"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
