"""How right the list of `lsbench suspects` is where the right labels are known, beside cleanlab's rankings.

    python benchmarks/suspects.py DATA FOLDER > results/suspects.md

DATA holds features.npz (`benchmarks/features.py`), cifar10n.npz (the labels that people gave to CIFAR-10's training
images: clean_label, random_label1, worse_label) and mnist_errors.json (what people said of MNIST's test labels,
Northcutt et al., 2021). FOLDER takes the data sets and the rows; what is trained there is not trained again. cleanlab's
columns need `pip install cleanlab`, and are left out without it. About 12 minutes on two cores, most of them MNIST's.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from blind_bars import share, table

from lsbench.analysis.suspects import Suspects, suspects_of
from lsbench.rows import store

EXAMPLES, TESTED = 5_000, 3_000
KINDS = {"random_label1": "random1, one person's labels", "worse_label": "worst, the worst of three people's labels"}
BARS = {"random_label1": 0.95, "worse_label": 0.97}
LOSSES = "ce,lsr,gce,elr,sce,prune,prune:first=gce"
LENGTHS = (25, 50, 100, 200, 500, 1_000)
METHODS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
TAKEN = 500


def main(data: Path, folder: Path) -> None:
    """Train what is missing, and print the page."""
    folder.mkdir(parents=True, exist_ok=True)
    print(HEAD)
    for kind in KINDS:
        print(section(kind, data, folder))
    print(taken(folder))
    print(planted(data, folder))
    print(mnist(data, folder))


HEAD = f"""# Suspicious labels beside the right ones

