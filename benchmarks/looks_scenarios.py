"""Test labels of many kinds, the networks that were trained, and the differences that are looked at."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from looks_draws import Contrast
from numpy.typing import NDArray

from lsbench.rows import store
from lsbench.rows.log_probs import read_log_probs
from lsbench.statistics.looks import Control, belief_of, believed_control, given_control, sizes_of, tempered

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]
TRAIN = 3000
LOSSES = "ce,gce,lsr,sce,elr,forward,prune"
FOUR = ("ce", "lsr:eps=0.1", "lsr:eps=0.3", "gce:q=0.7")
EIGHT = (*FOUR, "sce:alpha=0.1:beta=1", "forward", "elr:lam=3:beta=0.7", "prune")


class People:
    """Networks and test examples of one set: vectors, true labels, one person's labels, log-probs of each arm."""

    def __init__(self, name: str, data: Path, folder: Path) -> None:
        self.vectors, self.true, self.given = _write(name, data, folder)
        self.log_probs = _trained(name, folder)


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
    out = folder / f"rows-{name}"
    options = (
        f"--dataset ./{name}.npz --model linear --loss {LOSSES} --eps 0.1,0.3 --seeds 5 --save-logits --out {out.name}"
    )
    command = [sys.executable, "-m", "lsbench", "run", *options.split()]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    arms: dict[str, dict[int, Numbers]] = {}
    for row in store.read(out)[0]:
        kept = read_log_probs(row.id, out)
        assert kept is not None
        arms.setdefault(row.cell.arm.typed, {})[row.cell.seed] = kept.log_probs
    return {arm: np.stack([seeds[seed] for seed in sorted(seeds)]) for arm, seeds in arms.items()}


@dataclass
class Made:
    """A scenario with its labels: metrics of each arm per class, belief and sizes."""

    metrics: dict[str, dict[str, Numbers]]  # criterion -> arm -> (N, K), mean over seeds
    belief: Numbers
    untempered: Numbers
    true: Labels
    given: Labels

    def __post_init__(self) -> None:
        by_given = {arm: d[np.arange(len(d)), self.given].mean() for arm, d in self.metrics["accuracy"].items()}
        self.leader = max(by_given, key=by_given.__getitem__)
        arms = list(self.metrics["accuracy"])
        pairs = [(arm, "ce") for arm in arms[1:]] + [(self.leader, arm) for arm in arms if arm != self.leader]
        self.pairs = list(dict.fromkeys(pairs))
        self.sizes = sizes_of(self._effects("accuracy"), self.untempered, self.given, brier=self._effects("brier"))

    def _effects(self, criterion: str) -> list[Numbers]:
        by_arm = self.metrics[criterion]
        return [by_arm[a] - by_arm[b] for a, b in self.pairs]

    def contrasts(self, criteria: tuple[str, ...]) -> list[Contrast]:
        """Each arm against ce, of each criterion."""
        arms = [arm for arm in self.metrics["accuracy"] if arm != "ce"]
        return [self._contrast(criterion, arm, "ce") for criterion in criteria for arm in arms]

    def family(self) -> tuple[list[Contrast], list[Contrast]]:
        """Accuracy: each arm against ce; the leader against each other."""
        arms = list(self.metrics["accuracy"])
        leader = [self._contrast("accuracy", self.leader, arm) for arm in arms if arm != self.leader]
        return self.contrasts(("accuracy",)), leader

    def _contrast(self, criterion: str, a: str, b: str) -> Contrast:
        effect = self.metrics[criterion][a] - self.metrics[criterion][b]
        hard = criterion in ("accuracy", "signed error")
        control = given_control(effect, self.given) if hard else self._believed(effect)
        name = f"{criterion}: {a.split(':')[0]}{' ' + a.split('=')[1] if a.startswith('lsr') else ''} − {b}"
        return Contrast(name, effect, effect[np.arange(len(effect)), self.true], control)

    def _believed(self, effect: Numbers) -> Control:
        return believed_control(effect, self.belief, self.given, self.untempered)

    def says(self) -> str:
        """What the set is."""
        wrong = float((self.given != self.true).mean())
        return f"{len(self.given):,} test examples, {100 * wrong:.1f} % wrong labels; {len(self.metrics['nll'])} arms."


