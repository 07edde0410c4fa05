"""Test labels of many kinds, what is believed of them, and the differences that are looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import looks_people as changes
import numpy as np
from looks_draws import Contrast
from looks_people import ELR, GCE, Labels, Numbers, People

from lsbench.statistics.looks import belief_of, believed_control, given_control, sizes_of, tempered

FOUR = ("ce", "lsr:eps=0.1", "lsr:eps=0.3", GCE)
EIGHT = (*FOUR, "sce:alpha=0.1:beta=1", "forward", ELR, "prune")
ALL = ("accuracy", "nll", "brier", "signed error")


def _same(one: People) -> People:
    return one


@dataclass(frozen=True)
class Scenario:
    """Which networks, which test labels, what is believed, and what is asked."""

    name: str
    title: str
    says: str
    people: str = "r1"
    arms: tuple[str, ...] = FOUR  # none: all that there are
    change: Callable[[People], People] = _same
    wrong: float = 0.2  # share of given labels that is believed to be wrong
    shuffled: bool = False  # whether what is predicted is of other examples
    two_people: bool = False  # whether a second person answers, too, and they differ
    criteria: tuple[str, ...] = ("accuracy", "nll")
    alone: tuple[str, ...] = ()  # criteria of single arms: ce, and the one that leads by given labels
    at: tuple[int, ...] = (30, 100, 300)
    extend: bool = True
    bars: bool = False


SCENARIOS = (
    Scenario("people", "One person's labels", "Test labels of CIFAR-10N's first person.", criteria=ALL, bars=True),
    Scenario("two", "The same, two arms", "The design is made for one difference.", arms=("ce", GCE)),
    Scenario("eight", "The same, eight arms", "One design for all.", arms=EIGHT, alone=("nll", "brier")),
    Scenario(
        "nineteen",
        "The same, nineteen arms of 3 seeds",
        "Each loss twice, and three more: ce with half its logits, a network that says one class always, and one that "
        "is sure of random classes.",
        arms=(),
        change=changes.nineteen,
    ),
    Scenario("worst", "The worst of three people", "Test and training labels.", people="worse"),
    Scenario("h", "One person of CIFAR-10H", "Other test images.", people="h"),
    Scenario("few", "Few corrections", "2 % of the labels are wrong, at random.", change=changes.few_wrong),
    Scenario(
        "instance",
        "Wrong labels that follow the image",
        "As the noise `instance` of rate .3.",
        change=changes.instance,
    ),
    Scenario(
        "imitating",
        "Wrong labels that imitate ce",
        "Most of ce's mistakes are the given label.",
        change=changes.imitating,
    ),
    Scenario(
        "leader",
        "Wrong labels that imitate the leader",
        "Most of elr's mistakes are the given label, so that elr leads by the given labels.",
        arms=EIGHT,
        change=changes.imitating_elr,
        criteria=("accuracy", "nll", "brier"),
        alone=("nll", "brier"),
    ),
    Scenario(
        "heavy",
        "An NLL that few examples decide",
        "Networks that are very sure, and wrong on 3 %: log-probs times 3. 2 % of the labels are wrong, at random.",
        change=changes.heavy,
        alone=("nll", "brier"),
    ),
    Scenario(
        "both",
        "The same, with labels that imitate the leader",
        "Most of gce's mistakes are the given label.",
        change=changes.imitating_heavy,
        alone=("nll", "brier"),
    ),
    Scenario(
        "ties",
        "Near ties",
        "ce against ce with other seeds, and against gce without as many of its right answers as make it as accurate.",
        arms=(),
        change=changes.ties,
    ),
    Scenario(
        "differ",
        "Two people who differ",
        "The first section's labels. A second person answers 15 % of the examples, and all whose label the first one "
        "changes; one of them is wrong on 10 % of these, either as often.",
        two_people=True,
    ),
    Scenario(
        "small",
        "A small test set",
        "The first 100 of the first section.",
        change=changes.first_hundred,
        at=(30, 60),
        extend=False,
    ),
    Scenario("other", "A belief of other examples", "The predictions are shuffled.", shuffled=True),
    Scenario("trusting", "A belief that no label is wrong", "Wrong labels: .2 % believed.", wrong=0.002),
)


@dataclass
class Made:
    """A scenario with its labels: metrics of each arm per class, sizes, and what people answer."""

    metrics: dict[str, dict[str, Numbers]]  # criterion -> arm -> (N, K), mean over seeds
    probabilities: Numbers  # (N, K), of the leader
    belief: Numbers  # (N, K), before the answers
    sizes: Numbers
    leader: str
    true: Labels
    given: Labels
    may_be: np.ndarray  # (N, K) bool, what people would say of each example

    def contrasts(self, criteria: tuple[str, ...], alone: tuple[str, ...] = ()) -> list[Contrast]:
        """Each arm against ce by each criterion; and single arms."""
        arms = [arm for arm in self.metrics["accuracy"] if arm != "ce"]
        pairs = [self._contrast(criterion, arm, "ce") for criterion in criteria for arm in arms]
        return pairs + [self._contrast(criterion, arm) for criterion in alone for arm in sorted({"ce", self.leader})]

    def family(self) -> tuple[list[Contrast], list[Contrast]]:
        """Accuracy: each arm against ce; the leader against each other."""
        leader = [self._contrast("accuracy", self.leader, arm) for arm in self.metrics["nll"] if arm != self.leader]
        return self.contrasts(("accuracy",)), leader

    def _contrast(self, criterion: str, a: str, b: str = "") -> Contrast:
        effect = self.metrics[criterion][a] - (self.metrics[criterion][b] if b else 0)
        hard = criterion in ("accuracy", "signed error")
        control = given_control(effect, self.given) if hard else believed_control(effect, self.belief)
        name = f"{criterion}: {_short(a)} − {_short(b)}" if b else f"{criterion}: {_short(a)} alone"
        return Contrast(name, effect, effect[np.arange(len(effect)), self.true], control, self.may_be)

    def says(self) -> str:
        """What the set is."""
        wrong = float((self.given != self.true).mean())
        return f"{len(self.given):,} test examples, {100 * wrong:.1f} % wrong labels; {len(self.metrics['nll'])} arms."


def _short(arm: str) -> str:
    """Lsr 0.1 of lsr:eps=0.1, elr again of elr:lam=3:beta=0.7 again."""
    name, again = arm.removesuffix(" again"), " again" * arm.endswith(" again")
    return name.split(":")[0] + (" " + name.split("=")[1] if name.startswith("lsr") else "") + again


def make(scenario: Scenario, data: Path, folder: Path) -> Made:
    """The labels and beliefs of a scenario."""
    return made_of(scenario, scenario.change(changes.people(scenario.people, data, folder)))


def made_of(scenario: Scenario, one: People) -> Made:
    """The same of these networks and labels."""
    log_probs = {arm: one.log_probs[arm] for arm in scenario.arms or one.log_probs}
    metrics = {name: {arm: metric(z) for arm, z in log_probs.items()} for name, metric in METRICS.items()}
    by_given = {arm: d[np.arange(len(d)), one.given].mean() for arm, d in metrics["accuracy"].items()}
    leader = max(by_given, key=by_given.__getitem__)
    p = np.exp(log_probs[leader]).mean(0)
    p /= p.sum(1, keepdims=True)
    p = np.random.default_rng(5).permutation(p) if scenario.shuffled else p
    as_is, belief = (belief_of(some, one.given, scenario.wrong) for some in (p, tempered(p, one.given)))
    pairs = [(arm, "ce") for arm in log_probs if arm != "ce"] + [(leader, arm) for arm in log_probs if arm != leader]
    effects = {
        name: [metrics[name][a] - metrics[name][b] for a, b in dict.fromkeys(pairs)] for name in ("accuracy", "brier")
    }
    sizes = sizes_of(effects["accuracy"], as_is, one.given, brier=effects["brier"])
    may_be = _two_people(one, p) if scenario.two_people else np.eye(p.shape[1], dtype=bool)[one.true]
    return Made(metrics, p, belief, sizes, leader, one.true, one.given, may_be)


def _two_people(one: People, probabilities: Numbers) -> np.ndarray:
    """What either of two people says; the wrong one says what the leader takes for likeliest but for the truth."""
    rng = np.random.default_rng(6)
    truth = np.eye(10, dtype=bool)[one.true]
    both = (rng.random(len(truth)) < 0.15) | (one.given != one.true)
    wrong = np.eye(10, dtype=bool)[np.where(truth, -1, probabilities).argmax(1)]
    return truth | (wrong & (both & (rng.random(len(truth)) < 0.1))[:, None])


METRICS: dict[str, Callable[[Numbers], Numbers]] = {
    "accuracy": lambda z: np.eye(z.shape[-1])[z.argmax(-1)].mean(0),
    "nll": lambda z: -z.mean(0),
    "brier": lambda z: ((np.exp(z) ** 2).sum(-1, keepdims=True) - 2 * np.exp(z) + 1).mean(0),
    "signed error": lambda z: (np.eye(z.shape[-1])[z.argmax(-1)] - np.exp(z).max(-1, keepdims=True)).mean(0),
}
