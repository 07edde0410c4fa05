"""Networks that were trained, and test examples with true labels and those of one person: also changed ones."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.rows import store
from lsbench.rows.log_probs import read_log_probs

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]
TRAIN = 3000
LOSSES = "ce,gce,lsr,sce,elr,forward,prune"
GCE, ELR = "gce:q=0.7", "elr:lam=3:beta=0.7"
SETS = ("r1", "worse", "h")


class People(NamedTuple):
    """N test examples, and the log-probs (seeds, N, K) that each arm's networks give them."""

    vectors: Numbers
    true: Labels
    given: Labels
    log_probs: dict[str, Numbers]

    def at(self, examples: NDArray[np.integer]) -> "People":
        """Some of the examples."""
        log_probs = {arm: z[:, examples] for arm, z in self.log_probs.items()}
        return People(self.vectors[examples], self.true[examples], self.given[examples], log_probs)

    def right(self, arm: str) -> Numbers:
        """(N,), the share of an arm's networks that are right."""
        return (self.log_probs[arm].argmax(-1) == self.true).mean(0)


def people(name: str, data: Path, folder: Path) -> People:
    """Of one of `SETS`; its networks are trained where that was not done yet."""
    vectors, true, given = _write(name, data, folder)
    return People(vectors, true, given, _trained(name, folder))


def train(name: str, data: Path, folder: Path) -> None:
    """Train the networks of a set; what was trained is kept."""
    _write(name, data, folder)
    options = (
        f"--dataset ./{name}.npz --model linear --loss {LOSSES} --eps 0.1,0.3 --seeds 5 --save-logits --out rows-{name}"
    )
    command = [sys.executable, "-m", "lsbench", "run", *options.split()]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _write(name: str, data: Path, folder: Path) -> tuple[Numbers, Labels, Labels]:
    """Vectors, true and given labels of the test examples; the file that is trained on."""
    with np.load(data / "features.npz") as features, np.load(data / "cifar10n.npz") as people:
        column = "worse_label" if name == "worse" else "random_label1"
        x, y, given = features["x_train"], features["y_train"].astype(int), people[column].astype(int)
        first, rest = slice(0, TRAIN), slice(TRAIN, 2 * TRAIN)
        test = (x[rest], y[rest], given[:10_000][rest])
        if name == "h":
            test = (features["x_test"], features["y_test"].astype(int), _one_person(data, len(features["y_test"])))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / f"{name}.npz").exists():
        np.savez(folder / f"{name}.npz", x_train=x[first], y_train=given[first], x_test=test[0], y_test=test[2])
    return test


def _one_person(data: Path, n: int) -> Labels:
    """What one of CIFAR-10H's people, drawn at random, said of each test image."""
    rng = np.random.default_rng(0)
    with np.load(data / "cifar10h.npz") as file:
        counts = file["counts"][:n].astype(float)
    return np.array([rng.choice(10, p=row / row.sum()) for row in counts])


def _trained(name: str, folder: Path) -> dict[str, Numbers]:
    """Log-probs (seeds, N, K) of each arm."""
    arms: dict[str, dict[int, Numbers]] = {}
    for row in store.read(folder / f"rows-{name}")[0]:
        kept = read_log_probs(row.id, folder / f"rows-{name}")
        assert kept is not None
        arms.setdefault(row.cell.arm.typed, {})[row.cell.seed] = kept.log_probs
    return {arm: np.stack([seeds[seed] for seed in sorted(seeds)]) for arm, seeds in sorted(arms.items())}


def few_wrong(one: People) -> People:
    """2 % of the labels, at random, are another class."""
    rng = np.random.default_rng(2)
    wrong = rng.random(len(one.true)) < 0.02
    return one._replace(given=np.where(wrong, (one.true + rng.integers(1, 10, len(one.true))) % 10, one.true))


def instance(one: People) -> People:
    """As `instance` noise of rate .3: which labels are wrong, and how, follows the vectors (Xia et al., 2020)."""
    rng = np.random.default_rng(3)
    rate = np.clip(rng.normal(0.3, 0.1, len(one.true)), 0, 1)
    w = rng.normal(size=(10, one.vectors.shape[1], 10))
    x = one.vectors / np.linalg.norm(one.vectors, axis=1, keepdims=True)
    scores = np.stack([x[i] @ w[c] for i, c in enumerate(one.true)])
    scores[np.arange(len(scores)), one.true] = -np.inf
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    other = (p.cumsum(1) > rng.random(len(p))[:, None]).argmax(1)
    return one._replace(given=np.where(rng.random(len(p)) < rate, other, one.true))


def imitating(one: People, arm: str = "ce") -> People:
    """Where an arm's first network is wrong, the label says what that network says, in 4 of 5 cases."""
    predicted = one.log_probs[arm][0].argmax(-1)
    follows = np.random.default_rng(4).random(len(predicted)) < 0.8
    return one._replace(given=np.where((predicted != one.true) & follows, predicted, one.true))


def imitating_elr(one: People) -> People:
    """The same of elr, which leads by these labels."""
    return imitating(one, ELR)


def imitating_heavy(one: People) -> People:
    """Wrong labels that are gce's mistakes, where `heavy` networks have few."""
    return imitating(heavy(one), GCE)


def heavy(one: People) -> People:
    """Very sure networks, wrong on few: log-probs times 3, an eighth of gce's mistakes; 2 % of the labels are wrong."""
    right = one.log_probs[GCE].mean(0).argmax(-1) == one.true
    some = one.at(np.flatnonzero(right | (np.random.default_rng(7).random(len(right)) < 0.12)))
    return few_wrong(some._replace(log_probs={arm: log_softmax(3 * z) for arm, z in some.log_probs.items()}))


def first_hundred(one: People) -> People:
    """A test set of 100."""
    return one.at(np.arange(100))


def ties(one: People) -> People:
    """ce, ce with other seeds, and gce without as many of its right answers as make it as accurate as ce."""
    arms = {"ce": one.log_probs["ce"][:2], "ce again": one.log_probs["ce"][2:4], GCE: one.log_probs[GCE][:2]}
    made = one._replace(log_probs=arms)
    ahead = np.rint(2 * (made.right(GCE) - made.right("ce"))).astype(int)  # of two seeds
    dropped = np.random.default_rng(8).permutation(np.flatnonzero(ahead == 1))[: ahead.sum()]
    return made.at(np.setdiff1d(np.arange(len(ahead)), dropped))


def nineteen(one: People) -> People:
    """19 arms of 3 seeds: each loss twice, a mild ce, one that says one class always, one that is sure of noise."""
    arms = {arm: z[:3] for arm, z in one.log_probs.items()}
    arms |= {f"{arm} again": z[2:] for arm, z in one.log_probs.items()}
    shape = arms["ce"].shape
    arms["mild ce"] = log_softmax(arms["ce"] / 2)
    arms["stuck"] = log_softmax(np.broadcast_to(40.0 * np.eye(10)[3], shape))
    arms["noise"] = log_softmax(np.random.default_rng(9).normal(0, 20, shape))
    return one._replace(log_probs=arms)


def log_softmax(scores: Numbers) -> Numbers:
    """Log softmax."""
    top = scores.max(-1, keepdims=True)
    return scores - top - np.log(np.exp(scores - top).sum(-1, keepdims=True))