def make(scenario: "Scenario", data: Path, folder: Path) -> Made:
    """The labels and beliefs of a scenario."""
    people = People(scenario.people, data, folder)
    part = slice(0, scenario.size)
    log_probs = {arm: people.log_probs[arm][:, part] for arm in scenario.arms}
    true, given = people.true[part], scenario.labels(people)[part]
    metrics = {name: {arm: metric(z) for arm, z in log_probs.items()} for name, metric in METRICS.items()}
    alike = np.full((len(true), 10), 0.1)
    made = Made(metrics, alike, alike, true, given)
    probabilities = np.exp(log_probs[made.leader]).mean(0)
    probabilities /= probabilities.sum(1, keepdims=True)
    beliefs = (scenario.belief(some, given) for some in (tempered(probabilities, given), probabilities))
    return Made(metrics, *beliefs, true, given)


METRICS: dict[str, Callable[[Numbers], Numbers]] = {
    "accuracy": lambda z: np.eye(10)[z.argmax(-1)].mean(0),
    "nll": lambda z: -z.mean(0),
    "brier": lambda z: ((np.exp(z) ** 2).sum(-1, keepdims=True) - 2 * np.exp(z) + 1).mean(0),
    "signed error": lambda z: (np.eye(10)[z.argmax(-1)] - np.exp(z).max(-1, keepdims=True)).mean(0),
}


def _given(people: People) -> Labels:
    return people.given


def _few_wrong(people: People) -> Labels:
    """2 % of the labels, at random, are another class."""
    rng = np.random.default_rng(2)
    wrong = rng.random(len(people.true)) < 0.02
    return np.where(wrong, (people.true + rng.integers(1, 10, len(people.true))) % 10, people.true)


def _instance(people: People) -> Labels:
    """As `instance` noise of rate .3: which labels are wrong, and how, follows the vectors (Xia et al., 2020)."""
    rng = np.random.default_rng(3)
    rate = np.clip(rng.normal(0.3, 0.1, len(people.true)), 0, 1)
    w = rng.normal(size=(10, people.vectors.shape[1], 10))
    x = people.vectors / np.linalg.norm(people.vectors, axis=1, keepdims=True)
    scores = np.stack([x[i] @ w[c] for i, c in enumerate(people.true)])
    scores[np.arange(len(scores)), people.true] = -np.inf
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    other = (p.cumsum(1) > rng.random(len(p))[:, None]).argmax(1)
    return np.where(rng.random(len(p)) < rate, other, people.true)


def _imitating(people: People) -> Labels:
    """Where ce's first network is wrong, the label says what that network says, in 4 of 5 cases."""
    predicted = people.log_probs["ce"][0].argmax(-1)
    follows = np.random.default_rng(4).random(len(predicted)) < 0.8
    return np.where((predicted != people.true) & follows, predicted, people.true)


def _other_examples(probabilities: Numbers, given: Labels) -> Numbers:
    """A belief that belongs to other examples."""
    return belief_of(np.random.default_rng(5).permutation(probabilities), given)


def _trusting(probabilities: Numbers, given: Labels) -> Numbers:
    """A belief that hardly any label is wrong."""
    return belief_of(probabilities, given, wrong=0.002)


@dataclass(frozen=True)
class Scenario:
    """Which networks, which test labels, what is believed, and what is asked."""

    name: str
    title: str
    says: str
    people: str = "r1"
    arms: tuple[str, ...] = FOUR
    labels: Callable[[People], Labels] = _given
    belief: Callable[[Numbers, Labels], Numbers] = belief_of
    size: int | None = None
    criteria: tuple[str, ...] = ("accuracy", "nll")
    at: tuple[int, ...] = (30, 100, 300)
    extend: bool = True
    bars: bool = False


ALL = ("accuracy", "nll", "brier", "signed error")
SCENARIOS = (
    Scenario("people", "One person's labels", "Test labels of CIFAR-10N's first person.", criteria=ALL, bars=True),
    Scenario("two", "The same, two arms", "The design is made for one difference.", arms=("ce", "gce:q=0.7")),
    Scenario("eight", "The same, eight arms", "One design for all.", arms=EIGHT),
    Scenario("worst", "The worst of three people", "Test and training labels.", people="worse"),
    Scenario("h", "One person of CIFAR-10H", "Other test images.", people="h"),
    Scenario("few", "Few corrections", "2 % of the labels are wrong, at random.", labels=_few_wrong),
    Scenario("instance", "Wrong labels that follow the image", "As the noise `instance` of rate .3.", labels=_instance),
    Scenario(
        "imitating", "Wrong labels that imitate ce", "Most of ce's mistakes are the given label.", labels=_imitating
    ),
    Scenario("small", "A small test set", "The first 100 of the first section.", size=100, at=(30, 60), extend=False),
    Scenario("other", "A belief of other examples", "The predictions are shuffled.", belief=_other_examples),
    Scenario("trusting", "A belief that no label is wrong", "Wrong labels: .2 % believed.", belief=_trusting),
)