Made by `benchmarks/suspects.py`. CIFAR-10, the first {EXAMPLES:,} training images as vectors that an ImageNet network
(EfficientNet-Lite0) makes of them, with the labels that people gave (CIFAR-10N). `lsbench suspects` sees these alone; a
label is *wrong* where CIFAR-10's own is another. Linear heads, {LOSSES.count(",") + 1} losses, 5 seeds of which each
holds out a fifth. The losses whose predictions count are chosen by the given held-out labels. The score,
1 minus the probability of the given label (cleanlab's self-confidence), was chosen on these very sets, from this one
and the normalized margin: on other data the margin may find more."""


def section(kind: str, data: Path, folder: Path) -> str:
    """One kind of people's labels."""
    wrong = make(kind, data, folder)
    command = run(folder, "--dataset", f"./{kind}.npz", "--model", "linear", "--loss", LOSSES, "--out", f"r_{kind}")
    suspects = ranked(folder / f"r_{kind}")
    assert suspects.train is not None
    rankings = {"lsbench suspects": suspects.train.numbers, **cleanlabs(suspects)}
    lines = [[name, *line(wrong[order])] for name, order in rankings.items()]
    reached = wrong[suspects.train.numbers[:100]].mean()
    heads = ("ranking", *(f"of the first {m:,}" for m in LENGTHS), "at recall .5", "found in the first n wrong")
    return "\n".join(
        (
            f"\n## {KINDS[kind]}: {share(int(wrong.sum()), len(wrong))} wrong",
            f"\n```\n{command}\nlsbench suspects r_{kind}\n```",
            f"\nPredictions of {', '.join(suspects.arms)}. Share of wrong labels:",
            f"\n{table(heads, lines)}",
            f"\nThe bar is {BARS[kind]:.2f} of the first 100: {reached:.2f}, {said(reached >= BARS[kind])}. At"
            f" recall .5 the bar is cleanlab's best of the same predictions: {beside(rankings, wrong)}.",
        )
    )


def make(kind: str, data: Path, folder: Path) -> np.ndarray:
    """Write the data set; (n,): which of its training labels are wrong."""
    with np.load(data / "features.npz") as features, np.load(data / "cifar10n.npz") as people:
        right, given = people["clean_label"][:EXAMPLES], people[kind][:EXAMPLES]
        if not (folder / f"{kind}.npz").exists():
            train, test = features["x_train"][:EXAMPLES], features["x_test"][:TESTED]
            tested = features["y_test"][:TESTED]
            np.savez(folder / f"{kind}.npz", x_train=train, y_train=given, x_test=test, y_test=tested)
    return right != given


def run(folder: Path, *options: str) -> str:
    """Run `lsbench run` there; the command, as a person types it."""
    command = [sys.executable, "-m", "lsbench", "run", *options]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return " ".join(["lsbench", *command[3:]])


def ranked(results: Path) -> Suspects:
    """The list of the only data set of a folder."""
    return suspects_of(store.read(results)[0], results)[0]


def cleanlabs(suspects: Suspects) -> dict[str, np.ndarray]:
    """Rankings by cleanlab of the same held-out predictions, numbers of examples; none where it is not installed."""
    try:
        from cleanlab.rank import get_label_quality_scores  # pyright: ignore[reportMissingImports]
    except ImportError:
        return {}
    pool = suspects.pool
    assert pool is not None
    probs = pool.probs / pool.probs.sum(1, keepdims=True)
    scores = {way: get_label_quality_scores(pool.given, probs, method=way) for way in METHODS}
    return {f"cleanlab {way}": pool.examples[np.argsort(own, kind="stable")] for way, own in scores.items()}


def line(wrong: np.ndarray) -> list[str]:
    """Shares, as texts; wrong (n,): of the examples in the order of a ranking."""
    lengths = [f"{wrong[:m].mean():.3f}" for m in LENGTHS]
    return [*lengths, f"{at_half(wrong):.3f}", f"{wrong[: wrong.sum()].mean():.3f}"]


def at_half(wrong: np.ndarray) -> float:
    """The share of wrong labels in the shortest list that has half of them."""
    length = int(np.searchsorted(wrong.cumsum(), wrong.sum() / 2)) + 1
    return float(wrong[:length].mean())


def beside(rankings: dict[str, np.ndarray], wrong: np.ndarray) -> str:
    """Ours and the best of the others."""
    ours, *others = (at_half(wrong[order]) for order in rankings.values())
    if not others:
        return f"{ours:.3f}; cleanlab was not there"
    return f"{ours:.3f} against {max(others):.3f}, {said(ours >= max(others) - 1e-12)}"


def said(reached: bool) -> str:
    """Whether a bar is reached, in a word."""
    return "reached" if reached else "not reached"


def taken(folder: Path) -> str:
    """What it does to take the suggested labels without looking at them."""
    lines = []
    for kind, name in KINDS.items():
        file = folder / f"fixes_{kind}.csv"
        if not file.exists():
            command = [sys.executable, "-m", "lsbench", "suspects", f"r_{kind}", "--write", file.name]
            subprocess.run([*command, "--take", f"{TAKEN}"], cwd=folder, check=True, capture_output=True)
        dataset = f"./{kind}.npz:labels={file.name}"
        run(folder, "--dataset", dataset, "--model", "linear", "--loss", "ce,gce", "--out", f"f_{kind}")
        before, after = (accuracies(folder / f"{letter}_{kind}") for letter in "rf")
        lines += [[name, loss, f"{before[loss]:.1f}", f"{after[loss]:.1f}"] for loss in after]
    heads = ("labels", "loss", "accuracy % on right test labels", f"after {TAKEN} suggested labels were taken")
    return (
        "\n## The suggested labels, taken without a look\n\n```\nlsbench suspects r_worse_label --write fixes.csv"
        f" --take {TAKEN}\nlsbench run --dataset ./worse_label.npz:labels=fixes.csv --model linear --loss ce,gce"
        " --out fixed\n```"
        f"\n\n{table(heads, lines)}"
    )


def accuracies(results: Path) -> dict[str, float]:
    """Of each loss the mean over the seeds, in per cent."""
    by_loss: dict[str, list[float]] = {}
    for row in store.read(results)[0]:
        by_loss.setdefault(row.cell.loss, []).append(100 * (row.metrics["accuracy"] or 0))
    return {loss: float(np.mean(by_loss[loss])) for loss in ("ce", "gce")}


def planted(data: Path, folder: Path) -> str:
    """How many planted flips are found again, beside how many real mistakes are."""
    kind = "random_label1"
    options = ("--model", "linear", "--loss", "gce,elr", "--noise", "0.05", "--out", f"r_{kind}")
    command = run(folder, "--dataset", f"./{kind}.npz", *options)
    suspects = ranked(folder / f"r_{kind}")
    assert suspects.train is not None
    wrong = make(kind, data, folder)[suspects.train.numbers]
    at = dict(suspects.planted[0].at)
    lines = [[f"{m:,}", f"{recall:.3f}", f"{wrong[:m].sum() / wrong.sum():.3f}"] for m, recall in at.items()]
    heads = ("first", "random flips that the run planted", "people's mistakes")
    title = "## Recall of planted flips, beside that of people's mistakes"
    return f"\n{title}\n\n```\n{command}\n```\n\n{table(heads, lines)}"


def mnist(data: Path, folder: Path) -> str:
    """Where the test labels stand that people do not stand by."""
    options = ("--dataset", "mnist", "--model", "cnn", "--loss", "ce", "--noise", "0", "--save-logits")
    command = run(folder, *options, "--out", "r_mnist")
    told = json.loads((data / "mnist_errors.json").read_text())
    doubted = {one["index"] for one in told if one["votes"]["given"] < 3}
    ranking = ranked(folder / "r_mnist").test
    assert ranking is not None
    places = [place for place, number in enumerate(ranking.numbers.tolist(), 1) if number in doubted]
    first = sum(place <= 100 for place in places)
    return (
        f"\n## MNIST's test labels\n\n```\n{command}\nlsbench suspects r_mnist --part test\n```\n\n{first} of the"
        f" {len(doubted)} test labels for which fewer than 3 of 5 people stand by the given label are among the first"
        f" 100 of {len(ranking):,}; the bar is 11, {said(first >= 11)}. Their places: {', '.join(map(str, places))}."
    )


if __name__ == "__main__":
    main(*(Path(path).absolute() for path in sys.argv[1:3]))
