"""Whether a linear head on frozen features chooses the loss that fine-tuning the same network would.

    LITE0=DATA/lite0 python benchmarks/fine_tune.py DATA FOLDER > results/fine-tune.md

DATA holds cifar10.npz, cifar10n.npz and the folder lite0. The network is EfficientNet-Lite0 with its ImageNet weights,
see lite0.py. The cheap study trains a linear layer on its features; the costly one trains all of it by the recipe
fine-tune. Both have the same photographs, the same doubtful labels and the same losses. What the cheap one chooses, it
chooses on held-out given labels, as `lsbench run --from` does; what a choice costs is told by true test labels.
FOLDER keeps the data and the rows, and what it has already is not trained again: about an hour on one core.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from blind_bars import points, table
from scipy.stats import kendalltau

from lsbench.rows import store
from lsbench.rows.row import Row

TRAIN, TEST = 1200, 1000
SIDE = 64  # pixels a side that the network sees: what lite0.py's tune has where nothing is said
LOSSES, EPS = "ce,lsr,gce,sce,elr", "0.1,0.3"
KINDS = {
    "worse": "people, the worst of three (CIFAR-10N)",
    "symmetric": "made: another class at random",
    "random1": "people, the first of three (CIFAR-10N)",
}
TUNED, HEADS = "tuned", "heads"  # folders of rows
TUNE_SEEDS, HEAD_SEEDS = 3, 5
HERE = Path(__file__).parent


class Accuracies(NamedTuple):
    """Of one set, by loss: mean accuracies over seeds."""

    held_out: dict[str, float]  # of the heads, against given labels
    heads: dict[str, float]  # of the heads, against true test labels
    tuned: dict[str, list[float]]  # of the whole network, one for each seed, against true test labels


def main(data: Path, folder: Path) -> None:
    """Make the sets, train what is missing, print the page."""
    folder.mkdir(parents=True, exist_ok=True)
    wrong = {kind: make(kind, data, folder) for kind in KINDS}
    names = ",".join(f"./{kind}.npz" for kind in KINDS)
    common = ("--dataset", names, "--trust", "test", "--loss", LOSSES, "--eps", EPS)
    tune = ("--model", "./lite0.py:tune", "--recipe", "fine-tune", "--seeds", str(TUNE_SEEDS))
    lsbench(folder, "run", *common, *tune, "--jobs", "1", "--out", TUNED)
    lsbench(
        folder, "run", *common, "--features", f"./lite0.py:net:size={SIDE}", "--seeds", str(HEAD_SEEDS), "--out", HEADS
    )
    print(page({kind: accuracies(kind, folder) for kind in KINDS}, wrong, folder))


def make(kind: str, data: Path, folder: Path) -> float:
    """Write a set as FOLDER/KIND.npz and the network's file beside it; the share of training labels that are wrong."""
    (folder / "lite0.py").write_text((HERE / "lite0.py").read_text(encoding="utf-8"), encoding="utf-8")
    with np.load(data / "cifar10.npz") as file:
        x_train, y_train = file["x_train"][:TRAIN], file["y_train"].ravel()[:TRAIN].astype(int)
        x_test, y_test = file["x_test"][:TEST], file["y_test"].ravel()[:TEST].astype(int)
    given = labels_of(kind, y_train, data)
    if not (folder / f"{kind}.npz").exists():
        np.savez(folder / f"{kind}.npz", x_train=x_train, y_train=given, x_test=x_test, y_test=y_test)
    return float((given != y_train).mean())


def labels_of(kind: str, labels: np.ndarray, data: Path) -> np.ndarray:
    """The training labels of a set."""
    if kind == "symmetric":
        draws = np.random.default_rng(18)
        wrong = draws.random(len(labels)) < 0.4
        return np.where(wrong, (labels + draws.integers(1, 10, len(labels))) % 10, labels)
    with np.load(data / "cifar10n.npz") as file:
        return file[{"worse": "worse_label", "random1": "random_label1"}[kind]][: len(labels)].astype(int)


def lsbench(folder: Path, *words: str) -> None:
    """One command, in that folder."""
    environment = {**os.environ, "LITE0": str(Path(os.environ["LITE0"]).absolute())}
    subprocess.run(
        [sys.executable, "-m", "lsbench", *words], cwd=folder, env=environment, stdout=sys.stderr, check=True
    )


def accuracies(kind: str, folder: Path) -> Accuracies:
    """What the rows of a set say."""
    heads, tuned = (rows_of(kind, folder / name) for name in (HEADS, TUNED))
    return Accuracies(
        {loss: float(np.mean([row.metrics["val_accuracy"] for row in rows])) for loss, rows in heads.items()},
        {loss: float(np.mean([row.metrics["accuracy"] for row in rows])) for loss, rows in heads.items()},
        {loss: [float(row.metrics["accuracy"] or 0) for row in rows] for loss, rows in tuned.items()},
    )


def rows_of(kind: str, folder: Path) -> dict[str, list[Row]]:
    """The rows of a set by loss."""
    rows: dict[str, list[Row]] = {}
    for row in sorted(store.read(folder)[0], key=lambda row: row.cell.seed):
        if f"{kind}.npz" in row.cell.dataset:
            eps = "" if row.cell.eps is None else f" {row.cell.eps:g}"
            rows.setdefault(row.cell.loss + eps, []).append(row)
    return rows


def page(sets: dict[str, Accuracies], wrong: dict[str, float], folder: Path) -> str:
    """The page."""
    seconds = [np.median([row.seconds for row in store.read(folder / name)[0]]) for name in (HEADS, TUNED)]
    head = HEAD.format(
        train=TRAIN, test=TEST, side=SIDE, heads=HEAD_SEEDS, tuned=TUNE_SEEDS, s=seconds[0], t=seconds[1]
    )
    sections = [section(kind, told, wrong[kind]) for kind, told in sets.items()]
    return "\n".join([head, summary(sets, wrong), *sections])


HEAD = """# Does a head on frozen features choose the loss that fine-tuning would?

Made by `benchmarks/fine_tune.py`. CIFAR-10, {train:,} photographs to train on and {test:,} to test on, seen at {side}
pixels a side by EfficientNet-Lite0 with its ImageNet weights. This is a small scale, as it was trained on a CPU.
*Head*: a linear layer on the network's features, {heads} seeds, {s:.1f} s a cell. *Fine-tuned*: the whole network, one
epoch of the head and four of all (`--recipe fine-tune`), {tuned} seeds, {t:.0f} s a cell (the machine did
other work, too). Training labels are wrong; accuracies are against CIFAR-10's own test labels, but for those on
held-out given labels, by which the head chooses.
"""


def summary(sets: dict[str, Accuracies], wrong: dict[str, float]) -> str:
    """How near the head's choice is to the best, in each set."""
    lines = [[KINDS[kind], points(wrong[kind]), *agreement(told), *regrets(told)] for kind, told in sets.items()]
    return f"{table(SUMMARY, lines)}\n\n{NOTE}"


SUMMARY = (
    "training labels", "wrong %", "rank agreement", "head chooses", "regret", "regret of ce",
    "regret of a loss at random",
)  # fmt: skip
NOTE = """*Rank agreement*: Kendall's tau between the heads' accuracy on held-out given labels and the fine-tuned
network's on true test labels, 1 for the same order, 0 for none. *Regret*: points of the fine-tuned network's accuracy
that are lost by a choice, against the loss that turned out best there; ± is the standard error of that difference over
seeds. The best is picked by the same numbers, so that even two equal losses would show some regret."""


def agreement(told: Accuracies) -> list[str]:
    """Kendall's tau over the losses, and what the head chooses."""
    tau = kendalltau([told.held_out[loss] for loss in told.tuned], [np.mean(told.tuned[loss]) for loss in told.tuned])
    return [f"{tau.statistic:.2f}", max(told.held_out, key=told.held_out.__getitem__)]


def regrets(told: Accuracies) -> list[str]:
    """Of the head's choice, of ce and of a loss drawn at random."""
    best = max(told.tuned, key=lambda loss: float(np.mean(told.tuned[loss])))
    chosen = max(told.held_out, key=told.held_out.__getitem__)
    mean = np.mean([np.mean(np.subtract(told.tuned[best], values)) for values in told.tuned.values()])
    return [*(_lost(told.tuned, best, loss) for loss in (chosen, "ce")), points(float(mean))]


def _lost(tuned: dict[str, list[float]], best: str, loss: str) -> str:
    if loss == best:
        return "0, the best"
    lost = np.subtract(tuned[best], tuned[loss])
    return f"{points(lost.mean())} ± {points(lost.std(ddof=1) / len(lost) ** 0.5)}"


def section(kind: str, told: Accuracies, wrong: float) -> str:
    """One set in full."""
    lines: Sequence[Sequence[str]] = [
        [
            loss,
            points(told.held_out[loss]),
            points(told.heads[loss]),
            f"{points(np.mean(values))} ± {points(np.std(values, ddof=1))}",
        ]
        for loss, values in sorted(told.tuned.items(), key=lambda item: -float(np.mean(item[1])))
    ]
    return f"\n## {KINDS[kind]}, {points(wrong)} % wrong\n\n{table(FULL, lines)}"


FULL = ("loss", "head, held-out given labels %", "head, true test labels %", "fine-tuned, true test labels % (± sd)")


if __name__ == "__main__":
    main(*(Path(path).absolute() for path in sys.argv[1:3]))
